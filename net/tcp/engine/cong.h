/* SPDX-License-Identifier: GPL-2.0 */
/* What a congestion control algorithm is to the engine: see cc_reno.c for the shortest. */
#ifndef _PLUMB_TCP_ENGINE_CONG_H
#define _PLUMB_TCP_ENGINE_CONG_H

#include "engine.h"

/* Packets in flight (RFC 6675's pipe, counted in segments). */
static inline u32 tcp_cong_flight(const struct tcp_conn *c)
{
	return c->rtx.packets - c->rtx.sacked - c->rtx.lost + c->rtx.retrans;
}

#endif /* _PLUMB_TCP_ENGINE_CONG_H */
