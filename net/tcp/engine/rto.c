// SPDX-License-Identifier: GPL-2.0
/*
 * Round trip time and retransmission time-out (RFC 6298), R1 and R2 (RFC 9293 3.8.3).
 *
 * Units: srtt_us is SRTT * 8, var_us and mdev_us are RTTVAR * 4, so that the gains 1/8 and 1/4
 * are shifts. RTTVAR may rise with every sample but falls only once a round trip, towards the
 * largest deviation that round saw: with a sample for every ACK the filter of the RFC would
 * forget a peak within one window. The lower bound of the time-out (tcp_rto_min) is put under the
 * variance, not under the sum.
 */
#include "inner.h"

void tcp_rtt_init(struct tcp_conn *c)
{
	c->rtt.rto_us = c->par->rto_init_us;
	c->rtt.mdev_us = c->par->rto_init_us;
	c->rtt.min_us = U32_MAX;
}

/* The least round trip of the last min_rtt_wlen_ms. */
static void rtt_note_min(struct tcp_conn *c, u32 us)
{
	u32 now_ms = tcp_ms(c->tmr.now);

	if (us > c->rtt.min_us && now_ms - c->rtt.min_ms <= c->par->min_rtt_wlen_ms)
		return;
	c->rtt.min_us = us;
	c->rtt.min_ms = now_ms;
}

static void rtt_first(struct tcp_conn *c, u32 us)
{
	c->rtt.srtt_us = us << 3;
	c->rtt.mdev_us = us << 1;
	c->rtt.var_us = max(c->rtt.mdev_us, tcp_rto_min_us(c));
	c->rtt.mdev_max_us = c->rtt.var_us;
	c->rtt.seq = c->snd.nxt;
}

/*
 * A deviation below the estimate because the path got faster must not raise the time-out much:
 * gain 1/32.
 */
static void rtt_deviate(struct tcp_conn *c, s32 err)
{
	s32 dev = err < 0 ? -err : err;

	dev -= (s32)(c->rtt.mdev_us >> 2);
	if (err < 0 && dev > 0)
		dev >>= 3;
	c->rtt.mdev_us += dev;
}

/* A round trip of @us was measured (not from something sent twice: Karn). */
void tcp_rtt_sample(struct tcp_conn *c, u32 us)
{
	struct tcp_rtt *r = &c->rtt;

	us = clamp_t(u32, us, 1, 1U << 28);
	rtt_note_min(c, us);
	r->last_us = us;
	if (!r->srtt_us) {
		rtt_first(c, us);
	} else {
		s32 err = (s32)(us - (r->srtt_us >> 3));

		r->srtt_us += err;
		rtt_deviate(c, err);
		r->mdev_max_us = max(r->mdev_max_us, r->mdev_us);
		r->var_us = max(r->var_us, r->mdev_max_us);
		if (seq_gt(c->snd.una, r->seq)) {
			if (r->mdev_max_us < r->var_us)
				r->var_us -= (r->var_us - r->mdev_max_us) >> 2;
			r->seq = c->snd.nxt;
			r->mdev_max_us = tcp_rto_min_us(c);
		}
	}
	r->rto_us = min((r->srtt_us >> 3) + r->var_us, c->par->rto_max_us);
	r->backoff = 0;
}

#define UNKNOWN_US	(3 * TCP_USEC_PER_SEC)

/*
 * The connection is open, and nothing is known of its round trip, most likely because a SYN was
 * sent again: the one second that a SYN waits may be too short for this path (RFC 6298 5.7).
 */
void tcp_rto_open(struct tcp_conn *c)
{
	if (c->rtt.srtt_us || c->rtt.past_us)
		return;
	c->rtt.rto_us = min(max(c->rtt.rto_us, UNKNOWN_US), c->par->rto_max_us);
	c->rtt.mdev_us = c->rtt.rto_us;
}

/* The time-out with its back-off (RFC 6298 5.5), ns. */
u64 tcp_rto_ns(const struct tcp_conn *c)
{
	u64 us = (u64)c->rtt.rto_us << min_t(u8, c->rtt.backoff, 16);

	return min_t(u64, us, c->par->rto_max_us) * TCP_NSEC_PER_USEC;
}

/* RFC 6298 5.1 to 5.3: run while something is outstanding, anew from now. */
void tcp_rto_restart(struct tcp_conn *c)
{
	if (c->rtx.packets || c->snd.una == c->snd.iss)
		tcp_timer_set(c, TCP_TMR_RTO, c->tmr.now + tcp_rto_ns(c));
	else
		tcp_timer_stop(c, TCP_TMR_RTO);
}

/* What @n doublings of @each take in all, ms: the count of R2 as a time. */
static u64 rto_span_ms(const struct tcp_conn *c, unsigned int n, u64 each)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i <= n; i++) {
		sum += each;
		each = min_t(u64, each * 2, c->par->rto_max_us);
	}
	return div_u64(sum, TCP_USEC_PER_MSEC);
}

/* How long nothing of what is owed has come, ms. */
u64 tcp_rto_waited_ms(const struct tcp_conn *c)
{
	return c->tmr.owed_ns ? div_u64(c->tmr.now - c->tmr.owed_ns, TCP_NSEC_PER_MSEC) : 0;
}

/* An orphan gives up sooner. */
static unsigned int rto_r2(const struct tcp_conn *c)
{
	if (!c->user.orphan)
		return c->par->retries2;
	if (c->par->orphan_retries)
		return c->par->orphan_retries;
	return 8;
}

/*
 * The peer took its window back, to nothing, and yet answers: what is in flight is repeated as a
 * probe, for as long as it does (MUST-35, MUST-37, SHLD-17).
 */
static bool rto_window_shut(const struct tcp_conn *c)
{
	return !c->snd.wnd && !c->user.orphan &&
	       c->tmr.now - c->tmr.heard_ns <= 2ULL * c->par->rto_max_us * TCP_NSEC_PER_USEC;
}

/* Is it time to give up (R2, user time-out)? */
bool tcp_rto_over(struct tcp_conn *c)
{
	u64 waited = tcp_rto_waited_ms(c);

	if (c->user.user_timeout_ms)
		return waited >= c->user.user_timeout_ms;
	if (rto_window_shut(c)) {
		c->tmr.owed_ns = c->tmr.now;
		return false;
	}
	return waited >= rto_span_ms(c, rto_r2(c), c->par->rto_min_us);
}

/* Nobody answers any more. */
void tcp_rto_give_up(struct tcp_conn *c)
{
	tcp_env_count(c, LINUX_MIB_TCPABORTONTIMEOUT, 1);
	tcp_conn_over(c, ETIMEDOUT);
}

/* For TCP_INFO: a time-out, the first of a recovery or one more (@again). */
static void rto_count(struct tcp_conn *c, bool again)
{
	struct tcp_stat *s = &c->stat;

	s->total_rto++;
	if (again)
		return;
	s->total_rto_recoveries++;
	s->rto_ms = tcp_ms(c->tmr.now);
	s->rto_ms += !s->rto_ms;
}

/* The recovery from a time-out has ended. */
void tcp_rto_recovered(struct tcp_conn *c)
{
	struct tcp_stat *s = &c->stat;

	if (s->rto_ms)
		s->total_rto_ms += tcp_ms(c->tmr.now) - s->rto_ms;
	s->rto_ms = 0;
}

/* A thin stream (TCP_THIN_LINEAR_TIMEOUTS) tries six times at the same distance. */
static bool rto_linear(const struct tcp_conn *c)
{
	return (c->par->thin_linear_timeouts || c->user.thin_linear_timeouts) &&
	       c->rtx.packets < 4 && c->rtt.timeouts <= 6;
}

#define REFUSED_MS	500

/* When to try again: in @ns, but no later than the user gives up. */
void tcp_rto_again(struct tcp_conn *c, u64 ns)
{
	u64 at = c->tmr.now + ns;

	if (c->user.user_timeout_ms && c->tmr.owed_ns)
		at = min(at, max(c->tmr.owed_ns +
				 (u64)c->user.user_timeout_ms * TCP_NSEC_PER_MSEC,
				 c->tmr.now + TCP_NSEC_PER_MSEC));
	tcp_timer_set(c, TCP_TMR_RTO, at);
}

/*
 * It did not leave this host. That says nothing of the path, so there is no back-off (RFC 6298
 * 5.5); who waits for room in a queue of the host does so at a distance that leaves some to others.
 */
void tcp_rto_refused(struct tcp_conn *c)
{
	tcp_rto_again(c, (u64)REFUSED_MS * TCP_NSEC_PER_MSEC);
}

/* The SYN, or our answer to one, was not acknowledged in time. */
static void rto_syn(struct tcp_conn *c)
{
	unsigned int max = c->user.syn_retries ? c->user.syn_retries : c->par->syn_retries;
	bool over;

	/*
	 * tcp_syn_linear_timeouts come on top of tcp_syn_retries, but in the time that these alone
	 * would take.
	 */
	if (c->state == TCPS_SYN_SENT)
		over = c->rtt.timeouts >= max + c->par->syn_linear_timeouts ||
		       tcp_rto_waited_ms(c) >= rto_span_ms(c, max, c->par->rto_init_us);
	else
		over = c->rtt.timeouts >= c->par->synack_retries;
	if (c->user.user_timeout_ms && tcp_rto_waited_ms(c) >= c->user.user_timeout_ms)
		over = true;
	if (c->fast.flags)
		tcp_fast_timeout(c, over);
	if (over) {
		tcp_rto_give_up(c);
		return;
	}
	tcp_env_count(c, LINUX_MIB_TCPTIMEOUTS, 1);
	if (!c->rtt.timeouts)
		tcp_env_event(c, TCP_EV_PATH, 0);
	tcp_env_event(c, TCP_EV_TIMEOUT, 0);
	c->rtt.timeouts++;
	/* The first few at the same distance (tcp_syn_linear_timeouts), then doubling. */
	if (c->state != TCPS_SYN_SENT || c->rtt.timeouts > c->par->syn_linear_timeouts)
		c->rtt.backoff++;
	rto_count(c, c->rtt.timeouts > 1);
	tcp_emit_syn(c);
	tcp_rto_again(c, tcp_rto_ns(c));
}

/* The retransmission timer ran out (RFC 6298 5.4 to 5.6). */
static void rto_expired(struct tcp_conn *c)
{
	struct tcp_seg *first;

	if (!c->tmr.owed_ns)
		c->tmr.owed_ns = c->tmr.now;
	if (c->fast.flags)
		tcp_fast_timeout(c, tcp_rto_over(c));
	if (tcp_rto_over(c)) {
		tcp_rto_give_up(c);
		return;
	}
	tcp_env_count(c, LINUX_MIB_TCPTIMEOUTS, 1);
	if (++c->rtt.timeouts == c->par->retries1)
		tcp_env_event(c, TCP_EV_PATH, 0);
	if (tcp_rto_waited_ms(c) >= rto_span_ms(c, c->par->retries1, c->par->rto_min_us))
		tcp_pmtud_black_hole(c);
	tcp_env_event(c, TCP_EV_TIMEOUT, 0);
	rto_count(c, c->rtt.timeouts > 1 && c->stat.rto_ms);
	tcp_loss_enter_rto(c);
	first = tcp_tree_first(&c->rtx.q);
	/* What has not left yet is not sent twice. */
	if (!tcp_env_in_queue(c, first) && !tcp_output_again(c, first, 1)) {
		tcp_rto_refused(c);
		return;
	}
	if (!rto_linear(c) && c->rtt.backoff < U8_MAX)
		c->rtt.backoff++;
	tcp_rto_again(c, tcp_rto_ns(c));
}

void tcp_rto_timer(struct tcp_conn *c)
{
	if (c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RECEIVED)
		rto_syn(c);
	else if (c->rtx.packets)
		rto_expired(c);
	else
		tcp_persist_timer(c);
}
