/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of net/ip ask of each other. From the device up and down again:
 *
 *	link.c --> input.c --> (reasm.c) --> deliver.c --> transport
 *	              |                          `-------> icmp_rcv.c, icmp_echo.c, icmp_err.c
 *	              `------> forward.c --.
 *	transport --> path.c, output.c ----+--> (frag.c) --> net/neigh --> device
 *	              icmp_send.c ---------'
 */
#ifndef _PLUMB_IP_LAYER_H
#define _PLUMB_IP_LAYER_H

#include <linux/atomic.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include <plumb/net.h>

#include "../wire/ipv4.h"
#include "ip.h"

struct plumb_iface;
struct plumb_reasm;

#define PLUMB_IDENTS		1024	/* identification counters of a namespace */
#define PLUMB_ICMP_PEERS	256	/* peers whose ICMP answers are limited one by one */

/**
 * struct plumb_icmp_bucket - leave to send ICMP errors, as a bucket of time
 * @lock: guards the rest
 * @peer: whom it is for; another one that falls into its place takes it over
 * @tokens: jiffies saved up
 * @stamp: jiffies of the last look
 */
struct plumb_icmp_bucket {
	spinlock_t	lock;	/* guards the rest */
	__be32		peer;
	u32		tokens;
	unsigned long	stamp;
};

/**
 * struct plumb_ip_net - IPv4 in a namespace
 * @groups: multicast memberships of sockets; multicast packets are looked at only if there are any
 * @idents: identification counters, by destination
 * @global: leave to send ICMP errors at all
 * @peers: leave to send them to one peer
 * @reasm: fragments that wait for each other
 */
struct plumb_ip_net {
	atomic_t			groups;
	atomic_t			idents[PLUMB_IDENTS];
	struct plumb_icmp_bucket	global;
	struct plumb_icmp_bucket	peers[PLUMB_ICMP_PEERS];
	struct plumb_reasm		*reasm;
};

/*
 * input.c: a packet for us, or through us, at its IPv4 header; skb not shared, taken over. Softirq,
 * rcu_read_lock().
 */
void plumb_ip_rcv(struct plumb_iface *iface, struct sk_buff *skb);
/*
 * The same for what came to an address that is Linux's too. @frag_max: of a packet that was put
 * together, as &struct plumb_ip_cb has it; @tap: for raw sockets alone, a copy of what is Linux's.
 */
void plumb_ip_rcv_shared(struct plumb_iface *iface, struct sk_buff *skb, u16 frag_max, bool tap);

/* deliver.c: a checked packet for this host, fragment or whole; taken over. */
void plumb_ip_deliver(struct plumb_net *pn, struct sk_buff *skb, struct wire_ipv4 *ip);

/* forward.c: a checked packet for another host; taken over. */
void plumb_ip_forward(struct plumb_net *pn, struct sk_buff *skb, const struct wire_ipv4 *ip);
/* Would we forward to @daddr? Else the packet is Linux's. rcu_read_lock(). */
bool plumb_ip_forwards(struct plumb_net *pn, __be32 daddr);

/**
 * plumb_reasm_add() - a fragment came in
 * @pn: the namespace
 * @skb: at its IPv4 header, trimmed; taken over
 * @ip: its header; of the whole packet on return
 *
 * Context: softirq, rcu_read_lock() held.
 * Return: the whole packet, at its IPv4 header, or NULL if more is missing or it was dropped.
 */
struct sk_buff *plumb_reasm_add(struct plumb_net *pn, struct sk_buff *skb, struct wire_ipv4 *ip);
int plumb_reasm_net_init(struct plumb_net *pn);
void plumb_reasm_net_exit(struct plumb_net *pn);

/*
 * output.c: an IPv4 packet with its header goes along a path; too large ones are cut if they
 * may. @flags: PLUMB_TX_*; taken over.
 */
int plumb_ip_finish(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb,
		    bool df, u8 flags);
/* Down to the neighbour or the device. skb->dev and protocol are set. Taken over. */
int plumb_ip_to_link(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb);
/* The next identification for @segs packets between two hosts. */
u16 plumb_ip_ident(struct plumb_net *pn, __be32 saddr, __be32 daddr, u8 proto, u16 segs);

/* frag.c: cut a packet (header in front) and send the pieces. Taken over. */
int plumb_ip_fragment(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb);

/* icmp_rcv.c */
extern const struct plumb_ip_proto plumb_icmp_proto;
/* A copy for raw sockets alone: if it is an error, it may be about a packet of theirs. */
void plumb_icmp_rcv_tap(struct plumb_net *pn, struct sk_buff *skb);
/* icmp_echo.c: answer a request; at its ICMP header, taken over. */
void plumb_icmp_echo(struct plumb_net *pn, struct sk_buff *skb);
void plumb_icmp_timestamp(struct plumb_net *pn, struct sk_buff *skb);
/* Milliseconds since midnight UT (RFC 791, RFC 792). */
u32 plumb_icmp_clock(void);
/*
 * icmp_err.c: an error about a packet of ours; at its ICMP header. Returns false if it makes no
 * sense. Of a copy for raw sockets (plumb_ip_cb.tap) no other transport hears.
 */
bool plumb_icmp_err(struct plumb_net *pn, struct sk_buff *skb);
/* icmp_limit.c: may an ICMP message of this type go to @peer now? */
bool plumb_icmp_allowed(struct plumb_net *pn, __be32 peer, u8 type, u8 code);
void plumb_icmp_limit_init(struct plumb_ip_net *ipn);

/* deliver.c: the table's entry, or NULL. rcu_read_lock(). */
const struct plumb_ip_proto *plumb_ip_proto_get(u8 proto);
/* Would a raw socket have a copy of such a packet? rcu_read_lock(). */
bool plumb_ip_tapped(struct plumb_net *pn, u8 proto);

/* loopback.c */
int plumb_loopback_net_init(struct plumb_net *pn);
void plumb_loopback_net_exit(struct plumb_net *pn);

/*
 * share.c: a packet for an address that is Linux's too, at its IPv4 header. Taken over, or, perhaps
 * as another one, passed on. Softirq, rcu_read_lock().
 */
rx_handler_result_t plumb_share_rx(struct plumb_iface *iface, struct sk_buff **pskb);

/* link.c */
/*
 * A received packet that nobody else sees and whose memory is nobody else's, of @skb, which is
 * taken over. NULL: it was dropped.
 */
struct sk_buff *plumb_link_own(struct plumb_net *pn, struct sk_buff *skb);
void plumb_link_ops_init(void);
void plumb_link_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_IP_LAYER_H */
