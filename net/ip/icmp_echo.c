// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to ICMP requests: echo (RFC 792, RFC 1122 3.2.2.6) and timestamp (3.2.2.8). The
 * request itself is turned into the answer, whatever its size: nothing is copied but the
 * headers.
 */
#include <linux/icmp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/timekeeping.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../wire/icmp.h"
#include "layer.h"

#define ICMP_TIMESTAMP_LEN	20

/* What the answer needs of the request's IPv4 header, before that is overwritten. */
struct echo_to {
	struct plumb_flow	flow;
	struct plumb_ip_tx	tx;
};

static void echo_note(struct plumb_net *pn, const struct sk_buff *skb, struct echo_to *to)
{
	const u8 *h = skb_network_header(skb);
	__be32 daddr = wire_get_addr(h + 16);

	memset(to, 0, sizeof(*to));
	to->flow.daddr = wire_get_addr(h + 12);
	to->flow.proto = IPPROTO_ICMP;
	to->tx.proto = IPPROTO_ICMP;
	to->tx.tos = h[1];
	if (PLUMB_IP_CB(skb)->type == RTN_LOCAL)
		to->flow.saddr = daddr;
}

/*
 * Make a received packet one of ours: its head our own, with room for headers, and nothing of
 * its past.
 */
static int echo_turn(struct sk_buff *skb)
{
	int err;

	err = skb_cow(skb, PLUMB_IP_HEADROOM);
	if (!err)
		err = skb_ensure_writable(skb, min_t(unsigned int, skb->len, ICMP_TIMESTAMP_LEN));
	if (err)
		return err;
	skb_scrub_packet(skb, true);
	__vlan_hwaccel_clear_tag(skb);
	skb->pkt_type = PACKET_HOST;
	skb->priority = 0;
	skb->hash = 0;
	skb_reset_transport_header(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	return 0;
}

static void echo_send(struct plumb_net *pn, struct sk_buff *skb, const struct echo_to *to, u8 type)
{
	PLUMB_ICMP_INC(pn, ICMP_MIB_OUTMSGS);
	PLUMB_ICMPMSG_INC(pn, type | 0x100);
	PLUMB_ICMP_INC(pn, type == ICMP_ECHOREPLY ? ICMP_MIB_OUTECHOREPS :
						    ICMP_MIB_OUTTIMESTAMPREPS);
	if (plumb_ip_send_to(pn, &to->flow, &to->tx, skb))
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTERRORS);
}

static void echo_fail(struct plumb_net *pn, struct sk_buff *skb)
{
	PLUMB_ICMP_INC(pn, ICMP_MIB_OUTERRORS);
	plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
}

void plumb_icmp_echo(struct plumb_net *pn, struct sk_buff *skb)
{
	struct icmphdr *icmp;
	struct echo_to to;

	if (!plumb_icmp_allowed(pn, wire_get_addr(skb_network_header(skb) + 12),
				ICMP_ECHOREPLY, 0)) {
		plumb_drop(pn, skb, PLUMB_DROP_ICMP_RATELIMIT);
		return;
	}
	echo_note(pn, skb, &to);
	if (echo_turn(skb)) {
		echo_fail(pn, skb);
		return;
	}
	/* The checksum was right; it changes by the type only (RFC 1624). */
	icmp = (struct icmphdr *)skb->data;
	icmp->type = ICMP_ECHOREPLY;
	csum_replace2(&icmp->checksum, htons(ICMP_ECHO << 8), htons(ICMP_ECHOREPLY << 8));
	skb->ip_summed = CHECKSUM_NONE;
	echo_send(pn, skb, &to, ICMP_ECHOREPLY);
}

u32 plumb_icmp_clock(void)
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	return (u32)(ts.tv_sec % 86400) * MSEC_PER_SEC + ts.tv_nsec / NSEC_PER_MSEC;
}

void plumb_icmp_timestamp(struct plumb_net *pn, struct sk_buff *skb)
{
	u32 now = plumb_icmp_clock();
	struct echo_to to;
	u8 *p;

	if (skb->len < ICMP_TIMESTAMP_LEN || !pskb_may_pull(skb, ICMP_TIMESTAMP_LEN) ||
	    pskb_trim_rcsum(skb, ICMP_TIMESTAMP_LEN)) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_INERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_ICMP_BAD);
		return;
	}
	echo_note(pn, skb, &to);
	if (echo_turn(skb)) {
		echo_fail(pn, skb);
		return;
	}
	p = skb->data;
	p[0] = ICMP_TIMESTAMPREPLY;
	p[1] = 0;
	wire_put32(p + 12, now);
	wire_put32(p + 16, now);
	wire_put16(p + 2, 0);
	((struct icmphdr *)p)->checksum = csum_fold(csum_partial(p, ICMP_TIMESTAMP_LEN, 0));
	skb->ip_summed = CHECKSUM_NONE;
	echo_send(pn, skb, &to, ICMP_TIMESTAMPREPLY);
}
