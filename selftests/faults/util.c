// SPDX-License-Identifier: GPL-2.0
/*
 * What the scenarios of faults share: what went wrong first, the counters that tell of it, what is
 * held, and sockets of either namespace.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/plumb.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "faults.h"

int family = PLUMB_FAMILY_DEFAULT;
int here_ns = -1, peer_ns = -1;
const char *command, *undo;
const char *peer_addr = PEER_ADDR;
char text[TEXT];

/* --- what went wrong: the first errno, and where --- */

int wrong;
const char *wrong_at;

/* What the scenario said: an errno's text; of a command its exit code. */
const char *said(int err)
{
	static char buf[32];

	if (!command)
		return strerror(err);
	snprintf(buf, sizeof(buf), "exit code %d", err);
	return buf;
}

void told(const char *at, int err)
{
	if (wrong)
		return;
	wrong = err;
	wrong_at = at;
}

int check(const char *at, int ret)
{
	if (ret < 0)
		told(at, errno);
	return ret;
}

/* --- files --- */

char *read_file(const char *path, char *buf, size_t size)
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

static void write_number(const char *path, unsigned int n)
{
	char text[16];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "%u", n);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(path);
		exit(2);
	}
	close(fd);
}

/* The @n-th call of @site from now on. */
void fail_nth(size_t site, unsigned int n)
{
	if (n)
		write_number(CONTROL "site", (unsigned int)site);
	write_number(CONTROL "nth", n);
}

/* --- namespaces --- */

void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET)) {
		perror("setns");
		exit(2);
	}
}

void run_command_in(int ns, const char *command)
{
	int status;

	enter(ns);
	status = system(command);
	enter(here_ns);
	if (status)
		told(command, EIO);
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

/* Of the driver's own counters those for which it had no memory. */
static unsigned long long trouble_of_device(int fd, const char *ifname)
{
	static const char *const telling[] = { "rx_no_page", "rx_no_skb", "tx_dropped" };
	static struct {
		struct ethtool_gstrings head;
		char name[128][ETH_GSTRING_LEN];
	} names;
	static struct {
		struct ethtool_stats head;
		__u64 value[128];
	} stats;
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (void *)&info };
	unsigned long long sum = 0;
	size_t i, j;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCETHTOOL, &ifr) || strcmp(info.driver, "plumb_nic") || info.n_stats > 128)
		return 0;
	names.head = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, info.n_stats };
	ifr.ifr_data = (void *)&names;
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return 0;
	stats.head = (struct ethtool_stats){ ETHTOOL_GSTATS, info.n_stats };
	ifr.ifr_data = (void *)&stats;
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return 0;
	for (i = 0; i < info.n_stats; i++)
		for (j = 0; j < sizeof(telling) / sizeof(telling[0]); j++)
			if (!strcmp(names.name[i], telling[j]))
				sum += stats.value[i];
	return sum;
}

static unsigned long long trouble_of_devices(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = if_nameindex(), *one;
	unsigned long long sum = 0;

	for (one = all; one && one->if_index; one++)
		sum += trouble_of_device(fd, one->if_name);
	if_freenameindex(all);
	close(fd);
	return sum;
}

static unsigned long long trouble_in_ns(int ns)
{
	enter(ns);
	return trouble_of_file(PROC "snmp") + trouble_of_file(PROC "netstat") + trouble_of_drops() +
	       trouble_of_devices();
}

/* What failed may have been any host's of the test. */
int others[OTHERS], n_others;

static bool same_ns(int a, int b)
{
	struct stat sa, sb;

	return b >= 0 && !fstat(a, &sa) && !fstat(b, &sb) && sa.st_ino == sb.st_ino;
}

void find_others(void)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *entry;
	int fd;

	while (dir && (entry = readdir(dir)) && n_others < OTHERS) {
		if (entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || same_ns(fd, here_ns) || same_ns(fd, peer_ns))
			close(fd);
		else
			others[n_others++] = fd;
	}
	if (dir)
		closedir(dir);
}

unsigned long long trouble(void)
{
	unsigned long long sum = 0;
	int i;

	for (i = 0; i < n_others; i++)
		sum += trouble_in_ns(others[i]);
	if (peer_ns >= 0)
		sum += trouble_in_ns(peer_ns);
	if (here_ns >= 0)
		sum += trouble_in_ns(here_ns);
	return sum;
}

/* Sockets and memory of both namespaces; TIME-WAIT records stay for a minute, so not those. */
char *held(char *buf, size_t size)
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

struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, host, &a.sin_addr);
	return a;
}

int make_socket(int ns, int type, int proto)
{
	int fd;

	if (ns >= 0)
		enter(ns);
	fd = check("socket", socket(family, type | SOCK_CLOEXEC, proto));
	if (ns >= 0)
		enter(here_ns);
	return fd;
}

int set(int fd, const char *at, int level, int name, const void *value, socklen_t len)
{
	return check(at, setsockopt(fd, level, name, value, len));
}

int set_int(int fd, const char *at, int level, int name, int value)
{
	return set(fd, at, level, name, &value, sizeof(value));
}

int bind_to(int fd, const char *host, int port)
{
	struct sockaddr_in a = address(host, port);

	set_int(fd, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1);
	return check("bind", bind(fd, (void *)&a, sizeof(a)));
}

int connect_to(int fd, const char *host, int port)
{
	struct sockaddr_in a = address(host, port);

	return check("connect", connect(fd, (void *)&a, sizeof(a)));
}

bool wait_for(int fd, short events, const char *at)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, PATIENCE);

	if (n == 1)
		return true;
	told(at, ETIMEDOUT);
	return false;
}

/* Closed by a reset, so that nothing of it stays. */
void abort_socket(int fd)
{
	struct linger l = { .l_onoff = 1 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

void set_timeouts(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE / 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

void fill(char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		buf[i] = (char)(i * 7 + i / 251);
}
