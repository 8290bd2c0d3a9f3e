// SPDX-License-Identifier: GPL-2.0
/*
 * From a socket to IPv4: the question to routing, the cached path, the source
 * address of a connection, and the header fields of what is sent.
 */
#include <linux/in.h>
#include <linux/inet.h>
#include <net/tcp_states.h>

#include <plumb/mib.h>

#include "ipopt.h"
#include "sock.h"

u8 plumb_sock_flow_flags(const struct sock *sk)
{
	u8 flags = 0;

	/* IP_FREEBIND, which everybody may set, is for bind() alone. */
	if (plumb_sock_test(sk, PLUMB_SF_TRANSPARENT))
		flags |= PLUMB_FLOW_ANYSRC;
	if (sock_flag(sk, SOCK_LOCALROUTE))
		flags |= PLUMB_FLOW_ONLINK;
	return flags;
}

/* The device a packet to @daddr must leave by, or 0: that of SO_BINDTODEVICE comes first. */
int plumb_sock_oif(const struct sock *sk, __be32 daddr)
{
	int oif = READ_ONCE(sk->sk_bound_dev_if);

	if (oif)
		return oif;
	if (ipv4_is_multicast(daddr))
		return READ_ONCE(plumb_sk(sk)->mc_index);
	return READ_ONCE(plumb_sk(sk)->uc_index);
}

/* First hop of the socket's source route, or @daddr. */
static __be32 plumb_sock_first_hop(const struct sock *sk, __be32 daddr)
{
	const struct plumb_opts *opt;

	rcu_read_lock();
	opt = rcu_dereference(plumb_sk(sk)->opt);
	if (opt && opt->faddr)
		daddr = opt->faddr;
	rcu_read_unlock();
	return daddr;
}

static void plumb_sock_flow_to(const struct sock *sk, __be32 daddr, struct plumb_flow *flow)
{
	const struct plumb_sock *ps = plumb_sk(sk);

	flow->daddr = plumb_sock_first_hop(sk, daddr);
	flow->saddr = ps->saddr;
	if (!flow->saddr && ipv4_is_multicast(daddr))
		flow->saddr = READ_ONCE(ps->mc_addr);
	flow->oif = plumb_sock_oif(sk, daddr);
	flow->mark = READ_ONCE(sk->sk_mark);
	flow->tos = READ_ONCE(ps->tos);
	flow->proto = sk->sk_protocol;
	flow->flags = plumb_sock_flow_flags(sk);
}

void plumb_sock_flow(const struct sock *sk, struct plumb_flow *flow)
{
	plumb_sock_flow_to(sk, sk->sk_daddr, flow);
}

static int plumb_sock_resolve(struct sock *sk, const struct plumb_flow *flow)
{
	struct plumb_sock *ps = plumb_sk(sk);
	int err;

	ps->path_oif = READ_ONCE(sk->sk_bound_dev_if);
	ps->path_mark = flow->mark;
	err = plumb_path_resolve(ps->pn, &ps->path, flow);
	if (err == -ENETUNREACH)
		PLUMB_IP_INC(ps->pn, IPSTATS_MIB_OUTNOROUTES);
	return err;
}

struct plumb_path *plumb_sock_path(struct sock *sk)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_flow flow;
	int err;

	if (likely(plumb_path_valid(ps->pn, &ps->path) &&
		   ps->path_oif == READ_ONCE(sk->sk_bound_dev_if) &&
		   ps->path_mark == READ_ONCE(sk->sk_mark)))
		return &ps->path;

	plumb_sock_flow(sk, &flow);
	err = plumb_sock_resolve(sk, &flow);
	return err ? ERR_PTR(err) : &ps->path;
}

void plumb_sock_path_stale(struct sock *sk)
{
	struct plumb_sock *ps = plumb_sk(sk);

	/* Without the lock: who resolves just now will be told again by the next error. */
	WRITE_ONCE(ps->path.genid, (u32)atomic_read(&ps->pn->path_genid) - 1);
}

int plumb_sock_connect_path(struct sock *sk, __be32 daddr, __be16 dport)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_flow flow;
	int err;

	/* connect() to 0.0.0.0 means this host. */
	if (!daddr)
		daddr = ps->saddr ?: htonl(INADDR_LOOPBACK);
	plumb_sock_flow_to(sk, daddr, &flow);
	err = plumb_sock_resolve(sk, &flow);
	if (err)
		return err;
	if (plumb_sock_test(sk, PLUMB_SF_STREAM) &&
	    (ps->path.type == RTN_MULTICAST || ps->path.type == RTN_BROADCAST)) {
		err = -ENETUNREACH;
		goto release;
	}
	if (ps->path.type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		err = -EACCES;
		goto release;
	}

	if (!ps->saddr)
		ps->saddr = ps->path.saddr;
	if (!sk->sk_rcv_saddr)
		WRITE_ONCE(sk->sk_rcv_saddr, ps->path.saddr);
	WRITE_ONCE(sk->sk_daddr, daddr);
	WRITE_ONCE(sk->sk_dport, dport);
	return 0;

release:
	plumb_path_release(&ps->path);
	return err;
}

bool plumb_sock_df(const struct sock *sk, const struct plumb_path *path)
{
	switch (READ_ONCE(plumb_sk(sk)->pmtudisc)) {
	case IP_PMTUDISC_DO:
	case IP_PMTUDISC_PROBE:
		return true;
	case IP_PMTUDISC_WANT:
		return !path->mtu_lock;
	default:
		return false;
	}
}

void plumb_sock_tx(struct sock *sk, const struct plumb_path *path, struct plumb_ip_tx *tx,
		   u8 *optbuf)
{
	struct plumb_sock *ps = plumb_sk(sk);
	const struct plumb_opts *opt;
	int ttl;

	ttl = path->type == RTN_MULTICAST ? READ_ONCE(ps->mc_ttl) : READ_ONCE(ps->uc_ttl);
	tx->proto = sk->sk_protocol;
	tx->tos = READ_ONCE(ps->tos);
	tx->ttl = ttl < 0 ? 0 : ttl;
	tx->df = plumb_sock_df(sk, path);
	tx->id = tx->df && sk->sk_daddr ? atomic_inc_return(&ps->ip_id) : 0;
	tx->optlen = 0;
	tx->opt = NULL;
	tx->flags = 0;

	rcu_read_lock();
	opt = rcu_dereference(ps->opt);
	if (unlikely(opt)) {
		plumb_opts_build(opt, path->saddr, sk->sk_daddr, optbuf);
		tx->optlen = opt->len;
		tx->opt = optbuf;
	}
	rcu_read_unlock();
}
