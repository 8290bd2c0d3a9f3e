// SPDX-License-Identifier: GPL-2.0
/*
 * What to send, and when: lost segments first, then new text, then an ACK if none rode along.
 *
 * New text: as much as the peer's window, the congestion window and one emission (TSO, 64 KiB)
 * allow, in whole segments. A smaller one goes if RFC 9293 3.8.6.2.1 (SWS), Nagle in Minshall's
 * form (3.7.4; a small segment waits for a small one in flight, not for any) and the user's cork
 * let it.
 */
#include "inner.h"

/* ---- lost segments ---- */

/**
 * tcp_output_again() - send a record of the queue again
 * @c: the connection
 * @seg: the record; cut if it is longer
 * @packets: most segments to send
 *
 * Return: true if it counts as sent.
 */
bool tcp_output_again(struct tcp_conn *c, struct tcp_seg *seg, u32 packets)
{
	u32 wnd_end = c->snd.una + max_t(u32, c->snd.wnd, c->snd.mss);

	/*
	 * A window that shrank: what lies beyond it waits, but the first may serve as the probe.
	 */
	if (seg != tcp_tree_first(&c->rtx.q) && seq_gt(tcp_seg_end(seg), wnd_end))
		return false;
	/* A signature is of one segment. */
	if (c->opts & TCPO_MD5)
		packets = 1;
	if (!tcp_rtx_cut(c, seg, packets)) {
		c->out |= TCP_OUT_NOMEM;
		return false;
	}
	if (!c->ts.rtx_val && c->opts & TCPO_TS) {
		c->ts.rtx_val = tcp_ts_clock(c);
		c->ts.rtx_val += !c->ts.rtx_val;
	}
	/* A probe among them tells nothing any more (RFC 4821 7.6.3). */
	c->pmtud.size = 0;
	c->stat.bytes_rtx += seg->len;
	c->stat.rtx += seg->n_mss;
	/* It did not leave the host: it is not in flight, the timer repairs it. */
	if (tcp_emit_text(c, seg)) {
		tcp_env_count(c, LINUX_MIB_TCPRETRANSFAIL, 1);
		return false;
	}
	tcp_rtx_sent_again(c, seg);
	if (c->loss.undo_rtx < 0)
		c->loss.undo_rtx = 0;
	c->loss.undo_rtx += seg->n_mss;
	c->loss.prr_out += seg->n_mss;
	return true;
}

/*
 * Send again what is lost, lowest first, as cwnd allows. The retransmission timer runs: it does
 * while anything is outstanding. Returns true if something went.
 */
bool tcp_output_lost(struct tcp_conn *c)
{
	bool any = false;

	/* F-RTO: after the first retransmission new text goes out, to see what comes back. */
	if (c->loss.phase == TCP_PHASE_LOSS && c->loss.frto)
		return false;
	tcp_rtx_fresh(c);
	while (c->rtx.lost > c->rtx.retrans && tcp_env_may_send(c)) {
		u32 flight = tcp_cong_flight(c);
		struct tcp_seg *seg;

		if (flight >= c->cong.cwnd)
			break;
		seg = tcp_tree_find_bit(&c->rtx.q, TCP_BELOW_LOST);
		if (!seg || tcp_env_in_queue(c, seg))
			break;
		if (!tcp_output_again(c, seg, c->cong.cwnd - flight))
			break;
		tcp_env_count(c, c->loss.phase == TCP_PHASE_LOSS ? LINUX_MIB_TCPSLOWSTARTRETRANS :
			      LINUX_MIB_TCPFASTRETRANS, seg->n_mss);
		any = true;
	}
	return any;
}

/* ---- new text ---- */

/* May a segment of @len octets, less than MSS, go? @last: it empties the send buffer. */
static bool small_may_go(const struct tcp_conn *c, u32 len, bool last)
{
	if (!last)
		/* The window cuts it: only if it is worth it (SWS). */
		return len >= c->snd.max_wnd / 2;
	if (c->snd.fin == TCP_FIN_QUEUED)
		return true;
	if (c->user.cork)
		return false;
	if (c->user.nodelay || !c->rtx.packets)
		return true;
	/* Minshall: is a small segment in flight? */
	return seq_leq(c->snd.sml, c->snd.una);
}

#define WAIT_MAX_US	1000

/* Will the answer to what is oldest in flight be here in a moment, for all that is known? */
static bool ack_is_near(const struct tcp_conn *c)
{
	const struct tcp_seg *first = tcp_tree_first(&c->rtx.q);
	u32 srtt = c->rtt.srtt_us >> 3;

	return first && (s32)(first->xmit_us + srtt - tcp_us(c->tmr.now)) <=
			(s32)min_t(u32, srtt / 2, WAIT_MAX_US);
}

/*
 * Wait for more ACKs if that makes a larger emission? @room packets are left of cwnd. Not if the
 * part of the window (tcp_tso_win_divisor) that is open is worth an emission, and no longer than a
 * moment: what went last went just now, and an ACK is about to come. Nor on a long path: what is
 * held back for a moment is missing there in each round trip (2 % of what a path of 10 ms could
 * carry), and the host is not what bounds it.
 */
static bool worth_waiting(const struct tcp_conn *c, u32 len, u32 room)
{
	u32 mss = c->snd.mss, open = c->snd.una + c->snd.wnd - c->snd.nxt, part = 3 * mss + 1;

	if (c->loss.phase >= TCP_PHASE_RECOVERY || len >= tcp_conn_unsent(c) ||
	    c->rtt.srtt_us >> 3 > 2 * WAIT_MAX_US ||
	    c->tmr.now - c->tmr.sent_ns > (u64)WAIT_MAX_US * TCP_NSEC_PER_USEC)
		return false;
	open = min_t(u64, open, (u64)room * mss);
	if (c->par->tso_win_divisor)
		part = min_t(u64, c->snd.wnd, (u64)c->cong.cwnd * mss) / c->par->tso_win_divisor;
	return open < c->snd.tso && open < part && ack_is_near(c);
}

/**
 * output_length() - octets of new text that may go in one emission now
 * @c: the connection
 * @force: the override time-out, or a probe: ignore Nagle, SWS, cork, cwnd; most segments
 *
 * Return: octets, or 0.
 */
static u32 output_length(const struct tcp_conn *c, u32 force)
{
	u32 unsent = tcp_conn_unsent(c), mss = c->snd.mss, flight = tcp_cong_flight(c);
	s32 usable = (s32)(c->snd.una + c->snd.wnd - c->snd.nxt);
	u32 quota = force, room = 0, len;

	if (usable <= 0)
		return 0;
	if (!force) {
		if (flight >= c->cong.cwnd)
			return 0;
		room = c->cong.cwnd - flight;
		/* No less than two emissions a window, or nothing would clock the next one. */
		quota = min(room, max(c->cong.cwnd / 2, 1U));
	}
	len = min(unsent, (u32)usable);
	len = min_t(u32, len, c->snd.tso);
	if (quota < c->snd.tso && (u64)quota * mss < len)
		len = quota * mss;
	if (force)
		return len;
	if (len < mss)
		return small_may_go(c, len, len == unsent) ? len : 0;
	if (worth_waiting(c, len, room))
		return 0;
	/* The remainder, if it is the last, goes along only if it might go alone. */
	if (len % mss && (len != unsent || !small_may_go(c, len % mss, true)))
		len -= len % mss;
	return len;
}

/*
 * The stream's end takes a FIN along, which implies a push of the text before it (RFC 9293 3.10.4).
 */
static void output_fin(struct tcp_conn *c, struct tcp_seg *seg)
{
	u32 end = seg->seq + seg->len;

	if (end != c->snd.end || c->snd.fin != TCP_FIN_QUEUED ||
	    seq_geq(end, c->snd.una + c->snd.wnd))
		return;
	seg->flags |= TCPF_FIN | (seg->len ? TCPF_PSH : 0);
	c->snd.fin = TCP_FIN_SENT;
}

/*
 * This host's own queue is full: the text stays unsent, and the next ACK, or the timer, tries
 * again. It is a queue of the path, too: less is to go along it. A probe may just be too large.
 */
static noinline void output_refused(struct tcp_conn *c, struct tcp_seg *seg, int err)
{
	if (seg->flags & TCPF_FIN) {
		seg->flags &= ~TCPF_FIN;
		c->snd.fin = TCP_FIN_QUEUED;
	}
	if (seg->n_mss == 1 && seg->len > c->snd.mss)
		tcp_pmtud_refused(c, seg->len);
	else if (err == -ENOBUFS)
		tcp_loss_enter_cwr(c, false);
	tcp_env_uncarve(c, seg);
}

/* Returns false if it did not leave the host. */
static bool output_one(struct tcp_conn *c, struct tcp_seg *seg, u16 n_mss)
{
	bool first = !c->rtx.packets;
	int err;

	seg->seq = c->snd.nxt;
	seg->n_mss = n_mss;
	output_fin(c, seg);
	err = tcp_emit_text(c, seg);
	if (unlikely(err)) {
		output_refused(c, seg, err);
		return false;
	}
	c->snd.nxt = tcp_seg_end(seg);
	if (seg->len < n_mss * c->snd.mss && !tcp_fast_again(c, c->snd.nxt))
		c->snd.sml = c->snd.nxt;
	tcp_rtx_sent(c, seg);
	c->loss.prr_out += seg->n_mss;
	c->tmr.sent_ns = c->tmr.now;
	if (first || !tcp_timer_on(c, TCP_TMR_RTO))
		tcp_rto_restart(c);
	return true;
}

#define PACE_FREE	10	/* segments */
#define PACE_LATE_NS	(20 * TCP_NSEC_PER_MSEC)	/* some ticks of a coarse timer */

/* Does the pacing rate let something go now? */
static bool output_paced(struct tcp_conn *c)
{
	if (c->cong.pacing_rate == U64_MAX || c->tmr.now >= c->cong.pace_ns)
		return true;
	tcp_timer_set(c, TCP_TMR_PACE, c->cong.pace_ns);
	return false;
}

static void output_pace(struct tcp_conn *c, u32 len)
{
	u64 wait;

	if (c->cong.pacing_rate == U64_MAX)
		return;
	/* The first window goes unpaced, as long as nothing is known (as Linux has it). */
	if (c->stat.data_out <= PACE_FREE)
		return;
	wait = div64_u64((u64)len * TCP_NSEC_PER_SEC, max_t(u64, c->cong.pacing_rate, 1));
	/* A timer that came late is made up for, in part; if it need not be exact, wholly. */
	if (c->tmr.now > c->cong.pace_ns + (c->cong.spread ? PACE_LATE_NS : 0)) {
		wait -= min(wait / 2, c->tmr.now - c->cong.pace_ns);
		c->cong.pace_ns = c->tmr.now;
	}
	c->cong.pace_ns += wait;
}

/* Nothing goes, though cwnd would let it: does the peer's window hold it back? */
static bool output_rwnd(const struct tcp_conn *c)
{
	u32 unsent = tcp_conn_unsent(c);
	s32 usable = (s32)(c->snd.una + c->snd.wnd - c->snd.nxt);

	return unsent && tcp_cong_flight(c) < c->cong.cwnd &&
	       usable < (s32)min_t(u32, unsent, c->snd.mss);
}

/* Is it the FIN's turn, and does it fit? */
static bool output_bare_fin(const struct tcp_conn *c)
{
	return c->snd.fin == TCP_FIN_QUEUED && c->snd.nxt == c->snd.end &&
	       seq_lt(c->snd.nxt, c->snd.una + c->snd.wnd);
}

/* A segment larger than the MSS, to see whether the path carries it (plpmtud.c). */
static enum tcp_pmtud_verdict output_probe(struct tcp_conn *c)
{
	enum tcp_pmtud_verdict verdict;
	struct tcp_seg *seg;
	bool probe;
	u32 text;

	verdict = tcp_pmtud_wanted(c, &text);
	if (verdict != TCP_PMTUD_PROBE)
		return verdict;
	if (!tcp_env_may_send(c) || !output_paced(c) || tcp_env_gather(c, text) < text)
		return TCP_PMTUD_NO;
	seg = tcp_env_carve(c, text);
	if (!seg)
		return TCP_PMTUD_NO;
	probe = seg->len == text;
	if (!output_one(c, seg, probe ? 1 : tcp_rtx_count(c, seg->len)))
		return TCP_PMTUD_NO;
	if (probe)
		tcp_pmtud_sent(c, seg);
	output_pace(c, seg->len);
	return TCP_PMTUD_PROBE;
}

#define JOIN_BELOW	32768U	/* octets of a buffer that is worth an emission of its own */

/**
 * tcp_output_new() - send new text, and the FIN after it, as far as it may go
 * @c: the connection
 * @force: 0, or segments that go whatever cwnd, Nagle, SWS and cork say (not the peer's window)
 *
 * Return: true if something went.
 */
bool tcp_output_new(struct tcp_conn *c, u32 force)
{
	bool any, first = !c->rtx.packets, rwnd = false;
	enum tcp_pmtud_verdict probe = TCP_PMTUD_NO;

	/* A window that is shut ends no silence. */
	if (first && seq_lt(c->snd.nxt, c->snd.una + c->snd.wnd))
		tcp_cong_idle(c);
	if (c->pmtud.on && !force && tcp_conn_unsent(c))
		probe = output_probe(c);
	any = probe == TCP_PMTUD_PROBE;
	while (probe != TCP_PMTUD_WAIT && tcp_env_may_send(c)) {
		u32 len = tcp_conn_unsent(c) ? output_length(c, force) : 0, hint;
		struct tcp_seg *seg;

		if (!len && !output_bare_fin(c)) {
			rwnd = output_rwnd(c);
			break;
		}
		if (!output_paced(c))
			break;
		/*
		 * Rather whole segments at a buffer's end than a short one in the stream. A large
		 * buffer that has them goes as it is: to join it costs more than it saves.
		 */
		hint = len > c->snd.mss ? tcp_env_carve_hint(c) : len;
		if (hint < len) {
			bool whole = hint >= max(len / 2, JOIN_BELOW) && !(hint % c->snd.mss);

			len = whole ? hint : tcp_env_gather(c, len);
		}
		seg = tcp_env_carve(c, len);
		if (!seg) {
			c->out |= TCP_OUT_NOMEM;
			break;
		}
		/* The override time-out: it has been waited for long enough. */
		if (force && first && seg->len)
			seg->flags |= TCPF_PSH;
		if (!output_one(c, seg, tcp_rtx_count(c, seg->len)))
			break;
		output_pace(c, seg->len);
		any = true;
		if (force)
			break;
	}
	if (any) {
		tcp_cong_sent(c, first);
		tcp_delack_data_sent(c);
		tcp_tlp_schedule(c);
	} else if (tcp_conn_unsent(c) && tcp_cong_flight(c) >= c->cong.cwnd) {
		c->cong.limited = true;
	}
	if (rwnd)
		tcp_chrono(c, TCP_CHRONO_RWND);
	else if (unlikely(c->stat.writer_waits) && tcp_chrono_sndbuf(c))
		tcp_chrono(c, TCP_CHRONO_SNDBUF);
	else
		tcp_chrono(c, TCP_CHRONO_BUSY);
	return any;
}

/* ---- all of it ---- */

/* The ACK that nothing carried: now, or by timer. */
static void output_ack(struct tcp_conn *c)
{
	if (c->out & TCP_OUT_ACK || (c->rcv.nxt != c->rcv.wup && tcp_delack_due(c))) {
		tcp_emit_ack(c);
		return;
	}
	if (c->rcv.nxt != c->rcv.wup && !tcp_timer_on(c, TCP_TMR_DELACK))
		tcp_timer_set(c, TCP_TMR_DELACK, c->tmr.now + TCP_NSEC_PER_USEC *
			      (u64)clamp_t(u32, c->ackd.ato_us, c->par->delack_min_us,
					   c->par->delack_max_us));
}

void tcp_conn_flush(struct tcp_conn *c, u64 now)
{
	tcp_clock_set(c, now);
	if ((!tcp_state_in(c, TCP_SYNCHRONIZED) && !tcp_fast_may_send(c)) ||
	    c->state == TCPS_TIME_WAIT)
		return;
	/* Text carries no SACK blocks: what they tell goes ahead of it. */
	if (c->out & TCP_OUT_ACK && (c->ooo.n_block || c->ooo.dsack_due))
		tcp_emit_ack(c);
	if (c->rtx.lost > c->rtx.retrans)
		tcp_output_lost(c);
	if (tcp_output_pending(c) && (tcp_state_in(c, TCP_CAN_SEND) || tcp_fast_may_send(c)))
		tcp_output_new(c, 0);
	output_ack(c);
	if (c->out & TCP_OUT_NOMEM) {
		c->out &= ~TCP_OUT_NOMEM;
		tcp_timer_set(c, TCP_TMR_PACE, c->tmr.now +
			      c->par->rto_min_us / 4ULL * TCP_NSEC_PER_USEC);
	}
	tcp_persist_check(c);
}
