/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A discrete-event network in virtual time, and the engine's user-space embedding.
 *
 *	app.c        writes, reads, closes, aborts                (application models)
 *	env.c        struct sim_conn: buffers, records, env.h     (what net/tcp is in the kernel)
 *	host.c       demultiplexing, listeners, half-open, TIME-WAIT
 *	peer.c       a second TCP, simple and of its own, to meet the engine
 *	net.c        events; links: rate, delay, queue, RED, loss, duplication, reordering, MTU
 *	box.c        middleboxes: strip and rewrite options, split, merge, shift sequence numbers
 *	check.c      invariants after every event
 *	scenario.c   everything chosen from one seed
 *	main.c       runs seeds; KTAP
 *
 * Text is not carried as octets but as a 64-bit position in its stream: equality of streams is
 * equality of positions, and a mistake by 2^32 shows.
 */
#ifndef _SIM_H
#define _SIM_H

#include <stdio.h>

#include "../../net/tcp/engine/cong.h"
#include "../../net/tcp/engine/env.h"
#include "../../net/tcp/engine/info.h"
#include "../../net/tcp/engine/tree.h"

#define US	1000ULL
#define MS	1000000ULL
#define SEC	1000000000ULL

/* ---- random numbers, all from the seed ---- */
u64 rnd(void);
u32 rnd_below(u32 n);			/* 0 … n - 1 */
u64 rnd_log(u64 lo, u64 hi);		/* even over orders of magnitude */
bool rnd_chance(u32 ppm);		/* parts per million */
void rnd_seed(u64 seed);

/* ---- events ---- */
struct sim_event;
typedef void (*sim_fn)(void *arg, u64 tag);
extern u64 sim_now;
extern u64 sim_moved;			/* when an octet came last that was due */
extern u64 sim_steps, sim_segments;
extern bool sim_trace;
extern bool sim_failed;
void sim_at(u64 when, sim_fn fn, void *arg, u64 tag);
bool sim_step(void);			/* false: no more events */
void sim_events_clear(void);
__attribute__((format(printf, 1, 2))) void sim_fail(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void sim_log(const char *fmt, ...);

/* ---- network ---- */
struct sim_packet {
	u8	hdr[WIRE_TCP_HLEN_MAX];
	u8	hlen, ecn, ce_ok;
	u32	len;			/* octets of text */
	u64	off;			/* position in the stream */
	u32	port;			/* connection */
	u32	gen;			/* incarnation, for the checker alone */
	int	to;
	u64	held;			/* by a middlebox: which time */
	struct sim_packet *next;
};

struct sim_link {
	u64	rate;			/* octets a second; 0: no limit */
	u64	delay, jitter;		/* ns */
	u32	queue;			/* octets */
	u32	loss, burst_loss, burst_in;	/* ppm */
	u64	burst_time;
	u32	dup, reorder, corrupt, mark;
	u64	reorder_by;
	u32	mtu;
	u64	dark_from, dark_to;	/* blackout */
	u64	bad_until;		/* Gilbert-Elliott's bad state */
	u64	busy_until;
	u64	dropped, passed;
	bool	red;			/* RED (by marks where ECN is spoken), else tail drop */
	double	red_avg;		/* octets */
	u32	flip;			/* ppm: bits that no checksum of TCP's covers: ECN */
	u64	mute_until;		/* no ICMP before: a black hole */
	struct sim_packet *held;	/* by the middlebox that merges */
};

extern struct sim_link links[2];	/* [to] */
void net_send(struct sim_packet *p);
void net_mtu_change(void *arg, u64 mtu);

/* ---- middleboxes, between the hosts and the links ---- */
void box_send(struct sim_packet *p);
void box_clear(void);

/* ---- the simple peer ---- */
enum peer_state {
	P_CLOSED, P_LISTEN, P_SYN_SENT, P_SYN_RECEIVED, P_ESTABLISHED, P_FIN_WAIT_1, P_FIN_WAIT_2,
	P_CLOSE_WAIT, P_CLOSING, P_LAST_ACK, P_TIME_WAIT,
};

struct sim_peer {
	bool	used, established, failed, fin_came, keep_open, read_due, armed;
	enum peer_state state;
	int	host;
	u32	port, gen;
	u32	iss, irs;
	u64	total, rcvd;		/* octets to send, octets received */
	u64	una, nxt, max;		/* positions; the FIN's is total */
	u32	wnd, wl1, wl2, said;
	u32	mss, adv_mss, fixed_window;
	u32	rcvbuf, unread, read_max;
	u64	read_gap;
	u64	timer;			/* which event is the armed one */
	u32	retries;
};

#define MAX_PORTS	32

extern struct sim_peer peers[MAX_PORTS];
void peer_connect(int host, u32 port, u32 gen);
void peer_receive(struct sim_packet *p);
void peer_too_big(u32 port, u32 mtu);
bool peer_over(const struct sim_peer *p);
bool peer_owes(const struct sim_peer *p);
void peers_clear(void);
bool idle_peer(void);

/* ---- connections ---- */
struct sim_rec {
	struct tcp_seg seg;		/* must be first */
	u64	off;
	u64	queued_until;
	struct sim_conn *conn;
	bool	send;
};

enum sim_close { CLOSE_AFTER, CLOSE_HALF, CLOSE_ABORT, CLOSE_EARLY };

struct sim_app {
	u64	total;			/* octets to write */
	u64	written, read;
	u32	write_max, read_max;	/* a call */
	u64	write_gap, read_gap;	/* ns between calls */
	u32	turn;			/* request/response: octets a turn; 0: stream */
	bool	first;			/* has the first turn */
	enum sim_close close;
	u64	abort_at;
	u64	stall_at, stall_for;	/* reads nothing then */
	bool	write_due, read_due, shut, closed, eof, full;
	u32	oob;			/* ppm: a write is urgent */
};

struct sim_conn {
	struct tcp_conn	c;		/* must be first */
	struct sim_app	app;
	int	host;
	u32	port, gen;
	struct sim_conn *peer;		/* the other end, for the checker */
	u64	carved;			/* stream position of the next carve */
	u32	pushed;			/* what ends here bears a PSH; valid while is_pushed */
	u32	iss_known, irs_known;
	u64	rcvd;			/* stream position delivered in order */
	u32	sndbuf, rcvbuf, rcvmax;
	u32	rx_bytes, ooo_bytes;	/* unread, out of order */
	u32	live;			/* records out */
	u32	qbytes;			/* in the first link's queue */
	u32	tsq;
	u64	timer_at;		/* armed */
	u64	timer_id;
	u32	right;			/* right edge offered so far */
	bool	right_valid, used, established, finished, time_wait, passive, is_pushed;
	int	err;
	u32	nomem;			/* ppm of failing carve, split, emit */
	u32	hint;
};

struct sim_half {
	struct tcp_half h;
	bool	used;
	u32	port, gen;
	u64	id;
};

struct sim_tw {
	struct tcp_tw tw;
	bool	used;
	u32	port;
	u64	id;
};

struct sim_host {
	struct sim_conn *conn[MAX_PORTS];
	struct sim_half half[MAX_PORTS];
	struct sim_tw tw[MAX_PORTS];
	struct sim_packet *rx, **rx_tail;	/* waiting for the poll */
	bool	poll_due;
	bool	listening, plain;
};

/* What a seed has chosen. */
struct sim_scenario {
	struct tcp_params par[2];
	u32	n_ports, rounds;
	bool	simultaneous, gro;
	u64	gro_wait;
	u32	nomem;
	bool	lossy;			/* errors at open are no failure */
	bool	aborts;
	bool	bulk;			/* one flow without end (goodput.c) */
	u32	inject;			/* ppm: a forged segment follows a real one */
	u32	shed;			/* ppm: memory is short after an arrival: reneging */
	u8	strip;			/* TCPO_* that a middlebox takes out of SYNs */
	u32	split;			/* ppm: a middlebox cuts a segment in two */
	u32	merge;			/* ppm: it puts two together */
	u16	clamp;			/* it lowers the MSS of SYNs to this */
	bool	shift;			/* it shifts sequence numbers … */
	bool	shift_sack;		/* … those in SACK blocks as well */
	u32	shift_by[2];		/* of what host i sends */
	bool	plain, plain_active;	/* one end is the simple peer */
	bool	hurry;			/* ports are used again while TIME-WAIT lasts */
	u32	ts_offset[2];
	const struct tcp_cc_ops *cc[2];
};

extern struct sim_host hosts[2];
extern struct sim_scenario scn;

struct sim_conn *env_conn_new(int host, u32 port, u32 gen);
void env_conn_free(struct sim_conn *s);
void env_after(struct sim_conn *s);	/* after every engine call */
void env_transmit(struct sim_conn *s, int from, u32 port, u32 gen, const struct tcp_segout *out,
		  u64 off);

bool host_connect(int host, u32 port, u32 gen);	/* false: the pair is in TIME-WAIT */
void host_receive(struct sim_packet *p);
void host_forget(int host, u32 port);
void host_time_wait(struct sim_conn *s);

void app_start(struct sim_conn *s);
void app_kick(struct sim_conn *s);
bool app_done(const struct sim_conn *s);

void check_conn(struct sim_conn *s);
void check_emit(struct sim_conn *s, const struct tcp_seg *seg, const struct tcp_segout *out);

void scenario_choose(u64 seed);
void scenario_apply(struct sim_conn *s);
void scenario_defaults(struct tcp_params *p);
void scenario_reset(void);
bool scenario_run(u64 seed);
bool goodput_matrix(bool quick, bool verbose);

#endif /* _SIM_H */
