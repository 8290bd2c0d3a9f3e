// SPDX-License-Identifier: GPL-2.0
/*
 * An interface's addresses are announced when they come, when the device comes up and when its own
 * address changes: at once, and once more two seconds later (RFC 5227 2.3). Those that are Linux's
 * too, Linux announces.
 *
 * The worker belongs to the interface, which is freed only after it was stopped
 * (plumb_announce_exit()); it takes no RTNL, so that may be done under RTNL.
 */
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "../route/iface.h"
#include "arp.h"

#define ANNOUNCE_NUM		2
#define ANNOUNCE_INTERVAL	(2 * HZ)

static void announce_all(struct plumb_iface *iface)
{
	struct plumb_ifa *ifa;

	rcu_read_lock();
	list_for_each_entry_rcu(ifa, &iface->addrs, node)
		if (!ipv4_is_loopback(ifa->a.local) && !ifa->a.shared)
			plumb_arp_announce(iface->dev, ifa->a.local);
	rcu_read_unlock();
}

static void announce_work(struct work_struct *work)
{
	struct plumb_iface *iface = container_of(to_delayed_work(work), struct plumb_iface,
						 announce);

	announce_all(iface);
	if (iface->announce_left && --iface->announce_left)
		schedule_delayed_work(&iface->announce, ANNOUNCE_INTERVAL);
}

void plumb_announce_start(struct plumb_iface *iface)
{
	ASSERT_RTNL();
	if (!plumb_arp_speaks(iface->dev))
		return;
	cancel_delayed_work_sync(&iface->announce);
	iface->announce_left = ANNOUNCE_NUM;
	schedule_delayed_work(&iface->announce, 0);
}

void plumb_announce_init(struct plumb_iface *iface)
{
	INIT_DELAYED_WORK(&iface->announce, announce_work);
}

void plumb_announce_exit(struct plumb_iface *iface)
{
	cancel_delayed_work_sync(&iface->announce);
}
