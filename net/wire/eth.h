/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ethernet II addresses (RFC 894, RFC 1112 6.4). The header itself is written by the
 * device (dev_hard_header()) once a neighbour, and copied from then on.
 */
#ifndef _PLUMB_WIRE_ETH_H
#define _PLUMB_WIRE_ETH_H

#include "types.h"

#define WIRE_ETH_ALEN	6

/* The address that an IPv4 multicast group is sent to: its low 23 bits (RFC 1112 6.4). */
static inline void wire_eth_multicast(u8 mac[WIRE_ETH_ALEN], __be32 group)
{
	u8 g[4];

	wire_put_addr(g, group);
	mac[0] = 0x01;
	mac[1] = 0x00;
	mac[2] = 0x5e;
	mac[3] = g[1] & 0x7f;
	mac[4] = g[2];
	mac[5] = g[3];
}

static inline bool wire_eth_is_group(const u8 mac[WIRE_ETH_ALEN])
{
	return mac[0] & 1;
}

static inline bool wire_eth_is_zero(const u8 mac[WIRE_ETH_ALEN])
{
	return !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

#endif /* _PLUMB_WIRE_ETH_H */
