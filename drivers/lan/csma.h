/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Half duplex: who may speak on a shared medium, and what happens when two do (CSMA/CD,
 * IEEE 802.3 clause 4). A collision domain is a star: a repeater in the middle, a cable of its own
 * length to each station.
 *
 * The domain lives in its own time (nanoseconds), which the caller moves forward; what happens is a
 * function of the calls and the seed alone. All calls on a domain are serialised by the caller.
 */
#ifndef _PLUMB_LAN_CSMA_H
#define _PLUMB_LAN_CSMA_H

#include "types.h"

#define LAN_MAX_STATIONS	64
#define CSMA_ATTEMPT_LIMIT	16	/* attemptLimit (4.4.2) */
#define CSMA_BACKOFF_LIMIT	10	/* backOffLimit */
#define CSMA_BURST_LIMIT	65536	/* burstLimit, bits, at 1000 Mb/s */

/* Where a station's transmitter is (4.2.3.2). */
enum csma_state {
	CSMA_IDLE,		/* nothing to send */
	CSMA_DEFER,		/* waits for the carrier to end and the gap to pass */
	CSMA_SEND,		/* on the medium */
	CSMA_JAM,		/* collision seen: rest of preamble, then the jam */
	CSMA_BACKOFF,		/* waits a random number of slots */
};

/* How a transmission ended. */
enum csma_result {
	CSMA_SENT,
	CSMA_EXCESSIVE,		/* attemptLimit collisions: excessiveCollisionError */
	CSMA_LATE,		/* collision after the slot time: lateCollisionErrorStatus */
	CSMA_ABORTED,		/* csma_abort() */
};

/* Counters, named after the 8254x statistics registers they feed. */
struct csma_stats {
	u64	frames;
	u64	collisions;	/* COLC */
	u64	single;		/* SCC: sent after exactly one collision */
	u64	multiple;	/* MCC: sent after more than one */
	u64	excessive;	/* ECOL */
	u64	late;		/* LATECOL */
	u64	deferred;	/* DC */
	u64	stormed;	/* of the collisions: those a storm made */
	u64	backoff_slots;	/* sum of what was drawn */
	u64	backoff_draws;
};

struct csma_domain;

/**
 * struct csma_station - one station's transmitter
 * @state: see above
 * @plugged: takes part
 * @full: believes in full duplex: senses neither carrier nor collision (a duplex mismatch)
 * @deferred: this frame has waited for a carrier already (counted once)
 * @in_gap: @next_ns is the end of an interframe gap that began in silence
 * @collided: its present transmission collided
 * @late: ... after the slot time
 * @attempts: collisions of this frame
 * @delay_ns: one-way delay of its cable
 * @storm_ppb: chance that somebody unseen collides with a transmission of its, in LAN_PPB
 * @n_bits: length of its frame on the medium, preamble included
 * @start_ns: when its present transmission began
 * @frame_ns: when the frame under way began: later than @start_ns in a burst
 * @end_ns: when it ends; shortened by a collision
 * @next_ns: when it does its next step, or LAN_NEVER
 * @hit_ns: when it will notice a collision, or LAN_NEVER
 * @stats: counters
 *
 * After its end a transmission stays in start_ns/end_ns until it has passed everybody.
 */
struct csma_station {
	enum csma_state		state;
	bool			plugged;
	bool			full;
	bool			deferred;
	bool			in_gap;
	bool			collided;
	bool			late;
	u8			attempts;
	u32			delay_ns;
	u32			storm_ppb;
	u32			n_bits;
	u64			start_ns, frame_ns, end_ns;
	u64			next_ns;
	u64			hit_ns;
	struct csma_stats	stats;
};

/**
 * struct csma_ops - what the domain tells its owner; none may call back into the domain
 * @done: the frame of station @i is off the medium or given up
 * @burst: everybody but the sender hears @n_bits bits that station @i put on the medium until
 *	@at_ns; @collided: they overlapped with somebody's, and are a fragment
 * @more: station @i has the medium and may go on with a further frame: its length in bits,
 *	preamble and SFD included, or 0; NULL if nobody does
 */
struct csma_ops {
	void (*done)(struct csma_domain *d, unsigned int i, enum csma_result how, u64 at_ns);
	void (*burst)(struct csma_domain *d, unsigned int i, u32 n_bits, bool collided, u64 at_ns);
	u32 (*more)(struct csma_domain *d, unsigned int i);
};

/**
 * struct csma_domain - one collision domain
 * @ops: what it calls
 * @owner: the owner's own; set before csma_init(), kept by it
 * @bit_ns: duration of a bit: 100 (10 Mb/s), 10 or 1
 * @slot_bits: slotTime: 512, at 1000 Mb/s 4096
 * @burst_bits: burstLimit: 0 below 1000 Mb/s
 * @repeater_ns: delay through the repeater
 * @retry_late: send again after a late collision (802.3: yes below 1000 Mb/s; RTLC in the 8254x)
 * @now_ns: the domain's time
 * @rng: draws the backoffs
 * @n: stations plugged so far: one above the highest number
 * @max: stations that @st has room for
 * @st: the stations
 */
struct csma_domain {
	const struct csma_ops	*ops;
	void			*owner;
	u32			bit_ns;
	u32			slot_bits;
	u32			burst_bits;
	u32			repeater_ns;
	bool			retry_late;
	u64			now_ns;
	struct lan_rng		rng;
	unsigned int		n;
	unsigned int		max;
	struct csma_station	st[];
};

/**
 * csma_init() - an empty collision domain
 * @d: the domain, with room for @max stations behind it (struct_size(d, st, max))
 * @max: at most LAN_MAX_STATIONS
 * @ops: what it calls
 * @mbps: 10, 100 or 1000
 * @seed: of backoff and tie breaks
 *
 * Return: 0 or -EINVAL (speed).
 */
int csma_init(struct csma_domain *d, unsigned int max, const struct csma_ops *ops,
	      unsigned int mbps, u64 seed);

/**
 * csma_plug() - connect a station
 * @d: the domain
 * @i: its number, below @d->max
 * @delay_ns: one-way delay of its cable (about 5 ns a metre)
 */
void csma_plug(struct csma_domain *d, unsigned int i, u32 delay_ns);

/**
 * csma_upset() - what is wrong at a station
 * @d: the domain
 * @i: the station, plugged
 * @full: it believes in full duplex
 * @storm_ppb: chance that a transmission of its is collided with, at most LAN_PPB
 */
void csma_upset(struct csma_domain *d, unsigned int i, bool full, u32 storm_ppb);

/* Disconnect: a frame being sent is aborted (and ends there for all who hear it). */
void csma_unplug(struct csma_domain *d, unsigned int i);

/**
 * csma_send() - a station has a frame to send
 * @d: the domain
 * @i: the station, in CSMA_IDLE
 * @n_bits: length on the medium, preamble and SFD included
 * @at_ns: when; not before the domain's time
 *
 * Return: 0, -EBUSY (not idle) or -ENETDOWN (not plugged).
 */
int csma_send(struct csma_domain *d, unsigned int i, u32 n_bits, u64 at_ns);

/* When something happens next, or LAN_NEVER. */
u64 csma_next(const struct csma_domain *d);

/**
 * csma_run() - let time pass
 * @d: the domain
 * @until_ns: everything up to this time, itself included, happens
 * @most: bound on the number of steps
 *
 * Return: steps made; @most means that there may be more to do.
 */
u32 csma_run(struct csma_domain *d, u64 until_ns, u32 most);

#endif /* _PLUMB_LAN_CSMA_H */
