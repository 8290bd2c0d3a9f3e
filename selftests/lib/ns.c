// SPDX-License-Identifier: GPL-2.0
/*
 * What the kselftest scripts do hundreds of times, in one small static program: under emulation
 * the start of ip, with its eight libraries, costs more than most tests' work.
 *
 *	ns add NAME...			network namespaces for ip netns, lo up, no IPv6
 *	ns del NAME			ends its processes, then it
 *	ns exec NAME COMMAND...		as ip netns exec
 *	ns veth A B ADDRESS_A ADDRESS_B	a cable between two, by the first ethN that are free there;
 *					an address is 10.0.0.1/24 or - for none
 *	ns up NAME DEVICE COMMAND...	as exec, with that device set up before
 *	ns counter NAME COUNTER FILE...	a number of /proc/net/snmp and the like (NAME -: here)
 *	ns port NAME FILE PORT listen|bound SECONDS
 *					waits for a row of /proc/net/tcp, udp and the like
 *	ns file PATH SIZE ...		files of random octets, SIZE of them; it may end with K or M
 *					(100 MiB of /dev/urandom take as long as to send them)
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rtnl.h"

#define DIR_NS "/run/netns"

static char path[512];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "ns: %s: %s\n", what, strerror(errno));
	exit(255);
}

static const char *path_of(const char *name)
{
	snprintf(path, sizeof(path), DIR_NS "/%s", name);
	return path;
}

static void write_file(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	/* (A kernel without IPv6 has nothing to turn off.) */
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		die(file);
	close(fd);
}

/* Mounts of names made later reach every mount namespace, as ip netns has it. */
static void share_names(void)
{
	if (mkdir(DIR_NS, 0755) && errno != EEXIST)
		die(DIR_NS);
	if (!mount("", DIR_NS, "none", MS_SHARED | MS_REC, NULL))
		return;
	if (errno != EINVAL || mount(DIR_NS, DIR_NS, "none", MS_BIND | MS_REC, NULL) ||
	    mount("", DIR_NS, "none", MS_SHARED | MS_REC, NULL))
		die(DIR_NS);
}

static void add_one(const char *name)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd;

	fd = open(path_of(name), O_RDONLY | O_CREAT | O_EXCL, 0);
	if (fd < 0)
		die(path);
	close(fd);
	if (unshare(CLONE_NEWNET) || mount("/proc/self/ns/net", path, "none", MS_BIND, NULL)) {
		unlink(path);
		die(name);
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo))
		die("lo");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		die("lo");
	close(fd);
	write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
}

static int add(char **names)
{
	share_names();
	for (; *names; names++)
		add_one(*names);
	return 0;
}

/* end_all() - kills the namespace's processes, and says how many there were */
static unsigned int end_all(const struct stat *ns)
{
	unsigned int n = 0;
	struct dirent *d;
	struct stat its;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		die("/proc");
	while ((d = readdir(proc))) {
		char file[300];
		int pid = atoi(d->d_name);

		if (pid <= 0 || pid == getpid())
			continue;
		snprintf(file, sizeof(file), "/proc/%d/ns/net", pid);
		if (stat(file, &its) || its.st_ino != ns->st_ino || its.st_dev != ns->st_dev)
			continue;
		kill(pid, SIGKILL);
		n++;
	}
	closedir(proc);
	return n;
}

static int del(const char *name)
{
	struct stat ns;
	int i;

	if (stat(path_of(name), &ns))
		die(path);
	for (i = 0; i < 100 && end_all(&ns); i++)
		usleep(20000);
	if (umount2(path, MNT_DETACH) || unlink(path))
		die(path);
	return 0;
}

static void enter(const char *name)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* Its own /sys, for that shows the devices of the namespace in which it was mounted. */
static int run(const char *name, char **argv)
{
	char etc[300];

	snprintf(etc, sizeof(etc), "/etc/netns/%s", name);
	if (!access(etc, F_OK)) {
		size_t n = 0;
		char **all;

		while (argv[n])
			n++;
		all = calloc(n + 5, sizeof(*all));
		if (!all)
			die("memory");
		all[0] = "ip";
		all[1] = "netns";
		all[2] = "exec";
		all[3] = (char *)name;
		memcpy(all + 4, argv, n * sizeof(*all));
		execvp("ip", all);
		die("ip");
	}
	enter(name);
	if (unshare(CLONE_NEWNS) || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) ||
	    umount2("/sys", MNT_DETACH) || mount(name, "/sys", "sysfs", 0, NULL))
		die("/sys");
	execvp(argv[0], argv);
	fprintf(stderr, "ns: %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

/*
 * The first ethN that is free where we are. All at once: to ask for one that is not there has the
 * kernel look for a module of that name.
 */
static void free_eth(unsigned int n, char *dev)
{
	struct if_nameindex *all, *i;

	all = if_nameindex();
	if (!all)
		die("devices");
	for (;; n++) {
		snprintf(dev, IFNAMSIZ, "eth%u", n);
		for (i = all; i->if_index && strcmp(i->if_name, dev); i++)
			;
		if (!i->if_index)
			break;
	}
	if_freenameindex(all);
}

/* ---- rtnetlink ---- */

static void ask(struct rtnl *r, const char *what)
{
	errno = -rtnl_ask(r);
	if (errno)
		die(what);
}

static void set_up(const char *dev)
{
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct rtnl r = { .nlh = { .nlmsg_type = RTM_NEWLINK, .nlmsg_len = NLMSG_LENGTH(0) } };

	rtnl_put(&r, &link, sizeof(link));
	rtnl_attr(&r, IFLA_IFNAME, dev, strlen(dev) + 1);
	ask(&r, dev);
}

static void add_address(const char *dev, const char *text)
{
	struct ifaddrmsg msg = { .ifa_family = AF_INET, .ifa_index = if_nametoindex(dev) };
	struct rtnl r = {
		.nlh = {
			.nlmsg_type = RTM_NEWADDR,
			.nlmsg_flags = NLM_F_CREATE,
			.nlmsg_len = NLMSG_LENGTH(0)
		}
	};
	char copy[INET_ADDRSTRLEN + 4], *slash;
	struct in_addr addr;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash)
		*slash = 0;
	errno = EINVAL;
	if (!slash || !inet_aton(copy, &addr))
		die(text);
	msg.ifa_prefixlen = atoi(slash + 1);
	rtnl_put(&r, &msg, sizeof(msg));
	rtnl_attr(&r, IFA_LOCAL, &addr, sizeof(addr));
	rtnl_attr(&r, IFA_ADDRESS, &addr, sizeof(addr));
	ask(&r, text);
}

/* An end of the cable, where we are. */
static void end_of_cable(const char *dev, const char *addr)
{
	if (strcmp(addr, "-"))
		add_address(dev, addr);
	set_up(dev);
}

static int veth(const char *a, const char *b, const char *addr_a, const char *addr_b)
{
	struct rtnl r = {
		.nlh = {
			.nlmsg_type = RTM_NEWLINK,
			.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL,
			.nlmsg_len = NLMSG_LENGTH(0)
		}
	};
	char dev_a[IFNAMSIZ], dev_b[IFNAMSIZ];
	struct rtattr *info, *data, *peer;
	struct ifinfomsg link = { 0 };
	int fd;

	enter(b);
	free_eth(0, dev_b);
	fd = open(path_of(b), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	enter(a);
	free_eth(0, dev_a);
	if (!strcmp(a, b))
		free_eth(atoi(dev_a + strlen("eth")) + 1, dev_b);

	rtnl_put(&r, &link, sizeof(link));
	rtnl_attr(&r, IFLA_IFNAME, dev_a, strlen(dev_a) + 1);
	info = rtnl_attr(&r, IFLA_LINKINFO, NULL, 0);
	rtnl_attr(&r, IFLA_INFO_KIND, "veth", strlen("veth"));
	data = rtnl_attr(&r, IFLA_INFO_DATA, NULL, 0);
	peer = rtnl_attr(&r, VETH_INFO_PEER, &link, sizeof(link));
	rtnl_attr(&r, IFLA_IFNAME, dev_b, strlen(dev_b) + 1);
	rtnl_attr(&r, IFLA_NET_NS_FD, &fd, sizeof(fd));
	rtnl_end(&r, peer);
	rtnl_end(&r, data);
	rtnl_end(&r, info);
	ask(&r, "veth");

	end_of_cable(dev_a, addr_a);
	enter(b);
	end_of_cable(dev_b, addr_b);
	return 0;
}

static int up(const char *name, const char *dev, char **argv)
{
	enter(name);
	set_up(dev);
	return run(name, argv);
}

/* Rows are "1: 0100007F:1F90 00000000:0000 0A ...": ours, theirs, state (0A listens). */
static int has_port(const char *file, unsigned int want, int listens)
{
	unsigned int port, their_addr, their_port, state;
	int found = 0;
	char row[512];
	FILE *f;

	f = fopen(file, "r");
	if (!f)
		die(file);
	while (!found && fgets(row, sizeof(row), f))
		found = sscanf(row, " %*u: %*x:%x %x:%x %x", &port, &their_addr, &their_port,
			       &state) == 4 &&
			port == want && (!listens || (state == 0x0a && !their_addr && !their_port));
	fclose(f);
	return found;
}

static int wait_port(const char *name, const char *file, const char *port, const char *how,
		     const char *seconds)
{
	int i, listens = !strcmp(how, "listen");

	enter(name);
	for (i = atoi(seconds) * 100; !has_port(file, atoi(port), listens); i--) {
		if (i <= 0) {
			fprintf(stderr, "ns: no port %s in %s within %s s\n", port, file, seconds);
			return 1;
		}
		usleep(10000);
	}
	return 0;
}

/* Two lines each: "Tcp: NAME NAME" and "Tcp: VALUE VALUE". */
static int counter(const char *name, const char *want, char **files)
{
	static char names[65536], values[65536];

	if (strcmp(name, "-"))
		enter(name);
	for (; *files; files++) {
		FILE *f = fopen(*files, "r");

		if (!f)
			die(*files);
		while (fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
			char *n, *v, *pn, *pv, *colon = strchr(names, ':');
			size_t len = colon ? colon - names : 0;

			if (!colon || strncmp(want, names, len))
				continue;
			n = strtok_r(colon + 1, " \n", &pn);
			v = strtok_r(values + len + 1, " \n", &pv);
			while (n && v && strcmp(n, want + len)) {
				n = strtok_r(NULL, " \n", &pn);
				v = strtok_r(NULL, " \n", &pv);
			}
			if (n && v) {
				puts(v);
				return 0;
			}
		}
		fclose(f);
	}
	fprintf(stderr, "ns: no counter %s\n", want);
	return 1;
}

/* Marsaglia's xorshift: what is sent twice or at another place is seen. */
static void make_file(const char *file, const char *length)
{
	static uint64_t block[8192];
	uint64_t x = 0, left;
	char *end;
	int fd;

	left = strtoull(length, &end, 10);
	if (*end)
		left <<= toupper(*end) == 'M' ? 20 : 10;
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || getrandom(&x, sizeof(x), 0) != sizeof(x))
		die(file);
	x |= 1;
	while (left) {
		size_t n = left < sizeof(block) ? left : sizeof(block), i;
		ssize_t done;

		for (i = 0; i < sizeof(block) / sizeof(block[0]); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			block[i] = x;
		}
		done = write(fd, block, n);
		if (done <= 0)
			die(file);
		left -= done;
	}
	close(fd);
}

static int make_files(char **pairs)
{
	for (; pairs[0] && pairs[1]; pairs += 2)
		make_file(pairs[0], pairs[1]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "add"))
		return add(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "del"))
		return del(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "exec"))
		return run(argv[2], argv + 3);
	if (argc == 6 && !strcmp(argv[1], "veth"))
		return veth(argv[2], argv[3], argv[4], argv[5]);
	if (argc >= 5 && !strcmp(argv[1], "up"))
		return up(argv[2], argv[3], argv + 4);
	if (argc >= 5 && !strcmp(argv[1], "counter"))
		return counter(argv[2], argv[3], argv + 4);
	if (argc == 7 && !strcmp(argv[1], "port"))
		return wait_port(argv[2], argv[3], argv[4], argv[5], argv[6]);
	if (argc >= 4 && !strcmp(argv[1], "file"))
		return make_files(argv + 2);
	fputs("usage: ns add NAME... | del NAME | exec NAME COMMAND... |\n"
	      "       veth A B ADDRESS_A ADDRESS_B | up NAME DEVICE COMMAND... |\n"
	      "       counter NAME COUNTER FILE... |\n"
	      "       port NAME FILE PORT listen|bound SECONDS |\n"
	      "       file PATH SIZE ...\n", stderr);
	return 2;
}
