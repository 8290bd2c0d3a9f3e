/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the netlink family: kmod/genl.c has the table of commands, one genl_*.c a subject
 * has what they do.
 */
#ifndef _PLUMB_KMOD_GENL_H
#define _PLUMB_KMOD_GENL_H

#include <linux/plumb_netlink.h>

#include <plumb/net.h>

#include "compat/genetlink.h"

struct plumb_addr;
struct plumb_link_info;
struct plumb_neigh_info;
struct plumb_route;

extern struct genl_family plumb_genl_family;

extern const struct nla_policy plumb_genl_link_policy[PLUMB_A_LINK_MAX + 1];
extern const struct nla_policy plumb_genl_addr_policy[PLUMB_A_ADDR_MAX + 1];
extern const struct nla_policy plumb_genl_route_policy[PLUMB_A_ROUTE_MAX + 1];
extern const struct nla_policy plumb_genl_neigh_policy[PLUMB_A_NEIGH_MAX + 1];
extern const struct nla_policy plumb_genl_metrics_policy[PLUMB_A_METRICS_MAX + 1];

/**
 * struct plumb_genl_msg - where a message about one object goes
 * @skb: to here
 * @portid: of who asked
 * @seq: of the request
 * @flags: NLM_F_*
 * @cmd: PLUMB_CMD_*
 * @cb: of the dump it is part of, or NULL
 */
struct plumb_genl_msg {
	struct sk_buff			*skb;
	u32				portid;
	u32				seq;
	int				flags;
	u8				cmd;
	struct netlink_callback		*cb;
};

/* Each appends one message; 0 or -EMSGSIZE with nothing appended. Any context. */
int plumb_genl_link_put(const struct plumb_genl_msg *m, const struct plumb_link_info *l);
int plumb_genl_addr_put(const struct plumb_genl_msg *m, const struct plumb_addr *a);
int plumb_genl_route_put(const struct plumb_genl_msg *m, const struct plumb_route *r);
int plumb_genl_neigh_put(const struct plumb_genl_msg *m, const struct plumb_neigh_info *n);

/* Starts a message; NULL if there is no room. genlmsg_end() or genlmsg_cancel() follows. */
void *plumb_genl_start(const struct plumb_genl_msg *m);

/**
 * struct plumb_genl_dump - one call of a dump, over a table walked from its start each time
 * @msg: where to
 * @attrs: filter, as the policy of the command has it
 * @skip: objects that earlier calls have sent
 * @at: objects passed so far
 */
struct plumb_genl_dump {
	struct plumb_genl_msg	msg;
	struct nlattr		**attrs;
	unsigned long		skip;
	unsigned long		at;
};

/**
 * plumb_genl_dump_begin() - prepare one call of a dump
 * @d: filled
 * @skb: the part of the answer to be filled
 * @cb: the dump; its args[0] is the place where to go on
 * @cmd: of the messages
 * @seq: the table changes with addresses, routes and links, so that a torn dump can be marked
 *
 * Return: the namespace.
 */
struct plumb_net *plumb_genl_dump_begin(struct plumb_genl_dump *d, struct sk_buff *skb,
					struct netlink_callback *cb, u8 cmd, bool seq);

/* Has this object been sent already? Counts it. */
static inline bool plumb_genl_dump_skip(struct plumb_genl_dump *d)
{
	return d->at++ < d->skip;
}

/* Ends the call: @err is what the walk returned. The dumpit's return value. */
int plumb_genl_dump_end(struct plumb_genl_dump *d, int err);

/* The family is there (no longer there), so events may be sent. Process context; may sleep. */
void plumb_genl_events(bool on);

/* The answer to one request; NULL if there is no memory. */
struct sk_buff *plumb_genl_reply_new(struct plumb_genl_msg *m, struct genl_info *info, u8 cmd);

static inline struct plumb_net *plumb_genl_net(struct genl_info *info)
{
	return plumb_net(genl_info_net(info));
}

int plumb_genl_link_get(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_link_new(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_link_del(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_link_dump(struct sk_buff *skb, struct netlink_callback *cb);
int plumb_genl_addr_new(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_addr_del(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb);
int plumb_genl_route_get(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_route_new(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_route_del(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
int plumb_genl_neigh_new(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_neigh_del(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_neigh_flush_do(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb);
int plumb_genl_neigh_stats_get(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_drop_dump(struct sk_buff *skb, struct netlink_callback *cb);
int plumb_genl_metrics_del(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_metrics_flush(struct sk_buff *skb, struct genl_info *info);
int plumb_genl_metrics_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _PLUMB_KMOD_GENL_H */
