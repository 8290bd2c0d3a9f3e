// SPDX-License-Identifier: GPL-2.0
/*
 * A medium's life and its time: made and ended by name, run in softirq.
 *
 * A run lets the segments live up to the present moment, takes in what the drivers have written
 * since the last one (tails), and sets the timer for what comes next. Where the processor is late,
 * the segments catch up: they are in their own time, and what is sent because of what was heard, as
 * a PAUSE, is sent in that time too.
 */
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include <plumb/net.h>

#include <plumb/init.h>

#include "lan.h"
#include "medium.h"

/* Serialises the control plane: media and ports come, go and are set under it. */
DEFINE_MUTEX(lan_mutex);
lan_probe_t lan_probe;

#define MEDIUM_STEPS		256	/* of a run; then others get the CPU */

const char *const lan_type_name[LAN_TYPE_NR] = {
	[LAN_CABLE] = "cable",
	[LAN_HUB] = "hub",
	[LAN_SWITCH] = "switch",
};

struct list_head *lan_media(struct net *net)
{
	return &plumb_net(net)->lan->media;
}

/**
 * lan_medium_find() - a medium by its name
 * @net: the namespace it was made in
 * @name: its name
 *
 * Context: lan_mutex held.
 * Return: it, or NULL.
 */
struct lan_medium *lan_medium_find(struct net *net, const char *name)
{
	struct lan_medium *m;

	lockdep_assert_held(&lan_mutex);
	list_for_each_entry(m, lan_media(net), list)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

/* ---- running ---- */

static struct lan_segment *medium_segment(struct lan_medium *m, unsigned int port)
{
	return m->sw ? lan_switch_segment(m->sw, port) : &m->seg;
}

/* What the drivers wrote to the tails since the last run. */
static void medium_take_in(struct lan_medium *m, u64 now)
{
	unsigned int i;

	for (i = 0; i < LAN_MAX_PORTS; i++) {
		struct lan_port *p = m->port[i];

		if (!p)
			continue;
		lan_delay_run(&p->a, now);
		lan_rxdma_drain(&p->a);
		if (p->a.loop)
			lan_adapter_loop(&p->a);
		else if (p->a.end.plugged && !p->a.end.busy)
			lan_segment_kick(medium_segment(m, i), &p->a.end, now);
		lan_port_count(p);
	}
}

/* Lets all segments live up to @now; returns the steps that took. */
static u32 medium_live(struct lan_medium *m, u64 now)
{
	unsigned int i;
	u32 steps = 0;

	if (!m->sw)
		return lan_segment_run(&m->seg, now, MEDIUM_STEPS);
	for (i = 0; i < LAN_MAX_PORTS; i++)
		if (m->port[i] && m->port[i]->a.end.plugged)
			steps += lan_segment_run(medium_segment(m, i), now, MEDIUM_STEPS);
	return steps;
}

/*
 * Lets the segment of a port live up to this moment, in which its cable is pulled: what is on it
 * ends now. The medium's lock.
 */
void lan_medium_catch_up(struct lan_medium *m, unsigned int port)
{
	struct lan_segment *g = medium_segment(m, port);
	u64 now = ktime_get_ns();

	if (lan_segment_run(g, now, MEDIUM_STEPS) < MEDIUM_STEPS)
		lan_segment_pass(g, now);
}

/* When something happens next, or LAN_NEVER. */
static u64 medium_next(struct lan_medium *m, u64 now)
{
	u64 next = m->sw ? LAN_NEVER : lan_segment_next(&m->seg);
	unsigned int i;

	for (i = 0; i < LAN_MAX_PORTS; i++) {
		struct lan_port *p = m->port[i];

		if (!p)
			continue;
		if (m->sw && p->a.end.plugged)
			next = min(next, lan_segment_next(medium_segment(m, i)));
		if (p->a.loop && p->a.tx.paused_until_ns > now)
			next = min(next, p->a.tx.paused_until_ns);
		next = min(next, lan_delay_next(&p->a));
	}
	return next;
}

static void medium_run(struct lan_medium *m)
{
	u64 now, next;
	u32 steps;

	spin_lock_bh(&m->lock);
	if (!m->gone) {
		now = ktime_get_ns();
		/* What was on the wire before comes before what is new: a PAUSE may hold that. */
		steps = medium_live(m, now);
		medium_take_in(m, now);
		steps += medium_live(m, now);
		next = medium_next(m, now);
		if (steps >= MEDIUM_STEPS || next <= now)
			tasklet_schedule(&m->tasklet);
		else if (next != LAN_NEVER)
			hrtimer_start(&m->timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_bh(&m->lock);
}

static void medium_tasklet(struct tasklet_struct *t)
{
	medium_run(from_tasklet((struct lan_medium *)NULL, t, tasklet));
}

static enum hrtimer_restart medium_timer(struct hrtimer *t)
{
	struct lan_medium *m = container_of(t, struct lan_medium, timer);

	tasklet_schedule(&m->tasklet);
	return HRTIMER_NORESTART;
}

/* lan_segment.probe of every segment: on to the control plane. */
void lan_medium_probe(struct lan_segment *g, const struct lan_scope *s)
{
	lan_probe_t probe = READ_ONCE(lan_probe);

	if (probe)
		probe(g->owner, g, s);
}

/* There is something to do: any context. */
void lan_medium_kick(struct lan_medium *m)
{
	if (!READ_ONCE(m->gone))
		tasklet_schedule(&m->tasklet);
}

/* Somebody's abilities changed: any context. */
void lan_medium_relink(struct lan_medium *m)
{
	if (!READ_ONCE(m->gone))
		schedule_work(&m->relink);
}

/* The next time at which a port's link comes or goes by itself; 0: none. */
static unsigned long medium_flap_port(struct lan_medium *m, struct lan_port *p)
{
	unsigned long next = 0;

	if (p->flap_ms) {
		if (time_after_eq(jiffies, p->flap_next)) {
			p->flapped = !p->flapped;
			p->flap_next = jiffies + max(msecs_to_jiffies(p->flap_ms), 1UL);
			lan_medium_relink(m);
		}
		next = p->flap_next;
	}
	if (p->broken && time_after_eq(jiffies, p->broken_until)) {
		p->broken = false;
		lan_medium_relink(m);
	}
	if (p->broken && (!next || time_before(p->broken_until, next)))
		next = p->broken_until;
	return next;
}

/* Cables that flap, negotiations that end; the lock is enough for that. */
static void medium_flap(struct work_struct *work)
{
	struct lan_medium *m = container_of(to_delayed_work(work), struct lan_medium, flap);
	unsigned long next = 0;
	unsigned int i;

	spin_lock_bh(&m->lock);
	for (i = 0; i < LAN_MAX_PORTS; i++) {
		unsigned long at = m->port[i] ? medium_flap_port(m, m->port[i]) : 0;

		if (at && (!next || time_before(at, next)))
			next = at;
	}
	if (next && !m->gone)
		mod_delayed_work(system_wq, &m->flap, max_t(long, next - jiffies, 1));
	spin_unlock_bh(&m->lock);
}

/* ---- life ---- */

static int medium_check(struct net *net, const struct lan_medium_cfg *cfg)
{
	struct lan_medium *m;
	unsigned int n = 0;

	if (cfg->type >= LAN_TYPE_NR ||
	    (cfg->mbps != 10 && cfg->mbps != 100 && cfg->mbps != 1000))
		return -EINVAL;
	if (cfg->bit_level && cfg->mbps == 1000)
		return -EOPNOTSUPP;
	if (!dev_valid_name(cfg->name) || strlen(cfg->name) >= LAN_NAME_LEN)
		return -EINVAL;
	if (lan_medium_find(net, cfg->name))
		return -EEXIST;
	list_for_each_entry(m, lan_media(net), list)
		n++;
	return n < LAN_MAX_MEDIA ? 0 : -ENOSPC;
}

static void medium_free(struct lan_medium *m)
{
	if (m->sw)
		lan_switch_free(m->sw);
	kvfree(m->dom);
	kvfree(m->sig);
	kvfree(m->buf);
	kvfree(m);
}

static int medium_memory(struct lan_medium *m)
{
	unsigned int max = m->type == LAN_HUB ? LAN_MAX_PORTS : 2;

	m->buf = kvmalloc(LAN_SEGMENT_BUF, GFP_KERNEL_ACCOUNT);
	if (m->bit_level)
		m->sig = kvmalloc(LAN_SEGMENT_SIG, GFP_KERNEL_ACCOUNT);
	if (!m->buf || (m->bit_level && !m->sig))
		return -ENOMEM;
	if (m->type == LAN_SWITCH) {
		m->sw = lan_switch_alloc(m);
		return m->sw ? 0 : -ENOMEM;
	}
	m->dom = kvzalloc(struct_size(m->dom, st, max), GFP_KERNEL_ACCOUNT);
	if (!m->dom)
		return -ENOMEM;
	m->seg.buf = m->buf;
	m->seg.sig = m->sig;
	m->seg.owner = m;
	m->seg.probe = lan_medium_probe;
	return lan_segment_init(&m->seg, m->dom, max, m->mbps, m->bit_level, m->seed);
}

/**
 * lan_medium_add() - make a cable, hub or switch
 * @net: the namespace it belongs to
 * @cfg: what is wanted
 *
 * Context: lan_mutex held, may sleep.
 * Return: 0, -EINVAL, -EOPNOTSUPP (bit level at 1000 Mb/s), -EEXIST, -ENOSPC or -ENOMEM.
 */
int lan_medium_add(struct net *net, const struct lan_medium_cfg *cfg)
{
	int err = medium_check(net, cfg);
	struct lan_medium *m;

	if (err)
		return err;
	m = kvzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	m->net = net;
	strscpy(m->name, cfg->name, sizeof(m->name));
	m->type = cfg->type;
	m->mbps = cfg->mbps;
	m->bit_level = cfg->bit_level;
	m->seed = cfg->seed;
	spin_lock_init(&m->lock);
	tasklet_setup(&m->tasklet, medium_tasklet);
	hrtimer_setup(&m->timer, medium_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	INIT_WORK(&m->relink, lan_link_work);
	INIT_DELAYED_WORK(&m->flap, medium_flap);
	err = medium_memory(m);
	if (err) {
		medium_free(m);
		return err;
	}
	list_add_tail(&m->list, lan_media(net));
	return 0;
}

static void medium_end(struct lan_medium *m)
{
	unsigned int i;

	for (i = 0; i < LAN_MAX_PORTS; i++)
		if (m->port[i])
			lan_port_del(m, i);
	list_del(&m->list);
	spin_lock_bh(&m->lock);
	WRITE_ONCE(m->gone, true);
	spin_unlock_bh(&m->lock);
	cancel_delayed_work_sync(&m->flap);
	cancel_work_sync(&m->relink);
	hrtimer_cancel(&m->timer);
	tasklet_kill(&m->tasklet);
	medium_free(m);
}

/**
 * lan_medium_del() - end a medium and its ports
 * @net: the namespace
 * @name: its name
 *
 * Context: lan_mutex held, may sleep.
 * Return: 0 or -ENODEV.
 */
int lan_medium_del(struct net *net, const char *name)
{
	struct lan_medium *m = lan_medium_find(net, name);

	if (!m)
		return -ENODEV;
	medium_end(m);
	return 0;
}

int plumb_lan_net_init(struct plumb_net *pn)
{
	pn->lan = kzalloc(sizeof(*pn->lan), GFP_KERNEL_ACCOUNT);
	if (!pn->lan)
		return -ENOMEM;
	INIT_LIST_HEAD(&pn->lan->media);
	return 0;
}

void plumb_lan_net_exit(struct plumb_net *pn)
{
	struct lan_medium *m, *next;

	mutex_lock(&lan_mutex);
	list_for_each_entry_safe(m, next, &pn->lan->media, list)
		medium_end(m);
	lan_ports_leave(pn->net);
	mutex_unlock(&lan_mutex);
	kfree(pn->lan);
}
