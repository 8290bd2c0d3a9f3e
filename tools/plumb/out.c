// SPDX-License-Identifier: GPL-2.0
/* Output as text or JSON. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd.h"
#include "out.h"

bool out_json, out_pretty, out_oneline, out_numeric, out_stats;

#define DEPTH_MAX 8

static unsigned int depth;
static bool filled[DEPTH_MAX];		/* something stands at this depth already */

static void json_indent(void)
{
	unsigned int i;

	if (!out_pretty)
		return;
	putchar('\n');
	for (i = 0; i < depth; i++)
		fputs("    ", stdout);
}

static void json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", (unsigned char)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void json_key(const char *key)
{
	if (depth && filled[depth])
		putchar(',');
	if (depth)
		json_indent();
	filled[depth] = true;
	if (key) {
		json_string(key);
		fputs(out_pretty ? ": " : ":", stdout);
	}
}

static void json_open(const char *key, char bracket)
{
	if (!out_json)
		return;
	json_key(key);
	putchar(bracket);
	filled[++depth] = false;
}

static void json_close(char bracket)
{
	bool any = filled[depth];

	if (!out_json)
		return;
	depth--;
	if (any)
		json_indent();
	putchar(bracket);
	if (!depth)
		putchar('\n');
}

void out_list(const char *key)
{
	json_open(key, '[');
}

void out_list_end(void)
{
	json_close(']');
}

void out_item(const char *key)
{
	json_open(key, '{');
}

void out_item_end(void)
{
	json_close('}');
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

void out_str(const char *key, const char *fmt, const char *value)
{
	if (!out_json && fmt)
		printf(fmt, value);
	if (!out_json || !key)
		return;
	json_key(key);
	json_string(value);
}

void out_element(const char *value)
{
	if (!out_json)
		return;
	json_key(NULL);
	json_string(value);
}

void out_uint(const char *key, const char *fmt, uint64_t value)
{
	if (!out_json && fmt)
		printf(fmt, (unsigned long long)value);
	if (!out_json || !key)
		return;
	json_key(key);
	printf("%llu", (unsigned long long)value);
}

void out_float(const char *key, const char *fmt, double value)
{
	if (!out_json && fmt)
		printf(fmt, value);
	if (!out_json || !key)
		return;
	json_key(key);
	printf("%g", value);
}

void out_true(const char *key, const char *fmt)
{
	if (!out_json && fmt)
		fputs(fmt, stdout);
	if (!out_json || !key)
		return;
	json_key(key);
	fputs("true", stdout);
}

#pragma GCC diagnostic pop

void out_addr(const char *key, const char *fmt, uint32_t addr)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	out_str(key, fmt, text);
}

void out_text(const char *fmt, ...)
{
	va_list ap;

	if (out_json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void out_break(void)
{
	out_text("%s", out_oneline ? "\\" : "\n");
}

int out_finish(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	perror("plumb: write");
	return EXIT_USAGE;
}
