// SPDX-License-Identifier: GPL-2.0
/*
 * The receive queue: octets in order, from the engine to the reader.
 *
 * Buffers stand in sk_receive_queue as they came, the last one grows where it can
 * (skb_try_coalesce()). Each knows where its octets stand in the stream (struct tcp_rcvq_cb),
 * counted from the socket's birth, so a buffer of which a part was a duplicate needs no cutting.
 * Guarded by the socket lock.
 */
#include <linux/net.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "sock.h"
#include "engine/env.h"

/* @skb's octets behind the last one in the queue. */
static bool tcp_rcvq_merge(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct tcp_rcvq_cb *cb;
	bool stolen;
	int delta;

	if (!tail || skb->len == 0)
		return false;
	cb = tcp_rcvq_cb(tail);
	if (cb->len != tail->len || skb->tstamp != tail->tstamp)
		return false;
	if (!skb_try_coalesce(tail, skb, &stolen, &delta))
		return false;
	cb->len = tail->len;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	kfree_skb_partial(skb, stolen);
	return true;
}

/* The buffer that holds the octet at @pos, and where; NULL: it is not here yet. */
static struct sk_buff *tcp_rcvq_at(struct sock *sk, u32 pos, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = pos - tcp_rcvq_cb(skb)->pos;
		if (*offset < tcp_rcvq_cb(skb)->len)
			return skb;
	}
	return NULL;
}

/*
 * The urgent octet, if it is among the @len octets of @skb from @skip on that are about to be
 * queued.
 */
static void tcp_rcvq_urgent(struct plumb_tcp_sock *ts, const struct sk_buff *skb, u32 skip, u32 len)
{
	u32 at = ts->urg_pos - ts->rcvq_end;

	if (at < len && !skb_copy_bits(skb, skip + at, &ts->urg_char, 1))
		ts->urg_state = TCP_URG_VALID;
}

void tcp_rcvq_mark(struct plumb_tcp_sock *ts)
{
	struct sk_buff *skb;
	u32 offset;

	ts->urg_state = TCP_URG_AWAITED;
	/* SEG.UP names the octet after it. */
	WRITE_ONCE(ts->urg_pos, ts->rcvq_end + (ts->c.rcv.up - 1 - ts->c.rcv.nxt));
	skb = tcp_rcvq_at(&ts->ps.sk, ts->urg_pos, &offset);
	if (skb && !skb_copy_bits(skb, offset, &ts->urg_char, 1))
		ts->urg_state = TCP_URG_VALID;
}

void tcp_env_deliver(struct tcp_conn *c, struct tcp_seg *seg, u32 skip)
{
	struct plumb_tcp_sock *ts = tcp_conn_sock(c);
	struct sock *sk = &ts->ps.sk;
	struct sk_buff *skb = tcp_seg_skb(seg);
	bool fresh = ts->rx == skb;
	u32 len = seg->len;

	if (fresh)
		ts->rx = NULL;
	if (unlikely(len <= skip)) {
		consume_skb(skb);
		return;
	}
	if (unlikely(skip) && skip <= skb_headlen(skb)) {
		__skb_pull(skb, skip);
		len -= skip;
		skip = 0;
	}
	len -= skip;
	if (unlikely(ts->urg_state == TCP_URG_AWAITED))
		tcp_rcvq_urgent(ts, skb, skip, len);
	if (skip || len != skb->len || !tcp_rcvq_merge(sk, skb)) {
		tcp_rcvq_cb(skb)->pos = ts->rcvq_end - skip;
		tcp_rcvq_cb(skb)->len = skip + len;
		if (fresh)
			skb_set_owner_r(skb, sk);
		__skb_queue_tail(&sk->sk_receive_queue, skb);
	}
	WRITE_ONCE(ts->rcvq_end, ts->rcvq_end + len);
}

void tcp_env_discard(struct tcp_conn *c, struct tcp_seg *seg)
{
	struct plumb_tcp_sock *ts = tcp_conn_sock(c);
	struct sk_buff *skb = tcp_seg_skb(seg);

	if (ts->rx == skb)
		ts->rx = NULL;
	kfree_skb(skb);
}

static void tcp_rcvq_eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	__kfree_skb(skb);
}

/*
 * struct tcp_read - a recvmsg() or splice() under way
 * @pos: next octet (of the stream, as rcvq_end)
 * @told: octets taken out that the engine knows of
 * @done: octets given to the reader
 */
struct tcp_read {
	struct msghdr		*msg;
	size_t			len;
	int			flags;
	u32			pos;
	u32			told;
	size_t			done;
	size_t			target;
	long			timeo;
	struct tcp_read_stamp {
		ktime_t		tstamp;
		ktime_t		hw;
		bool		has;
	} stamp;
};

/* Lets the engine know what was read; it may open the window. */
static void tcp_read_tell(struct sock *sk, struct tcp_read *r)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u32 n = ts->rcvq_read - r->told;

	if (!n)
		return;
	r->told = ts->rcvq_read;
	tcp_conn_read(&ts->c, n, tcp_now());
}

/*
 * How far the reader may go in one step: the urgent octet stops him (RFC 9293 3.8.5), and is left
 * out.
 */
static u32 tcp_read_urgent(struct sock *sk, struct tcp_read *r, u32 n)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u32 ahead = ts->urg_pos - r->pos;

	if (likely(ts->urg_state == TCP_URG_NONE) || ahead >= n)
		return n;
	return ahead || !sock_flag(sk, SOCK_URGINLINE) ? ahead : n;
}

/* Gives the reader up to @n octets of @skb at @offset. Octets or errno. */
static int tcp_read_copy(struct tcp_read *r, struct sk_buff *skb, u32 offset, u32 n)
{
	int err;

	if (r->flags & MSG_TRUNC)
		return n;
	err = skb_copy_datagram_msg(skb, offset, r->msg, n);
	return err ? -EFAULT : (int)n;
}

static void tcp_read_advance(struct sock *sk, struct tcp_read *r, u32 n)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	r->pos += n;
	if (r->flags & MSG_PEEK)
		return;
	WRITE_ONCE(ts->rcvq_read, r->pos);
	if (unlikely(ts->urg_state == TCP_URG_READ) && (s32)(r->pos - ts->urg_pos) > 0)
		ts->urg_state = TCP_URG_NONE;
}

/* Takes what one buffer holds. 1: go on; 0: stop here; or errno. */
static int tcp_read_step(struct sock *sk, struct tcp_read *r, struct sk_buff *skb, u32 offset)
{
	struct tcp_rcvq_cb *cb = tcp_rcvq_cb(skb);
	u32 n = min_t(size_t, cb->len - offset, r->len - r->done);
	u32 until = tcp_read_urgent(sk, r, n);
	int got;

	/* At the mark: stop before it, step over it the next time. */
	if (unlikely(tcp_sk_of(sk)->urg_state != TCP_URG_NONE) && r->done &&
	    tcp_sk_of(sk)->urg_pos == r->pos)
		return 0;
	if (unlikely(!until && n)) {
		tcp_read_advance(sk, r, 1);
		if (offset + 1 == cb->len && !(r->flags & MSG_PEEK))
			tcp_rcvq_eat(sk, skb);
		return 1;
	}
	got = tcp_read_copy(r, skb, offset, until);
	if (got < 0)
		return got;
	if (skb_hwtstamps(skb)->hwtstamp || skb->tstamp) {
		r->stamp.tstamp = skb->tstamp;
		r->stamp.hw = skb_hwtstamps(skb)->hwtstamp;
		r->stamp.has = true;
	}
	r->done += got;
	tcp_read_advance(sk, r, got);
	if (offset + got == cb->len && !(r->flags & MSG_PEEK))
		tcp_rcvq_eat(sk, skb);
	return 1;
}

/* The queue is empty. 1: wait; 0: return what there is (or end of file); or errno. */
static int tcp_read_empty(struct sock *sk, struct tcp_read *r)
{
	if (r->done) {
		return !(sk->sk_err || sk->sk_state == TCP_CLOSE ||
			 (sk->sk_shutdown & RCV_SHUTDOWN) || !r->timeo ||
			 signal_pending(current) ||
			 (r->flags & MSG_PEEK && !(r->flags & MSG_WAITALL)));
	}
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!r->timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(r->timeo);
	return 1;
}

static int tcp_read_wait(struct sock *sk, struct tcp_read *r)
{
	int what = tcp_read_empty(sk, r);

	if (what <= 0)
		return what;
	tcp_read_tell(sk, r);
	if (r->done >= r->target) {
		/* Only to let the backlog in. */
		release_sock(sk);
		lock_sock(sk);
		return 1;
	}
	what = sk_wait_data(sk, &r->timeo, skb_peek_tail(&sk->sk_receive_queue));
	return what < 0 ? what : 1;
}

static int tcp_read_loop(struct sock *sk, struct tcp_read *r)
{
	struct sk_buff *skb;
	u32 offset;
	int what;

	do {
		skb = tcp_rcvq_at(sk, r->pos, &offset);
		if (skb) {
			what = tcp_read_step(sk, r, skb, offset);
		} else {
			if (r->done >= r->target && !READ_ONCE(sk->sk_backlog.tail))
				break;
			what = tcp_read_wait(sk, r);
			if (!(r->flags & MSG_PEEK))
				r->pos = tcp_sk_of(sk)->rcvq_read;
		}
	} while (what > 0 && r->done < r->len);
	tcp_read_tell(sk, r);
	return r->done ? (int)r->done : what < 0 ? what : 0;
}

static int tcp_read_oob(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	if (sock_flag(sk, SOCK_URGINLINE) || ts->urg_state == TCP_URG_NONE ||
	    ts->urg_state == TCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (ts->urg_state != TCP_URG_VALID) {
		if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN))
			return 0;
		return -EAGAIN;
	}
	if (!(flags & MSG_PEEK))
		ts->urg_state = TCP_URG_READ;
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &ts->urg_char, 1))
		return -EFAULT;
	return 1;
}

static int tcp_read_locked(struct sock *sk, struct tcp_read *r)
{
	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (r->flags & MSG_OOB)
		return tcp_read_oob(sk, r->msg, r->len, r->flags);
	r->pos = tcp_sk_of(sk)->rcvq_read;
	r->told = r->pos;
	r->timeo = sock_rcvtimeo(sk, r->flags & MSG_DONTWAIT);
	r->target = sock_rcvlowat(sk, r->flags & MSG_WAITALL, r->len);
	if (!r->len)
		return 0;
	return tcp_read_loop(sk, r);
}

static void tcp_read_cmsg(struct sock *sk, struct tcp_read *r, bool inq)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	int left;

	if (r->stamp.has)
		tcp_stamp_read(sk, r->msg, r->stamp.tstamp, r->stamp.hw);
	if (inq) {
		left = tcp_rcvq_len(ts);
		if (!left && sock_flag(sk, SOCK_DONE))
			left = 1;
		put_cmsg(r->msg, SOL_TCP, TCP_CM_INQ, sizeof(left), &left);
	}
}

int tcp_rcvq_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	struct tcp_read r = { .msg = msg, .len = len, .flags = flags };
	bool inq;
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return plumb_sock_recv_err(sk, msg, len, addr_len);
	lock_sock(sk);
	ret = tcp_read_locked(sk, &r);
	inq = tcp_sk_of(sk)->inq;
	release_sock(sk);
	if (ret >= 0 && (inq || r.stamp.has))
		tcp_read_cmsg(sk, &r, inq);
	return ret;
}

/* One buffer's octets into a pipe. As tcp_read_step(). */
static int tcp_splice_step(struct sock *sk, struct tcp_read *r, struct pipe_inode_info *pipe,
			   unsigned int flags)
{
	struct sk_buff *skb;
	u32 offset, n;
	int got;

	skb = tcp_rcvq_at(sk, r->pos, &offset);
	if (!skb)
		return 0;
	n = min_t(size_t, tcp_rcvq_cb(skb)->len - offset, r->len - r->done);
	n = tcp_read_urgent(sk, r, n);
	if (!n)
		return 0;
	got = skb_splice_bits(skb, sk, offset, pipe, n, flags);
	if (got <= 0)
		return got;
	r->done += got;
	tcp_read_advance(sk, r, got);
	if (offset + got == tcp_rcvq_cb(skb)->len)
		tcp_rcvq_eat(sk, skb);
	return 1;
}

ssize_t plumb_tcp_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			      size_t len, unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct tcp_read r = { .len = min_t(size_t, len, INT_MAX) };
	int what;

	if (*ppos)
		return -ESPIPE;
	lock_sock(sk);
	r.pos = tcp_sk_of(sk)->rcvq_read;
	r.told = r.pos;
	r.timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK || flags & SPLICE_F_NONBLOCK);
	r.target = 1;
	if (sk->sk_state == TCP_LISTEN) {
		release_sock(sk);
		return -ENOTCONN;
	}
	do {
		what = tcp_splice_step(sk, &r, pipe, flags);
		if (!what && !r.done && !tcp_rcvq_len(tcp_sk_of(sk)))
			what = tcp_read_wait(sk, &r);
	} while (what > 0 && r.done < r.len);
	tcp_read_tell(sk, &r);
	release_sock(sk);
	return r.done ?: what;
}

int plumb_tcp_peek_len(struct socket *sock)
{
	return tcp_rcvq_len(tcp_sk_of(sock->sk));
}

int plumb_tcp_set_rcvlowat(struct sock *sk, int val)
{
	int cap;

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		cap = sk->sk_rcvbuf >> 1;
	else
		cap = READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_rmem[2]) >> 1;
	val = min(val, cap);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	if (tcp_rcvq_len(tcp_sk_of(sk)) >= (u32)sk->sk_rcvlowat)
		sk->sk_data_ready(sk);
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && val << 1 > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, val << 1);
	return 0;
}
