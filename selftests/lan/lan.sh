# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of the modelled LAN share. Their hosts:
#
#	S1 eth0 10.0.0.1 ---+
#	S2 eth0 10.0.0.2 ---+--- a medium, which belongs to the host W
#	Sn eth0 10.0.0.n ---+
#
# eth0 is a port's netdevice, which drivers/nic drives; its address is Plumb's.

# stations N [ARGUMENT...]: makes medium "lan" of these arguments with N stations on it.
stations()
{
	local n=$1 i
	shift

	host W
	for ((i = 1; i <= n; i++)); do
		host "S$i"
	done
	{
		echo "lan add lan $*"
		for ((i = 1; i <= n; i++)); do
			echo "lan port add lan ifname eth0 netns $(netns "S$i")"
		done
	} | on W plumb -batch -
	defer on W plumb lan del lan
	for ((i = 1; i <= n; i++)); do
		plumb_addr "S$i" "10.0.0.$i/24" eth0
	done
	for ((i = 1; i <= n; i++)); do
		wait_until 10 carrier_is "S$i" 1
	done
}

carrier_is() { [ "$(on "$1" cat /sys/class/net/eth0/carrier 2>/dev/null)" = "$2" ]; }

# port N KEY: what the medium says of port N of "lan" (from 0).
port() { on W plumb -j lan port show lan | json_each "$2" | sed -n "$(($1 + 1))p"; }

# port_sum KEY: the same of all ports.
port_sum() { on W plumb -j lan port show lan | json_each "$1" | sum_of_all; }
sum_of_all() { awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n + 0 }'; }

# mac_stat HOST NAME...: the sum of these counters of its adapter.
mac_stat()
{
	local host=$1
	shift

	on "$host" ethtool -S eth0 | mac_sum "$*"
}

# mac_sum NAMES: of what ethtool -S says.
mac_sum() { awk -v names=" $1 " '{ sub(":", "", $1) } index(names, " " $1 " ") { n += $2 } END { print n + 0 }'; }

# driver_agrees STATION KEY NAME: its driver has read of its adapter what the medium says of its port.
driver_agrees() { [ "$(port $(($1 - 1)) "$2")" = "$(mac_stat "S$1" "$3")" ]; }

# transfer_start SIZE FROM TO PORT: a file of this size goes from one station to another.
# transfers_end SECONDS: all of them arrive within this time as they were sent.
transfer_start()
{
	local size=$1 from=$2 to=$3 port=$4

	make_file "$LIB_TMP/sent.$port" "$size"
	background_plumb "S$to" socat -u "TCP-LISTEN:$port" "CREATE:$LIB_TMP/got.$port"
	TRANSFER_PIDS+=("$BG_PID")
	TRANSFER_PORTS+=("$port")
	wait_listen_plumb "S$to" "$port"
	TRANSFER_SENDS+=("S$from $to $port")
}

transfers_end()
{
	local limit=$1 i send

	for send in "${TRANSFER_SENDS[@]}"; do
		# shellcheck disable=SC2086 # three words
		set -- $send
		background_plumb "$1" socat -u "OPEN:$LIB_TMP/sent.$3" "TCP:10.0.0.$2:$3"
	done
	for i in "${!TRANSFER_PIDS[@]}"; do
		wait_exit "$limit" "${TRANSFER_PIDS[i]}"
		expect_eq "sha256 of transfer ${TRANSFER_PORTS[i]}" \
			"$(sha_of "$LIB_TMP/sent.${TRANSFER_PORTS[i]}")" \
			"$(sha_of "$LIB_TMP/got.${TRANSFER_PORTS[i]}")"
	done
	TRANSFER_PIDS=() TRANSFER_PORTS=() TRANSFER_SENDS=()
}
TRANSFER_PIDS=() TRANSFER_PORTS=() TRANSFER_SENDS=()

# without_end HOST: datagrams for 10.0.0.2, as many as the wire takes, until BG_PID is killed.
without_end()
{
	background_plumb "$1" python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        s.sendto(bytes(1400), ("10.0.0.2", 9))
    except OSError:
        pass'
}

# keep_rings_full N: the rings take all that TCP gives. Else the queue's limit (BQL) leaves one frame
# or two in them, and when a station begins is a question of how fast its processor is.
keep_rings_full()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		# a kernel without BQL has no such limit
		on "S$i" sh -c 'cd /sys/class/net/eth0/queues/tx-0/byte_queue_limits 2>/dev/null || exit 0
			echo 1000000 >limit_min'
	done
}

# load N CONNECTIONS OCTETS: each of N stations sends so much to the next over so many connections (or a part
# of them), all at once (load.py). COUNTED: what was counted of that, a line a station.
load()
{
	local i names=() connections=$((($2 + LIB_PART - 1) / LIB_PART))

	for ((i = 1; i <= $1; i++)); do
		names+=("$(netns "S$i")")
	done
	plumb run python3 "$LIB_DIR/load.py" lan "$connections" "$3" "$(netns W)" "${names[@]}" \
		>"$LIB_TMP/counted" || fail "the transfers"
	COUNTED=$(json_each tx_frames collisions excessive single multiple late deferred backoff_draws backoff_slots \
		tx_frames tx_octets <"$LIB_TMP/counted" | awk '{ $1 += $3 } 1' OFS='\t')
	echo "$COUNTED" >&2
	# 1448 octets a frame
	expect_ge "frames of the least busy station" $((connections * $3 / 1448)) "$(cut -f 1 <<<"$COUNTED" | sort -n | head -n 1)"
}

# quiet: waits until the medium carries nothing any more.
quiet()
{
	local before=-1 now

	while now=$(port_sum tx_frames); [ "$now" != "$before" ]; do
		before=$now
		sleep 0.4
	done
}

# scope_start FORMAT FILE: the probe writes there what is on the wire; scope_stop ends it.
scope_start()
{
	background W plumb lan scope lan "$1" "$2"
	SCOPE_PID=$BG_PID SCOPE_LOG=$BG_LOG
	wait_until 10 scope_listens
}

# A netlink socket of the generic family (16) in a multicast group.
# shellcheck disable=SC2016
scope_listens() { on W awk '$2 == 16 && $4 !~ /^0+$/ { n++ } END { exit !n }' /proc/net/netlink; }

scope_stop()
{
	quiet
	kill -TERM "$SCOPE_PID"
	wait "$SCOPE_PID" || true
	expect_no_match "what the probe says" 'lost' "$(cat "$SCOPE_LOG")"
}
