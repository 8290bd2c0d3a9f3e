// SPDX-License-Identifier: GPL-2.0
/*
 * Links: what each port of a medium settles on with what is at the other end of its cable, and the
 * segment that follows from it. Runs in a work item whenever a cable, a PHY or a setting changed.
 *
 * A hub is no partner that negotiates: its ports send the signal of its one speed and are
 * half duplex. A switch negotiates like a station. The ends of a cable negotiate with one another;
 * if one end is forced and the other one negotiates, each settles on its own idea of duplex
 * (28.2.3.1), and the cable is then half duplex.
 */
#include "medium.h"

#define LAN_CAN_FULL	(LAN_CAN_10_FULL | LAN_CAN_100_FULL | LAN_CAN_1000_FULL)
#define LAN_CAN_1000	(LAN_CAN_1000_HALF | LAN_CAN_1000_FULL)
#define LAN_CAN_100	(LAN_CAN_100_HALF | LAN_CAN_100_FULL)
#define LAN_CAN_10	(LAN_CAN_10_HALF | LAN_CAN_10_FULL)

static unsigned int link_mbps(u16 can)
{
	if (can & LAN_CAN_1000)
		return 1000;
	return can & LAN_CAN_100 ? 100 : 10;
}

static u16 link_speed_mask(unsigned int mbps)
{
	u16 can = LAN_CAN_10;

	if (mbps >= 100)
		can |= LAN_CAN_100;
	if (mbps >= 1000)
		can |= LAN_CAN_1000;
	return can;
}

static bool link_plugged(const struct lan_port *p)
{
	return p && READ_ONCE(p->wanted) && !p->flapped && !READ_ONCE(p->a.gone);
}

/* What @p sees at the other end of its cable; 0: nothing. The medium's lock. */
static u16 link_peer(struct lan_medium *m, struct lan_port *p)
{
	struct lan_port *other;
	u16 can;

	switch (m->type) {
	case LAN_HUB:
		return link_speed_mask(m->mbps) & ~LAN_CAN_FULL &
		       (m->mbps == 10 ? LAN_CAN_10 : m->mbps == 100 ? LAN_CAN_100 : LAN_CAN_1000);
	case LAN_SWITCH:
		return lan_switch_abilities(m);
	default:
		other = m->port[!p->index];
		if (!link_plugged(other))
			return 0;
		can = lan_phy_abilities(&other->a);
		/* the cable carries its own speed and less */
		return can & (link_speed_mask(m->mbps) | LAN_CAN_NEGOTIATE | LAN_CAN_PAUSE |
			      LAN_CAN_ASYM_PAUSE);
	}
}

/* Gigabit needs negotiation (40.5.1): a 1000 Mb/s hub takes part in it. */
static u16 link_resolve(struct lan_medium *m, struct lan_port *p, u16 *peer)
{
	*peer = link_plugged(p) ? link_peer(m, p) : 0;
	if (!*peer)
		return 0;
	if (m->type == LAN_HUB && m->mbps == 1000)
		*peer |= LAN_CAN_NEGOTIATE;
	return lan_phy_resolve(&p->a, *peer);
}

static int link_connect(struct lan_medium *m, struct lan_port *p, u16 result)
{
	u32 delay = p->metres * LAN_NS_PER_METRE;

	if (m->sw)
		return lan_switch_connect(m->sw, p, link_mbps(result), result & LAN_CAN_FULL);
	return lan_segment_plug(&m->seg, &p->a.end, p->index, delay);
}

static void link_one(struct lan_medium *m, struct lan_port *p, u16 peer, u16 result)
{
	bool same = result == p->result && p->a.end.plugged == !!result;

	lan_phy_show(&p->a, peer, result);
	if (same) {
		/* The adapter may have been reset meanwhile: let STATUS say it again. */
		lan_adapter_link(&p->a, result, link_mbps(result), result & LAN_CAN_FULL);
		return;
	}
	lan_port_disconnect(p);
	lan_adapter_link(&p->a, false, 10, false);
	p->result = result && !link_connect(m, p, result) ? result : 0;
	if (p->result)
		lan_adapter_link(&p->a, true, link_mbps(result), result & LAN_CAN_FULL);
}

/* Both ends of a cable, and the segment in the mode they agreed on. */
static void link_cable(struct lan_medium *m)
{
	struct lan_port *a = m->port[0], *b = m->port[1];
	u16 peer[2] = { 0 }, result[2] = { 0 };
	bool full, change;

	if (a)
		result[0] = link_resolve(m, a, &peer[0]);
	if (b)
		result[1] = link_resolve(m, b, &peer[1]);
	if (!result[0] || !result[1] || link_mbps(result[0]) != link_mbps(result[1])) {
		result[0] = 0;
		result[1] = 0;
	}
	full = result[0] & result[1] & LAN_CAN_FULL;
	change = result[0] && (m->seg.full != full || m->seg.bit_ns != 1000 / link_mbps(result[0]));
	if (change) {
		bool bits = m->bit_level && link_mbps(result[0]) != 1000;

		link_one(m, a, 0, 0);
		link_one(m, b, 0, 0);
		m->seg.line = NULL;
		m->seg.n = 0;
		lan_segment_init(&m->seg, full ? NULL : m->dom, 2, link_mbps(result[0]),
				 bits, m->seed);
	}
	if (a)
		link_one(m, a, peer[0], result[0]);
	if (b)
		link_one(m, b, peer[1], result[1]);
}

void lan_link_work(struct work_struct *work)
{
	struct lan_medium *m = container_of(work, struct lan_medium, relink);
	unsigned int i;
	u16 peer;

	spin_lock_bh(&m->lock);
	if (m->gone) {
		spin_unlock_bh(&m->lock);
		return;
	}
	if (m->type == LAN_CABLE) {
		link_cable(m);
	} else {
		for (i = 0; i < LAN_MAX_PORTS; i++) {
			if (m->port[i]) {
				u16 result = link_resolve(m, m->port[i], &peer);

				link_one(m, m->port[i], peer, result);
			}
		}
	}
	spin_unlock_bh(&m->lock);
	lan_medium_kick(m);
}
