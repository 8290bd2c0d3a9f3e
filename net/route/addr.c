// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of interfaces: added, deleted and listed for netlink; looked up by every
 * packet that comes in; chosen as a source by every one that goes out.
 *
 * With an address come its routes (as Linux makes them): itself and its broadcast address in
 * the local table, its subnet on the link. The first address of a subnet is its primary: the
 * connected route prefers it as source. When it goes, the next one takes its place.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/route.h>

#include <plumb/event.h>

#include "addr.h"
#include "fib.h"
#include "iface.h"
#include "import.h"

static struct hlist_head *addr_bucket(struct plumb_net *pn, __be32 addr)
{
	return &pn->ifaces->local[hash_32((__force u32)addr, ilog2(PLUMB_LOCAL_HASH))];
}

struct plumb_ifa *plumb_ifa_find(struct plumb_net *pn, __be32 addr)
{
	struct plumb_ifa *ifa;

	hlist_for_each_entry_rcu(ifa, addr_bucket(pn, addr), hash, lockdep_rtnl_is_held())
		if (ifa->a.local == addr)
			return ifa;
	return NULL;
}

bool plumb_addr_local(struct plumb_net *pn, __be32 addr)
{
	struct plumb_fib_result res;

	if (plumb_ifa_find(pn, addr))
		return true;
	/*
	 * All of 127/8 is this host, but for its subnets' broadcast addresses: they end in two ones
	 * at least.
	 */
	if (ipv4_is_loopback(addr))
		return (ntohl(addr) & 3) != 3 || plumb_fib_lookup(pn, addr, 0, &res) ||
		       res.route->type != RTN_BROADCAST;
	if (likely(!READ_ONCE(pn->ifaces->anyip)))
		return false;
	return !plumb_fib_lookup(pn, addr, 0, &res) && res.route->type == RTN_LOCAL;
}

/* The subnet's broadcast address (RFC 922); 0 where there is none (/31 of RFC 3021, /32). */
static __be32 addr_subnet_broadcast(const struct plumb_addr *a)
{
	return a->prefixlen < 31 ? a->local | ~inet_make_mask(a->prefixlen) : 0;
}

static bool addr_same_subnet(const struct plumb_addr *a, const struct plumb_addr *b)
{
	return a->prefixlen == b->prefixlen &&
	       !((a->local ^ b->local) & inet_make_mask(a->prefixlen));
}

static int ifa_route(const struct plumb_ifa *ifa, __be32 dst, u8 plen, u8 type)
{
	bool link = type == RTN_UNICAST;
	struct plumb_route r = {
		.dst = dst,
		.prefsrc = ifa->a.local,
		.ifindex = ifa->a.ifindex,
		.plen = plen,
		.type = type,
		.scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
		.protocol = RTPROT_KERNEL,
		.table = link ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
	};
	int err;

	err = plumb_fib_insert(ifa->iface->pn, &r, ifa->iface->dev, NLM_F_CREATE | NLM_F_APPEND);
	return err == -EEXIST ? 0 : err;
}

/* The route to the subnet: on the link, or, on the family's loopback, to ourselves. */
static int ifa_subnet_route(const struct plumb_ifa *ifa)
{
	const struct plumb_addr *a = &ifa->a;
	bool lo = ifa->iface->dev == ifa->iface->pn->ifaces->loopback;

	/* Linux's own is followed. */
	if (a->shared)
		return 0;
	if (a->prefixlen == 32 || a->flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE))
		return 0;
	return ifa_route(ifa, a->local & inet_make_mask(a->prefixlen), a->prefixlen,
			 lo ? RTN_LOCAL : RTN_UNICAST);
}

static int ifa_broadcast_routes(const struct plumb_ifa *ifa)
{
	__be32 subnet = addr_subnet_broadcast(&ifa->a);
	__be32 given = ifa->a.broadcast;
	int err = 0;

	if (subnet)
		err = ifa_route(ifa, subnet, 32, RTN_BROADCAST);
	if (!err && given && given != subnet && given != htonl(INADDR_BROADCAST))
		err = ifa_route(ifa, given, 32, RTN_BROADCAST);
	return err;
}

static int ifa_routes(struct plumb_ifa *ifa)
{
	int err;

	err = ifa_route(ifa, ifa->a.local, 32, RTN_LOCAL);
	if (err || !(ifa->iface->dev->flags & IFF_UP))
		return err;
	err = ifa_broadcast_routes(ifa);
	return err ?: ifa_subnet_route(ifa);
}

void plumb_ifa_connect(struct plumb_ifa *ifa)
{
	if (ifa_routes(ifa))
		pr_warn("%s: no memory for the routes of %pI4\n",
			ifa->iface->dev->name, &ifa->a.local);
}

static int addr_check(struct plumb_net *pn, const struct plumb_addr *a,
		      const struct net_device *dev)
{
	if (a->prefixlen > 32 || a->scope == RT_SCOPE_NOWHERE)
		return -EINVAL;
	if (!a->local || ipv4_is_multicast(a->local) || ipv4_is_lbcast(a->local))
		return -EINVAL;
	if (dev == pn->ifaces->loopback)
		return 0;
	if (ipv4_is_loopback(a->local) || ipv4_is_zeronet(a->local))
		return -EINVAL;
	/* What Linux answers to would be taken from it. */
	return inet_addr_type(pn->net, a->local) == RTN_LOCAL ? -EADDRINUSE : 0;
}

static struct plumb_ifa *iface_addr(struct plumb_iface *iface, __be32 local, u8 prefixlen)
{
	struct plumb_ifa *ifa;

	list_for_each_entry(ifa, &iface->addrs, node)
		if (ifa->a.local == local &&
		    (prefixlen == 255 || ifa->a.prefixlen == prefixlen))
			return ifa;
	return NULL;
}

/* A second address of a subnet is secondary: the first one stays the preferred source. */
static bool iface_has_subnet(struct plumb_iface *iface, const struct plumb_addr *a)
{
	struct plumb_ifa *ifa;

	list_for_each_entry(ifa, &iface->addrs, node)
		if (addr_same_subnet(&ifa->a, a))
			return true;
	return false;
}

static struct plumb_ifa *ifa_make(struct plumb_iface *iface, const struct plumb_addr *a)
{
	struct plumb_ifa *ifa;

	ifa = kzalloc(sizeof(*ifa), GFP_KERNEL_ACCOUNT);
	if (!ifa)
		return NULL;
	ifa->iface = iface;
	ifa->a = *a;
	ifa->a.flags &= IFA_F_NOPREFIXROUTE;
	ifa->a.flags |= IFA_F_PERMANENT;
	if (iface_has_subnet(iface, a))
		ifa->a.flags |= IFA_F_SECONDARY;
	list_add_tail_rcu(&ifa->node, &iface->addrs);
	hlist_add_head_rcu(&ifa->hash, addr_bucket(iface->pn, a->local));
	iface->naddrs++;
	return ifa;
}

int plumb_addr_follow(struct plumb_iface *iface, const struct plumb_addr *a)
{
	struct plumb_ifa *ifa = plumb_ifa_find(iface->pn, a->local);

	ASSERT_RTNL();
	if (ifa && !ifa->a.shared)
		return 0;
	ifa = iface_addr(iface, a->local, a->prefixlen);
	if (!ifa) {
		ifa = ifa_make(iface, a);
		if (!ifa)
			return -ENOMEM;
		plumb_ifa_connect(ifa);
	}
	/* Which of them is the first of a subnet is Linux's to say. */
	WRITE_ONCE(ifa->a.flags, a->flags);
	plumb_event_addr(iface->pn, &ifa->a, false);
	plumb_path_genid_bump(iface->pn);
	return 0;
}

int plumb_addr_add(struct plumb_net *pn, const struct plumb_addr *a)
{
	struct plumb_iface *iface;
	struct net_device *dev;
	struct plumb_ifa *ifa;
	int err;

	ASSERT_RTNL();
	dev = __dev_get_by_index(pn->net, a->ifindex);
	if (!dev)
		return -ENODEV;
	err = addr_check(pn, a, dev);
	if (err)
		return err;
	iface = plumb_iface_get(pn, dev);
	if (IS_ERR(iface))
		return PTR_ERR(iface);

	err = -EEXIST;
	if (iface_addr(iface, a->local, a->prefixlen))
		goto put_iface;
	err = -ENOMEM;
	ifa = ifa_make(iface, a);
	if (!ifa)
		goto put_iface;
	plumb_event_addr(pn, &ifa->a, false);
	err = ifa_routes(ifa);
	if (err)
		goto remove_ifa;
	plumb_path_genid_bump(pn);
	if (dev->flags & IFF_UP)
		plumb_iface_announce(ifa);
	return 0;

remove_ifa:
	plumb_ifa_remove(ifa);
put_iface:
	plumb_iface_put(iface);
	return err;
}

/* The first secondary address of the same subnet takes the place of one that went. */
static void iface_promote(struct plumb_iface *iface, const struct plumb_addr *gone)
{
	struct plumb_ifa *ifa;

	list_for_each_entry(ifa, &iface->addrs, node) {
		if (!addr_same_subnet(&ifa->a, gone))
			continue;
		WRITE_ONCE(ifa->a.flags, ifa->a.flags & ~IFA_F_SECONDARY);
		plumb_event_addr(iface->pn, &ifa->a, false);
		plumb_ifa_connect(ifa);
		return;
	}
}

/*
 * In this order: packets to the address are no longer ours, its routes go (and, if it was
 * the preferred source of others, they too), cached paths are stale, then it is freed.
 */
void plumb_ifa_remove(struct plumb_ifa *ifa)
{
	struct plumb_net *pn = ifa->iface->pn;
	struct plumb_ifa *twin;

	hlist_del_rcu(&ifa->hash);
	list_del_rcu(&ifa->node);
	ifa->iface->naddrs--;
	plumb_fib_flush_source(pn, ifa->a.local);
	/* The same address may stand on another interface, or here with another prefix. */
	twin = plumb_ifa_find(pn, ifa->a.local);
	if (twin)
		plumb_ifa_connect(twin);
	plumb_path_genid_bump(pn);
	plumb_event_addr(pn, &ifa->a, true);
	kfree_rcu(ifa, rcu);
}

void plumb_addr_unfollow(struct plumb_iface *iface, __be32 local, u8 prefixlen)
{
	struct plumb_ifa *ifa = iface_addr(iface, local, prefixlen);
	struct plumb_addr gone;

	ASSERT_RTNL();
	if (!ifa || !ifa->a.shared)
		return;
	gone = ifa->a;
	plumb_ifa_remove(ifa);
	if (!(gone.flags & IFA_F_SECONDARY))
		iface_promote(iface, &gone);
}

void plumb_addr_unfollow_all(struct plumb_iface *iface)
{
	struct plumb_ifa *ifa, *next;

	list_for_each_entry_safe(ifa, next, &iface->addrs, node)
		if (ifa->a.shared)
			plumb_addr_unfollow(iface, ifa->a.local, ifa->a.prefixlen);
}

int plumb_addr_del(struct plumb_net *pn, const struct plumb_addr *a)
{
	struct plumb_iface *iface;
	struct net_device *dev;
	struct plumb_addr gone;
	struct plumb_ifa *ifa;

	ASSERT_RTNL();
	dev = __dev_get_by_index(pn->net, a->ifindex);
	if (!dev)
		return -ENODEV;
	iface = plumb_iface_find(pn, dev);
	if (!iface)
		return -EADDRNOTAVAIL;
	ifa = iface_addr(iface, a->local, a->prefixlen);
	if (!ifa)
		return -EADDRNOTAVAIL;

	if (ifa->a.shared)
		return -EADDRINUSE;
	gone = ifa->a;
	plumb_ifa_remove(ifa);
	if (!(gone.flags & IFA_F_SECONDARY))
		iface_promote(iface, &gone);
	/* Linux may have had it all along. */
	if (iface->share)
		plumb_import_addrs(iface);
	plumb_iface_put(iface);
	return 0;
}

int plumb_addr_iterate(struct plumb_net *pn,
		       int (*fn)(const struct plumb_addr *a, void *arg), void *arg)
{
	struct plumb_iface *iface;
	struct plumb_addr copy;
	struct plumb_ifa *ifa;
	int ret = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(iface, &pn->ifaces->list, node) {
		list_for_each_entry_rcu(ifa, &iface->addrs, node) {
			copy = ifa->a;
			ret = fn(&copy, arg);
			if (ret)
				goto out;
		}
	}
out:
	rcu_read_unlock();
	return ret;
}

/* The best primary address of one interface. */
static __be32 iface_select(const struct plumb_iface *iface, __be32 nexthop, u8 scope)
{
	struct plumb_ifa *ifa;
	__be32 first = 0;

	list_for_each_entry_rcu(ifa, &iface->addrs, node) {
		const struct plumb_addr *a = &ifa->a;

		if (READ_ONCE(a->flags) & IFA_F_SECONDARY || a->scope > scope)
			continue;
		if (!((a->local ^ nexthop) & inet_make_mask(a->prefixlen)))
			return a->local;
		if (!first)
			first = a->local;
	}
	return first;
}

__be32 plumb_addr_select(struct plumb_net *pn, const struct net_device *dev, __be32 nexthop,
			 u8 scope)
{
	struct plumb_iface *iface;
	__be32 addr;

	iface = plumb_iface_find(pn, dev);
	addr = iface ? iface_select(iface, nexthop, scope) : 0;
	if (addr)
		return addr;
	list_for_each_entry_rcu(iface, &pn->ifaces->list, node) {
		if (iface->dev == pn->ifaces->loopback)
			continue;
		addr = iface_select(iface, nexthop, min_t(u8, scope, RT_SCOPE_LINK - 1));
		if (addr)
			return addr;
	}
	return 0;
}
