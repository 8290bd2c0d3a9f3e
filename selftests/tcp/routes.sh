#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a route tells TCP: advmss, window, initcwnd, initrwnd, rto_min, congctl, mtu. Both ends of both
# stacks, against what Linux's own makes of the same words. Hosts: common.sh.
# timeout: 150
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/common.sh"

METRICS="initcwnd 4 initrwnd 3 rto_min 900ms congctl reno"

# servers: on both hosts, at port 5000.
servers()
{
	pair
	on A sh -c 'echo 0 >/proc/sys/net/plumb/tcp_no_metrics_save'
	background_plumb A sh -c "exec '$LIB_DIR/routes.py' serve 5000 >'$LIB_TMP/of_a'"
	background B sh -c "exec '$LIB_DIR/routes.py' serve 5000 >'$LIB_TMP/of_b'"
	wait_listen_plumb A 5000
	wait_listen B 5000
}

# route HOST WORD...: to the other, with these words.
route()
{
	local host=$1
	shift

	if [ "$host" = A ]; then
		on A plumb route replace 10.0.0.2/32 dev eth0 "$@"
	else
		ip -n "$(netns B)" route replace 10.0.0.1/32 dev eth0 "$@"
		ip -n "$(netns B)" tcp_metrics flush all
	fi
}

# talk_a, talk_b: what each host's program says, then what the other's server does.
# What bounds a first window when the route does not is each stack's own.
talk_a() { on_plumb A "$LIB_DIR/routes.py" talk 10.0.0.2 5000; wait_line of_b; }
talk_b() { on B "$LIB_DIR/routes.py" talk 10.0.0.1 5000; wait_line of_a; }

# wait_line FILE: the server's word, and forget it.
wait_line()
{
	wait_until 5 [ -s "$LIB_TMP/$1" ]
	cat "$LIB_TMP/$1"
	: >"$LIB_TMP/$1"
}

test_route_is_what_was_said()
{
	pair
	# shellcheck disable=SC2086 # words
	route A $METRICS advmss 600 window 20000 mtu lock 1000 quickack 1
	expect_eq "as ip shows it" \
		"10.0.0.2 dev eth0 scope link mtu lock 1000 window 20000 advmss 600 initcwnd 4 rto_min 900ms initrwnd 3 quickack 1 congctl reno" \
		"$(on A plumb route show 10.0.0.2/32 | sed 's/ *$//')"
	route A
	expect_eq "without" "10.0.0.2 dev eth0 scope link" \
		"$(on A plumb route show 10.0.0.2/32 | sed 's/ *$//')"
	route A advmss 65500
	expect_match "bounded as Linux does" 'advmss 65495 ' "$(on A plumb route show 10.0.0.2/32)"
	expect_fail on A plumb route add 192.0.2.0/24 dev eth0 initcwnd 65536
	expect_fail on A plumb route add 192.0.2.0/24 dev eth0 congctl a_name_of_16_oct
}

# Each end in turn has a route that says something; the two stacks in turn are that end.
test_both_ends_of_both_stacks()
{
	local a b first='s/window 6[0-9]*/window of its own/'

	servers
	# shellcheck disable=SC2086 # words
	route A advmss 600 $METRICS
	a=$(talk_a)
	b=$(talk_b)
	route A
	# shellcheck disable=SC2086 # words
	route B advmss 600 $METRICS
	expect_eq "who opens" "$(talk_b)" "$a"
	expect_eq "who is opened" "$(talk_a | sed "$first")" "$(sed "$first" <<<"$b")"
	expect_match "the route's words" '^advmss 588 mss 1448 cwnd 4 slow True reno' "$a"
	expect_match "those heard" 'SYN mss 600 window 1800 advmss 1448 mss 588 cwnd 10' "$a"
}

test_window()
{
	servers
	route A window 5000
	expect_match "its SYN" 'SYN mss 1460 window 5000 ' "$(talk_a)"
	route A
	route B window 5000
	# Whole segments.
	expect_match "Linux's SYN" 'SYN mss 1460 window 4380 ' "$(talk_b)"
	# What the other end hears of who is opened; again whole segments, with timestamps.
	expect_eq "Linux's SYN-ACK" "4344 0" "$(on_plumb A "$LIB_DIR/routes.py" heard 10.0.0.2 5000)"
	route B
	route A window 5000
	expect_eq "Plumb's SYN-ACK" "5000 0" "$(on B "$LIB_DIR/routes.py" heard 10.0.0.1 5000)"
}

# delayed HOST: how many of its ACKs waited where it first answers and then listens.
delayed()
{
	local before

	if [ "$1" = A ]; then
		before=$(plumb_counter A TcpExtDelayedACKs)
		background B "$LIB_DIR/routes.py" ask 5001
		wait_listen B 5001
		on_plumb A "$LIB_DIR/routes.py" answer 10.0.0.2 5001
		echo $(($(plumb_counter A TcpExtDelayedACKs) - before))
	else
		before=$(linux_counter B TcpExtDelayedACKs)
		background_plumb A "$LIB_DIR/routes.py" ask 5001
		wait_listen_plumb A 5001
		on B "$LIB_DIR/routes.py" answer 10.0.0.1 5001
		echo $(($(linux_counter B TcpExtDelayedACKs) - before))
	fi
}

test_quickack()
{
	pair
	expect_ge "Linux's ACKs that waited" 1 "$(delayed B)"
	expect_ge "Plumb's ACKs that waited" 1 "$(delayed A)"
	route B quickack 1
	route A quickack 1
	expect_eq "Linux's ACKs that waited" 0 "$(delayed B)"
	expect_eq "Plumb's ACKs that waited" 0 "$(delayed A)"
}

# On a connection that stands, once less and once more than before. (Linux forgets it as text comes.)
test_window_clamp()
{
	local windows

	pair
	background B sh -c "exec '$LIB_DIR/routes.py' fill 5001 >'$LIB_TMP/of_a'"
	background_plumb A "$LIB_DIR/routes.py" fill 5001
	wait_listen_plumb A 5001
	wait_listen B 5001
	expect_eq "what is kept" "$(on B "$LIB_DIR/routes.py" clamp 10.0.0.1 5001 9000 20000)" \
		"$(on_plumb A "$LIB_DIR/routes.py" clamp 10.0.0.2 5001 9000 20000)"
	wait_until 5 sh -c "[ \$(wc -l <'$LIB_TMP/of_a') = 2 ]"
	mapfile -t windows <"$LIB_TMP/of_a"
	expect_le "the other end sees at most" 9000 "${windows[0]}"
	expect_ge "and nearly that" 6000 "${windows[0]}"
	expect_le "the other end sees at most" 20000 "${windows[1]}"
	expect_ge "and nearly that" 17000 "${windows[1]}"
}

# Set before, it bounds the window of the SYN, and a listener's that of its SYN-ACK.
test_window_clamp_before_the_handshake()
{
	local open='
import socket, sys
c, l = socket.socket(), socket.socket()
for s in c, l:
	s.setsockopt(socket.SOL_TCP, 10, 9000)	# TCP_WINDOW_CLAMP
c.connect((sys.argv[1], 5001))
l.bind((sys.argv[2], 5002))
l.listen()
print("listens", flush=True)
l.accept()' window

	pair
	background_plumb A sh -c "nc -l -p 5001"
	background B sh -c "nc -l -p 5001"
	wait_listen_plumb A 5001
	wait_listen B 5001
	capture B eth0 "$LIB_TMP/pcap" '(tcp[13] == 2 and dst port 5001) or (tcp[13] == 18 and src port 5002)'
	background_plumb A python3 -c "$open" 10.0.0.2 10.0.0.1
	wait_until 10 grep -q listens "$BG_LOG"
	on B nc -w 1 10.0.0.1 5002 </dev/null
	background B python3 -c "$open" 10.0.0.1 10.0.0.2
	wait_until 10 grep -q listens "$BG_LOG"
	on_plumb A nc -w 1 10.0.0.2 5002 </dev/null
	stop_capture
	tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | sed -n 's/.* win \([0-9]*\).*/\1/p' >"$LIB_TMP/windows"
	expect_eq "SYNs and SYN-ACKs" 4 "$(wc -l <"$LIB_TMP/windows")"
	while read -r window; do
		expect_le "offered at most" 9000 "$window"
		expect_ge "and nearly that" 6000 "$window"
	done <"$LIB_TMP/windows"
}

# On a connection that stands it is kept, and without effect.
test_maxseg_of_an_open_connection()
{
	pair
	background_plumb A sh -c "nc -l -p 5002 >/dev/null"
	background B sh -c "nc -l -p 5002 >/dev/null"
	wait_listen_plumb A 5002
	wait_listen B 5002
	expect_eq "sizes" "$(on B "$LIB_DIR/routes.py" maxseg 10.0.0.1 5002 600)" \
		"$(on_plumb A "$LIB_DIR/routes.py" maxseg 10.0.0.2 5002 600)"
}

# A connection that lasts hears of the route's new MTU when it writes.
test_mtu_changes_under_a_connection()
{
	servers
	route A mtu 1000
	background B sh -c "nc -l -p 5001 >'$LIB_TMP/got'"
	wait_listen B 5001
	mkfifo "$LIB_TMP/go"
	background_plumb A python3 -c '
import socket, struct, sys
s = socket.create_connection(("10.0.0.2", 5001))
def mss():
	return struct.unpack_from("I", s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 104), 16)[0]
s.sendall(b"x" * 3000)
out = open(sys.argv[2], "a")
print(mss(), file=out, flush=True)
for line in open(sys.argv[1]):
	s.sendall(b"x" * 3000)
	print(mss(), file=out, flush=True)' "$LIB_TMP/go" "$LIB_TMP/mss"
	exec 7>"$LIB_TMP/go"
	wait_until 5 [ -s "$LIB_TMP/mss" ]
	route A mtu 1400
	echo >&7
	wait_until 5 sh -c "[ \$(wc -l <'$LIB_TMP/mss') = 2 ]"
	route A mtu 800
	echo >&7
	wait_until 5 sh -c "[ \$(wc -l <'$LIB_TMP/mss') = 3 ]"
	exec 7>&-
	expect_eq "MSS" "948 1348 748" "$(tr '\n' ' ' <"$LIB_TMP/mss" | sed 's/ $//')"
	wait_until 5 sh -c "[ \$(wc -c <'$LIB_TMP/got') = 9000 ]"
}

# All is written, and the device's MTU becomes less while the most of it waits: the rest goes in smaller segments.
test_mtu_falls_during_a_transfer()
{
	pair
	background B sh -c "nc -l -p 5001 >'$LIB_TMP/got'"
	wait_listen B 5001
	netem A eth0 rate 500kbit
	background_plumb A python3 -c '
import socket, sys
s = socket.create_connection(("10.0.0.2", 5001))
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2000000)
s.sendall(b"x" * 200000)
print("written", flush=True)
open(sys.argv[1]).read()' "$LIB_TMP/go"
	mkfifo "$LIB_TMP/go"
	wait_until 5 grep -q written "$BG_LOG"
	on A ip link set eth0 mtu 900
	expect_le "octets that had arrived" 150000 "$(wc -c <"$LIB_TMP/got")"
	wait_until 5 sh -c "[ \$(wc -c <'$LIB_TMP/got') = 200000 ]"
	expect_ge "segments that did not fit" 1 "$(drops A IP_TOO_BIG)"
}

# As small as text still fits (tcp_min_snd_mss), either way, beside Linux's.
test_smallest_mtus()
{
	local mtu talk='
import socket, sys
s = socket.create_connection((sys.argv[1], 5001))
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
s.sendall(b"x" * 10000)'

	pair
	for mtu in 100 88; do
		on A ip link set eth0 mtu "$mtu"
		on B ip link set eth0 mtu "$mtu"
		background B sh -c "nc -l -p 5001 >'$LIB_TMP/got'"
		wait_listen B 5001
		on_plumb A python3 -c "$talk" 10.0.0.2 >"$LIB_TMP/plumb"
		wait_until 10 sh -c "[ \$(wc -c <'$LIB_TMP/got') = 10000 ]"
		background_plumb A sh -c "nc -l -p 5001 >'$LIB_TMP/got'"
		wait_listen_plumb A 5001
		on B python3 -c "$talk" 10.0.0.1 >"$LIB_TMP/linux"
		wait_until 10 sh -c "[ \$(wc -c <'$LIB_TMP/got') = 10000 ]"
		expect_eq "MSS" "$(cat "$LIB_TMP/linux")" "$(cat "$LIB_TMP/plumb")"
	done
	expect_eq "what is left of 88" 36 "$(cat "$LIB_TMP/plumb")"
}

run_tests "$@"
