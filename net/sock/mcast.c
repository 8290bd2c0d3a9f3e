// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast memberships of sockets, with source filters (RFC 3376 3, RFC 3678): kept,
 * asked at delivery, and told to the device, which then hears the group's frames.
 *
 * A socket's list is written under RTNL and the socket's lock, and read under RCU. A
 * filter is replaced whole. What a socket may hold is bounded by
 * net.plumb.igmp_max_memberships and net.plumb.igmp_max_msf, and charged to its option memory.
 */
#include <linux/compat.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/igmp.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/ip.h>

#include "../route/route.h"
#include "mcast.h"
#include "sock.h"

/**
 * struct plumb_mc_filter - sources of one membership
 * @rcu: replaced whole
 * @count: entries at @source
 * @source: addresses
 */
struct plumb_mc_filter {
	struct rcu_head	rcu;
	unsigned int	count;
	__be32		source[];
};

/**
 * struct plumb_mc_member - a socket is in a group on a device
 * @next: in plumb_sock.mc_list
 * @rcu: freed after a grace period
 * @group: the group
 * @iface: local address it was joined by, or 0
 * @ifindex: the device
 * @mode: MCAST_INCLUDE: only the sources listed; MCAST_EXCLUDE: all but those
 * @filter: the sources, or NULL: none listed
 */
struct plumb_mc_member {
	struct plumb_mc_member __rcu	*next;
	struct rcu_head			rcu;
	__be32				group;
	__be32				iface;
	int				ifindex;
	int				mode;
	struct plumb_mc_filter __rcu	*filter;
};

/* What an option asks, whichever of its three generations it came in. */
struct plumb_mc_req {
	__be32	group;
	__be32	iface;
	__be32	source;
	int	ifindex;
};

static bool plumb_mc_in_filter(const struct plumb_mc_filter *f, __be32 source)
{
	unsigned int i;

	for (i = 0; f && i < f->count; i++)
		if (f->source[i] == source)
			return true;
	return false;
}

bool plumb_mc_allows(const struct sock *sk, __be32 group, __be32 source, int dev)
{
	const struct plumb_mc_member *m;

	if (!ipv4_is_multicast(group))
		return true;
	for (m = rcu_dereference(plumb_sk(sk)->mc_list); m; m = rcu_dereference(m->next)) {
		if (m->group != group || m->ifindex != dev)
			continue;
		return plumb_mc_in_filter(rcu_dereference(m->filter), source) ==
		       (READ_ONCE(m->mode) == MCAST_INCLUDE);
	}
	return plumb_sock_test(sk, PLUMB_SF_MC_ALL);
}

/* ---- the device ---- */

struct plumb_mc_find {
	__be32	addr;
	int	ifindex;
};

static int plumb_mc_find_addr(const struct plumb_addr *a, void *arg)
{
	struct plumb_mc_find *f = arg;

	if (a->local != f->addr)
		return 0;
	f->ifindex = a->ifindex;
	return 1;
}

/* The device of a local address, or 0. */
static int plumb_mc_dev_of(struct plumb_net *pn, __be32 addr)
{
	struct plumb_mc_find f = { .addr = addr };

	plumb_addr_iterate(pn, plumb_mc_find_addr, &f);
	return f.ifindex;
}

/* The device a request means: by index, by address, or by the route to the group. */
static struct net_device *plumb_mc_dev(const struct sock *sk, struct plumb_mc_req *req)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_route_result res;

	ASSERT_RTNL();
	if (!req->ifindex && req->iface)
		req->ifindex = plumb_mc_dev_of(pn, req->iface);
	else if (!req->ifindex && !plumb_route_get(pn, req->group, 0, 0, &res))
		req->ifindex = res.route.ifindex;
	return req->ifindex ? __dev_get_by_index(sock_net(sk), req->ifindex) : NULL;
}

/* RFC 1112 6.4. 0 or -ENOMEM; then nothing may be taken back, it would be somebody else's. */
static int plumb_mc_tell_dev(struct net_device *dev, __be32 group, bool join)
{
	char mac[MAX_ADDR_LEN];

	if (!dev || dev->type != ARPHRD_ETHER)
		return 0;
	ip_eth_mc_map(group, mac);
	return join ? dev_mc_add(dev, mac) : dev_mc_del(dev, mac);
}

/* ---- memberships ---- */

static struct plumb_mc_member *plumb_mc_find_member(const struct sock *sk,
						    const struct plumb_mc_req *req)
{
	struct plumb_mc_member *m;

	for (m = rtnl_dereference(plumb_sk(sk)->mc_list); m; m = rtnl_dereference(m->next))
		if (m->group == req->group && m->ifindex == req->ifindex)
			return m;
	return NULL;
}

static unsigned int plumb_mc_count(const struct sock *sk)
{
	struct plumb_mc_member *m;
	unsigned int n = 0;

	for (m = rtnl_dereference(plumb_sk(sk)->mc_list); m; m = rtnl_dereference(m->next))
		n++;
	return n;
}

static size_t plumb_mc_filter_size(unsigned int count)
{
	return struct_size_t(struct plumb_mc_filter, source, count);
}

static void plumb_mc_set_filter(struct sock *sk, struct plumb_mc_member *m,
				struct plumb_mc_filter *f)
{
	struct plumb_mc_filter *old = rtnl_dereference(m->filter);

	rcu_assign_pointer(m->filter, f);
	if (old) {
		atomic_sub(plumb_mc_filter_size(old->count), &sk->sk_omem_alloc);
		kfree_rcu(old, rcu);
	}
}

static int plumb_mc_join(struct sock *sk, struct plumb_mc_req *req, int mode)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_mc_member *m;
	struct net_device *dev;

	if (!ipv4_is_multicast(req->group))
		return -EINVAL;
	dev = plumb_mc_dev(sk, req);
	if (!dev)
		return -ENODEV;
	if (plumb_mc_find_member(sk, req))
		return -EADDRINUSE;
	if (plumb_mc_count(sk) >= READ_ONCE(plumb_sock_net(sk)->sysctl.igmp_max_memberships))
		return -ENOBUFS;
	m = sock_kmalloc(sk, sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOBUFS;
	if (plumb_mc_tell_dev(dev, req->group, true)) {
		sock_kfree_s(sk, m, sizeof(*m));
		return -ENOBUFS;
	}

	m->group = req->group;
	m->iface = req->iface;
	m->ifindex = req->ifindex;
	m->mode = mode;
	RCU_INIT_POINTER(m->filter, NULL);
	RCU_INIT_POINTER(m->next, rtnl_dereference(ps->mc_list));
	rcu_assign_pointer(ps->mc_list, m);
	plumb_ip_groups_add(ps->pn, 1);
	return 0;
}

/* Unlinks and frees the member that @link points to. */
static void plumb_mc_unlink(struct sock *sk, struct plumb_mc_member __rcu **link)
{
	struct plumb_mc_member *m = rtnl_dereference(*link);

	plumb_mc_tell_dev(__dev_get_by_index(sock_net(sk), m->ifindex), m->group, false);
	plumb_ip_groups_add(plumb_sock_net(sk), -1);
	rcu_assign_pointer(*link, rtnl_dereference(m->next));
	plumb_mc_set_filter(sk, m, NULL);
	atomic_sub(sizeof(*m), &sk->sk_omem_alloc);
	kfree_rcu(m, rcu);
}

static int plumb_mc_leave(struct sock *sk, struct plumb_mc_req *req)
{
	struct plumb_mc_member __rcu **link = &plumb_sk(sk)->mc_list;
	struct plumb_mc_member *m;
	bool any = !req->ifindex && !req->iface;

	if (!plumb_mc_dev(sk, req) && any)
		return -ENODEV;
	for (; (m = rtnl_dereference(*link)); link = &m->next) {
		if (m->group != req->group)
			continue;
		if (req->ifindex ? m->ifindex != req->ifindex
				 : req->iface && m->iface != req->iface)
			continue;
		plumb_mc_unlink(sk, link);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

void plumb_mc_drop(struct sock *sk)
{
	if (!rcu_access_pointer(plumb_sk(sk)->mc_list))
		return;
	rtnl_lock();
	lock_sock(sk);
	while (rtnl_dereference(plumb_sk(sk)->mc_list))
		plumb_mc_unlink(sk, &plumb_sk(sk)->mc_list);
	release_sock(sk);
	rtnl_unlock();
}

/* ---- source filters ---- */

/* A copy of @old without @drop (if not 0) and with @add (if not 0). */
static struct plumb_mc_filter *plumb_mc_filter_copy(struct sock *sk,
						    const struct plumb_mc_filter *old,
						    __be32 drop, __be32 add)
{
	unsigned int n = (old ? old->count : 0) + !!add - !!drop, i, k = 0;
	struct plumb_mc_filter *f;

	f = sock_kmalloc(sk, plumb_mc_filter_size(n), GFP_KERNEL);
	if (!f)
		return NULL;
	f->count = n;
	for (i = 0; old && i < old->count; i++)
		if (!drop || old->source[i] != drop)
			f->source[k++] = old->source[i];
	if (add)
		f->source[k] = add;
	return f;
}

/* Adds a source to (or takes one from) the filter of a membership of mode @mode. */
static int plumb_mc_source(struct sock *sk, struct plumb_mc_req *req, bool add, int mode)
{
	unsigned int max = READ_ONCE(plumb_sock_net(sk)->sysctl.igmp_max_msf);
	struct plumb_mc_filter *old, *f;
	struct plumb_mc_member *m;

	if (!ipv4_is_multicast(req->group))
		return -EINVAL;
	if (!plumb_mc_dev(sk, req))
		return -ENODEV;
	m = plumb_mc_find_member(sk, req);
	if (!m)
		return -EINVAL;
	old = rtnl_dereference(m->filter);
	if (m->mode != mode) {
		if (old)
			return -EINVAL;
		WRITE_ONCE(m->mode, mode);
	}
	if (plumb_mc_in_filter(old, req->source) == add)
		return -EADDRNOTAVAIL;
	/* No source left to hear: RFC 3376 3.2 calls that leaving. */
	if (!add && mode == MCAST_INCLUDE && old->count == 1)
		return plumb_mc_leave(sk, req);
	if (add && old && old->count >= max)
		return -ENOBUFS;
	f = plumb_mc_filter_copy(sk, old, add ? 0 : req->source, add ? req->source : 0);
	if (!f)
		return -ENOBUFS;
	plumb_mc_set_filter(sk, m, f);
	return 0;
}

/* Sets the whole filter of a membership: @n addresses @stride octets apart from @list on. */
static int plumb_mc_filter(struct sock *sk, struct plumb_mc_req *req, u32 mode,
			   const void *list, size_t stride, u32 n)
{
	struct plumb_mc_filter *f = NULL;
	struct plumb_mc_member *m;
	u32 i;

	if (!ipv4_is_multicast(req->group))
		return -EINVAL;
	if (mode != MCAST_INCLUDE && mode != MCAST_EXCLUDE)
		return -EINVAL;
	if (!plumb_mc_dev(sk, req))
		return -ENODEV;
	if (mode == MCAST_INCLUDE && !n)
		return plumb_mc_leave(sk, req);
	m = plumb_mc_find_member(sk, req);
	if (!m)
		return -EINVAL;
	if (n) {
		f = sock_kmalloc(sk, plumb_mc_filter_size(n), GFP_KERNEL);
		if (!f)
			return -ENOBUFS;
		f->count = n;
		for (i = 0; i < n; i++)
			memcpy(&f->source[i], list + i * stride, sizeof(__be32));
	}
	plumb_mc_set_filter(sk, m, f);
	WRITE_ONCE(m->mode, mode);
	return 0;
}

/* ---- the options ---- */

static int plumb_mc_opt_if(struct sock *sk, sockptr_t val, unsigned int len)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct ip_mreqn mreq = {};
	sockptr_t addr = val;

	if (sk->sk_type == SOCK_STREAM || len < sizeof(struct in_addr))
		return -EINVAL;
	if (len >= sizeof(struct ip_mreqn)) {
		if (copy_from_sockptr(&mreq, val, sizeof(mreq)))
			return -EFAULT;
	} else if (len >= sizeof(struct ip_mreq)) {
		if (copy_from_sockptr(&mreq, val, sizeof(struct ip_mreq)))
			return -EFAULT;
	} else if (copy_from_sockptr(&mreq.imr_address, addr, sizeof(struct in_addr))) {
		return -EFAULT;
	}

	if (!mreq.imr_ifindex && mreq.imr_address.s_addr) {
		mreq.imr_ifindex = plumb_mc_dev_of(plumb_sock_net(sk), mreq.imr_address.s_addr);
		if (!mreq.imr_ifindex)
			return -EADDRNOTAVAIL;
	}
	if (mreq.imr_ifindex) {
		if (!__dev_get_by_index(sock_net(sk), mreq.imr_ifindex))
			return -EADDRNOTAVAIL;
		if (sk->sk_bound_dev_if && sk->sk_bound_dev_if != mreq.imr_ifindex)
			return -EINVAL;
	}
	WRITE_ONCE(ps->mc_index, mreq.imr_ifindex);
	WRITE_ONCE(ps->mc_addr, mreq.imr_address.s_addr);
	return 0;
}

static int plumb_mc_opt_membership(struct sock *sk, int optname, sockptr_t val, unsigned int len)
{
	struct ip_mreqn mreq = {};
	struct plumb_mc_req req;

	if (sk->sk_type == SOCK_STREAM)
		return -EPROTO;
	if (len < sizeof(struct ip_mreq))
		return -EINVAL;
	if (copy_from_sockptr(&mreq, val, len >= sizeof(mreq) ? sizeof(mreq)
							      : sizeof(struct ip_mreq)))
		return -EFAULT;
	req = (struct plumb_mc_req) {
		.group = mreq.imr_multiaddr.s_addr,
		.iface = mreq.imr_address.s_addr,
		.ifindex = mreq.imr_ifindex,
	};
	return optname == IP_ADD_MEMBERSHIP ? plumb_mc_join(sk, &req, MCAST_EXCLUDE)
					    : plumb_mc_leave(sk, &req);
}

/* Both generations of the four source options, told apart by @block and @add. */
static int plumb_mc_opt_source(struct sock *sk, struct plumb_mc_req *req, bool block, bool add)
{
	int err;

	if (!block && add) {
		err = plumb_mc_join(sk, req, MCAST_INCLUDE);
		if (err && err != -EADDRINUSE)
			return err;
	}
	return plumb_mc_source(sk, req, add, block ? MCAST_EXCLUDE : MCAST_INCLUDE);
}

static int plumb_mc_opt_ip_source(struct sock *sk, int optname, sockptr_t val, unsigned int len)
{
	struct ip_mreq_source mreq;
	struct plumb_mc_req req;

	if (len != sizeof(mreq))
		return -EINVAL;
	if (copy_from_sockptr(&mreq, val, sizeof(mreq)))
		return -EFAULT;
	req = (struct plumb_mc_req) {
		.group = mreq.imr_multiaddr,
		.iface = mreq.imr_interface,
		.source = mreq.imr_sourceaddr,
	};
	return plumb_mc_opt_source(sk, &req,
				   optname == IP_BLOCK_SOURCE || optname == IP_UNBLOCK_SOURCE,
				   optname == IP_BLOCK_SOURCE ||
				   optname == IP_ADD_SOURCE_MEMBERSHIP);
}

static __be32 plumb_mc_storage_addr(const struct __kernel_sockaddr_storage *ss)
{
	return ((const struct sockaddr_in *)ss)->sin_addr.s_addr;
}

static int plumb_mc_opt_group(struct sock *sk, int optname, sockptr_t val, unsigned int len)
{
	struct plumb_mc_req req = {};
	struct group_req greq;

	if (len < sizeof(greq))
		return -EINVAL;
	if (copy_from_sockptr(&greq, val, sizeof(greq)))
		return -EFAULT;
	if (greq.gr_group.ss_family != AF_INET)
		return -EINVAL;
	req.group = plumb_mc_storage_addr(&greq.gr_group);
	req.ifindex = greq.gr_interface;
	return optname == MCAST_JOIN_GROUP ? plumb_mc_join(sk, &req, MCAST_EXCLUDE)
					   : plumb_mc_leave(sk, &req);
}

static int plumb_mc_opt_group_source(struct sock *sk, int optname, sockptr_t val,
				     unsigned int len)
{
	struct plumb_mc_req req = {};
	struct group_source_req greq;

	if (len != sizeof(greq))
		return -EINVAL;
	if (copy_from_sockptr(&greq, val, sizeof(greq)))
		return -EFAULT;
	if (greq.gsr_group.ss_family != AF_INET || greq.gsr_source.ss_family != AF_INET)
		return -EADDRNOTAVAIL;
	req.group = plumb_mc_storage_addr(&greq.gsr_group);
	req.source = plumb_mc_storage_addr(&greq.gsr_source);
	req.ifindex = greq.gsr_interface;
	return plumb_mc_opt_source(sk, &req,
				   optname == MCAST_BLOCK_SOURCE || optname == MCAST_UNBLOCK_SOURCE,
				   optname == MCAST_BLOCK_SOURCE ||
				   optname == MCAST_JOIN_SOURCE_GROUP);
}

/* The bounds of both filter options: 0, -ENOBUFS or -EINVAL. */
static int plumb_mc_filter_bounds(const struct sock *sk, u32 n, size_t entry, size_t head,
				  unsigned int len)
{
	if (n > READ_ONCE(plumb_sock_net(sk)->sysctl.igmp_max_msf))
		return -ENOBUFS;
	return head + n * entry > len ? -EINVAL : 0;
}

/* Largest filter option that is read: far beyond igmp_max_msf entries. */
#define PLUMB_MC_OPT_MAX	SZ_128K

static int plumb_mc_opt_msfilter(struct sock *sk, sockptr_t val, unsigned int len)
{
	struct ip_msfilter *msf;
	struct plumb_mc_req req = {};
	int err;

	if (len < IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (len > PLUMB_MC_OPT_MAX)
		return -ENOBUFS;
	msf = memdup_sockptr(val, len);
	if (IS_ERR(msf))
		return PTR_ERR(msf);
	err = plumb_mc_filter_bounds(sk, msf->imsf_numsrc, sizeof(__be32),
				     IP_MSFILTER_SIZE(0), len);
	if (!err) {
		req.group = msf->imsf_multiaddr;
		req.iface = msf->imsf_interface;
		err = plumb_mc_filter(sk, &req, msf->imsf_fmode, msf->imsf_slist_flex,
				      sizeof(__be32), msf->imsf_numsrc);
	}
	kfree(msf);
	return err;
}

static bool plumb_mc_all_inet(const struct group_filter *gsf)
{
	u32 i;

	for (i = 0; i < gsf->gf_numsrc; i++)
		if (gsf->gf_slist_flex[i].ss_family != AF_INET)
			return false;
	return gsf->gf_group.ss_family == AF_INET;
}

static int plumb_mc_opt_group_filter(struct sock *sk, sockptr_t val, unsigned int len)
{
	const size_t head = offsetof(struct group_filter, gf_slist_flex);
	struct plumb_mc_req req = {};
	struct group_filter *gsf;
	int err;

	if (len < head)
		return -EINVAL;
	if (len > PLUMB_MC_OPT_MAX)
		return -ENOBUFS;
	gsf = memdup_sockptr(val, len);
	if (IS_ERR(gsf))
		return PTR_ERR(gsf);
	err = plumb_mc_filter_bounds(sk, gsf->gf_numsrc, sizeof(gsf->gf_slist_flex[0]), head, len);
	if (!err && !plumb_mc_all_inet(gsf))
		err = -EADDRNOTAVAIL;
	if (!err) {
		req.group = plumb_mc_storage_addr(&gsf->gf_group);
		req.ifindex = gsf->gf_interface;
		err = plumb_mc_filter(sk, &req, gsf->gf_fmode, (void *)gsf->gf_slist_flex +
				      offsetof(struct sockaddr_in, sin_addr),
				      sizeof(gsf->gf_slist_flex[0]), gsf->gf_numsrc);
	}
	kfree(gsf);
	return err;
}

bool plumb_mc_option(int optname)
{
	return optname == IP_MULTICAST_IF ||
	       (optname >= IP_ADD_MEMBERSHIP && optname <= IP_MSFILTER) ||
	       (optname >= MCAST_JOIN_GROUP && optname <= MCAST_MSFILTER);
}

static int plumb_mc_set(struct sock *sk, int optname, sockptr_t val, unsigned int len)
{
	switch (optname) {
	case IP_MULTICAST_IF:
		return plumb_mc_opt_if(sk, val, len);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return plumb_mc_opt_membership(sk, optname, val, len);
	case IP_UNBLOCK_SOURCE:
	case IP_BLOCK_SOURCE:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
		return plumb_mc_opt_ip_source(sk, optname, val, len);
	case IP_MSFILTER:
		return plumb_mc_opt_msfilter(sk, val, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return plumb_mc_opt_group(sk, optname, val, len);
	case MCAST_MSFILTER:
		return plumb_mc_opt_group_filter(sk, val, len);
	default:
		return plumb_mc_opt_group_source(sk, optname, val, len);
	}
}

int plumb_mc_setsockopt(struct sock *sk, int optname, sockptr_t val, unsigned int len)
{
	int err;

	/* The layouts of 32-bit programs differ for the RFC 3678 options alone. */
	if (in_compat_syscall() && optname >= MCAST_JOIN_GROUP)
		return -ENOPROTOOPT;
	rtnl_lock();
	lock_sock(sk);
	err = plumb_mc_set(sk, optname, val, len);
	release_sock(sk);
	rtnl_unlock();
	return err;
}

/* ---- reading a filter back ---- */

static int plumb_mc_get_msfilter(struct sock *sk, char __user *val, int __user *len, int room)
{
	struct ip_msfilter __user *out = (struct ip_msfilter __user *)val;
	struct plumb_mc_req req = {};
	struct plumb_mc_filter *f;
	struct plumb_mc_member *m;
	struct ip_msfilter msf;
	u32 n;

	if (room < (int)IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (copy_from_user(&msf, val, IP_MSFILTER_SIZE(0)))
		return -EFAULT;
	if (!ipv4_is_multicast(msf.imsf_multiaddr))
		return -EINVAL;
	req.group = msf.imsf_multiaddr;
	req.iface = msf.imsf_interface;
	if (!plumb_mc_dev(sk, &req))
		return -ENODEV;
	m = plumb_mc_find_member(sk, &req);
	if (!m)
		return -EADDRNOTAVAIL;
	f = rtnl_dereference(m->filter);
	n = min(f ? f->count : 0, msf.imsf_numsrc);
	msf.imsf_fmode = m->mode;
	msf.imsf_numsrc = f ? f->count : 0;
	if (put_user((int)IP_MSFILTER_SIZE(n), len) ||
	    copy_to_user(val, &msf, IP_MSFILTER_SIZE(0)) ||
	    (n && copy_to_user(out->imsf_slist_flex, f->source, n * sizeof(__be32))))
		return -EFAULT;
	return 0;
}

static int plumb_mc_put_source(struct __kernel_sockaddr_storage __user *to, __be32 addr)
{
	struct __kernel_sockaddr_storage ss = {};
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = addr;
	return copy_to_user(to, &ss, sizeof(ss)) ? -EFAULT : 0;
}

static int plumb_mc_get_group_filter(struct sock *sk, char __user *val, int __user *len, int room)
{
	const size_t head = offsetof(struct group_filter, gf_slist_flex);
	struct group_filter __user *out = (struct group_filter __user *)val;
	struct plumb_mc_req req = {};
	struct plumb_mc_filter *f;
	struct plumb_mc_member *m;
	struct group_filter gsf;
	u32 i, n;

	if (room < (int)head)
		return -EINVAL;
	if (copy_from_user(&gsf, val, head))
		return -EFAULT;
	req.group = plumb_mc_storage_addr(&gsf.gf_group);
	req.ifindex = gsf.gf_interface;
	if (gsf.gf_group.ss_family != AF_INET || !ipv4_is_multicast(req.group))
		return -EINVAL;
	m = plumb_mc_find_member(sk, &req);
	if (!m)
		return -EADDRNOTAVAIL;
	f = rtnl_dereference(m->filter);
	n = min(f ? f->count : 0, gsf.gf_numsrc);
	gsf.gf_fmode = m->mode;
	gsf.gf_numsrc = f ? f->count : 0;
	for (i = 0; i < n; i++)
		if (plumb_mc_put_source(&out->gf_slist_flex[i], f->source[i]))
			return -EFAULT;
	if (put_user((int)GROUP_FILTER_SIZE(n), len) || copy_to_user(val, &gsf, head))
		return -EFAULT;
	return 0;
}

int plumb_mc_getsockopt(struct sock *sk, int optname, char __user *val, int __user *len)
{
	int room, err;

	if (get_user(room, len))
		return -EFAULT;
	if (in_compat_syscall() && optname == MCAST_MSFILTER)
		return -ENOPROTOOPT;
	rtnl_lock();
	lock_sock(sk);
	err = optname == IP_MSFILTER ? plumb_mc_get_msfilter(sk, val, len, room)
				     : plumb_mc_get_group_filter(sk, val, len, room);
	release_sock(sk);
	rtnl_unlock();
	return err;
}
