// SPDX-License-Identifier: GPL-2.0
/*
 * Application models: streams, requests and answers, slow readers, half-close, abort, early close.
 */
#include "sim.h"

static void app_write(void *arg, u64 tag);
static void app_read(void *arg, u64 tag);

/* May this side write now, by the rules of its conversation? */
static bool app_may_write(const struct sim_conn *s)
{
	const struct sim_app *a = &s->app;
	u64 round;

	if (!a->turn)
		return true;
	round = a->written / a->turn;
	/*
	 * The first waits for its answer before each turn but the first; the other for each
	 * question.
	 */
	return a->read >= (a->first ? round : round + 1) * a->turn;
}

static u32 app_room(const struct sim_conn *s)
{
	u32 used = s->c.snd.end - s->c.snd.una;

	if (s->c.state == TCPS_SYN_SENT || s->c.state == TCPS_SYN_RECEIVED)
		used = s->app.written;
	return used < s->sndbuf ? s->sndbuf - used : 0;
}

/*
 * A writer whose buffer was full is woken when a third of it is free, as kernels do: woken for
 * every octet, it would write, and without Nagle send, octet by octet for ever.
 */
static bool app_woken(struct sim_conn *s)
{
	u32 room = app_room(s);

	if (!room)
		s->app.full = true;
	if (s->app.full && room < s->sndbuf / 3)
		return false;
	s->app.full = false;
	return room;
}

static void app_finish(struct sim_conn *s)
{
	struct sim_app *a = &s->app;

	if (a->closed || s->finished)
		return;
	if (!a->shut && a->written == a->total &&
	    (a->close == CLOSE_HALF || a->close == CLOSE_AFTER || a->close == CLOSE_ABORT)) {
		a->shut = true;
		sim_log("%c%u shutdown", s->host ? 'B' : 'A', s->port);
		tcp_conn_shutdown(&s->c, sim_now);
		check_conn(s);
		if (s->finished)
			return;
	}
	if ((a->shut && a->eof && !s->rx_bytes) ||
	    (a->close == CLOSE_EARLY && a->written == a->total)) {
		a->closed = true;
		a->shut = true;
		sim_log("%c%u close", s->host ? 'B' : 'A', s->port);
		tcp_conn_close(&s->c, s->rx_bytes, sim_now);
		env_after(s);
	}
}

static void app_write(void *arg, u64 tag)
{
	struct sim_conn *s = arg;
	struct sim_app *a = &s->app;
	u64 left = a->total - a->written;
	u32 len;

	(void)tag;
	a->write_due = false;
	if (s->finished || a->shut)
		return;
	len = (u32)min_t(u64, min(left, (u64)a->write_max), app_room(s));
	if (a->turn)
		len = min(len, a->turn - (u32)(a->written % a->turn));
	if (left && app_may_write(s) && len) {
		bool last = len == left || (a->turn && (a->written + len) % a->turn == 0);

		a->written += len;
		s->is_pushed = tcp_conn_wrote(&s->c, len, last || rnd_chance(500000),
					      rnd_chance(a->oob));
		s->pushed = s->c.snd.end;
		tcp_conn_flush(&s->c, sim_now);
		env_after(s);
	}
	app_finish(s);
	app_kick(s);
}

static void app_read(void *arg, u64 tag)
{
	struct sim_conn *s = arg;
	struct sim_app *a = &s->app;
	u32 len = min(s->rx_bytes, a->read_max);

	(void)tag;
	a->read_due = false;
	if (len && !a->closed) {
		s->rx_bytes -= len;
		a->read += len;
		if (s->c.state != TCPS_CLOSED) {
			tcp_conn_read(&s->c, len, sim_now);
			env_after(s);
		}
	}
	app_finish(s);
	app_kick(s);
}

static void app_abort(void *arg, u64 tag)
{
	struct sim_conn *s = arg;

	(void)tag;
	if (s->finished || s->app.closed)
		return;
	sim_log("%c%u abort", s->host ? 'B' : 'A', s->port);
	s->app.closed = true;
	tcp_conn_abort(&s->c, sim_now);
	s->finished = true;
	env_after(s);
}

/* Something happened: have calls made that can get on. */
void app_kick(struct sim_conn *s)
{
	struct sim_app *a = &s->app;
	u64 at = sim_now;

	if (!a->write_due && !s->finished && !a->shut && a->written < a->total &&
	    app_may_write(s) && app_woken(s)) {
		a->write_due = true;
		sim_at(at + a->write_gap, app_write, s, 0);
	}
	if (!a->write_due && !s->finished && !a->shut && a->written == a->total) {
		a->write_due = true;
		sim_at(at + 1, app_write, s, 0);
	}
	if (!a->read_due && !a->closed && (s->rx_bytes || (a->eof && a->shut && !s->finished))) {
		a->read_due = true;
		if (a->stall_for && sim_now >= a->stall_at && sim_now < a->stall_at + a->stall_for)
			at = a->stall_at + a->stall_for;
		sim_at(at + a->read_gap, app_read, s, 0);
	}
}

void app_start(struct sim_conn *s)
{
	if (s->app.close == CLOSE_ABORT)
		sim_at(sim_now + s->app.abort_at, app_abort, s, 0);
	app_kick(s);
}

/* Is there nothing left that this end waits for? */
bool app_done(const struct sim_conn *s)
{
	return s->finished && (s->app.closed || s->err || !s->rx_bytes);
}
