#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# VLAN tags: stripped and inserted by the adapter or by the stack, and filtered.
#
#	NIC.7 10.78.7.2 ---- tagged 7 ---- 10.78.7.1 vlan7, made by tagger
# timeout: 180
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

vlan_up()
{
	local id=$1 net=10.78.$(($1 % 250))

	ip -batch - <<-END
		link add link $NIC name $NIC.$id type vlan id $id
		address add $net.2/24 dev $NIC.$id
		link set $NIC.$id up
	END
	defer ip link delete "$NIC.$id"
	peer_vlan "$id" "$net.1"
	wait_until 10 ping -c 1 -W 2 "$net.1"
}

# peer_vlan ID ADDRESS: the peer has a device vlanID on it. (The kernel outside may know no VLANs.)
peer_vlan()
{
	if on_model; then
		peer ip link add link "$PEER_DEV" name "vlan$1" type vlan id "$1"
		peer ip address add "$2/24" dev "vlan$1"
		peer ip link set "vlan$1" up
		defer peer ip link delete "vlan$1"
		return
	fi
	peer timeout 20 sh -c "timeout 60 ${FRAME%/*}/tagger $PEER_DEV $1 vlan$1 >/dev/null 2>&1 &
		until ip link set vlan$1 mtu 1500 up 2>/dev/null; do sleep 0.02; done
		ip address add $2/24 dev vlan$1"
	defer peer ip link delete "vlan$1"
}

stream_on_vlan()
{
	PLUMB_PEER=10.78.7.1
	send_stream 100000 7801
	receive_stream 100000 7802
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
	ping -q -c 3 -i 0.05 -W 2 -M "do" -s 1472 10.78.7.1
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
	peer_vlan 9 10.78.9.1
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
	wait_until 15 ping -c 1 -W 2 10.78.7.1
}

run_tests "$@"
