#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a connection's timers do while nobody writes, and the one of pacing. Hosts: common.sh.
# timeout: 60
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

keepalives() { plumb_counter A TcpExtTCPKeepAlive; }
probed() { [ "$(keepalives)" -ge "$1" ]; }

# kept [USER_TIMEOUT]: a connection that is probed and answered, says something after that, and then meets
# silence; ENDED says how it ended.
kept()
{
	local pid

	pair
	mkfifo "$LIB_TMP/lines"
	background B sh -c "exec nc -l -p 5000 <'$LIB_TMP/lines' >/dev/null"
	exec 6<>"$LIB_TMP/lines"
	wait_listen B 5000
	background_plumb A "$PY" "$LIB_DIR/timers.py" keep 10.0.0.2 5000 "$@"
	pid=$BG_PID
	wait_until 10 grep -q open "$BG_LOG"
	wait_until 10 probed 3
	expect_eq "what it says while it is answered" open "$(cat "$BG_LOG")"
	echo alive >&6
	wait_until 10 grep -q 'text alive' "$BG_LOG"
	netem B eth0 loss 100%
	wait_exit 30 "$pid"
	exec 6>&-
	ENDED=$(tail -n 1 "$BG_LOG")
}

# RFC 9293 3.8.4, 110 is ETIMEDOUT: two probes, and a second after the last.
test_keepalive()
{
	kept
	expect_match "how it ended" '^errno 110 after [23456789]$' "$ENDED"
	expect_ge "probes" 5 "$(keepalives)"
}

# The user's time alone decides then, but after one probe at least.
test_keepalive_with_user_timeout()
{
	kept 5000
	expect_match "how it ended" '^errno 110 after ([56789]|1[0-9])$' "$ENDED"
}

# No faster than the socket's rate (what fits into the first round trips apart), and about as fast.
test_pacing()
{
	local seconds

	pair
	background B "$PY" "$LIB_DIR/metrics.py" serve 5000
	wait_listen B 5000
	seconds=$(on_plumb A "$PY" "$LIB_DIR/timers.py" paced 10.0.0.2 5000 600000 300000)
	expect_ge "hundredths of a second for 600000 octets at 300000 a second" 170 "${seconds/./}"
	expect_le "hundredths of a second for 600000 octets at 300000 a second" 400 "${seconds/./}"
}

run_tests "$@"
