// SPDX-License-Identifier: GPL-2.0
/*
 * The Internet checksum (RFC 1071) over contiguous octets, for programs: the module has the
 * kernel's own, which the architecture has tuned.
 */
#include "csum.h"

u32 wire_csum_add(const u8 *p, unsigned int len, u32 sum)
{
	u64 acc = sum;
	u16 word;

	for (; len > 1; len -= 2, p += 2) {
		memcpy(&word, p, sizeof(word));
		acc += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, 1);
		acc += word;
	}
	while (acc >> 32)
		acc = (acc & 0xffffffff) + (acc >> 32);
	return (u32)acc;
}
