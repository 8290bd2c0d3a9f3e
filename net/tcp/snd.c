// SPDX-License-Identifier: GPL-2.0
/*
 * The send queue: octets from the writer to the engine.
 *
 * They are copied once, from the user's pages into page fragments, appended to the last unsent
 * buffer until it is as large as one segmentation offload takes; or, spliced, their pages are taken
 * as they are. The engine is told how many were written and takes them from the front
 * (tcp_env_carve()). Guarded by the socket lock.
 */
#include <linux/net.h>
#include <linux/uio.h>

#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "engine/env.h"

/*
 * struct tcp_write - a sendmsg() under way
 * @fresh: octets appended that the engine does not know of
 * @goal: octets that a buffer is filled up to: whole segments
 * @uarg: MSG_ZEROCOPY: who is told when the pages are free again; or NULL
 * @cookie: what ancillary data and the socket say of timestamps
 */
struct tcp_write {
	struct msghdr	*msg;
	int		flags;
	long		timeo;
	u32		fresh;
	u32		goal;
	size_t		done;
	struct ubuf_info *uarg;
	struct sockcm_cookie cookie;
};

static u32 tcp_snd_goal(const struct sock *sk)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	u32 mss = max_t(u32, c->snd.mss, 64), half = c->snd.max_wnd / 2;
	u32 most = c->snd.mss ? tcp_tso_most(c) : mss;

	/*
	 * No more than half the peer's window in one piece, or it would wait for all of it (RFC
	 * 9293 3.8.6.2.1).
	 */
	if (unlikely(half && half < most))
		return max(half - half % mss, mss);
	return max_t(u32, most, mss);
}

void tcp_snd_wrote(struct sock *sk, u32 len, bool push, bool urgent)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);

	if (tcp_conn_wrote(&tcp_sk_of(sk)->c, len, push, urgent) && tail)
		tcp_skb_seg(tail)->flags = TCPF_PSH;
}

/* The last unsent buffer, if it can take more. */
static struct sk_buff *tcp_snd_tail(struct sock *sk, const struct tcp_write *w)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	return skb && skb->len < w->goal && !skb_cloned(skb) && !tcp_skb_seg(skb)->spare ? skb
											 : NULL;
}

/*
 * net.plumb.tcp_autocorking: a buffer that more may come into waits while the device is busy with
 * what this connection gave it, and goes when that is sent (flow.c). Something is in flight then,
 * so a lone write leaves at once; urgent text does at any rate.
 */
static bool tcp_snd_autocork(struct sock *sk, const struct tcp_write *w)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct sk_buff *tail;

	if (!tcp_sk_of(sk)->c.rtx.packets || w->flags & MSG_OOB ||
	    !READ_ONCE(pn->sysctl.tcp_autocorking))
		return false;
	tail = tcp_snd_tail(sk, w);
	return tail && tcp_flow_busy(sk, tail->truesize);
}

/* Tells the engine of what was appended, and lets it send. */
static void tcp_snd_push(struct sock *sk, struct tcp_write *w, bool more)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	bool cork = c->user.cork;

	if (w->fresh || !more)
		tcp_snd_wrote(sk, w->fresh, !more, w->flags & MSG_OOB && !more);
	w->fresh = 0;
	if (tcp_snd_autocork(sk, w))
		return;
	/* More is announced: a small segment waits for it, this once. */
	if (more)
		c->user.cork = true;
	/* What leaves at once arrives at once, where the other end is on this host: one wake-up. */
	local_bh_disable();
	tcp_conn_flush(c, tcp_now());
	local_bh_enable();
	c->user.cork = cork;
}

/* MSG_EOR: what follows goes in segments of its own. */
static void tcp_snd_end_record(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb)
		tcp_skb_seg(skb)->spare |= TCP_SKB_EOR;
}

static struct sk_buff *tcp_snd_new(struct sock *sk)
{
	struct sk_buff *skb = tcp_emit_alloc(sk->sk_allocation);

	if (!skb) {
		sk->sk_prot->enter_memory_pressure(sk);
		sk_stream_moderate_sndbuf(sk);
		return NULL;
	}
	if (tcp_mem_grant(sk, skb->truesize) < skb->truesize) {
		__kfree_skb(skb);
		return NULL;
	}
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	__skb_queue_tail(&sk->sk_write_queue, skb);
	return skb;
}

/*
 * Appends up to @n of the user's octets to @skb. Octets; 0: it is full; -ENOMEM: wait for memory;
 * errno.
 */
static int tcp_snd_copy(struct sock *sk, struct tcp_write *w, struct sk_buff *skb, u32 n)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge = true;

	if (!tcp_page_refill(sk, pfrag))
		return -ENOMEM;
	if (!skb_can_coalesce(skb, i, pfrag->page, pfrag->offset)) {
		if (i >= MAX_SKB_FRAGS)
			return 0;
		merge = false;
	}
	n = tcp_mem_grant(sk, min_t(u32, n, pfrag->size - pfrag->offset));
	if (!n)
		return -ENOMEM;
	err = skb_copy_to_page_nocache(sk, &w->msg->msg_iter, skb, pfrag->page, pfrag->offset, n);
	if (err)
		return err == -ENOMEM ? -EFAULT : err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, n);
		page_ref_inc(pfrag->page);
	}
	pfrag->offset += n;
	return n;
}

/* The same for pages that are given (sendfile, splice): they are not copied. */
static int tcp_snd_splice(struct sock *sk, struct tcp_write *w, struct sk_buff *skb, u32 n)
{
	int got;

	if (skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS)
		return 0;
	n = tcp_mem_grant(sk, n);
	if (!n)
		return -ENOMEM;
	got = skb_splice_from_iter(skb, &w->msg->msg_iter, n, sk->sk_allocation);
	if (got < 0)
		return got == -EMSGSIZE ? 0 : got;
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, got);
	sk_mem_charge(sk, got);
	return got;
}

/* The same for the user's own pages (MSG_ZEROCOPY). */
static int tcp_snd_pin(struct sock *sk, struct tcp_write *w, struct sk_buff *skb, u32 n)
{
	int got;

	n = tcp_mem_grant(sk, n);
	if (!n)
		return -ENOMEM;
	got = skb_zerocopy_iter_stream(sk, skb, w->msg, n, w->uarg);
	/* It is full, or of another call whose pages are told of apart. */
	return got == -EMSGSIZE || got == -EEXIST ? 0 : got;
}

/* A buffer that nothing came into is not to be found by the engine. */
static void tcp_snd_drop_empty(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && !skb->len) {
		__skb_unlink(skb, &sk->sk_write_queue);
		tcp_emit_free(sk, skb);
	}
}

/* Waits until there is room in the send buffer. */
static int tcp_snd_wait(struct sock *sk, struct tcp_write *w)
{
	int err;

	tcp_snd_drop_empty(sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	if (w->done)
		tcp_snd_push(sk, w, false);
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, true);
	err = sk_stream_wait_memory(sk, &w->timeo);
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, false);
	tcp_route_check(sk);
	w->goal = tcp_snd_goal(sk);
	return err;
}

/* Appends to one buffer. Octets, or errno. */
static int tcp_snd_step(struct sock *sk, struct tcp_write *w)
{
	struct sk_buff *skb = tcp_snd_tail(sk, w);
	u32 room;
	int got;

again:
	if (!skb) {
		if (!sk_stream_memory_free(sk))
			return -ENOBUFS;
		skb = tcp_snd_new(sk);
		if (!skb)
			return -ENOBUFS;
	}
	room = min_t(size_t, w->goal - skb->len, msg_data_left(w->msg));
	if (w->flags & MSG_SPLICE_PAGES)
		got = tcp_snd_splice(sk, w, skb, room);
	else if (unlikely(w->uarg))
		got = tcp_snd_pin(sk, w, skb, room);
	else
		got = tcp_snd_copy(sk, w, skb, room);
	if (!got) {
		/* It can take no more, though it is short: what is in it waits for nothing. */
		if (skb->len)
			tcp_skb_seg(skb)->flags = TCPF_PSH;
		skb = NULL;
		goto again;
	}
	/* What it was pushed for has become longer. */
	tcp_skb_seg(skb)->flags = 0;
	return got == -ENOMEM ? -ENOBUFS : got;
}

static bool tcp_snd_over(const struct sock *sk)
{
	return sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN);
}

#define TCP_SND_LARGE	24576U	/* octets of a piece of which two go together */

/*
 * Is enough ready to let it go while the rest of a write is copied? Two whole pieces, if another is
 * to come: one alone would have a reader on this host run for it, and come back for the rest. Where
 * the peer's window or the send buffer is small, one.
 */
static bool tcp_snd_ripe(const struct sock *sk, const struct tcp_write *w)
{
	const struct sk_buff *tail = skb_peek_tail(&sk->sk_write_queue);
	size_t left = msg_data_left(w->msg);

	if (!left || !tail || tail->len < w->goal)
		return false;
	if (unlikely(w->goal < TCP_SND_LARGE || (u32)READ_ONCE(sk->sk_sndbuf) < 2 * w->goal))
		return true;
	return w->fresh > w->goal && left >= w->goal;
}

static int tcp_snd_loop(struct sock *sk, struct tcp_write *w)
{
	int got;

	while (msg_data_left(w->msg)) {
		if (unlikely(tcp_snd_over(sk)))
			return -EPIPE;
		got = tcp_snd_step(sk, w);
		if (got == -ENOBUFS) {
			got = tcp_snd_wait(sk, w);
			if (got)
				return got;
			continue;
		}
		if (got < 0)
			return got;
		w->done += got;
		w->fresh += got;
		if (tcp_snd_ripe(sk, w))
			tcp_snd_push(sk, w, true);
	}
	return 0;
}

/* What a writer is told who got rid of nothing: SIGPIPE, or the error. */
static int tcp_snd_error(struct sock *sk, struct tcp_write *w, int err)
{
	err = sk_stream_error(sk, w->flags, err);
	/* Nothing is in flight that could make room: the edge must come from here. */
	if (err == -EAGAIN && skb_queue_empty(&sk->sk_write_queue) &&
	    !tcp_conn_unacked(&tcp_sk_of(sk)->c))
		sk->sk_write_space(sk);
	return err;
}

/* Queues text for a SYN (tcp_open_text_t). */
static int tcp_snd_syn_text(struct sock *sk, u32 room, void *arg)
{
	struct tcp_write *w = arg;
	struct ubuf_info *uarg = w->uarg;
	int got = 0;

	w->goal = room;
	/* A SYN's text is copied at any rate. */
	if (unlikely(uarg))
		uarg_to_msgzc(uarg)->zerocopy = 0;
	w->uarg = NULL;
	while (w->msg && w->done < room && msg_data_left(w->msg)) {
		got = tcp_snd_step(sk, w);
		if (got < 0)
			break;
		w->done += got;
	}
	w->uarg = uarg;
	tcp_snd_drop_empty(sk);
	if (!w->done && got < 0 && got != -ENOBUFS)
		return got;
	return w->done;
}

/*
 * connect() and write in one (RFC 7413): MSG_FASTOPEN, or the first write to a socket whose SYN
 * waited for it. 0: the connection stands; -EINPROGRESS: it does not yet, w->done octets went with
 * the SYN; or errno.
 */
static int tcp_snd_fast(struct sock *sk, struct tcp_write *w)
{
	struct sockaddr any = { .sa_family = AF_INET }, *to = w->msg ? w->msg->msg_name : NULL;
	int len = to ? w->msg->msg_namelen : 0, err;
	struct socket *sock = sk->sk_socket;

	if (!(READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_fastopen) & TCP_FASTCTL_CLIENT) ||
	    (len >= (int)sizeof(to->sa_family) && to->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (sock->state == SS_CONNECTED ||
	    (sock->state == SS_UNCONNECTED && sk->sk_state != TCP_CLOSE))
		return -EISCONN;
	err = -EALREADY;
	if (sock->state == SS_UNCONNECTED || tcp_sk_of(sk)->fast_wait) {
		err = tcp_open_fast(sk, to, len, tcp_snd_syn_text, w);
		sock->state = err ? SS_UNCONNECTED : SS_CONNECTING;
		if (err)
			return err;
		err = -EINPROGRESS;
	}
	if (!w->timeo && (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return err;
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, w->msg && msg_data_left(w->msg));
	release_sock(sk);
	/* Under way already: it is only waited for, whatever the address. */
	err = sock->ops->connect(sock, &any, sizeof(any), 0);
	lock_sock(sk);
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, false);
	return err == -EALREADY ? -EINPROGRESS : err;
}

static int tcp_snd_ready(struct sock *sk, struct tcp_write *w)
{
	int err;

	if (likely((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
		   !(w->flags & MSG_FASTOPEN)))
		return 0;
	if (w->flags & MSG_FASTOPEN || tcp_sk_of(sk)->fast_wait) {
		err = tcp_snd_fast(sk, w);
		if (err || (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
			return err;
	}
	if (sk->sk_state == TCP_SYN_RECV && tcp_sk_of(sk)->fast_lsk)
		return 0;
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, w->timeo);
	err = sk_stream_wait_connect(sk, &w->timeo);
	tcp_conn_writer_waits(&tcp_sk_of(sk)->c, false);
	return err;
}

/* MSG_ZEROCOPY: who is to be told. 0 or errno. */
static int tcp_snd_pins(struct sock *sk, struct tcp_write *w)
{
	struct sk_buff *tail;

	if (likely(!(w->flags & MSG_ZEROCOPY)) || !sock_flag(sk, SOCK_ZEROCOPY) ||
	    !msg_data_left(w->msg))
		return 0;
	tail = skb_peek_tail(&sk->sk_write_queue);
	w->uarg = msg_zerocopy_realloc(sk, msg_data_left(w->msg), tail ? skb_zcopy(tail) : NULL);
	return w->uarg ? 0 : -ENOBUFS;
}

/* The pages are told of when all that was taken of them is free; if none was, never. */
static void tcp_snd_unpin(struct tcp_write *w)
{
	if (likely(!w->uarg))
		return;
	if (w->done)
		net_zcopy_put(w->uarg);
	else
		net_zcopy_put_abort(w->uarg, true);
}

static void tcp_snd_end(struct sock *sk, struct tcp_write *w)
{
	if (unlikely(w->cookie.tsflags) && w->done)
		tcp_stamp_write(sk, w->cookie.tsflags);
	tcp_snd_unpin(w);
}

static int tcp_snd_locked(struct sock *sk, struct tcp_write *w)
{
	int err;

	w->timeo = sock_sndtimeo(sk, w->flags & MSG_DONTWAIT);
	err = tcp_snd_pins(sk, w);
	if (unlikely(err))
		return err;
	err = tcp_snd_ready(sk, w);
	if (unlikely(err)) {
		tcp_snd_unpin(w);
		return err == -EINPROGRESS && w->done ? (int)w->done : tcp_snd_error(sk, w, err);
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	if (unlikely(READ_ONCE(sk->sk_max_pacing_rate) != tcp_sk_of(sk)->c.user.max_pacing_rate))
		tcp_timer_pacing(sk);
	w->cookie.tsflags = READ_ONCE(sk->sk_tsflags);
	if (unlikely(w->msg->msg_controllen)) {
		err = sock_cmsg_send(sk, w->msg, &w->cookie);
		if (err) {
			tcp_snd_unpin(w);
			return err;
		}
	}
	tcp_route_check(sk);
	w->goal = tcp_snd_goal(sk);
	err = tcp_snd_loop(sk, w);
	tcp_snd_drop_empty(sk);
	tcp_snd_end(sk, w);
	if (w->done) {
		if (unlikely(w->flags & MSG_EOR) && !err)
			tcp_snd_end_record(sk);
		if (w->fresh)
			tcp_snd_push(sk, w, w->flags & MSG_MORE);
		return w->done;
	}
	return err ? tcp_snd_error(sk, w, err) : 0;
}

int tcp_snd_msg(struct sock *sk, struct msghdr *msg, size_t size)
{
	struct tcp_write w = { .msg = msg, .flags = msg->msg_flags };
	int ret;

	lock_sock(sk);
	ret = tcp_snd_locked(sk, &w);
	release_sock(sk);
	return ret;
}

/* A page by reference behind what is queued. Octets or errno. */
static int tcp_snd_page_step(struct sock *sk, struct tcp_write *w, struct page *page, int offset,
			     u32 size)
{
	struct sk_buff *skb = tcp_snd_tail(sk, w);
	int i = skb ? skb_shinfo(skb)->nr_frags : 0;
	bool merge = skb && skb_can_coalesce(skb, i, page, offset);

	if (!skb || (!merge && i >= MAX_SKB_FRAGS)) {
		if (!sk_stream_memory_free(sk))
			return -ENOBUFS;
		skb = tcp_snd_new(sk);
		if (!skb)
			return -ENOBUFS;
		i = 0;
		merge = false;
	}
	size = tcp_mem_grant(sk, min_t(u32, size, w->goal - skb->len));
	if (!size)
		return -ENOBUFS;
	tcp_skb_seg(skb)->flags = 0;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], size);
	} else {
		get_page(page);
		skb_fill_page_desc(skb, i, page, offset, size);
	}
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	skb_len_add(skb, size);
	sk_wmem_queued_add(sk, size);
	sk_mem_charge(sk, size);
	return size;
}

static int tcp_snd_page_locked(struct sock *sk, struct tcp_write *w, struct page *page,
			       int offset, size_t size)
{
	int err, got;

	w->timeo = sock_sndtimeo(sk, w->flags & MSG_DONTWAIT);
	err = tcp_snd_ready(sk, w);
	tcp_route_check(sk);
	w->goal = tcp_snd_goal(sk);
	while (!err && w->done < size) {
		if (tcp_snd_over(sk)) {
			err = -EPIPE;
			break;
		}
		got = tcp_snd_page_step(sk, w, page, offset + w->done, size - w->done);
		if (got == -ENOBUFS) {
			err = tcp_snd_wait(sk, w);
			continue;
		}
		w->done += got;
		w->fresh += got;
	}
	tcp_snd_drop_empty(sk);
	if (!w->done)
		return tcp_snd_error(sk, w, err);
	if (w->fresh)
		tcp_snd_push(sk, w, w->flags & (MSG_MORE | MSG_SENDPAGE_NOTLAST));
	return w->done;
}

int plumb_tcp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags)
{
	struct tcp_write w = { .flags = flags };
	int ret;

	lock_sock(sk);
	ret = tcp_snd_page_locked(sk, &w, page, offset, size);
	release_sock(sk);
	return ret;
}

/* sendfile(2) came to the end of its file: what MSG_MORE held back goes now. */
void plumb_tcp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	tcp_conn_flush(&tcp_sk_of(sk)->c, tcp_now());
	release_sock(sk);
}
