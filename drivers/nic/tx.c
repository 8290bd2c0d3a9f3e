// SPDX-License-Identifier: GPL-2.0
/*
 * Transmission: a packet becomes descriptors, a burst of packets one write of
 * the tail register, and what the adapter has done with is given back.
 *
 * Giving back needs no interrupt as long as somebody looks anyway: the transmit
 * path itself right after it rang (an adapter that is quick, or emulated, is through
 * by then), and every poll. Only when descriptors stay behind is the
 * interrupt for done descriptors unmasked; the next poll masks it again.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "nic.h"

/*
 * Octets one descriptor may carry. The adapter reserves FIFO space for a buffer
 * as if each MSS of it were a frame, at most four, which bounds it by 4 MSS; the lower
 * bound keeps the number of descriptors of a packet in hand.
 */
#define TX_PIECE_MAX		8192
#define TX_PIECE_MIN		2048

/* Free descriptors without which the queue is stopped: the longest packet of all. */
#define TX_RESERVE		(GSO_LEGACY_MAX_SIZE / TX_PIECE_MIN + MAX_SKB_FRAGS + 1 + 2)

static_assert(NIC_TX_MIN - 1 > TX_RESERVE);

/**
 * struct nic_tx_offload - what the descriptors of one packet say
 * @cmd: NIC_TXD_* of each
 * @upper: POPTS and VLAN tag of each
 * @piece: octets a descriptor may carry
 * @bytes: octets on the wire, all frames
 * @segs: frames
 */
struct nic_tx_offload {
	u32 cmd;
	u32 upper;
	u32 piece;
	u32 bytes;
	u16 segs;
};

static u16 nic_tx_free(const struct nic_tx_ring *ring)
{
	u16 clean = smp_load_acquire(&ring->clean);	/* pairs with nic_tx_reap() */

	return ring->count - 1 - nic_ring_span(clean, ring->use, ring->count);
}

/* True if descriptors are with the adapter. */
bool nic_tx_busy(struct nic *nic)
{
	return READ_ONCE(nic->tx.posted) != READ_ONCE(nic->tx.clean);
}

static void nic_tx_count(struct nic *nic, u64_stats_t *counter)
{
	u64_stats_update_begin(&nic->tx_stats.sync);
	u64_stats_inc(counter);
	u64_stats_update_end(&nic->tx_stats.sync);
}

/* --- giving back --- */

void nic_tx_unmap(struct nic *nic, struct nic_tx_buf *buf)
{
	if (buf->map == NIC_TX_MAP_SINGLE)
		dma_unmap_single(nic->dma, buf->dma, buf->len, DMA_TO_DEVICE);
	else if (buf->map == NIC_TX_MAP_PAGE)
		dma_unmap_page(nic->dma, buf->dma, buf->len, DMA_TO_DEVICE);
	buf->map = NIC_TX_MAP_NONE;
}

/* Is the batch that begins at @i done? */
static bool nic_tx_batch_done(const struct nic_tx_ring *ring, u16 i)
{
	const union nic_tx_desc *desc;

	if (i == smp_load_acquire(&ring->posted))	/* pairs with nic_tx_bell() */
		return false;
	desc = &ring->desc[ring->buf[i].last];
	return READ_ONCE(desc->data.upper) & cpu_to_le32(NIC_TXD_DD);
}

/* Gives back the batch that begins at @i; returns the index after it. */
static u16 nic_tx_batch_free(struct nic *nic, u16 i, int budget,
			     unsigned int *packets, unsigned int *bytes)
{
	struct nic_tx_ring *ring = &nic->tx;
	u16 end = nic_ring_next(ring->buf[i].last, ring->count);
	struct nic_tx_buf *buf;

	do {
		buf = &ring->buf[i];
		nic_tx_unmap(nic, buf);
		if (buf->skb) {
			*packets += buf->segs;
			*bytes += buf->bytes;
			napi_consume_skb(buf->skb, budget);
			buf->skb = NULL;
		}
		i = nic_ring_next(i, ring->count);
	} while (i != end);
	return i;
}

/* Owner of NIC_TX_CLEANING: gives back every batch that is done. */
static void nic_tx_reap(struct nic *nic, int budget)
{
	struct nic_tx_ring *ring = &nic->tx;
	unsigned int packets = 0, bytes = 0;
	u16 i = ring->clean;

	while (nic_tx_batch_done(ring, i)) {
		dma_rmb();	/* the status before what it speaks of */
		i = nic_tx_batch_free(nic, i, budget, &packets, &bytes);
	}
	if (i == ring->clean)
		return;
	smp_store_release(&ring->clean, i);	/* pairs with nic_tx_free() */
	netdev_completed_queue(nic->netdev, packets, bytes);
	u64_stats_update_begin(&nic->tx_done.sync);
	u64_stats_add(&nic->tx_done.packets, packets);
	u64_stats_add(&nic->tx_done.bytes, bytes);
	u64_stats_update_end(&nic->tx_done.sync);
}

static void nic_tx_wake(struct nic *nic)
{
	if (likely(!netif_queue_stopped(nic->netdev)))
		return;
	if (nic_tx_free(&nic->tx) >= TX_RESERVE && test_bit(NIC_F_UP, &nic->flags))
		netif_wake_queue(nic->netdev);
}

/**
 * nic_tx_clean() - give back what the adapter has sent
 * @nic: the adapter, running
 * @budget: of the NAPI poll, 0 elsewhere
 *
 * The poll and the transmit path may come here at once. One of them gets the
 * bit; the other goes on, because the owner looks again after it let go: what
 * was done, and a queue that was stopped, before the other tried are seen then.
 *
 * Context: softirq or bottom halves off.
 */
void nic_tx_clean(struct nic *nic, int budget)
{
	struct nic_tx_ring *ring = &nic->tx;

	do {
		smp_mb();	/* what made us come, before the bit is tried */
		if (test_and_set_bit_lock(NIC_TX_CLEANING, &ring->flags))
			return;
		nic_tx_reap(nic, budget);
		clear_bit_unlock(NIC_TX_CLEANING, &ring->flags);
		/* The bit is clear, before we look again. */
		smp_mb__after_atomic();
		nic_tx_wake(nic);
	} while (nic_tx_batch_done(ring, READ_ONCE(ring->clean)));
}

/* --- the doorbell --- */

/* Some descriptors stay with the adapter: have it say when they are done. */
static void nic_tx_arm(struct nic *nic)
{
	if (test_and_set_bit(NIC_TX_ARMED, &nic->tx.flags))
		return;
	nic_tx_count(nic, &nic->tx_stats.armed);
	nic_wr(nic, NIC_IMS, NIC_INT_TXDW);
}

/* Hands the open batch over and sees to what is done. Queue lock held. */
static void nic_tx_bell(struct nic *nic)
{
	struct nic_tx_ring *ring = &nic->tx;
	u16 last = (ring->use ?: ring->count) - 1;

	if (ring->posted == ring->use)
		return;
	ring->desc[last].data.cmd_len |= cpu_to_le32(NIC_TXD_RS);
	ring->buf[ring->posted].last = last;
	smp_store_release(&ring->posted, ring->use);	/* the batch is complete */
	wmb();		/* the descriptors, before the adapter hears of them */
	nic_wr(nic, NIC_TDT, ring->use);
	nic_tx_count(nic, &nic->tx_stats.doorbells);
	nic_tx_clean(nic, 0);
	if (nic_tx_busy(nic))
		nic_tx_arm(nic);
}

/* --- a packet becomes descriptors --- */

static void nic_tx_context(struct nic *nic, u32 ip, u32 tu, u32 cmd_len, u32 seg)
{
	struct nic_tx_ring *ring = &nic->tx;
	struct nic_tx_context *context = &ring->desc[ring->use].context;

	context->ip = cpu_to_le32(ip);
	context->tu = cpu_to_le32(tu);
	context->cmd_len = cpu_to_le32(cmd_len | NIC_TXC_DEXT);
	context->seg = cpu_to_le32(seg);
	ring->use = nic_ring_next(ring->use, ring->count);
	nic_tx_count(nic, &nic->tx_stats.contexts);
}

/*
 * The checksum context: where the sum starts and where it goes. The adapter
 * keeps it, beside the one for segmentation, until another comes (8254x manual
 * 3.5.2), so that a flow needs it once.
 */
static void nic_tx_checksum(struct nic *nic, struct sk_buff *skb,
			    struct nic_tx_offload *off)
{
	u32 start = skb_checksum_start_offset(skb);
	u32 context = start | (start + skb->csum_offset) << 8;

	off->upper |= NIC_TXD_POPTS_TXSM << NIC_TXD_POPTS_SHIFT;
	if (context == nic->tx.context) {
		nic_tx_count(nic, &nic->tx_stats.contexts_kept);
		return;
	}
	nic->tx.context = context;
	nic_tx_context(nic, 0, context, NIC_TXC_TCP, 0);
}

/* The fields that the adapter fills per segment must not be in the sums. */
static u32 nic_tx_tso_headers(struct sk_buff *skb, u32 *cmd, u32 *popts)
{
	u32 net = skb_network_offset(skb);
	struct iphdr *ip;

	if (skb_is_gso_v6(skb)) {
		tcp_v6_gso_csum_prep(skb);
		return net | (skb_transport_offset(skb) - 1) << 16;
	}
	ip = ip_hdr(skb);
	ip->tot_len = 0;
	ip->check = 0;
	tcp_hdr(skb)->check = ~csum_tcpudp_magic(ip->saddr, ip->daddr, 0, IPPROTO_TCP, 0);
	*cmd |= NIC_TXC_IP;
	*popts |= NIC_TXD_POPTS_IXSM;
	return net | (net + offsetof(struct iphdr, check)) << 8 |
	       (skb_transport_offset(skb) - 1) << 16;
}

static int nic_tx_tso(struct nic *nic, struct sk_buff *skb, struct nic_tx_offload *off)
{
	u32 cmd = NIC_TXC_TSE | NIC_TXC_TCP, popts = NIC_TXD_POPTS_TXSM;
	u32 mss = skb_shinfo(skb)->gso_size;
	u32 header, tcp, ip;
	int err;

	err = skb_cow_head(skb, 0);
	if (err)
		return err;
	header = skb_tcp_all_headers(skb);
	tcp = skb_transport_offset(skb);
	ip = nic_tx_tso_headers(skb, &cmd, &popts);
	nic_tx_context(nic, ip, tcp | (tcp + offsetof(struct tcphdr, check)) << 8,
		       cmd | (skb->len - header), header << 8 | mss << 16);
	off->cmd |= NIC_TXD_TSE;
	off->upper |= popts << NIC_TXD_POPTS_SHIFT;
	off->piece = clamp_t(u32, 4 * mss, TX_PIECE_MIN, TX_PIECE_MAX);
	off->segs = skb_shinfo(skb)->gso_segs;
	off->bytes = skb->len + (off->segs - 1) * header;
	return 0;
}

static int nic_tx_offload(struct nic *nic, struct sk_buff *skb, struct nic_tx_offload *off)
{
	off->cmd = NIC_TXD_DEXT | NIC_TXD_DTYP_DATA;
	off->upper = 0;
	off->piece = TX_PIECE_MAX;
	off->bytes = skb->len;
	off->segs = 1;
	if (likely(!skb->no_fcs))
		off->cmd |= NIC_TXD_IFCS;
	if (READ_ONCE(nic->tx_usecs))
		off->cmd |= NIC_TXD_IDE;
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_HW_TSTAMP))
		off->upper |= nic_stamp_tx(nic, skb);
	if (skb_vlan_tag_present(skb)) {
		off->cmd |= NIC_TXD_VLE;
		off->upper |= skb_vlan_tag_get(skb) << NIC_TXD_TAG_SHIFT;
	}
	if (skb_is_gso(skb))
		return nic_tx_tso(nic, skb, off);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		nic_tx_checksum(nic, skb, off);
	return 0;
}

/* Descriptors for a mapping, which its first one's buffer owns. */
static void nic_tx_fill(struct nic_tx_ring *ring, dma_addr_t dma, u32 len,
			enum nic_tx_map map, const struct nic_tx_offload *off)
{
	struct nic_tx_buf *buf = &ring->buf[ring->use];

	buf->dma = dma;
	buf->len = len;
	buf->map = map;
	while (len) {
		struct nic_tx_data *data = &ring->desc[ring->use].data;
		u32 piece = min(len, off->piece);

		data->addr = cpu_to_le64(dma);
		data->cmd_len = cpu_to_le32(off->cmd | piece);
		data->upper = cpu_to_le32(off->upper);
		dma += piece;
		len -= piece;
		ring->use = nic_ring_next(ring->use, ring->count);
	}
}

static int nic_tx_map(struct nic *nic, struct sk_buff *skb, const struct nic_tx_offload *off)
{
	struct nic_tx_ring *ring = &nic->tx;
	const skb_frag_t *frag = skb_shinfo(skb)->frags;
	const skb_frag_t *end = frag + skb_shinfo(skb)->nr_frags;
	dma_addr_t dma;

	dma = dma_map_single(nic->dma, skb->data, skb_headlen(skb), DMA_TO_DEVICE);
	if (dma_mapping_error(nic->dma, dma))
		return -ENOMEM;
	nic_tx_fill(ring, dma, skb_headlen(skb), NIC_TX_MAP_SINGLE, off);
	for (; frag < end; frag++) {
		u32 len = skb_frag_size(frag);

		if (!len)
			continue;
		dma = skb_frag_dma_map(nic->dma, frag, 0, len, DMA_TO_DEVICE);
		if (dma_mapping_error(nic->dma, dma))
			return -ENOMEM;
		nic_tx_fill(ring, dma, len, NIC_TX_MAP_PAGE, off);
	}
	return 0;
}

/* Takes back what a packet that cannot be sent has in the ring since @start. */
static void nic_tx_unwind(struct nic *nic, u16 start)
{
	struct nic_tx_ring *ring = &nic->tx;

	while (ring->use != start) {
		ring->use = (ring->use ?: ring->count) - 1;
		nic_tx_unmap(nic, &ring->buf[ring->use]);
	}
	ring->context = 0;	/* its descriptor may be among them */
}

/* Puts the packet into the ring: 0, or an error with the ring as before. */
static int nic_tx_post(struct nic *nic, struct sk_buff *skb, u32 *bytes)
{
	struct nic_tx_ring *ring = &nic->tx;
	struct nic_tx_offload off;
	u16 start = ring->use, last;
	int err;

	err = nic_tx_offload(nic, skb, &off);
	if (err)
		goto err_unwind;
	err = nic_tx_map(nic, skb, &off);
	if (err) {
		nic_tx_count(nic, &nic->tx_stats.map_failed);
		goto err_unwind;
	}
	last = (ring->use ?: ring->count) - 1;
	ring->desc[last].data.cmd_len |= cpu_to_le32(NIC_TXD_EOP);
	ring->buf[last].skb = skb;
	ring->buf[last].segs = off.segs;
	ring->buf[last].bytes = off.bytes;
	*bytes = off.bytes;
	return 0;

err_unwind:
	nic_tx_unwind(nic, start);
	return err;
}

static netdev_tx_t nic_tx_drop(struct nic *nic, struct sk_buff *skb)
{
	nic_tx_count(nic, &nic->tx_stats.dropped);
	dev_kfree_skb_any(skb);
	if (!netdev_xmit_more())
		nic_tx_bell(nic);
	return NETDEV_TX_OK;
}

static void nic_tx_stop(struct nic *nic)
{
	netif_stop_queue(nic->netdev);
	nic_tx_count(nic, &nic->tx_stats.stopped);
}

/**
 * nic_tx_xmit() - ndo_start_xmit
 * @skb: the packet; ours unless NETDEV_TX_BUSY is returned
 * @dev: the device
 *
 * Context: queue lock held, bottom halves off.
 * Return: NETDEV_TX_OK, sent or dropped; NETDEV_TX_BUSY if the ring is full,
 * which a stopped queue prevents.
 */
netdev_tx_t nic_tx_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);
	u32 bytes;
	bool bell;

	/* The MAC's own padding is not to be trusted below 60 octets. */
	if (eth_skb_pad(skb)) {
		skb = NULL;	/* freed */
		return nic_tx_drop(nic, skb);
	}
	if (unlikely(nic_tx_free(&nic->tx) < TX_RESERVE)) {
		nic_tx_stop(nic);
		nic_tx_bell(nic);
		nic_tx_clean(nic, 0);	/* wakes it, if there is room by now */
		return NETDEV_TX_BUSY;
	}
	if (unlikely(nic_tx_post(nic, skb, &bytes)))
		return nic_tx_drop(nic, skb);

	skb_tx_timestamp(skb);
	bell = __netdev_sent_queue(dev, bytes, netdev_xmit_more());
	if (unlikely(nic_tx_free(&nic->tx) < TX_RESERVE)) {
		nic_tx_stop(nic);
		bell = true;
	}
	if (bell)
		nic_tx_bell(nic);
	return NETDEV_TX_OK;
}

/**
 * nic_tx_again() - put packets into the ring that it gave back unsent
 * @nic: the adapter, running
 * @kept: by nic_tx_ring_empty(); empty afterwards
 *
 * A ring that was made smaller may have no room for all. Context: may sleep; RTNL held.
 */
void nic_tx_again(struct nic *nic, struct sk_buff_head *kept)
{
	struct net_device *dev = nic->netdev;
	struct sk_buff *skb;

	netif_tx_lock_bh(dev);
	while ((skb = __skb_dequeue(kept))) {
		skb_shinfo(skb)->tx_flags &= ~SKBTX_SW_TSTAMP;	/* has been told */
		if (nic_tx_xmit(skb, dev) == NETDEV_TX_BUSY)
			nic_tx_drop(nic, skb);
	}
	netif_tx_unlock_bh(dev);
}

/**
 * nic_tx_features() - ndo_features_check
 * @skb: the packet
 * @dev: the device
 * @features: what the stack would leave to it
 *
 * The offsets in a context are octets.
 * Return: what it may leave to it.
 */
netdev_features_t nic_tx_features(struct sk_buff *skb, struct net_device *dev,
				  netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start_offset(skb) + skb->csum_offset > NIC_TXC_OFFSET_MAX)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	if (skb_is_gso(skb) && skb_tcp_all_headers(skb) > NIC_TXC_HDRLEN_MAX)
		features &= ~NETIF_F_GSO_MASK;
	return features;
}

/* The delay of the transmit interrupt, in units of 1.024 microseconds. */
void nic_tx_delay(struct nic *nic)
{
	u32 delay = nic->tx_usecs * 1000 / 1024;

	nic_wr(nic, NIC_TIDV, delay);
	nic_wr(nic, NIC_TADV, delay);
}

/**
 * nic_tx_configure() - start the transmitter on an empty ring
 * @nic: the adapter, after nic_hw_configure()
 *
 * Context: may sleep; RTNL held.
 */
void nic_tx_configure(struct nic *nic)
{
	struct nic_tx_ring *ring = &nic->tx;

	nic_wr(nic, NIC_TDBAL, lower_32_bits(ring->dma));
	nic_wr(nic, NIC_TDBAH, upper_32_bits(ring->dma));
	nic_wr(nic, NIC_TDLEN, ring->count * sizeof(*ring->desc));
	nic_wr(nic, NIC_TDH, 0);
	nic_wr(nic, NIC_TDT, 0);
	nic_wr(nic, NIC_TXDCTL, NIC_TXDCTL_GRAN | NIC_TXDCTL_WTHRESH_1);
	nic_tx_delay(nic);

	spin_lock_bh(&nic->reg_lock);
	/* 15 retries; the collision distance of full duplex until the link is up */
	nic->tctl = NIC_TCTL_EN | NIC_TCTL_PSP | NIC_TCTL_RTLC |
		    15 << NIC_TCTL_CT_SHIFT | 0x40 << NIC_TCTL_COLD_SHIFT;
	nic_wr(nic, NIC_TCTL, nic->tctl);
	spin_unlock_bh(&nic->reg_lock);
}
