#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a connection's timers do while nobody writes or nobody answers, and the one of pacing. Hosts:
# common.sh; the_two: A's Linux besides, 10.0.0.3.
# timeout: 150
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

# the_two MODE [ARGUMENT]: Linux's stack and Plumb's, both on A, each with a connection to B, which
# reads nothing; LINUX and PLUMB are their logs.
the_two()
{
	local command="exec '$PY' '$LIB_DIR/timers.py' $1 10.0.0.2 5000 ${2-}"

	pair
	ip -n "$(netns A)" addr add 10.0.0.3/24 dev eth0
	background B "$PY" "$LIB_DIR/timers.py" deaf 5000
	wait_listen B 5000
	mkfifo "$LIB_TMP/say_linux" "$LIB_TMP/say_plumb"
	background A sh -c "$command <'$LIB_TMP/say_linux'"
	LINUX_PID=$BG_PID LINUX=$BG_LOG
	background_plumb A sh -c "$command <'$LIB_TMP/say_plumb'"
	PLUMB_PID=$BG_PID PLUMB=$BG_LOG
	exec 6>"$LIB_TMP/say_linux" 7>"$LIB_TMP/say_plumb"
	both_say open
}

say() { echo "$*" >&6; echo "$*" >&7; }
both_say() { wait_until 10 grep -q "$1" "$LINUX"; wait_until 10 grep -q "$1" "$PLUMB"; }
both_end()
{
	wait_exit 20 "$LINUX_PID"
	wait_exit 20 "$PLUMB_PID"
	exec 6>&- 7>&-
	expect_eq "Linux's end" "$1" "$(tail -n 1 "$LINUX")"
	expect_eq "Plumb's end" "$1" "$(tail -n 1 "$PLUMB")"
	expect_eq "counted by Linux" "$2" "$(linux_counter A TcpExtTCPAbortOnTimeout)"
	expect_eq "counted by Plumb" "$2" "$(plumb_counter A TcpExtTCPAbortOnTimeout)"
}

# RFC 5482: the user's time counts from the first time-out on, whatever tcp_retries2 says.
test_user_timeout_in_flight()
{
	the_two flight 1500
	netem B eth0 loss 100%
	say
	both_end "errno 110 in time" 1
}

# A peer that answers every probe of its shut window, but opens it for nobody.
test_user_timeout_of_a_shut_window()
{
	the_two shut 2000
	both_end "errno 110 in time" 1
	expect_ge "probes of Linux" 2 "$(linux_counter A TcpExtTCPWinProbe)"
	expect_ge "probes of Plumb" 2 "$(plumb_counter A TcpExtTCPWinProbe)"
	expect_le "probes of Plumb" 8 "$(plumb_counter A TcpExtTCPWinProbe)"
}

# counted COUNTER N: by Linux and by Plumb.
counted() { [ "$(linux_counter A "$1")" -ge "$2" ] && [ "$(plumb_counter A "$1")" -ge "$2" ]; }

# What is in flight keeps alive by its own timer: for three seconds, where two would end it.
test_keepalive_with_text_in_flight()
{
	the_two busy
	netem B eth0 loss 100%
	say
	wait_until 10 counted TcpRetransSegs 5
	expect_eq "probes of Linux" 0 "$(linux_counter A TcpExtTCPKeepAlive)"
	expect_eq "probes of Plumb" 0 "$(keepalives)"
	on B tc qdisc del dev eth0 root
	both_say acknowledged
	wait_until 10 counted TcpExtTCPKeepAlive 1
	netem B eth0 loss 100%
	both_end "errno 110 in time" 1
}

# rate SECONDS OCTETS: that many at 300000 a second; what fits into the first round trips is free.
rate()
{
	local what="hundredths of a second for $2 octets at 300000 a second"

	expect_ge "$what" "$(($2 / 3529))" "${1/./}"
	expect_le "$what" "$(($2 * LIB_PART / 1500))" "${1/./}"
}

# paced OCTETS [ALGORITHM]
paced()
{
	local took

	took=$(on_plumb A "$PY" "$LIB_DIR/timers.py" paced 10.0.0.2 5000 "$1" 300000 "${@:2}")
	rate "$took" "$1"
}

# No faster than the socket's rate, and about as fast.
test_pacing()
{
	pair
	background B "$PY" "$LIB_DIR/metrics.py" serve 5000
	wait_listen B 5000
	paced 600000
	# Another algorithm changes nothing in it.
	paced 300000 reno
}

# A listener's rate is its children's.
test_pacing_of_a_child()
{
	pair
	background_plumb A "$PY" "$LIB_DIR/timers.py" paced_server 5000 300000 300000
	wait_listen_plumb A 5000
	on B sh -c 'nc 10.0.0.1 5000 </dev/null >/dev/null'
	wait_exit 5 "$BG_PID"
	rate "$(cat "$BG_LOG")" 300000
}

run_tests "$@"
