// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(2) and getsockopt(2) at level SOL_IP. Called by each protocol for what
 * is not its own. Names, ranges and errnos are Linux's (ip(7)).
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/in.h>
#include <linux/mroute.h>
#include <linux/netdevice.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/route.h>
#include <net/tcp_states.h>

#include "../../kmod/compat/sock.h"
#include "ipopt.h"
#include "mcast.h"
#include "sock.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

/* Options that only switch something on or off. */
static const struct plumb_opt_switch {
	u8	optname;
	u8	flag;		/* PLUMB_SF_* */
	bool	wants_value;	/* an empty value is an error, not 0 */
} plumb_opt_switches[] = {
	{ IP_PKTINFO,			PLUMB_SF_PKTINFO },
	{ IP_RECVTTL,			PLUMB_SF_RECVTTL },
	{ IP_RECVTOS,			PLUMB_SF_RECVTOS },
	{ IP_RECVOPTS,			PLUMB_SF_RECVOPTS },
	{ IP_RETOPTS,			PLUMB_SF_RETOPTS },
	{ IP_PASSSEC,			PLUMB_SF_PASSSEC },
	{ IP_RECVORIGDSTADDR,		PLUMB_SF_RECVORIGDST },
	{ IP_CHECKSUM,			PLUMB_SF_CHECKSUM },
	{ IP_RECVFRAGSIZE,		PLUMB_SF_RECVFRAGSIZE },
	{ IP_RECVERR,			PLUMB_SF_RECVERR },
	{ IP_RECVERR_RFC4884,		PLUMB_SF_RECVERR_4884 },
	{ IP_FREEBIND,			PLUMB_SF_FREEBIND, true },
	{ IP_TRANSPARENT,		PLUMB_SF_TRANSPARENT, true },
	{ IP_HDRINCL,			PLUMB_SF_HDRINCL },
	{ IP_NODEFRAG,			PLUMB_SF_NODEFRAG },
	{ IP_BIND_ADDRESS_NO_PORT,	PLUMB_SF_BIND_NO_PORT },
	{ IP_MULTICAST_LOOP,		PLUMB_SF_MC_LOOP, true },
	{ IP_MULTICAST_ALL,		PLUMB_SF_MC_ALL, true },
};

static const struct plumb_opt_switch *plumb_opt_switch(int optname)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(plumb_opt_switches); i++)
		if (plumb_opt_switches[i].optname == optname)
			return &plumb_opt_switches[i];
	return NULL;
}

/* An int, a single octet, or nothing, which is 0. */
static int plumb_opt_int(sockptr_t optval, unsigned int optlen, int *val)
{
	u8 octet;

	*val = 0;
	if (optlen >= sizeof(int))
		return copy_from_sockptr(val, optval, sizeof(*val)) ? -EFAULT : 0;
	if (!optlen)
		return 0;
	if (copy_from_sockptr(&octet, optval, 1))
		return -EFAULT;
	*val = octet;
	return 0;
}

static bool plumb_opt_capable(const struct sock *sk, int cap)
{
	return ns_capable(sock_net(sk)->user_ns, cap);
}

/* What a switch may refuse besides an empty value. */
static int plumb_opt_switch_allowed(const struct sock *sk, int optname, int val)
{
	switch (optname) {
	case IP_RECVFRAGSIZE:
		return sk->sk_type == SOCK_STREAM ? -EINVAL : 0;
	case IP_RECVERR_RFC4884:
	case IP_MULTICAST_ALL:
		return val == 0 || val == 1 ? 0 : -EINVAL;
	case IP_HDRINCL:
	case IP_NODEFRAG:
		return sk->sk_type == SOCK_RAW ? 0 : -ENOPROTOOPT;
	default:
		return 0;
	}
}

static int plumb_opt_set_switch(struct sock *sk, const struct plumb_opt_switch *s, int val,
				unsigned int optlen)
{
	int err;

	if (s->optname == IP_TRANSPARENT && val &&
	    !plumb_opt_capable(sk, CAP_NET_RAW) && !plumb_opt_capable(sk, CAP_NET_ADMIN))
		return -EPERM;
	if (s->wants_value && !optlen)
		return -EINVAL;
	err = plumb_opt_switch_allowed(sk, s->optname, val);
	if (err)
		return err;
	assign_bit(s->flag, &plumb_sk(sk)->flags, val);
	if (s->optname == IP_RECVERR && !val)
		plumb_compat_errqueue_purge(&sk->sk_error_queue);
	return 0;
}

static int plumb_opt_set_tos(struct sock *sk, int val)
{
	struct plumb_sock *ps = plumb_sk(sk);

	lock_sock(sk);
	/* The two ECN bits of a connection are TCP's. */
	if (sk->sk_type == SOCK_STREAM)
		val = (val & ~3) | (ps->tos & 3);
	if (ps->tos != (u8)val) {
		WRITE_ONCE(ps->tos, val);
		WRITE_ONCE(sk->sk_priority, rt_tos2priority(val));
		plumb_path_release(&ps->path);
	}
	release_sock(sk);
	return 0;
}

static bool plumb_opt_is_number(int optname)
{
	switch (optname) {
	case IP_TOS:
	case IP_TTL:
	case IP_MINTTL:
	case IP_MULTICAST_TTL:
	case IP_MTU_DISCOVER:
	case IP_LOCAL_PORT_RANGE:
		return true;
	default:
		return false;
	}
}

static int plumb_opt_set_number(struct sock *sk, int optname, int val, unsigned int optlen)
{
	struct plumb_sock *ps = plumb_sk(sk);
	u16 lo = val, hi = (u32)val >> 16;

	switch (optname) {
	case IP_TOS:
		return plumb_opt_set_tos(sk, val);
	case IP_TTL:
		if (!optlen || (val != -1 && (val < 1 || val > 255)))
			return -EINVAL;
		WRITE_ONCE(ps->uc_ttl, val);
		return 0;
	case IP_MINTTL:
		if (!optlen || val < 0 || val > 255)
			return -EINVAL;
		WRITE_ONCE(ps->min_ttl, val);
		return 0;
	case IP_MULTICAST_TTL:
		if (sk->sk_type == SOCK_STREAM || !optlen || val < -1 || val > 255)
			return -EINVAL;
		WRITE_ONCE(ps->mc_ttl, val == -1 ? 1 : val);
		return 0;
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT)
			return -EINVAL;
		WRITE_ONCE(ps->pmtudisc, val);
		return 0;
	case IP_LOCAL_PORT_RANGE:
		if (optlen != sizeof(u32) || (lo && hi && lo > hi))
			return -EINVAL;
		WRITE_ONCE(ps->local_port_range, val);
		return 0;
	}
	return -ENOPROTOOPT;
}

static int plumb_opt_set_options(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_opts *opt;
	int err;

	if (optlen > PLUMB_OPT_MAX)
		return -EINVAL;
	err = plumb_opts_new(sock_net(sk), optval, optlen, &opt);
	if (err)
		return err;
	lock_sock(sk);
	opt = rcu_replace_pointer(ps->opt, opt, lockdep_sock_is_held(sk));
	/* A source route changes the next hop. */
	plumb_path_release(&ps->path);
	release_sock(sk);
	if (opt)
		kfree_rcu(opt, rcu);
	return 0;
}

static int plumb_opt_set_unicast_if(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct net_device *dev;
	__be32 index;
	int ifindex, err = 0;

	if (optlen != sizeof(index))
		return -EINVAL;
	if (copy_from_sockptr(&index, optval, sizeof(index)))
		return -EFAULT;
	ifindex = ntohl(index);
	lock_sock(sk);
	if (ifindex) {
		rcu_read_lock();
		dev = dev_get_by_index_rcu(sock_net(sk), ifindex);
		if (!dev)
			err = -EADDRNOTAVAIL;
		else if (sk->sk_bound_dev_if)
			err = -EINVAL;
		rcu_read_unlock();
	}
	if (!err) {
		WRITE_ONCE(ps->uc_index, ifindex);
		plumb_path_release(&ps->path);
	}
	release_sock(sk);
	return err;
}

/* Linux's order of refusals for what Plumb has not: multicast routing, IPsec. */
static int plumb_opt_set_absent(const struct sock *sk, int optname)
{
	if (optname >= MRT_BASE && optname <= MRT_MAX)
		return -EOPNOTSUPP;
	switch (optname) {
	case IP_ROUTER_ALERT:
		return sk->sk_type == SOCK_RAW && sk->sk_num != IPPROTO_RAW ? -EOPNOTSUPP : -EINVAL;
	case IP_IPSEC_POLICY:
	case IP_XFRM_POLICY:
		return plumb_opt_capable(sk, CAP_NET_ADMIN) ? -EOPNOTSUPP : -EPERM;
	default:
		return -ENOPROTOOPT;
	}
}

int plumb_ip_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
			unsigned int optlen)
{
	const struct plumb_opt_switch *s;
	int val, err;

	if (level != SOL_IP)
		return -ENOPROTOOPT;
	if (plumb_mc_option(optname))
		return plumb_mc_setsockopt(sk, optname, optval, optlen);
	if (optname == IP_OPTIONS)
		return plumb_opt_set_options(sk, optval, optlen);
	if (optname == IP_UNICAST_IF)
		return plumb_opt_set_unicast_if(sk, optval, optlen);

	s = plumb_opt_switch(optname);
	if (!s && !plumb_opt_is_number(optname))
		return plumb_opt_set_absent(sk, optname);
	err = plumb_opt_int(optval, optlen, &val);
	if (err)
		return err;
	return s ? plumb_opt_set_switch(sk, s, val, optlen)
		 : plumb_opt_set_number(sk, optname, val, optlen);
}

static int plumb_opt_put(char __user *optval, int __user *optlen, const void *data, int len)
{
	if (put_user(len, optlen) || copy_to_user(optval, data, len))
		return -EFAULT;
	return 0;
}

static int plumb_opt_get_options(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	const struct plumb_opts *opt;
	u8 data[PLUMB_OPT_MAX];
	int n = 0;

	rcu_read_lock();
	opt = rcu_dereference(plumb_sk(sk)->opt);
	if (opt) {
		n = opt->len;
		memcpy(data, opt->data, n);
	}
	rcu_read_unlock();
	return plumb_opt_put(optval, optlen, data, min(len, n));
}

/* What a stream's recvmsg() can not say by ancillary data: the last packet's particulars. */
static int plumb_opt_get_pktoptions(struct sock *sk, char __user *optval, int __user *optlen,
				    int len)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct msghdr msg = {
		.msg_control_is_user = true,
		.msg_control_user = optval,
		.msg_controllen = len,
		.msg_flags = in_compat_syscall() ? MSG_CMSG_COMPAT : 0,
	};
	struct in_pktinfo info = {};
	int val;

	if (sk->sk_type != SOCK_STREAM)
		return -ENOPROTOOPT;
	if (test_bit(PLUMB_SF_PKTINFO, &ps->flags)) {
		info.ipi_addr.s_addr = READ_ONCE(sk->sk_rcv_saddr);
		info.ipi_spec_dst.s_addr = info.ipi_addr.s_addr;
		info.ipi_ifindex = READ_ONCE(ps->mc_index);
		put_cmsg(&msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (test_bit(PLUMB_SF_RECVTTL, &ps->flags)) {
		val = READ_ONCE(ps->mc_ttl);
		put_cmsg(&msg, SOL_IP, IP_TTL, sizeof(val), &val);
	}
	if (test_bit(PLUMB_SF_RECVTOS, &ps->flags)) {
		val = READ_ONCE(ps->rcv_tos);
		put_cmsg(&msg, SOL_IP, IP_TOS, sizeof(val), &val);
	}
	len -= msg.msg_controllen;
	return put_user(len, optlen);
}

static int plumb_opt_get_mtu(struct sock *sk, int *val)
{
	struct plumb_path *path;
	int err = 0;

	lock_sock(sk);
	rcu_read_lock();
	if (!sk->sk_daddr || !plumb_sk(sk)->path.set) {
		err = -ENOTCONN;
	} else {
		path = plumb_sock_path(sk);
		if (IS_ERR(path))
			err = -ENOTCONN;
		else
			*val = path->mtu;
	}
	rcu_read_unlock();
	release_sock(sk);
	return err;
}

static int plumb_opt_get_number(struct sock *sk, int optname, int *val)
{
	const struct plumb_sock *ps = plumb_sk(sk);

	switch (optname) {
	case IP_TOS:
		*val = READ_ONCE(ps->tos);
		return 0;
	case IP_TTL:
		*val = READ_ONCE(ps->uc_ttl);
		if (*val < 0)
			*val = READ_ONCE(ps->pn->sysctl.ip_default_ttl);
		return 0;
	case IP_MINTTL:
		*val = READ_ONCE(ps->min_ttl);
		return 0;
	case IP_MULTICAST_TTL:
		*val = READ_ONCE(ps->mc_ttl);
		return 0;
	case IP_MTU_DISCOVER:
		*val = READ_ONCE(ps->pmtudisc);
		return 0;
	case IP_MTU:
		return plumb_opt_get_mtu(sk, val);
	case IP_UNICAST_IF:
		*val = (__force int)htonl((u32)READ_ONCE(ps->uc_index));
		return 0;
	case IP_LOCAL_PORT_RANGE:
		*val = READ_ONCE(ps->local_port_range);
		return 0;
	case IP_PROTOCOL:
		*val = READ_ONCE(sk->sk_num);
		return 0;
	case IP_ROUTER_ALERT:
		*val = 0;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int plumb_ip_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
			int __user *optlen)
{
	const struct plumb_opt_switch *s;
	int val, len, err;
	__be32 mc_addr;
	u8 octet;

	if (level != SOL_IP)
		return -EOPNOTSUPP;
	if (optname >= MRT_BASE && optname <= MRT_MAX)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;

	switch (optname) {
	case IP_OPTIONS:
		return plumb_opt_get_options(sk, optval, optlen, len);
	case IP_PKTOPTIONS:
		return plumb_opt_get_pktoptions(sk, optval, optlen, len);
	case IP_MULTICAST_IF:
		mc_addr = READ_ONCE(plumb_sk(sk)->mc_addr);
		return plumb_opt_put(optval, optlen, &mc_addr, min_t(int, len, sizeof(mc_addr)));
	case IP_MSFILTER:
	case MCAST_MSFILTER:
		return plumb_mc_getsockopt(sk, optname, optval, optlen);
	}

	s = plumb_opt_switch(optname);
	if (s) {
		val = test_bit(s->flag, &plumb_sk(sk)->flags);
	} else {
		err = plumb_opt_get_number(sk, optname, &val);
		if (err)
			return err;
	}
	/* A caller with room for less than an int gets an octet if the value is one. */
	octet = val;
	if (len > 0 && len < (int)sizeof(int) && val >= 0 && val <= 255)
		return plumb_opt_put(optval, optlen, &octet, 1);
	return plumb_opt_put(optval, optlen, &val, min_t(int, len, sizeof(val)));
}
