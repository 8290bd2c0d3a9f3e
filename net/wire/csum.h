/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum
 * of 16-bit words. The sum does not care about byte order, so the octets are added as
 * the machine reads them and the result is stored as it stands.
 */
#ifndef _PLUMB_WIRE_CSUM_H
#define _PLUMB_WIRE_CSUM_H

#include "types.h"

/**
 * wire_csum_add() - add octets to a running sum
 * @p: octets, at any address
 * @len: how many; an odd last one counts as if a zero followed, so only the last piece may be odd
 * @sum: sum so far, 0 at first
 *
 * Return: the new sum, to be folded by wire_csum_fold().
 */
u32 wire_csum_add(const u8 *p, unsigned int len, u32 sum);

/* The 16-bit checksum of a running sum, as it is stored in a header. */
static inline u16 wire_csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

/* The checksum over some octets: 0 if they hold a right one. */
static inline u16 wire_csum(const u8 *p, unsigned int len)
{
	return wire_csum_fold(wire_csum_add(p, len, 0));
}

#endif /* _PLUMB_WIRE_CSUM_H */
