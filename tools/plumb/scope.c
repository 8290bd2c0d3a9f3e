// SPDX-License-Identifier: GPL-2.0
/*
 * plumb lan scope: a probe on the wire, from the first bit of the preamble to the last of the FCS.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "lan.h"
#include "nl.h"

struct scope {
	const struct scope_cfg *cfg;
	FILE *to;
	uint32_t seen;
};

static void scope_show(struct scope *sc, const struct scope_shot *s)
{
	switch (sc->cfg->format) {
	case SCOPE_TEXT:
		scope_text(sc->to, s);
		break;
	case SCOPE_SVG:
		scope_svg(sc->to, s);
		break;
	case SCOPE_PCAPNG:
		scope_pcapng(sc->to, s);
		break;
	}
	fflush(sc->to);
}

/* Are the octets of the text in the frame? */
static bool scope_matches(const struct scope_shot *s, const char *text)
{
	uint32_t n = scope_octets(s), len = (uint32_t)strlen(text), i, k;

	for (i = 0; i + len <= n; i++) {
		for (k = 0; k < len && scope_octet(s, i + k) == (uint8_t)text[k]; k++)
			;
		if (k == len)
			return true;
	}
	return false;
}

static void scope_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct scope *sc = arg;
	struct scope_shot s = { 0 };

	if (cmd != PLUMB_LAN_CMD_SCOPE_NTF ||
	    strcmp(mnl_attr_get_str(tb[PLUMB_LAN_A_MEDIUM]), sc->cfg->medium))
		return;
	s.port = nl_u32(tb[PLUMB_LAN_A_PORT], 0);
	s.from_switch = tb[PLUMB_LAN_A_FROM_SWITCH];
	s.mbps = nl_u32(tb[PLUMB_LAN_A_SPEED], 0);
	s.time_ns = nl_u64(tb[PLUMB_LAN_A_TIME], 0);
	s.wire = mnl_attr_get_payload(tb[PLUMB_LAN_A_WIRE]);
	s.bits = nl_u32(tb[PLUMB_LAN_A_WIRE_BITS], 0);
	s.lead = nl_u32(tb[PLUMB_LAN_A_LEAD], 0);
	s.extension = nl_u32(tb[PLUMB_LAN_A_EXTENSION], 0);
	s.errors = nl_u8(tb[PLUMB_LAN_A_ERRORS], 0);
	s.collided = tb[PLUMB_LAN_A_COLLIDED];
	if (tb[PLUMB_LAN_A_SIGNAL]) {
		s.signal = mnl_attr_get_payload(tb[PLUMB_LAN_A_SIGNAL]);
		s.levels = nl_u32(tb[PLUMB_LAN_A_LEVELS], 0);
		s.clock = nl_u32(tb[PLUMB_LAN_A_CLOCK], 0);
		s.levels_lead = nl_u32(tb[PLUMB_LAN_A_LEVELS_LEAD], 0);
	}
	if (sc->cfg->match && !scope_matches(&s, sc->cfg->match))
		return;
	scope_show(sc, &s);
	/* One picture holds one transmission. */
	if (++sc->seen == (sc->cfg->format == SCOPE_SVG ? 1 : sc->cfg->count))
		exit(fclose(sc->to) ? EXIT_USAGE : 0);
}

int scope_run(const struct scope_cfg *cfg)
{
	struct scope sc = { .cfg = cfg, .to = stdout };

	if (cfg->file && strcmp(cfg->file, "-")) {
		sc.to = fopen(cfg->file, "w");
		if (!sc.to) {
			fprintf(stderr, "plumb: %s: %s\n", cfg->file, strerror(errno));
			return EXIT_USAGE;
		}
	}
	if (cfg->format == SCOPE_PCAPNG)
		scope_pcapng_begin(sc.to);
	return nl_listen(scope_one, &sc);
}
