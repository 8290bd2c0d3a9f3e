// SPDX-License-Identifier: GPL-2.0
/*
 * lwIP as a peer: a TAP device of which lwIP is the other end, some servers, and a client.
 *
 *	lwip_peer DEVICE ADDRESS
 *
 * Servers: port 7 returns what it gets, until the peer half-closes; port 9 does so too but reads
 * nothing in the first second and a half. On standard input, a line each, answered by a line:
 *
 *	connect ADDRESS PORT N	sends N octets, half-closes, reads to the end; answers with length
 *				and CRC of what came
 *	reset ADDRESS PORT	sends ten octets and resets the connection
 *	mtu N			from now on
 *
 * The octets are (i * 7 + i / 256) mod 256, i from 0.
 */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <lwip/api.h>
#include <lwip/etharp.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>

#define CHUNK		8192
#define FRAME		2048
#define DEAF_MS		1500	/* of port 9 */

static int tap;
static struct netif netif;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- lwIP's device ---- */

static err_t link_output(struct netif *dev, struct pbuf *p)
{
	char frame[FRAME];
	u16_t len = pbuf_copy_partial(p, frame, sizeof(frame), ETH_PAD_SIZE);

	(void)dev;
	return write(tap, frame, len) == len ? ERR_OK : ERR_IF;
}

static err_t device_init(struct netif *dev)
{
	static const unsigned char mac[6] = { 2, 0, 0, 0, 0, 9 };

	dev->name[0] = 'e';
	dev->name[1] = 'n';
	dev->output = etharp_output;
	dev->linkoutput = link_output;
	dev->mtu = 1500;
	dev->hwaddr_len = 6;
	memcpy(dev->hwaddr, mac, 6);
	dev->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static void reader(void *arg)
{
	char frame[FRAME];
	struct pbuf *p;
	ssize_t n;

	(void)arg;
	while ((n = read(tap, frame, sizeof(frame))) > 0) {
		/* Not from PBUF_POOL: Debian's takes 616 octets for what it says are 1514. */
		p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);
		if (!p)
			continue;
		pbuf_take(p, frame, (u16_t)n);
		if (netif.input(p, &netif) != ERR_OK)
			pbuf_free(p);
	}
}

static void open_tap(const char *name)
{
	struct ifreq req = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	strncpy(req.ifr_name, name, IFNAMSIZ - 1);
	tap = open("/dev/net/tun", O_RDWR);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &req))
		die(name);
}

/* ---- servers ---- */

static void echo(void *arg)
{
	struct netconn *conn = arg;
	struct netbuf *buf;
	void *data;
	u16_t len;

	while (netconn_recv(conn, &buf) == ERR_OK) {
		do {
			netbuf_data(buf, &data, &len);
			netconn_write(conn, data, len, NETCONN_COPY);
		} while (netbuf_next(buf) >= 0);
		netbuf_delete(buf);
	}
	netconn_close(conn);
	netconn_delete(conn);
}

static void deaf_at_first(void *arg)
{
	sys_msleep(DEAF_MS);
	echo(arg);
}

struct server {
	u16_t port;
	lwip_thread_fn run;
};

static void serve(void *arg)
{
	const struct server *s = arg;
	struct netconn *listener = netconn_new(NETCONN_TCP), *conn;

	if (netconn_bind(listener, IP_ADDR_ANY, s->port) != ERR_OK ||
	    netconn_listen(listener) != ERR_OK)
		die("listen");
	while (netconn_accept(listener, &conn) == ERR_OK)
		sys_thread_new("conn", s->run, conn, 0, 0);
}

/* ---- client ---- */

static unsigned int crc_add(unsigned int crc, const unsigned char *data, size_t len)
{
	int bit;

	crc = ~crc;
	while (len--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static struct netconn *connected(const char *address, unsigned int port)
{
	struct netconn *conn = netconn_new(NETCONN_TCP);
	ip_addr_t to;

	ipaddr_aton(address, &to);
	if (netconn_connect(conn, &to, (u16_t)port) == ERR_OK)
		return conn;
	netconn_delete(conn);
	return NULL;
}

static void client(const char *address, unsigned int port, unsigned int n)
{
	struct netconn *conn = connected(address, port);
	unsigned int i, at = 0, total = 0, crc = 0, len;
	unsigned char chunk[CHUNK];
	struct netbuf *buf;
	err_t err = ERR_OK;
	void *data;
	u16_t part;

	if (!conn) {
		puts("no connection");
		return;
	}
	while (at < n && err == ERR_OK) {
		len = n - at < CHUNK ? n - at : CHUNK;
		for (i = 0; i < len; i++, at++)
			chunk[i] = (unsigned char)(at * 7 + at / 256);
		err = netconn_write(conn, chunk, len, NETCONN_COPY);
	}
	if (err == ERR_OK)
		err = netconn_shutdown(conn, 0, 1);
	while (err == ERR_OK) {
		err = netconn_recv(conn, &buf);
		if (err != ERR_OK)
			break;
		do {
			netbuf_data(buf, &data, &part);
			crc = crc_add(crc, data, part);
			total += part;
		} while (netbuf_next(buf) >= 0);
		netbuf_delete(buf);
	}
	netconn_delete(conn);
	printf("%s %d %u %08x\n", err == ERR_CLSD ? "end" : "error", err, total, crc);
}

static void reset(const char *address, unsigned int port)
{
	struct netconn *conn = connected(address, port);

	if (!conn) {
		puts("no connection");
		return;
	}
	netconn_write(conn, "ten octets", 10, NETCONN_COPY);
	sys_msleep(100);
	LOCK_TCPIP_CORE();
	tcp_abort(conn->pcb.tcp);
	UNLOCK_TCPIP_CORE();
	netconn_delete(conn);
	puts("reset");
}

int main(int argc, char **argv)
{
	static const struct server servers[] = { { 7, echo }, { 9, deaf_at_first } };
	ip4_addr_t addr, mask, none = { 0 };
	char line[128], address[64];
	unsigned int port, n;

	if (argc != 3)
		return 2;
	open_tap(argv[1]);
	ip4addr_aton(argv[2], &addr);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	netif_add(&netif, &addr, &mask, &none, NULL, device_init, tcpip_input);
	netif_set_default(&netif);
	netif_set_up(&netif);
	UNLOCK_TCPIP_CORE();
	sys_thread_new("reader", reader, NULL, 0, 0);
	for (n = 0; n < 2; n++)
		sys_thread_new("server", serve, (void *)&servers[n], 0, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "connect %63s %u %u", address, &port, &n) == 3) {
			client(address, port, n);
		} else if (sscanf(line, "reset %63s %u", address, &port) == 2) {
			reset(address, port);
		} else if (sscanf(line, "mtu %u", &n) == 1) {
			netif.mtu = (u16_t)n;
			puts("done");
		} else {
			puts("what?");
		}
	}
	return 0;
}
