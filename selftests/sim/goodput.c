// SPDX-License-Identifier: GPL-2.0
/*
 * How fast is it? One flow of bulk text over a link of known rate, delay and loss: goodput against what
 * the link can carry and what the loss response allows (CUBIC: RFC 9438 5.1; Reno: RFC 5348's simple
 * form, 1.22 mss / (rtt sqrt p), whichever is more for CUBIC). A recovery that stalls, or that sends too
 * little or too much, shows here and nowhere else.
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
	scenario_choose(seed);
	sim_events_clear();
	memset(&scn, 0, sizeof(scn));
	for (i = 0; i < 2; i++) {
		scenario_defaults(&scn.par[i]);
		scn.par[i].sack = sack;
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

bool goodput_matrix(bool verbose)
{
	static const u64 rates[] = { 1250000, 12500000, 125000000 };
	static const u64 rtts[] = { 2 * MS, 20 * MS, 100 * MS };
	static const u32 losses[] = { 0, 100, 1000, 10000, 50000 };
	bool ok = true;
	unsigned int r, t, l, k;

	for (k = 0; k < 3; k++)
	for (r = 0; r < 3; r++)
	for (t = 0; t < 3; t++)
	for (l = 0; l < 5; l++) {
		bool cubic = k == 0, sack = k < 2, low;
		double p = losses[l] / 1e6, rtt = rtts[t] / 1e9, got, want, secs;

		want = expect_rate(rates[r] * MSS / 1500, rtt, p, cubic);
		secs = min(60.0, max(40 * rtt, 40e6 / want));
		if (!sack && losses[l] > 1000)
			continue;
		got = bulk_run(rates[r], rtts[t], losses[l], cubic ? &tcp_cc_cubic : &tcp_cc_reno,
			       sack, secs, 42 + l);
		/* Without SACK a burst of losses costs time-outs: only a stall is a failure. */
		low = got < want * (!sack ? 0.15 : p > 0.005 ? 0.35 : 0.5);
		if (low)
			ok = false;
		if (verbose || low)
			printf("# %-5s %s %8.1f Mbit/s rtt %5.1f ms loss %.4f: %8.2f of %8.2f Mbit/s %.2f%s\n",
			       cubic ? "cubic" : "reno", sack ? "sack" : "    ", rates[r] * 8e-6,
			       rtt * 1e3, p, got * 8e-6, want * 8e-6, got / want,
			       low ? "  LOW" : "");
	}
	return ok;
}
