// SPDX-License-Identifier: GPL-2.0
/*
 * Stream sockets: connect(2) with its waiting, listen(2), accept(2), and their table.
 *
 * socket.state	SS_UNCONNECTED -> SS_CONNECTING -> SS_CONNECTED
 *		      ^______________|  (refused, timed out)
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <uapi/linux/plumb.h>

#include "../../kmod/compat/sock.h"
#include "../sock/sock.h"
#include "../tcp/tcp.h"
#include "af.h"

static bool plumb_stream_opening(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV;
}

/* Sleeps until the connection stands or has failed; what is left of @timeo. */
static long plumb_stream_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while (plumb_stream_opening(sk)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return timeo;
}

/* The attempt has failed: its error, and the socket as it was before. */
static int plumb_stream_failed(struct socket *sock, int flags)
{
	struct sock *sk = sock->sk;
	int err = sock_error(sk) ?: -ECONNABORTED;

	sock->state = SS_UNCONNECTED;
	sk->sk_disconnects++;
	if (sk->sk_prot->disconnect(sk, flags))
		sock->state = SS_DISCONNECTING;
	return err;
}

/* Goes on with an attempt: @err is what a caller gets who does not wait. */
static int plumb_stream_finish(struct socket *sock, int flags, int err)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int disconnects = sk->sk_disconnects;

	if (plumb_stream_opening(sk)) {
		if (!timeo)
			return err;
		timeo = plumb_stream_wait(sk, timeo);
		if (!timeo)
			return err;
		if (signal_pending(current))
			return sock_intr_errno(timeo);
		/* Another thread called the attempt off, and perhaps began its own. */
		if (disconnects != sk->sk_disconnects)
			return -EPIPE;
	}
	if (sk->sk_state == TCP_CLOSE)
		return plumb_stream_failed(sock, flags);
	sock->state = SS_CONNECTED;
	return 0;
}

static int plumb_stream_begin(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;
	int err;

	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = sk->sk_prot->connect(sk, uaddr, len);
	if (err < 0)
		return err;
	sock->state = SS_CONNECTING;
	return 0;
}

static int plumb_stream_connect_locked(struct socket *sock, struct sockaddr *uaddr, int len,
				       int flags)
{
	struct sock *sk = sock->sk;
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC) {
		sk->sk_disconnects++;
		err = sk->sk_prot->disconnect(sk, flags);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		return err;
	}
	switch (sock->state) {
	case SS_UNCONNECTED:
		err = plumb_stream_begin(sock, uaddr, len);
		if (err || plumb_tcp_open_waits(sk))
			return err;
		return plumb_stream_finish(sock, flags, -EINPROGRESS);
	case SS_CONNECTING:
		err = plumb_tcp_open_waits(sk) ? -EISCONN : -EALREADY;
		return plumb_stream_finish(sock, flags, err);
	case SS_CONNECTED:
		return -EISCONN;
	default:
		return -EINVAL;
	}
}

static int plumb_stream_connect(struct socket *sock, struct sockaddr *uaddr, int len, int flags)
{
	int err;

	lock_sock(sock->sk);
	err = plumb_stream_connect_locked(sock, uaddr, len, flags);
	release_sock(sock->sk);
	return err;
}

static int plumb_stream_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state == SS_UNCONNECTED &&
	    (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN))
		err = plumb_tcp_listen(sk, backlog);
	release_sock(sk);
	return err;
}

static int plumb_stream_do_accept(struct socket *sock, struct socket *newsock,
				  struct proto_accept_arg *arg)
{
	int err = -EINVAL;
	struct sock *sk;

	sk = plumb_tcp_accept(sock->sk, arg->flags, &err, arg->kern);
	if (!sk)
		return err;
	plumb_compat_custom_sockopt(newsock);
	lock_sock(sk);
	sock_rps_record_flow(sk);
	sock_graft(sk, newsock);
	newsock->state = SS_CONNECTED;
	if (!arg->kern)
		plumb_sock_user_begin(sk);
	release_sock(sk);
	return 0;
}

PLUMB_DEFINE_ACCEPT_OP(plumb_stream_accept, plumb_stream_do_accept)

#ifdef PLUMB_HAVE_SENDPAGE
static ssize_t plumb_stream_sendpage(struct socket *sock, struct page *page, int offset,
				     size_t size, int flags)
{
	struct sock *sk = sock->sk;

	sock_rps_record_flow(sk);
	if (!READ_ONCE(sk->sk_num) && plumb_sock_autobind(sk))
		return -EAGAIN;
	return plumb_tcp_sendpage(sk, page, offset, size, flags);
}
#endif

const struct proto_ops plumb_stream_ops = {
	.family		= PLUMB_FAMILY_DEFAULT,
	.owner		= THIS_MODULE,
	.release	= plumb_af_release,
	.bind		= plumb_af_bind,
	.connect	= plumb_stream_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= plumb_stream_accept,
	.getname	= plumb_sock_getname,
	.poll		= plumb_tcp_poll,
	.ioctl		= plumb_af_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= plumb_stream_listen,
	.shutdown	= plumb_af_shutdown,
	.setsockopt	= plumb_af_setsockopt,
	.getsockopt	= sock_common_getsockopt,
	.sendmsg	= plumb_af_sendmsg,
	.recvmsg	= plumb_af_recvmsg,
	.mmap		= sock_no_mmap,
	.splice_read	= plumb_tcp_splice_read,
	.set_peek_off	= sk_set_peek_off,
	.peek_len	= plumb_tcp_peek_len,
	.set_rcvlowat	= plumb_tcp_set_rcvlowat,
	PLUMB_SENDPAGE_OP(plumb_stream_sendpage)
	PLUMB_SPLICE_EOF_OP(plumb_af_splice_eof)
};
