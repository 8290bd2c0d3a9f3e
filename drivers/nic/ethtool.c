// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool(8) asks and orders. The self-test is in selftest.c, the counters'
 * names in stats.c.
 */
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/pm_wakeup.h>

#include "nic.h"

#define NIC_USECS_MAX		10000	/* of moderation: 100 interrupts a second */
#define NIC_EEPROM_MAGIC(nic)	(0x8086 | (u32)(nic)->device << 16)

static void nic_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct nic *nic = netdev_priv(dev);

	strscpy(info->driver, NIC_NAME, sizeof(info->driver));
	strscpy(info->bus_info, dev_name(nic->dma), sizeof(info->bus_info));
}

static u32 nic_get_msglevel(struct net_device *dev)
{
	return ((struct nic *)netdev_priv(dev))->msg_enable;
}

static void nic_set_msglevel(struct net_device *dev, u32 level)
{
	((struct nic *)netdev_priv(dev))->msg_enable = level;
}

/* --- registers and EEPROM --- */

/* None of these changes by being read. */
static const u16 nic_dump_regs[] = {
	NIC_CTRL, NIC_STATUS, NIC_EECD, NIC_CTRL_EXT, NIC_VET, NIC_LEDCTL, NIC_PBA,
	NIC_ITR, NIC_IMS, NIC_RCTL, NIC_FCRTL, NIC_FCRTH, NIC_RDBAL, NIC_RDBAH,
	NIC_RDLEN, NIC_RDH, NIC_RDT, NIC_RDTR, NIC_RXDCTL, NIC_RADV, NIC_RXCSUM,
	NIC_TCTL, NIC_TIPG, NIC_TDBAL, NIC_TDBAH, NIC_TDLEN, NIC_TDH, NIC_TDT,
	NIC_TIDV, NIC_TXDCTL, NIC_TADV, NIC_WUC, NIC_WUFC, NIC_MANC,
};

static const u8 nic_dump_phy[] = {
	MII_BMCR, MII_BMSR, MII_PHYSID1, MII_PHYSID2, MII_ADVERTISE, MII_LPA,
	MII_EXPANSION, MII_CTRL1000, MII_STAT1000, NIC_PHY_PSCR, NIC_PHY_PSSR,
};

/* Pairs of address and value; a PHY register's address has bit 31 set. */
static int nic_get_regs_len(struct net_device *dev)
{
	return (ARRAY_SIZE(nic_dump_regs) + ARRAY_SIZE(nic_dump_phy)) * 2 * sizeof(u32);
}

static void nic_get_regs(struct net_device *dev, struct ethtool_regs *regs, void *p)
{
	struct nic *nic = netdev_priv(dev);
	u32 *out = p;
	u16 value;
	size_t i;

	regs->version = 1 << 24 | nic->device;
	for (i = 0; i < ARRAY_SIZE(nic_dump_regs); i++) {
		*out++ = nic_dump_regs[i];
		*out++ = nic_rd(nic, nic_dump_regs[i]);
	}
	mutex_lock(&nic->phy_lock);
	for (i = 0; i < ARRAY_SIZE(nic_dump_phy); i++) {
		*out++ = BIT(31) | nic_dump_phy[i];
		*out++ = nic_phy_read(nic, nic_dump_phy[i], &value) ? ~0u : value;
	}
	mutex_unlock(&nic->phy_lock);
}

static int nic_get_eeprom_len(struct net_device *dev)
{
	return NIC_EEPROM_WORDS * sizeof(u16);
}

/* Read anew: it may have been changed by other means. */
static int nic_get_eeprom(struct net_device *dev, struct ethtool_eeprom *ee, u8 *data)
{
	struct nic *nic = netdev_priv(dev);
	int err;
	u32 i;

	err = nic_eeprom_load(nic);
	if (err && err != -EILSEQ)
		return err;
	ee->magic = NIC_EEPROM_MAGIC(nic);
	for (i = 0; i < ee->len; i++) {
		u32 at = ee->offset + i;

		data[i] = nic->eeprom[at / 2] >> 8 * (at & 1);
	}
	return 0;
}

/* The sum is put right with it. The address in it is taken by the next probe. */
static int nic_set_eeprom(struct net_device *dev, struct ethtool_eeprom *ee, u8 *data)
{
	struct nic *nic = netdev_priv(dev);
	u32 i;
	int err;

	if (ee->magic != NIC_EEPROM_MAGIC(nic))
		return -EINVAL;
	if (!ee->len)
		return 0;
	err = nic_eeprom_load(nic);
	if (err && err != -EILSEQ)
		return err;
	for (i = 0; i < ee->len; i++) {
		u16 *word = &nic->eeprom[(ee->offset + i) / 2];

		if ((ee->offset + i) & 1)
			*word = (*word & 0x00ff) | data[i] << 8;
		else
			*word = (*word & 0xff00) | data[i];
	}
	return nic_eeprom_store(nic, ee->offset / 2, (ee->offset + ee->len - 1) / 2);
}

/* --- rings and moderation --- */

static void nic_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kernel_ring,
			      struct netlink_ext_ack *extack)
{
	struct nic *nic = netdev_priv(dev);

	ring->rx_max_pending = NIC_RING_MAX;
	ring->tx_max_pending = NIC_RING_MAX;
	ring->rx_pending = nic->rx_count;
	ring->tx_pending = nic->tx_count;
}

static int nic_set_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			     struct kernel_ethtool_ringparam *kernel_ring,
			     struct netlink_ext_ack *extack)
{
	struct nic *nic = netdev_priv(dev);
	u32 rx = clamp_t(u32, ring->rx_pending, NIC_RX_MIN, NIC_RING_MAX);
	u32 tx = clamp_t(u32, ring->tx_pending, NIC_TX_MIN, NIC_RING_MAX);
	int err;

	if (ring->rx_mini_pending || ring->rx_jumbo_pending)
		return -EINVAL;
	rx = ALIGN(rx, NIC_RING_ALIGN);
	tx = ALIGN(tx, NIC_RING_ALIGN);
	if (rx == nic->rx_count && tx == nic->tx_count)
		return 0;
	if (test_bit(NIC_F_UP, &nic->flags)) {
		err = nic_reopen(nic, tx, rx, nic->rx.large);
		if (err)
			return err;
	}
	nic->rx_count = rx;
	nic->tx_count = tx;
	return 0;
}

static int nic_get_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			    struct kernel_ethtool_coalesce *kernel_ec,
			    struct netlink_ext_ack *extack)
{
	struct nic *nic = netdev_priv(dev);

	ec->use_adaptive_rx_coalesce = test_bit(NIC_F_ADAPTIVE, &nic->flags);
	if (ec->use_adaptive_rx_coalesce && test_bit(NIC_F_UP, &nic->flags))
		ec->rx_coalesce_usecs = nic_irq_usecs(nic);
	else
		ec->rx_coalesce_usecs = nic->rx_usecs;
	ec->tx_coalesce_usecs = nic->tx_usecs;
	return 0;
}

static int nic_set_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			    struct kernel_ethtool_coalesce *kernel_ec,
			    struct netlink_ext_ack *extack)
{
	struct nic *nic = netdev_priv(dev);

	if (ec->rx_coalesce_usecs > NIC_USECS_MAX || ec->tx_coalesce_usecs > NIC_USECS_MAX) {
		NL_SET_ERR_MSG(extack, "more than 10000 microseconds");
		return -EINVAL;
	}
	if (test_bit(NIC_F_UP, &nic->flags))
		napi_disable(&nic->napi);
	if (ec->use_adaptive_rx_coalesce)
		set_bit(NIC_F_ADAPTIVE, &nic->flags);
	else
		clear_bit(NIC_F_ADAPTIVE, &nic->flags);
	nic->rx_usecs = ec->rx_coalesce_usecs;
	WRITE_ONCE(nic->tx_usecs, ec->tx_coalesce_usecs);
	if (!test_bit(NIC_F_UP, &nic->flags))
		return 0;
	nic_irq_moderate(nic, nic->rx_usecs);
	nic_tx_delay(nic);
	napi_enable(&nic->napi);
	/* causes that came meanwhile were read by a handler that could not schedule */
	nic_wr(nic, NIC_ICS, NIC_INT_RXDMT0);
	return 0;
}

/* --- link and pause --- */

static void nic_link_modes(struct nic *nic, struct ethtool_link_ksettings *ks)
{
	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_add_link_mode(ks, supported, 10baseT_Half);
	ethtool_link_ksettings_add_link_mode(ks, supported, 10baseT_Full);
	ethtool_link_ksettings_add_link_mode(ks, supported, 100baseT_Half);
	ethtool_link_ksettings_add_link_mode(ks, supported, 100baseT_Full);
	ethtool_link_ksettings_add_link_mode(ks, supported, 1000baseT_Half);
	ethtool_link_ksettings_add_link_mode(ks, supported, 1000baseT_Full);
	ethtool_link_ksettings_add_link_mode(ks, supported, Autoneg);
	ethtool_link_ksettings_add_link_mode(ks, supported, TP);
	ethtool_link_ksettings_add_link_mode(ks, supported, Pause);
	ethtool_link_ksettings_add_link_mode(ks, supported, Asym_Pause);

	ethtool_link_ksettings_zero_link_mode(ks, advertising);
	ethtool_link_ksettings_add_link_mode(ks, advertising, TP);
	if (nic->link.autoneg != AUTONEG_ENABLE)
		return;
	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.advertising,
						nic->link.advertising | ADVERTISED_TP |
						ADVERTISED_Autoneg);
	if (nic->link.pause_rx)
		ethtool_link_ksettings_add_link_mode(ks, advertising, Pause);
	if (nic->link.pause_rx != nic->link.pause_tx)
		ethtool_link_ksettings_add_link_mode(ks, advertising, Asym_Pause);
}

static void nic_link_partner(struct nic *nic, struct ethtool_link_ksettings *ks)
{
	u16 bmsr, lpa, gig;

	lockdep_assert_held(&nic->phy_lock);
	ethtool_link_ksettings_zero_link_mode(ks, lp_advertising);
	if (nic_phy_read(nic, MII_BMSR, &bmsr) || !(bmsr & BMSR_ANEGCOMPLETE))
		return;
	if (!nic_phy_read(nic, MII_LPA, &lpa))
		mii_lpa_to_linkmode_lpa_t(ks->link_modes.lp_advertising, lpa);
	if (!nic_phy_read(nic, MII_STAT1000, &gig))
		mii_stat1000_mod_linkmode_lpa_t(ks->link_modes.lp_advertising, gig);
}

static u8 nic_link_crossover(struct nic *nic)
{
	u16 status;

	if (nic_phy_read(nic, NIC_PHY_PSSR, &status) || !(status & NIC_PHY_PSSR_RESOLVED))
		return ETH_TP_MDI_INVALID;
	return status & NIC_PHY_PSSR_MDIX ? ETH_TP_MDI_X : ETH_TP_MDI;
}

static int nic_get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *ks)
{
	struct nic *nic = netdev_priv(dev);

	mutex_lock(&nic->phy_lock);
	nic_link_modes(nic, ks);
	nic_link_partner(nic, ks);
	ks->base.port = PORT_TP;
	ks->base.phy_address = NIC_PHY_ADDR;
	ks->base.autoneg = nic->link.autoneg;
	ks->base.speed = netif_carrier_ok(dev) ? nic->link.speed : SPEED_UNKNOWN;
	ks->base.duplex = netif_carrier_ok(dev) ? nic->link.duplex : DUPLEX_UNKNOWN;
	ks->base.eth_tp_mdix = nic_link_crossover(nic);
	ks->base.eth_tp_mdix_ctrl = ETH_TP_MDI_AUTO;
	mutex_unlock(&nic->phy_lock);
	return 0;
}

/* IEEE 802.3 wants negotiation at 1000 Mb/s; the rest may be forced. */
static int nic_link_check_forced(const struct ethtool_link_ksettings *ks)
{
	if (ks->base.speed != SPEED_10 && ks->base.speed != SPEED_100)
		return -EINVAL;
	if (ks->base.duplex != DUPLEX_HALF && ks->base.duplex != DUPLEX_FULL)
		return -EINVAL;
	return 0;
}

static int nic_set_link_ksettings(struct net_device *dev,
				  const struct ethtool_link_ksettings *ks)
{
	struct nic *nic = netdev_priv(dev);
	u32 advertising;
	int err;

	if (ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_INVALID &&
	    ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_AUTO)
		return -EOPNOTSUPP;
	ethtool_convert_link_mode_to_legacy_u32(&advertising, ks->link_modes.advertising);
	advertising &= NIC_LINK_ADVERTISE;
	if (ks->base.autoneg == AUTONEG_ENABLE)
		err = advertising ? 0 : -EINVAL;
	else
		err = nic_link_check_forced(ks);
	if (err)
		return err;

	mutex_lock(&nic->phy_lock);
	nic->link.autoneg = ks->base.autoneg;
	if (ks->base.autoneg == AUTONEG_ENABLE) {
		nic->link.advertising = advertising;
	} else {
		nic->link.forced_speed = ks->base.speed;
		nic->link.forced_duplex = ks->base.duplex;
	}
	mutex_unlock(&nic->phy_lock);
	return netif_running(dev) ? nic_link_start(nic, false) : 0;
}

static int nic_nway_reset(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	if (!netif_running(dev))
		return -ENETDOWN;
	if (nic->link.autoneg != AUTONEG_ENABLE)
		return -EINVAL;
	return nic_link_start(nic, true);
}

static void nic_get_pauseparam(struct net_device *dev, struct ethtool_pauseparam *pause)
{
	struct nic *nic = netdev_priv(dev);

	pause->autoneg = nic->link.pause_autoneg;
	pause->rx_pause = nic->link.pause_rx;
	pause->tx_pause = nic->link.pause_tx;
}

static int nic_set_pauseparam(struct net_device *dev, struct ethtool_pauseparam *pause)
{
	struct nic *nic = netdev_priv(dev);

	mutex_lock(&nic->phy_lock);
	nic->link.pause_autoneg = pause->autoneg;
	nic->link.pause_rx = pause->rx_pause;
	nic->link.pause_tx = pause->tx_pause;
	if (netif_carrier_ok(dev))
		nic_link_flow_control(nic);
	mutex_unlock(&nic->phy_lock);
	if (!netif_running(dev) || nic->link.autoneg != AUTONEG_ENABLE)
		return 0;
	return nic_link_start(nic, false);
}

/* --- wake-up and identification --- */

static const struct {
	u32 wake;
	u32 wufc;
} nic_wake[] = {
	{ WAKE_PHY, NIC_WUFC_LNKC },
	{ WAKE_MAGIC, NIC_WUFC_MAG },
	{ WAKE_UCAST, NIC_WUFC_EX },
	{ WAKE_MCAST, NIC_WUFC_MC },
	{ WAKE_BCAST, NIC_WUFC_BC },
	{ WAKE_ARP, NIC_WUFC_ARP },
};

static void nic_get_wol(struct net_device *dev, struct ethtool_wolinfo *wol)
{
	struct nic *nic = netdev_priv(dev);
	size_t i;

	if (!device_can_wakeup(nic->dma))
		return;
	for (i = 0; i < ARRAY_SIZE(nic_wake); i++) {
		wol->supported |= nic_wake[i].wake;
		if (nic->wol & nic_wake[i].wufc)
			wol->wolopts |= nic_wake[i].wake;
	}
}

static int nic_set_wol(struct net_device *dev, struct ethtool_wolinfo *wol)
{
	struct nic *nic = netdev_priv(dev);
	u32 left = wol->wolopts;
	u32 wufc = 0;
	size_t i;

	if (!device_can_wakeup(nic->dma))
		return wol->wolopts ? -EOPNOTSUPP : 0;
	for (i = 0; i < ARRAY_SIZE(nic_wake); i++) {
		if (left & nic_wake[i].wake)
			wufc |= nic_wake[i].wufc;
		left &= ~nic_wake[i].wake;
	}
	if (left)
		return -EOPNOTSUPP;
	nic->wol = wufc;
	device_set_wakeup_enable(nic->dma, wufc);
	return 0;
}

static int nic_set_phys_id(struct net_device *dev, enum ethtool_phys_id_state state)
{
	struct nic *nic = netdev_priv(dev);
	u32 led = 0;

	switch (state) {
	case ETHTOOL_ID_ACTIVE:
		nic->led = nic_rd(nic, NIC_LEDCTL);
		return 2;	/* on and off twice a second */
	case ETHTOOL_ID_ON:
		led = NIC_LEDCTL_LED_ON;
		break;
	case ETHTOOL_ID_OFF:
		led = NIC_LEDCTL_LED_OFF;
		break;
	case ETHTOOL_ID_INACTIVE:
		nic_wr(nic, NIC_LEDCTL, nic->led);
		return 0;
	}
	nic_wr(nic, NIC_LEDCTL, (nic->led & ~NIC_LEDCTL_LED0_MASK) | led);
	return 0;
}

/* --- counters --- */

static int nic_get_sset_count(struct net_device *dev, int set)
{
	switch (set) {
	case ETH_SS_STATS:
		return nic_stats_count();
	case ETH_SS_TEST:
		return nic_selftest_count();
	default:
		return -EOPNOTSUPP;
	}
}

static void nic_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	if (set == ETH_SS_STATS)
		nic_stats_names(data);
	else if (set == ETH_SS_TEST)
		nic_selftest_names(data);
}

static void nic_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	nic_stats_values(netdev_priv(dev), data);
}

static void nic_get_pause_stats(struct net_device *dev, struct ethtool_pause_stats *st)
{
	u64 c[NIC_C_COUNT];

	nic_stats_hardware(netdev_priv(dev), c);
	st->rx_pause_frames = c[NIC_C_RX_XON] + c[NIC_C_RX_XOFF];
	st->tx_pause_frames = c[NIC_C_TX_XON] + c[NIC_C_TX_XOFF];
}

static void nic_get_eth_phy_stats(struct net_device *dev, struct ethtool_eth_phy_stats *st)
{
	u64 c[NIC_C_COUNT];

	nic_stats_hardware(netdev_priv(dev), c);
	/* the one of the SerDes interface, the other of the PHY's */
	st->SymbolErrorDuringCarrier = c[NIC_C_RX_SYMBOL] + c[NIC_C_RX_ERROR];
}

static void nic_get_eth_mac_stats(struct net_device *dev, struct ethtool_eth_mac_stats *st)
{
	u64 c[NIC_C_COUNT];

	nic_stats_hardware(netdev_priv(dev), c);
	st->FramesTransmittedOK = c[NIC_C_TX_PACKETS];
	st->OctetsTransmittedOK = c[NIC_C_TX_OCTETS];
	st->FramesReceivedOK = c[NIC_C_RX_PACKETS];
	st->OctetsReceivedOK = c[NIC_C_RX_OCTETS];
	st->MulticastFramesXmittedOK = c[NIC_C_TX_MULTICAST];
	st->BroadcastFramesXmittedOK = c[NIC_C_TX_BROADCAST];
	st->MulticastFramesReceivedOK = c[NIC_C_RX_MULTICAST];
	st->BroadcastFramesReceivedOK = c[NIC_C_RX_BROADCAST];
	st->SingleCollisionFrames = c[NIC_C_TX_COLL_SINGLE];
	st->MultipleCollisionFrames = c[NIC_C_TX_COLL_MULTI];
	st->FramesAbortedDueToXSColls = c[NIC_C_TX_COLL_EXCESS];
	st->LateCollisions = c[NIC_C_TX_COLL_LATE];
	st->FramesWithDeferredXmissions = c[NIC_C_TX_DEFER];
	st->CarrierSenseErrors = c[NIC_C_TX_NO_CARRIER];
	st->FrameCheckSequenceErrors = c[NIC_C_RX_CRC];
	st->AlignmentErrors = c[NIC_C_RX_ALIGN];
	st->FrameTooLongErrors = c[NIC_C_RX_OVERSIZE];
}

static const struct ethtool_rmon_hist_range nic_rmon_ranges[] = {
	{ 64, 64 }, { 65, 127 }, { 128, 255 }, { 256, 511 }, { 512, 1023 },
	{ 1024, NIC_MTU_MAX + ETH_HLEN + ETH_FCS_LEN }, {}
};

static void nic_get_rmon_stats(struct net_device *dev, struct ethtool_rmon_stats *st,
			       const struct ethtool_rmon_hist_range **ranges)
{
	u64 c[NIC_C_COUNT];
	int i;

	nic_stats_hardware(netdev_priv(dev), c);
	st->undersize_pkts = c[NIC_C_RX_UNDERSIZE];
	st->oversize_pkts = c[NIC_C_RX_OVERSIZE];
	st->fragments = c[NIC_C_RX_FRAGMENT];
	st->jabbers = c[NIC_C_RX_JABBER];
	for (i = 0; i < NIC_C_RX_1522 - NIC_C_RX_64 + 1; i++) {
		st->hist[i] = c[NIC_C_RX_64 + i];
		st->hist_tx[i] = c[NIC_C_TX_64 + i];
	}
	*ranges = nic_rmon_ranges;
}

/* --- power --- */

/* The registers of an adapter that is suspended cannot be read. */
static int nic_begin(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	return nic_gone(nic) || !netif_device_present(dev) ? -ENODEV : 0;
}

const struct ethtool_ops nic_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS | ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.begin			= nic_begin,
	.get_drvinfo		= nic_get_drvinfo,
	.get_msglevel		= nic_get_msglevel,
	.set_msglevel		= nic_set_msglevel,
	.get_regs_len		= nic_get_regs_len,
	.get_regs		= nic_get_regs,
	.get_eeprom_len		= nic_get_eeprom_len,
	.get_eeprom		= nic_get_eeprom,
	.set_eeprom		= nic_set_eeprom,
	.get_ringparam		= nic_get_ringparam,
	.set_ringparam		= nic_set_ringparam,
	.get_coalesce		= nic_get_coalesce,
	.set_coalesce		= nic_set_coalesce,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= nic_get_link_ksettings,
	.set_link_ksettings	= nic_set_link_ksettings,
	.nway_reset		= nic_nway_reset,
	.get_pauseparam		= nic_get_pauseparam,
	.set_pauseparam		= nic_set_pauseparam,
	.get_wol		= nic_get_wol,
	.set_wol		= nic_set_wol,
	.set_phys_id		= nic_set_phys_id,
	.self_test		= nic_selftest,
	.get_sset_count		= nic_get_sset_count,
	.get_strings		= nic_get_strings,
	.get_ethtool_stats	= nic_get_ethtool_stats,
	.get_pause_stats	= nic_get_pause_stats,
	.get_eth_phy_stats	= nic_get_eth_phy_stats,
	.get_eth_mac_stats	= nic_get_eth_mac_stats,
	.get_rmon_stats		= nic_get_rmon_stats,
	.get_ts_info		= nic_stamp_info,
};
