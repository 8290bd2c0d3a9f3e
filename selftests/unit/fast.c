// SPDX-License-Identifier: GPL-2.0
/* Fast Open (RFC 7413): text in the SYN, both ends. */
#include "unit.h"

static const u8 cookie[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* An active open with @len octets in the SYN; @cookie_len 0 and @len 0: a cookie is asked for. */
static void fast_open(u32 len, u8 cookie_len)
{
	struct tcp_fast_syn f = {
		.option = true, .cookie = cookie, .cookie_len = cookie_len, .len = len,
	};

	tcp_conn_open_fast(&uc, ISS, 0, MSS, 0, &f, unow);
	if (len)
		u_wrote(len, true, false);
}

static struct tcp_options offer = { .has = TCPO_MSS | TCPO_SACK_PERM, .mss = MSS };

TEST(fast__syn_asks_for_a_cookie)
{
	struct tcp_options opt = {
		.has = TCPO_MSS | TCPO_FASTOPEN, .mss = MSS, .fo_len = 8, .fo_cookie = cookie,
	};
	struct tcp_segout *out;

	fast_open(0, 0);
	out = u_peek();
	CHECK(out);
	CHECK(out->opt.has & TCPO_FASTOPEN);
	CHECK_EQ(out->opt.fo_len, 0);
	OUT("S", 0, 0, 0);
	u_in_opt("SA", 0, 1, 0, 5000, &opt);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK(u_fast.has & TCPO_FASTOPEN);
	CHECK_EQ(u_fast.fo_len, 8);
	CHECK_EQ(uc.fast.fail, TCP_FAST_FAIL_NONE);
}

TEST(fast__text_in_the_syn_is_acknowledged)
{
	struct tcp_segout *out;

	fast_open(300, 8);
	out = u_peek();
	CHECK(out);
	CHECK_EQ(out->opt.fo_len, 8);
	CHECK_EQ(out->len, 300);
	OUT("S", 0, 300, 0);
	u_in_opt("SA", 0, 301, 0, 5000, &offer);
	u_flush();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.snd.una, ISS + 301);
	CHECK_EQ(u_mib, LINUX_MIB_TCPFASTOPENACTIVE);
	CHECK_EQ(tcp_conn_unsent(&uc), 0);
	OUT("A", 301, 0, 1);
	CHECK(uc.fast.flags & TCP_FAST_DONE);
	u_write(100);
	OUT("PA", 301, 100, 1);
}

/* 4.1.3: only the SYN is acknowledged; the text goes again, at once. */
TEST(fast__text_in_the_syn_is_not_acknowledged)
{
	fast_open(300, 8);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 5000, &offer);
	u_flush();
	CHECK_EQ(u_mib, LINUX_MIB_TCPFASTOPENACTIVEFAIL);
	CHECK_EQ(uc.fast.fail, TCP_FAST_NOT_ACKED);
	OUT("PA", 1, 300, 1);
	u_in("A", 1, 301, 0, 5000);
	CHECK_EQ(uc.rtx.packets, 0);
}

TEST(fast__a_part_of_it_is_acknowledged)
{
	fast_open(300, 8);
	u_drop();
	u_in_opt("SA", 0, 101, 0, 5000, &offer);
	u_flush();
	CHECK_EQ(uc.fast.fail, TCP_FAST_NOT_ACKED);
	OUT("PA", 101, 200, 1);
}

TEST(fast__more_than_was_sent_is_acknowledged)
{
	fast_open(300, 8);
	u_drop();
	u_in_opt("SA", 0, 302, 0, 5000, &offer);
	CHECK_EQ(uc.state, TCPS_SYN_SENT);
	OUT("R", 302, 0, 0);
}

/* The SYN that is sent again is plain; its answer may be the first one's. */
TEST(fast__repeated_syn_is_plain)
{
	struct tcp_segout *out;

	fast_open(300, 8);
	u_drop();
	u_at(1000);
	out = u_peek();
	CHECK(out);
	CHECK(!(out->opt.has & TCPO_FASTOPEN));
	OUT("S", 0, 0, 0);
	u_in_opt("SA", 0, 1, 0, 5000, &offer);
	u_flush();
	CHECK_EQ(uc.fast.fail, TCP_FAST_SYN_AGAIN);
	OUT("PA", 1, 300, 1);
}

TEST(fast__text_in_the_syn_ack)
{
	fast_open(300, 8);
	u_drop();
	u_in_opt("SA", 0, 301, 200, 5000, &offer);
	u_flush();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(u_delivered, 200);
	OUT("A", 301, 0, 201);
}

TEST(fast__three_time_outs_tell_of_a_hole)
{
	fast_open(300, 8);
	u_at(1000);
	u_at(2000);
	CHECK(!(u_events & 1U << TCP_EV_FAST_HOLE));
	u_at(4000);
	CHECK(u_events & 1U << TCP_EV_FAST_HOLE);
}

/* ---- passive ---- */

static bool fast_accept(u32 len, const struct tcp_fast_syn *f)
{
	struct tcp_segin in = {
		.seq = IRS, .len = len, .wnd = 5000, .flags = TCPF_SYN, .n_segs = 1,
		.opt = offer,
	};
	struct tcp_half h = {
		.iss = ISS, .advmss = MSS, .rcv_wnd = 30000,
	};
	static const struct tcp_fast_syn none;
	struct tcp_segout out;
	struct tcp_seg *seg;
	bool taken;

	tcp_listen_arrives(&up, &in, &h, &out, unow);
	tcp_conn_from_half(&uc, &h, MSS, unow);
	seg = len ? u_seg() : NULL;
	taken = tcp_conn_accept_fast(&uc, &in, seg, f ? f : &none, unow);
	return taken;
}

TEST(fast__server_takes_the_text_and_answers_at_once)
{
	CHECK(fast_accept(400, NULL));
	CHECK_EQ(uc.state, TCPS_SYN_RECEIVED);
	CHECK_EQ(u_delivered, 400);
	OUT("SA", 0, 0, 401);
	/* 4.2.2: it may answer before the third segment. */
	u_write(1500);
	OUT("PA", 1, 1500, 401);
	u_in("A", 401, 1501, 0, 5000);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.rtx.packets, 0);
	CHECK(u_events & 1U << TCP_EV_ESTABLISHED);
	NONE();
}

TEST(fast__server_sends_its_cookie)
{
	struct tcp_fast_syn f = { .option = true, .cookie = cookie, .cookie_len = 8 };
	struct tcp_segout *out;

	CHECK(fast_accept(10, &f));
	out = u_peek();
	CHECK(out);
	CHECK(out->opt.has & TCPO_FASTOPEN);
	CHECK_EQ(out->opt.fo_len, 8);
}

/* The window of a SYN is of text: our own SYN, not acknowledged yet, is none of it. */
TEST(fast__server_uses_the_whole_window_of_the_syn)
{
	CHECK(fast_accept(400, NULL));
	u_drop();
	u_write(9000);
	OUT("A", 1, 5000, 401);
	NONE();
}

/* Whoever has not proved to own its address is offered no more than the SYN-ACK did. */
TEST(fast__server_widens_no_window_before_the_third_segment)
{
	struct tcp_segin in = {
		.seq = IRS, .len = 400, .wnd = 5000, .flags = TCPF_SYN, .n_segs = 1,
		.opt = { .has = TCPO_MSS | TCPO_WSCALE, .mss = MSS, .wscale = 7 },
	};
	struct tcp_half h = { .iss = ISS, .advmss = MSS, .rcv_wnd = 65535, .rcv_wscale = 8, };
	static const struct tcp_fast_syn none;
	struct tcp_segout out, *sent;

	up.wscale = true;
	u_rcvbuf = 1000000;
	tcp_listen_arrives(&up, &in, &h, &out, unow);
	tcp_conn_from_half(&uc, &h, MSS, unow);
	CHECK(tcp_conn_accept_fast(&uc, &in, u_seg(), &none, unow));
	OUT("SA", 0, 0, 401);
	/* Nor is a window told of that only had no room in the SYN-ACK. */
	u_read(400);
	NONE();
	u_write(100);
	sent = u_peek();
	CHECK(sent);
	CHECK_EQ(sent->wnd, 256);
	OUT("PA", 1, 100, 401);
	u_in("A", 401, 101, 0, 5000);
	u_read(0);
	NONE();
	u_write(100);
	sent = u_peek();
	CHECK(sent);
	CHECK(sent->wnd > 3000);
}

/* The third segment acknowledges our SYN alone; what was sent meanwhile is timed from then. */
TEST(fast__third_segment_without_our_text)
{
	CHECK(fast_accept(0, NULL) == false);
	u_drop();
	u_write(500);
	u_drop();
	u_in("A", 1, 1, 0, 5000);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(uc.rtx.packets, 1);
	u_at(3000);
	OUT("PA", 1, 500, 1);
}

/* No answer: the SYN-ACK is repeated, not the text. */
TEST(fast__server_repeats_the_syn_ack)
{
	struct tcp_segout *out;

	fast_accept(400, NULL);
	u_drop();
	u_write(500);
	u_drop();
	u_at(1500);
	out = u_peek();
	CHECK(out);
	CHECK_EQ(out->flags, TCPF_SYN | TCPF_ACK);
	OUT("SA", 0, 0, 401);
	NONE();
	up.synack_retries = 2;
	u_at(200000);
	CHECK_EQ(u_error, ETIMEDOUT);
}

/* The SYN comes again, now without its text: the same SYN-ACK. */
TEST(fast__syn_again)
{
	fast_accept(400, NULL);
	u_drop();
	u_in_opt("S", 0, 0, 0, 5000, &offer);
	OUT("SA", 0, 0, 401);
	CHECK_EQ(uc.state, TCPS_SYN_RECEIVED);
}

TEST(fast__server_closes_before_the_third_segment)
{
	fast_accept(400, NULL);
	u_drop();
	u_write(100);
	tcp_conn_shutdown(&uc, unow);
	u_flush();
	OUT("PA", 1, 100, 401);
	OUT("FA", 101, 0, 401);
	u_in("A", 401, 102, 0, 5000);
	CHECK_EQ(uc.state, TCPS_FIN_WAIT_2);
}

TEST(fast__reset_before_the_third_segment)
{
	fast_accept(400, NULL);
	u_drop();
	u_in("R", 401, 0, 0, 0);
	CHECK_EQ(uc.state, TCPS_CLOSED);
	CHECK_EQ(u_error, ECONNRESET);
}

/* ---- on the wire ---- */

TEST(fast__option_in_both_shapes)
{
	struct tcp_segout out = {
		.flags = TCPF_SYN, .opt = {
			.has = TCPO_MSS | TCPO_FASTOPEN, .mss = MSS, .fo_len = 8,
			.fo_cookie = cookie,
		},
	};
	struct tcp_segin in;
	u8 buf[60];
	int exp;

	for (exp = 0; exp < 2; exp++) {
		if (exp)
			out.opt.has |= TCPO_FO_EXP;
		CHECK_EQ(wire_tcp_size(&out), 20 + 4 + 12);
		CHECK_EQ(wire_tcp_emit(buf, &out, 1, 2), 36);
		CHECK_EQ(buf[24], exp ? 254 : 34);
		CHECK_EQ(buf[25], exp ? 12 : 10);
		wire_tcp_parse(buf, 36, &in);
		CHECK_EQ(in.opt.has, out.opt.has);
		CHECK_EQ(in.opt.fo_len, 8);
		CHECK(!memcmp(in.opt.fo_cookie, cookie, 8));
	}
}

/* It is no small segment that the user writes one by one; TCP_INFO says that it goes again. */
TEST(fast__text_that_goes_again_holds_no_other_back)
{
	struct tcp_conn_info info;

	uc.user.nodelay = false;
	fast_open(960, 8);
	u_drop();
	u_in_opt("SA", 0, 1, 0, 14600, &offer);
	u_flush();
	OUT("PA", 1, 960, 1);
	u_write(3580);
	OUT("PA", 961, 3580, 1);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.retrans, 1);
	CHECK_EQ(info.unacked, 5);
	/* The small one at its end does. */
	u_write(500);
	NONE();
	u_in("A", 1, 4541, 0, 14600);
	OUT("PA", 4541, 500, 1);
	tcp_conn_info(&uc, &info, unow);
	CHECK_EQ(info.retrans, 0);
}

/* Figure 8, and both SYNs carried text: ours was taken, the peer's is sent again. */
TEST(fast__simultaneous)
{
	struct tcp_options opt = {
		.has = TCPO_MSS | TCPO_SACK_PERM | TCPO_FASTOPEN, .mss = MSS, .fo_len = 8,
		.fo_cookie = cookie,
	};
	struct tcp_segout *out;

	fast_open(300, 8);
	u_drop();
	CHECK_EQ(u_in_opt("S", 0, 0, 500, 5000, &opt), TCP_ARR_SPENT);
	OUT("SA", 0, 0, 1);
	u_in_opt("SA", 0, 301, 0, 5000, &opt);
	u_flush();
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK(uc.fast.flags & TCP_FAST_DONE);
	CHECK(u_fast.has & TCPO_FASTOPEN);
	/* The peer's SYN came twice (RFC 2883). */
	out = u_peek();
	CHECK(out);
	CHECK_EQ(out->opt.n_sack, 1);
	CHECK_EQ(out->opt.sack[0].start, IRS);
	CHECK_EQ(out->opt.sack[0].end, IRS + 1);
	OUT("A", 301, 0, 1);
	u_in("PA", 1, 301, 500, 5000);
	OUT("A", 301, 0, 501);
}
