// SPDX-License-Identifier: GPL-2.0
/* The neighbour cache: its states one by one, what waits, and how much of both there may be. */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include "net/neigh/cache.h"
#include "net/neigh/neigh.h"

#include "kit.h"

#define NEIGHBOUR	KIT_ADDR(10, 9, 0, 2)

static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
static const u8 other_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 3 };

/* Settings of the namespace, as they were before the test. */
static struct plumb_sysctl saved;

static int neigh_init(struct kunit *test)
{
	saved = kit_pn->sysctl;
	return 0;
}

static void neigh_exit(struct kunit *test)
{
	kit_pn->sysctl.neigh_retrans_time = saved.neigh_retrans_time;
	kit_pn->sysctl.neigh_mcast_probes = saved.neigh_mcast_probes;
	kit_pn->sysctl.neigh_ucast_probes = saved.neigh_ucast_probes;
	kit_pn->sysctl.neigh_delay_first_probe_time = saved.neigh_delay_first_probe_time;
	kit_pn->sysctl.neigh_base_reachable_time = saved.neigh_base_reachable_time;
	kit_pn->sysctl.neigh_unres_qlen_bytes = saved.neigh_unres_qlen_bytes;
	kit_pn->sysctl.neigh_gc_thresh3 = saved.neigh_gc_thresh3;
}

static struct plumb_neigh *neigh_of(struct net_device *dev, __be32 addr, u8 type)
{
	struct plumb_neigh *n;

	rcu_read_lock();
	n = plumb_neigh_get(kit_pn, dev, addr, type);
	rcu_read_unlock();
	return n;
}

static struct plumb_neigh *neigh_new(struct kunit *test, struct net_device *dev)
{
	struct plumb_neigh *n = neigh_of(dev, NEIGHBOUR, RTN_UNICAST);

	KUNIT_ASSERT_NOT_NULL(test, n);
	return n;
}

static int output(struct kunit *test, struct plumb_neigh *n)
{
	const struct wire_ipv4 ip = {
		.tot_len = 120, .hlen = 20, .ttl = 64, .proto = 253,
		.saddr = KIT_OURS, .daddr = n->addr,
	};
	struct sk_buff *skb = kit_packet(test, n->dev, &ip, 0);
	int err;

	rcu_read_lock();
	err = plumb_neigh_output(n, skb);
	rcu_read_unlock();
	return err;
}

static void learn(struct plumb_neigh *n, const u8 *lladdr, enum plumb_neigh_news news,
		  bool override)
{
	rcu_read_lock();
	local_bh_disable();
	plumb_neigh_learn(n, lladdr, news, override);
	local_bh_enable();
	rcu_read_unlock();
}

/* The next frame sent is of this kind and to this address. */
static void expect_frame(struct kunit *test, struct net_device *dev, u16 proto, const u8 *to)
{
	struct sk_buff *skb = kit_sent(dev);
	const struct ethhdr *eth;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	eth = (const struct ethhdr *)skb->data;
	KUNIT_EXPECT_EQ(test, ntohs(eth->h_proto), proto);
	KUNIT_EXPECT_MEMEQ(test, eth->h_dest, to, ETH_ALEN);
	KUNIT_EXPECT_MEMEQ(test, eth->h_source, dev->dev_addr, ETH_ALEN);
	kfree_skb(skb);
}

static void expect_no_frame(struct kunit *test, struct net_device *dev)
{
	struct sk_buff *skb = kit_sent(dev);

	KUNIT_EXPECT_NULL(test, skb);
	kfree_skb(skb);
}

static void first_packet_asks_and_waits(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	KUNIT_EXPECT_EQ(test, n->state, NUD_NONE);
	KUNIT_EXPECT_EQ(test, output(test, n), 0);
	KUNIT_EXPECT_EQ(test, n->state, NUD_INCOMPLETE);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->queue), 1);
	expect_frame(test, dev, ETH_P_ARP, dev->broadcast);
	/* The second waits too, and asks nothing. */
	KUNIT_EXPECT_EQ(test, output(test, n), 0);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->queue), 2);
	expect_no_frame(test, dev);
	plumb_neigh_put(n);
}

static void answer_lets_go_what_waits(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	output(test, n);
	output(test, n);
	expect_frame(test, dev, ETH_P_ARP, dev->broadcast);
	learn(n, mac, PLUMB_NEIGH_ANSWER, true);
	KUNIT_EXPECT_EQ(test, n->state, NUD_REACHABLE);
	expect_frame(test, dev, ETH_P_IP, mac);
	expect_frame(test, dev, ETH_P_IP, mac);
	KUNIT_EXPECT_EQ(test, n->queue_bytes, 0);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, mac);
	expect_no_frame(test, dev);
	plumb_neigh_put(n);
}

static void what_is_only_heard_is_stale(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	learn(n, mac, PLUMB_NEIGH_HEARD, false);
	KUNIT_EXPECT_EQ(test, n->state, NUD_STALE);
	/* Its use has it verified later; the packet goes now. */
	KUNIT_EXPECT_EQ(test, output(test, n), 0);
	KUNIT_EXPECT_EQ(test, n->state, NUD_DELAY);
	expect_frame(test, dev, ETH_P_IP, mac);
	learn(n, mac, PLUMB_NEIGH_ANSWER, false);
	KUNIT_EXPECT_EQ(test, n->state, NUD_REACHABLE);
	plumb_neigh_put(n);
}

static void delay_ends_in_a_probe_to_the_address_known(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	/* (The packet is gone by then, on a slow kernel as well.) */
	kit_pn->sysctl.neigh_delay_first_probe_time = HZ / 2;
	kit_pn->sysctl.neigh_retrans_time = 1;
	kit_pn->sysctl.neigh_ucast_probes = 1;
	learn(n, mac, PLUMB_NEIGH_HEARD, false);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, mac);
	kit_wait(test, READ_ONCE(n->state) == NUD_FAILED);
	expect_frame(test, dev, ETH_P_ARP, mac);
	expect_no_frame(test, dev);
	plumb_neigh_put(n);
}

static void transport_that_hears_from_it_saves_the_probe(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	kit_pn->sysctl.neigh_delay_first_probe_time = HZ / 2;
	learn(n, mac, PLUMB_NEIGH_HEARD, false);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, mac);
	/* An answer takes its time. */
	msleep(100);
	plumb_neigh_confirm(n);
	kit_wait(test, READ_ONCE(n->state) == NUD_REACHABLE);
	expect_no_frame(test, dev);
	plumb_neigh_put(n);
}

static void reachable_and_unused_becomes_stale(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	kit_pn->sysctl.neigh_base_reachable_time = 2;
	kit_pn->sysctl.neigh_delay_first_probe_time = 1;
	learn(n, mac, PLUMB_NEIGH_ANSWER, true);
	KUNIT_EXPECT_EQ(test, n->state, NUD_REACHABLE);
	kit_wait(test, READ_ONCE(n->state) == NUD_STALE);
	expect_no_frame(test, dev);
	plumb_neigh_put(n);
}

static void another_address_is_taken_only_with_leave(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);

	learn(n, mac, PLUMB_NEIGH_ANSWER, true);
	learn(n, other_mac, PLUMB_NEIGH_HEARD, false);
	KUNIT_EXPECT_EQ(test, n->state, NUD_REACHABLE);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, mac);
	learn(n, other_mac, PLUMB_NEIGH_HEARD, true);
	KUNIT_EXPECT_EQ(test, n->state, NUD_STALE);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, other_mac);
	plumb_neigh_put(n);
}

static void who_does_not_answer_is_given_up(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);
	u64 drops = kit_drops(PLUMB_DROP_NEIGH_FAILED);
	int i;

	kit_pn->sysctl.neigh_retrans_time = 1;
	kit_pn->sysctl.neigh_mcast_probes = 3;
	output(test, n);
	output(test, n);
	kit_wait(test, READ_ONCE(n->state) == NUD_FAILED);
	for (i = 0; i < 3; i++)
		expect_frame(test, dev, ETH_P_ARP, dev->broadcast);
	expect_no_frame(test, dev);
	kit_wait(test, kit_drops(PLUMB_DROP_NEIGH_FAILED) == drops + 2);
	KUNIT_EXPECT_EQ(test, n->queue_bytes, 0);
	/* The next packet begins anew. */
	output(test, n);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->queue), 1);
	plumb_neigh_put(n);
}

static void queue_is_bounded_in_bytes(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);
	u64 drops = kit_drops(PLUMB_DROP_NEIGH_QUEUE);
	unsigned int one;
	int i;

	output(test, n);
	one = n->queue_bytes;
	KUNIT_ASSERT_GT(test, one, 0);
	kit_pn->sysctl.neigh_unres_qlen_bytes = 3 * one;
	for (i = 0; i < 9; i++)
		output(test, n);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->queue), 3);
	KUNIT_EXPECT_EQ(test, n->queue_bytes, 3 * one);
	KUNIT_EXPECT_EQ(test, kit_drops(PLUMB_DROP_NEIGH_QUEUE), drops + 7);
	plumb_neigh_put(n);
}

static void device_that_goes_takes_them(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_new(test, dev);
	u64 drops = kit_drops(PLUMB_DROP_NEIGH_FAILED);

	output(test, n);
	rtnl_lock();
	plumb_neigh_flush_dev(kit_pn, dev);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, n->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&n->refcnt), 1);
	KUNIT_EXPECT_EQ(test, output(test, n), -EHOSTUNREACH);
	KUNIT_EXPECT_EQ(test, kit_drops(PLUMB_DROP_NEIGH_FAILED), drops + 2);
	plumb_neigh_put(n);
}

static void groups_need_no_question(struct kunit *test)
{
	static const u8 group[ETH_ALEN] = { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 };
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh *n = neigh_of(dev, KIT_ADDR(239, 129, 2, 3), RTN_MULTICAST);

	KUNIT_ASSERT_NOT_NULL(test, n);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, group);
	plumb_neigh_put(n);
	n = neigh_of(dev, KIT_ADDR(10, 9, 0, 255), RTN_BROADCAST);
	KUNIT_ASSERT_NOT_NULL(test, n);
	output(test, n);
	expect_frame(test, dev, ETH_P_IP, dev->broadcast);
	plumb_neigh_put(n);
}

static void table_is_bounded(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_neigh_stats before, after;
	struct plumb_neigh *n[3];
	int i;

	plumb_neigh_stats(kit_pn, &before);
	kit_pn->sysctl.neigh_gc_thresh3 = before.entries + 2;
	for (i = 0; i < 3; i++)
		n[i] = neigh_of(dev, NEIGHBOUR + htonl(i), RTN_UNICAST);
	KUNIT_ASSERT_NOT_NULL(test, n[0]);
	KUNIT_ASSERT_NOT_NULL(test, n[1]);
	KUNIT_EXPECT_NULL(test, n[2]);
	plumb_neigh_stats(kit_pn, &after);
	KUNIT_EXPECT_EQ(test, after.table_fulls, before.table_fulls + 1);
	/* The oldest that nobody holds makes room. */
	plumb_neigh_put(n[0]);
	n[2] = neigh_of(dev, NEIGHBOUR + htonl(2), RTN_UNICAST);
	KUNIT_EXPECT_NOT_NULL(test, n[2]);
	if (n[2])
		plumb_neigh_put(n[2]);
	plumb_neigh_put(n[1]);
}

static struct kunit_case neigh_cases[] = {
	KUNIT_CASE(first_packet_asks_and_waits),
	KUNIT_CASE(answer_lets_go_what_waits),
	KUNIT_CASE(what_is_only_heard_is_stale),
	KUNIT_CASE(delay_ends_in_a_probe_to_the_address_known),
	KUNIT_CASE(transport_that_hears_from_it_saves_the_probe),
	KUNIT_CASE(reachable_and_unused_becomes_stale),
	KUNIT_CASE(another_address_is_taken_only_with_leave),
	KUNIT_CASE(who_does_not_answer_is_given_up),
	KUNIT_CASE(queue_is_bounded_in_bytes),
	KUNIT_CASE(device_that_goes_takes_them),
	KUNIT_CASE(groups_need_no_question),
	KUNIT_CASE(table_is_bounded),
	{}
};

static struct kunit_suite neigh_suite = {
	.name = "plumb_neigh",
	.init = neigh_init,
	.exit = neigh_exit,
	.test_cases = neigh_cases,
};

kunit_test_suite(neigh_suite);
