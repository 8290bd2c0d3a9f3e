// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/plumb/{arp,route,dev,sockstat,drops}: tables that are short enough to be
 * printed at once. drops has no twin: a line a reason, with the number of packets.
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>

#include <plumb/drop.h>

#include "../net/ip/ip.h"
#include "../net/ip/link.h"
#include "../net/neigh/neigh.h"
#include "../net/route/route.h"
#include "proc.h"

#define PROC_LLADDR	30		/* octets of text for a link-layer address, as in Linux */
#define PROC_ROUTE_WIDTH 127
#define PROC_ROUTE_HEADERS 40		/* octets of IPv4's and TCP's */

static unsigned int proc_arp_flags(u16 state)
{
	if (state & NUD_PERMANENT)
		return ATF_PERM | ATF_COM;
	return state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE |
			NUD_DELAY) ? ATF_COM : 0;
}

static int proc_arp_line(const struct plumb_neigh_info *n, void *arg)
{
	struct seq_file *seq = arg;
	struct net_device *dev = dev_get_by_index_rcu(seq->private, n->ifindex);
	char ll[PROC_LLADDR] = "", ip[16];
	unsigned int i, len, at = 0;

	if (!dev || n->state == NUD_NOARP)
		return 0;
	/* An address that is not known yet is shown as zeros. */
	len = n->lladdr_len ? n->lladdr_len : dev->addr_len;
	for (i = 0; i < len && at + 3 < sizeof(ll); i++)
		at += scnprintf(ll + at, sizeof(ll) - at, "%s%02x", i ? ":" : "",
				n->lladdr_len ? n->lladdr[i] : 0);
	snprintf(ip, sizeof(ip), "%pI4", &n->addr);
	seq_printf(seq, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n", ip, dev->type,
		   proc_arp_flags(n->state), ll, dev->name);
	return 0;
}

int plumb_proc_arp(struct seq_file *seq, void *v)
{
	seq_puts(seq, "IP address       HW type     Flags       HW address            Mask     Device\n");
	rcu_read_lock();
	plumb_neigh_iterate(plumb_net(seq->private), proc_arp_line, seq);
	rcu_read_unlock();
	return 0;
}

static unsigned int proc_route_flags(const struct plumb_route *r)
{
	unsigned int flags = RTF_UP;

	if (r->type == RTN_UNREACHABLE || r->type == RTN_PROHIBIT)
		flags |= RTF_REJECT;
	if (r->gateway)
		flags |= RTF_GATEWAY;
	if (r->plen == 32)
		flags |= RTF_HOST;
	return flags;
}

static int proc_route_line(const struct plumb_route *r, void *arg)
{
	u16 advmss = r->m.advmss;
	struct seq_file *seq = arg;
	struct net_device *dev = NULL;

	if (r->table != RT_TABLE_MAIN || r->type == RTN_BROADCAST || r->type == RTN_MULTICAST)
		return 0;
	if (r->ifindex)
		dev = dev_get_by_index_rcu(seq->private, r->ifindex);
	seq_setwidth(seq, PROC_ROUTE_WIDTH);
	/* What stands under MTU in Linux's file is that of the advertised MSS. */
	seq_printf(seq, "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u",
		   dev ? dev->name : "*", (__force u32)r->dst, (__force u32)r->gateway,
		   proc_route_flags(r), 0, 0, r->metric,
		   (__force u32)inet_make_mask(r->plen),
		   advmss ? advmss + PROC_ROUTE_HEADERS : 0, r->m.window, 0);
	seq_pad(seq, '\n');
	return 0;
}

int plumb_proc_route(struct seq_file *seq, void *v)
{
	seq_printf(seq, "%-127s\n",
		   "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	rcu_read_lock();
	plumb_route_iterate(plumb_net(seq->private), proc_route_line, seq);
	rcu_read_unlock();
	return 0;
}

static int proc_dev_line(const struct plumb_link_info *l, void *arg)
{
	struct seq_file *seq = arg;
	struct net_device *dev = dev_get_by_index_rcu(seq->private, l->ifindex);
	struct rtnl_link_stats64 room;
	const struct rtnl_link_stats64 *s;

	if (!dev)
		return 0;
	s = dev_get_stats(dev, &room);
	seq_printf(seq, "%6s: %7llu %7llu %4llu %4llu %4llu %5llu %10llu %9llu ", dev->name,
		   s->rx_bytes, s->rx_packets, s->rx_errors, s->rx_dropped + s->rx_missed_errors,
		   s->rx_fifo_errors, s->rx_length_errors + s->rx_over_errors + s->rx_crc_errors +
		   s->rx_frame_errors, s->rx_compressed, s->multicast);
	seq_printf(seq, "%8llu %7llu %4llu %4llu %4llu %5llu %7llu %10llu\n", s->tx_bytes,
		   s->tx_packets, s->tx_errors, s->tx_dropped, s->tx_fifo_errors, s->collisions,
		   s->tx_carrier_errors + s->tx_aborted_errors + s->tx_window_errors +
		   s->tx_heartbeat_errors, s->tx_compressed);
	return 0;
}

/* The adopted devices, with all of their traffic, Linux's included. */
int plumb_proc_dev(struct seq_file *seq, void *v)
{
	seq_puts(seq, "Inter-|   Receive                                                |  Transmit\n");
	seq_puts(seq, " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
	rcu_read_lock();
	plumb_link_iterate(plumb_net(seq->private), proc_dev_line, seq);
	rcu_read_unlock();
	return 0;
}

int plumb_proc_sockstat_show(struct seq_file *seq, void *v)
{
	struct plumb_net *pn = plumb_net(seq->private);
	struct plumb_sockstat tcp, udp, raw, ping;
	unsigned long frag_bytes;
	unsigned int frag_queues;

	plumb_proc_sockstat(PLUMB_ROWS_TCP, pn, &tcp);
	plumb_proc_sockstat(PLUMB_ROWS_UDP, pn, &udp);
	plumb_proc_sockstat(PLUMB_ROWS_RAW, pn, &raw);
	plumb_proc_sockstat(PLUMB_ROWS_PING, pn, &ping);
	plumb_ip_frag_stats(pn, &frag_queues, &frag_bytes);
	seq_printf(seq, "sockets: used %d\n", tcp.inuse + udp.inuse + raw.inuse + ping.inuse);
	seq_printf(seq, "TCP: inuse %d orphan %d tw %d alloc %d mem %ld\n", tcp.inuse, tcp.orphan,
		   tcp.tw, tcp.alloc, tcp.mem);
	seq_printf(seq, "UDP: inuse %d mem %ld\n", udp.inuse, udp.mem);
	seq_puts(seq, "UDPLITE: inuse 0\n");
	seq_printf(seq, "RAW: inuse %d\n", raw.inuse);
	seq_printf(seq, "FRAG: inuse %u memory %lu\n", frag_queues, frag_bytes);
	return 0;
}

int plumb_proc_drops(struct seq_file *seq, void *v)
{
	struct plumb_net *pn = plumb_net(seq->private);
	int reason, cpu;

	for (reason = 0; reason < PLUMB_DROP_NR; reason++) {
		u64 packets = 0;

		for_each_possible_cpu(cpu)
			packets += READ_ONCE(per_cpu_ptr(pn->drops, cpu)->n[reason]);
		seq_printf(seq, "%-20s %20llu %s\n", plumb_drop_name[reason], packets,
			   plumb_drop_text[reason]);
	}
	return 0;
}
