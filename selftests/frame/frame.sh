#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The frame that the other tests stand on: hosts and cables between them, the peer
# outside, and that a failing test is seen as one. Linux's own stack only.
#
#	A eth0 10.0.0.1 ---- 10.0.0.2 eth0 B
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

setup_once() { :; }

test_hosts_reach_each_other()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	on A ping -c 1 -W 5 10.0.0.2
}

test_hosts_are_gone_afterwards()
{
	expect_eq "namespaces" "" "$(ip netns list)"
}

test_second_cable_gets_next_name()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	veth A B 10.0.1.1/24 10.0.1.2/24
	expect_match "devices of A" 'inet 10.0.1.1/24 .*eth1' "$(ip -n "$(netns A)" address)"
}

test_background_program_is_found_listening()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	background B socat TCP-LISTEN:7,reuseaddr,fork PIPE
	wait_listen B 7
	expect_eq "echo" hello "$(on A socat -t 5 - TCP:10.0.0.2:7 <<<hello)"
}

test_capture_sees_frames()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	capture A eth0 "$LIB_TMP/pcap" icmp
	on A ping -c 1 -W 5 10.0.0.2
	wait_until 5 test -s "$LIB_TMP/pcap"
	stop_capture
	expect_match "capture" 'ICMP echo reply' "$(tcpdump -nr "$LIB_TMP/pcap")"
}

test_counters_are_read()
{
	host A
	on A ping -c 2 -i 0.1 -W 5 127.0.0.1
	expect_eq "IcmpInEchos" 2 "$(linux_counter A IcmpInEchos)"
}

test_peer_outside_answers()
{
	[ -d /run/plumb/agent ] || skip "this VM has no agent"
	expect_match "addresses of the peer" "$PLUMB_PEER/24" "$(peer ip -br address)"
	expect_rc 7 peer exit 7
}

# The library's own way to fail, tried on scripts made here.
mini()
{
	mkdir -p "$LIB_TMP/mini"
	{
		echo "#!/bin/bash"
		echo ". $LIB_TOP/selftests/lib/lib.sh"
		echo "setup_once() { :; }"
		cat
		echo 'run_tests "$@"'
	} >"$LIB_TMP/mini/mini.sh"
	bash "$LIB_TMP/mini/mini.sh" 2>&1
}

test_first_failing_command_fails_a_test()
{
	out=$(mini <<<'test_it() { true; false; true; }' || true)
	expect_match "verdict" '^not ok 1 it$' "$out"
}

test_wrong_value_fails_a_test()
{
	out=$(mini <<<'test_it() { expect_eq "the answer" 42 41; }' || true)
	expect_match "verdict" '^not ok 1 it$' "$out"
	expect_match "reason" "the answer: expected '42', saw '41'" "$out"
}

test_expected_failure_turns_red_when_it_passes()
{
	out=$(mini <<<'test_it() { xfail "not there yet"; false; }')
	expect_match "verdict" '^ok 1 it # XFAIL not there yet$' "$out"
	out=$(mini <<<'test_it() { xfail "not there yet"; true; }' || true)
	expect_match "verdict" '^not ok 1 it$' "$out"
}

test_wait_has_a_limit()
{
	out=$(mini <<<'test_it() { wait_until 1 false; }' || true)
	expect_match "verdict" '^not ok 1 it$' "$out"
}

run_tests "$@"
