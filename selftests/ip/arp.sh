#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ARP (RFC 826, RFC 5227): what Plumb answers, announces and defends, and what it leaves to Linux.
# timeout: 120
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

test_own_address_is_answered() { by_hand; wire arp_reply; }
test_probe_is_answered() { by_hand; wire arp_probe; }
test_others_and_bad_messages_are_not_answered() { by_hand; wire arp_silent; }
test_own_address_is_defended() { by_hand; wire arp_defend; }

test_echo_of_its_own_is_no_news()
{
	by_hand
	wire arp_own_echo
	expect_no_match "neighbours" '10\.0\.0\.(5|77)' "$(on A plumb neigh)"
}

test_strangers_make_no_entries()
{
	by_hand
	wire arp_gratuitous 20
	expect_no_match "neighbours" '10\.0\.0\.1[0-9][0-9]|8\.8\.8\.8' "$(on A plumb neigh)"
}

test_moved_neighbour_is_believed()
{
	by_hand
	on X ip link set eth0 promisc on
	wire arp_move 02:00:00:00:00:42
	expect_match "neighbours" '10\.0\.0\.9 .*02:00:00:00:00:42' "$(on A plumb neigh)"
}

test_new_address_is_announced_twice()
{
	local pcap=$LIB_TMP/announce.pcap

	by_hand
	capture X eth0 "$pcap" arp
	on A plumb addr add 10.0.0.6/24 dev eth0
	wait_until 10 announced "$pcap" 10.0.0.6 2
	stop_capture
}

announced() { [ "$(tcpdump -nr "$1" 2>/dev/null | grep -c "who-has $2 .*tell $2")" -ge "$3" ]; }

# A's two cables end in one switch, which learns by what is said of an address where that is now.
test_bond_that_fails_over_announces_its_address()
{
	local pcap=$LIB_TMP/announce.pcap

	modprobe bonding || true
	host A B
	veth A B - -
	veth A B - -
	on A ip link add bond0 type bond mode active-backup miimon 100 ||
		skip "no bonds in this kernel"
	on B ip link add br0 type bridge
	for dev in eth0 eth1; do
		on A ip link set "$dev" down
		on A ip link set "$dev" master bond0
		on B ip link set "$dev" master br0
	done
	on B ip addr add 10.0.0.2/24 dev br0
	on B ip link set br0 up
	on A ip link set bond0 up
	capture B br0 "$pcap" arp
	on A plumb addr add 10.0.0.5/24 dev bond0
	wait_until 20 on B ping -q -c 1 -W 1 10.0.0.5
	wait_until 20 announced "$pcap" 10.0.0.5 2
	on A ip link set bond0 type bond active_slave eth1
	wait_until 20 announced "$pcap" 10.0.0.5 3
	stop_capture
	on B ping -q -c 1 -W 5 10.0.0.5
	expect_match "where the switch has it" "dev eth1 " "$(on B bridge fdb show br br0 | grep "^$(mac_of A bond0) ")"
}

test_linux_keeps_its_arp()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
	on A ip neigh flush all
	on B ip neigh flush all
	on A ping -q -c 1 -W 5 10.0.0.2
	on B ping -q -c 1 -W 5 10.0.0.1
	on B ping -q -c 1 -W 5 10.0.0.5
	on A plumb run ping -q -c 1 -W 5 10.0.0.2
	expect_match "Linux on A" '10.0.0.2 .*lladdr' "$(on A ip neigh)"
	expect_match "Plumb on A" '10.0.0.2 .*lladdr' "$(on A plumb neigh)"
	# No address is answered twice.
	expect_eq "answers" "1 1" "$(answers B 10.0.0.1) $(answers B 10.0.0.5)"
}

# How many hosts answer one request for that address.
answers() { on "$1" arping -f -c 1 -w 5 -I eth0 "$2" 2>/dev/null | grep -c "reply from" || true; }

run_tests "$@"
