// SPDX-License-Identifier: GPL-2.0
/* The statistics registers (8254x manual 13.7): what each counts, once, and how it is read. */
#include "card.h"

static u8 frame[LAN_MAX_FRAME + 8];

/* A frame to us of @len octets with its FCS; @bad: with a wrong one. */
static void hear(u32 len, bool bad, u32 dribble)
{
	card_frame(frame, NULL, len - LAN_FCS_LEN);
	lan_frame_fcs(frame, len - LAN_FCS_LEN, frame + len - LAN_FCS_LEN);
	if (bad)
		frame[len - 1] ^= 1;
	card_hear_raw(frame, len, dribble);
}

static u64 octets(u32 low)
{
	u64 v = card_rd(low);

	return v | (u64)card_rd(low + 4) << 32;
}

TEST(counter_is_cleared_by_reading)
{
	card_start(0);
	hear(100, false, 0);
	hear(100, false, 0);
	expect_eq(2, card_rd(NIC_GPRC));
	expect_eq(0, card_rd(NIC_GPRC));
	card_stop();
}

TEST(counter_cannot_be_written)
{
	card_start(0);
	hear(100, false, 0);
	card_wr(NIC_GPRC, 77);
	expect_eq(1, card_rd(NIC_GPRC));
	card_stop();
}

TEST(octet_counter_is_cleared_by_its_upper_half)
{
	card_start(0);
	hear(100, false, 0);
	expect_eq(100, card_rd(NIC_GORCL));
	expect_eq(100, card_rd(NIC_GORCL));
	expect_eq(0, card_rd(NIC_GORCH));
	expect_eq(0, card_rd(NIC_GORCL));
	card_stop();
}

TEST(counters_stick_at_all_ones)
{
	card_start(0);
	lan_reg_set(&card.a, NIC_GPRC, U32_MAX - 1);
	lan_reg_set(&card.a, NIC_GORCL, U32_MAX - 50);
	lan_reg_set(&card.a, NIC_GORCH, U32_MAX);
	lan_reg_set(&card.a, NIC_TORL, U32_MAX - 50);
	hear(100, false, 0);
	hear(100, false, 0);
	expect_eq(U32_MAX, card_rd(NIC_GPRC));
	expect_eq((long long)U64_MAX, (long long)octets(NIC_GORCL));
	expect_eq(0x100000000LL + 149, octets(NIC_TORL));
	card_stop();
}

TEST(nothing_counts_while_receive_is_off)
{
	card_start(0);
	card_wr(NIC_RCTL, 0);
	hear(100, false, 0);
	hear(100, true, 0);
	expect_eq(0, card_rd(NIC_TPR));
	expect_eq(0, card_rd(NIC_GPRC));
	expect_eq(0, card_rd(NIC_CRCERRS));
	card_stop();
}

/* Every error register, and who else counts. A line is one frame. */
TEST(bad_frame_is_in_its_own_counter)
{
	static const struct { u32 len; bool bad; u32 dribble, reg; } map[] = {
		{ 100, true, 0, NIC_CRCERRS }, { 64, true, 0, NIC_CRCERRS },
		{ 1522, true, 0, NIC_CRCERRS }, { 100, true, 3, NIC_ALGNERRC },
		{ 63, false, 0, NIC_RUC }, { 30, false, 0, NIC_RUC },
		{ 63, true, 0, NIC_RFC }, { 20, true, 2, NIC_RFC },
		{ 1523, false, 0, NIC_ROC }, { 4000, false, 0, NIC_ROC },
		{ 1523, true, 0, NIC_RJC }, { 4000, true, 5, NIC_RJC },
	};
	static const u32 regs[] = {
		NIC_CRCERRS, NIC_ALGNERRC, NIC_RUC, NIC_RFC, NIC_ROC, NIC_RJC, NIC_GPRC,
		NIC_CEXTERR, NIC_SEC, NIC_SYMERRS, NIC_RXERRC, NIC_MPC, NIC_RNBC,
	};
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(map); i++) {
		card_start(0);
		hear(map[i].len, map[i].bad, map[i].dribble);
		for (k = 0; k < ARRAY_SIZE(regs); k++)
			expect_eq(regs[k] == map[i].reg, card_rd(regs[k]));
		expect_eq(map[i].len < 64 || map[i].len > 1522, card_rd(NIC_RLEC));
		expect_eq(1, card_rd(NIC_TPR));
		expect_eq(map[i].len, octets(NIC_TORL));
		expect_eq(0, octets(NIC_GORCL));
		expect_eq(0, card_rd(NIC_RDH));		/* it goes no further */
		card_stop();
	}
}

TEST(long_frames_are_good_with_lpe)
{
	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_LPE);
	hear(4000, false, 0);
	expect_eq(1, card_rd(NIC_GPRC));
	expect_eq(1, card_rd(NIC_PRC1522));
	expect_eq(0, card_rd(NIC_ROC));
	expect_eq(0, card_rd(NIC_RLEC));
	card_stop();
}

/* RCTL.SBP: the bad frame is stored, with its error bits. */
TEST(bad_frame_is_stored_if_asked_for)
{
	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_SBP);
	hear(100, true, 0);
	expect_eq(1, card_rd(NIC_RDH));
	expect_eq(NIC_RXD_ERR_CE, card.rx[0].errors);
	expect_eq(100, card.rx[0].length);
	expect_eq(0, memcmp(frame, card.rx_buf[0], 100));
	hear(1600, false, 0);
	expect_eq(NIC_RXD_ERR_RXE, card.rx[1].errors);
	expect_eq(1, card_rd(NIC_CRCERRS));
	expect_eq(1, card_rd(NIC_ROC));
	expect_eq(0, card_rd(NIC_GPRC));
	card_stop();
}

TEST(violation_of_the_line_code_is_an_error_of_the_phy)
{
	struct lan_rx rx = { .data = frame, .len = 100, .err = LAN_RX_SYMBOL | LAN_RX_FCS };

	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_SBP);
	card_frame(frame, NULL, 100);
	lan_rxmac_rx(&card.a.end, &rx, false, kernel_ns);
	expect_eq(1, card_rd(NIC_RXERRC));
	expect_eq(1, card_rd(NIC_CRCERRS));
	expect_eq(0, card_rd(NIC_SYMERRS));		/* of SerDes alone */
	expect_eq(NIC_RXD_ERR_CE | NIC_RXD_ERR_SE, card.rx[0].errors);
	rx.err = LAN_RX_EXTEND;
	lan_rxmac_rx(&card.a.end, &rx, true, kernel_ns);
	expect_eq(1, card_rd(NIC_CEXTERR));
	expect_eq(0, card_rd(NIC_CRCERRS));
	expect_eq(NIC_RXD_ERR_CXE, card.rx[1].errors);
	card_stop();
}

TEST(good_frames_are_counted_by_length)
{
	static const struct { u32 len, rx, tx; } map[] = {
		{ 64, NIC_PRC64, NIC_PTC64 }, { 65, NIC_PRC127, NIC_PTC127 },
		{ 127, NIC_PRC127, NIC_PTC127 }, { 128, NIC_PRC255, NIC_PTC255 },
		{ 255, NIC_PRC255, NIC_PTC255 }, { 256, NIC_PRC511, NIC_PTC511 },
		{ 511, NIC_PRC511, NIC_PTC511 }, { 512, NIC_PRC1023, NIC_PTC1023 },
		{ 1023, NIC_PRC1023, NIC_PTC1023 }, { 1024, NIC_PRC1522, NIC_PTC1522 },
		{ 1522, NIC_PRC1522, NIC_PTC1522 },
	};
	u32 i, reg;

	for (i = 0; i < ARRAY_SIZE(map); i++) {
		card_start(0);
		hear(map[i].len, false, 0);
		card_post(frame, map[i].len - 4, CARD_PACKET);
		card_ring();
		card_take();
		for (reg = NIC_PRC64; reg <= NIC_PRC1522; reg += 4)
			expect_eq(reg == map[i].rx, card_rd(reg));
		for (reg = NIC_PTC64; reg <= NIC_PTC1522; reg += 4)
			expect_eq(reg == map[i].tx, card_rd(reg));
		expect_eq(1, card_rd(NIC_GPRC));
		expect_eq(1, card_rd(NIC_GPTC));
		expect_eq(map[i].len, octets(NIC_GORCL));
		expect_eq(map[i].len, octets(NIC_GOTCL));
		card_stop();
	}
}

TEST(groups_and_broadcasts_are_counted)
{
	static const u8 group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	static const u8 all[6] = { 255, 255, 255, 255, 255, 255 };

	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM | NIC_RCTL_MPE);
	card_hear(group, 100);
	card_hear(all, 100);
	card_hear(all, 100);
	expect_eq(1, card_rd(NIC_MPRC));
	expect_eq(2, card_rd(NIC_BPRC));
	card_frame(frame, group, 100);
	card_post(frame, 100, CARD_PACKET);
	card_frame(frame, all, 100);
	card_post(frame, 100, CARD_PACKET);
	card_ring();
	card_take();
	expect_eq(1, card_rd(NIC_MPTC));
	expect_eq(1, card_rd(NIC_BPTC));
	card_stop();
}

TEST(missed_frame_is_not_received)
{
	u32 i;

	card_start(0);
	card_wr(NIC_PBA, 4);
	card_wr(NIC_RDT, 0);
	for (i = 0; i < 4; i++)
		hear(1500, false, 0);
	expect_eq(2, card_rd(NIC_MPC));		/* two of 1500 fit into 4096 octets */
	expect_eq(2, card_rd(NIC_GPRC));
	expect_eq(2, card_rd(NIC_RNBC));
	expect_eq(4, card_rd(NIC_TPR));
	expect_eq(6000, octets(NIC_TORL));
	card_stop();
}

TEST(frame_of_another_address_is_not_good)
{
	card_start(0);
	card_hear(card_peer, 100);
	expect_eq(0, card_rd(NIC_GPRC));
	expect_eq(1, card_rd(NIC_TPR));
	card_stop();
}

TEST(frame_that_was_cut_short_is_not_sent)
{
	struct lan_wire w;

	card_start(0);
	card_frame(frame, card_peer, 100);
	card_post(frame, 100, CARD_PACKET);
	card_ring();
	expect(lan_txdma_fetch(&card.a.end, &w, kernel_ns));
	lan_txdma_done(&card.a.end, CSMA_EXCESSIVE, kernel_ns);
	expect_eq(0, card_rd(NIC_GPTC));
	expect_eq(0, card_rd(NIC_TPT));
	expect_eq(0, octets(NIC_TOTL));
	card_stop();
}

TEST(short_frame_of_the_drivers_own_is_not_good)
{
	card_start(0);
	card_frame(frame, card_peer, 40);
	card_post(frame, 40, CARD_DATA | NIC_TXD_EOP);
	card_ring();
	card_take();
	expect_eq(0, card_rd(NIC_GPTC));
	expect_eq(1, card_rd(NIC_TPT));
	card_stop();
}

TEST(collision_counters_are_those_of_csma)
{
	struct csma_stats s = {
		.collisions = 7, .single = 2, .multiple = 1, .excessive = 1, .late = 3,
		.deferred = 9,
	};

	card_start(0);
	lan_txdma_stats(&card.a, &s);
	expect_eq(7, card_rd(NIC_COLC));
	expect_eq(2, card_rd(NIC_SCC));
	expect_eq(1, card_rd(NIC_MCC));
	expect_eq(1, card_rd(NIC_ECOL));
	expect_eq(3, card_rd(NIC_LATECOL));
	expect_eq(9, card_rd(NIC_DC));
	s.collisions = 8;
	lan_txdma_stats(&card.a, &s);
	lan_txdma_stats(&card.a, &s);
	expect_eq(1, card_rd(NIC_COLC));
	expect_eq(0, card_rd(NIC_TNCRS));
	card_stop();
}
