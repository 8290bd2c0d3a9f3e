/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two ladders of the module: what each part offers to kmod/main.c (once, at
 * insmod and rmmod) and to kmod/netns.c (once per network namespace).
 */
#ifndef _PLUMB_INIT_H
#define _PLUMB_INIT_H

struct plumb_net;

/**
 * struct plumb_part - one rung of the module's start
 * @name: for the log, if it fails
 * @init: 0 or a negative errno; process context, may sleep
 * @exit: undoes @init; nobody uses the part any more when it is called
 */
struct plumb_part {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
};

/**
 * struct plumb_net_part - one rung of a network namespace's start
 * @name: for the log, if it fails
 * @init: 0 or a negative errno; process context, may sleep
 * @exit: undoes @init; no socket of the namespace is open
 */
struct plumb_net_part {
	const char *name;
	int (*init)(struct plumb_net *pn);
	void (*exit)(struct plumb_net *pn);
};

/* drivers/ */
int plumb_nic_init(void);
void plumb_nic_exit(void);
int plumb_genl_lan_init(void);
void plumb_genl_lan_exit(void);
int plumb_lan_net_init(struct plumb_net *pn);
void plumb_lan_net_exit(struct plumb_net *pn);

/* net/ip, net/neigh, net/route: see there */
int plumb_ip_init(void);
void plumb_ip_exit(void);
int plumb_link_init(void);
void plumb_link_exit(void);
int plumb_route_net_init(struct plumb_net *pn);
void plumb_route_net_exit(struct plumb_net *pn);
int plumb_neigh_net_init(struct plumb_net *pn);
void plumb_neigh_net_exit(struct plumb_net *pn);
int plumb_ip_net_init(struct plumb_net *pn);
void plumb_ip_net_exit(struct plumb_net *pn);
int plumb_ip_devices_net_init(struct plumb_net *pn);
void plumb_ip_devices_net_exit(struct plumb_net *pn);

/* net/sock, net/udp, net/raw, net/af */
int plumb_sock_layer_init(void);
void plumb_sock_layer_exit(void);
int plumb_sock_net_init(struct plumb_net *pn);
void plumb_sock_net_exit(struct plumb_net *pn);
int plumb_udp_init(void);
void plumb_udp_exit(void);
int plumb_udp_net_init(struct plumb_net *pn);
void plumb_udp_net_exit(struct plumb_net *pn);
int plumb_raw_init(void);
void plumb_raw_exit(void);
int plumb_raw_net_init(struct plumb_net *pn);
void plumb_raw_net_exit(struct plumb_net *pn);
int plumb_af_init(void);
void plumb_af_exit(void);

/* net/tcp */
int plumb_tcp_init(void);
void plumb_tcp_exit(void);
int plumb_tcp_net_init(struct plumb_net *pn);
/* No socket is open. May sleep; a grace period, and the devices' going, come before the exit. */
void plumb_tcp_net_stop(struct plumb_net *pn);
void plumb_tcp_net_exit(struct plumb_net *pn);
/* A net.plumb.tcp_* setting was written. Any context; nothing before plumb_tcp_net_init(). */
void plumb_tcp_params_changed(struct plumb_net *pn);

/* net.plumb.tcp_mem: pages that all of TCP may hold: little, pressure, the end. */
extern long plumb_tcp_mem[3];

/* Congestion control by name, for net.plumb.tcp_*congestion_control: names, a blank between. */
void plumb_tcp_cc_available(char *buf, size_t size);
void plumb_tcp_cc_allowed(char *buf, size_t size);
/* No others than @names (changed by this) go without CAP_NET_ADMIN; 0 or -ENOENT. */
int plumb_tcp_cc_allow(char *names);
void plumb_tcp_cc_default(struct plumb_net *pn, char *name, size_t size);
/* 0, -ENOENT, -EPERM (restricted, and not the initial namespace) or -EBUSY. May sleep. */
int plumb_tcp_cc_set_default(struct plumb_net *pn, const char *name);

/* kmod/ */
int plumb_genl_init(void);
void plumb_genl_exit(void);
/* Before any layer of the namespace comes up; cannot fail. */
void plumb_sysctl_defaults(struct plumb_net *pn);
int plumb_sysctl_net_init(struct plumb_net *pn);
void plumb_sysctl_net_exit(struct plumb_net *pn);
int plumb_proc_net_init(struct plumb_net *pn);
void plumb_proc_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_INIT_H */
