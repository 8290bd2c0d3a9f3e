// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: a packet that the device hook found to be for us is checked (RFC 1122 3.2.1), and
 * goes to delivery or, for another host, to forwarding.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>
#include <plumb/mib.h>
#include <plumb/trace.h>

#include "../route/iface.h"
#include "layer.h"

static void input_drop_header(struct plumb_net *pn, struct sk_buff *skb,
			      enum wire_ipv4_verdict verdict)
{
	PLUMB_IP_INC(pn, IPSTATS_MIB_INHDRERRORS);
	switch (verdict) {
	case WIRE_IPV4_SHORT:
		PLUMB_IP_INC(pn, IPSTATS_MIB_INTRUNCATEDPKTS);
		plumb_drop(pn, skb, PLUMB_DROP_PULL);
		break;
	case WIRE_IPV4_CSUM:
		PLUMB_IP_INC(pn, IPSTATS_MIB_CSUMERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_CHECKSUM);
		break;
	default:
		plumb_drop(pn, skb, PLUMB_DROP_IP_HEADER);
	}
}

/* Make the whole header linear, read and check it. False: the packet was dropped. */
static bool input_parse(struct plumb_net *pn, struct sk_buff *skb, struct wire_ipv4 *ip)
{
	enum wire_ipv4_verdict verdict = WIRE_IPV4_SHORT;
	unsigned int hlen;

	if (unlikely(!pskb_may_pull(skb, WIRE_IPV4_HLEN)))
		goto drop;
	hlen = wire_ipv4_hlen(skb->data);
	verdict = hlen ? WIRE_IPV4_SHORT : WIRE_IPV4_BAD;
	if (unlikely(!hlen || !pskb_may_pull(skb, hlen)))
		goto drop;
	verdict = wire_ipv4_parse(skb->data, skb->len, ip);
	if (unlikely(verdict != WIRE_IPV4_OK))
		goto drop;
	/* What is behind it is the link's padding. */
	if (unlikely(pskb_trim_rcsum(skb, ip->tot_len))) {
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return false;
	}
	return true;

drop:
	input_drop_header(pn, skb, verdict);
	return false;
}

/*
 * Source addresses that nobody can have (RFC 1122 3.2.1.3): 0/8, groups, broadcasts, and, unless it
 * comes from ourselves, 127/8 and our own. A subnet's broadcast address ends in two ones at least:
 * only such a one is looked up.
 */
static bool input_source_ok(const struct plumb_iface *iface, const struct sk_buff *skb,
			    const struct wire_ipv4 *ip)
{
	struct plumb_net *pn = iface->pn;

	if (iface->dev == pn->ifaces->loopback || skb->pkt_type == PACKET_LOOPBACK)
		return true;
	if (ipv4_is_zeronet(ip->saddr) || ipv4_is_multicast(ip->saddr) ||
	    ipv4_is_lbcast(ip->saddr) || ipv4_is_loopback(ip->saddr))
		return false;
	if (plumb_ifa_find(pn, ip->saddr))
		return false;
	return (ntohl(ip->saddr) & 3) != 3 || plumb_addr_type(pn, ip->saddr) != RTN_BROADCAST;
}

/* Options must at least keep their lengths, and a source route is not followed (RFC 7126 4.3). */
static bool input_options_ok(struct plumb_net *pn, struct sk_buff *skb, const struct wire_ipv4 *ip)
{
	const u8 *opt = skb->data + WIRE_IPV4_HLEN;
	unsigned int len = ip->hlen - WIRE_IPV4_HLEN, at = 0;

	if (likely(!len))
		return true;
	if (!wire_ipv4_options_check(opt, len, &at)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INHDRERRORS);
		plumb_icmp_send(pn, skb, ICMP_PARAMETERPROB, 0, (WIRE_IPV4_HLEN + at) << 24);
		return false;
	}
	if (wire_ipv4_source_routed(opt, len)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INADDRERRORS);
		plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
		return false;
	}
	return true;
}

/* Where the sender wants to know his packet's way, we are its end (RFC 1122 3.2.1.8). */
static void input_options_record(struct sk_buff *skb, const struct wire_ipv4 *ip)
{
	if (skb_ensure_writable(skb, ip->hlen))
		return;
	if (wire_ipv4_options_record(skb->data + WIRE_IPV4_HLEN, ip->hlen - WIRE_IPV4_HLEN,
				     ip->daddr, plumb_icmp_clock()))
		wire_ipv4_recheck(skb->data);
}

static void input_count(struct plumb_net *pn, const struct sk_buff *skb,
			const struct wire_ipv4 *ip)
{
	static const int ecn[] = {
		IPSTATS_MIB_NOECTPKTS, IPSTATS_MIB_ECT1PKTS,
		IPSTATS_MIB_ECT0PKTS, IPSTATS_MIB_CEPKTS,
	};
	unsigned int segs = skb_is_gso(skb) ? max_t(u16, skb_shinfo(skb)->gso_segs, 1) : 1;

	PLUMB_IP_ADD(pn, ecn[ip->tos & 3], segs);
	if (skb->pkt_type == PACKET_BROADCAST)
		PLUMB_IP_UPO(pn, IPSTATS_MIB_INBCAST, skb->len);
	else if (skb->pkt_type == PACKET_MULTICAST)
		PLUMB_IP_UPO(pn, IPSTATS_MIB_INMCAST, skb->len);
}

static __always_inline void input_rcv(struct plumb_iface *iface, struct sk_buff *skb,
				      u16 frag_max, bool tap)
{
	struct plumb_net *pn = iface->pn;
	struct wire_ipv4 ip;
	u8 type;

	trace_plumb_rx(pn, skb);
	PLUMB_IP_UPO(pn, IPSTATS_MIB_IN, skb->len);
	if (!input_parse(pn, skb, &ip))
		return;
	skb_set_transport_header(skb, ip.hlen);
	input_count(pn, skb, &ip);
	trace_plumb_ip_in(pn, skb, ip.saddr, ip.daddr, ip.proto);
	if (unlikely(!input_source_ok(iface, skb, &ip))) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INADDRERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_SOURCE);
		return;
	}
	if (unlikely(!input_options_ok(pn, skb, &ip))) {
		plumb_drop(pn, skb, PLUMB_DROP_IP_OPTIONS);
		return;
	}

	type = plumb_addr_local(pn, ip.daddr) ? RTN_LOCAL : plumb_addr_type(pn, ip.daddr);
	if (unlikely(type == RTN_UNICAST)) {
		plumb_ip_forward(pn, skb, &ip);
		return;
	}
	/* 127/8 is not on any wire. */
	if (unlikely(ipv4_is_loopback(ip.daddr) && iface->dev != pn->ifaces->loopback)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INADDRERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_NOT_OURS);
		return;
	}
	if (unlikely(ip.hlen > WIRE_IPV4_HLEN && type == RTN_LOCAL))
		input_options_record(skb, &ip);
	*PLUMB_IP_CB(skb) = (struct plumb_ip_cb) {
		.iif = iface->dev->ifindex,
		.optlen = ip.hlen - WIRE_IPV4_HLEN,
		.frag_max = frag_max,
		.type = type,
		.tap = tap,
	};
	plumb_ip_deliver(pn, skb, &ip);
}

void plumb_ip_rcv(struct plumb_iface *iface, struct sk_buff *skb)
{
	input_rcv(iface, skb, 0, false);
}

void plumb_ip_rcv_shared(struct plumb_iface *iface, struct sk_buff *skb, u16 frag_max, bool tap)
{
	input_rcv(iface, skb, frag_max, tap);
}
