#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a VM with instruction-counted time: what each stack executes for a megabyte, a
# round trip, a connection and a datagram, both ends in the guest, over loopback
# and over a veth cable; and the memory of idle connections.
#
#	A va 10.9.0.1 Linux, .101 Plumb ---- vb 10.9.0.2 Linux, .102 Plumb B
set -euo pipefail
# shellcheck source=selftests/bench/stacks.sh
. "${0%/*}/stacks.sh"

cable()
{
	ip netns add A
	ip netns add B
	ip link add va netns A type veth peer name vb netns B
	for side in A:va:1 B:vb:2; do
		IFS=: read -r ns dev n <<<"$side"
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
		ip -n "$ns" address add "10.9.0.$n/24" dev "$dev"
		ip -n "$ns" link set lo up
		ip -n "$ns" link set "$dev" up
		! with_plumb || ip netns exec "$ns" plumb addr add "10.9.0.10$n/24" dev "$dev"
		as_many_ports "$ns"
	done
}

# where PLACE STACK: namespace of the client and address of the server.
where()
{
	case $1:$2 in
	loopback:*) echo "- 127.0.0.1" ;;
	veth:plumb) echo "A 10.9.0.102" ;;
	veth:*) echo "A 10.9.0.2" ;;
	esac
}

# each OVER METRIC ARGUMENT...: all rounds, the stacks in turn.
each()
{
	local over=$1 metric=$2 round stack ns addr
	shift 2

	for ((round = 1; round <= ROUNDS; round++)); do
		for stack in "${STACKS[@]}"; do
			read -r ns addr <<<"$(where "$over" "$stack")"
			measure "$over" "$metric" "$stack" "$round" "$ns" "$addr" \
				"$(port_of "$stack")" "$@"
		done
	done
}

# delay_alone COMMAND...: Linux's HyStart looks at the round trip alone, as HyStart++ does.
delay_alone()
{
	local file=/sys/module/tcp_cubic/parameters/hystart_detect usual

	usual=$(cat $file)
	echo 2 >$file
	"$@"
	echo "$usual" >$file
}

load_plumb
as_many_ports -
cable
for stack in "${STACKS[@]}"; do
	[ "$stack" != null ] || continue
	serve - "$stack" 127.0.0.1
	read -r _ addr <<<"$(where veth "$stack")"
	serve B "$stack" "$addr"
done
for over in veth loopback; do
	each $over bulk-out bulk-out --bytes 64M --warm 8M
	each $over bulk-in bulk-in --bytes 64M --warm 8M
	delay_alone each $over bulk-in-delay bulk-in --bytes 64M --warm 8M
	each $over bulk-out-1000 bulk-out --conns 1000 --bytes 128M
	each $over bulk-in-1000 bulk-in --conns 1000 --bytes 128M
	each $over rr rr --count 2000 --warm 200
	each $over rr-1000 rr --conns 1000 --count 4000
	each $over crr crr --count 500 --warm 50
	each $over udp-out udp-out --count 4096 --window 32
	each $over udp-in udp-in --count 4096 --window 32
	each $over udp-rr udp-rr --count 2000 --warm 200
	each $over idle idle --conns 1000
done
