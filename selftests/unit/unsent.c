// SPDX-License-Identifier: GPL-2.0
/* What the host does not take: no memory, a full queue. */
#include "unit.h"

TEST(unsent__no_memory_is_tried_again)
{
	u_state(TCPS_ESTABLISHED);
	u_no_memory = true;
	u_write(500);
	NONE();
	u_no_memory = false;
	u_at(300);
	OUT("PA", 1, 500, 1);
}

TEST(unsent__segment_that_did_not_leave_is_unsent)
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

TEST(unsent__fin_that_did_not_leave_is_unsent)
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

TEST(unsent__bare_fin_that_did_not_leave_is_unsent)
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

TEST(unsent__rest_that_did_not_leave_goes_with_the_next_ack)
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

TEST(unsent__host_that_takes_nothing_is_asked_twice_a_second)
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
TEST(unsent__host_that_takes_nothing_for_a_minute_ends_nothing)	/* SHLD-11 */
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

TEST(unsent__window_probe_that_did_not_leave_backs_nothing_off)
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
