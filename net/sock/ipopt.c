// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 options of sockets (RFC 791 3.1, RFC 1122 3.2.1.8, RFC 2113). Called by the
 * option, path and ancillary data files of this folder.
 *
 * What a program gives is kept as it is, so that getsockopt() returns the same
 * octets; what a packet carries is built from it each time.
 */
#include <linux/capability.h>
#include <linux/ip.h>
#include <linux/math64.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <net/ip.h>

#include "../../kmod/compat/sock.h"
#include "ipopt.h"
#include "sock.h"

/* Octets of an option at @p within @left, or 0 if that is nonsense. */
static int plumb_opt_len(const u8 *p, int left)
{
	if (p[0] == IPOPT_NOOP)
		return 1;
	if (left < 2 || p[1] < 2 || p[1] > left)
		return 0;
	return p[1];
}

/* Pointer octet of a record or source route: on an entry, or just behind the last. */
static bool plumb_opt_route_ok(const u8 *p, int len)
{
	return len >= 3 && p[2] >= 4 && !((p[2] - 4) & 3) && !((len - 3) & 3) && p[2] <= len + 1;
}

static bool plumb_opt_timestamp_ok(const u8 *p, int len)
{
	int entry;

	if (len < 4 || p[2] < 5)
		return false;
	entry = (p[3] & 0xf) == IPOPT_TS_TSONLY ? 4 : 8;
	return (p[3] & 0xf) <= IPOPT_TS_PRESPEC && p[2] <= len + 1 &&
	       (p[2] > len || p[2] + entry - 1 <= len);
}

/* One option; @srr is set to the first hop of a source route. */
static int plumb_opt_check(struct net *net, const u8 *p, int len, __be32 *srr)
{
	switch (p[0]) {
	case IPOPT_NOOP:
		return 0;
	case IPOPT_SSRR:
	case IPOPT_LSRR:
		if (*srr || len < 7 || p[2] != 4 || ((len - 3) & 3))
			return -EINVAL;
		*srr = get_unaligned((const __be32 *)(p + 3));
		return 0;
	case IPOPT_RR:
		return plumb_opt_route_ok(p, len) ? 0 : -EINVAL;
	case IPOPT_TIMESTAMP:
		return plumb_opt_timestamp_ok(p, len) ? 0 : -EINVAL;
	case IPOPT_RA:
		return len == 4 ? 0 : -EINVAL;
	default:
		return ns_capable(net->user_ns, CAP_NET_RAW) ? 0 : -EINVAL;
	}
}

static int plumb_opts_check(struct net *net, struct plumb_opts *opt)
{
	int at, len, err;

	for (at = 0; at < opt->len; at += len) {
		const u8 *p = opt->data + at;

		if (p[0] == IPOPT_END) {
			memset(opt->data + at, IPOPT_END, opt->len - at);
			break;
		}
		len = plumb_opt_len(p, opt->len - at);
		if (!len)
			return -EINVAL;
		err = plumb_opt_check(net, p, len, &opt->faddr);
		if (err)
			return err;
	}
	return 0;
}

int plumb_opts_new(struct net *net, sockptr_t data, unsigned int len, struct plumb_opts **out)
{
	struct plumb_opts *opt;
	int err;

	*out = NULL;
	if (!len)
		return 0;
	opt = kzalloc(sizeof(*opt), GFP_KERNEL_ACCOUNT);
	if (!opt)
		return -ENOMEM;
	err = -EFAULT;
	if (copy_from_sockptr(opt->data, data, len))
		goto free;
	opt->len = ALIGN(len, 4);	/* zeroes are IPOPT_END */
	err = plumb_opts_check(net, opt);
	if (err)
		goto free;
	*out = opt;
	return 0;

free:
	kfree(opt);
	return err;
}

static u32 plumb_ms_since_midnight(void)
{
	struct timespec64 now;
	s32 rem;

	ktime_get_real_ts64(&now);
	div_s64_rem(now.tv_sec, 86400, &rem);
	return rem * MSEC_PER_SEC + now.tv_nsec / NSEC_PER_MSEC;
}

/* RFC 791, Internet Timestamp: we are the first to enter ourselves. */
static void plumb_opt_stamp(u8 *p, int len, __be32 saddr)
{
	int kind = p[3] & 0xf;
	u8 *at = p + p[2] - 1;

	if (!plumb_opt_timestamp_ok(p, len) || p[2] > len)
		return;
	if (kind == IPOPT_TS_PRESPEC && get_unaligned((__be32 *)at) != saddr)
		return;
	if (kind != IPOPT_TS_TSONLY) {
		put_unaligned(saddr, (__be32 *)at);
		at += 4;
	}
	put_unaligned_be32(plumb_ms_since_midnight(), at);
	p[2] += kind == IPOPT_TS_TSONLY ? 4 : 8;
}

void plumb_opts_build(const struct plumb_opts *opt, __be32 saddr, __be32 daddr, u8 *buf)
{
	int at, len;

	memcpy(buf, opt->data, opt->len);
	for (at = 0; at < opt->len && buf[at] != IPOPT_END; at += len) {
		u8 *p = buf + at;

		len = plumb_opt_len(p, opt->len - at);
		if (!len)
			break;
		switch (p[0]) {
		case IPOPT_SSRR:
		case IPOPT_LSRR:
			if (len < 7)
				break;
			/* The first hop is in the header: the route moves up by one. */
			memmove(p + 3, p + 7, len - 7);
			put_unaligned(daddr, (__be32 *)(p + len - 4));
			break;
		case IPOPT_RR:
			if (plumb_opt_route_ok(p, len) && p[2] + 3 <= len) {
				put_unaligned(saddr, (__be32 *)(p + p[2] - 1));
				p[2] += 4;
			}
			break;
		case IPOPT_TIMESTAMP:
			plumb_opt_stamp(p, len, saddr);
			break;
		}
	}
}

int plumb_opts_echo(const struct sk_buff *skb, int optlen, u8 *buf)
{
	const u8 *p = (const u8 *)(ip_hdr(skb) + 1), *end = p + optlen;
	int n = 0, len;

	memset(buf, IPOPT_END, PLUMB_OPT_MAX);
	for (; p < end && p[0] != IPOPT_END; p += len) {
		len = plumb_opt_len(p, end - p);
		if (!len || n + len > PLUMB_OPT_MAX)
			break;
		if (p[0] != IPOPT_RR && p[0] != IPOPT_TIMESTAMP)
			continue;
		memcpy(buf + n, p, len);
		n += len;
	}
	return ALIGN(n, 4);
}
