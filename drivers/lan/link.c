// SPDX-License-Identifier: GPL-2.0
/*
 * Links: what each port of a medium settles on with what is at the other end of its cable, and the
 * segment that follows from it. Runs in a work item whenever a cable, a PHY or a setting changed.
 *
 * A hub is no partner that negotiates: its ports send the signal of its one speed and are
 * half duplex. A switch negotiates like a station. The ends of a cable negotiate with one another.
 * If one end is forced and the other one negotiates, each settles on its own idea of duplex
 * (28.2.3.1); the segment is then half duplex, with an end that does not know it.
 */
#include "medium.h"

#define LINK_BREAK	(HZ / 10)	/* for a new negotiation; 1.2 s at least in 28.3.2 */

static bool link_plugged(const struct lan_port *p)
{
	return p && READ_ONCE(p->wanted) && !p->flapped && !p->broken && !p->a.loop &&
	       !READ_ONCE(p->a.gone);
}

/* What the port's cable lets through of the abilities of the two ends it is between. */
static u16 link_over(const struct lan_port *p, u16 can)
{
	can = lan_autoneg_over(can, p->medium->mbps);
	return p->mbps ? lan_autoneg_over(can, p->mbps) : can;
}

static u16 link_hub_abilities(const struct lan_medium *m)
{
	switch (m->mbps) {
	case 10:
		return LAN_CAN_10_HALF;
	case 100:
		return LAN_CAN_100_HALF;
	default:
		/* Gigabit needs negotiation (40.5.1): such a hub takes part in it. */
		return LAN_CAN_1000_HALF | LAN_CAN_NEGOTIATE;
	}
}

/**
 * struct link_view - a link as the two ends of a port's cable see it
 * @peer: the other end's abilities, as they come over the cable
 * @own: what the station settles on, 0: no link
 * @other: what the other end settles on
 */
struct link_view {
	u16 peer, own, other;
};

/* The station of @p against the hub's or switch's end of its cable. */
static struct link_view link_to_middle(struct lan_medium *m, struct lan_port *p)
{
	struct link_view v = { 0 };
	u16 own;

	if (!link_plugged(p))
		return v;
	v.peer = link_over(p, m->sw ? lan_switch_abilities(m) : link_hub_abilities(m));
	own = link_over(p, lan_phy_abilities(&p->a));
	lan_autoneg_link(own, v.peer, &v.own, &v.other);
	return v;
}

static int link_connect(struct lan_medium *m, struct lan_port *p, const struct link_view *v)
{
	u32 delay = p->metres * LAN_NS_PER_METRE;

	p->a.end.thinks_full = lan_autoneg_full(v->own);
	if (m->sw)
		return lan_switch_connect(m->sw, p, lan_autoneg_mbps(v->own),
					  lan_autoneg_full(v->other));
	return lan_segment_plug(&m->seg, &p->a.end, p->index, delay);
}

static void link_report(struct lan_port *p, u16 result)
{
	lan_adapter_link(&p->a, result, result ? lan_autoneg_mbps(result) : 10,
			 lan_autoneg_full(result));
}

/* No link for a moment. */
static void link_pause(struct lan_medium *m, struct lan_port *p)
{
	p->broken = true;
	p->broken_until = jiffies + LINK_BREAK;
	mod_delayed_work(system_wq, &m->flap, 0);
}

static void link_one(struct lan_medium *m, struct lan_port *p, const struct link_view *v)
{
	bool same = v->own == p->result && v->other == p->other &&
		    p->a.end.plugged == !!v->own;

	lan_phy_show(&p->a, v->peer, v->own);
	if (same) {
		/* The adapter may have been reset meanwhile: let STATUS say it again. */
		link_report(p, v->own);
		return;
	}
	lan_port_disconnect(p);
	link_report(p, 0);
	p->result = 0;
	p->other = v->other;
	if (!v->own)
		return;
	/* Without memory now, perhaps with it then. */
	if (link_connect(m, p, v)) {
		link_pause(m, p);
		return;
	}
	p->result = v->own;
	link_report(p, p->result);
}

/* A port whose adapter talks to itself has a link to nobody. Returns true for such a one. */
static bool link_loop(struct lan_port *p)
{
	u16 can = lan_phy_loopback(&p->a);
	bool was = p->a.loop;

	p->a.loop = can && !READ_ONCE(p->a.gone);
	if (was != p->a.loop) {
		lan_port_disconnect(p);
		link_report(p, 0);
	}
	if (p->a.loop)
		link_report(p, can);
	return p->a.loop;
}

/* The segment of a cable in the mode its ends agreed on, or half duplex if they did not. */
static void link_cable_mode(struct lan_medium *m, const struct link_view v[2])
{
	static const struct link_view none;
	unsigned int mbps = lan_autoneg_mbps(v[0].own);
	bool full = lan_autoneg_full(v[0].own) && lan_autoneg_full(v[1].own);

	if (m->seg.full == full && m->seg.bit_ns == 1000 / mbps)
		return;
	link_one(m, m->port[0], &none);
	link_one(m, m->port[1], &none);
	m->seg.line = NULL;
	m->seg.n = 0;
	lan_segment_init(&m->seg, full ? NULL : m->dom, 2, mbps, m->bit_level && mbps != 1000,
			 m->seed);
}

static void link_cable(struct lan_medium *m)
{
	struct link_view v[2] = { { 0 } };
	struct lan_port *a = m->port[0], *b = m->port[1];
	u16 can[2];

	if (link_plugged(a) && link_plugged(b)) {
		can[0] = link_over(b, link_over(a, lan_phy_abilities(&a->a)));
		can[1] = link_over(b, link_over(a, lan_phy_abilities(&b->a)));
		lan_autoneg_link(can[0], can[1], &v[0].own, &v[1].own);
		v[0].peer = can[1];
		v[0].other = v[1].own;
		v[1].peer = can[0];
		v[1].other = v[0].own;
		if (v[0].own)
			link_cable_mode(m, v);
	}
	if (a && !a->a.loop)
		link_one(m, a, &v[0]);
	if (b && !b->a.loop)
		link_one(m, b, &v[1]);
}

/* A PHY that negotiates anew first breaks the link, so that the other end notices (28.3.1). */
static void link_break(struct lan_medium *m, struct lan_port *p)
{
	if (lan_phy_restarted(&p->a))
		link_pause(m, p);
}

void lan_link_work(struct work_struct *work)
{
	struct lan_medium *m = container_of(work, struct lan_medium, relink);
	unsigned int i;

	spin_lock_bh(&m->lock);
	if (m->gone) {
		spin_unlock_bh(&m->lock);
		return;
	}
	for (i = 0; i < LAN_MAX_PORTS; i++) {
		struct lan_port *p = m->port[i];
		struct link_view v;

		if (!p)
			continue;
		link_break(m, p);
		if (link_loop(p) || m->type == LAN_CABLE)
			continue;
		v = link_to_middle(m, p);
		link_one(m, p, &v);
	}
	if (m->type == LAN_CABLE)
		link_cable(m);
	spin_unlock_bh(&m->lock);
	lan_medium_kick(m);
}
