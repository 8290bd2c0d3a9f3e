/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's way out: what it asks of whoever embeds it. A link-time seam: the module
 * (net/tcp/) and the simulator (selftests/sim/) each define these functions.
 *
 * Context: called from inside an engine call on the same connection; none may call
 * back into the engine for that connection.
 */
#ifndef _PLUMB_TCP_ENV_H
#define _PLUMB_TCP_ENV_H

#include "engine.h"

/**
 * tcp_env_carve() - take the next octets off the unsent part of the stream
 * @c: the connection
 * @max: most octets to take; the unsent part has at least one, or @max is 0 (a bare FIN's record)
 *
 * Return: a record with @len set, of 1 to @max octets (less where the buffer ends: the engine
 * asks again), TCPF_PSH in @flags if tcp_conn_wrote() wanted one on the last of them, zeroed
 * otherwise; NULL: no memory (the engine tries again by timer).
 */
struct tcp_seg *tcp_env_carve(struct tcp_conn *c, u32 max);

/*
 * @seg, just carved, did not leave the host: back to the front of the unsent part, as it was. An
 * empty one is freed.
 */
void tcp_env_uncarve(struct tcp_conn *c, struct tcp_seg *seg);

/* Octets the next tcp_env_carve() could give without joining or splitting. */
u32 tcp_env_carve_hint(const struct tcp_conn *c);

/*
 * Make the next tcp_env_carve() able to give @len octets, which the unsent part has. Returns how
 * many to ask it for: fewer if its buffers may not be joined (a record ends there).
 */
u32 tcp_env_gather(struct tcp_conn *c, u32 len);

/*
 * Cut @seg in two after @len octets: the first keeps its record, the second's is returned,
 * zeroed. The engine writes all fields of both. NULL: no memory.
 */
struct tcp_seg *tcp_env_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len);

/*
 * The first @len octets of @seg were acknowledged: forget them (@seg->seq and len are already the
 * rest's).
 */
void tcp_env_trim(struct tcp_conn *c, struct tcp_seg *seg, u32 len);

/* All of @seg is acknowledged (or the connection is over): free it. */
void tcp_env_acked(struct tcp_conn *c, struct tcp_seg *seg);

/**
 * tcp_env_emit() - send a segment
 * @c: the connection
 * @seg: the record whose octets are the text, or NULL for a segment without text, and for a SYN,
 *	whose text (Fast Open) is the first octets of the unsent part of the stream
 * @out: header
 *
 * Return: 0, or a negative errno if it did not leave the host (queue full, no memory): text counts
 * as not sent, and is tried again.
 */
int tcp_env_emit(struct tcp_conn *c, struct tcp_seg *seg, const struct tcp_segout *out);

/*
 * Is @seg's last transmission still waiting in this host's queues? Then to send it again would be
 * waste.
 */
bool tcp_env_in_queue(const struct tcp_conn *c, const struct tcp_seg *seg);

/*
 * May more be given to the device now (small queues)? If not, the embedding flushes when there is
 * room.
 */
bool tcp_env_may_send(const struct tcp_conn *c);

/*
 * The octets of @seg from its @skip'th on are next in order: to the receive queue. The record is
 * given up.
 */
void tcp_env_deliver(struct tcp_conn *c, struct tcp_seg *seg, u32 skip);

/*
 * A record of the out-of-order queue is given up undelivered (duplicate, memory pressure, end).
 */
void tcp_env_discard(struct tcp_conn *c, struct tcp_seg *seg);

/* Octets the receive buffer can still take, and the most it may ever (for the window). */
u32 tcp_env_rcv_room(const struct tcp_conn *c);
u32 tcp_env_rcv_limit(const struct tcp_conn *c);

/* The user reads @bytes a round trip: the receive buffer should hold twice that (autotuning). */
void tcp_env_rcv_grow(struct tcp_conn *c, u32 bytes);

/* Something happened that the user or the kernel side must know. */
void tcp_env_event(struct tcp_conn *c, enum tcp_event ev, int arg);

/*
 * Wake me with tcp_conn_timer() at @deadline_ns, or not at all: ~0. Called only when the earliest
 * deadline changes to an earlier one, or all stop.
 */
void tcp_env_timer(struct tcp_conn *c, u64 deadline_ns);

/* Count an event: LINUX_MIB_* (linux/snmp.h). */
void tcp_env_count(struct tcp_conn *c, int mib, int n);

/* May a challenge ACK be sent now (RFC 5961 10; limit of the namespace)? */
bool tcp_env_challenge_ok(struct tcp_conn *c, u64 now);

/*
 * The SYN-ACK to a SYN with the Fast Open option or text came; @opt are its options, a cookie
 * among them or not. @c->fast says what became of the text.
 */
void tcp_env_fast(struct tcp_conn *c, const struct tcp_options *opt);

#endif /* _PLUMB_TCP_ENV_H */
