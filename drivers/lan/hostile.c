// SPDX-License-Identifier: GPL-2.0
/*
 * An adapter that lies: what it says in registers, descriptors and interrupts is now and then
 * something else, by a seed. All modelled adapters do while the parameter "hostile" is not 0. It
 * moves the octets of frames truly, and only where the driver told it to: against an adapter that
 * writes elsewhere an IOMMU helps, not a driver.
 */
#include <linux/atomic.h>
#include <linux/moduleparam.h>

#include "adapter.h"
#include "hostile.h"

/* One in so many ... */
#define HOSTILE_READS		16	/* register reads */
#define HOSTILE_GONE		64	/* of those is all ones, as if it had been pulled */
#define HOSTILE_INTERRUPTS	16	/* tail writes, brings causes that are none */
#define HOSTILE_DESCRIPTORS	8	/* received, each field for itself */
#define HOSTILE_REPORTS		256	/* reports of what was sent, is never made */

static unsigned int lan_hostile;
module_param_named(hostile, lan_hostile, uint, 0600);
MODULE_PARM_DESC(hostile, "seed of modelled adapters' lies (0: none)");

static atomic64_t hostile_draws = ATOMIC64_INIT(0);

/* The next number of the seed's row; contexts take them as they come. */
static u64 hostile_draw(void)
{
	u64 x = (u64)READ_ONCE(lan_hostile) << 40 ^ atomic64_inc_return(&hostile_draws);

	x *= 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static bool hostile_now(u32 one_in)
{
	return READ_ONCE(lan_hostile) && (hostile_draw() >> 32) % one_in == 0;
}

/**
 * lan_hostile_read() - what a register reads as
 * @value: what it holds
 *
 * Context: any.
 * Return: that, or a lie.
 */
u32 lan_hostile_read(u32 value)
{
	u64 draw;

	if (!hostile_now(HOSTILE_READS))
		return value;
	if (hostile_now(HOSTILE_GONE))
		return U32_MAX;
	draw = hostile_draw();
	switch (draw >> 32 & 3) {
	case 0:
		return 0;
	case 1:
		return (u32)draw;
	default:
		return value ^ BIT(draw & 31);
	}
}

/* Interrupt causes that are none. Context: any. */
u32 lan_hostile_causes(void)
{
	return hostile_now(HOSTILE_INTERRUPTS) ? (u32)hostile_draw() : 0;
}

/* What is said of a frame that was received. Context: the medium's lock. */
void lan_hostile_rx(struct nic_rx_desc *done)
{
	u64 draw = hostile_draw();

	if (hostile_now(HOSTILE_DESCRIPTORS))
		done->length = cpu_to_le16(draw & BIT(16) ? (u16)draw : draw & 31);
	if (hostile_now(HOSTILE_DESCRIPTORS))
		done->status = NIC_RXD_DD | (u8)(draw >> 24);
	if (hostile_now(HOSTILE_DESCRIPTORS))
		done->errors = (u8)(draw >> 32);
	if (hostile_now(HOSTILE_DESCRIPTORS))
		done->special = cpu_to_le16(draw >> 40);
}

/**
 * lan_hostile_tx() - a descriptor was sent
 * @d: the descriptor
 *
 * Context: the medium's lock.
 * Return: is that to be reported?
 */
bool lan_hostile_tx(union nic_tx_desc *d)
{
	if (hostile_now(HOSTILE_REPORTS))
		return false;
	if (hostile_now(HOSTILE_DESCRIPTORS))
		WRITE_ONCE(d->data.upper, cpu_to_le32((u32)hostile_draw() & ~NIC_TXD_DD));
	return true;
}
