/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 options as programs give and get them (RFC 791 3.1): checking, building for
 * one packet, and the answer to a received source route.
 */
#ifndef _PLUMB_SOCK_IPOPT_H
#define _PLUMB_SOCK_IPOPT_H

#include <linux/sockptr.h>
#include <linux/types.h>

struct net;
struct plumb_opts;
struct sk_buff;

#define PLUMB_OPT_MAX	40	/* octets of options an IPv4 header has room for */

/**
 * plumb_opts_new() - read and check options
 * @net: whose CAP_NET_RAW counts: unknown options need it
 * @data: the options
 * @len: octets, %PLUMB_OPT_MAX at most
 * @out: the options padded to 4 octets, or NULL if there are none
 *
 * Context: process.
 * Return: 0, -EINVAL, -EFAULT or -ENOMEM.
 */
int plumb_opts_new(struct net *net, sockptr_t data, unsigned int len, struct plumb_opts **out);

/**
 * plumb_opts_build() - options as they go into one packet
 * @opt: as the program gave them (or a packet brought them: they are checked again)
 * @saddr: our address: first entry of a record
 * @daddr: final destination: last entry of a source route
 * @buf: @opt->len octets are written
 *
 * Context: any.
 */
void plumb_opts_build(const struct plumb_opts *opt, __be32 saddr, __be32 daddr, u8 *buf);

/**
 * plumb_opts_echo() - options for an answer to a received packet (RFC 1122 3.2.1.8)
 * @skb: the packet, network header set
 * @optlen: octets of options in it
 * @buf: %PLUMB_OPT_MAX octets
 *
 * Records are copied, the rest is left out: a packet with a source route was dropped when it came
 * (RFC 7126 4.3).
 *
 * Return: octets written, a multiple of 4; 0 if nothing is to be answered.
 */
int plumb_opts_echo(const struct sk_buff *skb, int optlen, u8 *buf);

#endif /* _PLUMB_SOCK_IPOPT_H */
