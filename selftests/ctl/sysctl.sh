#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# net.plumb.*: names, defaults and ranges of the net.ipv4 twins.
# timeout: 240
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# Those that differ on purpose (DCTCP is a module in Linux), or that depend on how much memory Linux found at boot.
DIFFER='^(tcp_available_congestion_control|ip_local_port_range|tcp_max_tw_buckets|tcp_max_syn_backlog|tcp_limit_output_bytes|ip_forward|ping_group_range|tcp_[rw]mem)$'

# In a namespace of its own, so that nothing was set by hand.
test_defaults_are_linux_s()
{
	host A
	# shellcheck disable=SC2016
	expect_eq "differences" "" "$(on A bash -c 'cd /proc/sys/net/plumb
		for name in *; do
			[[ $name =~ $1 ]] || [ ! -f ../ipv4/$name ] ||
				[ "$(<$name)" = "$(<../ipv4/$name)" ] ||
				echo "$name: $(<$name), Linux $(<../ipv4/$name)"
		done' sh "$DIFFER")"
}

test_neighbour_defaults_are_linux_s()
{
	local name

	for name in /proc/sys/net/plumb/neigh/default/*; do
		expect_eq "$name" "$(<"/proc/sys/net/ipv4/neigh/default/${name##*/}")" "$(<"$name")"
	done
}

# refused NAME VALUE
refused()
{
	local old

	old=$(on A cat "/proc/sys/net/plumb/$1")
	expect_fail on A sh -c "echo $2 >/proc/sys/net/plumb/$1"
	expect_eq "$1 afterwards" "$old" "$(on A cat "/proc/sys/net/plumb/$1")"
}

test_values_out_of_range_are_refused()
{
	host A
	refused ip_default_ttl 0
	refused ip_default_ttl 256
	refused tcp_ecn 3
	refused tcp_syn_retries 0
	refused tcp_syn_retries 128
	refused tcp_min_snd_mss 47
	refused tcp_rmem "1 2 3"
	refused tcp_wmem "0 1 1"
	refused ip_local_port_range "5 4"
	refused ip_local_port_range "0 70000"
	refused ip_local_port_range words
	refused tcp_keepalive_time -1x
	refused tcp_keepalive_time -1
	refused tcp_fin_timeout -5
	refused tcp_invalid_ratelimit -1
	refused ipfrag_time -1
	refused neigh/default/gc_stale_time -1
	refused neigh/default/gc_interval -1
	refused neigh/default/retrans_time -1
	refused socket_group_range "-1 5"
}

test_values_in_range_are_taken()
{
	host A
	on A sh -c 'cd /proc/sys/net/plumb; echo 62000 62010 >ip_local_port_range
		echo 5 6 >socket_group_range; echo 10000 20000 30000 >tcp_rmem
		echo 1234 >tcp_keepalive_time; echo 250 >tcp_invalid_ratelimit'
	expect_eq "ports" $'62000\t62010' "$(on A cat /proc/sys/net/plumb/ip_local_port_range)"
	expect_eq "groups" $'5\t6' "$(on A cat /proc/sys/net/plumb/socket_group_range)"
	expect_eq "memory" $'10000\t20000\t30000' "$(on A cat /proc/sys/net/plumb/tcp_rmem)"
	expect_eq "seconds" 1234 "$(on A cat /proc/sys/net/plumb/tcp_keepalive_time)"
	expect_eq "milliseconds" 252 "$(on A cat /proc/sys/net/plumb/tcp_invalid_ratelimit | sed 's/^25[0-3]$/252/')"
}

test_empty_group_range_is_nobody()
{
	host A
	on A sh -c 'echo 6 5 >/proc/sys/net/plumb/socket_group_range'
	expect_eq "range" $'1\t0' "$(on A cat /proc/sys/net/plumb/socket_group_range)"
}

test_port_range_is_used()
{
	host A
	on A sh -c 'echo 62000 62003 >/proc/sys/net/plumb/ip_local_port_range'
	expect_match "port" '^6200[0-3]$' "$(on_plumb A python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')"
}

test_ttl_is_used()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on A sh -c 'echo 37 >/proc/sys/net/plumb/ip_default_ttl'
	expect_match "reply" 'ttl=37 ' "$(on B ping -c 1 -W 5 10.0.0.1)"
}

test_echo_can_be_switched_off()
{
	host A B
	veth A B - 10.0.0.2/24
	plumb_addr A 10.0.0.1/24 eth0
	on A sh -c 'echo 1 >/proc/sys/net/plumb/icmp_echo_ignore_all'
	expect_fail on B ping -c 1 -W 1 10.0.0.1
	on A sh -c 'echo 0 >/proc/sys/net/plumb/icmp_echo_ignore_all'
	on B ping -c 1 -W 5 10.0.0.1
}

load_plumb
run_tests "$@"
