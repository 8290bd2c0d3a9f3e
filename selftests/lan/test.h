/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the LAN model in user space. A test is TEST(name) { ... }; what does not hold is said
 * with its file and line, and fails it.
 */
#ifndef _LAN_TEST_H
#define _LAN_TEST_H

#include <stdio.h>
#include <stdlib.h>

#include "../../drivers/lan/types.h"

struct lan_test {
	const char *name;
	void (*run)(void);
	struct lan_test *next;
};

void lan_test_register(struct lan_test *t);
__attribute__((format(printf, 3, 4)))
void lan_test_fail(const char *file, int line, const char *fmt, ...);

#define TEST(id)								\
	static void test_##id(void);						\
	static struct lan_test lan_test_##id = { #id, test_##id, NULL };	\
	__attribute__((constructor)) static void register_##id(void)		\
	{									\
		lan_test_register(&lan_test_##id);				\
	}									\
	static void test_##id(void)

#define expect(cond) do {							\
	if (!(cond))								\
		lan_test_fail(__FILE__, __LINE__, "not so: %s", #cond);		\
} while (0)
#define expect_eq(want, got) do {						\
	long long w_ = (long long)(want), g_ = (long long)(got);		\
	if (w_ != g_)								\
		lan_test_fail(__FILE__, __LINE__, "%s: want %lld, saw %lld", #got, w_, g_); \
} while (0)
#define expect_within(lo, hi, got) do {						\
	double g_ = (got);							\
	if (g_ < (lo) || g_ > (hi))						\
		lan_test_fail(__FILE__, __LINE__, "%s: want %g to %g, saw %g", #got,	\
			      (double)(lo), (double)(hi), g_);			\
} while (0)

static inline void random_octets(struct lan_rng *r, u8 *p, u32 n)
{
	while (n--)
		*p++ = (u8)lan_rng_next(r);
}

#endif /* _LAN_TEST_H */
