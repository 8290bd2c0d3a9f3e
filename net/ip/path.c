// SPDX-License-Identifier: GPL-2.0
/*
 * From a destination to a path: route, source address, next hop and MTU, for a transport to keep.
 * Done once a connection, and again when the path generation says that something changed.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>

#include "../neigh/cache.h"
#include "../route/fib.h"
#include "../route/iface.h"
#include "../route/pmtu.h"
#include "layer.h"

void plumb_path_release(struct plumb_path *path)
{
	if (path->neigh)
		plumb_neigh_put(path->neigh);
	memset(path, 0, sizeof(*path));
}

void plumb_path_confirm(struct plumb_path *path)
{
	if (path->neigh)
		plumb_neigh_confirm(path->neigh);
}

void plumb_path_metrics(struct plumb_net *pn, const struct plumb_path *path,
			struct plumb_route_metrics *m)
{
	struct plumb_fib_result res;

	/* The way to oneself is by another device than its route's. */
	if (!path->tuned ||
	    plumb_fib_lookup(pn, path->daddr, path->type == RTN_LOCAL ? 0 : path->dev->ifindex,
			     &res))
		memset(m, 0, sizeof(*m));
	else
		*m = res.route->m;
}

/* How far a path has been found. */
struct path_way {
	u8			type;
	struct net_device	*dev;
	__be32			nexthop;
	__be32			source;		/* the way's own choice */
	u32			mtu;		/* the route's, or 0 */
	bool			mtu_lock;
	bool			tuned;
};

static struct net_device *path_oif(struct plumb_net *pn, int oif)
{
	struct net_device *dev = dev_get_by_index_rcu(pn->net, oif);

	return dev && plumb_iface_find(pn, dev) ? dev : NULL;
}

static void path_way_on_link(struct plumb_net *pn, struct path_way *way, struct net_device *dev,
			     __be32 daddr, u8 type)
{
	way->type = type;
	way->dev = dev;
	way->nexthop = daddr;
	way->source = plumb_addr_select(pn, dev, daddr, RT_SCOPE_LINK);
	way->mtu = 0;
	way->mtu_lock = false;
	way->tuned = false;
}

static bool path_way_tuned(const struct plumb_route_metrics *m)
{
	return m->rto_min_ms || m->window || m->advmss || m->initcwnd || m->initrwnd ||
	       m->quickack || m->congctl[0];
}

static int path_way_route(struct plumb_net *pn, struct path_way *way, const struct plumb_flow *flow)
{
	struct plumb_fib_result res;
	int err;

	err = plumb_fib_lookup(pn, flow->daddr, flow->oif, &res);
	if (err)
		return err;
	if (flow->flags & PLUMB_FLOW_ONLINK && res.route->gateway)
		return -ENETUNREACH;
	way->type = res.route->type;
	way->dev = res.dev;
	way->nexthop = res.nexthop;
	way->source = plumb_fib_saddr(pn, &res);
	way->mtu = res.route->mtu;
	way->mtu_lock = res.route->m.mtu_lock;
	way->tuned = path_way_tuned(&res.route->m);
	return 0;
}

/*
 * Groups and the limited broadcast: no route says where they are. The device asked for, or that
 * of the source address, or where the routes would send it.
 */
static int path_way_many(struct plumb_net *pn, struct path_way *way, const struct plumb_flow *flow,
			 u8 type)
{
	struct net_device *dev = NULL;
	struct plumb_ifa *ifa;
	int err;

	if (flow->oif) {
		dev = path_oif(pn, flow->oif);
		if (!dev)
			return -ENODEV;
	} else if (flow->saddr) {
		ifa = plumb_ifa_find(pn, flow->saddr);
		dev = ifa ? ifa->iface->dev : NULL;
	}
	if (!dev) {
		err = path_way_route(pn, way, flow);
		if (err)
			return err;
		if (!way->dev)
			return -ENETUNREACH;
		dev = way->dev;
	}
	path_way_on_link(pn, way, dev, flow->daddr, type);
	return 0;
}

static int path_way(struct plumb_net *pn, struct path_way *way, const struct plumb_flow *flow)
{
	struct net_device *dev;
	int err;

	if (ipv4_is_multicast(flow->daddr))
		return path_way_many(pn, way, flow, RTN_MULTICAST);
	if (ipv4_is_lbcast(flow->daddr))
		return path_way_many(pn, way, flow, RTN_BROADCAST);
	err = path_way_route(pn, way, flow);
	if (err != -ENETUNREACH || !flow->oif || flow->flags & PLUMB_FLOW_ONLINK)
		return err;
	/* Who names a device and has no route is taken at his word, as Linux does. */
	dev = path_oif(pn, flow->oif);
	if (!dev)
		return dev_get_by_index_rcu(pn->net, flow->oif) ? -ENETUNREACH : -ENODEV;
	path_way_on_link(pn, way, dev, flow->daddr, RTN_UNICAST);
	return 0;
}

static u32 path_mtu(struct plumb_net *pn, const struct path_way *way, __be32 daddr)
{
	u32 mtu = min_t(u32, READ_ONCE(way->dev->mtu), WIRE_IPV4_MAX);
	u32 pmtu = way->mtu_lock ? 0 : plumb_pmtu_get(pn, daddr, NULL);

	if (way->mtu)
		mtu = min(mtu, way->mtu);
	return pmtu ? min(mtu, pmtu) : mtu;
}

/* Is there anybody on such a device to be asked for? */
static bool path_wants_neigh(const struct net_device *dev)
{
	return dev->header_ops && dev->header_ops->create;
}

static int path_set(struct plumb_net *pn, struct plumb_path *path, const struct path_way *way,
		    const struct plumb_flow *flow)
{
	path->type = way->type;
	path->tuned = way->tuned;
	path->mtu_lock = way->mtu_lock;
	path->dev = way->dev;
	path->daddr = flow->daddr;
	path->saddr = flow->saddr ?: way->source;
	path->mtu = path_mtu(pn, way, flow->daddr);
	if (!path_wants_neigh(way->dev))
		return 0;
	path->neigh = plumb_neigh_get(pn, way->dev, way->nexthop, way->type);
	return path->neigh ? 0 : -ENOBUFS;
}

static int path_resolve(struct plumb_net *pn, struct plumb_path *path,
			const struct plumb_flow *asked)
{
	struct plumb_flow flow = *asked;
	struct path_way way;
	int err;

	/* To 0.0.0.0 is to this host. */
	if (!flow.daddr)
		flow.daddr = flow.saddr ?: htonl(INADDR_LOOPBACK);
	if (flow.saddr && !(flow.flags & PLUMB_FLOW_ANYSRC) && !plumb_addr_local(pn, flow.saddr))
		return -ENETUNREACH;
	err = path_way(pn, &way, &flow);
	if (err)
		return err;
	if (way.type == RTN_LOCAL) {
		way.dev = pn->ifaces->loopback;
	} else if ((ipv4_is_loopback(flow.saddr) || ipv4_is_loopback(flow.daddr)) &&
		   way.dev != pn->ifaces->loopback) {
		/* 127/8 never leaves the host (RFC 1122 3.2.1.3 (g)). */
		return -EINVAL;
	}
	if (!way.dev || !(way.dev->flags & IFF_UP))
		return -ENETUNREACH;
	return path_set(pn, path, &way, &flow);
}

int plumb_path_resolve(struct plumb_net *pn, struct plumb_path *path,
		       const struct plumb_flow *flow)
{
	u32 genid = atomic_read(&pn->path_genid);
	int err;

	/* What changes from here on bumps it: then the path is born stale. */
	smp_rmb();
	plumb_path_release(path);
	rcu_read_lock();
	err = path_resolve(pn, path, flow);
	rcu_read_unlock();
	if (err) {
		plumb_path_release(path);
		return err;
	}
	path->genid = genid;
	path->set = true;
	return 0;
}

u8 plumb_addr_type(struct plumb_net *pn, __be32 addr)
{
	struct plumb_fib_result res;
	u8 type = RTN_UNICAST;

	if (ipv4_is_lbcast(addr) || !addr)
		return RTN_BROADCAST;
	if (ipv4_is_multicast(addr))
		return RTN_MULTICAST;
	rcu_read_lock();
	if (plumb_addr_local(pn, addr))
		type = RTN_LOCAL;
	else if (!plumb_fib_lookup(pn, addr, 0, &res) && res.route->type == RTN_BROADCAST)
		type = RTN_BROADCAST;
	rcu_read_unlock();
	return type;
}
