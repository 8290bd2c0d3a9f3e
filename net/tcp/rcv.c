// SPDX-License-Identifier: GPL-2.0
/*
 * Segments on their way in: from IPv4 to the connection they belong to.
 *
 * Checked, parsed once into a struct tcp_segin, found by demux.c, given to the engine under the
 * socket's lock; or, while a user owns the lock, put on the backlog, which he works off when he
 * lets go. What was merged on the way (GRO) stays one segment. The engine answers after the
 * segment, in one pass, with everything it owes.
 */
#include <linux/filter.h>
#include <linux/ip.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../wire/tcp.h"
#include "engine/env.h"

static void tcp_rcv_bad(struct plumb_net *pn, struct sk_buff *skb, enum plumb_drop_reason why)
{
	if (why == PLUMB_DROP_TCP_CHECKSUM)
		PLUMB_TCP_INC(pn, TCP_MIB_CSUMERRORS);
	PLUMB_TCP_INC(pn, TCP_MIB_INERRS);
	plumb_drop(pn, skb, why);
}

/* Reads the header at skb->data, which is checked already. */
static void tcp_rcv_parse(struct sk_buff *skb, struct tcp_segin *in)
{
	const struct skb_shared_info *sh = skb_shinfo(skb);

	wire_tcp_parse(skb->data, skb->len, in);
	in->ecn = ip_hdr(skb)->tos & INET_ECN_MASK;
	in->n_segs = max_t(u16, 1, sh->gso_segs);
	/* A tun device or a hypervisor says only how long each of them is. */
	if (unlikely(sh->gso_size && !sh->gso_segs))
		in->n_segs = max_t(u32, 1, DIV_ROUND_UP(in->len, sh->gso_size));
}

/* Header and checksum; false: @skb was dropped. */
static bool tcp_rcv_check(struct plumb_net *pn, struct sk_buff *skb)
{
	unsigned int hlen = wire_tcp_hlen(skb->data);

	if (unlikely(!hlen || !pskb_may_pull(skb, hlen))) {
		tcp_rcv_bad(pn, skb, PLUMB_DROP_TCP_BAD);
		return false;
	}
	if (unlikely(skb_checksum_init(skb, IPPROTO_TCP, inet_compute_pseudo) ||
		     skb_checksum_complete(skb))) {
		tcp_rcv_bad(pn, skb, PLUMB_DROP_TCP_CHECKSUM);
		return false;
	}
	return true;
}

static void tcp_rcv_tuple(struct plumb_net *pn, const struct sk_buff *skb, struct tcp_tuple *t)
{
	const struct tcphdr *th = (const struct tcphdr *)skb->data;
	const struct iphdr *ip = ip_hdr(skb);

	t->daddr = ip->saddr;
	t->saddr = ip->daddr;
	t->dport = th->source;
	t->num = ntohs(th->dest);
	t->dev = skb->skb_iif;
	t->hash = tcp_demux_hash(pn, t->saddr, t->num, t->daddr, t->dport);
}

static const u8 tcp_rcv_reason[] = {
	[TCP_ARR_OLD]		= PLUMB_DROP_TCP_OLD,
	[TCP_ARR_WINDOW]	= PLUMB_DROP_TCP_WINDOW,
	[TCP_ARR_PAWS]		= PLUMB_DROP_TCP_PAWS,
	[TCP_ARR_ACK]		= PLUMB_DROP_TCP_ACK,
	[TCP_ARR_FLAGS]		= PLUMB_DROP_TCP_FLAGS,
	[TCP_ARR_RESET]		= PLUMB_DROP_TCP_RESET,
	[TCP_ARR_CLOSED]	= PLUMB_DROP_TCP_CLOSED,
	[TCP_ARR_OOO_LIMIT]	= PLUMB_DROP_TCP_OOO_LIMIT,
};

/* No memory for the text: the rest of the segment still counts. */
static bool tcp_rcv_admit(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in)
{
	if (likely(tcp_mem_admit(sk, skb, in->seq)))
		return true;
	PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_TCPRCVQDROP);
	in->len = 0;
	in->flags &= ~TCPF_FIN;
	return false;
}

void tcp_rcv_segment(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in, u64 now)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_seg *seg = NULL;
	enum tcp_arrival what;
	bool lost = false;

	__skb_pull(skb, skb->len - in->len);
	skb->dev = NULL;
	if (in->len || (in->flags & TCPF_FIN)) {
		tcp_mem_measure(sk, skb);
		lost = !tcp_rcv_admit(sk, skb, in);
		if (!lost) {
			seg = tcp_skb_seg(skb);
			ts->rx = skb;
		}
	}
	what = tcp_conn_arrives(&ts->c, in, seg, now);
	if (unlikely(lost))
		tcp_conn_text_lost(&ts->c);
	if (what == TCP_ARR_TAKEN) {
		/* Not delivered: it waits out of order, and counts there. */
		if (ts->rx)
			skb_set_owner_r(skb, sk);
	} else if (what == TCP_ARR_SPENT) {
		consume_skb(skb);
	} else {
		plumb_drop(pn, skb, tcp_rcv_reason[what]);
	}
	ts->rx = NULL;
}

/* May this socket have it at all? */
static bool tcp_rcv_allowed(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in,
			    enum plumb_drop_reason *why)
{
	struct plumb_sock *ps = plumb_sk(sk);
	unsigned int hlen = skb->len - in->len;

	*why = PLUMB_DROP_SOCKET_FILTER;
	if (unlikely(ps->min_ttl && ip_hdr(skb)->ttl < READ_ONCE(ps->min_ttl))) {
		PLUMB_LINUX_INC(ps->pn, LINUX_MIB_TCPMINTTLDROP);
		return false;
	}
	if (!tcp_md5_pass(ps->pn, sk, skb, in)) {
		*why = PLUMB_DROP_TCP_MD5;
		return false;
	}
	if (sk_filter_trim_cap(sk, skb, hlen))
		return false;
	in->len = skb->len - hlen;
	return true;
}

static bool tcp_rcv_queue(struct sock *sk, struct sk_buff *skb)
{
	u32 limit = (u32)READ_ONCE(sk->sk_rcvbuf) * 2U + (u32)READ_ONCE(sk->sk_sndbuf) / 2 + 65536;

	return !sk_add_backlog(sk, skb, limit);
}

/* Under bh_lock_sock(). False: it is closed (and forgotten) meanwhile. */
static bool tcp_rcv_locked(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in, u64 now)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	if (unlikely(sock_owned_by_user(sk))) {
		if (tcp_rcv_queue(sk, skb))
			return true;
		PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_TCPBACKLOGDROP);
		plumb_drop(plumb_sock_net(sk), skb, PLUMB_DROP_SOCKET_BACKLOG);
		return true;
	}
	if (unlikely(sk->sk_state == TCP_CLOSE))
		return false;
	tcp_rcv_segment(sk, skb, in, now);
	tcp_conn_flush(&ts->c, now);
	tcp_settle(sk);
	return true;
}

/* True: @skb was taken over. @sk's reference is given back. */
static bool tcp_rcv_sock(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in, u64 now)
{
	enum plumb_drop_reason why;
	bool done = true;

	if (unlikely(!tcp_rcv_allowed(sk, skb, in, &why))) {
		plumb_drop(plumb_sock_net(sk), skb, why);
	} else {
		bh_lock_sock_nested(sk);
		done = tcp_rcv_locked(sk, skb, in, now);
		bh_unlock_sock(sk);
	}
	sock_put(sk);
	return done;
}

static void tcp_rcv_closed(struct plumb_net *pn, struct sk_buff *skb, const struct tcp_tuple *t,
			   const struct tcp_segin *in)
{
	struct tcp_stray to = {};
	struct tcp_segout out;

	/* Nobody here has a key, and an unsigned RST would be of no use. */
	if (!(in->opt.has & TCPO_MD5) && tcp_closed_arrives(in, &out))
		tcp_emit_answer(pn, skb, t, &to, &out);
	plumb_drop(pn, skb, PLUMB_DROP_NO_SOCKET);
}

static void tcp_rcv_record(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_rec *rec,
			   struct sk_buff *skb, const struct tcp_tuple *t, struct tcp_segin *in,
			   u64 now) __releases(&b->lock)
{
	if (rec->kind == TCP_REC_HALF)
		tcp_half_segment(pn, b, (struct tcp_half_rec *)rec, skb, t, in, now);
	else
		tcp_tw_segment(pn, b, (struct tcp_tw_rec *)rec, skb, t, in, now);
}

/*
 * No socket was found without the lock: a record, a socket that took a record's place meanwhile, a
 * listener, or nobody. Returns that socket, if the segment is still to be given to it.
 */
static struct sock *tcp_rcv_other(struct plumb_net *pn, struct sk_buff *skb,
				  const struct tcp_tuple *t, struct tcp_segin *in, u64 now)
{
	struct tcp_bucket *b = tcp_demux_bucket(pn, t->hash);
	enum plumb_drop_reason why;
	struct tcp_rec *rec;
	struct sock *sk;

	spin_lock(&b->lock);
	rec = tcp_demux_rec(b, t);
	if (rec) {
		tcp_rcv_record(pn, b, rec, skb, t, in, now);
		return NULL;
	}
	sk = tcp_demux_find_locked(b, t);
	spin_unlock(&b->lock);
	if (sk)
		return sk;
	sk = tcp_demux_listener(pn, skb, t);
	if (!sk)
		tcp_rcv_closed(pn, skb, t, in);
	else if (tcp_rcv_allowed(sk, skb, in, &why))
		tcp_half_listen(pn, sk, skb, t, in, 0, now);
	else
		plumb_drop(pn, skb, why);
	return NULL;
}

/* Bottom halves are off. */
static void tcp_rcv_find(struct plumb_net *pn, struct sk_buff *skb, struct tcp_segin *in)
{
	u64 now = tcp_now();
	struct tcp_tuple t;
	struct sock *sk;

	/* It came with its socket: it was found when its address had to be told from Linux's. */
	sk = skb->sk;
	if (unlikely(sk)) {
		skb->sk = NULL;
		skb->destructor = NULL;
		if (tcp_rcv_sock(sk, skb, in, now))
			return;
	}
	tcp_rcv_tuple(pn, skb, &t);
	do {
		sk = tcp_demux_find(pn, &t);
		if (unlikely(!sk))
			sk = tcp_rcv_other(pn, skb, &t, in, now);
	} while (sk && !tcp_rcv_sock(sk, skb, in, now));
}

static void tcp_rcv(struct plumb_net *pn, struct sk_buff *skb)
{
	struct tcp_segin in;

	if (PLUMB_IP_CB(skb)->type != RTN_LOCAL || skb->pkt_type != PACKET_HOST) {
		plumb_drop(pn, skb, PLUMB_DROP_NO_SOCKET);
		return;
	}
	PLUMB_TCP_INC(pn, TCP_MIB_INSEGS);
	if (!tcp_rcv_check(pn, skb))
		return;
	tcp_rcv_parse(skb, &in);
	tcp_rcv_find(pn, skb, &in);
}

/*
 * The owner of the lock works off what came meanwhile; the answer leaves when he is through with
 * all of it.
 */
int tcp_rcv_backlog(struct sock *sk, struct sk_buff *skb)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct tcp_segin in;

	tcp_rcv_parse(skb, &in);
	if (unlikely(sk->sk_state == TCP_CLOSE)) {
		/* What it is for now may stand elsewhere in the table: a TIME-WAIT record. */
		local_bh_disable();
		rcu_read_lock();
		tcp_rcv_find(plumb_sock_net(sk), skb, &in);
		rcu_read_unlock();
		local_bh_enable();
		return 0;
	}
	tcp_rcv_segment(sk, skb, &in, tcp_now());
	set_bit(TCP_OWED_FLUSH, &ts->owed);
	if (unlikely(ts->told & (TCP_TOLD_ERROR | TCP_TOLD_TIME_WAIT)))
		tcp_settle(sk);
	return 0;
}

const struct plumb_ip_proto tcp_ip_proto = {
	.name = "TCP",
	.min_hlen = WIRE_TCP_HLEN,
	.rcv = tcp_rcv,
	.err = tcp_err,
	.claim = tcp_claim,
};
