// SPDX-License-Identifier: GPL-2.0
/* Netlink: routes, and how one destination would be reached. */
#include <linux/rtnetlink.h>

#include "../net/route/route.h"
#include "genl.h"

const struct nla_policy plumb_genl_route_policy[PLUMB_A_ROUTE_MAX + 1] = {
	[PLUMB_A_ROUTE_DST]		= { .type = NLA_BE32 },
	[PLUMB_A_ROUTE_PREFIXLEN]	= NLA_POLICY_MAX(NLA_U8, 32),
	[PLUMB_A_ROUTE_GATEWAY]		= { .type = NLA_BE32 },
	[PLUMB_A_ROUTE_PREFSRC]		= { .type = NLA_BE32 },
	[PLUMB_A_ROUTE_METRIC]		= { .type = NLA_U32 },
	[PLUMB_A_ROUTE_MTU]		= { .type = NLA_U32 },
	[PLUMB_A_ROUTE_IFINDEX]		= NLA_POLICY_MIN(NLA_S32, 1),
	[PLUMB_A_ROUTE_FLAGS]		= NLA_POLICY_MASK(NLA_U32, RTNH_F_ONLINK),
	[PLUMB_A_ROUTE_TYPE]		= { .type = NLA_U8 },
	[PLUMB_A_ROUTE_SCOPE]		= { .type = NLA_U8 },
	[PLUMB_A_ROUTE_PROTOCOL]	= { .type = NLA_U8 },
	[PLUMB_A_ROUTE_TABLE]		= { .type = NLA_U8 },
	[PLUMB_A_ROUTE_HOW]		= NLA_POLICY_MAX(NLA_U32, PLUMB_HOW_APPEND),
	[PLUMB_A_ROUTE_SRC]		= { .type = NLA_BE32 },
	[PLUMB_A_ROUTE_NEXTHOP]		= { .type = NLA_REJECT },
	[PLUMB_A_ROUTE_PATH_MTU]	= { .type = NLA_REJECT },
	[PLUMB_A_ROUTE_EXPIRES]		= { .type = NLA_REJECT },
	[PLUMB_A_ROUTE_SHARE]		= { .type = NLA_REJECT },
	[PLUMB_A_ROUTE_ADVMSS]		= { .type = NLA_U16 },
	[PLUMB_A_ROUTE_WINDOW]		= { .type = NLA_U32 },
	[PLUMB_A_ROUTE_INITCWND]	= { .type = NLA_U16 },
	[PLUMB_A_ROUTE_INITRWND]	= { .type = NLA_U16 },
	[PLUMB_A_ROUTE_RTO_MIN]		= { .type = NLA_U32 },
	[PLUMB_A_ROUTE_QUICKACK]	= { .type = NLA_FLAG },
	[PLUMB_A_ROUTE_CONGCTL]		= { .type = NLA_NUL_STRING,
					    .len = PLUMB_CC_NAME_MAX - 1 },
	[PLUMB_A_ROUTE_MTU_LOCK]	= { .type = NLA_FLAG },
};

static const u16 genl_route_how[] = {
	[PLUMB_HOW_ADD]		= NLM_F_CREATE | NLM_F_EXCL,
	[PLUMB_HOW_CHANGE]	= NLM_F_REPLACE,
	[PLUMB_HOW_REPLACE]	= NLM_F_CREATE | NLM_F_REPLACE,
	[PLUMB_HOW_PREPEND]	= NLM_F_CREATE,
	[PLUMB_HOW_APPEND]	= NLM_F_CREATE | NLM_F_APPEND,
};

static int genl_route_put_metrics(struct sk_buff *skb, const struct plumb_route_metrics *m)
{
	if ((m->advmss && nla_put_u16(skb, PLUMB_A_ROUTE_ADVMSS, m->advmss)) ||
	    (m->window && nla_put_u32(skb, PLUMB_A_ROUTE_WINDOW, m->window)) ||
	    (m->initcwnd && nla_put_u16(skb, PLUMB_A_ROUTE_INITCWND, m->initcwnd)) ||
	    (m->initrwnd && nla_put_u16(skb, PLUMB_A_ROUTE_INITRWND, m->initrwnd)) ||
	    (m->rto_min_ms && nla_put_u32(skb, PLUMB_A_ROUTE_RTO_MIN, m->rto_min_ms)) ||
	    (m->quickack && nla_put_flag(skb, PLUMB_A_ROUTE_QUICKACK)) ||
	    (m->congctl[0] && nla_put_string(skb, PLUMB_A_ROUTE_CONGCTL, m->congctl)) ||
	    (m->mtu_lock && nla_put_flag(skb, PLUMB_A_ROUTE_MTU_LOCK)))
		return -EMSGSIZE;
	return 0;
}

/* The attributes that a configured route and an answer have in common. */
static int genl_route_put_attrs(struct sk_buff *skb, const struct plumb_route *r)
{
	if (nla_put_in_addr(skb, PLUMB_A_ROUTE_DST, r->dst) ||
	    nla_put_u8(skb, PLUMB_A_ROUTE_PREFIXLEN, r->plen) ||
	    (r->gateway && nla_put_in_addr(skb, PLUMB_A_ROUTE_GATEWAY, r->gateway)) ||
	    (r->prefsrc && nla_put_in_addr(skb, PLUMB_A_ROUTE_PREFSRC, r->prefsrc)) ||
	    (r->metric && nla_put_u32(skb, PLUMB_A_ROUTE_METRIC, r->metric)) ||
	    (r->mtu && nla_put_u32(skb, PLUMB_A_ROUTE_MTU, r->mtu)) ||
	    (r->ifindex && nla_put_s32(skb, PLUMB_A_ROUTE_IFINDEX, r->ifindex)) ||
	    nla_put_u32(skb, PLUMB_A_ROUTE_FLAGS, r->flags) ||
	    nla_put_u8(skb, PLUMB_A_ROUTE_TYPE, r->type) ||
	    nla_put_u8(skb, PLUMB_A_ROUTE_SCOPE, r->scope) ||
	    nla_put_u8(skb, PLUMB_A_ROUTE_PROTOCOL, r->protocol) ||
	    nla_put_u8(skb, PLUMB_A_ROUTE_TABLE, r->table) ||
	    (r->import && nla_put_flag(skb, PLUMB_A_ROUTE_SHARE)) ||
	    genl_route_put_metrics(skb, &r->m))
		return -EMSGSIZE;
	return 0;
}

int plumb_genl_route_put(const struct plumb_genl_msg *m, const struct plumb_route *r)
{
	void *hdr = plumb_genl_start(m);

	if (!hdr)
		return -EMSGSIZE;
	if (genl_route_put_attrs(m->skb, r)) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

static void genl_route_parse_metrics(struct nlattr **tb, struct plumb_route_metrics *m)
{
	if (tb[PLUMB_A_ROUTE_ADVMSS])
		m->advmss = nla_get_u16(tb[PLUMB_A_ROUTE_ADVMSS]);
	if (tb[PLUMB_A_ROUTE_WINDOW])
		m->window = nla_get_u32(tb[PLUMB_A_ROUTE_WINDOW]);
	if (tb[PLUMB_A_ROUTE_INITCWND])
		m->initcwnd = nla_get_u16(tb[PLUMB_A_ROUTE_INITCWND]);
	if (tb[PLUMB_A_ROUTE_INITRWND])
		m->initrwnd = nla_get_u16(tb[PLUMB_A_ROUTE_INITRWND]);
	if (tb[PLUMB_A_ROUTE_RTO_MIN])
		m->rto_min_ms = nla_get_u32(tb[PLUMB_A_ROUTE_RTO_MIN]);
	if (tb[PLUMB_A_ROUTE_CONGCTL])
		nla_strscpy(m->congctl, tb[PLUMB_A_ROUTE_CONGCTL], sizeof(m->congctl));
	m->quickack = tb[PLUMB_A_ROUTE_QUICKACK];
	m->mtu_lock = tb[PLUMB_A_ROUTE_MTU_LOCK];
}

static void genl_route_parse(struct nlattr **tb, struct plumb_route *r)
{
	*r = (struct plumb_route) { .scope = RT_SCOPE_NOWHERE };
	if (tb[PLUMB_A_ROUTE_DST])
		r->dst = nla_get_in_addr(tb[PLUMB_A_ROUTE_DST]);
	if (tb[PLUMB_A_ROUTE_PREFIXLEN])
		r->plen = nla_get_u8(tb[PLUMB_A_ROUTE_PREFIXLEN]);
	if (tb[PLUMB_A_ROUTE_GATEWAY])
		r->gateway = nla_get_in_addr(tb[PLUMB_A_ROUTE_GATEWAY]);
	if (tb[PLUMB_A_ROUTE_PREFSRC])
		r->prefsrc = nla_get_in_addr(tb[PLUMB_A_ROUTE_PREFSRC]);
	if (tb[PLUMB_A_ROUTE_METRIC])
		r->metric = nla_get_u32(tb[PLUMB_A_ROUTE_METRIC]);
	if (tb[PLUMB_A_ROUTE_MTU])
		r->mtu = nla_get_u32(tb[PLUMB_A_ROUTE_MTU]);
	if (tb[PLUMB_A_ROUTE_IFINDEX])
		r->ifindex = nla_get_s32(tb[PLUMB_A_ROUTE_IFINDEX]);
	if (tb[PLUMB_A_ROUTE_FLAGS])
		r->flags = nla_get_u32(tb[PLUMB_A_ROUTE_FLAGS]);
	if (tb[PLUMB_A_ROUTE_TYPE])
		r->type = nla_get_u8(tb[PLUMB_A_ROUTE_TYPE]);
	if (tb[PLUMB_A_ROUTE_SCOPE])
		r->scope = nla_get_u8(tb[PLUMB_A_ROUTE_SCOPE]);
	if (tb[PLUMB_A_ROUTE_PROTOCOL])
		r->protocol = nla_get_u8(tb[PLUMB_A_ROUTE_PROTOCOL]);
	if (tb[PLUMB_A_ROUTE_TABLE])
		r->table = nla_get_u8(tb[PLUMB_A_ROUTE_TABLE]);
	genl_route_parse_metrics(tb, &r->m);
}

static void genl_route_explain(struct genl_info *info, int err)
{
	if (err == -ENETUNREACH)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PLUMB_A_ROUTE_GATEWAY],
				    "the gateway is not on a link of Plumb's");
	else if (err == -ENETDOWN)
		NL_SET_ERR_MSG(info->extack, "the device is down");
	else if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack,
			       "the route contradicts itself, or has bits outside the prefix");
}

int plumb_genl_route_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct plumb_route r;
	u32 how = PLUMB_HOW_ADD;
	int err;

	if (!tb[PLUMB_A_ROUTE_DST] != !tb[PLUMB_A_ROUTE_PREFIXLEN]) {
		NL_SET_ERR_MSG(info->extack, "a destination is an address and a prefix length");
		return -EINVAL;
	}
	genl_route_parse(tb, &r);
	if (!r.type)
		r.type = RTN_UNICAST;
	if (!r.protocol)
		r.protocol = RTPROT_BOOT;
	if (tb[PLUMB_A_ROUTE_HOW])
		how = nla_get_u32(tb[PLUMB_A_ROUTE_HOW]);
	rtnl_lock();
	err = plumb_route_add(plumb_genl_net(info), &r, genl_route_how[how]);
	rtnl_unlock();
	genl_route_explain(info, err);
	return err;
}

int plumb_genl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_route r;
	int err;

	genl_route_parse(info->attrs, &r);
	if (!r.table)
		r.table = plumb_route_table(r.type);
	rtnl_lock();
	err = plumb_route_del(plumb_genl_net(info), &r);
	rtnl_unlock();
	return err;
}

static int genl_route_result_put(const struct plumb_genl_msg *m,
				 const struct plumb_route_result *res)
{
	void *hdr = plumb_genl_start(m);

	if (!hdr)
		return -EMSGSIZE;
	if (genl_route_put_attrs(m->skb, &res->route) ||
	    (res->saddr && nla_put_in_addr(m->skb, PLUMB_A_ROUTE_SRC, res->saddr)) ||
	    nla_put_in_addr(m->skb, PLUMB_A_ROUTE_NEXTHOP, res->nexthop) ||
	    nla_put_u32(m->skb, PLUMB_A_ROUTE_PATH_MTU, res->mtu) ||
	    (res->pmtu_expires &&
	     nla_put_u32(m->skb, PLUMB_A_ROUTE_EXPIRES, res->pmtu_expires))) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

int plumb_genl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct plumb_route_result res;
	struct plumb_genl_msg m;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, PLUMB_A_ROUTE_DST)) {
		NL_SET_ERR_MSG(info->extack, "no destination was given");
		return -EINVAL;
	}
	err = plumb_route_get(plumb_genl_net(info), nla_get_in_addr(tb[PLUMB_A_ROUTE_DST]),
			      tb[PLUMB_A_ROUTE_SRC] ? nla_get_in_addr(tb[PLUMB_A_ROUTE_SRC]) : 0,
			      tb[PLUMB_A_ROUTE_IFINDEX] ?
			      nla_get_s32(tb[PLUMB_A_ROUTE_IFINDEX]) : 0, &res);
	if (err)
		return err;
	if (!plumb_genl_reply_new(&m, info, PLUMB_CMD_ROUTE_GET))
		return -ENOMEM;
	err = genl_route_result_put(&m, &res);
	if (!err)
		return genlmsg_reply(m.skb, info);
	nlmsg_free(m.skb);
	return err;
}

static int genl_route_dump_one(const struct plumb_route *r, void *arg)
{
	struct plumb_genl_dump *d = arg;

	if ((d->attrs[PLUMB_A_ROUTE_TABLE] &&
	     r->table != nla_get_u8(d->attrs[PLUMB_A_ROUTE_TABLE])) ||
	    (d->attrs[PLUMB_A_ROUTE_IFINDEX] &&
	     r->ifindex != nla_get_s32(d->attrs[PLUMB_A_ROUTE_IFINDEX])))
		return 0;
	return plumb_genl_dump_skip(d) ? 0 : plumb_genl_route_put(&d->msg, r);
}

int plumb_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_ROUTE_GET, true);

	return plumb_genl_dump_end(&d, plumb_route_iterate(pn, genl_route_dump_one, &d));
}
