/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of `plumb`, one a file. */
#ifndef PLUMB_CMD_H
#define PLUMB_CMD_H

/* Exit codes, as ip(8) has them; `plumb run` has its own. */
#define EXIT_USAGE	1	/* the command was not understood */
#define EXIT_KERNEL	2	/* the kernel refused */

/* Each gets its own name as argv[0] and returns the exit code. */
int cmd_run(int argc, char **argv);

#endif /* PLUMB_CMD_H */
