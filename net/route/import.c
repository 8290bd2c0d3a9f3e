// SPDX-License-Identifier: GPL-2.0
/*
 * Linux's addresses and routes, followed while a device is shared (net/ip/share.c).
 *
 * Addresses: those of the shared devices, told by the inetaddr notifier, under RTNL.
 *
 * Routes: of each prefix in Linux's main table the one that Linux uses, told by the FIB notifier
 * of the namespace. A route by a shared device is ours too. One by another device becomes
 * "unreachable": what Linux sends into a tunnel must not leave beside it. Of several next hops the
 * first usable one is taken. Policy rules and other tables are not followed.
 *
 * To take the table over, the notifier is registered, which tells all that stands (without RTNL,
 * where one must not sleep): that is queued, then entered under RTNL with a stamp of its own, and
 * what has an older stamp goes. What changes between comes into the same queue. From then on each
 * change, made under RTNL, is entered at once (@live). When memory lacks, or a next hop comes
 * or goes, the whole is done again.
 *
 * Lifetime / locking: @lock lets one take over at a time, RTNL nests inside; @qlock guards the
 * queue. The work is stopped and the notifier gone before the namespace's table is.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/fib_notifier.h>
#include <net/ip_fib.h>
#include <net/nexthop.h>

#include "addr.h"
#include "fib.h"
#include "iface.h"
#include "import.h"

/* A change of Linux's table. */
struct import_event {
	struct list_head	node;
	struct plumb_route	r;
	bool			gone;
};

/**
 * struct plumb_import - what is followed of Linux in a namespace
 * @pn: the namespace
 * @fib: hears of routes while @on
 * @nexthop: hears of next hop objects while @on
 * @work: does it again
 * @lock: one at a time
 * @on: the notifiers are registered; @lock
 * @live: changes are entered at once; RTNL, read without
 * @stamp: of the last change entered; RTNL
 * @qlock: guards the rest
 * @queue: &struct import_event, to be entered
 * @lost: one had no room
 */
struct plumb_import {
	struct plumb_net	*pn;
	struct notifier_block	fib;
	struct notifier_block	nexthop;
	struct delayed_work	work;
	struct mutex		lock;	/* one at a time */
	bool			on;
	bool			live;
	u32			stamp;
	spinlock_t		qlock;	/* guards the queue */
	struct list_head	queue;
	bool			lost;
};

/* ---- addresses ---- */

static struct plumb_addr import_addr(const struct in_ifaddr *ifa)
{
	return (struct plumb_addr) {
		.ifindex = ifa->ifa_dev->dev->ifindex,
		.local = ifa->ifa_local,
		.broadcast = ifa->ifa_broadcast,
		.prefixlen = ifa->ifa_prefixlen,
		.scope = ifa->ifa_scope,
		.shared = true,
		.flags = ifa->ifa_flags & (IFA_F_SECONDARY | IFA_F_PERMANENT |
					   IFA_F_NOPREFIXROUTE),
	};
}

int plumb_import_addrs(struct plumb_iface *iface)
{
	struct in_device *in_dev = __in_dev_get_rtnl(iface->dev);
	const struct in_ifaddr *ifa;
	struct plumb_addr a;
	int err;

	ASSERT_RTNL();
	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		a = import_addr(ifa);
		err = plumb_addr_follow(iface, &a);
		if (err)
			return err;
	}
	return 0;
}

void plumb_import_forget(struct plumb_iface *iface)
{
	ASSERT_RTNL();
	plumb_addr_unfollow_all(iface);
}

static void import_addr_event(struct plumb_iface *iface, unsigned long event,
			      const struct in_ifaddr *ifa)
{
	struct plumb_addr a = import_addr(ifa);

	if (event == NETDEV_DOWN)
		plumb_addr_unfollow(iface, a.local, a.prefixlen);
	else if (event == NETDEV_UP && plumb_addr_follow(iface, &a))
		pr_warn("%s: no memory to share %pI4\n", iface->dev->name, &a.local);
}

static int import_addr_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->ifa_dev->dev;
	struct plumb_net *pn = plumb_dev_net(dev);
	struct plumb_iface *iface;

	if (!pn || !pn->ifaces || !pn->ifaces->shared)
		return NOTIFY_DONE;
	iface = plumb_iface_find(pn, dev);
	if (iface && iface->share)
		import_addr_event(iface, event, ifa);
	return NOTIFY_DONE;
}

static struct notifier_block import_addr_notifier = {
	.notifier_call = import_addr_notify,
	/* After the one that makes Linux's own routes of them. */
	.priority = -1,
};

int plumb_import_init(void)
{
	return register_inetaddr_notifier(&import_addr_notifier);
}

void plumb_import_exit(void)
{
	unregister_inetaddr_notifier(&import_addr_notifier);
}

/* ---- a route ---- */

static bool import_dev_shared(struct plumb_net *pn, const struct net_device *dev)
{
	const struct plumb_iface *iface = dev ? plumb_iface_find(pn, dev) : NULL;

	return iface && READ_ONCE(iface->share);
}

/* The first next hop that we can use too. False: there is none. */
static bool import_nexthop(struct plumb_net *pn, struct fib_info *fi, struct plumb_route *r)
{
	const struct fib_nh_common *nhc;
	unsigned int i;

	for (i = 0; i < fib_info_num_path(fi); i++) {
		nhc = fib_info_nhc(fi, i);
		/* A gateway of another protocol, or a tunnel that the route makes, is beyond us. */
		if (!nhc || nhc->nhc_flags & RTNH_F_DEAD || nhc->nhc_lwtstate ||
		    (nhc->nhc_gw_family && nhc->nhc_gw_family != AF_INET) ||
		    !import_dev_shared(pn, nhc->nhc_dev))
			continue;
		r->ifindex = nhc->nhc_dev->ifindex;
		r->gateway = nhc->nhc_gw_family ? nhc->nhc_gw.ipv4 : 0;
		r->flags = nhc->nhc_flags & RTNH_F_ONLINK;
		return true;
	}
	return false;
}

/* Linux's default metrics are all 0. */
static void import_metrics(const struct fib_info *fi, struct plumb_route_metrics *m)
{
	const u32 *from = fi->fib_metrics->metrics;

	m->rto_min_ms = from[RTAX_RTO_MIN - 1];
	m->window = from[RTAX_WINDOW - 1];
	m->advmss = min(from[RTAX_ADVMSS - 1], 65535U - 40);
	m->initcwnd = min_t(u32, from[RTAX_INITCWND - 1], U16_MAX);
	m->initrwnd = min_t(u32, from[RTAX_INITRWND - 1], U16_MAX);
	m->quickack = from[RTAX_QUICKACK - 1];
	m->mtu_lock = from[RTAX_LOCK - 1] & BIT(RTAX_MTU);
}

/* Context: RTNL or rcu_read_lock(). */
static void import_route(struct plumb_net *pn, const struct fib_entry_notifier_info *i,
			 struct plumb_route *r)
{
	struct fib_info *fi = i->fi;

	*r = (struct plumb_route) {
		.dst = htonl(i->dst),
		.plen = i->dst_len,
		.prefsrc = fi->fib_prefsrc,
		.metric = fi->fib_priority,
		.mtu = fi->fib_mtu,
		.type = i->type,
		.scope = fi->fib_scope,
		.protocol = fi->fib_protocol,
		.table = RT_TABLE_MAIN,
	};
	import_metrics(fi, &r->m);
	if (i->type == RTN_BLACKHOLE || i->type == RTN_PROHIBIT)
		return;
	if (i->type != RTN_UNICAST || !import_nexthop(pn, fi, r))
		r->type = RTN_UNREACHABLE;
}

/* RTNL; must not sleep. */
static void import_enter(struct plumb_import *im, const struct import_event *e)
{
	struct plumb_net *pn = im->pn;
	struct net_device *dev = NULL;
	struct plumb_route r = e->r;

	ASSERT_RTNL();
	if (!++im->stamp)
		im->stamp = 1;
	r.import = im->stamp;
	if (r.ifindex)
		dev = __dev_get_by_index(pn->net, r.ifindex);
	if (!e->gone && !(r.ifindex && !import_dev_shared(pn, dev)) &&
	    plumb_fib_import(pn, &r, dev))
		plumb_import_later(pn, HZ);
	plumb_fib_unimport(pn, r.dst, r.plen, im->stamp);
}

static void import_queue(struct plumb_import *im, const struct import_event *e)
{
	struct import_event *copy = kmemdup(e, sizeof(*e), GFP_ATOMIC | __GFP_ACCOUNT |
							    __GFP_NOWARN);

	spin_lock_bh(&im->qlock);
	if (copy)
		list_add_tail(&copy->node, &im->queue);
	else
		im->lost = true;
	spin_unlock_bh(&im->qlock);
}

static void import_entry(struct plumb_import *im, const struct fib_entry_notifier_info *i,
			 bool gone)
{
	struct import_event e = { .gone = gone };

	if (i->tb_id != RT_TABLE_MAIN)
		return;
	import_route(im->pn, i, &e.r);
	if (READ_ONCE(im->live))
		import_enter(im, &e);
	else
		import_queue(im, &e);
}

/* Context: rcu_read_lock(); RTNL too, unless it is told what stands. */
static int import_fib_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct plumb_import *im = container_of(nb, struct plumb_import, fib);
	struct fib_notifier_info *info = ptr;

	if (info->family != AF_INET)
		return NOTIFY_DONE;
	switch (event) {
	case FIB_EVENT_ENTRY_REPLACE:
	case FIB_EVENT_ENTRY_DEL:
		import_entry(im, container_of(info, struct fib_entry_notifier_info, info),
			     event == FIB_EVENT_ENTRY_DEL);
		break;
	case FIB_EVENT_NH_ADD:
	case FIB_EVENT_NH_DEL:
		plumb_import_later(im->pn, 0);
		break;
	}
	return NOTIFY_DONE;
}

/* Routes by a next hop object are not told when that changes. */
static int import_nexthop_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct plumb_import *im = container_of(nb, struct plumb_import, nexthop);

	if (event == NEXTHOP_EVENT_REPLACE && READ_ONCE(im->live))
		plumb_import_later(im->pn, 0);
	return NOTIFY_DONE;
}

/* ---- the whole table ---- */

/* Take the queue; true if something of it was lost. */
static bool import_take(struct plumb_import *im, struct list_head *out)
{
	bool lost;

	spin_lock_bh(&im->qlock);
	list_splice_tail_init(&im->queue, out);
	lost = im->lost;
	im->lost = false;
	spin_unlock_bh(&im->qlock);
	return lost;
}

static void import_discard(struct plumb_import *im)
{
	struct import_event *e, *next;
	LIST_HEAD(out);

	import_take(im, &out);
	list_for_each_entry_safe(e, next, &out, node)
		kfree(e);
}

/* What was told has changed meanwhile: it is told again. */
static void import_fib_again(struct notifier_block *nb)
{
	import_discard(container_of(nb, struct plumb_import, fib));
}

static void import_stop(struct plumb_import *im)
{
	lockdep_assert_held(&im->lock);
	if (!im->on)
		return;
	unregister_nexthop_notifier(im->pn->net, &im->nexthop);
	unregister_fib_notifier(im->pn->net, &im->fib);
	im->on = false;
	WRITE_ONCE(im->live, false);
	import_discard(im);
}

static int import_start(struct plumb_import *im)
{
	int err;

	lockdep_assert_held(&im->lock);
	err = register_nexthop_notifier(im->pn->net, &im->nexthop, NULL);
	if (err)
		return err;
	err = register_fib_notifier(im->pn->net, &im->fib, import_fib_again, NULL);
	if (err) {
		unregister_nexthop_notifier(im->pn->net, &im->nexthop);
		import_discard(im);
		return err;
	}
	im->on = true;
	return 0;
}

/* Enter what was told; what was not is Linux's no more. */
static int import_take_over(struct plumb_import *im)
{
	struct import_event *e, *next;
	u32 first = im->stamp + 1 ?: 1;
	LIST_HEAD(out);
	int err = 0;

	ASSERT_RTNL();
	if (im->on && import_take(im, &out))
		err = -ENOMEM;
	list_for_each_entry_safe(e, next, &out, node) {
		import_enter(im, e);
		kfree(e);
	}
	WRITE_ONCE(im->live, im->on);
	plumb_fib_flush_import(im->pn, first);
	return err;
}

int plumb_import_sync(struct plumb_net *pn)
{
	struct plumb_import *im = pn->import;
	int err = 0;

	mutex_lock(&im->lock);
	import_stop(im);
	if (READ_ONCE(pn->ifaces->shared))
		err = import_start(im);
	/* If it could not be told, what is there is better than nothing. */
	if (!err) {
		rtnl_lock();
		err = import_take_over(im);
		rtnl_unlock();
	}
	if (err)
		plumb_import_later(pn, HZ);
	mutex_unlock(&im->lock);
	return err;
}

static void import_work(struct work_struct *work)
{
	struct plumb_import *im = container_of(to_delayed_work(work), struct plumb_import, work);

	plumb_import_sync(im->pn);
}

void plumb_import_later(struct plumb_net *pn, unsigned long delay)
{
	queue_delayed_work(system_unbound_wq, &pn->import->work, delay);
}

int plumb_import_net_init(struct plumb_net *pn)
{
	struct plumb_import *im = kzalloc(sizeof(*im), GFP_KERNEL_ACCOUNT);

	if (!im)
		return -ENOMEM;
	im->pn = pn;
	im->fib.notifier_call = import_fib_notify;
	im->nexthop.notifier_call = import_nexthop_notify;
	INIT_DELAYED_WORK(&im->work, import_work);
	mutex_init(&im->lock);
	spin_lock_init(&im->qlock);
	INIT_LIST_HEAD(&im->queue);
	pn->import = im;
	return 0;
}

/* No device is shared any more, and none will be. */
void plumb_import_net_exit(struct plumb_net *pn)
{
	struct plumb_import *im = pn->import;

	mutex_lock(&im->lock);
	import_stop(im);
	mutex_unlock(&im->lock);
	/* It finds nothing shared, and starts nothing. */
	cancel_delayed_work_sync(&im->work);
	import_discard(im);
	kfree(im);
	pn->import = NULL;
}
