// SPDX-License-Identifier: GPL-2.0
/* Frames for the packet fuzzer: made well, then made worse. */
#include <string.h>

#include "frame.h"

uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (; n > 1; n -= 2, p += 2)
		s += get16(p);
	return n ? s + ((uint32_t)*p << 8) : s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* ---- good ones ---- */

void frame_eth(struct frame *f, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	memcpy(f->data, to, 6);
	memcpy(f->data + 6, from, 6);
	put16(f->data + 12, type);
	f->len = ETH;
}

void frame_arp(struct frame *f, uint16_t op, const uint8_t *mac, uint32_t sender, uint32_t target)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4 };
	uint8_t *p = f->data + ETH;

	put16(f->data + 12, 0x0806);
	memcpy(p, head, sizeof(head));
	put16(p + 6, op);
	memcpy(p + 8, mac, 6);
	put32(p + 14, sender);
	memcpy(p + 18, f->data, 6);
	put32(p + 24, target);
	f->len = ETH + 28;
}

void frame_ip(struct frame *f, uint8_t protocol, uint32_t from, uint32_t to)
{
	static uint16_t id;
	uint8_t *p = f->data + ETH;

	put16(f->data + 12, 0x0800);
	memset(p, 0, IP);
	p[0] = 0x45;
	put16(p + 4, ++id);
	p[8] = 64;
	p[9] = protocol;
	put32(p + 12, from);
	put32(p + 16, to);
	f->len = ETH + IP;
}

static uint8_t *grow(struct frame *f, unsigned int len)
{
	uint8_t *p = f->data + f->len;

	if (f->len + len > 1514)
		len = 1514 - f->len;
	memset(p, 'x', len);
	f->len += len;
	return p;
}

void frame_udp(struct frame *f, uint16_t from, uint16_t to, unsigned int len)
{
	uint8_t *p = grow(f, 8 + len);

	put16(p, from);
	put16(p + 2, to);
	put16(p + 4, (uint16_t)(8 + len));
}

void frame_echo(struct frame *f, uint8_t type, uint16_t id, unsigned int len)
{
	uint8_t *p = grow(f, 8 + len);

	p[0] = type;
	p[1] = 0;
	put16(p + 4, id);
	put16(p + 6, 1);
}

void frame_tcp(struct frame *f, const struct flow *w, uint8_t flags, unsigned int len)
{
	unsigned int options = (flags & SYN ? 8 : 0) + (w->ts ? 12 : 0);
	uint8_t *p = grow(f, 20 + options + len), *o = p + 20;

	put16(p, w->remote_port);
	put16(p + 2, w->local_port);
	put32(p + 4, w->ack);
	put32(p + 8, flags & ACK ? w->seq : 0);
	p[12] = (uint8_t)((20 + options) / 4 << 4);
	p[13] = flags;
	put16(p + 14, 30000);
	memset(p + 16, 0, 4);
	if (flags & SYN) {
		memcpy(o, "\x02\x04\x05\xb4\x04\x02\x01\x01", 8);
		o += 8;
	}
	if (w->ts) {
		memcpy(o, "\x01\x01\x08\x0a", 4);
		put32(o + 4, w->seq);
		put32(o + 8, w->tsval);
	}
}

/* The payload's checksum, if it has one where the header says. */
void frame_sum(struct frame *f)
{
	unsigned int hlen, at, n;
	uint8_t *p = f->data + ETH, *l;
	uint32_t s;

	if (f->len < ETH + IP || get16(f->data + 12) != 0x0800)
		return;
	hlen = (p[0] & 15) * 4;
	if (hlen < IP || ETH + hlen > f->len)
		return;
	put16(p + 10, 0);
	put16(p + 10, fold(sum(p, hlen, 0)));
	n = f->len - ETH - hlen;
	l = p + hlen;
	at = p[9] == 6 ? 16 : p[9] == 17 ? 6 : 2;
	if (n < at + 2 || (p[9] != 6 && p[9] != 17 && p[9] != 1))
		return;
	put16(l + at, 0);
	s = p[9] == 1 ? 0 : sum(p + 12, 8, p[9] + n);
	put16(l + at, fold(sum(l, n, s)));
}

void frame_fix(struct frame *f)
{
	if (f->len >= ETH + IP && get16(f->data + 12) == 0x0800)
		put16(f->data + ETH + 2, (uint16_t)(f->len - ETH));
	frame_sum(f);
}

/* ---- any of them ---- */

static const uint8_t flag_sets[] = {
	SYN, SYN, ACK, ACK, ACK | PSH, ACK | FIN, RST, RST | ACK, SYN | ACK, ACK | URG, FIN, 0,
	ACK | 0x40, ACK | 0x80, SYN | 0xc0,
};

static uint32_t source(struct rng *r)
{
	static const uint32_t odd[] = {
		0, 0xffffffff, 0xe0000001, ADDR_A, 0x7f000001, 0x0a0000ff, 0x08080808,
	};

	return one_in(r, 12) ? PICK(r, odd) : ADDR_B + (one_in(r, 4) ? below(r, 50) : 0);
}

static uint32_t target(struct rng *r)
{
	static const uint32_t odd[] = {
		0xffffffff, 0xe1020304, 0x0a0000ff, 0x0a000004, 0x7f000001, 0, 0xe0000001,
	};

	return one_in(r, 12) ? PICK(r, odd) : ADDR_A;
}

static uint16_t port(struct rng *r)
{
	return (uint16_t)(one_in(r, 12) ? rng_next(r) : PORT + below(r, PORTS));
}

/* An error about something that the host under test might have sent. */
static void any_error(struct rng *r, struct frame *f, const struct flow *w)
{
	static const uint8_t types[] = { 3, 3, 3, 11, 12, 4, 5 };
	uint8_t type = PICK(r, types), *p, *q;

	frame_ip(f, 1, source(r), ADDR_A);
	p = grow(f, 8 + IP + 8 + (one_in(r, 3) ? below(r, 500) : 0));
	memset(p, 0, 8);
	p[0] = type;
	p[1] = (uint8_t)(type == 3 && one_in(r, 2) ? 4 : below(r, 17));
	put16(p + 6, (uint16_t)(one_in(r, 3) ? number(r) : 500 + below(r, 1000)));
	if (type == 5)
		put32(p + 4, source(r));
	q = p + 8;
	memset(q, 0, IP);
	q[0] = 0x45;
	put16(q + 2, (uint16_t)(40 + below(r, 1460)));
	q[8] = 64;
	q[9] = w ? 6 : one_in(r, 2) ? 17 : 1;
	put32(q + 12, ADDR_A);
	put32(q + 16, w ? w->remote : ADDR_B);
	put16(q + IP, w ? w->local_port : port(r));
	put16(q + IP + 2, w ? w->remote_port : port(r));
	put32(q + IP + 4, w ? w->seq - below(r, 3000) : 8);
}

void frame_any(struct rng *r, struct frame *f, const struct flow *w)
{
	static const uint8_t icmp_types[] = { 8, 8, 0, 13, 14, 17, 15, 10, 9 };
	struct flow own = { .local_port = port(r), .remote_port = port(r), .ts = one_in(r, 3) };
	uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)below(r, 60) };
	unsigned int len = one_in(r, 3) ? below(r, 1460) : below(r, 64);

	switch (below(r, 10)) {
	case 0:
		frame_arp(f, one_in(r, 10) ? (uint16_t)number(r) : (uint16_t)(1 + below(r, 2)), mac,
			  source(r), target(r));
		return;
	case 1:
		any_error(r, f, one_in(r, 2) ? w : NULL);
		break;
	case 2:
		frame_ip(f, 1, source(r), target(r));
		frame_echo(f, PICK(r, icmp_types), (uint16_t)below(r, 10), len);
		break;
	case 3:
		frame_ip(f, (uint8_t)number(r), source(r), target(r));
		grow(f, len);
		break;
	case 4:
	case 5:
	case 6:
		own.seq = (uint32_t)rng_next(r);
		own.ack = (uint32_t)rng_next(r);
		frame_ip(f, 6, source(r), target(r));
		frame_tcp(f, &own, PICK(r, flag_sets), one_in(r, 2) ? 0 : len);
		break;
	default:
		frame_ip(f, 17, source(r), target(r));
		frame_udp(f, port(r), port(r), len);
	}
	frame_fix(f);
}

/* SACK blocks, a time stamp that is old, Fast Open cookies, noise, behind the header. */
static void odd_options(struct rng *r, struct frame *f)
{
	uint8_t *p = f->data + ETH + IP, more[40];
	unsigned int hlen = (p[12] >> 4) * 4, n = 4 * (1 + below(r, 10)), blocks = below(r, 5);

	if (hlen + n > 60 || f->len + n > 1514)
		return;
	fill(r, more, sizeof(more));
	switch (below(r, 5)) {
	case 0:
		more[0] = 5;
		more[1] = (uint8_t)(2 + 8 * blocks);
		while (blocks--) {
			put32(more + 2 + 8 * blocks, get32(p + 8) + below(r, 60000));
			put32(more + 6 + 8 * blocks, get32(p + 8) + below(r, 60000));
		}
		break;
	case 1:
		more[0] = 34;
		more[1] = (uint8_t)(2 + below(r, 17));
		break;
	case 2:
		memset(more, 1, sizeof(more));
		break;
	case 3:
		more[0] = 19;
		more[1] = 18;
		break;
	default:
		more[0] = (uint8_t)below(r, 40);
		more[1] = (uint8_t)number(r);
	}
	memmove(p + hlen + n, p + hlen, f->len - ETH - IP - hlen);
	memcpy(p + hlen, more, n);
	f->len += n;
	p[12] = (uint8_t)((hlen + n) / 4 << 4);
}

void frame_near(struct rng *r, struct frame *f, const struct flow *w)
{
	static const int32_t offsets[] = {
		0, 0, 0, 0, 0, 1, -1, 1460, -1460, 30000, -30000, 65535, 0x7fffffff, -0x7fffffff,
		2920,
	};
	unsigned int len = one_in(r, 2) ? 0 : below(r, one_in(r, 3) ? 1400 : 20);
	uint8_t flags = one_in(r, 3) ? PICK(r, flag_sets) : one_in(r, 8) ? ACK | FIN : ACK;
	struct flow own = *w;
	uint8_t *p;

	own.ack += (uint32_t)PICK(r, offsets);
	own.ack += one_in(r, 3) ? below(r, 3000) - 1500 : 0;
	own.seq -= one_in(r, 2) ? 0 : below(r, 20000);
	own.seq += one_in(r, 6) ? (uint32_t)PICK(r, offsets) : 0;
	if (one_in(r, 4))
		own.tsval = (uint32_t)number(r);
	if (one_in(r, 8))
		own.ts = !own.ts;
	if (one_in(r, 40))
		flags = (uint8_t)number(r);
	frame_ip(f, 6, own.remote, ADDR_A);
	frame_tcp(f, &own, flags, len);
	p = f->data + ETH + IP;
	if (one_in(r, 3))
		put16(p + 14, (uint16_t)(one_in(r, 2) ? 0 : number(r)));
	if (flags & URG)
		put16(p + 18, (uint16_t)(one_in(r, 2) ? len : number(r)));
	if (one_in(r, 20))
		f->data[ETH + 1] = 3;		/* CE */
	if (one_in(r, 4))
		odd_options(r, f);
	frame_fix(f);
}

/* ---- worse ---- */

static void spoil_ip(struct rng *r, uint8_t *p)
{
	switch (below(r, 8)) {
	case 0:
		p[0] = (uint8_t)number(r);
		break;
	case 1:
		put16(p + 2, (uint16_t)(one_in(r, 2) ? number(r) : get16(p + 2) + below(r, 9) - 4));
		break;
	case 2:
		put16(p + 6, (uint16_t)(one_in(r, 2) ? rng_next(r) : 0x2000 | below(r, 300)));
		break;
	case 3:
		p[8] = (uint8_t)below(r, 3);
		break;
	case 4:
		p[9] = (uint8_t)number(r);
		break;
	case 5:
		p[1] = (uint8_t)number(r);
		break;
	default:
		put32(p + (one_in(r, 2) ? 12 : 16), one_in(r, 2) ? source(r) : target(r));
	}
}

/* IP options in front of the payload. */
static void spoil_options(struct rng *r, struct frame *f)
{
	static const uint8_t kinds[] = { 7, 68, 131, 137, 148, 0, 1, 130, 134, 136, 200 };
	unsigned int n = 4 * (1 + below(r, 10));
	uint8_t *p = f->data + ETH;

	if ((p[0] & 15) != 5 || f->len + n > 1514)
		return;
	memmove(p + IP + n, p + IP, f->len - ETH - IP);
	fill(r, p + IP, n);
	p[IP] = PICK(r, kinds);
	p[IP + 1] = (uint8_t)(one_in(r, 4) ? number(r) : n);
	p[IP + 2] = (uint8_t)(one_in(r, 4) ? number(r) : p[IP] == 68 ? 5 : 4);
	if (p[IP] == 68)
		p[IP + 3] = (uint8_t)below(r, 4);
	p[0] = (uint8_t)(0x40 | (IP + n) / 4);
	f->len += n;
}

void frame_spoil(struct rng *r, struct frame *f)
{
	unsigned int n = 1 + below(r, 4), at;
	bool whole = one_in(r, 3), ip;

	while (n--) {
		ip = f->len >= ETH + IP && get16(f->data + 12) == 0x0800;
		switch (below(r, ip ? 7 : 3)) {
		case 0:
			at = ETH + below(r, f->len - ETH);
			f->data[at] = (uint8_t)(one_in(r, 2) ? number(r) :
						f->data[at] ^ 1u << below(r, 8));
			break;
		case 1:
			if (one_in(r, 3) && f->len > ETH + 1)
				f->len = ETH + 1 + below(r, f->len - ETH);
			break;
		case 2:
			if (f->len < 1400)
				grow(f, below(r, 100));
			break;
		case 3:
			spoil_options(r, f);
			break;
		case 4:
			/* The first octets behind the header: ports, flags, types, lengths. */
			at = ETH + IP + below(r, 24);
			if (at < f->len)
				f->data[at] = (uint8_t)number(r);
			break;
		default:
			spoil_ip(r, f->data + ETH);
		}
	}
	if (f->len < ETH + 1)
		f->len = ETH + 1;
	if (one_in(r, 60))
		put16(f->data + 12, (uint16_t)number(r));
	if (whole)
		frame_fix(f);
	else if (!one_in(r, 4))
		frame_sum(f);
}

void frame_cut(const struct frame *f, struct frame *part, unsigned int first, unsigned int len)
{
	unsigned int have = f->len > ETH + IP ? f->len - ETH - IP : 0;
	bool more;

	first &= ~7u;
	if (first > have)
		first = have & ~7u;
	if (len > have - first)
		len = have - first;
	more = first + len < have;
	memcpy(part->data, f->data, ETH + IP);
	memcpy(part->data + ETH + IP, f->data + ETH + IP + first, len);
	part->len = ETH + IP + len;
	part->data[ETH] = 0x45;
	put16(part->data + ETH + 2, (uint16_t)(part->len - ETH));
	put16(part->data + ETH + 6, (uint16_t)((more ? 0x2000 : 0) | first / 8));
	put16(part->data + ETH + 10, 0);
	put16(part->data + ETH + 10, fold(sum(part->data + ETH, IP, 0)));
}

void frame_turn(struct frame *f)
{
	uint8_t *p = f->data + ETH;
	uint32_t addr = get32(p + 12);
	uint16_t ports;

	if (f->len < ETH + IP + 4 || get16(f->data + 12) != 0x0800)
		return;
	put32(p + 12, get32(p + 16));
	put32(p + 16, addr);
	if ((p[0] & 15) != 5 || (p[9] != 6 && p[9] != 17))
		return;
	ports = get16(p + IP);
	put16(p + IP, get16(p + IP + 2));
	put16(p + IP + 2, ports);
}
