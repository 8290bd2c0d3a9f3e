// SPDX-License-Identifier: GPL-2.0
/* Clause 3: framing. A line of the standard each. */
#include "test.h"

#include "../../drivers/lan/segment.h"

/* ---- clause 3: framing ---- */

TEST(fcs_is_crc32_of_3_2_9)
{
	u8 fcs[4];

	/* The check value of CRC-32/ISO-HDLC, sent least significant octet first. */
	lan_frame_fcs((const u8 *)"123456789", 9, fcs);
	expect_eq(0x26, fcs[0]);
	expect_eq(0x39, fcs[1]);
	expect_eq(0xf4, fcs[2]);
	expect_eq(0xcb, fcs[3]);
}

TEST(preamble_and_sfd_lead_the_frame)
{
	u8 data[60] = { 1, 2, 3 }, wire[128];
	u32 i, n = lan_frame_build(wire, data, sizeof(data), true);

	expect_eq(8 + 64, n);
	for (i = 0; i < 56; i++)
		expect_eq(!(i & 1), lan_bit_get(wire, i));	/* 1010... */
	expect_eq(0xd5, wire[7]);
	expect_eq(1, wire[8]);
}

TEST(short_data_is_padded_to_min_frame)
{
	u8 data[60], wire[128];
	u32 len, i;

	memset(data, 0xff, sizeof(data));
	for (len = LAN_HEADER_LEN; len <= 60; len++) {
		expect_eq(LAN_LEAD_LEN + LAN_MIN_FRAME, lan_frame_build(wire, data, len, true));
		for (i = len; i < 60; i++)
			expect_eq(0, wire[LAN_LEAD_LEN + i]);
	}
}

TEST(own_fcs_goes_out_as_it_stands)
{
	u8 data[20] = { 9 }, wire[64];

	expect_eq(LAN_LEAD_LEN + 20, lan_frame_build(wire, data, 20, false));
	expect_eq(0, memcmp(wire + LAN_LEAD_LEN, data, 20));
}

TEST(frame_is_found_at_any_bit_offset)
{
	u8 data[100], wire[200], late[200], out[200];
	struct lan_rng r;
	struct lan_rx rx;
	u32 n, skip, i;

	lan_rng_seed(&r, 1);
	random_octets(&r, data, sizeof(data));
	n = 8 * lan_frame_build(wire, data, sizeof(data), true);
	for (skip = 0; skip < 60; skip++) {
		memset(late, 0, sizeof(late));
		for (i = skip; i < n; i++)
			lan_bit_put(late, i - skip, lan_bit_get(wire, i));
		lan_frame_parse(late, n - skip, false, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
		expect_eq(104, rx.len);
		expect_eq(64 - skip, rx.lead);
		expect_eq(0, memcmp(out, data, 100));
	}
}

TEST(dribble_bits_are_forgiven_if_fcs_fits)
{
	u8 data[60] = { 0 }, wire[100] = { 0 }, out[100];
	struct lan_rx rx;
	u32 n = 8 * lan_frame_build(wire, data, 60, true), d;

	for (d = 1; d < 8; d++) {
		lan_frame_parse(wire, n + d, false, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
		expect_eq(d, rx.dribble);
	}
	wire[30] ^= 4;
	lan_frame_parse(wire, n, false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_FCS, rx.err);
	lan_frame_parse(wire, n + 3, false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_FCS | LAN_RX_ALIGN, rx.err);
}

TEST(runt_and_long_frames_are_told)
{
	static u8 data[LAN_MAX_FRAME], wire[LAN_SEGMENT_OCTETS], out[LAN_SEGMENT_OCTETS];
	struct lan_rx rx;
	u32 n;

	n = lan_frame_build(wire, data, 60, true);
	lan_frame_fcs(wire + 8, 40, wire + 48);		/* a good FCS, but 44 octets */
	lan_frame_parse(wire, 8 * 52, false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_RUNT, rx.err);
	n = lan_frame_build(wire, data, 1515, true);
	lan_frame_parse(wire, 8 * n, false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_LONG, rx.err);
	lan_frame_parse(wire, 8 * n, false, LAN_MAX_TAGGED, out, &rx);
	expect_eq(0, rx.err);
}

TEST(carrier_without_sfd_is_no_frame)
{
	u8 wire[40], out[40];
	struct lan_rx rx;

	memset(wire, LAN_PREAMBLE, sizeof(wire));
	lan_frame_parse(wire, 8 * sizeof(wire), false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_NO_SFD, rx.err);
	expect_eq(0, rx.len);
}
