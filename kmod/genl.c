// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "plumb": its commands, who may give them, and what the
 * subjects (genl_link.c, genl_addr.c, genl_route.c, genl_neigh.c, genl_stat.c, genl_metrics.c)
 * share.
 *
 * Every command names its policy and is checked strictly: an attribute that is unknown,
 * too short, too long or out of range is refused with a message that says which.
 */
#include <linux/module.h>
#include <net/sock.h>

#include <plumb/init.h>

#include "genl.h"

#define GENL_CHANGE(command, policy_, doit_) {				\
	.cmd = (command), .flags = GENL_UNS_ADMIN_PERM,			\
	.policy = (policy_), .maxattr = ARRAY_SIZE(policy_) - 1,	\
	.doit = (doit_) }

#define GENL_LOOK(command, policy_, doit_, dumpit_) {			\
	.cmd = (command),						\
	.policy = (policy_), .maxattr = ARRAY_SIZE(policy_) - 1,	\
	.doit = (doit_), .dumpit = (dumpit_) }

/* Without a policy every attribute is refused. */
#define GENL_LOOK_BARE(command, doit_, dumpit_) {			\
	.cmd = (command), .doit = (doit_), .dumpit = (dumpit_) }

#define GENL_CHANGE_BARE(command, doit_) {				\
	.cmd = (command), .flags = GENL_UNS_ADMIN_PERM, .doit = (doit_) }

static const struct genl_ops genl_commands[] = {
	GENL_LOOK(PLUMB_CMD_LINK_GET, plumb_genl_link_policy,
		  plumb_genl_link_get, plumb_genl_link_dump),
	GENL_CHANGE(PLUMB_CMD_LINK_NEW, plumb_genl_link_policy, plumb_genl_link_new),
	GENL_CHANGE(PLUMB_CMD_LINK_DEL, plumb_genl_link_policy, plumb_genl_link_del),
	GENL_LOOK(PLUMB_CMD_ADDR_GET, plumb_genl_addr_policy, NULL, plumb_genl_addr_dump),
	GENL_CHANGE(PLUMB_CMD_ADDR_NEW, plumb_genl_addr_policy, plumb_genl_addr_new),
	GENL_CHANGE(PLUMB_CMD_ADDR_DEL, plumb_genl_addr_policy, plumb_genl_addr_del),
	GENL_LOOK(PLUMB_CMD_ROUTE_GET, plumb_genl_route_policy,
		  plumb_genl_route_get, plumb_genl_route_dump),
	GENL_CHANGE(PLUMB_CMD_ROUTE_NEW, plumb_genl_route_policy, plumb_genl_route_new),
	GENL_CHANGE(PLUMB_CMD_ROUTE_DEL, plumb_genl_route_policy, plumb_genl_route_del),
	GENL_LOOK(PLUMB_CMD_NEIGH_GET, plumb_genl_neigh_policy, NULL, plumb_genl_neigh_dump),
	GENL_CHANGE(PLUMB_CMD_NEIGH_NEW, plumb_genl_neigh_policy, plumb_genl_neigh_new),
	GENL_CHANGE(PLUMB_CMD_NEIGH_DEL, plumb_genl_neigh_policy, plumb_genl_neigh_del),
	GENL_CHANGE(PLUMB_CMD_NEIGH_FLUSH, plumb_genl_neigh_policy, plumb_genl_neigh_flush_do),
	GENL_LOOK_BARE(PLUMB_CMD_NEIGH_STATS_GET, plumb_genl_neigh_stats_get, NULL),
	GENL_LOOK_BARE(PLUMB_CMD_DROP_GET, NULL, plumb_genl_drop_dump),
	GENL_LOOK(PLUMB_CMD_METRICS_GET, plumb_genl_metrics_policy, NULL, plumb_genl_metrics_dump),
	GENL_CHANGE(PLUMB_CMD_METRICS_DEL, plumb_genl_metrics_policy, plumb_genl_metrics_del),
	GENL_CHANGE_BARE(PLUMB_CMD_METRICS_FLUSH, plumb_genl_metrics_flush),
};

static const struct genl_multicast_group genl_groups[] = {
	{ .name = PLUMB_MCGRP_CHANGES },
};

/* Changes take RTNL themselves, so commands of several processes need no lock here. */
struct genl_family plumb_genl_family __ro_after_init = {
	.name = PLUMB_FAMILY_NAME,
	.version = PLUMB_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = genl_commands,
	.n_ops = ARRAY_SIZE(genl_commands),
	.resv_start_op = PLUMB_CMD_LINK_GET,
	.mcgrps = genl_groups,
	.n_mcgrps = ARRAY_SIZE(genl_groups),
};

/* A number that changes with addresses, routes and links, never 0. */
static u32 genl_seq(const struct plumb_net *pn)
{
	return ((u32)atomic_read(&pn->path_genid) << 1) | 1;
}

void *plumb_genl_start(const struct plumb_genl_msg *m)
{
	void *hdr = genlmsg_put(m->skb, m->portid, m->seq, &plumb_genl_family, m->flags, m->cmd);

	if (hdr && m->cb)
		genl_dump_check_consistent(m->cb, hdr);
	return hdr;
}

struct plumb_net *plumb_genl_dump_begin(struct plumb_genl_dump *d, struct sk_buff *skb,
					struct netlink_callback *cb, u8 cmd, bool seq)
{
	struct plumb_net *pn = plumb_net(sock_net(skb->sk));

	cb->seq = seq ? genl_seq(pn) : 0;
	*d = (struct plumb_genl_dump) {
		.msg = {
			.skb = skb,
			.portid = NETLINK_CB(cb->skb).portid,
			.seq = cb->nlh->nlmsg_seq,
			.flags = NLM_F_MULTI,
			.cmd = cmd,
			.cb = cb,
		},
		.attrs = genl_info_dump(cb)->attrs,
		.skip = cb->args[0],
	};
	return pn;
}

int plumb_genl_dump_end(struct plumb_genl_dump *d, int err)
{
	/* The object that found no room comes first in the next call. */
	d->msg.cb->args[0] = err ? d->at - 1 : d->at;
	if (err && !d->msg.skb->len)
		return err;
	return d->msg.skb->len;
}

struct sk_buff *plumb_genl_reply_new(struct plumb_genl_msg *m, struct genl_info *info, u8 cmd)
{
	*m = (struct plumb_genl_msg) {
		.skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
	};
	return m->skb;
}

int plumb_genl_init(void)
{
	int err = genl_register_family(&plumb_genl_family);

	if (!err)
		plumb_genl_events(true);
	return err;
}

void plumb_genl_exit(void)
{
	plumb_genl_events(false);
	genl_unregister_family(&plumb_genl_family);
}
