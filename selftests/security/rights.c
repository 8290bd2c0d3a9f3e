// SPDX-License-Identifier: GPL-2.0
/*
 * What a socket lets its owner do with and without a capability in the user namespace of the
 * network namespace.
 *
 *	rights with|own|without	tries every row of the table; prints each that does not end so;
 *				own: with it in a user namespace of one's own
 *	rights list		the rows' names
 *	rights cc NAME		asks for a congestion control, which may load a module
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int family = 18;

/* ---- what is tried: 0 or an errno ---- */

static int opened(int type, int protocol)
{
	return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static int result(int fd, int ret)
{
	int err = ret < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

static int set(int type, int level, int name, const void *value, socklen_t len)
{
	int fd = opened(type, 0);

	return result(fd, fd < 0 ? fd : setsockopt(fd, level, name, value, len));
}

static int set_int(int type, int level, int name, int value)
{
	return set(type, level, name, &value, sizeof(value));
}

static int bind_to(int type, uint32_t addr, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(addr),
	};
	int fd = opened(type, 0);

	return result(fd, fd < 0 ? fd : bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static int tcp_port(void) { return bind_to(SOCK_STREAM, INADDR_LOOPBACK, 80); }
static int udp_port(void) { return bind_to(SOCK_DGRAM, INADDR_LOOPBACK, 53); }

static int open_raw(int protocol)
{
	int fd = opened(SOCK_RAW, protocol);

	return result(fd, fd);
}

static int raw(void) { return open_raw(IPPROTO_ICMP); }
static int raw_hdr(void) { return open_raw(IPPROTO_RAW); }
static int transparent(void) { return set_int(SOCK_DGRAM, SOL_IP, IP_TRANSPARENT, 1); }
static int transparent_tcp(void) { return set_int(SOCK_STREAM, SOL_IP, IP_TRANSPARENT, 1); }
static int mark(void) { return set_int(SOCK_DGRAM, SOL_SOCKET, SO_MARK, 5); }
static int priority(void) { return set_int(SOCK_DGRAM, SOL_SOCKET, SO_PRIORITY, 7); }
static int rcvbuf(void) { return set_int(SOCK_DGRAM, SOL_SOCKET, SO_RCVBUFFORCE, 100000); }
static int sndbuf(void) { return set_int(SOCK_STREAM, SOL_SOCKET, SO_SNDBUFFORCE, 100000); }
static int debug(void) { return set_int(SOCK_STREAM, SOL_SOCKET, SO_DEBUG, 1); }
static int policy(void) { return set_int(SOCK_DGRAM, SOL_IP, IP_XFRM_POLICY, 0); }

static int option(void)
{
	static const unsigned char unknown[4] = { 200, 4 };

	return set(SOCK_DGRAM, SOL_IP, IP_OPTIONS, unknown, sizeof(unknown));
}

/* A clock other than the monotonic one. */
static int send_time(void)
{
	struct sock_txtime t = { .clockid = CLOCK_TAI };

	return set(SOCK_DGRAM, SOL_SOCKET, SO_TXTIME, &t, sizeof(t));
}

static int control(void) { return set(SOCK_STREAM, IPPROTO_TCP, TCP_CONGESTION, "dctcp", 5); }

static int send_with(int level, int type, const void *data, size_t len)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr =
		htonl(INADDR_LOOPBACK),
	};
	char buf[CMSG_SPACE(64)] = {};
	struct iovec v = { "x", 1 };
	struct msghdr m = { &to, sizeof(to), &v, 1, buf, CMSG_SPACE(len), 0 };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = opened(SOCK_DGRAM, 0);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return result(fd, fd < 0 ? fd : sendmsg(fd, &m, 0));
}

static int option_of_message(void)
{
	static const unsigned char unknown[4] = { 200, 4 };

	return send_with(SOL_IP, IP_RETOPTS, unknown, sizeof(unknown));
}

static int mark_of_message(void)
{
	return send_with(SOL_SOCKET, SO_MARK, &(int){ 5 }, sizeof(int));
}

/* Somebody else's address as the source: nobody gets that by a message alone. */
static int source_of_message(void)
{
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(0x0a090909) };

	return send_with(SOL_IP, IP_PKTINFO, &info, sizeof(info));
}

static int foreign_address(void) { return bind_to(SOCK_DGRAM, 0x0a090909, 5000); }

/* Somebody else's address by IP_TRANSPARENT, which is what needs the capability. */
static int transparent_address(void)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(5000), .sin_addr.s_addr =
		htonl(0x0a090909),
	};
	int fd = opened(SOCK_DGRAM, 0), one = 1;

	setsockopt(fd, SOL_IP, IP_TRANSPARENT, &one, sizeof(one));
	return result(fd, fd < 0 ? fd : bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static const struct row {
	const char *name;
	int (*try)(void);
	int with, without;
	bool host;		/* Linux's own code gives it to the host's root alone */
} rows[] = {
	{ "TCP port below ip_unprivileged_port_start", tcp_port, 0, EACCES, false },
	{ "UDP port below ip_unprivileged_port_start", udp_port, 0, EACCES, false },
	{ "raw socket", raw, 0, EPERM, false },
	{ "raw socket that makes headers", raw_hdr, 0, EPERM, false },
	{ "IP_TRANSPARENT", transparent, 0, EPERM, false },
	{ "IP_TRANSPARENT of a stream", transparent_tcp, 0, EPERM, false },
	{ "bind to another's address by IP_TRANSPARENT", transparent_address, 0, EADDRNOTAVAIL,
	false },
	{ "bind to another's address", foreign_address, EADDRNOTAVAIL, EADDRNOTAVAIL, false },
	{ "another's address in a message", source_of_message, ENETUNREACH, ENETUNREACH, false },
	{ "IP option that is not known", option, 0, EINVAL, false },
	{ "IP option that is not known, in a message", option_of_message, 0, EINVAL, false },
	{ "congestion control that is not allowed to all", control, 0, EPERM, false },
	{ "IP_XFRM_POLICY", policy, EOPNOTSUPP, EPERM, false },
	{ "SO_MARK", mark, 0, EPERM, false },
	{ "SO_MARK in a message", mark_of_message, 0, EPERM, false },
	{ "SO_PRIORITY above 6", priority, 0, EPERM, false },
	{ "SO_TXTIME by another clock", send_time, 0, EPERM, false },
	{ "SO_DEBUG", debug, 0, EACCES, true },
	{ "SO_RCVBUFFORCE", rcvbuf, 0, EPERM, true },
	{ "SO_SNDBUFFORCE", sndbuf, 0, EPERM, true },
};

/* Each row must end as it says. */
static int try_all(bool with, bool own)
{
	int bad = 0, want, got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		want = with && !(own && rows[i].host) ? rows[i].with : rows[i].without;
		got = rows[i].try();
		if (got == want)
			continue;
		printf("%s: expected '%s', saw '%s'\n", rows[i].name, strerror(want),
		       strerror(got));
		bad = 1;
	}
	return bad;
}

int main(int argc, char **argv)
{
	FILE *f = fopen("/sys/module/plumb/parameters/family", "r");
	size_t i;

	if (!f || fscanf(f, "%d", &family) != 1) {
		fputs("rights: plumb.ko is not loaded\n", stderr);
		return 2;
	}
	fclose(f);
	if (argc == 2 && (!strcmp(argv[1], "with") || !strcmp(argv[1], "own")))
		return try_all(true, !strcmp(argv[1], "own"));
	if (argc == 2 && !strcmp(argv[1], "without"))
		return try_all(false, false);
	if (argc == 3 && !strcmp(argv[1], "cc")) {
		printf("%s\n", strerror(set(SOCK_STREAM, IPPROTO_TCP, TCP_CONGESTION, argv[2],
					    (socklen_t)strlen(argv[2]))));
		return 0;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		puts(rows[i].name);
	return argc == 2 && !strcmp(argv[1], "list") ? 0 : 2;
}
