// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: any octets as a TCP header; what was read is written and read again. */
#include <stdlib.h>

#include "../../net/wire/tcp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tcp_segin in, again;
	struct tcp_segout out;
	u8 buf[WIRE_TCP_HLEN_MAX], *copy;
	unsigned int hlen;

	if (size < WIRE_TCP_HLEN)
		return 0;
	hlen = wire_tcp_hlen(data);
	if (!hlen || hlen > size)
		return 0;
	/* Exactly the header, so that a read beyond it is seen. */
	copy = malloc(hlen);
	memcpy(copy, data, hlen);
	memset(&in, 0, sizeof(in));
	wire_tcp_parse(copy, size, &in);
	memset(&out, 0, sizeof(out));
	out.seq = in.seq;
	out.ack = in.ack;
	out.wnd = in.wnd;
	out.up = in.up;
	out.flags = in.flags;
	out.opt = in.opt;
	if (wire_tcp_size(&out) <= WIRE_TCP_HLEN_MAX) {
		hlen = wire_tcp_emit(buf, &out, 1, 2);
		if (hlen != wire_tcp_size(&out))
			abort();
		memset(&again, 0, sizeof(again));
		wire_tcp_parse(buf, hlen, &again);
		if (again.seq != in.seq || again.flags != in.flags || again.opt.has != in.opt.has ||
		    again.opt.tsval != in.opt.tsval || again.opt.n_sack != in.opt.n_sack)
			abort();
	}
	free(copy);
	return 0;
}
