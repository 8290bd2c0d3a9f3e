// SPDX-License-Identifier: GPL-2.0
/*
 * What runs hundreds of times around packetdrill, small and static: under emulation the start of a
 * program with its libraries costs more than a script.
 *
 *	enter SECONDS linux|plumb COMMAND...	in new network and mount namespaces, with what is
 *		to be seen of the stack, for so long at most
 *	sysctl [-e] [-q] [-w] NAME=VALUE...	as procps has it, as far as the scripts use it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(fd);
}

/* The settings, counters and tools that packetdrill's scripts use are the stack's. */
static void see_plumb(void)
{
	const char *bin = getenv("PLUMB_PD_TMP"), *old = getenv("PATH");
	char path[4096];

	if (mount("/proc/sys/net/plumb", "/proc/sys/net/ipv4", NULL, MS_BIND, NULL))
		die("/proc/sys/net/plumb");
	snprintf(path, sizeof(path), "%s/plumb:%s", bin ? bin : "", old ? old : "");
	setenv("PATH", path, 1);
	setenv("PLUMB_FAMILY", getenv("PLUMB_PD_FAMILY") ?: "", 1);
	setenv("PROC_NET_SNMP", "/proc/net/plumb/snmp", 1);
	setenv("PROC_NET_NETSTAT", "/proc/net/plumb/netstat", 1);
}

static pid_t child;

static void too_long(int sig)
{
	(void)sig;
	kill(-child, SIGKILL);
}

static int enter(int argc, char **argv)
{
	int status;

	if (argc < 4) {
		fputs("usage: enter SECONDS linux|plumb COMMAND...\n", stderr);
		return 125;
	}
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		setpgid(0, 0);
		if (unshare(CLONE_NEWNET | CLONE_NEWNS))
			die("unshare");
		if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
			die("mount");
		loopback_up();
		if (!strcmp(argv[2], "plumb"))
			see_plumb();
		setenv("LD_PRELOAD", getenv("PLUMB_PD_PRELOAD") ?: "", 1);
		execvp(argv[3], argv + 3);
		die(argv[3]);
	}
	signal(SIGALRM, too_long);
	alarm((unsigned int)atoi(argv[1]));
	while (waitpid(child, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int sysctl_set(char *arg)
{
	char path[256] = "/proc/sys/", *value = strchr(arg, '='), *p;
	int fd, err = 0;

	if (!value) {
		fprintf(stderr, "sysctl: no value for %s\n", arg);
		return 1;
	}
	*value++ = '\0';
	strncat(path, arg, sizeof(path) - strlen(path) - 1);
	for (p = path; *p; p++)
		if (*p == '.')
			*p = '/';
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		fprintf(stderr, "sysctl: %s: %s\n", path, strerror(errno));
		err = 1;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int sysctl(int argc, char **argv)
{
	int i, err = 0;

	for (i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			err |= sysctl_set(argv[i]);
	return err;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	name = name ? name + 1 : argv[0];
	return strcmp(name, "sysctl") ? enter(argc, argv) : sysctl(argc, argv);
}
