// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt and the poll.
 *
 *   handler: read ICR (which clears it), mask, schedule the poll
 *   poll:    give back what is sent, take what has come;
 *            ring empty -> complete, unmask
 *
 * Nothing gets lost between the last look at the ring and the unmasking: a frame
 * that comes then sets its cause in ICR, and unmasking a cause that is set
 * interrupts. The mask is level logic, not an edge (8254x manual 3.2.7, 13.4.20).
 * A handler that runs in between, on a shared line, may clear that cause; it
 * finds NAPI scheduled, and being scheduled once more makes the poll run again.
 *
 * Three register accesses a burst: ICR, IMC, IMS.
 *
 * A stream needs no interrupt: after a burst of one the causes stay masked, and the next look
 * at the ring is a timer's, as long after as the adapter would be told to wait. A look that finds
 * no such burst ends that.
 *
 * A flood of short frames is more than there is time for: taken in as it comes, it leaves none to
 * the program that is to read it, and most is dropped at its socket. So it is not looked at for as
 * long as the last look took; what does not fit into the ring then costs nothing.
 */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>

#include "nic.h"

#define IRQ_POLLED	(NIC_INT_RX | NIC_INT_TXDW)

/* Moderation classes: microseconds between interrupts */
#define IRQ_USECS_LATENCY	0
#define IRQ_USECS_MIXED		50
#define IRQ_USECS_BULK		250
/* a burst of at most this many frames is a conversation, not a stream */
#define IRQ_FEW_PACKETS		4
#define IRQ_MANY_PACKETS	16
#define IRQ_BULK_OCTETS		800	/* a stream's frames are longer on average */
/* so many shorter ones, between which the ring was not empty once, are a flood */
#define IRQ_FLOOD_PACKETS	256
#define IRQ_FLOOD_NSECS		(4 * NSEC_PER_MSEC)	/* longest between two looks at it */

static u32 nic_irq_itr(u32 usecs)
{
	return min_t(u32, usecs * 1000 / 256, NIC_ITR_MAX);
}

/**
 * nic_irq_moderate() - set the least time between two interrupts
 * @nic: the adapter
 * @usecs: microseconds, 0 for none
 *
 * Context: NAPI, or the adapter is not running.
 */
void nic_irq_moderate(struct nic *nic, u32 usecs)
{
	u32 itr = nic_irq_itr(usecs);

	if (itr == nic->itr)
		return;
	nic->itr = itr;
	nic_wr(nic, NIC_ITR, itr);
}

/* What is in force, in microseconds. */
u32 nic_irq_usecs(struct nic *nic)
{
	return DIV_ROUND_UP(READ_ONCE(nic->itr) * 256, 1000);
}

/* Is what comes in a stream, by the last look at it? */
static bool nic_irq_streams(const struct nic *nic)
{
	return test_bit(NIC_F_ADAPTIVE, &nic->flags) && nic->itr == nic_irq_itr(IRQ_USECS_BULK);
}

/*
 * Spaces interrupts out for streams, lets each through for conversations. A stream that is
 * looked at more often comes in smaller bursts, and is one all the same.
 */
static void nic_irq_adapt(struct nic *nic)
{
	u32 packets = nic->itr_packets, bytes = nic->itr_bytes;

	if (!test_bit(NIC_F_ADAPTIVE, &nic->flags) || !packets)
		return;
	nic->itr_packets = 0;
	nic->itr_bytes = 0;
	if (packets <= IRQ_FEW_PACKETS)
		nic_irq_moderate(nic, IRQ_USECS_LATENCY);
	else if ((packets >= IRQ_MANY_PACKETS || nic_irq_streams(nic)) &&
		 bytes / packets >= IRQ_BULK_OCTETS)
		nic_irq_moderate(nic, IRQ_USECS_BULK);
	else
		nic_irq_moderate(nic, IRQ_USECS_MIXED);
}

/**
 * nic_irq_handler() - the interrupt
 * @irq: line
 * @data: struct nic
 *
 * Context: hard interrupt.
 * Return: IRQ_NONE if the adapter did not ask for it.
 */
irqreturn_t nic_irq_handler(int irq, void *data)
{
	struct nic *nic = data;
	u32 icr = nic_rd(nic, NIC_ICR);

	if (!(icr & (IRQ_POLLED | NIC_INT_LINK)))
		return IRQ_NONE;
	if (unlikely(icr & NIC_INT_LINK))	/* all ones too: gone */
		schedule_work(&nic->link_work);
	if (unlikely(icr == NIC_GONE))
		return IRQ_HANDLED;
	if (icr & IRQ_POLLED && napi_schedule_prep(&nic->napi)) {
		nic_wr(nic, NIC_IMC, IRQ_POLLED);
		clear_bit(NIC_TX_ARMED, &nic->tx.flags);
		__napi_schedule(&nic->napi);
	}
	return IRQ_HANDLED;
}

/* Unmasks the poll's causes; that for done descriptors only if some are out. */
static void nic_irq_unmask(struct nic *nic)
{
	u32 mask = NIC_INT_RX;

	hrtimer_try_to_cancel(&nic->look);	/* of before an interrupt for what was sent */
	if (nic_tx_busy(nic)) {
		set_bit(NIC_TX_ARMED, &nic->tx.flags);
		mask |= NIC_INT_TXDW;
	}
	nic_wr(nic, NIC_IMS, mask);
}

/* The next look at a stream is due. Context: hard interrupt. */
enum hrtimer_restart nic_irq_look(struct hrtimer *timer)
{
	napi_schedule(&container_of(timer, struct nic, look)->napi);
	return HRTIMER_NORESTART;
}

/* The budget is used up. Nanoseconds until the next look, if that is because of a flood; else 0. */
static u64 nic_irq_flood_wait(struct nic *nic, int budget)
{
	if (nic->itr_packets < IRQ_FLOOD_PACKETS) {
		if (nic->itr_packets <= (u32)budget)
			nic->full_ns = ktime_get_ns();
		return 0;
	}
	if (!test_bit(NIC_F_ADAPTIVE, &nic->flags))
		return 0;
	if (nic->itr_bytes / nic->itr_packets < IRQ_BULK_OCTETS)
		return clamp_t(u64, ktime_get_ns() - nic->full_ns, IRQ_USECS_BULK * NSEC_PER_USEC,
			       IRQ_FLOOD_NSECS);
	nic->itr_packets /= 2;		/* a stream without end has too many octets to count */
	nic->itr_bytes /= 2;
	return 0;
}

/* Looks no more for so long. Return: what ends the polling. */
static int nic_irq_flooded(struct nic *nic, u64 wait, int done)
{
	nic->itr_packets = 0;
	nic->itr_bytes = 0;
	if (napi_complete_done(&nic->napi, done - 1))
		hrtimer_start(&nic->look, ns_to_ktime(wait), HRTIMER_MODE_REL_PINNED);
	return done - 1;
}

/**
 * nic_irq_poll() - the NAPI poll of both rings
 * @napi: of the adapter
 * @budget: descriptors to receive at most; 0 from netpoll
 *
 * Return: descriptors received; less than @budget ends the polling.
 */
int nic_irq_poll(struct napi_struct *napi, int budget)
{
	struct nic *nic = container_of(napi, struct nic, napi);
	int done;
	u64 wait;

	nic_tx_clean(nic, budget);
	if (unlikely(!budget))
		return 0;
	done = nic_rx_poll(nic, budget);
	if (done == budget) {
		wait = nic_irq_flood_wait(nic, budget);
		return wait ? nic_irq_flooded(nic, wait, done) : done;
	}
	if (likely(napi_complete_done(napi, done))) {
		nic_irq_adapt(nic);
		if (done && nic_irq_streams(nic))
			hrtimer_start(&nic->look, ns_to_ktime(IRQ_USECS_BULK * NSEC_PER_USEC),
				      HRTIMER_MODE_REL_PINNED);
		else
			nic_irq_unmask(nic);
	}
	return done;
}

/* Masks every cause and waits for a running handler. May sleep. */
void nic_irq_off(struct nic *nic)
{
	nic_wr(nic, NIC_IMC, ~0u);
	nic_flush(nic);
	nic_irq_sync(nic);
}

/* Lets the adapter interrupt. */
void nic_irq_on(struct nic *nic)
{
	nic_wr(nic, NIC_IMS, NIC_INT_RX | NIC_INT_LINK);
}

void nic_irq_sync(struct nic *nic)
{
	if (nic->ops)
		nic->ops->irq_sync(nic->bus);
	else
		synchronize_irq(nic->irq);
}

/**
 * nic_irq_request() - take the interrupt line
 * @nic: the adapter, all causes masked
 * @handler: called with @nic
 *
 * Return: 0 or a negative errno.
 */
int nic_irq_request(struct nic *nic, irq_handler_t handler)
{
	if (nic->ops)
		return nic->ops->irq_request(nic->bus, handler, nic);
	return request_irq(nic->irq, handler, IRQF_SHARED,
			   netdev_name(nic->netdev), nic);
}

void nic_irq_free(struct nic *nic)
{
	if (nic->ops)
		nic->ops->irq_free(nic->bus, nic);
	else
		free_irq(nic->irq, nic);
}
