// SPDX-License-Identifier: GPL-2.0
/*
 * One kernel timer per connection (sk_timer). It is lazy: the engine keeps its deadlines, and moves
 * the timer only to an earlier one. A timer that runs out before the deadline is set again; one
 * that finds none is let go. A pending timer holds a reference to its socket.
 *
 * A connection that is paced has an hrtimer besides, for the next emission alone: a jiffy is too
 * coarse for that. It is made when pacing is first asked for.
 */
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "sock.h"
#include "../../kmod/compat/hrtimer.h"
#include "engine/env.h"

static unsigned long tcp_timer_jiffies(u64 deadline, u64 now)
{
	return jiffies + (deadline > now ? nsecs_to_jiffies(deadline - now) + 1 : 0);
}

/*
 * The timer's reference first. Whoever owns the socket has softirqs enabled: a timer that is due
 * may have run, and given back its reference, before mod_timer() returns.
 */
static void tcp_timer_at(struct sock *sk, unsigned long at)
{
	sock_hold(sk);
	if (mod_timer(&sk->sk_timer, at))
		__sock_put(sk);
}

static void tcp_timer_pace(struct tcp_pacer *p, u64 at)
{
	/* Cancelled, it leaves us its reference; if it runs on another CPU it keeps its own. */
	if (hrtimer_try_to_cancel(&p->timer) != 1)
		sock_hold(p->sk);
	hrtimer_start(&p->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_PINNED_SOFT);
}

void tcp_env_timer(struct tcp_conn *c, u64 deadline_ns)
{
	struct sock *sk = tcp_conn_sk(c);
	unsigned long at;

	if (deadline_ns == TCP_NEVER)
		return;
	if (unlikely(tcp_conn_sock(c)->pacer) && deadline_ns == c->tmr.at[TCP_TMR_PACE]) {
		tcp_timer_pace(tcp_conn_sock(c)->pacer, deadline_ns);
		return;
	}
	at = tcp_timer_jiffies(deadline_ns, c->tmr.now);
	if (timer_pending(&sk->sk_timer) && time_before_eq(sk->sk_timer.expires, at))
		return;
	tcp_timer_at(sk, at);
}

void tcp_timer_run(struct sock *sk, u64 now)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	if (c->tmr.armed > now) {
		if (c->tmr.armed != TCP_NEVER)
			tcp_timer_at(sk, tcp_timer_jiffies(c->tmr.armed, now));
		return;
	}
	tcp_conn_timer(c, now);
}

/* It is time; a reference to @sk is given back. */
static void tcp_timer_due(struct sock *sk)
{
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

static void tcp_timer_fn(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	tcp_timer_due(sk);
}

static enum hrtimer_restart tcp_timer_pace_fn(struct hrtimer *t)
{
	tcp_timer_due(container_of(t, struct tcp_pacer, timer)->sk);
	return HRTIMER_NORESTART;
}

void tcp_timer_pacing(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	unsigned long most = READ_ONCE(sk->sk_max_pacing_rate);

	ts->c.user.max_pacing_rate = most == ~0UL ? U64_MAX : most;
	tcp_conn_user_changed(&ts->c, tcp_now());
	if (!ts->c.cong.paced || ts->pacer)
		return;
	/* Without it the other timer serves, coarsely. */
	ts->pacer = kzalloc(sizeof(*ts->pacer), GFP_ATOMIC);
	if (!ts->pacer)
		return;
	ts->pacer->sk = sk;
	hrtimer_setup(&ts->pacer->timer, tcp_timer_pace_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_SOFT);
}

void tcp_timer_free(struct sock *sk)
{
	kfree(tcp_sk_of(sk)->pacer);
	tcp_sk_of(sk)->pacer = NULL;
}

void tcp_timer_setup(struct sock *sk)
{
	timer_setup(&sk->sk_timer, tcp_timer_fn, 0);
}

void tcp_timer_stop(struct sock *sk)
{
	struct tcp_pacer *p = tcp_sk_of(sk)->pacer;

	sk_stop_timer(sk, &sk->sk_timer);
	if (unlikely(p) && hrtimer_try_to_cancel(&p->timer) == 1)
		__sock_put(sk);
}
