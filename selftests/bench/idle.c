// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that idle connections hold: slab objects in use (/proc/slabinfo) and
 * MemAvailable, before and after. If the server is on the same machine the figure is of both
 * ends together. The caches that grew most are listed by name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define CACHES	512	/* slab caches of a kernel */
#define SHOWN	8	/* of them in the report */

struct cache {
	char	name[40];
	long	bytes;		/* in use */
};

struct memory {
	struct cache	caches[CACHES];
	unsigned int	n;
	long		slab;		/* bytes in use in all caches */
	long		available;	/* bytes, MemAvailable */
};

static void read_slabs(struct memory *m)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	char line[512];
	long active, total, size;

	if (!file)
		fail("/proc/slabinfo: %s", strerror(errno));
	while (m->n < CACHES && fgets(line, sizeof(line), file)) {
		struct cache *c = &m->caches[m->n];

		if (sscanf(line, "%39s %ld %ld %ld", c->name, &active, &total, &size) != 4)
			continue;
		c->bytes = active * size;
		m->slab += c->bytes;
		m->n++;
	}
	fclose(file);
}

static void read_meminfo(struct memory *m)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[256];
	long kib;

	if (!file)
		fail("/proc/meminfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemAvailable: %ld kB", &kib) == 1)
			m->available = kib * 1024;
	}
	fclose(file);
}

/* Caches of files and names that nobody uses any more are dropped first, as they come and go. */
static struct memory *measure(void)
{
	struct memory *m = calloc(1, sizeof(*m));
	FILE *file = fopen("/proc/sys/vm/drop_caches", "w");

	if (!m)
		fail("no memory");
	if (file) {
		fputs("3\n", file);
		fclose(file);
	}
	read_slabs(m);
	read_meminfo(m);
	return m;
}

static long grown(const struct memory *before, const struct cache *c)
{
	unsigned int i;

	for (i = 0; i < before->n; i++) {
		if (!strcmp(before->caches[i].name, c->name))
			return c->bytes - before->caches[i].bytes;
	}
	return c->bytes;
}

static int by_bytes(const void *a, const void *b)
{
	long x = ((const struct cache *)a)->bytes, y = ((const struct cache *)b)->bytes;

	return (x < y) - (x > y);
}

/* Text for report(): bytes a connection, and the caches with the largest share. */
static void describe(char *text, size_t room, const struct memory *before,
		     struct memory *after, unsigned int conns)
{
	unsigned int i;
	size_t used;

	used = (size_t)snprintf(text, room,
				", \"slab_conn\": %ld, \"avail_conn\": %ld, \"caches\": {",
				(after->slab - before->slab) / (long)conns,
				(before->available - after->available) / (long)conns);
	for (i = 0; i < after->n; i++)
		after->caches[i].bytes = grown(before, &after->caches[i]);
	qsort(after->caches, after->n, sizeof(after->caches[0]), by_bytes);
	for (i = 0; i < SHOWN && i < after->n && used < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s\"%s\": %ld", i ? ", " : "",
					 after->caches[i].name,
					 after->caches[i].bytes / (long)conns);
	if (used < room)
		snprintf(text + used, room - used, "}");
}

int do_idle(const struct opts *o)
{
	struct memory *before, *after;
	char extra[1024], byte;
	struct watch w;
	unsigned int i;
	int fd;

	raise_files();
	watch_start(&w);
	before = measure();
	for (i = 0; i < o->conns; i++) {
		fd = sock_connect(o);
		say_hello(fd, MODE_IDLE, 1, 0);
		if (!read_all(fd, &byte, 1))
			fail("connection %u was closed", i);
	}
	sleep(1);
	after = measure();
	watch_stop(&w);
	w.idle_ns = -1;
	describe(extra, sizeof(extra), before, after, o->conns);
	report("idle", o, &w, 0, 0, extra);
	free(before);
	free(after);
	return 0;
}
