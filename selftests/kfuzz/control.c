// SPDX-License-Identifier: GPL-2.0
/* The netlink families, net.plumb.*, /proc/net/plumb, and the ioctls of modelled adapters. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/plumb_lan.h>
#include <linux/plumb_netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kfuzz.h"

#define MAX_SETTINGS	256

uint16_t genl_plumb, genl_lan;
static char *settings[MAX_SETTINGS];
static unsigned int n_settings;

/* ---- the families ---- */

static int family_attr(const struct nlattr *a, void *id)
{
	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)id = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static uint16_t resolve(const char *name)
{
	char buf[8192] = {};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	uint16_t id = 0;
	int fd;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return 0;
	if (send(fd, nlh, nlh->nlmsg_len, 0) > 0 && recv(fd, buf, sizeof(buf), 0) > 0)
		mnl_attr_parse((struct nlmsghdr *)buf, sizeof(*genl), family_attr, &id);
	close(fd);
	return id;
}

static void list_settings(const char *below)
{
	char path[512];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/sys/net/plumb/%s", below);
	dir = opendir(path);
	while (dir && (d = readdir(dir)))
		if (d->d_type == DT_REG && n_settings < MAX_SETTINGS &&
		    asprintf(&settings[n_settings], "%s%s", below, d->d_name) > 0)
			n_settings++;
	if (dir)
		closedir(dir);
}

int control_init(void)
{
	genl_plumb = resolve(PLUMB_FAMILY_NAME);
	genl_lan = resolve(PLUMB_LAN_FAMILY_NAME);
	list_settings("");
	list_settings("neigh/default/");
	return genl_plumb && n_settings ? 0 : -1;
}

/* ---- messages ---- */

enum shape { U8, U16, U32, U64, ADDR, DEV, NAME, MEDIUM, FLAG, MAC, FD };

struct attr {
	uint8_t type;
	enum shape shape;
};

/* What each subject's commands take; a request has some of them. */
static const struct attr link_attrs[] = {
	{ PLUMB_A_LINK_IFINDEX, DEV }, { PLUMB_A_LINK_IFNAME, NAME }, { PLUMB_A_LINK_SHARE, FLAG },
};

static const struct attr addr_attrs[] = {
	{ PLUMB_A_ADDR_IFINDEX, DEV }, { PLUMB_A_ADDR_LOCAL, ADDR }, { PLUMB_A_ADDR_PREFIXLEN, U8 },
	{ PLUMB_A_ADDR_BROADCAST, ADDR }, { PLUMB_A_ADDR_SCOPE, U8 }, { PLUMB_A_ADDR_FLAGS, U32 },
};

static const struct attr route_attrs[] = {
	{ PLUMB_A_ROUTE_DST, ADDR }, { PLUMB_A_ROUTE_PREFIXLEN, U8 },
	{ PLUMB_A_ROUTE_GATEWAY, ADDR }, { PLUMB_A_ROUTE_PREFSRC, ADDR },
	{ PLUMB_A_ROUTE_METRIC, U32 }, { PLUMB_A_ROUTE_MTU, U32 }, { PLUMB_A_ROUTE_IFINDEX, DEV },
	{ PLUMB_A_ROUTE_FLAGS, U32 }, { PLUMB_A_ROUTE_TYPE, U8 }, { PLUMB_A_ROUTE_SCOPE, U8 },
	{ PLUMB_A_ROUTE_PROTOCOL, U8 }, { PLUMB_A_ROUTE_TABLE, U8 }, { PLUMB_A_ROUTE_HOW, U32 },
	{ PLUMB_A_ROUTE_SRC, ADDR }, { PLUMB_A_ROUTE_ADVMSS, U16 },
	{ PLUMB_A_ROUTE_WINDOW, U32 }, { PLUMB_A_ROUTE_INITCWND, U16 },
	{ PLUMB_A_ROUTE_INITRWND, U16 }, { PLUMB_A_ROUTE_RTO_MIN, U32 },
	{ PLUMB_A_ROUTE_QUICKACK, FLAG }, { PLUMB_A_ROUTE_MTU_LOCK, FLAG },
};

static const struct attr neigh_attrs[] = {
	{ PLUMB_A_NEIGH_IFINDEX, DEV }, { PLUMB_A_NEIGH_DST, ADDR }, { PLUMB_A_NEIGH_STATE, U16 },
	{ PLUMB_A_NEIGH_LLADDR, MAC }, { PLUMB_A_NEIGH_HOW, U32 },
};

static const struct attr metrics_attrs[] = {
	{ PLUMB_A_METRICS_DST, ADDR }, { PLUMB_A_METRICS_SRC, ADDR },
};

static const struct attr lan_attrs[] = {
	{ PLUMB_LAN_A_MEDIUM, MEDIUM }, { PLUMB_LAN_A_MEDIUM, MEDIUM }, { PLUMB_LAN_A_TYPE, U8 },
	{ PLUMB_LAN_A_SPEED, U32 }, { PLUMB_LAN_A_BIT_LEVEL, FLAG }, { PLUMB_LAN_A_SEED, U64 },
	{ PLUMB_LAN_A_PORT, U32 }, { PLUMB_LAN_A_IFNAME, NAME }, { PLUMB_LAN_A_NETNS_FD, FD },
	{ PLUMB_LAN_A_METRES, U32 }, { PLUMB_LAN_A_PLUGGED, U8 }, { PLUMB_LAN_A_GONE, U8 },
	{ PLUMB_LAN_A_FLAP, U32 }, { PLUMB_LAN_A_BER, U32 }, { PLUMB_LAN_A_BURST_BER, U32 },
	{ PLUMB_LAN_A_TO_BURST, U32 }, { PLUMB_LAN_A_FROM_BURST, U32 }, { PLUMB_LAN_A_DROP, U32 },
	{ PLUMB_LAN_A_STORM, U32 }, { PLUMB_LAN_A_STALLED, U8 },
};

static uint32_t control_addr(struct rng *r)
{
	static const uint32_t addrs[] = {
		ADDR_A, ADDR_B, 0x0a000000, 0x0a0000ff, 0x0a000003, 0, 0x7f000001, 0xe0000001,
		0xffffffff, 0x0a010000, 0xc0a80000,
	};

	return htonl(one_in(r, 10) ? (uint32_t)rng_next(r) : PICK(r, addrs) + below(r, 3));
}

static const char *control_name(struct rng *r, bool medium)
{
	static const char *const devices[] = { "lo", "a", "b", "f0", "f1", "f2", "plumb0", "" };
	static const char *const media[] = { "m0", "m1", "m2", "a/b", ".", "fifteen-letters" };

	return medium ? PICK(r, media) : PICK(r, devices);
}

static void put_attr(struct rng *r, struct nlmsghdr *nlh, const struct attr *a)
{
	static const unsigned char sizes[] = {
		[U8] = 1, [U16] = 2, [U32] = 4, [U64] = 8, [ADDR] = 4, [DEV] = 4, [MAC] = 6,
		[FD] = 4,
	};
	uint16_t type = a->type, len = sizes[a->shape];
	unsigned char value[64];

	fill(r, value, sizeof(value));
	switch (a->shape) {
	case ADDR:
		*(uint32_t *)value = control_addr(r);
		break;
	case DEV:
		*(uint32_t *)value = one_in(r, 10) ? (uint32_t)number(r) : 1 + below(r, 6);
		break;
	case FD:
		*(int *)value = one_in(r, 4) ? (int)number(r) : hosts[below(r, 2)];
		break;
	case NAME:
	case MEDIUM:
		strcpy((char *)value, control_name(r, a->shape == MEDIUM));
		len = (uint16_t)strlen((char *)value) + 1;
		break;
	case U8:
		if (!one_in(r, 3))
			value[0] = (unsigned char)below(r, 33);
		break;
	case U32:
		if (!one_in(r, 3))
			*(uint32_t *)value = below(r, 5) * (one_in(r, 2) ? 1 : 250);
		break;
	case MAC:
		value[0] &= one_in(r, 4) ? 0xff : 0xfe;
		break;
	default:
		break;
	}
	if (one_in(r, 40))
		len = (uint16_t)below(r, sizeof(value));
	if (one_in(r, 60))
		type = (uint16_t)number(r);
	if (one_in(r, 100))
		type |= NLA_F_NESTED;
	mnl_attr_put(nlh, type, len, value);
}

static void put_attrs(struct rng *r, struct nlmsghdr *nlh, const struct attr *a, size_t n)
{
	unsigned int keep = 1 + below(r, 4);
	size_t i;

	for (i = 0; i < n; i++)
		if (below(r, 4) < keep || (i == 0 && !one_in(r, 10)))
			put_attr(r, nlh, &a[i]);
	if (one_in(r, 10))
		put_attr(r, nlh, &a[below(r, (uint32_t)n)]);
}

static void put_subject(struct rng *r, struct nlmsghdr *nlh, uint16_t type, uint8_t cmd)
{
#define PUT(attrs)	put_attrs(r, nlh, attrs, sizeof(attrs) / sizeof((attrs)[0]))
	if (type == genl_lan)
		PUT(lan_attrs);
	else if (cmd <= PLUMB_CMD_LINK_DEL)
		PUT(link_attrs);
	else if (cmd <= PLUMB_CMD_ADDR_DEL)
		PUT(addr_attrs);
	else if (cmd <= PLUMB_CMD_ROUTE_DEL)
		PUT(route_attrs);
	else if (cmd <= PLUMB_CMD_NEIGH_STATS_GET)
		PUT(neigh_attrs);
	else if (cmd >= PLUMB_CMD_METRICS_GET && cmd <= PLUMB_CMD_METRICS_DEL)
		PUT(metrics_attrs);
#undef PUT
}

static size_t put_request(struct rng *r, char *buf, uint16_t type, uint8_t cmds)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	uint8_t cmd = (uint8_t)(one_in(r, 60) ? number(r) : 1 + below(r, cmds));
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | (one_in(r, 2) ? NLM_F_ACK : 0);
	if (one_in(r, 4))
		nlh->nlmsg_flags |= NLM_F_DUMP;
	if (one_in(r, 40))
		nlh->nlmsg_flags = (uint16_t)number(r);
	nlh->nlmsg_seq = (uint32_t)rng_next(r);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = one_in(r, 30) ? (uint8_t)number(r) : 1;
	put_subject(r, nlh, type, cmd);
	if (one_in(r, 60))
		nlh->nlmsg_len = length(r, nlh->nlmsg_len);
	return nlh->nlmsg_len < 4000 ? nlh->nlmsg_len : 4000;
}

static void request(struct rng *r, uint16_t type, uint8_t cmds)
{
	char buf[8192] = {}, *in = room_good(r, 65536);
	int host = (int)below(r, 2), fd, tries;
	size_t len;

	enter(host);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
	if (fd < 0)
		return;
	len = put_request(r, buf, type, cmds);
	trace("netlink(host %d, %s, command %u, flags %#x, %zu)", host,
	      type == genl_lan ? "plumb_lan" : "plumb", (unsigned char)buf[16],
	      ((struct nlmsghdr *)buf)->nlmsg_flags, len);
	traced(send(fd, buf, len, 0));
	/* A dump is not always read to its end. */
	for (tries = (int)below(r, 4); tries; tries--)
		if (recv(fd, in, one_in(r, 4) ? 4096 : 65536, 0) <= 0)
			break;
	close(fd);
}

void call_netlink(struct rng *r)
{
	request(r, genl_plumb, PLUMB_CMD_DROP_GET);
}

void call_netlink_lan(struct rng *r)
{
	request(r, genl_lan, PLUMB_LAN_CMD_PORT_DEL);
}

/* ---- files ---- */

static size_t setting_text(struct rng *r, char *text, size_t room_for)
{
	static const char *const words[] = { "reno", "cubic", "dctcp", "x", "-", "0x10",
		"1 2 3 4" };
	size_t len = 0;
	int n = 1 + (int)below(r, 3);

	if (one_in(r, 20)) {
		memset(text, '1', room_for);
		return length(r, 64) % room_for;
	}
	if (one_in(r, 20))
		return (size_t)snprintf(text, room_for, "%s\n", PICK(r, words));
	while (n--)
		len += (size_t)snprintf(text + len, room_for - len, "%lld%c",
					one_in(r, 2) ? (long long)below(r, 300) :
					(long long)number(r), n ? '\t' : '\n');
	return len;
}

void call_sysctl(struct rng *r)
{
	const char *name = settings[below(r, n_settings)];
	int host = (int)below(r, 2), fd;
	char path[512], text[4096];
	size_t len;

	enter(host);
	snprintf(path, sizeof(path), "/proc/sys/net/plumb/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (one_in(r, 4)) {
		trace("read(host %d, %s)", host, name);
		traced(pread(fd, room(r, 4096), length(r, 64) & 0xffff, (off_t)below(r, 3)));
	} else {
		len = setting_text(r, text, sizeof(text));
		trace("write(host %d, %s, \"%.20s\", %zu)", host, name, text, len);
		traced(pwrite(fd, text, len, one_in(r, 20) ? (off_t)below(r, 9) : 0));
	}
	close(fd);
}

void call_proc(struct rng *r)
{
	static const char *const files[] = {
		"tcp", "udp", "raw", "icmp", "snmp", "netstat", "sockstat", "arp", "route", "dev",
		"drops",
	};
	const char *name = PICK(r, files);
	int host = (int)below(r, 2), fd, n = 1 + (int)below(r, 4);
	uint32_t len;
	char path[64];
	off_t at;

	enter(host);
	snprintf(path, sizeof(path), "/proc/thread-self/net/plumb/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (n--) {
		len = length(r, 4096) & 0xffff;
		at = one_in(r, 3) ? (off_t)number(r) : (off_t)below(r, 9000);
		trace("pread(%s, %u, %lld)", name, len, (long long)at);
		if (one_in(r, 2))
			traced(read(fd, room(r, len), len));
		else
			traced(pread(fd, room(r, len), len, at));
	}
	close(fd);
}

/* ---- devices ---- */

void call_ethtool(struct rng *r)
{
	uint32_t *p = room_good(r, 65536);
	int host = (int)below(r, 2), fd;
	struct ifreq ifr = {};

	enter(host);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "f%u", below(r, 3));
	/* What is read first says how much a change may change. */
	do
		p[0] = one_in(r, 30) ? (uint32_t)number(r) : 1 + below(r, 0x55);
	while (p[0] == ETHTOOL_PHYS_ID);	/* it blinks for seconds */
	if (one_in(r, 2))
		p[1] = below(r, 300);
	if (one_in(r, 2))
		p[2] = below(r, 300);
	ifr.ifr_data = one_in(r, 40) ? room(r, 256) : (void *)p;
	trace("ethtool(%s, %#x {%#x, %#x})", ifr.ifr_name, p[0], p[1], p[2]);
	traced(ioctl(fd, SIOCETHTOOL, &ifr));
	close(fd);
}

/* A device goes down, comes up, and changes its MTU under the sockets. */
void call_device(struct rng *r)
{
	int host = (int)below(r, 2), fd, err;
	struct ifreq ifr = {};

	enter(host);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (one_in(r, 3))
		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "f%u", below(r, 3));
	else
		strcpy(ifr.ifr_name, uplink[host]);
	if (one_in(r, 3)) {
		ifr.ifr_mtu = (int)(one_in(r, 3) ? number(r) : 68 + below(r, 1500));
		trace("mtu(%s, %d)", ifr.ifr_name, ifr.ifr_mtu);
		traced(ioctl(fd, SIOCSIFMTU, &ifr));
	} else if (!ioctl(fd, SIOCGIFFLAGS, &ifr)) {
		ifr.ifr_flags = (short)(ifr.ifr_flags ^ IFF_UP);
		if (one_in(r, 4))
			ifr.ifr_flags = (short)(ifr.ifr_flags ^ PICK(r, ((short[]){
				IFF_PROMISC, IFF_NOARP, IFF_ALLMULTI, IFF_MULTICAST })));
		trace("flags(%s, %#x)", ifr.ifr_name, ifr.ifr_flags);
		err = ioctl(fd, SIOCSIFFLAGS, &ifr);
		traced(err);
	}
	close(fd);
}
