// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the netlink family what no well-behaved program sends.
 *
 *	nlwrong list		a table of wrong requests, each of which must be refused with the
 *				errno it names; prints a line for each that is not
 *	nlwrong random N SEED	N random messages; only the kernel may complain about them
 *	nlwrong routes N	makes N blackhole routes 10.x.y.0/24
 *	nlwrong addresses N DEVICE	gives a device N addresses 10.1.x.y/32
 *	nlwrong neighbours N DEVICE	makes N neighbours 10.2.x.y
 *	nlwrong dumps		each table, read by buffers of many sizes, must be the same: prints
 *				how many entries each has
 *	nlwrong filters		each table, asked for the entries of one value of what the kernel
 *				filters by, must be those that have it: prints by how many values
 *	nlwrong refused		every command that changes something must end in EPERM
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/plumb_lan.h>
#include <linux/plumb_netlink.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct mnl_socket *sock;
static uint16_t family;
static size_t room = 65536;	/* how much is read at once, and so how long messages are */
static unsigned int seq = 1;
static char out[16384];

static int family_attr(const struct nlattr *a, void *data)
{
	(void)data;
	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
		family = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static int family_msg(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr, data);
}

static void open_socket(void)
{
	if (sock)
		mnl_socket_close(sock);
	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("netlink");
		exit(2);
	}
}

static struct nlmsghdr *start(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	memset(out, 0, sizeof(out));
	nlh = mnl_nlmsg_put_header(out);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = PLUMB_FAMILY_VERSION;
	return nlh;
}

/* The kernel's verdict: 0 or an errno; the rest of the answer goes to @cb, or is thrown away. */
static int verdict(struct nlmsghdr *nlh, mnl_cb_t cb)
{
	static char buf[65536];
	const struct nlmsghdr *in;
	int len;

	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return errno;
	for (;;) {
		len = (int)mnl_socket_recvfrom(sock, buf, room);
		if (len < 0)
			return errno;
		for (in = (void *)buf; mnl_nlmsg_ok(in, len); in = mnl_nlmsg_next(in, &len)) {
			if (in->nlmsg_type == NLMSG_ERROR)
				return -((const struct nlmsgerr *)mnl_nlmsg_get_payload(in))->error;
			if (in->nlmsg_type == NLMSG_DONE)
				return -*(const int *)mnl_nlmsg_get_payload(in);
			if (cb)
				cb(in, NULL);
		}
	}
}

enum kind { NOTHING, U8, U16, U32, U64, STR, BIN };

struct attr {
	uint16_t type;
	enum kind kind;
	uint64_t value;		/* of BIN: how many octets */
	const char *text;
};

struct wrong {
	const char *what;
	uint8_t cmd;
	uint16_t flags;
	int want;
	struct attr attr[6];
};

#define ADDR 0x0100000a		/* 10.0.0.1 */

static const struct wrong wrongs[] = {
	{ "no such command", 0, 0, EOPNOTSUPP, { { 0 } } },
	{ "a command beyond the last", PLUMB_CMD_MAX + 1, 0, EOPNOTSUPP, { { 0 } } },
	{ "a notification sent to the kernel", PLUMB_CMD_ADDR_NEW_NTF, 0, EOPNOTSUPP, { { 0 } } },
	{ "a dump of what has none", PLUMB_CMD_ADDR_NEW, NLM_F_DUMP, EOPNOTSUPP, { { 0 } } },
	{ "addr-get that is no dump", PLUMB_CMD_ADDR_GET, 0, EOPNOTSUPP, { { 0 } } },
	{ "addr-new without anything", PLUMB_CMD_ADDR_NEW, 0, EINVAL, { { 0 } } },
	{ "addr-new without device", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL } } },
	{ "addr-new without address", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL } } },
	{ "device 0", PLUMB_CMD_ADDR_NEW, 0, ERANGE,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 0, NULL }, { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL } } },
	{ "device -1", PLUMB_CMD_ADDR_NEW, 0, ERANGE,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 0xffffffff, NULL },
	    { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL } } },
	{ "a device that is not there", PLUMB_CMD_ADDR_NEW, 0, ENODEV,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 99999, NULL }, { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL } } },
	{ "prefix of 33 bits", PLUMB_CMD_ADDR_NEW, 0, ERANGE,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL },
	    { PLUMB_A_ADDR_PREFIXLEN, U8, 33, NULL } } },
	{ "address too short", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, U16, 1, NULL } } },
	{ "address too long", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, U64, 1, NULL } } },
	{ "an empty address", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, NOTHING, 0, NULL } } },
	{ "flags that only the kernel sets", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL },
	    { PLUMB_A_ADDR_FLAGS, U32, 0x80, NULL } } },
	{ "an attribute beyond the last", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX, U32, 1, NULL }, { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL },
	    { PLUMB_A_ADDR_MAX + 1, U32, 0, NULL } } },
	{ "an attribute marked nested", PLUMB_CMD_ADDR_NEW, 0, EINVAL,
	  { { PLUMB_A_ADDR_IFINDEX | NLA_F_NESTED, U32, 1, NULL },
	    { PLUMB_A_ADDR_LOCAL, U32, ADDR, NULL } } },
	{ "an attribute for a command without any", PLUMB_CMD_NEIGH_STATS_GET, 0, EINVAL,
	  { { 1, U32, 1, NULL } } },
	{ "flags of a netlink header that nobody gives meaning", PLUMB_CMD_ADDR_NEW, NLM_F_EXCL,
	  EINVAL, { { 0 } } },
	{ "a route's destination without length", PLUMB_CMD_ROUTE_NEW, 0, EINVAL,
	  { { PLUMB_A_ROUTE_DST, U32, ADDR, NULL } } },
	{ "a route's length without destination", PLUMB_CMD_ROUTE_NEW, 0, EINVAL,
	  { { PLUMB_A_ROUTE_PREFIXLEN, U8, 8, NULL } } },
	{ "a route with host bits", PLUMB_CMD_ROUTE_NEW, 0, EINVAL,
	  { { PLUMB_A_ROUTE_DST, U32, ADDR, NULL }, { PLUMB_A_ROUTE_PREFIXLEN, U8, 8, NULL },
	    { PLUMB_A_ROUTE_TYPE, U8, 7, NULL } } },
	{ "a route of an unknown type", PLUMB_CMD_ROUTE_NEW, 0, EINVAL,
	  { { PLUMB_A_ROUTE_DST, U32, 10, NULL }, { PLUMB_A_ROUTE_PREFIXLEN, U8, 8, NULL },
	    { PLUMB_A_ROUTE_TYPE, U8, 77, NULL } } },
	{ "a route that goes nowhere", PLUMB_CMD_ROUTE_NEW, 0, ENODEV,
	  { { PLUMB_A_ROUTE_DST, U32, 10, NULL }, { PLUMB_A_ROUTE_PREFIXLEN, U8, 8, NULL } } },
	{ "a way to add that is none", PLUMB_CMD_ROUTE_NEW, 0, ERANGE,
	  { { PLUMB_A_ROUTE_HOW, U32, PLUMB_HOW_APPEND + 1, NULL } } },
	{ "what only answers have", PLUMB_CMD_ROUTE_NEW, 0, EINVAL,
	  { { PLUMB_A_ROUTE_PATH_MTU, U32, 1500, NULL } } },
	{ "route-get of nothing", PLUMB_CMD_ROUTE_GET, 0, EINVAL, { { 0 } } },
	{ "no such route to delete", PLUMB_CMD_ROUTE_DEL, 0, ESRCH,
	  { { PLUMB_A_ROUTE_DST, U32, 9, NULL }, { PLUMB_A_ROUTE_PREFIXLEN, U8, 8, NULL } } },
	{ "neigh-new without device", PLUMB_CMD_NEIGH_NEW, 0, EINVAL,
	  { { PLUMB_A_NEIGH_DST, U32, ADDR, NULL } } },
	{ "a neighbour in two states", PLUMB_CMD_NEIGH_NEW, 0, EINVAL,
	  { { PLUMB_A_NEIGH_IFINDEX, U32, 1, NULL }, { PLUMB_A_NEIGH_DST, U32, ADDR, NULL },
	    { PLUMB_A_NEIGH_STATE, U16, 0x82, NULL } } },
	{ "a neighbour in no known state", PLUMB_CMD_NEIGH_NEW, 0, EINVAL,
	  { { PLUMB_A_NEIGH_IFINDEX, U32, 1, NULL }, { PLUMB_A_NEIGH_DST, U32, ADDR, NULL },
	    { PLUMB_A_NEIGH_STATE, U16, 0x4000, NULL } } },
	{ "a link-layer address of 33 octets", PLUMB_CMD_NEIGH_NEW, 0, ERANGE,
	  { { PLUMB_A_NEIGH_IFINDEX, U32, 1, NULL }, { PLUMB_A_NEIGH_DST, U32, ADDR, NULL },
	    { PLUMB_A_NEIGH_LLADDR, BIN, 33, NULL } } },
	{ "a neighbour on a device not adopted", PLUMB_CMD_NEIGH_NEW, 0, ENODEV,
	  { { PLUMB_A_NEIGH_IFINDEX, U32, 1, NULL }, { PLUMB_A_NEIGH_DST, U32, ADDR, NULL },
	    { PLUMB_A_NEIGH_LLADDR, BIN, 6, NULL } } },
	{ "metrics-del without address", PLUMB_CMD_METRICS_DEL, 0, EINVAL,
	  { { PLUMB_A_METRICS_SRC, U32, ADDR, NULL } } },
	{ "metrics-del of a path not known", PLUMB_CMD_METRICS_DEL, 0, ESRCH,
	  { { PLUMB_A_METRICS_DST, U32, ADDR, NULL } } },
	{ "metrics that only answers have", PLUMB_CMD_METRICS_DEL, 0, EINVAL,
	  { { PLUMB_A_METRICS_DST, U32, ADDR, NULL }, { PLUMB_A_METRICS_RTT, U32, 1, NULL } } },
	{ "metrics-flush with an address", PLUMB_CMD_METRICS_FLUSH, 0, EINVAL,
	  { { PLUMB_A_METRICS_DST, U32, ADDR, NULL } } },
	{ "link-new without device", PLUMB_CMD_LINK_NEW, 0, EINVAL, { { 0 } } },
	{ "a device's name that is too long", PLUMB_CMD_LINK_NEW, 0, EINVAL,
	  { { PLUMB_A_LINK_IFNAME, STR, 0, "a-name-of-sixteen" } } },
	{ "a name that is not ended", PLUMB_CMD_LINK_NEW, 0, EINVAL,
	  { { PLUMB_A_LINK_IFNAME, BIN, 4, NULL } } },
	{ "a device's name that is not there", PLUMB_CMD_LINK_NEW, 0, ENODEV,
	  { { PLUMB_A_LINK_IFNAME, STR, 0, "nope" } } },
	{ "sharing the loopback of Linux", PLUMB_CMD_LINK_NEW, 0, EOPNOTSUPP,
	  { { PLUMB_A_LINK_IFINDEX, U32, 1, NULL }, { PLUMB_A_LINK_SHARE, NOTHING, 0, NULL } } },
	{ "a device that is not adopted", PLUMB_CMD_LINK_DEL, 0, ENOENT,
	  { { PLUMB_A_LINK_IFINDEX, U32, 1, NULL } } },
	{ "a mask that the filter of a dump does not know", PLUMB_CMD_NEIGH_GET, NLM_F_DUMP, EINVAL,
	  { { PLUMB_A_NEIGH_STATE, U16, 0x8000, NULL } } },
};

#define LAN	{ PLUMB_LAN_A_MEDIUM, STR, 0, "lan" }

/* Of the other family: the medium is there and has no port. */
static const struct wrong lan_wrongs[] = {
	{ "port-set of no medium", PLUMB_LAN_CMD_PORT_SET, 0, EINVAL, { { 0 } } },
	{ "port-del of no port", PLUMB_LAN_CMD_PORT_DEL, 0, EINVAL, { LAN } },
	{ "port-set of a port that is not there", PLUMB_LAN_CMD_PORT_SET, 0, ENODEV,
	  { LAN, { PLUMB_LAN_A_PORT, U32, 7, NULL } } },
	{ "port-new with a number", PLUMB_LAN_CMD_PORT_NEW, 0, EINVAL,
	  { LAN, { PLUMB_LAN_A_PORT, U32, 0, NULL } } },
	{ "port-new in what is no file", PLUMB_LAN_CMD_PORT_NEW, 0, EBADF,
	  { LAN, { PLUMB_LAN_A_NETNS_FD, U32, 1000000, NULL } } },
	{ "port-new at a speed that is none", PLUMB_LAN_CMD_PORT_NEW, 0, EINVAL,
	  { LAN, { PLUMB_LAN_A_SPEED, U32, 11, NULL } } },
	{ "port-new whose transmitter hangs", PLUMB_LAN_CMD_PORT_NEW, 0, 0,
	  { LAN, { PLUMB_LAN_A_STALLED, U8, 1, NULL } } },
	{ "it has the first number", PLUMB_LAN_CMD_PORT_DEL, 0, 0,
	  { LAN, { PLUMB_LAN_A_PORT, U32, 0, NULL } } },
};

static void put(struct nlmsghdr *nlh, const struct attr *a)
{
	static const char octets[64] = { 'x', 'y', 'z', 'w', 'v', 'u' };

	switch (a->kind) {
	case NOTHING:
		if (a->type)
			mnl_attr_put(nlh, a->type, 0, NULL);
		break;
	case U8:
		mnl_attr_put_u8(nlh, a->type, (uint8_t)a->value);
		break;
	case U16:
		mnl_attr_put_u16(nlh, a->type, (uint16_t)a->value);
		break;
	case U32:
		mnl_attr_put_u32(nlh, a->type, (uint32_t)a->value);
		break;
	case U64:
		mnl_attr_put_u64(nlh, a->type, a->value);
		break;
	case STR:
		mnl_attr_put_strz(nlh, a->type, a->text);
		break;
	case BIN:
		mnl_attr_put(nlh, a->type, a->value, octets);
		break;
	}
}

static int run_list(const struct wrong *w, size_t n)
{
	size_t j;
	int bad = 0, got;

	for (; n--; w++) {
		struct nlmsghdr *nlh = start(family, w->cmd, w->flags);

		for (j = 0; j < 6; j++)
			put(nlh, &w->attr[j]);
		got = verdict(nlh, NULL);
		if (got == w->want)
			continue;
		printf("%s: expected %s, saw %s\n", w->what, strerror(w->want), strerror(got));
		bad = 1;
	}
	return bad;
}

static const uint8_t changes[] = {
	PLUMB_CMD_LINK_NEW, PLUMB_CMD_LINK_DEL, PLUMB_CMD_ADDR_NEW, PLUMB_CMD_ADDR_DEL,
	PLUMB_CMD_ROUTE_NEW, PLUMB_CMD_ROUTE_DEL, PLUMB_CMD_NEIGH_NEW, PLUMB_CMD_NEIGH_DEL,
	PLUMB_CMD_NEIGH_FLUSH, PLUMB_CMD_METRICS_DEL, PLUMB_CMD_METRICS_FLUSH,
};

static int run_refused(void)
{
	int bad = 0, got;
	size_t i;

	for (i = 0; i < sizeof(changes); i++) {
		got = verdict(start(family, changes[i], 0), NULL);
		if (got == EPERM)
			continue;
		printf("command %u: expected EPERM, saw %s\n", changes[i], strerror(got));
		bad = 1;
	}
	return bad;
}

/* Of the addresses and neighbours that are added. */
static uint32_t ifindex;

static void put_route(struct nlmsghdr *nlh, uint32_t i)
{
	mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, htonl(10u << 24 | i << 8));
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PREFIXLEN, 24);
	mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TYPE, RTN_BLACKHOLE);
}

static void put_address(struct nlmsghdr *nlh, uint32_t i)
{
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_IFINDEX, ifindex);
	mnl_attr_put_u32(nlh, PLUMB_A_ADDR_LOCAL, htonl(10u << 24 | 1u << 16 | i));
	mnl_attr_put_u8(nlh, PLUMB_A_ADDR_PREFIXLEN, 32);
}

static void put_neighbour(struct nlmsghdr *nlh, uint32_t i)
{
	static const char lladdr[6] = { 2, 0, 0, 0, 0, 7 };

	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_IFINDEX, ifindex);
	mnl_attr_put_u32(nlh, PLUMB_A_NEIGH_DST, htonl(10u << 24 | 2u << 16 | i));
	mnl_attr_put_u16(nlh, PLUMB_A_NEIGH_STATE, i % 3 ? NUD_PERMANENT : NUD_NOARP);
	mnl_attr_put(nlh, PLUMB_A_NEIGH_LLADDR, sizeof(lladdr), lladdr);
}

/* Adds n entries of a table. */
static int run_many(uint8_t cmd, long n, void (*put_entry)(struct nlmsghdr *nlh, uint32_t i))
{
	struct nlmsghdr *nlh;
	long i;

	for (i = 0; i < n; i++) {
		nlh = start(family, cmd, 0);
		put_entry(nlh, i);
		if (verdict(nlh, NULL))
			return 1;
	}
	return 0;
}

/* ---- dumps ---- */

/* Tables, and what tells an entry of each from the others. */
static const struct table {
	const char *name;
	uint8_t cmd;
	uint16_t key[3];
} tables[] = {
	{ "addresses", PLUMB_CMD_ADDR_GET, { PLUMB_A_ADDR_LOCAL } },
	{ "neighbours", PLUMB_CMD_NEIGH_GET, { PLUMB_A_NEIGH_DST } },
	{ "routes", PLUMB_CMD_ROUTE_GET,
	  { PLUMB_A_ROUTE_DST, PLUMB_A_ROUTE_PREFIXLEN, PLUMB_A_ROUTE_TABLE } },
	{ "metrics", PLUMB_CMD_METRICS_GET, { PLUMB_A_METRICS_DST, PLUMB_A_METRICS_SRC } },
	{ "drops", PLUMB_CMD_DROP_GET, { PLUMB_A_DROP_NAME } },
};

static uint64_t hash_attr(uint64_t sum, const struct nlattr *a)
{
	const uint8_t *p = mnl_attr_get_payload(a);
	uint16_t i;

	for (i = 0; i < mnl_attr_get_payload_len(a); i++)
		sum = (sum ^ p[i]) * 0x100000001b3ull;
	return (sum ^ mnl_attr_get_type(a)) * 0x100000001b3ull;
}

/* What a dump has told: how many, and a sum of their keys in any order. */
static struct {
	const uint16_t *key;
	long n;
	uint64_t sum;
} told;

static int count_entry(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;
	uint64_t sum = 0;
	int i;

	(void)data;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		for (i = 0; i < 3; i++)
			if (told.key[i] == mnl_attr_get_type(a))
				sum = hash_attr(sum, a);
	told.n++;
	told.sum += sum;
	return MNL_CB_OK;
}

/* Buffers of a page and more: by four octets each, they end at each attribute of an entry. */
static int run_dumps(void)
{
	int bad = 0, err;
	uint64_t sum = 0;
	long n = 0;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (room = 4096; room < 4096 + 128; room += 4) {
			/* The kernel goes by the largest buffer that a socket has read by. */
			open_socket();
			memset(&told, 0, sizeof(told));
			told.key = tables[i].key;
			err = verdict(start(family, tables[i].cmd, NLM_F_DUMP), count_entry);
			if (room == 4096) {
				n = told.n;
				sum = told.sum;
			}
			if (!err && told.n == n && told.sum == sum)
				continue;
			printf("%s into %zu octets: %s, %ld instead of %ld%s\n", tables[i].name,
			       room, strerror(err), told.n, n,
			       told.sum == sum ? "" : ", others");
			bad = 1;
		}
		printf("%s %ld\n", tables[i].name, n);
	}
	return bad;
}

/* What the kernel filters a table by: entries of the same value, or that have a bit of it. */
static const struct filter {
	const char *name;
	uint8_t cmd;
	uint16_t attr;
	enum kind kind;
	bool mask;
	uint32_t nobody;	/* a value that no entry has */
} filters[] = {
	{ "links by index", PLUMB_CMD_LINK_GET, PLUMB_A_LINK_IFINDEX, U32, false, 99999 },
	{ "addresses by index", PLUMB_CMD_ADDR_GET, PLUMB_A_ADDR_IFINDEX, U32, false, 99999 },
	{ "routes by index", PLUMB_CMD_ROUTE_GET, PLUMB_A_ROUTE_IFINDEX, U32, false, 99999 },
	{ "routes by table", PLUMB_CMD_ROUTE_GET, PLUMB_A_ROUTE_TABLE, U8, false, 77 },
	{ "neighbours by index", PLUMB_CMD_NEIGH_GET, PLUMB_A_NEIGH_IFINDEX, U32, false, 99999 },
	{ "neighbours by state", PLUMB_CMD_NEIGH_GET, PLUMB_A_NEIGH_STATE, U16, true, NUD_DELAY },
	{ "metrics by peer", PLUMB_CMD_METRICS_GET, PLUMB_A_METRICS_DST, U32, false, 9 },
	{ "metrics by own address", PLUMB_CMD_METRICS_GET, PLUMB_A_METRICS_SRC, U32, false, 9 },
};

#define VALUES	4096

static struct {
	uint16_t attr;
	long n;
	uint32_t value[VALUES];		/* of each entry; 0: it has none */
} seen;

static int see_value(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;
	uint32_t value = 0;

	(void)data;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == seen.attr)
			memcpy(&value, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	if (seen.n < VALUES)
		seen.value[seen.n] = value;
	seen.n++;
	return MNL_CB_OK;
}

static int dump_by(const struct filter *f, const uint32_t *value)
{
	struct attr attr = { f->attr, f->kind, value ? *value : 0, NULL };
	struct nlmsghdr *nlh = start(family, f->cmd, NLM_F_DUMP);

	memset(&seen, 0, sizeof(seen));
	seen.attr = f->attr;
	if (value)
		put(nlh, &attr);
	return verdict(nlh, see_value);
}

static long count_matching(const struct filter *f, const uint32_t *values, long n, uint32_t want)
{
	long i, matching = 0;

	for (i = 0; i < n; i++)
		matching += f->mask ? !!(values[i] & want) : values[i] == want;
	return matching;
}

/* Asks for those of @want, of which there are @there. */
static int filter_one(const struct filter *f, uint32_t want, long there)
{
	int err = dump_by(f, &want);
	long right = count_matching(f, seen.value, seen.n, want);

	if (!err && seen.n == there && right == there)
		return 0;
	printf("%s %u: %s, %ld of which %ld right, expected %ld\n", f->name, want, strerror(err),
	       seen.n, right, there);
	return 1;
}

static int run_filter(const struct filter *f)
{
	static uint32_t all[VALUES];
	long i, n, different = 0;
	int bad = 0;

	if (dump_by(f, NULL) || seen.n > VALUES) {
		printf("%s: cannot see all\n", f->name);
		return 1;
	}
	n = seen.n;
	memcpy(all, seen.value, sizeof(all));
	for (i = 0; i < n; i++) {
		if (!all[i] || count_matching(f, all, i, all[i]))
			continue;
		different++;
		bad |= filter_one(f, all[i], count_matching(f, all, n, all[i]));
	}
	bad |= filter_one(f, f->nobody, 0);
	printf("%s %ld\n", f->name, different);
	return bad;
}

static int run_filters(void)
{
	int bad = 0;
	size_t i;

	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		bad |= run_filter(&filters[i]);
	return bad;
}

/* Attributes that are nearly right get further than noise: types in range, lengths mostly true. */
static void put_random(struct nlmsghdr *nlh)
{
	static const uint16_t lens[] = { 0, 1, 2, 4, 4, 4, 6, 8, 32, 33 };
	uint16_t type = (uint16_t)(rand() % 20), len = lens[rand() % 10];
	char value[64];
	int i;

	for (i = 0; i < (int)sizeof(value); i++)
		value[i] = (char)(rand() % 3 ? rand() % 4 : rand());
	if (rand() % 50 == 0)
		type |= NLA_F_NESTED;
	mnl_attr_put(nlh, type, len, value);
}

static int run_random(long n, unsigned int seed)
{
	struct nlmsghdr *nlh;
	int attrs;

	srand(seed);
	while (n--) {
		nlh = start(family, (uint8_t)(rand() % (PLUMB_CMD_MAX + 2)),
			    rand() % 4 ? 0 : NLM_F_DUMP);
		for (attrs = rand() % 6; attrs; attrs--)
			put_random(nlh);
		/* Sometimes the last attribute says it is longer than the message. */
		if (rand() % 20 == 0 && nlh->nlmsg_len > 24)
			nlh->nlmsg_len -= 4;
		verdict(nlh, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc == 2 && !strcmp(argv[1], "lan") ? PLUMB_LAN_FAMILY_NAME :
								  PLUMB_FAMILY_NAME;
	struct nlmsghdr *nlh;
	int err;

	open_socket();
	nlh = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	err = verdict(nlh, family_msg);
	if (err || !family) {
		fprintf(stderr, "no netlink family %s: %s\n", name, strerror(err));
		return 2;
	}
	if (argc == 2 && !strcmp(argv[1], "list"))
		return run_list(wrongs, sizeof(wrongs) / sizeof(wrongs[0]));
	if (argc == 2 && !strcmp(argv[1], "lan"))
		return run_list(lan_wrongs, sizeof(lan_wrongs) / sizeof(lan_wrongs[0]));
	if (argc == 2 && !strcmp(argv[1], "refused"))
		return run_refused();
	if (argc == 4 && !strcmp(argv[1], "random"))
		return run_random(atol(argv[2]), (unsigned int)atol(argv[3]));
	if (argc == 4)
		ifindex = if_nametoindex(argv[3]);
	if (argc == 3 && !strcmp(argv[1], "routes"))
		return run_many(PLUMB_CMD_ROUTE_NEW, atol(argv[2]), put_route);
	if (argc == 4 && !strcmp(argv[1], "addresses"))
		return run_many(PLUMB_CMD_ADDR_NEW, atol(argv[2]), put_address);
	if (argc == 4 && !strcmp(argv[1], "neighbours"))
		return run_many(PLUMB_CMD_NEIGH_NEW, atol(argv[2]), put_neighbour);
	if (argc == 2 && !strcmp(argv[1], "dumps"))
		return run_dumps();
	if (argc == 2 && !strcmp(argv[1], "filters"))
		return run_filters();
	fprintf(stderr, "usage: nlwrong list | lan | refused | routes N | addresses N DEVICE |\n"
			"       neighbours N DEVICE | dumps | filters | random N SEED\n");
	return 2;
}
