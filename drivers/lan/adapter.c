// SPDX-License-Identifier: GPL-2.0
/*
 * The adapter as a whole: its memory, its device, its reset, its link.
 *
 * Life: lan_adapter_init() under no lock, lan_adapter_attach() lets the driver probe it, it is
 * plugged into and out of segments by its port; lan_adapter_detach() makes the driver go,
 * lan_adapter_free() ends it. The driver uses the registers from attach to detach only.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/pm_wakeup.h>
#include <linux/slab.h>

#include "adapter.h"
#include "../../kmod/compat/unaligned.h"

#define ADAPTER_PBA		(48 | 16 << 16)	/* KiB for receive and transmit after reset */
#define ADAPTER_DEVICE		0x100e		/* 82540EM */
#define ADAPTER_LOOP_FRAMES	64		/* a run of the medium */

static const struct lan_end_ops lan_adapter_end_ops = {
	.fetch = lan_txdma_fetch,
	.done = lan_txdma_done,
	.rx = lan_rxmac_rx,
};

/**
 * lan_adapter_dma() - the memory at a bus address
 * @a: the adapter
 * @addr: what the driver wrote to a descriptor or register
 * @len: octets wanted
 *
 * Context: any.
 * Return: their address, or NULL if that is no memory (a real bus would end in a master abort).
 */
void *lan_adapter_dma(struct lan_adapter *a, u64 addr, u32 len)
{
	phys_addr_t phys = dma_to_phys(&a->pdev->dev, addr);

	if (!len || !pfn_valid(PHYS_PFN(phys)) || !pfn_valid(PHYS_PFN(phys + len - 1)))
		return NULL;
	return phys_to_virt(phys);
}

/* RAL/RAH 0 from the EEPROM, the rest as after power-on (13.4). Medium's lock. */
void lan_adapter_reset(struct lan_adapter *a)
{
	u32 status = lan_reg(a, NIC_STATUS);

	memset(a->reg, 0, LAN_REG_SPACE);
	lan_reg_set(a, NIC_STATUS, status);
	lan_reg_set(a, NIC_PBA, ADAPTER_PBA);
	lan_reg_set(a, NIC_RAL(0), a->eeprom[0] | (u32)a->eeprom[1] << 16);
	lan_reg_set(a, NIC_RAH(0), a->eeprom[2] | NIC_RAH_AV);
	lan_reg_set(a, NIC_TXDCTL, 0);
	a->tx.len = 0;
	a->tx.tso_at = 0;
	a->tx.pause = 0;
	a->tx.paused_until_ns = 0;
	memset(&a->tx.ctx, 0, sizeof(a->tx.ctx));
	memset(&a->stamps, 0, sizeof(a->stamps));
	a->tx.stamp = false;
	a->tx.n_kept = 0;
	a->rx.n_kept = 0;
	lan_delay_stop(&a->tx.delay);
	lan_delay_stop(&a->rx.delay);
	a->fifo.head = 0;
	a->fifo.tail = 0;
	a->fifo.xoff = false;
	lan_intr_mask(a, ~0U, 0);
	lan_intr_read_icr(a);
	lan_intr_set_itr(a, 0);
}

/**
 * lan_adapter_link() - the link came, went or changed
 * @a: the adapter
 * @up: there is a link
 * @mbps: its speed
 * @full: full duplex
 *
 * Context: the medium's lock.
 */
void lan_adapter_link(struct lan_adapter *a, bool up, unsigned int mbps, bool full)
{
	u32 status = lan_reg(a, NIC_STATUS) &
		     ~(NIC_STATUS_LU | NIC_STATUS_FD | NIC_STATUS_SPEED_MASK);

	if (up) {
		status |= NIC_STATUS_LU | (full ? NIC_STATUS_FD : 0);
		if (mbps == 1000)
			status |= NIC_STATUS_SPEED_1000;
		else if (mbps == 100)
			status |= NIC_STATUS_SPEED_100;
		a->bit_ns = 1000 / mbps;
	}
	a->tx.paused_until_ns = 0;
	lan_reg_set(a, NIC_STATUS, status);
	if (a->link != up) {
		a->link = up;
		lan_intr_cause(a, NIC_INT_LSC);
	}
}

/**
 * lan_adapter_loop() - in loopback, give back what there is to send
 * @a: the adapter
 *
 * Through the framing circuit both ways, as on a wire without errors. What is left waits for the
 * medium's next run.
 *
 * Context: the medium's lock.
 */
void lan_adapter_loop(struct lan_adapter *a)
{
	u64 now = a->ops->now(a);
	struct lan_wire wire;
	struct lan_rx rx;
	int n;

	for (n = 0; n < ADAPTER_LOOP_FRAMES && lan_txdma_fetch(&a->end, &wire, now); n++) {
		lan_frame_parse(wire.octets, 8 * wire.n, false, a->end.max_frame, a->tx.frame,
				&rx);
		lan_rxmac_rx(&a->end, &rx, false, now);
		lan_txdma_done(&a->end, CSMA_SENT, now);
	}
	if (n == ADAPTER_LOOP_FRAMES)
		a->ops->kick(a);
}

static int lan_adapter_memory(struct lan_adapter *a)
{
	a->reg = kzalloc(LAN_REG_SPACE, GFP_KERNEL_ACCOUNT);
	a->fifo.mem = kvmalloc(LAN_PACKET_BUFFER, GFP_KERNEL_ACCOUNT);
	a->rxtmp = kvmalloc(LAN_SEGMENT_OCTETS, GFP_KERNEL_ACCOUNT);
	a->tx.pkt = kvmalloc(LAN_TX_PACKET_MAX, GFP_KERNEL_ACCOUNT);
	a->tx.frame = kvmalloc(LAN_SEGMENT_OCTETS, GFP_KERNEL_ACCOUNT);
	a->tx.wire = kvmalloc(LAN_SEGMENT_OCTETS, GFP_KERNEL_ACCOUNT);
	if (a->reg && a->fifo.mem && a->rxtmp && a->tx.pkt && a->tx.frame && a->tx.wire)
		return 0;
	return -ENOMEM;
}

static void lan_adapter_memory_free(struct lan_adapter *a)
{
	kvfree(a->tx.wire);
	kvfree(a->tx.frame);
	kvfree(a->tx.pkt);
	kvfree(a->rxtmp);
	kvfree(a->fifo.mem);
	kfree(a->reg);
}

/**
 * lan_adapter_init() - make an adapter; nobody drives it yet
 * @a: zeroed
 * @ops: the medium's
 * @owner: for @ops
 * @mac: address in its EEPROM
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int lan_adapter_init(struct lan_adapter *a, const struct lan_adapter_ops *ops, void *owner,
		     const u8 mac[6])
{
	struct platform_device_info info = {
		.name = "plumb_lan",
		.id = PLATFORM_DEVID_AUTO,
		.dma_mask = DMA_BIT_MASK(64),
	};
	int err;

	err = lan_adapter_memory(a);
	if (err)
		goto out_memory;
	a->pdev = platform_device_register_full(&info);
	if (IS_ERR(a->pdev)) {
		err = PTR_ERR(a->pdev);
		goto out_memory;
	}
	device_set_wakeup_capable(&a->pdev->dev, true);
	a->ops = ops;
	a->owner = owner;
	a->bit_ns = 100;
	a->end.ops = &lan_adapter_end_ops;
	a->end.max_frame = LAN_MAX_TAGGED;
	lan_intr_init(&a->intr);
	lan_eeprom_init(a, mac);
	lan_phy_init(a);
	lan_adapter_reset(a);
	return 0;

out_memory:
	lan_adapter_memory_free(a);
	return err;
}

void lan_adapter_free(struct lan_adapter *a)
{
	lan_intr_stop(&a->intr);
	platform_device_unregister(a->pdev);
	lan_adapter_memory_free(a);
}

/**
 * lan_adapter_attach() - let the driver probe it
 * @a: the adapter
 * @net: where its netdevice appears
 * @name: the netdevice's name or pattern, or NULL
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int lan_adapter_attach(struct lan_adapter *a, struct net *net, const char *name)
{
	struct nic_attach at = {
		.dev = &a->pdev->dev,
		.net = net,
		.ops = &lan_regs_ops,
		.bus = a,
		.device = ADAPTER_DEVICE,
		.stamps = true,
		.name = name,
	};
	struct net_device *dev = plumb_nic_attach(&at);

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	a->netdev = dev;
	return 0;
}

void lan_adapter_detach(struct lan_adapter *a)
{
	if (a->netdev)
		plumb_nic_detach(a->netdev);
	a->netdev = NULL;
}
