/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How an adapter that is not on PCI comes to the driver: it offers its
 * registers and its interrupt by a table and is driven like any other. The
 * driver meets the difference in one branch per register access.
 */
#ifndef _PLUMB_NIC_BUS_H
#define _PLUMB_NIC_BUS_H

#include <linux/interrupt.h>
#include <linux/types.h>

struct device;
struct net;
struct net_device;

/**
 * struct nic_bus_ops - a register file and an interrupt line that are not PCI's
 * @read: value of the register at byte offset @reg; hard interrupt context too
 * @write: store @value into it; hard interrupt context too
 * @irq_request: from now on call @handler(0, @data) in hard interrupt context
 *	while a cause is unmasked; 0 or a negative errno; may sleep
 * @irq_free: no call any more once this has returned; may sleep
 * @irq_sync: wait for a running handler; may sleep
 */
struct nic_bus_ops {
	u32 (*read)(void *bus, u32 reg);
	void (*write)(void *bus, u32 reg, u32 value);
	int (*irq_request)(void *bus, irq_handler_t handler, void *data);
	void (*irq_free)(void *bus, void *data);
	void (*irq_sync)(void *bus);
};

/**
 * struct nic_attach - what an adapter brings along
 * @dev: the device that DMA is mapped for and that is the netdevice's parent
 * @net: network namespace of the netdevice; NULL for the initial one
 * @mmio: the mapped registers on PCI, NULL with @ops
 * @ops: register and interrupt table, NULL on PCI
 * @bus: first argument of each function of @ops
 * @irq: interrupt line number on PCI
 * @stamps: it has the time stamp registers (regs.h)
 * @device: PCI device number, or that of the adapter modelled
 * @name: name or pattern of the netdevice, NULL for "eth%d"
 */
struct nic_attach {
	struct device *dev;
	struct net *net;
	void __iomem *mmio;
	const struct nic_bus_ops *ops;
	void *bus;
	int irq;
	bool stamps;
	u16 device;
	const char *name;
};

struct net_device *plumb_nic_attach(const struct nic_attach *at);
void plumb_nic_detach(struct net_device *dev);

#endif /* _PLUMB_NIC_BUS_H */
