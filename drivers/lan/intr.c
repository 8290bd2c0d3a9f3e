// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt unit: causes, mask, moderation (8254x manual 13.4.16 to 13.4.22). The driver's
 * handler is called in hard interrupt context, as that of a real line is.
 *
 * The line is raised while ICR & IMS is not zero, not before ITR units of 256 ns after the last
 * time. Reading ICR clears it, writing clears what was written; a cause that is set meanwhile
 * raises the line again. What delays a cause itself is in delay.c.
 */
#include <linux/ktime.h>

#include "adapter.h"

static void lan_intr_fire(struct lan_intr *i)
{
	irq_handler_t handler;
	void *data;

	raw_spin_lock(&i->lock);
	handler = i->icr & i->ims ? i->handler : NULL;
	data = i->data;
	if (handler) {
		i->last_ns = ktime_get_ns();
		i->raised++;
	}
	raw_spin_unlock(&i->lock);
	if (handler)
		handler(0, data);
}

static void lan_intr_work(struct irq_work *work)
{
	lan_intr_fire(container_of(work, struct lan_intr, work));
}

static enum hrtimer_restart lan_intr_timer(struct hrtimer *timer)
{
	lan_intr_fire(container_of(timer, struct lan_intr, timer));
	return HRTIMER_NORESTART;
}

void lan_intr_init(struct lan_intr *i)
{
	raw_spin_lock_init(&i->lock);
	i->work = IRQ_WORK_INIT_HARD(lan_intr_work);
	hrtimer_setup(&i->timer, lan_intr_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
}

/* Raise the line now, or when moderation allows it. intr.lock held, interrupts off. */
static void lan_intr_raise(struct lan_intr *i)
{
	u64 now = ktime_get_ns();
	u64 at = i->last_ns + (u64)i->itr * LAN_INTR_ITR_NS;

	lockdep_assert_held(&i->lock);
	if (!i->handler || !(i->icr & i->ims))
		return;
	if (at <= now)
		irq_work_queue(&i->work);
	else if (!hrtimer_is_queued(&i->timer) ||
		 ktime_to_ns(hrtimer_get_expires(&i->timer)) > at)
		hrtimer_start(&i->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_HARD);
}

/**
 * lan_intr_cause() - set interrupt causes
 * @a: the adapter
 * @causes: NIC_INT_*
 *
 * Context: any.
 */
void lan_intr_cause(struct lan_adapter *a, u32 causes)
{
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->icr |= causes;
	lan_intr_raise(i);
	raw_spin_unlock_irqrestore(&i->lock, flags);
}

u32 lan_intr_read_icr(struct lan_adapter *a)
{
	struct lan_intr *i = &a->intr;
	unsigned long flags;
	u32 icr;

	raw_spin_lock_irqsave(&i->lock, flags);
	icr = i->icr;
	i->icr = 0;
	raw_spin_unlock_irqrestore(&i->lock, flags);
	return icr;
}

/* A write to ICR takes causes back. */
void lan_intr_clear(struct lan_adapter *a, u32 causes)
{
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->icr &= ~causes;
	raw_spin_unlock_irqrestore(&i->lock, flags);
}

/* IMS and IMC: a cause that waited behind the mask raises the line. */
void lan_intr_mask(struct lan_adapter *a, u32 clear, u32 set)
{
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->ims = (i->ims & ~clear) | set;
	lan_intr_raise(i);
	raw_spin_unlock_irqrestore(&i->lock, flags);
}

void lan_intr_set_itr(struct lan_adapter *a, u32 itr)
{
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->itr = itr & NIC_ITR_MAX;
	raw_spin_unlock_irqrestore(&i->lock, flags);
}

int lan_intr_request(void *bus, irq_handler_t handler, void *data)
{
	struct lan_adapter *a = bus;
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->handler = handler;
	i->data = data;
	lan_intr_raise(i);
	raw_spin_unlock_irqrestore(&i->lock, flags);
	return 0;
}

void lan_intr_free(void *bus, void *data)
{
	struct lan_adapter *a = bus;
	struct lan_intr *i = &a->intr;
	unsigned long flags;

	raw_spin_lock_irqsave(&i->lock, flags);
	i->handler = NULL;
	raw_spin_unlock_irqrestore(&i->lock, flags);
	lan_intr_stop(i);
}

/* No timer and no work runs after this (a later cause may start them again). May sleep. */
void lan_intr_stop(struct lan_intr *i)
{
	hrtimer_cancel(&i->timer);
	irq_work_sync(&i->work);
}

void lan_intr_sync(void *bus)
{
	struct lan_adapter *a = bus;

	irq_work_sync(&a->intr.work);
	while (hrtimer_callback_running(&a->intr.timer))
		cpu_relax();
}
