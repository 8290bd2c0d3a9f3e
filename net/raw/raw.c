// SPDX-License-Identifier: GPL-2.0
/*
 * Raw sockets: their life, what they receive (a copy of every packet of their protocol
 * that comes to this host, header and all), their options. Sending is in raw_tx.c.
 */
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/tcp_states.h>
#include <asm/ioctls.h>

#include <plumb/drop.h>
#include <plumb/sockrow.h>

#include "../sock/dgram.h"
#include "../sock/mcast.h"
#include "raw.h"

static struct hlist_head *plumb_raw_bucket(struct plumb_net *pn, u8 proto)
{
	return &pn->raw->raw[proto];
}

/* ---- life ---- */

static int plumb_raw_init_sock(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	sk->sk_reuse = SK_CAN_REUSE;
	WRITE_ONCE(sk->sk_num, sk->sk_protocol);
	plumb_sk(sk)->sport = htons(sk->sk_num);
	if (sk->sk_protocol == IPPROTO_RAW)
		__set_bit(PLUMB_SF_HDRINCL, &plumb_sk(sk)->flags);
	sock_set_flag(sk, SOCK_RCU_FREE);
	spin_lock_bh(&pn->raw->lock);
	sk_add_node_rcu(sk, plumb_raw_bucket(pn, sk->sk_num));
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	spin_unlock_bh(&pn->raw->lock);
	return 0;
}

static void plumb_raw_unhash(struct sock *sk)
{
	struct plumb_raw_net *rn = plumb_sock_net(sk)->raw;

	spin_lock_bh(&rn->lock);
	if (sk_del_node_init_rcu(sk))
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	spin_unlock_bh(&rn->lock);
}

static void plumb_raw_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/* A raw socket has an address and no port. */
static int plumb_raw_bind(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	int err = -EINVAL;
	__be32 addr;
	u8 type;

	lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE || len < (int)sizeof(*sin))
		goto unlock;
	addr = sin->sin_addr.s_addr;
	type = plumb_addr_type(ps->pn, addr);
	err = -EADDRNOTAVAIL;
	if (!plumb_sock_addr_ok(sk, addr, type))
		goto unlock;
	WRITE_ONCE(sk->sk_rcv_saddr, addr);
	ps->saddr = addr && (type == RTN_MULTICAST || type == RTN_BROADCAST) ? 0 : addr;
	plumb_path_release(&ps->path);
	err = 0;
unlock:
	release_sock(sk);
	return err;
}

/* ---- receiving ---- */

static bool plumb_raw_match(const struct sock *sk, __be32 local, __be32 remote, int dev)
{
	__be32 daddr = READ_ONCE(sk->sk_daddr), saddr = READ_ONCE(sk->sk_rcv_saddr);
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	return (!daddr || daddr == remote) && (!saddr || saddr == local) &&
	       (!bound || bound == dev);
}

/* ICMP_FILTER: a set bit keeps a type below 32 out. */
static bool plumb_raw_icmp_unwanted(const struct sock *sk, const struct sk_buff *skb)
{
	const u8 *type;
	u8 buf;

	type = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf), &buf);
	if (!type)
		return true;
	return *type < 32 && (READ_ONCE(plumb_raw_sk(sk)->filter.data) & (1U << *type));
}

static void plumb_raw_queue(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone) {
		atomic_inc(&sk->sk_drops);
		plumb_drop(plumb_sock_net(sk), NULL, PLUMB_DROP_NO_MEMORY);
		return;
	}
	skb_push(clone, -skb_network_offset(clone));
	if (sock_queue_rcv_skb(sk, clone) < 0)
		kfree_skb(clone);
}

static bool plumb_raw_wanted(struct plumb_net *pn, u8 proto)
{
	return !hlist_empty(plumb_raw_bucket(pn, proto));
}

/* IPv4's tap: who wants a copy? True if anybody speaks this protocol. */
static bool plumb_raw_deliver(struct plumb_net *pn, struct sk_buff *skb, u8 proto)
{
	const struct iphdr *iph = ip_hdr(skb);
	int dev = PLUMB_IP_CB(skb)->iif;
	bool taken = false;
	struct sock *sk;

	sk_for_each_rcu(sk, plumb_raw_bucket(pn, proto)) {
		if (!plumb_raw_match(sk, iph->daddr, iph->saddr, dev))
			continue;
		taken = true;
		if (proto == IPPROTO_ICMP && plumb_raw_icmp_unwanted(sk, skb))
			continue;
		if (plumb_mc_allows(sk, iph->daddr, iph->saddr, dev))
			plumb_raw_queue(sk, skb);
	}
	return taken;
}

/* An error about a packet of any protocol: to the raw sockets that may have sent it. */
static void plumb_raw_err(struct plumb_net *pn, struct sk_buff *skb, u8 proto,
			  const struct plumb_icmp_err *e)
{
	int dev = skb->dev ? skb->dev->ifindex : 0;
	const u8 *payload;
	struct sock *sk;

	if (proto == IPPROTO_ICMP)
		plumb_ping_err(pn, skb, e);
	sk_for_each_rcu(sk, plumb_raw_bucket(pn, proto)) {
		if (!plumb_raw_match(sk, e->saddr, e->daddr, dev))
			continue;
		payload = e->th;
		if (plumb_sock_test(sk, PLUMB_SF_HDRINCL))
			payload = skb_transport_header(skb) + sizeof(struct icmphdr);
		plumb_sock_icmp_error(sk, skb, e, 0, payload);
	}
}

int plumb_raw_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	struct sockaddr_in *sin = msg->msg_name;
	struct sk_buff *skb;
	int copied, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return plumb_sock_recv_err(sk, msg, len, addr_len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = min_t(size_t, len, skb->len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto free;

	sock_recv_cmsgs(msg, sk, skb);
	if (sin) {
		memset(sin, 0, sizeof(*sin));
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
		*addr_len = sizeof(*sin);
	}
	plumb_cmsg_recv(sk, msg, skb, 0, 0);
	/* A ping socket has never told the whole length of what it cut. */
	err = (flags & MSG_TRUNC) && sk->sk_type == SOCK_RAW ? skb->len : copied;
free:
	skb_free_datagram(sk, skb);
	return err;
}

int plumb_raw_ioctl(struct sock *sk, int cmd, int *val)
{
	struct sk_buff *skb;

	switch (cmd) {
	case SIOCOUTQ:
		*val = sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		*val = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- options ---- */

static int plumb_raw_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
				unsigned int optlen)
{
	struct icmp_filter filter = plumb_raw_sk(sk)->filter;

	if (level != SOL_RAW)
		return plumb_ip_setsockopt(sk, level, optname, optval, optlen);
	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if (copy_from_sockptr(&filter, optval, min_t(unsigned int, optlen, sizeof(filter))))
		return -EFAULT;
	WRITE_ONCE(plumb_raw_sk(sk)->filter.data, filter.data);
	return 0;
}

static int plumb_raw_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
				int __user *optlen)
{
	struct icmp_filter filter;
	int len;

	if (level != SOL_RAW)
		return plumb_ip_getsockopt(sk, level, optname, optval, optlen);
	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(filter));
	filter.data = READ_ONCE(plumb_raw_sk(sk)->filter.data);
	if (put_user(len, optlen) || copy_to_user(optval, &filter, len))
		return -EFAULT;
	return 0;
}

struct proto plumb_raw_prot = {
	.name		= "PLUMB_RAW",
	.owner		= THIS_MODULE,
	.close		= plumb_raw_close,
	.connect	= plumb_dgram_connect,
	.disconnect	= plumb_dgram_disconnect,
	.init		= plumb_raw_init_sock,
	.setsockopt	= plumb_raw_setsockopt,
	.getsockopt	= plumb_raw_getsockopt,
	.sendmsg	= plumb_raw_sendmsg,
	.recvmsg	= plumb_raw_recvmsg,
	.bind		= plumb_raw_bind,
	.unhash		= plumb_raw_unhash,
	.obj_size	= sizeof(struct plumb_raw_sock),
};

/* ---- /proc ---- */

static void plumb_raw_fill_row(struct sock *sk, struct plumb_sockrow *row, u32 slot)
{
	row->object = sk;
	row->kind = PLUMB_ROW_SOCK;
	row->state = sk->sk_state;
	row->slot = slot;
	row->saddr = sk->sk_rcv_saddr;
	row->daddr = sk->sk_daddr;
	row->sport = sk->sk_num;
	row->tx_queue = sk_wmem_alloc_get(sk);
	row->rx_queue = sk_rmem_alloc_get(sk);
	row->uid = sock_i_uid(sk);
	row->ino = sock_i_ino(sk);
	row->refcnt = refcount_read(&sk->sk_refcnt);
	row->drops = atomic_read(&sk->sk_drops);
}

static unsigned int plumb_raw_walk(struct hlist_head *heads, u32 nheads,
				   struct plumb_sockrow_pos *pos, struct plumb_sockrow *rows,
				   unsigned int max)
{
	unsigned int n = 0;
	struct sock *sk;
	u32 i;

	rcu_read_lock();
	for (; pos->bucket < nheads; pos->bucket++, pos->skip = 0) {
		i = 0;
		sk_for_each_rcu(sk, &heads[pos->bucket]) {
			if (i++ < pos->skip)
				continue;
			if (n == max)
				goto out;
			plumb_raw_fill_row(sk, &rows[n++], pos->bucket);
			pos->skip++;
		}
	}
out:
	rcu_read_unlock();
	return n;
}

static unsigned int plumb_raw_rows(struct plumb_net *pn, struct plumb_sockrow_pos *pos,
				   struct plumb_sockrow *rows, unsigned int max)
{
	return plumb_raw_walk(pn->raw->raw, PLUMB_RAW_BUCKETS, pos, rows, max);
}

static unsigned int plumb_ping_rows(struct plumb_net *pn, struct plumb_sockrow_pos *pos,
				    struct plumb_sockrow *rows, unsigned int max)
{
	return plumb_raw_walk(pn->raw->ping, PLUMB_PING_BUCKETS, pos, rows, max);
}

static void plumb_raw_sockstat(struct plumb_net *pn, struct plumb_sockstat *st)
{
	st->inuse = sock_prot_inuse_get(pn->net, &plumb_raw_prot);
}

int plumb_raw_net_init(struct plumb_net *pn)
{
	pn->raw = kzalloc(sizeof(*pn->raw), GFP_KERNEL_ACCOUNT);
	if (!pn->raw)
		return -ENOMEM;
	spin_lock_init(&pn->raw->lock);
	return 0;
}

void plumb_raw_net_exit(struct plumb_net *pn)
{
	kfree(pn->raw);
}

int plumb_raw_init(void)
{
	int err;

	err = proto_register(&plumb_raw_prot, 1);
	if (err)
		return err;
	err = plumb_ping_init();
	if (err) {
		proto_unregister(&plumb_raw_prot);
		return err;
	}
	plumb_ip_tap_set(plumb_raw_deliver, plumb_raw_wanted);
	plumb_ip_err_tap_set(plumb_raw_err);
	plumb_sockrow_set(PLUMB_ROWS_RAW, plumb_raw_rows);
	plumb_sockrow_set(PLUMB_ROWS_PING, plumb_ping_rows);
	plumb_sockstat_set(PLUMB_ROWS_RAW, plumb_raw_sockstat);
	return 0;
}

void plumb_raw_exit(void)
{
	plumb_sockstat_set(PLUMB_ROWS_RAW, NULL);
	plumb_sockrow_set(PLUMB_ROWS_PING, NULL);
	plumb_sockrow_set(PLUMB_ROWS_RAW, NULL);
	plumb_ip_err_tap_set(NULL);
	plumb_ip_tap_set(NULL, NULL);
	plumb_ping_exit();
	proto_unregister(&plumb_raw_prot);
}
