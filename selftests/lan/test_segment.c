// SPDX-License-Identifier: GPL-2.0
/* Segments: who hears what, what goes wrong on a half-duplex wire, carrier extension, the probe. */
#include "test.h"

#include "../../drivers/lan/segment.h"

/* ---- segments ---- */

#define N_ENDS 4

static s8 sig[LAN_SEGMENT_SIG];

struct station {
	struct lan_end	e;
	u8		wire[LAN_SEGMENT_OCTETS];
	u32		n, left;
	u32		good, bad, fragments, extend, done, no_sfd;
	u64		last_at;
};

static struct station st[N_ENDS];
static u8 seg_buf[LAN_SEGMENT_BUF];
static struct { struct csma_domain d; struct csma_station room[N_ENDS]; } dom;

static bool st_fetch(struct lan_end *e, struct lan_wire *wire, u64 at_ns)
{
	struct station *s = (struct station *)e;

	if (!s->left)
		return false;
	s->left--;
	wire->octets = s->wire;
	wire->n = s->n;
	return true;
}

static void st_done(struct lan_end *e, enum csma_result how, u64 at_ns)
{
	(void)how;
	(void)at_ns;
	((struct station *)e)->done++;
}

static void st_rx(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns)
{
	struct station *s = (struct station *)e;

	s->last_at = at_ns;
	if (collided)
		s->fragments++;
	s->extend += !!(rx->err & LAN_RX_EXTEND);
	s->no_sfd += !!(rx->err & LAN_RX_NO_SFD);
	if (rx->err)
		s->bad++;
	else
		s->good++;
	expect(!collided || rx->err);
}

static const struct lan_end_ops st_ops = { st_fetch, st_done, st_rx };

static void segment_make(struct lan_segment *g, bool half, unsigned int mbps, bool bit_level,
			 u32 ber)
{
	struct lan_fault_cfg cfg = { .ber_ppb = ber };
	unsigned int i, n = half ? N_ENDS : 2;
	u8 data[500] = { 0 };

	memset(g, 0, sizeof(*g));
	memset(st, 0, sizeof(st));
	g->buf = seg_buf;
	g->sig = sig;
	expect_eq(0, lan_segment_init(g, half ? &dom.d : NULL, n, mbps, bit_level, 6));
	for (i = 0; i < n; i++) {
		st[i].e.ops = &st_ops;
		st[i].e.max_frame = LAN_MAX_UNTAGGED;
		data[0] = (u8)i;
		st[i].n = lan_frame_build(st[i].wire, data, sizeof(data), true);
		lan_fault_set(&st[i].e.fault, &cfg, 100 + i);
		expect_eq(0, lan_segment_plug(g, &st[i].e, i, 100));
		expect_eq(-EBUSY, lan_segment_plug(g, &st[i].e, i, 100));
	}
}

static void segment_send(struct lan_segment *g, unsigned int i, u32 frames)
{
	st[i].left = frames;
	lan_segment_kick(g, &st[i].e, 0);
}

TEST(hub_repeats_to_all_but_the_sender)
{
	struct lan_segment g;
	unsigned int i;

	segment_make(&g, true, 10, false, 0);
	segment_send(&g, 1, 10);
	lan_segment_run(&g, LAN_NEVER - 1, 100000);
	for (i = 0; i < N_ENDS; i++)
		expect_eq(i == 1 ? 0 : 10, st[i].good);
	expect_eq(10, st[1].done);
}

TEST(hub_loses_no_frame_to_collisions)
{
	struct lan_segment g;
	unsigned int i;

	segment_make(&g, true, 10, true, 0);
	for (i = 0; i < N_ENDS; i++)
		segment_send(&g, i, 100);
	lan_segment_run(&g, LAN_NEVER - 1, 1000000);
	for (i = 0; i < N_ENDS; i++) {
		expect_eq(100, st[i].done);
		expect_eq(300, st[i].good);
		expect_eq(st[i].fragments, st[i].bad);
	}
	expect(dom.d.st[0].stats.collisions > 0);
}

TEST(full_duplex_sends_both_ways_at_line_rate)
{
	u64 bits = 8 * (8 + 504), want = (bits + 96) * 50 - 96;
	struct lan_segment g;

	segment_make(&g, false, 1000, false, 0);
	segment_send(&g, 0, 50);
	segment_send(&g, 1, 50);
	lan_segment_run(&g, LAN_NEVER - 1, 100000);
	expect_eq(50, st[0].good);
	expect_eq(50, st[1].good);
	/* and 100 ns of cable at either end */
	expect_eq(want + 200, st[0].last_at);
	expect_eq(want + 200, st[1].last_at);
}

TEST(bit_errors_are_all_seen_by_the_fcs)
{
	struct lan_segment g;
	int bit_level;

	for (bit_level = 0; bit_level < 2; bit_level++) {
		segment_make(&g, false, 10, bit_level, 100000);
		segment_send(&g, 0, 2000);
		lan_segment_run(&g, LAN_NEVER - 1, 100000);
		expect_eq(2000, st[1].good + st[1].bad);
		expect_eq(st[1].e.rx_damaged, st[1].bad - st[1].no_sfd);
		/*
		 * at 1e-4 a frame of 4096 bits (twice the levels in Manchester) is hit with p = 1 -
		 * (1 - 1e-4)^n
		 */
		expect_within(bit_level ? 900 : 550, bit_level ? 1300 : 800, st[1].bad);
	}
}

TEST(unplugged_end_hears_nothing)
{
	struct lan_segment g;

	segment_make(&g, true, 100, false, 0);
	lan_segment_unplug(&g, &st[2].e);
	segment_send(&g, 0, 5);
	lan_segment_run(&g, LAN_NEVER - 1, 1000);
	expect_eq(0, st[2].good);
	expect_eq(5, st[3].good);
}

/* 512 octets with the preamble at 10 Mb/s: 409.6 us, of which 100 pass. */
TEST(frame_is_cut_where_its_cable_is_pulled)
{
	struct lan_segment g;

	segment_make(&g, true, 10, false, 0);
	segment_send(&g, 0, 1);
	expect(lan_segment_run(&g, 100000, 1000) < 1000);
	lan_segment_pass(&g, 100000);
	lan_segment_unplug(&g, &st[0].e);
	expect_eq(1, st[0].done);
	expect_eq(1, st[1].fragments);
	expect_eq(0, st[1].good);
	/* 1000 bits, and what the cables and the repeater take */
	expect_eq(100000 + 200 + 800, st[1].last_at);
	expect_eq(0, st[0].fragments);
}

/* ---- what goes wrong on a half-duplex wire ---- */

/* The symptoms that administrators know: late collisions at one end, bad frames at the other. */
TEST(duplex_mismatch_shows_as_it_does)
{
	struct lan_segment g;
	struct csma_stats *half, *full;
	unsigned int i;

	segment_make(&g, true, 100, false, 0);
	lan_segment_unplug(&g, &st[2].e);
	lan_segment_unplug(&g, &st[3].e);
	st[1].e.thinks_full = true;
	lan_segment_upset(&g, &st[1].e);
	/* frames of 41 us; one end begins 20 us after the other: far beyond the slot, 5.12 us */
	for (i = 0; i < 100; i++) {
		u64 now = g.now_ns + 20000;

		st[0].left = 1;
		lan_segment_kick(&g, &st[0].e, now);
		lan_segment_run(&g, now + 20000, 1000);
		st[1].left = 1;
		lan_segment_kick(&g, &st[1].e, now + 20000);
		lan_segment_run(&g, LAN_NEVER - 1, 1000000);
	}
	half = &dom.d.st[0].stats;
	full = &dom.d.st[1].stats;
	expect_eq(100, st[0].done);
	expect_eq(100, st[1].done);
	expect(half->late >= 100);
	expect_eq(0, full->collisions);
	expect_eq(100, full->frames);
	/* each abort of the one is a bad frame at the other */
	expect_eq(half->collisions, st[1].bad);
	expect_eq(half->frames, st[1].good);
	/* ... which does not know that some of its frames met deaf ears */
	expect_eq(0, st[0].good);
	expect_eq(0, st[0].bad);
}

TEST(mismatch_is_none_while_one_talks)
{
	struct lan_segment g;

	segment_make(&g, true, 100, false, 0);
	st[1].e.thinks_full = true;
	lan_segment_upset(&g, &st[1].e);
	segment_send(&g, 1, 100);
	lan_segment_run(&g, LAN_NEVER - 1, 1000000);
	segment_send(&g, 0, 100);
	lan_segment_run(&g, LAN_NEVER - 1, 1000000);
	expect_eq(100, st[0].good);
	expect_eq(100, st[1].good);
	expect_eq(0, dom.d.st[0].stats.late);
}

/* ---- carrier extension, 4.2.3.4 and 4.4.2: 1000 Mb/s, half duplex ---- */

static struct { u32 n_bits, extension, fragments; } shot;

static void shot_probe(struct lan_segment *g, const struct lan_scope *s)
{
	(void)g;
	shot.n_bits = s->n_bits;
	shot.extension = s->extension;
	shot.fragments += s->collided;
}

TEST(short_frame_is_extended_to_a_slot)
{
	static const u32 len[] = { 60, 300, 507, 508, 509, 1000 };
	u8 data[1000] = { 0 };
	struct lan_segment g;
	unsigned int i;
	u64 began;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		u32 frame = 8 * (len[i] + LAN_FCS_LEN), slot = max(frame, 4096U);

		segment_make(&g, true, 1000, false, 0);
		g.probe = shot_probe;
		st[0].n = lan_frame_build(st[0].wire, data, len[i], true);
		began = g.now_ns;
		segment_send(&g, 0, 1);
		lan_segment_run(&g, LAN_NEVER - 1, 1000);
		expect_eq(1, st[1].good);
		expect_eq(64 + frame, shot.n_bits);
		expect_eq(slot - frame, shot.extension);
		expect_eq(200 + 8 + 64 + slot, st[1].last_at - began);
	}
}

/* 4.2.3.2.7: a station with more to send goes on, unextended; each frame is heard for itself. */
TEST(burst_of_frames_is_heard_frame_by_frame)
{
	u32 frame = 8 * (60 + LAN_FCS_LEN);
	struct lan_segment g;
	u8 data[60] = { 0 };
	u64 began;

	segment_make(&g, true, 1000, false, 0);
	g.probe = shot_probe;
	st[0].n = lan_frame_build(st[0].wire, data, 60, true);
	began = g.now_ns;
	segment_send(&g, 0, 5);
	lan_segment_run(&g, LAN_NEVER - 1, 1000);
	expect_eq(5, st[1].good);
	expect_eq(5, st[3].good);
	expect_eq(5, st[0].done);
	expect_eq(0, shot.extension);		/* of the last */
	expect_eq(208 + 64 + 4096 + 4 * (96 + 64 + frame), st[1].last_at - began);
}

TEST(full_duplex_extends_nothing)
{
	u8 data[60] = { 0 };
	struct lan_segment g;

	segment_make(&g, false, 1000, false, 0);
	g.probe = shot_probe;
	st[0].n = lan_frame_build(st[0].wire, data, 60, true);
	segment_send(&g, 0, 1);
	lan_segment_run(&g, LAN_NEVER - 1, 1000);
	expect_eq(576, shot.n_bits);
	expect_eq(0, shot.extension);
	expect_eq(200 + 576, st[1].last_at);
}

/* A collision in the extension: the frame was whole, and is none all the same (4.2.4.2). */
TEST(cut_extension_is_a_fragment)
{
	u8 data[60] = { 0 };
	struct lan_segment g;
	unsigned int i;

	segment_make(&g, true, 1000, false, 0);
	for (i = 0; i < N_ENDS; i++) {
		lan_segment_unplug(&g, &st[i].e);
		st[i].n = lan_frame_build(st[i].wire, data, 60, true);
		lan_segment_plug(&g, &st[i].e, i, 400);		/* 80 m: heard after 808 ns */
	}
	segment_send(&g, 0, 1);
	lan_segment_run(&g, 100, 1000);
	st[1].left = 1;
	lan_segment_kick(&g, &st[1].e, 700);
	lan_segment_run(&g, LAN_NEVER - 1, 1000);
	expect_eq(1, st[0].done);
	expect_eq(1, st[1].done);
	expect(dom.d.st[0].stats.collisions > 0);
	expect_eq(2, st[2].good);
	expect_eq(st[2].fragments, st[2].bad);
	expect(st[2].extend > 0);
	expect_eq(0, dom.d.st[0].stats.late);
}

TEST(stations_at_1000_share_the_hub)
{
	struct lan_segment g;
	unsigned int i;

	segment_make(&g, true, 1000, false, 0);
	for (i = 0; i < N_ENDS; i++)
		segment_send(&g, i, 100);
	lan_segment_run(&g, LAN_NEVER - 1, 1000000);
	for (i = 0; i < N_ENDS; i++) {
		expect_eq(300, st[i].good);
		expect_eq(0, dom.d.st[i].stats.late);
	}
}

/* ---- the probe sees the whole wire, also what the clock recovery ate ---- */

static u8 seen_wire[LAN_SEGMENT_OCTETS];
static u32 seen_bits, seen_lead;

static void wire_probe(struct lan_segment *g, const struct lan_scope *s)
{
	(void)g;
	memcpy(seen_wire, s->bits, (s->n_bits + 7) / 8);
	seen_bits = s->n_bits;
	seen_lead = s->rx->lead;
}

TEST(probe_sees_the_wire_from_its_first_bit)
{
	static const unsigned int mbps[] = { 10, 100 };
	struct lan_segment g;
	unsigned int i, bit_level;

	for (i = 0; i < 2; i++) {
		for (bit_level = 0; bit_level < 2; bit_level++) {
			segment_make(&g, false, mbps[i], bit_level, 0);
			g.probe = wire_probe;
			segment_send(&g, 0, 1);
			lan_segment_run(&g, LAN_NEVER - 1, 100);
			expect_eq(8 * st[0].n, seen_bits);
			expect_eq(64, seen_lead);
			expect_eq(0, memcmp(st[0].wire, seen_wire, st[0].n));
		}
	}
}
