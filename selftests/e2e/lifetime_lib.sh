# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What lifetime.sh and reload.sh share.
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

setup_once()
{
	unload_plumb
	SLABS_BEFORE=$(slabs)
	DEVICES_BEFORE=$(ip -br link | awk '{ print $1 }')
	SYSCTLS_BEFORE=$(ls /proc/sys/net)
	load_plumb
}

slabs() { awk 'NR > 2 { print $1 }' /proc/slabinfo | grep -i plumb || true; }

established_plumb() { on "$1" grep -qE '^ *[0-9]+: [0-9A-F:]+ [0-9A-F:]+ 01 ' /proc/net/plumb/tcp; }

# refused_now: rmmod says that the module is in use.
refused_now()
{
	local out
	if out=$(rmmod plumb 2>&1); then
		load_plumb
		fail "rmmod was not refused"
	fi
	expect_match "what rmmod says" 'in use' "$out"
}

# unloads_soon: rmmod works, once the last socket is gone; the module comes back at the end of the test.
unloads_soon()
{
	defer load_plumb
	wait_until 30 rmmod plumb
}

# some_traffic: TCP and UDP, both roles.
some_traffic()
{
	local bench=$LIB_TOP/build/selftests/bench/plumb_bench pid

	run_bg B plumb "$bench" server --family plumb --addr 10.0.0.102
	pid=$BG_PID
	listening B plumb 7700
	on A "$bench" crr --count 5 --addr 10.0.0.102 >/dev/null
	on A "$bench" bulk-out --bytes 2M --addr 10.0.0.102 >/dev/null
	on A "$bench" rr --family plumb --count 20 --addr 10.0.0.102 >/dev/null
	on A "$bench" bulk-in --family plumb --bytes 2M --addr 10.0.0.102 >/dev/null
	on A "$bench" udp-rr --family plumb --count 20 --size 4000 --addr 10.0.0.102 >/dev/null
	lib_background_gone "$pid"
}

# nothing_left: the system is as it was before the module was loaded.
nothing_left()
{
	expect_eq "the module in lsmod" "" "$(lsmod | awk '$1 == "plumb"')"
	[ ! -e /proc/net/plumb ] || fail "/proc/net/plumb is left"
	[ ! -e /sys/module/plumb ] || fail "/sys/module/plumb is left"
	[ ! -e /sys/kernel/tracing/events/plumb ] || fail "tracing/events/plumb is left"
	expect_eq "/proc/sys/net" "$SYSCTLS_BEFORE" "$(ls /proc/sys/net)"
	expect_eq "slab caches" "$SLABS_BEFORE" "$(slabs)"
	expect_eq "devices" "$DEVICES_BEFORE" "$(ip -br link | awk '{ print $1 }')"
	expect_eq "protocols" "" "$(grep -i plumb /proc/net/protocols || true)"
	expect_eq "packet handlers" "" "$(grep -i plumb /proc/net/ptype || true)"
}
