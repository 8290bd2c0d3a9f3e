// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES, state by kind of segment: for each synchronized state what a segment left of, in
 * and right of the window does, with each control bit, and with old, new and future ACKs (RFC 9293
 * 3.10.7.4, RFC 5961). Then the order of the steps.
 */
#include "unit.h"

static const u8 states[] = {
	TCPS_ESTABLISHED, TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, TCPS_CLOSING,
	TCPS_LAST_ACK,
};

/* Where the segment is in sequence space. */
enum where { LEFT, NEXT, INSIDE, RIGHT, N_WHERE };

static u32 seq_at(enum where w)
{
	u32 nxt = uc.rcv.nxt - IRS;

	return w == LEFT ? nxt - 3000 : w == NEXT ? nxt : w == INSIDE ? nxt + 1000 :
	       nxt + uc.rcv.wnd + 1000;
}

static const char *state_name(u8 s)
{
	static const char *const names[] = {
		[TCPS_ESTABLISHED] = "ESTABLISHED", [TCPS_FIN_WAIT_1] = "FIN-WAIT-1",
		[TCPS_FIN_WAIT_2] = "FIN-WAIT-2", [TCPS_CLOSE_WAIT] = "CLOSE-WAIT",
		[TCPS_CLOSING] = "CLOSING", [TCPS_LAST_ACK] = "LAST-ACK",
	};

	return names[s];
}

#define FOR_STATES(s) for (s = states; s < states + sizeof(states); s++)

#define CHECK_IN(state, x) do {								\
	if (!(x)) {									\
		unit_fail(__FILE__, __LINE__, "%s: expected %s", state_name(state), #x);	\
		return;									\
	}										\
} while (0)

/* A fresh connection in @state, old enough that octets left of the window make sense. */
static void stand(u8 state)
{
	u_reset();
	u_state(state);
}

TEST(arrive__rst_exactly_next_resets)	/* RFC 5961 3.2, (2) */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		CHECK_IN(*s, u_in("R", seq_at(NEXT), 0, 0, 0) == TCP_ARR_RESET);
		CHECK_IN(*s, uc.state == TCPS_CLOSED);
		CHECK_IN(*s, u_error == (*s == TCPS_CLOSE_WAIT ? EPIPE : ECONNRESET));
		CHECK_IN(*s, u_none());
	}
}

TEST(arrive__rst_inside_is_challenged)	/* RFC 5961 3.2, (3) */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		u_in("R", seq_at(INSIDE), 0, 0, 0);
		CHECK_IN(*s, uc.state == *s);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK &&
			 u_peek()->ack == uc.rcv.nxt && u_peek()->seq == uc.snd.nxt);
	}
}

TEST(arrive__rst_outside_is_dropped)	/* RFC 5961 3.2, (1) */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		u_in("R", seq_at(LEFT), 0, 0, 0);
		u_in("R", seq_at(RIGHT), 0, 0, 0);
		CHECK_IN(*s, uc.state == *s);
		CHECK_IN(*s, u_none());
	}
}

TEST(arrive__syn_is_challenged)	/* RFC 5961 4.2: wherever it is */
{
	const u8 *s;
	int w;

	FOR_STATES(s) {
		for (w = 0; w < N_WHERE; w++) {
			stand(*s);
			u_in("S", seq_at(w), 0, 0, 100);
			CHECK_IN(*s, uc.state == *s);
			CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK);
		}
	}
}

TEST(arrive__unacceptable_is_answered_and_dropped)	/* first; MUST-… */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		u_in("A", seq_at(RIGHT), uc.snd.nxt - ISS, 100, 777);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK);
		u_drop();
		u_in("A", seq_at(LEFT), uc.snd.nxt - ISS, 100, 777);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK);
		CHECK_IN(*s, uc.state == *s && uc.snd.wnd == 50000);
		CHECK_IN(*s, u_delivered == 0);
	}
}

TEST(arrive__no_ack_bit_is_dropped)	/* fifth: "if the ACK bit is off, drop" */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		CHECK_IN(*s, u_in("", seq_at(NEXT), 0, 100, 777) == TCP_ARR_FLAGS);
		CHECK_IN(*s, u_delivered == 0 && u_none());
	}
}

TEST(arrive__ack_of_the_future_is_challenged)
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		CHECK_IN(*s, u_in("A", seq_at(NEXT), uc.snd.nxt - ISS + 1, 100, 777) ==
			 TCP_ARR_ACK);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK);
		CHECK_IN(*s, uc.state == *s && u_delivered == 0);
	}
}

TEST(arrive__ack_far_in_the_past_is_challenged)	/* RFC 5961 5.2 */
{
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		CHECK_IN(*s, u_in("A", seq_at(NEXT), uc.snd.una - ISS - 60000, 100, 777) ==
			 TCP_ARR_ACK);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK);
		CHECK_IN(*s, u_delivered == 0);
	}
}

TEST(arrive__text_by_state)	/* seventh */
{
	const u8 *s;

	FOR_STATES(s) {
		bool open = *s == TCPS_ESTABLISHED || *s == TCPS_FIN_WAIT_1 ||
			    *s == TCPS_FIN_WAIT_2;

		stand(*s);
		u_in("A", seq_at(NEXT), uc.snd.una - ISS, 100, 777);
		CHECK_IN(*s, u_delivered == (open ? 100 : 0));
	}
}

TEST(arrive__fin_by_state)	/* eighth */
{
	static const u8 then[] = {
		[TCPS_ESTABLISHED] = TCPS_CLOSE_WAIT, [TCPS_FIN_WAIT_1] = TCPS_CLOSING,
		[TCPS_FIN_WAIT_2] = TCPS_TIME_WAIT, [TCPS_CLOSE_WAIT] = TCPS_CLOSE_WAIT,
		[TCPS_CLOSING] = TCPS_CLOSING, [TCPS_LAST_ACK] = TCPS_LAST_ACK,
	};
	const u8 *s;

	FOR_STATES(s) {
		bool again = *s == TCPS_CLOSE_WAIT || *s == TCPS_CLOSING || *s == TCPS_LAST_ACK;

		stand(*s);
		/* In the later states it is the FIN that came already, sent again. */
		u_in("FA", seq_at(NEXT) - again, uc.snd.una - ISS, 0, 50000);
		CHECK_IN(*s, uc.state == then[*s]);
		CHECK_IN(*s, u_peek() && u_peek()->flags == TCPF_ACK &&
			 u_peek()->ack == uc.rcv.nxt);
	}
}

TEST(arrive__ack_of_fin_by_state)	/* fifth, by state */
{
	static const u8 then[] = {
		[TCPS_FIN_WAIT_1] = TCPS_FIN_WAIT_2, [TCPS_CLOSING] = TCPS_TIME_WAIT,
		[TCPS_LAST_ACK] = TCPS_CLOSED,
	};
	const u8 *s;

	FOR_STATES(s) {
		stand(*s);
		if (*s >= sizeof(then) || !then[*s])
			continue;
		u_in("A", seq_at(NEXT), uc.snd.nxt - ISS, 0, 50000);
		CHECK_IN(*s, uc.state == then[*s]);
	}
}

TEST(arrive__fin_out_of_order_waits)
{
	u_state(TCPS_ESTABLISHED);
	CHECK_EQ(u_in("FA", 101, 1, 50, 50000), TCP_ARR_TAKEN);
	CHECK_EQ(uc.state, TCPS_ESTABLISHED);
	u_drop();
	u_in("A", 1, 1, 100, 50000);
	CHECK_EQ(uc.state, TCPS_CLOSE_WAIT);
	CHECK_EQ(u_delivered, 150);
	OUT("A", 1, 0, 152);
}

TEST(arrive__shut_window_still_takes_ack_and_rst)	/* MUST-66 */
{
	u_state(TCPS_ESTABLISHED);
	u_rcvbuf = 1000;
	u_in("A", 1, 1, 1000, 50000);
	u_at(500);
	while (tcp_env_rcv_room(&uc) == 0 && uc.rcv.wup + uc.rcv.wnd != uc.rcv.nxt) {
		u_in("A", uc.rcv.nxt - IRS, 1, 1000, 50000);
		if (u_delivered > 100000)
			break;
	}
	u_at(500);
	u_drop();
	u_write(500);
	u_drop();
	/* Text that does not fit: its ACK counts, its text does not. */
	u_in("A", uc.rcv.nxt - IRS, 501, 100, 50000);
	CHECK_EQ(uc.snd.una, ISS + 501);
	CHECK_EQ(u_in("R", uc.rcv.nxt - IRS, 0, 0, 0), TCP_ARR_RESET);
}

TEST(arrive__paws_drops_old_and_answers)	/* RFC 7323 5.3 R1 */
{
	struct tcp_options opt = { .has = TCPO_TS, .tsval = 1000 };

	up.timestamps = true;
	tcp_conn_open(&uc, ISS, 0, MSS, 0, unow);
	opt.tsecr = u_peek()->opt.tsval;
	u_in_opt("SA", 0, 1, 0, 50000, &opt);
	u_flush();
	u_drop();
	opt.tsval = 999;
	CHECK_EQ(u_in_opt("A", 1, 1, 100, 50000, &opt), TCP_ARR_PAWS);
	OUT("A", 1, 0, 1);
	opt.tsval = 1000;
	CHECK_EQ(u_in_opt("A", 1, 1, 100, 50000, &opt), TCP_ARR_TAKEN);
	/* R1 does not stop a RST. */
	opt.tsval = 1;
	CHECK_EQ(u_in_opt("R", 101, 1, 0, 0, &opt), TCP_ARR_RESET);
}

TEST(arrive__urgent_mark)	/* 3.8.5 */
{
	u_state(TCPS_ESTABLISHED);
	u_in("UA", 1, 1, 10, 50000);
	CHECK(u_events & 1U << TCP_EV_URGENT);
	CHECK_EQ(uc.rcv.up, IRS + 11);
	CHECK(uc.rcv.urg);
	u_read(10);
	CHECK(!uc.rcv.urg);
}

TEST(arrive__challenges_are_limited)	/* RFC 5961 10 */
{
	up.invalid_ratelimit_ms = 500;
	u_state(TCPS_ESTABLISHED);
	u_in("S", 100, 0, 0, 0);
	OUT("A", 1, 0, 1);
	u_in("S", 100, 0, 0, 0);
	NONE();
	u_at(501);
	u_in("S", 100, 0, 0, 0);
	OUT("A", 1, 0, 1);
}
