#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fast Open (RFC 7413): text in the SYN, between Plumb and Linux both ways, and with a peer played by
# hand: cookies, keys, bounds, and what happens when the path or the peer does not want it.
#
#	A (Plumb 10.0.0.1) eth0 ---- eth0 B (Linux 10.0.0.2, or by hand)
#
# timeout: 200
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

FAST=$LIB_DIR/fastopen.py

fast_pair()
{
	pair
	on A sysctl -qw net.plumb.tcp_fastopen=3
	on B sysctl -qw net.ipv4.tcp_fastopen=3
}

# plumb_server [QLEN [PORT]]
plumb_server() { background_plumb A python3 "$FAST" server 10.0.0.1 "$@"; wait_listen_plumb A "${2:-7000}"; }
linux_server() { background B python3 "$FAST" server 10.0.0.2 "$@"; wait_listen B 7000; }
linux_client() { client_start B python3 "$FAST" client 10.0.0.1; }
plumb_client() { client_start A plumb run python3 "$FAST" client 10.0.0.2; }

# One program makes all connections of a test: to start it takes longer than they do.
client_start()
{
	mkfifo "$LIB_TMP/ask" "$LIB_TMP/answer"
	ip netns exec "$$-$1" "${@:2}" <"$LIB_TMP/ask" >"$LIB_TMP/answer" 2>&1 &
	defer lib_background_gone $!
	exec {ASK}>"$LIB_TMP/ask" {ANSWER}<"$LIB_TMP/answer"
}

# ask MODE SIZE [PORT]; answer: what came of it; client: both.
ask() { echo "$*" >&"$ASK"; }
answer() { local line=; read -r -t 40 line <&"$ANSWER" || true; echo "$line"; }
client() { ask "$@"; answer; }

by_hand() { on B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 "$mac_a" 10.0.0.1 "$@"; }

test_server__linux_client()
{
	fast_pair
	linux_client
	plumb_server
	expect_eq "no cookie yet" "plain fail=1" "$(client sendto 1000)"
	expect_eq "a cookie was asked for" 1 "$(plumb_counter A TcpExtTCPFastOpenCookieReqd)"
	expect_eq "text in the SYN" "syn-data fail=0" "$(client sendto 1000)"
	expect_eq "more than a SYN holds" "syn-data fail=0" "$(client sendto 100000)"
	expect_eq "connect()" "syn-data fail=0" "$(client connect 500)"
	expect_eq "taken" 3 "$(plumb_counter A TcpExtTCPFastOpenPassive)"
	expect_eq "none refused" 0 "$(plumb_counter A TcpExtTCPFastOpenPassiveFail)"
	expect_eq "Linux's view" 3 "$(linux_counter B TcpExtTCPFastOpenActive)"
	expect_eq "a cookie without text" "plain fail=0" "$(client empty 1000)"
	expect_eq "taken" 4 "$(plumb_counter A TcpExtTCPFastOpenPassive)"
	expect_eq "Linux's view" 3 "$(linux_counter B TcpExtTCPFastOpenActive)"
	ecn
	expect_eq "ECN asked for" "syn-data fail=0 ecn" "$(client sendto 1000)"
	expect_ge "its answer may be marked" 1 "$(linux_counter B IpExtInECT0Pkts)"
}

# The text of a SYN is of TCP_MAXSEG at most, less room for options; Linux's beside.
test_client__maxseg()
{
	fast_pair
	linux_server
	plumb_server
	capture B eth0 "$LIB_TMP/pcap" 'tcp[13] == 2'
	on_plumb A python3 "$FAST" client 10.0.0.2 <<<$'sendto 100\nmaxseg 3000' >"$LIB_TMP/plumb"
	on B python3 "$FAST" client 10.0.0.1 <<<$'sendto 100\nmaxseg 3000' >"$LIB_TMP/linux"
	stop_capture
	expect_eq "both" "$(cat "$LIB_TMP/linux")" "$(cat "$LIB_TMP/plumb")"
	expect_match "in the SYN" 'syn-data fail=0' "$(cat "$LIB_TMP/plumb")"
	expect_eq "octets" "0 560 0 560" "$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null |
		sed -n 's/.*, length \([0-9]*\).*/\1/p' | xargs)"
}

ecn()
{
	on A sysctl -qw net.plumb.tcp_ecn=1
	on B sysctl -qw net.ipv4.tcp_ecn=1
}

test_client__linux_server()
{
	fast_pair
	plumb_client
	linux_server
	expect_eq "no cookie yet" "plain fail=1" "$(client sendto 1000)"
	expect_eq "text in the SYN" "syn-data fail=0" "$(client sendto 1000)"
	expect_eq "more than a SYN holds" "syn-data fail=0" "$(client sendto 100000)"
	expect_eq "connect()" "syn-data fail=0" "$(client connect 500)"
	expect_eq "without waiting" "syn-data fail=0" "$(client nonblock 3000)"
	expect_eq "a second time" "syn-data fail=0" "$(client twice 3000)"
	expect_eq "acknowledged" 5 "$(plumb_counter A TcpExtTCPFastOpenActive)"
	expect_eq "Linux took them" 5 "$(linux_counter B TcpExtTCPFastOpenPassive)"
	expect_eq "none failed" 0 "$(plumb_counter A TcpExtTCPFastOpenActiveFail)"
	expect_eq "a cookie without text" "plain fail=0" "$(client empty 1000)"
	expect_eq "Linux took it" 6 "$(linux_counter B TcpExtTCPFastOpenPassive)"
	expect_eq "no text to acknowledge" 5 "$(plumb_counter A TcpExtTCPFastOpenActive)"
	ecn
	expect_eq "ECN asked for" "syn-data fail=0 ecn" "$(client sendto 100000)"
	expect_ge "its text may be marked" 1 "$(linux_counter B IpExtInECT0Pkts)"
}

# The way to the peer goes between connect() and the write that was to take the SYN along, and comes
# back. Both stacks tell the same.
test_client__route_goes()
{
	local plumb

	fast_pair
	linux_server
	plumb_server
	client_start A plumb run python3 "$FAST" deferred 10.0.0.2
	plumb=$(answer)
	on A plumb route del 10.0.0.0/24 dev eth0
	plumb+=" $(client)"
	on A plumb route add 10.0.0.0/24 dev eth0
	plumb+=" $(client)"
	rm "$LIB_TMP/ask" "$LIB_TMP/answer"
	client_start B python3 "$FAST" deferred 10.0.0.1
	answer >"$LIB_TMP/linux"
	ip -n "$(netns B)" route del 10.0.0.0/24 dev eth0
	client >>"$LIB_TMP/linux"
	ip -n "$(netns B)" route add 10.0.0.0/24 dev eth0
	client >>"$LIB_TMP/linux"
	expect_eq "Linux's story" "$(tr '\n' ' ' <"$LIB_TMP/linux" | sed 's/ $//')" "$plumb"
	expect_match "it" "^connect None writable True write E.* again None 1 b'Z'$" "$plumb"
}

# rst_ahead HOST MAC MAC_PEER PEER COMMAND...: from there, as a third host, to the other's stack.
rst_ahead()
{
	local peer log

	background "$1" python3 "$LIB_DIR/peer.py" eth0 "$2" 10.0.0.9 "$3" "$4" rst_ahead
	peer=$BG_PID log=$BG_LOG
	wait_until 20 on "$1" grep -q '^[0-9a-f]' /proc/net/packet
	"${@:5}" python3 "$FAST" client 10.0.0.9 <<<$'sendto 100\nsendto 100' >"$LIB_TMP/story"
	wait_exit 20 "$peer" || fail "by hand: $(cat "$log")"
	expect_eq "by hand" ok "$(cat "$log")"
	expect_eq "$5" "Connection reset by peer, Connection refused, " \
		"$(sed 's/$/, /' "$LIB_TMP/story" | tr -d '\n')"
}

# A RST ahead of sequence, before any text: somebody on the path did not like it, and nobody tries
# for a while.
test_client__rst_ahead()
{
	fast_pair
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=60
	on B sysctl -qw net.ipv4.tcp_fastopen_blackhole_timeout_sec=60
	rst_ahead A "$mac_a" "$mac_b" 10.0.0.2 on B
	expect_eq "Linux suspects a hole" 1 "$(linux_counter B TcpExtTCPFastOpenBlackhole)"
	rst_ahead B "$mac_b" "$mac_a" 10.0.0.1 on_plumb A
	expect_eq "Plumb does" 1 "$(plumb_counter A TcpExtTCPFastOpenBlackhole)"
}

# One key at both: the same cookies, from Linux's server and from Plumb's.
test_cookies_are_linuxs()
{
	local key=01234567-89abcdef-fedcba98-76543210 cookie

	fast_pair
	plumb_client
	linux_server
	on B sysctl -qw net.ipv4.tcp_fastopen_key="$key"
	on A sysctl -qw net.plumb.tcp_fastopen_key="$key"
	expect_eq "shown" "$key" "$(on A sysctl -n net.plumb.tcp_fastopen_key)"
	capture B eth0 "$LIB_TMP/pcap" 'tcp[13] == 18'
	client sendto 10 >/dev/null
	stop_capture
	cookie=$(tcpdump -nvr "$LIB_TMP/pcap" 2>/dev/null | sed -nE 's/.*tfo +cookie ([0-9a-f]+).*/\1/p')
	plumb_server
	on B ip address flush dev eth0
	expect_eq "both, by hand" ok "$(by_hand cookie_by_key "${key//-/}" "$cookie")"
}

# The old key's cookies are taken, and replaced; after the next rotation they are not.
test_key_rotation()
{
	local old=00000001-00000002-00000003-00000004 new=00000005-00000006-00000007-00000008

	fast_pair
	linux_client
	on A sysctl -qw net.plumb.tcp_fastopen_key="$old"
	plumb_server
	client sendto 100 >/dev/null
	on A sysctl -qw net.plumb.tcp_fastopen_key="$new,$old"
	expect_eq "shown" "$new,$old" "$(on A sysctl -n net.plumb.tcp_fastopen_key)"
	expect_eq "cookie of the old key" "syn-data fail=0" "$(client sendto 100)"
	expect_eq "counted" 1 "$(plumb_counter A TcpExtTCPFastOpenPassiveAltKey)"
	expect_eq "its successor" "syn-data fail=0" "$(client sendto 100)"
	expect_eq "counted" 1 "$(plumb_counter A TcpExtTCPFastOpenPassiveAltKey)"
	on A sysctl -qw net.plumb.tcp_fastopen_key="$old"
	expect_eq "refused, served as ever" "plain fail=2" "$(client sendto 100)"
	expect_eq "counted" 1 "$(plumb_counter A TcpExtTCPFastOpenPassiveFail)"
	expect_eq "and a new cookie given" "syn-data fail=0" "$(client sendto 100)"
	expect_fail on A sysctl -w net.plumb.tcp_fastopen_key=1-2-3
}

test_switched_off()
{
	fast_pair
	plumb_server
	linux_client
	client sendto 100 >/dev/null
	on A sysctl -qw net.plumb.tcp_fastopen=1
	expect_eq "server" "plain fail=2" "$(client sendto 100)"
	expect_eq "taken" 0 "$(plumb_counter A TcpExtTCPFastOpenPassive)"
	on A sysctl -qw net.plumb.tcp_fastopen=0
	expect_eq "client" "Operation not supported" "$(on_plumb A python3 "$FAST" client 10.0.0.2 <<<"sendto 100")"
	# Every listener takes it, and no cookie is needed.
	on A sysctl -qw net.plumb.tcp_fastopen=$((0x603))
	on B sysctl -qw net.ipv4.tcp_fastopen=5
	plumb_server 0 7100
	expect_eq "at once" "syn-data fail=0" "$(client sendto 100 7100)"
	expect_eq "taken" 1 "$(plumb_counter A TcpExtTCPFastOpenPassive)"
}

# Text in the SYN-ACK, no cookie back, only the SYN acknowledged, silence: by hand.
test_client__odd_servers()
{
	local peer log

	fast_pair
	on B ip address flush dev eth0
	# It listens first, or the client's SYN is sent again without its text before it is seen.
	background B python3 "$LIB_DIR/peer.py" eth0 "$mac_b" 10.0.0.2 "$mac_a" 10.0.0.1 odd_servers
	peer=$BG_PID log=$BG_LOG
	wait_until 20 on B grep -q '^[0-9a-f]' /proc/net/packet
	background_plumb A python3 "$LIB_DIR/odd_client.py"
	wait_exit 60 "$peer"
	expect_eq "by hand" ok "$(cat "$log")"
	wait_exit 20 "$BG_PID"
	expect_match "what the client saw" '^synack-data plain repeated$' "$(cat "$BG_LOG")"
	expect_ge "failed" 2 "$(plumb_counter A TcpExtTCPFastOpenActiveFail)"
}

# No more unproven peers than TCP_FASTOPEN says; a place that a RST ended stays taken.
test_server__bound()
{
	fast_pair
	on A sysctl -qw net.plumb.tcp_fastopen=$((0x203))
	on B ip address flush dev eth0
	plumb_server 4
	expect_eq "by hand" ok "$(by_hand bound)"
	expect_eq "taken" 4 "$(plumb_counter A TcpExtTCPFastOpenPassive)"
	expect_ge "overflows" 4 "$(plumb_counter A TcpExtTCPFastOpenListenOverflow)"
}

# What nobody has accepted yet ends by such an error, but can be accepted, with its text.
test_server__unreachable_before_accept()
{
	fast_pair
	on A sysctl -qw net.plumb.tcp_fastopen=$((0x203))
	on B ip address flush dev eth0
	client_start A plumb run python3 "$FAST" late 10.0.0.1
	wait_listen_plumb A 7000
	expect_eq "by hand" ok "$(by_hand unreachable)"
	ask accept
	expect_eq "what it can say" "b'text' EHOSTUNREACH EPIPE" "$(answer)"
}

# The path swallows it: after three time-outs in a row nobody tries for a while.
test_client__black_hole()
{
	fast_pair
	linux_server
	plumb_client
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=60
	client sendto 100 >/dev/null
	netem A eth0 loss 100%
	ask nonblock 100
	wait_until 15 hole_seen
	on A tc qdisc del dev eth0 root
	expect_eq "works all the same" "plain fail=3" "$(answer)"
	expect_eq "not tried again" "plain fail=0" "$(client sendto 100)"
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=0
	expect_eq "tried again" "syn-data fail=0" "$(client sendto 100)"
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=60
	expect_eq "remembered all the same" "plain fail=0" "$(client sendto 100)"
	# Its time ends; and as all goes well then it is forgotten, also when it would be longer.
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=1
	wait_until 5 tried_again
	on A sysctl -qw net.plumb.tcp_fastopen_blackhole_timeout_sec=3600
	expect_eq "forgotten" "syn-data fail=0" "$(client sendto 100)"
}

tried_again() { [ "$(client sendto 100)" = "syn-data fail=0" ]; }

hole_seen() { [ "$(plumb_counter A TcpExtTCPFastOpenBlackhole)" = 1 ]; }

run_tests "$@"
