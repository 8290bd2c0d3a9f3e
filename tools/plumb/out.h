/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output as text for people or as JSON for programs (-j), from the same calls. A key
 * names the value in JSON; a format prints it as text. NULL leaves it out of that one.
 */
#ifndef PLUMB_OUT_H
#define PLUMB_OUT_H

#include <stdbool.h>
#include <stdint.h>

extern bool out_json;		/* -j */
extern bool out_pretty;		/* -p: JSON with line breaks */
extern bool out_oneline;	/* -o: a backslash instead of line breaks inside a record */
extern bool out_numeric;	/* -N */
extern bool out_stats;		/* -s: more */

void out_list(const char *key);		/* key NULL: an element of a list, or the outermost */
void out_list_end(void);
void out_item(const char *key);
void out_item_end(void);

void out_str(const char *key, const char *fmt, const char *value);
void out_uint(const char *key, const char *fmt, uint64_t value);
void out_float(const char *key, const char *fmt, double value);
void out_true(const char *key, const char *fmt);
void out_addr(const char *key, const char *fmt, uint32_t addr);	/* network order */

/* A string in a list; JSON only. */
void out_element(const char *value);

/* Text only. */
__attribute__((format(printf, 1, 2))) void out_text(const char *fmt, ...);
/* A line break inside a record. */
void out_break(void);

/* Flushes; the exit code: EXIT_USAGE if writing failed. */
int out_finish(void);

#endif /* PLUMB_OUT_H */
