/* SPDX-License-Identifier: GPL-2.0 */
/* The process that opens Plumb sockets for programs a library cannot enter. */
#ifndef PLUMB_RUN_SUPERVISE_H
#define PLUMB_RUN_SUPERVISE_H

#include <stdbool.h>

/**
 * run_supervise_start() - put the calling process under a supervisor
 * @family: Plumb's number
 * @ipv4_only: refuse IPv6 sockets
 *
 * The supervisor is a process of its own, nobody's child, and ends with the last
 * program it serves: the caller keeps its process id, its terminal and its children,
 * so exit codes, signals and job control need no help.
 *
 * Return: 0, also if a supervisor serves us already; -1 with a message printed.
 */
int run_supervise_start(int family, bool ipv4_only);

#endif /* PLUMB_RUN_SUPERVISE_H */
