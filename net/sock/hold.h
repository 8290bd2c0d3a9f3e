/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports held in Linux's tables, while a device is shared (net/ip/share.c): what net/sock/port.c
 * asks of hold.c.
 */
#ifndef _PLUMB_SOCK_HOLD_H
#define _PLUMB_SOCK_HOLD_H

#include <linux/types.h>

struct plumb_hold;
struct plumb_net;
struct sock;

/**
 * struct plumb_hold_ask - what is to be held
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @num: the port, host order
 * @saddr: local address, or 0: any
 * @dev: index of the device it is bound to, or 0
 * @reuse: SO_REUSEADDR
 * @listens: TCP: it listens
 */
struct plumb_hold_ask {
	u8	protocol;
	u16	num;
	__be32	saddr;
	int	dev;
	bool	reuse;
	bool	listens;
};

/* Must the port of a socket with this address be held? Any context. */
bool plumb_hold_wanted(struct plumb_net *pn, u8 protocol, __be32 saddr);

/*
 * Bind a socket of Linux's to the port, so that Linux gives it to nobody. An ERR_PTR():
 * -EADDRINUSE, or what making a socket said. Process context.
 */
struct plumb_hold *plumb_hold_new(struct plumb_net *pn, const struct plumb_hold_ask *a);

/* Does it hold @a as well (its protocol and port being the same)? */
bool plumb_hold_covers(const struct plumb_hold *h, const struct plumb_hold_ask *a);

/*
 * One that holds for another socket is to hold for @a too, or what it holds for begins to listen:
 * then nobody may share the port. 0 or -EADDRINUSE. Process context.
 */
int plumb_hold_tighten(struct plumb_hold *h, const struct plumb_hold_ask *a);

/* One more, one less socket it holds for; with the last the port is free at once. Any context. */
void plumb_hold_get(struct plumb_hold *h);
void plumb_hold_put(struct plumb_hold *h);

/* Wait until those that were put are gone altogether. Process context. */
void plumb_hold_flush(void);

#endif /* _PLUMB_SOCK_HOLD_H */
