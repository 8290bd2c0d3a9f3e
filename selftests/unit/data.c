// SPDX-License-Identifier: GPL-2.0
/* Text both ways: windows, Nagle, SWS, delayed ACK, zero window, out of order, SACK blocks. */
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

TEST(data__silent_zero_window_ends)
{
	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_in("A", 1, 1001, 0, 0);
	u_write(1000);
	u_at(4000 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(data__window_is_never_shrunk)	/* SHLD-14 */
{
	u32 right = 0, i;

	u_rcvbuf = 20000;
	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 30; i++) {
		struct tcp_segout *o;

		u_in("A", 1 + i * 1000, 1, 1000, 50000);
		u_at(300);
		if (i == 5)
			u_rcvbuf = 8000;
		while ((o = u_peek())) {
			u32 r = o->ack + o->wnd;

			CHECK(!right || seq_geq(r, right));
			right = r;
			CHECK(u_out("A", 1, 0, o->ack - IRS));
		}
	}
	CHECK(u_delivered < 30000);
}

TEST(data__window_shrinks_if_it_may)	/* tcp_shrink_window */
{
	struct tcp_options opt = { .has = TCPO_WSCALE | TCPO_MSS, .mss = MSS };
	u32 right;

	up.wscale = true;
	up.shrink_window = true;
	tcp_conn_open(&uc, ISS, 0, MSS, 2, unow);
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	right = uc.rcv.wup + uc.rcv.wnd;
	u_rcvbuf = 20000;
	u_drop();
	u_in("A", 1, 1, 1000, 50000);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->wnd, 19000 >> 2);
	CHECK(seq_lt(uc.rcv.wup + uc.rcv.wnd, right));
	u_rcvbuf = 2100;
	u_drop();
	u_in("A", 1001, 1, 1000, 50000);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->wnd, 0);
}

TEST(data__window_that_may_be_read_as_signed)	/* tcp_workaround_signed_windows */
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = MSS };
	struct tcp_segin in = { .flags = TCPF_SYN, .n_segs = 1 };
	struct tcp_half h = { .rcv_wnd = 60000 };
	struct tcp_segout out;

	up.workaround_signed_windows = true;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	CHECK_EQ(u_peek()->wnd, 32767);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	CHECK_EQ(u_peek()->wnd, 32767);
	tcp_listen_arrives(&up, &in, &h, &out, unow);
	CHECK_EQ(out.wnd, 32767);
}

TEST(data__scale_larger_than_the_buffer_shuts_nothing)
{
	struct tcp_options opt = { .has = TCPO_WSCALE | TCPO_MSS, .wscale = 0, .mss = MSS };

	up.wscale = true;
	u_rcvbuf = 3000;
	tcp_conn_open(&uc, ISS, 0, MSS, 14, unow);
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
	/* All that was offered has come, and was read. */
	u_in("A", 1, 1, 1000, 50000);
	uc.rcv.wup = uc.rcv.nxt;
	uc.rcv.wnd = 0;
	u_drop();
	u_read(1000);
	CHECK(u_peek());
	CHECK(u_peek()->wnd);
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

TEST(data__window_update_in_worthwhile_steps)	/* MUST-39 */
{
	u_state(TCPS_ESTABLISHED);
	u_rcvbuf = 4000;
	while (uc.rcv.wup + uc.rcv.wnd != uc.rcv.nxt || uc.rcv.nxt != uc.rcv.wup) {
		if (u_in("A", uc.rcv.nxt - IRS, 1, 1000, 50000) == TCP_ARR_WINDOW)
			break;
		u_at(300);
		CHECK(u_delivered < 200000);
	}
	u_drop();
	u_unread = 4000;
	u_read(300);
	NONE();
	u_read(3000);
	CHECK(u_peek());
	CHECK(u_peek()->wnd >= 1000);
}

static void full_segment(void)
{
	u_in("A", uc.rcv.nxt - IRS, 1, 1000, 50000);
}

/* All that a stream's start is acknowledged at once for is over; the user has read it. */
static void data_settle(void)
{
	u_state(TCPS_ESTABLISHED);
	u_rcvbuf = 60000;	/* what a window can tell without scaling */
	full_segment();
	u_at(300);
	while (uc.ackd.quick) {
		full_segment();
		u_at(1);
	}
	u_read(uc.rcv.nxt - uc.rcv.read);
	u_drop();
}

/* A sender in slow start is two round trips ahead of what was read. */
TEST(data__buffer_is_ahead_of_slow_start)
{
	u32 i;

	u_state(TCPS_ESTABLISHED);
	up.moderate_rcvbuf = true;
	u_rcvbuf = 60000;
	uc.ackd.rtt_us = 100000 << 3;
	uc.ackd.drs_space = 10000;
	uc.ackd.drs_us = tcp_us(unow);
	uc.ackd.drs_read = uc.rcv.read;
	for (i = 0; i < 20; i++)
		full_segment();
	u_at(100);
	u_read(20000);
	CHECK_EQ(u_grow, 60000);
	for (i = 0; i < 20; i++)
		full_segment();
	u_at(100);
	u_grow = 0;
	u_read(20000);
	CHECK_EQ(u_grow, 0);	/* no more than the round before */
}

TEST(data__second_full_segment_is_acknowledged)	/* MUST-58, SHLD-19 */
{
	data_settle();
	full_segment();
	u_read(1000);
	NONE();
	full_segment();
	u_read(1000);
	CHECK(u_peek());
	u_drop();
	full_segment();
	u_read(1000);
	NONE();
	u_at(200);
	CHECK(u_peek());
}

/* What is not read does not move the window: one ACK tells of all, by the read or by the timer. */
TEST(data__unread_segments_share_an_ack)	/* MUST-58, SHLD-18 */
{
	data_settle();
	/* The reader falls behind: soon the window stands. */
	full_segment();
	full_segment();
	full_segment();
	full_segment();
	u_drop();
	full_segment();
	full_segment();
	full_segment();
	NONE();
	u_read(7000);
	CHECK(u_peek());
	u_drop();
	full_segment();
	full_segment();
	full_segment();
	full_segment();
	u_drop();
	full_segment();
	NONE();
	u_at(200);
	CHECK(u_peek());
}

TEST(data__ack_rides_on_text)
{
	u_state(TCPS_ESTABLISHED);
	uc.ackd.ato_us = 40000;
	uc.ackd.quick = 0;
	uc.ackd.last_us = tcp_us(unow);
	u_in("A", 1, 1, 100, 50000);
	NONE();
	u_write(200);
	OUT("PA", 1, 200, 101);
	u_at(150);
	NONE();
}

TEST(data__old_text_is_answered_with_dsack)	/* RFC 2883 4 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 1000, 50000);
	u_at(300);
	u_drop();
	CHECK_EQ(u_in("A", 1, 1, 1000, 50000), TCP_ARR_OLD);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->opt.n_sack, 1);
	CHECK_EQ(u_peek()->opt.sack[0].start, IRS + 1);
	CHECK_EQ(u_peek()->opt.sack[0].end, IRS + 1001);
}

TEST(data__out_of_order_is_kept_and_reported)	/* SHLD-31, RFC 2018 4 */
{
	static const u32 at[] = { 3001, 7001, 5001 };
	unsigned int i;

	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 3; i++) {
		u_drop();
		CHECK_EQ(u_in("A", at[i], 1, 1000, 50000), TCP_ARR_TAKEN);
		CHECK(u_peek());
		CHECK_EQ(u_peek()->ack, IRS + 1);
		CHECK_EQ(u_peek()->opt.n_sack, i + 1);
		CHECK_EQ(u_peek()->opt.sack[0].start, IRS + at[i]);
	}
	/* 4001 joins two of them; it came last, so its block is first. */
	u_drop();
	u_in("A", 4001, 1, 1000, 50000);
	CHECK_EQ(u_peek()->opt.n_sack, 2);
	CHECK_EQ(u_peek()->opt.sack[0].start, IRS + 3001);
	CHECK_EQ(u_peek()->opt.sack[0].end, IRS + 6001);
	u_drop();
	u_in("A", 1, 1, 3000, 50000);
	CHECK_EQ(u_peek()->ack, IRS + 6001);
	CHECK_EQ(u_delivered, 6000);
	CHECK_EQ(u_peek()->opt.n_sack, 1);
}

TEST(data__overlapping_out_of_order)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 2001, 1, 1000, 50000);
	u_in("A", 2501, 1, 1000, 50000);
	u_in("A", 1501, 1, 5000, 50000);	/* swallows both */
	CHECK_EQ(uc.ooo.segs, 1);
	u_in("A", 3001, 1, 100, 50000);		/* all of it is there */
	CHECK_EQ(uc.ooo.segs, 1);
	u_in("A", 1, 1, 1800, 50000);
	CHECK_EQ(u_delivered, 6500);
	CHECK_EQ(uc.ooo.segs, 0);
}

TEST(data__held_by_one_of_two_that_overlap)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 2001, 1, 2000, 50000);
	u_in("A", 3001, 1, 2000, 50000);
	CHECK_EQ(u_in("A", 3501, 1, 1000, 50000), TCP_ARR_OLD);
	CHECK_EQ(uc.ooo.segs, 2);
	u_in("A", 1, 1, 2000, 50000);
	CHECK_EQ(u_delivered, 5000);
}

TEST(data__out_of_order_queue_is_bounded)
{
	u32 i;

	up.ooo_max_segs = 5;
	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 10; i++)
		u_in("A", 101 + i * 20, 1, 10, 50000);
	CHECK_EQ(uc.ooo.segs, 5);
}

TEST(data__shedding_takes_back_blocks)	/* RFC 2018 8 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 2001, 1, 1000, 50000);
	u_in("A", 4001, 1, 1000, 50000);
	CHECK_EQ(tcp_conn_shed(&uc, 1), 1);
	CHECK_EQ(uc.ooo.n_block, 1);
	CHECK_EQ(uc.ooo.block[0].start, IRS + 2001);
	CHECK_EQ(tcp_conn_shed(&uc, 5), 1);
	CHECK_EQ(uc.ooo.n_block, 0);
}

/* What the embedding makes of text that it has no memory for. */
TEST(data__text_without_memory_is_answered)	/* RFC 9293 3.10.7.4 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 50000);
	NONE();
	tcp_conn_text_lost(&uc);
	u_flush();
	OUT("A", 1, 0, 1);
	NONE();
}

/* The buffer holds more than an unscaled window can say: that no octet of it is free is no news. */
TEST(data__no_window_update_that_a_header_cannot_say)	/* MUST-39 */
{
	u_rcvbuf = 200000;
	u_state(TCPS_ESTABLISHED);
	u_in("PA", 1, 1, 1000, 50000);
	OUT("A", 1, 0, 1001);
	u_read(1000);
	NONE();
}

TEST(data__beyond_the_window_is_dropped)
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(u_in("A", 1 + uc.rcv.wnd, 1, 10, 50000), TCP_ARR_WINDOW);
	CHECK_EQ(u_delivered, 0);
	OUT("A", 1, 0, 1);
}

TEST(data__urgent_pointer_is_sent)	/* MUST-30, 31 */
{
	u_state(TCPS_ESTABLISHED);
	u_wrote(10, true, true);
	u_flush();
	CHECK(u_peek()->flags & TCPF_URG);
	CHECK_EQ(u_peek()->up, 10);
}

TEST(data__no_memory_is_tried_again)
{
	u_state(TCPS_ESTABLISHED);
	u_no_memory = true;
	u_write(500);
	NONE();
	u_no_memory = false;
	u_at(300);
	OUT("PA", 1, 500, 1);
}

TEST(data__segment_that_did_not_leave_is_unsent)
{
	u_state(TCPS_ESTABLISHED);
	u_no_send = true;
	u_write(500);
	CHECK_EQ(uc.snd.nxt - ISS, 1);
	CHECK_EQ(uc.rtx.packets, 0);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_CWR);
	u_no_send = false;
	u_at(300);
	OUT("PA", 1, 500, 1);
}

TEST(data__fin_that_did_not_leave_is_unsent)
{
	u_state(TCPS_ESTABLISHED);
	u_no_send = true;
	u_write(500);
	tcp_conn_shutdown(&uc, unow);
	CHECK_EQ(uc.snd.fin, TCP_FIN_QUEUED);
	u_no_send = false;
	u_at(300);
	OUT("FPA", 1, 500, 1);
	u_in("A", 1, 502, 0, 50000);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_2);
}

TEST(data__bare_fin_that_did_not_leave_is_unsent)
{
	u_state(TCPS_ESTABLISHED);
	u_no_send = true;
	tcp_conn_shutdown(&uc, unow);
	CHECK_EQ(uc.snd.fin, TCP_FIN_QUEUED);
	CHECK_EQ(u_live, 0);
	u_no_send = false;
	u_at(300);
	OUT("FA", 1, 0, 1);
}

TEST(data__rest_that_did_not_leave_goes_with_the_next_ack)
{
	u_state(TCPS_ESTABLISHED);
	u_write(500);
	OUT("PA", 1, 500, 1);
	u_no_send = true;
	u_write(1000);
	CHECK_EQ(uc.rtx.packets, 1);
	u_no_send = false;
	u_in("A", 1, 501, 0, 50000);
	OUT("PA", 501, 1000, 1);
}

TEST(data__host_that_takes_nothing_is_asked_twice_a_second)
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 3000;
	u_no_send = true;
	u_write(500);
	/* First after a time-out of 210 ms, then each half second. */
	u_at(210 + 2 * 500 + 10);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.probes, 3);
	CHECK_EQ(info.backoff, 0);
	CHECK_EQ(u_error, 0);
	u_at(4 * 500);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* Fifteen times are 7.5 s: not yet R2, of at least 100 s. */
TEST(data__host_that_takes_nothing_for_a_minute_ends_nothing)	/* SHLD-11 */
{
	u_state(TCPS_ESTABLISHED);
	u_no_send = true;
	u_write(500);
	u_at(60000);
	CHECK_EQ(u_error, 0);
	u_no_send = false;
	u_at(500);
	OUT("PA", 1, 500, 1);
	u_in("A", 1, 501, 0, 50000);
	u_no_send = true;
	u_write(500);
	u_at(90000);
	CHECK_EQ(u_error, 0);
	u_at(1500000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(data__window_probe_that_did_not_leave_backs_nothing_off)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0);
	u_no_send = true;
	u_write(500);
	u_at(210 + 2 * 500 + 10);
	CHECK_EQ(uc.rtt.backoff, 0);
	CHECK_EQ(u_refused, 3);
	u_no_send = false;
	u_at(500);
	OUT("A", 0, 0, 1);
	CHECK_EQ(uc.rtt.backoff, 1);
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

/* The end of a write is acknowledged when the user has read all; what is no end may wait. */
TEST(data__end_of_a_write_is_acknowledged_when_read)
{
	u_state(TCPS_ESTABLISHED);
	uc.rcv.mss = 1000;
	uc.ackd.ato_us = 40000;
	uc.ackd.last_us = tcp_us(unow);
	uc.ackd.quick = 0;
	u_in("A", 1, 1, 1000, 50000);
	NONE();
	u_read(1000);
	NONE();
	u_in("A", 1001, 1, 1000, 50000);
	u_read(1000);
	OUT("A", 1, 0, 2001);
	u_in("PA", 2001, 1, 1000, 50000);
	NONE();
	u_read(500);
	NONE();
	u_read(500);
	OUT("A", 1, 0, 3001);
	/* Who answers takes the ACK along. */
	uc.ackd.pingpong = true;
	u_in("PA", 3001, 1, 100, 50000);
	u_read(100);
	NONE();
	/* Not if he has let pass two. */
	u_in("PA", 3101, 1, 100, 50000);
	u_read(100);
	OUT("A", 1, 0, 3201);
}

/* While the buffer grows each segment is acknowledged: the sender grows by our ACKs. */
TEST(data__growing_buffer_acknowledges_each_segment)
{
	u_state(TCPS_ESTABLISHED);
	uc.rcv.mss = 1000;
	uc.ackd.ato_us = 40000;
	uc.ackd.last_us = tcp_us(unow);
	uc.ackd.quick = 0;
	uc.ackd.news = 3000;
	u_in("A", 1, 1, 1000, 50000);
	OUT("A", 1, 0, 1001);
	u_in("A", 1001, 1, 1000, 50000);
	OUT("A", 1, 0, 2001);
	u_in("A", 2001, 1, 1000, 50000);
	NONE();
}
