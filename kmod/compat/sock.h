/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets: what differs between kernels 6.1 and 6.12.
 */
#ifndef _PLUMB_COMPAT_SOCK_H
#define _PLUMB_COMPAT_SOCK_H

#include <linux/version.h>

#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/sock.h>

/* What later kernels took out of sock.h and netdevice.h. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <linux/netdevice.h>
#else
#include <net/gso.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/rps.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <net/proto_memory.h>
#endif
/* 6.12 moved it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

/*
 * 6.10 put the arguments of accept into a struct. An operation is written for
 * that; PLUMB_DEFINE_ACCEPT_OP makes what struct proto_ops of this kernel wants.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct proto_accept_arg {
	int flags;
	int err;
	int is_empty;
	bool kern;
};

#define PLUMB_DEFINE_ACCEPT_OP(name, fn)					\
static int name(struct socket *sock, struct socket *newsock, int flags, bool kern) \
{										\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
										\
	return fn(sock, newsock, &arg);					\
}
#else
#define PLUMB_DEFINE_ACCEPT_OP(name, fn)					\
static int name(struct socket *sock, struct socket *newsock, struct proto_accept_arg *arg) \
{										\
	return fn(sock, newsock, arg);						\
}
#endif

/* 6.5 replaced sendpage by MSG_SPLICE_PAGES. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define PLUMB_HAVE_SENDPAGE	1
#define PLUMB_SENDPAGE_OP(fn)	.sendpage = fn,
#else
#define PLUMB_SENDPAGE_OP(fn)
#endif

/*
 * Both in struct proto_ops and in struct proto: sendfile() came to the file's end. It came
 * with 6.5 and to some 6.1.y later, so Kbuild looks whether this kernel has it.
 */
#ifdef PLUMB_HAVE_SPLICE_EOF
#define PLUMB_SPLICE_EOF_OP(fn)	.splice_eof = fn,
#else
#define PLUMB_SPLICE_EOF_OP(fn)
#endif

/* 6.3 lets a family handle SOL_SOCKET itself (SOCK_CUSTOM_SOCKOPT). */
static inline void plumb_compat_custom_sockopt(struct socket *sock)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

/* 6.4 dropped the msghdr of __sock_cmsg_send(). */
static inline int plumb_compat_sock_cmsg_send(struct sock *sk, struct msghdr *msg,
					      struct cmsghdr *cmsg, struct sockcm_cookie *sockc)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	return __sock_cmsg_send(sk, msg, cmsg, sockc);
#else
	return __sock_cmsg_send(sk, cmsg, sockc);
#endif
}

/* SO_TXTIME: when the packet is to leave. */
static inline void plumb_compat_set_delivery_time(struct sk_buff *skb,
						  const struct sock *sk, u64 transmit_time)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	skb->tstamp = transmit_time;
#else
	skb_set_delivery_type_by_clockid(skb, transmit_time, sk->sk_clockid);
#endif
}

/* 6.7 tells kernel page fragments in an error queue apart. */
static inline void plumb_compat_errqueue_purge(struct sk_buff_head *list)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	skb_queue_purge(list);
#else
	skb_errqueue_purge(list);
#endif
}

#endif /* _PLUMB_COMPAT_SOCK_H */
