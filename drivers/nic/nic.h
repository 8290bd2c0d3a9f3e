/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The e1000 driver's device structure, the register access, and what its files
 * offer to one another.
 *
 * Lifetime and locking:
 * - struct nic is the private part of its net_device; it lives from
 *   plumb_nic_attach() to plumb_nic_detach().
 * - RTNL guards open and stop, the rings' size and mode, the settings.
 *   NIC_F_UP is set while the adapter runs; it changes under RTNL.
 * - reg_lock (a leaf, bottom halves off) guards the registers that have several
 *   writers and a copy here: CTRL, RCTL, TCTL.
 * - phy_lock (a mutex) serialises MDIO; stats_lock the hardware counters.
 * - The transmit queue's lock guards filling the transmit ring, the
 *   NIC_TX_CLEANING bit emptying it; NAPI alone touches the receive ring.
 */
#ifndef _PLUMB_NIC_H
#define _PLUMB_NIC_H

#include <linux/ethtool.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#include "../../kmod/compat/ethtool.h"
#include "bus.h"
#include "regs.h"
#include "ring.h"

#define NIC_NAME		"plumb_nic"

/* PCI device numbers; the 82544's are copper and have no EERD */
#define NIC_DEV_82540EM		0x100e
#define NIC_DEV_82545EM		0x100f
#define NIC_DEV_82544EI		0x1008
#define NIC_DEV_82544GC		0x100c

#define NIC_MTU_MAX		16110
#define NIC_FRAME_STD		1522	/* what is received without LPE */
#define NIC_TICK		(2 * HZ)	/* of the watchdog */
#define NIC_TX_TIMEOUT		(5 * HZ)
#define NIC_GONE		(~0u)	/* what a pulled adapter reads as */
#define NIC_LINK_ADVERTISE	(ADVERTISED_10baseT_Half | ADVERTISED_10baseT_Full | \
				 ADVERTISED_100baseT_Half | ADVERTISED_100baseT_Full | \
				 ADVERTISED_1000baseT_Half | ADVERTISED_1000baseT_Full)

enum nic_flag {
	NIC_F_UP,		/* rings, interrupt and NAPI are in use */
	NIC_F_GONE,		/* the adapter reads all ones */
	NIC_F_ADAPTIVE,		/* moderation follows the traffic */
	NIC_F_NO_EERD,		/* 82544: the EEPROM's pins are driven by hand */
	NIC_F_STAMPS,		/* it can tell when a frame passed */
	NIC_F_TX_STAMPS,	/* ... and is to, of frames sent */
	NIC_F_RX_STAMPS,	/* ... and of those received */
	NIC_F_STAMPING,		/* @stamp_skb is taken */
};

/* Hardware counters, in the order of nic_counters[] (stats.c) */
enum nic_counter {
	NIC_C_RX_PACKETS, NIC_C_RX_OCTETS, NIC_C_RX_BROADCAST, NIC_C_RX_MULTICAST,
	NIC_C_RX_64, NIC_C_RX_127, NIC_C_RX_255, NIC_C_RX_511, NIC_C_RX_1023,
	NIC_C_RX_1522, NIC_C_RX_ALL_PACKETS, NIC_C_RX_ALL_OCTETS,
	NIC_C_RX_CRC, NIC_C_RX_ALIGN, NIC_C_RX_SYMBOL, NIC_C_RX_ERROR,
	NIC_C_RX_MISSED, NIC_C_RX_NO_BUFFER, NIC_C_RX_UNDERSIZE, NIC_C_RX_FRAGMENT,
	NIC_C_RX_OVERSIZE, NIC_C_RX_JABBER, NIC_C_RX_LENGTH, NIC_C_RX_SEQUENCE,
	NIC_C_RX_EXTENSION, NIC_C_RX_XON, NIC_C_RX_XOFF, NIC_C_RX_PAUSE_BAD,
	NIC_C_TX_PACKETS, NIC_C_TX_OCTETS, NIC_C_TX_BROADCAST, NIC_C_TX_MULTICAST,
	NIC_C_TX_64, NIC_C_TX_127, NIC_C_TX_255, NIC_C_TX_511, NIC_C_TX_1023,
	NIC_C_TX_1522, NIC_C_TX_ALL_PACKETS, NIC_C_TX_ALL_OCTETS,
	NIC_C_TX_COLL_SINGLE, NIC_C_TX_COLL_MULTI, NIC_C_TX_COLL_EXCESS,
	NIC_C_TX_COLL_LATE, NIC_C_TX_COLL, NIC_C_TX_DEFER, NIC_C_TX_NO_CARRIER,
	NIC_C_TX_XON, NIC_C_TX_XOFF, NIC_C_TX_TSO, NIC_C_TX_TSO_FAIL,
	NIC_C_COUNT
};

/* What the poll counts; written in NAPI context only */
struct nic_rx_stats {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t errors;	/* bad frames the adapter handed up */
	u64_stats_t dropped;	/* no memory for the skb */
	u64_stats_t no_buffer;	/* no memory to refill the ring */
	u64_stats_t csum_good;
	u64_stats_t csum_bad;
	u64_stats_t polls;
};

/* Written by the owner of NIC_TX_CLEANING */
struct nic_tx_done_stats {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
};

/* Written under the transmit queue's lock */
struct nic_tx_stats {
	struct u64_stats_sync sync;
	u64_stats_t dropped;
	u64_stats_t map_failed;
	u64_stats_t stopped;
	u64_stats_t doorbells;
	u64_stats_t armed;
	u64_stats_t contexts;
	u64_stats_t contexts_kept;	/* saved, the adapter had it already */
};

/**
 * struct nic_link - what is wanted of the link and what it is
 * @autoneg: AUTONEG_ENABLE or _DISABLE
 * @advertising: ADVERTISED_* bits to negotiate
 * @forced_speed: Mb/s without negotiation
 * @forced_duplex: DUPLEX_*
 * @pause_autoneg: let the negotiation settle flow control
 * @pause_rx: wanted, obey PAUSE
 * @pause_tx: wanted, send PAUSE
 * @speed: Mb/s or SPEED_UNKNOWN
 * @duplex: DUPLEX_*
 * @active_rx: PAUSE is obeyed now
 * @active_tx: PAUSE is sent now
 */
struct nic_link {
	u8 autoneg;
	u32 advertising;
	u16 forced_speed;
	u8 forced_duplex;
	bool pause_autoneg;
	bool pause_rx;
	bool pause_tx;
	int speed;
	u8 duplex;
	bool active_rx;
	bool active_tx;
};

/**
 * struct nic - one adapter
 * @mmio: registers on PCI
 * @ops: register table elsewhere; NULL on PCI
 * @bus: its first argument
 * @netdev: the net_device this is the private part of
 * @dma: device that memory is mapped for
 * @flags: enum nic_flag
 * @tx: transmit ring
 * @rx: receive ring
 * @napi: the poll, for both rings
 * @look: has a stream looked at again, see irq.c
 * @itr: value of the ITR register
 * @itr_packets: received since the moderation was last judged
 * @itr_bytes: octets of those
 * @full_ns: when a poll used its budget up, the first since the ring was empty
 * @rx_usecs: interrupt spacing asked for, microseconds
 * @tx_usecs: delay of the transmit interrupt, microseconds
 * @rx_stats: see struct nic_rx_stats
 * @tx_done: see struct nic_tx_done_stats
 * @tx_stats: see struct nic_tx_stats
 * @reg_lock: guards @ctrl, @rctl, @tctl and their registers
 * @ctrl: copy of CTRL
 * @rctl: copy of RCTL
 * @tctl: copy of TCTL
 * @rar: copy of the exact addresses, see nic_filter_entry()
 * @mta: copy of the multicast table
 * @vfta: copy of the VLAN table
 * @phy_lock: serialises MDIO and @link
 * @link: wanted and actual link
 * @link_work: follows a link interrupt
 * @reset_work: down and up again
 * @tick: the watchdog
 * @tx_count: transmit descriptors wanted
 * @rx_count: receive descriptors wanted
 * @stuck_clean: @tx.clean when the watchdog last saw it move
 * @stuck_since: jiffies then
 * @stats_due: jiffies at which the counters are next read, lest they run over
 * @resets: by the watchdog or the stack's time-out
 * @stats_lock: guards @counters and @counter_last
 * @counters: hardware counters, accumulated
 * @counter_last: last value of those that an adapter does not clear on read
 * @stamp_skb: packet whose time of sending is waited for; NIC_F_STAMPING guards it
 * @stamp_since: jiffies when it was posted
 * @stamp_work: waits for it
 * @eeprom: its words, read once
 * @device: PCI device number
 * @irq: PCI interrupt line
 * @msg_enable: NETIF_MSG_*
 * @wol: NIC_WUFC_* to wake up for
 * @led: LEDCTL while the adapter shows where it is
 * @test_icr: causes the self-test's handler has seen
 */
struct nic {
	void __iomem *mmio;
	const struct nic_bus_ops *ops;
	void *bus;
	struct net_device *netdev;
	struct device *dma;
	unsigned long flags;
	struct nic_tx_ring tx;
	struct nic_rx_ring rx ____cacheline_aligned_in_smp;
	struct napi_struct napi;
	struct hrtimer look;
	u32 itr;
	u32 itr_packets;
	u32 itr_bytes;
	u64 full_ns;
	u32 rx_usecs;
	u32 tx_usecs;
	struct nic_rx_stats rx_stats;
	struct nic_tx_done_stats tx_done;
	struct nic_tx_stats tx_stats ____cacheline_aligned_in_smp;

	spinlock_t reg_lock;	/* ctrl, rctl, tctl and their registers */
	u32 ctrl;
	u32 rctl;
	u32 tctl;
	u64 rar[NIC_RAR_ENTRIES];
	u32 mta[NIC_MTA_WORDS];
	u32 vfta[NIC_VFTA_WORDS];

	struct mutex phy_lock;	/* MDIO and link */
	struct nic_link link;
	struct work_struct link_work;
	struct work_struct reset_work;
	struct delayed_work tick;
	u16 tx_count;
	u16 rx_count;
	u16 stuck_clean;
	unsigned long stuck_since;
	unsigned long stats_due;
	u32 resets;

	spinlock_t stats_lock;	/* counters, counter_last */
	u64 counters[NIC_C_COUNT];
	u32 counter_last[NIC_C_COUNT];

	struct sk_buff *stamp_skb;
	unsigned long stamp_since;
	struct delayed_work stamp_work;
	u16 eeprom[NIC_EEPROM_WORDS];
	u16 device;
	int irq;
	u32 msg_enable;
	u32 wol;
	u32 led;
	u32 test_icr;
};

/*
 * Every register access of the driver goes through these two: the one branch
 * between PCI and an adapter modelled in software.
 */
static inline u32 nic_rd(struct nic *nic, u32 reg)
{
	if (unlikely(nic->ops))
		return nic->ops->read(nic->bus, reg);
	return readl(nic->mmio + reg);
}

static inline void nic_wr(struct nic *nic, u32 reg, u32 value)
{
	if (unlikely(nic->ops))
		nic->ops->write(nic->bus, reg, value);
	else
		writel(value, nic->mmio + reg);
}

/* Pushes posted writes out before a delay is measured. */
static inline void nic_flush(struct nic *nic)
{
	nic_rd(nic, NIC_STATUS);
}

static inline bool nic_gone(struct nic *nic)
{
	return test_bit(NIC_F_GONE, &nic->flags);
}

/* hw.c */
void nic_hw_reset(struct nic *nic);
void nic_hw_configure(struct nic *nic);
void nic_hw_stop(struct nic *nic);
void nic_hw_ctrl(struct nic *nic, u32 clear, u32 set);
void nic_hw_sleep(struct nic *nic);
void nic_hw_wake(struct nic *nic);
bool nic_hw_large(struct nic *nic, unsigned int mtu, netdev_features_t features);

/* eeprom.c */
int nic_eeprom_load(struct nic *nic);
int nic_eeprom_store(struct nic *nic, u16 first, u16 last);

/* filter.c */
void nic_filter_address(struct nic *nic);
void nic_filter_set(struct nic *nic);
void nic_filter_vlan(struct nic *nic, u16 vid, bool on);
void nic_filter_restore(struct nic *nic);
u32 nic_filter_rctl(struct nic *nic);

/* phy.c */
int nic_phy_read(struct nic *nic, u8 reg, u16 *value);
int nic_phy_write(struct nic *nic, u8 reg, u16 value);
int nic_link_start(struct nic *nic, bool restart);
void nic_link_work(struct work_struct *work);
void nic_link_flow_control(struct nic *nic);
void nic_link_defaults(struct nic *nic);

/* irq.c */
irqreturn_t nic_irq_handler(int irq, void *data);
int nic_irq_request(struct nic *nic, irq_handler_t handler);
void nic_irq_free(struct nic *nic);
void nic_irq_sync(struct nic *nic);
void nic_irq_off(struct nic *nic);
void nic_irq_on(struct nic *nic);
enum hrtimer_restart nic_irq_look(struct hrtimer *timer);
int nic_irq_poll(struct napi_struct *napi, int budget);
void nic_irq_moderate(struct nic *nic, u32 usecs);
u32 nic_irq_usecs(struct nic *nic);

/* tx.c */
netdev_tx_t nic_tx_xmit(struct sk_buff *skb, struct net_device *dev);
netdev_features_t nic_tx_features(struct sk_buff *skb, struct net_device *dev,
				  netdev_features_t features);
void nic_tx_clean(struct nic *nic, int budget);
bool nic_tx_busy(struct nic *nic);
void nic_tx_unmap(struct nic *nic, struct nic_tx_buf *buf);
void nic_tx_configure(struct nic *nic);
void nic_tx_delay(struct nic *nic);
void nic_tx_again(struct nic *nic, struct sk_buff_head *kept);

/* rx.c */
int nic_rx_poll(struct nic *nic, int budget);
void nic_rx_refill(struct nic *nic);
bool nic_rx_starved(struct nic *nic);
void nic_rx_configure(struct nic *nic);
bool nic_rx_peek(struct nic *nic, const void *want, u32 len);

/* stamp.c */
u32 nic_stamp_tx(struct nic *nic, struct sk_buff *skb);
void nic_stamp_work(struct work_struct *work);
void nic_stamp_rx(struct nic *nic, struct sk_buff *skb);
void nic_stamp_configure(struct nic *nic);
void nic_stamp_stop(struct nic *nic);
int nic_stamp_ioctl(struct nic *nic, struct ifreq *ifr, bool set);
int nic_stamp_info(struct net_device *dev, struct kernel_ethtool_ts_info *info);

/* stats.c */
void nic_stats_update(struct nic *nic);
void nic_stats_baseline(struct nic *nic);
void nic_stats_get(struct net_device *dev, struct rtnl_link_stats64 *st);
int nic_stats_count(void);
void nic_stats_names(u8 *names);
void nic_stats_values(struct nic *nic, u64 *values);
void nic_stats_hardware(struct nic *nic, u64 counters[NIC_C_COUNT]);

/* updown.c */
int nic_up(struct nic *nic);
void nic_down(struct nic *nic, struct sk_buff_head *keep);
int nic_open(struct net_device *dev);
int nic_stop(struct net_device *dev);
int nic_reopen(struct nic *nic, u16 tx_count, u16 rx_count, bool large);
void nic_reset_work(struct work_struct *work);
void nic_tick(struct work_struct *work);

/* selftest.c */
void nic_selftest(struct net_device *dev, struct ethtool_test *test, u64 *result);
int nic_selftest_count(void);
void nic_selftest_names(u8 *names);

/* ethtool.c */
extern const struct ethtool_ops nic_ethtool_ops;

#endif /* _PLUMB_NIC_H */
