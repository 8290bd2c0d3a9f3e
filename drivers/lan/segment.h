/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One cable segment: two ends with a pair of wires for each direction (full duplex), or a shared
 * medium with up to LAN_MAX_STATIONS ends (half duplex: a repeater hub, or a cable of two).
 * What an end sends is framed, coded, damaged, decoded and parsed again, and given to the others.
 *
 * Pure and in its own time, as csma.h; the owner serialises all calls.
 */
#ifndef _PLUMB_LAN_SEGMENT_H
#define _PLUMB_LAN_SEGMENT_H

#include "csma.h"
#include "fault.h"
#include "frame.h"
#include "line.h"

struct lan_end;
struct lan_segment;

/**
 * struct lan_wire - what an end puts on the medium
 * @octets: preamble to FCS (lan_frame_build()); stays the end's until @done
 * @n: how many
 */
struct lan_wire {
	const u8	*octets;
	u32		n;
};

/**
 * struct lan_scope - what a probe on the segment sees of one transmission
 * @end: index of the sender
 * @start_ns: when it began
 * @bits: the bits, as the receivers' decoder gave them (damage included), those before it had its
 *	clock as they were sent
 * @n_bits: how many
 * @extension: bits of carrier extension after them
 * @sig: the signal, or NULL at byte level
 * @n_sig: levels at @sig
 * @collided: cut short by a collision
 * @seen: a probe has had it
 * @rx: what the framing circuit made of it
 */
struct lan_scope {
	unsigned int		end;
	u64			start_ns;
	const u8		*bits;
	u32			n_bits;
	u32			extension;
	const s8		*sig;
	u32			n_sig;
	bool			collided;
	bool			seen;
	const struct lan_rx	*rx;
};

/**
 * struct lan_end_ops - an end's owner, called by the segment; none may call back into it
 * @fetch: the transmitter is idle and could begin at @at_ns: fill @w with the next frame, or return
 *	false; then @e->wake_ns may be set
 * @done: the frame of the last @fetch is off the medium, or given up
 * @rx: a frame, good or bad, was heard until @at_ns; @rx is valid during the call; @collided: a
 *	fragment; an idle transmitter that has a frame to send because of it sets @e->kicked
 */
struct lan_end_ops {
	bool (*fetch)(struct lan_end *e, struct lan_wire *w, u64 at_ns);
	void (*done)(struct lan_end *e, enum csma_result how, u64 at_ns);
	void (*rx)(struct lan_end *e, const struct lan_rx *rx, bool collided, u64 at_ns);
};

/**
 * struct lan_end - one end of a segment
 * @ops: its owner's
 * @index: its number in the segment
 * @plugged: connected
 * @busy: a frame of its is on its way
 * @kicked: has something to fetch
 * @wake_ns: full duplex: has something to fetch from then on; 0: nothing such
 * @max_frame: longest good frame for its receiver, FCS included
 * @wire: the frame being sent
 * @fault: of what it receives
 * @delay_ns: one-way delay of its cable
 * @storm_ppb: half duplex: csma_upset()
 * @thinks_full: on a half-duplex segment: its own idea of the duplex is another
 * @start_ns: full duplex: when the frame began
 * @end_ns: full duplex: when it ends; then, until when the gap lasts
 * @tx_frames: frames sent whole
 * @tx_octets: octets of them, preamble included
 * @rx_frames: carrier events heard
 * @rx_damaged: of them, frames that the faults of its cable have changed
 */
struct lan_end {
	const struct lan_end_ops *ops;
	unsigned int		index;
	bool			plugged, busy, kicked;
	u32			max_frame;
	struct lan_wire		wire;
	struct lan_fault	fault;
	u32			delay_ns;
	u32			storm_ppb;
	bool			thinks_full;
	u64			start_ns, end_ns, wake_ns;
	u64			tx_frames, tx_octets, rx_frames, rx_damaged;
};

/**
 * struct lan_segment - one segment
 * @owner: for @probe
 * @full: full duplex, two ends
 * @bit_ns: duration of a bit
 * @now_ns: the segment's time
 * @line: line code to really use (bit level), or NULL: octets pass as they are (byte level)
 * @dom: half duplex: the collision domain
 * @buf: scratch for coding and parsing: LAN_SEGMENT_BUF octets
 * @sig: scratch for the signal (bit level), LAN_SEGMENT_SIG levels, or NULL
 * @probe: called for each transmission as its first hearer gets it, or NULL
 * @fragment: ends that take part in the collision going on
 * @n: one above the highest end
 * @max: ends it has room for
 * @end: the ends
 */
struct lan_segment {
	void			*owner;
	bool			full;
	u32			bit_ns;
	u64			now_ns;
	const struct lan_line	*line;
	struct csma_domain	*dom;
	u8			*buf;
	s8			*sig;
	void			(*probe)(struct lan_segment *g, const struct lan_scope *s);
	u64			fragment;
	unsigned int		n, max;
	struct lan_end		*end[LAN_MAX_STATIONS];
};

#define LAN_SEGMENT_OCTETS	(LAN_LEAD_LEN + LAN_MAX_FRAME + 8)
#define LAN_SEGMENT_BUF		(2 * LAN_SEGMENT_OCTETS)
#define LAN_SEGMENT_SIG		(8 * LAN_SEGMENT_OCTETS * 2 + 64)

/**
 * lan_segment_init() - an empty segment
 * @g: zeroed, with @buf (and @sig) set
 * @dom: half duplex: memory for a domain of @max stations; NULL: full duplex, @max is 2
 * @max: ends at most
 * @mbps: 10, 100 or 1000
 * @bit_level: really code and decode each bit (10 and 100 Mb/s)
 * @seed: of the backoffs
 *
 * Return: 0, -EINVAL (speed, or number of ends), -EOPNOTSUPP (no line code for that speed).
 */
int lan_segment_init(struct lan_segment *g, struct csma_domain *dom, unsigned int max,
		     unsigned int mbps, bool bit_level, u64 seed);

/*
 * Connect @e as number @i with a cable of @delay_ns; @e->ops, max_frame and fault are set. 0,
 * -EBUSY or -ERANGE.
 */
int lan_segment_plug(struct lan_segment *g, struct lan_end *e, unsigned int i, u32 delay_ns);

/* @e->storm_ppb or @e->thinks_full was changed. */
void lan_segment_upset(struct lan_segment *g, struct lan_end *e);

/* Disconnect: what it was sending ends there; @done is called for it. */
void lan_segment_unplug(struct lan_segment *g, struct lan_end *e);

/* @e has something to fetch, since @at_ns. */
void lan_segment_kick(struct lan_segment *g, struct lan_end *e, u64 at_ns);

/* When something happens next, or LAN_NEVER. */
u64 lan_segment_next(const struct lan_segment *g);

/* Let time pass up to @until_ns, in at most @most steps; returns the steps made. */
u32 lan_segment_run(struct lan_segment *g, u64 until_ns, u32 most);

/*
 * All that happens up to @now_ns has happened (lan_segment_run()): it is that time now. What is cut
 * off from here on, ends now, and what is sent begins no earlier.
 */
void lan_segment_pass(struct lan_segment *g, u64 now_ns);

#endif /* _PLUMB_LAN_SEGMENT_H */
