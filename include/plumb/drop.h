/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet was dropped. Every drop goes through plumb_drop(): it is counted
 * per namespace and reason, shown by the tracepoint plumb:drop, and the skb freed.
 * The list is one macro, so that the counter, the trace's text and
 * /proc/net/plumb/drops can not disagree.
 */
#ifndef _PLUMB_DROP_H
#define _PLUMB_DROP_H

#include <linux/types.h>

struct plumb_net;
struct sk_buff;

#define PLUMB_DROP_REASONS(X)						\
	X(NO_MEMORY,		"no memory")				\
	X(PULL,			"shorter than its headers")		\
	X(IP_HEADER,		"bad IPv4 header")			\
	X(IP_CHECKSUM,		"IPv4 header checksum")			\
	X(IP_OPTIONS,		"bad IPv4 options")			\
	X(IP_SOURCE,		"impossible source address")		\
	X(IP_NOT_OURS,		"not for this host")			\
	X(IP_TTL,		"time to live expired")			\
	X(IP_TOO_BIG,		"larger than the MTU, not to be fragmented") \
	X(IP_NO_ROUTE,		"no route")				\
	X(IP_NO_PROTO,		"no such protocol")			\
	X(FRAG_BAD,		"bad fragment")				\
	X(FRAG_OVERLAP,		"overlapping fragments")		\
	X(FRAG_LIMIT,		"too much in reassembly")		\
	X(FRAG_TIMEOUT,		"reassembly timed out")			\
	X(ARP_BAD,		"bad ARP message, left to Linux")	\
	X(NEIGH_FAILED,		"neighbour does not answer")		\
	X(NEIGH_QUEUE,		"neighbour's queue is full")		\
	X(ICMP_BAD,		"bad ICMP message")			\
	X(ICMP_RATELIMIT,	"ICMP answer rate limited")		\
	X(UDP_BAD,		"bad UDP header")			\
	X(UDP_CHECKSUM,		"UDP checksum")				\
	X(TCP_BAD,		"bad TCP header")			\
	X(TCP_CHECKSUM,		"TCP checksum")				\
	X(NO_SOCKET,		"no socket")				\
	X(SOCKET_FILTER,	"socket filter")			\
	X(SOCKET_RCVBUF,	"receive buffer full")			\
	X(SOCKET_BACKLOG,	"socket backlog full")			\
	X(LISTEN_OVERFLOW,	"listen or accept queue full")		\
	X(TCP_OLD,		"TCP: old or duplicate data")		\
	X(TCP_WINDOW,		"TCP: outside the window")		\
	X(TCP_PAWS,		"TCP: timestamp too old (PAWS)")	\
	X(TCP_ACK,		"TCP: unacceptable ACK")		\
	X(TCP_FLAGS,		"TCP: flags not acceptable in this state") \
	X(TCP_RESET,		"TCP: connection reset")		\
	X(TCP_CLOSED,		"TCP: data after close")		\
	X(TCP_OOO_LIMIT,	"TCP: out-of-order queue full")		\
	X(TCP_MD5,		"TCP: signature missing, wrong or unexpected")

enum plumb_drop_reason {
#define X(name, text) PLUMB_DROP_##name,
	PLUMB_DROP_REASONS(X)
#undef X
	PLUMB_DROP_NR
};

/**
 * struct plumb_drops - drops of one CPU in one namespace
 * @n: a count a reason
 */
struct plumb_drops {
	u64 n[PLUMB_DROP_NR];
};

extern const char *const plumb_drop_text[PLUMB_DROP_NR];
extern const char *const plumb_drop_name[PLUMB_DROP_NR];

/**
 * plumb_drop() - count, trace and free a packet that ends here
 * @pn: the namespace it was in
 * @skb: the packet, or NULL where there is none any more (counted all the same);
 *	the reference is taken over
 * @why: the reason
 *
 * Context: any, softirq included.
 */
void plumb_drop(struct plumb_net *pn, struct sk_buff *skb, enum plumb_drop_reason why);

#endif /* _PLUMB_DROP_H */
