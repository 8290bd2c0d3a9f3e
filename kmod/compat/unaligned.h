/* SPDX-License-Identifier: GPL-2.0 */
/* 6.12 moved asm/unaligned.h. */
#ifndef _PLUMB_COMPAT_UNALIGNED_H
#define _PLUMB_COMPAT_UNALIGNED_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

#endif /* _PLUMB_COMPAT_UNALIGNED_H */
