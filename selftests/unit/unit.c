// SPDX-License-Identifier: GPL-2.0
/* The runner (KTAP), and the embedding that the tests look through. */
#include <stdarg.h>
#include <stdlib.h>

#include "unit.h"

/* ---- runner ---- */

static struct unit_test *tests, **tests_end = &tests;
bool unit_failed;

void unit_register(struct unit_test *t)
{
	*tests_end = t;
	tests_end = &t->next;
}

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	unit_failed = true;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	struct unit_test *t;
	int n = 0, failed = 0;

	for (t = tests; t; t = t->next)
		n += !only || !strcmp(only, t->name);
	printf("KTAP version 1\n1..%d\n", n);
	n = 0;
	for (t = tests; t; t = t->next) {
		if (only && strcmp(only, t->name))
			continue;
		unit_failed = false;
		u_reset();
		t->run();
		if (!unit_failed) {
			tcp_conn_purge(&uc);
			if (u_live)
				unit_fail(__FILE__, __LINE__, "%u records leaked", u_live);
		}
		printf("%sok %d %s\n", unit_failed ? "not " : "", ++n, t->name);
		if (unit_failed)
			printf("# alone: %s %s\n", argv[0], t->name);
		failed += unit_failed;
	}
	printf("# %d passed, %d failed\n", n - failed, failed);
	return failed != 0;
}

/* ---- embedding ---- */

#define MAX_OUT 4096

u8 u_ecn;
struct tcp_conn uc;
struct tcp_params up;
u64 unow;
u32 u_rcvbuf, u_unread, u_delivered, u_live, u_events, u_mib, u_grow;
u32 u_refused, u_refuse_above, u_hint, u_record;
int u_error;
bool u_no_memory, u_no_send, u_in_queue;
struct tcp_options u_fast;
static struct tcp_segout outs[MAX_OUT];
static unsigned int out_first, out_n;
static u64 timer_at;
static bool pushed;				/* what ends at push_end bears a PSH */
static u32 push_end;

static struct tcp_seg *seg_new(void)
{
	u_live++;
	return calloc(1, sizeof(struct tcp_seg));
}

static void seg_free(struct tcp_seg *seg)
{
	u_live--;
	free(seg);
}

struct tcp_seg *tcp_env_carve(struct tcp_conn *c, u32 max)
{
	struct tcp_seg *seg;

	if (u_no_memory)
		return NULL;
	seg = seg_new();
	seg->len = max;
	if (max && pushed && c->snd.nxt + max == push_end)
		seg->flags = TCPF_PSH;
	return seg;
}

void tcp_env_uncarve(struct tcp_conn *c, struct tcp_seg *seg)
{
	(void)c;
	seg_free(seg);
}

u32 tcp_env_gather(struct tcp_conn *c, u32 len)
{
	return min(len, u_record ? u_record : tcp_conn_unsent(c));
}

u32 tcp_env_carve_hint(const struct tcp_conn *c)
{
	return u_hint ? u_hint : tcp_conn_unsent(c);
}

struct tcp_seg *tcp_env_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	(void)c;
	(void)seg;
	(void)len;
	return u_no_memory ? NULL : seg_new();
}

void tcp_env_trim(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	(void)c;
	(void)seg;
	(void)len;
}

void tcp_env_acked(struct tcp_conn *c, struct tcp_seg *seg)
{
	(void)c;
	seg_free(seg);
}

int tcp_env_emit(struct tcp_conn *c, struct tcp_seg *seg, const struct tcp_segout *out)
{
	(void)c;
	(void)seg;
	if (u_no_send || (u_refuse_above && out->mss > u_refuse_above)) {
		u_refused++;
		return -ENOBUFS;
	}
	if (out_n < MAX_OUT)
		outs[out_n++] = *out;
	return 0;
}

bool tcp_env_in_queue(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	(void)c;
	(void)seg;
	return u_in_queue;
}

bool tcp_env_may_send(const struct tcp_conn *c)
{
	(void)c;
	return true;
}

void tcp_env_deliver(struct tcp_conn *c, struct tcp_seg *seg, u32 skip)
{
	(void)c;
	u_unread += seg->len - skip;
	u_delivered += seg->len - skip;
	seg_free(seg);
}

void tcp_env_discard(struct tcp_conn *c, struct tcp_seg *seg)
{
	(void)c;
	seg_free(seg);
}

u32 tcp_env_rcv_room(const struct tcp_conn *c)
{
	(void)c;
	return u_unread < u_rcvbuf ? u_rcvbuf - u_unread : 0;
}

u32 tcp_env_rcv_limit(const struct tcp_conn *c)
{
	(void)c;
	return u_rcvbuf;
}

void tcp_env_rcv_grow(struct tcp_conn *c, u32 bytes)
{
	(void)c;
	u_grow = bytes;
}

void tcp_env_event(struct tcp_conn *c, enum tcp_event ev, int arg)
{
	(void)c;
	u_events |= 1U << ev;
	if (ev == TCP_EV_ERROR)
		u_error = arg;
}

void tcp_env_timer(struct tcp_conn *c, u64 deadline_ns)
{
	(void)c;
	timer_at = deadline_ns;
}

void tcp_env_count(struct tcp_conn *c, int mib, int n)
{
	(void)c;
	(void)n;
	u_mib = mib;
}

bool tcp_env_challenge_ok(struct tcp_conn *c, u64 now)
{
	(void)c;
	(void)now;
	return true;
}

void tcp_env_fast(struct tcp_conn *c, const struct tcp_options *opt)
{
	(void)c;
	u_fast = *opt;
}

/* ---- driving ---- */

static void defaults(void)
{
	memset(&up, 0, sizeof(up));
	up.rto_min_us = 200000;
	up.rto_max_us = 120000000;
	up.rto_init_us = 1000000;
	up.delack_min_us = 40000;
	up.delack_max_us = 200000;
	up.keep_idle_ms = 7200000;
	up.keep_intvl_ms = 75000;
	up.fin_timeout_ms = 60000;
	up.time_wait_ms = 60000;
	up.init_cwnd = 10;
	up.reordering = 3;
	up.max_reordering = 300;
	up.base_mss = 1024;
	up.min_snd_mss = 48;
	up.mtu_probe_floor = 48;
	up.probe_threshold = 8;
	up.probe_interval = 600;
	up.ooo_max_segs = 1000;
	up.challenge_ack_limit = 1000;
	up.invalid_ratelimit_ms = 0;
	up.min_rtt_wlen_ms = 300000;
	up.keep_probes = 9;
	up.syn_retries = 6;
	up.synack_retries = 5;
	up.retries1 = 3;
	up.retries2 = 15;
	up.tso_win_divisor = 3;
	up.pingpong_thresh = 1;
	up.sack = true;
	up.dsack = true;
	up.slow_start_after_idle = true;
	up.recovery = 1;
	up.frto = 2;
	up.ecn = 2;
}

void u_reset(void)
{
	if (uc.par)
		tcp_conn_purge(&uc);
	defaults();
	memset(&uc, 0, sizeof(uc));
	unow = 1000 * SEC;
	u_rcvbuf = 60000;
	u_unread = 0;
	u_grow = 0;
	u_delivered = 0;
	u_live = 0;
	u_error = 0;
	u_events = 0;
	u_no_memory = false;
	u_no_send = false;
	u_in_queue = false;
	u_refused = 0;
	u_hint = 0;
	u_record = 0;
	u_refuse_above = 0;
	memset(&u_fast, 0, sizeof(u_fast));
	out_first = 0;
	out_n = 0;
	timer_at = TCP_NEVER;
	pushed = false;
	u_ecn = 0;
	tcp_conn_init(&uc, &up, &tcp_cc_reno, unow);
	uc.user.nodelay = true;
}

static u8 flags_of(const char *s)
{
	u8 f = 0;

	for (; *s; s++)
		f |= *s == 'F' ? TCPF_FIN : *s == 'S' ? TCPF_SYN : *s == 'R' ? TCPF_RST :
		     *s == 'P' ? TCPF_PSH : *s == 'A' ? TCPF_ACK : *s == 'U' ? TCPF_URG :
		     *s == 'E' ? TCPF_ECE : *s == 'C' ? TCPF_CWR : 0;
	return f;
}

enum tcp_arrival u_in_opt(const char *flags, u32 seq, u32 ack, u32 len, u32 wnd,
			  const struct tcp_options *opt)
{
	struct tcp_segin in = {
		.seq = IRS + seq, .ack = ISS + ack, .len = len, .wnd = wnd,
		.flags = flags_of(flags), .n_segs = 1, .ecn = u_ecn,
	};
	struct tcp_seg *seg = NULL;
	enum tcp_arrival a;

	if (opt)
		in.opt = *opt;
	if (!(in.flags & TCPF_ACK))
		in.ack = 0;
	if (in.flags & TCPF_URG)
		in.up = len;
	if (len || in.flags & TCPF_FIN)
		seg = seg_new();
	a = tcp_conn_arrives(&uc, &in, seg, unow);
	if (seg && a != TCP_ARR_TAKEN)
		seg_free(seg);
	return a;
}

enum tcp_arrival u_in(const char *flags, u32 seq, u32 ack, u32 len, u32 wnd)
{
	enum tcp_arrival a = u_in_opt(flags, seq, ack, len, wnd, NULL);

	u_flush();
	return a;
}

/* A pure ACK with SACK blocks: @edges are 2 @n sequence numbers of ours. */
enum tcp_arrival u_sack(u32 ack, u32 wnd, unsigned int n, const u32 *edges)
{
	struct tcp_options opt = { .has = TCPO_SACK, .n_sack = n };
	enum tcp_arrival a;
	unsigned int i;

	for (i = 0; i < n; i++) {
		opt.sack[i].start = ISS + edges[2 * i];
		opt.sack[i].end = ISS + edges[2 * i + 1];
	}
	a = u_in_opt("A", uc.rcv.nxt - IRS, ack, 0, wnd, &opt);
	u_flush();
	return a;
}

void u_flush(void)
{
	tcp_conn_flush(&uc, unow);
}

/* All that is unsent is one buffer: a mark that more is written behind is forgotten. */
void u_wrote(u32 len, bool push, bool urgent)
{
	pushed = tcp_conn_wrote(&uc, len, push, urgent);
	push_end = uc.snd.end;
}

void u_write(u32 len)
{
	u_wrote(len, true, false);
	u_flush();
}

void u_read(u32 len)
{
	u_unread -= len;
	tcp_conn_read(&uc, len, unow);
}

void u_at(u64 ms)
{
	u64 until = unow + ms * MS;

	while (timer_at <= until) {
		unow = max(unow, timer_at);
		timer_at = TCP_NEVER;
		tcp_conn_timer(&uc, unow);
	}
	unow = until;
}

static void open_active(void)
{
	struct tcp_options opt = { .has = TCPO_MSS | TCPO_SACK_PERM, .mss = MSS };

	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	unow += 10 * MS;
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
}

void u_state(u8 state)
{
	if (state == TCPS_CLOSED)
		return;
	if (state == TCPS_SYN_SENT) {
		tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
		u_drop();
		return;
	}
	if (state == TCPS_SYN_RECEIVED) {
		struct tcp_options opt = { .has = TCPO_MSS | TCPO_SACK_PERM, .mss = MSS };

		tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
		u_in_opt("S", 0, 0, 0, 50000, &opt);
		u_drop();
		return;
	}
	open_active();
	if (state == TCPS_CLOSE_WAIT || state == TCPS_LAST_ACK)
		u_in("FA", 1, 1, 0, 50000);
	if (state != TCPS_ESTABLISHED && state != TCPS_CLOSE_WAIT)
		tcp_conn_shutdown(&uc, unow);
	if (state == TCPS_FIN_WAIT_2)
		u_in("A", 1, 2, 0, 50000);
	if (state == TCPS_CLOSING)
		u_in("FA", 1, 1, 0, 50000);
	u_drop();
}

/* ---- what left ---- */

struct tcp_segout *u_peek(void)
{
	return out_first < out_n ? &outs[out_first] : NULL;
}

bool u_none(void)
{
	struct tcp_segout *o = u_peek();

	if (!o)
		return true;
	printf("# nothing should have left, but: flags %02x seq %u len %u ack %u\n", o->flags,
	       o->seq - ISS, o->len, o->ack - IRS);
	return false;
}

bool u_out(const char *flags, u32 seq, u32 len, u32 ack)
{
	struct tcp_segout *o = u_peek();
	u8 f = flags_of(flags);

	if (!o) {
		printf("# nothing left; expected %s seq %u len %u ack %u\n", flags, seq, len, ack);
		return false;
	}
	out_first++;
	/* PSH is looked at only where it is asked for. */
	if (!(f & TCPF_PSH))
		f |= o->flags & TCPF_PSH;
	if (o->flags == f && o->seq - ISS == seq && o->len == len &&
	    (!(f & TCPF_ACK) || o->ack - IRS == ack))
		return true;
	printf("# left: flags %02x seq %u len %u ack %u; expected %02x %u %u %u\n", o->flags,
	       o->seq - ISS, o->len, o->ack - IRS, f, seq, len, ack);
	return false;
}

void u_skip(void)
{
	out_first++;
}

void u_drop(void)
{
	out_first = 0;
	out_n = 0;
}

void u_next(void)
{
	if (out_first < out_n)
		out_first++;
}

struct tcp_seg *u_seg(void)
{
	return seg_new();
}

void u_unseg(struct tcp_seg *seg)
{
	seg_free(seg);
}

void u_delays_acks(void)
{
	u_state(TCPS_ESTABLISHED);
	uc.ackd.ato_us = 40000;
	uc.ackd.last_us = tcp_us(unow);
	uc.ackd.quick = 0;
}
