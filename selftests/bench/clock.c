// SPDX-License-Identifier: GPL-2.0
/*
 * The stopwatch, and the one line of JSON that a client prints.
 *
 * Besides wall time it takes the time that CPUs did not idle, to the nanosecond,
 * from /proc/timer_list. On a machine of one CPU whose clock counts instructions
 * (scripts/vm --icount) that is the number of instructions both ends took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

u64 deadline_ns(const struct opts *o)
{
	return now_ns() + (u64)(o->seconds * 1e9);
}

/* Return: nanoseconds all CPUs have idled since boot, or -1 if nobody tells us. */
static s64 idle_ns(void)
{
	FILE *file = fopen("/proc/timer_list", "r");
	char line[256];
	long long value;
	s64 sum = -1;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %lld nsecs", &value) != 1 &&
		    sscanf(line, " .iowait_sleeptime : %lld nsecs", &value) != 1)
			continue;
		sum = (sum < 0 ? 0 : sum) + value;
	}
	fclose(file);
	return sum;
}

void watch_start(struct watch *w)
{
	w->cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	w->start_idle_ns = idle_ns();
	w->start_ns = now_ns();
}

void watch_stop(struct watch *w)
{
	s64 idle;

	w->wall_ns = now_ns() - w->start_ns;
	idle = idle_ns();
	w->idle_ns = idle < 0 || w->start_idle_ns < 0 ? -1 : idle - w->start_idle_ns;
}

static double busy_ns(const struct watch *w)
{
	double busy = (double)w->wall_ns * w->cpus - (double)w->idle_ns;

	return busy < 0 ? 0 : busy;
}

/**
 * report() - print what was measured
 * @test: the command's name
 * @o: what it was asked for
 * @w: stopped
 * @ops: round trips, connections or datagrams; 0 if the test has none
 * @bytes: transferred; 0 if the test does not count them
 * @extra: further members, each beginning with a comma, or ""
 */
void report(const char *test, const struct opts *o, const struct watch *w,
	    u64 ops, u64 bytes, const char *extra)
{
	double seconds = (double)w->wall_ns / 1e9;

	printf("{\"test\": \"%s\", \"family\": %d, \"conns\": %u, \"size\": %u, \"seconds\": %.6f",
	       test, o->family, o->conns, o->size, seconds);
	if (bytes)
		printf(", \"bytes\": %" PRIu64 ", \"mbit_s\": %.2f", bytes,
		       (double)bytes * 8 / 1e6 / seconds);
	if (ops)
		printf(", \"ops\": %" PRIu64 ", \"ops_s\": %.1f, \"wall_ns_op\": %.1f", ops,
		       (double)ops / seconds, (double)w->wall_ns / (double)ops);
	if (w->idle_ns >= 0 && bytes)
		printf(", \"busy_ns_mb\": %.0f", busy_ns(w) * 1e6 / (double)bytes);
	if (w->idle_ns >= 0 && ops)
		printf(", \"busy_ns_op\": %.1f", busy_ns(w) / (double)ops);
	printf("%s}\n", extra);
}
