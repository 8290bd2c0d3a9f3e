// SPDX-License-Identifier: GPL-2.0
/* The line codes: Manchester (7.3.1.1, 14.3) and 4B/5B with MLT-3 (clauses 24, 25). */
#include "test.h"

#include "../../drivers/lan/segment.h"

/* ---- line codes ---- */

static s8 sig[LAN_SEGMENT_SIG];

static void line_round_trip(const struct lan_line *line, u32 lost_at_most)
{
	u8 data[1500], wire[1600], bits[1700], out[1700];
	struct lan_rng r;
	struct lan_rx rx;
	u32 len, n, levels, got, missed;
	bool bad;

	lan_rng_seed(&r, 2);
	for (len = 14; len <= 1500; len += 37) {
		random_octets(&r, data, len);
		n = 8 * lan_frame_build(wire, data, len, true);
		levels = line->encode(wire, n, sig);
		memset(bits, 0, sizeof(bits));
		got = line->decode(sig, levels, bits, &missed, &bad);
		expect(!bad);
		expect_within(n - lost_at_most, n, got);
		expect_eq(n, missed + got);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
		expect_eq(0, memcmp(out, data, len));
	}
}

TEST(manchester_carries_any_frame)
{
	line_round_trip(&lan_line_manchester, 8);
}

TEST(manchester_has_a_transition_in_each_bit)
{
	u8 wire[100], data[60];
	struct lan_rng r;
	u32 n, i;

	lan_rng_seed(&r, 3);
	random_octets(&r, data, 60);
	n = 8 * lan_frame_build(wire, data, 60, true);
	lan_line_manchester.encode(wire, n, sig);
	for (i = 0; i < n; i++) {
		expect_eq(-sig[2 * i + 1], sig[2 * i]);
		/* 7.3.1.1: one rises */
		expect_eq(lan_bit_get(wire, i) ? 1 : -1, sig[2 * i + 1]);
	}
}

TEST(manchester_locks_late_into_the_preamble)
{
	u8 data[60] = { 7 }, wire[100], bits[100], out[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), levels, cut, missed;
	struct lan_rx rx;
	bool bad;

	levels = lan_line_manchester.encode(wire, n, sig);
	for (cut = 0; cut < 80; cut++) {
		u32 got;

		memset(bits, 0, sizeof(bits));
		got = lan_line_manchester.decode(sig + cut, levels - cut, bits, &missed, &bad);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
	}
}

TEST(manchester_violation_is_told)
{
	u8 data[60] = { 7 }, wire[100], bits[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), levels, missed;
	bool bad;

	levels = lan_line_manchester.encode(wire, n, sig);
	sig[2 * 200] = sig[2 * 200 + 1] = -1;
	lan_line_manchester.decode(sig, levels, bits, &missed, &bad);
	expect(bad);
}

TEST(mlt3_carries_any_frame)
{
	line_round_trip(&lan_line_mlt3, 0);
}

TEST(mlt3_moves_one_level_at_a_time)
{
	u8 wire[300], data[200];
	struct lan_rng r;
	u32 n, i, count;

	lan_rng_seed(&r, 4);
	random_octets(&r, data, 200);
	n = 8 * lan_frame_build(wire, data, 200, true);
	count = lan_line_mlt3.encode(wire, n, sig);
	for (i = 1; i < count; i++)
		expect(abs(sig[i] - sig[i - 1]) <= 1);
}

TEST(mlt3_false_level_never_passes)
{
	u8 data[60] = { 7 }, wire[100], bits[100], out[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), i, symbols = 0;
	struct lan_rx rx;
	bool bad;

	for (i = 25; i < 20 + 5 * n / 4; i++) {
		u32 levels, got, missed;

		levels = lan_line_mlt3.encode(wire, n, sig);
		sig[i] = sig[i] ? 0 : 1;
		got = lan_line_mlt3.decode(sig, levels, bits, &missed, &bad);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		symbols += bad;
		/* in the preamble a false level may leave the frame whole */
		if (i >= 20 + 10 * LAN_LEAD_LEN)
			expect(rx.err);
	}
	expect(symbols > 50);
}
