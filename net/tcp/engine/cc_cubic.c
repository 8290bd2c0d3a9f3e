// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406).
 *
 * After a loss at W_max packets the window grows by a cubic of the time t since:
 *
 *	W(t) = C (t - K)^3 + W_max,  K = cbrt((W_max - cwnd) / C),  C = 0.4 packets/s^3
 *
 * fast while far from W_max, flat around it, fast beyond. With t in ms, C t^3 is 4 t^3 / 10^10,
 * and K in ms is cbrt(2.5 10^9 (W_max - cwnd)). Where Reno would be faster (small windows, short
 * round trips), W_est grows as Reno with the same loss response would: 9/17 packets a round trip
 * up to the window of the last loss, a whole packet beyond.
 */
#include "cong.h"

#define CUBIC_MIN_GROW_US	(TCP_USEC_PER_SEC / 32)	/* target is computed this often */
#define CUBIC_SEEK		20	/* packets for one more while no maximum is known */

/* HyStart++, RFC 9406 4.3 */
#define HYSTART_SAMPLES		8
#define HYSTART_MIN_US		4000U
#define HYSTART_MAX_US		16000U
#define HYSTART_DIVISOR		4
#define HYSTART_ROUNDS		5
#define HYSTART_LOW		16	/* packets: below this it is not worth it */

struct cubic {
	u32	w_max;			/* packets */
	u32	k_ms;
	u32	origin;			/* W of the plateau, packets */
	u32	epoch_us;		/* when this epoch began; 0: none */
	u32	w_est;			/* Reno's window, packets */
	u32	prior;			/* cwnd when ssthresh was set last */
	u32	est_acked;		/* towards its next packet */
	u32	last_us, last_cwnd;	/* of the last computation */
	u32	every;			/* packets to be acknowledged for one more */
	u32	round_seq;		/* end of HyStart's round */
	u32	round_min_us;		/* least round trip of this round and the last */
	u32	last_min_us;
	u32	css_base_us;		/* where conservative slow start began; 0: not in it */
	u16	samples;
	u8	css_rounds;
	u8	css_cnt;
	bool	round_open;		/* round_seq is valid */
};

static struct cubic *cubic_of(struct tcp_cong *g)
{
	BUILD_BUG_ON(sizeof(struct cubic) > sizeof(g->priv));
	return (struct cubic *)g->priv;
}

/* Integer cube root, bit by bit. */
static u32 cubic_root(u64 a)
{
	u64 r = 0;
	int bit;

	for (bit = 20; bit >= 0; bit--) {
		u64 t = r | (1ULL << bit);

		if (t * t * t <= a)
			r = t;
	}
	return r;
}

/* A round ends when what was sent by now (@seq) is acknowledged. */
static void hystart_round(struct cubic *b, u32 seq)
{
	b->last_min_us = b->round_min_us;
	b->round_min_us = U32_MAX;
	b->round_seq = seq;
	b->round_open = true;
	b->samples = 0;
}

static void cubic_init(struct tcp_cong *g)
{
	struct cubic *b = cubic_of(g);

	b->round_min_us = U32_MAX;
	b->last_min_us = U32_MAX;
}

/* A new epoch: where are we on the cubic? */
static void cubic_begin(struct tcp_cong *g, struct cubic *b, u32 now_us)
{
	u32 cwnd = g->cwnd;

	b->epoch_us = now_us ? now_us : 1;
	b->est_acked = 0;
	b->w_est = cwnd;
	b->origin = max(b->w_max, cwnd);
	b->k_ms = b->w_max > cwnd ? cubic_root(2500000000ULL * (b->w_max - cwnd)) : 0;
}

/* W(t), packets. */
static u32 cubic_window(const struct cubic *b, u32 t_ms)
{
	bool before = t_ms < b->k_ms;
	u64 d = before ? b->k_ms - t_ms : t_ms - b->k_ms, delta;

	d = min_t(u64, d, 1000000);
	delta = div_u64(div_u64(4 * d * d * d, 100000), 100000);
	if (before)
		return delta < b->origin ? b->origin - (u32)delta : 0;
	return b->origin + (u32)min_t(u64, delta, 1U << 30);
}

/* RFC 9438 4.3: what Reno would have; from the window of the last loss on with an increase of 1. */
static void cubic_reno(struct cubic *b, u32 cwnd, u32 acked)
{
	u32 need;

	b->est_acked += acked;
	for (;;) {
		need = b->w_est < b->prior ? (u32)div_u64(17ULL * cwnd, 9) : cwnd;
		if (b->est_acked <= need)
			break;
		b->est_acked -= need;
		b->w_est++;
	}
}

static void cubic_compute(struct tcp_cong *g, struct cubic *b, const struct tcp_cc_ack *a)
{
	u32 cwnd = g->cwnd, target, rtt = a->min_rtt_us == U32_MAX ? 0 : a->min_rtt_us;
	u32 now_us = a->now_us;

	b->last_us = now_us;
	b->last_cwnd = cwnd;
	target = cubic_window(b, (now_us - b->epoch_us + rtt) / TCP_USEC_PER_MSEC);
	target = min(target, cwnd + cwnd / 2);
	b->every = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
	/* No maximum is known: a cubic that begins flat would take too long to find one. */
	if (!b->w_max)
		b->every = min_t(u32, b->every, CUBIC_SEEK);
	b->every = max_t(u32, b->every, 2);
}

static void cubic_grow(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	struct cubic *b = cubic_of(g);
	u32 left = a->delivered;

	if (tcp_cong_slow_start(g)) {
		if (b->css_base_us) {
			left = (left + b->css_cnt) / HYSTART_DIVISOR;
			b->css_cnt = (a->delivered + b->css_cnt) % HYSTART_DIVISOR;
		}
		left = tcp_cong_grow_slow(g, left);
		if (!left)
			return;
	}
	if (!b->epoch_us)
		cubic_begin(g, b, a->now_us);
	cubic_reno(b, g->cwnd, left);
	if (b->w_est > g->cwnd && g->cwnd < g->clamp) {
		g->cwnd = min(b->w_est, g->clamp);
		g->cnt = 0;
		return;
	}
	if (b->last_cwnd != g->cwnd || a->now_us - b->last_us > CUBIC_MIN_GROW_US)
		cubic_compute(g, b, a);
	tcp_cong_grow_linear(g, b->every, left);
}

/*
 * RFC 9406 4.2: the round trip rises, so the path's queue fills: slow down before it overflows.
 */
static void hystart_judge(struct cubic *b)
{
	u32 eta;

	if (b->samples < HYSTART_SAMPLES || b->last_min_us == U32_MAX)
		return;
	if (b->css_base_us) {
		if (b->round_min_us < b->css_base_us)
			b->css_base_us = 0;
		return;
	}
	eta = clamp_t(u32, b->last_min_us / 8, HYSTART_MIN_US, HYSTART_MAX_US);
	if (b->round_min_us < b->last_min_us + eta)
		return;
	b->css_base_us = b->round_min_us;
	b->css_rounds = 0;
	b->css_cnt = 0;
}

static void cubic_sample(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	struct cubic *b = cubic_of(g);

	if (!tcp_cong_slow_start(g) || g->cwnd < HYSTART_LOW)
		return;
	if (!b->round_open || tcp_cc_reached(a->una, b->round_seq)) {
		if (b->css_base_us && ++b->css_rounds >= HYSTART_ROUNDS) {
			g->ssthresh = g->cwnd;
			b->css_base_us = 0;
			return;
		}
		hystart_round(b, a->nxt);
	}
	if (a->rtt_us <= 0)
		return;
	b->round_min_us = min_t(u32, b->round_min_us, a->rtt_us);
	if (b->samples < U16_MAX)
		b->samples++;
	hystart_judge(b);
}

/*
 * RFC 9438 4.6, 4.7: multiply by 0.7; a flow that did not reach its last maximum leaves room for
 * others.
 */
static u32 cubic_ssthresh(struct tcp_cong *g)
{
	struct cubic *b = cubic_of(g);
	u32 cwnd = g->cwnd;

	b->epoch_us = 0;
	b->css_base_us = 0;
	b->prior = cwnd;
	b->w_max = cwnd < b->w_max ? cwnd - cwnd * 3ULL / 20 : cwnd;
	return max_t(u32, cwnd * 7ULL / 10, 2);
}

static void cubic_phase(struct tcp_cong *g, u8 to)
{
	struct cubic *b = cubic_of(g);

	if (to != TCP_CC_PHASE_LOSS)
		return;
	/* RFC 9438 4.8: after a time-out what was is no guide, the plateau is where it starts. */
	b->w_max = 0;
	b->epoch_us = 0;
	b->round_open = false;
	b->round_min_us = U32_MAX;
	b->last_min_us = U32_MAX;
	b->samples = 0;
}

/* Time without sending is no time on the cubic. */
static void cubic_idle(struct tcp_cong *g, u32 idle_us)
{
	struct cubic *b = cubic_of(g);

	if (b->epoch_us)
		b->epoch_us += idle_us;
}

const struct tcp_cc_ops tcp_cc_cubic = {
	.name = "cubic",
	.flags = TCP_CC_FREE,
	.init = cubic_init,
	.ssthresh = cubic_ssthresh,
	.grow = cubic_grow,
	.sample = cubic_sample,
	.phase = cubic_phase,
	.idle = cubic_idle,
};
