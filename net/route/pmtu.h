/* SPDX-License-Identifier: GPL-2.0 */
/* Path MTUs learnt from ICMP (RFC 1191). */
#ifndef _PLUMB_ROUTE_PMTU_H
#define _PLUMB_ROUTE_PMTU_H

#include <linux/types.h>

#include <plumb/net.h>

/* Less than this is not believed: a liar could make us send dust (Linux: min_pmtu). */
#define PLUMB_PMTU_MIN	552

/**
 * plumb_pmtu_learn() - a router told the MTU towards a destination
 * @pn: the namespace
 * @daddr: the destination
 * @mtu: bytes; less than PLUMB_PMTU_MIN counts as that
 *
 * Kept for ten minutes (RFC 1191 6.3), in a table of bounded size.
 *
 * Context: any.
 * Return: the MTU that is now known.
 */
u32 plumb_pmtu_learn(struct plumb_net *pn, __be32 daddr, u32 mtu);

/**
 * plumb_pmtu_get() - what is known
 * @pn: the namespace
 * @daddr: the destination
 * @expires: seconds it will still be known, or NULL
 *
 * Context: rcu_read_lock() held.
 * Return: bytes, or 0 if nothing is known.
 */
u32 plumb_pmtu_get(struct plumb_net *pn, __be32 daddr, u32 *expires);

/* Forget all: the routes have changed under them. Any context. */
void plumb_pmtu_flush(struct plumb_net *pn);

int plumb_pmtu_net_init(struct plumb_net *pn);
void plumb_pmtu_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_ROUTE_PMTU_H */
