// SPDX-License-Identifier: GPL-2.0
/*
 *	 A, Plumb                    B, Plumb
 *	10.0.0.1/24 [veth a] ---- [veth b] 10.0.0.2/24
 *	default via 10.0.0.2
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/plumb_netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kfuzz.h"

int family = 18;
int hosts[2] = { -1, -1 };
char uplink[2][16] = { "a", "b" };

void enter(int host)
{
	if (setns(hosts[host], CLONE_NEWNET))
		perror("setns");
}

/* ask() - sends a netlink request; 0, or the errno of the answer */
static int ask(int bus, struct nlmsghdr *nlh)
{
	char buf[8192];
	int fd, n, err = EIO;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
	if (fd < 0)
		return errno;
	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send(fd, nlh, nlh->nlmsg_len, 0) >= 0) {
		n = (int)recv(fd, buf, sizeof(buf), 0);
		nlh = (struct nlmsghdr *)buf;
		if (n >= (int)sizeof(*nlh) && nlh->nlmsg_type == NLMSG_ERROR)
			err = -((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
	}
	close(fd);
	return err;
}

int rtnl_veth(const char *name, const char *peer, int peer_ns)
{
	struct nlattr *info, *data, *other;
	char buf[1024] = {};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, peer);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)peer_ns);
	mnl_attr_nest_end(nlh, other);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return ask(NETLINK_ROUTE, nlh);
}

int link_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct ifreq ifr = {};

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	err = ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	err = err ?: ioctl(fd, SIOCSIFFLAGS, &ifr);
	ifr.ifr_mtu = 1500;
	if (!err && strcmp(name, "lo"))
		err = ioctl(fd, SIOCSIFMTU, &ifr);
	close(fd);
	return err;
}

static struct nlmsghdr *start(char *buf, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = genl_plumb;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = PLUMB_FAMILY_VERSION;
	return nlh;
}

int plumb_addr_add(const char *dev, uint32_t addr, unsigned int prefixlen)
{
	char buf[512] = {};
	struct nlmsghdr *nlh = start(buf, PLUMB_CMD_ADDR_NEW);

	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_IFINDEX, if_nametoindex(dev));
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_LOCAL, htonl(addr));
	mnl_attr_put_u8(nlh, PLUMB_A_ADDR_PREFIXLEN, (uint8_t)prefixlen);
	return ask(NETLINK_GENERIC, nlh);
}

int plumb_route_add(uint32_t dst, unsigned int prefixlen, uint32_t gateway)
{
	char buf[512] = {};
	struct nlmsghdr *nlh = start(buf, PLUMB_CMD_ROUTE_NEW);

	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, htonl(dst));
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PREFIXLEN, (uint8_t)prefixlen);
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_GATEWAY, htonl(gateway));
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_HOW, PLUMB_HOW_REPLACE);
	return ask(NETLINK_GENERIC, nlh);
}

void hosts_repair(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		enter(i);
		link_up("lo");
		link_up(uplink[i]);
		plumb_addr_add(uplink[i], i ? ADDR_B : ADDR_A, 24);
	}
	enter(0);
	plumb_route_add(0, 0, ADDR_B);
}

int hosts_up(void)
{
	int i, err;

	for (i = 0; i < 2; i++) {
		if (unshare(CLONE_NEWNET))
			return errno;
		hosts[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		if (hosts[i] < 0)
			return errno;
	}
	enter(0);
	err = rtnl_veth(uplink[0], uplink[1], hosts[1]);
	hosts_repair();
	return err;
}

void hosts_down(void)
{
	close(hosts[0]);
	close(hosts[1]);
}
