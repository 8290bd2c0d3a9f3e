// SPDX-License-Identifier: GPL-2.0
/*
 * Carrier sense multiple access with collision detection (IEEE 802.3 4.2.3.2, 4.4.2), as a
 * discrete-event machine: each station has one next step, the earliest is taken.
 *
 *   IDLE --send--> DEFER --gap passed--> SEND --end--> IDLE
 *                    ^                     | collision heard
 *                    |                     v
 *                    +---- BACKOFF <---- JAM ---(16th)--> IDLE, excessive
 *
 * A signal that station k begins at s is heard at station i from s + delay(k, i) to e + delay(k,
 * i). A station that hears one does not begin; one that began before it could hear collides.
 *
 * A station that believes in full duplex while the others do not keeps to its own gap alone. The
 * others see late collisions; it hears their fragments, and they do not hear what it sent over
 * theirs.
 */
#include "csma.h"

#include "frame.h"

static u64 csma_bits(const struct csma_domain *d, u32 bits)
{
	return (u64)bits * d->bit_ns;
}

static u64 csma_delay(const struct csma_domain *d, unsigned int a, unsigned int b)
{
	return (u64)d->st[a].delay_ns + d->repeater_ns + d->st[b].delay_ns;
}

/*
 * Until when station @i hears what had reached it by @at, its own frame included; 0: silence so
 * far.
 */
static u64 csma_heard_until(const struct csma_domain *d, unsigned int i, u64 at)
{
	u64 until = 0;
	unsigned int k;

	for (k = 0; k < d->n; k++) {
		const struct csma_station *s = &d->st[k];

		if (k == i || !s->end_ns || s->start_ns + csma_delay(d, k, i) > at)
			continue;
		until = max(until, s->end_ns + csma_delay(d, k, i));
	}
	return max(until, d->st[i].end_ns);
}

int csma_init(struct csma_domain *d, unsigned int max, const struct csma_ops *ops,
	      unsigned int mbps, u64 seed)
{
	void *owner = d->owner;

	memset(d, 0, sizeof(*d));
	d->owner = owner;
	d->max = max;
	switch (mbps) {
	case 10:
	case 100:
		d->bit_ns = 1000 / mbps;
		d->slot_bits = 512;
		d->retry_late = true;
		break;
	case 1000:
		d->bit_ns = 1;
		d->slot_bits = 4096;
		d->burst_bits = CSMA_BURST_LIMIT;
		break;
	default:
		return -EINVAL;
	}
	d->ops = ops;
	d->repeater_ns = 8 * d->bit_ns;		/* a class II repeater's share, in bits */
	lan_rng_seed(&d->rng, seed);
	return 0;
}

void csma_plug(struct csma_domain *d, unsigned int i, u32 delay_ns)
{
	struct csma_station *s = &d->st[i];

	memset(s, 0, sizeof(*s));
	s->plugged = true;
	s->delay_ns = delay_ns;
	s->next_ns = LAN_NEVER;
	s->hit_ns = LAN_NEVER;
	d->n = max(d->n, i + 1);
}

void csma_upset(struct csma_domain *d, unsigned int i, bool full, u32 storm_ppb)
{
	d->st[i].full = full;
	d->st[i].storm_ppb = storm_ppb;
}

static void csma_finish(struct csma_domain *d, unsigned int i, enum csma_result how)
{
	struct csma_station *s = &d->st[i];

	s->state = CSMA_IDLE;
	s->next_ns = LAN_NEVER;
	s->hit_ns = LAN_NEVER;
	d->ops->done(d, i, how, d->now_ns);
}

/* Has anybody talked while what station @i sends went by? */
static bool csma_talked_over(const struct csma_domain *d, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < d->n; k++)
		if (k != i && !d->st[k].full &&
		    d->st[k].end_ns > d->st[i].start_ns + csma_delay(d, i, k))
			return true;
	return false;
}

/* What went onto the medium since frame_ns is over now: let the others hear it. */
static void csma_end_burst(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];

	s->end_ns = d->now_ns;
	if (s->end_ns <= s->frame_ns)
		return;			/* cut off before it began */
	if (s->full && csma_talked_over(d, i))
		s->collided = true;
	d->ops->burst(d, i, (u32)div_u64(s->end_ns - s->frame_ns, d->bit_ns), s->collided,
		      d->now_ns);
}

void csma_unplug(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];

	if (!s->plugged)
		return;
	if (s->state == CSMA_SEND || s->state == CSMA_JAM) {
		s->collided = true;		/* cut off: nobody gets a whole frame */
		csma_end_burst(d, i);
	}
	s->plugged = false;
	if (s->state != CSMA_IDLE)
		csma_finish(d, i, CSMA_ABORTED);
}

int csma_send(struct csma_domain *d, unsigned int i, u32 n_bits, u64 at_ns)
{
	struct csma_station *s = &d->st[i];

	if (!s->plugged)
		return -ENETDOWN;
	if (s->state != CSMA_IDLE)
		return -EBUSY;
	s->state = CSMA_DEFER;
	s->n_bits = n_bits;
	s->attempts = 0;
	s->deferred = false;
	s->in_gap = false;
	s->next_ns = max(at_ns, d->now_ns);
	return 0;
}

/* Somebody unseen begins within the first slot: the storm. */
static void csma_storm(struct csma_domain *d, struct csma_station *s)
{
	u64 hit;

	if (!s->storm_ppb || lan_rng_below(&d->rng, LAN_PPB) >= s->storm_ppb)
		return;
	hit = s->start_ns + csma_bits(d, lan_rng_below(&d->rng, 512));
	if (s->full || hit >= min(s->end_ns, s->hit_ns))
		return;
	s->hit_ns = hit;
	s->stats.stormed++;
}

/*
 * Station @i begins at now_ns. Whoever sends already, or whose signal is still on its way here,
 * collides with it: each of the two notices when the other's signal reaches it.
 */
static void csma_begin(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];
	u64 now = d->now_ns;
	unsigned int k;

	s->state = CSMA_SEND;
	s->collided = false;
	s->late = false;
	s->start_ns = now;
	s->frame_ns = now;
	s->end_ns = now + csma_bits(d, s->n_bits);
	s->next_ns = s->end_ns;
	s->hit_ns = LAN_NEVER;
	for (k = 0; k < d->n; k++) {
		struct csma_station *o = &d->st[k];
		u64 delay;

		if (k == i || !o->end_ns)
			continue;
		delay = csma_delay(d, i, k);
		if (!s->full && o->end_ns + delay > now)
			s->hit_ns = min(s->hit_ns, o->start_ns + delay);
		if (!o->full && (o->state == CSMA_SEND || o->state == CSMA_JAM) &&
		    o->end_ns > now + delay)
			o->hit_ns = min(o->hit_ns, now + delay);
	}
	if (s->hit_ns != LAN_NEVER)
		s->hit_ns = max(s->hit_ns, now);
	csma_storm(d, s);
}

/*
 * DEFER: may it begin? Carrier first, then the gap (4.2.3.2.1). A carrier that comes back in the
 * gap's first two thirds starts it anew; in the last third it is not looked at, so that a station
 * near the repeater has no advantage for ever.
 */
static void csma_step_defer(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];
	u64 gap = csma_bits(d, LAN_IFG_BITS);
	u64 clear;

	if (s->full)
		clear = s->end_ns;
	else
		clear = csma_heard_until(d, i, s->in_gap ? d->now_ns - gap / 3 : d->now_ns);
	if (!clear || clear + gap <= d->now_ns) {
		s->in_gap = false;
		csma_begin(d, i);
		return;
	}
	if (clear > d->now_ns && !s->deferred) {
		s->deferred = true;
		s->stats.deferred++;
	}
	s->in_gap = true;
	s->next_ns = clear + gap;
}

/* The collision is noticed: finish the preamble, then jam (4.2.3.2.4). */
static void csma_step_hit(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];
	u64 lead = s->frame_ns + csma_bits(d, 8 * LAN_LEAD_LEN);

	s->hit_ns = LAN_NEVER;
	s->collided = true;
	s->state = CSMA_JAM;
	s->end_ns = max(lead, d->now_ns) + csma_bits(d, LAN_JAM_BITS);
	s->next_ns = s->end_ns;
	s->stats.collisions++;
	s->late = d->now_ns - s->start_ns > csma_bits(d, d->slot_bits);
	if (s->late)
		s->stats.late++;
}

/* 4.2.3.2.5: r slots, 0 <= r < 2^min(n, 10), after the n-th collision. */
static void csma_back_off(struct csma_domain *d, struct csma_station *s)
{
	u32 r = lan_rng_below(&d->rng, 1U << min_t(u32, s->attempts, CSMA_BACKOFF_LIMIT));

	s->stats.backoff_slots += r;
	s->stats.backoff_draws++;
	s->state = CSMA_BACKOFF;
	s->next_ns = d->now_ns + csma_bits(d, r * d->slot_bits);
}

static void csma_step_jammed(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];

	csma_end_burst(d, i);
	s->attempts++;
	if (s->late && !d->retry_late) {
		csma_finish(d, i, CSMA_LATE);
	} else if (s->attempts >= CSMA_ATTEMPT_LIMIT) {
		s->stats.excessive++;
		csma_finish(d, i, CSMA_EXCESSIVE);
	} else {
		csma_back_off(d, s);
	}
}

/*
 * Frame bursting (4.2.3.2.7): who has the medium at 1000 Mb/s may fill the gap with extension and
 * begin another frame, until burstLimit bits after the first began. To the others it is one
 * carrier.
 */
static void csma_go_on(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];
	u64 next = s->end_ns + csma_bits(d, LAN_IFG_BITS);
	u32 n_bits;

	if (!d->ops->more || s->full || next - s->start_ns >= csma_bits(d, d->burst_bits))
		return;
	n_bits = d->ops->more(d, i);
	if (!n_bits)
		return;
	s->state = CSMA_SEND;
	s->n_bits = n_bits;
	s->attempts = 0;
	s->deferred = false;
	s->frame_ns = next;
	s->end_ns = next + csma_bits(d, n_bits);
	s->next_ns = s->end_ns;
}

static void csma_step_sent(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];

	csma_end_burst(d, i);
	s->stats.frames++;
	if (s->attempts == 1)
		s->stats.single++;
	else if (s->attempts > 1)
		s->stats.multiple++;
	csma_finish(d, i, CSMA_SENT);
	csma_go_on(d, i);
}

static void csma_step(struct csma_domain *d, unsigned int i)
{
	struct csma_station *s = &d->st[i];

	switch (s->state) {
	case CSMA_BACKOFF:
		s->state = CSMA_DEFER;
		s->in_gap = false;
		fallthrough;
	case CSMA_DEFER:
		csma_step_defer(d, i);
		break;
	case CSMA_SEND:
		/* Heard in the frame's last moment is still heard. */
		if (s->hit_ns <= d->now_ns && s->hit_ns < s->end_ns)
			csma_step_hit(d, i);
		else
			csma_step_sent(d, i);
		break;
	case CSMA_JAM:
		csma_step_jammed(d, i);
		break;
	case CSMA_IDLE:
		s->next_ns = LAN_NEVER;
		break;
	}
}

static u64 csma_station_next(const struct csma_station *s)
{
	return s->state == CSMA_SEND ? min(s->next_ns, s->hit_ns) : s->next_ns;
}

static unsigned int csma_first(const struct csma_domain *d, u64 *when)
{
	unsigned int i, first = 0;

	*when = LAN_NEVER;
	for (i = 0; i < d->n; i++) {
		u64 t = csma_station_next(&d->st[i]);

		if (t < *when) {
			*when = t;
			first = i;
		}
	}
	return first;
}

u64 csma_next(const struct csma_domain *d)
{
	u64 when;

	csma_first(d, &when);
	return when;
}

u32 csma_run(struct csma_domain *d, u64 until_ns, u32 most)
{
	u32 steps;

	for (steps = 0; steps < most; steps++) {
		u64 when;
		unsigned int i = csma_first(d, &when);

		if (when > until_ns)
			break;
		d->now_ns = max(d->now_ns, when);
		csma_step(d, i);
	}
	if (steps < most && until_ns != LAN_NEVER)
		d->now_ns = max(d->now_ns, until_ns);
	return steps;
}
