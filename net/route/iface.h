/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices and their addresses, as net/route, net/neigh and net/ip share them.
 *
 * Lifetime / locking:
 * - An interface (&struct plumb_iface) stands for a device that Plumb has adopted. It is made and
 *   unmade under RTNL by plumb_iface_get() and plumb_iface_put(), and freed after a grace period.
 * - It points to its device without a reference. The device can not go before
 *   its notifier has unmade the interface, and is freed only after a later grace period: who found
 *   it under rcu_read_lock() may use iface->dev for as long.
 * - Addresses (&struct plumb_ifa) hang in the interface and in the namespace's hash of own
 *	addresses:
 *   changed under RTNL, read under RCU, never changed in place except for @flags.
 */
#ifndef _PLUMB_ROUTE_IFACE_H
#define _PLUMB_ROUTE_IFACE_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include <plumb/net.h>

#include "route.h"

#define PLUMB_LOCAL_HASH	64	/* buckets of own addresses */

/**
 * struct plumb_ifaces - interfaces and addresses of a namespace
 * @list: interfaces, in the order of adoption; RTNL, RCU
 * @local: own addresses by value; RTNL, RCU
 * @shared: interfaces that share Linux's addresses; RTNL, read without
 * @anyip: how many RTN_LOCAL routes there are that come from no address; RTNL
 * @loopback: the family's loopback device; set before the first packet, cleared last
 */
struct plumb_ifaces {
	struct list_head	list;
	struct hlist_head	local[PLUMB_LOCAL_HASH];
	unsigned int		shared;
	unsigned int		anyip;
	struct net_device	*loopback;
};

/*
 * struct plumb_iface - an adopted device
 * @node: in plumb_ifaces.list
 * @addrs: &struct plumb_ifa, in the order of their addition
 * @pn: its namespace
 * @dev: the device, no reference held
 * @naddrs: addresses in @addrs; RTNL
 * @pinned: adopted for itself, not for an address; RTNL
 * @share: Linux's addresses on it are ours too; RTNL, read without
 * @announce: tells the link our addresses once more (net/neigh/announce.c)
 * @announce_left: times still to go
 * @defended: jiffies of the last answer to an address conflict
 */
struct plumb_iface {
	struct list_head	node;
	struct list_head	addrs;
	struct plumb_net	*pn;
	struct net_device	*dev;
	unsigned int		naddrs;
	bool			pinned;
	bool			share;
	struct delayed_work	announce;
	u8			announce_left;
	unsigned long		defended;
	struct rcu_head		rcu;
};

/*
 * struct plumb_ifa - an address of an interface
 * @node: in plumb_iface.addrs
 * @hash: in plumb_ifaces.local
 * @iface: its interface
 * @a: the address
 */
struct plumb_ifa {
	struct list_head	node;
	struct hlist_node	hash;
	struct plumb_iface	*iface;
	struct plumb_addr	a;
	struct rcu_head		rcu;
};

/**
 * struct plumb_iface_ops - what the layers above do for an interface (net/ip/link.c)
 * @adopt: hook the device; 0 or a negative errno
 * @release: unhook it; no packet of it is under way afterwards
 * @addr_up: an address can be used from now on: announce it
 * @unshared: no device is shared any more
 *
 * All are called under RTNL.
 */
struct plumb_iface_ops {
	int (*adopt)(struct plumb_iface *iface);
	void (*release)(struct plumb_iface *iface);
	void (*addr_up)(struct plumb_iface *iface, const struct plumb_ifa *ifa);
	void (*unshared)(struct plumb_net *pn);
};

/* Set once at insmod, before the first namespace. */
void plumb_iface_ops_set(const struct plumb_iface_ops *ops);

/* The interface of a device, or NULL. RTNL or rcu_read_lock(). */
struct plumb_iface *plumb_iface_find(struct plumb_net *pn, const struct net_device *dev);

/* Find, or make by adopting the device. RTNL. An ERR_PTR(), never NULL. */
struct plumb_iface *plumb_iface_get(struct plumb_net *pn, struct net_device *dev);

/* It shares Linux's addresses from now on, or no more; those it has are the caller's. RTNL. */
void plumb_iface_set_share(struct plumb_iface *iface, bool share);

/* Unmake it if nothing needs it any more (no address, not pinned, not shared). RTNL. */
void plumb_iface_put(struct plumb_iface *iface);

/*
 * What a device event does. Called under RTNL from the netdevice notifier (net/ip/link.c).
 * Up: its connected routes come. Down: routes through it go, addresses stay ours. Gone: all goes.
 */
void plumb_iface_up(struct plumb_iface *iface);
void plumb_iface_down(struct plumb_iface *iface);
void plumb_iface_gone(struct plumb_iface *iface);

/**
 * plumb_ifa_find() - the entry of one of our addresses
 * @pn: the namespace
 * @addr: the address
 *
 * Context: rcu_read_lock() or RTNL.
 * Return: the first of them, or NULL.
 */
struct plumb_ifa *plumb_ifa_find(struct plumb_net *pn, __be32 addr);

/*
 * Is it an address of ours: of an interface, in 127/8, or by a local route? rcu_read_lock()
 * held.
 */
bool plumb_addr_local(struct plumb_net *pn, __be32 addr);

/**
 * plumb_addr_select() - which of our addresses should a packet to a destination carry?
 * @pn: the namespace
 * @dev: device it leaves by
 * @nexthop: on-link address it is sent to; an address of the same subnet is preferred
 * @scope: the address must be usable this far: RT_SCOPE_UNIVERSE, LINK, HOST
 *
 * Context: rcu_read_lock() held.
 * Return: the address, or 0 if there is none.
 */
__be32 plumb_addr_select(struct plumb_net *pn, const struct net_device *dev, __be32 nexthop,
			 u8 scope);

int plumb_route_net_init(struct plumb_net *pn);
void plumb_route_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_ROUTE_IFACE_H */
