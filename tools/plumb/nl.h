/* SPDX-License-Identifier: GPL-2.0 */
/* Talking to the netlink family "plumb". What the kernel refuses is printed here. */
#ifndef PLUMB_NL_H
#define PLUMB_NL_H

#include <libmnl/libmnl.h>
#include <linux/plumb_lan.h>
#include <linux/plumb_netlink.h>

/* Talk to another family than "plumb"; before the first nl_new(). */
void nl_use(const char *family, uint8_t version, const char *group);

/**
 * nl_new() - begin a request
 * @cmd: PLUMB_CMD_*
 * @flags: NLM_F_DUMP, or 0
 *
 * Ends the program with EXIT_KERNEL if the module is not loaded.
 *
 * Return: the message, to which attributes are added; one at a time.
 */
struct nlmsghdr *nl_new(uint8_t cmd, uint16_t flags);

/**
 * nl_talk() - send a request and read what comes back
 * @nlh: from nl_new()
 * @fn: called for each message of the family with its command and attributes (index by
 *	PLUMB_A_*, NULL if not there), may be NULL
 * @arg: handed to @fn
 *
 * A dump that the kernel marks as torn is asked for again, so @fn sees a whole one.
 *
 * Return: 0, or EXIT_KERNEL with a message printed.
 */
int nl_talk(struct nlmsghdr *nlh, void (*fn)(uint8_t cmd, const struct nlattr **tb, void *arg),
	    void *arg);

/* The errno of the last nl_talk() that failed. */
extern int nl_errno;
/* While set, nl_talk() prints no message for this errno. */
extern int nl_quiet;

/* Listens to the family's group until writing fails; returns the exit code. */
int nl_listen(void (*fn)(uint8_t cmd, const struct nlattr **tb, void *arg), void *arg);

/* No attribute set has more. */
#define NL_ATTR_MAX PLUMB_LAN_A_MAX

static inline uint32_t nl_u32(const struct nlattr *a, uint32_t missing)
{
	return a ? mnl_attr_get_u32(a) : missing;
}

static inline uint64_t nl_u64(const struct nlattr *a, uint64_t missing)
{
	return a ? mnl_attr_get_u64(a) : missing;
}

static inline uint8_t nl_u8(const struct nlattr *a, uint8_t missing)
{
	return a ? mnl_attr_get_u8(a) : missing;
}

#endif /* PLUMB_NL_H */
