// SPDX-License-Identifier: GPL-2.0
/* A host: finds whose a segment is: connection, TIME-WAIT, half-open, listener, nobody. */
#include <stdlib.h>

#include "sim.h"

struct sim_host hosts[2];

static u32 host_iss(void)
{
	/* Wraps are where mistakes live. */
	return rnd_chance(300000) ? 0u - rnd_below(100000) : (u32)rnd();
}

static u8 host_wscale(void)
{
	return scn.bulk ? 10 : rnd_below(15);
}

bool host_connect(int host, u32 port, u32 gen)
{
	u32 iss = host_iss();
	struct sim_conn *s;

	if (hosts[host].plain) {
		peer_connect(host, port, gen);
		return true;
	}
	if (hosts[host].tw[port].used) {
		if (!tcp_tw_reusable(&scn.par[host], &hosts[host].tw[port].tw, false, &iss,
				     sim_now))
			return false;
		hosts[host].tw[port].used = false;
	}
	s = env_conn_new(host, port, gen);
	hosts[host].conn[port] = s;
	s->used = true;
	tcp_conn_open(&s->c, iss, scn.ts_offset[host], links[!host].mtu - 40,
		      host_wscale(), sim_now);
	env_after(s);
	app_start(s);
	return true;
}

static void reply(int host, u32 port, u32 gen, const struct tcp_segout *out)
{
	env_transmit(NULL, host, port, gen, out, 0);
}

/* ---- TIME-WAIT ---- */

static void tw_timer(void *arg, u64 tag)
{
	struct sim_tw *t = arg;

	if (!t->used || t->id != tag)
		return;
	if (t->tw.deadline_ns > sim_now)
		sim_at(t->tw.deadline_ns, tw_timer, t, tag);
	else
		t->used = false;
}

void host_time_wait(struct sim_conn *s)
{
	struct sim_tw *t = &hosts[s->host].tw[s->port];

	if (s->c.state != TCPS_TIME_WAIT && s->c.state != TCPS_FIN_WAIT_2) {
		sim_fail("TIME-WAIT announced in state %u", s->c.state);
		return;
	}
	tcp_tw_from_conn(&t->tw, &s->c, sim_now);
	tcp_conn_purge(&s->c);
	t->used = true;
	t->id++;
	t->port = s->port;
	sim_at(t->tw.deadline_ns, tw_timer, t, t->id);
}

/* ---- passive open ---- */

static void half_timer(void *arg, u64 tag)
{
	struct sim_half *h = arg;
	struct tcp_segout out;

	if (!h->used || h->id != tag)
		return;
	if (h->h.deadline_ns > sim_now) {
		sim_at(h->h.deadline_ns, half_timer, h, tag);
		return;
	}
	if (tcp_half_timer(&scn.par[1], &h->h, &out, sim_now) == TCP_HALF_GONE) {
		h->used = false;
		return;
	}
	reply(1, h->port, h->gen, &out);
	sim_at(h->h.deadline_ns, half_timer, h, tag);
}

static void host_syn(int host, const struct sim_packet *p, const struct tcp_segin *in, u32 iss)
{
	struct sim_half *h = &hosts[host].half[p->port];
	struct tcp_segout out;
	enum tcp_half_verdict v;

	memset(&h->h, 0, sizeof(h->h));
	h->h.iss = iss;
	h->h.ts_offset = scn.ts_offset[host];
	h->h.advmss = links[!host].mtu - 40;
	h->h.rcv_wnd = 65535;
	h->h.rcv_wscale = host_wscale();
	v = tcp_listen_arrives(&scn.par[host], in, &h->h, &out, sim_now);
	if (v == TCP_HALF_REPLY || v == TCP_HALF_GONE_REPLY)
		reply(host, p->port, p->gen, &out);
	if (v != TCP_HALF_REPLY)
		return;
	h->used = true;
	h->port = p->port;
	h->gen = p->gen;
	h->id++;
	sim_at(h->h.deadline_ns, half_timer, h, h->id);
}

static void host_segment(struct sim_conn *s, const struct sim_packet *p,
			 const struct tcp_segin *in);

static void host_half(int host, struct sim_half *h, const struct sim_packet *p,
		      const struct tcp_segin *in)
{
	struct tcp_segout out;
	struct sim_conn *s;

	switch (tcp_half_arrives(&scn.par[host], &h->h, in, &out, sim_now)) {
	case TCP_HALF_DROP:
	case TCP_HALF_SKIP:
		return;
	case TCP_HALF_GONE_REPLY:
		h->used = false;
		fallthrough;
	case TCP_HALF_REPLY:
		reply(host, p->port, p->gen, &out);
		return;
	case TCP_HALF_GONE:
		h->used = false;
		return;
	case TCP_HALF_OPEN:
		break;
	}
	if (hosts[host].conn[p->port])
		return;		/* the port's last connection is not done with: queue full */
	h->used = false;
	s = env_conn_new(host, p->port, h->gen);
	s->passive = true;
	s->used = true;
	hosts[host].conn[p->port] = s;
	tcp_conn_from_half(&s->c, &h->h, links[!host].mtu - 40, sim_now);
	host_segment(s, p, in);
	app_start(s);
}

/* ---- arrival ---- */

static void host_segment(struct sim_conn *s, const struct sim_packet *p,
			 const struct tcp_segin *in)
{
	struct sim_rec *r = NULL;
	enum tcp_arrival a;

	if (s->c.state == TCPS_CLOSED)
		return;
	if (in->len || in->flags & TCPF_FIN) {
		r = calloc(1, sizeof(*r));
		r->off = p->off;
		r->conn = s;
		s->live++;
	}
	a = tcp_conn_arrives(&s->c, in, r ? &r->seg : NULL, sim_now);
	if (r && a != TCP_ARR_TAKEN) {
		s->live--;
		free(r);
	}
	sim_log("   %c%u takes %u+%u: %d, state %u una %u nxt %u rcv %u",
		s->host ? 'B' : 'A', s->port, in->seq, in->len, a,
		s->c.state, s->c.snd.una, s->c.snd.nxt, s->c.rcv.nxt);
	sim_log("       cwnd %u flight %d (%u %u %u %u) phase %u", s->c.cong.cwnd,
		(int)tcp_cong_flight(&s->c), s->c.rtx.packets, s->c.rtx.sacked, s->c.rtx.lost,
		s->c.rtx.retrans, s->c.loss.phase);
}

static void host_tw(int host, struct sim_tw *t, const struct sim_packet *p,
		    const struct tcp_segin *in)
{
	struct tcp_segout out;
	u32 iss;

	switch (tcp_tw_arrives(&scn.par[host], &t->tw, in, &out, &iss, sim_now)) {
	case TCP_TW_DROP:
	case TCP_TW_SKIP:
		break;
	case TCP_TW_GONE_REPLY:
		t->used = false;
		fallthrough;
	case TCP_TW_REPLY:
		reply(host, p->port, p->gen, &out);
		break;
	case TCP_TW_GONE:
		t->used = false;
		break;
	case TCP_TW_REOPEN:
		t->used = false;
		if (hosts[host].listening)
			host_syn(host, p, in, iss);
		break;
	}
}

static struct sim_conn *host_demux(int host, const struct sim_packet *p, struct tcp_segin *in)
{
	struct sim_host *h = &hosts[host];
	struct sim_conn *s = h->conn[p->port];
	struct tcp_segout out;

	if (s && s->c.state != TCPS_CLOSED) {
		host_segment(s, p, in);
		return s;
	}
	if (h->tw[p->port].used) {
		host_tw(host, &h->tw[p->port], p, in);
	} else if (h->half[p->port].used) {
		host_half(host, &h->half[p->port], p, in);
		return h->conn[p->port];
	} else if (h->listening && (in->flags & TCPF_SYN)) {
		host_syn(host, p, in, host_iss());
	} else if (tcp_closed_arrives(in, &out)) {
		reply(host, p->port, p->gen, &out);
	}
	return NULL;
}

static void parse(const struct sim_packet *p, struct tcp_segin *in)
{
	wire_tcp_parse(p->hdr, p->hlen + p->len, in);
	in->ecn = p->ecn;
	in->n_segs = 1;
}

/* Somebody on the way throws in what was never sent: a guess near the truth. */
static void host_inject(int host, const struct sim_packet *p)
{
	struct sim_packet fake = *p;
	struct sim_conn *s = hosts[host].conn[p->port];
	struct tcp_segin in;

	if (!s || s->c.state == TCPS_CLOSED)
		return;
	parse(&fake, &in);
	in.len = 0;
	in.opt.has = 0;
	in.opt.n_sack = 0;
	switch (rnd_below(4)) {
	case 0:
		in.flags = TCPF_RST;
		in.seq = s->c.rcv.nxt + 1 + rnd_below(100000);
		/* The end of what was SACKed is as good as the next octet (arrive.c). */
		if (s->c.ooo.q.last)
			return;
		break;
	case 1:
		in.flags = TCPF_SYN;
		in.seq = s->c.rcv.nxt + rnd_below(100000);
		break;
	case 2:
		in.flags = TCPF_ACK;
		in.ack = s->c.snd.nxt + 1 + rnd_below(1u << 30);
		break;
	default:
		in.flags = TCPF_ACK;
		in.ack = s->c.snd.una - (1u << 30) - rnd_below(1u << 30);
	}
	if (s->c.state == TCPS_SYN_SENT || s->c.state == TCPS_SYN_RECEIVED)
		return;
	host_segment(s, &fake, &in);
}

static void host_take(struct sim_packet *p, struct tcp_segin *in)
{
	struct sim_conn *s = host_demux(p->to, p, in);

	if (scn.inject && rnd_chance(scn.inject))
		host_inject(p->to, p);
	if (s && s->c.state != TCPS_CLOSED && rnd_chance(scn.shed))
		tcp_conn_shed(&s->c, 1 + rnd_below(20));
	if (s && s->c.state != TCPS_CLOSED)
		tcp_conn_flush(&s->c, sim_now);
	if (s)
		env_after(s);
}

/* ---- merging of a burst, as GRO does ---- */

static bool mergeable(const struct tcp_segin *a, const struct tcp_segin *b)
{
	return a->len && b->len && a->seq + a->len == b->seq && a->ack == b->ack &&
	       a->opt.has == b->opt.has && !(b->opt.has & TCPO_SACK) &&
	       !((a->flags | b->flags) & (TCPF_SYN | TCPF_RST | TCPF_URG | TCPF_CWR)) &&
	       !(a->flags & (TCPF_FIN | TCPF_PSH)) && a->ecn == b->ecn &&
	       a->wnd == b->wnd && a->len + b->len < 65000;
}

static void host_poll(void *arg, u64 tag)
{
	struct sim_host *h = arg;
	struct sim_packet *p;

	(void)tag;
	h->poll_due = false;
	while ((p = h->rx)) {
		struct tcp_segin in, more;
		struct sim_packet *q;

		parse(p, &in);
		while ((q = p->next) && q->port == p->port && q->off == p->off + in.len) {
			parse(q, &more);
			if (!mergeable(&in, &more))
				break;
			in.len += more.len;
			in.flags |= more.flags;
			in.n_segs++;
			in.opt = more.opt;
			p->next = q->next;
			free(q);
		}
		h->rx = p->next;
		if (!h->rx)
			h->rx_tail = &h->rx;
		host_take(p, &in);
		free(p);
	}
}

void host_receive(struct sim_packet *p)
{
	struct sim_host *h = &hosts[p->to];
	struct tcp_segin in;

	if (h->plain) {
		peer_receive(p);
		return;
	}
	if (!scn.gro) {
		parse(p, &in);
		host_take(p, &in);
		free(p);
		return;
	}
	p->next = NULL;
	*h->rx_tail = p;
	h->rx_tail = &p->next;
	if (!h->poll_due) {
		h->poll_due = true;
		sim_at(sim_now + rnd() % scn.gro_wait, host_poll, h, 0);
	}
}
