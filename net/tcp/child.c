// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's socket: made in softirq as a copy of its listener, from what the half-open record
 * knows; entered in the table; queued for accept(). Called by half.c.
 */
#include <linux/memcontrol.h>

#include "sock.h"
#include "cc.h"
#include "engine/env.h"

/* What is charged for the connection is charged where its listener is. */
static void tcp_child_memcg(struct sock *child, const struct sock *lsk)
{
	if (mem_cgroup_sockets_enabled && lsk->sk_memcg && css_tryget(&lsk->sk_memcg->css))
		child->sk_memcg = lsk->sk_memcg;
}

/* The members that a copy must not share with the listener. */
static void tcp_child_reset(struct sock *child, const struct tcp_half_rec *rec)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(child);
	struct plumb_sock *ps = &ts->ps;

	plumb_sock_clone_init(child);
	sock_valbool_flag(child, SOCK_RCU_FREE, sock_flag(child, SOCK_ZEROCOPY));
	ts->lsn = NULL;
	ts->next = NULL;
	ts->pacer = NULL;
	ts->rehash = 0;
	ts->syn = NULL;
	RCU_INIT_POINTER(ts->md5, NULL);
	ts->fast_lsk = NULL;
	ts->fast_connect = false;
	tcp_flow_setup(ts);
	tcp_timer_setup(child);
	tcp_end_born();
	child->sk_state = TCP_SYN_RECV;
	child->sk_max_ack_backlog = 0;
	child->sk_ack_backlog = 0;
	child->sk_daddr = rec->rec.daddr;
	child->sk_dport = rec->rec.dport;
	child->sk_num = rec->rec.num;
	child->sk_rcv_saddr = rec->rec.saddr;
	child->sk_mark = rec->mark;
	child->sk_bound_dev_if = rec->dev;
	child->sk_hash = tcp_demux_hash(ps->pn, rec->rec.saddr, rec->rec.num, rec->rec.daddr,
					rec->rec.dport);
	atomic64_set(&child->sk_cookie, 0);
	ps->saddr = rec->rec.saddr;
	ps->sport = htons(rec->rec.num);
	ps->tos = rec->rec.tos;
	sk_set_txhash(child);
}

static bool tcp_child_open(struct sock *child, const struct tcp_half_rec *rec, u64 now)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(child);
	const struct tcp_conn *lc = &tcp_sk_of(rec->lsk)->c;
	struct tcp_user user = lc->user;
	struct plumb_path *path;

	/* A listener that chose gives its choice to its children; others have today's default. */
	tcp_open_reset(child, ts->cc_chosen ? tcp_cc_again(lc->cong.ops) :
					      tcp_cc_default(plumb_sock_net(child)));
	ts->c.user = user;
	path = plumb_sock_path(child);
	if (IS_ERR(path))
		return false;
	tcp_open_gso(child, path);
	tcp_route_open(child, path);
	if (rec->h.opts & TCPO_MD5 && tcp_md5_inherit(child, rec->lsk))
		return false;
	tcp_conn_from_half(&ts->c, &rec->h, tcp_open_mss(child, path), now);
	tcp_metrics_seed(child);
	if (unlikely(READ_ONCE(child->sk_max_pacing_rate) != ~0UL || ts->c.cong.paced))
		tcp_timer_pacing(child);
	return true;
}

/*
 * A socket for a record, bh-locked, with two references, in no table yet; NULL: no memory, no
 * route.
 */
struct sock *tcp_child_new(struct tcp_half_rec *rec, u64 now)
{
	struct sock *child = sk_clone_lock(rec->lsk, GFP_ATOMIC);

	if (!child)
		return NULL;
	__acquire(&child->sk_lock.slock);
	tcp_child_reset(child, rec);
	tcp_child_memcg(child, rec->lsk);
	if (tcp_child_open(child, rec, now) && !plumb_port_inherit(child, rec->lsk)) {
		tcp_sk_of(child)->syn = rec->syn;
		rec->syn = NULL;
		__release(&child->sk_lock.slock);
		return child;
	}
	/* The core undoes what it did to make the copy; ours is undone as of a closed socket. */
	tcp_close_child(child);
	bh_unlock_sock(child);
	sock_put(child);
	return NULL;
}

/* Into the table, unless another CPU made a connection of the same cookie meanwhile. */
bool tcp_child_enter(struct plumb_net *pn, struct sock *child, const struct tcp_tuple *t)
{
	struct tcp_bucket *b = tcp_demux_bucket(pn, t->hash);
	struct sock *other;
	bool fresh;

	spin_lock(&b->lock);
	other = tcp_demux_find_locked(b, t);
	fresh = !other && !tcp_demux_rec(b, t);
	if (fresh)
		tcp_demux_add_locked(b, child);
	spin_unlock(&b->lock);
	if (other)
		sock_put(other);
	return fresh;
}

/*
 * A child that is in the table takes its first segment, and is queued for accept(). Gives back
 * one reference and the child's lock.
 */
void tcp_child_born(struct sock *lsk, struct sock *child, struct sk_buff *skb,
		    struct tcp_segin *in, u64 now)
	__releases(&child->sk_lock.slock)
{
	tcp_rcv_segment(child, skb, in, now);
	tcp_conn_flush(&tcp_sk_of(child)->c, now);
	tcp_settle(child);
	if (!tcp_listen_ready(lsk, child))
		tcp_close_child(child);
	bh_unlock_sock(child);
	sock_put(child);
}
