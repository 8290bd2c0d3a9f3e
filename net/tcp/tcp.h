/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP as the address family sees it: a struct proto, and what a stream socket
 * does beyond it. Names that differ between kernels in struct proto (accept,
 * ioctl) are plain functions here; the family calls them directly.
 */
#ifndef _PLUMB_TCP_TCP_H
#define _PLUMB_TCP_TCP_H

#include <linux/net.h>
#include <linux/poll.h>
#include <net/sock.h>

struct pipe_inode_info;
struct plumb_net;

/*
 * What the family counts on:
 * - connect() is called locked, sends the SYN and leaves sk_state TCP_SYN_SENT; the family waits;
 * - disconnect() and shutdown() (how: SEND_SHUTDOWN, RCV_SHUTDOWN) are called locked;
 * - close() takes the lock itself and does SO_LINGER's wait;
 * - sendmsg() and recvmsg() take the lock themselves; sendmsg() does MSG_FASTOPEN and
 *   MSG_SPLICE_PAGES;
 * - get_port is plumb_port_get(); init() and destroy() are as in Linux;
 * - accept and ioctl stay NULL: the functions below are called.
 */
extern struct proto plumb_tcp_prot;

/**
 * plumb_tcp_listen() - a closed or listening socket listens
 * @sk: locked; sk_state TCP_CLOSE or TCP_LISTEN, unbound ones are bound here
 * @backlog: bound of the accept queue, already clamped to net.plumb.somaxconn
 *
 * Return: 0 or -EADDRINUSE, -ENOMEM.
 */
int plumb_tcp_listen(struct sock *sk, int backlog);

/**
 * plumb_tcp_accept() - next finished connection of a listener
 * @sk: unlocked
 * @flags: O_NONBLOCK
 * @err: -EAGAIN, -EINVAL (no listener), -ERESTARTSYS, -EINTR when NULL is returned
 * @kern: for the kernel itself
 *
 * Return: the connection's socket with its reference, or NULL.
 */
struct sock *plumb_tcp_accept(struct sock *sk, int flags, int *err, bool kern);

__poll_t plumb_tcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);

/*
 * SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD into *val; -EINVAL on a listener,
 * -ENOIOCTLCMD for other commands.
 */
int plumb_tcp_ioctl(struct sock *sk, int cmd, int *val);

/* SO_RCVLOWAT; called locked. */
int plumb_tcp_set_rcvlowat(struct sock *sk, int val);

/* splice(2) from a socket. */
ssize_t plumb_tcp_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			      size_t len, unsigned int flags);

/*
 * SO_ZEROCOPY and SO_TIMESTAMPING of a stream socket, where the core lets a family handle them:
 * it refuses the first to families it does not know, and counts the octets of the second from an
 * origin of Linux's own TCP. 0 or errno, as Linux's.
 */
int plumb_tcp_set_zerocopy(struct sock *sk, sockptr_t optval, unsigned int optlen);
int plumb_tcp_set_timestamping(struct socket *sock, int optname, sockptr_t optval,
			       unsigned int optlen);

/* Bytes a reader would get now (struct proto_ops' peek_len). */
int plumb_tcp_peek_len(struct socket *sock);

/**
 * plumb_tcp_sendpage() - sendfile(2) on 6.1: queue a page by reference
 * @sk: unlocked
 * @page: the page; an own reference is taken
 * @offset: where the data begins
 * @size: octets
 * @flags: MSG_*
 *
 * Used where struct proto_ops has sendpage; later kernels pass MSG_SPLICE_PAGES to sendmsg().
 * Return: octets queued or errno.
 */
int plumb_tcp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags);

/* connect() has sent nothing: its SYN goes with the first write (TCP_FASTOPEN_CONNECT). */
bool plumb_tcp_open_waits(const struct sock *sk);

/* Keys of Fast Open cookies (net.plumb.tcp_fastopen_key): octets each, and how many at most. */
#define PLUMB_TCP_FAST_KEY	16
#define PLUMB_TCP_FAST_KEYS	2

/*
 * Sets @num keys (the first makes cookies) from the octets at @key: 0 or -ENOMEM. Reads them to
 * @key: how many there are. Process context.
 */
int plumb_tcp_fast_key_set(struct plumb_net *pn, const u8 *key, unsigned int num);
unsigned int plumb_tcp_fast_key_get(struct plumb_net *pn, u8 *key);

#define PLUMB_TCP_FAST_COOKIE_MAX	16	/* octets of a Fast Open cookie (RFC 7413 4.1.1) */

/**
 * struct plumb_tcp_metrics_info - what is known of the path to a peer; 0: not known
 * @daddr: the peer's address
 * @saddr: ours
 * @age_ms: since a connection ended that told of it, or since it was made
 * @rtt_us: round trip
 * @rttvar_us: its deviation
 * @ssthresh: slow start threshold (segments)
 * @cwnd: congestion window (segments)
 * @reordering: segments that others overtook
 * @fast_mss: with Fast Open: the MSS that the peer said last
 * @cookie_len: octets of @cookie
 * @cookie: its Fast Open cookie
 */
struct plumb_tcp_metrics_info {
	__be32	daddr, saddr;
	u32	age_ms;
	u32	rtt_us, rttvar_us;
	u32	ssthresh, cwnd, reordering;
	u16	fast_mss;
	u8	cookie_len;
	u8	cookie[PLUMB_TCP_FAST_COOKIE_MAX];
};

/*
 * Calls @fn, which must not sleep, for each that is known, until it returns other than 0: that, or
 * 0. Process context.
 */
int plumb_tcp_metrics_iterate(struct plumb_net *pn,
			      int (*fn)(const struct plumb_tcp_metrics_info *i, void *arg),
			      void *arg);
/*
 * Forgets what is known of the paths to *@daddr, from *@saddr; NULL: to all, from all. How many.
 * Process context; may sleep.
 */
unsigned int plumb_tcp_metrics_forget(struct plumb_net *pn, const __be32 *daddr,
				      const __be32 *saddr);

/* proto->splice_eof, where there is one. @sock's socket is unlocked. */
void plumb_tcp_splice_eof(struct socket *sock);

#endif /* _PLUMB_TCP_TCP_H */
