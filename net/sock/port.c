// SPDX-License-Identifier: GPL-2.0
/*
 * The port table: who holds which local port, a table a protocol and namespace.
 * bind(2), listen(2) and connect(2) come here through the protocols.
 *
 *	bucket (lock) -> port 80 -> owners: listener, its connections, TIME-WAIT records
 *	              -> port 1104 -> ...
 *
 * The lock of a bucket guards the ports in it, their owner lists and every owner's
 * plumb_bind; it is taken with bottom halves off, and is outermost but for the socket's.
 * A port dies with its last owner, after a grace period: plumb_port_held() takes no lock.
 *
 * While a device is shared with Linux (net/ip/share.c), a port on its addresses is held in Linux's
 * tables too (hold.c): by each owner that asked for it, those with one address together.
 *
 * Buckets are chosen by the port's low bits: ports are numbers below 65536, so no
 * choice of theirs puts more than 64 into one bucket, and no secret is needed for that.
 */
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/tcp_states.h>

#include "../ip/link.h"
#include "hold.h"
#include "sock.h"

#define PLUMB_PORT_BUCKETS	1024
#define PLUMB_PORT_COUNTERS	256

/* A port that somebody holds. */
struct plumb_port {
	struct hlist_node	node;
	struct hlist_head	owners;
	struct rcu_head		rcu;
	u16			num;
	bool			connect_only;	/* no owner asked for it by number or bind() */
	bool			all_reuse;	/* every owner has SO_REUSEADDR, none listened */
};

struct plumb_port_bucket {
	spinlock_t		lock;	/* guards the ports in it and all that hangs on them */
	struct hlist_head	ports;
};

/**
 * struct plumb_ports - the port tables of a namespace
 * @bucket: a table a space
 * @key: of the search's beginning (RFC 6056)
 * @hold: holds are made and joined one at a time; outside of the buckets' locks
 * @counter: how far earlier searches from one beginning came; no lock: a lost update
 *	only makes two searches begin at the same port
 */
struct plumb_ports {
	struct plumb_port_bucket	bucket[PLUMB_PORTS_NR][PLUMB_PORT_BUCKETS];
	siphash_key_t			key;
	struct mutex			hold;	/* see above */
	u32				counter[PLUMB_PORT_COUNTERS];
};

static enum plumb_port_space plumb_port_space(const struct sock *sk)
{
	switch (sk->sk_protocol) {
	case IPPROTO_TCP:
		return PLUMB_PORTS_TCP;
	case IPPROTO_UDP:
		return PLUMB_PORTS_UDP;
	default:
		return PLUMB_PORTS_PING;
	}
}

static struct plumb_port_bucket *plumb_port_bucket(struct plumb_net *pn,
						   enum plumb_port_space space, u16 num)
{
	return &pn->ports->bucket[space][num % PLUMB_PORT_BUCKETS];
}

static struct plumb_port *plumb_port_find(struct plumb_port_bucket *b, u16 num)
{
	struct plumb_port *port;

	hlist_for_each_entry_rcu(port, &b->ports, node, lockdep_is_held(&b->lock))
		if (port->num == num)
			return port;
	return NULL;
}

static struct plumb_port *plumb_port_new(struct plumb_port_bucket *b, u16 num)
	__must_hold(&b->lock)
{
	struct plumb_port *port = kmalloc(sizeof(*port), GFP_ATOMIC);

	lockdep_assert_held(&b->lock);
	if (!port)
		return NULL;
	port->num = num;
	port->connect_only = true;
	port->all_reuse = true;
	INIT_HLIST_HEAD(&port->owners);
	hlist_add_head_rcu(&port->node, &b->ports);
	return port;
}

static void plumb_port_drop_if_free(struct plumb_port *port)
{
	if (!hlist_empty(&port->owners))
		return;
	hlist_del_rcu(&port->node);
	kfree_rcu(port, rcu);
}

static const struct sock *plumb_bind_sk(const struct plumb_bind *bind)
{
	return &container_of(bind, struct plumb_sock, bind)->sk;
}

/*
 * Would @sk on the port of @other be one too many?
 * @explicit: @sk asked for this port by number (then SO_REUSEADDR and SO_REUSEPORT count)
 */
static bool plumb_port_conflict(const struct sock *sk, kuid_t uid, const struct plumb_bind *other,
				bool explicit)
{
	const struct sock *sk2 = other->tw ? NULL : plumb_bind_sk(other);
	bool reuse, reuseport, listens;
	__be32 saddr;
	int dev;

	if (sk2 == sk)
		return false;
	dev = sk2 ? READ_ONCE(sk2->sk_bound_dev_if) : other->dev;
	if (sk->sk_bound_dev_if && dev && sk->sk_bound_dev_if != dev)
		return false;
	saddr = sk2 ? READ_ONCE(sk2->sk_rcv_saddr) : other->saddr;
	if (sk->sk_rcv_saddr && saddr && sk->sk_rcv_saddr != saddr)
		return false;

	reuse = sk->sk_reuse && (sk2 ? sk2->sk_reuse : other->reuse);
	reuseport = explicit && sk->sk_reuseport && (sk2 ? sk2->sk_reuseport : other->reuseport) &&
		    (other->tw || uid_eq(uid, other->uid));
	listens = sk2 && sk2->sk_state == TCP_LISTEN;
	if (sk->sk_protocol != IPPROTO_TCP)
		return !explicit || (!reuse && !reuseport);
	/* A port that we choose is not shared on the strength of SO_REUSEADDR alone. */
	if (reuse && !listens)
		return !explicit;
	return !reuseport;
}

static bool plumb_port_busy(const struct sock *sk, const struct plumb_port *port, bool explicit)
{
	kuid_t uid = sock_i_uid((struct sock *)sk);
	const struct plumb_bind *other;

	if (explicit && port->all_reuse && sk->sk_reuse && sk->sk_state != TCP_LISTEN)
		return false;
	hlist_for_each_entry(other, &port->owners, node)
		if (plumb_port_conflict(sk, uid, other, explicit))
			return true;
	return false;
}

/* @sk holds @port from now on, or holds it still after a change of its state. */
static void plumb_port_hold(struct sock *sk, struct plumb_port *port, bool by_connect)
{
	struct plumb_bind *bind = &plumb_sk(sk)->bind;

	if (!by_connect)
		port->connect_only = false;
	if (!sk->sk_reuse || sk->sk_state == TCP_LISTEN)
		port->all_reuse = false;
	if (bind->port)
		return;
	bind->uid = sock_i_uid(sk);
	bind->tw = 0;
	WRITE_ONCE(bind->port, port);
	hlist_add_head(&bind->node, &port->owners);
	WRITE_ONCE(sk->sk_num, port->num);
}

/* Takes port @num for @sk if it can be had. 0, -EADDRINUSE or -ENOMEM. */
static int plumb_port_try(struct sock *sk, u16 num, bool explicit)
{
	struct plumb_port_bucket *b = plumb_port_bucket(plumb_sock_net(sk),
							plumb_port_space(sk), num);
	struct plumb_port *port;
	int err = 0;

	spin_lock_bh(&b->lock);
	port = plumb_port_find(b, num);
	if (port && plumb_port_busy(sk, port, explicit))
		err = -EADDRINUSE;
	else if (!port)
		port = plumb_port_new(b, num);
	if (!port)
		err = -ENOMEM;
	if (!err)
		plumb_port_hold(sk, port, false);
	spin_unlock_bh(&b->lock);
	return err;
}

/* ---- ports held in Linux's tables ---- */

static void plumb_port_ask(const struct sock *sk, u16 num, struct plumb_hold_ask *a)
{
	*a = (struct plumb_hold_ask) {
		.protocol = sk->sk_protocol,
		.num = num,
		.saddr = READ_ONCE(sk->sk_rcv_saddr),
		.dev = READ_ONCE(sk->sk_bound_dev_if),
		.reuse = sk->sk_reuse,
		.listens = sk->sk_protocol == IPPROTO_TCP && sk->sk_state == TCP_LISTEN,
	};
}

/* A hold of another owner of the port that will do for @a; counted. */
static struct plumb_hold *plumb_port_hold_find(const struct plumb_port *port,
					       const struct plumb_hold_ask *a)
{
	const struct plumb_bind *other;
	struct plumb_hold *h;

	hlist_for_each_entry(other, &port->owners, node) {
		h = other->tw ? NULL : plumb_sk(plumb_bind_sk(other))->hold;
		if (h && plumb_hold_covers(h, a)) {
			plumb_hold_get(h);
			return h;
		}
	}
	return NULL;
}

/* @sk, which holds a port of ours, holds it in Linux's tables too. 0, -EADDRINUSE, -ENOMEM. */
static int plumb_port_hold_linux(struct plumb_net *pn, struct plumb_port_bucket *b,
				 struct sock *sk, u16 num)
{
	struct plumb_sock *ps = plumb_sk(sk);
	struct plumb_hold *h, *mine = NULL;
	struct plumb_hold_ask a;
	int err = 0;

	lockdep_assert_held(&pn->ports->hold);
	plumb_port_ask(sk, num, &a);
	spin_lock_bh(&b->lock);
	h = ps->hold;
	if (h)
		plumb_hold_get(h);
	else if (ps->bind.port)
		h = plumb_port_hold_find(ps->bind.port, &a);
	spin_unlock_bh(&b->lock);

	if (h) {
		err = plumb_hold_tighten(h, &a);
	} else {
		h = plumb_hold_new(pn, &a);
		if (IS_ERR(h))
			return PTR_ERR(h);
	}
	spin_lock_bh(&b->lock);
	/* It may have let the port go meanwhile. */
	if (!err && ps->bind.port && !ps->hold) {
		ps->hold = h;
		mine = h;
	}
	spin_unlock_bh(&b->lock);
	if (!mine)
		plumb_hold_put(h);
	return err;
}

/* Takes port @num, in both stacks if a device is shared. */
static int plumb_port_take(struct sock *sk, u16 num, bool explicit)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	bool had = plumb_sk(sk)->bind.port;
	int err;

	err = plumb_port_try(sk, num, explicit);
	if (err || likely(!plumb_hold_wanted(pn, sk->sk_protocol, sk->sk_rcv_saddr)))
		return err;
	mutex_lock(&pn->ports->hold);
	err = plumb_port_hold_linux(pn, plumb_port_bucket(pn, plumb_port_space(sk), num), sk,
				    num);
	mutex_unlock(&pn->ports->hold);
	if (err && !had)
		plumb_port_put(sk);
	return err;
}

/* Bound by bind(), listen() or a datagram's sending, to an address that is Linux's too? */
static bool plumb_port_hold_due(struct plumb_net *pn, const struct sock *sk)
{
	if (sk->sk_protocol == IPPROTO_TCP && sk->sk_state != TCP_CLOSE &&
	    sk->sk_state != TCP_LISTEN)
		return false;
	return plumb_hold_wanted(pn, sk->sk_protocol, READ_ONCE(sk->sk_rcv_saddr));
}

/* An owner in @b whose port is to be held (@on), or whose hold is to go; counted. */
static struct sock *plumb_port_next(struct plumb_net *pn, struct plumb_port_bucket *b, bool on)
{
	struct plumb_port *port;
	struct plumb_bind *bind;
	struct sock *sk;

	hlist_for_each_entry(port, &b->ports, node) {
		hlist_for_each_entry(bind, &port->owners, node) {
			if (bind->tw)
				continue;
			sk = (struct sock *)plumb_bind_sk(bind);
			if (on != !plumb_sk(sk)->hold || (on && !plumb_port_hold_due(pn, sk)))
				continue;
			if (refcount_inc_not_zero(&sk->sk_refcnt))
				return sk;
		}
	}
	return NULL;
}

/* Holds, or lets go, what is in one bucket. */
static int plumb_port_share_bucket(struct plumb_net *pn, struct plumb_port_bucket *b, bool on)
{
	struct plumb_hold *h;
	struct sock *sk;
	int err = 0;

	while (!err) {
		h = NULL;
		spin_lock_bh(&b->lock);
		sk = plumb_port_next(pn, b, on);
		if (sk && !on)
			swap(h, plumb_sk(sk)->hold);
		spin_unlock_bh(&b->lock);
		if (!sk)
			break;
		if (on)
			err = plumb_port_hold_linux(pn, b, sk, READ_ONCE(sk->sk_num));
		if (err == -EADDRINUSE)
			pr_info("%s port %u is bound in both stacks\n",
				sk->sk_protocol == IPPROTO_TCP ? "TCP" : "UDP", sk->sk_num);
		plumb_hold_put(h);
		sock_put(sk);
		cond_resched();
	}
	return err;
}

static int plumb_port_share_all(struct plumb_net *pn, bool on)
{
	int space, i, err = 0;

	for (space = PLUMB_PORTS_TCP; space <= PLUMB_PORTS_UDP; space++)
		for (i = 0; i < PLUMB_PORT_BUCKETS && !err; i++)
			err = plumb_port_share_bucket(pn, &pn->ports->bucket[space][i], on);
	return err;
}

/* A device is shared (one more), or none is any more: plumb_link_ports_t. */
static int plumb_port_share(struct plumb_net *pn, bool on)
{
	int err;

	/* Before there are ports, or after. */
	if (!pn->ports)
		return 0;
	mutex_lock(&pn->ports->hold);
	err = plumb_port_share_all(pn, on);
	mutex_unlock(&pn->ports->hold);
	return err;
}

void plumb_port_range(const struct sock *sk, int *lo, int *hi)
{
	const struct plumb_sysctl *ctl = &plumb_sock_net(sk)->sysctl;
	u32 range = READ_ONCE(plumb_sk(sk)->local_port_range);
	int sk_lo = range & 0xffff, sk_hi = range >> 16;

	*lo = READ_ONCE(ctl->local_port_lo);
	*hi = READ_ONCE(ctl->local_port_hi);
	/* IP_LOCAL_PORT_RANGE narrows the namespace's range, it can not leave it. */
	if (sk_lo >= *lo && sk_lo <= *hi)
		*lo = sk_lo;
	if (sk_hi >= *lo && sk_hi <= *hi)
		*hi = sk_hi;
}

/*
 * A free port of [lo, hi], beginning at a random one. The odd offsets come first:
 * connect() begins with the even ones, so the two seldom meet.
 */
static int plumb_port_choose(struct sock *sk, int lo, int hi)
{
	u32 n = hi - lo + 1, i, start;
	int err, parity;

	start = get_random_u32() % n;
	for (parity = 1; parity >= 0; parity--) {
		for (i = 0; i < n; i++) {
			u32 off = (start + i) % n;

			if ((off & 1) != parity)
				continue;
			err = plumb_port_take(sk, lo + off, false);
			if (err != -EADDRINUSE)
				return err;
			if (!(i & 63))
				cond_resched();
		}
	}
	return -EADDRINUSE;
}

/* An echo identifier may be any number but 0. */
static int plumb_port_any(struct sock *sk)
{
	int lo = 1, hi = U16_MAX, mid, err;

	if (plumb_port_space(sk) != PLUMB_PORTS_PING)
		plumb_port_range(sk, &lo, &hi);
	if (hi < lo)
		return -EADDRINUSE;
	/* With SO_REUSEADDR the lower half is used up first, as Linux does. */
	mid = lo + (hi - lo) / 2;
	if (sk->sk_protocol == IPPROTO_TCP && sk->sk_reuse && hi - lo >= 4) {
		err = plumb_port_choose(sk, lo, mid);
		if (err != -EADDRINUSE)
			return err;
		lo = mid + 1;
	}
	return plumb_port_choose(sk, lo, hi);
}

int plumb_port_get(struct sock *sk, unsigned short snum)
{
	return snum ? plumb_port_take(sk, snum, true) : plumb_port_any(sk);
}

/* One candidate of connect(): -EADDRNOTAVAIL sends it on to the next. */
static int plumb_port_connect_try(struct sock *sk, u16 num, plumb_port_unique_t unique, void *arg)
{
	struct plumb_port_bucket *b = plumb_port_bucket(plumb_sock_net(sk),
							plumb_port_space(sk), num);
	struct plumb_port *port;
	int err;

	spin_lock_bh(&b->lock);
	port = plumb_port_find(b, num);
	err = -EADDRNOTAVAIL;
	if (port && !port->connect_only)
		goto unlock;
	err = -ENOMEM;
	if (!port)
		port = plumb_port_new(b, num);
	if (!port)
		goto unlock;

	WRITE_ONCE(sk->sk_num, num);
	plumb_sk(sk)->sport = htons(num);
	err = unique(sk, arg);
	if (!err) {
		plumb_port_hold(sk, port, true);
	} else {
		WRITE_ONCE(sk->sk_num, 0);
		plumb_sk(sk)->sport = 0;
		plumb_port_drop_if_free(port);
	}
unlock:
	spin_unlock_bh(&b->lock);
	return err;
}

static u64 plumb_port_hash(const struct sock *sk)
{
	return siphash_3u32((__force u32)sk->sk_rcv_saddr, (__force u32)sk->sk_daddr,
			    (__force u32)sk->sk_dport, &plumb_sock_net(sk)->ports->key);
}

int plumb_port_connect(struct sock *sk, plumb_port_unique_t unique, void *arg)
{
	struct plumb_ports *ports = plumb_sock_net(sk)->ports;
	u32 n, i, start, *counter;
	int lo, hi, err, parity;
	u64 hash;

	if (plumb_sk(sk)->bind.port) {
		struct plumb_port_bucket *b = plumb_port_bucket(plumb_sock_net(sk),
								plumb_port_space(sk), sk->sk_num);

		spin_lock_bh(&b->lock);
		err = unique(sk, arg);
		spin_unlock_bh(&b->lock);
		return err;
	}

	plumb_port_range(sk, &lo, &hi);
	if (hi < lo)
		return -EADDRNOTAVAIL;
	n = hi - lo + 1;
	hash = plumb_port_hash(sk);
	counter = &ports->counter[(hash >> 32) % PLUMB_PORT_COUNTERS];
	start = ((u32)hash + READ_ONCE(*counter)) % n;
	for (parity = 0; parity <= 1; parity++) {
		for (i = 0; i < n; i++) {
			u32 off = (start + i) % n;

			if ((off & 1) != parity)
				continue;
			err = plumb_port_connect_try(sk, lo + off, unique, arg);
			if (err != -EADDRNOTAVAIL) {
				WRITE_ONCE(*counter, READ_ONCE(*counter) + i + 2);
				return err;
			}
			if (!(i & 63))
				cond_resched();
		}
	}
	return -EADDRNOTAVAIL;
}

/* Takes @bind off its port; its bucket is locked. */
static void plumb_port_leave(struct plumb_bind *bind)
{
	struct plumb_port *port = bind->port;

	hlist_del(&bind->node);
	WRITE_ONCE(bind->port, NULL);
	plumb_port_drop_if_free(port);
}

void plumb_port_put(struct sock *sk)
{
	struct plumb_bind *bind = &plumb_sk(sk)->bind;
	struct plumb_hold *hold = NULL;
	struct plumb_port_bucket *b;

	if (!READ_ONCE(bind->port)) {
		/* A raw socket's number is its protocol: that stays. */
		if (sk->sk_type != SOCK_RAW)
			WRITE_ONCE(sk->sk_num, 0);
		return;
	}
	b = plumb_port_bucket(plumb_sock_net(sk), plumb_port_space(sk), sk->sk_num);
	spin_lock_bh(&b->lock);
	plumb_port_leave(bind);
	WRITE_ONCE(sk->sk_num, 0);
	swap(hold, plumb_sk(sk)->hold);
	spin_unlock_bh(&b->lock);
	plumb_hold_put(hold);
}

int plumb_port_inherit(struct sock *child, struct sock *parent)
{
	struct plumb_port_bucket *b = plumb_port_bucket(plumb_sock_net(child),
							plumb_port_space(child), child->sk_num);
	struct plumb_port *port;
	int err = -ENOENT;

	spin_lock_bh(&b->lock);
	port = plumb_sk(parent)->bind.port;
	if (port && port->num == child->sk_num) {
		plumb_port_hold(child, port, false);
		plumb_sk(child)->bind.uid = plumb_sk(parent)->bind.uid;
		err = 0;
	}
	spin_unlock_bh(&b->lock);
	return err;
}

void plumb_port_to_tw(struct plumb_bind *tw, struct sock *sk)
{
	struct plumb_bind *bind = &plumb_sk(sk)->bind;
	struct plumb_hold *hold = NULL;
	struct plumb_port_bucket *b;

	if (!READ_ONCE(bind->port))
		return;
	b = plumb_port_bucket(plumb_sock_net(sk), plumb_port_space(sk), sk->sk_num);
	spin_lock_bh(&b->lock);
	tw->tw = 1;
	tw->reuse = sk->sk_reuse;
	tw->reuseport = sk->sk_reuseport;
	tw->saddr = sk->sk_rcv_saddr;
	tw->dev = sk->sk_bound_dev_if;
	tw->uid = bind->uid;
	WRITE_ONCE(tw->port, bind->port);
	hlist_add_head(&tw->node, &bind->port->owners);
	hlist_del(&bind->node);
	WRITE_ONCE(bind->port, NULL);
	swap(hold, plumb_sk(sk)->hold);
	spin_unlock_bh(&b->lock);
	plumb_hold_put(hold);
}

void plumb_port_tw_put(struct plumb_net *pn, enum plumb_port_space space, struct plumb_bind *tw)
{
	struct plumb_port *port = READ_ONCE(tw->port);
	struct plumb_port_bucket *b;

	if (!port)
		return;
	/* @tw holds the port, so its number may be read without the lock. */
	b = plumb_port_bucket(pn, space, port->num);
	spin_lock_bh(&b->lock);
	plumb_port_leave(tw);
	spin_unlock_bh(&b->lock);
}

bool plumb_port_held(struct plumb_net *pn, enum plumb_port_space space, u16 num)
{
	struct plumb_port *port;
	bool held = false;

	rcu_read_lock();
	hlist_for_each_entry_rcu(port, &plumb_port_bucket(pn, space, num)->ports, node)
		held |= port->num == num;
	rcu_read_unlock();
	return held;
}

int plumb_sock_layer_init(void)
{
	plumb_link_ports_set(plumb_port_share);
	return 0;
}

void plumb_sock_layer_exit(void)
{
	plumb_link_ports_set(NULL);
}

int plumb_sock_net_init(struct plumb_net *pn)
{
	struct plumb_ports *ports = kvzalloc(sizeof(*ports), GFP_KERNEL_ACCOUNT);
	int space, i;

	if (!ports)
		return -ENOMEM;
	for (space = 0; space < PLUMB_PORTS_NR; space++)
		for (i = 0; i < PLUMB_PORT_BUCKETS; i++)
			spin_lock_init(&ports->bucket[space][i].lock);
	mutex_init(&ports->hold);
	get_random_bytes(&ports->key, sizeof(ports->key));
	get_random_bytes(ports->counter, sizeof(ports->counter));
	pn->ports = ports;
	return 0;
}

void plumb_sock_net_exit(struct plumb_net *pn)
{
	/* Linux's sockets that held some do not outlive the namespace. */
	plumb_hold_flush();
	kvfree(pn->ports);
	pn->ports = NULL;
}
