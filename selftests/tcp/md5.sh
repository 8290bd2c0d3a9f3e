#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TCP-MD5 (RFC 2385): signed connections between Plumb and Linux, both ways; what is not signed, or
# not well, does not get in.
#
#	A (Plumb 10.0.0.1) eth0 ---- eth0 B (Linux 10.0.0.2, or by hand)
#
# timeout: 120
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

MD5=$LIB_DIR/md5.py

plumb_server() { background_plumb A python3 "$MD5" server 10.0.0.1 "$@"; wait_listen_plumb A 7000; }
linux_server() { background B python3 "$MD5" server 10.0.0.2 "$@"; wait_listen B 7000; }
from_linux() { on B python3 "$MD5" client 10.0.0.1 "$@"; }
from_plumb() { on_plumb A python3 "$MD5" client 10.0.0.2 "$@"; }

test_server__linux_client()
{
	pair
	plumb_server 10.0.0.2 secret
	expect_eq "the right key" echoed "$(from_linux secret)"
	expect_eq "failures" 0 "$(plumb_counter A TcpExtTCPMD5Failure)"
	expect_match "another key" '^no connection' "$(from_linux wrong)"
	expect_ge "failures" 1 "$(plumb_counter A TcpExtTCPMD5Failure)"
	expect_match "no key" '^no connection' "$(from_linux -)"
	expect_ge "unsigned" 1 "$(plumb_counter A TcpExtTCPMD5NotFound)"
	# SYN cookies are signed, too.
	on A sysctl -qw net.plumb.tcp_syncookies=2
	expect_eq "by cookie" echoed "$(from_linux secret)"
	expect_eq "by cookie" 1 "$(plumb_counter A TcpExtSyncookiesRecv)"
}

test_client__linux_server()
{
	pair
	linux_server 10.0.0.1 secret
	expect_eq "the right key" echoed "$(from_plumb secret 300000)"
	expect_match "another key" '^no connection' "$(from_plumb wrong)"
	expect_match "no key" '^no connection' "$(from_plumb -)"
	expect_eq "Linux's view" echoed "$(from_plumb secret)"
}

test_prefix__and_unexpected()
{
	pair
	plumb_server 10.0.0.0/24 secret
	expect_eq "by prefix" echoed "$(from_linux secret)"
	lib_background_gone "$BG_PID"
	plumb_server - -
	expect_eq "unsigned to a server without keys" echoed "$(from_linux -)"
	expect_match "signed" '^no connection' "$(from_linux secret)"
	expect_ge "unexpected" 1 "$(plumb_counter A TcpExtTCPMD5Unexpected)"
}

# With segments lost and out of order on the way: repeats and SACK blocks are signed as well.
test_losses()
{
	pair
	netem B eth0 delay 2ms loss 2% reorder 5%
	plumb_server 10.0.0.2 secret
	expect_eq "echo" echoed "$(from_linux secret 300000)"
	expect_ge "sent again" 1 "$(linux_counter B TcpRetransSegs)"
	expect_eq "failures" 0 "$(plumb_counter A TcpExtTCPMD5Failure)"
	expect_eq "Linux's view" 0 "$(linux_counter B TcpExtTCPMD5Failure)"
}

# by_hand SCENE...: of peer.py, which is 10.0.0.2 now.
by_hand() { on B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 "$mac_a" 10.0.0.1 "$@"; }

# RSTs and text without a signature change nothing in a connection that stands, or is to be one.
test_by_hand()
{
	local unsigned

	pair
	plumb_server 10.0.0.2 secret
	on B ip address flush dev eth0
	expect_eq "by hand" ok "$(by_hand md5 secret)"
	unsigned=$(plumb_counter A TcpExtTCPMD5NotFound)
	expect_eq "third segment" ok "$(by_hand md5_third_segment secret)"
	expect_eq "unsigned" $((unsigned + 3)) "$(plumb_counter A TcpExtTCPMD5NotFound)"
}

# What answers a wrong SYN-ACK, and what answers in TIME-WAIT, is signed.
test_by_hand__client()
{
	local peer log

	pair
	on B ip address flush dev eth0
	background B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 "$mac_a" 10.0.0.1 md5_active secret
	peer=$BG_PID log=$BG_LOG
	wait_until 20 on B grep -q '^[0-9a-f]' /proc/net/packet
	expect_eq "client" echoed "$(on_plumb A python3 "$MD5" client 10.0.0.2 secret 10 20)"
	wait_exit 20 "$peer" || fail "$(cat "$log")"
}

test_options()
{
	load_plumb
	host A
	expect_eq "as Linux" "$(on A python3 "$MD5" options)" "$(on_plumb A python3 "$MD5" options)"
}

run_tests "$@"
