// SPDX-License-Identifier: GPL-2.0
/*
 * One kernel timer per connection (sk_timer). It is lazy: the engine keeps its deadlines, and moves
 * the timer only to an earlier one. A timer that runs out before the deadline is set again; one
 * that finds none is let go. A pending timer holds a reference to its socket.
 */
#include <linux/timer.h>

#include "sock.h"
#include "engine/env.h"

static unsigned long tcp_timer_jiffies(u64 deadline, u64 now)
{
	return jiffies + (deadline > now ? nsecs_to_jiffies(deadline - now) + 1 : 0);
}

void tcp_env_timer(struct tcp_conn *c, u64 deadline_ns)
{
	struct sock *sk = tcp_conn_sk(c);
	unsigned long at;

	if (deadline_ns == TCP_NEVER)
		return;
	at = tcp_timer_jiffies(deadline_ns, c->tmr.now);
	if (timer_pending(&sk->sk_timer) && time_before_eq(sk->sk_timer.expires, at))
		return;
	sk_reset_timer(sk, &sk->sk_timer, at);
}

void tcp_timer_run(struct sock *sk, u64 now)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	if (c->tmr.armed > now) {
		if (c->tmr.armed != TCP_NEVER)
			sk_reset_timer(sk, &sk->sk_timer, tcp_timer_jiffies(c->tmr.armed, now));
		return;
	}
	tcp_conn_timer(c, now);
}

static void tcp_timer_fn(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		set_bit(TCP_OWED_TIMER, &tcp_sk_of(sk)->owed);
	} else if (sk->sk_state != TCP_CLOSE) {
		tcp_timer_run(sk, tcp_now());
		tcp_settle(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

void tcp_timer_setup(struct sock *sk)
{
	timer_setup(&sk->sk_timer, tcp_timer_fn, 0);
}

void tcp_timer_stop(struct sock *sk)
{
	sk_stop_timer(sk, &sk->sk_timer);
}
