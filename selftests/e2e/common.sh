# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the end-to-end scripts share. Two hosts on a cable; each has Linux's own stack and
# Plumb on the same device, with an address each:
#
#	A eth0 10.0.0.1 Linux, 10.0.0.101 Plumb ---- eth0 B 10.0.0.2 Linux, 10.0.0.102 Plumb
#
# A stack is named "linux" or "plumb"; the same program runs on either.
# shellcheck source=selftests/lib/lib.sh
. "${0%/*}/../lib/lib.sh"

# 100 MiB, or a part of it.
# shellcheck disable=SC2034 # for the scripts
LARGE=$((100 / LIB_FILE_PART))M

two_hosts()
{
	host A B
	veth A B 10.0.0.1/24 10.0.0.2/24
	plumb_addr A 10.0.0.101/24 eth0
	plumb_addr B 10.0.0.102/24 eth0
}

# addr_of HOST STACK
addr_of()
{
	case $1:$2 in
	A:linux) echo 10.0.0.1 ;;
	B:linux) echo 10.0.0.2 ;;
	A:plumb) echo 10.0.0.101 ;;
	B:plumb) echo 10.0.0.102 ;;
	*) fail "no host $1 with $2" ;;
	esac
}

# run_on HOST STACK COMMAND..., run_bg HOST STACK COMMAND... (BG_PID, BG_LOG)
run_on()
{
	local name=$1 stack=$2
	shift 2

	case $stack in
	plumb) on_plumb "$name" "$@" ;;
	*) on "$name" "$@" ;;
	esac
}

run_bg()
{
	local name=$1 stack=$2
	shift 2

	case $stack in
	plumb) background_plumb "$name" "$@" ;;
	*) background "$name" "$@" ;;
	esac
}

# listening HOST STACK PORT, bound HOST STACK PORT: waits until it is so.
listening()
{
	case $2 in
	plumb) wait_listen_plumb "$1" "$3" ;;
	*) wait_listen "$1" "$3" ;;
	esac
}

bound()
{
	case $2 in
	plumb) wait_bound_plumb "$1" "$3" ;;
	*) wait_bound "$1" "$3" ;;
	esac
}

# web HOST STACK DIRECTORY [PORT]: serves its files (GET), and takes files (PUT).
web()
{
	run_bg "$1" "$2" "$PY" -E "$LIB_DIR/httpd.py" "$(addr_of "$1" "$2")" "${4:-80}" "$3"
	listening "$1" "$2" "${4:-80}"
}

# fetch HOST STACK URL FILE: curl, no longer than two minutes.
fetch()
{
	run_on "$1" "$2" curl -sS --fail --max-time 120 --connect-timeout 20 -o "$4" "$3"
}

# transfer FROM FROM_STACK TO TO_STACK FILE [PORT]: sends the file over one connection;
# TRANSFER has what the receiver says: "sha256=... bytes=... gap_ms=...".
transfer()
{
	local addr log pid
	addr=$(addr_of "$3" "$4")

	run_bg "$3" "$4" "$PY" "$LIB_DIR/stream.py" receive "$addr" "${6:-5000}"
	log=$BG_LOG pid=$BG_PID
	listening "$3" "$4" "${6:-5000}"
	run_on "$1" "$2" "$PY" "$LIB_DIR/stream.py" send "$addr" "${6:-5000}" "$5"
	wait_exit 60 "$pid" || fail "the receiver failed: $(cat "$log")"
	# shellcheck disable=SC2034  # for the caller
	TRANSFER=$(cat "$log")
}

# expect_same FILE FILE: equal length and content.
expect_same()
{
	cmp "$1" "$2" || fail "$2 is not $1"
}

# need PROGRAM...: the test is skipped where one is not installed.
need()
{
	local program

	for program in "$@"; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}
