// SPDX-License-Identifier: GPL-2.0
/* plumb: the command line of the Plumb stack. Finds the command and hands over to it. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
};

/* An abbreviation means the first that begins so. */
static const struct command commands[] = {
	{ "run", cmd_run },
};

static void help(FILE *to)
{
	fprintf(to,
		"Usage: plumb COMMAND\n"
		"where  COMMAND := { run }\n");
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strncmp(argv[1], commands[i].name, strlen(argv[1])))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "Object \"%s\" is unknown, try \"plumb help\".\n", argv[1]);
	return EXIT_USAGE;
}
