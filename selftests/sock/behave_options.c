// SPDX-License-Identifier: GPL-2.0
/* Scenes of behave: options, ancillary data, raw and ping sockets. */
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "behave.h"

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
	static char large[65516];
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
	told("own header, of no memory", send_to(h, to, (const void *)8, 40, 0));
	own.ip.ihl = 15;
	told("own header, long", send_to(h, to, &own, sizeof(own), 0));
	told("more than a packet holds", send_to(tx, to, large, sizeof(large), 0));
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
	static char large[65520];
	int i;

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
	memcpy(large, &echo, sizeof(echo));
	told("more than a packet holds", send(fd, large, sizeof(large), 0));
	set(fd, SOL_SOCKET, SO_RCVBUF, 2304);
	for (i = 0; i < 50; i++)
		send(fd, large, 1000, 0);
	for (i = 0; recv(fd, &got, sizeof(got), MSG_DONTWAIT) > 0; i++)
		;
	say("some but not all: %d", i > 0 && i < 50);
	close(fd);
}

static void scene_ping_names(void)
{
	struct {
		struct icmphdr h;
		char data[8];
	} echo = { .h.type = ICMP_ECHO, .data = "bound" }, got = {};
	struct sockaddr_in at = addr("127.0.0.1", 4242), any = addr("0.0.0.0", 4242),
			   free = addr("0.0.0.0", 0), name;
	int a = socket(fam, SOCK_DGRAM, IPPROTO_ICMP), b = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
	static const char *const wrong[] = { "192.0.2.9", "224.0.0.1", "127.255.255.255",
					     "127.9.255.255", "255.255.255.255" };
	struct timeval tv = { .tv_sec = 3 };
	unsigned int i;

	setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	for (i = 0; i < 5; i++) {
		struct sockaddr_in no = addr(wrong[i], 0);

		told(wrong[i], bind(a, (void *)&no, sizeof(no)));
	}
	told("short", bind(a, (void *)&at, 8));
	at.sin_family = AF_UNSPEC;
	told("of no family", bind(a, (void *)&at, sizeof(at)));
	at.sin_family = AF_INET;
	told("bind", bind(a, (void *)&at, sizeof(at)));
	name = name_of(a);
	say("%s %d", inet_ntoa(name.sin_addr), ntohs(name.sin_port));
	told("again", bind(a, (void *)&any, sizeof(any)));
	told("the same", bind(b, (void *)&any, sizeof(any)));
	any.sin_family = AF_UNSPEC;
	any.sin_port = htons(4243);
	told("any, of no family", bind(b, (void *)&any, sizeof(any)));
	close(b);
	b = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
	told("a free one", bind(b, (void *)&free, sizeof(free)));
	say("is one %d", name_of(b).sin_port && name_of(b).sin_port != name.sin_port);
	told("send", send_to(a, at, &echo, sizeof(echo), 0));
	told("recv", recv(a, &got, sizeof(got), 0));
	say("type %d id %d '%s'", got.h.type, ntohs(got.h.un.echo.id), got.data);
	told("not to the other", recv(b, &got, sizeof(got), MSG_DONTWAIT));
	close(a);
	close(b);
}

/* An identifier is one socket's, whatever its address, unless both would share it (the default). */
static void scene_ping_in_use(void)
{
	struct sockaddr_in here = addr("127.0.0.1", 4244), there = addr("127.0.0.2", 4244), name;
	int a, b, one;

	for (one = 0; one < 4; one++) {
		a = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
		b = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
		set(a, SOL_SOCKET, SO_REUSEADDR, one & 1);
		set(b, SOL_SOCKET, SO_REUSEADDR, one >> 1);
		told("bind", bind(a, (void *)&here, sizeof(here)));
		told("the same", bind(b, (void *)&here, sizeof(here)));
		told("on another address", bind(b, (void *)&there, sizeof(there)));
		name = name_of(b);
		say("%d: %s %d", one, inet_ntoa(name.sin_addr), ntohs(name.sin_port));
		close(b);
		b = socket(fam, SOCK_DGRAM, IPPROTO_ICMP);
		set(b, SOL_SOCKET, SO_REUSEADDR, one >> 1);
		told("at another address", bind(b, (void *)&there, sizeof(there)));
		close(a);
		told("when it is free", bind(b, (void *)&here, sizeof(here)));
		close(b);
	}
}

/* RFC 791: each host writes its time, and where it is asked for its address too. */
static void scene_option_timestamp(void)
{
	static const unsigned char time[16] = { 68, 16, 5, 0 }, with_address[20] = { 68, 20, 5, 1 },
			asked[20] = { 68, 20, 5, 3, 127, 0, 0, 1, 0, 0, 0, 0, 127, 0, 0, 1 },
			full[8] = { 68, 8, 9, 0 };
	const struct {
		const unsigned char *text;
		int len;
	} kinds[] = { { time, 16 }, { with_address, 20 }, { asked, 20 }, { full, 8 } };
	int r = udp_at("127.0.0.1", 0), s = udp();
	unsigned int k;

	set(r, SOL_IP, IP_RECVOPTS, 1);
	for (k = 0; k < 4; k++) {
		char buf[16], control[256];
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				    .msg_controllen = sizeof(control) };
		struct cmsghdr *c;

		if (told("set", setsockopt(s, SOL_IP, IP_OPTIONS, kinds[k].text, kinds[k].len)))
			continue;
		told("send", send_to(s, name_of(r), "x", 1, 0));
		told("recv", recvmsg(r, &m, 0));
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			const unsigned char *p = CMSG_DATA(c);
			unsigned int first;

			memcpy(&first, p + (p[3] & 15 ? 8 : 4), sizeof(first));
			say("cmsg %d of %zu: %d %d pointer %d flags %d", c->cmsg_type, c->cmsg_len,
			    p[0], p[1], p[2], p[3]);
			say("a time %d, of %d.%d.%d.%d", first && ntohl(first) < 86400000,
			    p[3] & 15 ? p[4] : 0, p[3] & 15 ? p[5] : 0, p[3] & 15 ? p[6] : 0,
			    p[3] & 15 ? p[7] : 0);
		}
	}
	close(r);
	close(s);
}

static void scene_options(void)
{
	static const unsigned char rr[20] = { 7, 19, 4 };
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

/* What arrived, as a raw socket beside the receiver sees its header, and of which fragments. */
static void tell_fragments(int fd, int raw)
{
	static char buf[4000];
	char control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct iphdr *ip = (void *)buf;
	struct cmsghdr *c;

	told("recv", recvmsg(fd, &m, 0));
	c = CMSG_FIRSTHDR(&m);
	say("largest fragment %d", c ? *(int *)CMSG_DATA(c) : 0);
	told("header", recv(raw, buf, sizeof(buf), 0));
	say("DF %d", !!(ip->frag_off & htons(IP_DF)));
}

/* Through a device of 1500 octets: by its MTU, by a route's of 800, by one of 800 that is fixed. */
static void scene_pmtudisc(void)
{
	static const char *const to[] = { "127.0.0.1", "127.9.9.8", "127.9.9.9" };
	int mtu = loopback_mtu(1500), mode, size, k, connected, r, s, raw, val;
	struct timeval tv = { .tv_sec = 3 };
	static char data[2000];
	socklen_t len;

	for (k = 0; k < 3 * 2; k++) {
		r = udp_at(to[k / 2], 4731);
		raw = socket(fam, SOCK_RAW, IPPROTO_UDP);
		s = udp();
		connected = k & 1;
		set(r, SOL_IP, IP_RECVFRAGSIZE, 1);
		set(s, SOL_IP, IP_RECVERR, 1);
		setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		if (connected) {
			struct sockaddr_in at = name_of(r);

			told("connect", connect(s, (void *)&at, sizeof(at)));
		}
		for (mode = IP_PMTUDISC_DONT; mode <= IP_PMTUDISC_OMIT; mode++) {
			set(s, SOL_IP, IP_MTU_DISCOVER, mode);
			val = 0;
			len = sizeof(val);
			if (connected)
				told("IP_MTU", getsockopt(s, SOL_IP, IP_MTU, &val, &len));
			for (size = 600; size < 2000; size += 500) {
				say("to %s, mode %d, MTU %d, %d octets", to[k / 2], mode, val,
				    size);
				if (told("send", connected ? send(s, data, size, 0)
					 : send_to(s, name_of(r), data, size, 0)) < 0)
					tell_local_error(s);
				else
					tell_fragments(r, raw);
			}
		}
		close(r);
		close(s);
		close(raw);
	}
	loopback_mtu(mtu);
}

#define S(scene) { #scene, scene_##scene }

const struct scene behave_options[] = {
	S(ancillary), S(raw), S(ping), S(ping_names), S(ping_in_use),
	S(options), S(option_timestamp), S(mtu), S(pmtudisc),
	{ NULL, NULL }
};
