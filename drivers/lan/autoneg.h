/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What two ends of a cable settle on (IEEE 802.3 clauses 28 and 40): from abilities alone, without
 * the pulses that carry them. Pure, as csma.h.
 */
#ifndef _PLUMB_LAN_AUTONEG_H
#define _PLUMB_LAN_AUTONEG_H

#include "types.h"

/* What an end can do, or the outcome. */
#define LAN_CAN_10_HALF		0x01
#define LAN_CAN_10_FULL		0x02
#define LAN_CAN_100_HALF	0x04
#define LAN_CAN_100_FULL	0x08
#define LAN_CAN_1000_HALF	0x10
#define LAN_CAN_1000_FULL	0x20
#define LAN_CAN_PAUSE		0x40
#define LAN_CAN_ASYM_PAUSE	0x80
#define LAN_CAN_NEGOTIATE	0x100

#define LAN_CAN_10		(LAN_CAN_10_HALF | LAN_CAN_10_FULL)
#define LAN_CAN_100		(LAN_CAN_100_HALF | LAN_CAN_100_FULL)
#define LAN_CAN_1000		(LAN_CAN_1000_HALF | LAN_CAN_1000_FULL)
#define LAN_CAN_FULL		(LAN_CAN_10_FULL | LAN_CAN_100_FULL | LAN_CAN_1000_FULL)
#define LAN_CAN_MODES		(LAN_CAN_10 | LAN_CAN_100 | LAN_CAN_1000)

/* Speed in Mb/s of an outcome, 0 of none; of abilities, the highest. */
static inline unsigned int lan_autoneg_mbps(u16 can)
{
	if (can & LAN_CAN_1000)
		return 1000;
	if (can & LAN_CAN_100)
		return 100;
	return can & LAN_CAN_10 ? 10 : 0;
}

static inline bool lan_autoneg_full(u16 can)
{
	return can & LAN_CAN_FULL;
}

/**
 * lan_autoneg_over() - abilities that are left over a cable
 * @can: LAN_CAN_* of an end
 * @mbps: what the cable's pairs carry: 10, 100 or 1000
 *
 * A PHY that finds no link at a speed it has negotiated goes down to a lower one; the model
 * does so at once.
 *
 * Return: @can without what is too fast; 0 if no mode is left.
 */
u16 lan_autoneg_over(u16 can, unsigned int mbps);

/**
 * lan_autoneg_resolve() - what an end settles on
 * @own: its LAN_CAN_*; without LAN_CAN_NEGOTIATE, the one thing it does
 * @peer: the other end's, likewise
 *
 * The highest common ability in the order of 28B.3. A partner that does not negotiate is recognised
 * by its signal (28.2.3.1): its speed, and half duplex whatever it really does. An end that
 * does not negotiate has a link whenever the other one does its speed, and its own duplex.
 *
 * Return: one of LAN_CAN_10_HALF to LAN_CAN_1000_FULL, with the common pause bits if both
 * negotiate; or 0: no link.
 */
u16 lan_autoneg_resolve(u16 own, u16 peer);

/**
 * lan_autoneg_link() - what both ends of a cable settle on
 * @a: one end's LAN_CAN_*
 * @b: the other's
 * @result_a: what the one end makes of it; 0: no link
 * @result_b: what the other makes of it; 0 if and only if @result_a is
 *
 * They may differ in duplex: a mismatch.
 */
void lan_autoneg_link(u16 a, u16 b, u16 *result_a, u16 *result_b);

#endif /* _PLUMB_LAN_AUTONEG_H */
