// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control algorithms by name: the engine's own, and those that other modules register.
 * A socket that uses one holds its module, and so does a namespace whose default it is.
 *
 * Which of them need CAP_NET_ADMIN is one list for the host, as in Linux: to share a path fairly
 * concerns all who use it.
 */
#include <linux/capability.h>
#include <linux/export.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <plumb/init.h>

#include "sock.h"
#include "cc.h"

#define TCP_CC_MAX	32

/**
 * struct tcp_cc_slot - a place for an algorithm
 * @ops: it, or NULL
 * @free: whoever likes may use it
 */
struct tcp_cc_slot {
	const struct tcp_cc_ops	*ops;
	bool			free;
};

/*
 * Slots are filled and emptied under the lock; a reader holds it too, and takes the module along.
 */
static DEFINE_SPINLOCK(tcp_cc_lock);
static struct tcp_cc_slot tcp_cc_slots[TCP_CC_MAX];

static const struct tcp_cc_ops *const tcp_cc_own[] = {
	&tcp_cc_reno, &tcp_cc_cubic, &tcp_cc_dctcp,
};

/* The slot of @name, or a free one (@name NULL); NULL: there is none. */
static struct tcp_cc_slot *tcp_cc_slot(const char *name) __must_hold(&tcp_cc_lock)
{
	struct tcp_cc_slot *s;

	for (s = tcp_cc_slots; s < tcp_cc_slots + TCP_CC_MAX; s++) {
		if (name ? s->ops && !strcmp(s->ops->name, name) : !s->ops)
			return s;
	}
	return NULL;
}

int plumb_cc_register(const struct tcp_cc_ops *ops)
{
	struct tcp_cc_slot *slot;
	int err = 0;

	if (!ops->ssthresh || !ops->grow || !ops->name[0] || strpbrk(ops->name, " \t\n") ||
	    strnlen(ops->name, TCP_CC_NAME_MAX) == TCP_CC_NAME_MAX)
		return -EINVAL;
	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(NULL);
	if (tcp_cc_slot(ops->name)) {
		err = -EEXIST;
	} else if (!slot) {
		err = -ENOSPC;
	} else {
		slot->ops = ops;
		slot->free = ops->flags & TCP_CC_FREE;
	}
	spin_unlock_bh(&tcp_cc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(plumb_cc_register);

void plumb_cc_unregister(const struct tcp_cc_ops *ops)
{
	struct tcp_cc_slot *slot;

	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(ops->name);
	if (slot && slot->ops == ops)
		slot->ops = NULL;
	spin_unlock_bh(&tcp_cc_lock);
	/* Who just read it as a namespace's default finds its module going. */
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(plumb_cc_unregister);

const struct tcp_cc_ops *tcp_cc_get(const char *name, bool admin)
{
	const struct tcp_cc_ops *ops;
	struct tcp_cc_slot *slot;

	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(name);
	if (!slot)
		ops = ERR_PTR(-ENOENT);
	else if (!slot->free && !admin)
		ops = ERR_PTR(-EPERM);
	else if (!try_module_get(slot->ops->owner))
		ops = ERR_PTR(-EBUSY);
	else
		ops = slot->ops;
	spin_unlock_bh(&tcp_cc_lock);
	return ops;
}

void tcp_cc_load(const char *name)
{
	bool there;

	spin_lock_bh(&tcp_cc_lock);
	there = tcp_cc_slot(name);
	spin_unlock_bh(&tcp_cc_lock);
	if (!there && capable(CAP_NET_ADMIN))
		request_module("plumb-cc-%s", name);
}

const struct tcp_cc_ops *tcp_cc_again(const struct tcp_cc_ops *ops)
{
	return try_module_get(ops->owner) ? ops : &tcp_cc_reno;
}

const struct tcp_cc_ops *tcp_cc_default(struct plumb_net *pn)
{
	const struct tcp_cc_ops *ops;

	rcu_read_lock();
	ops = tcp_cc_again(rcu_dereference(pn->tcp->cc));
	rcu_read_unlock();
	return ops;
}

void tcp_cc_put(const struct tcp_cc_ops *ops)
{
	module_put(ops->owner);
}

/* Names, a blank between; @free: those that need no privilege. */
static void tcp_cc_names(char *buf, size_t size, bool free)
{
	struct tcp_cc_slot *s;
	size_t n = 0;

	buf[0] = 0;
	spin_lock_bh(&tcp_cc_lock);
	for (s = tcp_cc_slots; s < tcp_cc_slots + TCP_CC_MAX; s++) {
		if (s->ops && (s->free || !free))
			n += scnprintf(buf + n, size - n, "%s%s", n ? " " : "", s->ops->name);
	}
	spin_unlock_bh(&tcp_cc_lock);
}

void plumb_tcp_cc_available(char *buf, size_t size)
{
	tcp_cc_names(buf, size, false);
}

void plumb_tcp_cc_allowed(char *buf, size_t size)
{
	tcp_cc_names(buf, size, true);
}

/* Marks those that @names has (changed by this) as free, no others; 0 or -ENOENT: none changed. */
static int tcp_cc_mark(char *names) __must_hold(&tcp_cc_lock)
{
	struct tcp_cc_slot *slot[TCP_CC_MAX];
	unsigned int n = 0, i;
	char *name;

	while ((name = strsep(&names, " ")) && *name) {
		struct tcp_cc_slot *s = tcp_cc_slot(name);

		if (!s)
			return -ENOENT;
		if (n < TCP_CC_MAX)
			slot[n++] = s;
	}
	for (i = 0; i < TCP_CC_MAX; i++)
		tcp_cc_slots[i].free = false;
	while (n--)
		slot[n]->free = true;
	return 0;
}

int plumb_tcp_cc_allow(char *names)
{
	int err;

	spin_lock_bh(&tcp_cc_lock);
	err = tcp_cc_mark(names);
	spin_unlock_bh(&tcp_cc_lock);
	return err;
}

void plumb_tcp_cc_default(struct plumb_net *pn, char *name, size_t size)
{
	rcu_read_lock();
	strscpy(name, rcu_dereference(pn->tcp->cc)->name, size);
	rcu_read_unlock();
}

/* What is the default of the host may be used by all on it. */
static void tcp_cc_free(const char *name)
{
	struct tcp_cc_slot *slot;

	spin_lock_bh(&tcp_cc_lock);
	slot = tcp_cc_slot(name);
	if (slot)
		slot->free = true;
	spin_unlock_bh(&tcp_cc_lock);
}

int plumb_tcp_cc_set_default(struct plumb_net *pn, const char *name)
{
	bool initial = net_eq(pn->net, &init_net);
	const struct tcp_cc_ops *ops;

	tcp_cc_load(name);
	ops = tcp_cc_get(name, initial);
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	ops = unrcu_pointer(xchg(&pn->tcp->cc, RCU_INITIALIZER(ops)));
	tcp_cc_put(ops);
	if (initial)
		tcp_cc_free(name);
	return 0;
}

void tcp_cc_net_init(struct plumb_net *pn)
{
	const struct tcp_cc_ops *ops = &tcp_cc_cubic;

	if (!net_eq(pn->net, &init_net))
		ops = tcp_cc_default(plumb_net(&init_net));
	rcu_assign_pointer(pn->tcp->cc, ops);
}

void tcp_cc_net_exit(struct plumb_net *pn)
{
	tcp_cc_put(rcu_dereference_protected(pn->tcp->cc, 1));
}

int tcp_cc_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(tcp_cc_own); i++) {
		err = plumb_cc_register(tcp_cc_own[i]);
		if (err)
			goto undo;
	}
	return 0;

undo:
	while (i--)
		plumb_cc_unregister(tcp_cc_own[i]);
	return err;
}

void tcp_cc_exit(void)
{
	int i = ARRAY_SIZE(tcp_cc_own);

	while (i--)
		plumb_cc_unregister(tcp_cc_own[i]);
}
