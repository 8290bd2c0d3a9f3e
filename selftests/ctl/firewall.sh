#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where the host's firewall meets Plumb: rules of the IP layer never, those of the device always.
#
#	A (Plumb 10.0.0.1) eth0 ---- eth0 B (Linux 10.0.0.2)
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

pair()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
}

reach() { on_plumb A ping -q -c 1 -W "$1" 10.0.0.2; }

test_rules_of_the_ip_layer_do_not_see_plumb()
{
	pair
	on A nft 'table ip t {
		chain in { type filter hook input priority 0; policy drop; }
		chain out { type filter hook output priority 0; policy drop; }
		}'
	reach 10
}

# drops HOOK MATCH: with such a rule nothing comes back; without it all is as before.
drops()
{
	pair
	reach 10
	on A nft "table netdev t { chain c {
		type filter hook $1 device eth0 priority 0; policy accept;
		ip $2 10.0.0.2 counter drop; }
		}"
	expect_fail reach 1
	expect_match "packets of the rule" 'counter packets [1-9]' "$(on A nft list table netdev t)"
	on A nft delete table netdev t
	reach 10
}

test_netdev_ingress_filters_plumb() { drops ingress saddr; }
test_netdev_egress_filters_plumb() { drops egress daddr; }

load_plumb
run_tests "$@"
