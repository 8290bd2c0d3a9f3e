#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A connection that its program has closed goes on until all is delivered. It holds neither its
# namespace nor the module: it goes with them, and its peer is told. Hosts: common.sh.
# timeout: 300
# smp
# shellcheck source=selftests/e2e/lifetime_lib.sh
. "${0%/*}/lifetime_lib.sh"

# timewaits NAME, half_open NAME: how many its Plumb has, of either.
# shellcheck disable=SC2016
timewaits() { on "$1" awk '/^TCP:/ { print $7 }' /proc/net/plumb/sockstat; }
# shellcheck disable=SC2016
half_open() { on "$1" awk '$4 == "03" { n++ } END { print n + 0 }' /proc/net/plumb/tcp; }
# orphans NAME: how many connections without a program its Plumb has.
# shellcheck disable=SC2016
orphans() { on "$1" awk '/^TCP:/ { print $5 }' /proc/net/plumb/sockstat; }
has_orphans() { [ "$(orphans "$1")" = "$2" ]; }
users() { cat /sys/module/plumb/refcnt; }
linux_established() { on B grep -qE '^ *[0-9]+: [0-9A-F:]+ [0-9A-F:]+ 01 ' /proc/net/tcp; }
no_linux_established() { ! linux_established; }
gone() { ! on B ip link show eth0; }

# silent_orphans [MOST]: three connections whose text nobody acknowledges, of which MOST may go on.
silent_orphans()
{
	local fifo=$LIB_TMP/go pid

	two_hosts
	on A sysctl -qw "net.plumb.tcp_max_orphans=${1-3}"
	mkfifo "$fifo"
	run_bg B linux "$PY" -c '
import socket, time
s = socket.create_server(("10.0.0.2", 7))
held = [s.accept() for _ in range(3)]
time.sleep(1000)
'
	listening B linux 7
	run_bg A plumb "$PY" -c '
import socket, sys
s = [socket.create_connection(("10.0.0.2", 7)) for _ in range(3)]
print("open", flush=True)
open(sys.argv[1]).read()
for c in s:
    c.sendall(bytes(20000))
' "$fifo"
	pid=$BG_PID
	wait_until 20 grep -q open "$BG_LOG"
	netem B eth0 loss 100%
	echo >"$fifo"
	wait_exit 20 "$pid"
	wait_until 5 has_orphans A "${1-3}"
}

test_the_module_is_not_held()
{
	silent_orphans
	expect_eq "users of the module" 0 "$(users)"
	run_bg A plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.101 8
	listening A plumb 8
	expect_ne "users of the module with a listener" 0 "$(users)"
}

one_was_reset() { [ "$(linux_counter B TcpEstabResets)" = 1 ]; }

# One more than net.plumb.tcp_max_orphans is reset at once, and its peer told; the others go on.
test_too_many_are_reset()
{
	silent_orphans 2
	wait_until 5 one_was_reset
	expect_eq "reset for their number" 1 "$(plumb_counter A TcpExtTCPAbortOnMemory)"
	on B tc qdisc del dev eth0 root
	wait_until 20 has_orphans A 0
	expect_eq "reset for their number, in all" 1 "$(plumb_counter A TcpExtTCPAbortOnMemory)"
	expect_eq "reset at their peer, in all" 1 "$(linux_counter B TcpEstabResets)"
}

test_namespace_goes_at_once()
{
	silent_orphans
	"$LIB_NS" del "$$-A"
	# With the namespace goes its end of the cable, and so the other.
	wait_until 10 gone
	expect_eq "users of the module" 0 "$(users)"
}

test_rmmod_at_once()
{
	local begin=$SECONDS

	silent_orphans
	begin=$SECONDS
	defer load_plumb
	rmmod plumb
	expect_le "seconds that rmmod took" $((5 * ${LIB_SCALE:-1})) $((SECONDS - begin))
	nothing_left
	# Its peers were told, though they could not answer.
	wait_until 5 no_linux_established
}

times_told() { dmesg | grep -c 'plumb: unloading waits for devices' || true; }
told_more_often() { [ "$(times_told)" -gt "$1" ]; }

# What a device was given and has not sent is memory of the module's: rmmod waits for it, and says so.
test_rmmod_waits_for_a_device()
{
	local pid before

	two_hosts
	run_bg B linux "$PY" "$LIB_DIR/stream.py" echo 10.0.0.2 7
	listening B linux 7
	on_plumb A "$PY" -c '
import socket, subprocess
s = socket.create_connection(("10.0.0.2", 7))
s.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 1)
# Ten octets a second, after the first: what waits belongs to its socket still, unlike in netem.
subprocess.run("tc qdisc add dev eth0 root tbf rate 80bit burst 1600 limit 100000", shell=True, check=True)
for _ in range(3):
    s.sendall(bytes(1000))
'
	before=$(times_told)
	defer load_plumb
	rmmod plumb &
	pid=$!
	wait_until 20 told_more_often "$before"
	! lib_exited "$pid" || fail "rmmod has ended"
	on A tc qdisc del dev eth0 root
	wait_exit 20 "$pid"
	nothing_left
}

test_rmmod_is_refused_while_a_connection_is_open()
{
	silent_orphans
	on B tc qdisc del dev eth0 root
	run_bg B linux "$PY" "$LIB_DIR/stream.py" echo 10.0.0.2 9
	listening B linux 9
	mkfifo "$LIB_TMP/lines"
	run_bg A plumb sh -c "exec '$PY' '$LIB_DIR/stream.py' hold 10.0.0.2 9 <'$LIB_TMP/lines'"
	exec 5>"$LIB_TMP/lines"
	wait_until 20 grep -q open "$BG_LOG"
	refused_now
	echo good >&5
	wait_until 20 grep -q good "$BG_LOG"
	exec 5>&-
	wait_exit 20 "$BG_PID"
	unloads_soon
}

test_the_rest_is_delivered()
{
	local log pid

	two_hosts
	make_file "$LIB_TMP/file" 500K
	mkfifo "$LIB_TMP/go"
	run_bg B linux "$PY" "$LIB_DIR/stream.py" receive 10.0.0.2 5000
	log=$BG_LOG pid=$BG_PID
	listening B linux 5000
	run_bg A plumb "$PY" -c '
import socket, sys
s = socket.create_connection(("10.0.0.2", 5000))
text = open(sys.argv[1], "rb").read()
s.sendall(text[:-50000])
print("most", flush=True)
open(sys.argv[2]).read()
s.sendall(text[-50000:])
s.close()
' "$LIB_TMP/file" "$LIB_TMP/go"
	wait_until 20 grep -q most "$BG_LOG"
	# Nothing of the rest arrives while we look.
	netem A eth0 loss 100%
	echo >"$LIB_TMP/go"
	wait_exit 20 "$BG_PID"
	expect_eq "connections without a program" 1 "$(orphans A)"
	expect_eq "users of the module" 0 "$(users)"
	netem A eth0 delay 1ms
	wait_exit 60 "$pid"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$(cat "$log")"
}

# A socket whose program has moved to another namespace is open, and holds its own.
test_socket_open_elsewhere_holds_its_namespace()
{
	local pid log

	two_hosts
	mkfifo "$LIB_TMP/go"
	run_bg B linux "$PY" "$LIB_DIR/stream.py" echo 10.0.0.2 7
	listening B linux 7
	run_bg A plumb "$PY" -c '
import ctypes, os, socket, sys
s = socket.create_connection(("10.0.0.2", 7))
c = ctypes.CDLL(None, use_errno=True)
if c.setns(os.open(sys.argv[1], os.O_RDONLY), 0x40000000):
    sys.exit(os.strerror(ctypes.get_errno()))
print("moved", flush=True)
open(sys.argv[2]).read()
s.sendall(b"still here")
print(s.recv(100).decode(), flush=True)
open(sys.argv[2]).read()
' "/run/netns/$(netns B)" "$LIB_TMP/go"
	pid=$BG_PID log=$BG_LOG
	wait_until 20 grep -q moved "$log"
	"$LIB_NS" del "$$-A"
	echo >"$LIB_TMP/go"
	wait_until 20 grep -q 'still here' "$log"
	on B ip link show eth0
	refused_now
	echo >"$LIB_TMP/go"
	wait_exit 20 "$pid"
	wait_until 10 gone
}

ten_half_open() { [ "$(half_open "$1")" = 10 ]; }

# What is neither a socket nor a connection's end goes too: handshakes begun, TIME-WAIT.
test_namespace_goes_with_records()
{
	two_hosts
	run_bg B linux "$PY" "$LIB_DIR/stream.py" echo 10.0.0.2 7
	listening B linux 7
	on_plumb A "$PY" -c '
import socket
for _ in range(50):
    s = socket.create_connection(("10.0.0.2", 7))
    s.shutdown(socket.SHUT_WR)
    s.recv(1)
    s.close()
'
	expect_ge "TIME-WAIT records" 40 "$(timewaits A)"
	run_bg A plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.101 7
	listening A plumb 7
	netem A eth0 loss 100%
	run_bg B linux "$PY" -c '
import socket, time
s = [socket.socket() for _ in range(10)]
for c in s:
    c.setblocking(False)
    c.connect_ex(("10.0.0.101", 7))
time.sleep(1000)
'
	wait_until 20 ten_half_open A
	"$LIB_NS" del "$$-A"
	wait_until 10 gone
	expect_eq "users of the module" 0 "$(users)"
}

# one_round NAME: that host goes while connections are being made, written to and closed.
one_round()
{
	LIB_DEFERRED=()
	trap lib_cleanup EXIT
	two_hosts
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.102 7
	listening B plumb 7
	run_bg A plumb "$PY" -c '
import socket
while True:
    s = socket.create_connection(("10.0.0.102", 7))
    s.sendall(bytes(100000))
    s.close()
'
	wait_until 20 opened_some
	"$LIB_NS" del "$$-$1"
}

opened_some() { [ "$(plumb_counter A TcpActiveOpens)" -ge 5 ]; }

test_namespaces_go_while_connections_close()
{
	local i

	for ((i = 0; i < 3 / LIB_PART; i++)); do
		(one_round A)
		(one_round B)
	done
	expect_eq "users of the module" 0 "$(users)"
	unloads_soon
	nothing_left
}

run_tests "$@"
