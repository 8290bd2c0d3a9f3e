#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nothing of one namespace is seen or reached in another, and what a namespace had goes with it.
#
#	A eth0 10.0.0.1 ---- 10.0.0.2 eth0 B
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

test_tables_are_separate()
{
	host A B
	veth A B - -
	plumb_addr A 10.0.0.1/24 eth0
	on A plumb route add 10.9.0.0/16 via 10.0.0.2
	on A plumb neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0
	expect_no_match "addresses of B" '10\.0\.0\.1' "$(on B plumb addr show)"
	expect_eq "routes of B" "" "$(on B plumb route show)"
	expect_eq "neighbours of B" "" "$(on B plumb neigh show nud all | grep -v ' NOARP' || true)"
	expect_eq "arp of B" 1 "$(on B sh -c 'wc -l </proc/net/plumb/arp')"
}

test_settings_are_separate()
{
	host A B
	on A sh -c 'echo 99 >/proc/sys/net/plumb/ip_default_ttl'
	expect_eq "of A" 99 "$(on A cat /proc/sys/net/plumb/ip_default_ttl)"
	expect_eq "of B" 64 "$(on B cat /proc/sys/net/plumb/ip_default_ttl)"
}

test_sockets_and_counters_are_separate()
{
	host A B
	background_plumb A socat -u UDP-RECV:1234 STDOUT
	wait_bound_plumb A 1234
	expect_eq "sockets of B" 1 "$(on B sh -c 'wc -l </proc/net/plumb/udp')"
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on_plumb A ping -c 1 -W 5 10.0.0.2
	expect_ge "echoes sent by A" 1 "$(plumb_counter A IcmpOutEchos)"
	expect_eq "echoes sent by B" 0 "$(plumb_counter B IcmpOutEchos)"
}

test_device_that_leaves_takes_its_addresses()
{
	host A B
	veth A A - -
	plumb_addr A 10.0.0.1/24 eth0
	ip -n "$(netns A)" link set eth0 netns "$(netns B)"
	expect_no_match "addresses of A" '10\.0\.0\.1' "$(on A plumb addr show)"
	expect_no_match "links of B" 'eth0' "$(on B plumb link show)"
}

test_namespace_goes_with_all_it_has()
{
	local i

	for ((i = 0; i < 5; i++)); do
		ip netns add "$$-gone"
		ip -n "$$-gone" link add eth0 type dummy
		ip -n "$$-gone" link set eth0 up
		plumb -n "$$-gone" addr add 10.0.0.1/24 dev eth0
		plumb -n "$$-gone" route add default via 10.0.0.2
		plumb -n "$$-gone" neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0
		ip netns delete "$$-gone"
	done
	host A
	expect_eq "routes" "" "$(on A plumb route show)"
}

test_command_line_enters_a_namespace()
{
	host A
	plumb -n "$(netns A)" route add blackhole 10.9.0.0/16
	expect_eq "routes of A" "blackhole 10.9.0.0/16 " "$(on A plumb route show)"
	expect_rc 1 plumb -n no-such-namespace route show
}

load_plumb
run_tests "$@"
