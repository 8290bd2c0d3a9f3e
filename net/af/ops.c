// SPDX-License-Identifier: GPL-2.0
/*
 * Socket operations that every kind shares, and the tables of the kinds without
 * connections. Called by the kernel's socket layer.
 */
#include <linux/net.h>
#include <linux/poll.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <uapi/linux/plumb.h>

#include "../../kmod/compat/sock.h"
#include "../raw/raw.h"
#include "../sock/mcast.h"
#include "../sock/sock.h"
#include "../tcp/tcp.h"
#include "../udp/udp.h"
#include "af.h"

int plumb_af_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	netns_tracker tracker;
	long timeout = 0;
	struct net *net;

	if (!sk)
		return 0;
	plumb_mc_drop(sk);
	net = plumb_sock_user_end(sk, &tracker);
	/* A program that exits does not linger. */
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
		timeout = sk->sk_lingertime;
	sk->sk_prot->close(sk, timeout);
	sock->sk = NULL;
	if (net)
		put_net_track(net, &tracker);
	return 0;
}

int plumb_af_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;

	if (sk->sk_prot->bind)
		return sk->sk_prot->bind(sk, uaddr, len);
	return plumb_sock_bind(sk, uaddr, len);
}

static int plumb_af_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len, int flags)
{
	struct sock *sk = sock->sk;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);
	if (!READ_ONCE(sk->sk_num) && plumb_sock_autobind(sk))
		return -EAGAIN;
	return sk->sk_prot->connect(sk, uaddr, len);
}

int plumb_af_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	/* SHUT_RD, SHUT_WR, SHUT_RDWR become the bits of sk_shutdown. */
	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;

	lock_sock(sk);
	if (sock->state == SS_CONNECTING) {
		if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV ||
		    sk->sk_state == TCP_CLOSE)
			sock->state = SS_DISCONNECTING;
		else
			sock->state = SS_CONNECTED;
	}
	if (sk->sk_state == TCP_SYN_SENT ||
	    (sk->sk_state == TCP_LISTEN && (how & RCV_SHUTDOWN))) {
		/* Nobody can close() what another thread sleeps in: this wakes it. */
		err = sk->sk_prot->disconnect(sk, O_NONBLOCK);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	} else if (sk->sk_state != TCP_LISTEN) {
		if (sk->sk_state == TCP_CLOSE)
			err = -ENOTCONN;
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (sk->sk_prot->shutdown)
			sk->sk_prot->shutdown(sk, how);
	}
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

int plumb_af_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;

	sock_rps_record_flow(sk);
	if (!READ_ONCE(sk->sk_num) && !sk->sk_prot->no_autobind && plumb_sock_autobind(sk))
		return -EAGAIN;
	return sk->sk_prot->sendmsg(sk, msg, len);
}

int plumb_af_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	int addr_len = 0, err;

	if (!(flags & MSG_ERRQUEUE))
		sock_rps_record_flow(sk);
	err = sk->sk_prot->recvmsg(sk, msg, len, flags, &addr_len);
	if (err >= 0)
		msg->msg_namelen = addr_len;
	return err;
}

#ifdef PLUMB_HAVE_SPLICE_EOF
void plumb_af_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (sk->sk_prot->splice_eof)
		sk->sk_prot->splice_eof(sock);
}
#endif

/*
 * The core refuses SO_REUSEPORT to families it does not know. Where it lets a family
 * handle SOL_SOCKET itself this is done here, elsewhere SOL_PLUMB has the same option.
 */
static int plumb_af_reuseport(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	int val;

	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	lock_sock(sk);
	sk->sk_reuseport = !!val;
	release_sock(sk);
	return 0;
}

int plumb_af_setsockopt(struct socket *sock, int level, int optname, sockptr_t optval,
			unsigned int optlen)
{
	struct sock *sk = sock->sk;

	if ((level == SOL_SOCKET && optname == SO_REUSEPORT) ||
	    (level == SOL_PLUMB && optname == PLUMB_REUSEPORT))
		return plumb_af_reuseport(sk, optval, optlen);
	if (level == SOL_SOCKET && sk->sk_type == SOCK_STREAM && optname == SO_ZEROCOPY)
		return plumb_tcp_set_zerocopy(sk, optval, optlen);
	if (level == SOL_SOCKET && sk->sk_type == SOCK_STREAM &&
	    (optname == SO_TIMESTAMPING_OLD || optname == SO_TIMESTAMPING_NEW))
		return plumb_tcp_set_timestamping(sock, optname, optval, optlen);
	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, optname, optval, optlen);
	return sk->sk_prot->setsockopt(sk, level, optname, optval, optlen);
}

/* What the three kinds without connections have in common. */
#define PLUMB_DGRAM_COMMON				\
	.owner		= THIS_MODULE,			\
	.release	= plumb_af_release,		\
	.bind		= plumb_af_bind,		\
	.connect	= plumb_af_dgram_connect,	\
	.socketpair	= sock_no_socketpair,		\
	.accept		= sock_no_accept,		\
	.getname	= plumb_sock_getname,		\
	.ioctl		= plumb_af_ioctl,		\
	.gettstamp	= sock_gettstamp,		\
	.listen		= sock_no_listen,		\
	.shutdown	= plumb_af_shutdown,		\
	.setsockopt	= plumb_af_setsockopt,		\
	.getsockopt	= sock_common_getsockopt,	\
	.sendmsg	= plumb_af_sendmsg,		\
	.recvmsg	= plumb_af_recvmsg,		\
	PLUMB_SPLICE_EOF_OP(plumb_af_splice_eof)	\
	.mmap		= sock_no_mmap

const struct proto_ops plumb_dgram_ops = {
	PLUMB_DGRAM_COMMON,
	.family		= PLUMB_FAMILY_DEFAULT,
	.poll		= plumb_udp_poll,
	.set_peek_off	= sk_set_peek_off,
};

const struct proto_ops plumb_ping_ops = {
	PLUMB_DGRAM_COMMON,
	.family		= PLUMB_FAMILY_DEFAULT,
	.poll		= datagram_poll,
	.set_peek_off	= sk_set_peek_off,
};

const struct proto_ops plumb_raw_ops = {
	PLUMB_DGRAM_COMMON,
	.family		= PLUMB_FAMILY_DEFAULT,
	.poll		= datagram_poll,
};
