// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of tcp_face: opening and ending a connection, and what is said of one that is not or no
 * more.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"

static void echo(void)
{
	char buf[16] = {};
	int fd[2];

	MUST(pair(fd));
	EXPECT("write", 5, write(fd[0], "hello", 5));
	EXPECT("read", 5, read_all(fd[1], buf, 5));
	EXPECT("octets", 0, memcmp(buf, "hello", 5));
	EXPECT("write back", 3, write(fd[1], "you", 3));
	EXPECT("read back", 3, read_all(fd[0], buf, 3));
	unpair(fd);
}

static void names(void)
{
	struct sockaddr_in a, b;
	socklen_t len = sizeof(a);
	int fd[2];

	MUST(pair(fd));
	MUST(getsockname(fd[0], (void *)&a, &len));
	MUST(getpeername(fd[1], (void *)&b, &len));
	EXPECT("port of both views", a.sin_port, b.sin_port);
	EXPECT("address of both views", a.sin_addr.s_addr, b.sin_addr.s_addr);
	EXPECT("family", AF_INET, a.sin_family);
	EXPECT("length", sizeof(a), len);
	unpair(fd);
}

static void refused(void)
{
	struct sockaddr_in sin;
	int l, fd;

	l = MUST(listener(1, &sin));
	close(l);
	fd = MUST(tcp_socket());
	EXPECT_ERR("connect", ECONNREFUSED, connect(fd, (void *)&sin, sizeof(sin)));
	EXPECT("SO_ERROR is taken", 0, so_error(fd));
	/* The socket may be used again. */
	EXPECT_ERR("connect again", ECONNREFUSED, connect(fd, (void *)&sin, sizeof(sin)));
	close(fd);
}

static void refused_nonblocking(void)
{
	struct sockaddr_in sin;
	int l, fd;

	l = MUST(listener(1, &sin));
	close(l);
	fd = MUST(tcp_socket());
	nonblock(fd);
	if (connect(fd, (void *)&sin, sizeof(sin)) != -1 ||
	    (errno != EINPROGRESS && errno != ECONNREFUSED))
		FAIL("connect: %s", strerror(errno));
	EXPECT("poll", POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP,
	       wait_for(fd, POLLIN | POLLOUT | POLLRDHUP));
	EXPECT("SO_ERROR", ECONNREFUSED, so_error(fd));
	close(fd);
}

static void connect_nonblocking(void)
{
	struct sockaddr_in sin;
	int l, fd, r;

	l = MUST(listener(1, &sin));
	fd = MUST(tcp_socket());
	EXPECT("fresh", POLLOUT | POLLHUP, look(fd));
	nonblock(fd);
	r = connect(fd, (void *)&sin, sizeof(sin));
	if (r && errno != EINPROGRESS)
		FAIL("connect: %s", strerror(errno));
	EXPECT("poll", POLLOUT, wait_for(fd, POLLOUT));
	EXPECT("SO_ERROR", 0, so_error(fd));
	r = connect(fd, (void *)&sin, sizeof(sin));
	if (r && errno != EISCONN)
		FAIL("connect again: %s", strerror(errno));
	EXPECT_ERR("and again", EISCONN, connect(fd, (void *)&sin, sizeof(sin)));
	close(fd);
	close(l);
}

static void not_connected(void)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	char c;
	int fd = MUST(tcp_socket());

	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERR("read", ENOTCONN, read(fd, &c, 1));
	EXPECT_ERR("write", EPIPE, write(fd, "x", 1));
	EXPECT_ERR("getpeername", ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_ERR("shutdown", ENOTCONN, shutdown(fd, SHUT_RDWR));
	EXPECT_ERR("accept", EINVAL, accept(fd, NULL, NULL));
	close(fd);
}

static void half_close_client(void)
{
	char buf[8];
	int fd[2];

	MUST(pair(fd));
	MUST(write(fd[0], "ask", 3));
	MUST(shutdown(fd[0], SHUT_WR));
	EXPECT("question", 3, read_all(fd[1], buf, sizeof(buf)));
	EXPECT("state", TCP_CLOSE_WAIT, tcp_state(fd[1]));
	wait_state(fd[0], TCP_FIN_WAIT2);
	EXPECT("poll", POLLIN | POLLOUT | POLLRDHUP, look(fd[1]));
	EXPECT("answer", 6, write(fd[1], "answer", 6));
	close(fd[1]);
	EXPECT("answer came", 6, read_all(fd[0], buf, sizeof(buf)));
	EXPECT("end of file", 0, read(fd[0], buf, 1));
	wait_state(fd[0], TCP_CLOSE);
	close(fd[0]);
}

static void half_close_server(void)
{
	char buf[8];
	int fd[2];

	MUST(pair(fd));
	MUST(shutdown(fd[1], SHUT_WR));
	EXPECT("end of file", 0, read(fd[0], buf, 1));
	EXPECT("still writes", 2, write(fd[0], "up", 2));
	EXPECT("came", 2, read_all(fd[1], buf, 2));
	close(fd[0]);
	EXPECT("end of file", 0, read(fd[1], buf, 1));
	wait_state(fd[1], TCP_CLOSE);
	close(fd[1]);
}

static void write_after_shutdown(void)
{
	int fd[2];

	MUST(pair(fd));
	signal(SIGPIPE, SIG_IGN);
	MUST(shutdown(fd[0], SHUT_WR));
	EXPECT_ERR("write", EPIPE, write(fd[0], "x", 1));
	EXPECT_ERR("MSG_NOSIGNAL", EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	unpair(fd);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
	(void)sig;
	pipes++;
}

static void sigpipe(void)
{
	int fd[2];

	MUST(pair(fd));
	signal(SIGPIPE, on_pipe);
	pipes = 0;
	MUST(shutdown(fd[0], SHUT_WR));
	EXPECT_ERR("MSG_NOSIGNAL", EPIPE, send(fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT("no signal", 0, pipes);
	EXPECT_ERR("write", EPIPE, write(fd[0], "x", 1));
	EXPECT("signal", 1, pipes);
	signal(SIGPIPE, SIG_IGN);
	unpair(fd);
}

static void simultaneous_close(void)
{
	char c;
	int fd[2];

	MUST(pair(fd));
	MUST(shutdown(fd[0], SHUT_WR));
	MUST(shutdown(fd[1], SHUT_WR));
	EXPECT("end of file", 0, read(fd[0], &c, 1));
	EXPECT("end of file", 0, read(fd[1], &c, 1));
	wait_state(fd[0], TCP_CLOSE);
	wait_state(fd[1], TCP_CLOSE);
	unpair(fd);
}

static void reset_by_linger(void)
{
	struct linger l = { .l_onoff = 1 };
	char c;
	int fd[2];

	MUST(pair(fd));
	MUST(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(fd[1]);
	EXPECT("poll", POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP,
	       wait_for(fd[0], POLLIN | POLLOUT | POLLRDHUP) | look(fd[0]));
	EXPECT_ERR("read", ECONNRESET, read(fd[0], &c, 1));
	EXPECT("then end of file", 0, read(fd[0], &c, 1));
	EXPECT("state", TCP_CLOSE, tcp_state(fd[0]));
	close(fd[0]);
}

static void reset_by_unread(void)
{
	char c;
	int fd[2];

	MUST(pair(fd));
	MUST(write(fd[0], "never read", 10));
	EXPECT("it came", POLLIN, wait_for(fd[1], POLLIN));
	close(fd[1]);
	wait_for(fd[0], POLLIN);
	EXPECT_ERR("read", ECONNRESET, read(fd[0], &c, 1));
	close(fd[0]);
}

static void data_before_reset(void)
{
	struct linger l = { .l_onoff = 1 };
	char buf[8];
	int fd[2];

	MUST(pair(fd));
	MUST(write(fd[1], "last", 4));
	EXPECT("it came", POLLIN, wait_for(fd[0], POLLIN));
	MUST(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(fd[1]);
	wait_state(fd[0], TCP_CLOSE);
	EXPECT("data stays", 4, read(fd[0], buf, 8));
	EXPECT_ERR("then the error", ECONNRESET, read(fd[0], buf, 1));
	close(fd[0]);
}

const struct face_case face_close[] = {
	CASE(echo), CASE(names), CASE(refused), CASE(refused_nonblocking),
	CASE(connect_nonblocking), CASE(not_connected), CASE(half_close_client),
	CASE(half_close_server), CASE(write_after_shutdown), CASE(sigpipe),
	CASE(simultaneous_close), CASE(reset_by_linger), CASE(reset_by_unread),
	CASE(data_before_reset),
	{ NULL, NULL }
};
