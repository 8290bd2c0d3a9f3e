// SPDX-License-Identifier: GPL-2.0
/* Cases of tcp_face: listeners, ports and addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"

static void poll_listener(void)
{
	struct sockaddr_in sin;
	int l, fd, a;

	l = MUST(listener(5, &sin));
	EXPECT("idle", 0, look(l));
	fd = MUST(tcp_socket());
	MUST(connect(fd, (void *)&sin, sizeof(sin)));
	EXPECT("ready", POLLIN, wait_for(l, POLLIN));
	a = MUST(accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	EXPECT("O_NONBLOCK", O_NONBLOCK, fcntl(a, F_GETFL) & O_NONBLOCK);
	nonblock(l);
	EXPECT_ERR("no more", EAGAIN, accept(l, NULL, NULL));
	close(a);
	close(fd);
	close(l);
}

static void listener_close_resets(void)
{
	struct sockaddr_in sin;
	char c;
	int l, fd;

	l = MUST(listener(5, &sin));
	fd = MUST(tcp_socket());
	MUST(connect(fd, (void *)&sin, sizeof(sin)));
	EXPECT("ready", POLLIN, wait_for(l, POLLIN));
	close(l);
	EXPECT_ERR("read", ECONNRESET, read(fd, &c, 1));
	close(fd);
}

static void backlog(void)
{
	struct sockaddr_in sin;
	int l, fd[8], i, open = 0;

	l = MUST(listener(1, &sin));
	for (i = 0; i < 8; i++) {
		fd[i] = MUST(tcp_socket());
		nonblock(fd[i]);
		connect(fd[i], (void *)&sin, sizeof(sin));
	}
	usleep(200000);
	while (accept4(l, NULL, NULL, SOCK_NONBLOCK) >= 0 && open < 8) {
		open++;
		nonblock(l);
	}
	if (open < 2 || open > 3)
		FAIL("a backlog of 1 took %d connections", open);
	for (i = 0; i < 8; i++)
		close(fd[i]);
	close(l);
}

static void bind_conflicts(void)
{
	struct sockaddr_in sin, other = {};
	int l, fd;

	l = MUST(listener(1, &sin));
	fd = MUST(tcp_socket());
	EXPECT_ERR("same", EADDRINUSE, bind(fd, (void *)&sin, sizeof(sin)));
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	EXPECT_ERR("of a listener", EADDRINUSE, bind(fd, (void *)&sin, sizeof(sin)));
	other.sin_family = AF_INET;
	other.sin_addr.s_addr = htonl(0xc0000201);	/* 192.0.2.1 is nobody's */
	EXPECT_ERR("foreign", EADDRNOTAVAIL, bind(fd, (void *)&other, sizeof(other)));
	EXPECT_ERR("short", EINVAL, bind(fd, (void *)&sin, 4));
	close(fd);
	close(l);
}

static void rebind_after_time_wait(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int l, a, fd;
	char c;

	l = MUST(listener(1, &sin));
	set_int(l, SOL_SOCKET, SO_REUSEADDR, 1);
	fd = MUST(tcp_socket());
	MUST(connect(fd, (void *)&sin, len));
	a = MUST(accept(l, NULL, NULL));
	/* The server closes first: TIME-WAIT is on its side. */
	close(a);
	EXPECT("end of file", 0, read(fd, &c, 1));
	close(fd);
	close(l);
	l = MUST(tcp_socket());
	EXPECT_ERR("without SO_REUSEADDR", EADDRINUSE, bind(l, (void *)&sin, len));
	set_int(l, SOL_SOCKET, SO_REUSEADDR, 1);
	MUST(bind(l, (void *)&sin, len));
	MUST(listen(l, 1));
	close(l);
}

static void unconnect(void)
{
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	struct sockaddr_in sin;
	int l, fd, a;
	char c;

	l = MUST(listener(5, &sin));
	fd = MUST(tcp_socket());
	MUST(connect(fd, (void *)&sin, sizeof(sin)));
	a = MUST(accept(l, NULL, NULL));
	MUST(connect(fd, &un, sizeof(un)));
	EXPECT_ERR("peer is reset", ECONNRESET, read(a, &c, 1));
	close(a);
	so_error(fd);
	MUST(connect(fd, (void *)&sin, sizeof(sin)));
	a = MUST(accept(l, NULL, NULL));
	EXPECT("works again", 1, write(fd, "x", 1));
	EXPECT("came", 1, read(a, &c, 1));
	close(a);
	close(fd);
	close(l);
}

static void many_connections(void)
{
	struct sockaddr_in sin;
	int l, c[200], s[200], i;
	char b;

	l = MUST(listener(200, &sin));
	for (i = 0; i < 200; i++) {
		c[i] = MUST(tcp_socket());
		MUST(connect(c[i], (void *)&sin, sizeof(sin)));
		s[i] = MUST(accept(l, NULL, NULL));
	}
	for (i = 0; i < 200; i++)
		MUST(write(c[i], "x", 1));
	for (i = 0; i < 200; i++)
		EXPECT("read", 1, read(s[i], &b, 1));
	for (i = 0; i < 200; i++) {
		close(i & 1 ? c[i] : s[i]);
		close(i & 1 ? s[i] : c[i]);
	}
	close(l);
}

static void reuseport(void)
{
	struct sockaddr_in sin;
	int a = MUST(tcp_socket()), b = MUST(tcp_socket()), i, fd, got[2] = {};
	socklen_t len = sizeof(sin);

	set_int(a, SOL_SOCKET, SO_REUSEPORT, 1);
	set_int(b, SOL_SOCKET, SO_REUSEPORT, 1);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr = address;
	MUST(bind(a, (void *)&sin, len));
	MUST(getsockname(a, (void *)&sin, &len));
	MUST(bind(b, (void *)&sin, len));
	MUST(listen(a, 64));
	MUST(listen(b, 64));
	nonblock(a);
	nonblock(b);
	for (i = 0; i < 40; i++) {
		fd = MUST(tcp_socket());
		MUST(connect(fd, (void *)&sin, len));
		while (1) {
			int x = accept(a, NULL, NULL), y = x < 0 ? accept(b, NULL, NULL) : -1;

			if (x >= 0 || y >= 0) {
				got[x < 0]++;
				close(x < 0 ? y : x);
				break;
			}
		}
		close(fd);
	}
	if (!got[0] || !got[1])
		FAIL("shared out %d : %d", got[0], got[1]);
	close(a);
	close(b);
}

/* Of a group the listener of the processor that a connection comes in on has it. */
static void incoming_cpu(void)
{
	int l[2] = { MUST(tcp_socket()), MUST(tcp_socket()) }, i, fd, s;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	MUST(sched_setaffinity(0, sizeof(cpus), &cpus));
	sin.sin_addr = address;
	for (i = 0; i < 2; i++) {
		set_int(l[i], SOL_SOCKET, SO_REUSEPORT, 1);
		set_int(l[i], SOL_SOCKET, SO_INCOMING_CPU, 1 - i);
		EXPECT("processor", 1 - i, get_int(l[i], SOL_SOCKET, SO_INCOMING_CPU));
		MUST(bind(l[i], (void *)&sin, len));
		MUST(listen(l[i], 64));
		MUST(getsockname(l[i], (void *)&sin, &len));
	}
	for (i = 0; i < 20; i++) {
		fd = MUST(tcp_socket());
		MUST(connect(fd, (void *)&sin, len));
		EXPECT("ready", POLLIN, wait_for(l[1], POLLIN));
		s = MUST(accept4(l[1], NULL, NULL, SOCK_NONBLOCK));
		close(s);
		close(fd);
	}
	nonblock(l[0]);
	EXPECT_ERR("the other's", EAGAIN, accept(l[0], NULL, NULL));
	close(l[0]);
	close(l[1]);
}

/* Of either stack, in this namespace. */
static void port_range(const char *range)
{
	static const char *const names[] = {
		"/proc/sys/net/ipv4/ip_local_port_range",
		"/proc/sys/net/plumb/ip_local_port_range",
	};
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		f = fopen(names[i], "w");
		if (!f)
			continue;
		fputs(range, f);
		if (fclose(f))
			FAIL("%s: %s", names[i], strerror(errno));
	}
}

/* Who may share its port has one of the lower half, while there is one. */
static void reuse_in_half_a_range(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd[9], i, port;

	sin.sin_addr = address;
	for (i = 0; i < 9; i++) {
		fd[i] = MUST(tcp_socket());
		set_int(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		sin.sin_port = 0;
		if (i == 8) {
			EXPECT_ERR("bind, the range is used up", EADDRINUSE,
				   bind(fd[i], (void *)&sin, len));
			break;
		}
		MUST(bind(fd[i], (void *)&sin, len));
		MUST(getsockname(fd[i], (void *)&sin, &len));
		port = ntohs(sin.sin_port);
		EXPECT("upper half", i >= 4, port >= 30004);
	}
	for (i = 0; i < 9; i++)
		close(fd[i]);
}

static void reuse_in_half_a_range_of_8(void)
{
	port_range("30000 30007");
	reuse_in_half_a_range();
	port_range("32768 60999");
}

static void address_family(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET6 };
	int fd = MUST(tcp_socket());

	sin.sin_addr = address;
	sin.sin_port = htons(1);
	EXPECT_ERR("connect", EAFNOSUPPORT, connect(fd, (void *)&sin, sizeof(sin)));
	EXPECT_ERR("connect, short", EINVAL, connect(fd, (void *)&sin, 3));
	close(fd);
}

const struct face_case face_ports[] = {
	CASE(poll_listener), CASE(listener_close_resets), CASE(backlog), CASE(bind_conflicts),
	CASE(rebind_after_time_wait), CASE(unconnect), CASE(many_connections), CASE(reuseport),
	CASE(incoming_cpu), CASE(reuse_in_half_a_range_of_8), CASE(address_family),
	{ NULL, NULL }
};
