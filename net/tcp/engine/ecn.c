// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168 6.1). Agreed in the SYNs; new text is marked ECT(0);
 * a packet that comes with CE is echoed by ECE until CWR comes; ECE reduces cwnd once a window.
 *
 * An algorithm with TCP_CC_ECN (DCTCP, RFC 8257) wants to know how many packets were marked. Then
 * ECE says whether the packets that the ACK is for were (3.2): while it stays so ACKs may be
 * delayed as ever; when it changes, what is unacknowledged is acknowledged as it came, before.
 * And every packet is ECT, or queues that mark early would drop the others.
 */
#include "inner.h"

#define ECN_ECT0	2
#define ECN_CE		3
#define ECN_BOTH	(TCPF_ECE | TCPF_CWR)

static bool ecn_ask(const struct tcp_conn *c)
{
	if (c->par->ecn != 1 && !(c->cong.ops->flags & TCP_CC_ECN))
		return false;
	/* 6.1.1.1: a SYN that was lost may have been lost for its ECN bits. */
	return !(c->par->ecn_fallback && c->rtt.timeouts);
}

/* What our SYN or SYN-ACK says. */
void tcp_ecn_syn(struct tcp_conn *c, struct tcp_segout *out)
{
	if (c->state == TCPS_SYN_RECEIVED) {
		if (c->cong.ecn & TCP_ECN_OK) {
			out->flags |= TCPF_ECE;
			if (tcp_ecn_exact(c))
				out->ecn = ECN_ECT0;
		}
		return;
	}
	if (ecn_ask(c)) {
		out->flags |= ECN_BOTH;
		if (tcp_ecn_exact(c))
			out->ecn = ECN_ECT0;
		c->cong.ecn |= TCP_ECN_ASKED;
	} else {
		c->cong.ecn &= ~TCP_ECN_ASKED;
	}
}

/* What the peer's SYN or SYN-ACK says to an active open. */
void tcp_ecn_syn_came(struct tcp_conn *c, const struct tcp_segin *in)
{
	u8 bits = in->flags & ECN_BOTH;

	if (in->flags & TCPF_ACK ? c->cong.ecn & TCP_ECN_ASKED && bits == TCPF_ECE :
	    (c->par->ecn || tcp_ecn_exact(c)) && bits == ECN_BOTH)
		c->cong.ecn |= TCP_ECN_OK;
}

/* RFC 8257 3.2, Figure 1. The text has not been taken in yet: RCV.NXT is that before it. */
static void ecn_echo_exactly(struct tcp_conn *c, const struct tcp_segin *in)
{
	bool ce = in->ecn == ECN_CE;

	if (ce == !!(c->cong.ecn & TCP_ECN_ECHO))
		return;
	if (c->rcv.nxt != c->rcv.wup)
		tcp_emit_ack(c);
	c->cong.ecn ^= TCP_ECN_ECHO;
	c->out |= TCP_OUT_ACK;
}

/* An acceptable segment came. */
void tcp_ecn_arrives(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (in->ecn)
		c->cong.ecn |= TCP_ECN_SEEN;
	if (tcp_ecn_exact(c)) {
		if (in->len)
			ecn_echo_exactly(c, in);
		return;
	}
	if (in->flags & TCPF_CWR && in->len)
		c->cong.ecn &= ~TCP_ECN_ECHO;
	if (in->ecn != ECN_CE)
		return;
	if (!(c->cong.ecn & TCP_ECN_ECHO))
		tcp_delack_quick(c, 2);
	c->cong.ecn |= TCP_ECN_ECHO;
}

void tcp_ecn_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	if (!a->ece || c->loss.phase >= TCP_PHASE_CWR)
		return;
	tcp_loss_enter_cwr(c, true);
	c->cong.ecn |= TCP_ECN_CWR;
}

/* Header of a segment with text; @again: it is a retransmission, which is never ECT (6.1.5). */
void tcp_ecn_text(struct tcp_conn *c, struct tcp_segout *out, bool again)
{
	tcp_ecn_ack(c, out);
	if ((again && !tcp_ecn_exact(c)) || !out->len)
		return;
	out->ecn = ECN_ECT0;
	if (again)
		return;
	if (c->cong.ecn & TCP_ECN_CWR) {
		out->flags |= TCPF_CWR;
		c->cong.ecn &= ~TCP_ECN_CWR;
	}
}

void tcp_ecn_ack(const struct tcp_conn *c, struct tcp_segout *out)
{
	if (c->cong.ecn & TCP_ECN_ECHO)
		out->flags |= TCPF_ECE;
	if (tcp_ecn_exact(c))
		out->ecn = ECN_ECT0;
}
