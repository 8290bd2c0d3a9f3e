#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CSMA/CD with real stations: TCP over Plumb between namespaces on one 10 Mb/s repeater hub, and
# on a switch. What the medium counts must be what the rules predict for stations that begin at once with a
# number of frames (predict.c); test_load.c does that for windows and acknowledgments, with a clock of
# its own. Hosts: lan.sh.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

# column N: its sum.
column() { awk -v i="$1" '{ n += $i } END { print n }' <<<"$COUNTED"; }

# IEEE 802.3 4.2.3.2.5: each collision is followed by a draw, but the 16th of a frame.
expect_counters_fit()
{
	awk '
		$2 != $8 + $3 { print "collisions are not draws + excessive: " $0; bad = 1 }
		$8 < $4 + 2 * $5 { print "too few draws for the frames: " $0; bad = 1 }
		$4 + $5 > $10 { print "more frames collided than were sent: " $0; bad = 1 }
		$6 { print "late collisions on short cables: " $0; bad = 1 }
		END { exit bad }' <<<"$COUNTED" || fail "counters"
}

# What the rules predict (predict.c) for as many frames of each station. Its runs give the mean and the
# deviation that the draws alone make; one run in 16000 of a normal distribution is beyond 4 of them. With
# few stations it is not: one frame in hundreds meets the other station up to 16 times. So what a run gave is
# right too. A twentieth of the mean and one count are for what rounds leave out.
expect_as_predicted()
{
	local quantity mean deviation least most saw

	# The work of a run goes about with the cube of the stations.
	# shellcheck disable=SC2046 # a list
	predict $((200000 / $1 ** 3)) 1 $(($(column 11) / $(column 10))) $(cut -f 1 <<<"$COUNTED") >"$LIB_TMP/predicted"
	while read -r quantity mean deviation least most; do
		case $quantity in
		collisions) saw=$(column 2) ;;
		excessive) saw=$(column 3) ;;
		single) saw=$(column 4) ;;
		multiple) saw=$(column 5) ;;
		deferred) saw=$(column 7) ;;
		backoff_draws) saw=$(column 8) ;;
		backoff_slots) saw=$(column 9) ;;
		esac
		echo "$quantity: $saw, predicted $mean, deviation $deviation, $least to $most" >&2
		awk -v saw="$saw" -v mean="$mean" -v dev="$deviation" -v least="$least" -v most="$most" '
			BEGIN {
				off = saw - mean
				exit (off < 0 ? -off : off) > 4 * dev + mean / 20 + 1 && (saw < least || saw > most)
			}' || fail "$quantity: predicted $mean with a deviation of $deviation, saw $saw"
	done <"$LIB_TMP/predicted"
}

# groups_agree STATION PORT: the standard's statistics of its driver are the port's; a last frame may
# come between the two.
groups_agree()
{
	local groups

	groups=$(on "S$1" ethtool -S eth0 --groups eth-mac)
	lib_matches "SingleCollisionFrames: $(port "$2" single)\$" "$groups" &&
		lib_matches "MultipleCollisionFrames: $(port "$2" multiple)\$" "$groups" &&
		lib_matches "FramesWithDeferredXmissions: $(port "$2" deferred)\$" "$groups"
}

test_two_stations_collide_as_predicted()
{
	stations 2 type hub speed 10 seed 2
	expect_eq "duplex" half "$(port 0 duplex)"
	expect_eq "speed" 10 "$(port 0 link_speed)"
	settings=$(on S1 ethtool eth0)
	expect_match "ethtool" 'Duplex: Half' "$settings"
	expect_match "ethtool" 'Speed: 10Mb/s' "$settings"
	keep_rings_full 2
	load 2 16 14480
	expect_counters_fit
	expect_as_predicted 2
}

test_four_stations_collide_as_predicted()
{
	stations 4 type hub speed 10 seed 4
	keep_rings_full 4
	load 4 12 14480
	expect_counters_fit
	expect_as_predicted 4
}

test_eight_stations_collide_as_predicted()
{
	local i

	stations 8 type hub speed 10 seed 8
	keep_rings_full 8
	load 8 8 14480
	expect_counters_fit
	expect_as_predicted 8
	# what the driver reads from the adapter is what the medium counted
	for i in 1 5; do
		wait_until 10 driver_agrees "$i" collisions mac_tx_collisions
		wait_until 10 driver_agrees "$i" deferred mac_tx_deferred
		wait_until 10 driver_agrees "$i" single mac_tx_single_collision
		wait_until 10 driver_agrees "$i" multiple mac_tx_multiple_collision
	done
	wait_until 10 groups_agree 5 4
}

# third_hears: frames that a third station hears while two talk.
third_hears()
{
	local before

	before=$(port 2 rx_frames)
	transfer_start 30K 1 2 "$1"
	transfers_end 20
	quiet
	HEARD=$(($(port 2 rx_frames) - before))
}

# It does not negotiate: its stations know it by its signal (802.3 28.2.3.1).
test_hub_of_100()
{
	local settings

	stations 3 type hub speed 100 seed 6
	settings=$(on S1 ethtool eth0)
	expect_match "ethtool" 'Speed: 100Mb/s' "$settings"
	expect_match "ethtool" 'Duplex: Half' "$settings"
	expect_match "the other end" 'Link partner advertised link modes: +100baseT/Half' "$settings"
	expect_match "it does not negotiate" 'Link partner advertised auto-negotiation: No' "$settings"
	expect_eq "ports" "100 half" "$(port 2 link_speed) $(port 2 duplex)"
	third_hears 5001
	expect_ge "frames a third station heard" 20 "$HEARD"
	keep_rings_full 3
	load 3 4 14480
	expect_counters_fit
}

test_three_stations_with_each_bit_coded()
{
	stations 3 type hub speed 10 bits seed 3
	third_hears 5100
	expect_ge "frames a third station heard" 20 "$HEARD"
	keep_rings_full 3
	load 3 4 14480
	expect_counters_fit
	expect_as_predicted 3
}

test_switch_has_no_collision()
{
	local count=8

	[ "$LIB_PART" = 1 ] || count=4
	stations "$count" type switch speed 10
	keep_rings_full "$count"
	load "$count" 8 14480
	expect_eq "duplex" full "$(port 0 duplex)"
	expect_eq "collisions, deferrals and backoffs" 0 "$(on W plumb -j lan port show lan |
		json_each collisions single multiple excessive late deferred backoff_draws | sum_of_all)"
}

test_switch_learns_who_is_where()
{
	stations 3 type switch speed 100
	third_hears 5001
	third_hears 5002
	expect_le "frames a third station heard" 4 "$HEARD"
	expect_eq "addresses" 3 "$(on W plumb -j lan show lan | json_each addresses)"
	expect_ge "frames to one port" 40 "$(on W plumb -j lan show lan | json_each forwarded)"
	expect_ge "frames to all" 1 "$(on W plumb -j lan show lan | json_each flooded)"
}

# A frame with a wrong FCS is stored, and goes no further (802.1D 7.7).
test_switch_forwards_no_bad_frame()
{
	local before

	stations 3 type switch speed 100
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	quiet
	before=$(switch_count discarded)
	capture S2 eth0 "$LIB_TMP/seen" ether proto 0x88b5
	frames S1 "$(mac_of S2)" own 5 bad
	frames S1 "$(mac_of S2)" own 3 good
	frames S1 ff:ff:ff:ff:ff:ff own 4 bad
	wait_until 10 switch_counts discarded $((before + 9))
	wait_until 10 seen_are 3
	stop_capture
	expect_eq "heard by the third" 0 "$(mac_stat S3 mac_rx_crc_errors)"
}

# Where a frame comes faster than it can go, it waits in 256 KiB; what finds them full is lost, and counted.
test_full_queue_of_a_switch()
{
	local before got dropped

	stations 2 type switch speed 1000
	on W plumb lan set lan port 1 speed 10
	wait_until 10 link_is 1 10
	wait_until 10 carrier_is S2 1
	on S1 ethtool -G eth0 tx 512
	wait_until 10 carrier_is S1 1
	keep_rings_full 1
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	quiet
	before=$(port 1 rx_frames)
	on W plumb lan set lan port 0 stalled on
	on_plumb S1 python3 - <<-'P'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, 32, 4 << 20)	# SO_SNDBUFFORCE
		for _ in range(400):
		    s.sendto(bytes(1400), ("10.0.0.2", 9))
	P
	on W plumb lan set lan port 0 stalled off
	wait_until 20 all_went $((before + 400))
	dropped=$(port 1 queue_dropped)
	got=$(($(port 1 rx_frames) - before))
	echo "$got went, $dropped were dropped" >&2
	# 1454 octets each
	expect_ge "what fits" 180 "$got"
	expect_ge "dropped" 150 "$dropped"
	expect_eq "of the other port" 0 "$(port 0 queue_dropped)"
}

all_went() { [ $(($(port 1 rx_frames) + $(port 1 queue_dropped))) -ge "$1" ]; }
link_is() { [ "$(port "$1" link_speed)" = "$2" ]; }

# Whom it cannot remember any more it looks for everywhere.
test_more_addresses_than_a_switch_remembers()
{
	local before

	stations 3 type switch speed 100
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	on S3 plumb ping -q -c 1 -W 5 10.0.0.2
	quiet
	frames S1 "$(mac_of S2)" 02:00:00:01:00:00 1100 good
	wait_until 20 switch_counts addresses 1024
	capture S2 eth0 "$LIB_TMP/seen" ether proto 0x88b5 and ether src "$(mac_of S3)"
	before=$(port 0 rx_frames)
	frames S3 02:00:00:01:00:05 own 2 good
	frames S3 02:00:00:01:04:4b own 3 good
	wait_until 10 seen_are 3
	stop_capture
	expect_ge "to the first station" $((before + 5)) "$(port 0 rx_frames)"
	# With its cable go those that were on it.
	on W plumb lan set lan port 0 plugged off
	wait_until 10 switch_counts addresses 2
	frames S3 02:00:00:01:04:4b 02:00:00:02:00:00 7 good
	wait_until 10 switch_counts addresses 9
}

switch_count() { on W plumb -j lan show lan | json_each "$1"; }
switch_counts() { [ "$(switch_count "$1")" = "$2" ]; }
seen_are() { [ "$(tcpdump -enr "$LIB_TMP/seen" 2>/dev/null | grep -c ethertype)" = "$1" ]; }

# frames HOST TO FROM COUNT good|bad: frames of type 88b5, from its own address, or from that one and those after it.
frames()
{
	on "$1" python3 - "${@:2}" <<-'P'
		import socket, sys
		to, source, count, good = sys.argv[1:5]
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("eth0", 0))
		if good == "bad":
		    s.setsockopt(socket.SOL_SOCKET, 43, 1)	# SO_NOFCS: the last four octets are it
		own = s.getsockname()[4]
		for i in range(int(count)):
		    if source != "own":
		        own = (int(source.replace(":", ""), 16) + i).to_bytes(6, "big")
		    s.send((bytes.fromhex(to.replace(":", "")) + own + b"\x88\xb5").ljust(64, b"x"))
	P
}

run_tests "$@"
