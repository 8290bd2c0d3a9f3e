/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel side of TCP: what the files of net/tcp/ share. The engine (engine/) decides; here
 * are the socket, its queues, the table where segments find it, and the two small records that
 * stand for a connection before and after it has a socket.
 *
 * Locks, in the order they nest:
 *
 *	socket lock (sk_lock)	the TCB and the queues of one connection. All engine calls on a TCB
 *				are made under it: by its owner, or in softirq with no owner.
 *	listener's queue lock	(tcp_listen.lock) its accept queue.
 *	bucket lock		chains of a bucket, and the records (half-open, TIME-WAIT) in them
 *				whole: there is no other lock and no reference to a record.
 *	wheel lock		the expiry lists of TIME-WAIT records.
 *
 * A listener is read under RCU alone: it is freed after a grace period (SOCK_RCU_FREE).
 *
 * Lifetime: a socket is held by its file or, before accept(), by its listener's queue; when neither
 * is left (SOCK_DEAD) by its being alive as a connection, until tcp_sock_destroy(). The table holds
 * no reference: whoever finds a socket there takes one, if it is not zero (SLAB_TYPESAFE_BY_RCU),
 * and looks again whether it is the right one. A half-open record holds its listener, its timer
 * holds the record. A TIME-WAIT record is held by the wheel. Only a file holds its namespace and
 * the module: records, and sockets without a file, go with a namespace (end.c).
 */
#ifndef _PLUMB_TCP_SOCK_H
#define _PLUMB_TCP_SOCK_H

#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include <plumb/net.h>

#include "../ip/ip.h"
#include "../sock/sock.h"

/* Linux's own TCP has a macro of a name that is a member here. */
#include <linux/tcp.h>
#undef tw_reuse

#include "engine/engine.h"
#include "tcp.h"

/* Before the data of a segment: link, IPv4 and TCP headers with all options. */
#define TCP_HEADROOM	(PLUMB_IP_HEADROOM + 60)

/*
 * What an owner of the socket lock is asked to do when he lets it go: bits of plumb_tcp_sock.owed.
 */
enum tcp_owed {
	TCP_OWED_FLUSH,		/* segments came in from the backlog */
	TCP_OWED_TIMER,		/* the timer ran out */
	TCP_OWED_ROOM,		/* the device took what was queued (small queues) */
	TCP_OWED_PATH,		/* "fragmentation needed": path.mtu changed */
};

/* What the engine told, not yet acted on: bits of plumb_tcp_sock.told. */
#define TCP_TOLD_OPEN		0x01	/* connection is established */
#define TCP_TOLD_READABLE	0x02
#define TCP_TOLD_WRITABLE	0x04
#define TCP_TOLD_FIN		0x08
#define TCP_TOLD_URGENT		0x10
#define TCP_TOLD_ERROR		0x20	/* plumb_tcp_sock.err */
#define TCP_TOLD_TIME_WAIT	0x40
#define TCP_TOLD_NARROW		0x80	/* a segment did not fit its path: path.mtu changed */

/*
 * What became of the urgent octet (RFC 9293 3.8.5; the last one before the urgent pointer, as in
 * Linux).
 */
enum tcp_urg {
	TCP_URG_NONE,
	TCP_URG_AWAITED,	/* announced, not here yet */
	TCP_URG_VALID,		/* in urg_char, to be read with MSG_OOB */
	TCP_URG_READ,
};

/* Bits of plumb_tcp_sock.flow: small queues; atomic, any context. */
enum tcp_flow {
	TCP_FLOW_HELD,		/* the engine was told not to send: wake it when there is room */
	TCP_FLOW_QUEUED,	/* on a CPU's list of sockets to wake */
};

/**
 * struct tcp_listen - what only a listener has
 * @node: in the listener table
 * @sk: back to its socket
 * @lock: guards @first, @last and sk_ack_backlog
 * @first: connections ready for accept(), oldest first (plumb_tcp_sock.next)
 * @last: the newest
 * @halves: half-open records that belong to it
 * @young: of them, those whose SYN-ACK was sent only once
 * @cookie_at: when a SYN cookie was sent last (jiffies, to within a second)
 * @flood_told: the log says already that SYNs come too fast
 * @fast_max: TCP_FASTOPEN: most connections whose peer has not answered our SYN-ACK; 0: none
 * @fast_n: how many there are, with those that a RST ended in the last minute
 * @fast_s: second up to which @fast_rst is swept
 * @fast_rst: how many a RST ended, by second
 * @fast_keys: TCP_FASTOPEN_KEY, or NULL: the namespace's
 *
 * Allocated by the first listen(), freed with the socket after a grace period.
 */
struct tcp_listen {
	struct hlist_node	node;
	struct sock		*sk;
	spinlock_t		lock;	/* of the accept queue: first, last */
	struct plumb_tcp_sock	*first;
	struct plumb_tcp_sock	*last;
	atomic_t		halves;
	atomic_t		young;
	u32			cookie_at;
	bool			flood_told;

	u32			fast_max;
	u32			fast_n;
	u32			fast_s;
	u16			fast_rst[60];
	struct tcp_fast_keys __rcu *fast_keys;
};

/**
 * struct tcp_pacer - the timer that pacing needs, in ns; while it runs it holds the socket
 * @timer: runs in softirq
 * @sk: the socket
 */
struct tcp_pacer {
	struct hrtimer	timer;
	struct sock	*sk;
};

/**
 * struct plumb_tcp_sock - a TCP socket
 * @ps: what all sockets of the family share; must be first
 * @c: the TCB
 * @told: TCP_TOLD_*
 * @err: errno of TCP_TOLD_ERROR, positive
 * @rx: the buffer given to the engine in the call under way, until it is delivered
 * @rcvq_end: octets that ever came to the receive queue (wraps)
 * @rcvq_read: octets the user ever took out of it (wraps)
 * @rcv_ratio: 256ths of receive buffer that are payload, as measured
 * @urg_state: TCP_URG_*
 * @urg_char: the urgent octet
 * @urg_pos: its place, counted as @rcvq_end is
 * @inq: TCP_INQ: tell the octets left with each recvmsg()
 * @gone: tcp_sock_destroy() was there
 * @defer_accept: TCP_DEFER_ACCEPT: seconds to wait for data, as SYN-ACK repeats
 * @save_syn: TCP_SAVE_SYN
 * @rehash: how often the flow's hash was chosen anew after a time-out
 * @pacer: the timer of pacing, or NULL: it was never on
 * @syn: what TCP_SAVED_SYN will give, once; or NULL
 * @cc_chosen: TCP_CONGESTION was set: children take it, not the namespace's default
 * @owed: bits of enum tcp_owed
 * @flow: bits of enum tcp_flow
 * @flow_node: on a CPU's list while TCP_FLOW_QUEUED
 * @lsn: listener's part, or NULL
 * @next: in the accept queue
 * @md5: keys for peers, longest prefix first; written under the socket lock, read under RCU
 * @fast_lsk: Fast Open: the listener, counted, in whose bound we are while our SYN-ACK is not
 *	acknowledged; else NULL
 * @fast_connect: TCP_FASTOPEN_CONNECT
 * @fast_no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @fast_wait: connect() was called, the SYN goes with the first write; the TCB is CLOSED still
 * @fast_retry: the first Fast Open after the path had swallowed some
 */
struct plumb_tcp_sock {
	struct plumb_sock	ps;
	struct tcp_conn		c;

	u16			told;
	u16			rcv_ratio;
	int			err;
	struct sk_buff		*rx;
	u32			rcvq_end;
	u32			rcvq_read;
	u32			urg_pos;
	u8			urg_state;
	u8			urg_char;
	bool			inq;
	bool			gone;
	u8			defer_accept;
	u8			save_syn;
	bool			cc_chosen;
	u32			rehash;
	struct tcp_pacer	*pacer;

	unsigned long		owed;
	unsigned long		flow;
	struct list_head	flow_node;

	struct tcp_listen	*lsn;
	struct plumb_tcp_sock	*next;
	struct tcp_saved_syn	*syn;
	struct tcp_md5_key __rcu *md5;
	struct sock		*fast_lsk;
	bool			fast_connect;
	bool			fast_no_cookie;
	bool			fast_wait;
	bool			fast_retry;
};

static inline struct plumb_tcp_sock *tcp_sk_of(const struct sock *sk)
{
	return (struct plumb_tcp_sock *)sk;
}

static inline struct plumb_tcp_sock *tcp_conn_sock(const struct tcp_conn *c)
{
	return container_of(c, struct plumb_tcp_sock, c);
}

static inline struct sock *tcp_conn_sk(const struct tcp_conn *c)
{
	return &tcp_conn_sock(c)->ps.sk;
}

/* A record and its buffer are one: the record fills skb->cb. */
static inline struct sk_buff *tcp_seg_skb(struct tcp_seg *seg)
{
	BUILD_BUG_ON(sizeof(struct tcp_seg) > sizeof_field(struct sk_buff, cb));
	return (struct sk_buff *)((char *)seg - offsetof(struct sk_buff, cb));
}

static inline struct tcp_seg *tcp_skb_seg(struct sk_buff *skb)
{
	return (struct tcp_seg *)skb->cb;
}

/* In the receive queue: where the first octet of skb->data is, counted as rcvq_end is. */
struct tcp_rcvq_cb {
	u32	pos;
	u32	len;		/* octets from pos to the end of the buffer */
};

static inline struct tcp_rcvq_cb *tcp_rcvq_cb(struct sk_buff *skb)
{
	return (struct tcp_rcvq_cb *)skb->cb;
}

static inline u64 tcp_now(void)
{
	return ktime_get_ns();
}

/* ---- the table (demux.c) ---- */

enum tcp_rec_kind {
	TCP_REC_HALF,
	TCP_REC_TW,
};

/**
 * struct tcp_rec - head of a record that stands for a connection without a socket
 * @node: in its bucket
 * @daddr: peer
 * @saddr: our address
 * @dport: peer's port
 * @num: our port, host order
 * @kind: enum tcp_rec_kind
 * @busy: half-open: its socket is being made; the record stays in the table until that is in
 * @tos: of what it sends
 *
 * Guarded by the bucket's lock.
 */
struct tcp_rec {
	struct hlist_node	node;
	__be32			daddr;
	__be32			saddr;
	__be16			dport;
	u16			num;
	u8			kind;
	bool			busy;
	u8			tos;
};

/**
 * struct tcp_bucket - one chain of sockets and one of records
 * @lock: taken to change either chain, and to look at @recs
 * @socks: of sk_nulls_node; read under RCU
 * @recs: of struct tcp_rec
 */
struct tcp_bucket {
	spinlock_t		lock;	/* writers of the chain */
	struct hlist_nulls_head	socks;
	struct hlist_head	recs;
};

#define TCP_LISTEN_BUCKETS	64
#define TCP_WHEEL_SLOTS		512
#define TCP_WHEEL_TICK		(HZ / 8)

struct tcp_listen_bucket {
	spinlock_t		lock;	/* writers of the chain */
	struct hlist_head	list;
};

/**
 * struct tcp_wheel - expiry of TIME-WAIT records: a slot an eighth of a second
 * @lock: guards the slots
 * @timer: runs while there are records
 * @at: the tick that is looked at next
 * @pn: the namespace
 * @slot: records by tick
 * @due: what was in the slot that is being worked off
 */
struct tcp_wheel {
	spinlock_t		lock;	/* all of the wheel */
	struct timer_list	timer;
	unsigned long		at;
	struct plumb_net	*pn;
	struct hlist_head	slot[TCP_WHEEL_SLOTS];
	struct hlist_head	due;
};

/**
 * struct plumb_tcp_net - TCP in a namespace
 * @par: settings in the engine's units (params.c)
 * @cc: congestion control of new sockets, its module held; changed by xchg() (cc.c)
 * @table: connections, @mask + 1 buckets
 * @mask: number of buckets less one
 * @listeners: by port
 * @wheel: see there
 * @tw_count: TIME-WAIT records
 * @orphans: sockets without a user
 * @isn_key: secret of initial sequence numbers and timestamp offsets (RFC 6528)
 * @cookie_key: secrets of SYN cookies
 * @fast_keys: keys of Fast Open cookies (net.plumb.tcp_fastopen_key)
 * @metrics: what is known of paths
 * @fast_holes: how often in a row Fast Open seemed to be swallowed
 * @fast_hole_s: when it did last (s)
 * @challenge_lock: guards the two below
 * @challenge_s: second that @challenge_n counts
 * @challenge_n: challenge ACKs still allowed in it
 */
struct plumb_tcp_net {
	struct tcp_params		par;
	const struct tcp_cc_ops __rcu	*cc;
	struct tcp_bucket		*table;
	u32				mask;
	siphash_key_t			isn_key;
	siphash_key_t			cookie_key[2];
	struct tcp_fast_keys __rcu	*fast_keys;
	struct tcp_metrics		*metrics;
	atomic_t			fast_holes;
	time64_t			fast_hole_s;
	struct tcp_listen_bucket	listeners[TCP_LISTEN_BUCKETS];
	struct tcp_wheel		wheel;
	atomic_t			tw_count;
	atomic_t			orphans;
	spinlock_t			challenge_lock;	/* the two below */
	u32				challenge_s;
	u32				challenge_n;
};

/**
 * struct tcp_tuple - what a received segment is found by
 * @daddr: peer (the packet's source)
 * @saddr: our address
 * @dport: peer's port
 * @num: our port, host order
 * @dev: interface it came by; for a socket bound to a device
 * @hash: of the four
 */
struct tcp_tuple {
	__be32	daddr;
	__be32	saddr;
	__be16	dport;
	u16	num;
	int	dev;
	u32	hash;
};

u32 tcp_demux_hash(const struct plumb_net *pn, __be32 saddr, u16 num, __be32 daddr, __be16 dport);

static inline struct tcp_bucket *tcp_demux_bucket(const struct plumb_net *pn, u32 hash)
{
	return &pn->tcp->table[hash & pn->tcp->mask];
}

/* A connection's socket with a reference, or NULL. Context: rcu_read_lock(). */
struct sock *tcp_demux_find(struct plumb_net *pn, const struct tcp_tuple *t);
/* Same, in a locked bucket. */
struct sock *tcp_demux_find_locked(struct tcp_bucket *b, const struct tcp_tuple *t)
	__must_hold(&b->lock);
struct tcp_rec *tcp_demux_rec(struct tcp_bucket *b, const struct tcp_tuple *t)
	__must_hold(&b->lock);
void tcp_demux_rec_add(struct tcp_bucket *b, struct tcp_rec *rec)
	__must_hold(&b->lock);
/* Enters a socket; its addresses and ports and sk_hash are set. */
void tcp_demux_add_locked(struct tcp_bucket *b, struct sock *sk)
	__must_hold(&b->lock);
/* Takes a connection or a listener out of its table. Nothing if it is in none. Socket lock held. */
void tcp_demux_del(struct sock *sk);

/* Enters a listener. 0, or reuseport's errno (-ENOMEM, -EADDRINUSE). Socket lock held. */
int tcp_demux_listen(struct sock *sk);
/*
 * tcp_demux_listener() - the listener that fits a segment best
 *
 * Context: rcu_read_lock(), under which the answer may be used without a reference.
 */
struct sock *tcp_demux_listener(struct plumb_net *pn, struct sk_buff *skb,
				const struct tcp_tuple *t);

int tcp_demux_net_init(struct plumb_net *pn);
void tcp_demux_net_exit(struct plumb_net *pn);

/* ---- segments in (rcv.c) ---- */

extern const struct plumb_ip_proto tcp_ip_proto;
/* sk_backlog_rcv. @skb is taken over. */
int tcp_rcv_backlog(struct sock *sk, struct sk_buff *skb);
/* One segment for a locked socket; @skb at the text is taken over. */
void tcp_rcv_segment(struct sock *sk, struct sk_buff *skb, struct tcp_segin *in, u64 now);

/* ---- half-open connections (half.c) ---- */

struct tcp_half_rec {
	struct tcp_rec		rec;		/* first */
	struct tcp_half		h;
	struct sock		*lsk;		/* the listener, counted */
	struct timer_list	timer;
	struct plumb_net	*pn;
	struct tcp_saved_syn	*syn;		/* TCP_SAVE_SYN, or NULL */
	u32			mark;
	int			dev;		/* sk_bound_dev_if of the connection */
};

/* struct tcp_saved_syn - headers of a connection's SYN, from @data on, @len octets */
struct tcp_saved_syn {
	u16	len;
	u8	data[];
};

/* A segment for a listener; @skb is taken over. Context: softirq, RCU. */
void tcp_half_listen(struct plumb_net *pn, struct sock *lsk, struct sk_buff *skb,
		     const struct tcp_tuple *t, struct tcp_segin *in, u32 iss, u64 now);
/*
 * A segment for a half-open record, whose bucket is locked and left unlocked; @skb is taken over.
 */
void tcp_half_segment(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_half_rec *rec,
		      struct sk_buff *skb, const struct tcp_tuple *t, struct tcp_segin *in,
		      u64 now) __releases(&b->lock);
/* An ICMP error for a half-open connection. */
void tcp_half_icmp(struct tcp_bucket *b, struct tcp_half_rec *rec, const struct plumb_icmp_err *e,
		   u32 seq) __must_hold(&b->lock);
/*
 * A listener goes: its half-open connections are forgotten. @lsk NULL: those of all (namespace's
 * end). True: some are left to their timers, whose functions run, and to segments that turn them
 * into sockets: those are through after a grace period.
 */
bool tcp_half_purge(struct plumb_net *pn, struct sock *lsk);
int tcp_half_init(void);
void tcp_half_exit(void);

/* ---- the connection's socket (child.c) ---- */

/*
 * A socket for a record, bh-locked, with two references, in no table yet; NULL: no memory, no
 * route. @rec->lsk is counted.
 */
struct sock *tcp_child_new(struct tcp_half_rec *rec, u64 now);
/* Into the table; false: there is another connection with its addresses and ports. */
bool tcp_child_enter(struct plumb_net *pn, struct sock *child, const struct tcp_tuple *t);
/*
 * A child that is in the table takes its first segment, and is queued for accept(). Gives back
 * one reference and the child's lock; @skb is taken over.
 */
void tcp_child_born(struct sock *lsk, struct sock *child, struct sk_buff *skb,
		    struct tcp_segin *in, u64 now) __releases(&child->sk_lock.slock);

/* ---- SYN cookies (cookie.c) ---- */

/*
 * A SYN of which nothing is kept: @h and @out as tcp_listen_arrives() left them become what a
 * cookie can carry. Context: RCU.
 */
void tcp_cookie_answer(struct plumb_net *pn, const struct sock *lsk, const struct tcp_tuple *t,
		       struct tcp_half *h, struct tcp_segout *out, u64 now);
/*
 * Does this third segment bring a cookie of ours? Then @h (ts_offset, advmss, rcv_wnd and
 * rcv_wscale set) is what the SYN would have left. Context: RCU.
 */
bool tcp_cookie_open(struct plumb_net *pn, const struct sock *lsk, const struct tcp_tuple *t,
		     const struct tcp_segin *in, struct tcp_half *h);

/* ---- TCP-MD5 (md5.c; RFC 2385) ---- */

/**
 * struct tcp_md5_key - a key for a peer; never changed, replaced whole
 * @next: the next shorter prefix
 * @rcu: it is freed by
 * @daddr: the peer's address
 * @prefix: bits of it that count
 * @len: octets of @key
 * @key: the key
 */
struct tcp_md5_key {
	struct tcp_md5_key __rcu *next;
	struct rcu_head		rcu;
	__be32			daddr;
	u8			prefix;
	u8			len;
	u8			key[TCP_MD5SIG_MAXKEYLEN];
};

/* Some socket has, or had, a key. */
DECLARE_STATIC_KEY_FALSE(tcp_md5_used);

/* @sk's key for a peer, or NULL. Context: RCU, or the socket lock held. */
const struct tcp_md5_key *tcp_md5_find(const struct sock *sk, __be32 daddr);
/* TCP_MD5SIG, TCP_MD5SIG_EXT. @sk unlocked. */
int tcp_md5_set(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen);
/* A child takes its listener's key for its peer. 0 or -ENOMEM. Context: softirq, RCU. */
int tcp_md5_inherit(struct sock *child, const struct sock *lsk);
/* The socket goes. */
void tcp_md5_free(struct sock *sk);
/*
 * Is @skb, at its TCP header, signed as @sk wants it of this peer? Counts, if not. Any context.
 */
bool tcp_md5_good(struct plumb_net *pn, const struct sock *sk, struct sk_buff *skb,
		  const struct tcp_segin *in);
/* Signs a segment that is ready but for its checksum; its place is there (TCPO_MD5). */
void tcp_md5_sign(const struct tcp_md5_key *k, struct sk_buff *skb, __be32 saddr, __be32 daddr);
void tcp_md5_exit(void);

/* The same, where it costs a segment of others next to nothing. */
static inline bool tcp_md5_pass(struct plumb_net *pn, const struct sock *sk, struct sk_buff *skb,
				const struct tcp_segin *in)
{
	if (static_branch_unlikely(&tcp_md5_used) || unlikely(in->opt.has & TCPO_MD5))
		return tcp_md5_good(pn, sk, skb, in);
	return true;
}

/* ---- what is known of paths (metrics.c) ---- */

#define TCP_METRICS_CHAINS	512
#define TCP_METRICS_DEPTH	5	/* entries in a chain, at most */

/**
 * struct tcp_fast_past - what is known of Fast Open with a server
 * @mss: what it said; 0: not known
 * @try_exp: 1: ask by the option in its old shape; 2: that was in vain, too
 * @exp: its cookie came in the old shape
 * @len: octets of cookie; 0: none
 * @cookie: the cookie
 */
struct tcp_fast_past {
	u16	mss;
	u8	try_exp;
	bool	exp;
	u8	len;
	u8	cookie[PLUMB_TCP_FAST_COOKIE_MAX];
};

/**
 * struct tcp_metrics_entry - what is known of the path between two addresses
 * @node: in its chain; removed and freed by RCU
 * @rcu: it is freed by
 * @daddr: the peer's address
 * @saddr: ours
 * @used: when anything of it was written last (jiffies), for choosing the oldest
 * @stamp: when @past was written last (jiffies)
 * @past: what connections learned; read by READ_ONCE(), word by word
 * @fast: Fast Open; read and written under the table's lock
 */
struct tcp_metrics_entry {
	struct hlist_node	node;
	struct rcu_head		rcu;
	__be32			daddr, saddr;
	unsigned long		stamp;
	u32			used;
	struct tcp_past		past;
	struct tcp_fast_past	fast;
};

/**
 * struct tcp_metrics - of a namespace
 * @lock: guards the chains and what is written to entries
 * @chain: by a siphash of the addresses
 */
struct tcp_metrics {
	spinlock_t		lock;	/* the chains, writers of entries */
	struct hlist_head	chain[TCP_METRICS_CHAINS];
};

/*
 * The entry of @sk's addresses, or NULL; with @make one is made, at the expense of the oldest of
 * its chain, and NULL means no memory. The lock is held, bottom halves off.
 */
struct tcp_metrics_entry *tcp_metrics_find(struct plumb_net *pn, const struct sock *sk, bool make);
/*
 * Gives a TCB that is about to open, or was made of a half-open record, what is known of its path.
 * Addresses are set; socket lock held.
 */
void tcp_metrics_seed(struct sock *sk);
/* The connection ends in order: what it learned is kept. Socket lock held. */
void tcp_metrics_save(struct sock *sk);
int tcp_metrics_net_init(struct plumb_net *pn);
void tcp_metrics_net_exit(struct plumb_net *pn);

/* ---- Fast Open (fastopen.c, fastcache.c; RFC 7413) ---- */

/* Bits of net.plumb.tcp_fastopen. */
#define TCP_FASTCTL_CLIENT	0x1
#define TCP_FASTCTL_SERVER	0x2
#define TCP_FASTCTL_GIVES_NONE	0x4	/* client: text in the SYN without a cookie */
#define TCP_FASTCTL_NEEDS_NONE	0x200	/* server: takes it so */
#define TCP_FASTCTL_ALL_LISTEN	0x400	/* listeners need no TCP_FASTOPEN */

#define TCP_FAST_COOKIE		8	/* octets of a cookie of ours */

/* struct tcp_fast_keys - replaced whole, read under RCU; the first makes cookies */
struct tcp_fast_keys {
	struct rcu_head	rcu;
	siphash_key_t	key[PLUMB_TCP_FAST_KEYS];
	unsigned int	num;
};

/* TCP_FASTOPEN_KEY: @num keys at @key. 0 or -ENOMEM; how many there are. Process, locked. */
int tcp_fast_key_set(struct sock *sk, const u8 *key, unsigned int num);
unsigned int tcp_fast_key_get(struct sock *sk, u8 *key);
/* TCP_FASTOPEN. 0 or -ENOMEM. Process, locked. */
int tcp_fast_listen(struct sock *sk, int max);
/* listen() on a socket that was not asked for it. */
void tcp_fast_listen_default(struct sock *sk, int backlog);
/*
 * A SYN with the option or text: may a connection be made at once? Then it takes one of the
 * listener's places. @f: what the SYN-ACK carries, its cookie at @cookie (TCP_FAST_COOKIE octets).
 * Context: softirq, RCU.
 */
bool tcp_fast_ask(struct plumb_net *pn, struct sock *lsk, const struct tcp_tuple *t,
		  const struct tcp_segin *in, struct tcp_fast_syn *f, u8 *cookie);
/*
 * Makes it, after tcp_fast_ask(): true: @skb was taken over; false: the place is given back, answer
 * the SYN as any other. @rec stays the caller's.
 */
bool tcp_fast_open(struct plumb_net *pn, struct tcp_half_rec *rec, struct sk_buff *skb,
		   const struct tcp_tuple *t, struct tcp_segin *in, const struct tcp_fast_syn *f,
		   u64 now);
/* The third segment came, or the connection ended before (@reset: by a RST): the place is free. */
void tcp_fast_proven(struct sock *sk, bool reset);
void tcp_fast_net_exit(struct plumb_net *pn);

/*
 * May the SYN of @sk (addresses known) carry text? @f says what it carries besides; @mss is lowered
 * to what the server said last. @cookie: room for PLUMB_TCP_FAST_COOKIE_MAX octets. Process
 * context.
 */
bool tcp_fastcache_ask(struct sock *sk, struct tcp_fast_syn *f, u8 *cookie, u16 *mss);
/* A path swallows what Fast Open sends, it seems. */
void tcp_fastcache_hole_seen(struct sock *sk);

/* ---- accept queue (listen.c) ---- */

/* Makes the listener's part of a socket, if it has none. 0 or -ENOMEM. Process, locked. */
int tcp_listen_alloc(struct sock *sk);

/* Is there room for one more? Any context. */
bool tcp_listen_full(const struct sock *lsk);
/* Queues @child for accept() and wakes the listener; false: it listens no more. */
bool tcp_listen_ready(struct sock *lsk, struct sock *child);
void tcp_listen_stop(struct sock *sk);
void tcp_listen_free(struct sock *sk);

/* ---- TIME-WAIT (tw.c) ---- */

struct tcp_tw_rec {
	struct tcp_rec		rec;		/* first */
	struct tcp_tw		tw;		/* TCPO_MD5 in its opts: part of a tcp_tw_md5 */
	struct hlist_node	wheel;
	struct plumb_bind	bind;
	u32			mark, priority;	/* of what it sends; bind.dev: and where */
};

/* One whose ACKs are signed. */
struct tcp_tw_md5 {
	struct tcp_tw_rec	tw;		/* first */
	struct tcp_md5_key	key;
};

/* The socket's connection goes on as a record, if there may be another one. Socket lock held. */
void tcp_tw_start(struct sock *sk, u64 now);
/* @rec's bucket is locked and left unlocked; @skb is taken over. */
void tcp_tw_segment(struct plumb_net *pn, struct tcp_bucket *b, struct tcp_tw_rec *rec,
		    struct sk_buff *skb, const struct tcp_tuple *t, struct tcp_segin *in,
		    u64 now) __releases(&b->lock);
/* Out of the table and the wheel; tcp_tw_free() follows without the lock. */
void tcp_tw_unlink(struct plumb_net *pn, struct tcp_tw_rec *rec);
void tcp_tw_free(struct plumb_net *pn, struct tcp_tw_rec *rec);
void tcp_tw_net_init(struct plumb_net *pn);
void tcp_tw_net_exit(struct plumb_net *pn);
int tcp_tw_init(void);
void tcp_tw_exit(void);

/* ---- the end of a namespace, and of the module (end.c) ---- */

/* A socket's memory is there, and is being freed. Any context. */
void tcp_end_born(void);
void tcp_end_freed(void);
/* Waits until there is none, at rmmod; none is made any more. May sleep. */
void tcp_end_drain(void);
/* No segment comes in any more: no connection and no half-open one is left. May sleep. */
void tcp_end_net(struct plumb_net *pn);

/* ---- segments out (emit.c, flow.c) ---- */

/* An empty buffer for the write queue, accounted to nobody yet; NULL: no memory. */
struct sk_buff *tcp_emit_alloc(gfp_t gfp);
/* Sends a segment that belongs to no socket: a SYN-ACK, a RST, an ACK of TIME-WAIT. */
struct tcp_stray {
	__be32		saddr, daddr;
	__be16		sport, dport;
	u32		mark, priority;
	int		oif;
	u8		tos;
	const struct tcp_md5_key *md5;	/* it is signed with this, if not NULL */
};

int tcp_emit_stray(struct plumb_net *pn, const struct tcp_stray *to, const struct tcp_segout *out);
/* The same along a path that was just resolved. Context: rcu_read_lock(). */
int tcp_emit_along(struct plumb_net *pn, struct plumb_path *path, const struct tcp_stray *to,
		   const struct tcp_segout *out);
/*
 * Answers a segment by a stray one, whose addresses and ports are its own turned round. A RST has
 * its TOS, too.
 */
void tcp_emit_answer(struct plumb_net *pn, const struct sk_buff *skb, const struct tcp_tuple *t,
		     struct tcp_stray *to, const struct tcp_segout *out);
/* Accounting of a buffer in the write queue or with the engine. */
void tcp_emit_free(struct sock *sk, struct sk_buff *skb);
void tcp_emit_purge(struct sock *sk);

/*
 * Is more than @truesize of @sk still with the device? Then the engine goes on when that is sent.
 * Socket lock held.
 */
bool tcp_flow_busy(struct sock *sk, u32 truesize);
/* A new socket: nothing of it waits. */
void tcp_flow_setup(struct plumb_tcp_sock *ts);
/* skb->destructor of what was given to the device. */
void tcp_flow_wfree(struct sk_buff *skb);
int tcp_flow_init(void);
void tcp_flow_exit(void);

/* ---- receive queue (rcvq.c) and buffers (mem.c) ---- */

/*
 * The engine's urgent pointer moved: remember where the urgent octet is, and the octet if it is
 * here.
 */
void tcp_rcvq_mark(struct plumb_tcp_sock *ts);
int tcp_rcvq_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);
/* May a buffer with text come in, which begins at @seq? Takes the memory it needs. */
bool tcp_mem_admit(struct sock *sk, struct sk_buff *skb, u32 seq);
/* How many of @size octets may go into the send queue; each socket may have a few there. */
u32 tcp_mem_grant(struct sock *sk, u32 size);
u32 tcp_mem_payload(const struct sock *sk, s64 space);
u32 tcp_mem_room(const struct sock *sk);
u32 tcp_mem_limit(const struct sock *sk);
void tcp_mem_measure(struct sock *sk, const struct sk_buff *skb);
void tcp_mem_sndbuf_grow(struct sock *sk);
int tcp_mem_init(void);
void tcp_mem_exit(void);

static inline u32 tcp_rcvq_len(const struct plumb_tcp_sock *ts)
{
	return READ_ONCE(ts->rcvq_end) - READ_ONCE(ts->rcvq_read);
}

/* ---- send queue (snd.c), and its pages (page.c) ---- */

/* sk_page_frag_refill(), but a full page is used again, if it can be. False: no memory. */
bool tcp_page_refill(struct sock *sk, struct page_frag *pfrag);
/* No socket is left: gives back what is kept. */
void tcp_page_exit(void);

/* Of an unsent buffer (its record's spare): nothing may be appended (MSG_EOR). */
#define TCP_SKB_EOR	0x01
/* The same, because its last octet is to be told of (SO_TIMESTAMPING); with ACK: when it came. */
#define TCP_SKB_STAMP	0x02
#define TCP_SKB_STAMP_ACK	0x04

/*
 * tcp_stamp.c: the octets written by one sendmsg() end here: what is to be told of their way
 * (@flags: SOF_TIMESTAMPING_*).
 */
void tcp_stamp_write(struct sock *sk, u32 flags);
/* @to takes over the last octets of @from, and what is to be told of the very last. */
void tcp_stamp_move(struct sk_buff *to, struct sk_buff *from);
/* All of @skb is acknowledged. */
void tcp_stamp_acked(struct sock *sk, struct sk_buff *skb);
/* Tells the reader when what he got had come; @hw: by the adapter's clock. */
void tcp_stamp_read(struct sock *sk, struct msghdr *msg, ktime_t at, ktime_t hw);

int tcp_snd_msg(struct sock *sk, struct msghdr *msg, size_t size);
/* The last @len octets queued are new (tcp_conn_wrote()). */
void tcp_snd_wrote(struct sock *sk, u32 len, bool push, bool urgent);

/* ---- state and events (event.c) ---- */

/*
 * Acts on what the engine told since the last time. Last thing under every hold of the socket
 * lock.
 */
void tcp_settle(struct sock *sk);
/*
 * The connection is over: out of the table, CLOSED; an orphan is destroyed (@sk may be gone then).
 */
void tcp_sock_done(struct sock *sk);
void tcp_state_sync(struct sock *sk, int state);
/* Nobody is left: @sk is CLOSED and SOCK_DEAD. */
void tcp_sock_destroy(struct sock *sk);
void plumb_tcp_write_space(struct sock *sk);
void plumb_tcp_release_cb(struct sock *sk);

/* ---- timer (timer.c) ---- */

void tcp_timer_setup(struct sock *sk);
void tcp_timer_stop(struct sock *sk);
/* SO_MAX_PACING_RATE was set, or the algorithm: the engine is told. Socket lock held. */
void tcp_timer_pacing(struct sock *sk);
/* The last of the socket goes. */
void tcp_timer_free(struct sock *sk);
/* The timer ran out, or seemed to. Socket lock held; tcp_settle() follows. */
void tcp_timer_run(struct sock *sk, u64 now);

/* ---- opening and closing (open.c, close.c) ---- */

int tcp_open_connect(struct sock *sk, struct sockaddr *uaddr, int len);
/**
 * typedef tcp_open_text_t - puts the text for a SYN into the write queue
 * @sk: locked
 * @room: most octets
 * @arg: of tcp_open_fast()
 *
 * Return: octets queued (0 to @room), or errno.
 */
typedef int tcp_open_text_t(struct sock *sk, u32 room, void *arg);
/*
 * connect() by sendmsg() (RFC 7413): as tcp_open_connect(), and @text may be asked for octets,
 * once. A socket whose SYN waits for the first write (fast_wait) has its address already: @uaddr
 * NULL.
 */
int tcp_open_fast(struct sock *sk, struct sockaddr *uaddr, int len, tcp_open_text_t *text,
		  void *arg);
u32 tcp_open_isn(const struct plumb_net *pn, __be32 saddr, __be16 sport, __be32 daddr,
		 __be16 dport);
u32 tcp_open_ts_offset(const struct plumb_net *pn, __be32 saddr, __be32 daddr);
/* The scale that offers @space octets, and that of @sk's largest buffer. */
u8 tcp_open_shift(u32 space);
u8 tcp_open_wscale(const struct sock *sk);
/* Octets offered before the first acknowledgment. */
u32 tcp_open_wnd(const struct sock *sk);
u16 tcp_open_mss(const struct sock *sk, const struct plumb_path *path);
/* What a listener's SYN-ACK says of it: no more than its TCP_MAXSEG. */
/* ---- what the route says (route.c) ---- */

void __tcp_route_open(struct sock *sk, const struct plumb_path *path);
void __tcp_route_half(const struct sock *lsk, const struct plumb_path *path, struct tcp_half *h);
void __tcp_route_changed(struct sock *sk);

/* A connection is about to open along @path. Context: RCU, socket lock. */
static inline void tcp_route_open(struct sock *sk, const struct plumb_path *path)
{
	if (unlikely(path->tuned))
		__tcp_route_open(sk, path);
}

/* The same for a half-open one whose advmss and window are set. Context: RCU. */
static inline void tcp_route_half(const struct sock *lsk, const struct plumb_path *path,
				  struct tcp_half *h)
{
	if (unlikely(path->tuned))
		__tcp_route_half(lsk, path, h);
}

/* Has the way to the peer another MTU now? Of use before text is cut. Context: socket lock. */
static inline void tcp_route_check(struct sock *sk)
{
	if (unlikely(!plumb_path_valid(plumb_sock_net(sk), &plumb_sk(sk)->path)))
		__tcp_route_changed(sk);
}

u16 tcp_open_advmss(const struct sock *lsk, const struct plumb_path *path);
/* The device bounds what is sent at once. */
void tcp_open_gso(struct sock *sk, const struct plumb_path *path);
/* A TCB as a fresh socket has it; @cc is held, the hold is the TCB's from now on. */
void tcp_open_reset(struct sock *sk, const struct tcp_cc_ops *cc);
/* The user has gone, or never came: @sk's connection goes on alone, or it is destroyed. */
void tcp_close_orphan(struct sock *sk);
/* An orphan's connection is aborted, and the orphan destroyed; bh_lock_sock() held. */
void tcp_close_abort(struct sock *sk);
/* A connection that nobody accepted is aborted and destroyed; bh_lock_sock() held. */
void tcp_close_child(struct sock *sk);
void plumb_tcp_close(struct sock *sk, long timeout);
int plumb_tcp_disconnect(struct sock *sk, int flags);
void plumb_tcp_shutdown(struct sock *sk, int how);

/* ---- options (opt.c, info.c) ---- */

int tcp_opt_set(struct sock *sk, int level, int optname, sockptr_t optval, unsigned int optlen);
int tcp_opt_get(struct sock *sk, int level, int optname, char __user *optval, int __user *optlen);
void tcp_opt_keepalive(struct sock *sk, int on);

/* TCP_INFO. Socket lock held. */
struct tcp_conn_info;
void tcp_info_fill(struct sock *sk, struct tcp_conn_info *info);

/* ---- settings (params.c) ---- */

void tcp_params_fill(struct plumb_net *pn);

/* ---- addresses shared with Linux (claim.c) ---- */

/* Is a segment for a connection or listener of ours? Softirq, RCU. */
bool tcp_claim(struct plumb_net *pn, const struct plumb_ip_claim *c, struct sock **sk);
/* Does Linux have a connection between these? Any context. False if no device is shared. */
bool tcp_claim_theirs(struct plumb_net *pn, const struct tcp_tuple *t);

/* ---- ICMP (err.c) ---- */

void tcp_err(struct plumb_net *pn, struct sk_buff *skb, const struct plumb_icmp_err *e);
void tcp_err_path(struct sock *sk);

#endif /* _PLUMB_TCP_SOCK_H */
