// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open (RFC 7413), server: cookies and their keys, and how many connections may be open whose
 * peer has not shown yet that it is where it says.
 *
 * A cookie is SipHash-2-4 of the two addresses, as Linux makes it: hosts that answer for one
 * address may share a key. There is a key for the namespace and may be one for a listener; each may
 * have a second, older one whose cookies are still good, but replaced when they are seen.
 *
 * Called by half.c for a SYN, by opt.c and kmod/sysctl.c for settings, by event.c when a
 * connection's third segment came, or it ended before.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/sock.h"
#include "engine/env.h"

#define TCP_FAST_RST_S	60	/* a place that a RST emptied stays taken so long */

/* ---- keys ---- */

static struct tcp_fast_keys *tcp_fast_keys_new(const u8 *key, unsigned int num)
{
	struct tcp_fast_keys *k = kmalloc(sizeof(*k), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!k)
		return NULL;
	k->num = num;
	for (i = 0; i < num; i++, key += PLUMB_TCP_FAST_KEY) {
		k->key[i].key[0] = get_unaligned_le64(key);
		k->key[i].key[1] = get_unaligned_le64(key + 8);
	}
	return k;
}

static int tcp_fast_keys_set(struct tcp_fast_keys __rcu **at, const u8 *key, unsigned int num)
{
	struct tcp_fast_keys *k = tcp_fast_keys_new(key, num), *old;

	if (!k)
		return -ENOMEM;
	old = unrcu_pointer(xchg(at, RCU_INITIALIZER(k)));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static unsigned int tcp_fast_keys_get(struct tcp_fast_keys __rcu **at, u8 *key)
{
	const struct tcp_fast_keys *k;
	unsigned int i, num = 0;

	rcu_read_lock();
	k = rcu_dereference(*at);
	if (k) {
		num = k->num;
		for (i = 0; i < num; i++, key += PLUMB_TCP_FAST_KEY) {
			put_unaligned_le64(k->key[i].key[0], key);
			put_unaligned_le64(k->key[i].key[1], key + 8);
		}
	}
	rcu_read_unlock();
	return num;
}

int plumb_tcp_fast_key_set(struct plumb_net *pn, const u8 *key, unsigned int num)
{
	return tcp_fast_keys_set(&pn->tcp->fast_keys, key, num);
}

unsigned int plumb_tcp_fast_key_get(struct plumb_net *pn, u8 *key)
{
	return tcp_fast_keys_get(&pn->tcp->fast_keys, key);
}

int tcp_fast_key_set(struct sock *sk, const u8 *key, unsigned int num)
{
	int err = tcp_listen_alloc(sk);

	return err ?: tcp_fast_keys_set(&tcp_sk_of(sk)->lsn->fast_keys, key, num);
}

unsigned int tcp_fast_key_get(struct sock *sk, u8 *key)
{
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;

	return l ? tcp_fast_keys_get(&l->fast_keys, key) : 0;
}

/* The namespace has a key from the first listener on that wants one. */
static void tcp_fast_key_once(struct plumb_net *pn)
{
	u8 key[PLUMB_TCP_FAST_KEY];

	if (rcu_access_pointer(pn->tcp->fast_keys))
		return;
	get_random_bytes(key, sizeof(key));
	plumb_tcp_fast_key_set(pn, key, 1);
}

/* ---- settings of a listener ---- */

int tcp_fast_listen(struct sock *sk, int max)
{
	int err = tcp_listen_alloc(sk);
	struct tcp_listen *l = tcp_sk_of(sk)->lsn;

	if (err)
		return err;
	tcp_fast_key_once(plumb_sock_net(sk));
	WRITE_ONCE(l->fast_max, min(max, READ_ONCE(plumb_sock_net(sk)->sysctl.somaxconn)));
	return 0;
}

void tcp_fast_listen_default(struct sock *sk, int backlog)
{
	int mode = READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_fastopen);

	if ((mode & TCP_FASTCTL_SERVER) && (mode & TCP_FASTCTL_ALL_LISTEN) &&
	    !tcp_sk_of(sk)->lsn->fast_max)
		tcp_fast_listen(sk, backlog);
}

/* ---- cookies ---- */

static void tcp_fast_make(const siphash_key_t *key, const struct tcp_tuple *t, u8 *cookie)
{
	__be32 addr[2] = { t->daddr, t->saddr };

	put_unaligned_le64(siphash(addr, sizeof(addr), key), cookie);
}

/* Which key made @cookie: 1, 2, or 0: none. @good: the one that should be used. */
static int tcp_fast_check(const struct tcp_fast_keys *k, const struct tcp_tuple *t,
			  const u8 *cookie, unsigned int len, u8 *good)
{
	u8 other[TCP_FAST_COOKIE];

	tcp_fast_make(&k->key[0], t, good);
	if (len != TCP_FAST_COOKIE)
		return 0;
	if (!memcmp(cookie, good, TCP_FAST_COOKIE))
		return 1;
	if (k->num < 2)
		return 0;
	tcp_fast_make(&k->key[1], t, other);
	return memcmp(cookie, other, TCP_FAST_COOKIE) ? 0 : 2;
}

/* ---- how many at once ---- */

/* Forgets RSTs of more than a minute ago. The queue's lock is held. */
static void tcp_fast_age(struct tcp_listen *l, u32 now_s)
{
	u32 n = min(now_s - l->fast_s, TCP_FAST_RST_S);

	l->fast_s = now_s;
	for (; n; n--) {
		u16 *slot = &l->fast_rst[(now_s - n + 1) % TCP_FAST_RST_S];

		l->fast_n -= *slot;
		*slot = 0;
	}
}

static u32 tcp_fast_now_s(void)
{
	return (u32)ktime_get_seconds();
}

/* Is there room for one more unproven peer? Takes it if so. */
static bool tcp_fast_take(struct plumb_net *pn, struct tcp_listen *l)
{
	bool room;

	if (!READ_ONCE(l->fast_max))
		return false;
	spin_lock(&l->lock);
	if (l->fast_n >= l->fast_max)
		tcp_fast_age(l, tcp_fast_now_s());
	room = l->fast_n < l->fast_max;
	if (room)
		l->fast_n++;
	spin_unlock(&l->lock);
	if (!room)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENLISTENOVERFLOW);
	return room;
}

/*
 * Gives the place back. One that a RST emptied stays taken for a minute: a forger whose SYNs make
 * the true owner of an address send RSTs must not get places faster so (RFC 7413 5.1).
 */
static void tcp_fast_give(struct tcp_listen *l, bool reset)
{
	u16 *slot;
	u32 now_s;

	spin_lock_bh(&l->lock);
	/* Read under the lock: it never goes back. */
	now_s = tcp_fast_now_s();
	slot = &l->fast_rst[now_s % TCP_FAST_RST_S];
	tcp_fast_age(l, now_s);
	if (reset && *slot < U16_MAX)
		(*slot)++;
	else
		l->fast_n--;
	spin_unlock_bh(&l->lock);
}

void tcp_fast_proven(struct sock *sk, bool reset)
{
	struct sock *lsk = tcp_sk_of(sk)->fast_lsk;

	WRITE_ONCE(tcp_sk_of(sk)->fast_lsk, NULL);
	tcp_fast_give(tcp_sk_of(lsk)->lsn, reset);
	sock_put(lsk);
}

/* ---- a SYN ---- */

static bool tcp_fast_open_to_all(const struct plumb_net *pn, const struct sock *lsk)
{
	return READ_ONCE(pn->sysctl.tcp_fastopen) & TCP_FASTCTL_NEEDS_NONE ||
	       tcp_sk_of(lsk)->fast_no_cookie;
}

/* The cookie of the SYN: true if it is good; @f: what the SYN-ACK shall carry. */
static bool tcp_fast_judge(struct plumb_net *pn, struct sock *lsk, const struct tcp_tuple *t,
			   const struct tcp_options *opt, struct tcp_fast_syn *f, u8 *cookie)
{
	const struct tcp_fast_keys *k = rcu_dereference(tcp_sk_of(lsk)->lsn->fast_keys);
	int by;

	if (!k)
		k = rcu_dereference(pn->tcp->fast_keys);
	if (!k)
		return false;
	by = tcp_fast_check(k, t, opt->fo_cookie, opt->fo_len, cookie);
	if (by == 2)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENPASSIVEALTKEY);
	if (by != 1) {
		f->option = true;
		f->exp = opt->has & TCPO_FO_EXP;
		f->cookie = cookie;
		f->cookie_len = TCP_FAST_COOKIE;
	}
	if (!by && opt->fo_len)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
	return by;
}

bool tcp_fast_ask(struct plumb_net *pn, struct sock *lsk, const struct tcp_tuple *t,
		  const struct tcp_segin *in, struct tcp_fast_syn *f, u8 *cookie)
{
	bool has = in->opt.has & TCPO_FASTOPEN, good;

	if (has && !in->opt.fo_len)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENCOOKIEREQD);
	if (!(READ_ONCE(pn->sysctl.tcp_fastopen) & TCP_FASTCTL_SERVER))
		return false;
	if (!tcp_fast_take(pn, tcp_sk_of(lsk)->lsn))
		return false;
	good = tcp_fast_open_to_all(pn, lsk);
	if (!good && has)
		good = tcp_fast_judge(pn, lsk, t, &in->opt, f, cookie);
	if (!good)
		tcp_fast_give(tcp_sk_of(lsk)->lsn, false);
	return good;
}

/* Gives @child's SYN text to it, and sends the SYN-ACK. */
static void tcp_fast_segment(struct sock *child, struct sk_buff *skb, struct tcp_segin *in,
			     const struct tcp_fast_syn *f, u64 now)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(child);
	struct tcp_seg *seg = NULL;

	__skb_pull(skb, skb->len - in->len);
	skb->dev = NULL;
	if (in->len && tcp_mem_admit(child, skb, ts->c.rcv.nxt)) {
		seg = tcp_skb_seg(skb);
		ts->rx = skb;
	}
	if (!tcp_conn_accept_fast(&ts->c, in, seg, f, now))
		consume_skb(skb);
	ts->rx = NULL;
}

bool tcp_fast_open(struct plumb_net *pn, struct tcp_half_rec *rec, struct sk_buff *skb,
		   const struct tcp_tuple *t, struct tcp_segin *in, const struct tcp_fast_syn *f,
		   u64 now)
{
	struct sock *lsk = rec->lsk, *child = tcp_child_new(rec, now);

	if (!child)
		goto fail;
	__acquire(&child->sk_lock.slock);
	if (!tcp_child_enter(pn, child, t)) {
		rec->syn = tcp_sk_of(child)->syn;
		tcp_sk_of(child)->syn = NULL;
		tcp_conn_purge(&tcp_sk_of(child)->c);
		tcp_close_child(child);
		bh_unlock_sock(child);
		sock_put(child);
		goto fail;
	}
	PLUMB_TCP_INC(pn, TCP_MIB_PASSIVEOPENS);
	PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENPASSIVE);
	sock_hold(lsk);
	tcp_sk_of(child)->fast_lsk = lsk;
	tcp_fast_segment(child, skb, in, f, now);
	tcp_settle(child);
	if (!tcp_listen_ready(lsk, child))
		tcp_close_child(child);
	bh_unlock_sock(child);
	sock_put(child);
	return true;

fail:
	PLUMB_LINUX_INC(pn, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
	tcp_fast_give(tcp_sk_of(lsk)->lsn, false);
	return false;
}

void tcp_fast_net_exit(struct plumb_net *pn)
{
	kfree(rcu_dereference_protected(pn->tcp->fast_keys, true));
}
