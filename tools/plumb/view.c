// SPDX-License-Identifier: GPL-2.0
/*
 * plumb ss, stat, ping: the tools people have, made to look at Plumb. ss(8) and nstat(8)
 * read files whose names they take from the environment; ours have the same formats.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"

#define PROC "/proc/net/plumb"

static int view_exec(const char *program, char **argv)
{
	execvp(program, argv);
	fprintf(stderr, "plumb: %s: %s\n", program, strerror(errno));
	return EXIT_USAGE;
}

static int view_check(void)
{
	if (!access(PROC, X_OK))
		return 0;
	fprintf(stderr, "plumb: the module plumb is not loaded (as root: modprobe plumb)\n");
	return EXIT_KERNEL;
}

/* @argv with @add before the words of the user. */
static char **view_argv(const char *program, const char *add, int argc, char **argv)
{
	char **v = calloc((size_t)argc + 2, sizeof(*v));
	int n = 0, i;

	if (!v) {
		perror("plumb");
		exit(EXIT_USAGE);
	}
	v[n++] = (char *)program;
	if (add)
		v[n++] = (char *)add;
	for (i = 1; i < argc; i++)
		v[n++] = argv[i];
	return v;
}

/* Does a word ask ss for its summary (-s, also among other letters)? */
static bool ss_summary(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--summary") ||
		    (argv[i][0] == '-' && argv[i][1] != '-' && strchr(argv[i], 's')))
			return true;
	return false;
}

/*
 * -4: sockets of other families are not Plumb's to show. It would make ss print all sockets
 * below a summary.
 */
int cmd_ss(int argc, char **argv)
{
	static const char *const none[] = {
		"PROC_NET_TCP6", "PROC_NET_UDP6", "PROC_NET_RAW6", "PROC_NET_UNIX",
		"PROC_NET_SOCKSTAT6", "PROC_NET_NETLINK", "PROC_NET_PACKET",
	};
	size_t i;

	if (view_check())
		return EXIT_KERNEL;
	setenv("PROC_NET_TCP", PROC "/tcp", 1);
	setenv("PROC_NET_UDP", PROC "/udp", 1);
	setenv("PROC_NET_RAW", PROC "/raw", 1);
	setenv("PROC_NET_SNMP", PROC "/snmp", 1);
	setenv("PROC_NET_SOCKSTAT", PROC "/sockstat", 1);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		setenv(none[i], "/dev/null", 1);
	return view_exec("ss", view_argv("ss", ss_summary(argc, argv) ? NULL : "-4", argc, argv));
}

static void stat_drop_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint64_t packets = 0;

	(void)cmd;
	if (tb[PLUMB_A_DROP_PACKETS])
		packets = mnl_attr_get_u64(tb[PLUMB_A_DROP_PACKETS]);
	if ((!packets && !*(bool *)arg) || !tb[PLUMB_A_DROP_NAME] || !tb[PLUMB_A_DROP_TEXT])
		return;
	out_item(NULL);
	out_str("reason", "%-20s", mnl_attr_get_str(tb[PLUMB_A_DROP_NAME]));
	out_uint("packets", "%12llu  ", packets);
	out_str("text", "%s\n", mnl_attr_get_str(tb[PLUMB_A_DROP_TEXT]));
	out_item_end();
}

/* `plumb stat drops [all]`: why packets were dropped. */
static int stat_drops(int argc, char **argv)
{
	bool all = argc > 1 && !strcmp(argv[1], "all");
	struct nlmsghdr *nlh;
	int err;

	if (argc > 1 + all)
		die("argument \"%s\" is wrong: all, or nothing", argv[1 + all]);
	nlh = nl_new(PLUMB_CMD_DROP_GET, NLM_F_DUMP);
	out_list(NULL);
	err = nl_talk(nlh, stat_drop_one, &all);
	out_list_end();
	return err ? err : out_finish();
}

/*
 * A history of its own: nstat shows what changed since it was last asked, and Linux's
 * counters are other ones.
 */
int cmd_stat(int argc, char **argv)
{
	char history[64];

	if (argc > 1 && !strcmp(argv[1], "drops"))
		return stat_drops(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "help")) {
		printf("Usage: plumb stat [ NSTAT OPTIONS ] [ PATTERN ... ]\n"
		       "       plumb stat drops [ all ]\n");
		return 0;
	}
	if (view_check())
		return EXIT_KERNEL;
	snprintf(history, sizeof(history), "/tmp/.plumb.nstat.u%u", (unsigned int)getuid());
	setenv("NSTAT_HISTORY", history, 0);
	setenv("PROC_NET_SNMP", PROC "/snmp", 1);
	setenv("PROC_NET_NETSTAT", PROC "/netstat", 1);
	setenv("PROC_NET_SNMP6", "/dev/null", 1);
	setenv("PROC_NET_SCTP_SNMP", "/dev/null", 1);
	return view_exec("nstat", view_argv("nstat", out_json ? "-j" : NULL, argc, argv));
}

/* -4, because ping(8) else opens an IPv6 socket too. */
int cmd_ping(int argc, char **argv)
{
	char **ping = view_argv("ping", "-4", argc, argv);
	char **run = calloc((size_t)argc + 5, sizeof(*run));
	int n = 0, i;

	if (!run) {
		perror("plumb");
		return EXIT_USAGE;
	}
	run[n++] = (char *)"run";
	run[n++] = (char *)"--";
	for (i = 0; ping[i]; i++)
		run[n++] = ping[i];
	return cmd_run(n, run);
}
