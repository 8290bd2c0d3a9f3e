/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Raw sockets (raw(7)) and ping sockets (icmp(7)): what net/af sees of them, and what
 * their files share.
 */
#ifndef _PLUMB_RAW_RAW_H
#define _PLUMB_RAW_RAW_H

#include <linux/icmp.h>

#include "../sock/sock.h"

extern struct proto plumb_raw_prot;
extern struct proto plumb_ping_prot;

/* SIOCINQ and SIOCOUTQ into *val; -ENOIOCTLCMD for others. */
int plumb_raw_ioctl(struct sock *sk, int cmd, int *val);

int plumb_raw_init(void);
void plumb_raw_exit(void);
int plumb_raw_net_init(struct plumb_net *pn);
void plumb_raw_net_exit(struct plumb_net *pn);

/* ---- within net/raw ---- */

#define PLUMB_RAW_BUCKETS	256	/* by protocol */
#define PLUMB_PING_BUCKETS	64	/* by echo identifier */

/**
 * struct plumb_raw_net - raw and ping sockets of a namespace
 * @lock: guards the lists; readers use RCU
 * @raw: raw sockets by protocol
 * @ping: ping sockets by identifier
 */
struct plumb_raw_net {
	spinlock_t		lock;	/* guards changes of the lists */
	struct hlist_head	raw[PLUMB_RAW_BUCKETS];
	struct hlist_head	ping[PLUMB_PING_BUCKETS];
};

/**
 * struct plumb_raw_sock - a raw socket
 * @ps: what all sockets share; sk_num is the protocol
 * @filter: ICMP_FILTER: types that are not wanted
 */
struct plumb_raw_sock {
	struct plumb_sock	ps;
	struct icmp_filter	filter;
};

static inline struct plumb_raw_sock *plumb_raw_sk(const struct sock *sk)
{
	return (struct plumb_raw_sock *)sk;
}

/* raw_tx.c */
int plumb_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* One datagram of a queue filled by sock_queue_rcv_skb(), for both kinds. */
int plumb_raw_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);

/* ping.c */
int plumb_ping_init(void);
void plumb_ping_exit(void);
/* An ICMP error about an echo request of ours, to its ping socket. Softirq. */
void plumb_ping_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e);

#endif /* _PLUMB_RAW_RAW_H */
