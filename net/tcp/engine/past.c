// SPDX-License-Identifier: GPL-2.0
/*
 * What one connection learned of a path, for the next one along it (RFC 2140's temporal sharing;
 * RFC 9040).
 *
 * The averages lean to the careful side: a round trip that got longer is believed at once, one that
 * got shorter by an eighth; RTTVAR likewise. cwnd is worth remembering as far as the phase that the
 * connection ended in makes it one. The embedding keeps the numbers, and decides how long.
 */
#include "inner.h"

void tcp_conn_seed(struct tcp_conn *c, const struct tcp_past *p)
{
	c->rtt.past_us = p->srtt_us;
	if (p->ssthresh)
		c->cong.ssthresh = p->ssthresh;
	if (p->reordering)
		c->loss.reordering = min_t(u32, p->reordering, U16_MAX);
}

/*
 * The connection opens. SYNs are small: a longer round trip of the past says more of what text will
 * take. It sets the first time-out alone; the first sample goes by itself.
 */
void tcp_past_open(struct tcp_conn *c)
{
	u32 us = min(c->rtt.past_us, 1U << 31) >> 3;

	if (c->rtt.past_us <= c->rtt.srtt_us)
		return;
	c->rtt.rto_us = min(us + max(2 * us, tcp_rto_min_us(c)), c->par->rto_max_us);
}

static void past_rtt(const struct tcp_conn *c, struct tcp_past *p)
{
	s32 m = (s32)(p->srtt_us - c->rtt.srtt_us);
	u32 dev = max_t(u32, (m < 0 ? -m : m) >> 1, c->rtt.mdev_us);

	p->srtt_us = m <= 0 ? c->rtt.srtt_us : p->srtt_us - (m >> 3);
	p->var_us = dev >= p->var_us ? dev : p->var_us - ((p->var_us - dev) >> 2);
}

/* Nothing was ever lost: cwnd is the least that the path carries. */
static void past_start(const struct tcp_conn *c, struct tcp_past *p, bool ssthresh)
{
	u32 half = c->cong.cwnd >> 1;

	if (ssthresh && p->ssthresh && half > p->ssthresh)
		p->ssthresh = half;
	p->cwnd = max(p->cwnd, c->cong.cwnd);
}

/* Congestion avoidance: cwnd is what the path carries. */
static void past_steady(const struct tcp_conn *c, struct tcp_past *p, bool ssthresh)
{
	if (ssthresh)
		p->ssthresh = max(c->cong.cwnd >> 1, c->cong.ssthresh);
	p->cwnd = (p->cwnd + c->cong.cwnd) >> 1;
}

/* In recovery, or in slow start after one: where it aims at is the better guess. */
static void past_troubled(const struct tcp_conn *c, struct tcp_past *p, bool ssthresh)
{
	p->cwnd = (u32)(((u64)p->cwnd + c->cong.ssthresh) >> 1);
	if (ssthresh && p->ssthresh && c->cong.ssthresh > p->ssthresh)
		p->ssthresh = c->cong.ssthresh;
	if (c->loss.reordering > p->reordering && c->loss.reordering != c->par->reordering)
		p->reordering = c->loss.reordering;
}

bool tcp_conn_learned(const struct tcp_conn *c, struct tcp_past *p, bool ssthresh)
{
	/* Nothing came back in time: what is known of the time is not true any more. */
	if (c->rtt.backoff || !c->rtt.srtt_us) {
		p->srtt_us = 0;
		return false;
	}
	past_rtt(c, p);
	if (c->cong.ssthresh >= TCP_SSTHRESH_NONE)
		past_start(c, p, ssthresh);
	else if (!tcp_cong_slow_start(&c->cong) && c->loss.phase == TCP_PHASE_OPEN)
		past_steady(c, p, ssthresh);
	else
		past_troubled(c, p, ssthresh);
	return true;
}
