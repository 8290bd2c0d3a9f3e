// SPDX-License-Identifier: GPL-2.0
/* Netlink: what is known of the paths to peers, from connections that ended. */
#include "../net/tcp/tcp.h"
#include "genl.h"

const struct nla_policy plumb_genl_metrics_policy[PLUMB_A_METRICS_MAX + 1] = {
	[PLUMB_A_METRICS_DST]		= { .type = NLA_BE32 },
	[PLUMB_A_METRICS_SRC]		= { .type = NLA_BE32 },
	[PLUMB_A_METRICS_AGE]		= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_RTT]		= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_RTTVAR]	= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_SSTHRESH]	= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_CWND]		= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_REORDERING]	= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_FO_MSS]	= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_FO_COOKIE]	= { .type = NLA_REJECT },
	[PLUMB_A_METRICS_COUNT]		= { .type = NLA_REJECT },
};

/* What is not known is left out. */
static bool genl_metrics_put_known(struct sk_buff *skb, int attr, u32 value)
{
	return value && nla_put_u32(skb, attr, value);
}

static int genl_metrics_put(const struct plumb_genl_msg *m, const struct plumb_tcp_metrics_info *i)
{
	void *hdr = plumb_genl_start(m);
	struct sk_buff *skb = m->skb;

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_in_addr(skb, PLUMB_A_METRICS_DST, i->daddr) ||
	    nla_put_in_addr(skb, PLUMB_A_METRICS_SRC, i->saddr) ||
	    nla_put_u32(skb, PLUMB_A_METRICS_AGE, i->age_ms) ||
	    genl_metrics_put_known(skb, PLUMB_A_METRICS_RTT, i->rtt_us) ||
	    genl_metrics_put_known(skb, PLUMB_A_METRICS_RTTVAR, i->rttvar_us) ||
	    genl_metrics_put_known(skb, PLUMB_A_METRICS_SSTHRESH, i->ssthresh) ||
	    genl_metrics_put_known(skb, PLUMB_A_METRICS_CWND, i->cwnd) ||
	    genl_metrics_put_known(skb, PLUMB_A_METRICS_REORDERING, i->reordering) ||
	    (i->fast_mss && nla_put_u16(skb, PLUMB_A_METRICS_FO_MSS, i->fast_mss)) ||
	    (i->cookie_len &&
	     nla_put(skb, PLUMB_A_METRICS_FO_COOKIE, i->cookie_len, i->cookie))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int genl_metrics_dump_one(const struct plumb_tcp_metrics_info *i, void *arg)
{
	struct plumb_genl_dump *d = arg;
	struct nlattr *dst = d->attrs[PLUMB_A_METRICS_DST], *src = d->attrs[PLUMB_A_METRICS_SRC];

	if ((dst && nla_get_in_addr(dst) != i->daddr) || (src && nla_get_in_addr(src) != i->saddr))
		return 0;
	return plumb_genl_dump_skip(d) ? 0 : genl_metrics_put(&d->msg, i);
}

int plumb_genl_metrics_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_METRICS_GET, false);

	return plumb_genl_dump_end(&d, plumb_tcp_metrics_iterate(pn, genl_metrics_dump_one, &d));
}

int plumb_genl_metrics_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *src = info->attrs[PLUMB_A_METRICS_SRC];
	__be32 daddr, saddr = src ? nla_get_in_addr(src) : 0;

	if (GENL_REQ_ATTR_CHECK(info, PLUMB_A_METRICS_DST)) {
		NL_SET_ERR_MSG(info->extack, "an address is needed");
		return -EINVAL;
	}
	daddr = nla_get_in_addr(info->attrs[PLUMB_A_METRICS_DST]);
	if (plumb_tcp_metrics_forget(plumb_genl_net(info), &daddr, src ? &saddr : NULL))
		return 0;
	return -ESRCH;
}

int plumb_genl_metrics_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_genl_msg m;
	unsigned int count;
	void *hdr;

	if (!plumb_genl_reply_new(&m, info, PLUMB_CMD_METRICS_FLUSH))
		return -ENOMEM;
	count = plumb_tcp_metrics_forget(plumb_genl_net(info), NULL, NULL);
	hdr = plumb_genl_start(&m);
	if (!hdr || nla_put_u32(m.skb, PLUMB_A_METRICS_COUNT, count)) {
		nlmsg_free(m.skb);
		return -EMSGSIZE;
	}
	genlmsg_end(m.skb, hdr);
	return genlmsg_reply(m.skb, info);
}
