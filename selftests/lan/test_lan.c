// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the pure part of the LAN model, a line of IEEE 802.3 clauses 2 to 4 (and 7, 14, 24)
 * each. KTAP on standard output; `test_lan NAME` runs one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../drivers/lan/autoneg.h"
#include "../../drivers/lan/segment.h"

static bool failed;

static void fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	failed = true;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

#define expect(cond) do { if (!(cond)) fail(__FILE__, __LINE__, "not so: %s", #cond); } while (0)
#define expect_eq(want, got) do {						\
	long long w_ = (long long)(want), g_ = (long long)(got);		\
	if (w_ != g_)								\
		fail(__FILE__, __LINE__, "%s: want %lld, saw %lld", #got, w_, g_); \
} while (0)
#define expect_within(lo, hi, got) do {						\
	double g_ = (got);							\
	if (g_ < (lo) || g_ > (hi))						\
		fail(__FILE__, __LINE__, "%s: want %g to %g, saw %g", #got,		\
		     (double)(lo), (double)(hi), g_);					\
} while (0)

static void random_octets(struct lan_rng *r, u8 *p, u32 n)
{
	while (n--)
		*p++ = (u8)lan_rng_next(r);
}

/* ---- clause 3: framing ---- */

static void test_fcs_is_crc32_of_3_2_9(void)
{
	u8 fcs[4];

	/* The check value of CRC-32/ISO-HDLC, sent least significant octet first. */
	lan_frame_fcs((const u8 *)"123456789", 9, fcs);
	expect_eq(0x26, fcs[0]);
	expect_eq(0x39, fcs[1]);
	expect_eq(0xf4, fcs[2]);
	expect_eq(0xcb, fcs[3]);
}

static void test_preamble_and_sfd_lead_the_frame(void)
{
	u8 data[60] = { 1, 2, 3 }, wire[128];
	u32 i, n = lan_frame_build(wire, data, sizeof(data), true);

	expect_eq(8 + 64, n);
	for (i = 0; i < 56; i++)
		expect_eq(!(i & 1), lan_bit_get(wire, i));	/* 1010... */
	expect_eq(0xd5, wire[7]);
	expect_eq(1, wire[8]);
}

static void test_short_data_is_padded_to_min_frame(void)
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

static void test_own_fcs_goes_out_as_it_stands(void)
{
	u8 data[20] = { 9 }, wire[64];

	expect_eq(LAN_LEAD_LEN + 20, lan_frame_build(wire, data, 20, false));
	expect_eq(0, memcmp(wire + LAN_LEAD_LEN, data, 20));
}

static void test_frame_is_found_at_any_bit_offset(void)
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

static void test_dribble_bits_are_forgiven_if_fcs_fits(void)
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

static void test_runt_and_long_frames_are_told(void)
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

static void test_carrier_without_sfd_is_no_frame(void)
{
	u8 wire[40], out[40];
	struct lan_rx rx;

	memset(wire, LAN_PREAMBLE, sizeof(wire));
	lan_frame_parse(wire, 8 * sizeof(wire), false, LAN_MAX_UNTAGGED, out, &rx);
	expect_eq(LAN_RX_NO_SFD, rx.err);
	expect_eq(0, rx.len);
}

/* ---- line codes ---- */

static s8 sig[LAN_SEGMENT_SIG];

static void line_round_trip(const struct lan_line *line, u32 lost_at_most)
{
	u8 data[1500], wire[1600], bits[1700], out[1700];
	struct lan_rng r;
	struct lan_rx rx;
	u32 len, n, got, missed;
	bool bad;

	lan_rng_seed(&r, 2);
	for (len = 14; len <= 1500; len += 37) {
		random_octets(&r, data, len);
		n = 8 * lan_frame_build(wire, data, len, true);
		expect_eq(line->levels(n), line->encode(wire, n, sig));
		memset(bits, 0, sizeof(bits));
		got = line->decode(sig, line->levels(n), bits, &missed, &bad);
		expect(!bad);
		expect_within(n - lost_at_most, n, got);
		expect_eq(n, missed + got);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
		expect_eq(0, memcmp(out, data, len));
	}
}

static void test_manchester_carries_any_frame(void)
{
	line_round_trip(&lan_line_manchester, 8);
}

static void test_manchester_has_a_transition_in_each_bit(void)
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

static void test_manchester_locks_late_into_the_preamble(void)
{
	u8 data[60] = { 7 }, wire[100], bits[100], out[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), cut, missed;
	struct lan_rx rx;
	bool bad;

	lan_line_manchester.encode(wire, n, sig);
	for (cut = 0; cut < 80; cut++) {
		u32 got;

		memset(bits, 0, sizeof(bits));
		got = lan_line_manchester.decode(sig + cut, lan_line_manchester.levels(n) - cut,
						 bits, &missed, &bad);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		expect_eq(0, rx.err);
	}
}

static void test_manchester_violation_is_told(void)
{
	u8 data[60] = { 7 }, wire[100], bits[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), missed;
	bool bad;

	lan_line_manchester.encode(wire, n, sig);
	sig[2 * 200] = sig[2 * 200 + 1] = -1;
	lan_line_manchester.decode(sig, lan_line_manchester.levels(n), bits, &missed, &bad);
	expect(bad);
}

static void test_mlt3_carries_any_frame(void)
{
	line_round_trip(&lan_line_mlt3, 0);
}

static void test_mlt3_moves_one_level_at_a_time(void)
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

static void test_mlt3_false_level_never_passes(void)
{
	u8 data[60] = { 7 }, wire[100], bits[100], out[100];
	u32 n = 8 * lan_frame_build(wire, data, 60, true), i, symbols = 0;
	struct lan_rx rx;
	bool bad;

	for (i = 25; i < 20 + 5 * n / 4; i++) {
		u32 got, missed;

		lan_line_mlt3.encode(wire, n, sig);
		sig[i] = sig[i] ? 0 : 1;
		got = lan_line_mlt3.decode(sig, lan_line_mlt3.levels(n), bits, &missed, &bad);
		lan_frame_parse(bits, got, bad, LAN_MAX_UNTAGGED, out, &rx);
		symbols += bad;
		/* in the preamble a false level may leave the frame whole */
		if (i >= 20 + 10 * LAN_LEAD_LEN)
			expect(rx.err);
	}
	expect(symbols > 50);
}

/* ---- faults ---- */

static void test_errors_come_at_their_rate(void)
{
	static const u32 rate[] = { 1000, 10000, 1000000, 200000000, 700000000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rate); i++) {
		struct lan_fault_cfg cfg = { .ber_ppb = rate[i] };
		struct lan_fault f;
		double want;
		u64 left;

		expect_eq(0, lan_fault_set(&f, &cfg, 5 + i));
		for (left = rate[i] < 100000 ? 400000000 : 4000000; left >= 12000; left -= 12000) {
			u32 at = 0, x;

			while (at < 12000 && (x = lan_fault_next(&f, 12000 - at)) != U32_MAX)
				at += x + 1;
		}
		want = (double)f.bits * rate[i] / LAN_PPB;
		expect_within(want - 4 * __builtin_sqrt(want), want + 4 * __builtin_sqrt(want),
			      f.errors);
	}
}

static void test_bursts_follow_gilbert_elliott(void)
{
	struct lan_fault_cfg cfg = {
		.burst_ber_ppb = 500000000, .to_burst_ppb = 100000, .from_burst_ppb = 10000000,
	};
	struct lan_fault f;
	double want;
	int i;

	lan_fault_set(&f, &cfg, 11);
	for (i = 0; i < 40000; i++) {
		u32 at = 0, x;

		while (at < 1000 && (x = lan_fault_next(&f, 1000 - at)) != U32_MAX)
			at += x + 1;
	}
	want = 40e6 * (1e5 / (1e5 + 1e7)) * 0.5;	/* share of time in the bad state */
	expect_within(want * 0.95, want * 1.05, f.errors);
}

static void test_same_seed_same_errors(void)
{
	struct lan_fault_cfg cfg = { .ber_ppb = 1000000 };
	struct lan_fault a, b;
	int i;

	lan_fault_set(&a, &cfg, 42);
	lan_fault_set(&b, &cfg, 42);
	for (i = 0; i < 1000; i++)
		expect_eq(lan_fault_next(&a, 5000), lan_fault_next(&b, 5000));
	cfg.ber_ppb = LAN_PPB + 1;
	expect_eq(-ERANGE, lan_fault_set(&a, &cfg, 1));
}

/* ---- clause 4: CSMA/CD ---- */

struct world {
	enum csma_result	how[LAN_MAX_STATIONS];
	u32			n_done[LAN_MAX_STATIONS];
	u32			bursts, fragments;
	u32			shortest_fragment, longest_fragment;
	u64			last_end, least_gap;
	bool			saturate;
	u32			n_bits;
	struct csma_domain	d;
	struct csma_station	room[LAN_MAX_STATIONS];
};

static struct world w;

static void world_done(struct csma_domain *d, unsigned int i, enum csma_result how, u64 at_ns)
{
	(void)d;
	(void)at_ns;
	w.how[i] = how;
	w.n_done[i]++;
}

static void world_burst(struct csma_domain *d, unsigned int i, u32 n_bits, bool collided, u64 at_ns)
{
	u64 start = at_ns - (u64)n_bits * d->bit_ns;

	(void)i;
	if (collided) {
		w.fragments++;
		w.shortest_fragment = min(w.shortest_fragment, n_bits);
		w.longest_fragment = max(w.longest_fragment, n_bits);
	} else {
		w.bursts++;
		if (w.last_end)
			w.least_gap = min(w.least_gap, start - w.last_end);
		w.last_end = at_ns;
	}
}

static const struct csma_ops world_ops = { .done = world_done, .burst = world_burst };

static void world_init(unsigned int n, unsigned int mbps, u32 delay_ns, u64 seed)
{
	unsigned int i;

	memset(&w, 0, sizeof(w));
	w.shortest_fragment = U32_MAX;
	w.least_gap = U64_MAX;
	expect_eq(0, csma_init(&w.d, LAN_MAX_STATIONS, &world_ops, mbps, seed));
	for (i = 0; i < n; i++)
		csma_plug(&w.d, i, delay_ns);
}

static void world_run(u64 until)
{
	while (csma_next(&w.d) <= until) {
		unsigned int i;

		csma_run(&w.d, csma_next(&w.d), 1);
		for (i = 0; w.saturate && i < w.d.n; i++)
			if (w.d.st[i].state == CSMA_IDLE)
				csma_send(&w.d, i, w.n_bits, w.d.now_ns);
	}
}

static void test_lone_station_sends_at_once(void)
{
	world_init(2, 10, 100, 1);
	expect_eq(0, csma_send(&w.d, 0, 576, 1000));
	expect_eq(-EBUSY, csma_send(&w.d, 0, 576, 1000));
	world_run(LAN_NEVER - 1);
	expect_eq(CSMA_SENT, w.how[0]);
	expect_eq(1, w.bursts);
	expect_eq(1000 + 57600, w.last_end);
	expect_eq(0, w.d.st[0].stats.deferred);
}

static void test_station_defers_to_carrier_and_gap(void)
{
	world_init(2, 10, 100, 1);
	csma_send(&w.d, 0, 576, 0);
	csma_run(&w.d, 5000, 100);
	csma_send(&w.d, 1, 576, 5000);
	world_run(LAN_NEVER - 1);
	expect_eq(2, w.bursts);
	expect_eq(0, w.fragments);
	expect_eq(1, w.d.st[1].stats.deferred);
	/* carrier ends at the other's ear after the delay, then 96 bits */
	expect_eq(100 + 800 + 100 + 9600, w.least_gap);
}

static void test_own_frames_keep_the_gap(void)
{
	world_init(2, 100, 0, 1);
	csma_send(&w.d, 0, 576, 0);
	world_run(5760);
	csma_send(&w.d, 0, 576, w.d.now_ns);
	world_run(LAN_NEVER - 1);
	expect_eq(960, w.least_gap);
}

static void test_two_at_once_collide_and_both_get_through(void)
{
	u64 seed;

	for (seed = 0; seed < 200; seed++) {
		world_init(2, 10, 500, seed);
		csma_send(&w.d, 0, 576, 0);
		csma_send(&w.d, 1, 576, 0);
		world_run(LAN_NEVER - 1);
		expect_eq(CSMA_SENT, w.how[0]);
		expect_eq(CSMA_SENT, w.how[1]);
		expect(w.d.st[0].stats.collisions >= 1);
		expect_eq(w.d.st[0].stats.collisions, w.d.st[1].stats.collisions);
		expect_eq(2 * w.d.st[0].stats.collisions, w.fragments);
	}
}

static void test_jam_follows_the_whole_preamble(void)
{
	world_init(2, 10, 50, 1);
	csma_send(&w.d, 0, 12000, 0);
	csma_send(&w.d, 1, 12000, 0);
	csma_run(&w.d, 20000, 4);
	world_run(LAN_NEVER - 1);
	/* heard within the preamble: 64 bits of it are finished, then 32 of jam */
	expect_eq(96, w.shortest_fragment);
	expect(w.longest_fragment < 512 + 96);
}

static void test_backoff_is_truncated_binary_exponential(void)
{
	double want = 0, draws = 0;
	struct csma_stats *s;
	unsigned int i;
	u64 seed;

	/* 64 stations that always collide first: the sum of draws against the sum of their means */
	for (seed = 0; seed < 40; seed++) {
		world_init(8, 10, 100, seed);
		for (i = 0; i < 8; i++)
			csma_send(&w.d, i, 576, 0);
		csma_run(&w.d, 15000, 1000);	/* the first collision alone */
		for (i = 0; i < 8; i++) {
			s = &w.d.st[i].stats;
			expect_eq(1, s->backoff_draws);
			expect(s->backoff_slots <= 1);
			want += 0.5;
			draws += (double)s->backoff_slots;
		}
	}
	expect_within(want * 0.85, want * 1.15, draws);
}

static void test_sixteen_collisions_give_up(void)
{
	u32 i, gave_up = 0;

	/* everybody's signal comes a long time later: each attempt of 64 stations collides */
	world_init(64, 10, 20000, 3);
	w.saturate = true;
	w.n_bits = 12000;
	for (i = 0; i < 64; i++)
		csma_send(&w.d, i, 12000, 0);
	world_run(3000000000ULL);
	for (i = 0; i < 64; i++) {
		struct csma_station *s = &w.d.st[i];

		gave_up += (u32)s->stats.excessive;
		expect(s->attempts < CSMA_ATTEMPT_LIMIT + 1);
	}
	expect(gave_up > 0);
}

static void test_late_collision_on_a_cable_too_long(void)
{
	/* 60 us one way: more than the slot time of 51.2 us */
	world_init(2, 10, 30000, 1);
	w.d.retry_late = false;
	csma_send(&w.d, 0, 12000, 0);
	csma_send(&w.d, 1, 12000, 59000);
	world_run(LAN_NEVER - 1);
	expect_eq(1, w.d.st[0].stats.late);
	expect_eq(CSMA_LATE, w.how[0]);
	expect_eq(CSMA_SENT, w.how[1] == CSMA_LATE ? CSMA_SENT : w.how[1]);
}

static void test_no_late_collision_within_the_standard(void)
{
	world_init(8, 10, 5000, 9);	/* 1 km each, 10 us and the repeater between any two */
	w.saturate = true;
	w.n_bits = 12000;
	csma_send(&w.d, 0, 12000, 0);
	world_run(2000000000ULL);
	for (unsigned int i = 0; i < 8; i++)
		expect_eq(0, w.d.st[i].stats.late);
	expect(w.longest_fragment < 512 + 64 + 32);
}

/*
 * Saturation: with A = chance that a slot is won by one, Metcalfe and Boggs (1976) give the
 * efficiency P / (P + W T) with W = (1 - A) / A, A = (1 - 1/Q)^(Q-1).
 */
static void saturation(unsigned int n, double lo, double hi)
{
	u64 good = 0, least = U64_MAX, most = 0, t = 5000000000ULL;
	unsigned int i;

	world_init(n, 10, 100, 77 + n);
	w.saturate = true;
	w.n_bits = 8 * 1526;
	csma_send(&w.d, 0, w.n_bits, 0);
	world_run(t);
	for (i = 0; i < n; i++) {
		u64 f = w.d.st[i].stats.frames;

		good += f;
		least = min(least, f);
		most = max(most, f);
		expect_eq(f, f);
		expect(f > 0);
	}
	expect_within(lo, hi, (double)good * (w.n_bits + 96) * 100 / (double)t);
	printf("# %u stations: %llu frames, least %llu, most %llu\n", n, (unsigned long long)good,
	       (unsigned long long)least, (unsigned long long)most);
	expect(least * 4 > most);	/* over seconds the capture effect evens out */
}

static void test_saturated_domain_keeps_its_efficiency(void)
{
	saturation(2, 0.90, 1.0);
	saturation(8, 0.85, 1.0);
	saturation(32, 0.70, 1.0);
}

/*
 * What the rules predict for a load, without carriers, delays and state machines: in rounds. All
 * who are ready when the wire falls silent begin; if more than one, each draws r < 2^n slots of
 * silence after its jam; the others' time goes on meanwhile. Times are in bits.
 */
struct prediction {
	double collisions, slots;	/* a frame that was sent */
};

static struct prediction predict(unsigned int n, double frame, unsigned int rounds, u64 seed)
{
	double ready[LAN_MAX_STATIONS] = { 0 }, idle = 0, hits = 0, slots = 0, frames = 0;
	u32 tries[LAN_MAX_STATIONS] = { 0 }, r;
	struct lan_rng rng;
	unsigned int i;

	lan_rng_seed(&rng, seed);
	while (rounds--) {
		double first = ready[0], begin;
		unsigned int who = 0;

		for (i = 1; i < n; i++)
			first = min(first, ready[i]);
		begin = max(first, idle);
		for (i = 0; i < n; i++)
			who += ready[i] < begin + 10;	/* 1 us from any to any */
		for (i = 0; i < n; i++) {
			if (ready[i] >= begin + 10)
				continue;
			if (who == 1) {
				frames++;
				tries[i] = 0;
				ready[i] = begin + frame;
				continue;
			}
			hits++;
			if (++tries[i] == CSMA_ATTEMPT_LIMIT) {
				tries[i] = 0;
				ready[i] = begin + 96;
				continue;
			}
			r = lan_rng_below(&rng, 1U << min(tries[i], 10U));
			slots += r;
			ready[i] = begin + 96 + 512.0 * r;
		}
		idle = begin + 96 + (who == 1 ? frame : 96);
	}
	return (struct prediction){ hits / frames, slots / frames };
}

static void test_collisions_are_what_the_rules_predict(void)
{
	static const unsigned int n[] = { 2, 4, 8, 16 };
	static const u32 bits[] = { 576, 4096, 12208 };
	unsigned int i, k, s;

	for (i = 0; i < ARRAY_SIZE(n); i++) {
		for (k = 0; k < ARRAY_SIZE(bits); k++) {
			struct prediction want = predict(n[i], bits[k], 400000, 5);
			double hits = 0, slots = 0, frames = 0;

			world_init(n[i], 10, 100, 31);
			w.saturate = true;
			w.n_bits = bits[k];
			csma_send(&w.d, 0, bits[k], 0);
			world_run(20000000000ULL);
			for (s = 0; s < n[i]; s++) {
				hits += (double)w.d.st[s].stats.collisions;
				slots += (double)w.d.st[s].stats.backoff_slots;
				frames += (double)w.d.st[s].stats.frames;
			}
			printf("# %u stations, %u bits a frame: %.3f collisions, %.3f predicted\n",
			       n[i], bits[k], hits / frames, want.collisions);
			expect_within(0.95, 1.05, hits / frames / want.collisions);
			expect_within(0.95, 1.05, slots / frames / want.slots);
		}
	}
}

static void test_counters_add_up(void)
{
	u64 sent = 0, collisions = 0;
	unsigned int i;

	world_init(6, 10, 300, 5);
	w.saturate = true;
	w.n_bits = 576;
	csma_send(&w.d, 0, 576, 0);
	world_run(500000000ULL);
	for (i = 0; i < 6; i++) {
		struct csma_stats *s = &w.d.st[i].stats;

		sent += s->frames;
		collisions += s->collisions;
		expect_eq(s->collisions, s->backoff_draws + s->excessive +
			  (w.d.st[i].state == CSMA_JAM));
		expect(s->single + s->multiple <= s->frames);
	}
	expect_eq(sent, w.bursts);
	expect_within(collisions - 6, collisions, w.fragments);
}

static void test_unplug_ends_the_frame(void)
{
	world_init(2, 10, 100, 1);
	csma_send(&w.d, 0, 12000, 0);
	csma_run(&w.d, 50000, 10);
	csma_unplug(&w.d, 0);
	expect_eq(CSMA_ABORTED, w.how[0]);
	expect_eq(1, w.fragments);
	expect_eq(-ENETDOWN, csma_send(&w.d, 0, 576, 60000));
}

/* ---- segments ---- */

#define N_ENDS 4

struct station {
	struct lan_end	e;
	u8		wire[LAN_SEGMENT_OCTETS];
	u32		n, left;
	u32		good, bad, fragments, extend, done;
	u64		last_at;
};

static struct station st[N_ENDS];
static u8 seg_buf[LAN_SEGMENT_BUF];
static struct { struct csma_domain d; struct csma_station room[N_ENDS]; } dom;

static bool st_fetch(struct lan_end *e, struct lan_wire *wire)
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

static void test_hub_repeats_to_all_but_the_sender(void)
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

static void test_hub_loses_no_frame_to_collisions(void)
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

static void test_full_duplex_sends_both_ways_at_line_rate(void)
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

static void test_bit_errors_are_all_seen_by_the_fcs(void)
{
	struct lan_segment g;
	int bit_level;

	for (bit_level = 0; bit_level < 2; bit_level++) {
		segment_make(&g, false, 10, bit_level, 100000);
		segment_send(&g, 0, 2000);
		lan_segment_run(&g, LAN_NEVER - 1, 100000);
		expect_eq(2000, st[1].good + st[1].bad);
		/*
		 * at 1e-4 a frame of 4096 bits (twice the levels in Manchester) is hit with p = 1 -
		 * (1 - 1e-4)^n
		 */
		expect_within(bit_level ? 900 : 550, bit_level ? 1300 : 800, st[1].bad);
	}
}

static void test_unplugged_end_hears_nothing(void)
{
	struct lan_segment g;

	segment_make(&g, true, 100, false, 0);
	lan_segment_unplug(&g, &st[2].e);
	segment_send(&g, 0, 5);
	lan_segment_run(&g, LAN_NEVER - 1, 1000);
	expect_eq(0, st[2].good);
	expect_eq(5, st[3].good);
}

/* ---- what goes wrong on a half-duplex wire ---- */

static void test_storm_collides_at_its_rate(void)
{
	struct csma_stats *s;
	double tries;

	world_init(2, 10, 100, 21);
	csma_upset(&w.d, 0, false, LAN_PPB / 4);
	w.n_bits = 12000;
	for (u32 i = 0; i < 4000; i++) {
		csma_send(&w.d, 0, w.n_bits, w.d.now_ns);
		world_run(LAN_NEVER - 1);
	}
	s = &w.d.st[0].stats;
	tries = (double)(s->frames + s->collisions);
	expect_eq(4000, s->frames + s->excessive);
	expect_eq(s->collisions, s->stormed);
	expect_within(0.23, 0.27, (double)s->stormed / tries);
	/* p^1 (1 - p) of the frames after one collision */
	expect_within(4000 * 0.1875 * 0.85, 4000 * 0.1875 * 1.15, (double)s->single);
	expect_eq(0, s->late);
	expect_eq(0, w.d.st[1].stats.collisions);
}

static void test_storm_of_all_gives_up_each_frame(void)
{
	world_init(1, 10, 100, 22);
	csma_upset(&w.d, 0, false, LAN_PPB);
	csma_send(&w.d, 0, 12000, 0);
	world_run(LAN_NEVER - 1);
	expect_eq(CSMA_EXCESSIVE, w.how[0]);
	expect_eq(CSMA_ATTEMPT_LIMIT, w.d.st[0].stats.stormed);
	csma_upset(&w.d, 0, true, LAN_PPB);	/* full duplex has no collisions */
	csma_send(&w.d, 0, 12000, w.d.now_ns);
	world_run(LAN_NEVER - 1);
	expect_eq(CSMA_SENT, w.how[0]);
}

/* The symptoms that administrators know: late collisions at one end, bad frames at the other. */
static void test_duplex_mismatch_shows_as_it_does(void)
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

static void test_mismatch_is_none_while_one_talks(void)
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

static void test_short_frame_is_extended_to_a_slot(void)
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

static void test_full_duplex_extends_nothing(void)
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
static void test_cut_extension_is_a_fragment(void)
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

static void test_stations_at_1000_share_the_hub(void)
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

static void test_probe_sees_the_wire_from_its_first_bit(void)
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

static void test_highest_common_ability_is_chosen(void)
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

static void test_forced_end_is_detected_as_half_duplex(void)
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

static void test_slow_cable_takes_the_link_down_to_its_speed(void)
{
	u16 at_100 = lan_autoneg_over(ALL, 100), at_10 = lan_autoneg_over(ALL, 10);

	expect_link(at_100, at_100, LAN_CAN_100_FULL | LAN_CAN_PAUSE,
		    LAN_CAN_100_FULL | LAN_CAN_PAUSE);
	expect_link(at_10, at_10, LAN_CAN_10_FULL | LAN_CAN_PAUSE, LAN_CAN_10_FULL | LAN_CAN_PAUSE);
	expect_eq(100, lan_autoneg_mbps(at_100));
	expect_eq(0, lan_autoneg_over(LAN_CAN_100_FULL, 10));
	expect_eq(ALL, lan_autoneg_over(ALL, 1000));
}

#define T(name) { #name, test_##name }

static const struct { const char *name; void (*run)(void); } tests[] = {
	T(fcs_is_crc32_of_3_2_9),
	T(preamble_and_sfd_lead_the_frame),
	T(short_data_is_padded_to_min_frame),
	T(own_fcs_goes_out_as_it_stands),
	T(frame_is_found_at_any_bit_offset),
	T(dribble_bits_are_forgiven_if_fcs_fits),
	T(runt_and_long_frames_are_told),
	T(carrier_without_sfd_is_no_frame),
	T(manchester_carries_any_frame),
	T(manchester_has_a_transition_in_each_bit),
	T(manchester_locks_late_into_the_preamble),
	T(manchester_violation_is_told),
	T(mlt3_carries_any_frame),
	T(mlt3_moves_one_level_at_a_time),
	T(mlt3_false_level_never_passes),
	T(errors_come_at_their_rate),
	T(bursts_follow_gilbert_elliott),
	T(same_seed_same_errors),
	T(lone_station_sends_at_once),
	T(station_defers_to_carrier_and_gap),
	T(own_frames_keep_the_gap),
	T(two_at_once_collide_and_both_get_through),
	T(jam_follows_the_whole_preamble),
	T(backoff_is_truncated_binary_exponential),
	T(sixteen_collisions_give_up),
	T(late_collision_on_a_cable_too_long),
	T(no_late_collision_within_the_standard),
	T(saturated_domain_keeps_its_efficiency),
	T(collisions_are_what_the_rules_predict),
	T(counters_add_up),
	T(unplug_ends_the_frame),
	T(hub_repeats_to_all_but_the_sender),
	T(hub_loses_no_frame_to_collisions),
	T(full_duplex_sends_both_ways_at_line_rate),
	T(bit_errors_are_all_seen_by_the_fcs),
	T(unplugged_end_hears_nothing),
	T(storm_collides_at_its_rate),
	T(storm_of_all_gives_up_each_frame),
	T(duplex_mismatch_shows_as_it_does),
	T(mismatch_is_none_while_one_talks),
	T(short_frame_is_extended_to_a_slot),
	T(full_duplex_extends_nothing),
	T(cut_extension_is_a_fragment),
	T(stations_at_1000_share_the_hub),
	T(probe_sees_the_wire_from_its_first_bit),
	T(highest_common_ability_is_chosen),
	T(forced_end_is_detected_as_half_duplex),
	T(slow_cable_takes_the_link_down_to_its_speed),
};

int main(int argc, char **argv)
{
	unsigned int i, n = 0, bad = 0;

	printf("KTAP version 1\n");
	if (argc < 2)
		printf("1..%zu\n", ARRAY_SIZE(tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (argc > 1 && strcmp(argv[1], tests[i].name))
			continue;
		failed = false;
		tests[i].run();
		bad += failed;
		printf("%s %u lan.%s\n", failed ? "not ok" : "ok", ++n, tests[i].name);
	}
	return bad ? 1 : 0;
}
