/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the command line. Wrong input ends the program with a message and EXIT_USAGE. */
#ifndef PLUMB_PARSE_H
#define PLUMB_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct args - the words that are left
 * @v: the next word; NULL at the end
 */
struct args {
	char **v;
};

/* Is the next word this one (in full)? Takes it if so. */
bool args_take(struct args *a, const char *word);
/* As args_take(), and an abbreviation of @word counts too. */
bool args_take_short(struct args *a, const char *word);
/* The next word; the program ends with a message if there is none. */
const char *args_next(struct args *a);

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);
/* "what" was given a second time, or a word fits nowhere. */
__attribute__((noreturn)) void die_garbage(const char *what, const char *word);

/**
 * struct prefix - an address with its prefix length
 * @addr: network order
 * @len: 0 to 32
 * @given: a length (or "default") was written, not implied
 */
struct prefix {
	uint32_t addr;
	uint8_t len;
	bool given;
};

/* 10.0.0.0/8, 10/8, 10.0.0.0/255.0.0.0, 10.0.0.1, "default", "any", "all". */
struct prefix parse_prefix(const char *s);
uint32_t parse_addr(const char *s);		/* network order */
uint32_t parse_u32(const char *s, const char *what);
uint32_t parse_dev(const char *s);		/* its index; it must exist */
/* aa:bb:cc:dd:ee:ff into @to; its length */
size_t parse_lladdr(const char *s, uint8_t *to, size_t room);

/**
 * struct name - a number's name
 * @name: as shown and typed
 * @value: the number
 */
struct name {
	const char *name;
	unsigned int value;
};

/* Tables end with a NULL name. */
extern const struct name names_scope[], names_proto[], names_table[], names_type[], names_nud[];

/* The number of a name; a plain number up to @max counts too. */
unsigned int parse_name(const struct name *t, const char *s, const char *what, unsigned int max);
/* The name of a number, or the number as text in a static buffer. */
const char *name_of(const struct name *t, unsigned int value);
/* The name of a device, or "ifN" if it is gone. Static buffer, good until the next call. */
const char *dev_name(uint32_t ifindex);

#endif /* PLUMB_PARSE_H */
