/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP messages (RFC 792): four octets that all have, four that depend on the type.
 *
 *	+-------+-------+---------------+
 *	| type  | code  |   checksum    |
 *	+-------+-------+---------------+
 *	| id and sequence, or pointer,  |
 *	| or unused and next-hop MTU    |
 *	+-------------------------------+
 */
#ifndef _PLUMB_WIRE_ICMP_H
#define _PLUMB_WIRE_ICMP_H

#include "types.h"

#define WIRE_ICMP_HLEN	8

/**
 * struct wire_icmp - a checked ICMP header
 * @type: ICMP_*
 * @code: its code
 * @info: the last four octets as a number (id << 16 | sequence; MTU; pointer << 24)
 */
struct wire_icmp {
	u8	type;
	u8	code;
	u32	info;
};

/*
 * Read the header. False if there are not WIRE_ICMP_HLEN octets. The checksum is checked
 * elsewhere.
 */
static inline bool wire_icmp_parse(const u8 *p, unsigned int len, struct wire_icmp *icmp)
{
	if (len < WIRE_ICMP_HLEN)
		return false;
	icmp->type = p[0];
	icmp->code = p[1];
	icmp->info = wire_get32(p + 4);
	return true;
}

/* Write WIRE_ICMP_HLEN octets, the checksum as 0. */
static inline void wire_icmp_emit(u8 *p, const struct wire_icmp *icmp)
{
	p[0] = icmp->type;
	p[1] = icmp->code;
	wire_put16(p + 2, 0);
	wire_put32(p + 4, icmp->info);
}

#endif /* _PLUMB_WIRE_ICMP_H */
