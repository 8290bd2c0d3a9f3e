// SPDX-License-Identifier: GPL-2.0
/*
 * Routes as the administrator sees them: what is asked for is checked as Linux does, then
 * handed to the forwarding table (fib.c); what stands there is listed, and asked ("route get").
 */
#include <linux/inetdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "fib.h"
#include "fib_table.h"
#include "iface.h"
#include "pmtu.h"

static bool route_type_has_dev(u8 type)
{
	return type == RTN_UNICAST || type == RTN_LOCAL || type == RTN_BROADCAST;
}

/* What needs no table to be judged. */
static int route_check_form(const struct plumb_route *r)
{
	if (r->plen > 32 || r->dst & ~inet_make_mask(r->plen))
		return -EINVAL;
	switch (r->type) {
	case RTN_UNICAST:
	case RTN_LOCAL:
	case RTN_BROADCAST:
		break;
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
	case RTN_BLACKHOLE:
		return r->gateway || r->ifindex ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
	if (r->gateway && r->type != RTN_UNICAST)
		return -EINVAL;
	return r->ifindex || r->gateway ? 0 : -ENODEV;
}

static struct net_device *route_dev(struct plumb_net *pn, int ifindex, int *err)
{
	struct net_device *dev = __dev_get_by_index(pn->net, ifindex);

	*err = 0;
	if (!dev || !plumb_iface_find(pn, dev))
		*err = -ENODEV;
	else if (!(dev->flags & IFF_UP))
		*err = -ENETDOWN;
	return *err ? NULL : dev;
}

/*
 * A gateway must be a host on a link of ours (RFC 1812 5.2.4.3 step 2 would not end otherwise);
 * with RTNH_F_ONLINK the administrator vouches for that.
 */
static int route_check_gateway(struct plumb_net *pn, struct plumb_route *r,
			       struct net_device **dev)
{
	struct plumb_fib_result res;
	int err;

	if (r->scope >= RT_SCOPE_LINK && r->scope != RT_SCOPE_NOWHERE)
		return -EINVAL;
	if (ipv4_is_multicast(r->gateway) || ipv4_is_lbcast(r->gateway) ||
	    plumb_ifa_find(pn, r->gateway))
		return -EINVAL;
	if (r->flags & RTNH_F_ONLINK) {
		*dev = route_dev(pn, r->ifindex, &err);
		return err;
	}
	err = plumb_fib_lookup(pn, r->gateway, r->ifindex, &res);
	if (err)
		return -ENETUNREACH;
	if (res.route->type != RTN_UNICAST)
		return -EINVAL;
	if (res.route->gateway)
		return -ENETUNREACH;
	if (!(res.dev->flags & IFF_UP))
		return -ENETDOWN;
	*dev = res.dev;
	r->ifindex = res.dev->ifindex;
	return 0;
}

static int route_check_way(struct plumb_net *pn, struct plumb_route *r, struct net_device **dev)
{
	int err = 0;

	*dev = NULL;
	if (!route_type_has_dev(r->type))
		return 0;
	if (r->gateway)
		return route_check_gateway(pn, r, dev);
	*dev = route_dev(pn, r->ifindex, &err);
	return err;
}

static u8 route_default_scope(const struct plumb_route *r)
{
	if (r->type == RTN_LOCAL)
		return RT_SCOPE_HOST;
	if (!route_type_has_dev(r->type) || r->gateway)
		return RT_SCOPE_UNIVERSE;
	return RT_SCOPE_LINK;
}

int plumb_route_add(struct plumb_net *pn, const struct plumb_route *asked, u16 nlflags)
{
	struct plumb_route r = *asked;
	struct net_device *dev;
	int err;

	ASSERT_RTNL();
	err = route_check_form(&r);
	if (err)
		return err;
	r.flags &= RTNH_F_ONLINK;
	err = route_check_way(pn, &r, &dev);
	if (err)
		return err;
	if (r.prefsrc && !plumb_addr_local(pn, r.prefsrc))
		return -EINVAL;
	r.mtu = min_t(u32, r.mtu, 65535 - 15);
	r.m.advmss = min_t(u16, r.m.advmss, 65535 - 40);
	if (r.scope == RT_SCOPE_NOWHERE)
		r.scope = route_default_scope(&r);
	if (!r.table)
		r.table = plumb_route_table(r.type);
	return plumb_fib_insert(pn, &r, dev, nlflags);
}

static bool route_fits(const struct plumb_route *e, const struct plumb_route *r)
{
	return !e->import && (!r->metric || e->metric == r->metric) &&
	       (!r->gateway || e->gateway == r->gateway) &&
	       (!r->prefsrc || e->prefsrc == r->prefsrc) &&
	       (!r->ifindex || e->ifindex == r->ifindex) &&
	       (!r->type || e->type == r->type) &&
	       (!r->protocol || e->protocol == r->protocol) &&
	       (!r->table || e->table == r->table) &&
	       (r->scope == RT_SCOPE_NOWHERE || e->scope == r->scope);
}

int plumb_route_del(struct plumb_net *pn, const struct plumb_route *r)
{
	struct plumb_fib_route *e;
	struct plumb_trie_node *n;

	ASSERT_RTNL();
	if (r->plen > 32)
		return -EINVAL;
	n = plumb_trie_find(&pn->fib->trie, ntohl(r->dst), r->plen);
	if (!n)
		return -ESRCH;
	list_for_each_entry(e, &n->routes, node) {
		if (!route_fits(&e->r, r))
			continue;
		plumb_fib_remove(pn, n, e);
		return 0;
	}
	return -ESRCH;
}

struct route_walk {
	int (*fn)(const struct plumb_route *r, void *arg);
	void *arg;
};

/* The copy that is shown: with what the device's state adds. */
static void route_shown(struct plumb_route *copy, const struct plumb_fib_route *e)
{
	*copy = e->r;
	if (e->dev && !netif_carrier_ok(e->dev))
		copy->flags |= RTNH_F_LINKDOWN;
}

static int route_walk_node(struct plumb_trie_node *n, void *arg)
{
	struct plumb_fib_route *e;
	struct route_walk *w = arg;
	struct plumb_route copy;
	int ret;

	list_for_each_entry_rcu(e, &n->routes, node) {
		route_shown(&copy, e);
		ret = w->fn(&copy, w->arg);
		if (ret)
			return ret;
	}
	return 0;
}

int plumb_route_iterate(struct plumb_net *pn,
			int (*fn)(const struct plumb_route *r, void *arg), void *arg)
{
	struct route_walk w = { .fn = fn, .arg = arg };
	int ret;

	rcu_read_lock();
	ret = plumb_trie_walk(&pn->fib->trie, route_walk_node, &w);
	rcu_read_unlock();
	return ret;
}

static u32 route_mtu(struct plumb_net *pn, __be32 daddr, const struct plumb_fib_result *res,
		     u32 *pmtu_expires)
{
	const struct net_device *dev = res->dev;
	u32 mtu, pmtu;

	*pmtu_expires = 0;
	if (res->route->type == RTN_LOCAL)
		dev = pn->ifaces->loopback ?: dev;
	mtu = min_t(u32, READ_ONCE(dev->mtu), 65535);
	if (res->route->mtu)
		mtu = min(mtu, res->route->mtu);
	if (res->route->m.mtu_lock)
		return mtu;
	pmtu = plumb_pmtu_get(pn, daddr, pmtu_expires);
	return pmtu ? min(mtu, pmtu) : mtu;
}

static int route_get(struct plumb_net *pn, __be32 daddr, __be32 saddr, int oif,
		     struct plumb_route_result *out)
{
	struct plumb_fib_result res;
	int err;

	if (oif && !dev_get_by_index_rcu(pn->net, oif))
		return -ENODEV;
	if (saddr && !plumb_addr_local(pn, saddr))
		return -EINVAL;
	err = plumb_fib_lookup(pn, daddr, oif, &res);
	if (err)
		return err;
	out->route = *res.route;
	out->saddr = saddr ?: plumb_fib_saddr(pn, &res);
	out->nexthop = res.nexthop;
	out->mtu = route_mtu(pn, daddr, &res, &out->pmtu_expires);
	return 0;
}

int plumb_route_get(struct plumb_net *pn, __be32 daddr, __be32 saddr, int oif,
		    struct plumb_route_result *res)
{
	int err;

	rcu_read_lock();
	err = route_get(pn, daddr, saddr, oif, res);
	rcu_read_unlock();
	return err;
}
