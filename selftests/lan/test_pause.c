// SPDX-License-Identifier: GPL-2.0
/* PAUSE (IEEE 802.3 annex 31B; 8254x manual 13.4.23 to 13.4.26, 13.4.33): heard and sent. */
#include "card.h"

#define QUANTUM_NS	512	/* bit times at 1000 Mb/s */

static const u8 pause_addr[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };

static void hear_control(const u8 *dest, u16 opcode, u16 quanta)
{
	u8 frame[64];

	card_frame(frame, dest, 60);
	put_unaligned_be16(0x8808, frame + 12);
	put_unaligned_be16(opcode, frame + 14);
	put_unaligned_be16(quanta, frame + 16);
	lan_frame_fcs(frame, 60, frame + 60);
	card_hear_raw(frame, 64, 0);
}

static void post(void)
{
	u8 frame[100];

	card_frame(frame, card_peer, 100);
	card_post(frame, 100, CARD_PACKET);
	card_ring();
}

TEST(transmitter_is_held_for_the_quanta_told)
{
	static const u16 quanta[] = { 1, 2, 100, 0xffff };
	static const u32 mbps[] = { 10, 100, 1000 };
	u32 i, k;

	for (k = 0; k < ARRAY_SIZE(mbps); k++) {
		for (i = 0; i < ARRAY_SIZE(quanta); i++) {
			u64 held = (u64)quanta[i] * 512 * (1000 / mbps[k]);

			card_start(0);
			lan_adapter_link(&card.a, true, mbps[k], true);
			hear_control(pause_addr, 1, quanta[i]);
			post();
			expect(card_rd(NIC_STATUS) & NIC_STATUS_TXOFF);
			kernel_ns += held - 1;
			expect_eq(0, card_take());
			kernel_ns += 1;
			expect_eq(1, card_take());
			expect(!(card_rd(NIC_STATUS) & NIC_STATUS_TXOFF));
			expect_eq(1, card_rd(NIC_XOFFRXC));
			card_stop();
		}
	}
}

TEST(pause_of_zero_lets_go)
{
	card_start(0);
	hear_control(pause_addr, 1, 0xffff);
	post();
	expect_eq(0, card_take());
	hear_control(pause_addr, 1, 0);
	expect_eq(1, card_take());
	expect_eq(1, card_rd(NIC_XONRXC));
	card_stop();
}

TEST(last_pause_is_the_one_that_holds)
{
	card_start(0);
	hear_control(pause_addr, 1, 1000);
	hear_control(pause_addr, 1, 10);
	post();
	kernel_ns += 10 * QUANTUM_NS;
	expect_eq(1, card_take());
	card_stop();
}

TEST(pause_may_be_addressed_to_the_station)
{
	card_start(0);
	hear_control(card_mac, 1, 100);
	post();
	expect_eq(0, card_take());
	hear_control(card_peer, 1, 0);		/* to another: not for us */
	expect_eq(0, card_take());
	card_stop();
}

TEST(unknown_control_frame_holds_nothing)
{
	card_start(0);
	hear_control(pause_addr, 2, 0xffff);
	post();
	expect_eq(1, card_take());
	expect_eq(1, card_rd(NIC_FCRUC));
	expect_eq(0, card_rd(NIC_XOFFRXC));
	card_stop();
}

TEST(pause_without_rfce_holds_nothing)
{
	card_start(0);
	card_wr(NIC_CTRL, NIC_CTRL_SLU | NIC_CTRL_TFCE);
	hear_control(pause_addr, 1, 0xffff);
	post();
	expect_eq(1, card_take());
	card_stop();
}

TEST(pause_on_half_duplex_holds_nothing)
{
	card_start(0);
	lan_adapter_link(&card.a, true, 100, false);
	hear_control(pause_addr, 1, 0xffff);
	post();
	expect_eq(1, card_take());
	card_stop();
}

/* RCTL.DPF and PMCF: whether the driver sees such frames; either way they are no good packets. */
TEST(control_frames_are_passed_if_asked_for)
{
	card_start(0);
	hear_control(pause_addr, 1, 0);
	expect_eq(0, card_rd(NIC_RDH));
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_PMCF);
	hear_control(pause_addr, 1, 0);
	expect_eq(1, card_rd(NIC_RDH));
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_PMCF | NIC_RCTL_DPF);
	hear_control(pause_addr, 1, 0);
	expect_eq(1, card_rd(NIC_RDH));
	card_stop();
}

static void watermarks(u32 xone)
{
	card_wr(NIC_FCAL, get_unaligned_le32(pause_addr));
	card_wr(NIC_FCAH, get_unaligned_le16(pause_addr + 4));
	card_wr(NIC_FCT, 0x8808);
	card_wr(NIC_FCTTV, 0x1234);
	card_wr(NIC_FCRTH, 8192);
	card_wr(NIC_FCRTL, 4096 | xone);
}

static void expect_pause_frame(u32 i, u16 quanta)
{
	const u8 *f = card.sent_frame[i];

	expect_eq(64, card.sent_len[i]);
	expect_eq(0, memcmp(f, pause_addr, 6));
	expect_eq(0, memcmp(f + 6, card_mac, 6));
	expect_eq(0x8808, get_unaligned_be16(f + 12));
	expect_eq(1, get_unaligned_be16(f + 14));
	expect_eq(quanta, get_unaligned_be16(f + 16));
}

/* Above FCRTH one XOFF with the quanta of FCTTV, below FCRTL one XON. */
TEST(full_packet_buffer_asks_for_silence)
{
	u32 i;

	card_start(0);
	watermarks(NIC_FCRTL_XONE);
	card_wr(NIC_RDT, 0);
	for (i = 0; i < 5; i++)
		card_hear(NULL, 1500);
	expect_eq(0, card_take());
	for (i = 0; i < 5; i++)
		card_hear(NULL, 1500);
	expect_eq(1, card_take());
	expect_pause_frame(0, 0x1234);
	expect_eq(1, card_rd(NIC_XOFFTXC));
	card_wr(NIC_RDT, 5);
	lan_rxdma_drain(&card.a);
	expect_eq(0, card_take());		/* 5 * 1504 are left */
	card_wr(NIC_RDT, 10);
	lan_rxdma_drain(&card.a);
	expect_eq(1, card_take());
	expect_pause_frame(1, 0);
	expect_eq(1, card_rd(NIC_XONTXC));
	expect_eq(0, card_rd(NIC_GPTC));	/* no good packets, but packets */
	expect_eq(2, card_rd(NIC_TPT));
	expect_eq(0, card_rd(NIC_PTC64));
	card_stop();
}

TEST(without_xone_there_is_no_xon)
{
	u32 i;

	card_start(0);
	watermarks(0);
	card_wr(NIC_RDT, 0);
	for (i = 0; i < 10; i++)
		card_hear(NULL, 1500);
	expect_eq(1, card_take());
	card_wr(NIC_RDT, 20);
	lan_rxdma_drain(&card.a);
	expect_eq(0, card_take());
	card_stop();
}

TEST(without_tfce_or_on_half_duplex_none_is_sent)
{
	u32 half, i;

	for (half = 0; half < 2; half++) {
		card_start(0);
		watermarks(NIC_FCRTL_XONE);
		card_wr(NIC_RDT, 0);
		if (half)
			lan_adapter_link(&card.a, true, 100, false);
		else
			card_wr(NIC_CTRL, NIC_CTRL_SLU | NIC_CTRL_RFCE);
		for (i = 0; i < 10; i++)
			card_hear(NULL, 1500);
		expect_eq(0, card_take());
		card_stop();
	}
}

TEST(driver_may_send_one_itself)
{
	card_start(0);
	watermarks(0);
	card_wr(NIC_TCTL, NIC_TCTL_EN | NIC_TCTL_PSP | NIC_TCTL_SWXOFF);
	expect_eq(0, card_rd(NIC_TCTL) & NIC_TCTL_SWXOFF);
	expect_eq(1, card_take());
	expect_pause_frame(0, 0x1234);
	card_stop();
}

/* A transmitter that is held may still ask for silence itself. */
TEST(pause_is_sent_while_held)
{
	card_start(0);
	watermarks(0);
	hear_control(pause_addr, 1, 0xffff);
	post();
	card_wr(NIC_TCTL, NIC_TCTL_EN | NIC_TCTL_PSP | NIC_TCTL_SWXOFF);
	expect_eq(1, card_take());
	expect_pause_frame(0, 0x1234);
	card_stop();
}

/*
 * The card and a peer on a cable of their own, full duplex, in a medium that lags: the clock is far
 * ahead of what has happened on the wire. Whatever PAUSE does, it does at the wire's time.
 */
struct peer {
	struct lan_end	e;
	u8		wire[LAN_SEGMENT_OCTETS], control[LAN_SEGMENT_OCTETS];
	u32		n, left, sent, n_control, heard, xoffs;
	u64		paused_until, first_heard_at, last_heard_at;
};

static struct lan_segment cable;
static struct peer peer;

static bool peer_fetch(struct lan_end *e, struct lan_wire *wire, u64 at_ns)
{
	if (peer.n_control) {
		*wire = (struct lan_wire){ peer.control, peer.n_control };
		peer.n_control = 0;
		return true;
	}
	if (!peer.left)
		return false;
	if (peer.paused_until > at_ns) {
		e->wake_ns = peer.paused_until;
		return false;
	}
	peer.left--;
	*wire = (struct lan_wire){ peer.wire, peer.n };
	return true;
}

static void peer_done(struct lan_end *e, enum csma_result how, u64 at_ns)
{
	peer.sent++;
}

static void peer_rx(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns)
{
	if (get_unaligned_be16(rx->data + 12) == 0x8808) {
		peer.xoffs += get_unaligned_be16(rx->data + 16) != 0;
		peer.paused_until = at_ns + get_unaligned_be16(rx->data + 16) * 512ULL;
		e->kicked = true;
		return;
	}
	if (!peer.heard++)
		peer.first_heard_at = at_ns;
	peer.last_heard_at = at_ns;
}

static const struct lan_end_ops peer_ops = { peer_fetch, peer_done, peer_rx };

#define CABLE_NS	50	/* 10 m */

/* The peer has @frames of 1518 octets for the card. */
static void peer_start(u32 frames)
{
	static u8 buf[LAN_SEGMENT_BUF];
	u8 frame[1514];

	card_start(0);
	memset(&cable, 0, sizeof(cable));
	memset(&peer, 0, sizeof(peer));
	cable.buf = buf;
	expect_eq(0, lan_segment_init(&cable, NULL, 2, 1000, false, 1));
	cable.now_ns = kernel_ns;
	peer.e.ops = &peer_ops;
	peer.e.max_frame = LAN_MAX_UNTAGGED;
	card_frame(frame, card_mac, sizeof(frame));
	peer.n = lan_frame_build(peer.wire, frame, sizeof(frame), true);
	peer.left = frames;
	lan_segment_plug(&cable, &card.a.end, 0, 0);
	lan_segment_plug(&cable, &peer.e, 1, CABLE_NS);
	if (frames)
		lan_segment_kick(&cable, &peer.e, kernel_ns);
}

/* The peer sends a PAUSE of that many quanta at @at_ns. */
static void peer_pauses(u16 quanta, u64 at_ns)
{
	u8 frame[60];

	card_frame(frame, pause_addr, 60);
	put_unaligned_be16(0x8808, frame + 12);
	put_unaligned_be16(1, frame + 14);
	put_unaligned_be16(quanta, frame + 16);
	peer.n_control = lan_frame_build(peer.control, frame, 60, true);
	lan_segment_kick(&cable, &peer.e, at_ns);
}

/* The clock says @ns more; the wire catches up at once. */
static void clock_runs_ahead(u64 ns)
{
	kernel_ns += ns;
	lan_segment_run(&cable, kernel_ns, 100000);
}

/*
 * XOFF leaves when the octets that cross the mark have come: the sixth frame of 1518 octets (with
 * what stands before each) is above 8192; the seventh is on the wire then and the eighth has begun,
 * as XOFF takes 0.67 us and the gap 0.1.
 */
TEST(xoff_leaves_when_the_mark_is_crossed_not_when_the_clock_is_read)
{
	peer_start(100);
	watermarks(0);
	card_wr(NIC_FCTTV, 0xffff);
	card_wr(NIC_RDT, 0);
	clock_runs_ahead(20 * MS);		/* 100 frames take 1.2 ms */
	expect_eq(1, peer.xoffs);
	expect_within(6, 8, peer.sent);
	expect_eq(0, card_rd(NIC_MPC));
	card_stop();
}

/* ... and XON, when the driver has made room, lets it go on at once. */
TEST(xon_lets_the_peer_go_on)
{
	u64 xon_at;

	peer_start(20);
	watermarks(NIC_FCRTL_XONE);
	card_wr(NIC_FCTTV, 0xffff);
	card_wr(NIC_RDT, 0);
	clock_runs_ahead(1 * MS);
	card_wr(NIC_RDT, CARD_RING - 1);
	lan_rxdma_drain(&card.a);
	xon_at = kernel_ns;
	lan_segment_kick(&cable, &card.a.end, xon_at);
	clock_runs_ahead(10 * MS);
	expect_eq(20, peer.sent);
	expect_eq(1, card_rd(NIC_XONTXC));
	/* XON is 72 octets; 14 or 12 frames of 1526 and their gaps follow it */
	expect(peer.e.start_ns >= xon_at + 576 + CABLE_NS);
	expect(peer.e.start_ns <= xon_at + 576 + CABLE_NS + 14 * (8 * 1526 + 96));
	card_stop();
}

TEST(held_transmitter_goes_on_at_the_wires_time)
{
	u8 frame[1514];
	u64 began;
	u32 i;

	peer_start(0);
	card_frame(frame, card_peer, sizeof(frame));
	for (i = 0; i < 10; i++)
		card_post(frame, sizeof(frame), CARD_PACKET);
	card_ring();
	began = kernel_ns;
	peer_pauses(100, began);
	/* the PAUSE is heard while the first frame is on the wire */
	lan_segment_kick(&cable, &card.a.end, began);
	clock_runs_ahead(20 * MS);
	expect_eq(10, peer.heard);
	expect_eq(began + 8 * 1526 + CABLE_NS, peer.first_heard_at);
	/* heard after 576 bits and the cable; 100 quanta; nine frames, eight gaps, and the cable */
	expect_eq(began + 576 + CABLE_NS + 100 * QUANTUM_NS + 9 * 8 * 1526 + 8 * 96 + CABLE_NS,
		  peer.last_heard_at);
	card_stop();
}

TEST(held_transmitter_is_let_go_at_the_wires_time)
{
	u8 frame[100];
	u64 began;

	peer_start(0);
	began = kernel_ns;
	peer_pauses(0xffff, began);
	lan_segment_run(&cable, began + 1000, 100);
	card_frame(frame, card_peer, sizeof(frame));
	card_post(frame, sizeof(frame), CARD_PACKET);
	card_ring();
	lan_segment_kick(&cable, &card.a.end, began + 1000);
	lan_segment_run(&cable, began + 2000, 100);
	peer_pauses(0, began + 2000);
	clock_runs_ahead(20 * MS);
	expect_eq(began + 2000 + 576 + CABLE_NS + 8 * 112 + CABLE_NS, peer.first_heard_at);
	card_stop();
}
