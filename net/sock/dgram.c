// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a datagram from sendmsg(2) to IPv4, and connect(2) for sockets without
 * connections. Called by net/udp and net/raw. See dgram.h for the order.
 *
 * A connected socket's datagrams go by the path cached in it, guarded by its lock; others
 * resolve one on the stack. User memory is read with no lock and no RCU section held.
 */
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/uio.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/sock_reuseport.h>
#include <net/tcp_states.h>

#include <plumb/mib.h>

#include "../../kmod/compat/sock.h"
#include "dgram.h"

/* Data up to here lies with the headers in one piece. */
#define PLUMB_DGRAM_LINEAR	2048

/* The options of this packet: its own, or the socket's. */
static void plumb_dgram_options(struct sock *sk, struct plumb_dgram *d)
{
	const struct plumb_opts *opt;

	d->opt.len = 0;
	d->opt.faddr = 0;
	if (d->cmsg.opt) {
		d->opt = *d->cmsg.opt;
		return;
	}
	rcu_read_lock();
	opt = rcu_dereference(plumb_sk(sk)->opt);
	if (opt)
		d->opt = *opt;
	rcu_read_unlock();
}

static void plumb_dgram_flow(struct sock *sk, struct plumb_dgram *d)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_flow *flow = &d->flow;

	memset(flow, 0, sizeof(*flow));
	flow->saddr = d->cmsg.saddr;
	flow->oif = d->cmsg.oif;
	if (ipv4_is_multicast(d->daddr)) {
		if (!flow->oif)
			flow->oif = READ_ONCE(ps->mc_index);
		if (!flow->saddr)
			flow->saddr = READ_ONCE(ps->mc_addr);
	} else if (!flow->oif) {
		flow->oif = READ_ONCE(ps->uc_index);
	}
	if (!d->daddr)
		d->daddr = flow->saddr ?: htonl(INADDR_LOOPBACK);
	flow->daddr = d->opt.faddr ?: d->daddr;
	flow->mark = d->cmsg.sockc.mark;
	flow->tos = d->cmsg.tos >= 0 ? d->cmsg.tos : READ_ONCE(ps->tos);
	flow->proto = d->protocol;
	flow->flags = plumb_sock_flow_flags(sk);
	if (d->flags & MSG_DONTROUTE)
		flow->flags |= PLUMB_FLOW_ONLINK;
}

static int plumb_dgram_resolve(struct sock *sk, struct plumb_dgram *d)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	int err = plumb_path_resolve(pn, &d->path, &d->flow);

	if (err == -ENETUNREACH)
		PLUMB_IP_INC(pn, IPSTATS_MIB_OUTNOROUTES);
	if (!err && d->path.type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		plumb_path_release(&d->path);
		err = -EACCES;
	}
	return err;
}

/* Nothing in the ancillary data sends this datagram another way than the socket's? */
static bool plumb_dgram_own_way(const struct sock *sk, const struct plumb_cmsg *c)
{
	return c->saddr == plumb_sk(sk)->saddr && c->oif == READ_ONCE(sk->sk_bound_dev_if) &&
	       c->tos < 0 && !c->opt && c->sockc.mark == READ_ONCE(sk->sk_mark);
}

int plumb_dgram_begin(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d)
{
	int err;

	d->flags = msg->msg_flags;
	memset(&d->path, 0, sizeof(d->path));
	if (msg->msg_controllen) {
		err = plumb_cmsg_send(sk, msg, &d->cmsg);
		if (err)
			return err;
		d->connected = d->connected && plumb_dgram_own_way(sk, &d->cmsg);
	}
	plumb_dgram_options(sk, d);
	err = -EINVAL;
	if (d->opt.faddr && !d->daddr)
		goto free;
	if (d->opt.faddr || (d->flags & MSG_DONTROUTE) || ipv4_is_multicast(d->daddr))
		d->connected = false;
	if (d->connected)
		return 0;
	plumb_dgram_flow(sk, d);
	err = plumb_dgram_resolve(sk, d);
	if (!err)
		return 0;
free:
	plumb_cmsg_free(&d->cmsg);
	return err;
}

void plumb_dgram_end(struct plumb_dgram *d)
{
	plumb_path_release(&d->path);
	plumb_cmsg_free(&d->cmsg);
}

struct plumb_path *plumb_dgram_lock(struct sock *sk, struct plumb_dgram *d)
	__acquires(RCU) __acquires(&sk->sk_lock.slock)
{
	int err;

	if (!d->connected) {
		__acquire(&sk->sk_lock.slock);
		rcu_read_lock();
		if (likely(plumb_path_valid(plumb_sock_net(sk), &d->path)))
			return &d->path;
		err = plumb_dgram_resolve(sk, d);
		return err ? ERR_PTR(err) : &d->path;
	}
	d->slow = lock_sock_fast(sk);
	rcu_read_lock();
	d->daddr = sk->sk_daddr;
	d->dport = sk->sk_dport;
	return d->daddr ? plumb_sock_path(sk) : ERR_PTR(-EDESTADDRREQ);
}

void plumb_dgram_unlock(struct sock *sk, struct plumb_dgram *d)
	__releases(RCU) __releases(&sk->sk_lock.slock)
{
	rcu_read_unlock();
	if (d->connected)
		unlock_sock_fast(sk, d->slow);
	else
		__release(&sk->sk_lock.slock);
}

/* ---- the packet ---- */

/* @n octets of the user to @to; summed into skb->csum at @at if the packet wants a sum. */
static int plumb_dgram_copy(struct sk_buff *skb, struct msghdr *msg, void *to, size_t n, size_t at)
{
	__wsum csum = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return copy_from_iter_full(to, n, &msg->msg_iter) ? 0 : -EFAULT;
	if (!csum_and_copy_from_iter_full(to, n, &csum, &msg->msg_iter))
		return -EFAULT;
	skb->csum = csum_block_add(skb->csum, csum, at);
	return 0;
}

/* Fills the pages that sock_alloc_send_pskb() gave. */
static int plumb_dgram_fill_frags(struct sk_buff *skb, struct msghdr *msg, size_t at)
{
	int i, err;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		err = plumb_dgram_copy(skb, msg, skb_frag_address(frag), skb_frag_size(frag), at);
		if (err)
			return err;
		at += skb_frag_size(frag);
	}
	return 0;
}

struct sk_buff *plumb_dgram_skb(struct sock *sk, struct msghdr *msg, int hlen, size_t len,
				bool sum, unsigned int flags)
{
	size_t linear = len, paged = 0;
	struct sk_buff *skb;
	int err;

	if (len > PLUMB_DGRAM_LINEAR) {
		linear = 0;
		paged = len;
	}
	skb = sock_alloc_send_pskb(sk, PLUMB_IP_HEADROOM + hlen + linear, paged,
				   flags & MSG_DONTWAIT, &err, PAGE_ALLOC_COSTLY_ORDER);
	if (!skb)
		return ERR_PTR(err);
	skb->ip_summed = sum ? CHECKSUM_NONE : CHECKSUM_PARTIAL;
	skb->csum = 0;
	skb_reserve(skb, PLUMB_IP_HEADROOM);
	skb_reset_transport_header(skb);
	skb_put(skb, hlen);
	if (linear) {
		err = plumb_dgram_copy(skb, msg, skb_put(skb, linear), linear, 0);
	} else if (paged) {
		skb->data_len = paged;
		skb->len += paged;
		err = plumb_dgram_fill_frags(skb, msg, 0);
	} else {
		err = 0;
	}
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

/* Adds a piece of a page to the last fragment or as a new one, and its charge to the socket. */
static void plumb_dgram_add_frag(struct sock *sk, struct sk_buff *skb, struct page_frag *pf,
				 size_t n)
{
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, pf->page, pf->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		get_page(pf->page);
		skb_fill_page_desc(skb, i, pf->page, pf->offset, n);
	}
	pf->offset += n;
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	refcount_add(n, &sk->sk_wmem_alloc);
}

int plumb_dgram_append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, size_t len)
{
	struct page_frag *pf = sk_page_frag(sk);
	size_t at = skb->len, n;
	int err;

	while (len) {
		if (!sk_page_frag_refill(sk, pf))
			return -ENOBUFS;
		n = min_t(size_t, len, pf->size - pf->offset);
		if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS &&
		    !skb_can_coalesce(skb, MAX_SKB_FRAGS, pf->page, pf->offset) &&
		    skb_linearize(skb))
			return -ENOBUFS;
		err = plumb_dgram_copy(skb, msg, page_address(pf->page) + pf->offset, n, at);
		if (err)
			return err;
		plumb_dgram_add_frag(sk, skb, pf, n);
		at += n;
		len -= n;
	}
	return 0;
}

/* ---- sending ---- */

/* IP_MTU_DISCOVER: PROBE, INTERFACE and OMIT go by the device's MTU and not the path's. */
static u32 plumb_dgram_mtu(const struct sock *sk, const struct plumb_path *path)
{
	return READ_ONCE(plumb_sk(sk)->pmtudisc) < IP_PMTUDISC_PROBE ? path->mtu
								     : READ_ONCE(path->dev->mtu);
}

int plumb_dgram_too_long(struct sock *sk, const struct plumb_dgram *d,
			 const struct plumb_path *path)
{
	plumb_sock_err_local(sk, EMSGSIZE, d->opt.faddr ?: d->daddr,
			     plumb_dgram_mtu(sk, path) - d->opt.len);
	return -EMSGSIZE;
}

/*
 * IP_MTU_DISCOVER: who insists on Don't Fragment is told what does not fit; who only
 * wants it gets it on what fits.
 */
static int plumb_dgram_df(struct sock *sk, struct plumb_dgram *d, struct plumb_path *path,
			  const struct sk_buff *skb, struct plumb_ip_tx *tx)
{
	unsigned int len = skb->len + sizeof(struct iphdr) + tx->optlen;
	u8 pmtudisc = READ_ONCE(plumb_sk(sk)->pmtudisc);

	path->mtu = plumb_dgram_mtu(sk, path);
	/* A way that not even the least packet fits is none. */
	if (path->mtu < IPV4_MIN_MTU)
		return -ENETUNREACH;
	if (skb_is_gso(skb))
		len = 0;
	if (len > path->mtu && (pmtudisc == IP_PMTUDISC_DO || pmtudisc == IP_PMTUDISC_PROBE ||
				pmtudisc == IP_PMTUDISC_INTERFACE))
		return plumb_dgram_too_long(sk, d, path);
	tx->df = plumb_sock_df(sk, path) && len <= path->mtu;
	/* Of who does not insist the next one may be cut, so each is told apart from it. */
	if (pmtudisc == IP_PMTUDISC_WANT)
		tx->flags |= PLUMB_TX_IDENT;
	else if (tx->df && d->connected)
		tx->id = atomic_inc_return(&plumb_sk(sk)->ip_id);
	return 0;
}

static void plumb_dgram_tx(struct sock *sk, const struct plumb_dgram *d,
			   const struct plumb_path *path, struct plumb_ip_tx *tx, u8 *optbuf)
{
	struct plumb_sock *ps = plumb_sk(sk);
	int ttl = path->type == RTN_MULTICAST ? READ_ONCE(ps->mc_ttl) : READ_ONCE(ps->uc_ttl);

	memset(tx, 0, sizeof(*tx));
	tx->proto = d->protocol;
	tx->tos = d->cmsg.tos >= 0 ? d->cmsg.tos : READ_ONCE(ps->tos);
	tx->ttl = d->cmsg.ttl ?: ttl < 0 ? 0 : ttl;
	if (path->type == RTN_MULTICAST && !tx->ttl)
		tx->flags |= PLUMB_TX_NOWIRE;
	if (path->type == RTN_MULTICAST && !plumb_sock_test(sk, PLUMB_SF_MC_LOOP))
		tx->flags |= PLUMB_TX_NOLOOP;
	tx->optlen = d->opt.len;
	if (tx->optlen) {
		plumb_opts_build(&d->opt, path->saddr, d->daddr, optbuf);
		tx->opt = optbuf;
	}
}

int plumb_dgram_xmit(struct sock *sk, struct plumb_dgram *d, struct plumb_path *path,
		     struct sk_buff *skb)
{
	struct plumb_path probe = *path;
	u8 optbuf[PLUMB_OPT_MAX];
	struct plumb_ip_tx tx;
	int err;

	plumb_dgram_tx(sk, d, path, &tx, optbuf);
	err = plumb_dgram_df(sk, d, &probe, skb, &tx);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	skb->mark = d->cmsg.sockc.mark;
	skb->priority = d->cmsg.tos >= 0 ? rt_tos2priority(tx.tos) : READ_ONCE(sk->sk_priority);
	plumb_compat_set_delivery_time(skb, sk, d->cmsg.sockc.transmit_time);
	skb_setup_tx_timestamp(skb, d->cmsg.sockc.tsflags);
	if (d->flags & MSG_CONFIRM)
		plumb_path_confirm(path);

	err = plumb_ip_xmit(plumb_sock_net(sk), probe.mtu == path->mtu ? path : &probe, &tx, skb);
	/* A full queue is no error to who did not ask for such news (ip(7)). */
	if (err == -ENOBUFS && !plumb_sock_test(sk, PLUMB_SF_RECVERR))
		err = 0;
	return err;
}

/* ---- connect and disconnect ---- */

int plumb_dgram_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct sockaddr_in sin;
	int err;

	err = plumb_sockaddr(sk, uaddr, len, false, &sin);
	if (err)
		return err;
	lock_sock(sk);
	err = plumb_sock_connect_path(sk, sin.sin_addr.s_addr, sin.sin_port);
	if (!err) {
		sk->sk_state = TCP_ESTABLISHED;
		reuseport_has_conns_set(sk);
		sk_set_txhash(sk);
		atomic_set(&plumb_sk(sk)->ip_id, get_random_u16());
		if (sk->sk_prot->rehash)
			sk->sk_prot->rehash(sk);
	}
	release_sock(sk);
	return err;
}

void plumb_dgram_disconnect_locked(struct sock *sk)
{
	struct plumb_sock *ps = plumb_sk(sk);

	sk->sk_state = TCP_CLOSE;
	WRITE_ONCE(sk->sk_daddr, 0);
	WRITE_ONCE(sk->sk_dport, 0);
	sock_rps_reset_rxhash(sk);
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		WRITE_ONCE(sk->sk_rcv_saddr, 0);
		ps->saddr = 0;
	}
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK || sk->sk_type == SOCK_RAW) {
		if (sk->sk_prot->rehash)
			sk->sk_prot->rehash(sk);
	} else {
		sk->sk_prot->unhash(sk);
		ps->sport = 0;
	}
	plumb_path_release(&ps->path);
}

int plumb_dgram_disconnect(struct sock *sk, int flags)
{
	lock_sock(sk);
	plumb_dgram_disconnect_locked(sk);
	release_sock(sk);
	return 0;
}
