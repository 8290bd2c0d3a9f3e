/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is taken over from Linux while a device is shared: its addresses, and the routes of the
 * namespace.
 */
#ifndef _PLUMB_ROUTE_IMPORT_H
#define _PLUMB_ROUTE_IMPORT_H

#include <plumb/net.h>

struct plumb_iface;

/* Take over the addresses that Linux has on a shared device now. RTNL. 0 or -ENOMEM. */
int plumb_import_addrs(struct plumb_iface *iface);

/* The device is shared no more: its addresses go. RTNL. */
void plumb_import_forget(struct plumb_iface *iface);

/**
 * plumb_import_sync() - take Linux's routes over anew, or give them all up
 * @pn: the namespace
 *
 * To be called when devices came to be shared, or are no more: which routes can be used depends
 * on that. From then on every change is followed.
 *
 * Context: process, RTNL not held.
 * Return: 0; -EBUSY: they change too fast, it is tried again later; -ENOMEM.
 */
int plumb_import_sync(struct plumb_net *pn);

/* The same a little later, from where RTNL is held or where one must not sleep. */
void plumb_import_later(struct plumb_net *pn, unsigned long delay);

int plumb_import_net_init(struct plumb_net *pn);
void plumb_import_net_exit(struct plumb_net *pn);

/* Begin and end to hear of Linux's addresses: while all namespaces have begun. */
int plumb_import_init(void);
void plumb_import_exit(void);

#endif /* _PLUMB_ROUTE_IMPORT_H */
