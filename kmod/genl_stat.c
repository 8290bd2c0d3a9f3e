// SPDX-License-Identifier: GPL-2.0
/* Netlink: figures of the neighbour table, and dropped packets by reason. */
#include <plumb/drop.h>

#include "../net/neigh/neigh.h"
#include "genl.h"

static int genl_neigh_stats_put(struct sk_buff *skb, const struct plumb_neigh_stats *st)
{
	const struct { int attr; u64 value; } figure[] = {
		{ PLUMB_A_NEIGH_STATS_ENTRIES, st->entries },
		{ PLUMB_A_NEIGH_STATS_ALLOCS, st->allocs },
		{ PLUMB_A_NEIGH_STATS_DESTROYS, st->destroys },
		{ PLUMB_A_NEIGH_STATS_LOOKUPS, st->lookups },
		{ PLUMB_A_NEIGH_STATS_HITS, st->hits },
		{ PLUMB_A_NEIGH_STATS_RES_FAILED, st->res_failed },
		{ PLUMB_A_NEIGH_STATS_UNRES_DISCARDS, st->unres_discards },
		{ PLUMB_A_NEIGH_STATS_TABLE_FULLS, st->table_fulls },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figure); i++)
		if (nla_put_u64_64bit(skb, figure[i].attr, figure[i].value,
				      PLUMB_A_NEIGH_STATS_PAD))
			return -EMSGSIZE;
	return 0;
}

int plumb_genl_neigh_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_neigh_stats st = { 0 };
	struct plumb_genl_msg m;
	void *hdr;

	if (!plumb_genl_reply_new(&m, info, PLUMB_CMD_NEIGH_STATS_GET))
		return -ENOMEM;
	plumb_neigh_stats(plumb_genl_net(info), &st);
	hdr = plumb_genl_start(&m);
	if (!hdr || genl_neigh_stats_put(m.skb, &st)) {
		nlmsg_free(m.skb);
		return -EMSGSIZE;
	}
	genlmsg_end(m.skb, hdr);
	return genlmsg_reply(m.skb, info);
}

static int genl_drop_put(const struct plumb_genl_msg *m, struct plumb_net *pn, int reason)
{
	void *hdr = plumb_genl_start(m);
	u64 packets = 0;
	int cpu;

	if (!hdr)
		return -EMSGSIZE;
	for_each_possible_cpu(cpu)
		packets += READ_ONCE(per_cpu_ptr(pn->drops, cpu)->n[reason]);
	if (nla_put_string(m->skb, PLUMB_A_DROP_NAME, plumb_drop_name[reason]) ||
	    nla_put_string(m->skb, PLUMB_A_DROP_TEXT, plumb_drop_text[reason]) ||
	    nla_put_u64_64bit(m->skb, PLUMB_A_DROP_PACKETS, packets, PLUMB_A_DROP_PAD)) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

int plumb_genl_drop_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_DROP_GET, false);
	int reason, err = 0;

	for (reason = 0; reason < PLUMB_DROP_NR && !err; reason++)
		if (!plumb_genl_dump_skip(&d))
			err = genl_drop_put(&d.msg, pn, reason);
	return plumb_genl_dump_end(&d, err);
}
