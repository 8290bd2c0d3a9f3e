// SPDX-License-Identifier: GPL-2.0
/* plumb route: routes, and how one destination would be reached. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"
#include "show.h"

static void route_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb route { add | del | change | replace | append | prepend } ROUTE\n"
		"       plumb route { show | flush } [ SELECTOR ]\n"
		"       plumb route get ADDRESS [ from ADDRESS ] [ oif DEVICE ]\n"
		"ROUTE := [ TYPE ] PREFIX [ via ADDRESS ] [ dev DEVICE ] [ src ADDRESS ] [ onlink ]\n"
		"         [ metric NUMBER ] [ scope SCOPE ] [ proto PROTO ] [ table { main | local } ]\n"
		"         [ mtu [ lock ] NUMBER ] [ advmss NUMBER ] [ window NUMBER ] [ rto_min TIME ]\n"
		"         [ initcwnd NUMBER ] [ initrwnd NUMBER ] [ quickack BOOL ] [ congctl NAME ]\n"
		"SELECTOR := [ [ root | match | exact ] PREFIX ] [ via ADDRESS ] [ dev DEVICE ]\n"
		"            [ type TYPE ] [ scope SCOPE ] [ proto PROTO ] [ table { main | local | all } ]\n"
		"TYPE := { unicast | local | broadcast | unreachable | blackhole | prohibit }\n");
}

enum route_match { MATCH_EXACT, MATCH_ROOT, MATCH_MATCH };

/**
 * struct route_words - what was written
 * @dst: destination
 * @match: how a selector compares it
 * @via: gateway
 * @src: preferred source
 * @dev: index, or 0
 * @metric: its value if @have_metric
 * @scope: RT_SCOPE_*, or -1
 * @proto: RTPROT_*, or -1
 * @type: RTN_*, or 0
 * @table: RT_TABLE_*, or 0; -1: all
 * @rto_min: milliseconds
 * @congctl: algorithm, or NULL
 */
struct route_words {
	struct prefix dst;
	enum route_match match;
	bool have_dst, have_metric, onlink, mtu_lock, quickack;
	uint32_t via, src, dev, metric, mtu, advmss, window, initcwnd, initrwnd, rto_min;
	const char *congctl;
	int scope, proto, table;
	unsigned int type;
};

static bool route_type_word(struct route_words *w, struct args *a)
{
	const struct name *n;

	for (n = names_type; n->name; n++) {
		if (args_take(a, n->name)) {
			w->type = n->value;
			return true;
		}
	}
	return false;
}

/* The words that routes and selectors have in common; false: none of them. */
static bool route_word(struct route_words *w, struct args *a)
{
	if (args_take(a, "via")) {
		args_take(a, "inet");
		w->via = parse_addr(args_next(a));
	} else if (args_take(a, "dev") || args_take(a, "oif")) {
		if (w->dev)
			die_garbage("dev", args_next(a));
		w->dev = parse_dev(args_next(a));
	} else if (args_take(a, "src")) {
		w->src = parse_addr(args_next(a));
	} else if (args_take(a, "scope")) {
		w->scope = (int)parse_name(names_scope, args_next(a), "scope", 255);
	} else if (args_take(a, "proto") || args_take(a, "protocol")) {
		w->proto = (int)parse_name(names_proto, args_next(a), "protocol", 255);
	} else if (args_take(a, "table")) {
		w->table = args_take(a, "all") ? -1 :
			(int)parse_name(names_table, args_next(a), "table ID", 255);
	} else if (args_take(a, "metric") || args_take(a, "preference")) {
		w->metric = parse_u32(args_next(a), "metric");
		w->have_metric = true;
	} else {
		return false;
	}
	return true;
}

static void route_dst(struct route_words *w, struct args *a)
{
	if (w->have_dst)
		die_garbage("to", *a->v);
	w->dst = parse_prefix(args_next(a));
	w->have_dst = true;
}

/* ip's times are in milliseconds, if they do not say s or ms. */
static uint32_t route_time(const char *word)
{
	double value;
	char *end;

	value = strtod(word, &end);
	if (!strcmp(end, "s"))
		value *= 1000;
	else if (*end && strcmp(end, "ms"))
		value = -1;
	if (end == word || !(value >= 0) || value > UINT32_MAX)
		die("\"%s\" is no valid rto_min", word);
	return (uint32_t)value;
}

static uint32_t route_u16(struct args *a, const char *what)
{
	const char *word = args_next(a);
	uint32_t value = parse_u32(word, what);

	if (value > UINT16_MAX)
		die("\"%s\" is no valid %s", word, what);
	return value;
}

/* What is for the transports; false: none of it. */
static bool route_metric_word(struct route_words *w, struct args *a)
{
	if (args_take(a, "mtu")) {
		w->mtu_lock = args_take(a, "lock");
		w->mtu = parse_u32(args_next(a), "mtu");
	} else if (args_take(a, "advmss")) {
		w->advmss = route_u16(a, "advmss");
	} else if (args_take(a, "window")) {
		w->window = parse_u32(args_next(a), "window");
	} else if (args_take(a, "initcwnd")) {
		w->initcwnd = route_u16(a, "initcwnd");
	} else if (args_take(a, "initrwnd")) {
		w->initrwnd = route_u16(a, "initrwnd");
	} else if (args_take(a, "rto_min")) {
		w->rto_min = route_time(args_next(a));
	} else if (args_take(a, "quickack")) {
		w->quickack = parse_u32(args_next(a), "quickack");
	} else if (args_take(a, "congctl")) {
		w->congctl = args_next(a);
	} else {
		return false;
	}
	return true;
}

static void route_read(struct route_words *w, struct args *a)
{
	*w = (struct route_words){ .scope = -1, .proto = -1 };
	route_type_word(w, a);
	while (*a->v) {
		if (route_word(w, a) || route_metric_word(w, a))
			continue;
		if (args_take(a, "onlink")) {
			w->onlink = true;
		} else {
			args_take(a, "to");
			route_dst(w, a);
		}
	}
}

static void route_put_metrics(struct nlmsghdr *nlh, const struct route_words *w)
{
	if (w->mtu_lock)
		mnl_attr_put(nlh, PLUMB_A_ROUTE_MTU_LOCK, 0, NULL);
	if (w->advmss)
		mnl_attr_put_u16(nlh, PLUMB_A_ROUTE_ADVMSS, (uint16_t)w->advmss);
	if (w->window)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_WINDOW, w->window);
	if (w->initcwnd)
		mnl_attr_put_u16(nlh, PLUMB_A_ROUTE_INITCWND, (uint16_t)w->initcwnd);
	if (w->initrwnd)
		mnl_attr_put_u16(nlh, PLUMB_A_ROUTE_INITRWND, (uint16_t)w->initrwnd);
	if (w->rto_min)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_RTO_MIN, w->rto_min);
	if (w->quickack)
		mnl_attr_put(nlh, PLUMB_A_ROUTE_QUICKACK, 0, NULL);
	if (w->congctl)
		mnl_attr_put_strz(nlh, PLUMB_A_ROUTE_CONGCTL, w->congctl);
}

static void route_put(struct nlmsghdr *nlh, const struct route_words *w)
{
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, w->dst.addr);
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PREFIXLEN, w->dst.len);
	if (w->via)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_GATEWAY, w->via);
	if (w->src)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_PREFSRC, w->src);
	if (w->have_metric)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_METRIC, w->metric);
	if (w->mtu)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_MTU, w->mtu);
	if (w->dev)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_IFINDEX, w->dev);
	if (w->onlink)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_FLAGS, RTNH_F_ONLINK);
	if (w->type)
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TYPE, (uint8_t)w->type);
	if (w->scope >= 0)
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_SCOPE, (uint8_t)w->scope);
	if (w->proto >= 0)
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PROTOCOL, (uint8_t)w->proto);
	if (w->table > 0)
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TABLE, (uint8_t)w->table);
	route_put_metrics(nlh, w);
}

static int route_change(uint8_t cmd, enum plumb_how how, char **argv)
{
	struct args a = { argv + 1 };
	struct route_words w;
	struct nlmsghdr *nlh;

	route_read(&w, &a);
	if (!w.have_dst) {
		fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
		return EXIT_USAGE;
	}
	if (w.table < 0)
		die("argument \"all\" is wrong: a route is in one table");
	nlh = nl_new(cmd, 0);
	route_put(nlh, &w);
	if (cmd == PLUMB_CMD_ROUTE_NEW)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_HOW, how);
	return nl_talk(nlh, NULL, NULL);
}

#define ROUTE_COMMAND(name, cmd, how)			\
static int route_##name(int argc, char **argv)		\
{							\
	(void)argc;					\
	return route_change(cmd, how, argv);		\
}

ROUTE_COMMAND(add, PLUMB_CMD_ROUTE_NEW, PLUMB_HOW_ADD)
ROUTE_COMMAND(chg, PLUMB_CMD_ROUTE_NEW, PLUMB_HOW_CHANGE)
ROUTE_COMMAND(replace, PLUMB_CMD_ROUTE_NEW, PLUMB_HOW_REPLACE)
ROUTE_COMMAND(append, PLUMB_CMD_ROUTE_NEW, PLUMB_HOW_APPEND)
ROUTE_COMMAND(prepend, PLUMB_CMD_ROUTE_NEW, PLUMB_HOW_PREPEND)
ROUTE_COMMAND(del, PLUMB_CMD_ROUTE_DEL, 0)

static void show_route_dst(const struct nlattr **tb)
{
	uint32_t dst = nl_u32(tb[PLUMB_A_ROUTE_DST], 0);
	uint8_t len = nl_u8(tb[PLUMB_A_ROUTE_PREFIXLEN], 32);
	char text[INET_ADDRSTRLEN + 4] = "default";

	if (len || dst)
		inet_ntop(AF_INET, &dst, text, INET_ADDRSTRLEN);
	if (len && len < 32)
		sprintf(text + strlen(text), "/%u", len);
	out_str("dst", "%s ", text);
}

static void show_route_flags(const struct nlattr **tb)
{
	static const struct name flags[] = {
		{ "onlink", RTNH_F_ONLINK }, { "linkdown", RTNH_F_LINKDOWN },
		{ "dead", RTNH_F_DEAD }, { 0 },
	};
	uint32_t set = nl_u32(tb[PLUMB_A_ROUTE_FLAGS], 0);
	const struct name *n;

	out_list("flags");
	for (n = flags; n->name; n++) {
		if (!(set & n->value))
			continue;
		out_element(n->name);
		out_text("%s ", n->name);
	}
	out_list_end();
}

static uint32_t route_attr_u16(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u16(attr) : 0;
}

static void show_route_number(const char *name, const char *format, uint32_t value)
{
	if (value)
		out_uint(name, format, value);
}

/* In ip's order. */
static void show_route_metrics(const struct nlattr **tb)
{
	show_route_number("window", "window %llu ", nl_u32(tb[PLUMB_A_ROUTE_WINDOW], 0));
	show_route_number("advmss", "advmss %llu ", route_attr_u16(tb[PLUMB_A_ROUTE_ADVMSS]));
	show_route_number("initcwnd", "initcwnd %llu ",
			  route_attr_u16(tb[PLUMB_A_ROUTE_INITCWND]));
	show_route_number("rto_min", "rto_min %llums ", nl_u32(tb[PLUMB_A_ROUTE_RTO_MIN], 0));
	show_route_number("initrwnd", "initrwnd %llu ",
			  route_attr_u16(tb[PLUMB_A_ROUTE_INITRWND]));
	if (tb[PLUMB_A_ROUTE_QUICKACK])
		out_uint("quickack", "quickack %llu ", 1);
	if (tb[PLUMB_A_ROUTE_CONGCTL])
		out_str("congctl", "congctl %s ", mnl_attr_get_str(tb[PLUMB_A_ROUTE_CONGCTL]));
}

void show_route(const struct nlattr **tb)
{
	uint8_t type = nl_u8(tb[PLUMB_A_ROUTE_TYPE], RTN_UNICAST);
	uint8_t table = nl_u8(tb[PLUMB_A_ROUTE_TABLE], RT_TABLE_MAIN);
	uint8_t scope = nl_u8(tb[PLUMB_A_ROUTE_SCOPE], RT_SCOPE_UNIVERSE);
	uint8_t proto = nl_u8(tb[PLUMB_A_ROUTE_PROTOCOL], RTPROT_BOOT);

	if (type != RTN_UNICAST)
		out_str("type", "%s ", name_of(names_type, type));
	show_route_dst(tb);
	if (tb[PLUMB_A_ROUTE_GATEWAY])
		out_addr("gateway", "via %s ", nl_u32(tb[PLUMB_A_ROUTE_GATEWAY], 0));
	if (tb[PLUMB_A_ROUTE_IFINDEX])
		out_str("dev", "dev %s ", dev_name(nl_u32(tb[PLUMB_A_ROUTE_IFINDEX], 0)));
	if (table != RT_TABLE_MAIN)
		out_str("table", "table %s ", name_of(names_table, table));
	if (proto != RTPROT_BOOT)
		out_str("protocol", "proto %s ", name_of(names_proto, proto));
	if (scope != RT_SCOPE_UNIVERSE)
		out_str("scope", "scope %s ", name_of(names_scope, scope));
	if (tb[PLUMB_A_ROUTE_PREFSRC] && !tb[PLUMB_A_ROUTE_SRC])
		out_addr("prefsrc", "src %s ", nl_u32(tb[PLUMB_A_ROUTE_PREFSRC], 0));
	if (tb[PLUMB_A_ROUTE_METRIC])
		out_uint("metric", "metric %llu ", nl_u32(tb[PLUMB_A_ROUTE_METRIC], 0));
	if (tb[PLUMB_A_ROUTE_SHARE])
		out_true("share", "share ");
	if (tb[PLUMB_A_ROUTE_MTU] && !tb[PLUMB_A_ROUTE_PATH_MTU])
		out_uint("mtu", tb[PLUMB_A_ROUTE_MTU_LOCK] ? "mtu lock %llu " : "mtu %llu ",
			 nl_u32(tb[PLUMB_A_ROUTE_MTU], 0));
	show_route_metrics(tb);
	show_route_flags(tb);
}

/* Does @p hold the @len bits long prefix @addr? */
static bool prefix_holds(const struct prefix *p, uint32_t addr, uint8_t len)
{
	uint32_t mask = p->len ? htonl(UINT32_MAX << (32 - p->len)) : 0;

	return p->len <= len && !((p->addr ^ addr) & mask);
}

static bool route_dst_wanted(const struct route_words *w, const struct nlattr **tb)
{
	struct prefix have = { .addr = nl_u32(tb[PLUMB_A_ROUTE_DST], 0),
			       .len = nl_u8(tb[PLUMB_A_ROUTE_PREFIXLEN], 32) };

	if (!w->have_dst)
		return true;
	switch (w->match) {
	case MATCH_ROOT:
		return prefix_holds(&w->dst, have.addr, have.len);
	case MATCH_MATCH:
		return prefix_holds(&have, w->dst.addr, w->dst.len);
	default:
		return have.addr == w->dst.addr && have.len == w->dst.len;
	}
}

static bool route_wanted(const struct route_words *w, const struct nlattr **tb)
{
	int table = w->table ? w->table : RT_TABLE_MAIN;

	if ((table > 0 && table != nl_u8(tb[PLUMB_A_ROUTE_TABLE], RT_TABLE_MAIN)) ||
	    (w->dev && w->dev != nl_u32(tb[PLUMB_A_ROUTE_IFINDEX], 0)) ||
	    (w->via && w->via != nl_u32(tb[PLUMB_A_ROUTE_GATEWAY], 0)) ||
	    (w->src && w->src != nl_u32(tb[PLUMB_A_ROUTE_PREFSRC], 0)) ||
	    (w->have_metric && w->metric != nl_u32(tb[PLUMB_A_ROUTE_METRIC], 0)) ||
	    (w->scope >= 0 && w->scope != nl_u8(tb[PLUMB_A_ROUTE_SCOPE], 0)) ||
	    (w->proto >= 0 && w->proto != nl_u8(tb[PLUMB_A_ROUTE_PROTOCOL], 0)) ||
	    (w->type && w->type != nl_u8(tb[PLUMB_A_ROUTE_TYPE], RTN_UNICAST)))
		return false;
	return route_dst_wanted(w, tb);
}

static void route_select(struct route_words *w, struct args *a)
{
	*w = (struct route_words){ .scope = -1, .proto = -1 };
	while (*a->v) {
		if (route_word(w, a))
			continue;
		if (args_take(a, "type")) {
			w->type = parse_name(names_type, args_next(a), "type", 255);
			continue;
		}
		if (args_take(a, "root"))
			w->match = MATCH_ROOT;
		else if (args_take(a, "match"))
			w->match = MATCH_MATCH;
		else if (!args_take(a, "exact"))
			args_take(a, "to");
		route_dst(w, a);
	}
}

static void route_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	if (!route_wanted(arg, tb))
		return;
	out_item(NULL);
	show_route(tb);
	out_item_end();
	out_text("\n");
}

static int route_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	struct route_words w;
	struct nlmsghdr *nlh;
	int err;

	route_select(&w, &a);
	nlh = nl_new(PLUMB_CMD_ROUTE_GET, NLM_F_DUMP);
	out_list(NULL);
	err = nl_talk(nlh, route_show_one, &w);
	out_list_end();
	return err ? err : out_finish();
}

struct route_flush {
	const struct route_words *w;
	int err;
};

static void route_flush_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct route_flush *f = arg;
	struct nlmsghdr *nlh;

	(void)cmd;
	/* Linux's are not ours to delete. */
	if (tb[PLUMB_A_ROUTE_SHARE] || !route_wanted(f->w, tb))
		return;
	nlh = nl_new(PLUMB_CMD_ROUTE_DEL, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, nl_u32(tb[PLUMB_A_ROUTE_DST], 0));
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PREFIXLEN, nl_u8(tb[PLUMB_A_ROUTE_PREFIXLEN], 32));
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TYPE, nl_u8(tb[PLUMB_A_ROUTE_TYPE], RTN_UNICAST));
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TABLE, nl_u8(tb[PLUMB_A_ROUTE_TABLE], RT_TABLE_MAIN));
	if (tb[PLUMB_A_ROUTE_GATEWAY])
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_GATEWAY, nl_u32(tb[PLUMB_A_ROUTE_GATEWAY], 0));
	if (tb[PLUMB_A_ROUTE_METRIC])
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_METRIC, nl_u32(tb[PLUMB_A_ROUTE_METRIC], 0));
	if (tb[PLUMB_A_ROUTE_IFINDEX])
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_IFINDEX, nl_u32(tb[PLUMB_A_ROUTE_IFINDEX], 0));
	if (nl_talk(nlh, NULL, NULL))
		f->err = EXIT_KERNEL;
}

static int route_flush(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct route_words w;
	struct route_flush f = { .w = &w };
	int err;

	(void)argc;
	if (!*a.v) {
		fprintf(stderr, "\"plumb route flush\" requires arguments\n");
		return EXIT_USAGE;
	}
	route_select(&w, &a);
	err = nl_talk(nl_new(PLUMB_CMD_ROUTE_GET, NLM_F_DUMP), route_flush_one, &f);
	return err ? err : f.err;
}

static void route_get_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint8_t type = nl_u8(tb[PLUMB_A_ROUTE_TYPE], RTN_UNICAST);

	(void)cmd;
	out_item(NULL);
	if (type != RTN_UNICAST)
		out_str("type", "%s ", name_of(names_type, type));
	out_addr("dst", "%s ", *(uint32_t *)arg);
	if (tb[PLUMB_A_ROUTE_GATEWAY])
		out_addr("gateway", "via %s ", nl_u32(tb[PLUMB_A_ROUTE_GATEWAY], 0));
	if (tb[PLUMB_A_ROUTE_IFINDEX])
		out_str("dev", "dev %s ", dev_name(nl_u32(tb[PLUMB_A_ROUTE_IFINDEX], 0)));
	if (tb[PLUMB_A_ROUTE_SRC])
		out_addr("prefsrc", "src %s ", nl_u32(tb[PLUMB_A_ROUTE_SRC], 0));
	out_break();
	out_uint("mtu", "    mtu %llu ", nl_u32(tb[PLUMB_A_ROUTE_PATH_MTU], 0));
	if (tb[PLUMB_A_ROUTE_EXPIRES])
		out_uint("expires", "expires %llusec ", nl_u32(tb[PLUMB_A_ROUTE_EXPIRES], 0));
	out_item_end();
	out_text("\n");
}

static int route_get(int argc, char **argv)
{
	struct args a = { argv + 1 };
	uint32_t dst = 0, src = 0, dev = 0;
	bool have = false;
	struct nlmsghdr *nlh;
	int err;

	(void)argc;
	while (*a.v) {
		if (args_take(&a, "from") || args_take(&a, "src")) {
			src = parse_addr(args_next(&a));
		} else if (args_take(&a, "oif") || args_take(&a, "dev")) {
			dev = parse_dev(args_next(&a));
		} else {
			if (!args_take(&a, "to") && have)
				die_garbage("to", *a.v);
			dst = parse_addr(args_next(&a));
			have = true;
		}
	}
	if (!have) {
		fprintf(stderr, "need at least a destination address\n");
		return EXIT_USAGE;
	}
	nlh = nl_new(PLUMB_CMD_ROUTE_GET, 0);
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, dst);
	if (src)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_SRC, src);
	if (dev)
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_IFINDEX, dev);
	out_list(NULL);
	err = nl_talk(nlh, route_get_one, &dst);
	out_list_end();
	return err ? err : out_finish();
}

int cmd_route(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", route_show }, { "list", route_show }, { "lst", route_show },
		{ "add", route_add }, { "delete", route_del }, { "change", route_chg },
		{ "chg", route_chg }, { "replace", route_replace }, { "append", route_append },
		{ "prepend", route_prepend }, { "get", route_get }, { "flush", route_flush },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), route_help, argc, argv);
}
