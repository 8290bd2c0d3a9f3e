/* SPDX-License-Identifier: GPL-2.0 */
/* Inside /proc/net/plumb: kmod/proc.c makes the files, one proc_*.c a subject fills them. */
#ifndef _PLUMB_KMOD_PROC_H
#define _PLUMB_KMOD_PROC_H

#include <linux/string.h>

#include <plumb/net.h>
#include <plumb/sockrow.h>

/**
 * plumb_proc_rows() - the next sockets of a protocol
 * @table: which protocol
 * @pn: the namespace
 * @pos: where to go on; zeroed at the start
 * @rows: what is filled
 * @max: room in @rows
 *
 * Context: process, may sleep.
 * Return: how many; 0: no more, or the protocol has not registered.
 */
unsigned int plumb_proc_rows(enum plumb_sockrow_table table, struct plumb_net *pn,
			     struct plumb_sockrow_pos *pos, struct plumb_sockrow *rows,
			     unsigned int max);

/* A protocol's figures; zeros if it has not registered. May sleep. */
void plumb_proc_sockstat(enum plumb_sockrow_table table, struct plumb_net *pn,
			 struct plumb_sockstat *st);

#endif /* _PLUMB_KMOD_PROC_H */
