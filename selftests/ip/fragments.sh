#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fragments (RFC 791 3.2), both ways: put together whatever their order, refused when they contradict each
# other, given up in time, and never more of them than there is memory for.
# timeout: 180
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

test_any_order_and_size() { by_hand; wire frag_orders; }
# (In such disorder that the limit for one source must be off.)
test_interleaved_packets()
{
	by_hand
	plumb_set A ipfrag_max_dist 0
	wire frag_interleaved
}

test_old_pieces_of_a_busy_source_are_given_up()
{
	by_hand
	plumb_set A ipfrag_max_dist 8
	wire frag_distance 5
	expect_fail wire frag_distance 20
}

test_congestion_marks() { by_hand; wire frag_ecn; }

test_contradictions_are_refused()
{
	by_hand
	plumb_set A ipfrag_time 1
	wire frag_refused
	wait_until 20 nothing_waits
	expect_ge "overlaps" 4 "$(plumb_counter A IpExtReasmOverlaps)"
	expect_ge "failures" 10 "$(plumb_counter A IpReasmFails)"
}

# shellcheck disable=SC2016
frag_memory() { on A awk '$1 == "FRAG:" { print $5 }' /proc/net/plumb/sockstat; }
# shellcheck disable=SC2016
nothing_waits() { [ "$(on A awk '$1 == "FRAG:" { print $3 $5 }' /proc/net/plumb/sockstat)" = 00 ]; }

test_sender_hears_of_timeout()
{
	by_hand
	plumb_set A ipfrag_time 1
	wire frag_timeout
	wait_until 10 nothing_waits
	expect_eq "timeouts" 2 "$(plumb_counter A IpReasmTimeout)"
}

test_flood_is_bounded()
{
	by_hand
	plumb_set A ipfrag_high_thresh 200000
	plumb_set A ipfrag_time 8
	wire frag_flood 3000
	expect_le "memory" 200000 "$(frag_memory)"
	expect_ge "refused" 1000 "$(drops A FRAG_LIMIT)"
	# Whole packets still come through.
	wire icmp_echo
	wait_until 60 nothing_waits
}

test_against_linux_both_ways()
{
	local size

	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
	for size in 1472 1473 2952 2953 9000 65507; do
		on B ping -q -c 2 -i 0.01 -W 5 -s "$size" 10.0.0.5
		on A plumb run ping -q -c 2 -i 0.01 -W 5 -s "$size" 10.0.0.2
	done
	expect_eq "failures" "0 0" "$(plumb_counter A IpReasmFails) $(linux_counter B IpReasmFails)"
	on A ip link set eth0 mtu 576
	on B ip link set eth0 mtu 576
	on A plumb run ping -q -c 2 -i 0.01 -W 5 -s 10000 10.0.0.2
	on A ip link set eth0 mtu 68
	on B ip link set eth0 mtu 68
	on A plumb run ping -q -c 2 -i 0.01 -W 5 -s 1000 10.0.0.2
}

test_reordered_fragments_both_ways()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
	netem A eth0 delay 5ms 3ms
	netem B eth0 delay 5ms 3ms
	on B ping -q -c 20 -i 0.02 -W 5 -s 20000 10.0.0.5
	on A plumb run ping -q -c 20 -i 0.02 -W 5 -s 20000 10.0.0.2
	expect_eq "failures" 0 "$(plumb_counter A IpReasmFails)"
}

# heard SCENE COUNT PROGRAM: what SCENE of wire.py hears at X of COUNT things that PROGRAM of sockets.py sends, on
# Linux and on Plumb, in HEARD; it must be the same.
heard()
{
	local stack from

	by_hand
	HEARD=()
	for from in 10.0.0.1 10.0.0.5; do
		background X "$PY" "$LIB_DIR/wire.py" eth0 "$X_MAC" 10.0.0.9 "$A_MAC" "$from" "$1" "$2"
		wait_until 20 grep -q listening "$BG_LOG"
		stack=on
		[ "$from" = 10.0.0.1 ] || stack=on_plumb
		"$stack" A "$PY" "$LIB_DIR/sockets.py" "$3" "$from" 10.0.0.9 7001
		wait_exit 20 "$BG_PID"
		HEARD+=("$(sed 's/0a00000[15]/HERE/g' "$BG_LOG")")
	done
	echo "${HEARD[0]}"
	expect_eq "as Linux" "${HEARD[0]}" "${HEARD[1]}"
}

# Of IP_OPTIONS the later fragments have what is to be copied (RFC 791 3.1), and no more, as Linux's.
test_options_of_a_datagram_that_is_cut()
{
	heard options_cut 4 options
	expect_eq "as the standard wants it" "listening
first 88041234070b08HERE00000000 others 88041234 text True
first 070b08HERE00000000 others  text True
first 070b08HERE00000000820b00000000000000000088041234 others 820b00000000000000000088041234 text True
first 820b000000000000000000 others 820b000000000000000000 text True" "${HEARD[1]}"
}

# Also of what bears Don't Fragment: by whom may the next one be cut?
test_identifications_as_on_linux()
{
	heard identifications 12 identified
	expect_match "who wants it" '^sort 1 connected 0 0x4000 rising$' "${HEARD[1]}"
	expect_match "who insists" '^sort 2 connected 0 0x4000 none$' "${HEARD[1]}"
}

test_largest_fragment_is_told_as_by_linux()
{
	local address run told=()

	by_hand
	for address in 10.0.0.1 10.0.0.5; do
		run=background
		[ "$address" = 10.0.0.1 ] || run=background_plumb
		"$run" A "$PY" "$LIB_DIR/sockets.py" fragsize "$address" 7001 9
		wait_until 20 grep -q ready "$BG_LOG"
		wire_to "$address" frag_sizes 7001
		wait_exit 20 "$BG_PID"
		told+=("$(cat "$BG_LOG")")
	done
	echo "${told[0]}"
	expect_eq "as Linux" "${told[0]}" "${told[1]}"
	expect_match "the largest" '^3000 \[\(0, 25, 1500\)\]' "${told[1]}"
	expect_match "of small ones" '^3000 \[\(0, 25, 84\)\]' "${told[1]}"
	expect_match "what was not cut" '^1000 \[\]' "${told[1]}"
}

run_tests "$@"
