// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of paths, by our address and the peer's: what connections that ended learned
 * (engine/past.c), and the Fast Open cookie that the peer gave (fastcache.c).
 *
 * A table of chains, none longer than TCP_METRICS_DEPTH: an entry that finds its chain full takes
 * the place of the one that was written longest ago. Numbers of connections are good for an hour;
 * cookies are until the peer refuses them.
 *
 * Writers hold the table's lock. Numbers are read without, under RCU: each is whole, and those of
 * one entry may be of two writers. Fast Open's part is read with the lock.
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "sock.h"

#define TCP_METRICS_TIMEOUT	(60 * 60 * HZ)

static struct hlist_head *tcp_metrics_chain(struct plumb_net *pn, __be32 saddr, __be32 daddr)
{
	u32 h = siphash_2u32((__force u32)saddr, (__force u32)daddr, &pn->hash_key);

	return &pn->tcp->metrics->chain[h % TCP_METRICS_CHAINS];
}

static void tcp_metrics_remove(struct tcp_metrics_entry *e)
{
	hlist_del_rcu(&e->node);
	kfree_rcu(e, rcu);
}

/* A place for one more: that of the oldest, if there are enough. The table is locked. */
static void tcp_metrics_reclaim(struct hlist_head *chain)
{
	struct tcp_metrics_entry *e, *old = NULL;
	unsigned int n = 0;

	hlist_for_each_entry(e, chain, node) {
		if (!old || (s32)(e->used - old->used) < 0)
			old = e;
		n++;
	}
	if (n >= TCP_METRICS_DEPTH)
		tcp_metrics_remove(old);
}

/* The entry of a socket's addresses. Context: RCU, or the lock held. */
static struct tcp_metrics_entry *tcp_metrics_lookup(struct plumb_net *pn, const struct sock *sk)
{
	struct hlist_head *chain = tcp_metrics_chain(pn, sk->sk_rcv_saddr, sk->sk_daddr);
	struct tcp_metrics_entry *e;

	hlist_for_each_entry_rcu(e, chain, node, lockdep_is_held(&pn->tcp->metrics->lock)) {
		if (e->daddr == sk->sk_daddr && e->saddr == sk->sk_rcv_saddr)
			return e;
	}
	return NULL;
}

struct tcp_metrics_entry *tcp_metrics_find(struct plumb_net *pn, const struct sock *sk, bool make)
{
	struct tcp_metrics_entry *e;
	struct hlist_head *chain;

	lockdep_assert_held(&pn->tcp->metrics->lock);
	e = tcp_metrics_lookup(pn, sk);
	if (e || !make)
		return e;
	e = kzalloc(sizeof(*e), GFP_ATOMIC | __GFP_NOWARN);
	if (!e)
		return NULL;
	e->daddr = sk->sk_daddr;
	e->saddr = sk->sk_rcv_saddr;
	e->stamp = jiffies;
	e->used = (u32)jiffies;
	chain = tcp_metrics_chain(pn, e->saddr, e->daddr);
	tcp_metrics_reclaim(chain);
	hlist_add_head_rcu(&e->node, chain);
	return e;
}

/* The numbers, as far as they are not too old. Context: RCU, or the lock held. */
static void tcp_metrics_read(const struct tcp_metrics_entry *e, struct tcp_past *p)
{
	*p = (struct tcp_past) {};
	if (time_after(jiffies, READ_ONCE(e->stamp) + TCP_METRICS_TIMEOUT))
		return;
	p->srtt_us = READ_ONCE(e->past.srtt_us);
	p->var_us = READ_ONCE(e->past.var_us);
	p->ssthresh = READ_ONCE(e->past.ssthresh);
	p->cwnd = READ_ONCE(e->past.cwnd);
	p->reordering = READ_ONCE(e->past.reordering);
}

static void tcp_metrics_write(struct tcp_metrics_entry *e, const struct tcp_past *p)
{
	WRITE_ONCE(e->past.srtt_us, p->srtt_us);
	WRITE_ONCE(e->past.var_us, p->var_us);
	WRITE_ONCE(e->past.ssthresh, p->ssthresh);
	WRITE_ONCE(e->past.cwnd, p->cwnd);
	WRITE_ONCE(e->past.reordering, p->reordering);
}

/* ---- a connection ---- */

void tcp_metrics_seed(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_metrics_entry *e;
	struct tcp_past p = {};

	rcu_read_lock();
	e = tcp_metrics_lookup(pn, sk);
	if (e)
		tcp_metrics_read(e, &p);
	rcu_read_unlock();
	if (READ_ONCE(pn->sysctl.tcp_no_ssthresh_metrics_save))
		p.ssthresh = 0;
	tcp_conn_seed(&tcp_sk_of(sk)->c, &p);
}

void tcp_metrics_save(struct sock *sk)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_metrics *m = pn->tcp->metrics;
	bool ssthresh = !READ_ONCE(pn->sysctl.tcp_no_ssthresh_metrics_save);
	struct tcp_past p = {};
	struct tcp_metrics_entry *e;
	bool learned;

	if (READ_ONCE(pn->sysctl.tcp_no_metrics_save))
		return;
	spin_lock_bh(&m->lock);
	e = tcp_metrics_find(pn, sk, false);
	if (e)
		tcp_metrics_read(e, &p);
	learned = tcp_conn_learned(c, &p, ssthresh);
	if (!e && learned)
		e = tcp_metrics_find(pn, sk, true);
	if (e)
		tcp_metrics_write(e, &p);
	if (e && learned) {
		WRITE_ONCE(e->stamp, jiffies);
		e->used = (u32)jiffies;
	}
	spin_unlock_bh(&m->lock);
}

/* ---- for the administrator ---- */

static void tcp_metrics_fill(const struct tcp_metrics_entry *e, struct plumb_tcp_metrics_info *i)
{
	struct tcp_past p;

	tcp_metrics_read(e, &p);
	*i = (struct plumb_tcp_metrics_info) {
		.daddr = e->daddr,
		.saddr = e->saddr,
		.age_ms = jiffies_to_msecs(jiffies - READ_ONCE(e->stamp)),
		.rtt_us = p.srtt_us >> 3,
		.rttvar_us = p.var_us >> 2,
		.ssthresh = p.ssthresh,
		.cwnd = p.cwnd,
		.reordering = p.reordering,
		.fast_mss = e->fast.mss,
		.cookie_len = e->fast.len,
	};
	memcpy(i->cookie, e->fast.cookie, e->fast.len);
}

int plumb_tcp_metrics_iterate(struct plumb_net *pn,
			      int (*fn)(const struct plumb_tcp_metrics_info *i, void *arg),
			      void *arg)
{
	struct tcp_metrics *m = pn->tcp->metrics;
	struct plumb_tcp_metrics_info info;
	struct tcp_metrics_entry *e;
	unsigned int i;
	int err = 0;

	for (i = 0; i < TCP_METRICS_CHAINS && !err; i++) {
		if (hlist_empty(&m->chain[i]))
			continue;
		spin_lock_bh(&m->lock);
		hlist_for_each_entry(e, &m->chain[i], node) {
			tcp_metrics_fill(e, &info);
			err = fn(&info, arg);
			if (err)
				break;
		}
		spin_unlock_bh(&m->lock);
	}
	return err;
}

unsigned int plumb_tcp_metrics_forget(struct plumb_net *pn, const __be32 *daddr,
				      const __be32 *saddr)
{
	struct tcp_metrics *m = pn->tcp->metrics;
	struct tcp_metrics_entry *e;
	struct hlist_node *next;
	unsigned int i, n = 0;

	for (i = 0; i < TCP_METRICS_CHAINS; i++) {
		if (hlist_empty(&m->chain[i]))
			continue;
		spin_lock_bh(&m->lock);
		hlist_for_each_entry_safe(e, next, &m->chain[i], node) {
			if ((daddr && e->daddr != *daddr) || (saddr && e->saddr != *saddr))
				continue;
			tcp_metrics_remove(e);
			n++;
		}
		spin_unlock_bh(&m->lock);
		cond_resched();
	}
	return n;
}

int tcp_metrics_net_init(struct plumb_net *pn)
{
	struct tcp_metrics *m = kvzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return -ENOMEM;
	spin_lock_init(&m->lock);
	pn->tcp->metrics = m;
	return 0;
}

void tcp_metrics_net_exit(struct plumb_net *pn)
{
	plumb_tcp_metrics_forget(pn, NULL, NULL);
	kvfree(pn->tcp->metrics);
}
