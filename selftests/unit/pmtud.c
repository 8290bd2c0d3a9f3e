// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU discovery by probes (RFC 4821): MSS 1000 by the handshake, tcp_base_mss 500, so the
 * first probe is of 750 octets, the second of 875 or 624. Round trip: 10 ms.
 */
#include "unit.h"

static void open_probing(u8 mtu_probing)
{
	up.mtu_probing = mtu_probing;
	up.base_mss = 500;
	up.init_cwnd = 20;
	u_state(TCPS_ESTABLISHED);
}

/* What leaves next, in however many emissions: octets of text, and of each segment on the wire. */
static bool leaves(u32 seq, u32 len, u32 mss)
{
	u32 got = 0;

	while (got < len) {
		struct tcp_segout *o = u_peek();

		if (!o || o->seq - ISS != seq + got || o->len > len - got || o->mss != mss) {
			if (o)
				printf("# left: %u+%u by %u\n", o->seq - ISS, o->len, o->mss);
			return false;
		}
		got += o->len;
		u_skip();
	}
	return true;
}

TEST(pmtud__off_segments_are_as_large_as_the_path)
{
	open_probing(0);
	u_write(8000);
	CHECK(leaves(1, 8000, 1000));
	CHECK(!uc.pmtud.size);
}

TEST(pmtud__on_begins_at_base_mss_and_probes_half_way)	/* RFC 4821 7.2, 7.3 */
{
	open_probing(2);
	CHECK_EQ(uc.snd.mss, 500);
	u_write(8000);
	CHECK(leaves(1, 750, 750));
	CHECK(leaves(751, 7250, 500));
	/* One segment, but as much as two to the path. */
	CHECK_EQ(uc.rtx.packets, 1 + 15);
	CHECK_EQ(uc.cong.cwnd, 19);
}

TEST(pmtud__a_probe_that_arrives_raises_the_mss)	/* RFC 4821 7.6.1 */
{
	open_probing(2);
	u_write(8000);
	u_drop();
	u_at(10);
	u_in("A", 1, 751, 0, 50000);
	CHECK_EQ(uc.snd.mss, 750);
	CHECK_EQ(u_mib, LINUX_MIB_TCPMTUPSUCCESS);
	/* The same octets in flight, not half as many again; and one more by slow start. */
	CHECK_EQ(uc.cong.cwnd, 19 * 540 / 790 + 1);
	u_in("A", 1, 8001, 0, 50000);
	uc.cong.cwnd = 20;
	u_write(8000);
	CHECK(leaves(8001, 875, 875));
	CHECK(leaves(8876, 7125, 750));
}

TEST(pmtud__a_probe_that_alone_is_lost_costs_no_cwnd)	/* RFC 4821 7.6.2 */
{
	const u32 edges[] = { 751, 2251 };
	u32 ssthresh;

	open_probing(2);
	ssthresh = uc.cong.ssthresh;
	u_write(8000);
	u_drop();
	u_at(10);
	u_sack(1, 50000, 1, edges);
	CHECK_EQ(uc.pmtud.high, 749);
	CHECK_EQ(uc.cong.cwnd, 20);
	CHECK_EQ(uc.cong.ssthresh, ssthresh);
	CHECK(leaves(1, 750, 500));
	CHECK(u_none());
	u_at(10);
	u_in("A", 1, 8001, 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK_EQ(uc.snd.mss, 500);
	CHECK(uc.cong.cwnd >= 20);
	u_write(8000);
	CHECK(leaves(8001, 624, 624));
}

/* What does not even leave the host is too large; ordinary segments go on. */
TEST(pmtud__a_probe_that_the_host_refuses)
{
	open_probing(2);
	u_no_send = true;
	u_write(8000);
	CHECK_EQ(u_refused, 2);
	CHECK_EQ(uc.pmtud.size, 0);
	CHECK_EQ(uc.snd.nxt, ISS + 1);
	u_no_send = false;
	u_drop();
	tcp_conn_purge(&uc);

	u_reset();
	open_probing(2);
	u_refuse_above = 700;
	u_write(8000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK(leaves(1, 8000, 500));
	u_in("A", 1, 8001, 0, 50000);
	u_write(8000);
	/* Half way between 500 and 749. */
	CHECK(leaves(8001, 624, 624));
}

TEST(pmtud__a_lost_probe_without_sack)
{
	u32 i;

	up.sack = false;
	open_probing(2);
	u_write(8000);
	u_drop();
	u_at(10);
	for (i = 0; i < 3; i++)
		u_in("A", 1, 1, 0, 50000);
	CHECK_EQ(uc.pmtud.high, 749);
	CHECK(uc.cong.cwnd >= 20);
	CHECK(leaves(1, 500, 500));
	CHECK(leaves(501, 250, 500));
	CHECK(u_none());
}

TEST(pmtud__a_loss_before_the_probe_tells_nothing_of_it)	/* RFC 4821 7.6.3 */
{
	const u32 edges[] = { 1251, 3001 };

	open_probing(2);
	u_write(500);
	u_write(8000);
	CHECK(leaves(1, 500, 500));
	CHECK(leaves(501, 750, 750));
	u_drop();
	u_at(10);
	u_sack(1, 50000, 1, edges);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK_EQ(uc.pmtud.size, 0);
	CHECK_EQ(uc.pmtud.high, 1000);
	CHECK_EQ(uc.pmtud.low, 500);
}

TEST(pmtud__the_search_ends_at_the_threshold_and_begins_again)	/* tcp_probe_threshold, _interval */
{
	open_probing(2);
	uc.pmtud.low = 993;
	uc.pmtud.bound = 993;
	tcp_conn_set_path(&uc, 1000, unow);
	CHECK_EQ(uc.snd.mss, 993);
	u_write(8000);
	CHECK(leaves(1, 8000, 993));
	u_drop();
	u_in("A", 1, 8001, 0, 50000);
	/* Nothing in the first ten minutes; then the range is what the handshake said. */
	uc.pmtud.high = 995;
	u_at(590 * 1000);
	u_write(100);
	u_in("A", 1, 8101, 0, 50000);
	CHECK_EQ(uc.pmtud.high, 995);
	u_at(11 * 1000);
	u_write(100);
	CHECK_EQ(uc.pmtud.high, 1000);
	CHECK_EQ(uc.pmtud.low, 993);
}

TEST(pmtud__no_probe_without_enough_text_window_or_cwnd)
{
	open_probing(2);
	u_write(2700);		/* 750 and four segments */
	CHECK(leaves(1, 2700, 500));
	u_in("A", 1, 2701, 0, 2700);
	u_write(8000);
	CHECK(leaves(2701, 2500, 500));
	CHECK_EQ(uc.pmtud.size, 0);
}

TEST(pmtud__a_probe_that_has_no_room_yet_is_waited_for)
{
	open_probing(2);
	uc.cong.cwnd = 11;
	u_write(2500);
	u_write(2500);
	u_drop();
	/* cwnd lets one more go, but the probe is to have it and the next. */
	u_write(8000);
	CHECK(u_none());
	CHECK_EQ(tcp_cong_flight(&uc), 10);
	u_in("A", 1, 501, 0, 50000);
	CHECK(leaves(5001, 750, 750));
}

TEST(pmtud__a_small_cwnd_does_not_probe)
{
	open_probing(2);
	uc.cong.cwnd = 10;
	u_write(8000);
	CHECK(leaves(1, 5000, 500));
}

TEST(pmtud__not_while_sack_blocks_are_to_be_sent)
{
	open_probing(2);
	u_in("A", 101, 1, 100, 50000);
	u_drop();
	u_write(8000);
	CHECK(leaves(1, 8000, 500));
}

TEST(pmtud__black_hole_is_found_after_r1)	/* RFC 4821 7.7 */
{
	open_probing(1);
	CHECK_EQ(uc.snd.mss, 1000);
	u_write(8000);
	u_drop();
	u_at(6000);		/* at the fourth, 0.2 + 0.4 + 0.8 + 1.6 s had not passed */
	CHECK_EQ(uc.rtt.timeouts, 4);
	CHECK_EQ(uc.snd.mss, 1000);
	u_at(600);
	CHECK_EQ(uc.snd.mss, 500);
	CHECK_EQ(uc.rtx.packets, 16);
	u_drop();
	u_at(6800);
	CHECK(leaves(1, 250, 250));
	CHECK_EQ(uc.snd.mss, 250);
	/* It gets through: all goes on, and the search goes up again. */
	u_in("A", 1, 251, 0, 50000);
	u_drop();
	u_in("A", 1, 8001, 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	uc.cong.cwnd = 20;
	u_write(8000);
	CHECK(leaves(8001, 625, 625));
}

TEST(pmtud__black_hole_has_a_floor)	/* tcp_mtu_probe_floor, tcp_min_snd_mss */
{
	up.mtu_probe_floor = 200;
	open_probing(1);
	u_write(8000);
	u_at(60000);
	CHECK_EQ(uc.snd.mss, 200);
	up.mtu_probe_floor = 48;
	up.min_snd_mss = 180;
	u_at(120000);
	CHECK_EQ(uc.snd.mss, 180);
}

TEST(pmtud__black_hole_is_not_looked_for_when_off)
{
	open_probing(0);
	u_write(8000);
	u_at(60000);
	CHECK_EQ(uc.snd.mss, 1000);
	CHECK(!uc.pmtud.on);
}

TEST(pmtud__icmp_tells_of_a_probe_at_once)	/* RFC 1191 beside RFC 4821 */
{
	open_probing(2);
	u_write(8000);
	u_drop();
	tcp_conn_icmp(&uc, ISS + 1, EMSGSIZE, false, 600, unow);
	CHECK(leaves(1, 750, 500));
	u_at(10);
	u_in("A", 1, 8001, 0, 50000);
	uc.cong.cwnd = 20;
	u_write(8000);
	CHECK(leaves(8001, 550, 550));
}

TEST(pmtud__an_answering_connection_begins_with_what_the_path_says)
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_SACK_PERM, .mss = 1460 };
	struct tcp_segin in = { .seq = IRS, .flags = TCPF_SYN, .wnd = 50000, .opt = opt };
	struct tcp_half h = { .iss = ISS, .advmss = 1460, .rcv_wnd = 60000 };
	struct tcp_segout out;

	up.mtu_probing = 2;
	up.base_mss = 512;
	up.init_cwnd = 11;
	CHECK_EQ(tcp_listen_arrives(&up, &in, &h, &out, unow), TCP_HALF_REPLY);
	tcp_conn_from_half(&uc, &h, 600, unow);
	u_in("A", 1, 1, 0, 50000);
	u_drop();
	CHECK_EQ(uc.snd.mss, 600);
	tcp_conn_set_path(&uc, 1460, unow);
	CHECK_EQ(uc.snd.mss, 600);
	u_write(4000);
	CHECK(leaves(1, 986, 986));
	CHECK(leaves(987, 3014, 600));
	u_in("A", 1, 4001, 0, 50000);
	CHECK_EQ(uc.snd.mss, 986);
}
