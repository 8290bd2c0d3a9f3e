// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are Linux's as well as ours (net/ip/share.c): whose is a segment?
 *
 * Ours: of a connection, half-open or not, of a TIME-WAIT record, or for the port of a listener. A
 * connection that is found is handed on with the segment; rcv.c does not look for it again. Linux
 * may still have connections on a port that only later came to be a listener's of ours (and the
 * other way round): those are asked for before a segment goes to a listener, and before connect()
 * takes a pair of addresses and ports.
 */
#include <net/inet_hashtables.h>

#include "../route/iface.h"
#include "../wire/types.h"
#include "sock.h"

bool tcp_claim_theirs(struct plumb_net *pn, const struct tcp_tuple *t)
{
	struct sock *sk;

	if (likely(!READ_ONCE(pn->ifaces->shared)))
		return false;
	rcu_read_lock();
	sk = __inet_lookup_established(pn->net, pn->net->ipv4.tcp_death_row.hashinfo, t->daddr,
				       t->dport, t->saddr, t->num, t->dev, 0);
	rcu_read_unlock();
	if (!sk)
		return false;
	sock_gen_put(sk);
	return true;
}

/* A record, or a socket that took its place meanwhile (counted, in *@sk). */
static bool tcp_claim_locked(struct plumb_net *pn, const struct tcp_tuple *t, struct sock **sk)
{
	struct tcp_bucket *b = tcp_demux_bucket(pn, t->hash);
	bool found;

	spin_lock(&b->lock);
	found = tcp_demux_rec(b, t);
	if (!found) {
		*sk = tcp_demux_find_locked(b, t);
		found = *sk;
	}
	spin_unlock(&b->lock);
	return found;
}

bool tcp_claim(struct plumb_net *pn, const struct plumb_ip_claim *c, struct sock **sk)
{
	u16 first = wire_get16(c->th), second = wire_get16(c->th + 2);
	struct tcp_tuple t = {
		.daddr = c->daddr,
		.saddr = c->saddr,
		.dport = htons(c->quoted ? second : first),
		.num = c->quoted ? first : second,
		.dev = c->iif,
	};

	t.hash = tcp_demux_hash(pn, t.saddr, t.num, t.daddr, t.dport);
	*sk = tcp_demux_find(pn, &t);
	if (likely(*sk))
		return true;
	if (tcp_claim_locked(pn, &t, sk))
		return true;
	return !c->quoted && tcp_demux_listener(pn, NULL, &t) && !tcp_claim_theirs(pn, &t);
}
