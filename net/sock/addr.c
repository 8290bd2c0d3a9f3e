// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of sockets: reading one from a program, bind(2), and the answers of
 * getsockname(2) and getpeername(2). Called by net/af and the protocols.
 */
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/user_namespace.h>
#include <net/tcp_states.h>

#include "sock.h"

int plumb_sockaddr(const struct sock *sk, const struct sockaddr *uaddr, int len,
		   bool unspec_ok, struct sockaddr_in *sin)
{
	if (len < (int)sizeof(*sin))
		return -EINVAL;
	memcpy(sin, uaddr, sizeof(*sin));
	if (sin->sin_family != AF_INET && sin->sin_family != sk->sk_family &&
	    !(unspec_ok && sin->sin_family == AF_UNSPEC))
		return -EAFNOSUPPORT;
	sin->sin_family = AF_INET;
	return 0;
}

bool plumb_sock_addr_ok(const struct sock *sk, __be32 addr, u8 type)
{
	return !addr || type == RTN_LOCAL || type == RTN_MULTICAST || type == RTN_BROADCAST ||
	       plumb_sock_test(sk, PLUMB_SF_FREEBIND) ||
	       plumb_sock_test(sk, PLUMB_SF_TRANSPARENT) ||
	       READ_ONCE(plumb_sock_net(sk)->sysctl.ip_nonlocal_bind);
}

/* The part of bind(2) that happens under the socket's lock. */
static int plumb_sock_bind_locked(struct sock *sk, const struct sockaddr_in *sin, u8 type)
	__must_hold(&sk->sk_lock.slock)
{
	u16 port = ntohs(sin->sin_port);
	struct plumb_sock *ps = plumb_sk(sk);
	int err;

	if (sk->sk_state != TCP_CLOSE || sk->sk_num)
		return -EINVAL;

	sk->sk_rcv_saddr = sin->sin_addr.s_addr;
	ps->saddr = sk->sk_rcv_saddr;
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		ps->saddr = 0;		/* good to receive on, not to send from */

	if (port || !plumb_sock_test(sk, PLUMB_SF_BIND_NO_PORT)) {
		err = sk->sk_prot->get_port(sk, port);
		if (err) {
			sk->sk_rcv_saddr = 0;
			ps->saddr = 0;
			return err;
		}
	}
	if (sk->sk_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	ps->sport = htons(sk->sk_num);
	sk->sk_daddr = 0;
	sk->sk_dport = 0;
	plumb_path_release(&ps->path);
	return 0;
}

int plumb_sock_bind(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct net *net = sock_net(sk);
	struct sockaddr_in sin;
	u16 port;
	u8 type;
	int err;

	err = plumb_sockaddr(sk, uaddr, len, true, &sin);
	if (err)
		return err;
	/* AF_UNSPEC is taken for what old programs mean by it: any address. */
	if (uaddr->sa_family == AF_UNSPEC && sin.sin_addr.s_addr)
		return -EAFNOSUPPORT;

	type = plumb_addr_type(plumb_sock_net(sk), sin.sin_addr.s_addr);
	if (!plumb_sock_addr_ok(sk, sin.sin_addr.s_addr, type))
		return -EADDRNOTAVAIL;
	if (!sin.sin_addr.s_addr)
		type = RTN_LOCAL;
	port = ntohs(sin.sin_port);
	if (port && port < READ_ONCE(plumb_sock_net(sk)->sysctl.ip_unprivileged_port_start) &&
	    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;

	lock_sock(sk);
	err = plumb_sock_bind_locked(sk, &sin, type);
	release_sock(sk);
	return err;
}

int plumb_sock_autobind(struct sock *sk)
{
	int err = 0;

	lock_sock(sk);
	if (!sk->sk_num) {
		if (sk->sk_prot->get_port(sk, 0))
			err = -EAGAIN;
		else
			plumb_sk(sk)->sport = htons(sk->sk_num);
	}
	release_sock(sk);
	return err;
}

int plumb_sock_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct sock *sk = sock->sk;
	int len = sizeof(*sin);

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	lock_sock(sk);
	if (!peer) {
		sin->sin_port = plumb_sk(sk)->sport;
		sin->sin_addr.s_addr = sk->sk_rcv_saddr ?: plumb_sk(sk)->saddr;
	} else if (!sk->sk_dport || (peer == 1 && (sk->sk_state == TCP_CLOSE ||
						   sk->sk_state == TCP_SYN_SENT))) {
		len = -ENOTCONN;
	} else {
		sin->sin_port = sk->sk_dport;
		sin->sin_addr.s_addr = sk->sk_daddr;
	}
	release_sock(sk);
	return len;
}
