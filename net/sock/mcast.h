/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Multicast memberships of sockets, within net/sock and for delivery in net/udp
 * and net/raw.
 */
#ifndef _PLUMB_SOCK_MCAST_H
#define _PLUMB_SOCK_MCAST_H

#include <linux/sockptr.h>
#include <linux/types.h>

struct sock;

/**
 * plumb_mc_allows() - may a socket have this multicast packet?
 * @sk: the socket
 * @group: destination of the packet
 * @source: its source
 * @dev: index of the device it came by
 *
 * Context: rcu_read_lock() held.
 * Return: by the socket's membership and source filter; without a membership, by
 * IP_MULTICAST_ALL. True for what is no multicast.
 */
bool plumb_mc_allows(const struct sock *sk, __be32 group, __be32 source, int dev);

/* Is @optname one of the options below? */
bool plumb_mc_option(int optname);

/* The membership options of SOL_IP; process context, takes RTNL and the socket's lock. */
int plumb_mc_setsockopt(struct sock *sk, int optname, sockptr_t val, unsigned int len);
/* IP_MSFILTER and MCAST_MSFILTER. */
int plumb_mc_getsockopt(struct sock *sk, int optname, char __user *val, int __user *len);

/* Leaves every group; process context, takes RTNL and the socket's lock. */
void plumb_mc_drop(struct sock *sk);

#endif /* _PLUMB_SOCK_MCAST_H */
