#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# PAUSE frames (IEEE 802.3 annex 31B) between two stations on a full duplex cable, and a station and
# a switch. How long a transmitter is held is read from what the probe saw on the wire. Hosts: lan.sh.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

# A quantum is 512 bit times, 51.2 us at 10 Mb/s; the longest PAUSE 65535 of them.
LONGEST=3.355

# control OPCODE QUANTA [DESTINATION]: S2 sends a MAC control frame; control_from HOST ...: another.
control() { control_from S2 "$@"; }
control_from()
{
	local host=$1
	shift

	on "$host" python3 - "$@" <<-'P'
		import socket, struct, sys
		opcode, quanta = (int(a, 0) for a in sys.argv[1:3])
		to = sys.argv[3] if len(sys.argv) > 3 else "01:80:c2:00:00:01"
		sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		sock.bind(("eth0", 0))
		head = bytes.fromhex(to.replace(":", "")) + sock.getsockname()[4]
		sock.send((head + struct.pack("!HHH", 0x8808, opcode, quanta)).ljust(60, b"\0"))
	P
}

count_is() { [ "$(mac_stat "$1" "$2")" = "$3" ]; }

one_ping() { on S1 plumb ping -q -c 1 -W "$1" 10.0.0.2 >/dev/null; }

# two_stations: 10 Mb/s, full duplex; they know each other's address for good.
two_stations()
{
	stations 2 type cable speed 10
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	on S2 plumb neigh replace 10.0.0.1 lladdr "$(mac_of S1)" dev eth0
	one_ping 5
	scope_start pcapng "$LIB_TMP/wire.pcapng"
}

# pinging HOST ADDRESS: ten echo requests a second from now on, so that no frame waits for a process to start;
# pinging_ends.
pinging()
{
	background "$1" plumb ping -q -i 0.1 -c 10000 "$2"
	PINGS=$BG_PID
	local before

	before=$(mac_stat "$1" mac_tx_good_packets)
	wait_until 10 count_is_past "$1" mac_tx_good_packets $((before + 3))
}
pinging_ends() { kill "$PINGS"; wait "$PINGS" || true; }
count_is_past() { [ "$(mac_stat "$1" "$2")" -gt "$3" ]; }

# held [HOST]: this host (S1) has pinged for SECONDS (5); the longest of its silences since the last
# MAC control frame.
held()
{
	local mac

	mac=$(mac_of "${1-S1}")
	sleep "${2-5}"
	pinging_ends
	scope_stop
	tcpdump -r "$LIB_TMP/wire.pcapng" -n -e -tt --nano 2>/dev/null |
		awk -v mac="$mac" '
			/\(0x8808\)/ { at = $1; held = 0; next }
			at && $2 == mac { if ($1 - at > held) held = $1 - at; at = $1 }
			END { print held + 0 }'
}

# expect_held WHAT LEAST MOST SECONDS: seconds; how late a ping may be depends on the machine.
expect_held()
{
	expect_ge "$1" "$2" "$4"
	awk -v most="$3" -v late="${LIB_SCALE:-1}" -v seconds="$4" 'BEGIN { exit !(seconds <= most + late * 0.6) }' ||
		fail "$1: $4, should be $3 and a little"
}

test_pause_holds_the_transmitter_for_its_time()
{
	two_stations
	pinging S1 10.0.0.2
	control 1 0xffff
	wait_until 10 count_is S1 mac_rx_xoff 1
	expect_held "seconds" "$LONGEST" "$LONGEST" "$(held S1 5)"
}

# 0x4000 quanta of 51.2 us, once the one way and once the other.
test_both_directions_hold_by_their_own_pause()
{
	two_stations
	pinging S2 10.0.0.1
	control_from S1 1 0x4000
	wait_until 10 count_is S2 mac_rx_xoff 1
	expect_held "seconds that S2 was held" 0.838 0.839 "$(held S2 2)"
	scope_start pcapng "$LIB_TMP/wire.pcapng"
	pinging S1 10.0.0.2
	control_from S2 1 0x4000
	wait_until 10 count_is S1 mac_rx_xoff 1
	expect_held "seconds that S1 was held" 0.838 0.839 "$(held S1 2)"
}

# The switch's own transmitter is held; the frame goes to nobody else.
test_switch_obeys_and_keeps_it()
{
	stations 2 type switch speed 10
	one_ping 5
	began=$EPOCHREALTIME
	control 1 0xffff
	one_ping 10
	expect_ge "microseconds for an answer" 3355000 $((${EPOCHREALTIME/./} - ${began/./}))
	expect_eq "PAUSE frames at the other station" 0 "$(mac_stat S1 mac_rx_xoff mac_rx_xon)"
}

more_than() { [ "$(port "$1" "$2")" -gt "$3" ]; }

# What a switch keeps for a station goes with the station's cable. (A PAUSE each second: one ends after three.)
test_pulled_cable_empties_the_switchs_queue()
{
	local before pauses

	stations 2 type switch speed 10
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	one_ping 5
	quiet
	background S2 python3 -c '
import socket, struct, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth0", 0))
head = bytes.fromhex("0180c2000001") + sock.getsockname()[4]
while True:
    sock.send((head + struct.pack("!HHH", 0x8808, 1, 0xffff)).ljust(60, b"\0"))
    print("sent", flush=True)
    time.sleep(1)'
	pauses=$BG_PID
	wait_until 10 grep -q sent "$BG_LOG"
	before=$(port 1 rx_frames)
	without_end S1
	wait_until 10 more_than 0 tx_frames $(($(port 0 tx_frames) + 20))
	kill -KILL "$BG_PID"
	expect_eq "frames while it was held" "$before" "$(port 1 rx_frames)"
	on W plumb lan set lan port 1 plugged off
	wait_until 10 carrier_is S2 0
	kill -KILL "$pauses" || true	# without a carrier it may have ended
	on W plumb lan set lan port 1 plugged on
	wait_until 10 carrier_is S2 1
	wait_until 10 one_ping 1
	expect_le "frames after it" 10 $(($(port 1 rx_frames) - before))
}

test_pause_to_our_own_address_holds_until_one_of_zero()
{
	two_stations
	pinging S1 10.0.0.2
	control 1 0xffff "$(mac_of S1)"
	wait_until 10 count_is S1 mac_rx_xoff 1
	control 1 0
	wait_until 10 count_is S1 mac_rx_xon 1
	expect_held "seconds after it" 0 0.2 "$(held S1 2)"
}

test_other_control_frames_hold_nothing()
{
	two_stations
	pinging S1 10.0.0.2
	control 2 0xffff
	wait_until 10 count_is S1 mac_rx_pause_unsupported 1
	expect_eq "PAUSE frames" 0 "$(mac_stat S1 mac_rx_xoff)"
	expect_held "seconds" 0 0.2 "$(held S1 2)"
}

test_pause_that_was_not_negotiated_holds_nothing()
{
	stations 2 type cable speed 10
	on S1 ethtool -A eth0 autoneg off rx off tx off
	wait_until 10 carrier_is S1 1
	one_ping 5
	scope_start pcapng "$LIB_TMP/wire.pcapng"
	pinging S1 10.0.0.2
	control 1 0xffff
	expect_held "seconds" 0 0.2 "$(held S1 2)"
}

run_tests "$@"
