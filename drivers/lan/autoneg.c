// SPDX-License-Identifier: GPL-2.0
/*
 * Auto-negotiation's outcome (IEEE 802.3 28B.3, 28.2.3.1, 40.5). Called by link.c for each port
 * whose cable, PHY or setting changed.
 */
#include "autoneg.h"

u16 lan_autoneg_over(u16 can, unsigned int mbps)
{
	if (mbps < 1000)
		can &= ~LAN_CAN_1000;
	if (mbps < 100)
		can &= ~LAN_CAN_100;
	return can & LAN_CAN_MODES ? can : 0;
}

static u16 autoneg_same_speed(u16 can)
{
	if (can & LAN_CAN_10)
		return LAN_CAN_10;
	return can & LAN_CAN_100 ? LAN_CAN_100 : LAN_CAN_1000;
}

u16 lan_autoneg_resolve(u16 own, u16 peer)
{
	static const u16 order[] = {
		LAN_CAN_1000_FULL, LAN_CAN_1000_HALF, LAN_CAN_100_FULL, LAN_CAN_100_HALF,
		LAN_CAN_10_FULL, LAN_CAN_10_HALF,
	};
	u16 both = own & peer;
	unsigned int i;

	if (!(own & LAN_CAN_NEGOTIATE))
		return own && peer & autoneg_same_speed(own) ? own : 0;
	if (!(peer & LAN_CAN_NEGOTIATE)) {
		if (peer & LAN_CAN_100)
			return own & LAN_CAN_100_HALF;
		return peer & LAN_CAN_10 ? own & LAN_CAN_10_HALF : 0;
	}
	for (i = 0; i < ARRAY_SIZE(order); i++)
		if (both & order[i])
			return order[i] | (both & (LAN_CAN_PAUSE | LAN_CAN_ASYM_PAUSE));
	return 0;
}

void lan_autoneg_link(u16 a, u16 b, u16 *result_a, u16 *result_b)
{
	*result_a = lan_autoneg_resolve(a, b);
	*result_b = lan_autoneg_resolve(b, a);
	if (!*result_a || lan_autoneg_mbps(*result_a) != lan_autoneg_mbps(*result_b)) {
		*result_a = 0;
		*result_b = 0;
	}
}
