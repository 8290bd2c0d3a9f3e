// SPDX-License-Identifier: GPL-2.0
/* The port table: who may share a port with whom, which is chosen, when it is free again. */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/plumb.h>

#include "net/sock/sock.h"

#include "kit.h"

#define PORT	7000

static struct plumb_sysctl saved;

static bool held(u16 port)
{
	return plumb_port_held(kit_pn, PLUMB_PORTS_TCP, port) ||
	       plumb_port_held(kit_pn, PLUMB_PORTS_UDP, port);
}

/* When the sockets of a test are gone, its ports are free. */
static void ports_free(void *data)
{
	struct kunit *test = data;
	int i;

	kit_pn->sysctl.local_port_lo = saved.local_port_lo;
	kit_pn->sysctl.local_port_hi = saved.local_port_hi;
	for (i = 0; i < 250 && held(PORT); i++)
		msleep(20);
	KUNIT_EXPECT_FALSE(test, held(PORT));
}

/* What was added last is undone first. */
static int port_init(struct kunit *test)
{
	saved = kit_pn->sysctl;
	return kunit_add_action_or_reset(test, ports_free, test);
}

static void socket_gone(void *sock)
{
	sock_release(sock);
}

static struct socket *socket_new(struct kunit *test, int type)
{
	struct socket *sock;
	int err = sock_create_kern(kit_pn->net, PLUMB_FAMILY_DEFAULT, type, 0, &sock);

	KUNIT_ASSERT_EQ(test, err, 0);
	err = kunit_add_action_or_reset(test, socket_gone, sock);
	KUNIT_ASSERT_EQ(test, err, 0);
	return sock;
}

static int bind_it(struct socket *sock, __be32 addr, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr.s_addr = addr, .sin_port = htons(port),
	};

	return kernel_bind(sock, (struct sockaddr *)&sin, sizeof(sin));
}

#define ANY	htonl(INADDR_ANY)
#define LO1	KIT_ADDR(127, 0, 0, 1)
#define LO2	KIT_ADDR(127, 0, 0, 2)

enum { REUSE = 1, REUSEPORT = 2, LISTENS = 4 };

struct holder {
	__be32	addr;
	int	how;
};

static int hold(struct kunit *test, struct socket *sock, const struct holder *h)
{
	int err;

	sock->sk->sk_reuse = h->how & REUSE ? SK_CAN_REUSE : SK_NO_REUSE;
	sock->sk->sk_reuseport = !!(h->how & REUSEPORT);
	err = bind_it(sock, h->addr, PORT);
	if (!err && h->how & LISTENS)
		err = kernel_listen(sock, 1);
	return err;
}

/* Two sockets and one port: what the second one gets, as bind(2) of Linux has it. */
static void two_on_one_port(struct kunit *test)
{
	static const struct {
		int type;
		struct holder first, second;
		int err;
	} rows[] = {
		{ SOCK_STREAM, { ANY, 0 }, { ANY, 0 }, -EADDRINUSE },
		{ SOCK_STREAM, { ANY, 0 }, { LO1, 0 }, -EADDRINUSE },
		{ SOCK_STREAM, { LO1, 0 }, { ANY, 0 }, -EADDRINUSE },
		{ SOCK_STREAM, { LO1, 0 }, { LO2, 0 }, 0 },
		{ SOCK_STREAM, { LO1, REUSE }, { LO1, REUSE }, 0 },
		{ SOCK_STREAM, { LO1, REUSE }, { LO1, 0 }, -EADDRINUSE },
		{ SOCK_STREAM, { LO1, 0 }, { LO1, REUSE }, -EADDRINUSE },
		{ SOCK_STREAM, { LO1, REUSE | LISTENS }, { LO1, REUSE }, -EADDRINUSE },
		{ SOCK_STREAM, { ANY, REUSE | LISTENS }, { LO1, REUSE }, -EADDRINUSE },
		{ SOCK_STREAM, { LO1, REUSE | LISTENS }, { LO2, REUSE }, 0 },
		{ SOCK_STREAM, { LO1, REUSEPORT }, { LO1, REUSEPORT }, 0 },
		{ SOCK_STREAM, { LO1, REUSEPORT | LISTENS }, { LO1, REUSEPORT | LISTENS }, 0 },
		{ SOCK_STREAM, { LO1, REUSEPORT }, { LO1, REUSE }, -EADDRINUSE },
		{ SOCK_DGRAM, { ANY, 0 }, { ANY, 0 }, -EADDRINUSE },
		{ SOCK_DGRAM, { ANY, 0 }, { LO1, 0 }, -EADDRINUSE },
		{ SOCK_DGRAM, { LO1, 0 }, { LO2, 0 }, 0 },
		{ SOCK_DGRAM, { ANY, REUSE }, { ANY, REUSE }, 0 },
		{ SOCK_DGRAM, { ANY, REUSE }, { ANY, 0 }, -EADDRINUSE },
		{ SOCK_DGRAM, { ANY, REUSEPORT }, { ANY, REUSEPORT }, 0 },
		{ SOCK_DGRAM, { ANY, REUSEPORT }, { ANY, REUSE }, -EADDRINUSE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct socket *a = socket_new(test, rows[i].type);
		struct socket *b = socket_new(test, rows[i].type);

		KUNIT_EXPECT_EQ_MSG(test, hold(test, a, &rows[i].first), 0, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, hold(test, b, &rows[i].second), rows[i].err, "row %zu",
				    i);
		kunit_release_action(test, socket_gone, a);
		kunit_release_action(test, socket_gone, b);
	}
}

static void protocols_have_tables_of_their_own(struct kunit *test)
{
	struct socket *tcp = socket_new(test, SOCK_STREAM), *udp = socket_new(test, SOCK_DGRAM);

	KUNIT_EXPECT_EQ(test, bind_it(tcp, ANY, PORT), 0);
	KUNIT_EXPECT_TRUE(test, plumb_port_held(kit_pn, PLUMB_PORTS_TCP, PORT));
	KUNIT_EXPECT_FALSE(test, plumb_port_held(kit_pn, PLUMB_PORTS_UDP, PORT));
	KUNIT_EXPECT_EQ(test, bind_it(udp, ANY, PORT), 0);
	KUNIT_EXPECT_TRUE(test, plumb_port_held(kit_pn, PLUMB_PORTS_UDP, PORT));
}

static void port_dies_with_its_last_owner(struct kunit *test)
{
	const struct holder h = { LO1, REUSE };
	struct socket *a = socket_new(test, SOCK_STREAM), *b = socket_new(test, SOCK_STREAM);

	KUNIT_ASSERT_EQ(test, hold(test, a, &h), 0);
	KUNIT_ASSERT_EQ(test, hold(test, b, &h), 0);
	kunit_release_action(test, socket_gone, a);
	KUNIT_EXPECT_TRUE(test, plumb_port_held(kit_pn, PLUMB_PORTS_TCP, PORT));
	kunit_release_action(test, socket_gone, b);
	KUNIT_EXPECT_FALSE(test, plumb_port_held(kit_pn, PLUMB_PORTS_TCP, PORT));
}

static void choice_keeps_to_the_range_until_it_is_used_up(struct kunit *test)
{
	struct socket *sock;
	u32 seen = 0;
	int i, num;

	kit_pn->sysctl.local_port_lo = 61100;
	kit_pn->sysctl.local_port_hi = 61107;
	for (i = 0; i < 8; i++) {
		sock = socket_new(test, SOCK_DGRAM);
		KUNIT_ASSERT_EQ(test, bind_it(sock, ANY, 0), 0);
		num = sock->sk->sk_num;
		KUNIT_ASSERT_GE(test, num, 61100);
		KUNIT_ASSERT_LE(test, num, 61107);
		KUNIT_EXPECT_FALSE(test, seen & 1 << (num - 61100));
		seen |= 1 << (num - 61100);
	}
	sock = socket_new(test, SOCK_DGRAM);
	KUNIT_EXPECT_EQ(test, bind_it(sock, ANY, 0), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, sock->sk->sk_num, 0);
}

static void socket_narrows_the_range_but_does_not_leave_it(struct kunit *test)
{
	struct socket *sock = socket_new(test, SOCK_DGRAM);
	int lo, hi;

	kit_pn->sysctl.local_port_lo = 61100;
	kit_pn->sysctl.local_port_hi = 61199;
	plumb_sk(sock->sk)->local_port_range = 61150U << 16 | 61140;
	plumb_port_range(sock->sk, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, 61140);
	KUNIT_EXPECT_EQ(test, hi, 61150);
	plumb_sk(sock->sk)->local_port_range = 62000U << 16 | 1000;
	plumb_port_range(sock->sk, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, 61100);
	KUNIT_EXPECT_EQ(test, hi, 61199);
}

static int connect_it(struct socket *sock, __be32 addr, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr.s_addr = addr, .sin_port = htons(port),
	};

	return kernel_connect(sock, (struct sockaddr *)&sin, sizeof(sin), 0);
}

/* One port serves connections to several peers, but not one peer twice. */
static void connections_share_a_port(struct kunit *test)
{
	struct socket *l1 = socket_new(test, SOCK_STREAM), *l2 = socket_new(test, SOCK_STREAM);
	struct socket *a = socket_new(test, SOCK_STREAM), *b = socket_new(test, SOCK_STREAM);
	struct socket *c = socket_new(test, SOCK_STREAM);

	kit_pn->sysctl.local_port_lo = 61100;
	kit_pn->sysctl.local_port_hi = 61100;
	KUNIT_ASSERT_EQ(test, bind_it(l1, LO1, PORT), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(l1, 5), 0);
	KUNIT_ASSERT_EQ(test, bind_it(l2, LO1, PORT + 1), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(l2, 5), 0);
	KUNIT_EXPECT_EQ(test, connect_it(a, LO1, PORT), 0);
	KUNIT_EXPECT_EQ(test, connect_it(b, LO1, PORT + 1), 0);
	KUNIT_EXPECT_EQ(test, a->sk->sk_num, 61100);
	KUNIT_EXPECT_EQ(test, b->sk->sk_num, 61100);
	KUNIT_EXPECT_EQ(test, connect_it(c, LO1, PORT), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, c->sk->sk_num, 0);
}

/* A port that somebody asked for by number is no connection's. */
static void connection_passes_over_a_bound_port(struct kunit *test)
{
	struct socket *l = socket_new(test, SOCK_STREAM), *bound = socket_new(test, SOCK_STREAM);
	struct socket *a = socket_new(test, SOCK_STREAM);

	kit_pn->sysctl.local_port_lo = 61100;
	kit_pn->sysctl.local_port_hi = 61101;
	KUNIT_ASSERT_EQ(test, bind_it(l, LO1, PORT), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(l, 5), 0);
	KUNIT_ASSERT_EQ(test, bind_it(bound, ANY, 61100), 0);
	KUNIT_EXPECT_EQ(test, connect_it(a, LO1, PORT), 0);
	KUNIT_EXPECT_EQ(test, a->sk->sk_num, 61101);
}

static struct kunit_case port_cases[] = {
	KUNIT_CASE(two_on_one_port),
	KUNIT_CASE(protocols_have_tables_of_their_own),
	KUNIT_CASE(port_dies_with_its_last_owner),
	KUNIT_CASE(choice_keeps_to_the_range_until_it_is_used_up),
	KUNIT_CASE(socket_narrows_the_range_but_does_not_leave_it),
	KUNIT_CASE(connections_share_a_port),
	KUNIT_CASE(connection_passes_over_a_bound_port),
	{}
};

static struct kunit_suite port_suite = {
	.name = "plumb_port",
	.init = port_init,
	.test_cases = port_cases,
};

kunit_test_suite(port_suite);
