/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has changed, for those who watch: `plumb monitor` and any program in the
 * multicast group "changes" of the netlink family. The layer that changes something
 * says so here, whoever asked for the change; kmod/genl_event.c tells the listeners.
 */
#ifndef _PLUMB_EVENT_H
#define _PLUMB_EVENT_H

#include <linux/types.h>

struct plumb_addr;
struct plumb_link_info;
struct plumb_neigh_info;
struct plumb_net;
struct plumb_route;

/*
 * @gone: it is no more, otherwise it is new or has changed. The object is copied.
 *
 * Context: any, softirq and spinlocks included; costs a look at a counter when nobody listens.
 * A message that cannot be allocated is lost, and the listeners are told (ENOBUFS).
 */
void plumb_event_link(struct plumb_net *pn, const struct plumb_link_info *l, bool gone);
void plumb_event_addr(struct plumb_net *pn, const struct plumb_addr *a, bool gone);
void plumb_event_route(struct plumb_net *pn, const struct plumb_route *r, bool gone);
void plumb_event_neigh(struct plumb_net *pn, const struct plumb_neigh_info *n, bool gone);

#endif /* _PLUMB_EVENT_H */
