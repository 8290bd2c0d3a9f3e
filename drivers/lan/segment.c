// SPDX-License-Identifier: GPL-2.0
/*
 * A cable segment: takes frames from its ends, lets them pass over the medium, and gives what comes
 * out to the other ends. Half duplex asks csma.c who may speak; full duplex needs only the gap.
 */
#include "segment.h"

static struct lan_segment *lan_segment_of(struct csma_domain *d);

/* ---- one transmission, from the sender's octets to the receivers' frames ---- */

static void lan_segment_damage(struct lan_end *to, u8 *bits, u32 n_bits)
{
	u32 at = 0, i;

	while (at < n_bits) {
		i = lan_fault_next(&to->fault, n_bits - at);
		if (i == U32_MAX)
			break;
		at += i;
		lan_bit_put(bits, at, !lan_bit_get(bits, at));
		at++;
	}
}

/* On the signal, an error takes a level to a neighbouring one. */
static void lan_segment_damage_signal(struct lan_end *to, s8 *sig, u32 n)
{
	u32 at = 0, i;

	while (at < n) {
		i = lan_fault_next(&to->fault, n - at);
		if (i == U32_MAX)
			break;
		at += i;
		sig[at] = sig[at] ? (s8)-sig[at] : 1;
		at++;
	}
}

/*
 * What a bystander hears of a jam, the last bits of a burst of @n_burst: anything but the frame's
 * bits (4.2.3.2.4). A jam in the carrier extension leaves those whole.
 */
static void lan_segment_jam(u8 *bits, u32 n_bits, u32 n_burst)
{
	u32 i, from = n_burst > LAN_JAM_BITS ? n_burst - LAN_JAM_BITS : 0;

	for (i = from; i < n_bits; i++)
		lan_bit_put(bits, i, !lan_bit_get(bits, i));
}

/*
 * The probe sees the whole wire: also the bits that went by before the receiver had its clock, and
 * those of which it made nothing.
 */
static void lan_segment_show(struct lan_segment *g, const struct lan_scope *sc, const u8 *sent,
			     u8 *bits, u32 n_bits, u32 missed)
{
	struct lan_rx rx = *sc->rx;
	struct lan_scope shown = *sc;
	u32 i;

	if (!n_bits)
		missed = sc->n_bits;
	for (i = n_bits; missed && i; i--)
		lan_bit_put(bits, missed + i - 1, lan_bit_get(bits, i - 1));
	for (i = 0; i < missed; i++)
		lan_bit_put(bits, i, lan_bit_get(sent, i));
	if (rx.lead)
		rx.lead += missed;
	shown.bits = bits;
	shown.n_bits = missed + n_bits;
	shown.rx = &rx;
	g->probe(g, &shown);
}

/* From one end to another: two cables, and on half duplex the repeater between them. */
static u32 lan_segment_delay(const struct lan_segment *g, const struct lan_end *from,
			     const struct lan_end *to)
{
	return from->delay_ns + to->delay_ns + (g->dom ? g->dom->repeater_ns : 0);
}

/* Did the frame, if it still is one, come out otherwise than it was sent? The FCS is not asked. */
static bool lan_segment_damaged(const struct lan_end *to, const struct lan_scope *sc,
				const struct lan_wire *w, bool symbol_error)
{
	u32 len = w->n - LAN_LEAD_LEN;

	if (sc->collided || !sc->rx->len || !lan_fault_any(&to->fault))
		return false;
	return symbol_error || sc->rx->len != len ||
	       memcmp(sc->rx->data, w->octets + LAN_LEAD_LEN, len);
}

/* One end hears a transmission; without an end, the probe alone. */
static void lan_segment_hear(struct lan_segment *g, struct lan_end *to, struct lan_scope *sc,
			     const struct lan_wire *w)
{
	u8 *bits = g->buf, *frame = g->buf + LAN_SEGMENT_OCTETS;
	u32 n_bits = sc->n_bits, missed = 0;
	bool bad = false;
	struct lan_rx rx;

	if (to && lan_fault_drops(&to->fault))
		return;
	memcpy(bits, w->octets, (n_bits + 7) / 8);
	if (sc->collided)
		lan_segment_jam(bits, n_bits, n_bits + sc->extension);
	if (g->line) {
		u32 n = g->line->encode(bits, n_bits, g->sig);

		if (to)
			lan_segment_damage_signal(to, g->sig, n);
		n_bits = g->line->decode(g->sig, n, bits, &missed, &bad);
		sc->sig = g->sig;
		sc->n_sig = n;
	} else if (to) {
		lan_segment_damage(to, bits, n_bits);
	}
	lan_frame_parse(bits, n_bits, bad, to ? to->max_frame : LAN_MAX_TAGGED, frame, &rx);
	/* 4.2.4.3.3: what ends within the first slot is a fragment, its FCS be as it may. */
	if (sc->collided && !rx.err)
		rx.err = LAN_RX_EXTEND;
	sc->rx = &rx;
	if (g->probe && !sc->seen)
		lan_segment_show(g, sc, w->octets, bits, n_bits, missed);
	sc->seen = true;
	if (!to)
		return;
	to->rx_frames++;
	to->rx_damaged += lan_segment_damaged(to, sc, w, bad);
	to->ops->rx(to, &rx, sc->collided,
		    sc->start_ns + lan_segment_delay(g, g->end[sc->end], to) +
		    (u64)(sc->n_bits + sc->extension) * g->bit_ns);
}

/* Everybody but those in @deaf hears the first @n_bits bits of what @from sent. */
static void lan_segment_deliver(struct lan_segment *g, struct lan_end *from, u64 start_ns,
				u32 n_bits, u64 deaf, bool collided)
{
	struct lan_scope sc = {
		.end = from->index,
		.start_ns = start_ns,
		.n_bits = min_t(u32, n_bits, 8 * from->wire.n),
		.collided = collided,
	};
	unsigned int i;

	sc.extension = n_bits - sc.n_bits;

	for (i = 0; i < g->n; i++) {
		struct lan_end *to = g->end[i];

		if (to && to->plugged && !(deaf >> i & 1))
			lan_segment_hear(g, to, &sc, &from->wire);
	}
	if (g->probe && !sc.seen)
		lan_segment_hear(g, NULL, &sc, &from->wire);
}

/* ---- half duplex ---- */

static void lan_segment_csma_done(struct csma_domain *d, unsigned int i, enum csma_result how,
				  u64 at_ns)
{
	struct lan_end *e = lan_segment_of(d)->end[i];

	if (how == CSMA_SENT) {
		e->tx_frames++;
		e->tx_octets += e->wire.n;
	}
	e->busy = false;
	e->ops->done(e, how, at_ns);
}

static bool lan_segment_others_talk(const struct lan_segment *g, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < g->dom->n; k++)
		if (k != i && g->dom->st[k].collided && !g->dom->st[k].full &&
		    (g->dom->st[k].state == CSMA_JAM || g->dom->st[k].state == CSMA_SEND))
			return true;
	return false;
}

/*
 * The last of those who collided falls silent: what the bystanders heard is one carrier event, the
 * preamble of one and then a mixture. The mixture is shown as the last one's bits with its jam.
 *
 * An end that takes itself for full duplex hears each fragment; what it sent meanwhile reached
 * nobody, as the others were talking.
 */
static void lan_segment_csma_burst(struct csma_domain *d, unsigned int i, u32 n_bits, bool collided,
				   u64 at_ns)
{
	struct lan_segment *g = lan_segment_of(d);
	u64 deaf = g->fragment | 1ULL << i;
	u64 start = at_ns - (u64)n_bits * g->bit_ns;

	if (d->st[i].full) {
		lan_segment_deliver(g, g->end[i], start, n_bits, collided ? U64_MAX : 1ULL << i,
				    collided);
		return;
	}
	if (collided) {
		g->fragment = deaf;
		if (lan_segment_others_talk(g, i))
			return;
	}
	lan_segment_deliver(g, g->end[i], start, n_bits, deaf, collided);
	g->fragment = 0;
}

/* A burst's further frames need no extension (4.2.3.4). */
static u32 lan_segment_csma_more(struct csma_domain *d, unsigned int i)
{
	struct lan_end *e = lan_segment_of(d)->end[i];

	if (!e->plugged || !e->ops->fetch(e, &e->wire, d->now_ns))
		return 0;
	e->busy = true;
	return 8 * e->wire.n;
}

static const struct csma_ops lan_segment_csma_ops = {
	.done = lan_segment_csma_done,
	.burst = lan_segment_csma_burst,
	.more = lan_segment_csma_more,
};

static struct lan_segment *lan_segment_of(struct csma_domain *d)
{
	return d->owner;
}

/* ---- full duplex ---- */

/* An idle transmitter takes its next frame, which begins at @at_ns or when the gap has passed. */
static void lan_segment_full_feed(struct lan_segment *g, struct lan_end *e, u64 at_ns)
{
	if (!e || e->busy || !e->kicked)
		return;
	at_ns = max(at_ns, e->end_ns);
	e->wake_ns = 0;
	if (!e->ops->fetch(e, &e->wire, at_ns)) {
		e->kicked = false;
		return;
	}
	e->start_ns = at_ns;
	e->end_ns = at_ns + 8ULL * e->wire.n * g->bit_ns;
	e->busy = true;
}

/* The frame is at the other end a delay later: what that end sends because of it begins there. */
static void lan_segment_full_end(struct lan_segment *g, struct lan_end *e)
{
	struct lan_end *to = g->end[!e->index];
	u64 at_ns = e->end_ns;

	lan_segment_deliver(g, e, e->start_ns, 8 * e->wire.n, 1ULL << e->index, false);
	e->tx_frames++;
	e->tx_octets += e->wire.n;
	e->busy = false;
	e->ops->done(e, CSMA_SENT, at_ns);
	e->end_ns += (u64)LAN_IFG_BITS * g->bit_ns;
	lan_segment_full_feed(g, e, at_ns);
	if (to)
		lan_segment_full_feed(g, to, at_ns + lan_segment_delay(g, e, to));
}

/* When the end does its next step, or LAN_NEVER. */
static u64 lan_segment_full_when(const struct lan_end *e)
{
	if (!e || !e->plugged)
		return LAN_NEVER;
	if (e->busy)
		return e->end_ns;
	return e->wake_ns ?: LAN_NEVER;
}

static struct lan_end *lan_segment_full_first(const struct lan_segment *g)
{
	return g->end[lan_segment_full_when(g->end[1]) < lan_segment_full_when(g->end[0])];
}

static void lan_segment_full_step(struct lan_segment *g)
{
	struct lan_end *e = lan_segment_full_first(g);
	u64 when = lan_segment_full_when(e);

	g->now_ns = max(g->now_ns, when);
	if (e->busy) {
		lan_segment_full_end(g, e);
	} else {
		e->kicked = true;
		lan_segment_full_feed(g, e, when);
	}
}

/* ---- all ---- */

int lan_segment_init(struct lan_segment *g, struct csma_domain *dom, unsigned int max,
		     unsigned int mbps, bool bit_level, u64 seed)
{
	if ((mbps != 10 && mbps != 100 && mbps != 1000) || max < 2 || max > LAN_MAX_STATIONS ||
	    (!dom && max != 2))
		return -EINVAL;
	if (bit_level) {
		if (mbps == 1000)
			return -EOPNOTSUPP;
		g->line = mbps == 10 ? &lan_line_manchester : &lan_line_mlt3;
	}
	g->full = !dom;
	g->bit_ns = 1000 / mbps;
	g->max = max;
	g->dom = dom;
	if (!dom)
		return 0;
	dom->owner = g;
	return csma_init(dom, max, &lan_segment_csma_ops, mbps, seed);
}

int lan_segment_plug(struct lan_segment *g, struct lan_end *e, unsigned int i, u32 delay_ns)
{
	if (i >= g->max)
		return -ERANGE;
	if (g->end[i])
		return -EBUSY;
	e->index = i;
	e->delay_ns = delay_ns;
	e->plugged = true;
	e->busy = false;
	e->kicked = false;
	e->end_ns = 0;
	e->wake_ns = 0;
	g->end[i] = e;
	g->n = max(g->n, i + 1);
	if (g->dom)
		csma_plug(g->dom, i, delay_ns);
	lan_segment_upset(g, e);
	return 0;
}

void lan_segment_upset(struct lan_segment *g, struct lan_end *e)
{
	if (g->dom)
		csma_upset(g->dom, e->index, e->thinks_full, e->storm_ppb);
}

/* On half duplex at 1000 Mb/s the carrier lasts for a slot at least (4.2.3.4). */
static u32 lan_segment_burst(const struct lan_segment *g, const struct lan_wire *w)
{
	u32 n_bits = 8 * w->n;

	if (g->bit_ns == 1)
		n_bits = max_t(u32, n_bits, 8 * LAN_LEAD_LEN + g->dom->slot_bits);
	return n_bits;
}

void lan_segment_unplug(struct lan_segment *g, struct lan_end *e)
{
	if (!e->plugged)
		return;
	if (g->dom)
		csma_unplug(g->dom, e->index);
	e->plugged = false;
	if (e->busy) {
		e->busy = false;
		e->ops->done(e, CSMA_ABORTED, g->now_ns);
	}
	g->end[e->index] = NULL;
}

/* Half duplex: an idle transmitter takes its next frame. */
static void lan_segment_feed(struct lan_segment *g, struct lan_end *e, u64 at_ns)
{
	if (!e || e->busy || !e->kicked)
		return;
	if (!e->ops->fetch(e, &e->wire, at_ns)) {
		e->kicked = false;
		return;
	}
	e->busy = true;
	csma_send(g->dom, e->index, lan_segment_burst(g, &e->wire), at_ns);
}

void lan_segment_kick(struct lan_segment *g, struct lan_end *e, u64 at_ns)
{
	e->kicked = true;
	if (!e->plugged)
		return;
	g->now_ns = max(g->now_ns, at_ns);
	if (g->dom)
		lan_segment_feed(g, e, at_ns);
	else
		lan_segment_full_feed(g, e, at_ns);
}

u64 lan_segment_next(const struct lan_segment *g)
{
	return g->dom ? csma_next(g->dom) : lan_segment_full_when(lan_segment_full_first(g));
}

static void lan_segment_step(struct lan_segment *g)
{
	unsigned int i;

	if (!g->dom) {
		lan_segment_full_step(g);
		return;
	}
	csma_run(g->dom, csma_next(g->dom), 1);
	g->now_ns = max(g->now_ns, g->dom->now_ns);
	for (i = 0; i < g->n; i++)
		lan_segment_feed(g, g->end[i], g->dom->now_ns);
}

u32 lan_segment_run(struct lan_segment *g, u64 until_ns, u32 most)
{
	u32 steps;

	for (steps = 0; steps < most && lan_segment_next(g) <= until_ns; steps++)
		lan_segment_step(g);
	return steps;
}

void lan_segment_pass(struct lan_segment *g, u64 now_ns)
{
	g->now_ns = max(g->now_ns, now_ns);
	if (g->dom)
		g->dom->now_ns = max(g->dom->now_ns, now_ns);
}
