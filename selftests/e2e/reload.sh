#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two hundred cycles of load, traffic and unload leave no memory, device, slab cache or
# /proc entry behind. Hosts: common.sh.
# slow
# timeout: 600
# shellcheck source=selftests/e2e/lifetime_lib.sh
. "${0%/*}/lifetime_lib.sh"

# available_kib: after caches that the kernel may drop at any time were dropped.
available_kib()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 == "MemFree:" || $1 == "SReclaimable:" { sum += $2 } END { print sum }' /proc/meminfo
}

unreclaimable_kib() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }

# vmalloc_bytes: what vmalloc() has given to modules and their per-CPU data.
vmalloc_kib() { awk '$1 == "VmallocUsed:" || $1 == "Percpu:" { sum += $2 } END { print sum }' /proc/meminfo; }

# one_cycle: traffic on standing hosts, so that only the module comes and goes.
one_cycle()
{
	load_plumb
	plumb_addr A 10.0.0.101/24 eth0
	plumb_addr B 10.0.0.102/24 eth0
	"$LIB_DIR/reload_traffic.sh" "$(netns A)" "$(netns B)" "$LIB_TOP/build/selftests/bench/plumb_bench"
	wait_until 30 rmmod plumb
	nothing_left
}

cycles()
{
	local i
	for ((i = 0; i < $1; i++)); do
		one_cycle
	done
}

test_two_hundred_cycles()
{
	local memory slab vmalloc
	unload_plumb
	defer load_plumb
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	cycles 20
	memory=$(available_kib) slab=$(unreclaimable_kib) vmalloc=$(vmalloc_kib)
	cycles 180
	echo "memory: $memory KiB then $(available_kib), slab: $slab then $(unreclaimable_kib)," \
		"vmalloc: $vmalloc then $(vmalloc_kib)"
	# 180 leaks of one page would be 720 KiB.
	expect_le "unreclaimable slab (KiB)" $((slab + 400)) "$(unreclaimable_kib)"
	expect_le "vmalloc and per-CPU memory (KiB)" $((vmalloc + 400)) "$(vmalloc_kib)"
	expect_ge "memory available (KiB)" $((memory - 4000)) "$(available_kib)"
}

run_tests "$@"
