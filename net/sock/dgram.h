/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What UDP, raw and ping sockets share: connect and disconnect, and the way of one
 * datagram from a program's buffer to IPv4.
 *
 *	plumb_dgram_begin()	address, options, ancillary data, path
 *	plumb_dgram_skb()	the user's octets into a packet, summed on the way
 *	plumb_dgram_lock()	the path again, if it went stale while we slept
 *	  (the protocol writes its header)
 *	plumb_dgram_xmit()	the IPv4 header, and away
 *	plumb_dgram_unlock()
 *	plumb_dgram_end()
 */
#ifndef _PLUMB_SOCK_DGRAM_H
#define _PLUMB_SOCK_DGRAM_H

#include "ipopt.h"
#include "sock.h"

/**
 * struct plumb_dgram - a datagram on its way out; on the sender's stack
 * @cmsg: ancillary data, and the socket's defaults where it gives none
 * @daddr: final destination
 * @dport: its port, 0 for what has none
 * @protocol: IPPROTO_* of the packet
 * @flags: MSG_*
 * @connected: it takes the socket's own path, under the socket's lock
 * @slow: @connected: what lock_sock_fast() said
 * @opt: its IPv4 options; len 0: none
 * @flow: what @path was resolved by
 * @path: its own path, unless @connected
 */
struct plumb_dgram {
	struct plumb_cmsg	cmsg;
	__be32			daddr;
	__be16			dport;
	u8			protocol;
	unsigned int		flags;
	bool			connected;
	bool			slow;
	struct plumb_opts	opt;
	struct plumb_flow	flow;
	struct plumb_path	path;
};

/**
 * plumb_dgram_begin() - whatever must be known before a datagram's data is read
 * @sk: unlocked
 * @msg: as sendmsg() has it
 * @d: what is filled; the caller has set daddr, dport, protocol, connected (no destination
 *	was given) and, by plumb_cmsg_init(), cmsg
 *
 * Context: process.
 * Return: 0 (plumb_dgram_end() is owed), or errno (nothing is owed).
 */
int plumb_dgram_begin(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d);

/**
 * plumb_dgram_skb() - a packet with the user's data
 * @sk: unlocked
 * @msg: the data; read from its iterator
 * @hlen: octets the protocol's header wants before the data (transport_header is set there)
 * @len: octets of data
 * @sum: sum the data while it is copied, to skb->csum; else skb->ip_summed is
 *	CHECKSUM_PARTIAL for the caller to complete
 * @flags: MSG_*
 *
 * Context: process; may wait for room in the send buffer.
 * Return: the packet, charged to the socket, or an ERR_PTR().
 */
struct sk_buff *plumb_dgram_skb(struct sock *sk, struct msghdr *msg, int hlen, size_t len,
				bool sum, unsigned int flags);

/*
 * A datagram that does not fit along @path: -EMSGSIZE, and with IP_RECVERR how much would.
 * Between plumb_dgram_lock() and unlock.
 */
int plumb_dgram_too_long(struct sock *sk, const struct plumb_dgram *d,
			 const struct plumb_path *path);

/* Adds @len octets of user data to a packet of plumb_dgram_skb() made with @sum. 0 or errno. */
int plumb_dgram_append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, size_t len);

/*
 * The path, or an ERR_PTR(). RCU, and if @d->connected the socket's lock, is held until unlock
 * either way (for sparse: both always).
 */
struct plumb_path *plumb_dgram_lock(struct sock *sk, struct plumb_dgram *d)
	__acquires(RCU) __acquires(&sk->sk_lock.slock);
void plumb_dgram_unlock(struct sock *sk, struct plumb_dgram *d)
	__releases(RCU) __releases(&sk->sk_lock.slock);

/**
 * plumb_dgram_xmit() - send the finished transport datagram
 * @sk: the sender
 * @d: between lock and unlock
 * @path: from plumb_dgram_lock()
 * @skb: taken over
 *
 * Return: 0, -EMSGSIZE (also queued for IP_RECVERR), or plumb_ip_xmit()'s; -ENOBUFS is
 * reported only to sockets with IP_RECVERR, as in Linux.
 */
int plumb_dgram_xmit(struct sock *sk, struct plumb_dgram *d, struct plumb_path *path,
		     struct sk_buff *skb);

void plumb_dgram_end(struct plumb_dgram *d);

/* struct proto's connect (takes the lock) and disconnect (takes it too). */
int plumb_dgram_connect(struct sock *sk, struct sockaddr *uaddr, int len);
int plumb_dgram_disconnect(struct sock *sk, int flags);
/* The same with the lock held. */
void plumb_dgram_disconnect_locked(struct sock *sk);

#endif /* _PLUMB_SOCK_DGRAM_H */
