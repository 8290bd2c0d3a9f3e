#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The netlink family refuses what is wrong, with the right errno, survives noise, and
# dumps tables of any size whole.
# timeout: 300
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

test_wrong_requests_are_refused()
{
	host A
	expect_eq "complaints" "" "$(on A nlwrong list)"
}

test_noise_changes_nothing_but_the_namespace()
{
	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	on A nlwrong random 2000 1
	on A nlwrong random 2000 2
	on A plumb addr show >/dev/null
	on A plumb route show table all >/dev/null
	on A plumb neigh show nud all >/dev/null
}

# 900 routes are some 70 KiB of messages: several calls of the dump.
test_long_dump_is_whole()
{
	host A
	on A nlwrong routes 900
	expect_eq "routes" 900 "$(on A plumb route show | wc -l)"
	expect_eq "different routes" 900 "$(on A plumb route show | sort -u | wc -l)"
	expect_eq "lines of /proc" 901 "$(on A sh -c "wc -l </proc/net/plumb/route")"
	on A plumb route flush root 10.0.0.0/8
	expect_eq "routes after flush" 0 "$(on A plumb route show | wc -l)"
}

test_changes_are_told()
{
	local log

	host A
	veth A A - -
	background A plumb monitor all
	log=$BG_LOG
	wait_until 10 monitor_listens
	on A plumb addr add 10.0.0.5/24 dev eth0
	on A plumb route add 10.9.0.0/16 via 10.0.0.1
	on A plumb neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0
	on A plumb addr del 10.0.0.5/24 dev eth0
	wait_until 10 grep -q 'ADDR.*Deleted.*10.0.0.5' "$log"
	expect_match "address" '\[ADDR\][0-9]+: eth0 +inet 10.0.0.5/24' "$(cat "$log")"
	expect_match "route" '\[ROUTE\]10.9.0.0/16 via 10.0.0.1' "$(cat "$log")"
	expect_match "neighbour" '\[NEIGH\]10.0.0.7 .*PERMANENT' "$(cat "$log")"
	expect_match "lost route" '\[ROUTE\]Deleted 10.9.0.0/16' "$(cat "$log")"
}

# Somebody in this host's namespace is in a generic netlink group.
# shellcheck disable=SC2016
monitor_listens() { on A awk '$2 == 16 && $4 != "00000000" { found = 1 } END { exit !found }' /proc/net/netlink; }

test_changes_of_other_namespaces_are_not_told()
{
	local log

	host A B
	background A plumb monitor all
	log=$BG_LOG
	wait_until 10 monitor_listens
	on B plumb route add blackhole 10.9.0.0/16
	on A plumb route add blackhole 10.8.0.0/16
	wait_until 10 grep -q '10.8.0.0' "$log"
	expect_no_match "what is B's" '10\.9\.0\.0' "$(cat "$log")"
}

load_plumb
run_tests "$@"
