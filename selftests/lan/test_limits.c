// SPDX-License-Identifier: GPL-2.0
/* The parameters of CSMA/CD (IEEE 802.3 4.4.2) as they show, and frame bursting (4.2.3.2.7). */
#include "world.h"

static const unsigned int all_mbps[] = { 10, 100, 1000 };

static u64 bits(u64 n)
{
	return n * w.d.bit_ns;
}

TEST(gap_is_96_bits_at_any_speed)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all_mbps); i++) {
		world_init(2, all_mbps[i], 0, 1);
		csma_send(&w.d, 0, 8192, 0);
		world_run(bits(8192));
		csma_send(&w.d, 0, 8192, w.d.now_ns);
		world_run(LAN_NEVER - 1);
		expect_eq(bits(96), w.least_gap);
	}
}

/*
 * 4.2.3.2.1: a carrier in the first two thirds of the gap begins it anew, one in the last third
 * does not: a frame of another that ends its travel then is collided with.
 */
static void late_carrier(u32 after_bits, bool collides)
{
	world_init(3, 10, 0, 1);
	w.d.repeater_ns = 0;
	csma_send(&w.d, 0, 576, 0);
	csma_run(&w.d, 10000, 100);
	csma_send(&w.d, 1, 576, 10000);		/* defers; its gap ends 96 bits after 57600 */
	w.d.st[2].full = true;				/* one that does not look */
	csma_run(&w.d, 57600, 100);
	csma_send(&w.d, 2, 5000, 57600 + 100ULL * after_bits);
	world_run(LAN_NEVER - 1);
	expect_eq(collides, w.d.st[1].stats.collisions > 0);
}

TEST(carrier_counts_in_two_thirds_of_the_gap)
{
	late_carrier(10, false);
	late_carrier(60, false);
	late_carrier(68, true);
	late_carrier(90, true);
}

/* Two that hear one another after @apart bits: what each has on the wire. */
static void collide(unsigned int mbps, u32 apart)
{
	world_init(2, mbps, 0, 1);
	w.d.repeater_ns = (u32)bits(apart);
	csma_send(&w.d, 0, 20000, 0);
	csma_send(&w.d, 1, 20000, 0);
	while (!w.fragments)
		csma_run(&w.d, csma_next(&w.d), 1);
	csma_run(&w.d, csma_next(&w.d), 1);
}

TEST(jam_is_32_bits)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all_mbps); i++) {
		collide(all_mbps[i], 200);
		expect_eq(2, w.fragments);
		expect_eq(200 + 32, w.shortest_fragment);
		expect_eq(200 + 32, w.longest_fragment);
		collide(all_mbps[i], 8);
		expect_eq(64 + 32, w.shortest_fragment);	/* the preamble is finished first */
	}
}

/* slotTime: 512 bits, at 1000 Mb/s 4096. What is noticed later is late. */
TEST(collision_is_late_after_the_slot_time)
{
	static const u32 slot[] = { 512, 512, 4096 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all_mbps); i++) {
		collide(all_mbps[i], slot[i]);
		expect_eq(0, w.d.st[0].stats.late);
		collide(all_mbps[i], slot[i] + 1);
		expect_eq(1, w.d.st[0].stats.late);
		expect_eq(1, w.d.st[0].stats.collisions);
	}
}

/* 4.2.3.2.6: at 1000 Mb/s a late collision ends the frame; below, it is tried again. */
TEST(late_collision_at_1000_is_not_tried_again)
{
	collide(1000, 5000);
	expect_eq(CSMA_LATE, w.how[0]);
	expect_eq(CSMA_IDLE, w.d.st[0].state);
	collide(100, 5000);
	expect_eq(0, w.n_done[0]);
	expect_eq(CSMA_BACKOFF, w.d.st[0].state);
}

/*
 * The n-th draw is uniform over 2^min(n, 10) slots: its mean and its range, over 3000 frames, each
 * of which collides 16 times.
 */
TEST(nth_backoff_is_uniform_over_its_range)
{
	static u32 most[CSMA_ATTEMPT_LIMIT];
	static double sum[CSMA_ATTEMPT_LIMIT];
	struct csma_station *s = &w.d.st[0];
	u32 frames = 3000, i, n;

	memset(most, 0, sizeof(most));
	memset(sum, 0, sizeof(sum));
	world_init(1, 10, 100, 4);
	csma_upset(&w.d, 0, false, LAN_PPB);
	for (i = 0; i < frames; i++) {
		csma_send(&w.d, 0, 12000, w.d.now_ns);
		for (n = 1; n < CSMA_ATTEMPT_LIMIT; n++) {
			u64 before = s->stats.backoff_slots, draws = s->stats.backoff_draws;
			u32 r;

			while (s->stats.backoff_draws == draws)
				csma_run(&w.d, csma_next(&w.d), 1);
			r = (u32)(s->stats.backoff_slots - before);
			expect_eq(w.d.now_ns + bits(512ULL * r), s->next_ns);
			most[n] = max(most[n], r);
			sum[n] += r;
		}
		world_run(LAN_NEVER - 1);
	}
	for (n = 1; n < CSMA_ATTEMPT_LIMIT; n++) {
		double range = (double)(1U << min(n, 10U)), mean = (range - 1) / 2;
		/* of the mean of a uniform draw: range / sqrt(12 frames); 4 of them */
		double off = 4 * range / __builtin_sqrt(12.0 * frames);

		expect_within(mean - off, mean + off, sum[n] / frames);
		expect(most[n] < range);
		expect(most[n] >= range * 0.99 - 1);
	}
}

TEST(slot_of_1000_is_eight_times_as_long)
{
	world_init(1, 1000, 0, 4);
	csma_upset(&w.d, 0, false, LAN_PPB);
	csma_send(&w.d, 0, 12000, 0);
	while (!w.d.st[0].stats.backoff_slots)
		csma_run(&w.d, csma_next(&w.d), 1);
	expect_eq(0, (w.d.st[0].next_ns - w.d.now_ns) % 4096);
	expect(w.d.st[0].next_ns > w.d.now_ns);
}

TEST(sixteenth_collision_is_the_last)
{
	u32 i;

	world_init(1, 10, 100, 22);
	csma_upset(&w.d, 0, false, LAN_PPB);
	for (i = 1; i <= 20; i++) {
		csma_send(&w.d, 0, 12000, w.d.now_ns);
		world_run(LAN_NEVER - 1);
		expect_eq(CSMA_EXCESSIVE, w.how[0]);
		expect_eq(16 * i, w.d.st[0].stats.collisions);
		expect_eq(15 * i, w.d.st[0].stats.backoff_draws);
		expect_eq(i, w.d.st[0].stats.excessive);
	}
}

/*
 * The capture effect: who has just won draws of fewer slots than who has lost, so that one may be
 * last for long. But no longer than its 15 draws can be: 2036 + 5 * 1023 slots of 51.2 us and one
 * frame and gap before each of 16 attempts, which is less than 400 ms.
 */
TEST(capture_ends_within_its_bound)
{
	static const unsigned int n[] = { 2, 4, 8 };
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(n); k++) {
		world_init(n[k], 10, 100, 50 + k);
		w.saturate = true;
		w.n_bits = 12208;
		csma_send(&w.d, 0, w.n_bits, 0);
		world_run(60000000000ULL);
		printf("# %u stations: no frame waited longer than %.1f ms\n", n[k],
		       (double)w.longest_wait / 1e6);
		expect(w.longest_wait < 400000000);
		expect(w.longest_wait > 20000000);	/* there is such an effect */
		for (i = 0; i < n[k]; i++)
			expect_within(0.75 / n[k], 1.25 / n[k],
				      (double)w.d.st[i].stats.frames / w.bursts);
	}
}

/* ---- frame bursting, 4.2.3.2.7 ---- */

/* After the first frame the gap is filled and the next begins, as long as the burst lasts. */
TEST(burst_goes_on_until_its_limit)
{
	world_init(2, 1000, 0, 1);
	w.n_bits = 12000;
	w.more = 100;
	csma_send(&w.d, 0, 12000, 0);
	world_run(LAN_NEVER - 1);
	/* the n-th begins at (n - 1) * 12096: the sixth at 60480, the seventh would at 72576 */
	expect_eq(6, w.bursts);
	expect_eq(95, w.more);
	expect_eq(96, w.least_gap);
	expect_eq(6 * 12096 - 96, w.last_end);
	expect_eq(6, w.d.st[0].stats.frames);
}

TEST(burst_is_one_carrier_to_the_others)
{
	world_init(2, 1000, 100, 1);
	w.n_bits = 12000;
	w.more = 3;
	csma_send(&w.d, 0, 12000, 0);
	csma_run(&w.d, 500, 100);
	csma_send(&w.d, 1, 12000, 500);
	world_run(LAN_NEVER - 1);
	expect_eq(0, w.fragments);
	expect_eq(1, w.d.st[1].stats.deferred);
	expect_eq(5, w.bursts);
	/* heard until 4 frames and 3 gaps have gone by, then its own gap */
	expect_eq(4 * 12096 - 96 + 208 + 96 + 12000, w.last_end);
}

TEST(no_burst_below_1000)
{
	world_init(2, 100, 0, 1);
	w.n_bits = 12000;
	w.more = 3;
	csma_send(&w.d, 0, 12000, 0);
	world_run(LAN_NEVER - 1);
	expect_eq(1, w.bursts);
	expect_eq(3, w.more);
}

/* What collides in a later frame of a burst is late, whatever it has sent of that frame. */
TEST(collision_in_a_burst_is_late)
{
	world_init(2, 1000, 100, 1);
	w.n_bits = 12000;
	w.more = 3;
	csma_send(&w.d, 0, 12000, 0);
	w.d.st[1].full = true;			/* it does not listen */
	csma_send(&w.d, 1, 5000, 12600);
	world_run(LAN_NEVER - 1);
	expect_eq(1, w.d.st[0].stats.late);
	expect_eq(CSMA_LATE, w.how[0]);
	expect_eq(1, w.d.st[0].stats.frames);
}

/* Cut in the gap between two frames of a burst: nothing of the second was on the wire. */
TEST(burst_that_is_cut_between_frames_ends)
{
	world_init(2, 1000, 0, 1);
	w.n_bits = 12000;
	w.more = 3;
	csma_send(&w.d, 0, 12000, 0);
	csma_run(&w.d, 12050, 100);
	expect_eq(1, w.bursts);
	csma_unplug(&w.d, 0);
	expect_eq(CSMA_ABORTED, w.how[0]);
	expect_eq(0, w.fragments);
}
