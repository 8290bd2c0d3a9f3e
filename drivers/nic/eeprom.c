// SPDX-License-Identifier: GPL-2.0
/*
 * The EEPROM: 64 words read once at probe, by the EERD register where there is
 * one, by the Microwire pins in EECD on the 82544 (8254x manual 5.1, 13.4.4).
 * The sum of all words tells a good one.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/iopoll.h>

#include "nic.h"

#define EEPROM_WAIT_US		10000
#define EEPROM_READ_OPCODE	0x6	/* start bit and 10b */
#define EEPROM_READ_BITS	3
#define EEPROM_HALF_CLOCK_US	50

static int nic_eeprom_eerd(struct nic *nic, u16 word, u16 *value)
{
	u32 eerd;
	int err;

	nic_wr(nic, NIC_EERD, NIC_EERD_START | (u32)word << NIC_EERD_ADDR_SHIFT);
	err = read_poll_timeout(nic_rd, eerd, eerd & NIC_EERD_DONE, 5,
				EEPROM_WAIT_US, false, nic, NIC_EERD);
	if (!err)
		*value = eerd >> NIC_EERD_DATA_SHIFT;
	return err;
}

static void nic_eeprom_pins(struct nic *nic, u32 eecd)
{
	nic_wr(nic, NIC_EECD, eecd);
	nic_flush(nic);
	udelay(EEPROM_HALF_CLOCK_US);
}

/* Clocks the low @bits of @value in, most significant first. */
static void nic_eeprom_out(struct nic *nic, u32 eecd, u32 value, int bits)
{
	while (bits--) {
		u32 data = value & BIT(bits) ? NIC_EECD_DI : 0;

		nic_eeprom_pins(nic, eecd | data);
		nic_eeprom_pins(nic, eecd | data | NIC_EECD_SK);
	}
	nic_eeprom_pins(nic, eecd);
}

static u16 nic_eeprom_in(struct nic *nic, u32 eecd)
{
	u16 value = 0;
	int i;

	for (i = 0; i < 16; i++) {
		nic_eeprom_pins(nic, eecd | NIC_EECD_SK);
		value <<= 1;
		if (nic_rd(nic, NIC_EECD) & NIC_EECD_DO)
			value |= 1;
		nic_eeprom_pins(nic, eecd);
	}
	return value;
}

static int nic_eeprom_microwire(struct nic *nic, u16 word, u16 *value)
{
	u32 eecd = nic_rd(nic, NIC_EECD) & ~(NIC_EECD_SK | NIC_EECD_CS | NIC_EECD_DI);
	int bits = eecd & NIC_EECD_SIZE ? 8 : 6;
	u32 got;
	int err;

	eecd |= NIC_EECD_REQ;
	nic_wr(nic, NIC_EECD, eecd);
	err = read_poll_timeout(nic_rd, got, got & NIC_EECD_GNT, 5,
				EEPROM_WAIT_US, false, nic, NIC_EECD);
	if (err)
		goto out_release;
	nic_eeprom_pins(nic, eecd | NIC_EECD_CS);
	nic_eeprom_out(nic, eecd | NIC_EECD_CS, EEPROM_READ_OPCODE, EEPROM_READ_BITS);
	nic_eeprom_out(nic, eecd | NIC_EECD_CS, word, bits);
	*value = nic_eeprom_in(nic, eecd | NIC_EECD_CS);
	nic_eeprom_pins(nic, eecd);
out_release:
	nic_wr(nic, NIC_EECD, eecd & ~NIC_EECD_REQ);
	return err;
}

/**
 * nic_eeprom_load() - read the EEPROM and check its sum
 * @nic: the adapter, reset
 *
 * Context: may sleep. 8254x manual 5.6.35 gives the sum.
 * Return: 0; -ETIMEDOUT if it does not answer; -EILSEQ if the sum is wrong,
 * with the words read all the same.
 */
int nic_eeprom_load(struct nic *nic)
{
	u16 sum = 0;
	int err;
	u16 i;

	for (i = 0; i < NIC_EEPROM_WORDS; i++) {
		if (test_bit(NIC_F_NO_EERD, &nic->flags))
			err = nic_eeprom_microwire(nic, i, &nic->eeprom[i]);
		else
			err = nic_eeprom_eerd(nic, i, &nic->eeprom[i]);
		if (err)
			return err;
		sum += nic->eeprom[i];
	}
	return sum == NIC_EEPROM_SUM ? 0 : -EILSEQ;
}
