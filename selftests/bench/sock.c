// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of the family under test, and reads and writes that do not return half way.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

void fail(const char *fmt, ...)
{
	va_list args;

	fputs("plumb_bench: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* The number Plumb registered; the default when the module's parameter cannot be read. */
int plumb_family(void)
{
	FILE *file = fopen(FAMILY_PARAM, "r");
	int number = 18;

	if (file) {
		if (fscanf(file, "%d", &number) != 1)
			number = 18;
		fclose(file);
	}
	return number;
}

/* As many descriptors as this user may have. */
void raise_files(void)
{
	struct rlimit files = { 1 << 20, 1 << 20 };

	if (!setrlimit(RLIMIT_NOFILE, &files))
		return;
	if (getrlimit(RLIMIT_NOFILE, &files))
		fail("RLIMIT_NOFILE: %s", strerror(errno));
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int sock_open(const struct opts *o, int type)
{
	int fd = socket(o->family, type, 0);

	if (fd < 0)
		fail("socket(%d, %d): %s", o->family, type, strerror(errno));
	if (o->sndbuf &&
	    (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &o->sndbuf, sizeof(o->sndbuf)) ||
	     setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &o->sndbuf, sizeof(o->sndbuf))))
		fail("SO_SNDBUF, SO_RCVBUF: %s", strerror(errno));
	return fd;
}

int sock_connect(const struct opts *o)
{
	int fd = sock_open(o, SOCK_STREAM);

	if (connect(fd, (const struct sockaddr *)&o->addr, sizeof(o->addr)))
		fail("connect: %s", strerror(errno));
	return fd;
}

int sock_listen(const struct opts *o)
{
	int fd = sock_open(o, SOCK_STREAM);
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		fail("SO_REUSEADDR: %s", strerror(errno));
	if (bind(fd, (const struct sockaddr *)&o->addr, sizeof(o->addr)))
		fail("bind: %s", strerror(errno));
	if (listen(fd, 4096))
		fail("listen: %s", strerror(errno));
	return fd;
}

void sock_nodelay(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		fail("TCP_NODELAY: %s", strerror(errno));
}

void sock_nonblock(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		fail("O_NONBLOCK: %s", strerror(errno));
}

void sock_block(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		fail("O_NONBLOCK off: %s", strerror(errno));
}

void write_all(int fd, const void *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0)
			fail("send: %s", strerror(errno));
		data = (const char *)data + n;
		len -= (size_t)n;
	}
}

/* Return: false if the connection ended before the first byte; a later end is an error. */
bool read_all(int fd, void *data, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = recv(fd, (char *)data + have, len - have, 0);

		if (n < 0)
			fail("recv: %s", strerror(errno));
		if (!n && !have)
			return false;
		if (!n)
			fail("the connection ended after %zu of %zu bytes", have, len);
		have += (size_t)n;
	}
	return true;
}

void say_hello(int fd, enum mode mode, u32 size, u64 bytes)
{
	struct hello hello = {
		.mode = mode,
		.size = htonl(size),
		.bytes = htobe64(bytes),
	};

	write_all(fd, &hello, sizeof(hello));
}

/* CHUNK bytes that every sender sends from and every receiver receives into. */
char *chunk(void)
{
	static char *buffer;

	if (!buffer) {
		buffer = malloc(CHUNK);
		if (!buffer)
			fail("no memory");
		memset(buffer, 0x5a, CHUNK);
	}
	return buffer;
}
