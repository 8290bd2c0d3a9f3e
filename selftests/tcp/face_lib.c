// SPDX-License-Identifier: GPL-2.0
/* What the cases of tcp_face share. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "face.h"

struct in_addr address;
int failures;

long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int tcp_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

void set_int(int fd, int level, int name, int val)
{
	if (setsockopt(fd, level, name, &val, sizeof(val)))
		FAIL("setsockopt %d %d: %s", level, name, strerror(errno));
}

int get_int(int fd, int level, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	if (getsockopt(fd, level, name, &val, &len))
		return -errno;
	return val;
}

int so_error(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int listener(int backlog, struct sockaddr_in *sin)
{
	socklen_t len = sizeof(*sin);
	int fd = tcp_socket();

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_addr = address;
	if (fd < 0 || bind(fd, (void *)sin, len) || listen(fd, backlog) ||
	    getsockname(fd, (void *)sin, &len))
		return -1;
	return fd;
}

/* A connection with itself: fd[0] connected, fd[1] accepted. */
int pair(int fd[2])
{
	struct sockaddr_in sin;
	int l = listener(5, &sin);

	if (l < 0)
		return -1;
	fd[0] = tcp_socket();
	if (fd[0] < 0 || connect(fd[0], (void *)&sin, sizeof(sin)))
		return -1;
	fd[1] = accept(l, NULL, NULL);
	close(l);
	return fd[1] < 0 ? -1 : 0;
}

void unpair(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

short wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, LIMIT_MS) == 1 ? p.revents : 0;
}

short look(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len))
		return -errno;
	return info.tcpi_state;
}

void wait_state(int fd, int state)
{
	long long end = now_ms() + LIMIT_MS;

	while (tcp_state(fd) != state && now_ms() < end)
		usleep(1000);
	EXPECT("state", state, tcp_state(fd));
}

int read_all(int fd, char *buf, int len)
{
	int n = 0, r;

	while (n < len && (r = read(fd, buf + n, len - n)) > 0)
		n += r;
	return n;
}
