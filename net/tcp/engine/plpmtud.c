// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization layer path MTU discovery (RFC 4821, RFC 8899): what size the path carries is found
 * out by segments that arrive, without a word of ICMP.
 *
 *	low   known to pass          a probe of (low + high) / 2 arrives: low is that
 *	high  may pass, at the most  it alone is lost: high is less than that
 *
 * tcp_mtu_probing 2: a connection begins at tcp_base_mss and searches. 1: only when R1 time-outs
 * have shown that the path may be a black hole; then it goes on at tcp_base_mss, each further
 * time-out halves that, and once something passes, the search goes up again.
 *
 * A probe is a record of new text that leaves as one segment larger than the MSS. Sizes here are
 * of text and TCP options, as snd.mss_path: the MTU less 40.
 */
#include "inner.h"

#define PMTUD_CWND	11	/* least cwnd: a lost probe is to be found by those behind it */

/* What may pass at the most: the peer's word, the user's and the path's bound it. */
static u32 pmtud_high(const struct tcp_conn *c)
{
	return min(c->pmtud.high, c->snd.mss_path);
}

/* Text in a segment of @size, and back. */
static u32 pmtud_text(const struct tcp_conn *c, u32 size)
{
	return size - min(tcp_mss_options(c), size - 1);
}

static u32 pmtud_size(const struct tcp_conn *c, u32 text)
{
	return min_t(u32, text + tcp_mss_options(c), U16_MAX);
}

/*
 * The search begins. @passive: segments are as large as the path is said to carry until the first
 * probe has told (as Linux has it).
 */
void tcp_pmtud_init(struct tcp_conn *c, bool passive)
{
	struct tcp_pmtud *p = &c->pmtud;

	p->on = c->par->mtu_probing > 1;
	p->size = 0;
	p->high = c->snd.mss_peer;
	p->low = pmtud_size(c, clamp_t(s32, c->par->base_mss, 1, U16_MAX));
	p->bound = passive ? c->snd.mss_path : p->low;
	p->since_ms = tcp_ms(c->tmr.now);
}

/* Segments are of @low from now on. */
static void pmtud_settle(struct tcp_conn *c, u32 low)
{
	c->pmtud.low = low;
	c->pmtud.bound = low;
	tcp_mss_update(c);
}

/* The search has ended: after tcp_probe_interval the path may be another. */
static void pmtud_again(struct tcp_conn *c)
{
	u32 now_ms = tcp_ms(c->tmr.now);

	if (now_ms - c->pmtud.since_ms < c->par->probe_interval * 1000ULL)
		return;
	c->pmtud.high = c->snd.mss_peer;
	c->pmtud.low = pmtud_size(c, c->snd.mss);
	c->pmtud.since_ms = now_ms;
}

/* Is there enough to send, and a window for it, that the loss of the probe would be noticed? */
static enum tcp_pmtud_verdict pmtud_room(const struct tcp_conn *c, u32 text)
{
	u32 need = text + (c->loss.reordering + 1) * c->snd.mss, flight = tcp_cong_flight(c);

	if (tcp_conn_unsent(c) < need || c->snd.wnd < need)
		return TCP_PMTUD_NO;
	if (seq_gt(c->snd.nxt + need, c->snd.una + c->snd.wnd))
		return TCP_PMTUD_WAIT;
	if (flight + 2 > c->cong.cwnd)
		return flight ? TCP_PMTUD_WAIT : TCP_PMTUD_NO;
	return TCP_PMTUD_PROBE;
}

/**
 * tcp_pmtud_wanted() - is it time for a probe?
 * @c: the connection, which has text to send
 * @text: set to the octets of text in it
 *
 * Return: TCP_PMTUD_NO; TCP_PMTUD_WAIT: it is, as soon as ACKs make room: hold new text back;
 * TCP_PMTUD_PROBE: now.
 */
enum tcp_pmtud_verdict tcp_pmtud_wanted(struct tcp_conn *c, u32 *text)
{
	struct tcp_pmtud *p = &c->pmtud;
	u32 high = pmtud_high(c);

	if (p->size || c->loss.phase != TCP_PHASE_OPEN || c->cong.cwnd < PMTUD_CWND ||
	    c->ooo.n_block || c->ooo.dsack_due)
		return TCP_PMTUD_NO;
	if (high < p->low || (s32)(high - p->low) < c->par->probe_threshold) {
		pmtud_again(c);
		return TCP_PMTUD_NO;
	}
	*text = pmtud_text(c, (high + p->low) / 2);
	if (*text <= c->snd.mss) {
		/* Ordinary segments are as large: they need no probe. */
		p->low = pmtud_size(c, c->snd.mss);
		return TCP_PMTUD_NO;
	}
	return pmtud_room(c, *text);
}

/* @seg was sent as a probe. It counts as one segment, but takes the room of two. */
void tcp_pmtud_sent(struct tcp_conn *c, const struct tcp_seg *seg)
{
	c->pmtud.size = pmtud_size(c, seg->len);
	c->pmtud.start = seg->seq;
	c->pmtud.end = tcp_seg_end(seg);
	c->cong.cwnd--;
}

/* This host did not take a probe with @text: nor will it the next one. That is no congestion. */
void tcp_pmtud_refused(struct tcp_conn *c, u32 text)
{
	c->pmtud.high = pmtud_size(c, text) - 1;
	tcp_env_count(c, LINUX_MIB_TCPMTUPFAIL, 1);
}

/* SND.UNA passed the probe: segments are as large as it from now on, and cwnd as many octets. */
void tcp_pmtud_passed(struct tcp_conn *c)
{
	u32 size = c->pmtud.size, was = pmtud_size(c, c->snd.mss);
	u64 cwnd = div_u64((u64)c->cong.cwnd * (was + 40), size + 40);

	c->cong.cwnd = max_t(u32, cwnd, 1);
	c->cong.cnt = 0;
	if (c->loss.phase < TCP_PHASE_CWR)
		c->cong.ssthresh = max(c->cong.ssthresh,
				       (c->cong.cwnd >> 1) + (c->cong.cwnd >> 2));
	c->pmtud.size = 0;
	pmtud_settle(c, size);
	tcp_env_count(c, LINUX_MIB_TCPMTUPSUCCESS, 1);
}

/*
 * Something was deemed lost. If it is the probe, and nothing before it, then it was too large:
 * that is no congestion. Its octets go again, in segments that pass. Returns false if it was not.
 */
bool tcp_pmtud_lost(struct tcp_conn *c)
{
	struct tcp_pmtud *p = &c->pmtud;
	struct tcp_seg *seg;

	if (c->loss.phase >= TCP_PHASE_CWR || c->snd.una != p->start)
		return false;
	p->high = p->size - 1;
	p->size = 0;
	c->cong.cwnd++;
	tcp_env_count(c, LINUX_MIB_TCPMTUPFAIL, 1);
	tcp_rtx_resize(c);
	/* Without SACK it may have been cut in two by now, of which one is marked. */
	for (seg = tcp_tree_first(&c->rtx.q); seg && seq_lt(seg->seq, p->end);
	     seg = tcp_tree_next(seg))
		if (!(seg->mark & (TCP_SEG_SACKED | TCP_SEG_LOST)))
			tcp_rtx_mark(c, seg, TCP_SEG_LOST, 0);
	tcp_rtx_clamp(c);
	tcp_loss_enter_mtu(c);
	return true;
}

/* Time-outs beyond R1: does the path swallow what is so large? */
void tcp_pmtud_black_hole(struct tcp_conn *c)
{
	struct tcp_pmtud *p = &c->pmtud;
	u32 mss, low = p->low;

	if (!c->par->mtu_probing)
		return;
	if (p->on) {
		mss = min_t(u32, max_t(s32, c->par->base_mss, 1), pmtud_text(c, p->low) / 2);
		mss = max(mss, c->par->mtu_probe_floor);
		mss = max(mss, c->par->min_snd_mss);
		low = pmtud_size(c, mss);
	} else {
		p->on = true;
		p->since_ms = tcp_ms(c->tmr.now);
	}
	p->size = 0;
	pmtud_settle(c, low);
	tcp_rtx_resize(c);
}
