// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "plumb_lan": cables, hubs and switches, their ports, and the
 * probe on the wire. lan_mutex serialises all commands.
 */
#include <linux/module.h>
#include <linux/plumb_lan.h>
#include <net/sock.h>

#include <plumb/init.h>

#include "../drivers/lan/medium.h"
#include "compat/genetlink.h"

enum { LAN_GROUP_SCOPE };

static struct genl_family plumb_lan_family;

static struct netlink_range_validation lan_ppb_range = { .max = LAN_PPB };
static struct netlink_range_validation lan_flap_range = { .max = 3600 * MSEC_PER_SEC };

#define LAN_PPB_POLICY	NLA_POLICY_FULL_RANGE(NLA_U32, &lan_ppb_range)

static const struct nla_policy lan_policy[PLUMB_LAN_A_MAX + 1] = {
	[PLUMB_LAN_A_MEDIUM]	= { .type = NLA_NUL_STRING, .len = LAN_NAME_LEN - 1 },
	[PLUMB_LAN_A_TYPE]	= NLA_POLICY_MAX(NLA_U8, PLUMB_LAN_SWITCH),
	[PLUMB_LAN_A_SPEED]	= NLA_POLICY_MAX(NLA_U32, 1000),
	[PLUMB_LAN_A_BIT_LEVEL]	= { .type = NLA_FLAG },
	[PLUMB_LAN_A_SEED]	= { .type = NLA_U64 },
	[PLUMB_LAN_A_PORT]	= { .type = NLA_U32 },		/* lan_genl_port() */
	[PLUMB_LAN_A_IFNAME]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[PLUMB_LAN_A_NETNS_FD]	= NLA_POLICY_MIN(NLA_S32, 0),
	[PLUMB_LAN_A_METRES]	= NLA_POLICY_MAX(NLA_U32, LAN_MAX_METRES),
	[PLUMB_LAN_A_PLUGGED]	= NLA_POLICY_MAX(NLA_U8, 1),
	[PLUMB_LAN_A_GONE]	= NLA_POLICY_MAX(NLA_U8, 1),
	[PLUMB_LAN_A_FLAP]	= NLA_POLICY_FULL_RANGE(NLA_U32, &lan_flap_range),
	[PLUMB_LAN_A_BER]	= LAN_PPB_POLICY,
	[PLUMB_LAN_A_BURST_BER]	= LAN_PPB_POLICY,
	[PLUMB_LAN_A_TO_BURST]	= LAN_PPB_POLICY,
	[PLUMB_LAN_A_FROM_BURST] = LAN_PPB_POLICY,
	[PLUMB_LAN_A_DROP]	= LAN_PPB_POLICY,
	[PLUMB_LAN_A_STORM]	= LAN_PPB_POLICY,
	[PLUMB_LAN_A_STALLED]	= NLA_POLICY_MAX(NLA_U8, 1),
};

/* ---- which one is meant ---- */

static struct lan_medium *lan_genl_medium(struct genl_info *info)
{
	struct nlattr *name = info->attrs[PLUMB_LAN_A_MEDIUM];
	struct lan_medium *m;

	if (!name) {
		NL_SET_ERR_MSG(info->extack, "which medium? no name was given");
		return ERR_PTR(-EINVAL);
	}
	m = lan_medium_find(genl_info_net(info), nla_data(name));
	if (!m) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "no such medium");
		return ERR_PTR(-ENODEV);
	}
	return m;
}

static struct lan_port *lan_genl_port(struct genl_info *info)
{
	struct nlattr *index = info->attrs[PLUMB_LAN_A_PORT];
	struct lan_medium *m = lan_genl_medium(info);

	if (IS_ERR(m))
		return ERR_CAST(m);
	if (!index) {
		NL_SET_ERR_MSG(info->extack, "which port? no number was given");
		return ERR_PTR(-EINVAL);
	}
	if (nla_get_u32(index) >= LAN_MAX_PORTS || !m->port[nla_get_u32(index)]) {
		NL_SET_ERR_MSG_ATTR(info->extack, index, "no such port");
		return ERR_PTR(-ENODEV);
	}
	return m->port[nla_get_u32(index)];
}

/* ---- media ---- */

static int lan_genl_medium_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct lan_medium_cfg cfg = {
		.mbps = a[PLUMB_LAN_A_SPEED] ? nla_get_u32(a[PLUMB_LAN_A_SPEED]) : 1000,
		.type = a[PLUMB_LAN_A_TYPE] ? nla_get_u8(a[PLUMB_LAN_A_TYPE]) : LAN_SWITCH,
		.bit_level = nla_get_flag(a[PLUMB_LAN_A_BIT_LEVEL]),
		.seed = a[PLUMB_LAN_A_SEED] ? nla_get_u64(a[PLUMB_LAN_A_SEED]) : 1,
	};
	int err;

	if (!a[PLUMB_LAN_A_MEDIUM]) {
		NL_SET_ERR_MSG(info->extack, "a medium needs a name");
		return -EINVAL;
	}
	cfg.name = nla_data(a[PLUMB_LAN_A_MEDIUM]);
	mutex_lock(&lan_mutex);
	err = lan_medium_add(genl_info_net(info), &cfg);
	mutex_unlock(&lan_mutex);
	if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack,
			       "the speed is 10, 100 or 1000, the name like a device's");
	else if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack, "no line code for each bit at 1000 Mb/s");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "too many media in this namespace");
	return err;
}

static int lan_genl_medium_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lan_medium *m;
	int err;

	mutex_lock(&lan_mutex);
	m = lan_genl_medium(info);
	err = IS_ERR(m) ? PTR_ERR(m) : lan_medium_del(genl_info_net(info), m->name);
	mutex_unlock(&lan_mutex);
	return err;
}

static int lan_genl_put_u64(struct sk_buff *skb, int attr, u64 v)
{
	return nla_put_u64_64bit(skb, attr, v, PLUMB_LAN_A_PAD);
}

static int lan_genl_put_switch(struct sk_buff *skb, struct lan_medium *m)
{
	struct lan_switch_stats s;

	spin_lock_bh(&m->lock);
	s = lan_switch_stats(m->sw);
	spin_unlock_bh(&m->lock);
	if (nla_put_u32(skb, PLUMB_LAN_A_ADDRESSES, s.addresses) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_FORWARDED, s.forwarded) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_FLOODED, s.flooded) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_DISCARDED, s.bad))
		return -EMSGSIZE;
	return 0;
}

static int lan_genl_medium_put(struct sk_buff *skb, struct netlink_callback *cb,
			       struct lan_medium *m)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&plumb_lan_family, NLM_F_MULTI, PLUMB_LAN_CMD_MEDIUM_NEW);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, PLUMB_LAN_A_MEDIUM, m->name) ||
	    nla_put_u8(skb, PLUMB_LAN_A_TYPE, m->type) ||
	    nla_put_u32(skb, PLUMB_LAN_A_SPEED, m->mbps) ||
	    (m->bit_level && nla_put_flag(skb, PLUMB_LAN_A_BIT_LEVEL)) ||
	    nla_put_u64_64bit(skb, PLUMB_LAN_A_SEED, m->seed, PLUMB_LAN_A_PAD) ||
	    nla_put_u32(skb, PLUMB_LAN_A_PORTS, m->n_ports) ||
	    (m->sw && lan_genl_put_switch(skb, m))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int lan_genl_medium_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lan_medium *m;
	long at = 0;

	mutex_lock(&lan_mutex);
	list_for_each_entry(m, lan_media(sock_net(skb->sk)), list) {
		if (at++ < cb->args[0])
			continue;
		if (lan_genl_medium_put(skb, cb, m)) {
			at--;
			break;
		}
	}
	mutex_unlock(&lan_mutex);
	cb->args[0] = at;
	return skb->len;
}

/* ---- ports ---- */

static bool lan_genl_fault_given(struct nlattr **a)
{
	return a[PLUMB_LAN_A_BER] || a[PLUMB_LAN_A_BURST_BER] || a[PLUMB_LAN_A_TO_BURST] ||
	       a[PLUMB_LAN_A_FROM_BURST] || a[PLUMB_LAN_A_DROP] || a[PLUMB_LAN_A_SEED];
}

static void lan_genl_u32(struct nlattr *a, u32 *v)
{
	if (a)
		*v = nla_get_u32(a);
}

static bool lan_speed_known(u32 mbps)
{
	return !mbps || mbps == 10 || mbps == 100 || mbps == 1000;
}

static int lan_genl_port_apply(struct lan_port *p, struct nlattr **a,
			       struct netlink_ext_ack *extack)
{
	struct lan_fault_cfg f = p->fault;
	u64 seed = a[PLUMB_LAN_A_SEED] ? nla_get_u64(a[PLUMB_LAN_A_SEED]) : p->fault_seed;
	int err = 0;

	/* What the policy cannot say: nothing is changed if not all can be. */
	if (a[PLUMB_LAN_A_SPEED] && !lan_speed_known(nla_get_u32(a[PLUMB_LAN_A_SPEED]))) {
		NL_SET_ERR_MSG_ATTR(extack, a[PLUMB_LAN_A_SPEED],
				    "a cable carries 10, 100 or 1000 Mb/s, or 0 for what the medium does");
		return -EINVAL;
	}
	lan_genl_u32(a[PLUMB_LAN_A_BER], &f.ber_ppb);
	lan_genl_u32(a[PLUMB_LAN_A_BURST_BER], &f.burst_ber_ppb);
	lan_genl_u32(a[PLUMB_LAN_A_TO_BURST], &f.to_burst_ppb);
	lan_genl_u32(a[PLUMB_LAN_A_FROM_BURST], &f.from_burst_ppb);
	lan_genl_u32(a[PLUMB_LAN_A_DROP], &f.drop_ppb);
	if (lan_genl_fault_given(a))
		err = lan_port_set_fault(p, &f, seed);
	if (!err && a[PLUMB_LAN_A_STORM])
		err = lan_port_set_storm(p, nla_get_u32(a[PLUMB_LAN_A_STORM]));
	if (!err && a[PLUMB_LAN_A_SPEED])
		err = lan_port_set_mbps(p, nla_get_u32(a[PLUMB_LAN_A_SPEED]));
	if (!err && a[PLUMB_LAN_A_METRES])
		err = lan_port_set_metres(p, nla_get_u32(a[PLUMB_LAN_A_METRES]));
	if (!err && a[PLUMB_LAN_A_FLAP])
		err = lan_port_set_flap(p, nla_get_u32(a[PLUMB_LAN_A_FLAP]));
	if (!err && a[PLUMB_LAN_A_GONE])
		err = lan_port_set_gone(p, nla_get_u8(a[PLUMB_LAN_A_GONE]));
	if (!err && a[PLUMB_LAN_A_PLUGGED])
		err = lan_port_plug(p, nla_get_u8(a[PLUMB_LAN_A_PLUGGED]));
	return err;
}

/* The namespace a new netdevice goes to: counted. */
static struct net *lan_genl_target(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *fd = info->attrs[PLUMB_LAN_A_NETNS_FD];
	struct net *net;

	if (!fd)
		return get_net(genl_info_net(info));
	net = get_net_ns_by_fd(nla_get_s32(fd));
	if (IS_ERR(net)) {
		NL_SET_ERR_MSG_ATTR(info->extack, fd, "that is no network namespace");
	} else if (!netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		return ERR_PTR(-EPERM);
	}
	return net;
}

static int lan_genl_port_add(struct genl_info *info, struct net *net)
{
	struct nlattr *name = info->attrs[PLUMB_LAN_A_IFNAME];
	struct lan_medium *m = lan_genl_medium(info);
	unsigned int index;
	int err;

	if (IS_ERR(m))
		return PTR_ERR(m);
	err = lan_port_add(m, net, name ? nla_data(name) : NULL, &index);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "the medium has no free port");
	else if (err == -EDQUOT)
		NL_SET_ERR_MSG(info->extack, "too many ports in user namespaces on this host");
	if (err)
		return err;
	err = lan_genl_port_apply(m->port[index], info->attrs, info->extack);
	if (!err && info->attrs[PLUMB_LAN_A_STALLED])
		lan_port_set_stalled(m, m->port[index],
				     nla_get_u8(info->attrs[PLUMB_LAN_A_STALLED]));
	if (err)
		lan_port_del(m, index);
	return err;
}

static int lan_genl_port_new(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net;
	int err;

	if (info->attrs[PLUMB_LAN_A_PORT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PLUMB_LAN_A_PORT],
				    "a new port takes the lowest free number");
		return -EINVAL;
	}
	net = lan_genl_target(skb, info);
	if (IS_ERR(net))
		return PTR_ERR(net);
	mutex_lock(&lan_mutex);
	err = lan_genl_port_add(info, net);
	mutex_unlock(&lan_mutex);
	put_net(net);
	return err;
}

/* One port, or all of the medium if no number was given. */
static int lan_genl_ports_set(struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct lan_medium *m = lan_genl_medium(info);
	struct lan_port *only = NULL;
	unsigned int i;
	int err = 0;

	if (IS_ERR(m))
		return PTR_ERR(m);
	if (a[PLUMB_LAN_A_PORT]) {
		only = lan_genl_port(info);
		if (IS_ERR(only))
			return PTR_ERR(only);
	}
	for (i = 0; i < LAN_MAX_PORTS && !err; i++)
		if (m->port[i] && (!only || only == m->port[i]))
			err = lan_genl_port_apply(m->port[i], a, info->extack);
	if (!err && a[PLUMB_LAN_A_STALLED])
		lan_port_set_stalled(m, only, nla_get_u8(a[PLUMB_LAN_A_STALLED]));
	return err;
}

static int lan_genl_port_set(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	mutex_lock(&lan_mutex);
	err = lan_genl_ports_set(info);
	mutex_unlock(&lan_mutex);
	return err;
}

static int lan_genl_port_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lan_port *p;
	int err;

	mutex_lock(&lan_mutex);
	p = lan_genl_port(info);
	err = IS_ERR(p) ? PTR_ERR(p) : lan_port_del(p->medium, p->index);
	mutex_unlock(&lan_mutex);
	return err;
}

static int lan_genl_put_counters(struct sk_buff *skb, struct lan_port *p)
{
	const struct lan_switch *sw = p->medium->sw;
	const struct csma_stats *s = &p->csma;
	const struct lan_end *e = &p->a.end;

	if (lan_genl_put_u64(skb, PLUMB_LAN_A_COLLISIONS, s->collisions) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_SINGLE, s->single) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_MULTIPLE, s->multiple) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_EXCESSIVE, s->excessive) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_LATE, s->late) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_STORMED, s->stormed) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_DEFERRED, s->deferred) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_BACKOFF_SLOTS, s->backoff_slots) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_BACKOFF_DRAWS, s->backoff_draws))
		return -EMSGSIZE;
	if (lan_genl_put_u64(skb, PLUMB_LAN_A_TX_FRAMES, e->tx_frames) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_TX_OCTETS, e->tx_octets) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_RX_FRAMES, e->rx_frames) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_RX_BITS, e->fault.bits) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_RX_BIT_ERRORS, e->fault.errors) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_RX_DAMAGED, e->rx_damaged) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_RX_DROPPED, e->fault.dropped) ||
	    (sw && lan_genl_put_u64(skb, PLUMB_LAN_A_QUEUE_DROPPED,
				    lan_switch_dropped(sw, p->index))) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_REG_READS, p->a.reads) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_REG_WRITES, p->a.writes) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_INTERRUPTS, p->a.intr.raised))
		return -EMSGSIZE;
	return 0;
}

static int lan_genl_put_settings(struct sk_buff *skb, struct lan_port *p)
{
	const struct net_device *dev = p->a.netdev;

	if (nla_put_string(skb, PLUMB_LAN_A_MEDIUM, p->medium->name) ||
	    nla_put_u32(skb, PLUMB_LAN_A_PORT, p->index) ||
	    nla_put_string(skb, PLUMB_LAN_A_IFNAME, dev->name) ||
	    nla_put_s32(skb, PLUMB_LAN_A_IFINDEX, dev->ifindex) ||
	    lan_genl_put_u64(skb, PLUMB_LAN_A_SEED, p->fault_seed) ||
	    nla_put_u32(skb, PLUMB_LAN_A_METRES, p->metres) ||
	    nla_put_u8(skb, PLUMB_LAN_A_PLUGGED, p->wanted) ||
	    nla_put_u8(skb, PLUMB_LAN_A_GONE, p->a.gone) ||
	    nla_put_u8(skb, PLUMB_LAN_A_STALLED, p->a.stalled) ||
	    nla_put_u32(skb, PLUMB_LAN_A_FLAP, p->flap_ms) ||
	    nla_put_u32(skb, PLUMB_LAN_A_BER, p->fault.ber_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_BURST_BER, p->fault.burst_ber_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_TO_BURST, p->fault.to_burst_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_FROM_BURST, p->fault.from_burst_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_DROP, p->fault.drop_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_STORM, p->a.end.storm_ppb) ||
	    nla_put_u32(skb, PLUMB_LAN_A_SPEED, p->mbps) ||
	    nla_put_u32(skb, PLUMB_LAN_A_LINK_SPEED, lan_autoneg_mbps(p->result)) ||
	    nla_put_u8(skb, PLUMB_LAN_A_LINK_FULL, lan_autoneg_full(p->result)))
		return -EMSGSIZE;
	return 0;
}

static int lan_genl_port_put(struct sk_buff *skb, struct netlink_callback *cb, struct lan_port *p)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&plumb_lan_family, NLM_F_MULTI, PLUMB_LAN_CMD_PORT_NEW);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	spin_lock_bh(&p->medium->lock);
	lan_port_count(p);
	err = lan_genl_put_settings(skb, p) ?: lan_genl_put_counters(skb, p);
	spin_unlock_bh(&p->medium->lock);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/* args: media passed whole, and the next port of the one after. */
static int lan_genl_port_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *only = genl_info_dump(cb)->attrs[PLUMB_LAN_A_MEDIUM];
	struct lan_medium *m;
	long at = 0;

	mutex_lock(&lan_mutex);
	if (only && !lan_medium_find(sock_net(skb->sk), nla_data(only))) {
		mutex_unlock(&lan_mutex);
		NL_SET_ERR_MSG_ATTR(cb->extack, only, "no such medium");
		return -ENODEV;
	}
	list_for_each_entry(m, lan_media(sock_net(skb->sk)), list) {
		if (at++ < cb->args[0] || (only && strcmp(m->name, nla_data(only))))
			continue;
		for (; cb->args[1] < LAN_MAX_PORTS; cb->args[1]++) {
			struct lan_port *p = m->port[cb->args[1]];

			if (p && lan_genl_port_put(skb, cb, p)) {
				at--;
				goto out;
			}
		}
		cb->args[1] = 0;
	}
out:
	mutex_unlock(&lan_mutex);
	cb->args[0] = at;
	return skb->len;
}

/* ---- the probe ---- */

static int lan_scope_put_signal(struct sk_buff *msg, const struct lan_scope *s,
				const struct lan_line *line)
{
	struct nlattr *a = nla_reserve(msg, PLUMB_LAN_A_SIGNAL, (s->n_sig + 3) / 4);
	u8 *to;
	u32 i;

	if (!a)
		return -EMSGSIZE;
	to = nla_data(a);
	memset(to, 0, (s->n_sig + 3) / 4);
	for (i = 0; i < s->n_sig; i++)
		to[i / 4] |= (s->sig[i] & 3) << (i % 4 * 2);
	if (nla_put_u32(msg, PLUMB_LAN_A_LEVELS, s->n_sig) ||
	    nla_put_u32(msg, PLUMB_LAN_A_CLOCK, line->clock_hz) ||
	    nla_put_u32(msg, PLUMB_LAN_A_LEVELS_LEAD, line->lead))
		return -EMSGSIZE;
	return 0;
}

static int lan_scope_put(struct sk_buff *msg, const struct lan_medium *m,
			 const struct lan_segment *g, const struct lan_scope *s)
{
	if (nla_put_string(msg, PLUMB_LAN_A_MEDIUM, m->name) ||
	    nla_put_u32(msg, PLUMB_LAN_A_PORT, m->sw ? lan_switch_port_of(g) : s->end) ||
	    (m->sw && s->end && nla_put_flag(msg, PLUMB_LAN_A_FROM_SWITCH)) ||
	    lan_genl_put_u64(msg, PLUMB_LAN_A_TIME, s->start_ns) ||
	    nla_put_u32(msg, PLUMB_LAN_A_SPEED, 1000 / g->bit_ns) ||
	    nla_put_u32(msg, PLUMB_LAN_A_WIRE_BITS, s->n_bits) ||
	    nla_put(msg, PLUMB_LAN_A_WIRE, (s->n_bits + 7) / 8, s->bits) ||
	    nla_put_u32(msg, PLUMB_LAN_A_LEAD, s->rx->lead) ||
	    nla_put_u8(msg, PLUMB_LAN_A_ERRORS, s->rx->err) ||
	    nla_put_u32(msg, PLUMB_LAN_A_EXTENSION, s->extension) ||
	    (s->collided && nla_put_flag(msg, PLUMB_LAN_A_COLLIDED)))
		return -EMSGSIZE;
	return s->sig ? lan_scope_put_signal(msg, s, g->line) : 0;
}

/* Called for each transmission, in softirq under the medium's lock; cheap when nobody listens. */
static void lan_scope_probe(const struct lan_medium *m, const struct lan_segment *g,
			    const struct lan_scope *s)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&plumb_lan_family, m->net, LAN_GROUP_SCOPE))
		return;
	msg = genlmsg_new(512 + s->n_bits / 8 + s->n_sig / 4, GFP_ATOMIC);
	if (!msg)
		return;			/* the listener sees a gap, as on any probe */
	hdr = genlmsg_put(msg, 0, 0, &plumb_lan_family, 0, PLUMB_LAN_CMD_SCOPE_NTF);
	if (!hdr || lan_scope_put(msg, m, g, s)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&plumb_lan_family, m->net, msg, 0, LAN_GROUP_SCOPE, GFP_ATOMIC);
}

static const struct genl_ops lan_commands[] = {
	{ .cmd = PLUMB_LAN_CMD_MEDIUM_GET, .flags = GENL_UNS_ADMIN_PERM,
	  .dumpit = lan_genl_medium_dump },
	{ .cmd = PLUMB_LAN_CMD_MEDIUM_NEW, .flags = GENL_UNS_ADMIN_PERM,
	  .doit = lan_genl_medium_new },
	{ .cmd = PLUMB_LAN_CMD_MEDIUM_DEL, .flags = GENL_UNS_ADMIN_PERM,
	  .doit = lan_genl_medium_del },
	{ .cmd = PLUMB_LAN_CMD_PORT_GET, .flags = GENL_UNS_ADMIN_PERM,
	  .dumpit = lan_genl_port_dump },
	{ .cmd = PLUMB_LAN_CMD_PORT_NEW, .flags = GENL_UNS_ADMIN_PERM,
	  .doit = lan_genl_port_new },
	{ .cmd = PLUMB_LAN_CMD_PORT_SET, .flags = GENL_UNS_ADMIN_PERM,
	  .doit = lan_genl_port_set },
	{ .cmd = PLUMB_LAN_CMD_PORT_DEL, .flags = GENL_UNS_ADMIN_PERM,
	  .doit = lan_genl_port_del },
};

static const struct genl_multicast_group lan_groups[] = {
	[LAN_GROUP_SCOPE] = { .name = PLUMB_LAN_MCGRP_SCOPE, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family plumb_lan_family __ro_after_init = {
	.name = PLUMB_LAN_FAMILY_NAME,
	.version = PLUMB_LAN_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.maxattr = PLUMB_LAN_A_MAX,
	.policy = lan_policy,
	.ops = lan_commands,
	.n_ops = ARRAY_SIZE(lan_commands),
	.resv_start_op = PLUMB_LAN_CMD_MEDIUM_GET,
	.mcgrps = lan_groups,
	.n_mcgrps = ARRAY_SIZE(lan_groups),
};

int plumb_genl_lan_init(void)
{
	int err = genl_register_family(&plumb_lan_family);

	if (!err)
		WRITE_ONCE(lan_probe, lan_scope_probe);
	return err;
}

void plumb_genl_lan_exit(void)
{
	WRITE_ONCE(lan_probe, NULL);
	synchronize_net();		/* the probe runs in softirq */
	genl_unregister_family(&plumb_lan_family);
}
