// SPDX-License-Identifier: GPL-2.0
/*
 * The table of neighbours: find, make, forget. Its size is bounded by neigh_gc_thresh3: when it
 * is full, the oldest entry that nobody holds makes room, and if all are held there is no new one.
 */
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "state.h"

#define NEIGH_GC_LOOK		32	/* entries looked at to make room for one */

/* How often entries that nobody used for long are looked for, in jiffies: no less than a second. */
static unsigned long neigh_gc_interval(const struct plumb_net *pn)
{
	return max(HZ, READ_ONCE(pn->sysctl.neigh_gc_interval));
}

static struct hlist_head *neigh_bucket(struct plumb_net *pn, const struct net_device *dev,
				       __be32 addr)
{
	u64 h = siphash_2u32((__force u32)addr, dev->ifindex, &pn->hash_key);

	return &pn->neigh->hash[h % PLUMB_NEIGH_HASH];
}

static struct plumb_neigh *neigh_search(struct hlist_head *bucket, const struct net_device *dev,
					__be32 addr, bool locked)
{
	struct plumb_neigh *n;

	hlist_for_each_entry_rcu(n, bucket, hash, locked)
		if (n->addr == addr && n->dev == dev)
			return n;
	return NULL;
}

struct plumb_neigh *plumb_neigh_find(struct plumb_net *pn, const struct net_device *dev,
				     __be32 addr)
{
	struct plumb_neigh *n = neigh_search(neigh_bucket(pn, dev, addr), dev, addr, false);

	atomic_long_inc(&pn->neigh->lookups);
	if (!n || !refcount_inc_not_zero(&n->refcnt))
		return NULL;
	atomic_long_inc(&pn->neigh->hits);
	return n;
}

void plumb_neigh_put(struct plumb_neigh *n)
{
	if (!refcount_dec_and_test(&n->refcnt))
		return;
	WARN_ON_ONCE(!n->dead);
	atomic_long_inc(&n->table->destroys);
	kfree_rcu(n, rcu);
}

static void neigh_detach(struct plumb_neigh *n)
	__must_hold(&n->table->lock)
{
	lockdep_assert_held(&n->table->lock);
	hlist_del_rcu(&n->hash);
	list_del(&n->lru);
	n->table->n--;
	WRITE_ONCE(n->dead, true);
}

void plumb_neigh_unlink(struct plumb_neigh *n)
{
	struct plumb_neigh_table *t = n->table;
	bool ours = false;

	spin_lock_bh(&t->lock);
	if (!n->dead) {
		neigh_detach(n);
		ours = true;
	}
	spin_unlock_bh(&t->lock);
	if (!ours)
		return;
	plumb_neigh_kill(n);
	plumb_neigh_put(n);
}

/* Held by nothing but the table, and not put there by hand. */
static bool neigh_idle(const struct plumb_neigh *n)
{
	return refcount_read(&n->refcnt) == 1 && !(READ_ONCE(n->state) & NUD_PERMANENT);
}

/*
 * Take the oldest idle entry out, of the few oldest. It is returned, to be killed without the
 * lock.
 */
static struct plumb_neigh *neigh_evict(struct plumb_neigh_table *t)
	__must_hold(&t->lock)
{
	struct plumb_neigh *n, *next;
	int look = NEIGH_GC_LOOK;

	list_for_each_entry_safe(n, next, &t->lru, lru) {
		if (neigh_idle(n)) {
			neigh_detach(n);
			return n;
		}
		/* Those that are held go behind, so that the next look sees others. */
		list_move_tail(&n->lru, &t->lru);
		if (!--look)
			break;
	}
	return NULL;
}

static struct plumb_neigh *neigh_alloc(struct plumb_net *pn, struct net_device *dev, __be32 addr)
{
	struct plumb_neigh *n = kzalloc(sizeof(*n), GFP_ATOMIC);

	if (!n)
		return NULL;
	n->dev = dev;
	n->addr = addr;
	n->table = pn->neigh;
	n->used = jiffies;
	n->updated = jiffies;
	n->confirmed = jiffies - pn->sysctl.neigh_base_reachable_time * 2;
	refcount_set(&n->refcnt, 2);
	spin_lock_init(&n->lock);
	seqcount_spinlock_init(&n->hh_seq, &n->lock);
	__skb_queue_head_init(&n->queue);
	return n;
}

static void neigh_link(struct plumb_neigh_table *t, struct hlist_head *bucket,
		       struct plumb_neigh *n)
	__must_hold(&t->lock)
{
	hlist_add_head_rcu(&n->hash, bucket);
	list_add_tail(&n->lru, &t->lru);
	atomic_long_inc(&t->allocs);
	if (!t->n++)
		schedule_delayed_work(&t->gc, neigh_gc_interval(t->pn));
}

/*
 * Put @n into the table, or find that another has been quicker. The two references of a new
 * entry are the table's and the caller's.
 */
static struct plumb_neigh *neigh_enter(struct plumb_net *pn, struct plumb_neigh *n)
{
	struct hlist_head *bucket = neigh_bucket(pn, n->dev, n->addr);
	struct plumb_neigh_table *t = pn->neigh;
	struct plumb_neigh *other, *evicted = NULL;

	spin_lock_bh(&t->lock);
	other = neigh_search(bucket, n->dev, n->addr, true);
	if (other) {
		refcount_inc(&other->refcnt);
	} else {
		if (t->n >= READ_ONCE(pn->sysctl.neigh_gc_thresh3))
			evicted = neigh_evict(t);
		if (t->n < READ_ONCE(pn->sysctl.neigh_gc_thresh3)) {
			neigh_link(t, bucket, n);
			other = n;
		}
	}
	spin_unlock_bh(&t->lock);

	if (evicted) {
		plumb_neigh_kill(evicted);
		plumb_neigh_put(evicted);
	}
	if (!other)
		atomic_long_inc(&t->table_fulls);
	return other;
}

struct plumb_neigh *plumb_neigh_make(struct plumb_net *pn, struct net_device *dev, __be32 addr,
				     u8 type, bool *made)
{
	struct plumb_neigh *n, *in;

	*made = false;
	n = plumb_neigh_find(pn, dev, addr);
	if (n)
		return n;
	n = neigh_alloc(pn, dev, addr);
	if (!n)
		return NULL;
	plumb_neigh_start(n, type);
	in = neigh_enter(pn, n);
	if (in != n)
		kfree(n);
	else
		*made = true;
	return in;
}

struct plumb_neigh *plumb_neigh_get(struct plumb_net *pn, struct net_device *dev, __be32 addr,
				    u8 type)
{
	bool made;

	return plumb_neigh_make(pn, dev, addr, type, &made);
}

/* Not used for long: forget it, unless somebody holds it. */
static bool neigh_stale(struct plumb_net *pn, const struct plumb_neigh *n)
{
	unsigned long since = READ_ONCE(n->used);

	if (time_after(READ_ONCE(n->confirmed), since))
		since = READ_ONCE(n->confirmed);
	return neigh_idle(n) &&
	       (READ_ONCE(n->state) & NUD_FAILED ||
		time_after(jiffies, since + READ_ONCE(pn->sysctl.neigh_gc_stale_time)));
}

/* Take those that @fit out of the table, onto a list of their own (by their @lru). */
static void neigh_collect(struct plumb_neigh_table *t, struct list_head *out,
			  bool (*fit)(const struct plumb_neigh *n, void *arg), void *arg)
{
	struct plumb_neigh *n, *next;

	spin_lock_bh(&t->lock);
	list_for_each_entry_safe(n, next, &t->lru, lru) {
		if (!fit(n, arg))
			continue;
		neigh_detach(n);
		list_add_tail(&n->lru, out);
	}
	spin_unlock_bh(&t->lock);
}

static unsigned int neigh_dispose(struct list_head *list)
{
	struct plumb_neigh *n, *next;
	unsigned int count = 0;

	list_for_each_entry_safe(n, next, list, lru) {
		list_del(&n->lru);
		plumb_neigh_kill(n);
		plumb_neigh_put(n);
		count++;
	}
	return count;
}

static bool neigh_fit_stale(const struct plumb_neigh *n, void *arg)
{
	return neigh_stale(arg, n);
}

static void neigh_gc(struct work_struct *work)
{
	struct plumb_neigh_table *t = container_of(to_delayed_work(work),
						   struct plumb_neigh_table, gc);
	LIST_HEAD(out);

	/* Their devices stay at least as long as this. */
	rcu_read_lock();
	neigh_collect(t, &out, neigh_fit_stale, t->pn);
	neigh_dispose(&out);
	rcu_read_unlock();
	spin_lock_bh(&t->lock);
	if (t->n)
		schedule_delayed_work(&t->gc, neigh_gc_interval(t->pn));
	spin_unlock_bh(&t->lock);
}

/* What a flush takes. */
struct neigh_choice {
	const struct net_device	*dev;
	int			ifindex;
	u16			states;
};

static bool neigh_fit_choice(const struct plumb_neigh *n, void *arg)
{
	const struct neigh_choice *c = arg;
	u8 state = READ_ONCE(n->state);

	if (c->dev && n->dev != c->dev)
		return false;
	if (c->ifindex && n->dev->ifindex != c->ifindex)
		return false;
	return !c->states || state & c->states || !state;
}

static unsigned int neigh_flush(struct plumb_net *pn, struct neigh_choice *c)
{
	LIST_HEAD(out);

	neigh_collect(pn->neigh, &out, neigh_fit_choice, c);
	plumb_path_genid_bump(pn);
	return neigh_dispose(&out);
}

void plumb_neigh_flush_dev(struct plumb_net *pn, const struct net_device *dev)
{
	struct neigh_choice c = { .dev = dev };

	ASSERT_RTNL();
	neigh_flush(pn, &c);
}

unsigned int plumb_neigh_flush(struct plumb_net *pn, int ifindex, u16 states)
{
	struct neigh_choice c = {
		.ifindex = ifindex,
		.states = states ?: (u16)~(NUD_PERMANENT | NUD_NOARP),
	};

	ASSERT_RTNL();
	return neigh_flush(pn, &c);
}

int plumb_neigh_net_init(struct plumb_net *pn)
{
	struct plumb_neigh_table *t;
	int i;

	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock);
	for (i = 0; i < PLUMB_NEIGH_HASH; i++)
		INIT_HLIST_HEAD(&t->hash[i]);
	INIT_LIST_HEAD(&t->lru);
	INIT_DELAYED_WORK(&t->gc, neigh_gc);
	t->pn = pn;
	pn->neigh = t;
	return 0;
}

/*
 * Sockets and adopted devices are gone, so nobody sends any more: only timers may still run.
 * Those that are killed here are waited for by the grace period, under which timers work.
 */
void plumb_neigh_net_exit(struct plumb_net *pn)
{
	struct neigh_choice all = {};

	neigh_flush(pn, &all);
	cancel_delayed_work_sync(&pn->neigh->gc);
	synchronize_rcu();
	kfree(pn->neigh);
	pn->neigh = NULL;
}
