// SPDX-License-Identifier: GPL-2.0
/* Clause 28: what two ends settle on. */
#include "test.h"

#include "../../drivers/lan/autoneg.h"

/* ---- clause 28: who settles on what ---- */

#define ALL	(LAN_CAN_MODES | LAN_CAN_NEGOTIATE | LAN_CAN_PAUSE)

static void expect_link(u16 a, u16 b, u16 want_a, u16 want_b)
{
	u16 ra, rb;

	lan_autoneg_link(a, b, &ra, &rb);
	expect_eq(want_a, ra);
	expect_eq(want_b, rb);
	lan_autoneg_link(b, a, &rb, &ra);
	expect_eq(want_a, ra);
	expect_eq(want_b, rb);
}

TEST(highest_common_ability_is_chosen)
{
	static const u16 order[] = {
		LAN_CAN_1000_FULL, LAN_CAN_1000_HALF, LAN_CAN_100_FULL, LAN_CAN_100_HALF,
		LAN_CAN_10_FULL, LAN_CAN_10_HALF,
	};
	u16 can = ALL & ~LAN_CAN_PAUSE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		expect_link(can, ALL, order[i], order[i]);
		can &= (u16)~order[i];
	}
	expect_link(can, ALL, 0, 0);
	expect_link(ALL, ALL, LAN_CAN_1000_FULL | LAN_CAN_PAUSE, LAN_CAN_1000_FULL | LAN_CAN_PAUSE);
}

TEST(forced_end_is_detected_as_half_duplex)
{
	expect_link(LAN_CAN_100_FULL, ALL, LAN_CAN_100_FULL, LAN_CAN_100_HALF);
	expect_link(LAN_CAN_10_FULL, ALL, LAN_CAN_10_FULL, LAN_CAN_10_HALF);
	expect_link(LAN_CAN_100_HALF, ALL, LAN_CAN_100_HALF, LAN_CAN_100_HALF);
	expect_link(LAN_CAN_100_FULL, LAN_CAN_100_FULL, LAN_CAN_100_FULL, LAN_CAN_100_FULL);
	expect_link(LAN_CAN_100_FULL, LAN_CAN_100_HALF, LAN_CAN_100_FULL, LAN_CAN_100_HALF);
	expect_link(LAN_CAN_100_FULL, LAN_CAN_10_FULL, 0, 0);
	expect_link(LAN_CAN_1000_FULL, ALL, 0, 0);	/* 40.5.1: gigabit is negotiated */
	expect_link(0, ALL, 0, 0);
}

TEST(slow_cable_takes_the_link_down_to_its_speed)
{
	u16 at_100 = lan_autoneg_over(ALL, 100), at_10 = lan_autoneg_over(ALL, 10);

	expect_link(at_100, at_100, LAN_CAN_100_FULL | LAN_CAN_PAUSE,
		    LAN_CAN_100_FULL | LAN_CAN_PAUSE);
	expect_link(at_10, at_10, LAN_CAN_10_FULL | LAN_CAN_PAUSE, LAN_CAN_10_FULL | LAN_CAN_PAUSE);
	expect_eq(100, lan_autoneg_mbps(at_100));
	expect_eq(0, lan_autoneg_over(LAN_CAN_100_FULL, 10));
	expect_eq(ALL, lan_autoneg_over(ALL, 1000));
}
