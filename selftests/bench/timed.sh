#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a VM with two 82540EM adapters, each on a tap to the Linux peer outside, where
# plumb_bench serves: the first is driven by the in-tree e1000, the second by
# Plumb's driver; both stacks over both, in turn.
#
#	eth on e1000      10.77.0.2 Linux, .102 Plumb ---- 10.77.0.1 peer
#	eth on plumb_nic  10.77.1.2 Linux, .102 Plumb ---- 10.77.1.1 peer
set -euo pipefail
# shellcheck source=selftests/bench/stacks.sh
. "${0%/*}/stacks.sh"

SECONDS_EACH=${BENCH_SECONDS:-2}

# bind PCI_ADDRESS DRIVER: that driver and no other.
bind()
{
	local dev=/sys/bus/pci/devices/$1

	echo "$2" >"$dev/driver_override"
	[ ! -e "$dev/driver" ] || echo "$1" >"$dev/driver/unbind"
	echo "$1" >/sys/bus/pci/drivers_probe
	[ "$(basename "$(readlink "$dev/driver")")" = "$2" ] || {
		echo "$2 does not take $1" >&2
		return 1
	}
}

# adapters: the PCI addresses of 8086:100e, in order.
adapters()
{
	local dev

	for dev in /sys/bus/pci/devices/*; do
		[ "$(cat "$dev/vendor" "$dev/device")" != $'0x8086\n0x100e' ] || basename "$dev"
	done | sort
}

# up N PCI_ADDRESS: addresses of both stacks on the adapter's device.
up()
{
	local dev

	dev=$(basename "/sys/bus/pci/devices/$2"/net/*)
	sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=1" || true
	ip address add "10.77.$1.2/24" dev "$dev"
	ip link set "$dev" up
	! with_plumb || plumb addr add "10.77.$1.102/24" dev "$dev"
	ip -br link show "$dev"
	ping -c 1 -W 10 -q "10.77.$1.1" >/dev/null
}

each()
{
	local metric=$1 round stack i
	shift

	[ "${BENCH_METRIC:-$metric}" = "$metric" ] || return 0
	for ((round = 1; round <= ROUNDS; round++)); do
		for i in "${!DRIVERS[@]}"; do
			for stack in "${STACKS[@]}"; do
				measure "${DRIVERS[i]}" "$metric" "$stack" "$round" - "10.77.$i.1" 7700 "$@"
			done
		done
	done
}

modprobe e1000
mapfile -t PCI < <(adapters)
DRIVERS=(e1000)
if with_plumb; then
	echo e1000 >"/sys/bus/pci/devices/${PCI[0]}/driver_override"
	load_plumb
	as_many_ports -
	DRIVERS+=(plumb_nic)
fi
for i in "${!DRIVERS[@]}"; do
	bind "${PCI[i]}" "${DRIVERS[i]}"
	up "$i" "${PCI[i]}"
done
each bulk-out bulk-out --seconds "$SECONDS_EACH"
each bulk-in bulk-in --seconds "$SECONDS_EACH"
each bulk-out-1000 bulk-out --seconds "$SECONDS_EACH" --conns 1000
each bulk-in-1000 bulk-in --seconds "$SECONDS_EACH" --conns 1000
each rr rr --seconds "$SECONDS_EACH"
each rr-1000 rr --seconds "$SECONDS_EACH" --conns 1000
each crr crr --seconds "$SECONDS_EACH"
each udp-out udp-out --seconds "$SECONDS_EACH"
each udp-in udp-in --count 1000000
