// SPDX-License-Identifier: GPL-2.0
/*
 * Plumb's sockets beside Linux's own: every call is made on a socket of AF_INET and on
 * its twin of Plumb's family, in the same order, and the two must answer alike: result,
 * errno, and what was written. One KTAP point a topic.
 *
 *	twins [family [topic]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "twins.h"

static const struct topic *const groups[] = { twins_calls, twins_options };

int family = 18;
int linux_fd, plumb_fd;
static int differences;

static const char *errname(int e)
{
	return e ? strerrorname_np(e) : "0";
}

void same(const char *what, long linux_says, long plumb_says)
{
	if (linux_says == plumb_says)
		return;
	differences++;
	printf("# %s: Linux %ld (%s), Plumb %ld (%s)\n", what, linux_says,
	       linux_says < 0 ? errname(-linux_says) : "ok", plumb_says,
	       plumb_says < 0 ? errname(-plumb_says) : "ok");
}

long neg(long r)
{
	return r < 0 ? -errno : r;
}

void open_twins(int type, int proto)
{
	linux_fd = socket(AF_INET, type, proto);
	plumb_fd = socket(family, type, proto);
	if (linux_fd < 0 || plumb_fd < 0) {
		printf("Bail out! socket(%d, %d): %s\n", type, proto, strerror(errno));
		exit(1);
	}
}

void close_twins(void)
{
	close(linux_fd);
	close(plumb_fd);
}

struct sockaddr_in addr(const char *ip, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sin;
}

int loopback(int fd)
{
	return if_nametoindex(fd == linux_fd ? "lo" : "plumb0");
}

int main(int argc, char **argv)
{
	const char *only = argc > 2 ? argv[2] : NULL;
	unsigned int i, n = 0, failed = 0;
	const struct topic *t;

	if (argc > 1)
		family = atoi(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		for (t = groups[i]; t->name; t++) {
			if (only && strcmp(only, t->name))
				continue;
			differences = 0;
			t->fn();
			printf("%s %u - twins %s\n", differences ? "not ok" : "ok", ++n, t->name);
			failed += !!differences;
		}
	}
	printf("1..%u\n", n);
	return failed || !n;
}
