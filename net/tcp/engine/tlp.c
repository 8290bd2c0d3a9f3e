// SPDX-License-Identifier: GPL-2.0
/*
 * Tail loss probe (RFC 8985 7): when a flight's last segments get no answer for two round trips,
 * send new text or the last segment again, so that the SACK it draws lets RACK repair what a
 * retransmission time-out would else have to. TCP_TMR_LOSS serves RACK's reordering and this.
 */
#include "inner.h"

static bool tlp_wanted(const struct tcp_conn *c)
{
	return c->par->early_retrans >= 3 && c->opts & TCPO_SACK_PERM && c->rtx.packets &&
	       (c->loss.phase == TCP_PHASE_OPEN || c->loss.phase == TCP_PHASE_CWR) &&
	       !c->rtx.sacked && !c->rtx.lost && !c->loss.tlp_out &&
	       tcp_state_in(c, TCP_CAN_SEND);
}

/* 7.2: after new text was sent, and after an ACK moved SND.UNA. */
void tcp_tlp_schedule(struct tcp_conn *c)
{
	u64 at, rto = c->tmr.at[TCP_TMR_RTO];
	u32 pto;

	if (!tlp_wanted(c)) {
		if (c->loss.tlp_timer)
			tcp_timer_stop(c, TCP_TMR_LOSS);
		return;
	}
	if (c->rtt.srtt_us) {
		pto = c->rtt.srtt_us >> 2;
		/* A lone segment's ACK may be delayed by the peer. */
		if (c->rtx.packets == 1)
			pto += tcp_rto_min_us(c);
		else
			pto += 2 * TCP_USEC_PER_MSEC;
	} else {
		pto = c->par->rto_init_us;
	}
	at = c->tmr.now + (u64)pto * TCP_NSEC_PER_USEC;
	c->loss.tlp_timer = true;
	tcp_timer_set(c, TCP_TMR_LOSS, min(at, rto));
}

/* 7.3: the probe: one segment, cwnd or not. */
static void tlp_probe(struct tcp_conn *c)
{
	struct tcp_seg *seg;
	bool sent;

	if (!tlp_wanted(c))
		return;
	if (tcp_output_pending(c) && tcp_output_new(c, 1)) {
		c->loss.tlp_rtx = false;
	} else {
		seg = tcp_tree_last(&c->rtx.q);
		if (tcp_env_in_queue(c, seg))
			goto out;
		if (seg->len > c->snd.mss) {
			struct tcp_seg *tail;

			tail = tcp_rtx_split(c, seg, (seg->len - 1) / c->snd.mss * c->snd.mss);
			if (tail)
				seg = tail;
		}
		sent = tcp_output_again(c, seg, 1);
		if (!sent)
			goto out;
		c->loss.tlp_rtx = true;
	}
	c->loss.tlp_out = true;
	c->loss.tlp_end = c->snd.nxt;
	tcp_env_count(c, LINUX_MIB_TCPLOSSPROBES, 1);
out:
	tcp_rto_restart(c);
}

/* TCP_TMR_LOSS ran out. */
void tcp_loss_timer(struct tcp_conn *c)
{
	struct tcp_ack_ctx a = { .now_us = tcp_us(c->tmr.now), .una = c->snd.una, .rtt_us = -1 };

	if (!c->rtx.packets || !tcp_state_in(c, TCP_CAN_SEND))
		return;
	if (c->loss.tlp_timer) {
		c->loss.tlp_timer = false;
		tlp_probe(c);
		return;
	}
	a.flight = tcp_cong_flight(c);
	tcp_loss_on_ack(c, &a, NULL);
	tcp_rto_restart(c);
}

/* 7.4: an ACK came while a probe is unanswered. */
void tcp_tlp_on_ack(struct tcp_conn *c, const struct tcp_ack_ctx *a)
{
	struct tcp_loss *l = &c->loss;

	if (!l->tlp_out || seq_lt(c->snd.una, l->tlp_end))
		return;
	if (!l->tlp_rtx) {
		l->tlp_out = false;
	} else if (a->dsack) {
		/* Original and probe both arrived: nothing was lost. */
		l->tlp_out = false;
	} else if (seq_gt(c->snd.una, l->tlp_end)) {
		/* The probe filled a hole: that was a loss, the window must show it. */
		l->tlp_out = false;
		tcp_env_count(c, LINUX_MIB_TCPLOSSPROBERECOVERY, 1);
		tcp_loss_enter_cwr(c, false);
	} else if (!a->acked && a->dup) {
		l->tlp_out = false;
	}
}
