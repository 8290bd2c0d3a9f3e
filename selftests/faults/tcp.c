// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of faults: connections, with all that TCP may carry beside.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/plumb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"

struct pair {
	int listener, client, server;
};

static int pair_listen(struct pair *p, int port)
{
	p->listener = make_socket(peer_ns, SOCK_STREAM, 0);
	if (p->listener < 0)
		return -1;
	set_timeouts(p->listener);
	if (bind_to(p->listener, peer_addr, port) ||
	    check("listen", listen(p->listener, 5)))
		return -1;
	return 0;
}

static int pair_open(struct pair *p, int port)
{
	*p = (struct pair) { -1, -1, -1 };
	if (pair_listen(p, port))
		return -1;
	p->client = make_socket(here_ns, SOCK_STREAM, 0);
	if (p->client < 0)
		return -1;
	set_timeouts(p->client);
	if (connect_to(p->client, peer_addr, port))
		return -1;
	p->server = check("accept", accept(p->listener, NULL, NULL));
	if (p->server < 0)
		return -1;
	set_timeouts(p->server);
	return 0;
}

static void pair_close(struct pair *p)
{
	abort_socket(p->client);
	abort_socket(p->server);
	abort_socket(p->listener);
}

static bool send_all(int fd, const char *buf, size_t size, int flags)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = send(fd, buf + done, size - done, flags | MSG_NOSIGNAL);
		if (check("send", (int)n) < 0)
			return false;
		done += n;
	}
	return true;
}

/* What is sent arrives as it was sent. */
void recv_all(int fd, const char *sent, size_t size)
{
	static char buf[1 << 17];
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = recv(fd, buf + done, size - done, 0);
		if (n <= 0) {
			told("recv", n ? errno : EPIPE);
			return;
		}
		done += n;
	}
	if (memcmp(buf, sent, size)) {
		printf("# what arrived is not what was sent\n");
		exit(1);
	}
}

/* Two writes with a reader that comes late, so that buffers are split, joined and copied. */
void run_stream(void)
{
	struct pair p;

	if (!pair_open(&p, 5001)) {
		if (send_all(p.client, text, 100, MSG_MORE) &&
		    send_all(p.client, text + 100, 30000 - 100, 0))
			recv_all(p.server, text, 30000);
		if (send_all(p.server, text, 3000, 0))
			recv_all(p.client, text, 3000);
	}
	pair_close(&p);
}

/* An orderly end: TIME-WAIT on this side, which a reset of the next connection's kind clears. */
void run_close(void)
{
	struct pair p;
	char c;

	if (!pair_open(&p, 5002)) {
		send_all(p.client, text, 10, 0);
		recv_all(p.server, text, 10);
		shutdown(p.client, SHUT_WR);
		if (recv(p.server, &c, 1, 0))
			told("end of file", EPROTO);
		close(p.server);
		p.server = -1;
		if (recv(p.client, &c, 1, 0))
			told("end of file", EPROTO);
	}
	/* Closed both ways in order, so that this makes a TIME-WAIT record. */
	if (p.client >= 0)
		close(p.client);
	p.client = -1;
	pair_close(&p);
}

void run_urgent(void)
{
	struct pair p;
	char c;

	if (!pair_open(&p, 5003)) {
		send_all(p.client, text, 10, 0);
		check("send oob", send(p.client, "u", 1, MSG_OOB));
		recv_all(p.server, text, 10);
		if (wait_for(p.server, POLLPRI, "poll oob"))
			check("recv oob", recv(p.server, &c, 1, MSG_OOB));
	}
	pair_close(&p);
}

static void drain_errors(int fd, const char *at)
{
	char control[512], data[512];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct pollfd p = { .fd = fd };

	/* An error is POLLERR, which is always asked for. */
	if (poll(&p, 1, 1000) < 1 || recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		told(at, ETIMEDOUT);
}

void run_zerocopy(void)
{
	struct pair p;

	if (!pair_open(&p, 5004)) {
		if (!set_int(p.client, "SO_ZEROCOPY", SOL_SOCKET, SO_ZEROCOPY, 1) &&
		    send_all(p.client, text, 20000, MSG_ZEROCOPY)) {
			recv_all(p.server, text, 20000);
			drain_errors(p.client, "zerocopy's notice");
		}
	}
	pair_close(&p);
}

/* Both ends here: the pages that are lent would be the receiver's. */
void run_own_zerocopy(void)
{
	int peer = peer_ns;

	peer_ns = here_ns;
	peer_addr = HERE_ADDR;
	run_zerocopy();
	peer_ns = peer;
	peer_addr = PEER_ADDR;
}

/* Nobody listens there. */
void run_refused(void)
{
	int fd = make_socket(here_ns, SOCK_STREAM, 0);
	struct sockaddr_in a = address(PEER_ADDR, 5098);

	if (fd < 0)
		return;
	set_timeouts(fd);
	if (!connect(fd, (void *)&a, sizeof(a)) || errno != ECONNREFUSED)
		told("connect", errno);
	abort_socket(fd);
}

void run_stamps(void)
{
	struct pair p;

	if (!pair_open(&p, 5005)) {
		set_int(p.client, "SO_TIMESTAMPING", SOL_SOCKET, SO_TIMESTAMPING,
			SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_TX_SCHED);
		if (send_all(p.client, text, 5000, 0)) {
			recv_all(p.server, text, 5000);
			drain_errors(p.client, "time stamp");
		}
	}
	pair_close(&p);
}

void run_splice(void)
{
	struct pair p;
	int pipes[2] = { -1, -1 };
	char got[8192];

	if (check("pipe", pipe(pipes)))
		return;
	if (!pair_open(&p, 5006) && send_all(p.client, text, 5000, 0)) {
		ssize_t n = splice(p.server, NULL, pipes[1], NULL, 5000, 0);

		/* And back again. */
		if (check("splice", (int)n) > 0 &&
		    check("splice back", (int)splice(pipes[0], NULL, p.server, NULL, n, 0)) > 0)
			check("recv", (int)recv(p.client, got, sizeof(got), 0));
	}
	close(pipes[0]);
	close(pipes[1]);
	pair_close(&p);
}

void run_fastopen(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 5007);
	struct pair p = { -1, -1, -1 };
	static const char key[16] = "a key of sixteen";
	int round;

	p.listener = make_socket(peer_ns, SOCK_STREAM, 0);
	if (p.listener < 0)
		return;
	set_timeouts(p.listener);
	if (bind_to(p.listener, PEER_ADDR, 5007) ||
	    set(p.listener, "TCP_FASTOPEN_KEY", SOL_TCP, TCP_FASTOPEN_KEY, key, sizeof(key)) ||
	    set_int(p.listener, "TCP_FASTOPEN", SOL_TCP, TCP_FASTOPEN, 5) ||
	    check("listen", listen(p.listener, 5)))
		goto out;
	/* The first asks for a cookie, the second has text in its SYN. */
	for (round = 0; round < 2 && !wrong; round++) {
		p.client = make_socket(here_ns, SOCK_STREAM, 0);
		if (p.client < 0)
			break;
		set_timeouts(p.client);
		if (check("sendto", (int)sendto(p.client, text, 100, MSG_FASTOPEN | MSG_NOSIGNAL,
						(void *)&a, sizeof(a))) == 100) {
			p.server = check("accept", accept(p.listener, NULL, NULL));
			if (p.server >= 0) {
				set_timeouts(p.server);
				recv_all(p.server, text, 100);
			}
		}
		abort_socket(p.client);
		abort_socket(p.server);
		p.client = -1;
		p.server = -1;
	}
out:
	pair_close(&p);
}

static int set_md5(int fd, const char *host)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = 4, .tcpm_key = "word" };
	struct sockaddr_in a = address(host, 0);

	memcpy(&md5.tcpm_addr, &a, sizeof(a));
	return set(fd, "TCP_MD5SIG", SOL_TCP, TCP_MD5SIG, &md5, sizeof(md5));
}

void run_md5(void)
{
	struct pair p = { -1, -1, -1 };
	char c;

	if (pair_listen(&p, 5008) || set_md5(p.listener, HERE_ADDR))
		goto out;
	p.client = make_socket(here_ns, SOCK_STREAM, 0);
	if (p.client < 0)
		goto out;
	set_timeouts(p.client);
	/* The first, another, and one in the place of that. */
	if (set_md5(p.client, HERE_ADDR) || set_md5(p.client, PEER_ADDR) ||
	    set_md5(p.client, PEER_ADDR) || connect_to(p.client, PEER_ADDR, 5008))
		goto out;
	p.server = check("accept", accept(p.listener, NULL, NULL));
	if (p.server >= 0) {
		set_timeouts(p.server);
		if (send_all(p.client, text, 100, 0))
			recv_all(p.server, text, 100);
		/* Ended in order, so that the key goes into a TIME-WAIT record. */
		shutdown(p.client, SHUT_WR);
		if (recv(p.server, &c, 1, 0))
			told("end of file", EPROTO);
		close(p.server);
		p.server = -1;
		if (recv(p.client, &c, 1, 0))
			told("end of file", EPROTO);
		close(p.client);
		p.client = -1;
	}
out:
	pair_close(&p);
}

void run_pacing(void)
{
	struct pair p;

	if (!pair_open(&p, 5009)) {
		set_int(p.client, "SO_MAX_PACING_RATE", SOL_SOCKET, SO_MAX_PACING_RATE, 2000000);
		if (send_all(p.client, text, 30000, 0))
			recv_all(p.server, text, 30000);
	}
	pair_close(&p);
}

void run_options(void)
{
	struct pair p = { -1, -1, -1 };
	unsigned char record[8] = { 7, 7, 4 };
	char saved[256];
	socklen_t len = sizeof(saved);
	struct sock_filter pass[] = { { 0x06, 0, 0, 0xffff } };
	struct sock_fprog prog = { 1, pass };

	if (pair_listen(&p, 5010))
		goto out;
	set_int(p.listener, "TCP_SAVE_SYN", SOL_TCP, TCP_SAVE_SYN, 1);
	p.client = make_socket(here_ns, SOCK_STREAM, 0);
	if (p.client < 0)
		goto out;
	set_timeouts(p.client);
	if (set(p.client, "IP_OPTIONS", SOL_IP, IP_OPTIONS, record, sizeof(record)) ||
	    set(p.client, "TCP_CONGESTION", SOL_TCP, TCP_CONGESTION, "reno", 4) ||
	    set(p.client, "SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ||
	    connect_to(p.client, PEER_ADDR, 5010))
		goto out;
	p.server = check("accept", accept(p.listener, NULL, NULL));
	if (p.server >= 0 &&
	    !check("TCP_SAVED_SYN", getsockopt(p.server, SOL_TCP, TCP_SAVED_SYN, saved, &len)) &&
	    !len)
		told("TCP_SAVED_SYN", ENODATA);
out:
	pair_close(&p);
}

void run_reuseport(void)
{
	int fd[4], i, type;

	for (i = 0; i < 4; i++) {
		type = i < 2 ? SOCK_DGRAM : SOCK_STREAM;
		fd[i] = make_socket(here_ns, type, 0);
		if (fd[i] < 0)
			continue;
		set_int(fd[i], "SO_REUSEPORT", SOL_PLUMB, PLUMB_REUSEPORT, 1);
		if (!bind_to(fd[i], HERE_ADDR, 5011) && type == SOCK_STREAM)
			check("listen", listen(fd[i], 5));
	}
	for (i = 0; i < 4; i++)
		abort_socket(fd[i]);
}

/* The reader comes so late that its window is shut, and asked for. */
void run_probe(void)
{
	struct pair p = { -1, -1, -1 };

	if (pair_listen(&p, 5012) || set_int(p.listener, "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, 4096))
		goto out;
	p.client = make_socket(here_ns, SOCK_STREAM, 0);
	if (p.client < 0)
		goto out;
	set_timeouts(p.client);
	if (connect_to(p.client, PEER_ADDR, 5012))
		goto out;
	p.server = check("accept", accept(p.listener, NULL, NULL));
	if (p.server < 0)
		goto out;
	set_timeouts(p.server);
	if (send_all(p.client, text, 20000, 0)) {
		usleep(700000);
		recv_all(p.server, text, 20000);
	}
out:
	pair_close(&p);
}

/* What is known of the path is forgotten first, so that it is learned again. */
void run_metrics(void)
{
	run_command_in(here_ns, "plumb tcp_metrics flush");
	run_close();
}

/* A key, the first since the module was loaded. */
void run_key(void)
{
	int fd = make_socket(-1, SOCK_STREAM, 0);

	if (fd < 0)
		return;
	set_md5(fd, PEER_ADDR);
	close(fd);
}

static void peer_is_mute(bool mute)
{
	run_command_in(peer_ns, mute ? "tc qdisc replace dev eth0 root netem loss 100%" :
				       "tc qdisc del dev eth0 root");
}

/* What has arrived is not acknowledged, so it is sent again while the peer still holds it. */
static void again(int port, size_t size)
{
	struct pair p;

	if (!pair_open(&p, port)) {
		peer_is_mute(true);
		send_all(p.client, text, size, 0);
		usleep(700000);
		peer_is_mute(false);
		if (!wrong)
			recv_all(p.server, text, size);
	}
	pair_close(&p);
}

void run_again(void)
{
	again(5013, 100);
}

/* One buffer of several segments, of which the first goes again alone. */
void run_again_in_parts(void)
{
	again(5014, 6000);
}
