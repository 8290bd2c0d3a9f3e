// SPDX-License-Identifier: GPL-2.0
/* Netlink: adopted devices. */
#include <linux/rtnetlink.h>

#include "../net/ip/link.h"
#include "genl.h"

const struct nla_policy plumb_genl_link_policy[PLUMB_A_LINK_MAX + 1] = {
	[PLUMB_A_LINK_IFINDEX]		= NLA_POLICY_MIN(NLA_S32, 1),
	[PLUMB_A_LINK_IFNAME]		= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[PLUMB_A_LINK_MTU]		= { .type = NLA_REJECT },
	[PLUMB_A_LINK_FLAGS]		= { .type = NLA_REJECT },
	[PLUMB_A_LINK_PINNED]		= { .type = NLA_REJECT },
	[PLUMB_A_LINK_SHARE]		= { .type = NLA_FLAG },
	[PLUMB_A_LINK_ADDRESSES]	= { .type = NLA_REJECT },
};

int plumb_genl_link_put(const struct plumb_genl_msg *m, const struct plumb_link_info *l)
{
	void *hdr = plumb_genl_start(m);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_s32(m->skb, PLUMB_A_LINK_IFINDEX, l->ifindex) ||
	    nla_put_string(m->skb, PLUMB_A_LINK_IFNAME, l->name) ||
	    nla_put_u32(m->skb, PLUMB_A_LINK_MTU, l->mtu) ||
	    nla_put_u32(m->skb, PLUMB_A_LINK_FLAGS, l->dev_flags) ||
	    (l->pinned && nla_put_flag(m->skb, PLUMB_A_LINK_PINNED)) ||
	    (l->share && nla_put_flag(m->skb, PLUMB_A_LINK_SHARE)) ||
	    nla_put_u32(m->skb, PLUMB_A_LINK_ADDRESSES, l->addresses)) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

/* Which device is meant, by index or name; -errno with a message. RTNL held or not. */
static int genl_link_index(struct genl_info *info)
{
	struct nlattr *index = info->attrs[PLUMB_A_LINK_IFINDEX];
	struct nlattr *name = info->attrs[PLUMB_A_LINK_IFNAME];
	struct net_device *dev;
	int ifindex;

	if (index && !name)
		return nla_get_s32(index);
	if (!name) {
		NL_SET_ERR_MSG(info->extack, "which device? neither index nor name was given");
		return -EINVAL;
	}
	rcu_read_lock();
	dev = dev_get_by_name_rcu(genl_info_net(info), nla_data(name));
	ifindex = dev ? dev->ifindex : -ENODEV;
	rcu_read_unlock();
	if (index && ifindex > 0 && ifindex != nla_get_s32(index)) {
		NL_SET_ERR_MSG(info->extack, "index and name are of different devices");
		return -EINVAL;
	}
	if (ifindex < 0)
		NL_SET_ERR_MSG_ATTR(info->extack, name, "no such device");
	return ifindex;
}

struct genl_link_find {
	struct plumb_genl_msg	msg;
	int			ifindex;
	int			err;
};

static int genl_link_find_one(const struct plumb_link_info *l, void *arg)
{
	struct genl_link_find *f = arg;

	if (l->ifindex != f->ifindex)
		return 0;
	f->err = plumb_genl_link_put(&f->msg, l);
	return 1;
}

int plumb_genl_link_get(struct sk_buff *skb, struct genl_info *info)
{
	struct genl_link_find f = { .err = -ENOENT, .ifindex = genl_link_index(info) };

	if (f.ifindex < 0)
		return f.ifindex;
	if (!plumb_genl_reply_new(&f.msg, info, PLUMB_CMD_LINK_GET))
		return -ENOMEM;
	plumb_link_iterate(plumb_genl_net(info), genl_link_find_one, &f);
	if (!f.err)
		return genlmsg_reply(f.msg.skb, info);
	if (f.err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "the device is not adopted");
	nlmsg_free(f.msg.skb);
	return f.err;
}

static int genl_link_adopt(struct plumb_net *pn, int ifindex)
{
	int err;

	rtnl_lock();
	err = plumb_link_adopt(pn, ifindex);
	rtnl_unlock();
	return err;
}

int plumb_genl_link_new(struct sk_buff *skb, struct genl_info *info)
{
	int err, ifindex = genl_link_index(info);

	if (ifindex < 0)
		return ifindex;
	if (info->attrs[PLUMB_A_LINK_SHARE])
		err = plumb_link_share(plumb_genl_net(info), ifindex);
	else
		err = genl_link_adopt(plumb_genl_net(info), ifindex);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "the device is hooked by something else (a bridge, bond, macvlan ...)");
	else if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack, "the device can not carry Plumb");
	else if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(info->extack,
			       "a port is bound in both stacks (the kernel's log says which)");
	return err;
}

static int genl_link_unshare(struct genl_info *info, int ifindex)
{
	int err = plumb_link_unshare(plumb_genl_net(info), ifindex);

	if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "the device is not shared");
	return err;
}

int plumb_genl_link_del(struct sk_buff *skb, struct genl_info *info)
{
	int err, ifindex = genl_link_index(info);

	if (ifindex < 0)
		return ifindex;
	if (info->attrs[PLUMB_A_LINK_SHARE])
		return genl_link_unshare(info, ifindex);
	rtnl_lock();
	err = plumb_link_release(plumb_genl_net(info), ifindex);
	rtnl_unlock();
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "the device has addresses or is shared: end that first");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "the device is not adopted");
	return err;
}

static int genl_link_dump_one(const struct plumb_link_info *l, void *arg)
{
	struct plumb_genl_dump *d = arg;

	if (d->attrs[PLUMB_A_LINK_IFINDEX] &&
	    l->ifindex != nla_get_s32(d->attrs[PLUMB_A_LINK_IFINDEX]))
		return 0;
	return plumb_genl_dump_skip(d) ? 0 : plumb_genl_link_put(&d->msg, l);
}

int plumb_genl_link_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct plumb_genl_dump d;
	struct plumb_net *pn = plumb_genl_dump_begin(&d, skb, cb, PLUMB_CMD_LINK_GET, true);

	return plumb_genl_dump_end(&d, plumb_link_iterate(pn, genl_link_dump_one, &d));
}
