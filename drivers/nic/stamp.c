// SPDX-License-Identifier: GPL-2.0
/*
 * Time stamps by the adapter (SO_TIMESTAMPING, SIOCSHWTSTAMP), where it has the registers: the
 * time at which a frame's start delimiter passed. It keeps one frame's each way until it is read;
 * a packet that finds the place taken gets none. Nothing is read while nobody has asked.
 */
#include <linux/ethtool.h>
#include <linux/ktime.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>

#include "../../kmod/compat/ethtool.h"
#include "nic.h"

#define STAMP_WAIT	HZ	/* for a frame to leave */

static ktime_t nic_stamp_read(struct nic *nic, u32 low_reg)
{
	u64 ns = nic_rd(nic, low_reg);

	return ns_to_ktime(ns | (u64)nic_rd(nic, low_reg + 4) << 32);
}

/**
 * nic_stamp_tx() - have a packet's time of sending told to its socket
 * @nic: the adapter
 * @skb: the packet, before its descriptors are written
 *
 * Context: queue lock held.
 * Return: what the descriptors say of it: NIC_TXD_UPPER_STAMP, or 0 if that
 * cannot be done now.
 */
u32 nic_stamp_tx(struct nic *nic, struct sk_buff *skb)
{
	if (!test_bit(NIC_F_TX_STAMPS, &nic->flags) ||
	    test_and_set_bit_lock(NIC_F_STAMPING, &nic->flags))
		return 0;
	skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	nic->stamp_skb = skb_get(skb);
	nic->stamp_since = jiffies;
	schedule_delayed_work(&nic->stamp_work, 0);
	return NIC_TXD_UPPER_STAMP;
}

static void nic_stamp_done(struct nic *nic)
{
	dev_kfree_skb_any(nic->stamp_skb);
	nic->stamp_skb = NULL;
	clear_bit_unlock(NIC_F_STAMPING, &nic->flags);
}

/* Waits for the frame to leave. */
void nic_stamp_work(struct work_struct *work)
{
	struct nic *nic = container_of(to_delayed_work(work), struct nic, stamp_work);
	struct skb_shared_hwtstamps stamps = {};
	u32 ctl;

	if (!nic->stamp_skb)
		return;
	ctl = nic_gone(nic) ? 0 : nic_rd(nic, NIC_TSYNCTXCTL);
	if (ctl != NIC_GONE && ctl & NIC_TSYNC_VALID) {
		stamps.hwtstamp = nic_stamp_read(nic, NIC_TXSTMPL);
		skb_tstamp_tx(nic->stamp_skb, &stamps);
		nic_stamp_done(nic);
	} else if (time_after(jiffies, nic->stamp_since + STAMP_WAIT)) {
		nic_stamp_done(nic);
	} else {
		schedule_delayed_work(&nic->stamp_work, 1);
	}
}

/* The descriptor said that the frame's time is held. Context: NAPI. */
void nic_stamp_rx(struct nic *nic, struct sk_buff *skb)
{
	if (test_bit(NIC_F_RX_STAMPS, &nic->flags))
		skb_hwtstamps(skb)->hwtstamp = nic_stamp_read(nic, NIC_RXSTMPL);
}

/* Writes the settings to the adapter, after a reset too. RTNL held. */
void nic_stamp_configure(struct nic *nic)
{
	if (!test_bit(NIC_F_STAMPS, &nic->flags))
		return;
	nic_wr(nic, NIC_TSYNCTXCTL,
	       test_bit(NIC_F_TX_STAMPS, &nic->flags) ? NIC_TSYNC_EN : 0);
	nic_wr(nic, NIC_TSYNCRXCTL,
	       test_bit(NIC_F_RX_STAMPS, &nic->flags) ? NIC_TSYNC_EN : 0);
	/* what was held is nobody's */
	nic_stamp_read(nic, NIC_TXSTMPL);
	nic_stamp_read(nic, NIC_RXSTMPL);
}

/* No packet is being sent any more. May sleep. */
void nic_stamp_stop(struct nic *nic)
{
	cancel_delayed_work_sync(&nic->stamp_work);
	if (nic->stamp_skb)
		nic_stamp_done(nic);
}

static int nic_stamp_set(struct nic *nic, struct hwtstamp_config *config)
{
	if (config->flags || (config->tx_type != HWTSTAMP_TX_OFF &&
			      config->tx_type != HWTSTAMP_TX_ON))
		return config->flags ? -EINVAL : -ERANGE;
	if (config->rx_filter != HWTSTAMP_FILTER_NONE)
		config->rx_filter = HWTSTAMP_FILTER_ALL;	/* more than was asked for */
	assign_bit(NIC_F_TX_STAMPS, &nic->flags, config->tx_type == HWTSTAMP_TX_ON);
	assign_bit(NIC_F_RX_STAMPS, &nic->flags, config->rx_filter == HWTSTAMP_FILTER_ALL);
	if (test_bit(NIC_F_UP, &nic->flags) && !nic_gone(nic))
		nic_stamp_configure(nic);
	return 0;
}

/**
 * nic_stamp_ioctl() - SIOCSHWTSTAMP and SIOCGHWTSTAMP
 * @nic: the adapter
 * @ifr: with a struct hwtstamp_config of the user's
 * @set: the former
 *
 * Context: may sleep; RTNL held.
 * Return: 0, -EOPNOTSUPP, -EINVAL, -ERANGE or -EFAULT.
 */
int nic_stamp_ioctl(struct nic *nic, struct ifreq *ifr, bool set)
{
	struct hwtstamp_config config = {};
	int err = 0;

	if (!test_bit(NIC_F_STAMPS, &nic->flags))
		return -EOPNOTSUPP;
	if (set) {
		if (copy_from_user(&config, ifr->ifr_data, sizeof(config)))
			return -EFAULT;
		err = nic_stamp_set(nic, &config);
	} else {
		if (test_bit(NIC_F_TX_STAMPS, &nic->flags))
			config.tx_type = HWTSTAMP_TX_ON;
		if (test_bit(NIC_F_RX_STAMPS, &nic->flags))
			config.rx_filter = HWTSTAMP_FILTER_ALL;
	}
	if (!err && copy_to_user(ifr->ifr_data, &config, sizeof(config)))
		err = -EFAULT;
	return err;
}

/* ethtool -T */
int nic_stamp_info(struct net_device *dev, struct kernel_ethtool_ts_info *info)
{
	struct nic *nic = netdev_priv(dev);

	ethtool_op_get_ts_info(dev, info);
	if (!test_bit(NIC_F_STAMPS, &nic->flags))
		return 0;
	info->so_timestamping |= SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE |
				 SOF_TIMESTAMPING_RAW_HARDWARE;
	info->tx_types = BIT(HWTSTAMP_TX_OFF) | BIT(HWTSTAMP_TX_ON);
	info->rx_filters = BIT(HWTSTAMP_FILTER_NONE) | BIT(HWTSTAMP_FILTER_ALL);
	return 0;
}
