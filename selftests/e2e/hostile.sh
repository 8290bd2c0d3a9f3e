#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Malformed packets at every layer are counted and dropped: afterwards the stack answers
# as before. B's Plumb is the victim, A (Linux, 10.0.0.1) sends. Hosts: common.sh.
# timeout: 240
# shellcheck source=selftests/e2e/common.sh
. "${0%/*}/common.sh"

BENCH=$LIB_TOP/build/selftests/bench/plumb_bench

# victim: B serves TCP and UDP on Plumb; A and B know each other's MAC address.
victim()
{
	two_hosts
	VICTIM_MAC=$(mac_of B)
	background B "$BENCH" server --family plumb --addr 10.0.0.102
	listening B plumb 7700
	bound B plumb 7700
	alive
}

# alive: it answers ping, TCP and UDP, fragments included.
alive()
{
	on A ping -c 1 -W 5 -q 10.0.0.102 >/dev/null || fail "no answer to ping"
	on A "$BENCH" rr --count 3 --addr 10.0.0.102 --timeout 20 >/dev/null || fail "no answer over TCP"
	on A "$BENCH" udp-rr --count 3 --size 3000 --addr 10.0.0.102 --timeout 20 >/dev/null ||
		fail "no answer over UDP"
}

# attack TOPIC: SENT is the number of packets; once B has them all, it is alive.
attack()
{
	local before
	before=$(received)
	SENT=$(on A "$PY" "$LIB_DIR/hostile.py" eth0 "$VICTIM_MAC" 10.0.0.1 10.0.0.102 "$1")
	wait_until 30 all_received $((before + SENT))
	alive
}

received() { on B cat /sys/class/net/eth0/statistics/rx_packets; }
all_received() { [ "$(received)" -ge "$1" ]; }

# counted TOPIC COUNTER EACH [COUNTER EACH]...: EACH of the packets of one round raise the counter.
counted()
{
	local topic=$1 before=() wanted i
	shift

	victim
	wanted=("$@")
	for ((i = 0; i < $#; i += 2)); do
		before[i]=$(plumb_counter B "${wanted[i]}")
	done
	attack "$topic"
	for ((i = 0; i < $#; i += 2)); do
		expect_ge "${wanted[i]}" $((before[i] + wanted[i + 1] * 5)) \
			"$(plumb_counter B "${wanted[i]}")"
	done
}

test_ip_header_errors_are_counted() { counted ip_header IpInHdrErrors 5 IpExtInCsumErrors 1; }
test_truncated_packets_are_counted() { counted ip_truncated IpExtInTruncatedPkts 3; }
test_ip_options() { victim; attack ip_options; }
test_tcp_checksum_errors_are_counted() { counted tcp_checksum TcpInCsumErrors 5; }
test_tcp_header_errors_are_counted() { counted tcp_header TcpInErrs 3; }
test_tcp_options() { victim; attack tcp_options; }
test_tcp_flags() { victim; attack tcp_flags; }
test_udp_errors_are_counted() { counted udp UdpInErrors 3 UdpInCsumErrors 1; }
test_icmp_errors_are_counted() { counted icmp IcmpInErrors 1 IcmpInCsumErrors 1; }
# Poisoned answers included: the owner keeps its address, and its traffic goes on.
test_arp()
{
	victim
	attack arp
	expect_ge "bad ARP messages" 80 "$(drops B ARP_BAD)"
	expect_match "addresses of B's Plumb" '10\.0\.0\.102' "$(on B plumb addr show)"
}

test_noise() { victim; attack random; }

# Addresses that nobody can have as their own are answered by nobody.
test_impossible_sources_are_not_answered()
{
	victim
	capture A eth0 "$LIB_TMP/pcap" src host 10.0.0.102 and \
		not dst host 10.0.0.1 and not dst host 10.0.0.102	# nor what the attack itself says
	attack ip_addresses
	stop_capture
	expect_eq "answers" "" "$(tcpdump -nr "$LIB_TMP/pcap" 2>/dev/null)"
}

# frag_bytes: what B's reassembly holds.
frag_bytes() { on B sed -n 's/^FRAG:.* memory //p' /proc/net/plumb/sockstat; }

# Three thousand datagrams that never become whole: memory is bounded, and given back.
test_fragments_do_not_pile_up()
{
	victim
	attack fragments
	expect_ge "IpReasmFails and IpReasmReqds" 1 "$(plumb_counter B IpReasmReqds)"
	expect_le "bytes of fragments held" 4194304 "$(frag_bytes)"
}

# All of it while a transfer of Plumb runs over the same cable.
test_transfer_under_attack()
{
	local pid log topic
	victim
	make_file "$LIB_TMP/file" 20M
	run_bg B plumb "$PY" "$LIB_DIR/stream.py" receive 10.0.0.102 5000
	log=$BG_LOG pid=$BG_PID
	listening B plumb 5000
	run_bg A linux "$PY" "$LIB_DIR/stream.py" send 10.0.0.102 5000 "$LIB_TMP/file"
	for topic in ip_header ip_options fragments tcp_flags icmp random; do
		on A "$PY" "$LIB_DIR/hostile.py" eth0 "$VICTIM_MAC" 10.0.0.1 10.0.0.102 "$topic"
	done
	wait_exit 100 "$pid"
	expect_match "what arrived" "sha256=$(sha_of "$LIB_TMP/file") " "$(cat "$log")"
}

run_tests "$@"
