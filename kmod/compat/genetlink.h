/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink between the kernels. */
#ifndef _PLUMB_COMPAT_GENETLINK_H
#define _PLUMB_COMPAT_GENETLINK_H

#include <linux/version.h>
#include <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* Both structures have the member that is read: attrs. */
#define genl_info_dump(cb)	genl_dumpit_info(cb)
#endif

/* 6.6.6, and 6.1.66 of the stable series: a group's flag of its own. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

#endif /* _PLUMB_COMPAT_GENETLINK_H */
