// SPDX-License-Identifier: GPL-2.0
/*
 * sim: the engine under adverse networks, in virtual time.
 *
 *	sim [--seconds S] [--seeds N] [--first SEED]	many seeds; KTAP
 *	sim --seed SEED [--trace]			one, with its segments
 *	sim --goodput					by rate, round trip and loss
 */
#include <stdlib.h>
#include <time.h>

#include "sim.h"

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int one(u64 seed)
{
	bool ok = scenario_run(seed);

	printf("seed %llu: %s, %llu segments, %llu events\n", (unsigned long long)seed,
	       ok ? "ok" : "FAILED", (unsigned long long)sim_segments,
	       (unsigned long long)sim_steps);
	return !ok;
}

static int many(u64 first, u64 seeds, double seconds)
{
	double start = wall();
	u64 seed, failed = 0;
	bool fast, idle;

	printf("KTAP version 1\n1..3\n");
	for (seed = first; seed < first + seeds; seed++) {
		if (seconds && wall() - start > seconds)
			break;
		if (scenario_run(seed))
			continue;
		printf("# seed %llu failed; alone: sim --seed %llu --trace\n",
		       (unsigned long long)seed, (unsigned long long)seed);
		if (++failed >= 10)
			break;
	}
	printf("# %llu seeds, %llu segments, %llu events, %.1f s\n",
	       (unsigned long long)(seed - first), (unsigned long long)sim_segments,
	       (unsigned long long)sim_steps, wall() - start);
	printf("%sok 1 invariants_and_streams\n", failed ? "not " : "");
	fast = goodput_matrix(true, false);
	printf("%sok 2 goodput\n", fast ? "" : "not ");
	idle = idle_peer();
	printf("%sok 3 idle_peer_gives_nothing_up\n", idle ? "" : "not ");
	return failed || !fast || !idle;
}

static int usage(void)
{
	fprintf(stderr, "usage: sim [--seconds S] [--seeds N] [--first SEED]\n");
	fprintf(stderr, "       sim --seed SEED [--trace]\n       sim --goodput\n");
	return 2;
}

int main(int argc, char **argv)
{
	u64 first = 1, seeds = ~0ULL >> 2;
	double seconds = 0;
	bool single = false;
	int i;

	for (i = 1; i < argc; i++) {
		const char *val = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--trace")) {
			sim_trace = true;
			continue;
		}
		if (!strcmp(argv[i], "--goodput"))
			return !goodput_matrix(false, true);
		if (!strcmp(argv[i], "--seed")) {
			first = strtoull(val, NULL, 0);
			single = true;
		} else if (!strcmp(argv[i], "--first")) {
			first = strtoull(val, NULL, 0);
		} else if (!strcmp(argv[i], "--seeds")) {
			seeds = strtoull(val, NULL, 0);
		} else if (!strcmp(argv[i], "--seconds")) {
			seconds = atof(val);
		} else {
			return usage();
		}
		i++;
	}
	if (!single && seeds == ~0ULL >> 2 && !seconds)
		seconds = 60;
	return single ? one(first) : many(first, seeds, seconds);
}
