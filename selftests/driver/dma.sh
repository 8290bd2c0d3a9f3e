#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages that cannot be mapped for DMA: with "swiotlb=512,force" on the kernel's command line (as
# scripts/coverage-driver boots it) each mapping is a copy in a pool of 1 MiB, which larger rings
# use up. What cannot be mapped is dropped and counted, or tried again; nothing leaks.
# timeout: 200
# kernel: debug
# allow: swiotlb buffer is full|page allocation failure
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

few_mappings() { grep -q 'swiotlb=512,force' /proc/cmdline || skip "not booted with swiotlb=512,force"; }
more_than() { [ "$(nic_stat "$1")" -gt "$2" ]; }

test_receive_ring_larger_than_the_pool()
{
	few_mappings
	nic_up
	ethtool -G "$NIC" rx 2048
	wait_until 15 more_than rx_no_page 0
	ethtool -G "$NIC" rx 64
	wait_until 15 nic_reaches_peer
	receive_stream 50000
}

test_packets_that_cannot_be_mapped_are_dropped()
{
	few_mappings
	nic_up
	ethtool -G "$NIC" rx 64
	on_model && plumb lan set wire port 0 stalled on
	for ((i = 0; i < 20; i++)); do
		head -c 60000 /dev/zero | timeout 1 socat -u - "UDP-SENDTO:$PLUMB_PEER:9" || true
	done
	wait_until 15 more_than tx_map_failed 0
	expect_ge "dropped" 1 "$(nic_stat tx_dropped)"
	! on_model || plumb lan set wire port 0 stalled off
	wait_until 30 nic_reaches_peer
	send_stream 50000
}

run_tests "$@"
