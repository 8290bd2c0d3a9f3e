// SPDX-License-Identifier: GPL-2.0
/*
 * What a stream socket is ready for: poll(2), and the ioctls that tell how much.
 */
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>

#include "sock.h"
#include "engine/env.h"

static __poll_t tcp_poll_in(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u32 want = max(READ_ONCE(sk->sk_rcvlowat), 1), have = tcp_rcvq_len(ts);
	__poll_t mask = 0;

	if (ts->urg_state != TCP_URG_NONE && !sock_flag(sk, SOCK_URGINLINE) &&
	    READ_ONCE(ts->urg_pos) == READ_ONCE(ts->rcvq_read) && have)
		want++;
	if (have >= want || (have && !tcp_mem_room(sk)))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (ts->urg_state == TCP_URG_VALID)
		mask |= EPOLLPRI;
	return mask;
}

static __poll_t tcp_poll_out(struct sock *sk)
{
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		return EPOLLOUT | EPOLLWRNORM;
	if (__sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* Room may have come between the question and the bit. */
	smp_mb__after_atomic();
	return __sk_stream_is_writeable(sk, 1) ? EPOLLOUT | EPOLLWRNORM : 0;
}

static __poll_t tcp_poll_listen(const struct sock *sk)
{
	const struct tcp_listen *l = READ_ONCE(tcp_sk_of(sk)->lsn);

	return l && READ_ONCE(l->first) ? EPOLLIN | EPOLLRDNORM : 0;
}

__poll_t plumb_tcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	/* Pairs with tcp_state_set()'s release: what belongs to the state is there. */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN)
		return tcp_poll_listen(sk);
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && (state != TCP_SYN_RECV || READ_ONCE(tcp_sk_of(sk)->fast_lsk)))
		mask |= tcp_poll_in(sk) | tcp_poll_out(sk);
	else if (state == TCP_SYN_SENT && READ_ONCE(tcp_sk_of(sk)->fast_wait))
		mask |= EPOLLOUT | EPOLLWRNORM;
	/* Pairs with tcp_settle_end(): the error is written before the state. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/* Octets to read, urgent octet and FIN not counted. */
static int tcp_ioctl_inq(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u32 n = tcp_rcvq_len(ts);

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	if (ts->urg_state != TCP_URG_NONE && !sock_flag(sk, SOCK_URGINLINE) &&
	    ts->urg_pos - ts->rcvq_read < n)
		n = ts->urg_pos - ts->rcvq_read;
	return n;
}

int plumb_tcp_ioctl(struct sock *sk, int cmd, int *val)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct tcp_conn *c = &ts->c;
	bool idle = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);

	if ((cmd == SIOCINQ || cmd == SIOCOUTQ || cmd == SIOCOUTQNSD) &&
	    sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	switch (cmd) {
	case SIOCINQ:
		lock_sock(sk);
		*val = tcp_ioctl_inq(sk);
		release_sock(sk);
		return 0;
	case SIOCATMARK:
		*val = ts->urg_state != TCP_URG_NONE && ts->urg_pos == READ_ONCE(ts->rcvq_read);
		return 0;
	case SIOCOUTQ:
		*val = idle ? 0 : tcp_conn_unacked(c) + tcp_conn_unsent(c);
		return 0;
	case SIOCOUTQNSD:
		*val = idle ? 0 : tcp_conn_unsent(c);
		return 0;
	}
	return -ENOIOCTLCMD;
}
