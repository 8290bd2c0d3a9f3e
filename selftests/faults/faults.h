/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of faults share. A scenario tells what went wrong by told() or check(); rounds()
 * in faults.c looks at the rest.
 */
#ifndef _FAULTS_H
#define _FAULTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CONTROL		"/run/plumb_faults/"
#define PROC		"/proc/net/plumb/"
#define HERE_ADDR	"10.0.0.1"
#define PEER_ADDR	"10.0.0.2"
#define GROUP_ADDR	"239.1.2.3"
#define PATIENCE	8000	/* ms until what TCP repeats has arrived */
#define TEXT		(1 << 16)
#define OTHERS		8

extern int family;
extern int here_ns, peer_ns;
extern const char *command, *undo;
extern const char *peer_addr;	/* PEER_ADDR, but for what goes to oneself */
extern char text[TEXT];		/* what is sent */
extern int wrong;		/* errno, or exit code, of what went wrong first; 0: nothing has */
extern const char *wrong_at;

const char *said(int err);
void told(const char *at, int err);
int check(const char *at, int ret);
char *read_file(const char *path, char *buf, size_t size);
void fail_nth(size_t site, unsigned int n);
void enter(int ns);
void run_command_in(int ns, const char *command);
void find_others(void);
extern int others[OTHERS], n_others;
unsigned long long trouble(void);
char *held(char *buf, size_t size);
void fill(char *buf, size_t size);

struct sockaddr_in address(const char *host, int port);
int make_socket(int ns, int type, int proto);
int set(int fd, const char *at, int level, int name, const void *value, socklen_t len);
int set_int(int fd, const char *at, int level, int name, int value);
int bind_to(int fd, const char *host, int port);
int connect_to(int fd, const char *host, int port);
bool wait_for(int fd, short events, const char *at);
void abort_socket(int fd);
void set_timeouts(int fd);
void recv_all(int fd, const char *sent, size_t size);

/* Packet taps in all namespaces. */
void taps_open(void);
void taps_empty(void);

/* the scenarios */
void run_frames(void);
void run_refused(void);
void run_probe(void);
void run_again(void);
void run_own_zerocopy(void);
void run_segments(void);
void run_own_group(void);
void run_group_filter(void);
void run_long_cork(void);
void run_any_fragment(void);
void run_key(void);
void run_metrics(void);
void run_again_in_parts(void);
void run_narrower(void);
void run_sources(void);
void run_stream(void);
void run_close(void);
void run_urgent(void);
void run_zerocopy(void);
void run_stamps(void);
void run_splice(void);
void run_fastopen(void);
void run_md5(void);
void run_pacing(void);
void run_options(void);
void run_reuseport(void);
void run_datagram(void);
void run_neighbour(void);
void run_cork(void);
void run_fragments(void);
void run_cork_fragments(void);
void run_multicast(void);
void run_broadcast(void);
void run_own_address(void);
void run_source_filter(void);
void run_error_queue(void);
void run_too_big(void);
void run_echo(void);
void run_raw(void);

#endif /* _FAULTS_H */
