// SPDX-License-Identifier: GPL-2.0
/*
 * UDP datagrams as they arrive from IPv4: header, checksum, socket or sockets, queue;
 * port unreachable for nobody's; and ICMP errors about what we sent. Softirq.
 * RFC 768, RFC 1122 4.1.3.
 */
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../../kmod/compat/sock.h"
#include "udp.h"

bool plumb_udp_csum_bad(struct sk_buff *skb)
{
	return !skb_csum_unnecessary(skb) && __skb_checksum_complete(skb);
}

/* Takes the header off; what the checksum still needs of it goes to skb->csum. */
static void plumb_udp_pull(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_NONE && !skb->csum_valid)
		skb->csum = csum_partial(skb->data, sizeof(struct udphdr), skb->csum);
	skb_pull_rcsum(skb, sizeof(struct udphdr));
}

static void plumb_udp_no_room(struct sock *sk, struct sk_buff *skb, int err)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	atomic_inc(&sk->sk_drops);
	if (err == -ENOMEM)
		PLUMB_UDP_INC(pn, UDP_MIB_RCVBUFERRORS);
	else
		PLUMB_UDP_INC(pn, UDP_MIB_MEMERRORS);
	PLUMB_UDP_INC(pn, UDP_MIB_INERRORS);
	plumb_drop(pn, skb, PLUMB_DROP_SOCKET_RCVBUF);
}

/* To one socket; @skb is taken over. */
static void plumb_udp_queue_one(struct sock *sk, struct sk_buff *skb)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_ip_cb cb = *PLUMB_IP_CB(skb);
	enum plumb_drop_reason why;
	int err;

	/* A filter sees what the reader will see: only what is whole. */
	why = PLUMB_DROP_UDP_CHECKSUM;
	if (rcu_access_pointer(sk->sk_filter) && plumb_udp_csum_bad(skb)) {
		PLUMB_UDP_INC(pn, UDP_MIB_CSUMERRORS);
		goto drop;
	}
	why = PLUMB_DROP_SOCKET_FILTER;
	if (sk_filter_trim_cap(sk, skb, sizeof(struct udphdr)))
		goto drop;

	plumb_udp_pull(skb);
	*PLUMB_IP_CB(skb) = cb;
	skb->dev = NULL;		/* it may go while we wait in the queue */
	if (READ_ONCE(sk->sk_daddr)) {
		sock_rps_save_rxhash(sk, skb);
		sk_incoming_cpu_update(sk);
	}
	err = plumb_udp_enqueue(sk, skb);
	if (err)
		plumb_udp_no_room(sk, skb, err);
	return;

drop:
	PLUMB_UDP_INC(pn, UDP_MIB_INERRORS);
	atomic_inc(&sk->sk_drops);
	plumb_drop(pn, skb, why);
}

/* A merged packet is taken apart again for a socket that did not ask for such (UDP_GRO). */
static void plumb_udp_queue_gso(struct sock *sk, struct sk_buff *skb)
{
	struct plumb_ip_cb cb = *PLUMB_IP_CB(skb);
	struct sk_buff *segs, *seg, *next;

	__skb_push(skb, -skb_mac_offset(skb));
	segs = __skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM, false);
	if (IS_ERR_OR_NULL(segs)) {
		PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_INERRORS);
		plumb_drop(plumb_sock_net(sk), skb, PLUMB_DROP_UDP_BAD);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		__skb_pull(seg, skb_transport_offset(seg));
		*PLUMB_IP_CB(seg) = cb;
		/* Its sum is that of the whole, which was right or is ours. */
		seg->ip_summed = CHECKSUM_UNNECESSARY;
		plumb_udp_queue_one(sk, seg);
	}
}

static void plumb_udp_queue(struct sock *sk, struct sk_buff *skb)
{
	/* (SKB_GSO_UDP is one datagram, of which fragments may be made.) */
	if (unlikely(skb_shinfo(skb)->gso_type & (SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST) &&
		     !plumb_udp_test(sk, PLUMB_UDP_GRO)))
		plumb_udp_queue_gso(sk, skb);
	else
		plumb_udp_queue_one(sk, skb);
}

/* ---- multicast and broadcast ---- */

struct plumb_udp_many {
	struct sk_buff	*skb;
	struct sock	*first;
};

/* Every socket but the first gets a clone; the first gets the packet itself at the end. */
static void plumb_udp_deliver_one(struct sock *sk, void *arg)
{
	struct plumb_udp_many *m = arg;
	struct sk_buff *clone;

	if (!m->first) {
		m->first = sk;
		return;
	}
	clone = skb_clone(m->skb, GFP_ATOMIC);
	if (clone) {
		plumb_udp_queue(sk, clone);
		return;
	}
	atomic_inc(&sk->sk_drops);
	PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_RCVBUFERRORS);
	PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_INERRORS);
	plumb_drop(plumb_sock_net(sk), NULL, PLUMB_DROP_NO_MEMORY);
}

static void plumb_udp_deliver_many(struct plumb_net *pn, struct sk_buff *skb,
				   const struct plumb_udp_key *key)
{
	struct plumb_udp_many m = { .skb = skb };

	plumb_udp_for_each(pn, key, plumb_udp_deliver_one, &m);
	if (m.first) {
		plumb_udp_queue(m.first, skb);
		return;
	}
	PLUMB_UDP_INC(pn, UDP_MIB_IGNOREDMULTI);
	plumb_drop(pn, skb, PLUMB_DROP_NO_SOCKET);
}

/* ---- from IPv4 ---- */

static void plumb_udp_no_socket(struct plumb_net *pn, struct sk_buff *skb)
{
	if (plumb_udp_csum_bad(skb)) {
		PLUMB_UDP_INC(pn, UDP_MIB_CSUMERRORS);
		PLUMB_UDP_INC(pn, UDP_MIB_INERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_UDP_CHECKSUM);
		return;
	}
	PLUMB_UDP_INC(pn, UDP_MIB_NOPORTS);
	plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	plumb_drop(pn, skb, PLUMB_DROP_NO_SOCKET);
}

/* Length and checksum; what follows the datagram in the packet is cut off. */
static enum plumb_drop_reason plumb_udp_check(struct sk_buff *skb)
{
	const struct udphdr *uh = udp_hdr(skb);
	unsigned int len = ntohs(uh->len);

	if (len < sizeof(*uh) || len > skb->len || pskb_trim_rcsum(skb, len))
		return PLUMB_DROP_UDP_BAD;
	if (skb_checksum_init_zero_check(skb, IPPROTO_UDP, udp_hdr(skb)->check,
					 inet_compute_pseudo))
		return PLUMB_DROP_UDP_CHECKSUM;
	return PLUMB_DROP_NR;
}

void plumb_udp_rcv(struct plumb_net *pn, struct sk_buff *skb)
{
	u8 type = PLUMB_IP_CB(skb)->type;
	enum plumb_drop_reason why;
	struct plumb_udp_key key;
	struct sock *sk;

	skb_reset_transport_header(skb);
	skb_orphan(skb);
	why = plumb_udp_check(skb);
	if (why != PLUMB_DROP_NR) {
		if (why == PLUMB_DROP_UDP_CHECKSUM)
			PLUMB_UDP_INC(pn, UDP_MIB_CSUMERRORS);
		PLUMB_UDP_INC(pn, UDP_MIB_INERRORS);
		plumb_drop(pn, skb, why);
		return;
	}

	key.saddr = ip_hdr(skb)->saddr;
	key.daddr = ip_hdr(skb)->daddr;
	key.sport = udp_hdr(skb)->source;
	key.dport = ntohs(udp_hdr(skb)->dest);
	key.dev = PLUMB_IP_CB(skb)->iif;
	if (type == RTN_MULTICAST || type == RTN_BROADCAST) {
		plumb_udp_deliver_many(pn, skb, &key);
		return;
	}
	sk = plumb_udp_lookup(pn, &key, skb);
	if (sk)
		plumb_udp_queue(sk, skb);
	else
		plumb_udp_no_socket(pn, skb);
}

void plumb_udp_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e)
{
	const struct udphdr *uh = (const struct udphdr *)e->th;
	struct plumb_udp_key key;
	struct sock *sk;

	/* The quoted datagram is ours: its ends are the other way round. */
	key.saddr = e->daddr;
	key.daddr = e->saddr;
	key.sport = uh->dest;
	key.dport = ntohs(uh->source);
	key.dev = skb->dev ? skb->dev->ifindex : 0;
	sk = plumb_udp_lookup(pn, &key, NULL);
	if (!sk) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_INERRORS);
		return;
	}
	plumb_sock_icmp_error(sk, skb, e, uh->dest, e->th + sizeof(*uh));
}

bool plumb_udp_claim(struct plumb_net *pn, const struct plumb_ip_claim *c, struct sock **sk)
{
	const struct udphdr *uh = (const struct udphdr *)c->th;
	struct plumb_udp_key key = {
		.saddr = c->daddr,
		.daddr = c->saddr,
		.sport = c->quoted ? uh->dest : uh->source,
		.dport = ntohs(c->quoted ? uh->source : uh->dest),
		.dev = c->iif,
	};

	return plumb_udp_lookup(pn, &key, NULL);
}
