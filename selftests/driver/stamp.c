// SPDX-License-Identifier: GPL-2.0
/*
 * Time stamps of the adapter, SO_TIMESTAMPING and SIOCSHWTSTAMP:
 *
 *	stamp send DEVICE ADDRESS PORT	sends a datagram, prints the ns at which it left
 *	stamp receive DEVICE PORT	says "ready", prints the ns at which one came
 *	stamp get DEVICE		prints what is stamped: tx_type and rx_filter
 *	stamp set DEVICE TYPE FILTER	has that stamped
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define WAIT_MS 10000

static void enable(int fd, const char *dev)
{
	struct hwtstamp_config config = { .tx_type = HWTSTAMP_TX_ON,
					  .rx_filter = HWTSTAMP_FILTER_ALL };
	int flags = SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE |
		    SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_OPT_TSONLY;
	struct ifreq ifr = { .ifr_data = (char *)&config };

	strncpy(ifr.ifr_name, dev, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCSHWTSTAMP, &ifr))
		err(1, "%s: SIOCSHWTSTAMP", dev);
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)))
		err(1, "SO_TIMESTAMPING");
}

/* SIOCGHWTSTAMP, or SIOCSHWTSTAMP with numbers of linux/net_tstamp.h. */
static int config_of(int fd, char **argv)
{
	struct hwtstamp_config config = { 0 };
	struct ifreq ifr = { .ifr_data = (char *)&config };

	strncpy(ifr.ifr_name, argv[2], IFNAMSIZ - 1);
	if (argv[3]) {
		config.tx_type = atoi(argv[3]);
		config.rx_filter = atoi(argv[4]);
	}
	if (ioctl(fd, argv[3] ? SIOCSHWTSTAMP : SIOCGHWTSTAMP, &ifr))
		err(1, "%s", argv[2]);
	printf("%d %d\n", config.tx_type, config.rx_filter);
	return 0;
}

/* Prints the adapter's stamp of the next message. */
static int print_stamp(int fd, int flags)
{
	struct pollfd p = { .fd = fd, .events = flags ? POLLERR : POLLIN };
	char control[512], data[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct scm_timestamping *t;
	struct cmsghdr *c;

	if (poll(&p, 1, WAIT_MS) != 1)
		errx(1, "nothing came");
	if (recvmsg(fd, &m, flags) < 0)
		err(1, "recvmsg");
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		t = (struct scm_timestamping *)CMSG_DATA(c);
		printf("%lld\n", t->ts[2].tv_sec * 1000000000LL + t->ts[2].tv_nsec);
		return 0;
	}
	errx(1, "no time stamp");
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc == 5 && !strcmp(argv[1], "send")) {
		enable(fd, argv[2]);
		inet_pton(AF_INET, argv[3], &to.sin_addr);
		to.sin_port = htons((unsigned short)atoi(argv[4]));
		if (sendto(fd, "stamp", 5, 0, (struct sockaddr *)&to, sizeof(to)) != 5)
			err(1, "sendto");
		return print_stamp(fd, MSG_ERRQUEUE);
	}
	if (argc == 4 && !strcmp(argv[1], "receive")) {
		enable(fd, argv[2]);
		to.sin_port = htons((unsigned short)atoi(argv[3]));
		if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
			err(1, "bind");
		printf("ready\n");
		fflush(stdout);
		return print_stamp(fd, 0);
	}
	if ((argc == 3 && !strcmp(argv[1], "get")) || (argc == 5 && !strcmp(argv[1], "set")))
		return config_of(fd, argv);
	errx(2, "stamp send, receive, get or set: see stamp.c");
}
