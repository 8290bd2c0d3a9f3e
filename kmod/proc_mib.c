// SPDX-License-Identifier: GPL-2.0
/* /proc/net/plumb/{snmp,netstat}: a line of names and a line of values a group of counters. */
#include <linux/icmp.h>
#include <net/ip.h>

#include <plumb/mib.h>

#include "proc.h"

/* A counter that is an u64 (ipstats_mib), summed over the CPUs. */
static u64 proc_mib_u64(struct ipstats_mib __percpu *mib, int index)
{
	return snmp_fold_field64((void __percpu *)mib, index, offsetof(struct ipstats_mib, syncp));
}

static void proc_mib_names(struct seq_file *seq, const char *group,
			   const struct plumb_mib_name *names)
{
	seq_puts(seq, group);
	for (; names->name; names++)
		seq_printf(seq, " %s", names->name);
	seq_printf(seq, "\n%s", group);
}

static void proc_mib_values64(struct seq_file *seq, struct ipstats_mib __percpu *mib,
			      const struct plumb_mib_name *names)
{
	for (; names->name; names++)
		seq_printf(seq, " %llu", proc_mib_u64(mib, names->index));
	seq_putc(seq, '\n');
}

static void proc_mib_group(struct seq_file *seq, const char *group, void __percpu *mib,
			   const struct plumb_mib_name *names)
{
	proc_mib_names(seq, group, names);
	for (; names->name; names++)
		seq_printf(seq, " %lu", mib ? snmp_fold_field(mib, names->index) : 0);
	seq_putc(seq, '\n');
}

static void proc_snmp_ip(struct seq_file *seq, struct plumb_net *pn)
{
	const struct plumb_mib_name *n;

	seq_puts(seq, "Ip: Forwarding DefaultTTL");
	for (n = plumb_mib_ip_names; n->name; n++)
		seq_printf(seq, " %s", n->name);
	/* RFC 4293 ipForwarding: 1 yes, 2 no */
	seq_printf(seq, "\nIp: %d %d", READ_ONCE(pn->sysctl.ip_forward) ? 1 : 2,
		   READ_ONCE(pn->sysctl.ip_default_ttl));
	proc_mib_values64(seq, pn->mib->ip, plumb_mib_ip_names);
}

static const struct plumb_mib_name proc_icmp_types[] = {
	{ "DestUnreachs", ICMP_DEST_UNREACH }, { "TimeExcds", ICMP_TIME_EXCEEDED },
	{ "ParmProbs", ICMP_PARAMETERPROB }, { "SrcQuenchs", ICMP_SOURCE_QUENCH },
	{ "Redirects", ICMP_REDIRECT }, { "Echos", ICMP_ECHO }, { "EchoReps", ICMP_ECHOREPLY },
	{ "Timestamps", ICMP_TIMESTAMP }, { "TimestampReps", ICMP_TIMESTAMPREPLY },
	{ "AddrMasks", ICMP_ADDRESS }, { "AddrMaskReps", ICMP_ADDRESSREPLY },
	{ NULL, 0 }
};

#define PROC_ICMP_OUT	0x100		/* messages sent stand behind those received */

static void proc_icmp_types_names(struct seq_file *seq, const char *direction)
{
	const struct plumb_mib_name *t;

	for (t = proc_icmp_types; t->name; t++)
		seq_printf(seq, " %s%s", direction, t->name);
}

static void proc_icmp_types_values(struct seq_file *seq, struct icmpmsg_mib *mib, int direction)
{
	const struct plumb_mib_name *t;

	for (t = proc_icmp_types; t->name; t++)
		seq_printf(seq, " %lu", atomic_long_read(&mib->mibs[t->index | direction]));
}

static void proc_snmp_icmp(struct seq_file *seq, struct plumb_mib *mib)
{
	seq_puts(seq, "Icmp: InMsgs InErrors InCsumErrors");
	proc_icmp_types_names(seq, "In");
	seq_puts(seq, " OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost");
	proc_icmp_types_names(seq, "Out");
	seq_printf(seq, "\nIcmp: %lu %lu %lu", snmp_fold_field(mib->icmp, ICMP_MIB_INMSGS),
		   snmp_fold_field(mib->icmp, ICMP_MIB_INERRORS),
		   snmp_fold_field(mib->icmp, ICMP_MIB_CSUMERRORS));
	proc_icmp_types_values(seq, mib->icmpmsg, 0);
	seq_printf(seq, " %lu %lu %lu %lu", snmp_fold_field(mib->icmp, ICMP_MIB_OUTMSGS),
		   snmp_fold_field(mib->icmp, ICMP_MIB_OUTERRORS),
		   snmp_fold_field(mib->icmp, ICMP_MIB_RATELIMITGLOBAL),
		   snmp_fold_field(mib->icmp, ICMP_MIB_RATELIMITHOST));
	proc_icmp_types_values(seq, mib->icmpmsg, PROC_ICMP_OUT);
	seq_putc(seq, '\n');
}

#define PROC_ICMPMSG_LINE	16	/* types a line */

static void proc_icmpmsg_line(struct seq_file *seq, struct icmpmsg_mib *mib, const u16 *type,
			      int count)
{
	int i;

	if (!count)
		return;
	seq_puts(seq, "IcmpMsg:");
	for (i = 0; i < count; i++)
		seq_printf(seq, " %sType%u", type[i] & PROC_ICMP_OUT ? "Out" : "In",
			   type[i] & 0xff);
	seq_puts(seq, "\nIcmpMsg:");
	for (i = 0; i < count; i++)
		seq_printf(seq, " %lu", atomic_long_read(&mib->mibs[type[i]]));
	seq_putc(seq, '\n');
}

/* Only types that occurred. */
static void proc_snmp_icmpmsg(struct seq_file *seq, struct icmpmsg_mib *mib)
{
	u16 type[PROC_ICMPMSG_LINE];
	int i, count = 0;

	for (i = 0; i < ICMPMSG_MIB_MAX; i++) {
		if (!atomic_long_read(&mib->mibs[i]))
			continue;
		type[count++] = i;
		if (count == PROC_ICMPMSG_LINE) {
			proc_icmpmsg_line(seq, mib, type, count);
			count = 0;
		}
	}
	proc_icmpmsg_line(seq, mib, type, count);
}

/* MaxConn alone is signed (RFC 4022: -1, no limit). */
static void proc_snmp_tcp(struct seq_file *seq, struct tcp_mib __percpu *mib)
{
	const struct plumb_mib_name *n;

	proc_mib_names(seq, "Tcp:", plumb_mib_tcp_names);
	for (n = plumb_mib_tcp_names; n->name; n++) {
		unsigned long value = snmp_fold_field((void __percpu *)mib, n->index);

		if (n->index == TCP_MIB_MAXCONN)
			seq_printf(seq, " %ld", (long)value);
		else
			seq_printf(seq, " %lu", value);
	}
	seq_putc(seq, '\n');
}

int plumb_proc_snmp(struct seq_file *seq, void *v)
{
	struct plumb_net *pn = plumb_net(seq->private);
	struct plumb_mib *mib = pn->mib;

	proc_snmp_ip(seq, pn);
	proc_snmp_icmp(seq, mib);
	proc_snmp_icmpmsg(seq, mib->icmpmsg);
	proc_snmp_tcp(seq, mib->tcp);
	proc_mib_group(seq, "Udp:", (void __percpu *)mib->udp, plumb_mib_udp_names);
	/* There is no UDP-Lite here; its line keeps the file's form. */
	proc_mib_group(seq, "UdpLite:", NULL, plumb_mib_udp_names);
	return 0;
}

int plumb_proc_netstat(struct seq_file *seq, void *v)
{
	struct plumb_mib *mib = plumb_net(seq->private)->mib;

	proc_mib_group(seq, "TcpExt:", (void __percpu *)mib->linux_, plumb_mib_linux_names);
	proc_mib_names(seq, "IpExt:", plumb_mib_ipext_names);
	proc_mib_values64(seq, mib->ip, plumb_mib_ipext_names);
	return 0;
}
