// SPDX-License-Identifier: GPL-2.0
/*
 * Ancillary data (cmsg(3)): what a sender says beside the data, and what a receiver
 * wants to know of a packet. Called by the datagram protocols; TCP's stream has none.
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "../../kmod/compat/sock.h"
#include "../route/fib.h"
#include "../route/iface.h"
#include "../route/route.h"
#include "ipopt.h"
#include "sock.h"

/* ---- sending ---- */

void plumb_cmsg_init(const struct sock *sk, struct plumb_cmsg *c)
{
	memset(c, 0, sizeof(*c));
	sockcm_init(&c->sockc, sk);
	c->sockc.mark = READ_ONCE(sk->sk_mark);
	c->saddr = plumb_sk(sk)->saddr;
	c->oif = READ_ONCE(sk->sk_bound_dev_if);
	c->tos = -1;
}

void plumb_cmsg_free(struct plumb_cmsg *c)
{
	kfree(c->opt);
	c->opt = NULL;
}

static bool plumb_cmsg_is_int(const struct cmsghdr *h)
{
	return h->cmsg_len == CMSG_LEN(sizeof(int));
}

static int plumb_cmsg_retopts(const struct sock *sk, const struct cmsghdr *h,
			      struct plumb_cmsg *c)
{
	unsigned int len = min_t(size_t, h->cmsg_len - CMSG_LEN(0), PLUMB_OPT_MAX);

	plumb_cmsg_free(c);
	return plumb_opts_new(sock_net(sk), KERNEL_SOCKPTR(CMSG_DATA((struct cmsghdr *)h)), len,
			      &c->opt);
}

static int plumb_cmsg_pktinfo(const struct cmsghdr *h, struct plumb_cmsg *c)
{
	const struct in_pktinfo *info = CMSG_DATA((struct cmsghdr *)h);

	if (h->cmsg_len != CMSG_LEN(sizeof(*info)))
		return -EINVAL;
	if (info->ipi_ifindex)
		c->oif = info->ipi_ifindex;
	c->saddr = info->ipi_spec_dst.s_addr;
	return 0;
}

/* The number in a cmsg of an int or, if @octet allows it, of a single octet; -1 for neither. */
static int plumb_cmsg_number(const struct cmsghdr *h, bool octet)
{
	const void *data = CMSG_DATA((struct cmsghdr *)h);
	int val = -1;

	if (plumb_cmsg_is_int(h))
		val = *(const int *)data;
	else if (octet && h->cmsg_len == CMSG_LEN(1))
		val = *(const u8 *)data;
	return val > 255 ? -1 : val;
}

static int plumb_cmsg_ip(const struct sock *sk, const struct cmsghdr *h, struct plumb_cmsg *c)
{
	int val;

	switch (h->cmsg_type) {
	case IP_RETOPTS:
		return plumb_cmsg_retopts(sk, h, c);
	case IP_PKTINFO:
		return plumb_cmsg_pktinfo(h, c);
	case IP_TTL:
		val = plumb_cmsg_number(h, false);
		if (val < 1)
			return -EINVAL;
		c->ttl = val;
		return 0;
	case IP_TOS:
		val = plumb_cmsg_number(h, true);
		if (val < 0)
			return -EINVAL;
		c->tos = val;
		return 0;
	case IP_PROTOCOL:
		/* For rules by protocol, which are not Plumb's. */
		return plumb_cmsg_number(h, false) < 1 ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static int plumb_cmsg_udp(const struct cmsghdr *h, struct plumb_cmsg *c)
{
	if (h->cmsg_type != UDP_SEGMENT || h->cmsg_len != CMSG_LEN(sizeof(u16)))
		return -EINVAL;
	c->gso_size = *(const u16 *)CMSG_DATA((struct cmsghdr *)h);
	return 0;
}

static int plumb_cmsg_one(struct sock *sk, struct msghdr *msg, struct cmsghdr *h,
			  struct plumb_cmsg *c)
{
	switch (h->cmsg_level) {
	case SOL_SOCKET:
		return plumb_compat_sock_cmsg_send(sk, msg, h, &c->sockc);
	case SOL_IP:
		return plumb_cmsg_ip(sk, h, c);
	case SOL_UDP:
		return sk->sk_protocol == IPPROTO_UDP ? plumb_cmsg_udp(h, c) : 0;
	default:
		return 0;
	}
}

int plumb_cmsg_send(struct sock *sk, struct msghdr *msg, struct plumb_cmsg *c)
{
	struct cmsghdr *h;
	int err;

	for_each_cmsghdr(h, msg) {
		err = CMSG_OK(msg, h) ? plumb_cmsg_one(sk, msg, h, c) : -EINVAL;
		if (err) {
			plumb_cmsg_free(c);
			return err;
		}
	}
	return 0;
}

/* ---- receiving ---- */

/*
 * The address to answer from: that which was asked; or, for what went to many, that of the way back
 * to the sender, or without one of the device.
 */
static __be32 plumb_cmsg_spec_dst(struct plumb_net *pn, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct plumb_fib_result res;
	struct net_device *dev;
	__be32 addr = 0;

	if (PLUMB_IP_CB(skb)->type == RTN_LOCAL)
		return iph->daddr;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(pn->net, PLUMB_IP_CB(skb)->iif);
	if (!plumb_fib_lookup(pn, iph->saddr, 0, &res))
		addr = plumb_fib_source(pn, &res);
	else if (dev)
		addr = plumb_addr_select(pn, dev, iph->saddr, RT_SCOPE_UNIVERSE);
	rcu_read_unlock();
	return addr;
}

static void plumb_cmsg_put_pktinfo(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct in_pktinfo info = {
		.ipi_ifindex = PLUMB_IP_CB(skb)->iif,
		.ipi_spec_dst.s_addr = plumb_cmsg_spec_dst(plumb_sock_net(sk), skb),
		.ipi_addr.s_addr = ip_hdr(skb)->daddr,
	};

	put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

static void plumb_cmsg_put_options(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	int optlen = PLUMB_IP_CB(skb)->optlen;
	u8 buf[PLUMB_OPT_MAX];

	if (!optlen || optlen > PLUMB_OPT_MAX)
		return;
	if (plumb_sock_test(sk, PLUMB_SF_RECVOPTS))
		put_cmsg(msg, SOL_IP, IP_RECVOPTS, optlen, ip_hdr(skb) + 1);
	if (plumb_sock_test(sk, PLUMB_SF_RETOPTS))
		put_cmsg(msg, SOL_IP, IP_RETOPTS, plumb_opts_echo(skb, optlen, buf), buf);
}

static void plumb_cmsg_put_origdst(struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in sin = {};
	__be16 ports_buf[2], *ports;

	ports = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(ports_buf), ports_buf);
	if (!ports)
		return;
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = ip_hdr(skb)->daddr;
	sin.sin_port = ports[1];
	put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

static void plumb_cmsg_put_checksum(struct msghdr *msg, struct sk_buff *skb, int tlen, int offset)
{
	__wsum csum = skb->csum;

	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return;
	if (offset)
		csum = csum_sub(csum, skb_checksum(skb, skb_transport_offset(skb) + tlen,
						   offset, 0));
	put_cmsg(msg, SOL_IP, IP_CHECKSUM, sizeof(csum), &csum);
}

static void plumb_cmsg_put_security(struct msghdr *msg, struct sk_buff *skb)
{
	char *data;
	u32 len, id;

	if (security_socket_getpeersec_dgram(NULL, skb, &id) ||
	    security_secid_to_secctx(id, &data, &len))
		return;
	put_cmsg(msg, SOL_IP, SCM_SECURITY, len, data);
	security_release_secctx(data, len);
}

#define PLUMB_CMSG_FLAGS							\
	(BIT(PLUMB_SF_PKTINFO) | BIT(PLUMB_SF_RECVTTL) | BIT(PLUMB_SF_RECVTOS) |	\
	 BIT(PLUMB_SF_RECVOPTS) | BIT(PLUMB_SF_RETOPTS) | BIT(PLUMB_SF_PASSSEC) |	\
	 BIT(PLUMB_SF_RECVORIGDST) | BIT(PLUMB_SF_CHECKSUM) | BIT(PLUMB_SF_RECVFRAGSIZE))

void plumb_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int tlen,
		     int offset)
{
	unsigned long flags = READ_ONCE(plumb_sk(sk)->flags) & PLUMB_CMSG_FLAGS;
	int val;

	if (likely(!flags))
		return;
	if (flags & BIT(PLUMB_SF_PKTINFO))
		plumb_cmsg_put_pktinfo(sk, msg, skb);
	if (flags & BIT(PLUMB_SF_RECVTTL)) {
		val = ip_hdr(skb)->ttl;
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(val), &val);
	}
	if (flags & BIT(PLUMB_SF_RECVTOS))
		put_cmsg(msg, SOL_IP, IP_TOS, 1, &ip_hdr(skb)->tos);
	if (flags & (BIT(PLUMB_SF_RECVOPTS) | BIT(PLUMB_SF_RETOPTS)))
		plumb_cmsg_put_options(sk, msg, skb);
	if (flags & BIT(PLUMB_SF_PASSSEC))
		plumb_cmsg_put_security(msg, skb);
	if (flags & BIT(PLUMB_SF_RECVORIGDST))
		plumb_cmsg_put_origdst(msg, skb);
	if (flags & BIT(PLUMB_SF_CHECKSUM))
		plumb_cmsg_put_checksum(msg, skb, tlen, offset);
	if ((flags & BIT(PLUMB_SF_RECVFRAGSIZE)) && PLUMB_IP_CB(skb)->frag_max) {
		val = PLUMB_IP_CB(skb)->frag_max;
		put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, sizeof(val), &val);
	}
}
