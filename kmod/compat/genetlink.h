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

#endif /* _PLUMB_COMPAT_GENETLINK_H */
