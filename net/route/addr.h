/* SPDX-License-Identifier: GPL-2.0 */
/* What iface.c and addr.c ask of each other. */
#ifndef _PLUMB_ROUTE_ADDR_H
#define _PLUMB_ROUTE_ADDR_H

struct plumb_ifa;

/* Make the connected and broadcast routes of an address, if its device is up. RTNL. */
void plumb_ifa_connect(struct plumb_ifa *ifa);

/* Take an address out of its interface and free it; the routes that hang on it go too. RTNL. */
void plumb_ifa_remove(struct plumb_ifa *ifa);

/* Tell the upper layer that an address can be used. RTNL. */
void plumb_iface_announce(const struct plumb_ifa *ifa);

#endif /* _PLUMB_ROUTE_ADDR_H */
