// SPDX-License-Identifier: GPL-2.0
/*
 * The EEPROM: 64 words read once at probe, by the EERD register where there is
 * one, by the Microwire pins in EECD on the 82544 (8254x manual 5.1, 13.4.4);
 * written by the pins (the 93C46's commands). The sum of all words tells a good one.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/iopoll.h>

#include "nic.h"

#define EEPROM_WAIT_US		10000
#define EEPROM_OPCODE_BITS	3	/* start bit, and two of: */
#define EEPROM_EXTENDED		0x4
#define EEPROM_WRITE		0x5
#define EEPROM_READ		0x6
/* the two first bits of an extended command's address */
#define EEPROM_WRITE_OFF	0x0
#define EEPROM_WRITE_ON		0x3
#define EEPROM_WRITE_WAIT_US	20000	/* the chip takes up to 10 ms for a word */
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

/**
 * struct nic_eeprom_bus - the pins, while they are ours
 * @eecd: EECD without clock, select and data
 * @bits: of an address
 */
struct nic_eeprom_bus {
	u32 eecd;
	int bits;
};

static void nic_eeprom_release(struct nic *nic, const struct nic_eeprom_bus *bus)
{
	nic_wr(nic, NIC_EECD, bus->eecd & ~NIC_EECD_REQ);
}

/* Return: 0, or -ETIMEDOUT with nothing held. */
static int nic_eeprom_acquire(struct nic *nic, struct nic_eeprom_bus *bus)
{
	u32 got;
	int err;

	bus->eecd = nic_rd(nic, NIC_EECD) & ~(NIC_EECD_SK | NIC_EECD_CS | NIC_EECD_DI);
	bus->bits = bus->eecd & NIC_EECD_SIZE ? 8 : 6;
	bus->eecd |= NIC_EECD_REQ;
	nic_wr(nic, NIC_EECD, bus->eecd);
	err = read_poll_timeout(nic_rd, got, got & NIC_EECD_GNT, 5,
				EEPROM_WAIT_US, false, nic, NIC_EECD);
	if (err)
		nic_eeprom_release(nic, bus);
	return err;
}

/* Selects the chip and clocks a command in; nic_eeprom_pins() with @bus->eecd deselects it. */
static void nic_eeprom_command(struct nic *nic, const struct nic_eeprom_bus *bus, u32 opcode,
			       u32 address)
{
	u32 eecd = bus->eecd | NIC_EECD_CS;

	nic_eeprom_pins(nic, eecd);
	nic_eeprom_out(nic, eecd, opcode, EEPROM_OPCODE_BITS);
	nic_eeprom_out(nic, eecd, address, bus->bits);
}

static int nic_eeprom_microwire(struct nic *nic, u16 word, u16 *value)
{
	struct nic_eeprom_bus bus;
	int err;

	err = nic_eeprom_acquire(nic, &bus);
	if (err)
		return err;
	nic_eeprom_command(nic, &bus, EEPROM_READ, word);
	*value = nic_eeprom_in(nic, bus.eecd | NIC_EECD_CS);
	nic_eeprom_pins(nic, bus.eecd);
	nic_eeprom_release(nic, &bus);
	return 0;
}

/* Return: 0, or -ETIMEDOUT if the chip does not get ready. */
static int nic_eeprom_write_word(struct nic *nic, const struct nic_eeprom_bus *bus, u16 word)
{
	u32 got;
	int err;

	nic_eeprom_command(nic, bus, EEPROM_WRITE, word);
	nic_eeprom_out(nic, bus->eecd | NIC_EECD_CS, nic->eeprom[word], 16);
	nic_eeprom_pins(nic, bus->eecd);		/* it begins now */
	nic_eeprom_pins(nic, bus->eecd | NIC_EECD_CS);	/* and says on DO when it is through */
	err = read_poll_timeout(nic_rd, got, got & NIC_EECD_DO, 100,
				EEPROM_WRITE_WAIT_US, false, nic, NIC_EECD);
	nic_eeprom_pins(nic, bus->eecd);
	return err;
}

/**
 * nic_eeprom_store() - write words to the EEPROM, and the sum
 * @nic: the adapter; @nic->eeprom holds what is wanted, read back when this returns
 * @first: first word to write
 * @last: last word
 *
 * Context: may sleep; RTNL held.
 * Return: 0; -ETIMEDOUT if it does not answer; -EIO if it did not keep what was
 * written, as one that cannot be written.
 */
int nic_eeprom_store(struct nic *nic, u16 first, u16 last)
{
	u16 want[NIC_EEPROM_WORDS], sum = 0;
	struct nic_eeprom_bus bus;
	int err;
	u16 i;

	for (i = 0; i < NIC_EEPROM_WORDS - 1; i++)
		sum += nic->eeprom[i];
	nic->eeprom[i] = NIC_EEPROM_SUM - sum;
	memcpy(want, nic->eeprom, sizeof(want));
	err = nic_eeprom_acquire(nic, &bus);
	if (err) {
		nic_eeprom_load(nic);
		return err;
	}
	nic_eeprom_command(nic, &bus, EEPROM_EXTENDED, EEPROM_WRITE_ON << (bus.bits - 2));
	nic_eeprom_pins(nic, bus.eecd);
	for (i = first; !err && i <= last; i++)
		err = nic_eeprom_write_word(nic, &bus, i);
	if (!err)
		err = nic_eeprom_write_word(nic, &bus, NIC_EEPROM_WORDS - 1);
	nic_eeprom_command(nic, &bus, EEPROM_EXTENDED, EEPROM_WRITE_OFF << (bus.bits - 2));
	nic_eeprom_pins(nic, bus.eecd);
	nic_eeprom_release(nic, &bus);
	if (nic_eeprom_load(nic) == -ETIMEDOUT)
		return -ETIMEDOUT;
	if (!err && memcmp(want, nic->eeprom, sizeof(want)))
		err = -EIO;
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
