/* SPDX-License-Identifier: GPL-2.0 */
/* Inside plumb lan: the probe and its three ways to show what it saw. */
#ifndef PLUMB_LAN_H
#define PLUMB_LAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum scope_format { SCOPE_TEXT, SCOPE_SVG, SCOPE_PCAPNG };

/**
 * struct scope_cfg - what the probe is to do
 * @medium: what it is put on
 * @count: end after so many transmissions, 0: never
 * @match: show only frames with this text in them; NULL: all
 * @format: how to show them
 * @file: where to, for SVG and pcapng; "-" is the standard output
 */
struct scope_cfg {
	const char *medium;
	uint32_t count;
	const char *match;
	enum scope_format format;
	const char *file;
};

/**
 * struct scope_shot - one transmission
 * @port: number of the sender's port; on a switch, of the port whose cable it was on
 * @from_switch: the switch sent it
 * @mbps: speed
 * @time_ns: monotonic time of its first bit
 * @wire: octets on the wire, preamble first
 * @bits: bits of them
 * @lead: bits before the destination address, 0: no start delimiter was seen
 * @extension: bits of carrier extension behind the frame
 * @errors: PLUMB_LAN_ERR_*
 * @collided: a collision's fragment
 * @signal: levels, 2 bits each; NULL if bits are not coded on that medium
 * @levels: how many
 * @clock: levels a second
 * @levels_lead: levels before those of the first bit
 */
struct scope_shot {
	uint32_t port, mbps;
	bool from_switch;
	uint64_t time_ns;
	const uint8_t *wire;
	uint32_t bits, lead, extension;
	uint8_t errors;
	bool collided;
	const uint8_t *signal;
	uint32_t levels, clock, levels_lead;
};

/* Level number @i of a signal: -1, 0 or 1. */
static inline int scope_level(const struct scope_shot *s, uint32_t i)
{
	int v = s->signal[i / 4] >> (i % 4 * 2) & 3;

	return v == 3 ? -1 : v;
}

/* Octet number @i of the frame (0: first of the destination address). */
static inline uint8_t scope_octet(const struct scope_shot *s, uint32_t i)
{
	uint32_t bit = s->lead + 8 * i;
	uint8_t v = (uint8_t)(s->wire[bit / 8] >> bit % 8);

	if (bit % 8)
		v |= (uint8_t)(s->wire[bit / 8 + 1] << (8 - bit % 8));
	return v;
}

static inline uint32_t scope_octets(const struct scope_shot *s)
{
	return s->lead ? (s->bits - s->lead) / 8 : 0;
}

int scope_run(const struct scope_cfg *cfg);

void scope_text(FILE *to, const struct scope_shot *s);
void scope_svg(FILE *to, const struct scope_shot *s);
void scope_pcapng_begin(FILE *to);
void scope_pcapng(FILE *to, const struct scope_shot *s);

#endif /* PLUMB_LAN_H */
