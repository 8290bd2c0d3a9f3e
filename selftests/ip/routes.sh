#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Addresses and routes: iproute2's errors, the routes that come with an address, longest prefix match
# (against Linux's own, which gets the same routes), metrics, source addresses.
# timeout: 240
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

# Two cables, so that routes can differ.
two_links()
{
	host A B
	veth A B - 10.0.0.2/24
	veth A B - 10.0.1.2/24
	plumb_addr A 10.0.0.5/24 eth0
	plumb_addr A 10.0.1.5/24 eth1
}

error_of() { local out; out=$(on A plumb "$@" 2>&1) && fail "$*: succeeded"; echo "$out"; }
get() { on A plumb route get "$@"; }

test_errors_are_iproute2s()
{
	two_links
	expect_match "same address" 'File exists' "$(error_of addr add 10.0.0.5/24 dev eth0)"
	expect_match "not there" 'Cannot assign requested address' \
		"$(error_of addr del 10.0.0.6/24 dev eth0)"
	expect_match "a group" 'Invalid argument' "$(error_of addr add 224.0.0.5/24 dev eth0)"
	expect_match "127/8 on a wire" 'Invalid argument' "$(error_of addr add 127.0.0.9/8 dev eth0)"
	on A plumb route add 192.0.2.0/24 via 10.0.0.2
	expect_match "same route" 'File exists' "$(error_of route add 192.0.2.0/24 via 10.0.1.2)"
	expect_match "no such route" 'No such process' "$(error_of route del 192.0.3.0/24)"
	expect_match "gateway off the link" 'unreachable' "$(error_of route add 192.0.3.0/24 via 172.16.0.1)"
	expect_match "gateway is ourselves" 'Invalid argument' \
		"$(error_of route add 192.0.3.0/24 via 10.0.0.5)"
	expect_match "foreign source" 'Invalid argument' \
		"$(error_of route add 192.0.3.0/24 via 10.0.0.2 src 10.0.0.77)"
	expect_match "nothing to change" 'No such file' "$(error_of route change 192.0.3.0/24 via 10.0.0.2)"
	on A ip link set eth1 down
	expect_match "device down" 'Network is down' "$(error_of route add 192.0.3.0/24 dev eth1)"
}

test_routes_come_and_go_with_the_address()
{
	two_links
	expect_match "connected" '^10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5' \
		"$(on A plumb route)"
	expect_match "own" '^local 10.0.0.5 ' "$(get 10.0.0.5)"
	expect_match "broadcast" '^broadcast 10.0.0.255 ' "$(get 10.0.0.255)"
	on A plumb route add default via 10.0.0.2 src 10.0.0.5
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_no_match "left over" '10\.0\.0\.' "$(on A plumb route show table all)"
}

test_link_down_and_up()
{
	two_links
	on A plumb route add default via 10.0.0.2
	on A ip link set eth0 down
	expect_no_match "left over" 'dev eth0' "$(on A plumb route)"
	expect_match "address stays" '10.0.0.5/24' "$(on A plumb addr)"
	on A ip link set eth0 up
	wait_until 5 on A sh -c 'plumb route | grep -q "10.0.0.0/24 dev eth0"'
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
}

test_secondary_takes_the_place_of_the_primary()
{
	two_links
	on A plumb addr add 10.0.0.6/24 dev eth0
	expect_match "second" '10.0.0.6/24.*secondary' "$(on A plumb addr)"
	expect_match "source" 'src 10.0.0.5' "$(get 10.0.0.2)"
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_match "source" 'src 10.0.0.6' "$(get 10.0.0.2)"
	expect_no_match "second" 'secondary' "$(on A plumb addr)"
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
}

test_metric_decides()
{
	two_links
	on A plumb route add 192.0.2.0/24 via 10.0.0.2 metric 100
	on A plumb route add 192.0.2.0/24 via 10.0.1.2 metric 50
	expect_match "lower" 'via 10.0.1.2' "$(get 192.0.2.1)"
	on A plumb route del 192.0.2.0/24 metric 50
	expect_match "the other" 'via 10.0.0.2' "$(get 192.0.2.1)"
	on A plumb route replace 192.0.2.0/24 via 10.0.1.2 metric 100
	expect_match "replaced" 'via 10.0.1.2' "$(get 192.0.2.1)"
	expect_eq "one is left" 1 "$(on A plumb route | grep -c '^192.0.2.0/24')"
	expect_match "by device" 'dev eth0' "$(get 10.0.0.9 oif eth0)"
}

test_routes_that_forbid()
{
	two_links
	on A plumb route add unreachable 192.0.2.0/24
	on A plumb route add prohibit 192.0.3.0/24
	on A plumb route add blackhole 192.0.4.0/24
	on A plumb route add 192.0.2.128/25 via 10.0.0.2
	expect_match "unreachable" 'No route to host' "$(error_of route get 192.0.2.1)"
	expect_match "prohibit" 'Permission denied' "$(error_of route get 192.0.3.1)"
	expect_match "blackhole" 'Invalid argument' "$(error_of route get 192.0.4.1)"
	expect_match "longer prefix" 'via 10.0.0.2' "$(get 192.0.2.129)"
	expect_match "nothing" 'unreachable' "$(error_of route get 198.51.100.1)"
}

test_source_address()
{
	two_links
	on A plumb addr add 10.0.0.99/32 dev eth0
	on A plumb route add 192.0.2.0/24 via 10.0.0.2 src 10.0.1.5
	expect_match "as the route says" 'src 10.0.1.5' "$(get 192.0.2.1)"
	expect_match "of the subnet" 'src 10.0.1.5' "$(get 10.0.1.2)"
	expect_match "asked for" '(from|src) 10.0.0.99' "$(get 10.0.1.2 from 10.0.0.99)"
}

# To an address that is ours by a route, from that address, as on Linux.
test_source_towards_ourselves()
{
	two_links
	on A ip route add local 198.51.100.0/24 dev lo
	on A plumb route add local 192.0.2.0/24 dev eth0
	expect_match "Linux" 'src 198.51.100.7' "$(on A ip route get 198.51.100.7)"
	expect_match "Plumb" 'src 192.0.2.7' "$(get 192.0.2.7)"
	on A plumb run ping -q -c 1 -W 5 192.0.2.7
	# A route of ours does not take an own address away.
	on A plumb route add 10.0.0.5/32 via 10.0.0.2
	expect_match "own" '^local 10.0.0.5 ' "$(get 10.0.0.5)"
}

# A device without an address borrows one of another.
test_device_without_an_address()
{
	host A B
	veth A B - 10.0.0.2/24
	veth A B - 10.0.1.2/24
	plumb_addr A 10.0.0.5/24 eth0
	on A plumb link set eth1 adopt
	on A plumb route add 10.0.1.0/24 dev eth1
	on B ip route add 10.0.0.5/32 dev eth1
	expect_match "borrowed" 'dev eth1 src 10.0.0.5' "$(get 10.0.1.2)"
	on A plumb run ping -q -c 1 -W 5 10.0.1.2
	on A plumb addr del 10.0.0.5/24 dev eth0
	expect_match "none" '^10.0.1.2 dev eth1 *$' "$(get 10.0.1.2 | head -n 1)"

	# The neighbour is asked from 0.0.0.0 then, and answers.
	on A plumb neigh flush dev eth1
	on A plumb run ping -q -c 1 -W 1 10.0.1.2 || true
	expect_match "neighbour" 'lladdr .* REACHABLE' "$(on A plumb neigh show 10.0.1.2)"
	on A ip route add 10.0.1.0/24 dev eth1
	on A ping -q -c 1 -W 1 10.0.1.2 || true
	expect_match "Linux's" 'lladdr .* REACHABLE' "$(on A ip neigh show 10.0.1.2)"
}

# A route of a type that is the host's own stands where iproute2 puts it.
test_routes_of_the_local_table()
{
	two_links
	on A plumb route add local 192.0.2.0/24 dev eth0
	expect_eq "main" "" "$(on A plumb route show 192.0.2.0/24)"
	expect_match "local" '^local 192\.0\.2\.0/24 dev eth0' "$(on A plumb route show table local 192.0.2.0/24)"
	on A plumb route del local 192.0.2.0/24 dev eth0
	expect_eq "gone" "" "$(on A plumb route show table local 192.0.2.0/24)"
	on A plumb route add local 192.0.2.0/24 dev eth0 table main
	expect_match "by name" '^local 192\.0\.2\.0/24' "$(on A plumb route show 192.0.2.0/24)"
}

# Whatever made the route, and for each address of it; so too a subnet on the loopback device.
test_local_routes_are_own_addresses_as_on_linux()
{
	local proto

	both_stacks
	on B ip route add 198.51.100.0/24 via 10.0.0.1
	on B ip route add 192.0.2.0/24 via 10.0.0.5
	for proto in static kernel; do
		on A ip route add local 198.51.100.0/24 dev lo proto "$proto"
		on A plumb route add local 192.0.2.0/24 dev eth0 proto "$proto"
		expect_own
		on A ip route del local 198.51.100.0/24
		on A plumb route del local 192.0.2.0/24
		expect_not_own
	done
	on A ip addr add 198.51.100.1/24 dev lo
	on A plumb addr add 192.0.2.1/24 dev plumb0
	expect_own
	on A ip addr del 198.51.100.1/24 dev lo
	on A plumb addr del 192.0.2.1/24 dev plumb0
	expect_not_own
	# One that is an interface's all the same stays its own when the route goes.
	on A plumb route add local 10.0.0.5 dev eth0 proto static metric 5
	on A plumb route del local 10.0.0.5 dev eth0 metric 5
	on B ping -q -c 1 -W 5 10.0.0.5
}

# It is spoken to from outside, and may be a socket's.
expect_own()
{
	on B ping -q -c 1 -W 5 198.51.100.7
	on B ping -q -c 1 -W 5 192.0.2.7
	on A ping -q -c 1 -W 5 -I 198.51.100.8 10.0.0.2
	on A plumb run ping -q -c 1 -W 5 -I 192.0.2.8 10.0.0.2
}

expect_not_own()
{
	expect_fail on A ping -q -c 1 -W 5 -I 198.51.100.8 10.0.0.2
	expect_fail on A plumb run ping -q -c 1 -W 5 -I 192.0.2.8 10.0.0.2
	expect_fail on B ping -q -c 1 -W 0.3 192.0.2.7
}

test_gateway_off_the_link_that_is_vouched_for()
{
	both_stacks
	on B ip addr add 172.16.0.1/32 dev eth0
	on B ip addr add 192.0.2.1/32 dev eth0
	on A ip route add 192.0.2.0/24 via 172.16.0.1 dev eth0 onlink
	on A plumb route add 192.0.2.0/24 via 172.16.0.1 dev eth0 onlink
	expect_match "Linux" '^192\.0\.2\.0/24 via 172\.16\.0\.1 dev eth0 onlink' "$(on A ip route)"
	expect_match "Plumb" '^192\.0\.2\.0/24 via 172\.16\.0\.1 dev eth0 onlink' "$(on A plumb route)"
	on A ping -q -c 1 -W 5 192.0.2.1
	on A plumb run ping -q -c 1 -W 5 192.0.2.1
	expect_match "who was asked for" '^172\.16\.0\.1 .*REACHABLE' "$(on A plumb neigh)"
	expect_match "without a device" 'No such device' "$(error_of route add 192.0.3.0/24 via 172.16.0.1 onlink)"
	expect_match "gateway is ourselves" 'Invalid argument' \
		"$(error_of route add 192.0.3.0/24 via 10.0.0.5 dev eth0 onlink)"
	on A ip link set eth0 down
	expect_match "device down" 'Network is down' \
		"$(error_of route add 192.0.3.0/24 via 172.16.0.1 dev eth0 onlink)"
}

# 65535 - 15 is the largest; what no packet fits is said to the sender.
test_mtu_of_a_route_as_on_linux()
{
	local mtu

	both_stacks
	for mtu in 10 68 70000; do
		on A ip route replace 192.0.2.0/24 via 10.0.0.2 mtu "$mtu"
		on A plumb route replace 192.0.2.0/24 via 10.0.0.2 mtu "$mtu"
		expect_eq "of $mtu" "$(on A ip route | grep -o 'mtu .*')" "$(on A plumb route | grep -o 'mtu .*')"
		by_both_stacks "$PY" "$LIB_DIR/sockets.py" send 192.0.2.1
	done
	expect_eq "fragments" "$(linux_counter A IpFragCreates)" "$(plumb_counter A IpFragCreates)"
	expect_eq "fragments of the one of 128 octets that 68 cut" 3 "$(plumb_counter A IpFragCreates)"
}

# Who names a device is taken at his word: what he sends to is on its link.
test_device_that_is_named_without_a_route()
{
	both_stacks
	veth A B 10.0.1.1/24 10.0.1.2/24
	plumb_addr A 10.0.1.5/24 eth1
	on A ip link set eth1 down
	on A ip link add d0 type dummy
	on A ip link set d0 up
	on B ip addr add 198.51.100.1/32 dev eth0
	on A sysctl -qw net.ipv4.ping_group_range='0 2147483647'
	plumb_set A ping_group_range '0 2147483647'
	by_both_stacks "$PY" "$LIB_DIR/sockets.py" device eth0 eth1 198.51.100.1
	expect_match "without one" '^nothing said ENETUNREACH' "$BOTH"
	expect_match "bound to one" '^bound 10 ' "$BOTH"
	# A device that is Linux's alone is no way of Plumb's.
	expect_match "one that is not adopted" 'ENETUNREACH' \
		"$(on_plumb A "$PY" "$LIB_DIR/sockets.py" device eth0 d0 198.51.100.1 | grep 'by number down')"
}

# The same random routes in both tables; each address must leave both the same way.
test_longest_prefix_match_as_linux()
{
	local batch=$LIB_TMP/routes count=$((150 / LIB_PART))

	host L
	two_links
	veth L B 10.0.0.6/24 -
	on L ip addr add 10.0.1.6/24 dev eth0
	$PY - "$count" >"$batch" <<-'PY'
		import random, sys
		rng = random.Random(11)
		seen = set()
		while len(seen) < int(sys.argv[1]):
		    plen = rng.choice((1, 4, 7, 8, 9, 12, 16, 16, 20, 23, 24, 24, 25, 28, 30, 31, 32))
		    bits = rng.choice((0xAC100000, 0xAC1F0000, 0xC0A80000, 0x64000000)) | rng.randrange(1 << 18)
		    net = bits >> (32 - plen) << (32 - plen)
		    if (net, plen) in seen or net >> 24 in (0, 10, 127) or net >> 28 == 14:
		        continue
		    seen.add((net, plen))
		    print(".".join(str(net >> s & 255) for s in (24, 16, 8, 0)) + f"/{plen} via 10.0.{rng.randrange(2)}.2")
	PY
	sed 's/^/route add /' "$batch" | on L ip -batch -
	sed 's/^/route add /' "$batch" | on A plumb -batch -
	expect_eq "routes" "$count" "$(on A plumb route | grep -c via)"
	compare_gets "$batch" $((120 / LIB_PART))
	# Half of them go, in another order.
	sort "$batch" | awk 'NR % 2' >"$batch.gone"
	sed 's/^/route del /' "$batch.gone" | on L ip -batch -
	sed 's/^/route del /' "$batch.gone" | on A plumb -batch -
	compare_gets "$batch" $((120 / LIB_PART))
}

compare_gets()
{
	$PY - "$1" "$2" >"$1.dst" <<-'PY'
		import random, sys
		rng = random.Random(5)
		nets = [line.split("/")[0] for line in open(sys.argv[1])]
		for _ in range(int(sys.argv[2])):
		    a, b, c, d = map(int, rng.choice(nets).split("."))
		    print(f"{a}.{b}.{c ^ rng.choice((0, 0, 1))}.{d ^ rng.choice((0, 1, 3, 128))}")
	PY
	# (An address without a route has no line.)
	sed 's/^/route get /' "$1.dst" | { on L ip -o -force -batch - || true; } | gateways >"$1.linux"
	sed 's/^/route get /' "$1.dst" | { on A plumb -o -force -batch - || true; } | gateways >"$1.plumb"
	expect_ge "addresses with a gateway" 20 "$(wc -l <"$1.linux")"
	diff "$1.linux" "$1.plumb" || fail "Plumb takes another way than Linux"
}

gateways() { grep -oE '^[0-9.]+ via [0-9.]+'; }

run_tests "$@"
