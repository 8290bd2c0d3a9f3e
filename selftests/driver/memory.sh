#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The driver without memory: each of its allocations, mappings and registrations fails once, in turn
# (plumb_faults.ko, see selftests/faults). What was asked for is refused and can be asked for
# again, or a frame is lost and counted.
# kernel: debug
# timeout: 400
# allow: allocation failure|probe with driver plumb.* failed
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/driver/nic.sh
. "${0%/*}/nic.sh"

FAULTS_KO=$LIB_TOP/build/$(uname -r)/faults/plumb_faults.ko
CONTROL=/sys/kernel/debug/plumb_faults

# Its sites are looked for when the module is loaded.
setup_once()
{
	[ -e "$FAULTS_KO" ] || skip "this kernel cannot make allocations fail"
	unload_plumb
	[ -d /sys/module/plumb_faults ] || insmod "$FAULTS_KO"
}

# nth_fails N COMMAND...: the N-th allocation of all from now on fails. STATUS: of the command; FAILED:
# which it was, nothing if there were not so many.
nth_fails()
{
	echo 4294967295 >"$CONTROL/site"
	echo "${user_only-N}" >"$CONTROL/user_only"
	echo "$1" >"$CONTROL/nth"
	shift
	STATUS=0
	"$@" >"$LIB_TMP/nth.out" 2>&1 || STATUS=$?
	echo 0 >"$CONTROL/nth"
	FAILED=$(<"$CONTROL/failed")
}

# each_is_refused COMMAND...: the first allocation fails, then the second, until the ring is there and
# a buffer for it is missing, or nothing failed; NFAILED: how many were refused. after_each is run after each.
# The frames that pass meanwhile are left alone.
each_is_refused()
{
	local user_only=Y

	for ((NFAILED = 0; ; NFAILED++)); do
		nth_fails $((NFAILED + 1)) "$@"
		echo "$((NFAILED + 1)): ${FAILED:-nothing} failed, status $STATUS" >&2
		case $FAILED in
		*nic_rx_alloc* | *nic_rx_fill* | *nic_rx_refill* | "") break ;;
		esac
		[ "$STATUS" != 0 ] || fail "$FAILED failed, and nobody was told"
		after_each
	done
	expect_eq "status when a buffer is missing" 0 "$STATUS"
}

# A buffer that is missing is asked for again.
ring_is_filled()
{
	expect_ge "failed refills counted" 1 "$(nic_stat rx_no_page)"
	wait_until 20 nic_reaches_peer
}

test_open()
{
	nic_up
	rm -f "$NIC_READY"
	command ip link set "$NIC" down
	after_each() { command ip link set "$NIC" down; }
	each_is_refused command ip link set "$NIC" up
	expect_ge "refused" 5 "$NFAILED"
	ring_is_filled
}

test_new_rings()
{
	nic_up
	after_each() { nic_reaches_peer; }
	each_is_refused ethtool -G "$NIC" rx 256 tx 128
	expect_ge "refused" 5 "$NFAILED"
	expect_match "ring" '^RX:[[:space:]]+256$' "$(command ethtool -g "$NIC" | sed -n '/Current/,$p')"
	ring_is_filled
}

test_mtu_and_features()
{
	nic_up
	after_each() { expect_eq "MTU" 1500 "$(<"/sys/class/net/$NIC/mtu")"; }
	each_is_refused ip link set "$NIC" mtu 4000
	expect_ge "refused" 5 "$NFAILED"
	ip link set "$NIC" mtu 1500
	# what was refused stays wanted, and is not tried again
	after_each()
	{
		expect_match "rx-all" '^rx-all: off' "$(command ethtool -k "$NIC")"
		command ethtool -K "$NIC" rx-all off || true
	}
	each_is_refused ethtool -K "$NIC" rx-all on
	expect_ge "refused" 5 "$NFAILED"
	ring_is_filled
}

# A frame that cannot be mapped or taken up is lost and counted; the next one passes.
test_frames()
{
	local n before

	nic_up
	for mtu in 1500 4000; do
		[ "$mtu" = 1500 ] || nic_up_mtu "$mtu"
		for ((n = 1; ; n++)); do
			before=$(lost)
			nth_fails "$n" ping -q -c 1 -W 1 -s 600 "$PLUMB_PEER"
			echo "$n: ${FAILED:-nothing} failed, status $STATUS" >&2
			[ -n "$FAILED" ] || break
			# (What the model's wire is made of is not the driver's.)
			[[ $FAILED != *\ nic_* ]] || expect_ge "frames counted as lost" $((before + 1)) "$(lost)"
			wait_until 10 nic_reaches_peer
		done
		expect_ge "failures" 2 "$n"
		expect_eq "status without a failure" 0 "$STATUS"
	done
}

# lost: frames lost at either end of the cable, as far as that is ours.
lost()
{
	{
		command ethtool -S "$NIC"
		! on_model || on PEER ethtool -S "$PEER_DEV"
	} | awk '$1 ~ /^(tx_dropped|rx_no_skb|rx_no_page):$/ { n += $2 } END { print n + 0 }'
}

test_self_test()
{
	nic_up
	ethtool -G "$NIC" rx 64 tx 80
	after_each() { :; }
	each_is_refused command ethtool -t "$NIC" offline
}

# PCI's part of it.
test_probe()
{
	! on_model || skip "PCI alone"
	nic_up
	local bus

	bus=$(nic_bus)
	rm -f "$NIC_READY"
	echo "$bus" >/sys/bus/pci/drivers/plumb_nic/unbind
	for ((n = 1; ; n++)); do
		nth_fails "$n" bind "$bus"
		echo "$n: ${FAILED:-nothing} failed, status $STATUS" >&2
		[ -n "$FAILED" ] || break
		[ "$STATUS" != 0 ] || fail "$FAILED failed, and nobody was told"
		expect_eq "netdevices of the driver" "" "$(nic_device || true)"
	done
	expect_eq "status without a failure" 0 "$STATUS"
	expect_ge "failures" 5 "$n"
	nic_up
}

bind() { echo "$1" >/sys/bus/pci/drivers/plumb_nic/bind; }

run_tests "$@"
