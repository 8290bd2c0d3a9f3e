// SPDX-License-Identifier: GPL-2.0
/* Generic netlink over libmnl. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cmd.h"
#include "nl.h"

#define NL_DUMP_TRIES 5		/* a table may change while it is dumped */
#define NL_LISTEN_ROOM (16 << 20)	/* octets; a scope shows each frame of a busy wire */

int nl_errno, nl_quiet;

static struct mnl_socket *nl_sock;
static const char *nl_name = PLUMB_FAMILY_NAME, *nl_group_name = PLUMB_MCGRP_CHANGES;
static uint8_t nl_version = PLUMB_FAMILY_VERSION;
static uint16_t nl_family;
static uint32_t nl_group;
static unsigned int nl_seq;
static char nl_out[8192];

struct nl_reader {
	void (*fn)(uint8_t cmd, const struct nlattr **tb, void *arg);
	void *arg;
};

static int nl_group_attr(const struct nlattr *a, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(a) <= CTRL_ATTR_MCAST_GRP_MAX)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static void nl_groups(const struct nlattr *list)
{
	const struct nlattr *group;

	mnl_attr_for_each_nested(group, list) {
		const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1] = { 0 };

		mnl_attr_parse_nested(group, nl_group_attr, tb);
		if (tb[CTRL_ATTR_MCAST_GRP_NAME] && tb[CTRL_ATTR_MCAST_GRP_ID] &&
		    !strcmp(mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]), nl_group_name))
			nl_group = mnl_attr_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
}

static int nl_family_attr(const struct nlattr *a, void *data)
{
	(void)data;
	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
		nl_family = mnl_attr_get_u16(a);
	else if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GROUPS)
		nl_groups(a);
	return MNL_CB_OK;
}

static int nl_family_msg(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), nl_family_attr, data);
}

static struct nlmsghdr *nl_start(uint16_t type, uint8_t cmd, uint8_t version, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl_out);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | (flags ? flags : NLM_F_ACK);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

/* Prints "plumb: what the errno says: what the kernel adds". */
static void nl_complain(int err, const char *more)
{
	nl_errno = err;
	if (err != nl_quiet)
		fprintf(stderr, "plumb: %s%s%s\n", strerror(err), more ? ": " : "",
			more ? more : "");
}

static int nl_error_attr(const struct nlattr *a, void *data)
{
	const char **msg = data;

	if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
		*msg = mnl_attr_get_str(a);
	return MNL_CB_OK;
}

/* An acknowledgment, or why not; 0 or EXIT_KERNEL. */
static int nl_error_msg(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const char *msg = NULL;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e)) {
		nl_complain(EBADMSG, NULL);
		return EXIT_KERNEL;
	}
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, (unsigned int)skip, nl_error_attr, &msg);
	if (e->error) {
		nl_complain(-e->error, msg);
		return EXIT_KERNEL;
	}
	if (msg)
		fprintf(stderr, "Warning: %s\n", msg);
	return 0;
}

/* The end of a dump carries an error too. */
static int nl_done_msg(const struct nlmsghdr *nlh)
{
	const char *msg = NULL;
	int err = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof(err));
	if (err >= 0)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, sizeof(err), nl_error_attr, &msg);
	nl_complain(-err, msg);
	return EXIT_KERNEL;
}

/**
 * struct nl_store - what came back, kept until it is known to be whole
 * @data: messages, one after the other
 * @len: bytes
 * @torn: the table changed while it was dumped
 */
struct nl_store {
	char *data;
	size_t len;
	bool torn;
};

static void nl_store_add(struct nl_store *st, const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);

	st->data = realloc(st->data, st->len + len);
	if (!st->data) {
		perror("plumb");
		exit(EXIT_KERNEL);
	}
	memcpy(st->data + st->len, nlh, nlh->nlmsg_len);
	st->len += len;
}

/* Takes the messages of one datagram. -1: more will come; else 0 or EXIT_KERNEL. */
static int nl_take(struct nl_store *st, const char *buf, int len, unsigned int seq)
{
	const struct nlmsghdr *nlh = (const void *)buf;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			st->torn = true;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return nl_error_msg(nlh);
		if (nlh->nlmsg_type == NLMSG_DONE)
			return nl_done_msg(nlh);
		nl_store_add(st, nlh);
	}
	return -1;
}

/* Sends, and receives all of the answer. 0 or EXIT_KERNEL with a message printed. */
static int nl_receive(struct nlmsghdr *nlh, struct nl_store *st)
{
	static char buf[65536];
	ssize_t len;
	int ret;

	st->len = 0;
	st->torn = false;
	if (mnl_socket_sendto(nl_sock, nlh, nlh->nlmsg_len) < 0)
		goto failed;
	do {
		len = mnl_socket_recvfrom(nl_sock, buf, sizeof(buf));
		if (len < 0)
			goto failed;
		ret = nl_take(st, buf, (int)len, nlh->nlmsg_seq);
	} while (ret < 0);
	return ret;

failed:
	nl_complain(errno, NULL);
	return EXIT_KERNEL;
}

static int nl_exchange(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	const struct nlmsghdr *msg;
	struct nl_store st = { 0 };
	int tries = 0, len, ret;

	do {
		nlh->nlmsg_seq = ++nl_seq;
		ret = nl_receive(nlh, &st);
	} while (!ret && st.torn && ++tries < NL_DUMP_TRIES);
	if (!ret && st.torn)
		fprintf(stderr, "Dump was interrupted and may be inconsistent.\n");
	len = ret ? 0 : (int)st.len;
	for (msg = (void *)st.data; mnl_nlmsg_ok(msg, len); msg = mnl_nlmsg_next(msg, &len))
		cb(msg, data);
	free(st.data);
	return ret;
}

static void nl_open(void)
{
	struct nlmsghdr *nlh;
	int on = 1;

	nl_sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl_sock || mnl_socket_bind(nl_sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("plumb: netlink");
		exit(EXIT_KERNEL);
	}
	mnl_socket_setsockopt(nl_sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl_sock, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_seq = (unsigned int)time(NULL);
	nlh = nl_start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, nl_name);
	nl_quiet = ENOENT;
	if (nl_exchange(nlh, nl_family_msg, NULL) || !nl_family) {
		if (nl_errno == ENOENT)
			fprintf(stderr, "plumb: %s\n", NOT_LOADED);
		exit(EXIT_KERNEL);
	}
	nl_quiet = 0;
}

void nl_use(const char *family, uint8_t version, const char *group)
{
	nl_name = family;
	nl_version = version;
	nl_group_name = group;
}

struct nlmsghdr *nl_new(uint8_t cmd, uint16_t flags)
{
	if (!nl_sock)
		nl_open();
	return nl_start(nl_family, cmd, nl_version, flags);
}

static int nl_attr(const struct nlattr *a, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(a) <= NL_ATTR_MAX)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static int nl_msg(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[NL_ATTR_MAX + 1] = { 0 };
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct nl_reader *r = data;

	if (nlh->nlmsg_type != nl_family)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*genl), nl_attr, tb);
	if (r->fn)
		r->fn(genl->cmd, tb, r->arg);
	return MNL_CB_OK;
}

int nl_talk(struct nlmsghdr *nlh, void (*fn)(uint8_t cmd, const struct nlattr **tb, void *arg),
	    void *arg)
{
	struct nl_reader r = { fn, arg };

	return nl_exchange(nlh, nl_msg, &r);
}

int nl_listen(void (*fn)(uint8_t cmd, const struct nlattr **tb, void *arg), void *arg)
{
	struct nl_reader r = { fn, arg };
	static char buf[65536];
	int room = NL_LISTEN_ROOM;
	ssize_t len;

	if (!nl_sock)
		nl_open();
	/* What comes in bursts waits there; without the privilege, in as much as anybody has. */
	setsockopt(mnl_socket_get_fd(nl_sock), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (mnl_socket_setsockopt(nl_sock, NETLINK_ADD_MEMBERSHIP, &nl_group,
				  sizeof(nl_group)) < 0) {
		perror("plumb: netlink group");
		return EXIT_KERNEL;
	}
	for (;;) {
		len = mnl_socket_recvfrom(nl_sock, buf, sizeof(buf));
		if (len < 0 && errno == ENOBUFS) {
			fprintf(stderr, "plumb: messages were lost\n");
			continue;
		}
		if (len < 0 || mnl_cb_run(buf, (size_t)len, 0, 0, nl_msg, &r) < 0) {
			perror("plumb: netlink");
			return EXIT_KERNEL;
		}
		if (fflush(stdout))
			return EXIT_USAGE;
	}
}
