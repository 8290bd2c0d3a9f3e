/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two descriptor rings.
 *
 * Transmit. Three indices run around the ring in this order; the adapter works
 * between clean and posted:
 *
 *      clean            posted              use
 *        |  adapter's     |  filled, tail     |  free
 *        v                v  not written yet  v
 *   -----[#####|##########][++++++++++++++++++]---------------
 *         batch  batch       the open batch
 *
 * A batch is what one write of the tail register hands over; only its last
 * descriptor asks for a status report, so that a batch costs one write-back. Its first
 * buffer says where it ends. The transmit path alone moves use and posted
 * (under the queue's lock); clean is moved by whoever holds the NIC_TX_CLEANING
 * bit: the poll, or the transmit path right after it rang.
 *
 * Receive. The poll alone touches the ring:
 *
 *      clean                                use
 *        |  adapter fills these, in order    |  to be refilled
 *        v                                   v
 *   -----[###################################]---------------
 */
#ifndef _PLUMB_NIC_RING_H
#define _PLUMB_NIC_RING_H

#include <linux/cache.h>
#include <linux/types.h>

#include "regs.h"

struct nic;
struct page;
struct page_pool;
struct sk_buff;
struct sk_buff_head;

#define NIC_RING_MAX		4096	/* RDLEN and TDLEN end at 64 KiB */
#define NIC_RING_ALIGN		8	/* in descriptors: their unit is 128 octets */
#define NIC_TX_MIN		128
#define NIC_RX_MIN		64
#define NIC_TX_DEFAULT		512
#define NIC_RX_DEFAULT		512

enum nic_tx_map {
	NIC_TX_MAP_NONE,
	NIC_TX_MAP_SINGLE,
	NIC_TX_MAP_PAGE,
};

/**
 * struct nic_tx_buf - what hangs on a transmit descriptor
 * @skb: the packet, on its last descriptor; freed when that is done
 * @dma: the mapping
 * @len: its octets
 * @bytes: octets on the wire of the whole packet, beside @skb
 * @segs: frames of the whole packet, beside @skb
 * @last: on the first descriptor of a batch, the index of its last
 * @map: how @dma was mapped
 */
struct nic_tx_buf {
	struct sk_buff *skb;
	dma_addr_t dma;
	u32 len;
	u32 bytes;
	u16 segs;
	u16 last;
	u8 map;
};

/**
 * struct nic_tx_ring - the transmit ring
 * @desc: descriptors, shared with the adapter
 * @buf: one for each
 * @dma: bus address of @desc
 * @count: descriptors
 * @use: next free one
 * @posted: end of what the adapter was given
 * @context: the checksum context it holds (TUCSS, TUCSO), 0 for none
 * @flags: NIC_TX_*
 * @clean: oldest one not given back
 */
struct nic_tx_ring {
	union nic_tx_desc *desc;
	struct nic_tx_buf *buf;
	dma_addr_t dma;
	u16 count;
	u16 use;
	u16 posted;
	u32 context;
	unsigned long flags ____cacheline_aligned_in_smp;
#define NIC_TX_CLEANING	0	/* somebody moves @clean */
#define NIC_TX_ARMED	1	/* the interrupt for done descriptors is unmasked */
	u16 clean;
};

/**
 * struct nic_rx_buf - a receive buffer
 * @page: its page, or NULL if the slot is empty
 * @offset: where the slot begins in it
 */
struct nic_rx_buf {
	struct page *page;
	u32 offset;
};

/**
 * struct nic_rx_ring - the receive ring
 * @desc: descriptors, shared with the adapter
 * @buf: one for each
 * @pool: where the pages come from and return to
 * @skb: a frame of which not all descriptors have come
 * @dma: bus address of @desc
 * @count: descriptors
 * @clean: next one to look at
 * @use: next one to refill; the tail register
 * @large: a page a descriptor and frames over several; else half a page and
 *	each frame in one
 * @discard: drop up to the end of the current frame
 */
struct nic_rx_ring {
	struct nic_rx_desc *desc;
	struct nic_rx_buf *buf;
	struct page_pool *pool;
	struct sk_buff *skb;
	dma_addr_t dma;
	u16 count;
	u16 clean;
	u16 use;
	bool large;
	bool discard;
};

static inline u16 nic_ring_next(u16 i, u16 count)
{
	return ++i == count ? 0 : i;
}

/* Slots from @from up to @to, going round. */
static inline u16 nic_ring_span(u16 from, u16 to, u16 count)
{
	return to >= from ? to - from : count + to - from;
}

int nic_tx_ring_alloc(struct nic *nic, struct nic_tx_ring *ring, u16 count);
void nic_tx_ring_free(struct nic *nic, struct nic_tx_ring *ring);
void nic_tx_ring_empty(struct nic *nic, struct sk_buff_head *keep);
int nic_rx_ring_alloc(struct nic *nic, struct nic_rx_ring *ring, u16 count, bool large);
void nic_rx_ring_rewind(struct nic *nic);
void nic_rx_ring_free(struct nic *nic, struct nic_rx_ring *ring);

#endif /* _PLUMB_NIC_RING_H */
