// SPDX-License-Identifier: GPL-2.0
/*
 * Packets to an address that is Linux's as well as ours (plumb link set DEVICE share). Called by
 * the device hook (link.c) for each of them.
 *
 *	for a socket of ours			--> input.c, as any other
 *	an ICMP error about a packet of ours	--> input.c
 *	anything else				--> Linux, as it came; our raw sockets get a
 *						    copy, and hear of errors about what
 *						    may be theirs
 *
 * Whose it is the transports say (plumb_ip_proto.claim), by their own tables of sockets and
 * connections: TCP hands the connection it found on with the packet, so it is looked up once.
 *
 * Fragments: the first alone says whose the packet is, so they are put together before they are
 * judged, and Linux gets the whole. It loses nothing: what lacks a fragment, it would have given
 * up too; the sender hears of it from us.
 *
 * Echo requests are always Linux's, as is ARP (net/neigh/arp.c).
 */
#include <linux/icmp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include <plumb/drop.h>

#include "../route/iface.h"
#include "../wire/icmp.h"
#include "layer.h"

#define SHARE_TH	8	/* octets of transport header that tell whose it is */

/* What of a packet's IPv4 header is needed to judge it. */
struct share_look {
	__be32	saddr;
	__be32	daddr;
	u8	hlen;
	u8	proto;
	u16	frag;		/* its offset, or more fragments: not 0 */
	u16	frag_max;	/* if it was put together: the largest fragment */
};

/* The IPv4 header @at octets behind skb->data. False: there is none. */
static bool share_look(const struct sk_buff *skb, unsigned int at, struct share_look *l)
{
	u8 buf[WIRE_IPV4_HLEN];
	const u8 *h;

	h = skb_header_pointer(skb, at, sizeof(buf), buf);
	if (!h)
		return false;
	l->hlen = wire_ipv4_hlen(h);
	l->proto = h[9];
	l->saddr = wire_get_addr(h + 12);
	l->daddr = wire_get_addr(h + 16);
	l->frag = wire_get16(h + 6) & 0x3fff;
	l->frag_max = 0;
	return l->hlen;
}

static bool share_ask(struct plumb_net *pn, const struct sk_buff *skb, unsigned int at, u8 proto,
		      struct plumb_ip_claim *c, struct sock **sk)
{
	const struct plumb_ip_proto *ops = plumb_ip_proto_get(proto);
	u8 buf[SHARE_TH];

	if (!ops || !ops->claim)
		return false;
	c->th = skb_header_pointer(skb, at, sizeof(buf), buf);
	return c->th && ops->claim(pn, c, sk);
}

/* An ICMP error, whose quoted packet is @at octets behind skb->data: did we send that? */
static bool share_quoted(struct plumb_net *pn, const struct sk_buff *skb, unsigned int at)
{
	struct plumb_ip_claim c = { .iif = skb->skb_iif, .quoted = true };
	struct sock *sk = NULL;
	struct share_look l;
	u8 buf[SHARE_TH];
	const u8 *th;

	if (!share_look(skb, at, &l) || l.frag & 0x1fff || !plumb_ifa_find(pn, l.saddr))
		return false;
	at += l.hlen;
	if (l.proto == IPPROTO_ICMP) {
		th = skb_header_pointer(skb, at, sizeof(buf), buf);
		if (!th || (th[0] != ICMP_ECHO && th[0] != ICMP_EXT_ECHO))
			return false;
	}
	c.saddr = l.saddr;
	c.daddr = l.daddr;
	if (!share_ask(pn, skb, at, l.proto, &c, &sk))
		return false;
	/* An error finds its own way. */
	if (sk)
		sock_put(sk);
	return true;
}

static bool share_icmp(struct plumb_net *pn, const struct sk_buff *skb, unsigned int at,
		       struct plumb_ip_claim *c)
{
	struct sock *sk = NULL;
	const u8 *type;
	u8 buf;

	type = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!type)
		return false;
	switch (*type) {
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return share_quoted(pn, skb, at + WIRE_ICMP_HLEN);
	case ICMP_ECHOREPLY:
	case ICMP_EXT_ECHOREPLY:
		return share_ask(pn, skb, at, IPPROTO_ICMP, c, &sk);
	default:
		return false;
	}
}

/* Is it ours? @sk: the socket, counted, if it is known already. */
static bool share_ours(struct plumb_net *pn, const struct sk_buff *skb,
		       const struct share_look *l, struct sock **sk)
{
	struct plumb_ip_claim c = {
		.saddr = l->daddr,
		.daddr = l->saddr,
		.iif = skb->skb_iif,
	};

	if (l->proto == IPPROTO_ICMP)
		return share_icmp(pn, skb, l->hlen, &c);
	return share_ask(pn, skb, l->hlen, l->proto, &c, sk);
}

static void share_take(struct plumb_iface *iface, struct sk_buff *skb,
		       const struct share_look *l, struct sock *sk)
{
	skb = plumb_link_own(iface->pn, skb);
	if (!skb) {
		if (sk)
			sock_put(sk);
		return;
	}
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	if (sk) {
		skb->sk = sk;
		skb->destructor = sock_efree;
	}
	plumb_ip_rcv_shared(iface, skb, l->frag_max, false);
}

/* Do raw sockets of ours want it, for its protocol or for that of a packet it is an error about? */
static bool share_tapped(struct plumb_net *pn, const struct sk_buff *skb,
			 const struct share_look *l)
{
	struct share_look quoted;

	if (plumb_ip_tapped(pn, l->proto))
		return true;
	return l->proto == IPPROTO_ICMP && share_look(skb, l->hlen + WIRE_ICMP_HLEN, &quoted) &&
	       plumb_ip_tapped(pn, quoted.proto);
}

/* Linux's: our raw sockets hear it too. */
static void share_tap(struct plumb_iface *iface, struct sk_buff *skb, const struct share_look *l)
{
	struct sk_buff *copy;

	if (likely(!share_tapped(iface->pn, skb, l)))
		return;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (copy)
		copy = plumb_link_own(iface->pn, copy);
	else
		plumb_drop(iface->pn, NULL, PLUMB_DROP_NO_MEMORY);
	if (!copy)
		return;
	skb_dst_drop(copy);
	nf_reset_ct(copy);
	plumb_ip_rcv_shared(iface, copy, l->frag_max, true);
}

/*
 * A fragment joins the others of its packet: that, when it is whole. @skb is taken over, unless
 * *@theirs says that it is none that can be put together: then it is returned.
 */
static struct sk_buff *share_fragment(struct plumb_iface *iface, struct sk_buff *skb, bool *theirs)
{
	struct plumb_net *pn = iface->pn;
	struct wire_ipv4 ip;
	unsigned int hlen;

	*theirs = false;
	skb = plumb_link_own(pn, skb);
	if (!skb)
		return NULL;
	*theirs = true;
	if (!pskb_may_pull(skb, WIRE_IPV4_HLEN))
		return skb;
	hlen = wire_ipv4_hlen(skb->data);
	if (!hlen || !pskb_may_pull(skb, hlen) ||
	    wire_ipv4_parse(skb->data, skb->len, &ip) != WIRE_IPV4_OK)
		return skb;
	*theirs = false;
	if (pskb_trim_rcsum(skb, ip.tot_len)) {
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return NULL;
	}
	*PLUMB_IP_CB(skb) = (struct plumb_ip_cb) {
		.iif = iface->dev->ifindex,
		.optlen = ip.hlen - WIRE_IPV4_HLEN,
		.type = RTN_LOCAL,
	};
	return plumb_reasm_add(pn, skb, &ip);
}

rx_handler_result_t plumb_share_rx(struct plumb_iface *iface, struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct sock *sk = NULL;
	struct share_look l;
	u16 frag_max;
	bool theirs;

	if (unlikely(!share_look(skb, 0, &l)))
		return RX_HANDLER_PASS;
	if (unlikely(l.frag)) {
		skb = share_fragment(iface, skb, &theirs);
		if (!skb)
			return RX_HANDLER_CONSUMED;
		*pskb = skb;
		frag_max = PLUMB_IP_CB(skb)->frag_max;
		if (theirs || !share_look(skb, 0, &l))
			return RX_HANDLER_PASS;
		l.frag_max = frag_max;
	}
	if (share_ours(iface->pn, skb, &l, &sk)) {
		share_take(iface, skb, &l, sk);
		return RX_HANDLER_CONSUMED;
	}
	share_tap(iface, skb, &l);
	return RX_HANDLER_PASS;
}
