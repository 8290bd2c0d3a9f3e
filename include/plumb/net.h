/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of one network namespace: what a layer keeps for itself is behind a
 * pointer of its own, so that no layer sees another's; what all share (settings,
 * counters, the path generation) is here by value.
 *
 * Lifetime: made by kmod/netns.c when the namespace is made (or at insmod, for
 * those that stand), freed after an RCU grace period when it goes. A namespace is
 * alive while a socket of it is open, and while a connection of it is not closed.
 */
#ifndef _PLUMB_NET_H
#define _PLUMB_NET_H

#include <linux/atomic.h>
#include <linux/netdevice.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>

struct plumb_drops;
struct plumb_fib;
struct plumb_ifaces;
struct plumb_import;
struct plumb_ip_net;
struct plumb_lan;
struct plumb_mib;
struct plumb_neigh_table;
struct plumb_pmtu_table;
struct plumb_ports;
struct plumb_raw_net;
struct plumb_tcp_net;
struct plumb_udp_net;

/*
 * struct plumb_sysctl - net.plumb.*, with the names, ranges and defaults of net.ipv4.*
 *
 * Each has one writer (kmod/sysctl.c, whose table also has the defaults: they are set before any
 * layer of the namespace comes up) and is read with READ_ONCE() by the layer it belongs to. Times
 * are in the unit that the net.ipv4 twin stores; a layer adds its own members in its own block.
 */
struct plumb_sysctl {
	/* net/ip */
	u8	ip_default_ttl;
	u8	ip_forward;
	u8	ip_no_pmtu_disc;
	u8	ip_nonlocal_bind;
	u8	icmp_echo_ignore_all;
	u8	icmp_echo_ignore_broadcasts;
	int	icmp_ratelimit;			/* ms between answers to one peer */
	int	icmp_ratemask;
	int	ipfrag_time;			/* jiffies */
	long	ipfrag_high_thresh;		/* bytes */
	int	ipfrag_max_dist;
	/* net/neigh: unit jiffies */
	int	neigh_base_reachable_time;
	int	neigh_delay_first_probe_time;
	int	neigh_retrans_time;
	int	neigh_gc_stale_time;
	int	neigh_gc_interval;
	int	neigh_ucast_probes;
	int	neigh_mcast_probes;
	int	neigh_unres_qlen_bytes;
	int	neigh_gc_thresh3;		/* entries */
	/* net/sock */
	int	local_port_lo, local_port_hi;	/* host order, inclusive */
	int	ip_unprivileged_port_start;
	int	igmp_max_memberships, igmp_max_msf;
	seqlock_t groups_lock;			/* plumb_sysctl_groups() */
	kgid_t	socket_groups[2], ping_groups[2]; /* lowest and highest */
	/* net/udp */
	int	udp_rmem_min, udp_wmem_min;
	/* net/tcp: grows in kmod/sysctl.c's table and here only */
	int	tcp_rmem[3], tcp_wmem[3];	/* bytes: min, default, max */
	u8	tcp_timestamps, tcp_sack, tcp_dsack, tcp_window_scaling;
	u8	tcp_ecn;
	u8	tcp_syn_retries, tcp_synack_retries;
	u8	tcp_retries1, tcp_retries2, tcp_orphan_retries;
	u8	tcp_keepalive_probes;
	u8	tcp_abort_on_overflow, tcp_rfc1337, tcp_tw_reuse;
	u8	tcp_slow_start_after_idle, tcp_autocorking, tcp_moderate_rcvbuf;
	u8	tcp_mtu_probing, tcp_syncookies;
	u8	tcp_no_metrics_save, tcp_no_ssthresh_metrics_save;
	u8	tcp_recovery, tcp_early_retrans, tcp_frto, tcp_min_tso_segs;
	u8	tcp_syn_linear_timeouts, tcp_thin_linear_timeouts;
	u8	tcp_ecn_fallback, tcp_shrink_window, tcp_workaround_signed_windows;
	u8	tcp_app_win, tcp_pingpong_thresh, tcp_reflect_tos;
	u8	tcp_stdurg, tcp_tso_win_divisor, tcp_tso_rtt_log, tcp_fwmark_accept;
	int	tcp_keepalive_time, tcp_keepalive_intvl;	/* jiffies */
	int	tcp_fin_timeout;				/* jiffies */
	int	tcp_invalid_ratelimit;				/* jiffies */
	int	tcp_min_rtt_wlen;				/* seconds */
	int	tcp_rto_min_us;
	int	tcp_max_syn_backlog, tcp_max_tw_buckets, tcp_max_orphans;
	int	tcp_reordering, tcp_max_reordering;
	int	tcp_base_mss, tcp_min_snd_mss, tcp_mtu_probe_floor;
	int	tcp_probe_threshold, tcp_probe_interval;	/* octets; seconds */
	int	tcp_pacing_ss_ratio, tcp_pacing_ca_ratio;	/* per cent */
	int	tcp_challenge_ack_limit;
	int	tcp_fastopen;			/* TCP_FASTCTL_* */
	int	tcp_fastopen_blackhole_timeout_sec;
	int	tcp_notsent_lowat;
	int	tcp_limit_output_bytes;
	int	somaxconn;
};

/* A range of groups as it was written: never the lower bound of one and the upper of another. */
static inline void plumb_sysctl_groups(struct plumb_sysctl *s, const kgid_t *range, kgid_t *low,
				       kgid_t *high)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&s->groups_lock);
		*low = range[0];
		*high = range[1];
	} while (read_seqretry(&s->groups_lock, seq));
}

/*
 * struct plumb_net - Plumb in one network namespace
 * @net: the namespace; not counted: we die before it does
 * @path_genid: bumped whenever an address, a route, a device or an adoption
 *	changes; a cached &struct plumb_path of another generation is stale
 * @hash_key: secret for every hash table of this namespace (siphash) ...
 * @flow_key: ... but that of connections, which each segment is looked up in (hsiphash)
 */
struct plumb_net {
	struct net			*net;
	atomic_t			path_genid;
	siphash_key_t			hash_key;
	hsiphash_key_t			flow_key;
	struct plumb_sysctl		sysctl;

	struct plumb_mib		*mib;
	struct plumb_drops __percpu	*drops;

	struct plumb_fib		*fib;
	struct plumb_ifaces		*ifaces;
	struct plumb_import		*import;
	struct plumb_pmtu_table		*pmtu;
	struct plumb_neigh_table	*neigh;
	struct plumb_ip_net		*ip;
	struct plumb_ports		*ports;
	struct plumb_udp_net		*udp;
	struct plumb_raw_net		*raw;
	struct plumb_tcp_net		*tcp;
	struct plumb_lan		*lan;
	void				*sysctl_hdr;
};

/**
 * plumb_net() - Plumb's state in a network namespace
 * @net: the namespace
 *
 * Context: any.
 * Return: never NULL while the module is loaded.
 */
struct plumb_net *plumb_net(const struct net *net);

static inline struct plumb_net *plumb_dev_net(const struct net_device *dev)
{
	return plumb_net(dev_net(dev));
}

/* Every cached path of the namespace is stale from now on. Any context. */
static inline void plumb_path_genid_bump(struct plumb_net *pn)
{
	/* Who sees the new number sees the change too. */
	smp_mb__before_atomic();
	atomic_inc(&pn->path_genid);
}

#endif /* _PLUMB_NET_H */
