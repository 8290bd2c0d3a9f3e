// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg(2) of raw sockets: behind an IPv4 header that we make, or with one that the
 * program brings (IP_HDRINCL).
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/random.h>
#include <net/ip.h>
#include <net/tcp_states.h>

#include <plumb/mib.h>

#include "../../kmod/compat/sock.h"
#include "../sock/dgram.h"
#include "raw.h"

static int plumb_raw_dest(struct sock *sk, struct msghdr *msg, struct plumb_dgram *d)
{
	struct sockaddr_in sin;
	int err;

	d->dport = 0;
	d->connected = !msg->msg_namelen;
	if (d->connected) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		d->daddr = READ_ONCE(sk->sk_daddr);
		return 0;
	}
	err = plumb_sockaddr(sk, msg->msg_name, msg->msg_namelen, true, &sin);
	if (!err)
		d->daddr = sin.sin_addr.s_addr;
	return err;
}

static void plumb_raw_count_icmp(struct plumb_net *pn, u8 proto, const struct sk_buff *skb)
{
	if (proto != IPPROTO_ICMP || skb_headlen(skb) < skb_transport_offset(skb) + 1)
		return;
	PLUMB_ICMP_INC(pn, ICMP_MIB_OUTMSGS);
	PLUMB_ICMPMSG_INC(pn, 256 + *skb_transport_header(skb));
}

/* ---- the program's own header ---- */

/* raw(7): the kernel fills in the sum and the length always, address and identification if 0. */
static int plumb_raw_fix_header(struct sk_buff *skb, const struct plumb_path *path)
{
	struct iphdr *iph = ip_hdr(skb);
	unsigned int hlen = iph->ihl * 4;

	if (hlen < sizeof(*iph) || hlen > skb->len)
		return -EINVAL;
	if (!iph->saddr)
		iph->saddr = path->saddr;
	if (!iph->id)
		iph->id = (__force __be16)get_random_u16();
	iph->tot_len = htons(skb->len);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb_set_transport_header(skb, hlen);
	return 0;
}

static struct sk_buff *plumb_raw_hdr_skb(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct sk_buff *skb;
	int err;

	skb = sock_alloc_send_skb(sk, len + LL_MAX_HEADER, msg->msg_flags & MSG_DONTWAIT, &err);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	skb->ip_summed = CHECKSUM_NONE;
	err = memcpy_from_msg(skb_put(skb, len), msg, len);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

static int plumb_raw_xmit_hdr(struct sock *sk, struct plumb_dgram *d, struct plumb_path *path,
			      struct sk_buff *skb)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	int err;

	err = plumb_raw_fix_header(skb, path);
	if (!err && skb->len > READ_ONCE(path->dev->mtu)) {
		plumb_sock_err_local(sk, EMSGSIZE, d->daddr, READ_ONCE(path->dev->mtu));
		err = -EMSGSIZE;
	}
	if (err) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_OUTDISCARDS);
		kfree_skb(skb);
		return err;
	}
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = d->cmsg.sockc.mark;
	plumb_compat_set_delivery_time(skb, sk, d->cmsg.sockc.transmit_time);
	skb_setup_tx_timestamp(skb, d->cmsg.sockc.tsflags);
	plumb_raw_count_icmp(pn, ip_hdr(skb)->protocol, skb);
	err = plumb_ip_xmit_hdr(pn, path, skb);
	if (err == -ENOBUFS && !plumb_sock_test(sk, PLUMB_SF_RECVERR))
		err = 0;
	return err;
}

/* ---- both ---- */

static int plumb_raw_send(struct sock *sk, struct msghdr *msg, size_t len, struct plumb_dgram *d,
			  bool hdrincl)
{
	struct plumb_path *path;
	struct sk_buff *skb;
	int err;

	if (hdrincl)
		skb = plumb_raw_hdr_skb(sk, msg, len);
	else
		skb = plumb_dgram_skb(sk, msg, 0, len, true, msg->msg_flags);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	path = plumb_dgram_lock(sk, d);
	if (IS_ERR(path)) {
		kfree_skb(skb);
		err = PTR_ERR(path);
		goto unlock;
	}
	if (hdrincl) {
		err = plumb_raw_xmit_hdr(sk, d, path, skb);
	} else {
		plumb_raw_count_icmp(plumb_sock_net(sk), d->protocol, skb);
		err = plumb_dgram_xmit(sk, d, path, skb);
	}
unlock:
	plumb_dgram_unlock(sk, d);
	return err;
}

int plumb_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	bool hdrincl = plumb_sock_test(sk, PLUMB_SF_HDRINCL);
	struct plumb_dgram d;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	/* A raw packet does not grow piece by piece here. */
	if (msg->msg_flags & (MSG_OOB | MSG_MORE))
		return -EOPNOTSUPP;
	err = plumb_raw_dest(sk, msg, &d);
	if (err)
		return err;
	d.protocol = sk->sk_protocol;
	plumb_cmsg_init(sk, &d.cmsg);
	err = plumb_dgram_begin(sk, msg, &d);
	if (err)
		return err;
	err = -EINVAL;
	/* Options would change a header that is not to be changed. */
	if (hdrincl && (d.opt.len || len < sizeof(struct iphdr)))
		goto end;
	err = -EMSGSIZE;
	if (!hdrincl && len + sizeof(struct iphdr) + d.opt.len > 0xffff)
		goto end;
	err = plumb_raw_send(sk, msg, len, &d, hdrincl);
end:
	plumb_dgram_end(&d);
	return err ?: len;
}
