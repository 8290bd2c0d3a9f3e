// SPDX-License-Identifier: GPL-2.0
/*
 * The receive window: what we offer (RFC 9293 3.8.6), never taking back what was offered (MUST-14
 * does not forbid it, a robust peer would bear it, but we do not), growing it in steps worth a
 * segment (3.8.6.2.2), and telling the embedding how much buffer this path needs (dynamic right-
 * sizing).
 */
#include "inner.h"

#define TCP_DRS_FIRST	10	/* segments: a first window (RFC 6928) */

/* What the peer may still send of what was offered last. */
u32 tcp_window_left(const struct tcp_conn *c)
{
	s32 left = (s32)(c->rcv.wup + c->rcv.wnd - c->rcv.nxt);

	return left > 0 ? left : 0;
}

/* Some read what is not scaled as a signed number (tcp_workaround_signed_windows). */
u32 tcp_window_unscaled(const struct tcp_params *par)
{
	return par->workaround_signed_windows ? S16_MAX : U16_MAX;
}

/* A step of the right edge that is worth telling. */
static u32 window_step(const struct tcp_conn *c)
{
	return max_t(u32, min(tcp_env_rcv_limit(c) / 2, c->rcv.mss), 1);
}

/*
 * tcp_shrink_window: what there is room for, even if more was offered: memory goes before SHLD-14.
 * Too little to be worth anything is nothing.
 */
static u32 window_shrunk(const struct tcp_conn *c, u32 room, u32 unit)
{
	u32 wnd = room & ~(unit - 1), limit = tcp_env_rcv_limit(c);

	if (room < limit / 2 && (wnd < limit / 16 || wnd < c->rcv.mss))
		return 0;
	return max(wnd, unit);
}

/* The most that a header can offer. */
static u32 window_most(const struct tcp_conn *c)
{
	return c->rcv.wscale ? (u32)U16_MAX << c->rcv.wscale : tcp_window_unscaled(c->par);
}

/*
 * Choose the window for a segment that is about to be sent, octets; what is returned was offered.
 */
u32 tcp_window_select(struct tcp_conn *c)
{
	u32 left = tcp_window_left(c), room = tcp_env_rcv_room(c), unit = 1U << c->rcv.wscale;
	u32 most = window_most(c), wnd;

	if (c->user.window_clamp)
		room = min(room, c->user.window_clamp);
	room = min(room, TCP_WND_MAX);
	if (c->par->shrink_window && c->rcv.wscale) {
		wnd = window_shrunk(c, room, unit);
	} else if (room < left + window_step(c) || c->state == TCPS_SYN_RECEIVED) {
		/*
		 * Keep the right edge; a unit of the scale may round it up, never down. So for a
		 * Fast Open peer that may not be whom it says it is: what the SYN-ACK offered.
		 */
		wnd = (left + unit - 1) & ~(unit - 1);
		if (!left && room < window_step(c))
			wnd = 0;
	} else {
		wnd = room & ~(unit - 1);
		if (wnd < left)
			wnd = (left + unit - 1) & ~(unit - 1);
		/* A buffer smaller than the unit is no shut window. */
		wnd = max(wnd, unit);
	}
	wnd = min(wnd, most);
	c->rcv.wup = c->rcv.nxt;
	c->rcv.wnd = wnd;
	return wnd;
}

/*
 * How much the user reads a round trip, and so what the buffer should hold (DRS). A sender whose
 * window still grows is ahead of what was read by one round trip, and by one more when it hears of
 * the larger window: by as much as this round exceeds the last, twice over.
 */
static u32 window_ahead(const struct tcp_conn *c, u32 read)
{
	u32 last = max_t(u32, c->ackd.drs_space, TCP_DRS_FIRST * c->rcv.advmss);
	u64 ahead = read;

	if (read > last && last)
		ahead += div_u64(2ULL * read * (read - last), last);
	return min_t(u64, ahead, TCP_WND_MAX);
}

static void window_autotune(struct tcp_conn *c)
{
	struct tcp_ackd *d = &c->ackd;
	u32 now_us = tcp_us(c->tmr.now), rtt = d->rtt_us >> 3, read, room;

	if (!rtt || now_us - d->drs_us < rtt)
		return;
	read = c->rcv.read - d->drs_read;
	if (read > d->drs_space) {
		if (c->par->moderate_rcvbuf) {
			room = tcp_env_rcv_room(c);
			tcp_env_rcv_grow(c, window_ahead(c, read));
			d->news = tcp_env_rcv_room(c) - room;
		}
		d->drs_space = read;
	}
	d->drs_us = now_us;
	d->drs_read = c->rcv.read;
}

/*
 * Was the last offer the most that a SYN can say, which has no scale, or that rounded up? Then it
 * is not the user who held it small, and the next ACK is soon enough to tell of more.
 */
static bool window_of_syn(const struct tcp_conn *c)
{
	return c->rcv.wnd - U16_MAX < 1U << c->rcv.wscale;
}

/* The user has read: does the window open by so much that the peer must hear of it? */
void tcp_window_read(struct tcp_conn *c)
{
	u32 left, room;

	window_autotune(c);
	left = tcp_window_left(c);
	room = min(tcp_env_rcv_room(c), window_most(c));
	if (c->user.window_clamp)
		room = min(room, c->user.window_clamp);
	if (room >= left + window_step(c) && room / 2 >= left && !window_of_syn(c))
		c->out |= TCP_OUT_ACK;
	else if (c->rcv.nxt - c->rcv.wup > c->rcv.mss || tcp_delack_drained(c))
		c->out |= TCP_OUT_ACK;
}

/*
 * The receiver's view of the round trip: by echoes, or by how long one offered window takes to
 * fill.
 */
static void window_rtt(struct tcp_conn *c, u32 us)
{
	struct tcp_ackd *d = &c->ackd;

	if (!d->rtt_us)
		d->rtt_us = us << 3;
	else
		d->rtt_us += us - (d->rtt_us >> 3);
}

void tcp_window_measure(struct tcp_conn *c, const struct tcp_segin *in)
{
	struct tcp_ackd *d = &c->ackd;
	u32 now_us = tcp_us(c->tmr.now);
	s32 us;

	if (c->opts & TCPO_TS) {
		/* Once a millisecond at most: the clock's grain. */
		if (in->opt.tsecr == d->drs_seq)
			return;
		d->drs_seq = in->opt.tsecr;
		us = in->len >= c->rcv.mss ? tcp_ts_rtt_us(c, in) : -1;
		if (us > 0)
			window_rtt(c, us);
		return;
	}
	if (seq_lt(c->rcv.nxt, d->drs_seq))
		return;
	us = (s32)(now_us - d->wnd_us);
	if (d->wnd_us && us > 0)
		window_rtt(c, us);
	d->drs_seq = c->rcv.nxt + c->rcv.wnd;
	d->wnd_us = now_us ? now_us : 1;
}
