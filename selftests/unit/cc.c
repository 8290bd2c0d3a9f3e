// SPDX-License-Identifier: GPL-2.0
/* Congestion control: DCTCP's two halves, pacing, delivery rate. Round trip: 10 ms. */
#include "unit.h"

#define CE	3
#define ECT0	2

static void ecn_open(const struct tcp_cc_ops *cc)
{
	const struct tcp_options opt = { .has = TCPO_SACK_PERM | TCPO_MSS, .mss = MSS };
	struct tcp_segout *syn;

	u_reset();
	tcp_conn_set_cc(&uc, cc, unow);
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	syn = u_peek();
	CHECK(syn && syn->flags & TCPF_ECE && syn->flags & TCPF_CWR);
	CHECK_EQ(syn->ecn, ECT0);
	u_drop();
	u_at(10);
	u_in_opt("SAE", 0, 1, 0, 50000, &opt);
	u_flush();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.cong.ops, (size_t)cc);
	u_drop();
}

/* Text of 1000 octets, marked or not. */
static void text(u32 seq, u8 ecn)
{
	u_ecn = ecn;
	u_in_opt("A", seq, 1, 1000, 50000, NULL);
	u_ecn = 0;
}

TEST(dctcp__echo_follows_each_mark)	/* RFC 8257 3.2 */
{
	struct tcp_segout *out;

	ecn_open(&tcp_cc_dctcp);
	uc.ackd.quick = 0;
	uc.ackd.ato_us = 40000;
	uc.ackd.last_us = tcp_us(unow);
	text(1, ECT0);
	u_flush();
	NONE();				/* delayed */
	uc.ackd.quick = 0;
	text(1001, CE);
	out = u_peek();			/* what came unmarked, at once and without ECE */
	CHECK(out && !(out->flags & TCPF_ECE));
	CHECK_EQ(out->ack - IRS, 1001);
	u_drop();
	u_flush();
	out = u_peek();			/* and the mark */
	CHECK(out && out->flags & TCPF_ECE);
	CHECK_EQ(out->ack - IRS, 2001);
	CHECK_EQ(out->ecn, ECT0);
	u_drop();
	/* It stays so until an unmarked packet comes, CWR or not. */
	u_ecn = CE;
	u_in_opt("AC", 2001, 1, 1000, 50000, NULL);
	text(3001, CE);
	u_at(200);
	out = u_peek();
	CHECK(out && out->flags & TCPF_ECE);
	u_drop();
	text(4001, ECT0);
	u_flush();
	out = u_peek();
	CHECK(out && !(out->flags & TCPF_ECE));
}

/* Sends @n packets and acknowledges them one by one, @marked of them with ECE. */
static void window(u32 n, u32 marked)
{
	u32 i, from = uc.snd.una - ISS;

	u_write(n * 1000);
	u_drop();
	u_at(10);
	for (i = 1; i <= n; i++)
		u_in(i <= marked ? "AE" : "A", 1, from + i * 1000, 0, 50000);
	u_drop();
}

static u32 alpha(void)
{
	u32 info[4] = {};

	return uc.cong.ops->info(&uc.cong, info, sizeof(info)) == sizeof(info) ? info[1] : ~0U;
}

TEST(dctcp__alpha_follows_the_marks)	/* RFC 8257 3.3 */
{
	u32 before;

	ecn_open(&tcp_cc_dctcp);
	/* The first ACK of a lone flight ends the window before, its last its own. */
	window(4, 0);
	before = alpha();
	CHECK(before <= 1024);
	window(4, 0);
	before -= before / 16;
	CHECK_EQ(alpha(), before - before / 16);
	while (alpha())
		window(2, 0);
	/* All of a window marked: a sixteenth of 1024 more; here of two windows. */
	window(4, 4);
	CHECK_EQ(alpha(), 64 - 4 + 64);
}

TEST(dctcp__reduction_is_by_alpha)
{
	u32 cwnd;

	ecn_open(&tcp_cc_dctcp);
	while (alpha() > 256)
		window(4, 0);
	uc.cong.cwnd = 100;
	uc.cong.most = 100;
	cwnd = uc.cong.cwnd;
	window(4, 1);
	CHECK(uc.cong.ssthresh < cwnd);
	CHECK(uc.cong.ssthresh >= cwnd - cwnd / 8);
}

TEST(dctcp__loss_is_halved)	/* RFC 8257 3.4 */
{
	ecn_open(&tcp_cc_dctcp);
	while (alpha())
		window(2, 0);
	uc.cong.cwnd = 40;
	uc.cong.most = 40;
	u_write(10000);
	u_at(500);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	CHECK_EQ(uc.cong.ssthresh, 20);
}

TEST(dctcp__syn_ack_of_both_ends_open_is_ect)	/* RFC 8257 4 */
{
	struct tcp_segout *out;

	u_reset();
	tcp_conn_set_cc(&uc, &tcp_cc_dctcp, unow);
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_drop();
	u_in("SEC", 0, 0, 0, 5000);
	out = u_peek();
	CHECK(out);
	CHECK_EQ(out->flags, TCPF_SYN | TCPF_ACK | TCPF_ECE);
	CHECK_EQ(out->ecn, ECT0);
}

TEST(dctcp__needs_ecn)
{
	u_reset();
	tcp_conn_set_cc(&uc, &tcp_cc_dctcp, unow);
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_at(10);
	u_in("SA", 0, 1, 0, 50000);
	CHECK_EQ(strcmp(uc.cong.ops->name, "dctcp-reno"), 0);
	CHECK(!(uc.cong.ecn & TCP_ECN_OK));
}

TEST(cc__delivery_rate_is_the_path_s)
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	u_write(5000);
	u_at(10);
	u_in("A", 1, 5001, 0, 50000);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.delivery_rate, 500000);
	CHECK_EQ(info.delivered, 6);
	/* The user had no more to send. */
	CHECK_EQ(info.delivery_app_limited, 1);
	/* Now cwnd is the limit. */
	uc.cong.cwnd = 10;
	u_write(20000);
	u_at(10);
	u_in("A", 1, 15001, 0, 50000);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.delivery_rate, 1000000);
	CHECK_EQ(info.delivery_app_limited, 0);
}

TEST(cc__pacing_spreads_a_window)
{
	u32 n = 0, i;

	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_at(10);
	u_in("A", 1, 1001, 0, 50000);
	u_drop();
	uc.stat.data_out = 10;			/* the first are free */
	uc.user.max_pacing_rate = 100000;	/* 1000 octets each 10 ms */
	tcp_conn_user_changed(&uc, unow);
	uc.cong.cwnd = 100;
	u_write(20000);
	for (i = 0; i < 100; i++) {
		while (u_peek()) {
			struct tcp_segout *out = u_peek();

			n += out->len;
			u_skip();
		}
		u_at(1);
	}
	CHECK(n >= 9000);
	CHECK(n <= 13000);
	/* No bound any more: all at once. */
	uc.user.max_pacing_rate = U64_MAX;
	tcp_conn_user_changed(&uc, unow);
	u_flush();
	while (u_peek()) {
		n += u_peek()->len;
		u_skip();
	}
	CHECK_EQ(n, 20000);
}

TEST(info__what_holds_sending_back)
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	/* 30 ms on its way, then nothing. */
	u_write(1000);
	u_at(30);
	u_in("A", 1, 1001, 0, 50000);
	u_at(500);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.busy_time, 30000);
	CHECK_EQ(info.rwnd_limited, 0);
	/* 20 ms against a window of 2000, and again 20 with its end acknowledged. */
	u_in("A", 1, 1001, 0, 2000);
	u_write(5000);
	u_at(20);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.busy_time, 50000);
	CHECK_EQ(info.rwnd_limited, 20000);
	u_in("A", 1, 3001, 0, 50000);
	u_at(20);
	u_in("A", 1, 6001, 0, 50000);
	/* 10 ms in which the writer waits for room. */
	u_write(2000);
	tcp_conn_writer_waits(&uc, true);
	u_at(10);
	u_in("A", 1, 8001, 0, 50000);
	tcp_conn_writer_waits(&uc, false);
	u_at(100);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.rwnd_limited, 20000);
	CHECK_EQ(info.sndbuf_limited, 10000);
	CHECK_EQ(info.busy_time, 80000);
}

TEST(info__recoveries_from_time_outs)
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	up.frto = 0;
	u_write(1000);
	u_at(700);			/* at 210 and 630 ms */
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.total_rto, 2);
	CHECK_EQ(info.total_rto_recoveries, 1);
	CHECK_EQ(info.total_rto_time, 490);
	u_in("A", 1, 1001, 0, 50000);
	u_at(1000);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.total_rto_time, 490);
}

TEST(user__time_out_comes_in_time)	/* TCP_USER_TIMEOUT, RFC 9293 3.8.3 */
{
	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 1000;
	u_write(1000);
	/* The first time-out, at 210 ms, begins the count. */
	u_at(1205);
	CHECK(!u_error);
	u_at(10);
	CHECK_EQ(u_error, ETIMEDOUT);
}

TEST(user__quickack)
{
	u_delays_acks();
	u_in("A", 1, 1, 500, 50000);
	u_drop();
	uc.ackd.quick = 0;
	u_in("A", 501, 1, 20, 50000);
	NONE();
	tcp_conn_quickack(&uc, 1, unow);
	OUT("A", 1, 0, 521);
	CHECK(!uc.ackd.pingpong);
	tcp_conn_quickack(&uc, 0, unow);
	CHECK(uc.ackd.pingpong);
}

/* @n packets one by one, 1 ms apart, at 10 ms of round trip: the cubic has no time to grow. */
static void quick_acks(u32 n)
{
	struct tcp_cc_ack a = { .delivered = 1, .rtt_us = 10000, .min_rtt_us = 10000 };

	while (n--) {
		unow += MS;
		a.now_us = tcp_us(unow);
		uc.cong.ops->grow(&uc.cong, &a);
	}
}

/* @n packets arrive one by one, 7 ms apart, in congestion avoidance at 100 ms of round trip. */
static void cubic_acks(u32 n)
{
	struct tcp_cc_ack a = { .delivered = 1, .rtt_us = 100000, .min_rtt_us = 100000 };

	while (n--) {
		unow += 7 * MS;
		a.now_us = tcp_us(unow);
		uc.cong.ops->grow(&uc.cong, &a);
	}
}

/* RFC 9438 4.8: the plateau is where congestion avoidance starts; 4.3: 9/17 packets a window. */
TEST(cubic__time_out_forgets_the_maximum)
{
	tcp_conn_set_cc(&uc, &tcp_cc_cubic, unow);
	uc.cong.cwnd = 10;
	CHECK_EQ(uc.cong.ops->ssthresh(&uc.cong), 7);
	uc.cong.ops->phase(&uc.cong, TCP_CC_PHASE_LOSS);
	uc.cong.ssthresh = 7;
	uc.cong.cwnd = 7;
	cubic_acks(13);
	CHECK_EQ(uc.cong.cwnd, 7);
	cubic_acks(7);
	CHECK_EQ(uc.cong.cwnd, 8);
}

/* A loss is remembered: toward that maximum the window grows fast again. */
TEST(cubic__loss_remembers_the_maximum)	/* RFC 9438 4.2 */
{
	tcp_conn_set_cc(&uc, &tcp_cc_cubic, unow);
	uc.cong.cwnd = 100;
	uc.cong.ssthresh = uc.cong.ops->ssthresh(&uc.cong);
	CHECK_EQ(uc.cong.ssthresh, 70);
	uc.cong.cwnd = 70;
	cubic_acks(71);
	CHECK(uc.cong.cwnd > 73);
	CHECK(uc.cong.cwnd < 100);
}

/* From a window of @cwnd after a time-out at @prior: packets until it has grown by two. */
static u32 reno_friendly(u32 prior, u32 cwnd)
{
	u32 n = 0;

	tcp_conn_set_cc(&uc, &tcp_cc_reno, unow);
	tcp_conn_set_cc(&uc, &tcp_cc_cubic, unow);
	uc.cong.cwnd = prior;
	uc.cong.ops->ssthresh(&uc.cong);
	uc.cong.ops->phase(&uc.cong, TCP_CC_PHASE_LOSS);
	uc.cong.ssthresh = cwnd;
	uc.cong.cwnd = cwnd;
	for (; uc.cong.cwnd < cwnd + 2 && n < 1000; n++)
		quick_acks(1);
	return n;
}

/* 9/17 packets a window up to that of the loss, then as Reno a whole one. */
TEST(cubic__reno_friendly_increase)	/* RFC 9438 4.3 */
{
	CHECK_EQ(reno_friendly(8, 4), 17);
	CHECK_EQ(reno_friendly(4, 4), 10);
}

TEST(info__sndbuf_limited_once_all_is_sent)
{
	struct tcp_conn_info info;

	u_state(TCPS_ESTABLISHED);
	/* What the writer waits behind is more than cwnd: the path is what holds him. */
	u_write(15000);
	tcp_conn_writer_waits(&uc, true);
	u_at(10);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.sndbuf_limited, 0);
	u_in("A", 1, 6001, 0, 50000);
	u_at(10);
	u_in("A", 1, 15001, 0, 50000);
	tcp_conn_writer_waits(&uc, false);
	u_at(10);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.sndbuf_limited, 10000);
	CHECK_EQ(info.busy_time, 20000);
}

/* RFC 5681 3.1 equation 4 counts octets: half a packet is not lost, it is half way to the next. */
TEST(reno__half_a_packet_is_kept)
{
	struct tcp_cong g = { .cwnd = 11, .clamp = ~0U };

	g.ssthresh = tcp_cc_reno.ssthresh(&g);
	CHECK_EQ(g.ssthresh, 5);
	CHECK_EQ(g.cnt, 2);
	g = (struct tcp_cong){ .cwnd = 10, .clamp = ~0U };
	CHECK_EQ(tcp_cc_reno.ssthresh(&g), 5);
	CHECK_EQ(g.cnt, 0);
}
