// SPDX-License-Identifier: GPL-2.0
/* The ring rules of the 8254x manual: heads, tails, write-back, and what a descriptor can say. */
#include "card.h"

static u8 data[LAN_MAX_FRAME];

static void fill(void)
{
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i * 13 + 1);
}

static u32 done(u32 i)
{
	return card.tx[i].data.upper & NIC_TXD_DD;
}

/* ---- transmit ---- */

TEST(head_follows_the_tail_and_no_further)
{
	card_start(0);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_wr(NIC_TDT, 1);
	expect(card.kicks > 0);
	expect_eq(1, card_take());
	expect_eq(1, card_rd(NIC_TDH));
	expect_eq(NIC_TXD_DD, done(0));
	expect_eq(0, done(1));
	card_ring();
	expect_eq(1, card_take());
	expect_eq(2, card_rd(NIC_TDH));
	card_stop();
}

TEST(transmit_ring_goes_round)
{
	u32 i;

	card_start(0);
	for (i = 0; i < 5 * CARD_RING / 2; i++) {
		card_post(data, 60 + i, CARD_PACKET | NIC_TXD_RS);
		card_ring();
		expect_eq(1, card_take());
		expect_eq(64 + i, card.sent_len[i % CARD_FRAMES]);
	}
	expect_eq(i % CARD_RING, card_rd(NIC_TDH));
	card_stop();
}

TEST(tail_outside_the_ring_sends_nothing)
{
	card_start(0);
	card_post(data, 100, CARD_PACKET);
	card_wr(NIC_TDT, CARD_RING);
	expect_eq(0, card_take());
	card_wr(NIC_TDT, 0xffff);
	expect_eq(0, card_take());
	expect_eq(0, card_rd(NIC_TDH));
	card_stop();
}

TEST(nothing_is_sent_while_transmit_is_off)
{
	card_start(0);
	card_wr(NIC_TCTL, NIC_TCTL_PSP);
	card_post(data, 100, CARD_PACKET);
	card_ring();
	expect_eq(0, card_take());
	card_wr(NIC_TCTL, NIC_TCTL_EN | NIC_TCTL_PSP);
	expect_eq(1, card_take());
	card_stop();
}

TEST(status_is_written_only_when_asked_for)
{
	card_start(0);
	card_post(data, 100, CARD_PACKET);
	card_ring();
	card_take();
	expect_eq(0, done(0));
	card_stop();
}

/* TXDCTL.WTHRESH of 4: three are kept back, the fourth brings all. */
TEST(transmit_write_back_waits_for_its_threshold)
{
	u32 i;

	card_start(NIC_INT_TXDW);
	card_wr(NIC_TXDCTL, NIC_TXDCTL_GRAN | 4 * NIC_TXDCTL_WTHRESH_1);
	for (i = 0; i < 3; i++)
		card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	expect_eq(3, card_take());
	card_wait(MS);
	for (i = 0; i < 3; i++)
		expect_eq(0, done(i));
	expect_eq(0, card.interrupts);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	card_wait(0);
	for (i = 0; i < 4; i++)
		expect_eq(NIC_TXD_DD, done(i));
	expect_eq(1, card.interrupts);
	card_stop();
}

/* Without GRAN the unit is a cache line, of 4 descriptors. */
TEST(threshold_may_be_in_cache_lines)
{
	u32 i;

	card_start(0);
	card_wr(NIC_TXDCTL, 2 * NIC_TXDCTL_WTHRESH_1);
	for (i = 0; i < 7; i++)
		card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	expect_eq(0, done(0));
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	expect_eq(NIC_TXD_DD, done(0));
	expect_eq(NIC_TXD_DD, done(7));
	card_stop();
}

TEST(transmit_timer_writes_back_what_is_kept)
{
	card_start(NIC_INT_TXDW);
	card_wr(NIC_TXDCTL, NIC_TXDCTL_GRAN | 8 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_TIDV, 50);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	card_wait(50 * US);
	expect_eq(0, done(0));
	card_wait(2 * US);
	expect_eq(NIC_TXD_DD, done(0));
	expect_eq(1, card.interrupts);
	card_stop();
}

TEST(what_is_kept_is_written_before_the_ring_is_let_go)
{
	card_start(0);
	card_wr(NIC_TXDCTL, NIC_TXDCTL_GRAN | 8 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_RXDCTL, NIC_TXDCTL_GRAN | 8 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_RDTR, 1000);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	card_hear(NULL, 100);
	card_wr(NIC_TCTL, 0);
	card_wr(NIC_RCTL, 0);
	expect_eq(NIC_TXD_DD, done(0));
	expect_eq(NIC_RXD_DD, card.rx[0].status & NIC_RXD_DD);
	expect_eq(LAN_NEVER, lan_delay_next(&card.a));
	card_stop();
}

TEST(reset_forgets_what_is_kept)
{
	card_start(0);
	card_wr(NIC_TXDCTL, NIC_TXDCTL_GRAN | 8 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_TIDV, 50);
	card_post(data, 100, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	card_take();
	card_wr(NIC_CTRL, NIC_CTRL_RST);
	expect_eq(LAN_NEVER, lan_delay_next(&card.a));
	expect_eq(0, card_rd(NIC_TDT));
	expect_eq(0, card_rd(NIC_IMS));
	expect_eq(48, card_rd(NIC_PBA) & 0xffff);
	card_wait(MS);
	expect_eq(0, done(0));
	card_stop();
}

TEST(packet_of_several_descriptors_is_one_frame)
{
	fill();
	card_start(0);
	card_post(data, 14, CARD_DATA | NIC_TXD_IFCS);
	card_post(data + 14, 700, CARD_DATA | NIC_TXD_IFCS);
	card_post(data + 714, 286, CARD_PACKET | NIC_TXD_RS);
	card_ring();
	expect_eq(1, card_take());
	expect_eq(1004, card.sent_len[0]);
	expect_eq(0, memcmp(card.sent_frame[0], data, 1000));
	expect_eq(NIC_TXD_DD, done(2));
	card_stop();
}

TEST(legacy_descriptor_sends_too)
{
	u8 fcs[4];

	fill();
	card_start(0);
	card_post(data, 200, NIC_TXD_EOP | NIC_TXD_IFCS | NIC_TXD_RS);
	card_ring();
	expect_eq(1, card_take());
	expect_eq(204, card.sent_len[0]);
	lan_frame_fcs(data, 200, fcs);
	expect_eq(0, memcmp(card.sent_frame[0] + 200, fcs, 4));
	expect_eq(NIC_TXD_DD, done(0));
	card_stop();
}

TEST(without_ifcs_the_fcs_is_the_drivers)
{
	fill();
	card_start(0);
	card_post(data, 200, CARD_DATA | NIC_TXD_EOP);
	card_ring();
	card_take();
	expect_eq(200, card.sent_len[0]);
	expect_eq(0, memcmp(card.sent_frame[0], data, 200));
	card_stop();
}

/* TCTL.PSP: without it a short packet goes out as it is, with a good FCS. */
TEST(short_packets_are_padded_if_that_is_on)
{
	u8 fcs[4];

	fill();
	card_start(0);
	card_post(data, 40, CARD_PACKET);
	card_ring();
	card_take();
	expect_eq(64, card.sent_len[0]);
	card_wr(NIC_TCTL, NIC_TCTL_EN);
	card_post(data, 40, CARD_PACKET);
	card_ring();
	card_take();
	expect_eq(44, card.sent_len[1]);
	lan_frame_fcs(data, 40, fcs);
	expect_eq(0, memcmp(card.sent_frame[1] + 40, fcs, 4));
	card_stop();
}

TEST(tag_is_put_in_where_vme_is_on)
{
	union nic_tx_desc *d;

	fill();
	card_start(0);
	card_wr(NIC_CTRL, NIC_CTRL_SLU | NIC_CTRL_VME);
	d = card_post(data, 100, CARD_PACKET | NIC_TXD_VLE);
	d->data.upper = 0x6007U << NIC_TXD_TAG_SHIFT;
	card_ring();
	card_take();
	expect_eq(108, card.sent_len[0]);
	expect_eq(0, memcmp(card.sent_frame[0], data, 12));
	expect_eq(0, memcmp(card.sent_frame[0] + 12, "\x81\x00\x60\x07", 4));
	expect_eq(0, memcmp(card.sent_frame[0] + 16, data + 12, 88));
	card_wr(NIC_CTRL, NIC_CTRL_SLU);
	card_post(data, 100, CARD_PACKET | NIC_TXD_VLE);
	card_ring();
	card_take();
	expect_eq(104, card.sent_len[1]);
	card_stop();
}

/* ---- checksums and segmentation ---- */

#define IP_AT	14
#define TCP_AT	34
#define TCP_DATA 54

/* Headers of an IPv4 TCP packet with @n octets of data, the sums left to the adapter. */
static void tcp_packet(u32 n, bool tso)
{
	static const u8 ip[20] = {
		0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	};
	static const u8 tcp[20] = {
		0x13, 0x88, 0x13, 0x89, 0, 0, 1, 0, 0, 0, 0, 1, 0x50, 0x99, 0xff, 0xff,
	};
	u32 pseudo;

	fill();
	card_frame(data, card_peer, 14);
	data[12] = 8;
	data[13] = 0;
	memcpy(data + IP_AT, ip, 20);
	memcpy(data + TCP_AT, tcp, 20);
	if (!tso)
		put_unaligned_be16(40 + n, data + IP_AT + 2);
	pseudo = csum_partial(data + IP_AT + 12, 8, 0);
	pseudo += __builtin_bswap16(6) + (tso ? 0 : __builtin_bswap16((u16)(20 + n)));
	put_unaligned((u16)~csum_fold(pseudo), (u16 *)(data + TCP_AT + 16));
}

static void context(u32 cmd, u32 paylen, u32 mss)
{
	struct nic_tx_context *c = &card.tx[card.tx_tail].context;

	card_post(data, 0, 0);
	c->ip = IP_AT | (IP_AT + 10) << 8 | (TCP_AT - 1) << 16;
	c->tu = TCP_AT | (TCP_AT + 16) << 8;
	c->cmd_len = cmd | NIC_TXC_DEXT | NIC_TXC_TCP | NIC_TXC_IP | paylen;
	c->seg = TCP_DATA << 8 | mss << 16;
}

static bool sums_are_right(const u8 *f, u32 len)
{
	u32 tcp_len = len - LAN_FCS_LEN - TCP_AT;
	u32 sum = csum_partial(f + TCP_AT, tcp_len, 0);
	u32 saddr = get_unaligned((u32 *)(uintptr_t)(f + IP_AT + 12));
	u32 daddr = get_unaligned((u32 *)(uintptr_t)(f + IP_AT + 16));

	return !ip_compute_csum(f + IP_AT, 20) && !csum_tcpudp_magic(saddr, daddr, tcp_len, 6, sum);
}

TEST(checksums_are_put_in_by_the_context)
{
	union nic_tx_desc *d;

	card_start(0);
	tcp_packet(1000, false);
	context(0, 0, 0);
	d = card_post(data, TCP_DATA + 1000, CARD_PACKET);
	d->data.upper = (NIC_TXD_POPTS_TXSM | NIC_TXD_POPTS_IXSM) << NIC_TXD_POPTS_SHIFT;
	card_ring();
	expect_eq(1, card_take());
	expect(sums_are_right(card.sent_frame[0], card.sent_len[0]));
	card_post(data, TCP_DATA + 1000, CARD_PACKET);	/* without POPTS it stays as it is */
	card_ring();
	card_take();
	expect_eq(0, memcmp(card.sent_frame[1], data, TCP_DATA + 1000));
	card_stop();
}

TEST(large_packet_is_cut_into_segments)
{
	static const u32 len[] = { 1460, 1460, 1460, 620 };
	u32 i, seq = 0x100;

	card_start(0);
	tcp_packet(5000, true);
	context(NIC_TXC_TSE, 5000, 1460);
	card_post(data, TCP_DATA, CARD_DATA | NIC_TXD_IFCS | NIC_TXD_TSE)->data.upper =
		(NIC_TXD_POPTS_TXSM | NIC_TXD_POPTS_IXSM) << NIC_TXD_POPTS_SHIFT;
	card_post(data + TCP_DATA, 5000, CARD_PACKET | NIC_TXD_TSE | NIC_TXD_RS);
	card_ring();
	expect_eq(4, card_take());
	for (i = 0; i < 4; i++) {
		const u8 *f = card.sent_frame[i];

		expect_eq(TCP_DATA + len[i] + 4, card.sent_len[i]);
		expect(sums_are_right(f, card.sent_len[i]));
		expect_eq(40 + len[i], get_unaligned_be16(f + IP_AT + 2));
		expect_eq(0x1234 + i, get_unaligned_be16(f + IP_AT + 4));
		expect_eq(seq, get_unaligned_be32(f + TCP_AT + 4));
		/* CWR (0x80) goes with the first, FIN and PSH (0x09) with the last */
		expect_eq(i == 0 ? 0x90 : i == 3 ? 0x19 : 0x10, f[TCP_AT + 13]);
		expect_eq(0, memcmp(f + TCP_DATA, data + TCP_DATA + (seq - 0x100), len[i]));
		seq += len[i];
	}
	expect_eq(1, card_rd(NIC_TSCTC));
	card_stop();
}

TEST(senseless_segmentation_is_counted_and_dropped)
{
	card_start(0);
	tcp_packet(100, true);
	context(NIC_TXC_TSE, 100, 0);
	card_post(data, TCP_DATA + 100, CARD_PACKET | NIC_TXD_TSE | NIC_TXD_RS);
	card_ring();
	expect_eq(0, card_take());
	expect_eq(1, card_rd(NIC_TSCTFC));
	expect_eq(NIC_TXD_DD, done(1));
	card_stop();
}

/* ---- receive ---- */

TEST(received_frame_is_in_memory_with_its_status)
{
	u8 want[204];

	card_start(0);
	card_frame(want, NULL, 200);
	lan_frame_fcs(want, 200, want + 200);
	card_hear(NULL, 200);
	expect_eq(1, card_rd(NIC_RDH));
	expect_eq(204, card.rx[0].length);
	expect_eq(NIC_RXD_DD | NIC_RXD_EOP, card.rx[0].status & (NIC_RXD_DD | NIC_RXD_EOP));
	expect_eq(0, card.rx[0].errors);
	expect_eq(0, memcmp(want, card.rx_buf[0], 204));
	card_stop();
}

TEST(fcs_is_stripped_if_asked_for)
{
	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM | NIC_RCTL_SECRC);
	card_hear(NULL, 200);
	expect_eq(200, card.rx[0].length);
	card_stop();
}

TEST(long_frame_goes_to_several_buffers)
{
	u32 i;

	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_LPE);
	card.a.end.max_frame = LAN_MAX_FRAME;
	card_hear(NULL, 5000);
	expect_eq(3, card_rd(NIC_RDH));
	for (i = 0; i < 3; i++)
		expect_eq(i == 2 ? NIC_RXD_DD | NIC_RXD_EOP : NIC_RXD_DD,
			  card.rx[i].status & (NIC_RXD_DD | NIC_RXD_EOP));
	expect_eq(2048, card.rx[0].length);
	expect_eq(5004 - 4096, card.rx[2].length);
	card_stop();
}

/* RCTL.BSIZE and BSEX (13.4.22). */
TEST(buffer_size_is_as_set)
{
	static const struct { u32 bsize, bsex, size; } map[] = {
		{ 0, 0, 2048 }, { 1, 0, 1024 }, { 2, 0, 512 }, { 3, 0, 256 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(map); i++) {
		card_start(0);
		card_wr(NIC_RCTL, NIC_RCTL_EN | map[i].bsize << 16 | map[i].bsex << 25);
		card_hear(NULL, 1400);
		expect_eq((1404 + map[i].size - 1) / map[i].size, card_rd(NIC_RDH));
		expect_eq(min(1404U, map[i].size), card.rx[0].length);
		card_stop();
	}
}

TEST(receive_ring_goes_round)
{
	u32 i;

	card_start(0);
	for (i = 0; i < 3 * CARD_RING; i++) {
		card_hear(NULL, 60 + i);
		expect_eq(64 + i, card.rx[i % CARD_RING].length);
		card_wr(NIC_RDT, i % CARD_RING);
	}
	expect_eq(i % CARD_RING, card_rd(NIC_RDH));
	card_stop();
}

/* The adapter owns what is between head and tail; the tail's own is not the adapter's. */
TEST(adapter_stops_at_the_tail)
{
	u32 i;

	card_start(0);
	card_wr(NIC_RDT, 3);
	for (i = 0; i < 5; i++)
		card_hear(NULL, 100);
	expect_eq(3, card_rd(NIC_RDH));
	expect_eq(0, card.rx[3].status);
	expect_eq(2, card_rd(NIC_RNBC));
	card_wr(NIC_RDT, 10);
	lan_rxdma_drain(&card.a);		/* as the medium's next run does */
	expect_eq(5, card_rd(NIC_RDH));
	expect_eq(NIC_RXD_DD | NIC_RXD_EOP, card.rx[4].status & 3);
	card_stop();
}

/* RXDCTL.WTHRESH: RDH names the next descriptor to be written back. */
TEST(receive_write_back_waits_for_its_threshold)
{
	u32 i;

	card_start(0);
	card_wr(NIC_RXDCTL, NIC_TXDCTL_GRAN | 4 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_RDTR, 1000);
	for (i = 0; i < 3; i++)
		card_hear(NULL, 100);
	expect_eq(0, card_rd(NIC_RDH));
	expect_eq(0, card.rx[0].status);
	card_hear(NULL, 100);
	expect_eq(4, card_rd(NIC_RDH));
	for (i = 0; i < 4; i++)
		expect_eq(104, card.rx[i].length);
	card_stop();
}

TEST(receive_timer_writes_back_what_is_kept)
{
	card_start(NIC_INT_RXT0);
	card_wr(NIC_RXDCTL, NIC_TXDCTL_GRAN | 16 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_RDTR, 100);
	card_hear(NULL, 100);
	card_hear(NULL, 200);
	card_wait(90 * US);
	expect_eq(0, card.rx[0].status);
	card_wait(20 * US);
	expect_eq(1, card.interrupts);
	expect_eq(2, card_rd(NIC_RDH));
	expect_eq(204, card.rx[1].length);
	card_stop();
}

TEST(write_back_takes_none_beyond_the_tail)
{
	u32 i;

	card_start(0);
	card_wr(NIC_RXDCTL, NIC_TXDCTL_GRAN | 32 * NIC_TXDCTL_WTHRESH_1);
	card_wr(NIC_RDTR, 100);
	card_wr(NIC_RDT, 5);
	for (i = 0; i < 8; i++)
		card_hear(NULL, 100);
	card_wait(MS);
	expect_eq(5, card_rd(NIC_RDH));
	expect_eq(0, card.rx[5].status);
	card_stop();
}

TEST(tag_is_taken_out_where_vme_is_on)
{
	u8 frame[104];

	card_start(0);
	card_wr(NIC_CTRL, NIC_CTRL_SLU | NIC_CTRL_VME);
	card_frame(frame, NULL, 100);
	memcpy(frame + 12, "\x81\x00\x60\x07\x88\xb5", 6);
	lan_frame_fcs(frame, 100, frame + 100);
	card_hear_raw(frame, 104, 0);
	expect_eq(100, card.rx[0].length);
	expect_eq(0x6007, card.rx[0].special);
	expect(card.rx[0].status & NIC_RXD_VP);
	card_stop();
}

TEST(checksums_of_what_comes_are_judged)
{
	u8 *f = data;
	u32 n = TCP_DATA + 500;

	card_start(0);
	card_wr(NIC_RXCSUM, NIC_RXCSUM_IPOFLD | NIC_RXCSUM_TUOFLD);
	tcp_packet(500, false);
	memcpy(f, card_mac, 6);
	f[IP_AT + 10] = 0;
	put_unaligned(ip_compute_csum(f + IP_AT, 20), (u16 *)(f + IP_AT + 10));
	put_unaligned(ip_compute_csum(f + TCP_AT, 520), (u16 *)(f + TCP_AT + 16));
	lan_frame_fcs(f, n, f + n);
	card_hear_raw(f, n + 4, 0);
	expect(card.rx[0].status & NIC_RXD_TCPCS);
	expect_eq(0, card.rx[0].errors);
	f[TCP_DATA + 9] ^= 1;
	lan_frame_fcs(f, n, f + n);
	card_hear_raw(f, n + 4, 0);
	expect_eq(NIC_RXD_ERR_TCPE, card.rx[1].errors);
	f[IP_AT + 8] ^= 1;
	lan_frame_fcs(f, n, f + n);
	card_hear_raw(f, n + 4, 0);
	expect(card.rx[2].errors & BIT(6));		/* IPE */
	card_stop();
}

/* ---- which frames ---- */

static bool taken(const u8 *dest)
{
	u32 head = card_rd(NIC_RDH);

	card_hear(dest, 100);
	return card_rd(NIC_RDH) != head;
}

TEST(address_filter_takes_what_it_is_told)
{
	static const u8 group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	static const u8 all[6] = { 255, 255, 255, 255, 255, 255 };

	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN);
	expect(taken(card_mac));
	expect(!taken(card_peer));
	expect(!taken(group));
	expect(!taken(all));
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM);
	expect(taken(all));
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_UPE);
	expect(taken(card_peer));
	expect(!taken(group));
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_MPE);
	expect(taken(group));
	expect(!taken(card_peer));
	card_wr(NIC_RAL(3), get_unaligned_le32(card_peer));
	card_wr(NIC_RAH(3), get_unaligned_le16(card_peer + 4));
	expect(!taken(card_peer));			/* not valid */
	card_wr(NIC_RAH(3), get_unaligned_le16(card_peer + 4) | NIC_RAH_AV);
	expect(taken(card_peer));
	card_stop();
}

/* Which 12 bits of the address index the table: RCTL.MO. */
TEST(multicast_hash_takes_the_bits_that_are_set)
{
	static const u8 group[6] = { 1, 0, 0x5e, 1, 0x52, 0xa3 };
	static const u32 shift[] = { 4, 3, 2, 0 };
	u32 mo, bit;

	for (mo = 0; mo < 4; mo++) {
		card_start(0);
		card_wr(NIC_RCTL, NIC_RCTL_EN | mo << 12);
		expect(!taken(group));
		bit = 0xa352U >> shift[mo] & 0xfff;
		card_wr(NIC_MTA(bit >> 5), 1U << (bit & 31));
		expect(taken(group));
		card_stop();
	}
}

TEST(vlan_filter_takes_what_it_is_told)
{
	u8 frame[104];
	u32 head;

	card_start(0);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_VFE);
	card_frame(frame, NULL, 100);
	memcpy(frame + 12, "\x81\x00\x0f\xfe", 4);
	lan_frame_fcs(frame, 100, frame + 100);
	card_hear_raw(frame, 104, 0);
	head = card_rd(NIC_RDH);
	expect_eq(0, head);
	card_wr(NIC_VFTA(127), 1U << 30);
	card_hear_raw(frame, 104, 0);
	expect_eq(1, card_rd(NIC_RDH));
	card_stop();
}
