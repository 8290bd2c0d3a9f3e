// SPDX-License-Identifier: GPL-2.0
/*
 * When to acknowledge (RFC 9293 3.8.6.3, RFC 5681 4.2): every second full segment at once; others
 * after a delay that follows the peer's pace (ATO, 40 to 200 ms, MUST-58's half second is far);
 * at once at the start, after a loss and after a pause, when the sender needs ACKs to grow; at
 * once, too, when the user has read all there is and it was the end of a write; and never alone
 * when the user answers each request anyway (pingpong: the ACK rides on the answer).
 */
#include "inner.h"

#define DELACK_QUICK_MAX	16

void tcp_delack_init(struct tcp_conn *c)
{
	c->ackd.ato_us = 0;
	c->rcv.mss = min_t(u32, TCP_MSS_DEFAULT, c->snd.mss_path);
}

/* The next @segs segments are acknowledged at once (fewer if the window is that small). */
void tcp_delack_quick(struct tcp_conn *c, u32 segs)
{
	u32 n = c->rcv.mss ? c->rcv.wnd / (2 * c->rcv.mss) : 0;

	n = clamp_t(u32, n, 2, segs);
	if (n > c->ackd.quick)
		c->ackd.quick = n;
	c->ackd.pingpong = false;
	c->ackd.ato_us = c->par->delack_min_us;
}

/* The delay follows the distance of arrivals. */
static void delack_learn(struct tcp_conn *c, u32 now_us)
{
	struct tcp_ackd *d = &c->ackd;
	u32 gap = now_us - d->last_us, least = c->par->delack_min_us;

	if (!d->ato_us)
		tcp_delack_quick(c, DELACK_QUICK_MAX);
	else if (gap <= least / 2)
		d->ato_us = d->ato_us / 2 + least / 2;
	else if (gap < d->ato_us)
		d->ato_us = min(d->ato_us / 2 + gap, c->rtt.rto_us);
	else if (gap > c->rtt.rto_us)
		tcp_delack_quick(c, DELACK_QUICK_MAX);
	d->last_us = now_us;
}

/*
 * The size of a full segment, by the largest that came. What is shorter, or has PSH, is the end of
 * a write, or of what the peer's window let go at once: he may wait for our ACK.
 */
static void delack_mss(struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 len = in->len;

	if (in->n_segs > 1 && len > c->rcv.mss)
		len = (len + in->n_segs - 1) / in->n_segs;
	if (len > c->rcv.mss)
		c->rcv.mss = min_t(u32, len, c->rcv.advmss);
	if (len < c->rcv.mss)
		c->ackd.pushed = c->ackd.pushed ? 2 : 1;
	else if (in->flags & TCPF_PSH && !c->ackd.pushed)
		c->ackd.pushed = 1;
}

/*
 * The buffer has just grown, so the sender does: he is in slow start, or makes good for a loss.
 * With an ACK a segment he grows as RFC 5681 3.1 has it, in even steps, and finds by their spacing
 * what the path carries before its queue overflows. Over after half as much text as there is room
 * more.
 */
static void delack_news(struct tcp_conn *c, const struct tcp_segin *in)
{
	c->ackd.news -= min(c->ackd.news, 2 * in->len);
	if (!c->ackd.quick)
		c->ackd.quick = 1;
}

/* Text came in order. */
void tcp_delack_text(struct tcp_conn *c, const struct tcp_segin *in)
{
	delack_mss(c, in);
	tcp_window_measure(c, in);
	delack_learn(c, tcp_us(c->tmr.now));
	if (c->ackd.news)
		delack_news(c, in);
}

/*
 * Must what has come be acknowledged now? What the user has still to read keeps the right edge of
 * the window where it is: the ACK is worth more when he has (tcp_window_read()), and one then
 * stands for many. And where more is to be read than there is room for, it is the user who is
 * waited for, not the sender's window.
 */
bool tcp_delack_due(const struct tcp_conn *c)
{
	bool full = c->rcv.nxt - c->rcv.wup > c->rcv.mss;
	bool quick = c->ackd.quick && !c->ackd.pingpong;
	u32 unread = c->rcv.nxt - c->rcv.read, room;

	if (c->route.quickack)
		return true;
	if (!unread || (!full && !quick))
		return full || quick;
	room = tcp_env_rcv_room(c);
	return (full && room >= c->rcv.wnd) || (quick && room >= unread);
}

/*
 * The user has read all there is: will more come soon that is acknowledged with it? Not behind the
 * end of a write, and a user who takes several and answers none is not one who answers each.
 */
bool tcp_delack_drained(const struct tcp_conn *c)
{
	return c->ackd.pushed && c->rcv.read == c->rcv.nxt && c->rcv.nxt != c->rcv.wup &&
	       (c->ackd.pushed > 1 || !c->ackd.pingpong);
}

/* Segment with an ACK went out. */
void tcp_delack_sent(struct tcp_conn *c)
{
	tcp_timer_stop(c, TCP_TMR_DELACK);
	if (c->ackd.quick)
		c->ackd.quick--;
}

/* Text went out soon after text came: the user answers. */
void tcp_delack_data_sent(struct tcp_conn *c)
{
	if (c->ackd.ato_us && !c->ackd.pingpong &&
	    tcp_us(c->tmr.now) - c->ackd.last_us < c->ackd.ato_us) {
		if (++c->ackd.answers >= c->par->pingpong_thresh) {
			c->ackd.pingpong = true;
			c->ackd.answers = 0;
		}
	}
}

/*
 * The SYN-ACK came, and a writer has been waiting for it: his text takes its ACK along, and if it
 * does so soon, he is one who answers.
 */
void tcp_delack_writer(struct tcp_conn *c)
{
	c->rcv.wup = c->rcv.irs;
	c->ackd.ato_us = c->par->delack_min_us;
	c->ackd.last_us = tcp_us(c->tmr.now);
}

void tcp_conn_quickack(struct tcp_conn *c, int val, u64 now)
{
	tcp_clock_set(c, now);
	c->ackd.pingpong = !val;
	if (!val)
		return;
	if (!tcp_state_in(c, TCP_IN(TCPS_ESTABLISHED) | TCP_IN(TCPS_CLOSE_WAIT)) ||
	    c->rcv.nxt == c->rcv.wup)
		return;
	tcp_emit_ack(c);
	c->ackd.pingpong = !(val & 1);
}

void tcp_delack_timer(struct tcp_conn *c)
{
	if (c->rcv.nxt == c->rcv.wup)
		return;
	if (c->ackd.pingpong) {
		c->ackd.pingpong = false;
		c->ackd.ato_us = c->par->delack_min_us;
	} else {
		c->ackd.ato_us = min(c->ackd.ato_us * 2, c->rtt.rto_us);
	}
	tcp_env_count(c, LINUX_MIB_DELAYEDACKS, 1);
	c->out |= TCP_OUT_ACK;
}
