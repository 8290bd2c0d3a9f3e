// SPDX-License-Identifier: GPL-2.0
/* Netlink: the neighbour cache. */
#include <linux/rtnetlink.h>

#include "../net/neigh/neigh.h"
#include "genl.h"

#define GENL_NEIGH_STATES (NUD_INCOMPLETE | NUD_REACHABLE | NUD_STALE | NUD_DELAY | \
			   NUD_PROBE | NUD_FAILED | NUD_NOARP | NUD_PERMANENT)

const struct nla_policy plumb_genl_neigh_policy[PLUMB_A_NEIGH_MAX + 1] = {
	[PLUMB_A_NEIGH_IFINDEX]		= NLA_POLICY_MIN(NLA_S32, 1),
	[PLUMB_A_NEIGH_DST]		= { .type = NLA_BE32 },
	[PLUMB_A_NEIGH_STATE]		= NLA_POLICY_MASK(NLA_U16, GENL_NEIGH_STATES),
	[PLUMB_A_NEIGH_LLADDR]		= { .type = NLA_BINARY, .len = MAX_ADDR_LEN },
	[PLUMB_A_NEIGH_HOW]		= NLA_POLICY_MAX(NLA_U32, PLUMB_HOW_REPLACE),
	[PLUMB_A_NEIGH_REFCNT]		= { .type = NLA_REJECT },
	[PLUMB_A_NEIGH_PROBES]		= { .type = NLA_REJECT },
	[PLUMB_A_NEIGH_CONFIRMED]	= { .type = NLA_REJECT },
	[PLUMB_A_NEIGH_USED]		= { .type = NLA_REJECT },
	[PLUMB_A_NEIGH_UPDATED]		= { .type = NLA_REJECT },
	[PLUMB_A_NEIGH_COUNT]		= { .type = NLA_REJECT },
};

static const u16 genl_neigh_how[] = {
	[PLUMB_HOW_ADD]		= NLM_F_CREATE | NLM_F_EXCL,
	[PLUMB_HOW_CHANGE]	= NLM_F_REPLACE,
	[PLUMB_HOW_REPLACE]	= NLM_F_CREATE | NLM_F_REPLACE,
};

int plumb_genl_neigh_put(const struct plumb_genl_msg *m, const struct plumb_neigh_info *n)
{
	void *hdr = plumb_genl_start(m);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_s32(m->skb, PLUMB_A_NEIGH_IFINDEX, n->ifindex) ||
	    nla_put_in_addr(m->skb, PLUMB_A_NEIGH_DST, n->addr) ||
	    nla_put_u16(m->skb, PLUMB_A_NEIGH_STATE, n->state) ||
	    (n->lladdr_len &&
	     nla_put(m->skb, PLUMB_A_NEIGH_LLADDR, n->lladdr_len, n->lladdr)) ||
	    nla_put_u32(m->skb, PLUMB_A_NEIGH_REFCNT, n->refcnt) ||
	    nla_put_u32(m->skb, PLUMB_A_NEIGH_PROBES, n->probes) ||
	    nla_put_u32(m->skb, PLUMB_A_NEIGH_CONFIRMED, n->confirmed_ms) ||
	    nla_put_u32(m->skb, PLUMB_A_NEIGH_USED, n->used_ms) ||
	    nla_put_u32(m->skb, PLUMB_A_NEIGH_UPDATED, n->updated_ms)) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

/* Device and address, which both making and deleting need. */
static int genl_neigh_parse(struct genl_info *info, struct plumb_neigh_info *n)
{
	struct nlattr **tb = info->attrs;

	if (GENL_REQ_ATTR_CHECK(info, PLUMB_A_NEIGH_IFINDEX) ||
	    GENL_REQ_ATTR_CHECK(info, PLUMB_A_NEIGH_DST)) {
		NL_SET_ERR_MSG(info->extack, "a neighbour is a device and an address");
		return -EINVAL;
	}
	memset(n, 0, sizeof(*n));
	n->ifindex = nla_get_s32(tb[PLUMB_A_NEIGH_IFINDEX]);
	n->addr = nla_get_in_addr(tb[PLUMB_A_NEIGH_DST]);
	if (tb[PLUMB_A_NEIGH_STATE])
		n->state = nla_get_u16(tb[PLUMB_A_NEIGH_STATE]);
	if (tb[PLUMB_A_NEIGH_LLADDR]) {
		n->lladdr_len = nla_len(tb[PLUMB_A_NEIGH_LLADDR]);
		memcpy(n->lladdr, nla_data(tb[PLUMB_A_NEIGH_LLADDR]), n->lladdr_len);
	}
	return 0;
}

int plumb_genl_neigh_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *how = info->attrs[PLUMB_A_NEIGH_HOW];
	struct plumb_neigh_info n;
	int err;

	err = genl_neigh_parse(info, &n);
	if (err)
		return err;
	if (hweight16(n.state) > 1) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PLUMB_A_NEIGH_STATE],
				    "a neighbour is in one state");
		return -EINVAL;
	}
	rtnl_lock();
	err = plumb_neigh_add(plumb_genl_net(info), &n,
			      genl_neigh_how[how ? nla_get_u32(how) : PLUMB_HOW_ADD]);
	rtnl_unlock();
	if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack,
			       "not a neighbour's address, or a link-layer address of wrong length");
	else if (err == -ENODEV)
		NL_SET_ERR_MSG(info->extack, "no such device, or not adopted");
	return err;
}

int plumb_genl_neigh_del(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_neigh_info n;
	int err;

	err = genl_neigh_parse(info, &n);
	if (err)
		return err;
	rtnl_lock();
	err = plumb_neigh_del(plumb_genl_net(info), n.ifindex, n.addr);
	rtnl_unlock();
	return err;
}

int plumb_genl_neigh_flush_do(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *index = info->attrs[PLUMB_A_NEIGH_IFINDEX];
	struct nlattr *state = info->attrs[PLUMB_A_NEIGH_STATE];
	struct plumb_genl_msg m;
	unsigned int count;
	void *hdr;

	if (!plumb_genl_reply_new(&m, info, PLUMB_CMD_NEIGH_FLUSH))
		return -ENOMEM;
	rtnl_lock();
	count = plumb_neigh_flush(plumb_genl_net(info), index ? nla_get_s32(index) : 0,
				  state ? nla_get_u16(state) : 0);
	rtnl_unlock();
	hdr = plumb_genl_start(&m);
	if (!hdr || nla_put_u32(m.skb, PLUMB_A_NEIGH_COUNT, count)) {
		nlmsg_free(m.skb);
		return -EMSGSIZE;
	}
	genlmsg_end(m.skb, hdr);
	return genlmsg_reply(m.skb, info);
}

static int genl_neigh_dump_one(const struct plumb_neigh_info *n, void *arg)
{
	struct plumb_genl_dump *d = arg;

	if ((d->attrs[PLUMB_A_NEIGH_IFINDEX] &&
	     n->ifindex != nla_get_s32(d->attrs[PLUMB_A_NEIGH_IFINDEX])) ||
	    (d->attrs[PLUMB_A_NEIGH_STATE] &&
	     !(n->state & nla_get_u16(d->attrs[PLUMB_A_NEIGH_STATE]))))
		return 0;
	return plumb_genl_dump_skip(d) ? 0 : plumb_genl_neigh_put(&d->msg, n);
}

int plumb_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_NEIGH_GET, false);

	return plumb_genl_dump_end(&d, plumb_neigh_iterate(pn, genl_neigh_dump_one, &d));
}
