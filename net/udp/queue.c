// SPDX-License-Identifier: GPL-2.0
/*
 * A UDP socket's receive queue and the memory it holds. Softirq adds to
 * sk_receive_queue under that queue's lock; a reader takes all of it over at once into
 * a queue of its own, so the two meet seldom. No socket lock, no backlog.
 *
 * Memory: sk_rmem_alloc bounds the queue by SO_RCVBUF; sk_forward_alloc is the part
 * charged to udp_mem, guarded by sk_receive_queue.lock.
 */
#include <net/sock.h>

#include <plumb/drop.h>
#include <plumb/mib.h>

#include "udp.h"

static bool plumb_udp_charge(struct sock *sk, int size)
{
	int want = size - sk->sk_forward_alloc;

	return want <= 0 || __sk_mem_schedule(sk, want, SK_MEM_RECV);
}

int plumb_udp_enqueue(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	unsigned int size = skb->truesize;

	/* One datagram always finds room, however small the buffer is. */
	if ((unsigned int)atomic_read(&sk->sk_rmem_alloc) > (unsigned int)READ_ONCE(sk->sk_rcvbuf))
		return -ENOMEM;
	if ((unsigned int)atomic_add_return(size, &sk->sk_rmem_alloc) >
	    size + (unsigned int)READ_ONCE(sk->sk_rcvbuf)) {
		atomic_sub(size, &sk->sk_rmem_alloc);
		return -ENOMEM;
	}

	spin_lock(&q->lock);
	if (!plumb_udp_charge(sk, size)) {
		spin_unlock(&q->lock);
		atomic_sub(size, &sk->sk_rmem_alloc);
		return -ENOBUFS;
	}
	sk_forward_alloc_add(sk, -size);
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(q, skb);
	spin_unlock(&q->lock);

	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return 0;
}

/* Gives @size octets back; sk_receive_queue.lock is held. */
static void plumb_udp_uncharge(struct sock *sk, unsigned int size, bool keep_part)
{
	int spare;

	sk_forward_alloc_add(sk, size);
	/* Less than a page stays for the next datagram. */
	spare = (sk->sk_forward_alloc - keep_part) & ~(PAGE_SIZE - 1);
	if (spare > 0)
		__sk_mem_reclaim(sk, spare);
	atomic_sub(size, &sk->sk_rmem_alloc);
}

/*
 * The reader has taken @size octets off its queue, whose lock is held: how many are to
 * be given back now. Small amounts are gathered while there is more to read.
 */
static unsigned int plumb_udp_due(struct sock *sk, unsigned int size)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	unsigned int due;

	lockdep_assert_held(&up->reader.lock);
	up->deficit += size;
	if (up->deficit < READ_ONCE(sk->sk_rcvbuf) >> 2 && !skb_queue_empty(&up->reader))
		return 0;
	due = up->deficit;
	up->deficit = 0;
	return due;
}

static void plumb_udp_release(struct sock *sk, unsigned int size)
{
	unsigned int due = plumb_udp_due(sk, size);

	if (!due)
		return;
	spin_lock(&sk->sk_receive_queue.lock);
	plumb_udp_uncharge(sk, due, true);
	spin_unlock(&sk->sk_receive_queue.lock);
}

/*
 * The first datagram of the reader's queue, or with MSG_PEEK the one that octet *off lies in
 * (-1: no SO_PEEK_OFF); *off then is the place in it.
 */
static struct sk_buff *plumb_udp_take(struct sock *sk, unsigned int flags, int *off)
{
	struct sk_buff_head *q = &plumb_udp_sk(sk)->reader;
	bool at_off = *off >= 0;
	struct sk_buff *skb;
	int skip = max(*off, 0);

	skb_queue_walk(q, skb) {
		if (!(flags & MSG_PEEK)) {
			__skb_unlink(skb, q);
			return skb;
		}
		if (at_off && skip >= (int)skb->len && (skip || skb->peeked)) {
			skip -= skb->len;
			continue;
		}
		skb->peeked = 1;
		refcount_inc(&skb->users);
		*off = skip;
		return skb;
	}
	return NULL;
}

static struct sk_buff *plumb_udp_try(struct sock *sk, unsigned int flags, int *off)
{
	struct sk_buff_head *reader = &plumb_udp_sk(sk)->reader, *q = &sk->sk_receive_queue;
	bool peek = flags & MSG_PEEK;
	struct sk_buff *skb;
	unsigned int due;

	spin_lock_bh(&reader->lock);
	skb = plumb_udp_take(sk, flags, off);
	if (skb && !peek) {
		plumb_udp_release(sk, skb->truesize);
	} else if (!skb && !skb_queue_empty_lockless(q)) {
		spin_lock(&q->lock);
		skb_queue_splice_tail_init(q, reader);
		skb = plumb_udp_take(sk, flags, off);
		due = skb && !peek ? plumb_udp_due(sk, skb->truesize) : 0;
		if (due)
			plumb_udp_uncharge(sk, due, true);
		spin_unlock(&q->lock);
	}
	spin_unlock_bh(&reader->lock);
	return skb;
}

struct sk_buff *plumb_udp_dequeue(struct sock *sk, unsigned int flags, int *off, int *err)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;

	do {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		*err = -EAGAIN;
		do {
			skb = plumb_udp_try(sk, flags, off);
			if (skb)
				return skb;
		} while (!skb_queue_empty_lockless(q));
	} while (timeo && !__skb_wait_for_more_packets(sk, q, err, &timeo, (struct sk_buff *)q));
	return NULL;
}

static void plumb_udp_count_bad(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);

	PLUMB_UDP_INC(pn, UDP_MIB_CSUMERRORS);
	PLUMB_UDP_INC(pn, UDP_MIB_INERRORS);
	atomic_inc(&sk->sk_drops);
}

void plumb_udp_drop_bad(struct sock *sk, struct sk_buff *skb, unsigned int flags)
{
	struct sk_buff_head *reader = &plumb_udp_sk(sk)->reader;
	bool ours = true;

	if (flags & MSG_PEEK) {
		/* Unless another reader took it meanwhile, it still waits there. */
		spin_lock_bh(&reader->lock);
		ours = skb->next;
		if (ours) {
			__skb_unlink(skb, reader);
			plumb_udp_release(sk, skb->truesize);
			refcount_dec(&skb->users);
		}
		spin_unlock_bh(&reader->lock);
	}
	if (ours)
		plumb_udp_count_bad(sk);
	plumb_drop(plumb_sock_net(sk), skb, PLUMB_DROP_UDP_CHECKSUM);
}

/* The first datagram of the reader's queue whose checksum is right; others go. */
static struct sk_buff *plumb_udp_first_good(struct sock *sk)
{
	struct sk_buff_head *reader = &plumb_udp_sk(sk)->reader;
	struct sk_buff *skb;

	while ((skb = skb_peek(reader)) && plumb_udp_csum_bad(skb)) {
		__skb_unlink(skb, reader);
		plumb_udp_release(sk, skb->truesize);
		plumb_udp_count_bad(sk);
		plumb_drop(plumb_sock_net(sk), skb, PLUMB_DROP_UDP_CHECKSUM);
	}
	return skb;
}

int plumb_udp_first_len(struct sock *sk)
{
	struct sk_buff_head *reader = &plumb_udp_sk(sk)->reader, *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	int len;

	spin_lock_bh(&reader->lock);
	skb = plumb_udp_first_good(sk);
	if (!skb && !skb_queue_empty_lockless(q)) {
		spin_lock(&q->lock);
		skb_queue_splice_tail_init(q, reader);
		spin_unlock(&q->lock);
		skb = plumb_udp_first_good(sk);
	}
	len = skb ? skb->len : -1;
	spin_unlock_bh(&reader->lock);
	return len;
}

/* The socket's end: nobody else has it any more. */
void plumb_udp_purge(struct sock *sk)
{
	struct plumb_udp_sock *up = plumb_udp_sk(sk);
	unsigned int total = up->deficit;
	struct sk_buff *skb;

	up->deficit = 0;
	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb_queue_splice_tail_init(&sk->sk_receive_queue, &up->reader);
	while ((skb = __skb_dequeue(&up->reader))) {
		total += skb->truesize;
		kfree_skb(skb);
	}
	plumb_udp_uncharge(sk, total, false);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
}
