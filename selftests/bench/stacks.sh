# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What counted.sh and timed.sh share: the two stacks, and one line a measurement:
#
#	RESULT over metric stack round {JSON of plumb_bench, or the reason it failed}
#
# BENCH_STACKS names the columns: "linux plumb", or with "linux null" Linux's own
# stack in both, which shows how much the ratio moves when nothing differs.

BENCH_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BENCH=$BENCH_TOP/build/selftests/bench/plumb_bench
PATH=$BENCH_TOP/build/tools:$PATH
BENCH_TMP=$(mktemp -d)
read -ra STACKS <<<"${BENCH_STACKS:-linux plumb}"
# shellcheck disable=SC2034  # used by those who source this
ROUNDS=${BENCH_ROUNDS:-5}

with_plumb() { [[ " ${STACKS[*]} " == *" plumb "* ]]; }

family_of()
{
	case $1 in
	plumb) echo plumb ;;
	*) echo inet ;;
	esac
}

# Different ports, so that neither stack's can be in the other's way.
port_of()
{
	case $1 in
	plumb) echo 7701 ;;
	*) echo 7700 ;;
	esac
}

load_plumb()
{
	! with_plumb || insmod "$BENCH_TOP/build/$(uname -r)/plumb.ko"
}

# as_many_ports NS: Plumb's own default is 4536 ports that Linux does not use, too few for what is
# left of a thousand connections a round.
as_many_ports()
{
	! with_plumb || in_ns "$1" sysctl -qw \
		"net.plumb.ip_local_port_range=$(cat /proc/sys/net/ipv4/ip_local_port_range)"
}

# in_ns NAME COMMAND...: NAME - is where we are.
in_ns()
{
	local ns=$1
	shift

	if [ "$ns" = - ]; then
		"$@"
	else
		ip netns exec "$ns" "$@"
	fi
}

# serve NS STACK ADDRESS: starts a server and waits until it is ready.
serve()
{
	local pidfile=$BENCH_TMP/server-$1-$2 try

	in_ns "$1" "$BENCH" server --family "$(family_of "$2")" --addr "$3" \
		--port "$(port_of "$2")" --pidfile "$pidfile" &
	for ((try = 0; try < 200; try++)); do
		[ ! -s "$pidfile" ] || return 0
		sleep 0.05
	done
	echo "no server of $2 at $3" >&2
	return 1
}

# measure OVER METRIC STACK ROUND NS ADDRESS PORT ARGUMENT...
measure()
{
	local over=$1 metric=$2 stack=$3 round=$4 ns=$5 addr=$6 port=$7 json
	shift 7

	json=$(in_ns "$ns" "$BENCH" "$@" --family "$(family_of "$stack")" \
		--addr "$addr" --port "$port" 2>"$BENCH_TMP/error") ||
		json="{\"failed\": \"$(tr -d '"\\\n' <"$BENCH_TMP/error")\"}"
	echo "RESULT $over $metric $stack $round $json"
}
