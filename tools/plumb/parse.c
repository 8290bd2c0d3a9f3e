// SPDX-License-Identifier: GPL-2.0
/* Reading the command line: words, numbers, addresses and names, with ip(8)'s grammar. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "parse.h"

const struct name names_scope[] = {
	{ "global", RT_SCOPE_UNIVERSE }, { "site", RT_SCOPE_SITE }, { "link", RT_SCOPE_LINK },
	{ "host", RT_SCOPE_HOST }, { "nowhere", RT_SCOPE_NOWHERE }, { 0 },
};

const struct name names_proto[] = {
	{ "unspec", RTPROT_UNSPEC }, { "redirect", RTPROT_REDIRECT }, { "kernel", RTPROT_KERNEL },
	{ "boot", RTPROT_BOOT }, { "static", RTPROT_STATIC }, { "ra", RTPROT_RA },
	{ "bird", RTPROT_BIRD }, { "babel", RTPROT_BABEL }, { "dhcp", RTPROT_DHCP },
	{ "zebra", RTPROT_ZEBRA }, { "bgp", RTPROT_BGP }, { "isis", RTPROT_ISIS },
	{ "ospf", RTPROT_OSPF }, { "rip", RTPROT_RIP }, { "eigrp", RTPROT_EIGRP }, { 0 },
};

const struct name names_table[] = {
	{ "main", RT_TABLE_MAIN }, { "local", RT_TABLE_LOCAL }, { 0 },
};

const struct name names_type[] = {
	{ "unicast", RTN_UNICAST }, { "local", RTN_LOCAL }, { "broadcast", RTN_BROADCAST },
	{ "unreachable", RTN_UNREACHABLE }, { "blackhole", RTN_BLACKHOLE },
	{ "prohibit", RTN_PROHIBIT }, { 0 },
};

const struct name names_nud[] = {
	{ "incomplete", NUD_INCOMPLETE }, { "reachable", NUD_REACHABLE }, { "stale", NUD_STALE },
	{ "delay", NUD_DELAY }, { "probe", NUD_PROBE }, { "failed", NUD_FAILED },
	{ "noarp", NUD_NOARP }, { "permanent", NUD_PERMANENT }, { 0 },
};

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("Error: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

void die_garbage(const char *what, const char *word)
{
	die("either \"%s\" is duplicate, or \"%s\" is a garbage.", what, word);
}

bool args_take(struct args *a, const char *word)
{
	if (!*a->v || strcmp(*a->v, word))
		return false;
	a->v++;
	return true;
}

bool args_take_short(struct args *a, const char *word)
{
	if (!*a->v || !**a->v || strncmp(*a->v, word, strlen(*a->v)))
		return false;
	a->v++;
	return true;
}

const char *args_next(struct args *a)
{
	if (!*a->v) {
		fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
		exit(EXIT_USAGE);
	}
	return *a->v++;
}

static bool is_wildcard(const char *s)
{
	return !strcmp(s, "default") || !strcmp(s, "any") || !strcmp(s, "all");
}

/* Up to four decimal octets from the left: "10.1" is 10.1.0.0. Host order. */
static bool read_addr(const char *s, size_t len, uint32_t *addr)
{
	unsigned int octets = 0, value;
	const char *end = s + len;
	char *after;

	*addr = 0;
	for (; s < end && octets < 4; octets++, s = after + 1) {
		if (*s < '0' || *s > '9')
			return false;
		value = (unsigned int)strtoul(s, &after, 10);
		if (value > 255 || after > end)
			return false;
		*addr |= value << (24 - 8 * octets);
		if (after == end)
			return true;
		if (*after != '.')
			return false;
	}
	return false;
}

/* "24" or "255.255.255.0" */
static bool read_prefixlen(const char *s, uint8_t *len)
{
	unsigned long value;
	uint32_t mask;
	char *end;

	value = strtoul(s, &end, 10);
	if (*s >= '0' && *s <= '9' && !*end && value <= 32) {
		*len = (uint8_t)value;
		return true;
	}
	if (!strchr(s, '.') || !read_addr(s, strlen(s), &mask) || (~mask & (~mask + 1)))
		return false;
	*len = (uint8_t)__builtin_popcount(mask);
	return true;
}

struct prefix parse_prefix(const char *s)
{
	const char *slash = strchr(s, '/');
	struct prefix p = { .len = 32, .given = slash };
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	uint32_t addr;

	if (is_wildcard(s))
		return (struct prefix){ .given = true };
	if (!read_addr(s, len, &addr) || (slash && !read_prefixlen(slash + 1, &p.len)))
		die("any valid prefix is expected rather than \"%s\".", s);
	p.addr = htonl(addr);
	return p;
}

uint32_t parse_addr(const char *s)
{
	struct in_addr a;

	if (!strcmp(s, "any") || !strcmp(s, "default"))
		return 0;
	if (inet_pton(AF_INET, s, &a) != 1)
		die("inet address is expected rather than \"%s\".", s);
	return a.s_addr;
}

uint32_t parse_u32(const char *s, const char *what)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(s, &end, 0);
	if (*s < '0' || *s > '9' || *end || errno || value > UINT32_MAX)
		die("argument \"%s\" is wrong: invalid \"%s\" value", s, what);
	return (uint32_t)value;
}

uint32_t parse_dev(const char *s)
{
	uint32_t index = if_nametoindex(s);

	if (!index) {
		fprintf(stderr, "Cannot find device \"%s\"\n", s);
		exit(EXIT_USAGE);
	}
	return index;
}

size_t parse_lladdr(const char *s, uint8_t *to, size_t room)
{
	const char *at = s;
	size_t n = 0;
	char *end;

	do {
		unsigned long value = strtoul(at, &end, 16);

		if (end == at || end - at > 2 || (*end && *end != ':') || n == room)
			die("\"%s\" is invalid lladdr.", s);
		to[n++] = (uint8_t)value;
		at = end + 1;
	} while (*end);
	return n;
}

unsigned int parse_name(const struct name *t, const char *s, const char *what, unsigned int max)
{
	unsigned long value;
	char *end;

	for (; t->name; t++)
		if (!strcmp(t->name, s))
			return t->value;
	value = strtoul(s, &end, 0);
	if (*s < '0' || *s > '9' || *end || value > max)
		die("argument \"%s\" is wrong: invalid %s", s, what);
	return (unsigned int)value;
}

const char *name_of(const struct name *t, unsigned int value)
{
	static char number[4][16];
	static unsigned int turn;

	for (; t->name; t++)
		if (t->value == value)
			return t->name;
	turn = (turn + 1) % 4;
	snprintf(number[turn], sizeof(number[turn]), "%u", value);
	return number[turn];
}

const char *dev_name(uint32_t ifindex)
{
	static char name[IF_NAMESIZE + 16];

	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "if%u", ifindex);
	return name;
}
