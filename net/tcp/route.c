// SPDX-License-Identifier: GPL-2.0
/*
 * What a route tells TCP (ip route ... advmss, window, initcwnd, initrwnd, rto_min, quickack,
 * congctl), taken when a connection opens; and a path that became another while it lasts.
 */
#include "cc.h"
#include "sock.h"
#include "../route/route.h"

/* The route's algorithm; NULL: it names none, or one that is not there. The caller puts it. */
static const struct tcp_cc_ops *tcp_route_cc(const struct plumb_route_metrics *m)
{
	const struct tcp_cc_ops *ops = m->congctl[0] ? tcp_cc_get(m->congctl, true) : NULL;

	return IS_ERR(ops) ? NULL : ops;
}

static void tcp_route_congestion(struct sock *sk, const struct plumb_route_metrics *m)
{
	const struct tcp_cc_ops *ops = tcp_route_cc(m);
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	const struct tcp_cc_ops *old = c->cong.ops;

	if (!ops)
		return;
	tcp_conn_set_cc(c, ops, tcp_now());
	tcp_cc_put(old);
}

void __tcp_route_open(struct sock *sk, const struct plumb_path *path)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_route_metrics m;

	plumb_path_metrics(plumb_sock_net(sk), path, &m);
	c->route = (struct tcp_route) {
		.rto_min_us = min_t(u64, (u64)m.rto_min_ms * USEC_PER_MSEC, c->par->rto_max_us),
		.advmss = m.advmss,
		.init_cwnd = m.initcwnd,
		.init_rwnd = m.initrwnd,
		.quickack = m.quickack,
	};
	if (!c->user.window_clamp)
		c->user.window_clamp = m.window;
	tcp_route_congestion(sk, &m);
}

void __tcp_route_half(const struct sock *lsk, const struct plumb_path *path, struct tcp_half *h)
{
	u16 most = READ_ONCE(tcp_sk_of(lsk)->c.user.maxseg);
	const struct tcp_cc_ops *ops;
	struct plumb_route_metrics m;

	plumb_path_metrics(plumb_sock_net(lsk), path, &m);
	if (m.advmss)
		h->advmss = most ? min(most, m.advmss) : m.advmss;
	if (m.window && !READ_ONCE(tcp_sk_of(lsk)->c.user.window_clamp)) {
		h->rcv_wnd = min(h->rcv_wnd, m.window);
		h->rcv_wscale = min(h->rcv_wscale, tcp_open_shift(m.window));
	}
	if (m.initrwnd)
		h->rcv_wnd = min_t(u32, h->rcv_wnd, (u32)m.initrwnd * h->advmss);
	ops = tcp_route_cc(&m);
	if (ops) {
		h->ecn_exact = ops->flags & TCP_CC_ECN;
		tcp_cc_put(ops);
	}
}

void __tcp_route_changed(struct sock *sk)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_path *path;
	u16 mss;

	rcu_read_lock();
	path = plumb_sock_path(sk);
	mss = IS_ERR(path) ? 0 : tcp_open_mss(sk, path);
	if (mss && mss != c->snd.mss_path) {
		tcp_open_gso(sk, path);
		tcp_conn_set_path(c, mss, tcp_now());
	}
	rcu_read_unlock();
}
