// SPDX-License-Identifier: GPL-2.0
/*
 * The net_device: its operations, and how an adapter becomes one. pci.c comes
 * here from PCI; an adapter on another bus by bus.h.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/mii.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "../../kmod/compat/hrtimer.h"
#include "nic.h"

#define NIC_FEATURES_HW		(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | \
				 NETIF_F_RXCSUM | NETIF_F_HW_VLAN_CTAG_RX | \
				 NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_FILTER)
#define NIC_FEATURES_OFF	(NETIF_F_RXFCS | NETIF_F_RXALL)	/* can be turned on */
#define NIC_FEATURES_VLAN	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6)

static void nic_set_rx_mode(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	if (test_bit(NIC_F_UP, &nic->flags))
		nic_filter_set(nic);
}

static int nic_set_mac(struct net_device *dev, void *addr)
{
	struct nic *nic = netdev_priv(dev);
	int err;

	err = eth_mac_addr(dev, addr);
	if (!err && test_bit(NIC_F_UP, &nic->flags))
		nic_filter_address(nic);
	return err;
}

static int nic_change_mtu(struct net_device *dev, int mtu)
{
	struct nic *nic = netdev_priv(dev);
	bool large = nic_hw_large(nic, mtu, dev->features);
	int old = dev->mtu;
	int err;

	WRITE_ONCE(dev->mtu, mtu);
	if (!test_bit(NIC_F_UP, &nic->flags) || (!large && !nic->rx.large))
		return 0;
	err = nic_reopen(nic, nic->tx_count, nic->rx_count, large);
	if (err)
		WRITE_ONCE(dev->mtu, old);
	return err;
}

/* CTRL.VME is one switch for both directions. */
static netdev_features_t nic_fix_features(struct net_device *dev, netdev_features_t features)
{
	if (!(features & NETIF_F_HW_VLAN_CTAG_RX))
		features &= ~NETIF_F_HW_VLAN_CTAG_TX;
	return features;
}

static void nic_apply_features(struct nic *nic, netdev_features_t features)
{
	struct net_device *dev = nic->netdev;

	nic_hw_ctrl(nic, NIC_CTRL_VME,
		    features & NETIF_F_HW_VLAN_CTAG_RX ? NIC_CTRL_VME : 0);
	nic_wr(nic, NIC_RXCSUM, features & NETIF_F_RXCSUM ?
	       NIC_RXCSUM_IPOFLD | NIC_RXCSUM_TUOFLD : 0);
	netif_addr_lock_bh(dev);
	nic_filter_set(nic);
	netif_addr_unlock_bh(dev);
}

/* Return: 1, dev->features is set; or a negative errno with it as it was. */
static int nic_set_features(struct net_device *dev, netdev_features_t features)
{
	bool large = nic_hw_large(netdev_priv(dev), dev->mtu, features);
	struct nic *nic = netdev_priv(dev);
	netdev_features_t old = dev->features;
	int err = 0;

	dev->features = features;
	if (!test_bit(NIC_F_UP, &nic->flags))
		return 1;
	if (large != nic->rx.large)
		err = nic_reopen(nic, nic->tx_count, nic->rx_count, large);
	else
		nic_apply_features(nic, features);
	if (err)
		dev->features = old;
	return err ?: 1;
}

static int nic_vlan_add(struct net_device *dev, __be16 proto, u16 vid)
{
	nic_filter_vlan(netdev_priv(dev), vid, true);
	return 0;
}

static int nic_vlan_del(struct net_device *dev, __be16 proto, u16 vid)
{
	nic_filter_vlan(netdev_priv(dev), vid, false);
	return 0;
}

static void nic_tx_timed_out(struct net_device *dev, unsigned int queue)
{
	struct nic *nic = netdev_priv(dev);

	schedule_work(&nic->reset_work);
}

static int nic_ioctl(struct net_device *dev, struct ifreq *ifr, int cmd)
{
	struct nic *nic = netdev_priv(dev);
	struct mii_ioctl_data *mii = if_mii(ifr);
	int err;

	if (cmd == SIOCSHWTSTAMP || cmd == SIOCGHWTSTAMP)
		return nic_stamp_ioctl(nic, ifr, cmd == SIOCSHWTSTAMP);
	if (cmd == SIOCGMIIPHY)
		mii->phy_id = NIC_PHY_ADDR;
	else if (cmd != SIOCGMIIREG && cmd != SIOCSMIIREG)
		return -EOPNOTSUPP;
	if (cmd == SIOCGMIIPHY)
		return 0;
	if (mii->phy_id != NIC_PHY_ADDR || mii->reg_num > 31)
		return -EIO;
	mutex_lock(&nic->phy_lock);
	if (cmd == SIOCGMIIREG)
		err = nic_phy_read(nic, mii->reg_num, &mii->val_out);
	else
		err = nic_phy_write(nic, mii->reg_num, mii->val_in);
	mutex_unlock(&nic->phy_lock);
	return err;
}

static const struct net_device_ops nic_netdev_ops = {
	.ndo_open		= nic_open,
	.ndo_stop		= nic_stop,
	.ndo_start_xmit		= nic_tx_xmit,
	.ndo_features_check	= nic_tx_features,
	.ndo_tx_timeout		= nic_tx_timed_out,
	.ndo_get_stats64	= nic_stats_get,
	.ndo_set_rx_mode	= nic_set_rx_mode,
	.ndo_set_mac_address	= nic_set_mac,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= nic_change_mtu,
	.ndo_fix_features	= nic_fix_features,
	.ndo_set_features	= nic_set_features,
	.ndo_vlan_rx_add_vid	= nic_vlan_add,
	.ndo_vlan_rx_kill_vid	= nic_vlan_del,
	.ndo_eth_ioctl		= nic_ioctl,
};

static void nic_netdev_setup(struct net_device *dev)
{
	dev->netdev_ops = &nic_netdev_ops;
	dev->ethtool_ops = &nic_ethtool_ops;
	dev->watchdog_timeo = NIC_TX_TIMEOUT;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = NIC_MTU_MAX;
	dev->hw_features = NIC_FEATURES_HW | NIC_FEATURES_OFF;
	dev->features = NIC_FEATURES_HW | NETIF_F_HIGHDMA;
	dev->vlan_features = NIC_FEATURES_VLAN | NETIF_F_HIGHDMA;
	dev->priv_flags |= IFF_UNICAST_FLT | IFF_SUPP_NOFCS | IFF_LIVE_ADDR_CHANGE;
}

static void nic_init(struct nic *nic, const struct nic_attach *at)
{
	nic->mmio = at->mmio;
	nic->ops = at->ops;
	nic->bus = at->bus;
	nic->dma = at->dev;
	nic->irq = at->irq;
	nic->device = at->device;
	nic->tx_count = NIC_TX_DEFAULT;
	nic->rx_count = NIC_RX_DEFAULT;
	nic->msg_enable = netif_msg_init(-1, NETIF_MSG_DRV | NETIF_MSG_PROBE | NETIF_MSG_LINK);
	spin_lock_init(&nic->reg_lock);
	spin_lock_init(&nic->stats_lock);
	mutex_init(&nic->phy_lock);
	INIT_WORK(&nic->link_work, nic_link_work);
	INIT_WORK(&nic->reset_work, nic_reset_work);
	INIT_DELAYED_WORK(&nic->tick, nic_tick);
	INIT_DELAYED_WORK(&nic->stamp_work, nic_stamp_work);
	hrtimer_setup(&nic->look, nic_irq_look, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	u64_stats_init(&nic->rx_stats.sync);
	u64_stats_init(&nic->tx_done.sync);
	u64_stats_init(&nic->tx_stats.sync);
	set_bit(NIC_F_ADAPTIVE, &nic->flags);
	if (at->device == NIC_DEV_82544EI || at->device == NIC_DEV_82544GC)
		set_bit(NIC_F_NO_EERD, &nic->flags);
	if (at->stamps)
		set_bit(NIC_F_STAMPS, &nic->flags);
	nic_link_defaults(nic);
}

/* The address from the EEPROM; a random one if there is none to be had. */
static void nic_read_address(struct nic *nic)
{
	struct net_device *dev = nic->netdev;
	u8 addr[ETH_ALEN];
	int err, i;

	err = nic_eeprom_load(nic);
	if (err)
		netdev_warn(dev, "EEPROM %s\n", err == -EILSEQ ? "has a wrong sum" : "is mute");
	for (i = 0; i < ETH_ALEN; i++)
		addr[i] = nic->eeprom[NIC_EEPROM_MAC + i / 2] >> 8 * (i & 1);
	if (is_valid_ether_addr(addr)) {
		eth_hw_addr_set(dev, addr);
	} else {
		eth_hw_addr_random(dev);
		netdev_warn(dev, "no address in the EEPROM, taking %pM\n", dev->dev_addr);
	}
	ether_addr_copy(dev->perm_addr, dev->dev_addr);
}

/**
 * plumb_nic_attach() - make a net_device of an adapter
 * @at: the adapter; registers accessible, DMA mask set
 *
 * Context: may sleep; RTNL not held.
 * Return: the registered device, or an error pointer: -ENOMEM, -ENODEV if the
 * adapter does not answer, or that of register_netdev().
 */
struct net_device *plumb_nic_attach(const struct nic_attach *at)
{
	struct net_device *dev;
	struct nic *nic;
	int err;

	dev = alloc_etherdev(sizeof(*nic));
	if (!dev)
		return ERR_PTR(-ENOMEM);
	SET_NETDEV_DEV(dev, at->dev);
	if (at->net)
		dev_net_set(dev, at->net);
	if (at->name)
		strscpy(dev->name, at->name, sizeof(dev->name));
	nic = netdev_priv(dev);
	nic->netdev = dev;
	nic_init(nic, at);
	nic_netdev_setup(dev);
	netif_napi_add(dev, &nic->napi, nic_irq_poll);

	err = -ENODEV;
	if (nic_rd(nic, NIC_STATUS) == NIC_GONE)
		goto err_napi;
	nic_hw_reset(nic);
	nic_stats_baseline(nic);
	nic_read_address(nic);
	netif_carrier_off(dev);
	err = register_netdev(dev);
	if (err)
		goto err_napi;
	netif_info(nic, probe, dev, "82540EM class adapter %04x, %pM\n",
		   nic->device, dev->dev_addr);
	return dev;

err_napi:
	netif_napi_del(&nic->napi);
	free_netdev(dev);
	return ERR_PTR(err);
}

/**
 * plumb_nic_detach() - undo plumb_nic_attach()
 * @dev: what that returned
 *
 * Context: may sleep; RTNL not held.
 */
void plumb_nic_detach(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	/* Stops it and gives the interrupt back: nothing queues work any more. */
	unregister_netdev(dev);
	cancel_delayed_work_sync(&nic->tick);
	cancel_work_sync(&nic->link_work);
	cancel_work_sync(&nic->reset_work);
	netif_napi_del(&nic->napi);
	free_netdev(dev);
}
