/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The line codes: bits to a signal on the pair, and back. A signal is a row of levels, one for
 * each half bit (Manchester) or each code bit (MLT-3), in units of the transmitter's
 * amplitude: -1, 0, +1.
 */
#ifndef _PLUMB_LAN_LINE_H
#define _PLUMB_LAN_LINE_H

#include "types.h"

/**
 * struct lan_line - one line code
 * @name: as it is shown
 * @clock_hz: levels a second
 * @lead: levels before the first bit's
 * @encode: writes the signal of @n_bits bits, which @bits holds, to @sig, idle ends included;
 *	returns the levels written
 * @decode: recovers the clock and reads the bits of a signal of @n levels; returns how many bits
 *	went to @bits (room for @n / 8 + 1 octets), in @missed how many were over before it had the
 *	clock; @bad is set if something was no symbol of the code
 */
struct lan_line {
	const char	*name;
	u32		clock_hz;
	u32		lead;
	u32		(*encode)(const u8 *bits, u32 n_bits, s8 *sig);
	u32		(*decode)(const s8 *sig, u32 n, u8 *bits, u32 *missed, bool *bad);
};

extern const struct lan_line lan_line_manchester;	/* 10BASE-T, 802.3 7.3.1.1, 14.3 */
extern const struct lan_line lan_line_mlt3;		/* 100BASE-TX, clauses 24 and 25 */

#endif /* _PLUMB_LAN_LINE_H */
