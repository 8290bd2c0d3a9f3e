/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address family: the number under which socket(2) finds Plumb, and its
 * operations on the four kinds of sockets.
 */
#ifndef _PLUMB_AF_AF_H
#define _PLUMB_AF_AF_H

#include <linux/net.h>

/**
 * plumb_af_init() - register the family; from now on there may be sockets
 *
 * Context: process, at insmod, last of all layers.
 * Return: 0, -EINVAL for an impossible number, or -EEXIST: another family has it.
 */
int plumb_af_init(void);

/* Unregisters it. No socket is open: each holds the module. */
void plumb_af_exit(void);

/* ---- within net/af ---- */

extern const struct proto_ops plumb_stream_ops;
extern const struct proto_ops plumb_dgram_ops;
extern const struct proto_ops plumb_ping_ops;
extern const struct proto_ops plumb_raw_ops;

/* ops.c: what all kinds share; struct proto_ops' members, see linux/net.h. */
int plumb_af_release(struct socket *sock);
int plumb_af_bind(struct socket *sock, struct sockaddr *uaddr, int len);
int plumb_af_shutdown(struct socket *sock, int how);
int plumb_af_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int plumb_af_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
void plumb_af_splice_eof(struct socket *sock);
int plumb_af_setsockopt(struct socket *sock, int level, int optname, sockptr_t optval,
			unsigned int optlen);

/* ioctl.c */
int plumb_af_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

#endif /* _PLUMB_AF_AF_H */
