// SPDX-License-Identifier: GPL-2.0
/*
 * ARP over Ethernet (RFC 826) with the manners of RFC 5227.
 *
 * In: from the device hook (net/ip/link.c). Out: requests for the neighbour cache (state.c),
 * answers, announcements and defence. What is learnt goes to the cache: a host that answered us
 * is reachable, a host that spoke of itself is entered only if it speaks to us (so nobody fills
 * the cache by talking to others), and what is not asked for changes entries only that are
 * there.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/skbuff.h>

#include <plumb/drop.h>
#include <plumb/trace.h>

#include "../route/fib.h"
#include "../route/iface.h"
#include "../wire/arp.h"
#include "arp.h"
#include "cache.h"

#define ARP_DEFEND_INTERVAL	(10 * HZ)	/* RFC 5227 1.1 */
/* an entry this young is not overridden by others */
#define ARP_LOCKTIME		HZ

bool plumb_arp_speaks(const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && dev->addr_len == ETH_ALEN && dev->header_ops &&
	       !(dev->flags & (IFF_NOARP | IFF_LOOPBACK));
}

/* @dst: whom the frame is for. */
static void arp_send(struct net_device *dev, const struct wire_arp *arp, const u8 *dst)
{
	struct sk_buff *skb;

	if (!plumb_arp_speaks(dev) || !(dev->flags & IFF_UP))
		return;
	skb = alloc_skb(LL_RESERVED_SPACE(dev) + WIRE_ARP_LEN + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		plumb_drop(plumb_dev_net(dev), NULL, PLUMB_DROP_NO_MEMORY);
		return;
	}
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(skb);
	wire_arp_emit(skb_put(skb, WIRE_ARP_LEN), arp);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);
	skb->priority = TC_PRIO_CONTROL;
	if (dev_hard_header(skb, dev, ETH_P_ARP, dst, dev->dev_addr, skb->len) < 0) {
		kfree_skb(skb);
		return;
	}
	trace_plumb_arp(dev, true, arp->op, arp->spa, arp->tpa, arp->sha);
	dev_queue_xmit(skb);
}

/*
 * A source address to ask with: the waiting packet's if it is ours, else one of the device. A host
 * that has none at all asks from 0.0.0.0, as in a probe (RFC 5227 2.1.1).
 */
static __be32 arp_source(struct plumb_net *pn, const struct net_device *dev, __be32 target,
			 __be32 saddr)
{
	if (saddr && !ipv4_is_loopback(saddr) && plumb_ifa_find(pn, saddr))
		return saddr;
	return plumb_addr_select(pn, dev, target, RT_SCOPE_LINK);
}

void plumb_arp_ask(struct plumb_net *pn, struct net_device *dev, __be32 target, __be32 saddr,
		   const u8 *lladdr)
{
	struct wire_arp arp = {
		.op = WIRE_ARP_REQUEST,
		.spa = arp_source(pn, dev, target, saddr),
		.tpa = target,
	};

	ether_addr_copy(arp.sha, dev->dev_addr);
	arp_send(dev, &arp, lladdr ?: dev->broadcast);
}

void plumb_arp_announce(struct net_device *dev, __be32 addr)
{
	struct wire_arp arp = {
		.op = WIRE_ARP_REQUEST,
		.spa = addr,
		.tpa = addr,
	};

	ether_addr_copy(arp.sha, dev->dev_addr);
	arp_send(dev, &arp, dev->broadcast);
}

static void arp_reply(struct net_device *dev, const struct wire_arp *to)
{
	struct wire_arp arp = {
		.op = WIRE_ARP_REPLY,
		.spa = to->tpa,
		.tpa = to->spa,
	};

	ether_addr_copy(arp.sha, dev->dev_addr);
	memcpy(arp.tha, to->sha, sizeof(arp.tha));
	arp_send(dev, &arp, to->sha);
}

/*
 * Another host uses an address of ours. We keep it, and say so, but no oftener than every ten
 * seconds (RFC 5227 2.4 (c)): two hosts that both insist must not fill the link.
 */
static void arp_defend(struct plumb_iface *iface, const struct wire_arp *arp)
{
	unsigned long last = READ_ONCE(iface->defended);

	if (last && time_before(jiffies, last + ARP_DEFEND_INTERVAL))
		return;
	WRITE_ONCE(iface->defended, jiffies ?: 1);
	net_warn_ratelimited("%s: %pM uses our address %pI4\n",
			     iface->dev->name, arp->sha, &arp->spa);
	plumb_arp_announce(iface->dev, arp->spa);
}

static bool arp_is_conflict(const struct plumb_iface *iface, const struct wire_arp *arp)
{
	return !ether_addr_equal_unaligned(arp->sha, iface->dev->dev_addr) &&
	       plumb_ifa_find(iface->pn, arp->spa);
}

/* Linux has it too, and speaks for it: we neither answer nor defend, but learn. */
static bool arp_shared(const struct plumb_iface *iface, __be32 addr)
{
	const struct plumb_ifa *ifa = plumb_ifa_find(iface->pn, addr);

	return ifa && ifa->a.shared;
}

/* Is the sender a host that could be on this link at all? */
static bool arp_on_link(const struct plumb_iface *iface, __be32 addr)
{
	struct plumb_fib_result res;

	if (!addr || ipv4_is_multicast(addr) || ipv4_is_lbcast(addr) || ipv4_is_loopback(addr))
		return false;
	if (plumb_fib_lookup(iface->pn, addr, iface->dev->ifindex, &res))
		return false;
	return res.route->type == RTN_UNICAST;
}

/*
 * The sender's addresses go to the cache. @to_us: it spoke to an address of ours. Who asked from
 * 0.0.0.0 is answered there.
 */
static void arp_learn(struct plumb_iface *iface, const struct wire_arp *arp,
		      const struct sk_buff *skb, bool to_us)
{
	bool answer = arp->op == WIRE_ARP_REPLY && skb->pkt_type == PACKET_HOST &&
		      (to_us || !arp->tpa);
	bool gratuitous = arp->spa == arp->tpa;
	struct plumb_neigh *n;

	n = plumb_neigh_find(iface->pn, iface->dev, arp->spa);
	if (!n && to_us && arp->op == WIRE_ARP_REQUEST && arp_on_link(iface, arp->spa))
		n = plumb_neigh_get(iface->pn, iface->dev, arp->spa, RTN_UNICAST);
	if (!n)
		return;
	plumb_neigh_learn(n, arp->sha, answer ? PLUMB_NEIGH_ANSWER : PLUMB_NEIGH_HEARD,
			  gratuitous || to_us ||
			  time_after(jiffies, READ_ONCE(n->updated) + ARP_LOCKTIME));
	plumb_neigh_put(n);
}

/* An address of ours that ARP answers for: 127/8 never leaves the host. */
static bool arp_target_ours(const struct plumb_iface *iface, __be32 addr)
{
	return !ipv4_is_loopback(addr) && plumb_addr_local(iface->pn, addr);
}

static void arp_process(struct plumb_iface *iface, const struct wire_arp *arp,
			const struct sk_buff *skb, bool to_us)
{
	trace_plumb_arp(iface->dev, false, arp->op, arp->spa, arp->tpa, arp->sha);
	if (arp->spa && arp_is_conflict(iface, arp)) {
		if (!arp_shared(iface, arp->spa))
			arp_defend(iface, arp);
		return;
	}
	/* An echo of what we said ourselves. */
	if (ether_addr_equal_unaligned(arp->sha, iface->dev->dev_addr) &&
	    plumb_ifa_find(iface->pn, arp->spa))
		return;
	if (arp->op == WIRE_ARP_REQUEST && to_us && !arp_shared(iface, arp->tpa))
		arp_reply(iface->dev, arp);
	if (arp->spa)
		arp_learn(iface, arp, skb, to_us);
}

bool plumb_arp_rcv(struct plumb_iface *iface, struct sk_buff *skb)
{
	struct wire_arp arp;
	u8 buf[WIRE_ARP_LEN];
	const u8 *p;
	bool to_us;

	if (!plumb_arp_speaks(iface->dev) || skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK)
		return false;
	p = skb_header_pointer(skb, 0, sizeof(buf), buf);
	if (!p || !wire_arp_parse(p, WIRE_ARP_LEN, &arp)) {
		/* Linux may know what to do with it. */
		plumb_drop(iface->pn, NULL, PLUMB_DROP_ARP_BAD);
		return false;
	}
	to_us = arp_target_ours(iface, arp.tpa);
	arp_process(iface, &arp, skb, to_us);
	/* What all hosts hear, and what is for its own addresses, Linux hears too. */
	return to_us && skb->pkt_type == PACKET_HOST && !arp_shared(iface, arp.tpa);
}
