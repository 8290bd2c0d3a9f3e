#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CSMA/CD with real stations: TCP over Plumb between namespaces on one 10 Mb/s repeater hub, and
# on a switch. Hosts: lan.sh. What the counters must be of a load is in test_lan.c, with a clock
# and a seed of its own; here they must fit one another and the rules.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "$(dirname "$0")/lan.sh"

# ring N SIZE: each of N stations sends to the next, all at once.
ring()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		transfer_start "$2" "$i" $((i % $1 + 1)) $((5000 + i))
	done
	transfers_end 60
	quiet
}

# IEEE 802.3 4.2.3.2.5: each collision is followed by a draw, but the 16th of a frame; the n-th
# draw of a frame is of 2^n slots. The least mean for the frames that collided more than once
# is that of as many draws for each.
expect_backoff_by_the_rules()
{
	on W plumb -j lan port show lan | jq -r '.[] | [.ifname, .collisions, .excessive, .single,
		.multiple, .late, .backoff_draws, .backoff_slots, .tx_frames] | @tsv' >"$LIB_TMP/ports"
	cat "$LIB_TMP/ports" >&2
	awk '
		{
			if ($2 != $7 + $3) { print "collisions are not draws + excessive: " $0; bad = 1 }
			if ($7 < $4 + 2 * $5) { print "too few draws for the frames: " $0; bad = 1 }
			if ($4 + $5 > $9) { print "more frames collided than were sent: " $0; bad = 1 }
			if ($6) { print "late collisions on short cables: " $0; bad = 1 }
			draws += $7; slots += $8; single += $4; multiple += $5
		}
		END {
			if (multiple) {
				k = (draws - single) / multiple
				least = multiple * (2 ^ k - 1 - k / 2)
			}
			least += single / 2
			printf "draws %d, slots %d, at least %.0f expected\n", draws, slots, least
			# a draw of 2^n slots has a deviation of about its mean: 4 sigma of the sum
			if (slots < least * (1 - 4 / sqrt(draws + 1))) { print "too few slots"; bad = 1 }
			if (draws && slots / draws > 512) { print "too many slots"; bad = 1 }
			exit bad
		}' "$LIB_TMP/ports" || fail "backoff"
}

driver_agrees() { [ "$(port $(($1 - 1)) "$2")" = "$(mac_stat "S$1" "$3")" ]; }

test_two_stations_send_to_each_other()
{
	stations 2 type hub speed 10 seed 2
	expect_eq "duplex" half "$(port 0 duplex)"
	expect_eq "speed" 10 "$(port 0 link_speed)"
	settings=$(on S1 ethtool eth0)
	expect_match "ethtool" 'Duplex: Half' "$settings"
	expect_match "ethtool" 'Speed: 10Mb/s' "$settings"
	ring 2 150K
	expect_ge "collisions" 1 "$(port_sum collisions)"
	expect_ge "deferrals" 1 "$(port_sum deferred)"
	expect_backoff_by_the_rules
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

test_eight_stations_at_once_none_starves()
{
	local i

	stations 8 type hub speed 10 seed 8
	ring 8 50K
	expect_ge "collisions" 20 "$(port_sum collisions)"
	expect_ge "frames sent after one collision" 5 "$(port_sum single)"
	expect_ge "deferrals" 20 "$(port_sum deferred)"
	expect_backoff_by_the_rules
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

test_three_stations_with_each_bit_coded()
{
	stations 3 type hub speed 10 bits seed 3
	third_hears 5100
	expect_ge "frames a third station heard" 20 "$HEARD"
	ring 3 20K
	expect_ge "collisions" 1 "$(port_sum collisions)"
	expect_backoff_by_the_rules
}

test_switch_has_no_collision()
{
	stations 8 type switch speed 10
	ring 8 50K
	expect_eq "duplex" full "$(port 0 duplex)"
	expect_eq "collisions, deferrals and backoffs" 0 "$(on W plumb -j lan port show lan | jq \
		'map(.collisions + .single + .multiple + .excessive + .late + .deferred + .backoff_draws) | add')"
}

test_switch_learns_who_is_where()
{
	stations 3 type switch speed 100
	third_hears 5001
	third_hears 5002
	expect_le "frames a third station heard" 4 "$HEARD"
}

run_tests "$@"
