// SPDX-License-Identifier: GPL-2.0
/*
 * Reception: the poll takes frames out of the ring, makes packets of them with
 * as little copying as it can, and refills the ring.
 *
 * Two kinds of buffer, see struct nic_rx_ring:
 * - half pages, as long as no frame is longer than 1522 octets. The packet is built
 *   around the octets where they are; short ones are copied, which leaves the
 *   buffer in the ring and costs a socket little memory.
 *
 *       |<- NET_SKB_PAD ->|<- frame, up to 1522 ->|  ...  |<- skb_shared_info ->|
 *       0                                                                   2048
 *
 * - whole pages for jumbo frames and rx-all: the headers are copied, the rest is
 *   attached page by page.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/prefetch.h>
#include <linux/skbuff.h>

#include "../../kmod/compat/page_pool.h"
#include "nic.h"

#define RX_SLOT			2048
#define RX_HEADROOM		(NET_SKB_PAD + NET_IP_ALIGN)
#define RX_LARGE_BUFFER		4096	/* RCTL.BSIZE; a page holds it */
#define RX_COPYBREAK		256	/* octets worth copying */
#define RX_REFILL		32	/* empty slots worth a write of the tail register */
#define RX_RETRY		(HZ / 20)	/* until memory is asked for again */

static_assert(RX_LARGE_BUFFER <= PAGE_SIZE);

static u32 nic_rx_offset(const struct nic_rx_ring *ring)
{
	return ring->large ? 0 : RX_HEADROOM;
}

/* Octets that the adapter may have put into a buffer. */
static u32 nic_rx_room(const struct nic_rx_ring *ring)
{
	return ring->large ? RX_LARGE_BUFFER : NIC_FRAME_STD + VLAN_HLEN;
}

/* --- refilling --- */

static bool nic_rx_alloc(struct nic_rx_ring *ring, struct nic_rx_buf *buf)
{
	unsigned int offset = 0;

	if (ring->large)
		buf->page = page_pool_dev_alloc_pages(ring->pool);
	else
		buf->page = page_pool_dev_alloc_frag(ring->pool, &offset, RX_SLOT);
	buf->offset = offset;
	return buf->page;
}

static bool nic_rx_fill_slot(struct nic *nic, u16 i)
{
	struct nic_rx_ring *ring = &nic->rx;
	struct nic_rx_buf *buf = &ring->buf[i];
	struct nic_rx_desc *desc = &ring->desc[i];
	dma_addr_t dma;

	if (buf->page)	/* its octets were copied, or not wanted */
		dma_sync_single_range_for_device(nic->dma, page_pool_get_dma_addr(buf->page),
						 buf->offset + nic_rx_offset(ring),
						 nic_rx_room(ring), DMA_FROM_DEVICE);
	else if (unlikely(!nic_rx_alloc(ring, buf)))
		return false;
	dma = page_pool_get_dma_addr(buf->page) + buf->offset + nic_rx_offset(ring);
	desc->addr = cpu_to_le64(dma);
	desc->status = 0;
	return true;
}

static u16 nic_rx_empty(const struct nic_rx_ring *ring)
{
	return ring->count - 1 - nic_ring_span(ring->clean, ring->use, ring->count);
}

/* Has the adapter too few buffers to go on? */
bool nic_rx_starved(struct nic *nic)
{
	return nic_rx_empty(&nic->rx) >= RX_REFILL;
}

/**
 * nic_rx_refill() - give the adapter every buffer there is room for
 * @nic: the adapter
 *
 * Without memory the ring stays as full as it is and the watchdog tries again.
 * Context: NAPI, or NAPI disabled and bottom halves off.
 */
void nic_rx_refill(struct nic *nic)
{
	struct nic_rx_ring *ring = &nic->rx;
	u16 n = nic_rx_empty(ring);
	u16 start = ring->use;

	for (; n; n--) {
		if (unlikely(!nic_rx_fill_slot(nic, ring->use))) {
			u64_stats_update_begin(&nic->rx_stats.sync);
			u64_stats_inc(&nic->rx_stats.no_buffer);
			u64_stats_update_end(&nic->rx_stats.sync);
			mod_delayed_work(system_wq, &nic->tick, RX_RETRY);
			break;
		}
		ring->use = nic_ring_next(ring->use, ring->count);
	}
	if (ring->use == start)
		return;
	wmb();		/* the descriptors, before the adapter hears of them */
	nic_wr(nic, NIC_RDT, ring->use);
}

/* --- a frame becomes a packet --- */

static void nic_rx_sync(struct nic *nic, const struct nic_rx_buf *buf, u32 len)
{
	dma_sync_single_range_for_cpu(nic->dma, page_pool_get_dma_addr(buf->page),
				      buf->offset + nic_rx_offset(&nic->rx), len,
				      DMA_FROM_DEVICE);
}

static void *nic_rx_data(const struct nic_rx_ring *ring, const struct nic_rx_buf *buf)
{
	return page_address(buf->page) + buf->offset + nic_rx_offset(ring);
}

static struct sk_buff *nic_rx_copy(struct nic *nic, const struct nic_rx_buf *buf, u32 len)
{
	struct sk_buff *skb = napi_alloc_skb(&nic->napi, RX_COPYBREAK);

	if (likely(skb))
		skb_put_data(skb, nic_rx_data(&nic->rx, buf), len);
	return skb;
}

/* A whole frame in half a page. Without memory NULL, and the buffer stays. */
static struct sk_buff *nic_rx_build(struct nic *nic, struct nic_rx_buf *buf, u32 len)
{
	struct sk_buff *skb;

	if (len <= RX_COPYBREAK)
		return nic_rx_copy(nic, buf, len);
	skb = napi_build_skb(page_address(buf->page) + buf->offset, RX_SLOT);
	if (unlikely(!skb))
		return NULL;
	buf->page = NULL;
	skb_reserve(skb, RX_HEADROOM);
	__skb_put(skb, len);
	skb_mark_for_recycle(skb);
	return skb;
}

/* The first page of a frame: headers into the linear part, the rest attached. */
static struct sk_buff *nic_rx_first(struct nic *nic, struct nic_rx_buf *buf, u32 len)
{
	struct sk_buff *skb;
	u32 head;

	if (len <= RX_COPYBREAK)
		return nic_rx_copy(nic, buf, len);
	skb = napi_alloc_skb(&nic->napi, RX_COPYBREAK);
	if (unlikely(!skb))
		return NULL;
	head = eth_get_headlen(nic->netdev, nic_rx_data(&nic->rx, buf), RX_COPYBREAK);
	skb_put_data(skb, nic_rx_data(&nic->rx, buf), head);
	skb_add_rx_frag(skb, 0, buf->page, buf->offset + head, len - head, PAGE_SIZE);
	skb_mark_for_recycle(skb);
	buf->page = NULL;
	return skb;
}

/* One more page of the frame in ring->skb; false if it has no place. */
static bool nic_rx_append(struct nic *nic, struct nic_rx_buf *buf, u32 len)
{
	struct sk_buff *skb = nic->rx.skb;
	int n = skb_shinfo(skb)->nr_frags;

	if (unlikely(n == MAX_SKB_FRAGS))
		return false;
	skb_add_rx_frag(skb, n, buf->page, buf->offset, len, PAGE_SIZE);
	skb_mark_for_recycle(skb);
	buf->page = NULL;
	return true;
}

static struct sk_buff *nic_rx_large(struct nic *nic, struct nic_rx_buf *buf, u32 len, bool eop)
{
	struct nic_rx_ring *ring = &nic->rx;
	struct sk_buff *skb = ring->skb;

	if (!skb) {
		skb = nic_rx_first(nic, buf, len);
	} else if (!nic_rx_append(nic, buf, len)) {
		dev_kfree_skb_any(skb);
		skb = NULL;
	}
	if (eop || !skb) {
		ring->skb = NULL;
		ring->discard = !eop;
		return skb;
	}
	ring->skb = skb;
	return NULL;
}

static void nic_rx_checksum(struct nic *nic, struct sk_buff *skb, u8 status, u8 errors)
{
	if (!(nic->netdev->features & NETIF_F_RXCSUM))
		return;
	if (status & NIC_RXD_IXSM || !(status & NIC_RXD_TCPCS))
		return;
	u64_stats_update_begin(&nic->rx_stats.sync);
	if (errors & NIC_RXD_ERR_TCPE) {
		u64_stats_inc(&nic->rx_stats.csum_bad);
	} else {
		u64_stats_inc(&nic->rx_stats.csum_good);
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	u64_stats_update_end(&nic->rx_stats.sync);
}

static void nic_rx_deliver(struct nic *nic, struct sk_buff *skb,
			   const struct nic_rx_desc *desc, u8 status, u8 errors)
{
	nic_rx_checksum(nic, skb, status, errors);
	if (status & NIC_RXD_VP && nic->netdev->features & NETIF_F_HW_VLAN_CTAG_RX)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), le16_to_cpu(desc->special));
	if (unlikely(status & NIC_RXD_STAMP))
		nic_stamp_rx(nic, skb);
	skb->protocol = eth_type_trans(skb, nic->netdev);
	napi_gro_receive(&nic->napi, skb);
}

/* --- the poll --- */

/**
 * struct nic_rx_burst - what one poll has come to
 * @packets: handed to the stack
 * @bytes: octets of those
 * @errors: bad frames
 * @dropped: good frames there was no memory for
 */
struct nic_rx_burst {
	u32 packets;
	u32 bytes;
	u32 errors;
	u32 dropped;
};

/* The frame ends here without becoming a packet; its last buffer stays. */
static void nic_rx_reject(struct nic *nic, bool eop)
{
	struct nic_rx_ring *ring = &nic->rx;

	dev_kfree_skb_any(ring->skb);
	ring->skb = NULL;
	ring->discard = !eop;
}

/* May the octets of this descriptor be used? Nothing the adapter says is trusted. */
static bool nic_rx_good(struct nic *nic, u32 len, u8 status, u8 errors)
{
	const struct nic_rx_ring *ring = &nic->rx;
	bool eop = status & NIC_RXD_EOP;

	if (!len || len > nic_rx_room(ring))
		return false;
	if (!ring->large && !eop)
		return false;
	/* The header has to stand in the linear part, whatever else is to come. */
	if (len < ETH_HLEN && !ring->skb)
		return false;
	if (!eop)
		return true;
	return !(errors & NIC_RXD_ERR_FRAME) || nic->netdev->features & NETIF_F_RXALL;
}

static void nic_rx_one(struct nic *nic, u16 i, u8 status, struct nic_rx_burst *burst)
{
	struct nic_rx_ring *ring = &nic->rx;
	const struct nic_rx_desc *desc = &ring->desc[i];
	struct nic_rx_buf *buf = &ring->buf[i];
	u32 len = le16_to_cpu(desc->length);
	bool eop = status & NIC_RXD_EOP;
	u8 errors = desc->errors;
	struct sk_buff *skb;

	if (unlikely(ring->discard)) {
		ring->discard = !eop;
		return;
	}
	if (unlikely(!nic_rx_good(nic, len, status, errors))) {
		nic_rx_reject(nic, eop);
		burst->errors++;
		return;
	}
	nic_rx_sync(nic, buf, len);
	if (likely(!ring->large))
		skb = nic_rx_build(nic, buf, len);
	else
		skb = nic_rx_large(nic, buf, len, eop);
	if (likely(skb)) {
		burst->packets++;
		burst->bytes += skb->len;
		nic_rx_deliver(nic, skb, desc, status, errors);
	} else if (!ring->skb) {
		burst->dropped++;
	}
}

static void nic_rx_account(struct nic *nic, const struct nic_rx_burst *burst)
{
	struct nic_rx_stats *stats = &nic->rx_stats;

	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->packets, burst->packets);
	u64_stats_add(&stats->bytes, burst->bytes);
	u64_stats_add(&stats->errors, burst->errors);
	u64_stats_add(&stats->dropped, burst->dropped);
	u64_stats_inc(&stats->polls);
	u64_stats_update_end(&stats->sync);
	nic->itr_packets += burst->packets;
	nic->itr_bytes += burst->bytes;
}

/**
 * nic_rx_poll() - take frames out of the ring
 * @nic: the adapter
 * @budget: descriptors to look at, at most
 *
 * The ring is refilled when that is worth a register access. Context: NAPI.
 * Return: descriptors taken; less than @budget means that the ring is empty.
 */
int nic_rx_poll(struct nic *nic, int budget)
{
	struct nic_rx_ring *ring = &nic->rx;
	struct nic_rx_burst burst = {};
	int done;

	for (done = 0; done < budget; done++) {
		u16 i = ring->clean;
		u8 status = READ_ONCE(ring->desc[i].status);

		if (!(status & NIC_RXD_DD) || unlikely(i == ring->use))
			break;
		dma_rmb();	/* the status before the rest of the descriptor */
		ring->clean = nic_ring_next(i, ring->count);
		nic_rx_one(nic, i, status, &burst);
	}
	if (done)
		nic_rx_account(nic, &burst);
	if (nic_rx_empty(ring) >= RX_REFILL)
		nic_rx_refill(nic);
	return done;
}

/**
 * nic_rx_peek() - has the adapter received this frame? For the self-test.
 * @nic: the adapter, its poll not running
 * @want: the frame
 * @len: octets
 *
 * Looks at what has come since the last call, and takes it out of the ring.
 * Context: may sleep; RTNL held.
 * Return: true if it is there.
 */
bool nic_rx_peek(struct nic *nic, const void *want, u32 len)
{
	struct nic_rx_ring *ring = &nic->rx;
	bool found = false;

	while (READ_ONCE(ring->desc[ring->clean].status) & NIC_RXD_DD &&
	       ring->clean != ring->use) {
		const struct nic_rx_desc *desc = &ring->desc[ring->clean];
		const struct nic_rx_buf *buf = &ring->buf[ring->clean];

		dma_rmb();	/* the status before the rest of the descriptor */
		nic_rx_sync(nic, buf, len);
		found |= le16_to_cpu(desc->length) >= len && !(desc->errors & NIC_RXD_ERR_FRAME) &&
			 !memcmp(nic_rx_data(ring, buf), want, len);
		ring->clean = nic_ring_next(ring->clean, ring->count);
	}
	local_bh_disable();
	if (nic_rx_starved(nic))
		nic_rx_refill(nic);
	local_bh_enable();
	return found;
}

/**
 * nic_rx_configure() - start the receiver on an empty ring
 * @nic: the adapter, after nic_hw_configure(); its NAPI is not running yet
 *
 * Context: may sleep; RTNL held.
 */
void nic_rx_configure(struct nic *nic)
{
	struct net_device *dev = nic->netdev;
	struct nic_rx_ring *ring = &nic->rx;

	BUILD_BUG_ON(SKB_DATA_ALIGN(RX_HEADROOM + NIC_FRAME_STD + VLAN_HLEN) +
		     SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) > RX_SLOT);
	nic_wr(nic, NIC_RXDCTL, 0);
	nic_wr(nic, NIC_RDTR, 0);
	nic_wr(nic, NIC_RADV, 0);
	nic_wr(nic, NIC_RSRPD, 0);
	nic_wr(nic, NIC_RDBAL, lower_32_bits(ring->dma));
	nic_wr(nic, NIC_RDBAH, upper_32_bits(ring->dma));
	nic_wr(nic, NIC_RDLEN, ring->count * sizeof(*ring->desc));
	nic_wr(nic, NIC_RDH, 0);
	nic_wr(nic, NIC_RDT, 0);
	nic_wr(nic, NIC_RXCSUM, dev->features & NETIF_F_RXCSUM ?
	       NIC_RXCSUM_IPOFLD | NIC_RXCSUM_TUOFLD : 0);
	local_bh_disable();
	nic_rx_refill(nic);
	netif_addr_lock(dev);
	nic_filter_set(nic);	/* RCTL.EN among others */
	netif_addr_unlock(dev);
	local_bh_enable();
}
