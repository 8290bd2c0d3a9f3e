// SPDX-License-Identifier: GPL-2.0
/*
 * Goes through a scenario again and again, and each time the next allocation of plumb.ko fails
 * (plumb_faults.ko), until one goes by untouched:
 *
 *	faults sh COMMAND UNDO		a shell command; UNDO puts back what it did, or a part of it
 *	faults SCENARIO PEER_NETNS	one of those below, here and in the peer's namespace
 *
 * After each failure it looks whether somebody was told: the scenario (errno, exit code) or a
 * counter of /proc/net/plumb in one of the namespaces; whether the next try works; and whether
 * sockets and their memory are back to where they were. A line a failure that was not; exit code 1
 * then.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/plumb.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL		"/run/plumb_faults/"
#define PROC		"/proc/net/plumb/"
#define HERE_ADDR	"10.0.0.1"
#define PEER_ADDR	"10.0.0.2"
#define GROUP_ADDR	"239.1.2.3"
#define PATIENCE	8000	/* ms until what TCP repeats has arrived */
#define LIMIT		2000	/* failures of one scenario: more is a circle */

static int family = PLUMB_FAMILY_DEFAULT;
static int here_ns = -1, peer_ns = -1;
static const char *command, *undo;

/* --- what went wrong: the first errno, and where --- */

static int wrong;
static const char *wrong_at;

/* What the scenario said: an errno's text; of a command its exit code. */
static const char *said(int err)
{
	static char buf[32];

	if (!command)
		return strerror(err);
	snprintf(buf, sizeof(buf), "exit code %d", err);
	return buf;
}

static void told(const char *at, int err)
{
	if (wrong)
		return;
	wrong = err;
	wrong_at = at;
}

static int check(const char *at, int ret)
{
	if (ret < 0)
		told(at, errno);
	return ret;
}

/* --- files --- */

static char *read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	buf[0] = '\0';
	if (fd < 0)
		return buf;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += got;
	buf[n] = '\0';
	close(fd);
	return buf;
}

static void fail_nth(unsigned int n)
{
	char text[16];
	int fd = open(CONTROL "nth", O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "%u", n);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(CONTROL "nth");
		exit(2);
	}
	close(fd);
}

/* --- namespaces --- */

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET)) {
		perror("setns");
		exit(2);
	}
}

/* The sum of what tells of something that did not go as it should. */
static unsigned long long trouble_in(const char *names, const char *values)
{
	static const char *const telling[] = {
		"Discards", "Errors", "Errs", "Fails", "Retrans", "Overflow", "Drop", "Timeouts",
		"Pressure", "Lost", "AbortOn", "NoRoutes", "RcvPruned", "Memory", "LoseRetransmit",
	};
	unsigned long long sum = 0;

	while (*names && *names != '\n') {
		const char *end = names + strcspn(names, " \n");
		size_t i;

		for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
			const char *at = strstr(names, telling[i]);

			if (at && at < end) {
				sum += strtoull(values, NULL, 10);
				break;
			}
		}
		names = end + (*end == ' ');
		values += strcspn(values, " \n");
		values += *values == ' ';
	}
	return sum;
}

/* Lines come in pairs: names, then values. */
static unsigned long long trouble_of_file(const char *path)
{
	static char buf[32768];
	unsigned long long sum = 0;
	char *line = read_file(path, buf, sizeof(buf)), *next;

	while (*line && (next = strchr(line, '\n'))) {
		sum += trouble_in(line, ++next);
		line = strchr(next, '\n');
		if (!line)
			break;
		line++;
	}
	return sum;
}

static unsigned long long trouble_of_drops(void)
{
	static char buf[8192];
	unsigned long long sum = 0, n;
	char *line = read_file(PROC "drops", buf, sizeof(buf));

	for (; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (sscanf(line, "%*s %llu", &n) == 1)
			sum += n;
	return sum;
}

static unsigned long long trouble(void)
{
	int ns[] = { peer_ns, here_ns }, i;
	unsigned long long sum = 0;

	for (i = 0; i < 2; i++) {
		if (ns[i] < 0)
			continue;
		enter(ns[i]);
		sum += trouble_of_file(PROC "snmp") + trouble_of_file(PROC "netstat") +
		       trouble_of_drops();
	}
	return sum;
}

/* Sockets and memory of both namespaces; TIME-WAIT records stay for a minute, so not those. */
static char *held(char *buf, size_t size)
{
	int ns[] = { peer_ns, here_ns }, i;
	char *tw;

	buf[0] = '\0';
	for (i = 0; i < 2; i++) {
		size_t n = strlen(buf);

		if (ns[i] < 0)
			continue;
		enter(ns[i]);
		read_file(PROC "sockstat", buf + n, size - n);
		tw = strstr(buf + n, " tw ");
		if (tw)
			memmove(tw + 4, tw + 4 + strspn(tw + 4, "0123456789"),
				strlen(tw + 4 + strspn(tw + 4, "0123456789")) + 1);
	}
	return buf;
}

/* --- sockets --- */

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, host, &a.sin_addr);
	return a;
}

static int make_socket(int ns, int type, int proto)
{
	int fd;

	if (ns >= 0)
		enter(ns);
	fd = check("socket", socket(family, type | SOCK_CLOEXEC, proto));
	if (ns >= 0)
		enter(here_ns);
	return fd;
}

static int set(int fd, const char *at, int level, int name, const void *value, socklen_t len)
{
	return check(at, setsockopt(fd, level, name, value, len));
}

static int set_int(int fd, const char *at, int level, int name, int value)
{
	return set(fd, at, level, name, &value, sizeof(value));
}

static int bind_to(int fd, const char *host, int port)
{
	struct sockaddr_in a = address(host, port);

	set_int(fd, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1);
	return check("bind", bind(fd, (void *)&a, sizeof(a)));
}

static int connect_to(int fd, const char *host, int port)
{
	struct sockaddr_in a = address(host, port);

	return check("connect", connect(fd, (void *)&a, sizeof(a)));
}

static bool wait_for(int fd, short events, const char *at)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, PATIENCE);

	if (n == 1)
		return true;
	told(at, ETIMEDOUT);
	return false;
}

/* Closed by a reset, so that nothing of it stays. */
static void abort_socket(int fd)
{
	struct linger l = { .l_onoff = 1 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

static void set_timeouts(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE / 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/* --- scenarios --- */

static void run_command(void)
{
	int status = system(command);

	if (status)
		told(command, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
}

struct pair {
	int listener, client, server;
};

static int pair_listen(struct pair *p, int port)
{
	p->listener = make_socket(peer_ns, SOCK_STREAM, 0);
	if (p->listener < 0)
		return -1;
	set_timeouts(p->listener);
	if (bind_to(p->listener, PEER_ADDR, port) ||
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
	if (connect_to(p->client, PEER_ADDR, port))
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

static void fill(char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		buf[i] = (char)(i * 7 + i / 251);
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
static void recv_all(int fd, const char *sent, size_t size)
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

static char text[1 << 16];

/* Two writes with a reader that comes late, so that buffers are split, joined and copied. */
static void run_stream(void)
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
static void run_close(void)
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

static void run_urgent(void)
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

static void run_zerocopy(void)
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

static void run_stamps(void)
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

static void run_splice(void)
{
	struct pair p;
	int pipes[2] = { -1, -1 };
	char got[8192];

	if (check("pipe", pipe(pipes)))
		return;
	if (!pair_open(&p, 5006) && send_all(p.client, text, 5000, 0)) {
		ssize_t n = splice(p.server, NULL, pipes[1], NULL, 5000, 0);

		if (check("splice", (int)n) > 0 && read(pipes[0], got, n) == n)
			splice(pipes[0], NULL, p.client, NULL, n, 0);
	}
	close(pipes[0]);
	close(pipes[1]);
	pair_close(&p);
}

static void run_fastopen(void)
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

static void run_md5(void)
{
	struct pair p = { -1, -1, -1 };

	if (pair_listen(&p, 5008) || set_md5(p.listener, HERE_ADDR))
		goto out;
	p.client = make_socket(here_ns, SOCK_STREAM, 0);
	if (p.client < 0)
		goto out;
	set_timeouts(p.client);
	if (set_md5(p.client, PEER_ADDR) || connect_to(p.client, PEER_ADDR, 5008))
		goto out;
	p.server = check("accept", accept(p.listener, NULL, NULL));
	if (p.server >= 0) {
		set_timeouts(p.server);
		if (send_all(p.client, text, 100, 0))
			recv_all(p.server, text, 100);
	}
out:
	pair_close(&p);
}

static void run_pacing(void)
{
	struct pair p;

	if (!pair_open(&p, 5009)) {
		set_int(p.client, "SO_MAX_PACING_RATE", SOL_SOCKET, SO_MAX_PACING_RATE, 2000000);
		if (send_all(p.client, text, 30000, 0))
			recv_all(p.server, text, 30000);
	}
	pair_close(&p);
}

static void run_options(void)
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

static void run_reuseport(void)
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

/* Datagrams go there once: a loss is told by a counter, so it is no errno. */
static void datagram(int from, int to, const char *host, int port, size_t size, int flags)
{
	struct sockaddr_in a = address(host, port);
	static char buf[1 << 16];
	struct pollfd p = { .fd = to, .events = POLLIN };
	ssize_t n;

	n = sendto(from, text, size, flags, (void *)&a, sizeof(a));
	if (check("sendto", (int)n) < 0 || flags & MSG_MORE)
		return;
	if (poll(&p, 1, 300) == 1)
		check("recv", (int)recv(to, buf, sizeof(buf), MSG_DONTWAIT));
}

static int join_group(int fd, const struct ip_mreqn *group)
{
	return set(fd, "IP_ADD_MEMBERSHIP", SOL_IP, IP_ADD_MEMBERSHIP, group, sizeof(*group));
}

static void datagrams(size_t size, int flags, const char *host, bool join)
{
	struct ip_mreqn group = { .imr_ifindex = 0 };
	int from = -1, to = -1, also = -1;

	inet_pton(AF_INET, GROUP_ADDR, &group.imr_multiaddr);
	to = make_socket(peer_ns, SOCK_DGRAM, 0);
	from = make_socket(here_ns, SOCK_DGRAM, 0);
	if (from < 0 || to < 0)
		goto out;
	if (bind_to(to, "0.0.0.0", 5020) || bind_to(from, HERE_ADDR, 5021))
		goto out;
	set_int(from, "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST, 1);
	if (join) {
		/* Two that hear it, so that it is copied for one. */
		also = make_socket(peer_ns, SOCK_DGRAM, 0);
		if (also < 0 || bind_to(also, "0.0.0.0", 5020))
			goto out;
		inet_pton(AF_INET, PEER_ADDR, &group.imr_address);
		if (join_group(to, &group) || join_group(also, &group))
			goto out;
	}
	if (flags & MSG_MORE) {
		datagram(from, to, host, 5020, size / 2, MSG_MORE);
		flags &= ~MSG_MORE;
	}
	datagram(from, to, host, 5020, size, flags);
out:
	abort_socket(from);
	abort_socket(to);
	abort_socket(also);
}

static void run_datagram(void)
{
	datagrams(100, 0, PEER_ADDR, false);
}

static void run_cork(void)
{
	datagrams(600, MSG_MORE, PEER_ADDR, false);
}

static void run_fragments(void)
{
	datagrams(5000, 0, PEER_ADDR, false);
}

/* Corked, so that it is put together before it is cut. */
static void run_cork_fragments(void)
{
	datagrams(5000, MSG_MORE, PEER_ADDR, false);
}

static void run_multicast(void)
{
	datagrams(100, 0, GROUP_ADDR, true);
}

static void run_broadcast(void)
{
	datagrams(100, 0, "10.0.0.255", false);
}

static void run_own_address(void)
{
	int to = make_socket(here_ns, SOCK_DGRAM, 0), from = make_socket(here_ns, SOCK_DGRAM, 0);

	if (from >= 0 && to >= 0 && !bind_to(to, HERE_ADDR, 5022))
		datagram(from, to, HERE_ADDR, 5022, 4000, 0);
	abort_socket(from);
	abort_socket(to);
}

static void run_source_filter(void)
{
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);
	struct ip_mreq_source source;
	struct {
		struct ip_msfilter head;
		struct in_addr more[15];
	} filter = { .head = { .imsf_fmode = MCAST_INCLUDE, .imsf_numsrc = 16 } };
	int i;

	if (fd < 0)
		return;
	inet_pton(AF_INET, GROUP_ADDR, &source.imr_multiaddr);
	inet_pton(AF_INET, HERE_ADDR, &source.imr_interface);
	for (i = 1; i < 14 && !wrong; i++) {
		source.imr_sourceaddr.s_addr = htonl(0x0a000100 + i);
		set(fd, "IP_ADD_SOURCE_MEMBERSHIP", SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &source,
		    sizeof(source));
	}
	filter.head.imsf_multiaddr = source.imr_multiaddr;
	filter.head.imsf_interface = source.imr_interface;
	for (i = 0; i < 16; i++)
		(&filter.head.imsf_slist[0])[i].s_addr = htonl(0x0a000200 + i);
	if (!wrong)
		set(fd, "IP_MSFILTER", SOL_IP, IP_MSFILTER, &filter, sizeof(filter));
	close(fd);
}

/* Nobody listens there: an ICMP error comes back into the error queue. */
static void run_error_queue(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 5099);
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);

	if (fd < 0)
		return;
	if (!set_int(fd, "IP_RECVERR", SOL_IP, IP_RECVERR, 1) &&
	    check("sendto", (int)sendto(fd, text, 50, 0, (void *)&a, sizeof(a))) > 0) {
		struct pollfd p = { .fd = fd };
		char buf[512], control[512];
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				      .msg_controllen = sizeof(control) };

		/* (Its answer is a datagram: that nothing comes is no errno.) */
		if (poll(&p, 1, 300) == 1)
			recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	}
	close(fd);
}

/* Too large for the path, and not to be cut: told at once, through the error queue as well. */
static void run_too_big(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 5099);
	int fd = make_socket(here_ns, SOCK_DGRAM, 0);
	char buf[512], control[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };

	if (fd < 0)
		return;
	set_int(fd, "IP_RECVERR", SOL_IP, IP_RECVERR, 1);
	set_int(fd, "IP_MTU_DISCOVER", SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	if (sendto(fd, text, 5000, 0, (void *)&a, sizeof(a)) >= 0 || errno != EMSGSIZE)
		told("sendto", errno);
	check("recv error", (int)recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT));
	close(fd);
}

static void run_echo(void)
{
	struct sockaddr_in a = address(PEER_ADDR, 0);
	struct icmphdr echo = { .type = ICMP_ECHO };
	int ping = make_socket(here_ns, SOCK_DGRAM, IPPROTO_ICMP);
	int raw = make_socket(peer_ns, SOCK_RAW, IPPROTO_ICMP);
	struct pollfd p = { .fd = ping, .events = POLLIN };
	char buf[128];

	if (ping >= 0 && raw >= 0 &&
	    check("sendto", (int)sendto(ping, &echo, sizeof(echo), 0, (void *)&a,
					sizeof(a))) > 0 && poll(&p, 1, 300) == 1)
		check("recv", (int)recv(ping, buf, sizeof(buf), MSG_DONTWAIT));
	close(ping);
	close(raw);
}

static void run_raw(void)
{
	int to = make_socket(peer_ns, SOCK_RAW, 253), from = make_socket(here_ns, SOCK_RAW, 253);
	int own = make_socket(here_ns, SOCK_RAW, IPPROTO_RAW);
	unsigned char packet[28] = { 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 253 };

	if (from >= 0 && to >= 0)
		datagram(from, to, PEER_ADDR, 0, 200, 0);
	if (own >= 0) {
		struct sockaddr_in a = address(PEER_ADDR, 0);

		memcpy(packet + 16, &a.sin_addr, 4);
		check("sendto", (int)sendto(own, packet, sizeof(packet), 0, (void *)&a, sizeof(a)));
	}
	close(own);
	close(from);
	close(to);
}

static const struct scenario {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{ "sh", run_command },
	{ "stream", run_stream },
	{ "close", run_close },
	{ "urgent", run_urgent },
	{ "zerocopy", run_zerocopy },
	{ "stamps", run_stamps },
	{ "splice", run_splice },
	{ "fastopen", run_fastopen },
	{ "md5", run_md5 },
	{ "pacing", run_pacing },
	{ "options", run_options },
	{ "reuseport", run_reuseport },
	{ "datagram", run_datagram },
	{ "cork", run_cork },
	{ "fragments", run_fragments },
	{ "cork_fragments", run_cork_fragments },
	{ "multicast", run_multicast },
	{ "broadcast", run_broadcast },
	{ "own_address", run_own_address },
	{ "source_filter", run_source_filter },
	{ "error_queue", run_error_queue },
	{ "too_big", run_too_big },
	{ "echo", run_echo },
	{ "raw", run_raw },
};

/* --- the rounds --- */

/* What @n is the number of fails. The scenario's errno, or 0. */
static int go(const struct scenario *s, unsigned int n)
{
	int status = 0;

	wrong = 0;
	wrong_at = "";
	fail_nth(n);
	s->run();
	fail_nth(0);
	/* (What it undoes may never have been done.) */
	if (undo)
		status = system(undo);
	(void)status;
	return wrong;
}

static bool back_to(const char *before)
{
	char now[4096] = "";
	int i;

	if (here_ns < 0)
		return true;
	for (i = 0; i < 1000; i++) {
		if (!strcmp(held(now, sizeof(now)), before))
			return true;
		usleep(10000);
	}
	printf("# not back: expected\n%s# saw\n%s", before, now);
	return false;
}

/* Functions whose failure takes nothing from anybody, so that no counter has it; and why. */
static const struct silent {
	const char *function, *why;
} silent[] = {
	{ "tcp_timer_pacing", "the other timer paces, coarsely" },
	{ "plumb_neigh_header_make", "the header is written anew for each packet" },
	{ "header_scratch", "the header is written anew for each packet" },
	{ "tcp_metrics_find", "the next connection measures for itself" },
	{ "tcp_metrics_save", "the next connection measures for itself" },
	{ "plumb_pmtu_learn", "the connection knows it; another asks the router again" },
	{ "pmtu_set", "the connection knows it; another asks the router again" },
	{ "switch_rx", "a frame to an address that is not known goes to all" },
	{ "switch_learn", "a frame to an address that is not known goes to all" },
	{ "lan_scope_probe", "who listens sees a gap" },
	{ "genl_event_begin", "who listens is told by ENOBUFS" },
	{ "plumb_event_", "who listens is told by ENOBUFS" },
};

static bool may_be_silent(const char *failed)
{
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strstr(failed, silent[i].function))
			return true;
	return false;
}

static int rounds(const struct scenario *s)
{
	static char before[4096], failed[512];
	unsigned int n, wrongs = 0;
	unsigned long long trouble_before;
	bool reported;
	int err;

	held(before, sizeof(before));
	err = go(s, 0);
	if (err) {
		printf("# %s: with all memory: %s: %s\n", s->name, wrong_at, said(err));
		return 1;
	}
	back_to(before);
	held(before, sizeof(before));
	for (n = 1; n < LIMIT; n++) {
		trouble_before = trouble();
		err = go(s, n);
		read_file(CONTROL "failed", failed, sizeof(failed));
		failed[strcspn(failed, "\n")] = '\0';
		if (!failed[0])
			break;
		reported = err || trouble() != trouble_before || may_be_silent(failed);
		if (getenv("FAULTS_VERBOSE"))
			printf("# %u %s: %s %s\n", n, failed, err ? said(err) : "",
			       err ? wrong_at : "");
		if (!reported) {
			printf("# %u: %s failed, and nobody was told\n", n, failed);
			wrongs++;
		}
		if (!back_to(before)) {
			printf("# %u: after a failure of %s\n", n, failed);
			wrongs++;
			held(before, sizeof(before));
		}
		/* (Where a try takes seconds, the next round is the next try.) */
		if (getenv("FAULTS_ONCE"))
			continue;
		err = go(s, 0);
		if (err) {
			printf("# %u: after a failure of %s the next try: %s: %s\n", n, failed,
			       wrong_at, said(err));
			wrongs++;
		}
		back_to(before);
	}
	if (err) {
		printf("# untouched, but: %s: %s\n", wrong_at, said(err));
		wrongs++;
	}
	printf("# %s: %u allocations failed, one after the other\n", s->name, n - 1);
	return wrongs || n == 1 || n == LIMIT;
}

int main(int argc, char **argv)
{
	char number[16];
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fill(text, sizeof(text));
	if (read_file("/sys/module/plumb/parameters/family", number, sizeof(number))[0])
		family = atoi(number);
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "sh")) {
		command = argv[2];
		undo = argc > 3 ? argv[3] : NULL;
	} else {
		here_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		peer_ns = open(argv[2], O_RDONLY | O_CLOEXEC);
		if (here_ns < 0 || peer_ns < 0) {
			perror(argv[2]);
			return 2;
		}
	}
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (!strcmp(scenarios[i].name, argv[1]))
			return rounds(&scenarios[i]);
	fprintf(stderr, "no scenario %s\n", argv[1]);
	return 2;
}
