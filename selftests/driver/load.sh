#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading the driver: what appears, and that nothing stays.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

setup_once() { unload_plumb; }

test_device_has_the_address_of_the_rom()
{
	! on_model || skip "each modelled adapter has an address of its own"
	nic_loaded
	expect_eq "MAC address" "$PLUMB_NIC0_MAC" "$NIC_MAC"
	expect_eq "permanent address" "Permanent address: $PLUMB_NIC0_MAC" "$(ethtool -P "$NIC")"
}

test_unload_leaves_no_device()
{
	nic_loaded
	unload_plumb
	expect_eq "netdevices of the driver" "" "$(nic_device)"
	[ ! -e /sys/bus/pci/drivers/plumb_nic ] || fail "the PCI driver is still there"
	expect_no_match "interrupts" "$NIC\$" "$(cat /proc/interrupts)"
}

test_parameter_leaves_the_adapter_alone()
{
	unload_plumb
	load_plumb nic=0
	defer unload_plumb
	expect_eq "netdevices of the driver" "" "$(nic_device)"
}

test_adapter_works_after_each_load()
{
	for ((i = 0; i < 6 / LIB_PART; i++)); do
		unload_plumb
		nic_loaded
		ip address replace "$PLUMB_ADDR/24" dev "$NIC"
		ip link set "$NIC" up
		wait_until 15 nic_has 1500
		wait_until 15 nic_reaches_peer
	done
}

# peer_floods: frames from the peer keep coming, until floods_end.
peer_floods()
{
	FLOOD_FILE=/tmp/plumb-flood.$$.$RANDOM
	peer sh -c "ping -q -f -s 1400 -w 50 $PLUMB_ADDR >/dev/null & echo \$! >$FLOOD_FILE; wait" &
	FLOOD=$!
}

floods_end()
{
	peer sh -c "kill \$(cat $FLOOD_FILE); rm $FLOOD_FILE"
	wait "$FLOOD" || true
}

test_unload_under_traffic()
{
	nic_up
	peer_floods
	for ((i = 0; i < 4 / LIB_PART; i++)); do
		ping -q -f -w 20 "$PLUMB_PEER" >/dev/null &
		pinger=$!
		wait_until 10 frames_pass
		unload_plumb
		kill "$pinger"
		wait "$pinger" || true
		nic_loaded
		ip address replace "$PLUMB_ADDR/24" dev "$NIC"
		ip link set "$NIC" up
	done
	wait_until 15 nic_reaches_peer
	floods_end
}

# frames_pass: at least 50 each way since it was loaded.
frames_pass()
{
	local rx tx

	read -r rx <"/sys/class/net/$NIC/statistics/rx_packets"
	read -r tx <"/sys/class/net/$NIC/statistics/tx_packets"
	((rx >= 50 && tx >= 50))
}

test_up_and_down_under_traffic()
{
	nic_up
	peer_floods
	ping -q -f -w 50 "$PLUMB_PEER" >/dev/null &
	defer lib_background_gone $!
	for ((i = 0; i < 8 / LIB_PART; i++)); do
		ip link set "$NIC" down
		ip link set "$NIC" up
		((i % 4)) || wait_until 15 nic_reaches_peer	# or with reception not begun
	done
	wait_until 15 nic_reaches_peer
	floods_end
}

# slabs and pages come back: 8 cycles may not cost more than noise
test_cycles_leave_no_memory()
{
	local before after i cycles=$((8 / LIB_PART))

	nic_loaded; unload_plumb
	sync; echo 3 >/proc/sys/vm/drop_caches
	before=$(awk '/^Slab:/ { print $2 }' /proc/meminfo)
	for ((i = 0; i < cycles; i++)); do
		nic_loaded
		ip link set "$NIC" up
		unload_plumb
	done
	sync; echo 3 >/proc/sys/vm/drop_caches
	after=$(awk '/^Slab:/ { print $2 }' /proc/meminfo)
	expect_le "kB of slab that $cycles loads have cost" 3000 $((after - before))
}

run_tests "$@"
