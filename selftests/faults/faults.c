// SPDX-License-Identifier: GPL-2.0
/*
 * Goes through a scenario again and again, and each time the next allocation of plumb.ko fails
 * (plumb_faults.ko), until one goes by untouched:
 *
 *	faults sh COMMAND UNDO		a shell command; UNDO puts back what it did, or a part of it
 *	faults SCENARIO PEER_NETNS	one of those below, here and in the peer's namespace
 *
 * After each failure it looks whether somebody was told: the scenario (errno, exit code) or a
 * counter of /proc/net/plumb in one of the namespaces; whether the next try works; and whether
 * sockets and their memory are back to where they were. A line a failure that was not; exit code 1
 * then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#define LIMIT		2000	/* failures of one scenario: more is a circle */
#define SAME		8	/* failures of a site in a row: most of its next are let go by */
#define STRIDE		16

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
};

/* --- the rounds --- */

/* What had told of trouble when the scenario had run, before it was undone and its devices went. */
static unsigned long long counted;

/* What @n is the number of fails. The scenario's errno, or 0. */
static int go(const struct scenario *s, unsigned int n)
{
	int status = 0;

	wrong = 0;
	wrong_at = "";
	fail_nth(n);
	s->run();
	fail_nth(0);
	if (n)
		counted = trouble();
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

/* After the @n-th failed: how many things were not as they should be. */
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
	err = go(s, 0);
	if (err) {
		printf("# %u: after a failure of %s the next try: %s: %s\n", n, failed, wrong_at,
		       said(err));
		wrongs++;
	}
	back_to(before);
	return wrongs;
}

/*
 * A ring's buffers come from one site by the hundred: of such a row the first are failed, then
 * every STRIDE-th; where it ends, one goes back to what was let go by.
 */
static int rounds(const struct scenario *s)
{
	static char last[sizeof(failed)];
	unsigned int n, wrongs = 0, same = 0, step = 1, done = 0;
	unsigned long long trouble_before;
	int err;

	held(before, sizeof(before));
	err = go(s, 0);
	if (err) {
		printf("# %s: with all memory: %s: %s\n", s->name, wrong_at, said(err));
		return 1;
	}
	back_to(before);
	held(before, sizeof(before));
	for (n = 1; n < LIMIT; n += step) {
		trouble_before = trouble();
		err = go(s, n);
		read_file(CONTROL "failed", failed, sizeof(failed));
		failed[strcspn(failed, "\n")] = '\0';
		if (strcmp(failed, last) && step > 1) {
			n -= step;
			step = 1;
			same = 0;
			continue;
		}
		if (!failed[0])
			break;
		done++;
		/* (The scenario looks itself whether all is there in the end.) */
		wrongs += judge(s, n, err,
				err || counted != trouble_before || may_be_silent(failed) ||
				getenv("FAULTS_MENDED"));
		same = strcmp(failed, last) ? 0 : same + 1;
		strcpy(last, failed);
		step = same < SAME ? 1 : STRIDE;
	}
	if (err) {
		printf("# untouched, but: %s: %s\n", wrong_at, said(err));
		wrongs++;
	}
	printf("# %s: %u allocations failed, one after the other\n", s->name, done);
	return wrongs || !done || n >= LIMIT;
}

int main(int argc, char **argv)
{
	char number[16];
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fill(text, sizeof(text));
	if (read_file("/sys/module/plumb/parameters/family", number, sizeof(number))[0])
		family = atoi(number);
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
			return rounds(&scenarios[i]);
	fprintf(stderr, "no scenario %s\n", argv[1]);
	return 2;
}
