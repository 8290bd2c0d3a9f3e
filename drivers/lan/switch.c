// SPDX-License-Identifier: GPL-2.0
/*
 * A switching hub: stores each frame whole, checks it, looks its destination up among the addresses
 * it has learnt, and forwards it to that port or, unknown, to all others (IEEE 802.1D 7.7 to 7.9).
 *
 * Each port is a segment of its own with the station at end 0 and the switch at end 1; so there
 * is no collision where full duplex was negotiated.
 */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "medium.h"
#include "../../kmod/compat/unaligned.h"

#define SWITCH_HASH		256
#define SWITCH_MAX_ADDRS	1024
#define SWITCH_AGE_NS		(300ULL * NSEC_PER_SEC)	/* 802.1D table 7-5 */
#define SWITCH_QUEUE		(256 * 1024)		/* octets that wait for a port */
#define SWITCH_PAUSE_TYPE	0x8808

/**
 * struct switch_addr - an address and where it was last seen
 * @node: in the hash table
 * @addr: the address
 * @port: the port it was a source on
 * @seen_ns: when
 */
struct switch_addr {
	struct hlist_node	node;
	u8			addr[ETH_ALEN];
	u8			port;
	u64			seen_ns;
};

/**
 * struct switch_frame - a frame that waits for a port
 * @list: in the port's queue
 * @n: octets on the medium
 * @wire: preamble to FCS
 */
struct switch_frame {
	struct list_head	list;
	u32			n;
	u8			wire[];
};

/**
 * struct switch_port - the switch's end of a port
 * @end: on @seg, number 1; must be first
 * @sw: the switch
 * @index: the port's number
 * @seg: cable to the station
 * @dom: its collision domain, for half duplex
 * @queue: frames that wait
 * @queued: octets in it
 * @paused_until_ns: the station has asked for silence
 * @dropped: frames that found the queue full, or no memory
 */
struct switch_port {
	struct lan_end		end;
	struct lan_switch	*sw;
	unsigned int		index;
	struct lan_segment	seg;
	struct csma_domain	*dom;
	struct list_head	queue;
	u32			queued;
	u64			paused_until_ns;
	u64			dropped;
};

/**
 * struct lan_switch - the switch of a medium; guarded by the medium's lock
 * @m: the medium
 * @port: ends, made when first connected
 * @hash: addresses by their hash
 * @n_addrs: how many
 * @flooded: frames whose destination was not known
 * @forwarded: frames to one port
 * @bad: frames with an error, which end here
 */
struct lan_switch {
	struct lan_medium	*m;
	struct switch_port	port[LAN_MAX_PORTS];
	struct hlist_head	hash[SWITCH_HASH];
	unsigned int		n_addrs;
	u64			flooded, forwarded, bad;
};

static struct hlist_head *switch_bucket(struct lan_switch *sw, const u8 *addr)
{
	return &sw->hash[jhash(addr, ETH_ALEN, (u32)sw->m->seed) % SWITCH_HASH];
}

static struct switch_addr *switch_find(struct lan_switch *sw, const u8 *addr, u64 now)
{
	struct switch_addr *a;

	hlist_for_each_entry(a, switch_bucket(sw, addr), node)
		if (ether_addr_equal(a->addr, addr))
			return a->seen_ns + SWITCH_AGE_NS > now ? a : NULL;
	return NULL;
}

/* Forgets what is too old; called when the table is full. */
static void switch_age(struct lan_switch *sw, u64 now)
{
	struct switch_addr *a;
	struct hlist_node *next;
	int i;

	for (i = 0; i < SWITCH_HASH; i++) {
		hlist_for_each_entry_safe(a, next, &sw->hash[i], node) {
			if (a->seen_ns + SWITCH_AGE_NS > now)
				continue;
			hlist_del(&a->node);
			kfree(a);
			sw->n_addrs--;
		}
	}
}

static void switch_learn(struct lan_switch *sw, const u8 *addr, unsigned int port, u64 now)
{
	struct hlist_head *bucket = switch_bucket(sw, addr);
	struct switch_addr *a;

	if (is_multicast_ether_addr(addr))
		return;
	hlist_for_each_entry(a, bucket, node) {
		if (ether_addr_equal(a->addr, addr)) {
			a->port = port;
			a->seen_ns = now;
			return;
		}
	}
	if (sw->n_addrs >= SWITCH_MAX_ADDRS)
		switch_age(sw, now);
	if (sw->n_addrs >= SWITCH_MAX_ADDRS)
		return;				/* unknown: it will be flooded */
	a = kmalloc(sizeof(*a), GFP_ATOMIC);
	if (!a)
		return;
	ether_addr_copy(a->addr, addr);
	a->port = port;
	a->seen_ns = now;
	hlist_add_head(&a->node, bucket);
	sw->n_addrs++;
}

/* To the port's queue; stored and forwarded: its first bit leaves when the last one has come. */
static void switch_queue(struct switch_port *to, const struct lan_rx *rx, u64 at_ns)
{
	u32 n = LAN_LEAD_LEN + rx->len;
	struct switch_frame *f;

	if (!to->end.plugged)
		return;
	if (to->queued + n > SWITCH_QUEUE) {
		to->dropped++;
		return;
	}
	f = kmalloc(struct_size(f, wire, n), GFP_ATOMIC);
	if (!f) {
		to->dropped++;
		return;
	}
	/* Its FCS came along and stays: what a switch's memory does to a frame is seen. */
	f->n = lan_frame_build(f->wire, rx->data, rx->len, false);
	list_add_tail(&f->list, &to->queue);
	to->queued += n;
	lan_segment_kick(&to->seg, &to->end, at_ns);
	lan_medium_kick(to->sw->m);
}

/* MAC control ends at the switch's MAC (31B): its own transmitter obeys it. */
static bool switch_control(struct switch_port *from, const struct lan_rx *rx, u64 at_ns)
{
	if (get_unaligned_be16(rx->data + 12) != SWITCH_PAUSE_TYPE)
		return false;
	if (get_unaligned_be16(rx->data + 14) == 1 && from->seg.full)
		from->paused_until_ns = at_ns + 512ULL * from->seg.bit_ns *
					get_unaligned_be16(rx->data + 16);
	from->end.kicked = true;
	return true;
}

static void switch_rx(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns)
{
	struct switch_port *from = container_of(e, struct switch_port, end);
	struct lan_switch *sw = from->sw;
	struct switch_addr *to = NULL;
	unsigned int i;

	if (rx->err || collided) {
		sw->bad++;
		return;
	}
	if (switch_control(from, rx, at_ns))
		return;
	switch_learn(sw, rx->data + ETH_ALEN, from->index, at_ns);
	if (!is_multicast_ether_addr(rx->data))
		to = switch_find(sw, rx->data, at_ns);
	if (to) {
		sw->forwarded++;
		if (to->port != from->index)
			switch_queue(&sw->port[to->port], rx, at_ns);
		return;
	}
	sw->flooded++;
	for (i = 0; i < LAN_MAX_PORTS; i++)
		if (i != from->index)
			switch_queue(&sw->port[i], rx, at_ns);
}

static bool switch_fetch(struct lan_end *e, struct lan_wire *w, u64 at_ns)
{
	struct switch_port *p = container_of(e, struct switch_port, end);
	struct switch_frame *f = list_first_entry_or_null(&p->queue, struct switch_frame, list);

	if (!f)
		return false;
	if (p->paused_until_ns > at_ns) {
		e->wake_ns = p->paused_until_ns;
		return false;
	}
	w->octets = f->wire;
	w->n = f->n;
	return true;
}

static void switch_done(struct lan_end *e, enum csma_result how, u64 at_ns)
{
	struct switch_port *p = container_of(e, struct switch_port, end);
	struct switch_frame *f = list_first_entry_or_null(&p->queue, struct switch_frame, list);

	if (!f)
		return;
	if (how != CSMA_SENT)
		p->dropped++;
	list_del(&f->list);
	p->queued -= f->n;
	kfree(f);
}

static const struct lan_end_ops switch_end_ops = {
	.fetch = switch_fetch,
	.done = switch_done,
	.rx = switch_rx,
};

/* What the switch offers a station: everything up to its speed, and flow control. */
u16 lan_switch_abilities(const struct lan_medium *m)
{
	u16 can = LAN_CAN_NEGOTIATE | LAN_CAN_PAUSE | LAN_CAN_10_HALF | LAN_CAN_10_FULL;

	if (m->mbps >= 100)
		can |= LAN_CAN_100_HALF | LAN_CAN_100_FULL;
	if (m->mbps >= 1000)
		can |= LAN_CAN_1000_HALF | LAN_CAN_1000_FULL;
	return can;
}

struct lan_segment *lan_switch_segment(struct lan_switch *sw, unsigned int port)
{
	return &sw->port[port].seg;
}

/* The number of the port whose cable this is. */
unsigned int lan_switch_port_of(const struct lan_segment *g)
{
	return container_of(g, struct switch_port, seg)->index;
}

/* Frames for the port that found its queue full. */
u64 lan_switch_dropped(const struct lan_switch *sw, unsigned int port)
{
	return sw->port[port].dropped;
}

struct lan_switch_stats lan_switch_stats(const struct lan_switch *sw)
{
	return (struct lan_switch_stats) {
		.addresses = sw->n_addrs,
		.forwarded = sw->forwarded,
		.flooded = sw->flooded,
		.bad = sw->bad,
	};
}

/* Faults of what comes to the switch from the port. 0 or -ERANGE. */
int lan_switch_set_fault(struct lan_switch *sw, unsigned int port, const struct lan_fault_cfg *cfg,
			 u64 seed)
{
	return lan_fault_set(&sw->port[port].end.fault, cfg, seed);
}

static void switch_flush(struct switch_port *p)
{
	struct switch_frame *f, *next;

	list_for_each_entry_safe(f, next, &p->queue, list) {
		list_del(&f->list);
		kfree(f);
	}
	p->queued = 0;
}

/**
 * lan_switch_connect() - a station's link came up
 * @sw: the switch
 * @p: the station's port
 * @mbps: negotiated speed
 * @full: negotiated duplex
 *
 * Context: the medium's lock.
 * Return: 0 or a negative errno.
 */
int lan_switch_connect(struct lan_switch *sw, struct lan_port *p, unsigned int mbps, bool full)
{
	struct switch_port *sp = &sw->port[p->index];
	struct lan_segment *g = &sp->seg;
	bool bits = sw->m->bit_level && mbps != 1000;
	u32 delay = p->metres * LAN_NS_PER_METRE;
	int err;

	if (!full && !sp->dom) {
		sp->dom = kzalloc(struct_size(sp->dom, st, 2), GFP_ATOMIC);
		if (!sp->dom)
			return -ENOMEM;
	}
	memset(g, 0, sizeof(*g));
	g->buf = sw->m->buf;
	g->sig = sw->m->sig;
	g->owner = sw->m;
	g->probe = lan_medium_probe;
	err = lan_segment_init(g, full ? NULL : sp->dom, 2, mbps, bits, sw->m->seed + p->index);
	if (err)
		return err;
	g->now_ns = ktime_get_ns();
	sp->end.ops = &switch_end_ops;
	sp->end.max_frame = LAN_MAX_FRAME;
	sp->paused_until_ns = 0;
	lan_segment_plug(g, &p->a.end, 0, delay);
	lan_segment_plug(g, &sp->end, 1, 0);
	return 0;
}

/**
 * lan_switch_disconnect() - a station's link goes down
 * @sw: the switch
 * @p: the station's port
 *
 * What waited for it is lost, and its addresses are forgotten.
 *
 * Context: the medium's lock.
 */
void lan_switch_disconnect(struct lan_switch *sw, struct lan_port *p)
{
	struct switch_port *sp = &sw->port[p->index];
	struct switch_addr *a;
	struct hlist_node *next;
	int i;

	lan_segment_unplug(&sp->seg, &p->a.end);
	lan_segment_unplug(&sp->seg, &sp->end);
	switch_flush(sp);
	for (i = 0; i < SWITCH_HASH; i++) {
		hlist_for_each_entry_safe(a, next, &sw->hash[i], node) {
			if (a->port != p->index)
				continue;
			hlist_del(&a->node);
			kfree(a);
			sw->n_addrs--;
		}
	}
}

struct lan_switch *lan_switch_alloc(struct lan_medium *m)
{
	struct lan_switch *sw = kvzalloc(sizeof(*sw), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!sw)
		return NULL;
	sw->m = m;
	for (i = 0; i < LAN_MAX_PORTS; i++) {
		sw->port[i].sw = sw;
		sw->port[i].index = i;
		INIT_LIST_HEAD(&sw->port[i].queue);
	}
	return sw;
}

/* All stations are disconnected. */
void lan_switch_free(struct lan_switch *sw)
{
	unsigned int i;

	switch_age(sw, LAN_NEVER - 1);
	for (i = 0; i < LAN_MAX_PORTS; i++) {
		switch_flush(&sw->port[i]);
		kfree(sw->port[i].dom);
	}
	kvfree(sw);
}
