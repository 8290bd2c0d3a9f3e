// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(2) and getsockopt(2) at level SOL_UDP (udp(7)).
 */
#include <linux/uaccess.h>
#include <linux/udp.h>

#include "udp.h"

static void plumb_udp_set_cork(struct sock *sk, bool on)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);

	assign_bit(PLUMB_UDP_CORK, &up->udp_flags, on);
	if (on)
		return;
	lock_sock(sk);
	plumb_udp_push(sk);
	release_sock(sk);
}

int plumb_udp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
			 unsigned int optlen)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	int val;

	if (level != SOL_UDP)
		return plumb_ip_setsockopt(sk, level, optname, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;

	switch (optname) {
	case UDP_CORK:
		plumb_udp_set_cork(sk, val);
		return 0;
	case UDP_SEGMENT:
		if (val < 0 || val > USHRT_MAX)
			return -EINVAL;
		WRITE_ONCE(up->gso_size, val);
		return 0;
	case UDP_GRO:
		assign_bit(PLUMB_UDP_GRO, &up->udp_flags, val);
		return 0;
	default:
		/* UDP_ENCAP is the system's IPsec and L2TP: not over this stack. */
		return -ENOPROTOOPT;
	}
}

int plumb_udp_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
			 int __user *optlen)
{
	int val, len;

	if (level != SOL_UDP)
		return plumb_ip_getsockopt(sk, level, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;

	switch (optname) {
	case UDP_CORK:
		val = plumb_udp_test(sk, PLUMB_UDP_CORK);
		break;
	case UDP_SEGMENT:
		val = READ_ONCE(plumb_udp_sk(sk)->gso_size);
		break;
	case UDP_GRO:
		val = plumb_udp_test(sk, PLUMB_UDP_GRO);
		break;
	default:
		return -ENOPROTOOPT;
	}
	len = min_t(int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}
