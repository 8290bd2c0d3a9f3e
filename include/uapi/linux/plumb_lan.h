/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "plumb_lan": modelled cables, hubs and switches, the adapters on them,
 * and what a probe sees on the wire. docs/netlink/plumb_lan.yaml specifies it.
 *
 * All of it needs CAP_NET_ADMIN in the user namespace of the network namespace, the looking too.
 * Scalars are in host order.
 */
#ifndef _UAPI_LINUX_PLUMB_LAN_H
#define _UAPI_LINUX_PLUMB_LAN_H

#define PLUMB_LAN_FAMILY_NAME		"plumb_lan"
#define PLUMB_LAN_FAMILY_VERSION	1

#define PLUMB_LAN_MCGRP_SCOPE		"scope"

enum plumb_lan_type {
	PLUMB_LAN_CABLE,
	PLUMB_LAN_HUB,
	PLUMB_LAN_SWITCH,
};

enum {
	PLUMB_LAN_A_PAD = 1,
	PLUMB_LAN_A_MEDIUM,		/* string: name of the medium */
	PLUMB_LAN_A_TYPE,		/* u8: enum plumb_lan_type */
	PLUMB_LAN_A_SPEED,		/* u32: Mb/s: 10, 100, 1000; of a port's cable also 0 */
	PLUMB_LAN_A_BIT_LEVEL,		/* flag: each bit is coded and decoded */
	PLUMB_LAN_A_SEED,		/* u64 */
	PLUMB_LAN_A_PORTS,		/* u32: how many */
	PLUMB_LAN_A_PORT,		/* u32: number of a port */
	PLUMB_LAN_A_IFNAME,		/* string: name of the netdevice */
	PLUMB_LAN_A_IFINDEX,		/* s32 */
	PLUMB_LAN_A_NETNS_FD,		/* s32: namespace of the new netdevice */
	PLUMB_LAN_A_METRES,		/* u32: length of the port's cable */
	PLUMB_LAN_A_PLUGGED,		/* u8 */
	PLUMB_LAN_A_GONE,		/* u8: the adapter is out of its slot */
	PLUMB_LAN_A_FLAP,		/* u32: ms between pulling and plugging, 0: not */
	PLUMB_LAN_A_BER,		/* u32: errors in 10^9 bits */
	PLUMB_LAN_A_BURST_BER,		/* u32: the same, in the bad state */
	PLUMB_LAN_A_TO_BURST,		/* u32: changes to the bad state in 10^9 bits */
	PLUMB_LAN_A_FROM_BURST,		/* u32: and back */
	PLUMB_LAN_A_DROP,		/* u32: frames lost in 10^9 */
	PLUMB_LAN_A_LINK_SPEED,		/* u32: Mb/s negotiated; 0: no link */
	PLUMB_LAN_A_LINK_FULL,		/* u8 */
	PLUMB_LAN_A_COLLISIONS,		/* u64, as those that follow */
	PLUMB_LAN_A_SINGLE,
	PLUMB_LAN_A_MULTIPLE,
	PLUMB_LAN_A_EXCESSIVE,
	PLUMB_LAN_A_LATE,
	PLUMB_LAN_A_DEFERRED,
	PLUMB_LAN_A_BACKOFF_SLOTS,
	PLUMB_LAN_A_BACKOFF_DRAWS,
	PLUMB_LAN_A_TX_FRAMES,
	PLUMB_LAN_A_TX_OCTETS,
	PLUMB_LAN_A_RX_FRAMES,
	PLUMB_LAN_A_RX_BITS,
	PLUMB_LAN_A_RX_BIT_ERRORS,
	PLUMB_LAN_A_RX_DROPPED,
	PLUMB_LAN_A_REG_READS,
	PLUMB_LAN_A_REG_WRITES,
	PLUMB_LAN_A_INTERRUPTS,
	PLUMB_LAN_A_TIME,		/* u64: ns, monotonic clock: first bit on the wire */
	PLUMB_LAN_A_WIRE,		/* binary: octets on the wire, preamble first */
	PLUMB_LAN_A_WIRE_BITS,		/* u32: bits of them */
	PLUMB_LAN_A_LEAD,		/* u32: bits before the destination address */
	PLUMB_LAN_A_ERRORS,		/* u8: PLUMB_LAN_ERR_* */
	PLUMB_LAN_A_COLLIDED,		/* flag: a collision's fragment */
	PLUMB_LAN_A_SIGNAL,		/* binary: 2 bits a level, low first: 0, 1, 3 (minus 1) */
	PLUMB_LAN_A_LEVELS,		/* u32: levels of it */
	PLUMB_LAN_A_CLOCK,		/* u32: levels a second */
	PLUMB_LAN_A_LEVELS_LEAD,	/* u32: levels before those of the first bit */
	PLUMB_LAN_A_STORM,		/* u32: transmissions collided with in 10^9 */
	PLUMB_LAN_A_STORMED,		/* u64: how many were */
	PLUMB_LAN_A_EXTENSION,		/* u32: bits of carrier extension behind the frame */
	PLUMB_LAN_A_STALLED,		/* u8: the adapter's transmitter hangs */
	PLUMB_LAN_A_RX_DAMAGED,		/* u64: frames that the cable has changed */
	PLUMB_LAN_A_FROM_SWITCH,	/* flag: sent by the switch, to the port */
	PLUMB_LAN_A_ADDRESSES,		/* u32: that a switch has learnt */
	PLUMB_LAN_A_FORWARDED,		/* u64: frames that a switch has sent to one port */
	PLUMB_LAN_A_FLOODED,		/* u64: to all, their destination being unknown */
	PLUMB_LAN_A_DISCARDED,		/* u64: bad ones, which end there */
	PLUMB_LAN_A_QUEUE_DROPPED,	/* u64: frames that found a port's queue full */

	__PLUMB_LAN_A_MAX,
	PLUMB_LAN_A_MAX = (__PLUMB_LAN_A_MAX - 1)
};

/* What was wrong with a transmission: bits. */
enum plumb_lan_err {
	PLUMB_LAN_ERR_FCS	= 0x01,
	PLUMB_LAN_ERR_ALIGN	= 0x02,
	PLUMB_LAN_ERR_RUNT	= 0x04,
	PLUMB_LAN_ERR_LONG	= 0x08,
	PLUMB_LAN_ERR_NO_SFD	= 0x10,
	PLUMB_LAN_ERR_SYMBOL	= 0x20,
	PLUMB_LAN_ERR_EXTEND	= 0x40,
};

enum {
	PLUMB_LAN_CMD_MEDIUM_GET = 1,
	PLUMB_LAN_CMD_MEDIUM_NEW,
	PLUMB_LAN_CMD_MEDIUM_DEL,
	PLUMB_LAN_CMD_PORT_GET,
	PLUMB_LAN_CMD_PORT_NEW,
	PLUMB_LAN_CMD_PORT_SET,
	PLUMB_LAN_CMD_PORT_DEL,
	/* A transmission, to the group "scope"; nobody sends these. */
	PLUMB_LAN_CMD_SCOPE_NTF,

	__PLUMB_LAN_CMD_MAX,
	PLUMB_LAN_CMD_MAX = (__PLUMB_LAN_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_PLUMB_LAN_H */
