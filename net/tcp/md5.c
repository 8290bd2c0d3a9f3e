// SPDX-License-Identifier: GPL-2.0
/*
 * TCP-MD5 (RFC 2385): segments signed with a key that both ends know. A key is for a peer's
 * address, or a prefix of addresses; the longest that fits counts. A connection takes its
 * listener's with it.
 *
 * With a key for a peer nothing unsigned or wrongly signed of it is taken, and everything sent to
 * it is signed: MSS by MSS, as a signature is of one segment on the wire. Without one, nothing
 * signed is taken.
 *
 * Where no socket ever had a key, none of this costs a segment more than a static branch.
 */
#include <crypto/hash.h>
#include <crypto/algapi.h>
#include <linux/ip.h>
#include <linux/jump_label.h>
#include <linux/slab.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../wire/tcp.h"
#include "engine/env.h"

DEFINE_STATIC_KEY_FALSE(tcp_md5_used);

/* Has no state of its own: any number of CPUs may hash with it. Made with the first key. */
static struct crypto_shash *tcp_md5_tfm;
static DEFINE_MUTEX(tcp_md5_lock);	/* the making of it */

static int tcp_md5_start(void)
{
	struct crypto_shash *tfm;
	int err = 0;

	if (static_key_enabled(&tcp_md5_used))
		return 0;
	mutex_lock(&tcp_md5_lock);
	if (!tcp_md5_tfm) {
		tfm = crypto_alloc_shash("md5", 0, 0);
		if (IS_ERR(tfm))
			err = PTR_ERR(tfm);
		else
			tcp_md5_tfm = tfm;
	}
	if (!err)
		static_branch_enable(&tcp_md5_used);
	mutex_unlock(&tcp_md5_lock);
	return err;
}

void tcp_md5_exit(void)
{
	if (tcp_md5_tfm)
		crypto_free_shash(tcp_md5_tfm);
}

/* ---- keys ---- */

static __be32 tcp_md5_mask(u8 prefix)
{
	return prefix ? htonl(~0U << (32 - prefix)) : 0;
}

const struct tcp_md5_key *tcp_md5_find(const struct sock *sk, __be32 daddr)
{
	const struct tcp_md5_key *k;

	/* Longest prefix first. */
	for (k = rcu_dereference_check(tcp_sk_of(sk)->md5, lockdep_sock_is_held(sk)); k;
	     k = rcu_dereference_check(k->next, lockdep_sock_is_held(sk)))
		if (!((k->daddr ^ daddr) & tcp_md5_mask(k->prefix)))
			return k;
	return NULL;
}

static struct tcp_md5_key *tcp_md5_deref(struct sock *sk, struct tcp_md5_key __rcu **at)
{
	return rcu_dereference_protected(*at, lockdep_sock_is_held(sk));
}

static void tcp_md5_key_gone(struct sock *sk, struct tcp_md5_key *k)
{
	atomic_sub(sizeof(*k), &sk->sk_omem_alloc);
	kfree_rcu(k, rcu);
}

/* Where a key of just this prefix is, or is to be. */
static struct tcp_md5_key __rcu **tcp_md5_place(struct sock *sk, __be32 daddr, u8 prefix)
{
	struct tcp_md5_key __rcu **at = &tcp_sk_of(sk)->md5;
	struct tcp_md5_key *k;

	while ((k = tcp_md5_deref(sk, at)) && k->prefix >= prefix &&
	       !(k->prefix == prefix && k->daddr == daddr))
		at = &k->next;
	return at;
}

static bool tcp_md5_is(const struct tcp_md5_key *k, __be32 daddr, u8 prefix)
{
	return k && k->prefix == prefix && k->daddr == daddr;
}

static int tcp_md5_del(struct sock *sk, __be32 daddr, u8 prefix)
{
	struct tcp_md5_key __rcu **at = tcp_md5_place(sk, daddr, prefix);
	struct tcp_md5_key *k = tcp_md5_deref(sk, at);

	if (!tcp_md5_is(k, daddr, prefix))
		return -ENOENT;
	rcu_assign_pointer(*at, tcp_md5_deref(sk, &k->next));
	tcp_md5_key_gone(sk, k);
	return 0;
}

/* Adds a key, or puts it in the place of the one that is there. Readers see the old or the new. */
static int tcp_md5_add(struct sock *sk, const struct tcp_md5_key *from, gfp_t gfp)
{
	struct tcp_md5_key __rcu **at = tcp_md5_place(sk, from->daddr, from->prefix);
	struct tcp_md5_key *old = tcp_md5_deref(sk, at), *k;

	/* Bounded by net.core.optmem_max, as all that options keep. */
	k = sock_kmalloc(sk, sizeof(*k), gfp);
	if (!k)
		return -ENOMEM;
	*k = *from;
	if (!tcp_md5_is(old, from->daddr, from->prefix)) {
		RCU_INIT_POINTER(k->next, old);
		rcu_assign_pointer(*at, k);
		return 0;
	}
	RCU_INIT_POINTER(k->next, tcp_md5_deref(sk, &old->next));
	rcu_assign_pointer(*at, k);
	tcp_md5_key_gone(sk, old);
	return 0;
}

int tcp_md5_inherit(struct sock *child, const struct sock *lsk)
{
	const struct tcp_md5_key *k = tcp_md5_find(lsk, child->sk_daddr);

	RCU_INIT_POINTER(tcp_sk_of(child)->md5, NULL);
	return k ? tcp_md5_add(child, k, GFP_ATOMIC) : 0;
}

void tcp_md5_free(struct sock *sk)
{
	struct tcp_md5_key *k, *next;

	for (k = rcu_dereference_protected(tcp_sk_of(sk)->md5, true); k; k = next) {
		next = rcu_dereference_protected(k->next, true);
		tcp_md5_key_gone(sk, k);
	}
	RCU_INIT_POINTER(tcp_sk_of(sk)->md5, NULL);
}

/* A connection that stands, or is being made, goes on with or without signatures. */
static void tcp_md5_changed(struct sock *sk)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	tcp_conn_set_md5(c, tcp_md5_find(sk, sk->sk_daddr), tcp_now());
	tcp_conn_flush(c, tcp_now());
	tcp_settle(sk);
}

/* Of TCP_MD5SIG_EXT alone; VRFs, which an interface would have to be, are not ours. */
static int tcp_md5_ext(const struct tcp_md5sig *cmd, u8 *prefix)
{
	if (cmd->tcpm_flags & TCP_MD5SIG_FLAG_PREFIX) {
		if (cmd->tcpm_prefixlen > 32)
			return -EINVAL;
		*prefix = cmd->tcpm_prefixlen;
	}
	return cmd->tcpm_flags & TCP_MD5SIG_FLAG_IFINDEX && cmd->tcpm_ifindex ? -EINVAL : 0;
}

int tcp_md5_set(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen)
{
	struct tcp_md5_key key = { .prefix = 32 };
	const struct sockaddr_in *sin;
	struct tcp_md5sig cmd;
	int err = 0;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	if (copy_from_sockptr(&cmd, optval, sizeof(cmd)))
		return -EFAULT;
	sin = (const struct sockaddr_in *)&cmd.tcpm_addr;
	if (sin->sin_family != AF_INET)
		return -EINVAL;
	if (optname == TCP_MD5SIG_EXT)
		err = tcp_md5_ext(&cmd, &key.prefix);
	if (err)
		return err;
	if (cmd.tcpm_keylen > TCP_MD5SIG_MAXKEYLEN)
		return -EINVAL;
	err = cmd.tcpm_keylen ? tcp_md5_start() : 0;
	if (err)
		return err;
	key.daddr = sin->sin_addr.s_addr;
	key.len = cmd.tcpm_keylen;
	memcpy(key.key, cmd.tcpm_key, key.len);
	lock_sock(sk);
	err = key.len ? tcp_md5_add(sk, &key, GFP_KERNEL) :
			tcp_md5_del(sk, key.daddr, key.prefix);
	if (!err)
		tcp_md5_changed(sk);
	release_sock(sk);
	memzero_explicit(&key, sizeof(key));
	memzero_explicit(&cmd, sizeof(cmd));
	return err;
}

/* ---- signatures ---- */

static int tcp_md5_text(struct shash_desc *desc, struct sk_buff *skb, unsigned int from)
{
	struct skb_seq_state st;
	unsigned int done = 0, n;
	const u8 *p;
	int err = 0;

	skb_prepare_seq_read(skb, from, skb->len, &st);
	while (!err && (n = skb_seq_read(done, &p, &st))) {
		err = crypto_shash_update(desc, p, n);
		done += n;
	}
	if (err)
		skb_abort_seq_read(&st);
	return err;
}

/*
 * RFC 2385 2: pseudo header, header without options and with a checksum of zero, text, key. @skb is
 * at its TCP header.
 */
static int tcp_md5_hash(const struct tcp_md5_key *k, struct sk_buff *skb, __be32 saddr,
			__be32 daddr, u8 *digest)
{
	struct {
		__be32	saddr, daddr;
		u8	zero, proto;
		__be16	len;
		u8	head[WIRE_TCP_HLEN];
	} __packed front = {
		.saddr = saddr, .daddr = daddr, .proto = IPPROTO_TCP, .len = htons(skb->len),
	};
	SHASH_DESC_ON_STACK(desc, tcp_md5_tfm);
	int err;

	memcpy(front.head, skb->data, WIRE_TCP_HLEN);
	memset(front.head + WIRE_TCP_CSUM_AT, 0, 2);
	desc->tfm = tcp_md5_tfm;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, (const u8 *)&front, sizeof(front));
	if (!err)
		err = tcp_md5_text(desc, skb, wire_tcp_hlen(skb->data));
	if (!err)
		err = crypto_shash_finup(desc, k->key, k->len, digest);
	shash_desc_zero(desc);
	return err;
}

bool tcp_md5_good(struct plumb_net *pn, const struct sock *sk, struct sk_buff *skb,
		  const struct tcp_segin *in)
{
	bool has = in->opt.has & TCPO_MD5, good = false;
	const struct tcp_md5_key *k;
	u8 digest[16];

	rcu_read_lock();
	k = tcp_md5_find(sk, ip_hdr(skb)->saddr);
	if (!k && !has)
		good = true;
	else if (!k)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPMD5UNEXPECTED);
	else if (!has)
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPMD5NOTFOUND);
	else if (tcp_md5_hash(k, skb, ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, digest) ||
		 crypto_memneq(digest, in->opt.md5, sizeof(digest)))
		PLUMB_LINUX_INC(pn, LINUX_MIB_TCPMD5FAILURE);
	else
		good = true;
	rcu_read_unlock();
	return good;
}

void tcp_md5_sign(const struct tcp_md5_key *k, struct sk_buff *skb, __be32 saddr, __be32 daddr)
{
	/* The first of the options: no-operation twice, kind, length, digest. */
	u8 *digest = skb->data + WIRE_TCP_HLEN + 4;

	if (k && tcp_md5_hash(k, skb, saddr, daddr, digest))
		memset(digest, 0, 16);
}
