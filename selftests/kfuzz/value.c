// SPDX-License-Identifier: GPL-2.0
/* Random numbers, and lengths and memory made of them. */
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kfuzz.h"

static unsigned char *memory;

void rng_seed(struct rng *r, uint64_t seed)
{
	r->state = seed;
}

/* SplitMix64 */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t below(struct rng *r, uint32_t n)
{
	return n ? (uint32_t)((rng_next(r) >> 32) * n >> 32) : 0;
}

bool one_in(struct rng *r, uint32_t n)
{
	return below(r, n) == 0;
}

int64_t number(struct rng *r)
{
	static const int64_t edges[] = {
		0, 1, 2, 3, 4, 8, 16, 20, 40, 48, 64, 88, 127, 128, 255, 256, 512, 536, 576, 1024,
		1280, 1460, 1500, 2048, 2304, 4096, 4608, 8192, 16384, 32767, 32768, 65483, 65507,
		65515, 65535, 65536, 86400, 131072, 212992, 425984, 1 << 20, 1 << 24, 1 << 30,
		INT_MAX, INT_MIN, UINT_MAX, -1, -2, LLONG_MAX, LLONG_MIN,
	};

	switch (below(r, 8)) {
	case 0:
		return (int64_t)rng_next(r);
	case 1:
		return below(r, 65536);
	case 2:
		return (int64_t)(1ull << below(r, 64));
	case 3:
	case 4:
		return below(r, 4);
	default:
		return (int64_t)((uint64_t)PICK(r, edges) + (one_in(r, 3) ? below(r, 3) : 1) - 1);
	}
}

uint32_t length(struct rng *r, uint32_t right)
{
	switch (below(r, 16)) {
	case 0:
		return (uint32_t)number(r);
	case 1:
		return below(r, right + 8);
	case 2:
		return right + below(r, 64);
	case 3:
		return right / 2;
	default:
		return right;
	}
}

void fill(struct rng *r, void *data, size_t len)
{
	unsigned char *p = data;
	uint64_t word;
	size_t n;

	for (; len; len -= n, p += n) {
		n = len < sizeof(word) ? len : sizeof(word);
		word = one_in(r, 3) ? (uint64_t)number(r) : rng_next(r);
		memcpy(p, &word, n);
	}
}

int room_init(void)
{
	memory = mmap(NULL, 2 * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -1;
	return mprotect(memory + ROOM, ROOM, PROT_NONE);
}

void *room_good(struct rng *r, size_t len)
{
	size_t first = len < ROOM ? below(r, ROOM - len) : 0;

	if (one_in(r, 2))
		first &= ~(size_t)4095;
	fill(r, memory + first, len < 256 ? len : 256);
	return memory + first;
}

void *room(struct rng *r, size_t len)
{
	static void *const nowhere[] = {
		NULL, (void *)1, (void *)-1L, (void *)0xffff888000000000ul,
		(void *)0xffffffff81000000ul, (void *)0x7ffffffff000ul,
	};

	if (len > ROOM)
		len = ROOM;
	switch (below(r, 40)) {
	case 0:
		return PICK(r, nowhere);
	case 1:		/* it ends within */
		return memory + ROOM - below(r, (uint32_t)len + 1);
	case 2:		/* it ends exactly here */
		return memory + ROOM - len;
	default:
		return room_good(r, len);
	}
}
