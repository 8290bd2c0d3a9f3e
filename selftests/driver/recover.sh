#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The adapter fails: its transmitter hangs, it is out of reach, it is removed. The PCI command
# register stands in for the fault: without bus mastering no descriptor is written back,
# without memory decoding no register can be reached.
# timeout: 120
# allow: transmitter hangs|NETDEV WATCHDOG|transmit queue 0 timed out|the adapter is gone|the PHY does not answer|dev_watchdog
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

PCI_COMMAND=4
PCI_MEMORY=2
PCI_MASTER=4

# command_bit clear|set BIT
command_bit()
{
	local config=/sys/bus/pci/devices/$PCI/config value

	value=$(od -An -tu1 -j "$PCI_COMMAND" -N 1 "$config")
	if [ "$1" = set ]; then
		value=$((value | $2))
	else
		value=$((value & ~$2))
	fi
	printf '%b' "\\x$(printf %02x "$value")" |
		dd of="$config" bs=1 seek="$PCI_COMMAND" count=1 conv=notrunc status=none
}

resets_are_at_least() { [ "$(nic_stat resets)" -ge "$1" ]; }

test_hung_transmitter_is_reset()
{
	nic_up
	PCI=$(nic_pci)
	before=$(nic_stat resets)
	defer command_bit set "$PCI_MASTER"
	command_bit clear "$PCI_MASTER"
	ping -q -c 3 -i 0.1 -W 1 "$PLUMB_PEER" && fail "frames pass without bus mastering"
	wait_until 30 resets_are_at_least $((before + 1))
	command_bit set "$PCI_MASTER"
	wait_until 30 nic_reaches_peer
	send_stream 150000
}

# Its registers read zero here, which is a link that is down.
test_adapter_out_of_reach_does_no_harm()
{
	nic_up
	PCI=$(nic_pci)
	command_bit clear "$PCI_MEMORY"
	defer command_bit set "$PCI_MEMORY"
	wait_until 10 no_carrier
	ethtool -d "$NIC" raw on >/dev/null
	ethtool -S "$NIC" >/dev/null
	ip link set "$NIC" down
	unload_plumb
	command_bit set "$PCI_MEMORY"
	nic_up
}

no_carrier() { [ "$(cat "/sys/class/net/$NIC/carrier")" = 0 ]; }

test_adapter_is_removed_and_found_again()
{
	nic_up
	PCI=$(nic_pci)
	ping -q -f -w 2 "$PLUMB_PEER" >/dev/null 2>&1 &
	echo 1 >"/sys/bus/pci/devices/$PCI/remove"
	wait $! || true
	expect_eq "netdevices of the driver" "" "$(nic_device)"
	echo 1 >/sys/bus/pci/rescan
	wait_until 10 nic_device
	nic_up
}

run_tests "$@"
