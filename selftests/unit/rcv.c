// SPDX-License-Identifier: GPL-2.0
/* Text that comes: the window offered, ACKs and when they go, what is out of order, SACK blocks. */
#include "unit.h"

TEST(rcv__window_is_never_shrunk)	/* SHLD-14 */
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

TEST(rcv__window_shrinks_if_it_may)	/* tcp_shrink_window */
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
	u_at(300);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->wnd, 0);
}

TEST(rcv__window_that_may_be_read_as_signed)	/* tcp_workaround_signed_windows */
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

TEST(rcv__scale_larger_than_the_buffer_shuts_nothing)
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

TEST(rcv__window_update_in_worthwhile_steps)	/* MUST-39 */
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
TEST(rcv__buffer_is_ahead_of_slow_start)
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

TEST(rcv__second_full_segment_is_acknowledged)	/* MUST-58, SHLD-19 */
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
TEST(rcv__unread_segments_share_an_ack)	/* MUST-58, SHLD-18 */
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

/* At the start each segment is acknowledged at once; not when it is the user who is waited for. */
TEST(rcv__quick_acks_end_where_the_reader_is_behind)
{
	u32 i;

	u_rcvbuf = 20000;
	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 10; i++) {
		uc.ackd.quick = 16;
		full_segment();
		CHECK(u_peek());
		u_drop();
	}
	full_segment();
	full_segment();
	NONE();
	u_read(12000);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->ack, IRS + 12001);
}

TEST(rcv__ack_rides_on_text)
{
	u_delays_acks();
	u_in("A", 1, 1, 100, 50000);
	NONE();
	u_write(200);
	OUT("PA", 1, 200, 101);
	u_at(150);
	NONE();
}

TEST(rcv__old_text_is_answered_with_dsack)	/* RFC 2883 4 */
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

/* All in one burst, before an ACK: what the first of them says is not lost. */
TEST(rcv__old_text_at_two_places_is_told_of_twice)
{
	u_delays_acks();
	u_in("A", 1, 1, 400, 50000);
	NONE();
	u_in_opt("A", 1, 1, 50, 50000, NULL);
	u_in_opt("A", 51, 1, 50, 50000, NULL);		/* they touch: told of as one */
	NONE();
	u_in_opt("A", 301, 1, 100, 50000, NULL);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->opt.n_sack, 1);
	CHECK_EQ(u_peek()->opt.sack[0].start, IRS + 1);
	CHECK_EQ(u_peek()->opt.sack[0].end, IRS + 101);
	OUT("A", 1, 0, 401);
	u_flush();
	CHECK(u_peek());
	CHECK_EQ(u_peek()->opt.n_sack, 1);
	CHECK_EQ(u_peek()->opt.sack[0].start, IRS + 301);
	CHECK_EQ(u_peek()->opt.sack[0].end, IRS + 401);
	OUT("A", 1, 0, 401);
	NONE();
}

/* Each is a duplicate ACK that the sender counts, in a burst too. */
TEST(rcv__without_sack_each_out_of_order_is_answered)	/* RFC 5681 4.2 */
{
	u_state(TCPS_ESTABLISHED);
	uc.opts &= ~TCPO_SACK_PERM;
	u_drop();
	u_in_opt("A", 2001, 1, 1000, 50000, NULL);
	u_in_opt("A", 3001, 1, 1000, 50000, NULL);
	OUT("A", 1, 0, 1);
	OUT("A", 1, 0, 1);
	u_flush();
	NONE();
}

TEST(rcv__out_of_order_is_kept_and_reported)	/* SHLD-31, RFC 2018 4 */
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

TEST(rcv__overlapping_out_of_order)
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

TEST(rcv__held_by_one_of_two_that_overlap)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 2001, 1, 2000, 50000);
	u_in("A", 3001, 1, 2000, 50000);
	CHECK_EQ(u_in("A", 3501, 1, 1000, 50000), TCP_ARR_OLD);
	CHECK_EQ(uc.ooo.segs, 2);
	u_in("A", 1, 1, 2000, 50000);
	CHECK_EQ(u_delivered, 5000);
}

TEST(rcv__out_of_order_queue_is_bounded)
{
	u32 i;

	up.ooo_max_segs = 5;
	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 10; i++)
		u_in("A", 101 + i * 20, 1, 10, 50000);
	CHECK_EQ(uc.ooo.segs, 5);
}

TEST(rcv__shedding_takes_back_blocks)	/* RFC 2018 8 */
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
TEST(rcv__text_without_memory_is_answered)	/* RFC 9293 3.10.7.4 */
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
TEST(rcv__no_window_update_that_a_header_cannot_say)	/* MUST-39 */
{
	u_rcvbuf = 200000;
	u_state(TCPS_ESTABLISHED);
	u_in("PA", 1, 1, 1000, 50000);
	OUT("A", 1, 0, 1001);
	u_read(1000);
	NONE();
}

TEST(rcv__beyond_the_window_is_dropped)
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(u_in("A", 1 + uc.rcv.wnd, 1, 10, 50000), TCP_ARR_WINDOW);
	CHECK_EQ(u_delivered, 0);
	OUT("A", 1, 0, 1);
}

/* The end of a write is acknowledged when the user has read all; what is no end may wait. */
TEST(rcv__end_of_a_write_is_acknowledged_when_read)
{
	u_delays_acks();
	uc.rcv.mss = 1000;
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
TEST(rcv__growing_buffer_acknowledges_each_segment)
{
	u_delays_acks();
	uc.rcv.mss = 1000;
	uc.ackd.news = 3000;
	u_in("A", 1, 1, 1000, 50000);
	OUT("A", 1, 0, 1001);
	u_in("A", 1001, 1, 1000, 50000);
	OUT("A", 1, 0, 2001);
	u_in("A", 2001, 1, 1000, 50000);
	NONE();
}
