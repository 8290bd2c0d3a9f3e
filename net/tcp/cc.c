// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control algorithms by name: the engine's own, and those that other modules register. A
 * socket that uses one holds its module.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#include "sock.h"
#include "cc.h"

#define TCP_CC_MAX	32

/*
 * Slots are filled and emptied under the lock; a reader holds it too, and takes the module along.
 */
static DEFINE_SPINLOCK(tcp_cc_lock);
static const struct tcp_cc_ops *tcp_cc_slots[TCP_CC_MAX];

static int tcp_cc_slot(const char *name)
{
	int i;

	for (i = 0; i < TCP_CC_MAX; i++) {
		if (name ? tcp_cc_slots[i] && !strcmp(tcp_cc_slots[i]->name, name)
			 : !tcp_cc_slots[i])
			return i;
	}
	return -1;
}

int plumb_cc_register(const struct tcp_cc_ops *ops)
{
	int slot, err = 0;

	if (!ops->ssthresh || !ops->grow || !ops->name[0] ||
	    strnlen(ops->name, TCP_CC_NAME_MAX) == TCP_CC_NAME_MAX)
		return -EINVAL;
	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(NULL);
	if (tcp_cc_slot(ops->name) >= 0)
		err = -EEXIST;
	else if (slot < 0)
		err = -ENOSPC;
	else
		tcp_cc_slots[slot] = ops;
	spin_unlock_bh(&tcp_cc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(plumb_cc_register);

void plumb_cc_unregister(const struct tcp_cc_ops *ops)
{
	int slot;

	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(ops->name);
	if (slot >= 0 && tcp_cc_slots[slot] == ops)
		tcp_cc_slots[slot] = NULL;
	spin_unlock_bh(&tcp_cc_lock);
}
EXPORT_SYMBOL_GPL(plumb_cc_unregister);

const struct tcp_cc_ops *tcp_cc_get(const char *name)
{
	const struct tcp_cc_ops *ops = NULL;
	int slot;

	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(name);
	if (slot >= 0 && try_module_get(tcp_cc_slots[slot]->owner))
		ops = tcp_cc_slots[slot];
	spin_unlock_bh(&tcp_cc_lock);
	return ops;
}

bool tcp_cc_hold(const struct tcp_cc_ops *ops)
{
	return try_module_get(ops->owner);
}

void tcp_cc_put(const struct tcp_cc_ops *ops)
{
	module_put(ops->owner);
}

void tcp_cc_names(char *buf, size_t size)
{
	size_t n = 0;
	int i;

	buf[0] = 0;
	spin_lock_bh(&tcp_cc_lock);
	for (i = 0; i < TCP_CC_MAX && n < size; i++) {
		if (tcp_cc_slots[i])
			n += scnprintf(buf + n, size - n, "%s%s", n ? " " : "",
				       tcp_cc_slots[i]->name);
	}
	spin_unlock_bh(&tcp_cc_lock);
}

int tcp_cc_init(void)
{
	return plumb_cc_register(&tcp_cc_reno);
}

void tcp_cc_exit(void)
{
	plumb_cc_unregister(&tcp_cc_reno);
}
