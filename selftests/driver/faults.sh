#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory that is not to be had, wherever the driver asks for some: what was there before stays,
# what was asked for is refused or tried again, and traffic goes on. The kernel's fault injection makes
# the allocations fail that a function of the driver has on its stack.
# timeout: 200
# kernel: debug
# allow: FAULT_INJECTION|page allocation failure|swiotlb buffer is full
# shellcheck source=selftests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "$(dirname "$0")/nic.sh"

DEBUG=/sys/kernel/debug

# address_of FUNCTION, and where the next one begins.
address_of() { awk -v f="$1" '$3 == f && $4 == "[plumb]" { print "0x" $1; exit }' /proc/kallsyms; }
address_after()
{
	awk '$4 == "[plumb]" && tolower($2) == "t" { print $1 }' /proc/kallsyms | sort |
		awk -v a="${1#0x}" '$1 > a { print "0x" $1; exit }'
}

# failing failslab|fail_page_alloc FUNCTION TIMES: the next so many allocations below it fail.
failing()
{
	local knob=$DEBUG/$1 start

	start=$(address_of "$2")
	[ -n "$start" ] || fail "no function $2 in the module"
	echo "$start" >"$knob/require-start"
	address_after "$start" >"$knob/require-end"
	echo 32 >"$knob/stacktrace-depth"
	echo 0 >"$knob/verbose"
	echo N >"$knob/ignore-gfp-wait"
	[ ! -e "$knob/min-order" ] || echo 0 >"$knob/min-order"
	echo 1 >"$knob/interval"
	echo "$3" >"$knob/times"
	echo 100 >"$knob/probability"
	defer working_again "$1"
}

working_again()
{
	echo 0 >"$DEBUG/$1/probability"
	echo 0 >"$DEBUG/$1/require-start"
	echo 0 >"$DEBUG/$1/require-end"
}

# expect_refused KNOB FUNCTION COMMAND...: it fails for want of memory, and works without the fault.
expect_refused()
{
	local knob=$1 function=$2
	shift 2

	failing "$knob" "$function" 1
	expect_fail "$@"
	working_again "$knob"
	"$@"
}

small_rings()
{
	nic_up
	ethtool -G "$NIC" rx 64 tx 128
	wait_until 15 nic_has 1500
}

test_new_rings_are_refused_and_the_old_ones_stay()
{
	small_rings
	for case in "failslab nic_tx_ring_alloc" "fail_page_alloc nic_tx_ring_alloc" \
		"failslab nic_rx_ring_alloc" "fail_page_alloc nic_rx_ring_alloc" "failslab nic_rx_pool"; do
		# shellcheck disable=SC2086 # two words
		failing $case 1
		expect_fail ethtool -G "$NIC" rx 72
		working_again "${case% *}"
		expect_match "rings after $case" 'RX:[[:space:]]+64' "$(ethtool -g "$NIC" | sed -n '/Current/,$p')"
		wait_until 15 nic_reaches_peer
	done
	ethtool -G "$NIC" rx 72
}

test_larger_mtu_is_refused()
{
	small_rings
	expect_refused failslab nic_rx_ring_alloc ip link set "$NIC" mtu 9000
	expect_refused failslab nic_rx_ring_alloc ip link set "$NIC" mtu 1500
	expect_eq "mtu" 1500 "$(<"/sys/class/net/$NIC/mtu")"
}

test_rx_all_is_refused()
{
	small_rings
	failing failslab nic_rx_ring_alloc 1
	expect_fail ethtool -K "$NIC" rx-all on
	working_again failslab
	expect_match "features" 'rx-all: off' "$(ethtool -k "$NIC")"
	wait_until 15 nic_reaches_peer
}

test_open_is_refused()
{
	small_rings
	ip link set "$NIC" down
	for function in nic_tx_ring_alloc nic_rx_ring_alloc; do
		expect_refused failslab "$function" ip link set "$NIC" up
		ip link set "$NIC" down
	done
	on_model || expect_refused failslab nic_irq_request ip link set "$NIC" up
	ip link set "$NIC" up
	rm -f "$NIC_READY"
}

test_self_test_says_that_it_had_none()
{
	small_rings
	for case in "failslab nic_tx_ring_alloc" "failslab nic_rx_ring_alloc" "fail_page_alloc nic_test_frames"; do
		# shellcheck disable=SC2086 # two words
		failing $case 1
		out=$(ethtool -t "$NIC" offline || true)
		working_again "${case% *}"
		expect_match "verdict with $case" 'result is FAIL' "$out"
		expect_match "loopback with $case" '^loopback .*[[:space:]][1-9]' "$out"
		wait_until 15 nic_reaches_peer
	done
}

# A frame that finds no memory is lost, and counted; its buffer stays in the ring.
test_no_memory_for_a_packet()
{
	nic_up
	before=$(nic_stat rx_no_skb)
	failing failslab nic_rx_poll 200
	from_peer "$NIC_MAC" 1000 300
	from_peer "$NIC_MAC" 100 300
	wait_until 10 more_than rx_no_skb "$before"
	working_again failslab
	wait_until 15 nic_reaches_peer
	receive_stream 100000
}

# A ring that cannot be refilled is tried again, until there is memory.
test_no_memory_for_the_ring()
{
	nic_up
	before=$(nic_stat rx_no_page)
	failing fail_page_alloc nic_rx_refill 2000
	peer timeout 20 ping -q -f -s 1400 -w 3 "$PLUMB_ADDR" >/dev/null || true
	wait_until 10 more_than rx_no_page "$before"
	working_again fail_page_alloc
	wait_until 15 nic_reaches_peer
	receive_stream 100000
}

test_no_memory_for_jumbo_frames()
{
	peer_mtu 9000
	nic_up_mtu 9000
	before=$(nic_stat rx_no_skb)
	failing failslab nic_rx_poll 200
	from_peer "$NIC_MAC" 9000 300
	wait_until 10 more_than rx_no_skb "$before"
	working_again failslab
	wait_until 15 nic_reaches_peer
}

# A segmented packet whose headers are shared is copied for its changed fields.
test_no_memory_for_headers()
{
	nic_up
	before=$(nic_stat tx_dropped)
	failing failslab nic_tx_post 20
	send_stream 100000
	working_again failslab
	expect_ge "packets dropped" "$before" "$(nic_stat tx_dropped)"
}

test_no_memory_for_the_device()
{
	on_model || skip "the model alone"
	nic_loaded
	plumb lan add other type cable
	defer plumb lan del other
	for function in plumb_nic_attach lan_adapter_init; do
		failing failslab "$function" 1
		expect_fail plumb lan port add other ifname lan9
		working_again failslab
		[ ! -e /sys/class/net/lan9 ] || fail "a device without memory"
	done
	plumb lan port add other ifname lan9
}

more_than() { [ "$(nic_stat "$1")" -gt "$2" ]; }

run_tests "$@"
