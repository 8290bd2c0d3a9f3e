// SPDX-License-Identifier: GPL-2.0
/*
 * Which frames the adapter takes: 16 exact addresses (the first is its own), a
 * hash of 4096 bits for multicast, a bit per VLAN, and the broad switches of
 * RCTL. 8254x manual 10.1.1 (MTA hash), 13.5.
 *
 * A write of RCTL makes an emulated adapter hold back reception for a second, so it is
 * written only when its value changes; the tables likewise.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include "nic.h"

/* An entry as one number: the address, and whether it holds. 0 is an empty one. */
static u64 nic_filter_entry(const u8 *addr)
{
	return addr ? ether_addr_to_u64(addr) | (u64)NIC_RAH_AV << 32 : 0;
}

static void nic_filter_rar_write(struct nic *nic, int n, const u8 *addr)
{
	/* Invalid while its halves do not belong together. */
	nic_wr(nic, NIC_RAH(n), 0);
	if (!addr)
		return;
	nic_wr(nic, NIC_RAL(n), addr[0] | addr[1] << 8 | addr[2] << 16 | (u32)addr[3] << 24);
	nic_wr(nic, NIC_RAH(n), addr[4] | addr[5] << 8 | NIC_RAH_AV);
}

static void nic_filter_rar(struct nic *nic, int n, const u8 *addr)
{
	u64 entry = nic_filter_entry(addr);

	if (entry == nic->rar[n])
		return;
	nic->rar[n] = entry;
	nic_filter_rar_write(nic, n, addr);
}

/* The adapter's own address, after a reset or a change. */
void nic_filter_address(struct nic *nic)
{
	nic_filter_rar(nic, 0, nic->netdev->dev_addr);
}

/*
 * The 82544 loses the word before one with an odd index when that is written:
 * it is put back.
 */
static void nic_filter_word(struct nic *nic, u32 base, const u32 *table, int n)
{
	nic_wr(nic, base + 4 * n, table[n]);
	if (test_bit(NIC_F_NO_EERD, &nic->flags) && n & 1)
		nic_wr(nic, base + 4 * (n - 1), table[n - 1]);
}

/* RCTL.MO is 0: bits 47:36 of the address, 7 of them the word, 5 the bit. */
static u16 nic_filter_hash(const u8 *addr)
{
	return (addr[4] >> 4 | addr[5] << 4) & 0xfff;
}

static void nic_filter_multicast(struct nic *nic)
{
	struct netdev_hw_addr *ha;
	u32 mta[NIC_MTA_WORDS] = {};
	int i;

	netdev_for_each_mc_addr(ha, nic->netdev) {
		u16 hash = nic_filter_hash(ha->addr);

		mta[hash >> 5] |= BIT(hash & 31);
	}
	for (i = 0; i < NIC_MTA_WORDS; i++) {
		if (mta[i] == nic->mta[i])
			continue;
		nic->mta[i] = mta[i];
		nic_filter_word(nic, NIC_MTA(0), nic->mta, i);
	}
}

/* More addresses than entries: RCTL.UPE stands in for all of them. */
static bool nic_filter_unicast_overflow(struct nic *nic)
{
	return netdev_uc_count(nic->netdev) > NIC_RAR_ENTRIES - 1;
}

static void nic_filter_unicast(struct nic *nic)
{
	struct netdev_hw_addr *ha;
	int n = 1;

	if (!nic_filter_unicast_overflow(nic))
		netdev_for_each_uc_addr(ha, nic->netdev)
			nic_filter_rar(nic, n++, ha->addr);
	while (n < NIC_RAR_ENTRIES)
		nic_filter_rar(nic, n++, NULL);
}

/**
 * nic_filter_rctl() - what RCTL should hold
 * @nic: the adapter, running
 *
 * Return: its value, by the device's flags, features and receive mode.
 */
u32 nic_filter_rctl(struct nic *nic)
{
	const struct net_device *dev = nic->netdev;
	u32 rctl = NIC_RCTL_EN | NIC_RCTL_BAM | NIC_RCTL_RDMTS_HALF | NIC_RCTL_DPF;

	if (nic->rx.large)
		rctl |= NIC_RCTL_LPE | NIC_RCTL_BSIZE_4096;
	if (!(dev->features & NETIF_F_RXFCS))
		rctl |= NIC_RCTL_SECRC;
	if (dev->features & NETIF_F_HW_VLAN_CTAG_FILTER)
		rctl |= NIC_RCTL_VFE;
	if (dev->flags & IFF_PROMISC || nic_filter_unicast_overflow(nic))
		rctl |= NIC_RCTL_UPE;
	if (dev->flags & (IFF_PROMISC | IFF_ALLMULTI))
		rctl |= NIC_RCTL_MPE;
	if (dev->flags & IFF_PROMISC)
		rctl &= ~NIC_RCTL_VFE;
	if (dev->features & NETIF_F_RXALL) {
		rctl |= NIC_RCTL_SBP | NIC_RCTL_PMCF;
		rctl &= ~(NIC_RCTL_VFE | NIC_RCTL_DPF);
	}
	return rctl;
}

/**
 * nic_filter_set() - bring the filters in line with the device
 * @nic: the adapter, running
 *
 * Context: softirq safe; the device's address lists do not change meanwhile
 * (netif_addr_lock held, or the caller took it).
 */
void nic_filter_set(struct nic *nic)
{
	u32 rctl;

	nic_filter_unicast(nic);
	nic_filter_multicast(nic);

	spin_lock_bh(&nic->reg_lock);
	rctl = nic_filter_rctl(nic);
	if (rctl != nic->rctl) {
		nic->rctl = rctl;
		nic_wr(nic, NIC_RCTL, rctl);
	}
	spin_unlock_bh(&nic->reg_lock);
}

/**
 * nic_filter_vlan() - let one VLAN in, or no more
 * @nic: the adapter
 * @vid: VLAN id
 * @on: true to let it in
 *
 * Context: RTNL held.
 */
void nic_filter_vlan(struct nic *nic, u16 vid, bool on)
{
	u32 *word = &nic->vfta[vid >> 5];

	if (on)
		*word |= BIT(vid & 31);
	else
		*word &= ~BIT(vid & 31);
	if (test_bit(NIC_F_UP, &nic->flags))
		nic_filter_word(nic, NIC_VFTA(0), nic->vfta, vid >> 5);
}

/* Writes every table whole: after a reset none may be taken for known. */
void nic_filter_restore(struct nic *nic)
{
	int i;

	memset(nic->rar, 0, sizeof(nic->rar));
	for (i = 1; i < NIC_RAR_ENTRIES; i++)
		nic_filter_rar_write(nic, i, NULL);
	nic_filter_address(nic);
	memset(nic->mta, 0, sizeof(nic->mta));
	for (i = 0; i < NIC_MTA_WORDS; i++)
		nic_wr(nic, NIC_MTA(i), 0);
	for (i = 0; i < NIC_VFTA_WORDS; i++)
		nic_wr(nic, NIC_VFTA(i), nic->vfta[i]);
}
