// SPDX-License-Identifier: GPL-2.0
/* Opening: active, passive (half.c), simultaneous; what SYNs agree on; SYN time-outs. */
#include "unit.h"

TEST(open__active_sends_syn_and_completes)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = 900 };

	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	CHECK_EQ(u_peek()->opt.mss, MSS);
	OUT("S", 0, 0, 0);
	u_in_opt("SA", 0, 1, 0, 5000, &opt);
	u_flush();
	OUT("A", 1, 0, 1);
	NONE();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.snd.mss, 900);
	CHECK_EQ(uc.snd.wnd, 5000);
	CHECK(!(uc.opts & TCPO_SACK_PERM));
}

TEST(open__no_mss_option_means_536)	/* MUST-15 */
{
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_in("SA", 0, 1, 0, 5000);
	CHECK_EQ(uc.snd.mss, 536);
}

/* What the route says goes before the path's MTU and the namespace's settings. */
TEST(open__route_bounds_syn_and_first_flight)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = MSS };

	uc.route = (struct tcp_route) { .advmss = 600, .init_rwnd = 3, .init_cwnd = 2 };
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	CHECK_EQ(u_peek()->opt.mss, 600);
	CHECK_EQ(u_peek()->wnd, 1800);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
	CHECK_EQ(uc.cong.cwnd, 2);
	CHECK_EQ(uc.snd.mss, MSS);
	u_write(5 * MSS);
	OUT("A", 1, MSS, 1);
	OUT("A", 1 + MSS, MSS, 1);
	NONE();
}

TEST(open__route_bounds_the_timeout_from_below)
{
	uc.route.rto_min_us = 700000;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_at(10);
	u_in("SA", 0, 1, 0, 50000);
	CHECK(uc.rtt.rto_us >= 700000);
}

TEST(open__route_wants_quick_acks)
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 100, 5000);
	u_flush();
	u_drop();
	uc.ackd.quick = 0;
	u_in("A", 101, 1, 100, 5000);
	u_flush();
	NONE();
	uc.route.quickack = true;
	u_in("A", 201, 1, 100, 5000);
	u_flush();
	OUT("A", 1, 0, 301);
}

TEST(open__small_first_window_bounds_the_mss_until_it_grows)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = MSS };

	u_reset();
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_drop();
	/* Its half, rounded down. */
	u_in_opt("SA", 0, 1, 0, 1401, &opt);
	CHECK_EQ(uc.snd.mss, 700);
	u_write(700);
	u_in("A", 1, 701, 0, 50000);
	CHECK_EQ(uc.snd.mss, MSS);
}

TEST(open__syn_sent_bad_ack_gets_rst)
{
	u_state(TCPS_SYN_SENT);
	u_in("SA", 0, 2, 0, 5000);
	OUT("R", 2, 0, 0);
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
	u_in("RA", 0, 7, 0, 5000);
	NONE();
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
}

TEST(open__syn_sent_rst_refuses)
{
	u_state(TCPS_SYN_SENT);
	u_in("R", 0, 0, 0, 0);
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
	CHECK_EQ(u_in("RA", 0, 1, 0, 0), TCP_ARR_RESET);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK_EQ(u_error, ECONNREFUSED);
}

TEST(open__simultaneous)	/* Figure 8 */
{
	u_state(TCPS_SYN_SENT);
	u_in("S", 0, 0, 0, 5000);
	OUT("SA", 0, 0, 1);
	CHECK_EQ(uc.state, TCPS_SYN_RECEIVED);
	u_in("SA", 0, 1, 0, 5000);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	OUT("A", 1, 0, 1);
	u_in("A", 1, 1, 0, 5000);
	NONE();
}

/* Its text begins behind the SYN, and its window is not scaled. */
TEST(open__simultaneous_with_text_in_the_syn_ack)	/* 3.10.7.4; RFC 7323 2.2 */
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_WSCALE, .mss = MSS, .wscale = 3 };

	up.wscale = true;
	u_state(TCPS_SYN_SENT);
	u_in_opt("S", 0, 0, 0, 5000, &opt);
	u_drop();
	CHECK_EQ(u_in_opt("SA", 0, 1, 100, 5000, &opt), TCP_ARR_TAKEN);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(u_delivered, 100);
	CHECK_EQ(uc.rcv.nxt, IRS + 101);
	CHECK_EQ(uc.snd.wnd, 5000);
}

TEST(open__syn_repeated_with_backoff_then_gives_up)
{
	u32 n = 0;

	up.syn_linear_timeouts = 0;
	u_state(TCPS_SYN_SENT);
	u_at(999);
	NONE();
	u_at(2);
	OUT("S", 0, 0, 0);
	u_at(1990);
	NONE();
	u_at(20);
	OUT("S", 0, 0, 0);
	u_at(200000);
	while (u_peek() && u_out("S", 0, 0, 0))
		n++;
	CHECK_EQ(n, 4);
	CHECK_EQ(u_error, ETIMEDOUT);
	CHECK_EQ(uc.state, TCPS_CLOSED);
}

TEST(open__text_and_fin_with_synack)
{
	u_state(TCPS_SYN_SENT);
	CHECK_EQ(u_in("SFA", 0, 1, 100, 5000), TCP_ARR_TAKEN);
	CHECK_EQ(uc.state, TCPS_CLOSE_WAIT);
	CHECK_EQ(u_delivered, 100);
	OUT("A", 1, 0, 102);
}

TEST(open__shutdown_in_syn_sent_deletes)
{
	u_state(TCPS_SYN_SENT);
	tcp_conn_shutdown(&uc, unow);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	NONE();
}

TEST(open__close_in_syn_received_waits_for_establishment)
{
	u_state(TCPS_SYN_RECEIVED);
	tcp_conn_shutdown(&uc, unow);
	CHECK_EQ(uc.state, TCPS_SYN_RECEIVED);
	u_in("A", 1, 1, 0, 5000);
	OUT("FA", 1, 0, 1);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_1);
}

TEST(open__window_of_syn_is_not_scaled)
{
	struct tcp_options opt = { .has = TCPO_WSCALE, .wscale = 7 };

	up.wscale = true;
	tcp_conn_open(&uc, ISS, 0, MSS, 3, unow);
	u_in_opt("SA", 0, 1, 0, 1000, &opt);
	CHECK_EQ(uc.snd.wnd, 1000);
	u_in("A", 1, 1, 0, 1000);
	CHECK_EQ(uc.snd.wnd, 128000);
}

TEST(open__clock_starts_ts_echo)
{
	struct tcp_options opt = { .has = TCPO_TS, .tsval = 77 };

	up.timestamps = true;
	tcp_conn_open(&uc, ISS, 5, MSS, 0, unow);
	opt.tsecr = u_peek()->opt.tsval;
	CHECK_EQ(opt.tsecr, (u32)(unow / MS) + 5);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 5000, &opt);
	u_flush();
	CHECK_EQ(u_peek()->opt.tsecr, 77);
	CHECK_EQ(uc.snd.mss, 536 - 12);
}

TEST(open__echo_of_the_future_is_refused)	/* RFC 7323 5.3 */
{
	struct tcp_options opt = { .has = TCPO_TS, .tsval = 77 };

	up.timestamps = true;
	tcp_conn_open(&uc, ISS, 5, MSS, 0, unow);
	opt.tsecr = u_peek()->opt.tsval + 1;
	u_drop();
	CHECK_EQ(u_in_opt("SA", 0, 1, 0, 5000, &opt), TCP_ARR_ACK);
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
	CHECK_EQ(u_mib, LINUX_MIB_PAWSACTIVEREJECTED);
	OUT("R", 1, 0, 0);
	opt.tsecr--;
	u_in_opt("SA", 0, 1, 0, 5000, &opt);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
}

/* ---- passive ---- */

static struct tcp_half h;
static struct tcp_segout out;

static enum tcp_half_verdict listen_in(u8 flags, u32 seq, u32 ack)
{
	struct tcp_segin in = { .seq = IRS + seq, .ack = ISS + ack, .flags = flags, .wnd = 4000,
				.n_segs = 1 };

	memset(&h, 0, sizeof(h));
	h.iss = ISS;
	h.rcv_wnd = 30000;
	h.advmss = MSS;
	return tcp_listen_arrives(&up, &in, &h, &out, unow);
}

static enum tcp_half_verdict half_in(u8 flags, u32 seq, u32 ack, u32 len)
{
	struct tcp_segin in = { .seq = IRS + seq, .ack = ISS + ack, .flags = flags, .wnd = 4000,
				.len = len, .n_segs = 1 };

	return tcp_half_arrives(&up, &h, &in, &out, unow);
}

TEST(listen__rst_ignored_ack_reset_syn_answered)	/* 3.10.7.2 */
{
	CHECK_EQ(listen_in(TCPF_RST, 0, 0), TCP_HALF_DROP);
	CHECK_EQ(listen_in(TCPF_ACK, 5, 9), TCP_HALF_GONE_REPLY);
	CHECK_EQ(out.flags, TCPF_RST);
	CHECK_EQ(out.seq, ISS + 9);
	CHECK_EQ(listen_in(0, 5, 9), TCP_HALF_DROP);
	CHECK_EQ(listen_in(TCPF_SYN, 0, 0), TCP_HALF_REPLY);
	CHECK_EQ(out.flags, TCPF_SYN | TCPF_ACK);
	CHECK_EQ(out.seq, ISS);
	CHECK_EQ(out.ack, IRS + 1);
}

TEST(half__steps)
{
	listen_in(TCPF_SYN, 0, 0);
	CHECK_EQ(half_in(TCPF_SYN, 0, 0, 0), TCP_HALF_REPLY);
	CHECK_EQ(out.flags, TCPF_SYN | TCPF_ACK);
	CHECK_EQ(half_in(TCPF_ACK, 40000, 1, 0), TCP_HALF_REPLY);
	CHECK_EQ(out.flags, TCPF_ACK);
	CHECK_EQ(half_in(TCPF_RST, 40000, 1, 0), TCP_HALF_DROP);
	CHECK_EQ(half_in(TCPF_RST, 10, 1, 0), TCP_HALF_REPLY);
	CHECK_EQ(out.flags, TCPF_ACK);
	CHECK_EQ(half_in(0, 1, 1, 5), TCP_HALF_DROP);
	CHECK_EQ(half_in(TCPF_ACK, 1, 5, 0), TCP_HALF_REPLY);
	CHECK_EQ(out.flags, TCPF_RST);
	CHECK_EQ(out.seq, ISS + 5);
	CHECK_EQ(half_in(TCPF_RST, 1, 1, 0), TCP_HALF_GONE);
	CHECK_EQ(half_in(TCPF_SYN, 9, 0, 0), TCP_HALF_GONE);
	CHECK_EQ(half_in(TCPF_ACK, 1, 1, 0), TCP_HALF_OPEN);
}

TEST(half__becomes_a_connection)
{
	listen_in(TCPF_SYN, 0, 0);
	CHECK_EQ(half_in(TCPF_ACK, 1, 1, 700), TCP_HALF_OPEN);
	tcp_conn_from_half(&uc, &h, MSS, unow);
	CHECK_EQ(uc.state, TCPS_SYN_RECEIVED);
	CHECK_EQ(u_in("A", 1, 1, 700, 4000), TCP_ARR_TAKEN);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(u_delivered, 700);
}

TEST(half__synack_repeated_then_forgotten)
{
	int n = 0;

	listen_in(TCPF_SYN, 0, 0);
	CHECK_EQ(h.deadline_ns, unow + SEC);
	while (tcp_half_timer(&up, &h, &out, h.deadline_ns) == TCP_HALF_REPLY)
		n++;
	CHECK_EQ(n, 5);
}

TEST(closed__answers)	/* 3.10.7.1 */
{
	struct tcp_segin in = { .seq = 10, .ack = 20, .len = 5, .flags = TCPF_SYN | TCPF_FIN };

	CHECK(tcp_closed_arrives(&in, &out));
	CHECK_EQ(out.flags, TCPF_RST | TCPF_ACK);
	CHECK_EQ(out.seq, 0);
	CHECK_EQ(out.ack, 17);
	in.flags = TCPF_ACK;
	CHECK(tcp_closed_arrives(&in, &out));
	CHECK_EQ(out.flags, TCPF_RST);
	CHECK_EQ(out.seq, 20);
	in.flags = TCPF_RST;
	CHECK(!tcp_closed_arrives(&in, &out));
}

/* tcp_syn_linear_timeouts: more SYNs in the time that tcp_syn_retries would take, not more time. */
TEST(open__linear_syns_do_not_wait_longer)
{
	up.syn_linear_timeouts = 4;
	up.syn_retries = 1;
	u_state(TCPS_SYN_SENT);
	u_at(1010);
	OUT("S", 0, 0, 0);
	u_at(1000);
	OUT("S", 0, 0, 0);
	CHECK_EQ(u_error, 0);
	u_at(1000);
	NONE();
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(open__time_out_after_a_lost_syn_is_three_seconds)	/* RFC 6298 5.7 */
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = MSS };

	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_at(1100);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
	CHECK_EQ(uc.rtt.rto_us, 3000000);
	u_write(500);
	OUT("PA", 1, 500, 1);
	u_at(2990);
	NONE();
	u_at(20);
	OUT("PA", 1, 500, 1);
}

/* The SYN-ACK comes while a writer waits for it: it is not acknowledged at once. */
static void open_for_writer(void)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = MSS };

	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	tcp_conn_writer_waits(&uc, true);
	u_drop();
	u_at(10);
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	NONE();
}

TEST(open__text_of_a_writer_who_waited_takes_the_ack_along)
{
	open_for_writer();
	tcp_conn_writer_waits(&uc, false);
	u_write(500);
	OUT("PA", 1, 500, 1);
	/* He answers: what comes is acknowledged with the answer. */
	u_at(10);
	u_in("A", 1, 501, 500, 50000);
	NONE();
	u_write(500);
	OUT("PA", 501, 500, 501);
}

TEST(open__syn_ack_is_acknowledged_though_the_writer_has_gone)
{
	open_for_writer();
	u_at(50);
	OUT("A", 1, 0, 1);
}
