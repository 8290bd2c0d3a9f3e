// SPDX-License-Identifier: GPL-2.0
/*
 * The family's own loopback device, one a namespace: "plumb0". What we send to ourselves leaves
 * by it and comes back through the same hook as from a wire, so that local traffic takes the
 * whole way (packet taps see it), only without a link-layer header, checksums or segmentation.
 *
 * It carries 127.0.0.1/8; Linux's lo is Linux's. It is no IFF_LOOPBACK device, and of a hardware
 * type that Linux gives no addresses to: then Linux leaves it alone.
 *
 * Lifetime: made before and unmade after all else of the namespace that sends; it can not move
 * to another. Its addresses and routes go before it, here: at rmmod the notifier (link.c) is
 * gone by then.
 */
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/mib.h>

#include "../../kmod/compat/ip.h"
#include "../route/iface.h"
#include "layer.h"

static netdev_tx_t loopback_xmit(struct sk_buff *skb, struct net_device *dev)
{
	unsigned int len = skb->len;

	skb_tx_timestamp(skb);
	skb_clear_tstamp(skb);
	/* The sender's memory is given back here: from now on it is the receiver's. */
	skb_orphan(skb);
	/* And its pages, if they are a user's (MSG_ZEROCOPY), are not the receiver's to keep. */
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		DEV_STATS_INC(dev, tx_dropped);
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);
	if (likely(__netif_rx(skb) == NET_RX_SUCCESS))
		dev_lstats_add(dev, len);
	else
		DEV_STATS_INC(dev, rx_dropped);
	return NETDEV_TX_OK;
}

static void loopback_stats(struct net_device *dev, struct rtnl_link_stats64 *st)
{
	u64 packets, bytes;

	dev_lstats_read(dev, &packets, &bytes);
	st->rx_packets = packets;
	st->tx_packets = packets;
	st->rx_bytes = bytes;
	st->tx_bytes = bytes;
	st->rx_dropped = atomic_long_read(&dev->stats.__rx_dropped);
}

static int loopback_dev_init(struct net_device *dev)
{
	dev->lstats = netdev_alloc_pcpu_stats(struct pcpu_lstats);
	return dev->lstats ? 0 : -ENOMEM;
}

static void loopback_dev_free(struct net_device *dev)
{
	free_percpu(dev->lstats);
}

static const struct net_device_ops loopback_ops = {
	.ndo_init = loopback_dev_init,
	.ndo_start_xmit = loopback_xmit,
	.ndo_get_stats64 = loopback_stats,
};

static u32 loopback_link(struct net_device *dev)
{
	return 1;
}

static const struct ethtool_ops loopback_ethtool_ops = {
	.get_link = loopback_link,
};

static void loopback_setup(struct net_device *dev)
{
	dev->type = ARPHRD_ADAPT;
	dev->flags = IFF_NOARP;
	dev->mtu = WIRE_IPV4_MAX;
	dev->min_mtu = 576;
	dev->max_mtu = WIRE_IPV4_MAX;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hw_features = NETIF_F_GSO_SOFTWARE;
	dev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE | NETIF_F_HW_CSUM |
			NETIF_F_RXCSUM | NETIF_F_HIGHDMA | NETIF_F_VLAN_CHALLENGED;
	plumb_compat_dev_own(dev);
	dev->netdev_ops = &loopback_ops;
	dev->ethtool_ops = &loopback_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = loopback_dev_free;
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
}

static int loopback_address(struct plumb_net *pn, struct net_device *dev)
{
	struct plumb_addr a = {
		.ifindex = dev->ifindex,
		.local = htonl(INADDR_LOOPBACK),
		.prefixlen = 8,
		.scope = RT_SCOPE_HOST,
	};

	return plumb_addr_add(pn, &a);
}

/* Registered, addressed, up; RTNL. */
static int loopback_start(struct plumb_net *pn, struct net_device *dev)
{
	int err;

	err = register_netdevice(dev);
	if (err)
		return err;
	pn->ifaces->loopback = dev;
	err = dev_open(dev, NULL);
	if (!err)
		err = loopback_address(pn, dev);
	if (err)
		unregister_netdevice(dev);
	return err;
}

int plumb_loopback_net_init(struct plumb_net *pn)
{
	struct net_device *dev;
	int err;

	dev = alloc_netdev(0, "plumb%d", NET_NAME_ENUM, loopback_setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, pn->net);
	rtnl_lock();
	err = loopback_start(pn, dev);
	if (err)
		pn->ifaces->loopback = NULL;
	/* Once registered, needs_free_netdev frees it. */
	if (err && dev->reg_state == NETREG_UNINITIALIZED)
		free_netdev(dev);
	rtnl_unlock();
	return err;
}

void plumb_loopback_net_exit(struct plumb_net *pn)
{
	struct plumb_iface *iface;

	rtnl_lock();
	iface = plumb_iface_find(pn, pn->ifaces->loopback);
	if (iface)
		plumb_iface_gone(iface);
	unregister_netdevice(pn->ifaces->loopback);
	rtnl_unlock();
	pn->ifaces->loopback = NULL;
}
