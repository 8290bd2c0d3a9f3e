// SPDX-License-Identifier: GPL-2.0
/* The interrupt rules of the 8254x manual: causes, mask, moderation, delays. */
#include "card.h"

TEST(icr_is_cleared_by_reading)
{
	card_start(0);
	card_wr(NIC_ICS, NIC_INT_LSC | NIC_INT_RXT0);
	expect_eq(NIC_INT_LSC | NIC_INT_RXT0, card_rd(NIC_ICR));
	expect_eq(0, card_rd(NIC_ICR));
	card_stop();
}

TEST(icr_write_clears_what_is_written)
{
	card_start(0);
	card_wr(NIC_ICS, NIC_INT_LSC | NIC_INT_RXT0);
	card_wr(NIC_ICR, NIC_INT_LSC | NIC_INT_TXDW);
	expect_eq(NIC_INT_RXT0, card_rd(NIC_ICR));
	card_stop();
}

TEST(masked_cause_is_noted_and_waits)
{
	card_start(NIC_INT_LSC);
	card_wr(NIC_ICS, NIC_INT_RXT0);
	card_wait(MS);
	expect_eq(0, card.interrupts);
	card_wr(NIC_IMS, NIC_INT_RXT0);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	expect_eq(NIC_INT_RXT0, card.seen);
	card_stop();
}

TEST(ims_sets_and_imc_clears_bits_of_one_mask)
{
	card_start(0);
	card_wr(NIC_IMS, NIC_INT_LSC | NIC_INT_RXT0);
	card_wr(NIC_IMS, NIC_INT_TXDW);
	expect_eq(NIC_INT_LSC | NIC_INT_RXT0 | NIC_INT_TXDW, card_rd(NIC_IMS));
	card_wr(NIC_IMC, NIC_INT_RXT0 | NIC_INT_RXO);
	expect_eq(NIC_INT_LSC | NIC_INT_TXDW, card_rd(NIC_IMS));
	expect_eq(0, card_rd(NIC_IMC));
	expect_eq(0, card_rd(NIC_ICS));
	card_wr(NIC_ICS, NIC_INT_RXT0);
	card_wait(MS);
	expect_eq(0, card.interrupts);
	card_wr(NIC_ICS, NIC_INT_TXDW);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	card_stop();
}

TEST(cause_is_one_interrupt_whatever_else_is_set)
{
	card_start(NIC_INT_RXT0);
	card_wr(NIC_ICS, NIC_INT_RXT0 | NIC_INT_LSC | NIC_INT_TXQE);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	expect_eq(NIC_INT_RXT0 | NIC_INT_LSC | NIC_INT_TXQE, card.seen);
	card_stop();
}

/* 500 units of 256 ns are 128 us: no more than 7813 interrupts a second. */
TEST(itr_spaces_interrupts_out)
{
	u32 i;

	card_start(NIC_INT_RXT0);
	card_wr(NIC_ITR, 500);
	for (i = 0; i < 10000; i++) {
		card_hear(NULL, 100);
		card_wr(NIC_RDT, (i + CARD_RING - 1) % CARD_RING);
		card_wait(10 * US);
	}
	expect(card.least_apart_ns >= 128000);
	expect_within(775, 782, card.interrupts);	/* 100 ms */
	card_stop();
}

TEST(itr_lets_the_first_through_at_once)
{
	u64 began;

	card_start(NIC_INT_RXT0);
	card_wr(NIC_ITR, 0xffff);
	card_wait(20 * MS);
	began = kernel_ns;
	card_hear(NULL, 100);
	card_wait(20 * MS);
	expect_eq(1, card.interrupts);
	expect_eq(began, card.last_interrupt_ns);
	card_stop();
}

TEST(itr_of_zero_spaces_nothing)
{
	u32 i;

	card_start(NIC_INT_RXT0);
	for (i = 0; i < 50; i++) {
		card_hear(NULL, 100);
		card_wait(1 * US);
	}
	expect_eq(50, card.interrupts);
	card_stop();
}

/* What came while it was held back is told when the interval is over, and is not lost. */
TEST(itr_keeps_the_last_cause)
{
	card_start(NIC_INT_RXT0 | NIC_INT_LSC);
	card_wr(NIC_ITR, 500);
	card_hear(NULL, 100);
	card_wait(1 * US);
	lan_adapter_link(&card.a, false, 10, false);
	card_wait(126 * US);
	expect_eq(1, card.interrupts);
	card_wait(2 * US);
	expect_eq(2, card.interrupts);
	expect(card.seen & NIC_INT_LSC);
	card_stop();
}

TEST(lsc_for_each_change_of_the_link)
{
	card_start(0);
	lan_adapter_link(&card.a, true, 1000, true);
	expect_eq(0, card_rd(NIC_ICR));
	lan_adapter_link(&card.a, false, 10, false);
	expect_eq(NIC_INT_LSC, card_rd(NIC_ICR));
	expect(!(card_rd(NIC_STATUS) & NIC_STATUS_LU));
	lan_adapter_link(&card.a, true, 100, true);
	expect_eq(NIC_INT_LSC, card_rd(NIC_ICR));
	expect_eq(NIC_STATUS_LU | NIC_STATUS_FD | NIC_STATUS_SPEED_100,
		  card_rd(NIC_STATUS) & (NIC_STATUS_LU | NIC_STATUS_FD | NIC_STATUS_SPEED_MASK));
	card_stop();
}

/* Reserved on the 82540EM: no error of a frame sets it. */
TEST(rxseq_is_never_set)
{
	u8 frame[80];

	card_start(0);
	card_frame(frame, NULL, 80);
	card_hear_raw(frame, 80, 0);
	card_hear_raw(frame, 80, 3);
	card_hear_raw(frame, 30, 0);
	expect_eq(0, card_rd(NIC_ICR) & NIC_INT_RXSEQ);
	expect_eq(0, card_rd(NIC_SEC));
	card_stop();
}

TEST(mdac_when_it_was_asked_for)
{
	u32 read = NIC_MDIC_OP_READ | NIC_PHY_ADDR << NIC_MDIC_PHY_SHIFT | 2 << NIC_MDIC_REG_SHIFT;

	card_start(0);
	card_wr(NIC_MDIC, read);
	expect_eq(0, card_rd(NIC_ICR));
	card_wr(NIC_MDIC, read | NIC_MDIC_INT);
	expect_eq(NIC_INT_MDAC, card_rd(NIC_ICR));
	expect_eq(0x0141, card_rd(NIC_MDIC) & NIC_MDIC_DATA_MASK);
	card_stop();
}

/* ---- receive timers ---- */

TEST(rxt0_at_once_without_a_timer)
{
	card_start(NIC_INT_RXT0);
	card_wr(NIC_RADV, 100);		/* without RDTR it is off */
	card_hear(NULL, 100);
	card_wait(0);
	expect_eq(1, card.interrupts);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	card_stop();
}

TEST(rdtr_waits_until_the_traffic_pauses)
{
	u64 last = 0;
	u32 i;

	card_start(NIC_INT_RXT0);
	card_wr(NIC_RDTR, 100);		/* 102.4 us */
	for (i = 0; i < 20; i++) {
		card_hear(NULL, 100);
		last = kernel_ns;
		card_wait(90 * US);
	}
	expect_eq(0, card.interrupts);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	expect_eq(last + 100 * LAN_INTR_DELAY_NS, card.last_interrupt_ns);
	card_stop();
}

TEST(radv_bounds_what_rdtr_waits)
{
	u64 began;
	u32 i;

	card_start(NIC_INT_RXT0);
	card_wr(NIC_RDTR, 100);
	card_wr(NIC_RADV, 300);		/* 307.2 us */
	began = kernel_ns;
	for (i = 0; i < 5; i++) {
		card_hear(NULL, 100);
		card_wait(90 * US);
		if (i == 2)
			expect_eq(0, card.interrupts);
	}
	expect_eq(1, card.interrupts);
	expect_eq(began + 300 * LAN_INTR_DELAY_NS, card.last_interrupt_ns);
	card_stop();
}

/* Both timers stand still after it, until the next packet. */
TEST(radv_ends_the_packet_timer_too)
{
	card_start(NIC_INT_RXT0);
	card_wr(NIC_RDTR, 100);
	card_wr(NIC_RADV, 110);
	card_hear(NULL, 100);
	card_wait(90 * US);
	card_hear(NULL, 100);
	card_wait(10 * MS);
	expect_eq(1, card.interrupts);
	expect_eq(LAN_NEVER, lan_delay_next(&card.a));
	card_stop();
}

TEST(fpd_ends_the_packet_timer_now)
{
	card_start(NIC_INT_RXT0);
	card_wr(NIC_RDTR, 1000);
	card_hear(NULL, 100);
	card_wait(10 * US);
	expect_eq(0, card.interrupts);
	card_wr(NIC_RDTR, 1000 | NIC_RDTR_FPD);
	card_wait(0);
	expect_eq(1, card.interrupts);
	expect_eq(1000, card_rd(NIC_RDTR));
	card_wait(10 * MS);
	expect_eq(1, card.interrupts);
	card_stop();
}

TEST(small_packet_is_told_at_once)
{
	card_start(NIC_INT_RXT0 | NIC_INT_SRPD);
	card_wr(NIC_RDTR, 1000);
	card_wr(NIC_RSRPD, 128);
	card_hear(NULL, 125);		/* 129 with its FCS */
	card_wait(10 * US);
	expect_eq(0, card.interrupts);
	card_hear(NULL, 124);
	card_wait(0);
	expect_eq(1, card.interrupts);
	expect_eq(NIC_INT_RXT0 | NIC_INT_SRPD, card.seen);
	card_stop();
}

/* RCTL.RDMTS: a half, a fourth, an eighth of the ring. */
TEST(rxdmt0_when_the_fraction_is_reached)
{
	u32 rdmts, i, want;

	for (rdmts = 0; rdmts < 3; rdmts++) {
		card_start(0);
		card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM | rdmts << 8);
		want = CARD_RING >> (rdmts + 1);
		for (i = CARD_RING - 1; i > want + 1; i--)
			card_hear(NULL, 100);
		expect_eq(0, card_rd(NIC_ICR) & NIC_INT_RXDMT0);
		card_hear(NULL, 100);
		expect_eq(NIC_INT_RXDMT0, card_rd(NIC_ICR) & NIC_INT_RXDMT0);
		card_hear(NULL, 100);
		expect_eq(0, card_rd(NIC_ICR) & NIC_INT_RXDMT0);
		card_stop();
	}
}

TEST(rxo_when_the_packet_buffer_is_full)
{
	u32 i;

	card_start(NIC_INT_RXO);
	card_wr(NIC_PBA, 8);
	card_wr(NIC_RDT, 0);		/* no descriptor */
	for (i = 0; i < 5; i++)
		card_hear(NULL, 1500);
	card_wait(0);
	expect_eq(0, card.interrupts);
	card_hear(NULL, 1500);		/* 6 * 1508 > 8192 */
	card_wait(0);
	expect_eq(1, card.interrupts);
	expect(card.seen & NIC_INT_RXO);
	expect_eq(1, card_rd(NIC_MPC));
	card_stop();
}

/* ---- transmit ---- */

static u8 data[1500];

static union nic_tx_desc *send_one(u32 cmd)
{
	union nic_tx_desc *d = card_post(data, 100, CARD_PACKET | cmd);

	card_ring();
	card_take();
	return d;
}

TEST(txdw_for_a_descriptor_that_asks)
{
	card_start(NIC_INT_TXDW);
	send_one(0);
	card_wait(MS);
	expect_eq(0, card.interrupts);
	send_one(NIC_TXD_RS);
	card_wait(0);
	expect_eq(1, card.interrupts);
	card_stop();
}

TEST(txqe_when_head_meets_tail)
{
	card_start(0);
	card_post(data, 100, CARD_PACKET);
	card_post(data, 100, CARD_PACKET);
	card_ring();
	card_take_one();
	expect_eq(0, card_rd(NIC_ICR) & NIC_INT_TXQE);
	card_take_one();
	expect_eq(NIC_INT_TXQE, card_rd(NIC_ICR) & NIC_INT_TXQE);
	expect_eq(card_rd(NIC_TDT), card_rd(NIC_TDH));
	card_stop();
}

/* TXDCTL.LWTHRESH, in units of eight descriptors. */
TEST(txd_low_when_few_are_left)
{
	u32 i;

	card_start(0);
	card_wr(NIC_TXDCTL, 2U << 25);
	for (i = 0; i < 20; i++)
		card_post(data, 100, CARD_PACKET);
	card_ring();
	for (i = 20; i > 17; i--)
		card_take_one();
	expect_eq(0, card_rd(NIC_ICR) & NIC_INT_TXD_LOW);
	card_take_one();
	expect_eq(NIC_INT_TXD_LOW, card_rd(NIC_ICR) & NIC_INT_TXD_LOW);
	card_take_one();
	expect_eq(0, card_rd(NIC_ICR) & NIC_INT_TXD_LOW);
	card_stop();
}

TEST(tidv_waits_until_no_more_is_sent)
{
	u64 last = 0;
	u32 i;

	card_start(NIC_INT_TXDW);
	card_wr(NIC_TIDV, 100);
	for (i = 0; i < 10; i++) {
		union nic_tx_desc *d = send_one(NIC_TXD_RS | NIC_TXD_IDE);

		expect_eq(NIC_TXD_DD, d->data.upper & NIC_TXD_DD);	/* written at once */
		last = kernel_ns;
		card_wait(90 * US);
	}
	expect_eq(0, card.interrupts);
	card_wait(MS);
	expect_eq(1, card.interrupts);
	expect_eq(last + 100 * LAN_INTR_DELAY_NS, card.last_interrupt_ns);
	card_stop();
}

TEST(tadv_bounds_what_tidv_waits)
{
	u64 began;
	u32 i;

	card_start(NIC_INT_TXDW);
	card_wr(NIC_TIDV, 100);
	card_wr(NIC_TADV, 200);
	began = kernel_ns;
	for (i = 0; i < 3; i++) {
		send_one(NIC_TXD_RS | NIC_TXD_IDE);
		card_wait(90 * US);
	}
	expect_eq(1, card.interrupts);
	expect_eq(began + 200 * LAN_INTR_DELAY_NS, card.last_interrupt_ns);
	card_stop();
}

/* An interrupt that does not wait takes along what does. */
TEST(immediate_txdw_stops_the_timers)
{
	card_start(NIC_INT_TXDW);
	card_wr(NIC_TIDV, 100);
	card_wr(NIC_TADV, 200);
	send_one(NIC_TXD_RS | NIC_TXD_IDE);
	card_wait(10 * US);
	send_one(NIC_TXD_RS);
	card_wait(0);
	expect_eq(1, card.interrupts);
	card_wait(10 * MS);
	expect_eq(1, card.interrupts);
	card_stop();
}
