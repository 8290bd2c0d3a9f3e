// SPDX-License-Identifier: GPL-2.0
/*
 * Passive open (RFC 9293 3.10.7.2, and 3.10.7.4 for SYN-RECEIVED): a SYN that was answered is a
 * small record until the handshake's third segment makes a connection of it.
 */
#include "inner.h"

static u32 half_ts(const struct tcp_half *h, u64 now)
{
	return tcp_ms(now) + h->ts_offset;
}

static void half_synack(const struct tcp_half *h, struct tcp_segout *out, u64 now)
{
	memset(out, 0, sizeof(*out));
	out->seq = h->iss;
	out->ack = h->irs + 1;
	out->flags = TCPF_SYN | TCPF_ACK | (h->ecn ? TCPF_ECE : 0);
	out->ecn = h->ecn && h->ecn_exact ? 2 : 0;	/* ECT(0) */
	out->wnd = min_t(u32, h->rcv_wnd, U16_MAX);
	out->mss = h->mss_peer;
	out->opt.has = TCPO_MSS | h->opts;
	out->opt.mss = h->advmss;
	out->opt.wscale = h->rcv_wscale;
	out->opt.tsval = half_ts(h, now);
	out->opt.tsecr = h->ts_recent;
}

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>: to what is not acceptable. */
static void half_ack(const struct tcp_half *h, struct tcp_segout *out, u64 now)
{
	half_synack(h, out, now);
	out->seq = h->iss + 1;
	out->flags = TCPF_ACK;
	out->wnd = h->rcv_wnd >> h->rcv_wscale;
	out->opt.has &= TCPO_TS | TCPO_MD5;
}

static void half_take_syn(const struct tcp_params *par, const struct tcp_segin *in,
			  struct tcp_half *h, u64 now)
{
	const struct tcp_options *o = &in->opt;

	h->irs = in->seq;
	h->snd_wnd = in->wnd;
	h->mss_peer = tcp_mss_offered(o);
	h->opts &= TCPO_MD5;
	h->opts |= o->has & ((par->timestamps ? TCPO_TS : 0) | (par->sack ? TCPO_SACK_PERM : 0) |
			     (par->wscale ? TCPO_WSCALE : 0));
	/* Signature, timestamps and SACK blocks do not fit into one header. */
	if (h->opts & TCPO_MD5 && h->opts & TCPO_SACK_PERM)
		h->opts &= ~TCPO_TS;
	h->snd_wscale = h->opts & TCPO_WSCALE ? o->wscale : 0;
	if (!(h->opts & TCPO_WSCALE))
		h->rcv_wscale = 0;
	h->rcv_wnd = min(h->rcv_wnd, tcp_window_unscaled(par));
	h->ts_recent = h->opts & TCPO_TS ? o->tsval : 0;
	/*
	 * An ECT SYN comes from a path of DCTCP or from nowhere: only a listener that lives by ECN
	 * agrees to it.
	 */
	h->ecn = (h->ecn_exact || (par->ecn && !in->ecn)) &&
		 (in->flags & (TCPF_ECE | TCPF_CWR)) == (TCPF_ECE | TCPF_CWR);
	h->sent_ns = now;
	h->deadline_ns = now + (u64)par->rto_init_us * TCP_NSEC_PER_USEC;
	h->retries = 0;
	h->timeouts = 0;
	h->acked = false;
	h->oow_ms = 0;
}

enum tcp_half_verdict tcp_listen_arrives(const struct tcp_params *par, const struct tcp_segin *in,
					 struct tcp_half *h, struct tcp_segout *out, u64 now)
{
	if (in->flags & TCPF_RST)
		return TCP_HALF_DROP;
	if (in->flags & TCPF_ACK) {
		tcp_closed_arrives(in, out);
		return TCP_HALF_GONE_REPLY;
	}
	if (!(in->flags & TCPF_SYN))
		return TCP_HALF_DROP;
	half_take_syn(par, in, h, now);
	half_synack(h, out, now);
	return TCP_HALF_REPLY;
}

static bool half_acceptable(const struct tcp_half *h, const struct tcp_segin *in)
{
	u32 nxt = h->irs + 1;
	u32 end = in->seq + in->len + !!(in->flags & TCPF_SYN) + !!(in->flags & TCPF_FIN);

	if (h->opts & TCPO_TS && in->opt.has & TCPO_TS && !(in->flags & TCPF_RST) &&
	    (s32)(in->opt.tsval - h->ts_recent) < 0)
		return false;
	return seq_geq(end, nxt) && seq_leq(in->seq, nxt + h->rcv_wnd);
}

/* Until the SYN-ACK goes again: doubled each time (RFC 6298 5.5). */
static u64 half_wait_ns(const struct tcp_params *par, const struct tcp_half *h)
{
	u64 us = (u64)par->rto_init_us << min_t(u8, h->timeouts, 16);

	return min_t(u64, us, par->rto_max_us) * TCP_NSEC_PER_USEC;
}

/* An ACK for what is not acceptable, not too often (RFC 5961 7). */
static enum tcp_half_verdict half_challenge(const struct tcp_params *par, struct tcp_half *h,
					    const struct tcp_segin *in, struct tcp_segout *out,
					    u64 now)
{
	if (tcp_oow_limited(par, &h->oow_ms, in, now))
		return TCP_HALF_SKIP;
	half_ack(h, out, now);
	return TCP_HALF_REPLY;
}

/**
 * tcp_half_arrives() - a segment for a half-open connection
 * @par: settings
 * @h: its record
 * @in: the segment
 * @out: the answer, if the verdict has one
 * @now: ns
 *
 * Return: what to do, see enum tcp_half_verdict.
 */
enum tcp_half_verdict tcp_half_arrives(const struct tcp_params *par, struct tcp_half *h,
				       const struct tcp_segin *in, struct tcp_segout *out, u64 now)
{
	u8 flags = in->flags & (TCPF_SYN | TCPF_RST | TCPF_ACK);

	/* The SYN again: our answer was lost. */
	if (flags == TCPF_SYN && in->seq == h->irs) {
		if (!tcp_oow_paced(par, &h->oow_ms, now))
			return TCP_HALF_SKIP;
		half_synack(h, out, now);
		h->retries += !h->retries;
		h->deadline_ns = now + half_wait_ns(par, h);
		return TCP_HALF_REPLY;
	}
	if (!half_acceptable(h, in))
		return flags & TCPF_RST ? TCP_HALF_DROP : half_challenge(par, h, in, out, now);
	if (flags & TCPF_RST) {
		if (in->seq == h->irs + 1)
			return TCP_HALF_GONE;
		return half_challenge(par, h, in, out, now);
	}
	/* Fourth: back to LISTEN. */
	if (flags & TCPF_SYN)
		return TCP_HALF_GONE;
	if (!(flags & TCPF_ACK))
		return TCP_HALF_DROP;
	if (in->ack != h->iss + 1) {
		tcp_closed_arrives(in, out);
		return TCP_HALF_REPLY;
	}
	if (h->opts & TCPO_TS && in->opt.has & TCPO_TS && seq_leq(in->seq, h->irs + 1))
		h->ts_recent = in->opt.tsval;
	return TCP_HALF_OPEN;
}

enum tcp_half_verdict tcp_half_timer(const struct tcp_params *par, struct tcp_half *h,
				     struct tcp_segout *out, u64 now)
{
	bool last = h->timeouts >= (h->max_timeouts ? h->max_timeouts : par->synack_retries);
	bool again = true;

	/*
	 * Whose third segment came is not asked again until the time for its text is over; then
	 * once more, so that its ACK opens the connection.
	 */
	if (h->defer) {
		last = last && (!h->acked || h->timeouts >= h->defer);
		again = !h->acked || h->timeouts + 1 >= h->defer;
	}
	if (last)
		return TCP_HALF_GONE;
	h->timeouts += h->timeouts < U8_MAX;
	h->deadline_ns = now + half_wait_ns(par, h);
	if (!again)
		return TCP_HALF_DROP;
	h->retries += h->retries < U8_MAX;
	half_synack(h, out, now);
	return TCP_HALF_REPLY;
}
