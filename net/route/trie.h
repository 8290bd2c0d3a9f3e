/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path-compressed binary trie of prefixes. Each node stands for a prefix; its children's
 * prefixes are longer and begin with it, and go left or right by the next bit. A node without
 * a list of its own ("glue") exists only where two branches part, so there are fewer than twice
 * as many nodes as prefixes, and a lookup visits 33 at most.
 *
 *	0.0.0.0/0 [default]
 *	  `-- 10.0.0.0/8 (glue)
 *	        |-- 10.0.0.0/24 [connected]
 *	        |     |-- 10.0.0.5/32 [local]
 *	        |     `-- 10.0.0.255/32 [broadcast]
 *	        `-- 10.9.0.0/16 [via 10.0.0.1]
 *
 * Locking: one writer at a time (RTNL); readers are under rcu_read_lock(). A node's prefix
 * never changes, so a reader that stands on one sees a consistent tree below, old or new.
 */
#ifndef _PLUMB_ROUTE_TRIE_H
#define _PLUMB_ROUTE_TRIE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#define PLUMB_TRIE_DEPTH	34	/* nodes on the longest way, and one to spare */

/*
 * struct plumb_trie_node - a prefix
 * @child: longer prefixes, by their bit after @plen
 * @routes: what hangs here (&struct plumb_fib_route); RCU list
 * @prefix: host order, bits after @plen 0
 * @plen: 0 to 32
 */
struct plumb_trie_node {
	struct plumb_trie_node __rcu	*child[2];
	struct list_head		routes;
	u32				prefix;
	u8				plen;
	struct rcu_head			rcu;
};

struct plumb_trie {
	struct plumb_trie_node __rcu	*root;
};

static inline u32 plumb_trie_mask(u8 plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

/* Does @key (host order) begin with the node's prefix? */
static inline bool plumb_trie_match(const struct plumb_trie_node *n, u32 key)
{
	return !((key ^ n->prefix) & plumb_trie_mask(n->plen));
}

/* The next node on the way to @key, below one that it matches. */
static inline struct plumb_trie_node *plumb_trie_step(const struct plumb_trie_node *n, u32 key)
{
	if (n->plen == 32)
		return NULL;
	return rcu_dereference_rtnl(n->child[(key >> (31 - n->plen)) & 1]);
}

/* The node of exactly this prefix, or NULL. RTNL or RCU. */
struct plumb_trie_node *plumb_trie_find(const struct plumb_trie *t, u32 prefix, u8 plen);

/* Find it or make it, empty. RTNL; sleeps if @gfp says so. NULL: no memory. */
struct plumb_trie_node *plumb_trie_get(struct plumb_trie *t, u32 prefix, u8 plen, gfp_t gfp);

/*
 * Its list may have become empty: take it out, and the glue above it, if they are no longer
 * needed. RTNL.
 */
void plumb_trie_prune(struct plumb_trie *t, struct plumb_trie_node *n);

/**
 * plumb_trie_walk() - visit every node, a prefix before what is longer, left before right
 * @t: the trie
 * @fn: another value than 0 ends the walk; may take the routes off its node, not the node
 * @arg: handed to @fn
 *
 * Context: RTNL or rcu_read_lock().
 * Return: what @fn returned last.
 */
int plumb_trie_walk(const struct plumb_trie *t,
		    int (*fn)(struct plumb_trie_node *n, void *arg), void *arg);

/**
 * plumb_trie_walk_from() - the same, but for what comes before a prefix in that order
 * @t: the trie
 * @prefix: the first to be visited, whether it stands in the trie or not; host order
 * @plen: its length
 * @fn: as above
 * @arg: handed to @fn
 *
 * A walk that @fn ended, to have its node pruned, goes on from that node's prefix.
 *
 * Context: RTNL or rcu_read_lock().
 * Return: what @fn returned last.
 */
int plumb_trie_walk_from(const struct plumb_trie *t, u32 prefix, u8 plen,
			 int (*fn)(struct plumb_trie_node *n, void *arg), void *arg);

/* Remove every node; all lists are empty. RTNL, or nobody else there. */
void plumb_trie_clear(struct plumb_trie *t);

#endif /* _PLUMB_ROUTE_TRIE_H */
