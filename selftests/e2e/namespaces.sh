#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is Plumb's in one network namespace is neither seen nor reached in another:
# sockets, addresses, routes, neighbours, counters, settings. Hosts: common.sh, and
# C, which has no cable.
# timeout: 120
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

test_sockets_are_not_seen()
{
	two_hosts
	host C
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.102 7
	listening B plumb 7
	run_bg B plumb "$PY" "$LIB_DIR/datagram.py" serve 10.0.0.102 7
	bound B plumb 7
	for name in A C; do
		for file in tcp udp raw; do
			expect_eq "sockets in $name's /proc/net/plumb/$file" 1 \
				"$(on "$name" cat "/proc/net/plumb/$file" | wc -l)"
		done
	done
	expect_no_match "sockets of the first namespace" ':0007 ' "$(cat /proc/net/plumb/tcp)"
}

test_addresses_routes_and_neighbours_are_not_seen()
{
	two_hosts
	host C
	on A plumb route add 10.9.0.0/16 via 10.0.0.2
	on A plumb ping -c 1 10.0.0.102
	expect_match "A's addresses" 10.0.0.101 "$(on A plumb addr show)"
	expect_match "A's routes" 10.9.0.0/16 "$(on A plumb route show)"
	expect_match "A's neighbours" 10.0.0.102 "$(on A plumb neigh show)"
	for name in B C; do
		expect_no_match "$name's addresses" '10\.0\.0\.101' "$(on "$name" plumb addr show)"
		expect_no_match "$name's routes" '10\.9\.' "$(on "$name" plumb route show)"
	done
	expect_no_match "C's neighbours" '10\.' "$(on C plumb neigh show)"
}

test_same_address_and_port_in_two_namespaces()
{
	local name
	host A B C D
	veth A B 10.0.0.1/24 -
	veth C D 10.0.0.1/24 -
	for name in B D; do
		plumb_addr "$name" 10.0.0.102/24 eth0
		mkdir -p "$LIB_TMP/$name"
		echo "this is $name" >"$LIB_TMP/$name/file"
		background_plumb "$name" "$PY" -E "$LIB_DIR/httpd.py" 10.0.0.102 80 "$LIB_TMP/$name"
		wait_listen_plumb "$name" 80
	done
	expect_eq "page seen from A" "this is B" "$(on A curl -sS --max-time 30 http://10.0.0.102/file)"
	expect_eq "page seen from C" "this is D" "$(on C curl -sS --max-time 30 http://10.0.0.102/file)"
}

# Loopback of one namespace does not lead into another.
test_loopback_is_ones_own()
{
	host A B
	background_plumb A "$PY" "$LIB_DIR/stream.py" echo 127.0.0.1 7
	wait_listen_plumb A 7
	expect_eq "echo in A" hello "$(on_plumb A nc -N -w 10 127.0.0.1 7 <<<hello)"
	expect_fail on_plumb B nc -N -w 10 127.0.0.1 7
}

test_counters_are_ones_own()
{
	local before
	two_hosts
	host C
	before=$(plumb_counter C IpInReceives)
	on A plumb ping -c 3 10.0.0.102
	expect_ge "B's IpInReceives" 3 "$(plumb_counter B IpInReceives)"
	expect_eq "C's IpInReceives" "$before" "$(plumb_counter C IpInReceives)"
	expect_eq "C's IcmpInEchos" 0 "$(plumb_counter C IcmpInEchos)"
}

test_settings_are_ones_own()
{
	local default
	host A B
	default=$(on B cat /proc/sys/net/plumb/ip_default_ttl)
	on A sysctl -qw net.plumb.ip_default_ttl=33
	expect_eq "A's" 33 "$(on A cat /proc/sys/net/plumb/ip_default_ttl)"
	expect_eq "B's" "$default" "$(on B cat /proc/sys/net/plumb/ip_default_ttl)"
	expect_eq "the first namespace's" "$default" "$(cat /proc/sys/net/plumb/ip_default_ttl)"
}

# From C no cable leads to B, so nothing of B is reached.
test_services_of_another_namespace_are_not_reached()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	echo hello >"$LIB_TMP/www/file"
	web B plumb "$LIB_TMP/www"
	host C
	expect_fail on_plumb C curl -sS --max-time 10 http://10.0.0.102/file
	fetch A plumb http://10.0.0.102/file "$LIB_TMP/got"
}

# Without CAP_NET_ADMIN in the namespace nothing can be changed.
test_configuration_wants_the_capability()
{
	host A
	expect_fail on A setpriv --bounding-set=-net_admin --inh-caps=-net_admin --reuid=65534 \
		plumb addr add 10.0.0.9/24 dev lo
	expect_no_match "A's addresses" '10\.0\.0\.9' "$(on A plumb addr show)"
}

run_tests "$@"
