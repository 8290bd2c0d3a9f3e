// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamps (RFC 7323): our clock runs in milliseconds from an offset of the connection's own;
 * PAWS; round trips from echoes. Last.ACK.sent is c->rcv.wup.
 */
#include "inner.h"

#define PAWS_IDLE_S	(24U * 24 * 3600)	/* 5.5: after that TS.Recent says nothing */

u32 tcp_ts_clock(const struct tcp_conn *c)
{
	return tcp_ms(c->tmr.now) + c->ts.offset;
}

static u32 ts_now_s(const struct tcp_conn *c)
{
	return (u32)div_u64(c->tmr.now, TCP_NSEC_PER_SEC);
}

/*
 * An ACK that was overtaken on its way looks old to PAWS, but has nothing that could do harm: not
 * a reason to answer. It may be one time-out late at most.
 */
static bool ts_late_ack(const struct tcp_conn *c, const struct tcp_segin *in)
{
	return !in->len && !(in->flags & (TCPF_SYN | TCPF_FIN)) && in->seq == c->rcv.nxt &&
	       in->ack == c->snd.una && (u32)in->wnd << c->snd.wscale == c->snd.wnd &&
	       c->ts.recent - in->opt.tsval <= c->rtt.rto_us / TCP_USEC_PER_MSEC;
}

/* R1 of 5.3: is this segment older than what was taken in already? */
bool tcp_ts_paws(const struct tcp_conn *c, const struct tcp_segin *in)
{
	if ((s32)(in->opt.tsval - c->ts.recent) >= 0 || !c->ts.recent)
		return false;
	if (ts_now_s(c) - c->ts.recent_s >= PAWS_IDLE_S)
		return false;
	return !ts_late_ack(c, in);
}

/* R3 of 5.3, by the rule of 4.3. */
void tcp_ts_take(struct tcp_conn *c, const struct tcp_segin *in)
{
	if (seq_gt(in->seq, c->rcv.wup))
		return;
	if ((s32)(in->opt.tsval - c->ts.recent) < 0 &&
	    ts_now_s(c) - c->ts.recent_s < PAWS_IDLE_S && c->ts.recent)
		return;
	c->ts.recent = in->opt.tsval;
	c->ts.recent_s = ts_now_s(c);
}

/* Round trip by the echo, µs, or -1. */
s32 tcp_ts_rtt_us(const struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 ms;

	if (!(c->opts & TCPO_TS) || !(in->opt.has & TCPO_TS) || !in->opt.tsecr)
		return -1;
	ms = tcp_ts_clock(c) - in->opt.tsecr;
	if (ms > S32_MAX / TCP_USEC_PER_MSEC)
		return -1;
	return ms ? (s32)(ms * TCP_USEC_PER_MSEC) : (s32)TCP_USEC_PER_MSEC;
}
