// SPDX-License-Identifier: GPL-2.0
/*
 * A VLAN device for a kernel that has none: a tap that carries the frames of
 * one VLAN of another device.
 *
 *	tagger DEVICE VLAN TAP
 *
 * It makes the tap and runs until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES	(2 * ETH_ALEN)
#define TAG		4
#define FRAME_MAX	20000

static void die(const char *what)
{
	fprintf(stderr, "tagger: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		die(name);
	return fd;
}

static int open_device(const char *name)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct packet_mreq promisc = { .mr_type = PACKET_MR_PROMISC };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	int one = 1;

	addr.sll_ifindex = if_nametoindex(name);
	promisc.mr_ifindex = addr.sll_ifindex;
	if (fd < 0 || !addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		die(name);
	return fd;
}

/* The tag the kernel has taken out, or -1. */
static int tag_of(struct msghdr *msg)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return aux.tp_vlan_tci & 0xfff;
	}
	return -1;
}

static void untag(int device, int tap, int vlan)
{
	uint8_t frame[FRAME_MAX], control[256];
	struct sockaddr_ll from = {};
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(device, &msg, 0);

	if (got < 0 || from.sll_pkttype == PACKET_OUTGOING || tag_of(&msg) != vlan)
		return;
	if (write(tap, frame, got) != got)
		perror("tagger: tap");
}

static void tag(int tap, int device, int vlan)
{
	uint8_t frame[FRAME_MAX];
	ssize_t got = read(tap, frame + TAG, sizeof(frame) - TAG);

	if (got < 0)
		die("the tap is gone");
	if (got < ETH_HLEN)
		return;
	memmove(frame, frame + TAG, ADDRESSES);
	frame[ADDRESSES] = 0x81;
	frame[ADDRESSES + 1] = 0;
	frame[ADDRESSES + 2] = vlan >> 8;
	frame[ADDRESSES + 3] = vlan;
	if (send(device, frame, got + TAG, 0) < 0)
		perror("tagger: device");
}

int main(int argc, char **argv)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int vlan;

	if (argc != 4) {
		fprintf(stderr, "usage: tagger DEVICE VLAN TAP\n");
		return 2;
	}
	vlan = atoi(argv[2]);
	p[0].fd = open_device(argv[1]);
	p[1].fd = open_tap(argv[3]);
	for (;;) {
		if (poll(p, 2, -1) < 0)
			die("poll");
		if (p[0].revents)
			untag(p[0].fd, p[1].fd, vlan);
		if (p[1].revents)
			tag(p[1].fd, p[0].fd, vlan);
	}
}
