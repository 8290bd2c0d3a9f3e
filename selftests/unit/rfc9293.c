// SPDX-License-Identifier: GPL-2.0
/*
 * Clauses of RFC 9293 (its Appendix B, docs/rfc9293.md) that no other test is about. Each test
 * names the behaviour; the identifiers stand behind it.
 */
#include "unit.h"

/* ---- PUSH ---- */

TEST(rfc__sender_collapses_pushes)	/* SHLD-27, MAY-16 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0);
	u_wrote(100, true, false);
	u_wrote(100, true, false);
	u_wrote(100, true, false);
	u_flush();
	NONE();
	u_in("A", 1, 1, 0, 50000);
	OUT("PA", 1, 300, 1);
	NONE();
}

TEST(rfc__last_segment_of_a_write_is_pushed)	/* MUST-60, MUST-61 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(2500);
	OUT("PA", 1, 2500, 1);
	/* What no user pushed goes all the same, and soon. */
	u_wrote(100, false, false);
	u_flush();
	CHECK(u_peek());
	CHECK(!(u_peek()->flags & TCPF_PSH));
	OUT("A", 2501, 100, 1);
}

TEST(rfc__push_stands_on_the_last_octet_of_a_write)	/* MUST-61 */
{
	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 3;
	u_write(3500);
	for (; uc.snd.nxt != ISS + 3001 || u_peek(); u_next()) {
		CHECK(u_peek());
		CHECK(!(u_peek()->flags & TCPF_PSH));
	}
	u_in("A", 1, 3001, 0, 50000);
	OUT("PA", 3001, 500, 1);
}

TEST(rfc__several_segments_at_once_are_pushed)	/* MUST-60, MUST-61 */
{
	u_state(TCPS_ESTABLISHED);
	u_wrote(5000, false, false);
	u_flush();
	OUT("PA", 1, 5000, 1);
	u_wrote(1000, false, false);
	u_flush();
	CHECK(u_peek());
	CHECK(!(u_peek()->flags & TCPF_PSH));
	OUT("A", 5001, 1000, 1);
}

TEST(rfc__push_is_forgotten_when_more_follows)	/* SHLD-27 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0);
	u_wrote(100, true, false);
	u_wrote(200, false, false);
	u_in("A", 1, 1, 0, 50000);
	CHECK(u_peek());
	CHECK(!(u_peek()->flags & TCPF_PSH));
	OUT("A", 1, 300, 1);
}

TEST(rfc__long_write_is_pushed_now_and_then)	/* SHLD-27: half the largest window */
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(uc.snd.max_wnd, 50000);
	CHECK(!tcp_conn_wrote(&uc, 25000, false, false));
	CHECK(tcp_conn_wrote(&uc, 1, false, false));
	CHECK(!tcp_conn_wrote(&uc, 25000, false, false));
	CHECK(tcp_conn_wrote(&uc, 1, true, false));
}

TEST(rfc__fin_pushes_the_text_before_it_and_is_not_pushed_itself)	/* 3.10.4 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0);
	u_wrote(100, false, false);
	tcp_conn_shutdown(&uc, unow);
	u_in("A", 1, 1, 0, 50000);
	OUT("FPA", 1, 100, 1);
	u_reset();
	u_state(TCPS_ESTABLISHED);
	u_write(100);
	OUT("PA", 1, 100, 1);
	tcp_conn_shutdown(&uc, unow);
	CHECK(u_peek());
	CHECK(!(u_peek()->flags & TCPF_PSH));
	OUT("FA", 101, 0, 1);
}

TEST(rfc__full_segments_where_possible)	/* SHLD-28 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.nodelay = false;
	u_write(5300);
	OUT("PA", 1, 5000, 1);
	OUT("PA", 5001, 300, 1);	/* no small one is in flight: the remainder may go */
	u_write(2300);
	OUT("A", 5301, 2000, 1);
	NONE();
}

/* ---- window ---- */

TEST(rfc__window_is_unsigned_and_32_bits)	/* MUST-1, REC-1 */
{
	struct tcp_options opt = { .has = TCPO_WSCALE | TCPO_MSS, .wscale = 14, .mss = MSS };

	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0xffff);
	CHECK_EQ(uc.snd.wnd, 65535);
	u_reset();
	up.wscale = true;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_in_opt("SA", 0, 1, 0, 0xffff, &opt);
	u_in("A", 1, 1, 0, 0xffff);
	CHECK_EQ(uc.snd.wnd, 0xffffU << 14);
}

/* Ten segments in flight; then the window ends after the third. */
static void shrunk(void)
{
	u_state(TCPS_ESTABLISHED);
	u_write(10000);
	u_drop();
	u_in("A", 1, 1, 0, 3000);
}

TEST(rfc__shrunk_window_stops_new_data)	/* MUST-34, SHLD-15 */
{
	shrunk();
	u_write(1000);
	NONE();
	u_in("A", 1, 2001, 0, 1000);	/* still the same right edge */
	NONE();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.snd.nxt, ISS + 10001);
	u_in("A", 1, 10001, 0, 5000);
	OUT("PA", 10001, 1000, 1);
}

TEST(rfc__shrunk_window_data_within_it_is_repeated)	/* SHLD-16 */
{
	u32 n = 0;

	shrunk();
	u_at(1200);
	while (u_peek()) {
		u32 end = u_peek()->seq + u_peek()->len;

		CHECK(seq_leq(end, ISS + 3001));
		CHECK(u_out("A", u_peek()->seq - ISS, u_peek()->len, 1));
		n++;
	}
	CHECK(n);
}

/* The window shrank to nothing; the peer answers each probe: for days, if it must be. */
TEST(rfc__shrunk_to_zero_does_not_end_it)	/* SHLD-17, MUST-35, MUST-37, MAY-8 */
{
	int i;

	u_state(TCPS_ESTABLISHED);
	u_write(10000);
	u_drop();
	u_in("A", 1, 1, 0, 0);
	for (i = 0; i < 100; i++) {
		u_at(120000);
		CHECK(u_peek());
		u_drop();
		u_in("A", 1, 1, 0, 0);
	}
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 20000);
	u_at(121000);
	CHECK(u_peek());
	/* A silent one may not. */
	u_in("A", 1, 1, 0, 0);
	u_at(2000 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(rfc__first_of_a_shut_window_is_repeated_as_probe)	/* MAY-7 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_drop();
	u_in("A", 1, 1, 0, 0);
	u_at(500);
	OUT("PA", 1, 1000, 1);
}

TEST(rfc__shut_window_takes_urgent)	/* MUST-66 */
{
	const struct tcp_segin in = {
		.seq = IRS + 1, .ack = ISS + 1, .wnd = 50000, .flags = TCPF_URG | TCPF_ACK,
		.n_segs = 1, .up = 100,
	};

	u_state(TCPS_ESTABLISHED);
	u_rcvbuf = 1000;
	u_unread = 1000;
	uc.rcv.wup = uc.rcv.nxt;
	uc.rcv.wnd = 0;
	CHECK_EQ(u_in("UA", 1, 1, 0, 50000), TCP_ARR_SPENT);
	u_in("UA", 1, 1, 5, 50000);
	CHECK(u_events & 1U << TCP_EV_URGENT);
	CHECK_EQ(u_delivered, 0);
	/* Of an octet for which there is no room yet. */
	tcp_conn_arrives(&uc, &in, NULL, unow);
	CHECK_EQ(uc.rcv.up, IRS + 101);
}

TEST(rfc__shut_window_is_told_of_urgent)	/* MUST-32, 66 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 0);
	u_wrote(10, true, true);
	u_flush();
	NONE();
	u_at(500);
	CHECK_EQ(u_peek()->up, 10);
	OUT("UA", 1, 0, 1);
	CHECK_EQ(u_peek()->up, 11);
	OUT("UA", 0, 0, 1);
	u_in("A", 1, 1, 0, 50000);
	OUT("UPA", 1, 10, 1);
}

/* ---- urgent ---- */

TEST(rfc__urgent_pointer_names_the_first_octet_after)	/* MUST-62 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(500);
	u_drop();
	u_wrote(10, true, true);
	u_flush();
	CHECK_EQ(u_peek()->seq + u_peek()->up, ISS + 511);
	u_in("UA", 1, 511, 20, 50000);
	CHECK_EQ(uc.rcv.up, IRS + 21);
}

TEST(rfc__urgent_sequence_of_any_length)	/* MUST-31 */
{
	struct tcp_segout *o;

	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 0, 65535);
	uc.cong.cwnd = 100;
	u_wrote(60000, true, true);
	u_flush();
	while ((o = u_peek())) {
		CHECK(o->flags & TCPF_URG);
		CHECK_EQ(o->seq + o->up, ISS + 60001);
		u_drop();
	}
	/* A mark that grows while it is told. */
	u_wrote(5000, true, true);
	u_flush();
	o = u_peek();
	CHECK(o && o->seq + o->up == ISS + 65001);
}

/* ---- options ---- */

TEST(rfc__mss_is_never_sent_but_in_syns)	/* MUST-65 */
{
	u_state(TCPS_ESTABLISHED);
	u_write(3000);
	u_in("A", 1, 1, 1000, 50000);
	u_in("S", 1, 1, 0, 50000);
	tcp_conn_shutdown(&uc, unow);
	tcp_conn_abort(&uc, unow);
	CHECK(u_peek());
	while (u_peek()) {
		CHECK(!(u_peek()->opt.has & (TCPO_MSS | TCPO_WSCALE | TCPO_SACK_PERM)));
		u_next();
	}
}

TEST(rfc__effective_mss)	/* MUST-16, SHLD-6 */
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_TS, .mss = 1400, .tsval = 1 };

	up.timestamps = true;
	tcp_conn_open(&uc, ISS, 0, 1460, 0, unow);
	opt.tsecr = u_peek()->opt.tsval;
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	CHECK_EQ(uc.snd.mss, 1400 - 12);	/* the peer's, less our options */
	tcp_conn_set_path(&uc, 1000, unow);
	CHECK_EQ(uc.snd.mss, 1000 - 12);	/* the path's is less */
	tcp_conn_set_path(&uc, 1460, unow);
	CHECK_EQ(uc.snd.mss, 1400 - 12);
}

TEST(rfc__mss_of_0_is_none)	/* MUST-15 */
{
	struct tcp_options opt = { .has = TCPO_MSS };

	tcp_conn_open(&uc, ISS, 0, 1460, 0, unow);
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	CHECK_EQ(uc.snd.mss, 536);
	tcp_conn_set_md5(&uc, true, unow);
	CHECK_EQ(uc.snd.mss, 516);
	CHECK_EQ(uc.snd.tso, 516);	/* a signature is of one segment */
}

TEST(rfc__mss_is_what_the_path_lets_us_receive)	/* MUST-14, MUST-67, SHLD-5, MAY-3 */
{
	tcp_conn_open(&uc, ISS, 0, 8960, 0, unow);
	CHECK_EQ(u_peek()->opt.has & TCPO_MSS, TCPO_MSS);
	CHECK_EQ(u_peek()->opt.mss, 8960);
	u_reset();
	tcp_conn_open(&uc, ISS, 0, 536, 0, unow);
	CHECK_EQ(u_peek()->opt.has & TCPO_MSS, TCPO_MSS);
}

/* ---- closing ---- */

TEST(rfc__rst_with_data_resets)	/* SHLD-2 */
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(u_in("RA", 1, 1, 40, 0), TCP_ARR_RESET);
	CHECK_EQ(u_error, ECONNRESET);
	CHECK_EQ(u_delivered, 0);
}

TEST(rfc__timestamps_shorten_time_wait)	/* SHLD-4, RFC 6191 */
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_TS, .mss = MSS, .tsval = 100 };
	struct tcp_segin in = { .flags = TCPF_SYN, .n_segs = 1 };
	struct tcp_segout out;
	struct tcp_tw tw;
	u32 iss = 0;

	up.timestamps = true;
	up.tw_reuse = 1;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	opt.tsecr = u_peek()->opt.tsval;
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	tcp_conn_shutdown(&uc, unow);
	opt.has = TCPO_TS;
	u_in_opt("FA", 1, 2, 0, 50000, &opt);
	CHECK_EQ(uc.state, TCPS_TIME_WAIT);
	tcp_tw_from_conn(&tw, &uc, unow);
	/* Ours: not in the same second; then with numbers above. */
	CHECK(!tcp_tw_reusable(&up, &tw, false, &iss, unow));
	CHECK(tcp_tw_reusable(&up, &tw, true, &iss, unow));
	unow += SEC;
	CHECK(tcp_tw_reusable(&up, &tw, false, &iss, unow));
	CHECK(seq_gt(iss, tw.snd_nxt));
	/* The peer's: a SYN below the window, but with a later timestamp. */
	in.seq = IRS - 1000;
	in.opt.has = TCPO_TS;
	in.opt.tsval = 50;
	CHECK_EQ(tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow), TCP_TW_REPLY);
	in.opt.tsval = 101;
	CHECK_EQ(tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow), TCP_TW_REOPEN);
}

/* ---- retransmission ---- */

TEST(rfc__slow_start_and_congestion_avoidance)	/* MUST-19 */
{
	u32 at = 1, cwnd;
	int i;

	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 4;
	uc.cong.ssthresh = 8;
	u_wrote(1000000, true, false);
	u_flush();
	for (i = 0; i < 4; i++, at += 1000) {
		u_at(1);
		u_in("A", 1, at + 1000, 0, 65535);
	}
	CHECK_EQ(uc.cong.cwnd, 8);	/* one for each that arrived */
	cwnd = uc.cong.cwnd;
	for (i = 0; i < 8; i++, at += 1000) {
		u_at(1);
		u_in("A", 1, at + 1000, 0, 65535);
	}
	CHECK_EQ(uc.cong.cwnd, cwnd + 1);	/* one a round trip */
	u_at(3000);
	CHECK_EQ(uc.cong.ssthresh, 4);
	CHECK_EQ(uc.cong.cwnd, 1);
}

/* Until R1, until R2: at least 3 retransmissions, at least 100 seconds. */
TEST(rfc__r1_and_r2)	/* MUST-20, SHLD-10, SHLD-11 */
{
	u32 n = 0;

	u_state(TCPS_ESTABLISHED);
	u_write(100);
	u_drop();
	u_events = 0;
	while (!(u_events & 1U << TCP_EV_PATH) && n < 100000) {
		u_at(10);
		n++;
	}
	CHECK_EQ(uc.rtt.timeouts, 3);
	CHECK_EQ(u_error, 0);
	u_at(100000 - n * 10);
	CHECK_EQ(u_error, 0);
	u_at(2000000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(rfc__retransmissions_are_told)	/* SHLD-9: to who asks */
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	u_write(100);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.retransmits, 0);
	u_at(2000);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.retransmits, uc.rtt.timeouts);
	CHECK(info.retransmits >= 3);
	CHECK_EQ(info.total_retrans, info.retransmits);
}

TEST(rfc__r2_is_the_users)	/* MUST-21 */
{
	u_state(TCPS_ESTABLISHED);
	up.retries2 = 3;
	u_write(100);
	u_at(1000);
	CHECK_EQ(u_error, 0);
	u_at(6000);
	CHECK_EQ(u_error, ETIMEDOUT);
	u_reset();
	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 3600 * 1000;
	u_write(100);
	u_at(3500 * 1000);
	CHECK_EQ(u_error, 0);
	u_at(400 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* The default is Linux's (131 s); who wants the three minutes of the RFC says so by TCP_SYNCNT. */
TEST(rfc__syn_is_repeated_for_three_minutes_if_asked)	/* MUST-22, MUST-23 */
{
	up.syn_linear_timeouts = 4;
	u_state(TCPS_SYN_SENT);
	u_at(67 * 1000 + 1);
	CHECK_EQ(uc.rtt.timeouts, 10);
	u_at(64 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
	u_reset();
	up.syn_linear_timeouts = 4;
	u_state(TCPS_SYN_SENT);
	uc.user.syn_retries = 8;
	u_at(180 * 1000);
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
	u_at(600 * 1000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* ---- ACKs ---- */

TEST(rfc__all_that_is_queued_is_processed_before_the_ack)	/* MUST-59, MAY-13 */
{
	u32 i;

	u_state(TCPS_ESTABLISHED);
	for (i = 0; i < 5; i++) {
		u_in("A", 1001 + i * 1000, 1, 1000, 50000);
		OUT("A", 1, 0, 1);
	}
	u_in("A", 1, 1, 1000, 50000);
	OUT("A", 1, 0, 6001);
	NONE();
	/* A burst is one ACK. */
	for (i = 0; i < 5; i++)
		u_in_opt("A", 6001 + i * 1000, 1, 1000, 50000, NULL);
	u_flush();
	OUT("A", 1, 0, 11001);
	NONE();
}

TEST(rfc__ack_waits_less_than_half_a_second)	/* MUST-40, SHLD-18 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 1000, 50000);
	while (uc.ackd.quick) {
		u_in("A", uc.rcv.nxt - IRS, 1, 1000, 50000);
		u_at(1);
	}
	u_at(1000);
	u_drop();
	uc.rtt.rto_us = 60 * 1000 * 1000;	/* the delay follows it, but within bounds */
	uc.ackd.ato_us = 30 * 1000 * 1000;
	uc.ackd.last_us = tcp_us(unow);
	u_in("A", uc.rcv.nxt - IRS, 1, 100, 50000);
	NONE();
	u_at(499);
	CHECK(u_peek());
}

/* ---- keep-alive ---- */

TEST(rfc__keepalive_bears_lost_answers)	/* MUST-29, SHLD-12 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.keepalive = true;
	uc.user.keep_idle_ms = 1000;
	uc.user.keep_intvl_ms = 1000;
	uc.user.keep_probes = 5;
	tcp_conn_user_changed(&uc, unow);
	u_at(4500);
	OUT("A", 0, 0, 1);
	OUT("A", 0, 0, 1);
	OUT("A", 0, 0, 1);
	OUT("A", 0, 0, 1);
	u_in("A", 1, 1, 0, 50000);
	u_at(4500);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(u_error, 0);
}

TEST(rfc__keepalive_only_when_idle)	/* MUST-26 */
{
	u32 i;

	u_state(TCPS_ESTABLISHED);
	uc.user.keepalive = true;
	uc.user.keep_idle_ms = 1000;
	tcp_conn_user_changed(&uc, unow);
	for (i = 0; i < 20; i++) {
		u_in("A", uc.rcv.nxt - IRS, 1, 10, 50000);
		u_at(900);
	}
	while (u_peek()) {
		CHECK_EQ(u_peek()->seq, ISS + 1);	/* ACKs, and no probe */
		u_next();
	}
}

/* ---- ICMP ---- */

TEST(rfc__soft_errors_inform_and_do_not_abort)	/* MUST-54, MUST-56, SHLD-25 */
{
	static const int soft[] = { ENETUNREACH, EHOSTUNREACH, EPROTO };
	u32 i;

	for (i = 0; i < 3; i++) {
		u_reset();
		u_state(TCPS_ESTABLISHED);
		u_write(100);
		tcp_conn_icmp(&uc, ISS + 1, soft[i], false, 0, unow);
		CHECK_EQ(uc.state, TCPS_ESTABLISHED);
		CHECK(u_events & 1U << TCP_EV_SOFT_ERROR);
		CHECK_EQ(u_error, 0);
	}
}

TEST(rfc__hard_errors_end_an_open_in_progress_alone)	/* SHLD-26; RFC 5927 5.2 */
{
	u_state(TCPS_SYN_SENT);
	tcp_conn_icmp(&uc, ISS, ECONNREFUSED, true, 0, unow);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK_EQ(u_error, ECONNREFUSED);
	u_reset();
	u_state(TCPS_ESTABLISHED);
	u_write(100);
	tcp_conn_icmp(&uc, ISS + 1, ECONNREFUSED, true, 0, unow);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
}

/* ---- RFC 5961 ---- */

TEST(rfc__blind_data_injection_is_refused)	/* MAY-12 */
{
	static const u32 guess[] = { 0x80000000, 0x40000000, 0xc0000000, 0x10000 };
	u32 i;

	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_in("A", 1, 1001, 0, 50000);
	u_drop();
	for (i = 0; i < 4; i++) {
		CHECK_EQ(u_in("A", 1, 1001 + guess[i], 100, 50000), TCP_ARR_ACK);
		CHECK_EQ(u_in("A", 1, 1001 - guess[i], 100, 50000), TCP_ARR_ACK);
	}
	CHECK_EQ(u_delivered, 0);
	CHECK_EQ(uc.rcv.nxt, IRS + 1);
}
