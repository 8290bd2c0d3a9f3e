// SPDX-License-Identifier: GPL-2.0
/*
 * Connections with a stream each way at once. Clients and servers are a process each; both know
 * what each octet is to be, and in memory that they share count what was sent and what arrived. A
 * stream lasts until it has its octets and its time, or a SIGTERM, and ends in order.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "soak.h"

#define CHUNK	16384
#define PATIENCE 60000	/* ms without any event */

/* One direction of a connection. */
struct flow {
	uint64_t sent, arrived;
	bool	 ended;		/* seen by who receives */
};

struct conn {
	int	 fd;
	bool	 server, named, shut, over;
	unsigned int nr;
};

static struct flow *flows;	/* shared; two a connection: from the client, from the server */
static volatile sig_atomic_t stop;

static pid_t children[2];

static void on_term(int sig)
{
	stop = 1;
	if (children[0])
		kill(children[0], sig);
	if (children[1])
		kill(children[1], sig);
}

static struct flow *out_of(const struct conn *c)
{
	return &flows[c->nr * 2 + c->server];
}

static struct flow *into(const struct conn *c)
{
	return &flows[c->nr * 2 + !c->server];
}

static void over(const struct opts *o, struct conn *c, const char *what)
{
	if (what && !o->may_break)
		fail("connection %u, %s: %s: %s", c->nr, c->server ? "server" : "client", what,
		     strerror(errno));
	c->over = true;
	close(c->fd);
}

/* The first four octets say which connection this is, as it is accepted in another order. */
static void name_it(const struct opts *o, struct conn *c)
{
	uint32_t nr;
	ssize_t n = recv(c->fd, &nr, sizeof(nr), MSG_PEEK);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		over(o, c, "no name");
		return;
	}
	if (n < (ssize_t)sizeof(nr) || recv(c->fd, &nr, sizeof(nr), 0) != sizeof(nr))
		return;
	if (ntohl(nr) >= o->conns)
		fail("connection %u of %u", ntohl(nr), o->conns);
	c->nr = ntohl(nr);
	c->named = true;
}

static void take(const struct opts *o, struct conn *c)
{
	static unsigned char buf[CHUNK];
	struct flow *f = into(c);
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0), i;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		over(o, c, "recv");
		return;
	}
	for (i = 0; i < n; i++)
		if (buf[i] != octet(c->nr, !c->server, f->arrived + i))
			fail("connection %u: octet %llu is wrong", c->nr,
			     (unsigned long long)(f->arrived + i));
	f->arrived += n;
	if (!n)
		f->ended = true;
}

static void give(const struct opts *o, struct conn *c, bool enough)
{
	static unsigned char buf[CHUNK];
	struct flow *f = out_of(c);
	ssize_t n, i;

	if (enough && f->sent >= o->bytes) {
		c->shut = true;
		if (shutdown(c->fd, SHUT_WR))
			over(o, c, "shutdown");
		return;
	}
	for (i = 0; i < CHUNK; i++)
		buf[i] = octet(c->nr, c->server, f->sent + i);
	n = send(c->fd, buf, CHUNK, MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0)
		over(o, c, "send");
	else
		f->sent += n;
}

static void serve(const struct opts *o, struct conn *c, uint32_t events, bool enough)
{
	uint32_t nr = htonl(c->nr);

	if (!c->named) {
		if (c->server) {
			name_it(o, c);
		} else if (events & EPOLLOUT) {
			if (send(c->fd, &nr, sizeof(nr), MSG_NOSIGNAL) == sizeof(nr))
				c->named = true;
			else if (errno != EAGAIN)
				over(o, c, "connect");
		} else {
			over(o, c, "connect");
		}
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !into(c)->ended)
		take(o, c);
	if (!c->over && !c->shut && events & EPOLLOUT)
		give(o, c, enough);
	if (!c->over && c->shut && into(c)->ended)
		over(o, c, NULL);
}

/* What is asked for: room to send only as long as there is something to send. */
static void ask(int ep, struct conn *c, int op)
{
	struct epoll_event e = { .data.ptr = c };

	if (!c->named)
		e.events = c->server ? EPOLLIN : EPOLLOUT;
	else
		e.events = (into(c)->ended ? 0 : EPOLLIN) | (c->shut ? 0 : EPOLLOUT);
	if (epoll_ctl(ep, op, c->fd, &e))
		fail("epoll: %s", strerror(errno));
}

static void loop(const struct opts *o, int ep, unsigned int left)
{
	uint64_t end = now_ms() + o->ms;
	struct epoll_event events[64];
	int n, i;

	while (left) {
		n = epoll_wait(ep, events, 64, PATIENCE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && o->may_break)
			return;
		if (n <= 0)
			fail("%u connections do nothing any more", left);
		for (i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			serve(o, c, events[i].events, stop || now_ms() >= end);
			if (c->over)
				left--;
			else
				ask(ep, c, EPOLL_CTL_MOD);
		}
	}
}

static struct conn *new_conn(int fd, bool server, unsigned int nr)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		fail("no memory");
	c->fd = nonblocking(fd);
	c->server = server;
	c->nr = nr;
	return c;
}

/* All are accepted before the first is served, so a listener's queue is emptied in its own time. */
static int server(const struct opts *o, int listener)
{
	const struct timeval patience = { .tv_sec = PATIENCE / 1000 };
	int ep = epoll_create1(0), fd;
	unsigned int i;

	usleep(o->accept_after * 1000);
	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (i = 0; i < o->conns; i++) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0) {
			if (errno == EINTR && !stop) {
				i--;
				continue;
			}
			if (o->may_break)
				break;
			fail("accept of connection %u: %s", i, strerror(errno));
		}
		ask(ep, new_conn(fd, true, i), EPOLL_CTL_ADD);
	}
	usleep(o->read_after * 1000);
	loop(o, ep, i);
	return 0;
}

static int client(const struct opts *o, int listener)
{
	int ep = epoll_create1(0), fd;
	struct conn *c;
	unsigned int i;

	close(listener);
	enter(o->ns_a);
	for (i = 0; i < o->conns; i++) {
		fd = socket(o->family, SOCK_STREAM, 0);
		if (fd < 0)
			fail("socket: %s", strerror(errno));
		c = new_conn(fd, false, i);
		if (connect(fd, (void *)&o->addr, sizeof(o->addr)) && errno != EINPROGRESS) {
			if (!o->may_break)
				fail("connect: %s", strerror(errno));
			break;
		}
		ask(ep, c, EPOLL_CTL_ADD);
	}
	loop(o, ep, i);
	return 0;
}

/* What was sent is what arrived; how much it was is printed. */
static int compare(const struct opts *o)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < o->conns * 2; i++) {
		sum += flows[i].arrived;
		if (flows[i].arrived > flows[i].sent ||
		    (!o->may_break && flows[i].arrived != flows[i].sent)) {
			printf("stream %u: %llu sent, %llu arrived\n", i,
			       (unsigned long long)flows[i].sent,
			       (unsigned long long)flows[i].arrived);
			return 1;
		}
	}
	printf("equal %llu\n", (unsigned long long)sum);
	return 0;
}

static pid_t start(const struct opts *o, int (*run)(const struct opts *, int), int listener)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	memset(children, 0, sizeof(children));
	exit(run(o, listener));
}

int do_streams(const struct opts *o)
{
	struct sigaction act = { .sa_handler = on_term };
	int listener, status, bad = 0, i;

	flows = mmap(NULL, o->conns * 2 * sizeof(*flows), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (flows == MAP_FAILED)
		fail("no memory");
	sigaction(SIGTERM, &act, NULL);
	enter(o->ns_b);
	listener = listen_at(o, 0);
	children[0] = start(o, server, listener);
	children[1] = start(o, client, listener);
	close(listener);
	for (i = 0; i < 2; i++) {
		while (wait(&status) < 0)
			;
		bad |= status;
		/* Without one of them the other would wait. */
		if (status)
			on_term(SIGKILL);
	}
	return bad && !o->may_break ? 1 : compare(o);
}
