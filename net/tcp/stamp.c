// SPDX-License-Identifier: GPL-2.0
/*
 * When octets went and came, for the user (SO_TIMESTAMPING, SO_TIMESTAMP), and SO_ZEROCOPY.
 *
 * On the way out the last octet of each sendmsg() may be followed: into the queue of the device,
 * out of it, and until it is acknowledged. Its buffer is marked; what is behind it goes in a buffer
 * of its own, so the marked octet stays the last one however the buffer is split. Its number is its
 * sequence number; the reader of the error queue gets it counted from sk_tskey.
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/socket.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"

void tcp_stamp_write(struct sock *sk, u32 flags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct skb_shared_info *sh;

	if (!(flags & SOF_TIMESTAMPING_TX_RECORD_MASK) || !skb)
		return;
	sh = skb_shinfo(skb);
	__sock_tx_timestamp(flags, &sh->tx_flags);
	tcp_skb_seg(skb)->spare |= TCP_SKB_STAMP;
	if (flags & SOF_TIMESTAMPING_TX_ACK)
		tcp_skb_seg(skb)->spare |= TCP_SKB_STAMP_ACK;
	/* The engine has not been told of all that is queued. */
	sh->tskey = c->snd.nxt - 1;
	skb_queue_walk(&sk->sk_write_queue, skb)
		sh->tskey += skb->len;
}

void tcp_stamp_move(struct sk_buff *to, struct sk_buff *from)
{
	struct skb_shared_info *a = skb_shinfo(to), *b = skb_shinfo(from);

	tcp_skb_seg(to)->spare = tcp_skb_seg(from)->spare;
	tcp_skb_seg(from)->spare = 0;
	a->tx_flags |= b->tx_flags & SKBTX_ANY_TSTAMP;
	b->tx_flags &= ~SKBTX_ANY_TSTAMP;
	swap(a->tskey, b->tskey);
}

void tcp_stamp_acked(struct sock *sk, struct sk_buff *skb)
{
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
}

/* SO_TIMESTAMP and SO_TIMESTAMPNS, in the layout that the program knows. */
static void tcp_stamp_read_time(struct sock *sk, struct msghdr *msg, const struct timespec64 *ts)
{
	bool wide = sock_flag(sk, SOCK_TSTAMP_NEW);

	if (sock_flag(sk, SOCK_RCVTSTAMPNS) && wide) {
		struct __kernel_timespec t = { ts->tv_sec, ts->tv_nsec };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(t), &t);
	} else if (sock_flag(sk, SOCK_RCVTSTAMPNS)) {
		struct __kernel_old_timespec t = { ts->tv_sec, ts->tv_nsec };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(t), &t);
	} else if (wide) {
		struct __kernel_sock_timeval t = { ts->tv_sec, ts->tv_nsec / NSEC_PER_USEC };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(t), &t);
	} else {
		struct __kernel_old_timeval t = { ts->tv_sec, ts->tv_nsec / NSEC_PER_USEC };

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(t), &t);
	}
}

void tcp_stamp_read(struct sock *sk, struct msghdr *msg, ktime_t at, ktime_t hw)
{
	u32 flags = READ_ONCE(sk->sk_tsflags);
	struct scm_timestamping_internal tss = {};
	bool any = false;

	if (at) {
		tss.ts[0] = ktime_to_timespec64(at);
		if (sock_flag(sk, SOCK_RCVTSTAMP))
			tcp_stamp_read_time(sk, msg, &tss.ts[0]);
		if (flags & SOF_TIMESTAMPING_SOFTWARE)
			any = true;
		else
			tss.ts[0] = (struct timespec64) {};
	}
	if (hw && flags & SOF_TIMESTAMPING_RAW_HARDWARE) {
		tss.ts[2] = ktime_to_timespec64(hw);
		any = true;
	}
	if (!any)
		return;
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}

int plumb_tcp_set_zerocopy(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	int val;

	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (val < 0 || val > 1)
		return -EINVAL;
	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	/*
	 * Who sends the pages last may give the last reference back, anywhere: so that rmmod can
	 * wait for the end of it, the socket is freed by call_rcu() (tcp_end_drain()).
	 */
	if (val)
		sock_set_flag(sk, SOCK_RCU_FREE);
	release_sock(sk);
	return 0;
}

int plumb_tcp_set_timestamping(struct socket *sock, int optname, sockptr_t optval,
			       unsigned int optlen)
{
	struct sock *sk = sock->sk;
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	bool fresh;
	int flags, err;

	if (optlen < sizeof(flags))
		return -EINVAL;
	if (copy_from_sockptr(&flags, optval, sizeof(flags)))
		return -EFAULT;
	fresh = flags & SOF_TIMESTAMPING_OPT_ID &&
		!(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID);
	/* Octets of a connection that is not there cannot be counted. */
	if (fresh && (1 << READ_ONCE(sk->sk_state)) & (TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	err = sock_setsockopt(sock, SOL_SOCKET, optname, optval, optlen);
	if (err || !fresh)
		return err;
	lock_sock(sk);
	atomic_set(&sk->sk_tskey, flags & SOF_TIMESTAMPING_OPT_ID_TCP ? c->snd.end : c->snd.una);
	release_sock(sk);
	return 0;
}
