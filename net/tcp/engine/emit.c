// SPDX-License-Identifier: GPL-2.0
/*
 * Segments leave here, and only here: header fields and options are filled in, and what a sent
 * segment means for the rest of the TCB (window offered, ACK sent, clock) is noted.
 */
#include "inner.h"

/* What every segment of an open connection carries: ACK, window, timestamps. */
static void emit_common(struct tcp_conn *c, struct tcp_segout *out)
{
	u32 wnd = tcp_window_select(c);

	out->ack = c->rcv.nxt;
	out->wnd = wnd >> c->rcv.wscale;
	out->flags |= TCPF_ACK;
	out->opt.has = 0;
	if (c->opts & TCPO_TS) {
		out->opt.has = TCPO_TS;
		out->opt.tsval = tcp_ts_clock(c);
		out->opt.tsecr = c->ts.recent;
	}
	if (c->opts & TCPO_MD5)
		out->opt.has |= TCPO_MD5;
	out->up = 0;
	out->ecn = 0;
	out->opt.n_sack = 0;
	out->opt.md5 = NULL;
	out->mss = c->snd.mss;
}

static int emit(struct tcp_conn *c, struct tcp_seg *seg, const struct tcp_segout *out)
{
	c->stat.segs_out += seg ? seg->n_mss : 1;
	c->out &= ~(TCP_OUT_ACK | TCP_OUT_DUP);
	c->ackd.pushed = 0;
	if (c->ackd.quick || tcp_timer_on(c, TCP_TMR_DELACK))
		tcp_delack_sent(c);
	return tcp_env_emit(c, seg, out);
}

/* While SND.UP is ahead, every segment up to it says so (RFC 9293 3.8.5). */
static void emit_urgent(const struct tcp_conn *c, struct tcp_segout *out)
{
	u32 ahead = c->snd.up - out->seq;

	if (!c->snd.urg || seq_leq(c->snd.up, out->seq))
		return;
	out->flags |= TCPF_URG;
	out->up = min_t(u32, ahead, U16_MAX);
}

/**
 * tcp_emit_text() - send a record's octets, for the first time or again
 * @c: the connection
 * @seg: the record
 *
 * Return: as tcp_env_emit().
 */
int tcp_emit_text(struct tcp_conn *c, struct tcp_seg *seg)
{
	struct tcp_segout out;

	out.seq = seg->seq;
	out.len = seg->len;
	out.flags = seg->flags & (TCPF_FIN | TCPF_PSH);
	/* It arrives in one burst: PSH on the last says that nothing is worth waiting for. */
	if (seg->n_mss > 1)
		out.flags |= TCPF_PSH;
	emit_common(c, &out);
	if (c->snd.urg)
		emit_urgent(c, &out);
	if (c->cong.ecn & TCP_ECN_OK)
		tcp_ecn_text(c, &out, seg->xmits);
	/* A probe for the path's MTU is one segment, however long. */
	if (seg->n_mss == 1)
		out.mss = max_t(u32, out.mss, seg->len);
	c->stat.bytes_sent += seg->len;
	c->stat.data_out += seg->n_mss;
	return emit(c, seg, &out);
}

static int emit_bare(struct tcp_conn *c, u32 seq, bool probe)
{
	struct tcp_segout out;

	out.seq = seq;
	out.len = 0;
	out.flags = 0;
	emit_common(c, &out);
	if (probe)
		emit_urgent(c, &out);
	if (c->opts & TCPO_SACK_PERM && (c->ooo.n_block || c->ooo.dsack_due))
		tcp_ooo_options(c, &out.opt);
	if (c->cong.ecn & TCP_ECN_OK)
		tcp_ecn_ack(c, &out);
	return emit(c, NULL, &out);
}

void tcp_emit_ack(struct tcp_conn *c)
{
	emit_bare(c, c->snd.nxt, false);
}

/*
 * A segment without text that must be answered: keep-alive, window probe. Returns as
 * tcp_env_emit().
 */
int tcp_emit_probe(struct tcp_conn *c, u32 seq)
{
	return emit_bare(c, seq, true);
}

/* RST for the connection as it stands (ABORT). */
void tcp_emit_rst(struct tcp_conn *c)
{
	struct tcp_segout out;

	out.seq = c->snd.nxt;
	out.len = 0;
	out.flags = TCPF_RST;
	emit_common(c, &out);
	emit(c, NULL, &out);
}

/* RST that answers an unacceptable ACK of @in (<SEQ=SEG.ACK><CTL=RST>). */
void tcp_emit_rst_for(struct tcp_conn *c, const struct tcp_segin *in)
{
	struct tcp_segout out;

	if (!tcp_closed_arrives(in, &out))
		return;
	if (c->opts & TCPO_MD5) {
		out.opt.has |= TCPO_MD5;
		out.opt.md5 = NULL;
	}
	tcp_env_emit(c, NULL, &out);
}

/*
 * Our SYN: alone in SYN-SENT, with an ACK in SYN-RECEIVED. Its window is never scaled (RFC 7323
 * 2.2).
 */
void tcp_emit_syn(struct tcp_conn *c)
{
	static const struct tcp_fast_syn plain;

	tcp_emit_syn_fast(c, &plain);
}

/* The same with what Fast Open adds. It goes once: what is sent again is plain (RFC 7413 4.1.3). */
void tcp_emit_syn_fast(struct tcp_conn *c, const struct tcp_fast_syn *f)
{
	struct tcp_segout out;

	memset(&out, 0, sizeof(out));
	out.seq = c->snd.iss;
	out.flags = TCPF_SYN;
	out.wnd = min_t(u32, c->rcv.wnd, U16_MAX);
	out.mss = c->snd.mss;
	out.opt.has = TCPO_MSS | (c->opts & (TCPO_TS | TCPO_SACK_PERM | TCPO_WSCALE | TCPO_MD5));
	out.opt.mss = c->rcv.advmss;
	out.opt.wscale = c->rcv.wscale;
	out.opt.tsval = tcp_ts_clock(c);
	if (c->state == TCPS_SYN_RECEIVED) {
		out.flags |= TCPF_ACK;
		out.ack = c->rcv.nxt;
		out.opt.tsecr = c->ts.recent;
		c->rcv.wup = c->rcv.nxt;
	}
	if (f->option) {
		out.opt.has |= TCPO_FASTOPEN | (f->exp ? TCPO_FO_EXP : 0);
		out.opt.fo_len = f->cookie_len;
		out.opt.fo_cookie = f->cookie;
	}
	if (f->len) {
		out.len = f->len;
		out.mss = max_t(u16, out.mss, f->len);
		c->stat.bytes_sent += f->len;
		c->stat.data_out++;
	}
	tcp_ecn_syn(c, &out);
	if (!c->rtt.timeouts)
		c->tmr.sent_ns = c->tmr.now;
	c->stat.segs_out++;
	tcp_env_emit(c, NULL, &out);
}
