// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open (RFC 7413), client: the cookies that servers gave us, by our address and theirs; and
 * what is remembered of paths that swallow such connections.
 *
 * The cache is an array of buckets of four, made with the first cookie that is wanted: an entry
 * that is not there takes the place of the one in its bucket that was written longest ago.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/sock.h"
#include "engine/env.h"

#define TCP_FASTCACHE_BUCKETS	256
#define TCP_FASTCACHE_WAYS	4

/**
 * struct tcp_fastcache_entry - what is known of one server
 * @daddr: its address
 * @saddr: ours
 * @stamp: when it was written last (seconds)
 * @mss: what it said
 * @try_exp: 1: ask by the option in its old shape; 2: that was in vain, too
 * @exp: its cookie came in the old shape
 * @len: octets of cookie; 0: none
 * @cookie: the cookie
 */
struct tcp_fastcache_entry {
	__be32	daddr, saddr;
	u32	stamp;
	u16	mss;
	u8	try_exp;
	bool	exp;
	u8	len;
	u8	cookie[TCP_FAST_COOKIE_MAX];
};

/**
 * struct tcp_fastcache - of a namespace
 * @lock: guards all of it
 * @bucket: by a siphash of the addresses
 */
struct tcp_fastcache {
	spinlock_t			lock;	/* all of it */
	struct tcp_fastcache_entry	bucket[TCP_FASTCACHE_BUCKETS][TCP_FASTCACHE_WAYS];
};

static struct tcp_fastcache *tcp_fastcache_make(struct plumb_net *pn)
{
	struct tcp_fastcache *fc = READ_ONCE(pn->tcp->fast_cache);

	if (fc)
		return fc;
	fc = kvzalloc(sizeof(*fc), GFP_KERNEL_ACCOUNT);
	if (!fc)
		return NULL;
	spin_lock_init(&fc->lock);
	if (cmpxchg(&pn->tcp->fast_cache, NULL, fc)) {
		kvfree(fc);
		fc = READ_ONCE(pn->tcp->fast_cache);
	}
	return fc;
}

/* The entry; with @make, at the expense of the oldest. The cache is locked. */
static struct tcp_fastcache_entry *tcp_fastcache_find(struct plumb_net *pn,
						      struct tcp_fastcache *fc,
						      const struct sock *sk, bool make)
{
	u32 h = siphash_2u32((__force u32)sk->sk_rcv_saddr, (__force u32)sk->sk_daddr,
			     &pn->hash_key) % TCP_FASTCACHE_BUCKETS;
	struct tcp_fastcache_entry *e = fc->bucket[h], *old = e;
	unsigned int i;

	for (i = 0; i < TCP_FASTCACHE_WAYS; i++, e++) {
		if (e->stamp && e->daddr == sk->sk_daddr && e->saddr == sk->sk_rcv_saddr)
			return e;
		if ((s32)(e->stamp - old->stamp) < 0)
			old = e;
	}
	if (!make)
		return NULL;
	*old = (struct tcp_fastcache_entry) { .daddr = sk->sk_daddr, .saddr = sk->sk_rcv_saddr };
	return old;
}

/* What is known: MSS (or 0) and cookie. @cookie has room for the longest. */
static u16 tcp_fastcache_get(struct sock *sk, struct tcp_fast_syn *f, u8 *cookie)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_fastcache *fc = tcp_fastcache_make(pn);
	struct tcp_fastcache_entry *e;
	u16 mss = 0;

	f->cookie = cookie;
	f->cookie_len = 0;
	f->exp = false;
	if (!fc)
		return 0;
	spin_lock_bh(&fc->lock);
	e = tcp_fastcache_find(pn, fc, sk, false);
	if (e) {
		mss = e->mss;
		memcpy(cookie, e->cookie, e->len);
		f->cookie_len = e->len;
		f->exp = e->len ? e->exp : e->try_exp == 1;
	}
	spin_unlock_bh(&fc->lock);
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

/* What the SYN-ACK to a SYN with Fast Open says is for the next connection. */
void tcp_env_fast(struct tcp_conn *c, const struct tcp_options *opt)
{
	struct sock *sk = tcp_conn_sk(c);
	struct plumb_net *pn = plumb_sock_net(sk);
	struct tcp_fastcache *fc = READ_ONCE(pn->tcp->fast_cache);
	bool got = opt->has & TCPO_FASTOPEN && opt->fo_len && c->fast.flags & TCP_FAST_OPTION;
	struct tcp_fastcache_entry *e;
	u8 try_exp = 0;

	if (tcp_sk_of(sk)->fast_retry && c->fast.flags & TCP_FAST_DONE)
		atomic_set(&pn->tcp->fast_holes, 0);
	if (!fc)
		return;
	/* Asked for one and got none: the next time in the option's other shape. */
	if (!got && !c->rtt.timeouts && !(c->fast.flags & TCP_FAST_TEXT))
		try_exp = c->fast.flags & TCP_FAST_EXP ? 2 : 1;
	spin_lock_bh(&fc->lock);
	e = tcp_fastcache_find(pn, fc, sk, true);
	e->stamp = max_t(u32, (u32)ktime_get_seconds(), 1);
	e->mss = opt->has & TCPO_MSS && opt->mss ? opt->mss : e->mss;
	if (got) {
		e->len = min_t(u8, opt->fo_len, TCP_FAST_COOKIE_MAX);
		memcpy(e->cookie, opt->fo_cookie, e->len);
		e->exp = opt->has & TCPO_FO_EXP;
	} else if (!e->len && try_exp > e->try_exp) {
		e->try_exp = try_exp;
	}
	spin_unlock_bh(&fc->lock);
}
