/* SPDX-License-Identifier: GPL-2.0 */
/* What TCP needs of the core's socket memory and page handling, under 6.12's names. */
#ifndef _PLUMB_COMPAT_TCP_H
#define _PLUMB_COMPAT_TCP_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <linux/skbuff_ref.h>
#include <net/proto_memory.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
/* Pages are given by proto_ops.sendpage there: nobody passes MSG_SPLICE_PAGES. */
static inline ssize_t skb_splice_from_iter(struct sk_buff *skb, struct iov_iter *iter,
					   ssize_t maxsize, gfp_t gfp)
{
	return -EOPNOTSUPP;
}

/* Octets are counted from the oldest unacknowledged one there. */
#define SOF_TIMESTAMPING_OPT_ID_TCP	0
#else
#define MSG_SENDPAGE_NOTLAST	0	/* of sendpage(), which is no more */
#endif

/* The largest GSO packet of IPv4 that a device takes, octets with headers. */
static inline u32 plumb_gso_ipv4_max_size(const struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return READ_ONCE(dev->gso_ipv4_max_size);
#else
	return READ_ONCE(dev->gso_max_size);
#endif
}

#endif /* _PLUMB_COMPAT_TCP_H */
