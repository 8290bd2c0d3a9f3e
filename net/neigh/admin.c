// SPDX-License-Identifier: GPL-2.0
/*
 * The neighbour cache for the administrator: entries made, deleted and listed, for netlink
 * and /proc (neigh.h).
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "../route/iface.h"
#include "cache.h"
#include "state.h"

static struct net_device *admin_dev(struct plumb_net *pn, int ifindex)
{
	struct net_device *dev = __dev_get_by_index(pn->net, ifindex);

	return dev && plumb_iface_find(pn, dev) ? dev : NULL;
}

static int admin_check(const struct plumb_neigh_info *i, const struct net_device *dev, u8 state)
{
	if (!i->addr || ipv4_is_multicast(i->addr) || ipv4_is_lbcast(i->addr))
		return -EINVAL;
	if (!dev->header_ops)
		return -EINVAL;
	if (i->lladdr_len && i->lladdr_len != dev->addr_len)
		return -EINVAL;
	if (state & ~(PLUMB_NUD_VALID | NUD_INCOMPLETE | NUD_FAILED) || hweight8(state) != 1)
		return -EINVAL;
	return state & PLUMB_NUD_VALID && !i->lladdr_len ? -EINVAL : 0;
}

int plumb_neigh_add(struct plumb_net *pn, const struct plumb_neigh_info *i, u16 nlflags)
{
	u8 state = i->state ?: NUD_PERMANENT;
	struct net_device *dev;
	struct plumb_neigh *n;
	bool made = false;
	int err;

	ASSERT_RTNL();
	dev = admin_dev(pn, i->ifindex);
	if (!dev)
		return -ENODEV;
	err = admin_check(i, dev, state);
	if (err)
		return err;

	rcu_read_lock();
	n = plumb_neigh_find(pn, dev, i->addr);
	if (!n && nlflags & NLM_F_CREATE)
		n = plumb_neigh_make(pn, dev, i->addr, RTN_UNICAST, &made);
	rcu_read_unlock();
	if (!n)
		return nlflags & NLM_F_CREATE ? -ENOBUFS : -ENOENT;
	err = -EEXIST;
	if (!made && nlflags & NLM_F_EXCL)
		goto put;
	if (!made && !(nlflags & NLM_F_REPLACE) && nlflags & NLM_F_CREATE)
		goto put;
	plumb_neigh_force(n, state, i->lladdr_len ? i->lladdr : NULL);
	err = 0;
put:
	plumb_neigh_put(n);
	return err;
}

int plumb_neigh_del(struct plumb_net *pn, int ifindex, __be32 addr)
{
	struct net_device *dev;
	struct plumb_neigh *n;

	ASSERT_RTNL();
	dev = admin_dev(pn, ifindex);
	if (!dev)
		return -ENODEV;
	rcu_read_lock();
	n = plumb_neigh_find(pn, dev, addr);
	rcu_read_unlock();
	if (!n)
		return -ENOENT;
	plumb_neigh_unlink(n);
	plumb_path_genid_bump(pn);
	plumb_neigh_put(n);
	return 0;
}

int plumb_neigh_iterate(struct plumb_net *pn,
			int (*fn)(const struct plumb_neigh_info *n, void *arg), void *arg)
{
	struct plumb_neigh_info info;
	struct plumb_neigh *n;
	int b, ret = 0;

	rcu_read_lock();
	for (b = 0; b < PLUMB_NEIGH_HASH && !ret; b++) {
		hlist_for_each_entry_rcu(n, &pn->neigh->hash[b], hash) {
			spin_lock_bh(&n->lock);
			plumb_neigh_info_fill(&info, n);
			spin_unlock_bh(&n->lock);
			ret = fn(&info, arg);
			if (ret)
				break;
		}
	}
	rcu_read_unlock();
	return ret;
}

void plumb_neigh_stats(struct plumb_net *pn, struct plumb_neigh_stats *st)
{
	const struct plumb_neigh_table *t = pn->neigh;

	st->entries = READ_ONCE(t->n);
	st->allocs = atomic_long_read(&t->allocs);
	st->destroys = atomic_long_read(&t->destroys);
	st->lookups = atomic_long_read(&t->lookups);
	st->hits = atomic_long_read(&t->hits);
	st->res_failed = atomic_long_read(&t->res_failed);
	st->unres_discards = atomic_long_read(&t->unres_discards);
	st->table_fulls = atomic_long_read(&t->table_fulls);
}
