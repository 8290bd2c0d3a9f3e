// SPDX-License-Identifier: GPL-2.0
/*
 * The out-of-order queue, and the SACK blocks that report it (RFC 2018 4, RFC 2883).
 *
 * Records may overlap, but none holds another: so first and last octets both ascend, and the tree
 * can be searched by either. A record that has a hole right before it is marked TCP_SEG_GAP; from
 * one mark to the next is a run, which is what a SACK block tells of. Its ends are found by the
 * tree.
 */
#include "inner.h"

/* Duplicate octets came; reported once, in the next ACK. */
void tcp_ooo_dsack(struct tcp_conn *c, u32 start, u32 end)
{
	if (!(c->opts & TCPO_SACK_PERM) || !c->par->dsack || start == end)
		return;
	/* A report that waits is widened if they touch, else sent before it is replaced. */
	if (c->ooo.dsack_due && (seq_gt(start, c->ooo.dsack.end) ||
				 seq_lt(end, c->ooo.dsack.start)))
		tcp_emit_ack(c);
	if (c->ooo.dsack_due) {
		c->ooo.dsack.start = seq_min(c->ooo.dsack.start, start);
		c->ooo.dsack.end = seq_max(c->ooo.dsack.end, end);
		return;
	}
	tcp_env_count(c, seq_lt(start, c->rcv.nxt) ? LINUX_MIB_TCPDSACKOLDSENT :
		      LINUX_MIB_TCPDSACKOFOSENT, 1);
	c->ooo.dsack.start = start;
	c->ooo.dsack.end = end;
	c->ooo.dsack_due = true;
}

/* ---- blocks ---- */

static void blocks_drop(struct tcp_ooo *o, unsigned int i)
{
	o->n_block--;
	memmove(&o->block[i], &o->block[i + 1], (o->n_block - i) * sizeof(o->block[0]));
}

/*
 * [start, end) is a run, and holds what came last: first in the list, instead of what it grew
 * from.
 */
static void blocks_note(struct tcp_ooo *o, u32 start, u32 end)
{
	unsigned int i = 0;

	while (i < o->n_block) {
		if (seq_leq(start, o->block[i].start) && seq_geq(end, o->block[i].end))
			blocks_drop(o, i);
		else
			i++;
	}
	if (o->n_block == TCP_ENGINE_MAX_SACK)
		o->n_block--;
	memmove(&o->block[1], &o->block[0], o->n_block * sizeof(o->block[0]));
	o->block[0].start = start;
	o->block[0].end = end;
	o->n_block++;
}

static bool blocks_know(const struct tcp_ooo *o, u32 start)
{
	unsigned int i;

	for (i = 0; i < o->n_block; i++)
		if (o->block[i].start == start)
			return true;
	return false;
}

/* There is room in the list: runs that had fallen off it are reported again, lowest first. */
static void blocks_refill(struct tcp_conn *c)
{
	struct tcp_ooo *o = &c->ooo;
	struct tcp_seg *seg = tcp_tree_first(&o->q), *last;
	unsigned int tries;

	for (tries = 0; seg && tries <= TCP_ENGINE_MAX_SACK; tries++) {
		if (o->n_block == TCP_ENGINE_MAX_SACK)
			return;
		last = tcp_tree_run_last(&o->q, seg);
		if (!blocks_know(o, seg->seq)) {
			o->block[o->n_block].start = seg->seq;
			o->block[o->n_block++].end = tcp_seg_end(last);
		}
		seg = tcp_tree_next(last);
	}
}

/* RCV.NXT moved: what it passed is no block any more. */
void tcp_ooo_advance(struct tcp_conn *c)
{
	unsigned int i = 0;
	bool any = false;

	while (i < c->ooo.n_block) {
		if (seq_leq(c->ooo.block[i].start, c->rcv.nxt)) {
			blocks_drop(&c->ooo, i);
			any = true;
		} else {
			i++;
		}
	}
	if (any)
		blocks_refill(c);
}

/*
 * The SACK option of an ACK: the duplicate first, then the blocks, newest first, as many as fit.
 */
void tcp_ooo_options(struct tcp_conn *c, struct tcp_options *opt)
{
	unsigned int room = opt->has & TCPO_TS ? 3 : 4, i;

	if (opt->has & TCPO_MD5)
		room = opt->has & TCPO_TS ? 0 : 2;
	opt->n_sack = 0;
	if (c->ooo.dsack_due && room) {
		opt->sack[opt->n_sack++] = c->ooo.dsack;
		c->ooo.dsack_due = false;
	}
	for (i = 0; i < c->ooo.n_block && opt->n_sack < room; i++)
		opt->sack[opt->n_sack++] = c->ooo.block[i];
	if (opt->n_sack)
		opt->has |= TCPO_SACK;
}

/* ---- queue ---- */

static void ooo_drop(struct tcp_conn *c, struct tcp_seg *seg)
{
	tcp_tree_remove(&c->ooo.q, seg);
	c->ooo.segs--;
	tcp_env_discard(c, seg);
}

static void ooo_set_gap(struct tcp_conn *c, struct tcp_seg *seg, bool gap)
{
	if (gap == !!(seg->mark & TCP_SEG_GAP))
		return;
	tcp_tree_splay(&c->ooo.q, seg);
	seg->mark ^= TCP_SEG_GAP;
	tcp_tree_pull(seg);
}

/* Records that @seg, not yet in the queue, holds wholly: they go. @next: the first candidate. */
static struct tcp_seg *ooo_swallow(struct tcp_conn *c, const struct tcp_seg *seg,
				   struct tcp_seg *next)
{
	while (next && seq_geq(tcp_seg_end(seg), tcp_seg_end(next))) {
		struct tcp_seg *gone = next;

		next = tcp_tree_next(gone);
		tcp_ooo_dsack(c, gone->seq, tcp_seg_end(gone));
		ooo_drop(c, gone);
	}
	return next;
}

/*
 * Where @seg belongs: *@at is the record it comes after, *@next the one after that.
 * Returns false if one record holds all of it.
 */
static bool ooo_place(struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_seg **at,
		      struct tcp_seg **next)
{
	struct tcp_seg *last = tcp_tree_last(&c->ooo.q), *n;

	*at = last;
	*next = NULL;
	if (!last || seq_leq(tcp_seg_end(last), seg->seq))
		return true;
	/* Of those that start at or before @seg this one reaches furthest. */
	n = tcp_tree_find_start(&c->ooo.q, seg->seq);
	if (n && seq_geq(tcp_seg_end(n), tcp_seg_end(seg)))
		return false;
	if (n && n->seq == seg->seq) {
		*next = n;
		*at = tcp_tree_prev(n);
	} else {
		*at = n;
		*next = n ? tcp_tree_next(n) : tcp_tree_first(&c->ooo.q);
	}
	return true;
}

/*
 * Keep @seg, which starts after RCV.NXT.
 *
 * Return: TCP_ARR_TAKEN, or TCP_ARR_OLD: all of it is here already.
 */
int tcp_ooo_add(struct tcp_conn *c, struct tcp_seg *seg)
{
	struct tcp_tree *q = &c->ooo.q;
	struct tcp_seg *at, *next;
	u32 start, end;

	if (!ooo_place(c, seg, &at, &next)) {
		tcp_ooo_dsack(c, seg->seq, tcp_seg_end(seg));
		return TCP_ARR_OLD;
	}
	next = ooo_swallow(c, seg, next);
	seg->mark = at && seq_geq(tcp_seg_end(at), seg->seq) ? 0 : TCP_SEG_GAP;
	tcp_tree_insert_after(q, at, seg);
	c->ooo.segs++;
	if (next)
		ooo_set_gap(c, next, seq_gt(next->seq, tcp_seg_end(seg)));
	start = tcp_tree_run_first(q, seg)->seq;
	end = next ? tcp_seg_end(tcp_tree_run_last(q, seg)) : tcp_seg_end(seg);
	blocks_note(&c->ooo, start, end);
	return TCP_ARR_TAKEN;
}

/* Hand on what is in order now. Returns true if there was something. */
bool tcp_ooo_deliver(struct tcp_conn *c)
{
	struct tcp_seg *seg;
	bool any = false;

	while ((seg = tcp_tree_first(&c->ooo.q)) && seq_leq(seg->seq, c->rcv.nxt)) {
		u32 end = seg->seq + seg->len, skip = c->rcv.nxt - seg->seq;

		any = true;
		tcp_tree_remove_first(&c->ooo.q);
		c->ooo.segs--;
		if (seg->flags & TCPF_FIN && seq_geq(end, c->rcv.nxt))
			c->ooo.fin = true;
		if (seq_gt(end, c->rcv.nxt)) {
			c->stat.bytes_rcvd += end - c->rcv.nxt;
			c->rcv.nxt = end;
			tcp_env_deliver(c, seg, skip);
		} else {
			tcp_env_discard(c, seg);
		}
	}
	if (any && seg)
		tcp_tree_splay(&c->ooo.q, seg);
	return any;
}

void tcp_ooo_purge(struct tcp_conn *c)
{
	struct tcp_seg *seg;

	while ((seg = tcp_tree_first(&c->ooo.q))) {
		tcp_tree_remove_first(&c->ooo.q);
		tcp_env_discard(c, seg);
	}
	c->ooo.segs = 0;
	c->ooo.n_block = 0;
	c->ooo.dsack_due = false;
}

/* Blocks that tell of what is gone are cut or dropped. */
static void blocks_renege(struct tcp_ooo *o, u32 end)
{
	unsigned int i = 0;

	while (i < o->n_block) {
		if (seq_gt(o->block[i].end, end))
			o->block[i].end = end;
		if (seq_geq(o->block[i].start, o->block[i].end))
			blocks_drop(o, i);
		else
			i++;
	}
}

u32 tcp_conn_shed(struct tcp_conn *c, u32 records)
{
	struct tcp_seg *seg;
	u32 n = 0;

	while (n < records && (seg = tcp_tree_last(&c->ooo.q))) {
		ooo_drop(c, seg);
		n++;
	}
	seg = tcp_tree_last(&c->ooo.q);
	if (n) {
		blocks_renege(&c->ooo, seg ? tcp_seg_end(seg) : c->rcv.nxt);
		blocks_refill(c);
	}
	return n;
}
