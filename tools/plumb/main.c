// SPDX-License-Identifier: GPL-2.0
/* plumb: the command line of the Plumb stack. Reads the options, finds the command, hands over. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"

#ifndef PLUMB_VERSION
#define PLUMB_VERSION "unknown"
#endif

static int cmd_help(int argc, char **argv);

static const char *batch;
static bool force;

static const struct command commands[] = {
	{ "addr", cmd_addr },
	{ "address", cmd_addr },
	{ "route", cmd_route },
	{ "run", cmd_run },
	{ "neigh", cmd_neigh },
	{ "neighbour", cmd_neigh },
	{ "neighbor", cmd_neigh },
	{ "link", cmd_link },
	{ "lan", cmd_lan },
	{ "monitor", cmd_monitor },
	{ "ss", cmd_ss },
	{ "stat", cmd_stat },
	{ "ping", cmd_ping },
	{ "trace", cmd_trace },
	{ "tcp_metrics", cmd_metrics },
	{ "tcpmetrics", cmd_metrics },
	{ "help", cmd_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *to)
{
	fprintf(to,
		"Usage: plumb [ OPTIONS ] OBJECT { COMMAND | help }\n"
		"       plumb [ OPTIONS ] run [ -- ] PROGRAM [ ARGUMENT ... ]\n"
		"where  OBJECT := { addr | route | neigh | link | lan | tcp_metrics | monitor | trace |\n"
		"                    run | ping | ss | stat }\n"
		"       OPTIONS := { -j[son] | -p[retty] | -o[neline] | -s[tatistics] | -N[umeric] |\n"
		"                    -n[etns] NAME | -b[atch] FILE | -force | -h[elp] | -V[ersion] }\n");
}

static int cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	help(stdout);
	return 0;
}

const struct command *cmd_find(const struct command *table, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n && *word; i++)
		if (!strncmp(word, table[i].name, strlen(word)))
			return &table[i];
	return NULL;
}

int cmd_run_sub(const struct command *table, size_t n, void (*usage)(int asked), int argc,
		char **argv)
{
	const struct command *c;

	if (argc < 2)
		return table[0].run(argc, argv);
	if (!strcmp(argv[1], "help")) {
		usage(1);
		return 0;
	}
	c = cmd_find(table, n, argv[1]);
	if (c)
		return c->run(argc - 1, argv + 1);
	fprintf(stderr, "Command \"%s\" is unknown, try \"plumb %s help\".\n", argv[1], argv[0]);
	return EXIT_USAGE;
}

/* As `ip netns` names them; a path is taken too. */
static void netns_enter(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !setns(fd, CLONE_NEWNET)) {
		close(fd);
		return;
	}
	fprintf(stderr, "Cannot open network namespace \"%s\": %s\n", name, strerror(errno));
	exit(EXIT_USAGE);
}

/* Is @word, without its dashes, a beginning of @name at least one letter long? */
static int option_is(const char *word, const char *name)
{
	word += word[1] == '-' ? 2 : 1;
	return *word && !strncmp(word, name, strlen(word));
}

/* One option; how many words it took. Ends the program if there is no such option. */
static int option(char **argv)
{
	const char *w = argv[0];

	if (!strcmp(w, "-N") || option_is(w, "Numeric")) {
		out_numeric = true;
	} else if (option_is(w, "json")) {
		out_json = true;
	} else if (option_is(w, "pretty")) {
		out_pretty = true;
	} else if (option_is(w, "oneline")) {
		out_oneline = true;
	} else if (option_is(w, "statistics")) {
		out_stats = true;
	} else if (option_is(w, "Version") || !strcmp(w, "--version")) {
		printf("plumb %s\n", PLUMB_VERSION);
		exit(0);
	} else if (option_is(w, "help")) {
		help(stdout);
		exit(0);
	} else if (option_is(w, "netns")) {
		if (!argv[1]) {
			fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
			exit(EXIT_USAGE);
		}
		netns_enter(argv[1]);
		return 2;
	} else if (option_is(w, "batch")) {
		if (!argv[1]) {
			fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
			exit(EXIT_USAGE);
		}
		batch = argv[1];
		return 2;
	} else if (option_is(w, "force")) {
		force = true;
	} else {
		fprintf(stderr, "Option \"%s\" is unknown, try \"plumb -help\".\n", w);
		exit(EXIT_USAGE);
	}
	return 1;
}

int cmd_line(int argc, char **argv)
{
	const struct command *c = cmd_find(commands, COMMANDS, argv[0]);

	if (c)
		return c->run(argc, argv);
	fprintf(stderr, "Object \"%s\" is unknown, try \"plumb help\".\n", argv[0]);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int first = 1;

	while (first < argc && argv[first][0] == '-')
		first += option(argv + first);
	if (batch)
		return cmd_batch(batch, force);
	if (first >= argc) {
		help(stderr);
		return EXIT_USAGE;
	}
	return cmd_line(argc - first, argv + first);
}
