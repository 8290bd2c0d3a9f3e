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

/* bh_lock_sock() held, no owner. */
static void tcp_err_sock(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			 u32 seq)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	/*
	 * Fast Open: who has accepted it has a connection; as long as nobody has, it is an attempt.
	 */
	bool fatal = tcp_sk_of(sk)->fast_lsk ? !sk->sk_socket : e->fatal;
	u64 now = tcp_now();
	struct plumb_path *path;
	u16 mss = 0;

	if (e->mtu) {
		path = plumb_sock_path(sk);
		if (!IS_ERR(path))
			mss = tcp_open_mss(sk, path);
	}
	if (!tcp_conn_icmp(c, seq, e->err, fatal, mss, now))
		return;
	tcp_conn_flush(c, now);
	plumb_sock_err_queue(sk, skb, e, sk->sk_dport, e->th + min(e->thlen, 20U));
	if (plumb_sock_test(sk, PLUMB_SF_RECVERR) && !e->mtu && sk->sk_state != TCP_CLOSE) {
		WRITE_ONCE(sk->sk_err, e->err);
		sk_error_report(sk);
	}
	tcp_settle(sk);
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
	if (!sock_owned_by_user(sk)) {
		if (sk->sk_state != TCP_CLOSE)
			tcp_err_sock(sk, skb, e, seq);
	} else if (e->mtu) {
		set_bit(TCP_OWED_PATH, &tcp_sk_of(sk)->owed);
	} else {
		PLUMB_LINUX_INC(pn, LINUX_MIB_LOCKDROPPEDICMPS);
	}
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
