// SPDX-License-Identifier: GPL-2.0
/*
 * Request/response on standing connections: one message there, one back. With many
 * connections each has one request in flight, and an epoll loop serves them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define EVENTS	256

static void round_trip(int fd, char *data, unsigned int size)
{
	write_all(fd, data, size);
	if (!read_all(fd, data, size))
		fail("the server closed the connection");
}

static u64 trips(int fd, unsigned int size, u64 count, u64 deadline)
{
	u64 n = 0;

	while (count ? n < count : now_ns() < deadline) {
		round_trip(fd, chunk(), size);
		n++;
	}
	return n;
}

static int rr_connect(const struct opts *o)
{
	int fd = sock_connect(o);

	sock_nodelay(fd);
	say_hello(fd, MODE_ECHO, o->size, 0);
	return fd;
}

static int rr_one(const struct opts *o)
{
	int fd = rr_connect(o);
	struct watch w;
	u64 n;

	trips(fd, o->size, o->warm ? o->warm : 1, 0);
	watch_start(&w);
	n = trips(fd, o->size, o->count, deadline_ns(o));
	watch_stop(&w);
	close(fd);
	report("rr", o, &w, n, 0, "");
	return 0;
}

/* Takes what came; Return: true when that completed the answer and the next request left. */
static bool serve_event(int fd, unsigned int size, unsigned int *have)
{
	ssize_t n = recv(fd, chunk(), size - *have, 0);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0)
		fail("recv: %s", n ? strerror(errno) : "the server closed the connection");
	*have += (unsigned int)n;
	if (*have < size)
		return false;
	*have = 0;
	write_all(fd, chunk(), size);
	return true;
}

/**
 * struct client - one of many connections
 * @fd: its socket
 * @have: bytes of the answer that came
 */
struct client {
	int		fd;
	unsigned int	have;
};

static struct client *connect_many(const struct opts *o, int epoll)
{
	struct client *clients = calloc(o->conns, sizeof(*clients));
	unsigned int i;

	if (!clients)
		fail("no memory");
	raise_files();
	for (i = 0; i < o->conns; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &clients[i] };

		clients[i].fd = rr_connect(o);
		round_trip(clients[i].fd, chunk(), o->size);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event))
			fail("epoll_ctl: %s", strerror(errno));
	}
	return clients;
}

static int rr_many(const struct opts *o)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);
	struct client *clients = connect_many(o, epoll);
	u64 done = 0, deadline;
	struct watch w;
	unsigned int c;
	int i, n;

	watch_start(&w);
	deadline = deadline_ns(o);
	for (c = 0; c < o->conns; c++)
		write_all(clients[c].fd, chunk(), o->size);
	while (o->count ? done < o->count : now_ns() < deadline) {
		n = epoll_wait(epoll, events, EVENTS, 1000);
		for (i = 0; i < n; i++) {
			struct client *client = events[i].data.ptr;

			done += serve_event(client->fd, o->size, &client->have);
		}
	}
	watch_stop(&w);
	report("rr", o, &w, done, 0, "");
	free(clients);
	return 0;
}

int do_rr(const struct opts *o)
{
	return o->conns == 1 ? rr_one(o) : rr_many(o);
}
