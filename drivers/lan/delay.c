// SPDX-License-Identifier: GPL-2.0
/*
 * When the adapter reports what it has done: descriptors that are kept back until enough of them
 * are done (RXDCTL, TXDCTL), and interrupts that wait for company (8254x manual 3.2.7, 3.4.2,
 * 3.4.3, 13.4.30, 13.4.31, 13.4.41 to 13.4.46).
 *
 *   packet done --> kept back --enough, or a timer is over--> DD in memory, RXT0 or TXDW
 *
 * A packet timer starts anew with each packet, so that it ends when the traffic pauses; an absolute
 * timer starts with the first and bounds that. Called by rxdma.c and txdma.c for each packet, and
 * by the medium's run for the timers. All under the medium's lock.
 */
#include "adapter.h"
#include "hostile.h"

#define DCTL_WTHRESH(v)		((v) >> 16 & 0x3f)
#define DCTL_LWTHRESH(v)	((v) >> 25)		/* in units of 8 descriptors */
#define DELAY_LINE		4	/* descriptors in a cache line of 64 octets */
#define DELAY_VALUE		GENMASK(15, 0)

void lan_delay_stop(struct lan_delay *d)
{
	d->packet_ns = LAN_NEVER;
	d->absolute_ns = LAN_NEVER;
}

static u64 delay_end(const struct lan_delay *d)
{
	return min(d->packet_ns, d->absolute_ns);
}

static u64 delay_ns(const struct lan_adapter *a, u32 reg)
{
	return (u64)(lan_reg(a, reg) & DELAY_VALUE) * LAN_INTR_DELAY_NS;
}

/* One more packet waits for the timers of the registers @packet and @absolute. */
static void delay_start(struct lan_adapter *a, struct lan_delay *d, u32 packet, u32 absolute)
{
	u64 now = a->ops->now(a), longest = delay_ns(a, absolute);

	d->packet_ns = now + delay_ns(a, packet);
	if (longest && d->absolute_ns == LAN_NEVER)
		d->absolute_ns = now + longest;
}

/* How many descriptors may be kept back, by TXDCTL or RXDCTL: 1 is none. */
static u32 delay_threshold(const struct lan_adapter *a, u32 reg)
{
	u32 v = lan_reg(a, reg), n = DCTL_WTHRESH(v);

	if (!(v & NIC_TXDCTL_GRAN))
		n *= DELAY_LINE;
	return clamp_t(u32, n, 1, LAN_KEPT_BACK);
}

/* ---- receive ---- */

/* Writes the kept descriptors to the ring; RDH moves past them. */
static void delay_rx_flush(struct lan_adapter *a)
{
	u64 base = (u64)lan_reg(a, NIC_RDBAH) << 32 | (lan_reg(a, NIC_RDBAL) & ~15U);
	u32 head = lan_reg(a, NIC_RDH), count = lan_rxdma_count(a), i;

	if (!a->rx.n_kept)
		return;
	for (i = 0; i < a->rx.n_kept; i++) {
		const struct nic_rx_desc *done = &a->rx.kept[i];
		struct nic_rx_desc *d = lan_adapter_dma(a, base + head * sizeof(*d), sizeof(*d));

		head = head + 1 >= count ? 0 : head + 1;
		if (!d)
			continue;
		d->length = done->length;
		d->csum = 0;
		d->errors = done->errors;
		d->special = done->special;
		dma_wmb();			/* the status says that the rest is there */
		WRITE_ONCE(d->status, done->status);
	}
	a->rx.n_kept = 0;
	lan_reg_set(a, NIC_RDH, head);
}

/**
 * lan_delay_rx_keep() - a receive descriptor is used
 * @a: the adapter
 * @done: what is to be written to it
 *
 * Context: the medium's lock.
 */
void lan_delay_rx_keep(struct lan_adapter *a, const struct nic_rx_desc *done)
{
	a->rx.kept[a->rx.n_kept++] = *done;
	if (a->rx.n_kept >= delay_threshold(a, NIC_RXDCTL))
		delay_rx_flush(a);
}

/**
 * lan_delay_rx_report() - everything received is in memory, and the driver hears of it
 * @a: the adapter
 * @causes: beside NIC_INT_RXT0
 *
 * Context: the medium's lock.
 */
void lan_delay_rx_report(struct lan_adapter *a, u32 causes)
{
	delay_rx_flush(a);
	lan_delay_stop(&a->rx.delay);
	lan_intr_cause(a, NIC_INT_RXT0 | causes);
}

/**
 * lan_delay_rx() - a packet is in memory: say so, now or later
 * @a: the adapter
 * @len: its octets there
 *
 * Context: the medium's lock.
 */
void lan_delay_rx(struct lan_adapter *a, u32 len)
{
	if (len <= (lan_reg(a, NIC_RSRPD) & NIC_RSRPD_MASK))
		lan_delay_rx_report(a, NIC_INT_SRPD);
	else if (!delay_ns(a, NIC_RDTR))
		lan_delay_rx_report(a, 0);
	else
		delay_start(a, &a->rx.delay, NIC_RDTR, NIC_RADV);
}

/* ---- transmit ---- */

static void delay_tx_flush(struct lan_adapter *a)
{
	u32 i;

	for (i = 0; i < a->tx.n_kept; i++) {
		union nic_tx_desc *d = a->tx.kept[i];

		dma_wmb();
		WRITE_ONCE(d->data.upper, d->data.upper | cpu_to_le32(NIC_TXD_DD));
	}
	a->tx.n_kept = 0;
}

static void delay_tx_report(struct lan_adapter *a)
{
	delay_tx_flush(a);
	lan_delay_stop(&a->tx.delay);
	lan_intr_cause(a, NIC_INT_TXDW);
}

/**
 * lan_delay_tx() - a transmit descriptor that asks for a report is done
 * @a: the adapter
 * @d: the descriptor
 * @cmd: its command
 *
 * Context: the medium's lock.
 */
void lan_delay_tx(struct lan_adapter *a, union nic_tx_desc *d, u32 cmd)
{
	bool later = cmd & NIC_TXD_IDE && delay_ns(a, NIC_TIDV);

	if (unlikely(!lan_hostile_tx(d)))
		return;
	a->tx.kept[a->tx.n_kept++] = d;
	if (a->tx.n_kept >= delay_threshold(a, NIC_TXDCTL)) {
		if (!later) {
			delay_tx_report(a);
			return;
		}
		delay_tx_flush(a);
	}
	/* what is kept back without a delay of its own is flushed by the same timer */
	if (later || (delay_ns(a, NIC_TIDV) && delay_end(&a->tx.delay) == LAN_NEVER))
		delay_start(a, &a->tx.delay, NIC_TIDV, NIC_TADV);
}

/**
 * lan_delay_tx_left() - the adapter has come on in the transmit ring
 * @a: the adapter
 * @left: descriptors it has yet to do
 *
 * Context: the medium's lock.
 */
void lan_delay_tx_left(struct lan_adapter *a, u32 left)
{
	u32 causes = 0;

	if (left == 8 * DCTL_LWTHRESH(lan_reg(a, NIC_TXDCTL)))
		causes |= NIC_INT_TXD_LOW;
	if (!left)
		causes |= NIC_INT_TXQE;
	if (causes)
		lan_intr_cause(a, causes);
}

/* ---- both ---- */

/**
 * lan_delay_next() - when a timer ends
 * @a: the adapter
 *
 * Context: the medium's lock.
 * Return: ns of the medium's time, or LAN_NEVER.
 */
u64 lan_delay_next(const struct lan_adapter *a)
{
	return min(delay_end(&a->rx.delay), delay_end(&a->tx.delay));
}

/**
 * lan_delay_run() - see to the timers that are over
 * @a: the adapter
 * @now: the medium's time, ns
 *
 * Context: the medium's lock.
 */
void lan_delay_run(struct lan_adapter *a, u64 now)
{
	if (delay_end(&a->rx.delay) <= now)
		lan_delay_rx_report(a, 0);
	if (delay_end(&a->tx.delay) <= now)
		delay_tx_report(a);
}

/* The rings are let go: what is done is written now, and nothing later. */
void lan_delay_end_rx(struct lan_adapter *a)
{
	delay_rx_flush(a);
	lan_delay_stop(&a->rx.delay);
}

void lan_delay_end_tx(struct lan_adapter *a)
{
	delay_tx_flush(a);
	lan_delay_stop(&a->tx.delay);
}
