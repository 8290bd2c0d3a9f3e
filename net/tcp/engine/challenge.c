// SPDX-License-Identifier: GPL-2.0
/*
 * ACKs that answer what should not have come: challenge ACKs (RFC 5961), answers to unacceptable
 * segments (RFC 9293 3.10.7.4, first). Both are limited, or two ends that disagree, or
 * a forger, could have us send without end.
 */
#include "inner.h"

/* May another answer to an unacceptable segment go? One in invalid_ratelimit_ms. */
bool tcp_oow_paced(const struct tcp_params *par, u32 *last_ms, u64 now)
{
	u32 now_ms = tcp_ms(now);

	if (*last_ms && now_ms - *last_ms < par->invalid_ratelimit_ms)
		return false;
	*last_ms = now_ms ? now_ms : 1;
	return true;
}

/* The same, but text is no part of a loop of ACKs: it is always answered. */
bool tcp_oow_limited(const struct tcp_params *par, u32 *last_ms, const struct tcp_segin *in,
		     u64 now)
{
	if ((in->len || in->flags & TCPF_FIN) && !(in->flags & TCPF_SYN))
		return false;
	return !tcp_oow_paced(par, last_ms, now);
}

void tcp_challenge(struct tcp_conn *c)
{
	if (!tcp_oow_paced(c->par, &c->ackd.oow_ms, c->tmr.now)) {
		tcp_env_count(c, LINUX_MIB_TCPACKSKIPPEDCHALLENGE, 1);
		return;
	}
	if (!tcp_env_challenge_ok(c, c->tmr.now))
		return;
	tcp_env_count(c, LINUX_MIB_TCPCHALLENGEACK, 1);
	tcp_emit_ack(c);
}

/*
 * The sequence check failed. A segment with text is always answered: it is most likely sent again
 * for want of an ACK.
 */
void tcp_challenge_oow(struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 end = in->seq + in->len;

	if (tcp_oow_limited(c->par, &c->ackd.oow_ms, in, c->tmr.now)) {
		tcp_env_count(c, LINUX_MIB_TCPACKSKIPPEDSEQ, 1);
		return;
	}
	if (in->len && seq_lt(in->seq, c->rcv.nxt)) {
		tcp_env_count(c, LINUX_MIB_DELAYEDACKLOST, 1);
		tcp_delack_quick(c, 16);
		tcp_ooo_dsack(c, in->seq, seq_min(end, c->rcv.nxt));
	}
	tcp_emit_ack(c);
}
