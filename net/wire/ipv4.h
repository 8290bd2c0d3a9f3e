/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IPv4 header (RFC 791 3.1).
 *
 *	 0       1       2       3
 *	+---+---+-------+---------------+
 *	|ver|ihl|  tos  |    tot_len    |
 *	+---+---+-------+-+-+-----------+
 *	|      id       |D|M| offset /8 |
 *	+-------+-------+-+-+-----------+
 *	|  ttl  | proto |   checksum    |
 *	+-------+-------+---------------+
 *	|             saddr             |
 *	|             daddr             |
 *	|    options, (ihl - 5) words   |
 *	+-------------------------------+
 */
#ifndef _PLUMB_WIRE_IPV4_H
#define _PLUMB_WIRE_IPV4_H

#include "types.h"

#define WIRE_IPV4_HLEN		20
#define WIRE_IPV4_HLEN_MAX	60
#define WIRE_IPV4_MAX		65535

/**
 * struct wire_ipv4 - a checked IPv4 header
 * @tot_len: octets of header and payload; of a merged packet over 65535 octets, whose field
 *	holds 0, what the link gave
 * @id: identification
 * @offset: octets before this fragment
 * @df: Don't Fragment
 * @mf: more fragments follow
 * @hlen: octets of header, 20 to 60
 * @tos: type of service octet
 * @ttl: time to live
 * @proto: protocol
 * @saddr: source
 * @daddr: destination
 */
struct wire_ipv4 {
	u32	tot_len;
	u16	id;
	u16	offset;
	bool	df;
	bool	mf;
	u8	hlen;
	u8	tos;
	u8	ttl;
	u8	proto;
	__be32	saddr;
	__be32	daddr;
};

enum wire_ipv4_verdict {
	WIRE_IPV4_OK,
	WIRE_IPV4_SHORT,	/* fewer octets than its header, or than tot_len says */
	WIRE_IPV4_BAD,		/* version, header length or total length */
	WIRE_IPV4_CSUM,		/* header checksum */
};

/* Octets of header that the first octet asks for: 0 if it is no IPv4 header at all. */
static inline unsigned int wire_ipv4_hlen(const u8 *p)
{
	unsigned int hlen = (p[0] & 0xf) * 4;

	return p[0] >> 4 == 4 && hlen >= WIRE_IPV4_HLEN ? hlen : 0;
}

/**
 * wire_ipv4_parse() - read and check a header (RFC 1122 3.2.1)
 * @p: octets of the header, wire_ipv4_hlen() of them readable, 20 at least
 * @len: octets of the packet, header included, as the link gave them: may be more than tot_len
 * @ip: the header
 *
 * Return: WIRE_IPV4_OK, or what is wrong.
 */
enum wire_ipv4_verdict wire_ipv4_parse(const u8 *p, unsigned int len, struct wire_ipv4 *ip);

/**
 * wire_ipv4_emit() - write a header, its checksum included
 * @p: room for ip->hlen octets, at a multiple of four
 * @ip: the header
 * @opt: ip->hlen - 20 octets of options, or NULL when there are none
 */
void wire_ipv4_emit(u8 *p, const struct wire_ipv4 *ip, const u8 *opt);

/* Take one from the time to live and mend the checksum by it (RFC 1141, as corrected by 1624). */
void wire_ipv4_dec_ttl(u8 *p);

/* The header's checksum written anew, after its octets were changed. */
void wire_ipv4_recheck(u8 *p);

/**
 * wire_ipv4_options_check() - do the options keep their own lengths?
 * @opt: options
 * @len: octets of them, 40 at most
 * @at: where the bad octet is (for an ICMP parameter problem), counted from @opt
 *
 * Return: true if so; walks at most @len steps.
 */
bool wire_ipv4_options_check(const u8 *opt, unsigned int len, unsigned int *at);

/**
 * wire_ipv4_options_record() - enter ourselves where a route or times are recorded
 * @opt: checked options (Record Route, RFC 791 3.1; Internet Timestamp)
 * @len: octets of them
 * @us: our address
 * @now_ms: milliseconds since midnight UT
 *
 * Return: true if anything was written: the header's checksum must be made anew.
 */
bool wire_ipv4_options_record(u8 *opt, unsigned int len, __be32 us, u32 now_ms);

/* Is there a source route among (checked) options? */
bool wire_ipv4_source_routed(const u8 *opt, unsigned int len);

/**
 * wire_ipv4_options_copied() - the options that every fragment carries (RFC 791 3.1, copied flag)
 * @out: room for @len octets
 * @opt: checked options
 * @len: octets of them
 *
 * Return: octets at @out, padded to a multiple of four.
 */
unsigned int wire_ipv4_options_copied(u8 *out, const u8 *opt, unsigned int len);

#endif /* _PLUMB_WIRE_IPV4_H */
