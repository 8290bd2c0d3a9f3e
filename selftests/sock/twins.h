/* SPDX-License-Identifier: GPL-2.0 */
/* What the topics of twins share. */
#ifndef TWINS_H
#define TWINS_H

#include <errno.h>
#include <netinet/in.h>

#include "names.h"

struct topic {
	const char *name;	/* NULL: the last */
	void (*fn)(void);
};

extern const struct topic twins_options[], twins_calls[];

extern int family;		/* Plumb's */
extern int linux_fd, plumb_fd;	/* the twins */

/* Both results, negative errno or what the call returned. */
void same(const char *what, long linux_says, long plumb_says);
long neg(long r);
void open_twins(int type, int proto);
void close_twins(void);
struct sockaddr_in addr(const char *ip, int port);
/* The index of the family's own loopback device. */
int loopback(int fd);

#define TWIN(what, call) do {				\
	int fd = linux_fd;				\
	long r1, r2;					\
							\
	errno = 0;					\
	r1 = neg(call);					\
	fd = plumb_fd;					\
	errno = 0;					\
	r2 = neg(call);					\
	same(what, r1, r2);				\
} while (0)

#endif
