// SPDX-License-Identifier: GPL-2.0
/*
 * Scalable TCP (T. Kelly, "Scalable TCP: improving performance in highspeed wide area networks",
 * 2003) as an algorithm that comes in a module of its own: cwnd grows by a hundredth of what is
 * acknowledged and falls by an eighth at a loss, so the time between two losses does not depend on
 * the rate. Below 100 packets it is Reno.
 *
 *	insmod plumb_scalable.ko
 *	sysctl net.plumb.tcp_congestion_control=scalable	(or TCP_CONGESTION, a socket)
 */
#include <linux/module.h>
#include <linux/string.h>

#include <plumb/cc.h>

static unsigned int every = 100;
module_param(every, uint, 0644);
MODULE_PARM_DESC(every, "packets acknowledged for one more in the window (100)");

/* What it keeps of a connection. */
struct scalable {
	u32	losses;
	u32	acks;
};

/* What TCP_CC_INFO tells of it. */
struct scalable_info {
	u32	losses;
	u32	acks;
	u32	cwnd;
};

static struct scalable *scalable_of(struct tcp_cong *g)
{
	BUILD_BUG_ON(sizeof(struct scalable) > sizeof(g->priv));
	return (struct scalable *)g->priv;
}

static u32 scalable_ssthresh(struct tcp_cong *g)
{
	scalable_of(g)->losses++;
	return max(g->cwnd < every ? g->cwnd / 2 : g->cwnd - g->cwnd / 8, 2U);
}

static void scalable_grow(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	u32 left = a->delivered;

	if (tcp_cong_slow_start(g))
		left = tcp_cong_grow_slow(g, left);
	if (left)
		tcp_cong_grow_linear(g, clamp(g->cwnd, 1U, max(every, 1U)), left);
}

static void scalable_sample(struct tcp_cong *g, const struct tcp_cc_ack *a)
{
	scalable_of(g)->acks++;
}

static u32 scalable_info(const struct tcp_cong *g, void *buf, u32 size)
{
	const struct scalable *s = (const struct scalable *)g->priv;
	struct scalable_info info = { .losses = s->losses, .acks = s->acks, .cwnd = g->cwnd };

	if (size < sizeof(info))
		return 0;
	memcpy(buf, &info, sizeof(info));
	return sizeof(info);
}

static const struct tcp_cc_ops scalable = {
	.name = "scalable",
	.owner = THIS_MODULE,
	.ssthresh = scalable_ssthresh,
	.grow = scalable_grow,
	.sample = scalable_sample,
	.info = scalable_info,
};

static int __init scalable_init(void)
{
	return plumb_cc_register(&scalable);
}

static void __exit scalable_exit(void)
{
	plumb_cc_unregister(&scalable);
}

module_init(scalable_init);
module_exit(scalable_exit);

MODULE_DESCRIPTION("Scalable TCP congestion control for Plumb");
MODULE_LICENSE("GPL");
MODULE_ALIAS("plumb-cc-scalable");
