// SPDX-License-Identifier: GPL-2.0
/*
 * What IEEE 802.3 4.2.3.2 predicts of stations on one repeater hub that all begin at once and have
 * a number of frames to send, one after the other. It shares nothing with drivers/lan, and knows
 * neither state machines nor events: it goes in rounds. All who have heard nothing for a gap begin;
 * who is alone is through; if there are more, each draws r < 2^min(n, 10) slots after its n-th
 * collision. Times are in bits.
 *
 *	predict RUNS SEED OCTETS FRAMES...
 *
 * FRAMES is how many a station has, given up ones included; the preamble is among their OCTETS.
 * Prints a line a quantity: its name; mean, standard deviation, least and most of the runs.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST		64	/* stations */
#define GAP		96
#define JAM		96	/* the preamble's rest and the jam */
#define SLOT		512
/* Two cables of 10 m and the repeater: who begins within it has not heard the other. */
#define REACH		9
#define ATTEMPTS	16
#define BACKOFF_LIMIT	10

enum {
	COLLISIONS, EXCESSIVE, DRAWS, SLOTS, SINGLE, MULTIPLE, DEFERRED, QUANTITIES
};

static const char *const name[QUANTITIES] = {
	"collisions", "excessive", "backoff_draws", "backoff_slots", "single", "multiple",
	"deferred",
};

struct station {
	double ready;		/* its frame is there, and its backoff is over */
	double free;		/* it has heard nothing for a gap */
	int tries;
	bool deferred;
	int left;		/* frames */
};

static struct station st[MOST];
static int n_stations;
static double count[QUANTITIES];

static double begins(const struct station *s)
{
	return s->left ? fmax(s->ready, s->free) : INFINITY;
}

/*
 * Does it begin at @first, or too soon after to have heard that one? Who has waited for a carrier
 * and its gap begins at the end of that whatever comes in its last moment (4.2.3.2.1).
 */
static bool begins_with(const struct station *s, double first)
{
	double at = begins(s);

	return at < first + REACH || (at <= first + REACH && s->ready < at);
}

/* Its frame waits for somebody's carrier: counted once, when that begins. */
static void defer(struct station *s)
{
	count[DEFERRED] += !s->deferred;
	s->deferred = true;
}

/* The frame is off its hands, for good or not: the next is there. */
static void next_frame(struct station *s, double at)
{
	s->deferred = false;
	s->tries = 0;
	s->left--;
	s->ready = at;
}

static void through(struct station *s, double end)
{
	int i;

	count[SINGLE] += s->tries == 1;
	count[MULTIPLE] += s->tries > 1;
	next_frame(s, end);
	for (i = 0; i < n_stations; i++) {
		if (&st[i] != s && st[i].left && st[i].ready < end)
			defer(&st[i]);
		st[i].free = end + GAP + (&st[i] == s ? 0 : REACH);
	}
}

static void back_off(struct station *s, double jammed)
{
	int r;

	count[COLLISIONS]++;
	if (++s->tries == ATTEMPTS) {
		count[EXCESSIVE]++;
		next_frame(s, jammed);
		if (s->left)
			defer(s);
		return;
	}
	r = (int)(drand48() * (1 << (s->tries < BACKOFF_LIMIT ? s->tries : BACKOFF_LIMIT)));
	count[DRAWS]++;
	count[SLOTS] += r;
	if (!r)
		defer(s);		/* the other's jam is heard longer */
	s->ready = jammed + (double)SLOT * r;
}

static void collided(const bool *in)
{
	double end[MOST];
	int i, k;

	for (i = 0; i < n_stations; i++)
		end[i] = in[i] ? begins(&st[i]) + JAM : 0;
	for (i = 0; i < n_stations; i++)
		for (k = 0; k < n_stations; k++)
			if (in[k] && k != i)
				st[i].free = fmax(st[i].free, end[k] + REACH + GAP);
	for (i = 0; i < n_stations; i++)
		if (in[i])
			back_off(&st[i], end[i]);
}

static bool play_round(double bits)
{
	double first = INFINITY;
	int i, who = 0, alone = 0;
	bool in[MOST];

	for (i = 0; i < n_stations; i++)
		first = fmin(first, begins(&st[i]));
	if (first == INFINITY)
		return false;
	for (i = 0; i < n_stations; i++) {
		in[i] = begins_with(&st[i], first);
		who += in[i];
		if (in[i])
			alone = i;
	}
	if (who == 1)
		through(&st[alone], first + bits);
	else
		collided(in);
	return true;
}

static void play(char **frames, double bits)
{
	int i;

	memset(st, 0, sizeof(st));
	memset(count, 0, sizeof(count));
	for (i = 0; i < n_stations; i++)
		st[i].left = atoi(frames[i]);
	while (play_round(bits))
		;
}

int main(int argc, char **argv)
{
	double sum[QUANTITIES] = { 0 }, squares[QUANTITIES] = { 0 };
	double least[QUANTITIES], most[QUANTITIES];
	int i, q, runs;

	n_stations = argc - 4;
	if (n_stations < 2 || n_stations > MOST || atoi(argv[1]) < 1) {
		fprintf(stderr, "usage: predict RUNS SEED OCTETS FRAMES FRAMES...\n");
		return 2;
	}
	runs = atoi(argv[1]);
	srand48(atol(argv[2]));
	for (i = 0; i < runs; i++) {
		play(argv + 4, 8 * atof(argv[3]));
		for (q = 0; q < QUANTITIES; q++) {
			sum[q] += count[q];
			squares[q] += count[q] * count[q];
			least[q] = i ? fmin(least[q], count[q]) : count[q];
			most[q] = i ? fmax(most[q], count[q]) : count[q];
		}
	}
	for (q = 0; q < QUANTITIES; q++) {
		double mean = sum[q] / runs;

		printf("%s %.2f %.2f %.0f %.0f\n", name[q], mean,
		       sqrt(fmax(squares[q] / runs - mean * mean, 0)), least[q], most[q]);
	}
	return 0;
}
