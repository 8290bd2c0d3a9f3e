#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command line: its grammar, what it prints, its JSON, its errors and exit codes.
# timeout: 400
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# says TEXT CODE COMMAND...: the command ends with that code and says that (a regular expression).
says()
{
	local text=$1 want=$2 rc=0 out
	shift 2

	out=$(on A "$@" 2>&1) || rc=$?
	[ "$rc" = "$want" ] || fail "$*: expected exit code $want, saw $rc: $out"
	expect_match "$*" "$text" "$out"
}

test_addresses()
{
	host A
	veth A A - -
	on A plumb addr add 10.0.0.5/24 broadcast + dev eth0
	on A plumb addr add 10.0.0.6/255.255.255.0 dev eth0
	on A plumb a a 10.1.0.1 dev eth0
	expect_match "first" 'inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0' \
		"$(on A plumb addr show dev eth0)"
	expect_match "second" 'inet 10.0.0.6/24 scope global secondary eth0' \
		"$(on A plumb addr show dev eth0)"
	expect_match "host" 'inet 10.1.0.1/32' "$(on A plumb addr show eth0)"
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_no_match "promoted" secondary "$(on A plumb addr show to 10.0.0.0/24)"
	on A plumb addr flush dev eth0
	expect_eq "after flush" "" "$(on A plumb link show | grep eth0 || true)"
}

test_batch_of_commands()
{
	host A
	veth A A - -
	cat >"$LIB_TMP/batch" <<-'B'
		# two addresses, one of them in two lines
		addr add 10.0.0.5/24 dev eth0

		addr add 10.0.0.6/24 \
			dev "eth0"	# the second
	B
	on A plumb -batch "$LIB_TMP/batch"
	expect_eq "addresses" 2 "$(on A plumb addr show dev eth0 | grep -c "inet 10")"
	printf '%s\n' "addr del 10.0.0.5/24 dev eth0" "addr del 10.0.0.9/24 dev eth0" "nothing at all" \
		"addr add 10.0.0.7/24 dev 'eth0'" "addr add 10.0.0.8/24 dev 'eth0" >"$LIB_TMP/batch"
	says 'Command failed .*batch:2' 1 plumb -b "$LIB_TMP/batch"
	expect_eq "stopped there" 1 "$(on A plumb addr show dev eth0 | grep -c "inet 10")"
	sed -i 1d "$LIB_TMP/batch"
	says 'Command failed .*batch:1' 1 plumb -force -b "$LIB_TMP/batch"
	expect_eq "the rest has run" 2 "$(on A plumb addr show dev eth0 | grep -c "inet 10")"
	says 'Object "nothing" is unknown' 1 plumb -force -b "$LIB_TMP/batch"
	says 'A quote has no end' 1 plumb -force -b "$LIB_TMP/batch"
	says 'Cannot open file' 1 plumb -batch "$LIB_TMP/none"
	says 'not complete' 1 plumb -batch
}

test_address_errors()
{
	host A
	veth A A 10.4.0.1/24 -
	says 'any valid prefix is expected rather than "10.0.0.256/24"' 1 \
		plumb addr add 10.0.0.256/24 dev eth0
	says 'any valid prefix is expected' 1 plumb addr add 10.0.0.1/33 dev eth0
	says 'any valid prefix is expected' 1 plumb addr add 10.0.0.1/255.0.255.0 dev eth0
	says 'any valid prefix is expected' 1 plumb addr add ::1/64 dev eth0
	says 'Cannot find device "nope"' 1 plumb addr add 10.0.0.1/24 dev nope
	says '"dev" argument is required' 1 plumb addr add 10.0.0.1/24
	says 'not complete' 1 plumb addr add
	says 'not complete' 1 plumb addr add 10.0.0.1/24 dev
	says 'garbage' 1 plumb addr add 10.0.0.1/24 10.0.0.2/24 dev eth0
	says 'garbage' 1 plumb addr add 10.0.0.1/24 dev eth0 dev eth0
	says 'not an address that a host may have' 2 plumb addr add 224.0.0.1/4 dev eth0
	says 'Linux holds this address' 2 plumb addr add 10.4.0.1/24 dev eth0
	says 'can not carry Plumb' 2 plumb addr add 10.0.0.1/24 dev lo
	says 'Cannot assign requested address' 2 plumb addr del 10.0.0.1/24 dev eth0
	on A plumb addr add 10.0.0.1/24 dev eth0
	says 'File exists' 2 plumb addr add 10.0.0.1/24 dev eth0
	says 'Flush requires arguments' 1 plumb addr flush
	says 'broadcast' 1 plumb addr add 10.0.0.1/32 broadcast + dev eth0
}

test_routes()
{
	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	on A plumb route add default via 10.0.0.1
	on A plumb route add 10.9/16 via 10.0.0.2 metric 5 mtu 1400
	on A plumb route add unreachable 10.8.0.0/16
	expect_match "default" '^default via 10.0.0.1 dev eth0' "$(on A plumb route)"
	expect_match "metric" '^10.9.0.0/16 via 10.0.0.2 dev eth0 metric 5 mtu 1400' \
		"$(on A plumb route show 10.9.0.0/16)"
	expect_match "longest prefix" '^10.9.1.1 via 10.0.0.2 dev eth0 src 10.0.0.5' \
		"$(on A plumb route get 10.9.1.1)"
	expect_match "its mtu" 'mtu 1400' "$(on A plumb route get 10.9.1.1)"
	expect_match "on the link" '^10.0.0.77 dev eth0 src 10.0.0.5' "$(on A plumb route get 10.0.0.77)"
	expect_match "own" '^local 10.0.0.5 dev' "$(on A plumb route get 10.0.0.5)"
	expect_match "match" '^default' "$(on A plumb route show match 10.9.1.1)"
	says 'No route to host' 2 plumb route get 10.8.0.1
	on A plumb route replace default via 10.0.0.3
	expect_eq "one default" 1 "$(on A plumb route | grep -c '^default')"
	on A plumb route change default via 10.0.0.4
	expect_match "changed" '^default via 10.0.0.4' "$(on A plumb route)"
	on A plumb route del default
	says 'Network is unreachable' 2 plumb route get 8.8.8.8
	on A plumb route flush proto boot
	expect_eq "left" "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5 " \
		"$(on A plumb route)"
}

test_route_errors()
{
	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	says 'the gateway is not on a link' 2 plumb route add 10.9.0.0/16 via 10.7.0.1
	says 'bits outside the prefix' 2 plumb route add 10.9.0.1/16 via 10.0.0.1
	says 'No such process' 2 plumb route del 10.9.0.0/16
	says 'No such file' 2 plumb route change 10.9.0.0/16 via 10.0.0.1
	says 'invalid "metric" value' 1 plumb route add 10.9.0.0/16 via 10.0.0.1 metric many
	says 'inet address is expected' 1 plumb route add 10.9.0.0/16 via 10.0.0
	says 'invalid table' 1 plumb route add 10.9.0.0/16 via 10.0.0.1 table moon
	says 'not complete' 1 plumb route add via 10.0.0.1
	says 'not complete' 1 plumb route add 10.9.0.0/16 via
	says 'garbage' 1 plumb route add 10.9.0.0/16 10.8.0.0/16 via 10.0.0.1
	says 'destination' 1 plumb route get
	on A plumb route add 10.9.0.0/16 via 10.0.0.1
	says 'File exists' 2 plumb route add 10.9.0.0/16 via 10.0.0.2
}

test_neighbours()
{
	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	on A plumb neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0
	expect_match "permanent" '^10.0.0.7 dev eth0 lladdr 02:00:00:00:00:07 PERMANENT' \
		"$(on A plumb neigh)"
	says 'File exists' 2 plumb neigh add 10.0.0.7 lladdr 02:00:00:00:00:08 dev eth0
	on A plumb neigh change 10.0.0.7 lladdr 02:00:00:00:00:08 dev eth0 nud stale
	expect_match "changed" '02:00:00:00:00:08 STALE' "$(on A plumb neigh show 10.0.0.7)"
	expect_eq "selected" "" "$(on A plumb neigh show nud permanent)"
	on A plumb neigh del 10.0.0.7 dev eth0
	says 'No such file' 2 plumb neigh del 10.0.0.7 dev eth0
	says 'No such file' 2 plumb neigh change 10.0.0.7 lladdr 02:00:00:00:00:08 dev eth0
	says 'invalid lladdr' 1 plumb neigh add 10.0.0.7 lladdr 02:zz dev eth0
	says 'wrong length' 2 plumb neigh add 10.0.0.7 lladdr 02:00 dev eth0
	says 'required arguments' 1 plumb neigh add 10.0.0.7 lladdr 02:00:00:00:00:08
	on A plumb neigh replace 10.0.0.8 lladdr 02:00:00:00:00:08 dev eth0
	on A plumb neigh flush dev eth0 nud all
	expect_eq "after flush" "" "$(on A plumb neigh show)"
}

test_links()
{
	host A
	veth A A - -
	on A plumb link set eth0 adopt
	expect_match "adopted" 'eth0: <.*UP.*> mtu 1500 adopted addresses 0' "$(on A plumb link show eth0)"
	on A plumb addr add 10.0.0.5/24 dev eth0
	says 'has addresses or is shared: end that first' 2 plumb link set eth0 release
	on A plumb addr del 10.0.0.5/24 dev eth0
	on A plumb link set dev eth0 release
	says 'not adopted' 2 plumb link show eth0
	says 'not adopted' 2 plumb link set eth0 release
	says 'adopt, release, share or noshare' 1 plumb link set eth0 up
}

test_device_of_a_bridge_is_refused()
{
	host A
	veth A A - -
	ip -n "$(netns A)" link add br0 type bridge
	ip -n "$(netns A)" link set eth0 master br0
	says 'hooked by something else' 2 plumb addr add 10.0.0.5/24 dev eth0
	expect_no_match "address" '10\.0\.0\.5' "$(on A plumb addr show)"
}

test_json()
{
	host A
	veth A A - -
	plumb_addr A 10.0.0.5/24 eth0
	on A plumb route add default via 10.0.0.1 metric 7
	on A plumb neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0
	expect_eq "address" "10.0.0.5/24" "$(on A plumb -j addr show dev eth0 |
		jq -r '.[0].addr_info[0] | "\(.local)/\(.prefixlen)"')"
	expect_eq "route" "10.0.0.1 7" "$(on A plumb -j route show default |
		jq -r '.[0] | "\(.gateway) \(.metric)"')"
	expect_eq "neighbour" PERMANENT "$(on A plumb -j neigh | jq -r '.[] |
		select(.dst == "10.0.0.7").state[0]')"
	expect_eq "link" eth0 "$(on A plumb -j -p link show eth0 | jq -r '.[0].ifname')"
	expect_eq "drops" NO_MEMORY "$(on A plumb -j stat drops all | jq -r '.[0].reason')"
	expect_eq "table" entries "$(on A plumb -j neigh stats | jq -r 'keys[]' | grep entries)"
	expect_eq "nothing" 0 "$(on A plumb -j route show 1.2.3.0/24 | jq length)"
}

test_words()
{
	host A
	says 'Usage: plumb' 1 plumb
	says 'Object "fly" is unknown' 1 plumb fly
	says 'Command "fly" is unknown' 1 plumb addr fly
	says 'Option "-fly" is unknown' 1 plumb -fly addr
	says 'Usage: plumb addr' 0 plumb addr help
	says 'Usage: plumb route' 0 plumb route help
	says 'Usage: plumb neigh' 0 plumb neigh help
	says 'Usage: plumb link' 0 plumb link help
	says 'Usage: plumb monitor' 0 plumb monitor help
	says '^plumb ' 0 plumb -V
	says 'Usage: plumb' 0 plumb help
}

test_output_that_cannot_be_written_is_an_error()
{
	host A
	expect_rc 1 on A sh -c 'plumb addr show >/dev/full'
}

load_plumb
run_tests "$@"
