/* SPDX-License-Identifier: GPL-2.0 */
/* A collision domain that tests look at: how frames ended, what bystanders heard. */
#ifndef _LAN_WORLD_H
#define _LAN_WORLD_H

#include "../../drivers/lan/segment.h"
#include "test.h"

struct world {
	enum csma_result	how[LAN_MAX_STATIONS];
	u32			n_done[LAN_MAX_STATIONS];
	u64			done_at[LAN_MAX_STATIONS];	/* the last one */
	u64			longest_wait;			/* from one to the next */
	u32			bursts, fragments;
	u32			shortest_fragment, longest_fragment;
	u64			last_end, least_gap;
	bool			saturate;	/* every station always has a frame */
	u32			n_bits;		/* of it */
	u32			more;		/* frames that a station may go on with */
	struct csma_domain	d;
	struct csma_station	room[LAN_MAX_STATIONS];
};

extern struct world w;

/* @n stations, each @delay_ns from the repeater. */
void world_init(unsigned int n, unsigned int mbps, u32 delay_ns, u64 seed);
void world_run(u64 until);

#endif /* _LAN_WORLD_H */
