// SPDX-License-Identifier: GPL-2.0
/* plumb lan: modelled cables, hubs and switches, and the adapters on them. */
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "lan.h"
#include "nl.h"
#include "out.h"
#include "parse.h"

#define LAN_PPB 1000000000.0

static void lan_help(int asked)
{
	fprintf(asked ? stdout : stderr,
		"Usage: plumb lan add NAME [ type { cable | hub | switch } ]\n"
		"                      [ speed { 10 | 100 | 1000 } ] [ bits ] [ seed NUMBER ]\n"
		"       plumb lan del NAME\n"
		"       plumb lan show [ NAME ]\n"
		"       plumb lan port add NAME [ ifname NAME ] [ netns { NAME | PID } ] [ SETTING ... ]\n"
		"       plumb lan set NAME port { NUMBER | all } SETTING ...\n"
		"       plumb lan port del NAME port NUMBER\n"
		"       plumb lan port show [ NAME ]\n"
		"       plumb lan scope NAME [ count NUMBER ] [ match TEXT ]\n"
		"                       [ text | svg FILE | pcapng FILE ]\n"
		"SETTING := { metres NUMBER | plugged { on | off } | gone { on | off } |\n"
		"             stalled { on | off } | flap MS |\n"
		"             ber RATE | burst-ber RATE | to-burst RATE | from-burst RATE |\n"
		"             drop RATE | storm RATE | speed { 0 | 10 | 100 | 1000 } | seed NUMBER }\n"
		"RATE := 0 to 1, such as 1e-6\n");
}

static const struct name names_type_lan[] = {
	{ "cable", PLUMB_LAN_CABLE }, { "hub", PLUMB_LAN_HUB },
	{ "switch", PLUMB_LAN_SWITCH }, { 0 },
};

static void lan_family(void)
{
	nl_use(PLUMB_LAN_FAMILY_NAME, PLUMB_LAN_FAMILY_VERSION, PLUMB_LAN_MCGRP_SCOPE);
}

static void lan_put_name(struct nlmsghdr *nlh, const char *name)
{
	if (strlen(name) >= 16)
		die("\"%s\" is too long for a name (15 characters)", name);
	mnl_attr_put_strz(nlh, PLUMB_LAN_A_MEDIUM, name);
}

static void lan_put_seed(struct nlmsghdr *nlh, const char *s)
{
	unsigned long long v;
	char *end;

	v = strtoull(s, &end, 0);
	if (!*s || *s == '-' || *end)
		die("argument \"%s\" is wrong: seed", s);
	mnl_attr_put_u64(nlh, PLUMB_LAN_A_SEED, v);
}

static uint32_t lan_parse_rate(const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (!*s || *end || !(v >= 0 && v <= 1))
		die("argument \"%s\" is wrong: a rate from 0 to 1", s);
	if (v > 0 && v * LAN_PPB < 0.5)
		die("argument \"%s\" is wrong: the lowest rate is 1e-9", s);
	return (uint32_t)(v * LAN_PPB + 0.5);
}

static uint8_t lan_parse_switch(const char *s)
{
	if (!strcmp(s, "on"))
		return 1;
	if (strcmp(s, "off"))
		die("argument \"%s\" is wrong: on or off", s);
	return 0;
}

static int lan_add(int argc, char **argv)
{
	unsigned int type = PLUMB_LAN_SWITCH;
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh;

	(void)argc;
	lan_family();
	args_take(&a, "name");
	nlh = nl_new(PLUMB_LAN_CMD_MEDIUM_NEW, 0);
	lan_put_name(nlh, args_next(&a));
	while (*a.v) {
		if (args_take(&a, "type"))
			type = parse_name(names_type_lan, args_next(&a), "type", 2);
		else if (args_take(&a, "speed"))
			mnl_attr_put_u32(nlh, PLUMB_LAN_A_SPEED, parse_u32(args_next(&a), "speed"));
		else if (args_take(&a, "bits"))
			mnl_attr_put(nlh, PLUMB_LAN_A_BIT_LEVEL, 0, NULL);
		else if (args_take(&a, "seed"))
			lan_put_seed(nlh, args_next(&a));
		else
			die_garbage("name", *a.v);
	}
	mnl_attr_put_u8(nlh, PLUMB_LAN_A_TYPE, (uint8_t)type);
	return nl_talk(nlh, NULL, NULL);
}

static int lan_del(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh;

	(void)argc;
	lan_family();
	nlh = nl_new(PLUMB_LAN_CMD_MEDIUM_DEL, 0);
	lan_put_name(nlh, args_next(&a));
	if (*a.v)
		die_garbage("name", *a.v);
	return nl_talk(nlh, NULL, NULL);
}

/* ---- show ---- */

/* Of the media: @name, or NULL for all; @silent: it is only asked whether there is one. */
struct lan_only {
	const char *name;
	bool silent, found;
};

static void lan_show_medium(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct lan_only *only = arg;
	const char *name = mnl_attr_get_str(tb[PLUMB_LAN_A_MEDIUM]);

	(void)cmd;
	if (only->name && strcmp(only->name, name))
		return;
	only->found = true;
	if (only->silent)
		return;
	out_item(NULL);
	out_str("name", "%s:", name);
	out_str("type", " %s", name_of(names_type_lan, nl_u8(tb[PLUMB_LAN_A_TYPE], 0)));
	out_uint("speed", " speed %llu", nl_u32(tb[PLUMB_LAN_A_SPEED], 0));
	if (tb[PLUMB_LAN_A_BIT_LEVEL])
		out_true("bits", " bits");
	out_uint("seed", " seed %llu", nl_u64(tb[PLUMB_LAN_A_SEED], 0));
	out_uint("ports", " ports %llu", nl_u32(tb[PLUMB_LAN_A_PORTS], 0));
	if (tb[PLUMB_LAN_A_ADDRESSES]) {
		out_uint("addresses", " addresses %llu", nl_u32(tb[PLUMB_LAN_A_ADDRESSES], 0));
		out_uint("forwarded", " forwarded %llu", nl_u64(tb[PLUMB_LAN_A_FORWARDED], 0));
		out_uint("flooded", " flooded %llu", nl_u64(tb[PLUMB_LAN_A_FLOODED], 0));
		out_uint("discarded", " discarded %llu", nl_u64(tb[PLUMB_LAN_A_DISCARDED], 0));
	}
	out_item_end();
	out_text("\n");
}

static void lan_show_rate(const char *key, const struct nlattr *a)
{
	uint32_t v = nl_u32(a, 0);

	if (!v)
		return;
	out_text(" %s", key);
	out_float(key, " %g", v / LAN_PPB);
}

static void lan_show_counters(const struct nlattr **tb)
{
	static const struct { int attr; const char *key, *fmt; } c[] = {
		{ PLUMB_LAN_A_TX_FRAMES, "tx_frames", "tx %llu" },
		{ PLUMB_LAN_A_TX_OCTETS, "tx_octets", " (%llu octets)" },
		{ PLUMB_LAN_A_RX_FRAMES, "rx_frames", " rx %llu" },
		{ PLUMB_LAN_A_RX_BITS, "rx_bits", " (%llu bits" },
		{ PLUMB_LAN_A_RX_BIT_ERRORS, "rx_bit_errors", ", %llu in error" },
		{ PLUMB_LAN_A_RX_DAMAGED, "rx_damaged", ", %llu frames damaged" },
		{ PLUMB_LAN_A_RX_DROPPED, "rx_dropped", ", %llu lost)" },
		{ PLUMB_LAN_A_QUEUE_DROPPED, "queue_dropped", " dropped by the switch %llu" },
		{ PLUMB_LAN_A_COLLISIONS, "collisions", " collisions %llu" },
		{ PLUMB_LAN_A_SINGLE, "single", " single %llu" },
		{ PLUMB_LAN_A_MULTIPLE, "multiple", " multiple %llu" },
		{ PLUMB_LAN_A_EXCESSIVE, "excessive", " excessive %llu" },
		{ PLUMB_LAN_A_LATE, "late", " late %llu" },
		{ PLUMB_LAN_A_STORMED, "stormed", " by the storm %llu" },
		{ PLUMB_LAN_A_DEFERRED, "deferred", " deferred %llu" },
		{ PLUMB_LAN_A_BACKOFF_SLOTS, "backoff_slots", " backoff %llu slots" },
		{ PLUMB_LAN_A_BACKOFF_DRAWS, "backoff_draws", " in %llu draws" },
		{ PLUMB_LAN_A_REG_READS, "register_reads", " registers read %llu" },
		{ PLUMB_LAN_A_REG_WRITES, "register_writes", " written %llu" },
		{ PLUMB_LAN_A_INTERRUPTS, "interrupts", " interrupts %llu" },
	};
	size_t i;

	out_break();
	out_text("    ");
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		if (tb[c[i].attr])
			out_uint(c[i].key, c[i].fmt, nl_u64(tb[c[i].attr], 0));
}

static void lan_show_port(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t speed = nl_u32(tb[PLUMB_LAN_A_LINK_SPEED], 0);

	(void)cmd;
	(void)arg;
	out_item(NULL);
	out_str("medium", "%s", mnl_attr_get_str(tb[PLUMB_LAN_A_MEDIUM]));
	out_uint("port", " port %llu:", nl_u32(tb[PLUMB_LAN_A_PORT], 0));
	out_str("ifname", " %s", mnl_attr_get_str(tb[PLUMB_LAN_A_IFNAME]));
	out_uint("ifindex", NULL, nl_u32(tb[PLUMB_LAN_A_IFINDEX], 0));
	out_uint("link_speed", speed ? " link %llu" : NULL, speed);
	if (speed)
		out_str("duplex", " %s", nl_u8(tb[PLUMB_LAN_A_LINK_FULL], 0) ? "full" : "half");
	else
		out_text(" no link");
	out_uint("metres", " metres %llu", nl_u32(tb[PLUMB_LAN_A_METRES], 0));
	if (!nl_u8(tb[PLUMB_LAN_A_PLUGGED], 1))
		out_true("unplugged", " unplugged");
	if (nl_u8(tb[PLUMB_LAN_A_GONE], 0))
		out_true("gone", " gone");
	if (nl_u8(tb[PLUMB_LAN_A_STALLED], 0))
		out_true("stalled", " stalled");
	if (nl_u32(tb[PLUMB_LAN_A_FLAP], 0))
		out_uint("flap", " flap %llu", nl_u32(tb[PLUMB_LAN_A_FLAP], 0));
	lan_show_rate("ber", tb[PLUMB_LAN_A_BER]);
	lan_show_rate("burst-ber", tb[PLUMB_LAN_A_BURST_BER]);
	lan_show_rate("to-burst", tb[PLUMB_LAN_A_TO_BURST]);
	lan_show_rate("from-burst", tb[PLUMB_LAN_A_FROM_BURST]);
	lan_show_rate("drop", tb[PLUMB_LAN_A_DROP]);
	lan_show_rate("storm", tb[PLUMB_LAN_A_STORM]);
	if (nl_u32(tb[PLUMB_LAN_A_SPEED], 0))
		out_uint("speed", " speed %llu", nl_u32(tb[PLUMB_LAN_A_SPEED], 0));
	out_uint("seed", " seed %llu", nl_u64(tb[PLUMB_LAN_A_SEED], 0));
	lan_show_counters(tb);
	out_item_end();
	out_text("\n");
}

/* The media that are asked for. A name that none has is an error. */
static int lan_media(struct lan_only *only)
{
	int err = nl_talk(nl_new(PLUMB_LAN_CMD_MEDIUM_GET, NLM_F_DUMP), lan_show_medium, only);

	if (err || !only->name || only->found)
		return err;
	fprintf(stderr, "plumb: no such medium: %s\n", only->name);
	return EXIT_KERNEL;
}

static int lan_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	struct lan_only only = { .name = *a.v };
	int err;

	if (only.name && a.v[1])
		die_garbage("name", a.v[1]);
	lan_family();
	out_list(NULL);
	err = lan_media(&only);
	out_list_end();
	return err ? err : out_finish();
}

/* ---- ports ---- */

static int lan_netns(const char *s)
{
	char path[300];
	int fd;

	if (s[strspn(s, "0123456789")])
		snprintf(path, sizeof(path), "/run/netns/%s", s);
	else
		snprintf(path, sizeof(path), "/proc/%s/ns/net", s);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("\"%s\" is no network namespace", s);
	return fd;
}

static void lan_settings(struct nlmsghdr *nlh, struct args *a)
{
	static const struct { const char *word; uint16_t attr; } rate[] = {
		{ "ber", PLUMB_LAN_A_BER }, { "burst-ber", PLUMB_LAN_A_BURST_BER },
		{ "to-burst", PLUMB_LAN_A_TO_BURST }, { "from-burst", PLUMB_LAN_A_FROM_BURST },
		{ "drop", PLUMB_LAN_A_DROP }, { "storm", PLUMB_LAN_A_STORM },
	};
	enum { RATES = sizeof(rate) / sizeof(rate[0]) };
	size_t i;

	while (*a->v) {
		for (i = 0; i < RATES; i++)
			if (args_take(a, rate[i].word))
				break;
		if (i < RATES)
			mnl_attr_put_u32(nlh, rate[i].attr, lan_parse_rate(args_next(a)));
		else if (args_take(a, "metres"))
			mnl_attr_put_u32(nlh, PLUMB_LAN_A_METRES,
					 parse_u32(args_next(a), "metres"));
		else if (args_take(a, "speed"))
			mnl_attr_put_u32(nlh, PLUMB_LAN_A_SPEED, parse_u32(args_next(a), "speed"));
		else if (args_take(a, "flap"))
			mnl_attr_put_u32(nlh, PLUMB_LAN_A_FLAP, parse_u32(args_next(a), "flap"));
		else if (args_take(a, "plugged"))
			mnl_attr_put_u8(nlh, PLUMB_LAN_A_PLUGGED, lan_parse_switch(args_next(a)));
		else if (args_take(a, "stalled"))
			mnl_attr_put_u8(nlh, PLUMB_LAN_A_STALLED, lan_parse_switch(args_next(a)));
		else if (args_take(a, "gone"))
			mnl_attr_put_u8(nlh, PLUMB_LAN_A_GONE, lan_parse_switch(args_next(a)));
		else if (args_take(a, "seed"))
			lan_put_seed(nlh, args_next(a));
		else
			die_garbage("port", *a->v);
	}
}

static int lan_port_add(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh;

	(void)argc;
	lan_family();
	nlh = nl_new(PLUMB_LAN_CMD_PORT_NEW, 0);
	lan_put_name(nlh, args_next(&a));
	for (;;) {
		if (args_take(&a, "ifname")) {
			const char *name = args_next(&a);

			if (strlen(name) >= IFNAMSIZ)
				die("\"%s\" is too long for a device's name", name);
			mnl_attr_put_strz(nlh, PLUMB_LAN_A_IFNAME, name);
		} else if (args_take(&a, "netns")) {
			mnl_attr_put_u32(nlh, PLUMB_LAN_A_NETNS_FD,
					 (uint32_t)lan_netns(args_next(&a)));
		} else {
			break;
		}
	}
	lan_settings(nlh, &a);
	return nl_talk(nlh, NULL, NULL);
}

/* NAME port NUMBER, and what follows; without a number all are set. */
static struct nlmsghdr *lan_port_named(uint8_t cmd, struct args *a)
{
	struct nlmsghdr *nlh;

	lan_family();
	nlh = nl_new(cmd, 0);
	lan_put_name(nlh, args_next(a));
	if (!args_take(a, "port"))
		die("which port? \"port NUMBER\" is missing");
	if (cmd != PLUMB_LAN_CMD_PORT_SET || !args_take(a, "all"))
		mnl_attr_put_u32(nlh, PLUMB_LAN_A_PORT, parse_u32(args_next(a), "port"));
	return nlh;
}

static int lan_port_del(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh = lan_port_named(PLUMB_LAN_CMD_PORT_DEL, &a);

	(void)argc;
	if (*a.v)
		die_garbage("port", *a.v);
	return nl_talk(nlh, NULL, NULL);
}

static int lan_set(int argc, char **argv)
{
	struct args a = { argv + 1 };
	struct nlmsghdr *nlh = lan_port_named(PLUMB_LAN_CMD_PORT_SET, &a);

	(void)argc;
	if (!*a.v)
		die("nothing to set");
	lan_settings(nlh, &a);
	return nl_talk(nlh, NULL, NULL);
}

static int lan_port_show(int argc, char **argv)
{
	struct args a = { argc > 1 ? argv + 1 : argv + argc };
	struct nlmsghdr *nlh;
	int err;

	lan_family();
	nlh = nl_new(PLUMB_LAN_CMD_PORT_GET, NLM_F_DUMP);
	if (*a.v) {
		lan_put_name(nlh, args_next(&a));
		if (*a.v)
			die_garbage("name", *a.v);
	}
	out_list(NULL);
	err = nl_talk(nlh, lan_show_port, NULL);
	out_list_end();
	return err ? err : out_finish();
}

static int lan_port(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", lan_port_show }, { "list", lan_port_show },
		{ "add", lan_port_add }, { "del", lan_port_del }, { "set", lan_set },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), lan_help, argc, argv);
}

static int lan_scope_cmd(int argc, char **argv)
{
	struct scope_cfg cfg = { .format = SCOPE_TEXT };
	struct lan_only only = { .silent = true };
	struct args a = { argv + 1 };
	int err;

	(void)argc;
	cfg.medium = args_next(&a);
	while (*a.v) {
		if (args_take(&a, "count")) {
			cfg.count = parse_u32(args_next(&a), "count");
		} else if (args_take(&a, "match")) {
			cfg.match = args_next(&a);
		} else if (args_take(&a, "text")) {
			cfg.format = SCOPE_TEXT;
		} else if (args_take(&a, "svg")) {
			cfg.format = SCOPE_SVG;
			cfg.file = args_next(&a);
		} else if (args_take(&a, "pcapng")) {
			cfg.format = SCOPE_PCAPNG;
			cfg.file = args_next(&a);
		} else {
			die_garbage("name", *a.v);
		}
	}
	if (cfg.format == SCOPE_SVG && cfg.count > 1)
		die("a picture holds one transmission, not %u", cfg.count);
	lan_family();
	only.name = cfg.medium;
	err = lan_media(&only);
	return err ? err : scope_run(&cfg);
}

int cmd_lan(int argc, char **argv)
{
	static const struct command sub[] = {
		{ "show", lan_show }, { "list", lan_show }, { "add", lan_add }, { "del", lan_del },
		{ "port", lan_port }, { "set", lan_set }, { "scope", lan_scope_cmd },
	};

	return cmd_run_sub(sub, sizeof(sub) / sizeof(sub[0]), lan_help, argc, argv);
}
