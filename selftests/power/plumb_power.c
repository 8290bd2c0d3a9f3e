// SPDX-License-Identifier: GPL-2.0
/*
 * Suspends, resumes or shuts down one PCI device, as the PCI core does it for all of them: the test
 * VM does not survive a suspend of the others. Loaded for one such step by driver/power.sh.
 */
#include <linux/module.h>
#include <linux/pci.h>

static char *device = "";
module_param(device, charp, 0);
MODULE_PARM_DESC(device, "its name, such as 0000:00:02.0");

static char *step = "";
module_param(step, charp, 0);
MODULE_PARM_DESC(step, "suspend, resume or shutdown");

static int power_suspend(struct pci_dev *pdev, const struct dev_pm_ops *pm)
{
	int err = pm->suspend(&pdev->dev);

	if (err)
		return err;
	err = pci_save_state(pdev);
	pci_clear_master(pdev);
	return err;
}

static int power_resume(struct pci_dev *pdev, const struct dev_pm_ops *pm)
{
	pci_restore_state(pdev);
	return pm->resume(&pdev->dev);
}

/* The device's lock. */
static int power_step(struct pci_dev *pdev)
{
	struct pci_driver *drv = pci_dev_driver(pdev);
	const struct dev_pm_ops *pm = drv ? drv->driver.pm : NULL;

	if (!strcmp(step, "suspend") && pm)
		return power_suspend(pdev, pm);
	if (!strcmp(step, "resume") && pm)
		return power_resume(pdev, pm);
	if (!strcmp(step, "shutdown") && drv && drv->shutdown) {
		drv->shutdown(pdev);
		return 0;
	}
	return -EINVAL;
}

static int __init power_init(void)
{
	struct device *dev = bus_find_device_by_name(&pci_bus_type, NULL, device);
	int err;

	if (!dev)
		return -ENODEV;
	device_lock(dev);
	err = power_step(to_pci_dev(dev));
	device_unlock(dev);
	put_device(dev);
	return err;
}

static void __exit power_exit(void)
{
}

module_init(power_init);
module_exit(power_exit);
MODULE_DESCRIPTION("Power management of one PCI device, for a test");
MODULE_LICENSE("GPL");
