// SPDX-License-Identifier: GPL-2.0
/*
 * Proportional Rate Reduction (RFC 9937): while cwnd comes down to ssthresh, what may be sent
 * follows what was delivered, so that the flight shrinks evenly over one round trip and
 * neither stops nor bursts.
 *
 *	pipe > ssthresh:  send ceil(prr_delivered * ssthresh / RecoverFS) - prr_out
 *	otherwise:        grow back to ssthresh by what was delivered, and one more
 *	                  if the ACK showed progress without new loss (slow start bound)
 */
#include "inner.h"

void tcp_prr_begin(struct tcp_conn *c)
{
	c->loss.prr_delivered = 0;
	c->loss.prr_out = 0;
	c->loss.prr_cwnd = max_t(u32, c->cong.cwnd, 1);
}

/* What may go now, packets. */
static s32 prr_quota(const struct tcp_conn *c, const struct tcp_ack_ctx *a, s32 below)
{
	const struct tcp_loss *l = &c->loss;
	s32 n;

	if (below < 0)
		return (s32)div_u64((u64)c->cong.ssthresh * l->prr_delivered + l->prr_cwnd - 1,
				    l->prr_cwnd) - (s32)l->prr_out;
	n = max((s32)(l->prr_delivered - l->prr_out), (s32)a->delivered);
	if (a->acked && !a->lost)
		n++;
	return min(n, below);
}

void tcp_prr_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	u32 flight = tcp_cong_flight(c);
	s32 n;

	if (!a->delivered && !a->lost)
		return;
	c->loss.prr_delivered += a->delivered;
	n = prr_quota(c, a, (s32)(c->cong.ssthresh - flight));
	/* The retransmission that recovery begins with always goes. */
	n = max(n, c->loss.prr_out ? 0 : 1);
	c->cong.cwnd = max_t(u32, flight + n, 1);
}
