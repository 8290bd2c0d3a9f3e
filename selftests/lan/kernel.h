/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the modelled adapter needs, for user space: one thread, no locks, and a
 * clock that the tests set. Work for hard interrupt context is done when the test lets time pass
 * (kernel_run()). DMA addresses are addresses.
 */
#ifndef _LAN_KERNEL_H
#define _LAN_KERNEL_H

#include <stdlib.h>

#include "../../drivers/lan/types.h"

/* Before what the C library's own linux/types.h says of them. */
#define __KERNEL_SHIM__
#include <asm/types.h>
typedef u16 __le16, __be16, __sum16;
typedef u32 __le32, __be32, __wsum;
typedef u64 __le64, __be64;
typedef u64 dma_addr_t, phys_addr_t;
typedef s64 ktime_t;
typedef u64 netdev_features_t;
#define _LINUX_TYPES_H

#define __aligned(n)	__attribute__((aligned(n)))
#define __iomem
#define __force
#define __user
#define ____cacheline_aligned_in_smp
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define BIT(n)		(1U << (n))
#define GENMASK(h, l)	((~0U << (l)) & (~0U >> (31 - (h))))
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)	/* one thread */
#define dma_rmb()	__asm__ __volatile__("" ::: "memory")
#define dma_wmb()	dma_rmb()
#define cpu_relax()	dma_rmb()
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define lockdep_assert_held(l)	((void)(l))
#define DMA_BIT_MASK(n)	(~0ULL >> (64 - (n)))
#define IS_ERR(p)	((uintptr_t)(p) >= (uintptr_t)-4095)
#define PTR_ERR(p)	((long)(p))
#define CLOCK_MONOTONIC	1
#define HZ		250

#define cpu_to_le16(x)	(x)
#define cpu_to_le32(x)	(x)
#define le16_to_cpu(x)	(x)
#define le32_to_cpu(x)	(x)
#define le64_to_cpu(x)	(x)
#define htons(x)	__builtin_bswap16(x)

/* ---- unaligned ---- */

#define get_unaligned(p) __extension__ ({					\
	__typeof__(*(p) + 0) v_ = 0;						\
	__typeof__(*(p)) t_;							\
	memcpy(&t_, p, sizeof(t_));						\
	v_ = t_;								\
	v_; })
#define put_unaligned(v, p) do {						\
	__typeof__(*(p)) t_ = (v);						\
	memcpy(p, &t_, sizeof(t_));						\
} while (0)

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] << 8 | b[1]);
}

static inline u32 get_unaligned_be32(const void *p)
{
	return (u32)get_unaligned_be16(p) << 16 | get_unaligned_be16((const u8 *)p + 2);
}

static inline u16 get_unaligned_le16(const void *p)
{
	return __builtin_bswap16(get_unaligned_be16(p));
}

static inline u32 get_unaligned_le32(const void *p)
{
	return __builtin_bswap32(get_unaligned_be32(p));
}

static inline void put_unaligned_be16(u32 v, void *p)
{
	u8 *b = p;

	b[0] = (u8)(v >> 8);
	b[1] = (u8)v;
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	put_unaligned_be16(v >> 16, p);
	put_unaligned_be16(v, (u8 *)p + 2);
}

static inline void put_unaligned_le16(u32 v, void *p)
{
	put_unaligned_be16(__builtin_bswap16((u16)v), p);
}

static inline void put_unaligned_le32(u32 v, void *p)
{
	put_unaligned_be32(__builtin_bswap32(v), p);
}

/* ---- memory ---- */

#define GFP_KERNEL_ACCOUNT	0
#define kzalloc(n, f)		calloc(1, n)
#define kvmalloc(n, f)		malloc(n)
#define kvfree(p)		free(p)
#define kfree(p)		free(p)
#define PAGE_SIZE		4096
#define PHYS_PFN(p)		((p) >> 12)
#define dma_to_phys(d, a)	((void)(d), (phys_addr_t)(a))
#define pfn_valid(pfn)		((pfn) != 0)	/* the first page is nobody's */
#define phys_to_virt(p)		((void *)(uintptr_t)(p))

/* ---- locks: one thread ---- */

struct kernel_lock { char none; };
#define spinlock_t	struct kernel_lock
#define raw_spinlock_t	struct kernel_lock
struct mutex { char none; };
#define spin_lock_init(l)		((void)(l))
#define spin_lock_bh(l)			((void)(l))
#define spin_unlock_bh(l)		((void)(l))
#define raw_spin_lock_init(l)		((void)(l))
#define raw_spin_lock(l)		((void)(l))
#define raw_spin_unlock(l)		((void)(l))
#define raw_spin_lock_irqsave(l, f)	((void)(l), (f) = 0)
#define raw_spin_unlock_irqrestore(l, f) ((void)(l), (void)(f))

/* ---- time and interrupts ---- */

enum hrtimer_restart { HRTIMER_NORESTART };
enum hrtimer_mode { HRTIMER_MODE_ABS_HARD, HRTIMER_MODE_REL_PINNED };
#define clockid_t int

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	u64 at;
	bool queued;
};

struct irq_work {
	void (*func)(struct irq_work *work);
	bool queued;
};

/* What kernel_run() looks at: one adapter's. */
extern u64 kernel_ns;
extern struct hrtimer *kernel_timer[2];
extern struct irq_work *kernel_work;

static inline u64 ktime_get_ns(void)
{
	return kernel_ns;
}

#define ns_to_ktime(ns)			(ns)
#define ktime_to_ns(t)			(t)
#define hrtimer_is_queued(t)		((t)->queued)
#define hrtimer_get_expires(t)		((t)->at)
#define hrtimer_callback_running(t)	(!(t))
#define hrtimer_init(t, c, m)		((void)(t))
#define hrtimer_cancel(t)		((t)->queued = false)
#define hrtimer_try_to_cancel(t)	hrtimer_cancel(t)
#define NSEC_PER_USEC			1000
#define NSEC_PER_MSEC			1000000
#define irq_work_sync(w)		((void)(w))
#define IRQ_WORK_INIT_HARD(f)		((struct irq_work){ .func = (f) })

/* The adapter's is absolute, the driver's relative. */
static inline void hrtimer_start(struct hrtimer *t, ktime_t at, enum hrtimer_mode mode)
{
	bool relative = mode == HRTIMER_MODE_REL_PINNED;

	t->at = (u64)at + (relative ? kernel_ns : 0);
	t->queued = true;
	kernel_timer[relative] = t;
}

static inline void irq_work_queue(struct irq_work *w)
{
	w->queued = true;
	kernel_work = w;
}

#define irqreturn_t	int
typedef irqreturn_t (*irq_handler_t)(int irq, void *data);
#define IRQ_NONE	0
#define IRQ_HANDLED	1
#define IRQF_SHARED	0x80
#define synchronize_irq(irq)			((void)(irq))
#define free_irq(irq, d)			((void)(irq), (void)(d))
#define request_irq(irq, h, f, name, d)		((h) && (name) && (d) ? -ENODEV : -EINVAL)

/* ---- devices ---- */

struct device { char none; };
struct net;
struct platform_device { struct device dev; };
struct platform_device_info { const char *name; int id; u64 dma_mask; };
#define PLATFORM_DEVID_AUTO		(-2)
#define platform_device_unregister(p)	free(p)
#define device_set_wakeup_capable(d, v)	((void)(d))

static inline struct platform_device *
platform_device_register_full(const struct platform_device_info *info)
{
	(void)info;
	return calloc(1, sizeof(struct platform_device));
}

struct work_struct { bool queued; };
struct delayed_work { struct work_struct work; };
#define schedule_work(w)	((w)->queued = true)

/* ---- the driver's net_device and its poll, as irq.c sees them ---- */

struct sk_buff;
struct sk_buff_head;
struct rtnl_link_stats64;
struct ifreq;
struct ethtool_test;
struct ethtool_ops;
struct kernel_ethtool_ts_info;
#define ethtool_ts_info kernel_ethtool_ts_info
#define ETH_GSTRING_LEN 32
#define ADVERTISED_10baseT_Half 1
#define netdev_tx_t	int
struct u64_stats_sync { char none; };
struct kernel_stat { u64 v; };
#define u64_stats_t	struct kernel_stat
struct net_device { char name[16]; };
struct napi_struct { bool scheduled; };
#define netdev_name(d)		((d)->name)
#define test_bit(n, p)		(*(p) >> (n) & 1)
#define set_bit(n, p)		(*(p) |= 1UL << (n))
#define clear_bit(n, p)		(*(p) &= ~(1UL << (n)))
#define readl(p)		(*(volatile u32 *)(p))
#define writel(v, p)		(*(volatile u32 *)(p) = (v))
#define __napi_schedule(n)	((n)->scheduled = true)

static inline bool napi_schedule_prep(struct napi_struct *n)
{
	return !n->scheduled;
}

static inline void napi_schedule(struct napi_struct *n)
{
	n->scheduled = true;
}

static inline bool napi_complete_done(struct napi_struct *n, int done)
{
	(void)done;
	n->scheduled = false;
	return true;
}

static inline void strscpy(char *to, const char *from, size_t n)
{
	strncpy(to, from, n - 1);
}

/* ---- Ethernet, IP ---- */

#define ETH_ALEN	6
#define ETH_HLEN	14
#define ETH_P_IP	0x0800
#define VLAN_HLEN	4
#define VLAN_VID_MASK	0x0fff

static inline bool is_multicast_ether_addr(const u8 *a)
{
	return a[0] & 1;
}

static inline bool is_broadcast_ether_addr(const u8 *a)
{
	return !memcmp(a, "\xff\xff\xff\xff\xff\xff", ETH_ALEN);
}

static inline bool ether_addr_equal_unaligned(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

/* The sum of 16-bit words as they lie in memory, not folded. */
static inline u32 csum_partial(const void *p, u32 len, u32 sum)
{
	const u8 *b = p;
	u64 s = sum;

	for (; len > 1; len -= 2, b += 2)
		s += (u32)(b[0] | b[1] << 8);
	if (len)
		s += b[0];
	while (s >> 32)
		s = (s & 0xffffffff) + (s >> 32);
	return (u32)s;
}

static inline u16 csum_fold(u32 s)
{
	s = (s & 0xffff) + (s >> 16);
	s += s >> 16;
	return (u16)~s;
}

static inline u16 ip_compute_csum(const void *p, u32 len)
{
	return csum_fold(csum_partial(p, len, 0));
}

static inline u16 csum_tcpudp_magic(u32 saddr, u32 daddr, u32 len, u8 proto, u32 sum)
{
	u32 pseudo[3] = { saddr, daddr, __builtin_bswap32((u32)proto << 16 | len) };

	return csum_fold(csum_partial(pseudo, sizeof(pseudo), sum));
}

#endif /* _LAN_KERNEL_H */
