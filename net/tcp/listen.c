// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners: listen(2), accept(2) and the queue between. The queue has a lock of its own, so
 * neither a connection that becomes ready nor accept() needs the listener's socket lock.
 */
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include <plumb/mib.h>

#include "sock.h"
#include "engine/env.h"

bool tcp_listen_full(const struct sock *lsk)
{
	return READ_ONCE(lsk->sk_ack_backlog) > READ_ONCE(lsk->sk_max_ack_backlog);
}

bool tcp_listen_ready(struct sock *lsk, struct sock *child)
{
	struct tcp_listen *l = tcp_sk_of(lsk)->lsn;
	struct plumb_tcp_sock *ts = tcp_sk_of(child);
	bool open;

	spin_lock_bh(&l->lock);
	open = READ_ONCE(lsk->sk_state) == TCP_LISTEN;
	if (open) {
		ts->next = NULL;
		if (l->last)
			l->last->next = ts;
		else
			WRITE_ONCE(l->first, ts);
		l->last = ts;
		WRITE_ONCE(lsk->sk_ack_backlog, lsk->sk_ack_backlog + 1);
	}
	spin_unlock_bh(&l->lock);
	if (open)
		lsk->sk_data_ready(lsk);
	return open;
}

static struct sock *tcp_listen_take(struct sock *lsk)
{
	struct tcp_listen *l = tcp_sk_of(lsk)->lsn;
	struct plumb_tcp_sock *ts;

	spin_lock_bh(&l->lock);
	ts = l->first;
	if (ts) {
		WRITE_ONCE(l->first, ts->next);
		if (!ts->next)
			l->last = NULL;
		WRITE_ONCE(lsk->sk_ack_backlog, lsk->sk_ack_backlog - 1);
	}
	spin_unlock_bh(&l->lock);
	return ts ? &ts->ps.sk : NULL;
}

int tcp_listen_alloc(struct sock *sk)
{
	struct tcp_listen *l;

	if (tcp_sk_of(sk)->lsn)
		return 0;
	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	spin_lock_init(&l->lock);
	INIT_HLIST_NODE(&l->node);
	l->sk = sk;
	/* Not lately. */
	l->cookie_at = (u32)jiffies - 3600 * HZ;
	WRITE_ONCE(tcp_sk_of(sk)->lsn, l);
	return 0;
}

int plumb_tcp_listen(struct sock *sk, int backlog)
{
	int err;

	if (sk->sk_state == TCP_LISTEN) {
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
		return 0;
	}
	err = tcp_listen_alloc(sk);
	if (err)
		return err;
	tcp_fast_listen_default(sk, backlog);
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	sk->sk_ack_backlog = 0;
	tcp_sk_of(sk)->lsn->flood_told = false;
	tcp_state_sync(sk, TCP_LISTEN);
	err = plumb_port_get(sk, sk->sk_num);
	if (!err) {
		plumb_sk(sk)->sport = htons(sk->sk_num);
		sock_set_flag(sk, SOCK_RCU_FREE);
		err = tcp_demux_listen(sk);
	}
	if (err)
		tcp_state_sync(sk, TCP_CLOSE);
	return err;
}

static int tcp_accept_wait(struct sock *sk, long timeo)
{
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!READ_ONCE(l->first))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		if (READ_ONCE(l->first))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = 0;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

struct sock *plumb_tcp_accept(struct sock *sk, int flags, int *err, bool kern)
{
	long timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	while (!(child = tcp_listen_take(sk))) {
		*err = timeo ? tcp_accept_wait(sk, timeo) : -EAGAIN;
		if (*err)
			break;
	}
	if (child)
		*err = 0;
out:
	release_sock(sk);
	return child;
}

/*
 * No more connections: those that nobody took are aborted, those half open forgotten. Socket lock
 * held.
 */
void tcp_listen_stop(struct sock *sk)
{
	struct sock *child;

	tcp_demux_del(sk);
	/* From here on tcp_listen_ready() refuses. */
	tcp_state_sync(sk, TCP_CLOSE);
	tcp_half_purge(plumb_sock_net(sk), sk);
	while ((child = tcp_listen_take(sk))) {
		local_bh_disable();
		bh_lock_sock_nested(child);
		sock_hold(child);
		tcp_close_child(child);
		bh_unlock_sock(child);
		local_bh_enable();
		sock_put(child);
		cond_resched();
	}
}

/* Last thing of a socket that ever listened, after a grace period. */
void tcp_listen_free(struct sock *sk)
{
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;

	if (!l)
		return;
	kfree(rcu_dereference_protected(l->fast_keys, true));
	kfree(l);
	tcp_sk_of(sk)->lsn = NULL;
}
