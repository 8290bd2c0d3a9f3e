/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One modelled adapter on a bench: its registers and rings as a driver has them, its end of the
 * wire in the test's hands, and a clock that card_wait() moves.
 */
#ifndef _LAN_CARD_H
#define _LAN_CARD_H

#include "kernel.h"
#include "../../drivers/lan/adapter.h"
#include "test.h"

#define CARD_RING	64		/* descriptors a ring */
#define CARD_BUFFER	2048
#define CARD_FRAMES	128		/* kept of what it sent */
#define US		1000ULL
#define MS		1000000ULL

struct card {
	struct lan_adapter a;
	union nic_tx_desc tx[CARD_RING] __aligned(16);
	struct nic_rx_desc rx[CARD_RING] __aligned(16);
	u8 tx_buf[CARD_RING][LAN_MAX_FRAME];
	u8 rx_buf[CARD_RING][CARD_BUFFER];
	u32 tx_tail;
	u32 kicks;
	u32 interrupts;			/* calls of the handler */
	u64 last_interrupt_ns;
	u64 least_apart_ns;		/* two of them */
	u32 seen;			/* causes it has read */
	bool leaves_icr;		/* it does not read them */
	u32 sent;			/* frames */
	u32 sent_len[CARD_FRAMES];	/* destination to FCS */
	u8 sent_frame[CARD_FRAMES][LAN_MAX_FRAME + 8];
};

extern struct card card;
extern const u8 card_mac[6], card_peer[6];

/*
 * An adapter after reset, link up at 1000 Mb/s full duplex, rings of CARD_RING descriptors, the
 * receiver's filled, both directions on, the FCS left on what is received; causes in @mask
 * interrupt.
 */
void card_start(u32 mask);
void card_stop(void);
u32 card_rd(u32 reg);
void card_wr(u32 reg, u32 value);

/* Time goes on by @ns: timers end, interrupts come. */
void card_wait(u64 ns);

/* A frame of @len octets (FCS not counted) comes in whole; @dest NULL: to us. */
void card_hear(const u8 *dest, u32 len);
/* These octets come in, the last four being an FCS, right or not. */
void card_hear_raw(const u8 *frame, u32 len, u32 dribble);
/* A test frame without FCS to @dest. */
void card_frame(u8 *frame, const u8 *dest, u32 len);

/* One descriptor more with these octets; nothing is sent before card_ring(). */
union nic_tx_desc *card_post(const void *data, u32 len, u32 cmd);
void card_ring(void);			/* the tail register */
u32 card_take(void);			/* the wire takes all it gets; how many frames */
bool card_take_one(void);

#define CARD_DATA	(NIC_TXD_DEXT | NIC_TXD_DTYP_DATA)
#define CARD_PACKET	(CARD_DATA | NIC_TXD_EOP | NIC_TXD_IFCS)

#endif /* _LAN_CARD_H */
