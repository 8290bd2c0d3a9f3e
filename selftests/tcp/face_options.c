// SPDX-License-Identifier: GPL-2.0
/* Cases of tcp_face: options, what ioctl() says and TCP_INFO. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"

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

const struct face_case face_options[] = {
	CASE(ioctls), CASE(options), CASE(congestion_control), CASE(inherit), CASE(info),
	{ NULL, NULL }
};
