// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES (RFC 9293 3.10.7) for a connection that has a TCB, in the RFC's order: sequence
 * number, RST, security (has none here: the embedding has checked it, as TCP-MD5, before), SYN,
 * ACK, URG, text, FIN. Each step returns TCP_STEP_ON or what became of the segment.
 */
#include "inner.h"

/*
 * First: is any of it in the window? (3.10.7.4; and RFC 7323 5.3's R1 before.) What lies before
 * RCV.NXT but after the ACK we sent last may just have been overtaken: it passes for the sake of
 * its ACK, RST and URG, as does what meets a shut window exactly (MUST-66); its text is stopped
 * in its own step.
 */
static int step_sequence(struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 end = in->seq + in->len + !!(in->flags & TCPF_SYN) + !!(in->flags & TCPF_FIN);

	if (c->opts & TCPO_TS && in->opt.has & TCPO_TS) {
		if (tcp_ts_paws(c, in) && !(in->flags & TCPF_RST)) {
			tcp_env_count(c, LINUX_MIB_PAWSESTABREJECTED, 1);
			tcp_challenge_oow(c, in);
			return TCP_ARR_PAWS;
		}
	}
	if (seq_geq(end, c->rcv.wup) && seq_leq(in->seq, c->rcv.nxt + tcp_window_left(c)))
		return TCP_STEP_ON;
	if (in->flags & TCPF_RST)
		return TCP_ARR_FLAGS;
	/* The SYN again, now without the text that Fast Open took from it. */
	if (tcp_fast_may_send(c) && in->seq == c->rcv.irs &&
	    (in->flags & (TCPF_SYN | TCPF_ACK)) == TCPF_SYN) {
		if (tcp_oow_paced(c->par, &c->ackd.oow_ms, c->tmr.now))
			tcp_emit_syn(c);
		return TCP_ARR_SPENT;
	}
	if (in->flags & TCPF_SYN && tcp_state_in(c, TCP_SYNCHRONIZED))
		tcp_challenge(c);
	else
		tcp_challenge_oow(c, in);
	return seq_lt(in->seq, c->rcv.nxt) ? TCP_ARR_OLD : TCP_ARR_WINDOW;
}

/* What the user is told of a RST. */
static int rst_errno(const struct tcp_conn *c)
{
	return c->state == TCPS_CLOSE_WAIT ? EPIPE : ECONNRESET;
}

/*
 * Second: RST (RFC 5961 3.2). Exactly the next octet resets, anything else in the window is asked
 * to prove that it is no guess. A peer that sent in vain may name the end of what we have SACKed.
 */
static int step_rst(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (!(in->flags & TCPF_RST))
		return TCP_STEP_ON;
	if (in->seq == c->rcv.nxt ||
	    (c->ooo.q.last && in->seq == tcp_seg_end(tcp_tree_last(&c->ooo.q)))) {
		tcp_conn_over(c, rst_errno(c));
		return TCP_ARR_RESET;
	}
	tcp_fast_odd(c);
	tcp_challenge(c);
	return TCP_ARR_FLAGS;
}

/*
 * Fourth: SYN (RFC 5961 4.2). Our own SYN-ACK may have been lost, or crossed the peer's SYN-ACK.
 */
static int step_syn(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (!(in->flags & TCPF_SYN))
		return TCP_STEP_ON;
	if (c->state == TCPS_SYN_RECEIVED && in->seq == c->rcv.irs) {
		if (!(in->flags & TCPF_ACK)) {
			tcp_emit_syn(c);
			return TCP_ARR_SPENT;
		}
		if (in->ack - c->snd.nxt <= c->fast.len)
			return TCP_STEP_ON;
	}
	tcp_env_count(c, LINUX_MIB_TCPSYNCHALLENGE, 1);
	tcp_challenge(c);
	return TCP_ARR_FLAGS;
}

/* Eighth: FIN, when all text before it has come. */
static void step_fin(struct tcp_conn *c, const struct tcp_segin *in)
{
	bool here = in->flags & TCPF_FIN && in->seq + in->len == c->rcv.nxt;

	if ((here || c->ooo.fin) && tcp_state_in(c, TCP_CAN_RECV))
		tcp_conn_fin_came(c);
}

/* ACK, text at RCV.NXT that fits the window, nothing else: the first four steps would pass it. */
static bool arrive_plain(const struct tcp_conn *c, const struct tcp_segin *in)
{
	return c->state == TCPS_ESTABLISHED && in->seq == c->rcv.nxt &&
	       (in->flags & (TCPF_FIN | TCPF_SYN | TCPF_RST | TCPF_ACK | TCPF_URG)) == TCPF_ACK &&
	       in->len <= tcp_window_left(c) &&
	       (!(in->opt.has & TCPO_TS) || (s32)(in->opt.tsval - c->ts.recent) >= 0);
}

/* Fifth to eighth. */
static int arrive_rest(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	int verdict = tcp_ack_step(c, in);

	if (verdict != TCP_STEP_ON)
		return verdict;
	c->tmr.heard_ns = c->tmr.now;
	if (c->cong.ecn & TCP_ECN_OK)
		tcp_ecn_arrives(c, in);
	if (in->flags & TCPF_URG)
		tcp_urg_step(c, in);
	verdict = tcp_text_step(c, in, seg);
	if (in->flags & TCPF_FIN || c->ooo.fin)
		step_fin(c, in);
	return verdict;
}

/* A SYN-ACK in SYN-RECEIVED (both opened at once): its text begins behind the SYN. */
static noinline int arrive_behind_syn(struct tcp_conn *c, const struct tcp_segin *in,
				      struct tcp_seg *seg)
{
	struct tcp_segin behind = *in;

	behind.seq++;
	if (seg)
		seg->seq++;
	/* The SYN itself has come before (RFC 2883 4). */
	tcp_ooo_dsack(c, in->seq, behind.seq);
	c->out |= TCP_OUT_ACK;
	return arrive_rest(c, &behind, seg);
}

static int arrive_steps(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	int verdict;

	if (arrive_plain(c, in))
		return arrive_rest(c, in, seg);
	verdict = step_sequence(c, in);
	if (verdict == TCP_STEP_ON)
		verdict = step_rst(c, in);
	if (verdict == TCP_STEP_ON)
		verdict = step_syn(c, in);
	if (verdict != TCP_STEP_ON)
		return verdict;
	return in->flags & TCPF_SYN ? arrive_behind_syn(c, in, seg) : arrive_rest(c, in, seg);
}

enum tcp_arrival tcp_conn_arrives(struct tcp_conn *c, const struct tcp_segin *in,
				  struct tcp_seg *seg, u64 now)
{
	tcp_clock_set(c, now);
	c->stat.segs_in += in->n_segs;
	if (seg) {
		seg->seq = in->seq;
		seg->len = in->len;
		seg->flags = in->flags & (TCPF_FIN | TCPF_PSH | TCPF_URG);
	}
	if (c->state == TCPS_SYN_SENT)
		return tcp_syn_sent_arrives(c, in, seg);
	if (c->state == TCPS_CLOSED || c->state == TCPS_TIME_WAIT)
		return TCP_ARR_CLOSED;
	return arrive_steps(c, in, seg);
}
