// SPDX-License-Identifier: GPL-2.0
/*
 * SACK blocks that come in (RFC 2018 5, RFC 2883): marks on the retransmission queue. A block
 * costs a search, and each record that it marks first one more; what an earlier ACK marked is
 * stepped over by the tree's aggregates, not walked over.
 */
#include "inner.h"

/* What the SACK of @seg tells, before it is marked. */
static void sack_learn(struct tcp_conn *c, const struct tcp_seg *seg, u32 high,
		       struct tcp_ack_ctx *a)
{
	if (!(seg->mark & TCP_SEG_EVER_RETRANS)) {
		a->sack_us = seg->xmit_us;
		a->sack_timed = true;
		if (seq_leq(tcp_seg_end(seg), c->loss.high))
			a->orig = true;
		if (seq_lt(seg->seq, high) &&
		    (!a->reordered || seq_lt(seg->seq, a->reord))) {
			a->reord = seg->seq;
			a->reordered = true;
		}
	}
	tcp_rack_advance(c, seg, a);
}

static void sack_mark(struct tcp_conn *c, struct tcp_seg *seg, u32 high, struct tcp_ack_ctx *a)
{
	sack_learn(c, seg, high, a);
	tcp_rtx_mark(c, seg, TCP_SEG_SACKED, TCP_SEG_LOST | TCP_SEG_RETRANS);
	a->sacked += seg->n_mss;
	a->delivered += seg->n_mss;
	c->rtx.high = seq_max(c->rtx.high, tcp_seg_end(seg));
}

/*
 * Cut @seg such that what [start, end) covers of it, in whole segments, is a record of its own.
 *
 * Return: that record, or NULL: it covers no whole segment, or no memory.
 */
static struct tcp_seg *sack_cut(struct tcp_conn *c, struct tcp_seg *seg, u32 start, u32 end)
{
	u32 mss = c->snd.mss;

	if (seq_lt(seg->seq, start)) {
		u32 skip = (start - seg->seq + mss - 1) / mss * mss;

		if (skip >= seg->len || seq_gt(seg->seq + skip, end))
			return NULL;
		seg = tcp_rtx_split(c, seg, skip);
		if (!seg)
			return NULL;
	}
	if (seq_gt(tcp_seg_end(seg), end)) {
		u32 keep = (end - seg->seq) / mss * mss;

		if (!keep || keep >= seg->len || !tcp_rtx_split(c, seg, keep))
			return NULL;
	}
	return seg;
}

static void sack_block(struct tcp_conn *c, u32 start, u32 end, u32 high, struct tcp_ack_ctx *a)
{
	while (seq_lt(start, end)) {
		struct tcp_seg *seg, *part;

		seg = tcp_tree_find_bit_from(&c->rtx.q, start, TCP_BELOW_UNSACKED);
		if (!seg || seq_geq(seg->seq, end))
			return;
		part = sack_cut(c, seg, start, end);
		if (part)
			sack_mark(c, part, high, a);
		start = tcp_seg_end(part ? part : seg);
	}
}

/* Is the first block a report of duplicates (RFC 2883 4)? */
static bool sack_is_dsack(const struct tcp_segin *in)
{
	const struct tcp_sack *b = in->opt.sack;

	if (seq_lt(b[0].start, in->ack))
		return true;
	return in->opt.n_sack > 1 && seq_geq(b[0].start, b[1].start) &&
	       seq_leq(b[0].end, b[1].end);
}

static void sack_dsack(struct tcp_conn *c, const struct tcp_sack *b, struct tcp_ack_ctx *a)
{
	u32 len = b->end - b->start;

	/* Only what we did send, and a window of it at most, is believed. */
	if (!len || seq_gt(b->end, c->snd.nxt) || len > c->snd.max_wnd)
		return;
	a->dsack = true;
	c->stat.dsack_in++;
	tcp_env_count(c, seq_gt(b->end, c->snd.una) ? LINUX_MIB_TCPDSACKOFORECV :
		      LINUX_MIB_TCPDSACKRECV, 1);
	tcp_loss_on_dsack(c, tcp_rtx_count(c, len), b->end, c->snd.una);
}

/* Take in the blocks of an ACK; SND.UNA is its acknowledgment number already. */
void tcp_sack_take(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_ack_ctx *a)
{
	u32 high = c->rtx.high;
	unsigned int i = 0;

	if (sack_is_dsack(in))
		sack_dsack(c, &in->opt.sack[i++], a);
	if (!c->rtx.packets)
		return;
	tcp_rtx_fresh(c);
	for (; i < in->opt.n_sack; i++) {
		u32 start = seq_max(in->opt.sack[i].start, c->snd.una);
		u32 end = in->opt.sack[i].end;

		if (seq_lt(start, end) && seq_leq(end, c->snd.nxt))
			sack_block(c, start, end, high, a);
		else if (seq_gt(end, c->snd.nxt))
			tcp_env_count(c, LINUX_MIB_TCPSACKDISCARD, 1);
	}
}
