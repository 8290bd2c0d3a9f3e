/* SPDX-License-Identifier: GPL-2.0 */
/* What iface.c and addr.c ask of each other. */
#ifndef _PLUMB_ROUTE_ADDR_H
#define _PLUMB_ROUTE_ADDR_H

#include <linux/types.h>

struct plumb_addr;
struct plumb_iface;
struct plumb_ifa;

/* Make the connected and broadcast routes of an address, if its device is up. RTNL. */
void plumb_ifa_connect(struct plumb_ifa *ifa);

/* Take an address out of its interface and free it; the routes that hang on it go too. RTNL. */
void plumb_ifa_remove(struct plumb_ifa *ifa);

/*
 * Linux has @a on a shared device: it is ours too, unless we have it of our own. RTNL; 0, -ENOMEM.
 */
int plumb_addr_follow(struct plumb_iface *iface, const struct plumb_addr *a);
/* Linux has it no more. RTNL. */
void plumb_addr_unfollow(struct plumb_iface *iface, __be32 local, u8 prefixlen);
/* The device is shared no more: forget all of them. RTNL. */
void plumb_addr_unfollow_all(struct plumb_iface *iface);

/* Tell the upper layer that an address can be used. RTNL. */
void plumb_iface_announce(const struct plumb_ifa *ifa);

#endif /* _PLUMB_ROUTE_ADDR_H */
