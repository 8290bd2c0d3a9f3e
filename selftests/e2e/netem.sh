#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Streams arrive whole and do not stall on a cable with 2% loss, 10% reordering, 1%
# duplication, 1% corruption and 20 ms delay, between any two stacks; one
# impairment at a time as well. Hosts: common.sh; 100 MiB: netem_long.sh.
# timeout: 300
# smp
# shellcheck source=selftests/e2e/impair.sh
. "${0%/*}/impair.sh"

test_all_at_once__plumb_to_linux() { over_bad_cable plumb linux $((4 / LIB_PART))M 8000; }
test_all_at_once__linux_to_plumb() { over_bad_cable linux plumb $((4 / LIB_PART))M 8000; }
test_all_at_once__plumb_to_plumb() { over_bad_cable plumb plumb $((4 / LIB_PART))M 8000; }

# one_impairment ARGUMENT...: of netem, towards B; Plumb both ends.
one_impairment()
{
	two_hosts
	make_file "$LIB_TMP/file" $((6 / LIB_PART))M
	on A ethtool -K eth0 tso off gso off
	netem A eth0 limit 5000 "$@"
	transfer A plumb B plumb "$LIB_TMP/file"
	echo "$*: $TRANSFER"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$TRANSFER"
}

test_loss() { one_impairment loss 5%; }
test_reordering() { one_impairment delay 5ms reorder 25% 50%; }
test_delay_that_varies() { one_impairment delay 10ms 5ms; }
test_rate() { one_impairment rate 50mbit; }

test_duplicates_are_recognised()
{
	one_impairment duplicate 30%
	expect_ge "TcpExtTCPDSACKOldSent" 1 "$(plumb_counter B TcpExtTCPDSACKOldSent)"
}

test_corruption_is_counted()
{
	one_impairment corrupt 5%
	expect_ge "TcpInCsumErrors" 1 "$(plumb_counter B TcpInCsumErrors)"
}

# Nothing passes for two seconds: the stream waits, probes, and goes on.
test_blackout()
{
	local pid log
	two_hosts
	make_file "$LIB_TMP/file" 4M
	# A segment a packet: the moment is told by counting them.
	on A ethtool -K eth0 tso off gso off
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" receive 10.0.0.102 5000
	log=$BG_LOG pid=$BG_PID
	listening B plumb 5000
	netem A eth0 rate 10mbit
	run_bg A plumb "$PY" "$LIB_DIR/stream.py" send 10.0.0.102 5000 "$LIB_TMP/file"
	wait_until 20 seen_segments 100
	netem A eth0 loss 100%
	sleep 2
	netem A eth0 delay 1ms
	wait_exit 60 "$pid"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$(cat "$log")"
	expect_ge "TcpRetransSegs" 1 "$(plumb_counter A TcpRetransSegs)"
}

seen_segments() { [ "$(plumb_counter B TcpInSegs)" -ge "$1" ]; }

run_tests "$@"
