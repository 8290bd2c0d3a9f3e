#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fifty thousand connections at once, open and exchanging messages, beside Linux's own: the memory of an
# idle one, both ends, and that all of it comes back. Hosts: common.sh.
# slow
# timeout: 600
# shellcheck source=selftests/soak/common.sh
. "${0%/*}/common.sh"

CONNS=${SOAK_CONNS:-50000}

# hold STACK ADDRESS: its lines are in $LIB_TMP/STACK.
hold()
{
	load hold "stack=$1" "addr=$2" "conns=$CONNS" rounds=2 >"$LIB_TMP/$1"
	sed "s/^/# $1: /" "$LIB_TMP/$1"
}

value() { awk -v w="$2" '$1 == w { print $2 }' "$LIB_TMP/$1"; }
# available_kib: after what may be dropped at any time was dropped, as of that only a part counts.
available_kib()
{
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo
}

available_again() { [ "$(available_kib)" -ge "$1" ]; }
# What Linux's connections leave for a minute is not to be counted with Plumb's.
# shellcheck disable=SC2016
linux_is_quiet() { on A awk '/^TCP:/ { exit !($3 == 0 && $7 == 0) }' /proc/net/sockstat; }

test_fifty_thousand_connections()
{
	local before

	hosts
	for h in A B; do
		on "$h" sysctl -qw net.ipv4.ip_local_port_range="10000 60000" \
			net.plumb.ip_local_port_range="10000 60000"
	done
	hold linux 10.0.0.2
	wait_until 90 linux_is_quiet
	before=$(available_kib)
	hold plumb 10.0.0.102
	forgotten
	settled
	expect_ge "bytes of an idle connection of Linux" 1000 "$(value linux idle)"
	expect_le "bytes of an idle connection" "$(value linux idle)" "$(value plumb idle)"
	expect_le "bytes of one that has exchanged" "$(value linux exchanged)" "$(value plumb exchanged)"
	[ "$CONNS" -lt 50000 ] || xfail "5 MiB of 300 are missing, of no slab: kept at hand, or lost, is not known"
	# A hundredth of what they held.
	wait_until 30 available_again $((before - 4096))
}

run_tests "$@"
