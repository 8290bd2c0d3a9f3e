// SPDX-License-Identifier: GPL-2.0
/*
 * Segments on their way out: the engine's tcp_env_emit(), and the buffers its records stand for.
 *
 * The user's octets lie in page fragments of buffers without a linear part. Unsent ones wait in
 * sk_write_queue; tcp_env_carve() hands them to the engine one by one, which keeps them by their
 * record (skb->cb) until they are acknowledged. What is sent is a clone: it shares the fragments,
 * and the headroom, into which the headers are written; while an earlier clone is still about, a
 * copy of the head is made instead.
 *
 * A buffer may hold more octets at its front than its record says: those are acknowledged, no
 * longer in the socket's account (the writer may be waiting for the room), and cut off when that
 * needs no memory, at the latest before it is sent again (tcp_emit_trim()).
 */
#include <linux/bitops.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include <plumb/drop.h>
#include <plumb/mib.h>
#include <plumb/trace.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "../wire/tcp.h"
#include "engine/env.h"

struct sk_buff *tcp_emit_alloc(gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb_fclone(TCP_HEADROOM, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(skb->cb));
	/* The head belongs to whoever writes headers: a clone may push into it. */
	__skb_header_release(skb);
	return skb;
}

/* What was to leave waits for memory; the engine tries again. */
static void *tcp_emit_no_memory(const struct sock *sk)
{
	plumb_drop(plumb_sock_net(sk), NULL, PLUMB_DROP_NO_MEMORY);
	return NULL;
}

/* Part of what @skb holds is gone: @n octets less in it, and in the socket's account. */
static void tcp_emit_uncharge(struct sock *sk, struct sk_buff *skb, u32 n)
{
	skb->truesize -= n;
	sk_wmem_queued_add(sk, -(int)n);
	sk_mem_uncharge(sk, n);
}

void tcp_emit_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -(int)skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	__kfree_skb(skb);
}

void tcp_emit_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		tcp_emit_free(sk, skb);
}

/* Cuts @n octets off the front of a buffer without a linear part that shares nothing. */
static void tcp_emit_cut(struct sk_buff *skb, u32 n)
{
	struct skb_shared_info *sh = skb_shinfo(skb);
	int i, k = 0;

	skb->len -= n;
	skb->data_len -= n;
	for (i = 0; i < sh->nr_frags; i++) {
		u32 size = skb_frag_size(&sh->frags[i]);

		if (n >= size) {
			n -= size;
			skb_frag_unref(skb, i);
			continue;
		}
		sh->frags[k] = sh->frags[i];
		if (n) {
			skb_frag_off_add(&sh->frags[k], n);
			skb_frag_size_sub(&sh->frags[k], n);
			n = 0;
		}
		k++;
	}
	sh->nr_frags = k;
}

/* A head of its own, for changing it; the octets' account stays as it is. 0 or -ENOMEM. */
static int tcp_emit_unclone(struct sk_buff *skb)
{
	unsigned int truesize = skb->truesize;
	int err = skb_unclone(skb, GFP_ATOMIC);

	skb->truesize = truesize;
	if (!err && !skb->nohdr)
		__skb_header_release(skb);
	return err;
}

/* Makes a record's buffer hold just the record's octets; the account does. 0 or -ENOMEM. */
static int tcp_emit_trim(struct tcp_seg *seg)
{
	struct sk_buff *skb = tcp_seg_skb(seg);
	u32 n = skb->len - seg->len;

	if (likely(!n))
		return 0;
	if (tcp_emit_unclone(skb))
		return -ENOMEM;
	tcp_emit_cut(skb, n);
	return 0;
}

/* The part of @skb behind its first @len octets, in a new buffer; NULL: no memory. */
static struct sk_buff *tcp_emit_split(struct sock *sk, struct sk_buff *skb, u32 len)
{
	u32 rest = skb->len - len;
	struct sk_buff *tail;

	if (tcp_emit_unclone(skb))
		return tcp_emit_no_memory(sk);
	tail = tcp_emit_alloc(GFP_ATOMIC);
	if (!tail)
		return tcp_emit_no_memory(sk);
	/* Its head is new memory; the octets are accounted already. */
	sk_wmem_queued_add(sk, tail->truesize);
	sk_mem_charge(sk, tail->truesize);
	skb_split(skb, tail, len);
	tail->truesize += rest;
	skb->truesize -= rest;
	if (unlikely(tcp_skb_seg(skb)->spare))
		tcp_stamp_move(tail, skb);
	return tail;
}

/*
 * Fills @skb up to @len octets from the front of @next, so that no short segment goes in the middle
 * of a stream. Both are unsent and share nothing. Octets move with their share of the account.
 */
static void tcp_emit_fill(struct sk_buff *skb, struct sk_buff *next, u32 len)
{
	struct skb_shared_info *to = skb_shinfo(skb), *from = skb_shinfo(next);
	u32 need = len - skb->len, moved = 0;
	int i;

	for (i = 0; i < from->nr_frags && need && to->nr_frags < MAX_SKB_FRAGS; i++) {
		skb_frag_t *f = &from->frags[i], *t = &to->frags[to->nr_frags];
		u32 n = min_t(u32, need, skb_frag_size(f));

		*t = *f;
		skb_frag_size_set(t, n);
		skb_frag_ref(next, i);
		to->nr_frags++;
		need -= n;
		moved += n;
	}
	to->flags |= from->flags & SKBFL_SHARED_FRAG;
	skb_len_add(skb, moved);
	tcp_emit_cut(next, moved);
	next->truesize -= moved;
}

/* The first unsent buffer is shorter than what may be sent: join it with those behind it. */
static void tcp_emit_join(struct sock *sk, struct sk_buff *skb, u32 max)
{
	struct sk_buff *next;

	while (skb->len < max && skb_shinfo(skb)->nr_frags < MAX_SKB_FRAGS &&
	       !tcp_skb_seg(skb)->spare) {
		u8 mark;

		next = skb_peek_next(skb, &sk->sk_write_queue);
		/* A user's pages (MSG_ZEROCOPY) are told of by their own buffer. */
		if (!next || skb_zcopy(skb) || skb_zcopy(next))
			return;
		tcp_emit_fill(skb, next, max);
		/* A PSH that text follows is the later one's (SHLD-27). */
		mark = tcp_skb_seg(next)->flags;
		tcp_skb_seg(skb)->flags = next->len ? 0 : mark;
		if (unlikely(!next->len && tcp_skb_seg(next)->spare))
			tcp_stamp_move(skb, next);
		if (next->len)
			return;
		__skb_unlink(next, &sk->sk_write_queue);
		tcp_emit_free(sk, next);
	}
}

static void tcp_emit_record(struct sk_buff *skb)
{
	u16 spare = tcp_skb_seg(skb)->spare;
	u8 flags = tcp_skb_seg(skb)->flags;

	memset(skb->cb, 0, sizeof(struct tcp_seg));
	tcp_skb_seg(skb)->len = skb->len;
	tcp_skb_seg(skb)->flags = flags;
	tcp_skb_seg(skb)->spare = spare;
}

struct tcp_seg *tcp_env_carve(struct tcp_conn *c, u32 max)
{
	struct sock *sk = tcp_conn_sk(c);
	struct sk_buff *skb, *tail;

	if (!max) {
		skb = tcp_emit_alloc(GFP_ATOMIC);
		if (!skb)
			return tcp_emit_no_memory(sk);
		sk_wmem_queued_add(sk, skb->truesize);
		sk_mem_charge(sk, skb->truesize);
		return tcp_skb_seg(skb);
	}
	skb = skb_peek(&sk->sk_write_queue);
	if (!skb)
		return NULL;
	if (skb->len < max && skb->len < c->snd.mss)
		tcp_emit_join(sk, skb, min_t(u32, max, c->snd.mss));
	if (skb->len > max) {
		tail = tcp_emit_split(sk, skb, max);
		if (!tail)
			return NULL;
		tcp_skb_seg(tail)->flags = tcp_skb_seg(skb)->flags;
		tcp_skb_seg(skb)->flags = 0;
		__skb_queue_after(&sk->sk_write_queue, skb, tail);
	}
	__skb_unlink(skb, &sk->sk_write_queue);
	tcp_emit_record(skb);
	return tcp_skb_seg(skb);
}

void tcp_env_uncarve(struct tcp_conn *c, struct tcp_seg *seg)
{
	struct sock *sk = tcp_conn_sk(c);

	if (seg->len)
		__skb_queue_head(&sk->sk_write_queue, tcp_seg_skb(seg));
	else
		tcp_emit_free(sk, tcp_seg_skb(seg));
}

u32 tcp_env_gather(struct tcp_conn *c, u32 len)
{
	struct sock *sk = tcp_conn_sk(c);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (!skb)
		return len;
	if (skb->len < len)
		tcp_emit_join(sk, skb, len);
	if (skb->len >= len)
		return len;
	/* It is full, and what is over of it can be joined. Else nothing is to come behind it. */
	if (skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS && skb->len >= c->snd.mss)
		return skb->len - skb->len % c->snd.mss;
	return skb->len;
}

u32 tcp_env_carve_hint(const struct tcp_conn *c)
{
	const struct sk_buff *skb = skb_peek(&tcp_conn_sk(c)->sk_write_queue);

	return skb ? skb->len : 0;
}

struct tcp_seg *tcp_env_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	struct sock *sk = tcp_conn_sk(c);
	struct sk_buff *skb = tcp_seg_skb(seg), *tail;

	if (tcp_emit_trim(seg))
		return tcp_emit_no_memory(sk);
	tail = tcp_emit_split(sk, skb, len);
	return tail ? tcp_skb_seg(tail) : NULL;
}

void tcp_env_trim(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	tcp_emit_uncharge(tcp_conn_sk(c), tcp_seg_skb(seg), len);
	if (!skb_cloned(tcp_seg_skb(seg)))
		tcp_emit_trim(seg);
}

void tcp_env_acked(struct tcp_conn *c, struct tcp_seg *seg)
{
	if (unlikely(seg->spare & TCP_SKB_STAMP_ACK))
		tcp_stamp_acked(tcp_conn_sk(c), tcp_seg_skb(seg));
	tcp_emit_free(tcp_conn_sk(c), tcp_seg_skb(seg));
}

bool tcp_env_in_queue(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	return skb_fclone_busy(tcp_conn_sk(c), tcp_seg_skb((struct tcp_seg *)seg));
}

/* What is to leave: a clone of the record's buffer, or a copy of its head. */
static struct sk_buff *tcp_emit_clone(struct tcp_seg *seg)
{
	struct sk_buff *skb = tcp_seg_skb(seg), *nskb;

	if (tcp_emit_trim(seg))
		return NULL;
	if (unlikely(skb_cloned(skb)))
		nskb = pskb_copy(skb, GFP_ATOMIC);
	else
		nskb = skb_clone(skb, GFP_ATOMIC);
	if (nskb)
		memset(nskb->cb, 0, sizeof(struct tcp_seg));
	return nskb;
}

static struct sk_buff *tcp_emit_control(void)
{
	struct sk_buff *skb = alloc_skb(TCP_HEADROOM, GFP_ATOMIC);

	if (skb) {
		skb_reserve(skb, TCP_HEADROOM);
		skb->ip_summed = CHECKSUM_PARTIAL;
	}
	return skb;
}

/* A SYN with text (Fast Open): a copy of the first octets that wait to be sent. */
static struct sk_buff *tcp_emit_syn_text(struct sock *sk, u32 len)
{
	struct sk_buff *skb = alloc_skb(TCP_HEADROOM + len, GFP_ATOMIC), *from;

	if (!skb)
		return NULL;
	skb_reserve(skb, TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb_queue_walk(&sk->sk_write_queue, from) {
		u32 n = min_t(u32, len - skb->len, from->len);

		if (skb_copy_bits(from, 0, skb_tail_pointer(skb), n))
			break;
		skb_put(skb, n);
		if (skb->len == len)
			return skb;
	}
	kfree_skb(skb);
	return NULL;
}

/* TCP header before the text; the checksum is left to the device, over text and header. */
static void tcp_emit_header(struct sk_buff *skb, const struct tcp_segout *out, __be32 saddr,
			    __be32 daddr, u16 sport, u16 dport)
{
	u8 *p = skb_push(skb, wire_tcp_size(out));
	struct tcphdr *th = (struct tcphdr *)p;

	skb_reset_transport_header(skb);
	wire_tcp_emit(p, out, sport, dport);
	th->check = ~csum_tcpudp_magic(saddr, daddr, skb->len, IPPROTO_TCP, 0);
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = WIRE_TCP_CSUM_AT;
}

static void tcp_emit_gso(struct sk_buff *skb, const struct tcp_segout *out)
{
	struct skb_shared_info *sh = skb_shinfo(skb);

	if (out->len <= out->mss) {
		sh->gso_size = 0;
		sh->gso_segs = 1;
		sh->gso_type = 0;
		return;
	}
	sh->gso_size = out->mss;
	sh->gso_segs = DIV_ROUND_UP(out->len, out->mss);
	sh->gso_type = SKB_GSO_TCPV4 | (out->flags & TCPF_CWR ? SKB_GSO_TCP_ECN : 0);
}

/* Until the device has sent it, the segment counts against the socket (sk_wmem_alloc). */
static void tcp_emit_own(struct sock *sk, struct sk_buff *skb)
{
	skb->sk = sk;
	skb->destructor = tcp_flow_wfree;
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
	skb_set_hash_from_sk(skb, sk);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
}

static int tcp_emit_xmit(struct sock *sk, struct sk_buff *skb, const struct tcp_segout *out)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_path *path;
	struct plumb_ip_tx tx;
	u8 optbuf[40];
	int err;

	rcu_read_lock();
	path = plumb_sock_path(sk);
	if (IS_ERR(path)) {
		err = PTR_ERR(path);
		WRITE_ONCE(sk->sk_err_soft, -err);
		kfree_skb(skb);
		goto out;
	}
	plumb_sock_tx(sk, path, &tx, optbuf);
	tx.proto = IPPROTO_TCP;
	tx.tos = (tx.tos & ~INET_ECN_MASK) | out->ecn;
	tx.id = atomic_fetch_add(max_t(int, skb_shinfo(skb)->gso_segs, 1), &ps->ip_id);
	err = plumb_ip_xmit(ps->pn, path, &tx, skb);
	if (unlikely(err == -EMSGSIZE))
		tcp_sk_of(sk)->told |= TCP_TOLD_NARROW;
out:
	rcu_read_unlock();
	return err;
}

/* A segment is counted as sent or as sent again, never as both (RFC 4022, tcpOutSegs). */
static void tcp_emit_count(const struct tcp_conn *c, const struct tcp_seg *seg,
			   const struct tcp_segout *out, u32 segs)
{
	struct plumb_net *pn = plumb_sock_net(tcp_conn_sk(c));
	bool syn_again = out->flags & TCPF_SYN && c->rtt.timeouts;

	if ((seg && seg->xmits) || syn_again)
		PLUMB_TCP_ADD(pn, TCP_MIB_RETRANSSEGS, segs);
	else
		PLUMB_TCP_ADD(pn, TCP_MIB_OUTSEGS, segs);
	if (syn_again)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPSYNRETRANS);
	if (out->flags & TCPF_RST)
		PLUMB_TCP_INC(pn, TCP_MIB_OUTRSTS);
}

int tcp_env_emit(struct tcp_conn *c, struct tcp_seg *seg, const struct tcp_segout *out)
{
	struct sock *sk = tcp_conn_sk(c);
	struct sk_buff *skb;

	if (seg && out->len)
		skb = tcp_emit_clone(seg);
	else if (likely(!out->len))
		skb = tcp_emit_control();
	else
		skb = tcp_emit_syn_text(sk, out->len);
	if (unlikely(!skb)) {
		tcp_emit_no_memory(sk);
		return -ENOMEM;
	}
	tcp_emit_gso(skb, out);
	tcp_emit_header(skb, out, sk->sk_rcv_saddr, sk->sk_daddr, sk->sk_num,
			ntohs(sk->sk_dport));
	if (static_branch_unlikely(&tcp_md5_used) && out->opt.has & TCPO_MD5)
		tcp_md5_sign(tcp_md5_find(sk, sk->sk_daddr), skb, sk->sk_rcv_saddr, sk->sk_daddr);
	tcp_emit_own(sk, skb);
	tcp_emit_count(c, seg, out, skb_shinfo(skb)->gso_segs ?: 1);
	return tcp_emit_xmit(sk, skb, out);
}

static struct sk_buff *tcp_emit_stray_skb(struct plumb_net *pn, const struct tcp_stray *to,
					  const struct tcp_segout *out, struct plumb_ip_tx *tx)
{
	struct sk_buff *skb = tcp_emit_control();
	struct tcp_segout signed_out;

	if (!skb) {
		plumb_drop(pn, NULL, PLUMB_DROP_NO_MEMORY);
		return NULL;
	}
	*tx = (struct plumb_ip_tx) {
		.proto = IPPROTO_TCP,
		.tos = (to->tos & ~INET_ECN_MASK) | out->ecn,
		.df = true,
	};
	skb->mark = to->mark;
	skb->priority = to->priority;
	if (to->md5) {
		signed_out = *out;
		signed_out.opt.has |= TCPO_MD5;
		signed_out.opt.md5 = NULL;
		out = &signed_out;
	}
	tcp_emit_header(skb, out, to->saddr, to->daddr, ntohs(to->sport), ntohs(to->dport));
	if (to->md5)
		tcp_md5_sign(to->md5, skb, to->saddr, to->daddr);
	PLUMB_TCP_INC(pn, TCP_MIB_OUTSEGS);
	if (out->flags & TCPF_RST)
		PLUMB_TCP_INC(pn, TCP_MIB_OUTRSTS);
	return skb;
}

int tcp_emit_along(struct plumb_net *pn, struct plumb_path *path, const struct tcp_stray *to,
		   const struct tcp_segout *out)
{
	struct plumb_ip_tx tx;
	struct sk_buff *skb = tcp_emit_stray_skb(pn, to, out, &tx);

	return skb ? plumb_ip_xmit(pn, path, &tx, skb) : -ENOMEM;
}

int tcp_emit_stray(struct plumb_net *pn, const struct tcp_stray *to, const struct tcp_segout *out)
{
	struct plumb_flow flow = {
		.daddr = to->daddr,
		.saddr = to->saddr,
		.oif = to->oif,
		.mark = to->mark,
		.tos = to->tos & ~INET_ECN_MASK,
		.proto = IPPROTO_TCP,
	};
	struct plumb_ip_tx tx;
	struct sk_buff *skb = tcp_emit_stray_skb(pn, to, out, &tx);

	return skb ? plumb_ip_send_to(pn, &flow, &tx, skb) : -ENOMEM;
}

void tcp_emit_answer(struct plumb_net *pn, const struct sk_buff *skb, const struct tcp_tuple *t,
		     struct tcp_stray *to, const struct tcp_segout *out)
{
	if (out->flags & TCPF_RST)
		to->tos = ip_hdr(skb)->tos;
	to->saddr = t->saddr;
	to->daddr = t->daddr;
	to->sport = htons(t->num);
	to->dport = t->dport;
	tcp_emit_stray(pn, to, out);
}
