// SPDX-License-Identifier: GPL-2.0
/*
 * The IPv4 layer's start and end: of the module, and of a namespace.
 */
#include <linux/icmp.h>
#include <linux/slab.h>

#include <plumb/init.h>

#include "../neigh/cache.h"
#include "../route/iface.h"
#include "layer.h"

/* A packet of ours, or one we forward, waited for a neighbour that does not answer. */
static void ip_neigh_failed(struct plumb_net *pn, struct sk_buff *skb)
{
	plumb_icmp_send(pn, skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
}

int plumb_ip_init(void)
{
	plumb_link_ops_init();
	plumb_neigh_fail_set(ip_neigh_failed);
	return 0;
}

void plumb_ip_exit(void)
{
	plumb_neigh_fail_set(NULL);
}

int plumb_ip_net_init(struct plumb_net *pn)
{
	struct plumb_ip_net *ipn;
	int err;

	ipn = kvzalloc(sizeof(*ipn), GFP_KERNEL_ACCOUNT);
	if (!ipn)
		return -ENOMEM;
	plumb_icmp_limit_init(ipn);
	pn->ip = ipn;
	err = plumb_reasm_net_init(pn);
	if (err) {
		kvfree(ipn);
		pn->ip = NULL;
	}
	return err;
}

void plumb_ip_net_exit(struct plumb_net *pn)
{
	plumb_reasm_net_exit(pn);
	kvfree(pn->ip);
	pn->ip = NULL;
}

/* Above the protocols: while a device is hooked, there is somebody to take what it brings. */
int plumb_ip_devices_net_init(struct plumb_net *pn)
{
	return plumb_loopback_net_init(pn);
}

/*
 * No socket is open. Devices are unhooked (nothing comes in any more), then the loopback goes
 * (nothing goes round any more), which waits for those who are at it.
 */
void plumb_ip_devices_net_exit(struct plumb_net *pn)
{
	plumb_link_net_exit(pn);
	plumb_loopback_net_exit(pn);
}

void plumb_ip_groups_add(struct plumb_net *pn, int n)
{
	atomic_add(n, &pn->ip->groups);
}
