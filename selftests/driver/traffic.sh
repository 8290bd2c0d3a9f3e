#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux's own IPv4 over the driver, both ways, frames of every length.
# timeout: 300
# smp
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

test_ping()
{
	nic_up
	ping -q -c 20 -i 0.05 -W 2 "$PLUMB_PEER"
	peer ping -q -c 20 -i 0.05 -W 2 "$PLUMB_ADDR"
}

# From below the minimum to the maximum, each octet's value checked by ping.
test_frames_of_every_length()
{
	nic_up
	for size in 0 1 17 18 19 46 100 213 214 215 512 1400 1471 1472; do
		ping -q -c 1 -W 2 -s "$size" -p a5 "$PLUMB_PEER" ||
			fail "no answer to $size octets"
	done
}

test_stream_out() { nic_up; send_stream $((500000 / LIB_PART)); }
test_stream_in() { nic_up; receive_stream $((500000 / LIB_PART)); }

test_streams_both_ways_at_once()
{
	nic_up
	send_stream 300000 7101 &
	pid=$!
	receive_stream 300000 7102
	wait "$pid"
}

test_udp_datagrams_arrive_whole()
{
	nic_up
	peer timeout 20 iperf3 -s -1 -p 7201 >/dev/null &
	wait_until 10 peer_listens 7201
	# As many as the peer's socket holds: how fast that is read does not matter.
	out=$(iperf3 -J -u -b 700K -l 1400 -t 1 -c "$PLUMB_PEER" -p 7201)
	expect_eq "percent lost" 0 "$(sed -n 's/.*"lost_percent":[[:space:]]*\([0-9.e+-]*\).*/\1/p' <<<"$out" | tail -n 1)"
}

test_jumbo_frames()
{
	local mtu

	for mtu in 1504 4096 9000 16110; do
		peer_mtu "$mtu"
		nic_up_mtu "$mtu"
		ping -q -c 3 -i 0.05 -W 2 -M "do" -s $((mtu - 28)) -p 5a "$PLUMB_PEER" ||
			fail "no answer to $((mtu - 28)) octets at MTU $mtu"
		send_stream $((100000 / LIB_PART)) $((7300 + mtu % 89))
		receive_stream $((100000 / LIB_PART)) $((7400 + mtu % 89))
	done
}

test_mtu_changes_while_up()
{
	peer_mtu 9000
	nic_up
	for mtu in 9000 576 1500; do
		ip link set "$NIC" mtu "$mtu"
		wait_until 10 nic_reaches_peer
		ping -q -c 2 -i 0.05 -W 2 -M "do" -s $((mtu - 28)) "$PLUMB_PEER"
	done
}

test_mtu_has_limits()
{
	nic_loaded
	expect_fail ip link set "$NIC" mtu 16111
	expect_fail ip link set "$NIC" mtu 67
	ip link set "$NIC" mtu 68
	ip link set "$NIC" mtu 16110
	ip link set "$NIC" mtu 1500
}

test_frames_longer_than_the_mtu_do_not_harm()
{
	peer_mtu 9000
	nic_up
	from_peer "$NIC_MAC" 5000 50
	from_peer "$NIC_MAC" 1523 50
	nic_reaches_peer
	wait_until 5 too_long_at_least 100
}

too_long_at_least() { [ "$(nic_stat mac_rx_oversize)" -ge "$1" ]; }

test_many_connections()
{
	nic_up
	peer timeout 300 iperf3 -s -1 -p 7501 >/dev/null &
	wait_until 10 peer_listens 7501
	iperf3 -c "$PLUMB_PEER" -p 7501 -P 16 -t 2 >/dev/null
}

test_counters_count_frames()
{
	nic_up
	before=$(nic_stat mac_tx_good_packets)
	tx=$(cat "/sys/class/net/$NIC/statistics/tx_packets")
	rx=$(cat "/sys/class/net/$NIC/statistics/rx_packets")
	ping -q -c 50 -i 0.01 -W 2 "$PLUMB_PEER"
	expect_ge "tx_packets" 50 $(($(cat "/sys/class/net/$NIC/statistics/tx_packets") - tx))
	expect_ge "rx_packets" 50 $(($(cat "/sys/class/net/$NIC/statistics/rx_packets") - rx))
	expect_ge "the adapter's own count" 50 $(($(nic_stat mac_tx_good_packets) - before))
}

run_tests "$@"
