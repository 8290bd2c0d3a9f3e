// SPDX-License-Identifier: GPL-2.0
/*
 * The device hook: Plumb sees each frame of an adopted device before Linux does
 * (netdev_rx_handler_register()), takes what is for its own addresses, and passes everything
 * else on, as it was. What is for all (broadcast, multicast, ARP requests) Linux gets as well.
 * What is for an address that it shares with Linux is judged packet by packet (share.c).
 *
 * Lifetime: a device is hooked while it has an interface (net/route/iface.c). Unhooking waits
 * for the handlers under way. A device that goes tells the notifier here, and takes its hook,
 * addresses, neighbours and routes along before its last grace period.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/dst.h>

#include <plumb/drop.h>
#include <plumb/event.h>

#include "../neigh/arp.h"
#include "../neigh/cache.h"
#include "../route/iface.h"
#include "../route/import.h"
#include "../route/pmtu.h"
#include "layer.h"
#include "link.h"

/* ---- frames ---- */

struct sk_buff *plumb_link_own(struct plumb_net *pn, struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		plumb_drop(pn, NULL, PLUMB_DROP_NO_MEMORY);
		return NULL;
	}
	/* A sender on this host may still write to pages it lent (MSG_ZEROCOPY). */
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC)) {
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return NULL;
	}
	skb_orphan(skb);
	return skb;
}

/* Ours alone: get it into our hands, or lose it. */
static void link_take(struct plumb_iface *iface, struct sk_buff *skb)
{
	skb = plumb_link_own(iface->pn, skb);
	if (!skb)
		return;
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	plumb_ip_rcv(iface, skb);
}

/* For us and for Linux: we work on a copy of the head. */
static void link_copy(struct plumb_iface *iface, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (copy)
		link_take(iface, copy);
	else
		plumb_drop(iface->pn, NULL, PLUMB_DROP_NO_MEMORY);
}

/* Does a frame that all hosts hear concern us? */
static bool link_wants_many(const struct plumb_iface *iface, __be32 daddr)
{
	if (ipv4_is_multicast(daddr))
		return atomic_read(&iface->pn->ip->groups);
	return plumb_addr_type(iface->pn, daddr) == RTN_BROADCAST;
}

static rx_handler_result_t link_rx_ip(struct plumb_iface *iface, struct sk_buff **pskb)
{
	struct plumb_net *pn = iface->pn;
	struct sk_buff *skb = *pskb;
	const struct plumb_ifa *ifa;
	const __be32 *p;
	__be32 daddr;

	p = skb_header_pointer(skb, offsetof(struct iphdr, daddr), sizeof(daddr), &daddr);
	if (unlikely(!p))
		return RX_HANDLER_PASS;
	daddr = *p;
	ifa = plumb_ifa_find(pn, daddr);
	if (likely(skb->pkt_type == PACKET_HOST)) {
		if (unlikely(ifa && ifa->a.shared && iface->dev != pn->ifaces->loopback))
			return plumb_share_rx(iface, pskb);
		if (likely((ifa || plumb_addr_local(pn, daddr)) && !ipv4_is_loopback(daddr)) ||
		    iface->dev == pn->ifaces->loopback || plumb_ip_forwards(pn, daddr)) {
			link_take(iface, skb);
			return RX_HANDLER_CONSUMED;
		}
		return RX_HANDLER_PASS;
	}
	/* Our own address in a frame for all: nobody else wants it. */
	if (ifa && !ifa->a.shared) {
		link_take(iface, skb);
		return RX_HANDLER_CONSUMED;
	}
	if (link_wants_many(iface, daddr))
		link_copy(iface, skb);
	return RX_HANDLER_PASS;
}

static rx_handler_result_t link_rx_arp(struct plumb_iface *iface, struct sk_buff *skb)
{
	if (!plumb_arp_rcv(iface, skb))
		return RX_HANDLER_PASS;
	consume_skb(skb);
	return RX_HANDLER_CONSUMED;
}

static rx_handler_result_t link_rx(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct plumb_iface *iface;

	/* Frames for others (promiscuous mode), and those of a VLAN that has no device here. */
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST ||
		     (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))))
		return RX_HANDLER_PASS;
	iface = rcu_dereference(skb->dev->rx_handler_data);
	if (likely(skb->protocol == htons(ETH_P_IP)))
		return link_rx_ip(iface, pskb);
	if (skb->protocol == htons(ETH_P_ARP))
		return link_rx_arp(iface, skb);
	return RX_HANDLER_PASS;
}

/* ---- adoption ---- */

static void link_info(struct plumb_link_info *l, const struct plumb_iface *iface)
{
	memset(l, 0, sizeof(*l));
	l->ifindex = iface->dev->ifindex;
	strscpy(l->name, iface->dev->name, sizeof(l->name));
	l->mtu = READ_ONCE(iface->dev->mtu);
	l->dev_flags = dev_get_flags(iface->dev);
	l->pinned = iface->pinned;
	l->share = iface->share;
	l->addresses = iface->naddrs;
}

static void link_event(const struct plumb_iface *iface, bool gone)
{
	struct plumb_link_info l;

	link_info(&l, iface);
	plumb_event_link(iface->pn, &l, gone);
}

/*
 * What can carry us: Ethernet and its like, and devices without link-layer header. Linux's loopback
 * is Linux's; a header that needs another way than ARP to be filled in is beyond us.
 */
static bool link_able(const struct net_device *dev)
{
	if (dev->flags & IFF_LOOPBACK)
		return false;
	if (!dev->header_ops || dev->flags & IFF_NOARP)
		return true;
	return dev->type == ARPHRD_ETHER && dev->addr_len == ETH_ALEN;
}

static int link_adopt(struct plumb_iface *iface)
{
	int err;

	if (!link_able(iface->dev))
		return -EOPNOTSUPP;
	plumb_announce_init(iface);
	err = netdev_rx_handler_register(iface->dev, link_rx, iface);
	if (!err)
		link_event(iface, false);
	return err;
}

/* In this order: no frame comes any more, nothing is announced, no neighbour of it is known. */
static void link_release(struct plumb_iface *iface)
{
	link_event(iface, true);
	netdev_rx_handler_unregister(iface->dev);
	plumb_announce_exit(iface);
	plumb_neigh_flush_dev(iface->pn, iface->dev);
}

static void link_addr_up(struct plumb_iface *iface, const struct plumb_ifa *ifa)
{
	plumb_announce_start(iface);
}

static plumb_link_ports_t link_ports;

void plumb_link_ports_set(plumb_link_ports_t ports)
{
	WRITE_ONCE(link_ports, ports);
}

static void link_unshared(struct plumb_net *pn)
{
	plumb_link_ports_t ports = READ_ONCE(link_ports);

	if (ports)
		ports(pn, false);
}

static const struct plumb_iface_ops link_iface_ops = {
	.adopt = link_adopt,
	.release = link_release,
	.addr_up = link_addr_up,
	.unshared = link_unshared,
};

int plumb_link_adopt(struct plumb_net *pn, int ifindex)
{
	struct plumb_iface *iface;
	struct net_device *dev;

	ASSERT_RTNL();
	dev = __dev_get_by_index(pn->net, ifindex);
	if (!dev)
		return -ENODEV;
	iface = plumb_iface_get(pn, dev);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	iface->pinned = true;
	return 0;
}

int plumb_link_release(struct plumb_net *pn, int ifindex)
{
	struct plumb_iface *iface;
	struct net_device *dev;

	ASSERT_RTNL();
	dev = __dev_get_by_index(pn->net, ifindex);
	if (!dev)
		return -ENODEV;
	iface = plumb_iface_find(pn, dev);
	if (!iface)
		return -ENOENT;
	if (iface->naddrs || iface->share)
		return -EBUSY;
	iface->pinned = false;
	plumb_iface_put(iface);
	return 0;
}

/* In this order: its addresses are ours, then no port is in both stacks. */
static int link_share_begin(struct plumb_iface *iface)
{
	struct plumb_net *pn = iface->pn;
	plumb_link_ports_t ports = READ_ONCE(link_ports);
	int err;

	plumb_iface_set_share(iface, true);
	err = plumb_import_addrs(iface);
	if (!err && ports)
		err = ports(pn, true);
	if (!err)
		return 0;
	plumb_import_forget(iface);
	plumb_iface_set_share(iface, false);
	return err;
}

static int link_share(struct plumb_net *pn, int ifindex)
{
	struct plumb_iface *iface;
	struct net_device *dev;
	int err;

	dev = __dev_get_by_index(pn->net, ifindex);
	if (!dev)
		return -ENODEV;
	/* Nothing on it is Linux's. */
	if (dev == pn->ifaces->loopback)
		return -EOPNOTSUPP;
	iface = plumb_iface_get(pn, dev);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (iface->share)
		return 0;
	err = link_share_begin(iface);
	if (err)
		plumb_iface_put(iface);
	else
		link_event(iface, false);
	return err;
}

int plumb_link_share(struct plumb_net *pn, int ifindex)
{
	int err;

	rtnl_lock();
	err = link_share(pn, ifindex);
	rtnl_unlock();
	if (!err)
		plumb_import_sync(pn);
	return err;
}

static int link_unshare(struct plumb_net *pn, int ifindex)
{
	struct plumb_iface *iface;
	struct net_device *dev;

	dev = __dev_get_by_index(pn->net, ifindex);
	if (!dev)
		return -ENODEV;
	iface = plumb_iface_find(pn, dev);
	if (!iface || !iface->share)
		return -ENOENT;
	plumb_import_forget(iface);
	plumb_iface_set_share(iface, false);
	if (iface->naddrs || iface->pinned)
		link_event(iface, false);
	plumb_iface_put(iface);
	return 0;
}

int plumb_link_unshare(struct plumb_net *pn, int ifindex)
{
	int err;

	rtnl_lock();
	err = link_unshare(pn, ifindex);
	rtnl_unlock();
	if (!err)
		plumb_import_sync(pn);
	return err;
}

int plumb_link_iterate(struct plumb_net *pn,
		       int (*fn)(const struct plumb_link_info *l, void *arg), void *arg)
{
	struct plumb_iface *iface;
	struct plumb_link_info l;
	int ret = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(iface, &pn->ifaces->list, node) {
		link_info(&l, iface);
		ret = fn(&l, arg);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

/* ---- devices that change ---- */

/* Carrier or flags; without ARP, or with it again, neighbours are others. */
static void link_device_change(struct plumb_iface *iface, void *ptr)
{
	const struct netdev_notifier_change_info *info = ptr;

	if (info->flags_changed & IFF_NOARP)
		plumb_neigh_flush_dev(iface->pn, iface->dev);
	plumb_path_genid_bump(iface->pn);
}

static void link_device_event(struct plumb_iface *iface, unsigned long event, void *ptr)
{
	struct plumb_net *pn = iface->pn;

	switch (event) {
	case NETDEV_UP:
		plumb_iface_up(iface);
		break;
	case NETDEV_DOWN:
		plumb_iface_down(iface);
		plumb_neigh_flush_dev(pn, iface->dev);
		break;
	case NETDEV_CHANGEADDR:
		plumb_neigh_flush_dev(pn, iface->dev);
		if (iface->dev->flags & IFF_UP)
			plumb_announce_start(iface);
		break;
	case NETDEV_CHANGEMTU:
		plumb_path_genid_bump(pn);
		break;
	case NETDEV_CHANGE:
		link_device_change(iface, ptr);
		break;
	case NETDEV_NOTIFY_PEERS:
		plumb_announce_start(iface);
		break;
	case NETDEV_UNREGISTER:
		plumb_iface_gone(iface);
		break;
	}
}

/*
 * The notifier is registered after Plumb has begun in every namespace that stands, and
 * unregistered before it ends in them: both tell it of all devices there are, as if they came
 * up or went. A namespace that is just beginning or ending has no interfaces.
 */
static int link_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct plumb_net *pn = plumb_dev_net(dev);
	struct plumb_iface *iface;

	/* A namespace's first device is there before anything of Plumb. */
	if (!pn || !pn->ifaces)
		return NOTIFY_DONE;
	iface = plumb_iface_find(pn, dev);
	if (iface)
		link_device_event(iface, event, ptr);
	return NOTIFY_DONE;
}

static struct notifier_block link_notifier = {
	.notifier_call = link_notify,
};

/* Everything of the namespace that is still adopted: the administrator did not tidy up. */
void plumb_link_net_exit(struct plumb_net *pn)
{
	struct plumb_iface *iface, *next;

	rtnl_lock();
	list_for_each_entry_safe(iface, next, &pn->ifaces->list, node)
		if (iface->dev != pn->ifaces->loopback)
			plumb_iface_gone(iface);
	rtnl_unlock();
}

void plumb_link_ops_init(void)
{
	plumb_iface_ops_set(&link_iface_ops);
}

int plumb_link_init(void)
{
	int err;

	err = plumb_import_init();
	if (err)
		return err;
	err = register_netdevice_notifier(&link_notifier);
	if (err)
		plumb_import_exit();
	return err;
}

void plumb_link_exit(void)
{
	plumb_import_exit();
	unregister_netdevice_notifier(&link_notifier);
}
