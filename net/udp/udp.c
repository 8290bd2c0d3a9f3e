// SPDX-License-Identifier: GPL-2.0
/*
 * UDP as a protocol: its struct proto, the life of its sockets, its place on IPv4, and
 * its rows in /proc.
 */
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/swap.h>
#include <linux/udp.h>

#include <plumb/sockrow.h>

#include "../../kmod/compat/sock.h"
#include "udp.h"

/* All namespaces: pages of buffers held, and their bounds as net.ipv4.udp_mem has them. */
static atomic_long_t plumb_udp_memory_allocated;
static DEFINE_PER_CPU(int, plumb_udp_memory_per_cpu);
static long plumb_udp_mem[3] __read_mostly;
static int plumb_udp_rmem_min __read_mostly = PAGE_SIZE;
static int plumb_udp_wmem_min __read_mostly = PAGE_SIZE;

static void plumb_udp_destruct(struct sock *sk)
{
	plumb_udp_purge(sk);
	plumb_sock_destruct(sk);
}

static int plumb_udp_init_sock(struct sock *sk)
{
	skb_queue_head_init(&plumb_udp_sk(sk)->reader);
	sk->sk_destruct = plumb_udp_destruct;
	return 0;
}

static void plumb_udp_destroy(struct sock *sk)
{
	lock_sock(sk);
	sock_set_flag(sk, SOCK_DEAD);
	plumb_udp_flush(sk);
	release_sock(sk);
}

static void plumb_udp_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

struct proto plumb_udp_prot = {
	.name			= "PLUMB_UDP",
	.owner			= THIS_MODULE,
	.close			= plumb_udp_close,
	.connect		= plumb_dgram_connect,
	.disconnect		= plumb_dgram_disconnect,
	.init			= plumb_udp_init_sock,
	.destroy		= plumb_udp_destroy,
	.setsockopt		= plumb_udp_setsockopt,
	.getsockopt		= plumb_udp_getsockopt,
	.sendmsg		= plumb_udp_sendmsg,
	.recvmsg		= plumb_udp_recvmsg,
	.unhash			= plumb_udp_unhash,
	.rehash			= plumb_udp_rehash,
	.get_port		= plumb_udp_get_port,
	.memory_allocated	= &plumb_udp_memory_allocated,
	.per_cpu_fw_alloc	= &plumb_udp_memory_per_cpu,
	.sysctl_mem		= plumb_udp_mem,
	.sysctl_rmem		= &plumb_udp_rmem_min,
	.sysctl_wmem		= &plumb_udp_wmem_min,
	.obj_size		= sizeof(struct plumb_udp_sock),
	PLUMB_SPLICE_EOF_OP(plumb_udp_splice_eof)
};

static const struct plumb_ip_proto plumb_udp_ip = {
	.name		= "UDP",
	.min_hlen	= sizeof(struct udphdr),
	.rcv		= plumb_udp_rcv,
	.claim		= plumb_udp_claim,
	.err		= plumb_udp_err,
};

/* ---- /proc ---- */

static void plumb_udp_fill_row(struct sock *sk, struct plumb_sockrow *row, u32 slot)
{
	row->object = sk;
	row->kind = PLUMB_ROW_SOCK;
	row->state = sk->sk_state;
	row->slot = slot;
	row->saddr = sk->sk_rcv_saddr;
	row->daddr = sk->sk_daddr;
	row->sport = ntohs(plumb_sk(sk)->sport);
	row->dport = ntohs(sk->sk_dport);
	row->tx_queue = sk_wmem_alloc_get(sk);
	row->rx_queue = sk_rmem_alloc_get(sk) - plumb_udp_sk(sk)->deficit;
	row->uid = sock_i_uid(sk);
	row->ino = sock_i_ino(sk);
	row->refcnt = refcount_read(&sk->sk_refcnt);
	row->drops = atomic_read(&sk->sk_drops);
}

static unsigned int plumb_udp_rows(struct plumb_net *pn, struct plumb_sockrow_pos *pos,
				   struct plumb_sockrow *rows, unsigned int max)
{
	struct hlist_head *head;
	unsigned int n = 0;
	struct sock *sk;
	u32 i;

	rcu_read_lock();
	for (; (head = plumb_udp_bucket(pn, pos->bucket)); pos->bucket++, pos->skip = 0) {
		i = 0;
		sk_for_each_rcu(sk, head) {
			if (i++ < pos->skip)
				continue;
			if (n == max)
				goto out;
			plumb_udp_fill_row(sk, &rows[n++], pos->bucket);
			pos->skip++;
		}
	}
out:
	rcu_read_unlock();
	return n;
}

static void plumb_udp_sockstat(struct plumb_net *pn, struct plumb_sockstat *st)
{
	st->inuse = sock_prot_inuse_get(pn->net, &plumb_udp_prot);
	st->mem = proto_memory_allocated(&plumb_udp_prot);
}

int plumb_udp_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);
	int err;

	plumb_udp_mem[0] = limit / 4 * 3;
	plumb_udp_mem[1] = limit;
	plumb_udp_mem[2] = plumb_udp_mem[0] * 2;
	err = proto_register(&plumb_udp_prot, 1);
	if (err)
		return err;
	err = plumb_ip_proto_set(IPPROTO_UDP, &plumb_udp_ip);
	if (err) {
		proto_unregister(&plumb_udp_prot);
		return err;
	}
	plumb_sockrow_set(PLUMB_ROWS_UDP, plumb_udp_rows);
	plumb_sockstat_set(PLUMB_ROWS_UDP, plumb_udp_sockstat);
	return 0;
}

void plumb_udp_exit(void)
{
	plumb_sockstat_set(PLUMB_ROWS_UDP, NULL);
	plumb_sockrow_set(PLUMB_ROWS_UDP, NULL);
	plumb_ip_proto_set(IPPROTO_UDP, NULL);
	synchronize_net();
	proto_unregister(&plumb_udp_prot);
}
