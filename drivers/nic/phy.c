// SPDX-License-Identifier: GPL-2.0
/*
 * The PHY behind MDIC, negotiation, and the link: a link interrupt queues
 * nic_link_work(), which reads what came out and tells the stack.
 * 8254x manual 13.4.8 (MDIC), 8.6 (PHY), 8.5.4 (flow control, IEEE 802.3 28B.3).
 */
#include <linux/ethtool.h>
#include <linux/iopoll.h>
#include <linux/mii.h>
#include <linux/netdevice.h>

#include "nic.h"

#define PHY_WAIT_US		5000

/* Slot time in octet times, for TCTL.COLD (8254x manual 13.4.33) */
#define LINK_COLD_FULL		0x40
#define LINK_COLD_HALF		0x40
#define LINK_COLD_HALF_1000	0x200

static int nic_phy_mdic(struct nic *nic, u32 command, u16 *value)
{
	u32 mdic;
	int err;

	lockdep_assert_held(&nic->phy_lock);
	nic_wr(nic, NIC_MDIC, command | NIC_PHY_ADDR << NIC_MDIC_PHY_SHIFT);
	err = read_poll_timeout(nic_rd, mdic, mdic & NIC_MDIC_READY, 50,
				PHY_WAIT_US, false, nic, NIC_MDIC);
	if (err)
		return err;
	if (mdic & NIC_MDIC_ERROR)
		return -EIO;
	*value = mdic & NIC_MDIC_DATA_MASK;
	return 0;
}

/**
 * nic_phy_read() - read a PHY register
 * @nic: the adapter
 * @reg: register, 0 to 31
 * @value: where to put it
 *
 * Context: may sleep; phy_lock held.
 * Return: 0, -ETIMEDOUT, or -EIO if the PHY does not have it.
 */
int nic_phy_read(struct nic *nic, u8 reg, u16 *value)
{
	return nic_phy_mdic(nic, NIC_MDIC_OP_READ | (u32)reg << NIC_MDIC_REG_SHIFT,
			    value);
}

/**
 * nic_phy_write() - write a PHY register
 * @nic: the adapter
 * @reg: register, 0 to 31
 * @value: what to write
 *
 * Context: may sleep; phy_lock held.
 * Return: as nic_phy_read().
 */
int nic_phy_write(struct nic *nic, u8 reg, u16 value)
{
	u16 echo;

	return nic_phy_mdic(nic, NIC_MDIC_OP_WRITE | value |
			    (u32)reg << NIC_MDIC_REG_SHIFT, &echo);
}

/* Changes the bits of @mask to @value; *@changed becomes true if that was one. */
static int nic_phy_modify(struct nic *nic, u8 reg, u16 mask, u16 value, bool *changed)
{
	u16 old, new;
	int err;

	err = nic_phy_read(nic, reg, &old);
	if (err)
		return err;
	new = (old & ~mask) | value;
	if (new == old)
		return 0;
	*changed = true;
	return nic_phy_write(nic, reg, new);
}

static u16 nic_link_pause_bits(const struct nic_link *link)
{
	int cap = 0;

	if (link->pause_rx)
		cap |= FLOW_CTRL_RX;
	if (link->pause_tx)
		cap |= FLOW_CTRL_TX;
	return mii_advertise_flowctrl(cap);
}

static int nic_link_negotiate(struct nic *nic, bool restart)
{
	const struct nic_link *link = &nic->link;
	u16 adv = ethtool_adv_to_mii_adv_t(link->advertising) | nic_link_pause_bits(link);
	u16 gig = ethtool_adv_to_mii_ctrl1000_t(link->advertising);
	int err;

	err = nic_phy_modify(nic, MII_ADVERTISE, ADVERTISE_ALL | ADVERTISE_PAUSE_CAP |
			     ADVERTISE_PAUSE_ASYM, adv, &restart);
	if (!err)
		err = nic_phy_modify(nic, MII_CTRL1000, ADVERTISE_1000FULL |
				     ADVERTISE_1000HALF, gig, &restart);
	if (!err)
		err = nic_phy_modify(nic, MII_BMCR, BMCR_ANENABLE | BMCR_PDOWN |
				     BMCR_ISOLATE | BMCR_LOOPBACK, BMCR_ANENABLE, &restart);
	if (err || !restart)
		return err;
	err = nic_phy_write(nic, MII_BMCR, BMCR_ANENABLE | BMCR_ANRESTART |
			    BMCR_SPEED1000 | BMCR_FULLDPLX);
	/* The link is down now; not every adapter interrupts for what it was told. */
	if (test_bit(NIC_F_UP, &nic->flags))
		schedule_work(&nic->link_work);
	return err;
}

static int nic_link_force(struct nic *nic)
{
	const struct nic_link *link = &nic->link;
	u32 ctrl = NIC_CTRL_FRCSPD | NIC_CTRL_FRCDPLX;
	u16 bmcr = 0;

	if (link->forced_speed == SPEED_100) {
		ctrl |= NIC_CTRL_SPEED_100;
		bmcr |= BMCR_SPEED100;
	}
	if (link->forced_duplex == DUPLEX_FULL) {
		ctrl |= NIC_CTRL_FD;
		bmcr |= BMCR_FULLDPLX;
	}
	nic_hw_ctrl(nic, NIC_CTRL_SPEED_MASK | NIC_CTRL_FD, ctrl);
	return nic_phy_write(nic, MII_BMCR, bmcr);
}

/**
 * nic_link_start() - set the PHY up for the wanted link
 * @nic: the adapter
 * @restart: negotiate anew even if nothing changed
 *
 * A link that is up with the same abilities is left alone. Context: may sleep.
 * Return: 0 or the error of the MDIO access.
 */
int nic_link_start(struct nic *nic, bool restart)
{
	bool crossover = false;
	int err;

	mutex_lock(&nic->phy_lock);
	err = nic_phy_modify(nic, NIC_PHY_PSCR, NIC_PHY_PSCR_AUTO_MDIX,
			     NIC_PHY_PSCR_AUTO_MDIX, &crossover);
	if (err)
		goto out;
	if (nic->link.autoneg == AUTONEG_ENABLE) {
		nic_hw_ctrl(nic, NIC_CTRL_FRCSPD | NIC_CTRL_FRCDPLX,
			    NIC_CTRL_SLU | NIC_CTRL_ASDE);
		err = nic_link_negotiate(nic, restart || crossover);
	} else {
		nic_hw_ctrl(nic, NIC_CTRL_ASDE, NIC_CTRL_SLU);
		err = nic_link_force(nic);
	}
out:
	mutex_unlock(&nic->phy_lock);
	return err;
}

/* Sets what the negotiation says about PAUSE, or what was ordered. phy_lock held. */
void nic_link_flow_control(struct nic *nic)
{
	struct nic_link *link = &nic->link;
	u16 local, remote;
	u8 flow = 0;

	lockdep_assert_held(&nic->phy_lock);
	if (link->autoneg == AUTONEG_ENABLE && link->pause_autoneg) {
		if (link->duplex == DUPLEX_FULL &&
		    !nic_phy_read(nic, MII_ADVERTISE, &local) &&
		    !nic_phy_read(nic, MII_LPA, &remote))
			flow = mii_resolve_flowctrl_fdx(local, remote);
		link->active_rx = flow & FLOW_CTRL_RX;
		link->active_tx = flow & FLOW_CTRL_TX;
	} else {
		link->active_rx = link->pause_rx;
		link->active_tx = link->pause_tx;
	}
	nic_hw_ctrl(nic, NIC_CTRL_RFCE | NIC_CTRL_TFCE,
		    (link->active_rx ? NIC_CTRL_RFCE : 0) |
		    (link->active_tx ? NIC_CTRL_TFCE : 0));
}

static int nic_link_speed(u32 status)
{
	if (status & NIC_STATUS_SPEED_1000)
		return SPEED_1000;
	return status & NIC_STATUS_SPEED_100 ? SPEED_100 : SPEED_10;
}

static u8 nic_link_duplex(u32 status)
{
	return status & NIC_STATUS_FD ? DUPLEX_FULL : DUPLEX_HALF;
}

/* The stack believes in this very link already. */
static bool nic_link_known(struct nic *nic, u32 status)
{
	return netif_carrier_ok(nic->netdev) &&
	       nic->link.speed == nic_link_speed(status) &&
	       nic->link.duplex == nic_link_duplex(status);
}

static void nic_link_slot_time(struct nic *nic)
{
	const struct nic_link *link = &nic->link;
	u32 cold = LINK_COLD_FULL;
	u32 tctl;

	if (link->duplex == DUPLEX_HALF)
		cold = link->speed == SPEED_1000 ? LINK_COLD_HALF_1000 : LINK_COLD_HALF;
	spin_lock_bh(&nic->reg_lock);
	tctl = (nic->tctl & ~NIC_TCTL_COLD_MASK) | cold << NIC_TCTL_COLD_SHIFT;
	if (tctl != nic->tctl && nic->tctl & NIC_TCTL_EN) {
		nic->tctl = tctl;
		nic_wr(nic, NIC_TCTL, tctl);
	}
	spin_unlock_bh(&nic->reg_lock);
}

static void nic_link_up(struct nic *nic, u32 status)
{
	struct nic_link *link = &nic->link;

	link->speed = nic_link_speed(status);
	link->duplex = nic_link_duplex(status);
	nic_link_slot_time(nic);
	nic_link_flow_control(nic);
	netif_info(nic, link, nic->netdev, "link is up, %d Mb/s, %s duplex, pause %s/%s\n",
		   link->speed, link->duplex == DUPLEX_FULL ? "full" : "half",
		   link->active_rx ? "rx" : "-", link->active_tx ? "tx" : "-");
	netif_carrier_on(nic->netdev);
}

/* What stands in the ring will not leave any more: a reset gives it back. */
static void nic_link_down(struct nic *nic)
{
	nic->link.speed = SPEED_UNKNOWN;
	nic->link.duplex = DUPLEX_UNKNOWN;
	netif_carrier_off(nic->netdev);
	netif_info(nic, link, nic->netdev, "link is down\n");
	if (nic_tx_busy(nic))
		schedule_work(&nic->reset_work);
}

/**
 * nic_link_work() - follow the link's state
 * @work: link_work of an adapter
 *
 * Queued by the link interrupt, by nic_up() and by the watchdog. Context: may sleep.
 */
void nic_link_work(struct work_struct *work)
{
	struct nic *nic = container_of(work, struct nic, link_work);
	bool up;
	u32 status;

	if (!test_bit(NIC_F_UP, &nic->flags) || nic_gone(nic))
		return;
	mutex_lock(&nic->phy_lock);
	status = nic_rd(nic, NIC_STATUS);
	if (status == NIC_GONE) {
		set_bit(NIC_F_GONE, &nic->flags);
		netdev_err(nic->netdev, "the adapter is gone\n");
		status = 0;
	}
	up = status & NIC_STATUS_LU;
	if (up && !nic_link_known(nic, status))
		nic_link_up(nic, status);
	else if (!up && netif_carrier_ok(nic->netdev))
		nic_link_down(nic);
	mutex_unlock(&nic->phy_lock);
}

/* Negotiate everything, PAUSE both ways. */
void nic_link_defaults(struct nic *nic)
{
	struct nic_link *link = &nic->link;

	link->autoneg = AUTONEG_ENABLE;
	link->advertising = NIC_LINK_ADVERTISE;
	link->pause_autoneg = true;
	link->pause_rx = true;
	link->pause_tx = true;
	link->speed = SPEED_UNKNOWN;
	link->duplex = DUPLEX_UNKNOWN;
}
