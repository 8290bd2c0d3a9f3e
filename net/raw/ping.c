// SPDX-License-Identifier: GPL-2.0
/*
 * Ping sockets (icmp(7)): SOCK_DGRAM with IPPROTO_ICMP. They send echo requests alone,
 * under an identifier that is their port, and receive the replies to those. RFC 792.
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <net/checksum.h>
#include <net/tcp_states.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "../sock/dgram.h"
#include "raw.h"

static struct hlist_head *plumb_ping_bucket(struct plumb_net *pn, u16 ident)
{
	return &pn->raw->ping[ident % PLUMB_PING_BUCKETS];
}

/* ---- life ---- */

static int plumb_ping_init_sock(struct sock *sk)
{
	sk->sk_reuse = SK_CAN_REUSE;
	return 0;
}

static int plumb_ping_get_port(struct sock *sk, unsigned short ident)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	int err;

	err = plumb_port_get(sk, ident);
	if (err)
		return err;
	sock_set_flag(sk, SOCK_RCU_FREE);
	spin_lock_bh(&pn->raw->lock);
	sk_add_node_rcu(sk, plumb_ping_bucket(pn, sk->sk_num));
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	spin_unlock_bh(&pn->raw->lock);
	return 0;
}

static void plumb_ping_unhash(struct sock *sk)
{
	struct plumb_raw_net *rn = plumb_sock_net(sk)->raw;
	bool was;

	spin_lock_bh(&rn->lock);
	was = sk_del_node_init_rcu(sk);
	if (was)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	spin_unlock_bh(&rn->lock);
	if (was) {
		plumb_port_put(sk);
		plumb_sk(sk)->sport = 0;
	}
}

static void plumb_ping_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/* No identifier is privileged, and no group's or broadcast address will do. */
static int plumb_ping_bind(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct sockaddr_in sin;
	u8 type;
	int err;

	err = plumb_sockaddr(sk, uaddr, len, true, &sin);
	if (err)
		return err;
	if (uaddr->sa_family == AF_UNSPEC && sin.sin_addr.s_addr)
		return -EAFNOSUPPORT;
	type = plumb_addr_type(ps->pn, sin.sin_addr.s_addr);
	if (sin.sin_addr.s_addr &&
	    (type == RTN_MULTICAST || type == RTN_BROADCAST ||
	     !plumb_sock_addr_ok(sk, sin.sin_addr.s_addr, type)))
		return -EADDRNOTAVAIL;

	lock_sock(sk);
	err = -EINVAL;
	if (sk->sk_num)
		goto unlock;
	err = -EADDRINUSE;
	if (plumb_ping_get_port(sk, ntohs(sin.sin_port)))
		goto unlock;
	WRITE_ONCE(sk->sk_rcv_saddr, sin.sin_addr.s_addr);
	ps->saddr = sk->sk_rcv_saddr;
	if (sk->sk_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (sin.sin_port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	ps->sport = htons(sk->sk_num);
	sk->sk_daddr = 0;
	sk->sk_dport = 0;
	plumb_path_release(&ps->path);
	err = 0;
unlock:
	release_sock(sk);
	return err;
}

/* ---- receiving ---- */

static struct sock *plumb_ping_lookup(struct plumb_net *pn, u16 ident, __be32 local, int dev)
{
	struct sock *sk;

	sk_for_each_rcu(sk, plumb_ping_bucket(pn, ident)) {
		__be32 saddr = READ_ONCE(sk->sk_rcv_saddr);
		int bound = READ_ONCE(sk->sk_bound_dev_if);

		if (READ_ONCE(sk->sk_num) == ident && (!saddr || saddr == local) &&
		    (!bound || bound == dev))
			return sk;
	}
	return NULL;
}

/* From IPv4, checked: ICMP messages that are neither requests nor errors. */
static void plumb_ping_rcv(struct plumb_net *pn, struct sk_buff *skb)
{
	const struct icmphdr *icmph = icmp_hdr(skb);
	struct sock *sk = NULL;

	skb_orphan(skb);
	if (icmph->type == ICMP_ECHOREPLY || icmph->type == ICMP_EXT_ECHOREPLY)
		sk = plumb_ping_lookup(pn, ntohs(icmph->un.echo.id), ip_hdr(skb)->daddr,
				       PLUMB_IP_CB(skb)->iif);
	/* A reply that only a raw socket wanted, or nobody, is no offence. */
	if (!sk)
		consume_skb(skb);
	else if (sock_queue_rcv_skb(sk, skb) < 0)
		plumb_drop(pn, skb, PLUMB_DROP_SOCKET_RCVBUF);
}

void plumb_ping_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e)
{
	const struct icmphdr *icmph = (const struct icmphdr *)e->th;
	struct sock *sk;

	if (icmph->code || (icmph->type != ICMP_ECHO && icmph->type != ICMP_EXT_ECHO))
		return;
	sk = plumb_ping_lookup(pn, ntohs(icmph->un.echo.id), e->saddr,
			       skb->dev ? skb->dev->ifindex : 0);
	if (sk)
		plumb_sock_icmp_error(sk, skb, e, 0, e->th);
}

/* On an address that is Linux's too: replies to our identifiers, and errors about our requests. */
static bool plumb_ping_claim(struct plumb_net *pn, const struct plumb_ip_claim *c,
			     struct sock **sk)
{
	const struct icmphdr *icmph = (const struct icmphdr *)c->th;

	return plumb_ping_lookup(pn, ntohs(icmph->un.echo.id), c->saddr, c->iif);
}

/* ---- sending ---- */

static int plumb_ping_dest(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d)
{
	struct sockaddr_in sin;
	int err;

	d->dport = 0;
	d->connected = !msg->msg_name;
	if (d->connected) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		d->daddr = READ_ONCE(sk->sk_daddr);
		return 0;
	}
	err = plumb_sockaddr(sk, msg->msg_name, msg->msg_namelen, false, &sin);
	if (!err)
		d->daddr = sin.sin_addr.s_addr;
	return err;
}

/* The program's type, code and sequence number; our identifier and sum. */
static void plumb_ping_header(struct sock *sk, struct sk_buff *skb, const struct icmphdr *user)
{
	struct icmphdr *icmph = icmp_hdr(skb);

	icmph->type = user->type;
	icmph->code = user->code;
	icmph->checksum = 0;
	icmph->un.echo.id = plumb_sk(sk)->sport;
	icmph->un.echo.sequence = user->un.echo.sequence;
	icmph->checksum = csum_fold(csum_partial(icmph, sizeof(*icmph), skb->csum));
	skb->ip_summed = CHECKSUM_NONE;
}

static int plumb_ping_send(struct sock *sk, struct msghdr *msg, size_t len, struct plumb_dgram *d,
			   const struct icmphdr *user)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_path *path;
	struct sk_buff *skb;
	int err;

	skb = plumb_dgram_skb(sk, msg, sizeof(*user), len, true, msg->msg_flags);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	plumb_ping_header(sk, skb, user);
	path = plumb_dgram_lock(sk, d);
	if (IS_ERR(path)) {
		kfree_skb(skb);
		err = PTR_ERR(path);
		goto unlock;
	}
	PLUMB_ICMP_INC(pn, ICMP_MIB_OUTMSGS);
	PLUMB_ICMPMSG_INC(pn, 256 + user->type);
	if (user->type == ICMP_ECHO)
		PLUMB_ICMP_INC(pn, ICMP_MIB_OUTECHOS);
	err = plumb_dgram_xmit(sk, d, path, skb);
unlock:
	plumb_dgram_unlock(sk, d);
	return err;
}

static int plumb_ping_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct icmphdr user;
	struct plumb_dgram d;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (len < sizeof(user))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (memcpy_from_msg(&user, msg, sizeof(user)))
		return -EFAULT;
	if (user.code || (user.type != ICMP_ECHO && user.type != ICMP_EXT_ECHO))
		return -EINVAL;
	err = plumb_ping_dest(sk, msg, &d);
	if (err)
		return err;
	d.protocol = IPPROTO_ICMP;
	plumb_cmsg_init(sk, &d.cmsg);
	err = plumb_dgram_begin(sk, msg, &d);
	if (err)
		return err;
	if (len + sizeof(struct iphdr) + d.opt.len > 0xffff)
		err = -EMSGSIZE;
	else
		err = plumb_ping_send(sk, msg, len - sizeof(user), &d, &user);
	plumb_dgram_end(&d);
	return err ?: len;
}

struct proto plumb_ping_prot = {
	.name		= "PLUMB_PING",
	.owner		= THIS_MODULE,
	.close		= plumb_ping_close,
	.connect	= plumb_dgram_connect,
	.disconnect	= plumb_dgram_disconnect,
	.init		= plumb_ping_init_sock,
	.setsockopt	= plumb_ip_setsockopt,
	.getsockopt	= plumb_ip_getsockopt,
	.sendmsg	= plumb_ping_sendmsg,
	.recvmsg	= plumb_raw_recvmsg,
	.bind		= plumb_ping_bind,
	.unhash		= plumb_ping_unhash,
	.get_port	= plumb_ping_get_port,
	.obj_size	= sizeof(struct plumb_sock),
};

/* IPv4 keeps ICMP for itself and hands on what is left. */
static const struct plumb_ip_proto plumb_ping_ip = {
	.name		= "ping",
	.min_hlen	= sizeof(struct icmphdr),
	.rcv		= plumb_ping_rcv,
	.claim		= plumb_ping_claim,
};

int plumb_ping_init(void)
{
	int err;

	err = proto_register(&plumb_ping_prot, 1);
	if (err)
		return err;
	err = plumb_ip_proto_set(IPPROTO_ICMP, &plumb_ping_ip);
	if (err)
		proto_unregister(&plumb_ping_prot);
	return err;
}

void plumb_ping_exit(void)
{
	plumb_ip_proto_set(IPPROTO_ICMP, NULL);
	synchronize_net();
	proto_unregister(&plumb_ping_prot);
}
