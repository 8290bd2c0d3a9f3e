// SPDX-License-Identifier: GPL-2.0
/* Scenes of behave: groups, broadcast, and who gets what. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "behave.h"

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

static unsigned int loopback(void)
{
	return if_nametoindex(loopback_name());
}

/* What MCAST_MSFILTER and IP_MSFILTER say of a filter. */
static void tell_filter(int fd, struct sockaddr_in group)
{
	char room[GROUP_FILTER_SIZE(4)] = {}, narrow[IP_MSFILTER_SIZE(4)] = {};
	struct group_filter *f = (void *)room;
	struct ip_msfilter *m = (void *)narrow;
	socklen_t len = sizeof(room);
	unsigned int i;

	memcpy(&f->gf_group, &group, sizeof(group));
	f->gf_interface = loopback();
	f->gf_numsrc = 4;
	told("get", getsockopt(fd, SOL_IP, MCAST_MSFILTER, f, &len));
	say("%u octets, mode %u, %u sources", len, f->gf_fmode, f->gf_numsrc);
	for (i = 0; i < f->gf_numsrc && i < 4; i++)
		say("source %s", inet_ntoa(((struct sockaddr_in *)&f->gf_slist[i])->sin_addr));
	f->gf_numsrc = 1;
	len = sizeof(room);
	told("get one", getsockopt(fd, SOL_IP, MCAST_MSFILTER, f, &len));
	say("%u octets, %u sources", len, f->gf_numsrc);
	m->imsf_multiaddr = group.sin_addr;
	m->imsf_interface.s_addr = htonl(INADDR_LOOPBACK);
	m->imsf_numsrc = 4;
	len = sizeof(narrow);
	told("get of addresses", getsockopt(fd, SOL_IP, IP_MSFILTER, m, &len));
	say("%u octets, mode %u, %u sources", len, m->imsf_fmode, m->imsf_numsrc);
}

static void scene_group_filter(void)
{
	struct ip_mreqn join = { .imr_address.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in group = addr("239.1.2.5", 4722), self = addr("127.0.0.1", 0),
			   else_one = addr("127.0.0.9", 0), any = addr("0.0.0.0", 4722);
	char room[GROUP_FILTER_SIZE(3)] = {}, buf[16];
	struct group_filter *f = (void *)room;
	int x = udp(), s = udp();

	join.imr_multiaddr = group.sin_addr;
	told("bind", bind(x, (void *)&any, sizeof(any)));
	set(x, SOL_IP, IP_MULTICAST_ALL, 0);
	told("from loopback", setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	memcpy(&f->gf_group, &group, sizeof(group));
	f->gf_interface = loopback();
	f->gf_fmode = MCAST_INCLUDE;
	told("of no group", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(0)));
	told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	tell_filter(x, group);
	f->gf_fmode = MCAST_EXCLUDE;
	f->gf_numsrc = 2;
	memcpy(&f->gf_slist[0], &else_one, sizeof(else_one));
	memcpy(&f->gf_slist[1], &self, sizeof(self));
	told("too short", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(1)));
	told("all but two", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(2)));
	tell_filter(x, group);
	told("send", send_to(s, group, "no", 2, 0));
	told("not heard", recv(x, buf, sizeof(buf), MSG_DONTWAIT));
	f->gf_numsrc = 1;
	told("all but one", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(1)));
	told("send", send_to(s, group, "yes", 3, 0));
	told("heard", recv(x, buf, sizeof(buf), 0));
	f->gf_fmode = 7;
	told("of no mode", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(1)));
	f->gf_fmode = MCAST_INCLUDE;
	f->gf_numsrc = 0;
	told("none: leave", setsockopt(x, SOL_IP, MCAST_MSFILTER, f, GROUP_FILTER_SIZE(0)));
	told("left", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	close(x);
	close(s);
}

/* Joined for all, then for one source alone: who was heard before is not. */
static void scene_source_after_all(void)
{
	struct sockaddr_in any = addr("0.0.0.0", 4723), group = addr("239.1.2.6", 4723);
	struct ip_mreq join = { group.sin_addr, { htonl(INADDR_LOOPBACK) } };
	struct ip_mreq_source src = { .imr_multiaddr = group.sin_addr,
				      .imr_interface = join.imr_interface,
				      .imr_sourceaddr.s_addr = htonl(0x7f000009) };
	int x = udp(), s[2] = { udp_at("127.0.0.1", 0), udp_at("127.0.0.9", 0) }, i;
	char buf[16];

	told("bind", bind(x, (void *)&any, sizeof(any)));
	set(x, SOL_IP, IP_MULTICAST_ALL, 0);
	for (i = 0; i < 2; i++)
		told("from loopback",
		     setsockopt(s[i], SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	told("join a source", setsockopt(x, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &src, sizeof(src)));
	tell_filter(x, group);
	told("from another", send_to(s[0], group, "no", 2, 0));
	told("from the source", send_to(s[1], group, "yes", 3, 0));
	told("heard", recv(x, buf, sizeof(buf), 0));
	told("nothing else", recv(x, buf, sizeof(buf), MSG_DONTWAIT));
	told("block", setsockopt(x, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src)));
	told("once more", setsockopt(x, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &src, sizeof(src)));
	told("join all", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	told("leave", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	close(x);
	close(s[0]);
	close(s[1]);
}

/* IP_MULTICAST_IF by an address: the device that has it, and what the source is to be. */
static void scene_multicast_if(void)
{
	static const char *const from[] = { "127.9.0.1", "0.0.0.0", "127.0.0.1" };
	struct sockaddr_in any = addr("0.0.0.0", 4724), group = addr("239.1.2.7", 4724);
	struct ip_mreq join = { group.sin_addr, { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in name = {}, foreign = addr("192.0.2.77", 0);
	struct in_addr source;
	int x = udp(), s = udp();
	socklen_t len;
	unsigned int i;
	char buf[16];

	told("bind", bind(x, (void *)&any, sizeof(any)));
	told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	for (i = 0; i < 3; i++) {
		inet_pton(AF_INET, from[i], &join.imr_interface);
		told(from[i], setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
		len = sizeof(source);
		told("get", getsockopt(s, SOL_IP, IP_MULTICAST_IF, &source, &len));
		say("%s", inet_ntoa(source));
		/* Without a device no route says where groups are. */
		if (!i || i == 2) {
			told("send", send_to(s, group, "all", 3, 0));
			len = sizeof(name);
			told("recv", recvfrom(x, buf, sizeof(buf), 0, (void *)&name, &len));
			say("from %s", inet_ntoa(name.sin_addr));
		}
	}
	join.imr_interface = foreign.sin_addr;
	told("foreign", setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	told("get", getsockopt(s, SOL_IP, IP_MULTICAST_IF, &source, &len));
	say("%s", inet_ntoa(source));
	close(x);
	close(s);
}

static void tell_pktinfo(int fd, const char *what)
{
	char buf[16], control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct in_pktinfo *info;

	told(what, recvmsg(fd, &m, 0));
	if (!CMSG_FIRSTHDR(&m))
		return;
	info = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	say("on loopback %d, to %s", info->ipi_ifindex == (int)loopback(),
	    inet_ntoa(info->ipi_addr));
	say("answer from %s", inet_ntoa(info->ipi_spec_dst));
}

/* IP_PKTINFO of what goes to many: the answer's source is an address towards who has sent it. */
static void scene_pktinfo_of_many(void)
{
	static const char *const from[] = { "127.0.0.1", "127.0.0.5", "127.9.0.1", "127.9.0.5" };
	static const char *const to[] = { "239.1.2.8", "127.255.255.255", "127.9.255.255",
					  "127.9.0.1" };
	struct sockaddr_in any = addr("0.0.0.0", 4725), group = addr("239.1.2.8", 4725);
	struct ip_mreq join = { group.sin_addr, { htonl(INADDR_LOOPBACK) } };
	int x = udp(), s;
	unsigned int i, k;

	told("bind", bind(x, (void *)&any, sizeof(any)));
	told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	set(x, SOL_IP, IP_PKTINFO, 1);
	for (i = 0; i < 4; i++) {
		s = udp_at(from[i], 0);
		set(s, SOL_SOCKET, SO_BROADCAST, 1);
		told("from loopback",
		     setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
		for (k = 0; k < 4; k++)
			if (told(from[i], send_to(s, addr(to[k], 4725), "x", 1, 0)) > 0)
				tell_pktinfo(x, to[k]);
		close(s);
	}
	close(x);
}

static void scene_broadcast(void)
{
	int x = udp(), y = udp(), s = udp(), one = 1;
	static const char *const to[] = { "127.255.255.255", "127.9.255.255" };
	struct sockaddr_in any = addr("0.0.0.0", 4721);
	unsigned int i;
	char buf[8];

	setsockopt(x, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(y, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bind(x, (void *)&any, sizeof(any));
	bind(y, (void *)&any, sizeof(any));
	for (i = 0; i < 2; i++)
		told(to[i], send_to(s, addr(to[i], 4721), "b", 1, 0));
	set(s, SOL_SOCKET, SO_BROADCAST, 1);
	for (i = 0; i < 2; i++) {
		told("with leave", send_to(s, addr(to[i], 4721), "b", 1, 0));
		told("x", recv(x, buf, sizeof(buf), 0));
		told("y", recv(y, buf, sizeof(buf), 0));
	}
	close(x);
	close(y);
	close(s);
}

/* More groups than a socket may be in, each left again; and what is left that was not joined. */
static void scene_memberships(void)
{
	struct ip_mreqn join = { .imr_address.s_addr = htonl(INADDR_LOOPBACK) };
	int x = udp(), i;

	for (i = 0; i < 22; i++) {
		join.imr_multiaddr.s_addr = htonl(0xef010300 + (unsigned int)i);
		told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	}
	join.imr_address.s_addr = 0;
	join.imr_ifindex = (int)loopback() + 1000;
	told("of no device", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	join.imr_ifindex = (int)loopback();
	for (i = 3; i >= 0; i--) {
		join.imr_multiaddr.s_addr = htonl(0xef010300 + (unsigned int)i);
		told("leave", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	}
	told("left", setsockopt(x, SOL_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	close(x);
}

/* The sources of a membership, one by one. */
static void scene_sources(void)
{
	static const char *const from[] = { "127.0.0.5", "127.0.0.6", "127.0.0.7" };
	struct ip_mreq_source src = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in group = addr("239.1.2.9", 4733);
	int x = udp(), i;

	src.imr_multiaddr = group.sin_addr;
	for (i = 0; i < 3; i++) {
		src.imr_sourceaddr = addr(from[i], 0).sin_addr;
		told(from[i], setsockopt(x, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &src, sizeof(src)));
		tell_filter(x, group);
	}
	for (i = 1; i < 4; i++) {
		src.imr_sourceaddr = addr(from[i % 3], 0).sin_addr;
		told("drop", setsockopt(x, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &src, sizeof(src)));
		tell_filter(x, group);
	}
	close(x);
}

/* A group's datagrams that are not to come back, or not to leave the host. */
static void scene_multicast_ttl(void)
{
	struct ip_mreqn join = { .imr_address.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in group = addr("239.1.2.10", 4734), any = addr("0.0.0.0", 4734);
	int x = udp(), s = udp(), loop, ttl;
	char buf[8];

	join.imr_multiaddr = group.sin_addr;
	told("bind", bind(x, (void *)&any, sizeof(any)));
	told("join", setsockopt(x, SOL_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	told("from loopback", setsockopt(s, SOL_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	for (loop = 1; loop >= 0; loop--) {
		for (ttl = 1; ttl >= 0; ttl--) {
			set(s, SOL_IP, IP_MULTICAST_LOOP, loop);
			set(s, SOL_IP, IP_MULTICAST_TTL, ttl);
			told("send", send_to(s, group, "x", 1, 0));
			told("recv", recv(x, buf, sizeof(buf), MSG_DONTWAIT));
		}
	}
	close(x);
	close(s);
}

/* Of the sockets that a datagram fits, who is told more narrowly has it: one after the other. */
static void scene_narrower(void)
{
	struct sockaddr_in any = addr("0.0.0.0", 4731), one = addr("127.0.0.1", 4731),
			   from = addr("127.0.0.1", 4732), portless = addr("127.0.0.1", 0);
	enum { ANY, DEVICE, ADDRESS, HOST, PEER, N };
	static const char *const name[N] = { "any", "device", "address", "host", "peer" };
	int s = udp(), fds[N], yes = 1, dev = (int)loopback(), i, k;
	char buf[8];

	told("bind", bind(s, (void *)&from, sizeof(from)));
	for (i = 0; i < N; i++) {
		fds[i] = udp();
		setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (i == DEVICE)
			told("device", setsockopt(fds[i], SOL_SOCKET, SO_BINDTOIFINDEX, &dev,
						  sizeof(dev)));
		told(name[i], bind(fds[i], i < ADDRESS ? (void *)&any : (void *)&one,
				   sizeof(any)));
		if (i >= HOST)
			told("connect", connect(fds[i], i == HOST ? (void *)&portless :
							(void *)&from, sizeof(from)));
	}
	for (i = 0; i < N; i++) {
		told("send", send_to(s, one, "x", 1, 0));
		for (k = 0; k < N; k++) {
			if (fds[k] < 0 || recv(fds[k], buf, sizeof(buf), MSG_DONTWAIT) != 1)
				continue;
			say("%s", name[k]);
			close(fds[k]);
			fds[k] = -1;
		}
	}
	told("nobody", send_to(s, one, "x", 1, 0));
	close(s);
}

/* Of two that fit alike, who is told to be of the processor that has the datagram. */
static void scene_processor(void)
{
	struct sockaddr_in at = addr("127.0.0.1", 4735);
	int s = udp(), fds[2] = { udp(), udp() }, yes = 1, i;
	cpu_set_t before, first;
	char buf[8];

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_getaffinity(0, sizeof(before), &before);
	sched_setaffinity(0, sizeof(first), &first);
	for (i = 0; i < 2; i++) {
		setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		told("bind", bind(fds[i], (void *)&at, sizeof(at)));
	}
	for (i = 0; i < 2; i++) {
		set(fds[i], SOL_SOCKET, SO_INCOMING_CPU, 0);
		set(fds[!i], SOL_SOCKET, SO_INCOMING_CPU, 1000);
		told("send", send_to(s, at, "x", 1, 0));
		told("of the processor", recv(fds[i], buf, sizeof(buf), MSG_DONTWAIT));
		told("of another", recv(fds[!i], buf, sizeof(buf), MSG_DONTWAIT));
	}
	sched_setaffinity(0, sizeof(before), &before);
	close(fds[0]);
	close(fds[1]);
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
	struct sockaddr_in at = addr("127.0.0.1", 4722), peer = addr("127.0.0.1", 9);
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
	/* One of them leaves the group by having a peer. */
	told("connect", connect(fds[0], (void *)&peer, sizeof(peer)));
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

#define S(scene) { #scene, scene_##scene }

const struct scene behave_groups[] = {
	S(multicast), S(group_filter), S(source_after_all), S(multicast_if), S(pktinfo_of_many),
	S(broadcast), S(memberships), S(sources), S(multicast_ttl), S(narrower),
	S(processor), S(overflow), S(reuseport),
	{ NULL, NULL }
};
