#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Clauses of RFC 9293 (docs/rfc9293.md) that the kernel side keeps: initial sequence numbers,
# addresses, listeners, TOS, TTL, IPv4 options, ICMP. A has Plumb; its peer is Linux, or played by
# hand (rfc9293.py).
#
#	X eth0 (10.0.0.9, by hand, or 10.0.0.2 Linux) ---- eth0 A 10.0.0.5, 10.0.0.6 Plumb, 10.0.0.1 Linux
#
# timeout: 300
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/../ip/common.sh"

SCENES=$LIB_DIR/rfc9293.py
PORT=7777

# scene SCENE: by hand, from X.
scene() { on X "$PY" "$SCENES" wire eth0 "$X_MAC" 10.0.0.9 "$A_MAC" 10.0.0.5 "$@"; }

# served: A echoes on Plumb.
served()
{
	by_hand
	background_plumb A "$PY" "$SCENES" echo_server
	wait_listen_plumb A "$PORT"
}

# beside_linux: X is Linux's.
beside_linux()
{
	host X A
	veth X A 10.0.0.2/24 10.0.0.1/24
	plumb_addr A 10.0.0.5/24 eth0
	plumb_addr A 10.0.0.6/24 eth0
}

test_isn__clock_and_secret()
{
	by_hand
	background_plumb A "$PY" "$SCENES" isn 10.0.0.9
	scene isn
}

test_groups_are_not_answered() { served; scene groups; }
test_ip_options_are_stepped_over() { served; scene ip_options; }
test_source_routed_segments_are_dropped() { served; scene source_routed; }
test_icmp_errors_end_no_connection() { served; scene icmp; }

test_source_route_of_the_program()
{
	by_hand
	background_plumb A "$PY" "$SCENES" source_route 10.0.0.9
	scene source_route
}

test_listeners_do_not_interfere()
{
	beside_linux
	background_plumb A "$PY" "$SCENES" echo_server 10.0.0.5 10.0.0.6
	wait_listen_plumb A "$PORT"
	expect_eq "who answers" "10.0.0.5 10.0.0.6 10.0.0.6 10.0.0.5" \
		"$(on X "$PY" "$SCENES" who 10.0.0.5 10.0.0.6 10.0.0.6 10.0.0.5)"
}

test_source_address()
{
	beside_linux
	background X "$PY" "$SCENES" peer_server
	wait_listen X "$PORT"
	expect_eq "chosen" 10.0.0.5 "$(on_plumb A "$PY" "$SCENES" come_from 10.0.0.2 "")"
	expect_eq "asked for" 10.0.0.6 "$(on_plumb A "$PY" "$SCENES" come_from 10.0.0.2 10.0.0.6)"
}

test_impossible_addresses_are_refused()
{
	local groups=(224.0.0.1 255.255.255.255 10.0.0.255)
	beside_linux
	expect_eq "errors, as Linux's" "$(on A "$PY" "$SCENES" bad_addresses "${groups[@]}")" \
		"$(on_plumb A "$PY" "$SCENES" bad_addresses "${groups[@]}")"
	expect_no_match "none connects" connected \
		"$(on_plumb A "$PY" "$SCENES" bad_addresses "${groups[@]}")"
}

test_tos_and_ttl_are_the_programs()
{
	local text

	beside_linux
	background X "$PY" "$SCENES" echo_server
	wait_listen X "$PORT"
	capture X eth0 "$LIB_TMP/pcap" src host 10.0.0.5 and tcp
	on_plumb A "$PY" "$SCENES" tos_and_ttl 10.0.0.2
	stop_capture
	text=$(tcpdump -nvr "$LIB_TMP/pcap" 2>/dev/null | sed 'N;s/\n/ /')
	expect_match "SYN" 'tos 0x28, ttl 33.*\[S\]' "$text"
	expect_match "before" 'tos 0x28, ttl 33.*length 10$' "$text"
	expect_match "after" 'tos 0x48, ttl 34.*length 20$' "$text"
}

run_tests "$@"
