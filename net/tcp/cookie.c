// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987 3.6): the proof. When too many handshakes are under way a SYN-ACK goes out
 * whose sequence number shows in the third segment that we sent it, and no more than two minutes
 * ago; no record is kept. What else must be known travels with it (engine/cookie.c).
 *
 *	ISS = H(key 0: addresses, ports) + IRS + (minute << 24)
 *	      + ((H(key 1: addresses, ports, minute) + data) mod 2^24)
 *
 * Called by half.c: for a SYN that finds the queue full, for an ACK that finds no record.
 */
#include <linux/jiffies.h>
#include <linux/siphash.h>
#include <linux/time.h>
#include <net/sock_reuseport.h>

#include <plumb/mib.h>

#include "sock.h"
#include "engine/env.h"

#define TCP_COOKIE_BITS		24
#define TCP_COOKIE_MASK		((1U << TCP_COOKIE_BITS) - 1)
#define TCP_COOKIE_PERIOD	(60 * HZ)
#define TCP_COOKIE_AGE		2	/* periods that a cookie is good for */

static u32 tcp_cookie_hash(const struct plumb_net *pn, const struct tcp_tuple *t, u32 count, int k)
{
	return siphash_4u32((__force u32)t->daddr, (__force u32)t->saddr,
			    (u32)(__force u16)t->dport << 16 | t->num, count,
			    &pn->tcp->cookie_key[k]);
}

static u32 tcp_cookie_count(void)
{
	return (u32)div_u64(get_jiffies_64(), TCP_COOKIE_PERIOD);
}

static u32 tcp_cookie_seal(const struct plumb_net *pn, const struct tcp_tuple *t, u32 irs, u32 data)
{
	u32 count = tcp_cookie_count();

	return tcp_cookie_hash(pn, t, 0, 0) + irs + (count << TCP_COOKIE_BITS) +
	       ((tcp_cookie_hash(pn, t, count, 1) + data) & TCP_COOKIE_MASK);
}

/* The data that was sealed; anything large: it was not, or too long ago. */
static u32 tcp_cookie_unseal(const struct plumb_net *pn, const struct tcp_tuple *t, u32 irs,
			     u32 cookie)
{
	u32 count = tcp_cookie_count(), age;

	cookie -= tcp_cookie_hash(pn, t, 0, 0) + irs;
	age = (count - (cookie >> TCP_COOKIE_BITS)) & (U32_MAX >> TCP_COOKIE_BITS);
	if (age >= TCP_COOKIE_AGE)
		return U32_MAX;
	return (cookie - tcp_cookie_hash(pn, t, count - age, 1)) & TCP_COOKIE_MASK;
}

/*
 * When a listener sent a cookie last: to within a second. Listeners of one group share it, as the
 * third segment may come to another than the SYN.
 */
static u32 *tcp_cookie_stamp(const struct sock *lsk)
{
	struct sock_reuseport *group = NULL;

	if (lsk->sk_reuseport)
		group = rcu_dereference(lsk->sk_reuseport_cb);
	return group ? &group->synq_overflow_ts : &tcp_sk_of(lsk)->lsn->cookie_at;
}

static void tcp_cookie_note(const struct sock *lsk)
{
	u32 *at = tcp_cookie_stamp(lsk), now = (u32)jiffies, was = READ_ONCE(*at);

	if (!time_between32(now, was, was + HZ))
		WRITE_ONCE(*at, now);
}

static bool tcp_cookie_recent(const struct sock *lsk)
{
	u32 at = READ_ONCE(*tcp_cookie_stamp(lsk));

	/* Another CPU may have written it after we read the clock. */
	return time_between32((u32)jiffies, at - HZ, at + TCP_COOKIE_AGE * TCP_COOKIE_PERIOD);
}

void tcp_cookie_answer(struct plumb_net *pn, const struct sock *lsk, const struct tcp_tuple *t,
		       struct tcp_half *h, struct tcp_segout *out, u64 now)
{
	u32 data = tcp_cookie_syn(h, out, now);

	h->iss = tcp_cookie_seal(pn, t, h->irs, data);
	out->seq = h->iss;
	tcp_cookie_note(lsk);
	PLUMB_LINUX_INC(pn, LINUX_MIB_SYNCOOKIESSENT);
}

bool tcp_cookie_open(struct plumb_net *pn, const struct sock *lsk, const struct tcp_tuple *t,
		     const struct tcp_segin *in, struct tcp_half *h)
{
	u32 data;

	if (!READ_ONCE(pn->sysctl.tcp_syncookies) || !tcp_cookie_recent(lsk))
		return false;
	data = tcp_cookie_unseal(pn, t, in->seq - 1, in->ack - 1);
	if (data >= TCP_COOKIE_DATA) {
		PLUMB_LINUX_INC(pn, LINUX_MIB_SYNCOOKIESFAILED);
		return false;
	}
	PLUMB_LINUX_INC(pn, LINUX_MIB_SYNCOOKIESRECV);
	return tcp_cookie_ack(&pn->tcp->par, in, h, data);
}
