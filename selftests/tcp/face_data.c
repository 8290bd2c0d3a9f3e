// SPDX-License-Identifier: GPL-2.0
/* Cases of tcp_face: reading, writing and waiting. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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

const struct face_case face_data[] = {
	CASE(peek_waitall_trunc), CASE(timeouts), CASE(fill_and_drain), CASE(epoll_edges),
	CASE(urgent), CASE(urgent_inline), CASE(rcvlowat), CASE(cork),
	CASE(sendfile_and_splice),
	{ NULL, NULL }
};
