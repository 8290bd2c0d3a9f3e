// SPDX-License-Identifier: GPL-2.0
/*
 * In the VM: bulk transfers over a bottleneck, one after the other, as a plan says.
 *
 *	goodput FAMILY PLAN
 *
 * FAMILY is Plumb's number. The plan has a line a run:
 *
 *	SENDER RECEIVER CC LOSS RTT RATE MARK LIMIT SECONDS SEED TABLE
 *
 * linux or plumb; the same; reno, cubic, dctcp; 1/1000 of a percent; ms; kbit/s; 1: a packet that
 * would be lost is marked CE instead; packets that the queue holds; virtual seconds; netem's
 * seed; a word. Namespaces and addresses: inside. All is done in this one process, and the plan is
 * read before the first run, so that nothing comes from outside the VM while time is counted.
 *
 * Printed is the same line and: octets that the receiver's program got (by the mean of the last
 * tenth of the time), and from the sender's TCP_INFO segments sent again, cwnd and round trip (µs)
 * at the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pkt_sched.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rtnl.h"

#define PRNG_SEED	14	/* TCA_NETEM_PRNG_SEED, since Linux 6.6; older ones pass over it */

struct run {
	char sender[8], receiver[8], cc[12], table[12];
	unsigned int loss, rtt, rate, mark, limit, seconds, seed;
};

static int family;
static char buffer[65536];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

static void enter(const char *ns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* ---- the bottleneck ---- */

static void begin(struct rtnl *q, unsigned short type, const char *dev)
{
	struct tcmsg tc = { .tcm_ifindex = (int)if_nametoindex(dev), .tcm_parent = TC_H_ROOT };

	if (!tc.tcm_ifindex)
		die(dev);
	q->nlh = (struct nlmsghdr){ .nlmsg_type = type, .nlmsg_len = NLMSG_LENGTH(0) };
	rtnl_put(q, &tc, sizeof(tc));
}

/* A new qdisc, so that nothing of the last run is left in it. */
static void netem(const char *dev, unsigned int limit, unsigned int ms, const struct run *r)
{
	struct tc_netem_qopt opt = { .limit = limit };
	struct tc_netem_rate rate = { .rate = r ? r->rate * 125 : 0 };
	int64_t late = ms * 1000000LL;
	uint64_t seed = r ? r->seed : 1;
	uint32_t one = 1;
	struct rtnl q;
	struct rtattr *nest;
	int err;

	if (r)
		opt.loss = (uint32_t)(r->loss / 100000.0 * UINT32_MAX);
	begin(&q, RTM_DELQDISC, dev);
	rtnl_ask(&q);
	begin(&q, RTM_NEWQDISC, dev);
	q.nlh.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	rtnl_attr(&q, TCA_KIND, "netem", 6);
	nest = rtnl_attr(&q, TCA_OPTIONS, &opt, sizeof(opt));
	if (r)
		rtnl_attr(&q, TCA_NETEM_RATE, &rate, sizeof(rate));
	rtnl_attr(&q, TCA_NETEM_LATENCY64, &late, sizeof(late));
	rtnl_attr(&q, PRNG_SEED, &seed, sizeof(seed));
	if (r && r->mark)
		rtnl_attr(&q, TCA_NETEM_ECN, &one, sizeof(one));
	rtnl_end(&q, nest);
	err = rtnl_ask(&q);
	if (err) {
		errno = -err;
		die("netem");
	}
}

/* ---- a run ---- */

static int new_socket(const char *stack, const char *ns)
{
	int fd;

	enter(ns);
	fd = socket(strcmp(stack, "plumb") ? AF_INET : family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		die(stack);
	return fd;
}

static struct sockaddr_in address(const char *net, const char *stack, unsigned short port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	char text[32];

	snprintf(text, sizeof(text), "%s.%d", net, strcmp(stack, "plumb") ? 1 : 101);
	inet_pton(AF_INET, text, &sin.sin_addr);
	return sin;
}

/*
 * What had arrived, as a mean over the last tenth of a run: at its very end a hole may be open, and
 * what lies behind it is not counted, of one stack or of the other.
 */
struct tally {
	int64_t begin, end;	/* of the run, ns */
	int64_t at;		/* the mean is known until then */
	uint64_t octets;
	double area;		/* octets times ns */
};

static struct tally tally_new(unsigned int seconds)
{
	int64_t now = now_ns(), length = seconds * 1000000000LL;

	return (struct tally){ .begin = now, .end = now + length, .at = now + length / 10 * 9 };
}

static void tally_add(struct tally *t, uint64_t octets)
{
	int64_t now = now_ns();

	if (now > t->end)
		now = t->end;
	if (now > t->at) {
		t->area += (double)t->octets * (double)(now - t->at);
		t->at = now;
	}
	t->octets += octets;
}

/* Return: octets of the whole run, at the pace of the mean. */
static uint64_t tally_end(struct tally *t)
{
	double tenth = (double)(t->end - t->begin) / 10;

	tally_add(t, 0);
	return (uint64_t)(t->area / tenth / 0.95);
}

static unsigned short next_port = 20000;

/* Return: octets that arrived within @r->seconds of connect(); what the sender says in @info. */
static uint64_t transfer(const struct run *r, struct tcp_info *info)
{
	int listener = new_socket(r->receiver, "B"), out = new_socket(r->sender, "A"), in = -1;
	struct sockaddr_in from = address("10.9.1", r->sender, 0);
	struct sockaddr_in to = address("10.9.2", r->receiver, next_port++);
	struct linger hard = { 1, 0 };
	socklen_t len = sizeof(*info);
	struct tally tally;

	/* The receiver's too: DCTCP is to echo each mark. */
	if (setsockopt(out, IPPROTO_TCP, TCP_CONGESTION, r->cc, (socklen_t)strlen(r->cc)) ||
	    setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, r->cc, (socklen_t)strlen(r->cc)))
		die(r->cc);
	if (bind(out, (void *)&from, sizeof(from)) ||
	    bind(listener, (void *)&to, sizeof(to)) || listen(listener, 1))
		die("bind");
	tally = tally_new(r->seconds);
	if (connect(out, (void *)&to, sizeof(to)) && errno != EINPROGRESS)
		die("connect");
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = in < 0 ? listener : in, .events = POLLIN },
			{ .fd = out, .events = POLLOUT },
		};
		int64_t left = tally.end - now_ns();
		ssize_t n;

		if (left <= 0)
			break;
		poll(p, 2, (int)(left / 1000000 + 1));
		if (p[0].revents && in < 0) {
			in = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		} else if (p[0].revents) {
			n = recv(in, buffer, sizeof(buffer), MSG_TRUNC);
			if (n == 0 || (n < 0 && errno != EAGAIN))
				die("recv");
			tally_add(&tally, n > 0 ? (uint64_t)n : 0);
		}
		if (p[1].revents) {
			n = send(out, buffer, sizeof(buffer), MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				die("send");
		}
	}
	memset(info, 0, sizeof(*info));
	getsockopt(out, IPPROTO_TCP, TCP_INFO, info, &len);
	setsockopt(out, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(out);
	if (in >= 0) {
		setsockopt(in, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(in);
	}
	close(listener);
	return tally_end(&tally);
}

static uint64_t over_bottleneck(const struct run *r, struct tcp_info *info)
{
	uint64_t got;

	enter("R");
	netem("rb", r->limit, 0, r);
	netem("ra", 1000000, r->rtt, NULL);
	got = transfer(r, info);
	sleep_ms(2 * r->rtt + 500);
	return got;
}

static void one(const struct run *r)
{
	struct tcp_info info;
	uint64_t got = over_bottleneck(r, &info);

	printf("%s %s %s %u %u %u %u %u %u %u %s %llu %u %u %u\n", r->sender, r->receiver,
	       r->cc, r->loss, r->rtt, r->rate, r->mark, r->limit, r->seconds, r->seed, r->table,
	       (unsigned long long)got, info.tcpi_total_retrans, info.tcpi_snd_cwnd, info.tcpi_rtt);
	fflush(stdout);
}

/* The devices have just come up, and nobody knows his neighbours yet: not for a run to bear. */
static void warm_up(void)
{
	static const char *const stacks[] = { "linux", "plumb" };
	struct tcp_info info;
	int i;

	for (i = 0; i < 3; i++) {
		struct run r = { .cc = "reno", .rtt = 10, .rate = 1000, .limit = 20, .seconds = 5 };

		strcpy(r.sender, stacks[i & 1]);
		strcpy(r.receiver, stacks[i >> 1]);
		over_bottleneck(&r, &info);
	}
}

int main(int argc, char **argv)
{
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	struct run *plan = NULL, r;
	size_t n = 0, i;

	if (!file)
		die("goodput FAMILY PLAN");
	family = atoi(argv[1]);
	while (fscanf(file, "%7s %7s %11s %u %u %u %u %u %u %u %11s", r.sender, r.receiver,
		      r.cc, &r.loss, &r.rtt, &r.rate, &r.mark, &r.limit, &r.seconds, &r.seed,
		      r.table) == 11) {
		plan = realloc(plan, (n + 1) * sizeof(r));
		plan[n++] = r;
	}
	fclose(file);
	warm_up();
	for (i = 0; i < n; i++)
		one(&plan[i]);
	return 0;
}
