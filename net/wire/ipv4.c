// SPDX-License-Identifier: GPL-2.0
/* The IPv4 header (RFC 791 3.1): octets to a checked value and back; its options' form. */
#include "csum.h"
#include "ipv4.h"

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <net/checksum.h>
#endif

#define IPV4_DF		0x4000
#define IPV4_MF		0x2000
#define IPV4_OFFSET	0x1fff

#define IPV4_OPT_END	0
#define IPV4_OPT_NOP	1
#define IPV4_OPT_RR	7
#define IPV4_OPT_TS	68
#define IPV4_OPT_LSRR	131
#define IPV4_OPT_SSRR	137
#define IPV4_OPT_COPIED	0x80

#define IPV4_TS_ONLY	0	/* flags of the timestamp option: times */
#define IPV4_TS_ADDR	1	/* addresses and times */
#define IPV4_TS_PRESPEC	3	/* times of the addresses that stand there */

/* The header's checksum: 0 if the one in it is right. */
static u16 ipv4_csum(const u8 *p, unsigned int hlen)
{
#ifdef __KERNEL__
	return (__force u16)ip_fast_csum(p, hlen / 4);
#else
	return wire_csum(p, hlen);
#endif
}

static void ipv4_put_csum(u8 *p, u16 csum)
{
	memcpy(p + 10, &csum, sizeof(csum));
}

enum wire_ipv4_verdict wire_ipv4_parse(const u8 *p, unsigned int len, struct wire_ipv4 *ip)
{
	u16 frag;

	ip->hlen = wire_ipv4_hlen(p);
	if (!ip->hlen)
		return WIRE_IPV4_BAD;
	if (len < ip->hlen)
		return WIRE_IPV4_SHORT;
	if (ipv4_csum(p, ip->hlen))
		return WIRE_IPV4_CSUM;
	ip->tot_len = wire_get16(p + 2);
	if (!ip->tot_len && len > WIRE_IPV4_MAX)
		ip->tot_len = len;
	if (ip->tot_len > len)
		return WIRE_IPV4_SHORT;
	if (ip->tot_len < ip->hlen)
		return WIRE_IPV4_BAD;
	frag = wire_get16(p + 6);
	ip->tos = p[1];
	ip->id = wire_get16(p + 4);
	ip->df = frag & IPV4_DF;
	ip->mf = frag & IPV4_MF;
	ip->offset = (frag & IPV4_OFFSET) * 8;
	ip->ttl = p[8];
	ip->proto = p[9];
	ip->saddr = wire_get_addr(p + 12);
	ip->daddr = wire_get_addr(p + 16);
	return WIRE_IPV4_OK;
}

void wire_ipv4_recheck(u8 *p)
{
	ipv4_put_csum(p, 0);
	ipv4_put_csum(p, ipv4_csum(p, wire_ipv4_hlen(p)));
}

void wire_ipv4_emit(u8 *p, const struct wire_ipv4 *ip, const u8 *opt)
{
	u16 frag = ip->offset / 8;

	if (ip->df)
		frag |= IPV4_DF;
	if (ip->mf)
		frag |= IPV4_MF;
	p[0] = 0x40 | ip->hlen / 4;
	p[1] = ip->tos;
	wire_put16(p + 2, ip->tot_len > WIRE_IPV4_MAX ? 0 : ip->tot_len);
	wire_put16(p + 4, ip->id);
	wire_put16(p + 6, frag);
	p[8] = ip->ttl;
	p[9] = ip->proto;
	ipv4_put_csum(p, 0);
	wire_put_addr(p + 12, ip->saddr);
	wire_put_addr(p + 16, ip->daddr);
	if (ip->hlen > WIRE_IPV4_HLEN)
		memcpy(p + WIRE_IPV4_HLEN, opt, ip->hlen - WIRE_IPV4_HLEN);
	ipv4_put_csum(p, ipv4_csum(p, ip->hlen));
}

void wire_ipv4_dec_ttl(u8 *p)
{
	u32 sum;

	/*
	 * The word of ttl and protocol gets less by 0x0100, so the complement in the
	 * checksum gets more by it, the carry going round (RFC 1141).
	 */
	sum = wire_get16(p + 10) + 0x0100;
	wire_put16(p + 10, (u16)(sum + (sum >= 0xffff)));
	p[8]--;
}

/* Octets of the option at @opt, of which @left are there; 0 if its length is impossible. */
static unsigned int ipv4_opt_len(const u8 *opt, unsigned int left)
{
	if (opt[0] == IPV4_OPT_NOP)
		return 1;
	if (left < 2 || opt[1] < 2 || opt[1] > left)
		return 0;
	return opt[1];
}

/*
 * What records has a pointer behind its length: counted from 1, it stands behind what is fixed.
 * 0, or where in the option the bad octet is.
 */
static unsigned int ipv4_opt_pointer_bad(const u8 *opt, unsigned int n)
{
	unsigned int fixed;

	if (opt[0] == IPV4_OPT_TS)
		fixed = 4;
	else if (opt[0] == IPV4_OPT_RR || opt[0] == IPV4_OPT_LSRR || opt[0] == IPV4_OPT_SSRR)
		fixed = 3;
	else
		return 0;
	if (n < fixed)
		return 1;
	return opt[2] <= fixed ? 2 : 0;
}

bool wire_ipv4_options_check(const u8 *opt, unsigned int len, unsigned int *at)
{
	unsigned int i, n;

	for (i = 0; i < len && opt[i] != IPV4_OPT_END; i += n) {
		n = ipv4_opt_len(opt + i, len - i);
		*at = i;
		if (!n)
			return false;
		*at += ipv4_opt_pointer_bad(opt + i, n);
		if (*at != i)
			return false;
	}
	return true;
}

/* Record Route: our address, if there is room for it. */
static bool ipv4_opt_record_route(u8 *opt, unsigned int n, __be32 us)
{
	unsigned int ptr = opt[2];

	if (ptr + 3 > n)
		return false;
	wire_put_addr(opt + ptr - 1, us);
	opt[2] += 4;
	return true;
}

/* Internet Timestamp: as its flags ask; who finds no room counts himself as left out. */
static bool ipv4_opt_timestamp(u8 *opt, unsigned int n, __be32 us, u32 now_ms)
{
	unsigned int ptr = opt[2], flags = opt[3] & 0xf;
	unsigned int need = flags == IPV4_TS_ONLY ? 4 : 8;

	if (ptr + need - 1 > n) {
		if (opt[3] >> 4 == 15)
			return false;
		opt[3] += 0x10;
		return true;
	}
	if (flags == IPV4_TS_PRESPEC && wire_get_addr(opt + ptr - 1) != us)
		return false;
	if (flags == IPV4_TS_ADDR)
		wire_put_addr(opt + ptr - 1, us);
	wire_put32(opt + ptr - 1 + need - 4, now_ms);
	opt[2] += need;
	return true;
}

bool wire_ipv4_options_record(u8 *opt, unsigned int len, __be32 us, u32 now_ms)
{
	unsigned int i, n;
	bool any = false;

	for (i = 0; i < len && opt[i] != IPV4_OPT_END; i += n) {
		n = ipv4_opt_len(opt + i, len - i);
		if (!n)
			break;
		if (opt[i] == IPV4_OPT_RR)
			any |= ipv4_opt_record_route(opt + i, n, us);
		else if (opt[i] == IPV4_OPT_TS)
			any |= ipv4_opt_timestamp(opt + i, n, us, now_ms);
	}
	return any;
}

bool wire_ipv4_source_routed(const u8 *opt, unsigned int len)
{
	unsigned int i, n;

	for (i = 0; i < len && opt[i] != IPV4_OPT_END; i += n) {
		n = ipv4_opt_len(opt + i, len - i);
		if (!n || opt[i] == IPV4_OPT_LSRR || opt[i] == IPV4_OPT_SSRR)
			return n != 0;
	}
	return false;
}

unsigned int wire_ipv4_options_copied(u8 *out, const u8 *opt, unsigned int len)
{
	unsigned int i, n, got = 0;

	for (i = 0; i < len && opt[i] != IPV4_OPT_END; i += n) {
		n = ipv4_opt_len(opt + i, len - i);
		if (!n)
			break;
		if (!(opt[i] & IPV4_OPT_COPIED))
			continue;
		memcpy(out + got, opt + i, n);
		got += n;
	}
	while (got % 4)
		out[got++] = IPV4_OPT_END;
	return got;
}
