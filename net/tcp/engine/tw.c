// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT (RFC 9293 3.6.1, 3.10.7.4; RFC 1337; RFC 6191), and FIN-WAIT-2 of a connection that
 * has no user any more: a record that answers, and waits for its end.
 */
#include "inner.h"

static u32 tw_now_s(u64 now)
{
	return (u32)div_u64(now, TCP_NSEC_PER_SEC);
}

void tcp_tw_from_conn(struct tcp_tw *tw, const struct tcp_conn *c, u64 now)
{
	u32 ms = c->par->time_wait_ms;

	if (c->state == TCPS_FIN_WAIT_2) {
		ms = c->user.linger2_ms > 0 ? (u32)c->user.linger2_ms : c->par->fin_timeout_ms;
		if (ms > c->par->time_wait_ms)
			ms -= c->par->time_wait_ms;
	}
	tw->snd_nxt = c->snd.nxt;
	tw->rcv_nxt = c->rcv.nxt;
	tw->rcv_wnd = max_t(u32, tcp_window_left(c), 1);
	tw->rcv_wscale = c->rcv.wscale;
	tw->ts_recent = c->ts.recent;
	tw->ts_offset = c->ts.offset;
	tw->ts_recent_s = c->ts.recent_s;
	tw->oow_ms = c->ackd.oow_ms;
	tw->opts = c->opts;
	tw->state = c->state == TCPS_FIN_WAIT_2 ? TCPS_FIN_WAIT_2 : TCPS_TIME_WAIT;
	tw->deadline_ns = now + (u64)ms * TCP_NSEC_PER_MSEC;
}

static void tw_ack(const struct tcp_tw *tw, struct tcp_segout *out, u64 now)
{
	memset(out, 0, sizeof(*out));
	out->seq = tw->snd_nxt;
	out->ack = tw->rcv_nxt;
	out->flags = TCPF_ACK;
	out->wnd = min_t(u32, tw->rcv_wnd >> tw->rcv_wscale, U16_MAX);
	out->opt.has = tw->opts & (TCPO_TS | TCPO_MD5);
	out->opt.tsval = tcp_ms(now) + tw->ts_offset;
	out->opt.tsecr = tw->ts_recent;
}

/* An ACK for what is not acceptable, not too often (RFC 5961 7). */
static enum tcp_tw_verdict tw_challenge(const struct tcp_params *par, struct tcp_tw *tw,
					const struct tcp_segin *in, struct tcp_segout *out, u64 now)
{
	if (tcp_oow_limited(par, &tw->oow_ms, in, now))
		return TCP_TW_SKIP;
	tw_ack(tw, out, now);
	return TCP_TW_REPLY;
}

static void tw_restart(const struct tcp_params *par, struct tcp_tw *tw, u64 now)
{
	tw->deadline_ns = now + (u64)par->time_wait_ms * TCP_NSEC_PER_MSEC;
}

static bool tw_has_ts(const struct tcp_tw *tw, const struct tcp_segin *in)
{
	return tw->opts & TCPO_TS && in->opt.has & TCPO_TS;
}

static bool tw_paws(const struct tcp_tw *tw, const struct tcp_segin *in, u64 now)
{
	return tw_has_ts(tw, in) && tw->ts_recent && !(in->flags & TCPF_RST) &&
	       (s32)(in->opt.tsval - tw->ts_recent) < 0 &&
	       tw_now_s(now) - tw->ts_recent_s < 24U * 24 * 3600;
}

static void tw_take_ts(struct tcp_tw *tw, const struct tcp_segin *in, u64 now)
{
	if (!tw_has_ts(tw, in))
		return;
	tw->ts_recent = in->opt.tsval;
	tw->ts_recent_s = tw_now_s(now);
}

/* Above all that the old connection used, so that RFC 9293 3.6.1 (2) holds. */
static u32 tw_next_iss(const struct tcp_tw *tw)
{
	u32 iss = tw->snd_nxt + U16_MAX + 2;

	return iss ? iss : 1;
}

static enum tcp_tw_verdict tw_rst(const struct tcp_segin *in, struct tcp_segout *out)
{
	return tcp_closed_arrives(in, out) ? TCP_TW_GONE_REPLY : TCP_TW_GONE;
}

/* FIN-WAIT-2, nobody reads: only a FIN is of use; text, a new SYN, an old one end it. */
static enum tcp_tw_verdict tw_fin_wait_2(const struct tcp_params *par, struct tcp_tw *tw,
					 const struct tcp_segin *in, struct tcp_segout *out,
					 u64 now)
{
	u32 end = in->seq + in->len + !!(in->flags & TCPF_FIN);

	if (tw_paws(tw, in, now) || seq_lt(end, tw->rcv_nxt) ||
	    seq_gt(in->seq, tw->rcv_nxt + tw->rcv_wnd)) {
		if (in->flags & TCPF_RST)
			return TCP_TW_DROP;
		return tw_challenge(par, tw, in, out, now);
	}
	if (in->flags & TCPF_RST)
		return in->seq == tw->rcv_nxt ? TCP_TW_GONE : TCP_TW_DROP;
	if (in->flags & TCPF_SYN)
		return tw_rst(in, out);
	if (!(in->flags & TCPF_ACK) || end == in->seq || seq_leq(end, tw->rcv_nxt))
		return TCP_TW_DROP;
	if (!(in->flags & TCPF_FIN) || end != tw->rcv_nxt + 1)
		return tw_rst(in, out);
	tw->state = TCPS_TIME_WAIT;
	tw->rcv_nxt = end;
	tw_take_ts(tw, in, now);
	tw_restart(par, tw, now);
	tw_ack(tw, out, now);
	return TCP_TW_REPLY;
}

/**
 * tcp_tw_arrives() - a segment for a record in TIME-WAIT or FIN-WAIT-2
 * @par: settings
 * @tw: the record; its deadline may move
 * @in: the segment
 * @out: the answer, if the verdict has one
 * @iss: of TCP_TW_REOPEN: the least ISS for the new connection
 * @now: ns
 *
 * Return: what to do, see enum tcp_tw_verdict.
 */
enum tcp_tw_verdict tcp_tw_arrives(const struct tcp_params *par, struct tcp_tw *tw,
				   const struct tcp_segin *in, struct tcp_segout *out, u32 *iss,
				   u64 now)
{
	bool paws = tw_paws(tw, in, now);
	bool bare = !in->len && !(in->flags & (TCPF_SYN | TCPF_FIN));

	if (tw->state == TCPS_FIN_WAIT_2)
		return tw_fin_wait_2(par, tw, in, out, now);
	if (in->flags & TCPF_RST)
		return in->seq == tw->rcv_nxt && !par->rfc1337 ? TCP_TW_GONE : TCP_TW_DROP;
	/* The last ACK of the exchange, late. */
	if (!paws && bare && in->seq == tw->rcv_nxt) {
		tw_take_ts(tw, in, now);
		return TCP_TW_DROP;
	}
	/* 3.6.1 (1), RFC 6191: a SYN that cannot be an old one may open anew. */
	if ((in->flags & (TCPF_SYN | TCPF_ACK)) == TCPF_SYN && !paws &&
	    (seq_gt(in->seq, tw->rcv_nxt) ||
	     (tw_has_ts(tw, in) && (s32)(in->opt.tsval - tw->ts_recent) > 0))) {
		*iss = tw_next_iss(tw);
		return TCP_TW_REOPEN;
	}
	/* The FIN again: our ACK was lost, 2 MSL begin anew. */
	if (paws || in->flags & TCPF_ACK)
		tw_restart(par, tw, now);
	return tw_challenge(par, tw, in, out, now);
}

bool tcp_tw_reusable(const struct tcp_params *par, const struct tcp_tw *tw, bool bound, u32 *iss,
		     u64 now)
{
	if (!(tw->opts & TCPO_TS))
		return false;
	if (!bound && (!par->tw_reuse || tw->state != TCPS_TIME_WAIT ||
		       tw_now_s(now) == tw->ts_recent_s))
		return false;
	*iss = tw_next_iss(tw);
	return true;
}
