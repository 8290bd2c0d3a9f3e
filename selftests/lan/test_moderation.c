// SPDX-License-Identifier: GPL-2.0
/*
 * How drivers/nic spaces its interrupts out (irq.c), judged by what it writes to the modelled
 * adapter: the poll is run by hand with so many frames of such a length.
 */
#include "card.h"
#include "../../drivers/nic/nic.h"

static struct nic nic;
static u32 poll_packets, poll_octets;
static bool tx_busy;

/* ---- what irq.c calls ---- */

void nic_tx_clean(struct nic *n, int budget)
{
	(void)n;
	(void)budget;
}

bool nic_tx_busy(struct nic *n)
{
	(void)n;
	return tx_busy;
}

int nic_rx_poll(struct nic *n, int budget)
{
	u32 done = min(poll_packets, (u32)budget);

	n->itr_packets += done;
	n->itr_bytes += done * poll_octets;
	poll_packets -= done;
	return (int)done;
}

/* ---- the bench ---- */

static void begin(void)
{
	card_start(0);
	memset(&nic, 0, sizeof(nic));
	nic.ops = &lan_regs_ops;
	nic.bus = &card.a;
	nic.itr = ~0U;
	tx_busy = false;
	set_bit(NIC_F_ADAPTIVE, &nic.flags);
	expect_eq(0, nic_irq_request(&nic, nic_irq_handler));
	nic_irq_moderate(&nic, 0);
	nic_irq_on(&nic);
}

/* An interrupt, and the poll after it finds so much. */
static void burst(u32 packets, u32 octets)
{
	poll_packets = packets;
	poll_octets = octets;
	card_wr(NIC_ICS, NIC_INT_RXT0);
	card_wait(10 * MS);
	expect(nic.napi.scheduled);
	while (nic.napi.scheduled)
		nic_irq_poll(&nic.napi, 64);
}

static u32 itr(void)
{
	return card_rd(NIC_ITR);
}

TEST(stream_is_spaced_out_conversation_is_not)
{
	begin();
	expect_eq(0, itr());
	burst(1, 60);
	expect_eq(0, itr());
	burst(4, 1500);
	expect_eq(0, itr());
	burst(16, 1500);
	expect_eq(250 * 1000 / 256, itr());
	expect_eq(250, nic_irq_usecs(&nic));
	burst(64, 1500);		/* a full budget is judged when the ring is empty */
	expect_eq(250 * 1000 / 256, itr());
	burst(2, 60);
	expect_eq(0, itr());
	card_stop();
}

TEST(many_short_frames_are_spaced_out_less)
{
	begin();
	burst(40, 100);
	expect_eq(50 * 1000 / 256, itr());
	burst(8, 1500);
	expect_eq(50 * 1000 / 256, itr());
	card_stop();
}

TEST(poll_without_frames_changes_nothing)
{
	begin();
	burst(20, 1500);
	burst(0, 0);
	expect_eq(250 * 1000 / 256, itr());
	card_stop();
}

TEST(spacing_that_was_ordered_stays)
{
	begin();
	clear_bit(NIC_F_ADAPTIVE, &nic.flags);
	nic_irq_moderate(&nic, 100);
	burst(64, 1500);
	burst(1, 60);
	expect_eq(100 * 1000 / 256, itr());
	nic_irq_moderate(&nic, 1000000);
	expect_eq(NIC_ITR_MAX, itr());
	card_stop();
}

TEST(register_is_written_only_when_it_changes)
{
	u64 writes;

	begin();
	burst(20, 1500);
	writes = card.a.writes;
	burst(20, 1500);
	/* ICS by this test, IMC and IMS by the driver */
	expect_eq(3, card.a.writes - writes);
	card_stop();
}

/* The line is masked from the handler to the end of the poll, and nothing is lost meanwhile. */
TEST(handler_masks_and_the_poll_unmasks)
{
	begin();
	poll_packets = 1;
	poll_octets = 100;
	card_wr(NIC_ICS, NIC_INT_RXT0);
	card_wait(MS);
	expect(nic.napi.scheduled);
	expect_eq(0, card_rd(NIC_IMS) & (NIC_INT_RX | NIC_INT_TXDW));
	card_wr(NIC_ICS, NIC_INT_RXT0);		/* comes while it is masked */
	card_wait(MS);
	nic_irq_poll(&nic.napi, 64);
	expect_eq(NIC_INT_RX, card_rd(NIC_IMS) & (NIC_INT_RX | NIC_INT_TXDW));
	expect(!nic.napi.scheduled);
	card_wait(MS);
	expect(nic.napi.scheduled);
	tx_busy = true;
	nic_irq_poll(&nic.napi, 64);
	expect_eq(NIC_INT_TXDW, card_rd(NIC_IMS) & NIC_INT_TXDW);
	card_stop();
}

TEST(interrupt_of_another_is_left_alone)
{
	begin();
	expect_eq(IRQ_NONE, nic_irq_handler(0, &nic));
	card_wr(NIC_ICS, NIC_INT_TXQE);		/* a cause the driver does not use */
	expect_eq(IRQ_NONE, nic_irq_handler(0, &nic));
	card.a.gone = true;
	expect_eq(IRQ_HANDLED, nic_irq_handler(0, &nic));
	expect(nic.link_work.queued);
	expect(!nic.napi.scheduled);
	card.a.gone = false;
	card_stop();
}
