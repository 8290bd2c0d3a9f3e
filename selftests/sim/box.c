// SPDX-License-Identifier: GPL-2.0
/*
 * Middleboxes: what a path does to TCP beyond losing it. Options of SYNs are rewritten (the MSS
 * clamped; what is stripped, and what is split, see env_transmit()), two segments become one,
 * sequence numbers are shifted by a firewall that knows better, SACK blocks included or (as some
 * have done) forgotten.
 */
#include <stdlib.h>

#include "sim.h"

#define BOX_HOLD	(300 * US)	/* longest that one waits to be merged */

static u32 get32(const u8 *b)
{
	return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static void add32(u8 *b, u32 by)
{
	u32 v = get32(b) + by;

	b[0] = v >> 24;
	b[1] = v >> 16;
	b[2] = v >> 8;
	b[3] = v;
}

/* Calls @fn for each option but NOP. */
static void box_options(struct sim_packet *p, void (*fn)(u8 *opt, u32 arg), u32 arg)
{
	unsigned int i = 20, len;

	while (i < p->hlen && p->hdr[i]) {
		len = p->hdr[i] == 1 ? 1 : p->hdr[i + 1];
		if (p->hdr[i] != 1)
			fn(p->hdr + i, arg);
		i += max(len, 1U);
	}
}

static void box_clamp(u8 *opt, u32 mss)
{
	if (opt[0] == 2 && (opt[2] << 8 | opt[3]) > (int)mss) {
		opt[2] = mss >> 8;
		opt[3] = mss;
	}
}

static void box_shift_sack(u8 *opt, u32 by)
{
	unsigned int i;

	for (i = 2; opt[0] == 5 && i + 4 <= opt[1]; i += 4)
		add32(opt + i, by);
}

static void box_shift(struct sim_packet *p)
{
	u32 ours = scn.shift_by[!p->to], theirs = scn.shift_by[p->to];

	add32(p->hdr + 4, ours);
	if (p->hdr[13] & TCPF_ACK)
		add32(p->hdr + 8, 0u - theirs);
	if (scn.shift_sack)
		box_options(p, box_shift_sack, 0u - theirs);
}

/* Does @b carry on where @a ends, and do their headers say the same? */
static bool box_joins(const struct sim_packet *a, const struct sim_packet *b)
{
	const u8 odd = TCPF_SYN | TCPF_RST | TCPF_URG;

	return a->port == b->port && a->gen == b->gen && a->len && b->len &&
	       a->hlen == b->hlen && a->off + a->len == b->off && a->ecn == b->ecn &&
	       get32(a->hdr + 4) + a->len == get32(b->hdr + 4) &&
	       get32(a->hdr + 8) == get32(b->hdr + 8) &&
	       !((a->hdr[13] | b->hdr[13]) & odd) && !(a->hdr[13] & TCPF_FIN) &&
	       !((a->hdr[13] ^ b->hdr[13]) & (TCPF_ECE | TCPF_CWR)) &&
	       a->len + b->len + a->hlen + 20 <= links[a->to].mtu;
}

static void box_release(void *arg, u64 tag)
{
	struct sim_link *l = arg;
	struct sim_packet *p = l->held;

	if (!p || p->held != tag)
		return;
	l->held = NULL;
	net_send(p);
}

static void box_merge(struct sim_link *l, struct sim_packet *p)
{
	static u64 serial;
	struct sim_packet *a = l->held;

	if (a && box_joins(a, p)) {
		/* The later header, at the earlier place. */
		memcpy(p->hdr + 4, a->hdr + 4, 4);
		p->off = a->off;
		p->len += a->len;
		free(a);
		l->held = NULL;
		net_send(p);
		return;
	}
	if (a) {
		l->held = NULL;
		net_send(a);
	}
	if (!p->len || !rnd_chance(scn.merge)) {
		net_send(p);
		return;
	}
	p->held = ++serial;
	l->held = p;
	sim_at(sim_now + BOX_HOLD, box_release, l, p->held);
}

void box_send(struct sim_packet *p)
{
	if (scn.clamp && p->hdr[13] & TCPF_SYN)
		box_options(p, box_clamp, scn.clamp);
	if (scn.shift)
		box_shift(p);
	if (scn.merge)
		box_merge(&links[p->to], p);
	else
		net_send(p);
}

void box_clear(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		free(links[i].held);
		links[i].held = NULL;
	}
}
