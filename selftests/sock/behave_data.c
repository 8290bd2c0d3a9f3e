// SPDX-License-Identifier: GPL-2.0
/* Scenes of behave: names, what is sent and what arrives, errors. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "behave.h"

#ifndef MSG_PROBE
#define MSG_PROBE	0x10
#endif

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

/* What is peeked at from SO_PEEK_OFF on may lie in a later datagram; and it stays where it is. */
static void scene_peek_on(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), off, n;
	socklen_t len = sizeof(off);
	char buf[64];

	send_to(s, name_of(r), "one two", 7, 0);
	send_to(s, name_of(r), "", 0, 0);
	send_to(s, name_of(r), "three", 5, 0);
	/* From there on lies what came last. */
	set(r, SOL_SOCKET, SO_PEEK_OFF, 8);
	told("all are there", recv(r, buf, sizeof(buf), MSG_PEEK));
	for (off = -1; off <= 13; off++) {
		set(r, SOL_SOCKET, SO_PEEK_OFF, off);
		n = told("peek", recv(r, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
		say("at %d '%.*s'", off, n > 0 ? n : 0, buf);
	}
	set(r, SOL_SOCKET, SO_PEEK_OFF, 0);
	do {
		n = told("go on", recv(r, buf, 3, MSG_PEEK | MSG_DONTWAIT));
		getsockopt(r, SOL_SOCKET, SO_PEEK_OFF, &off, &len);
		say("'%.*s' then %d", n > 0 ? n : 0, buf, off);
	} while (n >= 0);
	/* What is read moves the place of the next look back. */
	set(r, SOL_SOCKET, SO_PEEK_OFF, 9);
	told("read", recv(r, buf, sizeof(buf), 0));
	getsockopt(r, SOL_SOCKET, SO_PEEK_OFF, &off, &len);
	say("then %d", off);
	n = told("peek", recv(r, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	say("'%.*s'", n > 0 ? n : 0, buf);
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
	struct sockaddr_in nobody = addr("127.0.0.1", free_port());
	struct sock_extended_err *ee;
	struct sockaddr_in *off;
	struct cmsghdr *c;
	struct queued_error e = {};
	int s = udp();

	set(s, SOL_IP, IP_RECVERR, 1);
	set(s, SOL_IP, IP_RECVTTL, 1);
	told("send", send_to(s, nobody, "payload", 7, 0));
	say("events %x", wait_for(s, POLLIN));
	told("recv", recv(s, e.text, sizeof(e.text), MSG_DONTWAIT));
	error_queue(s, &e);
	say("flags %x name %d %s port %s data '%.7s'", e.m.msg_flags, e.name.sin_family,
	    inet_ntoa(e.name.sin_addr), e.name.sin_port == nobody.sin_port ? "right" : "wrong",
	    e.text);
	for (c = CMSG_FIRSTHDR(&e.m); c; c = CMSG_NXTHDR(&e.m, c)) {
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
	error_queue(s, &e);
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

/* 65507 octets and the headers are the most that IPv4 carries; options take room from them. */
static void scene_too_long(void)
{
	static const unsigned char rr[8] = { 7, 7, 4 };
	int r = udp_at("127.0.0.1", 4730), s = udp(), most = 65507, round, i;
	struct sockaddr_in to = name_of(r);
	static char data[65536], buf[65536];

	set(r, SOL_SOCKET, SO_RCVBUF, 400000);
	set(s, SOL_IP, IP_RECVERR, 1);
	for (round = 0; round < 4; round++) {
		say("round %d", round);
		told("too long", send_to(s, to, data, most + 1, 0));
		tell_local_error(s);
		told("as long as can be", send_to(s, to, data, most, 0));
		told("recv", recv(r, buf, sizeof(buf), 0));
		for (i = 0; i < 2; i++) {
			told("corked", send_to(s, to, data, 40000, MSG_MORE));
			told("all of it", send_to(s, to, data, most - 40000 + i, 0));
			told("recv", recv(r, buf, sizeof(buf), i ? MSG_DONTWAIT : 0));
		}
		tell_local_error(s);
		told("corked at once", send_to(s, to, data, most + 1, MSG_MORE));
		tell_local_error(s);
		told("a fresh one", send_to(s, to, "x", 1, 0));
		told("recv", recv(r, buf, sizeof(buf), 0));
		if (!(round & 1)) {
			told("connect", connect(s, (void *)&to, sizeof(to)));
		} else {
			told("options", setsockopt(s, SOL_IP, IP_OPTIONS, rr, sizeof(rr)));
			most = 65507 - sizeof(rr);
		}
	}
	close(r);
	close(s);
}

/* A piece that cannot be read ends the datagram that it should have been of. */
static void scene_cork_unread(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp();
	struct sockaddr_in to = name_of(r);
	char buf[16];

	told("more", send_to(s, to, "one ", 4, MSG_MORE));
	told("nowhere", send_to(s, to, (void *)8, 4, MSG_MORE));
	told("a fresh one", send_to(s, to, "two", 3, 0));
	told("recv", recv(r, buf, sizeof(buf), 0));
	told("first piece nowhere", send_to(s, to, (void *)8, 4, MSG_MORE));
	told("a fresh one", send_to(s, to, "three", 5, 0));
	told("recv", recv(r, buf, sizeof(buf), 0));
	close(r);
	close(s);
}

/* A reader's wrong pointer costs it the datagram, unless it only looks. */
static void scene_unread(void)
{
	struct sockaddr_in to = addr("127.0.0.1", 0), nobody = addr("127.0.0.1", free_port());
	struct icmphdr echo = { .type = ICMP_ECHO };
	int r = udp_at("127.0.0.1", 0), s = udp(), i;
	int kinds[2] = { socket(fam, SOCK_DGRAM, IPPROTO_ICMP), socket(fam, SOCK_RAW, 47) };
	long bad = counter("Udp", "InErrors"), good = counter("Udp", "InDatagrams");
	struct iovec iov = { (void *)8, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	char buf[64];

	send_to(s, name_of(r), "one two", 7, 0);
	send_to(s, name_of(r), "three", 5, 0);
	wait_for(r, POLLIN);
	told("peek", recv(r, (void *)8, 7, MSG_PEEK));
	told("cut", recv(r, (void *)8, 4, 0));
	told("whole", recv(r, (void *)8, 64, 0));
	told("none is left", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	say("errors %ld, good %ld", counter("Udp", "InErrors") - bad,
	    counter("Udp", "InDatagrams") - good);
	send_to(s, name_of(r), "four", 4, 0);
	told("name nowhere", recvfrom(r, buf, sizeof(buf), 0, (void *)8, &(socklen_t){ 16 }));
	told("none is left", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	set(s, SOL_IP, IP_RECVERR, 1);
	send_to(s, nobody, "payload", 7, 0);
	wait_for(s, POLLERR);
	told("an error", recvmsg(s, &m, MSG_ERRQUEUE));
	told("none is left", recvmsg(s, &m, MSG_ERRQUEUE));
	for (i = 0; i < 2; i++) {
		told("send", send_to(kinds[i], to, &echo, sizeof(echo), 0));
		wait_for(kinds[i], POLLIN);
		told("peek", recv(kinds[i], (void *)8, 4, MSG_PEEK));
		told("MSG_OOB", recv(kinds[i], buf, 4, MSG_OOB));
		told("read", recv(kinds[i], (void *)8, 64, 0));
		told("none is left", recv(kinds[i], buf, sizeof(buf), MSG_DONTWAIT));
		close(kinds[i]);
	}
	close(r);
	close(s);
}

/* A datagram whose checksum is wrong. */
static long send_wrong_sum(struct sockaddr_in to, const char *text)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char data[8];
	} packet = { .ip = { .version = 4, .ihl = 5, .ttl = 9, .protocol = IPPROTO_UDP },
		     .udp = { .source = htons(9), .dest = to.sin_port, .len = htons(16),
			      .check = htons(0x1234) } };
	int fd = socket(fam, SOCK_RAW, IPPROTO_RAW);
	long r;

	packet.ip.saddr = to.sin_addr.s_addr;
	packet.ip.daddr = to.sin_addr.s_addr;
	memcpy(packet.data, text, strlen(text));
	r = send_to(fd, to, &packet, sizeof(packet), 0);
	close(fd);
	return r;
}

/* A program of the socket's own (SO_ATTACH_FILTER) sees the UDP header too, and may cut. */
static void scene_filter(void)
{
	static const char *const text[] = { "yes", "cut me", "no", "bare", "yes!" };
	/* By the first octet of data: n none of it, c three octets, b not even the header. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'n', 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'c', 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'b', 3, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 8 + 3),
		BPF_STMT(BPF_RET | BPF_K, 1),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	long bad = counter("Udp", "InErrors"), sums = counter("Udp", "InCsumErrors");
	int r = udp_at("127.0.0.1", 0), s = udp(), n;
	char buf[16], control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *c;
	unsigned int i;

	set(r, SOL_SOCKET, SO_RXQ_OVFL, 1);
	told("attach", setsockopt(r, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		told("of a wrong sum", send_wrong_sum(name_of(r), text[i]));
		told(text[i], send_to(s, name_of(r), text[i], strlen(text[i]), 0));
	}
	for (i = 0; i < 4; i++) {
		m.msg_controllen = sizeof(control);
		n = told("recv", recvmsg(r, &m, 0));
		c = CMSG_FIRSTHDR(&m);
		say("'%.*s' after %d lost", n > 0 ? n : 0, buf, c ? *(int *)CMSG_DATA(c) : 0);
	}
	told("none is left", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	say("errors %ld, wrong sums %ld", counter("Udp", "InErrors") - bad,
	    counter("Udp", "InCsumErrors") - sums);
	told("detach", setsockopt(r, SOL_SOCKET, SO_DETACH_FILTER, &n, sizeof(n)));
	told("send", send_to(s, name_of(r), "no", 2, 0));
	told("recv", recv(r, buf, sizeof(buf), 0));
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
	told("none", send_to(s, to, data, 0, 0));
	told("empty", recv(r, buf, sizeof(buf), 0));
	set(s, SOL_UDP, UDP_SEGMENT, 10);
	told("6000 segments", send_to(s, to, data, 60000, 0));
	set(s, SOL_UDP, UDP_SEGMENT, 1000);
	set(r, SOL_UDP, UDP_GRO, 1);
	told("3500 in thousands", send_to(s, to, data, 3500, 0));
	told("whole", recvmsg(r, &m, 0));
	c = CMSG_FIRSTHDR(&m);
	say("sum %u cmsg %d %d: %d", sum_of((void *)buf, 3500), c ? c->cmsg_level : 0,
	    c ? c->cmsg_type : 0, c ? *(int *)CMSG_DATA(c) : 0);
	close(r);
	close(s);
}

/* A file that ends before sendfile() has what it was asked for goes all the same. */
static void scene_sendfile(void)
{
	int r = udp_at("127.0.0.1", 0), s = udp(), file = memfd_create("file", 0);
	struct sockaddr_in to = name_of(r);
	char buf[2000] = "text";
	off_t at = 0;

	told("write", write(file, buf, 1000));
	told("connect", connect(s, (void *)&to, sizeof(to)));
	told("sendfile", sendfile(s, file, &at, 5000));
	told("recv", recv(r, buf, sizeof(buf), 0));
	told("sendfile at its end", sendfile(s, file, &at, 5000));
	told("recv", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	/* Confirming the way to the peer sends nothing. */
	told("probe", send(s, buf, 0, MSG_PROBE | MSG_CONFIRM));
	told("probe", send_to(s, to, buf, 0, MSG_PROBE | MSG_CONFIRM));
	told("recv", recv(r, buf, sizeof(buf), MSG_DONTWAIT));
	close(file);
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

#define S(scene) { #scene, scene_##scene }

const struct scene behave_data[] = {
	S(names), S(peek), S(peek_on), S(connected), S(refused), S(error_queue), S(poll), S(cork),
	S(cork_unread), S(too_long), S(unread), S(filter), S(segments), S(sendfile), S(large),
	{ NULL, NULL }
};
