// SPDX-License-Identifier: GPL-2.0
/*
 * Where a segment finds its connection: a table of connections by the four addresses and ports,
 * and one of listeners by port.
 *
 * A bucket has two chains. Sockets are found under RCU without a lock: their memory may be reused
 * for another socket at once (SLAB_TYPESAFE_BY_RCU), so a hit is checked again once it is held, and
 * a chain ends with its bucket's number, so that a walk that was led astray begins anew. Records
 * (half-open, TIME-WAIT) are looked at under the bucket's lock alone. Who finds no socket takes the
 * lock and looks at both chains, so a connection that turns from record to socket or back meanwhile
 * is never missed.
 *
 * Listeners are found under RCU, without a lock and without a reference.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/siphash.h>
#include <net/sock_reuseport.h>

#include "sock.h"
#include "../wire/tcp.h"

#define TCP_TABLE_MIN	512
#define TCP_TABLE_MAX	(256 * 1024)

u32 tcp_demux_hash(const struct plumb_net *pn, __be32 saddr, u16 num, __be32 daddr, __be16 dport)
{
	return hsiphash_3u32((__force u32)saddr, (__force u32)daddr,
			     (u32)num << 16 | (__force u16)dport, &pn->flow_key);
}

static bool tcp_demux_match(const struct sock *sk, const struct tcp_tuple *t)
{
	return sk->sk_daddr == t->daddr && sk->sk_rcv_saddr == t->saddr &&
	       sk->sk_dport == t->dport && sk->sk_num == t->num &&
	       (!sk->sk_bound_dev_if || sk->sk_bound_dev_if == t->dev);
}

struct sock *tcp_demux_find(struct plumb_net *pn, const struct tcp_tuple *t)
{
	u32 slot = t->hash & pn->tcp->mask;
	struct tcp_bucket *b = &pn->tcp->table[slot];
	const struct hlist_nulls_node *node;
	struct sock *sk;

again:
	sk_nulls_for_each_rcu(sk, node, &b->socks) {
		if (sk->sk_hash != t->hash || !tcp_demux_match(sk, t))
			continue;
		if (unlikely(!refcount_inc_not_zero(&sk->sk_refcnt)))
			return NULL;
		if (likely(sk->sk_hash == t->hash && tcp_demux_match(sk, t) &&
			   plumb_sock_net(sk) == pn))
			return sk;
		sock_put(sk);
		goto again;
	}
	if (unlikely(get_nulls_value(node) != slot))
		goto again;
	return NULL;
}

struct sock *tcp_demux_find_locked(struct tcp_bucket *b, const struct tcp_tuple *t)
{
	const struct hlist_nulls_node *node;
	struct sock *sk;

	lockdep_assert_held(&b->lock);
	sk_nulls_for_each(sk, node, &b->socks) {
		if (sk->sk_hash == t->hash && tcp_demux_match(sk, t) &&
		    refcount_inc_not_zero(&sk->sk_refcnt))
			return sk;
	}
	return NULL;
}

struct tcp_rec *tcp_demux_rec(struct tcp_bucket *b, const struct tcp_tuple *t)
{
	struct tcp_rec *rec;

	lockdep_assert_held(&b->lock);
	hlist_for_each_entry(rec, &b->recs, node) {
		if (rec->daddr == t->daddr && rec->dport == t->dport &&
		    rec->num == t->num && rec->saddr == t->saddr)
			return rec;
	}
	return NULL;
}

void tcp_demux_rec_add(struct tcp_bucket *b, struct tcp_rec *rec)
{
	lockdep_assert_held(&b->lock);
	hlist_add_head(&rec->node, &b->recs);
}

void tcp_demux_add_locked(struct tcp_bucket *b, struct sock *sk)
{
	lockdep_assert_held(&b->lock);
	__sk_nulls_add_node_rcu(sk, &b->socks);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
}

static struct tcp_listen_bucket *tcp_demux_listen_bucket(const struct plumb_net *pn, u16 num)
{
	u32 h = jhash_1word(num, (u32)pn->hash_key.key[0]);

	return &pn->tcp->listeners[h & (TCP_LISTEN_BUCKETS - 1)];
}

/*
 * A listener's place is its tcp_listen.node, so that a socket that stops listening can connect at
 * once.
 */
static void tcp_demux_del_listener(struct sock *sk)
{
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;
	struct tcp_listen_bucket *b;

	if (!l || hlist_unhashed_lockless(&l->node))
		return;
	b = tcp_demux_listen_bucket(plumb_sock_net(sk), sk->sk_num);
	spin_lock_bh(&b->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	hlist_del_init_rcu(&l->node);
	spin_unlock_bh(&b->lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

void tcp_demux_del(struct sock *sk)
{
	struct tcp_bucket *b;
	bool was;

	tcp_demux_del_listener(sk);
	if (sk_unhashed(sk))
		return;
	b = tcp_demux_bucket(plumb_sock_net(sk), sk->sk_hash);
	spin_lock_bh(&b->lock);
	was = __sk_nulls_del_node_init_rcu(sk);
	spin_unlock_bh(&b->lock);
	if (was)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

/* Listeners of one port, address, device and user that all set SO_REUSEPORT are one group. */
static int tcp_demux_reuseport(struct sock *sk, struct tcp_listen_bucket *b)
{
	bool any = !sk->sk_rcv_saddr;
	struct tcp_listen *l;

	if (!sk->sk_reuseport)
		return 0;
	hlist_for_each_entry(l, &b->list, node) {
		struct sock *o = l->sk;

		if (o != sk && o->sk_num == sk->sk_num && o->sk_reuseport &&
		    plumb_sock_net(o) == plumb_sock_net(sk) &&
		    o->sk_rcv_saddr == sk->sk_rcv_saddr &&
		    o->sk_bound_dev_if == sk->sk_bound_dev_if && uid_eq(o->sk_uid, sk->sk_uid) &&
		    rcu_access_pointer(o->sk_reuseport_cb))
			return reuseport_add_sock(sk, o, any);
	}
	return rcu_access_pointer(sk->sk_reuseport_cb) ? 0 : reuseport_alloc(sk, any);
}

int tcp_demux_listen(struct sock *sk)
{
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;
	struct tcp_listen_bucket *b = tcp_demux_listen_bucket(plumb_sock_net(sk), sk->sk_num);
	int err;

	spin_lock_bh(&b->lock);
	err = tcp_demux_reuseport(sk, b);
	if (!err)
		hlist_add_head_rcu(&l->node, &b->list);
	spin_unlock_bh(&b->lock);
	if (!err)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return err;
}

/*
 * How well a listener fits: a bound address before any, a bound device before none, this CPU's
 * before another's.
 */
static int tcp_demux_score(const struct sock *sk, const struct tcp_tuple *t)
{
	int score = 1;

	if (sk->sk_num != t->num || READ_ONCE(sk->sk_state) != TCP_LISTEN)
		return -1;
	if (sk->sk_rcv_saddr) {
		if (sk->sk_rcv_saddr != t->saddr)
			return -1;
		score += 4;
	}
	if (sk->sk_bound_dev_if) {
		if (sk->sk_bound_dev_if != t->dev)
			return -1;
		score += 2;
	}
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return score;
}

struct sock *tcp_demux_listener(struct plumb_net *pn, struct sk_buff *skb,
				const struct tcp_tuple *t)
{
	struct tcp_listen_bucket *b = tcp_demux_listen_bucket(pn, t->num);
	struct sock *best = NULL, *chosen;
	struct tcp_listen *l;
	int high = 0, score;

	hlist_for_each_entry_rcu(l, &b->list, node) {
		score = tcp_demux_score(l->sk, t);
		if (score > high) {
			high = score;
			best = l->sk;
		}
	}
	if (!best || !rcu_access_pointer(best->sk_reuseport_cb))
		return best;
	chosen = reuseport_select_sock(best, t->hash, skb, skb ? wire_tcp_hlen(skb->data) : 0);
	return IS_ERR_OR_NULL(chosen) ? best : chosen;
}

/* A bucket for every 128 KiB of memory in the first namespace; others begin small. */
static u32 tcp_demux_size(const struct plumb_net *pn)
{
	unsigned long n = totalram_pages() >> (17 - PAGE_SHIFT);

	if (!net_eq(pn->net, &init_net))
		n /= 8;
	return roundup_pow_of_two(clamp_t(unsigned long, n, TCP_TABLE_MIN, TCP_TABLE_MAX));
}

int tcp_demux_net_init(struct plumb_net *pn)
{
	struct plumb_tcp_net *tn = pn->tcp;
	u32 n = tcp_demux_size(pn), i;

	tn->table = kvmalloc_array(n, sizeof(*tn->table), GFP_KERNEL_ACCOUNT);
	if (!tn->table)
		return -ENOMEM;
	tn->mask = n - 1;
	for (i = 0; i < n; i++) {
		spin_lock_init(&tn->table[i].lock);
		INIT_HLIST_NULLS_HEAD(&tn->table[i].socks, i);
		INIT_HLIST_HEAD(&tn->table[i].recs);
	}
	for (i = 0; i < TCP_LISTEN_BUCKETS; i++) {
		spin_lock_init(&tn->listeners[i].lock);
		INIT_HLIST_HEAD(&tn->listeners[i].list);
	}
	return 0;
}

void tcp_demux_net_exit(struct plumb_net *pn)
{
	kvfree(pn->tcp->table);
}
