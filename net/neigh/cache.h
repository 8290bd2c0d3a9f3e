/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The neighbour cache as IPv4 uses it: a next hop, counted, and a way to send to it.
 *
 *	            packet to send                       answer
 *	  (none) ------------------> INCOMPLETE ---------------------> REACHABLE
 *	    ^                            | no answer                 ^    |  ^
 *	    | expiry                     v                           |    |  | answer, or the
 *	    +---- FAILED <---------------+<--------------------------|----|--| transport confirms
 *	    +---- STALE <---------------------- unused --------------|----+  |
 *	            |                                                |       |
 *	            +-- packet to send --> DELAY -- 5 s --> PROBE ---+-------+
 *	                                                      | no answer: FAILED
 *
 * Lifetime / locking:
 * - A neighbour is found by RCU in its table's hash; a reference (plumb_neigh_get()) keeps
 *	it for longer. The table holds one reference, a pending timer one, each cached path one.
 * - @lock guards the state, the link-layer address, the queue and the timer; senders on
 *	the fast path take no lock: they read @state, and the header under @hh_seq.
 * - table->lock guards the hash, the LRU list and @dead; it is taken outside of @lock.
 * - The device is not referenced. Its notifier kills its neighbours before the device's last grace
 *	period: who holds rcu_read_lock() and has seen !@dead may use @dev.
 * - A dead neighbour is in no table, has no timer and queues nothing; whoever still holds
 *	it drops it when its path is resolved anew (the killing bumped the path generation).
 */
#ifndef _PLUMB_NEIGH_CACHE_H
#define _PLUMB_NEIGH_CACHE_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include <plumb/net.h>

#include "neigh.h"

#define PLUMB_NEIGH_HASH	256	/* buckets */
#define PLUMB_HH_MAX		32	/* octets of a link-layer header that is cached */

/* States in which the link-layer address is known, and those in which it needs no check. */
#define PLUMB_NUD_CONNECTED	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)
#define PLUMB_NUD_VALID		(PLUMB_NUD_CONNECTED | NUD_STALE | NUD_DELAY | NUD_PROBE)
#define PLUMB_NUD_IN_TIMER	(NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE)

/*
 * struct plumb_neigh - a next hop on a link
 * @dev: the device
 * @state: NUD_*
 * @dead: it is in no table any more
 * @hh_len: octets of the cached header; 0: made anew for each packet
 * @hh_seq: readers of @hh and @lladdr retry by it
 * @hh: the header, its end at the end of the array
 * @lladdr: link-layer address, meaningful in the states of PLUMB_NUD_VALID
 * @addr: its IPv4 address
 * @refcnt: see above
 * @used: jiffies when it was last sent to
 * @confirmed: jiffies when it was last known to be reachable
 * @updated: jiffies when its state or address last changed
 * @probes: requests sent in this round
 * @queue_bytes: truesize of what waits in @queue
 * @queue: packets that wait for the address, the network header in front
 * @hash: in plumb_neigh_table.hash
 * @lru: in plumb_neigh_table.lru, oldest first
 */
struct plumb_neigh {
	/* Read for each packet sent. */
	struct net_device	*dev;
	u8			state;
	bool			dead;
	u8			hh_len;
	seqcount_spinlock_t	hh_seq;
	u8			hh[PLUMB_HH_MAX] __aligned(8);

	/* Written now and then. */
	unsigned long		used ____cacheline_aligned_in_smp;
	unsigned long		confirmed;
	refcount_t		refcnt;
	spinlock_t		lock;		/* see above */
	__be32			addr;
	u8			probes;
	u8			lladdr[MAX_ADDR_LEN] __aligned(2);
	unsigned long		updated;
	u32			queue_bytes;
	struct sk_buff_head	queue;
	struct timer_list	timer;
	struct hlist_node	hash;
	struct list_head	lru;
	struct plumb_neigh_table *table;
	struct rcu_head		rcu;
};

/*
 * struct plumb_neigh_table - the neighbours of a namespace
 * @lock: guards what follows; softirq-safe
 * @n: entries
 * @hash: by address and device
 * @lru: entries, the oldest first
 * @gc: forgets what was not used for long; pending while there are entries
 * @pn: the namespace
 * @allocs: and the next: figures for plumb_neigh_stats()
 */
struct plumb_neigh_table {
	spinlock_t		lock;		/* guards the lists and @n */
	unsigned int		n;
	struct hlist_head	hash[PLUMB_NEIGH_HASH];
	struct list_head	lru;
	struct delayed_work	gc;
	struct plumb_net	*pn;
	atomic_long_t		allocs, destroys, lookups, hits;
	atomic_long_t		res_failed, unres_discards, table_fulls;
};

/**
 * plumb_neigh_get() - the neighbour of an address on a device, found or made
 * @pn: the namespace
 * @dev: the device; it has link-layer headers
 * @addr: the address on the link, not one of ours
 * @type: RTN_UNICAST, RTN_BROADCAST or RTN_MULTICAST
 *
 * Context: rcu_read_lock() held.
 * Return: it, with a reference for the caller; NULL: the table is full, or no memory.
 */
struct plumb_neigh *plumb_neigh_get(struct plumb_net *pn, struct net_device *dev, __be32 addr,
				    u8 type);

/* Find it only. rcu_read_lock() held. Counted, or NULL. */
struct plumb_neigh *plumb_neigh_find(struct plumb_net *pn, const struct net_device *dev,
				     __be32 addr);

/* Give a reference back. Any context. */
void plumb_neigh_put(struct plumb_neigh *n);

/**
 * plumb_neigh_output() - send a packet to a next hop
 * @n: the next hop
 * @skb: from the IPv4 header on, skb->dev and protocol set; taken over
 *
 * Context: rcu_read_lock() held, under which the path was found to be valid.
 * Return: 0 (sent or waiting), -ENOBUFS (the queue dropped it), -EHOSTUNREACH (the neighbour
 * died), -ENOMEM.
 */
int plumb_neigh_output(struct plumb_neigh *n, struct sk_buff *skb);

/*
 * A packet with its link-layer header to skb->dev's queue; taken over. 0, -ENOBUFS or what the
 * device said.
 */
static inline int plumb_neigh_queue_xmit(struct sk_buff *skb)
{
	int err = dev_queue_xmit(skb);

	return err > 0 ? net_xmit_errno(err) : err;
}

/* It answered a transport just now (RFC 4861 7.3.1). Any context. */
static inline void plumb_neigh_confirm(struct plumb_neigh *n)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->confirmed) != now)
		WRITE_ONCE(n->confirmed, now);
}

/* How a neighbour's link-layer address became known. */
enum plumb_neigh_news {
	PLUMB_NEIGH_ANSWER,	/* it answered our request: reachable */
	PLUMB_NEIGH_HEARD,	/* it spoke of itself: to be verified when used */
};

/**
 * plumb_neigh_learn() - a neighbour's link-layer address was told
 * @n: the neighbour
 * @lladdr: its address, of dev->addr_len octets
 * @news: how
 * @override: replace an address that is known and differs
 *
 * Context: softirq; rcu_read_lock() held.
 */
void plumb_neigh_learn(struct plumb_neigh *n, const u8 *lladdr, enum plumb_neigh_news news,
		       bool override);

/* Forget every neighbour of a device that goes, or whose own address changed. RTNL. */
void plumb_neigh_flush_dev(struct plumb_net *pn, const struct net_device *dev);

/*
 * Called for each packet that waited in vain, before it is dropped (softirq, rcu_read_lock()):
 * the upper layer tells its sender. The packet stays the caller's. NULL takes it out.
 */
typedef void (*plumb_neigh_fail_t)(struct plumb_net *pn, struct sk_buff *skb);
void plumb_neigh_fail_set(plumb_neigh_fail_t fn);

struct plumb_neigh_info;

/* Copies what is shown of a neighbour. */
void plumb_neigh_info_fill(struct plumb_neigh_info *i, struct plumb_neigh *n)
	__must_hold(&n->lock);

int plumb_neigh_net_init(struct plumb_net *pn);
void plumb_neigh_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_NEIGH_CACHE_H */
