// SPDX-License-Identifier: GPL-2.0
/*
 * A second TCP, deliberately simple, to meet the engine in the simulator: what both ends of the
 * engine got wrong in the same way shows here. Written from RFC 9293 3.10 alone; it shares no line
 * with the engine, not even the reading of headers.
 *
 * It knows no option but MSS, keeps nothing that comes out of order, acknowledges each segment,
 * goes back N after a time-out of its own making, has a fixed window instead of congestion control,
 * and probes a shut window with an octet of data. Positions are 64-bit counts of the stream; a
 * sequence number is one of them plus ISN + 1, modulo 2^32.
 */
#include <stdlib.h>

#include "sim.h"

#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define ACK	0x10

#define PEER_RTO	(1 * SEC)
#define PEER_RTO_MAX	(60 * SEC)
#define PEER_RETRIES	20
#define PEER_2MSL	(60 * SEC)

struct sim_peer peers[MAX_PORTS];

static const char *const names[] = {
	"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
	"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
};

static void peer_go(struct sim_peer *p, enum peer_state to)
{
	sim_log("plain %u: %s -> %s", p->port, names[p->state], names[to]);
	p->state = to;
}

/* ---- header ---- */

static u32 be32(const u8 *b)
{
	return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static void put32(u8 *b, u32 v)
{
	b[0] = v >> 24;
	b[1] = v >> 16;
	b[2] = v >> 8;
	b[3] = v;
}

struct peer_seg {
	u32	seq, ack, wnd, len, mss;
	u8	flags;
	u64	off;
};

static void peer_parse(const struct sim_packet *k, struct peer_seg *g)
{
	unsigned int hlen = (k->hdr[12] >> 4) * 4, i;

	g->seq = be32(k->hdr + 4);
	g->ack = be32(k->hdr + 8);
	g->flags = k->hdr[13] & 0x3f;
	g->wnd = k->hdr[14] << 8 | k->hdr[15];
	g->len = k->len;
	g->off = k->off;
	g->mss = 536;
	for (i = 20; i < hlen && k->hdr[i]; i += k->hdr[i] == 1 ? 1 : k->hdr[i + 1]) {
		if (k->hdr[i] == 1)
			continue;
		if (i + 1 >= hlen || k->hdr[i + 1] < 2)
			break;
		if (k->hdr[i] == 2 && k->hdr[i + 1] == 4)
			g->mss = k->hdr[i + 2] << 8 | k->hdr[i + 3];
	}
}

/* ---- sending ---- */

static u32 peer_window(const struct sim_peer *p)
{
	return min(p->rcvbuf - p->unread, 65535U);
}

static u32 peer_rcv_nxt(const struct sim_peer *p)
{
	return p->irs + 1 + (u32)p->rcvd + p->fin_came;
}

static void peer_emit(struct sim_peer *p, u32 seq, u8 flags, u64 off, u32 len)
{
	struct sim_packet *k = calloc(1, sizeof(*k));
	u32 wnd = peer_window(p);

	k->hlen = flags & SYN ? 24 : 20;
	put32(k->hdr + 4, seq);
	put32(k->hdr + 8, flags & ACK ? peer_rcv_nxt(p) : 0);
	k->hdr[12] = k->hlen / 4 << 4;
	k->hdr[13] = flags;
	k->hdr[14] = wnd >> 8;
	k->hdr[15] = wnd;
	if (flags & SYN) {
		k->hdr[20] = 2;
		k->hdr[21] = 4;
		k->hdr[22] = p->adv_mss >> 8;
		k->hdr[23] = p->adv_mss;
	}
	k->len = len;
	k->off = off;
	k->port = p->port;
	k->gen = p->gen;
	k->to = !p->host;
	p->said = wnd;
	sim_log("plain %u sends %02x seq %u len %u off %llu ack %u wnd %u", p->port, flags, seq,
		len, (unsigned long long)off, flags & ACK ? peer_rcv_nxt(p) : 0, wnd);
	box_send(k);
}

static u32 peer_seq(const struct sim_peer *p, u64 pos)
{
	return p->iss + 1 + (u32)pos;
}

static void peer_ack(struct sim_peer *p)
{
	peer_emit(p, peer_seq(p, p->nxt), ACK, 0, 0);
}

/*
 * Is text or the FIN not acknowledged, sent or not? Who waits for the other end to close owes
 * nothing: its time-outs are none, or it would give up upon an idle connection.
 */
bool peer_owes(const struct sim_peer *p)
{
	return p->una < p->total || (p->una == p->total && !p->keep_open);
}

static void peer_timer(void *arg, u64 tag);

static void peer_stop(struct sim_peer *p)
{
	p->timer++;
	p->armed = false;
}

static void peer_arm(struct sim_peer *p, u64 after)
{
	p->timer++;
	p->armed = true;
	sim_at(sim_now + after, peer_timer, p, p->timer);
}

static void peer_rto(struct sim_peer *p)
{
	peer_arm(p, min(PEER_RTO << min(p->retries, 10U), PEER_RTO_MAX));
}

/* Once open: the timer runs anew, or not at all while nothing is owed (RFC 6298 5.2, 5.3). */
static void peer_rto_anew(struct sim_peer *p)
{
	p->retries = 0;
	if (peer_owes(p))
		peer_rto(p);
	else
		peer_stop(p);
}

static bool peer_sends(const struct sim_peer *p)
{
	return p->state == P_ESTABLISHED || p->state == P_CLOSE_WAIT || p->state == P_FIN_WAIT_1 ||
	       p->state == P_CLOSING || p->state == P_LAST_ACK;
}

/* All that the windows let go, then the FIN; its place in the stream is p->total. */
static void peer_push(struct sim_peer *p)
{
	u64 edge = p->una + min(p->wnd, p->fixed_window);

	if (!peer_sends(p))
		return;
	if (!p->armed && peer_owes(p))
		peer_rto(p);
	while (p->nxt < p->total && p->nxt < edge) {
		u32 len = (u32)min(min((u64)p->mss, p->total - p->nxt), edge - p->nxt);

		peer_emit(p, peer_seq(p, p->nxt), ACK, p->nxt, len);
		p->nxt += len;
	}
	if (p->nxt == p->total && p->nxt < edge && !p->keep_open) {
		peer_emit(p, peer_seq(p, p->nxt), ACK | FIN, 0, 0);
		p->nxt++;
		if (p->state == P_ESTABLISHED)
			peer_go(p, P_FIN_WAIT_1);
		else if (p->state == P_CLOSE_WAIT)
			peer_go(p, P_LAST_ACK);
	}
	p->max = max(p->max, p->nxt);
}

static void peer_end(struct sim_peer *p, bool bad)
{
	p->failed |= bad;
	peer_stop(p);
	peer_go(p, P_CLOSED);
}

/* The one timer: SYN, text and FIN again from SND.UNA on, a probe, the end of TIME-WAIT. */
static void peer_timer(void *arg, u64 tag)
{
	struct sim_peer *p = arg;

	if (!p->used || p->timer != tag || p->state == P_CLOSED)
		return;
	p->armed = false;
	if (p->state == P_TIME_WAIT) {
		peer_end(p, false);
		return;
	}
	if (++p->retries > PEER_RETRIES) {
		peer_end(p, true);
		return;
	}
	if (p->state == P_SYN_SENT) {
		peer_emit(p, p->iss, SYN, 0, 0);
	} else if (p->state == P_SYN_RECEIVED) {
		peer_emit(p, p->iss, SYN | ACK, 0, 0);
	} else if (!p->wnd && p->una < p->total) {
		p->nxt = p->una + 1;
		peer_emit(p, peer_seq(p, p->una), ACK, p->una, 1);
		p->max = max(p->max, p->nxt);
	} else {
		p->nxt = p->una;
		if (p->wnd) {
			peer_push(p);
		} else {	/* the FIN is what waits */
			peer_emit(p, peer_seq(p, p->una), ACK | FIN, 0, 0);
			p->nxt++;
		}
	}
	p->max = max(p->max, p->nxt);
	peer_rto(p);
}

/* ---- the reader ---- */

static void peer_read(void *arg, u64 tag)
{
	struct sim_peer *p = arg;
	u32 len = min(p->unread, p->read_max);

	if (!p->used || p->gen != tag || p->state == P_CLOSED)
		return;
	p->unread -= len;
	/* 3.8.6.2.2: told when it is worth a segment or half the buffer. */
	if (len && peer_window(p) >= p->said + min(p->adv_mss, p->rcvbuf / 2) && !p->fin_came)
		peer_ack(p);
	p->read_due = p->unread;
	if (p->unread)
		sim_at(sim_now + p->read_gap, peer_read, p, p->gen);
}

/* ---- SEGMENT ARRIVES ---- */

/* 3.10.7.4, first: the four cases. */
static bool peer_acceptable(const struct sim_peer *p, const struct peer_seg *g)
{
	u32 nxt = peer_rcv_nxt(p), wnd = peer_window(p);
	u32 len = g->len + !!(g->flags & SYN) + !!(g->flags & FIN);

	if (!len && !wnd)
		return g->seq == nxt;
	if (!len)
		return g->seq - nxt < wnd;
	if (!wnd)
		return false;
	return g->seq - nxt < wnd || g->seq + len - 1 - nxt < wnd;
}

static void peer_open_done(struct sim_peer *p, const struct peer_seg *g)
{
	p->una = 0;
	p->nxt = 0;
	p->wnd = g->wnd;
	p->wl1 = g->seq;
	p->wl2 = g->ack;
	p->established = true;
	peer_go(p, P_ESTABLISHED);
	peer_rto_anew(p);
}

static void peer_take_syn(struct sim_peer *p, const struct peer_seg *g)
{
	p->irs = g->seq;
	p->mss = min(p->mss, max(g->mss, 40U));
	p->wnd = g->wnd;
}

static void peer_syn_sent(struct sim_peer *p, const struct peer_seg *g)
{
	if (g->flags & ACK && g->ack != p->iss + 1) {
		if (!(g->flags & RST))
			peer_emit(p, g->ack, RST, 0, 0);
		return;
	}
	if (g->flags & RST) {
		if (g->flags & ACK)
			peer_end(p, true);
		return;
	}
	if (!(g->flags & SYN))
		return;
	peer_take_syn(p, g);
	if (g->flags & ACK) {
		peer_open_done(p, g);
		peer_ack(p);
		peer_push(p);
	} else {
		peer_go(p, P_SYN_RECEIVED);
		peer_emit(p, p->iss, SYN | ACK, 0, 0);
	}
}

/* Fifth. Returns false if the segment is done with. */
static bool peer_acked(struct sim_peer *p, const struct peer_seg *g)
{
	/* What was acknowledged, as a position; what was sent at most counts, not SND.NXT. */
	u64 pos = p->una + (u64)(s64)(s32)(g->ack - peer_seq(p, p->una));

	if (p->state == P_SYN_RECEIVED) {
		if (g->ack != p->iss + 1) {
			peer_emit(p, g->ack, RST, 0, 0);
			return false;
		}
		peer_open_done(p, g);
		pos = 0;
	}
	if ((s64)pos > (s64)p->max) {
		peer_ack(p);
		return false;
	}
	if ((s64)pos > (s64)p->una) {
		p->una = pos;
		p->nxt = max(p->nxt, p->una);
		peer_rto_anew(p);
	}
	if ((s64)pos >= (s64)p->una &&
	    ((s32)(g->seq - p->wl1) > 0 || (g->seq == p->wl1 && (s32)(g->ack - p->wl2) >= 0))) {
		p->wnd = g->wnd;
		p->wl1 = g->seq;
		p->wl2 = g->ack;
		/* A peer that answers may keep its window shut (3.8.6.1). */
		if (!p->wnd)
			p->retries = min(p->retries, 8U);
	}
	if (p->una <= p->total)
		return true;
	switch (p->state) {
	case P_FIN_WAIT_1:
		peer_go(p, P_FIN_WAIT_2);
		break;
	case P_CLOSING:
		peer_go(p, P_TIME_WAIT);
		peer_arm(p, PEER_2MSL);
		break;
	case P_LAST_ACK:
		peer_end(p, false);
		return false;
	default:
		break;
	}
	return true;
}

/* Seventh: what is in order and fits. */
static void peer_text(struct sim_peer *p, const struct peer_seg *g)
{
	s32 skip = (s32)(peer_rcv_nxt(p) - g->seq);
	u32 len;

	if (p->state != P_ESTABLISHED && p->state != P_FIN_WAIT_1 && p->state != P_FIN_WAIT_2)
		return;
	if (skip < 0 || (u32)skip >= g->len)
		return;
	if (g->off + skip != p->rcvd)
		sim_fail("plain %u: octet %llu came where %llu was due", p->port,
			 (unsigned long long)(g->off + skip), (unsigned long long)p->rcvd);
	len = min(g->len - skip, p->rcvbuf - p->unread);
	p->rcvd += len;
	sim_moved = sim_now;
	p->unread += len;
	if (!p->read_due && p->unread) {
		p->read_due = true;
		sim_at(sim_now + p->read_gap, peer_read, p, p->gen);
	}
}

/* Eighth. */
static void peer_fin(struct sim_peer *p, const struct peer_seg *g)
{
	if (!(g->flags & FIN) || p->fin_came || g->seq + g->len != peer_rcv_nxt(p))
		return;
	p->fin_came = true;
	if (p->state == P_ESTABLISHED) {
		peer_go(p, P_CLOSE_WAIT);
		p->keep_open = false;
	} else if (p->state == P_FIN_WAIT_1) {
		peer_go(p, P_CLOSING);
	} else if (p->state == P_FIN_WAIT_2) {
		peer_go(p, P_TIME_WAIT);
		peer_arm(p, PEER_2MSL);
	}
}

static void peer_segment(struct sim_peer *p, const struct peer_seg *g)
{
	if (!peer_acceptable(p, g)) {
		/* A probe, or text that was overtaken: its ACK counts (RFC 9293 A.2). */
		if (!(g->flags & (RST | SYN)) && g->flags & ACK)
			if (!peer_acked(p, g))
				return;
		if (!(g->flags & RST))
			peer_ack(p);
		if (p->state != P_CLOSED)
			peer_push(p);
		return;
	}
	if (g->flags & RST) {
		if (g->seq == peer_rcv_nxt(p))
			peer_end(p, p->state != P_TIME_WAIT && p->state != P_LAST_ACK);
		else
			peer_ack(p);
		return;
	}
	if (g->flags & SYN) {
		if (p->state == P_SYN_RECEIVED && g->flags & ACK && g->ack == p->iss + 1)
			peer_acked(p, g);
		peer_ack(p);
		return;
	}
	if (!(g->flags & ACK) || !peer_acked(p, g))
		return;
	peer_text(p, g);
	peer_fin(p, g);
	if (g->len || g->flags & FIN)
		peer_ack(p);
	peer_push(p);
}

/* ---- the outside ---- */

static struct sim_peer *peer_new(int host, u32 port, u32 gen)
{
	struct sim_peer *p = &peers[port];

	memset(p, 0, sizeof(*p));
	p->used = true;
	p->host = host;
	p->port = port;
	p->gen = gen;
	p->iss = rnd_chance(300000) ? 0u - rnd_below(100000) : (u32)rnd();
	p->total = rnd_chance(150000) ? 0 : rnd_log(1, 300000);
	p->rcvbuf = (u32)rnd_log(1500, 200000);
	p->read_max = (u32)rnd_log(200, 100000);
	p->read_gap = rnd_chance(300000) ? rnd_log(1 * US, 5 * MS) : 1;
	p->fixed_window = (u32)rnd_log(1500, 65535);
	p->adv_mss = links[host].mtu - 40;
	p->mss = links[!host].mtu - 40;
	p->keep_open = rnd_chance(500000);	/* until the other end closes */
	return p;
}

void peer_connect(int host, u32 port, u32 gen)
{
	struct sim_peer *p = peer_new(host, port, gen);

	peer_go(p, P_SYN_SENT);
	peer_emit(p, p->iss, SYN, 0, 0);
	peer_rto(p);
}

/* 3.10.7.1 */
static void peer_nobody(const struct sim_packet *k, const struct peer_seg *g)
{
	struct sim_peer none = { .host = k->to, .port = k->port, .gen = k->gen };
	u32 len = g->len + !!(g->flags & SYN) + !!(g->flags & FIN);

	if (g->flags & RST)
		return;
	none.irs = g->seq + len - 1;
	if (g->flags & ACK)
		peer_emit(&none, g->ack, RST, 0, 0);
	else
		peer_emit(&none, 0, RST | ACK, 0, 0);
}

void peer_receive(struct sim_packet *k)
{
	struct sim_peer *p = &peers[k->port];
	struct peer_seg g;

	peer_parse(k, &g);
	if (p->used && p->state != P_CLOSED) {
		if (p->state == P_SYN_SENT)
			peer_syn_sent(p, &g);
		else
			peer_segment(p, &g);
	} else if (!p->used && (g.flags & (SYN | ACK | RST)) == SYN && hosts[k->to].listening) {
		p = peer_new(k->to, k->port, k->gen);
		peer_take_syn(p, &g);
		peer_go(p, P_SYN_RECEIVED);
		peer_emit(p, p->iss, SYN | ACK, 0, 0);
		peer_rto(p);
	} else {
		peer_nobody(k, &g);
	}
	free(k);
}

/* "Fragmentation needed": smaller, and again from the start. */
void peer_too_big(u32 port, u32 mtu)
{
	struct sim_peer *p = &peers[port];

	if (!p->used || mtu - 40 >= p->mss)
		return;
	p->mss = mtu - 40;
	if (peer_sends(p)) {
		p->nxt = p->una;
		peer_push(p);
	}
}

/* Is there nothing left that it waits for, or that it owes? */
bool peer_over(const struct sim_peer *p)
{
	return !p->used || p->state == P_CLOSED || p->state == P_TIME_WAIT;
}

void peers_clear(void)
{
	memset(peers, 0, sizeof(peers));
}
