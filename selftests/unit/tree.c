// SPDX-License-Identifier: GPL-2.0
/* The search tree against a plain array, under random operations. */
#include <stdlib.h>

#include "unit.h"

#define N 300

static u64 rng;
static struct tcp_seg *model[N];
static unsigned int n;

static u32 rnd(u32 below)
{
	rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(rng >> 33) % below;
}

static bool lost(const struct tcp_seg *s)
{
	return (s->mark & (TCP_SEG_SACKED | TCP_SEG_LOST | TCP_SEG_RETRANS)) == TCP_SEG_LOST;
}

static struct tcp_seg *model_lost(void)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (lost(model[i]))
			return model[i];
	return NULL;
}

static struct tcp_seg *model_find(u32 seq)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (seq_gt(model[i]->seq + model[i]->len, seq))
			return model[i];
	return NULL;
}

static struct tcp_seg *model_sent(u32 us)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!(model[i]->mark & TCP_SEG_SACKED) && !lost(model[i]) &&
		    seq_leq(model[i]->xmit_us, us))
			return model[i];
	return NULL;
}

static struct tcp_seg *seg_make(u32 seq)
{
	struct tcp_seg *s = calloc(1, sizeof(*s));

	s->seq = seq;
	s->len = 10;
	s->xmit_us = 0xffffff00U + rnd(1000);
	return s;
}

TEST(tree__agrees_with_an_array)
{
	struct tcp_tree t = { NULL, NULL, NULL };
	u32 next = 0xfffff000U, i, step;

	rng = 1;
	n = 0;
	for (step = 0; step < 60000; step++) {
		u32 op = rnd(8);

		if (op < 3 && n < N) {
			model[n] = seg_make(next);
			tcp_tree_append(&t, model[n++]);
			next += 10;
		} else if (op == 3 && n) {
			struct tcp_seg *s = model[0];

			CHECK(tcp_tree_first(&t) == s);
			tcp_tree_remove_first(&t);
			if (n > 1)
				tcp_tree_splay(&t, model[1]);
			free(s);
			memmove(model, model + 1, --n * sizeof(model[0]));
		} else if (op == 4 && n) {
			i = rnd(n);
			tcp_tree_splay(&t, model[i]);
			model[i]->mark = rnd(8);
			model[i]->xmit_us += rnd(100);
			tcp_tree_pull(model[i]);
		} else if (op == 5) {
			CHECK(tcp_tree_find_bit(&t, TCP_BELOW_LOST) == model_lost());
		} else if (op == 6 && n) {
			u32 seq = model[0]->seq + rnd(n * 10 + 20);

			CHECK(tcp_tree_find(&t, seq) == model_find(seq));
		} else if (op == 7) {
			u32 us = 0xffffff00U + rnd(1000);

			CHECK(tcp_tree_find_sent(&t, us) == model_sent(us));
		}
		if (step % 500 == 0)
			tcp_tree_chain(&t);
		if (step % 500 == 0) {
			struct tcp_node *k;

			for (k = t.first; k; k = k->up)
				tcp_tree_pull(tcp_seg_of(k));
		}
	}
	for (i = 0; i < n; i++) {
		CHECK(i + 1 == n || tcp_tree_next(model[i]) == model[i + 1]);
		CHECK(!i || tcp_tree_prev(model[i]) == model[i - 1]);
	}
	for (i = 0; i < n; i++)
		free(model[i]);
}

TEST(tree__runs)
{
	struct tcp_tree t = { NULL, NULL, NULL };
	struct tcp_seg *s[40];
	u32 i, k;

	rng = 7;
	for (i = 0; i < 40; i++) {
		s[i] = seg_make(i * 10);
		s[i]->mark = i == 0 || rnd(3) == 0 ? TCP_SEG_GAP : 0;
		tcp_tree_append(&t, s[i]);
	}
	for (k = 0; k < 400; k++) {
		u32 a, b;

		i = rnd(40);
		for (a = i; !(s[a]->mark & TCP_SEG_GAP); a--)
			;
		for (b = i; b < 39 && !(s[b + 1]->mark & TCP_SEG_GAP); b++)
			;
		CHECK(tcp_tree_run_first(&t, s[i]) == s[a]);
		CHECK(tcp_tree_run_last(&t, s[i]) == s[b]);
		if (rnd(2))
			tcp_tree_splay(&t, s[rnd(40)]);
	}
	for (i = 0; i < 40; i++)
		free(s[i]);
}
