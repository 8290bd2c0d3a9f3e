// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO: the engine's figures, and the few that the kernel side knows. */
#include "sock.h"
#include "engine/info.h"

void tcp_info_fill(struct sock *sk, struct tcp_conn_info *info)
{
	const struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	memset(info, 0, sizeof(*info));
	tcp_conn_info(&ts->c, info, tcp_now());
	info->state = sk->sk_state;
}
