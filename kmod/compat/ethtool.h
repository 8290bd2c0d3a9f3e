/* SPDX-License-Identifier: GPL-2.0 */
/* ethtool_puts() came with 6.8, struct kernel_ethtool_ts_info with 6.11. */
#ifndef _PLUMB_COMPAT_ETHTOOL_H
#define _PLUMB_COMPAT_ETHTOOL_H

#include <linux/ethtool.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
static inline void ethtool_puts(u8 **data, const char *str)
{
	strscpy((char *)*data, str, ETH_GSTRING_LEN);
	*data += ETH_GSTRING_LEN;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define kernel_ethtool_ts_info	ethtool_ts_info
#endif

#endif /* _PLUMB_COMPAT_ETHTOOL_H */
