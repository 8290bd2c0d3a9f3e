// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion window between the algorithm (cc_*.c, which knows how cwnd grows and shrinks)
 * and the rest: initial window (RFC 6928), validation (RFC 7661 in short: what was not used is no
 * licence), restart after idle (RFC 5681 4.1), pacing.
 */
#include "inner.h"

void tcp_cong_init(struct tcp_conn *c, const struct tcp_cc_ops *ops)
{
	c->cong.ops = ops;
	c->cong.cwnd = c->par->init_cwnd;
	c->cong.ssthresh = TCP_SSTHRESH_NONE;
	c->cong.clamp = U32_MAX;
	c->cong.pacing_rate = U64_MAX;
	memset(c->cong.priv, 0, sizeof(c->cong.priv));
	if (ops->init)
		ops->init(c);
}

/* The connection is open: RFC 6298 5.7's and RFC 5681 3.1's word on lost SYNs. */
void tcp_cong_start(struct tcp_conn *c)
{
	c->cong.cwnd = c->rtt.timeouts > 1 ? 1 : c->par->init_cwnd;
}

void tcp_conn_set_cc(struct tcp_conn *c, const struct tcp_cc_ops *cc, u64 now)
{
	if (cc == c->cong.ops)
		return;
	tcp_clock_set(c, now);
	c->cong.ops = cc;
	memset(c->cong.priv, 0, sizeof(c->cong.priv));
	if (cc->init)
		cc->init(c);
}

void tcp_cong_phase(struct tcp_conn *c, u8 to)
{
	if (c->cong.ops->phase)
		c->cong.ops->phase(c, to);
}

u32 tcp_cong_ssthresh(struct tcp_conn *c)
{
	return max_t(u32, c->cong.ops->ssthresh(c), 2);
}

u32 tcp_cong_grow_slow(struct tcp_conn *c, u32 delivered)
{
	u32 to = min(c->cong.cwnd + delivered, c->cong.ssthresh);

	delivered -= to - c->cong.cwnd;
	c->cong.cwnd = min(to, c->cong.clamp);
	return delivered;
}

void tcp_cong_grow_linear(struct tcp_conn *c, u32 w, u32 delivered)
{
	c->cong.cnt += delivered;
	if (c->cong.cnt < w)
		return;
	if (c->cong.cnt < 2 * w) {
		c->cong.cnt -= w;
		c->cong.cwnd++;
	} else {
		c->cong.cwnd += c->cong.cnt / w;
		c->cong.cnt %= w;
	}
	c->cong.cwnd = min(c->cong.cwnd, c->cong.clamp);
}

/* Was cwnd what held sending back? In slow start half of it in use is enough, as it doubles. */
static bool cong_limited(const struct tcp_conn *c)
{
	if (c->cong.limited)
		return true;
	return tcp_cong_slow_start(c) && c->cong.cwnd < 2 * c->cong.used;
}

static void cong_pace(struct tcp_conn *c)
{
	u64 rate, most = c->user.max_pacing_rate == U32_MAX ? U64_MAX : c->user.max_pacing_rate;
	u32 ratio = c->par->pacing_ca_ratio;

	if (c->cong.cwnd < c->cong.ssthresh / 2)
		ratio = c->par->pacing_ss_ratio;
	if (!ratio || !c->rtt.srtt_us) {
		c->cong.pacing_rate = most;
		return;
	}
	rate = (u64)c->snd.mss * max(c->cong.cwnd, tcp_cong_flight(c)) * 8 * TCP_USEC_PER_SEC;
	rate = div_u64(rate, c->rtt.srtt_us);
	c->cong.pacing_rate = min(div_u64(rate, 100) * ratio, most);
}

/* An ACK was taken in; loss recovery has set the phase. */
void tcp_cong_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	const struct tcp_cc_ops *ops = c->cong.ops;
	struct tcp_cc_ack ack = {
		.delivered = a->delivered,
		.flight = a->flight,
		.rtt_us = a->timed ? (s32)(a->now_us - a->last_us) : a->rtt_us,
		.now_us = a->now_us,
	};
	u8 phase = c->loss.phase;

	c->cong.delivered += a->delivered;
	if (ops->sample)
		ops->sample(c, &ack);
	if (a->delivered && phase != TCP_PHASE_CWR && phase != TCP_PHASE_RECOVERY &&
	    (phase != TCP_PHASE_DISORDER || a->acked) && cong_limited(c))
		ops->grow(c, &ack);
	if (c->par->pacing_ca_ratio | c->par->pacing_ss_ratio ||
	    c->user.max_pacing_rate != U32_MAX)
		cong_pace(c);
}

/* Text was sent: how much of cwnd is used in this round trip? */
void tcp_cong_sent(struct tcp_conn *c)
{
	u32 flight = tcp_cong_flight(c);

	if (seq_geq(c->snd.una, c->cong.used_seq)) {
		c->cong.used = 0;
		c->cong.limited = false;
		c->cong.used_seq = c->snd.nxt;
	}
	c->cong.used = max(c->cong.used, flight);
	if (flight >= c->cong.cwnd)
		c->cong.limited = true;
}

/* Text is about to be sent with nothing in flight: has the window gone stale? */
void tcp_cong_idle(struct tcp_conn *c)
{
	u64 idle = c->tmr.now - c->tmr.sent_ns, rto = (u64)c->rtt.rto_us * TCP_NSEC_PER_USEC;
	u32 restart = min(c->par->init_cwnd, c->cong.cwnd);

	if (!c->tmr.sent_ns)
		return;
	if (c->cong.ops->idle)
		c->cong.ops->idle(c, tcp_us(idle));
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
