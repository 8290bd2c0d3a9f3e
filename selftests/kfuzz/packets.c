// SPDX-License-Identifier: GPL-2.0
/*
 *	this program, 10.0.0.2 and others ---- [tap a] 10.0.0.1, Plumb, with live sockets
 *
 * It answers what Plumb sends as a host would, mostly, so that there are connections in every
 * state; it remembers the state of each and what was said, and sends that again, near it, or
 * spoilt. How a frame enters the kernel changes: linear, with an offload header, by NAPI, or by
 * NAPI in pieces.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/tcp.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frame.h"

#define POOL		512
#define FLOWS		64
#define EACH		50000		/* frames in one namespace */
#define LAST		24		/* frames shown when the kernel complains */
#define SOCKETS		40

static const uint8_t peer_mac[6] = { 2, 0, 0, 0, 0, 2 };
static const int modes[] = { 0, IFF_VNET_HDR, IFF_NAPI, IFF_NAPI | IFF_NAPI_FRAGS };
static const char *const mode_names[] = { "linear", "offload", "NAPI", "NAPI in pieces" };

static struct frame pool[POOL], last[LAST];
static unsigned int n_pool, n_last;
static struct flow flows[FLOWS];
static unsigned int n_flows, mode;
static uint8_t mac[6];
static int tap = -1, udp_seen = -1;
static int socks[SOCKETS], listeners[4];
static unsigned int n_socks;
static unsigned long sent, refused, answers;
static bool echo_seen;

/* ---- the tap ---- */

static int tap_open(void)
{
	struct ifreq ifr = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | modes[mode]) };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	strcpy(ifr.ifr_name, uplink[0]);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) || ioctl(fd, SIOCGIFHWADDR, &ifr))
		return -1;
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	return fd;
}

/* What an offload header may say, right or wrong. */
static void offload(struct rng *r, const struct frame *f, struct virtio_net_hdr *h)
{
	static const uint8_t gso[] = { VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_UDP, 5, 0x81,
		4 };
	uint8_t protocol = f->len > ETH + IP ? f->data[ETH + 9] : 0;

	memset(h, 0, sizeof(*h));
	if (one_in(r, 2))
		return;
	if (one_in(r, 4)) {
		h->flags = VIRTIO_NET_HDR_F_DATA_VALID;
		return;
	}
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)(one_in(r, 6) ? below(r, 100) : ETH + IP);
	h->csum_offset = protocol == 6 ? 16 : 6;
	if (one_in(r, 2))
		return;
	h->gso_type = protocol == 6 && !one_in(r, 4) ? VIRTIO_NET_HDR_GSO_TCPV4 : PICK(r, gso);
	h->gso_size = (uint16_t)(one_in(r, 3) ? number(r) : 1 + below(r, 600));
	h->hdr_len = (uint16_t)(one_in(r, 3) ? number(r) : 54);
}

/* Without @r the frame goes as it is. */
static void put(struct rng *r, const struct frame *f)
{
	struct virtio_net_hdr h = { 0 };
	struct iovec v[6];
	unsigned int n = 0, at = 0, len;

	last[n_last++ % LAST] = *f;
	if (modes[mode] & IFF_VNET_HDR) {
		if (r)
			offload(r, f, &h);
		v[n++] = (struct iovec){ &h, sizeof(h) };
	}
	while (at < f->len) {
		len = f->len - at;
		if (r && modes[mode] & IFF_NAPI_FRAGS && n < 5 && !one_in(r, 3))
			len = 1 + below(r, len);
		v[n++] = (struct iovec){ (void *)(f->data + at), len };
		at += len;
	}
	sent++;
	if (writev(tap, v, (int)n) < 0)
		refused++;
}

/* ---- what the host says ---- */

static struct flow *flow_of(uint32_t remote, uint16_t local_port, uint16_t remote_port, bool make)
{
	struct flow *w;
	unsigned int i;

	for (i = 0; i < n_flows; i++) {
		w = &flows[i];
		if (w->remote == remote && w->local_port == local_port &&
		    w->remote_port == remote_port)
			return w;
	}
	if (!make)
		return NULL;
	w = &flows[n_flows < FLOWS ? n_flows++ : remote_port % FLOWS];
	*w = (struct flow){ remote, local_port, remote_port, 0, 0, 0, false };
	return w;
}

/* tcp_timestamp() - the value of a segment's timestamp option */
static bool timestamp(const uint8_t *p, unsigned int hlen, uint32_t *value)
{
	unsigned int at = 20;

	while (at + 10 <= hlen && p[at]) {
		if (p[at] == 1) {
			at++;
		} else if (p[at] == 8) {
			*value = get32(p + at + 2);
			return true;
		} else {
			at += p[at + 1] > 1 ? p[at + 1] : 40;
		}
	}
	return false;
}

static void answer_tcp(struct rng *r, const struct frame *in, struct frame *out)
{
	const uint8_t *p = in->data + ETH, *t = p + (p[0] & 15) * 4;
	unsigned int hlen = (t[12] >> 4) * 4, len =
		get16(p + 2) - (unsigned int)(p[0] & 15) * 4 - hlen;
	uint8_t flags = t[13];
	struct flow *w = flow_of(get32(p + 16), get16(t), get16(t + 2), !(flags & RST));

	if (!w || flags & RST)
		return;
	w->seq = get32(t + 4) + len + !!(flags & SYN) + !!(flags & FIN);
	if (flags & ACK)
		w->ack = get32(t + 8);
	else
		w->ack = (uint32_t)rng_next(r);
	w->ts = timestamp(t, hlen, &w->tsval);
	if (!(flags & (SYN | FIN)) && !len)
		return;
	frame_ip(out, 6, w->remote, ADDR_A);
	frame_tcp(out, w, flags & SYN && !(flags & ACK) ? SYN | ACK : flags & FIN && one_in(r, 2) ?
		  FIN | ACK : ACK, one_in(r, 4) ? below(r, 500) : 0);
	if (flags & SYN && !(flags & ACK))
		w->ack++;
}

/* A host that nobody has spoken for: what was said of the others may have been believed. */
#define FRIEND	0x0a0000c8u	/* 10.0.0.200 */

/*
 * The friend answers each time, and plainly, or a stack that asks for it in vain would be taken for
 * one that is stuck (alive()).
 */
static bool answer_for_friend(const struct frame *in)
{
	const uint8_t *p = in->data + ETH;
	struct frame out;

	if (in->len < ETH + 28 || get16(in->data + 12) != 0x0806 || get16(p + 6) != 1 ||
	    get32(p + 24) != FRIEND)
		return false;
	frame_eth(&out, mac, peer_mac, 0x0800);
	frame_arp(&out, 2, peer_mac, FRIEND, ADDR_A);
	put(NULL, &out);
	return true;
}

static void answer(struct rng *r, const struct frame *in)
{
	const uint8_t *p = in->data + ETH;
	struct frame out;

	if (answer_for_friend(in))
		return;
	frame_eth(&out, mac, peer_mac, 0x0800);
	if (in->len >= ETH + 28 && get16(in->data + 12) == 0x0806) {
		if (get16(p + 6) != 1 || get32(p + 24) == ADDR_A || one_in(r, 8))
			return;
		frame_arp(&out, 2, peer_mac, get32(p + 24), ADDR_A);
	} else if (in->len >= ETH + IP + 20 && get16(in->data + 12) == 0x0800) {
		if (p[9] == 1 && p[(p[0] & 15) * 4] == 0)
			echo_seen = true;
		if (p[9] == 6)
			answer_tcp(r, in, &out);
		pool[n_pool++ % POOL] = *in;
		frame_turn(&pool[(n_pool - 1) % POOL]);
	}
	if (out.len == ETH || one_in(r, 5))
		return;
	frame_fix(&out);
	answers++;
	put(r, &out);
	pool[n_pool++ % POOL] = out;
}

static void listen_to_host(struct rng *r)
{
	static uint8_t buf[70000];
	unsigned int skip = modes[mode] & IFF_VNET_HDR ? sizeof(struct virtio_net_hdr) : 0;
	struct frame in;
	int tries, n;

	for (tries = 0; tries < 64; tries++) {
		n = (int)read(tap, buf, sizeof(buf));
		if (n < (int)(ETH + skip))
			return;
		in.len = (unsigned int)n - skip;
		if (in.len > 1514)
			in.len = 1514;
		memcpy(in.data, buf + skip, in.len);
		answer(r, &in);
	}
}

/* ---- sockets that are alive ---- */

static int bound(int type, int protocol, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (port && bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		perror("bind");
	return fd;
}

static void set(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

static void keep(int fd)
{
	unsigned int at = n_socks++ % SOCKETS;

	if (n_socks > SOCKETS)
		close(socks[at]);
	socks[at] = fd;
}

static void sockets_open(void)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(PORT + 1) };
	struct ip_mreq group = { { htonl(0xe1020304) }, { htonl(ADDR_A) } };
	struct tcp_md5sig md5 = { .tcpm_keylen = 4, .tcpm_key = "abcd" };
	unsigned int i;
	int fd;

	peer.sin_addr.s_addr = htonl(ADDR_B);
	for (i = 0; i < 4; i++) {
		listeners[i] = bound(SOCK_STREAM, 0, (uint16_t)(PORT + i));
		listen(listeners[i], i == 0 ? 1 : 64);
	}
	set(listeners[1], IPPROTO_TCP, TCP_FASTOPEN, 16);
	set(listeners[1], IPPROTO_TCP, TCP_SAVE_SYN, 1);
	set(listeners[2], IPPROTO_TCP, TCP_DEFER_ACCEPT, 2);
	memcpy(&md5.tcpm_addr, &peer, sizeof(peer));
	setsockopt(listeners[3], IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));

	udp_seen = bound(SOCK_DGRAM, 0, PORT);
	fd = bound(SOCK_DGRAM, 0, PORT + 1);
	set(fd, SOL_IP, IP_RECVERR, 1);
	connect(fd, (struct sockaddr *)&peer, sizeof(peer));
	keep(fd);
	fd = bound(SOCK_DGRAM, 0, PORT + 2);
	set(fd, SOL_IP, IP_RECVOPTS, 1);
	set(fd, SOL_IP, IP_RETOPTS, 1);
	set(fd, SOL_IP, IP_PKTINFO, 1);
	set(fd, SOL_IP, IP_RECVTTL, 1);
	set(fd, SOL_IP, 23 /* IP_CHECKSUM */, 1);
	set(fd, SOL_IP, 25 /* IP_RECVFRAGSIZE */, 1);
	set(fd, IPPROTO_UDP, 104 /* UDP_GRO */, 1);
	setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
	keep(fd);
	keep(bound(SOCK_DGRAM, IPPROTO_ICMP, 0));
	fd = bound(SOCK_RAW, IPPROTO_ICMP, 0);
	set(fd, SOL_IP, IP_RECVERR, 1);
	keep(fd);
	keep(bound(SOCK_RAW, 200, 0));
}

static void sockets_close(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		close(listeners[i]);
	for (i = 0; i < n_socks && i < SOCKETS; i++)
		close(socks[i]);
	close(udp_seen);
	n_socks = 0;
}

static void open_one(struct rng *r)
{
	struct sockaddr_in peer = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)(PORT + below(r, PORTS))),
		.sin_addr.s_addr = htonl(ADDR_B + below(r, 3)),
	};
	int fd = bound(SOCK_STREAM, 0, 0);

	if (one_in(r, 4))
		sendto(fd, "early", 5, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&peer,
		       sizeof(peer));
	else
		connect(fd, (struct sockaddr *)&peer, sizeof(peer));
	keep(fd);
}

/* The programs on the host: they accept, read, write and close. */
static void programs(struct rng *r)
{
	static char data[16384], control[512];
	struct sockaddr_in sin;
	struct iovec v = { data, sizeof(data) };
	struct msghdr m = { &sin, sizeof(sin), &v, 1, control, sizeof(control), 0 };
	int fd = socks[below(r, n_socks < SOCKETS ? n_socks : SOCKETS)];

	switch (below(r, 12)) {
	case 0:
		open_one(r);
		break;
	case 1:
	case 2:
		fd = accept4(listeners[below(r, 4)], NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			keep(fd);
		break;
	case 3:
		shutdown(fd, (int)below(r, 3));
		break;
	case 4:
	case 5:
		send(fd, data, below(r, sizeof(data)), MSG_NOSIGNAL | (one_in(r, 8) ? MSG_OOB : 0));
		break;
	case 6:
		recvmsg(fd, &m, MSG_ERRQUEUE);
		break;
	case 7:
		set(fd, SOL_SOCKET, SO_OOBINLINE, (int)below(r, 2));
		set(fd, IPPROTO_TCP, TCP_NODELAY, (int)below(r, 2));
		break;
	default:
		recvmsg(fd, &m, one_in(r, 8) ? MSG_OOB : 0);
	}
}

/* ---- one frame after another ---- */

/* Now and then a datagram comes in pieces: in order or not, whole or not. */
static void pieces(struct rng *r, const struct frame *f)
{
	unsigned int n = 1 + below(r, 6), size = 8 * (1 + below(r, 60)), i;
	struct frame part;

	for (i = 0; i < n; i++) {
		frame_cut(f, &part, size * (one_in(r, 3) ? below(r, n + 1) : i),
			  size + (one_in(r, 6) ? 8 * below(r, 4) : 0));
		put(r, &part);
	}
}

static void one_frame(struct rng *r)
{
	const struct flow *w = n_flows ? &flows[below(r, n_flows)] : NULL;
	struct frame f;

	frame_eth(&f, mac, peer_mac, 0x0800);
	switch (below(r, 8)) {
	case 0:
	case 1:
	case 2:
		frame_any(r, &f, w);
		break;
	case 3:
	case 4:
		if (w)
			frame_near(r, &f, w);
		else
			frame_any(r, &f, w);
		break;
	default:
		if (!n_pool)
			frame_any(r, &f, w);
		else
			f = pool[below(r, n_pool < POOL ? n_pool : POOL)];
		memcpy(f.data, mac, 6);
	}
	if (one_in(r, 20))
		memset(f.data, 0xff, 6);
	else if (one_in(r, 100))
		fill(r, f.data, 12);
	if (one_in(r, 16)) {
		pieces(r, &f);
		return;
	}
	if (!one_in(r, 3))
		frame_spoil(r, &f);
	put(r, &f);
}

/* ---- is it still there? ---- */

static bool alive(struct rng *r)
{
	struct pollfd p;
	struct frame f;
	char data[64];
	int tries;

	echo_seen = false;
	for (tries = 0; tries < 200; tries++) {
		frame_eth(&f, mac, peer_mac, 0x0800);
		frame_ip(&f, 1, FRIEND, ADDR_A);
		frame_echo(&f, 8, 77, 32);
		frame_fix(&f);
		if (tries % 20 == 0)
			put(NULL, &f);
		usleep(20000);
		listen_to_host(r);
		if (echo_seen)
			break;
	}
	while (recv(udp_seen, data, sizeof(data), MSG_TRUNC) >= 0 || errno != EAGAIN)
		;
	frame_eth(&f, mac, peer_mac, 0x0800);
	frame_ip(&f, 17, FRIEND, ADDR_A);
	frame_udp(&f, 9, PORT, 33);
	frame_fix(&f);
	put(NULL, &f);
	p = (struct pollfd){ .fd = udp_seen, .events = POLLIN };
	if (echo_seen && poll(&p, 1, 4000) == 1)
		return true;
	printf("# the stack no longer answers: echo %d\n", echo_seen);
	return false;
}

static void pcap_read(const char *path)
{
	uint32_t head[6], packet[4];
	FILE *f = fopen(path, "rb");

	if (!f || fread(head, 24, 1, f) != 1 || head[0] != 0xa1b2c3d4 || head[5] != 1) {
		printf("# %s: no capture of Ethernet\n", path);
		exit(2);
	}
	while (n_pool < POOL && fread(packet, 16, 1, f) == 1) {
		struct frame *to = &pool[n_pool];

		if (packet[2] > FRAME_MAX) {
			fseek(f, packet[2], SEEK_CUR);
			continue;
		}
		to->len = packet[2];
		if (to->len < ETH + 1 || fread(to->data, to->len, 1, f) != 1)
			continue;
		if (get16(to->data + 12) == 0x0800 && get32(to->data + ETH + 12) == ADDR_A)
			frame_turn(to);
		n_pool++;
	}
	fclose(f);
	printf("# %u frames of %s\n", n_pool, path);
}

static void print_last(void)
{
	unsigned int i, at;

	for (i = n_last > LAST ? n_last - LAST : 0; i < n_last; i++) {
		printf("#  ");
		for (at = 0; at < last[i % LAST].len && at < 120; at++)
			printf("%02x", last[i % LAST].data[at]);
		printf(" (%u)\n", last[i % LAST].len);
	}
}

static int host_up(void)
{
	if (unshare(CLONE_NEWNET))
		return -1;
	tap = tap_open();
	if (tap < 0 || link_up("lo") || link_up(uplink[0]) ||
	    plumb_addr_add(uplink[0], ADDR_A, 24) ||
	    plumb_route_add(0, 0, ADDR_B)) {
		perror("tap");
		return -1;
	}
	n_flows = 0;
	sockets_open();
	return 0;
}

static void host_down(void)
{
	sockets_close();
	close(tap);
}

int packets_run(uint64_t seed, long packets, const char *pcap)
{
	unsigned long until, round = 0;
	struct rng r;

	if (room_init())
		return 2;
	if (pcap)
		pcap_read(pcap);
	rng_seed(&r, seed);
	while ((long)sent < packets) {
		mode = (unsigned int)(round++ % (sizeof(modes) / sizeof(modes[0])));
		reports_note("packets: seed %#llx, from %lu, %s", (unsigned long long)seed, sent,
			     mode_names[mode]);
		if (host_up())
			return 2;
		for (until = sent + EACH; sent < until && (long)sent < packets;) {
			one_frame(&r);
			if (one_in(&r, 16))
				listen_to_host(&r);
			if (one_in(&r, 8))
				programs(&r);
		}
		if (!alive(&r) || reports_seen()) {
			printf("# seed %#llx, %lu packets, %s; the last frames:\n",
			       (unsigned long long)seed, sent, mode_names[mode]);
			print_last();
			return 1;
		}
		host_down();
		if (round % 20 == 0)
			printf("# %lu packets, %lu not taken, %lu answers of ours\n", sent,
			       refused, answers);
	}
	printf("# seed %#llx: %lu packets, %lu not taken by the tap, %lu answers of ours\n",
	       (unsigned long long)seed, sent, refused, answers);
	return 0;
}
