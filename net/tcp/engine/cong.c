// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion window between the algorithm (cc_*.c, which knows how cwnd grows and shrinks)
 * and the rest: initial window (RFC 6928), validation (RFC 7661 in short: what was not used is no
 * licence), restart after idle (RFC 5681 4.1), pacing.
 */
#include "inner.h"

static void cong_use(struct tcp_conn *c, const struct tcp_cc_ops *ops)
{
	c->cong.ops = ops;
	memset(c->cong.priv, 0, sizeof(c->cong.priv));
	if (ops->init)
		ops->init(&c->cong);
	tcp_cong_user(c);
}

void tcp_cong_init(struct tcp_conn *c, const struct tcp_cc_ops *ops)
{
	c->cong.cwnd = tcp_conn_first_cwnd(c);
	c->cong.ssthresh = TCP_SSTHRESH_NONE;
	c->cong.clamp = U32_MAX;
	cong_use(c, ops);
}

/* An algorithm that lives by ECN gives way to its other half where there is none. */
static void cong_fall_back(struct tcp_conn *c)
{
	if (c->cong.ops->no_ecn && !(c->cong.ecn & TCP_ECN_OK))
		cong_use(c, c->cong.ops->no_ecn);
}

/* ---- pacing ---- */

static u64 cong_pacing_bound(const struct tcp_conn *c)
{
	return c->user.max_pacing_rate;
}

u64 tcp_conn_pacing_rate(const struct tcp_conn *c)
{
	u32 ratio = c->par->pacing_ca_ratio;
	u64 rate;

	if (c->cong.ops->flags & TCP_CC_PACES)
		return min(c->cong.pacing_rate, cong_pacing_bound(c));
	if (c->cong.cwnd < c->cong.ssthresh / 2)
		ratio = c->par->pacing_ss_ratio;
	if (!c->rtt.srtt_us || !ratio)
		return cong_pacing_bound(c);
	rate = (u64)c->snd.mss * max(c->cong.cwnd, c->rtx.packets) * 8 * TCP_USEC_PER_SEC;
	rate = div_u64(div_u64(rate, 100) * ratio, c->rtt.srtt_us);
	return min(rate, cong_pacing_bound(c));
}

/*
 * Emissions no longer than a millisecond's worth, but of at least some segments
 * (tcp_min_tso_segs): else all that a round trip's rate allows would come in bursts of 64 KiB.
 */
static void cong_size(struct tcp_conn *c)
{
	bool paced = c->cong.paced || c->cong.spread;
	u32 mss = c->snd.mss, most = tcp_tso_most(c), least, near;
	u64 bytes;

	/* The shorter the path, the larger: there the cost is in the host, not in the queue. */
	near = c->par->tso_rtt_log ? c->rtt.min_us >> min_t(u8, c->par->tso_rtt_log, 31) : 32;
	if (!near && !paced) {
		c->snd.tso = most;
		return;
	}
	least = max_t(u32, min_t(u32, c->par->min_tso_segs * mss, most), mss);
	bytes = tcp_conn_pacing_rate(c) >> 10;
	if (near < 32)
		bytes += 65536U >> near;
	c->snd.tso = clamp_t(u64, bytes, least, most);
	c->snd.tso -= c->snd.tso % mss;
}

static void cong_pace(struct tcp_conn *c)
{
	if (c->cong.paced || c->cong.spread)
		c->cong.pacing_rate = tcp_conn_pacing_rate(c);
	cong_size(c);
}

#define SPREAD_PACKETS	64	/* what a queue takes at once */
#define SPREAD_MIN_US	10000	/* a shorter round trip is not worth it */

/*
 * In recovery, or at its end: does cwnd let go far more at once than what ACKs call for? So it
 * is when what was SACKed had filled the send buffer: with the hole, all of it is acknowledged at
 * once, and PRR has kept what could not be sent. The queue that has just overflowed would do so
 * again: RFC 6582 3.2 step 3 asks for measures against such a burst, and this one is to pace it out
 * over a round trip.
 */
void tcp_cong_spread(struct tcp_conn *c)
{
	u32 cwnd = c->cong.cwnd, flight = tcp_cong_flight(c);

	if (cwnd - min(flight, cwnd) <= max_t(u32, cwnd / 4, SPREAD_PACKETS) ||
	    c->rtt.srtt_us >> 3 < SPREAD_MIN_US)
		return;
	c->cong.spread = true;
	c->cong.spread_seq = c->snd.nxt;
}

/* What was sent since has been acknowledged: a round trip has passed, ACKs are the clock again. */
static void cong_gather(struct tcp_conn *c)
{
	c->cong.spread = false;
	if (!c->cong.paced)
		c->cong.pacing_rate = U64_MAX;
}

/* The connection is open: RFC 5681 3.1's word on lost SYNs. */
void tcp_cong_start(struct tcp_conn *c)
{
	c->cong.cwnd = c->rtt.timeouts > 1 ? 1 : tcp_conn_first_cwnd(c);
	c->cong.round_seq = c->snd.una;
	c->cong.round_us = tcp_us(c->tmr.now);
	c->cong.round_sent_us = c->cong.round_us;
	cong_fall_back(c);
	cong_pace(c);
}

void tcp_conn_set_cc(struct tcp_conn *c, const struct tcp_cc_ops *cc, u64 now)
{
	if (cc == c->cong.ops)
		return;
	tcp_clock_set(c, now);
	cong_use(c, cc);
	if (tcp_state_in(c, TCP_SYNCHRONIZED))
		cong_fall_back(c);
}

void tcp_cong_phase(struct tcp_conn *c, u8 to)
{
	if (c->cong.ops->phase)
		c->cong.ops->phase(&c->cong, to);
}

/*
 * A loss, or a mark: the window that is about to be reduced is one that was once in flight (RFC
 * 5681 3.1 equation 4 takes FlightSize; RFC 9438 4.6, RFC 7661 4.4.1). In slow start cwnd may have
 * grown to twice of what the send buffer or the user gave, and half of that would overflow the same
 * queue once more. The first window asks for no proof; an eighth is the grain of emissions.
 */
void tcp_cong_validate(struct tcp_conn *c)
{
	struct tcp_cong *g = &c->cong;
	u32 most = max(max(g->most, c->rtx.packets), tcp_conn_first_cwnd(c));

	if (most < g->cwnd - g->cwnd / 8)
		g->cwnd = most;
}

/* For a loss, or (@mark) for ECE: ssthresh. */
u32 tcp_cong_ssthresh(struct tcp_conn *c, bool mark)
{
	const struct tcp_cc_ops *ops = c->cong.ops;
	u32 to = mark && ops->marked ? ops->marked(&c->cong) : ops->ssthresh(&c->cong);

	to = max_t(u32, to, 2);
	c->cong.most = to;
	return to;
}

/*
 * Does an ACK let cwnd grow? Only if it moves SND.UNA (RFC 5681 3.1); where much reordering was
 * seen, any that tells of something delivered.
 */
static bool cong_advances(const struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	return c->loss.reordering > c->par->reordering ? a->delivered : a->acked;
}

/* Was cwnd what held sending back? In slow start half of it in use is enough, as it doubles. */
static bool cong_limited(const struct tcp_conn *c)
{
	if (c->cong.limited)
		return true;
	return tcp_cong_slow_start(&c->cong) && c->cong.cwnd < 2 * c->cong.used;
}

/* The user's bound or the algorithm changed: is sending paced? */
void tcp_cong_user(struct tcp_conn *c)
{
	bool was = c->cong.paced;

	c->cong.paced = c->user.max_pacing_rate != U64_MAX || c->cong.ops->flags & TCP_CC_PACES;
	if (c->cong.paced && c->snd.mss)
		cong_pace(c);
	else if (!c->cong.paced && !c->cong.spread)
		c->cong.pacing_rate = U64_MAX;
	if (was && !c->cong.paced && c->snd.mss_peer)
		tcp_mss_update(c);
}

/* ---- an ACK ---- */

/*
 * Delivery rate, once a round trip: what arrived since the last one, over the time that took at
 * the sender's or the receiver's end, whichever is longer (ACKs may come compressed). A round trip
 * that the user let run dry tells of him, not of the path: it counts if it is better.
 */
static void cong_rate(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	struct tcp_cong *g = &c->cong;
	u32 packets = g->delivered - g->round_delivered;
	u32 us = a->now_us - g->round_us;
	bool app = g->app_open;

	if (a->timed)
		us = max_t(s32, us, (s32)(a->last_us - g->round_sent_us));
	if (packets && us && us >= c->rtt.min_us &&
	    (!app || !g->rate_us || (u64)packets * g->rate_us >= (u64)g->rate * us)) {
		g->rate = packets;
		g->rate_us = us;
		g->app_limited = app;
	}
	if (g->app_open && seq_geq(c->snd.una, g->app_seq))
		g->app_open = false;
	g->round_seq = c->snd.nxt;
	g->round_us = a->now_us;
	g->round_sent_us = a->timed ? a->last_us : a->now_us;
	g->round_delivered = g->delivered;
}

/* An ACK was taken in; loss recovery has set the phase. */
void tcp_cong_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	const struct tcp_cc_ops *ops = c->cong.ops;
	struct tcp_cc_ack ack = {
		.delivered = a->delivered,
		.flight = a->flight,
		.rtt_us = a->timed ? (s32)(a->now_us - a->last_us) : a->rtt_us,
		.min_rtt_us = c->rtt.min_us,
		.srtt_us = c->rtt.srtt_us >> 3,
		.now_us = a->now_us,
		.una = c->snd.una,
		.nxt = c->snd.nxt,
		.marked = a->ece,
	};
	u8 phase = c->loss.phase;

	if (ops->sample)
		ops->sample(&c->cong, &ack);
	if (a->delivered && phase != TCP_PHASE_CWR && phase != TCP_PHASE_RECOVERY &&
	    cong_advances(c, a) && cong_limited(c))
		ops->grow(&c->cong, &ack);
	if (seq_geq(c->snd.una, c->cong.round_seq))
		cong_rate(c, a);
	if (c->cong.spread && phase < TCP_PHASE_CWR && seq_gt(c->snd.una, c->cong.spread_seq))
		cong_gather(c);
	cong_pace(c);
}

/* Text was sent (@first: into silence): how much of cwnd is used in this round trip? */
void tcp_cong_sent(struct tcp_conn *c, bool first)
{
	u32 flight = tcp_cong_flight(c);

	if (first)
		c->cong.round_seq = c->snd.nxt;

	if (seq_geq(c->snd.una, c->cong.used_seq)) {
		c->cong.used = 0;
		c->cong.limited = false;
		c->cong.used_seq = c->snd.nxt;
	}
	c->cong.used = max(c->cong.used, flight);
	c->cong.most = max(c->cong.most, flight);
	if (flight >= c->cong.cwnd) {
		c->cong.limited = true;
	} else if (!tcp_conn_unsent(c)) {
		c->cong.app_open = true;
		c->cong.app_seq = c->snd.nxt;
	}
}

/* Text is about to be sent with nothing in flight: has the window gone stale? */
void tcp_cong_idle(struct tcp_conn *c)
{
	u64 idle = c->tmr.now - c->tmr.sent_ns, rto = (u64)c->rtt.rto_us * TCP_NSEC_PER_USEC;
	u32 restart = min(tcp_conn_first_cwnd(c), c->cong.cwnd);

	c->cong.round_us = tcp_us(c->tmr.now);
	c->cong.round_sent_us = c->cong.round_us;
	c->cong.round_delivered = c->cong.delivered;
	if (!c->tmr.sent_ns)
		return;
	if (c->cong.ops->idle)
		c->cong.ops->idle(&c->cong, tcp_us(idle));
	if (!c->par->slow_start_after_idle || idle <= rto)
		return;
	/*
	 * The threshold keeps the memory of what was possible; cwnd halves each time-out of
	 * silence.
	 */
	c->cong.ssthresh = max(c->cong.ssthresh, (c->cong.cwnd >> 1) + (c->cong.cwnd >> 2));
	for (; idle > rto && c->cong.cwnd > restart; idle -= rto)
		c->cong.cwnd >>= 1;
	c->cong.cwnd = max(c->cong.cwnd, restart);
	c->cong.used = 0;
}
