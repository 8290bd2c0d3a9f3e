// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: an adapter on a medium, from the netlink request to the netdevice, and what can be done to
 * its cable.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>

#include "medium.h"

static struct lan_port *port_of(struct lan_adapter *a)
{
	return container_of(a, struct lan_port, a);
}

static void port_kick(struct lan_adapter *a)
{
	lan_medium_kick(port_of(a)->medium);
}

static void port_relink(struct lan_adapter *a)
{
	lan_medium_relink(port_of(a)->medium);
}

static void port_lock(struct lan_adapter *a)
	__acquires(&port_of(a)->medium->lock)
{
	spin_lock_bh(&port_of(a)->medium->lock);
}

static void port_unlock(struct lan_adapter *a)
	__releases(&port_of(a)->medium->lock)
{
	spin_unlock_bh(&port_of(a)->medium->lock);
}

static u64 port_now(struct lan_adapter *a)
{
	return ktime_get_ns();
}

static const struct lan_adapter_ops port_ops = {
	.kick = port_kick,
	.relink = port_relink,
	.lock = port_lock,
	.unlock = port_unlock,
	.now = port_now,
};

/* The segment's counters of a station; NULL on full duplex or without a link. The medium's lock. */
static const struct csma_stats *port_csma(const struct lan_port *p)
{
	const struct lan_medium *m = p->medium;
	const struct lan_segment *g = m->sw ? lan_switch_segment(m->sw, p->index) : &m->seg;

	if (!p->a.end.plugged || !g->dom)
		return NULL;
	return &g->dom->st[p->a.end.index].stats;
}

static void port_take(u64 *sum, u64 *seen, u64 now)
{
	*sum += now - *seen;
	*seen = now;
}

/**
 * lan_port_count() - take over what CSMA/CD has counted since the last time
 * @p: the port
 *
 * To the port's own counters, which outlive a link, and to the adapter's registers.
 *
 * Context: the medium's lock.
 */
void lan_port_count(struct lan_port *p)
{
	const struct csma_stats *now = port_csma(p);

	if (!now)
		return;
	port_take(&p->csma.frames, &p->csma_seen.frames, now->frames);
	port_take(&p->csma.collisions, &p->csma_seen.collisions, now->collisions);
	port_take(&p->csma.single, &p->csma_seen.single, now->single);
	port_take(&p->csma.multiple, &p->csma_seen.multiple, now->multiple);
	port_take(&p->csma.excessive, &p->csma_seen.excessive, now->excessive);
	port_take(&p->csma.late, &p->csma_seen.late, now->late);
	port_take(&p->csma.stormed, &p->csma_seen.stormed, now->stormed);
	port_take(&p->csma.deferred, &p->csma_seen.deferred, now->deferred);
	port_take(&p->csma.backoff_slots, &p->csma_seen.backoff_slots, now->backoff_slots);
	port_take(&p->csma.backoff_draws, &p->csma_seen.backoff_draws, now->backoff_draws);
	lan_txdma_stats(&p->a, &p->csma);
}

/* Of all namespaces; both guarded by lan_mutex. */
static LIST_HEAD(port_all);
static unsigned int port_guests;

/* The rings of an adapter are memory that no memory cgroup pays for: so few are given away. */
static int port_register(struct lan_port *p)
{
	p->guest = p->medium->net->user_ns != &init_user_ns;
	if (p->guest && port_guests >= LAN_MAX_GUEST_PORTS)
		return -EDQUOT;
	port_guests += p->guest;
	list_add_tail(&p->all, &port_all);
	return 0;
}

static void port_unregister(struct lan_port *p)
{
	port_guests -= p->guest;
	list_del(&p->all);
}

/*
 * What the port receives goes wrong by a course of its own, and so does what a switch receives of
 * it. The medium's lock. 0 or -ERANGE.
 */
static int port_take_fault(struct lan_port *p, const struct lan_fault_cfg *cfg, u64 seed)
{
	struct lan_switch *sw = p->medium->sw;
	int err = lan_fault_set(&p->a.end.fault, cfg, seed);

	if (!err && sw)
		err = lan_switch_set_fault(sw, p->index, cfg, ~seed);
	if (err)
		return err;
	p->fault = *cfg;
	p->fault_seed = seed;
	return 0;
}

static int port_index(struct lan_medium *m)
{
	unsigned int i, max = m->type == LAN_CABLE ? 2 : LAN_MAX_PORTS;

	for (i = 0; i < max; i++)
		if (!m->port[i])
			return i;
	return -ENOSPC;
}

/**
 * lan_port_add() - plug a new adapter into a medium
 * @m: the medium
 * @net: namespace of the netdevice
 * @ifname: its name or pattern, or NULL
 * @index: where the port's number goes
 *
 * Context: lan_mutex held, may sleep.
 * Return: 0, -ENOSPC (no free port), -EDQUOT (LAN_MAX_GUEST_PORTS), -ENOMEM, or what registering
 * the netdevice said.
 */
int lan_port_add(struct lan_medium *m, struct net *net, const char *ifname, unsigned int *index)
{
	struct lan_port *p;
	u8 mac[ETH_ALEN];
	int i, err;

	lockdep_assert_held(&lan_mutex);
	i = port_index(m);
	if (i < 0)
		return i;
	p = kvzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	p->medium = m;
	p->index = i;
	p->wanted = true;
	p->metres = 10;
	err = port_register(p);
	if (err)
		goto out_port;
	eth_random_addr(mac);
	err = lan_adapter_init(&p->a, &port_ops, p, mac);
	if (err)
		goto out_list;
	spin_lock_bh(&m->lock);
	port_take_fault(p, &p->fault, m->seed + i);
	m->port[i] = p;
	m->n_ports++;
	spin_unlock_bh(&m->lock);
	err = lan_adapter_attach(&p->a, net, ifname);
	if (err) {
		/* While the driver tried, a negotiation may have plugged it in. */
		lan_port_del(m, i);
		return err;
	}
	*index = i;
	lan_medium_relink(m);
	return 0;

out_list:
	port_unregister(p);
out_port:
	kvfree(p);
	return err;
}

/* Off its segment. The medium's lock. */
void lan_port_disconnect(struct lan_port *p)
{
	struct lan_medium *m = p->medium;

	if (!p->a.end.plugged)
		return;
	lan_medium_catch_up(m, p->index);
	lan_port_count(p);
	memset(&p->csma_seen, 0, sizeof(p->csma_seen));
	if (m->sw)
		lan_switch_disconnect(m->sw, p);
	else
		lan_segment_unplug(&m->seg, &p->a.end);
	p->result = 0;
}

/**
 * lan_port_del() - take a port and its netdevice away
 * @m: the medium
 * @index: the port's number
 *
 * Context: lan_mutex held, may sleep.
 * Return: 0 or -ENODEV.
 */
int lan_port_del(struct lan_medium *m, unsigned int index)
{
	struct lan_port *p = index < LAN_MAX_PORTS ? m->port[index] : NULL;

	lockdep_assert_held(&lan_mutex);
	if (!p)
		return -ENODEV;
	lan_adapter_detach(&p->a);
	spin_lock_bh(&m->lock);
	lan_port_disconnect(p);
	m->port[index] = NULL;
	m->n_ports--;
	spin_unlock_bh(&m->lock);
	/* A negotiation or a run that saw the port holds the lock; both look anew. */
	lan_adapter_free(&p->a);
	port_unregister(p);
	kvfree(p);
	lan_medium_relink(m);
	return 0;
}

/**
 * lan_ports_leave() - take away the ports whose netdevices stand in a namespace that ends
 * @net: the namespace; nothing can be moved into it any more
 *
 * Their media may be of other namespaces, of other people. Left alone, the kernel would save such
 * a netdevice, as it does a real card's, into the initial namespace.
 *
 * Context: lan_mutex held, may sleep.
 */
void lan_ports_leave(struct net *net)
{
	struct lan_port *p, *next;

	lockdep_assert_held(&lan_mutex);
	list_for_each_entry_safe(p, next, &port_all, all)
		if (p->a.netdev && net_eq(dev_net(p->a.netdev), net))
			lan_port_del(p->medium, p->index);
}

/* Plug the port's cable in, or pull it. lan_mutex. */
int lan_port_plug(struct lan_port *p, bool in)
{
	WRITE_ONCE(p->wanted, in);
	lan_medium_relink(p->medium);
	return 0;
}

/* Change the cable's length, in metres. lan_mutex. 0 or -ERANGE. */
int lan_port_set_metres(struct lan_port *p, u32 metres)
{
	struct lan_medium *m = p->medium;

	if (metres > LAN_MAX_METRES)
		return -ERANGE;
	spin_lock_bh(&m->lock);
	p->metres = metres;
	lan_port_disconnect(p);		/* the next negotiation plugs the new cable in */
	spin_unlock_bh(&m->lock);
	lan_medium_relink(m);
	return 0;
}

/* Faults of its cable, from a seed. lan_mutex. 0 or -ERANGE. */
int lan_port_set_fault(struct lan_port *p, const struct lan_fault_cfg *cfg, u64 seed)
{
	int err;

	spin_lock_bh(&p->medium->lock);
	err = port_take_fault(p, cfg, seed);
	spin_unlock_bh(&p->medium->lock);
	return err;
}

/* Pull and plug the cable every @ms; 0 stops and leaves it plugged. lan_mutex. */
int lan_port_set_flap(struct lan_port *p, u32 ms)
{
	struct lan_medium *m = p->medium;

	if (ms > 3600 * MSEC_PER_SEC)
		return -ERANGE;
	spin_lock_bh(&m->lock);
	p->flap_ms = ms;
	p->flapped = false;
	p->flap_next = jiffies + msecs_to_jiffies(ms);
	spin_unlock_bh(&m->lock);
	mod_delayed_work(system_wq, &m->flap, 0);
	lan_medium_relink(m);
	return 0;
}

/* A cable whose pairs carry @mbps at most; 0: whatever the medium does. lan_mutex. 0 or -EINVAL. */
int lan_port_set_mbps(struct lan_port *p, unsigned int mbps)
{
	if (mbps && mbps != 10 && mbps != 100 && mbps != 1000)
		return -EINVAL;
	spin_lock_bh(&p->medium->lock);
	p->mbps = mbps;
	spin_unlock_bh(&p->medium->lock);
	lan_medium_relink(p->medium);
	return 0;
}

/* Somebody unseen collides with what the port sends, half duplex. lan_mutex. 0 or -ERANGE. */
int lan_port_set_storm(struct lan_port *p, u32 ppb)
{
	struct lan_medium *m = p->medium;

	if (ppb > LAN_PPB)
		return -ERANGE;
	spin_lock_bh(&m->lock);
	p->a.end.storm_ppb = ppb;
	if (p->a.end.plugged)
		lan_segment_upset(m->sw ? lan_switch_segment(m->sw, p->index) : &m->seg, &p->a.end);
	spin_unlock_bh(&m->lock);
	return 0;
}

/*
 * The adapter is pulled out of its slot (all registers read ones), or put back. Without power it
 * forgets its rings, which the driver may then free. lan_mutex.
 */
int lan_port_set_gone(struct lan_port *p, bool gone)
{
	WRITE_ONCE(p->a.gone, gone);
	spin_lock_bh(&p->medium->lock);
	lan_adapter_reset(&p->a);
	spin_unlock_bh(&p->medium->lock);
	lan_medium_relink(p->medium);
	return 0;
}

/*
 * The transmitter of the adapter, or of all if @only is NULL, hangs or goes on: of all at the same
 * moment of the wire's. lan_mutex.
 */
void lan_port_set_stalled(struct lan_medium *m, struct lan_port *only, bool stalled)
{
	unsigned int i;

	spin_lock_bh(&m->lock);
	for (i = 0; i < LAN_MAX_PORTS; i++)
		if (m->port[i] && (!only || only == m->port[i]))
			WRITE_ONCE(m->port[i]->a.stalled, stalled);
	spin_unlock_bh(&m->lock);
	lan_medium_kick(m);
}
