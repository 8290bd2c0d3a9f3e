#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The adapter fails: its transmitter hangs, it is out of reach, it is removed. The PCI command
# register stands in for the fault: without bus mastering no descriptor is written back,
# without memory decoding no register can be reached.
# timeout: 120
# allow: transmitter hangs|NETDEV WATCHDOG|transmit queue 0 timed out|the adapter is gone|the PHY does not answer|dev_watchdog
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

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
	! on_model || skip "PCI alone"
	nic_up
	PCI=$(nic_bus)
	before=$(nic_stat resets)
	defer command_bit set "$PCI_MASTER"
	listen_peer 60 5
	command_bit clear "$PCI_MASTER"
	"$FRAME" send "$NIC" "$(peer_mac)" 300 5
	ping -q -c 3 -i 0.1 -W 1 "$PLUMB_PEER" && fail "frames pass without bus mastering"
	wait_until 30 resets_are_at_least $((before + 1))
	command_bit set "$PCI_MASTER"
	wait_until 30 nic_reaches_peer
	wait "$LISTEN_PID"
	expect_match "frames queued when it hung" "^received 5 damaged 0 " "$(tail -n 1 "$LIB_TMP/heard")"
	send_stream 150000
}

# CoDel, which is the default, drops of what has waited for long in front of the ring; this keeps all.
plain_queue()
{
	tc qdisc replace dev "$NIC" root pfifo limit 1000
	defer tc qdisc del dev "$NIC" root
}

# The same on the model, whose transmitter can be stopped: nothing is lost or sent twice.
test_reset_loses_no_queued_frame()
{
	on_model || skip "the model alone"
	nic_up
	before=$(nic_stat resets)
	plain_queue
	listen_peer 60 200
	defer plumb lan set wire port 0 stalled off
	plumb lan set wire port 0 stalled on
	"$FRAME" send "$NIC" "$(peer_mac)" 300 200
	wait_until 30 resets_are_at_least $((before + 1))
	plumb lan set wire port 0 stalled off
	wait "$LISTEN_PID"
	expect_match "frames" "^received 200 damaged 0 " "$(tail -n 1 "$LIB_TMP/heard")"
	wait_until 15 nic_reaches_peer
	send_stream 150000
}

# More than the ring holds: the queue stops, and wakes when there is room.
test_full_ring_stops_the_queue()
{
	on_model || skip "the model alone"
	nic_up
	ethtool -G "$NIC" tx 80
	wait_until 15 nic_reaches_peer
	plain_queue
	listen_peer 60 300
	defer plumb lan set wire port 0 stalled off
	plumb lan set wire port 0 stalled on
	"$FRAME" send "$NIC" "$(peer_mac)" 100 300
	expect_ge "frames in front of the ring" 200 \
		"$(tc -s -j qdisc show dev "$NIC" | jq 'map(.qlen) | add')"
	plumb lan set wire port 0 stalled off
	wait "$LISTEN_PID"
	expect_match "frames" "^received 300 damaged 0 " "$(tail -n 1 "$LIB_TMP/heard")"
}

test_ring_resize_loses_no_queued_frame()
{
	on_model || skip "the model alone"
	nic_up
	plain_queue
	listen_peer 60 100
	defer plumb lan set wire port 0 stalled off
	plumb lan set wire port 0 stalled on
	"$FRAME" send "$NIC" "$(peer_mac)" 300 100
	ethtool -G "$NIC" tx 1024 rx 256
	plumb lan set wire port 0 stalled off
	wait "$LISTEN_PID"
	expect_match "frames" "^received 100 damaged 0 " "$(tail -n 1 "$LIB_TMP/heard")"
}

# All ones from each register, under traffic.
test_surprise_removal()
{
	on_model || skip "the model alone"
	nic_up
	ping -q -f -w 3 "$PLUMB_PEER" >/dev/null 2>&1 &
	pid=$!
	plumb lan set wire port 0 gone on
	wait_until 10 no_carrier
	wait "$pid" || true
	expect_fail ethtool -S "$NIC"
	expect_fail ethtool -t "$NIC" offline
	expect_fail ethtool -G "$NIC" rx 256
	ip -s link show "$NIC" >/dev/null
	ip link set "$NIC" down
	expect_fail ip link set "$NIC" up
	plumb lan port del wire port 0
	expect_eq "netdevices of the driver" "" "$(nic_device || true)"
	plumb lan port add wire ifname lan0
	nic_up
}

# Its registers read zero here, which is a link that is down.
test_adapter_out_of_reach_does_no_harm()
{
	! on_model || skip "PCI alone"
	nic_up
	PCI=$(nic_bus)
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
	! on_model || skip "PCI alone"
	nic_up
	PCI=$(nic_bus)
	ping -q -f -w 2 "$PLUMB_PEER" >/dev/null 2>&1 &
	echo 1 >"/sys/bus/pci/devices/$PCI/remove"
	wait $! || true
	expect_eq "netdevices of the driver" "" "$(nic_device)"
	echo 1 >/sys/bus/pci/rescan
	wait_until 10 nic_device
	nic_up
}

run_tests "$@"
