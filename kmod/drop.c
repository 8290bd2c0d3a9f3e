// SPDX-License-Identifier: GPL-2.0
/*
 * The one place where packets end for a reason: counted, traced, freed. Called by
 * every layer; the counters are read by /proc/net/plumb/drops.
 */
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include <plumb/drop.h>
#include <plumb/net.h>
#include <plumb/trace.h>

const char *const plumb_drop_text[PLUMB_DROP_NR] = {
#define X(name, text) [PLUMB_DROP_##name] = text,
	PLUMB_DROP_REASONS(X)
#undef X
};

const char *const plumb_drop_name[PLUMB_DROP_NR] = {
#define X(name, text) [PLUMB_DROP_##name] = #name,
	PLUMB_DROP_REASONS(X)
#undef X
};

void plumb_drop(struct plumb_net *pn, struct sk_buff *skb, enum plumb_drop_reason why)
{
	this_cpu_inc(pn->drops->n[why]);
	trace_plumb_drop(pn, skb, why);
	kfree_skb(skb);
}
