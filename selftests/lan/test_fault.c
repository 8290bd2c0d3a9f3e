// SPDX-License-Identifier: GPL-2.0
/* Faults of a cable: their rates, and that a seed makes their course. */
#include "test.h"

#include "../../drivers/lan/fault.h"

/* ---- faults ---- */

TEST(errors_come_at_their_rate)
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

TEST(bursts_follow_gilbert_elliott)
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

TEST(same_seed_same_errors)
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
