/* SPDX-License-Identifier: GPL-2.0 */
/* Whose socket it will be: credentials and namespaces of the task that asked. */
#ifndef PLUMB_RUN_IDENTITY_H
#define PLUMB_RUN_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define IDENTITY_GROUPS 256		/* more: told apart as different, and refused */

/**
 * struct run_identity - what decides if and where a socket may be opened
 * @userns: inode of the user namespace
 * @netns: inode of the network namespace
 * @caps: effective capabilities
 * @uid: real, effective, saved, file system
 * @gid: likewise
 * @ngroups: supplementary groups at @groups
 */
struct run_identity {
	ino_t userns, netns;
	uint64_t caps;
	uid_t uid[4];
	gid_t gid[4];
	int ngroups;
	gid_t groups[IDENTITY_GROUPS];
};

/* Reads a task's identity (0: our own), ids as our user namespace sees them. 0 or -1 with errno. */
int run_identity_get(pid_t tid, struct run_identity *id);

bool run_identity_same(const struct run_identity *a, const struct run_identity *b);

/**
 * run_identity_assume() - become like a task, for good
 * @tid: the task
 * @own: what we are now
 *
 * Return: 0, or -1 with errno: then nothing may be done in that task's name.
 */
int run_identity_assume(pid_t tid, const struct run_identity *own);

#endif /* PLUMB_RUN_IDENTITY_H */
