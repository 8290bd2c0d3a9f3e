// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the kernel, after what it may drop at any time was dropped.
 */
#include <stdio.h>

#include "soak.h"

static FILE *open_proc(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file)
		fail("%s cannot be opened", path);
	return file;
}

static long slab_bytes(void)
{
	FILE *file = open_proc("/proc/slabinfo", "r");
	long active, total, size, sum = 0;
	char line[512], name[64];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %ld %ld %ld", name, &active, &total, &size) == 4)
			sum += active * size;
	fclose(file);
	return sum;
}

static long available_bytes(void)
{
	FILE *file = open_proc("/proc/meminfo", "r");
	char line[256];
	long kib = 0;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %ld kB", &kib) == 1)
			break;
	fclose(file);
	return kib * 1024;
}

struct memory memory_now(void)
{
	FILE *file = open_proc("/proc/sys/vm/drop_caches", "w");

	fputs("3\n", file);
	fclose(file);
	return (struct memory) { slab_bytes(), available_bytes() };
}
