// SPDX-License-Identifier: GPL-2.0
/*
 * Small queues: a connection gives the device no more than keeps it busy, so that what waits stays
 * with the engine, which can still decide. When the device has taken it (skb->destructor), a
 * tasklet of that CPU lets the engine go on.
 */
#include <linux/interrupt.h>
#include <linux/percpu.h>

#include <plumb/mib.h>

#include "sock.h"
#include "engine/env.h"

struct tcp_flow_cpu {
	struct list_head	socks;
	struct tasklet_struct	tasklet;
};

static DEFINE_PER_CPU(struct tcp_flow_cpu, tcp_flow_cpus);

/*
 * Octets (true size) that may wait in this host's queues: enough for a few of the largest
 * segments, and for a small one, or nothing would ever go.
 */
static u32 tcp_flow_limit(const struct sock *sk)
{
	u32 max = READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_limit_output_bytes);

	return clamp_t(u32, max, 4096, 4 * 65536);
}

bool tcp_env_may_send(const struct tcp_conn *c)
{
	struct plumb_tcp_sock *ts = tcp_conn_sock(c);
	struct sock *sk = &ts->ps.sk;
	u32 limit = tcp_flow_limit(sk);

	if (likely(refcount_read(&sk->sk_wmem_alloc) <= limit))
		return true;
	set_bit(TCP_FLOW_HELD, &ts->flow);
	/* Pairs with tcp_flow_wfree(): either we see its subtraction, or it sees our bit. */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) <= limit;
}

bool tcp_flow_busy(struct sock *sk, u32 truesize)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	if (refcount_read(&sk->sk_wmem_alloc) <= truesize)
		return false;
	if (!test_bit(TCP_FLOW_HELD, &ts->flow)) {
		PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_TCPAUTOCORKING);
		set_bit(TCP_FLOW_HELD, &ts->flow);
	}
	/* As in tcp_env_may_send(). */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) > truesize;
}

void tcp_flow_setup(struct plumb_tcp_sock *ts)
{
	ts->flow = 0;
	INIT_LIST_HEAD(&ts->flow_node);
}

static void tcp_flow_wake(struct plumb_tcp_sock *ts)
{
	struct tcp_flow_cpu *fc;
	unsigned long flags;
	bool idle;

	local_irq_save(flags);
	fc = this_cpu_ptr(&tcp_flow_cpus);
	idle = list_empty(&fc->socks);
	list_add_tail(&ts->flow_node, &fc->socks);
	if (idle)
		tasklet_schedule(&fc->tasklet);
	local_irq_restore(flags);
}

void tcp_flow_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	/* One unit stays and keeps the socket's memory until the end of this, or of the tasklet. */
	WARN_ON_ONCE(refcount_sub_and_test(skb->truesize - 1, &sk->sk_wmem_alloc));
	/* Pairs with tcp_env_may_send(): the subtraction before its bit is looked at. */
	smp_mb__after_atomic();
	/*
	 * A closed socket is not held: only while one is, is its namespace there to be looked at,
	 * and for a grace period longer. So is the module, when the last socket is freed here.
	 */
	rcu_read_lock();
	if (test_bit(TCP_FLOW_HELD, &ts->flow) &&
	    refcount_read(&sk->sk_wmem_alloc) <= tcp_flow_limit(sk) / 2 &&
	    !test_and_set_bit(TCP_FLOW_QUEUED, &ts->flow))
		tcp_flow_wake(ts);
	else
		sk_free(sk);
	rcu_read_unlock();
}

static void tcp_flow_go_on(struct plumb_tcp_sock *ts)
{
	struct sock *sk = &ts->ps.sk;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		set_bit(TCP_OWED_ROOM, &ts->owed);
	} else if (sk->sk_state != TCP_CLOSE) {
		tcp_conn_flush(&ts->c, tcp_now());
		tcp_settle(sk);
	}
	bh_unlock_sock(sk);
}

static void tcp_flow_run(struct tasklet_struct *t)
{
	struct tcp_flow_cpu *fc = from_tasklet(fc, t, tasklet);
	struct plumb_tcp_sock *ts, *n;
	LIST_HEAD(list);

	local_irq_disable();
	list_splice_init(&fc->socks, &list);
	local_irq_enable();
	list_for_each_entry_safe(ts, n, &list, flow_node) {
		list_del(&ts->flow_node);
		clear_bit(TCP_FLOW_HELD, &ts->flow);
		/* Who queues the socket again finds it no longer held. */
		smp_mb__before_atomic();
		clear_bit(TCP_FLOW_QUEUED, &ts->flow);
		tcp_flow_go_on(ts);
		sk_free(&ts->ps.sk);
	}
}

int tcp_flow_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct tcp_flow_cpu *fc = per_cpu_ptr(&tcp_flow_cpus, cpu);

		INIT_LIST_HEAD(&fc->socks);
		tasklet_setup(&fc->tasklet, tcp_flow_run);
	}
	return 0;
}

void tcp_flow_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&tcp_flow_cpus, cpu)->tasklet);
}
