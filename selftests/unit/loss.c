// SPDX-License-Identifier: GPL-2.0
/*
 * Losses: time-outs, RACK, duplicate ACKs, PRR, undo, tail loss probe, reneging. Round trip: 10 ms.
 */
#include "unit.h"

/* Ten segments are in flight, sent one by one in the same instant. */
static void flight(void)
{
	u_state(TCPS_ESTABLISHED);
	/* One round trip measured. */
	u_write(1000);
	u_at(10);
	u_in("A", 1, 1001, 0, 50000);
	u_drop();
	u_write(10000);
	u_drop();
	u_at(10);
}

#define BASE 1001	/* first octet of the flight */
#define SEG(n) (BASE + (n) * 1000)

TEST(loss__timeout_backs_off)	/* RFC 6298 5.5 */
{
	flight();
	u_at(250);
	OUT("A", SEG(0), 1000, 1);
	NONE();
	CHECK_EQ(uc.cong.cwnd, 1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	u_at(350);
	NONE();
	u_at(120);
	OUT("A", SEG(0), 1000, 1);
}

TEST(loss__karn)	/* no sample from what was sent twice */
{
	u32 srtt;

	flight();
	srtt = uc.rtt.srtt_us;
	u_at(250);
	u_at(100);
	u_in("A", 1, SEG(1), 0, 50000);
	CHECK_EQ(uc.rtt.srtt_us, srtt);
	CHECK(uc.rtt.backoff);
}

TEST(loss__rto_bounds)
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(uc.rtt.srtt_us >> 3, 10000);
	CHECK_EQ(uc.rtt.rto_us, 210000);
}

TEST(loss__third_sack_starts_recovery)	/* RFC 6675, RFC 8985 */
{
	const u32 e1[] = { SEG(1), SEG(2) }, e2[] = { SEG(1), SEG(3) }, e3[] = { SEG(1), SEG(4) };

	flight();
	u_sack(SEG(0), 50000, 1, e1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_DISORDER);
	u_sack(SEG(0), 50000, 1, e2);
	u_drop();
	u_sack(SEG(0), 50000, 1, e3);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	OUT("A", SEG(0), 1000, 1);
	CHECK_EQ(uc.rtx.sacked, 3);
	CHECK_EQ(uc.cong.ssthresh, uc.loss.undo_cwnd / 2);
	u_at(10);
	u_in("A", 1, SEG(10), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK(uc.cong.cwnd <= uc.cong.ssthresh + 1);
	CHECK_EQ(uc.rtx.packets, 0);
}

/* Slow start had let cwnd grow to twice of what the send buffer gave. */
TEST(loss__what_was_never_in_flight_is_not_halved)	/* RFC 5681 3.1, equation 4 */
{
	const u32 sack[] = { 1001, 4001 };

	u_state(TCPS_ESTABLISHED);
	uc.cong.cwnd = 40;
	u_write(20000);
	u_drop();
	u_at(10);
	u_sack(1, 50000, 1, sack);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK_EQ(uc.cong.ssthresh, 10);
}

static u32 sent(void)
{
	u32 n = 0;

	for (; u_peek(); u_skip())
		n += u_peek()->len;
	return n;
}

/* What was SACKed filled the send buffer; then there is room for a window at once. */
TEST(loss__window_after_a_stall_is_spread_over_a_round_trip)	/* RFC 6582 3.2 step 3 */
{
	const u32 sack[] = { 2001, 200001 };
	u32 first;

	up.pacing_ca_ratio = 120;
	u_state(TCPS_ESTABLISHED);
	uc.rtt.srtt_us = 100000 << 3;
	uc.cong.cwnd = 200;
	uc.snd.wnd = 500000;
	u_write(200000);
	CHECK_EQ(sent(), 200000);
	u_at(100);
	u_sack(1, 65535, 1, sack);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK_EQ(uc.cong.ssthresh, 100);
	u_drop();
	u_at(100);
	u_in("A", 1, 200001, 0, 65535);
	CHECK_EQ(uc.cong.cwnd, 100);
	uc.snd.wnd = 500000;
	u_write(500000);
	first = sent();
	CHECK(first < 40000);
	u_at(50);
	CHECK(first + sent() < 80000);
	u_at(60);
	CHECK_EQ(uc.rtx.packets, 100);
	/* A round trip later ACKs are the clock. */
	u_in("A", 1, 230001, 0, 65535);
	CHECK(!uc.cong.spread);
	CHECK_EQ(uc.cong.pacing_rate, U64_MAX);
}

TEST(loss__limited_transmit)	/* RFC 3042 */
{
	const u32 e1[] = { SEG(1), SEG(2) };

	flight();
	uc.cong.cwnd = 10;
	u_write(5000);
	NONE();
	u_sack(SEG(0), 50000, 1, e1);
	OUT("A", SEG(10), 1000, 1);
}

TEST(loss__three_duplicate_acks_without_sack)	/* RFC 5681 3.2, RFC 6582 */
{
	up.sack = false;
	flight();
	u_in("A", 1, SEG(0), 0, 50000);
	u_in("A", 1, SEG(0), 0, 50000);
	u_drop();
	u_in("A", 1, SEG(0), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	OUT("A", SEG(0), 1000, 1);
	/* A partial ACK: the next hole at once. */
	u_in("A", 1, SEG(3), 0, 50000);
	OUT("A", SEG(3), 1000, 1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	u_in("A", 1, SEG(10), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
}

/* Two duplicates were reordering: what they counted is no delivery of what is in flight. */
TEST(loss__new_ack_ends_the_count_of_duplicates_without_sack)	/* RFC 5681 3.2 */
{
	u32 i;

	up.sack = false;
	flight();
	u_in("A", 1, SEG(0), 0, 50000);
	u_in("A", 1, SEG(0), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_DISORDER);
	CHECK_EQ(tcp_cong_flight(&uc), 8);
	u_in("A", 1, SEG(1), 0, 50000);
	CHECK_EQ(uc.rtx.sacked, 0);
	CHECK_EQ(tcp_cong_flight(&uc), 9);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	/* And two more later are not the third and fourth. */
	for (i = 0; i < 2; i++)
		u_in("A", 1, SEG(1), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_DISORDER);
	u_in("A", 1, SEG(1), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
}

/* What arrives twice after a time-out is no delivery of what is in flight. */
TEST(loss__duplicates_after_a_timeout_let_nothing_go)	/* RFC 6582 4.1 */
{
	u32 i, flight0;

	up.sack = false;
	up.frto = 0;
	flight();
	u_at(250);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	u_in("A", 1, SEG(1), 0, 50000);
	u_drop();
	flight0 = tcp_cong_flight(&uc);
	for (i = 0; i < 5; i++)
		u_in("A", 1, SEG(1), 0, 50000);
	CHECK_EQ(tcp_cong_flight(&uc), flight0);
	CHECK_EQ(uc.rtx.sacked, 0);
	NONE();
}

TEST(loss__window_change_is_no_duplicate)	/* RFC 5681 2 */
{
	u32 i;

	up.sack = false;
	flight();
	for (i = 0; i < 5; i++)
		u_in("A", 1, SEG(0), 0, 40000 + i);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK_EQ(uc.rtx.sacked, 0);
}

TEST(loss__rack_waits_for_reordering)
{
	const u32 e[] = { SEG(1), SEG(3) };

	flight();
	uc.loss.reo_seen = true;
	u_sack(SEG(0), 50000, 1, e);
	CHECK_EQ(uc.rtx.lost, 0);
	u_at(1);
	CHECK_EQ(uc.rtx.lost, 0);
	u_at(5);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK(uc.rtx.lost);
}

/* Due after a round trip and a quarter; an eighth more, within which an ACK may still say more. */
TEST(loss__rack_s_timer_lets_an_ack_speak_first)
{
	const u32 e[] = { SEG(1), SEG(3) };

	flight();
	uc.loss.reo_seen = true;
	u_sack(SEG(0), 50000, 1, e);
	u_at(3);
	CHECK_EQ(uc.rtx.lost, 0);
	u_at(1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
}

TEST(loss__reordering_is_noticed)
{
	const u32 e[] = { SEG(5), SEG(6) }, f[] = { SEG(2), SEG(3), SEG(5), SEG(6) };

	flight();
	u_sack(SEG(0), 50000, 1, e);
	CHECK(!uc.loss.reo_seen);
	u_sack(SEG(0), 50000, 2, f);
	CHECK(uc.loss.reo_seen);
}

TEST(loss__sack_of_part_of_a_segment_counts_nothing)
{
	const u32 e[] = { SEG(1) + 1, SEG(2) - 1 };

	flight();
	u_sack(SEG(0), 50000, 1, e);
	CHECK_EQ(uc.rtx.sacked, 0);
}

TEST(loss__senseless_sack_blocks_are_ignored)
{
	const u32 e[] = { SEG(2), SEG(1), SEG(20), SEG(21), 5, 3 };

	flight();
	u_sack(SEG(0), 50000, 3, e);
	CHECK_EQ(uc.rtx.sacked, 0);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
}

/* A block of long ago, or of a middlebox's making, tells nothing of this episode. */
TEST(loss__an_old_dsack_undoes_nothing)
{
	const u32 e[] = { SEG(1), SEG(4) }, d[] = { 1, 1001 };

	flight();
	u_sack(SEG(0), 50000, 1, e);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	u_sack(SEG(0), 50000, 1, d);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK(uc.loss.undo_rtx > 0);
}

TEST(loss__dsack_undoes)	/* RFC 3708 */
{
	const u32 e[] = { SEG(1), SEG(4) }, d[] = { SEG(0), SEG(1) };
	u32 cwnd;

	flight();
	cwnd = uc.cong.cwnd;
	u_sack(SEG(0), 50000, 1, e);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK(uc.cong.cwnd < cwnd);
	u_at(1);
	u_sack(SEG(4), 50000, 1, d);
	CHECK(uc.cong.cwnd >= cwnd);
	CHECK(uc.loss.phase < TCP_PHASE_CWR);
}

TEST(loss__eifel_undoes)	/* RFC 3522, 4015 */
{
	struct tcp_options opt = { .has = TCPO_TS | TCPO_SACK_PERM | TCPO_MSS, .tsval = 1,
				   .mss = MSS };
	u32 cwnd, before;

	up.timestamps = true;
	up.frto = 0;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	opt.tsecr = u_peek()->opt.tsval;
	u_at(10);
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_write(5000);
	before = u_peek()->opt.tsval;
	cwnd = uc.cong.cwnd;
	u_at(400);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	opt.has = TCPO_TS;
	opt.tsecr = before;
	u_in_opt("A", 1, 1 + 988, 0, 50000, &opt);
	u_flush();
	CHECK(uc.cong.cwnd >= cwnd);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
}

TEST(loss__frto_sends_new_text_and_undoes)	/* RFC 5682 */
{
	flight();
	u_write(5000);
	u_drop();
	u_at(250);
	OUT("A", SEG(0), 1000, 1);
	u_in("A", 1, SEG(1), 0, 50000);
	/* Not the second segment again, but new text. */
	CHECK(u_peek());
	CHECK_EQ(u_peek()->seq, ISS + SEG(10));
	u_drop();
	u_in("A", 1, SEG(2), 0, 50000);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK(uc.cong.cwnd >= 10);
}

TEST(loss__frto_real_loss_goes_on)
{
	flight();
	u_write(5000);
	u_drop();
	u_at(250);
	u_drop();
	u_in("A", 1, SEG(1), 0, 50000);
	u_drop();
	{
		const u32 e[] = { SEG(10), SEG(11) };

		u_sack(SEG(1), 50000, 1, e);
	}
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->seq, ISS + SEG(1));
}

/* An ACK that ends before what was SACKed: half a round trip is enough to wait (10 ms at least). */
TEST(loss__reneged_head_is_sent_again_soon)	/* RFC 2018 8 */
{
	const u32 e[] = { SEG(2), SEG(10) };

	flight();
	uc.rtt.backoff = 6;
	u_sack(SEG(0), 50000, 1, e);
	u_at(1);
	u_in("A", 1, SEG(2), 0, 50000);
	u_drop();
	CHECK_EQ(uc.rtx.sacked, 8);
	u_at(9);
	NONE();
	u_at(2);
	OUT("A", SEG(2), 1000, 1);
	CHECK_EQ(uc.rtx.sacked, 0);
}

/* The same, but the ACK had been overtaken: the next one is in time. */
TEST(loss__overtaken_ack_is_no_reneging)
{
	const u32 e[] = { SEG(2), SEG(10) };

	flight();
	u_sack(SEG(0), 50000, 1, e);
	u_at(1);
	u_in("A", 1, SEG(2), 0, 50000);
	u_at(5);
	u_in("A", 1, SEG(10), 0, 50000);
	u_drop();
	u_at(20);
	NONE();
	CHECK_EQ(uc.rtx.packets, 0);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
}

TEST(loss__reneging_is_survived)	/* RFC 2018 8 */
{
	const u32 e[] = { SEG(1), SEG(10) };

	flight();
	u_sack(SEG(0), 50000, 1, e);
	u_in("A", 1, SEG(1), 0, 50000);
	u_drop();
	u_at(600);
	/* SEG(1) was SACKed, and yet not acknowledged: it goes again. */
	OUT("A", SEG(1), 1000, 1);
	CHECK_EQ(uc.rtx.sacked, 0);
}

TEST(loss__tail_loss_probe)	/* RFC 8985 7 */
{
	up.early_retrans = 3;
	flight();
	u_at(30);
	OUT("A", SEG(9), 1000, 1);
	NONE();
	CHECK(uc.loss.tlp_out);
	/* Its SACK tells RACK the rest. */
	{
		const u32 e[] = { SEG(9), SEG(10) };

		u_at(10);
		u_sack(SEG(0), 50000, 1, e);
	}
	u_at(10);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
}

TEST(loss__shrunk_path_is_no_congestion)	/* RFC 1191 6 */
{
	u32 cwnd;

	flight();
	cwnd = uc.cong.cwnd;
	tcp_conn_icmp(&uc, ISS + SEG(3), EMSGSIZE, false, 500, unow);
	CHECK_EQ(uc.snd.mss, 500);
	CHECK_EQ(uc.cong.cwnd, cwnd);
	CHECK(u_peek());
	CHECK_EQ(u_peek()->mss, 500);
	CHECK_EQ(u_peek()->seq, ISS + SEG(0));
}

TEST(loss__icmp_must_quote_what_is_in_flight)	/* RFC 5927 4.1 */
{
	flight();
	tcp_conn_icmp(&uc, ISS + SEG(30), EMSGSIZE, false, 500, unow);
	CHECK_EQ(uc.snd.mss, 1000);
	tcp_conn_icmp(&uc, ISS + SEG(3), ECONNREFUSED, true, 0, unow);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK(u_events & 1U << TCP_EV_SOFT_ERROR);
}

TEST(loss__ecn_reduces_once_a_window)	/* RFC 3168 6.1.2 */
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_SACK_PERM, .mss = MSS };
	u32 ssthresh;

	up.ecn = 1;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	OUT("SEC", 0, 0, 0);
	u_at(10);
	u_in_opt("SAE", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
	u_write(10000);
	CHECK_EQ(u_peek()->ecn, 2);
	u_drop();
	u_at(10);
	u_in("AE", 1, 1001, 0, 50000);
	ssthresh = uc.cong.ssthresh;
	CHECK_EQ(ssthresh, 5);
	u_in("AE", 1, 2001, 0, 50000);
	CHECK_EQ(uc.cong.ssthresh, ssthresh);
	u_in("AE", 1, 10001, 0, 50000);
	u_drop();
	u_write(1000);
	CHECK(u_peek()->flags & TCPF_CWR);
}

TEST(loss__probe_due_with_the_timeout_goes_in_its_place)	/* RFC 8985 7.2, 7.3 */
{
	up.early_retrans = 3;
	u_state(TCPS_ESTABLISHED);
	u_write(1000);
	u_drop();
	/* A lone segment's probe would come after the time-out. */
	CHECK_EQ(uc.tmr.at[TCP_TMR_LOSS], uc.tmr.at[TCP_TMR_RTO]);
	u_at(215);
	OUT("PA", 1, 1000, 1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_OPEN);
	CHECK_EQ(u_mib, LINUX_MIB_TCPLOSSPROBES);
	NONE();
	u_at(200);
	NONE();
	u_at(10);
	OUT("PA", 1, 1000, 1);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
}

TEST(loss__time_out_while_it_is_still_in_the_host)
{
	u_state(TCPS_ESTABLISHED);
	uc.opts &= ~TCPO_SACK_PERM;
	u_write(1000);
	OUT("PA", 1, 1000, 1);
	u_in_queue = true;
	u_at(220);
	NONE();
	CHECK_EQ(uc.rtt.backoff, 1);
	u_in_queue = false;
	u_at(420);
	OUT("PA", 1, 1000, 1);
}

TEST(loss__time_out_that_the_host_does_not_take_backs_nothing_off)
{
	u_state(TCPS_ESTABLISHED);
	uc.opts &= ~TCPO_SACK_PERM;
	u_write(1000);
	OUT("PA", 1, 1000, 1);
	u_no_send = true;
	u_at(220);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_LOSS);
	CHECK_EQ(uc.rtt.backoff, 0);
	u_no_send = false;
	u_drop();
	u_at(500);
	OUT("PA", 1, 1000, 1);
	CHECK_EQ(uc.rtt.backoff, 1);
}

TEST(loss__retransmission_that_did_not_leave_is_not_in_flight)
{
	const u32 e[] = { SEG(1), SEG(4) };

	flight();
	u_no_send = true;
	u_sack(SEG(0), 50000, 1, e);
	CHECK_EQ(uc.loss.phase, TCP_PHASE_RECOVERY);
	CHECK_EQ(uc.rtx.lost, 1);
	CHECK_EQ(uc.rtx.retrans, 0);
	CHECK_EQ(uc.loss.prr_out, 0);
	CHECK(uc.tmr.at[TCP_TMR_RTO] != TCP_NEVER);
	u_no_send = false;
	u_drop();
	u_flush();
	OUT("A", SEG(0), 1000, 1);
	CHECK_EQ(uc.rtx.retrans, 1);
}
