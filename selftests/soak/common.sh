# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the soak's scripts share: two hosts with both stacks on a cable, somebody who tries to remove
# the module all the time, and what is to be as before when the load is over.
#
#	A eth0 10.0.0.1 Linux, 10.0.0.101 Plumb ---- eth0 B 10.0.0.2 Linux, 10.0.0.102 Plumb
#	R						tries to remove the module
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

hosts()
{
	host A B R
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.101/24 eth0
	plumb_addr B 10.0.0.102/24 eth0
	attempts
}

# attempts: rmmod from now on. (It holds a socket in R, so that each has to be refused.)
attempts()
{
	background R soak rmmod
	ATTEMPTS_PID=$BG_PID ATTEMPTS_LOG=$BG_LOG
	wait_until 10 holds R 1
	USERS=$(</sys/module/plumb/refcnt)
}

# load MODE ARGUMENT...: between A and B, to Plumb's address if no other is said.
load() { "$(command -v soak)" "$1" "a=$(netns A)" "b=$(netns B)" addr=10.0.0.102 "${@:2}"; }

# shellcheck disable=SC2031 # (the subshells that shellcheck sees are other ones)
# load_bg MODE ARGUMENT...: the same without waiting (BG_PID, BG_LOG).
load_bg()
{
	LIB_JOBS=$((LIB_JOBS + 1))
	BG_LOG=$LIB_TMP/background.$LIB_JOBS
	"$(command -v soak)" "$1" "a=$(netns A)" "b=$(netns B)" addr=10.0.0.102 "${@:2}" \
		</dev/null >"$BG_LOG" 2>&1 &
	BG_PID=$!
	defer end_load "$BG_PID"
}

end_load()
{
	# Its children as well, which end at the first signal.
	kill -TERM "$1" && sleep 1 && kill -9 "$1"
	wait "$1" || true
} 2>/dev/null

# holds HOST N: so many TCP sockets, and no connection without a program.
# shellcheck disable=SC2016
holds() { on "$1" awk -v n="$2" '/^TCP:/ { exit !($3 == n && $5 == 0) }' /proc/net/plumb/sockstat; }
# shellcheck disable=SC2016
no_timewait() { on "$1" awk '/^TCP:/ { exit $7 != 0 }' /proc/net/plumb/sockstat; }

# tcp_sockets, tcp_pages: of all namespaces.
# shellcheck disable=SC2016
tcp_sockets() { awk '/^TCP:/ { print $9 }' /proc/net/plumb/sockstat; }
# shellcheck disable=SC2016
tcp_pages() { awk '/^TCP:/ { print $11 }' /proc/net/plumb/sockstat; }
only_one_is_left() { [ "$(tcp_sockets)" = 1 ] && [ "$(</sys/module/plumb/refcnt)" = "$USERS" ]; }
# ports HOST: how many its tables have in use, but for TIME-WAIT.
# shellcheck disable=SC2016
ports() { on "$1" awk '!/sl/ && $4 != "06" { n++ } END { print n + 0 }' /proc/net/plumb/tcp /proc/net/plumb/udp; }

# settled: all is as it was, but for TIME-WAIT, which takes a minute.
settled()
{
	local name

	for name in A B; do
		wait_until 20 holds "$name" 0
		expect_eq "ports in use on $name" 0 "$(ports "$name")"
	done
	wait_until 20 only_one_is_left
	# Each processor keeps up to a MiB at hand that is nobody's.
	expect_le "pages of TCP's memory" $((256 * $(nproc))) "$(tcp_pages)"
	kill -TERM "$ATTEMPTS_PID"
	wait_exit 10 "$ATTEMPTS_PID" || fail "$(cat "$ATTEMPTS_LOG")"
	expect_match "tries to remove the module" '^refused [1-9]' "$(cat "$ATTEMPTS_LOG")"
	echo "# rmmod: $(cat "$ATTEMPTS_LOG")"
}

# forgotten: the minute has passed.
forgotten()
{
	local name

	for name in A B; do
		wait_until 90 no_timewait "$name"
	done
}

# equal LOG: the streams were.
equal() { expect_match "streams" '^equal ' "$(cat "$1")"; }

# load_ends PID LOG: what load_bg began is told to end, and its streams were equal.
load_ends()
{
	kill -TERM "$1"
	wait_exit 60 "$1" || fail "$(cat "$2")"
	equal "$2"
}

# modelled: A and B on a cable of modelled adapters as well, of Plumb's driver: lan0 10.0.1.1 and .2.
modelled()
{
	on A plumb lan add lan type cable
	on A plumb lan port add lan ifname lan0
	on A plumb lan port add lan ifname lan0 netns "$(netns B)"
	plumb_addr A 10.0.1.1/24 lan0
	plumb_addr B 10.0.1.2/24 lan0
	wait_until 20 on A plumb ping -c 1 -W 1 10.0.1.2
}

arrives() { [ "$(plumb_counter "$1" TcpInSegs)" -ge 50 ]; }
