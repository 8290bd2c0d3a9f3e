// SPDX-License-Identifier: GPL-2.0
/* SEGMENT ARRIVES where there is no connection (RFC 9293 3.10.7.1). */
#include "engine.h"

bool tcp_closed_arrives(const struct tcp_segin *in, struct tcp_segout *out)
{
	if (in->flags & TCPF_RST)
		return false;
	memset(out, 0, sizeof(*out));
	out->flags = TCPF_RST;
	if (in->flags & TCPF_ACK) {
		out->seq = in->ack;
		return true;
	}
	out->flags |= TCPF_ACK;
	out->ack = in->seq + in->len + !!(in->flags & TCPF_SYN) + !!(in->flags & TCPF_FIN);
	return true;
}
