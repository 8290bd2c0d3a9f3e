// SPDX-License-Identifier: GPL-2.0
/*
 * What datagram sockets do, told by Linux's own and by Plumb's: each scene is played on
 * AF_INET and then on Plumb's family over the loopback address, writes down what it saw,
 * and the two accounts must be the same, word for word. One KTAP point a scene.
 *
 *	behave [family [scene]]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "behave.h"

static const struct scene *const groups[] = { behave_data, behave_groups, behave_options };

#define GROUPS	(sizeof(groups) / sizeof(groups[0]))

static char *play(int family, void (*fn)(void))
{
	char *text = NULL;
	size_t len;

	fam = family;
	out = open_memstream(&text, &len);
	fn();
	fclose(out);
	return text;
}

/* The lines in which the two accounts part. */
static void tell_difference(char *linux_says, char *plumb_says)
{
	char *l = strtok_r(linux_says, "\n", &linux_says);
	char *p = strtok_r(plumb_says, "\n", &plumb_says);

	while (l || p) {
		if (!l || !p || strcmp(l, p))
			printf("# Linux: %-40s Plumb: %s\n", l ? l : "(end)", p ? p : "(end)");
		l = l ? strtok_r(NULL, "\n", &linux_says) : NULL;
		p = p ? strtok_r(NULL, "\n", &plumb_says) : NULL;
	}
}

/* Both accounts of a scene: are they the same? */
static bool judge(const struct scene *s, int family, bool loud)
{
	char *l = play(AF_INET, s->fn), *p = play(family, s->fn);
	bool same = !strcmp(l, p);

	if (loud)
		printf("%s---\n%s", l, p);
	if (!same)
		tell_difference(l, p);
	free(l);
	free(p);
	return same;
}

int main(int argc, char **argv)
{
	int family = argc > 1 ? atoi(argv[1]) : 18;
	unsigned int i, n = 0, failed = 0;
	const struct scene *s;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < GROUPS; i++) {
		for (s = groups[i]; s->name; s++) {
			bool same;

			if (argc > 2 && strcmp(argv[2], s->name))
				continue;
			same = judge(s, family, argc > 3);
			printf("%s %u - behave %s\n", same ? "ok" : "not ok", ++n, s->name);
			failed += !same;
		}
	}
	printf("1..%u\n", n);
	return failed || !n;
}
