// SPDX-License-Identifier: GPL-2.0
/* What the scenes of behave share. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "behave.h"

int fam;
FILE *out;

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
}

const char *errstr(void)
{
	return strerrorname_np(errno);
}

/* A call's result by its name: number or errno. */
long told(const char *what, long r)
{
	if (r < 0)
		say("%s: %s", what, errstr());
	else
		say("%s: %ld", what, r);
	return r;
}

struct sockaddr_in addr(const char *ip, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sin;
}

int udp(void)
{
	int fd = socket(fam, SOCK_DGRAM, 0);
	struct timeval tv = { .tv_sec = 3 };

	if (fd < 0) {
		printf("Bail out! socket: %s\n", strerror(errno));
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	getsockname(fd, (void *)&sin, &len);
	return sin;
}

int udp_at(const char *ip, int port)
{
	struct sockaddr_in sin = addr(ip, port);
	int fd = udp();

	if (bind(fd, (void *)&sin, sizeof(sin)))
		say("bind %s: %s", ip, errstr());
	return fd;
}

void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		say("setsockopt %d %d: %s", level, name, errstr());
}

long send_to(int fd, struct sockaddr_in to, const void *data, size_t len, int flags)
{
	return sendto(fd, data, len, flags, (void *)&to, sizeof(to));
}

/* Waits at most 3 s for an event, so that no scene depends on how fast a queue is. */
int wait_for(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	poll(&p, 1, 3000);
	return p.revents;
}

unsigned int sum_of(const unsigned char *p, size_t n)
{
	unsigned int s = 1;

	while (n--)
		s = s * 31 + *p++;
	return s;
}
