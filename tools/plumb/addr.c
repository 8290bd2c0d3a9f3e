// SPDX-License-Identifier: GPL-2.0
/* plumb addr: addresses of interfaces. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"
#include "show.h"

static void addr_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb addr add ADDRESS[/PREFIX] [ broadcast { ADDRESS | + | - } ]\n"
		"                  [ scope SCOPE ] [ noprefixroute ] dev DEVICE\n"
		"       plumb addr del ADDRESS[/PREFIX] dev DEVICE\n"
		"       plumb addr show [ dev DEVICE ] [ to PREFIX ] [ scope SCOPE ]\n"
		"       plumb addr flush { dev DEVICE | to PREFIX } [ scope SCOPE ]\n"
		"SCOPE := { global | site | link | host | NUMBER }\n");
}

/**
 * struct addr_words - what was written
 * @p: the address
 * @have: it was there
 * @dev: index, or 0
 * @brd: broadcast address, network order
 * @scope: RT_SCOPE_*, or -1
 * @flags: IFA_F_*
 */
struct addr_words {
	struct prefix p;
	bool have, have_brd;
	uint32_t dev, brd, flags;
	int scope;
};

static void addr_broadcast(struct addr_words *w, const char *word)
{
	uint32_t host = w->p.len < 32 ? UINT32_MAX >> w->p.len : 0;

	w->have_brd = true;
	if (strcmp(word, "+") && strcmp(word, "-")) {
		w->brd = parse_addr(word);
		return;
	}
	if (!w->have || w->p.len > 30)
		die("broadcast can be set only for IPv4 addresses with a prefix of up to 30 bits");
	w->brd = *word == '+' ? w->p.addr | htonl(host) : w->p.addr & htonl(~host);
}

static void addr_read(struct addr_words *w, struct args *a)
{
	const char *brd = NULL;

	*w = (struct addr_words){ .scope = -1 };
	while (*a->v) {
		if (args_take(a, "dev")) {
			if (w->dev)
				die_garbage("dev", args_next(a));
			w->dev = parse_dev(args_next(a));
		} else if (args_take_short(a, "broadcast") || args_take(a, "brd")) {
			if (brd)
				die_garbage("broadcast", args_next(a));
			brd = args_next(a);
		} else if (args_take(a, "scope")) {
			w->scope = (int)parse_name(names_scope, args_next(a), "scope", 255);
		} else if (args_take(a, "noprefixroute")) {
			w->flags |= IFA_F_NOPREFIXROUTE;
		} else {
			if (!args_take(a, "local") && !args_take(a, "to") && w->have)
				die_garbage("local", *a->v);
			w->p = parse_prefix(args_next(a));
			w->have = true;
		}
	}
	if (brd)
		addr_broadcast(w, brd);
}

static void addr_need(const struct addr_words *w)
{
	if (!w->have) {
		fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
		exit(EXIT_USAGE);
	}
	if (!w->dev) {
		fprintf(stderr, "Not enough information: \"dev\" argument is required.\n");
		exit(EXIT_USAGE);
	}
}

static int addr_change(uint8_t cmd, char **argv)
{
	struct args a = { argv + 1 };
	struct addr_words w;
	struct nlmsghdr *nlh;

	addr_read(&w, &a);
	addr_need(&w);
	nlh = nl_new(cmd, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_IFINDEX, w.dev);
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_LOCAL, w.p.addr);
	if (w.p.given || cmd == PLUMB_CMD_ADDR_NEW)
		mnl_attr_put_u8(nlh, PLUMB_A_ADDR_PREFIXLEN, w.p.len);
	if (w.have_brd)
		mnl_attr_put_u32(nlh, PLUMB_A_ADDR_BROADCAST, w.brd);
	if (w.scope >= 0)
		mnl_attr_put_u8(nlh, PLUMB_A_ADDR_SCOPE, (uint8_t)w.scope);
	else if (cmd == PLUMB_CMD_ADDR_NEW && ntohl(w.p.addr) >> 24 == 127)
		mnl_attr_put_u8(nlh, PLUMB_A_ADDR_SCOPE, RT_SCOPE_HOST);
	if (w.flags)
		mnl_attr_put_u32(nlh, PLUMB_A_ADDR_FLAGS, w.flags);
	return nl_talk(nlh, NULL, NULL);
}

static int addr_add(int argc, char **argv)
{
	(void)argc;
	return addr_change(PLUMB_CMD_ADDR_NEW, argv);
}

static int addr_del(int argc, char **argv)
{
	(void)argc;
	return addr_change(PLUMB_CMD_ADDR_DEL, argv);
}

void show_addr(const struct nlattr **tb)
{
	uint32_t flags = nl_u32(tb[PLUMB_A_ADDR_FLAGS], 0);

	out_item(NULL);
	out_str("family", "    %s ", "inet");
	out_addr("local", "%s", nl_u32(tb[PLUMB_A_ADDR_LOCAL], 0));
	out_uint("prefixlen", "/%llu ", nl_u8(tb[PLUMB_A_ADDR_PREFIXLEN], 32));
	if (tb[PLUMB_A_ADDR_BROADCAST])
		out_addr("broadcast", "brd %s ", nl_u32(tb[PLUMB_A_ADDR_BROADCAST], 0));
	out_str("scope", "scope %s ", name_of(names_scope, nl_u8(tb[PLUMB_A_ADDR_SCOPE], 0)));
	if (flags & IFA_F_SECONDARY)
		out_true("secondary", "secondary ");
	if (flags & IFA_F_NOPREFIXROUTE)
		out_true("noprefixroute", "noprefixroute ");
	if (tb[PLUMB_A_ADDR_SHARE])
		out_true("share", "share ");
	out_str("label", "%s", dev_name(nl_u32(tb[PLUMB_A_ADDR_IFINDEX], 0)));
	out_item_end();
}

static bool addr_wanted(const struct addr_words *w, const struct nlattr **tb)
{
	uint32_t mask = w->p.len ? htonl(UINT32_MAX << (32 - w->p.len)) : 0;

	if (w->dev && w->dev != nl_u32(tb[PLUMB_A_ADDR_IFINDEX], 0))
		return false;
	if (w->scope >= 0 && w->scope != nl_u8(tb[PLUMB_A_ADDR_SCOPE], 0))
		return false;
	return !w->have || !((nl_u32(tb[PLUMB_A_ADDR_LOCAL], 0) ^ w->p.addr) & mask);
}

/* An address in the list that is being shown: each link prints those of its device. */
struct addr_list {
	const struct addr_words *w;
	uint32_t ifindex;
	bool any;
};

static void addr_list_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct addr_list *l = arg;

	(void)cmd;
	if (nl_u32(tb[PLUMB_A_ADDR_IFINDEX], 0) != l->ifindex || !addr_wanted(l->w, tb))
		return;
	show_addr(tb);
	out_break();
}

static int addr_list_link_err;

static void addr_list_link(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const struct addr_words *w = arg;
	struct addr_list l = { .w = w, .ifindex = nl_u32(tb[PLUMB_A_LINK_IFINDEX], 0) };
	struct nlmsghdr *nlh;

	(void)cmd;
	if (w->dev && w->dev != l.ifindex)
		return;
	out_item(NULL);
	show_link(tb);
	out_break();
	out_list("addr_info");
	nlh = nl_new(PLUMB_CMD_ADDR_GET, NLM_F_DUMP);
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_IFINDEX, l.ifindex);
	if (nl_talk(nlh, addr_list_one, &l))
		addr_list_link_err = EXIT_KERNEL;
	out_list_end();
	out_item_end();
	if (out_oneline)
		out_text("\n");
}

static int addr_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	struct addr_words w;
	struct nlmsghdr *nlh;
	int err;

	/* `plumb addr eth0`, as ip(8) has it */
	if (argc == 2 && if_nametoindex(argv[1])) {
		w = (struct addr_words){ .scope = -1, .dev = parse_dev(argv[1]) };
		a.v++;
	} else {
		addr_read(&w, &a);
	}
	nlh = nl_new(PLUMB_CMD_LINK_GET, NLM_F_DUMP);
	out_list(NULL);
	err = nl_talk(nlh, addr_list_link, &w);
	out_list_end();
	return err ? err : addr_list_link_err ? addr_list_link_err : out_finish();
}

struct addr_flush {
	const struct addr_words *w;
	int err;
};

static void addr_flush_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct addr_flush *f = arg;
	struct nlmsghdr *nlh;

	(void)cmd;
	/* Linux's are not ours to delete. */
	if (tb[PLUMB_A_ADDR_SHARE] || !addr_wanted(f->w, tb))
		return;
	nlh = nl_new(PLUMB_CMD_ADDR_DEL, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_IFINDEX, nl_u32(tb[PLUMB_A_ADDR_IFINDEX], 0));
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_LOCAL, nl_u32(tb[PLUMB_A_ADDR_LOCAL], 0));
	mnl_attr_put_u8(nlh, PLUMB_A_ADDR_PREFIXLEN, nl_u8(tb[PLUMB_A_ADDR_PREFIXLEN], 32));
	/* One that went meanwhile, as a secondary with its primary, is gone all the same. */
	nl_quiet = EADDRNOTAVAIL;
	if (nl_talk(nlh, NULL, NULL) && nl_errno != EADDRNOTAVAIL)
		f->err = EXIT_KERNEL;
	nl_quiet = 0;
}

static int addr_flush(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct addr_words w;
	struct addr_flush f = { .w = &w };
	int err;

	(void)argc;
	addr_read(&w, &a);
	if (!w.dev && !w.have) {
		fprintf(stderr, "Flush requires arguments.\n");
		return EXIT_USAGE;
	}
	err = nl_talk(nl_new(PLUMB_CMD_ADDR_GET, NLM_F_DUMP), addr_flush_one, &f);
	return err ? err : f.err;
}

int cmd_addr(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", addr_show }, { "list", addr_show }, { "lst", addr_show },
		{ "add", addr_add }, { "delete", addr_del }, { "flush", addr_flush },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), addr_help, argc, argv);
}
