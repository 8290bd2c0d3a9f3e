// SPDX-License-Identifier: GPL-2.0
/*
 * Reads all that the module hands to programs and puts on the wire, and looks in it for what nobody
 * meant to tell: memory that was not written (the slab allocator's poison, and a pattern that this
 * program leaves on the kernel's stack before each call) and addresses of the kernel.
 *
 *	leak self		does it find what it looks for?
 *	leak sockets		getsockopt() of every option, names, ancillary data, errors, ioctls
 *	leak netlink		every dump
 *	leak files PATH...	files, whole, as text; directories with all below them
 *	leak ethtool DEVICE	what its driver tells
 *	leak wire DEVICE N	N frames from there, or fewer if none comes for two seconds
 *
 * Prints where it found something, and fails.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/net_tstamp.h>
#include <linux/plumb_lan.h>
#include <linux/plumb_netlink.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPRAY		0xd7		/* on the stack */
#define BEFORE		0x39		/* in our own buffers */
#define RUN		4		/* as many octets of it in a row are no chance */

static int family = 18, found;

/* ---- what is looked for ---- */

/* The poison of slabs: freed, not yet written, and the stack's. */
static bool poison(uint8_t c)
{
	return c == 0x6b || c == 0x5a || c == SPRAY;
}

/* In the direct map, vmalloc's area, the kernel's text or its modules. */
static bool address(uint64_t v)
{
	return (v >= 0xffff888000000000ull && v < 0xffffeb0000000000ull) ||
	       (v >= 0xffffffff80000000ull && v < 0xfffffffffe000000ull);
}

static void say(const char *where, const char *what, size_t at, const uint8_t *p, size_t len)
{
	size_t i;

	found++;
	printf("%s: %s at octet %zu of %zu:", where, what, at, len);
	for (i = at > 8 ? at - 8 : 0; i < len && i < at + 24; i++)
		printf(" %02x", p[i]);
	printf("\n");
}

static void look_poison(const char *where, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i, run = 0;

	for (i = 0; i < len; i++) {
		run = i && p[i] == p[i - 1] ? run + 1 : 1;
		if (run == RUN && poison(p[i])) {
			say(where, "memory that was not written", i + 1 - RUN, p, len);
			return;
		}
	}
}

static void look(const char *where, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t v;
	size_t i;

	look_poison(where, data, len);
	for (i = 0; i + 8 <= len; i += 4) {
		memcpy(&v, p + i, 8);
		if (address(v)) {
			say(where, "an address of the kernel", i, p, len);
			return;
		}
	}
}

static void look_text(const char *where, const char *text, size_t len)
{
	size_t i, n;

	look_poison(where, text, len);
	for (i = 0; i + 16 <= len; i++) {
		if (strncasecmp(text + i, "ffff", 4))
			continue;
		n = strspn(text + i, "0123456789abcdefABCDEF");
		/* (Sixteen times f is no address but -1.) */
		if (n == 16 && strncasecmp(text + i, "ffffffffff", 10) &&
		    address(strtoull(text + i, NULL, 16)))
			say(where, "an address of the kernel", i, (const uint8_t *)text, len);
	}
}

/* ---- the stack ---- */

/* System calls that copy what they are given to their stack. */
static void spray(void)
{
	static struct sembuf ops[60];
	struct timeval now = {};
	struct pollfd p[30];
	static unsigned long sets[3][16];

	memset(p, SPRAY, sizeof(p));
	memset(ops, SPRAY, sizeof(ops));
	memset(sets, SPRAY, sizeof(sets));
	semtimedop(0, ops, 60, NULL);
	select(600, (fd_set *)sets[0], (fd_set *)sets[1], (fd_set *)sets[2], &now);
	poll(p, 30, 0);
}

/* ---- sockets ---- */

struct made {
	const char *name;
	int fd;
};

static struct made made[16];
static unsigned int n_made;

static int make(const char *name, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0) {
		perror(name);
		exit(2);
	}
	made[n_made++] = (struct made){ name, fd };
	return fd;
}

static struct sockaddr_in local(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static void set(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

static void one_option(const struct made *m, int level, int name, socklen_t room)
{
	uint8_t buf[2048];
	socklen_t len = room, i;
	char where[80];

	snprintf(where, sizeof(where), "getsockopt(%s, %d, %d, %u)", m->name, level, name, room);
	memset(buf, BEFORE, sizeof(buf));
	spray();
	if (getsockopt(m->fd, level, name, buf, &len))
		len = 0;
	for (i = room; i < sizeof(buf); i++) {
		if (buf[i] != BEFORE) {
			say(where, "written beyond the buffer", i, buf, sizeof(buf));
			break;
		}
	}
	look(where, buf, len < room ? len : room);
}

static void all_options(const struct made *m)
{
	static const int levels[] = { SOL_SOCKET, SOL_IP, IPPROTO_TCP, IPPROTO_UDP, SOL_RAW, 1018 };
	static const socklen_t rooms[] = { 4, 1024 };
	unsigned int l, r;
	int name;

	for (l = 0; l < sizeof(levels) / sizeof(levels[0]); l++)
		for (name = 0; name < 106; name++)
			for (r = 0; r < sizeof(rooms) / sizeof(rooms[0]); r++)
				one_option(m, levels[l], name, rooms[r]);
}

static void names(const struct made *m)
{
	uint8_t buf[128];
	socklen_t len;
	int i;

	for (i = 0; i < 2; i++) {
		memset(buf, BEFORE, sizeof(buf));
		len = sizeof(buf);
		spray();
		if (!(i ? getpeername : getsockname)(m->fd, (struct sockaddr *)buf, &len))
			look(m->name, buf, len);
	}
}

static int receive(const struct made *m, int flags)
{
	uint8_t name[128], control[1024], data[4096];
	struct iovec v = { data, sizeof(data) };
	struct msghdr msg = { name, sizeof(name), &v, 1, control, sizeof(control), 0 };
	char where[80];
	ssize_t n;

	memset(name, BEFORE, sizeof(name));
	memset(control, BEFORE, sizeof(control));
	memset(data, BEFORE, sizeof(data));
	spray();
	n = recvmsg(m->fd, &msg, flags | MSG_DONTWAIT);
	if (n < 0)
		return 0;
	snprintf(where, sizeof(where), "recvmsg(%s, %#x): name", m->name, flags);
	look(where, name, msg.msg_namelen < sizeof(name) ? msg.msg_namelen : sizeof(name));
	snprintf(where, sizeof(where), "recvmsg(%s, %#x): control", m->name, flags);
	look(where, control, msg.msg_controllen);
	snprintf(where, sizeof(where), "recvmsg(%s, %#x): data", m->name, flags);
	look(where, data, (size_t)n);
	return 1;
}

static void ioctls(const struct made *m)
{
	static const unsigned int commands[] = {
		SIOCGIFADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK, SIOCGIFDSTADDR, SIOCINQ, SIOCOUTQ,
		SIOCOUTQNSD, SIOCATMARK, SIOCGSTAMP, SIOCGSTAMPNS,
	};
	uint8_t buf[sizeof(struct ifreq)];
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		memset(buf, BEFORE, sizeof(buf));
		strcpy((char *)buf, "eth0");
		spray();
		if (!ioctl(m->fd, commands[i], buf))
			look("ioctl", buf, sizeof(buf));
	}
}

static void ask_for_all(int fd)
{
	static const int ip[] = {
		IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS, IP_RECVERR,
		IP_RECVORIGDSTADDR, IP_PASSSEC, 23 /* CHECKSUM */, 25 /* RECVFRAGSIZE */,
	};
	unsigned int i;

	for (i = 0; i < sizeof(ip) / sizeof(ip[0]); i++)
		set(fd, SOL_IP, ip[i], 1);
	set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
	set(fd, SOL_SOCKET, SO_ZEROCOPY, 1);
	set(fd, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_SOFTWARE |
	    SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
	    SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_STATS |
	    SOF_TIMESTAMPING_OPT_TSONLY);
	set(fd, IPPROTO_TCP, TCP_INQ, 1);
	set(fd, IPPROTO_UDP, 104 /* GRO */, 1);
}

/* A source filter and IP options, so that there is something to read. */
static void fill_in(int fd)
{
	struct ip_mreq_source group = {
		{ htonl(0xe1020304) }, { htonl(INADDR_LOOPBACK) }, { htonl(0x0a000001) },
	};
	static const uint8_t record[12] = { 7, 11, 4 };

	setsockopt(fd, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &group, sizeof(group));
	setsockopt(fd, SOL_IP, IP_OPTIONS, record, sizeof(record));
}

static void group_filters(int fd)
{
	uint8_t buf[1024];
	socklen_t len = 16 + 4 * 8;

	memset(buf, BEFORE, sizeof(buf));
	memset(buf, 0, 16);
	*(uint32_t *)buf = htonl(0xe1020304);
	*(uint32_t *)(buf + 4) = htonl(INADDR_LOOPBACK);
	*(uint32_t *)(buf + 12) = 8;
	spray();
	if (!getsockopt(fd, SOL_IP, IP_MSFILTER, buf, &len))
		look("IP_MSFILTER", buf, len);
	memset(buf, 0, 144);
	*(uint32_t *)buf = if_nametoindex("plumb0");
	*(struct sockaddr_in *)(buf + 8) = local(0);
	((struct sockaddr_in *)(buf + 8))->sin_addr.s_addr = htonl(0xe1020304);
	*(uint32_t *)(buf + 140) = 2;
	len = 144 + 2 * 128;
	spray();
	if (!getsockopt(fd, SOL_IP, MCAST_MSFILTER, buf, &len))
		look("MCAST_MSFILTER", buf, len);
}

static void talk_dgram(int from, int to)
{
	static char data[60000];
	struct sockaddr_in sin = local(7000), none = local(9);

	memset(data, 'x', sizeof(data));
	sendto(from, data, 10, 0, (struct sockaddr *)&sin, sizeof(sin));
	sendto(from, data, 3000, 0, (struct sockaddr *)&sin, sizeof(sin));
	sendto(from, data, sizeof(data), MSG_ZEROCOPY, (struct sockaddr *)&sin, sizeof(sin));
	sendto(from, data, 10, 0, (struct sockaddr *)&none, sizeof(none));
	set(from, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	sendto(from, data, sizeof(data), 0, (struct sockaddr *)&sin, sizeof(sin));
	sendto(to, data, 1, 0, (struct sockaddr *)&none, sizeof(none));
	sendto(to, data, 1, 0, (struct sockaddr *)&none, sizeof(none));
}

static void talk_stream(int a, int b)
{
	static char data[100000];

	memset(data, 'x', sizeof(data));
	send(a, data, sizeof(data), MSG_DONTWAIT);
	send(a, data, 5000, MSG_ZEROCOPY | MSG_DONTWAIT);
	send(b, data, 10, MSG_OOB | MSG_DONTWAIT);
	send(b, data, 10, MSG_DONTWAIT);
}

static int run_sockets(void)
{
	struct sockaddr_in sin = local(7000), listening = local(7001);
	int dgram, other, listener, client, got = 0, n;
	unsigned int i;

	make("closed stream", SOCK_STREAM, 0);
	listener = make("listener", SOCK_STREAM, 0);
	set(listener, IPPROTO_TCP, TCP_SAVE_SYN, 1);
	set(listener, IPPROTO_TCP, TCP_FASTOPEN, 5);
	bind(listener, (struct sockaddr *)&listening, sizeof(listening));
	listen(listener, 5);
	client = make("client", SOCK_STREAM, 0);
	ask_for_all(client);
	if (connect(client, (struct sockaddr *)&listening, sizeof(listening))) {
		perror("connect");
		return 2;
	}
	made[n_made++] = (struct made){ "server", accept(listener, NULL, NULL) };
	ask_for_all(made[n_made - 1].fd);
	talk_stream(client, made[n_made - 1].fd);
	dgram = make("datagrams", SOCK_DGRAM, 0);
	bind(dgram, (struct sockaddr *)&sin, sizeof(sin));
	ask_for_all(dgram);
	fill_in(dgram);
	other = make("other datagrams", SOCK_DGRAM, 0);
	ask_for_all(other);
	fill_in(other);
	make("ping", SOCK_DGRAM, IPPROTO_ICMP);
	ask_for_all(make("raw", SOCK_RAW, IPPROTO_ICMP));
	ask_for_all(make("raw UDP", SOCK_RAW, IPPROTO_UDP));
	talk_dgram(other, dgram);
	usleep(300000);
	for (i = 0; i < n_made; i++) {
		all_options(&made[i]);
		names(&made[i]);
		ioctls(&made[i]);
		for (n = 0; n < 8; n++) {
			got += receive(&made[i], MSG_ERRQUEUE);
			got += receive(&made[i], n ? 0 : MSG_OOB);
		}
	}
	group_filters(dgram);
	group_filters(other);
	/* What was to be looked at was there. */
	if (got < 12) {
		printf("only %d messages were received\n", got);
		return 1;
	}
	return found != 0;
}

/* ---- netlink ---- */

static uint16_t resolved;

static int family_attr(const struct nlattr *a, void *data)
{
	(void)data;
	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
		resolved = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static int family_msg(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr, data);
}

/* dump() - sends the request; looks at what comes back; how many octets that was */
static size_t dump(struct mnl_socket *nl, uint16_t type, uint8_t cmd, uint16_t flags,
		   const char *name)
{
	static char buf[65536];
	struct nlmsghdr *nlh = (struct nlmsghdr *)memset(buf, 0, 4096);
	struct genlmsghdr *genl;
	size_t all = 0;
	char where[60];
	int n;

	snprintf(where, sizeof(where), "netlink family %u, command %u", type, cmd);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	if (name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	spray();
	mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	for (;;) {
		memset(buf, BEFORE, sizeof(buf));
		n = (int)mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n <= 0)
			return all;
		look(where, buf, (size_t)n);
		nlh = (struct nlmsghdr *)buf;
		if (name)
			family_msg(nlh, NULL);
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
			return all;
		all += (size_t)n;
		/* A dump ends in a message of its own, perhaps of this buffer. */
		while (n >= (int)sizeof(*nlh) && mnl_nlmsg_ok(nlh, n)) {
			if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR)
				return all;
			nlh = mnl_nlmsg_next(nlh, &n);
		}
	}
}

static int run_netlink(void)
{
	static const struct {
		const char *name;
		uint8_t last;
	} families[] = {
		{ PLUMB_FAMILY_NAME, PLUMB_CMD_DROP_GET },
		{ PLUMB_LAN_FAMILY_NAME, PLUMB_LAN_CMD_PORT_DEL },
	};
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);
	size_t all = 0;
	unsigned int f;
	uint8_t cmd;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return 2;
	for (f = 0; f < 2; f++) {
		dump(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, families[f].name);
		for (cmd = 1; cmd <= families[f].last; cmd++) {
			all += dump(nl, resolved, cmd, NLM_F_DUMP, NULL);
			all += dump(nl, resolved, cmd, 0, NULL);
		}
	}
	if (all < 1000) {
		printf("only %zu octets of answers\n", all);
		return 1;
	}
	return found != 0;
}

/* ---- files ---- */

static unsigned int files_read;

static void look_file(const char *path)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return;
	spray();
	while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	files_read += len != 0;
	look_text(path, text, len);
	close(fd);
}

static void look_path(const char *path)
{
	DIR *dir = opendir(path);
	char below[1024];
	struct dirent *d;

	if (!dir) {
		look_file(path);
		return;
	}
	while ((d = readdir(dir))) {
		snprintf(below, sizeof(below), "%s/%s", path, d->d_name);
		if (d->d_name[0] != '.')
			look_path(below);
	}
	closedir(dir);
}

/* ---- a driver ---- */

static int run_ethtool(const char *device)
{
	/* Those that only look. */
	static const uint32_t commands[] = {
		ETHTOOL_GSET, ETHTOOL_GDRVINFO, ETHTOOL_GREGS, ETHTOOL_GWOL, ETHTOOL_GMSGLVL,
		ETHTOOL_GLINK, ETHTOOL_GEEPROM, ETHTOOL_GCOALESCE, ETHTOOL_GRINGPARAM,
		ETHTOOL_GPAUSEPARAM, ETHTOOL_GSTRINGS, ETHTOOL_GSTATS, ETHTOOL_GPERMADDR,
		ETHTOOL_GFLAGS, ETHTOOL_GPFLAGS, ETHTOOL_GSSET_INFO, ETHTOOL_GCHANNELS,
		ETHTOOL_GET_TS_INFO, ETHTOOL_GEEE, ETHTOOL_GLINKSETTINGS, ETHTOOL_GFEATURES,
	};
	static uint8_t buf[1 << 16];
	struct ifreq ifr = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), answered = 0;
	struct ethtool_drvinfo drv = { .cmd = ETHTOOL_GDRVINFO };
	uint32_t cmd, *p = (uint32_t *)buf;
	char where[40];
	size_t i;

	strncpy(ifr.ifr_name, device, IFNAMSIZ - 1);
	ifr.ifr_data = (void *)&drv;
	if (ioctl(fd, SIOCETHTOOL, &ifr)) {
		perror(device);
		return 2;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		cmd = commands[i];
		memset(buf, 0, sizeof(buf));
		p[0] = cmd;
		/* How much the answer may be. */
		if (cmd == ETHTOOL_GREGS)
			p[2] = drv.regdump_len;
		if (cmd == ETHTOOL_GEEPROM)
			p[3] = drv.eedump_len;
		if (cmd == ETHTOOL_GSTRINGS)
			p[1] = ETH_SS_STATS;
		ifr.ifr_data = (void *)buf;
		spray();
		if (ioctl(fd, SIOCETHTOOL, &ifr))
			continue;
		answered++;
		snprintf(where, sizeof(where), "ethtool %#x", cmd);
		look(where, buf, sizeof(buf));
	}
	if (answered < 10) {
		printf("only %d answers\n", answered);
		return 1;
	}
	return found != 0;
}

/* ---- the wire ---- */

static int run_wire(const char *device, int wanted)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(3), .sll_ifindex =
		(int)if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(3)), got = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t buf[70000];
	ssize_t n;

	if (fd < 0 || bind(fd, (struct sockaddr *)&ll, sizeof(ll))) {
		perror(device);
		return 2;
	}
	puts("listening");
	fflush(stdout);
	while (got < wanted && poll(&p, 1, got ? 2000 : 20000) > 0) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			continue;
		got++;
		look("frame", buf, (size_t)n);
	}
	printf("%d frames\n", got);
	return found != 0 || !got;
}

/* ---- itself ---- */

static int run_self(void)
{
	static const uint8_t bad[] = { 1, 2, 0x6b, 0x6b, 0x6b, 0x6b, 3, 4 };
	static const uint64_t pointer[] = { 1, 0xffff888003a4c000ull };
	static const char text[] = "sl: ffff888003a4c000 1";
	static const char mask[] = "ffffffffffffffff";

	look("self", bad, sizeof(bad));
	look("self", pointer, sizeof(pointer));
	look_text("self", text, strlen(text));
	if (found != 3)
		return 1;
	look("self", "nothing bad here", 16);
	look_text("self", mask, strlen(mask));
	return found != 3;
}

int main(int argc, char **argv)
{
	FILE *f = fopen("/sys/module/plumb/parameters/family", "r");
	int i;

	if (f && fscanf(f, "%d", &family) == 1)
		fclose(f);
	if (argc == 2 && !strcmp(argv[1], "self"))
		return run_self();
	if (argc == 2 && !strcmp(argv[1], "sockets"))
		return run_sockets();
	if (argc == 2 && !strcmp(argv[1], "netlink"))
		return run_netlink();
	if (argc == 3 && !strcmp(argv[1], "ethtool"))
		return run_ethtool(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "wire"))
		return run_wire(argv[2], atoi(argv[3]));
	if (argc > 2 && !strcmp(argv[1], "files")) {
		for (i = 2; i < argc; i++)
			look_path(argv[i]);
		if (!files_read)
			puts("no file could be read");
		return found != 0 || !files_read;
	}
	fputs("usage: leak self|sockets|netlink|files PATH...|ethtool DEVICE|wire DEVICE N\n",
	      stderr);
	return 2;
}
