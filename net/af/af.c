// SPDX-License-Identifier: GPL-2.0
/*
 * socket(2): registration of the family, and what type and protocol make which socket.
 * Errnos are those of AF_INET.
 */
#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>
#include <uapi/linux/plumb.h>

#include "../../kmod/compat/sock.h"
#include "../raw/raw.h"
#include "../sock/sock.h"
#include "../tcp/tcp.h"
#include "../udp/udp.h"
#include "af.h"

static int family = PLUMB_FAMILY_DEFAULT;
module_param(family, int, 0444);
MODULE_PARM_DESC(family, "number of the address family (default: 18, AF_ASH)");

/**
 * struct plumb_af_kind - a kind of socket
 * @type: SOCK_*
 * @protocol: IPPROTO_*; IPPROTO_IP: any
 * @prot: its protocol
 * @ops: its operations
 */
struct plumb_af_kind {
	int			type;
	int			protocol;
	struct proto		*prot;
	const struct proto_ops	*ops;
};

static const struct plumb_af_kind plumb_af_kinds[] = {
	{ SOCK_STREAM,	IPPROTO_TCP,	&plumb_tcp_prot,	&plumb_stream_ops },
	{ SOCK_DGRAM,	IPPROTO_UDP,	&plumb_udp_prot,	&plumb_dgram_ops },
	{ SOCK_DGRAM,	IPPROTO_ICMP,	&plumb_ping_prot,	&plumb_ping_ops },
	{ SOCK_RAW,	IPPROTO_IP,	&plumb_raw_prot,	&plumb_raw_ops },
};

/* Protocol 0 is the first of a type; a raw socket wants one by name. */
static int plumb_af_kind(int type, int *protocol, const struct plumb_af_kind **kind)
{
	int err = -ESOCKTNOSUPPORT, i;

	for (i = 0; i < ARRAY_SIZE(plumb_af_kinds); i++) {
		const struct plumb_af_kind *k = &plumb_af_kinds[i];

		if (k->type != type)
			continue;
		err = -EPROTONOSUPPORT;
		if (*protocol ? k->protocol && k->protocol != *protocol : !k->protocol)
			continue;
		if (!*protocol)
			*protocol = k->protocol;
		*kind = k;
		return 0;
	}
	return err;
}

static int plumb_af_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	const struct plumb_af_kind *kind;
	struct sock *sk;
	int err;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	err = plumb_af_kind(sock->type, &protocol, &kind);
	if (!err && !kern)
		err = plumb_sock_may_create(net, sock->type, protocol);
	if (err)
		return err;

	sock->state = SS_UNCONNECTED;
	sock->ops = kind->ops;
	/* A connection does not hold its namespace, its user does. */
	sk = sk_alloc(net, family, GFP_KERNEL, kind->prot, kern || sock->type == SOCK_STREAM);
	if (!sk)
		return -ENOMEM;
	sock_init_data(sock, sk);
	sk->sk_txrehash = READ_ONCE(net->core.sysctl_txrehash);
	plumb_sock_init(sk, protocol);
	plumb_compat_custom_sockopt(sock);
	if (sk->sk_prot->init)
		err = sk->sk_prot->init(sk);
	if (err) {
		sk_common_release(sk);
		sock->sk = NULL;
	} else if (sock->type == SOCK_STREAM && !kern) {
		plumb_sock_user_begin(sk);
	}
	return err;
}

static struct net_proto_family plumb_af_family = {
	.create	= plumb_af_create,
	.owner	= THIS_MODULE,
};

int plumb_af_init(void)
{
	int err;

	if (family <= AF_UNSPEC || family >= AF_MAX) {
		pr_err("family=%d: an address family is a number from 1 to %d\n", family,
		       AF_MAX - 1);
		return -EINVAL;
	}
	plumb_af_family.family = family;
	err = sock_register(&plumb_af_family);
	if (err)
		pr_err("family=%d: another module has this address family; choose one with family=\n",
		       family);
	return err;
}

void plumb_af_exit(void)
{
	sock_unregister(family);
}
