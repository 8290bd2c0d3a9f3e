#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs people have, unmodified, on Plumb against the same on Linux: nc, socat,
# wget, iperf3, a statically linked one, ssh and redis where installed. Hosts: common.sh.
# timeout: 240
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

test_nc__talks_both_ways()
{
	need nc
	two_hosts
	printf 'from the server\n' >"$LIB_TMP/answer"
	background_plumb B sh -c "exec nc -l -N 10.0.0.102 9 <$LIB_TMP/answer"
	wait_listen_plumb B 9
	expect_eq "what the client got" "from the server" \
		"$(on A nc -N -w 20 10.0.0.102 9 <<<"from the client")"
	wait_exit 20 "$BG_PID"
	expect_eq "what the server got" "from the client" "$(cat "$BG_LOG")"
}

test_nc__client_on_plumb()
{
	need nc
	two_hosts
	printf 'from the server\n' >"$LIB_TMP/answer"
	background B sh -c "exec nc -l -N 10.0.0.2 9 <$LIB_TMP/answer"
	wait_listen B 9
	expect_eq "what the client got" "from the server" \
		"$(on_plumb A nc -N -w 20 10.0.0.2 9 <<<"from the client")"
	wait_exit 20 "$BG_PID"
	expect_eq "what the server got" "from the client" "$(cat "$BG_LOG")"
}

test_nc__udp()
{
	need nc
	two_hosts
	background_plumb B socat -T 20 UDP-LISTEN:9,bind=10.0.0.102,fork PIPE
	wait_bound_plumb B 9
	expect_eq "echo" hello "$(on_plumb A nc -u -w 2 10.0.0.102 9 <<<hello)"
}

# A relay has Plumb on one side and Linux's Unix sockets on the other: those stay Linux's.
test_socat__other_families_are_left_alone()
{
	need socat
	two_hosts
	background_plumb B socat TCP-LISTEN:9,bind=10.0.0.102,fork,reuseaddr UNIX-CONNECT:"$LIB_TMP/sock"
	wait_listen_plumb B 9
	background B socat UNIX-LISTEN:"$LIB_TMP/sock",fork PIPE
	wait_until 20 test -S "$LIB_TMP/sock"
	expect_eq "echo" hello "$(on A socat -t 10 - TCP:10.0.0.102:9 <<<hello)"
}

test_wget()
{
	need wget
	two_hosts
	mkdir "$LIB_TMP/www"
	make_file "$LIB_TMP/www/file" 2M
	web B linux "$LIB_TMP/www"
	on_plumb A wget -q -T 30 -t 1 -O "$LIB_TMP/got" http://10.0.0.2/file
	expect_same "$LIB_TMP/www/file" "$LIB_TMP/got"
}

# No preload works on a static program, so the launcher takes its other way.
test_static_program()
{
	local bench=$LIB_TOP/build/selftests/bench
	two_hosts
	background_plumb B "$bench/plumb_bench.static" server --addr 10.0.0.102 --port 7700
	wait_listen_plumb B 7700
	on_plumb A "$bench/plumb_bench.static" bulk-in --bytes 5M --addr 10.0.0.102
	on_plumb A "$bench/plumb_bench.static" rr --count 100 --addr 10.0.0.102
	on_plumb A "$bench/plumb_bench.static" crr --count 20 --addr 10.0.0.102
	on_plumb A "$bench/plumb_bench.static" udp-rr --count 100 --addr 10.0.0.102
	expect_ge "Plumb's TcpActiveOpens" 22 "$(plumb_counter A TcpActiveOpens)"
	expect_ge "Plumb's UdpOutDatagrams" 100 "$(plumb_counter A UdpOutDatagrams)"
}

# Children and exec, through a shell: all of them are on Plumb.
test_children_are_covered()
{
	two_hosts
	mkdir "$LIB_TMP/www"
	echo hello >"$LIB_TMP/www/file"
	web B linux "$LIB_TMP/www"
	on_plumb A sh -c 'for i in 1 2 3; do (exec curl -sS --fail --max-time 30 http://10.0.0.2/file); done' \
		>"$LIB_TMP/out"
	expect_eq "answers" 3 "$(grep -c hello "$LIB_TMP/out")"
	expect_eq "connections" 3 "$(plumb_counter A TcpActiveOpens)"
}

# iperf CLIENT_STACK SERVER_STACK ARGUMENT...: its client's own verdict.
iperf()
{
	local client=$1 server=$2 addr
	shift 2

	need iperf3
	two_hosts
	addr=$(addr_of B "$server")
	run_bg B "$server" iperf3 -s -1 -B "$addr"
	listening B "$server" 5201
	run_on A "$client" timeout 60 iperf3 -c "$addr" -t 2 -J "$@" >"$LIB_TMP/json" ||
		fail "iperf3: $(sed -n 's/.*"error".*: *//p' "$LIB_TMP/json")"
	expect_ge "bits per second received" 1000000 "$(iperf_rate)"
}

iperf_rate()
{
	"$PY" -c 'import json, sys; end = json.load(open(sys.argv[1]))["end"]
print(int((end.get("sum_received") or end["sum"])["bits_per_second"]))' "$LIB_TMP/json"
}

test_iperf3__out() { iperf plumb linux; }
test_iperf3__in() { iperf plumb linux -R; }
test_iperf3__server_on_plumb() { iperf linux plumb; }
test_iperf3__four_streams() { iperf plumb plumb -P 4; }
test_iperf3__udp() { iperf plumb linux -u -b 20M -l 1400; }

test_ssh__runs_a_command()
{
	need ssh dropbear dropbearkey
	two_hosts
	dropbearkey -t ed25519 -f "$LIB_TMP/host" >/dev/null
	ssh-keygen -q -t ed25519 -N "" -f "$LIB_TMP/key"
	mkdir -p /root/.ssh
	chmod 700 /root /root/.ssh
	cp "$LIB_TMP/key.pub" /root/.ssh/authorized_keys
	defer rm -f /root/.ssh/authorized_keys
	background_plumb B dropbear -F -E -r "$LIB_TMP/host" -p 10.0.0.102:22 -P "$LIB_TMP/pid"
	wait_listen_plumb B 22
	expect_eq "output" "hello from plumb" "$(on_plumb A ssh -i "$LIB_TMP/key" -o BatchMode=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=30 \
		-o LogLevel=ERROR root@10.0.0.102 'echo hello from plumb')"
}

test_redis__answers()
{
	need redis-server redis-cli
	two_hosts
	background_plumb B redis-server --bind 10.0.0.102 --port 6379 --save "" --protected-mode no
	wait_listen_plumb B 6379
	expect_eq "SET" OK "$(on_plumb A redis-cli -h 10.0.0.102 set key value)"
	expect_eq "GET" value "$(on A redis-cli -h 10.0.0.102 get key)"
}

run_tests "$@"
