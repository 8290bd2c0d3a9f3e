#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# reload_traffic.sh CLIENT_NS SERVER_NS PLUMB_BENCH: a little of everything, in a hurry.
set -eu
client=$1 server=$2 bench=$3
ready=$(mktemp)
ip netns exec "$server" "$bench" server --family plumb --addr 10.0.0.102 --pidfile "$ready" &
pid=$!
trap 'kill $pid; wait $pid 2>/dev/null || true; rm -f "$ready"' EXIT
for ((try = 0; try < 400; try++)); do
	[ ! -s "$ready" ] || break
	sleep 0.02
done
for what in "crr --count 3" "bulk-out --bytes 256k" "udp-rr --count 5 --size 3000"; do
	# shellcheck disable=SC2086  # a list of words
	ip netns exec "$client" "$bench" $what --family plumb --addr 10.0.0.102 >/dev/null
done
