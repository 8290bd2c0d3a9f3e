// SPDX-License-Identifier: GPL-2.0
/* Topics of twins: setsockopt(2) and getsockopt(2). */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "twins.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

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
		same("get after it", neg(getsockopt(linux_fd, level, name, &v1, &l1)),
		     neg(getsockopt(plumb_fd, level, name, &v2, &l2)));
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
	O(IP_PROTOCOL),
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

/* A page that holds @value at its beginning and cannot be written. */
static int *read_only(int value)
{
	int *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*page = value;
	mprotect(page, 4096, PROT_READ);
	return page;
}

/* What the option or its length lies in cannot be read, or not be written. */
static void bad_pointers(int level, int name, const char *text, int len)
{
	int *fixed_len = read_only(len), *fixed = read_only(0);
	char what[96], room[512] = {};

	snprintf(what, sizeof(what), "set %s of %d octets from nowhere", text, len);
	TWIN(what, setsockopt(fd, level, name, (void *)8, len));
	snprintf(what, sizeof(what), "get %s of %d octets to nowhere", text, len);
	TWIN(what, getsockopt(fd, level, name, (void *)8, &(socklen_t){ len }));
	snprintf(what, sizeof(what), "get %s of %d octets to what is read only", text, len);
	TWIN(what, getsockopt(fd, level, name, fixed, &(socklen_t){ len }));
	snprintf(what, sizeof(what), "get %s, its length from nowhere", text);
	TWIN(what, getsockopt(fd, level, name, room, (void *)8));
	snprintf(what, sizeof(what), "get %s, its length to what is read only", text);
	/* Of no options Linux answers how much of the length it could not write. */
	if (level != SOL_IP || (name != IP_OPTIONS && name != IP_PKTOPTIONS))
		TWIN(what, getsockopt(fd, level, name, room, (void *)fixed_len));
	munmap(fixed_len, 4096);
	munmap(fixed, 4096);
}

static const struct pointed {
	int level, name, len;
	const char *text;
} pointed_ip[] = {
#define O(level, x, len) { level, x, len, #x }
	O(SOL_IP, IP_TOS, 4), O(SOL_IP, IP_TTL, 1), O(SOL_IP, IP_RECVERR, 4),
	O(SOL_IP, IP_OPTIONS, 8), O(SOL_IP, IP_PKTOPTIONS, 64), O(SOL_IP, IP_MULTICAST_IF, 4),
	O(SOL_IP, IP_MULTICAST_IF, 8), O(SOL_IP, IP_MULTICAST_IF, 12),
	O(SOL_IP, IP_UNICAST_IF, 4), O(SOL_IP, IP_ADD_MEMBERSHIP, 8),
	O(SOL_IP, IP_ADD_MEMBERSHIP, 12), O(SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, 12),
	O(SOL_IP, IP_MSFILTER, 16), O(SOL_IP, MCAST_JOIN_GROUP, 136),
	O(SOL_IP, MCAST_JOIN_SOURCE_GROUP, 264), O(SOL_IP, MCAST_MSFILTER, 144),
	{}
}, pointed_udp[] = {
	O(SOL_UDP, UDP_CORK, 4), O(SOL_UDP, UDP_SEGMENT, 4), {}
}, pointed_raw[] = {
	O(SOL_RAW, ICMP_FILTER, 4), O(SOL_RAW, ICMP_FILTER, 2), O(SOL_RAW, ICMP_FILTER, 8), {}
}, pointed_tcp[] = {
	O(SOL_TCP, TCP_NODELAY, 4), O(SOL_TCP, TCP_INFO, 256), O(SOL_TCP, TCP_CONGESTION, 16),
	O(SOL_TCP, TCP_CC_INFO, 32), O(SOL_TCP, TCP_FASTOPEN_KEY, 16),
	O(SOL_TCP, TCP_MD5SIG, sizeof(struct tcp_md5sig)), O(SOL_TCP, TCP_SAVED_SYN, 64), {}
#undef O
};

static void point(const struct pointed *p)
{
	for (; p->text; p++)
		bad_pointers(p->level, p->name, p->text, p->len);
}

static void test_bad_pointers(void)
{
	open_twins(SOCK_STREAM, IPPROTO_TCP);
	point(pointed_ip);
	point(pointed_tcp);
	TWIN("TCP option 0 of -1 octets",
	     getsockopt(fd, SOL_TCP, TCP_NODELAY, &(int){ 0 }, &(socklen_t){ -1 }));
	close_twins();
	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	point(pointed_ip);
	point(pointed_udp);
	close_twins();
	open_twins(SOCK_RAW, IPPROTO_ICMP);
	point(pointed_ip);
	point(pointed_raw);
	close_twins();
}

static long get_group_filter_read_only(int fd, struct sockaddr_in group, unsigned int sources)
{
	struct group_filter *f = (void *)read_only(0);
	long r;

	mprotect(f, 4096, PROT_READ | PROT_WRITE);
	memcpy(&f->gf_group, &group, sizeof(group));
	f->gf_interface = loopback(fd);
	f->gf_numsrc = sources;
	mprotect(f, 4096, PROT_READ);
	r = neg(getsockopt(fd, SOL_IP, MCAST_MSFILTER, f, &(socklen_t){ GROUP_FILTER_SIZE(1) }));
	munmap(f, 4096);
	return r;
}

/* A filter that is there, told to where the request alone can be read. */
static void test_filter_to_what_is_read_only(void)
{
	struct sockaddr_in group = addr("239.1.2.9", 0), source = addr("10.9.9.9", 0);
	struct ip_mreq join = { group.sin_addr, { htonl(INADDR_LOOPBACK) } };
	struct ip_mreq_source src = { .imr_multiaddr = group.sin_addr,
				      .imr_interface = join.imr_interface,
				      .imr_sourceaddr = source.sin_addr };
	struct ip_msfilter *m = (void *)read_only(0);

	open_twins(SOCK_DGRAM, IPPROTO_UDP);
	TWIN("join", setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	TWIN("block", setsockopt(fd, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src)));
	mprotect(m, 4096, PROT_READ | PROT_WRITE);
	m->imsf_multiaddr = group.sin_addr;
	m->imsf_interface = join.imr_interface;
	m->imsf_numsrc = 1;
	TWIN("IP_MSFILTER", getsockopt(fd, SOL_IP, IP_MSFILTER, m,
				       &(socklen_t){ IP_MSFILTER_SIZE(1) }));
	mprotect(m, 4096, PROT_READ);
	TWIN("IP_MSFILTER to what is read only",
	     getsockopt(fd, SOL_IP, IP_MSFILTER, m, &(socklen_t){ IP_MSFILTER_SIZE(1) }));
	TWIN("MCAST_MSFILTER to what is read only", get_group_filter_read_only(fd, group, 1));
	TWIN("MCAST_MSFILTER of no source to what is read only",
	     get_group_filter_read_only(fd, group, 0));
	close_twins();
	munmap(m, 4096);
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
	same("get IP_OPTIONS", neg(getsockopt(linux_fd, SOL_IP, IP_OPTIONS, o1, &l1)),
	     neg(getsockopt(plumb_fd, SOL_IP, IP_OPTIONS, o2, &l2)));
	same("its length", l1, l2);
	same("its octets", memcmp(o1, o2, sizeof(o1)), 0);
	TWIN("IP_OPTIONS none", setsockopt(fd, SOL_IP, IP_OPTIONS, o1, 0));
	close_twins();
}

static int to_loopback(int fd)
{
	return fd == linux_fd ? setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)
		       : setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "plumb0", 7);
}

static int set_unicast_if(int fd, int index, socklen_t len)
{
	int arg[2] = { htonl(index) };

	return setsockopt(fd, SOL_IP, IP_UNICAST_IF, arg, len);
}

/* 1: IP_UNICAST_IF is the loopback device, 0: none. */
static int has_unicast_if(int fd)
{
	socklen_t len = sizeof(int);
	int index = -1;

	if (getsockopt(fd, SOL_IP, IP_UNICAST_IF, &index, &len))
		return -1;
	return (int)ntohl(index) == loopback(fd) ? 1 : index;
}

static void test_unicast_if(void)
{
	struct sockaddr_in to = addr("127.0.0.1", 4715);
	int type;

	for (type = SOCK_STREAM; type <= SOCK_RAW; type++) {
		open_twins(type, type == SOCK_RAW ? IPPROTO_ICMP : 0);
		TWIN("at first", has_unicast_if(fd));
		TWIN("short", set_unicast_if(fd, loopback(fd), 2));
		TWIN("long", set_unicast_if(fd, loopback(fd), 8));
		TWIN("no such device", set_unicast_if(fd, 9999, 4));
		TWIN("the device", set_unicast_if(fd, loopback(fd), 4));
		TWIN("is it", has_unicast_if(fd));
		TWIN("send", type == SOCK_DGRAM ? sendto(fd, "x", 1, 0, (void *)&to, sizeof(to))
						: 0);
		TWIN("bound to the device", to_loopback(fd));
		TWIN("the device again", set_unicast_if(fd, loopback(fd), 4));
		TWIN("no such device, when bound", set_unicast_if(fd, 9999, 4));
		TWIN("none", set_unicast_if(fd, 0, 4));
		TWIN("is none", has_unicast_if(fd));
		TWIN("the device once more", set_unicast_if(fd, loopback(fd), 4));
		TWIN("is none yet", has_unicast_if(fd));
		close_twins();
	}
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
	TWIN("get ICMP_FILTER of -1 octets",
	     getsockopt(fd, SOL_RAW, ICMP_FILTER, &g, &(socklen_t){ -1 }));
	TWIN("half an ICMP_FILTER", setsockopt(fd, SOL_RAW, ICMP_FILTER, &(int){ 0 }, 2));
	g = 0;
	same("get it", neg(getsockopt(linux_fd, SOL_RAW, ICMP_FILTER, &g, &(socklen_t){ 4 })),
	     neg(getsockopt(plumb_fd, SOL_RAW, ICMP_FILTER, &f, &(socklen_t){ 4 })));
	same("its other half", g, f);
	TWIN("raw option 9", setsockopt(fd, SOL_RAW, 9, &f, sizeof(f)));
	close_twins();
	open_twins(SOCK_RAW, 47);
	TWIN("ICMP_FILTER on GRE", setsockopt(fd, SOL_RAW, ICMP_FILTER, &f, sizeof(f)));
	TWIN("get ICMP_FILTER on GRE",
	     getsockopt(fd, SOL_RAW, ICMP_FILTER, &g, &(socklen_t){ 4 }));
	TWIN("get raw option 9", getsockopt(fd, SOL_RAW, 9, &g, &(socklen_t){ 4 }));
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
		    getsockopt(linux_fd, SOL_SOCKET, SO_PEEK_OFF, &off, &len) &&
		    errno == EOPNOTSUPP)
			continue;
		/* A stream's buffers begin with its own sysctls. */
		option_range(SOL_SOCKET, names[i].name, names[i].text);
	}
	close_twins();
}

#define T(x) { #x, test_##x }

const struct topic twins_options[] = {
	T(ip_options_dgram), T(ip_options_stream), T(ip_options_raw), T(ip_header_options),
	T(bad_pointers), T(filter_to_what_is_read_only), T(unicast_if), T(port_range),
	T(udp_options), T(icmp_filter), T(socket_options),
	{ NULL, NULL }
};
