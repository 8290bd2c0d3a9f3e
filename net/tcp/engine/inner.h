/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine's organs offer each other. Not for the embedding.
 *
 * Calls go: arrive -> {ack -> {sack, loss -> rack, cong}, text -> ooo}; flush -> output -> emit.
 * Time is c->tmr.now, written on entry from outside.
 */
#ifndef _PLUMB_TCP_ENGINE_INNER_H
#define _PLUMB_TCP_ENGINE_INNER_H

#include "cong.h"
#include "engine.h"
#include "env.h"
#include "tree.h"

/* Verdict of a step of SEGMENT ARRIVES: go on with the next step, or an enum tcp_arrival. */
#define TCP_STEP_ON	(-1)

/* Members of a set of states. */
#define TCP_IN(state)	(1U << (state))
#define TCP_SYNCHRONIZED	(~(TCP_IN(TCPS_CLOSED) | TCP_IN(TCPS_LISTEN) | \
				   TCP_IN(TCPS_SYN_SENT) | TCP_IN(TCPS_SYN_RECEIVED)))
#define TCP_CAN_SEND	(TCP_IN(TCPS_ESTABLISHED) | TCP_IN(TCPS_CLOSE_WAIT) | \
			 TCP_IN(TCPS_FIN_WAIT_1) | TCP_IN(TCPS_CLOSING) | TCP_IN(TCPS_LAST_ACK))
#define TCP_CAN_RECV	(TCP_IN(TCPS_ESTABLISHED) | TCP_IN(TCPS_FIN_WAIT_1) | \
			 TCP_IN(TCPS_FIN_WAIT_2))

static inline bool tcp_state_in(const struct tcp_conn *c, u32 set)
{
	return TCP_IN(c->state) & set;
}

/* What the route to the peer says, before what the namespace does. */
static inline u32 tcp_rto_min_us(const struct tcp_conn *c)
{
	return c->route.rto_min_us ? c->route.rto_min_us : c->par->rto_min_us;
}

#define TCP_MSS_DEFAULT	536U		/* RFC 9293 3.7.1, MUST-15 */
#define TCP_WND_MAX	0x40000000U	/* RFC 7323 2.3 */
#define TCP_TSO_MAX	65455U		/* octets of text in one emission: 65535 less headers */

/*
 * struct tcp_ack_ctx - what one ACK brings, collected while it is taken in
 * @una: SND.UNA before it
 * @flight: packets in flight before it
 * @acked: octets it acknowledges newly
 * @delivered: packets newly known to have arrived, cumulatively or by SACK
 * @pkts: packets that left the queue at its front
 * @sacked: packets newly SACKed
 * @lost: packets newly deemed lost
 * @first_us: when the first record was sent that was acknowledged and never sent again; valid if
 *	@timed
 * @last_us: the same of the last one
 * @sack_us: the same of the last one SACKed; valid if @sack_timed
 * @now_us: time of arrival
 * @rtt_us: round trip for the RTO, or -1
 * @echo_us: when what it echoes was sent, to 1 ms; valid if @echo
 * @reord: lowest octet that arrived after one sent later; valid if @reordered
 * @rtx_acked: among what was acknowledged is something that had been sent again
 * @orig: among what was acknowledged or SACKed is something never sent again from before the
 *	recovery point
 * @dup: it is a duplicate ACK (RFC 5681 2)
 * @dsack: it carries a DSACK (RFC 2883)
 * @wnd: it changed SND.WND
 * @ece: it carries ECE
 */
struct tcp_ack_ctx {
	u32	una, flight;
	u32	acked, delivered, pkts, sacked, lost;
	u32	first_us, last_us, sack_us, now_us;
	s32	rtt_us;
	u32	echo_us;
	u32	reord;
	bool	timed, sack_timed, reordered, echo;
	bool	rtx_acked, orig, dup, dsack, wnd, ece, has_text;
};

/*
 * A call brings the time. Whoever read it may have waited for the connection meanwhile: it never
 * goes back, or our timestamps would (and the peer's PAWS drop the segment).
 */
static inline void tcp_clock_set(struct tcp_conn *c, u64 now)
{
	if (now > c->tmr.now)
		c->tmr.now = now;
}

/* state.c */
void tcp_state_set(struct tcp_conn *c, u8 to);

/* conn.c */
void tcp_conn_over(struct tcp_conn *c, int err);
void tcp_conn_enter_time_wait(struct tcp_conn *c);
void tcp_conn_established(struct tcp_conn *c);
void tcp_conn_fin_acked(struct tcp_conn *c);
void tcp_conn_fin_came(struct tcp_conn *c);
void tcp_mss_update(struct tcp_conn *c);
void tcp_mss_agree(struct tcp_conn *c, u16 offered);

u32 tcp_mss_options(const struct tcp_conn *c);

/* SendMSS (RFC 9293 3.7.1). An option that says 0 says nothing. */
static inline u16 tcp_mss_offered(const struct tcp_options *opt)
{
	return opt->has & TCPO_MSS && opt->mss ? opt->mss : TCP_MSS_DEFAULT;
}

/* timers.c */
void tcp_timer_set(struct tcp_conn *c, enum tcp_timer which, u64 at);
static inline void tcp_timer_stop(struct tcp_conn *c, enum tcp_timer which)
{
	c->tmr.at[which] = TCP_NEVER;
}

static inline bool tcp_timer_on(const struct tcp_conn *c, enum tcp_timer which)
{
	return c->tmr.at[which] != TCP_NEVER;
}

/* ack.c */
int tcp_ack_step(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_ack_window(struct tcp_conn *c, const struct tcp_segin *in);

/* sack.c */
void tcp_sack_take(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_ack_ctx *a);

/* rtx.c */
void tcp_rtx_mark(struct tcp_conn *c, struct tcp_seg *seg, u8 set, u8 clear);
void tcp_rtx_fresh(struct tcp_conn *c);
struct tcp_seg *tcp_rtx_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len);
void tcp_rtx_clamp(struct tcp_conn *c);
bool tcp_rtx_cut(struct tcp_conn *c, struct tcp_seg *seg, u32 packets);
void tcp_rtx_sent(struct tcp_conn *c, struct tcp_seg *seg);
void tcp_rtx_sent_again(struct tcp_conn *c, struct tcp_seg *seg);
void tcp_rtx_clean(struct tcp_conn *c, u32 ack, struct tcp_ack_ctx *a);
void tcp_rtx_mark_all_lost(struct tcp_conn *c, bool renege);
void tcp_rtx_forget_lost(struct tcp_conn *c);
void tcp_rtx_resize(struct tcp_conn *c);
void tcp_rtx_purge(struct tcp_conn *c);
u16 tcp_rtx_count(const struct tcp_conn *c, u32 len);

/* loss.c */
void tcp_loss_on_ack(struct tcp_conn *c, struct tcp_ack_ctx *a, const struct tcp_segin *in);
void tcp_loss_enter_rto(struct tcp_conn *c);
void tcp_loss_enter_cwr(struct tcp_conn *c, bool mark);
void tcp_loss_enter_mtu(struct tcp_conn *c);
void tcp_loss_on_dsack(struct tcp_conn *c, u32 packets, u32 end, u32 una);
static inline bool tcp_loss_quiet(const struct tcp_conn *c)
{
	return c->loss.phase == TCP_PHASE_OPEN && !c->rtx.sacked && !c->rtx.lost &&
	       !c->loss.tlp_out;
}

/* prr.c */
void tcp_prr_begin(struct tcp_conn *c);
void tcp_prr_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a);

/* rack.c */
void tcp_rack_advance(struct tcp_conn *c, const struct tcp_seg *seg,
		      const struct tcp_ack_ctx *a);
u32 tcp_rack_detect(struct tcp_conn *c, u32 now_us);
void tcp_rack_dsack(struct tcp_conn *c);
void tcp_rack_round(struct tcp_conn *c);

/* tlp.c */
void tcp_tlp_schedule(struct tcp_conn *c);
void tcp_tlp_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a);
void tcp_loss_timer(struct tcp_conn *c);

/* rto.c */
void tcp_rtt_init(struct tcp_conn *c);
void tcp_rtt_sample(struct tcp_conn *c, u32 us);
u64 tcp_rto_ns(const struct tcp_conn *c);
void tcp_rto_restart(struct tcp_conn *c);
void tcp_rto_open(struct tcp_conn *c);
bool tcp_rto_over(struct tcp_conn *c);
u64 tcp_rto_waited_ms(const struct tcp_conn *c);
void tcp_rto_give_up(struct tcp_conn *c);
void tcp_rto_refused(struct tcp_conn *c);
void tcp_rto_again(struct tcp_conn *c, u64 ns);
void tcp_rto_recovered(struct tcp_conn *c);
void tcp_rto_timer(struct tcp_conn *c);

/* past.c */
void tcp_past_open(struct tcp_conn *c);

/* chrono.c */
bool tcp_chrono_sndbuf(const struct tcp_conn *c);

/* persist.c */
void tcp_persist_check(struct tcp_conn *c);
void tcp_persist_timer(struct tcp_conn *c);

/* cong.c */
void tcp_cong_init(struct tcp_conn *c, const struct tcp_cc_ops *ops);
void tcp_cong_start(struct tcp_conn *c);
void tcp_cong_phase(struct tcp_conn *c, u8 to);
void tcp_cong_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a);
void tcp_cong_idle(struct tcp_conn *c);
void tcp_cong_sent(struct tcp_conn *c, bool first);
void tcp_cong_user(struct tcp_conn *c);
void tcp_cong_spread(struct tcp_conn *c);
void tcp_cong_validate(struct tcp_conn *c);
u32 tcp_cong_ssthresh(struct tcp_conn *c, bool mark);

/* output.c */
bool tcp_output_new(struct tcp_conn *c, u32 force);
bool tcp_output_lost(struct tcp_conn *c);
bool tcp_output_again(struct tcp_conn *c, struct tcp_seg *seg, u32 packets);
static inline bool tcp_output_pending(const struct tcp_conn *c)
{
	return c->snd.fin == TCP_FIN_QUEUED || seq_lt(c->snd.nxt, c->snd.end);
}

/* plpmtud.c */
enum tcp_pmtud_verdict {
	TCP_PMTUD_NO,
	TCP_PMTUD_WAIT,
	TCP_PMTUD_PROBE,
};

void tcp_pmtud_init(struct tcp_conn *c, bool passive);
enum tcp_pmtud_verdict tcp_pmtud_wanted(struct tcp_conn *c, u32 *text);
void tcp_pmtud_sent(struct tcp_conn *c, const struct tcp_seg *seg);
void tcp_pmtud_refused(struct tcp_conn *c, u32 text);
void tcp_pmtud_passed(struct tcp_conn *c);
bool tcp_pmtud_lost(struct tcp_conn *c);
void tcp_pmtud_black_hole(struct tcp_conn *c);

/* chrono.c */
void tcp_chrono(struct tcp_conn *c, u8 what);
u64 tcp_chrono_us(const struct tcp_conn *c, u8 what, u64 now);

/* emit.c */
int tcp_emit_text(struct tcp_conn *c, struct tcp_seg *seg);
void tcp_emit_ack(struct tcp_conn *c);
int tcp_emit_probe(struct tcp_conn *c, u32 seq);
void tcp_emit_rst(struct tcp_conn *c);
void tcp_emit_rst_for(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_emit_syn(struct tcp_conn *c);
void tcp_emit_syn_fast(struct tcp_conn *c, const struct tcp_fast_syn *f);

/* window.c */
u32 tcp_window_select(struct tcp_conn *c);
u32 tcp_window_unscaled(const struct tcp_params *par);
u32 tcp_window_left(const struct tcp_conn *c);
void tcp_window_read(struct tcp_conn *c);
void tcp_window_measure(struct tcp_conn *c, const struct tcp_segin *in);

/* delack.c */
void tcp_delack_init(struct tcp_conn *c);
void tcp_delack_text(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_delack_sent(struct tcp_conn *c);
void tcp_delack_writer(struct tcp_conn *c);
void tcp_delack_timer(struct tcp_conn *c);
void tcp_delack_quick(struct tcp_conn *c, u32 segs);
bool tcp_delack_due(const struct tcp_conn *c);
bool tcp_delack_drained(const struct tcp_conn *c);
void tcp_delack_data_sent(struct tcp_conn *c);

/* keepalive.c */
void tcp_keep_start(struct tcp_conn *c);
void tcp_keep_timer(struct tcp_conn *c);

/* ts.c */
u32 tcp_ts_clock(const struct tcp_conn *c);
bool tcp_ts_paws(const struct tcp_conn *c, const struct tcp_segin *in);
void tcp_ts_take(struct tcp_conn *c, const struct tcp_segin *in);
s32 tcp_ts_rtt_us(const struct tcp_conn *c, const struct tcp_segin *in);

/* text.c */
int tcp_text_step(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg);

/* ooo.c */
int tcp_ooo_add(struct tcp_conn *c, struct tcp_seg *seg);
bool tcp_ooo_deliver(struct tcp_conn *c);
void tcp_ooo_dsack(struct tcp_conn *c, u32 start, u32 end);
void tcp_ooo_purge(struct tcp_conn *c);
void tcp_ooo_options(struct tcp_conn *c, struct tcp_options *opt);
void tcp_ooo_advance(struct tcp_conn *c);

/* urg.c */
void tcp_urg_step(struct tcp_conn *c, const struct tcp_segin *in);

/* challenge.c */
bool tcp_oow_paced(const struct tcp_params *par, u32 *last_ms, u64 now);
bool tcp_oow_limited(const struct tcp_params *par, u32 *last_ms, const struct tcp_segin *in,
		     u64 now);
void tcp_challenge(struct tcp_conn *c);
void tcp_challenge_oow(struct tcp_conn *c, const struct tcp_segin *in);

/* open.c: SEGMENT ARRIVES in SYN-SENT */
int tcp_syn_sent_arrives(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg);
void tcp_open_options(struct tcp_conn *c, const struct tcp_options *opt);

/* fast.c */
void tcp_fast_synack(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_fast_timeout(struct tcp_conn *c, bool over);
void tcp_fast_odd(struct tcp_conn *c);
u32 tcp_fast_retrans(const struct tcp_conn *c);
/*
 * Is what ends at @end text that the SYN carried already? It goes again then, whole as it was: no
 * small segment that the user writes one by one (Nagle).
 */
static inline bool tcp_fast_again(const struct tcp_conn *c, u32 end)
{
	return end - (c->snd.iss + 1) <= c->fast.len;
}

static inline bool tcp_fast_may_send(const struct tcp_conn *c)
{
	return c->state == TCPS_SYN_RECEIVED && c->fast.flags & TCP_FAST_PASSIVE;
}

/* ecn.c */
/* Does the algorithm want every packet marked ECT, and each mark echoed (RFC 8257)? */
static inline bool tcp_ecn_exact(const struct tcp_conn *c)
{
	return c->cong.ops->flags & TCP_CC_ECN;
}

void tcp_ecn_syn(struct tcp_conn *c, struct tcp_segout *out);
void tcp_ecn_syn_came(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_ecn_arrives(struct tcp_conn *c, const struct tcp_segin *in);
void tcp_ecn_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a);
void tcp_ecn_text(struct tcp_conn *c, struct tcp_segout *out, bool again);
void tcp_ecn_ack(const struct tcp_conn *c, struct tcp_segout *out);

/* Bits of cong.ecn, after TCP_ECN_OK and TCP_ECN_ECHO. */
#define TCP_ECN_CWR	0x04	/* say CWR with the next new text */
#define TCP_ECN_ASKED	0x08	/* our SYN asked for it */
#define TCP_ECN_SEEN	0x10	/* something ECT or CE came */

#endif /* _PLUMB_TCP_ENGINE_INNER_H */
