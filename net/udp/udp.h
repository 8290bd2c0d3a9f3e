/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP (RFC 768, RFC 1122 4.1): what net/af sees of it, and what its own files share.
 */
#ifndef _PLUMB_UDP_UDP_H
#define _PLUMB_UDP_UDP_H

#include <linux/poll.h>
#include <linux/udp.h>

#include "../sock/dgram.h"
#include "../sock/sock.h"

extern struct proto plumb_udp_prot;

__poll_t plumb_udp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);

/* SIOCINQ and SIOCOUTQ into *val; -ENOIOCTLCMD for others. */
int plumb_udp_ioctl(struct sock *sk, int cmd, int *val);

int plumb_udp_init(void);
void plumb_udp_exit(void);
int plumb_udp_net_init(struct plumb_net *pn);
void plumb_udp_net_exit(struct plumb_net *pn);

/* ---- within net/udp ---- */

enum plumb_udp_flag {
	PLUMB_UDP_CORK,		/* UDP_CORK */
	PLUMB_UDP_GRO,		/* UDP_GRO: large packets are handed on as they came */
	PLUMB_UDP_HW_CSUM,	/* the device last sent by sums by itself */
};

/**
 * struct plumb_udp_cork - a datagram that grows under MSG_MORE or UDP_CORK
 * @d: where it will go
 * @skb: its octets so far
 */
struct plumb_udp_cork {
	struct plumb_dgram	d;
	struct sk_buff		*skb;
};

/**
 * struct plumb_udp_sock - a UDP socket
 * @ps: what all sockets share
 * @addr_node: in the table by port and address; guarded by that bucket's lock, read under RCU
 * @tuple_node: in the table of connected sockets; likewise
 * @addr_slot: its bucket: the addresses that chose it may have changed since
 * @tuple_slot: likewise
 * @port: its port while it is in the tables, host order
 * @reader: datagrams taken over from sk_receive_queue in one go, so that readers and softirq
 *	seldom want the same lock; its own lock guards it and comes before the other's
 * @deficit: octets read but not yet given back to the socket's memory; under @reader's lock
 * @cork: the pending datagram, or NULL; under the socket's lock
 * @udp_flags: PLUMB_UDP_* bits
 * @gso_size: UDP_SEGMENT
 * @mtu: of the path last used: what fits need not be summed by us
 */
struct plumb_udp_sock {
	struct plumb_sock	ps;
	struct hlist_node	addr_node;
	struct hlist_node	tuple_node;
	u16			addr_slot;
	u16			tuple_slot;
	u16			port;
	u16			gso_size;
	u32			mtu;
	unsigned long		udp_flags;
	struct sk_buff_head	reader;
	unsigned int		deficit;
	struct plumb_udp_cork	*cork;
};

static inline struct plumb_udp_sock *plumb_udp_sk(const struct sock *sk)
{
	return (struct plumb_udp_sock *)sk;
}

static inline bool plumb_udp_test(const struct sock *sk, enum plumb_udp_flag f)
{
	return test_bit(f, &plumb_udp_sk(sk)->udp_flags);
}

/* table.c */
int plumb_udp_get_port(struct sock *sk, unsigned short snum);
void plumb_udp_unhash(struct sock *sk);
void plumb_udp_rehash(struct sock *sk);

/**
 * struct plumb_udp_key - addresses of a received datagram
 * @saddr: who sent it
 * @daddr: whom it is for
 * @sport: sender's port
 * @dport: our port, host order
 * @dev: index of the device it came by
 */
struct plumb_udp_key {
	__be32	saddr;
	__be32	daddr;
	__be16	sport;
	u16	dport;
	int	dev;
};

/**
 * plumb_udp_lookup() - the socket that a unicast datagram is for
 * @pn: the namespace
 * @key: its addresses
 * @skb: the datagram, for the choice within an SO_REUSEPORT group; may be NULL
 *
 * Context: rcu_read_lock() held for as long as the socket is used.
 * Return: the socket, no reference taken, or NULL.
 */
struct sock *plumb_udp_lookup(struct plumb_net *pn, const struct plumb_udp_key *key,
			      struct sk_buff *skb);

/**
 * plumb_udp_for_each() - every socket that gets a multicast or broadcast datagram
 * @pn: the namespace
 * @key: its addresses
 * @fn: called for each, under rcu_read_lock()
 * @arg: for @fn
 */
void plumb_udp_for_each(struct plumb_net *pn, const struct plumb_udp_key *key,
			void (*fn)(struct sock *sk, void *arg), void *arg);

/* proc.c's walk: sockets of a bucket of the table by port. */
struct hlist_head *plumb_udp_bucket(struct plumb_net *pn, u32 i);

/* tx.c */
int plumb_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
/* Sends the pending datagram, or drops it. Socket locked. */
int plumb_udp_push(struct sock *sk);
void plumb_udp_flush(struct sock *sk);

/* struct proto's splice_eof: sendfile() has come to the end of the file. */
void plumb_udp_splice_eof(struct socket *sock);

/* queue.c: the receive queue and its memory */
/* Charges and queues @skb (taken over on success). 0, -ENOMEM (full) or -ENOBUFS (no memory). */
int plumb_udp_enqueue(struct sock *sk, struct sk_buff *skb);
struct sk_buff *plumb_udp_dequeue(struct sock *sk, unsigned int flags, int *off, int *err);
/* Takes a datagram that proved bad off the queue again if a peek left it there. */
void plumb_udp_drop_bad(struct sock *sk, struct sk_buff *skb, unsigned int flags);
/* Octets of the first good datagram, or -1; bad ones before it are dropped. */
int plumb_udp_first_len(struct sock *sk);
void plumb_udp_purge(struct sock *sk);

/* recv.c */
int plumb_udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);

/* rx.c */
void plumb_udp_rcv(struct plumb_net *pn, struct sk_buff *skb);
void plumb_udp_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e);
/* Is a datagram to an address that Linux has too for a socket of ours? Softirq, RCU. */
bool plumb_udp_claim(struct plumb_net *pn, const struct plumb_ip_claim *c, struct sock **sk);
bool plumb_udp_csum_bad(struct sk_buff *skb);

/* opt.c */
int plumb_udp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
			 unsigned int optlen);
int plumb_udp_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
			 int __user *optlen);

#endif /* _PLUMB_UDP_UDP_H */
