/* SPDX-License-Identifier: GPL-2.0 */
/* Inside /proc/net/plumb: kmod/proc.c makes the files, one proc_*.c a subject fills them. */
#ifndef _PLUMB_KMOD_PROC_H
#define _PLUMB_KMOD_PROC_H

#include <linux/seq_file.h>
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

/**
 * struct plumb_mib_name - a counter's name; tables end with a NULL name
 * @name: as the file prints it
 * @index: its place in the MIB
 */
struct plumb_mib_name {
	const char	*name;
	int		index;
};

extern const struct plumb_mib_name plumb_mib_ip_names[], plumb_mib_ipext_names[];
extern const struct plumb_mib_name plumb_mib_tcp_names[], plumb_mib_udp_names[];
extern const struct plumb_mib_name plumb_mib_linux_names[];

/* Files of sockets; their seq_file is of proc_create_net() with this state. */
extern const struct seq_operations plumb_proc_tcp_ops, plumb_proc_udp_ops;
extern const struct seq_operations plumb_proc_raw_ops, plumb_proc_ping_ops;
extern const unsigned int plumb_proc_sock_state;	/* bytes */

/* Files printed at once; seq->private is the struct net. */
int plumb_proc_snmp(struct seq_file *seq, void *v);
int plumb_proc_netstat(struct seq_file *seq, void *v);
int plumb_proc_sockstat_show(struct seq_file *seq, void *v);
int plumb_proc_arp(struct seq_file *seq, void *v);
int plumb_proc_route(struct seq_file *seq, void *v);
int plumb_proc_dev(struct seq_file *seq, void *v);
int plumb_proc_drops(struct seq_file *seq, void *v);

#endif /* _PLUMB_KMOD_PROC_H */
