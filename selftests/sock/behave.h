/* SPDX-License-Identifier: GPL-2.0 */
/* What the scenes of behave share. */
#ifndef BEHAVE_H
#define BEHAVE_H

#include <netinet/in.h>
#include <stdio.h>

#include "names.h"

#define SOL_PLUMB 1018
#define PLUMB_REUSEPORT 1

struct scene {
	const char *name;	/* NULL: the last */
	void (*fn)(void);
};

extern const struct scene behave_data[], behave_groups[], behave_options[];

extern int fam;		/* whose turn it is */
extern FILE *out;	/* its account */

#define TELL(call) told(#call, (call))

__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);
const char *errstr(void);
/* A call's result by its name: number or errno. */
long told(const char *what, long r);
struct sockaddr_in addr(const char *ip, int port);
int udp(void);
struct sockaddr_in name_of(int fd);
int udp_at(const char *ip, int port);
void set(int fd, int level, int name, int value);
long send_to(int fd, struct sockaddr_in to, const void *data, size_t len, int flags);
/* Waits at most 3 s for an event, so that no scene depends on how fast a queue is. */
int wait_for(int fd, int events);
unsigned int sum_of(const unsigned char *p, size_t n);
/* A figure of the family's own /proc/net/snmp: of the line "Udp:" that of "InErrors". */
long counter(const char *group, const char *name);
/* The family's own loopback device. */
const char *loopback_name(void);
/* Its MTU, before it is set to @set (if not 0). */
int loopback_mtu(int set);

struct queued_error {
	struct msghdr m;
	struct iovec iov;
	struct sockaddr_in name;	/* about what was sent there */
	char text[64], control[256];
};

/* Takes the head of an error queue; tells how long it was. */
ssize_t error_queue(int fd, struct queued_error *e);
/* The same, and what is said by errors that no packet told. */
void tell_local_error(int fd);

#endif
