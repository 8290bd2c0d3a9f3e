// SPDX-License-Identifier: GPL-2.0
/*
 * How fast is it? One flow of bulk text over a link of known rate, delay and loss: goodput
 * against what the link can carry and what the loss response allows (CUBIC: RFC 9438 5.1; Reno:
 * RFC 5348's simple form, 1.22 mss / (rtt sqrt p), whichever is more for CUBIC). A recovery that
 * stalls, or that sends too little or too much, shows here and nowhere else.
 */
#include <math.h>
#include <stdlib.h>

#include "sim.h"

#define MSS	1448.0

static double expect_rate(double rate, double rtt, double p, bool cubic)
{
	double reno, w;

	if (p == 0)
		return rate;
	reno = 1.22 * MSS / (rtt * sqrt(p));
	if (cubic) {
		w = 1.17 * pow(pow(rtt, 3) / pow(p, 3), 0.25) * MSS / rtt;
		reno = max(reno, w);
	}
	return min(rate, reno);
}

static void bulk_net(u64 rate, u64 rtt, u32 loss)
{
	int i;

	for (i = 0; i < 2; i++) {
		memset(&links[i], 0, sizeof(links[i]));
		links[i].rate = rate;
		links[i].delay = rtt / 2;
		links[i].queue = max_t(u64, rate * rtt / SEC, 30000);
		links[i].mtu = 1500;
	}
	links[1].loss = loss;
}

/* Octets a second, once the flow is under way. */
static double bulk_run(u64 rate, u64 rtt, u32 loss, const struct tcp_cc_ops *cc, bool sack,
		       double seconds, u64 seed)
{
	struct sim_conn *a, *b;
	u64 start;
	double got;
	int i;

	scenario_reset();
	sim_failed = false;
	scenario_choose(seed);
	sim_events_clear();
	memset(&scn, 0, sizeof(scn));
	for (i = 0; i < 2; i++) {
		hosts[i].plain = false;
		scenario_defaults(&scn.par[i]);
		scn.par[i].sack = sack;
		scn.par[i].pacing_ss_ratio = 200;
		scn.par[i].pacing_ca_ratio = 120;
		scn.cc[i] = cc;
	}
	bulk_net(rate, rtt, loss);
	hosts[1].listening = true;
	start = sim_now;
	scn.bulk = true;
	host_connect(0, 0, 0);
	a = hosts[0].conn[0];
	while (sim_now < start + (u64)(seconds * 1e9) && sim_step())
		if (sim_failed)
			return 0;
	b = hosts[1].conn[0];
	got = b ? b->rcvd / seconds : 0;
	sim_log("cwnd %u ssthresh %u rtx %u", a->c.cong.cwnd, a->c.cong.ssthresh, a->c.stat.rtx);
	scenario_reset();
	return got;
}

static const struct tcp_cc_ops *const kinds[] = { &tcp_cc_cubic, &tcp_cc_reno, &tcp_cc_reno };
static const u64 rates[] = { 1250000, 12500000, 125000000 };
static const u64 rtts[] = { 2 * MS, 20 * MS, 100 * MS };
static const u32 losses[] = { 0, 100, 1000, 10000, 50000 };

/* One cell of the matrix; @kind 2 is Reno without SACK. Returns false if it is too slow. */
static bool goodput_cell(unsigned int kind, u64 rate, u64 rtt, u32 loss, bool verbose)
{
	double p = loss / 1e6, want, got, least;
	bool sack = kind < 2;

	want = expect_rate(rate * MSS / 1500, rtt / 1e9, p, kind == 0);
	got = bulk_run(rate, rtt, loss, kinds[kind], sack,
		       min(60.0, max(sack ? 40 * rtt / 1e9 : 5 + 150 * rtt / 1e9, 40e6 / want)),
		       42 + loss);
	/* Without SACK the burst that slow start ends with costs time-outs. */
	least = !sack ? 0.3 : p > 0.005 ? 0.35 : 0.5;
	if (verbose || got < want * least)
		printf("# %-5s %s %5.0f Mbit/s, %3.0f ms, loss %.4f: %7.2f of %7.2f, %.2f%s\n",
		       kinds[kind]->name, sack ? "SACK" : "    ", rate / 125e3, rtt / 1e6, p,
		       got / 125e3, want / 125e3, got / want,
		       got < want * least ? " TOO SLOW" : "");
	return got >= want * least;
}

/* @quick: the cells that take few events. */
bool goodput_matrix(bool quick, bool verbose)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < 3 * 3 * 3 * 5; i++) {
		unsigned int kind = i / 45, rate = i / 15 % 3, rtt = i / 5 % 3, loss = i % 5;

		if (getenv("CELL") && (u32)atoi(getenv("CELL")) != i)
			continue;
		if (quick && (rate > 1 || (rate == 1 && loss < 2)))
			continue;
		if (kind == 2 && loss > 2)
			continue;
		ok &= goodput_cell(kind, rates[rate], rtts[rtt], losses[loss], verbose);
	}
	return ok;
}
