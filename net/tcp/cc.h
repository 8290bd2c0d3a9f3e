/* SPDX-License-Identifier: GPL-2.0 */
/* Congestion control algorithms by name, and a namespace's default. */
#ifndef _PLUMB_TCP_CC_H
#define _PLUMB_TCP_CC_H

#include <plumb/cc.h>

struct plumb_net;

/**
 * tcp_cc_get() - an algorithm by name, with its module held
 * @name: as in TCP_CONGESTION
 * @admin: the caller has CAP_NET_ADMIN: restricted ones too
 *
 * Context: any.
 * Return: the algorithm, or ERR_PTR: -ENOENT (there is none), -EPERM (restricted) or -EBUSY (its
 * module is going).
 */
const struct tcp_cc_ops *tcp_cc_get(const char *name, bool admin);

/* Asks for the module that brings @name, if there is none and the caller may. May sleep. */
void tcp_cc_load(const char *name);

/* The namespace's default, held; Reno if its module is going. Any context. */
const struct tcp_cc_ops *tcp_cc_default(struct plumb_net *pn);

/* Another hold on one that is held; Reno if its module is going. */
const struct tcp_cc_ops *tcp_cc_again(const struct tcp_cc_ops *ops);
void tcp_cc_put(const struct tcp_cc_ops *ops);

/* A namespace begins with the initial one's default, and lets its own go at the end. */
void tcp_cc_net_init(struct plumb_net *pn);
void tcp_cc_net_exit(struct plumb_net *pn);
int tcp_cc_init(void);
void tcp_cc_exit(void);

#endif /* _PLUMB_TCP_CC_H */
