// SPDX-License-Identifier: GPL-2.0
/* SYN cookies (RFC 4987 3.6), and the limits of answers to what should not come (RFC 5961 7). */
#include "unit.h"

static struct tcp_half h;
static struct tcp_segout out;

static u32 cookie_syn(const struct tcp_options *opt, u8 flags)
{
	struct tcp_segin in = {
		.seq = IRS, .wnd = 5000, .flags = TCPF_SYN | flags, .n_segs = 1, .opt = *opt,
	};

	up.timestamps = true;
	up.wscale = true;
	memset(&h, 0, sizeof(h));
	h.iss = ISS;
	h.ts_offset = 0x12345678;
	h.advmss = MSS;
	h.rcv_wnd = 70000;
	h.rcv_wscale = 7;
	tcp_listen_arrives(&up, &in, &h, &out, unow);
	return tcp_cookie_syn(&h, &out, unow);
}

/* The third segment; what it echoes is what the SYN-ACK said. */
static bool cookie_ack(struct tcp_half *g, u32 data, bool ts)
{
	struct tcp_segin in = {
		.seq = IRS + 1, .ack = ISS + 1, .wnd = 300, .flags = TCPF_ACK, .n_segs = 1,
	};

	if (ts)
		in.opt = (struct tcp_options) {
			.has = TCPO_TS, .tsval = 1001, .tsecr = out.opt.tsval,
		};
	memset(g, 0xff, sizeof(*g));
	g->ts_offset = 0x12345678;
	g->rcv_wnd = 70000;
	g->rcv_wscale = 7;
	return tcp_cookie_ack(&up, &in, g, data);
}

TEST(cookie__mss_is_the_next_lower_of_four)
{
	static const u16 said[] = { 100, 536, 1299, 1300, 1440, 1459, 1460, 9000 };
	static const u16 kept[] = { 536, 536, 536, 1300, 1440, 1440, 1460, 1460 };
	struct tcp_options opt = { .has = TCPO_MSS };
	struct tcp_half g;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		u32 data;

		opt.mss = said[i];
		data = cookie_syn(&opt, 0);
		CHECK(data < TCP_COOKIE_DATA);
		CHECK(cookie_ack(&g, data, false));
		CHECK_EQ(g.mss_peer, kept[i]);
	}
	CHECK(!cookie_ack(&g, TCP_COOKIE_DATA, false));
}

TEST(cookie__options_travel_in_the_timestamp)
{
	u8 sets[] = { 0, TCPO_SACK_PERM, TCPO_WSCALE, TCPO_SACK_PERM | TCPO_WSCALE };
	unsigned int i, ms, wscale;
	struct tcp_half g;

	for (i = 0; i < 4; i++) {
		for (ms = 0; ms < 130; ms++) {
			wscale = ms % 15;
			struct tcp_options opt = {
				.has = TCPO_MSS | TCPO_TS | sets[i], .mss = 1460, .tsval = 1000,
				.wscale = wscale,
			};
			u32 data = cookie_syn(&opt, ms & 1 ? TCPF_ECE | TCPF_CWR : 0);

			CHECK(cookie_ack(&g, data, true));
			CHECK_EQ(g.opts, TCPO_TS | sets[i]);
			CHECK_EQ(g.snd_wscale, sets[i] & TCPO_WSCALE ? wscale : 0);
			CHECK_EQ(g.rcv_wscale, sets[i] & TCPO_WSCALE ? 7 : 0);
			CHECK_EQ(g.ecn, ms & 1);
			CHECK_EQ(g.ts_recent, 1001);
			CHECK_EQ(g.irs, IRS);
			CHECK_EQ(g.iss, ISS);
			/* Never ahead of the clock, never more than 128 ms behind it. */
			CHECK(tcp_ms(unow) + h.ts_offset - out.opt.tsval < 128);
			unow += MS;
		}
	}
}

TEST(cookie__without_timestamps_only_the_mss)
{
	struct tcp_options opt = {
		.has = TCPO_MSS | TCPO_SACK_PERM | TCPO_WSCALE, .mss = 1460, .wscale = 9,
	};
	u32 data = cookie_syn(&opt, TCPF_ECE | TCPF_CWR);
	struct tcp_half g;

	CHECK_EQ(out.opt.has, TCPO_MSS);
	CHECK_EQ(out.flags, TCPF_SYN | TCPF_ACK);
	CHECK(cookie_ack(&g, data, false));
	CHECK_EQ(g.opts, 0);
	CHECK_EQ(g.snd_wscale, 0);
	CHECK_EQ(g.rcv_wscale, 0);
}

TEST(cookie__an_echo_of_what_was_not_offered_is_refused)
{
	struct tcp_options opt = {
		.has = TCPO_MSS | TCPO_TS | TCPO_SACK_PERM | TCPO_WSCALE, .mss = 1460,
	};
	u32 data = cookie_syn(&opt, 0);
	struct tcp_half g;

	up.sack = false;
	CHECK(!cookie_ack(&g, data, true));
	up.sack = true;
	up.wscale = false;
	CHECK(!cookie_ack(&g, data, true));
	up.wscale = true;
	up.timestamps = false;
	CHECK(!cookie_ack(&g, data, true));
}

TEST(cookie__the_connection_goes_on)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = 1460 };
	u32 data = cookie_syn(&opt, 0);
	struct tcp_half g;

	CHECK(cookie_ack(&g, data, false));
	g.advmss = MSS;
	tcp_conn_from_half(&uc, &g, MSS, unow);
	u_in("A", 1, 1, 500, 4000);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	CHECK_EQ(u_delivered, 500);
	/* No round trip was measured: nobody knows when the SYN-ACK left. */
	CHECK_EQ(uc.rtt.srtt_us, 0);
}

/* ---- limits ---- */

static enum tcp_half_verdict half_in(u8 flags, u32 seq, u32 ack)
{
	struct tcp_segin in = {
		.seq = IRS + seq, .ack = ISS + ack, .wnd = 5000, .flags = flags, .n_segs = 1,
	};

	return tcp_half_arrives(&up, &h, &in, &out, unow);
}

TEST(half__answers_are_limited)
{
	struct tcp_options opt = { .has = TCPO_MSS, .mss = 1460 };

	cookie_syn(&opt, 0);
	up.invalid_ratelimit_ms = 500;
	CHECK_EQ(half_in(TCPF_ACK, 100000, 1), TCP_HALF_REPLY);
	CHECK_EQ(half_in(TCPF_ACK, 100000, 1), TCP_HALF_SKIP);
	CHECK_EQ(half_in(TCPF_RST, 10, 1), TCP_HALF_SKIP);
	CHECK_EQ(half_in(TCPF_SYN, 0, 0), TCP_HALF_SKIP);
	unow += 500 * MS;
	CHECK_EQ(half_in(TCPF_SYN, 0, 0), TCP_HALF_REPLY);
	CHECK_EQ(half_in(TCPF_RST, 1, 1), TCP_HALF_GONE);
}

TEST(time_wait__answers_are_limited)
{
	struct tcp_segin in = { .seq = IRS + 2, .ack = ISS + 9, .flags = TCPF_SYN, .n_segs = 1 };
	struct tcp_tw tw;
	u32 iss;

	u_state(TCPS_TIME_WAIT);
	up.invalid_ratelimit_ms = 500;
	tcp_tw_from_conn(&tw, &uc, unow);
	in.seq = tw.rcv_nxt - 1;
	CHECK_EQ(tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow), TCP_TW_REPLY);
	CHECK_EQ(tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow), TCP_TW_SKIP);
	/* The FIN again is no part of a loop. */
	in.flags = TCPF_FIN | TCPF_ACK;
	CHECK_EQ(tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow), TCP_TW_REPLY);
}

TEST(blind__a_guess_that_hits_the_window_does_not_set_the_timestamp)
{
	struct tcp_options opt = { .has = TCPO_TS, .tsval = 0x40000000, .tsecr = 1 };

	u_state(TCPS_ESTABLISHED);
	uc.opts |= TCPO_TS;
	uc.ts.recent = 1000;
	uc.ts.recent_s = 1000;
	u_in_opt("A", uc.rcv.nxt - IRS, 0x20000000, 100, 4000, &opt);
	CHECK_EQ(uc.ts.recent, 1000);
}

/* ---- patience ---- */

static u32 half_sends(u8 max, u8 defer, bool acked)
{
	u32 n = 0;
	enum tcp_half_verdict v;

	memset(&h, 0, sizeof(h));
	h.max_timeouts = max;
	h.defer = defer;
	h.acked = acked;
	while ((v = tcp_half_timer(&up, &h, &out, unow)) != TCP_HALF_GONE)
		n += v == TCP_HALF_REPLY;
	return n;
}

TEST(half__syn_ack_is_repeated_as_often_as_said)
{
	up.synack_retries = 5;
	CHECK_EQ(half_sends(0, 0, false), 5);
	CHECK_EQ(half_sends(2, 0, false), 2);
	/* TCP_DEFER_ACCEPT does not change that while the third segment is missing. */
	CHECK_EQ(half_sends(0, 3, false), 5);
}

TEST(half__defer_accept_waits_in_silence)
{
	up.synack_retries = 5;
	/* Seven time-outs, the last of them asks again. */
	CHECK_EQ(half_sends(0, 7, true), 1);
	CHECK_EQ(h.timeouts, 7);
	/* A short one: from its end on as ever. */
	CHECK_EQ(half_sends(0, 2, true), 4);
	CHECK_EQ(h.timeouts, 5);
}
