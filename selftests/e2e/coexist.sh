#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux's own networking on a device is undisturbed while Plumb lives on the same
# device: ping, ARP, standing connections, transfers; the same port on both stacks;
# and while the module is loaded and unloaded. Hosts: common.sh.
# timeout: 240
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

# linux_hosts: only Linux has addresses.
linux_hosts()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
}

# start_ping: B pings A's Linux address all the time; stop_ping: and every one was answered.
start_ping()
{
	background B ping -i 0.05 10.0.0.1
	PING_PID=$BG_PID PING_LOG=$BG_LOG
	wait_until 20 grep -q 'icmp_seq=2 ' "$PING_LOG"
}

stop_ping()
{
	kill -INT "$PING_PID"
	wait_exit 20 "$PING_PID" || true
	expect_match "pings" ' 0% packet loss' "$(tail -n 3 "$PING_LOG")"
	expect_no_match "pings" 'DUP|Unreachable' "$(cat "$PING_LOG")"
}

# start_session: a connection of Linux that stands, as an ssh session would; session_lives: a
# line goes there and comes back.
start_session()
{
	background A "$PY" "$LIB_DIR/stream.py" echo 10.0.0.1 22
	wait_listen A 22
	: >"$LIB_TMP/lines"
	background B sh -c "tail -n +1 -f -s 0.1 '$LIB_TMP/lines' |
		$PY '$LIB_DIR/stream.py' hold 10.0.0.1 22"
	SESSION_LOG=$BG_LOG SESSION_N=0
	wait_until 20 grep -q open "$SESSION_LOG"
}

session_lives()
{
	SESSION_N=$((SESSION_N + 1))
	echo "line $SESSION_N" >>"$LIB_TMP/lines"
	wait_until 20 grep -qx "line $SESSION_N" "$SESSION_LOG"
}

test_linux_goes_on_while_plumb_adopts_and_releases()
{
	local i
	linux_hosts
	start_session
	start_ping
	for ((i = 0; i < 20 / LIB_PART; i++)); do
		on A plumb addr add 10.0.0.101/24 dev eth0
		on B ping -c 1 -W 5 -q 10.0.0.101
		on A plumb addr del 10.0.0.101/24 dev eth0
		session_lives
	done
	stop_ping
}

test_linux_stream_survives_load_and_unload()
{
	local pid log i
	linux_hosts
	make_file "$LIB_TMP/file" $((30 / LIB_PART))M
	background B "$PY" "$LIB_DIR/stream.py" receive 10.0.0.2 5000
	log=$BG_LOG pid=$BG_PID
	wait_listen B 5000
	# (So slow that it lasts longer than all that follows; each flow by itself, so that pings do not wait.)
	on A tc qdisc replace dev eth0 root fq maxrate $((4 / LIB_PART))mbit
	background A "$PY" "$LIB_DIR/stream.py" send 10.0.0.2 5000 "$LIB_TMP/file"
	start_session
	start_ping
	defer load_plumb
	for ((i = 0; i < 5 / LIB_PART + 1; i++)); do
		unload_plumb
		load_plumb
		on A plumb addr add 10.0.0.101/24 dev eth0
		on B ping -c 1 -W 5 -q 10.0.0.101
		session_lives
	done
	kill -0 "$pid"
	# (To take the queue away would lose what comes while its device has none.)
	on A tc qdisc replace dev eth0 root fq maxrate 10gbit
	wait_exit 60 "$pid"
	stop_ping
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$(cat "$log")"
}

test_same_port_on_both_stacks()
{
	local i
	two_hosts
	mkdir "$LIB_TMP/linux" "$LIB_TMP/plumb"
	echo "this is Linux" >"$LIB_TMP/linux/file"
	echo "this is Plumb" >"$LIB_TMP/plumb/file"
	web A linux "$LIB_TMP/linux"
	web A plumb "$LIB_TMP/plumb"
	for ((i = 0; i < 5; i++)); do
		expect_eq "Linux's page" "this is Linux" "$(on B curl -sS --max-time 30 http://10.0.0.1/file)"
		expect_eq "Plumb's page" "this is Plumb" "$(on B curl -sS --max-time 30 http://10.0.0.101/file)"
	done
}

# A wildcard listener of Linux must not answer for Plumb's address, nor the other way round.
test_wildcard_listeners_keep_apart()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	background A "$PY" -E "$LIB_DIR/httpd.py" 0.0.0.0 80 "$LIB_TMP/www"
	wait_listen A 80
	expect_rc 7 on B curl -sS --max-time 30 http://10.0.0.101/
	background_plumb A "$PY" -E "$LIB_DIR/httpd.py" 0.0.0.0 81 "$LIB_TMP/www"
	wait_listen_plumb A 81
	expect_rc 7 on B curl -sS --max-time 30 http://10.0.0.1:81/
	on B curl -sS --fail --max-time 30 http://10.0.0.101:81/
}

# Each stack answers ARP for its own address, and only for that, once each.
test_arp_is_answered_once()
{
	local addr
	two_hosts
	capture B eth0 "$LIB_TMP/pcap" arp
	for addr in 10.0.0.1 10.0.0.101; do
		on B ping -c 1 -W 5 -q "$addr"
	done
	stop_capture
	for addr in 10.0.0.1 10.0.0.101; do
		expect_eq "answers for $addr" 1 \
			"$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | grep -c "Reply $addr is-at")"
	done
	expect_eq "answers for an address of nobody" 0 \
		"$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | grep -c "Reply 10.0.0.77")"
}

# No RST from Linux into Plumb's connections, no ICMP error about Plumb's ports.
test_linux_does_not_answer_for_plumb()
{
	local out_rsts
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" 5M
	web A plumb "$LIB_TMP/www"
	out_rsts=$(linux_counter A TcpOutRsts)
	fetch B linux http://10.0.0.101/file "$LIB_TMP/got"
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
	on B ping -c 3 -i 0.1 -W 5 -q 10.0.0.101
	expect_eq "RSTs of Linux" "$out_rsts" "$(linux_counter A TcpOutRsts)"
	expect_eq "echo answers of Linux" 0 "$(linux_counter A IcmpOutEchoReps)"
	expect_ge "echo answers of Plumb" 3 "$(plumb_counter A IcmpOutEchoReps)"
}

# Transfers of both stacks at once, both ways, share the cable.
test_transfers_of_both_stacks_at_once()
{
	local stack pids=() i
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" $((20 / LIB_FILE_PART))M
	web A linux "$LIB_TMP/www"
	web A plumb "$LIB_TMP/www"
	for i in 1 2; do
		for stack in linux plumb; do
			run_bg B "$stack" curl -sS --fail --max-time 100 -o "$LIB_TMP/got.$stack$i" \
				"http://$(addr_of A "$stack")/file"
			pids+=("$BG_PID")
		done
	done
	for i in "${pids[@]}"; do
		wait_exit 110 "$i"
	done
	for i in linux1 plumb1 linux2 plumb2; do
		expect_same "$LIB_TMP/www/file" "$LIB_TMP/got.$i"
	done
}

captured() { [ "$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null | wc -l)" -ge "$1" ]; }

# What watches the device still sees Plumb's packets.
test_tcpdump_sees_plumb()
{
	two_hosts
	capture A eth0 "$LIB_TMP/pcap" host 10.0.0.101 and icmp
	on B ping -c 1 -W 5 -q 10.0.0.101
	wait_until 10 captured 2
	stop_capture
	expect_match "capture" 'ICMP echo request' "$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null)"
	expect_match "capture" 'ICMP echo reply' "$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null)"
}

# IPv6, VLAN and anything else on the device are Linux's.
test_ipv6_and_vlan_are_left_alone()
{
	two_hosts
	on A sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	on B sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	on A ip address add fd00::1/64 dev eth0 nodad
	on B ip address add fd00::2/64 dev eth0 nodad
	on B ping -6 -c 2 -i 0.1 -W 5 -q fd00::1
	on A ip link add link eth0 name eth0.7 type vlan id 7
	on B ip link add link eth0 name eth0.7 type vlan id 7
	on A ip address add 10.7.0.1/24 dev eth0.7
	on B ip address add 10.7.0.2/24 dev eth0.7
	on A ip link set eth0.7 up
	on B ip link set eth0.7 up
	on B ping -c 2 -i 0.1 -W 5 -q 10.7.0.1
}

run_tests "$@"
