#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Coming and going: rmmod is refused while sockets are open and leaves nothing behind
# afterwards; namespaces and devices go in the middle of traffic. Hosts: common.sh.
# timeout: 300
# smp
# shellcheck source=selftests/e2e/lifetime_lib.sh
. "${0%/*}/lifetime_lib.sh"

test_unload_is_refused_while_listening()
{
	two_hosts
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.102 7
	listening B plumb 7
	refused_now
	lib_background_gone "$BG_PID"
	unloads_soon
}

test_unload_is_refused_under_traffic()
{
	local pid log try
	two_hosts
	make_file "$LIB_TMP/file" $((50 / LIB_PART))M
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" receive 10.0.0.102 5000
	log=$BG_LOG pid=$BG_PID
	listening B plumb 5000
	# (So slow that it lasts longer than all that follows.)
	netem A eth0 rate $((6 / LIB_PART))mbit
	run_bg A linux "$PY" "$LIB_DIR/stream.py" send 10.0.0.102 5000 "$LIB_TMP/file"
	wait_until 20 established_plumb B
	for ((try = 0; try < 10; try++)); do
		refused_now
	done
	established_plumb B
	on A tc qdisc del dev eth0 root
	wait_exit 100 "$pid"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$(cat "$log")"
	unloads_soon
}

test_unload_is_refused_while_a_udp_socket_is_open()
{
	two_hosts
	run_bg B plumb "$PY" "$LIB_DIR/datagram.py" serve 10.0.0.102 7
	bound B plumb 7
	refused_now
	lib_background_gone "$BG_PID"
	unloads_soon
}

# Connections that nobody holds any more (FIN-WAIT, TIME-WAIT) do not keep the module for good.
test_unload_after_closing_with_data_in_flight()
{
	two_hosts
	netem A eth0 delay 20ms loss 20%
	run_bg B linux "$PY" "$LIB_DIR/stream.py" echo 10.0.0.2 7
	listening B linux 7
	on_plumb A timeout -s KILL 10 "$PY" -c '
import socket
for i in range(20):
    s = socket.create_connection(("10.0.0.2", 7))
    s.sendall(bytes(100000))
    s.close()
' || true
	on A tc qdisc del dev eth0 root
	unloads_soon
}

test_nothing_is_left_after_unload()
{
	two_hosts
	some_traffic
	unloads_soon
	nothing_left
}

# The next load is as good as the first.
test_load_again_after_unload()
{
	local i
	for ((i = 0; i < 3 / LIB_PART; i++)); do
		load_plumb
		(LIB_DEFERRED=() && two_hosts && some_traffic && lib_cleanup)
		unloads_soon
		nothing_left
	done
}

# refused_family NUMBER TEXT: insmod says that, and leaves nothing behind.
refused_family()
{
	local out

	if out=$(insmod "$LIB_TOP/build/$(uname -r)/plumb.ko" "family=$1" 2>&1); then
		rmmod plumb
		fail "family=$1 was not refused"
	fi
	expect_match "family=$1" "$2" "$out"
	nothing_left
}

# A family that is none, one that Linux has, one beyond the last; then one that nobody has.
test_family_of_another_is_refused()
{
	defer load_plumb
	unload_plumb
	refused_family 0 'Invalid parameters'
	refused_family 2 'File exists'
	refused_family 99 'Invalid parameters'
	load_plumb family=27
	defer unload_plumb
	expect_eq "a socket of its" "a socket" "$("$PY" -E -c '
import socket
socket.socket(27, socket.SOCK_STREAM)
print("a socket")
')"
}

test_namespace_goes_under_traffic()
{
	local i ns
	for ((i = 0; i < 10 / LIB_PART; i++)); do
		(
			LIB_DEFERRED=()
			two_hosts
			run_bg B plumb "$LIB_TOP/build/selftests/bench/plumb_bench" server \
				--family plumb --addr 10.0.0.102
			listening B plumb 7700
			run_bg A plumb "$LIB_TOP/build/selftests/bench/plumb_bench" bulk-out \
				--family plumb --addr 10.0.0.102 --seconds 100
			wait_until 20 established_plumb B
			lib_cleanup
		)
	done
	ns=$(ip netns list)
	expect_eq "namespaces" "" "$ns"
	unloads_soon
	nothing_left
}

test_device_goes_under_traffic()
{
	local i
	two_hosts
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" echo 10.0.0.102 7
	listening B plumb 7
	run_bg A plumb "$PY" -c '
import socket
s = socket.create_connection(("10.0.0.102", 7))
s.setblocking(False)
while True:
    try:
        s.send(bytes(65536))
    except BlockingIOError:
        pass
    try:
        s.recv(65536)
    except BlockingIOError:
        pass
'
	wait_until 20 established_plumb A
	ip -n "$(netns A)" link delete eth0
	expect_eq "Plumb's addresses on the device that went" "" "$(on A plumb addr show | grep 10.0.0.101)"
	for ((i = 0; i < 5 / LIB_PART; i++)); do
		ip -n "$(netns A)" link add name eth0 type veth peer name eth0 netns "$(netns B)"
		plumb_addr A 10.0.0.101/24 eth0
		plumb_addr B 10.0.0.102/24 eth0
		on A plumb ping -c 1 10.0.0.102
		ip -n "$(netns B)" link delete eth0
	done
}

# The device moves to another namespace: Plumb's adoption does not go with it.
test_device_moves_to_another_namespace()
{
	two_hosts
	host C
	ip -n "$(netns A)" link set eth0 netns "$(netns C)"
	expect_eq "Plumb's addresses in A" "" "$(on A plumb addr show | grep 10.0.0.101)"
	expect_eq "Plumb's addresses in C" "" "$(on C plumb addr show | grep 10.0.0.101)"
	on C ip address add 10.0.0.1/24 dev eth0
	on C ip link set eth0 up
	on C ping -c 1 -W 5 -q 10.0.0.2
}

run_tests "$@"
