// SPDX-License-Identifier: GPL-2.0
/*
 * A splay tree of stream records, ordered by sequence number.
 *
 * Why a splay tree: a record appended at the end becomes the root, with all the others at its
 * left. As long as nothing is lost the tree is therefore nothing but a list (up: the next one,
 * left: the one before), and appending and removing the first cost a few stores each. Only a
 * search, which a SACK block or a loss asks for, bends it into shape: O(log n) amortised over any
 * sequence of operations, and what is used together lies together.
 *
 * Aggregates: each record knows of itself and all below it whether there is something unSACKed,
 * lost or in flight, and the oldest transmission in flight. Whoever changes a record's marks or
 * time splays it to the root first and then calls tcp_tree_pull(). Removing the first leaves its
 * ancestors with aggregates that promise too much (struct tcp_rtx, stale); splaying the new first
 * mends them.
 *
 * Records overlap at most such that first and last octets both ascend (ooo.c).
 *
 *	      root = last            after a search for 2:      2
 *	      /                                                / \
 *	     3                                                1   4
 *	    /                                                    /
 *	   2                                                    3
 *	  /
 *	 1 = first
 */
#include "tree.h"

static u8 seg_bits(const struct tcp_seg *s)
{
	if (s->mark & TCP_SEG_GAP)
		return TCP_BELOW_GAP;
	if (s->mark & TCP_SEG_SACKED)
		return 0;
	if ((s->mark & (TCP_SEG_LOST | TCP_SEG_RETRANS)) == TCP_SEG_LOST)
		return TCP_BELOW_UNSACKED | TCP_BELOW_LOST;
	return TCP_BELOW_UNSACKED | TCP_BELOW_FLIGHT;
}

/* Take a child's aggregates into those of its parent. */
static void seg_join(struct tcp_seg *s, const struct tcp_node *child)
{
	const struct tcp_seg *k = container_of(child, struct tcp_seg, node);

	if (k->below & TCP_BELOW_FLIGHT &&
	    (!(s->below & TCP_BELOW_FLIGHT) || seq_lt(k->min_us, s->min_us)))
		s->min_us = k->min_us;
	s->below |= k->below;
}

/* Compute a record's aggregates anew from its own marks and its children's aggregates. */
void tcp_tree_pull(struct tcp_seg *s)
{
	s->below = seg_bits(s);
	s->min_us = s->xmit_us;
	if (s->node.left)
		seg_join(s, s->node.left);
	if (s->node.right)
		seg_join(s, s->node.right);
}

static void tree_replace(struct tcp_tree *t, struct tcp_node *up, struct tcp_node *old,
			 struct tcp_node *new)
{
	if (!up)
		t->root = new;
	else if (up->left == old)
		up->left = new;
	else
		up->right = new;
	if (new)
		new->up = up;
}

/* Lift @n above its parent. The parent's aggregates are right afterwards, @n's are not. */
static void tree_rotate(struct tcp_tree *t, struct tcp_node *n)
{
	struct tcp_node *p = n->up, *mid;

	if (p->left == n) {
		mid = n->right;
		p->left = mid;
		n->right = p;
	} else {
		mid = n->left;
		p->right = mid;
		n->left = p;
	}
	if (mid)
		mid->up = p;
	tree_replace(t, p->up, p, n);
	p->up = n;
	tcp_tree_pull(tcp_seg_of(p));
}

static void tree_splay(struct tcp_tree *t, struct tcp_node *n)
{
	while (n->up) {
		struct tcp_node *p = n->up, *g = p->up;

		if (g)
			tree_rotate(t, (g->left == p) == (p->left == n) ? p : n);
		tree_rotate(t, n);
	}
	tcp_tree_pull(tcp_seg_of(n));
}

/* Make @s the root; all aggregates on its way there, and its own, are right afterwards. */
void tcp_tree_splay(struct tcp_tree *t, struct tcp_seg *s)
{
	tree_splay(t, &s->node);
}

static struct tcp_node *node_leftmost(struct tcp_node *n)
{
	while (n->left)
		n = n->left;
	return n;
}

static struct tcp_node *node_rightmost(struct tcp_node *n)
{
	while (n->right)
		n = n->right;
	return n;
}

/* The record after @s in order, or NULL. A walk over all is linear. */
struct tcp_seg *tcp_tree_next(struct tcp_seg *s)
{
	struct tcp_node *n = &s->node;

	if (n->right)
		return tcp_seg_of(node_leftmost(n->right));
	while (n->up && n->up->right == n)
		n = n->up;
	return n->up ? tcp_seg_of(n->up) : NULL;
}

struct tcp_seg *tcp_tree_prev(struct tcp_seg *s)
{
	struct tcp_node *n = &s->node;

	if (n->left)
		return tcp_seg_of(node_rightmost(n->left));
	while (n->up && n->up->left == n)
		n = n->up;
	return n->up ? tcp_seg_of(n->up) : NULL;
}

/* @s comes after all others. */
void tcp_tree_append(struct tcp_tree *t, struct tcp_seg *s)
{
	struct tcp_node *n = &s->node, *root = t->root;

	n->up = NULL;
	n->right = NULL;
	n->left = root;
	if (root)
		root->up = n;
	else
		t->first = n;
	t->root = n;
	t->last = n;
	tcp_tree_pull(s);
}

/* @s comes right after @at, or first if @at is NULL. */
void tcp_tree_insert_after(struct tcp_tree *t, struct tcp_seg *at, struct tcp_seg *s)
{
	struct tcp_node *n = &s->node;

	if (at == tcp_tree_last(t)) {
		tcp_tree_append(t, s);
		return;
	}
	n->up = NULL;
	if (at) {
		tree_splay(t, &at->node);
		n->left = &at->node;
		n->right = at->node.right;
		at->node.right = NULL;
		at->node.up = n;
		tcp_tree_pull(at);
	} else {
		n->left = NULL;
		n->right = t->root;
		t->first = n;
	}
	if (n->right)
		n->right->up = n;
	t->root = n;
	tcp_tree_pull(s);
}

/* Ancestors' aggregates are left as they were: too large. */
void tcp_tree_remove_first(struct tcp_tree *t)
{
	struct tcp_node *n = t->first, *up = n->up;

	tree_replace(t, up, n, n->right);
	t->first = n->right ? node_leftmost(n->right) : up;
	if (!t->first)
		t->last = NULL;
}

void tcp_tree_remove(struct tcp_tree *t, struct tcp_seg *s)
{
	struct tcp_node *n = &s->node, *l, *r;
	struct tcp_tree left = { NULL, NULL, NULL };

	tree_splay(t, n);
	l = n->left;
	r = n->right;
	if (l)
		l->up = NULL;
	if (r)
		r->up = NULL;
	if (n == t->first)
		t->first = r ? node_leftmost(r) : NULL;
	if (n == t->last)
		t->last = l ? node_rightmost(l) : NULL;
	if (!l) {
		t->root = r;
		return;
	}
	left.root = l;
	tree_splay(&left, node_rightmost(l));
	t->root = left.root;
	t->root->right = r;
	if (r)
		r->up = t->root;
	tcp_tree_pull(tcp_seg_of(t->root));
}

/*
 * Back to a list: the last is the root, each one's left is the one before it. Aggregates are
 * not kept: the caller walks from first by up and pulls each. Linear.
 */
void tcp_tree_chain(struct tcp_tree *t)
{
	struct tcp_node *n = t->root;

	while (n) {
		struct tcp_node *r = n->right;

		if (!r) {
			n = n->left;
			continue;
		}
		n->right = r->left;
		if (r->left)
			r->left->up = n;
		tree_replace(t, n->up, n, r);
		r->left = n;
		n->up = r;
		n = r;
	}
}

/*
 * First record that ends after @seq, or NULL: the one that holds @seq, or the next one. It is the
 * root then.
 */
struct tcp_seg *tcp_tree_find(struct tcp_tree *t, u32 seq)
{
	struct tcp_node *n = t->root, *hit = NULL, *deep = NULL;

	while (n) {
		deep = n;
		if (seq_gt(tcp_seg_end(tcp_seg_of(n)), seq)) {
			hit = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (deep && deep != hit)
		tree_splay(t, deep);
	if (!hit)
		return NULL;
	tree_splay(t, hit);
	return tcp_seg_of(hit);
}

/* Last record that starts at or before @seq, or NULL. It is the root then. */
struct tcp_seg *tcp_tree_find_start(struct tcp_tree *t, u32 seq)
{
	struct tcp_node *n = t->root, *hit = NULL, *deep = NULL;

	while (n) {
		deep = n;
		if (seq_leq(tcp_seg_of(n)->seq, seq)) {
			hit = n;
			n = n->right;
		} else {
			n = n->left;
		}
	}
	if (deep && deep != hit)
		tree_splay(t, deep);
	if (!hit)
		return NULL;
	tree_splay(t, hit);
	return tcp_seg_of(hit);
}

/* First record from @n down that has @bit, or NULL. */
static struct tcp_node *node_find_bit(struct tcp_node *n, u8 bit)
{
	while (n && tcp_seg_of(n)->below & bit) {
		if (n->left && tcp_seg_of(n->left)->below & bit)
			n = n->left;
		else if (seg_bits(tcp_seg_of(n)) & bit)
			return n;
		else
			n = n->right;
	}
	return NULL;
}

/*
 * First record that has @bit (TCP_BELOW_*), or NULL. It is the root then. Aggregates must not be
 * stale.
 */
struct tcp_seg *tcp_tree_find_bit(struct tcp_tree *t, u8 bit)
{
	struct tcp_node *n = node_find_bit(t->root, bit);

	if (!n)
		return NULL;
	tree_splay(t, n);
	return tcp_seg_of(n);
}

/* The same among records that end after @seq. */
struct tcp_seg *tcp_tree_find_bit_from(struct tcp_tree *t, u32 seq, u8 bit)
{
	struct tcp_seg *s = tcp_tree_find(t, seq);
	struct tcp_node *n;

	if (!s || seg_bits(s) & bit)
		return s;
	n = node_find_bit(s->node.right, bit);
	if (!n)
		return NULL;
	tree_splay(t, n);
	return tcp_seg_of(n);
}

/* First record of the run without a gap that @s is in. */
struct tcp_seg *tcp_tree_run_first(struct tcp_tree *t, struct tcp_seg *s)
{
	struct tcp_node *n;

	if (s->mark & TCP_SEG_GAP)
		return s;
	tree_splay(t, &s->node);
	for (n = s->node.left; n && tcp_seg_of(n)->below & TCP_BELOW_GAP;) {
		if (n->right && tcp_seg_of(n->right)->below & TCP_BELOW_GAP)
			n = n->right;
		else if (tcp_seg_of(n)->mark & TCP_SEG_GAP)
			break;
		else
			n = n->left;
	}
	if (!n || !(tcp_seg_of(n)->mark & TCP_SEG_GAP))
		return tcp_tree_first(t);
	tree_splay(t, n);
	return tcp_seg_of(n);
}

/* Last record of the run without a gap that @s is in. */
struct tcp_seg *tcp_tree_run_last(struct tcp_tree *t, struct tcp_seg *s)
{
	struct tcp_node *n;

	tree_splay(t, &s->node);
	n = node_find_bit(s->node.right, TCP_BELOW_GAP);
	if (!n)
		return tcp_tree_last(t);
	tree_splay(t, n);
	return tcp_tree_prev(tcp_seg_of(n));
}

static bool node_sent_by(const struct tcp_node *n, u32 us)
{
	const struct tcp_seg *s = container_of(n, struct tcp_seg, node);

	return s->below & TCP_BELOW_FLIGHT && seq_leq(s->min_us, us);
}

/* First record in flight that was last sent at or before @us, or NULL. It is the root then. */
struct tcp_seg *tcp_tree_find_sent(struct tcp_tree *t, u32 us)
{
	struct tcp_node *n = t->root;

	while (n && node_sent_by(n, us)) {
		struct tcp_seg *s = tcp_seg_of(n);

		if (n->left && node_sent_by(n->left, us)) {
			n = n->left;
			continue;
		}
		if (seg_bits(s) & TCP_BELOW_FLIGHT && seq_leq(s->xmit_us, us)) {
			tree_splay(t, n);
			return s;
		}
		n = n->right;
	}
	return NULL;
}
