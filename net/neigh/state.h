/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of net/neigh ask of each other. */
#ifndef _PLUMB_NEIGH_STATE_H
#define _PLUMB_NEIGH_STATE_H

#include "cache.h"

/* A new entry's first state: by the kind of address and of device, or none yet. */
void plumb_neigh_start(struct plumb_neigh *n, u8 type);

/* The entry was taken out of its table: stop its timer, drop what waits. */
void plumb_neigh_kill(struct plumb_neigh *n);

/* The administrator's word: state and address as given. */
void plumb_neigh_force(struct plumb_neigh *n, u8 state, const u8 *lladdr);

/*
 * As plumb_neigh_get(); @made tells whether it is new. rcu_read_lock() held.
 */
struct plumb_neigh *plumb_neigh_make(struct plumb_net *pn, struct net_device *dev, __be32 addr,
				     u8 type, bool *made);

/* Take an entry out of the table and kill it. Any context. */
void plumb_neigh_unlink(struct plumb_neigh *n);

/* Send to it now, the address being known. rcu_read_lock() held; @skb taken over. */
int plumb_neigh_send_now(struct plumb_neigh *n, struct sk_buff *skb);

/* Write the cached header anew, after @lladdr changed. */
void plumb_neigh_header_make(struct plumb_neigh *n, const u8 *lladdr) __must_hold(&n->lock);

#endif /* _PLUMB_NEIGH_STATE_H */
