// SPDX-License-Identifier: GPL-2.0
/* plumb link: the devices that Plumb has adopted. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"
#include "show.h"

static void link_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb link show [ [ dev ] DEVICE ]\n"
		"       plumb link set [ dev ] DEVICE { adopt | release | share | noshare }\n"
		"adopt: Plumb hears the device even without an address of its own on it\n"
		"release: no longer\n"
		"share: the addresses and routes that Linux has are Plumb's too; noshare: no longer\n"
		"A device is set up, renamed and given its MTU by ip(8).\n");
}

static const struct name names_flags[] = {
	{ "LOOPBACK", IFF_LOOPBACK }, { "BROADCAST", IFF_BROADCAST },
	{ "POINTOPOINT", IFF_POINTOPOINT }, { "MULTICAST", IFF_MULTICAST },
	{ "NOARP", IFF_NOARP }, { "ALLMULTI", IFF_ALLMULTI }, { "PROMISC", IFF_PROMISC },
	{ "DYNAMIC", IFF_DYNAMIC }, { "UP", IFF_UP }, { "LOWER_UP", 1 << 16 },
	{ "DORMANT", 1 << 17 }, { 0 },
};

static void link_flags(uint32_t flags)
{
	const struct name *n;
	const char *comma = "";

	out_list("flags");
	out_text("<");
	if ((flags & IFF_UP) && !(flags & IFF_RUNNING)) {
		out_element("NO-CARRIER");
		out_text("NO-CARRIER");
		comma = ",";
	}
	for (n = names_flags; n->name; n++) {
		if (!(flags & n->value))
			continue;
		out_element(n->name);
		out_text("%s%s", comma, n->name);
		comma = ",";
	}
	out_text("> ");
	out_list_end();
}

/* Without the item around it, so that `addr show` can add the addresses. */
void show_link(const struct nlattr **tb)
{
	const struct nlattr *name = tb[PLUMB_A_LINK_IFNAME];

	out_uint("ifindex", "%llu: ", nl_u32(tb[PLUMB_A_LINK_IFINDEX], 0));
	out_str("ifname", "%s: ", name ? mnl_attr_get_str(name) : "?");
	link_flags(nl_u32(tb[PLUMB_A_LINK_FLAGS], 0));
	out_uint("mtu", "mtu %llu", nl_u32(tb[PLUMB_A_LINK_MTU], 0));
	if (tb[PLUMB_A_LINK_PINNED])
		out_true("adopted", " adopted");
	if (tb[PLUMB_A_LINK_SHARE])
		out_true("share", " share");
	out_uint("addresses", " addresses %llu", nl_u32(tb[PLUMB_A_LINK_ADDRESSES], 0));
}

static void link_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)arg;
	out_item(NULL);
	show_link(tb);
	out_item_end();
	out_text("\n");
}

static int link_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	uint32_t dev = 0;
	struct nlmsghdr *nlh;
	int err;

	if (*a.v) {
		args_take(&a, "dev");
		dev = parse_dev(args_next(&a));
		if (*a.v)
			die_garbage("dev", *a.v);
	}
	nlh = nl_new(PLUMB_CMD_LINK_GET, dev ? 0 : NLM_F_DUMP);
	if (dev)
		mnl_attr_put_u32(nlh, PLUMB_A_LINK_IFINDEX, dev);
	out_list(NULL);
	err = nl_talk(nlh, link_show_one, NULL);
	out_list_end();
	return err ? err : out_finish();
}

static int link_set(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh;
	uint8_t cmd = PLUMB_CMD_LINK_NEW;
	bool share = false;
	uint32_t dev;

	(void)argc;
	args_take(&a, "dev");
	dev = parse_dev(args_next(&a));
	if (args_take(&a, "release")) {
		cmd = PLUMB_CMD_LINK_DEL;
	} else if (args_take(&a, "share")) {
		share = true;
	} else if (args_take(&a, "noshare")) {
		cmd = PLUMB_CMD_LINK_DEL;
		share = true;
	} else if (!args_take(&a, "adopt")) {
		die("argument \"%s\" is wrong: adopt, release, share or noshare", args_next(&a));
	}
	if (*a.v)
		die_garbage("dev", *a.v);
	nlh = nl_new(cmd, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_LINK_IFINDEX, dev);
	if (share)
		mnl_attr_put(nlh, PLUMB_A_LINK_SHARE, 0, NULL);
	return nl_talk(nlh, NULL, NULL);
}

int cmd_link(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", link_show }, { "list", link_show }, { "lst", link_show },
		{ "set", link_set },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), link_help, argc, argv);
}
