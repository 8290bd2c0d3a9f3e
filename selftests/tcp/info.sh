#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TCP_INFO and the options beside it, on both stacks: every case of tcp_info.c.
# timeout: 120
# kernel: 6.12
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

test_info_is_linux_s()
{
	host A
	on A tcp_info >"$LIB_TMP/info" || fail "$(grep -v '^ok' "$LIB_TMP/info")"
	expect_match "cases ran" '^1\.\.[1-9]' "$(cat "$LIB_TMP/info")"
}

# MSG_EOR: what is written after it goes in segments of its own, though one would hold both.
test_end_of_record_ends_a_segment()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	background B nc -l -p 5000
	wait_listen B 5000
	capture B eth0 "$LIB_TMP/cap" tcp and src 10.0.0.1
	on_plumb A python3 -c '
import socket, time
s = socket.create_connection(("10.0.0.2", 5000))
s.setsockopt(socket.SOL_TCP, socket.TCP_CORK, 1)
s.send(b"a" * 100, socket.MSG_EOR)
s.send(b"b" * 200)
s.send(b"c" * 300, socket.MSG_EOR)
s.send(b"d" * 400)
s.setsockopt(socket.SOL_TCP, socket.TCP_CORK, 0)
s.close()'
	wait_until 20 sh -c "tcpdump -nr '$LIB_TMP/cap' 2>/dev/null | grep -q 'Flags.*F'"
	stop_capture
	expect_eq "segments" "100 500 400 " "$(tcpdump -nr "$LIB_TMP/cap" 2>/dev/null |
		sed -n 's/.*length \([1-9][0-9]*\)$/\1/p' | tr '\n' ' ')"
}

run_tests "$@"
