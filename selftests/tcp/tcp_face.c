// SPDX-License-Identifier: GPL-2.0
/*
 * What a program may rely on in a TCP socket: states, errors, edges, options. Each case opens what
 * it needs on one address with both ends in this process, and says what it expected and saw. The
 * same cases run on Linux's own TCP: what fails there is a mistake of the case.
 *
 *	tcp_face [-a ADDRESS] [CASE...]		without a case: all of them, as KTAP
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "face.h"

static const struct face_case *const groups[] = {
	face_close, face_data, face_ports, face_options,
};

#define GROUPS	(sizeof(groups) / sizeof(groups[0]))

static void stuck(int sig)
{
	(void)sig;
	printf("# stuck\n");
	fflush(stdout);
	_exit(2);
}

/* In a process of its own, so that one that is stuck or leaves sockets behind harms no other. */
static bool run_case(const struct face_case *c)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGALRM, stuck);
		alarm(30);
		c->run();
		fflush(stdout);
		_exit(failures ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	return !status;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return !argc;
}

int main(int argc, char **argv)
{
	const struct face_case *c;
	size_t i, n = 0, bad = 0;
	bool list = false;
	int opt;

	address.s_addr = htonl(INADDR_LOOPBACK);
	while ((opt = getopt(argc, argv, "a:l")) != -1) {
		if (opt == 'l')
			list = true;
		else if (opt != 'a' || !inet_aton(optarg, &address))
			return 2;
	}
	if (!list)
		printf("TAP version 13\n");
	for (i = 0; i < GROUPS; i++) {
		for (c = groups[i]; c->name; c++) {
			if (list) {
				puts(c->name);
				continue;
			}
			if (!wanted(c->name, argc - optind, argv + optind))
				continue;
			if (run_case(c)) {
				printf("ok %zu %s\n", ++n, c->name);
			} else {
				printf("not ok %zu %s\n", ++n, c->name);
				bad++;
			}
		}
	}
	if (list)
		return 0;
	printf("1..%zu\n", n);
	return bad || !n;
}
