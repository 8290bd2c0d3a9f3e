// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing of the module in a running kernel: in a VM only, best on the sanitizer kernel.
 *
 *	kfuzz calls [options]	system calls: sockets of the family and their options, netlink,
 *				sysctls, /proc, modelled adapters, in two namespaces with a veth
 *	  --user		as root of a user namespace
 *	  --replay SESSION	these calls again, as a report shows them
 *	  --loud		each call is written into the kernel's log before it is made
 *	kfuzz packets [options]	frames, put upon a tap at whose other end are live sockets
 *	  --pcap FILE		frames to begin with, as tcpdump wrote them
 *	 both
 *	  --seed N  --count N
 *
 * Fails when the kernel complains, after the complaint, the session and the last calls.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kfuzz.h"

static void usage(void)
{
	fputs("usage: kfuzz calls [--seed N] [--count N] [--user] [--replay SESSION] [--loud]\n",
	      stderr);
	fputs("       kfuzz packets [--seed N] [--count N] [--pcap FILE]\n", stderr);
	exit(2);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static void become_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER)) {
		perror("unshare");
		exit(2);
	}
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
}

static void family_number(void)
{
	FILE *f = fopen("/sys/module/plumb/parameters/family", "r");

	if (!f || fscanf(f, "%d", &family) != 1) {
		fputs("kfuzz: plumb.ko is not loaded\n", stderr);
		exit(2);
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", 1, NULL, 's' }, { "count", 1, NULL, 'c' }, { "user", 0, NULL, 'u' },
		{ "replay", 1, NULL, 'r' }, { "loud", 0, NULL, 'l' }, { "pcap", 1, NULL, 'p' },
		{ 0 },
	};
	struct rlimit files = { 4096, 4096 };
	const char *replay = NULL, *pcap = NULL;
	bool user = false, loud = false;
	uint64_t seed = 1;
	long count = 10000;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			count = atol(optarg);
			break;
		case 'u':
			user = true;
			break;
		case 'r':
			replay = optarg;
			break;
		case 'l':
			loud = true;
			break;
		case 'p':
			pcap = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc - 1)
		usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	setrlimit(RLIMIT_NOFILE, &files);
	family_number();
	if (reports_init() || control_init()) {
		fputs("kfuzz: no kernel log, or no netlink family\n", stderr);
		return 2;
	}
	cover_init();
	if (user)
		become_user_namespace();
	if (!strcmp(argv[optind], "calls"))
		return sessions_run(seed, count, replay, loud);
	if (!strcmp(argv[optind], "packets"))
		return packets_run(seed, count, pcap);
	usage();
}
