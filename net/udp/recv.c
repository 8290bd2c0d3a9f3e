// SPDX-License-Identifier: GPL-2.0
/*
 * recvmsg(2), poll(2) and ioctl(2) of UDP sockets. The checksum is verified while the
 * data is copied to the reader, in the same pass, where the device has not done it.
 */
#include <linux/ip.h>
#include <linux/sockios.h>
#include <linux/udp.h>
#include <asm/ioctls.h>

#include <plumb/mib.h>

#include "udp.h"

static void plumb_udp_put_name(struct msghdr *msg, const struct sk_buff *skb, int *addr_len)
{
	struct sockaddr_in *sin = msg->msg_name;

	if (!sin)
		return;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_port = udp_hdr(skb)->source;
	sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
	*addr_len = sizeof(*sin);
}

static void plumb_udp_put_gro(struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
	int size = skb_shinfo(skb)->gso_size;

	if (plumb_udp_test(sk, PLUMB_UDP_GRO) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(size), &size);
}

/*
 * Copies @n octets from @off on. 0, -EFAULT, or -EBADMSG: the checksum is wrong.
 * What is peeked at or cut short can not be summed on the way: it is summed first.
 */
static int plumb_udp_copy(struct sk_buff *skb, struct msghdr *msg, int off, unsigned int n,
			  bool sum_first)
{
	int err;

	if (sum_first && plumb_udp_csum_bad(skb))
		return -EBADMSG;
	if (sum_first || skb_csum_unnecessary(skb))
		return skb_copy_datagram_msg(skb, off, msg, n);
	err = skb_copy_and_csum_datagram_msg(skb, off, msg);
	return err == -EINVAL ? -EBADMSG : err;
}

static void plumb_udp_count_read(struct sock *sk, int err, bool peek)
{
	if (peek)
		return;
	if (!err) {
		PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_INDATAGRAMS);
		return;
	}
	atomic_inc(&sk->sk_drops);
	PLUMB_UDP_INC(plumb_sock_net(sk), UDP_MIB_INERRORS);
}

int plumb_udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len)
{
	bool peek = flags & MSG_PEEK;
	struct sk_buff *skb;
	unsigned int n;
	int off, err;

	if (flags & MSG_ERRQUEUE)
		return plumb_sock_recv_err(sk, msg, len, addr_len);
again:
	off = sk_peek_offset(sk, flags);
	skb = plumb_udp_dequeue(sk, flags, &off, &err);
	if (!skb)
		return err;
	n = min_t(size_t, len, skb->len - off);
	if (n < skb->len - off)
		msg->msg_flags |= MSG_TRUNC;
	err = plumb_udp_copy(skb, msg, off, n, n < skb->len || peek);
	if (err == -EBADMSG) {
		plumb_udp_drop_bad(sk, skb, flags);
		cond_resched();
		msg->msg_flags &= ~MSG_TRUNC;
		goto again;
	}
	plumb_udp_count_read(sk, err, peek);
	if (err)
		goto free;

	sock_recv_cmsgs(msg, sk, skb);
	plumb_udp_put_name(msg, skb, addr_len);
	plumb_udp_put_gro(sk, msg, skb);
	plumb_cmsg_recv(sk, msg, skb, sizeof(struct udphdr), off);
	err = flags & MSG_TRUNC ? skb->len : n;
	sk_peek_offset_bwd(sk, peek ? -err : err);
free:
	consume_skb(skb);
	return err;
}

__poll_t plumb_udp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	__poll_t mask = datagram_poll(file, sock, wait);
	struct sock *sk = sock->sk;

	if (!skb_queue_empty_lockless(&plumb_udp_sk(sk)->reader))
		mask |= EPOLLIN | EPOLLRDNORM;
	/* A program that blocks in read() must not be sent there by a bad checksum. */
	if ((mask & EPOLLRDNORM) && !(file->f_flags & O_NONBLOCK) &&
	    !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) && plumb_udp_first_len(sk) < 0)
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	return mask;
}

int plumb_udp_ioctl(struct sock *sk, int cmd, int *val)
{
	switch (cmd) {
	case SIOCOUTQ:
		*val = sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		*val = max(plumb_udp_first_len(sk), 0);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}
