// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's life: the user's calls (RFC 9293 3.10.1 to 3.10.6) and the changes of state
 * that a segment or a timer brings.
 */
#include "inner.h"

/* ---- segment size ---- */

/* Octets of options in each text segment. */
u32 tcp_mss_options(const struct tcp_conn *c)
{
	return (c->opts & TCPO_TS ? 12 : 0) + (c->opts & TCPO_MD5 ? 20 : 0);
}

void tcp_conn_set_gso(struct tcp_conn *c, u32 octets, u32 segs)
{
	c->snd.gso_octets = min(octets, TCP_TSO_MAX);
	c->snd.gso_segs = clamp_t(u32, segs, 1, U16_MAX);
}

u32 tcp_tso_most(const struct tcp_conn *c)
{
	u32 segs = min_t(u32, c->snd.gso_octets / c->snd.mss, c->snd.gso_segs);

	/* A signature is of one segment on the wire. */
	if (c->opts & TCPO_MD5)
		return c->snd.mss;
	return max(segs, 1U) * c->snd.mss;
}

/*
 * Eff.snd.MSS (RFC 9293 3.7.1) less the options of a text segment. No more than half of the
 * largest window that the peer ever offered, or one segment would be all that is ever in flight.
 */
void tcp_mss_update(struct tcp_conn *c)
{
	u32 mss = min(c->snd.mss_path, c->snd.mss_peer), wnd = c->snd.max_wnd;

	if (c->pmtud.on)
		mss = min_t(u32, mss, c->pmtud.bound);
	mss = max_t(u32, mss, c->par->min_snd_mss);
	mss -= min_t(u32, tcp_mss_options(c), mss - 1);
	if (wnd > TCP_MSS_DEFAULT)
		wnd /= 2;
	if (wnd)
		mss = min(mss, max_t(u32, wnd, 28));
	c->snd.mss = mss;
	c->cong.mss = mss;
	c->snd.tso = tcp_tso_most(c);
}

void tcp_conn_set_md5(struct tcp_conn *c, bool on, u64 now)
{
	tcp_clock_set(c, now);
	if (on)
		c->opts |= TCPO_MD5;
	else
		c->opts &= ~TCPO_MD5;
	if (!c->snd.mss_peer)
		return;
	tcp_mss_update(c);
	if (c->rtx.packets)
		tcp_rtx_resize(c);
}

void tcp_conn_set_path(struct tcp_conn *c, u16 mss_path, u64 now)
{
	tcp_clock_set(c, now);
	c->snd.mss_path = mss_path;
	if (c->snd.mss_peer)
		tcp_mss_update(c);
}

/* The peer's MSS, and no more than the user's: what he says later is of the next connection. */
void tcp_mss_agree(struct tcp_conn *c, u16 offered)
{
	c->snd.mss_peer = c->user.maxseg ? min(offered, c->user.maxseg) : offered;
}

/* ---- beginning ---- */

void tcp_conn_init(struct tcp_conn *c, const struct tcp_params *par,
		   const struct tcp_cc_ops *cc, u64 now)
{
	unsigned int i;

	c->par = par;
	c->state = TCPS_CLOSED;
	for (i = 0; i < TCP_TMR_NR; i++)
		c->tmr.at[i] = TCP_NEVER;
	c->tmr.armed = TCP_NEVER;
	c->tmr.now = now;
	c->user.max_pacing_rate = U64_MAX;
	tcp_conn_set_gso(c, TCP_TSO_MAX, U16_MAX);
	c->loss.reordering = par->reordering;
	c->loss.reo_mult = 1;
	tcp_rtt_init(c);
	tcp_cong_init(c, cc);
}

/* What an open of either kind sets. */
static void conn_start(struct tcp_conn *c, u32 iss, u32 ts_offset, u16 mss_path)
{
	c->snd.iss = iss;
	c->snd.una = iss;
	c->snd.nxt = iss + 1;
	c->snd.end = iss + 1;
	c->snd.push = iss + 1;
	c->snd.sml = iss + 1;
	c->snd.up = iss;
	c->snd.mss_path = mss_path;
	c->rtx.high = iss;
	c->loss.high = iss;
	c->loss.rack_seq = iss;
	c->ts.offset = ts_offset;
	c->cong.used_seq = iss;
	c->tmr.heard_ns = c->tmr.now;
	tcp_delack_init(c);
}

void tcp_conn_open(struct tcp_conn *c, u32 iss, u32 ts_offset, u16 mss_path, u8 wscale, u64 now)
{
	static const struct tcp_fast_syn plain;

	tcp_conn_open_fast(c, iss, ts_offset, mss_path, wscale, &plain, now);
}

void tcp_conn_open_fast(struct tcp_conn *c, u32 iss, u32 ts_offset, u16 mss_path, u8 wscale,
			const struct tcp_fast_syn *f, u64 now)
{
	const struct tcp_params *p = c->par;

	tcp_clock_set(c, now);
	conn_start(c, iss, ts_offset, mss_path);
	/* Signature, timestamps and SACK blocks do not fit into one header. */
	if (p->timestamps && !(c->opts & TCPO_MD5))
		c->opts |= TCPO_TS;
	c->opts |= (p->sack ? TCPO_SACK_PERM : 0) | (p->wscale ? TCPO_WSCALE : 0);
	c->rcv.wscale = p->wscale ? wscale : 0;
	c->rcv.advmss = c->route.advmss ? c->route.advmss : mss_path;
	if (c->user.maxseg)
		c->rcv.advmss = min(c->rcv.advmss, c->user.maxseg);
	c->rcv.wnd = min(tcp_env_rcv_room(c), tcp_window_unscaled(p));
	if (c->route.init_rwnd)
		c->rcv.wnd = min_t(u32, c->rcv.wnd, (u32)c->route.init_rwnd * c->rcv.advmss);
	if (c->user.window_clamp)
		c->rcv.wnd = min(c->rcv.wnd, c->user.window_clamp);
	tcp_mss_agree(c, TCP_MSS_DEFAULT);
	tcp_mss_update(c);
	c->fast.flags = (f->option ? TCP_FAST_OPTION : 0) | (f->exp ? TCP_FAST_EXP : 0) |
			(f->len ? TCP_FAST_TEXT : 0);
	c->fast.len = f->len;
	tcp_state_set(c, TCPS_SYN_SENT);
	tcp_emit_syn_fast(c, f);
	c->tmr.owed_ns = now;
	tcp_timer_set(c, TCP_TMR_RTO, now + tcp_rto_ns(c));
}

void tcp_conn_from_half(struct tcp_conn *c, const struct tcp_half *h, u16 mss_path, u64 now)
{
	tcp_clock_set(c, now);
	conn_start(c, h->iss, h->ts_offset, mss_path);
	c->opts |= h->opts;
	tcp_mss_agree(c, h->mss_peer);
	c->snd.wscale = h->snd_wscale;
	c->snd.wnd = h->snd_wnd;
	c->snd.max_wnd = h->snd_wnd;
	c->snd.wl1 = h->irs;
	c->rcv.irs = h->irs;
	c->rcv.nxt = h->irs + 1;
	c->rcv.wup = c->rcv.nxt;
	c->rcv.read = c->rcv.nxt;
	c->rcv.up = c->rcv.nxt;
	c->rcv.wnd = h->rcv_wnd;
	c->rcv.wscale = h->rcv_wscale;
	c->rcv.advmss = h->advmss;
	c->ackd.drs_seq = c->rcv.nxt;
	c->ts.recent = h->ts_recent;
	c->ts.recent_s = (u32)div_u64(now, TCP_NSEC_PER_SEC);
	c->cong.ecn = h->ecn ? TCP_ECN_OK : 0;
	/* Karn: a SYN-ACK that was repeated gives no sample. */
	c->rtt.timeouts = h->retries;
	c->stat.segs_in = 1;
	c->tmr.sent_ns = h->sent_ns;
	tcp_pmtud_init(c, true);
	tcp_mss_update(c);
	tcp_state_set(c, TCPS_SYN_RECEIVED);
	tcp_timer_set(c, TCP_TMR_RTO, now + tcp_rto_ns(c));
}

/* Our SYN is acknowledged and the peer's has come. */
void tcp_conn_established(struct tcp_conn *c)
{
	c->rtx.high = c->snd.una;
	tcp_state_set(c, TCPS_ESTABLISHED);
	tcp_timer_stop(c, TCP_TMR_RTO);
	tcp_mss_update(c);
	/* The SYN has arrived. */
	c->cong.delivered = 1;
	c->cong.round_delivered = 1;
	c->stat.open_ns = c->tmr.now;
	tcp_rto_recovered(c);
	tcp_past_open(c);
	tcp_rto_open(c);
	if (!(c->fast.flags & TCP_FAST_PASSIVE))
		tcp_cong_start(c);
	else if (c->rtx.packets)
		tcp_rto_restart(c);
	c->rtt.timeouts = 0;
	c->rtt.backoff = 0;
	c->tmr.owed_ns = 0;
	c->tmr.sent_ns = 0;
	c->rcv.mss = min_t(u32, TCP_MSS_DEFAULT, c->rcv.advmss);
	c->ackd.drs_read = c->rcv.read;
	c->ackd.drs_us = tcp_us(c->tmr.now);
	tcp_keep_start(c);
	/* A CLOSE that waited for this (3.10.4, SYN-RECEIVED), or went ahead of it (Fast Open). */
	if (c->snd.fin != TCP_FIN_NONE)
		tcp_state_set(c, TCPS_FIN_WAIT_1);
	tcp_env_event(c, TCP_EV_ESTABLISHED, 0);
}

/* ---- the user's calls ---- */

bool tcp_conn_wrote(struct tcp_conn *c, u32 len, bool push, bool urgent)
{
	c->snd.end += len;
	if (urgent) {
		c->snd.up = c->snd.end;
		c->snd.urg = true;
	}
	/*
	 * A long write is pushed now and then, or a peer that hands up by PSH would wait
	 * (SHLD-27).
	 */
	if (!push && c->snd.end - c->snd.push <= c->snd.max_wnd / 2)
		return false;
	c->snd.push = c->snd.end;
	return true;
}

void tcp_conn_read(struct tcp_conn *c, u32 len, u64 now)
{
	tcp_clock_set(c, now);
	c->rcv.read += len;
	if (c->rcv.urg && seq_geq(c->rcv.read, c->rcv.up))
		c->rcv.urg = false;
	if (!tcp_state_in(c, TCP_CAN_RECV))
		return;
	tcp_window_read(c);
	if (c->out & TCP_OUT_ACK)
		tcp_emit_ack(c);
}

/* FIN is queued; state as Figure 5 has it. */
static void conn_queue_fin(struct tcp_conn *c)
{
	c->snd.fin = TCP_FIN_QUEUED;
	if (c->state == TCPS_ESTABLISHED)
		tcp_state_set(c, TCPS_FIN_WAIT_1);
	else if (c->state == TCPS_CLOSE_WAIT)
		tcp_state_set(c, TCPS_LAST_ACK);
}

void tcp_conn_shutdown(struct tcp_conn *c, u64 now)
{
	tcp_clock_set(c, now);
	c->shut |= TCP_SHUT_SEND;
	if (c->snd.fin != TCP_FIN_NONE)
		return;
	switch (c->state) {
	case TCPS_SYN_SENT:
		/* 3.10.4: no connection was made; delete the TCB. */
		tcp_conn_over(c, 0);
		break;
	case TCPS_SYN_RECEIVED:
	case TCPS_ESTABLISHED:
	case TCPS_CLOSE_WAIT:
		conn_queue_fin(c);
		tcp_conn_flush(c, now);
		break;
	}
}

/*
 * An orphan in FIN-WAIT-2 waits fin_timeout, as a small record if TIME-WAIT is at least as long.
 * What exceeds TIME-WAIT it waits twice, as Linux has it: as it is, and then as a record.
 */
static void conn_orphan_fin_wait_2(struct tcp_conn *c, bool closing)
{
	u32 ms = c->user.linger2_ms > 0 ? (u32)c->user.linger2_ms : c->par->fin_timeout_ms;

	if (c->user.linger2_ms < 0) {
		tcp_emit_rst(c);
		tcp_env_count(c, closing ? LINUX_MIB_TCPABORTONLINGER :
					   LINUX_MIB_TCPABORTONDATA, 1);
		tcp_conn_over(c, 0);
		return;
	}
	tcp_env_event(c, TCP_EV_LEARNED, 0);
	if (ms > c->par->time_wait_ms)
		tcp_timer_set(c, TCP_TMR_KEEP, c->tmr.now +
			      (u64)(ms - c->par->time_wait_ms) * TCP_NSEC_PER_MSEC);
	else
		tcp_env_event(c, TCP_EV_TIME_WAIT, 0);
}

void tcp_conn_close(struct tcp_conn *c, u32 unread, u64 now)
{
	tcp_clock_set(c, now);
	c->user.orphan = true;
	c->shut |= TCP_SHUT_SEND | TCP_SHUT_RECV;
	if (c->state == TCPS_CLOSED)
		return;
	if (unread && c->state != TCPS_SYN_SENT) {
		/*
		 * What was acknowledged will never be read: the peer must know (RFC 2525 2.17).
		 */
		tcp_env_count(c, LINUX_MIB_TCPABORTONCLOSE, 1);
		tcp_emit_rst(c);
		tcp_conn_over(c, 0);
		return;
	}
	tcp_conn_shutdown(c, now);
	if (c->state == TCPS_FIN_WAIT_2)
		conn_orphan_fin_wait_2(c, true);
}

void tcp_conn_abort(struct tcp_conn *c, u64 now)
{
	tcp_clock_set(c, now);
	/* 3.10.5: the peer of a connection in these states holds one, too. */
	if (tcp_state_in(c, TCP_IN(TCPS_SYN_RECEIVED) | TCP_IN(TCPS_ESTABLISHED) |
			 TCP_IN(TCPS_FIN_WAIT_1) | TCP_IN(TCPS_FIN_WAIT_2) |
			 TCP_IN(TCPS_CLOSE_WAIT)) ||
	    (tcp_state_in(c, TCP_IN(TCPS_CLOSING) | TCP_IN(TCPS_LAST_ACK)) && c->rtx.packets))
		tcp_emit_rst(c);
	tcp_conn_purge(c);
}

void tcp_conn_purge(struct tcp_conn *c)
{
	unsigned int i;

	tcp_rtx_purge(c);
	tcp_ooo_purge(c);
	for (i = 0; i < TCP_TMR_NR; i++)
		c->tmr.at[i] = TCP_NEVER;
	c->out = 0;
	if (c->tmr.armed != TCP_NEVER) {
		c->tmr.armed = TCP_NEVER;
		tcp_env_timer(c, TCP_NEVER);
	}
	if (c->state != TCPS_CLOSED)
		tcp_state_set(c, TCPS_CLOSED);
}

void tcp_conn_user_changed(struct tcp_conn *c, u64 now)
{
	tcp_clock_set(c, now);
	if (c->user.keepalive && !(c->user.orphan && c->state == TCPS_FIN_WAIT_2))
		tcp_keep_start(c);
	else if (!c->user.orphan)
		tcp_timer_stop(c, TCP_TMR_KEEP);
	tcp_cong_user(c);
	if (tcp_state_in(c, TCP_SYNCHRONIZED))
		tcp_conn_flush(c, now);
}

/* ---- what segments and timers bring ---- */

/* The connection is over: @err, or 0: in order, or nobody is there to be told. */
void tcp_conn_over(struct tcp_conn *c, int err)
{
	tcp_conn_purge(c);
	if (err)
		tcp_env_event(c, TCP_EV_ERROR, err);
	else
		tcp_env_event(c, TCP_EV_CLOSED, 0);
}

void tcp_conn_enter_time_wait(struct tcp_conn *c)
{
	tcp_state_set(c, TCPS_TIME_WAIT);
	tcp_env_event(c, TCP_EV_LEARNED, 0);
	/* The ACK of the peer's FIN goes now: there is no flush after this. */
	if (c->rcv.nxt != c->rcv.wup || c->out & TCP_OUT_ACK)
		tcp_emit_ack(c);
	tcp_env_event(c, TCP_EV_TIME_WAIT, 0);
}

/* Our FIN is acknowledged (3.10.7.4, fifth, by state). */
void tcp_conn_fin_acked(struct tcp_conn *c)
{
	switch (c->state) {
	case TCPS_FIN_WAIT_1:
		tcp_state_set(c, TCPS_FIN_WAIT_2);
		tcp_env_event(c, TCP_EV_WRITABLE, 0);
		if (c->user.orphan)
			conn_orphan_fin_wait_2(c, false);
		break;
	case TCPS_CLOSING:
		tcp_conn_enter_time_wait(c);
		break;
	case TCPS_LAST_ACK:
		tcp_env_event(c, TCP_EV_LEARNED, 0);
		tcp_conn_over(c, 0);
		break;
	}
}

/* The peer's FIN is next in order (3.10.7.4, eighth). */
void tcp_conn_fin_came(struct tcp_conn *c)
{
	c->rcv.nxt++;
	c->ooo.fin = false;
	c->out |= TCP_OUT_ACK;
	tcp_ooo_purge(c);
	switch (c->state) {
	case TCPS_ESTABLISHED:
		tcp_state_set(c, TCPS_CLOSE_WAIT);
		c->ackd.pingpong = true;
		break;
	case TCPS_FIN_WAIT_1:
		tcp_state_set(c, TCPS_CLOSING);
		break;
	case TCPS_FIN_WAIT_2:
		tcp_conn_enter_time_wait(c);
		break;
	}
	tcp_env_event(c, TCP_EV_FIN, 0);
}
