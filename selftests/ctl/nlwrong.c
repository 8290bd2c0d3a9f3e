// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the netlink family what no well-behaved program sends.
 *
 *	nlwrong list		a table of wrong requests, each of which must be refused with the
 *				errno it names; prints a line for each that is not
 *	nlwrong random N SEED	N random messages; only the kernel may complain about them
 *	nlwrong routes N	makes N blackhole routes 10.x.y.0/24
 *	nlwrong refused		every command that changes something must end in EPERM
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/plumb_netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct mnl_socket *sock;
static uint16_t family;
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

/* The kernel's verdict: 0 or an errno; the rest of the answer is read and thrown away. */
static int verdict(struct nlmsghdr *nlh, mnl_cb_t cb)
{
	static char buf[65536];
	const struct nlmsghdr *in;
	int len;

	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return errno;
	for (;;) {
		len = (int)mnl_socket_recvfrom(sock, buf, sizeof(buf));
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

static int run_list(void)
{
	size_t i, j;
	int bad = 0, got;

	for (i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *w = &wrongs[i];
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

static int run_routes(long n)
{
	struct nlmsghdr *nlh;
	long i;

	for (i = 0; i < n; i++) {
		nlh = start(family, PLUMB_CMD_ROUTE_NEW, 0);
		mnl_attr_put_u32(nlh, PLUMB_A_ROUTE_DST, htonl(10u << 24 | (uint32_t)i << 8));
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_PREFIXLEN, 24);
		mnl_attr_put_u8(nlh, PLUMB_A_ROUTE_TYPE, RTN_BLACKHOLE);
		if (verdict(nlh, NULL))
			return 1;
	}
	return 0;
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
	struct nlmsghdr *nlh;
	int err;

	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("netlink");
		return 2;
	}
	nlh = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PLUMB_FAMILY_NAME);
	err = verdict(nlh, family_msg);
	if (err || !family) {
		fprintf(stderr, "no netlink family %s: %s\n", PLUMB_FAMILY_NAME, strerror(err));
		return 2;
	}
	if (argc == 2 && !strcmp(argv[1], "list"))
		return run_list();
	if (argc == 2 && !strcmp(argv[1], "refused"))
		return run_refused();
	if (argc == 3 && !strcmp(argv[1], "routes"))
		return run_routes(atol(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "random"))
		return run_random(atol(argv[2]), (unsigned int)atol(argv[3]));
	fprintf(stderr, "usage: nlwrong list | refused | routes N | random N SEED\n");
	return 2;
}
