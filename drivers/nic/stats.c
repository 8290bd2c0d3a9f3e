// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: those of the adapter, accumulated to 64 bits, and the driver's own.
 * By the manual (13.7) each hardware counter clears when it is read. An emulated
 * adapter leaves some as they are; such a one is told by a second read.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "../../kmod/compat/ethtool.h"
#include "nic.h"

/**
 * struct nic_counter_info - a hardware counter
 * @reg: its register; of an octet counter the lower half, read first
 * @octets: 64 bits in two registers
 * @name: in ethtool's list
 */
struct nic_counter_info {
	u16 reg;
	bool octets;
	const char *name;
};

#define COUNTER(id, register, label) \
	[NIC_C_##id] = { .reg = (register), .name = (label) }
#define OCTETS(id, register, label) \
	[NIC_C_##id] = { .reg = (register), .octets = true, .name = (label) }

static const struct nic_counter_info nic_counters[NIC_C_COUNT] = {
	COUNTER(RX_PACKETS, NIC_GPRC, "mac_rx_good_packets"),
	OCTETS(RX_OCTETS, NIC_GORCL, "mac_rx_good_octets"),
	COUNTER(RX_BROADCAST, NIC_BPRC, "mac_rx_broadcast"),
	COUNTER(RX_MULTICAST, NIC_MPRC, "mac_rx_multicast"),
	COUNTER(RX_64, NIC_PRC64, "mac_rx_64"),
	COUNTER(RX_127, NIC_PRC127, "mac_rx_65_127"),
	COUNTER(RX_255, NIC_PRC255, "mac_rx_128_255"),
	COUNTER(RX_511, NIC_PRC511, "mac_rx_256_511"),
	COUNTER(RX_1023, NIC_PRC1023, "mac_rx_512_1023"),
	COUNTER(RX_1522, NIC_PRC1522, "mac_rx_1024_max"),
	COUNTER(RX_ALL_PACKETS, NIC_TPR, "mac_rx_all_packets"),
	OCTETS(RX_ALL_OCTETS, NIC_TORL, "mac_rx_all_octets"),
	COUNTER(RX_CRC, NIC_CRCERRS, "mac_rx_crc_errors"),
	COUNTER(RX_ALIGN, NIC_ALGNERRC, "mac_rx_alignment_errors"),
	COUNTER(RX_SYMBOL, NIC_SYMERRS, "mac_rx_symbol_errors"),
	COUNTER(RX_ERROR, NIC_RXERRC, "mac_rx_errors"),
	COUNTER(RX_MISSED, NIC_MPC, "mac_rx_missed"),
	COUNTER(RX_NO_BUFFER, NIC_RNBC, "mac_rx_no_buffer"),
	COUNTER(RX_UNDERSIZE, NIC_RUC, "mac_rx_undersize"),
	COUNTER(RX_FRAGMENT, NIC_RFC, "mac_rx_fragments"),
	COUNTER(RX_OVERSIZE, NIC_ROC, "mac_rx_oversize"),
	COUNTER(RX_JABBER, NIC_RJC, "mac_rx_jabber"),
	COUNTER(RX_LENGTH, NIC_RLEC, "mac_rx_length_errors"),
	COUNTER(RX_SEQUENCE, NIC_SEC, "mac_rx_sequence_errors"),
	COUNTER(RX_EXTENSION, NIC_CEXTERR, "mac_rx_extension_errors"),
	COUNTER(RX_XON, NIC_XONRXC, "mac_rx_xon"),
	COUNTER(RX_XOFF, NIC_XOFFRXC, "mac_rx_xoff"),
	COUNTER(RX_PAUSE_BAD, NIC_FCRUC, "mac_rx_pause_unsupported"),
	COUNTER(TX_PACKETS, NIC_GPTC, "mac_tx_good_packets"),
	OCTETS(TX_OCTETS, NIC_GOTCL, "mac_tx_good_octets"),
	COUNTER(TX_BROADCAST, NIC_BPTC, "mac_tx_broadcast"),
	COUNTER(TX_MULTICAST, NIC_MPTC, "mac_tx_multicast"),
	COUNTER(TX_64, NIC_PTC64, "mac_tx_64"),
	COUNTER(TX_127, NIC_PTC127, "mac_tx_65_127"),
	COUNTER(TX_255, NIC_PTC255, "mac_tx_128_255"),
	COUNTER(TX_511, NIC_PTC511, "mac_tx_256_511"),
	COUNTER(TX_1023, NIC_PTC1023, "mac_tx_512_1023"),
	COUNTER(TX_1522, NIC_PTC1522, "mac_tx_1024_max"),
	COUNTER(TX_ALL_PACKETS, NIC_TPT, "mac_tx_all_packets"),
	OCTETS(TX_ALL_OCTETS, NIC_TOTL, "mac_tx_all_octets"),
	COUNTER(TX_COLL_SINGLE, NIC_SCC, "mac_tx_single_collision"),
	COUNTER(TX_COLL_MULTI, NIC_MCC, "mac_tx_multiple_collision"),
	COUNTER(TX_COLL_EXCESS, NIC_ECOL, "mac_tx_excessive_collision"),
	COUNTER(TX_COLL_LATE, NIC_LATECOL, "mac_tx_late_collision"),
	COUNTER(TX_COLL, NIC_COLC, "mac_tx_collisions"),
	COUNTER(TX_DEFER, NIC_DC, "mac_tx_deferred"),
	COUNTER(TX_NO_CARRIER, NIC_TNCRS, "mac_tx_no_carrier"),
	COUNTER(TX_XON, NIC_XONTXC, "mac_tx_xon"),
	COUNTER(TX_XOFF, NIC_XOFFTXC, "mac_tx_xoff"),
	COUNTER(TX_TSO, NIC_TSCTC, "mac_tx_tso"),
	COUNTER(TX_TSO_FAIL, NIC_TSCTFC, "mac_tx_tso_failed"),
};

/* The driver's own, in the order of nic_stats_own() */
static const char * const nic_own_names[] = {
	"rx_packets", "rx_bytes", "rx_bad_frames", "rx_no_skb", "rx_no_page",
	"rx_csum_good", "rx_csum_bad", "rx_polls",
	"tx_packets", "tx_bytes", "tx_dropped", "tx_map_failed", "tx_queue_stopped",
	"tx_doorbells", "tx_irq_armed", "tx_contexts", "tx_contexts_kept", "resets",
};

/* How much the counter has grown since it was last looked at. */
static u64 nic_counter_delta(struct nic *nic, int i)
{
	u32 reg = nic_counters[i].reg;
	u32 first, second, last;

	if (nic_counters[i].octets) {
		u64 low = nic_rd(nic, reg);

		return low | (u64)nic_rd(nic, reg + 4) << 32;
	}
	last = nic->counter_last[i];
	first = nic_rd(nic, reg);
	nic->counter_last[i] = 0;
	if (!first)
		return 0;
	second = nic_rd(nic, reg);
	if (second < first)	/* it clears on read */
		return (u64)first + second;
	nic->counter_last[i] = second;
	return second >= last ? second - last : second;
}

static void nic_counters_add(struct nic *nic)
{
	int i;

	lockdep_assert_held(&nic->stats_lock);
	/* All ones are no counts, even before the link's work has noticed. */
	if (nic_gone(nic) || nic_rd(nic, NIC_STATUS) == NIC_GONE)
		return;
	for (i = 0; i < NIC_C_COUNT; i++)
		nic->counters[i] += nic_counter_delta(nic, i);
}

/**
 * nic_stats_update() - accumulate the hardware counters
 * @nic: the adapter, powered
 *
 * Context: any but hard interrupt.
 */
void nic_stats_update(struct nic *nic)
{
	spin_lock_bh(&nic->stats_lock);
	nic_counters_add(nic);
	spin_unlock_bh(&nic->stats_lock);
}

/* What the counters hold at probe is not ours. */
void nic_stats_baseline(struct nic *nic)
{
	nic_stats_update(nic);
	memset(nic->counters, 0, sizeof(nic->counters));
}

/* As above, unless the adapter is down: then the sums are up to date. */
static void nic_stats_refresh(struct nic *nic)
{
	spin_lock_bh(&nic->stats_lock);
	if (test_bit(NIC_F_UP, &nic->flags))
		nic_counters_add(nic);
	spin_unlock_bh(&nic->stats_lock);
}

static void nic_stats_own_rx(struct nic *nic, u64 *v)
{
	struct nic_rx_stats *st = &nic->rx_stats;
	unsigned int seq;

	do {
		seq = u64_stats_fetch_begin(&st->sync);
		v[0] = u64_stats_read(&st->packets);
		v[1] = u64_stats_read(&st->bytes);
		v[2] = u64_stats_read(&st->errors);
		v[3] = u64_stats_read(&st->dropped);
		v[4] = u64_stats_read(&st->no_buffer);
		v[5] = u64_stats_read(&st->csum_good);
		v[6] = u64_stats_read(&st->csum_bad);
		v[7] = u64_stats_read(&st->polls);
	} while (u64_stats_fetch_retry(&st->sync, seq));
}

static void nic_stats_own_tx(struct nic *nic, u64 *v)
{
	struct nic_tx_done_stats *done = &nic->tx_done;
	struct nic_tx_stats *st = &nic->tx_stats;
	unsigned int seq;

	do {
		seq = u64_stats_fetch_begin(&done->sync);
		v[0] = u64_stats_read(&done->packets);
		v[1] = u64_stats_read(&done->bytes);
	} while (u64_stats_fetch_retry(&done->sync, seq));
	do {
		seq = u64_stats_fetch_begin(&st->sync);
		v[2] = u64_stats_read(&st->dropped);
		v[3] = u64_stats_read(&st->map_failed);
		v[4] = u64_stats_read(&st->stopped);
		v[5] = u64_stats_read(&st->doorbells);
		v[6] = u64_stats_read(&st->armed);
		v[7] = u64_stats_read(&st->contexts);
		v[8] = u64_stats_read(&st->contexts_kept);
	} while (u64_stats_fetch_retry(&st->sync, seq));
}

static void nic_stats_own(struct nic *nic, u64 *v)
{
	nic_stats_own_rx(nic, v);
	nic_stats_own_tx(nic, v + 8);
	v[17] = nic->resets;
}

/* How many values ethtool -S shows. */
int nic_stats_count(void)
{
	return ARRAY_SIZE(nic_own_names) + NIC_C_COUNT;
}

/* Writes their names, ETH_GSTRING_LEN octets each. */
void nic_stats_names(u8 *names)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nic_own_names); i++)
		ethtool_puts(&names, nic_own_names[i]);
	for (i = 0; i < NIC_C_COUNT; i++)
		ethtool_puts(&names, nic_counters[i].name);
}

/* Writes nic_stats_count() values. */
void nic_stats_values(struct nic *nic, u64 *values)
{
	nic_stats_own(nic, values);
	nic_stats_refresh(nic);
	spin_lock_bh(&nic->stats_lock);
	memcpy(values + ARRAY_SIZE(nic_own_names), nic->counters, sizeof(nic->counters));
	spin_unlock_bh(&nic->stats_lock);
}

/* Copies the accumulated hardware counters, brought up to date. */
void nic_stats_hardware(struct nic *nic, u64 counters[NIC_C_COUNT])
{
	nic_stats_refresh(nic);
	spin_lock_bh(&nic->stats_lock);
	memcpy(counters, nic->counters, sizeof(nic->counters));
	spin_unlock_bh(&nic->stats_lock);
}

static void nic_stats_errors(const u64 *c, struct rtnl_link_stats64 *st)
{
	st->rx_crc_errors = c[NIC_C_RX_CRC];
	st->rx_frame_errors = c[NIC_C_RX_ALIGN];
	st->rx_length_errors = c[NIC_C_RX_UNDERSIZE] + c[NIC_C_RX_OVERSIZE] +
			       c[NIC_C_RX_FRAGMENT] + c[NIC_C_RX_JABBER];
	st->rx_missed_errors = c[NIC_C_RX_MISSED];
	st->rx_errors = st->rx_crc_errors + st->rx_frame_errors + st->rx_length_errors +
			c[NIC_C_RX_ERROR] + c[NIC_C_RX_EXTENSION];
	st->tx_aborted_errors = c[NIC_C_TX_COLL_EXCESS];
	st->tx_window_errors = c[NIC_C_TX_COLL_LATE];
	st->tx_carrier_errors = c[NIC_C_TX_NO_CARRIER];
	st->tx_errors = st->tx_aborted_errors + st->tx_window_errors;
	st->multicast = c[NIC_C_RX_MULTICAST];
	st->collisions = c[NIC_C_TX_COLL];
}

/**
 * nic_stats_get() - ndo_get_stats64
 * @dev: the device
 * @st: where
 */
void nic_stats_get(struct net_device *dev, struct rtnl_link_stats64 *st)
{
	u64 own[ARRAY_SIZE(nic_own_names)];
	struct nic *nic = netdev_priv(dev);

	nic_stats_own(nic, own);
	nic_stats_refresh(nic);
	spin_lock_bh(&nic->stats_lock);
	nic_stats_errors(nic->counters, st);
	spin_unlock_bh(&nic->stats_lock);
	st->rx_packets = own[0];
	st->rx_bytes = own[1];
	st->rx_errors += own[2];
	st->rx_dropped = own[3];
	st->tx_packets = own[8];
	st->tx_bytes = own[9];
	st->tx_dropped = own[10];
}
