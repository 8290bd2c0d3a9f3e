// SPDX-License-Identifier: GPL-2.0
/*
 * The EEPROM: 64 words, read by EERD or clocked out bit by bit over EECD as from a 93C46 on a
 * Microwire bus (8254x manual chapter 5, 13.4.3, 13.4.4).
 *
 * A Microwire command is a start bit, two bits of operation, six of address, then data:
 *   READ 10, WRITE 01, ERASE 11, and 00 with address 11xxxx EWEN, 00xxxx EWDS.
 */
#include "adapter.h"

#define MW_ADDR_BITS	6
#define MW_CMD_BITS	(3 + MW_ADDR_BITS)
#define MW_OP_EXT	0
#define MW_OP_WRITE	1
#define MW_OP_READ	2
#define MW_OP_ERASE	3

void lan_eeprom_init(struct lan_adapter *a, const u8 mac[6])
{
	u16 sum = 0;
	int i;

	memset(a->eeprom, 0, sizeof(a->eeprom));
	for (i = 0; i < 3; i++)
		a->eeprom[i] = mac[2 * i] | mac[2 * i + 1] << 8;
	a->eeprom[0x0a] = 0x4408;		/* initialization control 1: valid signature */
	a->eeprom[0x0d] = 0x100e;
	a->eeprom[0x0e] = 0x8086;
	a->eeprom[0x0f] = 0x0008;
	for (i = 0; i < LAN_EEPROM_WORDS - 1; i++)
		sum += a->eeprom[i];
	a->eeprom[LAN_EEPROM_WORDS - 1] = NIC_EEPROM_SUM - sum;
}

u32 lan_eeprom_eerd(struct lan_adapter *a, u32 eerd)
{
	u32 word = eerd >> NIC_EERD_ADDR_SHIFT & 0xff;

	if (!(eerd & NIC_EERD_START))
		return eerd;
	return (eerd & 0xff00) | NIC_EERD_DONE |
	       (u32)a->eeprom[word % LAN_EEPROM_WORDS] << NIC_EERD_DATA_SHIFT;
}

static void lan_eeprom_command(struct lan_adapter *a)
{
	struct lan_microwire *m = &a->mw;

	m->op = m->in >> MW_ADDR_BITS & 3;
	m->addr = m->in & (LAN_EEPROM_WORDS - 1);
	switch (m->op) {
	case MW_OP_READ:
		m->out = a->eeprom[m->addr];
		m->n_out = 17;			/* a dummy zero first */
		break;
	case MW_OP_EXT:
		if (m->addr >> 4 == 3)
			m->writable = true;
		else if (m->addr >> 4 == 0)
			m->writable = false;
		break;
	case MW_OP_ERASE:
		if (m->writable)
			a->eeprom[m->addr] = 0xffff;
		break;
	}
}

/* A rising clock takes a bit in, and puts the next one out. */
static void lan_eeprom_clock(struct lan_adapter *a, bool di)
{
	struct lan_microwire *m = &a->mw;

	if (m->n_out) {
		m->n_out--;
		return;
	}
	if (!m->n_in && !di)
		return;				/* waits for the start bit */
	m->in = m->in << 1 | di;
	m->n_in++;
	if (m->n_in == MW_CMD_BITS)
		lan_eeprom_command(a);
	if (m->op == MW_OP_WRITE && m->n_in == MW_CMD_BITS + 16 && m->writable)
		a->eeprom[m->addr] = (u16)m->in;
}

/* Any context but hard interrupt: phy_lock. */
void lan_eeprom_eecd_write(struct lan_adapter *a, u32 eecd)
{
	struct lan_microwire *m = &a->mw;
	bool rising;

	spin_lock_bh(&a->phy_lock);
	rising = eecd & NIC_EECD_SK && !(m->eecd & NIC_EECD_SK);
	if (!(eecd & NIC_EECD_CS)) {
		m->n_in = 0;
		m->n_out = 0;
		m->in = 0;
		m->op = MW_OP_EXT;
	} else if (rising) {
		lan_eeprom_clock(a, eecd & NIC_EECD_DI);
	}
	m->eecd = eecd & (NIC_EECD_SK | NIC_EECD_CS | NIC_EECD_DI | NIC_EECD_REQ);
	spin_unlock_bh(&a->phy_lock);
}

u32 lan_eeprom_eecd_read(struct lan_adapter *a)
{
	struct lan_microwire *m = &a->mw;
	u32 v;

	spin_lock_bh(&a->phy_lock);
	v = m->eecd;
	if (v & NIC_EECD_REQ)
		v |= NIC_EECD_GNT;
	/* DO: the bit that stands; high (ready) when nothing is being read. */
	if (!m->n_out || (m->n_out <= 16 && m->out >> (m->n_out - 1) & 1))
		v |= NIC_EECD_DO;
	spin_unlock_bh(&a->phy_lock);
	return v | BIT(8);			/* EE_PRES */
}
