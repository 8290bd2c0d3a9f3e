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

# bad_icmp: the messages that each of A's stacks has called wrong.
bad_icmp() { echo "$(linux_counter A IcmpInErrors) $(plumb_counter A IcmpInErrors)"; }

# To everybody goes what Linux lets, and the rest is counted.
test_messages_to_everybody_as_on_linux()
{
	local linux plumb

	by_hand
	wire icmp_to_all
	read -r linux plumb <<<"$(bad_icmp)"
	expect_ge "wrong" 10 "$linux"
	expect_eq "wrong" "$linux" "$plumb"
	on A sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0 net.plumb.icmp_echo_ignore_broadcasts=0
	wire icmp_to_all
	expect_eq "wrong, if requests to all are answered" "$((2 * linux - 2)) $((2 * plumb - 2))" "$(bad_icmp)"
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

# Echo replies have a limit if the mask says so: as many of them as on Linux.
test_echo_replies_are_rationed_if_the_mask_says_so()
{
	local linux plumb

	by_hand
	on A sysctl -qw net.ipv4.icmp_ratemask=1
	plumb_set A icmp_ratemask 1
	linux=$(wire_to 10.0.0.1 icmp_echo_flood 100)
	plumb=$(wire icmp_echo_flood 100)
	for answers in "$linux" "$plumb"; do
		expect_ge "the burst that a peer has" 6 "$answers"
		expect_le "answers" 20 "$answers"
	done
	expect_eq "refused" $((100 - plumb)) "$(drops A ICMP_RATELIMIT)"
	expect_eq "in the statistics" $((100 - plumb)) \
		$(($(plumb_counter A IcmpOutRateLimitHost) + $(plumb_counter A IcmpOutRateLimitGlobal)))
	plumb_set A icmp_ratemask 0
	expect_eq "without a limit" 100 "$(wire icmp_echo_flood 100)"
}

# A ping socket hears of errors what Linux's hears, and from its queue who said so.
test_ping_socket_s_errors_as_by_linux()
{
	host A R
	veth A R 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.5/24 eth0
	on R sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
	on R ip route add 10.0.2.0/24 dev eth0
	on R ip route add unreachable 192.0.2.0/24
	on R ip route add prohibit 192.0.3.0/24
	on A ip route add default via 10.0.0.2
	on A plumb route add default via 10.0.0.2
	on A sysctl -qw net.ipv4.ping_group_range='0 2147483647'
	plumb_set A ping_group_range '0 2147483647'
	by_both_stacks "$PY" "$LIB_DIR/sockets.py" hops HERE 10.0.0.2 10.0.2.3 192.0.2.1 192.0.3.1
	expect_match "time exceeded" \
		'^10.0.2.3 asked open 38: EHOSTUNREACH queue EHOSTUNREACH 2 11 0 by 10.0.0.2 about 08 38 to 10.0.2.3' "$BOTH"
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

# A table of 256 times 8: whoever sends what, it grows no more, and the news takes the place of the old.
test_path_mtus_of_very_many_destinations()
{
	local i step=$((3 * LIB_PART)) asked

	by_hand
	on A plumb route add default via 10.0.0.9
	wire icmp_too_big_for_many 3000
	for ((i = 0; i < 3000; i += step)); do
		echo "route get 198.18.$((i >> 8)).$((i & 255))"
	done >"$LIB_TMP/batch"
	on A plumb -o -batch - <"$LIB_TMP/batch" >"$LIB_TMP/routes"
	asked=$(grep -c '^198' "$LIB_TMP/routes")
	expect_eq "answers" $((3000 / step + !!(3000 % step))) "$asked"
	# 2048 of 3000 are 68 of 100
	expect_le "known" $((asked * 75 / 100)) "$(known "$LIB_TMP/routes")"
	expect_ge "known" $((asked * 55 / 100)) "$(known "$LIB_TMP/routes")"
	head -n $((asked / 6)) "$LIB_TMP/routes" >"$LIB_TMP/first"
	expect_le "known of the first sixth" $((asked / 6 / 2)) "$(known "$LIB_TMP/first")"
	tail -n $((asked / 60)) "$LIB_TMP/routes" >"$LIB_TMP/last"
	expect_eq "known of the last sixtieth" $((asked / 60)) "$(known "$LIB_TMP/last")"
}

known() { grep -c 'mtu 1200' "$1" || true; }

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
