// SPDX-License-Identifier: GPL-2.0
/*
 * Which socket a datagram is for. Three tables a namespace, read under RCU:
 *
 *	by port			every bound socket (sk_node); the way out if a socket is just
 *				moving between the other two
 *	by port and address	those that are not connected, or are bound to a group
 *	by both ends		connected ones
 *
 * Locks: the bucket by port is outermost; a socket's three nodes change under it. The
 * port itself is held in net/sock's port table, which decides who may have it.
 */
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <net/sock_reuseport.h>
#include <net/tcp_states.h>

#include "../sock/mcast.h"
#include "udp.h"

#define PLUMB_UDP_BUCKETS	1024

struct plumb_udp_bucket {
	spinlock_t		lock;	/* guards changes of the list */
	struct hlist_head	head;
};

/**
 * struct plumb_udp_net - UDP's tables of one namespace
 * @port: by port
 * @addr: by port and local address
 * @tuple: by both ends
 */
struct plumb_udp_net {
	struct plumb_udp_bucket port[PLUMB_UDP_BUCKETS];
	struct plumb_udp_bucket addr[PLUMB_UDP_BUCKETS];
	struct plumb_udp_bucket tuple[PLUMB_UDP_BUCKETS];
};

static struct plumb_udp_bucket *plumb_udp_port_bucket(struct plumb_net *pn, u16 port)
{
	return &pn->udp->port[port % PLUMB_UDP_BUCKETS];
}

static struct plumb_udp_bucket *plumb_udp_addr_bucket(struct plumb_net *pn, __be32 addr, u16 port)
{
	return &pn->udp->addr[siphash_2u32((__force u32)addr, port, &pn->hash_key) %
			      PLUMB_UDP_BUCKETS];
}

static u32 plumb_udp_tuple_hash(struct plumb_net *pn, __be32 laddr, u16 lport, __be32 faddr,
				__be16 fport)
{
	return siphash_3u32((__force u32)laddr, (__force u32)faddr,
			    (u32)lport << 16 | (__force u16)fport, &pn->hash_key);
}

static struct plumb_udp_bucket *plumb_udp_tuple_bucket(struct plumb_net *pn, u32 hash)
{
	return &pn->udp->tuple[hash % PLUMB_UDP_BUCKETS];
}

struct hlist_head *plumb_udp_bucket(struct plumb_net *pn, u32 i)
{
	return i < PLUMB_UDP_BUCKETS ? &pn->udp->port[i].head : NULL;
}

/* ---- entering and leaving ---- */

static void plumb_udp_add(struct plumb_udp_bucket *b, struct hlist_node *node)
{
	spin_lock(&b->lock);
	hlist_add_head_rcu(node, &b->head);
	spin_unlock(&b->lock);
}

static void plumb_udp_del(struct plumb_udp_bucket *b, struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	spin_lock(&b->lock);
	hlist_del_init_rcu(node);
	spin_unlock(&b->lock);
}

/*
 * A socket bound to a group or a broadcast address hears it from the other table even if connected,
 * and so does one connected to port 0, whom any port of its peer's reaches.
 */
static bool plumb_udp_by_tuple(const struct sock *sk)
{
	return sk->sk_state == TCP_ESTABLISHED && sk->sk_dport &&
	       sk->sk_rcv_saddr == plumb_sk(sk)->saddr;
}

static void plumb_udp_place(struct sock *sk)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_udp_bucket *b;

	if (plumb_udp_by_tuple(sk)) {
		b = plumb_udp_tuple_bucket(pn, plumb_udp_tuple_hash(pn, sk->sk_rcv_saddr, up->port,
								    sk->sk_daddr, sk->sk_dport));
		up->tuple_slot = b - pn->udp->tuple;
		plumb_udp_add(b, &up->tuple_node);
	} else {
		b = plumb_udp_addr_bucket(pn, sk->sk_rcv_saddr, up->port);
		up->addr_slot = b - pn->udp->addr;
		plumb_udp_add(b, &up->addr_node);
	}
}

static void plumb_udp_unplace(struct sock *sk)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	struct plumb_udp_net *un = plumb_sock_net(sk)->udp;

	plumb_udp_del(&un->tuple[up->tuple_slot], &up->tuple_node);
	plumb_udp_del(&un->addr[up->addr_slot], &up->addr_node);
}

/* A socket that shares its port by SO_REUSEPORT joins the others', or founds a group. */
static int plumb_udp_join_group(struct sock *sk, struct plumb_udp_bucket *b)
{
	kuid_t uid = sock_i_uid(sk);
	struct sock *sk2;

	sk_for_each(sk2, &b->head) {
		if (plumb_udp_sk(sk2)->port == sk->sk_num && sk2->sk_reuseport &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    sk2->sk_rcv_saddr == sk->sk_rcv_saddr && uid_eq(uid, sock_i_uid(sk2)))
			return reuseport_add_sock(sk, sk2, !sk->sk_rcv_saddr);
	}
	return reuseport_alloc(sk, !sk->sk_rcv_saddr);
}

int plumb_udp_get_port(struct sock *sk, unsigned short snum)
{
	struct plumb_udp_bucket *b;
	int err;

	err = plumb_port_get(sk, snum);
	if (err)
		return err;
	b = plumb_udp_port_bucket(plumb_sock_net(sk), sk->sk_num);
	spin_lock_bh(&b->lock);
	if (sk->sk_reuseport)
		err = plumb_udp_join_group(sk, b);
	if (!err) {
		sock_set_flag(sk, SOCK_RCU_FREE);
		plumb_udp_sk(sk)->port = sk->sk_num;
		sk_add_node_rcu(sk, &b->head);
		plumb_udp_place(sk);
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	}
	spin_unlock_bh(&b->lock);
	if (err)
		plumb_port_put(sk);
	return err;
}

void plumb_udp_unhash(struct sock *sk)
{
	struct plumb_udp_bucket *b;

	if (!sk_hashed(sk))
		return;
	b = plumb_udp_port_bucket(plumb_sock_net(sk), plumb_udp_sk(sk)->port);
	spin_lock_bh(&b->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	if (sk_del_node_init_rcu(sk)) {
		plumb_udp_unplace(sk);
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	}
	spin_unlock_bh(&b->lock);
	plumb_port_put(sk);
}

void plumb_udp_rehash(struct sock *sk)
{
	struct plumb_udp_bucket *b;

	if (!sk_hashed(sk))
		return;
	b = plumb_udp_port_bucket(plumb_sock_net(sk), plumb_udp_sk(sk)->port);
	spin_lock_bh(&b->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	plumb_udp_unplace(sk);
	plumb_udp_place(sk);
	spin_unlock_bh(&b->lock);
}

/* ---- finding ---- */

static bool plumb_udp_dev_ok(const struct sock *sk, int dev)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	return !bound || bound == dev;
}

static bool plumb_udp_peer_ok(const struct sock *sk, const struct plumb_udp_key *key)
{
	__be32 daddr = READ_ONCE(sk->sk_daddr);
	__be16 dport = READ_ONCE(sk->sk_dport);

	return (!daddr || daddr == key->saddr) && (!dport || dport == key->sport);
}

/* How well a socket fits: -1 not at all; what it is bound to more narrowly wins. */
static int plumb_udp_score(const struct sock *sk, const struct plumb_udp_key *key)
{
	__be32 rcv_saddr = READ_ONCE(sk->sk_rcv_saddr);
	int score = 0;

	if (plumb_udp_sk(sk)->port != key->dport || !plumb_udp_peer_ok(sk, key) ||
	    (rcv_saddr && rcv_saddr != key->daddr) || !plumb_udp_dev_ok(sk, key->dev))
		return -1;
	if (rcv_saddr)
		score += 16;
	if (READ_ONCE(sk->sk_daddr))
		score += 8;
	if (READ_ONCE(sk->sk_dport))
		score += 4;
	if (READ_ONCE(sk->sk_bound_dev_if))
		score += 2;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return score;
}

static struct sock *plumb_udp_find_tuple(struct plumb_net *pn, const struct plumb_udp_key *key,
					 u32 hash)
{
	struct plumb_udp_sock *up;

	hlist_for_each_entry_rcu(up, &plumb_udp_tuple_bucket(pn, hash)->head, tuple_node) {
		struct sock *sk = &up->ps.sk;

		if (up->port == key->dport && READ_ONCE(sk->sk_rcv_saddr) == key->daddr &&
		    READ_ONCE(sk->sk_daddr) == key->saddr &&
		    READ_ONCE(sk->sk_dport) == key->sport && plumb_udp_dev_ok(sk, key->dev))
			return sk;
	}
	return NULL;
}

static struct sock *plumb_udp_find_addr(struct plumb_net *pn, const struct plumb_udp_key *key,
					__be32 addr)
{
	struct plumb_udp_sock *up;
	struct sock *best = NULL;
	int top = -1;

	hlist_for_each_entry_rcu(up, &plumb_udp_addr_bucket(pn, addr, key->dport)->head,
				 addr_node) {
		int score = plumb_udp_score(&up->ps.sk, key);

		if (score > top) {
			best = &up->ps.sk;
			top = score;
		}
	}
	return best;
}

static struct sock *plumb_udp_find_port(struct plumb_net *pn, const struct plumb_udp_key *key)
{
	struct sock *sk, *best = NULL;
	int top = -1;

	sk_for_each_rcu(sk, &plumb_udp_port_bucket(pn, key->dport)->head) {
		int score = plumb_udp_score(sk, key);

		if (score > top) {
			best = sk;
			top = score;
		}
	}
	return best;
}

struct sock *plumb_udp_lookup(struct plumb_net *pn, const struct plumb_udp_key *key,
			      struct sk_buff *skb)
{
	u32 hash = plumb_udp_tuple_hash(pn, key->daddr, key->dport, key->saddr, key->sport);
	struct sock *sk, *chosen;

	sk = plumb_udp_find_tuple(pn, key, hash);
	if (sk)
		return sk;
	sk = plumb_udp_find_addr(pn, key, key->daddr);
	if (!sk)
		sk = plumb_udp_find_addr(pn, key, 0);
	if (!sk)
		return plumb_udp_find_port(pn, key);
	if (skb && sk->sk_reuseport && sk->sk_state != TCP_ESTABLISHED) {
		chosen = reuseport_select_sock(sk, hash, skb, sizeof(struct udphdr));
		if (!IS_ERR_OR_NULL(chosen))
			sk = chosen;
	}
	return sk;
}

void plumb_udp_for_each(struct plumb_net *pn, const struct plumb_udp_key *key,
			void (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct plumb_udp_bucket *b = plumb_udp_addr_bucket(pn, key->daddr, key->dport);
	struct plumb_udp_bucket *any = plumb_udp_addr_bucket(pn, 0, key->dport);
	struct plumb_udp_sock *up;

	for (; b; b = b == any ? NULL : any)
		hlist_for_each_entry_rcu(up, &b->head, addr_node)
			if (plumb_udp_score(&up->ps.sk, key) >= 0 &&
			    plumb_mc_allows(&up->ps.sk, key->daddr, key->saddr, key->dev))
				fn(&up->ps.sk, arg);
}

int plumb_udp_net_init(struct plumb_net *pn)
{
	struct plumb_udp_net *un = kvzalloc(sizeof(*un), GFP_KERNEL_ACCOUNT);
	int i;

	if (!un)
		return -ENOMEM;
	for (i = 0; i < PLUMB_UDP_BUCKETS; i++) {
		spin_lock_init(&un->port[i].lock);
		/* Of their own lock classes: they nest in the one above. */
		spin_lock_init(&un->addr[i].lock);
		spin_lock_init(&un->tuple[i].lock);
	}
	pn->udp = un;
	return 0;
}

void plumb_udp_net_exit(struct plumb_net *pn)
{
	kvfree(pn->udp);
}
