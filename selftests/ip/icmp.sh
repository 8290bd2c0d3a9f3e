#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ICMP (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3): what is answered, what never, and how often.
# timeout: 120
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

test_echo() { by_hand; wire icmp_echo; }
test_timestamp() { by_hand; wire icmp_timestamp; }
test_unreachable() { by_hand; wire icmp_unreachable; }
test_options() { by_hand; plumb_set A icmp_ratelimit 0; wire icmp_options; }
test_no_errors_about_these() { by_hand; plumb_set A icmp_ratelimit 0; wire icmp_never; }
test_not_answered() { by_hand; wire icmp_silent; }

test_broadcast_echo_if_wanted()
{
	by_hand
	plumb_set A icmp_echo_ignore_broadcasts 0
	on X ip addr add 10.0.0.9/24 brd + dev eth0
	expect_match "answer" 'bytes from 10\.0\.0\.5' "$(on X ping -b -c 2 -W 2 10.0.0.255 2>&1 || true)"
}

test_echo_can_be_turned_off()
{
	by_hand
	on X ip addr add 10.0.0.9/24 dev eth0
	on X ping -q -c 1 -W 5 10.0.0.5
	plumb_set A icmp_echo_ignore_all 1
	expect_fail on X ping -q -c 1 -W 1 10.0.0.5
}

test_errors_are_rationed_per_peer()
{
	by_hand
	expect_le "errors to one peer" 10 "$(wire icmp_flood 300)"
	expect_ge "refused" 200 "$(drops A ICMP_RATELIMIT)"
	# The type of "destination unreachable" taken out of the mask: no limit.
	plumb_set A icmp_ratemask 0
	expect_ge "errors without a limit" 290 "$(wire icmp_flood 300)"
}

test_lies_have_no_effect()
{
	by_hand
	wire icmp_lies 2000
	expect_match "routes" 'mtu 1500' "$(on A plumb route get 10.0.0.9)"
}

# Extensions of errors (RFC 4884), right and wrong: IP_RECVERR_RFC4884 says of each what Linux's does.
test_extensions_are_found_and_judged_as_by_linux()
{
	local linux plumb

	host X A
	veth X A 10.0.0.9/24 10.0.0.1/24
	plumb_addr A 10.0.0.5/24 eth0
	background X "$PY" "$LIB_DIR/exterr.py" answer 7001
	wait_until 10 grep -q ready "$BG_LOG"
	linux=$(on A "$PY" "$LIB_DIR/exterr.py" ask 10.0.0.1 10.0.0.9 7001)
	plumb=$(on_plumb A "$PY" "$LIB_DIR/exterr.py" ask 10.0.0.5 10.0.0.9 7001)
	echo "$linux"
	expect_match "an extension that is right" '^0 113 2 3 1 at 100 flags 0 2000' "$plumb"
	expect_match "a wrong sum" '^3 113 2 3 1 at 100 flags 1 2000' "$plumb"
	expect_eq "as Linux" "$linux" "$plumb"
}

test_path_mtu_is_learnt_and_bounded()
{
	by_hand
	on A plumb route add default via 10.0.0.9
	wire icmp_too_big 1200 192.0.2.1
	expect_match "route" 'mtu 1200' "$(on A plumb route get 192.0.2.1)"
	# It can only get smaller, and not as small as a liar would like.
	wire icmp_too_big 1300 192.0.2.1
	expect_match "route" 'mtu 1200' "$(on A plumb route get 192.0.2.1)"
	wire icmp_too_big 68 192.0.2.1
	expect_match "route" 'mtu 552' "$(on A plumb route get 192.0.2.1)"
	# A router without a figure: the next plateau of RFC 1191 below the packet.
	wire icmp_too_big 0 192.0.2.2
	expect_match "route" 'mtu 1006' "$(on A plumb route get 192.0.2.2)"
	# Others are not touched.
	expect_no_match "route" 'mtu (552|1006|1200)' "$(on A plumb route get 192.0.2.3)"
}

# "Fragmentation needed" reaches the connection it is about: it goes on at once, in smaller segments.
test_tcp_finds_the_path_mtu()
{
	host A R B
	veth A R - 10.0.0.2/24
	veth R B 10.0.2.2/24 10.0.2.3/24
	plumb_addr A 10.0.0.5/24 eth0
	on A plumb route add default via 10.0.0.2
	on R sysctl -qw net.ipv4.ip_forward=1
	on R ip link set eth1 mtu 1200
	on B ip route add default via 10.0.2.2
	make_file "$LIB_TMP/data" 1M
	background B socat -u TCP4-LISTEN:9001,reuseaddr "CREATE:$LIB_TMP/got"
	wait_listen B 9001
	on_plumb A socat -u "OPEN:$LIB_TMP/data" TCP4:10.0.2.3:9001
	wait_exit 20 "$BG_PID"
	expect_eq "whole" "$(sha_of "$LIB_TMP/data")" "$(sha_of "$LIB_TMP/got")"
	expect_match "learnt" 'mtu 1200' "$(on A plumb route get 10.0.2.3)"
	expect_eq "time-outs" 0 "$(plumb_counter A TcpExtTCPTimeouts)"
}

run_tests "$@"
