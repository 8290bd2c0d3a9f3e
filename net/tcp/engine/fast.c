// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open (RFC 7413): text in the SYN.
 *
 * Active: the text stays in the unsent part of the stream, a copy travels with the SYN. What the
 * SYN-ACK acknowledges of it is done with; the rest goes as if it had never been sent (4.1.3). SYNs
 * that are sent again are plain.
 *
 * Passive: a SYN with a good cookie makes a TCB at once, in SYN-RECEIVED, that takes text, sends
 * text and may even send its FIN before the third segment (4.2.2).
 */
#include "inner.h"

/* ---- active ---- */

/* The first @n octets of the stream came with the SYN: they are the peer's now. */
static void fast_acked(struct tcp_conn *c, u32 n)
{
	while (n) {
		struct tcp_seg *seg = tcp_env_carve(c, n);

		/* No memory: sent again, the peer will say that it has them. */
		if (!seg)
			return;
		n -= seg->len;
		c->snd.nxt += seg->len;
		c->snd.una = c->snd.nxt;
		c->stat.bytes_acked += seg->len;
		c->cong.delivered++;
		tcp_env_acked(c, seg);
	}
	tcp_env_event(c, TCP_EV_WRITABLE, 0);
}

/* Our SYN with the option, or with text, was answered: SND.UNA is behind it. */
void tcp_fast_synack(struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 acked = in->ack - c->snd.nxt;

	if (acked)
		fast_acked(c, acked);
	if (c->fast.flags & TCP_FAST_TEXT) {
		if (acked == c->fast.len) {
			c->fast.flags |= TCP_FAST_DONE;
			tcp_env_count(c, LINUX_MIB_TCPFASTOPENACTIVE, 1);
		} else {
			c->fast.fail = c->rtt.timeouts ? TCP_FAST_SYN_AGAIN : TCP_FAST_NOT_ACKED;
			c->stat.rtx++;
			c->stat.bytes_rtx += c->fast.len - acked;
			tcp_env_count(c, LINUX_MIB_TCPFASTOPENACTIVEFAIL, 1);
		}
	}
	tcp_env_fast(c, &in->opt);
	if (acked == c->fast.len)
		c->fast.len = 0;
}

/* Packets in flight that hold text which the SYN carried already, for TCP_INFO. */
u32 tcp_fast_retrans(const struct tcp_conn *c)
{
	u32 una = c->snd.una - (c->snd.iss + 1);

	return una < c->fast.len && c->rtx.packets ? tcp_rtx_count(c, c->fast.len - una) : 0;
}

/*
 * A time-out of a connection that Fast Open made. After the third in a row, or at the end, the
 * path is suspected to swallow what such a connection sends.
 */
void tcp_fast_timeout(struct tcp_conn *c, bool over)
{
	if (c->fast.flags & TCP_FAST_PASSIVE)
		return;
	if (c->rtt.timeouts == 2 || (c->rtt.timeouts < 2 && over)) {
		tcp_env_event(c, TCP_EV_FAST_HOLE, 0);
		tcp_env_count(c, LINUX_MIB_TCPFASTOPENACTIVEFAIL, 1);
	}
}

/* A FIN or RST out of order, with nothing before it: text in between was swallowed. */
void tcp_fast_odd(struct tcp_conn *c)
{
	if (c->fast.flags & TCP_FAST_OPTION && !(c->fast.flags & TCP_FAST_PASSIVE) &&
	    !c->stat.data_in)
		tcp_env_event(c, TCP_EV_FAST_HOLE, 0);
}

/* ---- passive ---- */

static bool fast_text(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	if (!seg || !in->len)
		return false;
	seg->seq = in->seq + 1;
	seg->len = in->len;
	seg->flags = in->flags & TCPF_PSH;
	c->rcv.nxt += in->len;
	c->stat.bytes_rcvd += in->len;
	c->stat.data_in += in->n_segs;
	c->fast.flags |= TCP_FAST_DONE;
	c->ackd.last_us = tcp_us(c->tmr.now);
	tcp_env_deliver(c, seg, 0);
	tcp_env_event(c, TCP_EV_READABLE, 0);
	return true;
}

bool tcp_conn_accept_fast(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg,
			  const struct tcp_fast_syn *f, u64 now)
{
	bool taken;

	tcp_clock_set(c, now);
	c->stat.segs_in += in->n_segs;
	c->fast.flags = TCP_FAST_PASSIVE;
	/* The window is of text, and starts behind our SYN, which SND.UNA still is at. */
	c->snd.wnd++;
	tcp_cong_start(c);
	c->rcv.mss = min_t(u32, TCP_MSS_DEFAULT, c->rcv.advmss);
	taken = fast_text(c, in, seg);
	tcp_emit_syn_fast(c, f);
	c->tmr.owed_ns = now;
	return taken;
}
