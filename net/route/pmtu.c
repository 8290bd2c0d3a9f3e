// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTUs learnt from ICMP "fragmentation needed" (RFC 1191), a destination each.
 *
 * A table of buckets that hold a few entries each, so that its size is bounded whoever sends
 * what: a new entry takes the place of the one that would expire first. An entry counts for
 * ten minutes (RFC 1191 6.3); then a worker forgets it, and makes cached paths stale,
 * so that connections try the larger size again.
 *
 * Lifetime: entries are changed under @lock, found under RCU, freed by kfree_rcu(). The
 * worker is pending only while there are entries, and is stopped before the table is freed.
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "pmtu.h"

#define PMTU_BUCKETS	256
#define PMTU_DEPTH	8			/* entries a bucket */
#define PMTU_EXPIRES	(600 * HZ)
#define PMTU_SWEEP	(30 * HZ)

struct pmtu_entry {
	struct hlist_node	node;
	__be32			daddr;
	u32			mtu;
	unsigned long		expires;	/* jiffies */
	struct rcu_head		rcu;
};

struct plumb_pmtu_table {
	spinlock_t		lock;	/* guards what follows, but not @sweep */
	unsigned int		n;
	struct hlist_head	bucket[PMTU_BUCKETS];
	struct delayed_work	sweep;
	struct plumb_net	*pn;
};

static struct hlist_head *pmtu_bucket(struct plumb_net *pn, __be32 daddr)
{
	u64 h = siphash_1u32((__force u32)daddr, &pn->hash_key);

	return &pn->pmtu->bucket[h % PMTU_BUCKETS];
}

static struct pmtu_entry *pmtu_find(struct hlist_head *bucket, __be32 daddr, bool locked)
{
	struct pmtu_entry *e;

	hlist_for_each_entry_rcu(e, bucket, node, locked)
		if (e->daddr == daddr)
			return e;
	return NULL;
}

static void pmtu_unlink(struct plumb_pmtu_table *t, struct pmtu_entry *e)
{
	hlist_del_rcu(&e->node);
	t->n--;
	kfree_rcu(e, rcu);
}

/* Make room for one more: the entry nearest to its end goes if the bucket is full. */
static void pmtu_make_room(struct plumb_pmtu_table *t, struct hlist_head *bucket)
{
	struct pmtu_entry *e, *oldest = NULL;
	unsigned int n = 0;

	hlist_for_each_entry(e, bucket, node) {
		n++;
		if (!oldest || time_before(e->expires, oldest->expires))
			oldest = e;
	}
	if (n >= PMTU_DEPTH)
		pmtu_unlink(t, oldest);
}

/* What counts from now on; *@news: it is another than before. */
static u32 pmtu_set(struct plumb_pmtu_table *t, struct hlist_head *bucket, __be32 daddr, u32 mtu,
		    bool *news)
	__must_hold(&t->lock)
{
	struct pmtu_entry *e;

	lockdep_assert_held(&t->lock);
	e = pmtu_find(bucket, daddr, true);
	if (e) {
		/* A router can not tell that the path got wider (RFC 1191 3). */
		if (time_before(jiffies, e->expires) && e->mtu <= mtu)
			return e->mtu;
		*news = true;
		WRITE_ONCE(e->mtu, mtu);
		WRITE_ONCE(e->expires, jiffies + PMTU_EXPIRES);
		return mtu;
	}
	pmtu_make_room(t, bucket);
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return mtu;
	e->daddr = daddr;
	e->mtu = mtu;
	e->expires = jiffies + PMTU_EXPIRES;
	hlist_add_head_rcu(&e->node, bucket);
	*news = true;
	if (!t->n++)
		schedule_delayed_work(&t->sweep, PMTU_SWEEP);
	return mtu;
}

u32 plumb_pmtu_learn(struct plumb_net *pn, __be32 daddr, u32 mtu)
{
	struct plumb_pmtu_table *t = pn->pmtu;
	struct hlist_head *bucket = pmtu_bucket(pn, daddr);
	bool news = false;

	mtu = max_t(u32, mtu, PLUMB_PMTU_MIN);
	spin_lock_bh(&t->lock);
	mtu = pmtu_set(t, bucket, daddr, mtu, &news);
	spin_unlock_bh(&t->lock);
	/* Cached paths have the old one. */
	if (news)
		plumb_path_genid_bump(pn);
	return mtu;
}

u32 plumb_pmtu_get(struct plumb_net *pn, __be32 daddr, u32 *expires)
{
	struct pmtu_entry *e;
	long left;

	if (expires)
		*expires = 0;
	if (likely(!READ_ONCE(pn->pmtu->n)))
		return 0;
	e = pmtu_find(pmtu_bucket(pn, daddr), daddr, false);
	if (!e)
		return 0;
	left = READ_ONCE(e->expires) - jiffies;
	if (left <= 0)
		return 0;
	if (expires)
		*expires = DIV_ROUND_UP(left, HZ);
	return READ_ONCE(e->mtu);
}

/* Forget what has expired, or all. True if anything went. */
static bool pmtu_forget(struct plumb_pmtu_table *t, bool all)
{
	struct hlist_node *next;
	struct pmtu_entry *e;
	bool any = false;
	int i;

	spin_lock_bh(&t->lock);
	for (i = 0; i < PMTU_BUCKETS && t->n; i++) {
		hlist_for_each_entry_safe(e, next, &t->bucket[i], node) {
			if (!all && time_before(jiffies, e->expires))
				continue;
			pmtu_unlink(t, e);
			any = true;
		}
	}
	spin_unlock_bh(&t->lock);
	return any;
}

static void pmtu_sweep(struct work_struct *work)
{
	struct plumb_pmtu_table *t = container_of(to_delayed_work(work),
						  struct plumb_pmtu_table, sweep);

	if (pmtu_forget(t, false))
		plumb_path_genid_bump(t->pn);
	if (READ_ONCE(t->n))
		schedule_delayed_work(&t->sweep, PMTU_SWEEP);
}

void plumb_pmtu_flush(struct plumb_net *pn)
{
	if (pmtu_forget(pn->pmtu, true))
		plumb_path_genid_bump(pn);
}

int plumb_pmtu_net_init(struct plumb_net *pn)
{
	struct plumb_pmtu_table *t;
	int i;

	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock);
	for (i = 0; i < PMTU_BUCKETS; i++)
		INIT_HLIST_HEAD(&t->bucket[i]);
	INIT_DELAYED_WORK(&t->sweep, pmtu_sweep);
	t->pn = pn;
	pn->pmtu = t;
	return 0;
}

void plumb_pmtu_net_exit(struct plumb_net *pn)
{
	cancel_delayed_work_sync(&pn->pmtu->sweep);
	pmtu_forget(pn->pmtu, true);
	kfree(pn->pmtu);
	pn->pmtu = NULL;
}
