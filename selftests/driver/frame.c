// SPDX-License-Identifier: GPL-2.0
/*
 * Sends and receives test frames (EtherType 88B5, for local experiments) on a
 * packet socket; the payload tells a damaged one.
 *
 *	frame send DEVICE DESTINATION LENGTH COUNT [nofcs]
 *	frame listen DEVICE SECONDS COUNT [join ADDRESS]...
 *
 * LENGTH is the frame's without FCS. listen ends after COUNT frames or when the
 * time is over and prints "received N damaged N length N extra N other N vlan N": frames,
 * how many had a wrong payload, octets of the last one as sent and how many
 * came behind them, how many were for another host, VLAN id of the last one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TEST_TYPE	0x88b5
#define TEST_HEADER	(ETH_HLEN + 4)	/* Ethernet's and the frame's length */
#define TEST_MAX	16384

#ifndef SO_NOFCS
#define SO_NOFCS	43
#endif

static void die(const char *what)
{
	fprintf(stderr, "frame: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A burst may come or go while this program is not let run. */
#define TEST_BUFFER	(4 << 20)

static int open_socket(const char *dev, int *index)
{
	int size = TEST_BUFFER;
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(TEST_TYPE) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(TEST_TYPE));

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		die("buffer");
	addr.sll_ifindex = if_nametoindex(dev);
	if (!addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(dev);
	*index = addr.sll_ifindex;
	return fd;
}

static void parse_mac(const char *text, uint8_t mac[ETH_ALEN])
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2,
		   mac + 3, mac + 4, mac + 5) != ETH_ALEN) {
		errno = EINVAL;
		die(text);
	}
}

static uint8_t pattern(size_t i)
{
	return i * 7 + (i >> 8);
}

static int do_send(const char *dev, const char *to, size_t len, long count, bool nofcs)
{
	uint8_t frame[TEST_MAX];
	struct ifreq ifr = {};
	uint32_t size = htonl(len);
	int index, one = 1;
	int fd = open_socket(dev, &index);
	size_t i;

	if (len < TEST_HEADER || len > sizeof(frame)) {
		errno = EMSGSIZE;
		die("length");
	}
	if (nofcs && setsockopt(fd, SOL_SOCKET, SO_NOFCS, &one, sizeof(one)))
		die("SO_NOFCS");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		die("address");
	parse_mac(to, frame);
	memcpy(frame + ETH_ALEN, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	frame[12] = TEST_TYPE >> 8;
	frame[13] = TEST_TYPE & 0xff;
	memcpy(frame + ETH_HLEN, &size, sizeof(size));
	for (i = TEST_HEADER; i < len; i++)
		frame[i] = pattern(i);
	while (count--)
		if (send(fd, frame, len, 0) != (ssize_t)len)
			die("send");
	return 0;
}

static void join(int fd, int index, const char *address)
{
	struct packet_mreq req = { .mr_ifindex = index, .mr_alen = ETH_ALEN };

	parse_mac(address, req.mr_address);
	req.mr_type = req.mr_address[0] & 1 ? PACKET_MR_MULTICAST : PACKET_MR_UNICAST;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &req, sizeof(req)))
		die(address);
}

struct tally {
	long received;
	long damaged;
	long other;
	long length;
	long extra;
	int vlan;
};

static bool intact(const uint8_t *frame, size_t got, struct tally *t)
{
	uint32_t size;
	size_t i;

	memcpy(&size, frame + ETH_HLEN, sizeof(size));
	size = ntohl(size);
	t->length = size;
	t->extra = (long)got - (long)size;
	if (size > got)
		return false;
	for (i = TEST_HEADER; i < size; i++)
		if (frame[i] != pattern(i))
			return false;
	return true;
}

static void receive(int fd, struct tally *t)
{
	uint8_t frame[TEST_MAX], control[256];
	struct sockaddr_ll from = {};
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &msg, 0);
	struct cmsghdr *c;

	if (got < TEST_HEADER || from.sll_pkttype == PACKET_OUTGOING)
		return;
	t->received++;
	t->other += from.sll_pkttype == PACKET_OTHERHOST;
	t->damaged += !intact(frame, got, t);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			t->vlan = aux.tp_vlan_tci & 0xfff;
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int do_listen(const char *dev, double seconds, long count, char **joins, int n)
{
	struct tally t = {};
	int index, one = 1;
	int fd = open_socket(dev, &index);
	double end = now() + seconds;

	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		die("PACKET_AUXDATA");
	for (; n >= 2 && !strcmp(joins[0], "join"); n -= 2, joins += 2)
		join(fd, index, joins[1]);
	puts("listening");
	fflush(stdout);
	while (t.received < count && now() < end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, (end - now()) * 1000 + 1) > 0)
			receive(fd, &t);
	}
	printf("received %ld damaged %ld length %ld extra %ld other %ld vlan %d\n",
	       t.received, t.damaged, t.length, t.extra, t.other, t.vlan);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && !strcmp(argv[1], "send"))
		return do_send(argv[2], argv[3], strtoul(argv[4], NULL, 0), atol(argv[5]),
			       argc > 6 && !strcmp(argv[6], "nofcs"));
	if (argc >= 5 && !strcmp(argv[1], "listen"))
		return do_listen(argv[2], atof(argv[3]), atol(argv[4]), argv + 5, argc - 5);
	fprintf(stderr, "usage: frame send DEVICE DESTINATION LENGTH COUNT [nofcs]\n"
			"       frame listen DEVICE SECONDS COUNT [join ADDRESS]...\n");
	return 2;
}
