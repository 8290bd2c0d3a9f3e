// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987 3.6): a SYN is answered and forgotten; what must be known of it comes back
 * in the third segment. The sequence number carries an index of the MSS besides the proof, which is
 * the embedding's; the low bits of our timestamp, which the peer echoes, carry the options:
 *
 *	 31          6   5    4    3     0
 *	+-------------+-----+------+--------+
 *	| clock, ms   | ECN | SACK | wscale |	wscale 15: no window scaling
 *	+-------------+-----+------+--------+
 *
 * Without timestamps no option but the MSS survives.
 */
#include "inner.h"

#define COOKIE_TS_BITS		6
#define COOKIE_TS_MASK		((1U << COOKIE_TS_BITS) - 1)
#define COOKIE_TS_WSCALE	0x0fU
#define COOKIE_TS_SACK		0x10U
#define COOKIE_TS_ECN		0x20U

/* What a peer is taken to have said: the largest of these that it did not go below. */
static const u16 cookie_mss[TCP_COOKIE_DATA] = { 536, 1300, 1440, 1460 };

/* Never ahead of the clock: the next timestamp would seem older (RFC 7323 5). */
static u32 cookie_ts(const struct tcp_half *h, u64 now)
{
	u32 clock = tcp_ms(now), bits = COOKIE_TS_WSCALE, ts;

	if (h->opts & TCPO_WSCALE)
		bits = h->snd_wscale;
	if (h->opts & TCPO_SACK_PERM)
		bits |= COOKIE_TS_SACK;
	if (h->ecn)
		bits |= COOKIE_TS_ECN;
	ts = (clock & ~COOKIE_TS_MASK) | bits;
	if (ts > clock)
		ts -= COOKIE_TS_MASK + 1;
	return ts + h->ts_offset;
}

u32 tcp_cookie_syn(struct tcp_half *h, struct tcp_segout *out, u64 now)
{
	u32 i = TCP_COOKIE_DATA - 1;

	while (i && h->mss_peer < cookie_mss[i])
		i--;
	h->mss_peer = cookie_mss[i];
	if (h->opts & TCPO_TS) {
		out->opt.tsval = cookie_ts(h, now);
		return i;
	}
	h->opts &= ~(TCPO_SACK_PERM | TCPO_WSCALE);
	h->rcv_wscale = 0;
	h->ecn = false;
	out->opt.has &= ~(TCPO_SACK_PERM | TCPO_WSCALE);
	out->flags &= ~TCPF_ECE;
	return i;
}

/* The options by the echo. False: what it says was not offered, so it is no echo of ours. */
static bool cookie_options(const struct tcp_params *par, u32 bits, struct tcp_half *h)
{
	if (!par->timestamps)
		return false;
	h->opts = TCPO_TS;
	h->ecn = bits & COOKIE_TS_ECN;
	if (bits & COOKIE_TS_SACK)
		h->opts |= TCPO_SACK_PERM;
	if ((bits & COOKIE_TS_WSCALE) != COOKIE_TS_WSCALE) {
		h->opts |= TCPO_WSCALE;
		h->snd_wscale = bits & COOKIE_TS_WSCALE;
	}
	return (par->sack || !(h->opts & TCPO_SACK_PERM)) &&
	       (par->wscale || !(h->opts & TCPO_WSCALE)) && (par->ecn || h->ecn_exact || !h->ecn);
}

bool tcp_cookie_ack(const struct tcp_params *par, const struct tcp_segin *in, struct tcp_half *h,
		    u32 data)
{
	if (data >= TCP_COOKIE_DATA)
		return false;
	h->irs = in->seq - 1;
	h->iss = in->ack - 1;
	h->snd_wnd = in->wnd;
	h->mss_peer = cookie_mss[data];
	h->opts = 0;
	h->snd_wscale = 0;
	h->ecn = false;
	h->ts_recent = 0;
	if (in->opt.has & TCPO_TS) {
		if (!cookie_options(par, in->opt.tsecr - h->ts_offset, h))
			return false;
		h->ts_recent = in->opt.tsval;
	}
	if (!(h->opts & TCPO_WSCALE))
		h->rcv_wscale = 0;
	h->rcv_wnd = min(h->rcv_wnd, tcp_window_unscaled(par));
	/* When the SYN-ACK left is not known: no round trip is measured by it. */
	h->sent_ns = 0;
	h->deadline_ns = TCP_NEVER;
	h->retries = 0;
	h->timeouts = 0;
	h->acked = false;
	h->oow_ms = 0;
	return true;
}
