// SPDX-License-Identifier: GPL-2.0
/*
 * A socket's life: its defaults, what a copy of it must not share, its end; and
 * who may have one at all. Called by net/af (creation) and the protocols.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include <plumb/net.h>

#include "sock.h"

void plumb_sock_init(struct sock *sk, int protocol)
{
	struct plumb_net *pn = plumb_net(sock_net(sk));
	struct plumb_sock *ps = plumb_sk(sk);

	ps->pn = pn;
	ps->uc_ttl = -1;
	ps->mc_ttl = 1;
	ps->pmtudisc = READ_ONCE(pn->sysctl.ip_no_pmtu_disc) ? IP_PMTUDISC_DONT
							     : IP_PMTUDISC_WANT;
	__set_bit(PLUMB_SF_MC_LOOP, &ps->flags);
	__set_bit(PLUMB_SF_MC_ALL, &ps->flags);
	if (sk->sk_type == SOCK_STREAM)
		__set_bit(PLUMB_SF_STREAM, &ps->flags);

	sk->sk_protocol = protocol;
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
	sk->sk_destruct = plumb_sock_destruct;
}

void plumb_sock_clone_init(struct sock *newsk)
{
	struct plumb_sock *ps = plumb_sk(newsk);

	memset(&ps->path, 0, sizeof(ps->path));
	memset(&ps->bind, 0, sizeof(ps->bind));
	ps->hold = NULL;
	__clear_bit(PLUMB_SF_USER, &ps->flags);
	RCU_INIT_POINTER(ps->opt, NULL);
	RCU_INIT_POINTER(ps->mc_list, NULL);
	atomic_set(&ps->ip_id, 0);
}

void plumb_sock_user_begin(struct sock *sk)
{
	struct plumb_sock *ps = plumb_sk(sk);

	get_net_track(sock_net(sk), &ps->user, GFP_KERNEL);
	sock_inuse_add(sock_net(sk), 1);
	set_bit(PLUMB_SF_USER, &ps->flags);
}

struct net *plumb_sock_user_end(struct sock *sk, netns_tracker *tracker)
{
	struct plumb_sock *ps = plumb_sk(sk);

	if (!test_and_clear_bit(PLUMB_SF_USER, &ps->flags))
		return NULL;
	*tracker = ps->user;
	sock_inuse_add(sock_net(sk), -1);
	return sock_net(sk);
}

void plumb_sock_destruct(struct sock *sk)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_opts *opt = rcu_dereference_protected(ps->opt, 1);

	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	sk_mem_reclaim_final(sk);

	if (WARN_ON_ONCE(!sock_flag(sk, SOCK_DEAD)))
		return;
	WARN_ON_ONCE(sk->sk_type == SOCK_STREAM && sk->sk_state != TCP_CLOSE);
	WARN_ON_ONCE(atomic_read(&sk->sk_rmem_alloc));
	WARN_ON_ONCE(refcount_read(&sk->sk_wmem_alloc));
	WARN_ON_ONCE(sk->sk_wmem_queued);
	WARN_ON_ONCE(sk_forward_alloc_get(sk));
	WARN_ON_ONCE(ps->bind.port);

	plumb_path_release(&ps->path);
	if (opt)
		kfree_rcu(opt, rcu);
}

/* Is the caller in a range of groups, by its effective or a supplementary one? */
static bool plumb_in_groups(struct plumb_sysctl *ctl, const kgid_t *range)
{
	kgid_t gid = current_egid(), lo, hi;
	struct group_info *gi;
	bool in = false;
	int i;

	plumb_sysctl_groups(ctl, range, &lo, &hi);
	if (gid_lte(lo, gid) && gid_lte(gid, hi))
		return true;
	gi = get_current_groups();
	for (i = 0; i < gi->ngroups && !in; i++)
		in = gid_lte(lo, gi->gid[i]) && gid_lte(gi->gid[i], hi);
	put_group_info(gi);
	return in;
}

int plumb_sock_may_create(struct net *net, int type, int protocol)
{
	struct plumb_sysctl *ctl = &plumb_net(net)->sysctl;

	if (ns_capable(net->user_ns, CAP_NET_RAW))
		goto leave_given;
	if (type == SOCK_RAW)
		return -EPERM;
	if (!plumb_in_groups(ctl, ctl->socket_groups))
		return -EPERM;
leave_given:
	if (type == SOCK_DGRAM && protocol == IPPROTO_ICMP &&
	    !plumb_in_groups(ctl, ctl->ping_groups))
		return -EACCES;
	return 0;
}
