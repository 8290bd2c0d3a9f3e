// SPDX-License-Identifier: GPL-2.0
/* setsockopt(2) and getsockopt(2): every option that the family knows, and those it does not. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/plumb.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "kfuzz.h"

enum kind {
	INT, OCTET, TIME, LINGER_, NAME, CC, KEY, OPTIONS, ADDR, MREQ, MREQ_SOURCE, GROUP,
	GROUP_SOURCE, MSFILTER, GROUP_FILTER, FILTER, MD5, MD5_EXT, REPAIR_OPT, REPAIR_WINDOW,
	ZEROCOPY, NOISE,
};

static const struct opt {
	int level, name;
	enum kind kind;
} opts[] = {
	{ SOL_SOCKET, SO_DEBUG, INT }, { SOL_SOCKET, SO_REUSEADDR, INT },
	{ SOL_SOCKET, SO_TYPE, INT }, { SOL_SOCKET, SO_ERROR, INT },
	{ SOL_SOCKET, SO_DONTROUTE, INT }, { SOL_SOCKET, SO_BROADCAST, INT },
	{ SOL_SOCKET, SO_SNDBUF, INT }, { SOL_SOCKET, SO_RCVBUF, INT },
	{ SOL_SOCKET, SO_SNDBUFFORCE, INT }, { SOL_SOCKET, SO_RCVBUFFORCE, INT },
	{ SOL_SOCKET, SO_KEEPALIVE, INT }, { SOL_SOCKET, SO_OOBINLINE, INT },
	{ SOL_SOCKET, SO_NO_CHECK, INT }, { SOL_SOCKET, SO_PRIORITY, INT },
	{ SOL_SOCKET, SO_LINGER, LINGER_ }, { SOL_SOCKET, SO_REUSEPORT, INT },
	{ SOL_SOCKET, SO_RCVLOWAT, INT }, { SOL_SOCKET, SO_RCVTIMEO, TIME },
	{ SOL_SOCKET, SO_SNDTIMEO, TIME }, { SOL_SOCKET, SO_BINDTODEVICE, NAME },
	{ SOL_SOCKET, SO_ATTACH_FILTER, FILTER }, { SOL_SOCKET, SO_DETACH_FILTER, INT },
	{ SOL_SOCKET, SO_TIMESTAMP, INT }, { SOL_SOCKET, SO_ACCEPTCONN, INT },
	{ SOL_SOCKET, SO_TIMESTAMPNS, INT }, { SOL_SOCKET, SO_MARK, INT },
	{ SOL_SOCKET, SO_TIMESTAMPING, INT }, { SOL_SOCKET, SO_PROTOCOL, INT },
	{ SOL_SOCKET, SO_DOMAIN, INT }, { SOL_SOCKET, SO_RXQ_OVFL, INT },
	{ SOL_SOCKET, SO_PEEK_OFF, INT }, { SOL_SOCKET, SO_NOFCS, INT },
	{ SOL_SOCKET, SO_LOCK_FILTER, INT }, { SOL_SOCKET, SO_SELECT_ERR_QUEUE, INT },
	{ SOL_SOCKET, SO_BUSY_POLL, INT }, { SOL_SOCKET, SO_MAX_PACING_RATE, INT },
	{ SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, FILTER }, { SOL_SOCKET, SO_INCOMING_CPU, INT },
	{ SOL_SOCKET, 55 /* MEMINFO */, NOISE }, { SOL_SOCKET, 56 /* NAPI_ID */, INT },
	{ SOL_SOCKET, 57 /* COOKIE */, NOISE }, { SOL_SOCKET, SO_ZEROCOPY, INT },
	{ SOL_SOCKET, SO_ZEROCOPY, INT }, { SOL_SOCKET, SO_TXTIME, NOISE },
	{ SOL_SOCKET, 62 /* BINDTOIFINDEX */, INT }, { SOL_SOCKET, 74 /* TXREHASH */, INT },
	{ SOL_SOCKET, 73 /* BUF_LOCK */, INT }, { SOL_SOCKET, 75 /* RCVMARK */, INT },
	{ SOL_SOCKET, SO_PEERCRED, NOISE }, { SOL_SOCKET, SO_PASSCRED, INT },
	{ SOL_IP, IP_TOS, INT }, { SOL_IP, IP_TTL, INT }, { SOL_IP, IP_HDRINCL, INT },
	{ SOL_IP, IP_OPTIONS, OPTIONS }, { SOL_IP, IP_OPTIONS, OPTIONS },
	{ SOL_IP, IP_ROUTER_ALERT, INT }, { SOL_IP, IP_RECVOPTS, INT },
	{ SOL_IP, IP_RETOPTS, INT }, { SOL_IP, IP_PKTINFO, INT }, { SOL_IP, IP_PKTOPTIONS, NOISE },
	{ SOL_IP, IP_MTU_DISCOVER, INT }, { SOL_IP, IP_RECVERR, INT }, { SOL_IP, IP_RECVTTL, INT },
	{ SOL_IP, IP_RECVTOS, INT }, { SOL_IP, IP_MTU, INT }, { SOL_IP, IP_FREEBIND, INT },
	{ SOL_IP, IP_TRANSPARENT, INT }, { SOL_IP, IP_ORIGDSTADDR, INT },
	{ SOL_IP, IP_MINTTL, INT }, { SOL_IP, IP_NODEFRAG, INT },
	{ SOL_IP, 23 /* CHECKSUM */, INT },
	{ SOL_IP, IP_BIND_ADDRESS_NO_PORT, INT }, { SOL_IP, 25 /* RECVFRAGSIZE */, INT },
	{ SOL_IP, 26 /* RECVERR_RFC4884 */, INT }, { SOL_IP, IP_MULTICAST_IF, ADDR },
	{ SOL_IP, IP_MULTICAST_TTL, OCTET }, { SOL_IP, IP_MULTICAST_LOOP, OCTET },
	{ SOL_IP, IP_ADD_MEMBERSHIP, MREQ }, { SOL_IP, IP_DROP_MEMBERSHIP, MREQ },
	{ SOL_IP, IP_UNBLOCK_SOURCE, MREQ_SOURCE }, { SOL_IP, IP_BLOCK_SOURCE, MREQ_SOURCE },
	{ SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, MREQ_SOURCE },
	{ SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, MREQ_SOURCE }, { SOL_IP, IP_MSFILTER, MSFILTER },
	{ SOL_IP, MCAST_JOIN_GROUP, GROUP }, { SOL_IP, MCAST_LEAVE_GROUP, GROUP },
	{ SOL_IP, MCAST_BLOCK_SOURCE, GROUP_SOURCE },
	{ SOL_IP, MCAST_UNBLOCK_SOURCE, GROUP_SOURCE },
	{ SOL_IP, MCAST_JOIN_SOURCE_GROUP, GROUP_SOURCE },
	{ SOL_IP, MCAST_LEAVE_SOURCE_GROUP, GROUP_SOURCE },
	{ SOL_IP, MCAST_MSFILTER, GROUP_FILTER }, { SOL_IP, IP_MULTICAST_ALL, INT },
	{ SOL_IP, IP_UNICAST_IF, INT }, { SOL_IP, 51 /* LOCAL_PORT_RANGE */, INT },
	{ SOL_IP, 52 /* PROTOCOL */, INT },
	{ IPPROTO_TCP, TCP_NODELAY, INT }, { IPPROTO_TCP, TCP_MAXSEG, INT },
	{ IPPROTO_TCP, TCP_CORK, INT },
	{ IPPROTO_TCP, TCP_KEEPIDLE, INT }, { IPPROTO_TCP, TCP_KEEPINTVL, INT },
	{ IPPROTO_TCP, TCP_KEEPCNT, INT }, { IPPROTO_TCP, TCP_SYNCNT, INT },
	{ IPPROTO_TCP, TCP_LINGER2, INT },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, INT }, { IPPROTO_TCP, TCP_WINDOW_CLAMP, INT },
	{ IPPROTO_TCP, TCP_INFO, NOISE }, { IPPROTO_TCP, TCP_QUICKACK, INT },
	{ IPPROTO_TCP, TCP_CONGESTION, CC },
	{ IPPROTO_TCP, TCP_CONGESTION, CC }, { IPPROTO_TCP, TCP_MD5SIG, MD5 },
	{ IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, INT }, { IPPROTO_TCP, TCP_THIN_DUPACK, INT },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, INT }, { IPPROTO_TCP, TCP_REPAIR, INT },
	{ IPPROTO_TCP, TCP_REPAIR_QUEUE, INT }, { IPPROTO_TCP, TCP_QUEUE_SEQ, INT },
	{ IPPROTO_TCP, TCP_REPAIR_OPTIONS, REPAIR_OPT }, { IPPROTO_TCP, TCP_FASTOPEN, INT },
	{ IPPROTO_TCP, TCP_TIMESTAMP, INT }, { IPPROTO_TCP, TCP_NOTSENT_LOWAT, INT },
	{ IPPROTO_TCP, TCP_CC_INFO, NOISE }, { IPPROTO_TCP, TCP_SAVE_SYN, INT },
	{ IPPROTO_TCP, TCP_SAVED_SYN, NOISE }, { IPPROTO_TCP, TCP_REPAIR_WINDOW, REPAIR_WINDOW },
	{ IPPROTO_TCP, TCP_FASTOPEN_CONNECT, INT }, { IPPROTO_TCP, TCP_ULP, NAME },
	{ IPPROTO_TCP, TCP_MD5SIG_EXT, MD5_EXT }, { IPPROTO_TCP, TCP_FASTOPEN_KEY, KEY },
	{ IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, INT },
	{ IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, ZEROCOPY },
	{ IPPROTO_TCP, TCP_INQ, INT }, { IPPROTO_TCP, TCP_TX_DELAY, INT },
	{ IPPROTO_UDP, 1 /* CORK */, INT }, { IPPROTO_UDP, 1, INT },
	{ IPPROTO_UDP, 100 /* ENCAP */, INT },
	{ IPPROTO_UDP, 101, INT }, { IPPROTO_UDP, 102, INT },
	{ IPPROTO_UDP, 103 /* SEGMENT */, INT },
	{ IPPROTO_UDP, 104 /* GRO */, INT }, { IPPROTO_UDP, 10 /* LITE */, INT },
	{ SOL_RAW, 1 /* ICMP_FILTER */, INT }, { SOL_PLUMB, PLUMB_REUSEPORT, INT },
};

static uint32_t group_of(struct rng *r)
{
	static const uint32_t groups[] = { 0xe1020304, 0xe0000001, 0xe8010101, ADDR_A, 0xffffffff };

	return htonl(PICK(r, groups) + (one_in(r, 3) ? below(r, 30) : 0));
}

static uint32_t near_of(struct rng *r)
{
	static const uint32_t addrs[] = { ADDR_A, ADDR_B, 0, 0x7f000001, 0xe1020304, 0x08080808 };

	return htonl(PICK(r, addrs) + (one_in(r, 4) ? below(r, 30) : 0));
}

static void put_sin(void *at, uint32_t addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = addr };

	memcpy(at, &sin, sizeof(sin));
}

/* A text of a few that mean something. */
static uint32_t make_text(struct rng *r, char *p, bool cc)
{
	static const char *const ccs[] = {
		"reno", "cubic", "dctcp", "bbr", "", "nothing", "cubic\nreno", "a/../b",
	};
	static const char *const names[] = { "lo", "a", "b", "", "tls", "espintcp", "mptcp",
		"plumb" };

	strcpy(p, cc ? PICK(r, ccs) : PICK(r, names));
	return (uint32_t)strlen(p) + below(r, 2);
}

static uint32_t make_options(struct rng *r, unsigned char *p)
{
	static const unsigned char kinds[] = { 0, 1, 7, 68, 131, 137, 148, 130, 134, 200 };
	uint32_t len = 0, n = below(r, 5), one;

	while (n-- && len < 40) {
		p[len] = PICK(r, kinds);
		one = 3 + 4 * below(r, 5);
		p[len + 1] = (unsigned char)(one_in(r, 10) ? (unsigned int)number(r) : one);
		p[len + 2] = one_in(r, 10) ? (unsigned char)number(r) : p[len] == 68 ? 5 : 4;
		len += one_in(r, 4) ? 1 : one;
	}
	return len > 60 ? 60 : len;
}

static uint32_t make_filter(struct rng *r, struct sock_fprog *f, struct sock_filter *code)
{
	unsigned int i;

	f->len = (unsigned short)(one_in(r, 20) ? number(r) : 1 + below(r, 6));
	f->filter = code;
	for (i = 0; i < 6; i++) {
		static const uint16_t ops[] = {
			BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_IND, BPF_LDX | BPF_B |
			BPF_MSH,
			BPF_ALU | BPF_ADD, BPF_JMP | BPF_JEQ, BPF_MISC | BPF_TAX, BPF_RET | BPF_A,
		};

		code[i] = (struct sock_filter){ PICK(r, ops), (uint8_t)below(r, 3),
						(uint8_t)below(r, 3), (uint32_t)number(r) };
	}
	if (f->len && f->len <= 6 && !one_in(r, 10))
		code[f->len - 1] = (struct sock_filter){ BPF_RET, 0, 0, (uint32_t)number(r) };
	return sizeof(*f);
}

static uint32_t make_source_filter(struct rng *r, unsigned char *p, bool group)
{
	uint32_t n = one_in(r, 10) ? (uint32_t)number(r) : below(r, 14), i;
	uint32_t head = group ? 144 : 16, each = group ? 128 : 4;
	uint32_t mode = below(r, 3), addr = group_of(r);

	memset(p, 0, head);
	if (group) {
		*(uint32_t *)p = below(r, 4);
		put_sin(p + 8, addr);
	} else {
		*(uint32_t *)p = addr;
		*(uint32_t *)(p + 4) = near_of(r);
	}
	memcpy(p + head - 8, &mode, 4);
	memcpy(p + head - 4, &n, 4);
	for (i = 0; i < n && i < 16; i++) {
		addr = near_of(r);
		if (group)
			put_sin(p + head + i * each, addr);
		else
			memcpy(p + head + i * each, &addr, 4);
	}
	return head + n * each;
}

static uint32_t make_md5(struct rng *r, struct tcp_md5sig *md5)
{
	memset(md5, 0, sizeof(*md5));
	put_sin(&md5->tcpm_addr, near_of(r));
	md5->tcpm_keylen = (uint16_t)(one_in(r, 6) ? number(r) : below(r, 81));
	md5->tcpm_flags = (uint8_t)(one_in(r, 6) ? number(r) : below(r, 4));
	md5->tcpm_prefixlen = (uint8_t)(one_in(r, 6) ? number(r) : below(r, 33));
	md5->tcpm_ifindex = (int)below(r, 4);
	fill(r, md5->tcpm_key, 16);
	return sizeof(*md5);
}

/* The option's value into @p, which has room for 4096 octets; returns its right length. */
static uint32_t make_value(struct rng *r, enum kind is, unsigned char *p)
{
	int32_t n = (int32_t)number(r);
	struct ip_mreqn mreq = {
		{ group_of(r) }, { one_in(r, 2) ? 0 : near_of(r) }, (int)below(r, 4),
	};
	struct timeval tv = { one_in(r, 3) ? number(r) : 0, one_in(r, 3) ? number(r) : 2000 };

	switch (is) {
	case OCTET:
		p[0] = (unsigned char)n;
		return 1;
	case TIME:
		memcpy(p, &tv, sizeof(tv));
		return sizeof(tv);
	case LINGER_:
		*(struct linger *)p = (struct linger){ (int)below(r, 2), (int)below(r, 2) };
		return sizeof(struct linger);
	case NAME:
	case CC:
		return make_text(r, (char *)p, is == CC);
	case KEY:
		return 16 * (1 + below(r, 2));
	case OPTIONS:
		return make_options(r, p);
	case ADDR:
	case MREQ:
		memcpy(p, &mreq, sizeof(mreq));
		return is == ADDR ? 4 : one_in(r, 2) ? 8 : sizeof(mreq);
	case MREQ_SOURCE:
		*(struct ip_mreq_source *)p = (struct ip_mreq_source){
			mreq.imr_multiaddr, { one_in(r, 2) ? 0 : near_of(r) }, { near_of(r) } };
		return sizeof(struct ip_mreq_source);
	case GROUP:
	case GROUP_SOURCE:
		memset(p, 0, 264);
		*(uint32_t *)p = below(r, 4);
		put_sin(p + 8, mreq.imr_multiaddr.s_addr);
		put_sin(p + 136, near_of(r));
		return is == GROUP ? 136 : 264;
	case MSFILTER:
		return make_source_filter(r, p, false);
	case GROUP_FILTER:
		return make_source_filter(r, p, true);
	case FILTER:
		return make_filter(r, (struct sock_fprog *)p, (struct sock_filter *)(p + 64));
	case MD5:
	case MD5_EXT:
		return make_md5(r, (struct tcp_md5sig *)p);
	case REPAIR_OPT:
		((struct tcp_repair_opt *)p)->opt_code = 2 + below(r, 7);
		return 8 * (1 + below(r, 3));
	case REPAIR_WINDOW:
		return 20;
	case ZEROCOPY:
		memset(p, 0, 64);
		*(void **)p = room(r, 4096);
		((uint32_t *)p)[2] = below(r, 70000);
		return 16 + 8 * below(r, 7);
	case NOISE:
		return below(r, 300);
	default:
		if (one_in(r, 3))
			n = (int)below(r, 3);
		memcpy(p, &n, sizeof(n));
		return sizeof(n);
	}
}

static const struct opt *pick(struct rng *r, struct opt *own)
{
	static const int levels[] = { SOL_SOCKET, SOL_IP, IPPROTO_TCP, IPPROTO_UDP, SOL_RAW,
		SOL_IPV6, 1018 };

	if (!one_in(r, 12))
		return &PICK(r, opts);
	own->level = one_in(r, 6) ? (int)number(r) : PICK(r, levels);
	own->name = one_in(r, 6) ? (int)number(r) : (int)below(r, 256);
	own->kind = NOISE;
	return own;
}

void call_setsockopt(struct rng *r)
{
	unsigned char *p = room_good(r, 4096);
	struct opt own;
	const struct opt *o = pick(r, &own);
	uint32_t right = make_value(r, o->kind, p), len = length(r, right);
	int fd = any_socket(r);
	void *value = one_in(r, 40) ? room(r, len) : p;

	trace("setsockopt(%d, %d, %d, %p {%#x}, %u)", fd, o->level, o->name, value, *(int *)p, len);
	traced(setsockopt(fd, o->level, o->name, value, len));
}

void call_getsockopt(struct rng *r)
{
	unsigned char *p = room_good(r, 4096);
	socklen_t *len = room_good(r, sizeof(*len));
	struct opt own;
	const struct opt *o = pick(r, &own);
	uint32_t right = make_value(r, o->kind, p);
	int fd = any_socket(r);
	void *value;

	if (o->kind == INT || o->kind == NOISE)
		right = one_in(r, 2) ? 4 : 256;
	*len = length(r, right);
	value = one_in(r, 40) ? room(r, *len) : p;
	len = one_in(r, 60) ? room(r, sizeof(*len)) : len;
	trace("getsockopt(%d, %d, %d, %p, %p)", fd, o->level, o->name, value, (void *)len);
	traced(getsockopt(fd, o->level, o->name, value, len));
}
