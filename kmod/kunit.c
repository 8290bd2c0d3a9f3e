// SPDX-License-Identifier: GPL-2.0
/*
 * What plumb_test.ko (selftests/kunit) calls of this module. Built only for a kernel with KUnit,
 * so that no kernel in use sees an inside of Plumb's; in a namespace of its own even there.
 */
#include <linux/export.h>

#include "../drivers/nic/nic.h"
#include "../net/ip/layer.h"
#include "../net/neigh/cache.h"
#include "../net/route/fib.h"
#include "../net/route/trie.h"
#include "../net/sock/sock.h"
#include "../net/tcp/sock.h"
#include "../net/tcp/engine/env.h"
#include "../net/wire/ipv4.h"
#include "genl.h"

#define EXPORT		EXPORT_SYMBOL_NS_GPL
#define SHOW(symbol)	EXPORT(symbol, PLUMB_TEST)

SHOW(plumb_net);

SHOW(plumb_trie_find);
SHOW(plumb_trie_get);
SHOW(plumb_trie_prune);
SHOW(plumb_trie_walk);
SHOW(plumb_trie_walk_from);
SHOW(plumb_trie_clear);
SHOW(plumb_fib_insert);
SHOW(plumb_fib_lookup);
SHOW(plumb_fib_source);
SHOW(plumb_fib_flush_dev);
SHOW(plumb_addr_add);

SHOW(plumb_neigh_get);
SHOW(plumb_neigh_put);
SHOW(plumb_neigh_output);
SHOW(plumb_neigh_learn);
SHOW(plumb_neigh_flush_dev);
SHOW(plumb_neigh_stats);

SHOW(wire_ipv4_emit);
SHOW(wire_ipv4_parse);
SHOW(plumb_reasm_add);
SHOW(plumb_ip_frag_stats);

SHOW(plumb_port_held);
SHOW(plumb_port_range);

SHOW(nic_tx_ring_alloc);
SHOW(nic_tx_ring_free);
SHOW(nic_rx_ring_alloc);
SHOW(nic_rx_ring_rewind);
SHOW(nic_rx_ring_free);
SHOW(nic_rx_refill);
SHOW(nic_rx_starved);
SHOW(nic_rx_poll);
SHOW(nic_filter_address);
SHOW(nic_filter_set);
SHOW(nic_filter_vlan);
SHOW(nic_filter_restore);
SHOW(nic_filter_rctl);

SHOW(tcp_emit_alloc);
SHOW(tcp_env_carve);
SHOW(tcp_env_split);
SHOW(tcp_env_uncarve);
SHOW(tcp_env_trim);
SHOW(tcp_env_acked);
SHOW(tcp_env_deliver);
SHOW(tcp_env_discard);
SHOW(tcp_rcvq_mark);
SHOW(tcp_page_refill);
SHOW(tcp_env_timer);

SHOW(plumb_genl_link_policy);
SHOW(plumb_genl_addr_policy);
SHOW(plumb_genl_route_policy);
SHOW(plumb_genl_neigh_policy);
SHOW(plumb_genl_addr_new);
SHOW(plumb_genl_addr_del);
SHOW(plumb_genl_route_new);
SHOW(plumb_genl_route_del);
SHOW(plumb_genl_neigh_new);
SHOW(plumb_genl_neigh_del);
