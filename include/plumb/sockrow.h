/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket as a line of /proc/net/plumb/{tcp,udp,raw,icmp}: each protocol registers a walk
 * over its sockets, kmod/proc_sock.c asks and formats. So no protocol knows the files' formats,
 * and the files know no protocol's tables.
 */
#ifndef _PLUMB_SOCKROW_H
#define _PLUMB_SOCKROW_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct plumb_net;

enum plumb_sockrow_table {
	PLUMB_ROWS_TCP,
	PLUMB_ROWS_UDP,
	PLUMB_ROWS_RAW,
	PLUMB_ROWS_PING,
	PLUMB_ROWS_NR
};

/* Numbers of the column "tr" of /proc/net/tcp. */
enum plumb_sockrow_timer {
	PLUMB_TIMER_NONE = 0,
	/* retransmission, loss probe, reordering; of a half-open: SYN-ACK */
	PLUMB_TIMER_REXMIT = 1,
	PLUMB_TIMER_KEEPALIVE = 2,
	PLUMB_TIMER_TIMEWAIT = 3,
	PLUMB_TIMER_PROBE0 = 4,		/* zero window probe */
};

/**
 * struct plumb_sockrow - one socket, half-open connection or TIME-WAIT record
 * @object: address of the struct sock (or record); shown by %pK only
 * @kind: what @object is
 * @state: TCP_ESTABLISHED ... as in linux/net/tcp_states.h
 * @slot: number of the hash slot (column "sl"); not looked at for TCP
 * @saddr: local address
 * @daddr: peer's address, or 0
 * @sport: local port, host order; raw: the protocol
 * @dport: peer's port, host order
 * @tx_queue: bytes: TCP: sent but not acknowledged plus not yet sent; else sk_wmem_alloc_get()
 * @rx_queue: bytes that wait for the reader; of a listener: connections that wait for accept()
 * @timer: which timer is armed
 * @timer_when: jiffies until it fires (0: overdue)
 * @retransmits: times the oldest segment was retransmitted without an answer (or SYN-ACKs sent)
 * @probes: unanswered probes (column "timeout")
 * @uid: sock_i_uid(); of a half-open connection: its listener's
 * @ino: sock_i_ino(), 0: none
 * @refcnt: references to @object
 * @rto: jiffies: retransmission timeout
 * @ato: jiffies: delayed ACK timeout
 * @ack_mode: quick ACKs left << 1 | interactive ("pingpong")
 * @cwnd: congestion window in segments
 * @ssthresh: segments, -1 while in the first slow start; of a listener: Fast Open queue limit
 * @drops: not TCP: datagrams dropped for want of buffer
 */
struct plumb_sockrow {
	const void			*object;
	enum {
		PLUMB_ROW_SOCK,
		PLUMB_ROW_REQUEST,
		PLUMB_ROW_TIMEWAIT,
	}				kind;
	u8				state;
	u32				slot;
	__be32				saddr, daddr;
	u16				sport, dport;
	u32				tx_queue, rx_queue;
	enum plumb_sockrow_timer	timer;
	unsigned long			timer_when;
	u32				retransmits;
	u32				probes;
	kuid_t				uid;
	unsigned long			ino;
	int				refcnt;
	unsigned long			rto, ato;
	u32				ack_mode;
	u32				cwnd;
	int				ssthresh;
	u32				drops;
};

/**
 * struct plumb_sockrow_pos - where a walk stands
 * @bucket: hash bucket (the protocol numbers them as it likes, tables one after the other)
 * @skip: objects of that bucket that were passed
 *
 * Zero is the start. Sockets that come and go meanwhile may be missed or seen twice in one
 * bucket, as in Linux.
 */
struct plumb_sockrow_pos {
	u32	bucket;
	u32	skip;
};

/**
 * typedef plumb_sockrow_walk_t - fill rows from where the last call stopped
 * @pn: the namespace; sockets of others are passed over
 * @pos: where to begin; left where the next call goes on
 * @rows: what is filled, zeroed before
 * @max: room, at least 1
 *
 * TCP: listeners first, then all other sockets, half-open connections and TIME-WAIT records.
 *
 * Context: process; takes its own locks or rcu_read_lock().
 * Return: how many rows were filled; 0: the end.
 */
typedef unsigned int (*plumb_sockrow_walk_t)(struct plumb_net *pn, struct plumb_sockrow_pos *pos,
					     struct plumb_sockrow *rows, unsigned int max);

/**
 * plumb_sockrow_set() - offer a protocol's sockets, or withdraw them with NULL
 * @table: which
 * @walk: the function; when NULL returns no walk is running any more
 *
 * Context: process, may sleep.
 */
void plumb_sockrow_set(enum plumb_sockrow_table table, plumb_sockrow_walk_t walk);

/**
 * struct plumb_sockstat - what /proc/net/plumb/sockstat tells of a protocol
 * @inuse: sockets in use (TCP: without orphans and TIME-WAIT, as sock_prot_inuse_get())
 * @orphan: TCP: no longer attached to a file
 * @tw: TCP: TIME-WAIT records
 * @alloc: TCP: sockets allocated, all namespaces
 * @mem: pages of buffer memory, all namespaces
 */
struct plumb_sockstat {
	int	inuse, orphan, tw, alloc;
	long	mem;
};

/* As plumb_sockrow_set(), for the figures. */
typedef void (*plumb_sockstat_t)(struct plumb_net *pn, struct plumb_sockstat *st);
void plumb_sockstat_set(enum plumb_sockrow_table table, plumb_sockstat_t fill);

#endif /* _PLUMB_SOCKROW_H */
