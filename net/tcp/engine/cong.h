/* SPDX-License-Identifier: GPL-2.0 */
/* What a congestion control algorithm is to the engine: see cc_reno.c for the shortest. */
#ifndef _PLUMB_TCP_ENGINE_CONG_H
#define _PLUMB_TCP_ENGINE_CONG_H

#include "engine.h"

#define TCP_CC_NAME_MAX	16
#define TCP_SSTHRESH_NONE	0x7fffffffU	/* before any loss (RFC 5681 3.1) */

/**
 * struct tcp_cc_ack - what an ACK told
 * @delivered: packets newly known to have arrived
 * @flight: packets in flight before it
 * @rtt_us: round trip of the last of them, or negative: none known
 * @now_us: tcp_us() of its arrival
 */
struct tcp_cc_ack {
	u32	delivered;
	u32	flight;
	s32	rtt_us;
	u32	now_us;
};

#define TCP_CC_ECN	0x01	/* wants ECN on every packet (RFC 8257) */

/**
 * struct tcp_cc_ops - a congestion control algorithm
 * @name: as in TCP_CONGESTION
 * @flags: TCP_CC_*
 * @owner: the embedding's (its module)
 * @init: c->cong.priv is zeroed
 * @ssthresh: the new slow start threshold at a loss or a mark, packets, at least 2
 * @grow: an ACK came and cwnd was the limit: write c->cong.cwnd. Not called in recovery
 * @sample: an ACK came, whatever the phase; may be NULL
 * @phase: the recovery phase is about to change to @to (enum tcp_ca_phase); may be NULL
 * @idle: sending starts after @idle_us of silence with nothing in flight; may be NULL
 * @undo: the last reduction was wrong: cwnd to go back to; may be NULL: what it was
 * @info: fill @buf of @size octets for TCP_CC_INFO; returns the INET_DIAG_* attribute or 0; may
 *	be NULL
 */
struct tcp_cc_ops {
	char	name[TCP_CC_NAME_MAX];
	u32	flags;
	void	*owner;
	void	(*init)(struct tcp_conn *c);
	u32	(*ssthresh)(struct tcp_conn *c);
	void	(*grow)(struct tcp_conn *c, const struct tcp_cc_ack *a);
	void	(*sample)(struct tcp_conn *c, const struct tcp_cc_ack *a);
	void	(*phase)(struct tcp_conn *c, u8 to);
	void	(*idle)(struct tcp_conn *c, u32 idle_us);
	u32	(*undo)(struct tcp_conn *c);
	int	(*info)(const struct tcp_conn *c, void *buf, u32 size);
};

static inline bool tcp_cong_slow_start(const struct tcp_conn *c)
{
	return c->cong.cwnd < c->cong.ssthresh;
}

/* Packets in flight (RFC 6675's pipe, counted in segments). */
static inline u32 tcp_cong_flight(const struct tcp_conn *c)
{
	return c->rtx.packets - c->rtx.sacked - c->rtx.lost + c->rtx.retrans;
}

/*
 * Slow start (RFC 5681 3.1): a packet more for each that arrived. Returns those that are left over
 * at ssthresh.
 */
u32 tcp_cong_grow_slow(struct tcp_conn *c, u32 delivered);
/* One packet more for every @w that arrived. */
void tcp_cong_grow_linear(struct tcp_conn *c, u32 w, u32 delivered);

#endif /* _PLUMB_TCP_ENGINE_CONG_H */
