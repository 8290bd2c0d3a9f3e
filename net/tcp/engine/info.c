// SPDX-License-Identifier: GPL-2.0
/* What TCP_INFO tells, from the TCB. */
#include "info.h"
#include "inner.h"

static u8 info_options(const struct tcp_conn *c)
{
	return (c->opts & TCPO_TS ? TCP_INFO_TS : 0) |
	       (c->opts & TCPO_SACK_PERM ? TCP_INFO_SACK : 0) |
	       (c->opts & TCPO_WSCALE ? TCP_INFO_WSCALE : 0) |
	       (c->cong.ecn & TCP_ECN_OK ? TCP_INFO_ECN : 0) |
	       (c->cong.ecn & TCP_ECN_SEEN ? TCP_INFO_ECN_SEEN : 0) |
	       (c->fast.flags & TCP_FAST_DONE ? TCP_INFO_SYN_DATA : 0);
}

static u32 ms_since(u64 then, u64 now)
{
	return then ? (u32)div_u64(now - then, TCP_NSEC_PER_MSEC) : 0;
}

/* Silence in either direction counts from the opening on. */
static void info_since(const struct tcp_conn *c, struct tcp_conn_info *i, u64 now)
{
	i->last_data_sent = ms_since(c->tmr.sent_ns ? c->tmr.sent_ns : c->stat.open_ns, now);
	if (c->ackd.last_us)
		i->last_data_recv = (tcp_us(now) - c->ackd.last_us) / TCP_USEC_PER_MSEC;
	else
		i->last_data_recv = ms_since(c->stat.open_ns, now);
	i->last_ack_recv = ms_since(c->tmr.heard_ns, now);
}

static void info_chrono(const struct tcp_conn *c, struct tcp_conn_info *i, u64 now)
{
	i->busy_time = tcp_chrono_us(c, TCP_CHRONO_BUSY, now);
	i->rwnd_limited = tcp_chrono_us(c, TCP_CHRONO_RWND, now);
	i->sndbuf_limited = tcp_chrono_us(c, TCP_CHRONO_SNDBUF, now);
	if (c->stat.rto_ms)
		i->total_rto_time += tcp_ms(now) - c->stat.rto_ms;
}

static void info_path(const struct tcp_conn *c, struct tcp_conn_info *i)
{
	i->rto = (u32)div_u64(tcp_rto_ns(c), TCP_NSEC_PER_USEC);
	i->ato = c->ackd.ato_us;
	i->snd_mss = c->snd.mss;
	i->rcv_mss = c->rcv.mss;
	i->pmtu = c->snd.mss_path + 40U;
	i->advmss = c->rcv.advmss - (c->opts & TCPO_TS ? 12 : 0);
	i->rtt = c->rtt.srtt_us >> 3;
	i->rttvar = c->rtt.mdev_us >> 2;
	i->min_rtt = c->rtt.min_us;
	i->rcv_rtt = c->ackd.rtt_us >> 3;
	i->rcv_space = max(c->ackd.drs_space, min_t(u32, c->rcv.wnd, 10U * c->rcv.advmss));
	i->snd_wnd = c->snd.wnd;
	i->rcv_wnd = c->rcv.wnd;
	i->rcv_ssthresh = max(c->rcv.wnd, tcp_env_rcv_room(c));
}

static void info_flight(const struct tcp_conn *c, struct tcp_conn_info *i)
{
	i->unacked = c->rtx.packets;
	i->sacked = c->rtx.sacked;
	i->lost = c->rtx.lost;
	i->retrans = max(c->rtx.retrans, tcp_fast_retrans(c));
	i->snd_ssthresh = c->cong.ssthresh;
	i->snd_cwnd = c->cong.cwnd;
	i->reordering = c->loss.reordering;
	i->pacing_rate = c->cong.paced ? c->cong.pacing_rate : tcp_conn_pacing_rate(c);
	i->max_pacing_rate = c->user.max_pacing_rate;
	i->notsent_bytes = tcp_conn_unsent(c);
	i->delivered = c->cong.delivered;
	i->delivered_ce = c->cong.delivered_ce;
	if (c->cong.rate_us)
		i->delivery_rate = div_u64((u64)c->cong.rate * c->snd.mss * TCP_USEC_PER_SEC,
					   c->cong.rate_us);
}

static void info_totals(const struct tcp_conn *c, struct tcp_conn_info *i)
{
	const struct tcp_stat *s = &c->stat;

	i->total_retrans = s->rtx;
	i->bytes_acked = s->bytes_acked + s->syn_acked;
	i->bytes_received = s->bytes_rcvd;
	i->segs_out = s->segs_out;
	i->segs_in = s->segs_in;
	i->data_segs_in = s->data_in;
	i->data_segs_out = s->data_out;
	i->bytes_sent = s->bytes_sent;
	i->bytes_retrans = s->bytes_rtx;
	i->dsack_dups = s->dsack_in;
	i->reord_seen = s->reord_seen;
	i->rcv_ooopack = s->rcv_ooo;
	i->total_rto = s->total_rto;
	i->total_rto_recoveries = s->total_rto_recoveries;
	i->total_rto_time = s->total_rto_ms;
}

void tcp_conn_info(const struct tcp_conn *c, struct tcp_conn_info *info, u64 now)
{
	memset(info, 0, sizeof(*info));
	now = max(now, c->tmr.now);
	info->state = c->state;
	info->ca_state = c->loss.phase;
	info->retransmits = c->rtt.timeouts;
	info->probes = c->rtt.probes;
	info->backoff = c->rtt.backoff;
	info->options = info_options(c);
	info->wscale = c->opts & TCPO_WSCALE ? c->snd.wscale | c->rcv.wscale << 4 : 0;
	info->delivery_app_limited = c->cong.app_limited | c->fast.fail << 1;
	info_since(c, info, now);
	info_path(c, info);
	info_flight(c, info);
	info_totals(c, info);
	info_chrono(c, info, now);
}
