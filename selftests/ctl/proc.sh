#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# /proc/net/plumb has the formats of /proc/net: the same sockets opened on both stacks give
# the same lines, and the tools that read the one read the other.
#
#	A eth0 10.0.0.1 (Linux), eth1 10.0.1.1 (Plumb) ---- B
# timeout: 300
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# A line without what belongs to one socket alone: number, inode, pointer, references, and what
# differs in time. The columns and their widths stay.
# Each figure as a 0; but the number of the bucket has as many as the table is large.
same_form() { sed -E 's/^ *[0-9]+:/N:/; s/[0-9A-Fa-f]/0/g'; }

test_headers_are_linux_s()
{
	local f

	host A
	for f in tcp udp raw icmp arp route dev netstat sockstat; do
		expect_eq "first line of $f" "$(on A head -1 "/proc/net/$f")" \
			"$(on A head -1 "/proc/net/plumb/$f")"
	done
}

test_counters_have_linux_s_names()
{
	host A
	expect_eq "snmp" "$(on A grep -o '[A-Z][A-Za-z0-9]*' /proc/net/snmp)" \
		"$(on A grep -o '[A-Z][A-Za-z0-9]*' /proc/net/plumb/snmp)"
	expect_eq "netstat" "$(on A grep -v '^MPTcpExt' /proc/net/netstat | grep -o '[A-Z][A-Za-z0-9]*')" \
		"$(on A grep -o '[A-Z][A-Za-z0-9]*' /proc/net/plumb/netstat)"
	expect_eq "lines of snmp" "$(on A sh -c 'wc -l </proc/net/snmp')" \
		"$(on A sh -c 'wc -l </proc/net/plumb/snmp')"
}

test_lines_of_sockets_have_linux_s_form()
{
	host A
	background A socat TCP-LISTEN:1001,bind=127.0.0.1 PIPE
	background_plumb A socat TCP-LISTEN:1001,bind=127.0.0.1 PIPE
	background A socat -u UDP-RECV:1002 STDOUT
	background_plumb A socat -u UDP-RECV:1002 STDOUT
	wait_listen A 1001
	wait_listen_plumb A 1001
	wait_bound A 1002
	wait_bound_plumb A 1002
	expect_eq "listener" "$(on A sed 1d /proc/net/tcp | same_form)" \
		"$(on A sed 1d /proc/net/plumb/tcp | same_form)"
	expect_eq "datagram socket" "$(on A grep ' 07 ' /proc/net/udp | same_form)" \
		"$(on A grep ' 07 ' /proc/net/plumb/udp | same_form)"
	expect_match "listener" '^ +0: 0100007F:03E9 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ' \
		"$(on A cat /proc/net/plumb/tcp)"
}

# Many sockets of one port are more than a line's worth of reading; a ping socket has a file, too.
test_every_socket_has_its_line()
{
	host A
	on A sh -c 'echo 0 0 >/proc/sys/net/plumb/ping_group_range'
	background_plumb A python3 -c 'import socket, time
s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(200)]
for i in s:
    i.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    i.bind(("127.0.0.1", 1003))
p = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
p.bind(("127.0.0.1", 77))
time.sleep(30)'
	wait_until 20 on A grep -q ': 0100007F:004D 00000000:0000 07 ' /proc/net/plumb/icmp
	expect_eq "lines" 200 "$(on A grep -c ': 0100007F:03EB ' /proc/net/plumb/udp)"
}

test_pointers_are_not_shown()
{
	host A
	background_plumb A socat TCP-LISTEN:1001 PIPE
	wait_listen_plumb A 1001
	expect_no_match "pointer" ' ffff[0-9a-f]{12} ' "$(on A setpriv --reuid 65534 --clear-groups \
		cat /proc/net/plumb/tcp)"
}

test_ss_reads_it()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	background_plumb A socat TCP-LISTEN:1001,fork PIPE
	wait_listen_plumb A 1001
	expect_match "listener" '^LISTEN .*0\.0\.0\.0:1001 ' "$(on A plumb ss -tln)"
	background B socat -u TCP:10.0.0.1:1001 STDOUT
	wait_until 10 established
	expect_match "connection" '^ESTAB .*10\.0\.0\.1:1001 +10\.0\.0\.2:[0-9]+' "$(on A plumb ss -tn)"
	expect_match "process" 'socat' "$(on A plumb ss -tlnp)"
	expect_no_match "Linux's view" ':1001' "$(on A ss -tan)"
	expect_match "summary" '^TCP: ' "$(on A plumb ss -s)"
	expect_match "sockstat" '^TCP: inuse [1-9]' "$(on A cat /proc/net/plumb/sockstat)"
}

established() { on A plumb ss -tn | grep -q ESTAB; }

test_nstat_reads_it()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on B ping -c 3 -i 0.2 -W 5 10.0.0.1
	expect_match "echo replies" '^IcmpOutEchoReps +3 ' "$(NSTAT_HISTORY=$LIB_TMP/history on A plumb stat)"
	expect_match "json" '"IcmpOutEchoReps":3' "$(NSTAT_HISTORY=$LIB_TMP/history2 on A plumb -j stat)"
	expect_eq "counter" 3 "$(plumb_counter A IcmpMsgOutType0)"
}

test_arp_and_routes_read_as_linux_s()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on A plumb route add 10.9.0.0/16 via 10.0.0.2 metric 5
	on_plumb A ping -c 1 -W 5 10.0.0.2
	expect_match "arp" "^10\.0\.0\.2 +0x1 +0x2 +$(ip -n "$(netns B)" -j link show eth0 |
		jq -r '.[0].address') +\* +eth0$" "$(on A cat /proc/net/plumb/arp)"
	expect_match "route" $'^eth0\t00000900\t00000000' "$(on A sh -c \
		'sed "s/^eth0\t0000090A\t0200000A/eth0\t00000900\t00000000/" /proc/net/plumb/route')"
	expect_eq "length of lines" 128 "$(on A sh -c 'tail -1 /proc/net/plumb/route | wc -c')"
	expect_match "device" '^ +eth0: +[1-9]' "$(on A cat /proc/net/plumb/dev)"
}

# The line that each stack has of a route of either. (Linux's MTU is what its advertised MSS says.)
test_routes_have_linux_s_line()
{
	local route

	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.3/24 eth0
	for route in "10.9.9.9 via 10.0.0.2" "10.8.0.0/16 dev eth0 metric 9" \
		"10.7.7.0/24 via 10.0.0.2 advmss 900 window 3000 mtu 1200" \
		"unreachable 10.6.0.0/16" "prohibit 10.5.5.5" "blackhole 10.4.0.0/14" \
		"default via 10.0.0.2"; do
		# shellcheck disable=SC2086
		on A ip route add $route
		# shellcheck disable=SC2086
		on A plumb route add $route
	done
	expect_eq "all routes" "$(on A sort /proc/net/route)" "$(on A sort /proc/net/plumb/route)"
	expect_match "a host's" $'^eth0\t0909090A\t0200000A\t0007\t' "$(on A cat /proc/net/plumb/route)"
}

# Twenty types, more than a line has room for, sent to an address of each stack.
test_types_of_icmp_take_several_lines()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.3/24 eth0
	on B python3 -c "
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for to in '10.0.0.1', '10.0.0.3':
    for kind in range(20):
        s.sendto(struct.pack('!BBHI', kind, 0, 0xffff - (kind << 8), 0), (to, 0))
"
	wait_until 10 counted_type_19
	expect_eq "IcmpMsg" "$(on A grep '^IcmpMsg:' /proc/net/snmp)" \
		"$(on A grep '^IcmpMsg:' /proc/net/plumb/snmp)"
	expect_eq "lines" 4 "$(on A grep -c '^IcmpMsg:' /proc/net/plumb/snmp)"
	expect_eq "Icmp" "$(on A grep '^Icmp:' /proc/net/snmp)" \
		"$(on A grep '^Icmp:' /proc/net/plumb/snmp)"
}

counted_type_19()
{
	[ "$(plumb_counter A IcmpMsgInType19)" = 1 ] && [ "$(linux_counter A IcmpMsgInType19)" = 1 ]
}

# More of one protocol than are fetched at once.
test_forty_raw_sockets()
{
	host A
	background_plumb A python3 -c "
import socket, signal
keep = [socket.socket(socket.AF_INET, socket.SOCK_RAW, 47) for i in range(40)]
keep += [socket.socket(socket.AF_INET, socket.SOCK_RAW, 46)]
open('$LIB_TMP/ready', 'w').close()
signal.pause()"
	wait_until 10 test -e "$LIB_TMP/ready"
	on A dd if=/proc/net/plumb/raw bs=100 status=none >"$LIB_TMP/raw"
	expect_eq "of protocol 47" 40 "$(grep -c '^ *47: 00000000:002F 00000000:0000 07 ' "$LIB_TMP/raw")"
	expect_eq "different ones" 40 "$(awk '$1 == "47:" { print $10 }' "$LIB_TMP/raw" | sort -u | wc -l)"
	expect_eq "of protocol 46" 1 "$(grep -c '^ *46: 00000000:002E ' "$LIB_TMP/raw")"
	expect_match "sockstat" '^RAW: inuse 41$' "$(on A cat /proc/net/plumb/sockstat)"
}

# Read a few octets at a time, every line comes once.
test_short_reads_lose_nothing()
{
	local i

	host A
	for ((i = 1; i <= 40; i++)); do
		echo "UDP-RECV:$((2000 + i))"
	done >"$LIB_TMP/ports"
	background_plumb A python3 -c '
import socket, signal
keep = []
for port in range(2001, 2041):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", port))
    keep.append(s)
signal.pause()'
	wait_bound_plumb A 2040
	expect_eq "sockets" 40 "$(on A dd if=/proc/net/plumb/udp bs=100 status=none | grep -c ' 07 ')"
	expect_eq "different ones" 40 "$(on A dd if=/proc/net/plumb/udp bs=100 status=none |
		grep ' 07 ' | awk '{ print $2 }' | sort -u | wc -l)"
}

load_plumb
run_tests "$@"
