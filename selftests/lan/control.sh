#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plumb lan: who may, what is refused, where the bounds are, and that nothing stays. Hosts: lan.sh.
# timeout: 300
# allow: the adapter is gone
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"
# shellcheck source=selftests/lan/lan.sh
. "${0%/*}/lan.sh"

# nobody COMMAND...: without any privilege, in W.
nobody()
{
	on W setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

expect_not_permitted()
{
	expect_fail "$@"
	expect_match "$*" 'not permitted' "$(cat "$LIB_TMP/fail.out")"
}

adapters() { find /sys/bus/platform/devices -name 'plumb_lan.*' | wc -l; }
adapters_are() { [ "$(adapters)" = "$1" ]; }

test_nobody_may_look_or_change()
{
	host W
	on W plumb lan add lan type hub speed 10
	defer on W plumb lan del lan
	expect_not_permitted nobody plumb lan add other
	expect_not_permitted nobody plumb lan del lan
	expect_not_permitted nobody plumb lan show
	expect_not_permitted nobody plumb lan port add lan
	expect_not_permitted nobody plumb lan port show
	expect_not_permitted nobody plumb lan set lan port 0 ber 1e-6
	expect_not_permitted nobody timeout 10 plumb lan scope lan count 1
}

# The administrator of a user namespace's own network namespace, and no further.
test_root_of_a_user_namespace_may_in_its_own()
{
	host W S1
	nobody unshare -rn sh -c '
		ip link set lo up
		plumb lan add lan && plumb lan port add lan ifname p0 && ip link show p0 &&
			! plumb lan port add lan netns '"$(netns S1)"'' >"$LIB_TMP/out" 2>&1 ||
		fail "in a user namespace: $(cat "$LIB_TMP/out")"
	expect_match "a port for a foreign namespace" 'not permitted' "$(cat "$LIB_TMP/out")"
	wait_until 20 adapters_are 0
}

test_what_is_wrong_is_refused()
{
	host W
	on W plumb lan add lan type cable
	defer on W plumb lan del lan
	expect_fail on W plumb lan add lan
	expect_fail on W plumb lan add other speed 11
	expect_fail on W plumb lan add other type ring
	expect_fail on W plumb lan add other speed 1000 bits
	expect_fail on W plumb lan add a/b
	expect_fail on W plumb lan add name_of_16_chars
	expect_fail on W plumb lan del other
	expect_fail on W plumb lan port add other
	expect_fail on W plumb lan set lan port 0 ber 1e-6
	on W plumb lan port add lan
	expect_fail on W plumb lan set lan port 0 ber 2
	expect_fail on W plumb lan set lan port 0 ber 1e-10
	expect_fail on W plumb lan set lan port 0 metres 10001
	expect_fail on W plumb lan set lan port 0 flap 3600001
	expect_fail on W plumb lan set lan port 64 plugged off
	expect_match "a port beyond all" 'no such port' "$(cat "$LIB_TMP/fail.out")"
	expect_fail on W plumb lan set lan port 0
	expect_fail on W plumb lan port add lan ifname lo
	expect_fail on W plumb lan show other
	expect_fail on W plumb lan port show other
	expect_match "ports of no medium" 'no such medium' "$(cat "$LIB_TMP/fail.out")"
	expect_fail on W timeout 10 plumb lan scope other
	expect_match "a probe on no medium" 'no such medium' "$(cat "$LIB_TMP/fail.out")"
	expect_fail on W timeout 10 plumb lan scope lan count 2 svg "$LIB_TMP/two.svg"
	# nothing of what cannot be set as a whole
	expect_fail on W plumb lan set lan port 0 drop 0.5 metres 100 speed 11
	expect_match "a speed" '10, 100 or 1000' "$(cat "$LIB_TMP/fail.out")"
	expect_eq "metres" 10 "$(port 0 metres)"
	expect_eq "drop" 0 "$(port 0 drop)"
	expect_eq "ports" 1 "$(on W plumb -j lan show | jq '.[0].ports')"
}

# Whatever can be set is shown, as text and as JSON.
test_settings_are_shown()
{
	local text word filter="" set=(metres 250 speed 100 flap 3000000 ber 1e-06 burst-ber 0.001 to-burst 1e-07
		from-burst 0.0001 drop 0.25 storm 0.5 seed 77)

	host W
	on W plumb lan add lan type switch speed 1000 seed 9
	defer on W plumb lan del lan
	on W plumb lan port add lan ifname eth0 "${set[@]}"
	on W plumb lan set lan port 0 plugged off gone on stalled on
	text=$(on W plumb lan port show lan)
	set -- "${set[@]}"
	while [ $# != 0 ]; do
		expect_match "what is set" " $1 $2( |\$)" "$text"
		filter+=", .\"$1\" == $2"
		shift 2
	done
	expect_match "what is set, in JSON" '^[true,[]+\]$' "$(on W plumb -j lan port show lan | jq -c ".[0] | [${filter#, }]")"
	for word in unplugged gone stalled; do
		expect_match "what is set" " $word( |\$)" "$text"
		expect_eq "$word" true "$(port 0 "$word")"
	done
	on W plumb lan port add lan
	on W plumb lan set lan port all drop 0 metres 30 stalled off
	expect_eq "metres of all" $'30\n30' "$(on W plumb -j lan port show lan | json_each metres)"
	expect_no_match "what was set" ' (drop|stalled) ' "$(on W plumb lan port show lan)"
	expect_fail on W plumb lan port del lan port all
	expect_match "the medium" '^lan: switch speed 1000 seed 9 ports 2 ' "$(on W plumb lan show lan)"
}

test_a_cable_has_two_ends_a_hub_64_ports()
{
	local i

	host W
	on W plumb lan add wire type cable
	on W plumb lan port add wire
	on W plumb lan port add wire
	expect_fail on W plumb lan port add wire
	expect_match "third end" 'no free port' "$(cat "$LIB_TMP/fail.out")"
	on W plumb lan del wire
	on W plumb lan add lan type hub speed 10
	for ((i = 0; i < 64; i++)); do
		echo lan port add lan
	done | on W plumb -batch -
	expect_fail on W plumb lan port add lan
	expect_eq "ports" 64 "$(on W plumb -j lan port show lan | json_each port | wc -l)"
	on W plumb lan port del lan port 17
	on W plumb lan port add lan ifname again
	expect_eq "the free number" again "$(port 17 ifname)"
	on W plumb lan del lan
	expect_eq "adapters" 0 "$(adapters)"
}

# Rings are memory that nobody's cgroup pays for: guests, all together, have 256 ports.
test_guests_have_256_ports()
{
	local i

	host W
	for ((i = 0; i < 5; i++)); do
		echo "lan add lan$i type hub speed 10"
	done >"$LIB_TMP/media"
	for ((i = 0; i < 256; i++)); do
		echo "lan port add lan$((i / 64))"
	done >"$LIB_TMP/ports"
	chmod 755 "$LIB_TMP"
	# shellcheck disable=SC2016 # for the other shell
	nobody unshare -rn sh -c '
		plumb -batch "$1" && plumb -batch "$2" && echo all
		plumb lan port add lan4 || echo no more
		plumb lan port del lan2 port 7
		plumb lan port add lan4 && echo one again
		plumb lan port add lan2 || echo no more' - "$LIB_TMP/media" "$LIB_TMP/ports" >"$LIB_TMP/out" 2>&1 ||
		fail "in a user namespace: $(cat "$LIB_TMP/out")"
	expect_eq "what it said" "all no more one again no more" "$(grep -v : "$LIB_TMP/out" | tr '\n' ' ' | sed 's/ $//')"
	expect_match "why" 'too many ports in user namespaces' "$(cat "$LIB_TMP/out")"
	wait_until 60 adapters_are 0
	# They are given back.
	nobody unshare -rn sh -c 'plumb lan add lan && plumb lan port add lan'
}

test_64_media_a_namespace()
{
	local i

	host W
	for ((i = 0; i < 64; i++)); do
		echo "lan add lan$i"
	done | on W plumb -batch -
	expect_fail on W plumb lan add lan64
	expect_match "the 65th" 'too many media' "$(cat "$LIB_TMP/fail.out")"
	expect_eq "media" 64 "$(on W plumb -j lan show | json_each name | wc -l)"
}

test_cable_is_pulled_and_plugged()
{
	stations 2 type switch speed 100
	on S1 plumb ping -q -c 1 -W 5 10.0.0.2
	on W plumb lan set lan port 1 plugged off
	wait_until 10 carrier_is S2 0
	carrier_is S1 1
	expect_fail on S1 plumb ping -q -c 1 -W 1 10.0.0.2
	on W plumb lan set lan port 1 plugged on
	wait_until 10 carrier_is S2 1
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
}

# In loopback the adapter hears what it sends, and nobody else does.
test_adapter_that_talks_to_itself()
{
	local from

	stations 2 type cable speed 100
	capture S2 eth0 "$LIB_TMP/seen" ether dst "$(mac_of S1)"
	expect_match "verdict" 'result is PASS' "$(on S1 ethtool -t eth0 offline)"
	wait_until 10 carrier_is S1 1
	wait_until 10 on S1 plumb ping -q -c 1 -W 1 10.0.0.2
	stop_capture
	from=$(tcpdump -enr "$LIB_TMP/seen" 2>/dev/null | awk '{ print $2 }' | sort -u)
	expect_eq "who has sent to it" "$(mac_of S2)" "$from"
}

test_stream_survives_a_flapping_cable()
{
	stations 2 type cable speed 100
	transfer_start 3M 1 2 5001
	on W plumb lan set lan port 0 flap 300
	transfers_end 60
	expect_ge "times the link went" 1 "$(on S1 cat /sys/class/net/eth0/carrier_down_count)"
	on W plumb lan set lan port 0 flap 0
	wait_until 10 carrier_is S1 1
}

# What is on the way when the cable goes ends there: the others hear a fragment.
test_flapping_cable_on_a_hub_cuts_frames()
{
	stations 2 type hub speed 10
	on S1 plumb neigh replace 10.0.0.2 lladdr "$(mac_of S2)" dev eth0
	without_end S1
	on W plumb lan set lan port 0 flap 150
	wait_until 30 cut_at S2 3
	kill -KILL "$BG_PID"
	on W plumb lan set lan port 0 flap 0
	wait_until 10 carrier_is S1 1
	expect_ge "times the link went" 3 "$(on S1 cat /sys/class/net/eth0/carrier_down_count)"
	quiet
	transfer_start 100K 1 2 5001
	transfers_end 60
}

cut_at() { [ "$(mac_stat "$1" mac_rx_crc_errors mac_rx_alignment_errors mac_rx_fragments)" -ge "$2" ]; }

# The namespace of the medium goes: its adapters go, wherever their netdevices are.
test_namespace_takes_its_media_along()
{
	host S1
	ip netns add "$$-gone"
	ip netns exec "$$-gone" plumb lan add lan
	ip netns exec "$$-gone" plumb lan port add lan ifname eth0 netns "$(netns S1)"
	on S1 ip link set eth0 up
	ip netns delete "$$-gone"
	wait_until 20 adapters_are 0
	expect_fail on S1 ip link show eth0
}

# The namespace of a netdevice goes, the medium stays. The kernel would save the netdevice into the initial
# namespace, where it would be a card of somebody else's.
test_netdevice_goes_with_its_namespace()
{
	host W
	ip netns add "$$-gone"
	on W plumb lan add lan
	defer on W plumb lan del lan
	on W plumb lan port add lan ifname lantest netns "$$-gone"
	on W plumb lan port add lan ifname stays
	ip netns delete "$$-gone"
	wait_until 20 adapters_are 1
	expect_fail ip link show lantest
	expect_eq "what is left" stays "$(on W plumb -j lan port show lan | json_each ifname)"
}

unused() { [ "$(cat /sys/module/plumb/refcnt)" = 0 ]; }

test_unload_takes_everything()
{
	stations 3 type hub speed 10 bits
	background S1 plumb ping -n -i 0.05 10.0.0.2
	ping=$BG_PID
	wait_until 20 grep -q 'bytes from' "$BG_LOG"
	kill -TERM "$ping"
	wait_exit 10 "$ping" || true
	# Its last packet may wait for its turn on the wire.
	wait_until 20 unused
	background S1 ping -q -f 10.0.0.99
	unload_plumb
	expect_eq "adapters" 0 "$(adapters)"
	for i in 1 2 3; do
		expect_fail on "S$i" ip link show eth0
	done
	load_plumb
	on W plumb lan add lan	# what the end of the test takes away
}

test_cycles_leave_no_memory()
{
	local before after i k cycles=$((8 / LIB_PART))

	host W
	on W plumb lan add lan; on W plumb lan port add lan; on W plumb lan del lan
	sync; echo 3 >/proc/sys/vm/drop_caches
	before=$(memory)
	for ((i = 0; i < cycles; i++)); do
		on W plumb lan add lan
		for k in 1 2 3; do
			on W plumb lan port add lan ifname "p$k"
			on W ip link set "p$k" up
		done
		on W plumb lan del lan
	done
	sync; echo 3 >/proc/sys/vm/drop_caches
	after=$(memory)
	# 24 adapters of some 250 KiB each, and as many rings of 1 MiB
	expect_le "kB that $cycles cycles have cost" 4000 $((after - before))
}

memory() { awk '/^Slab:/ { print $2 }' /proc/meminfo; }

run_tests "$@"
