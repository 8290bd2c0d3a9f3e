# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Helpers for kselftest scripts. A script looks like this:
#
#	#!/bin/bash
#	# SPDX-License-Identifier: GPL-2.0
#	# What the script shows, in a sentence, and a drawing of its hosts.
#	# timeout: 120		seconds, for the whole script (60)
#	# slow			in make check-long alone
#	# smp			in make check-smp as well, on two vCPUs
#	# kernel: 6.12		on this kernel only
#	# allow: REGEX		kernel log lines that belong to the test
#	. "${0%/*}/../lib/lib.sh"
#
#	test_transfer__linux_to_plumb()
#	{
#		host A; host B
#		veth A B 10.0.0.1/24 -
#		plumb_addr B 10.0.0.2/24 eth0
#		expect_eq "echo" hello "$(on A ... )"
#	}
#
#	run_tests "$@"
#
# Every function test_* is one KTAP test point. It runs in a subshell with errexit:
# the first command that fails fails the test. What it made is removed after it,
# the hosts by themselves, anything else with defer. Run one alone with its name:
#	scripts/vm selftests/run TOPIC/SCRIPT.sh:test_NAME
#
# Hosts are network namespaces of this script; their devices are called eth0, eth1 ...

LIB_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
LIB_DIR=$(cd "${0%/*}" && pwd -P)
PATH=$LIB_TOP/build/selftests/${LIB_DIR##*/}:$LIB_TOP/build/tools:$PATH
# Emulated, a program's start is what tests wait for most: without a locale grep needs half the time,
# and a Python that finds its modules compiled and no packages of the machine (lib/Makefile), and makes
# no enumerations (lib/python), a quarter.
PATH=$LIB_TOP/build/selftests/lib/python/bin:$PATH
export PATH LC_ALL=C PYTHONPYCACHEPREFIX=$LIB_TOP/build/selftests/lib/pycache
export PYTHONPATH=$LIB_TOP/selftests/lib/python
# shellcheck disable=SC2034 # for the scripts
PY=python3
LIB_NS=$LIB_TOP/build/selftests/lib/ns
# A kernel that checks each access takes several times as long: amounts are divided by this.
export LIB_PART=1
case ${PLUMB_KERNEL-} in debug | kcsan) LIB_PART=3 ;; esac
# Files of many megabytes are divided by it twice.
# shellcheck disable=SC2034 # for the scripts
LIB_FILE_PART=$((LIB_PART * LIB_PART))

LIB_TMP=$(mktemp -d "${TMPDIR:-/tmp}/selftest.XXXXXX")
trap 'rm -rf "$LIB_TMP"' EXIT
# Nobody writes here: to read from it is to sleep, without a program.
mkfifo "$LIB_TMP.never"
exec {LIB_NEVER}<>"$LIB_TMP.never"
rm "$LIB_TMP.never"

# --- how a test ends -------------------------------------------------------

# fail TEXT: this test has failed.
fail() { echo "FAILED: $*" >&2; exit 1; }

# skip TEXT: this test cannot be made here; not a pass, not a failure.
skip() { echo "$*" >"$LIB_TMP/skip"; exit 4; }

# xfail TEXT: a known failure from here on; red when the test passes all the same.
xfail() { echo "$*" >"$LIB_TMP/xfail"; }

# defer COMMAND...: when this test ends, last first.
defer()
{
	local command

	printf -v command '%q ' "$@"
	LIB_DEFERRED+=("$command")
}

# LIB_STATUS: 0 if the test has passed so far.
lib_cleanup()
{
	# shellcheck disable=SC2034 # what is deferred uses it
	LIB_STATUS=$?
	local i

	set +e
	trap - ERR
	for ((i = ${#LIB_DEFERRED[@]} - 1; i >= 0; i--)); do
		eval "${LIB_DEFERRED[i]}"
	done
}

lib_error()
{
	echo "$(basename "$0"):${BASH_LINENO[0]}: exit code $1: $2" >&2
}

# --- expecting -------------------------------------------------------------

# expect_eq WHAT WANTED SEEN
expect_eq() { [ "$2" = "$3" ] || fail "$1: expected '$2', saw '$3'"; }

# expect_ne WHAT UNWANTED SEEN
expect_ne() { [ "$2" != "$3" ] || fail "$1: did not expect '$2'"; }

# expect_match WHAT REGEX TEXT (extended regular expression, any line of it)
expect_match() { lib_matches "$2" "$3" || fail "$1: no '$2' in: $3"; }

# expect_no_match WHAT REGEX TEXT
expect_no_match() { ! lib_matches "$2" "$3" || fail "$1: unexpected '$2' in: $3"; }

# grep -E without a program
lib_matches()
{
	local line

	while IFS= read -r line; do
		[[ ! $line =~ $1 ]] || return 0
	done <<<"$2"
	return 1
}

# expect_le / expect_ge WHAT LIMIT NUMBER: the number is at most / at least the limit.
expect_le() { lib_no_more "$3" "$2" || fail "$1: expected at most $2, saw $3"; }
expect_ge() { lib_no_more "$2" "$3" || fail "$1: expected at least $2, saw $3"; }

lib_no_more()
{
	local whole='^-?[0-9]+$'

	if [[ $1 =~ $whole && $2 =~ $whole ]]; then
		[ "$1" -le "$2" ]
	else
		awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'
	fi
}

# expect_rc CODE COMMAND...: the command ends with that exit code.
expect_rc()
{
	local want=$1 rc=0
	shift

	"$@" || rc=$?
	[ "$rc" = "$want" ] || fail "$*: expected exit code $want, saw $rc"
}

# expect_fail COMMAND...: the command fails, and says why on standard error.
expect_fail()
{
	if "$@" >"$LIB_TMP/fail.out" 2>&1; then
		fail "$*: expected a failure, it succeeded: $(cat "$LIB_TMP/fail.out")"
	fi
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds, no longer than that (times
# --scale of selftests/run: for how long a kernel or a machine may be in the way).
wait_until()
{
	local limit=$1 end
	shift

	end=$((${EPOCHREALTIME/./} + limit * ${LIB_SCALE:-1} * 1000000))
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || fail "not within $limit s: $*"
		read -r -t 0.05 -u "$LIB_NEVER" || true
	done
}

# json_each KEY...: the values in a list of flat objects, a line an object; 0 for what one has not. (To
# start jq takes longer than all else a test does.)
json_each()
{
	awk -v RS='}' -v keys="$*" '
		BEGIN { n = split(keys, key, " ") }
		/{/ {
			for (i = 1; i <= n; i++) {
				value = 0
				if (match($0, "\"" key[i] "\": *(\"[^\"]*\"|[^,\"]+)")) {
					value = substr($0, RSTART, RLENGTH)
					sub(/^"[^"]*": */, "", value)
					gsub(/"/, "", value)
				}
				printf "%s%s", value, i < n ? "\t" : "\n"
			}
		}'
}

# --- hosts -----------------------------------------------------------------

# host NAME...: makes network namespaces.
host()
{
	local name

	"$LIB_NS" add "${@/#/$$-}"
	for name in "$@"; do
		defer "$LIB_NS" del "$$-$name"
	done
}

# netns NAME: the namespace's name for ip -n.
netns() { echo "$$-$1"; }

# on NAME COMMAND...: runs it on that host.
on()
{
	local name=$1
	shift

	"$LIB_NS" exec "$$-$name" "$@"
}

# mac_of NAME [DEVICE]: the address of its eth0, or of that one.
mac_of() { on "$1" cat "/sys/class/net/${2-eth0}/address"; }

# on_plumb NAME COMMAND...: like on, with the program's sockets on Plumb.
on_plumb()
{
	local name=$1
	shift

	"$LIB_NS" exec "$$-$name" plumb run "$@"
}

# background NAME COMMAND...: the same without waiting; BG_PID is its process. It
# ends with the test at the latest; what it wrote is in BG_LOG.
background()
{
	local name=$1
	shift

	LIB_JOBS=$((LIB_JOBS + 1))
	BG_LOG=$LIB_TMP/background.$LIB_JOBS
	"$LIB_NS" exec "$$-$name" "$@" </dev/null >"$BG_LOG" 2>&1 &
	BG_PID=$!
	defer lib_background_gone "$BG_PID"
}

# background_plumb NAME COMMAND...: the same on Plumb.
background_plumb()
{
	local name=$1
	shift

	background "$name" plumb run "$@"
}

lib_background_gone()
{
	kill -9 "$1" 2>/dev/null || true
	wait "$1" || true
} 2>/dev/null

# wait_exit SECONDS PID: waits for a background program; returns its exit code.
wait_exit()
{
	local rc=0

	wait_until "$1" lib_exited "$2"
	wait "$2" || rc=$?
	return "$rc"
}

lib_exited()
{
	local status=

	read -r -d '' status <"/proc/$1/status" || true
	[ -z "$status" ] || [[ $status == *State:$'\t'Z* ]]
}

# veth A B ADDRESS_A ADDRESS_B: a cable between two hosts; the next free ethN on each
# is its end. The addresses (10.0.0.1/24) are Linux's; - is none.
veth() { "$LIB_NS" veth "$$-$1" "$$-$2" "${3:--}" "${4:--}"; }

# netem NAME DEVICE ARGUMENT...: what leaves there is lost, late, ... as said.
netem()
{
	local name=$1 dev=$2
	shift 2

	on "$name" tc qdisc replace dev "$dev" root netem "$@"
}

# --- Plumb -----------------------------------------------------------------

# load_plumb [PARAMETER...]: loads the module of this kernel, if it is not.
load_plumb()
{
	[ ! -d /sys/module/plumb ] || return 0
	insmod "$LIB_TOP/build/$(uname -r)/plumb.ko" "$@"
}

unload_plumb() { [ ! -d /sys/module/plumb ] || rmmod plumb; }

# plumb_addr NAME ADDRESS/LEN DEVICE: gives Plumb an address on that device.
plumb_addr() { "$LIB_NS" up "$$-$1" "$3" plumb addr add "$2" dev "$3"; }

# plumb_counter NAME COUNTER: e.g. TcpRetransSegs, of that host's Plumb.
plumb_counter()
{
	"$LIB_NS" counter "$$-$1" "$2" /proc/net/plumb/snmp /proc/net/plumb/netstat
}

# drops NAME REASON: how often its Plumb dropped for REASON.
drops()
{
	# shellcheck disable=SC2016
	on "$1" awk -v r="$2" '$1 == r { print $2; found = 1 } END { exit !found }' \
		/proc/net/plumb/drops
}

# linux_counter NAME COUNTER: the same of its Linux.
linux_counter()
{
	"$LIB_NS" counter "$$-$1" "$2" /proc/net/snmp /proc/net/netstat
}

# wait_listen NAME PORT: until Linux listens there (TCP); wait_listen_plumb: until Plumb does.
wait_listen() { lib_port "$1" /proc/net/tcp "$2" listen; }
wait_listen_plumb() { lib_port "$1" /proc/net/plumb/tcp "$2" listen; }
# wait_bound NAME PORT, wait_bound_plumb NAME PORT: the same for UDP.
wait_bound() { lib_port "$1" /proc/net/udp "$2" bound; }
wait_bound_plumb() { lib_port "$1" /proc/net/plumb/udp "$2" bound; }

lib_port() { "$LIB_NS" port "$$-$1" "${@:2}" $((20 * ${LIB_SCALE:-1})) || fail "nobody there"; }

# --- data and captures -----------------------------------------------------

# make_file PATH SIZE...: random content; SIZE in octets, or with K or M.
make_file() { "$LIB_NS" file "$@"; }

# sha_of PATH
sha_of()
{
	local sum

	sum=$(sha256sum <"$1")
	echo "${sum%% *}"
}

# capture NAME DEVICE FILE [FILTER...]: tcpdump from now on; stop_capture ends it.
capture()
{
	local name=$1 dev=$2 file=$3 log
	shift 3

	log=$LIB_TMP/tcpdump.log
	: >"$log"
	"$LIB_NS" exec "$$-$name" tcpdump -i "$dev" -U --immediate-mode -s 0 -w "$file" "$@" 2>"$log" &
	CAPTURE_PID=$!
	defer lib_background_gone "$CAPTURE_PID"
	wait_until 20 grep -q 'listening on' "$log"
}

stop_capture()
{
	kill -TERM "$CAPTURE_PID"
	wait "$CAPTURE_PID" || true
}

# --- the run ---------------------------------------------------------------

# lib_one NUMBER FUNCTION: runs it and prints its line.
lib_one()
{
	local n=$1 test=$2 name=${2#test_} left rc begin=${EPOCHREALTIME/./}

	for left in "$LIB_TMP"/*; do
		[ ! -e "$left" ] || { rm -rf "${LIB_TMP:?}"/*; break; }
	done
	# One that failed may have left the module out.
	declare -F setup_once >/dev/null || load_plumb || echo "# cannot load the module"
	(
		set -eE -o pipefail
		LIB_DEFERRED=()
		LIB_JOBS=0
		trap lib_cleanup EXIT
		trap 'lib_error $? "$BASH_COMMAND"' ERR
		"$test"
	) >"$LIB_TMP/log" 2>&1
	rc=$?
	begin=$(((${EPOCHREALTIME/./} - begin) / 100000))
	[ "$begin" -lt 20 ] || echo "# $name: $((begin / 10)).$((begin % 10)) s"
	if [ -f "$LIB_TMP/skip" ]; then
		echo "ok $n $name # SKIP $(cat "$LIB_TMP/skip")"
		return
	elif [ -f "$LIB_TMP/xfail" ] && [ $rc != 0 ]; then
		tail -n 100 "$LIB_TMP/log" | sed 's/^/# /'
		echo "ok $n $name # XFAIL $(cat "$LIB_TMP/xfail")"
		return
	elif [ -f "$LIB_TMP/xfail" ]; then
		echo "# passes, though expected to fail: $(cat "$LIB_TMP/xfail")"
		rc=1
	fi
	if [ $rc = 0 ]; then
		echo "ok $n $name"
		return
	fi
	tail -n 60 "$LIB_TMP/log" | sed 's/^/# /'
	for log in "$LIB_TMP"/background.*; do
		[ ! -s "$log" ] || tail -n 10 "$log" | sed "s/^/# (${log##*/}) /"
	done
	echo "# alone: scripts/vm --kernel ${PLUMB_KERNEL-6.12} --nic tap --agent" \
		"${NIC_ON:+--env NIC_ON=$NIC_ON }selftests/run $(basename "$LIB_DIR")/$(basename "$0"):$test"
	echo "not ok $n $name"
	LIB_FAILED=1
}

# run_tests [test_NAME...]: all of the script, or those. A function setup_once of the
# script runs first, instead of loading the module.
run_tests()
{
	local tests=("$@") i

	[ $# != 0 ] || mapfile -t tests < <(sed -nE 's/^(test_[A-Za-z0-9_]+) *\(\).*/\1/p' "$0")
	LIB_FAILED=0
	echo "KTAP version 1"
	echo "1..${#tests[@]}"
	! declare -F setup_once >/dev/null || setup_once || echo "# setup_once failed"
	for i in "${!tests[@]}"; do
		lib_one $((i + 1)) "${tests[i]}"
	done
	exit "$LIB_FAILED"
}
