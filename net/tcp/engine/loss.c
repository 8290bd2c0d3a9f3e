// SPDX-License-Identifier: GPL-2.0
/*
 * Loss recovery: its phases, and how one follows another.
 *
 *	OPEN --SACK or duplicate ACK--> DISORDER --something lost--> RECOVERY --ACK of high--> OPEN
 *	  \------ECE or local reason--> CWR ------ACK of high-----------------------------> OPEN
 *	any --retransmission time-out--> LOSS ------ACK of high----------------------------> OPEN
 *	RECOVERY, LOSS --the reason was no loss (Eifel, DSACK, F-RTO)--> undone, OPEN
 *
 * What is lost: RACK says (rack.c); without SACK three duplicate ACKs and partial ACKs
 * (RFC 6582). How much may be sent meanwhile: PRR (prr.c). What is sent first: the lowest lost
 * (output.c). New text goes out in DISORDER as the flight shrinks: that is limited transmit
 * (RFC 3042).
 */
#include "inner.h"

/* ---- undo ---- */

static void undo_remember(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;

	tcp_cong_validate(c);
	l->undo_una = c->snd.una;
	l->undo_rtx = c->rtx.retrans ? (s32)c->rtx.retrans : -1;
	l->undo_cwnd = c->cong.cwnd;
	l->undo_ssthresh = c->cong.ssthresh;
	l->undone = false;
	c->ts.rtx_val = 0;
}

/* RFC 3522: the ACK of the first retransmission echoes a time before it. */
static bool undo_eifel(const struct tcp_conn *c, const struct tcp_ack_ctx *a,
		       const struct tcp_segin *in)
{
	return in && a->acked && c->ts.rtx_val && c->opts & TCPO_TS && in->opt.has & TCPO_TS &&
	       in->opt.tsecr && (s32)(in->opt.tsecr - c->ts.rtx_val) < 0;
}

/* Every retransmission was reported as a duplicate (RFC 3708). */
static bool undo_dsack(const struct tcp_conn *c)
{
	return c->loss.undo_rtx == 0;
}

static void undo(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;
	u32 cwnd = c->cong.ops->undo ? c->cong.ops->undo(&c->cong) : l->undo_cwnd;

	c->cong.cwnd = max(c->cong.cwnd, cwnd);
	c->cong.most = max(c->cong.most, l->undo_cwnd);
	c->cong.ssthresh = max(c->cong.ssthresh, l->undo_ssthresh);
	l->undo_cwnd = 0;
	l->undone = true;
	l->frto = false;
	/* What was sent again may have been taken for delivered then: RACK begins anew. */
	l->rack_rtt_us = 0;
	c->rtt.backoff = 0;
	c->rtt.timeouts = 0;
	if (c->rtx.lost)
		tcp_rtx_forget_lost(c);
}

/*
 * A DSACK told of @packets duplicates, up to @end; SND.UNA is @una. Only what was sent again
 * in this episode can undo it.
 */
void tcp_loss_on_dsack(struct tcp_conn *c, u32 packets, u32 end, u32 una)
{
	struct tcp_loss *l = &c->loss;

	tcp_rack_dsack(c);
	if (l->undo_cwnd && l->undo_rtx > 0 && seq_gt(end, l->undo_una) && seq_leq(end, una))
		l->undo_rtx -= min_t(s32, l->undo_rtx, packets);
}

/* ---- phases ---- */

static void loss_set_phase(struct tcp_conn *c, u8 to)
{
	if (c->loss.phase == to)
		return;
	tcp_cong_phase(c, to);
	if (c->loss.phase == TCP_PHASE_LOSS)
		tcp_rto_recovered(c);
	c->loss.phase = to;
}

static void loss_reduce(struct tcp_conn *c, bool mark)
{
	c->cong.cnt = 0;
	c->cong.ssthresh = tcp_cong_ssthresh(c, mark);
	tcp_prr_begin(c);
}

/* A mark (@mark), or a loss that a probe repaired: fewer packets, but nothing to send again. */
void tcp_loss_enter_cwr(struct tcp_conn *c, bool mark)
{
	if (c->loss.phase >= TCP_PHASE_CWR)
		return;
	tcp_cong_validate(c);
	c->loss.high = c->snd.nxt;
	c->loss.undo_cwnd = 0;
	loss_reduce(c, mark);
	loss_set_phase(c, TCP_PHASE_CWR);
}

static void loss_enter_recovery(struct tcp_conn *c)
{
	bool sack = c->opts & TCPO_SACK_PERM;

	tcp_env_count(c, sack ? LINUX_MIB_TCPSACKRECOVERY : LINUX_MIB_TCPRENORECOVERY, 1);
	/* In CWR the window has been reduced for this round trip already. */
	if (c->loss.phase < TCP_PHASE_CWR) {
		undo_remember(c);
		loss_reduce(c, false);
	} else {
		c->loss.undo_cwnd = 0;
	}
	c->loss.high = c->snd.nxt;
	c->loss.partial = false;
	loss_set_phase(c, TCP_PHASE_RECOVERY);
}

/*
 * RFC 6298 5, RFC 5681 3.1 (equation 4, not a second time for the same octets), RFC 5682 2.1 step
 * 1.
 */
void tcp_loss_enter_rto(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;
	struct tcp_seg *first = tcp_tree_first(&c->rtx.q);
	bool renege = first->mark & TCP_SEG_SACKED;
	bool fresh = l->phase < TCP_PHASE_RECOVERY;

	if (renege)
		tcp_env_count(c, LINUX_MIB_TCPSACKRENEGING, 1);
	c->cong.cnt = 0;
	if (fresh || (l->phase == TCP_PHASE_LOSS && c->rtt.timeouts <= 1) ||
	    seq_geq(c->snd.una, l->high)) {
		undo_remember(c);
		c->cong.ssthresh = tcp_cong_ssthresh(c, false);
	}
	tcp_rtx_mark_all_lost(c, renege);
	c->cong.cwnd = tcp_cong_flight(c) + 1;
	l->dupacks = 0;
	l->tlp_out = false;
	/*
	 * Reordering of more than all that was SACKed cannot have been (RFC 5682: only for a new
	 * loss).
	 */
	l->frto = c->par->frto && (fresh || c->rtt.timeouts > 1) && !renege && !c->pmtud.size;
	l->high = c->snd.nxt;
	loss_set_phase(c, TCP_PHASE_LOSS);
}

/*
 * What was lost was too large for the path: it is sent again, in smaller segments, and that is no
 * congestion.
 */
void tcp_loss_enter_mtu(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;

	l->high = c->snd.nxt;
	l->undo_cwnd = 0;
	l->frto = false;
	l->tlp_out = false;
	l->dupacks = 0;
	c->cong.ssthresh = max_t(u32, c->cong.ssthresh, 2);
	tcp_cong_phase(c, TCP_PHASE_LOSS);
	l->phase = TCP_PHASE_LOSS;
	c->out |= TCP_OUT_RTX;
}

static void loss_leave(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;

	if ((l->phase == TCP_PHASE_RECOVERY || l->phase == TCP_PHASE_CWR) && !l->undone &&
	    c->cong.ssthresh < TCP_SSTHRESH_NONE)
		c->cong.cwnd = c->cong.ssthresh;
	if (l->phase == TCP_PHASE_RECOVERY && l->reo_persist && !--l->reo_persist)
		l->reo_mult = 1;
	l->undo_cwnd = 0;
	l->undone = false;
	l->frto = false;
	if (!(c->opts & TCPO_SACK_PERM)) {
		l->dupacks = 0;
		c->rtx.sacked = 0;
	}
	loss_set_phase(c, TCP_PHASE_OPEN);
	tcp_cong_spread(c);
}

/* ---- without SACK (RFC 6582) ---- */

/*
 * A duplicate ACK says that a packet has arrived: it counts as SACKed, whichever it was. After a
 * time-out it was most likely one that is sent again without need; taken for a delivery of what is
 * in flight, it would let twice the window go.
 */
static void reno_duplicate(struct tcp_conn *c, struct tcp_ack_ctx *a)
{
	if (c->loss.phase == TCP_PHASE_LOSS)
		return;
	if (c->loss.dupacks < U8_MAX)
		c->loss.dupacks++;
	if (c->rtx.sacked + c->rtx.lost < c->rtx.packets) {
		c->rtx.sacked++;
		a->delivered++;
	}
}

/*
 * A new ACK covers what duplicate ACKs had counted. In recovery what it did not cover is still
 * there, beyond the next hole; else there is no hole known, and the count begins anew (RFC 5681
 * 3.2), or packets would be taken for delivered that are in flight.
 */
static void reno_advance(struct tcp_conn *c, struct tcp_ack_ctx *a)
{
	u32 counted = min(c->rtx.sacked, a->pkts ? a->pkts - 1 : 0);

	c->loss.dupacks = 0;
	if (c->loss.phase != TCP_PHASE_RECOVERY) {
		a->delivered -= min(a->delivered, counted);
		c->rtx.sacked = 0;
		return;
	}
	c->rtx.sacked -= counted;
	a->delivered -= min(a->delivered, counted);
	tcp_rtx_clamp(c);
}

/* The first segment is lost. */
static u32 reno_mark_first(struct tcp_conn *c)
{
	struct tcp_seg *seg = tcp_tree_first(&c->rtx.q);

	if (!seg || seg->mark & TCP_SEG_LOST)
		return 0;
	if (!tcp_rtx_cut(c, seg, 1))
		return 0;
	tcp_rtx_mark(c, seg, TCP_SEG_LOST, 0);
	tcp_rtx_clamp(c);
	return seg->n_mss;
}

static u32 reno_detect(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	u8 phase = c->loss.phase;

	if (phase == TCP_PHASE_RECOVERY)
		return a->acked ? reno_mark_first(c) : 0;
	if (phase < TCP_PHASE_RECOVERY && c->loss.dupacks >= c->loss.reordering)
		return reno_mark_first(c);
	return 0;
}

/* ---- reordering ---- */

static void loss_reordered(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	u32 metric;

	if (!a->reordered || seq_leq(c->rtx.high, a->reord))
		return;
	metric = (c->rtx.high - a->reord + c->snd.mss - 1) / c->snd.mss;
	if (metric > c->loss.reordering)
		c->loss.reordering = min(metric, c->par->max_reordering);
	c->loss.reo_seen = true;
	c->stat.reord_seen++;
	tcp_env_count(c, LINUX_MIB_TCPSACKREORDER, 1);
}

/* ---- an ACK ---- */

/* RFC 5682, SACK-enhanced where there is SACK. Returns true if the time-out was spurious. */
static bool loss_frto(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	struct tcp_loss *l = &c->loss;

	if (!l->frto)
		return false;
	/* Step 3 b: what was sent before the time-out and not again has just arrived. */
	if (a->orig && (a->acked || a->sacked))
		return true;
	if (seq_gt(c->snd.nxt, l->high)) {
		/*
		 * New text went out after the time-out, yet the answer tells of a hole: it was
		 * real.
		 */
		if (a->sacked || a->dup)
			l->frto = false;
	} else if (a->acked && seq_lt(c->snd.una, l->high)) {
		/* Step 2 b: send new text and see. */
		if (tcp_conn_unsent(c) && seq_gt(c->snd.una + c->snd.wnd, c->snd.nxt))
			l->high = c->snd.nxt;
		else
			l->frto = false;
	} else {
		l->frto = false;
	}
	return false;
}

/* Does this ACK end the phase, or show that it was needless? */
static void loss_end(struct tcp_conn *c, struct tcp_ack_ctx *a, const struct tcp_segin *in)
{
	struct tcp_loss *l = &c->loss;
	bool done = seq_geq(c->snd.una, l->high);

	if (l->phase < TCP_PHASE_CWR)
		return;
	if (l->undo_cwnd && l->phase == TCP_PHASE_LOSS && loss_frto(c, a)) {
		undo(c);
		tcp_env_count(c, LINUX_MIB_TCPSPURIOUSRTOS, 1);
		loss_leave(c);
		return;
	}
	if (l->undo_cwnd && (undo_eifel(c, a, in) || undo_dsack(c))) {
		tcp_env_count(c, undo_dsack(c) ? LINUX_MIB_TCPDSACKUNDO :
			      l->phase == TCP_PHASE_LOSS ? LINUX_MIB_TCPLOSSUNDO :
			      LINUX_MIB_TCPFULLUNDO, 1);
		undo(c);
		loss_leave(c);
		return;
	}
	if (!done)
		return;
	/*
	 * RFC 6582 4.1: without SACK wait for an ACK above, or late duplicates start it all again.
	 */
	if (!(c->opts & TCPO_SACK_PERM) && c->snd.una == l->high &&
	    l->phase >= TCP_PHASE_RECOVERY && c->rtx.packets)
		return;
	loss_leave(c);
}

/* Take in an ACK, or (@in NULL) RACK's timer. Not called while all is quiet. */
void tcp_loss_on_ack(struct tcp_conn *c, struct tcp_ack_ctx *a, const struct tcp_segin *in)
{
	bool sack = c->opts & TCPO_SACK_PERM;

	if (!sack && a->dup && c->rtx.packets)
		reno_duplicate(c, a);
	else if (!sack && a->acked)
		reno_advance(c, a);
	loss_reordered(c, a);
	tcp_tlp_on_ack(c, a);
	loss_end(c, a, in);
	if (sack) {
		tcp_rack_round(c);
		a->lost += tcp_rack_detect(c, a->now_us);
	} else {
		a->lost += reno_detect(c, a);
	}
	if (a->lost)
		c->out |= TCP_OUT_RTX;
	if (c->loss.phase < TCP_PHASE_RECOVERY) {
		if (c->rtx.lost) {
			if (!c->pmtud.size || !tcp_pmtud_lost(c))
				loss_enter_recovery(c);
		} else if (c->loss.phase != TCP_PHASE_CWR) {
			loss_set_phase(c, c->rtx.sacked ? TCP_PHASE_DISORDER : TCP_PHASE_OPEN);
		}
	}
	if (c->loss.phase == TCP_PHASE_CWR || c->loss.phase == TCP_PHASE_RECOVERY) {
		tcp_prr_on_ack(c, a);
		tcp_cong_spread(c);
	}
	/* RFC 6582 3.2 step 3: what a partial ACK shows to be lost goes at once. */
	if (!sack && a->lost)
		c->cong.cwnd = max(c->cong.cwnd, tcp_cong_flight(c) + 1);
}
