// SPDX-License-Identifier: GPL-2.0
/* plumb lan scope ... text: a transmission with each field by its name. */
#include <arpa/inet.h>
#include <string.h>

#include "lan.h"
#include "nl.h"

static void text_octets(FILE *to, const char *name, const struct scope_shot *s, uint32_t from,
			uint32_t n, const char *what)
{
	uint32_t i;

	fprintf(to, "  %-12s", name);
	for (i = from; i < from + n && i < scope_octets(s); i++)
		fprintf(to, " %02x", scope_octet(s, i));
	fprintf(to, "%s%s\n", *what ? "  " : "", what);
}

static void text_lead(FILE *to, const struct scope_shot *s)
{
	uint32_t i, n = s->lead ? s->lead : s->bits;

	fprintf(to, "  %-12s ", s->lead ? "preamble" : "carrier");
	for (i = 0; i < n && i < 128; i++) {
		if (s->lead && i + 8 == s->lead)
			fprintf(to, "\n  %-12s ", "SFD");
		fputc(s->wire[i / 8] >> i % 8 & 1 ? '1' : '0', to);
	}
	fprintf(to, "\n");
}

static const char *text_type(uint16_t type)
{
	static char length[32];

	switch (type) {
	case 0x0800: return "IPv4";
	case 0x0806: return "ARP";
	case 0x8100: return "802.1Q tag";
	case 0x86dd: return "IPv6";
	case 0x8808: return "MAC control";
	}
	if (type > 1500)
		return "?";
	snprintf(length, sizeof(length), "802.3 length %u", type);
	return length;
}

static void text_data(FILE *to, const struct scope_shot *s, uint32_t end)
{
	uint32_t i, k;

	for (i = 14; i < end; i += 16) {
		fprintf(to, "  %-12s", i == 14 ? "data" : "");
		for (k = i; k < i + 16 && k < end; k++)
			fprintf(to, " %02x", scope_octet(s, k));
		fprintf(to, "%*s  ", (int)(3 * (i + 16 - k)), "");
		for (k = i; k < i + 16 && k < end; k++) {
			uint8_t c = scope_octet(s, k);

			fputc(c >= 0x20 && c < 0x7f ? c : '.', to);
		}
		fputc('\n', to);
	}
}

static void text_errors(FILE *to, const struct scope_shot *s)
{
	static const struct { uint8_t bit; const char *text; } e[] = {
		{ PLUMB_LAN_ERR_FCS, "the check sequence does not fit" },
		{ PLUMB_LAN_ERR_ALIGN, "not a whole number of octets" },
		{ PLUMB_LAN_ERR_RUNT, "shorter than 64 octets" },
		{ PLUMB_LAN_ERR_LONG, "longer than a frame may be" },
		{ PLUMB_LAN_ERR_NO_SFD, "no start delimiter" },
		{ PLUMB_LAN_ERR_SYMBOL, "violation of the line code" },
		{ PLUMB_LAN_ERR_EXTEND, "the carrier extension was cut short" },
	};
	size_t i;

	if (s->collided)
		fprintf(to, "  collision: cut short and jammed\n");
	for (i = 0; i < sizeof(e) / sizeof(e[0]); i++)
		if (s->errors & e[i].bit)
			fprintf(to, "  wrong: %s\n", e[i].text);
	if (!s->errors && !s->collided)
		fprintf(to, "  good frame\n");
}

static void text_signal(FILE *to, const struct scope_shot *s)
{
	static const char *const mark[] = { "_", "-", "^" };
	uint32_t i, n = s->levels < 160 ? s->levels : 160;

	fprintf(to, "  %-12s ", "signal");
	for (i = 0; i < n; i++)
		fputs(mark[scope_level(s, i) + 1], to);
	fprintf(to, "%s  (%u levels at %g MBd)\n", n < s->levels ? "..." : "", s->levels,
		s->clock / 1e6);
}

void scope_text(FILE *to, const struct scope_shot *s)
{
	uint32_t n = scope_octets(s), end = n > 18 ? n - 4 : n;
	uint16_t type;

	fprintf(to, "%llu.%09llu %sport %u, %u Mb/s, %u bits (%llu ns)\n",
		(unsigned long long)(s->time_ns / 1000000000),
		(unsigned long long)(s->time_ns % 1000000000),
		s->from_switch ? "switch to " : "", s->port, s->mbps, s->bits,
		(unsigned long long)s->bits * 1000 / s->mbps);
	text_lead(to, s);
	if (n >= 14) {
		type = (uint16_t)(scope_octet(s, 12) << 8 | scope_octet(s, 13));
		text_octets(to, "destination", s, 0, 6,
			    scope_octet(s, 0) & 1 ? "to many" : "");
		text_octets(to, "source", s, 6, 6, "");
		text_octets(to, "type", s, 12, 2, text_type(type));
		text_data(to, s, end);
		if (n > 18)
			text_octets(to, "FCS", s, end, 4,
				    s->errors & PLUMB_LAN_ERR_FCS ? "bad" : "good");
	} else if (n) {
		text_octets(to, "octets", s, 0, n, "");
	}
	if (s->extension)
		fprintf(to, "  %-12s %u bits\n", "extension", s->extension);
	if (s->signal)
		text_signal(to, s);
	text_errors(to, s);
}
