// SPDX-License-Identifier: GPL-2.0
/*
 * Putting fragments together (RFC 791 3.2, RFC 815 in spirit, ECN by RFC 3168 5.3).
 *
 * Fragments of one packet (same source, destination, protocol and identification) gather in a
 * queue, sorted by their offset. When the last octet is known and none is missing, they become
 * one packet; if that takes longer than ipfrag_time, all are dropped and the sender told.
 * Overlaps are an attack (RFC 5722 tells why, for IPv6): the whole queue is dropped; only an
 * exact duplicate is harmless.
 *
 * Lifetime / locking: a queue is in a bucket of the table and guarded, with all it holds, by
 * the bucket's lock. It has two references, the bucket's and its timer's; who takes it out of
 * the bucket gives back the first, and the second if he caught the timer before it ran. @dead
 * tells a timer that came too late.
 *
 * Bounded: bytes of memory in a namespace (ipfrag_high_thresh); how many fragments of one
 * source may pass by while a queue waits (ipfrag_max_dist), so that identifications that went
 * round do not mix.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "layer.h"

#define REASM_BUCKETS	64
#define REASM_SOURCES	256

/* What a fragment is, in skb->cb. */
struct reasm_cb {
	struct plumb_ip_cb	ip;	/* must be first: it is the packet's in the end */
	u32			start;	/* octets of payload before it */
	u32			end;
	u8			hlen;
};

#define REASM_CB(skb) ((struct reasm_cb *)(skb)->cb)

struct reasm_key {
	__be32	saddr;
	__be32	daddr;
	u16	id;
	u8	proto;
};

/*
 * struct reasm_queue - fragments of one packet
 * @key: of which packet
 * @frags: the fragments, by offset
 * @last: the one with the largest offset: most come in order and go behind it
 * @have: octets of payload there
 * @total: octets of payload of the packet, or 0 if its last fragment is missing
 * @mem: bytes of memory it is charged with
 * @dist: the source's count of fragments when the newest one came
 * @max_size: octets of the largest fragment
 * @ecn: ECN codepoints seen, a bit each
 * @df: a fragment had Don't Fragment set
 */
struct reasm_queue {
	struct hlist_node	node;
	struct reasm_key	key;
	struct plumb_net	*pn;
	struct rb_root		frags;
	struct sk_buff		*last;
	u32			have;
	u32			total;
	u32			mem;
	u32			dist;
	u16			max_size;
	u8			ecn;
	bool			df;
	bool			dead;
	refcount_t		refcnt;
	struct timer_list	timer;
};

struct reasm_bucket {
	spinlock_t		lock;	/* guards @queues and all that hangs there */
	struct hlist_head	queues;
};

/*
 * struct plumb_reasm - reassembly in a namespace
 * @mem: bytes of memory in all queues
 * @queues: how many there are
 * @sources: fragments seen, by hashed source
 */
struct plumb_reasm {
	atomic_long_t		mem;
	atomic_t		queues;
	atomic_t		sources[REASM_SOURCES];
	struct reasm_bucket	bucket[REASM_BUCKETS];
};

static u64 reasm_hash(struct plumb_net *pn, const struct reasm_key *k)
{
	return siphash_3u32((__force u32)k->saddr, (__force u32)k->daddr,
			    (u32)k->id << 8 | k->proto, &pn->hash_key);
}

static struct reasm_bucket *reasm_bucket(struct plumb_net *pn, const struct reasm_key *k)
{
	return &pn->ip->reasm->bucket[reasm_hash(pn, k) % REASM_BUCKETS];
}

static void reasm_queue_put(struct reasm_queue *q)
{
	if (refcount_dec_and_test(&q->refcnt))
		kfree(q);
}

static void reasm_charge(struct reasm_queue *q, u32 bytes)
{
	q->mem += bytes;
	atomic_long_add(bytes, &q->pn->ip->reasm->mem);
}

static struct sk_buff *reasm_first(const struct reasm_queue *q)
{
	return skb_rb_first(&q->frags);
}

/* Take a queue out of its bucket: nothing is added to it any more. Its fragments stay in it. */
static void reasm_detach(struct reasm_queue *q)
{
	lockdep_assert_held(&reasm_bucket(q->pn, &q->key)->lock);
	hlist_del(&q->node);
	q->dead = true;
	atomic_long_sub(q->mem, &q->pn->ip->reasm->mem);
	atomic_dec(&q->pn->ip->reasm->queues);
	if (timer_delete(&q->timer))
		reasm_queue_put(q);
}

/* Drop what a detached queue holds. */
static void reasm_purge(struct reasm_queue *q, enum plumb_drop_reason why)
{
	struct rb_node *node;
	struct sk_buff *skb;

	while ((node = rb_first(&q->frags))) {
		skb = rb_to_skb(node);
		rb_erase(node, &q->frags);
		/* The tree's node lay over these. */
		skb->dev = NULL;
		skb_mark_not_on_list(skb);
		plumb_drop(q->pn, skb, why);
	}
	PLUMB_IP_INC(q->pn, IPSTATS_MIB_REASMFAILS);
}

/* The sender is told only if the first fragment came (RFC 792, "Time Exceeded"). */
static void reasm_tell_sender(struct reasm_queue *q)
{
	struct sk_buff *first = reasm_first(q);

	if (!first || REASM_CB(first)->start)
		return;
	rb_erase(&first->rbnode, &q->frags);
	first->dev = NULL;
	skb_mark_not_on_list(first);
	plumb_icmp_send(q->pn, first, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
	plumb_drop(q->pn, first, PLUMB_DROP_FRAG_TIMEOUT);
}

static void reasm_timeout(struct timer_list *timer)
{
	struct reasm_queue *q = from_timer(q, timer, timer);
	struct reasm_bucket *b = reasm_bucket(q->pn, &q->key);
	bool late;

	rcu_read_lock();
	spin_lock(&b->lock);
	late = q->dead;
	if (!late)
		reasm_detach(q);
	spin_unlock(&b->lock);
	if (!late) {
		PLUMB_IP_INC(q->pn, IPSTATS_MIB_REASMTIMEOUT);
		reasm_tell_sender(q);
		reasm_purge(q, PLUMB_DROP_FRAG_TIMEOUT);
		reasm_queue_put(q);
	}
	rcu_read_unlock();
	reasm_queue_put(q);
}

static struct reasm_queue *reasm_find(struct reasm_bucket *b, const struct reasm_key *k)
{
	struct reasm_queue *q;

	hlist_for_each_entry(q, &b->queues, node)
		if (q->key.saddr == k->saddr && q->key.daddr == k->daddr &&
		    q->key.id == k->id && q->key.proto == k->proto)
			return q;
	return NULL;
}

static struct reasm_queue *reasm_queue_new(struct plumb_net *pn, struct reasm_bucket *b,
					   const struct reasm_key *k)
{
	struct reasm_queue *q = kzalloc(sizeof(*q), GFP_ATOMIC | __GFP_NOWARN);

	if (!q)
		return NULL;
	q->key = *k;
	q->pn = pn;
	q->frags = RB_ROOT;
	refcount_set(&q->refcnt, 2);
	timer_setup(&q->timer, reasm_timeout, 0);
	reasm_charge(q, sizeof(*q));
	atomic_inc(&pn->ip->reasm->queues);
	hlist_add_head(&q->node, &b->queues);
	mod_timer(&q->timer, jiffies + READ_ONCE(pn->sysctl.ipfrag_time));
	return q;
}

/* Where @skb goes between its neighbours; false: it overlaps one. @dup: it is one that is there. */
static bool reasm_link(struct reasm_queue *q, struct sk_buff *skb, bool *dup)
{
	const struct reasm_cb *cb = REASM_CB(skb), *other;
	struct rb_node **p = &q->frags.rb_node, *parent = NULL;

	*dup = false;
	if (q->last && cb->start >= REASM_CB(q->last)->end) {
		parent = &q->last->rbnode;
		p = &parent->rb_right;
	}
	while (*p) {
		parent = *p;
		other = REASM_CB(rb_to_skb(parent));
		if (cb->end <= other->start) {
			p = &parent->rb_left;
		} else if (cb->start >= other->end) {
			p = &parent->rb_right;
		} else {
			*dup = cb->start == other->start && cb->end == other->end;
			return false;
		}
	}
	if (!q->last || cb->start >= REASM_CB(q->last)->end)
		q->last = skb;
	skb->dev = NULL;
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &q->frags);
	return true;
}

/* Does the fragment agree with what is known of the packet's length? (RFC 791 3.2) */
static bool reasm_length_ok(struct reasm_queue *q, const struct reasm_cb *cb, bool mf)
{
	if (q->total && cb->end > q->total)
		return false;
	if (mf)
		return true;
	if (q->total)
		return q->total == cb->end;
	return !q->last || REASM_CB(q->last)->end <= cb->end;
}

enum reasm_verdict {
	REASM_KEPT,
	REASM_WHOLE,	/* kept, and nothing is missing */
	REASM_DUP,	/* not kept */
	REASM_BAD,	/* not kept, and what is there can not be trusted */
};

static enum reasm_verdict reasm_insert(struct reasm_queue *q, struct sk_buff *skb,
				       const struct wire_ipv4 *ip)
{
	const struct reasm_cb *cb = REASM_CB(skb);
	bool dup;

	if (!reasm_length_ok(q, cb, ip->mf))
		return REASM_BAD;
	if (!reasm_link(q, skb, &dup)) {
		PLUMB_IP_INC(q->pn, IPSTATS_MIB_REASM_OVERLAPS);
		return dup ? REASM_DUP : REASM_BAD;
	}
	if (!ip->mf)
		q->total = cb->end;
	q->have += cb->end - cb->start;
	q->max_size = max_t(u32, q->max_size, ip->tot_len);
	q->ecn |= 1 << (ip->tos & 3);
	q->df |= ip->df;
	reasm_charge(q, skb->truesize);
	return q->total && q->have == q->total ? REASM_WHOLE : REASM_KEPT;
}

/* RFC 3168 5.3: a congestion mark on one is a mark on all, but not together with "not capable". */
static bool reasm_ecn_ok(u8 seen, u8 *tos)
{
	if (!(seen & (1 << 3)))
		return true;
	if (seen & (1 << 0))
		return false;
	*tos |= 3;
	return true;
}

/* Hang the payload of @skb behind @head. */
static void reasm_append(struct sk_buff *head, struct sk_buff *skb, struct sk_buff ***tail)
{
	bool stolen;
	int delta;

	skb_orphan(skb);
	__skb_pull(skb, REASM_CB(skb)->hlen);
	if (*tail == &skb_shinfo(head)->frag_list &&
	    skb_try_coalesce(head, skb, &stolen, &delta)) {
		head->truesize += delta;
		kfree_skb_partial(skb, stolen);
		return;
	}
	head->len += skb->len;
	head->data_len += skb->len;
	head->truesize += skb->truesize;
	**tail = skb;
	*tail = &skb->next;
}

/*
 * The queue is whole and detached: one packet of its fragments. The first one's header serves
 * for all, its data must be its own to be written to.
 */
static struct sk_buff *reasm_join(struct reasm_queue *q)
{
	struct sk_buff *head = reasm_first(q), *skb, **tail;
	struct rb_node *node;

	if (skb_unclone(head, GFP_ATOMIC) ||
	    (skb_has_frag_list(head) && skb_linearize(head)))
		return NULL;
	rb_erase(&head->rbnode, &q->frags);
	skb_mark_not_on_list(head);
	head->prev = NULL;
	skb_orphan(head);
	tail = &skb_shinfo(head)->frag_list;
	while ((node = rb_first(&q->frags))) {
		skb = rb_to_skb(node);
		rb_erase(node, &q->frags);
		skb_mark_not_on_list(skb);
		skb->prev = NULL;
		skb->dev = NULL;
		reasm_append(head, skb, &tail);
	}
	head->ip_summed = CHECKSUM_NONE;
	return head;
}

static void reasm_header(const struct reasm_queue *q, struct sk_buff *head, struct wire_ipv4 *ip)
{
	u8 *h = skb_network_header(head);

	h[1] = ip->tos;
	wire_put16(h + 2, ip->tot_len);
	/* Don't Fragment stays if a fragment had it: its way was tried with that size. */
	wire_put16(h + 6, q->df ? 0x4000 : 0);
	wire_ipv4_recheck(h);
}

static struct sk_buff *reasm_finish(struct reasm_queue *q, struct net_device *dev,
				    struct wire_ipv4 *ip)
{
	const struct reasm_cb *cb = REASM_CB(reasm_first(q));
	u8 hlen = cb->hlen;
	struct sk_buff *head;
	u8 tos;

	if (hlen + q->total > WIRE_IPV4_MAX) {
		reasm_purge(q, PLUMB_DROP_FRAG_BAD);
		return NULL;
	}
	tos = skb_network_header(reasm_first(q))[1];
	if (!reasm_ecn_ok(q->ecn, &tos)) {
		reasm_purge(q, PLUMB_DROP_FRAG_BAD);
		return NULL;
	}
	head = reasm_join(q);
	if (!head) {
		reasm_purge(q, PLUMB_DROP_NO_MEMORY);
		return NULL;
	}
	head->dev = dev;
	ip->hlen = hlen;
	ip->tos = tos;
	ip->tot_len = hlen + q->total;
	ip->offset = 0;
	ip->mf = false;
	reasm_header(q, head, ip);
	PLUMB_IP_CB(head)->frag_max = q->max_size;
	PLUMB_IP_INC(q->pn, IPSTATS_MIB_REASMOKS);
	return head;
}

/* Too many fragments of this source have passed since the queue's newest one (ipfrag_max_dist). */
static bool reasm_too_far(struct plumb_net *pn, struct reasm_queue *q, u32 dist)
{
	int max = READ_ONCE(pn->sysctl.ipfrag_max_dist);
	u32 gap = dist - q->dist;

	q->dist = dist;
	return max && q->have && gap > (u32)max;
}

static u32 reasm_dist(struct plumb_net *pn, __be32 saddr)
{
	u64 h = siphash_1u32((__force u32)saddr, &pn->hash_key);

	return atomic_inc_return(&pn->ip->reasm->sources[h % REASM_SOURCES]);
}

static bool reasm_full(struct plumb_net *pn, const struct sk_buff *skb)
{
	return atomic_long_read(&pn->ip->reasm->mem) + (long)skb->truesize >
	       READ_ONCE(pn->sysctl.ipfrag_high_thresh);
}

/* Find or make the queue; one that waited too long for its rest is given up first (@old). */
static struct reasm_queue *reasm_get(struct plumb_net *pn, struct reasm_bucket *b,
				     const struct reasm_key *k, struct reasm_queue **old)
{
	u32 dist = reasm_dist(pn, k->saddr);
	struct reasm_queue *q;

	*old = NULL;
	q = reasm_find(b, k);
	if (q && reasm_too_far(pn, q, dist)) {
		reasm_detach(q);
		*old = q;
		q = NULL;
	}
	if (!q) {
		q = reasm_queue_new(pn, b, k);
		if (q)
			q->dist = dist;
	}
	return q;
}

static void reasm_give_up(struct reasm_queue *q, enum plumb_drop_reason why)
{
	if (!q)
		return;
	reasm_purge(q, why);
	reasm_queue_put(q);
}

/* A fragment's own sense: not empty, in units of eight octets but at the end, within 64 KiB. */
static bool reasm_frag_ok(const struct wire_ipv4 *ip)
{
	u32 len = ip->tot_len - ip->hlen;

	return len && (!ip->mf || !(len % 8)) && ip->offset + len <= WIRE_IPV4_MAX;
}

struct sk_buff *plumb_reasm_add(struct plumb_net *pn, struct sk_buff *skb, struct wire_ipv4 *ip)
{
	struct reasm_key k = { ip->saddr, ip->daddr, ip->id, ip->proto };
	struct reasm_bucket *b = reasm_bucket(pn, &k);
	enum plumb_drop_reason why = PLUMB_DROP_FRAG_LIMIT;
	enum reasm_verdict verdict = REASM_DUP;
	struct net_device *dev = skb->dev;
	struct reasm_queue *q = NULL, *old = NULL;

	PLUMB_IP_INC(pn, IPSTATS_MIB_REASMREQDS);
	if (!reasm_frag_ok(ip)) {
		PLUMB_IP_INC(pn, IPSTATS_MIB_REASMFAILS);
		plumb_drop(pn, skb, PLUMB_DROP_FRAG_BAD);
		return NULL;
	}
	REASM_CB(skb)->start = ip->offset;
	REASM_CB(skb)->end = ip->offset + ip->tot_len - ip->hlen;
	REASM_CB(skb)->hlen = ip->hlen;

	spin_lock(&b->lock);
	if (!reasm_full(pn, skb))
		q = reasm_get(pn, b, &k, &old);
	if (q) {
		verdict = reasm_insert(q, skb, ip);
		why = PLUMB_DROP_FRAG_OVERLAP;
		if (verdict == REASM_WHOLE || verdict == REASM_BAD)
			reasm_detach(q);
	}
	spin_unlock(&b->lock);

	reasm_give_up(old, PLUMB_DROP_FRAG_TIMEOUT);
	if (verdict == REASM_DUP || verdict == REASM_BAD) {
		if (!q)
			PLUMB_IP_INC(pn, IPSTATS_MIB_REASMFAILS);
		plumb_drop(pn, skb, why);
	}
	if (verdict == REASM_BAD)
		reasm_give_up(q, PLUMB_DROP_FRAG_OVERLAP);
	if (verdict != REASM_WHOLE)
		return NULL;
	skb = reasm_finish(q, dev, ip);
	reasm_queue_put(q);
	return skb;
}

void plumb_ip_frag_stats(struct plumb_net *pn, unsigned int *queues, unsigned long *bytes)
{
	*queues = atomic_read(&pn->ip->reasm->queues);
	*bytes = atomic_long_read(&pn->ip->reasm->mem);
}

int plumb_reasm_net_init(struct plumb_net *pn)
{
	struct plumb_reasm *r;
	int i;

	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	for (i = 0; i < REASM_BUCKETS; i++) {
		spin_lock_init(&r->bucket[i].lock);
		INIT_HLIST_HEAD(&r->bucket[i].queues);
	}
	pn->ip->reasm = r;
	return 0;
}

/* No device brings fragments any more; a timer may still run: it is waited for at the end. */
void plumb_reasm_net_exit(struct plumb_net *pn)
{
	struct plumb_reasm *r = pn->ip->reasm;
	struct reasm_queue *q;
	struct hlist_node *next;
	int i;

	for (i = 0; i < REASM_BUCKETS; i++) {
		spin_lock_bh(&r->bucket[i].lock);
		hlist_for_each_entry_safe(q, next, &r->bucket[i].queues, node) {
			reasm_detach(q);
			reasm_give_up(q, PLUMB_DROP_FRAG_TIMEOUT);
		}
		spin_unlock_bh(&r->bucket[i].lock);
	}
	synchronize_rcu();
	kfree(r);
	pn->ip->reasm = NULL;
}
