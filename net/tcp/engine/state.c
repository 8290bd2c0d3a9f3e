// SPDX-License-Identifier: GPL-2.0
/*
 * The connection's state and its legal changes (RFC 9293 3.3.2, Figure 5).
 *
 *	            CLOSED <-------------------------------.
 *	   open |        | tcp_conn_from_half()            | (from every state: RST, abort)
 *	        v        v                                 |
 *	   SYN-SENT -> SYN-RECEIVED                        |
 *	        \        /                                 |
 *	         ESTABLISHED                               |
 *	   close /        \ FIN came                       |
 *	 FIN-WAIT-1     CLOSE-WAIT                         |
 *	   |      \          | close                       |
 *	 FIN-   CLOSING   LAST-ACK ------------------------'
 *	 WAIT-2    |
 *	   \      /
 *	  TIME-WAIT (struct tcp_tw)
 *
 * LISTEN and the passive SYN-RECEIVED have records of their own (half.c).
 */
#include "inner.h"

static const u16 state_edges[] = {
	[TCPS_CLOSED] = TCP_IN(TCPS_SYN_SENT) | TCP_IN(TCPS_SYN_RECEIVED),
	[TCPS_SYN_SENT] = TCP_IN(TCPS_ESTABLISHED) | TCP_IN(TCPS_SYN_RECEIVED) |
			  TCP_IN(TCPS_CLOSED),
	[TCPS_SYN_RECEIVED] = TCP_IN(TCPS_ESTABLISHED) | TCP_IN(TCPS_FIN_WAIT_1) |
			      TCP_IN(TCPS_CLOSED),
	[TCPS_ESTABLISHED] = TCP_IN(TCPS_FIN_WAIT_1) | TCP_IN(TCPS_CLOSE_WAIT) |
			     TCP_IN(TCPS_CLOSED),
	[TCPS_FIN_WAIT_1] = TCP_IN(TCPS_FIN_WAIT_2) | TCP_IN(TCPS_CLOSING) |
			    TCP_IN(TCPS_TIME_WAIT) | TCP_IN(TCPS_CLOSED),
	[TCPS_FIN_WAIT_2] = TCP_IN(TCPS_TIME_WAIT) | TCP_IN(TCPS_CLOSED),
	[TCPS_CLOSE_WAIT] = TCP_IN(TCPS_LAST_ACK) | TCP_IN(TCPS_CLOSED),
	[TCPS_CLOSING] = TCP_IN(TCPS_TIME_WAIT) | TCP_IN(TCPS_CLOSED),
	[TCPS_LAST_ACK] = TCP_IN(TCPS_CLOSED),
	[TCPS_TIME_WAIT] = TCP_IN(TCPS_CLOSED),
	[TCPS_LISTEN] = 0,
};

/* The one writer of c->state. An edge that Figure 5 has not is a bug in the engine. */
void tcp_state_set(struct tcp_conn *c, u8 to)
{
	if (TCP_IMPOSSIBLE(!(state_edges[c->state] & TCP_IN(to))))
		return;
	c->state = to;
}
