// SPDX-License-Identifier: GPL-2.0
/*
 * A socket belongs to who opens it: its network namespace, its owner, and whether
 * it may be opened at all. The supervisor opens sockets for others, so it must not lend them
 * its own rights: it compares, and where there is a difference a throw-away child
 * takes the caller's place first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "identity.h"

static void identity_path(char *to, size_t size, pid_t tid, const char *leaf)
{
	if (tid)
		snprintf(to, size, "/proc/%d/%s", (int)tid, leaf);
	else
		snprintf(to, size, "/proc/self/%s", leaf);
}

static int identity_ns(pid_t tid, const char *leaf, ino_t *ino)
{
	char path[64];
	struct stat st;

	identity_path(path, sizeof(path), tid, leaf);
	if (stat(path, &st))
		return -1;
	*ino = st.st_ino;
	return 0;
}

static void identity_groups(struct run_identity *id, char *at)
{
	char *end;

	for (id->ngroups = 0;; id->ngroups++, at = end) {
		unsigned long g = strtoul(at, &end, 10);

		if (end == at)
			return;
		if (id->ngroups < IDENTITY_GROUPS)
			id->groups[id->ngroups] = (gid_t)g;
	}
}

static int identity_ids(const char *line, unsigned int *to)
{
	return sscanf(line, "%u %u %u %u", &to[0], &to[1], &to[2], &to[3]) == 4 ? 1 : 0;
}

/* The four lines of /proc/TID/status that matter. */
static int identity_status(pid_t tid, struct run_identity *id)
{
	char path[64], *line = NULL;
	size_t room = 0;
	int seen = 0;
	FILE *f;

	identity_path(path, sizeof(path), tid, "status");
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (getline(&line, &room, f) > 0) {
		if (!strncmp(line, "Uid:", 4)) {
			seen += identity_ids(line + 4, id->uid);
		} else if (!strncmp(line, "Gid:", 4)) {
			seen += identity_ids(line + 4, id->gid);
		} else if (!strncmp(line, "Groups:", 7)) {
			identity_groups(id, line + 7);
			seen++;
		} else if (!strncmp(line, "CapEff:", 7)) {
			id->caps = strtoull(line + 7, NULL, 16);
			seen++;
		}
	}
	free(line);
	fclose(f);
	if (seen == 4)
		return 0;
	errno = ESRCH;
	return -1;
}

int run_identity_get(pid_t tid, struct run_identity *id)
{
	memset(id, 0, sizeof(*id));
	if (identity_ns(tid, "ns/user", &id->userns) || identity_ns(tid, "ns/net", &id->netns))
		return -1;
	return identity_status(tid, id);
}

bool run_identity_same(const struct run_identity *a, const struct run_identity *b)
{
	return !memcmp(a, b, sizeof(*a)) && a->ngroups <= IDENTITY_GROUPS;
}

static int identity_join(pid_t tid, const char *leaf, int type)
{
	char path[64];
	int fd, err;

	identity_path(path, sizeof(path), tid, leaf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	err = setns(fd, type);
	close(fd);
	return err;
}

/* Keeps of our capabilities those that are in @want. */
static int identity_caps(uint64_t want)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i;

	if (syscall(SYS_capget, &hdr, data))
		return -1;
	for (i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(want >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &hdr, data);
}

static int identity_ids_assume(const struct run_identity *id, const struct run_identity *now)
{
	bool groups = id->ngroups != now->ngroups ||
		      memcmp(id->groups, now->groups, sizeof(id->groups));

	if (prctl(PR_SET_KEEPCAPS, 1))
		return -1;
	if (groups && syscall(SYS_setgroups, (size_t)id->ngroups, id->groups))
		return -1;
	if (memcmp(id->gid, now->gid, sizeof(id->gid)) &&
	    syscall(SYS_setresgid, id->gid[0], id->gid[1], id->gid[2]))
		return -1;
	if (memcmp(id->uid, now->uid, sizeof(id->uid)) &&
	    syscall(SYS_setresuid, id->uid[0], id->uid[1], id->uid[2]))
		return -1;
	return 0;
}

int run_identity_assume(pid_t tid, const struct run_identity *own)
{
	struct run_identity id, now;
	bool net_done;

	if (run_identity_get(tid, &id))
		return -1;
	net_done = id.netns == own->netns;
	/*
	 * The right to enter the network namespace is either in the user namespace we
	 * are in or in the one we go to.
	 */
	if (id.netns != own->netns)
		net_done = !identity_join(tid, "ns/net", CLONE_NEWNET);
	if (id.userns != own->userns && identity_join(tid, "ns/user", CLONE_NEWUSER))
		return -1;
	if (!net_done && identity_join(tid, "ns/net", CLONE_NEWNET))
		return -1;
	/* Ids once more, as the user namespace we are in now counts them. */
	if (run_identity_get(tid, &id) || run_identity_get(0, &now))
		return -1;
	if (id.ngroups > IDENTITY_GROUPS) {
		errno = EPERM;
		return -1;
	}
	if (identity_ids_assume(&id, &now) || identity_caps(id.caps))
		return -1;
	/* The file system ids own the socket; changing them alone reports no error. */
	setfsgid(id.gid[3]);
	setfsuid(id.uid[3]);
	return run_identity_get(0, &now) || !run_identity_same(&id, &now) ? (errno = EPERM, -1) : 0;
}
