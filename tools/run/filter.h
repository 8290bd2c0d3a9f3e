/* SPDX-License-Identifier: GPL-2.0 */
/* The seccomp filter that reports socket() calls to the supervisor. */
#ifndef PLUMB_RUN_FILTER_H
#define PLUMB_RUN_FILTER_H

#include <stdbool.h>

/**
 * run_filter_install() - filter the calling thread and all it will start
 * @ipv4_only: refuse AF_INET6 with EAFNOSUPPORT
 *
 * Return: the listener's descriptor (close-on-exec), or -1 with errno; EBUSY: a supervisor
 * already listens for this process.
 */
int run_filter_install(bool ipv4_only);

#endif /* PLUMB_RUN_FILTER_H */
