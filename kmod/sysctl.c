// SPDX-License-Identifier: GPL-2.0
/*
 * net.plumb.*: the settings of a namespace, under the names of their net.ipv4 twins and
 * with their ranges and defaults. A row of the table is all that a setting needs.
 */
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include <plumb/init.h>
#include <plumb/net.h>

#include "../net/tcp/tcp.h"
#include "compat/sock.h"
#include "compat/sysctl.h"

/* How a setting is stored and written. Times are stored in jiffies. */
enum sysctl_kind {
	SYSCTL_U8,
	SYSCTL_INT,
	SYSCTL_UINT,
	SYSCTL_UINT_RANGE,
	SYSCTL_BYTES,		/* long */
	SYSCTL_SECONDS,
	SYSCTL_USER_HZ,		/* hundredths of a second */
	SYSCTL_MS,
	SYSCTL_INT3,		/* minimum, default, maximum */
	SYSCTL_PORTS,		/* two ports, the second not lower */
	SYSCTL_GROUPS,		/* two groups; none if the second is lower */
	SYSCTL_CC,		/* congestion control by name: the default */
	SYSCTL_TCP_MEM,		/* three longs */
	SYSCTL_CC_AVAILABLE,	/* names, to be read */
	SYSCTL_CC_ALLOWED,	/* names; of the host, so written in the initial namespace only */
	SYSCTL_FAST_KEYS,	/* keys of Fast Open cookies; for root's eyes */
};

/**
 * struct sysctl_row - one setting
 * @name: file name
 * @offset: in struct plumb_sysctl
 * @kind: how it is stored
 * @root_only: not shown in namespaces of unprivileged users, as its twin
 * @host_only: of the host, so shown in the initial namespace alone, as its twin
 * @min: smallest value (in the file's unit)
 * @max: largest
 * @value: default, as stored; kinds of several values have theirs in sysctl_default_lists()
 */
struct sysctl_row {
	const char		*name;
	unsigned int		offset;
	enum sysctl_kind	kind;
	bool			root_only;
	bool			host_only;
	int			min;
	int			max;
	long			value;
};

#define ROW(_name, _member, _kind, _min, _max, _value) {		\
	.name = (_name), .offset = offsetof(struct plumb_sysctl, _member), \
	.kind = (_kind), .min = (_min), .max = (_max), .value = (_value) }
#define U8(_member, _min, _max, _value)					\
	ROW(#_member, _member, SYSCTL_U8, _min, _max, _value)
#define FLAG(_member, _value)	U8(_member, 0, 1, _value)
#define OCTET(_member, _value)	U8(_member, 0, 255, _value)
#define INT(_member, _min, _max, _value)				\
	ROW(#_member, _member, SYSCTL_INT, _min, _max, _value)
#define ANY(_member, _value)	INT(_member, INT_MIN, INT_MAX, _value)
#define SECONDS(_member, _value)					\
	ROW(#_member, _member, SYSCTL_SECONDS, 0, INT_MAX, (_value) * HZ)
#define LIST(_name, _member, _kind, _min)				\
	ROW(_name, _member, _kind, _min, INT_MAX, 0)

/* Kept elsewhere: the offset is that of the whole struct. */
#define NAMES(_name, _kind)	{ .name = (_name), .kind = (_kind) }

#define SYSCTL_MSS_MIN	48
#define SYSCTL_ONE_DAY	86400

static const struct sysctl_row sysctl_rows[] = {
	U8(ip_default_ttl, 1, 255, 64),
	FLAG(ip_forward, 0),
	OCTET(ip_no_pmtu_disc, 0),
	OCTET(ip_nonlocal_bind, 0),
	FLAG(icmp_echo_ignore_all, 0),
	FLAG(icmp_echo_ignore_broadcasts, 1),
	INT(icmp_ratelimit, 0, INT_MAX, 1000),
	ANY(icmp_ratemask, 0x1818),
	{ .name = "ipfrag_time", .offset = offsetof(struct plumb_sysctl, ipfrag_time),
	  .kind = SYSCTL_SECONDS, .root_only = true, .max = INT_MAX, .value = 30 * HZ },
	{ .name = "ipfrag_high_thresh", .offset = offsetof(struct plumb_sysctl, ipfrag_high_thresh),
	  .kind = SYSCTL_BYTES, .root_only = true, .value = 4 << 20 },
	{ .name = "ipfrag_max_dist", .offset = offsetof(struct plumb_sysctl, ipfrag_max_dist),
	  .kind = SYSCTL_INT, .root_only = true, .max = INT_MAX, .value = 64 },

	LIST("ip_local_port_range", local_port_lo, SYSCTL_PORTS, 1),
	INT(ip_unprivileged_port_start, 0, 65535, 1024),
	LIST("socket_group_range", socket_groups, SYSCTL_GROUPS, 0),
	LIST("ping_group_range", ping_groups, SYSCTL_GROUPS, 0),
	ANY(igmp_max_memberships, 20),
	ANY(igmp_max_msf, 10),
	INT(udp_rmem_min, 1, INT_MAX, PAGE_SIZE),
	INT(udp_wmem_min, 1, INT_MAX, PAGE_SIZE),
	INT(somaxconn, 0, INT_MAX, 4096),

	LIST("tcp_rmem", tcp_rmem, SYSCTL_INT3, SOCK_MIN_RCVBUF),
	LIST("tcp_wmem", tcp_wmem, SYSCTL_INT3, 1),
	OCTET(tcp_timestamps, 1),
	OCTET(tcp_sack, 1),
	OCTET(tcp_dsack, 1),
	OCTET(tcp_window_scaling, 1),
	U8(tcp_ecn, 0, 2, 2),
	FLAG(tcp_ecn_fallback, 1),
	ANY(tcp_fastopen, 1),
	ROW("tcp_fastopen_key", tcp_fastopen, SYSCTL_FAST_KEYS, 0, 0, 1),
	INT(tcp_fastopen_blackhole_timeout_sec, 0, INT_MAX, 0),
	U8(tcp_syn_retries, 1, 127, 6),
	OCTET(tcp_synack_retries, 5),
	U8(tcp_syn_linear_timeouts, 0, 127, 4),
	OCTET(tcp_retries1, 3),
	OCTET(tcp_retries2, 15),
	OCTET(tcp_orphan_retries, 0),
	SECONDS(tcp_keepalive_time, 7200),
	SECONDS(tcp_keepalive_intvl, 75),
	OCTET(tcp_keepalive_probes, 9),
	SECONDS(tcp_fin_timeout, 60),
	OCTET(tcp_abort_on_overflow, 0),
	OCTET(tcp_rfc1337, 0),
	U8(tcp_tw_reuse, 0, 2, 2),
	ANY(tcp_max_tw_buckets, 262144),
	ANY(tcp_max_syn_backlog, 4096),
	OCTET(tcp_syncookies, 1),
	INT(tcp_reordering, 1, INT_MAX, 3),
	INT(tcp_max_reordering, 1, INT_MAX, 300),
	OCTET(tcp_recovery, 1),
	U8(tcp_early_retrans, 0, 4, 3),
	OCTET(tcp_frto, 2),
	OCTET(tcp_thin_linear_timeouts, 0),
	OCTET(tcp_slow_start_after_idle, 1),
	OCTET(tcp_no_metrics_save, 0),
	FLAG(tcp_no_ssthresh_metrics_save, 1),
	FLAG(tcp_autocorking, 1),
	OCTET(tcp_moderate_rcvbuf, 1),
	U8(tcp_app_win, 0, 31, 31),
	FLAG(tcp_shrink_window, 0),
	OCTET(tcp_workaround_signed_windows, 0),
	ROW("tcp_notsent_lowat", tcp_notsent_lowat, SYSCTL_UINT, 0, 0, UINT_MAX),
	ANY(tcp_limit_output_bytes, 4 << 20),
	U8(tcp_min_tso_segs, 1, 255, 2),
	U8(tcp_pingpong_thresh, 1, 255, 1),
	FLAG(tcp_reflect_tos, 0),
	OCTET(tcp_stdurg, 0),
	OCTET(tcp_tso_win_divisor, 3),
	U8(tcp_tso_rtt_log, 0, 31, 9),
	OCTET(tcp_fwmark_accept, 0),
	ANY(tcp_max_orphans, 16384),
	{ .name = "tcp_mem", .kind = SYSCTL_TCP_MEM, .host_only = true },
	INT(tcp_pacing_ss_ratio, 0, 1000, 200),
	INT(tcp_pacing_ca_ratio, 0, 1000, 120),
	OCTET(tcp_mtu_probing, 0),
	ANY(tcp_base_mss, 1024),
	INT(tcp_min_snd_mss, SYSCTL_MSS_MIN, 65535, SYSCTL_MSS_MIN),
	INT(tcp_mtu_probe_floor, SYSCTL_MSS_MIN, 65535, SYSCTL_MSS_MIN),
	ANY(tcp_probe_threshold, 8),
	ROW("tcp_probe_interval", tcp_probe_interval, SYSCTL_UINT_RANGE, 0, U32_MAX / HZ, 600),
	ANY(tcp_challenge_ack_limit, INT_MAX),
	ROW("tcp_invalid_ratelimit", tcp_invalid_ratelimit, SYSCTL_MS, 0, INT_MAX, HZ / 2),
	INT(tcp_min_rtt_wlen, 0, SYSCTL_ONE_DAY, 300),
	INT(tcp_rto_min_us, 1, INT_MAX, 200 * USEC_PER_MSEC),
	NAMES("tcp_congestion_control", SYSCTL_CC),
	NAMES("tcp_available_congestion_control", SYSCTL_CC_AVAILABLE),
	NAMES("tcp_allowed_congestion_control", SYSCTL_CC_ALLOWED),
};

/* net.plumb.neigh.default.*: no twin of these is shown to unprivileged users. */
static const struct sysctl_row sysctl_neigh_rows[] = {
	ROW("base_reachable_time", neigh_base_reachable_time, SYSCTL_SECONDS, 0, INT_MAX, 30 * HZ),
	ROW("base_reachable_time_ms", neigh_base_reachable_time, SYSCTL_MS, 0, INT_MAX, 30 * HZ),
	ROW("delay_first_probe_time", neigh_delay_first_probe_time, SYSCTL_SECONDS, 0, INT_MAX,
	    5 * HZ),
	ROW("retrans_time", neigh_retrans_time, SYSCTL_USER_HZ, 0, INT_MAX, HZ),
	ROW("retrans_time_ms", neigh_retrans_time, SYSCTL_MS, 0, INT_MAX, HZ),
	ROW("gc_stale_time", neigh_gc_stale_time, SYSCTL_SECONDS, 0, INT_MAX, 60 * HZ),
	ROW("gc_interval", neigh_gc_interval, SYSCTL_SECONDS, 0, INT_MAX, 30 * HZ),
	ROW("ucast_solicit", neigh_ucast_probes, SYSCTL_INT, 0, INT_MAX, 3),
	ROW("mcast_solicit", neigh_mcast_probes, SYSCTL_INT, 0, INT_MAX, 3),
	ROW("unres_qlen_bytes", neigh_unres_qlen_bytes, SYSCTL_INT, 0, INT_MAX, SK_WMEM_MAX),
	ROW("gc_thresh3", neigh_gc_thresh3, SYSCTL_INT, 0, INT_MAX, 1024),
};

/* Two ports (host order) that stand one after the other. */
static int sysctl_ports(plumb_ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	static const int lowest = 1, highest = U16_MAX;
	int *now = table->data;
	int range[2] = { now[0], now[1] };
	struct ctl_table tmp = {
		.data = range,
		.maxlen = sizeof(range),
		.mode = table->mode,
		.extra1 = (void *)&lowest,
		.extra2 = (void *)&highest,
	};
	int err;

	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (range[1] < range[0])
		return -EINVAL;
	WRITE_ONCE(now[0], range[0]);
	WRITE_ONCE(now[1], range[1]);
	return 0;
}

/* The kernel's handlers of times take negative ones as well; no time here is. */
static int sysctl_time(plumb_ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos,
		       proc_handler *handler)
{
	int *now = table->data, val = READ_ONCE(*now);
	struct ctl_table tmp = { .data = &val, .maxlen = sizeof(val), .mode = table->mode };
	int err;

	err = handler(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (val < 0)
		return -EINVAL;
	WRITE_ONCE(*now, val);
	return 0;
}

static int sysctl_seconds(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			  loff_t *ppos)
{
	return sysctl_time(table, write, buffer, lenp, ppos, proc_dointvec_jiffies);
}

static int sysctl_user_hz(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			  loff_t *ppos)
{
	return sysctl_time(table, write, buffer, lenp, ppos, proc_dointvec_userhz_jiffies);
}

static int sysctl_ms(plumb_ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	return sysctl_time(table, write, buffer, lenp, ppos, proc_dointvec_ms_jiffies);
}

/* Two groups, shown and read as the user namespace of the process counts them. */
static int sysctl_groups(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	struct user_namespace *ns = current_user_ns();
	struct plumb_sysctl *ctl = table->extra1;
	kgid_t *now = table->data, low, high;
	unsigned long range[2];
	static unsigned long highest = ((gid_t)~0U) >> 1;
	struct ctl_table tmp = {
		.data = range,
		.maxlen = sizeof(range),
		.mode = table->mode,
		.extra2 = &highest,
	};
	int err;

	plumb_sysctl_groups(ctl, now, &low, &high);
	range[0] = from_kgid_munged(ns, low);
	range[1] = from_kgid_munged(ns, high);
	err = proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	low = make_kgid(ns, range[0]);
	high = make_kgid(ns, range[1]);
	if (!gid_valid(low) || !gid_valid(high))
		return -EINVAL;
	if (range[1] < range[0] || gid_lt(high, low)) {
		low = make_kgid(&init_user_ns, 1);
		high = make_kgid(&init_user_ns, 0);
	}
	write_seqlock(&ctl->groups_lock);
	now[0] = low;
	now[1] = high;
	write_sequnlock(&ctl->groups_lock);
	return 0;
}

#define SYSCTL_NAMES_MAX	512

static int sysctl_cc(plumb_ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct plumb_net *pn = container_of(table->data, struct plumb_net, sysctl);
	char name[TCP_CA_NAME_MAX];
	struct ctl_table tmp = { .data = name, .maxlen = sizeof(name), .mode = table->mode };
	int err;

	plumb_tcp_cc_default(pn, name, sizeof(name));
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	return plumb_tcp_cc_set_default(pn, name);
}

static int sysctl_mem_pages(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	struct ctl_table tmp = {
		.data = plumb_tcp_mem,
		.maxlen = sizeof(plumb_tcp_mem),
		.mode = table->mode,
	};

	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

static int sysctl_cc_available(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	char names[SYSCTL_NAMES_MAX];
	struct ctl_table tmp = { .data = names, .maxlen = sizeof(names), .mode = table->mode };

	plumb_tcp_cc_available(names, sizeof(names));
	return proc_dostring(&tmp, write, buffer, lenp, ppos);
}

static int sysctl_cc_allowed(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	char names[SYSCTL_NAMES_MAX];
	struct ctl_table tmp = { .data = names, .maxlen = sizeof(names), .mode = table->mode };
	int err;

	plumb_tcp_cc_allowed(names, sizeof(names));
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	return plumb_tcp_cc_allow(names);
}

#define SYSCTL_FAST_KEY_LEN	35	/* characters: four words in hex, dashes between */

/* One key's text to octets, each word in the order of the host, as its net.ipv4 twin. */
static bool sysctl_fast_key_read(const char *text, u8 *key)
{
	u32 word[4];
	int i, end = 0;

	if (sscanf(text, "%8x-%8x-%8x-%8x%n", &word[0], &word[1], &word[2], &word[3], &end) != 4 ||
	    strlen(text) != end)
		return false;
	for (i = 0; i < 4; i++)
		put_unaligned_le32(word[i], key + 4 * i);
	return true;
}

static int sysctl_fast_key_show(char *text, const u8 *key)
{
	return sprintf(text, "%08x-%08x-%08x-%08x", get_unaligned_le32(key),
		       get_unaligned_le32(key + 4), get_unaligned_le32(key + 8),
		       get_unaligned_le32(key + 12));
}

static int sysctl_fast_keys_write(struct plumb_net *pn, char *text)
{
	u8 key[PLUMB_TCP_FAST_KEYS * PLUMB_TCP_FAST_KEY];
	char *second = strchr(text, ',');

	if (second)
		*second++ = 0;
	if (!sysctl_fast_key_read(text, key) ||
	    (second && !sysctl_fast_key_read(second, key + PLUMB_TCP_FAST_KEY)))
		return -EINVAL;
	return plumb_tcp_fast_key_set(pn, key, second ? 2 : 1);
}

/* The keys that make Fast Open cookies: one, or one and the one before it. */
static int sysctl_fast_keys(plumb_ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	struct plumb_net *pn = container_of(table->data, struct plumb_net, sysctl.tcp_fastopen);
	u8 key[PLUMB_TCP_FAST_KEYS * PLUMB_TCP_FAST_KEY] = {};
	char text[2 * SYSCTL_FAST_KEY_LEN + 16] = {};
	struct ctl_table tmp = { .data = text, .maxlen = sizeof(text), .mode = table->mode };
	int err, n;

	if (plumb_tcp_fast_key_get(pn, key) < 2) {
		sysctl_fast_key_show(text, key);
	} else {
		n = sysctl_fast_key_show(text, key);
		text[n++] = ',';
		sysctl_fast_key_show(text + n, key + PLUMB_TCP_FAST_KEY);
	}
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (!err && write)
		err = sysctl_fast_keys_write(pn, strim(text));
	memzero_explicit(key, sizeof(key));
	return err;
}

/* What each kind of file is to the kernel's sysctl code. */
static const struct {
	proc_handler	*handler;
	int		maxlen;
	bool		range;		/* the handler looks at extra1 and extra2 as ints */
} sysctl_kinds[] = {
	[SYSCTL_U8]		= { proc_dou8vec_minmax, sizeof(u8), true },
	[SYSCTL_INT]		= { proc_dointvec_minmax, sizeof(int), true },
	[SYSCTL_UINT]		= { proc_douintvec, sizeof(int), false },
	[SYSCTL_UINT_RANGE]	= { proc_douintvec_minmax, sizeof(int), true },
	[SYSCTL_BYTES]		= { proc_doulongvec_minmax, sizeof(long), false },
	[SYSCTL_SECONDS]	= { sysctl_seconds, sizeof(int), false },
	[SYSCTL_USER_HZ]	= { sysctl_user_hz, sizeof(int), false },
	[SYSCTL_MS]		= { sysctl_ms, sizeof(int), false },
	[SYSCTL_INT3]		= { proc_dointvec_minmax, 3 * sizeof(int), true },
	[SYSCTL_PORTS]		= { sysctl_ports, 2 * sizeof(int), false },
	[SYSCTL_GROUPS]		= { sysctl_groups, 2 * sizeof(kgid_t), false },
	[SYSCTL_CC]		= { sysctl_cc, TCP_CA_NAME_MAX, false },
	[SYSCTL_TCP_MEM]	= { sysctl_mem_pages, sizeof(plumb_tcp_mem), false },
	[SYSCTL_CC_AVAILABLE]	= { sysctl_cc_available, SYSCTL_NAMES_MAX, false },
	[SYSCTL_CC_ALLOWED]	= { sysctl_cc_allowed, SYSCTL_NAMES_MAX, false },
	[SYSCTL_FAST_KEYS]	= { sysctl_fast_keys, 2 * SYSCTL_FAST_KEY_LEN + 16, false },
};

/* A setting of TCP: the engine has its own copy, in its own units. */
static int sysctl_tcp(plumb_ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	const struct sysctl_row *row = container_of((int *)table->extra1, struct sysctl_row, min);
	struct plumb_sysctl *s = (void *)((u8 *)table->data - row->offset);
	int err = sysctl_kinds[row->kind].handler(table, write, buffer, lenp, ppos);

	if (!err && write)
		plumb_tcp_params_changed(container_of(s, struct plumb_net, sysctl));
	return err;
}

static bool sysctl_is_tcp(const struct sysctl_row *row)
{
	return !strncmp(row->name, "tcp_", 4);
}

static umode_t sysctl_mode(const struct sysctl_row *row, const struct plumb_net *pn)
{
	if (row->kind == SYSCTL_CC_AVAILABLE ||
	    (row->kind == SYSCTL_CC_ALLOWED && !net_eq(pn->net, &init_net)))
		return 0444;
	return row->kind == SYSCTL_FAST_KEYS ? 0600 : 0644;
}

static void sysctl_default_one(struct plumb_sysctl *s, const struct sysctl_row *row)
{
	void *at = (u8 *)s + row->offset;

	switch (row->kind) {
	case SYSCTL_U8:
		*(u8 *)at = row->value;
		break;
	case SYSCTL_BYTES:
		*(long *)at = row->value;
		break;
	case SYSCTL_INT:
	case SYSCTL_UINT:
	case SYSCTL_UINT_RANGE:
	case SYSCTL_SECONDS:
	case SYSCTL_USER_HZ:
	case SYSCTL_MS:
		*(int *)at = row->value;
		break;
	case SYSCTL_INT3:
	case SYSCTL_PORTS:
	case SYSCTL_GROUPS:
	case SYSCTL_FAST_KEYS:
		break;		/* sysctl_default_lists() */
	case SYSCTL_CC:
	case SYSCTL_TCP_MEM:
	case SYSCTL_CC_AVAILABLE:
	case SYSCTL_CC_ALLOWED:
		break;		/* net/tcp keeps them */
	}
}

/* Buffers as large as Linux's on a host of this size. */
static void sysctl_default_buffers(struct plumb_sysctl *s)
{
	unsigned long limit = nr_free_buffer_pages() << (PAGE_SHIFT - 7);
	const int rmem[3] = { PAGE_SIZE, 131072, max_t(int, 131072, min(6UL << 20, limit)) };
	const int wmem[3] = { PAGE_SIZE, 16384, max_t(int, 65536, min(4UL << 20, limit)) };

	memcpy(s->tcp_rmem, rmem, sizeof(rmem));
	memcpy(s->tcp_wmem, wmem, sizeof(wmem));
}

static void sysctl_default_lists(struct plumb_net *pn)
{
	struct plumb_sysctl *s = &pn->sysctl;
	const kgid_t none_lo = make_kgid(&init_user_ns, 1), none_hi = GLOBAL_ROOT_GID;

	seqlock_init(&s->groups_lock);
	s->local_port_lo = 61000;	/* above the range Linux takes its ports from */
	s->local_port_hi = U16_MAX;
	s->ping_groups[0] = none_lo;
	s->ping_groups[1] = none_hi;
	/*
	 * IP-layer netfilter never sees Plumb's packets, so on the host itself nobody but
	 * root's group opens sockets without leave. What a namespace of its own may do on the
	 * wire was decided by who put a device into it.
	 */
	s->socket_groups[0] = GLOBAL_ROOT_GID;
	s->socket_groups[1] = net_eq(pn->net, &init_net) ? GLOBAL_ROOT_GID :
			     make_kgid(&init_user_ns, (gid_t)INT_MAX);
	if (net_eq(pn->net, &init_net)) {
		sysctl_default_buffers(s);
	} else {
		/* As Linux does: the administrator's choice goes for new namespaces too. */
		memcpy(s->tcp_rmem, plumb_net(&init_net)->sysctl.tcp_rmem, sizeof(s->tcp_rmem));
		memcpy(s->tcp_wmem, plumb_net(&init_net)->sysctl.tcp_wmem, sizeof(s->tcp_wmem));
	}
}

void plumb_sysctl_defaults(struct plumb_net *pn)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctl_rows); i++)
		sysctl_default_one(&pn->sysctl, &sysctl_rows[i]);
	for (i = 0; i < ARRAY_SIZE(sysctl_neigh_rows); i++)
		sysctl_default_one(&pn->sysctl, &sysctl_neigh_rows[i]);
	sysctl_default_lists(pn);
}

/**
 * struct sysctl_files - the files of one namespace (plumb_net.sysctl_hdr)
 * @main: net.plumb.*
 * @neigh: net.plumb.neigh.default.*, or NULL in namespaces of unprivileged users
 * @entries: the tables behind both, each with an empty entry at its end
 */
struct sysctl_files {
	struct ctl_table_header	*main;
	struct ctl_table_header	*neigh;
	struct ctl_table	entries[ARRAY_SIZE(sysctl_rows) +
					ARRAY_SIZE(sysctl_neigh_rows) + 2];
};

static void sysctl_fill(struct ctl_table *t, const struct sysctl_row *row, struct plumb_net *pn)
{
	t->procname = row->name;
	t->data = (u8 *)&pn->sysctl + row->offset;
	t->maxlen = sysctl_kinds[row->kind].maxlen;
	t->mode = sysctl_mode(row, pn);
	t->proc_handler = sysctl_is_tcp(row) ? sysctl_tcp : sysctl_kinds[row->kind].handler;
	if (row->kind == SYSCTL_GROUPS)
		t->extra1 = &pn->sysctl;
	if (!sysctl_kinds[row->kind].range && !sysctl_is_tcp(row))
		return;
	t->extra1 = (void *)&row->min;
	t->extra2 = (void *)&row->max;
	/* Its bound is a setting, too. */
	if (row->offset == offsetof(struct plumb_sysctl, tcp_reordering))
		t->extra2 = &pn->sysctl.tcp_max_reordering;
}

static struct ctl_table_header *sysctl_register(struct plumb_net *pn, const char *path,
						struct ctl_table *t,
						const struct sysctl_row *rows, size_t n)
{
	bool root = pn->net->user_ns == &init_user_ns;
	size_t i, used = 0;

	for (i = 0; i < n; i++)
		if ((root || !rows[i].root_only) &&
		    (net_eq(pn->net, &init_net) || !rows[i].host_only))
			sysctl_fill(&t[used++], &rows[i], pn);
	return register_net_sysctl_sz(pn->net, path, t, used);
}

int plumb_sysctl_net_init(struct plumb_net *pn)
{
	struct sysctl_files *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);

	if (!f)
		return -ENOMEM;
	f->main = sysctl_register(pn, "net/plumb", f->entries, sysctl_rows,
				  ARRAY_SIZE(sysctl_rows));
	if (!f->main)
		goto free;
	if (pn->net->user_ns == &init_user_ns) {
		f->neigh = sysctl_register(pn, "net/plumb/neigh/default",
					   &f->entries[ARRAY_SIZE(sysctl_rows) + 1],
					   sysctl_neigh_rows, ARRAY_SIZE(sysctl_neigh_rows));
		if (!f->neigh)
			goto unregister;
	}
	pn->sysctl_hdr = f;
	return 0;

unregister:
	unregister_net_sysctl_table(f->main);
free:
	kfree(f);
	return -ENOMEM;
}

void plumb_sysctl_net_exit(struct plumb_net *pn)
{
	struct sysctl_files *f = pn->sysctl_hdr;

	if (f->neigh)
		unregister_net_sysctl_table(f->neigh);
	unregister_net_sysctl_table(f->main);
	kfree(f);
}
