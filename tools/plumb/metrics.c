// SPDX-License-Identifier: GPL-2.0
/* plumb tcp_metrics: what is known of the paths to peers, from connections that ended. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "nl.h"
#include "out.h"
#include "parse.h"

static void metrics_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb tcp_metrics { show | flush } [ [ address ] PREFIX ]\n"
		"       plumb tcp_metrics delete [ address ] ADDRESS\n");
}

/**
 * struct metrics_words - what was written
 * @p: address or prefix
 * @have: it was
 * @err: flush: one could not be forgotten
 */
struct metrics_words {
	struct prefix p;
	bool have;
	int err;
};

static void metrics_read(struct metrics_words *w, char **words)
{
	struct args a = { words };

	memset(w, 0, sizeof(*w));
	while (*a.v) {
		if (!args_take(&a, "address"))
			args_take(&a, "addr");
		if (w->have)
			die_garbage("address", args_next(&a));
		w->p = parse_prefix(args_next(&a));
		w->have = true;
	}
}

static bool metrics_wanted(const struct metrics_words *w, const struct nlattr **tb)
{
	uint32_t mask = w->p.len ? htonl(UINT32_MAX << (32 - w->p.len)) : 0;

	return !w->have || !((nl_u32(tb[PLUMB_A_METRICS_DST], 0) ^ w->p.addr) & mask);
}

static void metrics_show_cookie(const struct nlattr *cookie)
{
	const uint8_t *octet = mnl_attr_get_payload(cookie);
	size_t i, len = mnl_attr_get_payload_len(cookie);
	char text[33] = "";

	for (i = 0; i < len && i < 16; i++)
		sprintf(text + 2 * i, "%02x", octet[i]);
	out_str("fo_cookie", " fo_cookie %s", text);
}

/* As ip(8): seconds in JSON, microseconds for people. */
static void metrics_show_time(const char *key, const char *fmt, const struct nlattr *us)
{
	if (!us)
		return;
	out_float(key, NULL, mnl_attr_get_u32(us) / 1e6);
	out_text(fmt, mnl_attr_get_u32(us));
}

static void metrics_show_number(const char *key, const char *fmt, const struct nlattr *value)
{
	if (value)
		out_uint(key, fmt, mnl_attr_get_u32(value));
}

static void metrics_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	if (!metrics_wanted(arg, tb))
		return;
	out_item(NULL);
	out_addr("dst", "%s", nl_u32(tb[PLUMB_A_METRICS_DST], 0));
	out_float("age", " age %.03fsec", nl_u32(tb[PLUMB_A_METRICS_AGE], 0) / 1e3);
	metrics_show_number("ssthresh", " ssthresh %llu", tb[PLUMB_A_METRICS_SSTHRESH]);
	metrics_show_number("cwnd", " cwnd %llu", tb[PLUMB_A_METRICS_CWND]);
	metrics_show_number("reordering", " reordering %llu", tb[PLUMB_A_METRICS_REORDERING]);
	metrics_show_time("rtt", " rtt %uus", tb[PLUMB_A_METRICS_RTT]);
	metrics_show_time("rttvar", " rttvar %uus", tb[PLUMB_A_METRICS_RTTVAR]);
	/* That is the key of ip(8). */
	if (tb[PLUMB_A_METRICS_FO_MSS])
		out_uint("fopen_miss", " fo_mss %llu",
			 mnl_attr_get_u16(tb[PLUMB_A_METRICS_FO_MSS]));
	if (tb[PLUMB_A_METRICS_FO_COOKIE])
		metrics_show_cookie(tb[PLUMB_A_METRICS_FO_COOKIE]);
	out_addr("source", " source %s", nl_u32(tb[PLUMB_A_METRICS_SRC], 0));
	out_item_end();
	out_text("\n");
}

static int metrics_show(int argc, char **argv)
{
	struct metrics_words w;
	int err;

	metrics_read(&w, argc > 1 ? argv + 1 : argv + argc);
	out_list(NULL);
	err = nl_talk(nl_new(PLUMB_CMD_METRICS_GET, NLM_F_DUMP), metrics_show_one, &w);
	out_list_end();
	return err ? err : out_finish();
}

static int metrics_forget(uint32_t dst)
{
	struct nlmsghdr *nlh = nl_new(PLUMB_CMD_METRICS_DEL, 0);

	mnl_attr_put_u32(nlh, PLUMB_A_METRICS_DST, dst);
	return nl_talk(nlh, NULL, NULL);
}

static int metrics_del(int argc, char **argv)
{
	struct metrics_words w;

	(void)argc;
	metrics_read(&w, argv + 1);
	if (!w.have)
		die("an address is required");
	if (w.p.len != 32)
		die("an address is expected, not a prefix");
	return metrics_forget(w.p.addr);
}

static void metrics_flush_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct metrics_words *w = arg;

	(void)cmd;
	if (metrics_wanted(w, tb) && metrics_forget(nl_u32(tb[PLUMB_A_METRICS_DST], 0)))
		w->err = EXIT_KERNEL;
}

static void metrics_flush_count(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)arg;
	if (out_stats)
		out_text("%u entries flushed\n", nl_u32(tb[PLUMB_A_METRICS_COUNT], 0));
}

static int metrics_flush(int argc, char **argv)
{
	struct metrics_words w;
	int err;

	(void)argc;
	metrics_read(&w, argv + 1);
	if (!w.p.len)
		return nl_talk(nl_new(PLUMB_CMD_METRICS_FLUSH, 0), metrics_flush_count, NULL);
	err = nl_talk(nl_new(PLUMB_CMD_METRICS_GET, NLM_F_DUMP), metrics_flush_one, &w);
	return err ? err : w.err;
}

int cmd_metrics(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", metrics_show }, { "list", metrics_show }, { "lst", metrics_show },
		{ "delete", metrics_del }, { "remove", metrics_del }, { "flush", metrics_flush },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), metrics_help, argc, argv);
}
