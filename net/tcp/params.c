// SPDX-License-Identifier: GPL-2.0
/* The engine's settings of a namespace, from net.plumb.tcp_* (struct plumb_sysctl). */
#include <linux/jiffies.h>
#include <linux/time64.h>

#include <plumb/init.h>

#include "sock.h"

static void tcp_params_time(struct tcp_params *p, const struct plumb_sysctl *s)
{
	p->rto_min_us = READ_ONCE(s->tcp_rto_min_us);
	p->rto_max_us = 120 * USEC_PER_SEC;
	p->rto_init_us = USEC_PER_SEC;
	p->delack_min_us = 40 * USEC_PER_MSEC;
	p->delack_max_us = 200 * USEC_PER_MSEC;
	p->keep_idle_ms = jiffies_to_msecs(READ_ONCE(s->tcp_keepalive_time));
	p->keep_intvl_ms = jiffies_to_msecs(READ_ONCE(s->tcp_keepalive_intvl));
	p->fin_timeout_ms = jiffies_to_msecs(READ_ONCE(s->tcp_fin_timeout));
	p->time_wait_ms = 60 * MSEC_PER_SEC;
	p->invalid_ratelimit_ms = jiffies_to_msecs(READ_ONCE(s->tcp_invalid_ratelimit));
	p->min_rtt_wlen_ms = READ_ONCE(s->tcp_min_rtt_wlen) * MSEC_PER_SEC;
}

static void tcp_params_count(struct tcp_params *p, const struct plumb_sysctl *s)
{
	p->init_cwnd = 10;
	p->reordering = READ_ONCE(s->tcp_reordering);
	p->max_reordering = READ_ONCE(s->tcp_max_reordering);
	p->base_mss = READ_ONCE(s->tcp_base_mss);
	p->min_snd_mss = READ_ONCE(s->tcp_min_snd_mss);
	p->ooo_max_segs = 65536;
	p->challenge_ack_limit = READ_ONCE(s->tcp_challenge_ack_limit);
	p->mtu_probe_floor = READ_ONCE(s->tcp_mtu_probe_floor);
	p->probe_threshold = READ_ONCE(s->tcp_probe_threshold);
	p->probe_interval = READ_ONCE(s->tcp_probe_interval);
	p->keep_probes = READ_ONCE(s->tcp_keepalive_probes);
	p->syn_retries = READ_ONCE(s->tcp_syn_retries);
	p->synack_retries = READ_ONCE(s->tcp_synack_retries);
	p->retries1 = READ_ONCE(s->tcp_retries1);
	p->retries2 = READ_ONCE(s->tcp_retries2);
	p->orphan_retries = READ_ONCE(s->tcp_orphan_retries);
	p->syn_linear_timeouts = READ_ONCE(s->tcp_syn_linear_timeouts);
	p->min_tso_segs = READ_ONCE(s->tcp_min_tso_segs);
	p->tso_win_divisor = READ_ONCE(s->tcp_tso_win_divisor);
	p->tso_rtt_log = READ_ONCE(s->tcp_tso_rtt_log);
	p->pingpong_thresh = READ_ONCE(s->tcp_pingpong_thresh);
	p->stdurg = READ_ONCE(s->tcp_stdurg);
	p->pacing_ss_ratio = READ_ONCE(s->tcp_pacing_ss_ratio);
	p->pacing_ca_ratio = READ_ONCE(s->tcp_pacing_ca_ratio);
}

static void tcp_params_switch(struct tcp_params *p, const struct plumb_sysctl *s)
{
	p->timestamps = READ_ONCE(s->tcp_timestamps);
	p->sack = READ_ONCE(s->tcp_sack);
	p->dsack = READ_ONCE(s->tcp_dsack);
	p->wscale = READ_ONCE(s->tcp_window_scaling);
	p->rfc1337 = READ_ONCE(s->tcp_rfc1337);
	p->slow_start_after_idle = READ_ONCE(s->tcp_slow_start_after_idle);
	p->moderate_rcvbuf = READ_ONCE(s->tcp_moderate_rcvbuf);
	p->workaround_signed_windows = READ_ONCE(s->tcp_workaround_signed_windows);
	p->ecn_fallback = READ_ONCE(s->tcp_ecn_fallback);
	p->shrink_window = READ_ONCE(s->tcp_shrink_window);
	p->thin_linear_timeouts = READ_ONCE(s->tcp_thin_linear_timeouts);
	p->ecn = READ_ONCE(s->tcp_ecn);
	p->tw_reuse = READ_ONCE(s->tcp_tw_reuse);
	p->mtu_probing = READ_ONCE(s->tcp_mtu_probing);
	p->recovery = READ_ONCE(s->tcp_recovery);
	p->early_retrans = READ_ONCE(s->tcp_early_retrans);
	p->frto = READ_ONCE(s->tcp_frto);
}

/*
 * Words and bytes written one by one: a connection that reads meanwhile sees the old or the new of
 * each.
 */
void tcp_params_fill(struct plumb_net *pn)
{
	struct tcp_params *p = &pn->tcp->par;

	tcp_params_time(p, &pn->sysctl);
	tcp_params_count(p, &pn->sysctl);
	tcp_params_switch(p, &pn->sysctl);
}

void plumb_tcp_params_changed(struct plumb_net *pn)
{
	if (pn->tcp)
		tcp_params_fill(pn);
}
