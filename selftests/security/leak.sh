#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nothing that the module gives to programs or puts on the wire holds memory that was not written, or
# an address of the kernel (leak.c). What comes from the stack is seen always; what comes from the heap
# when the kernel poisons that:
#	scripts/vm --append "slub_debug=P init_on_alloc=0" --env LEAK_POISON=1 selftests/run security/leak.sh
#
#	A eth0 10.0.0.1, Plumb ---- eth0 10.0.0.2, Linux B
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)

two_hosts()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
}

test_what_is_looked_for_is_found() { leak self; }

# Nobody expects poison where there is none.
test_heap_is_poisoned_if_it_should_be()
{
	[ -n "${LEAK_POISON-}" ] || return 0
	expect_eq "kmalloc-512 poisoned" 1 "$(cat /sys/kernel/slab/kmalloc-512/poison)"
}

test_sockets()
{
	two_hosts
	on A sh -c 'echo 0 0 >/proc/sys/net/plumb/ping_group_range'
	on A leak sockets
}

test_netlink()
{
	local i

	two_hosts
	for i in 1 2 3 4 5; do
		on A plumb route add "10.$i.0.0/16" via 10.0.0.2
		on A plumb neigh add "10.0.0.1$i" lladdr "02:00:00:00:00:0$i" dev eth0
	done
	on A plumb lan add lan
	defer on A plumb lan del lan
	on A plumb lan port add lan ifname f0
	on A leak netlink
}

test_proc_sysctl_and_log()
{
	two_hosts
	background_plumb A socat TCP-LISTEN:7000,fork EXEC:cat
	wait_listen_plumb A 7000
	on B ping -q -c 1 10.0.0.1
	on A leak files /proc/net/plumb /proc/sys/net/plumb /sys/module/plumb/parameters
	on A "${NOBODY[@]}" "$(command -v leak)" files /proc/net/plumb /proc/sys/net/plumb
	dmesg | grep -i plumb >"$LIB_TMP/log"
	leak files "$LIB_TMP/log"
}

test_tracepoints()
{
	local dir=/sys/kernel/tracing

	[ -d "$dir"/events/plumb ] || skip "no tracepoints in this kernel"
	two_hosts
	defer sh -c "echo 0 >$dir/events/plumb/enable; echo >$dir/trace"
	echo 1 >"$dir"/events/plumb/enable
	on B ping -q -c 2 -i 0.2 10.0.0.1
	expect_fail on B socat -u - TCP:10.0.0.1:9 <<<hello
	echo 0 >"$dir"/events/plumb/enable
	expect_ge "lines" 10 "$(wc -l <"$dir"/trace)"
	leak files "$dir"/trace
}

test_driver()
{
	host A
	on A plumb lan add lan
	defer on A plumb lan del lan
	on A plumb lan port add lan ifname f0
	ip -n "$(netns A)" link set f0 up
	on A leak ethtool f0
}

# What short frames are filled up with, gaps between options, what errors quote.
test_wire()
{
	local pid log

	two_hosts
	background B leak wire eth0 200
	pid=$BG_PID log=$BG_LOG
	wait_until 20 grep -q listening "$log"
	on B ping -q -c 2 -i 0.2 10.0.0.1
	on B ping -q -c 1 -s 4000 10.0.0.1
	on B ping -q -c 1 -R 10.0.0.1
	on B ping -q -c 1 -T tsonly 10.0.0.1
	expect_fail on B socat -u - TCP:10.0.0.1:9 <<<hello
	on B socat -u - UDP:10.0.0.1:9 <<<hello
	background_plumb A socat TCP-LISTEN:7000,fork EXEC:cat
	wait_listen_plumb A 7000
	on B socat -t 1 - TCP:10.0.0.1:7000 <<<hello
	on A plumb ping -c 1 10.0.0.3 || true
	wait_exit 60 "$pid" || fail "$(cat "$log")"
	expect_ge "frames" 20 "$(sed -n 's/ frames$//p' "$log")"
}

load_plumb
run_tests "$@"
