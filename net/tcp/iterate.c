// SPDX-License-Identifier: GPL-2.0
/*
 * TCP's sockets, half-open connections and TIME-WAIT records, one by one, for /proc/net/plumb/tcp;
 * and its figures for sockstat. Buckets are numbered listeners first, then the table.
 */
#include <linux/jiffies.h>

#include <plumb/sockrow.h>

#include "sock.h"
#include "../../kmod/compat/tcp.h"
#include "engine/cong.h"
#include "iterate.h"
#include "mem.h"

static unsigned long tcp_iterate_left(u64 at, u64 now)
{
	return at > now ? nsecs_to_jiffies(at - now) : 0;
}

static void tcp_iterate_timer(const struct tcp_conn *c, struct plumb_sockrow *row, u64 now)
{
	const u64 *at = c->tmr.at;
	u64 rtx = min(READ_ONCE(at[TCP_TMR_RTO]), READ_ONCE(at[TCP_TMR_LOSS]));

	if (rtx != TCP_NEVER) {
		row->timer = c->rtx.packets || c->state == TCPS_SYN_SENT ? PLUMB_TIMER_REXMIT
									 : PLUMB_TIMER_PROBE0;
		row->timer_when = tcp_iterate_left(rtx, now);
	} else if (at[TCP_TMR_KEEP] != TCP_NEVER) {
		row->timer = PLUMB_TIMER_KEEPALIVE;
		row->timer_when = tcp_iterate_left(at[TCP_TMR_KEEP], now);
	}
}

static void tcp_iterate_addr(const struct sock *sk, struct plumb_sockrow *row)
{
	row->object = sk;
	row->kind = PLUMB_ROW_SOCK;
	row->state = READ_ONCE(sk->sk_state);
	row->saddr = sk->sk_rcv_saddr;
	row->daddr = sk->sk_daddr;
	row->sport = sk->sk_num;
	row->dport = ntohs(sk->sk_dport);
	row->uid = sock_i_uid((struct sock *)sk);
	row->ino = sock_i_ino((struct sock *)sk);
	row->refcnt = refcount_read(&sk->sk_refcnt);
}

static void tcp_iterate_listener(const struct sock *sk, struct plumb_sockrow *row)
{
	tcp_iterate_addr(sk, row);
	row->rx_queue = READ_ONCE(sk->sk_ack_backlog);
	row->tx_queue = 0;
	row->rto = HZ;		/* RFC 6298 2.1: what its connections begin with */
	row->cwnd = 10;
	row->ssthresh = 0;
}

static void tcp_iterate_sock(const struct sock *sk, struct plumb_sockrow *row, u64 now)
{
	const struct plumb_tcp_sock *ts = tcp_sk_of(sk);
	const struct tcp_conn *c = &ts->c;

	tcp_iterate_addr(sk, row);
	row->tx_queue = tcp_conn_unacked(c) + tcp_conn_unsent(c);
	row->rx_queue = tcp_rcvq_len(ts);
	tcp_iterate_timer(c, row, now);
	row->retransmits = READ_ONCE(c->rtt.timeouts);
	row->probes = READ_ONCE(c->rtt.probes);
	row->rto = usecs_to_jiffies(READ_ONCE(c->rtt.rto_us));
	row->ato = usecs_to_jiffies(READ_ONCE(c->ackd.ato_us));
	row->ack_mode = READ_ONCE(c->ackd.quick) << 1 | READ_ONCE(c->ackd.pingpong);
	row->cwnd = READ_ONCE(c->cong.cwnd);
	row->ssthresh = c->cong.ssthresh >= TCP_SSTHRESH_NONE ? -1 : (int)c->cong.ssthresh;
}

static void tcp_iterate_rec(const struct tcp_rec *rec, struct plumb_sockrow *row, u64 now)
{
	row->object = rec;
	row->saddr = rec->saddr;
	row->daddr = rec->daddr;
	row->sport = rec->num;
	row->dport = ntohs(rec->dport);
	row->refcnt = 1;
	if (rec->kind == TCP_REC_HALF) {
		const struct tcp_half_rec *h = (const struct tcp_half_rec *)rec;

		row->kind = PLUMB_ROW_REQUEST;
		row->state = TCP_SYN_RECV;
		row->timer = PLUMB_TIMER_REXMIT;
		row->timer_when = tcp_iterate_left(h->h.deadline_ns, now);
		row->retransmits = h->h.timeouts;
		row->uid = sock_i_uid(h->lsk);
	} else {
		const struct tcp_tw_rec *tw = (const struct tcp_tw_rec *)rec;

		row->kind = PLUMB_ROW_TIMEWAIT;
		row->state = tw->tw.state;
		row->timer = PLUMB_TIMER_TIMEWAIT;
		row->timer_when = tcp_iterate_left(tw->tw.deadline_ns, now);
	}
}

/* What a walk fills. */
struct tcp_iterate {
	struct plumb_sockrow	*rows;
	unsigned int		n, max;
	u32			seen, skip;
	u64			now;
};

/* The row for the next object of a bucket, or NULL: it was shown before, or there is no room. */
static struct plumb_sockrow *tcp_iterate_row(struct tcp_iterate *it)
{
	if (it->n == it->max)
		return NULL;
	return it->seen++ < it->skip ? NULL : &it->rows[it->n++];
}

static void tcp_iterate_listeners(struct tcp_listen_bucket *b, struct tcp_iterate *it)
{
	struct plumb_sockrow *row;
	struct tcp_listen *l;

	rcu_read_lock();
	hlist_for_each_entry_rcu(l, &b->list, node) {
		row = tcp_iterate_row(it);
		if (row)
			tcp_iterate_listener(l->sk, row);
	}
	rcu_read_unlock();
}

static void tcp_iterate_bucket(struct tcp_bucket *b, struct tcp_iterate *it)
{
	const struct hlist_nulls_node *node;
	struct plumb_sockrow *row;
	struct tcp_rec *rec;
	struct sock *sk;

	if (hlist_nulls_empty(&b->socks) && hlist_empty(&b->recs))
		return;
	spin_lock_bh(&b->lock);
	sk_nulls_for_each(sk, node, &b->socks) {
		row = tcp_iterate_row(it);
		if (row)
			tcp_iterate_sock(sk, row, it->now);
	}
	hlist_for_each_entry(rec, &b->recs, node) {
		row = tcp_iterate_row(it);
		if (row)
			tcp_iterate_rec(rec, row, it->now);
	}
	spin_unlock_bh(&b->lock);
}

static unsigned int tcp_iterate_walk(struct plumb_net *pn, struct plumb_sockrow_pos *pos,
				     struct plumb_sockrow *rows, unsigned int max)
{
	struct tcp_iterate it = { .rows = rows, .max = max, .now = tcp_now() };
	u32 end = TCP_LISTEN_BUCKETS + pn->tcp->mask + 1;

	while (pos->bucket < end) {
		it.seen = 0;
		it.skip = pos->skip;
		if (pos->bucket < TCP_LISTEN_BUCKETS)
			tcp_iterate_listeners(&pn->tcp->listeners[pos->bucket], &it);
		else
			tcp_iterate_bucket(&pn->tcp->table[pos->bucket - TCP_LISTEN_BUCKETS], &it);
		if (it.n == it.max) {
			pos->skip = it.seen;
			break;
		}
		pos->bucket++;
		pos->skip = 0;
	}
	return it.n;
}

static void tcp_iterate_stat(struct plumb_net *pn, struct plumb_sockstat *st)
{
	st->inuse = sock_prot_inuse_get(pn->net, &plumb_tcp_prot);
	st->orphan = atomic_read(&pn->tcp->orphans);
	st->tw = atomic_read(&pn->tcp->tw_count);
	st->alloc = percpu_counter_sum_positive(&tcp_mem_sockets);
	st->mem = proto_memory_allocated(&plumb_tcp_prot);
}

void tcp_iterate_init(void)
{
	plumb_sockrow_set(PLUMB_ROWS_TCP, tcp_iterate_walk);
	plumb_sockstat_set(PLUMB_ROWS_TCP, tcp_iterate_stat);
}

void tcp_iterate_exit(void)
{
	plumb_sockrow_set(PLUMB_ROWS_TCP, NULL);
	plumb_sockstat_set(PLUMB_ROWS_TCP, NULL);
}
