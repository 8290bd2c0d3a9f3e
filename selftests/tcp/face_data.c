// SPDX-License-Identifier: GPL-2.0
/* Cases of tcp_face: reading, writing and waiting. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "face.h"

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

/* Writes until nothing more goes, and none of it is under way: octets. */
static long long fill(int fd)
{
	static char buf[4096];
	long long n = 0;
	int r;

	for (;;) {
		r = write(fd, buf, sizeof(buf));
		if (r > 0) {
			n += r;
			continue;
		}
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (poll(&p, 1, 100) != 1)
			return n;
	}
}

static void drain(int fd, long long n)
{
	static char buf[65536];
	int r;

	while (n > 0 && (wait_for(fd, POLLIN), r = read(fd, buf, sizeof(buf))) > 0)
		n -= r;
	EXPECT("octets that did not come", 0, n);
}

/* O_ASYNC: the signal says that there is room again, and what for (F_SETSIG). */
static void sigio_for_room(void)
{
	struct timespec none = {}, limit = { .tv_sec = LIMIT_MS / 1000 };
	int fd[2], sig = SIGRTMIN;
	siginfo_t info = {};
	long long n;
	sigset_t set;

	MUST(pair(fd));
	set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 20000);
	nonblock(fd[0]);
	sigemptyset(&set);
	sigaddset(&set, sig);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	MUST(fcntl(fd[0], F_SETOWN, getpid()));
	MUST(fcntl(fd[0], F_SETSIG, sig));
	MUST(fcntl(fd[0], F_SETFL, fcntl(fd[0], F_GETFL) | O_ASYNC));
	n = fill(fd[0]);
	while (sigtimedwait(&set, NULL, &none) == sig)
		;
	drain(fd[1], n);
	EXPECT("signal", sig, sigtimedwait(&set, &info, &limit));
	EXPECT("what for", POLL_OUT, info.si_code);
	EXPECT("events", POLLOUT | POLLWRNORM | POLLWRBAND, info.si_band);
	EXPECT("socket", fd[0], info.si_fd);
	unpair(fd);
}

/* recv(MSG_OOB) when there is no urgent octet, not even announced; and into no buffer. */
static void urgent_of_nothing(void)
{
	struct msghdr msg = {};
	char c = 0;
	int fd[2];

	MUST(pair(fd));
	EXPECT_ERR("never any", EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	MUST(send(fd[0], "U", 1, MSG_OOB));
	EXPECT("POLLPRI", POLLPRI, wait_for(fd[1], POLLPRI));
	EXPECT("looked at", 1, recv(fd[1], &c, 1, MSG_OOB | MSG_PEEK));
	EXPECT("octet", 'U', c);
	EXPECT("without a buffer", 0, recvmsg(fd[1], &msg, MSG_OOB));
	EXPECT("flags", MSG_OOB | MSG_TRUNC, msg.msg_flags);
	EXPECT_ERR("once", EINVAL, recv(fd[1], &c, 1, MSG_OOB));
	unpair(fd);
}

/* The urgent octet is announced before a shut window, and waits behind it. */
static void urgent_awaited(void)
{
	struct linger l = { .l_onoff = 1 };
	long long end = now_ms() + LIMIT_MS;
	static char buf[32768];
	int fd[2], queued, unsent = 0;
	char c = 0;

	MUST(pair(fd));
	set_int(fd[0], SOL_TCP, TCP_NODELAY, 1);
	while (!unsent && now_ms() < end) {
		MUST(write(fd[0], buf, sizeof(buf)));
		do {
			usleep(1000);
			MUST(ioctl(fd[0], SIOCOUTQ, &queued));
			MUST(ioctl(fd[0], SIOCOUTQNSD, &unsent));
		} while (queued != unsent && now_ms() < end);
	}
	/* What waits, though nothing is in flight, waits for the window. */
	MUST(send(fd[0], "U", 1, MSG_OOB));
	while (recv(fd[1], &c, 1, MSG_OOB) < 0 && errno == EINVAL && now_ms() < end)
		usleep(1000);
	EXPECT_ERR("announced", EAGAIN, recv(fd[1], &c, 1, MSG_OOB));
	EXPECT("not here", 0, look(fd[1]) & POLLPRI);
	MUST(shutdown(fd[1], SHUT_RD));
	EXPECT("nothing more is wanted", 0, recv(fd[1], &c, 1, MSG_OOB));
	MUST(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(fd[0]);
	wait_state(fd[1], TCP_CLOSE);
	EXPECT_ERR("reset", ENOTCONN, recv(fd[1], &c, 1, MSG_OOB));
	close(fd[1]);
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

/*
 * The mark is within half the buffer, which grows for it, unless the program has said how large it
 * is.
 */
static void rcvlowat_and_rcvbuf(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET }, got;
	int fd = MUST(tcp_socket()), p[2], e;

	set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 1 << 20);
	EXPECT("mark", 1 << 20, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT("buffer", 2 << 20, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	set_int(fd, SOL_SOCKET, SO_RCVBUF, 10000);
	set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 1 << 20);
	EXPECT("mark in the program's", 10000, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT("buffer", 20000, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	set_int(fd, SOL_SOCKET, SO_RCVLOWAT, -1);
	EXPECT("the most", 10000, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 0);
	EXPECT("the least", 1, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	close(fd);

	/* Who waits hears of a mark that what is here has passed. */
	MUST(pair(p));
	set_int(p[1], SOL_SOCKET, SO_RCVLOWAT, 4);
	MUST(write(p[0], "abc", 3));
	e = MUST(epoll_create1(0));
	MUST(epoll_ctl(e, EPOLL_CTL_ADD, p[1], &ev));
	EXPECT("too little", 0, epoll_wait(e, &got, 1, 50));
	set_int(p[1], SOL_SOCKET, SO_RCVLOWAT, 3);
	EXPECT("enough", 1, epoll_wait(e, &got, 1, LIMIT_MS));
	close(e);
	unpair(p);
}

/* A buffer that the program chose stays as it is, whatever went through it. */
static void sndbuf_after_transfer(void)
{
	long long n = 0;
	int fd[2], i;

	MUST(pair(fd));
	nonblock(fd[0]);
	for (i = 0; i < 10; i++) {
		n = fill(fd[0]);
		drain(fd[1], n);
		if (n > 500000)
			break;
	}
	set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 8192);
	for (i = 0; i < 3; i++) {
		EXPECT("buffer", 16384, get_int(fd[0], SOL_SOCKET, SO_SNDBUF));
		n = fill(fd[0]);
		drain(fd[1], n);
	}
	EXPECT("buffer", 16384, get_int(fd[0], SOL_SOCKET, SO_SNDBUF));
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

/* A file that nobody else finds. */
static int nameless_file(void)
{
	char path[] = "/tmp/tcp_face.XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	return fd;
}

/* Random octets from a file, by sendfile(2) one way and splice(2) the other. */
static void sendfile_and_splice(void)
{
	static char want[300000], got[300000];
	int fd[2], p[2], f, out, n = 0, r;
	off_t at = 0;
	pid_t pid;

	MUST(pair(fd));
	f = MUST(nameless_file());
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
	out = MUST(nameless_file());
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

/*
 * More pieces than one buffer has places for, an octet each, of as many pages: what is in the first
 * buffer goes, though it is corked and short.
 */
static void sendfile_octets(void)
{
	char buf[21];
	int fd[2], f, i, n;
	off_t at;

	MUST(pair(fd));
	f = MUST(nameless_file());
	for (i = 0; i < 20; i++)
		MUST(pwrite(f, &"abcdefghijklmnopqrst"[i], 1, i * 4096L));
	set_int(fd[0], SOL_TCP, TCP_CORK, 1);
	for (i = 0; i < 20; i++) {
		at = i * 4096L;
		EXPECT("octet", 1, sendfile(fd[0], f, &at, 1));
	}
	EXPECT("the first of them", POLLIN, wait_for(fd[1], POLLIN));
	usleep(50000);
	MUST(ioctl(fd[1], FIONREAD, &n));
	EXPECT("octets", 17, n);
	set_int(fd[0], SOL_TCP, TCP_CORK, 0);
	EXPECT("all", 20, read_all(fd[1], buf, 20));
	EXPECT("in order", 0, memcmp(buf, "abcdefghijklmnopqrst", 20));
	close(f);
	unpair(fd);
}

const struct face_case face_data[] = {
	CASE(peek_waitall_trunc), CASE(timeouts), CASE(fill_and_drain), CASE(epoll_edges),
	CASE(sigio_for_room), CASE(urgent), CASE(urgent_of_nothing), CASE(urgent_awaited),
	CASE(urgent_inline), CASE(rcvlowat), CASE(rcvlowat_and_rcvbuf), CASE(sndbuf_after_transfer),
	CASE(cork), CASE(sendfile_and_splice), CASE(sendfile_octets),
	{ NULL, NULL }
};
