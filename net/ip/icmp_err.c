// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about packets of ours (RFC 1122 3.2.2, 4.2.3.9): the quoted header is read, the
 * path MTU is learnt (RFC 1191), and the transport is told in its own terms.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/mib.h>

#include "../route/iface.h"
#include "../route/pmtu.h"
#include "../wire/icmp.h"
#include "layer.h"

#define ICMP_QUOTE_MIN	8	/* octets of transport header that every error carries (RFC 792) */

/* What "destination unreachable" means to a socket, by its code (as Linux has it). */
static const struct {
	u8	err;
	bool	fatal;
} icmp_unreach[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH]	= { ENETUNREACH, false },
	[ICMP_HOST_UNREACH]	= { EHOSTUNREACH, false },
	[ICMP_PROT_UNREACH]	= { ENOPROTOOPT, true },
	[ICMP_PORT_UNREACH]	= { ECONNREFUSED, true },
	[ICMP_FRAG_NEEDED]	= { EMSGSIZE, false },
	[ICMP_SR_FAILED]	= { EOPNOTSUPP, false },
	[ICMP_NET_UNKNOWN]	= { ENETUNREACH, true },
	[ICMP_HOST_UNKNOWN]	= { EHOSTDOWN, true },
	[ICMP_HOST_ISOLATED]	= { ENONET, true },
	[ICMP_NET_ANO]		= { ENETUNREACH, true },
	[ICMP_HOST_ANO]		= { EHOSTUNREACH, true },
	[ICMP_NET_UNR_TOS]	= { ENETUNREACH, false },
	[ICMP_HOST_UNR_TOS]	= { EHOSTUNREACH, false },
	[ICMP_PKT_FILTERED]	= { EHOSTUNREACH, true },
	[ICMP_PREC_VIOLATION]	= { EHOSTUNREACH, true },
	[ICMP_PREC_CUTOFF]	= { EHOSTUNREACH, true },
};

/*
 * RFC 1191 7: what a router that tells no MTU may have: the next plateau below the packet's
 * size.
 */
static u16 icmp_plateau(u32 tot_len)
{
	static const u16 plateau[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296 };
	int i;

	for (i = 0; i < ARRAY_SIZE(plateau); i++)
		if (tot_len > plateau[i])
			return plateau[i];
	return 68;
}

/* The quoted packet, as far as it matters; its checksum and length need not be whole any more. */
static bool icmp_quote(struct sk_buff *skb, struct wire_ipv4 *ip, struct plumb_icmp_err *e)
{
	unsigned int at = WIRE_ICMP_HLEN, have;
	const u8 *p;

	if (!pskb_may_pull(skb, at + WIRE_IPV4_HLEN))
		return false;
	ip->hlen = wire_ipv4_hlen(skb->data + at);
	if (!ip->hlen || !pskb_may_pull(skb, at + ip->hlen + ICMP_QUOTE_MIN))
		return false;
	/* More of the transport header, where it is quoted, is welcome (TCP options). */
	have = min_t(unsigned int, skb->len - at - ip->hlen, 60);
	if (!pskb_may_pull(skb, at + ip->hlen + have))
		return false;
	p = skb->data + at;
	ip->tot_len = wire_get16(p + 2);
	ip->df = wire_get16(p + 6) & 0x4000;
	ip->offset = (wire_get16(p + 6) & 0x1fff) * 8;
	ip->proto = p[9];
	e->ttl = p[8];
	e->saddr = wire_get_addr(p + 12);
	e->daddr = wire_get_addr(p + 16);
	e->th = p + ip->hlen;
	e->thlen = have;
	/* Of a later fragment nobody can say whose it was. */
	return !ip->offset;
}

/* "Fragmentation needed": what to believe, and where it is kept. */
static void icmp_frag_needed(struct plumb_net *pn, const struct wire_ipv4 *ip, u32 info,
			     struct plumb_icmp_err *e)
{
	u16 mtu = info & 0xffff;
	u8 mode = READ_ONCE(pn->sysctl.ip_no_pmtu_disc);

	if (mode == 1 || mode == 2)
		return;
	if (!mtu)
		mtu = icmp_plateau(ip->tot_len);
	mtu = max_t(u16, mtu, PLUMB_PMTU_MIN);
	/* A router that could not send it had no room for it, and was not allowed to cut it. */
	if (mtu >= ip->tot_len || !ip->df)
		return;
	e->mtu = plumb_pmtu_learn(pn, e->daddr, mtu);
}

static bool icmp_meaning(struct plumb_net *pn, const struct wire_icmp *icmp,
			 const struct wire_ipv4 *ip, struct plumb_icmp_err *e)
{
	e->type = icmp->type;
	e->code = icmp->code;
	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code > NR_ICMP_UNREACH)
			return false;
		e->err = icmp_unreach[icmp->code].err;
		e->fatal = icmp_unreach[icmp->code].fatal;
		if (icmp->code == ICMP_FRAG_NEEDED)
			icmp_frag_needed(pn, ip, icmp->info, e);
		return true;
	case ICMP_TIME_EXCEEDED:
		e->err = EHOSTUNREACH;
		return true;
	default:
		e->err = EPROTO;
		e->fatal = true;
		e->mtu = 0;
		return true;
	}
}

static plumb_ip_err_tap_t icmp_err_tap;

void plumb_ip_err_tap_set(plumb_ip_err_tap_t err)
{
	WRITE_ONCE(icmp_err_tap, err);
	if (!err)
		synchronize_net();
}

static void icmp_tell(struct plumb_net *pn, struct sk_buff *skb, u8 proto,
		      const struct plumb_icmp_err *e)
{
	const struct plumb_ip_proto *ops = plumb_ip_proto_get(proto);
	plumb_ip_err_tap_t tap = READ_ONCE(icmp_err_tap);

	if (ops && ops->err && !PLUMB_IP_CB(skb)->tap)
		ops->err(pn, skb, e);
	if (tap)
		tap(pn, skb, proto, e);
}

bool plumb_icmp_err(struct plumb_net *pn, struct sk_buff *skb)
{
	struct plumb_icmp_err e = {};
	struct wire_icmp icmp;
	struct wire_ipv4 ip;

	if (!icmp_quote(skb, &ip, &e))
		return false;
	wire_icmp_parse(skb->data, skb_headlen(skb), &icmp);
	/* We never sent such a packet. */
	if (!plumb_addr_local(pn, e.saddr))
		return false;
	e.from = wire_get_addr(skb_network_header(skb) + 12);
	if (!icmp_meaning(pn, &icmp, &ip, &e))
		return false;
	icmp_tell(pn, skb, ip.proto, &e);
	return true;
}
