// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO and the options that change what it tells, on Linux's TCP and on Plumb's: the same
 * transfer over each, then field by field, alike or within a bound that both must keep. Layout:
 * Linux 6.12's. Both ends are in this process, on the address given.
 *
 *	tcp_info [family [address]]		KTAP
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef TCP_INQ
#define TCP_INQ 36
#define TCP_CM_INQ TCP_INQ
#endif

/* struct tcp_info of Linux 6.12; older headers end earlier. */
struct info {
	unsigned char state, ca_state, retransmits, probes, backoff, options, wscale, flags;
	unsigned int rto, ato, snd_mss, rcv_mss, unacked, sacked, lost, retrans, fackets;
	unsigned int last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	unsigned int pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	unsigned int rcv_rtt, rcv_space, total_retrans;
	unsigned long long pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	unsigned int segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	unsigned long long delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	unsigned int delivered, delivered_ce;
	unsigned long long bytes_sent, bytes_retrans;
	unsigned int dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	unsigned short total_rto, total_rto_recoveries;
	unsigned int total_rto_time;
};

static int families[2] = { AF_INET, 18 };
static const char *const names[2] = { "Linux", "Plumb" };
static struct in_addr where;
static int differences;
static struct info got[2][2];	/* stack, end: 0 connected, 1 accepted */
static int fds[2][2];

static void differ(const char *what, long long linux_says, long long plumb_says)
{
	differences++;
	printf("# %s: Linux %lld, Plumb %lld\n", what, linux_says, plumb_says);
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static struct info info_of(int fd)
{
	socklen_t len = sizeof(struct info);
	struct info i;

	memset(&i, 0, sizeof(i));
	if (getsockopt(fd, SOL_TCP, TCP_INFO, &i, &len))
		die("TCP_INFO");
	return i;
}

static void pair(int fam, int fd[2], int rcvbuf)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = where };
	socklen_t len = sizeof(sin);
	int l = socket(fam, SOCK_STREAM, 0);

	if (l < 0)
		die("socket");
	if (rcvbuf)
		setsockopt(l, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (bind(l, (void *)&sin, len) || listen(l, 1) || getsockname(l, (void *)&sin, &len))
		die("listen");
	fd[0] = socket(fam, SOCK_STREAM, 0);
	if (connect(fd[0], (void *)&sin, len))
		die("connect");
	fd[1] = accept(l, NULL, NULL);
	close(l);
}

static void look(void)
{
	int s, e;

	for (s = 0; s < 2; s++)
		for (e = 0; e < 2; e++)
			got[s][e] = info_of(fds[s][e]);
}

static void done(void)
{
	int s, e;

	for (s = 0; s < 2; s++)
		for (e = 0; e < 2; e++)
			close(fds[s][e]);
}

#define SAME(field) do {							\
	int e_;									\
	for (e_ = 0; e_ < 2; e_++)						\
		if (got[0][e_].field != got[1][e_].field)			\
			differ(e_ ? #field " (accepted)" : #field,		\
			       got[0][e_].field, got[1][e_].field);		\
} while (0)
/* Both must keep it. */
#define BOTH(end, cond) do {							\
	int s_;									\
	for (s_ = 0; s_ < 2; s_++) {						\
		const struct info *i = &got[s_][end];				\
		if (!(cond)) {							\
			differences++;						\
			printf("# %s: expected %s\n", names[s_], #cond);	\
		}								\
	}									\
} while (0)

static void exchange(int a, int b, int octets)
{
	static char buf[65536];
	int n = 0, r;

	while (n < octets) {
		int m = octets - n < (int)sizeof(buf) ? octets - n : (int)sizeof(buf);

		if (write(a, buf, m) != m)
			die("write");
		for (r = 0; r < m;) {
			int k = read(b, buf, m - r);

			if (k <= 0)
				die("read");
			r += k;
		}
		n += m;
	}
}

static void test_fresh(void)
{
	int s;

	for (s = 0; s < 2; s++) {
		fds[s][0] = socket(families[s], SOCK_STREAM, 0);
		fds[s][1] = socket(families[s], SOCK_STREAM, 0);
		listen(fds[s][1], 7);
	}
	look();
	SAME(state);
	SAME(rto);
	SAME(rttvar);
	SAME(snd_ssthresh);
	SAME(snd_cwnd);
	SAME(reordering);
	SAME(unacked);
	SAME(sacked);
	SAME(max_pacing_rate);
	SAME(pacing_rate);
	SAME(min_rtt);
	SAME(total_rto);
	done();
}

static void test_open(void)
{
	int s;

	for (s = 0; s < 2; s++)
		pair(families[s], fds[s], 0);
	look();
	SAME(state);
	SAME(ca_state);
	SAME(options);
	SAME(unacked);
	SAME(retransmits);
	SAME(snd_ssthresh);
	SAME(snd_cwnd);
	SAME(reordering);
	SAME(advmss);
	SAME(pmtu);
	SAME(delivered);
	SAME(bytes_acked);
	SAME(bytes_received);
	SAME(segs_in);
	SAME(segs_out);
	SAME(data_segs_in);
	SAME(data_segs_out);
	SAME(notsent_bytes);
	SAME(max_pacing_rate);
	SAME(total_rto);
	SAME(rehash);
	/* Half the first window, which is not the same to the octet. */
	BOTH(0, i->snd_mss > 32000 && i->snd_mss < 33000);
	BOTH(0, i->rtt > 0 && i->rtt < 100000);
	BOTH(0, i->min_rtt > 0 && i->min_rtt <= i->rtt * 2);
	BOTH(0, i->snd_wnd > 1000 && i->rcv_wnd > 1000);
	BOTH(0, i->pacing_rate > 1000000);
	BOTH(0, i->busy_time < 50000);
	done();
}

static void test_transfer(void)
{
	int s;

	for (s = 0; s < 2; s++) {
		pair(families[s], fds[s], 0);
		exchange(fds[s][0], fds[s][1], 3000000);
		exchange(fds[s][1], fds[s][0], 1000);
		/* What it was acknowledged by has come. */
		usleep(100000);
	}
	look();
	SAME(state);
	SAME(bytes_acked);
	SAME(bytes_received);
	/* Nothing is lost here, but a probe of the tail (RFC 8985 7) may be early. */
	BOTH(0, i->bytes_sent == 3000000 + i->bytes_retrans);
	BOTH(1, i->bytes_sent == 1000 + i->bytes_retrans);
	BOTH(0, i->total_retrans <= 3 && i->dsack_dups <= i->total_retrans);
	BOTH(1, i->total_retrans <= 3 && i->dsack_dups <= i->total_retrans);
	SAME(rcv_ooopack);
	SAME(delivered_ce);
	SAME(notsent_bytes);
	SAME(total_rto);
	SAME(total_rto_recoveries);
	SAME(total_rto_time);
	BOTH(0, i->delivery_rate > 100000);
	BOTH(0, i->delivered >= 3000000 / 65536);
	BOTH(0, i->data_segs_out >= i->delivered - 1);
	BOTH(0, i->segs_out >= i->data_segs_out);
	/* Linux counts ticks: what is done within one takes no time. */
	BOTH(0, (i->busy_time > 0 || s_ == 0) && i->busy_time < 60000000);
	BOTH(0, i->rwnd_limited <= i->busy_time);
	BOTH(0, i->sndbuf_limited <= i->busy_time);
	BOTH(0, i->last_data_sent >= 90 && i->last_data_sent < 5000);
	BOTH(0, i->last_ack_recv < 5000);
	BOTH(1, i->last_data_recv >= 90 && i->last_data_recv < 5000);
	BOTH(1, i->rcv_rtt < 10000000);
	BOTH(1, i->rcv_space > 1000);
	BOTH(1, i->data_segs_in > 0 && i->segs_in >= i->data_segs_in);
	done();
}

/* The peer does not read: his window is what holds us back. */
static void test_rwnd_limited(void)
{
	static char buf[1 << 20];
	int s;

	for (s = 0; s < 2; s++) {
		pair(families[s], fds[s], 8192);
		fcntl(fds[s][0], F_SETFL, O_NONBLOCK);
		while (write(fds[s][0], buf, sizeof(buf)) > 0)
			;
		usleep(300000);
	}
	look();
	BOTH(0, i->rwnd_limited > 150000);
	BOTH(0, i->rwnd_limited <= i->busy_time);
	BOTH(0, i->notsent_bytes > 10000);
	done();
}

static void test_max_pacing_rate(void)
{
	unsigned int rate = 2000000;
	double t, took[2];
	int s;

	for (s = 0; s < 2; s++) {
		pair(families[s], fds[s], 0);
		setsockopt(fds[s][0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate));
		t = now();
		exchange(fds[s][0], fds[s][1], 1000000);
		took[s] = now() - t;
		printf("# %s: 1 MB at 2 MB/s took %.3f s\n", names[s], took[s]);
	}
	look();
	SAME(max_pacing_rate);
	BOTH(0, i->pacing_rate <= 2000000);
	/*
	 * 500 ms, less the first window (10 segments of 32 KB over loopback: 164 ms) and the last
	 * emission (up to 64 KB: 33 ms), which wait for nothing.
	 */
	if (took[1] < 0.3 || took[1] > 1.2)
		differ("milliseconds", took[0] * 1000, took[1] * 1000);
	done();
}

/* Level, name, and what to set it to; then both must tell the same. */
static void option(int level, int name, const char *text, int val)
{
	int r[2], v[2], e[2], s;

	for (s = 0; s < 2; s++) {
		socklen_t len = sizeof(v[s]);

		errno = 0;
		r[s] = setsockopt(fds[s][0], level, name, &val, sizeof(val)) ? -errno : 0;
		v[s] = 0x5a5a5a5a;
		e[s] = getsockopt(fds[s][0], level, name, &v[s], &len) ? -errno : (int)len;
	}
	if (r[0] != r[1] || e[0] != e[1] || v[0] != v[1]) {
		differences++;
		printf("# %s = %d: Linux %d, then %d %d; Plumb %d, then %d %d\n", text, val, r[0],
		       e[0], v[0], r[1], e[1], v[1]);
	}
}

static void options(void)
{
	static const int values[] = { 1, 0, 2, 3, -1, 5, 100, 1151, 1152, 5000, 65536, 0x7fffffff };
	unsigned int i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		option(SOL_TCP, TCP_QUICKACK, "TCP_QUICKACK", values[i]);
		option(SOL_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT", values[i]);
		option(SOL_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", values[i]);
		option(SOL_TCP, TCP_INQ, "TCP_INQ", values[i]);
		option(SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, "TCP_THIN_LINEAR_TIMEOUTS", values[i]);
		option(SOL_TCP, TCP_THIN_DUPACK, "TCP_THIN_DUPACK", values[i]);
		option(SOL_TCP, TCP_WINDOW_CLAMP, "TCP_WINDOW_CLAMP", values[i]);
		option(SOL_SOCKET, SO_MAX_PACING_RATE, "SO_MAX_PACING_RATE", values[i]);
	}
}

static void test_options_fresh(void)
{
	int s;

	for (s = 0; s < 2; s++) {
		fds[s][0] = socket(families[s], SOCK_STREAM, 0);
		fds[s][1] = -1;
	}
	option(SOL_TCP, TCP_WINDOW_CLAMP, "TCP_WINDOW_CLAMP", 0);
	options();
	done();
}

static void test_options_open(void)
{
	int s;

	for (s = 0; s < 2; s++)
		pair(families[s], fds[s], 0);
	options();
	done();
}

static void test_meminfo(void)
{
	unsigned int m[2][16], s;

	memset(m, 0, sizeof(m));
	for (s = 0; s < 2; s++) {
		socklen_t len = sizeof(m[s]);

		pair(families[s], fds[s], 0);
		if (write(fds[s][1], "some", 4) != 4)
			die("write");
		usleep(50000);
		if (getsockopt(fds[s][0], SOL_SOCKET, SO_MEMINFO, m[s], &len))
			differ("SO_MEMINFO", 0, -errno);
		m[s][15] = len;
	}
	if (m[0][15] != m[1][15])
		differ("length", m[0][15], m[1][15]);
	if (m[0][1] != m[1][1])
		differ("rcvbuf", m[0][1], m[1][1]);
	if (!m[0][0] != !m[1][0])
		differ("rmem_alloc", m[0][0], m[1][0]);
	done();
}

static int inq_of(int fd, int take)
{
	char buf[64], control[64];
	struct iovec v = { buf, take };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	if (recvmsg(fd, &m, 0) < 0)
		return -errno;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_TCP && c->cmsg_type == TCP_CM_INQ)
			return *(int *)CMSG_DATA(c);
	return -1000;
}

static void test_inq(void)
{
	int one = 1, s, i, r[2][4];

	for (s = 0; s < 2; s++) {
		pair(families[s], fds[s], 0);
		setsockopt(fds[s][1], SOL_TCP, TCP_INQ, &one, sizeof(one));
		if (write(fds[s][0], "0123456789", 10) != 10)
			die("write");
		usleep(50000);
		r[s][0] = inq_of(fds[s][1], 4);
		r[s][1] = inq_of(fds[s][1], 6);
		shutdown(fds[s][0], SHUT_WR);
		usleep(50000);
		r[s][2] = inq_of(fds[s][1], 1);
		r[s][3] = inq_of(fds[s][1], 1);
	}
	for (i = 0; i < 4; i++)
		if (r[0][i] != r[1][i])
			differ("octets left", r[0][i], r[1][i]);
	done();
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "fresh", test_fresh },
	{ "open", test_open },
	{ "transfer", test_transfer },
	{ "rwnd_limited", test_rwnd_limited },
	{ "max_pacing_rate", test_max_pacing_rate },
	{ "options_fresh", test_options_fresh },
	{ "options_open", test_options_open },
	{ "meminfo", test_meminfo },
	{ "inq", test_inq },
};

int main(int argc, char **argv)
{
	unsigned int i, failed = 0, n = sizeof(tests) / sizeof(*tests);

	if (argc > 1)
		families[1] = atoi(argv[1]);
	inet_pton(AF_INET, argc > 2 ? argv[2] : "127.0.0.1", &where);
	printf("KTAP version 1\n1..%u\n", n);
	for (i = 0; i < n; i++) {
		differences = 0;
		tests[i].run();
		printf("%sok %u %s\n", differences ? "not " : "", i + 1, tests[i].name);
		fflush(stdout);
		failed += !!differences;
	}
	return !!failed;
}
