/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a cable does wrong, from a seed: single bit errors at a rate, bursts of them
 * (Gilbert-Elliott), whole frames that vanish.
 */
#ifndef _PLUMB_LAN_FAULT_H
#define _PLUMB_LAN_FAULT_H

#include "types.h"

/**
 * struct lan_fault_cfg - how bad a cable is
 * @ber_ppb: bit error rate of the good state: errors in 10^9 bits
 * @burst_ber_ppb: bit error rate of the bad state
 * @to_burst_ppb: chance a bit of going from good to bad
 * @from_burst_ppb: chance a bit of going back
 * @drop_ppb: chance a frame of not arriving at all
 */
struct lan_fault_cfg {
	u32 ber_ppb;
	u32 burst_ber_ppb;
	u32 to_burst_ppb;
	u32 from_burst_ppb;
	u32 drop_ppb;
};

/**
 * struct lan_fault - the state of one direction of a cable
 * @cfg: how bad it is
 * @rng: draws the distances
 * @bad: in the burst state
 * @to_error: good bits still to pass before the next error of the present state
 * @to_switch: bits still to pass in the present state
 * @bits: bits passed
 * @errors: of them, in error
 * @dropped: frames that vanished
 */
struct lan_fault {
	struct lan_fault_cfg	cfg;
	struct lan_rng		rng;
	bool			bad;
	u64			to_error;
	u64			to_switch;
	u64			bits, errors, dropped;
};

/**
 * lan_fault_set() - take new settings; the course begins anew from the seed
 * @f: the state
 * @cfg: rates, each at most LAN_PPB
 * @seed: of the course
 *
 * Return: 0 or -ERANGE.
 */
int lan_fault_set(struct lan_fault *f, const struct lan_fault_cfg *cfg, u64 seed);

/* May it put bits in error at all? */
static inline bool lan_fault_any(const struct lan_fault *f)
{
	return f->cfg.ber_ppb || f->cfg.burst_ber_ppb;
}

/* Does this frame vanish? */
bool lan_fault_drops(struct lan_fault *f);

/**
 * lan_fault_next() - where the next error falls
 * @f: the state
 * @bits: how many bits are about to pass
 *
 * Return: index below @bits of the next bit in error, which then is behind us; or U32_MAX and all
 * @bits have passed well.
 */
u32 lan_fault_next(struct lan_fault *f, u32 bits);

#endif /* _PLUMB_LAN_FAULT_H */
