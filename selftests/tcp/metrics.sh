#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What connections that ended leave to the next ones along their path, and who may see it and have it
# forgotten (plumb tcp_metrics). Hosts: common.sh.
# timeout: 300
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

NO_SSTHRESH=2147483647

# served: a pair, and on B a server at port 5000.
served()
{
	pair
	background B "$LIB_DIR/metrics.py" serve 5000
	wait_listen B 5000
}

# talk [OCTETS]: a connection from A to B. RTO and SSTHRESH after its handshake, RTO_AFTER after the
# octets.
talk()
{
	on_plumb A timeout 60 "$LIB_DIR/metrics.py" talk 10.0.0.2 5000 "$@" >"$LIB_TMP/talk"
	{
		read -r RTO SSTHRESH
		read -r RTO_AFTER _
	} <"$LIB_TMP/talk"
}

metrics() { on A plumb tcp_metrics show "$@"; }

# value NAME: of the one path that A knows, or nothing.
value() { metrics | sed -nE "s/.* $1 ([0-9]+).*/\1/p"; }

test_orderly_end_is_remembered()
{
	served
	netem B eth0 delay 100ms
	expect_eq "known before" "" "$(metrics)"
	talk 1000
	expect_match "known" '^10\.0\.0\.2 age [0-9.]+sec cwnd [0-9]+ rtt [0-9]+us rttvar [0-9]+us source 10\.0\.0\.1$' \
		"$(metrics)"
	expect_ge "rtt" 100000 "$(value rtt)"
	expect_le "rtt" 300000 "$(value rtt)"
}

test_other_ends_are_not()
{
	served
	on_plumb A "$LIB_DIR/metrics.py" reset 10.0.0.2 5000
	expect_eq "known" "" "$(metrics)"
}

# The first time-out is that of the longer round trip of the past, until a sample of its own is there.
test_round_trip_sets_the_first_timeout()
{
	served
	netem B eth0 delay 300ms
	talk
	netem B eth0 delay 0ms
	talk 1000
	expect_ge "RTO, remembered" 900 "$RTO"
	expect_le "RTO, after a sample" 600 "$RTO_AFTER"
	on A plumb tcp_metrics delete 10.0.0.2
	talk
	expect_le "RTO, forgotten" 600 "$RTO"
}

test_and_that_of_an_accepted_connection()
{
	pair
	background_plumb A "$LIB_DIR/metrics.py" serve 5000 report
	wait_listen_plumb A 5000
	netem B eth0 delay 300ms
	on B "$LIB_DIR/metrics.py" talk 10.0.0.1 5000 >/dev/null
	# A's end is the second to close.
	wait_until 20 sh -c "$LIB_NS exec $$-A plumb tcp_metrics | grep -q ."
	netem B eth0 delay 0ms
	on B "$LIB_DIR/metrics.py" talk 10.0.0.1 5000 >/dev/null
	wait_until 20 sh -c "[ \$(wc -l <'$BG_LOG') = 2 ]"
	expect_ge "RTO" 900 "$(sed -n '2s/ .*//p' "$BG_LOG")"
}

# lossy: transfers through a short queue, until one leaves a threshold.
lossy()
{
	on A tc qdisc replace dev eth0 root tbf rate 4mbit burst 5k limit 10k
	talk 300000
	on A tc qdisc del dev eth0 root
	[ "$(value ssthresh)" ]
}

test_threshold_is_used_if_it_is_to_be_saved()
{
	local known

	served
	on A sysctl -qw net.plumb.tcp_no_ssthresh_metrics_save=0
	wait_until 60 lossy
	known=$(value ssthresh)
	talk
	expect_eq "ssthresh" "$known" "$SSTHRESH"
	on A sysctl -qw net.plumb.tcp_no_ssthresh_metrics_save=1
	talk
	expect_eq "ssthresh, not used" "$NO_SSTHRESH" "$SSTHRESH"
	on A sysctl -qw net.plumb.tcp_no_ssthresh_metrics_save=0
	on A plumb tcp_metrics flush
	talk
	expect_eq "ssthresh, forgotten" "$NO_SSTHRESH" "$SSTHRESH"
}

test_threshold_is_not_saved_by_default()
{
	served
	! lossy || fail "ssthresh is remembered: $(metrics)"
	talk
	expect_eq "ssthresh" "$NO_SSTHRESH" "$SSTHRESH"
}

test_nothing_is_saved_if_switched_off()
{
	served
	on A sysctl -qw net.plumb.tcp_no_metrics_save=1
	talk 1000
	expect_eq "known" "" "$(metrics)"
}

test_delete_and_flush_forget()
{
	served
	ip -n "$(netns B)" address add 10.0.0.3/24 dev eth0
	talk
	on_plumb A "$LIB_DIR/metrics.py" talk 10.0.0.3 5000 >/dev/null
	expect_eq "known" 2 "$(metrics | wc -l)"
	expect_match "one address" '^10\.0\.0\.3 ' "$(metrics 10.0.0.3)"
	expect_eq "one address" 1 "$(metrics address 10.0.0.3 | wc -l)"
	expect_eq "a prefix" 2 "$(metrics 10.0.0.0/24 | wc -l)"
	expect_eq "another" "" "$(metrics 10.0.1.0/24)"
	on A plumb tcp_metrics delete 10.0.0.3
	expect_fail on A plumb tcp_metrics delete 10.0.0.3
	expect_match "left" '^10\.0\.0\.2 ' "$(metrics)"
	expect_rc 1 on A plumb tcp_metrics delete
	expect_rc 1 on A plumb tcp_metrics delete 10.0.0.0/24
	on A plumb tcp_metrics flush 10.1.0.0/16
	expect_eq "left" 1 "$(metrics | wc -l)"
	on A plumb tcp_metrics flush 10.0.0.0/24
	expect_eq "left" "" "$(metrics)"
}

# The same words and the same keys as ip(8) has of the other end's Linux.
test_shown_as_ip_shows_them()
{
	local shape='s/[0-9]+(\.[0-9]+)*/N/g' keys='import json, sys
print(*sorted(k for path in json.load(sys.stdin) for k in path))'

	served
	talk 1000
	wait_until 20 sh -c "$LIB_NS exec $$-B ip tcp_metrics | grep -q ."
	expect_eq "text" "$(on B ip tcp_metrics | sed -E "$shape")" "$(metrics | sed -E "$shape")"
	expect_eq "keys" "$(on B ip -j tcp_metrics | python3 -c "$keys")" \
		"$(on A plumb -j tcp_metrics | python3 -c "$keys")"
}

test_cookies_of_fast_open_are_among_them()
{
	pair
	on B sysctl -qw net.ipv4.tcp_fastopen=0x403
	background B "$LIB_DIR/metrics.py" serve 5000
	wait_listen B 5000
	on_plumb A python3 -c '
import socket
s = socket.socket()
s.sendto(b"x", socket.MSG_FASTOPEN, ("10.0.0.2", 5000))
s.shutdown(socket.SHUT_WR)
s.recv(1)'
	expect_match "known" ' fo_mss 1460 fo_cookie [0-9a-f]{16} source' "$(metrics)"
	on A plumb tcp_metrics flush
	expect_eq "left" "" "$(metrics)"
}

test_of_each_namespace()
{
	served
	host C
	talk
	expect_eq "another namespace's" "" "$(on C plumb tcp_metrics)"
	expect_match "ours" '^10\.0\.0\.2 ' "$(metrics)"
}

# 512 chains of 5; the oldest of a chain gives way. (Of 3000 about 2270 stay, of 1200 about 1176.)
test_there_is_a_bound()
{
	local n many=3000 least=2000 most=2560 last=10.1.11.184

	[ "$LIB_PART" = 1 ] || many=1200 least=1140 most=1198 last=10.1.4.176
	served
	ip -n "$(netns B)" route add local 10.1.0.0/16 dev lo
	on A plumb route add 10.1.0.0/16 via 10.0.0.2
	on_plumb A timeout 200 "$LIB_DIR/metrics.py" many 10.1.0.1 "$many" 5000
	n=$(metrics | wc -l)
	expect_le "paths known of $many" "$most" "$n"
	expect_ge "paths known of $many" "$least" "$n"
	expect_match "the last one" "^${last//./\\.} " "$(metrics "$last")"
	expect_eq "flushed" "$n entries flushed" "$(on A plumb -s tcp_metrics flush)"
}

run_tests "$@"
