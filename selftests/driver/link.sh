#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The link going and coming, seen by interrupt; with frames under way.
# timeout: 120
# smp
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

carrier() { echo "$(<"/sys/class/net/$NIC/carrier")"; }
carrier_is() { [ "$(carrier)" = "$1" ]; }
changes() { echo "$(<"/sys/class/net/$NIC/carrier_$1_count")"; }

test_carrier_follows_up_and_down()
{
	nic_up
	expect_eq "carrier" 1 "$(carrier)"
	ip link set "$NIC" down
	expect_fail cat "/sys/class/net/$NIC/carrier"
}

# Negotiation takes the link down for half a second here.
test_renegotiation_is_seen()
{
	nic_up
	down=$(changes down) up=$(changes up)
	ethtool -r "$NIC"
	wait_until 5 expect_counts $((down + 1)) $((up + 1))
	wait_until 15 nic_reaches_peer
}

expect_counts() { [ "$(changes down)" -ge "$1" ] && [ "$(changes up)" -ge "$2" ]; }

test_stream_survives_flaps()
{
	nic_up
	(send_stream 700000 7001) &
	out=$!
	(receive_stream 700000 7002) &
	in=$!
	for ((i = 0; i < 3; i++)); do
		down=$(changes down)
		ethtool -r "$NIC"
		wait_until 5 expect_counts $((down + 1)) 0
		wait_until 5 carrier_is 1
	done
	wait "$out"
	wait "$in"
}

test_renegotiation_needs_a_running_device()
{
	nic_loaded
	ip link set "$NIC" down
	expect_fail ethtool -r "$NIC"
}

run_tests "$@"
