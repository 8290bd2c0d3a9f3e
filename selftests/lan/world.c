// SPDX-License-Identifier: GPL-2.0
/* The collision domain of world.h. */
#include "world.h"

struct world w;

static void world_done(struct csma_domain *d, unsigned int i, enum csma_result how, u64 at_ns)
{
	(void)d;
	w.how[i] = how;
	w.n_done[i]++;
	w.longest_wait = max(w.longest_wait, at_ns - w.done_at[i]);
	w.done_at[i] = at_ns;
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

static u32 world_more(struct csma_domain *d, unsigned int i)
{
	(void)d;
	(void)i;
	if (!w.more)
		return 0;
	w.more--;
	return w.n_bits;
}

static const struct csma_ops world_ops = {
	.done = world_done,
	.burst = world_burst,
	.more = world_more,
};

void world_init(unsigned int n, unsigned int mbps, u32 delay_ns, u64 seed)
{
	unsigned int i;

	memset(&w, 0, sizeof(w));
	w.shortest_fragment = U32_MAX;
	w.least_gap = U64_MAX;
	expect_eq(0, csma_init(&w.d, LAN_MAX_STATIONS, &world_ops, mbps, seed));
	for (i = 0; i < n; i++)
		csma_plug(&w.d, i, delay_ns);
}

void world_run(u64 until)
{
	while (csma_next(&w.d) <= until) {
		unsigned int i;

		csma_run(&w.d, csma_next(&w.d), 1);
		for (i = 0; w.saturate && i < w.d.n; i++)
			if (w.d.st[i].state == CSMA_IDLE)
				csma_send(&w.d, i, w.n_bits, w.d.now_ns);
	}
}
