// SPDX-License-Identifier: GPL-2.0
/*
 * The receive MAC: counts what was heard, filters by address, obeys PAUSE, and passes on what the
 * driver asked for (8254x manual 3.2.1, 3.2.2, 13.4.22, 13.7; IEEE 802.3 annex 31B).
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include "adapter.h"
#include "../../kmod/compat/unaligned.h"

#define MAC_CTRL_TYPE		0x8808
#define MAC_CTRL_PAUSE		0x0001
#define PAUSE_QUANTUM_BITS	512
#define RAH_SELECT		GENMASK(17, 16)	/* 1: match the source address */

static const u8 pause_addr[ETH_ALEN] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };

static bool rxmac_exact(const struct lan_adapter *a, const u8 *dest)
{
	u32 low = get_unaligned_le32(dest), high = get_unaligned_le16(dest + 4);
	int i;

	for (i = 0; i < NIC_RAR_ENTRIES; i++) {
		u32 rah = lan_reg(a, NIC_RAH(i));

		if (rah & NIC_RAH_AV && !(rah & RAH_SELECT) && (rah & 0xffff) == high &&
		    lan_reg(a, NIC_RAL(i)) == low)
			return true;
	}
	return false;
}

/* The 12 bits of the address that RCTL.MO selects index the 4096-bit table (13.4.22). */
static bool rxmac_hash(const struct lan_adapter *a, const u8 *dest)
{
	static const u8 shift[4] = { 4, 3, 2, 0 };
	u32 mo = lan_reg(a, NIC_RCTL) >> 12 & 3;
	u32 bit = get_unaligned_le16(dest + 4) >> shift[mo] & 0xfff;

	return lan_reg(a, NIC_MTA(bit >> 5)) >> (bit & 31) & 1;
}

static bool rxmac_vlan(const struct lan_adapter *a, const u8 *frame, u32 len)
{
	u16 vid;

	if (!(lan_reg(a, NIC_RCTL) & NIC_RCTL_VFE) || len < ETH_HLEN + 2 ||
	    get_unaligned_be16(frame + 12) != (lan_reg(a, NIC_VET) & 0xffff))
		return true;
	vid = get_unaligned_be16(frame + 14) & VLAN_VID_MASK;
	return lan_reg(a, NIC_VFTA(vid >> 5)) >> (vid & 31) & 1;
}

/**
 * lan_rxmac_accepts() - does the address filter let a frame in?
 * @a: the adapter
 * @frame: from the destination address on
 * @len: its octets
 *
 * Context: the medium's lock.
 * Return: true if so.
 */
bool lan_rxmac_accepts(const struct lan_adapter *a, const u8 *frame, u32 len)
{
	u32 rctl = lan_reg(a, NIC_RCTL);

	if (!rxmac_vlan(a, frame, len))
		return false;
	if (is_broadcast_ether_addr(frame))
		return rctl & (NIC_RCTL_BAM | NIC_RCTL_UPE | NIC_RCTL_MPE) ||
		       rxmac_exact(a, frame) || rxmac_hash(a, frame);
	if (is_multicast_ether_addr(frame))
		return rctl & NIC_RCTL_MPE || rxmac_exact(a, frame) || rxmac_hash(a, frame);
	return rctl & NIC_RCTL_UPE || rxmac_exact(a, frame);
}

static void rxmac_count_bad(struct lan_adapter *a, const struct lan_rx *rx)
{
	bool crc = rx->err & LAN_RX_FCS;

	if (rx->err & LAN_RX_SYMBOL)
		lan_stat(a, NIC_RXERRC);
	if (rx->err & (LAN_RX_RUNT | LAN_RX_LONG))
		lan_stat(a, NIC_RLEC);
	if (rx->err & LAN_RX_RUNT) {
		lan_stat(a, crc ? NIC_RFC : NIC_RUC);
		return;
	}
	if (rx->err & LAN_RX_LONG) {
		lan_stat(a, crc ? NIC_RJC : NIC_ROC);
		return;
	}
	if (rx->err & LAN_RX_EXTEND) {
		lan_stat(a, NIC_CEXTERR);
		return;
	}
	lan_stat(a, rx->err & LAN_RX_ALIGN ? NIC_ALGNERRC : NIC_CRCERRS);
}

static u32 rxmac_size_register(u32 len)
{
	if (len <= 64)
		return NIC_PRC64;
	if (len <= 127)
		return NIC_PRC127;
	if (len <= 255)
		return NIC_PRC255;
	if (len <= 511)
		return NIC_PRC511;
	return len <= 1023 ? NIC_PRC1023 : NIC_PRC1522;
}

static void rxmac_count_good(struct lan_adapter *a, const u8 *frame, u32 len)
{
	lan_stat(a, NIC_GPRC);
	lan_stat_octets(a, NIC_GORCL, len);
	lan_stat(a, rxmac_size_register(len));
	if (is_broadcast_ether_addr(frame))
		lan_stat(a, NIC_BPRC);
	else if (is_multicast_ether_addr(frame))
		lan_stat(a, NIC_MPRC);
}

/* 31B.3: a PAUSE holds the transmitter, not control frames. Returns true if the frame ends here. */
static bool rxmac_control(struct lan_adapter *a, const u8 *frame, u32 len, u64 at_ns)
{
	u32 rctl = lan_reg(a, NIC_RCTL);
	bool pause;
	u16 time;

	if (len < 18 || get_unaligned_be16(frame + 12) != MAC_CTRL_TYPE)
		return false;
	pause = get_unaligned_be16(frame + 14) == MAC_CTRL_PAUSE &&
		(ether_addr_equal_unaligned(frame, pause_addr) || rxmac_exact(a, frame));
	if (!pause) {
		lan_stat(a, NIC_FCRUC);
		return !(rctl & NIC_RCTL_PMCF);
	}
	time = get_unaligned_be16(frame + 16);
	lan_stat(a, time ? NIC_XOFFRXC : NIC_XONRXC);
	if (lan_reg(a, NIC_CTRL) & NIC_CTRL_RFCE && lan_reg(a, NIC_STATUS) & NIC_STATUS_FD)
		a->tx.paused_until_ns = at_ns + (u64)time * PAUSE_QUANTUM_BITS * a->bit_ns;
	a->end.kicked = true;
	a->ops->kick(a);
	return rctl & NIC_RCTL_DPF || !(rctl & NIC_RCTL_PMCF);
}

static u8 rxmac_errors(u32 err)
{
	u8 errors = 0;

	if (err & (LAN_RX_FCS | LAN_RX_ALIGN | LAN_RX_RUNT))
		errors |= NIC_RXD_ERR_CE;
	if (err & LAN_RX_EXTEND)
		errors |= NIC_RXD_ERR_CXE;
	if (err & LAN_RX_SYMBOL)
		errors |= NIC_RXD_ERR_SE;
	if (err & LAN_RX_LONG)
		errors |= NIC_RXD_ERR_RXE;
	return errors;
}

/**
 * lan_rxmac_rx() - a carrier event ended: what the segment heard
 * @e: the adapter's end
 * @rx: the frame, as far as it was one
 * @collided: it is a collision's fragment
 * @at_ns: the segment's time
 *
 * Context: softirq, the medium's lock.
 */
void lan_rxmac_rx(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns)
{
	struct lan_adapter *a = container_of(e, struct lan_adapter, end);
	u32 rctl = lan_reg(a, NIC_RCTL);
	u32 err = rx->err;

	if (!(rctl & NIC_RCTL_EN) || err & LAN_RX_NO_SFD || !rx->len)
		return;
	lan_stat(a, NIC_TPR);
	lan_stat_octets(a, NIC_TORL, rx->len);
	if (rctl & NIC_RCTL_LPE && rx->len <= LAN_MAX_FRAME)
		err &= ~LAN_RX_LONG;
	if (err) {
		rxmac_count_bad(a, rx);
		if (!(rctl & NIC_RCTL_SBP) || rx->len < ETH_HLEN)
			return;
	}
	if (!lan_rxmac_accepts(a, rx->data, rx->len) &&
	    !(!err && ether_addr_equal_unaligned(rx->data, pause_addr)))
		return;
	if (!err && rxmac_control(a, rx->data, rx->len, at_ns))
		return;
	if (lan_rxdma_put(a, rx->data, rx->len, rxmac_errors(err),
			  at_ns - (u64)(8 * rx->len + rx->dribble) * a->bit_ns) && !err)
		rxmac_count_good(a, rx->data, rx->len);
}
