// SPDX-License-Identifier: GPL-2.0
/*
 * Plumb: a second TCP/IP stack and an e1000 driver in one module.
 *
 * The module's start and end. Parts come up bottom first, in the order of the
 * table, and go down in the opposite order.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include <plumb/init.h>

#include "netns.h"

static bool nic = true;
module_param(nic, bool, 0444);
MODULE_PARM_DESC(nic, "drive 82540EM-class adapters (default: yes)");

static bool lan = true;
module_param(lan, bool, 0444);
MODULE_PARM_DESC(lan, "offer modelled adapters, cables, hubs and switches (default: yes)");

static int plumb_main_nic_init(void)
{
	return nic ? plumb_nic_init() : 0;
}

static void plumb_main_nic_exit(void)
{
	if (nic)
		plumb_nic_exit();
}

static int plumb_main_lan_init(void)
{
	return lan ? plumb_genl_lan_init() : 0;
}

static void plumb_main_lan_exit(void)
{
	if (lan)
		plumb_genl_lan_exit();
}

static const struct plumb_part plumb_parts[] = {
	{ "nic", plumb_main_nic_init, plumb_main_nic_exit },
	{ "IPv4", plumb_ip_init, plumb_ip_exit },
	{ "ports", plumb_sock_layer_init, plumb_sock_layer_exit },
	{ "udp", plumb_udp_init, plumb_udp_exit },
	{ "raw", plumb_raw_init, plumb_raw_exit },
	{ "tcp", plumb_tcp_init, plumb_tcp_exit },
	{ "namespaces", plumb_netns_init, plumb_netns_exit },
	{ "links", plumb_link_init, plumb_link_exit },
	{ "netlink", plumb_genl_init, plumb_genl_exit },
	{ "family", plumb_af_init, plumb_af_exit },
	{ "lan", plumb_main_lan_init, plumb_main_lan_exit },
};

static void plumb_parts_exit(size_t n)
{
	while (n--)
		plumb_parts[n].exit();
}

static int __init plumb_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(plumb_parts); i++) {
		err = plumb_parts[i].init();
		if (err) {
			pr_err("cannot start %s: error %d\n", plumb_parts[i].name, err);
			plumb_parts_exit(i);
			return err;
		}
	}
	return 0;
}

static void __exit plumb_exit(void)
{
	/* While there are devices and routes, by which their peers are told. */
	plumb_netns_stop();
	plumb_parts_exit(ARRAY_SIZE(plumb_parts));
}

module_init(plumb_init);
module_exit(plumb_exit);

MODULE_DESCRIPTION("Plumb: a second TCP/IP stack, and an e1000 driver, in one module");
MODULE_AUTHOR("The Plumb developers");
MODULE_LICENSE("GPL");
