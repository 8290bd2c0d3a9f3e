#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The frame check sequence: stripped, handed up, left out; and bad frames handed up.
# QEMU's adapter makes no FCS, so what is shown is where the octets are.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

# expect_length LENGTH EXTRA: a frame of that length comes up with so many octets more.
expect_length()
{
	listen_here 15 1
	wait_until 10 nic_reaches_peer
	from_peer "$NIC_MAC" "$1"
	expect_match "frame of $1 octets" "^received 1 damaged 0 length $1 extra $2 " "$(heard)"
}

test_fcs_is_stripped()
{
	nic_up
	for len in 60 300 1514; do
		expect_length "$len" 0
	done
}

test_fcs_is_handed_up()
{
	nic_up
	ethtool -K "$NIC" rx-fcs on
	for len in 60 300 1514; do
		expect_length "$len" 4
	done
	receive_stream $((150000 / LIB_PART))
	ethtool -K "$NIC" rx-fcs off
	expect_length 300 0
}

test_fcs_with_jumbo_frames()
{
	peer_mtu 9000
	nic_up_mtu 9000
	ethtool -K "$NIC" rx-fcs on
	# the FCS ends in a buffer of its own at 4096
	for len in 300 4092 4093 4095 4096 9014; do
		expect_length "$len" 4
	done
}

test_bad_frames_are_asked_for()
{
	peer_mtu 9000
	nic_up
	ethtool -K "$NIC" rx-all on
	for len in 60 1514 2000 9014; do	# longer than the MTU: bad, and wanted
		expect_length "$len" 0
	done
	receive_stream $((150000 / LIB_PART))
	ethtool -K "$NIC" rx-all off
	expect_length 1514 0
	listen_here 10 2
	wait_until 10 nic_reaches_peer
	from_peer "$NIC_MAC" 2000
	from_peer "$NIC_MAC" 700
	from_peer "$NIC_MAC" 701
	expect_match "frames" "^received 2 damaged 0 length 701 " "$(heard)"
}

# On a wire without an FCS of its own, its last octets are taken for one, which is wrong.
test_frame_is_sent_without_fcs()
{
	nic_up
	if on_model; then
		before=$(crc_errors_at_peer)
		"$FRAME" send "$NIC" "$(peer_mac)" 300 3 nofcs
		wait_until 10 crc_errors_are $((before + 3))
		return
	fi
	listen_peer 15 3
	"$FRAME" send "$NIC" "$(peer_mac)" 300 3 nofcs
	wait "$LISTEN_PID"
	expect_match "frames at the peer" "^received 3 damaged 0 length 300 " "$(tail -n 1 "$LIB_TMP/heard")"
}

crc_errors_at_peer() { on PEER ethtool -S "$PEER_DEV" | sed -n 's/^ *mac_rx_crc_errors: //p'; }
crc_errors_are() { [ "$(crc_errors_at_peer)" = "$1" ]; }

run_tests "$@"
