/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ARP messages for IPv4 over Ethernet (RFC 826, RFC 5227).
 *
 *	 0      2      4   5   6      8         14       18        24       28
 *	+------+------+---+---+------+---------+--------+---------+--------+
 *	| hrd  | pro  |hln|pln|  op  |   sha   |  spa   |   tha   |  tpa   |
 *	+------+------+---+---+------+---------+--------+---------+--------+
 */
#ifndef _PLUMB_WIRE_ARP_H
#define _PLUMB_WIRE_ARP_H

#include "eth.h"
#include "types.h"

#define WIRE_ARP_LEN		28
#define WIRE_ARP_REQUEST	1
#define WIRE_ARP_REPLY		2

/**
 * struct wire_arp - a checked ARP message
 * @op: WIRE_ARP_REQUEST or WIRE_ARP_REPLY
 * @spa: sender's protocol address
 * @tpa: target's protocol address
 * @sha: sender's hardware address, never a group's
 * @tha: target's hardware address, of no meaning in a request
 */
struct wire_arp {
	u16	op;
	__be32	spa;
	__be32	tpa;
	u8	sha[WIRE_ETH_ALEN];
	u8	tha[WIRE_ETH_ALEN];
};

/**
 * wire_arp_parse() - read and check an ARP message
 * @p: octets from the ARP header on
 * @len: how many there are
 * @arp: the message
 *
 * Return: false if it is short, not Ethernet and IPv4, neither request nor reply, or its
 * sender's hardware address is a group's (RFC 1812 3.3.2) or zero, which is nobody's.
 */
bool wire_arp_parse(const u8 *p, unsigned int len, struct wire_arp *arp);

/* Write the WIRE_ARP_LEN octets of a message. */
void wire_arp_emit(u8 *p, const struct wire_arp *arp);

#endif /* _PLUMB_WIRE_ARP_H */
