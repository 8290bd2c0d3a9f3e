// SPDX-License-Identifier: GPL-2.0
/* The bench of card.h. */
#include "card.h"

u64 kernel_ns;
struct hrtimer *kernel_timer[2];
struct irq_work *kernel_work;
struct card card;
const u8 card_mac[6] = { 0x02, 0, 0, 0, 0, 1 };
const u8 card_peer[6] = { 0x02, 0, 0, 0, 0, 2 };

/* ---- the medium's part ---- */

static void card_kick(struct lan_adapter *a)
{
	(void)a;
	card.kicks++;
}

static void card_nothing(struct lan_adapter *a)
{
	(void)a;
}

static u64 card_now(struct lan_adapter *a)
{
	(void)a;
	return kernel_ns;
}

static const struct lan_adapter_ops card_ops = {
	.kick = card_kick,
	.relink = card_nothing,
	.lock = card_nothing,
	.unlock = card_nothing,
	.now = card_now,
};

/* ---- the driver's part ---- */

struct net_device *plumb_nic_attach(const struct nic_attach *at)
{
	(void)at;
	return NULL;
}

void plumb_nic_detach(struct net_device *dev)
{
	(void)dev;
}

static irqreturn_t card_handler(int irq, void *data)
{
	(void)irq;
	(void)data;
	if (card.interrupts)
		card.least_apart_ns = min(card.least_apart_ns, kernel_ns - card.last_interrupt_ns);
	card.interrupts++;
	card.last_interrupt_ns = kernel_ns;
	if (!card.leaves_icr)
		card.seen |= card_rd(NIC_ICR);
	return IRQ_HANDLED;
}

u32 card_rd(u32 reg)
{
	return lan_regs_ops.read(&card.a, reg);
}

void card_wr(u32 reg, u32 value)
{
	lan_regs_ops.write(&card.a, reg, value);
}

static void card_rings(void)
{
	u32 i;

	for (i = 0; i < CARD_RING; i++)
		card.rx[i].addr = (uintptr_t)card.rx_buf[i];
	card_wr(NIC_TDBAL, (u32)(uintptr_t)card.tx);
	card_wr(NIC_TDBAH, (u32)((u64)(uintptr_t)card.tx >> 32));
	card_wr(NIC_TDLEN, sizeof(card.tx));
	card_wr(NIC_RDBAL, (u32)(uintptr_t)card.rx);
	card_wr(NIC_RDBAH, (u32)((u64)(uintptr_t)card.rx >> 32));
	card_wr(NIC_RDLEN, sizeof(card.rx));
	card_wr(NIC_RDT, CARD_RING - 1);
}

void card_start(u32 mask)
{
	kernel_ns = 1000 * MS;
	memset(kernel_timer, 0, sizeof(kernel_timer));
	kernel_work = NULL;
	memset(&card, 0, sizeof(card));
	card.least_apart_ns = LAN_NEVER;
	expect_eq(0, lan_adapter_init(&card.a, &card_ops, NULL, card_mac));
	expect_eq(0, lan_intr_request(&card.a, card_handler, NULL));
	card_wr(NIC_CTRL, NIC_CTRL_SLU | NIC_CTRL_RFCE | NIC_CTRL_TFCE);
	card_wr(NIC_VET, 0x8100);
	card_rings();
	lan_adapter_link(&card.a, true, 1000, true);
	card_wr(NIC_TCTL, NIC_TCTL_EN | NIC_TCTL_PSP);
	card_wr(NIC_RCTL, NIC_RCTL_EN | NIC_RCTL_BAM);
	card_rd(NIC_ICR);
	card_wr(NIC_IMS, mask);
}

void card_stop(void)
{
	lan_intr_free(&card.a, NULL);
	lan_adapter_free(&card.a);
}

/* ---- time ---- */

static void card_interrupt(void)
{
	struct irq_work *work = kernel_work;

	kernel_work = NULL;
	if (work && work->queued) {
		work->queued = false;
		work->func(work);
	}
}

/* The timer that is due first, NULL if none is set. */
static struct hrtimer *card_timer(void)
{
	struct hrtimer *first = NULL;
	u32 i;

	for (i = 0; i < 2; i++) {
		struct hrtimer *t = kernel_timer[i];

		if (t && t->queued && (!first || t->at < first->at))
			first = t;
	}
	return first;
}

void card_wait(u64 ns)
{
	u64 until = kernel_ns + ns;

	for (;;) {
		struct hrtimer *t = card_timer();
		u64 next = lan_delay_next(&card.a);

		card_interrupt();
		if (next <= min(until, t ? t->at : LAN_NEVER)) {
			kernel_ns = max(kernel_ns, next);
			lan_delay_run(&card.a, kernel_ns);
		} else if (t && t->at <= until) {
			kernel_ns = max(kernel_ns, t->at);
			t->queued = false;
			t->function(t);
		} else {
			break;
		}
	}
	card_interrupt();
	kernel_ns = until;
}

/* ---- the wire's part ---- */

void card_frame(u8 *frame, const u8 *dest, u32 len)
{
	u32 i;

	memcpy(frame, dest ?: card_mac, 6);
	memcpy(frame + 6, card_peer, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	for (i = 14; i < len; i++)
		frame[i] = (u8)(i * 7);
}

void card_hear_raw(const u8 *frame, u32 len, u32 dribble)
{
	static u8 wire[LAN_SEGMENT_OCTETS], buf[LAN_SEGMENT_OCTETS];
	struct lan_rx rx;
	u32 n = lan_frame_build(wire, frame, len, false);

	wire[n] = 0;
	lan_frame_parse(wire, 8 * n + dribble, false, card.a.end.max_frame, buf, &rx);
	lan_rxmac_rx(&card.a.end, &rx, false, kernel_ns);
}

void card_hear(const u8 *dest, u32 len)
{
	static u8 frame[LAN_MAX_FRAME + 8];

	card_frame(frame, dest, len);
	lan_frame_fcs(frame, len, frame + len);
	card_hear_raw(frame, len + LAN_FCS_LEN, 0);
}

union nic_tx_desc *card_post(const void *data, u32 len, u32 cmd)
{
	union nic_tx_desc *d = &card.tx[card.tx_tail];

	memcpy(card.tx_buf[card.tx_tail], data, len);
	d->data.addr = (uintptr_t)card.tx_buf[card.tx_tail];
	d->data.cmd_len = cmd | len;
	d->data.upper = 0;
	card.tx_tail = (card.tx_tail + 1) % CARD_RING;
	return d;
}

void card_ring(void)
{
	card_wr(NIC_TDT, card.tx_tail);
}

bool card_take_one(void)
{
	u32 len, i = card.sent % CARD_FRAMES;
	struct lan_wire w;

	if (!lan_txdma_fetch(&card.a.end, &w, kernel_ns))
		return false;
	len = w.n - LAN_LEAD_LEN;
	card.sent_len[i] = len;
	memcpy(card.sent_frame[i], w.octets + LAN_LEAD_LEN, len);
	card.sent++;
	lan_txdma_done(&card.a.end, CSMA_SENT, kernel_ns);
	return true;
}

u32 card_take(void)
{
	u32 n = 0;

	while (card_take_one())
		n++;
	return n;
}
