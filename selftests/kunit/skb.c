// SPDX-License-Identifier: GPL-2.0
/*
 * TCP's buffers: what is carved off the stream, split and trimmed stays the same stream and the
 * same account; what is delivered stands in the receive queue octet by octet.
 */
#include <linux/gfp.h>

#include "net/tcp/sock.h"
#include "net/tcp/engine/env.h"

#include "kit.h"

/* A socket of no connection, whose queues the test fills. */
static struct sock *sock_new(struct kunit *test)
{
	struct sock *sk = kit_sock_stream(test);

	tcp_sk_of(sk)->c.snd.mss = 1000;
	return sk;
}

static struct tcp_conn *conn_of(struct sock *sk)
{
	return &tcp_sk_of(sk)->c;
}

/* Unsent octets of the stream from @at on, in one buffer of one page. */
static void write(struct kunit *test, struct sock *sk, u32 at, u32 len)
{
	struct sk_buff *skb = tcp_emit_alloc(GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *p;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LE(test, len, PAGE_SIZE);
	p = page_address(page);
	for (i = 0; i < len; i++)
		p[i] = kit_octet(at + i);
	skb_fill_page_desc(skb, 0, page, 0, len);
	skb->len = len;
	skb->data_len = len;
	skb->truesize += len;
	lock_sock(sk);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	__skb_queue_tail(&sk->sk_write_queue, skb);
	release_sock(sk);
}

/* The octets of a record are those of the stream from @at on. */
static void expect_octets(struct kunit *test, struct tcp_seg *seg, u32 at, u32 len)
{
	struct sk_buff *skb = tcp_seg_skb(seg);
	u8 *copy = kunit_kzalloc(test, len, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_ASSERT_EQ(test, seg->len, len);
	KUNIT_ASSERT_GE(test, skb->len, len);
	/* The record's octets are the buffer's last. */
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, skb->len - len, copy, len), 0);
	for (i = 0; i < len; i++)
		if (copy[i] != kit_octet(at + i))
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, len, "octet %u of the stream", at + i);
}

/* What the socket is charged with is what its buffers say. */
static void expect_account(struct kunit *test, struct sock *sk, struct tcp_seg **seg, int n)
{
	int sum = 0, i;
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_write_queue, skb)
		sum += skb->truesize;
	for (i = 0; i < n; i++)
		sum += seg[i] ? (int)tcp_seg_skb(seg[i])->truesize : 0;
	KUNIT_EXPECT_EQ(test, sk->sk_wmem_queued, sum);
	KUNIT_EXPECT_EQ(test, sk->sk_forward_alloc, -sum);
}

static struct tcp_seg *carve(struct kunit *test, struct sock *sk, u32 max)
{
	struct tcp_seg *seg;

	lock_sock(sk);
	seg = tcp_env_carve(conn_of(sk), max);
	release_sock(sk);
	KUNIT_ASSERT_NOT_NULL(test, seg);
	return seg;
}

static void acked(struct sock *sk, struct tcp_seg *seg)
{
	lock_sock(sk);
	tcp_env_acked(conn_of(sk), seg);
	release_sock(sk);
}

static void carve_gives_a_buffer_whole(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg;

	write(test, sk, 0, 3000);
	seg = carve(test, sk, 4000);
	expect_octets(test, seg, 0, 3000);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&sk->sk_write_queue));
	expect_account(test, sk, &seg, 1);
	acked(sk, seg);
	expect_account(test, sk, NULL, 0);
}

static void carve_cuts_what_is_too_long(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg[3];
	int i;

	write(test, sk, 0, 3000);
	seg[0] = carve(test, sk, 1000);
	seg[1] = carve(test, sk, 999);
	seg[2] = carve(test, sk, 4000);
	expect_octets(test, seg[0], 0, 1000);
	expect_octets(test, seg[1], 1000, 999);
	expect_octets(test, seg[2], 1999, 1001);
	expect_account(test, sk, seg, 3);
	for (i = 0; i < 3; i++)
		acked(sk, seg[i]);
	expect_account(test, sk, NULL, 0);
}

/* Short writes do not make short segments in the middle of a stream. */
static void carve_joins_what_is_short(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg[2];

	write(test, sk, 0, 300);
	write(test, sk, 300, 300);
	write(test, sk, 600, 700);
	seg[0] = carve(test, sk, 4000);
	expect_octets(test, seg[0], 0, 1000);
	seg[1] = carve(test, sk, 4000);
	expect_octets(test, seg[1], 1000, 300);
	expect_account(test, sk, seg, 2);
	acked(sk, seg[0]);
	acked(sk, seg[1]);
	expect_account(test, sk, NULL, 0);
}

/* More fragments than a buffer has places for: it stays short rather than is lost. */
static void carve_joins_no_more_than_has_room(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg;
	u32 at = 0, i;

	for (i = 0; i < MAX_SKB_FRAGS + 4; i++)
		write(test, sk, i * 10, 10);
	for (i = 0; at < (MAX_SKB_FRAGS + 4) * 10 && i < 100; i++) {
		seg = carve(test, sk, 4000);
		expect_octets(test, seg, at, seg->len);
		KUNIT_EXPECT_LE(test, skb_shinfo(tcp_seg_skb(seg))->nr_frags, MAX_SKB_FRAGS);
		at += seg->len;
		acked(sk, seg);
	}
	KUNIT_EXPECT_EQ(test, at, (MAX_SKB_FRAGS + 4) * 10);
	KUNIT_EXPECT_LE(test, i, 2);
	expect_account(test, sk, NULL, 0);
}

static void carve_of_nothing_is_a_bare_record(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg = carve(test, sk, 0);

	KUNIT_EXPECT_EQ(test, seg->len, 0);
	expect_account(test, sk, &seg, 1);
	acked(sk, seg);
	expect_account(test, sk, NULL, 0);
}

static void uncarve_puts_it_back_in_front(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg;

	write(test, sk, 0, 2000);
	seg = carve(test, sk, 700);
	lock_sock(sk);
	tcp_env_uncarve(conn_of(sk), seg);
	tcp_env_uncarve(conn_of(sk), tcp_env_carve(conn_of(sk), 0));
	release_sock(sk);
	expect_account(test, sk, NULL, 0);
	seg = carve(test, sk, 700);
	expect_octets(test, seg, 0, 700);
	acked(sk, seg);
	seg = carve(test, sk, 1300);
	expect_octets(test, seg, 700, 1300);
	acked(sk, seg);
	expect_account(test, sk, NULL, 0);
}

static void split_is_two_of_one(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg[2];

	write(test, sk, 0, 3000);
	seg[0] = carve(test, sk, 3000);
	lock_sock(sk);
	seg[1] = tcp_env_split(conn_of(sk), seg[0], 1200);
	release_sock(sk);
	KUNIT_ASSERT_NOT_NULL(test, seg[1]);
	/* The engine writes the lengths. */
	seg[0]->len = 1200;
	seg[1]->len = 1800;
	expect_octets(test, seg[0], 0, 1200);
	expect_octets(test, seg[1], 1200, 1800);
	expect_account(test, sk, seg, 2);
	acked(sk, seg[0]);
	acked(sk, seg[1]);
	expect_account(test, sk, NULL, 0);
}

/* While a clone is in the device's queue, its octets may not be taken from under it. */
static void split_leaves_what_is_in_the_device_queue(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg[2];
	struct sk_buff *clone;
	u8 copy[16];
	int i;

	write(test, sk, 0, 2000);
	seg[0] = carve(test, sk, 2000);
	clone = skb_clone(tcp_seg_skb(seg[0]), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	lock_sock(sk);
	seg[1] = tcp_env_split(conn_of(sk), seg[0], 500);
	release_sock(sk);
	KUNIT_ASSERT_NOT_NULL(test, seg[1]);
	seg[0]->len = 500;
	seg[1]->len = 1500;
	acked(sk, seg[0]);
	acked(sk, seg[1]);
	KUNIT_EXPECT_EQ(test, clone->len, 2000);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(clone, 1984, copy, sizeof(copy)), 0);
	for (i = 0; i < sizeof(copy); i++)
		KUNIT_EXPECT_EQ(test, copy[i], kit_octet(1984 + i));
	kfree_skb(clone);
	expect_account(test, sk, NULL, 0);
}

static void trim_forgets_the_front(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg;

	write(test, sk, 0, 2000);
	seg = carve(test, sk, 2000);
	lock_sock(sk);
	seg->len = 1300;
	tcp_env_trim(conn_of(sk), seg, 700);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, tcp_seg_skb(seg)->len, 1300);
	expect_octets(test, seg, 700, 1300);
	expect_account(test, sk, &seg, 1);
	acked(sk, seg);
	expect_account(test, sk, NULL, 0);
}

/* Somebody still looks at it: it is cut later, but the writer has the room now. */
static void trim_of_a_clone_gives_room_at_once(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct sk_buff *clone;
	struct tcp_seg *seg;
	int before;

	write(test, sk, 0, 2000);
	seg = carve(test, sk, 2000);
	clone = skb_clone(tcp_seg_skb(seg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	before = sk->sk_wmem_queued;
	lock_sock(sk);
	seg->len = 1300;
	tcp_env_trim(conn_of(sk), seg, 700);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, sk->sk_wmem_queued, before - 700);
	expect_octets(test, seg, 700, 1300);
	expect_account(test, sk, &seg, 1);
	kfree_skb(clone);
	lock_sock(sk);
	seg->len = 1000;
	tcp_env_trim(conn_of(sk), seg, 300);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, tcp_seg_skb(seg)->len, 1000);
	expect_octets(test, seg, 1000, 1000);
	expect_account(test, sk, &seg, 1);
	acked(sk, seg);
	expect_account(test, sk, NULL, 0);
}

/* --- the receive queue --- */

/* A segment's buffer with the octets of the stream from @at on, as the engine has it. */
static struct tcp_seg *arrived(struct kunit *test, struct sock *sk, u32 at, u32 len)
{
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (i = 0; i < len; i++)
		*(u8 *)skb_put(skb, 1) = kit_octet(at + i);
	memset(skb->cb, 0, sizeof(skb->cb));
	tcp_skb_seg(skb)->len = len;
	tcp_sk_of(sk)->rx = skb;
	return tcp_skb_seg(skb);
}

static void deliver(struct sock *sk, struct tcp_seg *seg, u32 skip)
{
	lock_sock(sk);
	tcp_env_deliver(conn_of(sk), seg, skip);
	release_sock(sk);
}

/* The queue holds the octets of the stream from @at on, @len of them, without a gap. */
static void expect_queue(struct kunit *test, struct sock *sk, u32 at, u32 len)
{
	struct sk_buff *skb;
	u32 pos = at, rmem = 0, i;
	u8 octet;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		struct tcp_rcvq_cb *cb = tcp_rcvq_cb(skb);

		KUNIT_ASSERT_LE(test, cb->pos, pos);
		for (i = pos - cb->pos; i < cb->len; i++, pos++) {
			KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, i, &octet, 1), 0);
			KUNIT_ASSERT_EQ_MSG(test, octet, kit_octet(pos), "octet %u", pos);
		}
		rmem += skb->truesize;
	}
	KUNIT_EXPECT_EQ(test, pos, at + len);
	KUNIT_EXPECT_EQ(test, tcp_sk_of(sk)->rcvq_end, at + len);
	KUNIT_EXPECT_EQ(test, atomic_read(&sk->sk_rmem_alloc), rmem);
}

static void empty_queue(struct sock *sk)
{
	lock_sock(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	tcp_sk_of(sk)->rcvq_read = tcp_sk_of(sk)->rcvq_end;
	release_sock(sk);
}

static void segments_in_order_are_one_stream(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	u32 i;

	for (i = 0; i < 20; i++)
		deliver(sk, arrived(test, sk, i * 100, 100), 0);
	expect_queue(test, sk, 0, 2000);
	KUNIT_EXPECT_NULL(test, tcp_sk_of(sk)->rx);
	empty_queue(sk);
}

static void part_that_is_known_is_skipped(struct kunit *test)
{
	struct sock *sk = sock_new(test);

	deliver(sk, arrived(test, sk, 0, 500), 0);
	deliver(sk, arrived(test, sk, 300, 500), 200);
	expect_queue(test, sk, 0, 800);
	empty_queue(sk);
}

static void segment_known_whole_is_freed(struct kunit *test)
{
	struct sock *sk = sock_new(test);

	deliver(sk, arrived(test, sk, 0, 500), 0);
	deliver(sk, arrived(test, sk, 0, 500), 500);
	expect_queue(test, sk, 0, 500);
	KUNIT_EXPECT_NULL(test, tcp_sk_of(sk)->rx);
	empty_queue(sk);
}

/* Bits that a segment did not have in its head: skipped where they lie. */
static void part_that_is_known_lies_in_fragments(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < 1000; i++)
		((u8 *)page_address(page))[i] = kit_octet(300 + i);
	skb_add_rx_frag(skb, 0, page, 0, 1000, PAGE_SIZE);
	memset(skb->cb, 0, sizeof(skb->cb));
	tcp_skb_seg(skb)->len = 1000;
	deliver(sk, arrived(test, sk, 0, 500), 0);
	tcp_sk_of(sk)->rx = skb;
	deliver(sk, tcp_skb_seg(skb), 200);
	expect_queue(test, sk, 0, 1300);
	empty_queue(sk);
}

static void discarded_segment_is_freed(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct tcp_seg *seg = arrived(test, sk, 0, 100);

	lock_sock(sk);
	tcp_env_discard(conn_of(sk), seg);
	release_sock(sk);
	KUNIT_EXPECT_NULL(test, tcp_sk_of(sk)->rx);
	expect_queue(test, sk, 0, 0);
}

/* The urgent octet is found in what comes, and in what is there already. */
static void urgent_octet_is_kept(struct kunit *test)
{
	struct sock *sk = sock_new(test);
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	lock_sock(sk);
	ts->c.rcv.nxt = 1000;
	ts->c.rcv.up = 1000 + 151;
	tcp_rcvq_mark(ts);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, ts->urg_state, TCP_URG_AWAITED);
	deliver(sk, arrived(test, sk, 0, 100), 0);
	KUNIT_EXPECT_EQ(test, ts->urg_state, TCP_URG_AWAITED);
	deliver(sk, arrived(test, sk, 100, 100), 0);
	KUNIT_EXPECT_EQ(test, ts->urg_state, TCP_URG_VALID);
	KUNIT_EXPECT_EQ(test, ts->urg_char, kit_octet(150));
	lock_sock(sk);
	ts->c.rcv.nxt = 1200;
	ts->c.rcv.up = 1000 + 181;
	tcp_rcvq_mark(ts);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, ts->urg_state, TCP_URG_VALID);
	KUNIT_EXPECT_EQ(test, ts->urg_char, kit_octet(180));
	empty_queue(sk);
}

/* A full page with room for nothing, and the next; somebody else reads what is in it. */
static struct page *page_filled(struct kunit *test, struct sock *sk, struct page_frag *pfrag)
{
	KUNIT_ASSERT_TRUE(test, tcp_page_refill(sk, pfrag));
	KUNIT_ASSERT_EQ(test, pfrag->offset, 0);
	KUNIT_ASSERT_EQ(test, pfrag->size, 32768);
	get_page(pfrag->page);
	pfrag->offset = pfrag->size;
	return pfrag->page;
}

/* Of the pages filled last, each is filled again as soon as it was read, and no sooner. */
static void page_that_was_read_is_filled_again(struct kunit *test)
{
	enum { KEPT = 8, ROUNDS = 3 * KEPT };
	struct page *page[ROUNDS], *again;
	struct sock *sk = sock_new(test);
	struct page_frag pfrag = {};
	int i, j;

	/* All of this on one processor. */
	migrate_disable();
	for (i = 0; i < 2 * KEPT; i++) {
		page[i] = page_filled(test, sk, &pfrag);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, page[j], page[i]);
	}
	/* The last is in hand, those before it lie. */
	for (j = 0; j < 2 * KEPT; j++)
		put_page(page[j]);
	for (; i < ROUNDS; i++) {
		page[i] = page_filled(test, sk, &pfrag);
		/* The one in hand had been read: it begins anew. */
		again = i == 2 * KEPT ? page[i - 1] : page[i - 2 - KEPT];
		KUNIT_EXPECT_PTR_EQ(test, page[i], again);
	}
	migrate_enable();
	for (i = 2 * KEPT; i < ROUNDS; i++)
		put_page(page[i]);
	put_page(pfrag.page);
}

static struct kunit_case skb_cases[] = {
	KUNIT_CASE(carve_gives_a_buffer_whole),
	KUNIT_CASE(carve_cuts_what_is_too_long),
	KUNIT_CASE(carve_joins_what_is_short),
	KUNIT_CASE(carve_joins_no_more_than_has_room),
	KUNIT_CASE(carve_of_nothing_is_a_bare_record),
	KUNIT_CASE(uncarve_puts_it_back_in_front),
	KUNIT_CASE(split_is_two_of_one),
	KUNIT_CASE(split_leaves_what_is_in_the_device_queue),
	KUNIT_CASE(trim_forgets_the_front),
	KUNIT_CASE(trim_of_a_clone_gives_room_at_once),
	KUNIT_CASE(segments_in_order_are_one_stream),
	KUNIT_CASE(part_that_is_known_is_skipped),
	KUNIT_CASE(segment_known_whole_is_freed),
	KUNIT_CASE(part_that_is_known_lies_in_fragments),
	KUNIT_CASE(discarded_segment_is_freed),
	KUNIT_CASE(urgent_octet_is_kept),
	KUNIT_CASE(page_that_was_read_is_filled_again),
	{}
};

static struct kunit_suite skb_suite = {
	.name = "plumb_skb",
	.test_cases = skb_cases,
};

kunit_test_suite(skb_suite);
