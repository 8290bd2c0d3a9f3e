// SPDX-License-Identifier: GPL-2.0
/* plumb neigh: the neighbour cache. */
#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"
#include "show.h"

#define LLADDR_MAX 32

static void neigh_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb neigh { add | del | change | replace } ADDRESS [ lladdr LLADDR ]\n"
		"                   [ nud STATE ] dev DEVICE\n"
		"       plumb neigh { show | flush } [ to PREFIX ] [ dev DEVICE ] [ nud STATE ]\n"
		"       plumb neigh stats\n"
		"STATE := { permanent | noarp | stale | reachable | incomplete | delay | probe |\n"
		"           failed | all }\n");
}

/**
 * struct neigh_words - what was written
 * @p: address or prefix
 * @dev: index, or 0
 * @state: NUD_* bits, or 0: not said
 * @lladdr: link-layer address of @lladdr_len octets
 */
struct neigh_words {
	struct prefix p;
	bool have, have_lladdr;
	uint32_t dev;
	uint16_t state;
	size_t lladdr_len;
	uint8_t lladdr[LLADDR_MAX];
};

static uint16_t neigh_state(const char *word)
{
	if (!strcmp(word, "all"))
		return NUD_INCOMPLETE | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE |
		       NUD_FAILED | NUD_NOARP | NUD_PERMANENT;
	return (uint16_t)parse_name(names_nud, word, "nud state", 0xff);
}

static void neigh_read(struct neigh_words *w, struct args *a)
{
	memset(w, 0, sizeof(*w));
	while (*a->v) {
		if (args_take(a, "dev")) {
			if (w->dev)
				die_garbage("dev", args_next(a));
			w->dev = parse_dev(args_next(a));
		} else if (args_take(a, "lladdr")) {
			if (w->have_lladdr)
				die_garbage("lladdr", args_next(a));
			w->lladdr_len = parse_lladdr(args_next(a), w->lladdr, LLADDR_MAX);
			w->have_lladdr = true;
		} else if (args_take(a, "nud")) {
			w->state |= neigh_state(args_next(a));
		} else {
			if (!args_take(a, "to") && w->have)
				die_garbage("to", *a->v);
			w->p = parse_prefix(args_next(a));
			w->have = true;
		}
	}
}

static int neigh_change(uint8_t cmd, uint32_t how, char **argv)
{
	struct args a = { argv + 1 };
	struct neigh_words w;
	struct nlmsghdr *nlh;

	neigh_read(&w, &a);
	if (!w.have || !w.dev) {
		fprintf(stderr, "Device and destination are required arguments.\n");
		return EXIT_USAGE;
	}
	if (w.p.len != 32)
		die("an address is expected, not a prefix");
	nlh = nl_new(cmd, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_IFINDEX, w.dev);
	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_DST, w.p.addr);
	if (cmd == PLUMB_CMD_NEIGH_NEW) {
		mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_HOW, how);
		if (w.state)
			mnl_attr_put_u16(nlh, PLUMB_A_NEIGH_STATE, w.state);
		if (w.have_lladdr)
			mnl_attr_put(nlh, PLUMB_A_NEIGH_LLADDR, w.lladdr_len, w.lladdr);
	}
	return nl_talk(nlh, NULL, NULL);
}

static int neigh_add(int argc, char **argv)
{
	(void)argc;
	return neigh_change(PLUMB_CMD_NEIGH_NEW, PLUMB_HOW_ADD, argv);
}

static int neigh_chg(int argc, char **argv)
{
	(void)argc;
	return neigh_change(PLUMB_CMD_NEIGH_NEW, PLUMB_HOW_CHANGE, argv);
}

static int neigh_replace(int argc, char **argv)
{
	(void)argc;
	return neigh_change(PLUMB_CMD_NEIGH_NEW, PLUMB_HOW_REPLACE, argv);
}

static int neigh_del(int argc, char **argv)
{
	(void)argc;
	return neigh_change(PLUMB_CMD_NEIGH_DEL, 0, argv);
}

static void neigh_show_state(uint16_t state)
{
	const char *name = name_of(names_nud, state);
	char upper[32];
	size_t i;

	for (i = 0; name[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
	upper[i] = '\0';
	out_list("state");
	out_element(upper);
	out_text("%s", upper);
	out_list_end();
}

void show_neigh(const struct nlattr **tb)
{
	const struct nlattr *ll = tb[PLUMB_A_NEIGH_LLADDR];
	char text[LLADDR_MAX * 3 + 1];
	size_t i;

	out_addr("dst", "%s ", nl_u32(tb[PLUMB_A_NEIGH_DST], 0));
	out_str("dev", "dev %s ", dev_name(nl_u32(tb[PLUMB_A_NEIGH_IFINDEX], 0)));
	if (ll) {
		const uint8_t *octet = mnl_attr_get_payload(ll);
		size_t len = mnl_attr_get_payload_len(ll);

		for (i = 0; i < len && i < LLADDR_MAX; i++)
			sprintf(text + 3 * i, "%02x:", octet[i]);
		text[i ? 3 * i - 1 : 0] = '\0';
		out_str("lladdr", "lladdr %s ", text);
	}
	if (out_stats) {
		out_uint("refcnt", "ref %llu ", nl_u32(tb[PLUMB_A_NEIGH_REFCNT], 0));
		out_uint("used", "used %llu/", nl_u32(tb[PLUMB_A_NEIGH_USED], 0) / 1000);
		out_uint("confirmed", "%llu/", nl_u32(tb[PLUMB_A_NEIGH_CONFIRMED], 0) / 1000);
		out_uint("updated", "%llu ", nl_u32(tb[PLUMB_A_NEIGH_UPDATED], 0) / 1000);
		out_uint("probes", "probes %llu ", nl_u32(tb[PLUMB_A_NEIGH_PROBES], 0));
	}
	neigh_show_state(tb[PLUMB_A_NEIGH_STATE] ? mnl_attr_get_u16(tb[PLUMB_A_NEIGH_STATE]) : 0);
}

static bool neigh_wanted(const struct neigh_words *w, const struct nlattr **tb)
{
	uint32_t mask = w->p.len ? htonl(UINT32_MAX << (32 - w->p.len)) : 0;
	uint16_t state = tb[PLUMB_A_NEIGH_STATE] ? mnl_attr_get_u16(tb[PLUMB_A_NEIGH_STATE]) : 0;

	if (w->dev && w->dev != nl_u32(tb[PLUMB_A_NEIGH_IFINDEX], 0))
		return false;
	/* As with ip(8), what needs no resolution is shown only when asked for. */
	if (w->state ? !(state & w->state) : state == NUD_NOARP)
		return false;
	return !w->have || !((nl_u32(tb[PLUMB_A_NEIGH_DST], 0) ^ w->p.addr) & mask);
}

static void neigh_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	if (!neigh_wanted(arg, tb))
		return;
	out_item(NULL);
	show_neigh(tb);
	out_item_end();
	out_text(" \n");
}

static int neigh_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	struct neigh_words w;
	struct nlmsghdr *nlh;
	int err;

	neigh_read(&w, &a);
	nlh = nl_new(PLUMB_CMD_NEIGH_GET, NLM_F_DUMP);
	out_list(NULL);
	err = nl_talk(nlh, neigh_show_one, &w);
	out_list_end();
	return err ? err : out_finish();
}

static void neigh_flush_count(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)arg;
	if (out_stats)
		out_text("%u entries flushed\n", nl_u32(tb[PLUMB_A_NEIGH_COUNT], 0));
}

struct neigh_flush {
	const struct neigh_words *w;
	int err;
};

static void neigh_flush_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct neigh_flush *f = arg;
	struct nlmsghdr *nlh;

	(void)cmd;
	if (!neigh_wanted(f->w, tb))
		return;
	nlh = nl_new(PLUMB_CMD_NEIGH_DEL, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_IFINDEX, nl_u32(tb[PLUMB_A_NEIGH_IFINDEX], 0));
	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_DST, nl_u32(tb[PLUMB_A_NEIGH_DST], 0));
	if (nl_talk(nlh, NULL, NULL))
		f->err = EXIT_KERNEL;
}

static int neigh_flush(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct neigh_words w;
	struct neigh_flush f = { .w = &w };
	struct nlmsghdr *nlh;
	int err;

	(void)argc;
	neigh_read(&w, &a);
	if (!w.have && !w.dev && !w.state) {
		fprintf(stderr, "Flush requires arguments.\n");
		return EXIT_USAGE;
	}
	if (w.have) {
		err = nl_talk(nl_new(PLUMB_CMD_NEIGH_GET, NLM_F_DUMP), neigh_flush_one, &f);
		return err ? err : f.err;
	}
	nlh = nl_new(PLUMB_CMD_NEIGH_FLUSH, 0);
	if (w.dev)
		mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_IFINDEX, w.dev);
	if (w.state)
		mnl_attr_put_u16(nlh, PLUMB_A_NEIGH_STATE, w.state);
	return nl_talk(nlh, neigh_flush_count, NULL);
}

static void neigh_stats_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	static const char *const names[] = {
		[PLUMB_A_NEIGH_STATS_ENTRIES] = "entries",
		[PLUMB_A_NEIGH_STATS_ALLOCS] = "allocs",
		[PLUMB_A_NEIGH_STATS_DESTROYS] = "destroys",
		[PLUMB_A_NEIGH_STATS_LOOKUPS] = "lookups",
		[PLUMB_A_NEIGH_STATS_HITS] = "hits",
		[PLUMB_A_NEIGH_STATS_RES_FAILED] = "res_failed",
		[PLUMB_A_NEIGH_STATS_UNRES_DISCARDS] = "unres_discards",
		[PLUMB_A_NEIGH_STATS_TABLE_FULLS] = "table_fulls",
	};
	size_t i;

	(void)cmd;
	(void)arg;
	for (i = PLUMB_A_NEIGH_STATS_ENTRIES; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!tb[i])
			continue;
		out_text("%s ", names[i]);
		out_uint(names[i], "%llu\n", mnl_attr_get_u64(tb[i]));
	}
}

static int neigh_stats(int argc, char **argv)
{
	struct nlmsghdr *nlh;
	int err;

	if (argc > 1)
		die("argument \"%s\" is wrong: nothing is expected", argv[1]);
	nlh = nl_new(PLUMB_CMD_NEIGH_STATS_GET, 0);
	out_item(NULL);
	err = nl_talk(nlh, neigh_stats_one, NULL);
	out_item_end();
	return err ? err : out_finish();
}

int cmd_neigh(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", neigh_show }, { "list", neigh_show }, { "lst", neigh_show },
		{ "add", neigh_add }, { "delete", neigh_del }, { "change", neigh_chg },
		{ "chg", neigh_chg }, { "replace", neigh_replace }, { "flush", neigh_flush },
		{ "stats", neigh_stats },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), neigh_help, argc, argv);
}
