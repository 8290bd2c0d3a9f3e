#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the adapter does in the stack's place: checksums, segmentation, gathering.
# Each is turned on and off with the same stream, and on must really use it.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

both_ways() { send_stream 200000 "$1"; receive_stream 200000 $(($1 + 100)); }

test_all_off() { nic_up; ethtool -K "$NIC" tx off sg off tso off gso off gro off rx off; both_ways 7001; }
test_checksum_only() { nic_up; ethtool -K "$NIC" tx on sg off tso off; both_ways 7002; }
test_gather_without_segmentation() { nic_up; ethtool -K "$NIC" tx on sg on tso off gso off; both_ways 7003; }
test_software_segmentation() { nic_up; ethtool -K "$NIC" tso off gso on; both_ways 7004; }

test_segmentation_is_the_adapters()
{
	nic_up
	before=$(nic_stat mac_tx_tso)
	send_stream 200000
	expect_ge "segmented packets" 10 $(($(nic_stat mac_tx_tso) - before))
	ethtool -K "$NIC" tso off
	before=$(nic_stat mac_tx_tso)
	send_stream 200000
	expect_eq "segmented packets" 0 $(($(nic_stat mac_tx_tso) - before))
}

# What the stack merges counts as one; the adapter saw many.
test_gro_merges()
{
	nic_up
	before=$(linux_counter_here TcpInSegs)
	frames=$(nic_stat rx_packets)
	receive_stream 500000
	segs=$(($(linux_counter_here TcpInSegs) - before))
	frames=$(($(nic_stat rx_packets) - frames))
	expect_ge "frames" 1500 "$frames"
	expect_le "packets the stack saw" $((frames / 2)) "$segs"
}

linux_counter_here() { "$LIB_NS" counter - "$1" /proc/net/snmp /proc/net/netstat; }

test_context_is_sent_once_for_a_flow()
{
	nic_up
	ethtool -K "$NIC" tso off gso off
	contexts=$(nic_stat tx_contexts)
	send_stream 200000
	expect_le "context descriptors of a flow" 20 $(($(nic_stat tx_contexts) - contexts))
}

test_udp_checksum_is_right_at_the_peer()
{
	nic_up
	before=$(peer cat /proc/net/snmp | awk '/^Udp: [0-9]/ { print $8 }')
	peer timeout 20 iperf3 -s -1 -p 7601 >/dev/null &
	wait_until 10 peer_listens 7601
	iperf3 -u -b 10M -l 1001 -t 1 -c "$PLUMB_PEER" -p 7601 >/dev/null
	after=$(peer cat /proc/net/snmp | awk '/^Udp: [0-9]/ { print $8 }')
	expect_eq "UDP datagrams with a wrong checksum at the peer" "$before" "$after"
}

test_ipv6_segmentation()
{
	nic_up
	sysctl -qw "net.ipv6.conf.$NIC.disable_ipv6=0"
	defer sysctl -qw "net.ipv6.conf.$NIC.disable_ipv6=1"
	peer sysctl -qw "net.ipv6.conf.$PEER_DEV.disable_ipv6=0"
	ip -6 address replace fd77::2/64 dev "$NIC" nodad
	peer ip -6 address replace fd77::1/64 dev "$PEER_DEV" nodad
	defer peer sysctl -qw "net.ipv6.conf.$PEER_DEV.disable_ipv6=1"
	wait_until 10 ping -6 -c 1 -W 2 fd77::1
	before=$(nic_stat mac_tx_tso)
	peer timeout 30 sh -c "socat -u TCP6-LISTEN:7701,reuseaddr STDOUT | sha256sum" >"$LIB_TMP/v6" &
	seq 200000 | socat -u - "TCP6:[fd77::1]:7701,$STREAM_RETRY"
	wait $!
	expect_eq "sum at the peer" "$(seq 200000 | sha256sum)" "$(cat "$LIB_TMP/v6")"
	expect_ge "segmented packets" 5 $(($(nic_stat mac_tx_tso) - before))
}

test_doorbell_is_rung_for_bursts()
{
	nic_up
	ethtool -K "$NIC" tso off gso on
	bells=$(nic_stat tx_doorbells)
	packets=$(nic_stat tx_packets)
	send_stream 300000
	bells=$(($(nic_stat tx_doorbells) - bells))
	packets=$(($(nic_stat tx_packets) - packets))
	expect_le "tail writes for $packets frames" $((packets / 2)) "$bells"
}

run_tests "$@"
