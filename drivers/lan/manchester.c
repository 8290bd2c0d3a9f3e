// SPDX-License-Identifier: GPL-2.0
/*
 * Manchester code of 10BASE-T (IEEE 802.3 7.3.1.1, 14.3.1.2): each bit is two half bits of opposite
 * level, the second being the bit's own; so there is a transition in the middle of each bit, which
 * carries the clock.
 *
 *   bit      1     0     1     1     0
 *   +1        ___       ___   ___
 *    0   ____|   |     |   | |   | |        then idle: +1 for two bits, then silence
 *   -1        |  |_____|   |_|   |_|___
 *
 * After the last bit the transmitter holds the line high for two bit times (start of idle,
 * 14.3.1.2.1), so that the end of the frame is known without a bit to tell it.
 */
#include "line.h"

#define MANCHESTER_IDLE		4	/* half bits of start-of-idle */

static u32 manchester_encode(const u8 *bits, u32 n_bits, s8 *sig)
{
	u32 i;

	for (i = 0; i < n_bits; i++) {
		s8 level = lan_bit_get(bits, i) ? 1 : -1;

		sig[2 * i] = (s8)-level;
		sig[2 * i + 1] = level;
	}
	for (i = 0; i < MANCHESTER_IDLE; i++)
		sig[2 * n_bits + i] = 1;
	return 2 * n_bits + MANCHESTER_IDLE;
}

/*
 * Clock recovery. The preamble's 1010... has transitions only in the middle of bits, so a pulse
 * there is two half bits long; the receiver takes the first such transition as a bit's middle. It
 * may so miss the first bits of a preamble whose beginning was damaged, never its phase.
 */
static u32 manchester_lock(const s8 *sig, u32 n)
{
	u32 i;

	/* the bit whose middle is between i - 1 and i begins at i - 1 */
	for (i = 2; i + 2 < n; i++)
		if (sig[i] && sig[i - 1] == -sig[i] && sig[i + 1] == sig[i] &&
		    sig[i - 2] == sig[i - 1])
			return i - 1;
	return n;
}

static u32 manchester_decode(const s8 *sig, u32 n, u8 *bits, u32 *missed, bool *bad)
{
	u32 i = manchester_lock(sig, n), n_bits = 0;

	*missed = i / 2;
	*bad = false;
	for (; i + 1 < n; i += 2) {
		s8 first = sig[i], second = sig[i + 1];

		if (!first && !second)
			break;			/* silence */
		if (first == second) {
			/*
			 * Two halves alike: the start of idle if all that follows is high, else a
			 * violation.
			 */
			if (first > 0 && (i + 3 >= n || (sig[i + 2] >= 0 && sig[i + 3] >= 0)))
				break;
			*bad = true;
		}
		lan_bit_put(bits, n_bits++, second > 0);
	}
	return n_bits;
}

const struct lan_line lan_line_manchester = {
	.name = "Manchester",
	.clock_hz = 20000000,
	.encode = manchester_encode,
	.decode = manchester_decode,
};
