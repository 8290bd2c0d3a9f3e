/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Media: a cable, a repeater hub or a switching hub with a name, and the ports on it, each a
 * modelled adapter with a netdevice.
 *
 * Lifetime and locking:
 * - A medium belongs to the network namespace it was made in and goes with it, with all its ports,
 *   wherever their netdevices have moved to. It is found by name under lan_mutex.
 * - lan_mutex guards the list of media, the ports' coming and going, and the settings.
 * - medium->lock (bottom halves off) guards what moves: segments, rings, FIFOs, tables, link state.
 * - The medium runs in softirq: a tasklet when somebody kicks it, a timer for its next event.
 *   Its time is the monotonic clock's: what takes 1.2 ms on a wire takes 1.2 ms here.
 * - Teardown of a port: the driver detaches (no register access any more), the port is taken off
 *   its segment under the lock, the adapter's interrupt is stopped, memory is freed. Of a medium:
 *   all its ports, then the tasklet, timer and work are stopped, then it is freed.
 */
#ifndef _PLUMB_LAN_MEDIUM_H
#define _PLUMB_LAN_MEDIUM_H

#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "adapter.h"

struct lan_switch;
struct net;

#define LAN_NAME_LEN		16
#define LAN_MAX_PORTS		64
#define LAN_MAX_MEDIA		64	/* a namespace */
#define LAN_MAX_GUEST_PORTS	256	/* in all namespaces of user namespaces but the first */
#define LAN_NS_PER_METRE	5	/* delay of twisted pair */
#define LAN_MAX_METRES		10000

extern struct mutex lan_mutex;

enum lan_type {
	LAN_CABLE,
	LAN_HUB,
	LAN_SWITCH,
	LAN_TYPE_NR
};

extern const char *const lan_type_name[LAN_TYPE_NR];

/**
 * struct lan_port - a port of a medium, with its adapter
 * @a: the adapter
 * @medium: where
 * @index: its number there
 * @metres: length of its cable
 * @wanted: the cable is plugged in
 * @mbps: what its cable's pairs carry, 0: all the medium does
 * @result: what was negotiated: LAN_CAN_*, 0: no link
 * @other: what the other end makes of it
 * @fault: settings of its receive direction; on a switch, of both
 * @fault_seed: where its course of faults began
 * @flap_ms: the cable is pulled and plugged again each so many ms, 0: not
 * @flap_next: jiffies
 * @flapped: pulled by the flapping now
 * @broken: its link is down for a new negotiation
 * @broken_until: jiffies
 * @all: in the list of all ports; lan_mutex
 * @guest: it counts for LAN_MAX_GUEST_PORTS
 * @csma: collision counters up to the last change of the link, and on from there
 * @csma_seen: how much of the present segment's is in them
 */
struct lan_port {
	struct lan_adapter	a;
	struct lan_medium	*medium;
	unsigned int		index;
	u32			metres;
	bool			wanted;
	unsigned int		mbps;
	u16			result;
	u16			other;
	struct lan_fault_cfg	fault;
	u64			fault_seed;
	u32			flap_ms;
	unsigned long		flap_next;
	bool			flapped;
	bool			broken;
	unsigned long		broken_until;
	struct list_head	all;
	bool			guest;
	struct csma_stats	csma;
	struct csma_stats	csma_seen;
};

/**
 * struct lan_medium - a cable, hub or switch
 * @list: in the namespace's list
 * @net: the namespace
 * @name: its name
 * @type: LAN_*
 * @mbps: its speed; of a switch, the highest
 * @bit_level: each bit is really coded
 * @seed: of all that is random
 * @lock: see above
 * @seg: cable and hub: the one segment; a switch has one a port (lan_switch)
 * @dom: its collision domain
 * @buf: the segment's scratch
 * @sig: likewise
 * @sw: a switch's own
 * @port: the ports
 * @n_ports: how many
 * @tasklet: runs the medium
 * @timer: its next event
 * @relink: negotiates
 * @flap: pulls and plugs, and ends what breaks a link for a time
 * @gone: being torn down: nothing is armed any more
 */
struct lan_medium {
	struct list_head	list;
	struct net		*net;
	char			name[LAN_NAME_LEN];
	enum lan_type		type;
	unsigned int		mbps;
	bool			bit_level;
	u64			seed;
	spinlock_t		lock;	/* what moves: see above */
	struct lan_segment	seg;
	struct csma_domain	*dom;
	u8			*buf;
	s8			*sig;
	struct lan_switch	*sw;
	struct lan_port		*port[LAN_MAX_PORTS];
	unsigned int		n_ports;
	struct tasklet_struct	tasklet;
	struct hrtimer		timer;
	struct work_struct	relink;
	struct delayed_work	flap;
	bool			gone;
};

/**
 * struct lan_medium_cfg - a medium that is asked for
 * @name: its name
 * @type: LAN_*
 * @mbps: 10, 100 or 1000
 * @bit_level: code each bit
 * @seed: of all that is random
 */
struct lan_medium_cfg {
	const char	*name;
	enum lan_type	type;
	unsigned int	mbps;
	bool		bit_level;
	u64		seed;
};

/* medium.c; all under lan_mutex, may sleep. Errors are those of a netlink answer. */
int lan_medium_add(struct net *net, const struct lan_medium_cfg *cfg);
int lan_medium_del(struct net *net, const char *name);
struct lan_medium *lan_medium_find(struct net *net, const char *name);
struct list_head *lan_media(struct net *net);
void lan_medium_kick(struct lan_medium *m);
void lan_medium_relink(struct lan_medium *m);
void lan_medium_catch_up(struct lan_medium *m, unsigned int port);	/* m->lock */

/*
 * The probe of the control plane: called in softirq under the medium's lock for each transmission;
 * NULL: none.
 */
typedef void (*lan_probe_t)(const struct lan_medium *m, const struct lan_segment *g,
			    const struct lan_scope *s);
extern lan_probe_t lan_probe;
void lan_medium_probe(struct lan_segment *g, const struct lan_scope *s);

/* port.c */
int lan_port_add(struct lan_medium *m, struct net *net, const char *ifname, unsigned int *index);
void lan_ports_leave(struct net *net);
int lan_port_del(struct lan_medium *m, unsigned int index);
int lan_port_plug(struct lan_port *p, bool in);
int lan_port_set_metres(struct lan_port *p, u32 metres);
int lan_port_set_fault(struct lan_port *p, const struct lan_fault_cfg *cfg, u64 seed);
int lan_port_set_flap(struct lan_port *p, u32 ms);
int lan_port_set_mbps(struct lan_port *p, unsigned int mbps);
int lan_port_set_storm(struct lan_port *p, u32 ppb);
int lan_port_set_gone(struct lan_port *p, bool gone);
void lan_port_set_stalled(struct lan_medium *m, struct lan_port *only, bool stalled);
void lan_port_count(struct lan_port *p);
void lan_port_disconnect(struct lan_port *p);

/* link.c */
void lan_link_work(struct work_struct *work);

/**
 * struct lan_switch_stats - what a switch has to tell
 * @addresses: learnt
 * @forwarded: frames to one port
 * @flooded: frames to all others
 * @bad: frames with an error, which end here
 */
struct lan_switch_stats {
	u32	addresses;
	u64	forwarded, flooded, bad;
};

/* switch.c; the medium's lock */
struct lan_switch *lan_switch_alloc(struct lan_medium *m);
void lan_switch_free(struct lan_switch *sw);
struct lan_segment *lan_switch_segment(struct lan_switch *sw, unsigned int port);
unsigned int lan_switch_port_of(const struct lan_segment *g);
u64 lan_switch_dropped(const struct lan_switch *sw, unsigned int port);
int lan_switch_set_fault(struct lan_switch *sw, unsigned int port, const struct lan_fault_cfg *cfg,
			 u64 seed);
struct lan_switch_stats lan_switch_stats(const struct lan_switch *sw);
int lan_switch_connect(struct lan_switch *sw, struct lan_port *p, unsigned int mbps, bool full);
void lan_switch_disconnect(struct lan_switch *sw, struct lan_port *p);
u16 lan_switch_abilities(const struct lan_medium *m);

#endif /* _PLUMB_LAN_MEDIUM_H */
