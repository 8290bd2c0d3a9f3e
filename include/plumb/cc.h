/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control algorithms, for those that come with Plumb (net/tcp/engine/cc_*.c) and for
 * those that another module brings: examples/cc/ is one of them, with the Kbuild it needs.
 *
 * An algorithm sees no socket and no segment. It is given the congestion window of one connection
 * (struct tcp_cong) and what an ACK told (struct tcp_cc_ack), and keeps up to 64 octets of its own
 * in tcp_cong.priv. All calls on one connection are serialised; they come in softirq or with the
 * socket locked, and may not sleep. Floating point is not to be had.
 *
 * Sizes are in packets: segments on the wire of tcp_cong.mss octets. Times are in µs of one clock
 * that wraps after 71 minutes. Sequence numbers are compared by tcp_cc_reached().
 */
#ifndef _PLUMB_CC_H
#define _PLUMB_CC_H

#ifdef __KERNEL__
#include <linux/minmax.h>
#include <linux/types.h>
#endif

struct tcp_cc_ops;

#define TCP_CC_NAME_MAX		16
#define TCP_CC_PRIV		8		/* u64 words of an algorithm's own */
#define TCP_SSTHRESH_NONE	0x7fffffffU	/* before any loss (RFC 5681 3.1) */

/**
 * struct tcp_cong - congestion control of one connection
 * @ops: the algorithm
 * @cwnd: congestion window, packets; the algorithm's grow() writes it
 * @ssthresh: slow start threshold, packets; the algorithm may lower it to leave slow start
 * @cnt: packets counted towards the next increase, see tcp_cong_grow_linear()
 * @clamp: bound of @cwnd, packets
 * @delivered: packets that arrived, of all time; to be read
 * @delivered_ce: of those, the ones whose ACK told of a mark (ECE); to be read
 * @mss: octets of text in a packet; to be read
 * @ecn: TCP_ECN_* of the engine, TCP_ECN_OK among them; to be read
 * @limited: @cwnd was full in this round trip
 * @app_limited: @rate was measured while the user had nothing to send
 * @paced: pacing is on: @pacing_rate holds sending back
 * @spread: so it is for this round trip alone, for more than ACKs have called for may go at once
 * @used: most packets in flight since @cwnd was validated (RFC 7661)
 * @used_seq: end of the round trip that @used covers
 * @most: most packets in flight since @cwnd was reduced last
 * @spread_seq: end of what had been sent when @spread was set
 * @round_seq: end of the round trip that @rate is measured over
 * @round_us: when it began
 * @round_sent_us: when what ended the round trip before had been sent
 * @round_delivered: @delivered then
 * @rate: packets of the last delivery rate
 * @rate_us: in so much time
 * @app_seq: what was sent before it left with the user having no more; valid while @app_open
 * @app_open: see there
 * @pacing_rate: octets a second; written by the engine, or by an algorithm with TCP_CC_PACES; ~0:
 *	no limit
 * @pace_ns: earliest time of the next text
 * @priv: the algorithm's own; zeroed before init()
 *
 * What is not said to be the algorithm's is the engine's.
 */
struct tcp_cong {
	const struct tcp_cc_ops	*ops;
	u32	cwnd;
	u32	ssthresh;
	u32	cnt;
	u32	clamp;
	u32	delivered;
	u32	delivered_ce;
	u16	mss;
	u8	ecn;
	bool	limited;
	bool	app_limited;
	bool	app_open;
	bool	paced;
	bool	spread;
	u32	used;
	u32	used_seq;
	u32	most;
	u32	spread_seq;
	u32	round_seq;
	u32	round_us, round_sent_us, round_delivered;
	u32	rate, rate_us;
	u32	app_seq;
	u64	pacing_rate;
	u64	pace_ns;
	u64	priv[TCP_CC_PRIV];
};

/* Bits of tcp_cong.ecn that an algorithm may read. */
#define TCP_ECN_OK	0x01	/* agreed with the peer */
#define TCP_ECN_ECHO	0x02	/* ACKs say ECE: what came last was marked */

/**
 * struct tcp_cc_ack - what an ACK told
 * @delivered: packets newly known to have arrived
 * @flight: packets in flight before it
 * @rtt_us: round trip of the last of them, or negative: none known
 * @min_rtt_us: least round trip of the last minutes (net.plumb.tcp_min_rtt_wlen); ~0: none known
 * @srtt_us: smoothed round trip; 0: none known
 * @now_us: its arrival
 * @una: first octet not acknowledged (SND.UNA), with this ACK
 * @nxt: first octet not sent (SND.NXT)
 * @marked: it told of a mark (ECE)
 */
struct tcp_cc_ack {
	u32	delivered;
	u32	flight;
	s32	rtt_us;
	u32	min_rtt_us;
	u32	srtt_us;
	u32	now_us;
	u32	una;
	u32	nxt;
	bool	marked;
};

/* Bits of tcp_cc_ops.flags. */
#define TCP_CC_ECN	0x01	/* wants ECN on every packet, and each mark echoed (RFC 8257) */
#define TCP_CC_PACES	0x02	/* writes tcp_cong.pacing_rate */
#define TCP_CC_FREE	0x04	/* needs no privilege unless the administrator says so */

/* Phases of recovery (enum tcp_ca_phase of the engine), as phase() is told. */
#define TCP_CC_PHASE_OPEN	0
#define TCP_CC_PHASE_DISORDER	1
#define TCP_CC_PHASE_CWR	2
#define TCP_CC_PHASE_RECOVERY	3
#define TCP_CC_PHASE_LOSS	4

/**
 * struct tcp_cc_ops - a congestion control algorithm
 * @name: as in TCP_CONGESTION
 * @flags: TCP_CC_*
 * @owner: THIS_MODULE
 * @no_ecn: with TCP_CC_ECN: the algorithm of a connection whose peer does not do ECN, of the same
 *	owner; may be NULL: this one
 * @init: the connection opens, or takes this algorithm; @g->priv is zeroed; may be NULL
 * @ssthresh: a loss: the new slow start threshold, packets, at least 2; @g->cnt is 0, and what is
 *	written there counts from then on
 * @marked: ECE came (RFC 3168), at most once a window: the same; may be NULL: as for a loss
 * @grow: an ACK came and cwnd was the limit: write @g->cwnd. Not called in recovery
 * @sample: an ACK came, whatever the phase; before grow(); may be NULL
 * @phase: the recovery phase is about to change to @to (TCP_CC_PHASE_*); may be NULL
 * @idle: sending starts after @idle_us of silence with nothing in flight; may be NULL
 * @undo: the last reduction was wrong: cwnd to go back to; may be NULL: what it was
 * @info: fill @buf of @size octets for TCP_CC_INFO; returns how many; may be NULL
 */
struct tcp_cc_ops {
	char	name[TCP_CC_NAME_MAX];
	u32	flags;
	void	*owner;
	const struct tcp_cc_ops *no_ecn;
	void	(*init)(struct tcp_cong *g);
	u32	(*ssthresh)(struct tcp_cong *g);
	u32	(*marked)(struct tcp_cong *g);
	void	(*grow)(struct tcp_cong *g, const struct tcp_cc_ack *a);
	void	(*sample)(struct tcp_cong *g, const struct tcp_cc_ack *a);
	void	(*phase)(struct tcp_cong *g, u8 to);
	void	(*idle)(struct tcp_cong *g, u32 idle_us);
	u32	(*undo)(struct tcp_cong *g);
	u32	(*info)(const struct tcp_cong *g, void *buf, u32 size);
};

/**
 * plumb_cc_register() - offer a congestion control algorithm
 * @ops: static; @ops->owner is THIS_MODULE
 *
 * It is restricted to CAP_NET_ADMIN, as Linux's are, unless it says TCP_CC_FREE or its name is in
 * net.plumb.tcp_allowed_congestion_control. A module with MODULE_ALIAS("plumb-cc-NAME") is loaded
 * when an administrator asks for NAME.
 *
 * Context: process.
 * Return: 0, -EEXIST (the name is taken), -EINVAL (ssthresh or grow is missing, bad name) or
 * -ENOSPC.
 */
int plumb_cc_register(const struct tcp_cc_ops *ops);

/**
 * plumb_cc_unregister() - withdraw it
 * @ops: what was registered
 *
 * Sockets that use it, and namespaces whose default it is, hold its module, so a module's exit
 * function comes here only when none is left.
 *
 * Context: process; waits for those that look the name up.
 */
void plumb_cc_unregister(const struct tcp_cc_ops *ops);

static inline bool tcp_cong_slow_start(const struct tcp_cong *g)
{
	return g->cwnd < g->ssthresh;
}

/* Has the stream come to @seq? */
static inline bool tcp_cc_reached(u32 at, u32 seq)
{
	return (s32)(at - seq) >= 0;
}

/*
 * Slow start (RFC 5681 3.1): a packet more for each that arrived. Returns those that are left over
 * at ssthresh.
 */
static inline u32 tcp_cong_grow_slow(struct tcp_cong *g, u32 delivered)
{
	u32 to = min(g->cwnd + delivered, g->ssthresh);

	delivered -= to - g->cwnd;
	g->cwnd = min(to, g->clamp);
	return delivered;
}

/* One packet more for every @w that arrived. */
static inline void tcp_cong_grow_linear(struct tcp_cong *g, u32 w, u32 delivered)
{
	/* What was counted towards a larger @w is worth one packet, not many at once. */
	if (g->cnt >= w) {
		g->cnt = 0;
		g->cwnd++;
	}
	g->cnt += delivered;
	if (g->cnt < w)
		return;
	if (g->cnt < 2 * w) {
		g->cnt -= w;
		g->cwnd++;
	} else {
		g->cwnd += g->cnt / w;
		g->cnt %= w;
	}
	g->cwnd = min(g->cwnd, g->clamp);
}

#endif /* _PLUMB_CC_H */
