#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The neighbour cache: its states, its bounds, and what senders hear when nobody answers.
# timeout: 300
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

state() { on "$1" plumb neigh | awk -v a="$2" '$1 == a { print $NF }'; }
state_is() { [ "$(state "$1" "$2")" = "$3" ]; }
state_is_not() { ! state_is "$@"; }
quick() { plumb_set A "neigh.default.$1" "$2"; }

linux_peer()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
}

test_states_follow_use()
{
	linux_peer
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	expect_eq "after an answer" REACHABLE "$(state A 10.0.0.2)"
	# Unused: known, but not known to be there. (An echo reply is no acknowledgement.)
	quick delay_first_probe_time 1
	quick base_reachable_time_ms 400
	on A plumb neigh del 10.0.0.2 dev eth0
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	wait_until 20 state_is A 10.0.0.2 STALE
	# Used again: asked for, and there.
	quick base_reachable_time_ms 60000
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	wait_until 20 state_is A 10.0.0.2 REACHABLE
}

# RFC 4861 7.3.1: what a connection acknowledges came through the neighbour; it need not be asked.
test_progress_of_a_connection_confirms()
{
	local pcap=$LIB_TMP/asked.pcap

	linux_peer
	quick base_reachable_time_ms 400
	quick delay_first_probe_time 1
	background B sh -c "nc -l -p 5001 >/dev/null"
	wait_listen B 5001
	capture B eth0 "$pcap" arp
	on A plumb run python3 -c '
import socket, time
s = socket.create_connection(("10.0.0.2", 5001))
for i in range(150):
    s.send(b"x" * 100)
    time.sleep(0.02)'
	stop_capture
	expect_eq "requests in all" 1 "$(tcpdump -nr "$pcap" 2>/dev/null | grep -c 'who-has 10.0.0.2 ')"
}

test_silence_is_reported()
{
	by_hand
	quick retrans_time_ms 100
	expect_match "ping" 'Host Unreachable|100% packet loss' \
		"$(on A plumb run ping -c 2 -W 3 10.0.0.77 || true)"
	expect_eq "state" FAILED "$(state A 10.0.0.77)"
	expect_ge "drops" 1 "$(drops A NEIGH_FAILED)"
}

test_asks_three_times()
{
	local pcap=$LIB_TMP/asked.pcap

	by_hand
	capture X eth0 "$pcap" arp
	on A plumb run ping -q -c 1 -W 1 10.0.0.9 || true
	wait_until 20 state_is A 10.0.0.9 FAILED
	stop_capture
	expect_eq "requests" 3 "$(tcpdump -nr "$pcap" 2>/dev/null | grep -c 'who-has 10.0.0.9 tell 10.0.0.5')"
}

test_gone_neighbour_is_probed_alone_then_given_up()
{
	linux_peer
	quick base_reachable_time_ms 400
	quick delay_first_probe_time 1
	quick retrans_time_ms 200
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	on B ip link set eth0 arp off
	# Unused by then or not: what is sent now is sent to a neighbour that has to be verified.
	wait_until 20 state_is_not A 10.0.0.2 REACHABLE
	on A plumb run ping -q -c 3 -i 0.3 -W 1 10.0.0.2 || true
	wait_until 20 state_is A 10.0.0.2 FAILED
}

test_waiting_packets_are_sent_in_order_when_known()
{
	by_hand
	# The first packets wait for the address; all of them come.
	background A plumb run ping -q -c 5 -i 0.01 -W 5 10.0.0.2
	local log=$BG_LOG pid=$BG_PID
	on X ip addr add 10.0.0.2/24 dev eth0
	wait_exit 20 "$pid" || true
	expect_match "ping" '5 received' "$(cat "$log")"
}

test_queue_is_bounded()
{
	by_hand
	quick unres_qlen_bytes 4000
	on A plumb run ping -q -c 40 -i 0.002 -s 1000 -W 1 10.0.0.77 || true
	expect_ge "drops" 30 "$(drops A NEIGH_QUEUE)"
}

test_table_is_bounded()
{
	by_hand
	quick gc_thresh3 6
	for i in $(seq 100 112); do
		on A plumb run ping -q -c 1 -W 0.01 "10.0.0.$i" >/dev/null 2>&1 || true
	done
	expect_le "entries" 6 "$(on A plumb neigh | wc -l)"
}

test_entries_by_hand()
{
	linux_peer
	on A plumb neigh add 10.0.0.44 lladdr 02:00:00:00:00:44 dev eth0
	expect_eq "permanent" PERMANENT "$(state A 10.0.0.44)"
	expect_fail on A plumb neigh add 10.0.0.44 lladdr 02:00:00:00:00:45 dev eth0
	on A plumb neigh replace 10.0.0.44 lladdr 02:00:00:00:00:45 dev eth0
	expect_match "replaced" '02:00:00:00:00:45' "$(on A plumb neigh)"
	on A plumb neigh flush dev eth0
	expect_eq "flush leaves it" PERMANENT "$(state A 10.0.0.44)"
	on A plumb neigh del 10.0.0.44 dev eth0
	expect_eq "gone" "" "$(state A 10.0.0.44)"
	expect_fail on A plumb neigh del 10.0.0.44 dev eth0
	expect_fail on A plumb neigh add 224.0.0.1 lladdr 02:00:00:00:00:45 dev eth0
	expect_fail on A plumb neigh add 10.0.0.44 lladdr 02:00 dev eth0
	expect_fail on A plumb neigh add 10.0.0.44 lladdr 02:00:00:00:00:45 dev lo
}

# Who is put into PROBE is asked under the address given, and believed or given up by the answer.
test_entry_put_into_probe_is_asked_for()
{
	local pcap=$LIB_TMP/asked.pcap mac

	linux_peer
	mac=$(mac_of B)
	quick retrans_time_ms 100
	capture B eth0 "$pcap" arp
	on A plumb neigh replace 10.0.0.2 lladdr "$mac" dev eth0 nud probe
	wait_until 20 state_is A 10.0.0.2 REACHABLE
	on A plumb neigh replace 10.0.0.44 lladdr 02:00:00:00:00:44 dev eth0 nud probe
	wait_until 20 state_is A 10.0.0.44 FAILED
	stop_capture
	expect_eq "asked under its address" 1 "$(asked "$pcap" "$mac" 10.0.0.2)"
	expect_eq "three times" 3 "$(asked "$pcap" 02:00:00:00:00:44 10.0.0.44)"
	expect_eq "of nobody else" 0 "$(asked "$pcap" ff:ff:ff:ff:ff:ff '10.0.0.(2|44)')"
}

asked() { tcpdump -enr "$1" 2>/dev/null | grep -cE "> $2, .*who-has $3 " || true; }

# With ARP off the device's own address is all there is to send to; with ARP on again neighbours are asked for.
test_arp_off_and_on()
{
	local pcap=$LIB_TMP/unasked.pcap mac

	both_stacks
	mac=$(mac_of A)
	on A ping -q -c 1 -W 5 10.0.0.2
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	on A ip link set eth0 arp off
	capture B eth0 "$pcap"
	expect_eq "Plumb's is forgotten" "" "$(state A 10.0.0.2)"
	expect_eq "Linux's is forgotten" "" "$(on A ip neigh show to 10.0.0.2)"
	expect_fail on A ping -q -c 1 -W 1 10.0.0.2
	expect_fail on A plumb run ping -q -c 1 -W 1 10.0.0.2
	stop_capture
	for from in 10.0.0.1 10.0.0.5; do
		expect_eq "to the device's own address, from $from" 1 \
			"$(tcpdump -enr "$pcap" 2>/dev/null | grep -c "$mac > $mac, .* $from > 10.0.0.2: ICMP echo request")"
	done
	# (The other end may ask for them.)
	expect_eq "nobody is asked" 0 \
		"$(tcpdump -nr "$pcap" arp 2>/dev/null | grep -cE 'tell 10\.0\.0\.[15],' || true)"
	on A ip link set eth0 arp on
	on A ping -q -c 1 -W 5 10.0.0.2
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	# By an answer, or by what the other end asked meanwhile.
	expect_match "known again" "^10\.0\.0\.2 .*lladdr $(mac_of B) .*(REACHABLE|DELAY)" "$(on A plumb neigh)"
}

test_unused_entries_expire()
{
	linux_peer
	quick gc_interval 1
	quick gc_stale_time 1
	quick base_reachable_time_ms 200
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	wait_until 20 state_is A 10.0.0.2 ""
}

run_tests "$@"
