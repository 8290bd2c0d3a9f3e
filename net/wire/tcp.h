/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP header (RFC 9293 3.1) and its options: octets to a checked value and back.
 *
 *	 0       1       2       3
 *	+-------+-------+---------------+
 *	|  source port  |  dest. port   |
 *	|        sequence number        |
 *	|     acknowledgment number     |
 *	+-------+-------+---------------+
 *	| off/4 | flags |    window     |
 *	|   checksum    |    urgent     |
 *	|   options, (off - 5) words    |
 *	+-------------------------------+
 */
#ifndef _PLUMB_WIRE_TCP_H
#define _PLUMB_WIRE_TCP_H

#include "types.h"

#define WIRE_TCP_HLEN		20
#define WIRE_TCP_HLEN_MAX	60
#define WIRE_TCP_CSUM_AT	16	/* where the checksum stands */

/* Control bits of the header (RFC 9293 3.1), in the header's bit order. */
#define TCPF_FIN	0x01
#define TCPF_SYN	0x02
#define TCPF_RST	0x04
#define TCPF_PSH	0x08
#define TCPF_ACK	0x10
#define TCPF_URG	0x20
#define TCPF_ECE	0x40
#define TCPF_CWR	0x80

#define TCP_ENGINE_MAX_SACK	4	/* blocks in a segment (RFC 2018 3) */

struct tcp_sack {
	u32 start;		/* left edge */
	u32 end;		/* right edge, exclusive */
};

/* Options of a segment, parsed or to be emitted; has bits say which are there. */
#define TCPO_MSS	0x01
#define TCPO_WSCALE	0x02
#define TCPO_SACK_PERM	0x04
#define TCPO_TS		0x08
#define TCPO_SACK	0x10
#define TCPO_FASTOPEN	0x20
#define TCPO_MD5	0x40
#define TCPO_FO_EXP	0x80	/* with TCPO_FASTOPEN: in the shape from before RFC 7413 */

struct tcp_options {
	u8		has;
	u8		wscale;
	u8		n_sack;
	u8		fo_len;		/* octets of cookie; 0 with TCPO_FASTOPEN: a request */
	u16		mss;
	u32		tsval, tsecr;
	struct tcp_sack	sack[TCP_ENGINE_MAX_SACK];
	const u8	*fo_cookie;
	const u8	*md5;
};

/**
 * struct tcp_segin - a received segment, checked and parsed (wire_tcp_parse() fills it)
 * @seq: SEG.SEQ
 * @ack: SEG.ACK
 * @len: octets of text; of a merged segment, the sum
 * @wnd: SEG.WND as in the header, not scaled
 * @up: SEG.UP
 * @flags: TCPF_*
 * @ecn: the IP header's ECN field
 * @n_segs: segments it was merged from (GRO), at least 1
 * @opt: options; of a merged segment, the last one's
 */
struct tcp_segin {
	u32			seq, ack, len;
	u16			wnd, up;
	u8			flags;
	u8			ecn;
	u16			n_segs;
	struct tcp_options	opt;
};

/**
 * struct tcp_segout - the header of a segment to send (wire_tcp_emit() writes it)
 * @seq: SEG.SEQ
 * @ack: SEG.ACK, if TCPF_ACK
 * @len: octets of text that follow
 * @wnd: SEG.WND, scaled already
 * @up: SEG.UP
 * @flags: TCPF_*
 * @ecn: ECN field for the IP header
 * @mss: text octets a segment on the wire may carry; a longer @len is to be cut (TSO)
 * @opt: options
 */
struct tcp_segout {
	u32			seq, ack, len;
	u16			wnd, up;
	u8			flags;
	u8			ecn;
	u16			mss;
	struct tcp_options	opt;
};

/*
 * Octets of header that the data offset asks for: 0 if it is no TCP header at all. @p: 13 octets
 * at least.
 */
static inline unsigned int wire_tcp_hlen(const u8 *p)
{
	unsigned int hlen = (p[12] >> 4) * 4;

	return hlen >= WIRE_TCP_HLEN ? hlen : 0;
}

/**
 * wire_tcp_parse() - read a header and its options
 * @p: octets of the header, wire_tcp_hlen() of them readable
 * @len: octets of the segment, header included, not less than the header's
 * @in: the segment; ecn and n_segs are left to the caller
 *
 * Options are read as long as they make sense; the first one whose length does not ends the
 * reading, what stood before it counts (RFC 9293 3.1, MUST-7). The checksum is not looked at.
 * @in->opt.fo_cookie and md5 point into @p.
 */
void wire_tcp_parse(const u8 *p, unsigned int len, struct tcp_segin *in);

/* Octets of header, options included, that wire_tcp_emit() will write: 20 to 60. */
unsigned int wire_tcp_size(const struct tcp_segout *out);

/**
 * wire_tcp_emit() - write a header and its options; the checksum field is 0
 * @p: room for wire_tcp_size() octets
 * @out: the segment; @out->opt.md5 is copied, zeroes stand in its place if it is NULL
 * @sport: our port, host order
 * @dport: the peer's port, host order
 *
 * Return: octets written.
 */
unsigned int wire_tcp_emit(u8 *p, const struct tcp_segout *out, u16 sport, u16 dport);

/* Octets that the options take in a header, padding included. */
unsigned int wire_tcp_options_size(const struct tcp_options *opt);

#endif /* _PLUMB_WIRE_TCP_H */
