// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl(2): the queues' sizes by each protocol, and the addresses of devices, which a
 * program must be told as this stack has them and not as Linux has.
 *
 * Addresses are changed by netlink alone: the ioctls for that are refused.
 */
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include <asm/ioctls.h>

#include "../raw/raw.h"
#include "../route/route.h"
#include "../sock/sock.h"
#include "../tcp/tcp.h"
#include "../udp/udp.h"
#include "af.h"

static int plumb_af_queue_ioctl(struct sock *sk, unsigned int cmd, unsigned long arg)
{
	int val, err;

	switch (sk->sk_type) {
	case SOCK_STREAM:
		err = plumb_tcp_ioctl(sk, cmd, &val);
		break;
	case SOCK_DGRAM:
		if (sk->sk_protocol == IPPROTO_UDP)
			err = plumb_udp_ioctl(sk, cmd, &val);
		else
			err = -ENOIOCTLCMD;
		break;
	default:
		err = plumb_raw_ioctl(sk, cmd, &val);
	}
	return err ?: put_user(val, (int __user *)arg);
}

/* ---- addresses of a device ---- */

struct plumb_af_find {
	int			ifindex;
	struct plumb_addr	addr;
};

static int plumb_af_first_addr(const struct plumb_addr *a, void *arg)
{
	struct plumb_af_find *f = arg;

	if (a->ifindex != f->ifindex)
		return 0;
	f->addr = *a;
	return 1;
}

static int plumb_af_dev_addr(struct net *net, const char *name, struct plumb_addr *addr)
{
	struct plumb_af_find f = {};
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	if (dev)
		f.ifindex = dev->ifindex;
	rcu_read_unlock();
	if (!dev)
		return -ENODEV;
	if (!plumb_addr_iterate(plumb_net(net), plumb_af_first_addr, &f))
		return -EADDRNOTAVAIL;
	*addr = f.addr;
	return 0;
}

static int plumb_af_get_addr(struct net *net, unsigned int cmd, void __user *arg)
{
	struct plumb_addr addr;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr;
	int err;

	/* The members read and written lie within what a 32-bit program's struct has too. */
	if (copy_from_user(ifr.ifr_name, arg, IFNAMSIZ))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = 0;
	err = plumb_af_dev_addr(net, ifr.ifr_name, &addr);
	if (err)
		return err;
	switch (cmd) {
	case SIOCGIFBRDADDR:
		sin.sin_addr.s_addr = addr.broadcast;
		break;
	case SIOCGIFNETMASK:
		sin.sin_addr.s_addr = inet_make_mask(addr.prefixlen);
		break;
	default:
		sin.sin_addr.s_addr = addr.local;
	}
	if (copy_to_user(arg + offsetof(struct ifreq, ifr_addr), &sin, sizeof(sin)))
		return -EFAULT;
	return 0;
}

int plumb_af_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;

	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFDSTADDR:
		return plumb_af_get_addr(sock_net(sk), cmd, (void __user *)arg);
	case SIOCSIFADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFDSTADDR:
	case SIOCADDRT:
	case SIOCDELRT:
	case SIOCSARP:
	case SIOCDARP:
	case SIOCGARP:
		return -EOPNOTSUPP;
	default:
		return plumb_af_queue_ioctl(sk, cmd, arg);
	}
}
