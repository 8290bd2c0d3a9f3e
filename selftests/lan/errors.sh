#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bit errors: each damaged frame is counted by the receiving MAC and goes no further; the
# probe's pcapng says of each frame what tshark finds. Hosts: lan.sh.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

BAD="mac_rx_crc_errors mac_rx_alignment_errors mac_rx_fragments mac_rx_undersize
	mac_rx_jabber mac_rx_oversize"

damage()
{
	on W plumb lan set lan port 0 ber "$1" seed 11
	on W plumb lan set lan port 1 ber "$1" seed 12
}

# two_stations ARGUMENT...: they know each other's address, so that no ARP comes in between.
two_stations()
{
	stations 2 "$@"
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	on S2 plumb neigh replace 10.0.0.1 lladdr "$(mac_of S1)" dev eth0
}

# settled: what the transfers still owe each other has been sent, and nothing comes any more.
settled()
{
	wait_until 60 nothing_is_owed
	quiet
}

# Every connection is in TIME-WAIT (06) or gone.
nothing_is_owed()
{
	! { on S1 sed 1d /proc/net/plumb/tcp; on S2 sed 1d /proc/net/plumb/tcp; } |
		awk '$4 != "06" && $4 != "0A"' | grep -q .
}

# expect_ip_saw_no_error HOST: neither of its two stacks has met a header or checksum that was wrong.
expect_ip_saw_no_error()
{
	local found

	# Names, then values, in two lines that begin alike.
	# shellcheck disable=SC2016
	found=$(on "$1" awk '
		$1 != last { last = $1; split($0, name); next }
		{
			for (i = 2; i <= NF; i++) {
				if (substr($1, 1, length($1) - 1) name[i] !~ "^(IpIn(Hdr|Addr)Errors|TcpIn(Csum)?Err(or)?s|" \
				    "(Udp|Icmp)In(Csum)?Errors)$")
					continue
				n++
				if ($i)
					print FILENAME, $1, name[i], $i
			}
			last = ""
		}
		END { print n " counters" }' /proc/net/snmp /proc/net/plumb/snmp)
	expect_eq "errors at $1" "16 counters" "$found"
}

# readings: the ports and what S1 and S2 say of their adapters, between two of which no frame was
# sent: an announcement of an address may come at any time.
readings()
{
	local i

	on W plumb -j lan port show lan >"$LIB_TMP/ports"
	for i in 1 2; do
		on "S$i" ethtool -S eth0 >"$LIB_TMP/mac.$i"
		on "S$i" cat /sys/class/net/eth0/statistics/rx_errors >"$LIB_TMP/rx_errors.$i"
	done
	[ "$(json_each tx_frames <"$LIB_TMP/ports")" = \
		"$(on W plumb -j lan port show lan | json_each tx_frames)" ]
}

# Of the readings: read_port N KEY, read_mac N NAME...
read_port() { json_each "$2" <"$LIB_TMP/ports" | sed -n "$(($1 + 1))p"; }
read_mac() { local n=$1; shift; mac_sum "$*" <"$LIB_TMP/mac.$n"; }

# What S$1 heard, frame by frame: S$2 sent them all, and each is good, or bad in one counter of the
# MAC, or has no start delimiter. The bad ones are as many as the cable has damaged.
expect_accounts()
{
	local to=$1 from=$2 bad good heard damaged bits

	# shellcheck disable=SC2086 # a list
	bad=$(read_mac "$to" $BAD)
	good=$(read_mac "$to" mac_rx_good_packets)
	heard=$(read_port $((to - 1)) rx_frames)
	damaged=$(read_port $((to - 1)) rx_damaged)
	bits=$(read_port $((to - 1)) rx_bit_errors)
	echo "S$to: $heard frames, $bits bits in error, $damaged frames damaged, $bad bad, $good good" >&2
	expect_eq "frames heard by S$to" "$(read_port $((from - 1)) tx_frames)" "$heard"
	expect_eq "bad frames at S$to" "$damaged" "$bad"
	# A bit error in the start delimiter leaves a frame that no MAC has heard.
	expect_le "frames heard by S$to" "$heard" "$((bad + good))"
	expect_ge "frames heard by S$to" "$((heard - 3))" "$((bad + good))"
	expect_eq "frames handed up at S$to" "$good" "$(read_mac "$to" rx_packets)"
	expect_eq "bad frames handed up at S$to" 0 "$(read_mac "$to" rx_bad_frames)"
	expect_le "bad frames beside bits in error at S$to" "$bits" "$bad"
	# violations of the line code are counted beside
	expect_eq "receive errors of the netdevice" $((bad + $(read_mac "$to" mac_rx_errors))) \
		"$(cat "$LIB_TMP/rx_errors.$to")"
	BAD_FRAMES=$((BAD_FRAMES + bad))
}

# BAD_FRAMES: how many were bad.
expect_bad_frames_are_counted()
{
	BAD_FRAMES=0
	wait_until 20 readings
	expect_accounts 1 2
	expect_accounts 2 1
	expect_ip_saw_no_error S1
	expect_ip_saw_no_error S2
}

test_ber_1e_6()
{
	two_stations type cable speed 100
	damage 1e-6
	transfer_start 2M 1 2 5001
	transfer_start 500K 2 1 5002
	transfers_end 60
	settled
	expect_bad_frames_are_counted
	# 20 million bits and the acknowledgments
	expect_ge "bad frames" 8 "$BAD_FRAMES"
	expect_le "bad frames" 60 "$BAD_FRAMES"
}

test_ber_1e_5_on_a_hub_of_bits()
{
	two_stations type hub speed 10 bits
	damage 1e-5
	transfer_start 60K 1 2 5001
	transfers_end 60
	settled
	expect_bad_frames_are_counted
	# half a million bits, two levels each
	expect_ge "bad frames" 3 "$BAD_FRAMES"
	expect_ge "bits in error" 3 "$(port_sum rx_bit_errors)"
}

# At 100 Mb/s levels of MLT-3: a wrong one is a wrong nibble, or a group that is no nibble at all.
test_ber_2e_5_on_a_cable_of_bits()
{
	two_stations type cable speed 100 bits
	damage 2e-5
	background S1 plumb ping -q -i 0.01 -c 200 -s 1400 10.0.0.2
	wait_exit 40 "$BG_PID" || true
	quiet
	expect_bad_frames_are_counted
	# 2.9 million levels each way: 58 errors in the mean
	expect_ge "bad frames" 40 "$BAD_FRAMES"
	expect_ge "of them violations of the line code" 5 "$(($(read_mac 1 mac_rx_errors) + $(read_mac 2 mac_rx_errors)))"
}

# A burst each 100,000 bits, of 1000, in which each tenth is wrong: many bits, of few frames.
test_bursts_of_bit_errors()
{
	local bits damaged

	two_stations type cable speed 100
	on W plumb lan set lan port 1 burst-ber 0.1 to-burst 1e-5 from-burst 1e-3 seed 21
	background S1 plumb ping -q -i 0.01 -c 250 -s 1400 10.0.0.2
	wait_exit 40 "$BG_PID" || true
	quiet
	bits=$(port 1 rx_bit_errors) damaged=$(port 1 rx_damaged)
	echo "$bits bits in error, $damaged frames damaged" >&2
	# 2.9 million bits: 29 bursts, of 100 bits in error
	expect_ge "frames damaged" 12 "$damaged"
	expect_le "frames damaged" 70 "$damaged"
	expect_ge "bits in error of each" $((damaged * 20)) "$bits"
	# shellcheck disable=SC2086 # a list
	expect_eq "bad frames" "$damaged" "$(mac_stat S2 $BAD)"
	expect_eq "bits in error the other way" 0 "$(port 0 rx_bit_errors)"
	expect_ip_saw_no_error S2
}

# On the way to a switch they happen too; it keeps what is bad to itself.
test_bursts_on_the_way_to_a_switch()
{
	local bad

	two_stations type switch speed 100
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	on W plumb lan set lan port 0 burst-ber 0.1 to-burst 1e-5 from-burst 1e-3 seed 21
	background S1 plumb ping -q -i 0.01 -c 250 -s 1400 10.0.0.2
	wait_exit 40 "$BG_PID" || true
	quiet
	bad=$(on W plumb -j lan show lan | json_each discarded)
	echo "$bad bad at the switch, $(port 0 rx_damaged) on the way back" >&2
	expect_ge "bad at the switch" 12 "$bad"
	expect_le "bad at the switch" 70 "$bad"
	expect_ge "bad on the way back" 8 "$(port 0 rx_damaged)"
	# shellcheck disable=SC2086 # a list
	expect_eq "bad beyond the switch" 0 "$(mac_stat S2 $BAD)"
	on W plumb lan set lan port 0 burst-ber 0 to-burst 0 from-burst 0
	on S1 plumb ping -q -i 0.01 -c 50 -s 1400 10.0.0.2
	expect_eq "bad without faults" "$bad" "$(on W plumb -j lan show lan | json_each discarded)"
}

# tshark computes the FCS by itself; the flag in the pcapng is what the model's MAC found.
test_ber_1e_5_and_tshark_agrees()
{
	two_stations type cable speed 100
	quiet
	before=$(port_sum rx_frames)
	scope_start pcapng "$LIB_TMP/wire.pcapng"
	began=$(port_sum rx_frames)	# an announcement may have come before the probe listened
	damage 1e-5
	transfer_start 200K 1 2 5001
	transfers_end 60
	settled
	heard=$(port_sum rx_frames)
	scope_stop
	expect_bad_frames_are_counted
	# 1.8 million bits: 18 in the mean
	expect_ge "bad frames" 6 "$BAD_FRAMES"
	tshark -r "$LIB_TMP/wire.pcapng" -o eth.check_fcs:TRUE -T fields \
		-e frame.packet_flags_crc_error -e eth.fcs.status 2>"$LIB_TMP/tshark" |
		sort | uniq -c >"$LIB_TMP/verdicts"
	cat "$LIB_TMP/verdicts" >&2
	# 0 and good (1), or 1 and bad (0); a frame too short for a header has no FCS field
	expect_no_match "verdicts" '[[:space:]](0|False)[[:space:]]0$|[[:space:]](1|True)[[:space:]]1$' \
		"$(cat "$LIB_TMP/verdicts")"
	seen=$(awk '{ n += $1 } END { print n }' "$LIB_TMP/verdicts")
	expect_ge "frames on the wire" $((heard - began)) "$seen"
	expect_le "frames on the wire" $((heard - before)) "$seen"
	expect_eq "bad frames to tshark" "$BAD_FRAMES" \
		"$(awk '$2 == 1 || $2 == "True" { n += $1 } END { print n + 0 }' "$LIB_TMP/verdicts")"
}

# rx-all and rx-fcs: a bad frame is handed up with its FCS when it is asked for.
test_bad_frames_are_handed_up_if_asked_for()
{
	two_stations type cable speed 100
	on S2 ethtool -K eth0 rx-all on rx-fcs on
	wait_until 10 carrier_is S2 1
	damage 3e-5
	background S1 plumb ping -q -i 0.02 -c 200 -s 1400 10.0.0.2
	wait_exit 30 "$BG_PID" || true
	quiet
	# shellcheck disable=SC2086 # a list
	bad=$(mac_stat S2 $BAD)
	expect_ge "bad frames" 5 "$bad"
	# but those whose address was hit: a few bits of many
	good=$(mac_stat S2 mac_rx_good_packets)
	expect_ge "bad frames handed up" $((bad * 3 / 4)) $(($(mac_stat S2 rx_packets) - good))
}

test_lost_frames_are_no_errors()
{
	two_stations type cable speed 100
	on W plumb lan set lan port 1 drop 0.1 seed 4
	background S1 plumb ping -q -i 0.02 -c 100 10.0.0.2
	wait_exit 30 "$BG_PID" || true
	expect_ge "frames lost" 3 "$(port 1 rx_dropped)"
	# shellcheck disable=SC2086 # a list
	expect_eq "bad frames" 0 "$(mac_stat S2 $BAD)"
}

run_tests "$@"
