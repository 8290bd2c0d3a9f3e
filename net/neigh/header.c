// SPDX-License-Identifier: GPL-2.0
/*
 * The link-layer header of a neighbour, made once by the device and copied from then on, and
 * the last step of sending.
 */
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include <plumb/drop.h>
#include <plumb/trace.h>

#include "state.h"

/*
 * A header may be copied if the device has a way to cache one, that is if it depends on nothing but
 * the address and the protocol. The scratch packet only lends the room to write it.
 */
static unsigned int header_scratch(struct net_device *dev, const u8 *lladdr, u8 *hh)
{
	struct sk_buff *scratch;
	int len = 0;

	if (!dev->header_ops->cache)
		return 0;
	scratch = alloc_skb(LL_RESERVED_SPACE(dev) + PLUMB_HH_MAX, GFP_ATOMIC | __GFP_NOWARN);
	if (!scratch)
		return 0;
	skb_reserve(scratch, LL_RESERVED_SPACE(dev));
	scratch->dev = dev;
	scratch->protocol = htons(ETH_P_IP);
	if (dev_hard_header(scratch, dev, ETH_P_IP, lladdr, NULL, 0) >= 0)
		len = scratch->len;
	if (len > PLUMB_HH_MAX)
		len = 0;
	memcpy(hh + PLUMB_HH_MAX - len, scratch->data, len);
	kfree_skb(scratch);
	return len;
}

void plumb_neigh_header_make(struct plumb_neigh *n, const u8 *lladdr)
{
	u8 hh[PLUMB_HH_MAX] = {};
	unsigned int len;

	lockdep_assert_held(&n->lock);
	len = header_scratch(n->dev, lladdr, hh);
	write_seqcount_begin(&n->hh_seq);
	memcpy(n->lladdr, lladdr, n->dev->addr_len);
	memcpy(n->hh, hh, sizeof(hh));
	n->hh_len = len;
	write_seqcount_end(&n->hh_seq);
}

/* Copy the header to before skb->data. Its length, or 0 if there is none or no room. */
static unsigned int header_copy(struct plumb_neigh *n, struct sk_buff *skb)
{
	unsigned int seq, len;

	do {
		seq = read_seqcount_begin(&n->hh_seq);
		len = n->hh_len;
		/* Two words too many are cheaper than the exact octets, where there is room. */
		if (likely(len && len <= 16 && skb_headroom(skb) >= 16))
			memcpy(skb->data - 16, n->hh + PLUMB_HH_MAX - 16, 16);
		else if (len && skb_headroom(skb) >= len)
			memcpy(skb->data - len, n->hh + PLUMB_HH_MAX - len, len);
		else
			len = 0;
	} while (read_seqcount_retry(&n->hh_seq, seq));
	return len;
}

/* The device writes the header for this packet. */
static int header_write(struct plumb_neigh *n, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	u8 lladdr[MAX_ADDR_LEN];
	unsigned int seq;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dev)))
		return -ENOMEM;
	do {
		seq = read_seqcount_begin(&n->hh_seq);
		memcpy(lladdr, n->lladdr, sizeof(lladdr));
	} while (read_seqcount_retry(&n->hh_seq, seq));
	return dev_hard_header(skb, dev, ETH_P_IP, lladdr, NULL, skb->len) < 0 ? -EINVAL : 0;
}

int plumb_neigh_send_now(struct plumb_neigh *n, struct sk_buff *skb)
{
	struct plumb_net *pn = n->table->pn;
	unsigned int len = header_copy(n, skb);
	int err;

	if (likely(len)) {
		__skb_push(skb, len);
	} else {
		err = header_write(n, skb);
		if (err) {
			plumb_drop(pn, skb, PLUMB_DROP_NO_MEMORY);
			return err;
		}
	}
	trace_plumb_xmit(pn, skb);
	return plumb_neigh_queue_xmit(skb);
}
