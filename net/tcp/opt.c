// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(2) and getsockopt(2) at level SOL_TCP: Linux's options, ranges and errors. Most write
 * a member of struct tcp_user, of which the engine is then told.
 */
#include <linux/capability.h>
#include <linux/uaccess.h>

#include <plumb/mib.h>

#include "sock.h"
#include "cc.h"
#include "engine/env.h"
#include "engine/info.h"

#define TCP_OPT_KEEP_MAX	32767	/* s */
#define TCP_OPT_CNT_MAX		127
#define TCP_OPT_MSS_MIN		88
#define TCP_OPT_MSS_MAX		32767
#define TCP_OPT_LINGER2_MAX	120	/* s */
#define TCP_OPT_RTO_INIT	1	/* s */
#define TCP_OPT_RTO_MAX		120	/* s */

static bool tcp_opt_within(int val, int lo, int hi)
{
	return val >= lo && val <= hi;
}

/* TCP_DEFER_ACCEPT in seconds, as repeats of the SYN-ACK that cover them. */
static u8 tcp_opt_retries(int seconds)
{
	int period = TCP_OPT_RTO_INIT, timeout = TCP_OPT_RTO_INIT;
	u8 n = 0;

	if (seconds <= 0)
		return 0;
	for (n = 1; seconds > period && n < 255; n++) {
		timeout = min(timeout * 2, TCP_OPT_RTO_MAX);
		period += timeout;
	}
	return n;
}

static int tcp_opt_seconds(u8 n)
{
	int period = 0, timeout = TCP_OPT_RTO_INIT;

	if (n--)
		period = timeout;
	else
		return 0;
	while (n--) {
		timeout = min(timeout * 2, TCP_OPT_RTO_MAX);
		period += timeout;
	}
	return period;
}

static int tcp_opt_set_keep(struct tcp_user *u, int optname, int val)
{
	if (!tcp_opt_within(val, 1, optname == TCP_KEEPCNT ? TCP_OPT_CNT_MAX : TCP_OPT_KEEP_MAX))
		return -EINVAL;
	if (optname == TCP_KEEPIDLE)
		u->keep_idle_ms = val * MSEC_PER_SEC;
	else if (optname == TCP_KEEPINTVL)
		u->keep_intvl_ms = val * MSEC_PER_SEC;
	else
		u->keep_probes = val;
	return 0;
}

static int tcp_opt_set_maxseg(struct tcp_user *u, int val)
{
	if (val && !tcp_opt_within(val, TCP_OPT_MSS_MIN, TCP_OPT_MSS_MAX))
		return -EINVAL;
	u->maxseg = val;
	return 0;
}

static int tcp_opt_set_linger2(struct tcp_user *u, int val)
{
	if (val < 0)
		u->linger2_ms = -1;
	else
		u->linger2_ms = min(val, TCP_OPT_LINGER2_MAX) * (int)MSEC_PER_SEC;
	return 0;
}

static int tcp_opt_set_clamp(struct sock *sk, struct tcp_user *u, int val)
{
	if (!val && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	u->window_clamp = val ? max_t(u32, val, SOCK_MIN_RCVBUF / 2) : 0;
	return 0;
}

static int tcp_opt_set_defer(struct sock *sk, int val)
{
	tcp_sk_of(sk)->defer_accept = tcp_opt_retries(val);
	return 0;
}

/* Options of struct tcp_user; -ENOPROTOOPT: none of them. */
static int tcp_opt_set_user(struct sock *sk, struct tcp_user *u, int optname, int val)
{
	switch (optname) {
	case TCP_NODELAY:
		u->nodelay = val;
		return 0;
	case TCP_CORK:
		u->cork = val;
		return 0;
	case TCP_MAXSEG:
		return tcp_opt_set_maxseg(u, val);
	case TCP_KEEPIDLE:
	case TCP_KEEPINTVL:
	case TCP_KEEPCNT:
		return tcp_opt_set_keep(u, optname, val);
	case TCP_SYNCNT:
		if (!tcp_opt_within(val, 1, TCP_OPT_CNT_MAX))
			return -EINVAL;
		u->syn_retries = val;
		return 0;
	case TCP_LINGER2:
		return tcp_opt_set_linger2(u, val);
	case TCP_WINDOW_CLAMP:
		return tcp_opt_set_clamp(sk, u, val);
	case TCP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		u->user_timeout_ms = val;
		return 0;
	case TCP_NOTSENT_LOWAT:
		u->notsent_lowat = val;
		sk->sk_write_space(sk);
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		if (!tcp_opt_within(val, 0, 1))
			return -EINVAL;
		u->thin_linear_timeouts = val;
		return 0;
	}
	return -ENOPROTOOPT;
}

static int tcp_opt_set_fast_connect(struct sock *sk, int val)
{
	if (!tcp_opt_within(val, 0, 1))
		return -EINVAL;
	if (!(READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_fastopen) & TCP_FASTCTL_CLIENT))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tcp_sk_of(sk)->fast_connect = val;
	return 0;
}

/* Options of the socket alone. */
static int tcp_opt_set_sock(struct sock *sk, int optname, int val)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	switch (optname) {
	case TCP_DEFER_ACCEPT:
		return tcp_opt_set_defer(sk, val);
	case TCP_INQ:
		if (!tcp_opt_within(val, 0, 1))
			return -EINVAL;
		ts->inq = val;
		return 0;
	case TCP_SAVE_SYN:
		if (!tcp_opt_within(val, 0, 2))
			return -EINVAL;
		ts->save_syn = val;
		return 0;
	case TCP_QUICKACK:
		tcp_conn_quickack(&ts->c, val, tcp_now());
		return 0;
	case TCP_FASTOPEN:
		if (val < 0 || !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
			return -EINVAL;
		return tcp_fast_listen(sk, val);
	case TCP_FASTOPEN_CONNECT:
		return tcp_opt_set_fast_connect(sk, val);
	case TCP_FASTOPEN_NO_COOKIE:
		if (!tcp_opt_within(val, 0, 1) ||
		    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
			return -EINVAL;
		ts->fast_no_cookie = val;
		return 0;
	case TCP_THIN_DUPACK:
		/* Early retransmission by RACK made it needless; Linux says no more either. */
		return tcp_opt_within(val, 0, 1) ? 0 : -EINVAL;
	}
	return -ENOPROTOOPT;
}

static int tcp_opt_set_int(struct sock *sk, int optname, int val)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	u64 now = tcp_now();
	bool cork;
	int err;

	err = tcp_opt_set_user(sk, &c->user, optname, val);
	if (err == -ENOPROTOOPT)
		return tcp_opt_set_sock(sk, optname, val);
	if (!err && sk->sk_state != TCP_LISTEN) {
		/* What the cork holds back goes with it, this once. */
		cork = c->user.cork;
		if (optname == TCP_NODELAY && val)
			c->user.cork = false;
		tcp_conn_user_changed(c, now);
		tcp_conn_flush(c, now);
		c->user.cork = cork;
		tcp_settle(sk);
	}
	return err;
}

static int tcp_opt_use_cc(struct sock *sk, const char *name)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct tcp_cc_ops *old = ts->c.cong.ops, *cc;
	bool admin = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);

	/* What it has it may keep. */
	cc = tcp_cc_get(name, admin || !strcmp(name, old->name));
	if (IS_ERR(cc))
		return PTR_ERR(cc);
	tcp_conn_set_cc(&ts->c, cc, tcp_now());
	if (ts->c.cong.paced)
		tcp_timer_pacing(sk);
	ts->cc_chosen = true;
	tcp_cc_put(old);
	return 0;
}

static int tcp_opt_set_cc(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	char name[TCP_CC_NAME_MAX];
	long n;
	int err;

	if (optlen < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(long, TCP_CC_NAME_MAX - 1, optlen));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	tcp_cc_load(name);
	lock_sock(sk);
	err = tcp_opt_use_cc(sk, name);
	release_sock(sk);
	return err;
}

/* TCP_FASTOPEN_KEY: one key, or one and an older one. */
static int tcp_opt_set_fast_key(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	u8 key[PLUMB_TCP_FAST_KEY * PLUMB_TCP_FAST_KEYS];
	int err;

	if (optlen != PLUMB_TCP_FAST_KEY && optlen != sizeof(key))
		return -EINVAL;
	if (copy_from_sockptr(key, optval, optlen))
		return -EFAULT;
	lock_sock(sk);
	err = tcp_fast_key_set(sk, key, optlen / PLUMB_TCP_FAST_KEY);
	release_sock(sk);
	memzero_explicit(key, sizeof(key));
	return err;
}

int tcp_opt_set(struct sock *sk, int level, int optname, sockptr_t optval, unsigned int optlen)
{
	int val, err;

	if (level != SOL_TCP)
		return plumb_ip_setsockopt(sk, level, optname, optval, optlen);
	if (optname == TCP_CONGESTION)
		return tcp_opt_set_cc(sk, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return tcp_opt_set_fast_key(sk, optval, optlen);
	if (optname == TCP_MD5SIG || optname == TCP_MD5SIG_EXT)
		return tcp_md5_set(sk, optname, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	lock_sock(sk);
	err = tcp_opt_set_int(sk, optname, val);
	release_sock(sk);
	return err;
}

static int tcp_opt_get_linger2(const struct sock *sk, const struct tcp_user *u)
{
	if (u->linger2_ms < 0)
		return -1;
	if (u->linger2_ms)
		return u->linger2_ms / (int)MSEC_PER_SEC;
	return READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_fin_timeout) / HZ;
}

static int tcp_opt_get_maxseg(const struct sock *sk, const struct tcp_conn *c)
{
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return c->user.maxseg ?: 536;
	return c->snd.mss;
}

/* What the receive buffer may grow to, unless the user said less; nothing before it opens. */
static int tcp_opt_get_clamp(const struct sock *sk, const struct tcp_user *u)
{
	if (u->window_clamp || (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return u->window_clamp;
	return min_t(u32, tcp_mem_limit(sk), INT_MAX);
}

/* TCP_TIMESTAMP: the clock of our timestamps, ms. */
static u32 tcp_opt_get_clock(const struct tcp_conn *c)
{
	return (u32)div_u64(tcp_now(), NSEC_PER_MSEC) + c->ts.offset;
}

/* 1: @val holds it; 0: no such option. */
static int tcp_opt_get_int(const struct sock *sk, int optname, int *val)
{
	const struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct plumb_sysctl *s = &plumb_sock_net(sk)->sysctl;
	const struct tcp_user *u = &ts->c.user;

	switch (optname) {
	case TCP_NODELAY:
		*val = u->nodelay;
		return 1;
	case TCP_CORK:
		*val = u->cork;
		return 1;
	case TCP_MAXSEG:
		*val = tcp_opt_get_maxseg(sk, &ts->c);
		return 1;
	case TCP_KEEPIDLE:
		*val = u->keep_idle_ms ? u->keep_idle_ms / MSEC_PER_SEC
				       : READ_ONCE(s->tcp_keepalive_time) / HZ;
		return 1;
	case TCP_KEEPINTVL:
		*val = u->keep_intvl_ms ? u->keep_intvl_ms / MSEC_PER_SEC
					: READ_ONCE(s->tcp_keepalive_intvl) / HZ;
		return 1;
	case TCP_KEEPCNT:
		*val = u->keep_probes ?: READ_ONCE(s->tcp_keepalive_probes);
		return 1;
	case TCP_SYNCNT:
		*val = u->syn_retries ?: READ_ONCE(s->tcp_syn_retries);
		return 1;
	case TCP_LINGER2:
		*val = tcp_opt_get_linger2(sk, u);
		return 1;
	case TCP_DEFER_ACCEPT:
		*val = tcp_opt_seconds(ts->defer_accept);
		return 1;
	case TCP_WINDOW_CLAMP:
		*val = tcp_opt_get_clamp(sk, u);
		return 1;
	case TCP_USER_TIMEOUT:
		*val = u->user_timeout_ms;
		return 1;
	case TCP_NOTSENT_LOWAT:
		*val = u->notsent_lowat;
		return 1;
	case TCP_QUICKACK:
		*val = !ts->c.ackd.pingpong;
		return 1;
	case TCP_INQ:
		*val = ts->inq;
		return 1;
	case TCP_SAVE_SYN:
		*val = ts->save_syn;
		return 1;
	case TCP_FASTOPEN:
		*val = ts->lsn ? READ_ONCE(ts->lsn->fast_max) : 0;
		return 1;
	case TCP_FASTOPEN_CONNECT:
		*val = ts->fast_connect;
		return 1;
	case TCP_FASTOPEN_NO_COOKIE:
		*val = ts->fast_no_cookie;
		return 1;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*val = u->thin_linear_timeouts;
		return 1;
	case TCP_TIMESTAMP:
		*val = tcp_opt_get_clock(&ts->c);
		return 1;
	case TCP_THIN_DUPACK:
		*val = 0;
		return 1;
	}
	return 0;
}

static int tcp_opt_put(const void *from, int size, int len, char __user *optval, int __user *optlen)
{
	len = min(len, size);
	if (put_user(len, optlen) || copy_to_user(optval, from, len))
		return -EFAULT;
	return 0;
}

static int tcp_opt_get_info(struct sock *sk, int len, char __user *optval, int __user *optlen)
{
	struct tcp_conn_info info;

	lock_sock(sk);
	tcp_info_fill(sk, &info);
	release_sock(sk);
	return tcp_opt_put(&info, sizeof(info), len, optval, optlen);
}

static int tcp_opt_get_cc(struct sock *sk, int len, char __user *optval, int __user *optlen)
{
	char name[TCP_CC_NAME_MAX] = {};

	lock_sock(sk);
	strscpy(name, tcp_sk_of(sk)->c.cong.ops->name, sizeof(name));
	release_sock(sk);
	return tcp_opt_put(name, sizeof(name), len, optval, optlen);
}

static int tcp_opt_get_cc_info(struct sock *sk, int len, char __user *optval, int __user *optlen)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	u32 buf[8] = {};
	int size = 0;

	lock_sock(sk);
	if (c->cong.ops->info)
		size = c->cong.ops->info(&c->cong, buf, sizeof(buf));
	release_sock(sk);
	return tcp_opt_put(buf, size, len, optval, optlen);
}

/* TCP_SAVED_SYN: given once. */
static int tcp_opt_get_syn(struct sock *sk, int len, char __user *optval, int __user *optlen)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	int err = 0;

	lock_sock(sk);
	if (!ts->syn) {
		err = put_user(0, optlen) ? -EFAULT : 0;
	} else if (len < ts->syn->len) {
		err = put_user((int)ts->syn->len, optlen) ? -EFAULT : -EINVAL;
	} else {
		err = tcp_opt_put(ts->syn->data, ts->syn->len, len, optval, optlen);
		if (!err) {
			kfree(ts->syn);
			ts->syn = NULL;
		}
	}
	release_sock(sk);
	return err;
}

static int tcp_opt_get_fast_key(struct sock *sk, int len, char __user *optval, int __user *optlen)
{
	u8 key[PLUMB_TCP_FAST_KEY * PLUMB_TCP_FAST_KEYS];
	unsigned int num;
	int err;

	lock_sock(sk);
	num = tcp_fast_key_get(sk, key);
	release_sock(sk);
	err = tcp_opt_put(key, num * PLUMB_TCP_FAST_KEY, len, optval, optlen);
	memzero_explicit(key, sizeof(key));
	return err;
}

int tcp_opt_get(struct sock *sk, int level, int optname, char __user *optval, int __user *optlen)
{
	int len, val;

	if (level != SOL_TCP)
		return plumb_ip_getsockopt(sk, level, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case TCP_INFO:
		return tcp_opt_get_info(sk, len, optval, optlen);
	case TCP_CONGESTION:
		return tcp_opt_get_cc(sk, len, optval, optlen);
	case TCP_CC_INFO:
		return tcp_opt_get_cc_info(sk, len, optval, optlen);
	case TCP_FASTOPEN_KEY:
		return tcp_opt_get_fast_key(sk, len, optval, optlen);
	case TCP_SAVED_SYN:
		return tcp_opt_get_syn(sk, len, optval, optlen);
	}
	if (!tcp_opt_get_int(sk, optname, &val))
		return -ENOPROTOOPT;
	return tcp_opt_put(&val, sizeof(val), len, optval, optlen);
}

/* SO_KEEPALIVE (struct proto's keepalive): called with the socket locked. */
void tcp_opt_keepalive(struct sock *sk, int on)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	c->user.keepalive = on;
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		tcp_conn_user_changed(c, tcp_now());
}
