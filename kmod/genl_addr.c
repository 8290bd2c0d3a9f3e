// SPDX-License-Identifier: GPL-2.0
/* Netlink: the addresses of interfaces. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "../net/route/route.h"
#include "genl.h"

#define GENL_ADDR_ANY_PREFIX	255	/* plumb_addr_del(): whatever its prefix */

const struct nla_policy plumb_genl_addr_policy[PLUMB_A_ADDR_MAX + 1] = {
	[PLUMB_A_ADDR_IFINDEX]		= NLA_POLICY_MIN(NLA_S32, 1),
	[PLUMB_A_ADDR_LOCAL]		= { .type = NLA_BE32 },
	[PLUMB_A_ADDR_PREFIXLEN]	= NLA_POLICY_MAX(NLA_U8, 32),
	[PLUMB_A_ADDR_BROADCAST]	= { .type = NLA_BE32 },
	[PLUMB_A_ADDR_SCOPE]		= { .type = NLA_U8 },
	[PLUMB_A_ADDR_FLAGS]		= NLA_POLICY_MASK(NLA_U32, IFA_F_NOPREFIXROUTE),
	[PLUMB_A_ADDR_SHARE]		= { .type = NLA_REJECT },
};

int plumb_genl_addr_put(const struct plumb_genl_msg *m, const struct plumb_addr *a)
{
	void *hdr = plumb_genl_start(m);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_s32(m->skb, PLUMB_A_ADDR_IFINDEX, a->ifindex) ||
	    nla_put_in_addr(m->skb, PLUMB_A_ADDR_LOCAL, a->local) ||
	    nla_put_u8(m->skb, PLUMB_A_ADDR_PREFIXLEN, a->prefixlen) ||
	    (a->broadcast && nla_put_in_addr(m->skb, PLUMB_A_ADDR_BROADCAST, a->broadcast)) ||
	    nla_put_u8(m->skb, PLUMB_A_ADDR_SCOPE, a->scope) ||
	    nla_put_u32(m->skb, PLUMB_A_ADDR_FLAGS, a->flags) ||
	    (a->shared && nla_put_flag(m->skb, PLUMB_A_ADDR_SHARE))) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

static int genl_addr_parse(struct genl_info *info, struct plumb_addr *a, u8 prefixlen)
{
	struct nlattr **tb = info->attrs;

	if (GENL_REQ_ATTR_CHECK(info, PLUMB_A_ADDR_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack, "which device? no index was given");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, PLUMB_A_ADDR_LOCAL)) {
		NL_SET_ERR_MSG(info->extack, "no address was given");
		return -EINVAL;
	}
	*a = (struct plumb_addr) {
		.ifindex = nla_get_s32(tb[PLUMB_A_ADDR_IFINDEX]),
		.local = nla_get_in_addr(tb[PLUMB_A_ADDR_LOCAL]),
		.prefixlen = prefixlen,
		.scope = RT_SCOPE_UNIVERSE,
	};
	if (tb[PLUMB_A_ADDR_PREFIXLEN])
		a->prefixlen = nla_get_u8(tb[PLUMB_A_ADDR_PREFIXLEN]);
	if (tb[PLUMB_A_ADDR_BROADCAST])
		a->broadcast = nla_get_in_addr(tb[PLUMB_A_ADDR_BROADCAST]);
	if (tb[PLUMB_A_ADDR_SCOPE])
		a->scope = nla_get_u8(tb[PLUMB_A_ADDR_SCOPE]);
	if (tb[PLUMB_A_ADDR_FLAGS])
		a->flags = nla_get_u32(tb[PLUMB_A_ADDR_FLAGS]);
	return 0;
}

static void genl_addr_explain(struct genl_info *info, int err)
{
	switch (err) {
	case -EADDRINUSE:
		NL_SET_ERR_MSG(info->extack, "Linux holds this address in this namespace");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(info->extack,
			       "the device is hooked by something else (a bridge, bond, macvlan ...)");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(info->extack, "the device can not carry Plumb");
		break;
	case -EINVAL:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PLUMB_A_ADDR_LOCAL],
				    "not an address that a host may have");
		break;
	}
}

int plumb_genl_addr_new(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_addr a;
	int err;

	err = genl_addr_parse(info, &a, 32);
	if (err)
		return err;
	rtnl_lock();
	err = plumb_addr_add(plumb_genl_net(info), &a);
	rtnl_unlock();
	genl_addr_explain(info, err);
	return err;
}

int plumb_genl_addr_del(struct sk_buff *skb, struct genl_info *info)
{
	struct plumb_addr a;
	int err;

	err = genl_addr_parse(info, &a, GENL_ADDR_ANY_PREFIX);
	if (err)
		return err;
	rtnl_lock();
	err = plumb_addr_del(plumb_genl_net(info), &a);
	rtnl_unlock();
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(info->extack, "the address is Linux's: delete it there");
	return err;
}

static int genl_addr_dump_one(const struct plumb_addr *a, void *arg)
{
	struct plumb_genl_dump *d = arg;

	if (d->attrs[PLUMB_A_ADDR_IFINDEX] &&
	    a->ifindex != nla_get_s32(d->attrs[PLUMB_A_ADDR_IFINDEX]))
		return 0;
	return plumb_genl_dump_skip(d) ? 0 : plumb_genl_addr_put(&d->msg, a);
}

int plumb_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_ADDR_GET, true);

	return plumb_genl_dump_end(&d, plumb_addr_iterate(pn, genl_addr_dump_one, &d));
}
