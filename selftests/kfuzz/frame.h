/* SPDX-License-Identifier: GPL-2.0 */
/* Frames for the packet fuzzer: made well, then made worse. */
#ifndef KFUZZ_FRAME_H
#define KFUZZ_FRAME_H

#include "kfuzz.h"

#define FRAME_MAX	2048

struct frame {
	unsigned int len;
	uint8_t data[FRAME_MAX];
};

/* A connection as its host sees it, learnt from what that sends. Host order. */
struct flow {
	uint32_t remote;		/* our address */
	uint16_t local_port, remote_port;
	uint32_t seq;			/* what it sends next */
	uint32_t ack;			/* what it expects of us */
	uint32_t tsval;
	bool ts;
};

#define ETH	14
#define IP	20

#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define PSH	0x08
#define ACK	0x10
#define URG	0x20

uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint16_t v);
void put32(uint8_t *p, uint32_t v);

/* frame_eth() - an empty frame to the host under test */
void frame_eth(struct frame *f, const uint8_t *to, const uint8_t *from, uint16_t type);
void frame_arp(struct frame *f, uint16_t op, const uint8_t *mac, uint32_t sender, uint32_t target);
/* frame_ip() - an IPv4 header behind what is there; frame_fix() completes it */
void frame_ip(struct frame *f, uint8_t protocol, uint32_t from, uint32_t to);
void frame_udp(struct frame *f, uint16_t from, uint16_t to, unsigned int len);
void frame_echo(struct frame *f, uint8_t type, uint16_t id, unsigned int len);
void frame_tcp(struct frame *f, const struct flow *w, uint8_t flags, unsigned int len);
/* frame_fix() - lengths and checksums that are right */
void frame_fix(struct frame *f);
/* frame_sum() - checksums alone */
void frame_sum(struct frame *f);

/* frame_any() - a good one of any kind to @to, whose state is @w if that is given */
void frame_any(struct rng *r, struct frame *f, const struct flow *w);
/* frame_near() - a segment of the connection, within or near its windows */
void frame_near(struct rng *r, struct frame *f, const struct flow *w);
/* frame_spoil() - changes it; what it was is no matter */
void frame_spoil(struct rng *r, struct frame *f);
/* frame_cut() - a fragment of @f, from octet @first of its payload */
void frame_cut(const struct frame *f, struct frame *part, unsigned int first, unsigned int len);
/* frame_turn() - the other end might have sent it */
void frame_turn(struct frame *f);

#endif /* KFUZZ_FRAME_H */
