// SPDX-License-Identifier: GPL-2.0
/*
 * Plumb's sockets beside Linux's own: every call is made on a socket of AF_INET and on
 * its twin of Plumb's family, in the same order, and the two must answer alike: result,
 * errno, and what was written. One KTAP point a topic.
 *
 *	twins [family [topic]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "names.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static int family = 18;
static int differences;

static const char *errname(int e)
{
	return e ? strerrorname_np(e) : "0";
}

/* Both results, negative errno or what the call returned. */
static void same(const char *what, long linux_says, long plumb_says)
{
	if (linux_says == plumb_says)
		return;
	differences++;
	printf("# %s: Linux %ld (%s), Plumb %ld (%s)\n", what, linux_says,
	       linux_says < 0 ? errname(-linux_says) : "ok", plumb_says,
	       plumb_says < 0 ? errname(-plumb_says) : "ok");
}

static long neg(long r)
{
	return r < 0 ? -errno : r;
}

#define TWIN(what, call) do {				\
	int fd = a;					\
	long r1, r2;					\
							\
	errno = 0;					\
	r1 = neg(call);					\
	fd = b;						\
	errno = 0;					\
	r2 = neg(call);					\
	same(what, r1, r2);				\
} while (0)

static int a, b;	/* the twins: AF_INET's and ours */

static void open_twins(int type, int proto)
{
	a = socket(AF_INET, type, proto);
	b = socket(family, type, proto);
	if (a < 0 || b < 0) {
		printf("Bail out! socket(%d, %d): %s\n", type, proto, strerror(errno));
		exit(1);
	}
}

static void close_twins(void)
{
	close(a);
	close(b);
}

static struct sockaddr_in addr(const char *ip, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sin;
}

/* ---- topics ---- */

static long sock_errno(int fam, int type, int proto)
{
	int fd = socket(fam, type, proto);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void test_create(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET,
				     0, 11, -1 };
	static const int protos[] = { 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_RAW, 47,
				      255, 263, 300, -1 };
	char what[64];
	unsigned int i, j;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		for (j = 0; j < sizeof(protos) / sizeof(*protos); j++) {
			snprintf(what, sizeof(what), "socket(type %d, protocol %d)", types[i],
				 protos[j]);
			same(what, sock_errno(AF_INET, types[i], protos[j]),
			     sock_errno(family, types[i], protos[j]));
		}
}

static void option_range(int level, int name, const char *text)
{
	static const int values[] = { 0, 1, -1, 2, 5, 6, 7, 63, 64, 255, 256, 0x10000, -2,
				      0x7fffffff };
	unsigned char octet = 1;
	char what[96];
	unsigned int i;
	int len;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		int v1 = values[i], v2 = values[i];
		socklen_t l1 = sizeof(v1), l2 = sizeof(v2);

		snprintf(what, sizeof(what), "set %s to %d", text, values[i]);
		TWIN(what, setsockopt(fd, level, name, &values[i], sizeof(int)));
		v1 = v2 = 0x5a5a5a5a;
		same("get after it", neg(getsockopt(a, level, name, &v1, &l1)),
		     neg(getsockopt(b, level, name, &v2, &l2)));
		snprintf(what, sizeof(what), "value of %s after setting %d", text, values[i]);
		same(what, v1, v2);
		same("its length", l1, l2);
	}
	for (len = 0; len <= 5; len++) {
		snprintf(what, sizeof(what), "set %s with length %d", text, len);
		TWIN(what, setsockopt(fd, level, name, &(long long){ 1 }, len));
		snprintf(what, sizeof(what), "get %s with length %d", text, len);
		TWIN(what, getsockopt(fd, level, name, &(int){ 0 }, &(socklen_t){ len }));
	}
	snprintf(what, sizeof(what), "set %s of an octet", text);
	TWIN(what, setsockopt(fd, level, name, &octet, 1));
	snprintf(what, sizeof(what), "get %s of length -1", text);
	TWIN(what, getsockopt(fd, level, name, &(int){ 0 }, &(socklen_t){ -1 }));
	snprintf(what, sizeof(what), "set %s from nowhere", text);
	TWIN(what, setsockopt(fd, level, name, (void *)8, sizeof(int)));
	snprintf(what, sizeof(what), "get %s to nowhere", text);
	TWIN(what, getsockopt(fd, level, name, (void *)8, &(socklen_t){ sizeof(int) }));
}

static const struct {
	int name;
	const char *text;
} ip_options[] = {
#define O(x) { x, #x }
	O(IP_TOS), O(IP_TTL), O(IP_HDRINCL), O(IP_RECVOPTS), O(IP_RETOPTS), O(IP_PKTINFO),
	O(IP_MTU_DISCOVER), O(IP_RECVERR), O(IP_RECVTTL), O(IP_RECVTOS), O(IP_MTU), O(IP_FREEBIND),
	O(IP_TRANSPARENT), O(IP_RECVORIGDSTADDR), O(IP_MINTTL), O(IP_NODEFRAG),
	O(IP_CHECKSUM), O(IP_BIND_ADDRESS_NO_PORT), O(IP_RECVFRAGSIZE), O(IP_RECVERR_RFC4884),
	O(IP_MULTICAST_TTL), O(IP_MULTICAST_LOOP), O(IP_MULTICAST_ALL), O(IP_PASSSEC),
#undef O
	{ 0, "option 0" }, { 100, "option 100" }, { 250, "option 250" }, { 1000, "option 1000" },
};

static void ip_options_of(int type, int proto)
{
	unsigned int i;

	open_twins(type, proto);
	for (i = 0; i < sizeof(ip_options) / sizeof(*ip_options); i++)
		option_range(SOL_IP, ip_options[i].name, ip_options[i].text);
	close_twins();
}

static void test_ip_options_dgram(void)
{
	ip_options_of(SOCK_DGRAM, IPPROTO_UDP);
}

static void test_ip_options_stream(void)
{
	ip_options_of(SOCK_STREAM, IPPROTO_TCP);
}

static void test_ip_options_raw(void)
{
	ip_options_of(SOCK_RAW, IPPROTO_ICMP);
}

/* Loose source route and timestamp: with room for an address. */
static bool long_option(unsigned char kind)
{
	return kind == 131 || kind == 68;
}

static void test_ip_header_options(void)
{
	static const unsigned char good[] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	static const unsigned char cases[][12] = {
		{ 1, 1, 1, 0 }, { 7, 3, 4, 0 }, { 7, 2, 4, 0 }, { 7, 20, 4, 0 }, { 7, 7, 3, 0 },
		{ 131, 7, 4, 10, 0, 0, 1, 0 }, { 131, 7, 8, 10, 0, 0, 1, 0 }, { 137, 3, 4, 0 },
		{ 68, 8, 5, 0, 0, 0, 0, 0 }, { 68, 8, 4, 0, 0, 0, 0, 0 }, { 148, 4, 0, 0 },
		{ 148, 3, 0, 0 }, { 0 }, { 1, 0 },
	};
	unsigned char o1[64] = {}, o2[64] = {};
	socklen_t l1 = sizeof(o1), l2 = sizeof(o2);
	char what[64];
	unsigned int i, len;

	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(what, sizeof(what), "IP_OPTIONS case %u", i);
		len = 4;
		if (long_option(cases[i][0]))
			len = 8;
		TWIN(what, setsockopt(fd, SOL_IP, IP_OPTIONS, cases[i], len));
	}
	TWIN("IP_OPTIONS too long", setsockopt(fd, SOL_IP, IP_OPTIONS, o1, 41));
	TWIN("IP_OPTIONS record route", setsockopt(fd, SOL_IP, IP_OPTIONS, good, sizeof(good)));
	same("get IP_OPTIONS", neg(getsockopt(a, SOL_IP, IP_OPTIONS, o1, &l1)),
	     neg(getsockopt(b, SOL_IP, IP_OPTIONS, o2, &l2)));
	same("its length", l1, l2);
	same("its octets", memcmp(o1, o2, sizeof(o1)), 0);
	TWIN("IP_OPTIONS none", setsockopt(fd, SOL_IP, IP_OPTIONS, o1, 0));
	close_twins();
}

static void test_port_range(void)
{
	static const unsigned int values[] = { 0, 0xea60c350, 0xc350ea60, 0x0000c350, 0xc3500000,
					       0x00010001 };
	unsigned int i;

	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	for (i = 0; i < sizeof(values) / sizeof(*values); i++)
		TWIN("IP_LOCAL_PORT_RANGE",
		     setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &values[i], 4));
	TWIN("IP_LOCAL_PORT_RANGE short",
	     setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &values[0], 2));
	close_twins();
}

static void test_udp_options(void)
{
	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	option_range(SOL_UDP, UDP_CORK, "UDP_CORK");
	option_range(SOL_UDP, UDP_SEGMENT, "UDP_SEGMENT");
	option_range(SOL_UDP, UDP_GRO, "UDP_GRO");
	option_range(SOL_UDP, 99, "UDP option 99");
	option_range(SOL_TCP, 1, "TCP option on UDP");
	option_range(41, 1, "level 41");
	option_range(12345, 1, "level 12345");
	close_twins();
}

static void test_icmp_filter(void)
{
	unsigned int f = 0xffff0000, g = 0;

	open_twins(SOCK_RAW, IPPROTO_ICMP);
	TWIN("ICMP_FILTER", setsockopt(fd, SOL_RAW, ICMP_FILTER, &f, sizeof(f)));
	TWIN("get ICMP_FILTER", getsockopt(fd, SOL_RAW, ICMP_FILTER, &g, &(socklen_t){ 4 }));
	same("its value", f, g);
	TWIN("get ICMP_FILTER short", getsockopt(fd, SOL_RAW, ICMP_FILTER, &g, &(socklen_t){ 2 }));
	TWIN("raw option 9", setsockopt(fd, SOL_RAW, 9, &f, sizeof(f)));
	close_twins();
	open_twins(SOCK_RAW, 47);
	TWIN("ICMP_FILTER on GRE", setsockopt(fd, SOL_RAW, ICMP_FILTER, &f, sizeof(f)));
	close_twins();
}

static void test_socket_options(void)
{
	static const struct {
		int name;
		const char *text;
	} names[] = {
#define O(x) { x, #x }
		O(SO_REUSEADDR), O(SO_KEEPALIVE), O(SO_BROADCAST), O(SO_OOBINLINE), O(SO_PRIORITY),
		O(SO_RCVLOWAT), O(SO_TIMESTAMP), O(SO_TIMESTAMPNS), O(SO_ERROR), O(SO_TYPE),
		O(SO_PROTOCOL), O(SO_ACCEPTCONN), O(SO_NO_CHECK), O(SO_DONTROUTE), O(SO_MARK),
		O(SO_RXQ_OVFL), O(SO_PEEK_OFF), O(SO_LOCK_FILTER), O(SO_BUSY_POLL),
		O(SO_INCOMING_CPU), O(SO_RCVBUF), O(SO_SNDBUF),
#undef O
	};
	socklen_t len = sizeof(int);
	unsigned int i;
	int off;

	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		option_range(SOL_SOCKET, names[i].name, names[i].text);
	close_twins();
	open_twins(SOCK_STREAM, IPPROTO_TCP);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		/* Linux has it for streams from 6.9 on, Plumb always. */
		if (names[i].name == SO_PEEK_OFF &&
		    getsockopt(a, SOL_SOCKET, SO_PEEK_OFF, &off, &len) && errno == EOPNOTSUPP)
			continue;
		/* A stream's buffers begin with its own sysctls. */
		option_range(SOL_SOCKET, names[i].name, names[i].text);
	}
	close_twins();
}

static void bad_addresses(int type, int proto)
{
	struct sockaddr_in ok = addr("127.0.0.1", 5353), foreign = addr("203.0.113.9", 5353);
	struct sockaddr_in unspec = addr("0.0.0.0", 0), unspec_set = addr("127.0.0.1", 7);
	struct sockaddr_in six = ok;

	unspec.sin_family = AF_UNSPEC;
	unspec_set.sin_family = AF_UNSPEC;
	six.sin_family = AF_INET6;

	open_twins(type, proto);
	TWIN("bind short", bind(fd, (void *)&ok, 8));
	TWIN("bind of nothing", bind(fd, (void *)&ok, 0));
	TWIN("bind of a bad pointer", bind(fd, (void *)8, sizeof(ok)));
	TWIN("bind with AF_INET6", bind(fd, (void *)&six, sizeof(six)));
	TWIN("bind to a foreign address", bind(fd, (void *)&foreign, sizeof(foreign)));
	TWIN("bind with AF_UNSPEC and an address", bind(fd, (void *)&unspec_set, sizeof(ok)));
	TWIN("bind", bind(fd, (void *)&ok, sizeof(ok)));
	TWIN("bind again", bind(fd, (void *)&ok, sizeof(ok)));
	close_twins();

	open_twins(type, proto);
	TWIN("bind with AF_UNSPEC", bind(fd, (void *)&unspec, sizeof(unspec)));
	TWIN("getpeername unconnected", getpeername(fd, (void *)&ok, &(socklen_t){ 16 }));
	TWIN("getsockname length -1", getsockname(fd, (void *)&ok, &(socklen_t){ -1 }));
	TWIN("listen", type == SOCK_STREAM ? 0 : listen(fd, 1));
	TWIN("accept", type == SOCK_STREAM ? 0 : accept(fd, NULL, NULL));
	TWIN("shutdown unconnected", shutdown(fd, SHUT_WR));
	TWIN("shutdown how 3", shutdown(fd, 3));
	TWIN("shutdown how -1", shutdown(fd, -1));
	close_twins();

	ok = addr("127.0.0.1", 5353);
	open_twins(type, proto);
	TWIN("connect short", connect(fd, (void *)&ok, 8));
	TWIN("connect of one octet", connect(fd, (void *)&ok, 1));
	TWIN("connect with AF_INET6", connect(fd, (void *)&six, sizeof(six)));
	TWIN("connect with AF_UNSPEC", connect(fd, (void *)&unspec, sizeof(unspec)));
	close_twins();
}

static void test_addresses_dgram(void)
{
	bad_addresses(SOCK_DGRAM, IPPROTO_UDP);
}

static void test_addresses_stream(void)
{
	bad_addresses(SOCK_STREAM, IPPROTO_TCP);
}

static void test_addresses_raw(void)
{
	bad_addresses(SOCK_RAW, IPPROTO_ICMP);
}

/* Two sockets on one port: @first and @second say what they set before bind(). */
static long pair_bind(int fam, int type, const char *first, const char *second, const char *ip1,
		      const char *ip2)
{
	struct sockaddr_in s1 = addr(ip1, 4711), s2 = addr(ip2, 4711);
	int f1 = socket(fam, type, 0), f2 = socket(fam, type, 0), one = 1;
	long r;

	if (strchr(first, 'a'))
		setsockopt(f1, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (strchr(second, 'a'))
		setsockopt(f2, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	r = neg(bind(f1, (void *)&s1, sizeof(s1)));
	if (r)
		goto out;
	if (strchr(first, 'l') && type == SOCK_STREAM)
		listen(f1, 1);
	r = neg(bind(f2, (void *)&s2, sizeof(s2)));
	if (!r && strchr(second, 'l') && type == SOCK_STREAM)
		r = neg(listen(f2, 1)) * 1000;
out:
	close(f1);
	close(f2);
	return r;
}

static void test_bind_conflicts(void)
{
	static const char *const sets[] = { "", "a", "l", "al" };
	static const char *const ips[] = { "0.0.0.0", "127.0.0.1", "127.0.0.2" };
	unsigned int i, j, k, l, t;
	char what[96];

	for (t = 0; t < 2; t++)
		for (i = 0; i < 4; i++)
			for (j = 0; j < 4; j++)
				for (k = 0; k < 3; k++)
					for (l = 0; l < 3; l++) {
						int type = t ? SOCK_DGRAM : SOCK_STREAM;

						snprintf(what, sizeof(what),
							 "%s bind %s '%s' beside %s '%s'",
							 t ? "udp" : "tcp", ips[l], sets[j],
							 ips[k], sets[i]);
						same(what, pair_bind(AF_INET, type, sets[i],
								     sets[j], ips[k], ips[l]),
						     pair_bind(family, type, sets[i], sets[j],
							       ips[k], ips[l]));
					}
}

static void test_udp_send_errors(void)
{
	int pair[2];
	struct sockaddr_in to = addr("127.0.0.1", 4712), noport = addr("127.0.0.1", 0);
	struct sockaddr_in six = to, unspec = to, bcast = addr("255.255.255.255", 9);
	static char big[70000];

	six.sin_family = AF_INET6;
	unspec.sin_family = AF_UNSPEC;
	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	TWIN("send unconnected", send(fd, "x", 1, 0));
	TWIN("sendto short address", sendto(fd, "x", 1, 0, (void *)&to, 8));
	TWIN("sendto port 0", sendto(fd, "x", 1, 0, (void *)&noport, sizeof(to)));
	TWIN("sendto AF_INET6", sendto(fd, "x", 1, 0, (void *)&six, sizeof(to)));
	TWIN("sendto AF_UNSPEC", sendto(fd, "x", 1, 0, (void *)&unspec, sizeof(to)));
	TWIN("sendto MSG_OOB", sendto(fd, "x", 1, MSG_OOB, (void *)&to, sizeof(to)));
	TWIN("sendto 65508", sendto(fd, big, 65508, 0, (void *)&to, sizeof(to)));
	TWIN("sendto 65507", sendto(fd, big, 65507, 0, (void *)&to, sizeof(to)));
	TWIN("sendto 70000", sendto(fd, big, 70000, 0, (void *)&to, sizeof(to)));
	TWIN("sendto bad pointer", sendto(fd, (void *)8, 10, 0, (void *)&to, sizeof(to)));
	TWIN("sendto of nothing", sendto(fd, "", 0, 0, (void *)&to, sizeof(to)));
	TWIN("sendto broadcast without leave",
	     sendto(fd, "x", 1, 0, (void *)&bcast, sizeof(bcast)) < 0 &&
	     errno == ENETUNREACH ? -1 : 0);
	TWIN("recv nothing", recv(fd, big, 10, MSG_DONTWAIT));
	TWIN("recv MSG_ERRQUEUE", recv(fd, big, 10, MSG_ERRQUEUE | MSG_DONTWAIT));
	TWIN("SIOCINQ", ioctl(fd, SIOCINQ, &(int){ 0 }));
	TWIN("SIOCOUTQ", ioctl(fd, SIOCOUTQ, &(int){ 0 }));
	TWIN("ioctl to nowhere", ioctl(fd, SIOCINQ, (void *)8));
	TWIN("unknown ioctl", ioctl(fd, 0x1234, 0));
	TWIN("socketpair", socketpair(fd == a ? AF_INET : family, SOCK_DGRAM, 0, pair));
	close_twins();
}

/* sendmsg() with one control message to 127.0.0.1:4713 */
static long send_cmsg(int fd, int level, int type, const void *data, size_t len, size_t claim)
{
	struct sockaddr_in to = addr("127.0.0.1", 4713);
	union {
		char buf[128];
		struct cmsghdr align;
	} u = {};
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = u.buf,
			    .msg_controllen = CMSG_SPACE(len) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = claim;
	memcpy(CMSG_DATA(c), data, len);
	return neg(sendmsg(fd, &m, 0));
}

static void test_cmsg_errors(void)
{
	static const int values[] = { -1, 0, 1, 64, 255, 256 };
	struct in_pktinfo info = {};
	unsigned int i;
	char what[64];

	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		snprintf(what, sizeof(what), "cmsg IP_TTL %d", values[i]);
		TWIN(what, send_cmsg(fd, SOL_IP, IP_TTL, &values[i], 4, CMSG_LEN(4)));
		snprintf(what, sizeof(what), "cmsg IP_TOS %d", values[i]);
		TWIN(what, send_cmsg(fd, SOL_IP, IP_TOS, &values[i], 4, CMSG_LEN(4)));
		snprintf(what, sizeof(what), "cmsg UDP_SEGMENT %d", values[i]);
		TWIN(what, send_cmsg(fd, SOL_UDP, UDP_SEGMENT, &values[i], 2, CMSG_LEN(2)));
	}
	TWIN("cmsg IP_TOS of an octet", send_cmsg(fd, SOL_IP, IP_TOS, &values[2], 1, CMSG_LEN(1)));
	TWIN("cmsg IP_TTL short", send_cmsg(fd, SOL_IP, IP_TTL, &values[2], 2, CMSG_LEN(2)));
	TWIN("cmsg too long", send_cmsg(fd, SOL_IP, IP_TTL, &values[2], 4, 1000));
	TWIN("cmsg too short", send_cmsg(fd, SOL_IP, IP_TTL, &values[2], 4, 4));
	TWIN("cmsg unknown", send_cmsg(fd, SOL_IP, 77, &values[2], 4, CMSG_LEN(4)));
	TWIN("cmsg unknown of SOL_UDP", send_cmsg(fd, SOL_UDP, 77, &values[2], 4, CMSG_LEN(4)));
	TWIN("cmsg of another level", send_cmsg(fd, 999, 77, &values[2], 4, CMSG_LEN(4)));
	TWIN("cmsg IP_PKTINFO", send_cmsg(fd, SOL_IP, IP_PKTINFO, &info, sizeof(info),
					  CMSG_LEN(sizeof(info))));
	TWIN("cmsg IP_PKTINFO short", send_cmsg(fd, SOL_IP, IP_PKTINFO, &info, 4, CMSG_LEN(4)));
	info.ipi_spec_dst.s_addr = htonl(0xcb007109);
	TWIN("cmsg IP_PKTINFO foreign", send_cmsg(fd, SOL_IP, IP_PKTINFO, &info, sizeof(info),
						  CMSG_LEN(sizeof(info))));
	close_twins();
}

static void test_multicast_errors(void)
{
	struct ip_mreqn join = { .imr_address.s_addr = htonl(INADDR_LOOPBACK) };
	struct ip_mreqn none = { .imr_ifindex = 9999 };
	struct ip_mreq_source src = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	int type;

	inet_pton(AF_INET, "239.1.2.3", &join.imr_multiaddr);
	none.imr_multiaddr = join.imr_multiaddr;
	src.imr_multiaddr = join.imr_multiaddr;
	inet_pton(AF_INET, "10.9.9.9", &src.imr_sourceaddr);
	for (type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		open_twins(type, 0);
		TWIN("join", setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
		TWIN("join again", setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
		TWIN("join short", setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &join, 4));
		TWIN("join on no device",
		     setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &none, sizeof(none)));
		TWIN("join of no group", setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP,
						    &(struct ip_mreqn){ .imr_ifindex = 1 },
						    sizeof(join)));
		TWIN("block", setsockopt(fd, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src)));
		TWIN("block again", setsockopt(fd, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src)));
		TWIN("include after exclude",
		     setsockopt(fd, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &src, sizeof(src)));
		TWIN("unblock", setsockopt(fd, SOL_IP, IP_UNBLOCK_SOURCE, &src, sizeof(src)));
		TWIN("unblock again", setsockopt(fd, SOL_IP, IP_UNBLOCK_SOURCE, &src, sizeof(src)));
		TWIN("leave", setsockopt(fd, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
		TWIN("leave again",
		     setsockopt(fd, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
		TWIN("source join",
		     setsockopt(fd, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &src, sizeof(src)));
		TWIN("source leave",
		     setsockopt(fd, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &src, sizeof(src)));
		TWIN("IP_MULTICAST_IF none",
		     setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &none, sizeof(none)));
		TWIN("IP_MULTICAST_IF short", setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &none, 2));
		TWIN("IP_MULTICAST_IF any", setsockopt(fd, SOL_IP, IP_MULTICAST_IF,
						       &(struct in_addr){ 0 }, 4));
		close_twins();
	}
}

static void test_ping_errors(void)
{
	struct sockaddr_in to = addr("127.0.0.1", 0);
	struct icmphdr echo = { .type = ICMP_ECHO }, reply = { .type = ICMP_ECHOREPLY };

	open_twins(SOCK_DGRAM, IPPROTO_ICMP);
	TWIN("echo", sendto(fd, &echo, sizeof(echo), 0, (void *)&to, sizeof(to)));
	TWIN("short", sendto(fd, &echo, 4, 0, (void *)&to, sizeof(to)));
	TWIN("a reply", sendto(fd, &reply, sizeof(reply), 0, (void *)&to, sizeof(to)));
	TWIN("no address", send(fd, &echo, sizeof(echo), 0));
	TWIN("address of another family", ({
		struct sockaddr_in six = to;

		six.sin_family = AF_INET6;
		sendto(fd, &echo, sizeof(echo), 0, (void *)&six, sizeof(six));
	}));
	close_twins();
}

static const struct {
	const char *name;
	void (*fn)(void);
} topics[] = {
#define T(x) { #x, test_##x }
	T(create), T(ip_options_dgram), T(ip_options_stream), T(ip_options_raw),
	T(ip_header_options), T(port_range), T(udp_options), T(icmp_filter), T(socket_options),
	T(addresses_dgram), T(addresses_stream), T(addresses_raw), T(bind_conflicts),
	T(udp_send_errors), T(cmsg_errors), T(multicast_errors), T(ping_errors),
#undef T
};

int main(int argc, char **argv)
{
	unsigned int i, failed = 0, n = sizeof(topics) / sizeof(*topics);
	const char *only = argc > 2 ? argv[2] : NULL;

	if (argc > 1)
		family = atoi(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < n; i++) {
		if (only && strcmp(only, topics[i].name))
			continue;
		differences = 0;
		topics[i].fn();
		printf("%s %u - twins %s\n", differences ? "not ok" : "ok", i + 1, topics[i].name);
		failed += !!differences;
	}
	printf("1..%u\n", n);
	return failed ? 1 : 0;
}
