// SPDX-License-Identifier: GPL-2.0
/*
 * plumb lan scope ... pcapng: for Wireshark. Frames with their FCS, as the interface's if_fcslen
 * says (draft-ietf-opsawg-pcapng 4.2, 4.3). What is no frame (no start delimiter) is left out.
 */
#include <string.h>
#include <time.h>

#include "lan.h"

#define BLOCK_SHB	0x0a0d0d0aU
#define BLOCK_IDB	1U
#define BLOCK_EPB	6U
#define LINKTYPE_ETHERNET 1
#define OPT_IF_TSRESOL	9
#define OPT_IF_FCSLEN	13
#define OPT_EPB_FLAGS	2
#define EPB_CRC_ERROR	0x01000000U
#define EPB_LONG	0x02000000U
#define EPB_SHORT	0x04000000U
#define EPB_UNALIGNED	0x10000000U
#define EPB_SFD_ERROR	0x20000000U
#define EPB_SYMBOL	0x80000000U

static void put32(FILE *to, uint32_t v)
{
	fwrite(&v, sizeof(v), 1, to);
}

static void put_opt(FILE *to, uint16_t code, const void *v, uint16_t len)
{
	static const char zero[4];

	fwrite(&code, 2, 1, to);
	fwrite(&len, 2, 1, to);
	fwrite(v, 1, len, to);
	fwrite(zero, 1, -len & 3, to);
}

void scope_pcapng_begin(FILE *to)
{
	uint8_t ns = 9, fcs = 4;

	put32(to, BLOCK_SHB);
	put32(to, 28);
	put32(to, 0x1a2b3c4d);
	put32(to, 1);			/* version 1.0 */
	put32(to, ~0U);			/* length of the section: not known */
	put32(to, ~0U);
	put32(to, 28);

	put32(to, BLOCK_IDB);
	put32(to, 40);
	put32(to, LINKTYPE_ETHERNET);
	put32(to, 0);			/* no limit */
	put_opt(to, OPT_IF_TSRESOL, &ns, 1);
	put_opt(to, OPT_IF_FCSLEN, &fcs, 1);
	put_opt(to, 0, NULL, 0);
	put32(to, 40);
}

static uint32_t flags(const struct scope_shot *s)
{
	uint32_t f = 4U << 5;		/* FCS length */

	if (s->errors & 0x01)
		f |= EPB_CRC_ERROR;
	if (s->errors & 0x02)
		f |= EPB_UNALIGNED;
	if (s->errors & 0x04)
		f |= EPB_SHORT;
	if (s->errors & 0x08)
		f |= EPB_LONG;
	if (s->errors & 0x10)
		f |= EPB_SFD_ERROR;
	if (s->errors & 0x20)
		f |= EPB_SYMBOL;
	return f;
}

/* The adapter's clock is monotonic; a capture wants the time of day. */
static uint64_t wall_ns(uint64_t monotonic)
{
	struct timespec mono, real;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	return (uint64_t)real.tv_sec * 1000000000 + (uint64_t)real.tv_nsec -
	       ((uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec - monotonic);
}

void scope_pcapng(FILE *to, const struct scope_shot *s)
{
	uint32_t n = scope_octets(s), pad = -n & 3, total = 32 + n + pad + 12, f = flags(s), i;
	uint64_t ns = wall_ns(s->time_ns);

	if (!n)
		return;
	put32(to, BLOCK_EPB);
	put32(to, total);
	put32(to, 0);
	put32(to, (uint32_t)(ns >> 32));
	put32(to, (uint32_t)ns);
	put32(to, n);
	put32(to, n);
	for (i = 0; i < n; i++)
		fputc(scope_octet(s, i), to);
	for (i = 0; i < pad; i++)
		fputc(0, to);
	put_opt(to, OPT_EPB_FLAGS, &f, 4);
	put_opt(to, 0, NULL, 0);
	put32(to, total);
}
