/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 as the transports see it: a path to a destination that may be kept, a way
 * to send along it, and a table in which a protocol takes its packets from.
 *
 * Context: all of it may be called in softirq or process context (bottom halves
 * on or off), unless a function says otherwise.
 */
#ifndef _PLUMB_IP_IP_H
#define _PLUMB_IP_IP_H

#include <linux/skbuff.h>
#include <linux/types.h>

#include <plumb/net.h>

struct plumb_neigh;

/**
 * struct plumb_flow - what a path is chosen by
 * @daddr: destination
 * @saddr: source, or 0: the route's choice is written to the path
 * @oif: index of the interface the packet must leave by, or 0
 * @mark: skb->mark of what is sent
 * @tos: type of service octet
 * @proto: IPPROTO_*
 * @flags: PLUMB_FLOW_*
 */
struct plumb_flow {
	__be32	daddr;
	__be32	saddr;
	int	oif;
	u32	mark;
	u8	tos;
	u8	proto;
	u8	flags;
};

#define PLUMB_FLOW_ANYSRC	1	/* @saddr need not be ours (IP_TRANSPARENT) */
#define PLUMB_FLOW_ONLINK	2	/* only a destination on the link will do (SO_DONTROUTE) */

/**
 * struct plumb_path - a resolved way to a destination, for keeping
 * @genid: generation it was resolved in (plumb_path_valid())
 * @set: it was resolved at all
 * @tuned: its route has something to say to the transport (plumb_path_metrics())
 * @mtu_lock: no router may tell less than its MTU, so that none is asked by Don't Fragment
 * @type: RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST or RTN_MULTICAST
 * @dev: the device, usable only under rcu_read_lock() and while the path is valid: no
 *	reference is held (a device that goes bumps the generation before its grace period)
 * @neigh: next hop, counted; NULL on devices without link-layer addresses
 * @saddr: source address to use
 * @daddr: the destination
 * @mtu: bytes of IPv4 packet that may leave: the least of device, route and path MTU
 *
 * Guarded by its owner (a socket's lock, or the stack it lies on). Zeroed memory is a path that
 * is not valid. plumb_path_release() before it is forgotten.
 */
struct plumb_path {
	u32			genid;
	bool			set;
	bool			tuned;
	bool			mtu_lock;
	u8			type;
	struct net_device	*dev;
	struct plumb_neigh	*neigh;
	__be32			saddr;
	__be32			daddr;
	u32			mtu;
};

/**
 * plumb_path_valid() - may this path still be used?
 * @pn: the namespace
 * @path: a path, perhaps never resolved
 *
 * Context: rcu_read_lock() held for as long as the answer is used.
 * Return: true if so.
 */
static inline bool plumb_path_valid(const struct plumb_net *pn, const struct plumb_path *path)
{
	return path->set && path->genid == (u32)atomic_read(&pn->path_genid);
}

/**
 * plumb_path_resolve() - find the way to a destination
 * @pn: the namespace
 * @path: what is written; released first if it was set
 * @flow: what is asked for
 *
 * Asks nobody on the wire: the next hop's link-layer address is found when something is sent.
 *
 * Context: any; takes rcu_read_lock() itself.
 * Return: 0, -ENETUNREACH (also: @flow's source is not ours), -EHOSTUNREACH, -EACCES (prohibited),
 * -ENODEV or -ENOMEM.
 */
int plumb_path_resolve(struct plumb_net *pn, struct plumb_path *path,
		       const struct plumb_flow *flow);

struct plumb_route_metrics;

/**
 * plumb_path_metrics() - what a path's route tells its transport
 * @pn: the namespace
 * @path: a valid path
 * @m: filled in, zero what the route does not say
 *
 * Context: rcu_read_lock() held.
 */
void plumb_path_metrics(struct plumb_net *pn, const struct plumb_path *path,
			struct plumb_route_metrics *m);

/* Drops what the path holds and clears it; a cleared path may be passed. Any context. */
void plumb_path_release(struct plumb_path *path);

/**
 * struct plumb_ip_tx - the IPv4 header's fields that a sender chooses
 * @proto: IPPROTO_*
 * @tos: type of service octet, ECN bits included
 * @ttl: time to live; 0: the namespace's default
 * @df: set Don't Fragment; a larger packet is then refused with -EMSGSIZE
 * @id: identification to use when @df is set (TSO counts on from it); else, and with
 *	PLUMB_TX_IDENT, chosen
 * @optlen: octets of @opt
 * @opt: IPv4 options, padded to 4 octets
 * @flags: PLUMB_TX_*
 */
struct plumb_ip_tx {
	u8		proto;
	u8		tos;
	u8		ttl;
	bool		df;
	u16		id;
	u8		optlen;
	const u8	*opt;
	u8		flags;
};

/* multicast: no copy for our own sockets (IP_MULTICAST_LOOP 0) */
#define PLUMB_TX_NOLOOP		1
/* multicast: for our own sockets alone (IP_MULTICAST_TTL 0) */
#define PLUMB_TX_NOWIRE		2
/* an identification is chosen for what bears Don't Fragment too */
#define PLUMB_TX_IDENT		4

/* Headroom for the link-layer header, a tag, and the longest IPv4 header. */
#define PLUMB_IP_HEADROOM	(LL_MAX_HEADER + 60)

/**
 * plumb_ip_xmit() - send a transport segment along a path
 * @pn: the namespace
 * @path: a path that was valid under this rcu_read_lock() section
 * @tx: the header's fields
 * @skb: skb->data is at the transport header, with PLUMB_IP_HEADROOM bytes before it;
 *	transport_header is set; the checksum is done, or ip_summed is CHECKSUM_PARTIAL; the
 *	gso fields are set if it is larger than the MTU; taken over on every path
 *
 * Puts the IPv4 header (and, from the neighbour, the link-layer header) before it, fragments
 * what is larger than path->mtu if it may, and gives it to dev_queue_xmit(). A packet to
 * ourselves comes back through the family's loopback device.
 *
 * Context: rcu_read_lock() held; softirq or process.
 * Return: 0 (sent, or waiting for the neighbour), -EMSGSIZE, -ENOBUFS (dropped by the
 * queue), -ENOMEM, or what the device said.
 */
int plumb_ip_xmit(struct plumb_net *pn, struct plumb_path *path,
		  const struct plumb_ip_tx *tx, struct sk_buff *skb);

/**
 * plumb_ip_xmit_hdr() - send a packet whose IPv4 header the sender wrote (IP_HDRINCL)
 * @pn: the namespace
 * @path: as for plumb_ip_xmit()
 * @skb: skb->data is at a whole, checked IPv4 header with its checksum, with LL_MAX_HEADER bytes
 *	before it; no larger than path->mtu; network_header and transport_header are set;
 *	taken over
 *
 * Context: rcu_read_lock() held; softirq or process.
 * Return: as plumb_ip_xmit().
 */
int plumb_ip_xmit_hdr(struct plumb_net *pn, struct plumb_path *path, struct sk_buff *skb);

/**
 * plumb_ip_send_to() - resolve and send one packet that belongs to no kept path
 * @pn: the namespace
 * @flow: where to
 * @tx: the header's fields
 * @skb: as for plumb_ip_xmit(); taken over
 *
 * Context: any.
 * Return: as plumb_path_resolve() or plumb_ip_xmit().
 */
int plumb_ip_send_to(struct plumb_net *pn, const struct plumb_flow *flow,
		     const struct plumb_ip_tx *tx, struct sk_buff *skb);

/* The peer answers: the path's neighbour is reachable (RFC 4861 7.3.1). Cheap, any context. */
void plumb_path_confirm(struct plumb_path *path);

/**
 * struct plumb_ip_cb - what IPv4 found out about a received packet (in skb->cb)
 * @iif: interface it came by
 * @optlen: octets of options in the header
 * @frag_max: largest fragment it was reassembled from, or 0
 * @type: RTN_LOCAL, RTN_BROADCAST or RTN_MULTICAST: how the destination is ours
 * @tap: it is a copy for raw sockets alone
 *
 * Valid when a protocol's @rcv is called, which may then overwrite it. skb->data is at the
 * transport header; the IPv4 header is at skb_network_header(), wholly linear, as are
 * min_hlen octets of the transport header; skb->len ends with the datagram.
 */
struct plumb_ip_cb {
	int	iif;
	u16	optlen;
	u16	frag_max;
	u8	type;
	bool	tap;
};

#define PLUMB_IP_CB(skb) ((struct plumb_ip_cb *)(skb)->cb)

/**
 * struct plumb_icmp_err - an ICMP error about a packet of ours, as a transport gets it
 * @type: ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB or ICMP_SOURCE_QUENCH
 * @code: its code
 * @fatal: may end a connection attempt (RFC 1122 4.2.3.9)
 * @ttl: what the packet it is about had left
 * @mtu: next-hop MTU of "fragmentation needed" (path MTU already recorded), else 0
 * @err: the errno for a socket (positive)
 * @from: who sent the error
 * @saddr: our source address in the packet it is about
 * @daddr: its destination
 * @th: the first @thlen octets of its transport header, linear, at least 8
 * @thlen: octets at @th
 */
struct plumb_icmp_err {
	u8		type;
	u8		code;
	bool		fatal;
	u8		ttl;
	u16		mtu;
	int		err;
	__be32		from;
	__be32		saddr;
	__be32		daddr;
	const u8	*th;
	unsigned int	thlen;
};

/**
 * struct plumb_ip_claim - the ends of a packet that may be Linux's or ours
 * @saddr: the address here
 * @daddr: the peer's
 * @iif: interface it came by
 * @quoted: an ICMP error came about it: we would have sent it
 * @th: the first 8 octets of its transport header
 */
struct plumb_ip_claim {
	__be32		saddr;
	__be32		daddr;
	int		iif;
	bool		quoted;
	const u8	*th;
};

/**
 * struct plumb_ip_proto - a protocol on IPv4
 * @name: for /proc and the trace
 * @min_hlen: octets of transport header that must be linear when @rcv is called
 * @rcv: takes the packet over; softirq, under rcu_read_lock(). It answers a packet for no
 *	socket itself (TCP: RST; UDP: plumb_icmp_send())
 * @err: an ICMP error about a packet sent by this protocol; may be NULL; @skb (the ICMP
 *	message) stays the caller's
 * @claim: is a packet to an address that Linux has too for a socket of ours? softirq, under
 *	rcu_read_lock(). It may hand out that socket in *@sk, counted: it is then in skb->sk, with
 *	sock_efree() for its destructor, when @rcv is called. May be NULL: nothing is
 */
struct plumb_ip_proto {
	const char	*name;
	unsigned int	min_hlen;
	void (*rcv)(struct plumb_net *pn, struct sk_buff *skb);
	void (*err)(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e);
	bool (*claim)(struct plumb_net *pn, const struct plumb_ip_claim *c, struct sock **sk);
};

/**
 * plumb_ip_proto_set() - enter a protocol in the table, or take it out with NULL
 * @proto: IPPROTO_*
 * @ops: static; after taking out, synchronize_net() before it goes
 *
 * ICMP itself is net/ip's. What is entered for IPPROTO_ICMP (ping sockets) gets in @rcv what is not
 * answered there (echo replies and the like; at the ICMP header, checksum verified), in
 * @err the errors about ICMP packets of ours, and is asked in @claim about echo replies.
 *
 * Context: process.
 * Return: 0, or -EBUSY if another one stands there.
 */
int plumb_ip_proto_set(u8 proto, const struct plumb_ip_proto *ops);

/*
 * A tap for raw sockets, called under rcu_read_lock() for every packet delivered to this host
 * before its protocol: it clones what it wants and says whether anybody took one (then no
 * "protocol unreachable" is sent). There is one tap; NULL takes it out.
 */
typedef bool (*plumb_ip_tap_t)(struct plumb_net *pn, struct sk_buff *skb, u8 proto);
/* Is there anybody who might want a packet of this protocol? */
typedef bool (*plumb_ip_tapped_t)(struct plumb_net *pn, u8 proto);
void plumb_ip_tap_set(plumb_ip_tap_t deliver, plumb_ip_tapped_t wanted);

/*
 * The same for ICMP errors about packets of ours, of any protocol: called after that protocol's
 * own err(), under rcu_read_lock(); @skb stays the caller's. For raw sockets with IP_RECVERR.
 */
typedef void (*plumb_ip_err_tap_t)(struct plumb_net *pn, struct sk_buff *skb, u8 proto,
				   const struct plumb_icmp_err *e);
void plumb_ip_err_tap_set(plumb_ip_err_tap_t err);

/* A socket joined (1) or left (-1) a multicast group: is multicast to be looked at? Any context. */
void plumb_ip_groups_add(struct plumb_net *pn, int n);

/**
 * plumb_icmp_send() - send an ICMP error about a received packet
 * @pn: the namespace
 * @skb: the packet, network header set; stays the caller's
 * @type: ICMP_*
 * @code: its code
 * @info: MTU or pointer, as the type has it
 *
 * Sends nothing about an ICMP error, a fragment but the first, or what was sent to many
 * (RFC 1122 3.2.2), and is rate limited.
 *
 * Context: any.
 */
void plumb_icmp_send(struct plumb_net *pn, struct sk_buff *skb, u8 type, u8 code, u32 info);

/**
 * plumb_addr_type() - what an address is to this host
 * @pn: the namespace
 * @addr: the address
 *
 * Context: any.
 * Return: RTN_LOCAL (one of ours, 127/8 included), RTN_BROADCAST, RTN_MULTICAST or RTN_UNICAST.
 */
u8 plumb_addr_type(struct plumb_net *pn, __be32 addr);

/* Packets that wait for their fragments, and the bytes of memory they take. Any context. */
void plumb_ip_frag_stats(struct plumb_net *pn, unsigned int *queues, unsigned long *bytes);

int plumb_ip_init(void);
void plumb_ip_exit(void);
int plumb_ip_net_init(struct plumb_net *pn);
void plumb_ip_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_IP_IP_H */
