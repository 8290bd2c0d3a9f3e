// SPDX-License-Identifier: GPL-2.0
/* Calls that send, receive, wait, move and map. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kfuzz.h"

/* ---- sending ---- */

static int send_flags(struct rng *r)
{
	static const int flags[] = {
		0, 0, 0, MSG_MORE, MSG_MORE, MSG_OOB, MSG_DONTROUTE, MSG_EOR, MSG_CONFIRM,
		MSG_ZEROCOPY, MSG_ZEROCOPY, MSG_FASTOPEN, MSG_PROXY, MSG_ERRQUEUE, MSG_TRUNC,
		MSG_MORE | MSG_ZEROCOPY, 0x10000 /* BATCH */, 0x8000000 /* SPLICE_PAGES */,
	};

	return (one_in(r, 50) ? (int)number(r) : PICK(r, flags)) | MSG_NOSIGNAL |
	       (one_in(r, 8) ? 0 : MSG_DONTWAIT);
}

static uint32_t data_length(struct rng *r)
{
	switch (below(r, 8)) {
	case 0:
		return 0;
	case 1:
		return (uint32_t)number(r);
	case 2:
		return below(r, ROOM);
	case 3:
		return below(r, 70000);
	default:
		return below(r, 3000);
	}
}

void call_send(struct rng *r)
{
	int fd = any_socket(r), flags = send_flags(r);
	uint32_t len = data_length(r), addrlen = 0;
	void *sa = one_in(r, 2) ? NULL : place_address(r, &addrlen), *data = room(r, len);

	trace("sendto(%d, %p, %u, %#x, %p, %u)", fd, data, len, flags, sa, addrlen);
	traced(sendto(fd, data, len, flags, sa, addrlen));
}

/* ---- receiving ---- */

static int recv_flags(struct rng *r)
{
	static const int flags[] = {
		0, 0, 0, MSG_PEEK, MSG_OOB, MSG_TRUNC, MSG_WAITALL, MSG_ERRQUEUE, MSG_ERRQUEUE,
		MSG_PEEK | MSG_TRUNC, MSG_CMSG_CLOEXEC, MSG_WAITFORONE, MSG_PEEK | MSG_OOB,
	};

	return (one_in(r, 50) ? (int)number(r) : PICK(r, flags)) |
		(one_in(r, 8) ? 0 : MSG_DONTWAIT);
}

void call_recv(struct rng *r)
{
	int fd = any_socket(r), flags = recv_flags(r);
	socklen_t *addrlen = one_in(r, 2) ? NULL : room(r, sizeof(*addrlen));
	uint32_t len = data_length(r);
	void *data = room(r, len), *sa = addrlen ? room(r, 16) : NULL;

	trace("recvfrom(%d, %p, %u, %#x, %p, %p)", fd, data, len, flags, sa, (void *)addrlen);
	traced(recvfrom(fd, data, len, flags, sa, addrlen));
}

/* ---- messages ---- */

static size_t put_control(struct rng *r, unsigned char *at, int level, int type, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)at;

	fill(r, at, CMSG_SPACE(len));
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	if (one_in(r, 20))
		c->cmsg_len = (size_t)length(r, (uint32_t)CMSG_LEN(len));
	return CMSG_SPACE(len);
}

static size_t make_control(struct rng *r, unsigned char *at, size_t room_for)
{
	static const struct {
		int level, type;
		size_t len;
	} kinds[] = {
		{ SOL_IP, IP_PKTINFO, sizeof(struct in_pktinfo) }, { SOL_IP, IP_TTL, 4 },
		{ SOL_IP, IP_TOS, 4 }, { SOL_IP, IP_TOS, 1 }, { SOL_IP, IP_RETOPTS, 12 },
		{ SOL_IP, 52 /* IP_PROTOCOL */, 4 }, { IPPROTO_UDP, 103 /* UDP_SEGMENT */, 2 },
		{ SOL_SOCKET, SO_TIMESTAMPING, 4 }, { SOL_SOCKET, SO_MARK, 4 },
		{ SOL_SOCKET, 61 /* SCM_TXTIME */, 8 }, { SOL_SOCKET, SCM_RIGHTS, 4 },
		{ SOL_SOCKET, 81 /* SCM_TS_OPT_ID */, 4 }, { SOL_IPV6, 50, 20 },
		{ IPPROTO_TCP, 1, 4 },
	};
	size_t used = 0, n = below(r, 4), len, k;
	struct in_pktinfo *info;

	while (n-- && used + 64 < room_for) {
		k = below(r, sizeof(kinds) / sizeof(kinds[0]));
		len = one_in(r, 10) ? below(r, 44) : kinds[k].len;
		used += put_control(r, at + used, one_in(r, 30) ? (int)number(r) : kinds[k].level,
				    one_in(r, 30) ? (int)number(r) : kinds[k].type, len);
		if (kinds[k].type != IP_PKTINFO || len < sizeof(*info) || one_in(r, 3))
			continue;
		info = (struct in_pktinfo *)(at + used - CMSG_SPACE(len) + CMSG_LEN(0));
		info->ipi_ifindex = (int)below(r, 6);
		info->ipi_spec_dst.s_addr = htonl(any_addr(r));
	}
	return used;
}

static void make_vectors(struct rng *r, struct iovec *v, size_t n, bool small)
{
	for (; n; n--, v++) {
		v->iov_len = small ? below(r, 2000) : data_length(r);
		v->iov_base = room(r, v->iov_len);
	}
}

#define VECTORS	8

static void make_message(struct rng *r, struct msghdr *m, bool out)
{
	struct iovec *v = room_good(r, VECTORS * sizeof(*v));
	uint32_t addrlen = 0;

	memset(m, 0, sizeof(*m));
	m->msg_iovlen = below(r, VECTORS);
	make_vectors(r, v, m->msg_iovlen, !one_in(r, 4));
	m->msg_iov = v;
	if (one_in(r, 60))
		m->msg_iovlen = (size_t)number(r);
	if (!one_in(r, 3)) {
		m->msg_name = out ? place_address(r, &addrlen) : room(r, 16);
		m->msg_namelen = out ? addrlen : length(r, 16);
	}
	if (!one_in(r, 3)) {
		m->msg_control = room_good(r, 512);
		m->msg_controllen = out ? make_control(r, m->msg_control, 400) : length(r, 256);
		if (one_in(r, 40))
			m->msg_control = room(r, m->msg_controllen);
	}
	m->msg_flags = (int)number(r);
}

static void one_message(struct rng *r, bool out)
{
	int fd = any_socket(r), flags = out ? send_flags(r) : recv_flags(r);
	struct msghdr m;

	make_message(r, &m, out);
	trace("%s(%d, {name %u, %zu vectors, control %zu}, %#x)", out ? "sendmsg" : "recvmsg", fd,
	      m.msg_namelen, m.msg_iovlen, m.msg_controllen, flags);
	traced(out ? sendmsg(fd, &m, flags) : recvmsg(fd, &m, flags));
}

void call_sendmsg(struct rng *r)
{
	one_message(r, true);
}

void call_sendmmsg(struct rng *r)
{
	struct mmsghdr m[4] = {};
	int fd = any_socket(r), flags = send_flags(r), n = (int)below(r, 5), i;

	for (i = 0; i < n; i++)
		make_message(r, &m[i].msg_hdr, true);
	trace("sendmmsg(%d, %d, %#x)", fd, n, flags);
	traced(sendmmsg(fd, m, (unsigned int)n, flags));
}

void call_recvmsg(struct rng *r)
{
	one_message(r, false);
}

void call_recvmmsg(struct rng *r)
{
	struct timespec limit = { .tv_nsec = below(r, 2000000) };
	int fd = any_socket(r), flags = recv_flags(r), n = (int)below(r, 5), i;
	struct mmsghdr m[4] = {};

	for (i = 0; i < n; i++)
		make_message(r, &m[i].msg_hdr, false);
	trace("recvmmsg(%d, %d, %#x)", fd, n, flags);
	traced(recvmmsg(fd, m, (unsigned int)n, flags, one_in(r, 2) ? NULL : &limit));
}

void call_readwrite(struct rng *r)
{
	struct iovec v[VECTORS];
	int fd = any_socket(r), n = (int)below(r, VECTORS), how = (int)below(r, 6);
	int flags = one_in(r, 4) ? (int)number(r) : 8 /* RWF_NOWAIT */;

	make_vectors(r, v, (size_t)n, !one_in(r, 3));
	trace("read or write %d(%d, %d vectors)", how, fd, n);
	switch (how) {
	case 0:
		traced(readv(fd, v, n));
		break;
	case 1:
		traced(preadv2(fd, v, n, -1, flags));
		break;
	case 2:
		traced(read(fd, v[0].iov_base, n ? v[0].iov_len : 0));
		break;
	case 3:
		traced(pwritev2(fd, v, n, -1, flags));
		break;
	case 4:
		traced(write(fd, v[0].iov_base, n ? v[0].iov_len : 0));
		break;
	default:
		traced(writev(fd, v, n));
	}
}

/* ---- waiting, moving and mapping ---- */

void call_poll(struct rng *r)
{
	struct pollfd p[6];
	int n = (int)below(r, 6), i;

	for (i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = any_socket(r), .events = (short)rng_next(r) };
	trace("poll(%d)", n);
	traced(poll(p, (nfds_t)n, (int)below(r, 3)));
}

void call_epoll(struct rng *r)
{
	struct epoll_event e[4] = { { .events = (uint32_t)rng_next(r) & 0xffff } };
	int ep = object(r, KIND(EPOLL)), fd = any_socket(r), op = 1 + (int)below(r, 3);

	if (ep < 0 || one_in(r, 20)) {
		object_add(epoll_create1(0), EPOLL);
		return;
	}
	if (one_in(r, 3)) {
		trace("epoll_wait(%d)", ep);
		traced(epoll_wait(ep, e, 4, (int)below(r, 3)));
		return;
	}
	if (one_in(r, 2))
		e[0].events |= EPOLLET | (one_in(r, 2) ? EPOLLONESHOT : 0);
	trace("epoll_ctl(%d, %d, %d, %#x)", ep, op, fd, e[0].events);
	traced(epoll_ctl(ep, op, fd, e));
}

static int pipe_end(struct rng *r, enum object end)
{
	int fd = object(r, KIND(end)), p[2];

	if (fd >= 0 && !one_in(r, 20))
		return fd;
	if (pipe2(p, O_NONBLOCK))
		return -1;
	object_add(p[0], PIPE_OUT);
	object_add(p[1], PIPE_IN);
	return end == PIPE_IN ? p[1] : p[0];
}

void call_splice(struct rng *r)
{
	unsigned int flags = below(r, 16);
	int in = pipe_end(r, PIPE_IN), out = pipe_end(r, PIPE_OUT), fd = any_socket(r);
	uint32_t len = data_length(r) & 0xfffff;
	struct iovec v;

	if (!one_in(r, 10))
		flags |= SPLICE_F_NONBLOCK;
	switch (below(r, 3)) {
	case 0:
		trace("splice(%d -> pipe %d, %u, %#x)", fd, in, len, flags);
		traced(splice(fd, NULL, in, NULL, len, flags));
		break;
	case 1:
		trace("splice(pipe %d -> %d, %u, %#x)", out, fd, len, flags);
		traced(splice(out, NULL, fd, NULL, len, flags));
		break;
	default:
		v.iov_len = len & 0xffff;
		v.iov_base = room(r, v.iov_len);
		trace("vmsplice(%d, %zu, %#x)", in, v.iov_len, flags);
		traced(vmsplice(in, &v, 1, flags));
	}
}

void call_sendfile(struct rng *r)
{
	static int file = -1;
	off_t at = below(r, 1 << 18);
	uint32_t len = data_length(r) & 0x7ffff;
	int fd = any_socket(r);

	if (file < 0) {
		file = memfd_create("kfuzz", MFD_CLOEXEC);
		if (ftruncate(file, 1 << 18))
			return;
	}
	trace("sendfile(%d, %lld, %u)", fd, (long long)at, len);
	traced(sendfile(fd, file, &at, len));
}

void call_map(struct rng *r)
{
	size_t len = (1 + below(r, 16)) * 4096;
	int fd = any_socket(r);
	void *p;

	trace("mmap(%d, %zu)", fd, len);
	p = mmap(NULL, len, PROT_READ | (int)below(r, 4), one_in(r, 2) ? MAP_SHARED : MAP_PRIVATE,
		 fd,
		 (off_t)below(r, 2) * 4096);
	traced((long)p);
	if (p != MAP_FAILED)
		munmap(p, len);
}

void call_ioctl(struct rng *r)
{
	static const unsigned int commands[] = {
		SIOCINQ, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, SIOCGSTAMP, SIOCGSTAMPNS, FIONREAD,
		FIONBIO, FIOASYNC, SIOCGIFADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK, SIOCGIFDSTADDR,
		SIOCSIFADDR, SIOCADDRT, SIOCDELRT, SIOCSARP, SIOCGARP, SIOCDARP, SIOCGIFCONF,
		SIOCGIFINDEX, SIOCSPGRP, SIOCGPGRP, 0x8906, 0x8907, 0x89e0, 0x89e1, 0x89e2,
	};
	unsigned int command = one_in(r, 8) ? 0x8900 + below(r, 256) : PICK(r, commands);
	int fd = any_socket(r);
	char *arg = room(r, 64);

	/* Nothing that changes a device by Linux's own code: who asks is odd, but for three. */
	if (command >= SIOCSIFFLAGS && command <= SIOCSIFHWBROADCAST &&
	    (!(command & 1) || command == SIOCSIFNAME || command == SIOCADDMULTI ||
	     command == SIOCSIFHWBROADCAST))
		command = SIOCINQ;
	if (command >= SIOCGIFNAME && command < SIOCSIFNAME + 32 && one_in(r, 2)) {
		arg = room_good(r, 64);
		strcpy(arg, one_in(r, 2) ? "lo" : PICK(r, uplink));
	}
	trace("ioctl(%d, %#x, %p)", fd, command, (void *)arg);
	traced(ioctl(fd, command, arg));
}

void call_fcntl(struct rng *r)
{
	int fd = any_socket(r), flags;

	switch (below(r, 4)) {
	case 0:
		flags = one_in(r, 2) ? O_NONBLOCK : 0;
		trace("fcntl(%d, F_SETFL, %#x)", fd, flags);
		traced(fcntl(fd, F_SETFL, flags));
		break;
	case 1:
		trace("fcntl(%d, F_SETFL, O_ASYNC)", fd);
		traced(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
		break;
	case 2:
		trace("fcntl(%d, F_SETPIPE_SZ)", fd);
		traced(fcntl(fd, F_SETPIPE_SZ, number(r)));
		break;
	default:
		trace("fcntl(%d, F_SETOWN)", fd);
		traced(fcntl(fd, F_SETOWN, one_in(r, 2) ? getpid() : 0));
	}
}

/* A frame from the cable, while the sockets are busy. */
void call_inject(struct rng *r)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800) };
	int fd = object(r, KIND(PACKET)), host = (int)below(r, 2);
	unsigned char *p = room_good(r, 256);
	uint32_t len = 20 + below(r, 120);

	if (fd < 0 || one_in(r, 20)) {
		enter(host);
		fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		object_add(fd, PACKET);
	}
	ll.sll_ifindex = (int)(1 + below(r, 3));
	ll.sll_halen = 6;
	memset(ll.sll_addr, 0xff, 6);
	p[0] = 0x45;
	p[2] = 0;
	p[3] = (unsigned char)len;
	p[8] = 64;
	p[9] = one_in(r, 3) ? 17 : one_in(r, 2) ? 1 : 6;
	memcpy(p + 12, &(uint32_t){ htonl(any_addr(r)) }, 4);
	memcpy(p + 16, &(uint32_t){ htonl(any_addr(r)) }, 4);
	trace("inject(%d, %u)", fd, len);
	traced(sendto(fd, p, len, 0, (struct sockaddr *)&ll, sizeof(ll)));
}
