// SPDX-License-Identifier: GPL-2.0
/*
 * Goes through a scenario again and again, and each time another allocation of plumb.ko fails
 * (plumb_faults.ko), until each has:
 *
 *	faults sh COMMAND UNDO		a shell command; UNDO puts back what it did, or a part of it
 *	faults SCENARIO PEER_NETNS	one of those below, here and in the peer's namespace
 *	faults once SCENARIO PEER_NETNS	it alone, a single time: for a command of the first kind
 *
 * After each failure it looks whether somebody was told: the scenario (errno, exit code) or a
 * counter of /proc/net/plumb in one of the namespaces; whether the next try works; and whether
 * sockets and their memory are back to where they were. A line a failure that was not; exit code 1
 * then.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#define LIMIT		2000	/* failures of one scenario: more is a circle */
#define SITES		512
#define EACH		16	/* of a site's calls in a scenario so many fail, and then */
#define STRIDE		16	/* every so many-th: a ring's buffers come by the hundred */
#define NEVER		UINT_MAX	/* a call that is not made */

static void run_command(void)
{
	int status = system(command);

	if (status)
		told(command, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
}

static const struct scenario {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{ "sh", run_command },
	{ "stream", run_stream },
	{ "close", run_close },
	{ "urgent", run_urgent },
	{ "zerocopy", run_zerocopy },
	{ "stamps", run_stamps },
	{ "splice", run_splice },
	{ "fastopen", run_fastopen },
	{ "md5", run_md5 },
	{ "pacing", run_pacing },
	{ "options", run_options },
	{ "reuseport", run_reuseport },
	{ "datagram", run_datagram },
	{ "neighbour", run_neighbour },
	{ "cork", run_cork },
	{ "fragments", run_fragments },
	{ "cork_fragments", run_cork_fragments },
	{ "multicast", run_multicast },
	{ "broadcast", run_broadcast },
	{ "own_address", run_own_address },
	{ "source_filter", run_source_filter },
	{ "error_queue", run_error_queue },
	{ "too_big", run_too_big },
	{ "echo", run_echo },
	{ "raw", run_raw },
	{ "frames", run_frames },
	{ "refused", run_refused },
	{ "probe", run_probe },
	{ "again", run_again },
	{ "own_zerocopy", run_own_zerocopy },
	{ "segments", run_segments },
	{ "own_group", run_own_group },
	{ "group_filter", run_group_filter },
	{ "long_cork", run_long_cork },
	{ "any_fragment", run_any_fragment },
	{ "key", run_key },
	{ "metrics", run_metrics },
	{ "again_in_parts", run_again_in_parts },
	{ "narrower", run_narrower },
	{ "sources", run_sources },
};

/* --- the rounds --- */

/* What had told of trouble when the scenario had run, before it was undone and its devices went. */
static unsigned long long counted;

/* The calls of each site in the last run, and whether that was ever more than none. */
static unsigned int calls[SITES];
static bool seen[SITES];

static void read_calls(void)
{
	static char buf[1 << 16];
	char *line = read_file(CONTROL "sites", buf, sizeof(buf));
	size_t i;

	for (i = 0; *line && i < SITES; i++) {
		calls[i] = (unsigned int)strtoul(line, NULL, 10);
		seen[i] |= calls[i];
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

/* @site's @n-th call fails. The scenario's errno, or 0. */
static int go(const struct scenario *s, size_t site, unsigned int n)
{
	int status = 0;

	wrong = 0;
	wrong_at = "";
	fail_nth(site, n);
	s->run();
	fail_nth(site, 0);
	if (n != NEVER)
		counted = trouble();
	read_calls();
	taps_empty();
	/* (What it undoes may never have been done.) */
	if (undo)
		status = system(undo);
	(void)status;
	return wrong;
}

static bool back_to(const char *then)
{
	char now[4096] = "";
	int i;

	if (here_ns < 0)
		return true;
	for (i = 0; i < 1000; i++) {
		if (!strcmp(held(now, sizeof(now)), then))
			return true;
		usleep(10000);
	}
	printf("# not back: expected\n%s# saw\n%s", then, now);
	return false;
}

/* Functions whose failure takes nothing from anybody, so that no counter has it; and why. */
static const struct silent {
	const char *function, *why;
} silent[] = {
	{ "plumb_dgram_skb", "who sends is told ENOBUFS; ping sends again" },
	{ "tcp_snd_step", "the writer waits, or is told EAGAIN" },
	{ "tcp_timer_pacing", "the other timer paces, coarsely" },
	{ "plumb_neigh_header_make", "the header is written anew for each packet" },
	{ "plumb_neigh_make", "a sender is told ENOBUFS; who only heard of it asks when it sends" },
	{ "header_scratch", "the header is written anew for each packet" },
	{ "tcp_metrics_find", "the next connection measures for itself" },
	{ "tcp_metrics_save", "the next connection measures for itself" },
	{ "plumb_pmtu_learn", "the connection knows it; another asks the router again" },
	{ "pmtu_set", "the connection knows it; another asks the router again" },
	{ "switch_rx", "a frame to an address that is not known goes to all" },
	{ "switch_learn", "a frame to an address that is not known goes to all" },
	{ "switch_queue", "the switch's port counts the frame: plumb lan show" },
	{ "lan_scope_probe", "who listens sees a gap" },
	{ "genl_event_begin", "who listens is told by ENOBUFS" },
	{ "plumb_event_", "who listens is told by ENOBUFS" },
};

static bool may_be_silent(const char *failed)
{
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strstr(failed, silent[i].function))
			return true;
	return false;
}

/* What was held before the rounds, and the site that failed in this one. */
static char before[4096], failed[512];

/* After the @n-th call of a site failed: how many things were not as they should be. */
static unsigned int judge(const struct scenario *s, unsigned int n, int err, bool reported)
{
	unsigned int wrongs = 0;

	if (getenv("FAULTS_VERBOSE"))
		printf("# %u %s: %s %s\n", n, failed, err ? said(err) : "", err ? wrong_at : "");
	if (!reported) {
		printf("# %u: %s failed, and nobody was told\n", n, failed);
		wrongs++;
	}
	if (!back_to(before)) {
		printf("# %u: after a failure of %s\n", n, failed);
		wrongs++;
		held(before, sizeof(before));
	}
	/* (Where a try takes seconds, the next round is the next try.) */
	if (getenv("FAULTS_ONCE"))
		return wrongs;
	err = go(s, 0, NEVER);
	if (err) {
		printf("# %u: after a failure of %s the next try: %s: %s\n", n, failed, wrong_at,
		       said(err));
		wrongs++;
	}
	back_to(before);
	return wrongs;
}

/* The calls of one site fail, one a round. How many did; what went wrong is added to @wrongs. */
static unsigned int rounds_of(const struct scenario *s, size_t site, unsigned int *wrongs)
{
	unsigned int n, done = 0, made;
	unsigned long long trouble_before;
	int err;

	for (n = 1; n < LIMIT; n += n < EACH ? 1 : STRIDE) {
		trouble_before = trouble();
		err = go(s, site, n);
		made = calls[site];
		read_file(CONTROL "failed", failed, sizeof(failed));
		failed[strcspn(failed, "\n")] = '\0';
		if (!failed[0] && err) {
			printf("# untouched, but: %s: %s\n", wrong_at, said(err));
			++*wrongs;
		}
		if (!failed[0])
			break;
		done++;
		/* (The scenario looks itself whether all is there in the end.) */
		*wrongs += judge(s, n, err,
				 err || counted != trouble_before || may_be_silent(failed) ||
				 getenv("FAULTS_MENDED"));
		/* It was its last. */
		if (made <= n)
			break;
	}
	return done;
}

/* A failure may lead to sites that nothing else does. */
static int rounds(const struct scenario *s)
{
	static bool handled[SITES];
	unsigned int wrongs = 0, done = 0;
	bool more;
	size_t i;
	int err;

	held(before, sizeof(before));
	err = go(s, 0, NEVER);
	if (err) {
		printf("# %s: with all memory: %s: %s\n", s->name, wrong_at, said(err));
		return 1;
	}
	back_to(before);
	held(before, sizeof(before));
	do {
		more = false;
		for (i = 0; i < SITES; i++) {
			if (!seen[i] || handled[i])
				continue;
			handled[i] = true;
			more = true;
			done += rounds_of(s, i, &wrongs);
		}
	} while (more && done < LIMIT);
	printf("# %s: %u allocations failed, one after the other\n", s->name, done);
	return wrongs || !done || done >= LIMIT;
}

static int once(const struct scenario *s)
{
	s->run();
	if (wrong)
		printf("# %s: %s: %s\n", s->name, wrong_at, said(wrong));
	return wrong;
}

int main(int argc, char **argv)
{
	bool single = argc > 1 && !strcmp(argv[1], "once");
	char number[16];
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fill(text, sizeof(text));
	if (read_file("/sys/module/plumb/parameters/family", number, sizeof(number))[0])
		family = atoi(number);
	argv += single;
	argc -= single;
	if (argc < 3)
		return 2;
	here_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!strcmp(argv[1], "sh")) {
		command = argv[2];
		undo = argc > 3 ? argv[3] : NULL;
	} else {
		peer_ns = open(argv[2], O_RDONLY | O_CLOEXEC);
		if (here_ns < 0 || peer_ns < 0) {
			perror(argv[2]);
			return 2;
		}
	}
	find_others();
	if (getenv("FAULTS_TAPS"))
		taps_open();
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (!strcmp(scenarios[i].name, argv[1]))
			return single ? once(&scenarios[i]) : rounds(&scenarios[i]);
	fprintf(stderr, "no scenario %s\n", argv[1]);
	return 2;
}
