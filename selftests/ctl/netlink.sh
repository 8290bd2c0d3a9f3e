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
	on A plumb lan add lan
	expect_eq "complaints of plumb_lan" "" "$(on A nlwrong lan)"
	on A plumb lan del lan
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

# Into buffers of any size, so that each ends within an entry, at each of its attributes.
test_dumps_are_whole_wherever_a_message_ends()
{
	local addresses=$((600 / LIB_PART)) neighbours=$((399 / LIB_PART))

	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	on A nlwrong addresses "$addresses" eth0
	on A nlwrong neighbours "$neighbours" eth0
	on A nlwrong dumps >"$LIB_TMP/dumps" || fail "dumps: $(cat "$LIB_TMP/dumps")"
	expect_match "addresses" "^addresses $((addresses + 2))\$" "$(cat "$LIB_TMP/dumps")"
	expect_match "neighbours" "^neighbours $neighbours\$" "$(cat "$LIB_TMP/dumps")"
	expect_match "routes" "^routes ${addresses%?}[5-9]\$" "$(cat "$LIB_TMP/dumps")"
	expect_eq "addresses shown" $((addresses + 1)) "$(on A plumb addr show dev eth0 | grep -c ' inet ')"
	expect_eq "neighbours shown" "$neighbours" "$(on A plumb neigh show nud all | wc -l)"
}

# Connections from two addresses to two, of which metrics remain.
paths()
{
	background B socat TCP-LISTEN:5000,fork PIPE
	wait_listen B 5000
	on_plumb A python3 -c "
import socket
for here in '10.0.0.1', '10.0.0.9':
    for there in '10.0.0.2', '10.0.0.3':
        s = socket.socket()
        s.bind((here, 0))
        s.connect((there, 5000))
        s.send(b'x')
        s.recv(1)
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
        s.close()
"
	wait_until 10 four_paths
}

four_paths() { [ "$(on A plumb tcp_metrics show | wc -l)" = 4 ]; }

test_filters_of_dumps()
{
	host A B
	veth A B - 10.0.0.2/24
	veth A B - -
	on B ip address add 10.0.0.3/24 dev eth0
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr A 10.0.0.9/24 eth0
	plumb_addr A 10.1.0.1/24 eth1
	on A plumb route add blackhole 10.9.0.0/16
	on A plumb neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev eth1
	on A plumb neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 nud noarp dev eth0
	paths
	on A nlwrong filters >"$LIB_TMP/filters" || fail "$(cat "$LIB_TMP/filters")"
	expect_no_match "tables of a single value" ' [01]$' "$(cat "$LIB_TMP/filters")"
	expect_eq "filters" 8 "$(wc -l <"$LIB_TMP/filters")"
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
