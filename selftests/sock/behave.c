// SPDX-License-Identifier: GPL-2.0
/*
 * What datagram sockets do, told by Linux's own and by Plumb's: each scene is played on
 * AF_INET and then on Plumb's family over the loopback address, writes down what it saw,
 * and the two accounts must be the same, word for word. One KTAP point a scene.
 *
 *	behave [family [scene]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif
#ifndef SIOCINQ
#define SIOCINQ 0x541B
#define SIOCOUTQ 0x5411
#endif
#define SOL_PLUMB 1018
#define PLUMB_REUSEPORT 1

static int fam;		/* whose turn it is */
static FILE *out;	/* its account */

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
}

static const char *errstr(void)
{
	return strerrorname_np(errno);
}

/* A call's result by its name: number or errno. */
static long told(const char *what, long r)
{
	if (r < 0)
		say("%s: %s", what, errstr());
	else
		say("%s: %ld", what, r);
	return r;
}

#define TELL(call) told(#call, (call))

static struct sockaddr_in addr(const char *ip, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sin;
}

static int udp(void)
{
	int fd = socket(fam, SOCK_DGRAM, 0);
	struct timeval tv = { .tv_sec = 3 };

	if (fd < 0) {
		printf("Bail out! socket: %s\n", strerror(errno));
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	getsockname(fd, (void *)&sin, &len);
	return sin;
}

static int udp_at(const char *ip, int port)
{
	struct sockaddr_in sin = addr(ip, port);
	int fd = udp();

	if (bind(fd, (void *)&sin, sizeof(sin)))
		say("bind %s: %s", ip, errstr());
	return fd;
}

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		say("setsockopt %d %d: %s", level, name, errstr());
}

static long send_to(int fd, struct sockaddr_in to, const void *data, size_t len, int flags)
{
	return sendto(fd, data, len, flags, (void *)&to, sizeof(to));
}

/* Waits at most 3 s for an event, so that no scene depends on how fast a queue is. */
static int wait_for(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	poll(&p, 1, 3000);
	return p.revents;
}

static unsigned int sum_of(const unsigned char *p, size_t n)
{
	unsigned int s = 1;

	while (n--)
		s = s * 31 + *p++;
	return s;
}

/* ---- scenes ---- */

static void scene_names(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp();
	struct sockaddr_in from = {}, name = name_of(r), zero = {};
	socklen_t len = sizeof(from);
	char buf[16];

	say("name: family %d address %s port %s", name.sin_family, inet_ntoa(name.sin_addr),
	    name.sin_port ? "set" : "none");
	say("zeroes: %d", memcmp(name.sin_zero, zero.sin_zero, 8));
	name = name_of(s);
	say("unbound: family %d %s %s", name.sin_family, inet_ntoa(name.sin_addr),
	    name.sin_port ? "set" : "none");
	told("send", send_to(s, name_of(r), "hello", 5, 0));
	name = name_of(s);
	say("after sending: %s %s", inet_ntoa(name.sin_addr), name.sin_port ? "set" : "none");
	told("recv", recvfrom(r, buf, sizeof(buf), 0, (void *)&from, &len));
	say("from: family %d %s port %s length %d", from.sin_family, inet_ntoa(from.sin_addr),
	    from.sin_port == name.sin_port ? "the sender's" : "another", len);
	len = 4;
	send_to(s, name_of(r), "hello", 5, 0);
	told("recv with a short name", recvfrom(r, buf, sizeof(buf), 0, (void *)&from, &len));
	say("length %d", len);
	close(r);
	close(s);
}

static void scene_peek(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), off = -1;
	socklen_t len = sizeof(off);
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	char buf[64];

	send_to(s, name_of(r), "one two", 7, 0);
	send_to(s, name_of(r), "", 0, 0);
	send_to(s, name_of(r), "three", 5, 0);
	wait_for(r, POLLIN);
	TELL(recv(r, buf, 3, MSG_PEEK));
	TELL(recv(r, buf, 3, MSG_PEEK | MSG_TRUNC));
	TELL(ioctl(r, SIOCINQ, &off));
	say("SIOCINQ %d", off);
	iov = (struct iovec){ buf, 3 };
	told("recvmsg", recvmsg(r, &m, MSG_PEEK));
	say("flags %x", m.msg_flags);
	set(r, SOL_SOCKET, SO_PEEK_OFF, 2);
	memset(buf, 0, sizeof(buf));
	told("peek at 2", recv(r, buf, 3, MSG_PEEK));
	say("'%s'", buf);
	memset(buf, 0, sizeof(buf));
	told("peek on", recv(r, buf, sizeof(buf), MSG_PEEK));
	say("'%s'", buf);
	getsockopt(r, SOL_SOCKET, SO_PEEK_OFF, &off, &len);
	say("offset %d", off);
	set(r, SOL_SOCKET, SO_PEEK_OFF, -1);
	iov = (struct iovec){ buf, 3 };
	told("read 3", recvmsg(r, &m, 0));
	say("flags %x", m.msg_flags);
	told("read the empty one", recv(r, buf, sizeof(buf), 0));
	told("read the last", recv(r, buf, sizeof(buf), 0));
	told("read nothing", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	close(r);
	close(s);
}

static void scene_connected(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), other = udp();
	struct sockaddr_in to = name_of(r), peer = {}, me;
	struct sockaddr_in unspec = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(peer);
	char buf[16];

	TELL(connect(s, (void *)&to, sizeof(to)));
	TELL(getpeername(s, (void *)&peer, &len));
	say("peer %d %s %s", peer.sin_family, inet_ntoa(peer.sin_addr),
	    peer.sin_port == to.sin_port ? "right" : "wrong");
	me = name_of(s);
	say("own address %s", inet_ntoa(me.sin_addr));
	TELL(send(s, "a", 1, 0));
	TELL(recv(r, buf, sizeof(buf), 0));
	/* Only the peer is heard. */
	told("stranger", send_to(other, me, "no", 2, 0));
	told("peer", send_to(r, me, "yes", 3, 0));
	TELL(recv(s, buf, sizeof(buf), 0));
	TELL(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	/* A connected socket may still send elsewhere. */
	told("elsewhere", send_to(s, name_of(other), "x", 1, 0));
	TELL(connect(s, (void *)&unspec, sizeof(unspec)));
	TELL(getpeername(s, (void *)&peer, &len));
	TELL(send(s, "a", 1, 0));
	me = name_of(s);
	say("after disconnecting: %s port %s", inet_ntoa(me.sin_addr),
	    me.sin_port ? "set" : "none");
	TELL(connect(s, (void *)&to, sizeof(to)));
	TELL(shutdown(s, SHUT_WR));
	TELL(send(s, "a", 1, MSG_NOSIGNAL));
	TELL(shutdown(s, SHUT_RD));
	TELL(recv(s, buf, sizeof(buf), 0));
	close(r);
	close(s);
	close(other);
}

static int free_port(void)
{
	int fd = udp_at("127.0.0.1", 0), port = ntohs(name_of(fd).sin_port);

	close(fd);
	return port;
}

static void scene_refused(void)
{
	struct sockaddr_in nobody = addr("127.0.0.1", free_port());
	int s = udp(), err = 0;
	socklen_t len = sizeof(err);
	char buf[4];

	connect(s, (void *)&nobody, sizeof(nobody));
	TELL(send(s, "x", 1, 0));
	say("events %x", wait_for(s, POLLIN));
	TELL(recv(s, buf, sizeof(buf), 0));
	TELL(send(s, "x", 1, 0));
	wait_for(s, POLLIN);
	TELL(send(s, "x", 1, 0));
	wait_for(s, POLLIN);
	getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len);
	say("SO_ERROR %s", strerrorname_np(err));
	getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len);
	say("SO_ERROR again %d", err);
	close(s);
	/* Who is not connected hears nothing of it. */
	s = udp();
	send_to(s, nobody, "x", 1, 0);
	TELL(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
}

static void scene_error_queue(void)
{
	struct sockaddr_in nobody = addr("127.0.0.1", free_port()), name = {};
	char buf[64], control[256];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct sock_extended_err *ee;
	struct sockaddr_in *off;
	struct cmsghdr *c;
	int s = udp();

	set(s, SOL_IP, IP_RECVERR, 1);
	set(s, SOL_IP, IP_RECVTTL, 1);
	told("send", send_to(s, nobody, "payload", 7, 0));
	say("events %x", wait_for(s, POLLIN));
	told("recv", recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	told("error queue", recvmsg(s, &m, MSG_ERRQUEUE));
	say("flags %x name %d %s port %s data '%.7s'", m.msg_flags, name.sin_family,
	    inet_ntoa(name.sin_addr), name.sin_port == nobody.sin_port ? "right" : "wrong", buf);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		say("cmsg %d %d of %zu", c->cmsg_level, c->cmsg_type, c->cmsg_len);
		if (c->cmsg_type != IP_RECVERR)
			continue;
		ee = (void *)CMSG_DATA(c);
		off = (void *)SO_EE_OFFENDER(ee);
		say("errno %s origin %d type %d code %d info %u data %u",
		    strerrorname_np(ee->ee_errno), ee->ee_origin, ee->ee_type, ee->ee_code,
		    ee->ee_info, ee->ee_data);
		say("offender %d %s %d", off->sin_family, inet_ntoa(off->sin_addr), off->sin_port);
	}
	told("error queue again", recvmsg(s, &m, MSG_ERRQUEUE));
	say("events %x", wait_for(s, POLLOUT));
	close(s);
}

static void scene_poll(void)
{
	const struct sockaddr_in discard = { .sin_family = AF_INET, .sin_port = htons(9),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int r = udp_at("127.0.0.1", 0), s = udp(), ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET }, got;
	char buf[8];

	say("idle %x", wait_for(r, POLLOUT | POLLHUP));
	epoll_ctl(ep, EPOLL_CTL_ADD, r, &ev);
	told("first edge", epoll_wait(ep, &got, 1, 1000));
	say("%x", got.events);
	told("no edge", epoll_wait(ep, &got, 1, 0));
	send_to(s, name_of(r), "a", 1, 0);
	told("edge of a datagram", epoll_wait(ep, &got, 1, 3000));
	say("%x", got.events);
	told("no edge", epoll_wait(ep, &got, 1, 0));
	send_to(s, name_of(r), "b", 1, 0);
	told("edge of the next", epoll_wait(ep, &got, 1, 3000));
	say("poll %x", wait_for(r, POLLIN | POLLOUT));
	recv(r, buf, 8, 0);
	say("poll %x", wait_for(r, POLLIN | POLLOUT));
	recv(r, buf, 8, 0);
	say("poll %x", wait_for(r, POLLIN | POLLOUT));
	connect(r, (void *)&discard, sizeof(discard));
	shutdown(r, SHUT_RD);
	say("shut for reading %x", wait_for(r, POLLIN | POLLOUT | POLLRDHUP));
	shutdown(r, SHUT_RDWR);
	say("shut %x", wait_for(r, POLLIN | POLLOUT | POLLRDHUP));
	close(ep);
	close(r);
	close(s);
}

static void scene_cork(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), i;
	struct sockaddr_in to = name_of(r), elsewhere = addr("127.0.0.1", 9);
	char buf[70000];

	told("more", send_to(s, to, "one ", 4, MSG_MORE));
	told("more, another address", send_to(s, elsewhere, "two ", 4, MSG_MORE));
	told("nothing yet", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	told("last", send_to(s, to, "three", 5, 0));
	memset(buf, 0, 32);
	told("all at once", recv(r, buf, sizeof(buf), 0));
	say("'%s'", buf);
	set(s, SOL_UDP, UDP_CORK, 1);
	for (i = 0; i < 60; i++)
		send_to(s, to, memset(buf, 'a' + i % 26, 1000), 1000, 0);
	told("nothing yet", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	set(s, SOL_UDP, UDP_CORK, 0);
	told("sixty at once", recv(r, buf, sizeof(buf), 0));
	say("sum %u", sum_of((void *)buf, 60000));
	set(s, SOL_UDP, UDP_CORK, 1);
	told("40000", send_to(s, to, buf, 40000, 0));
	told("and 40000 more", send_to(s, to, buf, 40000, 0));
	set(s, SOL_UDP, UDP_CORK, 0);
	told("nothing came", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	told("a fresh one", send_to(s, to, "x", 1, 0));
	told("comes alone", recv(r, buf, sizeof(buf), 0));
	close(r);
	close(s);
}

static void scene_segments(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), i;
	struct sockaddr_in to = name_of(r);
	static char data[60000], buf[65536], control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	for (i = 0; i < (int)sizeof(data); i++)
		data[i] = i * 7;
	set(s, SOL_UDP, UDP_SEGMENT, 1000);
	told("3500 in thousands", send_to(s, to, data, 3500, 0));
	for (i = 0; i < 4; i++) {
		told("segment", recv(r, buf, sizeof(buf), 0));
		say("sum %u", sum_of((void *)buf, i < 3 ? 1000 : 500));
	}
	told("600", send_to(s, to, data, 600, 0));
	told("one", recv(r, buf, sizeof(buf), 0));
	told("too many", send_to(s, to, data, 0, 0));
	set(s, SOL_UDP, UDP_SEGMENT, 10);
	told("6000 segments", send_to(s, to, data, 60000, 0));
	set(s, SOL_UDP, UDP_SEGMENT, 1000);
	while (recv(r, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	set(r, SOL_UDP, UDP_GRO, 1);
	told("3500 in thousands", send_to(s, to, data, 3500, 0));
	told("whole", recvmsg(r, &m, 0));
	c = CMSG_FIRSTHDR(&m);
	say("sum %u cmsg %d %d: %d", sum_of((void *)buf, 3500), c ? c->cmsg_level : 0,
	    c ? c->cmsg_type : 0, c ? *(int *)CMSG_DATA(c) : 0);
	close(r);
	close(s);
}

static void tell_cmsgs(struct msghdr *m)
{
	struct cmsghdr *c;
	struct in_pktinfo *info;
	struct sockaddr_in *sin;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO) {
			info = (void *)CMSG_DATA(c);
			say("pktinfo index %s", info->ipi_ifindex ? "set" : "none");
			say("pktinfo to %s", inet_ntoa(info->ipi_addr));
			say("pktinfo here %s", inet_ntoa(info->ipi_spec_dst));
		} else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_ORIGDSTADDR) {
			sin = (void *)CMSG_DATA(c);
			say("original destination %d %s", sin->sin_family,
			    inet_ntoa(sin->sin_addr));
		} else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TOS) {
			say("tos %d of %zu", *(unsigned char *)CMSG_DATA(c), c->cmsg_len);
		} else if (c->cmsg_level == SOL_IP) {
			say("cmsg %d of %zu: %d", c->cmsg_type, c->cmsg_len, *(int *)CMSG_DATA(c));
		} else {
			say("cmsg %d %d of %zu", c->cmsg_level, c->cmsg_type, c->cmsg_len);
		}
	}
}

static void scene_ancillary(void)
{
	int r = udp_at("0.0.0.0", 0), s = udp();
	struct sockaddr_in to = addr("127.0.0.2", ntohs(name_of(r).sin_port)), from = {};
	char buf[64], control[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	union {
		char buf[128];
		struct cmsghdr align;
	} u = {};
	struct iovec siov = { "abc", 3 };
	struct msghdr sm = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &siov,
			     .msg_iovlen = 1, .msg_control = u.buf };
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(0x7f000009) };
	struct cmsghdr *c = (void *)u.buf;

	set(r, SOL_IP, IP_PKTINFO, 1);
	set(r, SOL_IP, IP_RECVTTL, 1);
	set(r, SOL_IP, IP_RECVTOS, 1);
	set(r, SOL_IP, IP_RECVORIGDSTADDR, 1);
	set(r, SOL_SOCKET, SO_TIMESTAMP, 1);
	set(s, SOL_IP, IP_TOS, 0x28);
	set(s, SOL_IP, IP_TTL, 77);
	told("send", send_to(s, to, "xyz", 3, 0));
	told("recv", recvmsg(r, &m, 0));
	say("from %s flags %x", inet_ntoa(from.sin_addr), m.msg_flags);
	tell_cmsgs(&m);

	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(c) = 5;
	c = (void *)u.buf + CMSG_SPACE(sizeof(int));
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_TOS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(c) = 0x10;
	c = (void *)u.buf + 2 * CMSG_SPACE(sizeof(int));
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	sm.msg_controllen = 2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(info));
	told("sendmsg", sendmsg(s, &sm, 0));
	m.msg_controllen = sizeof(control);
	told("recv", recvmsg(r, &m, 0));
	say("from %s", inet_ntoa(from.sin_addr));
	tell_cmsgs(&m);

	told("send", send_to(s, to, "xyz", 3, 0));
	m.msg_controllen = 20;
	told("recv with no room", recvmsg(r, &m, 0));
	say("flags %x", m.msg_flags);
	close(r);
	close(s);
}

static void scene_large(void)
{
	static const int sizes[] = {
		1, 1000, 1472, 1473, 2048, 2049, 4096, 9000, 30000, 65000, 65507
	};
	int r = udp_at("127.0.0.1", 0), s = udp();
	static unsigned char data[65536], buf[65536];
	unsigned int i;
	int round;

	set(r, SOL_SOCKET, SO_RCVBUF, 400000);
	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 13 + (i >> 8);
	for (round = 0; round < 3; round++) {
		/* With checksum, without, and from pieces. */
		set(s, SOL_SOCKET, SO_NO_CHECK, round == 1);
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct sockaddr_in to = name_of(r);
			struct iovec v[3] = { { data, sizes[i] / 3 },
					      { data + sizes[i] / 3, 0 },
					      { data + sizes[i] / 3, sizes[i] - sizes[i] / 3 } };
			struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to),
					    .msg_iov = v, .msg_iovlen = 3 };

			if (round == 2)
				told("sendmsg", sendmsg(s, &m, 0));
			else
				told("send", send_to(s, to, data, sizes[i], 0));
			memset(buf, 0, sizeof(buf));
			told("recv", recv(r, buf, sizeof(buf), 0));
			say("sum %u", sum_of(buf, sizes[i]));
		}
	}
	close(r);
	close(s);
}

static void scene_multicast(void)
{
	struct ip_mreqn join = { .imr_address.s_addr = htonl(INADDR_LOOPBACK) };
	struct ip_mreq_source src = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, x = udp(), y = udp(), z = udp(), s = udp();
	struct sockaddr_in any, group = addr("239.1.2.3", 4720), other = addr("239.1.2.4", 4720);
	int all[3] = { x, y, z }, i;
	char buf[16];

	inet_pton(AF_INET, "239.1.2.3", &join.imr_multiaddr);
	src.imr_multiaddr = join.imr_multiaddr;
	src.imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK);
	any = addr("0.0.0.0", 4720);
	for (i = 0; i < 3; i++) {
		setsockopt(all[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		set(all[i], SOL_IP, IP_MULTICAST_ALL, 0);
		told("bind", bind(all[i], i ? (void *)&any : (void *)&group, sizeof(any)));
	}
	told("join x", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	told("join y", setsockopt(y, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	told("from loopback", setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	told("send", send_to(s, group, "all", 3, 0));
	told("x", recv(x, buf, sizeof(buf), 0));
	told("y", recv(y, buf, sizeof(buf), 0));
	told("z", recv(z, buf, sizeof(buf), MSG_DONTWAIT));
	told("another group", send_to(s, other, "no", 2, 0));
	told("x", recv(x, buf, sizeof(buf), MSG_DONTWAIT));
	told("block", setsockopt(y, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src)));
	told("send", send_to(s, group, "all", 3, 0));
	told("x", recv(x, buf, sizeof(buf), 0));
	told("y", recv(y, buf, sizeof(buf), MSG_DONTWAIT));
	set(s, SOL_IP, IP_MULTICAST_LOOP, 0);
	told("leave", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	for (i = 0; i < 3; i++)
		close(all[i]);
	close(s);
}

static void scene_broadcast(void)
{
	int x = udp(), y = udp(), s = udp(), one = 1;
	struct sockaddr_in any = addr("0.0.0.0", 4721), all = addr("127.255.255.255", 4721);
	char buf[8];

	setsockopt(x, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(y, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bind(x, (void *)&any, sizeof(any));
	bind(y, (void *)&any, sizeof(any));
	told("without leave", send_to(s, all, "b", 1, 0));
	set(s, SOL_SOCKET, SO_BROADCAST, 1);
	told("with leave", send_to(s, all, "b", 1, 0));
	told("x", recv(x, buf, sizeof(buf), 0));
	told("y", recv(y, buf, sizeof(buf), 0));
	close(x);
	close(y);
	close(s);
}

static void scene_overflow(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), i, n = 0;
	static char buf[4000];
	struct timeval tv = { .tv_usec = 20000 };

	set(r, SOL_SOCKET, SO_RCVBUF, 2304);
	for (i = 0; i < 200; i++)
		send_to(s, name_of(r), buf, sizeof(buf), 0);
	wait_for(r, POLLIN);
	while (recv(r, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	say("some but not all: %d", n > 0 && n < 200);
	told("goes on", send_to(s, name_of(r), buf, 10, 0));
	told("recv", recv(r, buf, sizeof(buf), 0));
	setsockopt(r, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	told("times out", recv(r, buf, sizeof(buf), 0));
	close(r);
	close(s);
}

static void reuseport(int fd)
{
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) && errno == EOPNOTSUPP)
		setsockopt(fd, SOL_PLUMB, PLUMB_REUSEPORT, &one, sizeof(one));
}

static void scene_reuseport(void)
{
	struct sockaddr_in at = addr("127.0.0.1", 4722);
	int fds[4], i, j, n = 0, used = 0, late;
	char buf[8];

	for (i = 0; i < 4; i++) {
		fds[i] = udp();
		reuseport(fds[i]);
		told("bind", bind(fds[i], (void *)&at, sizeof(at)));
	}
	late = udp();
	told("bind without it", bind(late, (void *)&at, sizeof(at)));
	close(late);
	for (i = 0; i < 64; i++) {
		int s = udp();

		send_to(s, at, "x", 1, 0);
		close(s);
	}
	for (j = 0; j < 4; j++) {
		int got = 0;

		while (recv(fds[j], buf, sizeof(buf), MSG_DONTWAIT) > 0)
			got++;
		n += got;
		used += got > 0;
		close(fds[j]);
	}
	say("all arrived %d, spread %d", n == 64, used > 1);
}

static unsigned short inet_sum(const void *data, int len)
{
	const unsigned short *p = data;
	unsigned int s = 0;

	for (; len > 1; len -= 2)
		s += *p++;
	if (len)
		s += *(unsigned char *)p;
	s = (s >> 16) + (s & 0xffff);
	s += s >> 16;
	return ~s;
}

/* Reads ICMP from a raw socket until something of identifier @id comes. */
static void tell_raw(int fd, unsigned short id, int tries)
{
	unsigned char buf[256];
	struct iphdr *ip = (void *)buf;
	struct icmphdr *ic;
	int n;

	while (tries-- && (n = recv(fd, buf, sizeof(buf), 0)) >= 0) {
		ic = (void *)(buf + ip->ihl * 4);
		if (ic->un.echo.id != id)
			continue;
		say("raw: %d octets, header of %d, length %d, protocol %d, ttl %d, type %d code %d",
		    n, ip->ihl, ntohs(ip->tot_len), ip->protocol, ip->ttl, ic->type, ic->code);
		return;
	}
	say("raw: nothing");
}

static void scene_raw(void)
{
	struct {
		struct icmphdr h;
		char data[24];
	} echo = { .h.type = ICMP_ECHO, .data = "raw raw raw" };
	struct {
		struct iphdr ip;
		struct icmphdr h;
	} own = { .ip = { .version = 4, .ihl = 5, .ttl = 9, .protocol = IPPROTO_ICMP },
		  .h.type = ICMP_ECHO };
	struct sockaddr_in to = addr("127.0.0.1", 0), from = {};
	unsigned int filter = ~(1U << ICMP_ECHOREPLY);
	struct timeval tv = { .tv_sec = 1 };
	int fd = socket(fam, SOCK_RAW, IPPROTO_ICMP), h = socket(fam, SOCK_RAW, IPPROTO_RAW);
	int gre = socket(fam, SOCK_RAW, 47), tx = socket(fam, SOCK_RAW, 47);
	socklen_t len = sizeof(from);
	char buf[64];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(gre, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	echo.h.un.echo.id = htons(4242);
	echo.h.checksum = inet_sum(&echo, sizeof(echo));
	told("send", send_to(fd, to, &echo, sizeof(echo), 0));
	tell_raw(fd, htons(4242), 9);
	tell_raw(fd, htons(4242), 9);
	setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
	told("send", send_to(fd, to, &echo, sizeof(echo), 0));
	tell_raw(fd, htons(4242), 9);
	own.h.un.echo.id = htons(4343);
	own.h.checksum = inet_sum(&own.h, sizeof(own.h));
	own.ip.daddr = to.sin_addr.s_addr;
	told("own header", send_to(h, to, &own, sizeof(own), 0));
	tell_raw(fd, htons(4343), 9);
	told("own header, short", send_to(h, to, &own, 10, 0));
	own.ip.ihl = 15;
	told("own header, long", send_to(h, to, &own, sizeof(own), 0));
	told("GRE", send_to(tx, to, "12345", 5, 0));
	told("GRE arrives", recvfrom(gre, buf, sizeof(buf), 0, (void *)&from, &len));
	say("from %d %s %d", from.sin_family, inet_ntoa(from.sin_addr), from.sin_port);
	told("nothing to read", recv(h, buf, sizeof(buf), MSG_DONTWAIT));
	close(fd);
	close(h);
	close(gre);
	close(tx);
}

static void scene_ping(void)
{
	struct {
		struct icmphdr h;
		char data[24];
	} echo = { .h.type = ICMP_ECHO, .data = "ping ping ping" }, got = {};
	struct sockaddr_in to = addr("127.0.0.1", 0), from = {}, name;
	int fd = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
	struct timeval tv = { .tv_sec = 3 };
	socklen_t len = sizeof(from);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	echo.h.un.echo.id = htons(7);
	echo.h.un.echo.sequence = htons(3);
	told("send", send_to(fd, to, &echo, sizeof(echo), 0));
	told("recv", recvfrom(fd, &got, sizeof(got), 0, (void *)&from, &len));
	name = name_of(fd);
	say("type %d seq %d id %s data '%s' from %s", got.h.type, ntohs(got.h.un.echo.sequence),
	    got.h.un.echo.id == name.sin_port ? "the port" : "another", got.data,
	    inet_ntoa(from.sin_addr));
	say("sum %d", inet_sum(&got, sizeof(got)));
	told("connect", connect(fd, (void *)&to, sizeof(to)));
	told("send", send(fd, &echo, sizeof(echo), 0));
	told("recv", recv(fd, &got, 4, MSG_TRUNC));
	close(fd);
}

static void scene_options(void)
{
	static const unsigned char rr[] = { 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	int r = udp_at("127.0.0.1", 0), s = udp();
	char buf[16], control[256];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	set(r, SOL_IP, IP_RECVOPTS, 1);
	told("record route", setsockopt(s, SOL_IP, IP_OPTIONS, rr, sizeof(rr)));
	told("send", send_to(s, name_of(r), "x", 1, 0));
	told("recv", recvmsg(r, &m, 0));
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		say("cmsg %d %d of %zu: pointer %d first %d", c->cmsg_level, c->cmsg_type,
		    c->cmsg_len, CMSG_DATA(c)[2], CMSG_DATA(c)[3]);
	close(r);
	close(s);
}

static void scene_mtu(void)
{
	int s = udp(), val = 0;
	struct sockaddr_in to = addr("127.0.0.1", 9);
	socklen_t len = sizeof(val);
	static char data[66000];

	told("IP_MTU unconnected", getsockopt(s, SOL_IP, IP_MTU, &val, &len));
	connect(s, (void *)&to, sizeof(to));
	told("IP_MTU", getsockopt(s, SOL_IP, IP_MTU, &val, &len));
	say("at least 16436: %d", val >= 16436);
	set(s, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	told("65507", send(s, data, 65507, 0));
	close(s);
}

static const struct {
	const char *name;
	void (*fn)(void);
} scenes[] = {
#define S(x) { #x, scene_##x }
	S(names), S(peek), S(connected), S(refused), S(error_queue), S(poll), S(cork), S(segments),
	S(ancillary), S(large), S(multicast), S(broadcast), S(overflow), S(reuseport), S(raw),
	S(ping), S(options), S(mtu),
#undef S
};

static char *play(int family, void (*fn)(void))
{
	char *text = NULL;
	size_t len;

	fam = family;
	out = open_memstream(&text, &len);
	fn();
	fclose(out);
	return text;
}

/* The lines in which the two accounts part. */
static void tell_difference(char *linux_says, char *plumb_says)
{
	char *l = strtok_r(linux_says, "\n", &linux_says);
	char *p = strtok_r(plumb_says, "\n", &plumb_says);

	while (l || p) {
		if (!l || !p || strcmp(l, p))
			printf("# Linux: %-40s Plumb: %s\n", l ? l : "(end)", p ? p : "(end)");
		l = l ? strtok_r(NULL, "\n", &linux_says) : NULL;
		p = p ? strtok_r(NULL, "\n", &plumb_says) : NULL;
	}
}

int main(int argc, char **argv)
{
	unsigned int i, n = sizeof(scenes) / sizeof(*scenes), failed = 0;
	int family = argc > 1 ? atoi(argv[1]) : 18;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < n; i++) {
		char *l, *p;
		bool same;

		if (argc > 2 && strcmp(argv[2], scenes[i].name))
			continue;
		l = play(AF_INET, scenes[i].fn);
		p = play(family, scenes[i].fn);
		same = !strcmp(l, p);
		if (argc > 3)
			printf("%s---\n%s", l, p);
		if (!same)
			tell_difference(l, p);
		printf("%s %u - behave %s\n", same ? "ok" : "not ok", i + 1, scenes[i].name);
		failed += !same;
	}
	printf("1..%u\n", n);
	return failed ? 1 : 0;
}
