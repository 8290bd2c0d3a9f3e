// SPDX-License-Identifier: GPL-2.0
/*
 * Connect, request, response, close: what a short HTTP exchange costs. The server
 * closes first, as HTTP/1.0 servers do, so TIME-WAIT is on its side.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

static void one(const struct opts *o)
{
	int fd = sock_connect(o);

	say_hello(fd, MODE_CLOSE, o->size, 0);
	if (!read_all(fd, chunk(), o->size))
		fail("the server closed without an answer");
	if (read_all(fd, chunk(), 1))
		fail("the server answered more than %u bytes", o->size);
	close(fd);
}

int do_crr(const struct opts *o)
{
	u64 n = 0, deadline;
	struct watch w;

	do
		one(o);
	while (++n < o->warm);
	watch_start(&w);
	deadline = deadline_ns(o);
	for (n = 0; o->count ? n < o->count : now_ns() < deadline; n++)
		one(o);
	watch_stop(&w);
	report("crr", o, &w, n, 0, "");
	return 0;
}
