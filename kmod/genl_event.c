// SPDX-License-Identifier: GPL-2.0
/* Netlink: what has changed, to the group "changes". */
#include <plumb/event.h>

#include "genl.h"

#define GENL_GROUP_CHANGES	0	/* the only one */

/* Namespaces come before the family and go after it; their changes then interest nobody. */
static bool genl_events_on;

void plumb_genl_events(bool on)
{
	WRITE_ONCE(genl_events_on, on);
	if (!on)
		synchronize_net();	/* events are sent under rcu_read_lock() */
}

/* False with nothing to do. The caller holds rcu_read_lock() from before this to after the end. */
static bool genl_event_begin(struct plumb_net *pn, struct plumb_genl_msg *m, u8 cmd)
{
	if (!READ_ONCE(genl_events_on) ||
	    !genl_has_listeners(&plumb_genl_family, pn->net, GENL_GROUP_CHANGES))
		return false;
	*m = (struct plumb_genl_msg) {
		.skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC),
		.cmd = cmd,
	};
	if (!m->skb)
		genl_set_err(&plumb_genl_family, pn->net, 0, GENL_GROUP_CHANGES, -ENOBUFS);
	return m->skb;
}

static void genl_event_end(struct plumb_net *pn, struct plumb_genl_msg *m, int err)
{
	if (err)
		nlmsg_free(m->skb);
	else
		genlmsg_multicast_netns(&plumb_genl_family, pn->net, m->skb, 0,
					GENL_GROUP_CHANGES, GFP_ATOMIC);
}

void plumb_event_link(struct plumb_net *pn, const struct plumb_link_info *l, bool gone)
{
	struct plumb_genl_msg m;

	rcu_read_lock();
	if (genl_event_begin(pn, &m, gone ? PLUMB_CMD_LINK_DEL_NTF : PLUMB_CMD_LINK_NEW_NTF))
		genl_event_end(pn, &m, plumb_genl_link_put(&m, l));
	rcu_read_unlock();
}

void plumb_event_addr(struct plumb_net *pn, const struct plumb_addr *a, bool gone)
{
	struct plumb_genl_msg m;

	rcu_read_lock();
	if (genl_event_begin(pn, &m, gone ? PLUMB_CMD_ADDR_DEL_NTF : PLUMB_CMD_ADDR_NEW_NTF))
		genl_event_end(pn, &m, plumb_genl_addr_put(&m, a));
	rcu_read_unlock();
}

void plumb_event_route(struct plumb_net *pn, const struct plumb_route *r, bool gone)
{
	struct plumb_genl_msg m;

	rcu_read_lock();
	if (genl_event_begin(pn, &m, gone ? PLUMB_CMD_ROUTE_DEL_NTF : PLUMB_CMD_ROUTE_NEW_NTF))
		genl_event_end(pn, &m, plumb_genl_route_put(&m, r));
	rcu_read_unlock();
}

void plumb_event_neigh(struct plumb_net *pn, const struct plumb_neigh_info *n, bool gone)
{
	struct plumb_genl_msg m;

	rcu_read_lock();
	if (genl_event_begin(pn, &m, gone ? PLUMB_CMD_NEIGH_DEL_NTF : PLUMB_CMD_NEIGH_NEW_NTF))
		genl_event_end(pn, &m, plumb_genl_neigh_put(&m, n));
	rcu_read_unlock();
}
