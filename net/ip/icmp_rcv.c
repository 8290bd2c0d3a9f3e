// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP messages that come in (RFC 792, RFC 1122 3.2.2): requests are answered here, errors go
 * to the transport whose packet they are about, and what sockets may have asked for goes to
 * whoever entered IPPROTO_ICMP in the table of protocols (ping sockets).
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../wire/icmp.h"
#include "layer.h"

static const int icmp_mib_in[NR_ICMP_TYPES + 1] = {
	[ICMP_ECHOREPLY] = ICMP_MIB_INECHOREPS,
	[ICMP_DEST_UNREACH] = ICMP_MIB_INDESTUNREACHS,
	[ICMP_SOURCE_QUENCH] = ICMP_MIB_INSRCQUENCHS,
	[ICMP_REDIRECT] = ICMP_MIB_INREDIRECTS,
	[ICMP_ECHO] = ICMP_MIB_INECHOS,
	[ICMP_TIME_EXCEEDED] = ICMP_MIB_INTIMEEXCDS,
	[ICMP_PARAMETERPROB] = ICMP_MIB_INPARMPROBS,
	[ICMP_TIMESTAMP] = ICMP_MIB_INTIMESTAMPS,
	[ICMP_TIMESTAMPREPLY] = ICMP_MIB_INTIMESTAMPREPS,
	[ICMP_ADDRESS] = ICMP_MIB_INADDRMASKS,
	[ICMP_ADDRESSREPLY] = ICMP_MIB_INADDRMASKREPS,
};

static void icmp_count_in(struct plumb_net *pn, u8 type)
{
	PLUMB_ICMPMSG_INC(pn, type);
	if (type <= NR_ICMP_TYPES && icmp_mib_in[type])
		PLUMB_ICMP_INC(pn, icmp_mib_in[type]);
}

static bool icmp_to_many(const struct sk_buff *skb)
{
	return PLUMB_IP_CB(skb)->type != RTN_LOCAL || skb->pkt_type != PACKET_HOST;
}

/*
 * What may be sent to many: requests, if they are to be answered (RFC 1122 3.2.2.6, 3.2.2.8), and
 * extended ones. Errors, replies and redirects must have been sent to us alone.
 */
static bool icmp_for_many(const struct plumb_net *pn, u8 type)
{
	switch (type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
		return !READ_ONCE(pn->sysctl.icmp_echo_ignore_broadcasts);
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
	case ICMP_EXT_ECHO:
	case ICMP_EXT_ECHOREPLY:
		return true;
	default:
		return false;
	}
}

static void icmp_to_sockets(struct plumb_net *pn, struct sk_buff *skb)
{
	const struct plumb_ip_proto *ops = plumb_ip_proto_get(IPPROTO_ICMP);

	if (ops && ops->rcv)
		ops->rcv(pn, skb);
	else
		consume_skb(skb);
}

static void icmp_request(struct plumb_net *pn, struct sk_buff *skb, u8 type)
{
	if (type == ICMP_TIMESTAMP)
		plumb_icmp_timestamp(pn, skb);
	else if (READ_ONCE(pn->sysctl.icmp_echo_ignore_all))
		consume_skb(skb);
	else
		plumb_icmp_echo(pn, skb);
}

static void icmp_bad(struct plumb_net *pn, struct sk_buff *skb)
{
	PLUMB_ICMP_INC(pn, ICMP_MIB_INERRORS);
	plumb_drop(pn, skb, PLUMB_DROP_ICMP_BAD);
}

/* RFC 1122 3.2.2: silently discarded; RFC 8335 has given two of them a meaning. */
static bool icmp_unknown(u8 type)
{
	return type > NR_ICMP_TYPES && type != ICMP_EXT_ECHO && type != ICMP_EXT_ECHOREPLY;
}

static void icmp_dispatch(struct plumb_net *pn, struct sk_buff *skb, u8 type)
{
	if (unlikely(icmp_to_many(skb)) && !icmp_for_many(pn, type)) {
		icmp_bad(pn, skb);
		return;
	}
	switch (type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
		icmp_request(pn, skb, type);
		return;
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		if (!plumb_icmp_err(pn, skb))
			icmp_bad(pn, skb);
		else
			consume_skb(skb);
		return;
	case ICMP_SOURCE_QUENCH:	/* RFC 6633: of no effect */
	case ICMP_REDIRECT:		/* not followed: a route is the administrator's */
		if (skb->len < WIRE_ICMP_HLEN + WIRE_IPV4_HLEN)
			icmp_bad(pn, skb);
		else
			consume_skb(skb);
		return;
	default:
		if (icmp_unknown(type))
			icmp_bad(pn, skb);
		else
			icmp_to_sockets(pn, skb);
	}
}

static void icmp_rcv(struct plumb_net *pn, struct sk_buff *skb)
{
	struct wire_icmp icmp;

	PLUMB_ICMP_INC(pn, ICMP_MIB_INMSGS);
	if (skb_checksum_simple_validate(skb)) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_CSUMERRORS);
		goto bad;
	}
	if (!wire_icmp_parse(skb->data, skb_headlen(skb), &icmp))
		goto bad;
	icmp_count_in(pn, icmp.type);
	icmp_dispatch(pn, skb, icmp.type);
	return;

bad:
	icmp_bad(pn, skb);
}

/* Linux counts it and acts on it. */
void plumb_icmp_rcv_tap(struct plumb_net *pn, struct sk_buff *skb)
{
	struct wire_icmp icmp;

	if (!pskb_may_pull(skb, WIRE_ICMP_HLEN)) {
		plumb_drop(pn, NULL, PLUMB_DROP_PULL);
		return;
	}
	if (skb_checksum_simple_validate(skb) ||
	    !wire_icmp_parse(skb->data, skb_headlen(skb), &icmp))
		return;
	if ((icmp.type == ICMP_DEST_UNREACH || icmp.type == ICMP_TIME_EXCEEDED ||
	     icmp.type == ICMP_PARAMETERPROB) && !plumb_icmp_err(pn, skb))
		plumb_drop(pn, NULL, PLUMB_DROP_ICMP_BAD);
}

const struct plumb_ip_proto plumb_icmp_proto = {
	.name = "icmp",
	.min_hlen = WIRE_ICMP_HLEN,
	.rcv = icmp_rcv,
};
