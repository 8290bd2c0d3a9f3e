// SPDX-License-Identifier: GPL-2.0
/*
 * The deadlines of a connection, kept lazily: the embedding has one timer, which is told only
 * when a deadline moves before what it knows. A deadline that moves later, or stops, costs one
 * store; the timer then runs for nothing once and is set anew from what is left.
 */
#include "inner.h"

void tcp_timer_set(struct tcp_conn *c, enum tcp_timer which, u64 at)
{
	c->tmr.at[which] = at;
	if (at < c->tmr.armed) {
		c->tmr.armed = at;
		tcp_env_timer(c, at);
	}
}

static void (*const timer_run[TCP_TMR_NR])(struct tcp_conn *c) = {
	[TCP_TMR_RTO] = tcp_rto_timer,
	[TCP_TMR_LOSS] = tcp_loss_timer,
	[TCP_TMR_DELACK] = tcp_delack_timer,
	[TCP_TMR_KEEP] = tcp_keep_timer,
};

/* Run what is due. A deadline is off before its function runs, which may set it again. */
void tcp_conn_timer(struct tcp_conn *c, u64 now)
{
	u64 next = TCP_NEVER;
	unsigned int i;

	tcp_clock_set(c, now);
	c->tmr.armed = 0;	/* hold back what the functions set: one call at the end */
	for (i = 0; i < TCP_TMR_NR && c->state != TCPS_CLOSED; i++) {
		if (c->tmr.at[i] > c->tmr.now)
			continue;
		c->tmr.at[i] = TCP_NEVER;
		if (timer_run[i])
			timer_run[i](c);
	}
	tcp_conn_flush(c, c->tmr.now);
	for (i = 0; i < TCP_TMR_NR; i++)
		next = min(next, c->tmr.at[i]);
	c->tmr.armed = next;
	if (next != TCP_NEVER)
		tcp_env_timer(c, next);
}
