// SPDX-License-Identifier: GPL-2.0
/*
 * Framing: preamble, start delimiter, padding and check sequence onto the medium and off it
 * (IEEE 802.3 clause 3). Called by the medium for each transmission and each carrier event.
 */
#include "frame.h"

u32 lan_frame_build(u8 *wire, const u8 *data, u32 len, bool insert_fcs)
{
	u8 *frame = wire + LAN_LEAD_LEN;
	u32 n = len;

	memset(wire, LAN_PREAMBLE, LAN_PREAMBLE_LEN);
	wire[LAN_PREAMBLE_LEN] = LAN_SFD;
	memcpy(frame, data, len);
	if (!insert_fcs)
		return LAN_LEAD_LEN + n;
	if (n < LAN_MIN_FRAME - LAN_FCS_LEN) {
		memset(frame + n, 0, LAN_MIN_FRAME - LAN_FCS_LEN - n);
		n = LAN_MIN_FRAME - LAN_FCS_LEN;
	}
	lan_frame_fcs(frame, n, frame + n);
	return LAN_LEAD_LEN + n + LAN_FCS_LEN;
}

/*
 * The first bit after the SFD, or 0 if there is none. The SFD is the first pair of equal bits "11"
 * after an alternating lead; a "00" before it is no preamble (802.3 4.2.9, BitReceiver).
 */
static u32 lan_frame_find_start(const u8 *bits, u32 n_bits)
{
	u32 i, limit = min_t(u32, n_bits, 8 * LAN_LEAD_LEN + 8);

	for (i = 1; i < limit; i++) {
		bool was = lan_bit_get(bits, i - 1), is = lan_bit_get(bits, i);

		if (was && is)
			return i + 1;
	}
	return 0;
}

static void lan_frame_shift(const u8 *bits, u32 first, u32 n_octets, u8 *buf)
{
	const u8 *p = bits + first / 8;
	unsigned int s = first % 8;
	u32 i;

	if (!s) {
		memcpy(buf, p, n_octets);
		return;
	}
	for (i = 0; i < n_octets; i++)
		buf[i] = (u8)(p[i] >> s | p[i + 1] << (8 - s));
}

static u8 lan_frame_check(const struct lan_rx *rx, bool symbol_error, u32 max_frame)
{
	u8 fcs[LAN_FCS_LEN], err = 0;
	bool bad;

	if (rx->len < LAN_MIN_FRAME)
		err |= LAN_RX_RUNT;
	if (rx->len > max_frame)
		err |= LAN_RX_LONG;
	if (symbol_error)
		err |= LAN_RX_SYMBOL;
	bad = rx->len <= LAN_FCS_LEN;
	if (!bad) {
		lan_frame_fcs(rx->data, rx->len - LAN_FCS_LEN, fcs);
		bad = memcmp(fcs, rx->data + rx->len - LAN_FCS_LEN, LAN_FCS_LEN) != 0;
	}
	/* Dribble bits alone are forgiven: frameCheckError before alignmentError (4.2.4.1.2). */
	if (bad)
		err |= rx->dribble ? LAN_RX_ALIGN | LAN_RX_FCS : LAN_RX_FCS;
	return err;
}

void lan_frame_parse(const u8 *bits, u32 n_bits, bool symbol_error, u32 max_frame, u8 *buf,
		     struct lan_rx *rx)
{
	u32 start = lan_frame_find_start(bits, n_bits);

	memset(rx, 0, sizeof(*rx));
	rx->data = buf;
	if (!start) {
		rx->err = LAN_RX_NO_SFD;
		return;
	}
	rx->lead = start;
	rx->len = (n_bits - start) / 8;
	rx->dribble = (n_bits - start) % 8;
	lan_frame_shift(bits, start, rx->len, buf);
	rx->err = lan_frame_check(rx, symbol_error, max_frame);
}
