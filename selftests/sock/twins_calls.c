// SPDX-License-Identifier: GPL-2.0
/* Topics of twins: the other calls. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "twins.h"

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

/* No hop leads to 0.0.0.0, which otherwise is this host. */
static void test_source_route(void)
{
	static const unsigned char route[8] = { 131, 7, 4, 127, 0, 0, 1 };
	struct sockaddr_in nowhere = addr("0.0.0.0", 4714), here = addr("127.0.0.1", 4714);
	struct icmphdr echo = { .type = ICMP_ECHO };
	static const int kinds[][2] = { { SOCK_DGRAM, IPPROTO_UDP }, { SOCK_DGRAM, IPPROTO_ICMP },
					{ SOCK_RAW, IPPROTO_ICMP } };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		open_twins(kinds[i][0], kinds[i][1]);
		TWIN("to 0.0.0.0", sendto(fd, &echo, sizeof(echo), 0, (void *)&nowhere,
					  sizeof(nowhere)));
		TWIN("source route", setsockopt(fd, SOL_IP, IP_OPTIONS, route, sizeof(route)));
		TWIN("by a source route to 0.0.0.0",
		     sendto(fd, &echo, sizeof(echo), 0, (void *)&nowhere, sizeof(nowhere)));
		TWIN("by a source route",
		     sendto(fd, &echo, sizeof(echo), 0, (void *)&here, sizeof(here)));
		TWIN("its first piece to 0.0.0.0",
		     kinds[i][0] == SOCK_RAW ? 0 : sendto(fd, &echo, sizeof(echo), MSG_MORE,
							  (void *)&nowhere, sizeof(nowhere)));
		close_twins();
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
	TWIN("socketpair", socketpair(fd == linux_fd ? AF_INET : family, SOCK_DGRAM, 0, pair));
	close_twins();
}

/* Instead of the twins: one end each of two connections, of which the others are @peer. */
static void open_streams(int peer[2])
{
	struct sockaddr_in at = addr("127.0.0.1", 0);
	socklen_t len = sizeof(at);
	int i, l;

	for (i = 0; i < 2; i++) {
		at.sin_port = 0;
		l = socket(i ? family : AF_INET, SOCK_STREAM, 0);
		peer[i] = socket(i ? family : AF_INET, SOCK_STREAM, 0);
		if (bind(l, (void *)&at, sizeof(at)) || listen(l, 1) ||
		    getsockname(l, (void *)&at, &len) ||
		    connect(peer[i], (void *)&at, sizeof(at))) {
			printf("Bail out! connect: %s\n", strerror(errno));
			exit(1);
		}
		*(i ? &plumb_fd : &linux_fd) = accept(l, NULL, NULL);
		close(l);
	}
}

/* What a stream's reader cannot take stays, but for the urgent octet. */
static void test_read_to_nowhere(void)
{
	char buf[16] = {}, half[4];
	struct iovec parts[2] = { { half, 4 }, { (void *)8, 4 } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	int peer[2], i;

	open_streams(peer);
	for (i = 0; i < 2; i++) {
		send(peer[i], "one two", 7, 0);
		send(peer[i], "!", 1, MSG_OOB);
		poll(&(struct pollfd){ .fd = i ? plumb_fd : linux_fd, .events = POLLPRI }, 1, 3000);
	}
	TWIN("peek", recv(fd, (void *)8, 7, MSG_PEEK));
	TWIN("read", recv(fd, (void *)8, 7, 0));
	TWIN("read, the second half nowhere", recvmsg(fd, &m, 0));
	TWIN("read on", recv(fd, buf, 3, 0));
	TWIN("throw away, nowhere", recv(fd, (void *)8, 2, MSG_TRUNC));
	TWIN("read the rest", recv(fd, buf + 3, 8, MSG_DONTWAIT));
	same("what was read", memcmp(buf, "onewo", 6), 0);
	TWIN("look at the urgent octet", recv(fd, (void *)8, 1, MSG_OOB | MSG_PEEK));
	TWIN("look again", recv(fd, buf, 1, MSG_OOB | MSG_PEEK));
	TWIN("the urgent octet", recv(fd, (void *)8, 1, MSG_OOB));
	TWIN("again", recv(fd, buf, 1, MSG_OOB));
	close_twins();
	close(peer[0]);
	close(peer[1]);
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
		snprintf(what, sizeof(what), "cmsg IP_PROTOCOL %d", values[i]);
		TWIN(what, send_cmsg(fd, SOL_IP, IP_PROTOCOL, &values[i], 4, CMSG_LEN(4)));
		snprintf(what, sizeof(what), "cmsg UDP_SEGMENT %d", values[i]);
		TWIN(what, send_cmsg(fd, SOL_UDP, UDP_SEGMENT, &values[i], 2, CMSG_LEN(2)));
	}
	TWIN("cmsg IP_TOS of an octet", send_cmsg(fd, SOL_IP, IP_TOS, &values[2], 1, CMSG_LEN(1)));
	TWIN("cmsg IP_TTL short", send_cmsg(fd, SOL_IP, IP_TTL, &values[2], 2, CMSG_LEN(2)));
	TWIN("cmsg IP_PROTOCOL short",
	     send_cmsg(fd, SOL_IP, IP_PROTOCOL, &values[2], 1, CMSG_LEN(1)));
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

/* SIOCGIF* of a device's address: each stack tells its own. */
static int ioctl_addr(int fd, unsigned long cmd, const char *name, unsigned int *told)
{
	struct ifreq ifr = {};
	int r;

	strcpy(ifr.ifr_name, name ?: fd == linux_fd ? "lo" : "plumb0");
	r = ioctl(fd, cmd, &ifr);
	*told = ((struct sockaddr_in *)&ifr.ifr_addr)->sin_addr.s_addr;
	return r;
}

static void test_addresses_by_ioctl(void)
{
	static const unsigned long cmds[] = { SIOCGIFADDR, SIOCGIFNETMASK, SIOCGIFBRDADDR,
					      SIOCGIFDSTADDR };
	char what[64];
	unsigned int i, t1, t2;
	int type;

	for (type = SOCK_STREAM; type <= SOCK_RAW; type++) {
		open_twins(type, type == SOCK_RAW ? IPPROTO_ICMP : 0);
		for (i = 0; i < 4; i++) {
			snprintf(what, sizeof(what), "ioctl %lx", cmds[i]);
			same(what, neg(ioctl_addr(linux_fd, cmds[i], NULL, &t1)),
			     neg(ioctl_addr(plumb_fd, cmds[i], NULL, &t2)));
			same("the address told", ntohl(t1), ntohl(t2));
			TWIN("no such device", ioctl_addr(fd, cmds[i], "nope", &t1));
			TWIN("name from nowhere", ioctl(fd, cmds[i], (void *)8));
		}
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

#define T(x) { #x, test_##x }

const struct topic twins_calls[] = {
	T(create), T(addresses_dgram), T(addresses_stream), T(addresses_raw), T(bind_conflicts),
	T(source_route), T(udp_send_errors), T(read_to_nowhere), T(cmsg_errors),
	T(multicast_errors), T(addresses_by_ioctl), T(ping_errors),
	{ NULL, NULL }
};
