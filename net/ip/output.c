// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: the IPv4 header is put before a transport's segment (RFC 791, RFC 6864), what does not
 * fit is cut, and the rest is the neighbour's or the device's. What is for many comes back to
 * ourselves as well.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>
#include <plumb/mib.h>
#include <plumb/trace.h>

#include "../../kmod/compat/ip.h"
#include "../neigh/cache.h"
#include "../route/iface.h"
#include "layer.h"

/*
 * A counter for each of many hashed pairs of hosts and protocol, begun at a secret place:
 * unique for as long as RFC 6864 4.3 wants, and of no use for counting our traffic from aside.
 */
u16 plumb_ip_ident(struct plumb_net *pn, __be32 saddr, __be32 daddr, u8 proto, u16 segs)
{
	u64 h = siphash_3u32((__force u32)saddr, (__force u32)daddr, proto, &pn->hash_key);
	atomic_t *counter = &pn->ip->idents[h % PLUMB_IDENTS];

	return (u16)(atomic_add_return(segs, counter) - segs + (h >> 32));
}

/* A copy of what goes to many, for our own sockets. */
static void output_loop(struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (!copy) {
		plumb_drop(plumb_dev_net(skb->dev), NULL, PLUMB_DROP_NO_MEMORY);
		return;
	}
	skb_orphan(copy);
	skb_reset_mac_header(copy);
	copy->pkt_type = PACKET_LOOPBACK;
	if (copy->ip_summed == CHECKSUM_NONE)
		copy->ip_summed = CHECKSUM_UNNECESSARY;
	netif_rx(copy);
}

int plumb_ip_to_link(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb)
{
	if (likely(path->neigh))
		return plumb_neigh_output(path->neigh, skb);
	trace_plumb_xmit(pn, skb);
	return plumb_neigh_queue_xmit(skb);
}

/* Does it fit, as a whole or (TSO) as the segments that the device will make of it? */
static bool output_fits(const struct sk_buff *skb, u32 mtu)
{
	if (likely(!skb_is_gso(skb)))
		return skb->len <= mtu;
	return skb_gso_validate_network_len(skb, mtu);
}

int plumb_ip_finish(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb,
		    bool df, u8 flags)
{
	/* The loopback device brings it back by itself. */
	if (unlikely(path->type == RTN_BROADCAST || path->type == RTN_MULTICAST) &&
	    path->dev != pn->ifaces->loopback) {
		if (!(flags & PLUMB_TX_NOLOOP))
			output_loop(skb);
		if (flags & PLUMB_TX_NOWIRE) {
			consume_skb(skb);
			return 0;
		}
	}
	if (likely(output_fits(skb, path->mtu)))
		return plumb_ip_to_link(pn, path, skb);
	if (df) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_FRAGFAILS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_TOO_BIG);
		return -EMSGSIZE;
	}
	return plumb_ip_fragment(pn, path, skb);
}

static u16 output_segs(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? max_t(u16, skb_shinfo(skb)->gso_segs, 1) : 1;
}

static void output_header(struct plumb_net *pn, const struct plumb_path *path,
			  const struct plumb_ip_tx *tx, struct sk_buff *skb)
{
	struct wire_ipv4 ip = {
		.hlen = WIRE_IPV4_HLEN + tx->optlen,
		.tos = tx->tos,
		.ttl = tx->ttl ?: READ_ONCE(pn->sysctl.ip_default_ttl),
		.proto = tx->proto,
		.df = tx->df,
		.saddr = path->saddr,
		.daddr = path->daddr,
	};

	ip.id = tx->df && !(tx->flags & PLUMB_TX_IDENT) ? tx->id :
		plumb_ip_ident(pn, ip.saddr, ip.daddr, ip.proto, output_segs(skb));
	__skb_push(skb, ip.hlen);
	skb_reset_network_header(skb);
	ip.tot_len = skb->len;
	wire_ipv4_emit(skb->data, &ip, tx->opt);
}

/* Count, trace and send what has its header. */
static int output_begin(struct plumb_net *pn, const struct plumb_path *path, struct sk_buff *skb,
			u8 proto, bool df, u8 flags)
{
	skb->dev = path->dev;
	skb->protocol = htons(ETH_P_IP);
	PLUMB_IP_INC_OUTREQUESTS(pn);
	PLUMB_IP_UPO(pn, IPSTATS_MIB_OUT, skb->len);
	if (unlikely(path->type == RTN_BROADCAST))
		PLUMB_IP_UPO(pn, IPSTATS_MIB_OUTBCAST, skb->len);
	else if (unlikely(path->type == RTN_MULTICAST))
		PLUMB_IP_UPO(pn, IPSTATS_MIB_OUTMCAST, skb->len);
	trace_plumb_ip_out(pn, skb, path->saddr, path->daddr, proto);
	return plumb_ip_finish(pn, path, skb, df, flags);
}

int plumb_ip_xmit(struct plumb_net *pn, struct plumb_path *path, const struct plumb_ip_tx *tx,
		  struct sk_buff *skb)
{
	/* What would not fit the length field can not be cut either. */
	if (unlikely(skb->len + WIRE_IPV4_HLEN + tx->optlen > WIRE_IPV4_MAX &&
		     !skb_is_gso(skb))) {
		plumb_drop(pn, skb, PLUMB_DROP_IP_TOO_BIG);
		return -EMSGSIZE;
	}
	output_header(pn, path, tx, skb);
	return output_begin(pn, path, skb, tx->proto, tx->df, tx->flags);
}

int plumb_ip_xmit_hdr(struct plumb_net *pn, struct plumb_path *path, struct sk_buff *skb)
{
	return output_begin(pn, path, skb, skb_network_header(skb)[9], true, 0);
}

int plumb_ip_send_to(struct plumb_net *pn, const struct plumb_flow *flow,
		     const struct plumb_ip_tx *tx, struct sk_buff *skb)
{
	struct plumb_path path = {};
	int err;

	rcu_read_lock();
	err = plumb_path_resolve(pn, &path, flow);
	if (err) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_OUTNOROUTES);
		plumb_drop(pn, skb, PLUMB_DROP_IP_NO_ROUTE);
	} else {
		err = plumb_ip_xmit(pn, &path, tx, skb);
		plumb_path_release(&path);
	}
	rcu_read_unlock();
	return err;
}
