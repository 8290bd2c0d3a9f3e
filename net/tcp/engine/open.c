// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3): the answer to an active open, or the peer's
 * own SYN crossing ours (simultaneous open, Figure 8). And what both kinds of open agree on.
 */
#include "inner.h"

/*
 * What the peer's SYN says is weighed against what we offered: c->opts holds that before, the
 * agreement after.
 */
void tcp_open_options(struct tcp_conn *c, const struct tcp_options *opt)
{
	c->opts &= opt->has | ~(TCPO_TS | TCPO_SACK_PERM | TCPO_WSCALE);
	tcp_mss_agree(c, tcp_mss_offered(opt));
	if (c->opts & TCPO_WSCALE)
		c->snd.wscale = opt->wscale;
	else
		c->rcv.wscale = 0;
	if (c->opts & TCPO_TS) {
		c->ts.recent = opt->tsval;
		c->ts.recent_s = (u32)div_u64(c->tmr.now, TCP_NSEC_PER_SEC);
	}
}

/* The peer's SYN: IRS, options, first window. */
static void open_take_syn(struct tcp_conn *c, const struct tcp_segin *in)
{
	c->rcv.irs = in->seq;
	c->rcv.nxt = in->seq + 1;
	c->rcv.read = c->rcv.nxt;
	c->rcv.up = c->rcv.nxt;
	c->rcv.wup = c->rcv.nxt;
	c->ackd.drs_seq = c->rcv.nxt;
	tcp_open_options(c, &in->opt);
	c->rcv.wnd = min_t(u32, c->rcv.wnd, (u32)U16_MAX << c->rcv.wscale);
	c->snd.wnd = in->wnd;
	c->snd.max_wnd = in->wnd;
	c->snd.wl1 = in->seq;
	c->snd.wl2 = in->ack;
	tcp_ecn_syn_came(c, in);
	tcp_pmtud_init(c, false);
	tcp_mss_update(c);
}

/* First: an ACK of anything but our SYN is answered by RST, unless it is one. */
static int open_check_ack(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (!(in->flags & TCPF_ACK))
		return TCP_STEP_ON;
	if (seq_gt(in->ack, c->snd.una) && seq_leq(in->ack, c->snd.nxt + c->fast.len)) {
		/* RFC 7323 5.3: an echo of what was never sent is of an older connection. */
		s32 age = (s32)(tcp_ts_clock(c) - in->opt.tsecr);

		if (!(in->opt.has & TCPO_TS) || !in->opt.tsecr || !(c->opts & TCPO_TS) ||
		    age >= 0)
			return TCP_STEP_ON;
		tcp_env_count(c, LINUX_MIB_PAWSACTIVEREJECTED, 1);
	}
	if (!(in->flags & TCPF_RST))
		tcp_emit_rst_for(c, in);
	return TCP_ARR_ACK;
}

static void open_established(struct tcp_conn *c, const struct tcp_segin *in)
{
	s32 ts_rtt;

	c->stat.syn_acked = true;
	c->snd.una = c->snd.nxt;
	open_take_syn(c, in);
	if (c->fast.flags)
		tcp_fast_synack(c, in);
	ts_rtt = tcp_ts_rtt_us(c, in);
	if (!c->rtt.timeouts)
		tcp_rtt_sample(c, tcp_us(c->tmr.now - c->tmr.sent_ns));
	else if (ts_rtt >= 0)
		tcp_rtt_sample(c, ts_rtt);
	tcp_conn_established(c);
	if (c->stat.writer_waits)
		tcp_delack_writer(c);
	else
		c->out |= TCP_OUT_ACK;
}

/* Both ends opened at once: answer with our SYN again, now with an ACK. */
static void open_simultaneous(struct tcp_conn *c, const struct tcp_segin *in)
{
	open_take_syn(c, in);
	tcp_state_set(c, TCPS_SYN_RECEIVED);
	tcp_emit_syn(c);
	tcp_rto_restart(c);
}

int tcp_syn_sent_arrives(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg)
{
	int verdict = open_check_ack(c, in);

	if (verdict != TCP_STEP_ON)
		return verdict;
	if (in->flags & TCPF_RST) {
		if (!(in->flags & TCPF_ACK))
			return TCP_ARR_FLAGS;
		tcp_conn_over(c, ECONNREFUSED);
		return TCP_ARR_RESET;
	}
	if (!(in->flags & TCPF_SYN))
		return TCP_ARR_FLAGS;
	c->tmr.heard_ns = c->tmr.now;
	if (!(in->flags & TCPF_ACK)) {
		open_simultaneous(c, in);
		return TCP_ARR_SPENT;
	}
	open_established(c, in);
	/* Text or a FIN that came with the SYN is next in order. */
	if (in->len || in->flags & TCPF_FIN) {
		struct tcp_segin rest = *in;

		rest.seq++;
		if (seg)
			seg->seq++;
		verdict = tcp_text_step(c, &rest, seg);
		if (rest.flags & TCPF_FIN && rest.seq + rest.len == c->rcv.nxt)
			tcp_conn_fin_came(c);
		return verdict;
	}
	return TCP_ARR_SPENT;
}
