// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of faults: datagrams, fragments, groups, errors, echo, raw.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"

/* Datagrams go there once: a loss is told by a counter, so it is no errno. */
static void datagram(int from, int to, const char *host, int port, size_t size, int flags)
{
	struct sockaddr_in a = address(host, port);
	static char buf[1 << 16];
	struct pollfd p = { .fd = to, .events = POLLIN };
	ssize_t n;

	n = sendto(from, text, size, flags, (void *)&a, sizeof(a));
	if (check("sendto", (int)n) < 0 || flags & MSG_MORE)
		return;
	if (poll(&p, 1, 300) == 1)
		check("recv", (int)recv(to, buf, sizeof(buf), MSG_DONTWAIT));
}

static int join_group(int fd, const struct ip_mreqn *group)
{
	return set(fd, "IP_ADD_MEMBERSHIP", SOL_IP, IP_ADD_MEMBERSHIP, group, sizeof(*group));
}

static void datagrams(size_t size, int flags, const char *host, bool join)
{
	struct ip_mreqn group = { .imr_ifindex = 0 };
	int from = -1, to = -1, also = -1;

	inet_pton(AF_INET, GROUP_ADDR, &group.imr_multiaddr);
	to = make_socket(peer_ns, SOCK_DGRAM, 0);
	from = make_socket(here_ns, SOCK_DGRAM, 0);
	if (from < 0 || to < 0)
		goto out;
	if (bind_to(to, "0.0.0.0", 5020) || bind_to(from, HERE_ADDR, 5021))
		goto out;
	set_int(from, "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST, 1);
	if (join) {
		/* Two that hear it, so that it is copied for one. */
		also = make_socket(peer_ns, SOCK_DGRAM, 0);
		if (also < 0 || bind_to(also, "0.0.0.0", 5020))
			goto out;
		inet_pton(AF_INET, PEER_ADDR, &group.imr_address);
		if (join_group(to, &group) || join_group(also, &group))
			goto out;
	}
	if (flags & MSG_MORE) {
		datagram(from, to, host, 5020, size / 2, MSG_MORE);
		flags &= ~MSG_MORE;
	}
	datagram(from, to, host, 5020, size, flags);
out:
	abort_socket(from);
	abort_socket(to);
	abort_socket(also);
}

void run_datagram(void)
{
	datagrams(100, 0, PEER_ADDR, false);
}

/* Both have to ask who has the other's address. */
void run_neighbour(void)
{
	static const char flush[] = "plumb neigh flush dev eth0";

	run_command_in(peer_ns, flush);
	run_command_in(here_ns, flush);
	run_datagram();
}

void run_cork(void)
{
	datagrams(600, MSG_MORE, PEER_ADDR, false);
}

void run_fragments(void)
{
	datagrams(5000, 0, PEER_ADDR, false);
}

/* Corked, so that it is put together before it is cut. */
void run_cork_fragments(void)
{
	datagrams(5000, MSG_MORE, PEER_ADDR, false);
}

void run_multicast(void)
{
	datagrams(100, 0, GROUP_ADDR, true);
}

void run_broadcast(void)
{
	datagrams(100, 0, "10.0.0.255", false);
}

void run_own_address(void)
{
	int to = make_socket(here_ns, SOCK_DGRAM, 0), from = make_socket(here_ns, SOCK_DGRAM, 0);

	if (from >= 0 && to >= 0 && !bind_to(to, HERE_ADDR, 5022))
		datagram(from, to, HERE_ADDR, 5022, 4000, 0);
	abort_socket(from);
	abort_socket(to);
}

void run_source_filter(void)
{
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);
	struct ip_mreq_source source;
	struct {
		struct ip_msfilter head;
		struct in_addr more[15];
	} filter = { .head = { .imsf_fmode = MCAST_INCLUDE, .imsf_numsrc = 16 } };
	int i;

	if (fd < 0)
		return;
	inet_pton(AF_INET, GROUP_ADDR, &source.imr_multiaddr);
	inet_pton(AF_INET, HERE_ADDR, &source.imr_interface);
	for (i = 1; i < 14 && !wrong; i++) {
		source.imr_sourceaddr.s_addr = htonl(0x0a000100 + i);
		set(fd, "IP_ADD_SOURCE_MEMBERSHIP", SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &source,
		    sizeof(source));
	}
	filter.head.imsf_multiaddr = source.imr_multiaddr;
	filter.head.imsf_interface = source.imr_interface;
	for (i = 0; i < 16; i++)
		(&filter.head.imsf_slist[0])[i].s_addr = htonl(0x0a000200 + i);
	if (!wrong)
		set(fd, "IP_MSFILTER", SOL_IP, IP_MSFILTER, &filter, sizeof(filter));
	close(fd);
}

/* Nobody listens there: an ICMP error comes back into the error queue. */
void run_error_queue(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 5099);
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);

	if (fd < 0)
		return;
	if (!set_int(fd, "IP_RECVERR", SOL_IP, IP_RECVERR, 1) &&
	    check("sendto", (int)sendto(fd, text, 50, 0, (void *)&a, sizeof(a))) > 0) {
		struct pollfd p = { .fd = fd };
		char buf[512], control[512];
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				      .msg_controllen = sizeof(control) };

		/* (Its answer is a datagram: that nothing comes is no errno.) */
		if (poll(&p, 1, 300) == 1)
			recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	}
	close(fd);
}

/* Too large for the path, and not to be cut: told at once, through the error queue as well. */
void run_too_big(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 5099);
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);
	char buf[512], control[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };

	if (fd < 0)
		return;
	set_int(fd, "IP_RECVERR", SOL_IP, IP_RECVERR, 1);
	set_int(fd, "IP_MTU_DISCOVER", SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	if (sendto(fd, text, 5000, 0, (void *)&a, sizeof(a)) >= 0 || errno != EMSGSIZE)
		told("sendto", errno);
	check("recv error", (int)recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT));
	close(fd);
}

void run_echo(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 0);
	struct icmphdr echo = { .type = ICMP_ECHO };
	int ping = make_socket(here_ns, SOCK_DGRAM, IPPROTO_ICMP);
	int raw = make_socket(peer_ns, SOCK_RAW, IPPROTO_ICMP);
	struct pollfd p = { .fd = ping, .events = POLLIN };
	char buf[128];

	if (ping >= 0 && raw >= 0 &&
	    check("sendto", (int)sendto(ping, &echo, sizeof(echo), 0, (void *)&a,
					sizeof(a))) > 0 && poll(&p, 1, 300) == 1)
		check("recv", (int)recv(ping, buf, sizeof(buf), MSG_DONTWAIT));
	close(ping);
	close(raw);
}

void run_raw(void)
{
	int to = make_socket(peer_ns, SOCK_RAW, 253), from = make_socket(here_ns, SOCK_RAW, 253);
	int own = make_socket(here_ns, SOCK_RAW, IPPROTO_RAW);
	unsigned char packet[28] = { 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 253 };

	if (from >= 0 && to >= 0)
		datagram(from, to, PEER_ADDR, 0, 200, 0);
	if (own >= 0) {
		struct sockaddr_in a = address(PEER_ADDR, 0);

		memcpy(packet + 16, &a.sin_addr, 4);
		check("sendto", (int)sendto(own, packet, sizeof(packet), 0, (void *)&a, sizeof(a)));
	}
	close(own);
	close(from);
	close(to);
}

/* A socket here, and one at the peer that is bound. */
static bool udp_pair(int *from, int *to, int port)
{
	*to = make_socket(peer_ns, SOCK_DGRAM, 0);
	*from = make_socket(here_ns, SOCK_DGRAM, 0);
	return *from >= 0 && *to >= 0 && !bind_to(*to, PEER_ADDR, port);
}

/* One buffer of four datagrams, which its receiver wants one by one. */
void run_segments(void)
{
	int from, to;

	if (udp_pair(&from, &to, 5023) &&
	    !set_int(from, "UDP_SEGMENT", SOL_UDP, UDP_SEGMENT, 1000))
		datagram(from, to, PEER_ADDR, 5023, 4000, 0);
	abort_socket(from);
	abort_socket(to);
}

/* To a group that a socket of this host is in too. */
void run_own_group(void)
{
	struct ip_mreqn group = { .imr_ifindex = 0 };
	int to = make_socket(here_ns, SOCK_DGRAM, 0), from = make_socket(here_ns, SOCK_DGRAM, 0);

	inet_pton(AF_INET, GROUP_ADDR, &group.imr_multiaddr);
	inet_pton(AF_INET, HERE_ADDR, &group.imr_address);
	if (from >= 0 && to >= 0 && !bind_to(to, "0.0.0.0", 5024) &&
	    !bind_to(from, HERE_ADDR, 5025) && !join_group(to, &group))
		datagram(from, to, GROUP_ADDR, 5024, 100, 0);
	abort_socket(from);
	abort_socket(to);
}

/* Sources that are not to be heard: one more at a time, then all at once. */
void run_group_filter(void)
{
	struct {
		struct group_filter head;
		struct sockaddr_storage more[3];
	} filter = { .head = { .gf_fmode = MCAST_EXCLUDE, .gf_numsrc = 4 } };
	struct sockaddr_in a = address(GROUP_ADDR, 0);
	int fd = make_socket(here_ns, SOCK_DGRAM, 0), i;
	struct ip_mreq_source source;
	struct ip_mreqn group = { .imr_ifindex = 0 };

	if (fd < 0)
		return;
	inet_pton(AF_INET, GROUP_ADDR, &group.imr_multiaddr);
	inet_pton(AF_INET, HERE_ADDR, &group.imr_address);
	source.imr_multiaddr = group.imr_multiaddr;
	source.imr_interface = group.imr_address;
	if (join_group(fd, &group))
		goto out;
	for (i = 1; i < 4 && !wrong; i++) {
		source.imr_sourceaddr.s_addr = htonl(0x0a000100 + i);
		set(fd, "IP_BLOCK_SOURCE", SOL_IP, IP_BLOCK_SOURCE, &source, sizeof(source));
	}
	memcpy(&filter.head.gf_group, &a, sizeof(a));
	for (i = 0; i < 4; i++) {
		a.sin_addr.s_addr = htonl(0x0a000200 + i);
		memcpy(&(&filter.head.gf_slist[0])[i], &a, sizeof(a));
	}
	filter.head.gf_interface = if_nametoindex("eth0");
	if (!wrong)
		set(fd, "MCAST_MSFILTER", SOL_IP, MCAST_MSFILTER, &filter, sizeof(filter));
out:
	close(fd);
}

/* A datagram in more pieces than a buffer has places for, of sockets that take turns. */
void run_long_cork(void)
{
	int to = make_socket(peer_ns, SOCK_DGRAM, 0), from = make_socket(here_ns, SOCK_DGRAM, 0);
	int other = make_socket(here_ns, SOCK_DGRAM, 0), i;

	if (from < 0 || to < 0 || other < 0 || bind_to(to, PEER_ADDR, 5026))
		goto out;
	for (i = 0; i < 40 && !wrong; i++) {
		datagram(from, to, PEER_ADDR, 5026, 200, MSG_MORE);
		datagram(other, to, PEER_ADDR, 5026, 10, i < 39 ? MSG_MORE : 0);
	}
	datagram(from, to, PEER_ADDR, 5026, 200, 0);
out:
	abort_socket(from);
	abort_socket(to);
	abort_socket(other);
}

/* What routers may cut: the checksum has to be there before they do. */
void run_any_fragment(void)
{
	int from, to;

	if (udp_pair(&from, &to, 5027) &&
	    !set_int(from, "IP_MTU_DISCOVER", SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)) {
		datagram(from, to, PEER_ADDR, 5027, 1400, 0);
		if (!set_int(from, "UDP_SEGMENT", SOL_UDP, UDP_SEGMENT, 1300))
			datagram(from, to, PEER_ADDR, 5027, 3900, 0);
	}
	abort_socket(from);
	abort_socket(to);
}

static void set_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "eth0", .ifr_mtu = mtu };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check("SIOCSIFMTU", ioctl(fd, SIOCSIFMTU, &ifr));
	close(fd);
}

/* What was to be summed by the device has to be cut, as the device takes less than a moment ago. */
void run_narrower(void)
{
	int from, to;

	if (udp_pair(&from, &to, 5028) &&
	    !set_int(from, "IP_MTU_DISCOVER", SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)) {
		datagram(from, to, PEER_ADDR, 5028, 1400, 0);
		set_mtu(1000);
		datagram(from, to, PEER_ADDR, 5028, 1400, 0);
		set_mtu(1500);
	}
	abort_socket(from);
	abort_socket(to);
}
