/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of program a file is, as far as `plumb run` must know: shared by the
 * launcher and by its preload library (which looks at what a child executes).
 */
#ifndef PLUMB_RUN_TARGET_H
#define PLUMB_RUN_TARGET_H

/**
 * enum run_kind - how a program's socket() can be reached
 * @RUN_UNKNOWN: cannot be read, or is nothing this host executes by itself
 * @RUN_DYNAMIC: the dynamic linker loads it, and with it the preload library
 * @RUN_STATIC: no dynamic linker
 * @RUN_DIRECT: dynamic, but calls the kernel by itself (Go)
 * @RUN_FOREIGN: another ELF class or machine than ours (32-bit)
 */
enum run_kind {
	RUN_UNKNOWN,
	RUN_DYNAMIC,
	RUN_STATIC,
	RUN_DIRECT,
	RUN_FOREIGN,
};

/**
 * struct run_target - a program as found
 * @kind: of the ELF file that the kernel will load
 * @elevates: set-user-ID, set-group-ID or file capabilities would give the caller more than it
 *	has: the dynamic linker then refuses foreign preload libraries
 */
struct run_target {
	enum run_kind kind;
	int elevates;
};

/**
 * run_target_look() - look at a program
 * @path: the file; a script is followed to its interpreter
 * @t: the answer
 *
 * Makes system calls only (open, read, stat, getxattr): safe between vfork() and exec.
 */
void run_target_look(const char *path, struct run_target *t);

#endif /* PLUMB_RUN_TARGET_H */
