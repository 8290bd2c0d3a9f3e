/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine needs of the world it is compiled in: integer types, bounds, errno values,
 * counter numbers. The one place in engine/ that knows whether this is the kernel or user space.
 */
#ifndef _PLUMB_TCP_ENGINE_TYPES_H
#define _PLUMB_TCP_ENGINE_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/errno.h>
#include <linux/snmp.h>
#include <linux/math64.h>
#include <linux/limits.h>
#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/bug.h>
#include <linux/compiler.h>

/* True if @x, which cannot be. Said once in the log. */
#define TCP_IMPOSSIBLE(x)	WARN_ON_ONCE(x)
#else
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include <errno.h>
#include <linux/snmp.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define S16_MAX		INT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define S32_MAX		INT32_MAX

#define min(a, b) \
	__extension__ ({ __typeof__(a) _x = (a); __typeof__(b) _y = (b); _x < _y ? _x : _y; })
#define max(a, b) \
	__extension__ ({ __typeof__(a) _x = (a); __typeof__(b) _y = (b); _x > _y ? _x : _y; })
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define noinline	__attribute__((__noinline__))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define static_assert	_Static_assert
#define fallthrough	__attribute__((__fallthrough__))
#define BUILD_BUG_ON(x)	static_assert(!(x), #x)
#define swap(a, b) do { __typeof__(a) _t = (a); (a) = (b); (b) = _t; } while (0)

/* In tests what cannot be ends the run. */
#define TCP_IMPOSSIBLE(x)	((x) ? (abort(), true) : false)

static inline u64 div_u64(u64 n, u32 d)
{
	return n / d;
}

static inline u64 div64_u64(u64 n, u64 d)
{
	return n / d;
}
#endif /* __KERNEL__ */

#define TCP_NSEC_PER_USEC	1000U
#define TCP_NSEC_PER_MSEC	1000000U
#define TCP_NSEC_PER_SEC	1000000000U
#define TCP_USEC_PER_MSEC	1000U
#define TCP_USEC_PER_SEC	1000000U
#define TCP_NEVER		(~(u64)0)	/* a deadline that does not come */

/* Order of sequence numbers, modulo 2^32 (RFC 9293 3.4). Serves wrapping µs stamps as well. */
static inline bool seq_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_leq(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

static inline bool seq_gt(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

static inline bool seq_geq(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

static inline u32 seq_min(u32 a, u32 b)
{
	return seq_lt(a, b) ? a : b;
}

static inline u32 seq_max(u32 a, u32 b)
{
	return seq_gt(a, b) ? a : b;
}

/* Microseconds of a clock in nanoseconds; wraps after 71 minutes. */
static inline u32 tcp_us(u64 now)
{
	return (u32)div_u64(now, TCP_NSEC_PER_USEC);
}

static inline u32 tcp_ms(u64 now)
{
	return (u32)div_u64(now, TCP_NSEC_PER_MSEC);
}

#endif /* _PLUMB_TCP_ENGINE_TYPES_H */
