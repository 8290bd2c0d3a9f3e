/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The modelled adapter: an 82540EM in software. Towards the driver it is a register file, two
 * descriptor rings in the driver's memory, and an interrupt; towards the wire it is an end of a
 * segment (segment.h). What the 8254x Software Developer's Manual says of a register holds here.
 *
 *   driver --TDT--> txdma.c --frame--> tx.wire --segment--> other ends
 *   driver <-ring-- rxdma.c <--FIFO--- rxmac.c <--segment-- other ends
 *          <-DD---- delay.c  (write-back thresholds, packet and absolute timers)
 *          <-IRQ--- intr.c   (causes, mask, moderation)
 *
 * Locking: port->medium's lock guards everything but
 *  - reg[]: 32-bit words, read and written whole (READ_ONCE/WRITE_ONCE); those that the adapter
 *    itself changes (heads, statistics, STATUS) are changed under the medium's lock;
 *  - the interrupt's state, under intr.lock, a leaf that hard interrupt context takes;
 *  - the PHY's and EEPROM's words, under phy_lock, a leaf.
 * The driver may touch the registers in any context; only those that it never touches in
 * hard interrupt context or with interrupts off take the medium's lock.
 */
#ifndef _PLUMB_LAN_ADAPTER_H
#define _PLUMB_LAN_ADAPTER_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/spinlock.h>

#include "../../kmod/compat/hrtimer.h"
#include "../nic/bus.h"
#include "../nic/regs.h"
#include "autoneg.h"
#include "segment.h"

struct platform_device;
struct lan_adapter;

#define LAN_REG_SPACE		0x6000		/* octets of register file that are used */
#define LAN_EEPROM_WORDS	64
#define LAN_PACKET_BUFFER	65536		/* octets, both directions (13.4.11) */
#define LAN_TX_PACKET_MAX	(LAN_PACKET_BUFFER + 256)
#define LAN_KEPT_BACK		64		/* descriptors: WTHRESH has 6 bits (13.4.44) */
#define LAN_INTR_ITR_NS		256		/* unit of ITR (13.4.18) */
#define LAN_INTR_DELAY_NS	1024		/* unit of RDTR, RADV, TIDV, TADV */

/**
 * struct lan_adapter_ops - what the adapter asks of the medium it is plugged into
 * @kick: there is something to send or to take in: run the medium soon; any context
 * @relink: abilities changed: negotiate the link again; process or softirq context
 * @lock: take the medium's lock; process or softirq context
 * @unlock: give it back
 * @now: the medium's time, ns; any context
 */
struct lan_adapter_ops {
	void (*kick)(struct lan_adapter *a);
	void (*relink)(struct lan_adapter *a);
	void (*lock)(struct lan_adapter *a);
	void (*unlock)(struct lan_adapter *a);
	u64 (*now)(struct lan_adapter *a);
};

/**
 * struct lan_intr - the interrupt unit
 * @lock: guards all of it; taken in hard interrupt context
 * @icr: causes
 * @ims: mask
 * @itr: least interval, in units of LAN_INTR_ITR_NS
 * @last_ns: when the line was last raised
 * @handler: the driver's, or NULL
 * @data: its argument
 * @work: calls the handler in hard interrupt context
 * @timer: end of moderation, hard interrupt context
 * @raised: interrupts so far
 */
struct lan_intr {
	raw_spinlock_t		lock;
	u32			icr, ims, itr;
	u64			last_ns;
	irq_handler_t		handler;
	void			*data;
	struct irq_work		work;
	struct hrtimer		timer;
	u64			raised;
};

/**
 * struct lan_stamps - when frames passed: one each way is held until it is read
 * @tx_ctl: NIC_TSYNC_*
 * @rx_ctl: likewise
 * @tx: ns of the medium's time, at the end of the start delimiter
 * @rx: likewise
 *
 * Guarded by the medium's lock.
 */
struct lan_stamps {
	u32	tx_ctl, rx_ctl;
	u64	tx, rx;
};

/**
 * struct lan_delay - an interrupt that waits for company
 * @packet_ns: end of the timer that each packet starts anew; LAN_NEVER: it is stopped
 * @absolute_ns: end of the timer that the first packet started; likewise
 */
struct lan_delay {
	u64	packet_ns;
	u64	absolute_ns;
};

/* The last context descriptor; the fields are the manual's (3.3.6). */
struct lan_tx_context {
	u8	ipcss, ipcso, tucss, tucso, hdrlen;
	u16	ipcse, tucse, mss;
	u32	paylen;
	bool	tcp, ip, tse;
};

/**
 * struct lan_txdma - transmit side
 * @ctx: context in force
 * @pkt: the packet gathered from descriptors
 * @len: its octets
 * @cmd: NIC_TXD_* of its first data descriptor
 * @popts: NIC_TXD_POPTS_* of it
 * @tag: VLAN tag to insert
 * @stamp: hold the time of sending
 * @tso_at: TSO: octets of @pkt already sent, 0 if none is under way
 * @tso_n: number of the segment, from 0
 * @frame: one frame, before framing
 * @wire: the frame in the form it has on the medium
 * @n_wire: octets at @wire
 * @pause: a PAUSE frame to send first: 1 XOFF, 2 XON
 * @control: the frame under way is such a one
 * @paused_until_ns: the peer has asked for silence until then
 * @delay: TIDV and TADV
 * @kept: descriptors that are done and whose report is kept back
 * @n_kept: how many
 */
struct lan_txdma {
	struct lan_tx_context	ctx;
	u8			*pkt;
	u32			len;
	u32			cmd;
	u8			popts;
	u16			tag;
	bool			stamp;
	u32			tso_at, tso_n;
	u8			*frame;
	u8			*wire;
	u32			n_wire;
	u8			pause;
	bool			control;
	u64			paused_until_ns;
	struct lan_delay	delay;
	union nic_tx_desc	*kept[LAN_KEPT_BACK];
	u32			n_kept;
};

/**
 * struct lan_rxdma - receive side
 * @delay: RDTR and RADV
 * @kept: what is to be written to the descriptors from RDH on
 * @n_kept: how many
 */
struct lan_rxdma {
	struct lan_delay	delay;
	struct nic_rx_desc	kept[LAN_KEPT_BACK];
	u32			n_kept;
};

/**
 * struct lan_fifo - receive packet buffer: frames wait here for descriptors
 * @mem: LAN_PACKET_BUFFER octets, a ring
 * @head: octets ever put in
 * @tail: octets ever taken out
 * @xoff: a XOFF was sent and no XON since
 */
struct lan_fifo {
	u8	*mem;
	u64	head, tail;
	bool	xoff;
};

/**
 * struct lan_phy - the PHY (88E1011 as in the 82540EM) and what it sees of the cable
 * @reg: MII registers
 * @can: speeds and duplexes of the medium's other end: LAN_CAN_*
 * @cable: something is at the other end
 * @restart: the driver wants the link negotiated anew
 */
struct lan_phy {
	u16	reg[32];
	u16	can;
	bool	cable;
	bool	restart;
};

/*
 * The EEPROM's serial interface (EECD), clocked by the driver: its pins, the bits taken in and how
 * many, the word going out and how many bits of it are left, and the command they made.
 */
struct lan_microwire {
	u32	eecd;
	u32	in;
	u8	n_in;
	u16	out;
	u8	n_out;
	u16	addr;
	u8	op;
	bool	writable;
};

/**
 * struct lan_adapter - one adapter
 * @end: its place on a segment; must be first
 * @ops: the medium's
 * @owner: the port it belongs to
 * @pdev: the device its DMA and netdevice hang on
 * @netdev: the driver's, while attached
 * @gone: surprise removal: every register reads all ones
 * @stalled: its transmitter has stopped taking frames
 * @link: it has a link
 * @loop: what it sends comes back to it and goes no further
 * @bit_ns: duration of a bit
 * @reg: the register file, a word each
 * @reads: register reads by the driver
 * @writes: register writes by the driver
 * @intr: see there, as all that follow
 * @tx: transmit side
 * @rx: receive side
 * @fifo: receive packet buffer
 * @rxtmp: a frame on its way from the packet buffer to memory
 * @stamps: when frames passed
 * @phy_lock: guards @phy, @eeprom, @mw
 * @phy: PHY
 * @eeprom: EEPROM's words
 * @mw: EEPROM's serial interface
 * @seen: CSMA/CD counters as far as they are in the registers already
 */
struct lan_adapter {
	struct lan_end			end;
	const struct lan_adapter_ops	*ops;
	void				*owner;
	struct platform_device		*pdev;
	struct net_device		*netdev;
	bool				gone;
	bool				stalled;
	bool				link;
	bool				loop;
	u32				bit_ns;
	u32				*reg;
	u64				reads, writes;
	struct lan_intr			intr;
	struct lan_txdma		tx;
	struct lan_rxdma		rx;
	struct lan_fifo			fifo;
	u8				*rxtmp;
	struct lan_stamps		stamps;
	spinlock_t			phy_lock; /* phy, eeprom, mw */
	struct lan_phy			phy;
	u16				eeprom[LAN_EEPROM_WORDS];
	struct lan_microwire		mw;
	struct csma_stats		seen;
};

static inline u32 lan_reg(const struct lan_adapter *a, u32 reg)
{
	return READ_ONCE(a->reg[reg / 4]);
}

static inline void lan_reg_set(struct lan_adapter *a, u32 reg, u32 value)
{
	WRITE_ONCE(a->reg[reg / 4], value);
}

/* Statistics stick at their maximum (13.7). Medium's lock. */
static inline void lan_stat(struct lan_adapter *a, u32 reg)
{
	u32 v = lan_reg(a, reg);

	if (v != U32_MAX)
		lan_reg_set(a, reg, v + 1);
}

/* The 64-bit octet counters; reading the high half clears both. Medium's lock. */
static inline void lan_stat_octets(struct lan_adapter *a, u32 reg, u32 n)
{
	u64 old = (u64)lan_reg(a, reg + 4) << 32 | lan_reg(a, reg), v = old + n;

	if (v < old)
		v = U64_MAX;
	lan_reg_set(a, reg, (u32)v);
	lan_reg_set(a, reg + 4, v >> 32);
}

/* adapter.c */
int lan_adapter_init(struct lan_adapter *a, const struct lan_adapter_ops *ops, void *owner,
		     const u8 mac[6]);
void lan_adapter_free(struct lan_adapter *a);
int lan_adapter_attach(struct lan_adapter *a, struct net *net, const char *name);
void lan_adapter_detach(struct lan_adapter *a);
void *lan_adapter_dma(struct lan_adapter *a, u64 addr, u32 len);
void lan_adapter_reset(struct lan_adapter *a);
void lan_adapter_link(struct lan_adapter *a, bool up, unsigned int mbps, bool full);
void lan_adapter_loop(struct lan_adapter *a);

/* regs.c */
extern const struct nic_bus_ops lan_regs_ops;

/* intr.c */
void lan_intr_init(struct lan_intr *i);
void lan_intr_stop(struct lan_intr *i);
void lan_intr_cause(struct lan_adapter *a, u32 causes);
void lan_intr_clear(struct lan_adapter *a, u32 causes);
u32 lan_intr_read_icr(struct lan_adapter *a);
void lan_intr_mask(struct lan_adapter *a, u32 clear, u32 set);
void lan_intr_set_itr(struct lan_adapter *a, u32 itr);
int lan_intr_request(void *bus, irq_handler_t handler, void *data);
void lan_intr_free(void *bus, void *data);
void lan_intr_sync(void *bus);

/* delay.c */
void lan_delay_stop(struct lan_delay *d);
void lan_delay_rx_keep(struct lan_adapter *a, const struct nic_rx_desc *done);
void lan_delay_rx_report(struct lan_adapter *a, u32 causes);
void lan_delay_rx(struct lan_adapter *a, u32 len);
void lan_delay_tx(struct lan_adapter *a, union nic_tx_desc *d, u32 cmd);
void lan_delay_tx_left(struct lan_adapter *a, u32 left);
u64 lan_delay_next(const struct lan_adapter *a);
void lan_delay_run(struct lan_adapter *a, u64 now);
void lan_delay_end_rx(struct lan_adapter *a);
void lan_delay_end_tx(struct lan_adapter *a);

/* phy.c */
void lan_phy_init(struct lan_adapter *a);
u32 lan_phy_mdic(struct lan_adapter *a, u32 mdic);
u16 lan_phy_abilities(struct lan_adapter *a);
u16 lan_phy_loopback(struct lan_adapter *a);
bool lan_phy_restarted(struct lan_adapter *a);
void lan_phy_show(struct lan_adapter *a, u16 peer, u16 result);

/* eeprom.c */
void lan_eeprom_init(struct lan_adapter *a, const u8 mac[6]);
u32 lan_eeprom_eerd(struct lan_adapter *a, u32 eerd);
void lan_eeprom_eecd_write(struct lan_adapter *a, u32 eecd);
u32 lan_eeprom_eecd_read(struct lan_adapter *a);

/* txdma.c */
bool lan_txdma_fetch(struct lan_end *e, struct lan_wire *w, u64 at_ns);
void lan_txdma_done(struct lan_end *e, enum csma_result how, u64 at_ns);
void lan_txdma_stats(struct lan_adapter *a, const struct csma_stats *s);

/* rxmac.c */
void lan_rxmac_rx(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns);
bool lan_rxmac_accepts(const struct lan_adapter *a, const u8 *frame, u32 len);

/* rxdma.c */
bool lan_rxdma_put(struct lan_adapter *a, const u8 *frame, u32 len, u8 errors, u64 sfd_ns);
u32 lan_rxdma_count(const struct lan_adapter *a);
void lan_rxdma_drain(struct lan_adapter *a);

#endif /* _PLUMB_LAN_ADAPTER_H */
