/* SPDX-License-Identifier: GPL-2.0 */
/* The forwarding table's inside, for net/route alone. */
#ifndef _PLUMB_ROUTE_FIB_TABLE_H
#define _PLUMB_ROUTE_FIB_TABLE_H

#include <linux/bits.h>

#include "route.h"
#include "trie.h"

struct net_device;
struct plumb_net;

#define PLUMB_FIB_MAX	BIT(21)	/* routes of a namespace: a full table twice */

/**
 * struct plumb_fib - the forwarding table of a namespace
 * @trie: nodes by prefix
 * @n: routes in it; RTNL
 */
struct plumb_fib {
	struct plumb_trie	trie;
	unsigned int		n;
};

/*
 * struct plumb_fib_route - a route in a node's list
 * @node: in plumb_trie_node.routes
 * @r: the route
 * @dev: its device, no reference held; NULL if it has none
 */
struct plumb_fib_route {
	struct list_head	node;
	struct plumb_route	r;
	struct net_device	*dev;
	struct rcu_head		rcu;
};

/* Remove @e of node @n, and @n if nothing is left there. RTNL. */
void plumb_fib_remove(struct plumb_net *pn, struct plumb_trie_node *n, struct plumb_fib_route *e);

#endif /* _PLUMB_ROUTE_FIB_TABLE_H */
