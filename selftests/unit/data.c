// SPDX-License-Identifier: GPL-2.0
/* Text that is sent: windows, Nagle, SWS, probes of a shut window, what an emission takes. */
#include "unit.h"

TEST(data__nagle_minshall)	/* MUST-17 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.nodelay = false;
	u_write(100);
	OUT("PA", 1, 100, 1);
	u_write(100);
	NONE();
	u_write(1900);
	/* Whole segments go, the remainder waits for the small one. */
	OUT("A", 101, 2000, 1);
	u_write(50);
	NONE();
	u_in("A", 1, 101, 0, 50000);
	OUT("PA", 2101, 50, 1);
}

TEST(data__device_bounds_an_emission)
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_set_gso(&uc, 65535, 3);
	tcp_conn_set_path(&uc, 1000, unow);
	u_write(5000);
	OUT("A", 1, 3000, 1);
	OUT("PA", 3001, 2000, 1);
	NONE();
	u_in("A", 1, 5001, 0, 50000);
	tcp_conn_set_gso(&uc, 2999, 100);
	tcp_conn_set_path(&uc, 1000, unow);
	u_write(5000);
	OUT("A", 5001, 2000, 1);
	OUT("A", 7001, 2000, 1);
	OUT("PA", 9001, 1000, 1);
	/* What takes less than a segment gets one all the same. */
	u_in("A", 1, 10001, 0, 50000);
	tcp_conn_set_gso(&uc, 500, 0);
	tcp_conn_set_path(&uc, 1000, unow);
	u_write(2000);
	OUT("A", 10001, 1000, 1);
	OUT("PA", 11001, 1000, 1);
	NONE();
}

TEST(data__nodelay_and_cork)	/* MUST-17 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.nodelay = false;
	u_write(100);
	u_write(100);
	OUT("PA", 1, 100, 1);
	NONE();
	uc.user.nodelay = true;
	tcp_conn_user_changed(&uc, unow);
	OUT("PA", 101, 100, 1);
	uc.user.cork = true;
	u_write(100);
	u_write(100);
	NONE();
	uc.user.cork = false;
	tcp_conn_user_changed(&uc, unow);
	OUT("PA", 201, 200, 1);
}

TEST(data__cork_ends_after_200_ms)
{
	u_state(TCPS_ESTABLISHED);
	uc.user.cork = true;
	u_write(100);
	NONE();
	u_at(250);
	OUT("PA", 1, 100, 1);
}

TEST(data__send_window_is_kept_to)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 2500);
	u_write(5000);
	OUT("A", 1, 2000, 1);
	NONE();			/* 500 are no segment's worth: SWS */
	u_in("A", 1, 2001, 0, 2500);
	OUT("A", 2001, 2000, 1);
}

TEST(data__zero_window_is_probed_with_backoff)	/* MUST-36, MUST-37, SHLD-29, SHLD-30 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_drop();
	u_in("A", 1, 1001, 0, 0);
	u_write(1000);
	NONE();
	/* Not before a time-out is over (SHLD-29), 200 ms at least; then later and later. */
	u_at(190);
	NONE();
	u_at(60);
	OUT("A", 1000, 0, 1);
	u_in("A", 1, 1001, 0, 0);
	u_at(300);
	NONE();
	u_at(150);
	OUT("A", 1000, 0, 1);
	u_in("A", 1, 1001, 0, 0);
	/* It may go on for ever as long as the peer answers. */
	for (int i = 0; i < 40; i++) {
		u_at(120000);
		u_in("A", 1, 1001, 0, 0);
	}
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	u_drop();
	u_in("A", 1, 1001, 0, 5000);
	OUT("PA", 1001, 1000, 1);
}

/* 1,000 octets are acknowledged, and as many wait. */
static void write_to_shut_window(void)
{
	u_write(1000);
	u_in("A", 1, 1001, 0, 0);
	u_write(1000);
}

TEST(data__silent_zero_window_ends)
{
	u_state(TCPS_ESTABLISHED);
	write_to_shut_window();
	u_at(4000 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* TCP_USER_TIMEOUT counts from the first probe on, and ends between probes; an orphan's too. */
TEST(data__shut_window_ends_when_the_user_gives_up)
{
	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 20000;
	write_to_shut_window();
	u_at(20100);
	CHECK_EQ(u_error, 0);
	u_at(400);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(data__shut_window_ends_for_an_orphan_when_its_user_gives_up)
{
	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 2000;
	write_to_shut_window();
	tcp_conn_close(&uc, 0, unow);
	u_at(2100);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_1);
	u_at(400);
	CHECK_EQ(uc.state, TCPS_CLOSED);
}

TEST(data__text_and_ack_of_fin_for_an_orphan_end_it)
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_close(&uc, 0, unow);
	u_drop();
	u_in("A", 1, 2, 100, 50000);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	OUT("R", 2, 0, 0);
}

TEST(data__urgent_pointer_is_sent)	/* MUST-30, 31 */
{
	u_state(TCPS_ESTABLISHED);
	u_wrote(10, true, true);
	u_flush();
	CHECK(u_peek()->flags & TCPF_URG);
	CHECK_EQ(u_peek()->up, 10);
}

TEST(data__keepalive)	/* MUST-25 to 28 */
{
	u32 n = 0;

	u_state(TCPS_ESTABLISHED);
	u_at(8000 * 1000);
	NONE();			/* off unless asked for */
	uc.user.keepalive = true;
	uc.user.keep_idle_ms = 10000;
	uc.user.keep_intvl_ms = 1000;
	uc.user.keep_probes = 3;
	tcp_conn_user_changed(&uc, unow);
	u_at(1);
	OUT("A", 0, 0, 1);
	u_in("A", 1, 1, 0, 50000);
	u_at(9000);
	NONE();
	u_at(2000);
	OUT("A", 0, 0, 1);
	u_at(10000);
	while (u_peek() && u_peek()->flags == TCPF_ACK && u_out("A", 0, 0, 1))
		n++;
	CHECK_EQ(n, 2);
	OUT("RA", 1, 0, 1);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* Nobody said for this connection how often. */
TEST(data__keepalive_as_the_host_has_it)
{
	u_state(TCPS_ESTABLISHED);
	up.keep_idle_ms = 5000;
	up.keep_intvl_ms = 2000;
	up.keep_probes = 2;
	uc.user.keepalive = true;
	tcp_conn_user_changed(&uc, unow);
	u_at(4999);
	NONE();
	u_at(1);
	OUT("A", 0, 0, 1);
	u_at(1999);
	NONE();
	u_at(1);
	OUT("A", 0, 0, 1);
	u_at(1999);
	NONE();
	u_at(1);
	OUT("RA", 1, 0, 1);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(data__restart_after_idle)	/* RFC 5681 4.1 */
{
	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 100;
	u_write(1000);
	u_in("A", 1, 1001, 0, 50000);
	u_at(60000);
	u_write(1000);
	CHECK_EQ(uc.cong.cwnd, up.init_cwnd);
}

TEST(data__time_does_not_go_back)
{
	u64 later;

	u_state(TCPS_ESTABLISHED);
	u_at(100);
	u_write(100);
	later = unow;
	unow -= 50 * MS;
	u_in("A", 1, 101, 0, 50000);
	CHECK(uc.rtt.srtt_us >> 3 < 100000);
	CHECK_EQ(uc.tmr.now, later);
}

TEST(data__two_emissions_fill_a_window_at_the_least)	/* or nothing would clock the next one */
{
	u_state(TCPS_ESTABLISHED);
	u_write(20000);
	OUT("PA", 1, 5000, 1);
	OUT("PA", 5001, 5000, 1);
	NONE();
	u_reset();
	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 1;
	u_write(2000);
	OUT("A", 1, 1000, 1);
	NONE();
}

/* A whole window is out; an ACK opens two packets of it, a small part. */
static void small_part_opens(u64 rtt_us)
{
	u_state(TCPS_ESTABLISHED);
	uc.cong.ssthresh = 2;
	uc.cong.cwnd = 20;
	uc.rtt.srtt_us = rtt_us << 3;
	u_write(40000);
	u_drop();
}

TEST(data__small_part_of_a_window_waits_for_the_next_ack_if_that_is_near)
{
	small_part_opens(500);
	unow += MS / 2;
	u_in("A", 1, 2001, 0, 50000);
	NONE();
	/* A third of the window is worth it (tcp_tso_win_divisor). */
	u_in("A", 1, 7001, 0, 50000);
	OUT("A", 20001, 7000, 1);
}

TEST(data__small_part_of_a_window_goes_if_what_went_last_is_long_ago)
{
	small_part_opens(500);
	unow += 2 * MS;
	u_in("A", 1, 2001, 0, 50000);
	OUT("PA", 20001, 2000, 1);
}

TEST(data__small_part_of_a_window_goes_if_the_next_ack_is_far)
{
	small_part_opens(20000);
	unow += MS / 2;
	u_in("A", 1, 2001, 0, 50000);
	OUT("PA", 20001, 2000, 1);
}

TEST(data__small_part_of_a_window_goes_at_once_on_a_long_path)
{
	u_state(TCPS_ESTABLISHED);
	uc.cong.ssthresh = 2;
	uc.cong.cwnd = 20;
	uc.rtt.srtt_us = 5000 << 3;
	u_write(10000);
	unow += 4 * MS + MS / 2;
	u_write(30000);
	u_drop();
	unow += MS / 10;
	u_in("A", 1, 2001, 0, 50000);
	OUT("A", 20001, 2000, 1);
}

TEST(data__what_the_override_time_out_sends_is_pushed)	/* RFC 9293 3.8.6.2.1 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.cork = true;
	u_wrote(40, false, false);
	u_flush();
	NONE();
	u_at(250);
	OUT("PA", 1, 40, 1);
}

TEST(data__shut_window_does_not_end_the_silence)	/* RFC 5681 4.1 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	uc.cong.cwnd = 36;
	u_in("A", 1, 1001, 0, 0);
	u_write(20000);
	u_at(3000);
	CHECK(uc.rtt.probes);
	CHECK_EQ(uc.cong.cwnd, 36);
	u_in("A", 1, 1001, 0, 50000);
	CHECK_EQ(uc.cong.cwnd, 10);
}

/* On a long path no more goes at once than a millisecond's worth, and tcp_min_tso_segs. */
TEST(data__emissions_are_as_large_as_the_rate_is_worth)
{
	up.tso_rtt_log = 9;
	up.min_tso_segs = 2;
	up.pacing_ss_ratio = 200;
	up.pacing_ca_ratio = 120;
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(uc.rtt.srtt_us >> 3, 10000);
	u_write(5000);
	OUT("PA", 1, 2000, 1);
	OUT("PA", 2001, 2000, 1);
	OUT("PA", 4001, 1000, 1);
	/* On a short one the host is what matters. */
	uc.rtt.min_us = 400;
	u_in("A", 1, 5001, 0, 50000);
	u_write(5000);
	OUT("PA", 5001, 5000, 1);
}

TEST(data__large_buffer_of_whole_segments_goes_as_it_is)
{
	static const struct {
		u32 hint, len;
	} t[] = { { 40000, 40000 }, { 33000, 33000 }, { 40500, 48000 }, { 32000, 48000 },
		  { 4000, 48000 } };
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		u_reset();
		u_state(TCPS_ESTABLISHED);
		uc.cong.cwnd = 96;	/* 48 at once */
		u_hint = t[i].hint;
		u_write(60000);
		OUT("A", 1, t[i].len, 1);
		tcp_conn_purge(&uc);
	}
}

/* MSG_EOR: the rest of a record goes along with its whole segments, and nothing behind it. */
TEST(data__record_goes_to_its_end)
{
	u_state(TCPS_ESTABLISHED);
	u_hint = 4800;
	u_record = 4800;
	u_write(7000);
	OUT("PA", 1, 4800, 1);
}
