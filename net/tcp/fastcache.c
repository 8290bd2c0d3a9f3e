// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open (RFC 7413), client: the cookies that servers gave us, kept with what else is known of
 * the path (metrics.c); and what is remembered of paths that swallow such connections.
 */
#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/sock.h"
#include "engine/env.h"

/* What is known: MSS (or 0) and cookie. @cookie has room for the longest. */
static u16 tcp_fastcache_get(struct sock *sk, struct tcp_fast_syn *f, u8 *cookie)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_metrics *m = pn->tcp->metrics;
	const struct tcp_metrics_entry *e;
	u16 mss = 0;

	f->cookie = cookie;
	f->cookie_len = 0;
	f->exp = false;
	spin_lock_bh(&m->lock);
	e = tcp_metrics_find(pn, sk, false);
	if (e) {
		mss = e->fast.mss;
		memcpy(cookie, e->fast.cookie, e->fast.len);
		f->cookie_len = e->fast.len;
		f->exp = e->fast.len ? e->fast.exp : e->fast.try_exp == 1;
	}
	spin_unlock_bh(&m->lock);
	return mss;
}

/* ---- paths that swallow it ---- */

/*
 * No Fast Open for net.plumb.tcp_fastopen_blackhole_timeout_sec, twice as long each time it happens
 * again, up to 64 times.
 */
static bool tcp_fastcache_hole(struct plumb_net *pn, struct plumb_tcp_sock *ts)
{
	u32 sec = READ_ONCE(pn->sysctl.tcp_fastopen_blackhole_timeout_sec);
	int times = atomic_read(&pn->tcp->fast_holes);
	u64 end;

	if (!sec || !times)
		return false;
	/* Pairs with tcp_fastcache_hole_seen(). */
	smp_rmb();
	end = READ_ONCE(pn->tcp->fast_hole_s) + ((u64)sec << min(times - 1, 6));
	if (ktime_get_seconds() < end)
		return true;
	/* If this one works, all is forgotten. */
	ts->fast_retry = true;
	return false;
}

void tcp_fastcache_hole_seen(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	if (!READ_ONCE(pn->sysctl.tcp_fastopen_blackhole_timeout_sec))
		return;
	WRITE_ONCE(pn->tcp->fast_hole_s, ktime_get_seconds());
	/* The time is seen before the count. */
	smp_wmb();
	atomic_inc(&pn->tcp->fast_holes);
	PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENBLACKHOLE);
}

/* ---- a connection ---- */

bool tcp_fastcache_ask(struct sock *sk, struct tcp_fast_syn *f, u8 *cookie, u16 *mss)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct plumb_net *pn = plumb_sock_net(sk);
	u16 known = tcp_fastcache_get(sk, f, cookie);

	*mss = known ? min(*mss, known) : *mss;
	f->option = false;
	if (tcp_fastcache_hole(pn, ts))
		return false;
	if (READ_ONCE(pn->sysctl.tcp_fastopen) & TCP_FASTCTL_GIVES_NONE || ts->fast_no_cookie)
		return true;
	f->option = true;
	if (f->cookie_len)
		return true;
	ts->c.fast.fail = TCP_FAST_NO_COOKIE;
	return false;
}

/* A cookie came, or none (@try_exp: of what shape to ask for one the next time). */
static void tcp_fastcache_take(struct tcp_fast_past *p, const struct tcp_options *opt, bool got,
			       u8 try_exp)
{
	if (opt->has & TCPO_MSS && opt->mss)
		p->mss = opt->mss;
	if (got) {
		p->len = min_t(u8, opt->fo_len, PLUMB_TCP_FAST_COOKIE_MAX);
		memcpy(p->cookie, opt->fo_cookie, p->len);
		p->exp = opt->has & TCPO_FO_EXP;
	} else if (!p->len && try_exp > p->try_exp) {
		p->try_exp = try_exp;
	}
}

/* What the SYN-ACK to a SYN with Fast Open says is for the next connection. */
void tcp_env_fast(struct tcp_conn *c, const struct tcp_options *opt)
{
	struct sock *sk = tcp_conn_sk(c);
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_metrics *m = pn->tcp->metrics;
	bool got = opt->has & TCPO_FASTOPEN && opt->fo_len && c->fast.flags & TCP_FAST_OPTION;
	struct tcp_metrics_entry *e;
	u8 try_exp = 0;

	if (tcp_sk_of(sk)->fast_retry && c->fast.flags & TCP_FAST_DONE)
		atomic_set(&pn->tcp->fast_holes, 0);
	/* Asked for one and got none: the next time in the option's other shape. */
	if (!got && !c->rtt.timeouts && !(c->fast.flags & TCP_FAST_TEXT))
		try_exp = c->fast.flags & TCP_FAST_EXP ? 2 : 1;
	spin_lock_bh(&m->lock);
	e = tcp_metrics_find(pn, sk, true);
	if (e) {
		e->used = (u32)jiffies;
		tcp_fastcache_take(&e->fast, opt, got, try_exp);
	}
	spin_unlock_bh(&m->lock);
}
