// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES, seventh: the segment text (RFC 9293 3.10.7.4). In order it goes to the user at
 * once, with what it joins from the out-of-order queue; out of order it waits there (SHLD-31).
 */
#include "inner.h"

/* All of it came before: say so, and which (RFC 2883). The ACK for it was likely lost. */
static int text_old(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (in->len) {
		tcp_env_count(c, LINUX_MIB_DELAYEDACKLOST, 1);
		tcp_ooo_dsack(c, in->seq, in->seq + in->len);
		tcp_delack_quick(c, 16);
	}
	c->out |= TCP_OUT_ACK;
	return TCP_ARR_OLD;
}

/*
 * Nobody will ever read it (RFC 2525 2.17, RFC 9293 3.6.1): tell the peer, just where it expects
 * us, whatever of ours got lost (RFC 5961 3.2).
 */
static int text_unwanted(struct tcp_conn *c, const struct tcp_segin *in)
{
	tcp_env_count(c, LINUX_MIB_TCPABORTONDATA, 1);
	tcp_emit_rst_for(c, in);
	tcp_conn_over(c, ECONNRESET);
	return TCP_ARR_CLOSED;
}

static int text_in_order(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	u32 skip = c->rcv.nxt - in->seq;

	if (!seg)
		return TCP_ARR_SPENT;
	if (skip >= in->len)
		return TCP_ARR_SPENT;	/* a bare FIN, or its text is old: the next step takes it */
	if (skip)
		tcp_ooo_dsack(c, in->seq, c->rcv.nxt);
	c->rcv.nxt = in->seq + in->len;
	c->stat.bytes_rcvd += in->len - skip;
	c->stat.data_in += in->n_segs;
	tcp_env_deliver(c, seg, skip);
	if (!tcp_tree_empty(&c->ooo.q) && tcp_ooo_deliver(c))
		c->out |= TCP_OUT_ACK;
	if (c->ooo.n_block)
		tcp_ooo_advance(c);
	tcp_delack_text(c, in);
	tcp_env_event(c, TCP_EV_READABLE, 0);
	return TCP_ARR_TAKEN;
}

/*
 * Kept for later. The ACK that tells the sender of the hole must not wait (RFC 5681 4.2); without
 * SACK each such segment's ACK counts, with SACK one a burst says it all.
 */
static int text_out_of_order(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	int verdict = TCP_ARR_OOO_LIMIT;

	if (seg && c->ooo.segs < c->par->ooo_max_segs)
		verdict = tcp_ooo_add(c, seg);
	if (verdict == TCP_ARR_TAKEN) {
		tcp_env_count(c, LINUX_MIB_TCPOFOQUEUE, 1);
		c->stat.rcv_ooo += in->n_segs;
	}
	if (in->flags & TCPF_FIN && !c->stat.data_in)
		tcp_fast_odd(c);
	tcp_delack_quick(c, 16);
	if (c->opts & TCPO_SACK_PERM)
		c->out |= TCP_OUT_ACK | TCP_OUT_DUP;
	else
		tcp_emit_ack(c);
	return verdict;
}

int tcp_text_step(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	u32 end = in->seq + in->len + !!(in->flags & TCPF_FIN), wnd;

	if (end == in->seq)
		return TCP_ARR_SPENT;
	if (seq_leq(end, c->rcv.nxt))
		return text_old(c, in);
	if (!tcp_state_in(c, TCP_CAN_RECV))
		return TCP_ARR_CLOSED;
	if (c->user.orphan && in->len && seq_gt(in->seq + in->len, c->rcv.nxt))
		return text_unwanted(c, in);
	wnd = tcp_window_left(c);
	if (seq_geq(in->seq, c->rcv.nxt + wnd) && in->len) {
		if (!wnd)
			tcp_env_count(c, LINUX_MIB_TCPZEROWINDOWDROP, 1);
		c->out |= TCP_OUT_ACK;
		return TCP_ARR_WINDOW;
	}
	if (seq_leq(in->seq, c->rcv.nxt))
		return text_in_order(c, in, seg);
	return text_out_of_order(c, in, seg);
}

void tcp_conn_text_lost(struct tcp_conn *c)
{
	if (tcp_state_in(c, TCP_CAN_RECV))
		c->out |= TCP_OUT_ACK;
}
