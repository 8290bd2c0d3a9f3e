// SPDX-License-Identifier: GPL-2.0
/*
 * The PHY of the modelled adapter (88E1011, as in the 82540EM): the MII registers behind MDIC, with
 * what it offers and what came of it (IEEE 802.3 clauses 22, 28 and 40).
 */
#include <linux/mii.h>

#include "adapter.h"

#define PHY_ID1			0x0141		/* Marvell 88E1011 */
#define PHY_ID2			0x0c20
#define PHY_PSSR_SPEED_SHIFT	14
#define PHY_PSSR_DUPLEX		BIT(13)
#define PHY_PSSR_LINK		BIT(10)

static void lan_phy_defaults(struct lan_phy *p)
{
	memset(p->reg, 0, sizeof(p->reg));
	p->reg[MII_BMCR] = BMCR_ANENABLE | BMCR_SPEED1000 | BMCR_FULLDPLX;
	p->reg[MII_BMSR] = BMSR_100FULL | BMSR_100HALF | BMSR_10FULL | BMSR_10HALF |
			   BMSR_ESTATEN | BMSR_ANEGCAPABLE | BMSR_ERCAP | 0x0040;
	p->reg[MII_PHYSID1] = PHY_ID1;
	p->reg[MII_PHYSID2] = PHY_ID2;
	p->reg[MII_ADVERTISE] = ADVERTISE_ALL | ADVERTISE_CSMA | ADVERTISE_PAUSE_CAP |
				ADVERTISE_PAUSE_ASYM;
	p->reg[MII_CTRL1000] = ADVERTISE_1000FULL | ADVERTISE_1000HALF;
	p->reg[MII_ESTATUS] = ESTATUS_1000_TFULL | ESTATUS_1000_THALF;
	p->reg[NIC_PHY_PSCR] = NIC_PHY_PSCR_AUTO_MDIX;
}

void lan_phy_init(struct lan_adapter *a)
{
	spin_lock_init(&a->phy_lock);
	lan_phy_defaults(&a->phy);
}

static u16 lan_phy_read(struct lan_phy *p, u32 reg)
{
	u16 v = p->reg[reg];

	/* Link status latches low until it is read (22.2.4.2.13). */
	if (reg == MII_BMSR && p->reg[NIC_PHY_PSSR] & PHY_PSSR_LINK)
		p->reg[MII_BMSR] |= BMSR_LSTATUS;
	if (reg == MII_EXPANSION)
		p->reg[reg] &= ~EXPANSION_LCWP;
	return v;
}

/* Returns true if the link is to be negotiated again. */
static bool lan_phy_write(struct lan_phy *p, u32 reg, u16 v)
{
	u16 old = p->reg[reg];

	switch (reg) {
	case MII_BMSR:
	case MII_PHYSID1:
	case MII_PHYSID2:
	case MII_LPA:
	case MII_EXPANSION:
	case MII_STAT1000:
	case MII_ESTATUS:
	case NIC_PHY_PSSR:
		return false;			/* read only */
	case MII_BMCR:
		if (v & BMCR_RESET) {
			lan_phy_defaults(p);
			p->restart = true;
			return true;
		}
		p->reg[reg] = v & ~(BMCR_ANRESTART | BMCR_RESET);
		if (v & BMCR_ANRESTART)
			p->restart = true;
		return v & BMCR_ANRESTART || (v ^ old) & ~BMCR_CTST;
	case MII_ADVERTISE:
	case MII_CTRL1000:
		p->reg[reg] = v;
		return false;			/* taken up by the next negotiation */
	default:
		p->reg[reg] = v;
		return false;
	}
}

/**
 * lan_phy_mdic() - a write to MDIC: one access to a PHY register (13.4.7)
 * @a: the adapter
 * @mdic: what the driver wrote
 *
 * Context: process or softirq.
 * Return: what MDIC reads from now on: data, READY, and ERROR if no PHY answers at that address.
 */
u32 lan_phy_mdic(struct lan_adapter *a, u32 mdic)
{
	u32 reg = mdic >> NIC_MDIC_REG_SHIFT & 0x1f;
	u32 addr = mdic >> NIC_MDIC_PHY_SHIFT & 0x1f;
	bool relink = false;

	if (addr != NIC_PHY_ADDR)
		return mdic | NIC_MDIC_READY | NIC_MDIC_ERROR;
	spin_lock_bh(&a->phy_lock);
	if (mdic & NIC_MDIC_OP_READ)
		mdic = (mdic & ~NIC_MDIC_DATA_MASK) | lan_phy_read(&a->phy, reg);
	else if (mdic & NIC_MDIC_OP_WRITE)
		relink = lan_phy_write(&a->phy, reg, mdic & NIC_MDIC_DATA_MASK);
	spin_unlock_bh(&a->phy_lock);
	if (relink)
		a->ops->relink(a);
	return mdic | NIC_MDIC_READY;
}

static u16 lan_phy_forced(u16 bmcr)
{
	bool full = bmcr & BMCR_FULLDPLX;

	if (bmcr & BMCR_SPEED1000)
		return full ? LAN_CAN_1000_FULL : LAN_CAN_1000_HALF;
	if (bmcr & BMCR_SPEED100)
		return full ? LAN_CAN_100_FULL : LAN_CAN_100_HALF;
	return full ? LAN_CAN_10_FULL : LAN_CAN_10_HALF;
}

/**
 * lan_phy_loopback() - is the adapter in loopback?
 * @a: the adapter
 *
 * By the PHY (22.2.4.1.2) or by RCTL.LBM (13.4.22).
 *
 * Context: process or softirq.
 * Return: the speed and duplex of it, LAN_CAN_*; 0 if not.
 */
u16 lan_phy_loopback(struct lan_adapter *a)
{
	u16 can = 0;

	spin_lock_bh(&a->phy_lock);
	if (a->phy.reg[MII_BMCR] & BMCR_LOOPBACK)
		can = lan_phy_forced(a->phy.reg[MII_BMCR]);
	else if (lan_reg(a, NIC_RCTL) & NIC_RCTL_LBM_MASK)
		can = LAN_CAN_1000_FULL;
	spin_unlock_bh(&a->phy_lock);
	return can;
}

/**
 * lan_phy_restarted() - was it told to negotiate anew since the last call?
 * @a: the adapter
 *
 * Context: process or softirq.
 * Return: true if so.
 */
bool lan_phy_restarted(struct lan_adapter *a)
{
	bool was;

	spin_lock_bh(&a->phy_lock);
	was = a->phy.restart;
	a->phy.restart = false;
	spin_unlock_bh(&a->phy_lock);
	return was;
}

/**
 * lan_phy_abilities() - what this PHY offers the other end now
 * @a: the adapter
 *
 * Context: process or softirq.
 * Return: LAN_CAN_* bits; none while it is powered down or isolated.
 */
u16 lan_phy_abilities(struct lan_adapter *a)
{
	static const struct { u16 mii, can; } map[] = {
		{ ADVERTISE_10HALF, LAN_CAN_10_HALF },
		{ ADVERTISE_10FULL, LAN_CAN_10_FULL },
		{ ADVERTISE_100HALF, LAN_CAN_100_HALF },
		{ ADVERTISE_100FULL, LAN_CAN_100_FULL },
		{ ADVERTISE_PAUSE_CAP, LAN_CAN_PAUSE },
		{ ADVERTISE_PAUSE_ASYM, LAN_CAN_ASYM_PAUSE },
	};
	struct lan_phy *p = &a->phy;
	u16 can = LAN_CAN_NEGOTIATE;
	unsigned int i;

	spin_lock_bh(&a->phy_lock);
	if (p->reg[MII_BMCR] & (BMCR_PDOWN | BMCR_ISOLATE)) {
		can = 0;
	} else if (!(p->reg[MII_BMCR] & BMCR_ANENABLE)) {
		can = lan_phy_forced(p->reg[MII_BMCR]);
	} else {
		for (i = 0; i < ARRAY_SIZE(map); i++)
			if (p->reg[MII_ADVERTISE] & map[i].mii)
				can |= map[i].can;
		if (p->reg[MII_CTRL1000] & ADVERTISE_1000HALF)
			can |= LAN_CAN_1000_HALF;
		if (p->reg[MII_CTRL1000] & ADVERTISE_1000FULL)
			can |= LAN_CAN_1000_FULL;
	}
	spin_unlock_bh(&a->phy_lock);
	return can;
}

static u16 lan_phy_partner(u16 peer)
{
	u16 lpa = 0;

	if (!(peer & LAN_CAN_NEGOTIATE))
		return peer & (LAN_CAN_100_HALF | LAN_CAN_100_FULL) ? LPA_100HALF : LPA_10HALF;
	if (peer & LAN_CAN_10_HALF)
		lpa |= LPA_10HALF;
	if (peer & LAN_CAN_10_FULL)
		lpa |= LPA_10FULL;
	if (peer & LAN_CAN_100_HALF)
		lpa |= LPA_100HALF;
	if (peer & LAN_CAN_100_FULL)
		lpa |= LPA_100FULL;
	if (peer & LAN_CAN_PAUSE)
		lpa |= LPA_PAUSE_CAP;
	if (peer & LAN_CAN_ASYM_PAUSE)
		lpa |= LPA_PAUSE_ASYM;
	return lpa | LPA_LPACK | ADVERTISE_CSMA;
}

/**
 * lan_phy_show() - let the PHY's registers tell a negotiation's outcome
 * @a: the adapter
 * @peer: the other end's LAN_CAN_*
 * @result: lan_autoneg_resolve()'s answer; 0: the link is down
 *
 * Context: process or softirq.
 */
void lan_phy_show(struct lan_adapter *a, u16 peer, u16 result)
{
	struct lan_phy *p = &a->phy;
	u16 pssr = NIC_PHY_PSSR_RESOLVED | PHY_PSSR_LINK;

	spin_lock_bh(&a->phy_lock);
	if (!result) {
		p->reg[MII_BMSR] &= ~(BMSR_LSTATUS | BMSR_ANEGCOMPLETE);
		p->reg[MII_LPA] = 0;
		p->reg[MII_STAT1000] = 0;
		p->reg[MII_EXPANSION] = 0;
		p->reg[NIC_PHY_PSSR] = 0;
		goto out;
	}
	if (result & (LAN_CAN_1000_FULL | LAN_CAN_1000_HALF))
		pssr |= 2 << PHY_PSSR_SPEED_SHIFT;
	else if (result & (LAN_CAN_100_FULL | LAN_CAN_100_HALF))
		pssr |= 1 << PHY_PSSR_SPEED_SHIFT;
	if (result & (LAN_CAN_1000_FULL | LAN_CAN_100_FULL | LAN_CAN_10_FULL))
		pssr |= PHY_PSSR_DUPLEX;
	p->reg[NIC_PHY_PSSR] = pssr;
	p->reg[MII_BMSR] |= BMSR_LSTATUS;
	if (p->reg[MII_BMCR] & BMCR_ANENABLE) {
		p->reg[MII_BMSR] |= BMSR_ANEGCOMPLETE;
		p->reg[MII_LPA] = lan_phy_partner(peer);
		p->reg[MII_EXPANSION] = peer & LAN_CAN_NEGOTIATE ?
					EXPANSION_NWAY | EXPANSION_LCWP | EXPANSION_ENABLENPAGE : 0;
		p->reg[MII_STAT1000] = (peer & LAN_CAN_1000_FULL ? LPA_1000FULL : 0) |
				       (peer & LAN_CAN_1000_HALF ? LPA_1000HALF : 0);
		if (p->reg[MII_STAT1000])
			p->reg[MII_STAT1000] |= LPA_1000LOCALRXOK | LPA_1000REMRXOK;
	}
out:
	spin_unlock_bh(&a->phy_lock);
}
