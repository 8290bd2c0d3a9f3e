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

# The one that is bound to the device where a segment comes in is before one that is bound to none, and no
# other hears of it.
test_listener_of_a_device()
{
	local pids=()

	beside_linux
	veth X A 10.0.1.2/24 10.0.1.1/24
	plumb_addr A 10.0.1.5/24 eth1
	background A "$PY" "$SCENES" echo_server 0.0.0.0 %eth1
	pids+=("$BG_PID")
	background_plumb A "$PY" "$SCENES" echo_server 0.0.0.0 %eth1
	pids+=("$BG_PID")
	wait_until 20 two_listeners
	expect_eq "who answers on Linux" "0.0.0.0 %eth1" "$(on X "$PY" "$SCENES" who 10.0.0.1 10.0.1.1)"
	expect_eq "who answers" "0.0.0.0 %eth1" "$(on X "$PY" "$SCENES" who 10.0.0.5 10.0.1.5)"
	lib_background_gone "${pids[0]}"
	lib_background_gone "${pids[1]}"
	background A "$PY" "$SCENES" echo_server %eth1
	background_plumb A "$PY" "$SCENES" echo_server %eth1
	wait_listen A "$PORT"
	wait_listen_plumb A "$PORT"
	expect_eq "who answers on Linux" "refused %eth1" "$(on X "$PY" "$SCENES" who 10.0.0.1 10.0.1.1)"
	expect_eq "who answers" "refused %eth1" "$(on X "$PY" "$SCENES" who 10.0.0.5 10.0.1.5)"
}

# shellcheck disable=SC2016
two_listeners()
{
	on A awk '$2 ~ /:1E61$/ && $4 == "0A" { n[FILENAME]++ }
		  END { for (f in n) if (n[f] == 2) both++; exit both != 2 }' /proc/net/tcp /proc/net/plumb/tcp
}

# A server's TOS is its client's, if net.plumb.tcp_reflect_tos is set.
test_tos_is_reflected()
{
	local text

	beside_linux
	background A "$PY" "$SCENES" tos_server 10.0.0.1
	background_plumb A "$PY" "$SCENES" tos_server 10.0.0.5
	wait_listen A "$PORT"
	wait_listen_plumb A "$PORT"
	expect_eq "not asked for" $'TOS 0\nTOS 0' "$(on X "$PY" "$SCENES" tos_client 10.0.0.1 10.0.0.5)"
	on A sysctl -qw net.ipv4.tcp_reflect_tos=1 net.plumb.tcp_reflect_tos=1
	capture X eth0 "$LIB_TMP/pcap" src host 10.0.0.5 and tcp
	expect_eq "asked for" $'TOS 72\nTOS 72' "$(on X "$PY" "$SCENES" tos_client 10.0.0.1 10.0.0.5)"
	stop_capture
	text=$(tcpdump -nvr "$LIB_TMP/pcap" 2>/dev/null | sed 'N;s/\n/ /')
	expect_match "SYN-ACK" 'tos 0x48,.*\[S\.\]' "$text"
	expect_match "text" 'tos 0x48,.*length 6$' "$text"
	expect_no_match "any, of TIME-WAIT's record too" 'tos 0x0,' "$text"
}

# told SCENE WIRE [ARGUMENT...]: A plays SCENE, X by hand WIRE, before Linux's stack and before Plumb's: SAW_LINUX and
# SAW is what either end saw. (Anew, if an ICMP error came while a program held its socket: both drop that.)
told()
{
	local dropped tries

	for tries in {1..10}; do
		dropped=$(locked_out)
		told_once "$@"
		[ "$(locked_out)" != "$dropped" ] || break
	done
	echo "tries: $tries"
}

locked_out() { linux_counter A TcpExtLockDroppedIcmps; plumb_counter A TcpExtLockDroppedIcmps; }

told_once()
{
	local scene=$1 wire=$2
	shift 2

	rm -f "$@"
	background A "$PY" "$SCENES" "$scene" 10.0.0.1 "$@"
	wait_listen A "$PORT"
	SAW_LINUX=$(on X "$PY" "$SCENES" wire eth0 "$X_MAC" 10.0.0.9 "$A_MAC" 10.0.0.1 "$wire" "$@")
	SAW_LINUX+=$(<"$BG_LOG")
	lib_background_gone "$BG_PID"
	rm -f "$@"
	background_plumb A "$PY" "$SCENES" "$scene" 10.0.0.5 "$@"
	wait_listen_plumb A "$PORT"
	SAW=$(scene "$wire" "$@")
	SAW+=$(<"$BG_LOG")
	lib_background_gone "$BG_PID"
}

as_linux()
{
	[ "$SAW" = "$SAW_LINUX" ] || fail "Linux's story and Plumb's:
$(diff <(echo "$SAW_LINUX") <(echo "$SAW"))"
}

test_icmp_errors_are_told_who_asks()
{
	by_hand
	told recverr recverr
	as_linux
	expect_match "an error" '^type 3 code 1 - EHOSTUNREACH$' "$SAW"
	expect_match "none" '^too large - no error$' "$SAW"
}

test_min_ttl()
{
	by_hand
	told min_ttl min_ttl
	as_linux
	expect_match "an error" '^of what is near - EHOSTUNREACH$' "$SAW"
	expect_match "none" '^of what is far - no error$' "$SAW"
	# The SYN, the text, and the error, each time that this was told.
	expect_ge "counted by Linux" 3 "$(linux_counter A TcpExtTCPMinTTLDrop)"
	expect_ge "counted" 3 "$(plumb_counter A TcpExtTCPMinTTLDrop)"
}

# Segments that no socket sends have the mark and priority of the one that they are for, and RSTs the TOS of what they
# answer.
test_answers_without_a_socket()
{
	local addr seen

	by_hand
	on A nft "table netdev t { chain c { type filter hook egress device eth0 priority 0; policy accept;
		ip saddr 10.0.0.1 meta mark 5 meta priority 0:3 counter accept
		ip saddr 10.0.0.1 meta mark 0 meta priority none counter accept
		ip saddr 10.0.0.1 counter accept
		ip saddr 10.0.0.5 meta mark 5 meta priority 0:3 counter accept
		ip saddr 10.0.0.5 meta mark 0 meta priority none counter accept
		ip saddr 10.0.0.5 counter accept; }
		}"
	told answers answers
	as_linux
	expect_eq "TOS" $'listener 32\nTIME-WAIT 64\nnobody 32' "$SAW"
	for addr in 10.0.0.1 10.0.0.5; do
		seen=$(on A nft list table netdev t | awk -v addr="$addr" 'index($0, addr) {
			for (i = 1; i < NF; i++) if ($i == "packets") printf "%s ", $(i + 1) }')
		# SYN-ACK, FIN, ACK of the FIN, ACK of TIME-WAIT, RST of the listener; the RST of nobody; else none
		expect_eq "as the socket's, of none, others: $addr" "5 1 0 " "$seen"
	done
}

# tcp_app_win leaves a part of the buffer to the reader: with 1 a half.
test_window_without_the_reader_s_part()
{
	local all all_linux

	by_hand
	told window window
	all_linux=$SAW_LINUX all=$SAW
	on A sysctl -qw net.ipv4.tcp_app_win=1 net.plumb.tcp_app_win=1
	told window window
	echo "windows: Linux's $all_linux and $SAW_LINUX, ours $all and $SAW"
	expect_ge "Linux's" $((all_linux * 45 / 100)) "$SAW_LINUX"
	expect_le "Linux's" $((all_linux * 55 / 100)) "$SAW_LINUX"
	expect_ge "window" $((all * 45 / 100)) "$SAW"
	expect_le "window" $((all * 55 / 100)) "$SAW"
}

test_record_s_end_behind_a_cut()
{
	by_hand
	told records records "$LIB_TMP/written"
	as_linux
	expect_match "behind the record" 'record True$' "$SAW"
}

run_tests "$@"
