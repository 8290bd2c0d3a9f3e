// SPDX-License-Identifier: GPL-2.0
/*
 * The last step up: a packet for this host, whole again, goes to the raw sockets' tap and to its
 * protocol. Protocols enter themselves in the table (ip.h).
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>

#include <plumb/drop.h>
#include <plumb/mib.h>
#include <plumb/trace.h>

#include "layer.h"

static const struct plumb_ip_proto __rcu *deliver_protos[256];
static plumb_ip_tap_t deliver_tap;
static plumb_ip_tapped_t deliver_tapped;
static DEFINE_MUTEX(deliver_mutex);

int plumb_ip_proto_set(u8 proto, const struct plumb_ip_proto *ops)
{
	int err = 0;

	mutex_lock(&deliver_mutex);
	if (ops && rcu_access_pointer(deliver_protos[proto]))
		err = -EBUSY;
	else
		rcu_assign_pointer(deliver_protos[proto], ops);
	mutex_unlock(&deliver_mutex);
	return err;
}

const struct plumb_ip_proto *plumb_ip_proto_get(u8 proto)
{
	return rcu_dereference(deliver_protos[proto]);
}

void plumb_ip_tap_set(plumb_ip_tap_t deliver, plumb_ip_tapped_t wanted)
{
	WRITE_ONCE(deliver_tap, deliver);
	WRITE_ONCE(deliver_tapped, wanted);
	if (!deliver)
		synchronize_net();
}

bool plumb_ip_tapped(struct plumb_net *pn, u8 proto)
{
	plumb_ip_tapped_t wanted = READ_ONCE(deliver_tapped);

	return wanted && wanted(pn, proto);
}

static bool deliver_to_tap(struct plumb_net *pn, struct sk_buff *skb, u8 proto)
{
	plumb_ip_tap_t tap = READ_ONCE(deliver_tap);

	return tap && tap(pn, skb, proto);
}

/* Nobody speaks it here (RFC 1122 3.2.2.1). */
static void deliver_unknown(struct plumb_net *pn, struct sk_buff *skb, bool tapped)
{
	if (tapped) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INDELIVERS);
		consume_skb(skb);
		return;
	}
	PLUMB_IP_INC(pn, IPSTATS_MIB_INUNKNOWNPROTOS);
	plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	plumb_drop(pn, skb, PLUMB_DROP_IP_NO_PROTO);
}

void plumb_ip_deliver(struct plumb_net *pn, struct sk_buff *skb, struct wire_ipv4 *ip)
{
	const struct plumb_ip_proto *ops;
	bool tapped;

	if (unlikely(ip->mf || ip->offset)) {
		skb = plumb_reasm_add(pn, skb, ip);
		if (!skb)
			return;
	}
	trace_plumb_ip_deliver(pn, skb, ip->saddr, ip->daddr, ip->proto);
	__skb_pull(skb, ip->hlen);
	skb_reset_transport_header(skb);
	tapped = deliver_to_tap(pn, skb, ip->proto);
	if (unlikely(PLUMB_IP_CB(skb)->tap)) {
		if (ip->proto == IPPROTO_ICMP)
			plumb_icmp_rcv_tap(pn, skb);
		consume_skb(skb);
		return;
	}
	ops = ip->proto == IPPROTO_ICMP ? &plumb_icmp_proto : plumb_ip_proto_get(ip->proto);
	if (unlikely(!ops)) {
		deliver_unknown(pn, skb, tapped);
		return;
	}
	if (unlikely(!pskb_may_pull(skb, ops->min_hlen))) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_INDISCARDS);
		plumb_drop(pn, skb, PLUMB_DROP_PULL);
		return;
	}
	PLUMB_IP_INC(pn, IPSTATS_MIB_INDELIVERS);
	ops->rcv(pn, skb);
}
