/* SPDX-License-Identifier: GPL-2.0 */
/* sysctl tables between the kernels. */
#ifndef _PLUMB_COMPAT_SYSCTL_H
#define _PLUMB_COMPAT_SYSCTL_H

#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/net_namespace.h>

/* From 6.11 a handler gets its table read-only. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
typedef struct ctl_table plumb_ctl_table;
#else
typedef const struct ctl_table plumb_ctl_table;
#endif

/* Before 6.6 an empty entry ended a table; callers leave room for it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static inline struct ctl_table_header *
register_net_sysctl_sz(struct net *net, const char *path, struct ctl_table *table, size_t size)
{
	return register_net_sysctl(net, path, table);
}
#endif

#endif /* _PLUMB_COMPAT_SYSCTL_H */
