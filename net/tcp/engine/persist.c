// SPDX-License-Identifier: GPL-2.0
/*
 * Something is to be sent, nothing is in flight, and yet it may not go: the window is shut, too
 * small (the sender's part of SWS avoidance), or the user corked it. No ACK will come by itself,
 * so a timer asks (RFC 9293 3.8.6.1, MUST-35 to 37; 3.8.6.2.1's override time-out). It shares
 * TCP_TMR_RTO: with nothing in flight that is free.
 */
#include "inner.h"

/* At the end of a flush: does the timer have to run? */
void tcp_persist_check(struct tcp_conn *c)
{
	if (c->rtx.packets || tcp_timer_on(c, TCP_TMR_RTO) || !tcp_output_pending(c) ||
	    !tcp_state_in(c, TCP_CAN_SEND))
		return;
	tcp_timer_set(c, TCP_TMR_RTO,
		      c->tmr.now + max_t(u64, tcp_rto_ns(c),
					 (u64)tcp_rto_min_us(c) * TCP_NSEC_PER_USEC));
}

/* The window is open: it is this host that did not take what was to go. */
static bool persist_refused(const struct tcp_conn *c)
{
	return seq_lt(c->snd.nxt, c->snd.una + c->snd.wnd);
}

/*
 * A peer that keeps its window shut but answers may do so for ever (MUST-37); one that is silent
 * may not. Where nothing could be asked no answer is missing: there it is R2's time that counts.
 */
static bool persist_over(struct tcp_conn *c)
{
	if (persist_refused(c))
		return tcp_rto_over(c);
	if (c->user.user_timeout_ms && tcp_rto_waited_ms(c) >= c->user.user_timeout_ms)
		return true;
	if (c->user.orphan) {
		unsigned int max = c->par->orphan_retries ? c->par->orphan_retries : 8;

		return c->rtt.probes >= max;
	}
	return c->rtt.probes >= c->par->retries2;
}

/*
 * The probe is old to the peer, which looks at its ACK alone; so a mark that waits behind the shut
 * window is told before it, in the one place where the peer still listens (MUST-66).
 */
static void persist_urgent(struct tcp_conn *c)
{
	if (!c->snd.urg || seq_leq(c->snd.up, c->snd.una) || c->snd.up - c->snd.una > U16_MAX)
		return;
	tcp_env_count(c, LINUX_MIB_TCPWINPROBE, 1);
	tcp_emit_probe(c, c->snd.una);
}

void tcp_persist_timer(struct tcp_conn *c)
{
	if (!tcp_output_pending(c) || !tcp_state_in(c, TCP_CAN_SEND))
		return;
	if (persist_over(c)) {
		tcp_rto_give_up(c);
		return;
	}
	/* What fits goes, however small. */
	if (tcp_output_new(c, 1))
		return;
	if (!c->tmr.owed_ns)
		c->tmr.owed_ns = c->tmr.now;
	if (c->rtt.probes < U8_MAX)
		c->rtt.probes++;
	if (persist_refused(c)) {
		tcp_rto_refused(c);
		return;
	}
	persist_urgent(c);
	tcp_env_count(c, LINUX_MIB_TCPWINPROBE, 1);
	if (tcp_emit_probe(c, c->snd.una - 1)) {
		tcp_rto_refused(c);
		return;
	}
	if (c->rtt.backoff < c->par->retries2)
		c->rtt.backoff++;
	tcp_rto_again(c, tcp_rto_ns(c));
}
