/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kfuzz: fuzzing of the module in a running kernel, by calls and by packets. What all its files
 * share; see main.c for how it is used.
 */
#ifndef KFUZZ_H
#define KFUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- value.c: random numbers and what is made of them ---- */

/* One stream of choices; the same seed makes the same choices. */
struct rng {
	uint64_t state;
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
/* below() - 0 ... @n - 1 */
uint32_t below(struct rng *r, uint32_t n);
/* one_in() - true once in @n */
bool one_in(struct rng *r, uint32_t n);
/* number() - a number near some bound, or any */
int64_t number(struct rng *r);
/* length() - @right mostly, else something near it, or absurd */
uint32_t length(struct rng *r, uint32_t right);
void fill(struct rng *r, void *data, size_t len);

#define PICK(r, array) ((array)[below((r), sizeof(array) / sizeof((array)[0]))])

/* Memory for system calls: ROOM octets, then a page that nobody may touch. */
#define ROOM	(1 << 20)

int room_init(void);
/* room() - a place for @len octets; sometimes one that ends too early, or none at all */
void *room(struct rng *r, size_t len);
/* room_good() - always a good one, filled with @r's noise */
void *room_good(struct rng *r, size_t len);

/* ---- hosts.c: two namespaces with a veth between them, both on Plumb ---- */

#define ADDR_A	0x0a000001u	/* 10.0.0.1 */
#define ADDR_B	0x0a000002u
#define PORT	7000		/* the first of a few that everybody uses */
#define PORTS	8

extern int family;		/* of Plumb's sockets */
extern int hosts[2];		/* namespaces A and B */
extern char uplink[2][16];	/* A's and B's device */

int hosts_up(void);
void hosts_down(void);
/* hosts_repair() - addresses and routes as they were at first, whatever a session did to them */
void hosts_repair(void);
/* enter() - this thread is in the namespace from now on */
void enter(int host);
/* rtnl_veth() - a veth from this namespace to @peer_ns */
int rtnl_veth(const char *name, const char *peer, int peer_ns);
int link_up(const char *name);
/* plumb_addr_add(), plumb_route_add() - in this namespace, host order */
int plumb_addr_add(const char *dev, uint32_t addr, unsigned int prefixlen);
int plumb_route_add(uint32_t dst, unsigned int prefixlen, uint32_t gateway);

/* ---- control.c: netlink, sysctl, /proc, ioctls of devices ---- */

extern uint16_t genl_plumb, genl_lan;

int control_init(void);
void call_netlink(struct rng *r);
void call_netlink_lan(struct rng *r);
void call_sysctl(struct rng *r);
void call_proc(struct rng *r);
void call_ethtool(struct rng *r);
void call_device(struct rng *r);

/* ---- sockets.c, io.c, options.c: calls upon sockets ---- */

void call_pair(struct rng *r);
void call_socket(struct rng *r);
void call_bind(struct rng *r);
void call_connect(struct rng *r);
void call_listen(struct rng *r);
void call_accept(struct rng *r);
void call_name(struct rng *r);
void call_send(struct rng *r);
void call_sendmsg(struct rng *r);
void call_sendmmsg(struct rng *r);
void call_recv(struct rng *r);
void call_recvmsg(struct rng *r);
void call_recvmmsg(struct rng *r);
void call_readwrite(struct rng *r);
void call_shutdown(struct rng *r);
void call_close(struct rng *r);
void call_ioctl(struct rng *r);
void call_fcntl(struct rng *r);
void call_poll(struct rng *r);
void call_epoll(struct rng *r);
void call_splice(struct rng *r);
void call_sendfile(struct rng *r);
void call_map(struct rng *r);
void call_inject(struct rng *r);
void call_setsockopt(struct rng *r);
void call_getsockopt(struct rng *r);

/* What a session has open. Two threads use it without a lock: that they disagree is wanted. */
enum object { STREAM, DGRAM, PING, RAW, EPOLL, PIPE_IN, PIPE_OUT, PACKET, OBJECTS };

#define KIND(k)		(1u << (k))

int object(struct rng *r, unsigned int kinds);
void object_add(int fd, enum object kind);
/* any_socket() - of Plumb's family, mostly; else whatever number */
int any_socket(struct rng *r);
void objects_close(void);

/* make_address() - into @sa (128 octets); returns its length, mostly the right one */
uint32_t make_address(struct rng *r, void *sa);
/* place_address() - the same, where the call will read it */
void *place_address(struct rng *r, uint32_t *len);
uint32_t any_addr(struct rng *r);

/* ---- session.c: sequences of calls, what they reach, and what the kernel says ---- */

/* trace() - notes the call that comes; it is shown if the kernel complains */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* traced() - what it returned */
long traced(long result);

/* cover_init() - before the process gives up what opening it needs */
void cover_init(void);
int sessions_run(uint64_t seed, long calls, const char *replay, bool loud);

/* ---- reports.c: the kernel's log ---- */

int reports_init(void);
/* reports_seen() - prints what the kernel complained about since the last call */
bool reports_seen(void);
/* reports_note() - a line into the kernel's log, which outlives the kernel */
void reports_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- packets.c, frame.c ---- */

int packets_run(uint64_t seed, long packets, const char *pcap);

#endif /* KFUZZ_H */
