/* SPDX-License-Identifier: GPL-2.0 */
/* Plumb's entry into, and its leave from, every network namespace. */
#ifndef _PLUMB_KMOD_NETNS_H
#define _PLUMB_KMOD_NETNS_H

/**
 * plumb_netns_init() - start Plumb in every namespace, now and later
 *
 * Context: process, at insmod.
 * Return: 0 or a negative errno, with nothing left behind.
 */
int plumb_netns_init(void);

/**
 * plumb_netns_stop() - end the connections that nobody has open, in every namespace
 *
 * Context: process, at rmmod, before anything else ends; no socket is open.
 */
void plumb_netns_stop(void);

/**
 * plumb_netns_exit() - end Plumb in every namespace
 *
 * Context: process, at rmmod; no socket is open.
 */
void plumb_netns_exit(void);

#endif /* _PLUMB_KMOD_NETNS_H */
