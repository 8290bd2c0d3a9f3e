// SPDX-License-Identifier: GPL-2.0
/*
 * TCP as the core of Linux's sockets sees it (struct proto), and its start and end: for the module,
 * and for each namespace.
 */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <plumb/init.h>
#include <plumb/mib.h>

#include "sock.h"
#include "../../kmod/compat/sock.h"
#include "cc.h"
#include "engine/env.h"
#include "iterate.h"
#include "mem.h"

static void tcp_proto_destruct(struct sock *sk)
{
	plumb_sock_destruct(sk);
	tcp_md5_free(sk);
	kfree(tcp_sk_of(sk)->syn);
	tcp_cc_put(tcp_sk_of(sk)->c.cong.ops);
	tcp_timer_free(sk);
	tcp_listen_free(sk);
	tcp_end_freed();
}

static int tcp_proto_init(struct sock *sk)
{
	struct plumb_net *pn = plumb_sock_net(sk);
	struct plumb_tcp_sock *ts = tcp_sk_of(sk);

	tcp_open_reset(sk, tcp_cc_default(pn));
	ts->rcv_ratio = 128;
	ts->c.user.notsent_lowat = 0;
	tcp_flow_setup(ts);
	tcp_timer_setup(sk);
	tcp_end_born();
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(pn->sysctl.tcp_wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(pn->sysctl.tcp_rmem[1]));
	sk->sk_write_space = plumb_tcp_write_space;
	sk->sk_destruct = tcp_proto_destruct;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk_sockets_allocated_inc(sk);
	return 0;
}

static void tcp_proto_destroy(struct sock *sk)
{
	tcp_timer_stop(sk);
	tcp_emit_purge(sk);
	tcp_demux_del(sk);
	plumb_port_put(sk);
	plumb_path_release(&plumb_sk(sk)->path);
	sk_sockets_allocated_dec(sk);
}

/* Room to write: less than TCP_NOTSENT_LOWAT is unsent. */
static bool tcp_proto_memory_free(const struct sock *sk, int wake)
{
	const struct tcp_conn *c = &tcp_sk_of(sk)->c;
	u32 low = READ_ONCE(c->user.notsent_lowat);

	if (!low)
		low = READ_ONCE(plumb_sock_net(sk)->sysctl.tcp_notsent_lowat);
	return (tcp_conn_unsent(c) << wake) < low;
}

/* Without an owner: files hold the module, connections do not (end.c). */
struct proto plumb_tcp_prot = {
	.name			= "PLUMB_TCP",
	.close			= plumb_tcp_close,
	.connect		= tcp_open_connect,
	.disconnect		= plumb_tcp_disconnect,
	.shutdown		= plumb_tcp_shutdown,
	.init			= tcp_proto_init,
	.destroy		= tcp_proto_destroy,
	.setsockopt		= tcp_opt_set,
	.getsockopt		= tcp_opt_get,
	.keepalive		= tcp_opt_keepalive,
	.sendmsg		= tcp_snd_msg,
	.recvmsg		= tcp_rcvq_recvmsg,
	PLUMB_SPLICE_EOF_OP(plumb_tcp_splice_eof)
	.backlog_rcv		= tcp_rcv_backlog,
	.release_cb		= plumb_tcp_release_cb,
	.get_port		= plumb_port_get,
	.no_autobind		= true,
	.unhash			= tcp_demux_del,
	.stream_memory_free	= tcp_proto_memory_free,
	.enter_memory_pressure	= tcp_mem_enter_pressure,
	.leave_memory_pressure	= tcp_mem_leave_pressure,
	.sockets_allocated	= &tcp_mem_sockets,
	.memory_allocated	= &tcp_mem_allocated,
	.per_cpu_fw_alloc	= &tcp_mem_fw_alloc,
	.memory_pressure	= &tcp_mem_pressure,
	.sysctl_mem		= plumb_tcp_mem,
	.sysctl_wmem		= tcp_mem_wmem_min,
	.sysctl_rmem		= tcp_mem_rmem_min,
	.max_header		= TCP_HEADROOM,
	.obj_size		= sizeof(struct plumb_tcp_sock),
	.slab_flags		= SLAB_TYPESAFE_BY_RCU,
};

/*
 * The constants of RFC 4022's MIB: Van Jacobson's algorithm, milliseconds, no limit of
 * connections.
 */
static void tcp_proto_mib(struct plumb_net *pn)
{
	PLUMB_TCP_ADD(pn, TCP_MIB_RTOALGORITHM, 1);
	PLUMB_TCP_ADD(pn, TCP_MIB_RTOMIN, 200);
	PLUMB_TCP_ADD(pn, TCP_MIB_RTOMAX, 120000);
	PLUMB_TCP_ADD(pn, TCP_MIB_MAXCONN, -1);
}

int plumb_tcp_net_init(struct plumb_net *pn)
{
	struct plumb_tcp_net *tn;
	int err;

	tn = kvzalloc(sizeof(*tn), GFP_KERNEL_ACCOUNT);
	if (!tn)
		return -ENOMEM;
	pn->tcp = tn;
	get_random_bytes(&tn->isn_key, sizeof(tn->isn_key));
	get_random_bytes(&tn->cookie_key, sizeof(tn->cookie_key));
	spin_lock_init(&tn->challenge_lock);
	tcp_params_fill(pn);
	tcp_cc_net_init(pn);
	tcp_proto_mib(pn);
	tcp_tw_net_init(pn);
	err = tcp_metrics_net_init(pn);
	if (err)
		goto none;
	err = tcp_demux_net_init(pn);
	if (err)
		goto metrics;
	return 0;

metrics:
	tcp_metrics_net_exit(pn);
none:
	tcp_cc_net_exit(pn);
	kvfree(tn);
	pn->tcp = NULL;
	return err;
}

void plumb_tcp_net_exit(struct plumb_net *pn)
{
	tcp_end_net(pn);
	tcp_tw_net_exit(pn);
	tcp_demux_net_exit(pn);
	tcp_cc_net_exit(pn);
	tcp_metrics_net_exit(pn);
	tcp_fast_net_exit(pn);
	kvfree(pn->tcp);
	pn->tcp = NULL;
}

int plumb_tcp_init(void)
{
	int err;

	err = tcp_mem_init();
	if (err)
		return err;
	err = tcp_half_init();
	if (err)
		goto mem;
	err = tcp_tw_init();
	if (err)
		goto half;
	err = tcp_cc_init();
	if (err)
		goto tw;
	err = proto_register(&plumb_tcp_prot, 1);
	if (err)
		goto cc;
	tcp_flow_init();
	err = plumb_ip_proto_set(IPPROTO_TCP, &tcp_ip_proto);
	if (err)
		goto proto;
	tcp_iterate_init();
	return 0;

proto:
	tcp_flow_exit();
	proto_unregister(&plumb_tcp_prot);
cc:
	tcp_cc_exit();
tw:
	tcp_tw_exit();
half:
	tcp_half_exit();
mem:
	tcp_mem_exit();
	return err;
}

/* No socket is open; connections without one, and records, went with the namespaces. */
void plumb_tcp_exit(void)
{
	tcp_iterate_exit();
	plumb_ip_proto_set(IPPROTO_TCP, NULL);
	synchronize_net();
	tcp_end_drain();
	tcp_flow_exit();
	proto_unregister(&plumb_tcp_prot);
	tcp_cc_exit();
	tcp_tw_exit();
	tcp_half_exit();
	tcp_md5_exit();
	tcp_page_exit();
	tcp_mem_exit();
}
