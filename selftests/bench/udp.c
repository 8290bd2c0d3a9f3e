// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: out and in as fast as they go, and round trips. What counts is what the
 * receiver got; with --window nothing is lost for want of buffer, so that every
 * datagram sent is also one received.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench.h"

static int udp_connect(const struct opts *o)
{
	int fd = sock_open(o, SOCK_DGRAM);

	if (connect(fd, (const struct sockaddr *)&o->addr, sizeof(o->addr)))
		fail("connect: %s", strerror(errno));
	return fd;
}

static void limit_wait(int fd, long usec)
{
	struct timeval limit = { usec / 1000000, usec % 1000000 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		fail("SO_RCVTIMEO: %s", strerror(errno));
}

/* Asks again until an answer comes, as either may get lost. */
static u64 ask(int fd, enum datagram what)
{
	char question = (char)what;
	u64 answer;
	int tries;

	for (tries = 0; tries < 50; tries++) {
		send(fd, &question, 1, 0);
		if (recv(fd, &answer, sizeof(answer), 0) == sizeof(answer))
			return be64toh(answer);
	}
	fail("the server does not answer");
}

/* Asked until the count stands still: what is on its way counts as well. */
static u64 ask_settled(int fd)
{
	u64 before, count = ask(fd, UDP_ASK);

	do {
		before = count;
		usleep(20000);
		count = ask(fd, UDP_ASK);
	} while (count != before);
	return count;
}

int do_udp_out(const struct opts *o)
{
	char *data = chunk(), extra[128];
	u64 sent = 0, refused = 0, got, deadline;
	int fd = udp_connect(o);
	struct watch w;

	limit_wait(fd, 200000);
	ask(fd, UDP_ZERO);
	data[0] = UDP_DATA;
	watch_start(&w);
	deadline = deadline_ns(o);
	while (o->count ? sent < o->count : now_ns() < deadline) {
		if (send(fd, data, o->size, 0) < 0)
			refused++;
		sent++;
		if (o->window && sent % o->window == 0)
			ask(fd, UDP_ASK);
	}
	if (o->window)
		ask(fd, UDP_ASK);
	watch_stop(&w);
	got = ask_settled(fd);
	snprintf(extra, sizeof(extra), ", \"sent\": %llu, \"refused\": %llu",
		 (unsigned long long)sent, (unsigned long long)refused);
	report("udp-out", o, &w, got, got * o->size, extra);
	close(fd);
	return 0;
}

/* Asks for @count datagrams; returns how many came, and sets *@last to when the last did. */
static u64 receive_batch(int fd, u32 size, u64 count, u64 *last)
{
	struct hello hello = {
		.mode = UDP_SEND,
		.size = htobe32(size),
		.bytes = htobe64(count),
	};
	u64 got = 0;

	if (send(fd, &hello, sizeof(hello), 0) != sizeof(hello))
		fail("send: %s", strerror(errno));
	while (got < count && recv(fd, chunk(), CHUNK, 0) > 0) {
		got++;
		*last = now_ns();
	}
	return got;
}

/* The last datagram's arrival stops the clock, not the wait that shows there is no more. */
int do_udp_in(const struct opts *o)
{
	u64 want = o->count ? o->count : 10000, asked = 0, got = 0, last;
	int fd = udp_connect(o);
	struct watch w;

	limit_wait(fd, 200000);
	ask(fd, UDP_ZERO);
	limit_wait(fd, 1000000);
	watch_start(&w);
	last = w.start_ns;
	while (asked < want) {
		u64 batch = o->window && o->window < want - asked ? o->window : want - asked;

		got += receive_batch(fd, o->size, batch, &last);
		asked += batch;
	}
	watch_stop(&w);
	w.wall_ns = last - w.start_ns;
	if (!got)
		fail("no datagram came");
	if (got < want)
		w.idle_ns = -1;
	report("udp-in", o, &w, got, got * o->size, "");
	close(fd);
	return 0;
}

static u64 echo(int fd, const struct opts *o, u64 count, u64 deadline)
{
	u64 n = 0, lost = 0;
	char *data = chunk();

	data[0] = UDP_ECHO;
	while (count ? n < count : now_ns() < deadline) {
		if (send(fd, data, o->size, 0) != (ssize_t)o->size)
			fail("send: %s", strerror(errno));
		if (recv(fd, data, CHUNK, 0) == (ssize_t)o->size)
			n++;
		else if (++lost > 100)
			fail("the server does not answer");
	}
	return n;
}

int do_udp_rr(const struct opts *o)
{
	int fd = udp_connect(o);
	struct watch w;
	u64 n;

	limit_wait(fd, 200000);
	echo(fd, o, o->warm ? o->warm : 1, 0);
	watch_start(&w);
	n = echo(fd, o, o->count, deadline_ns(o));
	watch_stop(&w);
	report("udp-rr", o, &w, n, 0, "");
	close(fd);
	return 0;
}
