/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every socket of the family shares: addresses, the cached path, IPv4's
 * options, the port tables, the error queue, ancillary data, permission.
 *
 * Lifetime and locking:
 * - struct plumb_sock is the head of every protocol's socket. Unless a member says
 *   otherwise it is written under the socket's lock (lock_sock(), or bh_lock_sock()
 *   with no owner) and may be read without it by READ_ONCE().
 * - A bound socket hangs in its port's owner list: plumb_port_put() takes it out,
 *   at the latest in the protocol's destroy() or close(), before the last sock_put().
 * - plumb_sock_destruct() is the last thing that happens to it (sk->sk_destruct).
 *
 * The words of struct sock_common mean what they mean to Linux: sk_rcv_saddr (bound
 * address or the connection's own), sk_daddr, sk_num (own port, host order), sk_dport.
 */
#ifndef _PLUMB_SOCK_SOCK_H
#define _PLUMB_SOCK_SOCK_H

#include <linux/in.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include <plumb/net.h>

#include "../ip/ip.h"

struct plumb_mc_member;
struct plumb_port;
struct plumb_sock;

/* Bits of plumb_sock.flags; atomic (set_bit()), readable in any context. */
enum plumb_sock_flag {
	PLUMB_SF_PKTINFO,		/* IP_PKTINFO: cmsg on receive */
	PLUMB_SF_RECVTTL,
	PLUMB_SF_RECVTOS,
	PLUMB_SF_RECVOPTS,
	PLUMB_SF_RETOPTS,
	PLUMB_SF_PASSSEC,
	PLUMB_SF_RECVORIGDST,
	PLUMB_SF_CHECKSUM,
	PLUMB_SF_RECVFRAGSIZE,
	PLUMB_SF_RECVERR,		/* IP_RECVERR: errors are queued */
	PLUMB_SF_RECVERR_4884,
	PLUMB_SF_FREEBIND,
	PLUMB_SF_TRANSPARENT,
	PLUMB_SF_HDRINCL,		/* raw */
	PLUMB_SF_NODEFRAG,
	PLUMB_SF_BIND_NO_PORT,		/* IP_BIND_ADDRESS_NO_PORT */
	PLUMB_SF_MC_LOOP,
	PLUMB_SF_MC_ALL,
	PLUMB_SF_STREAM,		/* connection oriented (Linux: IS_ICSK) */
	PLUMB_SF_USER,			/* plumb_sock_user_begin() */
};

struct plumb_hold;

/**
 * struct plumb_opts - IPv4 options to send with every packet of a socket
 * @rcu: it is replaced whole, readers are under rcu_read_lock()
 * @faddr: first hop of a source route, or 0
 * @len: octets at @data, a multiple of four, 40 at most
 * @data: the options
 */
struct plumb_opts {
	struct rcu_head	rcu;
	__be32		faddr;
	u8		len;
	u8		data[40];
};

/**
 * struct plumb_bind - somebody's hold on a local port
 * @node: in plumb_port.owners
 * @port: the port held, or NULL; written under the bucket's lock
 * @uid: who bound it (SO_REUSEPORT is for one user)
 * @tw: the holder is no socket but a TIME-WAIT record: the others count
 * @saddr: 0 (any) or the local address of the closed socket
 * @dev: index of the device it was bound to, or 0
 * @reuse: its SO_REUSEADDR
 * @reuseport: its SO_REUSEPORT
 *
 * All but @port are guarded by the bucket's lock while bound. A socket's address, device,
 * SO_REUSEADDR, SO_REUSEPORT and state are read from the socket at the time of the question,
 * as Linux does.
 */
struct plumb_bind {
	struct hlist_node	node;
	struct plumb_port	*port;
	__be32			saddr;
	int			dev;
	kuid_t			uid;
	u8			tw:1;
	u8			reuse:1;
	u8			reuseport:1;
};

/**
 * struct plumb_sock - head of every socket of the family
 * @sk: the kernel's socket; must be first
 * @pn: its namespace
 * @path: the way to the peer; plumb_sock_path()
 * @path_oif: sk_bound_dev_if when it was resolved
 * @path_mark: sk_mark when it was resolved
 * @bind: its hold on its port
 * @hold: that port held in Linux's tables, or NULL; under the port's bucket's lock (hold.c)
 * @opt: IPv4 options to send, or NULL
 * @flags: PLUMB_SF_* bits
 * @saddr: source address to send from: bound, or chosen by the route at connect; 0 if neither
 * @sport: own port, network order: 0 until bound (sk_num may be set earlier)
 * @uc_ttl: IP_TTL, or -1: the namespace's default
 * @tos: IP_TOS
 * @rcv_tos: type of service octet last received (TCP: IP_RECVTOS of a connection)
 * @mc_ttl: IP_MULTICAST_TTL
 * @pmtudisc: IP_PMTUDISC_*
 * @min_ttl: IP_MINTTL
 * @uc_index: IP_UNICAST_IF
 * @mc_index: IP_MULTICAST_IF: device
 * @mc_addr: IP_MULTICAST_IF: source address
 * @local_port_range: IP_LOCAL_PORT_RANGE, high << 16 | low; 0: the namespace's
 * @ip_id: next identification of packets that may not be fragmented
 * @mc_list: multicast memberships; written under the socket lock, read under RCU
 * @user: its file's hold on the namespace (PLUMB_SF_USER)
 */
struct plumb_sock {
	struct sock			sk;
	struct plumb_net		*pn;
	struct plumb_path		path;
	int				path_oif;
	u32				path_mark;
	struct plumb_bind		bind;
	struct plumb_hold		*hold;
	struct plumb_opts __rcu		*opt;
	unsigned long			flags;
	__be32				saddr;
	__be16				sport;
	s16				uc_ttl;
	u8				tos;
	u8				rcv_tos;
	u8				mc_ttl;
	u8				pmtudisc;
	u8				min_ttl;
	int				uc_index;
	int				mc_index;
	__be32				mc_addr;
	u32				local_port_range;
	atomic_t			ip_id;
	struct plumb_mc_member __rcu	*mc_list;
	netns_tracker			user;
};

static inline struct plumb_sock *plumb_sk(const struct sock *sk)
{
	return (struct plumb_sock *)sk;
}

static inline bool plumb_sock_test(const struct sock *sk, enum plumb_sock_flag f)
{
	return test_bit(f, &plumb_sk(sk)->flags);
}

static inline struct plumb_net *plumb_sock_net(const struct sock *sk)
{
	return plumb_sk(sk)->pn;
}

/* ---- life (net/sock/sock.c) ---- */

/**
 * plumb_sock_init() - set the defaults of a socket fresh from sk_alloc()
 * @sk: the socket; sock_init_data() was called
 * @protocol: IPPROTO_*
 *
 * Also sets sk->sk_destruct to plumb_sock_destruct().
 */
void plumb_sock_init(struct sock *sk, int protocol);

/**
 * plumb_sock_clone_init() - make a socket's copy independent of its original
 * @newsk: just returned by sk_clone_lock(): the shared members are cleared
 *	(path, bind, opt, mc_list), the options stay inherited
 */
void plumb_sock_clone_init(struct sock *newsk);

/**
 * plumb_sock_user_begin() - a user's file has the socket: it holds the namespace from now on
 * @sk: made with sk_alloc(..., kern = true) or cloned from such a one: not held by itself, as its
 *	connection may outlive the file, but shall not keep the namespace. Datagram sockets, which
 *	die with their file, are made the usual way instead, and hold theirs by themselves.
 *
 * Context: process; the namespace is held by the caller in some other way.
 */
void plumb_sock_user_begin(struct sock *sk);

/**
 * plumb_sock_user_end() - the file goes: what it held, for put_net_track() after the last use
 * @sk: the socket, before its protocol's close
 * @tracker: filled in
 *
 * Context: process.
 * Return: the namespace, or NULL: plumb_sock_user_begin() was not called.
 */
struct net *plumb_sock_user_end(struct sock *sk, netns_tracker *tracker);

/* sk->sk_destruct: purges the queues, frees path and options. Any context. */
void plumb_sock_destruct(struct sock *sk);

/**
 * plumb_sock_may_create() - may the caller have such a socket?
 * @net: the namespace
 * @type: SOCK_*
 * @protocol: IPPROTO_*
 *
 * Everybody in net.plumb.socket_group_range, and who has CAP_NET_RAW over @net, may open
 * stream and datagram sockets; ping sockets also want net.plumb.ping_group_range as in Linux;
 * raw ones want CAP_NET_RAW.
 *
 * Return: 0, -EPERM or -EACCES.
 */
int plumb_sock_may_create(struct net *net, int type, int protocol);

/* ---- addresses (net/sock/addr.c) ---- */

/**
 * plumb_sockaddr() - read an address that a program gave us
 * @sk: the socket
 * @uaddr: in the kernel already
 * @len: octets at @uaddr
 * @unspec_ok: AF_UNSPEC is taken too (as INADDR_ANY where Linux does: bind() to 0.0.0.0, sendto())
 * @sin: the address, its family AF_INET
 *
 * Return: 0, -EINVAL (too short) or -EAFNOSUPPORT.
 */
int plumb_sockaddr(const struct sock *sk, const struct sockaddr *uaddr, int len,
		   bool unspec_ok, struct sockaddr_in *sin);

/**
 * plumb_sock_bind() - bind(2) for every type of socket
 * @sk: unlocked; the lock is taken
 * @uaddr: as bind(2) has it
 * @len: octets at @uaddr
 *
 * Raw sockets do their own (proto->bind).
 *
 * Return: 0 or Linux's errno: -EINVAL, -EAFNOSUPPORT, -EADDRNOTAVAIL, -EACCES, -EADDRINUSE.
 */
int plumb_sock_bind(struct sock *sk, struct sockaddr *uaddr, int len);

/* May a socket be bound to @addr, which plumb_addr_type() says is of @type? */
bool plumb_sock_addr_ok(const struct sock *sk, __be32 addr, u8 type);

/* A port of the system's choice for a socket that has none. Takes the socket lock. */
int plumb_sock_autobind(struct sock *sk);

/* getsockname() and getpeername(): the length, or -ENOTCONN. */
int plumb_sock_getname(struct socket *sock, struct sockaddr *uaddr, int peer);

/* ---- path and header (net/sock/path.c) ---- */

/**
 * plumb_sock_flow() - the question a socket asks of routing
 * @sk: the socket
 * @flow: what is filled: peer (or first hop of a source route), source, device, mark, tos
 */
void plumb_sock_flow(const struct sock *sk, struct plumb_flow *flow);

/* PLUMB_FLOW_* of the socket's options, and the device a packet to @daddr must leave by (or 0). */
u8 plumb_sock_flow_flags(const struct sock *sk);
int plumb_sock_oif(const struct sock *sk, __be32 daddr);

/**
 * plumb_sock_path() - the path to the socket's peer, resolved again if it is stale
 * @sk: connected; locked, or bh-locked without an owner
 *
 * Context: rcu_read_lock() held while the answer is used.
 * Return: the path, or an ERR_PTR() of plumb_path_resolve()'s.
 */
struct plumb_path *plumb_sock_path(struct sock *sk);

/* The path is to be resolved again before its next use: its MTU has changed. Any context. */
void plumb_sock_path_stale(struct sock *sk);

/**
 * plumb_sock_connect_path() - find the way and the source address for connect(2)
 * @sk: locked
 * @daddr: the peer
 * @dport: its port
 *
 * Chooses plumb_sock.saddr and sk_rcv_saddr if the socket has none; sets sk_daddr and sk_dport
 * only on success. sk_daddr is restored by the caller if connecting fails later.
 *
 * Return: 0 or plumb_path_resolve()'s errno (-ENETUNREACH, -EACCES for a broadcast without
 * SO_BROADCAST, …).
 */
int plumb_sock_connect_path(struct sock *sk, __be32 daddr, __be16 dport);

/**
 * plumb_sock_tx() - the IPv4 header fields of a socket's packets
 * @sk: the socket
 * @path: where they go (multicast has a TTL of its own)
 * @tx: what is filled
 * @optbuf: 40 octets that live as long as @tx: IP_OPTIONS for this packet are built there
 *
 * Context: any; takes rcu_read_lock() itself.
 */
void plumb_sock_tx(struct sock *sk, const struct plumb_path *path, struct plumb_ip_tx *tx,
		   u8 *optbuf);

/* IP_MTU_DISCOVER: may packets of this socket be fragmented by us? */
bool plumb_sock_df(const struct sock *sk, const struct plumb_path *path);

/* ---- options (net/sock/opt.c, mcast.c) ---- */

/* level SOL_IP; -ENOPROTOOPT for others. They take the socket lock. */
int plumb_ip_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
			unsigned int optlen);
int plumb_ip_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
			int __user *optlen);

/* ---- ancillary data (net/sock/cmsg.c) ---- */

/**
 * struct plumb_cmsg - what a sender says beside the data
 * @sockc: marks, transmit time, timestamp flags
 * @saddr: IP_PKTINFO: source, or 0
 * @oif: device, or 0
 * @ttl: IP_TTL, or 0: not given
 * @tos: IP_TOS, or -1: not given
 * @gso_size: UDP_SEGMENT, or 0
 * @opt: IP_RETOPTS: options for this packet; freed by plumb_cmsg_free()
 */
struct plumb_cmsg {
	struct sockcm_cookie	sockc;
	__be32			saddr;
	int			oif;
	u8			ttl;
	s16			tos;
	u16			gso_size;
	struct plumb_opts	*opt;
};

void plumb_cmsg_init(const struct sock *sk, struct plumb_cmsg *c);
/* Reads msg's control data into @c. 0 or -EINVAL, -EPERM, …; free @c on success only. */
int plumb_cmsg_send(struct sock *sk, struct msghdr *msg, struct plumb_cmsg *c);
void plumb_cmsg_free(struct plumb_cmsg *c);

/**
 * plumb_cmsg_recv() - give a received packet's IPv4 particulars to the reader
 * @sk: the socket
 * @msg: where to
 * @skb: the packet, network and transport header set
 * @tlen: octets of transport header
 * @offset: where the delivered part begins behind the transport header
 *
 * IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS, IP_RECVORIGDSTADDR, IP_CHECKSUM,
 * IP_RECVFRAGSIZE, whichever the socket asked for.
 */
void plumb_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int tlen,
		     int offset);

/*
 * In a receive queue skb->cb stays what struct plumb_ip_cb says: plumb_cmsg_recv() reads it.
 */

/* ---- errors (net/sock/error.c) ---- */

/**
 * plumb_sock_err_queue() - put an ICMP error on a socket's error queue (IP_RECVERR)
 * @sk: the socket
 * @skb: the ICMP message as the protocol's @err got it; stays the caller's
 * @e: what it says
 * @port: destination port of the packet it is about
 * @payload: the quoted packet's data behind its transport header, within @e->th
 *
 * Does nothing unless the socket has IP_RECVERR set. Context: softirq.
 */
void plumb_sock_err_queue(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			  __be16 port, const u8 *payload);

/**
 * plumb_sock_icmp_errno() - what an ICMP error means to a socket
 * @sk: the socket (IP_MTU_DISCOVER counts)
 * @e: the error
 * @hard: it ends what was going on; soft ones are only told with IP_RECVERR
 *
 * Return: the errno, or 0: nothing.
 */
int plumb_sock_icmp_errno(const struct sock *sk, const struct plumb_icmp_err *e, bool *hard);

/*
 * The whole of it for a socket without connections: queued with IP_RECVERR, else reported
 * if it is hard and the socket connected. Arguments as plumb_sock_err_queue(). Softirq.
 */
void plumb_sock_icmp_error(struct sock *sk, struct sk_buff *skb, const struct plumb_icmp_err *e,
			   __be16 port, const u8 *payload);

/*
 * An error of our own making (EMSGSIZE), queued for a socket with IP_RECVERR. The port told is the
 * peer's of a connected socket, as Linux has it.
 */
void plumb_sock_err_local(struct sock *sk, int err, __be32 daddr, u32 info);

/* recvmsg(MSG_ERRQUEUE): length copied or errno. */
int plumb_sock_recv_err(struct sock *sk, struct msghdr *msg, int len, int *addr_len);

/* ---- ports (net/sock/port.c) ---- */

enum plumb_port_space {
	PLUMB_PORTS_TCP,
	PLUMB_PORTS_UDP,
	PLUMB_PORTS_PING,		/* the "port" is the echo identifier */
	PLUMB_PORTS_NR
};

/**
 * plumb_port_get() - bind(2)'s half of a port: proto->get_port
 * @sk: locked; sk_rcv_saddr, sk_bound_dev_if, sk_reuse, sk_reuseport are what decides
 * @snum: the port wanted (host order), or 0: choose one of the range
 *
 * On success sk_num is the port. A socket that holds that port already is asked again whether
 * it conflicts (listen(2) calls it so, with sk_state TCP_LISTEN set).
 *
 * While a device is shared, Linux must not have the port either, and does not get it any more.
 *
 * Context: process, may sleep; takes the bucket's lock.
 * Return: 0, -EADDRINUSE (also: Linux has it) or -ENOMEM.
 */
int plumb_port_get(struct sock *sk, unsigned short snum);

/**
 * typedef plumb_port_unique_t - is this 4-tuple free, and if so, enter it
 * @sk: the connecting socket, sk_num already set to the port tried
 * @arg: of plumb_port_connect()
 *
 * Called with the port's bucket locked (bottom halves off).
 * Return: 0 (free: entered in the protocol's table), or -EADDRNOTAVAIL to try another port.
 */
typedef int (*plumb_port_unique_t)(struct sock *sk, void *arg);

/**
 * plumb_port_connect() - an ephemeral port for a connection (RFC 6056, algorithm 3)
 * @sk: locked; sk_rcv_saddr, sk_daddr, sk_dport set; sk_num 0, or its port if bound
 * @unique: asked for every candidate
 * @arg: for @unique
 *
 * A port that was bound explicitly by somebody is passed over; one that serves other
 * connections is shared. The search starts at a siphash of the addresses plus a counter.
 *
 * Context: process. @unique is called with the bucket's lock held.
 * Return: 0 with sk_num and plumb_sock.sport set, -EADDRNOTAVAIL, -ENOMEM, or what @unique said
 * for a socket bound before.
 */
int plumb_port_connect(struct sock *sk, plumb_port_unique_t unique, void *arg);

/* Lets go of the port; sk_num becomes 0. Nothing if there is none. Any context. */
void plumb_port_put(struct sock *sk);

/**
 * plumb_port_inherit() - an accepted connection holds its listener's port too
 * @child: made by sk_clone_lock(), plumb_sock_clone_init() done; sk_num, sk_rcv_saddr set
 * @parent: the listener
 *
 * Context: softirq. Return: 0, or -ENOENT if the listener was closed meanwhile.
 */
int plumb_port_inherit(struct sock *child, struct sock *parent);

/**
 * plumb_port_to_tw() - a TIME-WAIT record takes over a socket's port
 * @tw: the record's hold, zeroed
 * @sk: the socket, which holds the port no more afterwards (sk_num stays)
 */
void plumb_port_to_tw(struct plumb_bind *tw, struct sock *sk);

/* A TIME-WAIT record lets its port go. @proto is that of the space. Any context. */
void plumb_port_tw_put(struct plumb_net *pn, enum plumb_port_space space, struct plumb_bind *tw);

/**
 * plumb_port_held() - does any socket (or TIME-WAIT record) hold this port?
 * @pn: the namespace
 * @space: of which protocol
 * @port: host order
 *
 * Context: any; takes no lock.
 */
bool plumb_port_held(struct plumb_net *pn, enum plumb_port_space space, u16 port);

/**
 * plumb_port_range() - range of ephemeral ports of a socket
 * @sk: the socket (IP_LOCAL_PORT_RANGE narrows the namespace's)
 * @lo: lowest, inclusive
 * @hi: highest, inclusive
 */
void plumb_port_range(const struct sock *sk, int *lo, int *hi);

int plumb_sock_layer_init(void);
void plumb_sock_layer_exit(void);
int plumb_sock_net_init(struct plumb_net *pn);
void plumb_sock_net_exit(struct plumb_net *pn);

#endif /* _PLUMB_SOCK_SOCK_H */
