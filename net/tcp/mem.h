/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protocol's memory account, for struct proto and for /proc. Limits are pages, as
 * net.ipv4.tcp_mem's.
 */
#ifndef _PLUMB_TCP_MEM_H
#define _PLUMB_TCP_MEM_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>

struct sock;

extern atomic_long_t tcp_mem_allocated;
DECLARE_PER_CPU(int, tcp_mem_fw_alloc);
extern struct percpu_counter tcp_mem_sockets;
extern unsigned long tcp_mem_pressure;
extern int tcp_mem_wmem_min[3], tcp_mem_rmem_min[3];

void tcp_mem_enter_pressure(struct sock *sk);
void tcp_mem_leave_pressure(struct sock *sk);

#endif /* _PLUMB_TCP_MEM_H */
