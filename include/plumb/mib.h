/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters. The names are those of the SNMP MIBs and of Linux's own TcpExt
 * (linux/snmp.h), so that nstat and netstat read them without a new word to learn.
 * All are per namespace and per CPU.
 */
#ifndef _PLUMB_MIB_H
#define _PLUMB_MIB_H

#include <linux/snmp.h>
#include <net/snmp.h>

#include <plumb/net.h>

/*
 * struct plumb_mib - one namespace's counters, allocated by kmod/netns.c
 */
struct plumb_mib {
	DEFINE_SNMP_STAT(struct ipstats_mib, ip);
	DEFINE_SNMP_STAT(struct icmp_mib, icmp);
	DEFINE_SNMP_STAT_ATOMIC(struct icmpmsg_mib, icmpmsg);
	DEFINE_SNMP_STAT(struct udp_mib, udp);
	DEFINE_SNMP_STAT(struct tcp_mib, tcp);
	DEFINE_SNMP_STAT(struct linux_mib, linux_);
};

#define PLUMB_IP_INC(pn, f)		SNMP_INC_STATS64((pn)->mib->ip, f)
#define PLUMB_IP_ADD(pn, f, n)		SNMP_ADD_STATS64((pn)->mib->ip, f, n)
#define PLUMB_IP_UPO(pn, f, n)		SNMP_UPD_PO_STATS64((pn)->mib->ip, f, n)
#define PLUMB_ICMP_INC(pn, f)		SNMP_INC_STATS((pn)->mib->icmp, f)
#define PLUMB_ICMPMSG_INC(pn, f)	SNMP_INC_STATS_ATOMIC_LONG((pn)->mib->icmpmsg, f)
#define PLUMB_UDP_INC(pn, f)		SNMP_INC_STATS((pn)->mib->udp, f)
#define PLUMB_TCP_INC(pn, f)		SNMP_INC_STATS((pn)->mib->tcp, f)
#define PLUMB_TCP_ADD(pn, f, n)		SNMP_ADD_STATS((pn)->mib->tcp, f, n)
#define PLUMB_TCP_DEC(pn, f)		SNMP_DEC_STATS((pn)->mib->tcp, f)
#define PLUMB_LINUX_INC(pn, f)		SNMP_INC_STATS((pn)->mib->linux_, f)
#define PLUMB_LINUX_ADD(pn, f, n)	SNMP_ADD_STATS((pn)->mib->linux_, f, n)

#endif /* _PLUMB_MIB_H */
