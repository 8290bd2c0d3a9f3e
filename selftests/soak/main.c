// SPDX-License-Identifier: GPL-2.0
/*
 * Load upon two network namespaces, over either stack:
 *
 *	soak hold    ...	many connections at once, and the memory they hold (hold.c)
 *	soak churn   ...	connections opened and closed, one after the other (hold.c)
 *	soak streams ...	a stream each way on each connection, compared (streams.c)
 *	soak rmmod		tries to remove the module all the time, until SIGTERM
 *
 * Options are words: stack=plumb|linux a=NETNS b=NETNS addr=A.B.C.D port=N conns=N rounds=N
 * bytes=N ms=N backlog=N accept_after=MS read_after=MS may_break=1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/plumb.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "soak.h"

void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		fail("setns: %s", strerror(errno));
}

int listen_at(const struct opts *o, unsigned int port)
{
	int fd = socket(o->family, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in a = o->addr;

	if (fd < 0)
		fail("socket: %s", strerror(errno));
	a.sin_port = htons(ntohs(a.sin_port) + port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&a, sizeof(a)))
		fail("bind: %s", strerror(errno));
	if (listen(fd, o->backlog))
		fail("listen: %s", strerror(errno));
	return fd;
}

int nonblocking(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		fail("O_NONBLOCK: %s", strerror(errno));
	return fd;
}

unsigned char octet(unsigned int conn, bool server, uint64_t at)
{
	return (unsigned char)(at + (at >> 8) * 7 + conn * 31 + server * 101);
}

static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

/* It listens itself, so that each try has to be refused; the line says how many were. */
int do_rmmod(const struct opts *o)
{
	struct sigaction act = { .sa_handler = on_term };
	unsigned int tries = 0;

	sigaction(SIGTERM, &act, NULL);
	listen_at(o, 0);
	while (!ended) {
		if (!syscall(SYS_delete_module, "plumb", O_NONBLOCK))
			fail("the module was removed");
		if (errno != EAGAIN && errno != EBUSY)
			fail("delete_module: %s", strerror(errno));
		tries++;
		usleep(20000);
	}
	printf("refused %u\n", tries);
	return 0;
}

static int plumb_family(void)
{
	FILE *file = fopen("/sys/module/plumb/parameters/family", "r");
	int number = PLUMB_FAMILY_DEFAULT;

	if (file && fscanf(file, "%d", &number) != 1)
		number = PLUMB_FAMILY_DEFAULT;
	if (file)
		fclose(file);
	return number;
}

static int open_ns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	return fd;
}

static void option(struct opts *o, const char *word)
{
	size_t name = strcspn(word, "=");
	const char *value = word + name + (word[name] == '=');

#define IS(text) (name == strlen(text) && !strncmp(word, text, name))
	if (IS("stack"))
		o->family = strcmp(value, "plumb") ? AF_INET : plumb_family();
	else if (IS("a"))
		o->ns_a = open_ns(value);
	else if (IS("b"))
		o->ns_b = open_ns(value);
	else if (IS("addr"))
		inet_pton(AF_INET, value, &o->addr.sin_addr);
	else if (IS("port"))
		o->addr.sin_port = htons(atoi(value));
	else if (IS("conns"))
		o->conns = atoi(value);
	else if (IS("rounds"))
		o->rounds = atoi(value);
	else if (IS("bytes"))
		o->bytes = strtoull(value, NULL, 10);
	else if (IS("ms"))
		o->ms = atoi(value);
	else if (IS("backlog"))
		o->backlog = atoi(value);
	else if (IS("accept_after"))
		o->accept_after = atoi(value);
	else if (IS("read_after"))
		o->read_after = atoi(value);
	else if (IS("may_break"))
		o->may_break = atoi(value);
	else
		fail("unknown option %s", word);
#undef IS
}

static const struct mode {
	const char *name;
	int (*run)(const struct opts *o);
} modes[] = {
	{ "hold", do_hold },
	{ "churn", do_churn },
	{ "streams", do_streams },
	{ "rmmod", do_rmmod },
};

int main(int argc, char **argv)
{
	struct opts o = {
		.ns_a = -1, .ns_b = -1, .conns = 1, .rounds = 1, .bytes = 1, .backlog = 1024,
		.addr = { .sin_family = AF_INET, .sin_port = htons(6000) },
	};
	struct rlimit files = { 1 << 20, 1 << 20 };
	size_t m;
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	o.family = plumb_family();
	setrlimit(RLIMIT_NOFILE, &files);
	for (i = 2; i < argc; i++)
		option(&o, argv[i]);
	for (m = 0; argc > 1 && m < sizeof(modes) / sizeof(modes[0]); m++)
		if (!strcmp(argv[1], modes[m].name))
			return modes[m].run(&o);
	fail("no such mode");
}
