#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Plumb as a router (net.plumb.ip_forward=1) between two hosts of Linux's:
#
#	A eth0 10.0.1.2 ---- 10.0.1.1 eth0 R eth1 10.0.2.1 ---- 10.0.2.2 eth0 B
#
# timeout: 120
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

router()
{
	host A R B
	veth A R 10.0.1.2/24 -
	veth R B - 10.0.2.2/24
	plumb_addr R 10.0.1.1/24 eth0
	plumb_addr R 10.0.2.1/24 eth1
	on A ip route add default via 10.0.1.1
	on B ip route add default via 10.0.2.1
	plumb_set R ip_forward 1
}

test_packets_pass()
{
	router
	on A ping -q -c 3 -i 0.01 -W 5 10.0.2.2
	on A ping -q -c 1 -W 5 -s 20000 10.0.2.2
	on A ping -q -c 1 -W 5 10.0.2.1
	expect_ge "forwarded" 6 "$(plumb_counter R IpForwDatagrams)"
}

test_not_unless_asked()
{
	router
	plumb_set R ip_forward 0
	expect_fail on A ping -q -c 1 -W 1 10.0.2.2
	expect_eq "forwarded" 0 "$(plumb_counter R IpForwDatagrams)"
}

test_time_to_live()
{
	router
	expect_match "one hop" 'From 10\.0\.1\.1 .*Time to live exceeded' \
		"$(on A ping -t 1 -c 1 -W 5 10.0.2.2 || true)"
	on A ping -q -t 2 -c 1 -W 5 10.0.2.2
	expect_match "ttl at the end" 'ttl=63' "$(on A ping -c 1 -W 5 10.0.2.2)"
}

test_no_way()
{
	router
	expect_match "no such host" 'From 10\.0\.1\.1 .*Host Unreachable' \
		"$(on A ping -c 1 -W 5 10.0.2.77 || true)"
	on R plumb route add unreachable 192.0.2.0/24
	expect_match "unreachable" 'From 10\.0\.1\.1 .*Host Unreachable' \
		"$(on A ping -c 1 -W 5 192.0.2.1 || true)"
	on R plumb route add prohibit 192.0.3.0/24
	expect_match "prohibited" 'From 10\.0\.1\.1 .*(filtered|Prohibited)' \
		"$(on A ping -c 1 -W 5 192.0.3.1 || true)"
}

test_too_big()
{
	router
	on R ip link set eth1 mtu 1000
	on B ip link set eth0 mtu 1000
	expect_match "fragmentation needed" 'mtu ?= ?1000' \
		"$(on A ping -M 'do' -s 1400 -c 1 -W 5 10.0.2.2 2>&1 || true)"
	on A ip route flush cache
	on A ping -q -M 'dont' -s 1400 -c 1 -W 5 10.0.2.2
	expect_ge "cut" 2 "$(plumb_counter R IpFragCreates)"
}

test_tcp_of_linux_finds_the_path_mtu()
{
	local pid

	router
	on R ip link set eth1 mtu 1000
	on B ip link set eth0 mtu 1500
	make_file "$LIB_TMP/in" 3M
	background B "$PY" -c '
import socket, sys
c = socket.create_server(("", 9000)).accept()[0]
with open(sys.argv[1], "wb") as out:
    while data := c.recv(65536):
        out.write(data)' "$LIB_TMP/out"
	pid=$BG_PID
	wait_listen B 9000
	on A "$PY" -c '
import socket, sys
with open(sys.argv[1], "rb") as data:
    socket.create_connection(("10.0.2.2", 9000)).sendall(data.read())' "$LIB_TMP/in"
	wait_exit 60 "$pid"
	expect_eq "content" "$(sha_of "$LIB_TMP/in")" "$(sha_of "$LIB_TMP/out")"
}

test_linux_on_the_router_is_left_alone()
{
	router
	on R ip addr add 10.0.1.3/24 dev eth0
	on A ping -q -c 1 -W 5 10.0.1.3
	expect_eq "forwarded" 0 "$(plumb_counter R IpForwDatagrams)"
}

run_tests "$@"
