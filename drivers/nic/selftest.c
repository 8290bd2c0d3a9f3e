// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool -t: registers, EEPROM, interrupt, loopback and link; with offline tests the
 * traffic is interrupted for a moment, without them only the link is looked at.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/iopoll.h>
#include <linux/mii.h>
#include <linux/netdevice.h>

#include "../../kmod/compat/ethtool.h"
#include "nic.h"

#define TEST_IRQ_WAIT_US	100000
#define TEST_LINK_WAIT_US	3000000
#define TEST_FRAME_WAIT_US	20000
#define TEST_FRAME_TRIES	150	/* reception may pause for a second after it is set up */

enum nic_test {
	NIC_TEST_REGISTER,
	NIC_TEST_EEPROM,
	NIC_TEST_INTERRUPT,
	NIC_TEST_LOOPBACK,
	NIC_TEST_LINK,
	NIC_TEST_COUNT
};

static const char * const nic_test_names[NIC_TEST_COUNT] = {
	[NIC_TEST_REGISTER]	= "register (offline)",
	[NIC_TEST_EEPROM]	= "eeprom (offline)",
	[NIC_TEST_INTERRUPT]	= "interrupt (offline)",
	[NIC_TEST_LOOPBACK]	= "loopback (offline)",
	[NIC_TEST_LINK]		= "link (on/offline)",
};

/* Bits that hold what is written to them and do nothing on a stopped adapter */
static const struct {
	u16 reg;
	u32 mask;
} nic_test_regs[] = {
	{ NIC_TDBAL, 0xfffffff0 }, { NIC_TDBAH, 0xffffffff }, { NIC_TDLEN, 0x0000ff80 },
	{ NIC_RDBAL, 0xfffffff0 }, { NIC_RDBAH, 0xffffffff }, { NIC_RDLEN, 0x0000ff80 },
	{ NIC_RAL(1), 0xffffffff }, { NIC_RAH(1), 0x0000ffff },
	{ NIC_MTA(0), 0xffffffff }, { NIC_MTA(127), 0xffffffff },
	{ NIC_VFTA(0), 0xffffffff }, { NIC_VFTA(127), 0xffffffff },
};

static const u32 nic_test_patterns[] = { 0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff };

static bool nic_test_one_register(struct nic *nic, u16 reg, u32 mask)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nic_test_patterns); i++) {
		u32 want = nic_test_patterns[i] & mask;
		u32 got;

		nic_wr(nic, reg, want);
		got = nic_rd(nic, reg) & mask;
		if (got != want) {
			netif_err(nic, drv, nic->netdev, "register %04x: wrote %08x, read %08x\n",
				  reg, want, got);
			return false;
		}
	}
	return true;
}

/* Return: number of registers that do not hold their bits. */
static u64 nic_test_registers(struct nic *nic)
{
	u64 bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nic_test_regs); i++)
		bad += !nic_test_one_register(nic, nic_test_regs[i].reg, nic_test_regs[i].mask);
	return bad;
}

static irqreturn_t nic_test_handler(int irq, void *data)
{
	struct nic *nic = data;
	u32 icr = nic_rd(nic, NIC_ICR);

	if (!icr)
		return IRQ_NONE;
	WRITE_ONCE(nic->test_icr, nic->test_icr | icr);
	return IRQ_HANDLED;
}

/*
 * A masked cause must not interrupt, an unmasked one must, with its bit.
 * Return: 0, or the number of the step that went wrong.
 */
static u64 nic_test_interrupt(struct nic *nic)
{
	u64 step = 1;
	u32 seen;

	nic->test_icr = 0;
	nic_wr(nic, NIC_IMC, ~0u);
	nic_rd(nic, NIC_ICR);
	if (nic_irq_request(nic, nic_test_handler))
		return step;
	step++;
	nic_wr(nic, NIC_ICS, NIC_INT_RXDMT0);
	msleep(20);
	if (READ_ONCE(nic->test_icr) & NIC_INT_RXDMT0)
		goto out;
	step++;
	nic_wr(nic, NIC_IMS, NIC_INT_RXDMT0);
	if (read_poll_timeout(READ_ONCE, seen, seen & NIC_INT_RXDMT0, 1000,
			      TEST_IRQ_WAIT_US, false, nic->test_icr))
		goto out;
	step = 0;
out:
	nic_wr(nic, NIC_IMC, ~0u);
	nic_irq_free(nic);
	return step;
}

static u64 nic_test_link(struct nic *nic)
{
	u32 status;

	return read_poll_timeout(nic_rd, status, status & NIC_STATUS_LU, 10000,
				 TEST_LINK_WAIT_US, false, nic, NIC_STATUS) ||
	       status == NIC_GONE;
}

/* A frame to ourselves, of octets that differ. */
static void nic_test_frame(struct nic *nic, u8 *frame, u32 len, u8 start)
{
	u32 i;

	ether_addr_copy(frame, nic->netdev->dev_addr);
	ether_addr_copy(frame + ETH_ALEN, nic->netdev->dev_addr);
	frame[12] = 0x88;		/* an experimental type (IEEE 802) */
	frame[13] = 0xb5;
	for (i = ETH_HLEN; i < len; i++)
		frame[i] = start + i;
}

static void nic_test_send(struct nic *nic, dma_addr_t dma, u32 len)
{
	struct nic_tx_ring *ring = &nic->tx;
	struct nic_tx_data *data = &ring->desc[ring->use].data;

	data->addr = cpu_to_le64(dma);
	data->upper = 0;
	data->cmd_len = cpu_to_le32(NIC_TXD_DEXT | NIC_TXD_DTYP_DATA | NIC_TXD_EOP |
				    NIC_TXD_IFCS | NIC_TXD_RS | len);
	ring->use = nic_ring_next(ring->use, ring->count);
	wmb();		/* the descriptor, before the adapter hears of it */
	nic_wr(nic, NIC_TDT, ring->use);
}

/* Return: did the frame come back as it went out? */
static bool nic_test_one_frame(struct nic *nic, u8 *frame, dma_addr_t dma, u32 len)
{
	bool back;
	int try;

	for (try = 0; try < TEST_FRAME_TRIES; try++) {
		nic_test_frame(nic, frame, len, try);
		nic_test_send(nic, dma, len);
		if (!read_poll_timeout(nic_rx_peek, back, back, 200, TEST_FRAME_WAIT_US, false,
				       nic, frame, len))
			return true;
	}
	return false;
}

static u64 nic_test_frames(struct nic *nic)
{
	static const u16 len[] = { ETH_ZLEN, 61, 500, ETH_FRAME_LEN };
	dma_addr_t dma;
	u64 bad = 0;
	size_t i;
	u8 *frame;

	frame = dma_alloc_coherent(nic->dma, ETH_FRAME_LEN, &dma, GFP_KERNEL);
	if (!frame)
		return ARRAY_SIZE(len);
	for (i = 0; i < ARRAY_SIZE(len) && !bad; i++)
		if (!nic_test_one_frame(nic, frame, dma, len[i]))
			bad = ARRAY_SIZE(len) - i;
	nic_hw_stop(nic);		/* before the memory goes */
	dma_free_coherent(nic->dma, ETH_FRAME_LEN, frame, dma);
	return bad;
}

static int nic_test_phy_loopback(struct nic *nic, u16 bmcr)
{
	int err;

	mutex_lock(&nic->phy_lock);
	err = nic_phy_write(nic, MII_BMCR, bmcr);
	mutex_unlock(&nic->phy_lock);
	return err;
}

/*
 * Frames to ourselves by the PHY's loopback (IEEE 802.3 22.2.4.1.2), on rings of their own.
 * Return: how many did not come back.
 */
static u64 nic_test_loopback(struct nic *nic)
{
	u64 bad = 1;

	if (nic_tx_ring_alloc(nic, &nic->tx, NIC_TX_MIN))
		return bad;
	if (nic_rx_ring_alloc(nic, &nic->rx, NIC_RX_MIN, false))
		goto out_tx;
	nic_hw_configure(nic);
	nic_hw_ctrl(nic, NIC_CTRL_FRCSPD | NIC_CTRL_FRCDPLX, NIC_CTRL_SLU | NIC_CTRL_ASDE);
	if (nic_test_phy_loopback(nic, BMCR_LOOPBACK | BMCR_SPEED1000 | BMCR_FULLDPLX))
		goto out_rx;
	nic_tx_configure(nic);
	nic_rx_configure(nic);
	if (!nic_test_link(nic))
		bad = nic_test_frames(nic);
	nic_hw_stop(nic);
	nic_test_phy_loopback(nic, BMCR_ANENABLE | BMCR_ANRESTART | BMCR_SPEED1000 | BMCR_FULLDPLX);
out_rx:
	nic_rx_ring_free(nic, &nic->rx);
out_tx:
	nic_tx_ring_free(nic, &nic->tx);
	return bad;
}

static void nic_test_offline(struct nic *nic, u64 *result)
{
	nic_hw_reset(nic);
	result[NIC_TEST_REGISTER] = nic_test_registers(nic);
	result[NIC_TEST_EEPROM] = !!nic_eeprom_load(nic);
	result[NIC_TEST_INTERRUPT] = nic_test_interrupt(nic);
	nic_hw_reset(nic);
	result[NIC_TEST_LOOPBACK] = nic_test_loopback(nic);
	nic_hw_reset(nic);
}

/**
 * nic_selftest() - ethtool -t
 * @dev: the device
 * @test: which kind; ETH_TEST_FL_FAILED is set if one fails
 * @result: one for each, 0 if passed
 *
 * Context: may sleep; RTNL held.
 */
void nic_selftest(struct net_device *dev, struct ethtool_test *test, u64 *result)
{
	struct nic *nic = netdev_priv(dev);
	bool running = netif_running(dev);
	int i;

	memset(result, 0, NIC_TEST_COUNT * sizeof(*result));
	result[NIC_TEST_LINK] = nic_test_link(nic);
	if (test->flags & ETH_TEST_FL_OFFLINE) {
		if (running)
			nic_stop(dev);
		nic_test_offline(nic, result);
		if (running && nic_open(dev))
			test->flags |= ETH_TEST_FL_FAILED;
	}
	for (i = 0; i < NIC_TEST_COUNT; i++)
		if (result[i])
			test->flags |= ETH_TEST_FL_FAILED;
}

int nic_selftest_count(void)
{
	return NIC_TEST_COUNT;
}

void nic_selftest_names(u8 *names)
{
	int i;

	for (i = 0; i < NIC_TEST_COUNT; i++)
		ethtool_puts(&names, nic_test_names[i]);
}
