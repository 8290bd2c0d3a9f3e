// SPDX-License-Identifier: GPL-2.0
/*
 * Makes an allocation of plumb.ko fail: the n-th call of a site, or of all.
 *
 * Each function below that gives memory (or a registration, a mapping) is probed at its first
 * instruction. When it was called from plumb.ko's text, and it is its turn, it returns what it
 * returns without memory, and its body does not run. Calls are counted in every context, so
 * softirq's are among them; who else asks for memory meanwhile is left alone.
 *
 * A site is a call instruction in plumb.ko, which is built without tail calls for a kernel that can
 * make allocations fail (Kbuild). They are found by looking through its text for calls of the
 * probed functions when it is loaded, so that those are known which nothing has reached.
 *
 *	<debugfs>/plumb_faults/site	which: the number of its line in sites, from 0; or
 *					4294967295: all
 *	<debugfs>/plumb_faults/user_only	Y: only calls by programs count, none of softirqs
 *						and kernel threads
 *	<debugfs>/plumb_faults/nth	write n: its n-th call from now on fails; 0: none does
 *	<debugfs>/plumb_faults/failed	what failed since the last n that was not 0, or nothing
 *	<debugfs>/plumb_faults/sites	a line a site: its calls since then; calls and failures
 *					since this module was loaded; function, place
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/unaligned.h>

#define FAULTS_SITES	512
#define FAULTS_ALL	U32_MAX
#define CALL_OPCODE	0xe8
#define CALL_SIZE	5

enum faults_answer {
	FAULTS_NULL,		/* also false */
	FAULTS_ENOMEM,
	FAULTS_ERR_PTR,
	FAULTS_DMA,		/* DMA_MAPPING_ERROR */
	FAULTS_SEND,		/* NULL, and the errno where the fifth argument points */
};

static struct faults_func {
	struct kprobe		kp;
	enum faults_answer	answer;
} faults_funcs[] = {
#define FUNC(name, how)	{ .kp.symbol_name = #name, .answer = FAULTS_##how }
	FUNC(__kmalloc_noprof, NULL),
	FUNC(__kmalloc_cache_noprof, NULL),
	FUNC(__kmalloc_large_noprof, NULL),
	FUNC(__kmalloc_node_track_caller_noprof, NULL),
	FUNC(__kvmalloc_node_noprof, NULL),
	FUNC(kmem_cache_alloc_noprof, NULL),
	FUNC(__kmem_cache_create_args, NULL),
	FUNC(pcpu_alloc_noprof, NULL),
	FUNC(__percpu_counter_init_many, ENOMEM),
	FUNC(__alloc_skb, NULL),
	FUNC(napi_alloc_skb, NULL),
	FUNC(napi_build_skb, NULL),
	FUNC(skb_clone, NULL),
	FUNC(__pskb_copy_fclone, NULL),
	FUNC(pskb_expand_head, ENOMEM),
	FUNC(__pskb_pull_tail, NULL),
	FUNC(___pskb_trim, ENOMEM),
	FUNC(pskb_trim_rcsum_slow, ENOMEM),
	FUNC(skb_copy_ubufs, ENOMEM),
	FUNC(skb_ensure_writable, ENOMEM),
	FUNC(skb_checksum_help, ENOMEM),
	FUNC(__skb_gso_segment, ERR_PTR),
	FUNC(sk_alloc, NULL),
	FUNC(sk_clone_lock, NULL),
	FUNC(sock_kmalloc, NULL),
	FUNC(sk_page_frag_refill, NULL),
	FUNC(sock_alloc_send_pskb, SEND),
	FUNC(msg_zerocopy_realloc, NULL),
	FUNC(reuseport_alloc, ENOMEM),
	FUNC(reuseport_add_sock, ENOMEM),
	FUNC(crypto_alloc_shash, ERR_PTR),
	FUNC(page_pool_create, ERR_PTR),
	FUNC(page_pool_alloc_pages, NULL),
	FUNC(page_pool_alloc_frag, NULL),
	FUNC(dma_alloc_attrs, NULL),
	FUNC(dma_map_page_attrs, DMA),
	FUNC(alloc_netdev_mqs, NULL),
	FUNC(alloc_etherdev_mqs, NULL),
	FUNC(dev_mc_add, ENOMEM),
	FUNC(proc_create_net_data, NULL),
	FUNC(proc_create_net_single, NULL),
	FUNC(_proc_mkdir, NULL),
	FUNC(register_net_sysctl_sz, NULL),
	FUNC(register_netdev, ENOMEM),
	FUNC(register_netdevice, ENOMEM),
	FUNC(register_netdevice_notifier, ENOMEM),
	FUNC(register_pernet_device, ENOMEM),
	FUNC(netdev_rx_handler_register, ENOMEM),
	FUNC(genl_register_family, ENOMEM),
	FUNC(proto_register, ENOMEM),
	FUNC(sock_register, ENOMEM),
	FUNC(platform_device_register_full, ERR_PTR),
	FUNC(request_threaded_irq, ENOMEM),
	FUNC(__pci_register_driver, ENOMEM),
	FUNC(pci_enable_device_mem, ENOMEM),
	FUNC(pci_request_selected_regions, ENOMEM),
	FUNC(pci_ioremap_bar, NULL),
#undef FUNC
};

/*
 * struct faults_site - a call in plumb.ko
 * @ret: the address behind it while plumb.ko is loaded, which is what its callee returns to
 * @name: function and offset of that: the same after plumb.ko was loaded anew
 */
static struct faults_site {
	unsigned long		ret;
	const struct faults_func *func;
	unsigned int		count;		/* calls since the last n that was not 0 */
	unsigned int		calls, failures;
	char			name[KSYM_SYMBOL_LEN];
} faults_sites[FAULTS_SITES];

static unsigned int faults_n;
static u32 faults_at = FAULTS_ALL;	/* the site whose call is to fail */
static unsigned int faults_nth, faults_count;	/* which of its calls; how many there were */
static bool faults_user_only;
static struct faults_site *faults_failed;
/*
 * Guards all of the above. Taken in any context, but never by what is probed. A probe may be a
 * breakpoint, and lockdep takes its handler for that of an NMI, which could hit who holds the lock:
 * so it is one that lockdep does not see.
 */
static arch_spinlock_t faults_lock = __ARCH_SPIN_LOCK_UNLOCKED;

static unsigned long faults_lock_irqsave(void)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	arch_spin_lock(&faults_lock);
	return flags;
}

static void faults_unlock_irqrestore(unsigned long flags)
{
	arch_spin_unlock(&faults_lock);
	raw_local_irq_restore(flags);
}

/* What a probed function does instead of its work: its value stands in the register already. */
static noinline notrace void faults_return(void)
{
}

static struct faults_site *faults_find(unsigned long ret)
{
	unsigned int i;

	for (i = 0; i < faults_n; i++)
		if (faults_sites[i].ret == ret)
			return &faults_sites[i];
	return NULL;
}

static void faults_answer(const struct faults_func *func, struct pt_regs *regs)
{
	switch (func->answer) {
	case FAULTS_NULL:
		regs->ax = 0;
		break;
	case FAULTS_SEND:
		*(int *)regs_get_kernel_argument(regs, 4) = -ENOBUFS;
		regs->ax = 0;
		break;
	case FAULTS_ENOMEM:
	case FAULTS_ERR_PTR:
		regs->ax = -ENOMEM;
		break;
	case FAULTS_DMA:
		regs->ax = DMA_MAPPING_ERROR;
		break;
	}
	regs->ip = (unsigned long)faults_return;
}

/* Does it count? With user_only not what a frame wants that passes meanwhile. */
static bool faults_meant(void)
{
	return !faults_user_only || (in_task() && !(current->flags & PF_KTHREAD));
}

static bool faults_chosen(const struct faults_site *site)
{
	return faults_at == FAULTS_ALL || site - faults_sites == faults_at;
}

/* A site's call. Whether it is to fail. */
static bool faults_turn(unsigned long ret)
{
	struct faults_site *site;
	unsigned long flags;
	bool fail = false;

	flags = faults_lock_irqsave();
	site = faults_meant() ? faults_find(ret) : NULL;
	if (site) {
		site->calls++;
		site->count++;
		fail = faults_chosen(site) && ++faults_count == faults_nth;
	}
	if (fail) {
		site->failures++;
		faults_failed = site;
	}
	faults_unlock_irqrestore(flags);
	return fail;
}

static int faults_probe(struct kprobe *kp, struct pt_regs *regs)
{
	const struct faults_func *func = container_of(kp, struct faults_func, kp);

	/* At a function's entry the top of the stack is where it returns to. */
	if (!faults_turn(*(unsigned long *)regs->sp))
		return 0;
	faults_answer(func, regs);
	return 1;
}

NOKPROBE_SYMBOL(faults_probe);

/*
 * Nothing is left to do behind the instruction. Without it the kernel may make a jump of the probe
 * (of a function in lib/, which has no call for ftrace), and then heeds no place to go on at.
 */
static void faults_probe_post(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

NOKPROBE_SYMBOL(faults_probe_post);

/* The probe may stand behind the mark for indirect branches, which a call goes to. */
static const struct faults_func *faults_called(unsigned long target)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults_funcs); i++)
		if (faults_funcs[i].kp.addr &&
		    (unsigned long)faults_funcs[i].kp.addr - target <= 4)
			return &faults_funcs[i];
	return NULL;
}

static void faults_site_add(const struct faults_func *func, unsigned long ret)
{
	struct faults_site *site;
	char name[KSYM_SYMBOL_LEN];
	unsigned long flags;
	unsigned int i;

	sprint_symbol(name, ret - CALL_SIZE);
	flags = faults_lock_irqsave();
	for (i = 0; i < faults_n; i++)
		if (!strcmp(faults_sites[i].name, name))
			break;
	if (i == faults_n && i < FAULTS_SITES) {
		site = &faults_sites[faults_n++];
		site->func = func;
		strscpy(site->name, name, sizeof(site->name));
	}
	if (i < faults_n)
		faults_sites[i].ret = ret;
	faults_unlock_irqrestore(flags);
}

/* A displacement that by chance leads to one of our functions from nowhere: one in a billion. */
static void faults_scan(const struct module_memory *mem)
{
	const u8 *p = mem->base, *end = p + mem->size;
	const struct faults_func *func;

	for (; p + CALL_SIZE <= end; p++) {
		if (*p != CALL_OPCODE)
			continue;
		func = faults_called((unsigned long)p + CALL_SIZE +
				     (s32)get_unaligned_le32(p + 1));
		if (func)
			faults_site_add(func, (unsigned long)p + CALL_SIZE);
	}
}

static void faults_forget(void)
{
	unsigned long flags;
	unsigned int i;

	flags = faults_lock_irqsave();
	for (i = 0; i < faults_n; i++)
		faults_sites[i].ret = 0;
	faults_unlock_irqrestore(flags);
}

static int faults_module(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (strcmp(mod->name, "plumb"))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING) {
		faults_scan(&mod->mem[MOD_TEXT]);
		faults_scan(&mod->mem[MOD_INIT_TEXT]);
	} else if (event == MODULE_STATE_GOING) {
		faults_forget();
	}
	return NOTIFY_DONE;
}

static struct notifier_block faults_notifier = {
	.notifier_call = faults_module,
};

static int nth_get(void *data, u64 *value)
{
	*value = faults_nth;
	return 0;
}

static int nth_set(void *data, u64 value)
{
	unsigned long flags;
	unsigned int i;

	flags = faults_lock_irqsave();
	faults_nth = value;
	if (value) {
		faults_count = 0;
		faults_failed = NULL;
		for (i = 0; i < faults_n; i++)
			faults_sites[i].count = 0;
	}
	faults_unlock_irqrestore(flags);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(nth_fops, nth_get, nth_set, "%llu\n");

static int failed_show(struct seq_file *m, void *v)
{
	const struct faults_site *site = READ_ONCE(faults_failed);

	if (site)
		seq_printf(m, "%s %s\n", site->func->kp.symbol_name, site->name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(failed);

static int sites_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < READ_ONCE(faults_n); i++)
		seq_printf(m, "%u %u %u %s %s\n", faults_sites[i].count, faults_sites[i].calls,
			   faults_sites[i].failures, faults_sites[i].func->kp.symbol_name,
			   faults_sites[i].name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sites);

static struct dentry *faults_dir;

/* Functions that plumb.ko does not call in this kernel need not be there. */
static void faults_probe_all(void)
{
	struct faults_func *func;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(faults_funcs); i++) {
		func = &faults_funcs[i];
		func->kp.pre_handler = faults_probe;
		func->kp.post_handler = faults_probe_post;
		err = register_kprobe(&func->kp);
		if (!err)
			continue;
		pr_info("plumb_faults: no probe of %s: error %d\n", func->kp.symbol_name, err);
		func->kp.addr = NULL;
	}
}

static void faults_unprobe_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults_funcs); i++)
		if (faults_funcs[i].kp.addr)
			unregister_kprobe(&faults_funcs[i].kp);
}

static int __init faults_init(void)
{
	int err;

	faults_probe_all();
	err = register_module_notifier(&faults_notifier);
	if (err) {
		faults_unprobe_all();
		return err;
	}
	faults_dir = debugfs_create_dir("plumb_faults", NULL);
	debugfs_create_file("nth", 0600, faults_dir, NULL, &nth_fops);
	debugfs_create_u32("site", 0600, faults_dir, &faults_at);
	debugfs_create_bool("user_only", 0600, faults_dir, &faults_user_only);
	debugfs_create_file("failed", 0400, faults_dir, NULL, &failed_fops);
	debugfs_create_file("sites", 0400, faults_dir, NULL, &sites_fops);
	return 0;
}

static void __exit faults_exit(void)
{
	debugfs_remove_recursive(faults_dir);
	unregister_module_notifier(&faults_notifier);
	faults_unprobe_all();
}

module_init(faults_init);
module_exit(faults_exit);

MODULE_DESCRIPTION("Makes an allocation of plumb.ko fail");
MODULE_AUTHOR("The Plumb developers");
MODULE_LICENSE("GPL");
