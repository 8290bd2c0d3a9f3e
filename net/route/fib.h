/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The forwarding table, as the layers above look things up in it.
 */
#ifndef _PLUMB_ROUTE_FIB_H
#define _PLUMB_ROUTE_FIB_H

#include <linux/types.h>

#include <plumb/net.h>

#include "route.h"

/**
 * struct plumb_fib_result - the way to a destination
 * @route: the route that decides; usable under the same rcu_read_lock()
 * @dev: device to leave by; NULL if @route forbids to
 * @nexthop: on-link address to send to
 */
struct plumb_fib_result {
	const struct plumb_route	*route;
	struct net_device		*dev;
	__be32				nexthop;
};

/**
 * plumb_fib_lookup() - longest prefix match
 * @pn: the namespace
 * @daddr: destination
 * @oif: only routes by this device count; 0: any
 * @res: the answer
 *
 * Among the routes of the longest prefix that has a usable one, the first by metric.
 *
 * Context: rcu_read_lock() held.
 * Return: 0 (local and broadcast routes included), -ENETUNREACH if nothing matches,
 * -EHOSTUNREACH, -EACCES or -EINVAL for unreachable, prohibit and blackhole routes.
 */
int plumb_fib_lookup(struct plumb_net *pn, __be32 daddr, int oif, struct plumb_fib_result *res);

/* The address of ours towards where @res leads: the route's, or the device's best. RCU. 0: none. */
__be32 plumb_fib_source(struct plumb_net *pn, const struct plumb_fib_result *res);
/* The source of a packet that goes there: to ourselves, from the address itself. RCU. 0: none. */
__be32 plumb_fib_saddr(struct plumb_net *pn, const struct plumb_fib_result *res);

/* The kernel's own changes, along with addresses and devices. All under RTNL. */
int plumb_fib_insert(struct plumb_net *pn, const struct plumb_route *r, struct net_device *dev,
		     u16 nlflags);
/* Remove routes through @dev: all of them, or all but those of RT_TABLE_LOCAL. */
void plumb_fib_flush_dev(struct plumb_net *pn, const struct net_device *dev, bool local_too);
/**
 * plumb_fib_import() - a route of Linux's
 * @pn: the namespace
 * @r: the route, its stamp in @r->import
 * @dev: its device, or NULL
 *
 * One that stands already only gets the stamp.
 *
 * Context: RTNL held; does not sleep.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int plumb_fib_import(struct plumb_net *pn, const struct plumb_route *r, struct net_device *dev);
/* Remove Linux's routes of a prefix, but those with that stamp. RTNL; does not sleep. */
void plumb_fib_unimport(struct plumb_net *pn, __be32 dst, u8 plen, u32 stamp);
/* Remove Linux's routes that were not seen since @stamp. RTNL. */
void plumb_fib_flush_import(struct plumb_net *pn, u32 stamp);
/* Remove routes whose prefsrc is @addr (which is no longer ours). */
void plumb_fib_flush_source(struct plumb_net *pn, __be32 addr);

int plumb_fib_net_init(struct plumb_net *pn);
void plumb_fib_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_ROUTE_FIB_H */
