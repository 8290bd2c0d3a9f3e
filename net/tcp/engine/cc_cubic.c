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
 * round trips), W_est grows as Reno with the same loss response would: 9/17 packets a round trip.
 */
#include "cong.h"

#define CUBIC_MIN_GROW_US	(TCP_USEC_PER_SEC / 32)	/* target is computed this often */

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
};

static struct cubic *cubic_of(struct tcp_conn *c)
{
	BUILD_BUG_ON(sizeof(struct cubic) > sizeof(c->cong.priv));
	return (struct cubic *)c->cong.priv;
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

static void hystart_round(struct cubic *b, const struct tcp_conn *c)
{
	b->last_min_us = b->round_min_us;
	b->round_min_us = U32_MAX;
	b->round_seq = c->snd.nxt;
	b->samples = 0;
}

static void cubic_init(struct tcp_conn *c)
{
	struct cubic *b = cubic_of(c);

	b->round_min_us = U32_MAX;
	b->last_min_us = U32_MAX;
	b->round_seq = c->snd.nxt;
}

/* A new epoch: where are we on the cubic? */
static void cubic_begin(struct tcp_conn *c, struct cubic *b, u32 now_us)
{
	u32 cwnd = c->cong.cwnd;

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

/* RFC 9438 4.3: what Reno would have. */
static void cubic_reno(struct cubic *b, u32 cwnd, u32 acked)
{
	u32 need = cwnd + cwnd / 9 * 8 + 1;

	b->est_acked += acked;
	while (b->est_acked > need) {
		b->est_acked -= need;
		b->w_est++;
	}
}

static void cubic_compute(struct tcp_conn *c, struct cubic *b, u32 now_us)
{
	u32 cwnd = c->cong.cwnd, target, rtt = c->rtt.min_us == U32_MAX ? 0 : c->rtt.min_us;

	b->last_us = now_us;
	b->last_cwnd = cwnd;
	target = cubic_window(b, (now_us - b->epoch_us + rtt) / TCP_USEC_PER_MSEC);
	target = min(target, cwnd + cwnd / 2);
	b->every = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
	if (b->w_est > cwnd)
		b->every = min(b->every, cwnd / (b->w_est - cwnd));
	b->every = max_t(u32, b->every, 2);
}

static void cubic_grow(struct tcp_conn *c, const struct tcp_cc_ack *a)
{
	struct cubic *b = cubic_of(c);
	u32 left = a->delivered;

	if (tcp_cong_slow_start(c)) {
		if (b->css_base_us) {
			left = (left + b->css_cnt) / HYSTART_DIVISOR;
			b->css_cnt = (a->delivered + b->css_cnt) % HYSTART_DIVISOR;
		}
		left = tcp_cong_grow_slow(c, left);
		if (!left)
			return;
	}
	if (!b->epoch_us)
		cubic_begin(c, b, a->now_us);
	cubic_reno(b, c->cong.cwnd, left);
	if (b->last_cwnd != c->cong.cwnd || a->now_us - b->last_us > CUBIC_MIN_GROW_US)
		cubic_compute(c, b, a->now_us);
	tcp_cong_grow_linear(c, b->every, left);
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

static void cubic_sample(struct tcp_conn *c, const struct tcp_cc_ack *a)
{
	struct cubic *b = cubic_of(c);

	if (!tcp_cong_slow_start(c) || c->cong.cwnd < HYSTART_LOW)
		return;
	if (seq_geq(c->snd.una, b->round_seq)) {
		if (b->css_base_us && ++b->css_rounds >= HYSTART_ROUNDS) {
			c->cong.ssthresh = c->cong.cwnd;
			b->css_base_us = 0;
			return;
		}
		hystart_round(b, c);
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
static u32 cubic_ssthresh(struct tcp_conn *c)
{
	struct cubic *b = cubic_of(c);
	u32 cwnd = c->cong.cwnd;

	b->epoch_us = 0;
	b->css_base_us = 0;
	b->w_max = cwnd < b->w_max ? cwnd - cwnd * 3ULL / 20 : cwnd;
	return max_t(u32, cwnd * 7ULL / 10, 2);
}

static void cubic_phase(struct tcp_conn *c, u8 to)
{
	struct cubic *b = cubic_of(c);

	if (to != TCP_PHASE_LOSS)
		return;
	b->epoch_us = 0;
	hystart_round(b, c);
	b->last_min_us = U32_MAX;
}

/* Time without sending is no time on the cubic. */
static void cubic_idle(struct tcp_conn *c, u32 idle_us)
{
	struct cubic *b = cubic_of(c);

	if (b->epoch_us)
		b->epoch_us += idle_us;
}

const struct tcp_cc_ops tcp_cc_cubic = {
	.name = "cubic",
	.init = cubic_init,
	.ssthresh = cubic_ssthresh,
	.grow = cubic_grow,
	.sample = cubic_sample,
	.phase = cubic_phase,
	.idle = cubic_idle,
};
