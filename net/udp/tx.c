// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg(2) of UDP sockets: one datagram from the program's buffer to IPv4, or one
 * that grows piece by piece (MSG_MORE, UDP_CORK), or one that the device or the core
 * cuts into many (UDP_SEGMENT). RFC 768.
 *
 * The checksum is left to the device where it can; else the data is summed as it is
 * copied. A datagram that will be fragmented is always summed here.
 */
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/tcp_states.h>

#include <plumb/mib.h>

#include "udp.h"

#ifndef UDP_MAX_SEGMENTS
#define UDP_MAX_SEGMENTS	128
#endif

#define PLUMB_UDP_MAX		(0xffff - sizeof(struct iphdr) - sizeof(struct udphdr))

/* ---- header ---- */

/* UDP_SEGMENT: RFC 768 datagrams of @gso octets each. */
static int plumb_udp_set_gso(struct sock *sk, struct sk_buff *skb, unsigned int gso,
			     const struct plumb_path *path, unsigned int optlen)
{
	unsigned int len = skb->len - sizeof(struct udphdr);

	if (sizeof(struct iphdr) + optlen + sizeof(struct udphdr) + min(len, gso) > path->mtu)
		return -EMSGSIZE;
	if (len > gso * UDP_MAX_SEGMENTS || sk->sk_no_check_tx)
		return -EINVAL;
	if (len <= gso)
		return 0;
	skb_shinfo(skb)->gso_size = gso;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, gso);
	return 0;
}

static void plumb_udp_csum_partial(struct sk_buff *skb, __be32 saddr, __be32 daddr)
{
	struct udphdr *uh = udp_hdr(skb);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	uh->check = ~csum_tcpudp_magic(saddr, daddr, skb->len, IPPROTO_UDP, 0);
}

static void plumb_udp_csum(struct sk_buff *skb, __be32 saddr, __be32 daddr)
{
	struct udphdr *uh = udp_hdr(skb);
	__wsum sum = csum_partial(uh, sizeof(*uh), skb->csum);

	uh->check = csum_tcpudp_magic(saddr, daddr, skb->len, IPPROTO_UDP, sum) ?:
		    CSUM_MANGLED_0;
}

/* Writes the header; between plumb_dgram_lock() and unlock. */
static int plumb_udp_header(struct sock *sk, struct plumb_dgram *d, const struct plumb_path *path,
			    struct sk_buff *skb)
{
	unsigned int whole = skb->len + sizeof(struct iphdr) + d->opt.len;
	struct udphdr *uh = udp_hdr(skb);
	int err;

	uh->source = plumb_sk(sk)->sport;
	uh->dest = d->dport;
	uh->len = htons(skb->len);
	uh->check = 0;
	if (d->cmsg.gso_size) {
		err = plumb_udp_set_gso(sk, skb, d->cmsg.gso_size, path, d->opt.len);
		if (err)
			return err;
	}
	if (sk->sk_no_check_tx) {
		skb->ip_summed = CHECKSUM_NONE;
		return 0;
	}
	if (skb_is_gso(skb) || skb->ip_summed == CHECKSUM_PARTIAL)
		plumb_udp_csum_partial(skb, path->saddr, d->daddr);
	else
		plumb_udp_csum(skb, path->saddr, d->daddr);
	/* We hoped it would fit and be summed by the device. */
	if (skb->ip_summed == CHECKSUM_PARTIAL && !skb_is_gso(skb) && whole > path->mtu)
		return skb_checksum_help(skb);
	return 0;
}

/* What this path can do, for the next datagram. */
static void plumb_udp_learn(struct sock *sk, const struct plumb_path *path)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	bool hw = path->dev->features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM);

	if (hw != plumb_udp_test(sk, PLUMB_UDP_HW_CSUM))
		assign_bit(PLUMB_UDP_HW_CSUM, &up->udp_flags, hw);
	if (READ_ONCE(up->mtu) != path->mtu)
		WRITE_ONCE(up->mtu, path->mtu);
}

/* Sends @skb (taken over) along @d. */
static int plumb_udp_send_skb(struct sock *sk, struct plumb_dgram *d, struct sk_buff *skb)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_path *path;
	int err;

	path = plumb_dgram_lock(sk, d);
	if (IS_ERR(path)) {
		kfree_skb(skb);
		err = PTR_ERR(path);
		goto unlock;
	}
	plumb_udp_learn(sk, path);
	err = plumb_udp_header(sk, d, path, skb);
	if (err)
		kfree_skb(skb);
	else
		err = plumb_dgram_xmit(sk, d, path, skb);
unlock:
	plumb_dgram_unlock(sk, d);
	if (!err)
		PLUMB_UDP_INC(pn, UDP_MIB_OUTDATAGRAMS);
	return err;
}

static int plumb_udp_too_long(struct sock *sk, struct plumb_dgram *d)
{
	struct plumb_path *path = plumb_dgram_lock(sk, d);
	int err;

	err = IS_ERR(path) ? PTR_ERR(path) : plumb_dgram_too_long(sk, d, path);
	plumb_dgram_unlock(sk, d);
	return err;
}

/* ---- a datagram that grows ---- */

void plumb_udp_flush(struct sock *sk)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	struct plumb_udp_cork *cork = up->cork;

	if (!cork)
		return;
	WRITE_ONCE(up->cork, NULL);
	kfree_skb(cork->skb);
	plumb_dgram_end(&cork->d);
	kfree(cork);
}

int plumb_udp_push(struct sock *sk)
{
	struct plumb_udp_cork *cork = plumb_udp_sk(sk)->cork;
	struct sk_buff *skb;
	int err;

	if (!cork)
		return 0;
	skb = cork->skb;
	cork->skb = NULL;
	err = plumb_udp_send_skb(sk, &cork->d, skb);
	plumb_udp_flush(sk);
	return err;
}

void plumb_udp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!READ_ONCE(plumb_udp_sk(sk)->cork) || plumb_udp_test(sk, PLUMB_UDP_CORK))
		return;
	lock_sock(sk);
	plumb_udp_push(sk);
	release_sock(sk);
}

/* Begins a growing datagram; @d moves into it on success. Socket locked. */
static int plumb_udp_cork_new(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d)
{
	struct plumb_udp_cork *cork;
	struct sk_buff *skb;

	cork = kmalloc(sizeof(*cork), sk->sk_allocation);
	if (!cork)
		return -ENOBUFS;
	skb = plumb_dgram_skb(sk, msg, sizeof(struct udphdr), 0, true, msg->msg_flags);
	if (IS_ERR(skb)) {
		kfree(cork);
		return PTR_ERR(skb);
	}
	cork->d = *d;
	cork->skb = skb;
	WRITE_ONCE(plumb_udp_sk(sk)->cork, cork);
	return 0;
}

/* Adds to the pending datagram, and sends it if this was its end. Socket locked. */
static int plumb_udp_cork_add(struct sock *sk, struct msghdr *msg, size_t len, bool more)
{
	struct plumb_udp_cork *cork = plumb_udp_sk(sk)->cork;
	int err;

	if (cork->skb->len + len > PLUMB_UDP_MAX - cork->d.opt.len + sizeof(struct udphdr))
		err = plumb_udp_too_long(sk, &cork->d);
	else
		err = plumb_dgram_append(sk, cork->skb, msg, len);
	if (err) {
		plumb_udp_flush(sk);
		return err;
	}
	return more ? 0 : plumb_udp_push(sk);
}

/* The first piece of one. @d is taken over on every path. */
static int plumb_udp_send_corked(struct sock *sk, struct msghdr *msg, size_t len,
				 struct plumb_dgram *d)
{
	int err = -EINVAL;

	lock_sock(sk);
	/* Somebody else began one while we looked for the path. */
	if (!plumb_udp_sk(sk)->cork)
		err = plumb_udp_cork_new(sk, msg, d);
	if (err)
		plumb_dgram_end(d);
	else
		err = plumb_udp_cork_add(sk, msg, len, true);
	release_sock(sk);
	return err;
}

/* ---- a datagram at once ---- */

static int plumb_udp_send_now(struct sock *sk, struct msghdr *msg, size_t len,
			      struct plumb_dgram *d)
{
	unsigned int whole = len + sizeof(struct udphdr) + sizeof(struct iphdr) + d->opt.len;
	bool sum = !d->cmsg.gso_size && !sk->sk_no_check_tx;
	struct sk_buff *skb;
	int err;

	if (len > PLUMB_UDP_MAX - d->opt.len) {
		err = plumb_udp_too_long(sk, d);
		goto end;
	}
	if (plumb_udp_test(sk, PLUMB_UDP_HW_CSUM) && whole <= READ_ONCE(plumb_udp_sk(sk)->mtu))
		sum = false;
	skb = plumb_dgram_skb(sk, msg, sizeof(struct udphdr), len, sum, msg->msg_flags);
	err = IS_ERR(skb) ? PTR_ERR(skb) : plumb_udp_send_skb(sk, d, skb);
end:
	plumb_dgram_end(d);
	return err;
}

/* Where to: the address given, or the peer. */
static int plumb_udp_dest(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d)
{
	struct sockaddr_in sin;
	int err;

	d->connected = !msg->msg_name;
	if (d->connected) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		d->daddr = READ_ONCE(sk->sk_daddr);
		d->dport = READ_ONCE(sk->sk_dport);
		return 0;
	}
	err = plumb_sockaddr(sk, msg->msg_name, msg->msg_namelen, true, &sin);
	if (err)
		return err;
	if (!sin.sin_port)
		return -EINVAL;
	d->daddr = sin.sin_addr.s_addr;
	d->dport = sin.sin_port;
	return 0;
}

static int plumb_udp_send_first(struct sock *sk, struct msghdr *msg, size_t len, bool more)
{
	struct plumb_dgram d;
	int err;

	err = plumb_udp_dest(sk, msg, &d);
	if (err)
		return err;
	d.protocol = IPPROTO_UDP;
	if (more)
		d.connected = false;
	plumb_cmsg_init(sk, &d.cmsg);
	d.cmsg.gso_size = READ_ONCE(plumb_udp_sk(sk)->gso_size);
	err = plumb_dgram_begin(sk, msg, &d);
	if (err)
		return err;
	if ((msg->msg_flags & MSG_CONFIRM) && (msg->msg_flags & MSG_PROBE) && !len) {
		if (!d.connected)
			plumb_path_confirm(&d.path);
		plumb_dgram_end(&d);
		return 0;
	}
	return more ? plumb_udp_send_corked(sk, msg, len, &d)
		    : plumb_udp_send_now(sk, msg, len, &d);
}

int plumb_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	bool more = plumb_udp_test(sk, PLUMB_UDP_CORK) || (msg->msg_flags & MSG_MORE);
	bool added = false;
	int err = 0;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (READ_ONCE(plumb_udp_sk(sk)->cork)) {
		lock_sock(sk);
		added = plumb_udp_sk(sk)->cork;
		if (added)
			err = plumb_udp_cork_add(sk, msg, len, more);
		release_sock(sk);
	}
	if (!added)
		err = plumb_udp_send_first(sk, msg, len, more);
	if (err == -ENOBUFS || (err && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags)))
		PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_SNDBUFERRORS);
	return err ?: len;
}
