// SPDX-License-Identifier: GPL-2.0
/*
 * A port of ours on an address that is Linux's too is held in Linux's tables by a socket of the
 * kernel's there: so each stack refuses what the other has bound, by Linux's own rules of
 * addresses, devices and SO_REUSEADDR.
 *
 * Held is what bind(2), listen(2) or a datagram socket's first sending asked for. A port that
 * connect(2) chose for TCP is not: it takes packets of its own connection alone, and net.plumb's
 * range of ports is one that Linux does not choose from.
 *
 * The socket that holds receives nothing: TCP's does not listen, UDP's has a peer that nobody is.
 *
 * Lifetime: @users are sockets of ours, under their bucket's lock (port.c). With the last the
 * port is let go at once, wherever that is; the socket itself is released by a worker, which
 * may sleep.
 */
#include <linux/in.h>
#include <linux/llist.h>
#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "../route/iface.h"
#include "hold.h"

struct plumb_hold {
	struct socket		*sock;
	refcount_t		users;
	__be32			saddr;
	int			dev;
	struct llist_node	gone;
};

static LLIST_HEAD(hold_gone);

static void hold_release(struct work_struct *work)
{
	struct plumb_hold *h, *next;

	llist_for_each_entry_safe(h, next, llist_del_all(&hold_gone), gone) {
		sock_release(h->sock);
		kfree(h);
	}
}

static DECLARE_WORK(hold_work, hold_release);

bool plumb_hold_wanted(struct plumb_net *pn, u8 protocol, __be32 saddr)
{
	const struct plumb_ifa *ifa;
	bool wanted;

	if (likely(!READ_ONCE(pn->ifaces->shared)))
		return false;
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return false;
	if (!saddr)
		return true;
	rcu_read_lock();
	ifa = plumb_ifa_find(pn, saddr);
	wanted = ifa && ifa->a.shared;
	rcu_read_unlock();
	return wanted;
}

/* As bind() would, but for permissions: those were asked of our own socket. */
static int hold_bind(struct sock *sk, const struct plumb_hold_ask *a)
{
	struct inet_sock *inet = inet_sk(sk);
	int err;

	lock_sock(sk);
	sk->sk_reuse = a->reuse ? SK_CAN_REUSE : SK_NO_REUSE;
	sk->sk_bound_dev_if = a->dev;
	inet->inet_rcv_saddr = a->saddr;
	inet->inet_saddr = a->saddr;
	err = sk->sk_prot->get_port(sk, a->num) ? -EADDRINUSE : 0;
	if (!err) {
		inet->inet_sport = htons(a->num);
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
		if (a->saddr)
			sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
		/* No datagram comes from there. */
		if (a->protocol == IPPROTO_UDP)
			inet->inet_daddr = htonl(INADDR_BROADCAST);
	}
	release_sock(sk);
	return err;
}

struct plumb_hold *plumb_hold_new(struct plumb_net *pn, const struct plumb_hold_ask *a)
{
	struct plumb_hold *h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	int err;

	if (!h)
		return ERR_PTR(-ENOMEM);
	err = sock_create_kern(pn->net, AF_INET,
			       a->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM,
			       a->protocol, &h->sock);
	if (err)
		goto free;
	refcount_set(&h->users, 1);
	h->saddr = a->saddr;
	h->dev = a->dev;
	err = hold_bind(h->sock->sk, a);
	if (!err)
		err = plumb_hold_tighten(h, a);
	if (err)
		goto release;
	return h;

release:
	sock_release(h->sock);
free:
	kfree(h);
	return ERR_PTR(err);
}

bool plumb_hold_covers(const struct plumb_hold *h, const struct plumb_hold_ask *a)
{
	return (!h->saddr || h->saddr == a->saddr) && (!h->dev || h->dev == a->dev);
}

/* Asked as by a listener: whoever listens there is in the way, whatever he reuses. */
static int hold_as_listener(struct sock *sk)
{
	int err;

	WRITE_ONCE(sk->sk_state, TCP_LISTEN);
	err = sk->sk_prot->get_port(sk, inet_sk(sk)->inet_num) ? -EADDRINUSE : 0;
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	return err;
}

int plumb_hold_tighten(struct plumb_hold *h, const struct plumb_hold_ask *a)
{
	struct sock *sk = h->sock->sk;
	int err = 0;

	if (!a->listens && a->reuse)
		return 0;
	lock_sock(sk);
	if (a->listens)
		err = hold_as_listener(sk);
	if (!err)
		sk->sk_reuse = SK_NO_REUSE;
	release_sock(sk);
	return err;
}

void plumb_hold_get(struct plumb_hold *h)
{
	refcount_inc(&h->users);
}

void plumb_hold_put(struct plumb_hold *h)
{
	struct sock *sk;

	if (!h || !refcount_dec_and_test(&h->users))
		return;
	sk = h->sock->sk;
	if (sk->sk_protocol == IPPROTO_TCP)
		inet_put_port(sk);
	else
		sk->sk_prot->unhash(sk);
	if (llist_add(&h->gone, &hold_gone))
		queue_work(system_unbound_wq, &hold_work);
}

void plumb_hold_flush(void)
{
	flush_work(&hold_work);
}
