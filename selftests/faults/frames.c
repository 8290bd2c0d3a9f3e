// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of faults: frames that no stack sends. Their octets lie in pages from behind the
 * Ethernet header on, as some drivers deliver them, and behind the packet there is padding; so that
 * every reader of a header has to ask for it, and every reader of a length to cut.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"

#define DEVICE		"eth0"
#define FRAME		5000	/* more than a page: shorter ones are linear */
#define PADDING		20
#define IP_HLEN		24	/* with four octets of options */

static struct {
	struct virtio_net_hdr	vnet;
	struct ether_header	eth;
	unsigned char		ip[FRAME];
} __attribute__((packed)) frame;

static void hardware_address(int ns, unsigned char *to)
{
	struct ifreq ifr = { .ifr_name = DEVICE };
	int fd;

	enter(ns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		told("SIOCGIFHWADDR", errno);
	close(fd);
	enter(here_ns);
	memcpy(to, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
}

static unsigned int sum_of(const void *p, size_t len)
{
	const unsigned char *b = p;
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	return sum;
}

static unsigned short folded(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static void put_address(unsigned char *to, const char *host)
{
	inet_pton(AF_INET, host, to);
}

static void ip_sum(unsigned char *ip)
{
	unsigned short sum;

	memset(ip + 10, 0, 2);
	sum = folded(sum_of(ip, IP_HLEN));
	memcpy(ip + 10, &sum, 2);
}

/* An IPv4 header at @ip, for @len octets of @proto behind it; with options that do nothing. */
static void ip_header(unsigned char *ip, int proto, size_t len, const char *from, const char *to)
{
	unsigned short total = htons(IP_HLEN + len);

	memset(ip, 0, IP_HLEN);
	ip[0] = 0x40 | IP_HLEN / 4;
	memcpy(ip + 2, &total, 2);
	ip[8] = 64;
	ip[9] = proto;
	put_address(ip + 12, from);
	put_address(ip + 16, to);
	memset(ip + 20, 1, 4);
	ip_sum(ip);
}

#define MORE	0x2000	/* fragments come */

/* The packet becomes a fragment: @field is that of flags and offset. */
static void ip_fragment(unsigned char *ip, unsigned short id, unsigned short field)
{
	ip[4] = id >> 8;
	ip[5] = id & 0xff;
	ip[6] = field >> 8;
	ip[7] = field & 0xff;
	ip_sum(ip);
}

/*
 * What stands in the frame behind the IPv4 header goes out, @len octets of it, and padding; @field
 * is that of flags and offset.
 */
static void send_part(int proto, size_t len, unsigned short id, unsigned short field)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;
	size_t size = sizeof(frame.vnet) + sizeof(frame.eth) + IP_HLEN + len + PADDING;

	to.sll_ifindex = if_nametoindex(DEVICE);
	memset(&frame.vnet, 0, sizeof(frame.vnet));
	frame.vnet.hdr_len = sizeof(frame.eth);
	frame.eth.ether_type = htons(ETH_P_IP);
	ip_header(frame.ip, proto, len, HERE_ADDR, PEER_ADDR);
	ip_fragment(frame.ip, id, field);
	check("PACKET_VNET_HDR", setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)));
	check("send frame", (int)sendto(fd, &frame, size, 0, (void *)&to, sizeof(to)));
	close(fd);
}

static void send_frame(int proto, size_t len)
{
	send_part(proto, len, 0, 0);
}

/* With a VLAN tag, which is of no VLAN of the peer's. */
static void send_tagged(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_8021Q) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	to.sll_ifindex = if_nametoindex(DEVICE);
	memset(&frame.vnet, 0, sizeof(frame.vnet));
	frame.vnet.hdr_len = sizeof(frame.eth);
	frame.eth.ether_type = htons(ETH_P_8021Q);
	memset(frame.ip, 0, sizeof(frame.ip));
	frame.ip[1] = 5;
	check("PACKET_VNET_HDR", setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)));
	check("send frame", (int)sendto(fd, &frame, sizeof(frame), 0, (void *)&to, sizeof(to)));
	close(fd);
}

static unsigned char *payload(void)
{
	return frame.ip + IP_HLEN;
}

#define LEN	(FRAME - IP_HLEN - PADDING)	/* octets behind the IPv4 header */

/* Shorter than what IP says. */
static void send_udp(void)
{
	struct udphdr *udp = (void *)payload();

	memset(payload(), 0, LEN);
	udp->source = htons(5031);
	udp->dest = htons(5030);
	udp->len = htons(LEN - 40);
	send_frame(IPPROTO_UDP, LEN);
}

#define PART	((LEN / 8) * 8)

/* A datagram in two. */
static void send_fragments(void)
{
	static unsigned short id;
	struct udphdr *udp = (void *)payload();

	id++;
	memset(payload(), 0, LEN);
	udp->source = htons(5031);
	udp->dest = htons(5030);
	udp->len = htons(2 * PART);
	send_part(IPPROTO_UDP, PART, id, MORE);
	memset(payload(), 0, LEN);
	send_part(IPPROTO_UDP, PART, id, PART / 8);
}

/* To a port where nobody listens. */
static void send_tcp(void)
{
	struct tcphdr *tcp = (void *)payload();
	unsigned char pseudo[12] = { [9] = IPPROTO_TCP };

	memset(payload(), 0, LEN);
	tcp->source = htons(5031);
	tcp->dest = htons(5032);
	tcp->doff = 6;
	tcp->ack = 1;
	memset(tcp + 1, 1, 4);
	put_address(pseudo, HERE_ADDR);
	put_address(pseudo + 4, PEER_ADDR);
	pseudo[10] = LEN >> 8;
	pseudo[11] = LEN & 0xff;
	tcp->check = folded(sum_of(pseudo, sizeof(pseudo)) + sum_of(payload(), LEN));
	send_frame(IPPROTO_TCP, LEN);
}

static void send_icmp(int type, int code)
{
	struct icmphdr *icmp = (void *)payload();

	icmp->type = type;
	icmp->code = code;
	icmp->checksum = 0;
	icmp->checksum = folded(sum_of(payload(), LEN));
	send_frame(IPPROTO_ICMP, LEN);
}

/* An error that quotes a datagram which the peer is to have sent from @port. */
static void send_error(int port)
{
	unsigned char *quote = payload() + sizeof(struct icmphdr);

	memset(payload(), 0, LEN);
	ip_header(quote, IPPROTO_UDP, 100, PEER_ADDR, HERE_ADDR);
	quote[IP_HLEN] = port >> 8;
	quote[IP_HLEN + 1] = port & 0xff;
	quote[IP_HLEN + 5] = 100;
	send_icmp(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH);
}

void run_frames(void)
{
	int to = make_socket(peer_ns, SOCK_DGRAM, 0);
	int raw = make_socket(peer_ns, SOCK_RAW, IPPROTO_ICMP);

	if (to >= 0)
		bind_to(to, PEER_ADDR, 5030);
	hardware_address(here_ns, frame.eth.ether_shost);
	hardware_address(peer_ns, frame.eth.ether_dhost);
	send_udp();
	send_fragments();
	send_tcp();
	memset(payload(), 0, LEN);
	send_icmp(ICMP_ECHO, 0);
	memset(payload(), 0, LEN);
	send_icmp(ICMP_TIMESTAMP, 0);
	send_error(5030);
	send_error(5040);	/* on an address that Linux has too, of Linux's */
	send_tagged();
	abort_socket(to);
	abort_socket(raw);
}

/* From a station that a switch on the way has not heard of. */
void run_sources(void)
{
	static unsigned int n;

	hardware_address(peer_ns, frame.eth.ether_dhost);
	memset(frame.eth.ether_shost, 0, ETH_ALEN);
	frame.eth.ether_shost[0] = 2;
	frame.eth.ether_shost[1] = 0xaa;
	frame.eth.ether_shost[4] = ++n >> 8;
	frame.eth.ether_shost[5] = n & 0xff;
	memset(payload(), 0, 64);
	send_frame(253, 64);
}

/* --- a packet tap in each namespace, so that no buffer is anybody's own --- */

static int taps[2 + OTHERS], n_taps;

static void tap_open(int ns)
{
	int fd;

	enter(ns);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd >= 0)
		taps[n_taps++] = fd;
}

void taps_open(void)
{
	int i;

	for (i = 0; i < n_others; i++)
		tap_open(others[i]);
	tap_open(peer_ns);
	tap_open(here_ns);
}

/* One that is full takes nothing more. */
void taps_empty(void)
{
	char buf[64];
	int i;

	for (i = 0; i < n_taps; i++)
		while (recv(taps[i], buf, sizeof(buf), MSG_TRUNC) > 0)
			;
}
