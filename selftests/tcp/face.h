/* SPDX-License-Identifier: GPL-2.0 */
/* What the cases of tcp_face share. */
#ifndef FACE_H
#define FACE_H

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_MS	5000	/* nothing here takes longer unless it is stuck */

extern struct in_addr address;	/* which all sockets have */
extern int failures;		/* of this case */

struct face_case {
	const char *name;	/* NULL: the last */
	void (*run)(void);
};

#define CASE(f) { #f, f }

extern const struct face_case face_close[], face_data[], face_ports[], face_options[];

/* In a case, which MUST() ends. */
#define FAIL(fmt, ...) \
	(failures++, printf("# %s:%d: " fmt "\n", __FILE__, __LINE__, ##__VA_ARGS__))
#define EXPECT(what, want, saw)							\
	do {									\
		long long w_ = (want), s_ = (saw);				\
		if (w_ != s_)							\
			FAIL("%s: expected %lld, saw %lld", what, w_, s_);	\
	} while (0)
#define EXPECT_ERR(what, err, call)						\
	do {									\
		errno = 0;							\
		long long r_ = (call);						\
		if (r_ != -1 || errno != (err))					\
			FAIL("%s: expected %s, saw %lld (%s)", what, strerror(err), r_,	\
			     strerror(errno));					\
	} while (0)
#define MUST(call)								\
	({									\
		long long r_ = (call);						\
		if (r_ < 0) {							\
			FAIL("%s: %s", #call, strerror(errno));			\
			return;							\
		}								\
		r_;								\
	})

long long now_ms(void);
int tcp_socket(void);
void set_int(int fd, int level, int name, int val);
int get_int(int fd, int level, int name);
int so_error(int fd);
void nonblock(int fd);
int listener(int backlog, struct sockaddr_in *sin);
/* A connection with itself: fd[0] connected, fd[1] accepted. */
int pair(int fd[2]);
void unpair(int fd[2]);
short wait_for(int fd, short events);
short look(int fd);
int tcp_state(int fd);
void wait_state(int fd, int state);
int read_all(int fd, char *buf, int len);

#endif
