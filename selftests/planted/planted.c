// SPDX-License-Identifier: GPL-2.0
/*
 * One bug of each kind that the sanitizer kernel claims to report, done on
 * purpose: insmod planted.ko bug=NAME. If a lane of checks stays silent here,
 * its silence elsewhere is worth nothing. scripts/check-planted reads the log.
 */
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *bug = "";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "which one");

/* Hides from the compiler that the size and the pointer are known. */
static void *opaque(void *p)
{
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

static void slab_out_of_bounds(void)
{
	char *p = opaque(kmalloc(40, GFP_KERNEL));

	if (p)
		WRITE_ONCE(p[40], 1);
	kfree(p);
}

static void use_after_free(void)
{
	char *p = opaque(kmalloc(40, GFP_KERNEL));

	kfree(p);
	if (p)
		WRITE_ONCE(((char *)opaque(p))[4], 1);
}

static void vmalloc_out_of_bounds(void)
{
	char *p = opaque(vmalloc(PAGE_SIZE - 8));

	if (p)
		WRITE_ONCE(p[PAGE_SIZE - 4], 1);
	vfree(p);
}

static void shift_too_far(void)
{
	int by = 40;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("planted: %d\n", 1 << by);
}

static void leak(void)
{
	void *p = kmalloc(1000, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	p = NULL;
	OPTIMIZER_HIDE_VAR(p);
}

static void list_twice(void)
{
	static LIST_HEAD(head);
	static struct list_head item;

	list_add(&item, &head);
	list_add(&item, &head);
}

static void refcount_below_zero(void)
{
	static refcount_t count = REFCOUNT_INIT(0);

	refcount_dec(&count);
}

static void nothing(struct timer_list *unused)
{
}

static void timer_freed_armed(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, nothing, 0);
	mod_timer(timer, jiffies + HZ * 3600);
	kfree(timer);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	msleep(20);
	spin_unlock(&lock);
}

static void rcu_without_lock(void)
{
	static void __rcu *pointer;

	pr_info("planted: %p\n", rcu_dereference(pointer));
}

static void locks_crosswise(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static const struct {
	const char *name;
	void (*run)(void);
} bugs[] = {
	{ "slab_out_of_bounds", slab_out_of_bounds },
	{ "use_after_free", use_after_free },
	{ "vmalloc_out_of_bounds", vmalloc_out_of_bounds },
	{ "shift_too_far", shift_too_far },
	{ "leak", leak },
	{ "list_twice", list_twice },
	{ "refcount_below_zero", refcount_below_zero },
	{ "timer_freed_armed", timer_freed_armed },
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "rcu_without_lock", rcu_without_lock },
	{ "locks_crosswise", locks_crosswise },
};

static int __init planted_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bugs[i].name, bug))
			continue;
		pr_info("planted: begin %s\n", bug);
		bugs[i].run();
		pr_info("planted: end %s\n", bug);
		return 0;
	}
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);

MODULE_DESCRIPTION("Bugs on purpose, for the sanitizer kernel to find");
MODULE_AUTHOR("The Plumb developers");
MODULE_LICENSE("GPL");
