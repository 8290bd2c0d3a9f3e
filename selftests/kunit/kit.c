// SPDX-License-Identifier: GPL-2.0
/* What the suites share: see kit.h. */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/plumb.h>
#include <linux/rtnetlink.h>

#include "net/route/route.h"

#include "kit.h"

struct plumb_net *kit_pn;
static struct net *kit_net;

struct kit_priv {
	struct sk_buff_head	sent;
};

/* An address is announced by a worker, when it may: that is no test's business. */
static bool kit_announces(const struct sk_buff *skb)
{
	const u8 *arp = skb->data + ETH_HLEN + sizeof(struct arphdr);
	const u8 *sender = arp + ETH_ALEN, *target = sender + 4 + ETH_ALEN;

	return skb->protocol == htons(ETH_P_ARP) && !memcmp(sender, target, 4);
}

static netdev_tx_t kit_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct kit_priv *priv = netdev_priv(dev);

	if (kit_announces(skb)) {
		consume_skb(skb);
		return NETDEV_TX_OK;
	}
	skb_orphan(skb);
	skb_queue_tail(&priv->sent, skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops kit_ops = {
	.ndo_start_xmit = kit_xmit,
};

static void kit_setup(struct net_device *dev)
{
	struct kit_priv *priv = netdev_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &kit_ops;
	dev->priv_flags |= IFF_NO_QUEUE;
	eth_hw_addr_random(dev);
	skb_queue_head_init(&priv->sent);
}

static void kit_dev_gone(void *data)
{
	struct net_device *dev = data;
	struct kit_priv *priv = netdev_priv(dev);

	unregister_netdev(dev);
	skb_queue_purge(&priv->sent);
	free_netdev(dev);
}

struct net_device *kit_dev(struct kunit *test)
{
	struct plumb_addr addr = { .local = KIT_OURS, .prefixlen = 24 };
	struct net_device *dev;
	int err;

	dev = alloc_netdev(sizeof(struct kit_priv), "kit%d", NET_NAME_ENUM, kit_setup);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev_net_set(dev, kit_net);
	err = register_netdev(dev);
	if (err)
		free_netdev(dev);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = kunit_add_action_or_reset(test, kit_dev_gone, dev);
	KUNIT_ASSERT_EQ(test, err, 0);

	addr.ifindex = dev->ifindex;
	rtnl_lock();
	err = dev_open(dev, NULL);
	if (!err)
		err = plumb_addr_add(kit_pn, &addr);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	return dev;
}

static void kit_sock_gone(void *sock)
{
	sock_release(sock);
}

struct sock *kit_sock_stream(struct kunit *test)
{
	struct socket *sock;
	int err = sock_create_kern(kit_net, PLUMB_FAMILY_DEFAULT, SOCK_STREAM, 0, &sock);

	KUNIT_ASSERT_EQ(test, err, 0);
	err = kunit_add_action_or_reset(test, kit_sock_gone, sock);
	KUNIT_ASSERT_EQ(test, err, 0);
	return sock->sk;
}

struct sk_buff *kit_sent(struct net_device *dev)
{
	struct kit_priv *priv = netdev_priv(dev);

	return skb_dequeue(&priv->sent);
}

struct sk_buff *kit_packet(struct kunit *test, struct net_device *dev, const struct wire_ipv4 *ip,
			   u32 pattern)
{
	u32 len = ip->tot_len - ip->hlen, i;
	struct sk_buff *skb;
	u8 *p;

	skb = alloc_skb(LL_MAX_HEADER + ip->tot_len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	wire_ipv4_emit(skb_put(skb, ip->hlen), ip, NULL);
	p = skb_put(skb, len);
	for (i = 0; i < len; i++)
		p[i] = kit_octet(pattern + i);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = dev;
	return skb;
}

u64 kit_drops(enum plumb_drop_reason why)
{
	u64 n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu_ptr(kit_pn->drops, cpu)->n[why]);
	return n;
}

/* KUnit starts the suites when this has returned, from a thread that is in no namespace of ours. */
static int __init kit_init(void)
{
	kit_net = get_net(current->nsproxy->net_ns);
	kit_pn = plumb_net(kit_net);
	return 0;
}

static void __exit kit_exit(void)
{
	put_net(kit_net);
}

module_init(kit_init);
module_exit(kit_exit);

MODULE_DESCRIPTION("Unit tests of Plumb's inside");
MODULE_AUTHOR("The Plumb developers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(PLUMB_TEST);
