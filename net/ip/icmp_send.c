// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors that we send (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3): about a packet received, or
 * about one of our own that found no way; then the error comes to our own socket the same way
 * as from a router.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../wire/icmp.h"
#include "layer.h"

/* As much of the packet as leaves the answer within 576 octets (RFC 1812 4.3.2.3). */
#define ICMP_QUOTE_MAX	(576 - WIRE_IPV4_HLEN - WIRE_ICMP_HLEN)
#define ICMP_TOS_ERROR	0xc0	/* internetwork control (RFC 1812 4.3.2.5) */

static void icmp_count_error(struct plumb_net *pn, u8 type)
{
	PLUMB_ICMP_INC(pn, ICMP_MIB_OUTMSGS);
	PLUMB_ICMPMSG_INC(pn, type | 0x100);
	if (type == ICMP_DEST_UNREACH)
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTDESTUNREACHS);
	else if (type == ICMP_TIME_EXCEEDED)
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTTIMEEXCDS);
	else if (type == ICMP_PARAMETERPROB)
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTPARMPROBS);
}

/* An ICMP message that is itself an error, or of a type that nobody knows. */
static bool icmp_is_error(u8 type)
{
	switch (type) {
	case ICMP_ECHO:
	case ICMP_ECHOREPLY:
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		return false;
	default:
		return true;
	}
}

/* RFC 1122 3.2.2: never about these. */
static bool icmp_may_answer(struct plumb_net *pn, const struct sk_buff *skb,
			    const struct wire_ipv4 *ip)
{
	int at = skb_network_offset(skb);
	u8 atype, buf, *p;

	if (skb->pkt_type != PACKET_HOST || ip->offset)
		return false;
	if (plumb_addr_type(pn, ip->daddr) == RTN_BROADCAST || ipv4_is_multicast(ip->daddr))
		return false;
	atype = plumb_addr_type(pn, ip->saddr);
	if (atype == RTN_BROADCAST || atype == RTN_MULTICAST || ipv4_is_zeronet(ip->saddr))
		return false;
	if (ip->proto != IPPROTO_ICMP)
		return true;
	p = skb_header_pointer(skb, at + ip->hlen, 1, &buf);
	return p && !icmp_is_error(*p);
}

/* The message: header and as much of the packet as is quoted. */
static struct sk_buff *icmp_build(const struct sk_buff *about, const struct wire_icmp *icmp)
{
	int from = skb_network_offset(about);
	unsigned int quote = min_t(int, (int)about->len - from, ICMP_QUOTE_MAX);
	struct sk_buff *skb;
	u8 *p;

	skb = alloc_skb(PLUMB_IP_HEADROOM + WIRE_ICMP_HLEN + quote, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, PLUMB_IP_HEADROOM);
	skb_reset_transport_header(skb);
	p = skb_put(skb, WIRE_ICMP_HLEN + quote);
	wire_icmp_emit(p, icmp);
	if (skb_copy_bits(about, from, p + WIRE_ICMP_HLEN, quote)) {
		kfree_skb(skb);
		return NULL;
	}
	((struct icmphdr *)p)->checksum = csum_fold(csum_partial(p, skb->len, 0));
	return skb;
}

void plumb_icmp_send(struct plumb_net *pn, struct sk_buff *about, u8 type, u8 code, u32 info)
{
	struct wire_icmp icmp = { .type = type, .code = code, .info = info };
	struct plumb_ip_tx tx = { .proto = IPPROTO_ICMP };
	struct plumb_flow flow = { .proto = IPPROTO_ICMP };
	const u8 *h = skb_network_header(about);
	struct wire_ipv4 ip;
	struct sk_buff *skb;

	/* The header was checked when it came, or written by us; its length may be a merged one. */
	if (h < about->head || h + WIRE_IPV4_HLEN > skb_tail_pointer(about))
		return;
	ip.hlen = wire_ipv4_hlen(h);
	ip.proto = h[9];
	ip.offset = (wire_get16(h + 6) & 0x1fff) * 8;
	ip.saddr = wire_get_addr(h + 12);
	ip.daddr = wire_get_addr(h + 16);
	if (!icmp_may_answer(pn, about, &ip))
		return;
	if (!plumb_icmp_allowed(pn, ip.saddr, type, code)) {
		plumb_drop(pn, NULL, PLUMB_DROP_ICMP_RATELIMIT);
		return;
	}

	skb = icmp_build(about, &icmp);
	if (!skb) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTERRORS);
		return;
	}
	flow.daddr = ip.saddr;
	flow.mark = about->mark;
	if (plumb_addr_type(pn, ip.daddr) == RTN_LOCAL)
		flow.saddr = ip.daddr;
	tx.tos = (h[1] & 0x1c) | ICMP_TOS_ERROR;
	skb->mark = about->mark;
	icmp_count_error(pn, type);
	if (plumb_ip_send_to(pn, &flow, &tx, skb))
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTERRORS);
}
