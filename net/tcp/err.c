// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about segments of ours (RFC 9293 3.9.2.2), and a path whose MTU shrank (RFC 1191).
 * The engine checks the sequence number (RFC 5927) and decides; an error never ends an established
 * connection.
 */
#include <linux/icmp.h>

#include <plumb/mib.h>

#include "sock.h"
#include "../wire/types.h"
#include "engine/env.h"

void tcp_err_path(struct sock *sk)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_path *path;

	if (sk->sk_state == TCP_CLOSE)
		return;
	rcu_read_lock();
	path = plumb_sock_path(sk);
	if (!IS_ERR(path)) {
		u16 mss = tcp_open_mss(sk, path);

		tcp_open_gso(sk, path);
		tcp_conn_icmp(c, c->snd.una, EMSGSIZE, false, mss, tcp_now());
		tcp_conn_set_path(c, mss, tcp_now());
	}
	rcu_read_unlock();
	tcp_conn_flush(c, tcp_now());
}

/*
 * "Fragmentation needed" is no error: if the path's MTU is less now, what was sent goes again,
 * smaller.
 */
static void tcp_err_mtu(struct sock *sk, u32 seq)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_path *path = plumb_sock_path(sk);
	u64 now = tcp_now();

	if (IS_ERR(path))
		return;
	if (!tcp_conn_icmp(c, seq, EMSGSIZE, false, tcp_open_mss(sk, path), now))
		return;
	tcp_conn_flush(c, now);
	tcp_settle(sk);
}

/* An error that leaves the connection open: with IP_RECVERR it is told now, else by a time-out. */
static void tcp_err_open(struct sock *sk, int err, int soft)
{
	if (!plumb_sock_test(sk, PLUMB_SF_RECVERR) || sk->sk_state == TCP_CLOSE)
		return;
	WRITE_ONCE(sk->sk_err_soft, soft);
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}

/* bh_lock_sock() held, no owner. */
static void tcp_err_sock(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			 u32 seq)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	bool fast = tcp_sk_of(sk)->fast_lsk;
	/*
	 * Fast Open: who has accepted it has a connection; as long as nobody has, it is an attempt.
	 */
	bool fatal = fast ? !sk->sk_socket : e->fatal;
	bool attempt = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) &&
		       !(fast && sk->sk_socket);
	int soft = READ_ONCE(sk->sk_err_soft);
	u64 now = tcp_now();

	if (!tcp_conn_icmp(c, seq, e->err, fatal, 0, now))
		return;
	tcp_conn_flush(c, now);
	if (attempt)
		plumb_sock_err_queue(sk, skb, e, sk->sk_dport, e->th + min(e->thlen, 20U));
	else
		tcp_err_open(sk, e->err, soft);
	tcp_settle(sk);
}

/* Is the socket open, and not of those that only hear what is near (IP_MINTTL)? */
static bool tcp_err_allowed(const struct sock *sk, const struct plumb_icmp_err *e)
{
	const struct plumb_sock *ps = plumb_sk(sk);

	if (sk->sk_state == TCP_CLOSE)
		return false;
	if (likely(e->ttl >= READ_ONCE(ps->min_ttl)))
		return true;
	PLUMB_LINUX_INC(ps->pn, LINUX_MIB_TCPMINTTLDROP);
	return false;
}

/* A program holds the socket: what a time-out is then told as is all that changes. */
static void tcp_err_owned(struct sock *sk, const struct plumb_icmp_err *e, u32 seq)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;

	PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_LOCKDROPPEDICMPS);
	if (!tcp_err_allowed(sk, e))
		return;
	if (seq_lt(seq, READ_ONCE(c->snd.una)) || seq_gt(seq, READ_ONCE(c->snd.nxt)))
		PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_OUTOFWINDOWICMPS);
	else
		WRITE_ONCE(sk->sk_err_soft, e->err);
}

/* bh_lock_sock() held. */
static void tcp_err_locked(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			   u32 seq)
{
	bool mtu = e->type == ICMP_DEST_UNREACH && e->code == ICMP_FRAG_NEEDED;

	if (sock_owned_by_user(sk)) {
		if (mtu)
			set_bit(TCP_OWED_PATH, &tcp_sk_of(sk)->owed);
		else
			tcp_err_owned(sk, e, seq);
	} else if (tcp_err_allowed(sk, e)) {
		if (mtu)
			tcp_err_mtu(sk, seq);
		else
			tcp_err_sock(sk, skb, e, seq);
	}
}

static void tcp_err_find(struct plumb_net *pn, struct sk_buff *skb,
			 const struct plumb_icmp_err *e, const struct tcp_tuple *t, u32 seq)
{
	struct sock *sk = tcp_demux_find(pn, t);
	struct tcp_bucket *b;
	struct tcp_rec *rec;

	if (!sk) {
		b = tcp_demux_bucket(pn, t->hash);
		spin_lock(&b->lock);
		rec = tcp_demux_rec(b, t);
		if (rec && rec->kind == TCP_REC_HALF)
			tcp_half_icmp(b, (struct tcp_half_rec *)rec, e, seq);
		spin_unlock(&b->lock);
		if (!rec)
			PLUMB_ICMP_INC(pn, ICMP_MIB_INERRORS);
		return;
	}
	bh_lock_sock(sk);
	tcp_err_locked(sk, skb, e, seq);
	bh_unlock_sock(sk);
	sock_put(sk);
}

void tcp_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e)
{
	struct tcp_tuple t = {
		.daddr = e->daddr,
		.saddr = e->saddr,
		.num = wire_get16(e->th),
		.dport = htons(wire_get16(e->th + 2)),
		.dev = skb->skb_iif,
	};

	t.hash = tcp_demux_hash(pn, t.saddr, t.num, t.daddr, t.dport);
	tcp_err_find(pn, skb, e, &t, wire_get32(e->th + 4));
}
