// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_TMR_KEEP: keep-alive (RFC 9293 3.8.4: off unless asked for, two hours by default), and an
 * orphan's wait in FIN-WAIT-2 before it is a record, which no standard bounds and every stack does.
 */
#include "inner.h"

static u32 keep_idle_ms(const struct tcp_conn *c)
{
	return c->user.keep_idle_ms ? c->user.keep_idle_ms : c->par->keep_idle_ms;
}

static u32 keep_intvl_ms(const struct tcp_conn *c)
{
	return c->user.keep_intvl_ms ? c->user.keep_intvl_ms : c->par->keep_intvl_ms;
}

/* Silence begins with the last segment that came. */
void tcp_keep_start(struct tcp_conn *c)
{
	if (!c->user.keepalive || !tcp_state_in(c, TCP_SYNCHRONIZED) ||
	    (c->user.orphan && c->state == TCPS_FIN_WAIT_2))
		return;
	tcp_timer_set(c, TCP_TMR_KEEP,
		      c->tmr.heard_ns + (u64)keep_idle_ms(c) * TCP_NSEC_PER_MSEC);
}

static bool keep_over(const struct tcp_conn *c, u64 idle_ns)
{
	unsigned int max = c->user.keep_probes ? c->user.keep_probes : c->par->keep_probes;

	if (c->user.user_timeout_ms)
		return c->rtt.probes && idle_ns >= (u64)c->user.user_timeout_ms * TCP_NSEC_PER_MSEC;
	return c->rtt.probes >= max;
}

void tcp_keep_timer(struct tcp_conn *c)
{
	u64 idle = c->tmr.now - c->tmr.heard_ns, want = (u64)keep_idle_ms(c) * TCP_NSEC_PER_MSEC;

	if (c->user.orphan && c->state == TCPS_FIN_WAIT_2) {
		tcp_env_event(c, TCP_EV_TIME_WAIT, 0);
		return;
	}
	if (!c->user.keepalive || !tcp_state_in(c, TCP_SYNCHRONIZED))
		return;
	/* What is in flight, or waits for a window, keeps alive by its own timer. */
	if (c->rtx.packets || tcp_output_pending(c)) {
		tcp_timer_set(c, TCP_TMR_KEEP, c->tmr.now + want);
		return;
	}
	if (idle < want) {
		c->rtt.probes = 0;
		tcp_timer_set(c, TCP_TMR_KEEP, c->tmr.heard_ns + want);
		return;
	}
	if (keep_over(c, idle)) {
		tcp_emit_rst(c);
		tcp_rto_give_up(c);
		return;
	}
	c->rtt.probes++;
	tcp_env_count(c, LINUX_MIB_TCPKEEPALIVE, 1);
	tcp_emit_probe(c, c->snd.una - 1);
	tcp_timer_set(c, TCP_TMR_KEEP,
		      c->tmr.now + (u64)keep_intvl_ms(c) * TCP_NSEC_PER_MSEC);
}
