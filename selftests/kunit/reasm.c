// SPDX-License-Identifier: GPL-2.0
/* Reassembly: every order of arrival, what contradicts itself, and the bounds of what waits. */
#include <linux/delay.h>
#include <linux/random.h>

#include "net/ip/layer.h"

#include "kit.h"

#define PIECE	800	/* octets of payload of all pieces but the last */
#define PIECES	6
#define LAST	123
#define TOTAL	((PIECES - 1) * PIECE + LAST)

static struct plumb_sysctl saved;

static int reasm_init(struct kunit *test)
{
	saved = kit_pn->sysctl;
	return 0;
}

static unsigned int queues(void)
{
	unsigned long bytes;
	unsigned int n;

	plumb_ip_frag_stats(kit_pn, &n, &bytes);
	return n;
}

static unsigned long bytes_held(void)
{
	unsigned long bytes;
	unsigned int n;

	plumb_ip_frag_stats(kit_pn, &n, &bytes);
	return bytes;
}

/* What a test leaves waiting goes with its time; nothing stays accounted. */
static void reasm_exit(struct kunit *test)
{
	kit_pn->sysctl.ipfrag_high_thresh = saved.ipfrag_high_thresh;
	kit_pn->sysctl.ipfrag_max_dist = saved.ipfrag_max_dist;
	kit_wait(test, !queues());
	KUNIT_EXPECT_EQ(test, bytes_held(), 0);
	kit_pn->sysctl.ipfrag_time = saved.ipfrag_time;
}

struct piece {
	u16	id;
	u32	offset;
	u32	len;
	bool	mf;
	bool	df;
	u8	tos;
};

static struct sk_buff *add(struct kunit *test, struct net_device *dev, const struct piece *p)
{
	struct wire_ipv4 ip = {
		.tot_len = 20 + p->len, .hlen = 20, .ttl = 64, .proto = 253, .id = p->id,
		.offset = p->offset, .mf = p->mf, .df = p->df, .tos = p->tos,
		.saddr = KIT_ADDR(10, 9, 0, 2), .daddr = KIT_OURS,
	};
	struct sk_buff *skb = kit_packet(test, dev, &ip, p->offset);

	rcu_read_lock();
	local_bh_disable();
	skb = plumb_reasm_add(kit_pn, skb, &ip);
	local_bh_enable();
	rcu_read_unlock();
	return skb;
}

/* Piece @i of a whole packet. */
static struct sk_buff *add_nth(struct kunit *test, struct net_device *dev, u16 id, int i)
{
	struct piece p = {
		.id = id, .offset = i * PIECE, .len = i == PIECES - 1 ? LAST : PIECE,
		.mf = i != PIECES - 1,
	};

	return add(test, dev, &p);
}

/* @skb is the whole packet, octet for octet; frees it. */
static void expect_whole(struct kunit *test, struct sk_buff *skb, u32 total)
{
	struct wire_ipv4 ip;
	u8 *copy;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, 20 + total);
	copy = kunit_kzalloc(test, 20 + total, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, copy, min(skb->len, 20 + total)), 0);
	KUNIT_EXPECT_EQ(test, wire_ipv4_parse(copy, 20 + total, &ip), WIRE_IPV4_OK);
	KUNIT_EXPECT_EQ(test, ip.tot_len, 20 + total);
	KUNIT_EXPECT_FALSE(test, ip.mf);
	KUNIT_EXPECT_EQ(test, ip.offset, 0);
	for (i = 0; i < total; i++)
		if (copy[20 + i] != kit_octet(i))
			break;
	KUNIT_EXPECT_EQ(test, i, total);
	kfree_skb(skb);
}

static void in_order(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	int i;

	for (i = 0; i < PIECES - 1; i++)
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 1, i));
	KUNIT_EXPECT_EQ(test, queues(), 1);
	expect_whole(test, add_nth(test, dev, 1, i), TOTAL);
	KUNIT_EXPECT_EQ(test, queues(), 0);
}

static void backwards(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	int i;

	for (i = PIECES - 1; i; i--)
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 2, i));
	expect_whole(test, add_nth(test, dev, 2, 0), TOTAL);
}

static void any_order(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct rnd_state rnd;
	int order[PIECES], round, i, j;

	prandom_seed_state(&rnd, 3);
	for (round = 0; round < 60; round++) {
		for (i = 0; i < PIECES; i++) {
			j = prandom_u32_state(&rnd) % (i + 1);
			order[i] = order[j];
			order[j] = i;
		}
		for (i = 0; i < PIECES - 1; i++)
			KUNIT_ASSERT_NULL(test, add_nth(test, dev, 100 + round, order[i]));
		expect_whole(test, add_nth(test, dev, 100 + round, order[i]), TOTAL);
	}
}

static void packets_do_not_mix(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	int i;

	for (i = 0; i < PIECES - 1; i++) {
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 11, i));
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 12, i));
	}
	KUNIT_EXPECT_EQ(test, queues(), 2);
	expect_whole(test, add_nth(test, dev, 12, i), TOTAL);
	expect_whole(test, add_nth(test, dev, 11, i), TOTAL);
}

static void same_piece_again_is_harmless(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	u64 drops = kit_drops(PLUMB_DROP_FRAG_OVERLAP);
	int i;

	for (i = 0; i < PIECES - 1; i++) {
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 21, i));
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 21, i));
	}
	KUNIT_EXPECT_EQ(test, kit_drops(PLUMB_DROP_FRAG_OVERLAP), drops + PIECES - 1);
	expect_whole(test, add_nth(test, dev, 21, i), TOTAL);
}

/* Pieces that are there, and one that does not go with them: all are dropped. */
static void expect_all_dropped(struct kunit *test, const struct piece *there, int n,
			       const struct piece *bad)
{
	struct net_device *dev = kit_dev(test);
	u64 drops = kit_drops(PLUMB_DROP_FRAG_OVERLAP);
	int i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_NULL(test, add(test, dev, &there[i]));
	KUNIT_EXPECT_EQ(test, queues(), 1);
	KUNIT_EXPECT_NULL(test, add(test, dev, bad));
	KUNIT_EXPECT_EQ(test, queues(), 0);
	KUNIT_EXPECT_EQ(test, kit_drops(PLUMB_DROP_FRAG_OVERLAP), drops + n + 1);
}

static void overlap_at_the_front_drops_all(struct kunit *test)
{
	static const struct piece there[] = { { 31, 800, 800, true } }, bad = { 31, 0, 808, true };

	expect_all_dropped(test, there, 1, &bad);
}

static void overlap_at_the_end_drops_all(struct kunit *test)
{
	static const struct piece there[] = { { 32, 0, 800, true } }, bad = { 32, 792, 100, false };

	expect_all_dropped(test, there, 1, &bad);
}

static void piece_within_another_drops_all(struct kunit *test)
{
	static const struct piece there[] = { { 33, 0, 800, true } }, bad = { 33, 80, 80, true };

	expect_all_dropped(test, there, 1, &bad);
}

static void piece_behind_the_end_drops_all(struct kunit *test)
{
	static const struct piece there[] = { { 34, 800, 100, false } };
	static const struct piece bad = { 34, 1600, 80, true };

	expect_all_dropped(test, there, 1, &bad);
}

static void two_ends_drop_all(struct kunit *test)
{
	static const struct piece there[] = { { 35, 1600, 100, false } };
	static const struct piece bad = { 35, 800, 100, false };

	expect_all_dropped(test, there, 1, &bad);
}

static void end_before_what_is_there_drops_all(struct kunit *test)
{
	static const struct piece there[] = { { 36, 1600, 800, true } };
	static const struct piece bad = { 36, 800, 100, false };

	expect_all_dropped(test, there, 1, &bad);
}

/* A piece that makes no sense alone is dropped, and makes no queue. */
static void senseless_pieces_are_refused(struct kunit *test)
{
	static const struct piece bad[] = {
		{ 41, 8, 0, true }, { 41, 0, 13, true }, { 41, 65528, 100, false },
	};
	struct net_device *dev = kit_dev(test);
	u64 drops = kit_drops(PLUMB_DROP_FRAG_BAD);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_NULL(test, add(test, dev, &bad[i]));
		KUNIT_EXPECT_EQ(test, kit_drops(PLUMB_DROP_FRAG_BAD), drops + i + 1);
	}
	KUNIT_EXPECT_EQ(test, queues(), 0);
}

static void largest_packet_there_is(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct piece p = { .id = 51, .mf = true };

	for (p.offset = 0; p.offset < 64000; p.offset += p.len) {
		p.len = 1480;
		KUNIT_ASSERT_NULL(test, add(test, dev, &p));
	}
	p.len = 65515 - p.offset;
	p.mf = false;
	expect_whole(test, add(test, dev, &p), 65515);
}

static void longer_than_a_packet_may_be_is_dropped(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct piece p = { .id = 52, .mf = true };
	u64 drops = kit_drops(PLUMB_DROP_FRAG_BAD);

	for (p.offset = 0; p.offset < 64000; p.offset += p.len) {
		p.len = 1480;
		KUNIT_ASSERT_NULL(test, add(test, dev, &p));
	}
	/* Its payload alone would fit. */
	p.len = 65520 - p.offset;
	p.mf = false;
	KUNIT_EXPECT_NULL(test, add(test, dev, &p));
	KUNIT_EXPECT_GT(test, kit_drops(PLUMB_DROP_FRAG_BAD), drops);
}

static void time_runs_out(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	u64 drops = kit_drops(PLUMB_DROP_FRAG_TIMEOUT);

	kit_pn->sysctl.ipfrag_time = 1;
	KUNIT_ASSERT_NULL(test, add_nth(test, dev, 61, 0));
	KUNIT_ASSERT_NULL(test, add_nth(test, dev, 61, 2));
	kit_wait(test, kit_drops(PLUMB_DROP_FRAG_TIMEOUT) == drops + 2);
}

static void memory_is_bounded(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	u64 drops = kit_drops(PLUMB_DROP_FRAG_LIMIT);
	unsigned long limit;
	int i;

	kit_pn->sysctl.ipfrag_time = HZ;
	KUNIT_ASSERT_NULL(test, add_nth(test, dev, 200, 0));
	limit = bytes_held() * 4;
	kit_pn->sysctl.ipfrag_high_thresh = limit;
	for (i = 1; i < 10; i++)
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 200 + i, 0));
	KUNIT_EXPECT_LE(test, bytes_held(), limit);
	KUNIT_EXPECT_GE(test, kit_drops(PLUMB_DROP_FRAG_LIMIT), drops + 6);
}

static void identification_that_went_round_does_not_mix(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	int i;

	kit_pn->sysctl.ipfrag_max_dist = 4;
	kit_pn->sysctl.ipfrag_time = HZ;
	KUNIT_ASSERT_NULL(test, add_nth(test, dev, 71, 0));
	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 300 + i, 0));
	/* The old one's first piece is not counted: the packet is not whole without it. */
	for (i = 1; i < PIECES; i++)
		KUNIT_ASSERT_NULL(test, add_nth(test, dev, 71, i));
	expect_whole(test, add_nth(test, dev, 71, 0), TOTAL);
}

/* RFC 3168 5.3. @seen of the pieces, @want of the packet; -1: it is dropped. */
static void expect_ecn(struct kunit *test, u16 id, u8 first, u8 second, int want)
{
	struct net_device *dev = kit_dev(test);
	struct piece p = { .id = id, .len = 80, .mf = true, .tos = first };
	struct sk_buff *skb;

	KUNIT_ASSERT_NULL(test, add(test, dev, &p));
	p.offset = 80;
	p.mf = false;
	p.tos = second;
	skb = add(test, dev, &p);
	KUNIT_EXPECT_EQ(test, skb ? skb_network_header(skb)[1] & 3 : -1, want);
	kfree_skb(skb);
}

static void marks_of_congestion(struct kunit *test)
{
	expect_ecn(test, 81, 2, 2, 2);
	expect_ecn(test, 82, 2, 3, 3);
	expect_ecn(test, 83, 3, 1, 3);
	expect_ecn(test, 84, 3, 0, -1);
	expect_ecn(test, 85, 0, 3, -1);
	expect_ecn(test, 86, 0, 2, 0);
}

static void dont_fragment_of_one_is_the_packets(struct kunit *test)
{
	struct net_device *dev = kit_dev(test);
	struct piece p = { .id = 91, .len = 80, .mf = true };
	struct sk_buff *skb;

	KUNIT_ASSERT_NULL(test, add(test, dev, &p));
	p.offset = 80;
	p.mf = false;
	p.df = true;
	skb = add(test, dev, &p);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_network_header(skb)[6], 0x40);
	KUNIT_EXPECT_EQ(test, PLUMB_IP_CB(skb)->frag_max, 100);
	kfree_skb(skb);
}

static struct kunit_case reasm_cases[] = {
	KUNIT_CASE(in_order),
	KUNIT_CASE(backwards),
	KUNIT_CASE(any_order),
	KUNIT_CASE(packets_do_not_mix),
	KUNIT_CASE(same_piece_again_is_harmless),
	KUNIT_CASE(overlap_at_the_front_drops_all),
	KUNIT_CASE(overlap_at_the_end_drops_all),
	KUNIT_CASE(piece_within_another_drops_all),
	KUNIT_CASE(piece_behind_the_end_drops_all),
	KUNIT_CASE(two_ends_drop_all),
	KUNIT_CASE(end_before_what_is_there_drops_all),
	KUNIT_CASE(senseless_pieces_are_refused),
	KUNIT_CASE(largest_packet_there_is),
	KUNIT_CASE(longer_than_a_packet_may_be_is_dropped),
	KUNIT_CASE(time_runs_out),
	KUNIT_CASE(memory_is_bounded),
	KUNIT_CASE(identification_that_went_round_does_not_mix),
	KUNIT_CASE(marks_of_congestion),
	KUNIT_CASE(dont_fragment_of_one_is_the_packets),
	{}
};

static struct kunit_suite reasm_suite = {
	.name = "plumb_reasm",
	.init = reasm_init,
	.exit = reasm_exit,
	.test_cases = reasm_cases,
};

kunit_test_suite(reasm_suite);
