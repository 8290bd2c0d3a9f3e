/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of rtnetlink for static programs (Debian has no static libmnl), where they are. */
#ifndef SELFTESTS_RTNL_H
#define SELFTESTS_RTNL_H

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct rtnl {
	struct nlmsghdr nlh;	/* { .nlmsg_type, .nlmsg_flags, .nlmsg_len = NLMSG_LENGTH(0) } */
	char body[512];
};

static inline void *rtnl_put(struct rtnl *r, const void *what, size_t len)
{
	void *at = (char *)r + NLMSG_ALIGN(r->nlh.nlmsg_len);

	if (len)
		memcpy(at, what, len);
	r->nlh.nlmsg_len = NLMSG_ALIGN(r->nlh.nlmsg_len) + len;
	return at;
}

static inline struct rtattr *rtnl_attr(struct rtnl *r, unsigned short type, const void *what,
				       size_t len)
{
	struct rtattr head = { .rta_type = type, .rta_len = RTA_LENGTH(len) }, *attr;

	attr = rtnl_put(r, &head, sizeof(head));
	rtnl_put(r, what, len);
	return attr;
}

/* All that was put since is in @nest. */
static inline void rtnl_end(struct rtnl *r, struct rtattr *nest)
{
	nest->rta_len = (char *)r + NLMSG_ALIGN(r->nlh.nlmsg_len) - (char *)nest;
}

/* Return: 0 or a negative errno. */
static inline int rtnl_ask(struct rtnl *r)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
		char rest[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err = 0;

	r->nlh.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (fd < 0 || send(fd, r, r->nlh.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(answer.err)))
		err = -errno;
	else if (answer.nlh.nlmsg_type == NLMSG_ERROR)
		err = answer.err.error;
	if (fd >= 0)
		close(fd);
	return err;
}

#endif
