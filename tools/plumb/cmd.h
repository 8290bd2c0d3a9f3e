/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of `plumb`, one a file. */
#ifndef PLUMB_CMD_H
#define PLUMB_CMD_H

#include <stdbool.h>
#include <stddef.h>

/* Exit codes, as ip(8) has them; `plumb run` has its own. */
#define EXIT_USAGE	1	/* the command was not understood */
#define EXIT_KERNEL	2	/* the kernel refused */

#define NOT_LOADED	"the module plumb is not loaded (as root: modprobe plumb)"

/**
 * struct command - a word and what it does
 * @name: the word; an abbreviation means the first of a table that begins so
 * @run: gets the word itself as argv[0], returns the exit code
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
};

/**
 * cmd_find() - the command that a word means
 * @table: of @n commands
 * @n: how many
 * @word: as typed, perhaps abbreviated
 *
 * Return: it, or NULL.
 */
const struct command *cmd_find(const struct command *table, size_t n, const char *word);

/**
 * cmd_run_sub() - run a command of an object ("addr add ...")
 * @table: of @n commands; the first is meant if there is no word
 * @n: how many
 * @help: prints the object's usage, to the standard error if it was not asked for
 * @argc: of @argv
 * @argv: argv[0] is the object
 *
 * Return: the exit code.
 */
int cmd_run_sub(const struct command *table, size_t n, void (*help)(int asked), int argc,
		char **argv);

/* What stands on the command line behind the options; returns the exit code. */
int cmd_line(int argc, char **argv);

/**
 * cmd_batch() - the commands of a file, one a line, with quotes, comments and continued lines
 * @name: of the file; "-" is the standard input
 * @force: go on after one that failed
 *
 * Return: 0, or EXIT_USAGE if one failed.
 */
int cmd_batch(const char *name, bool force);

int cmd_addr(int argc, char **argv);
int cmd_lan(int argc, char **argv);
int cmd_link(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_neigh(int argc, char **argv);
int cmd_ping(int argc, char **argv);
int cmd_route(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_ss(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_trace(int argc, char **argv);

#endif /* PLUMB_CMD_H */
