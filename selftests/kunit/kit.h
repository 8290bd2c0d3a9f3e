/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: the network namespace of whoever loads plumb_test.ko, which he made for
 * it; a device in there whose frames stay where a test can look at them; packets.
 */
#ifndef _PLUMB_KIT_H
#define _PLUMB_KIT_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include <plumb/drop.h>
#include <plumb/net.h>

#include "net/wire/ipv4.h"

#define KIT_ADDR(a, b, c, d)	htonl((a) << 24 | (b) << 16 | (c) << 8 | (d))
#define KIT_OURS		KIT_ADDR(10, 9, 0, 1)

/* Plumb in the namespace. */
extern struct plumb_net *kit_pn;

/*
 * A device that is up and has KIT_OURS/24 as Plumb's address until the test ends. NULL was
 * reported as a failure.
 */
struct net_device *kit_dev(struct kunit *test);

/* A TCP socket of no connection, which goes when the test ends. */
struct sock *kit_sock_stream(struct kunit *test);

/* The next frame that was sent there, the caller's; NULL: there is none. */
struct sk_buff *kit_sent(struct net_device *dev);

/* An IPv4 packet of @len octets of payload, each its place in @pattern's count; the caller's. */
struct sk_buff *kit_packet(struct kunit *test, struct net_device *dev, const struct wire_ipv4 *ip,
			   u32 pattern);

/* What stands at a place of the pattern. */
static inline u8 kit_octet(u32 at)
{
	return at * 7 + at / 251;
}

u64 kit_drops(enum plumb_drop_reason why);

/* Repeats the condition for at most ten seconds; fails the test if it does not come true. */
#define kit_wait(test, condition) do {						\
	bool true_ = condition;							\
	int tries_;								\
										\
	for (tries_ = 0; !true_ && tries_ < 500; tries_++) {			\
		msleep(20);							\
		true_ = condition;						\
	}									\
	KUNIT_ASSERT_TRUE_MSG(test, true_, "not within 10 s: " #condition);	\
} while (0)

#endif /* _PLUMB_KIT_H */
