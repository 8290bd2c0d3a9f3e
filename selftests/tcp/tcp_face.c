// SPDX-License-Identifier: GPL-2.0
/*
 * What a program may rely on in a TCP socket: states, errors, edges, options. Each case opens what
 * it needs on one address with both ends in this process, and says what it expected and saw. The
 * same cases run on Linux's own TCP: what fails there is a mistake of the case.
 *
 *	tcp_face [-a ADDRESS] [CASE...]		without a case: all of them, as KTAP
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS	5000	/* nothing here takes longer unless it is stuck */

static struct in_addr address;
static int failures;

#define FAIL(fmt, ...) \
	(failures++, printf("# line %d: " fmt "\n", __LINE__, ##__VA_ARGS__))
#define EXPECT(what, want, saw)							\
	do {									\
		long long w_ = (want), s_ = (saw);				\
		if (w_ != s_)							\
			FAIL("%s: expected %lld, saw %lld", what, w_, s_);	\
	} while (0)
#define EXPECT_ERR(what, err, call)						\
	do {									\
		errno = 0;							\
		long long r_ = (call);						\
		if (r_ != -1 || errno != (err))					\
			FAIL("%s: expected %s, saw %lld (%s)", what, strerror(err), r_,	\
			     strerror(errno));					\
	} while (0)
#define MUST(call)								\
	({									\
		long long r_ = (call);						\
		if (r_ < 0) {							\
			FAIL("%s: %s", #call, strerror(errno));			\
			return;							\
		}								\
		r_;								\
	})

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int tcp_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static void set_int(int fd, int level, int name, int val)
{
	if (setsockopt(fd, level, name, &val, sizeof(val)))
		FAIL("setsockopt %d %d: %s", level, name, strerror(errno));
}

static int get_int(int fd, int level, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	if (getsockopt(fd, level, name, &val, &len))
		return -errno;
	return val;
}

static int so_error(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

static void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int listener(int backlog, struct sockaddr_in *sin)
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
static int pair(int fd[2])
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

static void unpair(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

static short wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, LIMIT_MS) == 1 ? p.revents : 0;
}

static short look(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

static int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len))
		return -errno;
	return info.tcpi_state;
}

static void wait_state(int fd, int state)
{
	long long end = now_ms() + LIMIT_MS;

	while (tcp_state(fd) != state && now_ms() < end)
		usleep(1000);
	EXPECT("state", state, tcp_state(fd));
}

static int read_all(int fd, char *buf, int len)
{
	int n = 0, r;

	while (n < len && (r = read(fd, buf + n, len - n)) > 0)
		n += r;
	return n;
}

/* ---- cases ---- */

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

static void peek_waitall_trunc(void)
{
	char buf[8];
	int fd[2];
	pid_t pid;

	MUST(pair(fd));
	MUST(write(fd[0], "abc", 3));
	wait_for(fd[1], POLLIN);
	EXPECT("peek", 3, recv(fd[1], buf, 8, MSG_PEEK));
	EXPECT("peek again", 2, recv(fd[1], buf, 2, MSG_PEEK));
	EXPECT("trunc", 2, recv(fd[1], buf, 2, MSG_TRUNC));
	pid = fork();
	if (!pid) {
		usleep(50000);
		_exit(write(fd[0], "defg", 4) != 4);
	}
	EXPECT("waitall", 5, recv(fd[1], buf, 5, MSG_WAITALL));
	EXPECT("octets", 0, memcmp(buf, "cdefg", 5));
	waitpid(pid, NULL, 0);
	EXPECT_ERR("dontwait", EAGAIN, recv(fd[1], buf, 1, MSG_DONTWAIT));
	unpair(fd);
}

static void timeouts(void)
{
	struct timeval tv = { .tv_usec = 100000 };
	struct sockaddr_in sin;
	long long t;
	char c;
	int fd[2], l;

	MUST(pair(fd));
	MUST(setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	t = now_ms();
	EXPECT_ERR("read", EAGAIN, read(fd[0], &c, 1));
	if (now_ms() - t < 90 || now_ms() - t > 2000)
		FAIL("took %lld ms", now_ms() - t);
	unpair(fd);
	l = MUST(listener(1, &sin));
	MUST(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_ERR("accept", EAGAIN, accept(l, NULL, NULL));
	close(l);
}

static void fill_and_drain(void)
{
	static char buf[65536];
	long long in = 0, out = 0;
	int fd[2], n;

	MUST(pair(fd));
	nonblock(fd[0]);
	nonblock(fd[1]);
	for (;;) {
		n = write(fd[0], buf, sizeof(buf));
		if (n > 0)
			in += n;
		else if (!wait_for(fd[0], POLLOUT) || in > 64 << 20)
			break;
		if (n < 0 && !(look(fd[0]) & POLLOUT))
			break;
	}
	EXPECT("full", 0, look(fd[0]) & POLLOUT);
	while (out < in) {
		if (!wait_for(fd[1], POLLIN))
			break;
		n = read(fd[1], buf, sizeof(buf));
		if (n > 0)
			out += n;
	}
	EXPECT("all came", in, out);
	EXPECT("writable again", POLLOUT, wait_for(fd[0], POLLOUT));
	unpair(fd);
}

static void epoll_edges(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET }, got;
	char buf[8];
	int fd[2], e;

	MUST(pair(fd));
	e = MUST(epoll_create1(0));
	MUST(epoll_ctl(e, EPOLL_CTL_ADD, fd[1], &ev));
	EXPECT("first", 1, epoll_wait(e, &got, 1, LIMIT_MS));
	EXPECT("writable", EPOLLOUT, got.events);
	EXPECT("no second", 0, epoll_wait(e, &got, 1, 20));
	MUST(write(fd[0], "a", 1));
	EXPECT("edge", 1, epoll_wait(e, &got, 1, LIMIT_MS));
	EXPECT("readable", EPOLLIN | EPOLLOUT, got.events);
	EXPECT("no second", 0, epoll_wait(e, &got, 1, 20));
	MUST(write(fd[0], "b", 1));
	EXPECT("edge for more", 1, epoll_wait(e, &got, 1, LIMIT_MS));
	EXPECT("both", 2, read(fd[1], buf, 8));
	MUST(shutdown(fd[0], SHUT_WR));
	EXPECT("edge for FIN", 1, epoll_wait(e, &got, 1, LIMIT_MS));
	EXPECT("half closed", EPOLLIN | EPOLLOUT | EPOLLRDHUP, got.events);
	close(e);
	unpair(fd);
}

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

static void ioctls(void)
{
	int fd[2], n;

	MUST(pair(fd));
	MUST(write(fd[0], "12345", 5));
	wait_for(fd[1], POLLIN);
	MUST(ioctl(fd[1], FIONREAD, &n));
	EXPECT("FIONREAD", 5, n);
	n = -1;
	MUST(ioctl(fd[0], SIOCOUTQNSD, &n));
	EXPECT("SIOCOUTQNSD", 0, n);
	MUST(ioctl(fd[0], SIOCOUTQ, &n));
	if (n < 0 || n > 5)
		FAIL("SIOCOUTQ: %d", n);
	unpair(fd);
}

static void options(void)
{
	static const struct {
		int name, set, get;
	} good[] = {
		{ TCP_NODELAY, 1, 1 }, { TCP_CORK, 1, 1 }, { TCP_KEEPIDLE, 30, 30 },
		{ TCP_KEEPINTVL, 7, 7 }, { TCP_KEEPCNT, 3, 3 }, { TCP_SYNCNT, 2, 2 },
		{ TCP_LINGER2, 10, 10 }, { TCP_LINGER2, -1, -1 }, { TCP_DEFER_ACCEPT, 1, 1 },
		{ TCP_DEFER_ACCEPT, 10, 15 }, { TCP_USER_TIMEOUT, 1234, 1234 },
		{ TCP_NOTSENT_LOWAT, 4096, 4096 }, { TCP_WINDOW_CLAMP, 20000, 20000 },
		{ TCP_INQ, 1, 1 }, { TCP_SAVE_SYN, 1, 1 },
	};
	static const struct {
		int name, set;
	} bad[] = {
		{ TCP_MAXSEG, 10 }, { TCP_MAXSEG, 40000 }, { TCP_KEEPIDLE, 0 },
		{ TCP_KEEPIDLE, 32768 }, { TCP_KEEPINTVL, 0 }, { TCP_KEEPCNT, 0 },
		{ TCP_KEEPCNT, 128 }, { TCP_SYNCNT, 0 }, { TCP_SYNCNT, 128 },
		{ TCP_USER_TIMEOUT, -1 }, { TCP_INQ, 2 }, { TCP_SAVE_SYN, 3 },
	};
	int fd = MUST(tcp_socket()), val = 1;
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(name, sizeof(name), "option %d = %d", good[i].name, good[i].set);
		set_int(fd, SOL_TCP, good[i].name, good[i].set);
		EXPECT(name, good[i].get, get_int(fd, SOL_TCP, good[i].name));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(name, sizeof(name), "option %d = %d", bad[i].name, bad[i].set);
		EXPECT_ERR(name, EINVAL, setsockopt(fd, SOL_TCP, bad[i].name, &bad[i].set, 4));
	}
	EXPECT_ERR("short", EINVAL, setsockopt(fd, SOL_TCP, TCP_NODELAY, &val, 2));
	EXPECT_ERR("unknown", ENOPROTOOPT, setsockopt(fd, SOL_TCP, 9999, &val, 4));
	EXPECT("unknown", -ENOPROTOOPT, get_int(fd, SOL_TCP, 9999));
	EXPECT("SO_TYPE", SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT("SO_PROTOCOL", IPPROTO_TCP, get_int(fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT("SO_ACCEPTCONN", 0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	close(fd);
}

static void congestion_control(void)
{
	char name[16] = {};
	socklen_t len = sizeof(name);
	int fd = MUST(tcp_socket());

	MUST(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	MUST(getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len));
	EXPECT("name", 0, strcmp(name, "reno"));
	EXPECT_ERR("unknown", ENOENT, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "nonesuch", 8));
	close(fd);
}

static void inherit(void)
{
	struct sockaddr_in sin;
	int l, fd, a;

	l = MUST(listener(5, &sin));
	set_int(l, SOL_TCP, TCP_NODELAY, 1);
	set_int(l, SOL_TCP, TCP_KEEPIDLE, 33);
	set_int(l, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(l, SOL_SOCKET, SO_RCVBUF, 50000);
	fd = MUST(tcp_socket());
	MUST(connect(fd, (void *)&sin, sizeof(sin)));
	a = MUST(accept(l, NULL, NULL));
	EXPECT("TCP_NODELAY", 1, get_int(a, SOL_TCP, TCP_NODELAY));
	EXPECT("TCP_KEEPIDLE", 33, get_int(a, SOL_TCP, TCP_KEEPIDLE));
	EXPECT("SO_KEEPALIVE", 1, get_int(a, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT("SO_RCVBUF", 100000, get_int(a, SOL_SOCKET, SO_RCVBUF));
	EXPECT("SO_ACCEPTCONN of the child", 0, get_int(a, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT("SO_ACCEPTCONN of the listener", 1, get_int(l, SOL_SOCKET, SO_ACCEPTCONN));
	close(a);
	close(fd);
	close(l);
}

static void info(void)
{
	struct tcp_info i = {};
	socklen_t len = sizeof(i);
	static char buf[20000];
	int fd[2];

	MUST(pair(fd));
	EXPECT("write", sizeof(buf), write(fd[0], buf, sizeof(buf)));
	EXPECT("read", sizeof(buf), read_all(fd[1], buf, sizeof(buf)));
	MUST(getsockopt(fd[0], SOL_TCP, TCP_INFO, &i, &len));
	EXPECT("length", sizeof(i), len);
	EXPECT("state", TCP_ESTABLISHED, i.tcpi_state);
	EXPECT("options", TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE,
	       i.tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE));
	if (i.tcpi_snd_cwnd < 10 || i.tcpi_snd_mss < 536 || i.tcpi_rto < 200000 || !i.tcpi_rtt ||
	    !i.tcpi_pmtu || !i.tcpi_advmss)
		FAIL("cwnd %u mss %u rto %u rtt %u pmtu %u advmss %u", i.tcpi_snd_cwnd,
		     i.tcpi_snd_mss, i.tcpi_rto, i.tcpi_rtt, i.tcpi_pmtu, i.tcpi_advmss);
	len = 8;
	MUST(getsockopt(fd[1], SOL_TCP, TCP_INFO, &i, &len));
	EXPECT("short length", 8, len);
	EXPECT_ERR("setting it", ENOPROTOOPT, setsockopt(fd[1], SOL_TCP, TCP_INFO, &i, 8));
	unpair(fd);
}

static void urgent(void)
{
	char c = 0, buf[8];
	int fd[2], mark;

	MUST(pair(fd));
	MUST(write(fd[0], "ab", 2));
	MUST(send(fd[0], "U", 1, MSG_OOB));
	EXPECT("POLLPRI", POLLPRI, wait_for(fd[1], POLLPRI));
	EXPECT("oob", 1, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT("octet", 'U', c);
	EXPECT_ERR("once", EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	MUST(write(fd[0], "cd", 2));
	EXPECT("to the mark", 2, read(fd[1], buf, 8));
	MUST(ioctl(fd[1], SIOCATMARK, &mark));
	EXPECT("at the mark", 1, mark);
	wait_for(fd[1], POLLIN);
	EXPECT("behind it", 2, read(fd[1], buf, 8));
	EXPECT("octets", 0, memcmp(buf, "cd", 2));
	unpair(fd);
}

static void urgent_inline(void)
{
	char buf[8];
	int fd[2];

	MUST(pair(fd));
	set_int(fd[1], SOL_SOCKET, SO_OOBINLINE, 1);
	MUST(write(fd[0], "ab", 2));
	MUST(send(fd[0], "U", 1, MSG_OOB));
	MUST(write(fd[0], "c", 1));
	EXPECT_ERR("oob", EINVAL, recv(fd[1], buf, 1, MSG_OOB));
	wait_for(fd[1], POLLPRI);
	usleep(50000);
	EXPECT("up to the mark", 2, read(fd[1], buf, 8));
	EXPECT("the rest", 2, read(fd[1], buf, 8));
	EXPECT("octets", 0, memcmp(buf, "Uc", 2));
	unpair(fd);
}

static void rcvlowat(void)
{
	char buf[8];
	int fd[2];

	MUST(pair(fd));
	set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 4);
	MUST(write(fd[0], "abc", 3));
	usleep(50000);
	EXPECT("too little", 0, look(fd[1]) & POLLIN);
	MUST(write(fd[0], "d", 1));
	EXPECT("enough", POLLIN, wait_for(fd[1], POLLIN));
	EXPECT("all", 4, read(fd[1], buf, 8));
	unpair(fd);
}

static void cork(void)
{
	char buf[16];
	int fd[2];

	MUST(pair(fd));
	set_int(fd[0], SOL_TCP, TCP_CORK, 1);
	MUST(write(fd[0], "abc", 3));
	usleep(50000);
	EXPECT("held", 0, look(fd[1]) & POLLIN);
	set_int(fd[0], SOL_TCP, TCP_CORK, 0);
	EXPECT("let go", POLLIN, wait_for(fd[1], POLLIN));
	EXPECT("all", 3, read(fd[1], buf, 8));
	MUST(send(fd[0], "d", 1, MSG_MORE));
	usleep(50000);
	EXPECT("MSG_MORE", 0, look(fd[1]) & POLLIN);
	MUST(send(fd[0], "e", 1, 0));
	EXPECT("let go", POLLIN, wait_for(fd[1], POLLIN));
	EXPECT("both", 2, read(fd[1], buf, 8));
	unpair(fd);
}

/* Random octets from a file, by sendfile(2) one way and splice(2) the other. */
static void sendfile_and_splice(void)
{
	static char want[300000], got[300000];
	char path[] = "/tmp/tcp_face.XXXXXX";
	int fd[2], p[2], f, out, n = 0, r;
	off_t at = 0;
	pid_t pid;

	MUST(pair(fd));
	f = MUST(mkstemp(path));
	unlink(path);
	for (r = 0; r < (int)sizeof(want); r++)
		want[r] = rand();
	MUST(write(f, want, sizeof(want)));
	pid = fork();
	if (!pid) {
		while (at < (off_t)sizeof(want) && sendfile(fd[0], f, &at, sizeof(want) - at) > 0)
			;
		_exit(0);
	}
	close(fd[0]);
	MUST(pipe(p));
	out = MUST(mkstemp(strcpy(path, "/tmp/tcp_face.XXXXXX")));
	unlink(path);
	while (n < (int)sizeof(want)) {
		r = splice(fd[1], NULL, p[1], NULL, 65536, SPLICE_F_MOVE);
		if (r <= 0) {
			FAIL("splice: %d %s", r, strerror(errno));
			break;
		}
		n += r;
		while (r > 0)
			r -= splice(p[0], NULL, out, NULL, r, SPLICE_F_MOVE);
	}
	waitpid(pid, NULL, 0);
	EXPECT("octets", sizeof(want), pread(out, got, sizeof(got), 0));
	EXPECT("the same", 0, memcmp(want, got, sizeof(want)));
	close(p[0]);
	close(p[1]);
	close(out);
	close(f);
	close(fd[1]);
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

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
#define CASE(f) { #f, f }
	CASE(echo), CASE(names), CASE(refused), CASE(refused_nonblocking),
	CASE(connect_nonblocking), CASE(not_connected), CASE(half_close_client),
	CASE(half_close_server), CASE(write_after_shutdown), CASE(sigpipe),
	CASE(simultaneous_close), CASE(reset_by_linger), CASE(reset_by_unread),
	CASE(data_before_reset), CASE(peek_waitall_trunc), CASE(timeouts), CASE(fill_and_drain),
	CASE(epoll_edges), CASE(poll_listener), CASE(listener_close_resets), CASE(backlog),
	CASE(bind_conflicts), CASE(rebind_after_time_wait), CASE(unconnect), CASE(ioctls),
	CASE(options), CASE(congestion_control), CASE(inherit), CASE(info), CASE(urgent),
	CASE(urgent_inline), CASE(rcvlowat), CASE(cork), CASE(sendfile_and_splice),
	CASE(many_connections), CASE(reuseport), CASE(address_family),
};

#define CASES	(sizeof(cases) / sizeof(cases[0]))

static void stuck(int sig)
{
	(void)sig;
	printf("# stuck\n");
	fflush(stdout);
	_exit(2);
}

/* In a process of its own, so that one that is stuck or leaves sockets behind harms no other. */
static bool run_case(size_t i)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGALRM, stuck);
		alarm(30);
		cases[i].run();
		fflush(stdout);
		_exit(failures ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	return !status;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return !argc;
}

int main(int argc, char **argv)
{
	size_t i, n = 0, bad = 0;
	int opt;

	address.s_addr = htonl(INADDR_LOOPBACK);
	while ((opt = getopt(argc, argv, "a:l")) != -1) {
		if (opt == 'l') {
			for (i = 0; i < CASES; i++)
				puts(cases[i].name);
			return 0;
		}
		if (opt != 'a' || !inet_aton(optarg, &address))
			return 2;
	}
	printf("TAP version 13\n");
	for (i = 0; i < CASES; i++) {
		if (!wanted(cases[i].name, argc - optind, argv + optind))
			continue;
		if (run_case(i)) {
			printf("ok %zu %s\n", ++n, cases[i].name);
		} else {
			printf("not ok %zu %s\n", ++n, cases[i].name);
			bad++;
		}
	}
	printf("1..%zu\n", n);
	return bad || !n;
}
