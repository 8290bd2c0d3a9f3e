// SPDX-License-Identifier: GPL-2.0
/*
 * Many connections at once: both ends in this one process, which opens them, measures the memory
 * that they hold while they are idle, exchanges messages over all of them, and closes them in
 * order.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "soak.h"

#define PORTS	16	/* listeners: a client's port serves once for each */
#define MESSAGE	64	/* octets */
#define EVENTS	512
#define BATCH	1000	/* messages under way */
#define PATIENCE 120000	/* ms without any event */

struct ends {
	int client, server;
};

static struct ends *ends;

static struct ends open_one(const struct opts *o, int listener, unsigned int port)
{
	struct sockaddr_in a = o->addr;
	struct ends e;

	a.sin_port = htons(ntohs(a.sin_port) + port);
	e.client = socket(o->family, SOCK_STREAM, 0);
	if (e.client < 0)
		fail("socket: %s", strerror(errno));
	if (connect(e.client, (void *)&a, sizeof(a)))
		fail("connect: %s", strerror(errno));
	e.server = accept(listener, NULL, NULL);
	if (e.server < 0)
		fail("accept: %s", strerror(errno));
	return e;
}

static void open_listeners(const struct opts *o, int *listeners)
{
	unsigned int i;

	enter(o->ns_b);
	for (i = 0; i < PORTS; i++)
		listeners[i] = listen_at(o, i);
	enter(o->ns_a);
}

static void message(unsigned char *buf, unsigned int conn, bool server, unsigned int round)
{
	unsigned int i;

	for (i = 0; i < MESSAGE; i++)
		buf[i] = octet(conn, server, (uint64_t)round * MESSAGE + i);
}

static void say(int fd, unsigned int conn, bool server, unsigned int round)
{
	unsigned char buf[MESSAGE];

	message(buf, conn, server, round);
	if (send(fd, buf, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
		fail("send on connection %u: %s", conn, strerror(errno));
}

static void hear(int fd, unsigned int conn, bool server, unsigned int round)
{
	unsigned char want[MESSAGE], got[MESSAGE];

	message(want, conn, server, round);
	if (recv(fd, got, MESSAGE, MSG_WAITALL) != MESSAGE)
		fail("recv on connection %u: %s", conn, strerror(errno));
	if (memcmp(want, got, MESSAGE))
		fail("connection %u: what arrived is not what was sent", conn);
}

static void watch(int ep, int fd, uint64_t key)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = key };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e))
		fail("epoll: %s", strerror(errno));
}

static int watch_all(unsigned int conns)
{
	int ep = epoll_create1(0);
	unsigned int i;

	for (i = 0; i < conns; i++) {
		watch(ep, ends[i].client, i * 2);
		watch(ep, ends[i].server, i * 2 + 1);
	}
	return ep;
}

/* No more than BATCH at once: the messages of all would be more than TCP may hold. */
static void exchange(int ep, unsigned int conns, unsigned int round)
{
	struct epoll_event events[EVENTS];
	unsigned int said = 0, answered = 0, conn;
	int n, k;

	while (answered < conns) {
		for (; said < conns && said < answered + BATCH; said++)
			say(ends[said].client, said, false, round);
		n = epoll_wait(ep, events, EVENTS, PATIENCE);
		if (n <= 0)
			fail("%u of %u were answered in round %u", answered, conns, round);
		for (k = 0; k < n; k++) {
			conn = events[k].data.u64 / 2;
			if (events[k].data.u64 & 1) {
				hear(ends[conn].server, conn, false, round);
				say(ends[conn].server, conn, true, round);
			} else {
				hear(ends[conn].client, conn, true, round);
				answered++;
			}
		}
	}
}

static void tell(const char *what, const struct memory *before, unsigned int conns)
{
	struct memory now = memory_now();

	printf("%s %ld %ld\n", what, (now.slab - before->slab) / (long)conns,
	       (before->available - now.available) / (long)conns);
}

/*
 * Lines: "idle" and "exchanged", each with the slab bytes and the bytes of MemAvailable that a
 * connection (both ends) has taken; "open" and "closed", with milliseconds.
 */
int do_hold(const struct opts *o)
{
	int listeners[PORTS], ep;
	struct memory before;
	unsigned int i;
	uint64_t since;

	ends = calloc(o->conns, sizeof(*ends));
	if (!ends)
		fail("no memory");
	/* The pages are there before it is measured. */
	memset(ends, 1, o->conns * sizeof(*ends));
	open_listeners(o, listeners);
	before = memory_now();
	since = now_ms();
	for (i = 0; i < o->conns; i++)
		ends[i] = open_one(o, listeners[i % PORTS], i % PORTS);
	printf("open %llu\n", (unsigned long long)(now_ms() - since));
	sleep(1);
	tell("idle", &before, o->conns);
	since = now_ms();
	ep = watch_all(o->conns);
	for (i = 0; i < o->rounds; i++)
		exchange(ep, o->conns, i);
	close(ep);
	printf("exchange %llu\n", (unsigned long long)(now_ms() - since));
	sleep(1);
	tell("exchanged", &before, o->conns);
	since = now_ms();
	for (i = 0; i < o->conns; i++) {
		close(ends[i].client);
		close(ends[i].server);
	}
	for (i = 0; i < PORTS; i++)
		close(listeners[i]);
	printf("closed %llu\n", (unsigned long long)(now_ms() - since));
	return 0;
}

/* One after the other, each with a message both ways; the line says in how many milliseconds. */
int do_churn(const struct opts *o)
{
	uint64_t since = now_ms();
	int listeners[PORTS];
	struct ends e;
	unsigned int i;

	open_listeners(o, listeners);
	for (i = 0; i < o->conns; i++) {
		e = open_one(o, listeners[i % PORTS], i % PORTS);
		say(e.client, i, false, 0);
		hear(e.server, i, false, 0);
		say(e.server, i, true, 0);
		hear(e.client, i, true, 0);
		/* Every other one is ended by its server. */
		close(i & 1 ? e.client : e.server);
		close(i & 1 ? e.server : e.client);
	}
	printf("churn %llu\n", (unsigned long long)(now_ms() - since));
	return 0;
}
