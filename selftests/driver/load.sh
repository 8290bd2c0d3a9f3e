#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading the driver: what appears, and that nothing stays.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

setup_once() { unload_plumb; }

test_device_has_the_address_of_the_rom()
{
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
	for ((i = 0; i < 3; i++)); do
		unload_plumb
		nic_loaded
		ip address replace "$PLUMB_ADDR/24" dev "$NIC"
		ip link set "$NIC" up
		wait_until 15 nic_reaches_peer
	done
}

# Frames from the peer keep coming while the driver goes and comes.
test_unload_under_traffic()
{
	nic_up
	peer timeout 60 ping -q -f -s 1400 -w 40 "$PLUMB_ADDR" >"$LIB_TMP/flood" 2>&1 &
	flood=$!
	for ((i = 0; i < 4; i++)); do
		timeout 20 ping -q -f -w 1 "$PLUMB_PEER" || true
		ping -q -f -w 2 "$PLUMB_PEER" >/dev/null &
		pinger=$!
		unload_plumb
		wait "$pinger" || true
		nic_loaded
		ip address replace "$PLUMB_ADDR/24" dev "$NIC"
		ip link set "$NIC" up
	done
	wait_until 15 nic_reaches_peer
	peer pkill -x ping || true
	wait "$flood" || true
}

test_up_and_down_under_traffic()
{
	nic_up
	peer timeout 60 ping -q -f -s 1400 -w 30 "$PLUMB_ADDR" >"$LIB_TMP/flood" 2>&1 &
	for ((i = 0; i < 10; i++)); do
		ip link set "$NIC" down
		ip link set "$NIC" up
		ping -q -f -w 1 -c 20 "$PLUMB_PEER" >/dev/null || true
	done
	wait_until 15 nic_reaches_peer
	peer pkill -x ping || true
}

# slabs and pages come back: 12 cycles may not cost more than noise
test_cycles_leave_no_memory()
{
	local before after i

	nic_loaded; unload_plumb
	sync; echo 3 >/proc/sys/vm/drop_caches
	before=$(awk '/^Slab:/ { print $2 }' /proc/meminfo)
	for ((i = 0; i < 12; i++)); do
		nic_loaded
		ip link set "$NIC" up
		unload_plumb
	done
	sync; echo 3 >/proc/sys/vm/drop_caches
	after=$(awk '/^Slab:/ { print $2 }' /proc/meminfo)
	expect_le "kB of slab that 12 loads have cost" 3000 $((after - before))
}

run_tests "$@"
