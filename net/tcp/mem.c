// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of TCP: the protocol's limits, what a receive buffer holds as payload, and how buffers
 * grow.
 *
 * Everything queued counts with its true size. A window is offered for payload, so the part of the
 * buffer that is payload is measured from what arrives (rcv_ratio). Under pressure the room, and so
 * the window, shrinks first; then records out of order are given up; only then is a segment's text
 * refused.
 *
 * At the limits' end, where the core gives nothing more, a connection still moves: the next segment
 * in order is taken when its reader has nothing to read, and a writer may have tcp_wmem's least.
 * Otherwise connections that hold all memory in their send queues would wait for room at each
 * other's receivers, for ever.
 */
#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/swap.h>

#include <plumb/init.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "engine/env.h"
#include "mem.h"

atomic_long_t tcp_mem_allocated ____cacheline_aligned_in_smp;
DEFINE_PER_CPU(int, tcp_mem_fw_alloc);
struct percpu_counter tcp_mem_sockets;
unsigned long tcp_mem_pressure;
long plumb_tcp_mem[3] __read_mostly;
/* What the core guarantees a socket under pressure: the least of tcp_wmem and tcp_rmem. */
int tcp_mem_wmem_min[3] __read_mostly = { 4096, 16384, 4 << 20 };
int tcp_mem_rmem_min[3] __read_mostly = { 4096, 131072, 6 << 20 };

void tcp_mem_enter_pressure(struct sock *sk)
{
	if (READ_ONCE(tcp_mem_pressure))
		return;
	WRITE_ONCE(tcp_mem_pressure, max(jiffies, 1UL));
	PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_TCPMEMORYPRESSURES);
}

void tcp_mem_leave_pressure(struct sock *sk)
{
	unsigned long since = READ_ONCE(tcp_mem_pressure);

	if (!since || !xchg(&tcp_mem_pressure, 0))
		return;
	PLUMB_LINUX_ADD(plumb_sock_net(sk), LINUX_MIB_TCPMEMORYPRESSURESCHRONO,
			jiffies_to_msecs(jiffies - since));
}

u32 tcp_mem_payload(const struct sock *sk, s64 space)
{
	return space <= 0 ? 0 : (u32)(space * tcp_sk_of(sk)->rcv_ratio >> 8);
}

/* What is left of @space by what waits already. */
static u32 mem_room_in(const struct sock *sk, s64 space)
{
	return tcp_mem_payload(sk, space - READ_ONCE(sk->sk_backlog.len) -
			       atomic_read(&sk->sk_rmem_alloc));
}

u32 tcp_mem_room(const struct sock *sk)
{
	return mem_room_in(sk, READ_ONCE(sk->sk_rcvbuf));
}

u32 tcp_mem_limit(const struct sock *sk)
{
	int max = READ_ONCE(sk->sk_rcvbuf);

	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		max = max(max, READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_rmem[2]));
	return tcp_mem_payload(sk, max);
}

/*
 * Pressure. Of the protocol's memory the core grants each socket an equal part and refuses what is
 * beyond; who is offered half of that loses nothing, and it still comes in large segments. (Small
 * ones would cost more memory for the same text, and more time.) Where it is the memory cgroup that
 * has no more, who has much to read already gets what keeps the peer going.
 */
static noinline u32 mem_room_pressed(const struct sock *sk, u32 room)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	s64 part;

	if (READ_ONCE(tcp_mem_pressure)) {
		part = (s64)READ_ONCE(plumb_tcp_mem[2]) * (PAGE_SIZE / 2);
		part = div64_s64(part, max(percpu_counter_read_positive(&tcp_mem_sockets), 1));
		return min(room, mem_room_in(sk, part));
	}
	if (room < tcp_mem_payload(sk, READ_ONCE(sk->sk_rcvbuf)) / 2)
		return min_t(u32, room, 4U * c->rcv.advmss);
	return room;
}

u32 tcp_env_rcv_room(const struct tcp_conn *c)
{
	const struct sock *sk = tcp_conn_sk(c);
	u8 apart = READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_app_win);
	u32 room = tcp_mem_room(sk);

	/* Left to the reader: one part of 2^tcp_app_win. */
	if (unlikely(apart && apart < 31))
		room -= room >> apart;
	if (unlikely(sk_under_memory_pressure(sk)))
		room = mem_room_pressed(sk, room);
	return room;
}

u32 tcp_env_rcv_limit(const struct tcp_conn *c)
{
	return tcp_mem_limit(tcp_conn_sk(c));
}

void tcp_env_rcv_grow(struct tcp_conn *c, u32 bytes)
{
	struct sock *sk = tcp_conn_sk(c);
	struct plumb_net *pn = plumb_sock_net(sk);
	s64 want;

	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) || !READ_ONCE(pn->sysctl.tcp_moderate_rcvbuf))
		return;
	/* Twice a round trip's worth, and room for the first windows of a burst. */
	want = 2 * (s64)bytes + 16 * c->rcv.advmss;
	want = div_s64(want << 8, max_t(u16, tcp_sk_of(sk)->rcv_ratio, 1));
	want = min_t(s64, want, READ_ONCE(pn->sysctl.tcp_rmem[2]));
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, (int)want);
}

/* How much of what arrives is payload; looked at for every 16th full segment. */
void tcp_mem_measure(struct sock *sk, const struct sk_buff *skb)
{
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	u32 ratio;

	if ((ts->c.stat.data_in & 15) || skb->len < 536)
		return;
	ratio = (u32)(((u64)skb->len << 8) / skb->truesize);
	ts->rcv_ratio = clamp_t(u32, ratio, 16, 250);
}

static bool tcp_mem_fits(struct sock *sk, struct sk_buff *skb)
{
	return atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/*
 * What is granted whatever the limits say is the socket's debt (its sk_forward_alloc goes below
 * zero), counted with its next grant: the core has nothing by which a module could count it at
 * once, with the memory cgroup's share.
 */
u32 tcp_mem_grant(struct sock *sk, u32 size)
{
	s64 left;

	if (likely(sk_wmem_schedule(sk, size)))
		return size;
	left = (s64)READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_wmem[0]) - sk->sk_wmem_queued;
	return clamp_t(s64, left, 0, size);
}

bool tcp_mem_admit(struct sock *sk, struct sk_buff *skb, u32 seq)
{
	struct tcp_conn *c = &tcp_sk_of(sk)->c;

	if (likely(tcp_mem_fits(sk, skb)))
		return true;
	PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_PRUNECALLED);
	while (c->ooo.segs) {
		if (!tcp_conn_shed(c, max(c->ooo.segs / 4, 1U)))
			break;
		PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_OFOPRUNED);
		if (tcp_mem_fits(sk, skb))
			return true;
	}
	if (seq_leq(seq, c->rcv.nxt) && skb_queue_empty(&sk->sk_receive_queue))
		return true;
	PLUMB_LINUX_INC(plumb_sock_net(sk), LINUX_MIB_RCVPRUNED);
	return false;
}

/* The send buffer holds two windows: one in flight, one to be written meanwhile. */
void tcp_mem_sndbuf_grow(struct sock *sk)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	struct plumb_net *pn = plumb_sock_net(sk);
	u32 mss = max_t(u32, c->snd.mss, 536);
	u64 want;

	if ((sk->sk_userlocks & SOCK_SNDBUF_LOCK) || sk_under_memory_pressure(sk))
		return;
	want = roundup_pow_of_two(mss + TCP_HEADROOM +
				  SKB_DATA_ALIGN(sizeof(struct skb_shared_info)));
	want += SKB_DATA_ALIGN(sizeof(struct sk_buff));
	want *= 2 * max3(c->cong.cwnd, tcp_conn_first_cwnd(c), c->par->reordering + 1);
	want = min_t(u64, want, READ_ONCE(pn->sysctl.tcp_wmem[2]));
	if (want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, (int)want);
}

int tcp_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	plumb_tcp_mem[0] = limit / 4 * 3;
	plumb_tcp_mem[1] = limit;
	plumb_tcp_mem[2] = plumb_tcp_mem[0] * 2;
	return percpu_counter_init(&tcp_mem_sockets, 0, GFP_KERNEL);
}

void tcp_mem_exit(void)
{
	percpu_counter_destroy(&tcp_mem_sockets);
}
