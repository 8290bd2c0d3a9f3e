/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels Plumb builds for (6.1 to 6.12), written as
 * shims under the newer kernel's names. The only LINUX_VERSION_CODE tests of
 * the project stand in this folder; every source file includes it first.
 */
#ifndef _PLUMB_COMPAT_H
#define _PLUMB_COMPAT_H

#undef pr_fmt
#define pr_fmt(fmt) "plumb: " fmt

#include <linux/version.h>

#endif /* _PLUMB_COMPAT_H */
