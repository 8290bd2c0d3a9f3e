/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The neighbour cache as netlink and /proc see it. States are Linux's NUD_* (the
 * states of RFC 4861 7.3.2 and PERMANENT, NOARP, FAILED).
 *
 * Locking: RTNL guards what is configured here; the rest of the table changes under
 * its own locks as packets come and go.
 */
#ifndef _PLUMB_NEIGH_NEIGH_H
#define _PLUMB_NEIGH_NEIGH_H

#include <linux/neighbour.h>
#include <linux/netdevice.h>
#include <linux/types.h>

#include <plumb/net.h>

/**
 * struct plumb_neigh_info - a neighbour, as it is configured and shown
 * @ifindex: its device
 * @addr: its IPv4 address
 * @state: NUD_*
 * @refcnt: references held, the table's included
 * @probes: requests sent since it was last known to answer
 * @confirmed_ms: milliseconds since it was known to be reachable
 * @used_ms: milliseconds since it was last sent to
 * @updated_ms: milliseconds since its state or link-layer address changed
 * @lladdr_len: octets of @lladdr; 0: not known
 * @lladdr: link-layer address
 */
struct plumb_neigh_info {
	int	ifindex;
	__be32	addr;
	u16	state;
	u32	refcnt;
	u32	probes;
	u32	confirmed_ms;
	u32	used_ms;
	u32	updated_ms;
	u8	lladdr_len;
	u8	lladdr[MAX_ADDR_LEN];
};

/**
 * plumb_neigh_add() - enter a neighbour by hand
 * @pn: the namespace
 * @n: ifindex, addr, state (0: NUD_PERMANENT), lladdr
 * @nlflags: NLM_F_EXCL: -EEXIST if it is known; NLM_F_REPLACE: overwrite it;
 *	NLM_F_CREATE: make it if it is not known (else -ENOENT)
 *
 * Context: process, RTNL held.
 * Return: 0; -EEXIST; -ENOENT; -ENODEV: no such device, or not adopted; -EINVAL: address or
 * its length, or a valid state without link-layer address; -ENOBUFS: the table is full.
 */
int plumb_neigh_add(struct plumb_net *pn, const struct plumb_neigh_info *n, u16 nlflags);

/* Forgets a neighbour; packets that wait for it are dropped. RTNL held. 0, -ENODEV or -ENOENT. */
int plumb_neigh_del(struct plumb_net *pn, int ifindex, __be32 addr);

/**
 * plumb_neigh_iterate() - call a function for each neighbour
 * @pn: the namespace
 * @fn: gets a copy; must not sleep; another value than 0 ends the walk
 * @arg: handed to @fn
 *
 * The order is stable while the table does not grow.
 *
 * Context: any; takes rcu_read_lock().
 * Return: what @fn returned last, or 0.
 */
int plumb_neigh_iterate(struct plumb_net *pn,
			int (*fn)(const struct plumb_neigh_info *n, void *arg), void *arg);

/**
 * plumb_neigh_flush() - forget neighbours
 * @pn: the namespace
 * @ifindex: of one device only; 0: of all
 * @states: NUD_* bits of those to forget; 0: all but NUD_PERMANENT and NUD_NOARP
 *
 * Context: process, RTNL held.
 * Return: how many were forgotten.
 */
unsigned int plumb_neigh_flush(struct plumb_net *pn, int ifindex, u16 states);

/**
 * struct plumb_neigh_stats - figures of the table
 * @entries: neighbours in it
 * @allocs: entries made
 * @destroys: entries freed
 * @lookups: slow-path lookups
 * @hits: of them, found
 * @res_failed: neighbours that did not answer
 * @unres_discards: packets dropped while waiting
 * @table_fulls: entries refused because the table was full
 */
struct plumb_neigh_stats {
	u64	entries;
	u64	allocs;
	u64	destroys;
	u64	lookups;
	u64	hits;
	u64	res_failed;
	u64	unres_discards;
	u64	table_fulls;
};

/* Fills @st. Any context. */
void plumb_neigh_stats(struct plumb_net *pn, struct plumb_neigh_stats *st);

#endif /* _PLUMB_NEIGH_NEIGH_H */
