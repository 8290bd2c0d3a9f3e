// SPDX-License-Identifier: GPL-2.0
/* The trie of prefixes under the forwarding table: see trie.h. */
#include <linux/bitops.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "trie.h"

#define trie_deref(p) rcu_dereference_rtnl(p)

static unsigned int trie_bit(u32 key, u8 at)
{
	return (key >> (31 - at)) & 1;
}

struct plumb_trie_node *plumb_trie_find(const struct plumb_trie *t, u32 prefix, u8 plen)
{
	struct plumb_trie_node *n = trie_deref(t->root);

	while (n && n->plen < plen && plumb_trie_match(n, prefix))
		n = plumb_trie_step(n, prefix);
	return n && n->plen == plen && n->prefix == prefix ? n : NULL;
}

static struct plumb_trie_node *trie_node_new(u32 prefix, u8 plen, gfp_t gfp)
{
	struct plumb_trie_node *n = kzalloc(sizeof(*n), gfp);

	if (!n)
		return NULL;
	INIT_LIST_HEAD(&n->routes);
	n->prefix = prefix & plumb_trie_mask(plen);
	n->plen = plen;
	return n;
}

static void trie_hang(struct plumb_trie_node *above, struct plumb_trie_node *below)
{
	rcu_assign_pointer(above->child[trie_bit(below->prefix, above->plen)], below);
}

/* Where two prefixes part, or the length of the shorter. */
static u8 trie_common(u32 a, u8 alen, u32 b, u8 blen)
{
	u8 same = a == b ? 32 : 32 - fls(a ^ b);

	return min3(same, alen, blen);
}

/*
 * @old hangs at @link and @prefix/@plen is not below it: put the new node above it, or a glue
 * node above both. All is complete before it is published by the one store to @link.
 */
static struct plumb_trie_node *trie_split(struct plumb_trie_node __rcu **link,
					  struct plumb_trie_node *old, u32 prefix, u8 plen,
					  gfp_t gfp)
{
	u8 common = trie_common(prefix, plen, old->prefix, old->plen);
	struct plumb_trie_node *n, *glue;

	n = trie_node_new(prefix, plen, gfp);
	if (!n)
		return NULL;
	if (common == plen) {
		trie_hang(n, old);
		rcu_assign_pointer(*link, n);
		return n;
	}
	glue = trie_node_new(prefix, common, gfp);
	if (!glue) {
		kfree(n);
		return NULL;
	}
	trie_hang(glue, old);
	trie_hang(glue, n);
	rcu_assign_pointer(*link, glue);
	return n;
}

struct plumb_trie_node *plumb_trie_get(struct plumb_trie *t, u32 prefix, u8 plen, gfp_t gfp)
{
	struct plumb_trie_node __rcu **link = &t->root;
	struct plumb_trie_node *n;

	while ((n = trie_deref(*link))) {
		if (n->plen == plen && n->prefix == prefix)
			return n;
		if (n->plen >= plen || !plumb_trie_match(n, prefix))
			return trie_split(link, n, prefix, plen, gfp);
		link = &n->child[trie_bit(prefix, n->plen)];
	}
	n = trie_node_new(prefix, plen, gfp);
	if (n)
		rcu_assign_pointer(*link, n);
	return n;
}

static bool trie_needed(const struct plumb_trie_node *n)
{
	return !list_empty(&n->routes) ||
	       (rcu_access_pointer(n->child[0]) && rcu_access_pointer(n->child[1]));
}

/* Take @n, which hangs at @link, out; its one child, if any, takes its place. */
static void trie_splice(struct plumb_trie_node __rcu **link, struct plumb_trie_node *n)
{
	struct plumb_trie_node *child = trie_deref(n->child[0]) ?: trie_deref(n->child[1]);

	rcu_assign_pointer(*link, child);
	kfree_rcu(n, rcu);
}

void plumb_trie_prune(struct plumb_trie *t, struct plumb_trie_node *n)
{
	struct plumb_trie_node __rcu **link = &t->root, **above = NULL;
	struct plumb_trie_node *at, *parent = NULL;

	if (trie_needed(n))
		return;
	while ((at = trie_deref(*link)) != n) {
		parent = at;
		above = link;
		link = &at->child[trie_bit(n->prefix, at->plen)];
	}
	trie_splice(link, n);
	/* It may have been what the glue above it was for. */
	if (parent && !trie_needed(parent))
		trie_splice(above, parent);
}

/* Where a walk stands: the branches to the right of its way that are still to be visited. */
struct trie_way {
	struct plumb_trie_node	*stack[PLUMB_TRIE_DEPTH];
	int			depth;
};

static struct plumb_trie_node *trie_way_back(struct trie_way *way)
{
	return way->depth ? way->stack[--way->depth] : NULL;
}

/* In the order of a walk, is @n before @prefix/@plen? */
static bool trie_before(const struct plumb_trie_node *n, u32 prefix, u8 plen)
{
	return n->prefix != prefix ? n->prefix < prefix : n->plen < plen;
}

/* The first node that is not before @prefix/@plen, or NULL. */
static struct plumb_trie_node *trie_seek(const struct plumb_trie *t, struct trie_way *way,
					 u32 prefix, u8 plen)
{
	struct plumb_trie_node *n = trie_deref(t->root), *right;

	while (n && trie_before(n, prefix, plen)) {
		/* All of a branch that does not hold @prefix is before it as well. */
		if (n->plen == 32 || !plumb_trie_match(n, prefix))
			return trie_way_back(way);
		right = trie_deref(n->child[1]);
		if (trie_bit(prefix, n->plen)) {
			n = right;
		} else {
			n = trie_deref(n->child[0]);
			if (!n)
				return right ?: trie_way_back(way);
			if (right)
				way->stack[way->depth++] = right;
		}
	}
	return n ?: trie_way_back(way);
}

int plumb_trie_walk(const struct plumb_trie *t,
		    int (*fn)(struct plumb_trie_node *n, void *arg), void *arg)
{
	return plumb_trie_walk_from(t, 0, 0, fn, arg);
}

int plumb_trie_walk_from(const struct plumb_trie *t, u32 prefix, u8 plen,
			 int (*fn)(struct plumb_trie_node *n, void *arg), void *arg)
{
	struct trie_way way = { .depth = 0 };
	struct plumb_trie_node *n = trie_seek(t, &way, prefix, plen);
	struct plumb_trie_node *right;
	int ret;

	while (n) {
		ret = fn(n, arg);
		if (ret)
			return ret;
		right = trie_deref(n->child[1]);
		n = trie_deref(n->child[0]);
		if (!n)
			n = right;
		else if (right)
			way.stack[way.depth++] = right;
		if (!n)
			n = trie_way_back(&way);
	}
	return 0;
}

/* Nodes are taken from the left: always the root, whose children are hung up again. */
void plumb_trie_clear(struct plumb_trie *t)
{
	struct plumb_trie_node *stack[PLUMB_TRIE_DEPTH];
	struct plumb_trie_node *n = trie_deref(t->root);
	struct plumb_trie_node *left, *right;
	int depth = 0;

	RCU_INIT_POINTER(t->root, NULL);
	while (n) {
		left = trie_deref(n->child[0]);
		right = trie_deref(n->child[1]);
		kfree_rcu(n, rcu);
		n = left ?: right;
		if (left && right)
			stack[depth++] = right;
		if (!n && depth)
			n = stack[--depth];
	}
}
