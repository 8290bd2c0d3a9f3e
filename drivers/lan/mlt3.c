// SPDX-License-Identifier: GPL-2.0
/*
 * The line code of 100BASE-TX: each nibble becomes a five-bit code group (IEEE 802.3 table 24-1),
 * each code bit a level of MLT-3 (clause 25): a one moves to the next level of 0 +1 0 -1, a zero
 * stays.
 *
 *   idle I I | J K in place of the preamble's first octet | data groups | T R | idle
 *
 * The scrambler of 25.4.3 is left out, so that a group on the line is the group of the
 * table; it spreads the spectrum and carries no information.
 */
#include "line.h"

#define MLT3_IDLE_GROUPS	4	/* idle before a frame, for the receiver's clock */
#define MLT3_LEAD		(5 * MLT3_IDLE_GROUPS)

#define GROUP_I		0x1f
#define GROUP_J		0x18
#define GROUP_K		0x11
#define GROUP_T		0x0d
#define GROUP_R		0x07

static const u8 mlt3_group[16] = {
	0x1e, 0x09, 0x14, 0x15, 0x0a, 0x0b, 0x0e, 0x0f,
	0x12, 0x13, 0x16, 0x17, 0x1a, 0x1b, 0x1c, 0x1d,
};

static u32 mlt3_groups(u32 n_bits)
{
	return (n_bits + 3) / 4;
}

/* Where in the cycle 0 +1 0 -1 the line is, and what has been written. */
struct mlt3_tx {
	s8	*sig;
	u32	n;
	u8	phase;
};

static void mlt3_put(struct mlt3_tx *tx, u8 group)
{
	static const s8 level[4] = { 0, 1, 0, -1 };
	int i;

	for (i = 4; i >= 0; i--) {
		if (group >> i & 1)
			tx->phase = (tx->phase + 1) & 3;
		tx->sig[tx->n++] = level[tx->phase];
	}
}

static u8 mlt3_nibble(const u8 *bits, u32 n_bits, u32 i)
{
	u8 octet = bits[i / 2], v = i & 1 ? octet >> 4 : octet & 0x0f;
	u32 left = n_bits - 4 * i;

	return left < 4 ? v & ((1U << left) - 1) : v;
}

static u32 mlt3_encode(const u8 *bits, u32 n_bits, s8 *sig)
{
	struct mlt3_tx tx = { .sig = sig };
	u32 i, n = mlt3_groups(n_bits);

	for (i = 0; i < MLT3_IDLE_GROUPS; i++)
		mlt3_put(&tx, GROUP_I);
	for (i = 0; i < n; i++) {
		if (i < 2)
			mlt3_put(&tx, i ? GROUP_K : GROUP_J);
		else
			mlt3_put(&tx, mlt3_group[mlt3_nibble(bits, n_bits, i)]);
	}
	mlt3_put(&tx, GROUP_T);
	mlt3_put(&tx, GROUP_R);
	mlt3_put(&tx, GROUP_I);
	mlt3_put(&tx, GROUP_I);
	return tx.n;
}

static int mlt3_value(u8 group)
{
	int v;

	for (v = 0; v < 16; v++)
		if (mlt3_group[v] == group)
			return v;
	return -1;
}

static bool mlt3_code_bit(const s8 *sig, u32 i)
{
	return sig[i] != (i ? sig[i - 1] : 0);
}

static u8 mlt3_get(const s8 *sig, u32 at)
{
	u8 group = 0;
	u32 i;

	for (i = 0; i < 5; i++)
		group = (u8)(group << 1 | mlt3_code_bit(sig, at + i));
	return group;
}

/* The first level of /J/ /K/, which no other pair of groups contains at any phase (24.2.2.1.1). */
static u32 mlt3_align(const s8 *sig, u32 n)
{
	u32 i;

	for (i = 0; i + 10 <= n; i++)
		if (mlt3_get(sig, i) == GROUP_J && mlt3_get(sig, i + 5) == GROUP_K)
			return i;
	return n;
}

static void mlt3_put_nibble(u8 *bits, u32 i, u8 v)
{
	if (i & 1)
		bits[i / 2] |= (u8)(v << 4);
	else
		bits[i / 2] = v;
}

static u32 mlt3_decode(const s8 *sig, u32 n, u8 *bits, u32 *missed, bool *bad)
{
	u32 i = mlt3_align(sig, n), nibbles = 0;

	*missed = 0;
	*bad = false;
	if (i == n)
		return 0;
	*missed = i > MLT3_LEAD ? (i - MLT3_LEAD) / 5 * 4 : 0;
	/* J K stand for the preamble's first octet. */
	mlt3_put_nibble(bits, nibbles++, 5);
	mlt3_put_nibble(bits, nibbles++, 5);
	for (i += 10; i + 5 <= n; i += 5) {
		u8 group = mlt3_get(sig, i);
		int v = mlt3_value(group);

		if (group == GROUP_T)
			return 4 * nibbles;
		if (group == GROUP_I)
			break;			/* idle without T R: premature end (24.2.4.4.2) */
		if (v < 0) {
			*bad = true;
			v = 0;
		}
		mlt3_put_nibble(bits, nibbles++, (u8)v);
	}
	*bad = true;
	return 4 * nibbles;
}

const struct lan_line lan_line_mlt3 = {
	.name = "4B/5B MLT-3",
	.clock_hz = 125000000,
	.lead = MLT3_LEAD,
	.encode = mlt3_encode,
	.decode = mlt3_decode,
};
