// SPDX-License-Identifier: GPL-2.0
/*
 * How many ICMP errors we send (RFC 1812 4.3.2.8): 1000 a second to all together, in bursts of
 * 50, and one in icmp_ratelimit milliseconds to each peer, in bursts of 6; types outside of
 * icmp_ratemask are not limited. Leave is saved up as time: sending one costs an interval.
 *
 * Peers share a fixed table by a secret hash: who falls into another's place takes it over
 * full, and the limit for all still holds.
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>

#include <plumb/mib.h>

#include "layer.h"

#define ICMP_GLOBAL_BURST	50
#define ICMP_GLOBAL_RATE	1000	/* a second */
#define ICMP_PEER_BURST		6

/* Unit of the global bucket: so many of them a message, that a jiffy is a whole number. */
#define ICMP_GLOBAL_COST	HZ

static bool bucket_take(struct plumb_icmp_bucket *b, u32 cost, u32 gain, u32 most)
	__must_hold(&b->lock)
{
	unsigned long now = jiffies;
	u64 saved = b->tokens + (u64)min(now - b->stamp, 60UL * HZ) * gain;

	lockdep_assert_held(&b->lock);
	b->tokens = min_t(u64, saved, most);
	b->stamp = now;
	if (b->tokens < cost)
		return false;
	b->tokens -= cost;
	return true;
}

static bool icmp_allowed_global(struct plumb_ip_net *ipn)
{
	bool ok;

	spin_lock_bh(&ipn->global.lock);
	ok = bucket_take(&ipn->global, ICMP_GLOBAL_COST, ICMP_GLOBAL_RATE,
			 ICMP_GLOBAL_COST * ICMP_GLOBAL_BURST);
	spin_unlock_bh(&ipn->global.lock);
	return ok;
}

static bool icmp_allowed_peer(struct plumb_net *pn, __be32 peer)
{
	u32 cost = msecs_to_jiffies(max(READ_ONCE(pn->sysctl.icmp_ratelimit), 0));
	u64 h = siphash_1u32((__force u32)peer, &pn->hash_key);
	struct plumb_icmp_bucket *b = &pn->ip->peers[h % PLUMB_ICMP_PEERS];
	bool ok;

	if (!cost)
		return true;
	cost = min_t(u32, cost, U32_MAX / ICMP_PEER_BURST);
	spin_lock_bh(&b->lock);
	if (b->peer != peer) {
		b->peer = peer;
		b->tokens = cost * ICMP_PEER_BURST;
		b->stamp = jiffies;
	}
	ok = bucket_take(b, cost, 1, cost * ICMP_PEER_BURST);
	spin_unlock_bh(&b->lock);
	return ok;
}

bool plumb_icmp_allowed(struct plumb_net *pn, __be32 peer, u8 type, u8 code)
{
	if (type > NR_ICMP_TYPES || !(READ_ONCE(pn->sysctl.icmp_ratemask) & (1 << type)))
		return true;
	/* Path MTU discovery stands and falls with these, and ourselves we do not limit. */
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED)
		return true;
	if (plumb_addr_type(pn, peer) == RTN_LOCAL)
		return true;
	if (!icmp_allowed_global(pn->ip)) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_RATELIMITGLOBAL);
		return false;
	}
	if (!icmp_allowed_peer(pn, peer)) {
		PLUMB_ICMP_INC(pn, ICMP_MIB_RATELIMITHOST);
		return false;
	}
	return true;
}

void plumb_icmp_limit_init(struct plumb_ip_net *ipn)
{
	int i;

	spin_lock_init(&ipn->global.lock);
	ipn->global.tokens = ICMP_GLOBAL_COST * ICMP_GLOBAL_BURST;
	ipn->global.stamp = jiffies;
	for (i = 0; i < PLUMB_ICMP_PEERS; i++)
		spin_lock_init(&ipn->peers[i].lock);
}
