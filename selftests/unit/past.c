// SPDX-License-Identifier: GPL-2.0
/* What a connection knows of its path beforehand, and what it leaves to the next one. */
#include "unit.h"

#define RTT_US	40000U	/* of the handshakes below */

/* Opens actively, @seed known; the SYN-ACK takes RTT_US. */
static void open_with(const struct tcp_past *seed)
{
	u_reset();
	tcp_conn_seed(&uc, seed);
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	u_drop();
	u_at(RTT_US / 1000);
	u_in("SA", 0, 1, 0, 50000);
	u_flush();
	u_drop();
}

/* A connection as it ends: without loss, a round trip of @srtt_us / 8 known. */
static void ended(u32 srtt_us, u32 mdev_us)
{
	u_reset();
	u_state(TCPS_ESTABLISHED);
	uc.rtt.srtt_us = srtt_us;
	uc.rtt.mdev_us = mdev_us;
	uc.rtt.backoff = 0;
	uc.cong.cwnd = 20;
}

TEST(past__longer_round_trip_sets_first_timeout)
{
	open_with(&(struct tcp_past) { .srtt_us = 8 * 300000 });
	/* SRTT + max(2 SRTT, rto_min), as after a first sample; the estimators are the SYN's. */
	CHECK_EQ(uc.rtt.rto_us, 900000);
	CHECK_EQ(uc.rtt.srtt_us, 8 * RTT_US);
	u_write(500);
	OUT("PA", 1, 500, 1);
	u_at(899);
	NONE();
	u_at(2);
	OUT("PA", 1, 500, 1);
}

TEST(past__first_sample_goes_by_itself)
{
	open_with(&(struct tcp_past) { .srtt_us = 8 * 300000 });
	u_write(500);
	u_at(RTT_US / 1000);
	u_in("A", 1, 501, 0, 50000);
	CHECK(uc.rtt.rto_us < 300000);
}

TEST(past__shorter_round_trip_is_not_believed)
{
	u32 rto;

	open_with(&(struct tcp_past) {});
	rto = uc.rtt.rto_us;
	open_with(&(struct tcp_past) { .srtt_us = 8 * 1000 });
	CHECK_EQ(uc.rtt.rto_us, rto);
}

TEST(past__first_timeout_is_bounded)
{
	open_with(&(struct tcp_past) { .srtt_us = ~0U });
	CHECK_EQ(uc.rtt.rto_us, up.rto_max_us);
}

TEST(past__threshold_and_reordering_are_taken)
{
	open_with(&(struct tcp_past) { .ssthresh = 14, .cwnd = 99, .reordering = 7 });
	CHECK_EQ(uc.cong.ssthresh, 14);
	CHECK_EQ(uc.loss.reordering, 7);
	CHECK_EQ(uc.cong.cwnd, up.init_cwnd);
}

TEST(past__nothing_known_changes_nothing)
{
	open_with(&(struct tcp_past) {});
	CHECK_EQ(uc.cong.ssthresh, TCP_SSTHRESH_NONE);
	CHECK_EQ(uc.loss.reordering, up.reordering);
}

TEST(past__round_trip_rises_at_once_and_falls_slowly)
{
	struct tcp_past p = {};

	ended(8000, 500);
	CHECK(tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.srtt_us, 8000);
	CHECK_EQ(p.var_us, 4000);
	ended(16000, 500);
	CHECK(tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.srtt_us, 16000);
	ended(8000, 500);
	CHECK(tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.srtt_us, 15000);
}

TEST(past__variance_rises_at_once_and_falls_slowly)
{
	struct tcp_past p = { .srtt_us = 8000, .var_us = 1000 };

	ended(8000, 5000);
	CHECK(tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.var_us, 5000);
	ended(8000, 1000);
	CHECK(tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.var_us, 4000);
}

TEST(past__no_round_trip_forgets_the_one_known)
{
	struct tcp_past p = { .srtt_us = 8000, .var_us = 1000, .cwnd = 5 };

	ended(0, 0);
	CHECK(!tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.srtt_us, 0);
	CHECK_EQ(p.cwnd, 5);
	p.srtt_us = 8000;
	ended(8000, 0);
	uc.rtt.backoff = 1;
	CHECK(!tcp_conn_learned(&uc, &p, false));
	CHECK_EQ(p.srtt_us, 0);
}

TEST(past__initial_slow_start_raises_only)
{
	struct tcp_past p = { .cwnd = 30, .ssthresh = 6 };

	ended(8000, 500);
	tcp_conn_learned(&uc, &p, true);
	CHECK_EQ(p.cwnd, 30);
	CHECK_EQ(p.ssthresh, 10);
	uc.cong.cwnd = 50;
	p.ssthresh = 0;
	tcp_conn_learned(&uc, &p, true);
	CHECK_EQ(p.cwnd, 50);
	CHECK_EQ(p.ssthresh, 0);
}

TEST(past__congestion_avoidance_averages)
{
	struct tcp_past p = { .cwnd = 40, .ssthresh = 100 };

	ended(8000, 500);
	uc.cong.ssthresh = 12;
	tcp_conn_learned(&uc, &p, true);
	CHECK_EQ(p.cwnd, 30);
	CHECK_EQ(p.ssthresh, 12);
	uc.cong.ssthresh = 4;
	tcp_conn_learned(&uc, &p, true);
	CHECK_EQ(p.ssthresh, 10);
}

TEST(past__recovery_leaves_its_aim)
{
	struct tcp_past p = { .cwnd = 40, .ssthresh = 8 };

	ended(8000, 500);
	uc.cong.ssthresh = 12;
	uc.loss.phase = TCP_PHASE_RECOVERY;
	uc.loss.reordering = 9;
	tcp_conn_learned(&uc, &p, true);
	CHECK_EQ(p.cwnd, 26);
	CHECK_EQ(p.ssthresh, 12);
	CHECK_EQ(p.reordering, 9);
}

/* tcp_no_ssthresh_metrics_save. */
TEST(past__threshold_only_if_wanted)
{
	struct tcp_past p = { .ssthresh = 8 };

	ended(8000, 500);
	uc.cong.ssthresh = 12;
	tcp_conn_learned(&uc, &p, false);
	CHECK_EQ(p.ssthresh, 8);
	uc.cong.cwnd = 3;
	tcp_conn_learned(&uc, &p, false);
	CHECK_EQ(p.ssthresh, 8);
}

#define LEARNED (1U << TCP_EV_LEARNED)

TEST(past__told_when_it_ends_in_order)
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_shutdown(&uc, unow);
	u_in("A", 1, 2, 0, 50000);
	CHECK(!(u_events & LEARNED));
	u_in("FA", 1, 2, 0, 50000);
	CHECK(u_events & LEARNED);

	u_reset();
	u_state(TCPS_ESTABLISHED);
	u_in("FA", 1, 1, 0, 50000);
	tcp_conn_shutdown(&uc, unow);
	CHECK(!(u_events & LEARNED));
	u_in("A", 2, 2, 0, 50000);
	CHECK(u_events & LEARNED);

	u_reset();
	u_state(TCPS_ESTABLISHED);
	tcp_conn_close(&uc, 0, unow);
	u_in("A", 1, 2, 0, 50000);
	CHECK(u_events & LEARNED);
}

TEST(past__not_told_when_it_ends_otherwise)
{
	u_state(TCPS_ESTABLISHED);
	u_in("R", 1, 0, 0, 0);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK(!(u_events & LEARNED));

	u_reset();
	u_state(TCPS_ESTABLISHED);
	tcp_conn_abort(&uc, unow);
	CHECK(!(u_events & LEARNED));

	u_reset();
	u_state(TCPS_FIN_WAIT_2);
	uc.user.linger2_ms = -1;
	tcp_conn_close(&uc, 0, unow);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK(!(u_events & LEARNED));
}
