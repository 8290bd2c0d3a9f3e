/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: events/plumb/ has one for each step of a packet's trip.
 *
 * Each event shows "pkt", a number made from what no hop changes in a packet
 * (addresses, protocol, identification, the first octets of the payload), so that one
 * packet can be followed through the layers, over the wire and up the other side, by
 * grep; 0 where there is no IPv4 header yet. It is computed only while the event is on.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM plumb

#if !defined(_PLUMB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PLUMB_TRACE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include <plumb/drop.h>
#include <plumb/net.h>

#ifndef _PLUMB_TRACE_ID
#define _PLUMB_TRACE_ID
/**
 * plumb_trace_id() - the number of a packet in the trace
 * @skb: the packet, or NULL
 *
 * Context: any.
 * Return: the same for the same packet wherever it is seen; 0 if it has no IPv4 header yet.
 */
u32 plumb_trace_id(const struct sk_buff *skb);
#endif

/* A packet and the device it is at. */
DECLARE_EVENT_CLASS(plumb_packet,
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb),
	TP_ARGS(pn, skb),
	TP_STRUCT__entry(
		__field(u32, pkt)
		__field(u32, netns)
		__field(int, ifindex)
		__field(u32, len)
		__field(u16, segs)
		__field(u8, csum)
	),
	TP_fast_assign(
		__entry->pkt = plumb_trace_id(skb);
		__entry->netns = pn->net->ns.inum;
		__entry->ifindex = skb->dev ? skb->dev->ifindex : 0;
		__entry->len = skb->len;
		__entry->segs = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
		__entry->csum = skb->ip_summed;
	),
	TP_printk("pkt=%08x netns=%u ifindex=%d len=%u segs=%u csum=%s",
		  __entry->pkt, __entry->netns, __entry->ifindex, __entry->len, __entry->segs,
		  __print_symbolic(__entry->csum, { CHECKSUM_NONE, "none" },
				   { CHECKSUM_UNNECESSARY, "ok" },
				   { CHECKSUM_COMPLETE, "summed" },
				   { CHECKSUM_PARTIAL, "partial" }))
);

/* Off the device, found to be ours. */
DEFINE_EVENT(plumb_packet, plumb_rx,
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb), TP_ARGS(pn, skb));

/* To the device's queue, link-layer header in front. */
DEFINE_EVENT(plumb_packet, plumb_xmit,
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb), TP_ARGS(pn, skb));

/* An IPv4 packet with its addresses. */
DECLARE_EVENT_CLASS(plumb_ip,
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb, __be32 saddr,
		 __be32 daddr, u8 proto),
	TP_ARGS(pn, skb, saddr, daddr, proto),
	TP_STRUCT__entry(
		__field(u32, pkt)
		__field(u32, netns)
		__field(u32, len)
		__field(u8, proto)
		__array(u8, saddr, 4)
		__array(u8, daddr, 4)
	),
	TP_fast_assign(
		__entry->pkt = plumb_trace_id(skb);
		__entry->netns = pn->net->ns.inum;
		__entry->len = skb->len;
		__entry->proto = proto;
		memcpy(__entry->saddr, &saddr, 4);
		memcpy(__entry->daddr, &daddr, 4);
	),
	TP_printk("pkt=%08x netns=%u saddr=%pI4 daddr=%pI4 proto=%u len=%u",
		  __entry->pkt, __entry->netns, __entry->saddr, __entry->daddr,
		  __entry->proto, __entry->len)
);

#define PLUMB_IP_EVENT(name)							\
DEFINE_EVENT(plumb_ip, name,							\
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb,	\
		 __be32 saddr, __be32 daddr, u8 proto),				\
	TP_ARGS(pn, skb, saddr, daddr, proto))

PLUMB_IP_EVENT(plumb_ip_in);		/* header checked */
PLUMB_IP_EVENT(plumb_ip_deliver);	/* whole, to its protocol */
PLUMB_IP_EVENT(plumb_ip_forward);	/* through us to another host */
PLUMB_IP_EVENT(plumb_ip_out);		/* header written */

/* ARP said or heard. */
TRACE_EVENT(plumb_arp,
	TP_PROTO(const struct net_device *dev, bool out, u16 op, __be32 spa, __be32 tpa,
		 const u8 *sha),
	TP_ARGS(dev, out, op, spa, tpa, sha),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, op)
		__field(bool, out)
		__array(u8, spa, 4)
		__array(u8, tpa, 4)
		__array(u8, sha, 6)
	),
	TP_fast_assign(
		__entry->ifindex = dev->ifindex;
		__entry->op = op;
		__entry->out = out;
		memcpy(__entry->spa, &spa, 4);
		memcpy(__entry->tpa, &tpa, 4);
		memcpy(__entry->sha, sha, 6);
	),
	TP_printk("%s ifindex=%d %s spa=%pI4 sha=%pM tpa=%pI4",
		  __entry->out ? "out" : "in", __entry->ifindex,
		  __print_symbolic(__entry->op, { 1, "request" }, { 2, "reply" }),
		  __entry->spa, __entry->sha, __entry->tpa)
);

#define PLUMB_NUD_NAMES								\
	{ 0x00, "none" }, { 0x01, "incomplete" }, { 0x02, "reachable" },	\
	{ 0x04, "stale" }, { 0x08, "delay" }, { 0x10, "probe" },		\
	{ 0x20, "failed" }, { 0x40, "noarp" }, { 0x80, "permanent" }

/* A neighbour changed its state (NUD_*). */
TRACE_EVENT(plumb_neigh,
	TP_PROTO(int ifindex, __be32 addr, u8 from, u8 to),
	TP_ARGS(ifindex, addr, from, to),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u8, from)
		__field(u8, to)
		__array(u8, addr, 4)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->from = from;
		__entry->to = to;
		memcpy(__entry->addr, &addr, 4);
	),
	TP_printk("ifindex=%d addr=%pI4 %s -> %s", __entry->ifindex, __entry->addr,
		  __print_symbolic(__entry->from, PLUMB_NUD_NAMES),
		  __print_symbolic(__entry->to, PLUMB_NUD_NAMES))
);

/* A packet ends here. */
#define X(name, text) { PLUMB_DROP_##name, #name ": " text },
TRACE_EVENT(plumb_drop,
	TP_PROTO(const struct plumb_net *pn, const struct sk_buff *skb,
		 enum plumb_drop_reason why),
	TP_ARGS(pn, skb, why),
	TP_STRUCT__entry(
		__field(u32, pkt)
		__field(u32, netns)
		__field(u32, len)
		__field(u16, why)
	),
	TP_fast_assign(
		__entry->pkt = plumb_trace_id(skb);
		__entry->netns = pn->net->ns.inum;
		__entry->len = skb ? skb->len : 0;
		__entry->why = why;
	),
	TP_printk("pkt=%08x netns=%u len=%u %s", __entry->pkt, __entry->netns, __entry->len,
		  __print_symbolic(__entry->why, PLUMB_DROP_REASONS(X) { -1, NULL }))
);
#undef X

#endif /* _PLUMB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH plumb
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
