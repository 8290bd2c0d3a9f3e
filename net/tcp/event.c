// SPDX-License-Identifier: GPL-2.0
/*
 * What the engine tells, and what the socket makes of it: state, errors, wake-ups, the end.
 *
 * tcp_env_event() only notes; tcp_settle() acts, after the engine has returned, once for a whole
 * burst.
 */
#include <linux/wait.h>

#include <plumb/mib.h>
#include <plumb/trace.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "engine/env.h"

static const u16 tcp_event_told[] = {
	[TCP_EV_ESTABLISHED]	= TCP_TOLD_OPEN,
	[TCP_EV_READABLE]	= TCP_TOLD_READABLE,
	[TCP_EV_WRITABLE]	= TCP_TOLD_WRITABLE,
	[TCP_EV_FIN]		= TCP_TOLD_FIN,
	[TCP_EV_ERROR]		= TCP_TOLD_ERROR,
	[TCP_EV_TIME_WAIT]	= TCP_TOLD_TIME_WAIT,
};

void tcp_env_event(struct tcp_conn *c, enum tcp_event ev, int arg)
{
	struct plumb_tcp_sock *ts = tcp_conn_sock(c);
	struct sock *sk = &ts->ps.sk;

	switch (ev) {
	case TCP_EV_PATH:
		plumb_path_release(&ts->ps.path);
		break;
	case TCP_EV_TIMEOUT:
		if (sk_rethink_txhash(sk)) {
			ts->rehash++;
			PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_TCPTIMEOUTREHASH);
		}
		break;
	case TCP_EV_SOFT_ERROR:
		WRITE_ONCE(sk->sk_err_soft, arg);
		break;
	case TCP_EV_CLOSED:
		break;
	case TCP_EV_LEARNED:
		tcp_metrics_save(sk);
		break;
	case TCP_EV_FAST_HOLE:
		tcp_fastcache_hole_seen(sk);
		break;
	case TCP_EV_URGENT:
		tcp_rcvq_mark(ts);
		ts->told |= TCP_TOLD_URGENT;
		break;
	case TCP_EV_ERROR:
		ts->err = arg;
		fallthrough;
	default:
		ts->told |= tcp_event_told[ev];
	}
}

void tcp_env_count(struct tcp_conn *c, int mib, int n)
{
	PLUMB_LINUX_ADD(plumb_sock_net(tcp_conn_sk(c)), mib, n);
}

bool tcp_env_challenge_ok(struct tcp_conn *c, u64 now)
{
	struct plumb_tcp_net *tn = plumb_sock_net(tcp_conn_sk(c))->tcp;
	u32 s = (u32)div_u64(now, NSEC_PER_SEC), limit = tn->par.challenge_ack_limit;
	bool ok;

	if (limit == INT_MAX)
		return true;
	spin_lock_bh(&tn->challenge_lock);
	if (tn->challenge_s != s) {
		/*
		 * Between half and one and a half of it: not to be counted from outside (RFC 5961
		 * 10).
		 */
		tn->challenge_s = s;
		tn->challenge_n = (limit + 1) / 2 + get_random_u32() % max(limit, 1U);
	}
	ok = tn->challenge_n;
	if (ok)
		tn->challenge_n--;
	spin_unlock_bh(&tn->challenge_lock);
	return ok;
}

void tcp_state_sync(struct sock *sk, int state)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	int old = sk->sk_state;

	if (old == state)
		return;
	if (state == TCP_ESTABLISHED)
		PLUMB_TCP_INC(pn, TCP_MIB_CURRESTAB);
	else if (old == TCP_ESTABLISHED)
		PLUMB_TCP_DEC(pn, TCP_MIB_CURRESTAB);
	if (state == TCP_CLOSE && (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT))
		PLUMB_TCP_INC(pn, TCP_MIB_ESTABRESETS);
	/* Pairs with the lockless readers: accept(), poll(), /proc. */
	smp_store_release(&sk->sk_state, state);
}

/*
 * Like the core's own for streams: wakes writers, poll() and SIGIO when a third of the buffer is
 * free.
 */
void plumb_tcp_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sock || !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

static void tcp_settle_writable(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct tcp_conn *c = &ts->c;

	/* What was acknowledged had come through the neighbour. */
	plumb_path_confirm(&ts->ps.path);
	if (c->cong.cwnd * c->snd.mss > (u32)READ_ONCE(sk->sk_sndbuf) / 4)
		tcp_mem_sndbuf_grow(sk);
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

static void tcp_settle_open(struct sock *sk)
{
	if (tcp_sk_of(sk)->fast_lsk)
		tcp_fast_proven(sk, false);
	tcp_mem_sndbuf_grow(sk);
	sk->sk_state_change(sk);
	if (sk->sk_socket)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

static void tcp_settle_fin(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

static void tcp_settle_readable(struct sock *sk, u16 told)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	if (sock_flag(sk, SOCK_DEAD))
		return;
	if ((told & TCP_TOLD_URGENT) || tcp_rcvq_len(ts) >= (u32)READ_ONCE(sk->sk_rcvlowat) ||
	    sock_flag(sk, SOCK_DONE) || !tcp_mem_room(sk))
		sk->sk_data_ready(sk);
}

/* The connection has ended, well or with an error. */
static void tcp_settle_end(struct sock *sk, u16 told)
{
	if (told & TCP_TOLD_ERROR) {
		WRITE_ONCE(sk->sk_err, tcp_sk_of(sk)->err);
		/* poll() sees the error before it sees the state. */
		smp_wmb();
	}
	if (told & TCP_TOLD_FIN)
		tcp_settle_fin(sk);
	if ((told & TCP_TOLD_READABLE) && !sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	if (!(told & TCP_TOLD_ERROR) || sock_flag(sk, SOCK_DEAD)) {
		tcp_sock_done(sk);
		return;
	}
	tcp_sock_done(sk);
	sk_error_report(sk);
}

void tcp_settle(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u16 told;

	/* The device's or the route's MTU is less than when the segment was cut. */
	if (unlikely(ts->told & TCP_TOLD_NARROW)) {
		ts->told &= ~TCP_TOLD_NARROW;
		tcp_err_path(sk);
	}
	told = ts->told;
	if (!told && ts->c.state == sk->sk_state)
		return;
	/* A listener has no connection: its TCB stays CLOSED. */
	if (sk->sk_state == TCP_LISTEN || ts->fast_wait)
		return;
	ts->told = 0;
	if (unlikely((told & TCP_TOLD_TIME_WAIT) && ts->c.state != TCPS_CLOSED))
		tcp_tw_start(sk, tcp_now());
	if (unlikely(ts->c.state == TCPS_CLOSED)) {
		if (sk->sk_state != TCP_CLOSE)
			tcp_settle_end(sk, told);
		return;
	}
	tcp_state_sync(sk, ts->c.state);
	if (told & TCP_TOLD_OPEN)
		tcp_settle_open(sk);
	if (told & TCP_TOLD_URGENT)
		sk_send_sigurg(sk);
	if (told & TCP_TOLD_FIN)
		tcp_settle_fin(sk);
	if (told & (TCP_TOLD_READABLE | TCP_TOLD_URGENT))
		tcp_settle_readable(sk, told);
	if (told & TCP_TOLD_WRITABLE)
		tcp_settle_writable(sk);
}

void tcp_sock_done(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		PLUMB_TCP_INC(plumb_sock_net(sk), TCP_MIB_ATTEMPTFAILS);
	if (ts->fast_lsk)
		tcp_fast_proven(sk, ts->err == ECONNRESET);
	tcp_conn_purge(&ts->c);
	ts->told = 0;
	/* Nothing is to be sent: tcp_flow_wfree() need not look. */
	clear_bit(TCP_FLOW_HELD, &ts->flow);
	tcp_emit_purge(sk);
	tcp_timer_stop(sk);
	tcp_demux_del(sk);
	tcp_state_sync(sk, TCP_CLOSE);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		plumb_port_put(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		tcp_sock_destroy(sk);
}

void tcp_sock_destroy(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	WARN_ON_ONCE(sk->sk_state != TCP_CLOSE || !sock_flag(sk, SOCK_DEAD));
	tcp_sk_of(sk)->gone = true;
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	atomic_dec(&pn->tcp->orphans);
	sock_put(sk);
}

/* The owner lets go of the lock: what was left to him is done, with the lock still his. */
void plumb_tcp_release_cb(struct sock *sk)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	unsigned long owed = READ_ONCE(ts->owed);
	u64 now;

	if (owed) {
		now = tcp_now();
		owed = xchg(&ts->owed, 0);
		if (owed & BIT(TCP_OWED_PATH))
			tcp_err_path(sk);
		if (owed & BIT(TCP_OWED_TIMER))
			tcp_timer_run(sk, now);
		tcp_conn_flush(&ts->c, now);
	}
	tcp_settle(sk);
}
