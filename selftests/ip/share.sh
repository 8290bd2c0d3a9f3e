#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A device whose addresses Linux and Plumb share: each gets what is its own, and follows.
#
#	B 10.0.0.2 Linux ---- eth0 A 10.0.0.1 Linux and Plumb
# timeout: 300
# smp
# shellcheck source=selftests/ip/common.sh
. "${0%/*}/common.sh"

share_py() { local host=$1; shift; on "$host" "$PY" "$LIB_DIR/share.py" "$@"; }

# No address of Plumb's own, and no route.
shared_pair()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	on A plumb link set eth0 share
}

serve_on()
{
	background "$1" "$PY" "$LIB_DIR/share.py" serve
	wait_bound_plumb "$1" 7002
}

routes() { on A plumb route; }
addresses() { on A plumb addr show dev eth0; }
shows() { lib_matches "$2" "$("$1")"; }
shows_not() { ! lib_matches "$2" "$("$1")"; }

test_both_stacks_on_one_address()
{
	shared_pair
	serve_on A
	on A ip route add 10.9.0.0/16 via 10.0.0.2
	background B ping -q -i 0.05 -s 3000 10.0.0.1
	share_py B ask 10.0.0.1
	kill -INT "$BG_PID"
	wait_exit 10 "$BG_PID"
	expect_match "Linux answers pings, fragments too" ' 0% packet loss' "$(cat "$BG_LOG")"
	expect_eq "resets of Linux's" 0 "$(linux_counter A TcpOutRsts)"
	expect_eq "resets of ours" 0 "$(plumb_counter A TcpOutRsts)"
	expect_eq "Linux knew all its ports" 0 "$(linux_counter A UdpNoPorts)"
	expect_eq "so did we" 0 "$(plumb_counter A UdpNoPorts)"
	expect_eq "echoes answered by Plumb" 0 "$(plumb_counter A IcmpInEchos)"
	expect_ge "both were there" 3 "$(plumb_counter A TcpInSegs)"
	expect_ge "both were there" 3 "$(linux_counter A TcpInSegs)"
}

test_program_needs_no_configuration()
{
	host A B C
	veth A B 10.0.0.1/24 10.0.0.2/24
	veth B C 10.2.0.1/24 10.2.0.2/24
	on A ip route add default via 10.0.0.2
	on B sysctl -qw net.ipv4.ip_forward=1
	on C ip route add default via 10.2.0.1
	on A plumb link set eth0 share
	serve_on C
	share_py A call 10.2.0.2 7001
}

test_ports_are_refused_both_ways()
{
	shared_pair
	share_py A ports 10.0.0.1
	on A plumb link set eth0 noshare
	# Apart again, each has its own.
	background A "$PY" "$LIB_DIR/share.py" keep 7105
	wait_listen_plumb A 7105
	on A "$PY" -c 'import socket; socket.socket().bind(("", 7105))'
	# What is bound already is held when sharing begins, or refuses it.
	on A plumb link set eth0 share
	expect_fail on A "$PY" -c 'import socket; socket.socket().bind(("", 7105))'
	on A plumb link set eth0 noshare
	on A "$PY" -c 'import socket; socket.socket().bind(("", 7105))'
	background A "$PY" -E -m http.server 7105
	wait_listen A 7105
	expect_match "a port in both" 'bound in both' "$(on A plumb link set eth0 share 2>&1 || true)"
	expect_no_match "nothing is left of it" 'eth0' "$(on A plumb link)"
}

test_connection_that_was_there_before_our_listener()
{
	shared_pair
	serve_on B
	share_py A taken 10.0.0.2
	expect_eq "resets of ours" 0 "$(plumb_counter A TcpOutRsts)"
}

test_arp_is_linux_s()
{
	shared_pair
	serve_on A
	capture B eth0 "$LIB_TMP/arp" arp
	on B ip neigh flush all
	share_py B ask 10.0.0.1
	on B ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev eth0 nud stale
	on B ip neigh flush all
	on B ping -q -c 1 -W 5 10.0.0.1
	share_py A unreach 10.0.0.2
	stop_capture
	local mac text
	mac=$(mac_of A)
	text=$(tcpdump -enr "$LIB_TMP/arp" 2>/dev/null)
	expect_match "an answer" "Reply 10.0.0.1 is-at $mac" "$text"
	expect_no_match "an announcement" 'who-has 10.0.0.1 tell 10.0.0.1' "$text"
	expect_eq "as many answers as questions" \
		"$(grep -c 'who-has 10.0.0.1 ' <<<"$text")" "$(grep -c 'Reply 10.0.0.1 ' <<<"$text")"
	expect_match "Plumb knows its neighbour" '10.0.0.2' "$(on A plumb neigh)"
}

test_errors_go_to_whom_they_are_about()
{
	local before

	shared_pair
	before=$(linux_counter A IcmpInDestUnreachs)
	share_py A unreach 10.0.0.2
	expect_eq "Linux's" $((before + 1)) "$(linux_counter A IcmpInDestUnreachs)"
	expect_eq "ours" 1 "$(plumb_counter A IcmpInDestUnreachs)"
	expect_eq "in doubt" 0 "$(plumb_counter A IcmpInErrors)"
	on A ping -q -c 1 -W 5 10.0.0.2
	on_plumb A ping -q -c 1 -W 5 -s 3000 10.0.0.2
}

# Plumb's datagram socket is bound, and is not told of any of them.
test_errors_about_linux_s_packets_are_linux_s()
{
	local before ours sent

	shared_pair
	serve_on A
	before=$(linux_counter A IcmpInMsgs)
	ours=$(plumb_counter A IcmpInMsgs)
	sent=$(share_py B errors 10.0.0.2 10.0.0.1)
	wait_until 10 linux_has_heard $((before + sent))
	expect_eq "Linux's" $((before + sent)) "$(linux_counter A IcmpInMsgs)"
	expect_eq "ours" "$ours" "$(plumb_counter A IcmpInMsgs)"
	# A router's word about a ping goes to whose ping it was.
	on B sysctl -qw net.ipv4.ip_forward=1
	on B ip route add 10.9.0.0/16 dev eth0
	on A ip route add 10.9.0.0/16 via 10.0.0.2
	expect_match "Linux's ping" 'Time to live exceeded' "$(on A ping -t 1 -c 1 -W 5 10.9.0.1 || true)"
	expect_eq "ours" "$ours" "$(plumb_counter A IcmpInMsgs)"
	plumb_set A ping_group_range '0 2147483647'
	expect_match "ours" 'Time to live exceeded' "$(on_plumb A ping -t 1 -c 1 -W 5 10.9.0.1 || true)"
	expect_eq "ours" $((ours + 1)) "$(plumb_counter A IcmpInTimeExcds)"
	expect_eq "Linux's" 1 "$(linux_counter A IcmpInTimeExcds)"
}

# An error about a raw socket's packet, which may be any other's as well, both stacks hear of.
test_errors_about_raw_sockets_packets()
{
	shared_pair
	on B sysctl -qw net.ipv4.ip_forward=1
	on B ip route add 10.9.0.0/16 dev eth0
	on A ip route add 10.9.0.0/16 via 10.0.0.2
	share_py A raw 10.0.0.2 10.9.0.1
	expect_eq "counted" 0 "$(plumb_counter A IcmpInMsgs)"
	expect_match "ping by a raw socket" 'Time to live exceeded' "$(on_plumb A ping -t 1 -c 1 -W 5 10.9.0.1 || true)"
}

linux_has_heard() { [ "$(linux_counter A IcmpInMsgs)" -ge "$1" ]; }

test_follows_linux()
{
	shared_pair
	host C
	veth A C 10.3.0.1/24 10.3.0.2/24
	expect_match "address" '10\.0\.0\.1/24 .*share' "$(addresses)"
	expect_match "connected route" '^10\.0\.0\.0/24 dev eth0 .*src 10\.0\.0\.1 .*share' "$(routes)"
	expect_match "a way that is not shared" '^unreachable 10\.3\.0\.0/24 .*share' "$(routes)"
	expect_match "JSON" '"share":true' "$(on A plumb -j link show eth0)"

	on A ip addr add 10.5.0.1/16 dev eth0
	expect_match "added" '10\.5\.0\.1/16' "$(addresses)"
	expect_match "its route" '^10\.5\.0\.0/16 dev eth0' "$(routes)"
	on A ip route add default via 10.0.0.2 metric 7
	expect_match "default" '^default via 10\.0\.0\.2 dev eth0 metric 7' "$(routes)"
	on A ip route replace default via 10.0.0.3 metric 7 mtu 1300
	expect_match "replaced" '^default via 10\.0\.0\.3 dev eth0 metric 7 .*mtu 1300' "$(routes)"
	expect_no_match "the old one" 'via 10\.0\.0\.2' "$(routes)"
	# What does not tell routes apart changes alone.
	on A ip route replace default via 10.0.0.3 metric 7 mtu 1400
	expect_match "another MTU" '^default via 10\.0\.0\.3 dev eth0 metric 7 .*mtu 1400' "$(routes)"
	on A ip route replace default via 10.0.0.3 metric 7 mtu 1400 initcwnd 5
	expect_match "a window" '^default via 10\.0\.0\.3 dev eth0 metric 7 .*mtu 1400 .*initcwnd 5' "$(routes)"
	on A ip route replace default via 10.0.0.3 metric 7
	expect_eq "once, and bare again" "default via 10.0.0.3 dev eth0 metric 7" "$(routes | grep ^default | sed 's/ share.*//')"
	on A ip route add blackhole 10.66.0.0/16
	expect_match "blackhole" '^blackhole 10\.66\.0\.0/16' "$(routes)"
	on A ip route add default via 10.3.0.2 metric 3
	expect_match "the better one is not shared" '^unreachable default metric 3' "$(routes)"
	on A ip route del default metric 3
	expect_match "back" '^default via 10\.0\.0\.3' "$(routes)"

	on A plumb link set eth1 share
	expect_match "both shared" '^10\.3\.0\.0/24 dev eth1' "$(routes)"
	on A plumb link set eth1 noshare
	expect_match "no more" '^unreachable 10\.3\.0\.0/24' "$(routes)"

	on A ip addr del 10.5.0.1/16 dev eth0
	expect_no_match "deleted" '10\.5\.' "$(addresses)$(routes)"
	on A ip link set eth0 down
	expect_no_match "down" 'dev eth0' "$(routes)"
	on A ip link set eth0 up
	expect_match "up" '^10\.0\.0\.0/24 dev eth0' "$(routes)"
	expect_no_match "Linux's default went with the device" '^default' "$(routes)"
	on A plumb link set eth0 noshare
	expect_eq "all gone" "" "$(routes)"
	expect_no_match "all gone" 'eth0' "$(on A plumb addr)$(on A plumb link)"
}

test_next_hop_object_that_changes()
{
	shared_pair
	on A ip nexthop add id 9 via 10.0.0.2 dev eth0
	on A ip route add 10.7.0.0/16 nhid 9
	expect_match "by the object" '^10\.7\.0\.0/16 via 10\.0\.0\.2' "$(routes)"
	on A ip nexthop replace id 9 via 10.0.0.3 dev eth0
	wait_until 10 shows routes '^10\.7\.0\.0/16 via 10\.0\.0\.3'
	on A ip nexthop del id 9
	expect_no_match "with the object" '10\.7\.0\.0' "$(routes)"
}

test_beside_addresses_of_its_own()
{
	shared_pair
	on A plumb addr add 10.0.0.5/24 dev eth0
	expect_match "Linux's is refused" 'in use' \
		"$(on A plumb addr del 10.0.0.1/24 dev eth0 2>&1 || true)"
	on A plumb route add default via 10.0.0.2
	on A ip route add default via 10.0.0.3
	expect_match "ours goes first" 'via 10\.0\.0\.2' "$(on A plumb route get 10.99.0.1)"
	on A plumb route flush root 0/0
	expect_match "Linux's stays" '^default via 10\.0\.0\.3' "$(routes)"
	on A plumb addr flush dev eth0
	expect_match "Linux's stays" '10\.0\.0\.1/24' "$(addresses)"
	on A plumb addr add 10.0.0.5/24 dev eth0
	on B ping -q -c 1 -W 5 10.0.0.5
	expect_eq "by Plumb" 1 "$(plumb_counter A IcmpInEchos)"
	on A plumb link set eth0 noshare
	expect_match "its subnet is ours alone" '^10\.0\.0\.0/24 dev eth0 .*src 10\.0\.0\.5' "$(routes)"
	on B ping -q -c 1 -W 5 10.0.0.5
	on B ping -q -c 1 -W 5 10.0.0.1
}

test_device_without_link_header()
{
	modprobe tun || true
	[ -c /dev/net/tun ] || skip "no /dev/net/tun in this kernel"
	host A
	on A ip tuntap add dev t0 mode tun
	on A ip addr add 10.8.0.1/24 dev t0
	on A ip link set t0 up
	on A plumb link set t0 share
	share_py A tun t0
}

test_wrong_requests_are_refused()
{
	shared_pair
	on A plumb link set eth0 share
	expect_match "loopback" 'not supported' "$(on A plumb link set lo share 2>&1 || true)"
	expect_match "ours" 'not supported' "$(on A plumb link set plumb0 share 2>&1 || true)"
	expect_match "nothing" 'No such|Cannot find' "$(on A plumb link set eth9 share 2>&1 || true)"
	on A ip link add br0 type bridge
	on A ip link add d0 type dummy
	on A ip link set d0 master br0
	expect_match "a bridge's port" 'busy' "$(on A plumb link set d0 share 2>&1 || true)"
	expect_match "not shared" 'No such|not shared' "$(on A plumb link set br0 noshare 2>&1 || true)"
	expect_match "shared" 'busy' "$(on A plumb link set eth0 release 2>&1 || true)"
	expect_match "a word" 'is wrong' "$(on A plumb link set eth0 chair 2>&1 || true)"
	expect_match "still" '10\.0\.0\.1' "$(addresses)"
}

# A connection is open, and a listener and a datagram socket are bound, all the while.
test_all_goes_with_device_and_namespace()
{
	local how keeper

	for how in address netns device namespace; do
		shared_pair
		background A "$PY" "$LIB_DIR/share.py" keep 7105
		wait_listen_plumb A 7105
		keeper=$BG_PID
		background B "$PY" -c 'import socket, time
s = socket.create_connection(("10.0.0.1", 7105)); print("connected", flush=True); time.sleep(99)'
		wait_until 40 grep -q connected "$BG_LOG"
		expect_match "$how: the connection" ':1BC1 .* 01 ' "$(on A cat /proc/net/plumb/tcp)"
		case "$how" in
		address) on A ip addr del 10.0.0.1/24 dev eth0 ;;
		netns) on A ip link set eth0 netns "$(netns B)" name eth7 ;;
		device) on A ip link del eth0 ;;
		namespace) ;;
		esac
		if [ "$how" != namespace ]; then
			expect_no_match "$how" '10\.0\.0\.' "$(routes)$(on A plumb addr)"
		fi
		if [ "$how" = netns ] || [ "$how" = device ]; then
			on A "$PY" -c 'import socket; socket.socket().bind(("", 7105))'
		fi
		lib_background_gone "$BG_PID"
		lib_background_gone "$keeper"
		"$LIB_NS" del "$(netns A)"
		"$LIB_NS" del "$(netns B)"
		LIB_DEFERRED=()
	done
	wait_until 20 unload_plumb
	load_plumb
}

run_tests "$@"
