// SPDX-License-Identifier: GPL-2.0
/*
 * The pages that what is written is copied to. Where the other end is on this host, or near, the
 * page of two writes ago has been read and acknowledged by now: it is used again, instead of being
 * given back and allocated anew. So each processor keeps the last few that were filled, which is
 * also where its cache still has them.
 */
#include <linux/mm.h>
#include <linux/percpu.h>

#include "sock.h"

#define TCP_PAGES	8U		/* each processor's: two writes of 128 KiB */
#define TCP_PAGE_SIZE	32768U		/* octets of a page that is kept: the core's usual */
#define TCP_PAGE_ROOM	32U		/* octets it must have left, as the core has it */

struct tcp_pages {
	struct page *page[TCP_PAGES];
	unsigned int oldest;
};

static DEFINE_PER_CPU(struct tcp_pages, tcp_pages);

/* Lays the full page aside in exchange for the one that has lain longest, if there is one. */
static void tcp_page_swap(struct page_frag *pfrag)
{
	struct tcp_pages *p = get_cpu_ptr(&tcp_pages);

	swap(pfrag->page, p->page[p->oldest]);
	p->oldest = (p->oldest + 1) % TCP_PAGES;
	put_cpu_ptr(&tcp_pages);
}

bool tcp_page_refill(struct sock *sk, struct page_frag *pfrag)
{
	if (pfrag->page && pfrag->offset + TCP_PAGE_ROOM > pfrag->size &&
	    page_ref_count(pfrag->page) != 1 && pfrag->size == TCP_PAGE_SIZE &&
	    !page_is_pfmemalloc(pfrag->page))
		tcp_page_swap(pfrag);
	/* As full as the other: the core begins it anew if nobody has it, else gives it back. */
	return sk_page_frag_refill(sk, pfrag);
}

void tcp_page_exit(void)
{
	struct tcp_pages *p;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		p = per_cpu_ptr(&tcp_pages, cpu);
		for (i = 0; i < TCP_PAGES; i++) {
			if (p->page[i])
				put_page(p->page[i]);
		}
	}
}
