// SPDX-License-Identifier: GPL-2.0
/*
 * The end of TCP in a namespace, and of the module: what is left when no socket is open. An open
 * socket holds both (net/sock/sock.c); a connection that goes on without its user (an orphan), a
 * half-open one and one in TIME-WAIT hold neither, and go with them.
 *
 *	plumb_tcp_net_stop()	orphans are aborted, and their peers told; half-open ones forgotten
 *				(at rmmod: in all namespaces, before any device is let go)
 *	grace period		softirqs under way, which may have held one, are through
 *	devices are unhooked	no segment comes in any more; another grace period
 *	tcp_end_net()		what those softirqs had left, if anything
 *
 * From a socket's closing on, nothing of its namespace is looked at. Its memory may live on: a
 * device, perhaps in another namespace, frees what it was given when it likes. That no namespace
 * waits for, but the module does: tcp_end_drain().
 */
#include <linux/delay.h>
#include <linux/percpu.h>

#include <plumb/init.h>

#include "sock.h"

/* Sockets whose memory is there; made and freed on any CPU, so only the sum means something. */
static DEFINE_PER_CPU(long, tcp_end_socks);

void tcp_end_born(void)
{
	this_cpu_inc(tcp_end_socks);
}

void tcp_end_freed(void)
{
	this_cpu_dec(tcp_end_socks);
}

/* When none are made any more it is no less than there are. */
static long tcp_end_left(void)
{
	long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu(tcp_end_socks, cpu));
	return n;
}

void tcp_end_drain(void)
{
	unsigned long tell = jiffies + 5 * HZ;

	while (tcp_end_left()) {
		if (tell && time_after(jiffies, tell)) {
			pr_info("unloading waits for devices to send what they were given\n");
			tell = 0;
		}
		usleep_range(1000, 2000);
	}
	/* The last of them are being freed, by the core, from a softirq or by call_rcu(). */
	synchronize_rcu();
	rcu_barrier();
}

/* An orphan of the bucket, counted, or NULL. */
static struct sock *tcp_end_next(struct tcp_bucket *b)
{
	const struct hlist_nulls_node *node;
	struct sock *sk, *found = NULL;

	spin_lock_bh(&b->lock);
	sk_nulls_for_each(sk, node, &b->socks) {
		if (sock_flag(sk, SOCK_DEAD) && refcount_inc_not_zero(&sk->sk_refcnt)) {
			found = sk;
			break;
		}
	}
	spin_unlock_bh(&b->lock);
	return found;
}

static void tcp_end_orphans(struct tcp_bucket *b)
{
	struct sock *sk;

	while (!hlist_nulls_empty(&b->socks) && (sk = tcp_end_next(b))) {
		local_bh_disable();
		bh_lock_sock(sk);
		/* Its end may have come meanwhile. */
		if (sk->sk_state != TCP_CLOSE)
			tcp_close_abort(sk);
		bh_unlock_sock(sk);
		local_bh_enable();
		sock_put(sk);
		cond_resched();
	}
}

static void tcp_end_all(struct plumb_net *pn)
{
	u32 i;

	for (i = 0; i <= pn->tcp->mask; i++)
		tcp_end_orphans(&pn->tcp->table[i]);
}

void plumb_tcp_net_stop(struct plumb_net *pn)
{
	tcp_end_all(pn);
	tcp_half_purge(pn, NULL);
}

void tcp_end_net(struct plumb_net *pn)
{
	u32 i;

	tcp_end_all(pn);
	/* Those whose timers are running. */
	if (tcp_half_purge(pn, NULL))
		synchronize_rcu();
	for (i = 0; i <= pn->tcp->mask; i++)
		WARN_ON_ONCE(!hlist_nulls_empty(&pn->tcp->table[i].socks));
}
