// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: from the packet buffer into the driver's descriptors (8254x manual 3.2.3 to 3.2.9). A
 * frame that finds no room in the buffer is missed (MPC); one that finds no descriptor waits in it
 * (RNBC).
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "adapter.h"
#include "hostile.h"
#include "../../kmod/compat/unaligned.h"

#define RDLEN_MASK		GENMASK(19, 7)
#define RCTL_BSIZE_SHIFT	16
#define RCTL_RDMTS_SHIFT	8
#define RXD_IPCS		BIT(6)	/* IPv4 header checksum was computed */
#define RXD_PIF			BIT(7)	/* let in by the hash alone */
#define RXD_ERR_IPE		BIT(6)

/**
 * struct rx_slot - what stands before a frame in the packet buffer
 * @len: octets of the frame
 * @errors: NIC_RXD_ERR_*
 * @stamp: its time is held
 */
struct rx_slot {
	u16	len;
	u8	errors;
	u8	stamp;
};

/* Descriptors of the ring (13.4.27). */
u32 lan_rxdma_count(const struct lan_adapter *a)
{
	return (lan_reg(a, NIC_RDLEN) & RDLEN_MASK) / sizeof(struct nic_rx_desc);
}

static u32 rxdma_capacity(const struct lan_adapter *a)
{
	return min_t(u32, (lan_reg(a, NIC_PBA) & 0xff) << 10, LAN_PACKET_BUFFER);
}

static u32 rxdma_used(const struct lan_adapter *a)
{
	return a->fifo.head - a->fifo.tail;
}

static void rxdma_copy_in(struct lan_fifo *f, const void *src, u32 len)
{
	u32 at = f->head % LAN_PACKET_BUFFER, first = min(len, LAN_PACKET_BUFFER - at);

	memcpy(f->mem + at, src, first);
	memcpy(f->mem, src + first, len - first);
	f->head += len;
}

static void rxdma_copy_out(const struct lan_fifo *f, u64 from, void *dst, u32 len)
{
	u32 at = from % LAN_PACKET_BUFFER, first = min(len, LAN_PACKET_BUFFER - at);

	memcpy(dst, f->mem + at, first);
	memcpy(dst + first, f->mem, len - first);
}

/* Sent as soon as the segment can, in its time: it may lag behind the clock. */
static void rxdma_send_pause(struct lan_adapter *a, u8 pause)
{
	a->tx.pause = pause;
	a->end.kicked = true;
	a->ops->kick(a);
}

/*
 * 802.3x: ask for silence above the high mark, allow speech below the low one (13.4.28, 13.4.29).
 */
static void rxdma_flow_control(struct lan_adapter *a)
{
	u32 high = lan_reg(a, NIC_FCRTH) & 0xfff8, low = lan_reg(a, NIC_FCRTL) & 0xfff8;
	u32 used = rxdma_used(a);

	if (!(lan_reg(a, NIC_CTRL) & NIC_CTRL_TFCE) || !high ||
	    !(lan_reg(a, NIC_STATUS) & NIC_STATUS_FD))
		return;
	if (!a->fifo.xoff && used > high) {
		a->fifo.xoff = true;
		rxdma_send_pause(a, 1);
	} else if (a->fifo.xoff && used < low) {
		a->fifo.xoff = false;
		if (lan_reg(a, NIC_FCRTL) & NIC_FCRTL_XONE)
			rxdma_send_pause(a, 2);
	}
}

/* The next descriptor to use: those before it that are kept back are RDH's still. */
static u32 rxdma_head(const struct lan_adapter *a, u32 count)
{
	u32 head = lan_reg(a, NIC_RDH) + a->rx.n_kept;

	return head >= count ? head - count : head;
}

/* Descriptors the adapter has yet to use: up to the tail. */
static u32 rxdma_free(const struct lan_adapter *a, u32 count)
{
	u32 head = lan_reg(a, NIC_RDH), tail = lan_reg(a, NIC_RDT), owned;

	if (!count || head >= count || tail >= count)
		return 0;
	owned = tail >= head ? tail - head : count - head + tail;
	return owned - min(owned, a->rx.n_kept);
}

static u32 rxdma_buffer_size(const struct lan_adapter *a)
{
	u32 rctl = lan_reg(a, NIC_RCTL);
	u32 size = 2048 >> (rctl >> RCTL_BSIZE_SHIFT & 3);

	return rctl & BIT(25) && rctl >> RCTL_BSIZE_SHIFT & 3 ? size * 16 : size;
}

/* What the checksum unit says of a frame: status and error bits (3.2.9). */
static void rxdma_checksum(const struct lan_adapter *a, const u8 *frame, u32 len, u8 *status,
			   u8 *errors)
{
	u32 rxcsum = lan_reg(a, NIC_RXCSUM), hl, total, off = ETH_HLEN;
	const struct iphdr *ip = (const void *)frame + off;
	__wsum sum;
	u8 proto;

	*status |= NIC_RXD_IXSM;
	if (len < off + 20 || get_unaligned_be16(frame + 12) != ETH_P_IP)
		return;
	hl = (frame[off] & 15) * 4;
	total = get_unaligned_be16(frame + off + 2);
	if (frame[off] >> 4 != 4 || hl < 20 || total < hl || len < off + total)
		return;
	*status &= ~NIC_RXD_IXSM;
	if (rxcsum & NIC_RXCSUM_IPOFLD) {
		*status |= RXD_IPCS;
		if (ip_compute_csum(ip, hl))
			*errors |= RXD_ERR_IPE;
	}
	proto = frame[off + 9];
	if (!(rxcsum & NIC_RXCSUM_TUOFLD) || (proto != IPPROTO_TCP && proto != IPPROTO_UDP) ||
	    get_unaligned_be16(frame + off + 6) & 0x3fff)
		return;
	if (proto == IPPROTO_UDP &&
	    (total - hl < 8 || !get_unaligned((u16 *)(frame + off + hl + 6))))
		return;
	*status |= NIC_RXD_TCPCS;
	sum = csum_partial(frame + off + hl, total - hl, 0);
	if (csum_tcpudp_magic(get_unaligned((__be32 *)(frame + off + 12)),
			      get_unaligned((__be32 *)(frame + off + 16)), total - hl, proto, sum))
		*errors |= NIC_RXD_ERR_TCPE;
}

static u32 rxdma_strip_tag(const struct lan_adapter *a, u8 *frame, u32 len, u16 *tag)
{
	if (!(lan_reg(a, NIC_CTRL) & NIC_CTRL_VME) || len < ETH_HLEN + VLAN_HLEN ||
	    get_unaligned_be16(frame + 12) != (lan_reg(a, NIC_VET) & 0xffff))
		return len;
	*tag = get_unaligned_be16(frame + 14);
	memmove(frame + 12, frame + 16, len - 16);
	return len - VLAN_HLEN;
}

/* The fraction of the ring below which the driver is told to refill it: RCTL.RDMTS (13.4.22). */
static u32 rxdma_minimum(const struct lan_adapter *a, u32 count)
{
	return count >> (1 + (lan_reg(a, NIC_RCTL) >> RCTL_RDMTS_SHIFT & 3));
}

/* One frame to as many descriptors as it needs, which are there. */
static void rxdma_write(struct lan_adapter *a, const u8 *frame, u32 len, u32 count,
			struct nic_rx_desc done)
{
	u64 base = (u64)lan_reg(a, NIC_RDBAH) << 32 | (lan_reg(a, NIC_RDBAL) & ~15U);
	u32 size = rxdma_buffer_size(a), at = 0;
	u8 status = done.status, errors = done.errors;

	while (at < len) {
		u64 where = base + rxdma_head(a, count) * sizeof(done);
		const struct nic_rx_desc *d = lan_adapter_dma(a, where, sizeof(*d));
		u32 n = min(size, len - at);
		void *buf = d ? lan_adapter_dma(a, le64_to_cpu(READ_ONCE(d->addr)), n) : NULL;

		if (buf)
			memcpy(buf, frame + at, n);
		at += n;
		done.length = cpu_to_le16(n);
		done.errors = at == len ? errors : 0;
		done.status = status | NIC_RXD_DD | (at == len ? NIC_RXD_EOP : 0);
		lan_hostile_rx(&done);
		lan_delay_rx_keep(a, &done);
	}
}

/* The oldest frame of the packet buffer goes to memory. Returns false if it has to wait. */
static bool rxdma_one(struct lan_adapter *a, u32 count)
{
	u32 free = rxdma_free(a, count), minimum = rxdma_minimum(a, count), len;
	struct nic_rx_desc done = { 0 };
	struct lan_fifo *f = &a->fifo;
	u8 status = 0, errors;
	struct rx_slot slot;
	u16 tag = 0;

	rxdma_copy_out(f, f->tail, &slot, sizeof(slot));
	if (free * rxdma_buffer_size(a) < slot.len)
		return false;
	rxdma_copy_out(f, f->tail + sizeof(slot), a->rxtmp, slot.len);
	f->tail += sizeof(slot) + slot.len;
	len = slot.len;
	errors = slot.errors;
	if (slot.stamp)
		status |= NIC_RXD_STAMP;
	if (!errors) {
		u32 before = len;

		len = rxdma_strip_tag(a, a->rxtmp, len, &tag);
		if (len != before)
			status |= NIC_RXD_VP;
		rxdma_checksum(a, a->rxtmp, len, &status, &errors);
	} else {
		status |= NIC_RXD_IXSM;
	}
	if (lan_reg(a, NIC_RCTL) & NIC_RCTL_SECRC && len > LAN_FCS_LEN)
		len -= LAN_FCS_LEN;
	done.status = status;
	done.errors = errors;
	done.special = cpu_to_le16(tag);
	rxdma_write(a, a->rxtmp, len, count, done);
	if (free > minimum && rxdma_free(a, count) <= minimum)
		lan_intr_cause(a, NIC_INT_RXDMT0);
	lan_delay_rx(a, len);
	return true;
}

/**
 * lan_rxdma_drain() - move what waits in the packet buffer while there are descriptors
 * @a: the adapter
 *
 * Context: the medium's lock.
 */
void lan_rxdma_drain(struct lan_adapter *a)
{
	u32 count = lan_rxdma_count(a);

	if (!(lan_reg(a, NIC_RCTL) & NIC_RCTL_EN))
		return;
	while (rxdma_used(a) && rxdma_one(a, count))
		;
	rxdma_flow_control(a);
}

/**
 * lan_rxdma_put() - a frame that the MAC lets in
 * @a: the adapter
 * @frame: destination address to FCS
 * @len: its octets
 * @errors: NIC_RXD_ERR_* of a bad frame that is stored all the same
 * @sfd_ns: when its start delimiter had passed
 *
 * Context: the medium's lock.
 * Return: false if the packet buffer has no room and the frame is missed.
 */
bool lan_rxdma_put(struct lan_adapter *a, const u8 *frame, u32 len, u8 errors, u64 sfd_ns)
{
	struct lan_stamps *st = &a->stamps;
	struct rx_slot slot = { .len = len, .errors = errors };

	if (rxdma_used(a) + sizeof(slot) + len > rxdma_capacity(a)) {
		lan_stat(a, NIC_MPC);
		lan_intr_cause(a, NIC_INT_RXO);
		return false;
	}
	if (st->rx_ctl & NIC_TSYNC_EN && !(st->rx_ctl & NIC_TSYNC_VALID)) {
		st->rx = sfd_ns;
		st->rx_ctl |= NIC_TSYNC_VALID;
		slot.stamp = 1;
	}
	rxdma_copy_in(&a->fifo, &slot, sizeof(slot));
	rxdma_copy_in(&a->fifo, frame, len);
	lan_rxdma_drain(a);
	if (rxdma_used(a))
		lan_stat(a, NIC_RNBC);
	return true;
}
