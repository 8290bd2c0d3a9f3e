// SPDX-License-Identifier: GPL-2.0
/*
 * Plumb in a network namespace: made with it, gone with it. The layers come up
 * in the order of the table, bottom first, and go down in the opposite order.
 */
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include <plumb/drop.h>
#include <plumb/init.h>
#include <plumb/mib.h>
#include <plumb/net.h>

#include "netns.h"

static unsigned int plumb_net_id __ro_after_init;

struct plumb_net *plumb_net(const struct net *net)
{
	return net_generic(net, plumb_net_id);
}

static void plumb_mib_exit(struct plumb_net *pn)
{
	struct plumb_mib *mib = pn->mib;

	free_percpu(pn->drops);
	if (!mib)
		return;
	free_percpu(mib->linux_);
	free_percpu(mib->tcp);
	free_percpu(mib->udp);
	kfree(mib->icmpmsg);
	free_percpu(mib->icmp);
	free_percpu(mib->ip);
	kfree(mib);
}

static int plumb_mib_init(struct plumb_net *pn)
{
	struct plumb_mib *mib;
	int cpu;

	mib = kzalloc(sizeof(*mib), GFP_KERNEL_ACCOUNT);
	pn->mib = mib;
	pn->drops = alloc_percpu_gfp(struct plumb_drops, GFP_KERNEL_ACCOUNT);
	if (!mib || !pn->drops)
		goto nomem;
	mib->ip = alloc_percpu_gfp(struct ipstats_mib, GFP_KERNEL_ACCOUNT);
	mib->icmp = alloc_percpu_gfp(struct icmp_mib, GFP_KERNEL_ACCOUNT);
	mib->icmpmsg = kzalloc(sizeof(*mib->icmpmsg), GFP_KERNEL_ACCOUNT);
	mib->udp = alloc_percpu_gfp(struct udp_mib, GFP_KERNEL_ACCOUNT);
	mib->tcp = alloc_percpu_gfp(struct tcp_mib, GFP_KERNEL_ACCOUNT);
	mib->linux_ = alloc_percpu_gfp(struct linux_mib, GFP_KERNEL_ACCOUNT);
	if (!mib->ip || !mib->icmp || !mib->icmpmsg || !mib->udp || !mib->tcp || !mib->linux_)
		goto nomem;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(mib->ip, cpu)->syncp);
	return 0;

nomem:
	plumb_mib_exit(pn);
	return -ENOMEM;
}

static const struct plumb_net_part plumb_net_parts[] = {
	{ "counters", plumb_mib_init, plumb_mib_exit },
	{ "routes", plumb_route_net_init, plumb_route_net_exit },
	{ "neighbours", plumb_neigh_net_init, plumb_neigh_net_exit },
	{ "IPv4", plumb_ip_net_init, plumb_ip_net_exit },
	{ "ports", plumb_sock_net_init, plumb_sock_net_exit },
	{ "udp", plumb_udp_net_init, plumb_udp_net_exit },
	{ "raw", plumb_raw_net_init, plumb_raw_net_exit },
	{ "tcp", plumb_tcp_net_init, plumb_tcp_net_exit },
	{ "devices", plumb_ip_devices_net_init, plumb_ip_devices_net_exit },
	{ "lan", plumb_lan_net_init, plumb_lan_net_exit },
	/* Layers come above; what shows and sets them comes up last and goes first. */
	{ "proc", plumb_proc_net_init, plumb_proc_net_exit },
	{ "sysctl", plumb_sysctl_net_init, plumb_sysctl_net_exit },
};

static void plumb_net_parts_exit(struct plumb_net *pn, size_t n)
{
	while (n--)
		plumb_net_parts[n].exit(pn);
}

static int __net_init plumb_net_init(struct net *net)
{
	struct plumb_net *pn = plumb_net(net);
	size_t i;
	int err;

	pn->net = net;
	get_random_bytes(&pn->hash_key, sizeof(pn->hash_key));
	get_random_bytes(&pn->flow_key, sizeof(pn->flow_key));
	plumb_sysctl_defaults(pn);
	for (i = 0; i < ARRAY_SIZE(plumb_net_parts); i++) {
		err = plumb_net_parts[i].init(pn);
		if (err) {
			pr_err("cannot start %s in a namespace: error %d\n",
			       plumb_net_parts[i].name, err);
			plumb_net_parts_exit(pn, i);
			return err;
		}
	}
	return 0;
}

/* After it, and before plumb_net_exit(), the core waits for a grace period. */
static void __net_exit plumb_net_pre_exit(struct net *net)
{
	plumb_tcp_net_stop(plumb_net(net));
}

static void __net_exit plumb_net_exit(struct net *net)
{
	plumb_net_parts_exit(plumb_net(net), ARRAY_SIZE(plumb_net_parts));
}

static struct pernet_operations plumb_net_ops = {
	.init = plumb_net_init,
	.pre_exit = plumb_net_pre_exit,
	.exit = plumb_net_exit,
	.id = &plumb_net_id,
	.size = sizeof(struct plumb_net),
};

int plumb_netns_init(void)
{
	return register_pernet_device(&plumb_net_ops);
}

void plumb_netns_stop(void)
{
	struct net *net;

	/* None that is listed goes meanwhile. */
	down_read(&net_rwsem);
	for_each_net(net)
		plumb_tcp_net_stop(plumb_net(net));
	up_read(&net_rwsem);
}

void plumb_netns_exit(void)
{
	unregister_pernet_device(&plumb_net_ops);
}
