#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a connection gives a device that is slow: small writes are put together while it is busy
# (net.plumb.tcp_autocorking), and a lone one is not held back.
#
#	A eth0 10.0.0.1 Plumb, 10 octets a ms ---- eth0 10.0.0.2 B Linux
# timeout: 180
# shellcheck source=selftests/tcp/common.sh
. "${0%/*}/common.sh"

# The bucket holds one full frame: the first leaves at once, the second waits for 146 ms.
slow_pair()
{
	pair
	on A tc qdisc add dev eth0 root tbf rate 80kbit burst 1600 limit 100000
	background B socat -u TCP-LISTEN:5000 "CREATE:$LIB_TMP/got"
	wait_listen B 5000
	capture B eth0 "$LIB_TMP/cap" tcp and src 10.0.0.1
}

# writes STEPS...: on A, without Nagle, after the device's bucket is full; a number writes that many
# octets, others are Python, and full() waits until all is acknowledged and the bucket full again.
writes()
{
	on_plumb A python3 - "$@" <<-'EOF'
		import fcntl, socket, struct, sys, time
		s = socket.create_connection(("10.0.0.2", 5000))
		s.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 1)
		def unacked():	# SIOCOUTQ
		    return struct.unpack("i", fcntl.ioctl(s, 0x5411, bytes(4)))[0]
		def full():
		    while unacked():
		        time.sleep(0.01)
		    time.sleep(0.2)	# 1600 octets at 10 a ms
		full()
		for step in sys.argv[1:]:
		    if step.isdigit():
		        s.sendall(b"x" * int(step))
		    else:
		        exec(step)
		full()
		s.close()
	EOF
	wait_until 30 sh -c "tcpdump -nr '$LIB_TMP/cap' 2>/dev/null | grep -q 'Flags.*F'"
	stop_capture
}

# sizes: of the segments that carried text.
sizes()
{
	tcpdump -nr "$LIB_TMP/cap" 2>/dev/null | sed -n 's/.*length \([1-9][0-9]*\)$/\1/p' |
		tr '\n' ' '
}

test_small_writes_wait_for_the_device()
{
	slow_pair
	writes 1400 1400 100 100 100 100 100
	expect_eq "segments" "1400 1400 500 " "$(sizes)"
	expect_eq "TCPAutoCorking" 1 "$(plumb_counter A TcpExtTCPAutoCorking)"
	expect_eq "octets that came" 3300 "$(stat -c %s "$LIB_TMP/got")"
}

# The device, not an acknowledgment, lets it go: that comes 300 ms later.
test_what_waited_goes_when_the_device_is_free()
{
	slow_pair
	netem B eth0 delay 300ms
	writes 1400 1400 100 100
	expect_eq "segments" "1400 1400 200 " "$(sizes)"
	expect_le "seconds behind the one before" 0.2 "$(tcpdump -ttnr "$LIB_TMP/cap" 2>/dev/null |
		awk '/length [1-9]/ { gap = $1 - last; last = $1 } END { print gap }')"
}

test_not_when_switched_off()
{
	slow_pair
	on A sysctl -qw net.plumb.tcp_autocorking=0
	writes 1400 1400 100 100 100 100 100
	expect_eq "segments" "1400 1400 100 100 100 100 100 " "$(sizes)"
	expect_eq "TCPAutoCorking" 0 "$(plumb_counter A TcpExtTCPAutoCorking)"
}

test_of_each_namespace()
{
	host C
	pair
	on A sysctl -qw net.plumb.tcp_autocorking=0
	expect_eq "another namespace's" 1 "$(on C sysctl -n net.plumb.tcp_autocorking)"
}

# Nothing of the connection is under way: each leaves at once, by itself.
test_lone_writes_leave_at_once()
{
	slow_pair
	writes 10 'full()' 20 'full()' 30
	expect_eq "segments" "10 20 30 " "$(sizes)"
	expect_eq "TCPAutoCorking" 0 "$(plumb_counter A TcpExtTCPAutoCorking)"
}

# Urgent text, and what a program pushes by an option, leave what is held back no choice.
test_urgent_and_pushed_text_goes()
{
	slow_pair
	writes 1400 1400 100 's.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 1)' 200 \
		's.send(b"u" * 30, socket.MSG_OOB)' 40
	expect_eq "segments" "1400 1400 100 230 40 " "$(sizes)"
}

test_end_of_record_goes()
{
	slow_pair
	writes 1400 1400 's.send(b"r" * 50, socket.MSG_EOR)' 60
	expect_eq "segments" "1400 1400 50 60 " "$(sizes)"
}

# However little net.plumb.tcp_limit_output_bytes lets wait in the device: one segment may.
test_something_goes_whatever_the_limit()
{
	pair
	on A sysctl -qw net.plumb.tcp_limit_output_bytes=0
	background B socat -u TCP-LISTEN:5000 "CREATE:$LIB_TMP/got"
	wait_listen B 5000
	make_file "$LIB_TMP/sent" 300K
	on_plumb A timeout 30 socat -u "OPEN:$LIB_TMP/sent" TCP:10.0.0.2:5000
	wait_exit 20 "$BG_PID"
	expect_eq "what came" "$(sha_of "$LIB_TMP/sent")" "$(sha_of "$LIB_TMP/got")"
}

run_tests "$@"
