/* SPDX-License-Identifier: GPL-2.0 */
/* ARP (RFC 826, RFC 5227): what it hears, what it asks, what it announces. */
#ifndef _PLUMB_NEIGH_ARP_H
#define _PLUMB_NEIGH_ARP_H

#include <linux/types.h>

struct net_device;
struct plumb_iface;
struct plumb_net;
struct sk_buff;

/**
 * plumb_arp_speaks() - does ARP run on this device?
 * @dev: the device
 *
 * Context: any.
 * Return: true on what has Ethernet addresses, unless ARP is turned off (IFF_NOARP).
 */
bool plumb_arp_speaks(const struct net_device *dev);

/**
 * plumb_arp_rcv() - an ARP message came in
 * @iface: the interface it came by
 * @skb: the message, at its ARP header; only looked at
 *
 * Answers requests for our addresses, learns, defends our addresses. Linux must still hear what
 * is for it: so only what is for our addresses alone is kept from it.
 *
 * Context: softirq, rcu_read_lock() held.
 * Return: true if it is for us alone, and the caller should free it; false: Linux gets it.
 */
bool plumb_arp_rcv(struct plumb_iface *iface, struct sk_buff *skb);

/**
 * plumb_arp_ask() - send a request
 * @pn: the namespace
 * @dev: device to ask on
 * @target: address to ask for
 * @saddr: the packet's source address that is waiting: used if it is ours; else one is chosen
 * @lladdr: ask this host only (to verify it), or NULL: everybody
 *
 * Context: rcu_read_lock() held.
 */
void plumb_arp_ask(struct plumb_net *pn, struct net_device *dev, __be32 target, __be32 saddr,
		   const u8 *lladdr);

/* Tell the link that @addr is ours: an ARP announcement (RFC 5227 2.3). rcu_read_lock() or RTNL. */
void plumb_arp_announce(struct net_device *dev, __be32 addr);

/*
 * Announce every address of an interface, now and once more after two seconds (RFC 5227 2.3:
 * ANNOUNCE_NUM, ANNOUNCE_INTERVAL). RTNL.
 */
void plumb_announce_start(struct plumb_iface *iface);

/* An interface begins and ends: its announcing worker. RTNL; the end waits for the worker. */
void plumb_announce_init(struct plumb_iface *iface);
void plumb_announce_exit(struct plumb_iface *iface);

#endif /* _PLUMB_NEIGH_ARP_H */
