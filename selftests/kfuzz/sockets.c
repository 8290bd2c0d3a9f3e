// SPDX-License-Identifier: GPL-2.0
/* Calls upon sockets, each with arguments that are right mostly. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kfuzz.h"

#define SOCKETS		(KIND(STREAM) | KIND(DGRAM) | KIND(PING) | KIND(RAW))
#define ANY_OBJECT	(KIND(OBJECTS) - 1)
#define MAX_OPEN	48

static volatile struct {
	int fd;
	enum object kind;
} open_now[MAX_OPEN];
static volatile unsigned int n_open;

/* ---- what is open ---- */

int object(struct rng *r, unsigned int kinds)
{
	unsigned int n = n_open < MAX_OPEN ? n_open : MAX_OPEN;
	unsigned int first = below(r, n), i;

	for (i = 0; i < n; i++)
		if (KIND(open_now[(first + i) % n].kind) & kinds)
			return open_now[(first + i) % n].fd;
	return -1;
}

/* The oldest makes room. */
void object_add(int fd, enum object kind)
{
	unsigned int at = n_open++;

	if (fd < 0) {
		n_open--;
		return;
	}
	if (at >= MAX_OPEN) {
		at %= MAX_OPEN;
		close(open_now[at].fd);
		if (n_open >= 2 * MAX_OPEN)
			n_open -= MAX_OPEN;
	}
	open_now[at].fd = fd;
	open_now[at].kind = kind;
}

int any_socket(struct rng *r)
{
	int fd = object(r, one_in(r, 50) ? ANY_OBJECT : SOCKETS);

	return one_in(r, 400) ? (int)number(r) : fd;
}

void objects_close(void)
{
	unsigned int i;

	for (i = 0; i < n_open && i < MAX_OPEN; i++)
		close(open_now[i].fd);
	n_open = 0;
}

static enum object kind_of(int type, int protocol)
{
	switch (type & 0xf) {
	case SOCK_STREAM:
		return STREAM;
	case SOCK_DGRAM:
		return protocol == IPPROTO_ICMP ? PING : DGRAM;
	default:
		return RAW;
	}
}

/* ---- addresses ---- */

uint32_t any_addr(struct rng *r)
{
	static const uint32_t addrs[] = {
		ADDR_A, ADDR_B, ADDR_A, ADDR_B, ADDR_A, ADDR_B, INADDR_LOOPBACK, INADDR_LOOPBACK,
		INADDR_ANY, INADDR_ANY, INADDR_BROADCAST, 0xe0000001, 0xe1020304, 0x0a0000ff,
		0x0a00004d, 0x7f000002, 0x08080808, 0xf0000001, 0x0a000000,
	};

	return one_in(r, 50) ? (uint32_t)rng_next(r) : PICK(r, addrs);
}

static uint16_t any_port(struct rng *r)
{
	switch (below(r, 16)) {
	case 0:
		return 0;
	case 1:
		return (uint16_t)rng_next(r);
	case 2:
		return (uint16_t)below(r, 1024);
	case 3:
		return (uint16_t)(61000 + below(r, 64));
	default:
		return (uint16_t)(PORT + below(r, PORTS));
	}
}

uint32_t make_address(struct rng *r, void *data)
{
	struct sockaddr_in *sin = data;

	memset(data, 0, 128);
	switch (below(r, 24)) {
	case 0:
		sin->sin_family = AF_UNSPEC;
		break;
	case 1:
		sin->sin_family = (sa_family_t)family;
		break;
	case 2:
		sin->sin_family = AF_INET6;
		fill(r, sin + 1, 12);
		break;
	case 3:
		sin->sin_family = (sa_family_t)below(r, 50);
		break;
	default:
		sin->sin_family = AF_INET;
	}
	sin->sin_port = htons(any_port(r));
	sin->sin_addr.s_addr = htonl(any_addr(r));
	if (one_in(r, 20))
		fill(r, sin->sin_zero, 8);
	return length(r, sizeof(*sin));
}

void *place_address(struct rng *r, uint32_t *len)
{
	unsigned char sa[128];
	void *p;

	*len = make_address(r, sa);
	p = room_good(r, sizeof(sa));
	memcpy(p, sa, sizeof(sa));
	return one_in(r, 60) ? room(r, *len) : p;
}

/* ---- making and ending ---- */

void call_socket(struct rng *r)
{
	static const int types[] = { SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
	static const int protocols[] = {
		0, 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMP, IPPROTO_RAW,
		IPPROTO_IGMP,
	};
	int type = PICK(r, types), protocol = PICK(r, protocols), fam = family, fd;

	if (!one_in(r, 4))
		type |= SOCK_NONBLOCK;
	if (one_in(r, 30))
		type = (int)number(r);
	if (one_in(r, 20))
		protocol = one_in(r, 2) ? (int)number(r) : (int)below(r, 260);
	/* Linux's own sockets stay out: they are not what is tested. */
	enter((int)below(r, 2));
	trace("socket(%d, %#x, %d)", fam, type, protocol);
	fd = (int)traced(socket(fam, type, protocol));
	object_add(fd, kind_of(type, protocol));
}

static void name_near(struct rng *r, struct sockaddr_in *sin, uint32_t addr)
{
	*sin = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)(PORT + below(r, PORTS))),
		.sin_addr.s_addr = htonl(addr),
	};
}

static void pair_stream(struct rng *r, int to, int from)
{
	int one = 1, listener, client, server, tries;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	enter(to);
	listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	name_near(r, &sin, to ? ADDR_B : ADDR_A);
	sin.sin_port = one_in(r, 2) ? 0 : sin.sin_port;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bind(listener, (struct sockaddr *)&sin, sizeof(sin));
	listen(listener, (int)below(r, 4));
	getsockname(listener, (struct sockaddr *)&sin, &len);
	enter(from);
	client = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(client, (struct sockaddr *)&sin, sizeof(sin));
	for (tries = 0; tries < 3; tries++) {
		struct pollfd p = { .fd = listener, .events = POLLIN };

		server = -1;
		if (poll(&p, 1, 5) > 0)
			server = accept4(listener, NULL, NULL, one_in(r, 4) ? 0 : SOCK_NONBLOCK);
		if (server >= 0)
			break;
	}
	traced(server);
	object_add(client, STREAM);
	object_add(server, STREAM);
	object_add(listener, STREAM);
}

static void pair_dgram(struct rng *r, int to, int from)
{
	struct sockaddr_in a, b;
	int fd[2];

	name_near(r, &a, to ? ADDR_B : ADDR_A);
	name_near(r, &b, from ? ADDR_B : ADDR_A);
	enter(to);
	fd[0] = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	bind(fd[0], (struct sockaddr *)&a, sizeof(a));
	enter(from);
	fd[1] = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	bind(fd[1], (struct sockaddr *)&b, sizeof(b));
	connect(fd[1], (struct sockaddr *)&a, sizeof(a));
	traced(connect(fd[0], (struct sockaddr *)&b, sizeof(b)));
	object_add(fd[0], DGRAM);
	object_add(fd[1], DGRAM);
}

/* What chance alone makes too seldom: two sockets that talk with each other. */
void call_pair(struct rng *r)
{
	int to = (int)below(r, 2), from = one_in(r, 3) ? to : !to;
	bool stream = !one_in(r, 4);

	trace("pair(%s, %d to %d)", stream ? "stream" : "dgram", from, to);
	if (stream)
		pair_stream(r, to, from);
	else
		pair_dgram(r, to, from);
}

void call_bind(struct rng *r)
{
	int fd = any_socket(r);
	uint32_t len;
	void *sa = place_address(r, &len);

	trace("bind(%d, %p, %u)", fd, sa, len);
	traced(bind(fd, sa, len));
}

void call_connect(struct rng *r)
{
	int fd = any_socket(r);
	uint32_t len;
	void *sa = place_address(r, &len);

	trace("connect(%d, %p, %u)", fd, sa, len);
	traced(connect(fd, sa, len));
}

void call_listen(struct rng *r)
{
	int fd = object(r, KIND(STREAM)), backlog = one_in(r, 2) ? (int)number(r) :
		(int)below(r, 4);

	trace("listen(%d, %d)", fd, backlog);
	traced(listen(fd, backlog));
}

void call_accept(struct rng *r)
{
	int fd = object(r, KIND(STREAM)), flags = one_in(r, 4) ? 0 : SOCK_NONBLOCK;
	socklen_t *len = room(r, sizeof(*len));
	void *sa = one_in(r, 2) ? NULL : room(r, 16);

	if (one_in(r, 40))
		flags = (int)number(r);
	trace("accept4(%d, %p, %p, %#x)", fd, sa, (void *)len, flags);
	object_add((int)traced(accept4(fd, sa, len, flags)), STREAM);
}

void call_name(struct rng *r)
{
	int fd = any_socket(r);
	socklen_t *len = room_good(r, sizeof(*len));
	void *sa = room(r, 16);
	bool peer = one_in(r, 2);

	*len = length(r, 16);
	len = one_in(r, 30) ? room(r, sizeof(*len)) : len;
	trace("get%sname(%d, %p, %p)", peer ? "peer" : "sock", fd, sa, (void *)len);
	traced(peer ? getpeername(fd, sa, len) : getsockname(fd, sa, len));
}

void call_shutdown(struct rng *r)
{
	int fd = any_socket(r), how = one_in(r, 10) ? (int)number(r) : (int)below(r, 3);

	trace("shutdown(%d, %d)", fd, how);
	traced(shutdown(fd, how));
}

/* The number stays in the table: a closed one is tried too, until another gets it. */
void call_close(struct rng *r)
{
	int fd = object(r, ANY_OBJECT), copy;

	if (one_in(r, 4)) {
		trace("dup(%d)", fd);
		copy = (int)traced(dup(fd));
		if (copy >= 0)
			object_add(copy, STREAM);
		return;
	}
	if (fd < 3)
		return;
	trace("close(%d)", fd);
	traced(close(fd));
}
