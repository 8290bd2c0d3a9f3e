// SPDX-License-Identifier: GPL-2.0
/* plumb monitor: what changes, as it changes. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"
#include "show.h"

enum { WATCH_ADDR = 1, WATCH_ROUTE = 2, WATCH_NEIGH = 4, WATCH_LINK = 8, WATCH_ALL = 15 };

static const struct name names_watch[] = {
	{ "address", WATCH_ADDR }, { "route", WATCH_ROUTE }, { "neigh", WATCH_NEIGH },
	{ "link", WATCH_LINK }, { "all", WATCH_ALL }, { 0 },
};

struct change {
	uint8_t cmd;
	unsigned int watch;
	const char *label;
	bool gone;
	void (*show)(const struct nlattr **tb);
};

static void show_addr_line(const struct nlattr **tb)
{
	uint32_t dev = nl_u32(tb[PLUMB_A_ADDR_IFINDEX], 0);

	out_uint("ifindex", "%llu: ", dev);
	out_str("dev", "%s", dev_name(dev));
	out_list("addr_info");
	show_addr(tb);
	out_list_end();
}

static const struct change changes[] = {
	{ PLUMB_CMD_LINK_NEW_NTF, WATCH_LINK, "LINK", false, show_link },
	{ PLUMB_CMD_LINK_DEL_NTF, WATCH_LINK, "LINK", true, show_link },
	{ PLUMB_CMD_ADDR_NEW_NTF, WATCH_ADDR, "ADDR", false, show_addr_line },
	{ PLUMB_CMD_ADDR_DEL_NTF, WATCH_ADDR, "ADDR", true, show_addr_line },
	{ PLUMB_CMD_ROUTE_NEW_NTF, WATCH_ROUTE, "ROUTE", false, show_route },
	{ PLUMB_CMD_ROUTE_DEL_NTF, WATCH_ROUTE, "ROUTE", true, show_route },
	{ PLUMB_CMD_NEIGH_NEW_NTF, WATCH_NEIGH, "NEIGH", false, show_neigh },
	{ PLUMB_CMD_NEIGH_DEL_NTF, WATCH_NEIGH, "NEIGH", true, show_neigh },
};

static void monitor_help(FILE *to)
{
	fprintf(to, "Usage: plumb monitor [ all | address | route | neigh | link ] ...\n");
}

static void monitor_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	unsigned int watch = *(unsigned int *)arg;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];

		if (c->cmd != cmd || !(c->watch & watch))
			continue;
		out_item(NULL);
		out_str("object", watch & (watch - 1) ? "[%s]" : NULL, c->label);
		if (c->gone)
			out_true("deleted", "Deleted ");
		c->show(tb);
		out_item_end();
		out_text("\n");
	}
}

int cmd_monitor(int argc, char **argv)
{
	unsigned int watch = 0;
	const struct name *n;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "help")) {
			monitor_help(stdout);
			return 0;
		}
		for (n = names_watch; n->name; n++)
			if (!strncmp(argv[i], n->name, strlen(argv[i])))
				break;
		if (!n->name || !*argv[i])
			die("argument \"%s\" is unknown, try \"plumb monitor help\".", argv[i]);
		watch |= n->value;
	}
	if (!watch)
		watch = WATCH_ALL;
	return nl_listen(monitor_one, &watch);
}
