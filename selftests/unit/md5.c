// SPDX-License-Identifier: GPL-2.0
/* TCP-MD5 (RFC 2385) as the engine sees it: room in the header, one segment a signature. */
#include "unit.h"

TEST(md5__syn_has_no_timestamps)
{
	struct tcp_segout *out;

	up.timestamps = true;
	tcp_conn_set_md5(&uc, true, unow);
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	out = u_peek();
	CHECK(out);
	CHECK_EQ(out->opt.has & (TCPO_MD5 | TCPO_TS), TCPO_MD5);
	CHECK(wire_tcp_options_size(&out->opt) <= 40);
}

TEST(md5__one_segment_an_emission)
{
	u_state(TCPS_ESTABLISHED);
	u_drop();
	tcp_conn_set_md5(&uc, true, unow);
	CHECK_EQ(uc.snd.mss, MSS - 20);
	u_write(2500);
	OUT("A", 1, 980, 1);
	OUT("A", 981, 980, 1);
	OUT("PA", 1961, 540, 1);
	/* And when they are sent again. */
	u_at(5000);
	while (u_peek()) {
		CHECK(u_peek()->len <= 980);
		CHECK(u_peek()->opt.has & TCPO_MD5);
		u_skip();
	}
}

/* What was sent unsigned, and larger, is cut when it has to go again. */
TEST(md5__key_of_a_connection_that_stands)
{
	u_state(TCPS_ESTABLISHED);
	u_drop();
	u_write(3000);
	u_drop();
	tcp_conn_set_md5(&uc, true, unow);
	u_at(5000);
	CHECK(u_peek());
	while (u_peek()) {
		CHECK(u_peek()->len <= 980);
		u_skip();
	}
	tcp_conn_set_md5(&uc, false, unow);
	CHECK_EQ(uc.snd.mss, MSS);
}

TEST(md5__sack_blocks_leave_room)
{
	u32 i;

	u_state(TCPS_ESTABLISHED);
	tcp_conn_set_md5(&uc, true, unow);
	for (i = 0; i < 5; i++) {
		u_drop();
		u_in("A", 1001 + 1000 * i * 2, 1, 500, 4000);
	}
	CHECK(u_peek());
	CHECK_EQ(u_peek()->opt.n_sack, 2);
	CHECK(wire_tcp_options_size(&u_peek()->opt) <= 40);
}

TEST(md5__half_open)
{
	struct tcp_segin in = {
		.seq = IRS, .wnd = 5000, .flags = TCPF_SYN, .n_segs = 1, .opt = {
			.has = TCPO_MSS | TCPO_TS | TCPO_SACK_PERM | TCPO_WSCALE, .mss = MSS,
		},
	};
	struct tcp_half h = { .iss = ISS, .advmss = MSS, .rcv_wnd = 30000, .opts = TCPO_MD5 };
	struct tcp_segout out;

	up.timestamps = true;
	up.wscale = true;
	CHECK_EQ(tcp_listen_arrives(&up, &in, &h, &out, unow), TCP_HALF_REPLY);
	CHECK_EQ(out.opt.has, TCPO_MSS | TCPO_MD5 | TCPO_SACK_PERM | TCPO_WSCALE);
	CHECK(wire_tcp_options_size(&out.opt) <= 40);
	tcp_conn_from_half(&uc, &h, MSS, unow);
	CHECK_EQ(uc.snd.mss, MSS - 20);
	CHECK_EQ(uc.snd.tso, uc.snd.mss);
}
