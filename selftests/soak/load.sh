#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Load, and what goes wrong under it: queues, memory and rings overflow; links, namespaces, processors and
# the device itself come and go. What was sent arrives, and afterwards all is as before. Hosts: common.sh.
# slow
# timeout: 900
# allow: Memory cgroup out of memory|is now offline|Booting Node
# shellcheck source=selftests/soak/common.sh
. "${0%/*}/common.sh"

test_ten_thousand_connections_in_a_minute()
{
	local took

	hosts
	load churn conns=10000 >"$LIB_TMP/churn"
	took=$(awk '{ print $2 }' "$LIB_TMP/churn")
	echo "# 10000 connections in $took ms"
	expect_le "milliseconds" $((60000 * LIB_SCALE)) "$took"
	forgotten
	settled
}

# All connect at once to a queue of eight that nobody empties for two seconds. (Without cookies: who was
# answered with one, and has what he sent then dropped for want of room, may be reset, as the listener knows
# nothing of him.)
test_listen_queue_overflows()
{
	hosts
	on B sysctl -qw net.plumb.tcp_syncookies=0
	if ! load streams conns=40 bytes=1000 backlog=8 accept_after=2000 >"$LIB_TMP/streams"; then
		on B cat /proc/net/plumb/tcp
		on A cat /proc/net/plumb/tcp
		on B plumb stat -a | grep -E 'Listen|ReqQ|Cookie|TcpIn|Retrans'
		fail "the streams"
	fi
	equal "$LIB_TMP/streams"
	expect_ge "overflows" 1 "$(plumb_counter B TcpExtListenOverflows)"
	expect_ge "handshakes that found no room" 1 "$(plumb_counter B TcpExtTCPReqQFullDrop)"
	settled
}

# tcp_may_have LIMITS: tcp_mem, in pages, while this test runs. (Pressure of a test before ends when memory
# is asked for under the limits as they are: a connection does.)
tcp_may_have()
{
	local before

	load streams conns=1 bytes=1000 >"$LIB_TMP/streams"
	before=$(</proc/sys/net/plumb/tcp_mem)
	defer sysctl -qw "net.plumb.tcp_mem=$before"
	sysctl -qw net.plumb.tcp_mem="$1"
}

# More memory than TCP may have without thrift: its windows shrink, and nothing is lost.
test_memory_pressure_of_tcp()
{
	hosts
	tcp_may_have "64 128 8192"
	load streams conns=50 bytes=20000 read_after=2000 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	expect_ge "times under pressure" 1 $(($(plumb_counter A TcpExtTCPMemoryPressures) +
		$(plumb_counter B TcpExtTCPMemoryPressures)))
	settled
}

# Readers that come late are offered what the core would grant them, so that hardly anything is refused.
test_memory_of_tcp_is_shared()
{
	hosts
	tcp_may_have "64 128 4096"
	load streams conns=50 bytes=400000 read_after=2000 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	echo "refused: $(plumb_counter B TcpExtTCPRcvQDrop) of $(plumb_counter B IpExtInNoECTPkts)"
	expect_ge "packets for each that was refused" 500 \
		$(($(plumb_counter B IpExtInNoECTPkts) / ($(plumb_counter B TcpExtTCPRcvQDrop) + 1)))
	settled
}

# Less than their send queues would fill: the core gives nothing more, and yet each stream comes to its end.
test_memory_end_of_tcp()
{
	hosts
	tcp_may_have "128 256 512"
	load streams conns=100 bytes=20000 read_after=2000 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	settled
}

# Who has no memory gets none, or is killed; somebody else's streams go on beside.
test_small_memory_cgroup()
{
	local group=/sys/fs/cgroup/plumb_soak pid log failures

	hosts
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir "$group"
	defer rmdir "$group"
	echo 4M >"$group/memory.max"
	load_bg streams conns=4 bytes=100000 ms=4000 port=6100
	pid=$BG_PID log=$BG_LOG
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		load streams conns=200 bytes=100000 read_after=1000 may_break=1 port=6200 || true
	) &
	wait $! || true
	failures=$(awk '$1 == "max" { print $2 }' "$group/memory.events")
	echo "# in the group: $(paste -sd ' ' "$group/memory.events")"
	expect_ge "times the group was at its limit" 1 "$failures"
	wait_exit 60 "$pid" || fail "$(cat "$log")"
	equal "$log"
	wait_until 20 group_is_empty "$group"
	settled
}

group_is_empty() { ! grep -q . "$1/cgroup.procs"; }

missed() { on B ethtool -S lan0 | awk '$1 == "mac_rx_missed:" { print $2 }'; }

# The fewest descriptors, interrupts that come late and nobody who asks for a pause.
test_ring_overflows()
{
	hosts
	modelled
	for h in A B; do
		on "$h" ethtool -A lan0 autoneg off rx off tx off || true
		on "$h" ethtool -G lan0 rx 80
		on "$h" ethtool -C lan0 adaptive-rx off rx-usecs 10000
	done
	wait_until 20 on A plumb ping -c 1 -W 1 10.0.1.2
	load streams addr=10.0.1.2 conns=64 bytes=100000 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	echo "# missed: $(missed)"
	expect_ge "frames that found no room" 1 "$(missed)"
	settled
}

downs() { on B cat /sys/class/net/lan0/carrier_down_count; }
downs_at_least() { [ "$(downs)" -ge "$1" ]; }

test_link_flaps()
{
	local pid log before

	hosts
	modelled
	before=$(downs)
	load_bg streams addr=10.0.1.2 conns=16 bytes=200000 ms=4000
	pid=$BG_PID log=$BG_LOG
	on A plumb lan set lan port 1 flap 400
	wait_until 30 downs_at_least $((before + 4))
	on A plumb lan set lan port 1 flap 0 plugged on
	wait_exit 100 "$pid" || fail "$(cat "$log")"
	equal "$log"
	settled
}

# one_namespace_pair: made, loaded, and taken away in the middle of it.
one_namespace_pair()
(
	LIB_DEFERRED=()
	trap lib_cleanup EXIT
	host C D
	veth C D - -
	plumb_addr C 10.0.0.103/24 eth0
	plumb_addr D 10.0.0.104/24 eth0
	"$(command -v soak)" streams "a=$(netns C)" "b=$(netns D)" addr=10.0.0.104 conns=8 ms=60000 \
		may_break=1 >/dev/null 2>&1 &
	defer end_load $!
	wait_until 20 arrives D
)

test_namespaces_come_and_go_under_traffic()
{
	local pid log i

	hosts
	load_bg streams conns=8 bytes=100000 ms=600000
	pid=$BG_PID log=$BG_LOG
	for ((i = 0; i < 10; i++)); do
		one_namespace_pair
	done
	load_ends "$pid" "$log"
	settled
}

test_processors_come_and_go()
{
	local pid log i cpu=/sys/devices/system/cpu/cpu1/online

	[ -e "$cpu" ] || skip "one processor alone (scripts/vm --cpus 2)"
	hosts
	defer sh -c "echo 1 >'$cpu'"
	load_bg streams conns=8 bytes=100000 ms=600000
	pid=$BG_PID log=$BG_LOG
	for ((i = 0; i < 8; i++)); do
		echo 0 >"$cpu"
		read -r -t 0.3 -u "$LIB_NEVER" || true
		echo 1 >"$cpu"
		read -r -t 0.3 -u "$LIB_NEVER" || true
	done
	load_ends "$pid" "$log"
	settled
}

# Plumb's connections may end with its address; Linux's on the same device go on.
test_device_is_released_under_traffic()
{
	local pid log i

	hosts
	on A plumb link set eth0 adopt
	load_bg streams stack=linux addr=10.0.0.2 conns=4 bytes=100000 ms=600000
	pid=$BG_PID log=$BG_LOG
	for ((i = 0; i < 10; i++)); do
		one_release
	done
	load_ends "$pid" "$log"
	# And it is as good as new.
	load streams conns=4 bytes=100000 >"$LIB_TMP/streams"
	equal "$LIB_TMP/streams"
	settled
}

one_release()
(
	local before

	LIB_DEFERRED=()
	trap lib_cleanup EXIT
	before=$(plumb_counter B TcpInSegs)
	"$(command -v soak)" streams "a=$(netns A)" "b=$(netns B)" addr=10.0.0.102 conns=8 ms=60000 \
		may_break=1 port=$((6100 + i)) >/dev/null 2>&1 &
	defer end_load $!
	wait_until 20 arrives_more B "$before"
	on A plumb addr del 10.0.0.101/24 dev eth0
	on A plumb link set eth0 release
	on A plumb link set eth0 adopt
	plumb_addr A 10.0.0.101/24 eth0
	on A plumb ping -c 1 -W 5 10.0.0.102
)

arrives_more() { [ "$(plumb_counter "$1" TcpInSegs)" -ge $(($2 + 50)) ]; }

run_tests "$@"
