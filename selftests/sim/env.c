// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's embedding: buffers that hold positions instead of octets, records, one timer a
 * connection.
 */
#include <stdlib.h>

#include "sim.h"

static struct sim_conn *of(const struct tcp_conn *c)
{
	return (struct sim_conn *)c;
}

static struct sim_rec *rec_of(struct tcp_seg *seg)
{
	return (struct sim_rec *)seg;
}

/* ---- records ---- */

static struct tcp_seg *rec_new(struct sim_conn *s, u64 off, bool send)
{
	struct sim_rec *r = calloc(1, sizeof(*r));

	r->off = off;
	r->conn = s;
	r->send = send;
	s->live++;
	return &r->seg;
}

static void rec_free(struct sim_conn *s, struct tcp_seg *seg)
{
	if (rec_of(seg)->conn != s)
		sim_fail("a record went to another connection");
	s->live--;
	free(seg);
}

struct tcp_seg *tcp_env_carve(struct tcp_conn *c, u32 max)
{
	struct sim_conn *s = of(c);
	struct tcp_seg *seg;
	u32 len = max;

	if (rnd_chance(s->nomem))
		return NULL;
	if (!max && tcp_conn_unsent(c))
		sim_fail("an empty record is asked for while there is text");
	if (max > tcp_conn_unsent(c))
		sim_fail("carve %u of %u", max, tcp_conn_unsent(c));
	if (s->hint && max && rnd_chance(100000))
		len = 1 + rnd_below(max);	/* the buffer ends here */
	seg = rec_new(s, s->carved, true);
	seg->len = len;
	if (max && s->is_pushed && c->snd.nxt + len == s->pushed)
		seg->flags = TCPF_PSH;
	s->carved += len;
	return seg;
}

void tcp_env_uncarve(struct tcp_conn *c, struct tcp_seg *seg)
{
	struct sim_conn *s = of(c);

	s->carved -= seg->len;
	if (rec_of(seg)->off != s->carved)
		sim_fail("uncarve at %llu of what was carved to %llu",
			 (unsigned long long)rec_of(seg)->off, (unsigned long long)s->carved);
	rec_free(s, seg);
}

u32 tcp_env_gather(struct tcp_conn *c, u32 len)
{
	if (len > tcp_conn_unsent(c))
		sim_fail("gather %u of %u", len, tcp_conn_unsent(c));
	return rnd_chance(of(c)->nomem) ? 1 + rnd_below(len) : len;
}

u32 tcp_env_carve_hint(const struct tcp_conn *c)
{
	const struct sim_conn *s = (const struct sim_conn *)c;

	return s->hint ? s->hint : tcp_conn_unsent(c);
}

struct tcp_seg *tcp_env_split(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	struct sim_conn *s = of(c);

	if (!len || len >= seg->len)
		sim_fail("split %u of %u", len, seg->len);
	if (rnd_chance(s->nomem))
		return NULL;
	return rec_new(s, rec_of(seg)->off + len, true);
}

void tcp_env_trim(struct tcp_conn *c, struct tcp_seg *seg, u32 len)
{
	(void)c;
	rec_of(seg)->off += len;
}

void tcp_env_acked(struct tcp_conn *c, struct tcp_seg *seg)
{
	rec_free(of(c), seg);
}

/* ---- sending ---- */

static void env_drained(void *arg, u64 tag)
{
	int host = tag >> 63, port = (tag >> 32) & 0x7fffffff;
	struct sim_conn *s = hosts[host].conn[port];

	if (!s || s != arg)
		return;
	s->qbytes -= min(s->qbytes, (u32)tag);
	if (s->c.state != TCPS_CLOSED) {
		tcp_conn_flush(&s->c, sim_now);
		env_after(s);
	}
}

static void trace_segment(int from, u32 port, const struct tcp_segout *out, u64 off)
{
	u32 i;

	if (!sim_trace)
		return;
	printf("# %.6f %c%u %c%c%c%c%c seq %u len %u off %llu ack %u wnd %u", sim_now / 1e9,
	       from ? 'B' : 'A', port, out->flags & TCPF_SYN ? 'S' : '-',
	       out->flags & TCPF_FIN ? 'F' : '-', out->flags & TCPF_RST ? 'R' : '-',
	       out->flags & TCPF_PSH ? 'P' : '-', out->flags & TCPF_ACK ? 'A' : '-', out->seq,
	       out->len, (unsigned long long)off, out->ack, out->wnd);
	for (i = 0; out->opt.has & TCPO_SACK && i < out->opt.n_sack; i++)
		printf(" [%u-%u)", out->opt.sack[i].start, out->opt.sack[i].end);
	printf("\n");
}

/* One emission becomes packets of at most mss octets, each with its header as on the wire. */
void env_transmit(struct sim_conn *s, int from, u32 port, u32 gen, const struct tcp_segout *out,
		  u64 off)
{
	struct tcp_segout part = *out;
	u32 done = 0;

	trace_segment(from, port, out, off);
	if (scn.strip && out->flags & TCPF_SYN)
		part.opt.has &= ~scn.strip;
	do {
		struct sim_packet *p = calloc(1, sizeof(*p));
		u32 room = max_t(u32, out->mss, 1);

		/* A middlebox may cut what passes. */
		if (rnd_chance(scn.split) && out->len - done > 1)
			room = 1 + rnd_below(min(room, out->len - done));

		part.seq = out->seq + done;
		part.len = min(out->len - done, room);
		part.flags = out->flags;
		if (done + part.len < out->len)
			part.flags &= ~(TCPF_FIN | TCPF_PSH);
		if (done)
			part.flags &= ~TCPF_CWR;
		p->hlen = wire_tcp_emit(p->hdr, &part, 0, 0);
		if (p->hlen != wire_tcp_size(&part) || p->hlen > WIRE_TCP_HLEN_MAX)
			sim_fail("header of %u octets", p->hlen);
		p->ecn = out->ecn;
		p->len = part.len;
		p->off = off + done;
		p->port = port;
		p->gen = gen;
		p->to = !from;
		if (s && s->tsq) {
			struct sim_link *l = &links[p->to];
			u32 size = p->len + p->hlen;
			u64 at = max(l->busy_until, sim_now) +
				 (l->rate ? size * SEC / l->rate : 0) + 1;

			s->qbytes += size;
			sim_at(at, env_drained, s, (u64)from << 63 | (u64)port << 32 | size);
		}
		done += part.len;
		box_send(p);
	} while (done < out->len);
}

int tcp_env_emit(struct tcp_conn *c, struct tcp_seg *seg, const struct tcp_segout *out)
{
	struct sim_conn *s = of(c);
	u64 off = seg ? rec_of(seg)->off : 0;

	check_emit(s, seg, out);
	if (rnd_chance(s->nomem))
		return -ENOBUFS;
	env_transmit(s, s->host, s->port, s->gen, out, off);
	if (seg)
		rec_of(seg)->queued_until = max(links[!s->host].busy_until, sim_now);
	return 0;
}

bool tcp_env_in_queue(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	const struct sim_conn *s = (const struct sim_conn *)c;

	return s->tsq && ((const struct sim_rec *)seg)->queued_until > sim_now;
}

bool tcp_env_may_send(const struct tcp_conn *c)
{
	const struct sim_conn *s = (const struct sim_conn *)c;

	return !s->tsq || s->qbytes < s->tsq;
}

/* ---- receiving ---- */

u64 sim_moved;

void tcp_env_deliver(struct tcp_conn *c, struct tcp_seg *seg, u32 skip)
{
	struct sim_conn *s = of(c);
	struct sim_rec *r = rec_of(seg);

	if (r->send || skip >= seg->len)
		sim_fail("deliver: skip %u of %u", skip, seg->len);
	if (r->off + skip != s->rcvd)
		sim_fail("%c%u: stream broken: octet %llu came where %llu was due",
			 s->host ? 'B' : 'A', s->port, (unsigned long long)(r->off + skip),
			 (unsigned long long)s->rcvd);
	s->rcvd = r->off + seg->len;
	sim_moved = sim_now;
	s->rx_bytes += seg->len - skip;
	rec_free(s, seg);
}

void tcp_env_discard(struct tcp_conn *c, struct tcp_seg *seg)
{
	rec_free(of(c), seg);
}

u32 tcp_env_rcv_room(const struct tcp_conn *c)
{
	const struct sim_conn *s = (const struct sim_conn *)c;

	return s->rx_bytes < s->rcvbuf ? s->rcvbuf - s->rx_bytes : 0;
}

u32 tcp_env_rcv_limit(const struct tcp_conn *c)
{
	return ((const struct sim_conn *)c)->rcvbuf;
}

void tcp_env_rcv_grow(struct tcp_conn *c, u32 bytes)
{
	struct sim_conn *s = of(c);

	s->rcvbuf = max(s->rcvbuf, min(2 * bytes, s->rcvmax));
}

/* ---- the rest ---- */

static void env_timer_fires(void *arg, u64 tag)
{
	struct sim_conn *s = arg;

	/* Connections are not freed while events may name them (see scenario_run). */
	if (s->timer_id != tag || s->c.state == TCPS_CLOSED)
		return;
	s->timer_at = TCP_NEVER;
	tcp_conn_timer(&s->c, sim_now);
	env_after(s);
}

void tcp_env_timer(struct tcp_conn *c, u64 deadline_ns)
{
	struct sim_conn *s = of(c);

	s->timer_id++;
	s->timer_at = deadline_ns;
	if (deadline_ns != TCP_NEVER)
		sim_at(max(deadline_ns, sim_now) + rnd_below(1000000), env_timer_fires, s,
		       s->timer_id);
}

void tcp_env_event(struct tcp_conn *c, enum tcp_event ev, int arg)
{
	struct sim_conn *s = of(c);

	switch (ev) {
	case TCP_EV_ESTABLISHED:
		s->established = true;
		break;
	case TCP_EV_ERROR:
		sim_log("%c%u error %d", s->host ? 'B' : 'A', s->port, arg);
		s->err = arg;
		s->finished = true;
		break;
	case TCP_EV_CLOSED:
		s->finished = true;
		break;
	case TCP_EV_TIME_WAIT:
		s->time_wait = true;
		break;
	case TCP_EV_FIN:
		s->app.eof = true;
		break;
	default:
		break;
	}
}

void tcp_env_count(struct tcp_conn *c, int mib, int n)
{
	(void)c;
	(void)mib;
	(void)n;
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
	(void)opt;
}

/* ---- connections ---- */

struct sim_conn *env_conn_new(int host, u32 port, u32 gen)
{
	struct sim_conn *s = calloc(1, sizeof(*s));

	s->host = host;
	s->port = port;
	s->gen = gen;
	s->timer_at = TCP_NEVER;
	tcp_conn_init(&s->c, &scn.par[host], scn.cc[host], sim_now);
	scenario_apply(s);
	return s;
}

/* After each call into the engine. */
void env_after(struct sim_conn *s)
{
	check_conn(s);
	if (s->time_wait) {
		s->time_wait = false;
		/* What came with the ACK of the FIN may have ended it all the same. */
		if (s->c.state != TCPS_CLOSED)
			host_time_wait(s);
		s->finished = true;
	}
	app_kick(s);
}
