/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 and devices: what differs between kernels 6.1 and 6.12.
 */
#ifndef _PLUMB_COMPAT_IP_H
#define _PLUMB_COMPAT_IP_H

#include <linux/version.h>

#include <linux/netdevice.h>
#include <linux/snmp.h>

/* 6.5 gave segmentation a header of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/*
 * 6.7 counts what hosts ask to be sent (OutRequests) apart from what is sent (OutTransmits):
 * before that the one counter stands under the other's name, and is counted once.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define PLUMB_IP_INC_OUTREQUESTS(pn)	do { } while (0)
#else
#define PLUMB_IP_INC_OUTREQUESTS(pn)	PLUMB_IP_INC(pn, IPSTATS_MIB_OUTREQUESTS)
#endif

/*
 * A device that locks nothing when it sends, and stays in its namespace (6.12: bits of the
 * device).
 */
static inline void plumb_compat_dev_own(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	dev->features |= NETIF_F_LLTX | NETIF_F_NETNS_LOCAL;
#else
	dev->lltx = true;
	dev->netns_immutable = true;
#endif
}

#endif /* _PLUMB_COMPAT_IP_H */
