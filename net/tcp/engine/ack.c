// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES, fifth: the ACK field (RFC 9293 3.10.7.4), and what follows from it for
 * the send side: window, retransmission queue, round trip, recovery, congestion window, timers.
 */
#include "inner.h"

/*
 * Take the window if the segment is not older than the one it came from last (SND.WL1, SND.WL2).
 */
void tcp_ack_window(struct tcp_conn *c, const struct tcp_segin *in)
{
	struct tcp_snd *s = &c->snd;
	u32 wnd = in->wnd;

	if (!(in->flags & TCPF_SYN))
		wnd <<= s->wscale;
	if (seq_gt(s->wl1, in->seq) || (s->wl1 == in->seq && seq_gt(s->wl2, in->ack)))
		return;
	/* Same text, same ACK: only a larger window is news; a smaller one comes with either. */
	s->wl1 = in->seq;
	s->wl2 = in->ack;
	if (s->wnd == wnd)
		return;
	s->wnd = wnd;
	if (wnd > s->max_wnd) {
		/* It was what bounded the MSS (tcp_mss_update()). */
		bool small = s->max_wnd / 2 <= s->mss;

		s->max_wnd = wnd;
		if (small)
			tcp_mss_update(c);
	}
}

static bool ack_usable(const struct tcp_conn *c)
{
	return seq_gt(c->snd.una + c->snd.wnd, c->snd.nxt);
}

/* A shut window is open again, or the peer at least answers. */
static void ack_unblock(struct tcp_conn *c)
{
	c->rtt.probes = 0;
	if (c->rtx.packets || !tcp_output_pending(c))
		return;
	if (ack_usable(c)) {
		c->rtt.backoff = 0;
		c->tmr.owed_ns = 0;
		tcp_timer_stop(c, TCP_TMR_RTO);
	}
}

/* RFC 6298, 7323 4.1: one sample of this ACK for the RTO. */
static void ack_time(struct tcp_conn *c, struct tcp_ack_ctx *a, const struct tcp_segin *in)
{
	if (a->timed && !a->rtx_acked)
		a->rtt_us = (s32)(a->now_us - a->first_us);
	else if (a->sack_timed && !a->acked)
		a->rtt_us = (s32)(a->now_us - a->sack_us);
	else if (a->acked)
		a->rtt_us = tcp_ts_rtt_us(c, in);
	if (a->rtt_us >= 0)
		tcp_rtt_sample(c, a->rtt_us);
}

static void ack_advance(struct tcp_conn *c, u32 ack, struct tcp_ack_ctx *a)
{
	a->acked = ack - c->snd.una;
	tcp_rtx_clean(c, ack, a);
	c->snd.una = ack;
	if (c->pmtud.size && seq_geq(ack, c->pmtud.end))
		tcp_pmtud_passed(c);
	if (seq_lt(c->rtx.high, ack))
		c->rtx.high = ack;
	c->stat.bytes_acked += a->acked;
	c->rtt.timeouts = 0;
	c->tmr.owed_ns = 0;
}

static bool ack_trouble(const struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	return !tcp_loss_quiet(c) || a->sacked || a->dup || a->dsack || a->reordered;
}

/*
 * RFC 6298 5.3; but without SACK only the first partial ACK of a recovery restarts the timer (RFC
 * 6582 3.2, the impatient variant): one hole a round trip is slower than to begin anew when there
 * are many.
 */
static void ack_restart_rto(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	struct tcp_loss *l = &c->loss;

	if (!a->acked && !(a->sacked && c->rtx.packets))
		return;
	if (l->phase == TCP_PHASE_RECOVERY && !(c->opts & TCPO_SACK_PERM)) {
		if (l->partial && c->rtx.packets)
			return;
		l->partial = true;
	}
	tcp_rto_restart(c);
}

#define RENEGE_MIN_US	10000

/*
 * The ACK ends before something that was SACKed: the peer has thrown it away (RFC 2018 8), or this
 * ACK was overtaken. If half a round trip brings no other, it is not waited for longer: the
 * time-out comes, which forgets what was SACKed. The peer was heard a moment ago.
 */
static void ack_check_renege(struct tcp_conn *c)
{
	const struct tcp_seg *first = tcp_tree_first(&c->rtx.q);
	u32 us = max_t(u32, c->rtt.srtt_us >> 4, RENEGE_MIN_US);
	u64 at = c->tmr.now + (u64)us * TCP_NSEC_PER_USEC;

	if (first && first->mark & TCP_SEG_SACKED && at < c->tmr.at[TCP_TMR_RTO])
		tcp_timer_set(c, TCP_TMR_RTO, at);
}

/* An acceptable ACK: at or above SND.UNA, or (@old) below it, good for its SACK blocks alone. */
static void ack_take(struct tcp_conn *c, const struct tcp_segin *in, bool old)
{
	struct tcp_ack_ctx a = {
		.una = c->snd.una,
		.flight = tcp_cong_flight(c),
		.now_us = tcp_us(c->tmr.now),
		.rtt_us = -1,
		.ece = in->flags & TCPF_ECE,
		.has_text = in->len,
	};
	u32 wnd = c->snd.wnd;
	s32 age = tcp_loss_quiet(c) ? -1 : tcp_ts_rtt_us(c, in);

	if (age >= 0) {
		a.echo_us = a.now_us - (u32)age;
		a.echo = true;
	}
	if (!old) {
		tcp_ack_window(c, in);
		a.wnd = wnd != c->snd.wnd;
		if (in->ack != c->snd.una)
			ack_advance(c, in->ack, &a);
		else
			a.dup = c->rtx.packets && !in->len && !a.wnd &&
				!(in->flags & (TCPF_SYN | TCPF_FIN));
	}
	if (in->opt.has & TCPO_SACK && c->opts & TCPO_SACK_PERM)
		tcp_sack_take(c, in, &a);
	ack_time(c, &a, in);
	if (c->cong.ecn & TCP_ECN_OK)
		tcp_ecn_on_ack(c, &a);
	if (ack_trouble(c, &a))
		tcp_loss_on_ack(c, &a, in);
	if (a.delivered || a.ece) {
		c->cong.delivered += a.delivered;
		if (a.ece)
			c->cong.delivered_ce += a.delivered;
		tcp_cong_on_ack(c, &a);
	}
	ack_unblock(c);
	ack_restart_rto(c, &a);
	if (a.acked && c->rtx.sacked)
		ack_check_renege(c);
	if (a.acked) {
		if (!c->rtx.packets && !tcp_output_pending(c))
			tcp_chrono(c, TCP_CHRONO_NONE);
		tcp_tlp_schedule(c);
		tcp_env_event(c, TCP_EV_WRITABLE, 0);
	}
}

/* In SYN-RECEIVED: does it acknowledge our SYN? */
static int ack_syn(struct tcp_conn *c, const struct tcp_segin *in)
{
	/* With the text of our SYN, if both ends opened at once. */
	u32 text = in->flags & TCPF_SYN ? c->fast.len : 0;

	if (seq_leq(in->ack, c->snd.una) || seq_gt(in->ack, c->snd.nxt + text)) {
		tcp_emit_rst_for(c, in);
		return TCP_ARR_ACK;
	}
	/* A SYN-ACK's window is not scaled (RFC 7323 2.2). */
	c->snd.wnd = (u32)in->wnd << (in->flags & TCPF_SYN ? 0 : c->snd.wscale);
	c->snd.wl1 = in->seq;
	c->snd.wl2 = in->ack;
	c->snd.max_wnd = max(c->snd.max_wnd, c->snd.wnd);
	if (!c->rtt.timeouts && c->tmr.sent_ns)
		tcp_rtt_sample(c, tcp_us(c->tmr.now - c->tmr.sent_ns));
	c->snd.una = c->snd.iss + 1;
	if (text)
		tcp_fast_synack(c, in);
	tcp_conn_established(c);
	return TCP_STEP_ON;
}

/* RFC 5961 5.2: an ACK of something so old that only a guess would name it. */
static bool ack_too_old(const struct tcp_conn *c, const struct tcp_segin *in)
{
	u64 back = min_t(u64, c->snd.max_wnd, c->stat.bytes_acked + 1);

	return seq_lt(in->ack, c->snd.una - (u32)back);
}

int tcp_ack_step(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (!(in->flags & TCPF_ACK))
		return TCP_ARR_FLAGS;
	if (c->state == TCPS_SYN_RECEIVED) {
		int verdict = ack_syn(c, in);

		if (verdict != TCP_STEP_ON)
			return verdict;
	}
	if (seq_lt(in->ack, c->snd.una)) {
		if (ack_too_old(c, in)) {
			tcp_challenge(c);
			return TCP_ARR_ACK;
		}
		if (c->opts & TCPO_TS && in->opt.has & TCPO_TS)
			tcp_ts_take(c, in);
		ack_take(c, in, true);
		return TCP_STEP_ON;
	}
	if (seq_gt(in->ack, c->snd.nxt)) {
		tcp_challenge(c);
		return TCP_ARR_ACK;
	}
	/* Not before: a guess that hits the window must not set TS.Recent. */
	if (c->opts & TCPO_TS && in->opt.has & TCPO_TS)
		tcp_ts_take(c, in);
	/* Nothing new in it: the plain case of a connection that only receives. */
	if (in->ack == c->snd.una && !c->rtx.packets && !(in->opt.has & TCPO_SACK) &&
	    (u32)in->wnd << c->snd.wscale == c->snd.wnd) {
		c->snd.wl1 = seq_max(c->snd.wl1, in->seq);
		c->rtt.probes = 0;
		return TCP_STEP_ON;
	}
	ack_take(c, in, false);
	if (c->snd.fin == TCP_FIN_ACKED)
		tcp_conn_fin_acked(c);
	return c->state == TCPS_CLOSED ? TCP_ARR_SPENT : TCP_STEP_ON;
}
