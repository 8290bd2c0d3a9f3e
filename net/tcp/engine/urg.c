// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES, sixth: URG (RFC 9293 3.10.7.4, 3.8.5; RFC 6093). The pointer names the octet
 * after the urgent one, as all stacks have it, or with tcp_stdurg that octet itself (RFC 1122).
 * Only the mark is kept here; the octet is in the stream like any other, and the embedding takes it
 * out on the way to the user unless SO_OOBINLINE.
 */
#include "inner.h"

void tcp_urg_step(struct tcp_conn *c, const struct tcp_segin *in)
{
	u32 up = in->seq + in->up + c->par->stdurg;

	if (!tcp_state_in(c, TCP_CAN_RECV) || !in->up)
		return;
	/*
	 * Read already, or before a mark that is known: old news. It may lie beyond the window:
	 * that may be shut, and the user is to make room.
	 */
	if (seq_leq(up, c->rcv.read) || (c->rcv.urg && seq_leq(up, c->rcv.up)))
		return;
	c->rcv.up = up;
	c->rcv.urg = true;
	tcp_env_event(c, TCP_EV_URGENT, 0);
}
