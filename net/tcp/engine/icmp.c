// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors (RFC 9293 3.9.2.2, RFC 5927, RFC 1191). Whoever can guess the ports can send them:
 * they count only if they quote what is in flight, and never end a connection that is open.
 */
#include "inner.h"

/* The path carries less than was sent: send it again, smaller, at once and without blame. */
static void icmp_shrink(struct tcp_conn *c, u16 mss_path)
{
	if (mss_path >= c->snd.mss_path)
		return;
	c->snd.mss_path = mss_path;
	tcp_mss_update(c);
	if (!c->rtx.packets || !tcp_state_in(c, TCP_SYNCHRONIZED))
		return;
	tcp_rtx_resize(c);
	if (!c->rtx.lost)
		return;
	tcp_loss_enter_mtu(c);
	tcp_conn_flush(c, c->tmr.now);
}

bool tcp_conn_icmp(struct tcp_conn *c, u32 seq, int err, bool fatal, u16 mss_path, u64 now)
{
	tcp_clock_set(c, now);
	if (c->state == TCPS_CLOSED)
		return false;
	if (seq_lt(seq, c->snd.una) || seq_gt(seq, c->snd.nxt)) {
		tcp_env_count(c, LINUX_MIB_OUTOFWINDOWICMPS, 1);
		return false;
	}
	if (mss_path) {
		icmp_shrink(c, mss_path);
		return true;
	}
	/* An attempt to connect ends with any such news, as Linux's does (RFC 5461 4.1). */
	if (c->state == TCPS_SYN_SENT || (fatal && c->state == TCPS_SYN_RECEIVED)) {
		tcp_conn_over(c, err);
		return true;
	}
	tcp_env_event(c, TCP_EV_SOFT_ERROR, err);
	return true;
}
