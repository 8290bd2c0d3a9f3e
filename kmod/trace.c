// SPDX-License-Identifier: GPL-2.0
/*
 * The bodies of the tracepoints, and the number by which a trace follows one packet.
 */
#include <linux/ip.h>
#include <linux/jhash.h>
#include <linux/skbuff.h>

#include <plumb/net.h>

#define CREATE_TRACE_POINTS
#include <plumb/trace.h>

/*
 * Only what no hop changes goes in: not the time to live, the checksum or the type of
 * service. Fragments differ in their offset, segments of a stream in what follows.
 */
u32 plumb_trace_id(const struct sk_buff *skb)
{
	struct {
		__be32 saddr, daddr;
		__be16 id, off;
		u8 proto, pad[3];
		u8 payload[8];
	} key = {};
	const struct iphdr *ip;
	struct iphdr ip_buf;
	int at, n;

	if (!skb || !skb->head || !skb->network_header)
		return 0;
	at = skb_network_offset(skb);
	ip = skb_header_pointer(skb, at, sizeof(ip_buf), &ip_buf);
	if (!ip || ip->version != 4)
		return 0;
	key.saddr = ip->saddr;
	key.daddr = ip->daddr;
	key.id = ip->id;
	key.off = ip->frag_off;
	key.proto = ip->protocol;
	at += ip->ihl * 4;
	n = min_t(int, sizeof(key.payload), (int)skb->len - at);
	if (n > 0 && skb_copy_bits(skb, at, key.payload, n))
		return 0;
	return jhash(&key, sizeof(key), 0) | 1;
}
