// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO: the engine's figures, and the few that the kernel side knows. */
#include "sock.h"
#include "engine/info.h"

static u64 tcp_info_rate(unsigned long rate)
{
	return rate == ~0UL ? U64_MAX : rate;
}

/* A listener: its queue, under the names of what it has not. */
static void tcp_info_listen(const struct sock *sk, struct tcp_conn_info *info)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;

	info->reordering = c->loss.reordering;
	info->snd_cwnd = c->cong.cwnd;
	info->pacing_rate = tcp_info_rate(READ_ONCE(sk->sk_pacing_rate));
	info->unacked = READ_ONCE(sk->sk_ack_backlog);
	info->sacked = READ_ONCE(sk->sk_max_ack_backlog);
}

void tcp_info_fill(struct sock *sk, struct tcp_conn_info *info)
{
	const struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	memset(info, 0, sizeof(*info));
	if (sk->sk_state == TCP_LISTEN)
		tcp_info_listen(sk, info);
	else
		tcp_conn_info(&ts->c, info, tcp_now());
	info->state = sk->sk_state;
	info->max_pacing_rate = tcp_info_rate(READ_ONCE(sk->sk_max_pacing_rate));
	info->rehash = ts->rehash;
}
