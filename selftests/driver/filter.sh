#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which frames the adapter takes: its own address, further ones, multicast by hash,
# broadcast, all multicast, everything.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

OTHER=02:00:00:00:0a:01
GROUP=01:00:5e:01:02:03

# expect_frames WHAT WANTED DESTINATION [join ADDRESS]...: of 5 frames to it so many arrive. A
# frame to our own address, sent after them, shows that they have had their time.
expect_frames()
{
	local what=$1 want=$2 to=$3
	shift 3

	listen_here 15 $((want + 1)) "$@"
	wait_until 10 nic_reaches_peer	# a change of filters may pause reception
	peer sh -c "$FRAME send $PEER_DEV $to 200 5; $FRAME send $PEER_DEV $NIC_MAC 200 1"
	expect_match "$what" "^received $((want + 1)) damaged 0 " "$(heard)"
}

test_own_address() { nic_up; expect_frames "frames to us" 5 "$NIC_MAC"; }
test_broadcast() { nic_up; expect_frames "broadcast" 5 ff:ff:ff:ff:ff:ff; }
test_foreign_address_is_left_out() { nic_up; expect_frames "frames to another" 0 "$OTHER"; }
test_group_not_joined_is_left_out() { nic_up; expect_frames "group" 0 "$GROUP"; }
test_group_joined() { nic_up; expect_frames "group" 5 "$GROUP" join "$GROUP"; }
test_second_address() { nic_up; expect_frames "second address" 5 "$OTHER" join "$OTHER"; }

test_group_left_again()
{
	nic_up
	expect_frames "group" 5 "$GROUP" join "$GROUP"
	expect_frames "group, left" 0 "$GROUP"
}

test_changed_own_address()
{
	nic_up
	ip link set "$NIC" down
	defer ip link set "$NIC" address "$NIC_MAC"
	old=$NIC_MAC
	NIC_MAC=02:00:00:00:0b:02
	ip link set "$NIC" address "$NIC_MAC"
	ip link set "$NIC" up
	ip address replace "$PLUMB_ADDR/24" dev "$NIC"
	wait_until 15 nic_reaches_peer
	expect_frames "new address" 5 "$NIC_MAC"
	expect_frames "old address" 0 "$old"
	defer ip link set "$NIC" down
}

test_own_address_changed_while_up()
{
	nic_up
	old=$NIC_MAC
	defer command ip link set "$NIC" address "$old"
	NIC_MAC=02:00:00:00:0b:03
	ip link set "$NIC" address "$NIC_MAC"
	expect_frames "new address" 5 "$NIC_MAC"
	expect_frames "old address" 0 "$old"
	wait_until 15 nic_reaches_peer
}

# 15 fit beside our own; with the 16th the adapter takes all and the stack sorts out.
test_more_addresses_than_entries()
{
	local joins=() i

	nic_up
	for ((i = 1; i <= 15; i++)); do
		joins+=(join "$(printf 02:00:00:00:0c:%02x "$i")")
	done
	expect_frames "15th address" 5 02:00:00:00:0c:0f "${joins[@]}"
	expect_frames "another address beside 15" 0 "$OTHER" "${joins[@]}"
	joins+=(join 02:00:00:00:0c:10)
	expect_frames "16th address" 5 02:00:00:00:0c:10 "${joins[@]}"
	expect_frames "1st of 16" 5 02:00:00:00:0c:01 "${joins[@]}"
	expect_frames "another address, back to few" 0 "$OTHER"
}

# 100 groups: all get through the hash.
test_many_groups()
{
	local joins=() i

	nic_up
	for ((i = 0; i < 100; i++)); do
		joins+=(join "$(printf 01:00:5e:%02x:%02x:%02x $((i % 7)) $((i * 37 % 256)) $((i * 11 % 256)))")
	done
	listen_here 20 100 "${joins[@]}"
	wait_until 10 nic_reaches_peer
	for ((i = 1; i < ${#joins[@]}; i += 2)); do
		echo "$FRAME send $PEER_DEV ${joins[i]} 100 1"
	done >"$LIB_TMP/sends"
	peer sh -c "$(cat "$LIB_TMP/sends")"
	expect_match "groups" "^received 100 damaged 0 " "$(heard)"
}

test_all_multicast()
{
	nic_up
	ip link set "$NIC" allmulticast on
	expect_frames "any group" 5 "$GROUP"
	ip link set "$NIC" allmulticast off
	expect_frames "group, off again" 0 "$GROUP"
}

test_promiscuous()
{
	nic_up
	ip link set "$NIC" promisc on
	expect_frames "frames to another" 5 "$OTHER"
	expect_frames "any group" 5 "$GROUP"
	ip link set "$NIC" promisc off
	expect_frames "frames to another, off again" 0 "$OTHER"
}

test_filters_survive_down_and_up()
{
	nic_up
	ip link set "$NIC" promisc on
	ip link set "$NIC" down
	ip link set "$NIC" up
	expect_frames "frames to another" 5 "$OTHER"
}

run_tests "$@"
