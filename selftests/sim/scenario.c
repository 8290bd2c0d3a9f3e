// SPDX-License-Identifier: GPL-2.0
/* From a seed: network, settings, applications. Then: run, and judge the end. */
#include <stdlib.h>

#include "sim.h"

/*
 * Without an octet. A stream that goes on has no limit but that of steps: over a path that loses
 * every second segment, without SACK and timestamps, only what was sent again is ever acknowledged,
 * and the time-out stays at two minutes (RFC 6298 5.5 to 5.7).
 */
#define LIMIT_NS	(24 * 3600 * SEC)
#define LIMIT_STEPS	20000000

struct sim_scenario scn;

/* Connections are kept to the end of a run: events may still name them. */
static struct sim_conn *grave[4096];
static u32 grave_n;

/* Linux's defaults. */
void scenario_defaults(struct tcp_params *p)
{
	memset(p, 0, sizeof(*p));
	p->rto_min_us = 200000;
	p->rto_max_us = 120000000;
	p->rto_init_us = 1000000;
	p->delack_min_us = 40000;
	p->delack_max_us = 200000;
	p->keep_idle_ms = 7200000;
	p->keep_intvl_ms = 75000;
	p->fin_timeout_ms = 60000;
	p->time_wait_ms = 60000;
	p->init_cwnd = 10;
	p->reordering = 3;
	p->max_reordering = 300;
	p->base_mss = 1024;
	p->min_snd_mss = 48;
	p->mtu_probe_floor = 48;
	p->probe_threshold = 8;
	p->probe_interval = 600;
	p->ooo_max_segs = 100000;
	p->challenge_ack_limit = 1000;
	p->invalid_ratelimit_ms = 500;
	p->min_rtt_wlen_ms = 300000;
	p->keep_probes = 9;
	p->syn_retries = 6;
	p->synack_retries = 5;
	p->retries1 = 3;
	p->retries2 = 15;
	p->tso_win_divisor = 3;
	p->pingpong_thresh = 1;
	p->timestamps = true;
	p->sack = true;
	p->dsack = true;
	p->wscale = true;
	p->slow_start_after_idle = true;
	p->moderate_rcvbuf = true;
	p->ecn = 2;
	p->ecn_fallback = true;
	p->recovery = 1;
	p->early_retrans = 3;
	p->frto = 2;
	p->min_tso_segs = 2;
	p->syn_linear_timeouts = 4;
	p->tw_reuse = 1;
}

static void choose_params(struct tcp_params *p)
{
	scenario_defaults(p);
	if (rnd_chance(100000))
		p->ooo_max_segs = 8;
	p->timestamps = !rnd_chance(300000);
	p->sack = !rnd_chance(250000);
	p->dsack = !rnd_chance(200000);
	p->wscale = !rnd_chance(200000);
	p->slow_start_after_idle = !rnd_chance(300000);
	p->moderate_rcvbuf = !rnd_chance(300000);
	p->shrink_window = rnd_chance(80000);
	p->workaround_signed_windows = rnd_chance(80000);
	p->ecn = rnd_below(3);
	p->early_retrans = rnd_chance(200000) ? 0 : 3;
	p->frto = rnd_chance(200000) ? 0 : 2;
	p->mtu_probing = rnd_below(3);
	p->base_mss = (u32)rnd_log(100, 2000);
	/* With segments of 48 octets it would take days where much is lost; 340 always pass. */
	p->mtu_probe_floor = (u32)rnd_log(200, 340);
	p->probe_interval = (u32)rnd_log(1, 600);
	if (rnd_chance(100000)) {
		p->pacing_ss_ratio = 200;
		p->pacing_ca_ratio = 120;
	}
}

static u32 some(u32 chance, u32 lo, u32 hi)
{
	return rnd_chance(chance) ? (u32)rnd_log(lo, hi) : 0;
}

static void choose_link(struct sim_link *l)
{
	memset(l, 0, sizeof(*l));
	if (!rnd_chance(200000))
		l->rate = rnd_log(4000, 125000000);
	l->delay = rnd_log(10 * US, 400 * MS);
	l->jitter = rnd_chance(200000) ? rnd_log(1 * US, l->delay + 10 * US) : 0;
	l->queue = (u32)rnd_log(6000, 2000000);
	l->loss = some(500000, 100, 150000);
	if (rnd_chance(100000)) {
		l->burst_in = (u32)rnd_log(100, 20000);
		l->burst_time = rnd_log(1 * MS, 3 * SEC);
		l->burst_loss = 800000;
	}
	l->dup = some(250000, 100, 50000);
	l->reorder = some(300000, 100, 300000);
	l->reorder_by = rnd_log(10 * US, 2 * l->delay + 20 * US);
	l->corrupt = some(150000, 100, 30000);
	l->mark = some(200000, 1000, 100000);
	l->flip = some(60000, 100, 100000);
	l->red = rnd_chance(200000);
	l->mute_until = rnd_chance(500000) ? sim_now + rnd_log(10 * MS, 60 * SEC) : 0;
	l->mtu = rnd_chance(300000) ? (u32)rnd_log(576, 9000) : 1500;
	l->queue = max(l->queue, 2 * l->mtu);
	if (rnd_chance(80000)) {
		l->dark_from = sim_now + rnd_log(10 * MS, 20 * SEC);
		l->dark_to = l->dark_from + rnd_log(10 * MS, 30 * SEC);
	}
}

static void choose_app(struct sim_conn *s)
{
	struct sim_app *a = &s->app;

	a->total = rnd_chance(100000) ? 0 : rnd_log(1, rnd_chance(50000) ? 8000000 : 600000);
	a->write_max = (u32)rnd_log(1, 200000);
	a->total = min_t(u64, a->total, a->write_max * 2000ULL);
	a->write_gap = rnd_chance(300000) ? rnd_log(1 * US, 5 * MS) : 1;
	a->read_max = (u32)rnd_log(100, 1000000);
	a->read_gap = rnd_chance(300000) ? rnd_log(1 * US, 5 * MS) : 1;
	if (rnd_chance(80000)) {
		a->read_max = (u32)rnd_log(100, 4000);
		a->read_gap = rnd_log(1 * MS, 50 * MS);
	}
	if (rnd_chance(100000)) {
		a->stall_at = sim_now + rnd_log(1 * MS, 5 * SEC);
		a->stall_for = rnd_log(1 * MS, 100 * SEC);
	}
	a->close = rnd_chance(30000) ? CLOSE_ABORT : rnd_chance(60000) ? CLOSE_EARLY : CLOSE_AFTER;
	if (a->close == CLOSE_ABORT)
		a->abort_at = rnd_log(1 * US, 20 * SEC);
	a->oob = some(50000, 1000, 100000);
}

/* Request and answer: both sides must agree on the size of a turn and their number. */
static u32 turn_of[MAX_PORTS];
static u64 turn_total[MAX_PORTS];

void scenario_apply(struct sim_conn *s)
{
	if (grave_n < sizeof(grave) / sizeof(grave[0]))
		grave[grave_n++] = s;
	if (scn.bulk) {
		s->app.total = s->host ? 0 : ~0ULL;
		s->app.write_max = 1 << 20;
		s->app.read_max = 1 << 30;
		s->app.close = CLOSE_HALF;
		s->app.write_gap = 1;
		s->app.read_gap = 1;
		s->sndbuf = 64 << 20;
		s->rcvbuf = 32 << 20;
		s->rcvmax = 32 << 20;
		return;
	}
	choose_app(s);
	if (scn.hurry) {
		s->app.total = min_t(u64, s->app.total, 20000);
		s->app.stall_for = 0;
	}
	if (turn_of[s->port] && !scn.plain && !scn.hurry) {
		s->app.turn = turn_of[s->port];
		s->app.total = turn_total[s->port];
		s->app.first = !s->host;
		s->app.close = CLOSE_AFTER;
		s->app.stall_for = 0;
	}
	if (s->app.close == CLOSE_ABORT || s->app.close == CLOSE_EARLY)
		scn.aborts = true;
	s->sndbuf = (u32)rnd_log(2000, 4000000);
	s->rcvbuf = (u32)rnd_log(2000, 1000000);
	s->rcvmax = max_t(u32, s->rcvbuf, rnd_log(60000, 6000000));
	s->nomem = scn.nomem;
	s->tsq = rnd_chance(300000) ? (u32)rnd_log(2000, 200000) : 0;
	s->hint = rnd_chance(300000) ? (u32)rnd_log(500, 65536) : 0;
	s->c.user.nodelay = rnd_chance(400000);
	s->c.route.quickack = rnd_chance(50000);
	s->c.user.cork = rnd_chance(50000);
}

static void launch(void *arg, u64 tag)
{
	u32 port = tag & 0xffff, gen = tag >> 16;

	(void)arg;
	if (hosts[0].conn[port])
		return;
	if (!host_connect(0, port, gen))
		sim_at(sim_now + rnd_log(500 * MS, 10 * SEC), launch, NULL, tag);
	else if (scn.simultaneous && !hosts[1].conn[port])
		host_connect(1, port, gen);
}

/* Further middleboxes. */
static void choose_boxes(void)
{
	scn.merge = some(100000, 10000, 800000);
	if (rnd_chance(80000))
		scn.clamp = (u16)rnd_log(200, 1460);
	scn.shift = rnd_chance(80000);
	scn.shift_sack = rnd_chance(700000);
	scn.shift_by[0] = (u32)rnd();
	scn.shift_by[1] = (u32)rnd();
}

/* One end is the simple peer: it opens, or listens, or both open. */
static void choose_plain(void)
{
	scn.plain = true;
	scn.rounds = 1;
	hosts[rnd_below(2)].plain = true;
}

/*
 * Many short connections over few ports, one after another at once: TIME-WAIT gives way, late
 * segments meet a new connection. A segment lives no longer than the standard lets it.
 */
static void choose_hurry(void)
{
	u32 i;

	scn.hurry = true;
	scn.rounds = 2 + rnd_below(30);
	scn.simultaneous = false;
	for (i = 0; i < 2; i++) {
		scn.par[i].timestamps = true;
		links[i].rate = max_t(u64, links[i].rate, 100000);
		links[i].queue = min(links[i].queue, 100000U);
	}
	scn.strip = 0;
}

void scenario_choose(u64 seed)
{
	u32 i;

	rnd_seed(seed);
	memset(&scn, 0, sizeof(scn));
	/* Clocks that wrap soon: 32-bit microseconds and milliseconds. */
	sim_now = rnd_chance(300000) ? 4294967296ULL * US - rnd_log(1 * MS, 60 * SEC) :
		  rnd_chance(300000) ? 4294967296ULL * MS - rnd_log(1 * MS, 60 * SEC) :
		  rnd_log(1 * SEC, 1000000 * SEC);
	for (i = 0; i < 2; i++) {
		choose_params(&scn.par[i]);
		choose_link(&links[i]);
		scn.cc[i] = rnd_chance(500000) ? &tcp_cc_cubic : &tcp_cc_reno;
	}
	scn.n_ports = rnd_chance(250000) ? 1 + rnd_below(8) : 1;
	scn.rounds = rnd_chance(100000) ? 2 + rnd_below(6) : 1;
	scn.simultaneous = rnd_chance(60000);
	scn.gro = rnd_chance(400000);
	scn.gro_wait = rnd_log(1 * US, 200 * US);
	scn.nomem = some(100000, 100, 30000);
	scn.inject = some(200000, 100, 100000);
	scn.shed = some(100000, 100, 50000);
	scn.strip = rnd_chance(100000) ? (u8)rnd() : 0;
	scn.split = some(100000, 100, 200000);
	for (i = 0; i < 2; i++)
		scn.ts_offset[i] = (u32)rnd();
	choose_boxes();
	if (rnd_chance(150000))
		choose_plain();
	else if (rnd_chance(80000))
		choose_hurry();
	for (i = 0; i < MAX_PORTS; i++) {
		turn_of[i] = some(200000, 1, 20000);
		turn_total[i] = (u64)turn_of[i] * (1 + rnd_below(60));
	}
	/* A black hole that lasts: only who looks for one survives a smaller MTU. */
	for (i = 0; i < 2; i++)
		if (scn.par[!i].mtu_probing && !hosts[!i].plain && rnd_chance(200000))
			links[i].mute_until = TCP_NEVER;
	if (rnd_chance(80000)) {
		u32 way = rnd_below(2);

		sim_at(sim_now + rnd_log(1 * MS, 3 * SEC), net_mtu_change, &links[way],
		       rnd_log(400, links[way].mtu));
	}
}

static struct sim_conn *find_peer(const struct sim_conn *s)
{
	u32 i;

	for (i = 0; i < grave_n; i++)
		if (grave[i]->host != s->host && grave[i]->port == s->port &&
		    grave[i]->gen == s->gen && grave[i]->used)
			return grave[i];
	return NULL;
}

/* An orphan may give up early (tcp_orphan_retries); its peer may then be reset. */
static bool gave_up(const struct sim_conn *s)
{
	return s->app.closed && s->err == ETIMEDOUT;
}

/* The same where the other end is the simple peer. */
static void judge_plain(const struct sim_conn *s, bool cut)
{
	const struct sim_peer *p = &peers[s->port];

	if (!peer_over(p) && !cut && !s->err)
		sim_fail("plain %u never ended: state %u, sent %llu of %llu, received %llu",
			 p->port, p->state, (unsigned long long)p->una,
			 (unsigned long long)p->total, (unsigned long long)p->rcvd);
	if (cut)
		return;
	/* No network here is so bad, and nobody refuses or gives up before the engine does. */
	if ((s->err && !s->established) || (p->failed && !s->err && p->established))
		sim_fail("plain %u: %s, error %d", p->port,
			 s->established ? "gave up" : "no connection", s->err);
	if (p->failed || !p->established || !s->established)
		return;
	/*
	 * Each ACK of our FIN was lost for as long as the peer was in TIME-WAIT, and its RST came:
	 * it had all the same.
	 */
	if (s->err && !(s->err == ECONNRESET && p->state == P_CLOSED && s->app.eof))
		sim_fail("%c%u: error %d", s->host ? 'B' : 'A', s->port, s->err);
	if (s->rcvd != p->total || p->rcvd != s->app.total)
		sim_fail("plain %u: sent %llu, arrived %llu; received %llu of %llu", p->port,
			 (unsigned long long)p->total, (unsigned long long)s->rcvd,
			 (unsigned long long)p->rcvd, (unsigned long long)s->app.total);
}

/* A simple peer that opened, and of which the engine took no notice at all. */
static void judge_unheard(void)
{
	u32 i, k;

	for (i = 0; i < MAX_PORTS; i++) {
		for (k = 0; k < grave_n && grave[k]->port != i; k++)
			;
		/*
		 * If all its third segments were lost, a RST told it that nobody waited any more,
		 * or nothing did, as it had nothing to say.
		 */
		if (peers[i].used && k == grave_n &&
		    !(peers[i].established && (peers[i].failed || !peer_owes(&peers[i]))))
			sim_fail("plain %u: nobody heard it", i);
	}
}

/*
 * The ACK of its FIN was lost, and it asked again only when its peer, who has all, was through with
 * TIME-WAIT: nobody is left to hear of the RST.
 */
static bool came_late(const struct sim_conn *s, const struct sim_conn *peer)
{
	return s->err == ECONNRESET && s->app.closed && peer->finished && !peer->err &&
	       peer->rcvd == s->app.total;
}

/* How did it end? Both streams whole, unless a user cut them short or the open failed. */
static void judge(struct sim_conn *s)
{
	struct sim_conn *peer = find_peer(s);
	bool cut;

	if (!s->used)
		return;
	cut = s->app.close == CLOSE_ABORT || s->app.close == CLOSE_EARLY ||
	      (peer && (peer->app.close == CLOSE_ABORT || peer->app.close == CLOSE_EARLY));
	cut |= gave_up(s) || (peer && gave_up(peer));
	if (!s->finished) {
		/* Idle, and the RST of a peer that is gone was lost: nothing will tell it. */
		if ((s->c.state == TCPS_ESTABLISHED || s->c.state == TCPS_FIN_WAIT_2) &&
		    !s->c.rtx.packets && s->c.snd.fin != TCP_FIN_QUEUED &&
		    !tcp_conn_unsent(&s->c) && (cut || !peer || !peer->established))
			return;
		sim_fail("%c%u never ended: state %u, written %llu of %llu, received %llu",
			 s->host ? 'B' : 'A', s->port, s->c.state,
			 (unsigned long long)s->app.written, (unsigned long long)s->app.total,
			 (unsigned long long)s->rcvd);
		return;
	}
	if (s->live)
		sim_fail("%c%u: %u records leaked", s->host ? 'B' : 'A', s->port, s->live);
	if (hosts[!s->host].plain) {
		judge_plain(s, cut);
		return;
	}
	if (!peer || !s->established || !peer->established || cut)
		return;
	if (s->err && !came_late(s, peer))
		sim_fail("%c%u: error %d", s->host ? 'B' : 'A', s->port, s->err);
	if (s->rcvd != peer->app.total)
		sim_fail("%c%u: received %llu of %llu", s->host ? 'B' : 'A', s->port,
			 (unsigned long long)s->rcvd, (unsigned long long)peer->app.total);
}

static bool all_finished(void)
{
	u32 i;

	for (i = 0; i < grave_n; i++)
		if (grave[i]->used && !grave[i]->finished)
			return false;
	return true;
}

void scenario_reset(void)
{
	u32 i;

	sim_events_clear();
	box_clear();
	peers_clear();
	for (i = 0; i < 2; i++) {
		struct sim_packet *p;

		while ((p = hosts[i].rx)) {
			hosts[i].rx = p->next;
			free(p);
		}
	}
	for (i = 0; i < grave_n; i++) {
		tcp_conn_purge(&grave[i]->c);
		free(grave[i]);
	}
	grave_n = 0;
	memset(hosts, 0, sizeof(hosts));
	hosts[0].rx_tail = &hosts[0].rx;
	hosts[1].rx_tail = &hosts[1].rx;
}

/* Ports whose connections have ended may be used again. */
static void clear_ports(void)
{
	u32 h, i;

	for (h = 0; h < 2; h++)
		for (i = 0; i < MAX_PORTS; i++)
			if (hosts[h].conn[i] && hosts[h].conn[i]->finished)
				hosts[h].conn[i] = NULL;
}

/* Have all of this round's connections been begun? */
static bool opened(u32 round)
{
	u32 i, n = 0;

	for (i = 0; i < grave_n; i++)
		n += grave[i]->gen == round && !grave[i]->host;
	return n >= scn.n_ports;
}

bool scenario_run(u64 seed)
{
	u64 start, steps;
	u32 i, round;

	scenario_reset();
	sim_failed = false;
	scenario_choose(seed);
	hosts[1].listening = !scn.simultaneous;
	start = sim_now;
	steps = sim_steps;
	for (round = 0; round < scn.rounds && !sim_failed; round++) {
		for (i = 0; i < scn.n_ports; i++)
			sim_at(sim_now + 1 + (round || i ? rnd_log(1, 100 * MS) : 0), launch, NULL,
			       (u64)round << 16 | i);
		sim_moved = sim_now;
		while (!sim_failed && sim_now - sim_moved < LIMIT_NS &&
		       sim_steps - steps < LIMIT_STEPS && sim_step())
			if (!(sim_steps & 63) && all_finished() && grave_n) {
				clear_ports();
				if (scn.hurry && round + 1 < scn.rounds && opened(round))
					break;
			}
		clear_ports();
	}
	if (!sim_failed && sim_steps - steps >= LIMIT_STEPS)
		sim_fail("no end after %llu events, %.3f s",
			 (unsigned long long)(sim_steps - steps), (sim_now - start) / 1e9);
	for (i = 0; i < grave_n && !sim_failed; i++)
		judge(grave[i]);
	if (!sim_failed)
		judge_unheard();
	scenario_reset();
	return !sim_failed;
}
