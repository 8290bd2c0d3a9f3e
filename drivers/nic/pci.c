// SPDX-License-Identifier: GPL-2.0
/*
 * The adapter on PCI: probe, remove, suspend and resume, shutdown, and the
 * module's part (kmod/main.c).
 *
 * There is no MODULE_DEVICE_TABLE on purpose: the module is loaded by hand and
 * must not be drawn in by every such adapter it would take from another driver.
 */
#include <linux/dma-mapping.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/rtnetlink.h>

#include <plumb/init.h>

#include "nic.h"

#define NIC_BAR		0

static const struct pci_device_id nic_pci_ids[] = {
	{ PCI_VDEVICE(INTEL, NIC_DEV_82540EM) },
	{ PCI_VDEVICE(INTEL, NIC_DEV_82545EM) },
	{ PCI_VDEVICE(INTEL, NIC_DEV_82544EI) },
	{ PCI_VDEVICE(INTEL, NIC_DEV_82544GC) },
	{ }
};

static int nic_pci_enable(struct pci_dev *pdev)
{
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (err)
		goto err_disable;
	err = pci_request_selected_regions(pdev, BIT(NIC_BAR), NIC_NAME);
	if (err)
		goto err_disable;
	pci_set_master(pdev);
	return 0;

err_disable:
	pci_disable_device(pdev);
	return err;
}

static void nic_pci_disable(struct pci_dev *pdev)
{
	pci_clear_master(pdev);
	pci_release_selected_regions(pdev, BIT(NIC_BAR));
	pci_disable_device(pdev);
}

static int nic_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nic_attach at = {
		.dev = &pdev->dev,
		.device = pdev->device,
	};
	struct net_device *dev;
	int err;

	err = nic_pci_enable(pdev);
	if (err)
		return err;
	at.irq = pdev->irq;	/* routed by enabling */
	err = -ENOMEM;
	at.mmio = pci_ioremap_bar(pdev, NIC_BAR);
	if (!at.mmio)
		goto err_disable;
	dev = plumb_nic_attach(&at);
	if (IS_ERR(dev)) {
		err = PTR_ERR(dev);
		goto err_unmap;
	}
	pci_set_drvdata(pdev, dev);
	return 0;

err_unmap:
	iounmap(at.mmio);
err_disable:
	nic_pci_disable(pdev);
	return err;
}

static void nic_pci_remove(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);
	void __iomem *mmio = ((struct nic *)netdev_priv(dev))->mmio;

	plumb_nic_detach(dev);
	iounmap(mmio);
	nic_pci_disable(pdev);
}

/* Stops a running adapter and arms the wake-up that was asked for. */
static void nic_pci_sleep(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);
	struct nic *nic = netdev_priv(dev);

	rtnl_lock();
	netif_device_detach(dev);
	if (netif_running(dev))
		nic_stop(dev);
	rtnl_unlock();
	nic_hw_sleep(nic);
	device_set_wakeup_enable(&pdev->dev, nic->wol);
}

static int nic_pci_suspend(struct device *device)
{
	nic_pci_sleep(to_pci_dev(device));
	return 0;
}

static int nic_pci_resume(struct device *device)
{
	struct net_device *dev = dev_get_drvdata(device);
	struct nic *nic = netdev_priv(dev);
	int err = 0;

	pci_set_master(to_pci_dev(device));
	nic_hw_wake(nic);
	rtnl_lock();
	if (netif_running(dev))
		err = nic_open(dev);
	if (!err)
		netif_device_attach(dev);
	rtnl_unlock();
	return err;
}

static DEFINE_SIMPLE_DEV_PM_OPS(nic_pci_pm_ops, nic_pci_suspend, nic_pci_resume);

static void nic_pci_shutdown(struct pci_dev *pdev)
{
	nic_pci_sleep(pdev);
	if (system_state == SYSTEM_POWER_OFF) {
		pci_wake_from_d3(pdev, device_may_wakeup(&pdev->dev));
		pci_set_power_state(pdev, PCI_D3hot);
	}
}

static struct pci_driver nic_pci_driver = {
	.name = NIC_NAME,
	.id_table = nic_pci_ids,
	.probe = nic_pci_probe,
	.remove = nic_pci_remove,
	.shutdown = nic_pci_shutdown,
	.driver.pm = pm_sleep_ptr(&nic_pci_pm_ops),
};

/**
 * plumb_nic_init() - register the driver
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int plumb_nic_init(void)
{
	return pci_register_driver(&nic_pci_driver);
}

/**
 * plumb_nic_exit() - unregister it and let go of every adapter
 *
 * Context: process context.
 */
void plumb_nic_exit(void)
{
	pci_unregister_driver(&nic_pci_driver);
}
