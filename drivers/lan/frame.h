/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MAC's framing circuit (IEEE 802.3 clause 3): what goes onto the medium around a frame, and
 * what a receiver makes of the bits that come off it.
 *
 *   7 octets    1      6      6      2       46 .. 1500        4
 *   preamble | SFD | dest | source | type | data and pad | FCS, then interframe gap
 *   10101010  10101011                                    CRC-32 of dest .. pad
 *
 * Octets go least significant bit first, so on the wire 0x55 reads 1010..., and the SFD is 0xd5.
 */
#ifndef _PLUMB_LAN_FRAME_H
#define _PLUMB_LAN_FRAME_H

#include "types.h"

#define LAN_PREAMBLE_LEN	7	/* octets of 0x55 */
#define LAN_PREAMBLE		0x55
#define LAN_SFD			0xd5
#define LAN_LEAD_LEN		(LAN_PREAMBLE_LEN + 1)
#define LAN_FCS_LEN		4
#define LAN_HEADER_LEN		14
#define LAN_MIN_FRAME		64	/* minFrameSize, FCS included (4.4.2) */
#define LAN_MAX_UNTAGGED	1518	/* maxBasicFrameSize */
#define LAN_MAX_TAGGED		1522
#define LAN_MAX_FRAME		16384	/* what the packet buffer takes (RCTL.LPE) */
#define LAN_IFG_BITS		96	/* interPacketGap (4.4.2) */
#define LAN_JAM_BITS		32	/* jamSize */

/* Octets on the medium for a frame of @len octets without FCS, preamble and SFD included. */
static inline u32 lan_frame_wire_len(u32 len, bool insert_fcs)
{
	if (insert_fcs)
		return LAN_LEAD_LEN + max_t(u32, len, LAN_MIN_FRAME - LAN_FCS_LEN) + LAN_FCS_LEN;
	return LAN_LEAD_LEN + len;
}

/**
 * lan_frame_build() - put a frame into the form it has on the medium
 * @wire: room for lan_frame_wire_len() octets
 * @data: destination address to the end of the data
 * @len: octets at @data
 * @insert_fcs: pad to the minimum and append the FCS; else @data ends with a FCS of the
 *	sender's own (descriptor without IFCS) and goes out as it stands, runt or not
 *
 * IEEE 802.3 3.1 to 3.2.9, 4.2.3.3.
 *
 * Context: any.
 * Return: octets written to @wire.
 */
u32 lan_frame_build(u8 *wire, const u8 *data, u32 len, bool insert_fcs);

/* What is wrong with a received frame; more than one bit may be set (802.3 4.2.4.1, 5.2.2.1). */
#define LAN_RX_FCS	0x01	/* check sequence does not fit */
#define LAN_RX_ALIGN	0x02	/* not a whole number of octets, and the FCS does not fit */
#define LAN_RX_RUNT	0x04	/* shorter than minFrameSize */
#define LAN_RX_LONG	0x08	/* longer than the largest frame */
#define LAN_RX_NO_SFD	0x10	/* carrier, but no start delimiter: not a frame at all */
#define LAN_RX_SYMBOL	0x20	/* the line code was violated inside the frame */
#define LAN_RX_EXTEND	0x40	/* 1000 Mb/s half duplex: the carrier ended within the first slot */

/**
 * struct lan_rx - a received frame, after the framing circuit
 * @data: destination address to the last whole octet (the FCS, if all is well)
 * @len: octets at @data
 * @dribble: bits after the last whole octet, 0 to 7
 * @lead: bits before the frame's first bit: preamble and SFD as far as they were seen
 * @err: LAN_RX_*
 */
struct lan_rx {
	u8	*data;
	u32	len;
	u8	dribble;
	u32	lead;
	u8	err;
};

/**
 * lan_frame_parse() - find the frame in the bits of one carrier event
 * @bits: as they came, least significant bit of the first octet first
 * @n_bits: how many
 * @symbol_error: the line decoder met something that is no symbol
 * @max_frame: longest good frame, FCS included (LAN_MAX_UNTAGGED, _TAGGED or LAN_MAX_FRAME)
 * @buf: room for n_bits / 8 octets; @rx->data points into it
 * @rx: filled
 *
 * Looks for the SFD bit by bit, as the clock recovery may have eaten some of the preamble; a frame
 * may so start anywhere, and the octets are shifted into place.
 *
 * Context: any.
 */
void lan_frame_parse(const u8 *bits, u32 n_bits, bool symbol_error, u32 max_frame, u8 *buf,
		     struct lan_rx *rx);

/* The FCS of @len octets as it is sent: least significant octet first. */
static inline void lan_frame_fcs(const u8 *data, u32 len, u8 fcs[LAN_FCS_LEN])
{
	u32 crc = lan_crc32(data, len);
	int i;

	for (i = 0; i < LAN_FCS_LEN; i++)
		fcs[i] = crc >> (8 * i) & 0xff;
}

#endif /* _PLUMB_LAN_FRAME_H */
