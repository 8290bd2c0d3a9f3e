// SPDX-License-Identifier: GPL-2.0
/*
 * ARP, IPv4, ICMP and UDP headers: what is parsed is what was emitted, what is wrong is refused,
 * and random octets are read within their bounds (built with address and undefined behaviour
 * sanitizers). A packet is put into memory of exactly its size, so that a read behind it is seen.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../net/wire/arp.h"
#include "../../net/wire/csum.h"
#include "../../net/wire/icmp.h"
#include "../../net/wire/ipv4.h"
#include "../../net/wire/udp.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static bool failed;

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
			failed = true;					\
		}							\
	} while (0)

static u8 *exact(const u8 *from, unsigned int len)
{
	u8 *p = malloc(len ? len : 1);

	memcpy(p, from, len);
	return p;
}

static const struct wire_ipv4 sample = {
	.tot_len = 20 + 100,
	.id = 0xabcd,
	.offset = 1480,
	.df = false,
	.mf = true,
	.hlen = 20,
	.tos = 0x2e,
	.ttl = 63,
	.proto = 17,
};

static bool ipv4_same(const struct wire_ipv4 *a, const struct wire_ipv4 *b)
{
	return a->tot_len == b->tot_len && a->id == b->id && a->offset == b->offset &&
	       a->df == b->df && a->mf == b->mf && a->hlen == b->hlen && a->tos == b->tos &&
	       a->ttl == b->ttl && a->proto == b->proto && a->saddr == b->saddr &&
	       a->daddr == b->daddr;
}

static void test_ipv4_round_trip(void)
{
	struct wire_ipv4 ip = sample, back;
	u8 opt[40] = { 1, 1, 1, 0 };
	u8 p[60];

	ip.saddr = htonl(0x0a000005);
	ip.daddr = htonl(0xc0000201);
	for (ip.hlen = 20; ip.hlen <= 60; ip.hlen += 4) {
		ip.tot_len = ip.hlen + 100;
		wire_ipv4_emit(p, &ip, opt);
		CHECK(wire_csum(p, ip.hlen) == 0);
		CHECK(wire_ipv4_parse(p, ip.tot_len, &back) == WIRE_IPV4_OK);
		CHECK(ipv4_same(&ip, &back));
	}
}

/* The example of RFC 1071 3: the sum of 0001 f203 f4f5 f6f7 is ddf2. */
static void test_checksum_of_rfc1071(void)
{
	static const u8 octets[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	u16 sum = wire_csum(octets, sizeof(octets));
	u8 b[2];

	memcpy(b, &sum, 2);
	CHECK(wire_get16(b) == (0xffff & ~0xddf2));
}

static void test_ipv4_refused(void)
{
	struct wire_ipv4 ip = sample, back;
	u8 p[120] = { 0 };

	wire_ipv4_emit(p, &ip, NULL);
	CHECK(wire_ipv4_parse(p, 119, &back) == WIRE_IPV4_SHORT);
	CHECK(wire_ipv4_parse(p, 300, &back) == WIRE_IPV4_OK);
	p[8]--;
	CHECK(wire_ipv4_parse(p, 120, &back) == WIRE_IPV4_CSUM);
	p[0] = 0x65;
	CHECK(wire_ipv4_parse(p, 120, &back) == WIRE_IPV4_BAD);
	p[0] = 0x44;
	CHECK(wire_ipv4_parse(p, 120, &back) == WIRE_IPV4_BAD);
	ip.tot_len = 19;
	wire_ipv4_emit(p, &ip, NULL);
	CHECK(wire_ipv4_parse(p, 120, &back) == WIRE_IPV4_BAD);
	/* A merged packet that no length field can say. */
	ip.tot_len = 70000;
	wire_ipv4_emit(p, &ip, NULL);
	CHECK(wire_get16(p + 2) == 0);
	CHECK(wire_ipv4_parse(p, 70000, &back) == WIRE_IPV4_OK && back.tot_len == 70000);
	CHECK(wire_ipv4_parse(p, 120, &back) == WIRE_IPV4_BAD);
}

static void test_ipv4_ttl(void)
{
	struct wire_ipv4 ip = sample, back;
	unsigned int i;
	u8 p[20];

	for (i = 0; i < 70000; i++) {
		ip.id = i;
		ip.ttl = 1 + i % 255;
		wire_ipv4_emit(p, &ip, NULL);
		wire_ipv4_dec_ttl(p);
		if (wire_ipv4_parse(p, 120, &back) != WIRE_IPV4_OK || back.ttl != ip.ttl - 1)
			break;
	}
	CHECK(i == 70000);
}

static void test_options_check(void)
{
	static const struct {
		u8 len;
		bool ok;
		u8 at;
		u8 opt[12];
	} row[] = {
		{ 0, true, 0, { 0 } },
		{ 4, true, 0, { 1, 1, 1, 1 } },
		{ 4, true, 0, { 0, 7, 99, 99 } },
		{ 8, true, 0, { 7, 7, 4, 0, 0, 0, 0, 0 } },
		{ 4, false, 0, { 7, 0, 4, 0 } },
		{ 4, false, 0, { 7, 1, 4, 0 } },
		{ 4, false, 1, { 1, 7, 4, 4 } },
		{ 4, false, 3, { 1, 1, 1, 7 } },
		{ 4, false, 2, { 7, 3, 3, 0 } },	/* pointer into what is fixed */
		{ 4, false, 1, { 7, 2, 0, 0 } },	/* no pointer at all */
		{ 4, false, 2, { 68, 4, 4, 0 } },
		{ 4, true, 0, { 68, 4, 5, 0 } },
		{ 4, false, 2, { 131, 3, 0, 0 } },
	};
	unsigned int i, at;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		p = exact(row[i].opt, row[i].len);
		at = 0;
		CHECK(wire_ipv4_options_check(p, row[i].len, &at) == row[i].ok);
		CHECK(row[i].ok || at == row[i].at);
		free(p);
	}
}

static void test_options_record(void)
{
	u8 rr[12] = { 7, 11, 4 };
	u8 ts[12] = { 68, 12, 5, 1 };
	__be32 us = htonl(0x0a000005);

	CHECK(wire_ipv4_options_record(rr, 12, us, 0));
	CHECK(rr[2] == 8 && wire_get_addr(rr + 3) == us);
	CHECK(wire_ipv4_options_record(rr, 12, us, 0) && rr[2] == 12);
	CHECK(!wire_ipv4_options_record(rr, 12, us, 0));
	CHECK(wire_ipv4_options_record(ts, 12, us, 0x01020304));
	CHECK(ts[2] == 13 && wire_get_addr(ts + 4) == us && wire_get32(ts + 8) == 0x01020304);
	/* No room: counted. */
	CHECK(wire_ipv4_options_record(ts, 12, us, 0) && ts[3] == 0x11);
}

static void test_options_copied(void)
{
	static const u8 opt[16] = { 1, 7, 7, 4, 0, 0, 0, 0, 130, 3, 9, 1, 131, 3, 4, 0 };
	u8 out[16];
	unsigned int n;

	n = wire_ipv4_options_copied(out, opt, sizeof(opt));
	CHECK(n == 8);
	CHECK(out[0] == 130 && out[3] == 131 && out[6] == 0 && out[7] == 0);
	CHECK(wire_ipv4_source_routed(opt, sizeof(opt)));
	CHECK(!wire_ipv4_source_routed(opt, 12));
}

static void test_arp(void)
{
	struct wire_arp arp = {
		.op = WIRE_ARP_REPLY,
		.spa = htonl(0x0a000001),
		.tpa = htonl(0x0a000002),
		.sha = { 2, 0, 0, 0, 0, 1 },
		.tha = { 2, 0, 0, 0, 0, 2 },
	}, back;
	u8 p[WIRE_ARP_LEN];

	wire_arp_emit(p, &arp);
	CHECK(wire_arp_parse(p, sizeof(p), &back));
	CHECK(back.op == arp.op && back.spa == arp.spa && back.tpa == arp.tpa);
	CHECK(!memcmp(back.sha, arp.sha, 6) && !memcmp(back.tha, arp.tha, 6));
	CHECK(!wire_arp_parse(p, WIRE_ARP_LEN - 1, &back));
	p[8] |= 1;
	CHECK(!wire_arp_parse(p, sizeof(p), &back));
	p[8] &= ~1;
	p[7] = 3;
	CHECK(!wire_arp_parse(p, sizeof(p), &back));
}

static void test_udp(void)
{
	struct wire_udp udp = { .sport = 1, .dport = 65535, .len = 20 }, back;
	u8 p[20] = { 0 };

	wire_udp_emit(p, &udp);
	CHECK(wire_udp_parse(p, 20, &back) && back.sport == 1 && back.dport == 65535);
	CHECK(back.len == 20 && !back.checked);
	CHECK(wire_udp_parse(p, 30, &back));
	CHECK(!wire_udp_parse(p, 19, &back));
	CHECK(!wire_udp_parse(p, 7, &back));
	wire_put16(p + 4, 7);
	CHECK(!wire_udp_parse(p, 20, &back));
}

static void test_multicast_address(void)
{
	static const u8 want[6] = { 0x01, 0x00, 0x5e, 0x7f, 0x80, 0x01 };
	u8 mac[6];

	wire_eth_multicast(mac, htonl(0xefff8001));
	CHECK(!memcmp(mac, want, 6));
}

/* Whatever the octets: no read out of bounds, no endless walk. */
static void test_noise(void)
{
	static const u8 telling[] = { 0, 1, 7, 68, 131, 3, 4, 5 };	/* kinds of options */
	struct wire_ipv4 ip;
	struct wire_arp arp;
	struct wire_udp udp;
	struct wire_icmp icmp;
	unsigned int i, j, len, at;
	u8 raw[64], out[64], *p;

	srand(1);
	for (i = 0; i < 300000; i++) {
		len = rand() % 61;
		for (j = 0; j < len; j++)
			raw[j] = rand() % 3 ? rand() : telling[rand() % ARRAY_SIZE(telling)];
		p = exact(raw, len);
		if (len && wire_ipv4_hlen(p) <= len && len >= 20)
			wire_ipv4_parse(p, len, &ip);
		wire_arp_parse(p, len, &arp);
		wire_udp_parse(p, len, &udp);
		wire_icmp_parse(p, len, &icmp);
		if (len <= 40 && wire_ipv4_options_check(p, len, &at)) {
			wire_ipv4_source_routed(p, len);
			CHECK(wire_ipv4_options_copied(out, p, len) <= 40);
			wire_ipv4_options_record(p, len, htonl(1), i);
			CHECK(wire_ipv4_options_check(p, len, &at));
		}
		free(p);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "ipv4_round_trip", test_ipv4_round_trip },
	{ "checksum_of_rfc1071", test_checksum_of_rfc1071 },
	{ "ipv4_refused", test_ipv4_refused },
	{ "ipv4_ttl", test_ipv4_ttl },
	{ "options_check", test_options_check },
	{ "options_record", test_options_record },
	{ "options_copied", test_options_copied },
	{ "arp", test_arp },
	{ "udp", test_udp },
	{ "multicast_address", test_multicast_address },
	{ "noise", test_noise },
};

int main(void)
{
	unsigned int i, bad = 0;

	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		failed = false;
		tests[i].run();
		bad += failed;
		printf("%sok %u %s\n", failed ? "not " : "", i + 1, tests[i].name);
	}
	return bad != 0;
}
