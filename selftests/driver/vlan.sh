#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# VLAN tags: stripped and inserted by the adapter or by the stack, and filtered.
#
#	NIC.7 10.78.7.2 ---- tagged 7 ---- 10.78.7.1 vlan7, made by tagger
# timeout: 180
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

vlan_up()
{
	local id=$1

	ip link add link "$NIC" name "$NIC.$id" type vlan id "$id"
	defer ip link delete "$NIC.$id"
	ip address add "10.78.$((id % 250)).2/24" dev "$NIC.$id"
	ip link set "$NIC.$id" up
	peer_vlan "$id"
	peer ip address add "10.78.$((id % 250)).1/24" dev "vlan$id"
	wait_until 10 ping -c 1 -W 1 "10.78.$((id % 250)).1"
}

# peer_vlan ID: the peer has a device vlanID on it. (Its kernel may know no VLANs.)
peer_vlan()
{
	peer timeout 100 "$(dirname "$FRAME")/tagger" "$PEER_DEV" "$1" "vlan$1" &
	defer peer ip link delete "vlan$1"
	wait_until 10 peer ip link set "vlan$1" mtu 1500 up
}

stream_on_vlan()
{
	PLUMB_PEER=10.78.7.1
	send_stream 200000 7801
	receive_stream 200000 7802
}

test_tags_by_the_adapter()
{
	nic_up
	vlan_up 7
	stream_on_vlan
}

test_tags_by_the_stack()
{
	nic_up
	ethtool -K "$NIC" rxvlan off txvlan off
	vlan_up 7
	stream_on_vlan
}

test_insertion_follows_stripping()
{
	nic_up
	ethtool -K "$NIC" rxvlan off
	expect_match "features" 'tx-vlan-offload: off' "$(ethtool -k "$NIC")"
}

test_full_frame_with_a_tag()
{
	nic_up
	vlan_up 7
	ping -q -c 3 -W 2 -M "do" -s 1472 10.78.7.1
}

test_vlan_ids_at_the_edges()
{
	nic_up
	for id in 31 4094; do
		vlan_up "$id"
	done
}

test_foreign_vlan_is_left_out()
{
	nic_up
	vlan_up 7
	peer_vlan 9
	before=$(nic_stat rx_packets)
	peer "$FRAME" send vlan9 "$NIC_MAC" 200 50
	nic_reaches_peer
	expect_le "frames taken" 20 $(($(nic_stat rx_packets) - before))
	ip link set "$NIC" promisc on
	wait_until 10 nic_reaches_peer
	before=$(nic_stat rx_packets)
	peer "$FRAME" send vlan9 "$NIC_MAC" 200 50
	nic_reaches_peer
	expect_ge "frames taken, promiscuous" 50 $(($(nic_stat rx_packets) - before))
}

test_filter_survives_down_and_up()
{
	nic_up
	vlan_up 7
	ip link set "$NIC" down
	ip link set "$NIC" up
	ip link set "$NIC.7" up
	wait_until 15 ping -c 1 -W 1 10.78.7.1
}

run_tests "$@"
