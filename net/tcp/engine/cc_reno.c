// SPDX-License-Identifier: GPL-2.0
/*
 * Reno (RFC 5681 3.1): slow start, one packet a round trip after it, half at a loss.
 * The reference: what an algorithm must give, and no more.
 */
#include "cong.h"

/*
 * Half of an odd number of packets: the half packet is kept, as octets would (RFC 5681 3.1 equation
 * 4), as half of what the next one asks for.
 */
static u32 reno_ssthresh(struct tcp_cong *g)
{
	if (g->cwnd & 1)
		g->cnt = g->cwnd / 4;
	return max_t(u32, g->cwnd >> 1, 2);
}

static void reno_grow(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	u32 left = a->delivered;

	if (tcp_cong_slow_start(g))
		left = tcp_cong_grow_slow(g, left);
	if (left)
		tcp_cong_grow_linear(g, g->cwnd, left);
}

const struct tcp_cc_ops tcp_cc_reno = {
	.name = "reno",
	.flags = TCP_CC_FREE,
	.ssthresh = reno_ssthresh,
	.grow = reno_grow,
};
