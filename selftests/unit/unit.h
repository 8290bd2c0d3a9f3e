/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests of the pure code: one connection, segments and time given by hand, what leaves is
 * compared.
 *
 * Numbers in tests are relative: sequence numbers of the peer count from its SYN (0), ours from our
 * SYN. A test is TEST(name) { … }; it fails at the first CHECK that does not hold.
 */
#ifndef _UNIT_H
#define _UNIT_H

#include <stdio.h>

#include "../../net/tcp/engine/cong.h"
#include "../../net/tcp/engine/env.h"
#include "../../net/tcp/engine/info.h"
#include "../../net/tcp/engine/tree.h"

#define MS	1000000ULL
#define SEC	1000000000ULL

struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

void unit_register(struct unit_test *t);
extern bool unit_failed;
__attribute__((format(printf, 3, 4)))
void unit_fail(const char *file, int line, const char *fmt, ...);

#define TEST(id)								\
	static void id(void);							\
	static struct unit_test unit_##id = { #id, id, NULL };			\
	__attribute__((constructor)) static void reg_##id(void)			\
	{									\
		unit_register(&unit_##id);					\
	}									\
	static void id(void)

#define CHECK(x) do {								\
	if (!(x)) {								\
		unit_fail(__FILE__, __LINE__, "expected %s", #x);		\
		return;								\
	}									\
} while (0)

#define CHECK_EQ(a, b) do {							\
	long long _a = (long long)(a), _b = (long long)(b);			\
	if (_a != _b) {								\
		unit_fail(__FILE__, __LINE__, "%s is %lld, expected %s = %lld", #a, _a, #b, _b); \
		return;								\
	}									\
} while (0)

/* ---- the one connection ---- */

#define ISS	0xfffffff0U	/* sequence numbers wrap early */
#define IRS	0x7ffffff0U
#define MSS	1000

extern struct tcp_conn uc;
extern struct tcp_params up;
extern u64 unow;
extern u32 u_rcvbuf, u_unread, u_delivered;	/* octets */
extern u32 u_grow;				/* of the last tcp_env_rcv_grow() */
extern u32 u_live;				/* records the engine holds */
extern int u_error;				/* of TCP_EV_ERROR */
extern u32 u_events;				/* 1 << TCP_EV_* since u_reset() */
extern bool u_no_memory, u_no_send, u_in_queue;
extern u32 u_refuse_above;			/* longer segments do not leave; 0: all do */
extern u32 u_hint;				/* octets of the first buffer; 0: all */
extern u32 u_record;				/* and all that can be joined with it; 0: all */
extern u32 u_refused;				/* emissions that did not leave */
extern struct tcp_options u_fast;		/* of the SYN-ACK that tcp_env_fast() was told of */
extern u32 u_mib;				/* last LINUX_MIB_* counted */
extern u8 u_ecn;				/* of the IP header of what comes in */

/* CLOSED, defaults: no timestamps, no scaling, SACK */
void u_reset(void);
enum tcp_arrival u_in(const char *flags, u32 seq, u32 ack, u32 len, u32 wnd);
enum tcp_arrival u_in_opt(const char *flags, u32 seq, u32 ack, u32 len, u32 wnd,
			  const struct tcp_options *opt);
enum tcp_arrival u_sack(u32 ack, u32 wnd, unsigned int n, const u32 *edges);
struct tcp_seg *u_seg(void);			/* a record of what comes in, and back */
void u_unseg(struct tcp_seg *seg);
void u_flush(void);
void u_wrote(u32 len, bool push, bool urgent);	/* tcp_conn_wrote() */
void u_write(u32 len);
void u_read(u32 len);
void u_at(u64 ms);				/* time goes on by so much; timers run */
void u_state(u8 state);				/* make it stand in a state, by real segments */
void u_delays_acks(void);		/* ESTABLISHED, past what is acknowledged at once */

/* What left: the oldest not yet looked at. */
bool u_out(const char *flags, u32 seq, u32 len, u32 ack);
bool u_none(void);
void u_drop(void);				/* forget all that left */
void u_next(void);				/* forget the oldest */
struct tcp_segout *u_peek(void);		/* NULL: nothing */
void u_skip(void);				/* what u_peek() shows */

#define OUT(flags, seq, len, ack) CHECK(u_out(flags, seq, len, ack))
#define NONE() CHECK(u_none())

#endif /* _UNIT_H */
