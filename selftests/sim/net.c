// SPDX-License-Identifier: GPL-2.0
/* Virtual time: the queue of events; random numbers; the two directions of the link. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sim.h"

/* ---- random numbers (splitmix64) ---- */

static u64 rnd_state;

void rnd_seed(u64 seed)
{
	/* Twice through the mixer: neighbouring seeds must not give shifted sequences. */
	rnd_state = seed;
	rnd_state = rnd() ^ seed << 32;
}

u64 rnd(void)
{
	u64 z = (rnd_state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u32 rnd_below(u32 n)
{
	return n ? (u32)((rnd() >> 32) * n >> 32) : 0;
}

u64 rnd_log(u64 lo, u64 hi)
{
	double f = (double)(rnd() >> 11) / 9007199254740992.0;

	return (u64)(lo * pow((double)hi / lo, f));
}

bool rnd_chance(u32 ppm)
{
	return ppm && rnd_below(1000000) < ppm;
}

/* ---- events: a binary heap by time, then by order of coming ---- */

struct sim_event {
	u64	when, order;
	sim_fn	fn;
	void	*arg;
	u64	tag;
};

u64 sim_now, sim_steps, sim_segments;
bool sim_trace, sim_failed;
static struct sim_event *heap;
static size_t heap_n, heap_cap;
static u64 heap_order;

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

void sim_at(u64 when, sim_fn fn, void *arg, u64 tag)
{
	struct sim_event e = { when, heap_order++, fn, arg, tag };
	size_t i;

	if (heap_n == heap_cap) {
		heap_cap = heap_cap ? heap_cap * 2 : 1024;
		heap = realloc(heap, heap_cap * sizeof(*heap));
		if (!heap)
			abort();
	}
	for (i = heap_n++; i && before(&e, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = e;
}

bool sim_step(void)
{
	struct sim_event e, last;
	size_t i = 0, k;

	if (!heap_n)
		return false;
	e = heap[0];
	last = heap[--heap_n];
	while ((k = 2 * i + 1) < heap_n) {
		if (k + 1 < heap_n && before(&heap[k + 1], &heap[k]))
			k++;
		if (!before(&heap[k], &last))
			break;
		heap[i] = heap[k];
		i = k;
	}
	heap[i] = last;
	sim_now = max(sim_now, e.when);
	sim_steps++;
	e.fn(e.arg, e.tag);
	return true;
}

static void net_arrive(void *arg, u64 tag);

void sim_events_clear(void)
{
	size_t i;

	for (i = 0; i < heap_n; i++)
		if (heap[i].fn == net_arrive)
			free(heap[i].arg);
	heap_n = 0;
}

void sim_fail(const char *fmt, ...)
{
	va_list ap;

	if (sim_failed && !sim_trace)
		return;
	sim_failed = true;
	printf("# %.6f FAIL: ", sim_now / 1e9);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void sim_log(const char *fmt, ...)
{
	va_list ap;

	if (!sim_trace)
		return;
	printf("# %.6f ", sim_now / 1e9);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* ---- links ---- */

struct sim_link links[2];

static void net_arrive(void *arg, u64 tag)
{
	(void)tag;
	host_receive(arg);
}

static bool net_lost(struct sim_link *l)
{
	/*
	 * Gilbert-Elliott, its bad state bounded in time: a sender that backs off must outlive it.
	 */
	if (sim_now >= l->bad_until && rnd_chance(l->burst_in))
		l->bad_until = sim_now + rnd_log(100 * US, l->burst_time);
	if (sim_now < l->bad_until && rnd_chance(l->burst_loss))
		return true;
	if (sim_now >= l->dark_from && sim_now < l->dark_to)
		return true;
	return rnd_chance(l->loss) || rnd_chance(l->corrupt);
}

static void net_schedule(struct sim_link *l, struct sim_packet *p, u64 at)
{
	at += l->delay;
	if (l->jitter)
		at += rnd() % l->jitter;
	if (rnd_chance(l->reorder))
		at += l->reorder_by;
	sim_at(at, net_arrive, p, 0);
}

/* "Fragmentation needed" to the sender, half a round trip later. */
static void net_too_big(void *arg, u64 tag)
{
	struct sim_packet *p = arg;
	struct sim_conn *s = hosts[!p->to].conn[p->port];

	if (scn.plain && hosts[!p->to].plain) {
		peer_too_big(p->port, tag);
	} else if (s && s->gen == p->gen) {
		/* What the quoted segment was before a firewall shifted it. */
		u32 seq = wire_get32(p->hdr + 4) - (scn.shift ? scn.shift_by[!p->to] : 0);

		tcp_conn_icmp(&s->c, seq, EMSGSIZE, false, tag - 40, sim_now);
		env_after(s);
	}
	free(p);
}

/*
 * Random early detection: between a quarter and three quarters of the queue, by its average, up
 * to a tenth of what comes is marked, or dropped if it knows no ECN. Returns true if it is to be
 * dropped.
 */
static bool net_red(struct sim_link *l, struct sim_packet *p, double queued)
{
	double lo = l->queue / 4.0, hi = l->queue * 0.75, over;

	/* An idle link forgets: else it would drop for ever what comes one by one. */
	if (queued == 0)
		l->red_avg = 0;
	l->red_avg += (queued - l->red_avg) / 64;
	over = (l->red_avg - lo) / (hi - lo);
	if (over <= 0 || !rnd_chance(over >= 1 ? 1000000 : (u32)(over * 100000)))
		return false;
	if (p->ecn == 1 || p->ecn == 2)
		p->ecn = 3;
	return p->ecn != 3;
}

void net_send(struct sim_packet *p)
{
	struct sim_link *l = &links[p->to];
	u32 size = p->len + p->hlen + 20;
	u64 start = max(l->busy_until, sim_now);

	sim_segments++;
	if (size > l->mtu) {
		sim_log("   too big: %u > %u", size, l->mtu);
		if (sim_now < l->mute_until) {
			free(p);	/* a black hole: nobody says why */
			return;
		}
		sim_at(sim_now + l->delay, net_too_big, p, l->mtu);
		return;
	}
	if (l->rate && (start - sim_now) * l->rate / SEC + size > l->queue) {
		sim_log("   dropped by the queue");
		l->dropped++;
		free(p);
		return;
	}
	if (l->rate && l->red && net_red(l, p, (start - sim_now) * l->rate / SEC)) {
		sim_log("   dropped by RED");
		l->dropped++;
		free(p);
		return;
	}
	if (net_lost(l)) {
		sim_log("   lost");
		l->dropped++;
		free(p);
		return;
	}
	if (l->rate)
		l->busy_until = start + size * SEC / l->rate;
	else
		l->busy_until = start;
	if (p->ecn == 2 && rnd_chance(l->mark))
		p->ecn = 3;
	if (rnd_chance(l->flip))
		p->ecn ^= 1 << rnd_below(2);
	if (rnd_chance(l->dup)) {
		struct sim_packet *twin = malloc(sizeof(*twin));

		*twin = *p;
		net_schedule(l, twin, l->busy_until);
	}
	l->passed++;
	net_schedule(l, p, l->busy_until);
}

void net_mtu_change(void *arg, u64 mtu)
{
	struct sim_link *l = arg;

	sim_log("MTU becomes %llu", (unsigned long long)mtu);
	l->mtu = mtu;
}
