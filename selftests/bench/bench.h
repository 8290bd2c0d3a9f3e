/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of plumb_bench share: the options, the few bytes that client and
 * server say to each other, sockets, and the stopwatch.
 */
#ifndef _BENCH_H
#define _BENCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define CHUNK		(128 * 1024)	/* bytes a send() or recv() is asked for */
#define FAMILY_PARAM	"/sys/module/plumb/parameters/family"

/**
 * struct opts - what the command line asked for
 * @family: number of the address family for sockets
 * @addr: where the server is, or what it binds to
 * @conns: connections at the same time
 * @size: bytes of a message or datagram
 * @count: round trips, connections or datagrams; 0: as many as fit into @seconds
 * @bytes: bytes to transfer; 0: as many as fit into @seconds
 * @warm: the same unit as @count or @bytes, done before the stopwatch starts
 * @window: datagrams in flight before the server must confirm; 0: no limit
 * @seconds: length of a run that has no @count and no @bytes
 * @timeout: seconds after which a client gives up, whatever it waits for
 * @sndbuf: SO_SNDBUF and SO_RCVBUF in bytes; 0: as the stack has it
 * @pidfile: where a server that is ready leaves its pid; NULL: nowhere
 */
struct opts {
	int			family;
	struct sockaddr_in	addr;
	unsigned int		conns;
	unsigned int		size;
	u64		count;
	u64		bytes;
	u64		warm;
	unsigned int		window;
	double			seconds;
	unsigned int		timeout;
	int			sndbuf;
	const char		*pidfile;
};

/* What a connection is for: the first thing a client says. */
enum mode {
	MODE_SINK	= 'S',	/* server reads to the end, then answers with the number of bytes */
	MODE_SOURCE	= 'R',	/* server sends @bytes (0: no end), then waits for a greeting */
	MODE_ECHO	= 'E',	/* server returns each message of @size bytes */
	MODE_CLOSE	= 'C',	/* server answers @size bytes and closes */
	MODE_IDLE	= 'I',	/* server answers one byte and keeps the connection */
};

/* Datagrams of the server's UDP port begin with one of these. */
enum datagram {
	UDP_DATA	= 'D',	/* count it */
	UDP_ASK		= 'Q',	/* answer the count */
	UDP_ZERO	= 'Z',	/* forget the count, and answer */
	UDP_ECHO	= 'E',	/* return it */
	UDP_SEND	= 'R',	/* send hello.bytes datagrams of hello.size bytes */
};

/* All fields in network byte order. */
struct hello {
	u8		mode;
	u8		pad[3];
	u32	size;
	u64	bytes;
};

/**
 * struct watch - a stopwatch over wall time and over the time no CPU idled
 * @start_ns: CLOCK_MONOTONIC at the start
 * @start_idle_ns: time all CPUs had idled by then
 * @wall_ns: what passed, once stopped
 * @idle_ns: how much of it (summed over CPUs) was idle; -1: not known
 * @cpus: CPUs online
 */
struct watch {
	u64	start_ns;
	s64		start_idle_ns;
	u64	wall_ns;
	s64		idle_ns;
	unsigned int	cpus;
};

/* clock.c */
u64 now_ns(void);
void watch_start(struct watch *w);
void watch_stop(struct watch *w);
u64 deadline_ns(const struct opts *o);
void report(const char *test, const struct opts *o, const struct watch *w,
	    u64 ops, u64 bytes, const char *extra);

/* sock.c: all of these end the program with a message when they fail */
noreturn void fail(const char *fmt, ...);
int plumb_family(void);
void raise_files(void);
int sock_open(const struct opts *o, int type);
int sock_connect(const struct opts *o);
int sock_listen(const struct opts *o);
void sock_nodelay(int fd);
void sock_nonblock(int fd);
void sock_block(int fd);
void write_all(int fd, const void *data, size_t len);
bool read_all(int fd, void *data, size_t len);
void say_hello(int fd, enum mode mode, u32 size, u64 bytes);
char *chunk(void);

/* the tests */
int do_server(const struct opts *o);
int do_bulk_out(const struct opts *o);
int do_bulk_in(const struct opts *o);
int do_rr(const struct opts *o);
int do_crr(const struct opts *o);
int do_udp_out(const struct opts *o);
int do_udp_in(const struct opts *o);
int do_udp_rr(const struct opts *o);
int do_idle(const struct opts *o);

#endif /* _BENCH_H */
