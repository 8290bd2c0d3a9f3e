#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Path MTU discovery without ICMP (RFC 4821): a path that swallows what is too large for it, and
# says nothing.
#
#	A eth0 10.0.0.1 Plumb ---- eth0 10.0.0.2 B Linux
#	  MTU 1500                 MTU 1200: what is longer is dropped here, but B offers an MSS of 1460
# timeout: 120
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/common.sh"

# path MTU: of B's end.
path()
{
	pair
	ip -n "$(netns B)" link set eth0 mtu "$1"
	ip -n "$(netns B)" route replace 10.0.0.0/24 dev eth0 advmss 1460
	# A veth without a queue tells the sender what it drops.
	on A tc qdisc add dev eth0 root pfifo
	# Only what is segmented before it leaves is measured.
	on A ethtool -K eth0 tso off gso off >/dev/null
}

setting() { on A sh -c "echo $2 >/proc/sys/net/plumb/$1"; }

# receiver: B's, into $LIB_TMP/got; sender: A's 1 MB, in the background.
receiver()
{
	background B sh -c "nc -l -p 5000 >'$LIB_TMP/got'"
	receiver=$BG_PID
	wait_listen B 5000
}

sender()
{
	make_file "$LIB_TMP/sent" 1000000
	background_plumb A python3 -c '
import socket, sys
s = socket.create_connection(("10.0.0.2", 5000))
s.sendall(open(sys.argv[1], "rb").read())
s.close()' "$LIB_TMP/sent"
}

arrived()
{
	wait_exit 60 "$receiver" || true
	expect_eq "what arrived" "$(sha_of "$LIB_TMP/sent")" "$(sha_of "$LIB_TMP/got")"
}

timeouts() { [ "$(plumb_counter A TcpExtTCPTimeouts)" -ge "$1" ]; }

test_black_hole__is_survived()
{
	path 1200
	setting tcp_mtu_probing 1
	setting tcp_retries1 1
	receiver
	sender
	arrived
	expect_ge "time-outs before it was found" 1 "$(plumb_counter A TcpExtTCPTimeouts)"
	# From 1076 it goes up again: 1288 are too many, 1181 pass.
	expect_ge "probes that were lost" 1 "$(plumb_counter A TcpExtTCPMTUPFail)"
	expect_ge "probes that arrived" 1 "$(plumb_counter A TcpExtTCPMTUPSuccess)"
}

test_black_hole__halves_until_something_passes()
{
	path 400
	setting tcp_mtu_probing 1
	setting tcp_retries1 0
	setting tcp_base_mss 1024
	receiver
	sender
	arrived
	expect_ge "time-outs before it was found" 3 "$(plumb_counter A TcpExtTCPTimeouts)"
}

test_black_hole__swallows_all_without_probing()
{
	path 1200
	setting tcp_retries1 1
	receiver
	sender
	wait_until 30 timeouts 3
	expect_eq "octets that arrived" 0 "$(stat -c %s "$LIB_TMP/got")"
}

# tcp_mtu_probing 2: begins at tcp_base_mss, ends at what the path carries; nothing is lost by it.
test_search__goes_up_to_the_path_s_mtu()
{
	path 1500
	setting tcp_mtu_probing 2
	receiver
	capture B eth0 "$LIB_TMP/cap" tcp and src 10.0.0.1
	sender
	arrived
	stop_capture
	tcpdump -nr "$LIB_TMP/cap" 2>/dev/null | sed -n 's/.*length \([1-9][0-9]*\)$/\1/p' \
		>"$LIB_TMP/sizes"
	expect_eq "first segments" "1024" "$(sed -n 2p "$LIB_TMP/sizes")"
	expect_ge "largest segment" 1440 "$(sort -n "$LIB_TMP/sizes" | tail -n 1)"
	expect_ge "probes that arrived" 4 "$(plumb_counter A TcpExtTCPMTUPSuccess)"
	expect_eq "probes that were lost" 0 "$(plumb_counter A TcpExtTCPMTUPFail)"
}

run_tests "$@"
