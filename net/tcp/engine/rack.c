// SPDX-License-Identifier: GPL-2.0
/*
 * RACK (RFC 8985): a segment is lost when one that was sent later has arrived, and it had a round
 * trip and a reordering window's time to arrive itself.
 *
 *	sent at xmit_us, deemed lost from xmit_us + RACK.rtt + reo_wnd on,
 *	if (xmit_us, end) < (RACK.xmit_ts, RACK.end_seq)
 *
 * The tree finds such records by the aggregate min_us; none is visited that is not marked.
 */
#include "inner.h"

#define RACK_PERSIST	16	/* recoveries that a widened window outlives (6.2 step 4) */
#define RACK_LATE_US	8000	/* at most: the timer behind the time it is for */

static bool rack_after(u32 us1, u32 end1, u32 us2, u32 end2)
{
	return us1 == us2 ? seq_gt(end1, end2) : seq_gt(us1, us2);
}

/*
 * Is this ACK for a transmission of @seg before the last? It is if it came faster than any round
 * trip, or echoes a time before (in the grain of the timestamps).
 */
static bool rack_spurious(const struct tcp_conn *c, const struct tcp_seg *seg,
			  const struct tcp_ack_ctx *a)
{
	if (!(seg->mark & TCP_SEG_EVER_RETRANS))
		return false;
	if (a->now_us - seg->xmit_us < c->rtt.min_us)
		return true;
	return a->echo && seq_lt(a->echo_us + TCP_USEC_PER_MSEC, seg->xmit_us);
}

/* Step 2: @seg has arrived. */
void tcp_rack_advance(struct tcp_conn *c, const struct tcp_seg *seg,
		      const struct tcp_ack_ctx *a)
{
	struct tcp_loss *l = &c->loss;
	u32 rtt = a->now_us - seg->xmit_us, end = tcp_seg_end(seg);

	if (rack_spurious(c, seg, a))
		return;
	rtt = max_t(u32, rtt, 1);
	if (!l->rack_rtt_us || rack_after(seg->xmit_us, end, l->rack_us, l->rack_end)) {
		l->rack_us = seg->xmit_us;
		l->rack_end = end;
	}
	l->rack_rtt_us = rtt;
}

/* Step 4: how long to wait for reordered segments, µs. */
static u32 rack_window(const struct tcp_conn *c)
{
	u32 quarters;

	if (!c->loss.reo_seen) {
		if (c->loss.phase >= TCP_PHASE_RECOVERY)
			return 0;
		if (c->rtx.sacked >= c->loss.reordering && !(c->par->recovery & 4))
			return 0;
	}
	if (c->rtt.min_us == U32_MAX)
		return 0;
	quarters = c->par->recovery & 2 ? 1 : c->loss.reo_mult;
	return min(c->rtt.min_us / 4 * quarters, c->rtt.srtt_us >> 3);
}

/* Step 4: a DSACK came: we were too fast, once a round trip the window widens. */
void tcp_rack_dsack(struct tcp_conn *c)
{
	c->loss.reo_dsack = true;
}

/* Once an ACK, before detection. */
void tcp_rack_round(struct tcp_conn *c)
{
	struct tcp_loss *l = &c->loss;

	if (seq_lt(c->snd.una, l->rack_seq))
		l->reo_dsack = false;
	if (!l->reo_dsack)
		return;
	l->reo_dsack = false;
	l->rack_seq = c->snd.nxt;
	l->reo_persist = RACK_PERSIST;
	if (l->reo_mult < U8_MAX)
		l->reo_mult++;
}

static u32 rack_mark_lost(struct tcp_conn *c, struct tcp_seg *seg)
{
	u8 clear = 0;

	if (seg->mark & TCP_SEG_RETRANS) {
		clear = TCP_SEG_RETRANS;
		tcp_env_count(c, LINUX_MIB_TCPLOSTRETRANSMIT, seg->n_mss);
	}
	tcp_rtx_mark(c, seg, TCP_SEG_LOST, clear);
	return seg->n_mss;
}

/*
 * First record in flight that was sent before what has arrived, and by @until. Of those sent in
 * the same µs as what has arrived only lower octets count: asked for last, when no older ones are
 * left.
 */
static struct tcp_seg *rack_find(struct tcp_conn *c, u32 until)
{
	struct tcp_seg *seg = tcp_tree_find_sent(&c->rtx.q, seq_min(until, c->loss.rack_us - 1));

	if (seg || seq_lt(until, c->loss.rack_us))
		return seg;
	seg = tcp_tree_find_sent(&c->rtx.q, c->loss.rack_us);
	return seg && seq_lt(tcp_seg_end(seg), c->loss.rack_end) ? seg : NULL;
}

/*
 * How late the timer may be, µs: an ACK that is on its way speaks first. By it, what is lost is
 * found a segment or two later where the queue that overflowed has room again, and not lost there
 * once more.
 */
static u32 rack_late(const struct tcp_conn *c)
{
	return min_t(u32, c->rtt.srtt_us >> 6, RACK_LATE_US);
}

/*
 * Step 5: mark what is lost by now.
 *
 * Return: packets newly marked. If something may become lost by waiting alone, TCP_TMR_LOSS runs.
 */
u32 tcp_rack_detect(struct tcp_conn *c, u32 now_us)
{
	u32 wait, late, lost = 0;
	struct tcp_seg *seg;

	if (!c->loss.rack_rtt_us)
		return 0;
	tcp_rtx_fresh(c);
	wait = c->loss.rack_rtt_us + rack_window(c);
	while ((seg = rack_find(c, now_us - wait)))
		lost += rack_mark_lost(c, seg);
	seg = rack_find(c, c->loss.rack_us);
	if (!seg)
		return lost;
	/* It is the root now: its aggregate is the oldest transmission of all. */
	c->loss.tlp_timer = false;
	late = max_t(s32, (s32)(seg->min_us + wait - now_us), 1) + rack_late(c);
	tcp_timer_set(c, TCP_TMR_LOSS, c->tmr.now + (u64)late * TCP_NSEC_PER_USEC);
	return lost;
}
