#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Sockets: Plumb's beside Linux's own, call by call and scene by scene; real programs
# over UDP, raw and ping sockets, against Linux and against Plumb.
#
#	A (Plumb 10.0.0.1) eth0 ---- eth0 B (Linux 10.0.0.2, Plumb 10.0.0.3)
#
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# The same to both, each on its own loopback: a second subnet, and two paths of 800 octets.
loopbacks()
{
	on T ip link set lo up
	on T ip address add 127.9.0.1/16 dev lo
	on T plumb addr add 127.9.0.1/16 dev plumb0
	on T ip route add local 127.9.9.8 dev lo table local mtu 800
	on T plumb route add local 127.9.9.8 dev plumb0 mtu 800
	on T ip route add local 127.9.9.9 dev lo table local mtu lock 800
	on T plumb route add local 127.9.9.9 dev plumb0 mtu lock 800
}

# The program's own KTAP becomes one point: what differs is in its comment lines.
twin_program()
{
	local text

	host T
	loopbacks
	on T sysctl -qw net.ipv4.ping_group_range="0 0" net.plumb.ping_group_range="0 0"
	text=$(on T timeout $((100 * ${LIB_SCALE:-1})) "$@") || fail "$* tells Plumb from Linux:
$(grep -E '^(#|not ok|Bail)' <<<"$text")"
}

test_twins__errnos_and_options()
{
	twin_program twins "$(cat /sys/module/plumb/parameters/family)"
}

test_behave__datagram_sockets()
{
	twin_program behave "$(cat /sys/module/plumb/parameters/family)"
}

pair()
{
	host A
	host B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	plumb_addr B 10.0.0.3/24 eth0
}

test_ping__socket_and_raw()
{
	pair
	on A sysctl -qw net.plumb.ping_group_range="0 0"
	expect_match "ping socket to Linux" ' 3 received' \
		"$(on_plumb A ping -c 3 -i 0.2 -W 3 10.0.0.2)"
	on A sysctl -qw net.plumb.ping_group_range="1 0"
	expect_match "raw socket to Plumb" ' 3 received' \
		"$(on_plumb A ping -c 3 -i 0.2 -W 3 10.0.0.3)"
	expect_match "fragments" ' 2 received' \
		"$(on_plumb A ping -c 2 -i 0.2 -W 3 -s 8000 10.0.0.2)"
	expect_match "Linux to Plumb" ' 2 received' \
		"$(on B ping -c 2 -i 0.2 -W 3 -s 8000 10.0.0.1)"
}

# udp_echo SERVER CLIENT ADDRESS, how each is run: 1, 1472 and 30000 octets there and back.
udp_echo()
{
	local server=$1 client=$2 address=$3

	"$server" B python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('$address', 7777))
open('$LIB_TMP/ready', 'w').close()
while True:
    d, a = s.recvfrom(65535)
    s.sendto(d[::-1], a)
"
	wait_until 10 test -e "$LIB_TMP/ready"
	"$client" A python3 -c "
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(('$address', 7777))
for n in 1, 1472, 1473, 30000:
    d = os.urandom(n)
    s.send(d)
    assert s.recv(65535) == d[::-1], n
print('echoed')
"
}

test_udp__plumb_to_linux()
{
	pair
	expect_eq "echo" echoed "$(udp_echo background on_plumb 10.0.0.2)"
}

test_udp__plumb_to_plumb()
{
	pair
	expect_eq "echo" echoed "$(udp_echo background_plumb on_plumb 10.0.0.3)"
}

test_udp__unreachable_port_from_linux()
{
	pair
	expect_eq "error of a connected socket" "ECONNREFUSED" "$(on_plumb A python3 -c "
import errno, socket, select
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('10.0.0.2', 9))
s.send(b'x')
select.select([s], [], [], 5)
try:
    s.recv(1)
except OSError as e:
    print(errno.errorcode[e.errno])
")"
}

# Pieces of two datagrams in turn: more of them than a packet has room for one by one.
test_udp__corked_in_turn()
{
	host A
	expect_eq "both whole" "40000 40000" "$(on_plumb A python3 -c "
import socket
MSG_MORE = 0x8000
ends, want = [], [b'', b'']
for i in range(2):
    r, s = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    r.settimeout(5)
    r.bind(('127.0.0.1', 0))
    s.connect(r.getsockname())
    ends.append((r, s))
for n in range(40):
    for i in range(2):
        piece = bytes([(n * 2 + i) % 251]) * 1000
        ends[i][1].send(piece, MSG_MORE if n < 39 else 0)
        want[i] += piece
got = [r.recv(65535) for r, s in ends]
assert got == want
print(*map(len, got))
")"
}

test_traceroute__icmp_errors_reach_the_error_queue()
{
	command -v tracepath >/dev/null || skip "no tracepath"
	pair
	expect_match "tracepath reaches the peer" '10\.0\.0\.2.*reached' \
		"$(on_plumb A tracepath -n 10.0.0.2)"
}

test_multicast__over_the_wire()
{
	pair
	background_plumb B python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 5007))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
             socket.inet_aton('239.7.7.7') + socket.inet_aton('10.0.0.3'))
open('$LIB_TMP/joined', 'w').close()
d, a = s.recvfrom(100)
open('$LIB_TMP/heard', 'w').write(d.decode() + ' from ' + a[0])
"
	wait_until 10 test -e "$LIB_TMP/joined"
	on_plumb A python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.0.0.1'))
s.sendto(b'group', ('239.7.7.7', 5007))
"
	wait_until 10 test -s "$LIB_TMP/heard"
	expect_eq "heard" "group from 10.0.0.1" "$(cat "$LIB_TMP/heard")"
}

test_permission__root_alone_in_the_first_namespace()
{
	local family

	family=$(cat /sys/module/plumb/parameters/family)
	expect_eq "user nobody" "EPERM" "$(setpriv --reuid=65534 --regid=65534 --clear-groups \
		python3 -c "
import errno, socket
try:
    socket.socket($family, socket.SOCK_DGRAM, 0)
    print('opened')
except OSError as e:
    print(errno.errorcode[e.errno])
")"
	sysctl -qw net.plumb.socket_group_range="65534 65534"
	defer sysctl -qw net.plumb.socket_group_range="1 0"
	expect_eq "user nobody, allowed" "opened" "$(setpriv --reuid=65534 --regid=65534 \
		--clear-groups python3 -c "
import socket
socket.socket($family, socket.SOCK_DGRAM, 0)
print('opened')
")"
}

run_tests "$@"
