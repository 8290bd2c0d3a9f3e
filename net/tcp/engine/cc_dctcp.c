// SPDX-License-Identifier: GPL-2.0
/*
 * DCTCP (RFC 8257): for networks that mark early. Once a window the fraction M of packets whose
 * ACK told of a mark is taken into an average,
 *
 *	alpha = alpha (1 - g) + g M,  g = 1/16				(3.3)
 *
 * kept in 1024ths, and a window with a mark reduces cwnd by alpha / 2, not by half. A loss counts
 * as with Reno (3.4). The receiver's part, each mark echoed as it came, is in ecn.c. For a path
 * whose queues all mark so: elsewhere it takes more than its share, so it is restricted.
 */
#include "cong.h"

#define DCTCP_ONE	1024U
#define DCTCP_G_SHIFT	4

struct dctcp {
	u32	alpha;			/* 1024ths */
	u32	end;			/* of the window observed: SND.NXT when it began */
	u32	delivered, delivered_ce;	/* then */
	bool	open;			/* the four above are valid */
};

/* As inet_diag.h has it (struct tcp_dctcp_info). */
struct dctcp_info {
	u16	enabled;
	u16	ce_state;		/* the last packet received was marked */
	u32	alpha;
	u32	ab_ecn, ab_tot;		/* octets of this window: marked, all */
};

static struct dctcp *dctcp_of(struct tcp_cong *g)
{
	BUILD_BUG_ON(sizeof(struct dctcp) > sizeof(g->priv));
	return (struct dctcp *)g->priv;
}

static void dctcp_init(struct tcp_cong *g)
{
	/* 4.2: the first mark reduces as a loss would, before anything is known. */
	dctcp_of(g)->alpha = DCTCP_ONE;
}

static void dctcp_window(const struct tcp_cong *g, struct dctcp *d, const struct tcp_cc_ack *a)
{
	d->end = a->nxt;
	d->delivered = g->delivered;
	d->delivered_ce = g->delivered_ce;
	d->open = true;
}

static void dctcp_sample(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	struct dctcp *d = dctcp_of(g);
	u32 all = g->delivered - d->delivered, marked = g->delivered_ce - d->delivered_ce;
	u32 down;

	if (!d->open) {
		dctcp_window(g, d, a);
		return;
	}
	if (!tcp_cc_reached(a->una, d->end))
		return;
	/* What is too small to shrink by a sixteenth goes to zero all the same. */
	down = d->alpha >> DCTCP_G_SHIFT;
	d->alpha -= down ? down : d->alpha;
	if (marked && all)
		d->alpha += (u32)div_u64((u64)marked * DCTCP_ONE >> DCTCP_G_SHIFT, all);
	d->alpha = min(d->alpha, DCTCP_ONE);
	dctcp_window(g, d, a);
}

static u32 dctcp_marked(struct tcp_cong *g)
{
	u32 less = (u32)((u64)g->cwnd * dctcp_of(g)->alpha / (2 * DCTCP_ONE));

	return max_t(u32, g->cwnd - less, 2);
}

static u32 dctcp_ssthresh(struct tcp_cong *g)
{
	return max_t(u32, g->cwnd >> 1, 2);
}

static void dctcp_grow(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	tcp_cc_reno.grow(g, a);
}

static u32 dctcp_info(const struct tcp_cong *g, void *buf, u32 size)
{
	const struct dctcp *d = (const struct dctcp *)g->priv;
	struct dctcp_info info = { .enabled = 1 };

	if (size < sizeof(info))
		return 0;
	info.ce_state = !!(g->ecn & TCP_ECN_ECHO);
	info.alpha = d->alpha;
	info.ab_ecn = (g->delivered_ce - d->delivered_ce) * g->mss;
	info.ab_tot = (g->delivered - d->delivered) * g->mss;
	memcpy(buf, &info, sizeof(info));
	return sizeof(info);
}

/* The same with a peer that does no ECN: there is nothing to measure. */
static u32 dctcp_no_info(const struct tcp_cong *g, void *buf, u32 size)
{
	u32 len = sizeof(struct dctcp_info);

	if (size < len || !g->ops)
		return 0;
	memset(buf, 0, len);
	return len;
}

static const struct tcp_cc_ops dctcp_reno = {
	.name = "dctcp-reno",
	.ssthresh = dctcp_ssthresh,
	.grow = dctcp_grow,
	.info = dctcp_no_info,
};

const struct tcp_cc_ops tcp_cc_dctcp = {
	.name = "dctcp",
	.flags = TCP_CC_ECN,
	.no_ecn = &dctcp_reno,
	.init = dctcp_init,
	.ssthresh = dctcp_ssthresh,
	.marked = dctcp_marked,
	.grow = dctcp_grow,
	.sample = dctcp_sample,
	.info = dctcp_info,
};
