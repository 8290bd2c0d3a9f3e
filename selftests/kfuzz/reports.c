// SPDX-License-Identifier: GPL-2.0
/* What the kernel says in its log. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kfuzz.h"

static int kmsg = -1;

/* The heads of reports, as scripts/vm.d/reports.sh has them. */
static const char *const heads[] = {
	"BUG: ", "kernel BUG at", "WARNING: ", "Oops", "Kernel panic", "general protection fault",
	"unable to handle", "KASAN: ", "UBSAN: ", "KCSAN: ", "refcount_t: ", "ODEBUG: ",
	"list_add corruption", "list_del corruption", "Bad page", "rcu: INFO: ", "stall",
	"INFO: task ", "soft lockup", "unregister_netdevice: waiting", "scheduling while atomic",
	"sleeping function called", "INFO: trying to register non-static key",
	"possible recursive locking", "unreferenced object",
};

int reports_init(void)
{
	int limit = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);

	/* Each line counts. */
	if (limit < 0 || write(limit, "on\n", 3) < 0)
		perror("printk_devkmsg");
	close(limit);
	kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0)
		return -1;
	return lseek(kmsg, 0, SEEK_END) < 0 ? -1 : 0;
}

static bool is_report(const char *line)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strstr(line, heads[i]))
			return true;
	return false;
}

/* The lines that follow a report's head belong to it. */
bool reports_seen(void)
{
	bool seen = false;
	char line[8192], *text;
	ssize_t n;

	for (;;) {
		n = read(kmsg, line, sizeof(line) - 1);
		if (n <= 0)
			return seen;
		line[n] = 0;
		text = strchr(line, ';');
		if (!text || strstr(text, "kfuzz: "))
			continue;
		seen |= is_report(text);
		if (seen)
			printf("# %.*s\n", (int)strcspn(text + 1, "\n"), text + 1);
	}
}

void reports_note(const char *format, ...)
{
	char line[960];
	va_list args;
	int n;

	n = snprintf(line, sizeof(line), "kfuzz: ");
	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	if (write(kmsg, line, strlen(line)) < 0)
		return;
}
