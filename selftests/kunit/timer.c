// SPDX-License-Identifier: GPL-2.0
/*
 * TCP's timer: a reference to its socket for as long as it is pending, whenever it runs.
 */
#include <linux/jiffies.h>

#include "net/tcp/sock.h"
#include "net/tcp/engine/env.h"

#include "kit.h"

/*
 * One that is due at once may run before whoever armed it is back; thousands of times, so that it
 * does. Of the one reference that there is without the timer's it must leave that one: the last
 * would free the socket, but for what keeps sk_wmem_alloc here, and shows it.
 */
static void due_while_it_is_armed(struct kunit *test)
{
	unsigned long end = jiffies + 2 * HZ;
	struct sock *sk = kit_sock_stream(test);
	int n = 0;

	lock_sock(sk);
	refcount_inc(&sk->sk_wmem_alloc);
	do {
		tcp_env_timer(&tcp_sk_of(sk)->c, 0);
		sk_stop_timer(sk, &sk->sk_timer);
		n += test_and_clear_bit(TCP_OWED_TIMER, &tcp_sk_of(sk)->owed);
	} while (time_before(jiffies, end));
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_refcnt), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_wmem_alloc), 2);
	KUNIT_EXPECT_GT_MSG(test, n, 20, "times that it ran at once");
	refcount_dec(&sk->sk_wmem_alloc);
	release_sock(sk);
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE_SLOW(due_while_it_is_armed),
	{}
};

static struct kunit_suite timer_suite = {
	.name = "plumb_timer",
	.test_cases = timer_cases,
};

kunit_test_suite(timer_suite);
