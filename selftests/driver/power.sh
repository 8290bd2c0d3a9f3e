#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The adapter is suspended and resumed, and shut down, as the PCI core does it (plumb_power.ko): the
# adapter alone, as the VM does not survive a suspend of the disk that all its files come from.
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

# power suspend|resume|shutdown
power()
{
	insmod "$LIB_TOP/build/$(uname -r)/power/plumb_power.ko" "device=$(nic_bus)" "step=$1"
	rmmod plumb_power
}

# asleep: until the test ends at the latest.
asleep() { power suspend; SLEEPS=1; defer awake; }
awake() { [ -z "$SLEEPS" ] || power resume; SLEEPS=; }

# Its settings, its addresses and what the stack knows of it come back.
test_suspend_and_resume()
{
	! on_model || skip "PCI alone"
	nic_up
	ethtool -G "$NIC" rx 256
	ping -q -f -w 20 "$PLUMB_PEER" >/dev/null 2>&1 &
	pid=$!
	asleep
	expect_fail ethtool -t "$NIC"
	before=$(nic_interrupts)
	expect_fail ping -q -c 2 -i 0.2 -W 1 "$PLUMB_PEER"
	expect_eq "interrupts while it sleeps" "$before" "$(nic_interrupts)"
	awake
	kill "$pid"
	wait "$pid" || true
	wait_until 15 nic_reaches_peer
	expect_match "ring" '^RX:[[:space:]]+256$' "$(ethtool -g "$NIC" | sed -n '/Current/,$p')"
	send_stream 50000
	receive_stream 50000
}

test_suspend_and_resume_while_it_is_down()
{
	! on_model || skip "PCI alone"
	nic_up
	ip link set "$NIC" down
	asleep
	expect_fail ip link set "$NIC" up
	awake
	ip link set "$NIC" up
	wait_until 15 nic_reaches_peer
	send_stream 50000
}

# Unbound before it is resumed: what the suspend has freed is not freed again.
test_unload_while_it_sleeps()
{
	! on_model || skip "PCI alone"
	nic_up
	power suspend
	rm -f "$NIC_READY"
	unload_plumb
	nic_up
	send_stream 50000
}

# Nothing is received or written to memory any more; another driver finds the adapter whole.
test_shutdown_ends_reception()
{
	! on_model || skip "PCI alone"
	nic_up
	ping -q -f -w 20 "$PLUMB_PEER" >/dev/null 2>&1 &
	pid=$!
	power shutdown
	kill "$pid"
	wait "$pid" || true
	before=$(nic_interrupts)
	expect_fail ping -q -c 2 -i 0.2 -W 1 "$PLUMB_PEER"
	expect_eq "interrupts after it" "$before" "$(nic_interrupts)"
	rm -f "$NIC_READY"
	unload_plumb
	nic_up
	send_stream 50000
}

run_tests "$@"
