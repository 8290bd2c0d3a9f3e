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
