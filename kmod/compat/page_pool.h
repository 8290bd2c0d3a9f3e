/* SPDX-License-Identifier: GPL-2.0 */
/*
 * page_pool: 6.6 split its header in two, 6.7 made every pool one that can be
 * cut in pieces; 6.4 let a pool know its NAPI.
 */
#ifndef _PLUMB_COMPAT_PAGE_POOL_H
#define _PLUMB_COMPAT_PAGE_POOL_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <net/page_pool.h>
#else
#include <net/page_pool/helpers.h>
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define PP_FLAG_PAGE_FRAG	0
#endif

struct napi_struct;

static inline void page_pool_params_set_napi(struct page_pool_params *params,
					     struct napi_struct *napi)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	params->napi = napi;
#endif
}

#endif /* _PLUMB_COMPAT_PAGE_POOL_H */
