/* SPDX-License-Identifier: GPL-2.0 */
/* The engine's search tree (tree.c): records of a stream in order of sequence numbers. */
#ifndef _PLUMB_TCP_ENGINE_TREE_H
#define _PLUMB_TCP_ENGINE_TREE_H

#include "engine.h"

/* Bits of tcp_seg.below: from this node down there is a record that is … */
#define TCP_BELOW_UNSACKED	0x01	/* not SACKed */
#define TCP_BELOW_LOST		0x02	/* lost, and not yet sent again */
#define TCP_BELOW_FLIGHT	0x04	/* in flight: min_us is valid */
#define TCP_BELOW_GAP		0x08	/* after a gap (out-of-order queue) */

static inline struct tcp_seg *tcp_seg_of(struct tcp_node *n)
{
	return container_of(n, struct tcp_seg, node);
}

/* First sequence number after what a record occupies. */
static inline u32 tcp_seg_end(const struct tcp_seg *s)
{
	return s->seq + s->len + (s->flags & TCPF_FIN);
}

static inline struct tcp_seg *tcp_tree_first(const struct tcp_tree *t)
{
	return t->first ? tcp_seg_of(t->first) : NULL;
}

static inline struct tcp_seg *tcp_tree_last(const struct tcp_tree *t)
{
	return t->last ? tcp_seg_of(t->last) : NULL;
}

static inline bool tcp_tree_empty(const struct tcp_tree *t)
{
	return !t->root;
}

struct tcp_seg *tcp_tree_next(struct tcp_seg *s);
struct tcp_seg *tcp_tree_prev(struct tcp_seg *s);
void tcp_tree_append(struct tcp_tree *t, struct tcp_seg *s);
void tcp_tree_insert_after(struct tcp_tree *t, struct tcp_seg *at, struct tcp_seg *s);
void tcp_tree_remove_first(struct tcp_tree *t);
void tcp_tree_remove(struct tcp_tree *t, struct tcp_seg *s);
void tcp_tree_splay(struct tcp_tree *t, struct tcp_seg *s);
void tcp_tree_chain(struct tcp_tree *t);
void tcp_tree_pull(struct tcp_seg *s);
struct tcp_seg *tcp_tree_find(struct tcp_tree *t, u32 seq);
struct tcp_seg *tcp_tree_find_start(struct tcp_tree *t, u32 seq);
struct tcp_seg *tcp_tree_find_bit(struct tcp_tree *t, u8 bit);
struct tcp_seg *tcp_tree_find_bit_from(struct tcp_tree *t, u32 seq, u8 bit);
struct tcp_seg *tcp_tree_run_first(struct tcp_tree *t, struct tcp_seg *s);
struct tcp_seg *tcp_tree_run_last(struct tcp_tree *t, struct tcp_seg *s);
struct tcp_seg *tcp_tree_find_sent(struct tcp_tree *t, u32 us);

#endif /* _PLUMB_TCP_ENGINE_TREE_H */
