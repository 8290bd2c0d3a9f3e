// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: any segments, calls and time at any state of the engine.
 *
 * The input is a list of operations on one connection, in the simulator's embedding (env.c) with
 * its invariants (check.c); the network swallows what is sent. Numbers are taken near what would be
 * right, so that the fuzzer need not guess 32 bits.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "../sim/sim.h"

/* ---- what env.c and check.c expect of the simulator ---- */

u64 sim_now, sim_steps, sim_segments;
bool sim_trace, sim_failed;
struct sim_host hosts[2];
struct sim_link links[2];
struct sim_scenario scn;

u64 rnd(void)
{
	return 4;
}

u32 rnd_below(u32 n)
{
	return n / 2;
}

u64 rnd_log(u64 lo, u64 hi)
{
	return (lo + hi) / 2;
}

bool rnd_chance(u32 ppm)
{
	return ppm >= 1000000;
}

void sim_at(u64 when, sim_fn fn, void *arg, u64 tag)
{
	(void)when;
	(void)fn;
	(void)arg;
	(void)tag;
}

void sim_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}

void sim_log(const char *fmt, ...)
{
	(void)fmt;
}

void box_send(struct sim_packet *p)
{
	free(p);
}

void app_kick(struct sim_conn *s)
{
	(void)s;
}

void scenario_apply(struct sim_conn *s)
{
	s->sndbuf = 1 << 20;
	s->rcvbuf = 1 << 16;
	s->rcvmax = 1 << 20;
}

/* What is left of a connection: the rest of the input meets it. */
static struct tcp_tw tw;
static bool tw_on;

void host_time_wait(struct sim_conn *s)
{
	tcp_tw_from_conn(&tw, &s->c, sim_now);
	tcp_conn_purge(&s->c);
	tw_on = true;
}

/* ---- input ---- */

static const u8 *in_p;
static size_t in_n;

static u8 get8(void)
{
	if (!in_n)
		return 0;
	in_n--;
	return *in_p++;
}

static u32 get16(void)
{
	u32 hi = get8();

	return hi << 8 | get8();
}

/* A distance: mostly small, sometimes huge, either way. */
static u32 get_near(void)
{
	u8 how = get8();
	u32 v = get16();

	if (how & 0x40)
		v = 0;
	if (how & 0x20)
		v <<= 16;
	if (how & 0x10)
		v *= 1000;
	return how & 0x80 ? 0u - v : v;
}

/* ---- operations ---- */

/* Near what a segment's numbers are taken. */
struct base {
	u32	rcv, una, nxt, ts, clock;
};

static void get_options(const struct base *b, struct tcp_options *o)
{
	u8 has = get8();
	unsigned int i;

	memset(o, 0, sizeof(*o));
	o->has = has & (TCPO_TS | TCPO_SACK | TCPO_MSS | TCPO_WSCALE | TCPO_SACK_PERM);
	if (o->has & TCPO_TS) {
		o->tsval = b->ts + get_near();
		o->tsecr = b->clock - get8();
	}
	if (o->has & TCPO_SACK) {
		o->n_sack = 1 + (has >> 6);
		for (i = 0; i < o->n_sack; i++) {
			o->sack[i].start = b->una + get_near();
			o->sack[i].end = o->sack[i].start + get_near();
		}
	}
	o->mss = has & 0x80 ? 1460 : get16();
	o->wscale = has % 15;
}

static void get_segment(const struct base *b, struct tcp_segin *in)
{
	memset(in, 0, sizeof(*in));
	in->flags = get8();
	in->seq = b->rcv + get_near();
	in->ack = (in->flags & TCPF_ECE ? b->nxt : b->una) + get_near();
	in->len = get8() & 1 ? get16() : 0;
	in->wnd = get16();
	in->up = get8();
	in->n_segs = 1 + in->len / 1460;
	in->ecn = get8() & 3;
	get_options(b, &in->opt);
}

static void op_segment(struct sim_conn *s)
{
	struct base b = {
		.rcv = s->c.rcv.nxt, .una = s->c.snd.una, .nxt = s->c.snd.nxt, .ts = s->c.ts.recent,
		.clock = tcp_ms(s->c.tmr.now) + s->c.ts.offset,
	};
	struct tcp_segin in;
	struct sim_rec *r = NULL;
	enum tcp_arrival a;

	get_segment(&b, &in);
	if (in.len || in.flags & TCPF_FIN) {
		r = calloc(1, sizeof(*r));
		r->off = s->rcvd + (s64)(s32)(in.seq + (in.flags & TCPF_SYN ? 1 : 0) -
			 (s->c.state == TCPS_SYN_SENT ? in.seq + 1 :
			  s->c.rcv.irs + 1 + (u32)s->rcvd));
		r->conn = s;
		s->live++;
	}
	a = tcp_conn_arrives(&s->c, &in, r ? &r->seg : NULL, sim_now);
	if (r && a != TCP_ARR_TAKEN) {
		s->live--;
		free(r);
	}
	/* A burst: one flush after several. */
	if (s->c.state != TCPS_CLOSED && in.up & 1 && in_n)
		op_segment(s);
	else if (s->c.state != TCPS_CLOSED)
		tcp_conn_flush(&s->c, sim_now);
}

static void op_time(struct sim_conn *s)
{
	u8 how = get8();

	sim_now += how & 1 ? get16() * MS : get16() * US;
	if (how & 2 && s->timer_at != TCP_NEVER)
		sim_now = max(sim_now, s->timer_at);
	if (s->timer_at <= sim_now) {
		s->timer_at = TCP_NEVER;
		tcp_conn_timer(&s->c, sim_now);
	}
}

static void op_read(struct sim_conn *s)
{
	u32 len = min(s->rx_bytes, get16());

	s->rx_bytes -= len;
	tcp_conn_read(&s->c, len, sim_now);
}

static void op_user(struct sim_conn *s)
{
	u8 bits = get8();

	s->c.user.nodelay = bits & 1;
	s->c.user.cork = bits & 2;
	s->c.route.quickack = bits & 4;
	s->c.user.keepalive = bits & 8;
	s->c.user.maxseg = bits & 16 ? 100 : 0;
	s->c.user.user_timeout_ms = bits & 32 ? 5000 : 0;
	s->c.user.max_pacing_rate = bits & 64 ? 100000 : U64_MAX;
	s->nomem = bits & 128 ? 1000000 : 0;
	tcp_conn_user_changed(&s->c, sim_now);
}

static void op_congestion(struct sim_conn *s)
{
	static const struct tcp_cc_ops *const kinds[] = {
		&tcp_cc_cubic, &tcp_cc_reno, &tcp_cc_dctcp, &tcp_cc_cubic,
	};
	struct tcp_conn_info info;

	tcp_conn_set_cc(&s->c, kinds[get8() & 3], sim_now);
	tcp_conn_info(&s->c, &info, sim_now);
	if (info.state != s->c.state || info.unacked != s->c.rtx.packets)
		sim_fail("TCP_INFO tells another story");
}

static void op_one(struct sim_conn *s)
{
	u8 op = get8();
	u32 room;

	switch (op % 16) {
	case 0 ... 6:
		op_segment(s);
		break;
	case 7:
	case 8:
		op_time(s);
		break;
	case 9:
		room = s->c.snd.fin == TCP_FIN_NONE ? get16() : 0;
		if (room && !s->c.user.orphan && s->c.snd.end - s->c.snd.una < 1 << 22)
			tcp_conn_wrote(&s->c, room, op & 16, op & 32);
		tcp_conn_flush(&s->c, sim_now);
		break;
	case 10:
		op_read(s);
		break;
	case 11:
		if (op & 16)
			tcp_conn_shutdown(&s->c, sim_now);
		else if (op & 32)
			tcp_conn_close(&s->c, s->rx_bytes, sim_now);
		else if (op & 64)
			tcp_conn_abort(&s->c, sim_now);
		break;
	case 12:
		tcp_conn_icmp(&s->c, s->c.snd.una + get_near(), ECONNREFUSED, op & 16,
			      op & 32 ? 100 + get8() * 10 : 0, sim_now);
		break;
	case 13:
		op_user(s);
		break;
	case 14:
		if (op & 16)
			op_congestion(s);
		else
			tcp_conn_shed(&s->c, get8());
		break;
	case 15:
		if (op & 16)
			tcp_conn_set_md5(&s->c, op & 32, sim_now);
		else
			tcp_conn_set_path(&s->c, 500 + get16() % 9000, sim_now);
		break;
	}
}

static void setup(struct tcp_params *p, u8 bits, u8 more)
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
	p->ooo_max_segs = 64;
	p->min_rtt_wlen_ms = 300000;
	p->keep_probes = 9;
	p->syn_retries = 6;
	p->synack_retries = 5;
	p->retries1 = 3;
	p->retries2 = 15;
	p->tso_win_divisor = 3;
	p->pingpong_thresh = 1;
	p->timestamps = bits & 1;
	p->sack = bits & 2;
	p->dsack = bits & 2;
	p->wscale = bits & 4;
	p->slow_start_after_idle = true;
	p->moderate_rcvbuf = true;
	p->ecn = bits & 8 ? 1 : 0;
	p->recovery = 1;
	p->early_retrans = 3;
	p->frto = more & 1 ? 0 : 2;
	p->shrink_window = more & 2;
	p->workaround_signed_windows = more & 4;
	p->thin_linear_timeouts = more & 8;
	p->recovery |= more & 16 ? 6 : 0;
	p->pacing_ss_ratio = more & 32 ? 200 : 0;
	p->pacing_ca_ratio = more & 32 ? 120 : 0;
	p->rfc1337 = more & 64;
	p->ecn_fallback = more & 128;
	p->min_tso_segs = 2;
	p->tw_reuse = 1;
	p->invalid_ratelimit_ms = bits & 16 ? 500 : 0;
	p->mtu_probing = bits >> 5 & 3;
	p->mtu_probe_floor = 48;
	p->probe_threshold = 8;
	p->probe_interval = 10;
	p->syn_linear_timeouts = 4;
}

/* A SYN with text and a good cookie. */
static void start_fast_passive(struct sim_conn *s, const struct tcp_segin *syn)
{
	static const struct tcp_fast_syn none;
	struct tcp_segin in = *syn;
	struct sim_rec *r = calloc(1, sizeof(*r));

	in.len = 300;
	r->conn = s;
	s->live++;
	if (!tcp_conn_accept_fast(&s->c, &in, &r->seg, &none, sim_now)) {
		s->live--;
		free(r);
	}
}

/* Any segments at a half-open connection, and at none, until it opens or is given up. */
static bool start_half(struct sim_conn *s)
{
	struct tcp_segin in = { .flags = TCPF_SYN, .seq = 0x7fffff00, .wnd = 60000, .n_segs = 1 };
	struct tcp_half h = {
		.iss = 0xfffffff0, .advmss = 1460, .rcv_wnd = 60000, .rcv_wscale = 3,
	};
	struct base b = { .una = h.iss, .nxt = h.iss + 1, .clock = tcp_ms(sim_now) };
	/* Bit 0: by cookie; bit 1: by Fast Open. */
	u8 v = TCP_HALF_DROP, by_cookie = get8();
	struct tcp_segout out;
	u32 data;

	get_options(&b, &in.opt);
	tcp_closed_arrives(&in, &out);
	if (tcp_listen_arrives(&scn.par[0], &in, &h, &out, sim_now) != TCP_HALF_REPLY)
		sim_fail("a SYN was not answered");
	if (by_cookie & 2) {
		tcp_conn_from_half(&s->c, &h, 1460, sim_now);
		start_fast_passive(s, &in);
		return true;
	}
	data = by_cookie & 1 ? tcp_cookie_syn(&h, &out, sim_now) : 0;
	b.clock = out.opt.tsval;
	b.rcv = h.irs + 1;
	b.ts = h.ts_recent;
	while (in_n && v != TCP_HALF_OPEN) {
		get_segment(&b, &in);
		if (by_cookie & 1) {
			in.ack = h.iss + 1;
			if (!tcp_cookie_ack(&scn.par[0], &in, &h, data))
				return false;
			v = TCP_HALF_OPEN;
		} else if (in.up & 1) {
			sim_now = max(sim_now, h.deadline_ns);
			v = tcp_half_timer(&scn.par[0], &h, &out, sim_now);
		} else {
			tcp_listen_arrives(&scn.par[0], &in, &(struct tcp_half) {}, &out, sim_now);
			tcp_closed_arrives(&in, &out);
			v = tcp_half_arrives(&scn.par[0], &h, &in, &out, sim_now);
		}
		if (v == TCP_HALF_GONE || v == TCP_HALF_GONE_REPLY)
			return false;
	}
	if (v != TCP_HALF_OPEN)
		return false;
	tcp_conn_from_half(&s->c, &h, 1460, sim_now);
	return true;
}

static void time_wait(void)
{
	struct tcp_segout out;
	struct tcp_segin in;
	u32 iss;

	while (in_n && tw_on) {
		struct base b = {
			.rcv = tw.rcv_nxt, .una = tw.snd_nxt, .nxt = tw.snd_nxt,
			.ts = tw.ts_recent, .clock = tcp_ms(sim_now) + tw.ts_offset,
		};

		sim_now += (u64)get8() * get8() * MS;
		get_segment(&b, &in);
		tcp_tw_reusable(&scn.par[0], &tw, false, &iss, sim_now);
		switch (tcp_tw_arrives(&scn.par[0], &tw, &in, &out, &iss, sim_now)) {
		case TCP_TW_GONE:
		case TCP_TW_GONE_REPLY:
		case TCP_TW_REOPEN:
			tw_on = false;
			break;
		default:
			break;
		}
	}
}

/* Our SYN with text. */
static void start_fast_active(struct sim_conn *s)
{
	struct tcp_fast_syn f = { .option = true, .len = 700 };

	tcp_conn_open_fast(&s->c, 0xfffffff0, 5, 1460, 3, &f, sim_now);
	tcp_conn_wrote(&s->c, 700, true, false);
}

static void start(struct sim_conn *s, u8 how)
{
	struct tcp_segin in = {
		.flags = TCPF_SYN | TCPF_ACK, .seq = 0x7fffff00, .wnd = 60000, .n_segs = 1,
	};
	in.opt.has = TCPO_MSS | (how & 7 ? TCPO_SACK_PERM | TCPO_WSCALE : 0);
	in.opt.mss = 1000;
	in.opt.wscale = how & 7;
	if (how & 128)
		start_fast_active(s);
	else
		tcp_conn_open(&s->c, 0xfffffff0, 5, 1460, 3, sim_now);
	if (how & 32)
		return;
	in.ack = s->c.snd.nxt;
	if (how & 128 && how & 8)
		in.ack += how & 64 ? 300 : 700;
	sim_now += 5 * MS;
	tcp_conn_arrives(&s->c, &in, NULL, sim_now);
	tcp_conn_flush(&s->c, sim_now);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sim_conn *s;
	u8 how, bits;

	in_p = data;
	in_n = size;
	sim_now = 5 * SEC;
	how = get8();
	memset(&scn, 0, sizeof(scn));
	bits = get8();
	setup(&scn.par[0], bits, get8());
	tw_on = false;
	scn.cc[0] = how & 64 ? &tcp_cc_reno : &tcp_cc_cubic;
	links[1].mtu = 65535;
	s = env_conn_new(0, 0, 0);
	if (!(how & 16))
		start(s, how);
	else if (!start_half(s))
		in_n = 0;
	while (in_n && s->c.state != TCPS_CLOSED) {
		sim_steps++;
		op_one(s);
		env_after(s);
	}
	time_wait();
	tcp_conn_purge(&s->c);
	check_conn(s);
	free(s);
	return 0;
}
