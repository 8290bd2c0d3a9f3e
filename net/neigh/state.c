// SPDX-License-Identifier: GPL-2.0
/*
 * A neighbour's states, after RFC 4861 7.3.2 as ARP can have them (cache.h draws it): packets
 * wait while its address is asked for, use of an old address has it verified, and who does not
 * answer is given up.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>
#include <plumb/event.h>
#include <plumb/trace.h>

#include "../wire/eth.h"
#include "arp.h"
#include "state.h"

#define NEIGH_PROBES_MAX	100	/* whatever is configured */

static plumb_neigh_fail_t neigh_fail;

void plumb_neigh_fail_set(plumb_neigh_fail_t fn)
{
	WRITE_ONCE(neigh_fail, fn);
}

static struct plumb_net *neigh_pn(const struct plumb_neigh *n)
{
	return n->table->pn;
}

static u32 neigh_age_ms(unsigned long since)
{
	return jiffies_to_msecs(jiffies - since);
}

void plumb_neigh_info_fill(struct plumb_neigh_info *i, struct plumb_neigh *n)
{
	lockdep_assert_held(&n->lock);
	memset(i, 0, sizeof(*i));
	i->ifindex = n->dev->ifindex;
	i->addr = n->addr;
	i->refcnt = refcount_read(&n->refcnt);
	i->used_ms = neigh_age_ms(READ_ONCE(n->used));
	i->confirmed_ms = neigh_age_ms(READ_ONCE(n->confirmed));
	i->state = n->state;
	i->probes = n->probes;
	i->updated_ms = neigh_age_ms(n->updated);
	if (n->state & PLUMB_NUD_VALID) {
		i->lladdr_len = n->dev->addr_len;
		memcpy(i->lladdr, n->lladdr, i->lladdr_len);
	}
}

static void neigh_tell(struct plumb_neigh *n, bool gone)
	__must_hold(&n->lock)
{
	struct plumb_neigh_info info;

	plumb_neigh_info_fill(&info, n);
	plumb_event_neigh(neigh_pn(n), &info, gone);
}

static void neigh_state_set(struct plumb_neigh *n, u8 state)
	__must_hold(&n->lock)
{
	if (n->state == state)
		return;
	trace_plumb_neigh(n->dev->ifindex, n->addr, n->state, state);
	n->updated = jiffies;
	WRITE_ONCE(n->state, state);
	if (!n->dead)
		neigh_tell(n, false);
}

/* (Re)arm the timer, which holds a reference while it is pending. */
static void neigh_timer_at(struct plumb_neigh *n, unsigned long at)
	__must_hold(&n->lock)
{
	lockdep_assert_held(&n->lock);
	if (n->dead)
		return;
	if (!mod_timer(&n->timer, at))
		refcount_inc(&n->refcnt);
}

static void neigh_timer_stop(struct plumb_neigh *n)
{
	/* The caller holds a reference, so this is never the last one. */
	if (timer_delete(&n->timer))
		refcount_dec(&n->refcnt);
}

/*
 * RFC 4861 6.3.2: between half and one and a half times the base, so that hosts do not fall in
 * step.
 */
static unsigned long neigh_reachable_time(const struct plumb_net *pn)
{
	unsigned long base = READ_ONCE(pn->sysctl.neigh_base_reachable_time);

	return base / 2 + get_random_u32_below(max(base, 1UL));
}

/* What waits is handed out, to be sent or dropped without the lock. */
static void neigh_queue_take(struct plumb_neigh *n, struct sk_buff_head *out)
	__must_hold(&n->lock)
{
	lockdep_assert_held(&n->lock);
	__skb_queue_head_init(out);
	skb_queue_splice_init(&n->queue, out);
	n->queue_bytes = 0;
}

static void neigh_queue_send(struct plumb_neigh *n, struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		plumb_neigh_send_now(n, skb);
}

static void neigh_queue_fail(struct plumb_neigh *n, struct sk_buff_head *list)
{
	plumb_neigh_fail_t fail = READ_ONCE(neigh_fail);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list))) {
		if (fail)
			fail(neigh_pn(n), skb);
		plumb_drop(neigh_pn(n), skb, PLUMB_DROP_NEIGH_FAILED);
	}
}

/* Let a packet wait; if there are too many bytes of them, the oldest give way. */
static void neigh_queue_add(struct plumb_neigh *n, struct sk_buff *skb)
	__must_hold(&n->lock)
{
	u32 limit = READ_ONCE(neigh_pn(n)->sysctl.neigh_unres_qlen_bytes);
	struct sk_buff *old;

	lockdep_assert_held(&n->lock);
	while (n->queue_bytes + skb->truesize > limit) {
		old = __skb_dequeue(&n->queue);
		if (!old)
			break;
		n->queue_bytes -= old->truesize;
		atomic_long_inc(&n->table->unres_discards);
		plumb_drop(neigh_pn(n), old, PLUMB_DROP_NEIGH_QUEUE);
	}
	__skb_queue_tail(&n->queue, skb);
	n->queue_bytes += skb->truesize;
}

/* Ask for its address: whom for, the first packet that waits decides. */
struct neigh_ask {
	bool	send;
	bool	unicast;
	__be32	saddr;
	u8	lladdr[MAX_ADDR_LEN];
};

/* One more request is due: note down what it takes, for neigh_ask_send() without the lock. */
static void neigh_ask_note(struct plumb_neigh *n, struct neigh_ask *ask)
	__must_hold(&n->lock)
{
	const struct sk_buff *first = skb_peek(&n->queue);

	lockdep_assert_held(&n->lock);
	ask->send = true;
	ask->unicast = n->state & NUD_PROBE;
	ask->saddr = first ? ip_hdr(first)->saddr : 0;
	memcpy(ask->lladdr, n->lladdr, sizeof(ask->lladdr));
	n->probes++;
	neigh_timer_at(n, jiffies + max(1, READ_ONCE(neigh_pn(n)->sysctl.neigh_retrans_time)));
}

static void neigh_ask_send(struct plumb_neigh *n, const struct neigh_ask *ask)
{
	if (ask->send)
		plumb_arp_ask(neigh_pn(n), n->dev, n->addr, ask->saddr,
			      ask->unicast ? ask->lladdr : NULL);
}

/*
 * A packet is to be sent while the address is not known to be good. True: the packet was kept.
 */
static bool neigh_hold_back(struct plumb_neigh *n, struct sk_buff *skb, struct neigh_ask *ask)
	__must_hold(&n->lock)
{
	lockdep_assert_held(&n->lock);
	switch (n->state) {
	case NUD_NONE:
	case NUD_FAILED:
		neigh_queue_add(n, skb);
		n->probes = 0;
		neigh_state_set(n, NUD_INCOMPLETE);
		neigh_ask_note(n, ask);
		return true;
	case NUD_INCOMPLETE:
		neigh_queue_add(n, skb);
		return true;
	case NUD_STALE:
		neigh_state_set(n, NUD_DELAY);
		neigh_timer_at(n, jiffies +
			       READ_ONCE(neigh_pn(n)->sysctl.neigh_delay_first_probe_time));
		return false;
	default:
		return false;
	}
}

static int neigh_output_slow(struct plumb_neigh *n, struct sk_buff *skb)
{
	struct neigh_ask ask = { .send = false };
	bool kept = false, dead;

	spin_lock_bh(&n->lock);
	dead = n->dead;
	if (!dead)
		kept = neigh_hold_back(n, skb, &ask);
	spin_unlock_bh(&n->lock);
	if (dead) {
		plumb_drop(neigh_pn(n), skb, PLUMB_DROP_NEIGH_FAILED);
		return -EHOSTUNREACH;
	}
	neigh_ask_send(n, &ask);
	return kept ? 0 : plumb_neigh_send_now(n, skb);
}

int plumb_neigh_output(struct plumb_neigh *n, struct sk_buff *skb)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
	if (likely(READ_ONCE(n->state) & PLUMB_NUD_CONNECTED))
		return plumb_neigh_send_now(n, skb);
	return neigh_output_slow(n, skb);
}

static void neigh_timer_reachable(struct plumb_neigh *n)
	__must_hold(&n->lock)
{
	struct plumb_net *pn = neigh_pn(n);
	unsigned long delay = READ_ONCE(pn->sysctl.neigh_delay_first_probe_time);
	unsigned long until = READ_ONCE(n->confirmed) + neigh_reachable_time(pn);

	if (time_before(jiffies, until)) {
		neigh_timer_at(n, until);
	} else if (time_before_eq(jiffies, READ_ONCE(n->used) + delay)) {
		neigh_state_set(n, NUD_DELAY);
		neigh_timer_at(n, jiffies + delay);
	} else {
		neigh_state_set(n, NUD_STALE);
	}
}

static void neigh_timer_delay(struct plumb_neigh *n, struct neigh_ask *ask)
	__must_hold(&n->lock)
{
	struct plumb_net *pn = neigh_pn(n);
	unsigned long delay = READ_ONCE(pn->sysctl.neigh_delay_first_probe_time);

	if (time_before_eq(jiffies, READ_ONCE(n->confirmed) + delay)) {
		neigh_state_set(n, NUD_REACHABLE);
		neigh_timer_at(n, READ_ONCE(n->confirmed) + neigh_reachable_time(pn));
		return;
	}
	n->probes = 0;
	neigh_state_set(n, NUD_PROBE);
	neigh_ask_note(n, ask);
}

/* INCOMPLETE or PROBE: ask again, or give up. */
static void neigh_timer_ask(struct plumb_neigh *n, struct neigh_ask *ask,
			    struct sk_buff_head *failed)
	__must_hold(&n->lock)
{
	const struct plumb_sysctl *s = &neigh_pn(n)->sysctl;
	int max = n->state == NUD_PROBE ? READ_ONCE(s->neigh_ucast_probes) :
					  READ_ONCE(s->neigh_mcast_probes);

	if (n->probes < min(max, NEIGH_PROBES_MAX)) {
		neigh_ask_note(n, ask);
		return;
	}
	neigh_state_set(n, NUD_FAILED);
	atomic_long_inc(&n->table->res_failed);
	neigh_queue_take(n, failed);
}

static void neigh_timer(struct timer_list *timer)
{
	struct plumb_neigh *n = from_timer(n, timer, timer);
	struct neigh_ask ask = { .send = false };
	struct sk_buff_head failed;

	__skb_queue_head_init(&failed);
	rcu_read_lock();
	spin_lock(&n->lock);
	if (n->dead)
		goto unlock;
	if (n->state == NUD_REACHABLE)
		neigh_timer_reachable(n);
	else if (n->state == NUD_DELAY)
		neigh_timer_delay(n, &ask);
	else if (n->state & (NUD_PROBE | NUD_INCOMPLETE))
		neigh_timer_ask(n, &ask, &failed);
unlock:
	spin_unlock(&n->lock);
	neigh_ask_send(n, &ask);
	neigh_queue_fail(n, &failed);
	rcu_read_unlock();
	plumb_neigh_put(n);
}

/* Take over @lladdr, and @state with it. */
static void neigh_settle(struct plumb_neigh *n, u8 state, const u8 *lladdr)
	__must_hold(&n->lock)
{
	lockdep_assert_held(&n->lock);
	if (lladdr && (!(n->state & PLUMB_NUD_VALID) ||
		       memcmp(n->lladdr, lladdr, n->dev->addr_len))) {
		plumb_neigh_header_make(n, lladdr);
		n->updated = jiffies;
	}
	n->probes = 0;
	neigh_state_set(n, state);
	if (state == NUD_REACHABLE) {
		WRITE_ONCE(n->confirmed, jiffies);
		neigh_timer_at(n, jiffies + neigh_reachable_time(neigh_pn(n)));
	} else if (!(state & PLUMB_NUD_IN_TIMER)) {
		neigh_timer_stop(n);
	}
}

/* Is the news worth anything, given what is known? */
static bool neigh_news_counts(const struct plumb_neigh *n, const u8 *lladdr,
			      enum plumb_neigh_news news, bool override)
{
	bool differs = memcmp(n->lladdr, lladdr, n->dev->addr_len);

	if (n->state & (NUD_PERMANENT | NUD_NOARP))
		return false;
	if (!(n->state & PLUMB_NUD_VALID))
		return true;
	if (differs)
		return override;
	/* The same address heard again verifies nothing. */
	return news == PLUMB_NEIGH_ANSWER;
}

void plumb_neigh_learn(struct plumb_neigh *n, const u8 *lladdr, enum plumb_neigh_news news,
		       bool override)
{
	u8 state = news == PLUMB_NEIGH_ANSWER ? NUD_REACHABLE : NUD_STALE;
	struct sk_buff_head waiting;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&n->lock);
	if (!n->dead && neigh_news_counts(n, lladdr, news, override)) {
		neigh_settle(n, state, lladdr);
		neigh_queue_take(n, &waiting);
	}
	spin_unlock_bh(&n->lock);
	neigh_queue_send(n, &waiting);
}

void plumb_neigh_force(struct plumb_neigh *n, u8 state, const u8 *lladdr)
{
	struct sk_buff_head waiting;

	rcu_read_lock();
	spin_lock_bh(&n->lock);
	__skb_queue_head_init(&waiting);
	if (!n->dead) {
		neigh_settle(n, state, lladdr);
		if (state & PLUMB_NUD_VALID)
			neigh_queue_take(n, &waiting);
		if (state & (NUD_DELAY | NUD_PROBE | NUD_INCOMPLETE))
			neigh_timer_at(n, jiffies + 1);
	}
	spin_unlock_bh(&n->lock);
	neigh_queue_send(n, &waiting);
	rcu_read_unlock();
}

/* Nobody asks for these: their link-layer address follows from the address or the device. */
static void neigh_map(struct plumb_neigh *n, u8 type, u8 *lladdr)
{
	const struct net_device *dev = n->dev;

	if (type == RTN_MULTICAST && dev->type == ARPHRD_ETHER)
		wire_eth_multicast(lladdr, n->addr);
	else if (type != RTN_UNICAST)
		memcpy(lladdr, dev->broadcast, dev->addr_len);
	else
		memcpy(lladdr, dev->dev_addr, dev->addr_len);
}

void plumb_neigh_start(struct plumb_neigh *n, u8 type)
{
	u8 lladdr[MAX_ADDR_LEN] = {};

	timer_setup(&n->timer, neigh_timer, 0);
	if (type == RTN_UNICAST && !(n->dev->flags & IFF_NOARP))
		return;
	neigh_map(n, type, lladdr);
	spin_lock_bh(&n->lock);
	plumb_neigh_header_make(n, lladdr);
	n->state = NUD_NOARP;
	spin_unlock_bh(&n->lock);
}

void plumb_neigh_kill(struct plumb_neigh *n)
{
	struct sk_buff_head dropped;
	struct sk_buff *skb;

	spin_lock_bh(&n->lock);
	neigh_state_set(n, NUD_FAILED);
	neigh_tell(n, true);
	neigh_timer_stop(n);
	neigh_queue_take(n, &dropped);
	spin_unlock_bh(&n->lock);
	while ((skb = __skb_dequeue(&dropped)))
		plumb_drop(neigh_pn(n), skb, PLUMB_DROP_NEIGH_FAILED);
}
