// SPDX-License-Identifier: GPL-2.0
/* The runner (KTAP): all tests, or those named. */
#include <stdarg.h>
#include <string.h>

#include "test.h"

static struct lan_test *tests, **tests_end = &tests;
static bool failed;

void lan_test_register(struct lan_test *t)
{
	*tests_end = t;
	tests_end = &t->next;
}

void lan_test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	failed = true;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static bool wanted(const struct lan_test *t, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], t->name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned int n = 0, bad = 0;
	const struct lan_test *t;

	for (t = tests; t; t = t->next)
		n += wanted(t, argc, argv);
	if (!n) {
		fprintf(stderr, "no such test\n");
		return 2;
	}
	printf("KTAP version 1\n1..%u\n", n);
	n = 0;
	for (t = tests; t; t = t->next) {
		if (!wanted(t, argc, argv))
			continue;
		failed = false;
		t->run();
		bad += failed;
		printf("%s %u lan.%s\n", failed ? "not ok" : "ok", ++n, t->name);
	}
	return bad ? 1 : 0;
}
