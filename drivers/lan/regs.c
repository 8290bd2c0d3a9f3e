// SPDX-License-Identifier: GPL-2.0
/*
 * The register file (8254x manual chapter 13): what an access does beyond storing a word.
 *
 * A tail write and the interrupt registers may come in any context and take no lock of the
 * medium's; what stops, resets or negotiates comes from process or softirq context.
 */
#include "adapter.h"
#include "hostile.h"

#define REGS_STAT_FIRST		NIC_CRCERRS
#define REGS_STAT_LAST		NIC_TSCTFC

/* 64-bit statistics are cleared by the read of their high word. */
static bool regs_low_word(u32 reg)
{
	return reg == NIC_GORCL || reg == NIC_GOTCL || reg == NIC_TORL || reg == NIC_TOTL;
}

static u32 regs_read_stat(struct lan_adapter *a, u32 reg)
{
	u32 v;

	a->ops->lock(a);
	v = lan_reg(a, reg);
	if (!regs_low_word(reg)) {
		lan_reg_set(a, reg, 0);
		if (regs_low_word(reg - 4))
			lan_reg_set(a, reg - 4, 0);
	}
	a->ops->unlock(a);
	return v;
}

static u32 regs_status(struct lan_adapter *a)
{
	u32 v = lan_reg(a, NIC_STATUS);

	if (!(lan_reg(a, NIC_CTRL) & NIC_CTRL_SLU))
		v &= ~NIC_STATUS_LU;
	if (READ_ONCE(a->tx.paused_until_ns) > a->ops->now(a))
		v |= NIC_STATUS_TXOFF;
	return v;
}

/* The time stamps: the high word's reading lets the next one in. */
static u32 regs_read_stamp(struct lan_adapter *a, u32 reg)
{
	struct lan_stamps *st = &a->stamps;
	u32 v = 0;

	a->ops->lock(a);
	switch (reg) {
	case NIC_SYSTIML:
		v = (u32)a->ops->now(a);
		break;
	case NIC_SYSTIMH:
		v = a->ops->now(a) >> 32;
		break;
	case NIC_TSYNCTXCTL:
		v = st->tx_ctl;
		break;
	case NIC_TSYNCRXCTL:
		v = st->rx_ctl;
		break;
	case NIC_TXSTMPL:
		v = (u32)st->tx;
		break;
	case NIC_RXSTMPL:
		v = (u32)st->rx;
		break;
	case NIC_TXSTMPH:
		v = st->tx >> 32;
		st->tx_ctl &= ~NIC_TSYNC_VALID;
		break;
	case NIC_RXSTMPH:
		v = st->rx >> 32;
		st->rx_ctl &= ~NIC_TSYNC_VALID;
		break;
	}
	a->ops->unlock(a);
	return v;
}

static void regs_write_stamp(struct lan_adapter *a, u32 reg, u32 v)
{
	struct lan_stamps *st = &a->stamps;

	a->ops->lock(a);
	if (reg == NIC_TSYNCTXCTL)
		st->tx_ctl = (st->tx_ctl & NIC_TSYNC_VALID) | (v & NIC_TSYNC_EN);
	else if (reg == NIC_TSYNCRXCTL)
		st->rx_ctl = (st->rx_ctl & NIC_TSYNC_VALID) | (v & NIC_TSYNC_EN);
	a->ops->unlock(a);
}

static bool regs_is_stamp(u32 reg)
{
	return reg >= NIC_SYSTIML && reg <= NIC_RXSTMPH && !(reg & 3);
}

static u32 regs_value(struct lan_adapter *a, u32 reg)
{
	if (READ_ONCE(a->gone))
		return U32_MAX;
	a->reads++;
	if (regs_is_stamp(reg))
		return regs_read_stamp(a, reg);
	if (reg >= LAN_REG_SPACE || reg & 3)
		return U32_MAX;
	if (reg >= REGS_STAT_FIRST && reg <= REGS_STAT_LAST)
		return regs_read_stat(a, reg);
	switch (reg) {
	case NIC_ICR:
		return lan_intr_read_icr(a);
	case NIC_IMS:
		return READ_ONCE(a->intr.ims);
	case NIC_ICS:
	case NIC_IMC:
		return 0;			/* write only */
	case NIC_STATUS:
		return regs_status(a);
	case NIC_EECD:
		return lan_eeprom_eecd_read(a);
	default:
		return lan_reg(a, reg);
	}
}

static u32 regs_read(void *bus, u32 reg)
{
	return lan_hostile_read(regs_value(bus, reg));
}

static void regs_write_ctrl(struct lan_adapter *a, u32 v)
{
	u32 old = lan_reg(a, NIC_CTRL);

	if (v & NIC_CTRL_RST) {
		a->ops->lock(a);
		lan_adapter_reset(a);
		a->ops->unlock(a);
		a->ops->relink(a);
		return;
	}
	lan_reg_set(a, NIC_CTRL, v & ~NIC_CTRL_PHY_RST);
	if (v & NIC_CTRL_PHY_RST) {
		spin_lock_bh(&a->phy_lock);
		a->phy.reg[0] |= BIT(15);
		spin_unlock_bh(&a->phy_lock);
		lan_phy_mdic(a, NIC_MDIC_OP_WRITE | NIC_PHY_ADDR << NIC_MDIC_PHY_SHIFT | BIT(15));
	} else if ((old ^ v) & NIC_CTRL_SLU) {
		a->ops->relink(a);
	}
}

/* Receive or transmit is switched: a running frame is let go first. */
static void regs_write_enable(struct lan_adapter *a, u32 reg, u32 v)
{
	bool relink;

	a->ops->lock(a);
	relink = reg == NIC_RCTL && (lan_reg(a, reg) ^ v) & NIC_RCTL_LBM_MASK;
	lan_reg_set(a, reg, reg == NIC_TCTL ? v & ~NIC_TCTL_SWXOFF : v);
	if (reg == NIC_RCTL && !(v & NIC_RCTL_EN)) {
		a->fifo.tail = a->fifo.head;
		a->stamps.rx_ctl &= ~NIC_TSYNC_VALID;
		lan_delay_end_rx(a);
	}
	if (reg == NIC_TCTL && !(v & NIC_TCTL_EN)) {
		a->tx.len = 0;
		a->tx.tso_at = 0;
		lan_delay_end_tx(a);
	}
	if (reg == NIC_TCTL && v & NIC_TCTL_SWXOFF && lan_reg(a, NIC_STATUS) & NIC_STATUS_FD)
		a->tx.pause = 1;
	a->ops->unlock(a);
	if (relink)
		a->ops->relink(a);
	a->ops->kick(a);
}

/* The packet timer; its top bit lets it end now (13.4.30). */
static void regs_write_rdtr(struct lan_adapter *a, u32 v)
{
	lan_reg_set(a, NIC_RDTR, v & ~NIC_RDTR_FPD);
	if (!(v & NIC_RDTR_FPD))
		return;
	a->ops->lock(a);
	lan_delay_rx_report(a, 0);
	a->ops->unlock(a);
}

static void regs_write_mdic(struct lan_adapter *a, u32 v)
{
	lan_reg_set(a, NIC_MDIC, lan_phy_mdic(a, v));
	if (v & NIC_MDIC_INT)
		lan_intr_cause(a, NIC_INT_MDAC);
}

static void regs_write(void *bus, u32 reg, u32 v)
{
	struct lan_adapter *a = bus;

	if (READ_ONCE(a->gone))
		return;
	a->writes++;
	if (regs_is_stamp(reg))
		regs_write_stamp(a, reg, v);
	if (reg >= LAN_REG_SPACE || reg & 3)
		return;
	switch (reg) {
	case NIC_TDT:
	case NIC_RDT:
		/* after what the descriptors say: pairs with the barrier before they are read */
		smp_store_release(&a->reg[reg / 4], v);
		a->ops->kick(a);
		v = lan_hostile_causes();
		if (unlikely(v))
			lan_intr_cause(a, v);
		break;
	case NIC_ICS:
		lan_intr_cause(a, v);
		break;
	case NIC_IMS:
		lan_intr_mask(a, 0, v);
		break;
	case NIC_IMC:
		lan_intr_mask(a, v, 0);
		break;
	case NIC_ICR:
		lan_intr_clear(a, v);
		break;
	case NIC_ITR:
		lan_reg_set(a, reg, v);
		lan_intr_set_itr(a, v);
		break;
	case NIC_CTRL:
		regs_write_ctrl(a, v);
		break;
	case NIC_CTRL_EXT:
		lan_reg_set(a, reg, v & ~NIC_CTRL_EXT_EE_RST);
		break;
	case NIC_STATUS:
		break;
	case NIC_EECD:
		lan_eeprom_eecd_write(a, v);
		break;
	case NIC_EERD:
		lan_reg_set(a, reg, lan_eeprom_eerd(a, v));
		break;
	case NIC_MDIC:
		regs_write_mdic(a, v);
		break;
	case NIC_RDTR:
		regs_write_rdtr(a, v);
		break;
	case NIC_RCTL:
	case NIC_TCTL:
		regs_write_enable(a, reg, v);
		break;
	default:
		if (reg < REGS_STAT_FIRST || reg > REGS_STAT_LAST)
			lan_reg_set(a, reg, v);
	}
}

const struct nic_bus_ops lan_regs_ops = {
	.read = regs_read,
	.write = regs_write,
	.irq_request = lan_intr_request,
	.irq_free = lan_intr_free,
	.irq_sync = lan_intr_sync,
};
