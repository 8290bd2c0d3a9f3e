// SPDX-License-Identifier: GPL-2.0
/* The header: options in Linux's order, and those of a peer that errs. */
#include "unit.h"

static u8 buf[WIRE_TCP_HLEN_MAX];

static void head(unsigned int options)
{
	memset(buf, 0, sizeof(buf));
	buf[12] = (20 + options) / 4 << 4;
}

static struct tcp_segin parse(u8 flags, const u8 *opt, unsigned int len)
{
	struct tcp_segin in;

	memset(&in, 0xff, sizeof(in));
	head((len + 3) & ~3U);
	buf[13] = flags;
	memcpy(buf + 20, opt, len);
	wire_tcp_parse(buf, 20 + ((len + 3) & ~3U), &in);
	return in;
}

TEST(wire__syn_options_as_linux_orders_them)
{
	static const u8 with_ts[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9,
				      1, 3, 3, 7 };
	static const u8 without[] = { 2, 4, 5, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7 };
	struct tcp_segout o = { .flags = TCPF_SYN };

	o.opt.has = TCPO_MSS | TCPO_SACK_PERM | TCPO_TS | TCPO_WSCALE;
	o.opt.mss = 1460;
	o.opt.wscale = 7;
	o.opt.tsval = 7;
	o.opt.tsecr = 9;
	CHECK_EQ(wire_tcp_emit(buf, &o, 1, 2), 40);
	CHECK(!memcmp(buf + 20, with_ts, sizeof(with_ts)));
	o.opt.has &= ~TCPO_TS;
	CHECK_EQ(wire_tcp_emit(buf, &o, 1, 2), 32);
	CHECK(!memcmp(buf + 20, without, sizeof(without)));
}

TEST(wire__sack_after_two_nops)
{
	static const u8 want[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10,
				   0, 0, 0, 10, 0, 0, 0, 20 };
	struct tcp_segout o = { .flags = TCPF_ACK };

	o.opt.has = TCPO_TS | TCPO_SACK;
	o.opt.tsval = 1;
	o.opt.tsecr = 2;
	o.opt.n_sack = 1;
	o.opt.sack[0].start = 10;
	o.opt.sack[0].end = 20;
	CHECK_EQ(wire_tcp_size(&o), 44);
	CHECK_EQ(wire_tcp_emit(buf, &o, 1, 2), 44);
	CHECK(!memcmp(buf + 20, want, sizeof(want)));
}

TEST(wire__round_trip)
{
	struct tcp_segout o = { .seq = 1, .ack = 2, .wnd = 3, .up = 4,
				.flags = TCPF_ACK | TCPF_URG };
	struct tcp_segin in;
	unsigned int n;

	o.opt.has = TCPO_TS;
	o.opt.tsval = 0xdeadbeef;
	o.opt.tsecr = 5;
	n = wire_tcp_emit(buf, &o, 1, 2);
	wire_tcp_parse(buf, n + 100, &in);
	CHECK_EQ(in.seq, 1);
	CHECK_EQ(in.ack, 2);
	CHECK_EQ(in.wnd, 3);
	CHECK_EQ(in.up, 4);
	CHECK_EQ(in.flags, TCPF_ACK | TCPF_URG);
	CHECK_EQ(in.len, 100);
	CHECK_EQ(in.opt.has, TCPO_TS);
	CHECK_EQ(in.opt.tsval, 0xdeadbeef);
}

TEST(wire__unknown_options_are_stepped_over)	/* MUST-6 */
{
	static const u8 o[] = { 77, 6, 1, 2, 3, 4, 1, 2, 4, 5, 0xb4, 0 };
	struct tcp_segin in = parse(TCPF_SYN, o, sizeof(o));

	CHECK_EQ(in.opt.has, TCPO_MSS);
	CHECK_EQ(in.opt.mss, 1460);
}

TEST(wire__options_count_in_any_segment)	/* MUST-5 */
{
	static const u8 o[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 };
	static const u8 flags[] = { TCPF_SYN, TCPF_ACK, TCPF_FIN | TCPF_ACK, TCPF_RST, TCPF_URG };
	unsigned int i;

	for (i = 0; i < sizeof(flags); i++) {
		struct tcp_segin in = parse(flags[i], o, sizeof(o));

		CHECK_EQ(in.opt.has, TCPO_TS);
		CHECK_EQ(in.opt.tsval, 1);
	}
}

TEST(wire__options_begin_anywhere)	/* MUST-64: no padding, no word boundary */
{
	static const u8 o[] = { 1, 2, 4, 5, 0xb4, 1, 3, 3, 7,
				8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 4, 2, 0 };
	struct tcp_segin in = parse(TCPF_SYN, o, sizeof(o));

	CHECK_EQ(in.opt.has, TCPO_MSS | TCPO_WSCALE | TCPO_TS | TCPO_SACK_PERM);
	CHECK_EQ(in.opt.mss, 1460);
	CHECK_EQ(in.opt.wscale, 7);
	CHECK_EQ(in.opt.tsecr, 2);
}

TEST(wire__end_of_list_ends_it)	/* MUST-4 */
{
	static const u8 o[] = { 2, 4, 5, 0xb4, 0, 3, 3, 7 };

	CHECK_EQ(parse(TCPF_SYN, o, sizeof(o)).opt.has, TCPO_MSS);
}

/* Whatever is agreed: each option but NOP has its length, the list ends with the header. */
TEST(wire__emitted_options_are_well_formed)	/* MUST-68, MUST-69 */
{
	struct tcp_segout o;
	unsigned int has, at, n;

	for (has = 0; has < 64; has++) {
		memset(&o, 0, sizeof(o));
		o.flags = has & 1 ? TCPF_SYN : TCPF_ACK;
		o.opt.has = (has & 2 ? TCPO_TS : 0) |
			    (has & 1 ? TCPO_MSS | (has & 4 ? TCPO_WSCALE : 0) |
			     (has & 8 ? TCPO_SACK_PERM : 0) : has & 4 ? TCPO_SACK : 0);
		o.opt.n_sack = o.opt.has & TCPO_SACK ? 1 + (has >> 4) % 3 : 0;
		o.opt.mss = 1460;
		n = wire_tcp_emit(buf, &o, 1, 2);
		CHECK_EQ(n, (buf[12] >> 4) * 4U);
		for (at = 20; at < n && buf[at]; at += buf[at] == 1 ? 1 : buf[at + 1])
			CHECK(buf[at] == 1 || buf[at + 1] >= 2);
		CHECK(at <= n);
		for (; at < n; at++)
			CHECK_EQ(buf[at], 0);
	}
}

TEST(wire__senseless_length_ends_the_reading)	/* MUST-7 */
{
	static const u8 zero[] = { 2, 4, 5, 0xb4, 8, 0, 3, 3, 7, 0, 0, 0 };
	static const u8 beyond[] = { 2, 4, 5, 0xb4, 8, 40, 0, 0 };
	static const u8 cut[] = { 1, 1, 1, 8 };

	CHECK_EQ(parse(TCPF_SYN, zero, sizeof(zero)).opt.has, TCPO_MSS);
	CHECK_EQ(parse(TCPF_SYN, beyond, sizeof(beyond)).opt.has, TCPO_MSS);
	CHECK_EQ(parse(TCPF_SYN, cut, sizeof(cut)).opt.has, 0);
}

TEST(wire__syn_options_count_in_syns_alone)
{
	static const u8 o[] = { 2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 1, 1 };

	CHECK_EQ(parse(TCPF_ACK, o, sizeof(o)).opt.has, 0);
	CHECK_EQ(parse(TCPF_SYN, o, sizeof(o)).opt.has,
		 TCPO_MSS | TCPO_WSCALE | TCPO_SACK_PERM);
}

TEST(wire__wrong_sizes_of_known_options_are_ignored)
{
	static const u8 o[] = { 2, 3, 5, 3, 4, 7, 7, 5, 5, 1, 1, 1, 8, 9, 1, 1, 1, 1, 1, 1, 1, 0 };

	CHECK_EQ(parse(TCPF_SYN, o, sizeof(o)).opt.has, 0);
	CHECK_EQ(parse(TCPF_ACK, o, sizeof(o)).opt.has, 0);
}

TEST(wire__scale_over_14_is_14)	/* RFC 7323 2.3 */
{
	static const u8 o[] = { 3, 3, 200, 0 };

	CHECK_EQ(parse(TCPF_SYN, o, sizeof(o)).opt.wscale, 14);
}

TEST(wire__bad_header_length)
{
	head(0);
	buf[12] = 4 << 4;
	CHECK_EQ(wire_tcp_hlen(buf), 0);
	buf[12] = 15 << 4;
	CHECK_EQ(wire_tcp_hlen(buf), 60);
}
