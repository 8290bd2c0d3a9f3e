/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP_INFO as Linux 6.12 lays it out (uapi struct tcp_info): the embedding copies as much as is
 * asked for.
 */
#ifndef _PLUMB_TCP_ENGINE_INFO_H
#define _PLUMB_TCP_ENGINE_INFO_H

#include "types.h"

#define TCP_INFO_TS	0x01
#define TCP_INFO_SACK	0x02
#define TCP_INFO_WSCALE	0x04
#define TCP_INFO_ECN	0x08
#define TCP_INFO_ECN_SEEN	0x10
#define TCP_INFO_SYN_DATA	0x20	/* text in the SYN was acknowledged */

struct tcp_conn_info {
	u8	state, ca_state, retransmits, probes, backoff, options;
	u8	wscale;			/* low nibble: the peer's, high: ours */
	u8	delivery_app_limited;	/* bit 0; bits 1 and 2: why Fast Open failed */

	u32	rto, ato;		/* µs */
	u32	snd_mss, rcv_mss;
	u32	unacked, sacked, lost, retrans, fackets;
	u32	last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;	/* ms ago */
	u32	pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	u32	rcv_rtt, rcv_space;
	u32	total_retrans;
	u64	pacing_rate, max_pacing_rate;
	u64	bytes_acked, bytes_received;
	u32	segs_out, segs_in;
	u32	notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	u64	delivery_rate;
	u64	busy_time, rwnd_limited, sndbuf_limited;	/* µs */
	u32	delivered, delivered_ce;
	u64	bytes_sent, bytes_retrans;
	u32	dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	u16	total_rto, total_rto_recoveries;
	u32	total_rto_time;
};

#endif /* _PLUMB_TCP_ENGINE_INFO_H */
