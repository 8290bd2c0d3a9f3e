/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of soak share: options, sockets of either stack in either namespace, and memory.
 */
#ifndef _SOAK_H
#define _SOAK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

/**
 * struct opts - what the command line asked for
 * @family: of the sockets
 * @ns_a: file of the clients' network namespace
 * @ns_b: of the servers'
 * @addr: where the servers are; more than one listens from this port on upwards
 * @conns: connections
 * @rounds: exchanges on each of them (hold)
 * @bytes: each way on each connection, at least (streams)
 * @ms: for how long at least (streams)
 * @backlog: of the listener
 * @accept_after: ms for which nothing is accepted
 * @read_after: ms for which no server reads what has come
 * @may_break: a connection that ends early is no failure, if what came before is right
 */
struct opts {
	int			family;
	int			ns_a, ns_b;
	struct sockaddr_in	addr;
	unsigned int		conns;
	unsigned int		rounds;
	uint64_t		bytes;
	unsigned int		ms;
	int			backlog;
	unsigned int		accept_after;
	unsigned int		read_after;
	bool			may_break;
};

/**
 * struct memory - what the kernel has given out, in bytes
 * @slab: objects in use of all slab caches
 * @available: MemAvailable
 */
struct memory {
	long slab;
	long available;
};

noreturn void fail(const char *fmt, ...);
uint64_t now_ms(void);
void enter(int ns);
/* A listening socket of namespace B, @port above that of the address. */
int listen_at(const struct opts *o, unsigned int port);
int nonblocking(int fd);
/* The octet at place @at of the stream @conn, of the server if @server. */
unsigned char octet(unsigned int conn, bool server, uint64_t at);

struct memory memory_now(void);

int do_hold(const struct opts *o);
int do_churn(const struct opts *o);
int do_streams(const struct opts *o);
int do_rmmod(const struct opts *o);

#endif /* _SOAK_H */
