// SPDX-License-Identifier: GPL-2.0
/*
 * The simple peer judges the engine, so it is judged as well: a connection on which it owes
 * nothing it keeps, however long nothing comes; what it owes then, its FIN, gets all its tries.
 */
#include <stdlib.h>

#include "sim.h"

#define ISS	1000U		/* of the other end, which is this file */
#define TRIES	21		/* the FIN, and again for 20 time-outs */

static void idle_net(void)
{
	int i;

	scenario_reset();
	sim_failed = false;
	memset(&scn, 0, sizeof(scn));
	scn.plain = true;
	for (i = 0; i < 2; i++) {
		memset(&links[i], 0, sizeof(links[i]));
		links[i].mtu = 1500;
	}
	links[1].loss = 1000000;
}

/* A segment to the peer from nowhere. */
static void idle_tell(struct sim_peer *p, u8 flags, u32 seq, u32 ack)
{
	struct tcp_segout out = { .seq = seq, .ack = ack, .flags = flags, .wnd = 65535 };
	struct sim_packet *k = calloc(1, sizeof(*k));

	k->hlen = wire_tcp_emit(k->hdr, &out, 0, 0);
	k->port = p->port;
	k->to = p->host;
	peer_receive(k);
}

static bool idle_expect(const char *what, bool ok, const struct sim_peer *p, u64 sent)
{
	if (!ok)
		printf("# %s: state %u%s, %llu segments sent\n", what, p->state,
		       p->failed ? ", gave up" : "", (unsigned long long)sent);
	return ok;
}

bool idle_peer(void)
{
	struct sim_peer *p = &peers[0];
	bool ok;

	idle_net();
	peer_connect(0, 0, 0);
	p->total = 0;
	p->keep_open = true;
	idle_tell(p, TCPF_SYN | TCPF_ACK, ISS, p->iss + 1);
	while (sim_step())
		;
	/* Nothing but its SYN and the ACK of ours; no timer runs. */
	ok = idle_expect("expected ESTABLISHED, 2 segments",
			 p->state == P_ESTABLISHED && !p->failed && links[1].dropped == 2,
			 p, links[1].dropped);
	links[1].dropped = 0;
	sim_now += 4 * 3600 * SEC;
	idle_tell(p, TCPF_FIN | TCPF_ACK, ISS + 1, p->iss + 1);
	while (sim_step())
		;
	ok &= idle_expect("expected CLOSED, gave up, an ACK and 21 FINs",
			  p->state == P_CLOSED && p->failed && links[1].dropped == 1 + TRIES,
			  p, links[1].dropped);
	scenario_reset();
	return ok;
}
