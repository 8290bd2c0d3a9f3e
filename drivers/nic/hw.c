// SPDX-License-Identifier: GPL-2.0
/*
 * The MAC as a whole: reset, and the settings that hold for both directions.
 * Called by updown.c, which then starts the rings (tx.c, rx.c) and the link.
 */
#include <linux/delay.h>
#include <linux/if_vlan.h>
#include <linux/iopoll.h>

#include "nic.h"

/* Packet buffer, KiB for receive; the rest of 64 is for transmit. */
#define HW_PBA_STD		48
#define HW_PBA_JUMBO		40
#define HW_JUMBO_FRAME		8192	/* octets; two of them must fit the rest */

/* 802.3x: the MAC control address and type, and how long a PAUSE lasts */
#define HW_PAUSE_ADDR_LOW	0x00c28001
#define HW_PAUSE_ADDR_HIGH	0x00000100
#define HW_PAUSE_TYPE		0x8808
#define HW_PAUSE_QUANTA		0xffff

/* Inter-packet gaps of the copper MAC, 8254x manual 13.4.34 */
#define HW_TIPG_COPPER		(8 | 8 << 10 | 6 << 20)

#define HW_RESET_MS		10

/**
 * nic_hw_ctrl() - change bits of CTRL
 * @nic: the adapter
 * @clear: bits to clear
 * @set: bits to set, after that
 *
 * Context: any but hard interrupt.
 */
void nic_hw_ctrl(struct nic *nic, u32 clear, u32 set)
{
	u32 ctrl;

	spin_lock_bh(&nic->reg_lock);
	ctrl = (nic->ctrl & ~clear) | set;
	if (ctrl != nic->ctrl) {
		nic->ctrl = ctrl;
		nic_wr(nic, NIC_CTRL, ctrl);
	}
	spin_unlock_bh(&nic->reg_lock);
}

/**
 * nic_hw_large() - must frames be received over several descriptors?
 * @nic: the adapter
 * @mtu: octets
 * @features: those to be in force
 *
 * With rx-all the adapter stores frames of any length, so that a buffer of
 * half a page could overflow.
 *
 * Return: true if so.
 */
bool nic_hw_large(struct nic *nic, unsigned int mtu, netdev_features_t features)
{
	return mtu + VLAN_ETH_HLEN + ETH_FCS_LEN > NIC_FRAME_STD ||
	       features & NETIF_F_RXALL;
}

/*
 * No DMA and no interrupt after this. An adapter that reads all ones is told too: if it is there
 * after all, it must not go on in rings that are freed.
 */
void nic_hw_stop(struct nic *nic)
{
	nic_wr(nic, NIC_IMC, ~0u);
	spin_lock_bh(&nic->reg_lock);
	nic->rctl = 0;
	nic_wr(nic, NIC_RCTL, 0);
	nic->tctl &= ~NIC_TCTL_EN;
	nic_wr(nic, NIC_TCTL, nic->tctl);
	spin_unlock_bh(&nic->reg_lock);
	nic_flush(nic);
	usleep_range(1000, 2000);
}

/**
 * nic_hw_reset() - bring the MAC to its power-on state
 * @nic: the adapter; its link stays up, the PHY is not touched
 *
 * Some adapters take the reset bit without clearing a register, so nothing is
 * taken for cleared afterwards. Context: may sleep. 8254x manual 14.5.
 */
void nic_hw_reset(struct nic *nic)
{
	u32 ctrl;

	nic_hw_stop(nic);
	ctrl = nic_rd(nic, NIC_CTRL) & ~NIC_CTRL_RST;
	nic_wr(nic, NIC_CTRL, ctrl | NIC_CTRL_RST);
	msleep(HW_RESET_MS);	/* it must not be touched before it is through */
	if (read_poll_timeout(nic_rd, ctrl, !(ctrl & NIC_CTRL_RST), 1000,
			      50000, false, nic, NIC_CTRL))
		netdev_warn(nic->netdev, "reset does not end\n");
	nic_wr(nic, NIC_IMC, ~0u);
	nic_rd(nic, NIC_ICR);
	nic_wr(nic, NIC_MANC, nic_rd(nic, NIC_MANC) & ~NIC_MANC_ARP_EN);

	spin_lock_bh(&nic->reg_lock);
	nic->ctrl = ctrl;
	nic->rctl = 0;
	nic->tctl = 0;
	spin_unlock_bh(&nic->reg_lock);
}

static void nic_hw_flow_control(struct nic *nic, u32 rx_kib, u32 frame)
{
	u32 bytes = rx_kib << 10;
	/* Room for what is under way when the peer hears of it: a frame each way. */
	u32 high = min(bytes * 9 / 10, bytes - 2 * frame) & ~7u;

	nic_wr(nic, NIC_FCAL, HW_PAUSE_ADDR_LOW);
	nic_wr(nic, NIC_FCAH, HW_PAUSE_ADDR_HIGH);
	nic_wr(nic, NIC_FCT, HW_PAUSE_TYPE);
	nic_wr(nic, NIC_FCTTV, HW_PAUSE_QUANTA);
	nic_wr(nic, NIC_FCRTL, (high - 8) | NIC_FCRTL_XONE);
	nic_wr(nic, NIC_FCRTH, high);
}

/**
 * nic_hw_configure() - what the MAC is told once after each reset
 * @nic: the adapter, after nic_hw_reset()
 *
 * Context: may sleep; RTNL held.
 */
void nic_hw_configure(struct nic *nic)
{
	struct net_device *dev = nic->netdev;
	u32 frame = dev->mtu + VLAN_ETH_HLEN + ETH_FCS_LEN;
	u32 rx_kib = frame > HW_JUMBO_FRAME ? HW_PBA_JUMBO : HW_PBA_STD;

	nic_wr(nic, NIC_PBA, rx_kib);
	nic_hw_flow_control(nic, rx_kib, frame);
	nic_wr(nic, NIC_VET, ETH_P_8021Q);
	nic_wr(nic, NIC_TIPG, HW_TIPG_COPPER);
	nic_wr(nic, NIC_WUC, 0);
	nic_wr(nic, NIC_WUFC, 0);
	nic_hw_ctrl(nic, NIC_CTRL_VME,
		    dev->features & NETIF_F_HW_VLAN_CTAG_RX ? NIC_CTRL_VME : 0);
	nic_filter_restore(nic);
}

/**
 * nic_hw_sleep() - ready the MAC for low power
 * @nic: the adapter, stopped
 *
 * With wake-up asked for, the receiver stays on for the frames that wake.
 * Context: may sleep. 8254x manual 6.4.
 */
void nic_hw_sleep(struct nic *nic)
{
	if (nic_gone(nic))
		return;
	nic_hw_stop(nic);
	nic_wr(nic, NIC_WUS, ~0u);
	nic_wr(nic, NIC_WUFC, nic->wol);
	nic_wr(nic, NIC_WUC, nic->wol ? NIC_WUC_PME_EN | NIC_WUC_PME_STATUS : 0);
	if (nic->wol)
		nic_wr(nic, NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM | NIC_RCTL_MPE);
}

/* Undoes nic_hw_sleep() and brings the MAC to its power-on state. */
void nic_hw_wake(struct nic *nic)
{
	nic_wr(nic, NIC_WUC, 0);
	nic_wr(nic, NIC_WUFC, 0);
	nic_hw_reset(nic);
}
