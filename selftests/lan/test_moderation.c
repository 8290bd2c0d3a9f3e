// SPDX-License-Identifier: GPL-2.0
/*
 * How drivers/nic spaces its interrupts out (irq.c), judged by what it writes to the modelled
 * adapter: the poll is run by hand with so many frames of such a length.
 */
#include "card.h"
#include "../../drivers/nic/nic.h"

static struct nic nic;
static u32 poll_packets, poll_octets, poll_us;
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
	kernel_ns += done ? poll_us * US : 0;
	return (int)done;
}

/* ---- the bench ---- */

static bool masked(void)
{
	return !(card_rd(NIC_IMS) & NIC_INT_RX);
}

static void begin(void)
{
	card_start(0);
	memset(&nic, 0, sizeof(nic));
	nic.ops = &lan_regs_ops;
	nic.bus = &card.a;
	nic.itr = ~0U;
	nic.look.function = nic_irq_look;
	tx_busy = false;
	poll_us = 0;
	set_bit(NIC_F_ADAPTIVE, &nic.flags);
	expect_eq(0, nic_irq_request(&nic, nic_irq_handler));
	nic_irq_moderate(&nic, 0);
	nic_irq_on(&nic);
}

static void poll(u32 packets, u32 octets)
{
	expect(nic.napi.scheduled);
	poll_packets = packets;
	poll_octets = octets;
	while (nic.napi.scheduled)
		nic_irq_poll(&nic.napi, 64);
}

/* An interrupt, and the poll after it finds so much. */
static void interrupt(u32 packets, u32 octets)
{
	expect(!nic.napi.scheduled);
	card_wr(NIC_ICS, NIC_INT_RXT0);
	card_wait(10 * MS);
	poll(packets, octets);
}

/* So much at once, and nothing after it. */
static void burst(u32 packets, u32 octets)
{
	interrupt(packets, octets);
	if (masked()) {
		card_wait(MS);
		poll(0, 0);
	}
	expect(!masked());
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

/* After a stream's burst the ring is looked at again without an interrupt, until one is missing. */
TEST(stream_needs_no_interrupt)
{
	u64 accesses;

	begin();
	interrupt(16, 1500);
	expect(masked());
	accesses = card.a.reads + card.a.writes;
	card_wait(249 * US);
	expect(!nic.napi.scheduled);
	card_wait(US);
	poll(5, 1500);			/* looked at so often, it comes in smaller bursts */
	card_wait(250 * US);
	poll(64 + 16, 1500);
	card_wr(NIC_ICS, NIC_INT_RXT0);	/* by the adapter; the causes are masked */
	card_wait(250 * US);
	expect_eq(1, card.a.reads + card.a.writes - accesses);
	poll(0, 0);
	expect(nic_irq_usecs(&nic) == 250);
	expect(!masked());
	card_stop();
}

TEST(stream_that_ends_in_a_conversation_is_interrupted_for)
{
	begin();
	interrupt(16, 1500);
	card_wait(250 * US);
	poll(4, 1500);
	expect(!masked());
	expect_eq(0, itr());
	interrupt(16, 1500);
	card_wait(250 * US);
	poll(16, 100);
	expect(!masked());
	expect_eq(50 * 1000 / 256, itr());
	card_stop();
}

/* What was sent interrupts meanwhile; the look that was due is not needed then. */
TEST(interrupt_for_what_was_sent_ends_the_wait)
{
	begin();
	interrupt(16, 1500);
	card_wr(NIC_IMS, NIC_INT_TXDW);
	card_wr(NIC_ICS, NIC_INT_TXDW);
	card_wait(200 * US);
	card_wait(50 * US);
	poll(1, 60);
	expect(!masked());
	card_wait(MS);
	expect(!nic.napi.scheduled);
	card_stop();
}

/* Short frames without end: half of the time is for those who read them. */
TEST(flood_is_not_looked_at_for_as_long_as_it_took)
{
	begin();
	poll_us = 600;
	interrupt(300, 60);
	expect(masked());
	expect_eq(300 - 256, poll_packets);
	card_wait(3 * 600 * US - US);		/* from the first poll's end to the last's */
	expect(!nic.napi.scheduled);
	card_wait(US);
	poll_us = 10000;
	poll(300, 60);
	card_wait(4 * MS - US);
	expect(!nic.napi.scheduled);
	card_wait(US);
	poll_us = 0;
	poll(256, 60);
	card_wait(250 * US - US);
	expect(!nic.napi.scheduled);
	card_wait(US);
	poll(4, 60);
	expect(!masked());
	expect_eq(0, itr());
	card_stop();
}

TEST(stream_of_long_frames_is_no_flood)
{
	begin();
	interrupt(100000, 1500);
	expect_eq(0, poll_packets);
	expect_eq(250, nic_irq_usecs(&nic));
	card_stop();
}

TEST(flood_at_an_ordered_spacing_is_taken_in)
{
	begin();
	clear_bit(NIC_F_ADAPTIVE, &nic.flags);
	burst(1000, 60);
	expect_eq(0, poll_packets);
	card_stop();
}

TEST(spacing_that_was_ordered_stays)
{
	begin();
	clear_bit(NIC_F_ADAPTIVE, &nic.flags);
	nic_irq_moderate(&nic, 250);
	interrupt(64, 1500);
	expect(!masked());
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
	burst(10, 1500);
	writes = card.a.writes;
	burst(10, 1500);
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
