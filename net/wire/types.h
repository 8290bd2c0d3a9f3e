/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few types and byte accessors that net/wire needs, in the kernel and in a
 * user-space build of the same files. What comes from the wire may stand at any
 * address: it is read octet by octet (one load and a swap, once compiled).
 */
#ifndef _PLUMB_WIRE_TYPES_H
#define _PLUMB_WIRE_TYPES_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include <arpa/inet.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#ifndef __force
#define __force
#endif
#endif

/* Two octets in network order at any address, as a number. */
static inline u16 wire_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

/* Four octets as they stand, for what is compared but never counted with (addresses). */
static inline __be32 wire_get_addr(const u8 *p)
{
	__be32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void wire_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline u32 wire_get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline void wire_put32(u8 *p, u32 v)
{
	wire_put16(p, v >> 16);
	wire_put16(p + 2, v & 0xffff);
}

static inline void wire_put_addr(u8 *p, __be32 v)
{
	memcpy(p, &v, sizeof(v));
}

#endif /* _PLUMB_WIRE_TYPES_H */
