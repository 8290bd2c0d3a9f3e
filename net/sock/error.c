// SPDX-License-Identifier: GPL-2.0
/*
 * Errors that packets of a socket met with: what they mean to it, and the queue of
 * IP_RECVERR (ip(7)), read by recvmsg(MSG_ERRQUEUE). Called by the protocols.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <net/tcp_states.h>

#include <plumb/drop.h>

#include "sock.h"

int plumb_sock_icmp_errno(const struct sock *sk, const struct plumb_icmp_err *e, bool *hard)
{
	*hard = e->fatal;
	switch (e->type) {
	case ICMP_SOURCE_QUENCH:
		return 0;
	case ICMP_TIME_EXCEEDED:
		*hard = false;
		return -EHOSTUNREACH;
	case ICMP_PARAMETERPROB:
		*hard = true;
		return -EPROTO;
	case ICMP_DEST_UNREACH:
		if (e->code != ICMP_FRAG_NEEDED)
			return -e->err;
		/* Who lets packets be fragmented learns of the smaller MTU in silence. */
		if (READ_ONCE(plumb_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT)
			return 0;
		*hard = true;
		return -EMSGSIZE;
	default:
		return -e->err;
	}
}

void plumb_sock_icmp_error(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			   __be16 port, const u8 *payload)
{
	bool hard;
	int err = plumb_sock_icmp_errno(sk, e, &hard);

	if (e->type == ICMP_DEST_UNREACH && e->code == ICMP_FRAG_NEEDED)
		plumb_sock_path_stale(sk);
	if (!err)
		return;
	if (plumb_sock_test(sk, PLUMB_SF_RECVERR))
		plumb_sock_err_queue(sk, skb, e, port, payload);
	else if (!hard || sk->sk_state != TCP_ESTABLISHED)
		return;
	WRITE_ONCE(sk->sk_err, -err);
	sk_error_report(sk);
}

/*
 * RFC 4884 7: a header with a checksum (0: none) of all that follows, then objects that begin with
 * their length. What is not version 2 is not judged.
 */
static bool plumb_sock_ext_valid(const struct sk_buff *skb, unsigned int at)
{
	const struct icmp_extobj_hdr *obj;
	const struct icmp_ext_hdr *ext;
	struct icmp_extobj_hdr obj_buf;
	struct icmp_ext_hdr ext_buf;
	unsigned int len;

	ext = skb_header_pointer(skb, at, sizeof(ext_buf), &ext_buf);
	if (!ext)
		return false;
	if (ext->version != 2)
		return true;
	if (ext->checksum && csum_fold(skb_checksum(skb, at, skb->len - at, 0)))
		return false;
	for (at += sizeof(*ext); at < skb->len; at += len) {
		obj = skb_header_pointer(skb, at, sizeof(obj_buf), &obj_buf);
		if (!obj)
			return false;
		len = ntohs(obj->length);
		if (len < sizeof(*obj) || len > skb->len - at)
			return false;
	}
	return true;
}

/*
 * RFC 4884 5: how much of the datagram is quoted stands in the sixth octet of the ICMP header, in
 * 32-bit words; the extension is behind that. The reader is told where, in what he gets (@skb).
 */
static void plumb_sock_err_rfc4884(const struct sk_buff *skb, const struct icmphdr *icmph,
				   struct sock_ee_data_rfc4884 *out)
{
	unsigned int quoted = icmph->un.reserved[1] * 4;
	unsigned int stripped = skb->data - (const u8 *)(icmph + 1);

	if (icmph->type != ICMP_DEST_UNREACH && icmph->type != ICMP_TIME_EXCEEDED &&
	    icmph->type != ICMP_PARAMETERPROB)
		return;
	if (quoted < 128 || quoted < stripped ||
	    quoted - stripped + sizeof(struct icmp_ext_hdr) > skb->len)
		return;
	out->len = quoted - stripped;
	if (!plumb_sock_ext_valid(skb, out->len))
		out->flags |= SO_EE_RFC4884_FLAG_INVALID;
}

void plumb_sock_err_queue(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			  __be16 port, const u8 *payload)
{
	const struct icmphdr *icmph = icmp_hdr(skb);
	struct sock_exterr_skb *serr;
	struct plumb_ip_cb cb;
	struct sk_buff *copy;
	bool hard;

	if (!plumb_sock_test(sk, PLUMB_SF_RECVERR))
		return;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy) {
		plumb_drop(plumb_sock_net(sk), NULL, PLUMB_DROP_NO_MEMORY);
		return;
	}

	cb = *PLUMB_IP_CB(skb);
	serr = SKB_EXT_ERR(copy);
	memset(serr, 0, sizeof(*serr));
	*PLUMB_IP_CB(copy) = cb;
	serr->ee.ee_errno = -plumb_sock_icmp_errno(sk, e, &hard);
	serr->ee.ee_origin = SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = e->type;
	serr->ee.ee_code = e->code;
	serr->ee.ee_info = e->mtu;
	serr->addr_offset = (const u8 *)&((const struct iphdr *)(icmph + 1))->daddr -
			    skb_network_header(copy);
	serr->port = port;

	/* The reader gets the quoted packet's data. */
	if (payload < copy->data || payload > skb_tail_pointer(copy))
		payload = skb_tail_pointer(copy);
	__skb_pull(copy, payload - copy->data);
	if (plumb_sock_test(sk, PLUMB_SF_RECVERR_4884))
		plumb_sock_err_rfc4884(copy, icmph, &serr->ee.ee_rfc4884);
	skb_reset_transport_header(copy);
	if (sock_queue_err_skb(sk, copy))
		kfree_skb(copy);
}

void plumb_sock_err_local(struct sock *sk, int err, __be32 daddr, u32 info)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	struct iphdr *iph;

	if (!plumb_sock_test(sk, PLUMB_SF_RECVERR))
		return;
	skb = alloc_skb(sizeof(*iph), GFP_ATOMIC);
	if (!skb) {
		plumb_drop(plumb_sock_net(sk), NULL, PLUMB_DROP_NO_MEMORY);
		return;
	}

	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->daddr = daddr;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->ee.ee_info = info;
	serr->addr_offset = offsetof(struct iphdr, daddr);
	serr->port = READ_ONCE(sk->sk_dport);
	__skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* Where the packet went that the error is about. */
static void plumb_sock_err_name(struct msghdr *msg, const struct sk_buff *skb, int *addr_len)
{
	const struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);
	struct sockaddr_in *sin = msg->msg_name;

	if (!sin || (serr->ee.ee_origin != SO_EE_ORIGIN_ICMP &&
		     serr->ee.ee_origin != SO_EE_ORIGIN_LOCAL && !serr->port))
		return;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	memcpy(&sin->sin_addr, skb_network_header(skb) + serr->addr_offset, sizeof(sin->sin_addr));
	sin->sin_port = serr->port;
	*addr_len = sizeof(*sin);
}

int plumb_sock_recv_err(struct sock *sk, struct msghdr *msg, int len, int *addr_len)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} report = {};
	struct sk_buff *skb;
	int err;

	skb = sock_dequeue_err_skb(sk);
	if (!skb)
		return -EAGAIN;
	if (len < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	len = min_t(int, len, skb->len);
	err = skb_copy_datagram_msg(skb, 0, msg, len);
	if (err)
		goto free;
	sock_recv_timestamp(msg, sk, skb);
	plumb_sock_err_name(msg, skb, addr_len);

	report.ee = SKB_EXT_ERR(skb)->ee;
	/* A stream's octets are counted from where the option was set (SO_TIMESTAMPING). */
	if (report.ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING && sk->sk_type == SOCK_STREAM &&
	    READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID)
		report.ee.ee_data -= atomic_read(&sk->sk_tskey);
	if (report.ee.ee_origin == SO_EE_ORIGIN_ICMP) {
		report.offender.sin_family = AF_INET;
		report.offender.sin_addr.s_addr = ip_hdr(skb)->saddr;
		plumb_cmsg_recv(sk, msg, skb, 0, 0);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(report), &report);
	msg->msg_flags |= MSG_ERRQUEUE;
	err = len;
free:
	consume_skb(skb);
	return err;
}
