/* SPDX-License-Identifier: GPL-2.0 */
/* Congestion control algorithms: for modules that bring one, and for TCP_CONGESTION. */
#ifndef _PLUMB_TCP_CC_H
#define _PLUMB_TCP_CC_H

#include "engine/cong.h"

/**
 * plumb_cc_register() - offer a congestion control algorithm
 * @ops: static; @ops->owner is THIS_MODULE
 *
 * Context: process.
 * Return: 0, -EEXIST (the name is taken), -EINVAL (ssthresh or grow is missing, bad name) or
 * -ENOSPC.
 */
int plumb_cc_register(const struct tcp_cc_ops *ops);

/*
 * Withdraws it. Sockets that use it hold its module, so it may be unloaded only when none is left.
 */
void plumb_cc_unregister(const struct tcp_cc_ops *ops);

/* By name, with its module held; NULL: there is none. Any context. */
const struct tcp_cc_ops *tcp_cc_get(const char *name);
/* Another hold on one that is held. */
bool tcp_cc_hold(const struct tcp_cc_ops *ops);
void tcp_cc_put(const struct tcp_cc_ops *ops);
/* All names, a blank between. */
void tcp_cc_names(char *buf, size_t size);
int tcp_cc_init(void);
void tcp_cc_exit(void);

#endif /* _PLUMB_TCP_CC_H */
