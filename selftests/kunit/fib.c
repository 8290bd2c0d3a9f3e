// SPDX-License-Identifier: GPL-2.0
/* The forwarding table: the trie against a plain list, then what the table makes of it. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "net/route/fib.h"
#include "net/route/fib_table.h"
#include "net/route/trie.h"

#include "kit.h"

#define PREFIXES	300
#define KEYS		2000

/* --- the trie --- */

struct prefix {
	u32			prefix;
	u8			plen;
	bool			in;
	struct list_head	node;	/* in the trie's node, which keeps that */
};

static struct prefix *prefixes_random(struct kunit *test, struct rnd_state *rnd)
{
	struct prefix *p = kunit_kcalloc(test, PREFIXES, sizeof(*p), GFP_KERNEL);
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (i = 0; i < PREFIXES; i++) {
		/* Few bits differ, so that many contain one another. */
		p[i].plen = prandom_u32_state(rnd) % 33;
		p[i].prefix = (prandom_u32_state(rnd) & 0x0f0f0f0f) & plumb_trie_mask(p[i].plen);
		for (j = 0; j < i; j++)
			if (p[j].plen == p[i].plen && p[j].prefix == p[i].prefix)
				break;
		if (j < i)
			i--;
	}
	return p;
}

static void prefix_add(struct kunit *test, struct plumb_trie *t, struct prefix *p)
{
	struct plumb_trie_node *n = plumb_trie_get(t, p->prefix, p->plen, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, n);
	KUNIT_ASSERT_EQ(test, n->prefix, p->prefix);
	KUNIT_ASSERT_EQ(test, n->plen, p->plen);
	list_add(&p->node, &n->routes);
	p->in = true;
}

static void prefix_remove(struct kunit *test, struct plumb_trie *t, struct prefix *p)
{
	struct plumb_trie_node *n = plumb_trie_find(t, p->prefix, p->plen);

	KUNIT_ASSERT_NOT_NULL(test, n);
	list_del(&p->node);
	p->in = false;
	plumb_trie_prune(t, n);
}

static const struct prefix *list_longest(const struct prefix *p, u32 key)
{
	const struct prefix *best = NULL;
	int i;

	for (i = 0; i < PREFIXES; i++)
		if (p[i].in && !((key ^ p[i].prefix) & plumb_trie_mask(p[i].plen)) &&
		    (!best || p[i].plen > best->plen))
			best = &p[i];
	return best;
}

static const struct plumb_trie_node *trie_longest(const struct plumb_trie *t, u32 key)
{
	const struct plumb_trie_node *n = rcu_dereference_rtnl(t->root), *best = NULL;

	while (n && plumb_trie_match(n, key)) {
		if (!list_empty(&n->routes))
			best = n;
		n = plumb_trie_step(n, key);
	}
	return best;
}

static void agree(struct kunit *test, const struct plumb_trie *t, const struct prefix *p,
		  struct rnd_state *rnd)
{
	int i;

	for (i = 0; i < KEYS; i++) {
		u32 key = prandom_u32_state(rnd) & (i & 1 ? 0x0f0f0f0f : ~0U);
		const struct prefix *want = list_longest(p, key);
		const struct plumb_trie_node *got = trie_longest(t, key);

		KUNIT_ASSERT_EQ_MSG(test, !want, !got, "key %08x", key);
		if (!want)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, want->plen, got->plen, "key %08x", key);
		KUNIT_ASSERT_EQ_MSG(test, want->prefix, got->prefix, "key %08x", key);
	}
}

struct order {
	struct kunit	*test;
	u32		prefix;
	u8		plen;
	int		nodes, glue;
};

static int order_node(struct plumb_trie_node *n, void *arg)
{
	struct order *o = arg;

	if (o->nodes++)
		KUNIT_EXPECT_TRUE_MSG(o->test, n->prefix > o->prefix ||
				      (n->prefix == o->prefix && n->plen > o->plen),
				      "%08x/%u after %08x/%u", n->prefix, n->plen, o->prefix,
				      o->plen);
	o->prefix = n->prefix;
	o->plen = n->plen;
	if (list_empty(&n->routes)) {
		o->glue++;
		KUNIT_EXPECT_TRUE(o->test, rcu_access_pointer(n->child[0]) &&
				  rcu_access_pointer(n->child[1]));
	}
	return 0;
}

static void trie_agrees_with_a_list(struct kunit *test)
{
	struct plumb_trie t = {};
	struct order o = { .test = test };
	struct rnd_state rnd;
	struct prefix *p;
	int i;

	prandom_seed_state(&rnd, 4711);
	p = prefixes_random(test, &rnd);
	rtnl_lock();
	for (i = 0; i < PREFIXES; i++)
		prefix_add(test, &t, &p[i]);
	agree(test, &t, p, &rnd);
	for (i = 0; i < PREFIXES; i += 2)
		prefix_remove(test, &t, &p[i]);
	agree(test, &t, p, &rnd);
	plumb_trie_walk(&t, order_node, &o);
	KUNIT_EXPECT_EQ(test, o.nodes - o.glue, PREFIXES / 2);
	KUNIT_EXPECT_LT(test, o.glue, PREFIXES / 2);
	for (i = 1; i < PREFIXES; i += 2)
		prefix_remove(test, &t, &p[i]);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(t.root));
	rtnl_unlock();
}

/* Glue is passed over. */
static int stop_at_first(struct plumb_trie_node *n, void *arg)
{
	struct order *o = arg;

	if (list_empty(&n->routes))
		return 0;
	o->prefix = n->prefix;
	o->plen = n->plen;
	return 1;
}

static void trie_walk_goes_on_from_any_prefix(struct kunit *test)
{
	static const struct {
		u32 prefix;
		u8 plen;
	} in[] = {
		{ 0x0a000000, 8 }, { 0x0a010000, 16 }, { 0x0a010100, 24 }, { 0x0a020000, 16 },
		{ 0xc0000000, 8 },
	}, from[] = {	/* and the place in the other table of what comes first */
		{ 0, 0 }, { 0x0a000000, 9 }, { 0x0a010000, 17 }, { 0x0a010101, 32 },
		{ 0x0a020000, 24 },
	};
	struct prefix p[ARRAY_SIZE(in)] = {};
	struct order o = { .test = test };
	struct plumb_trie t = {};
	size_t i;

	rtnl_lock();
	for (i = 0; i < ARRAY_SIZE(in); i++) {
		p[i].prefix = in[i].prefix;
		p[i].plen = in[i].plen;
		prefix_add(test, &t, &p[i]);
	}
	for (i = 1; i < ARRAY_SIZE(from); i++) {
		o.prefix = from[i].prefix;
		o.plen = from[i].plen;
		KUNIT_ASSERT_EQ(test, plumb_trie_walk_from(&t, o.prefix, o.plen, stop_at_first, &o),
				1);
		KUNIT_EXPECT_EQ_MSG(test, o.prefix, in[i].prefix, "from %08x/%u", from[i].prefix,
				    from[i].plen);
	}
	KUNIT_EXPECT_EQ(test, plumb_trie_walk_from(&t, 0xc0000001, 32, stop_at_first, &o), 0);
	for (i = 0; i < ARRAY_SIZE(in); i++)
		prefix_remove(test, &t, &p[i]);
	rtnl_unlock();
}

static void trie_clear_leaves_nothing(struct kunit *test)
{
	struct plumb_trie t = {};
	struct rnd_state rnd;
	struct prefix *p;
	int i;

	prandom_seed_state(&rnd, 1);
	p = prefixes_random(test, &rnd);
	rtnl_lock();
	for (i = 0; i < PREFIXES; i++) {
		prefix_add(test, &t, &p[i]);
		list_del_init(&p[i].node);
	}
	plumb_trie_clear(&t);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(t.root));
	rtnl_unlock();
}

/* --- the table --- */

#define NET	KIT_ADDR(198, 18, 0, 0)
#define HOST	KIT_ADDR(198, 18, 3, 4)

static struct plumb_route route(const struct net_device *dev, __be32 dst, u8 plen, u32 metric)
{
	return (struct plumb_route) {
		.dst = dst,
		.plen = plen,
		.metric = metric,
		.ifindex = dev ? dev->ifindex : 0,
		.type = dev ? RTN_UNICAST : RTN_BLACKHOLE,
		.table = RT_TABLE_MAIN,
		.scope = RT_SCOPE_LINK,
		.protocol = RTPROT_BOOT,
	};
}

static int insert(struct net_device *dev, __be32 dst, u8 plen, u32 metric, u16 flags)
{
	struct plumb_route r = route(dev, dst, plen, metric);
	int err;

	rtnl_lock();
	err = plumb_fib_insert(kit_pn, &r, dev, flags);
	rtnl_unlock();
	return err;
}

static int lookup(__be32 daddr, int oif, struct plumb_fib_result *res)
{
	int err;

	memset(res, 0, sizeof(*res));
	rcu_read_lock();
	err = plumb_fib_lookup(kit_pn, daddr, oif, res);
	rcu_read_unlock();
	return err;
}

static void flush(struct net_device *dev)
{
	rtnl_lock();
	plumb_fib_flush_dev(kit_pn, dev, false);
	rtnl_unlock();
}

#define ADD	(NLM_F_CREATE | NLM_F_EXCL)

static void fib_longest_prefix_wins(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_fib_result res;

	KUNIT_EXPECT_EQ(test, lookup(HOST, 0, &res), -ENETUNREACH);
	KUNIT_ASSERT_EQ(test, insert(dev, 0, 0, 5, ADD), 0);
	KUNIT_ASSERT_EQ(test, insert(dev, NET, 15, 6, ADD), 0);
	KUNIT_ASSERT_EQ(test, insert(dev, HOST, 32, 7, ADD), 0);
	KUNIT_ASSERT_EQ(test, lookup(HOST, 0, &res), 0);
	KUNIT_EXPECT_EQ(test, res.route->metric, 7);
	KUNIT_ASSERT_EQ(test, lookup(HOST ^ htonl(1), 0, &res), 0);
	KUNIT_EXPECT_EQ(test, res.route->metric, 6);
	KUNIT_ASSERT_EQ(test, lookup(KIT_ADDR(203, 0, 113, 1), 0, &res), 0);
	KUNIT_EXPECT_EQ(test, res.route->metric, 5);
	KUNIT_EXPECT_EQ(test, (__force u32)res.nexthop, (__force u32)KIT_ADDR(203, 0, 113, 1));
	flush(dev);
	KUNIT_EXPECT_EQ(test, lookup(HOST, 0, &res), -ENETUNREACH);
}

static void fib_lower_metric_wins_and_the_rest_stands_by(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_fib_result res;

	KUNIT_ASSERT_EQ(test, insert(dev, NET, 15, 20, ADD), 0);
	KUNIT_ASSERT_EQ(test, insert(dev, NET, 15, 10, ADD), 0);
	KUNIT_ASSERT_EQ(test, insert(dev, NET, 15, 30, ADD), 0);
	KUNIT_ASSERT_EQ(test, lookup(HOST, 0, &res), 0);
	KUNIT_EXPECT_EQ(test, res.route->metric, 10);
	flush(dev);
}

static void fib_flags_of_netlink(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);

	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, NLM_F_REPLACE), -ENOENT);
	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, ADD), 0);
	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, ADD), -EEXIST);
	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, NLM_F_CREATE), -EEXIST);
	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, NLM_F_REPLACE), 0);
	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 2, NLM_F_CREATE | NLM_F_REPLACE), 0);
	flush(dev);
}

static void fib_failed_insert_leaves_no_node(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);

	KUNIT_EXPECT_EQ(test, insert(dev, NET, 15, 1, NLM_F_REPLACE), -ENOENT);
	rtnl_lock();
	KUNIT_EXPECT_NULL(test, plumb_trie_find(&kit_pn->fib->trie, ntohl(NET), 15));
	rtnl_unlock();
}

static void fib_device_asked_for_decides(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_fib_result res;

	KUNIT_ASSERT_EQ(test, insert(dev, 0, 0, 1, ADD), 0);
	KUNIT_EXPECT_EQ(test, lookup(HOST, dev->ifindex, &res), 0);
	KUNIT_EXPECT_PTR_EQ(test, res.dev, dev);
	KUNIT_EXPECT_EQ(test, lookup(HOST, dev->ifindex + 1, &res), -ENETUNREACH);
	flush(dev);
}

static void fib_blackhole_has_its_errno(struct kunit *test)
{
	struct plumb_fib_result res;

	KUNIT_ASSERT_EQ(test, insert(NULL, NET, 15, 1, ADD), 0);
	KUNIT_EXPECT_EQ(test, lookup(HOST, 0, &res), -EINVAL);
	/* It hangs on no device: flushing that of none takes it. */
	flush(NULL);
	KUNIT_EXPECT_EQ(test, lookup(HOST, 0, &res), -ENETUNREACH);
}

static void fib_every_change_outdates_paths(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	int before = atomic_read(&kit_pn->path_genid);

	KUNIT_ASSERT_EQ(test, insert(dev, NET, 15, 1, ADD), 0);
	KUNIT_EXPECT_NE(test, atomic_read(&kit_pn->path_genid), before);
	before = atomic_read(&kit_pn->path_genid);
	flush(dev);
	KUNIT_EXPECT_NE(test, atomic_read(&kit_pn->path_genid), before);
}

static void fib_source_is_an_address_of_the_device(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct plumb_fib_result res;
	__be32 source = 0;

	KUNIT_ASSERT_EQ(test, insert(dev, 0, 0, 1, ADD), 0);
	rcu_read_lock();
	if (!plumb_fib_lookup(kit_pn, HOST, 0, &res))
		source = plumb_fib_source(kit_pn, &res);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, (__force u32)source, (__force u32)KIT_OURS);
	flush(dev);
}

static struct kunit_case fib_cases[] = {
	KUNIT_CASE(trie_agrees_with_a_list),
	KUNIT_CASE(trie_walk_goes_on_from_any_prefix),
	KUNIT_CASE(trie_clear_leaves_nothing),
	KUNIT_CASE(fib_longest_prefix_wins),
	KUNIT_CASE(fib_lower_metric_wins_and_the_rest_stands_by),
	KUNIT_CASE(fib_flags_of_netlink),
	KUNIT_CASE(fib_failed_insert_leaves_no_node),
	KUNIT_CASE(fib_device_asked_for_decides),
	KUNIT_CASE(fib_blackhole_has_its_errno),
	KUNIT_CASE(fib_every_change_outdates_paths),
	KUNIT_CASE(fib_source_is_an_address_of_the_device),
	{}
};

static struct kunit_suite fib_suite = {
	.name = "plumb_fib",
	.test_cases = fib_cases,
};

kunit_test_suite(fib_suite);
