/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure part of the LAN model (frame.c, manchester.c, mlt3.c, csma.c, fault.c) needs of the
 * world it is compiled in. The one place there that knows whether this is the kernel or the
 * user-space build of selftests/lan.
 */
#ifndef _PLUMB_LAN_TYPES_H
#define _PLUMB_LAN_TYPES_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

/* CRC-32 of IEEE 802.3 3.2.9, bits reflected, complemented at both ends. */
static inline u32 lan_crc32(const u8 *p, size_t len)
{
	return ~crc32_le(~0U, p, len);
}
#else
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int32_t s32;
typedef int64_t s64;

#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define fallthrough	__attribute__((__fallthrough__))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define min(a, b) __extension__ ({					\
	__typeof__(a) _x = (a);						\
	__typeof__(b) _y = (b);						\
	_x < _y ? _x : _y; })
#define max(a, b) __extension__ ({					\
	__typeof__(a) _x = (a);						\
	__typeof__(b) _y = (b);						\
	_x > _y ? _x : _y; })
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))

static inline u64 div_u64(u64 n, u32 d)
{
	return n / d;
}

static inline u64 div64_u64(u64 n, u64 d)
{
	return n / d;
}

static inline u32 lan_crc32(const u8 *p, size_t len)
{
	return (u32)crc32(0, p, (unsigned int)len);
}
#endif /* __KERNEL__ */

#define LAN_PPB		1000000000U	/* rates are in parts of a thousand million */
#define LAN_NEVER	(~(u64)0)	/* a time that does not come */

/**
 * struct lan_rng - a seeded source of random numbers: one seed, one course of events
 * @s: state, never zero
 */
struct lan_rng {
	u64 s;
};

static inline void lan_rng_seed(struct lan_rng *r, u64 seed)
{
	r->s = seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL;
	if (!r->s)
		r->s = 1;
}

/* xorshift64* (Marsaglia, Vigna): good enough for a cable, and the same everywhere. */
static inline u32 lan_rng_next(struct lan_rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return (u32)((r->s * 0x2545f4914f6cdd1dULL) >> 32);
}

/* Uniform in 0 .. n - 1; @n is not 0. */
static inline u32 lan_rng_below(struct lan_rng *r, u32 n)
{
	return (u32)(((u64)lan_rng_next(r) * n) >> 32);
}

static inline bool lan_bit_get(const u8 *p, u32 i)
{
	return p[i >> 3] >> (i & 7) & 1;
}

static inline void lan_bit_put(u8 *p, u32 i, bool v)
{
	if (v)
		p[i >> 3] |= (u8)(1U << (i & 7));
	else
		p[i >> 3] &= (u8)~(1U << (i & 7));
}

#endif /* _PLUMB_LAN_TYPES_H */
