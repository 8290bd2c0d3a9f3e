// SPDX-License-Identifier: GPL-2.0
/* Clause 4: CSMA/CD, with a clock and a seed of its own. */
#include "world.h"

TEST(lone_station_sends_at_once)
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

TEST(station_defers_to_carrier_and_gap)
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

TEST(own_frames_keep_the_gap)
{
	world_init(2, 100, 0, 1);
	csma_send(&w.d, 0, 576, 0);
	world_run(5760);
	csma_send(&w.d, 0, 576, w.d.now_ns);
	world_run(LAN_NEVER - 1);
	expect_eq(960, w.least_gap);
}

TEST(two_at_once_collide_and_both_get_through)
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

TEST(jam_follows_the_whole_preamble)
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

TEST(backoff_is_truncated_binary_exponential)
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

TEST(sixteen_collisions_give_up)
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

TEST(late_collision_on_a_cable_too_long)
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

TEST(no_late_collision_within_the_standard)
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

TEST(saturated_domain_keeps_its_efficiency)
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
	double collisions, slots, defers;	/* a frame that was sent */
};

static struct prediction predict(unsigned int n, double frame, unsigned int rounds, u64 seed)
{
	double ready[LAN_MAX_STATIONS] = { 0 }, idle = 0;
	double hits = 0, slots = 0, frames = 0, defers = 0;
	bool deferred[LAN_MAX_STATIONS] = { false };
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
				defers += deferred[i];
				deferred[i] = false;
				tries[i] = 0;
				ready[i] = begin + frame;
				continue;
			}
			hits++;
			if (++tries[i] == CSMA_ATTEMPT_LIMIT) {
				tries[i] = 0;
				defers += deferred[i];
				deferred[i] = false;
				ready[i] = begin + 96;
				continue;
			}
			r = lan_rng_below(&rng, 1U << min(tries[i], 10U));
			slots += r;
			deferred[i] |= !r;	/* to the other's jam: it is heard longer */
			ready[i] = begin + 96 + 512.0 * r;
		}
		idle = begin + 96 + (who == 1 ? frame : 96);
		for (i = 0; who == 1 && i < n; i++)
			deferred[i] |= ready[i] < begin + frame;	/* while another talks */
	}
	return (struct prediction){ hits / frames, slots / frames, defers / frames };
}

TEST(collisions_are_what_the_rules_predict)
{
	static const unsigned int n[] = { 2, 4, 8, 16 };
	static const u32 bits[] = { 576, 4096, 12208 };
	unsigned int i, k, s;

	for (i = 0; i < ARRAY_SIZE(n); i++) {
		for (k = 0; k < ARRAY_SIZE(bits); k++) {
			struct prediction want = predict(n[i], bits[k], 400000, 5);
			double hits = 0, slots = 0, frames = 0, defers = 0;

			world_init(n[i], 10, 100, 31);
			w.saturate = true;
			w.n_bits = bits[k];
			csma_send(&w.d, 0, bits[k], 0);
			world_run(20000000000ULL);
			for (s = 0; s < n[i]; s++) {
				hits += (double)w.d.st[s].stats.collisions;
				slots += (double)w.d.st[s].stats.backoff_slots;
				defers += (double)w.d.st[s].stats.deferred;
				frames += (double)w.d.st[s].stats.frames;
			}
			printf("# %u stations, %u bits a frame:", n[i], bits[k]);
			printf(" %.3f collisions, %.2f slots, %.2f deferrals;", hits / frames,
			       slots / frames, defers / frames);
			printf(" predicted %.3f, %.2f, %.2f\n", want.collisions, want.slots,
			       want.defers);
			expect_within(0.95, 1.05, hits / frames / want.collisions);
			expect_within(0.95, 1.05, slots / frames / want.slots);
			expect_within(0.92, 1.08, defers / frames / want.defers);
		}
	}
}

TEST(counters_add_up)
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

TEST(unplug_ends_the_frame)
{
	world_init(2, 10, 100, 1);
	csma_send(&w.d, 0, 12000, 0);
	csma_run(&w.d, 50000, 10);
	csma_unplug(&w.d, 0);
	expect_eq(CSMA_ABORTED, w.how[0]);
	expect_eq(1, w.fragments);
	expect_eq(-ENETDOWN, csma_send(&w.d, 0, 576, 60000));
}

/* ---- a storm of collisions ---- */

TEST(storm_collides_at_its_rate)
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

TEST(storm_of_all_gives_up_each_frame)
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
