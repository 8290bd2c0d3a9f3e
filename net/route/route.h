/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses and routes: what netlink, /proc and the layers above see of net/route.
 *
 * Locking: RTNL guards every change, as in Linux; readers use RCU. What is handed out is
 * a copy, never a pointer into the tables.
 */
#ifndef _PLUMB_ROUTE_ROUTE_H
#define _PLUMB_ROUTE_ROUTE_H

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/types.h>

#include <plumb/net.h>

struct net_device;

/**
 * struct plumb_addr - an IPv4 address of a device
 * @ifindex: the device
 * @local: the address
 * @broadcast: its broadcast address as configured, or 0
 * @prefixlen: 0 to 32
 * @scope: RT_SCOPE_UNIVERSE, RT_SCOPE_LINK or RT_SCOPE_HOST
 * @flags: IFA_F_SECONDARY on a second address of one prefix, IFA_F_PERMANENT; IFA_F_NOPREFIXROUTE
 *	may be given: no connected route is then made
 * @shared: it is Linux's, followed on a shared device; never given, only shown
 */
struct plumb_addr {
	int	ifindex;
	__be32	local;
	__be32	broadcast;
	u8	prefixlen;
	u8	scope;
	bool	shared;
	u32	flags;
};

/**
 * plumb_addr_add() - give a device an address; the first one adopts the device
 * @pn: the namespace
 * @a: the address; its flags IFA_F_SECONDARY and IFA_F_PERMANENT are set here
 *
 * Makes the local, broadcast and connected routes, and announces the address by ARP.
 *
 * Context: process, RTNL held.
 * Return: 0; -EEXIST: it has this address and prefix; -ENODEV; -EINVAL: not a unicast address,
 * or a bad prefix; -EBUSY: another module has hooked the device; -EADDRINUSE: it is
 * an address that Linux holds in this namespace; -EOPNOTSUPP: the device can not carry us; -ENOMEM.
 */
int plumb_addr_add(struct plumb_net *pn, const struct plumb_addr *a);

/**
 * plumb_addr_del() - take an address off a device; with the last one the adoption may end
 * @pn: the namespace
 * @a: ifindex and local; prefixlen too unless it is 255 (any)
 *
 * Context: process, RTNL held.
 * Return: 0, -ENODEV, -EADDRNOTAVAIL, or -EADDRINUSE: it is Linux's, to be deleted there.
 */
int plumb_addr_del(struct plumb_net *pn, const struct plumb_addr *a);

/**
 * plumb_addr_iterate() - call a function for each address, in a stable order
 * @pn: the namespace
 * @fn: gets a copy; must not sleep; another value than 0 ends the walk
 * @arg: handed to @fn
 *
 * Context: any; takes rcu_read_lock().
 * Return: what @fn returned last, or 0.
 */
int plumb_addr_iterate(struct plumb_net *pn,
		       int (*fn)(const struct plumb_addr *a, void *arg), void *arg);

#define PLUMB_CC_NAME_MAX	16	/* as TCP_CONGESTION's names */

/**
 * struct plumb_route_metrics - what a route tells the transports that use it; 0: nothing
 * @rto_min_ms: least retransmission time-out
 * @window: most that is ever offered as a window, octets
 * @advmss: the MSS to announce
 * @initcwnd: segments that a connection may send at first
 * @initrwnd: segments of the first window offered
 * @quickack: acknowledge at once
 * @mtu_lock: no router may tell less than the route's MTU
 * @congctl: congestion control algorithm
 *
 * Has no padding: two are the same if their octets are.
 */
struct plumb_route_metrics {
	u32	rto_min_ms;
	u32	window;
	u16	advmss;
	u16	initcwnd;
	u16	initrwnd;
	bool	quickack;
	bool	mtu_lock;
	char	congctl[PLUMB_CC_NAME_MAX];
};

/**
 * struct plumb_route - a route, as it is configured and shown
 * @dst: destination prefix, host bits 0
 * @gateway: next hop, or 0: the destination is on the link
 * @prefsrc: source address to prefer, or 0
 * @metric: the lower wins among routes of one prefix
 * @mtu: bytes, or 0: the device's
 * @ifindex: device, 0 for unreachable, blackhole and prohibit
 * @flags: RTNH_F_ONLINK: the gateway is taken to be on the link;
 *	shown too: RTNH_F_LINKDOWN
 * @plen: 0 to 32
 * @type: RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT
 * @scope: RT_SCOPE_*; RT_SCOPE_NOWHERE in what is asked for: chosen
 * @protocol: RTPROT_*
 * @table: RT_TABLE_LOCAL for what comes with addresses for local delivery, else RT_TABLE_MAIN
 * @import: 0, or it is Linux's, followed (net/route/import.c): the stamp of when it was last seen
 *	there; never given, only shown. Routes of ours go before those of one prefix.
 * @m: for TCP
 */
struct plumb_route {
	__be32	dst;
	__be32	gateway;
	__be32	prefsrc;
	u32	metric;
	u32	mtu;
	int	ifindex;
	u32	flags;
	u8	plen;
	u8	type;
	u8	scope;
	u8	protocol;
	u8	table;
	u32	import;
	struct plumb_route_metrics m;
};

/* Where a route of @type stands that names no table, as iproute2 has it. */
static inline u8 plumb_route_table(u8 type)
{
	return type == RTN_LOCAL || type == RTN_BROADCAST ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
}

/**
 * plumb_route_add() - add a route
 * @pn: the namespace
 * @r: the route; ifindex may be 0 if the gateway tells it
 * @nlflags: NLM_F_EXCL: another of the same prefix and metric is refused (iproute2's "add");
 *	NLM_F_REPLACE: it is replaced (with NLM_F_CREATE made if there is none); NLM_F_APPEND:
 *	goes behind what stands there; none of them: before it ("prepend")
 *
 * Context: process, RTNL held.
 * Return: 0; -EEXIST; -ENOENT: nothing to replace; -EINVAL: host bits set in dst, or fields that
 * contradict; -ENODEV; -ENETDOWN; -ENETUNREACH: the gateway is not on a link of ours; -ENOMEM.
 */
int plumb_route_add(struct plumb_net *pn, const struct plumb_route *r, u16 nlflags);

/**
 * plumb_route_del() - delete the first route that fits
 * @pn: the namespace
 * @r: dst and plen always; metric, gateway, prefsrc, ifindex, type, protocol and table are
 *	compared unless 0, scope unless RT_SCOPE_NOWHERE
 *
 * Context: process, RTNL held.
 * Return: 0 or -ESRCH.
 */
int plumb_route_del(struct plumb_net *pn, const struct plumb_route *r);

/* As plumb_addr_iterate(), for routes: by rising prefix, shorter first, then by metric. */
int plumb_route_iterate(struct plumb_net *pn,
			int (*fn)(const struct plumb_route *r, void *arg), void *arg);

/**
 * struct plumb_route_result - how one destination would be reached ("route get")
 * @route: the route that decides
 * @saddr: source address that would be used
 * @nexthop: the gateway, or the destination itself
 * @mtu: bytes of IPv4 packet: least of device, route and path MTU
 * @pmtu_expires: seconds until a learnt path MTU is forgotten; 0: none is known
 */
struct plumb_route_result {
	struct plumb_route	route;
	__be32			saddr;
	__be32			nexthop;
	u32			mtu;
	u32			pmtu_expires;
};

/**
 * plumb_route_get() - how would this destination be reached?
 * @pn: the namespace
 * @daddr: destination
 * @saddr: source address, or 0: to be chosen
 * @oif: device to leave by, or 0
 * @res: the answer
 *
 * Context: any; takes rcu_read_lock().
 * Return: 0, -ENETUNREACH (no route), -EHOSTUNREACH (unreachable), -EACCES (prohibit), -EINVAL
 * (blackhole, or @saddr is not ours), -ENODEV.
 */
int plumb_route_get(struct plumb_net *pn, __be32 daddr, __be32 saddr, int oif,
		    struct plumb_route_result *res);

#endif /* _PLUMB_ROUTE_ROUTE_H */
