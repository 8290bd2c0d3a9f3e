#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What goes wrong with links: a duplex mismatch, a cable that carries no more than 10 Mb/s, a
# storm of collisions; and half duplex at 1000 Mb/s. Hosts: lan.sh.
# timeout: 120
# allow: transmitter hangs
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

duplex_is() { [ "$(port "$1" duplex)" = "$2" ]; }
speed_is() { [ "$(port "$1" link_speed)" = "$2" ]; }

# both_send_until SIZE COMMAND...: both stations at once, until that says another number than 0; five times at most.
both_send_until()
{
	local size=$1 i
	shift

	for ((i = 0; i < 5; i++)); do
		transfer_start "$size" 1 2 5001
		transfer_start "$size" 2 1 5002
		transfers_end 60
		quiet
		[ "$("$@")" = 0 ] || break
	done
}

# The end that negotiates takes a forced one for half duplex (802.3 28.2.3.1). It then sees late
# collisions, the forced one what is left of its frames.
test_duplex_mismatch()
{
	# at 10 Mb/s, where the wire is slow beside any processor: else one is late with its answer, a burst has
	# passed by then, and nothing meets
	stations 2 type cable speed 10
	keep_rings_full 2
	on S1 ethtool -s eth0 autoneg off speed 10 duplex full
	wait_until 10 duplex_is 1 half
	wait_until 10 duplex_is 0 full
	wait_until 10 carrier_is S1 1
	wait_until 10 carrier_is S2 1
	expect_match "the forced end" 'Duplex: Full' "$(on S1 ethtool eth0)"
	expect_match "the other end" 'Duplex: Half' "$(on S2 ethtool eth0)"
	both_send_until 100K mac_stat S2 mac_tx_late_collision
	expect_ge "late collisions at the half-duplex end" 1 "$(mac_stat S2 mac_tx_late_collision)"
	expect_eq "collisions at the full-duplex end" 0 "$(mac_stat S1 mac_tx_collisions)"
	expect_ge "bad frames at the full-duplex end" 1 \
		"$(mac_stat S1 mac_rx_crc_errors mac_rx_fragments mac_rx_alignment_errors)"
}

# Ends that do not negotiate have a link if they are of one speed.
test_ends_forced_to_different_speeds()
{
	stations 2 type cable speed 100
	on S1 ethtool -s eth0 autoneg off speed 10 duplex full
	on S2 ethtool -s eth0 autoneg off speed 100 duplex full
	wait_until 10 carrier_is S1 0
	wait_until 10 carrier_is S2 0
	wait_until 10 speed_is 0 0
	expect_match "ethtool" 'Link detected: no' "$(on S1 ethtool eth0)"
	expect_fail on S1 plumb ping -q -c 1 -W 0.5 10.0.0.2
	on S1 ethtool -s eth0 autoneg off speed 100 duplex full
	wait_until 10 speed_is 0 100
	wait_until 10 speed_is 1 100
	expect_eq "duplex" "full full" "$(port 0 duplex) $(port 1 duplex)"
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
	expect_match "nobody negotiates" 'Auto-negotiation: off' "$(on S2 ethtool eth0)"
}

# A signal that takes longer than the slot to the other end and back: who collides hears it too late (4.2.3.2.3). At
# 10 Mb/s the frame is tried again, at 1000 Mb/s it is lost.
test_cables_too_long()
{
	stations 2 type hub speed 10
	on W plumb lan set lan port all metres 10000
	wait_until 10 carrier_is S1 1
	wait_until 10 carrier_is S2 1
	keep_rings_full 2
	both_send_until 50K port_sum late
	expect_ge "late collisions" 1 "$(port_sum late)"
	for i in 1 2; do
		wait_until 10 driver_agrees "$i" late mac_tx_late_collision
	done
}

test_late_collision_at_1000_loses_the_frame()
{
	local i try

	stations 2 type hub speed 1000
	# 8 us from one to the other, where a slot takes 4 and one of our frames 11
	on W plumb lan set lan port all metres 800
	wait_until 10 carrier_is S1 1
	wait_until 10 carrier_is S2 1
	keep_rings_full 2
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	on S2 plumb neigh replace 10.0.0.1 lladdr "$(mac_of S1)" dev eth0
	for ((try = 0; try < 5; try++)); do
		both_begin_at_once
		quiet
		[ "$(port_sum late)" = 0 ] || break
	done
	expect_ge "late collisions" 1 "$(port_sum late)"
	for i in 1 2; do
		wait_until 10 driver_agrees "$i" late mac_tx_late_collision
		wait_until 10 each_frame_was_sent_or_late "$i"
	done
	# Within the standard's length nothing is late.
	on W plumb lan set lan port all metres 10
	wait_until 10 carrier_is S1 1
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
}

# Of what the driver gave the adapter, which it calls an error if it was late.
each_frame_was_sent_or_late()
{
	local late

	late=$(port $(($1 - 1)) late)
	[ "$(on "S$1" cat /sys/class/net/eth0/statistics/tx_packets)" = \
		$(($(port $(($1 - 1)) tx_frames) + late)) ] &&
		[ "$(on "S$1" cat /sys/class/net/eth0/statistics/tx_errors)" = "$late" ]
}

# All that is sent waits in the rings until both are let go.
both_begin_at_once()
{
	local i

	on W plumb lan set lan port all stalled on
	for i in 1 2; do
		on_plumb "S$i" python3 - "10.0.0.$((3 - i))" <<-'P'
			import socket, sys
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			for _ in range(30):
			    s.sendto(bytes(1400), (sys.argv[1], 9))
		P
	done
	on W plumb lan set lan port all stalled off
}

# A station that forces half duplex has the switch's end do the same: they share the cable, as on a hub.
test_switch_at_half_duplex()
{
	stations 2 type switch speed 100 seed 3
	keep_rings_full 2
	on S1 ethtool -s eth0 autoneg off speed 10 duplex half
	wait_until 10 speed_is 0 10
	wait_until 10 carrier_is S1 1
	expect_eq "ports" "10 half, 100 full" \
		"$(port 0 link_speed) $(port 0 duplex), $(port 1 link_speed) $(port 1 duplex)"
	both_send_until 100K port 0 collisions
	expect_ge "collisions" 1 "$(port 0 collisions)"
	wait_until 10 driver_agrees 1 collisions mac_tx_collisions
	expect_eq "late ones" 0 "$(port 0 late)"
	expect_eq "on the other cable" 0 "$(port 1 collisions)"
	on S1 ethtool -s eth0 autoneg on
	wait_until 10 duplex_is 0 full
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
}

# The PHY's registers are as after power-on: what was forced is forgotten, and a link negotiated.
test_phy_is_reset()
{
	local before

	stations 2 type switch speed 100
	on S1 ethtool -s eth0 autoneg off speed 10 duplex half
	wait_until 10 speed_is 0 10
	wait_until 10 carrier_is S1 1
	before=$(on S1 cat /sys/class/net/eth0/carrier_down_count)
	on S1 mii-tool -R eth0
	wait_until 10 speed_is 0 100
	wait_until 10 carrier_is S1 1
	expect_eq "duplex" full "$(port 0 duplex)"
	expect_ge "times the link went" $((before + 1)) "$(on S1 cat /sys/class/net/eth0/carrier_down_count)"
	expect_match "mii-tool" 'negotiated 100baseTx-FD.*, link ok' "$(on S1 mii-tool eth0)"
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
}

test_slow_cable()
{
	stations 2 type switch speed 1000
	expect_eq "speed" 1000 "$(port 0 link_speed)"
	on W plumb lan set lan port 0 speed 10
	wait_until 10 speed_is 0 10
	wait_until 10 carrier_is S1 1
	expect_match "speed" 'Speed: 10Mb/s' "$(on S1 ethtool eth0)"
	expect_eq "the other's speed" 1000 "$(port 1 link_speed)"
	transfer_start 100K 2 1 5001
	transfers_end 30
	on W plumb lan set lan port 0 speed 0
	wait_until 10 speed_is 0 1000
	expect_fail on W plumb lan set lan port 0 speed 11
}

test_storm_of_collisions()
{
	stations 2 type hub speed 10 seed 5
	on W plumb lan set lan port 0 storm 0.3
	transfer_start 200K 1 2 5001
	transfers_end 30
	# Else a frame of ARP could collide between two readings.
	on W plumb lan set lan port 0 storm 0
	quiet
	expect_ge "collisions of the storm" 16 "$(port 0 stormed)"
	expect_ge "collisions" "$(port 0 stormed)" "$(port 0 collisions)"
	expect_eq "of the storm at the other" 0 "$(port 1 stormed)"
	expect_eq "collisions to the adapter" "$(port 0 collisions)" "$(mac_stat S1 mac_tx_collisions)"
}

# Each frame that gives up is lost, and the transmitter goes on with the next.
test_storm_without_end()
{
	stations 2 type hub speed 10 seed 5
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	on W plumb lan set lan port 0 storm 1
	expect_fail on S1 plumb ping -q -c 3 -i 0.2 -W 1 10.0.0.2
	wait_until 10 excessive_at_least 3
	expect_ge "excessive collisions" 3 "$(mac_stat S1 mac_tx_excessive_collision)"
	on W plumb lan set lan port 0 storm 0
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
}

excessive_at_least() { [ "$(port 0 excessive)" -ge "$1" ]; }

# 4.2.3.4: a frame of 64 octets is followed by carrier extension up to a slot of 512.
test_carrier_extension_at_1000_half_duplex()
{
	stations 2 type hub speed 1000
	expect_eq "duplex" half "$(port 0 duplex)"
	expect_match "ethtool" 'Speed: 1000Mb/s' "$(on S1 ethtool eth0)"
	expect_match "ethtool" 'Duplex: Half' "$(on S1 ethtool eth0)"
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	quiet
	background W plumb lan scope lan count 2
	wait_until 10 scope_listens
	on S1 plumb ping -q -c 1 -W 5 -s 18 10.0.0.2
	wait_exit 10 "$BG_PID"
	expect_match "probe" '^  extension +3584 bits$' "$(cat "$BG_LOG")"
	transfer_start 300K 1 2 5001
	transfer_start 300K 2 1 5002
	transfers_end 60
}

run_tests "$@"
