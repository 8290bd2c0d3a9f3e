// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a cable. Instead of a draw a bit, the distance to the next error and to the next change
 * of state is drawn (both are geometric), so that a good cable costs nothing.
 */
#include "fault.h"

/*
 * -ln(u) for u uniform in (0, 1], in units of 2^-32: the mantissa's logarithm by the table-free
 * method of repeated squaring (one binary digit a step), the exponent by the leading zeros.
 */
static u64 lan_fault_neg_log(u32 u)
{
	u64 x, frac = 0;
	unsigned int shift = 0;
	int i;

	if (!u)
		u = 1;
	while (!(u & 0x80000000U)) {
		u <<= 1;
		shift++;
	}
	x = u;					/* 1 <= x / 2^31 < 2 */
	for (i = 0; i < 32; i++) {
		x = x * x >> 31;
		frac <<= 1;
		if (x >> 32) {
			frac |= 1;
			x >>= 1;
		}
	}
	/* log2(u / 2^32) = frac - 1 - shift; times ln 2 = 0xb17217f7 / 2^32 */
	frac = ((u64)(shift + 1) << 32) - frac;
	return (frac >> 16) * 0xb17217f7ULL >> 16;
}

/*
 * Bits until the next event of a rate p, itself included: geometric, 1 + floor(ln u / ln(1 - p)).
 * Below a thousandth, -ln(1 - p) is p.
 */
static u64 lan_fault_distance(struct lan_fault *f, u32 ppb)
{
	u64 x;

	if (!ppb)
		return LAN_NEVER;
	if (ppb >= LAN_PPB)
		return 1;
	x = lan_fault_neg_log(lan_rng_next(&f->rng));	/* below 2^37 */
	if (ppb < LAN_PPB / 1000)
		return 1 + (div_u64((x >> 8) * (u64)LAN_PPB >> 12, ppb) >> 12);
	return 1 + div64_u64(x, lan_fault_neg_log((u32)div_u64((u64)(LAN_PPB - ppb) << 32,
								LAN_PPB)));
}

static void lan_fault_enter(struct lan_fault *f, bool bad)
{
	const struct lan_fault_cfg *c = &f->cfg;

	f->bad = bad;
	f->to_error = lan_fault_distance(f, bad ? c->burst_ber_ppb : c->ber_ppb);
	f->to_switch = lan_fault_distance(f, bad ? c->from_burst_ppb : c->to_burst_ppb);
}

int lan_fault_set(struct lan_fault *f, const struct lan_fault_cfg *cfg, u64 seed)
{
	if (cfg->ber_ppb > LAN_PPB || cfg->burst_ber_ppb > LAN_PPB || cfg->drop_ppb > LAN_PPB ||
	    cfg->to_burst_ppb > LAN_PPB || cfg->from_burst_ppb > LAN_PPB)
		return -ERANGE;
	memset(f, 0, sizeof(*f));
	f->cfg = *cfg;
	lan_rng_seed(&f->rng, seed);
	lan_fault_enter(f, false);
	return 0;
}

bool lan_fault_drops(struct lan_fault *f)
{
	if (!f->cfg.drop_ppb || lan_rng_below(&f->rng, LAN_PPB) >= f->cfg.drop_ppb)
		return false;
	f->dropped++;
	return true;
}

static void lan_fault_pass(struct lan_fault *f, u64 bits)
{
	f->bits += bits;
	if (f->to_error != LAN_NEVER)
		f->to_error -= bits;
	if (f->to_switch != LAN_NEVER)
		f->to_switch -= bits;
}

u32 lan_fault_next(struct lan_fault *f, u32 bits)
{
	u32 at = 0;

	for (;;) {
		u64 step = min(f->to_error, f->to_switch);

		if (step > bits - at) {
			lan_fault_pass(f, bits - at);
			return U32_MAX;
		}
		at += (u32)step;
		if (f->to_switch == step) {
			f->bits += step;
			lan_fault_enter(f, !f->bad);
			continue;
		}
		lan_fault_pass(f, step);
		f->to_error = lan_fault_distance(f, f->bad ? f->cfg.burst_ber_ppb : f->cfg.ber_ppb);
		f->errors++;
		return at - 1;
	}
}
