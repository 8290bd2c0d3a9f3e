// SPDX-License-Identifier: GPL-2.0
/*
 * Active open: connect(2), the port it leaves from, and the numbers a connection begins with.
 */
#include <linux/log2.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>

#include <plumb/mib.h>

#include "../../kmod/compat/tcp.h"
#include "sock.h"
#include "engine/env.h"

#define TCP_ISN_TICK_NS	64	/* RFC 6528's M, four times as fast as RFC 9293's 4 us / 64 */

u32 tcp_open_isn(const struct plumb_net *pn, __be32 saddr, __be16 sport, __be32 daddr, __be16 dport)
{
	u32 f = siphash_3u32((__force u32)saddr, (__force u32)daddr,
			     (u32)(__force u16)sport << 16 | (__force u16)dport,
			     &pn->tcp->isn_key);

	/* RFC 6528 3: ISN = M + F(localip, localport, remoteip, remoteport, secretkey). */
	return f + (u32)(tcp_now() / TCP_ISN_TICK_NS);
}

u32 tcp_open_ts_offset(const struct plumb_net *pn, __be32 saddr, __be32 daddr)
{
	return siphash_2u32((__force u32)saddr, (__force u32)daddr, &pn->tcp->isn_key);
}

u8 tcp_open_shift(u32 space)
{
	return clamp_t(int, ilog2(max(space, 1U)) - 15, 0, 14);
}

/* The shift that lets the largest receive buffer be offered (RFC 7323 2.3). */
u8 tcp_open_wscale(const struct sock *sk)
{
	u32 space = READ_ONCE(sk->sk_rcvbuf), clamp = tcp_sk_of(sk)->c.user.window_clamp;

	if (!READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_window_scaling))
		return 0;
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK)) {
		space = max_t(u32, space, READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_rmem[2]));
		space = max_t(u32, space, READ_ONCE(sysctl_rmem_max));
	}
	if (clamp)
		space = min(space, clamp);
	return tcp_open_shift(space);
}

u32 tcp_open_wnd(const struct sock *sk)
{
	u32 wnd = tcp_mem_payload(sk, READ_ONCE(sk->sk_rcvbuf));
	u32 clamp = tcp_sk_of(sk)->c.user.window_clamp;

	if (clamp)
		wnd = min(wnd, clamp);
	return min(wnd, 65535U);
}

u16 tcp_open_mss(const struct sock *sk, const struct plumb_path *path)
{
	const struct plumb_opts *opt;
	int mss, optlen;

	rcu_read_lock();
	opt = rcu_dereference(plumb_sk(sk)->opt);
	optlen = opt ? opt->len : 0;
	rcu_read_unlock();
	mss = (int)path->mtu - 20 - 20 - optlen;
	/*
	 * No less than IPv4 carries (RFC 791 3.2); what a segment is cut to has a bound of its own.
	 */
	return clamp(mss, IPV4_MIN_MTU - 40, 65535 - 40);
}

u16 tcp_open_advmss(const struct sock *lsk, const struct plumb_path *path)
{
	u16 most = READ_ONCE(tcp_sk_of(lsk)->c.user.maxseg), mss = tcp_open_mss(lsk, path);

	return most ? min(most, mss) : mss;
}

void tcp_open_gso(struct sock *sk, const struct plumb_path *path)
{
	const struct net_device *dev = path->dev;
	/* Its bound is of a whole packet, with the largest headers. */
	u32 octets = max(plumb_gso_ipv4_max_size(dev), 121U) - 120;

	tcp_conn_set_gso(&tcp_sk_of(sk)->c, octets, READ_ONCE(dev->gso_max_segs));
}

void tcp_open_reset(struct sock *sk, const struct tcp_cc_ops *cc)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct plumb_net *pn = plumb_sock_net(sk);

	memset(&ts->c, 0, sizeof(ts->c));
	tcp_conn_init(&ts->c, &pn->tcp->par, cc, tcp_now());
	ts->c.user.max_pacing_rate = U64_MAX;
	ts->told = 0;
	ts->err = 0;
	ts->rx = NULL;
	ts->rcvq_end = 0;
	ts->rcvq_read = 0;
	ts->urg_state = TCP_URG_NONE;
	ts->owed = 0;
}

/* What the search for a port keeps: a TIME-WAIT record whose pair may be used again. */
struct tcp_open_try {
	struct tcp_tw_rec	*tw;
	u32			iss;
	bool			bound;		/* the program chose the port, by bind() */
};

/* net.plumb.tcp_tw_reuse: 1, or 2 and over loopback; a port that the program chose at any rate. */
static bool tcp_open_reuse(const struct sock *sk, const struct tcp_open_try *try, int mode)
{
	if (try->bound || mode != 2)
		return try->bound || mode;
	return ipv4_is_loopback(sk->sk_daddr) || ipv4_is_loopback(sk->sk_rcv_saddr);
}

/*
 * Is this 4-tuple free? Then the socket is entered in the table with it. The port's bucket is
 * locked, so a record that gives way is freed later: its port is let go under the same lock.
 */
static int tcp_open_unique(struct sock *sk, void *arg)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_open_try *try = arg;
	struct tcp_tuple t = {
		.daddr = sk->sk_daddr,
		.saddr = sk->sk_rcv_saddr,
		.dport = sk->sk_dport,
		.num = sk->sk_num,
		.dev = sk->sk_bound_dev_if,
	};
	struct tcp_bucket *b;
	struct tcp_rec *rec;
	struct sock *other;
	int err = 0;

	if (tcp_claim_theirs(pn, &t))
		return -EADDRNOTAVAIL;
	t.hash = tcp_demux_hash(pn, t.saddr, t.num, t.daddr, t.dport);
	b = tcp_demux_bucket(pn, t.hash);
	spin_lock(&b->lock);
	other = tcp_demux_find_locked(b, &t);
	rec = tcp_demux_rec(b, &t);
	if (other || (rec && (rec->kind != TCP_REC_TW ||
			      !tcp_open_reuse(sk, try, pn->tcp->par.tw_reuse) ||
			      !tcp_tw_reusable(&pn->tcp->par, &((struct tcp_tw_rec *)rec)->tw,
					       try->bound, &try->iss, tcp_now())))) {
		err = -EADDRNOTAVAIL;
	} else {
		if (rec) {
			try->tw = (struct tcp_tw_rec *)rec;
			tcp_tw_unlink(pn, try->tw);
		}
		sk->sk_hash = t.hash;
		tcp_demux_add_locked(b, sk);
	}
	spin_unlock(&b->lock);
	if (other)
		sock_put(other);
	return err;
}

static int tcp_open_port(struct sock *sk, u32 *iss)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_open_try try = { .bound = sk->sk_num };
	int err;

	err = plumb_port_connect(sk, tcp_open_unique, &try);
	if (try.tw) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_TIMEWAITRECYCLED);
		tcp_tw_free(pn, try.tw);
	}
	*iss = try.iss ?: tcp_open_isn(pn, sk->sk_rcv_saddr, htons(sk->sk_num), sk->sk_daddr,
				       sk->sk_dport);
	return err;
}

/*
 * struct tcp_open - an attempt
 * @iss: our initial sequence number
 * @text: where text for the SYN comes from, or NULL
 * @arg: for @text
 * @f: what Fast Open adds to the SYN
 * @cookie: behind @f
 */
struct tcp_open {
	u32			iss;
	tcp_open_text_t		*text;
	void			*arg;
	struct tcp_fast_syn	f;
	u8			cookie[PLUMB_TCP_FAST_COOKIE_MAX];
};

/*
 * Fast Open: a cookie, and text as far as it fits, leaving the option space of a SYN free; without
 * a cookie the SYN asks for one. 0 or errno.
 */
static int tcp_open_fill(struct sock *sk, struct tcp_open *o, u16 mss)
{
	u16 maxseg = tcp_sk_of(sk)->c.user.maxseg;
	int n;

	if (!tcp_fastcache_ask(sk, &o->f, o->cookie, &mss)) {
		o->f.cookie_len = 0;
		return 0;
	}
	if (!o->text)
		return 0;
	if (maxseg)
		mss = min(mss, maxseg);
	n = o->text(sk, mss > 40 ? mss - 40 : 0, o->arg);
	if (n < 0)
		return n;
	o->f.len = n;
	return 0;
}

/* Sends the SYN. Bottom halves off: the timer may come at once. */
static int tcp_open_start(struct sock *sk, struct tcp_open *o)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_path *path;
	u64 now = tcp_now();
	u16 mss;
	int err;

	rcu_read_lock();
	path = plumb_sock_path(sk);
	mss = IS_ERR(path) ? 0 : tcp_open_mss(sk, path);
	if (mss) {
		tcp_open_gso(sk, path);
		tcp_route_open(sk, path);
	}
	rcu_read_unlock();
	if (!mss)
		return PTR_ERR(path);
	if (static_branch_unlikely(&tcp_md5_used) && tcp_md5_find(sk, sk->sk_daddr))
		tcp_conn_set_md5(&ts->c, true, now);
	/* Signed, a SYN has no room for it. */
	if ((o->text || ts->fast_connect) && !(ts->c.opts & TCPO_MD5)) {
		err = tcp_open_fill(sk, o, mss);
		if (err)
			return err;
	}
	sk_set_txhash(sk);
	PLUMB_TCP_INC(pn, TCP_MIB_ACTIVEOPENS);
	ts->fast_wait = false;
	tcp_metrics_seed(sk);
	tcp_conn_open_fast(&ts->c, o->iss, tcp_open_ts_offset(pn, sk->sk_rcv_saddr, sk->sk_daddr),
			   mss, tcp_open_wscale(sk), &o->f, now);
	if (o->f.len)
		tcp_snd_wrote(sk, o->f.len, true, false);
	tcp_conn_flush(&ts->c, now);
	tcp_settle(sk);
	return 0;
}

/* TCP_FASTOPEN_CONNECT: with a cookie at hand the SYN waits for the first write. */
static bool tcp_open_waits(struct sock *sk, const struct tcp_open *o)
{
	struct tcp_fast_syn f = {};
	u8 cookie[PLUMB_TCP_FAST_COOKIE_MAX];
	u16 mss = U16_MAX;

	if (!tcp_sk_of(sk)->fast_connect || o->text || !tcp_fastcache_ask(sk, &f, cookie, &mss))
		return false;
	tcp_sk_of(sk)->c.snd.iss = o->iss;
	WRITE_ONCE(tcp_sk_of(sk)->fast_wait, true);
	return true;
}

bool plumb_tcp_open_waits(const struct sock *sk)
{
	return tcp_sk_of(sk)->fast_wait;
}

static int tcp_open_begin(struct sock *sk, struct sockaddr *uaddr, int len, struct tcp_open *o)
{
	__be32 bound = sk->sk_rcv_saddr, from = plumb_sk(sk)->saddr;
	struct sockaddr_in sin;
	int err;

	err = plumb_sockaddr(sk, uaddr, len, false, &sin);
	if (err)
		return err;
	err = plumb_sock_connect_path(sk, sin.sin_addr.s_addr, sin.sin_port);
	if (err) {
		if (err == -ENETUNREACH)
			PLUMB_IP_INC(plumb_sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	tcp_state_sync(sk, TCP_SYN_SENT);
	err = tcp_open_port(sk, &o->iss);
	if (err)
		goto failed;
	if (tcp_open_waits(sk, o))
		return 0;
	err = tcp_open_start(sk, o);
	if (!err)
		return 0;
failed:
	/* Ours again: as it was before, but for a port of its own choice. */
	tcp_demux_del(sk);
	tcp_state_sync(sk, TCP_CLOSE);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		plumb_port_put(sk);
	WRITE_ONCE(sk->sk_daddr, 0);
	WRITE_ONCE(sk->sk_dport, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		WRITE_ONCE(sk->sk_rcv_saddr, bound);
		plumb_sk(sk)->saddr = from;
	}
	plumb_path_release(&plumb_sk(sk)->path);
	return err;
}

int tcp_open_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct tcp_open o = {};

	return tcp_open_begin(sk, uaddr, len, &o);
}

int tcp_open_fast(struct sock *sk, struct sockaddr *uaddr, int len, tcp_open_text_t *text,
		  void *arg)
{
	struct tcp_open o = { .text = text, .arg = arg, .iss = tcp_sk_of(sk)->c.snd.iss };
	int err;

	if (!tcp_sk_of(sk)->fast_wait)
		return tcp_open_begin(sk, uaddr, len, &o);
	err = tcp_open_start(sk, &o);
	if (err) {
		/* As after a connect() that failed. */
		tcp_sk_of(sk)->fast_wait = false;
		sk->sk_prot->disconnect(sk, 0);
		WRITE_ONCE(sk->sk_err, 0);
		if (err == -EFAULT)
			return err;
		/* The way to the peer has gone meanwhile: SO_ERROR tells. */
		WRITE_ONCE(sk->sk_err_soft, -err);
		err = -ECONNABORTED;
	}
	return err;
}
