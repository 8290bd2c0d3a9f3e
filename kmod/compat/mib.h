/* SPDX-License-Identifier: GPL-2.0 */
/* Counters that newer kernels have, as rows of kmod/proc_names.c. */
#ifndef _PLUMB_COMPAT_MIB_H
#define _PLUMB_COMPAT_MIB_H

#include <linux/snmp.h>
#include <linux/version.h>

/* Before 6.7 what hosts ask to be sent and what is sent was one counter. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define PLUMB_MIB_IP_OUTREQUESTS	IPSTATS_MIB_OUTPKTS
#define PLUMB_MIB_IP_OUTTRANSMITS
#else
#define PLUMB_MIB_IP_OUTREQUESTS	IPSTATS_MIB_OUTREQUESTS
#define PLUMB_MIB_IP_OUTTRANSMITS	{ "OutTransmits", IPSTATS_MIB_OUTPKTS },
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define PLUMB_MIB_LINUX_6_2
#else
#define PLUMB_MIB_LINUX_6_2		{ "TCPPLBRehash", LINUX_MIB_TCPPLBREHASH },
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define PLUMB_MIB_LINUX_6_7
#else
#define PLUMB_MIB_LINUX_6_7						\
	{ "TCPAORequired", LINUX_MIB_TCPAOREQUIRED },			\
	{ "TCPAOBad", LINUX_MIB_TCPAOBAD },				\
	{ "TCPAOKeyNotFound", LINUX_MIB_TCPAOKEYNOTFOUND },		\
	{ "TCPAOGood", LINUX_MIB_TCPAOGOOD },				\
	{ "TCPAODroppedIcmps", LINUX_MIB_TCPAODROPPEDICMPS },
#endif

#endif /* _PLUMB_COMPAT_MIB_H */
