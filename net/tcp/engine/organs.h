/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The organs of the TCB, each a struct by value, each written by one file (or few) of the engine.
 * Included by engine.h alone, after its own types. What the embedding may read of them says so;
 * everything else is the engine's own and may change.
 *
 * Counts of "packets" are segments on the wire (tcp_seg.n_mss), cwnd included, as Linux shows
 * them.
 */
#ifndef _PLUMB_TCP_ENGINE_ORGANS_H
#define _PLUMB_TCP_ENGINE_ORGANS_H

/* Bits of conn.shut: directions the user closed. */
#define TCP_SHUT_SEND	0x01
#define TCP_SHUT_RECV	0x02

/* Values of snd.fin. */
enum tcp_fin {
	TCP_FIN_NONE,
	TCP_FIN_QUEUED,		/* to follow what is written */
	TCP_FIN_SENT,
	TCP_FIN_ACKED,
};

/* Bits of conn.out: what tcp_conn_flush() owes. */
#define TCP_OUT_ACK	0x01	/* an ACK at once */
#define TCP_OUT_DATA	0x02	/* something about sending changed: look for data to send */
#define TCP_OUT_RTX	0x04	/* something was deemed lost: look for it */
#define TCP_OUT_DUP	0x08	/* the owed ACK answers an out-of-order segment */
#define TCP_OUT_NOMEM	0x10	/* carve or split failed: try again by timer */
#define TCP_OUT_CORKED	0x20	/* a small segment was held back (Nagle, cork) */

/* tree.c: a splay tree whose ends are known. */
struct tcp_tree {
	struct tcp_node	*root, *first, *last;
};

/* rtx.c, sack.c: what was sent and is not acknowledged. */
struct tcp_rtx {
	struct tcp_tree	q;		/* of struct tcp_seg, by seq */
	u32		packets;	/* in q */
	u32		sacked;		/* of them, SACKed (without SACK: duplicate ACKs) */
	u32		lost;		/* deemed lost */
	u32		retrans;	/* retransmissions in flight */
	u32		high;		/* end of the highest octet SACKed; una if none */
	u32		high_rtx;	/* end of the highest octet sent again in this recovery */
	bool		stale;		/* aggregates above the first are too large */
};

/* ooo.c: what arrived out of order, and the SACK blocks that tell of it. */
struct tcp_ooo {
	struct tcp_tree	q;		/* of struct tcp_seg, by seq */
	u32		segs;		/* records in q; the embedding may read */
	u8		n_block;
	u8		dsack_due;	/* dsack is to be reported once */
	bool		fin;		/* a FIN from q is next in order */
	bool		spare;
	struct tcp_sack	dsack;
	struct tcp_sack	block[TCP_ENGINE_MAX_SACK];	/* newest first */
};

/* ts.c: RFC 7323. Clock: 1 ms. Last.ACK.sent is rcv.wup. */
struct tcp_ts {
	u32	offset;			/* added to the clock */
	u32	recent;			/* TS.Recent */
	u32	recent_s;		/* when it was taken (s) */
	u32	rtx_val;		/* TSval of a recovery's first retransmission; 0: none */
};

/* rto.c: RFC 6298. */
struct tcp_rtt {
	u32	srtt_us;		/* SRTT * 8; 0: no sample yet */
	u32	var_us;			/* RTTVAR * 4 */
	u32	mdev_us;		/* mean deviation * 4 */
	u32	mdev_max_us;		/* of this round trip */
	u32	seq;			/* end of this round trip */
	u32	rto_us;			/* without back-off */
	u32	min_us;			/* least RTT in the window; ~0: none */
	u32	min_ms;			/* when it was seen */
	u32	last_us;		/* last sample */
	u32	past_us;		/* SRTT * 8 of earlier connections; 0: not known */
	u8	backoff;		/* doublings of rto_us */
	u8	probes;			/* window probes or keep-alives unanswered */
	u8	timeouts;		/* retransmissions of the same octet */
	u8	spare;
};

/* States of recovery, numbered as tcp_info shows them. */
enum tcp_ca_phase {
	TCP_PHASE_OPEN,
	TCP_PHASE_DISORDER,		/* SACK or duplicate ACKs seen */
	TCP_PHASE_CWR,			/* reducing for ECN or a local reason */
	TCP_PHASE_RECOVERY,		/* fast recovery */
	TCP_PHASE_LOSS,			/* after a retransmission time-out */
};

/* loss.c, rack.c: RFC 8985 (RACK-TLP), 6582, 9937 (PRR), 5682 (F-RTO), undo. */
struct tcp_loss {
	u8	phase;			/* enum tcp_ca_phase */
	u8	dupacks;		/* without SACK */
	u8	reo_mult;		/* RACK.reo_wnd_mult, quarters of min RTT */
	u8	reo_persist;		/* RACK.reo_wnd_persist */
	bool	reo_seen;		/* RACK.reordering_seen */
	bool	reo_dsack;		/* a DSACK came in this round */
	bool	frto;			/* F-RTO is under way */
	bool	tlp_rtx;		/* TLP.is_retrans */
	bool	tlp_out;		/* a probe is unanswered */
	bool	partial;		/* without SACK: a partial ACK came in this recovery */
	bool	undone;			/* last reduction was undone */
	bool	tlp_timer;		/* TCP_TMR_LOSS is for a tail loss probe, else for RACK */
	u16	reordering;		/* packets, as Linux's metric */
	u32	high;			/* recovery point: SND.NXT when it began */
	u32	undo_una;		/* SND.UNA then; valid while undo_cwnd */
	s32	undo_rtx;		/* retransmissions not yet shown needless */
	u32	undo_cwnd, undo_ssthresh;
	u32	rtx_us;			/* first retransmission of this episode */
	u32	tlp_end;		/* TLP.end_seq */
	u32	rack_us;		/* RACK.xmit_ts */
	u32	rack_end;		/* RACK.end_seq */
	u32	rack_rtt_us;		/* RACK.rtt */
	u32	rack_seq;		/* SND.NXT when reo_mult was last raised */
	u32	prr_delivered, prr_out;
	u32	prr_cwnd;		/* RecoverFS, packets */
};

/* delack.c, window.c */
struct tcp_ackd {
	u32	ato_us;			/* adaptive delay */
	u32	last_us;		/* last arrival of text */
	u8	quick;			/* ACKs still to be sent at once */
	bool	pingpong;		/* interactive: rather piggyback */
	u8	pushed;			/* ends of writes that no ACK told of yet; 2: some */
	u8	answers;		/* text sent soon after text, towards pingpong */
	u32	wnd_us;			/* without timestamps: when this window began */
	u32	drs_seq;		/* last echo measured, or end of this window */
	u32	drs_us;			/* when it began */
	u32	drs_read;		/* rcv.read then */
	u32	drs_space;		/* most read a round so far */
	u32	news;			/* octets by which the buffer grew, still to be told */
	u32	rtt_us;			/* receiver's estimate * 8 */
	u32	oow_ms;			/* last ACK sent for an unacceptable segment */
};

/* timers.c: lazy; deadlines in ns of the monotonic clock. */
struct tcp_timers {
	u64	at[TCP_TMR_NR];		/* TCP_NEVER: off */
	u64	armed;			/* what the embedding was told; TCP_NEVER: nothing */
	u64	now;			/* of the call under way */
	u64	heard_ns;		/* last segment from the peer that was acceptable */
	u64	owed_ns;		/* since when something waits for the peer; 0: nothing */
	u64	sent_ns;		/* last text sent */
};

/* What holds sending back (chrono.c). */
enum tcp_chrono {
	TCP_CHRONO_NONE,		/* nothing to send or to be acknowledged */
	TCP_CHRONO_BUSY,		/* the path, or nothing */
	TCP_CHRONO_RWND,		/* the peer's window */
	TCP_CHRONO_SNDBUF,		/* the writer waits for room, all else is sent */
	TCP_CHRONO_NR
};

/* Bits of fast.flags. */
#define TCP_FAST_OPTION		0x01	/* our SYN carried the option */
#define TCP_FAST_EXP		0x02	/* in its old shape */
#define TCP_FAST_TEXT		0x04	/* our SYN carried text */
#define TCP_FAST_DONE		0x08	/* text of the SYN, whoever sent it, was acknowledged */
#define TCP_FAST_PASSIVE	0x10	/* the peer's SYN had a good cookie: we may send at once */

/* Values of fast.fail, as tcp_info shows them. */
enum tcp_fast_fail {
	TCP_FAST_FAIL_NONE,
	TCP_FAST_NO_COOKIE,
	TCP_FAST_NOT_ACKED,		/* text in the SYN was not acknowledged */
	TCP_FAST_SYN_AGAIN,		/* the SYN had to be sent again, without text */
};

/* fast.c: Fast Open (RFC 7413). Matters while a connection opens. */
struct tcp_fast {
	u8	flags;			/* TCP_FAST_* */
	u8	fail;			/* enum tcp_fast_fail; the embedding may write */
	u16	len;			/* octets of text in our SYN; 0: all are acknowledged */
};

/* plpmtud.c: RFC 4821. Sizes as snd.mss_path: text and options. */
struct tcp_pmtud {
	u32	start, end;		/* of the probe; valid while size */
	u32	since_ms;		/* when this search began */
	u16	low, high;		/* passes; may pass at the most */
	u16	size;			/* of the probe in flight; 0: none */
	u16	bound;			/* of ordinary segments, while on */
	bool	on;
};

/* info.c: totals for TCP_INFO. */
struct tcp_stat {
	u64	bytes_sent, bytes_rtx, bytes_acked, bytes_rcvd;
	u32	segs_out, segs_in, data_out, data_in;
	u32	rtx, dsack_in, reord_seen, rcv_ooo;
	u64	chrono_since;		/* ns: when @chrono became what it is */
	u64	chrono_ns[TCP_CHRONO_NR];
	u64	open_ns;		/* when the connection opened */
	u32	rto_ms;			/* when this recovery from a time-out began; 0: none */
	u32	total_rto_ms;		/* spent in those that ended */
	u16	total_rto_recoveries;
	u8	chrono;			/* TCP_CHRONO_* */
	bool	syn_acked;		/* by a SYN-ACK: an octet, as Linux counts */
	bool	writer_waits;		/* for room, or for the connection */
	u8	lost_probes;
	u16	total_rto;
};

#endif /* _PLUMB_TCP_ENGINE_ORGANS_H */
