// SPDX-License-Identifier: GPL-2.0
/*
 * What held sending back, by time, for TCP_INFO (RFC 4898's tcpEStatsPerfSndLim* in short): of the
 * time in which something was to be delivered, how long the peer's window was what stood in the
 * way, and how long the writer waited for room in the send buffer with nothing left to send.
 */
#include "inner.h"

void tcp_chrono(struct tcp_conn *c, u8 what)
{
	struct tcp_stat *s = &c->stat;
	u64 now = c->tmr.now;

	if (s->chrono == what)
		return;
	if (s->chrono)
		s->chrono_ns[s->chrono] += now - s->chrono_since;
	s->chrono_since = now;
	s->chrono = what;
}

/*
 * The writer waits for room, all that he wrote is on its way, and cwnd would let more go: the
 * buffer is what is too small.
 */
bool tcp_chrono_sndbuf(const struct tcp_conn *c)
{
	return c->stat.writer_waits && c->rtx.packets && !tcp_output_pending(c) &&
	       tcp_cong_flight(c) < c->cong.cwnd;
}

void tcp_conn_writer_waits(struct tcp_conn *c, bool waits)
{
	c->stat.writer_waits = waits;
	if (tcp_chrono_sndbuf(c))
		tcp_chrono(c, TCP_CHRONO_SNDBUF);
}

/**
 * tcp_chrono_us() - how long it has been so
 * @c: the connection
 * @what: TCP_CHRONO_RWND, TCP_CHRONO_SNDBUF, or TCP_CHRONO_BUSY for all three
 * @now: ns
 *
 * Return: µs.
 */
u64 tcp_chrono_us(const struct tcp_conn *c, u8 what, u64 now)
{
	const struct tcp_stat *s = &c->stat;
	u64 ns = s->chrono_ns[what];

	if (what == TCP_CHRONO_BUSY)
		ns += s->chrono_ns[TCP_CHRONO_RWND] + s->chrono_ns[TCP_CHRONO_SNDBUF];
	if (s->chrono && (s->chrono == what || what == TCP_CHRONO_BUSY))
		ns += now - s->chrono_since;
	return div_u64(ns, TCP_NSEC_PER_USEC);
}
