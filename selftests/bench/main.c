// SPDX-License-Identifier: GPL-2.0
/*
 * plumb_bench: one program that measures a TCP/IP stack through the socket API, with
 * whatever address family it is told, so that two stacks meet the very same code.
 * A server answers every kind of client; a client prints one line of JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct command {
	const char	*name;
	int		(*run)(const struct opts *o);
	const char	*help;
} commands[] = {
	{ "server", do_server, "answers all of the following (TCP and UDP of one port)" },
	{ "bulk-out", do_bulk_out, "sends: --bytes or --seconds, --conns, --warm bytes" },
	{ "bulk-in", do_bulk_in, "receives: the same" },
	{ "rr", do_rr, "round trips of --size bytes: --count or --seconds, --conns, --warm" },
	{ "crr", do_crr, "connect, request, answer of --size bytes, close: --count or --seconds" },
	{ "udp-out", do_udp_out, "sends datagrams: --count or --seconds, --size, --window" },
	{ "udp-in", do_udp_in, "receives datagrams: --count, --size, --window" },
	{ "udp-rr", do_udp_rr, "round trips of datagrams: --count or --seconds, --size" },
	{ "idle", do_idle, "memory of --conns idle connections (both ends, if both are here)" },
};

static void print_usage(FILE *to)
{
	size_t i;

	fputs("usage: plumb_bench COMMAND [option...]\n\n", to);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "  --family N|inet|plumb  (inet; plumb: what " FAMILY_PARAM " says)\n"
	      "  --addr A (127.0.0.1)   --port P (7700)\n"
	      "  --conns N (1)          connections at the same time\n"
	      "  --size BYTES           of a message (1) or datagram (1; udp-out, udp-in: 64)\n"
	      "  --count N, --bytes N   how much; without them:\n"
	      "  --seconds S (5)        how long\n"
	      "  --warm N               as --count or --bytes, before the stopwatch starts\n"
	      "  --window N             datagrams: no more than N on their way\n"
	      "  --sndbuf BYTES         SO_SNDBUF and SO_RCVBUF\n"
	      "  --timeout S (120)      a client gives up after that\n"
	      "  --pidfile FILE         server: written when it is ready\n", to);
}

static u64 to_number(const char *text)
{
	static const char units[] = "kMG";
	const char *unit;
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 0);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		value <<= 10 * (unit - units + 1);
		end++;
	}
	if (errno || end == text || *end)
		fail("not a number: %s", text);
	return value;
}

static int family(const char *text)
{
	if (!strcmp(text, "inet"))
		return AF_INET;
	if (!strcmp(text, "plumb"))
		return plumb_family();
	return (int)to_number(text);
}

static const struct option long_options[] = {
	{ "family", required_argument, NULL, 'f' },
	{ "addr", required_argument, NULL, 'a' },
	{ "port", required_argument, NULL, 'p' },
	{ "conns", required_argument, NULL, 'c' },
	{ "size", required_argument, NULL, 's' },
	{ "count", required_argument, NULL, 'n' },
	{ "bytes", required_argument, NULL, 'b' },
	{ "seconds", required_argument, NULL, 't' },
	{ "warm", required_argument, NULL, 'w' },
	{ "window", required_argument, NULL, 'W' },
	{ "sndbuf", required_argument, NULL, 'B' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "pidfile", required_argument, NULL, 'P' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void set_option(struct opts *o, int option, const char *value)
{
	switch (option) {
	case 'f':
		o->family = family(value);
		break;
	case 'a':
		if (inet_pton(AF_INET, value, &o->addr.sin_addr) != 1)
			fail("not an IPv4 address: %s", value);
		break;
	case 'p':
		o->addr.sin_port = htons((uint16_t)to_number(value));
		break;
	case 'c':
		o->conns = (unsigned int)to_number(value);
		break;
	case 's':
		o->size = (unsigned int)to_number(value);
		break;
	case 'n':
		o->count = to_number(value);
		break;
	case 'b':
		o->bytes = to_number(value);
		break;
	case 't':
		o->seconds = strtod(value, NULL);
		break;
	case 'w':
		o->warm = to_number(value);
		break;
	case 'W':
		o->window = (unsigned int)to_number(value);
		break;
	case 'B':
		o->sndbuf = (int)to_number(value);
		break;
	case 'T':
		o->timeout = (unsigned int)to_number(value);
		break;
	case 'P':
		o->pidfile = value;
		break;
	case 'h':
		print_usage(stdout);
		exit(0);
	default:
		print_usage(stderr);
		exit(2);
	}
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct opts o = {
		.family = AF_INET,
		.conns = 1,
		.seconds = 5,
		.timeout = 120,
	};
	int option;

	o.addr.sin_family = AF_INET;
	o.addr.sin_port = htons(7700);
	o.addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		set_option(&o, option, optarg);
	command = optind == argc - 1 ? find_command(argv[optind]) : NULL;
	if (!command || !o.conns) {
		print_usage(stderr);
		return 2;
	}
	if (!o.size)
		o.size = strncmp(command->name, "udp-", 4) || command->run == do_udp_rr ? 1 : 64;
	if (o.size > CHUNK)
		fail("--size is at most %d", CHUNK);
	signal(SIGPIPE, SIG_IGN);
	if (command->run != do_server)
		alarm(o.timeout);
	return command->run(&o);
}
