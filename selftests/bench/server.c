// SPDX-License-Identifier: GPL-2.0
/*
 * The server: one process, one epoll loop, any number of connections of any mode, and
 * a UDP socket on the same port. A connection's first bytes say what it wants.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define EVENTS	256	/* taken from one epoll_wait() */
#define TURNS	16	/* reads or writes of a connection before the next one's turn */

/**
 * struct peer - one connection
 * @fd: its socket, non-blocking
 * @have: bytes of @hello that came
 * @hello: what it wants; mode, size and bytes in host order once all of it is here
 * @done: bytes of the stream that were received or sent
 * @pending: ECHO: bytes of a message received and not yet returned
 */
struct peer {
	int		fd;
	unsigned int	have;
	struct hello	hello;
	u64	done;
	u64	pending;
};

static int epoll;
static int listener;
static int datagrams;
static u64 counted;

static void watch_fd(int fd, u32 events, void *what, int op)
{
	struct epoll_event event = { .events = events, .data.ptr = what };

	if (epoll_ctl(epoll, op, fd, &event))
		fail("epoll_ctl: %s", strerror(errno));
}

static void peer_drop(struct peer *p)
{
	close(p->fd);
	free(p);
}

static void accept_all(void)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		struct peer *p;

		if (fd < 0)
			return;
		p = calloc(1, sizeof(*p));
		if (!p)
			fail("no memory for a connection");
		p->fd = fd;
		sock_nonblock(fd);
		sock_nodelay(fd);
		watch_fd(fd, EPOLLIN, p, EPOLL_CTL_ADD);
	}
}

/* All that was asked for is sent: what comes next? */
static void peer_again(struct peer *p)
{
	p->have = 0;
	p->done = 0;
	watch_fd(p->fd, EPOLLIN, p, EPOLL_CTL_MOD);
}

/* Return: false when the connection is finished. */
static bool send_some(struct peer *p, u64 limit)
{
	unsigned int turn;

	for (turn = 0; turn < TURNS; turn++) {
		u64 left = limit ? limit - p->done : CHUNK;
		ssize_t n;

		if (!left) {
			peer_again(p);
			return true;
		}
		n = send(p->fd, chunk(), left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		p->done += (u64)n;
	}
	return true;
}

static bool sink_some(struct peer *p)
{
	unsigned int turn;
	u64 answer;

	for (turn = 0; turn < TURNS; turn++) {
		ssize_t n = recv(p->fd, chunk(), CHUNK, 0);

		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		if (!n) {
			answer = htobe64(p->done);
			send(p->fd, &answer, sizeof(answer), MSG_NOSIGNAL);
			return false;
		}
		p->done += (u64)n;
	}
	return true;
}

/* Messages are far smaller than a send buffer: what cannot be returned at once is an error. */
static bool echo_some(struct peer *p)
{
	ssize_t n = recv(p->fd, chunk(), CHUNK, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK;
	if (!n)
		return false;
	p->pending += (u64)n;
	while (p->pending >= p->hello.size) {
		if (send(p->fd, chunk(), p->hello.size, MSG_NOSIGNAL) != (ssize_t)p->hello.size)
			return false;
		p->pending -= p->hello.size;
	}
	return true;
}

/* Return: true when the greeting is complete, else *@alive tells whether it may still be. */
static bool take_hello(struct peer *p, bool *alive)
{
	ssize_t n = recv(p->fd, (char *)&p->hello + p->have, sizeof(p->hello) - p->have, 0);

	*alive = n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
	if (n > 0)
		p->have += (unsigned int)n;
	if (p->have < sizeof(p->hello))
		return false;
	p->hello.size = be32toh(p->hello.size);
	p->hello.bytes = be64toh(p->hello.bytes);
	*alive = p->hello.size && p->hello.size <= CHUNK;
	if (p->hello.mode == MODE_SOURCE)
		watch_fd(p->fd, EPOLLOUT, p, EPOLL_CTL_MOD);
	return true;
}

static bool peer_turn(struct peer *p)
{
	bool alive;

	if (p->have < sizeof(p->hello)) {
		if (!take_hello(p, &alive) || !alive)
			return alive;
		if (p->hello.mode == MODE_IDLE)
			send(p->fd, chunk(), 1, MSG_NOSIGNAL);
		if (p->hello.mode == MODE_CLOSE) {
			send(p->fd, chunk(), p->hello.size, MSG_NOSIGNAL);
			return false;
		}
		return true;
	}
	switch (p->hello.mode) {
	case MODE_SINK:
		return sink_some(p);
	case MODE_SOURCE:
		return send_some(p, p->hello.bytes);
	case MODE_ECHO:
		return echo_some(p);
	case MODE_IDLE:
		return recv(p->fd, chunk(), CHUNK, 0) > 0;
	}
	return false;
}

static void blast(const struct hello *hello, const struct sockaddr_in *to)
{
	u64 left = be64toh(hello->bytes);
	u32 size = be32toh(hello->size);

	for (; left && size <= 65000; left--)
		sendto(datagrams, chunk(), size, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void datagram_answer(const char *data, ssize_t len, const struct sockaddr_in *from)
{
	struct hello hello;
	u64 answer;

	switch (data[0]) {
	case UDP_DATA:
		counted++;
		return;
	case UDP_ECHO:
		sendto(datagrams, data, (size_t)len, 0, (const void *)from, sizeof(*from));
		return;
	case UDP_SEND:
		if (len < (ssize_t)sizeof(hello))
			return;
		memcpy(&hello, data, sizeof(hello));
		blast(&hello, from);
		return;
	case UDP_ZERO:
		counted = 0;
		break;
	case UDP_ASK:
		break;
	default:
		return;
	}
	answer = htobe64(counted);
	sendto(datagrams, &answer, sizeof(answer), 0, (const void *)from, sizeof(*from));
}

static void datagrams_turn(void)
{
	static char data[65536];
	struct sockaddr_in from;
	unsigned int turn;

	for (turn = 0; turn < EVENTS; turn++) {
		socklen_t fromlen = sizeof(from);
		ssize_t n = recvfrom(datagrams, data, sizeof(data), 0,
				     (struct sockaddr *)&from, &fromlen);

		if (n <= 0)
			return;
		datagram_answer(data, n, &from);
	}
}

static void say_ready(const struct opts *o)
{
	FILE *file;

	if (!o->pidfile)
		return;
	file = fopen(o->pidfile, "w");
	if (!file)
		fail("%s: %s", o->pidfile, strerror(errno));
	fprintf(file, "%d\n", getpid());
	fclose(file);
}

static void server_open(const struct opts *o)
{
	raise_files();
	epoll = epoll_create1(0);
	listener = sock_listen(o);
	sock_nonblock(listener);
	datagrams = sock_open(o, SOCK_DGRAM);
	if (bind(datagrams, (const struct sockaddr *)&o->addr, sizeof(o->addr)))
		fail("bind of the UDP socket: %s", strerror(errno));
	watch_fd(listener, EPOLLIN, &listener, EPOLL_CTL_ADD);
	watch_fd(datagrams, EPOLLIN, &datagrams, EPOLL_CTL_ADD);
}

int do_server(const struct opts *o)
{
	struct epoll_event events[EVENTS];
	int i, n;

	server_open(o);
	sock_nonblock(datagrams);
	say_ready(o);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll_wait: %s", strerror(errno));
		for (i = 0; i < n; i++) {
			void *what = events[i].data.ptr;

			if (what == &listener)
				accept_all();
			else if (what == &datagrams)
				datagrams_turn();
			else if (!peer_turn(what))
				peer_drop(what);
		}
	}
}
