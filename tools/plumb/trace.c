// SPDX-License-Identifier: GPL-2.0
/*
 * plumb trace: a packet's trip, step by step, from the tracepoints events/plumb. They are
 * enabled in a trace instance of our own, so nobody else's tracing is touched; it is
 * removed at the end.
 *
 *	12.003417  rx         pkt=5d20c1aa ifindex=4 len=84 ...
 *	+0.000021  ip_in      pkt=5d20c1aa saddr=10.0.0.1 ...
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"

#define TRACEFS		"/sys/kernel/tracing"
#define EVENTS		"events/plumb"
#define PREFIX		"plumb_"	/* of the events' names; left out in what is printed */

struct trace_opts {
	bool raw, all, list;
	const char *filter;
};

static char instance[128];

static void trace_help(FILE *to)
{
	fprintf(to,
		"Usage: plumb trace [ -a ] [ -r ] [ -f FILTER ] [ EVENT ... ]\n"
		"       plumb trace -l\n"
		"  -a   events of all network namespaces, not of this one alone\n"
		"  -f   a filter of the kernel's, such as 'len > 1000' or 'pkt == 0x5d20c1aa'\n"
		"  -l   list the events\n"
		"  -r   lines as the kernel has them\n");
}

/* Writes to a file of the instance. 0 or -1 with errno. */
__attribute__((format(printf, 2, 3)))
static int trace_write(const char *text, const char *fmt, ...)
{
	char leaf[256], path[512];
	ssize_t len;
	va_list ap;
	int fd;

	va_start(ap, fmt);
	vsnprintf(leaf, sizeof(leaf), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%s", instance, leaf);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = write(fd, text, strlen(text));
	close(fd);
	return len < 0 ? -1 : 0;
}

static void trace_end(void)
{
	trace_write("0", EVENTS "/enable");
	rmdir(instance);
}

static void trace_stop(int sig)
{
	/* The read of trace_pipe ends with EINTR; the exit code tells a shell of the signal. */
	(void)sig;
}

static int trace_begin(void)
{
	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	snprintf(instance, sizeof(instance), TRACEFS "/instances/plumb-%d", (int)getpid());
	if (!mkdir(instance, 0700))
		return 0;
	if (errno == ENOENT)
		fprintf(stderr, "plumb: no tracefs in " TRACEFS "\n");
	else
		fprintf(stderr, "plumb: " TRACEFS ": %s\n", strerror(errno));
	return -1;
}

/* The number that the events have for this network namespace. */
static unsigned long trace_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : (unsigned long)st.st_ino;
}

static int trace_enable(const char *event, const struct trace_opts *o)
{
	const char *prefix = strncmp(event, PREFIX, strlen(PREFIX)) ? PREFIX : "";
	char filter[512];

	if (o->filter && o->all)
		snprintf(filter, sizeof(filter), "%s", o->filter);
	else if (o->filter)
		snprintf(filter, sizeof(filter), "netns == %lu && (%s)", trace_netns(), o->filter);
	else
		snprintf(filter, sizeof(filter), "netns == %lu", trace_netns());
	if (o->filter || !o->all) {
		/* Not every event has every field: it is left out if asked for by a filter. */
		if (trace_write(filter, EVENTS "/%s%s/filter", prefix, event) && o->filter)
			return errno == EINVAL ? 0 : -1;
	}
	return trace_write("1", EVENTS "/%s%s/enable", prefix, event);
}

/* Calls @fn for each event; how many there are, or -1. */
static int trace_each(int (*fn)(const char *event, const struct trace_opts *o),
		      const struct trace_opts *o)
{
	DIR *dir = opendir(TRACEFS "/" EVENTS);
	struct dirent *e;
	int n = 0;

	if (!dir)
		return -1;
	while ((e = readdir(dir))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)))
			continue;
		if (fn(e->d_name, o)) {
			n = -1;
			break;
		}
		n++;
	}
	closedir(dir);
	return n;
}

static int trace_list_one(const char *event, const struct trace_opts *o)
{
	(void)o;
	puts(event + strlen(PREFIX));
	return 0;
}

/*
 * "   curl-812   [001] b..1.   12.003417: plumb_rx: pkt=..." without process and flags; times after
 * the first within a tenth of a second as differences.
 */
static void trace_line(char *line)
{
	static double last;
	char *name = strstr(line, ": " PREFIX), *text, *time;
	double now;

	if (!name)
		return;
	*name = '\0';
	time = strrchr(line, ' ');
	name += 2 + strlen(PREFIX);
	text = strstr(name, ": ");
	if (!time || !text)
		return;
	*text = '\0';
	now = strtod(time, NULL);
	if (last && now - last < 0.1)
		printf("%+15.6f  %-12s %s", now - last, name, text + 2);
	else
		printf("%15.6f  %-12s %s", now, name, text + 2);
	last = now;
}

static int trace_follow(const struct trace_opts *o)
{
	struct sigaction sa = { .sa_handler = trace_stop };
	char path[256], *line = NULL;
	size_t room = 0;
	FILE *f;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof(path), "%s/trace_pipe", instance);
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		return EXIT_KERNEL;
	}
	while (getline(&line, &room, f) > 0) {
		if (o->raw)
			fputs(line, stdout);
		else
			trace_line(line);
		if (fflush(stdout))
			break;
	}
	free(line);
	fclose(f);
	return 0;
}

static int trace_options(int argc, char **argv, struct trace_opts *o)
{
	int c;

	optind = 0;
	while ((c = getopt(argc, argv, "+arlf:h")) != -1) {
		switch (c) {
		case 'a':
			o->all = true;
			break;
		case 'r':
			o->raw = true;
			break;
		case 'l':
			o->list = true;
			break;
		case 'f':
			o->filter = optarg;
			break;
		case 'h':
			trace_help(stdout);
			exit(0);
		default:
			return -1;
		}
	}
	return optind;
}

int cmd_trace(int argc, char **argv)
{
	struct trace_opts o = { 0 };
	int first = trace_options(argc, argv, &o), err = 0;

	if (first < 0) {
		trace_help(stderr);
		return EXIT_USAGE;
	}
	if (first < argc && !strcmp(argv[first], "help")) {
		trace_help(stdout);
		return 0;
	}
	if (trace_begin())
		return EXIT_KERNEL;
	if (access(TRACEFS "/" EVENTS, F_OK)) {
		fprintf(stderr, "plumb: %s\n", NOT_LOADED);
		err = EXIT_KERNEL;
	} else if (o.list) {
		trace_each(trace_list_one, &o);
	} else if (first == argc) {
		err = trace_each(trace_enable, &o) <= 0;
	}
	for (; !err && first < argc; first++)
		err = trace_enable(argv[first], &o);
	if (err < 0 || err == 1) {
		fprintf(stderr,
			"plumb: no such event, or a filter that it does not understand: %s\n",
			strerror(errno));
		err = EXIT_USAGE;
	}
	if (!err && !o.list)
		err = trace_follow(&o);
	trace_end();
	return err;
}
