// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the netlink family: what each policy refuses, and what becomes of an attribute that
 * it lets through.
 */
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "kmod/genl.h"
#include "net/neigh/neigh.h"
#include "net/route/fib.h"

#include "kit.h"

/* A request under construction, and as the commands see it. */
struct request {
	struct genl_info	info;
	struct genlmsghdr	genl;
	struct nlmsghdr		nlh;
	struct netlink_ext_ack	extack;
	struct nlattr		*tb[32];
	u8			room[512] __aligned(4);
	int			len;
};

static struct request *request_new(struct kunit *test)
{
	struct request *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->info.attrs = r->tb;
	r->info.extack = &r->extack;
	r->info.genlhdr = &r->genl;
	r->info.nlhdr = &r->nlh;
	genl_info_net_set(&r->info, kit_pn->net);
	return r;
}

static void attr(struct request *r, int type, const void *data, int len)
{
	struct nlattr *a = (struct nlattr *)(r->room + r->len);

	a->nla_type = type;
	a->nla_len = nla_attr_size(len);
	memcpy(nla_data(a), data, len);
	r->len += nla_total_size(len);
}

static void attr_u8(struct request *r, int type, u8 value)
{
	attr(r, type, &value, sizeof(value));
}

static void attr_u32(struct request *r, int type, u32 value)
{
	attr(r, type, &value, sizeof(value));
}

static void attr_addr(struct request *r, int type, __be32 value)
{
	attr(r, type, &value, sizeof(value));
}

static int parse(struct request *r, const struct nla_policy *policy, int max)
{
	return __nla_parse(r->tb, max, (struct nlattr *)r->room, r->len, policy,
			   NL_VALIDATE_STRICT, &r->extack);
}

struct row {
	int	type;
	int	len;	/* of the value */
	u32	value;
	int	err;
};

static void expect_rows(struct kunit *test, const struct nla_policy *policy, int max,
			const struct row *row, size_t n)
{
	struct request *r;
	size_t i;

	for (i = 0; i < n; i++) {
		r = request_new(test);
		attr(r, row[i].type, &row[i].value, row[i].len);
		KUNIT_EXPECT_EQ_MSG(test, parse(r, policy, max), row[i].err,
				    "row %zu: attribute %d of %d octets, value %u", i, row[i].type,
				    row[i].len, row[i].value);
		if (row[i].err)
			KUNIT_EXPECT_NOT_NULL(test, r->extack.bad_attr);
	}
}

static void route_policy(struct kunit *test)
{
	static const struct row rows[] = {
		{ PLUMB_A_ROUTE_DST, 4, 1, 0 },
		{ PLUMB_A_ROUTE_DST, 3, 1, -EINVAL },
		{ PLUMB_A_ROUTE_PREFIXLEN, 1, 32, 0 },
		{ PLUMB_A_ROUTE_PREFIXLEN, 1, 33, -ERANGE },
		{ PLUMB_A_ROUTE_PREFIXLEN, 0, 0, -EINVAL },
		{ PLUMB_A_ROUTE_IFINDEX, 4, 1, 0 },
		{ PLUMB_A_ROUTE_IFINDEX, 4, 0, -ERANGE },
		{ PLUMB_A_ROUTE_IFINDEX, 4, (u32)-1, -ERANGE },
		{ PLUMB_A_ROUTE_FLAGS, 4, RTNH_F_ONLINK, 0 },
		{ PLUMB_A_ROUTE_FLAGS, 4, RTNH_F_DEAD, -EINVAL },
		{ PLUMB_A_ROUTE_HOW, 4, PLUMB_HOW_APPEND, 0 },
		{ PLUMB_A_ROUTE_HOW, 4, PLUMB_HOW_APPEND + 1, -ERANGE },
		{ PLUMB_A_ROUTE_NEXTHOP, 4, 1, -EINVAL },
		{ PLUMB_A_ROUTE_PATH_MTU, 4, 1, -EINVAL },
		{ PLUMB_A_ROUTE_ADVMSS, 2, 65495, 0 },
		{ PLUMB_A_ROUTE_INITCWND, 4, 1, -EINVAL },
		{ PLUMB_A_ROUTE_QUICKACK, 1, 1, -ERANGE },
		{ PLUMB_A_ROUTE_MAX + 1, 4, 1, -EINVAL },
		{ 0, 4, 1, -EINVAL },
	};

	expect_rows(test, plumb_genl_route_policy, PLUMB_A_ROUTE_MAX, rows, ARRAY_SIZE(rows));
}

static void addr_policy(struct kunit *test)
{
	static const struct row rows[] = {
		{ PLUMB_A_ADDR_IFINDEX, 4, 1, 0 },
		{ PLUMB_A_ADDR_IFINDEX, 4, 0, -ERANGE },
		{ PLUMB_A_ADDR_LOCAL, 4, 1, 0 },
		{ PLUMB_A_ADDR_LOCAL, 2, 1, -EINVAL },
		{ PLUMB_A_ADDR_PREFIXLEN, 1, 33, -ERANGE },
		{ PLUMB_A_ADDR_FLAGS, 4, IFA_F_NOPREFIXROUTE, 0 },
		{ PLUMB_A_ADDR_FLAGS, 4, IFA_F_TENTATIVE, -EINVAL },
		{ PLUMB_A_ADDR_MAX + 1, 4, 1, -EINVAL },
	};

	expect_rows(test, plumb_genl_addr_policy, PLUMB_A_ADDR_MAX, rows, ARRAY_SIZE(rows));
}

static struct request *route_request(struct kunit *test, __be32 dst, u8 plen)
{
	struct request *r = request_new(test);

	attr_addr(r, PLUMB_A_ROUTE_DST, dst);
	attr_u8(r, PLUMB_A_ROUTE_PREFIXLEN, plen);
	return r;
}

static int route_new(struct kunit *test, struct request *r)
{
	KUNIT_ASSERT_EQ(test, parse(r, plumb_genl_route_policy, PLUMB_A_ROUTE_MAX), 0);
	return plumb_genl_route_new(NULL, &r->info);
}

static int route_del(struct kunit *test, struct request *r)
{
	KUNIT_ASSERT_EQ(test, parse(r, plumb_genl_route_policy, PLUMB_A_ROUTE_MAX), 0);
	return plumb_genl_route_del(NULL, &r->info);
}

#define NET	KIT_ADDR(198, 18, 0, 0)
#define HOST	KIT_ADDR(198, 18, 3, 4)

static void every_attribute_of_a_route_arrives(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct request *r = route_request(test, NET, 15);
	struct plumb_fib_result res;
	struct plumb_route got = {};

	attr_addr(r, PLUMB_A_ROUTE_GATEWAY, KIT_ADDR(10, 9, 0, 7));
	attr_addr(r, PLUMB_A_ROUTE_PREFSRC, KIT_OURS);
	attr_u32(r, PLUMB_A_ROUTE_METRIC, 77);
	attr_u32(r, PLUMB_A_ROUTE_MTU, 1300);
	attr_u32(r, PLUMB_A_ROUTE_IFINDEX, dev->ifindex);
	attr_u8(r, PLUMB_A_ROUTE_PROTOCOL, RTPROT_STATIC);
	KUNIT_ASSERT_EQ(test, route_new(test, r), 0);
	rcu_read_lock();
	if (!plumb_fib_lookup(kit_pn, HOST, 0, &res))
		got = *res.route;
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, (__force u32)got.dst, (__force u32)NET);
	KUNIT_EXPECT_EQ(test, got.plen, 15);
	KUNIT_EXPECT_EQ(test, (__force u32)got.gateway, (__force u32)KIT_ADDR(10, 9, 0, 7));
	KUNIT_EXPECT_EQ(test, (__force u32)got.prefsrc, (__force u32)KIT_OURS);
	KUNIT_EXPECT_EQ(test, got.metric, 77);
	KUNIT_EXPECT_EQ(test, got.mtu, 1300);
	KUNIT_EXPECT_EQ(test, got.ifindex, dev->ifindex);
	KUNIT_EXPECT_EQ(test, got.protocol, RTPROT_STATIC);
	KUNIT_EXPECT_EQ(test, got.type, RTN_UNICAST);
	KUNIT_EXPECT_EQ(test, got.table, RT_TABLE_MAIN);

	r = route_request(test, NET, 15);
	attr_u32(r, PLUMB_A_ROUTE_METRIC, 77);
	KUNIT_EXPECT_EQ(test, route_del(test, r), 0);
	r = route_request(test, NET, 15);
	KUNIT_EXPECT_EQ(test, route_del(test, r), -ESRCH);
}

static void how_is_iproute2s_verb(struct kunit *test)
{
	static const struct {
		u32 how;
		int err;
	} steps[] = {
		{ PLUMB_HOW_CHANGE, -ENOENT }, { PLUMB_HOW_ADD, 0 }, { PLUMB_HOW_ADD, -EEXIST },
		{ PLUMB_HOW_CHANGE, 0 }, { PLUMB_HOW_REPLACE, 0 }, { PLUMB_HOW_APPEND, -EEXIST },
		{ PLUMB_HOW_PREPEND, -EEXIST },
	};
	struct request *r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		r = route_request(test, NET, 15);
		attr_u8(r, PLUMB_A_ROUTE_TYPE, RTN_BLACKHOLE);
		attr_u32(r, PLUMB_A_ROUTE_HOW, steps[i].how);
		KUNIT_EXPECT_EQ_MSG(test, route_new(test, r), steps[i].err, "step %zu", i);
	}
	KUNIT_EXPECT_EQ(test, route_del(test, route_request(test, NET, 15)), 0);
}

static void half_a_destination_is_refused(struct kunit *test)
{
	struct request *r = request_new(test);

	attr_addr(r, PLUMB_A_ROUTE_DST, NET);
	KUNIT_EXPECT_EQ(test, route_new(test, r), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, r->extack._msg);
	r = request_new(test);
	attr_u8(r, PLUMB_A_ROUTE_PREFIXLEN, 8);
	KUNIT_EXPECT_EQ(test, route_new(test, r), -EINVAL);
}

static void route_that_contradicts_itself_is_refused(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct request *r;

	/* Bits outside the prefix. */
	r = route_request(test, HOST, 15);
	attr_u32(r, PLUMB_A_ROUTE_IFINDEX, dev->ifindex);
	KUNIT_EXPECT_EQ(test, route_new(test, r), -EINVAL);
	/* A gateway that no link of ours reaches. */
	r = route_request(test, NET, 15);
	attr_addr(r, PLUMB_A_ROUTE_GATEWAY, KIT_ADDR(203, 0, 113, 1));
	KUNIT_EXPECT_EQ(test, route_new(test, r), -ENETUNREACH);
	/* No such device. */
	r = route_request(test, NET, 15);
	attr_u32(r, PLUMB_A_ROUTE_IFINDEX, 0x7fffffff);
	KUNIT_EXPECT_EQ(test, route_new(test, r), -ENODEV);
}

static void address_needs_device_and_address(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct request *r = request_new(test);

	attr_addr(r, PLUMB_A_ADDR_LOCAL, KIT_ADDR(10, 9, 1, 1));
	KUNIT_ASSERT_EQ(test, parse(r, plumb_genl_addr_policy, PLUMB_A_ADDR_MAX), 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_new(NULL, &r->info), -EINVAL);
	KUNIT_EXPECT_EQ(test, r->extack.miss_type, PLUMB_A_ADDR_IFINDEX);
	r = request_new(test);
	attr_u32(r, PLUMB_A_ADDR_IFINDEX, dev->ifindex);
	KUNIT_ASSERT_EQ(test, parse(r, plumb_genl_addr_policy, PLUMB_A_ADDR_MAX), 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_new(NULL, &r->info), -EINVAL);
	KUNIT_EXPECT_EQ(test, r->extack.miss_type, PLUMB_A_ADDR_LOCAL);
}

static void address_comes_and_goes(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct request *r = request_new(test);
	struct plumb_fib_result res;
	int err;

	attr_u32(r, PLUMB_A_ADDR_IFINDEX, dev->ifindex);
	attr_addr(r, PLUMB_A_ADDR_LOCAL, KIT_ADDR(198, 18, 0, 1));
	attr_u8(r, PLUMB_A_ADDR_PREFIXLEN, 16);
	KUNIT_ASSERT_EQ(test, parse(r, plumb_genl_addr_policy, PLUMB_A_ADDR_MAX), 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_new(NULL, &r->info), 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_new(NULL, &r->info), -EEXIST);
	rcu_read_lock();
	err = plumb_fib_lookup(kit_pn, HOST, 0, &res);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_del(NULL, &r->info), 0);
	KUNIT_EXPECT_EQ(test, plumb_genl_addr_del(NULL, &r->info), -EADDRNOTAVAIL);
	rcu_read_lock();
	err = plumb_fib_lookup(kit_pn, HOST, 0, &res);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, err, -ENETUNREACH);
}

static struct kunit_case netlink_cases[] = {
	KUNIT_CASE(route_policy),
	KUNIT_CASE(addr_policy),
	KUNIT_CASE(every_attribute_of_a_route_arrives),
	KUNIT_CASE(how_is_iproute2s_verb),
	KUNIT_CASE(half_a_destination_is_refused),
	KUNIT_CASE(route_that_contradicts_itself_is_refused),
	KUNIT_CASE(address_needs_device_and_address),
	KUNIT_CASE(address_comes_and_goes),
	{}
};

static struct kunit_suite netlink_suite = {
	.name = "plumb_netlink",
	.test_cases = netlink_cases,
};

kunit_test_suite(netlink_suite);
