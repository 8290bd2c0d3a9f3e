// SPDX-License-Identifier: GPL-2.0
/*
 * The retransmission queue: records of what was sent and is not acknowledged, in a tree
 * (tree.c), and the counts that follow from their marks. Every change of a mark goes through
 * tcp_rtx_mark(), which keeps counts and aggregates right; every removal through tcp_rtx_clean().
 */
#include "inner.h"

/* Segments on the wire that @len octets make. */
u16 tcp_rtx_count(const struct tcp_conn *c, u32 len)
{
	if (len <= c->snd.mss)
		return 1;
	return (len + c->snd.mss - 1) / c->snd.mss;
}

/* Add (or take, @sign -1) what @seg is in the counts. */
static void rtx_account(struct tcp_rtx *r, const struct tcp_seg *seg, u32 n)
{
	if (seg->mark & TCP_SEG_SACKED)
		r->sacked += n;
	if (seg->mark & TCP_SEG_LOST)
		r->lost += n;
	if (seg->mark & TCP_SEG_RETRANS)
		r->retrans += n;
}

/* Make the aggregates above the first record right again, after removals at the front. */
void tcp_rtx_fresh(struct tcp_conn *c)
{
	if (!c->rtx.stale)
		return;
	c->rtx.stale = false;
	if (c->rtx.q.first)
		tcp_tree_splay(&c->rtx.q, tcp_tree_first(&c->rtx.q));
}

/* Set and clear TCP_SEG_* of @seg. */
void tcp_rtx_mark(struct tcp_conn *c, struct tcp_seg *seg, u8 set, u8 clear)
{
	tcp_tree_splay(&c->rtx.q, seg);
	rtx_account(&c->rtx, seg, -(u32)seg->n_mss);
	seg->mark = (seg->mark & ~clear) | set;
	rtx_account(&c->rtx, seg, seg->n_mss);
	tcp_tree_pull(seg);
}

/* @seg has new text and was just carved: it is last. Its transmission time is now. */
void tcp_rtx_sent(struct tcp_conn *c, struct tcp_seg *seg)
{
	seg->xmit_us = tcp_us(c->tmr.now);
	seg->xmits = 1;
	tcp_tree_append(&c->rtx.q, seg);
	c->rtx.packets += seg->n_mss;
}

/* @seg was sent once more. */
void tcp_rtx_sent_again(struct tcp_conn *c, struct tcp_seg *seg)
{
	tcp_tree_splay(&c->rtx.q, seg);
	seg->xmit_us = tcp_us(c->tmr.now);
	if (seg->xmits < U8_MAX)
		seg->xmits++;
	if (seg->mark & TCP_SEG_LOST)
		tcp_rtx_mark(c, seg, TCP_SEG_RETRANS | TCP_SEG_EVER_RETRANS, 0);
	else
		tcp_rtx_mark(c, seg, TCP_SEG_EVER_RETRANS, 0);
}

/* Without SACK what duplicate ACKs counted can be no more than what is left. */
void tcp_rtx_clamp(struct tcp_conn *c)
{
	if (c->rtx.sacked + c->rtx.lost > c->rtx.packets)
		c->rtx.sacked = c->rtx.packets - min(c->rtx.lost, c->rtx.packets);
}

/* Count @seg's segments as @n instead. */
static void rtx_recount(struct tcp_conn *c, struct tcp_seg *seg, u16 n)
{
	u32 diff = (u32)n - seg->n_mss;

	rtx_account(&c->rtx, seg, diff);
	c->rtx.packets += diff;
	seg->n_mss = n;
	tcp_rtx_clamp(c);
}

/**
 * tcp_rtx_split() - cut a record in two
 * @c: the connection
 * @seg: a record of the queue, longer than @len
 * @len: octets that stay in @seg, not 0
 *
 * Return: the second record, or NULL: no memory, nothing changed.
 */
struct tcp_seg *tcp_rtx_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	struct tcp_seg *rest = tcp_env_split(c, seg, len);

	if (!rest)
		return NULL;
	rest->seq = seg->seq + len;
	rest->len = seg->len - len;
	rest->xmit_us = seg->xmit_us;
	rest->xmits = seg->xmits;
	rest->flags = seg->flags;
	rest->mark = seg->mark;
	rest->n_mss = 0;
	seg->len = len;
	seg->flags &= ~(TCPF_FIN | TCPF_PSH);
	rtx_recount(c, seg, tcp_rtx_count(c, seg->len));
	tcp_tree_insert_after(&c->rtx.q, seg, rest);
	rtx_recount(c, rest, tcp_rtx_count(c, rest->len));
	return rest;
}

/*
 * Make @seg at most @packets segments of today's MSS, cut if it is longer; it may have been sent
 * with another. Returns false if there is no memory to cut it.
 */
bool tcp_rtx_cut(struct tcp_conn *c, struct tcp_seg *seg, u32 packets)
{
	u16 n = tcp_rtx_count(c, seg->len);

	if (n > packets)
		return tcp_rtx_split(c, seg, packets * c->snd.mss);
	if (n != seg->n_mss)
		rtx_recount(c, seg, n);
	return true;
}

/* What acknowledging (part of) @seg tells: round trip, spurious retransmission, reordering. */
static void rtx_learn(struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_ack_ctx *a)
{
	if (seg->mark & TCP_SEG_EVER_RETRANS) {
		a->rtx_acked = true;
	} else if (!(seg->mark & TCP_SEG_SACKED)) {
		if (!a->timed)
			a->first_us = seg->xmit_us;
		a->last_us = seg->xmit_us;
		a->timed = true;
		if (seq_leq(tcp_seg_end(seg), c->loss.high))
			a->orig = true;
		if (!a->reordered && seq_lt(seg->seq, c->rtx.high)) {
			a->reord = seg->seq;
			a->reordered = true;
		}
	}
	if (!(seg->mark & TCP_SEG_SACKED) && c->opts & TCPO_SACK_PERM)
		tcp_rack_advance(c, seg, a);
}

/* @n segments of @seg were acknowledged and leave the queue. */
static void rtx_leave(struct tcp_conn *c, const struct tcp_seg *seg, u32 n, struct tcp_ack_ctx *a)
{
	c->rtx.packets -= n;
	a->pkts += n;
	if (!(seg->mark & TCP_SEG_SACKED))
		a->delivered += n;
	if (seg->mark)
		rtx_account(&c->rtx, seg, -n);
}

/* The first octets of the first record were acknowledged, up to @ack. */
static void rtx_trim(struct tcp_conn *c, struct tcp_seg *seg, u32 ack, struct tcp_ack_ctx *a)
{
	u32 len = min(ack - seg->seq, seg->len);
	u16 left;

	rtx_learn(c, seg, a);
	seg->seq += len;
	seg->len -= len;
	left = min(tcp_rtx_count(c, seg->len), seg->n_mss);
	if (left < seg->n_mss) {
		rtx_leave(c, seg, seg->n_mss - left, a);
		seg->n_mss = left;
	}
	if (len)
		tcp_env_trim(c, seg, len);
}

/* Take off the queue what lies before @ack, which is above SND.UNA. */
void tcp_rtx_clean(struct tcp_conn *c, u32 ack, struct tcp_ack_ctx *a)
{
	struct tcp_seg *seg;

	while ((seg = tcp_tree_first(&c->rtx.q)) && seq_leq(tcp_seg_end(seg), ack)) {
		rtx_learn(c, seg, a);
		rtx_leave(c, seg, seg->n_mss, a);
		if (seg->flags & TCPF_FIN)
			c->snd.fin = TCP_FIN_ACKED;
		tcp_tree_remove_first(&c->rtx.q);
		c->rtx.stale = true;
		tcp_env_acked(c, seg);
	}
	if (seg && seq_lt(seg->seq, ack))
		rtx_trim(c, seg, ack, a);
}

/*
 * Give all records the marks that @fix makes of theirs, counts included. Linear: for time-outs
 * alone.
 */
static void rtx_walk(struct tcp_conn *c, u8 (*fix)(u8 mark))
{
	struct tcp_rtx *r = &c->rtx;
	struct tcp_node *n;

	tcp_tree_chain(&r->q);
	r->sacked = 0;
	r->lost = 0;
	r->retrans = 0;
	r->stale = false;
	for (n = r->q.first; n; n = n->up) {
		struct tcp_seg *seg = tcp_seg_of(n);

		seg->mark = fix(seg->mark);
		rtx_account(r, seg, seg->n_mss);
		tcp_tree_pull(seg);
	}
}

static u8 mark_lost(u8 mark)
{
	mark &= ~TCP_SEG_RETRANS;
	return mark & TCP_SEG_SACKED ? mark : mark | TCP_SEG_LOST;
}

static u8 mark_lost_reneged(u8 mark)
{
	return mark_lost(mark & ~TCP_SEG_SACKED);
}

static u8 mark_not_lost(u8 mark)
{
	return mark & ~(TCP_SEG_LOST | TCP_SEG_RETRANS);
}

/*
 * A time-out: what was not SACKed is lost (RFC 6675 5.1); @renege: nothing counts as SACKed (RFC
 * 2018 8).
 */
void tcp_rtx_mark_all_lost(struct tcp_conn *c, bool renege)
{
	rtx_walk(c, renege ? mark_lost_reneged : mark_lost);
	if (renege)
		c->rtx.high = c->snd.una;
}

/* Nothing was lost after all. */
void tcp_rtx_forget_lost(struct tcp_conn *c)
{
	u32 sacked = c->rtx.sacked;

	rtx_walk(c, mark_not_lost);
	if (!(c->opts & TCPO_SACK_PERM))
		c->rtx.sacked = sacked;
}

/*
 * The MSS has become smaller: what was sent in larger segments counts anew, and is lost. Linear.
 */
void tcp_rtx_resize(struct tcp_conn *c)
{
	struct tcp_node *n;

	tcp_tree_chain(&c->rtx.q);
	c->rtx.stale = false;
	for (n = c->rtx.q.first; n; n = n->up) {
		struct tcp_seg *seg = tcp_seg_of(n);
		u16 count = tcp_rtx_count(c, seg->len);

		if (count > seg->n_mss) {
			rtx_account(&c->rtx, seg, -(u32)seg->n_mss);
			c->rtx.packets += count - seg->n_mss;
			seg->n_mss = count;
			seg->mark = mark_lost(seg->mark);
			rtx_account(&c->rtx, seg, count);
		}
		tcp_tree_pull(seg);
	}
	tcp_rtx_clamp(c);
}

/* The connection is over: every record goes. */
void tcp_rtx_purge(struct tcp_conn *c)
{
	struct tcp_seg *seg;

	while ((seg = tcp_tree_first(&c->rtx.q))) {
		tcp_tree_remove_first(&c->rtx.q);
		tcp_env_acked(c, seg);
	}
	c->rtx.packets = 0;
	c->rtx.sacked = 0;
	c->rtx.lost = 0;
	c->rtx.retrans = 0;
}
