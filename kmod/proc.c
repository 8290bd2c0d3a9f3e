// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/plumb: what /proc/net shows of Linux's stack, of Plumb's, in the same formats,
 * so that the tools that read the one read the other.
 */
#include <linux/proc_fs.h>

#include <plumb/init.h>
#include <plumb/net.h>

#include "proc.h"

#define PROC_DIR	"plumb"
#define PROC_MODE	0444

/* A file has either a walk or a function that prints it at once. */
static const struct proc_file {
	const char			*name;
	const struct seq_operations	*walk;
	int				(*show)(struct seq_file *seq, void *v);
} proc_files[] = {
	{ "tcp", &plumb_proc_tcp_ops, NULL },
	{ "udp", &plumb_proc_udp_ops, NULL },
	{ "raw", &plumb_proc_raw_ops, NULL },
	{ "icmp", &plumb_proc_ping_ops, NULL },
	{ "snmp", NULL, plumb_proc_snmp },
	{ "netstat", NULL, plumb_proc_netstat },
	{ "sockstat", NULL, plumb_proc_sockstat_show },
	{ "arp", NULL, plumb_proc_arp },
	{ "route", NULL, plumb_proc_route },
	{ "dev", NULL, plumb_proc_dev },
	{ "drops", NULL, plumb_proc_drops },
};

int plumb_proc_net_init(struct plumb_net *pn)
{
	struct proc_dir_entry *dir, *entry;
	size_t i;

	dir = proc_net_mkdir(pn->net, PROC_DIR, pn->net->proc_net);
	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(proc_files); i++) {
		const struct proc_file *f = &proc_files[i];

		if (f->walk)
			entry = proc_create_net(f->name, PROC_MODE, dir, f->walk,
						plumb_proc_sock_state);
		else
			entry = proc_create_net_single(f->name, PROC_MODE, dir, f->show, NULL);
		if (!entry)
			goto remove;
	}
	return 0;

remove:
	plumb_proc_net_exit(pn);
	return -ENOMEM;
}

/* Waits until nobody reads any more. */
void plumb_proc_net_exit(struct plumb_net *pn)
{
	remove_proc_subtree(PROC_DIR, pn->net->proc_net);
}
