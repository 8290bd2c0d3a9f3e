// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections: a SYN that was answered is a small record in the table, not a socket. A
 * listener answers without its lock. When the third segment comes, a socket is made and takes the
 * record's place.
 *
 * Records are bounded by the listener's backlog and net.plumb.tcp_max_syn_backlog, and go by timer
 * after tcp_synack_retries.
 *
 * Life of a record: its timer is pending from the moment it is in the table, or its function is
 * waiting for the bucket's lock. Who takes it out of the table frees it if the timer could be
 * stopped; else the timer's function finds it out of the table, and frees it.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../wire/tcp.h"
#include "engine/env.h"

static struct kmem_cache *tcp_half_cache __ro_after_init;

static void tcp_half_free(struct tcp_half_rec *rec)
{
	struct tcp_listen *l = tcp_sk_of(rec->lsk)->lsn;

	atomic_dec(&l->halves);
	if (!rec->h.timeouts)
		atomic_dec(&l->young);
	sock_put(rec->lsk);
	kfree(rec->syn);
	kmem_cache_free(tcp_half_cache, rec);
}

/* Out of the table. True: the caller frees it; false: its timer will. */
static bool tcp_half_unlink(struct tcp_half_rec *rec)
{
	hlist_del_init(&rec->rec.node);
	return timer_delete(&rec->timer);
}

/* Context: RCU, until it is sent. */
static void tcp_half_to(const struct tcp_half_rec *rec, struct tcp_stray *to)
{
	*to = (struct tcp_stray) {
		.saddr = rec->rec.saddr,
		.daddr = rec->rec.daddr,
		.sport = htons(rec->rec.num),
		.dport = rec->rec.dport,
		.mark = rec->mark,
		.priority = READ_ONCE(rec->lsk->sk_priority),
		.oif = rec->dev,
		.tos = rec->rec.tos,
		.md5 = rec->h.opts & TCPO_MD5 ? tcp_md5_find(rec->lsk, rec->rec.daddr) : NULL,
	};
}

static unsigned long tcp_half_expires(const struct tcp_half_rec *rec, u64 now)
{
	u64 left = rec->h.deadline_ns > now ? rec->h.deadline_ns - now : 0;

	return jiffies + nsecs_to_jiffies(left) + 1;
}

/*
 * How often a SYN-ACK of this listener is sent again: TCP_SYNCNT or tcp_synack_retries. While its
 * queue is more than half full, less: the fewer of it are young, the less, so that old ones make
 * room; but twice.
 */
static u8 tcp_half_patience(const struct sock *lsk)
{
	const struct tcp_listen *l = tcp_sk_of(lsk)->lsn;
	u32 n = atomic_read(&l->halves), young = 2 * atomic_read(&l->young);
	u8 times = READ_ONCE(tcp_sk_of(lsk)->c.user.syn_retries);

	if (!times)
		times = READ_ONCE(plumb_sock_net(lsk)->sysctl.tcp_synack_retries);
	if (2 * n > max(8U, READ_ONCE(lsk->sk_max_ack_backlog)))
		for (; times > 2 && n >= young; young *= 2)
			times--;
	return times;
}

static void tcp_half_timer_fn(struct timer_list *t)
{
	struct tcp_half_rec *rec = from_timer(rec, t, timer);
	struct plumb_net *pn = rec->pn;
	struct tcp_bucket *b = tcp_demux_bucket(pn, tcp_demux_hash(pn, rec->rec.saddr,
				rec->rec.num, rec->rec.daddr, rec->rec.dport));
	bool young = !rec->h.timeouts;
	enum tcp_half_verdict what;
	struct tcp_segout out;
	struct tcp_stray to;
	u64 now = tcp_now();

	spin_lock(&b->lock);
	if (hlist_unhashed(&rec->rec.node)) {
		spin_unlock(&b->lock);
		tcp_half_free(rec);
		return;
	}
	if (rec->rec.busy) {
		mod_timer(&rec->timer, jiffies + HZ / 10);
		spin_unlock(&b->lock);
		return;
	}
	rec->h.defer = READ_ONCE(tcp_sk_of(rec->lsk)->defer_accept);
	rec->h.max_timeouts = tcp_half_patience(rec->lsk);
	what = tcp_half_timer(&pn->tcp->par, &rec->h, &out, now);
	PLUMB_LINUX_INC(pn, LINUX_MIB_TCPTIMEOUTS);
	if (young && rec->h.timeouts)
		atomic_dec(&tcp_sk_of(rec->lsk)->lsn->young);
	if (what == TCP_HALF_GONE || what == TCP_HALF_GONE_REPLY) {
		hlist_del_init(&rec->rec.node);
		spin_unlock(&b->lock);
		tcp_half_free(rec);
		return;
	}
	rcu_read_lock();
	tcp_half_to(rec, &to);
	mod_timer(&rec->timer, tcp_half_expires(rec, now));
	spin_unlock(&b->lock);
	if (what == TCP_HALF_REPLY) {
		PLUMB_TCP_INC(pn, TCP_MIB_RETRANSSEGS);
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPSYNRETRANS);
		tcp_emit_stray(pn, &to, &out);
	}
	rcu_read_unlock();
}

/* How a SYN may be answered. */
enum tcp_half_way {
	TCP_HALF_NOT,		/* not at all */
	TCP_HALF_RECORD,
	TCP_HALF_COOKIE,
};

/* More handshakes under way than the listener wants: said once in the log, and counted. */
static bool tcp_half_flood(struct plumb_net *pn, const struct sock *lsk, u8 cookies)
{
	struct tcp_listen *l = tcp_sk_of(lsk)->lsn;

	if (cookies)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPREQQFULLDOCOOKIES);
	else
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPREQQFULLDROP);
	if (cookies != 2 && !READ_ONCE(l->flood_told) && !xchg(&l->flood_told, true))
		net_info_ratelimited("plumb: port %u: SYNs come faster than handshakes end. %s.\n",
				     lsk->sk_num, cookies ? "Sending cookies" : "Dropping some");
	return cookies;
}

/*
 * A record, a cookie, or nothing. The queue of half-open connections is as long as the one for
 * accept(); without cookies its last quarter, by net.plumb.tcp_max_syn_backlog, stays free.
 * @again: it takes over from TIME-WAIT, so its peer is no invention.
 */
static enum tcp_half_way tcp_half_way(struct plumb_net *pn, const struct sock *lsk, bool again)
{
	u32 n = atomic_read(&tcp_sk_of(lsk)->lsn->halves);
	u8 cookies = READ_ONCE(pn->sysctl.tcp_syncookies);
	int max = READ_ONCE(pn->sysctl.tcp_max_syn_backlog);
	enum tcp_half_way way = TCP_HALF_RECORD;

	if (!again && (cookies == 2 || n > READ_ONCE(lsk->sk_max_ack_backlog)))
		way = tcp_half_flood(pn, lsk, cookies) ? TCP_HALF_COOKIE : TCP_HALF_NOT;
	if (way != TCP_HALF_NOT && tcp_listen_full(lsk)) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENOVERFLOWS);
		way = TCP_HALF_NOT;
	}
	if (way == TCP_HALF_RECORD && !again && !cookies && max - (int)n < max >> 2)
		way = TCP_HALF_NOT;
	return way;
}

/* What of a record is known before the SYN is looked at. @rec is zeroed. */
static void tcp_half_fill(struct tcp_half_rec *rec, struct plumb_net *pn, struct sock *lsk,
			  const struct sk_buff *skb, const struct tcp_tuple *t)
{
	rec->rec.kind = TCP_REC_HALF;
	rec->rec.daddr = t->daddr;
	rec->rec.saddr = t->saddr;
	rec->rec.dport = t->dport;
	rec->rec.num = t->num;
	rec->lsk = lsk;
	rec->pn = pn;
	rec->mark = READ_ONCE(lsk->sk_mark);
	rec->dev = READ_ONCE(lsk->sk_bound_dev_if);
	rec->rec.tos = READ_ONCE(plumb_sk(lsk)->tos);
	if (READ_ONCE(pn->sysctl.tcp_reflect_tos))
		rec->rec.tos = ip_hdr(skb)->tos & ~INET_ECN_MASK;
	if (!rec->mark && READ_ONCE(pn->sysctl.tcp_fwmark_accept))
		rec->mark = skb->mark;
	rec->h.ts_offset = tcp_open_ts_offset(pn, t->saddr, t->daddr);
	rec->h.rcv_wnd = tcp_open_wnd(lsk);
	rec->h.rcv_wscale = tcp_open_wscale(lsk);
	rec->h.ecn_exact = READ_ONCE(tcp_sk_of(lsk)->c.cong.ops)->flags & TCP_CC_ECN;
	if (static_branch_unlikely(&tcp_md5_used) && tcp_md5_find(lsk, t->daddr))
		rec->h.opts = TCPO_MD5;
}

static struct tcp_half_rec *tcp_half_new(struct plumb_net *pn, struct sock *lsk,
					 const struct sk_buff *skb, const struct tcp_tuple *t,
					 u32 iss)
{
	struct tcp_half_rec *rec;

	if (!refcount_inc_not_zero(&lsk->sk_refcnt))
		return NULL;
	rec = kmem_cache_zalloc(tcp_half_cache, GFP_ATOMIC);
	if (!rec) {
		sock_put(lsk);
		return NULL;
	}
	tcp_half_fill(rec, pn, lsk, skb, t);
	rec->h.iss = iss ?: tcp_open_isn(pn, t->saddr, htons(t->num), t->daddr, t->dport);
	timer_setup(&rec->timer, tcp_half_timer_fn, 0);
	atomic_inc(&tcp_sk_of(lsk)->lsn->halves);
	atomic_inc(&tcp_sk_of(lsk)->lsn->young);
	return rec;
}

/* TCP_SAVE_SYN: the SYN's headers, from IPv4's on, or (2) from the link layer's. */
static struct tcp_saved_syn *tcp_half_save(const struct sock *lsk, const struct sk_buff *skb)
{
	const u8 *end = skb->data + wire_tcp_hlen(skb->data), *from = skb_network_header(skb);
	u8 how = READ_ONCE(tcp_sk_of(lsk)->save_syn);
	struct tcp_saved_syn *syn;

	if (!how)
		return NULL;
	if (how == 2 && skb_mac_header_was_set(skb))
		from = skb_mac_header(skb);
	syn = kmalloc(struct_size(syn, data, end - from), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!syn)
		return NULL;
	syn->len = end - from;
	memcpy(syn->data, from, end - from);
	return syn;
}

static int tcp_half_path(struct plumb_net *pn, struct plumb_path *path,
			 const struct tcp_half_rec *rec)
{
	struct plumb_flow flow = {
		.daddr = rec->rec.daddr,
		.saddr = rec->rec.saddr,
		.oif = rec->dev,
		.mark = rec->mark,
		.tos = rec->rec.tos,
		.proto = IPPROTO_TCP,
	};

	return plumb_path_resolve(pn, path, &flow);
}

/* Into the table; false: the peer's SYN was answered on another CPU meanwhile. */
static bool tcp_half_enter(struct plumb_net *pn, struct tcp_half_rec *rec,
			   const struct tcp_tuple *t, u64 now)
{
	struct tcp_bucket *b = tcp_demux_bucket(pn, t->hash);
	struct sock *sk;
	bool fresh;

	spin_lock(&b->lock);
	sk = tcp_demux_find_locked(b, t);
	fresh = !sk && !tcp_demux_rec(b, t) && READ_ONCE(rec->lsk->sk_state) == TCP_LISTEN;
	if (fresh) {
		tcp_demux_rec_add(b, &rec->rec);
		mod_timer(&rec->timer, tcp_half_expires(rec, now));
	}
	spin_unlock(&b->lock);
	if (sk)
		sock_put(sk);
	return fresh;
}

static void tcp_half_answer(struct plumb_net *pn, struct sock *lsk, struct plumb_path *path,
			    struct sk_buff *skb, const struct tcp_tuple *t,
			    struct tcp_segin *in, u32 iss, u64 now)
{
	enum plumb_drop_reason why = PLUMB_DROP_NO_MEMORY;
	struct tcp_half_rec *rec = tcp_half_new(pn, lsk, skb, t, iss);
	struct tcp_fast_syn f = {};
	u8 cookie[TCP_FAST_COOKIE];
	struct tcp_segout out;
	struct tcp_stray to;

	if (!rec)
		goto drop;
	why = PLUMB_DROP_IP_NO_ROUTE;
	if (tcp_half_path(pn, path, rec))
		goto free;
	rec->h.advmss = tcp_open_advmss(lsk, path);
	tcp_route_half(lsk, path, &rec->h);
	why = PLUMB_DROP_TCP_FLAGS;
	if (tcp_listen_arrives(&pn->tcp->par, in, &rec->h, &out, now) != TCP_HALF_REPLY)
		goto free;
	rec->syn = tcp_half_save(lsk, skb);
	if ((in->len || in->opt.has & TCPO_FASTOPEN) &&
	    tcp_fast_ask(pn, lsk, t, in, &f, cookie) &&
	    tcp_fast_open(pn, rec, skb, t, in, &f, now)) {
		tcp_half_free(rec);
		return;
	}
	if (f.option) {
		out.opt.has |= TCPO_FASTOPEN | (f.exp ? TCPO_FO_EXP : 0);
		out.opt.fo_len = f.cookie_len;
		out.opt.fo_cookie = f.cookie;
	}
	tcp_half_to(rec, &to);
	if (!tcp_half_enter(pn, rec, t, now))
		goto free;
	tcp_emit_along(pn, path, &to, &out);
	consume_skb(skb);
	return;

free:
	tcp_half_free(rec);
drop:
	PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
	plumb_drop(pn, skb, why);
}

/* The same without a record: the SYN-ACK is all that is left of it. */
static void tcp_half_cookie(struct plumb_net *pn, struct sock *lsk, struct plumb_path *path,
			    struct sk_buff *skb, const struct tcp_tuple *t,
			    struct tcp_segin *in, u64 now)
{
	struct tcp_half_rec rec = {};
	struct tcp_segout out;
	struct tcp_stray to;

	tcp_half_fill(&rec, pn, lsk, skb, t);
	if (tcp_half_path(pn, path, &rec)) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
		plumb_drop(pn, skb, PLUMB_DROP_IP_NO_ROUTE);
		return;
	}
	rec.h.advmss = tcp_open_advmss(lsk, path);
	tcp_route_half(lsk, path, &rec.h);
	tcp_listen_arrives(&pn->tcp->par, in, &rec.h, &out, now);
	tcp_cookie_answer(pn, lsk, t, &rec.h, &out, now);
	tcp_half_to(&rec, &to);
	tcp_emit_along(pn, path, &to, &out);
	consume_skb(skb);
}

static void tcp_half_syn(struct plumb_net *pn, struct sock *lsk, struct sk_buff *skb,
			 const struct tcp_tuple *t, struct tcp_segin *in, u32 iss, u64 now)
{
	enum tcp_half_way way = tcp_half_way(pn, lsk, iss);
	struct plumb_path path = {};

	if (way == TCP_HALF_NOT) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
		plumb_drop(pn, skb, PLUMB_DROP_LISTEN_OVERFLOW);
		return;
	}
	if (way == TCP_HALF_COOKIE)
		tcp_half_cookie(pn, lsk, &path, skb, t, in, now);
	else
		tcp_half_answer(pn, lsk, &path, skb, t, in, iss, now);
	plumb_path_release(&path);
}

/*
 * The child takes the record's place in one step: who looks with the lock held finds one of them.
 */
static void tcp_half_replace(struct tcp_bucket *b, struct tcp_half_rec *rec, struct sock *child)
{
	bool ours;

	spin_lock(&b->lock);
	tcp_demux_add_locked(b, child);
	ours = tcp_half_unlink(rec);
	spin_unlock(&b->lock);
	if (ours)
		tcp_half_free(rec);
}

static void tcp_half_open(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_half_rec *rec,
			  struct sk_buff *skb, struct tcp_segin *in, u64 now)
{
	struct sock *lsk = rec->lsk, *child = tcp_child_new(rec, now);

	if (!child) {
		spin_lock(&b->lock);
		rec->rec.busy = false;
		spin_unlock(&b->lock);
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
		plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
		return;
	}
	__acquire(&child->sk_lock.slock);
	PLUMB_TCP_INC(pn, TCP_MIB_PASSIVEOPENS);
	sock_hold(lsk);
	tcp_half_replace(b, rec, child);
	tcp_child_born(lsk, child, skb, in, now);
	sock_put(lsk);
}

/* The third segment of a handshake that a cookie began. The listener is counted. */
static void tcp_half_cookie_open(struct plumb_net *pn, struct tcp_half_rec *rec,
				 struct sk_buff *skb, const struct tcp_tuple *t,
				 struct tcp_segin *in, u64 now)
{
	struct sock *lsk = rec->lsk, *child = NULL;

	if (!tcp_listen_full(lsk))
		child = tcp_child_new(rec, now);
	else
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENOVERFLOWS);
	if (!child) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
		plumb_drop(pn, skb, PLUMB_DROP_LISTEN_OVERFLOW);
		return;
	}
	__acquire(&child->sk_lock.slock);
	if (!tcp_child_enter(pn, child, t)) {
		tcp_conn_purge(&tcp_sk_of(child)->c);
		tcp_close_child(child);
		bh_unlock_sock(child);
		sock_put(child);
		plumb_drop(pn, skb, PLUMB_DROP_TCP_ACK);
		return;
	}
	PLUMB_TCP_INC(pn, TCP_MIB_PASSIVEOPENS);
	tcp_child_born(lsk, child, skb, in, now);
}

/*
 * Does this ACK end a handshake that a cookie began? Then @skb was taken over, even if the way back
 * has gone meanwhile.
 */
static bool tcp_half_cookie_back(struct plumb_net *pn, struct sock *lsk, struct sk_buff *skb,
				 const struct tcp_tuple *t, struct tcp_segin *in, u64 now)
{
	struct tcp_half_rec rec = {};
	struct plumb_path path = {};
	u8 signed_opt;

	tcp_half_fill(&rec, pn, lsk, skb, t);
	signed_opt = rec.h.opts;
	if (!tcp_cookie_open(pn, lsk, t, in, &rec.h))
		return false;
	rec.h.opts |= signed_opt;
	if (!tcp_half_path(pn, &path, &rec) && refcount_inc_not_zero(&lsk->sk_refcnt)) {
		rec.h.advmss = tcp_open_advmss(lsk, &path);
		tcp_route_half(lsk, &path, &rec.h);
		tcp_half_cookie_open(pn, &rec, skb, t, in, now);
		sock_put(lsk);
	} else {
		plumb_drop(pn, skb, PLUMB_DROP_IP_NO_ROUTE);
	}
	plumb_path_release(&path);
	return true;
}

void tcp_half_listen(struct plumb_net *pn, struct sock *lsk, struct sk_buff *skb,
		     const struct tcp_tuple *t, struct tcp_segin *in, u32 iss, u64 now)
{
	u8 flags = in->flags & (TCPF_SYN | TCPF_ACK | TCPF_RST);
	struct tcp_segout out;
	struct tcp_half none;

	if (flags == TCPF_SYN) {
		tcp_half_syn(pn, lsk, skb, t, in, iss, now);
		return;
	}
	if (flags == TCPF_ACK && tcp_half_cookie_back(pn, lsk, skb, t, in, now))
		return;
	if (tcp_listen_arrives(&pn->tcp->par, in, &none, &out, now) == TCP_HALF_GONE_REPLY) {
		struct tcp_stray to = {
			.mark = READ_ONCE(lsk->sk_mark),
			.priority = READ_ONCE(lsk->sk_priority),
			.oif = READ_ONCE(lsk->sk_bound_dev_if),
			.md5 = in->opt.has & TCPO_MD5 ? tcp_md5_find(lsk, t->daddr) : NULL,
		};

		tcp_emit_answer(pn, skb, t, &to, &out);
	}
	plumb_drop(pn, skb, PLUMB_DROP_TCP_FLAGS);
}

/* The handshake is done, but may the connection be opened now? */
static bool tcp_half_may_open(struct plumb_net *pn, struct tcp_half_rec *rec,
			      const struct tcp_segin *in)
{
	const struct sock *lsk = rec->lsk;

	/* TCP_DEFER_ACCEPT: data is waited for; the SYN-ACK's repeats count the time. */
	if (tcp_sk_of(lsk)->defer_accept > rec->h.timeouts && !in->len &&
	    !(in->flags & TCPF_FIN)) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPDEFERACCEPTDROP);
		rec->h.acked = true;
		return false;
	}
	if (!tcp_listen_full(lsk))
		return true;
	PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENOVERFLOWS);
	PLUMB_LINUX_INC(pn, LINUX_MIB_LISTENDROPS);
	rec->h.acked = true;
	return false;
}

void tcp_half_segment(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_half_rec *rec,
		      struct sk_buff *skb, const struct tcp_tuple *t, struct tcp_segin *in, u64 now)
	__releases(&b->lock)
{
	enum plumb_drop_reason why = PLUMB_DROP_TCP_ACK;
	enum tcp_half_verdict what;
	struct tcp_segout out;
	struct tcp_stray to;
	bool ours = false;

	if (rec->rec.busy || READ_ONCE(rec->lsk->sk_state) != TCP_LISTEN) {
		spin_unlock(&b->lock);
		plumb_drop(pn, skb, PLUMB_DROP_LISTEN_OVERFLOW);
		return;
	}
	if (!tcp_md5_pass(pn, rec->lsk, skb, in)) {
		spin_unlock(&b->lock);
		plumb_drop(pn, skb, PLUMB_DROP_TCP_MD5);
		return;
	}
	what = tcp_half_arrives(&pn->tcp->par, &rec->h, in, &out, now);
	if (what == TCP_HALF_OPEN) {
		if (tcp_half_may_open(pn, rec, in)) {
			rec->rec.busy = true;
			spin_unlock(&b->lock);
			tcp_half_open(pn, b, rec, skb, in, now);
			return;
		}
		why = PLUMB_DROP_LISTEN_OVERFLOW;
		if (READ_ONCE(pn->sysctl.tcp_abort_on_overflow) && tcp_listen_full(rec->lsk) &&
		    tcp_closed_arrives(in, &out))
			what = TCP_HALF_GONE_REPLY;
		else
			what = TCP_HALF_DROP;
	}
	tcp_half_to(rec, &to);
	if (what == TCP_HALF_GONE || what == TCP_HALF_GONE_REPLY) {
		/* An overflow is no attempt of the peer's that failed. */
		if (what == TCP_HALF_GONE)
			PLUMB_TCP_INC(pn, TCP_MIB_ATTEMPTFAILS);
		PLUMB_LINUX_INC(pn, LINUX_MIB_EMBRYONICRSTS);
		ours = tcp_half_unlink(rec);
	}
	if (what == TCP_HALF_SKIP)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPACKSKIPPEDSYNRECV);
	spin_unlock(&b->lock);
	if (ours)
		tcp_half_free(rec);
	if (what == TCP_HALF_REPLY || what == TCP_HALF_GONE_REPLY) {
		if (!(out.flags & TCPF_SYN))
			to.tos = ip_hdr(skb)->tos;
		tcp_emit_stray(pn, &to, &out);
	}
	plumb_drop(pn, skb, why);
}

/* The peer cannot be reached, or cannot make out what we say. A port is no news of a handshake. */
static bool tcp_half_icmp_ends(const struct plumb_icmp_err *e)
{
	return e->type == ICMP_DEST_UNREACH ?
	       e->code == ICMP_NET_UNREACH || e->code == ICMP_HOST_UNREACH : true;
}

void tcp_half_icmp(struct tcp_bucket *b, struct tcp_half_rec *rec, const struct plumb_icmp_err *e,
		   u32 seq)
{
	lockdep_assert_held(&b->lock);
	/*
	 * Only an error about our SYN-ACK ends it (RFC 5927 4); the record is freed with its
	 * timer.
	 */
	if (seq != rec->h.iss) {
		PLUMB_LINUX_INC(rec->pn, LINUX_MIB_OUTOFWINDOWICMPS);
		return;
	}
	if (rec->rec.busy || !tcp_half_icmp_ends(e))
		return;
	PLUMB_LINUX_INC(rec->pn, LINUX_MIB_LISTENDROPS);
	hlist_del_init(&rec->rec.node);
	/* Not pending: its function waits for our lock, will find this, and must not come twice. */
	mod_timer_pending(&rec->timer, jiffies);
}

/* Those of @lsk, or all, in one bucket: out of the table and into @gone. True: some are not. */
static bool tcp_half_purge_bucket(struct tcp_bucket *b, const struct sock *lsk,
				  struct hlist_head *gone)
{
	struct hlist_node *n;
	struct tcp_rec *rec;
	bool left = false;

	if (hlist_empty(&b->recs))
		return false;
	spin_lock_bh(&b->lock);
	hlist_for_each_entry_safe(rec, n, &b->recs, node) {
		struct tcp_half_rec *h = (struct tcp_half_rec *)rec;

		if (rec->kind != TCP_REC_HALF || (lsk && h->lsk != lsk))
			continue;
		if (!rec->busy && tcp_half_unlink(h))
			hlist_add_head(&rec->node, gone);
		else
			left = true;
	}
	spin_unlock_bh(&b->lock);
	return left;
}

bool tcp_half_purge(struct plumb_net *pn, struct sock *lsk)
{
	struct hlist_node *n;
	struct tcp_rec *rec;
	HLIST_HEAD(gone);
	bool left = false;
	u32 i;

	for (i = 0; i <= pn->tcp->mask; i++) {
		if (lsk && !atomic_read(&tcp_sk_of(lsk)->lsn->halves))
			break;
		left |= tcp_half_purge_bucket(&pn->tcp->table[i], lsk, &gone);
	}
	hlist_for_each_entry_safe(rec, n, &gone, node)
		tcp_half_free((struct tcp_half_rec *)rec);
	return left;
}

int tcp_half_init(void)
{
	tcp_half_cache = KMEM_CACHE(tcp_half_rec, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return tcp_half_cache ? 0 : -ENOMEM;
}

void tcp_half_exit(void)
{
	kmem_cache_destroy(tcp_half_cache);
}
