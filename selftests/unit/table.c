// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES as a table: every state, each kind of segment, left of, at, in and right of the
 * window, with an old, the current, a new, a future and no ACK. What should happen is said a second
 * time here, from RFC 9293 3.10.7 (and RFC 5961's changes to it) and not from the engine: a state
 * afterwards, an answer, octets delivered.
 *
 * Each state stands with data of ours in flight where it can (100 octets; the FIN after them), so
 * that old, current and new ACKs are different things.
 */
#include "unit.h"

enum kind { K_SYN, K_FIN, K_RST, K_ACK, K_DATA, N_KIND };
enum where { W_LEFT, W_NEXT, W_INSIDE, W_RIGHT, N_WHERE };
enum ack { A_NONE, A_OLD, A_CURRENT, A_NEW, A_FUTURE, N_ACK };
enum answer { SAY_NOTHING, SAY_ACK, SAY_RST, SAY_SYNACK };

static const char *const kind_name[] = { "SYN", "FIN", "RST", "ACK", "data" };
static const char *const where_name[] = { "left of", "at the edge of", "in", "right of" };
static const char *const ack_name[] = { "no", "an old", "the current", "a new", "a future" };
static const char *const answer_name[] = { "nothing", "an ACK", "a RST", "a SYN-ACK" };

/* What should be, and what was. */
struct outcome {
	u8	state;
	enum answer answer;
	u32	delivered;
};

#define LEN	100U	/* octets of text of a K_DATA */

static u8 flags_for(enum kind k, enum ack a)
{
	static const u8 of[] = { TCPF_SYN, TCPF_FIN, TCPF_RST, 0, TCPF_PSH };

	return of[k] | (a == A_NONE ? 0 : TCPF_ACK);
}

static u32 seq_for(enum where w, u32 nxt, u32 wnd)
{
	return w == W_LEFT ? nxt - 3000 : w == W_NEXT ? nxt : w == W_INSIDE ? nxt + 1000 :
	       nxt + wnd + 1000;
}

static u32 ack_for(enum ack a, u32 una, u32 nxt)
{
	return a == A_NONE ? 0 : a == A_OLD ? una - 1 : a == A_CURRENT ? una : a == A_NEW ? nxt :
	       nxt + 1000;
}

static enum answer answer_of(u8 flags)
{
	return flags & TCPF_RST ? SAY_RST : flags & TCPF_SYN ? SAY_SYNACK : SAY_ACK;
}

static bool same(const struct outcome *want, const struct outcome *got)
{
	return want->state == got->state && want->answer == got->answer &&
	       want->delivered == got->delivered;
}

static void differs(u8 state, enum kind k, enum where w, enum ack a, const struct outcome *want,
		    const struct outcome *got)
{
	unit_fail(__FILE__, __LINE__,
		  "state %u, %s %s the window, %s ACK: expected state %u, %s, %u octets; saw %u, %s, %u",
		  state, kind_name[k], where_name[w], ack_name[a], want->state,
		  answer_name[want->answer], want->delivered, got->state, answer_name[got->answer],
		  got->delivered);
}

/* ---- the states of a TCB ---- */

/* A connection in @state with 100 octets of ours (and the FIN, if @state has sent it) in flight. */
static void table_stand(u8 state)
{
	u_reset();
	u_state(TCPS_ESTABLISHED);
	if (state == TCPS_SYN_SENT || state == TCPS_SYN_RECEIVED) {
		u_reset();
		u_state(state);
		return;
	}
	if (state == TCPS_CLOSE_WAIT || state == TCPS_LAST_ACK)
		u_in("FA", 1, 1, 0, 50000);
	u_write(100);
	if (state != TCPS_ESTABLISHED && state != TCPS_CLOSE_WAIT)
		tcp_conn_shutdown(&uc, unow);
	if (state == TCPS_FIN_WAIT_2)
		u_in("A", 1, 102, 0, 50000);
	if (state == TCPS_CLOSING)
		u_in("FA", 1, 1, 0, 50000);
	u_drop();
}

static struct outcome table_run(enum kind k, enum where w, enum ack a)
{
	struct tcp_segin in = {
		.flags = flags_for(k, a), .len = k == K_DATA ? LEN : 0, .wnd = 50000, .n_segs = 1,
	};
	struct outcome got = { 0 };
	struct tcp_seg *seg = NULL;
	enum tcp_arrival v;

	in.seq = seq_for(w, uc.rcv.nxt, uc.rcv.wnd);
	in.ack = ack_for(a, uc.snd.una, uc.snd.nxt);
	if (k == K_DATA || k == K_FIN)
		seg = u_seg();
	v = tcp_conn_arrives(&uc, &in, seg, unow);
	if (seg && v != TCP_ARR_TAKEN)
		u_unseg(seg);
	if (uc.state != TCPS_CLOSED)
		u_flush();
	got.state = uc.state;
	got.delivered = u_delivered;
	got.answer = u_peek() ? answer_of(u_peek()->flags) : SAY_NOTHING;
	return got;
}

static bool takes_text(u8 state)
{
	return state == TCPS_ESTABLISHED || state == TCPS_FIN_WAIT_1 || state == TCPS_FIN_WAIT_2;
}

/* Fifth: all of ours, the FIN included, is acknowledged. */
static u8 state_after_ack(u8 state, enum ack a)
{
	if (a != A_NEW)
		return state;
	return state == TCPS_FIN_WAIT_1 ? TCPS_FIN_WAIT_2 : state == TCPS_CLOSING ? TCPS_TIME_WAIT :
	       state == TCPS_LAST_ACK ? TCPS_CLOSED : state;
}

/* Eighth. */
static u8 state_after_fin(u8 state)
{
	return state == TCPS_ESTABLISHED ? TCPS_CLOSE_WAIT : state == TCPS_FIN_WAIT_1 ?
	       TCPS_CLOSING : state == TCPS_FIN_WAIT_2 ? TCPS_TIME_WAIT : state;
}

/* 3.10.7.4 for the synchronized states. */
static struct outcome table_expect(u8 state, enum kind k, enum where w, enum ack a)
{
	struct outcome o = { .state = state, .answer = SAY_NOTHING };

	/* First: sequence. */
	if (w == W_LEFT || w == W_RIGHT) {
		o.answer = k == K_RST ? SAY_NOTHING : SAY_ACK;
		return o;
	}
	/* Second: RST, as RFC 5961 3.2 has it. */
	if (k == K_RST) {
		o.state = w == W_NEXT ? TCPS_CLOSED : state;
		o.answer = w == W_NEXT ? SAY_NOTHING : SAY_ACK;
		return o;
	}
	/* Fourth: SYN, as RFC 5961 4.2 has it. */
	if (k == K_SYN) {
		o.answer = SAY_ACK;
		return o;
	}
	/* Fifth: ACK. FIN-WAIT-2 has nothing in flight: its current is its new. */
	if (a == A_NONE)
		return o;
	if (a == A_FUTURE) {
		o.answer = SAY_ACK;
		return o;
	}
	o.state = state_after_ack(state, a);
	if (o.state == TCPS_CLOSED)
		return o;
	/* Seventh and eighth: text and FIN, where they can still come. */
	if (!takes_text(state) || k == K_ACK)
		return o;
	o.answer = SAY_ACK;
	if (k == K_DATA && w == W_NEXT)
		o.delivered = LEN;
	if (k == K_FIN && w == W_NEXT)
		o.state = state_after_fin(o.state);
	return o;
}

static void table_synchronized(u8 state)
{
	int k, w, a;

	for (k = 0; k < N_KIND; k++)
		for (w = 0; w < N_WHERE; w++)
			for (a = 0; a < N_ACK; a++) {
				struct outcome want, got;

				table_stand(state);
				if (uc.state != state) {
					unit_fail(__FILE__, __LINE__, "stands in %u, not %u",
						  uc.state, state);
					return;
				}
				want = table_expect(state, k, w, a);
				got = table_run(k, w, a);
				if (!same(&want, &got))
					differs(state, k, w, a, &want, &got);
			}
}

TEST(table__established)
{
	table_synchronized(TCPS_ESTABLISHED);
}

TEST(table__fin_wait_1)
{
	table_synchronized(TCPS_FIN_WAIT_1);
}

TEST(table__fin_wait_2)
{
	table_synchronized(TCPS_FIN_WAIT_2);
}

TEST(table__close_wait)
{
	table_synchronized(TCPS_CLOSE_WAIT);
}

TEST(table__closing)
{
	table_synchronized(TCPS_CLOSING);
}

TEST(table__last_ack)
{
	table_synchronized(TCPS_LAST_ACK);
}

/* 3.10.7.3. There is no window yet: where a segment lies says nothing. */
TEST(table__syn_sent)
{
	int k, w, a;

	for (k = 0; k < N_KIND; k++)
		for (w = 0; w < N_WHERE; w++)
			for (a = 0; a < N_ACK; a++) {
				struct outcome want = { TCPS_SYN_SENT, SAY_NOTHING, 0 }, got;

				table_stand(TCPS_SYN_SENT);
				/* First: an ACK must be of our SYN, and of nothing else. */
				if (a != A_NONE && a != A_NEW) {
					want.answer = k == K_RST ? SAY_NOTHING : SAY_RST;
				} else if (k == K_RST && a == A_NEW) {
					want.state = TCPS_CLOSED;
				} else if (k == K_SYN) {
					want.state = a == A_NEW ? TCPS_ESTABLISHED :
						     TCPS_SYN_RECEIVED;
					want.answer = a == A_NEW ? SAY_ACK : SAY_SYNACK;
				}
				got = table_run(k, w, a);
				if (!same(&want, &got))
					differs(TCPS_SYN_SENT, k, w, a, &want, &got);
			}
}

/* 3.10.7.4 for SYN-RECEIVED that an active open came to (simultaneous open). */
TEST(table__active_syn_received)
{
	int k, w, a;

	for (k = 0; k < N_KIND; k++)
		for (w = 0; w < N_WHERE; w++)
			for (a = 0; a < N_ACK; a++) {
				struct outcome want = { TCPS_SYN_RECEIVED, SAY_NOTHING, 0 }, got;

				table_stand(TCPS_SYN_RECEIVED);
				if (w == W_LEFT || w == W_RIGHT) {
					want.answer = k == K_RST ? SAY_NOTHING : SAY_ACK;
				} else if (k == K_RST) {
					want.state = w == W_NEXT ? TCPS_CLOSED : TCPS_SYN_RECEIVED;
					want.answer = w == W_NEXT ? SAY_NOTHING : SAY_ACK;
				} else if (k == K_SYN) {
					want.answer = SAY_ACK;
				} else if (a == A_NONE) {
					;
				} else if (a != A_NEW) {
					want.answer = SAY_RST;
				} else {
					want.state = TCPS_ESTABLISHED;
					if (k != K_ACK)
						want.answer = SAY_ACK;
					if (k == K_DATA && w == W_NEXT)
						want.delivered = LEN;
					if (k == K_FIN && w == W_NEXT)
						want.state = TCPS_CLOSE_WAIT;
				}
				got = table_run(k, w, a);
				if (!same(&want, &got))
					differs(TCPS_SYN_RECEIVED, k, w, a, &want, &got);
			}
}

/* ---- the states that are no TCB ---- */

static struct tcp_segin segment(enum kind k, enum ack a, u32 seq, u32 ack)
{
	return (struct tcp_segin) {
		.flags = flags_for(k, a), .len = k == K_DATA ? LEN : 0, .wnd = 5000, .n_segs = 1,
		.seq = seq, .ack = a == A_NONE ? 0 : ack,
	};
}

/* 3.10.7.1 and 3.10.7.2: no window, and every ACK is one of what was never sent. */
TEST(table__closed_and_listen)
{
	int k, a;

	for (k = 0; k < N_KIND; k++)
		for (a = 0; a < N_ACK; a++) {
			struct tcp_segin in = segment(k, a, IRS, ISS + 1);
			enum tcp_half_verdict want = TCP_HALF_DROP;
			struct tcp_segout out;
			struct tcp_half h = { .iss = ISS, .rcv_wnd = 30000, .advmss = MSS };

			CHECK_EQ(tcp_closed_arrives(&in, &out), k != K_RST);
			if (k != K_RST && a == A_NONE) {
				CHECK_EQ(out.flags, TCPF_RST | TCPF_ACK);
				CHECK_EQ(out.ack, IRS + (k == K_DATA ? LEN : 0) +
					 (k == K_SYN || k == K_FIN));
			} else if (k != K_RST) {
				CHECK_EQ(out.flags, TCPF_RST);
				CHECK_EQ(out.seq, ISS + 1);
			}
			if (k != K_RST && a != A_NONE)
				want = TCP_HALF_GONE_REPLY;
			else if (k == K_SYN)
				want = TCP_HALF_REPLY;
			CHECK_EQ(tcp_listen_arrives(&up, &in, &h, &out, unow), want);
			if (want == TCP_HALF_GONE_REPLY)
				CHECK_EQ(answer_of(out.flags), SAY_RST);
			if (want == TCP_HALF_REPLY)
				CHECK_EQ(answer_of(out.flags), SAY_SYNACK);
		}
}

struct half_outcome {
	enum tcp_half_verdict verdict;
	enum answer answer;
};

/* 3.10.7.4 for SYN-RECEIVED that came from LISTEN: RST and SYN lead back there (MUST-11). */
static struct half_outcome half_expect(enum kind k, enum where w, enum ack a)
{
	if (w == W_LEFT || w == W_RIGHT)
		return k == K_RST ? (struct half_outcome) { TCP_HALF_DROP, SAY_NOTHING } :
				    (struct half_outcome) { TCP_HALF_REPLY, SAY_ACK };
	if (k == K_RST)
		return w == W_NEXT ? (struct half_outcome) { TCP_HALF_GONE, SAY_NOTHING } :
				     (struct half_outcome) { TCP_HALF_REPLY, SAY_ACK };
	if (k == K_SYN)
		return (struct half_outcome) { TCP_HALF_GONE, SAY_NOTHING };
	if (a == A_NONE)
		return (struct half_outcome) { TCP_HALF_DROP, SAY_NOTHING };
	return a == A_NEW ? (struct half_outcome) { TCP_HALF_OPEN, SAY_NOTHING } :
			    (struct half_outcome) { TCP_HALF_REPLY, SAY_RST };
}

TEST(table__passive_syn_received)	/* MUST-11 */
{
	int k, w, a;

	for (k = 0; k < N_KIND; k++)
		for (w = 0; w < N_WHERE; w++)
			for (a = 0; a < N_ACK; a++) {
				struct tcp_half h = { .iss = ISS, .rcv_wnd = 30000, .advmss = MSS };
				struct tcp_segin in = segment(K_SYN, A_NONE, IRS, 0);
				struct half_outcome want = half_expect(k, w, a);
				struct tcp_segout out;
				u8 v;

				tcp_listen_arrives(&up, &in, &h, &out, unow);
				in = segment(k, a, seq_for(w, IRS + 1, 30000),
					     ack_for(a, ISS, ISS + 1));
				memset(&out, 0, sizeof(out));
				v = tcp_half_arrives(&up, &h, &in, &out, unow);
				if (v == want.verdict && (want.answer == SAY_NOTHING ||
							  answer_of(out.flags) == want.answer))
					continue;
				unit_fail(__FILE__, __LINE__,
					  "%s %s the window, %s ACK: %u, not %u", kind_name[k],
					  where_name[w], ack_name[a], v, want.verdict);
			}
}

/* 3.10.7.4 for TIME-WAIT, with RFC 1337's words on RST as Linux's default has them. */
TEST(table__time_wait)
{
	int k, w, a;

	for (k = 0; k < N_KIND; k++)
		for (w = 0; w < N_WHERE; w++)
			for (a = 0; a < N_ACK; a++) {
				enum tcp_tw_verdict want = TCP_TW_REPLY, got;
				struct tcp_segin in;
				struct tcp_segout out;
				struct tcp_tw tw;
				u32 iss;

				u_reset();
				u_state(TCPS_FIN_WAIT_2);
				u_in("FA", 1, 2, 0, 50000);
				tcp_tw_from_conn(&tw, &uc, unow);
				in = segment(k, a, seq_for(w, tw.rcv_nxt, tw.rcv_wnd),
					     ack_for(a, tw.snd_nxt, tw.snd_nxt));
				if (k == K_RST)
					want = w == W_NEXT ? TCP_TW_GONE : TCP_TW_DROP;
				else if (k == K_ACK && w == W_NEXT)
					want = TCP_TW_DROP;	/* the last ACK, late */
				else if (k == K_SYN && a == A_NONE && w != W_LEFT && w != W_NEXT)
					want = TCP_TW_REOPEN;	/* MAY-2 */
				got = tcp_tw_arrives(&up, &tw, &in, &out, &iss, unow);
				if (got != want)
					unit_fail(__FILE__, __LINE__,
						  "%s %s the window, %s ACK: %u, not %u",
						  kind_name[k], where_name[w], ack_name[a], got,
						  want);
				if (want == TCP_TW_REPLY)
					CHECK_EQ(answer_of(out.flags), SAY_ACK);
			}
}
