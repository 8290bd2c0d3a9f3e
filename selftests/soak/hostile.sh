#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Adapters that lie (drivers/lan/hostile.c, in the sanitizer kernel alone): registers read as something else,
# descriptors say what is not so, interrupts come for nothing, reports of what was sent do not come. The
# driver believes nothing that harms; and works again when they tell the truth. Hosts: common.sh.
# kernel: debug
# timeout: 180
# allow: the adapter is gone|transmitter hangs|NETDEV WATCHDOG|transmit queue 0 timed out|the PHY does not answer|dev_watchdog
# shellcheck source=selftests/soak/common.sh
. "${0%/*}/common.sh"

LIES=/sys/module/plumb/parameters/hostile

honest()
{
	echo 0 >"$LIES"
	for h in A B; do
		ip -n "$(netns "$h")" link set lan0 down || true
		ip -n "$(netns "$h")" link set lan0 up
	done
	wait_until 30 on A plumb ping -c 1 -W 1 10.0.1.2
}

# whatever COMMAND...: it may fail, but not for ever.
whatever()
{
	local rc=0

	timeout $((30 * LIB_SCALE)) "$@" >/dev/null 2>&1 || rc=$?
	[ "$rc" != 124 ] || fail "does not end: $*"
}

# one_course SEED: traffic, and all that makes the driver ask its adapter, which lies.
one_course()
(
	LIB_DEFERRED=()
	trap lib_cleanup EXIT
	"$(command -v soak)" streams "a=$(netns A)" "b=$(netns B)" addr=10.0.1.2 conns=4 ms=60000 \
		may_break=1 port=$((6100 + $1)) >"$LIB_TMP/course" 2>&1 &
	defer end_load $!
	wait_until 20 arrives B
	echo "$1" >"$LIES"
	for h in A B; do
		whatever on "$h" plumb ping -c 30 -i 0.02 -w 5 -s 1000 "10.0.1.$([ "$h" = A ] && echo 2 || echo 1)"
		whatever on "$h" ethtool -S lan0
		whatever on "$h" ethtool -d lan0
		whatever on "$h" ethtool -e lan0
		whatever on "$h" ethtool -G lan0 rx $((64 + $1 % 4 * 64))
		whatever on "$h" ethtool -A lan0 autoneg on
		whatever on "$h" ethtool -r lan0
		whatever on "$h" ip link set lan0 mtu $((1500 + $1 % 2 * 2500))
		whatever on "$h" ip link set lan0 down
		whatever on "$h" ip link set lan0 up
	done
	whatever on A ethtool -t lan0 offline
	whatever on A plumb ping -c 30 -i 0.02 -w 5 -s 1400 10.0.1.2
	expect_no_match "what arrived" 'is wrong' "$(cat "$LIB_TMP/course")"
)

test_driver_bounds_what_it_believes()
{
	local seed

	hosts
	defer sh -c "echo 0 >$LIES"
	modelled
	for seed in ${HOSTILE_SEEDS:-1 2 3}; do
		one_course "$seed"
		honest
	done
	load streams addr=10.0.1.2 conns=4 bytes=100000 port=6099 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	settled
}

test_adapters_lie_while_they_are_attached()
{
	local i

	hosts
	defer sh -c "echo 0 >$LIES"
	on A plumb lan add lan
	echo 77 >"$LIES"
	for ((i = 0; i < 8; i++)); do
		whatever on A plumb lan port add lan ifname "lie$i"
		whatever ip -n "$(netns A)" link set "lie$i" up
	done
	whatever on A plumb lan del lan
	echo 0 >"$LIES"
	! on A plumb lan show | grep -q . || on A plumb lan del lan
	modelled
	settled
}

run_tests "$@"
