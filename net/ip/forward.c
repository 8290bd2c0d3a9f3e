// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding between adopted devices, with net.plumb.ip_forward=1 (RFC 1812 5): time to live,
 * next hop, MTU, and the errors that go with them. Redirects are not sent.
 */
#include <linux/icmp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/route.h>

#include <plumb/drop.h>
#include <plumb/mib.h>
#include <plumb/trace.h>

#include "../../kmod/compat/ip.h"
#include "../route/fib.h"
#include "layer.h"

/*
 * Linux sees the same packets: what is for its own addresses it must get, and what we have no
 * route for may be its to forward.
 */
bool plumb_ip_forwards(struct plumb_net *pn, __be32 daddr)
{
	struct plumb_fib_result res;
	int err;

	if (!READ_ONCE(pn->sysctl.ip_forward))
		return false;
	err = plumb_fib_lookup(pn, daddr, 0, &res);
	/* A route that forbids is a route; but where Linux would send it is Linux's to say. */
	if (err == -ENETUNREACH || (!err && res.route->type != RTN_UNICAST) ||
	    READ_ONCE(res.route->import))
		return false;
	return inet_addr_type(pn->net, daddr) == RTN_UNICAST;
}

static bool forward_fits(const struct sk_buff *skb, u32 mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len <= mtu;
}

/* No way: the sender is told why. */
static void forward_no_path(struct plumb_net *pn, struct sk_buff *skb, int err)
{
	u8 code = ICMP_NET_UNREACH;

	if (err == -EHOSTUNREACH)
		code = ICMP_HOST_UNREACH;
	else if (err == -EACCES)
		code = ICMP_PKT_FILTERED;
	PLUMB_IP_INC(pn, IPSTATS_MIB_INNOROUTES);
	/* A blackhole says nothing. */
	if (err != -EINVAL && err != -ENOBUFS)
		plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, code, 0);
	plumb_drop(pn, skb, PLUMB_DROP_IP_NO_ROUTE);
}

static void forward_send(struct plumb_net *pn, struct sk_buff *skb, const struct wire_ipv4 *ip,
			 const struct plumb_path *path)
{
	if (ip->df && !forward_fits(skb, path->mtu)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_FRAGFAILS);
		plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, path->mtu);
		plumb_drop(pn, skb, PLUMB_DROP_IP_TOO_BIG);
		return;
	}
	if (skb_cow(skb, LL_RESERVED_SPACE(path->dev))) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_OUTDISCARDS);
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return;
	}
	wire_ipv4_dec_ttl(skb_network_header(skb));
	PLUMB_IP_INC(pn, IPSTATS_MIB_OUTFORWDATAGRAMS);
	PLUMB_IP_ADD(pn, IPSTATS_MIB_OUTOCTETS, skb->len);
	trace_plumb_ip_forward(pn, skb, ip->saddr, ip->daddr, ip->proto);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb->dev = path->dev;
	plumb_ip_finish(pn, path, skb, ip->df, PLUMB_TX_NOLOOP);
}

void plumb_ip_forward(struct plumb_net *pn, struct sk_buff *skb, const struct wire_ipv4 *ip)
{
	struct plumb_flow flow = {
		.daddr = ip->daddr,
		.saddr = ip->saddr,
		.tos = ip->tos,
		.proto = ip->proto,
		.flags = PLUMB_FLOW_ANYSRC,
	};
	struct plumb_path path = {};
	int err;

	if (!READ_ONCE(pn->sysctl.ip_forward) || skb->pkt_type != PACKET_HOST ||
	    skb_warn_if_lro(skb)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INADDRERRORS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_NOT_OURS);
		return;
	}
	if (ip->ttl <= 1) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INHDRERRORS);
		plumb_icmp_send(pn, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		plumb_drop(pn, skb, PLUMB_DROP_IP_TTL);
		return;
	}
	err = plumb_path_resolve(pn, &path, &flow);
	if (err) {
		forward_no_path(pn, skb, err);
		return;
	}
	if (path.type == RTN_UNICAST)
		forward_send(pn, skb, ip, &path);
	else
		forward_no_path(pn, skb, -EINVAL);
	plumb_path_release(&path);
}
