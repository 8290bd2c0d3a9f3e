// SPDX-License-Identifier: GPL-2.0
/*
 * The rings' memory: descriptors that the adapter reads and writes, the buffers
 * beside them, the page pool. Called by updown.c under RTNL.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "../../kmod/compat/page_pool.h"
#include "nic.h"

/**
 * nic_tx_ring_alloc() - make an empty transmit ring
 * @nic: the adapter
 * @ring: where
 * @count: descriptors, a multiple of NIC_RING_ALIGN
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM, with nothing allocated.
 */
int nic_tx_ring_alloc(struct nic *nic, struct nic_tx_ring *ring, u16 count)
{
	memset(ring, 0, sizeof(*ring));
	ring->buf = kvcalloc(count, sizeof(*ring->buf), GFP_KERNEL);
	if (!ring->buf)
		return -ENOMEM;
	ring->desc = dma_alloc_coherent(nic->dma, count * sizeof(*ring->desc),
					&ring->dma, GFP_KERNEL);
	if (!ring->desc) {
		kvfree(ring->buf);
		ring->buf = NULL;
		return -ENOMEM;
	}
	ring->count = count;
	return 0;
}

/* Frees what nic_tx_ring_alloc() made; its packets are gone already. */
void nic_tx_ring_free(struct nic *nic, struct nic_tx_ring *ring)
{
	if (!ring->desc)
		return;
	dma_free_coherent(nic->dma, ring->count * sizeof(*ring->desc),
			  ring->desc, ring->dma);
	kvfree(ring->buf);
	ring->desc = NULL;
	ring->buf = NULL;
}

/**
 * nic_tx_ring_empty() - take every packet out of the ring
 * @nic: the adapter, stopped, as the queue is
 * @keep: where those go that the adapter has not sent, in their order; NULL: they
 *	are thrown away
 *
 * Context: may sleep; RTNL held.
 */
void nic_tx_ring_empty(struct nic *nic, struct sk_buff_head *keep)
{
	struct nic_tx_ring *ring = &nic->tx;
	u16 i;

	local_bh_disable();
	nic_tx_clean(nic, 0);		/* what was sent is not sent again */
	local_bh_enable();
	for (i = ring->clean; i != ring->use; i = nic_ring_next(i, ring->count)) {
		nic_tx_unmap(nic, &ring->buf[i]);
		if (keep && ring->buf[i].skb)
			__skb_queue_tail(keep, ring->buf[i].skb);
		else
			dev_kfree_skb_any(ring->buf[i].skb);
		ring->buf[i].skb = NULL;
	}
	memset(ring->desc, 0, ring->count * sizeof(*ring->desc));
	ring->clean = 0;
	ring->use = 0;
	ring->posted = 0;
	ring->context = 0;
	ring->flags = 0;
	netdev_reset_queue(nic->netdev);
}

static struct page_pool *nic_rx_pool(struct nic *nic, u16 count, bool large)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = large ? count : count / 2,
		.nid = dev_to_node(nic->dma),
		.dev = nic->dma,
		.dma_dir = DMA_FROM_DEVICE,
		.max_len = PAGE_SIZE,
	};

	if (!large)
		params.flags |= PP_FLAG_PAGE_FRAG;
	page_pool_params_set_napi(&params, &nic->napi);
	return page_pool_create(&params);
}

/**
 * nic_rx_ring_alloc() - make an empty receive ring
 * @nic: the adapter
 * @ring: where
 * @count: descriptors, a multiple of NIC_RING_ALIGN
 * @large: see struct nic_rx_ring
 *
 * The buffers come with nic_rx_configure(). Context: may sleep.
 * Return: 0 or a negative errno, with nothing allocated.
 */
int nic_rx_ring_alloc(struct nic *nic, struct nic_rx_ring *ring, u16 count, bool large)
{
	int err;

	memset(ring, 0, sizeof(*ring));
	ring->buf = kvcalloc(count, sizeof(*ring->buf), GFP_KERNEL);
	if (!ring->buf)
		return -ENOMEM;
	err = -ENOMEM;
	ring->desc = dma_alloc_coherent(nic->dma, count * sizeof(*ring->desc),
					&ring->dma, GFP_KERNEL);
	if (!ring->desc)
		goto err_buf;
	ring->pool = nic_rx_pool(nic, count, large);
	if (IS_ERR(ring->pool)) {
		err = PTR_ERR(ring->pool);
		goto err_desc;
	}
	ring->count = count;
	ring->large = large;
	return 0;

err_desc:
	dma_free_coherent(nic->dma, count * sizeof(*ring->desc), ring->desc, ring->dma);
	ring->desc = NULL;
err_buf:
	kvfree(ring->buf);
	ring->buf = NULL;
	return err;
}

/* To the start again; the buffers stay. The adapter and the poll are stopped. */
void nic_rx_ring_rewind(struct nic *nic)
{
	struct nic_rx_ring *ring = &nic->rx;

	dev_kfree_skb_any(ring->skb);
	ring->skb = NULL;
	ring->discard = false;
	ring->clean = 0;
	ring->use = 0;
}

/**
 * nic_rx_ring_free() - free a receive ring and its buffers
 * @nic: the adapter, stopped
 * @ring: what nic_rx_ring_alloc() made, or nothing
 *
 * Pages that sit in sockets go back to the pool by themselves; it lives until
 * the last one has. Context: may sleep.
 */
void nic_rx_ring_free(struct nic *nic, struct nic_rx_ring *ring)
{
	u16 i;

	if (!ring->desc)
		return;
	dev_kfree_skb_any(ring->skb);
	for (i = 0; i < ring->count; i++)
		if (ring->buf[i].page)
			page_pool_put_full_page(ring->pool, ring->buf[i].page, false);
	page_pool_destroy(ring->pool);
	dma_free_coherent(nic->dma, ring->count * sizeof(*ring->desc),
			  ring->desc, ring->dma);
	kvfree(ring->buf);
	memset(ring, 0, sizeof(*ring));
}
