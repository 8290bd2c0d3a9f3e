// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT (RFC 9293 3.6.1), and FIN-WAIT-2 that nobody waits for: a small record in the
 * table instead of a socket. It holds the port. A wheel of 512 slots, an eighth of a second each,
 * forgets them; there are no more than net.plumb.tcp_max_tw_buckets.
 *
 * A record is guarded by its bucket's lock, the wheel's lists by the wheel's, which nests inside.
 * The wheel looks for a record it found by its place in the table, so it never touches one that is
 * being freed.
 */
#include <linux/ip.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "sock.h"
#include "engine/env.h"

static struct kmem_cache *tcp_tw_cache __ro_after_init;

static u32 tcp_tw_hash(const struct plumb_net *pn, const struct tcp_tw_rec *rec)
{
	return tcp_demux_hash(pn, rec->rec.saddr, rec->rec.num, rec->rec.daddr, rec->rec.dport);
}

static unsigned long tcp_wheel_tick(void)
{
	return jiffies / TCP_WHEEL_TICK;
}

/* Puts a record where its deadline falls, or as far away as the wheel reaches. */
static void tcp_wheel_add(struct tcp_wheel *w, struct tcp_tw_rec *rec, u64 now)
{
	u64 left = rec->tw.deadline_ns > now ? rec->tw.deadline_ns - now : 0;
	unsigned long ticks = nsecs_to_jiffies(left) / TCP_WHEEL_TICK + 1, tick;

	spin_lock(&w->lock);
	tick = tcp_wheel_tick() + min(ticks, TCP_WHEEL_SLOTS - 2UL);
	hlist_add_head(&rec->wheel, &w->slot[tick % TCP_WHEEL_SLOTS]);
	if (!timer_pending(&w->timer))
		mod_timer(&w->timer, (tcp_wheel_tick() + 1) * TCP_WHEEL_TICK);
	spin_unlock(&w->lock);
}

void tcp_tw_unlink(struct plumb_net *pn, struct tcp_tw_rec *rec)
{
	struct tcp_wheel *w = &pn->tcp->wheel;

	hlist_del(&rec->rec.node);
	spin_lock(&w->lock);
	hlist_del(&rec->wheel);
	spin_unlock(&w->lock);
}

void tcp_tw_free(struct plumb_net *pn, struct tcp_tw_rec *rec)
{
	plumb_port_tw_put(pn, PLUMB_PORTS_TCP, &rec->bind);
	atomic_dec(&pn->tcp->tw_count);
	if (unlikely(rec->tw.opts & TCPO_MD5))
		kfree_sensitive(rec);
	else
		kmem_cache_free(tcp_tw_cache, rec);
}

/*
 * The record @rec (perhaps freed meanwhile: only its address is used) of bucket @b: forget it if
 * it is time.
 */
static void tcp_tw_expire(struct plumb_net *pn, struct tcp_bucket *b,
			  const struct tcp_tw_rec *found, u64 now)
{
	struct tcp_tw_rec *rec = NULL;
	struct tcp_rec *r;

	spin_lock(&b->lock);
	hlist_for_each_entry(r, &b->recs, node) {
		if (r->kind == TCP_REC_TW && (const struct tcp_tw_rec *)r == found) {
			rec = (struct tcp_tw_rec *)r;
			break;
		}
	}
	if (rec && rec->tw.deadline_ns > now) {
		struct tcp_wheel *w = &pn->tcp->wheel;

		spin_lock(&w->lock);
		hlist_del(&rec->wheel);
		spin_unlock(&w->lock);
		tcp_wheel_add(w, rec, now);
		rec = NULL;
	}
	if (rec)
		tcp_tw_unlink(pn, rec);
	spin_unlock(&b->lock);
	if (rec) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TIMEWAITED);
		tcp_tw_free(pn, rec);
	}
}

/*
 * Works off one slot. What is not due yet may belong into this very slot, a turn later: so the slot
 * is emptied first.
 */
static void tcp_wheel_slot(struct plumb_net *pn, struct hlist_head *slot, u64 now)
{
	struct tcp_wheel *w = &pn->tcp->wheel;
	struct tcp_tw_rec *rec;
	u32 hash;

	spin_lock(&w->lock);
	hlist_move_list(slot, &w->due);
	spin_unlock(&w->lock);
	for (;;) {
		spin_lock(&w->lock);
		rec = hlist_entry_safe(w->due.first, struct tcp_tw_rec, wheel);
		hash = rec ? tcp_tw_hash(pn, rec) : 0;
		spin_unlock(&w->lock);
		if (!rec)
			return;
		tcp_tw_expire(pn, tcp_demux_bucket(pn, hash), rec, now);
	}
}

static void tcp_wheel_fn(struct timer_list *t)
{
	struct plumb_tcp_net *tn = from_timer(tn, t, wheel.timer);
	struct tcp_wheel *w = &tn->wheel;
	unsigned long tick = tcp_wheel_tick();
	u64 now = tcp_now();

	/* After a rest every slot is looked at once: nothing can be further behind. */
	if (tick - w->at > TCP_WHEEL_SLOTS)
		w->at = tick - TCP_WHEEL_SLOTS;
	for (; time_before_eq(w->at, tick); w->at++)
		tcp_wheel_slot(w->pn, &w->slot[w->at % TCP_WHEEL_SLOTS], now);
	if (atomic_read(&tn->tw_count))
		mod_timer(&w->timer, (tick + 1) * TCP_WHEEL_TICK);
}

static struct tcp_tw_rec *tcp_tw_alloc(struct sock *sk)
{
	const struct tcp_md5_key *k = NULL;
	struct tcp_tw_md5 *rec;

	if (likely(!(tcp_sk_of(sk)->c.opts & TCPO_MD5)))
		return kmem_cache_zalloc(tcp_tw_cache, GFP_ATOMIC);
	rec = kzalloc(sizeof(*rec), GFP_ATOMIC | __GFP_ACCOUNT);
	rcu_read_lock();
	k = tcp_md5_find(sk, sk->sk_daddr);
	if (rec && k)
		rec->key = *k;
	rcu_read_unlock();
	return rec ? &rec->tw : NULL;
}

static struct tcp_tw_rec *tcp_tw_new(struct sock *sk, u64 now)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_tw_rec *rec;

	rec = atomic_read(&pn->tcp->tw_count) < READ_ONCE(pn->sysctl.tcp_max_tw_buckets) ?
	      tcp_tw_alloc(sk) : NULL;
	if (!rec) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPTIMEWAITOVERFLOW);
		return NULL;
	}
	atomic_inc(&pn->tcp->tw_count);
	rec->rec.kind = TCP_REC_TW;
	rec->rec.daddr = sk->sk_daddr;
	rec->rec.saddr = sk->sk_rcv_saddr;
	rec->rec.dport = sk->sk_dport;
	rec->rec.num = sk->sk_num;
	rec->rec.tos = READ_ONCE(plumb_sk(sk)->tos);
	rec->mark = READ_ONCE(sk->sk_mark);
	rec->priority = READ_ONCE(sk->sk_priority);
	tcp_tw_from_conn(&rec->tw, &tcp_sk_of(sk)->c, now);
	return rec;
}

void tcp_tw_start(struct sock *sk, u64 now)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_tw_rec *rec = tcp_tw_new(sk, now);
	struct tcp_bucket *b;
	bool was;

	if (rec) {
		plumb_port_to_tw(&rec->bind, sk);
		b = tcp_demux_bucket(pn, sk->sk_hash);
		spin_lock_bh(&b->lock);
		tcp_demux_rec_add(b, &rec->rec);
		tcp_wheel_add(&pn->tcp->wheel, rec, now);
		was = __sk_nulls_del_node_init_rcu(sk);
		spin_unlock_bh(&b->lock);
		if (was)
			sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	}
	tcp_conn_purge(&tcp_sk_of(sk)->c);
}

void tcp_tw_segment(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_tw_rec *rec,
		    struct sk_buff *skb, const struct tcp_tuple *t, struct tcp_segin *in, u64 now)
	__releases(&b->lock)
{
	struct tcp_stray to = {
		.mark = rec->mark,
		.priority = rec->priority,
		.oif = rec->bind.dev,
		.tos = rec->rec.tos,
	};
	u8 rec_state = rec->tw.state;
	struct tcp_md5_key key;
	struct sock *lsk = NULL;
	enum tcp_tw_verdict what;
	struct tcp_segout out;
	bool gone = false;
	u32 iss = 0;

	if (rec->tw.opts & TCPO_MD5) {
		key = container_of(rec, struct tcp_tw_md5, tw)->key;
		to.md5 = key.len ? &key : NULL;
	}
	what = tcp_tw_arrives(&pn->tcp->par, &rec->tw, in, &out, &iss, now);
	if (what == TCP_TW_REOPEN)
		lsk = tcp_demux_listener(pn, skb, t);
	if (what == TCP_TW_GONE || what == TCP_TW_GONE_REPLY || (what == TCP_TW_REOPEN && lsk)) {
		tcp_tw_unlink(pn, rec);
		gone = true;
	}
	spin_unlock(&b->lock);
	if (gone)
		tcp_tw_free(pn, rec);
	if (lsk) {
		tcp_half_listen(pn, lsk, skb, t, in, iss, now);
		return;
	}
	if (what == TCP_TW_SKIP)
		PLUMB_LINUX_INC(pn, rec_state == TCPS_FIN_WAIT_2 ?
				LINUX_MIB_TCPACKSKIPPEDFINWAIT2 : LINUX_MIB_TCPACKSKIPPEDTIMEWAIT);
	if (what == TCP_TW_REPLY || what == TCP_TW_GONE_REPLY)
		tcp_emit_answer(pn, skb, t, &to, &out);
	plumb_drop(pn, skb, PLUMB_DROP_TCP_CLOSED);
}

void tcp_tw_net_init(struct plumb_net *pn)
{
	struct tcp_wheel *w = &pn->tcp->wheel;
	int i;

	spin_lock_init(&w->lock);
	w->pn = pn;
	w->at = tcp_wheel_tick();
	for (i = 0; i < TCP_WHEEL_SLOTS; i++)
		INIT_HLIST_HEAD(&w->slot[i]);
	timer_setup(&w->timer, tcp_wheel_fn, 0);
}

void tcp_tw_net_exit(struct plumb_net *pn)
{
	struct hlist_node *n;
	struct tcp_rec *r;
	u32 i;

	timer_shutdown_sync(&pn->tcp->wheel.timer);
	for (i = 0; i <= pn->tcp->mask; i++) {
		hlist_for_each_entry_safe(r, n, &pn->tcp->table[i].recs, node) {
			hlist_del(&r->node);
			tcp_tw_free(pn, (struct tcp_tw_rec *)r);
		}
	}
}

int tcp_tw_init(void)
{
	tcp_tw_cache = KMEM_CACHE(tcp_tw_rec, SLAB_ACCOUNT);
	return tcp_tw_cache ? 0 : -ENOMEM;
}

void tcp_tw_exit(void)
{
	kmem_cache_destroy(tcp_tw_cache);
}
