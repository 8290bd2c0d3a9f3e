#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fifty thousand connections at once, open and exchanging messages, beside Linux's own: the memory of an
# idle one, both ends, and that all of it comes back. Hosts: common.sh.
# On a kernel with slab_nomerge on its command line, so that the objects can be counted (scripts/soak).
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
# shrink: what the kernel may drop at any time, and the empty slabs that it keeps at hand.
shrink()
{
	local cache

	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
}

# account: where the memory is, in KiB; "unnamed" are pages that are in use and of no kind that the kernel
# counts: a leaked page of a buffer is one. (Free ones on a processor's own list are not among MemFree.)
account()
{
	shrink
	awk '/^ +count:/ { lists += 4 * $2 }
		/^[A-Z]/ { sub(":", "", $1); kib[$1] = $2 }
		END {
			n = split("Slab PageTables SecPageTables Percpu Buffers Cached AnonPages VmallocUsed", names, " ")
			for (i = 1; i <= n; i++)
				named += kib[names[i]]
			print "slab", kib["Slab"]
			print "unnamed", kib["MemTotal"] - kib["MemFree"] - lists - named
			print "vmalloc", kib["VmallocUsed"]
			print "percpu", kib["Percpu"]
			print "lists", lists
			print "available", kib["MemAvailable"]
		}' /proc/meminfo /proc/zoneinfo
}

# objects CACHE: how many there are of that cache, which is no other's (slab_nomerge).
objects() { awk -v c="$1" '$1 == c { print $2; found = 1 } END { exit !found }' /proc/slabinfo; }

# What Linux's connections leave for a minute is not to be counted with Plumb's.
# shellcheck disable=SC2016
linux_is_quiet() { on A awk '/^TCP:/ { exit !($3 == 0 && $7 == 0) }' /proc/net/sockstat; }

test_fifty_thousand_connections()
{
	local cache kind

	hosts
	for h in A B; do
		on "$h" sysctl -qw net.ipv4.ip_local_port_range="10000 60000" \
			net.plumb.ip_local_port_range="10000 60000"
	done
	hold linux 10.0.0.2
	wait_until 90 linux_is_quiet
	account >"$LIB_TMP/before"
	hold plumb 10.0.0.102
	forgotten
	settled
	account >"$LIB_TMP/after"
	paste "$LIB_TMP/before" "$LIB_TMP/after" | sed 's/^/# KiB before, after: /'
	expect_ge "bytes of an idle connection of Linux" 1000 "$(value linux idle)"
	expect_le "bytes of an idle connection" "$(value linux idle)" "$(value plumb idle)"
	expect_le "bytes of one that has exchanged" "$(value linux exchanged)" "$(value plumb exchanged)"
	for cache in PLUMB_TCP tcp_tw_rec tcp_half_rec; do
		expect_eq "objects of $cache" 0 "$(objects "$cache")"
	done
	# A three hundredth of what they held.
	for kind in slab unnamed vmalloc percpu; do
		expect_le "KiB of $kind" $(($(value before "$kind") + 1024)) "$(value after "$kind")"
	done
}

run_tests "$@"
