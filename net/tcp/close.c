// SPDX-License-Identifier: GPL-2.0
/*
 * The ways out: shutdown(2), close(2), disconnect (connect() to AF_UNSPEC), and the end of a
 * connection that nobody accepted.
 */
#include <linux/net.h>

#include <plumb/init.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "engine/env.h"

void plumb_tcp_shutdown(struct sock *sk, int how)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	u64 now = tcp_now();

	if (!(how & SEND_SHUTDOWN))
		return;
	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_CLOSE_WAIT)))
		return;
	tcp_conn_shutdown(c, now);
	tcp_conn_flush(c, now);
	tcp_settle(sk);
}

/*
 * Too many connections without a user, or too much memory in them? One that has little to send is
 * over sooner than that it would be worth a reset.
 */
static bool tcp_close_too_many(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	if (atomic_read(&pn->tcp->orphans) <= READ_ONCE(pn->sysctl.tcp_max_orphans) &&
	    (sk->sk_wmem_queued <= SOCK_MIN_SNDBUF || sk_memory_allocated(sk) <= plumb_tcp_mem[2]))
		return false;
	net_info_ratelimited("plumb: too many orphaned TCP sockets\n");
	PLUMB_LINUX_INC(pn, LINUX_MIB_TCPABORTONMEMORY);
	return true;
}

void tcp_close_abort(struct sock *sk)
{
	tcp_conn_abort(&tcp_sk_of(sk)->c, tcp_now());
	/* The abort's verdict is nobody's any more. */
	tcp_sk_of(sk)->told = 0;
	tcp_sock_done(sk);
}

/* bh_lock_sock() held, no owner. */
void tcp_close_orphan(struct sock *sk)
{
	sock_orphan(sk);
	atomic_inc(&plumb_sock_net(sk)->tcp->orphans);
	if (sk->sk_state != TCP_CLOSE && tcp_close_too_many(sk))
		tcp_close_abort(sk);
	else
		tcp_settle(sk);
}

void tcp_close_child(struct sock *sk)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	sock_orphan(sk);
	atomic_inc(&plumb_sock_net(sk)->tcp->orphans);
	if (c->state != TCPS_CLOSED)
		tcp_conn_abort(c, tcp_now());
	tcp_sk_of(sk)->told = 0;
	if (sk->sk_state == TCP_CLOSE)
		tcp_sock_destroy(sk);
	else
		tcp_sock_done(sk);
}

/* Throws away what was received and not read: its octets. */
static u32 tcp_close_unread(struct sock *sk)
{
	u32 n = tcp_rcvq_len(tcp_sk_of(sk));

	__skb_queue_purge(&sk->sk_receive_queue);
	WRITE_ONCE(tcp_sk_of(sk)->rcvq_read, tcp_sk_of(sk)->rcvq_end);
	return n;
}

/* The user's half of close(2); how long SO_LINGER lets it wait. */
static long tcp_close_user(struct sock *sk, long timeout)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct plumb_net *pn = plumb_sock_net(sk);
	u32 unread = tcp_close_unread(sk);
	u64 now = tcp_now();

	if (sk->sk_state == TCP_CLOSE)
		return 0;
	ts->fast_wait = false;
	if (unread) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPABORTONCLOSE);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPABORTONDATA);
		tcp_conn_abort(&ts->c, now);
		/* Linux's close() tells nobody of an error it made itself. */
		ts->told &= ~TCP_TOLD_ERROR;
		return 0;
	}
	tcp_conn_close(&ts->c, unread, now);
	tcp_conn_flush(&ts->c, now);
	/* The state is seen before what the backlog brings. */
	tcp_settle(sk);
	return timeout;
}

void plumb_tcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		tcp_listen_stop(sk);
		timeout = 0;
	} else {
		timeout = tcp_close_user(sk, timeout);
		sk_stream_wait_close(sk, timeout);
	}
	sock_hold(sk);
	release_sock(sk);

	/* The file has gone: nobody takes the lock as owner from here on. */
	local_bh_disable();
	bh_lock_sock(sk);
	WARN_ON_ONCE(sock_owned_by_user(sk));
	tcp_close_orphan(sk);
	if (sk->sk_state == TCP_CLOSE && !tcp_sk_of(sk)->gone)
		tcp_sock_destroy(sk);
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/* A socket as it was before connect() or listen(), but for its options. */
static void tcp_disconnect_reset(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct tcp_cc_ops *cc = ts->c.cong.ops;
	struct tcp_user user = ts->c.user;

	__skb_queue_purge(&sk->sk_receive_queue);
	tcp_emit_purge(sk);
	tcp_open_reset(sk, cc);
	ts->c.user = user;
	ts->c.user.orphan = false;
	kfree(ts->syn);
	ts->syn = NULL;
	WRITE_ONCE(sk->sk_dport, 0);
	WRITE_ONCE(sk->sk_daddr, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		WRITE_ONCE(sk->sk_rcv_saddr, 0);
		ts->ps.saddr = 0;
	}
	plumb_path_release(&ts->ps.path);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	WRITE_ONCE(sk->sk_err_soft, 0);
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
}

int plumb_tcp_disconnect(struct sock *sk, int flags)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	int old = sk->sk_state;

	ts->fast_wait = false;
	if (old == TCP_LISTEN) {
		tcp_listen_stop(sk);
	} else if (old != TCP_CLOSE) {
		tcp_conn_abort(&ts->c, tcp_now());
		ts->told = 0;
		if ((1 << old) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_ESTABLISHED |
				  TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT))
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		tcp_sock_done(sk);
	}
	tcp_disconnect_reset(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		plumb_port_put(sk);
	sk_error_report(sk);
	return 0;
}
