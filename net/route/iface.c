// SPDX-License-Identifier: GPL-2.0
/*
 * Adopted devices. Made when a device gets its first address (net/route/addr.c) or is
 * adopted for itself (net/ip/link.c), unmade with the last, or by the device's end.
 * The hooking itself is the upper layer's, through &struct plumb_iface_ops.
 */
#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "addr.h"
#include "fib.h"
#include "iface.h"
#include "import.h"
#include "pmtu.h"

static const struct plumb_iface_ops *iface_ops;

void plumb_iface_ops_set(const struct plumb_iface_ops *ops)
{
	iface_ops = ops;
}

struct plumb_iface *plumb_iface_find(struct plumb_net *pn, const struct net_device *dev)
{
	struct plumb_iface *iface;

	list_for_each_entry_rcu(iface, &pn->ifaces->list, node, lockdep_rtnl_is_held())
		if (iface->dev == dev)
			return iface;
	return NULL;
}

static struct plumb_iface *iface_make(struct plumb_net *pn, struct net_device *dev)
{
	struct plumb_iface *iface;
	int err;

	iface = kzalloc(sizeof(*iface), GFP_KERNEL_ACCOUNT);
	if (!iface)
		return ERR_PTR(-ENOMEM);
	iface->pn = pn;
	iface->dev = dev;
	INIT_LIST_HEAD(&iface->addrs);
	err = iface_ops->adopt(iface);
	if (err) {
		kfree(iface);
		return ERR_PTR(err);
	}
	list_add_tail_rcu(&iface->node, &pn->ifaces->list);
	plumb_path_genid_bump(pn);
	return iface;
}

struct plumb_iface *plumb_iface_get(struct plumb_net *pn, struct net_device *dev)
{
	struct plumb_iface *iface;

	ASSERT_RTNL();
	iface = plumb_iface_find(pn, dev);
	return iface ?: iface_make(pn, dev);
}

/*
 * The end of an interface, in this order: nobody finds it, cached paths are stale, no packet
 * comes from the device any more (release() waits for those under way), then its
 * routes go, and it is freed when the last reader of the list is through.
 */
static void iface_unmake(struct plumb_iface *iface)
{
	struct plumb_net *pn = iface->pn;

	list_del_rcu(&iface->node);
	plumb_path_genid_bump(pn);
	iface_ops->release(iface);
	plumb_fib_flush_dev(pn, iface->dev, true);
	plumb_path_genid_bump(pn);
	kfree_rcu(iface, rcu);
}

void plumb_iface_put(struct plumb_iface *iface)
{
	ASSERT_RTNL();
	if (!iface->naddrs && !iface->pinned && !iface->share)
		iface_unmake(iface);
}

void plumb_iface_set_share(struct plumb_iface *iface, bool share)
{
	struct plumb_ifaces *ifaces = iface->pn->ifaces;

	ASSERT_RTNL();
	if (iface->share == share)
		return;
	WRITE_ONCE(iface->share, share);
	WRITE_ONCE(ifaces->shared, ifaces->shared + (share ? 1 : -1));
	if (!share && !ifaces->shared)
		iface_ops->unshared(iface->pn);
}

void plumb_iface_up(struct plumb_iface *iface)
{
	struct plumb_ifa *ifa;

	ASSERT_RTNL();
	list_for_each_entry(ifa, &iface->addrs, node) {
		plumb_ifa_connect(ifa);
		plumb_iface_announce(ifa);
	}
	plumb_path_genid_bump(iface->pn);
}

void plumb_iface_down(struct plumb_iface *iface)
{
	ASSERT_RTNL();
	plumb_fib_flush_dev(iface->pn, iface->dev, false);
	plumb_path_genid_bump(iface->pn);
}

void plumb_iface_gone(struct plumb_iface *iface)
{
	struct plumb_ifa *ifa, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(ifa, next, &iface->addrs, node)
		plumb_ifa_remove(ifa);
	iface->pinned = false;
	if (iface->share) {
		plumb_iface_set_share(iface, false);
		plumb_import_later(iface->pn, 0);
	}
	iface_unmake(iface);
}

void plumb_iface_announce(const struct plumb_ifa *ifa)
{
	iface_ops->addr_up(ifa->iface, ifa);
}

int plumb_route_net_init(struct plumb_net *pn)
{
	struct plumb_ifaces *ifaces;
	int i, err;

	ifaces = kzalloc(sizeof(*ifaces), GFP_KERNEL_ACCOUNT);
	if (!ifaces)
		return -ENOMEM;
	INIT_LIST_HEAD(&ifaces->list);
	for (i = 0; i < PLUMB_LOCAL_HASH; i++)
		INIT_HLIST_HEAD(&ifaces->local[i]);
	pn->ifaces = ifaces;
	err = plumb_fib_net_init(pn);
	if (err)
		goto free_ifaces;
	err = plumb_pmtu_net_init(pn);
	if (err)
		goto free_fib;
	err = plumb_import_net_init(pn);
	if (err)
		goto free_pmtu;
	return 0;

free_pmtu:
	plumb_pmtu_net_exit(pn);
free_fib:
	plumb_fib_net_exit(pn);
free_ifaces:
	kfree(ifaces);
	pn->ifaces = NULL;
	return err;
}

/*
 * The layers above have unhooked every device and unmade every interface; sockets
 * are gone, so nobody looks anything up any more.
 */
void plumb_route_net_exit(struct plumb_net *pn)
{
	plumb_import_net_exit(pn);
	plumb_pmtu_net_exit(pn);
	plumb_fib_net_exit(pn);
	kfree(pn->ifaces);
	pn->ifaces = NULL;
}
