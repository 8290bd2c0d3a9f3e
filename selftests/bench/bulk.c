// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk transfer over one or many connections, in both directions.
 *
 * One connection is used with blocking calls, as most programs do; many with an
 * epoll loop. Out: the clock stops when the server has said how many bytes it
 * got, so what still lies in buffers never counts as sent. In: with --bytes the server is asked
 * for just as many once the clock runs, so that nobody pays for octets that are not counted, and
 * none are left for the next measurement to get rid of.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define EVENTS	256

static int *connect_all(const struct opts *o, enum mode what)
{
	int *fds = calloc(o->conns, sizeof(*fds));
	unsigned int i;

	if (!fds)
		fail("no memory");
	raise_files();
	for (i = 0; i < o->conns; i++) {
		fds[i] = sock_connect(o);
		if (what == MODE_SINK || !o->bytes)
			say_hello(fds[i], what, 1, 0);
	}
	return fds;
}

/* Sends @limit bytes, or until @deadline; returns what was sent. */
static u64 send_blocking(int fd, u64 limit, u64 deadline)
{
	u64 done = 0;

	while (limit ? done < limit : now_ns() < deadline) {
		size_t want = limit && limit - done < CHUNK ? limit - done : CHUNK;
		ssize_t n = send(fd, chunk(), want, MSG_NOSIGNAL);

		if (n < 0)
			fail("send after %llu bytes: %s", (unsigned long long)done,
			     strerror(errno));
		done += (u64)n;
	}
	return done;
}

static u64 recv_blocking(int fd, u64 limit, u64 deadline)
{
	u64 done = 0;

	while (limit ? done < limit : now_ns() < deadline) {
		size_t want = limit && limit - done < CHUNK ? limit - done : CHUNK;
		ssize_t n = recv(fd, chunk(), want, 0);

		if (n < 0)
			fail("recv after %llu bytes: %s", (unsigned long long)done,
			     strerror(errno));
		if (!n)
			break;
		done += (u64)n;
	}
	return done;
}

static int epoll_all(const struct opts *o, const int *fds, u32 what)
{
	int epoll = epoll_create1(0);
	unsigned int i;

	for (i = 0; i < o->conns; i++) {
		struct epoll_event event = { .events = what, .data.fd = fds[i] };

		sock_nonblock(fds[i]);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event))
			fail("epoll_ctl: %s", strerror(errno));
	}
	return epoll;
}

/* One send() or recv() on each connection that is ready, until enough was moved. */
static u64 move_many(const struct opts *o, const int *fds, bool out, u64 deadline)
{
	int epoll = epoll_all(o, fds, out ? EPOLLOUT : EPOLLIN);
	struct epoll_event events[EVENTS];
	u64 done = 0;
	int i, n;

	while (o->bytes ? done < o->bytes : now_ns() < deadline) {
		n = epoll_wait(epoll, events, EVENTS, 1000);
		for (i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			ssize_t got = out ? send(fd, chunk(), CHUNK, MSG_NOSIGNAL) :
					    recv(fd, chunk(), CHUNK, 0);

			if (got > 0)
				done += (u64)got;
			else if (got < 0 && errno != EAGAIN)
				fail("%s: %s", out ? "send" : "recv", strerror(errno));
			else if (!got)
				fail("a connection ended early");
		}
	}
	close(epoll);
	return done;
}

/* Ends the streams and adds up what the server got. */
static u64 finish_out(const struct opts *o, const int *fds)
{
	u64 sum = 0, answer;
	unsigned int i;

	for (i = 0; i < o->conns; i++) {
		if (shutdown(fds[i], SHUT_WR))
			fail("shutdown: %s", strerror(errno));
	}
	for (i = 0; i < o->conns; i++) {
		sock_block(fds[i]);
		if (!read_all(fds[i], &answer, sizeof(answer)))
			fail("no answer about the bytes received");
		sum += be64toh(answer);
		close(fds[i]);
	}
	return sum;
}

int do_bulk_out(const struct opts *o)
{
	int *fds = connect_all(o, MODE_SINK);
	u64 sent, got, warm = 0;
	struct watch w;

	if (o->warm && o->conns == 1)
		warm = send_blocking(fds[0], o->warm, 0);
	watch_start(&w);
	if (o->conns == 1)
		sent = send_blocking(fds[0], o->bytes, deadline_ns(o));
	else
		sent = move_many(o, fds, true, deadline_ns(o));
	got = finish_out(o, fds);
	watch_stop(&w);
	if (got != sent + warm)
		fail("sent %llu bytes, %llu arrived", (unsigned long long)(sent + warm),
		     (unsigned long long)got);
	report("bulk-out", o, &w, 0, sent, "");
	free(fds);
	return 0;
}

/* Lets each server send its share of @bytes, and no octet more. */
static void ask_all(const struct opts *o, const int *fds, u64 bytes)
{
	unsigned int i;

	for (i = 0; i < o->conns; i++)
		say_hello(fds[i], MODE_SOURCE, 1, bytes / o->conns + (i < bytes % o->conns));
}

int do_bulk_in(const struct opts *o)
{
	int *fds = connect_all(o, MODE_SOURCE);
	u64 got;
	struct watch w;
	unsigned int i;

	if (o->warm && o->conns == 1) {
		if (o->bytes)
			ask_all(o, fds, o->warm);
		recv_blocking(fds[0], o->warm, 0);
	}
	watch_start(&w);
	if (o->bytes)
		ask_all(o, fds, o->bytes);
	if (o->conns == 1)
		got = recv_blocking(fds[0], o->bytes, deadline_ns(o));
	else
		got = move_many(o, fds, false, deadline_ns(o));
	watch_stop(&w);
	if (o->bytes && got < o->bytes)
		fail("asked for %llu bytes, got %llu", (unsigned long long)o->bytes,
		     (unsigned long long)got);
	report("bulk-in", o, &w, 0, got, "");
	for (i = 0; i < o->conns; i++)
		close(fds[i]);
	free(fds);
	return 0;
}
