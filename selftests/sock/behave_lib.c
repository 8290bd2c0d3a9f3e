// SPDX-License-Identifier: GPL-2.0
/* What the scenes of behave share. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

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

/* The place of a word in a line, or -1. */
static int place_of(const char *line, const char *word)
{
	size_t len = strlen(word);
	int i = 0;

	for (; line; line = strchr(line, ' '), i++) {
		line += *line == ' ';
		if (!strncmp(line, word, len) && (line[len] == ' ' || line[len] == '\n'))
			return i;
	}
	return -1;
}

long counter(const char *group, const char *name)
{
	FILE *f = fopen(fam == AF_INET ? "/proc/net/snmp" : "/proc/net/plumb/snmp", "r");
	char names[4096], values[4096], *at = values;
	long value = -1;
	int place;

	while (f && fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
		if (place_of(names, group) != 0)
			continue;
		for (place = place_of(names, name); place > 0 && at; place--)
			at = strchr(at + 1, ' ');
		if (!place && at)
			value = atol(at);
		break;
	}
	if (f)
		fclose(f);
	return value;
}

const char *loopback_name(void)
{
	return fam == AF_INET ? "lo" : "plumb0";
}

int loopback_mtu(int set)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = {};
	int mtu;

	strcpy(ifr.ifr_name, loopback_name());
	ioctl(fd, SIOCGIFMTU, &ifr);
	mtu = ifr.ifr_mtu;
	ifr.ifr_mtu = set;
	if (set)
		told("MTU", ioctl(fd, SIOCSIFMTU, &ifr));
	close(fd);
	return mtu;
}

ssize_t error_queue(int fd, struct queued_error *e)
{
	e->iov = (struct iovec){ e->text, sizeof(e->text) };
	e->m = (struct msghdr){ .msg_name = &e->name, .msg_namelen = sizeof(e->name),
				.msg_iov = &e->iov, .msg_iovlen = 1, .msg_control = e->control,
				.msg_controllen = sizeof(e->control) };
	return told("error queue", recvmsg(fd, &e->m, MSG_ERRQUEUE));
}

void tell_local_error(int fd)
{
	struct sock_extended_err *ee;
	struct queued_error e = {};
	struct cmsghdr *c;

	if (error_queue(fd, &e) < 0)
		return;
	say("about %s %d", inet_ntoa(e.name.sin_addr), ntohs(e.name.sin_port));
	for (c = CMSG_FIRSTHDR(&e.m); c; c = CMSG_NXTHDR(&e.m, c)) {
		ee = (void *)CMSG_DATA(c);
		say("cmsg %d: %s origin %d info %u", c->cmsg_type, strerrorname_np(ee->ee_errno),
		    ee->ee_origin, ee->ee_info);
	}
}
