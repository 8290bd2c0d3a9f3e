/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP engine's face: RFC 9293 as a pure state machine.
 *
 * The engine owns no memory, knows no payload, no lock, no socket and no clock: a call brings
 * in what happened and when (@now, nanoseconds of a monotonic clock); what is to be done leaves
 * through the functions of env.h, which the embedding defines (the module in net/tcp/, the
 * simulator in selftests/sim/). All calls on one connection are serialised by the
 * embedding; calls on different connections share nothing that is written.
 *
 * Three kinds of record hold a peer, each no larger than it must be:
 *   struct tcp_half	a SYN was answered (passive SYN-RECEIVED)
 *   struct tcp_conn	the TCB of a connection: all other states
 *   struct tcp_tw	TIME-WAIT, and FIN-WAIT-2 of an orphan
 */
#ifndef _PLUMB_TCP_ENGINE_H
#define _PLUMB_TCP_ENGINE_H

#include "types.h"
#include "../../../include/plumb/cc.h"
#include "../../wire/tcp.h"

/* States of RFC 9293 3.3.2, numbered as Linux shows them in tcp_info and /proc/net/tcp. */
enum tcp_conn_state {
	TCPS_ESTABLISHED = 1,
	TCPS_SYN_SENT,
	TCPS_SYN_RECEIVED,
	TCPS_FIN_WAIT_1,
	TCPS_FIN_WAIT_2,
	TCPS_TIME_WAIT,
	TCPS_CLOSED,
	TCPS_CLOSE_WAIT,
	TCPS_LAST_ACK,
	TCPS_LISTEN,
	TCPS_CLOSING,
};

/* Node of the engine's search tree (tree.c); fields belong to tree.c. */
struct tcp_node {
	struct tcp_node *left, *right, *up;
};

/**
 * struct tcp_seg - record of a range of the stream, sent or received out of order
 * @node: in conn.rtx or conn.ooo
 * @seq: first octet
 * @len: octets of text
 * @xmit_us: when it was last sent (µs, wraps)
 * @min_us: least @xmit_us from this node down among what is in flight (kept by the tree)
 * @flags: TCPF_FIN, TCPF_SYN, TCPF_PSH, TCPF_URG it carries
 * @mark: TCP_SEG_*
 * @xmits: times sent
 * @below: what there is from this node down (kept by the tree)
 * @n_mss: segments on the wire
 * @spare: the embedding's, who sets it before it hands the record over
 *
 * The embedding keeps one with each buffer (in skb->cb) and finds its buffer from it. Owned by
 * the engine from tcp_env_carve() (sent) or an accepting tcp_conn_arrives() (received) until the
 * engine gives it to tcp_env_acked(), tcp_env_deliver() or tcp_env_discard().
 */
struct tcp_seg {
	struct tcp_node	node;
	u32		seq;
	u32		len;
	u32		xmit_us;
	u32		min_us;
	u8		flags;
	u8		mark;
	u8		xmits;
	u8		below;
	u16		n_mss;
	u16		spare;
};

#define TCP_SEG_SACKED		0x01	/* reported in a SACK block */
#define TCP_SEG_LOST		0x02	/* deemed lost, to be sent again */
#define TCP_SEG_RETRANS		0x04	/* the retransmission is in flight */
#define TCP_SEG_EVER_RETRANS	0x08	/* Karn: gives no RTT sample without a timestamp */
#define TCP_SEG_GAP		0x10	/* out of order: something is missing right before it */

/* What happened to a segment that arrived. */
enum tcp_arrival {
	TCP_ARR_TAKEN,		/* its record is the engine's (or already delivered) */
	TCP_ARR_SPENT,		/* all used; the embedding frees it */
	TCP_ARR_OLD,		/* dropped: left of the window, duplicate */
	TCP_ARR_WINDOW,		/* dropped: right of the window */
	TCP_ARR_PAWS,		/* dropped: RFC 7323 5 */
	TCP_ARR_ACK,		/* dropped: unacceptable ACK */
	TCP_ARR_FLAGS,		/* dropped: control bits not acceptable in this state */
	TCP_ARR_RESET,		/* it reset the connection */
	TCP_ARR_CLOSED,		/* dropped: data after our close */
	TCP_ARR_OOO_LIMIT,	/* dropped: out-of-order queue over its bound */
};

/* What the embedding is told through tcp_env_event(). */
enum tcp_event {
	TCP_EV_ESTABLISHED,	/* connection is open; @arg 0 */
	TCP_EV_READABLE,	/* in-order octets, or FIN, or urgent data came */
	TCP_EV_WRITABLE,	/* octets were acknowledged: send buffer may have room */
	TCP_EV_FIN,		/* peer's FIN is next to read: end of file */
	TCP_EV_URGENT,		/* urgent pointer advanced: SIGURG */
	TCP_EV_ERROR,		/* connection is over; @arg: positive errno (ECONNRESET …) */
	TCP_EV_SOFT_ERROR,	/* a soft ICMP error; @arg: positive errno */
	/* tcp_tw_from_conn() after this call, unless that ended in CLOSED; may come twice */
	TCP_EV_TIME_WAIT,
	TCP_EV_CLOSED,		/* state is CLOSED in order: last record may go */
	TCP_EV_LEARNED,		/* it ends in order: tcp_conn_learned() tells of the path */
	TCP_EV_PATH,		/* delivery in doubt: look for another route (R1, RFC 9293 3.8.3) */
	TCP_EV_TIMEOUT,		/* nothing came for a time-out: of several ways take another */
	TCP_EV_FAST_HOLE,	/* Fast Open seems to be what the path swallows */
};

/*
 * Deadlines of a connection: one kernel timer serves the earliest. Of those that are due together
 * the first goes first: a tail loss probe, or RACK, puts the time-out off (RFC 8985 7.2, 8).
 */
enum tcp_timer {
	TCP_TMR_LOSS,		/* RACK reordering, tail loss probe (RFC 8985) */
	TCP_TMR_RTO,		/* retransmission (RFC 6298); persist (RFC 9293 3.8.6.1) */
	TCP_TMR_DELACK,		/* delayed acknowledgment (RFC 9293 3.8.6.3) */
	TCP_TMR_KEEP,		/* keep-alive (RFC 9293 3.8.4), FIN-WAIT-2 */
	TCP_TMR_PACE,		/* next send by the pacing rate */
	TCP_TMR_NR
};

/*
 * struct tcp_params - settings of a namespace, in the engine's units; constant during a call
 *
 * Times in ms unless named otherwise. The embedding fills it from net.plumb.tcp_*.
 */
struct tcp_params {
	u32	rto_min_us, rto_max_us, rto_init_us;
	u32	delack_min_us, delack_max_us;
	u32	keep_idle_ms, keep_intvl_ms;
	u32	fin_timeout_ms, time_wait_ms;
	u32	init_cwnd;			/* segments (RFC 6928) */
	u32	reordering;			/* initial duplicate threshold */
	u32	base_mss, min_snd_mss;
	u32	max_reordering;
	u32	ooo_max_segs;
	u32	challenge_ack_limit;		/* a second, per namespace */
	u32	invalid_ratelimit_ms;		/* between ACKs for unacceptable segments */
	u32	min_rtt_wlen_ms;		/* window of the least RTT */
	u32	pacing_ss_ratio, pacing_ca_ratio;	/* per cent of cwnd/srtt; 0: do not pace */
	u32	mtu_probe_floor;		/* octets */
	s32	probe_threshold;		/* octets: a narrower search has ended */
	u32	probe_interval;			/* seconds until the next one */
	u8	keep_probes;
	u8	syn_retries, synack_retries, retries1, retries2, orphan_retries;
	bool	timestamps, sack, dsack, wscale, rfc1337, slow_start_after_idle;
	bool	moderate_rcvbuf, workaround_signed_windows, ecn_fallback, shrink_window;
	bool	thin_linear_timeouts;
	u8	ecn, tw_reuse, mtu_probing;
	u8	recovery;			/* bits: 2 static window, 4 no dupthresh */
	u8	early_retrans;			/* tcp_early_retrans: 3 or 4: tail loss probe */
	u8	frto;
	u8	min_tso_segs;
	u8	syn_linear_timeouts;
	u8	tso_win_divisor;		/* part of the window that is worth sending */
	u8	tso_rtt_log;			/* 2^it us: round trip that halves emissions */
	u8	pingpong_thresh;		/* answers that make a connection interactive */
	bool	stdurg;				/* RFC 1122's urgent pointer */
};

/* Send sequence variables (RFC 9293 3.3.1), and what is kept with them. */
struct tcp_snd {
	u32	una, nxt;		/* SND.UNA, SND.NXT */
	u32	wnd;			/* SND.WND, octets */
	u32	wl1, wl2;		/* SND.WL1, SND.WL2 */
	u32	up;			/* SND.UP */
	u32	iss;
	u32	max_wnd;		/* MAX.SND.WND (RFC 9293 3.8.6.2.1) */
	u32	end;			/* octets written by the user end here (not FIN) */
	u32	push;			/* written up to here when a PSH was last asked for */
	u32	sml;			/* end of the last small segment sent (Minshall's Nagle) */
	u16	mss;			/* Eff.snd.MSS less options of a data segment */
	u16	mss_peer;		/* SendMSS: the peer's MSS option, or 536; TCP_MAXSEG */
	u16	mss_path;		/* what the path's MTU allows */
	u16	tso;			/* most octets of text in one emission: whole mss */
	u16	gso_octets, gso_segs;	/* the device's bounds of an emission: text, segments */
	u8	wscale;			/* shift of windows we receive */
	u8	fin;			/* TCP_FIN_*: none, queued, sent, acknowledged */
	bool	urg;			/* SND.UP is ahead of SND.UNA */
};

/* Receive sequence variables. */
struct tcp_rcv {
	u32	nxt, wnd, up;		/* RCV.NXT, RCV.WND, RCV.UP */
	u32	irs;
	u32	wup;			/* RCV.NXT when the last window was sent */
	u32	read;			/* user has read up to here */
	u32	mss;			/* largest segment seen (for delayed ACK) */
	u8	wscale;			/* shift of windows we send */
	bool	urg;			/* RCV.UP is ahead of what was read */
	u16	advmss;			/* MSS option we sent */
};

/* Options the user may set at any time; the embedding writes, the engine reads. */
struct tcp_user {
	u64	max_pacing_rate;		/* octets a second; ~0: none */
	u32	keep_idle_ms, keep_intvl_ms;	/* 0: the namespace's */
	u32	user_timeout_ms;		/* 0: R2 decides */
	u32	notsent_lowat;
	int	linger2_ms;
	u32	window_clamp;
	u16	maxseg;
	u8	keep_probes, syn_retries;
	bool	keepalive, nodelay, cork;
	bool	thin_linear_timeouts;
	bool	orphan;				/* no user any more */
};

/* What the route to the peer says; 0: nothing. The embedding writes it before the opening. */
struct tcp_route {
	u32	rto_min_us;
	u16	advmss;
	u16	init_cwnd;
	u16	init_rwnd;			/* segments */
	bool	quickack;
};

/* The rest of the TCB, one struct by value per organ; see the organ's file. */
#include "organs.h"

/*
 * struct tcp_conn - the TCB of one connection
 *
 * Guarded by the embedding, which serialises all calls. Zeroed, then tcp_conn_init().
 */
struct tcp_conn {
	u8			state;		/* written by tcp_state_set() alone */
	u8			shut;		/* TCP_SHUT_*: what the user closed */
	u8			out;		/* TCP_OUT_*: what tcp_conn_flush() owes */
	u8			opts;		/* TCPO_*: agreed with the peer */
	const struct tcp_params	*par;
	struct tcp_snd		snd;
	struct tcp_rcv		rcv;
	struct tcp_rtx		rtx;		/* retransmission queue and its counts */
	struct tcp_ooo		ooo;		/* out-of-order queue, SACK blocks to send */
	struct tcp_ts		ts;		/* timestamps (RFC 7323) */
	struct tcp_rtt		rtt;		/* RTT and RTO (RFC 6298) */
	struct tcp_loss		loss;		/* recovery state */
	struct tcp_cong		cong;		/* cwnd, ssthresh, algorithm */
	struct tcp_ackd		ackd;		/* delayed acknowledgment */
	struct tcp_timers	tmr;
	struct tcp_user		user;
	struct tcp_route	route;
	struct tcp_fast		fast;		/* Fast Open (RFC 7413) */
	struct tcp_pmtud	pmtud;		/* path MTU by probes (RFC 4821) */
	struct tcp_stat		stat;		/* for TCP_INFO */
};

/* ---- a connection's life (conn.c) ---- */

/**
 * tcp_conn_init() - make a TCB ready, in state CLOSED
 * @c: zeroed memory
 * @par: settings, must outlive @c
 * @cc: congestion control
 * @now: ns
 */
void tcp_conn_init(struct tcp_conn *c, const struct tcp_params *par,
		   const struct tcp_cc_ops *cc, u64 now);

/**
 * tcp_conn_open() - active OPEN (RFC 9293 3.10.1): CLOSED -> SYN-SENT, and sends the SYN
 * @c: a connection in CLOSED; user options are set
 * @iss: initial send sequence number (RFC 6528)
 * @ts_offset: added to our timestamps
 * @mss_path: text octets the path's MTU allows, timestamps not subtracted
 * @wscale: window shift to offer
 * @now: ns
 */
void tcp_conn_open(struct tcp_conn *c, u32 iss, u32 ts_offset, u16 mss_path, u8 wscale, u64 now);

/**
 * tcp_conn_arrives() - SEGMENT ARRIVES (RFC 9293 3.10.7), for every state of a TCB
 * @c: the connection
 * @in: the segment
 * @seg: its record if it has text or FIN, else may be NULL; @seg->seq, len and flags are set from
 *	@in by the engine
 * @now: ns
 *
 * Sends nothing itself but what the RFC wants sent for this very segment (a RST, a challenge
 * ACK); the embedding calls tcp_conn_flush() once after the last segment of a burst.
 *
 * Return: what became of it; TCP_ARR_TAKEN: @seg belongs to the engine.
 */
enum tcp_arrival tcp_conn_arrives(struct tcp_conn *c, const struct tcp_segin *in,
				  struct tcp_seg *seg, u64 now);

/*
 * Sends what is owed after a burst or a user's call: data, retransmissions, the ACK, a window
 * update.
 */
void tcp_conn_flush(struct tcp_conn *c, u64 now);

/**
 * tcp_conn_wrote() - SEND (3.10.2): the user wrote into the embedding's buffer
 * @c: the connection
 * @len: octets
 * @push: he announces no more: they are to be pushed
 * @urgent: the last of them is urgent
 *
 * Follow with tcp_conn_flush().
 *
 * Return: true if the last octet bears a PSH. The embedding keeps that with its buffer and says so
 * in tcp_env_carve(); it may forget a mark that more is appended behind (SHLD-27).
 */
bool tcp_conn_wrote(struct tcp_conn *c, u32 len, bool push, bool urgent);

/* RECEIVE (3.10.3): the user has taken @len octets; may send a window update. */
void tcp_conn_read(struct tcp_conn *c, u32 len, u64 now);

/* CLOSE (3.10.4) of our direction: FIN after what is queued. */
void tcp_conn_shutdown(struct tcp_conn *c, u64 now);

/*
 * The user has gone (close(2)); what was received and not read makes it a RST (RFC 2525 2.17).
 * @unread: octets
 */
void tcp_conn_close(struct tcp_conn *c, u32 unread, u64 now);

/* ABORT (3.10.5): RST if the state wants one; all records are given back. */
void tcp_conn_abort(struct tcp_conn *c, u64 now);

/* Gives every record back, stops the timers; state is CLOSED after it. No segment is sent. */
void tcp_conn_purge(struct tcp_conn *c);

/* The armed timer ran out (or later). Ends with a flush. */
void tcp_conn_timer(struct tcp_conn *c, u64 now);

/**
 * tcp_conn_icmp() - an ICMP error about a segment of ours came (RFC 9293 3.9.2.2, RFC 5927)
 * @c: the connection
 * @seq: sequence number of the segment in error
 * @err: positive errno
 * @fatal: a hard error
 * @mss_path: for "fragmentation needed", the new value of tcp_conn_open()'s; else 0
 * @now: ns
 *
 * Return: it was about something in flight; else it is to have no effect.
 */
bool tcp_conn_icmp(struct tcp_conn *c, u32 seq, int err, bool fatal, u16 mss_path, u64 now);

/**
 * tcp_conn_set_gso() - bound what is emitted at once by what the device takes
 * @c: the connection, initialized
 * @octets: of text in one emission; more than the largest IPv4 packet holds is no bound
 * @segs: segments in one emission, at least 1
 *
 * In force from the next tcp_conn_set_path() or opening on.
 */
void tcp_conn_set_gso(struct tcp_conn *c, u32 octets, u32 segs);

/* What the device takes at once, octets: whole segments. What is sent at once may be less. */
u32 tcp_tso_most(const struct tcp_conn *c);

/* Segments that may be in flight when nothing, or no more, is known of the path (RFC 6928). */
static inline u32 tcp_conn_first_cwnd(const struct tcp_conn *c)
{
	return c->route.init_cwnd ? c->route.init_cwnd : c->par->init_cwnd;
}

/* The path changed: text octets its MTU allows now. */
void tcp_conn_set_path(struct tcp_conn *c, u16 mss_path, u64 now);

/* A user option was written to @c->user: take it up (keep-alive, cork, nodelay …). */
void tcp_conn_user_changed(struct tcp_conn *c, u64 now);

/*
 * TCP_QUICKACK: @val 0: answers rather carry the ACK along; odd: ACKs go at once for now; even:
 * only what is owed now goes. The engine goes back to its own mind as the connection goes on.
 */
void tcp_conn_quickack(struct tcp_conn *c, int val, u64 now);

/* A writer begins to wait for room in the send buffer, or for the connection; or goes on. */
void tcp_conn_writer_waits(struct tcp_conn *c, bool waits);

/* Octets written but not yet sent, and octets sent but not acknowledged. */
static inline u32 tcp_conn_unsent(const struct tcp_conn *c)
{
	return seq_lt(c->snd.nxt, c->snd.end) ? c->snd.end - c->snd.nxt : 0;
}

static inline u32 tcp_conn_unacked(const struct tcp_conn *c)
{
	return seq_lt(c->snd.una, c->snd.end) ? seq_min(c->snd.nxt, c->snd.end) - c->snd.una : 0;
}

/**
 * tcp_conn_shed() - memory is short: give up records that arrived out of order, the last ones
 * first
 * @c: the connection
 * @records: how many at most
 *
 * Each is handed to tcp_env_discard(). What was reported in SACK blocks is reneged (RFC 2018 8).
 *
 * Return: how many were given up.
 */
u32 tcp_conn_shed(struct tcp_conn *c, u32 records);

/**
 * tcp_conn_text_lost() - there was no memory for a segment's text
 * @c: the connection
 *
 * To be called after the rest of that segment has arrived. The peer is told where we stand, as when
 * its text is outside the window (RFC 9293 3.10.7.4): it learns that we live, and what to repeat.
 */
void tcp_conn_text_lost(struct tcp_conn *c);

/* Another congestion control from now on (TCP_CONGESTION). */
void tcp_conn_set_cc(struct tcp_conn *c, const struct tcp_cc_ops *cc, u64 now);

/*
 * The rate that pacing has, or would have if it were on (cwnd over the round trip by the
 * namespace's ratios), octets a second; ~0: no round trip is known, and no bound set.
 */
u64 tcp_conn_pacing_rate(const struct tcp_conn *c);

/* Segments are signed from now on (TCP-MD5, RFC 2385), or are no more: one emission, one MSS. */
void tcp_conn_set_md5(struct tcp_conn *c, bool on, u64 now);

/* For TCP_INFO: @info in the layout of Linux 6.12's struct tcp_info (info.h). */
struct tcp_conn_info;
void tcp_conn_info(const struct tcp_conn *c, struct tcp_conn_info *info, u64 now);

extern const struct tcp_cc_ops tcp_cc_reno, tcp_cc_cubic, tcp_cc_dctcp;

/* ---- what is known of a path (past.c) ---- */

/**
 * struct tcp_past - what connections of the past learned of a path; 0: not known
 * @srtt_us: SRTT * 8
 * @var_us: RTTVAR * 4
 * @ssthresh: packets
 * @cwnd: packets
 * @reordering: packets
 */
struct tcp_past {
	u32	srtt_us;
	u32	var_us;
	u32	ssthresh;
	u32	cwnd;
	u32	reordering;
};

/**
 * tcp_conn_seed() - begin with what is known of the path
 * @c: before tcp_conn_open(), or after tcp_conn_from_half()
 * @p: what is known; RTTVAR and cwnd are not used, as in Linux
 */
void tcp_conn_seed(struct tcp_conn *c, const struct tcp_past *p);

/**
 * tcp_conn_learned() - what this connection adds to what is known of its path
 * @c: a connection that ends; may be called on TCP_EV_LEARNED, while that is being told
 * @p: what was known; becomes what is known now
 * @ssthresh: it is to be remembered, too
 *
 * Return: false if the connection never measured a round trip, or its last time-out was in vain:
 * then only the round trip of @p is forgotten, and there is no point in remembering a @p that was
 * empty.
 */
bool tcp_conn_learned(const struct tcp_conn *c, struct tcp_past *p, bool ssthresh);

/* ---- passive open (half.c) ---- */

/*
 * struct tcp_half - a SYN that was answered: SYN-RECEIVED without a TCB
 */
struct tcp_half {
	u32	irs, iss;
	u32	snd_wnd;
	u32	ts_recent, ts_offset;
	u32	rcv_wnd;		/* octets offered in the SYN-ACK */
	u64	sent_ns;		/* first SYN-ACK: RTT sample if not repeated */
	u64	deadline_ns;
	u16	mss_peer, advmss;
	u8	snd_wscale, rcv_wscale;
	u8	opts;			/* TCPO_* agreed */
	u8	retries;		/* times the SYN-ACK was sent again */
	u8	timeouts;		/* times its timer ran out */
	/* The embedding's, before tcp_half_timer(): */
	u8	max_timeouts;		/* R2 of the SYN-ACK; 0: the namespace's */
	u8	defer;			/* time-outs to wait for text (TCP_DEFER_ACCEPT) */
	bool	ecn, acked;		/* acked: third segment came, but no connection was made */
	u32	oow_ms;			/* last answer to a segment that was not acceptable */
	bool	ecn_exact;		/* the listener's algorithm has TCP_CC_ECN */
};

enum tcp_half_verdict {
	TCP_HALF_DROP,		/* drop the segment, keep the record */
	TCP_HALF_REPLY,		/* send @out, keep the record */
	TCP_HALF_GONE,		/* forget the record (RST, time-out) */
	TCP_HALF_GONE_REPLY,	/* send @out and forget the record */
	/* handshake is done: tcp_conn_from_half(), tcp_conn_arrives() with the same segment */
	TCP_HALF_OPEN,
	TCP_HALF_SKIP,		/* drop: the like was answered just now (invalid_ratelimit_ms) */
};

/**
 * tcp_listen_arrives() - a segment for a socket in LISTEN (RFC 9293 3.10.7.2)
 * @par: settings
 * @in: the segment
 * @h: filled for a SYN; @h->iss, ts_offset, advmss, rcv_wnd, rcv_wscale and ecn_exact are the
 *	embedding's input, and TCPO_MD5 in @h->opts: what is sent to this peer is signed
 * @out: answer: SYN-ACK, or RST to an ACK
 * @now: ns
 *
 * Return: TCP_HALF_DROP, TCP_HALF_GONE_REPLY (a RST), or TCP_HALF_REPLY (SYN: keep @h, send
 * @out).
 */
enum tcp_half_verdict tcp_listen_arrives(const struct tcp_params *par, const struct tcp_segin *in,
					 struct tcp_half *h, struct tcp_segout *out, u64 now);
enum tcp_half_verdict tcp_half_arrives(const struct tcp_params *par, struct tcp_half *h,
				       const struct tcp_segin *in, struct tcp_segout *out, u64 now);
/*
 * @deadline_ns passed: TCP_HALF_REPLY sends the SYN-ACK again, TCP_HALF_DROP nothing (text is still
 * waited for), TCP_HALF_GONE gives up.
 */
enum tcp_half_verdict tcp_half_timer(const struct tcp_params *par, struct tcp_half *h,
				     struct tcp_segout *out, u64 now);
/*
 * @c: after tcp_conn_init(), user options of the listener set; becomes SYN-RECEIVED, ready for the
 * segment that opened it.
 */
void tcp_conn_from_half(struct tcp_conn *c, const struct tcp_half *h, u16 mss_path, u64 now);

/* ---- Fast Open (fast.c; RFC 7413) ---- */

/* struct tcp_fast_syn - what Fast Open adds to a SYN or SYN-ACK */
struct tcp_fast_syn {
	const u8	*cookie;	/* may go after the call */
	u8		cookie_len;	/* octets; 0 in a SYN: a cookie is asked for */
	bool		option;		/* the option is there at all */
	bool		exp;		/* in its old shape */
	u16		len;		/* SYN: octets of text, the first of the stream */
};

/**
 * tcp_conn_open_fast() - active OPEN whose SYN asks for a cookie, or carries one and text
 * @c: as for tcp_conn_open(), which see for the arguments not told here
 * @iss: initial send sequence number
 * @ts_offset: added to our timestamps
 * @mss_path: text octets the path's MTU allows
 * @wscale: window shift to offer
 * @f: what the SYN carries; its text is at the front of the unsent part of the stream, and stays
 *	there: tcp_env_emit() gets no record for it. tcp_conn_wrote() follows.
 * @now: ns
 */
void tcp_conn_open_fast(struct tcp_conn *c, u32 iss, u32 ts_offset, u16 mss_path, u8 wscale,
			const struct tcp_fast_syn *f, u64 now);

/**
 * tcp_conn_accept_fast() - a SYN with a good cookie: takes its text, sends the SYN-ACK
 * @c: just made by tcp_conn_from_half() of the same SYN
 * @in: the SYN
 * @seg: the record of its text, or NULL if there is none (or no memory for it: then it is not
 *	acknowledged)
 * @f: what the SYN-ACK carries
 * @now: ns
 *
 * The connection may send from here on.
 *
 * Return: true if @seg was taken (delivered).
 */
bool tcp_conn_accept_fast(struct tcp_conn *c, const struct tcp_segin *in, struct tcp_seg *seg,
			  const struct tcp_fast_syn *f, u64 now);

/* ---- SYN cookies (cookie.c) ---- */

#define TCP_COOKIE_DATA	4

/**
 * tcp_cookie_syn() - the answer to a SYN of which nothing will be kept
 * @h: as tcp_listen_arrives() left it; cut down to what a cookie can carry
 * @out: the SYN-ACK, the same; its sequence number is still to be made from the answer
 * @now: ns
 *
 * Return: what the sequence number has to carry: the index of an MSS, below TCP_COOKIE_DATA.
 */
u32 tcp_cookie_syn(struct tcp_half *h, struct tcp_segout *out, u64 now);

/**
 * tcp_cookie_ack() - the record of a handshake whose third segment brought a cookie back
 * @par: settings
 * @in: the segment; its ACK field was found to be a cookie of ours
 * @h: what is filled; ts_offset, advmss, rcv_wnd and rcv_wscale are the embedding's input
 * @data: what tcp_cookie_syn() returned
 *
 * Return: false: no cookie of ours, after all.
 */
bool tcp_cookie_ack(const struct tcp_params *par, const struct tcp_segin *in, struct tcp_half *h,
		    u32 data);

/* ---- TIME-WAIT (tw.c) ---- */

struct tcp_tw {
	u32	snd_nxt, rcv_nxt, rcv_wnd;
	u32	ts_recent, ts_offset;
	u8	rcv_wscale;
	u8	opts;
	u8	state;			/* TCPS_TIME_WAIT or TCPS_FIN_WAIT_2 */
	u32	ts_recent_s;
	u32	oow_ms;			/* last answer to a segment that was not acceptable */
	u64	deadline_ns;
};

enum tcp_tw_verdict {
	TCP_TW_DROP,
	TCP_TW_REPLY,		/* send @out */
	TCP_TW_GONE,		/* forget the record */
	TCP_TW_GONE_REPLY,	/* send @out (a RST) and forget the record */
	/*
	 * A new SYN that may take over (RFC 9293 3.6.1, RFC 6191): forget the record, give the
	 * segment to the listener with an ISS above @iss.
	 */
	TCP_TW_REOPEN,
	TCP_TW_SKIP,		/* drop: the like was answered just now (invalid_ratelimit_ms) */
};

/*
 * Call it on TCP_EV_TIME_WAIT; @tw->deadline_ns says when to forget the record; then
 * tcp_conn_purge(@c).
 */
void tcp_tw_from_conn(struct tcp_tw *tw, const struct tcp_conn *c, u64 now);
enum tcp_tw_verdict tcp_tw_arrives(const struct tcp_params *par, struct tcp_tw *tw,
				   const struct tcp_segin *in, struct tcp_segout *out, u32 *iss,
				   u64 now);
/*
 * May a new active open reuse this pair now (tcp_tw_reuse, RFC 6191)? @bound: the program chose
 * the port itself: with timestamps it may, whatever the setting. @iss: then one above what it used.
 */
bool tcp_tw_reusable(const struct tcp_params *par, const struct tcp_tw *tw, bool bound, u32 *iss,
		     u64 now);

/* ---- no connection (RFC 9293 3.10.7.1) ---- */

/* Returns true if @out (a RST) is to be sent. */
bool tcp_closed_arrives(const struct tcp_segin *in, struct tcp_segout *out);

#endif /* _PLUMB_TCP_ENGINE_H */
