// SPDX-License-Identifier: GPL-2.0
/* Closing: both half-closes, simultaneous close, abort, unread text, orphans; TIME-WAIT. */
#include "unit.h"

TEST(close__active_first)	/* Figure 12 */
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_shutdown(&uc, unow);
	OUT("FA", 1, 0, 1);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_1);
	u_in("A", 1, 2, 0, 50000);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_2);
	u_in("A", 1, 2, 300, 50000);
	CHECK_EQ(u_delivered, 300);
	u_drop();
	u_in("FA", 301, 2, 0, 50000);
	OUT("A", 2, 0, 302);
	CHECK_EQ(uc.state, TCPS_TIME_WAIT);
	CHECK(u_events & 1U << TCP_EV_TIME_WAIT);
}

TEST(close__passive)
{
	u_state(TCPS_ESTABLISHED);
	u_in("FA", 1, 1, 0, 50000);
	OUT("A", 1, 0, 2);
	CHECK_EQ(uc.state, TCPS_CLOSE_WAIT);
	u_write(500);
	OUT("PA", 1, 500, 2);
	tcp_conn_shutdown(&uc, unow);
	OUT("FA", 501, 0, 2);
	CHECK_EQ(uc.state, TCPS_LAST_ACK);
	u_in("A", 2, 502, 0, 50000);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK(u_events & 1U << TCP_EV_CLOSED);
}

TEST(close__simultaneous)	/* Figure 13 */
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_shutdown(&uc, unow);
	u_drop();
	u_in("FA", 1, 1, 0, 50000);
	OUT("A", 2, 0, 2);
	CHECK_EQ(uc.state, TCPS_CLOSING);
	u_in("A", 2, 2, 0, 50000);
	CHECK_EQ(uc.state, TCPS_TIME_WAIT);
}

TEST(close__fin_and_ack_of_fin_in_one)
{
	u_state(TCPS_FIN_WAIT_1);
	u_in("FA", 1, 2, 0, 50000);
	OUT("A", 2, 0, 2);
	CHECK_EQ(uc.state, TCPS_TIME_WAIT);
}

TEST(close__fin_follows_queued_text)
{
	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 2;
	u_write(3500);
	tcp_conn_shutdown(&uc, unow);
	OUT("A", 1, 1000, 1);
	OUT("A", 1001, 1000, 1);
	NONE();
	u_in("A", 1, 2001, 0, 50000);
	OUT("FA", 2001, 1500, 1);
	CHECK_EQ(uc.snd.nxt, ISS + 3502);
}

TEST(close__fin_is_sent_again)
{
	u_state(TCPS_FIN_WAIT_1);
	u_at(300);
	OUT("FA", 1, 0, 1);
}

TEST(close__unread_text_resets)	/* RFC 2525 2.17 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("A", 1, 1, 100, 50000);
	u_drop();
	tcp_conn_close(&uc, 100, unow);
	OUT("RA", 1, 0, 101);
	CHECK_EQ(uc.state, TCPS_CLOSED);
}

TEST(close__text_for_an_orphan_resets)
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_close(&uc, 0, unow);
	OUT("FA", 1, 0, 1);
	u_in("A", 1, 1, 100, 50000);
	OUT("R", 1, 0, 0);
	CHECK_EQ(uc.state, TCPS_CLOSED);
}

TEST(close__abort_sends_rst_where_the_rfc_does)	/* 3.10.5 */
{
	static const u8 with[] = { TCPS_SYN_RECEIVED, TCPS_ESTABLISHED, TCPS_FIN_WAIT_1,
				   TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT };
	unsigned int i;

	for (i = 0; i < sizeof(with); i++) {
		u_reset();
		u_state(with[i]);
		tcp_conn_abort(&uc, unow);
		CHECK(u_peek() && u_peek()->flags & TCPF_RST);
		CHECK_EQ(uc.state, TCPS_CLOSED);
	}
	u_reset();
	u_state(TCPS_SYN_SENT);
	tcp_conn_abort(&uc, unow);
	NONE();
}

TEST(close__orphan_in_fin_wait_2_becomes_a_record)
{
	struct tcp_tw tw;

	u_state(TCPS_ESTABLISHED);
	tcp_conn_close(&uc, 0, unow);
	u_in("A", 1, 2, 0, 50000);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_2);
	CHECK(u_events & 1U << TCP_EV_TIME_WAIT);
	tcp_tw_from_conn(&tw, &uc, unow);
	CHECK_EQ(tw.state, TCPS_FIN_WAIT_2);
}

TEST(close__orphan_waits_longer_than_time_wait)
{
	struct tcp_tw tw;

	u_state(TCPS_ESTABLISHED);
	uc.user.linger2_ms = 75000;
	tcp_conn_close(&uc, 0, unow);
	u_in("A", 1, 2, 0, 50000);
	u_at(14000);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_2);
	CHECK(!(u_events & 1U << TCP_EV_TIME_WAIT));
	u_at(2000);
	CHECK(u_events & 1U << TCP_EV_TIME_WAIT);
	tcp_tw_from_conn(&tw, &uc, unow);
	CHECK_EQ(tw.state, TCPS_FIN_WAIT_2);
	CHECK_EQ(tw.deadline_ns, unow + 15 * SEC);
}

TEST(close__r2_ends_with_etimedout)	/* MUST-20 */
{
	u32 n = 0;

	u_state(TCPS_ESTABLISHED);
	u_write(100);
	u_drop();
	u_at(2000 * 1000);
	while (u_peek() && u_out("PA", 1, 100, 1))
		n++;
	CHECK_EQ(u_error, ETIMEDOUT);
	CHECK(n >= 3);		/* R1, at least three retransmissions */
	CHECK(u_events & 1U << TCP_EV_PATH);
}

TEST(close__user_timeout)
{
	u_state(TCPS_ESTABLISHED);
	uc.user.user_timeout_ms = 3000;
	u_write(100);
	u_at(20000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* ---- TIME-WAIT ---- */

static struct tcp_tw tw;
static struct tcp_segout out;
static u32 iss;

static void tw_make(void)
{
	u_state(TCPS_FIN_WAIT_2);
	u_in("FA", 1, 2, 0, 50000);
	tcp_tw_from_conn(&tw, &uc, unow);
}

static enum tcp_tw_verdict tw_in(u8 flags, u32 seq, u32 ack, u32 len)
{
	struct tcp_segin in = { .seq = IRS + seq, .ack = ISS + ack, .flags = flags, .len = len,
				.n_segs = 1 };

	return tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow);
}

TEST(time_wait__fin_again_restarts_2msl)	/* MUST-13 */
{
	tw_make();
	CHECK_EQ(tw.deadline_ns, unow + 60 * SEC);
	unow += 30 * SEC;
	CHECK_EQ(tw_in(TCPF_FIN | TCPF_ACK, 1, 2, 0), TCP_TW_REPLY);
	CHECK_EQ(out.flags, TCPF_ACK);
	CHECK_EQ(out.ack, IRS + 2);
	CHECK_EQ(tw.deadline_ns, unow + 60 * SEC);
}

TEST(time_wait__new_syn_above_reopens)	/* 3.6.1, MAY-2 */
{
	tw_make();
	CHECK_EQ(tw_in(TCPF_SYN, 0, 0, 0), TCP_TW_REPLY);
	CHECK_EQ(tw_in(TCPF_SYN, 1000, 0, 0), TCP_TW_REOPEN);
	CHECK(seq_gt(iss, tw.snd_nxt));
}

TEST(time_wait__rst)	/* RFC 1337 */
{
	tw_make();
	CHECK_EQ(tw_in(TCPF_RST, 500, 0, 0), TCP_TW_DROP);
	up.rfc1337 = true;
	CHECK_EQ(tw_in(TCPF_RST, 2, 0, 0), TCP_TW_DROP);
	up.rfc1337 = false;
	CHECK_EQ(tw_in(TCPF_RST, 2, 0, 0), TCP_TW_GONE);
}

TEST(time_wait__fin_wait_2_record)
{
	u_state(TCPS_ESTABLISHED);
	tcp_conn_close(&uc, 0, unow);
	u_in("A", 1, 2, 0, 50000);
	tcp_tw_from_conn(&tw, &uc, unow);
	CHECK_EQ(tw_in(TCPF_ACK, 1, 2, 0), TCP_TW_DROP);
	CHECK_EQ(tw_in(TCPF_FIN | TCPF_ACK, 1, 2, 0), TCP_TW_REPLY);
	CHECK_EQ(out.ack, IRS + 2);
	CHECK_EQ(tw.state, TCPS_TIME_WAIT);
	tw.state = TCPS_FIN_WAIT_2;
	CHECK_EQ(tw_in(TCPF_ACK, 2, 2, 100), TCP_TW_GONE_REPLY);
	CHECK(out.flags & TCPF_RST);
	CHECK_EQ(tw_in(TCPF_SYN, 2, 0, 0), TCP_TW_GONE_REPLY);
	CHECK_EQ(out.flags, TCPF_RST | TCPF_ACK);
	CHECK_EQ(out.ack, IRS + 3);
}
