/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The UDP header (RFC 768).
 *
 *	+---------------+---------------+
 *	|     sport     |     dport     |
 *	+---------------+---------------+
 *	|      len      |   checksum    |
 *	+---------------+---------------+
 */
#ifndef _PLUMB_WIRE_UDP_H
#define _PLUMB_WIRE_UDP_H

#include "types.h"

#define WIRE_UDP_HLEN	8

/**
 * struct wire_udp - a checked UDP header
 * @sport: source port, host order
 * @dport: destination port, host order
 * @len: octets of header and payload, no more than there are
 * @checked: it carries a checksum (0 in the header: none, RFC 768)
 */
struct wire_udp {
	u16	sport;
	u16	dport;
	u16	len;
	bool	checked;
};

/**
 * wire_udp_parse() - read and check a header
 * @p: WIRE_UDP_HLEN octets
 * @len: octets of header and payload that the IPv4 packet holds
 * @udp: the header
 *
 * Return: false if it is short or its length is impossible. The checksum is not looked at.
 */
static inline bool wire_udp_parse(const u8 *p, unsigned int len, struct wire_udp *udp)
{
	if (len < WIRE_UDP_HLEN)
		return false;
	udp->sport = wire_get16(p);
	udp->dport = wire_get16(p + 2);
	udp->len = wire_get16(p + 4);
	udp->checked = p[6] | p[7];
	return udp->len >= WIRE_UDP_HLEN && udp->len <= len;
}

/* Write the header with a checksum of 0 (which the caller then fills in). */
static inline void wire_udp_emit(u8 *p, const struct wire_udp *udp)
{
	wire_put16(p, udp->sport);
	wire_put16(p + 2, udp->dport);
	wire_put16(p + 4, udp->len);
	wire_put16(p + 6, 0);
}

#endif /* _PLUMB_WIRE_UDP_H */
