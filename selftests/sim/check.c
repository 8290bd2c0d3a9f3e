// SPDX-License-Identifier: GPL-2.0
/* What must hold after every event, whatever the network and the users do. */
#include "sim.h"

static char name(const struct sim_conn *s)
{
	return s->host ? 'B' : 'A';
}

#define must(s, cond, fmt, ...) do {							\
	if (!(cond))									\
		sim_fail("%c%u state %u: %s: " fmt, name(s), (s)->port, (s)->c.state,	\
			 #cond, ##__VA_ARGS__);						\
} while (0)

static u8 bits(const struct tcp_seg *g)
{
	if (g->mark & TCP_SEG_GAP)
		return TCP_BELOW_GAP;
	if (g->mark & TCP_SEG_SACKED)
		return 0;
	if ((g->mark & (TCP_SEG_LOST | TCP_SEG_RETRANS)) == TCP_SEG_LOST)
		return TCP_BELOW_UNSACKED | TCP_BELOW_LOST;
	return TCP_BELOW_UNSACKED | TCP_BELOW_FLIGHT;
}

/* Aggregates of one node against its children's. */
static void check_node(struct sim_conn *s, const struct tcp_seg *g)
{
	const struct tcp_node *k[2] = { g->node.left, g->node.right };
	u8 below = bits(g);
	u32 us = g->xmit_us;
	int i;

	for (i = 0; i < 2; i++) {
		const struct tcp_seg *d;

		if (!k[i])
			continue;
		must(s, k[i]->up == &g->node, "tree links");
		d = container_of(k[i], struct tcp_seg, node);
		if (d->below & TCP_BELOW_FLIGHT &&
		    (!(below & TCP_BELOW_FLIGHT) || seq_lt(d->min_us, us)))
			us = d->min_us;
		below |= d->below;
	}
	must(s, g->below == below, "aggregate %x, should be %x", g->below, below);
	if (below & TCP_BELOW_FLIGHT)
		must(s, g->min_us == us, "aggregate time");
}

static void check_rtx(struct sim_conn *s)
{
	struct tcp_conn *c = &s->c;
	u32 at = c->snd.una, packets = 0, sacked = 0, lost = 0, retrans = 0;
	struct tcp_seg *g = tcp_tree_first(&c->rtx.q), *last = NULL;

	for (; g; last = g, g = tcp_tree_next(g)) {
		must(s, g->seq == at, "hole in the retransmission queue");
		must(s, g->len || g->flags & TCPF_FIN, "empty record");
		must(s, !(g->mark & TCP_SEG_SACKED && g->mark & (TCP_SEG_LOST | TCP_SEG_RETRANS)),
		     "mark %x", g->mark);
		at = tcp_seg_end(g);
		packets += g->n_mss;
		sacked += g->mark & TCP_SEG_SACKED ? g->n_mss : 0;
		lost += g->mark & TCP_SEG_LOST ? g->n_mss : 0;
		retrans += g->mark & TCP_SEG_RETRANS ? g->n_mss : 0;
		if (!c->rtx.stale)
			check_node(s, g);
	}
	must(s, last == tcp_tree_last(&c->rtx.q), "last record");
	must(s, at == c->snd.nxt, "queue ends at %u, SND.NXT %u", at, c->snd.nxt);
	must(s, packets == c->rtx.packets, "%u, counted %u", packets, c->rtx.packets);
	must(s, lost == c->rtx.lost, "%u, counted %u", lost, c->rtx.lost);
	must(s, retrans == c->rtx.retrans, "%u, counted %u", retrans, c->rtx.retrans);
	if (c->opts & TCPO_SACK_PERM)
		must(s, sacked == c->rtx.sacked, "%u, counted %u", sacked, c->rtx.sacked);
}

static void check_ooo(struct sim_conn *s)
{
	struct tcp_conn *c = &s->c;
	struct tcp_seg *g = tcp_tree_first(&c->ooo.q), *last = NULL;
	u32 n = 0;

	for (; g; last = g, g = tcp_tree_next(g), n++) {
		must(s, seq_gt(g->seq, c->rcv.nxt), "in-order record in the out-of-order queue");
		must(s, !last || (seq_gt(g->seq, last->seq) &&
				  seq_gt(tcp_seg_end(g), tcp_seg_end(last))), "order");
		must(s, !!(g->mark & TCP_SEG_GAP) ==
		     (!last || seq_gt(g->seq, tcp_seg_end(last))), "gap mark");
		check_node(s, g);
	}
	must(s, n == c->ooo.segs, "%u", n);
	must(s, last == tcp_tree_last(&c->ooo.q), "last record");
}

static void check_blocks(struct sim_conn *s)
{
	struct tcp_conn *c = &s->c;
	u32 i, k;

	for (i = 0; i < c->ooo.n_block; i++) {
		struct tcp_sack *b = &c->ooo.block[i];

		must(s, seq_lt(b->start, b->end) && seq_gt(b->start, c->rcv.nxt), "block %u-%u",
		     b->start, b->end);
		for (k = 0; k < i; k++)
			must(s, seq_gt(b->start, c->ooo.block[k].end) ||
			     seq_lt(b->end, c->ooo.block[k].start), "blocks touch");
	}
	must(s, !c->ooo.n_block == !c->ooo.segs, "blocks %u, records %u", c->ooo.n_block,
	     c->ooo.segs);
}

static u64 earliest(const struct tcp_conn *c)
{
	u64 at = TCP_NEVER;
	int i;

	for (i = 0; i < TCP_TMR_NR; i++)
		at = min(at, c->tmr.at[i]);
	return at;
}

static bool sending(const struct tcp_conn *c)
{
	return c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT ||
	       c->state == TCPS_FIN_WAIT_1 || c->state == TCPS_CLOSING ||
	       c->state == TCPS_LAST_ACK;
}

static void check_timers(struct sim_conn *s)
{
	struct tcp_conn *c = &s->c;
	bool pending = seq_lt(c->snd.nxt, c->snd.end) || c->snd.fin == TCP_FIN_QUEUED;

	must(s, s->timer_at <= earliest(c), "timer armed too late");
	if (c->rtx.packets)
		must(s, c->tmr.at[TCP_TMR_RTO] != TCP_NEVER, "no RTO timer");
	if (pending && sending(c) && !c->rtx.packets)
		must(s, earliest(c) != TCP_NEVER, "no timer for what waits");
	if (c->rcv.nxt != c->rcv.wup && !(c->out & TCP_OUT_ACK))
		must(s, c->tmr.at[TCP_TMR_DELACK] != TCP_NEVER, "no ACK timer");
	if (c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RECEIVED)
		must(s, c->tmr.at[TCP_TMR_RTO] != TCP_NEVER, "no SYN timer");
}

void check_conn(struct sim_conn *s)
{
	struct tcp_conn *c = &s->c;

	if (c->state == TCPS_CLOSED) {
		must(s, !s->live, "%u records out", s->live);
		return;
	}
	must(s, seq_leq(c->snd.una, c->snd.nxt), "SND");
	must(s, seq_leq(c->snd.nxt, c->snd.end + 1), "SND.NXT beyond the stream");
	must(s, c->cong.cwnd >= 1 && c->cong.ssthresh >= 2, "cwnd %u", c->cong.cwnd);
	must(s, c->rtx.sacked + c->rtx.lost <= c->rtx.packets, "%u + %u > %u", c->rtx.sacked,
	     c->rtx.lost, c->rtx.packets);
	must(s, c->rtx.retrans <= c->rtx.lost, "%u > %u", c->rtx.retrans, c->rtx.lost);
	must(s, seq_leq(c->rcv.read, c->rcv.nxt), "read beyond RCV.NXT");
	if (c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RECEIVED) {
		check_timers(s);
		return;
	}
	must(s, c->rcv.nxt == c->rcv.irs + 1 + (u32)s->rcvd + (s->app.eof ? 1 : 0),
	     "RCV.NXT %u, stream %llu", c->rcv.nxt, (unsigned long long)s->rcvd);
	if (c->rtx.packets < 40 || !(sim_steps & 15)) {
		check_rtx(s);
		check_ooo(s);
	}
	check_blocks(s);
	if (c->state != TCPS_TIME_WAIT && c->state != TCPS_FIN_WAIT_2)
		check_timers(s);
}

void check_emit(struct sim_conn *s, const struct tcp_seg *seg, const struct tcp_segout *out)
{
	struct tcp_conn *c = &s->c;
	u32 right;

	if (out->flags & (TCPF_SYN | TCPF_RST))
		return;
	if (seg) {
		u64 off = ((const struct sim_rec *)seg)->off;

		must(s, out->seq == c->snd.iss + 1 + (u32)off, "seq and octets");
		must(s, out->len == seg->len, "length");
		must(s, out->len <= out->mss || out->len <= 65535, "too long");
		must(s, !(out->opt.has & TCPO_MD5) || out->len <= out->mss,
		     "a signature for more than a segment");
	}
	must(s, out->len || !seg || out->flags & TCPF_FIN, "empty record sent");
	right = out->ack + ((u32)out->wnd << c->rcv.wscale);
	if (s->right_valid && !(c->par->shrink_window && c->rcv.wscale))
		must(s, seq_geq(right, s->right), "window shrunk by %u", s->right - right);
	s->right = right;
	s->right_valid = true;
}
