// SPDX-License-Identifier: GPL-2.0
/*
 * The forwarding table: routes hang in the nodes of a trie of prefixes (trie.c), in each
 * node sorted: those of the local table first, then by metric. Looked up once for each
 * path that is resolved and for each packet that is forwarded.
 *
 * Lifetime: a route is inserted and removed under RTNL, found under RCU, and freed after a grace
 * period. It points to its device without a reference: a device that goes takes its routes
 * out before its last grace period (plumb_fib_flush_dev()).
 */
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <plumb/event.h>

#include "fib.h"
#include "fib_table.h"
#include "iface.h"
#include "pmtu.h"

/* A device without carrier is still a way, but any other of the prefix is better. */
static const struct plumb_fib_route *fib_pick(const struct plumb_trie_node *n, int oif)
{
	const struct plumb_fib_route *e;

	list_for_each_entry_rcu(e, &n->routes, node, lockdep_rtnl_is_held())
		if (!oif || !e->r.ifindex || e->r.ifindex == oif)
			return e;
	return NULL;
}

static int fib_errno(u8 type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return -EHOSTUNREACH;
	case RTN_PROHIBIT:
		return -EACCES;
	case RTN_BLACKHOLE:
		return -EINVAL;
	default:
		return 0;
	}
}

int plumb_fib_lookup(struct plumb_net *pn, __be32 daddr, int oif, struct plumb_fib_result *res)
{
	const struct plumb_fib_route *best = NULL, *e;
	const struct plumb_trie_node *n;
	u32 key = ntohl(daddr);

	n = rcu_dereference_rtnl(pn->fib->trie.root);
	while (n && plumb_trie_match(n, key)) {
		e = fib_pick(n, oif);
		if (e)
			best = e;
		n = plumb_trie_step(n, key);
	}
	if (!best)
		return -ENETUNREACH;
	res->route = &best->r;
	res->dev = best->dev;
	res->nexthop = best->r.gateway ?: daddr;
	return fib_errno(best->r.type);
}

static __be32 fib_prefsrc(struct plumb_net *pn, const struct plumb_route *r)
{
	/* Linux may mean an address of a device that is not shared. */
	return !READ_ONCE(r->import) || plumb_ifa_find(pn, r->prefsrc) ? r->prefsrc : 0;
}

__be32 plumb_fib_source(struct plumb_net *pn, const struct plumb_fib_result *res)
{
	u8 scope = res->route->type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK;

	return fib_prefsrc(pn, res->route) ?:
	       plumb_addr_select(pn, res->dev, res->nexthop, scope);
}

__be32 plumb_fib_saddr(struct plumb_net *pn, const struct plumb_fib_result *res)
{
	if (res->route->type == RTN_LOCAL)
		return fib_prefsrc(pn, res->route) ?: res->nexthop;
	return plumb_fib_source(pn, res);
}

/* Local table first, then ours before Linux's, then the lower metric. */
static int fib_order(const struct plumb_route *a, const struct plumb_route *b)
{
	bool a_local = a->table == RT_TABLE_LOCAL, b_local = b->table == RT_TABLE_LOCAL;

	if (a_local != b_local)
		return a_local ? -1 : 1;
	if (!a->import != !b->import)
		return a->import ? 1 : -1;
	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	return 0;
}

static bool fib_same(const struct plumb_route *a, const struct plumb_route *b)
{
	return a->type == b->type && a->gateway == b->gateway && a->ifindex == b->ifindex &&
	       a->scope == b->scope && a->prefsrc == b->prefsrc && a->protocol == b->protocol;
}

/* The first route of @n that stands in the same place as @r: same table, same metric. */
static struct plumb_fib_route *fib_rival(struct plumb_trie_node *n, const struct plumb_route *r)
{
	struct plumb_fib_route *e;

	list_for_each_entry(e, &n->routes, node)
		if (!fib_order(&e->r, r))
			return e;
	return NULL;
}

static bool fib_has_same(struct plumb_trie_node *n, const struct plumb_route *r)
{
	struct plumb_fib_route *e;

	list_for_each_entry(e, &n->routes, node)
		if (!fib_order(&e->r, r) && fib_same(&e->r, r))
			return true;
	return false;
}

/* Put @new in its place: before its equals, or behind them. */
static void fib_link(struct plumb_trie_node *n, struct plumb_fib_route *new, bool append)
{
	struct plumb_fib_route *e;
	int order;

	list_for_each_entry(e, &n->routes, node) {
		order = fib_order(&new->r, &e->r);
		if (order < 0 || (!order && !append)) {
			list_add_tail_rcu(&new->node, &e->node);
			return;
		}
	}
	list_add_tail_rcu(&new->node, &n->routes);
}

/*
 * Own addresses that no interface has: ip route add local ..., and the subnet of an address on the
 * loopback device. (All of 127/8 is own without being looked up: plumb_addr_local().)
 */
static bool fib_is_anyip(const struct plumb_route *r)
{
	return r->type == RTN_LOCAL && !ipv4_is_loopback(r->dst) &&
	       (r->protocol != RTPROT_KERNEL || r->plen < 32 || r->prefsrc != r->dst);
}

static void fib_count_anyip(struct plumb_net *pn, const struct plumb_route *r, int by)
{
	if (fib_is_anyip(r))
		WRITE_ONCE(pn->ifaces->anyip, pn->ifaces->anyip + by);
}

/* Linux tells of its routes where one must not sleep. */
static gfp_t fib_gfp(const struct plumb_route *r)
{
	return r->import ? GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN : GFP_KERNEL_ACCOUNT;
}

static struct plumb_fib_route *fib_route_new(const struct plumb_route *r, struct net_device *dev)
{
	struct plumb_fib_route *new = kzalloc(sizeof(*new), fib_gfp(r));

	if (new) {
		new->r = *r;
		new->dev = dev;
	}
	return new;
}

static int fib_insert_at(struct plumb_net *pn, struct plumb_trie_node *n,
			 const struct plumb_route *r, struct net_device *dev, u16 nlflags)
{
	struct plumb_fib_route *rival = fib_rival(n, r), *new;

	if (rival && nlflags & NLM_F_EXCL)
		return -EEXIST;
	if (!rival && !(nlflags & NLM_F_CREATE))
		return -ENOENT;
	if (rival && !(nlflags & NLM_F_REPLACE) && fib_has_same(n, r))
		return -EEXIST;
	new = fib_route_new(r, dev);
	if (!new)
		return -ENOMEM;

	fib_count_anyip(pn, r, 1);
	if (rival && nlflags & NLM_F_REPLACE) {
		list_replace_rcu(&rival->node, &new->node);
		fib_count_anyip(pn, &rival->r, -1);
		kfree_rcu(rival, rcu);
	} else {
		fib_link(n, new, nlflags & NLM_F_APPEND);
		pn->fib->n++;
	}
	plumb_event_route(pn, r, false);
	return 0;
}

int plumb_fib_insert(struct plumb_net *pn, const struct plumb_route *r, struct net_device *dev,
		     u16 nlflags)
{
	struct plumb_trie *trie = &pn->fib->trie;
	struct plumb_trie_node *n;
	int err;

	ASSERT_RTNL();
	if (pn->fib->n >= PLUMB_FIB_MAX)
		return -ENOSPC;
	n = plumb_trie_get(trie, ntohl(r->dst), r->plen, fib_gfp(r));
	if (!n)
		return -ENOMEM;
	err = fib_insert_at(pn, n, r, dev, nlflags);
	if (err) {
		plumb_trie_prune(trie, n);
		return err;
	}
	plumb_path_genid_bump(pn);
	return 0;
}

/* Take a route off its list and free it; the caller prunes the node. */
static void fib_unlink(struct plumb_net *pn, struct plumb_fib_route *e)
{
	fib_count_anyip(pn, &e->r, -1);
	list_del_rcu(&e->node);
	pn->fib->n--;
	plumb_event_route(pn, &e->r, true);
	kfree_rcu(e, rcu);
}

void plumb_fib_remove(struct plumb_net *pn, struct plumb_trie_node *n, struct plumb_fib_route *e)
{
	ASSERT_RTNL();
	fib_unlink(pn, e);
	plumb_trie_prune(&pn->fib->trie, n);
	plumb_path_genid_bump(pn);
}

static struct plumb_fib_route *fib_find_import(struct plumb_net *pn, const struct plumb_route *r)
{
	struct plumb_trie_node *n = plumb_trie_find(&pn->fib->trie, ntohl(r->dst), r->plen);
	struct plumb_fib_route *e;

	if (!n)
		return NULL;
	list_for_each_entry(e, &n->routes, node)
		if (!fib_order(&e->r, r) && fib_same(&e->r, r) && e->r.mtu == r->mtu &&
		    e->r.flags == r->flags && !memcmp(&e->r.m, &r->m, sizeof(r->m)))
			return e;
	return NULL;
}

int plumb_fib_import(struct plumb_net *pn, const struct plumb_route *r, struct net_device *dev)
{
	struct plumb_fib_route *e;
	int err;

	ASSERT_RTNL();
	e = fib_find_import(pn, r);
	if (e) {
		WRITE_ONCE(e->r.import, r->import);
		return 0;
	}
	err = plumb_fib_insert(pn, r, dev, NLM_F_CREATE);
	if (err != -EEXIST)
		return err;
	/* It differs in what does not tell routes apart: MTU and metrics. */
	plumb_fib_unimport(pn, r->dst, r->plen, 0);
	return plumb_fib_insert(pn, r, dev, NLM_F_CREATE);
}

void plumb_fib_unimport(struct plumb_net *pn, __be32 dst, u8 plen, u32 stamp)
{
	struct plumb_trie_node *n = plumb_trie_find(&pn->fib->trie, ntohl(dst), plen);
	struct plumb_fib_route *e, *next;
	bool any = false;

	ASSERT_RTNL();
	if (!n)
		return;
	list_for_each_entry_safe(e, next, &n->routes, node) {
		if (!e->r.import || e->r.import == stamp)
			continue;
		fib_unlink(pn, e);
		any = true;
	}
	if (!any)
		return;
	plumb_trie_prune(&pn->fib->trie, n);
	plumb_path_genid_bump(pn);
}

/* Which routes a flush removes. */
struct fib_flush {
	struct plumb_net	*pn;
	const struct net_device	*dev;		/* by this device, or NULL */
	__be32			source;		/* with this prefsrc, or 0 */
	u32			import;		/* Linux's, with an older stamp than this; or 0 */
	bool			all;
	bool			local_too;
	struct plumb_trie_node	*emptied;	/* a node to prune, then walk again */
};

static bool fib_flush_fits(const struct fib_flush *f, const struct plumb_fib_route *e)
{
	if (f->all)
		return true;
	if (f->source)
		return e->r.prefsrc == f->source;
	if (f->import)
		return e->r.import && (s32)(e->r.import - f->import) < 0;
	return e->dev == f->dev && (f->local_too || e->r.type != RTN_LOCAL);
}

static int fib_flush_node(struct plumb_trie_node *n, void *arg)
{
	struct plumb_fib_route *e, *next;
	struct fib_flush *f = arg;

	list_for_each_entry_safe(e, next, &n->routes, node)
		if (fib_flush_fits(f, e))
			fib_unlink(f->pn, e);
	if (!list_empty(&n->routes) ||
	    (rcu_access_pointer(n->child[0]) && rcu_access_pointer(n->child[1])))
		return 0;
	f->emptied = n;
	return 1;
}

/*
 * The walk stops at each node that became superfluous, and goes on from its prefix when that is
 * taken out: so no state of it points into what went, and its time is linear, however many routes
 * are kept (RTNL is held, and a table belongs to whoever has a user namespace).
 */
static void fib_flush(struct fib_flush *f)
{
	struct plumb_trie *trie = &f->pn->fib->trie;
	u32 prefix = 0;
	u8 plen = 0;

	ASSERT_RTNL();
	while (plumb_trie_walk_from(trie, prefix, plen, fib_flush_node, f)) {
		prefix = f->emptied->prefix;
		plen = f->emptied->plen;
		plumb_trie_prune(trie, f->emptied);
	}
	plumb_path_genid_bump(f->pn);
}

void plumb_fib_flush_dev(struct plumb_net *pn, const struct net_device *dev, bool local_too)
{
	struct fib_flush f = { .pn = pn, .dev = dev, .local_too = local_too };

	fib_flush(&f);
	plumb_pmtu_flush(pn);
}

void plumb_fib_flush_source(struct plumb_net *pn, __be32 addr)
{
	struct fib_flush f = { .pn = pn, .source = addr };

	fib_flush(&f);
}

void plumb_fib_flush_import(struct plumb_net *pn, u32 stamp)
{
	struct fib_flush f = { .pn = pn, .import = stamp };

	fib_flush(&f);
}

int plumb_fib_net_init(struct plumb_net *pn)
{
	pn->fib = kzalloc(sizeof(*pn->fib), GFP_KERNEL_ACCOUNT);
	return pn->fib ? 0 : -ENOMEM;
}

static int fib_free_node(struct plumb_trie_node *n, void *arg)
{
	struct plumb_fib_route *e, *next;

	list_for_each_entry_safe(e, next, &n->routes, node)
		fib_unlink(arg, e);
	return 0;
}

/* What hangs on devices is gone with them; unreachable and blackhole routes are left. */
void plumb_fib_net_exit(struct plumb_net *pn)
{
	rtnl_lock();
	plumb_trie_walk(&pn->fib->trie, fib_free_node, pn);
	plumb_trie_clear(&pn->fib->trie);
	rtnl_unlock();
	kfree(pn->fib);
	pn->fib = NULL;
}
